// The ends of sessions: who closes, and what both sides call it.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, ended, event, startFixture, within } from './fixture.mjs';

let server;
before(async () => {
  server = await startFixture({
    plain: {},
    quick: { PingInterval: '00:00:00.300', PingTimeout: '00:00:00.200' },
    'polling-only': { Transports: 'Polling' },
    'websocket-only': { Transports: 'WebSocket' },
  });
});
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of ['polling', 'websocket', 'upgrade']) {
  describe(way, () => {
    test('the server closes: transport close for the client, forced close here', async () => {
      const client = await server.connect(way, 'plain');
      const { id } = client;
      const reason = ended(client);
      await server.tell(client, 'close');
      assert.equal(await reason, 'transport close');
      assert.equal(await server.saw(`close-${id}`), 'forced close');
    });

    test('the client closes: forced close for the client, transport close here', async () => {
      const client = await server.connect(way, 'plain');
      const { id } = client;
      const reason = ended(client);
      client.close();
      assert.equal(await reason, 'forced close');
      assert.equal(await server.saw(`close-${id}`), 'transport close');
    });

    test('what the client still has to send goes out before its close', async () => {
      const client = await server.connect(way, 'plain');
      const { id } = client;
      for (let i = 0; i < 10; i++) client.send(`m${i}`);
      client.close();
      assert.equal(await server.saw(`messages-${id}`), 'm0 m1 m2 m3 m4 m5 m6 m7 m8 m9');
      assert.equal(await server.saw(`close-${id}`), 'transport close');
    });

    test('what the client has not sent can be looked at while it closes, and is gone then', async () => {
      const client = await server.connect(way, 'plain');
      const seen = new Promise(resolve => client.once('close', () => resolve(client.writeBuffer.length)));
      client.writeBuffer.push({ type: 'message', data: 'never' });
      client.transport.onError('broken');
      assert.equal(await within(seen, 'the close'), 1);
      assert.equal(client.writeBuffer.length, 0);
    });

    test('a server that closes instead of pinging again is a transport close', async () => {
      const client = await server.connect(way, 'quick');
      await event(client, 'ping');
      const reason = ended(client);
      await server.tell(client, 'close');
      assert.equal(await reason, 'transport close');
    });
  });
}

for (const way of ['polling', 'websocket']) {
  describe(way, () => {
    test('a close in the middle of what the server said: the client hears nothing behind it', async () => {
      const client = server.open(way, 'plain', { query: { say: 'first,second' } });
      const messages = collect(client);
      client.once('message', () => client.close());
      const [{ sid }] = await event(client, 'handshake');
      assert.equal(await server.saw(`close-${sid}`), 'transport close');
      assert.deepEqual(messages.got, ['first']);
    });

    test('an endpoint that isn\'t there: transport error before the client is open', async () => {
      const client = server.open(way, 'nowhere');
      let opened = false;
      client.once('open', () => { opened = true; });
      assert.equal(await ended(client), 'transport error');
      assert.equal(opened, false);
    });

    test('an endpoint that refuses the transport: transport error before the client is open', async () => {
      const client = server.open(way, way === 'polling' ? 'websocket-only' : 'polling-only');
      let opened = false;
      client.once('open', () => { opened = true; });
      assert.equal(await ended(client), 'transport error');
      assert.equal(opened, false);
    });

    test('a client that closes before it is open: forced close, and the server keeps nothing of it', async () => {
      const client = server.open(way, 'quick');
      let opened = false;
      client.once('open', () => { opened = true; });
      const reason = ended(client);
      client.close();
      assert.equal(await reason, 'forced close');
      assert.equal(opened, false);
      await within((async () => {
        while (await server.count() > 0);
      })(), 'no session is left');
    });
  });
}

describe('during the upgrade', () => {
  test('a client that closes as soon as it is open leaves nothing behind', async () => {
    for (let i = 0; i < 20; i++) {
      const client = server.open('upgrade', 'plain');
      await event(client, 'open');
      const { id } = client;
      client.close();
      assert.equal(await server.saw(`close-${id}`), 'transport close');
    }
    assert.equal(await server.count(), 0);
    const next = await server.connect('upgrade', 'plain');
    next.send('a');
    assert.deepEqual(await event(next, 'message'), ['a']);
  });

  test('a client that closes when its probe goes out leaves nothing behind', async () => {
    const client = server.open('upgrade', 'plain');
    await event(client, 'open');
    const { id } = client;
    await event(client, 'upgrading');
    client.close();
    assert.equal(await server.saw(`close-${id}`), 'transport close');
    assert.equal(await server.count(), 0);
  });
});
