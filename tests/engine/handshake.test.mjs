// What the two sides learn of each other when a session begins.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, startFixture } from './fixture.mjs';

let server;
before(async () => {
  server = await startFixture({
    plain: {},
    patient: { PingInterval: '00:00:12.345', PingTimeout: '00:00:00.123', MaxHttpBufferSize: 4321 },
    'polling-only': { Transports: 'Polling' },
    'websocket-only': { Transports: 'WebSocket' },
  });
});
afterEach(() => server.closeClients());
after(() => server.stop());

test('a client that knows nothing else begins with polling, and the server sees it so', async () => {
  const client = server.open('upgrade', 'plain', { transports: undefined });
  const [handshake] = await event(client, 'handshake');
  assert.deepEqual(handshake.upgrades, ['websocket']);
  assert.match(await server.saw(`open-${handshake.sid}`), /^polling /);
  await event(client, 'upgrade');
  assert.equal(client.transport.name, 'websocket');
});

test('a client can begin with a WebSocket, and is offered nothing more', async () => {
  for (const endpoint of ['plain', 'websocket-only']) {
    const client = server.open('websocket', endpoint);
    const [handshake] = await event(client, 'handshake');
    assert.deepEqual(handshake.upgrades, []);
    assert.match(await server.saw(`open-${handshake.sid}`), /^websocket /);
  }
});

test('an endpoint that has only polling offers no upgrade, and the client stays', async () => {
  const client = server.open('upgrade', 'polling-only');
  const [handshake] = await event(client, 'handshake');
  assert.deepEqual(handshake.upgrades, []);
  client.send('a');
  assert.deepEqual(await event(client, 'message'), ['a']);
  assert.equal(client.transport.name, 'polling');
});

test('the client learns its id, the times and the largest payload', async () => {
  const client = server.open('polling', 'patient');
  const [handshake] = await event(client, 'handshake');
  assert.deepEqual(handshake, { sid: handshake.sid, upgrades: ['websocket'], pingInterval: 12_345, pingTimeout: 123, maxPayload: 4321 });
  assert.equal(client.id, handshake.sid);
});

for (const way of ['polling', 'websocket']) {
  describe(way, () => {
    test('the server sees what the client puts into its query', async () => {
      const client = await server.connect(way, 'plain', { query: { a: 'b', name: 'Zoë & co' } });
      const seen = new URLSearchParams((await server.saw(`open-${client.id}`)).split('?')[1]);
      assert.equal(seen.get('a'), 'b');
      assert.equal(seen.get('name'), 'Zoë & co');
      assert.equal(seen.get('EIO'), '4');
      assert.equal(seen.get('transport'), way);
    });

    test('the server sees what stands in the query of the address', async () => {
      const client = await server.connect(way, 'plain', { search: '?a=b&c=d' });
      const seen = new URLSearchParams((await server.saw(`open-${client.id}`)).split('?')[1]);
      assert.equal(seen.get('a'), 'b');
      assert.equal(seen.get('c'), 'd');
      assert.equal(seen.get('EIO'), '4');
    });

    test('headers of the client\'s own arrive, its cookie among them', async () => {
      const client = await server.connect(way, 'plain', { extraHeaders: { 'X-Project': 'let me in', cookie: 'seat=12; row=b' } });
      assert.equal(await server.saw(`x-project-${client.id}`), 'let me in');
      assert.equal(await server.saw(`cookie-${client.id}`), 'seat=12; row=b');
    });
  });
}
