// Pings from the server, and silence on either side. The client's clock is what it is, so each test names the least time and no more.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, ended, event, startFixture } from './fixture.mjs';

const fromTwo = createRequire(createRequire(import.meta.url).resolve('socket.io-client-2'));
const ClientOfThree = fromTwo('engine.io-client');

const interval = 300;
const timeout = 400;
const early = 10; // timers may fire a moment before their time

let server;
before(async () => {
  server = await startFixture({
    quick: { PingInterval: `00:00:00.${interval}`, PingTimeout: `00:00:00.${timeout}` },
    old: { PingInterval: `00:00:00.${interval}`, PingTimeout: `00:00:00.${timeout}`, AllowEIO3: 'true' },
    steady: { PingInterval: `00:00:00.${interval}`, PingTimeout: '00:00:05' },
    flooded: { PingInterval: '00:00:00.200', PingTimeout: '00:00:05', OutboxLimit: 1_000_000 },
  });
});
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of ['polling', 'websocket', 'upgrade']) {
  describe(way, () => {
    test('a silent line ends at both ends with a ping timeout', async () => {
      const link = await server.link();
      const client = await server.connect(way, 'quick', { link });
      const { id } = client;
      link.freeze();
      assert.equal(await ended(client), 'ping timeout');
      assert.equal(await server.saw(`close-${id}`), 'ping timeout');
    });

    test('a client that never answers a ping ends with a ping timeout', async () => {
      const client = await server.connect(way, 'quick');
      const { id } = client;
      client._sendPacket = () => {};
      const reason = ended(client);
      assert.equal(await server.saw(`close-${id}`), 'ping timeout');
      assert.match(await reason, /^transport (close|error)$/);
    });

    test('silence from the handshake on lasts an interval and a timeout', async () => {
      const link = await server.link();
      const client = server.open(way, 'quick', { link });
      const [, since] = await Promise.all([event(client, 'open'), event(client, 'handshake').then(() => performance.now())]);
      link.freeze();
      assert.equal(await ended(client), 'ping timeout');
      assert.ok(performance.now() - since >= interval + timeout - early);
    });

    test('silence after a ping lasts an interval and a timeout', async () => {
      const link = await server.link();
      const client = await server.connect(way, 'quick', { link });
      await event(client, 'ping');
      const since = performance.now();
      link.freeze();
      assert.equal(await ended(client), 'ping timeout');
      assert.ok(performance.now() - since >= interval + timeout - early);
    });

    test('pings go on for as long as they are answered', async () => {
      const client = await server.connect(way, 'steady');
      const since = performance.now();
      let closed = false;
      client.once('close', () => { closed = true; });
      for (let i = 0; i < 4; i++) await event(client, 'ping');
      assert.ok(performance.now() - since >= 3 * interval - early);
      assert.equal(closed, false);
      client.send('still here');
      assert.deepEqual(await event(client, 'message'), ['still here']);
    });
  });
}

for (const way of ['polling', 'websocket']) {
  test(`a client of revision 3 gives up an interval and a timeout after the last answer: ${way}`, async () => {
    const link = await server.link();
    const client = new ClientOfThree(link.url, { path: '/old', transports: [way] });
    await event(client, 'open');
    const { id } = client;
    await event(client, 'pong');
    const since = performance.now();
    link.freeze();
    assert.equal(await ended(client), 'ping timeout');
    assert.ok(performance.now() - since >= interval + timeout - early);
    assert.equal(await server.saw(`close-${id}`), 'ping timeout');
  });
}

test('the heartbeat holds while a hundred messages of 64 KiB go out', async () => {
  const client = await server.connect('websocket', 'flooded');
  const messages = collect(client);
  let pings = 0;
  client.on('ping', () => { pings++; });
  const { id } = client;
  const flood = server.tell(client, 'flood', { count: 100, size: 65_536 });
  await messages.until(100);
  await flood;
  assert.deepEqual(messages.got.map(text => +text.split(' ')[0]), Array.from({ length: 100 }, (_, i) => i));
  assert.ok(messages.got.every(text => text.length > 65_536));
  while (pings < 2) await event(client, 'ping');
  assert.equal(client.readyState, 'open');
  assert.equal(client.id, id);
});
