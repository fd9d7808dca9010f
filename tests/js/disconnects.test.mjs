// The ends of connections, word for word at both ends, and what comes after them.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, event, startFixture, ways } from './fixture.mjs';

let server;
before(async () => { server = await startFixture({ PingInterval: '00:00:00.300', PingTimeout: '00:00:00.500' }); });
afterEach(() => server.closeClients());
after(() => server.stop());

/** Cuts the connection without a word, as a network does. */
function cut(client) {
  const { transport } = client.io.engine;
  if (transport.name === 'websocket') transport.ws.terminate?.() ?? transport.ws.close();
  else transport.onError('cut', new Error('cut'));
}

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('the client leaves', async () => {
      const client = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('join', ['a', 'b']);
      const reason = event(client, 'disconnect');
      client.disconnect();
      assert.equal((await reason)[0], 'io client disconnect');
      assert.equal(await server.saw(`disconnecting-${id}`), 'a,b');
      assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
    });

    test('the server sends the client away from one namespace, after what it said before', async () => {
      const client = await server.connect(way);
      const other = client.io.socket('/custom');
      if (!other.connected) await event(other, 'connect');
      const { id } = client;
      const back = event(client, 'back');
      client.emit('back', 'last words');
      client.emit('leave-me', false);
      assert.equal((await event(client, 'disconnect'))[0], 'io server disconnect');
      assert.deepEqual(await back, ['last words']);
      assert.equal(await server.saw(`disconnect-${id}`), 'server namespace disconnect');
      assert.equal(client.active, false);
      assert.equal(await other.emitWithAck('sum', 1, 1), 2);
      client.connect();
      await event(client, 'connect');
      assert.notEqual(client.id, id);
    });

    test('the server closes the whole connection', async () => {
      const client = await server.connect(way);
      const other = client.io.socket('/custom');
      if (!other.connected) await event(other, 'connect');
      const ids = [client.id, other.id];
      const both = Promise.all([event(client, 'disconnect'), event(other, 'disconnect')]);
      client.emit('leave-me', true);
      assert.deepEqual((await both).map(([reason]) => reason), ['io server disconnect', 'io server disconnect']);
      for (const id of ids) assert.equal(await server.saw(`disconnect-${id}`), 'server namespace disconnect');
    });

    test('a kick reaches all sockets of a room', async () => {
      const [a, b] = await Promise.all([server.connect(way), server.connect(way)]);
      await a.emitWithAck('join', [`kick-${a.id}`]);
      b.emit('kick', `kick-${a.id}`, false);
      assert.equal((await event(a, 'disconnect'))[0], 'io server disconnect');
      assert.equal(await b.emitWithAck('sum', 1, 1), 2);
    });

    test('a cut connection comes back as a new socket', async () => {
      const client = await server.connect(way);
      const { id } = client;
      const gone = event(client, 'disconnect');
      cut(client);
      assert.ok(['transport close', 'transport error'].includes((await gone)[0]));
      await event(client, 'connect');
      assert.notEqual(client.id, id);
      const reason = await server.saw(`disconnect-${id}`);
      assert.ok(['transport close', 'transport error', 'ping timeout'].includes(reason), reason);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('a client that does not answer pings is given up', async () => {
      const client = await server.connect(way, { reconnection: false });
      const { id } = client;
      client.io.engine.transport.send = () => {}; // it hears, and says nothing any more
      assert.equal(await server.saw(`disconnect-${id}`), 'ping timeout');
    });

    test('a client that answers pings stays', async () => {
      const client = await server.connect(way);
      const { id } = client;
      for (let i = 0; i < 4; i++) await event(client.io.engine, 'heartbeat');
      assert.equal(client.id, id);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('questions to a client that goes away fail', async () => {
      const client = await server.connect(way);
      const { id } = client;
      client.emit('ask-until-gone');
      await event(client, 'question');
      client.disconnect();
      assert.equal(await server.saw(`unanswered-${id}`), 'client namespace disconnect');
    });

    test('connect() after disconnect() makes a new socket on the same object', async () => {
      const client = await server.connect(way);
      const { id } = client;
      client.disconnect().connect();
      await event(client, 'connect');
      assert.notEqual(client.id, id);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('connect() on an object that was disconnected by hand is one connect, and its events come once', async () => {
      const client = server.open(way);
      let connects = 0;
      client.on('connect', () => { connects++; });
      await event(client, 'connect');
      client.disconnect();
      client.connect();
      await event(client, 'connect');
      const back = collect(client, 'back');
      client.emit('back', 1);
      await client.emitWithAck('sum', 1, 1);
      assert.deepEqual(back.got, [1]);
      assert.equal(connects, 2);
    });

    test('a client whose server is gone gives up once', async () => {
      const own = await startFixture();
      try {
        const client = await own.connect(way, { reconnectionAttempts: 3, randomizationFactor: 0 });
        let [tries, failures] = [0, 0];
        client.io.on('reconnect_attempt', () => { tries++; });
        client.io.on('reconnect_failed', () => { failures++; });
        const failed = event(client.io, 'reconnect_failed', 20_000);
        await own.stop({ clients: false });
        await failed;
        await new Promise(resolve => setTimeout(resolve, 200)); // longer than any further try would take
        assert.deepEqual([tries, failures], [3, 1]);
      } finally {
        await own.stop();
      }
    });

    test('what is emitted while disconnected is sent on the way back, in order', async () => {
      const client = await server.connect(way);
      const back = collect(client, 'back');
      const gone = event(client, 'disconnect');
      cut(client);
      await gone;
      for (let i = 0; i < 10; i++) client.emit('back', i);
      assert.deepEqual(await back.until(10), [...Array(10).keys()]);
    });

    test('a packet that is none ends the connection', async () => {
      const client = await server.connect(way, { reconnection: false });
      const { id } = client;
      client.io.engine.write('9 is no packet type');
      const [reason] = await event(client, 'disconnect');
      assert.ok(['transport close', 'transport error'].includes(reason), reason);
      assert.equal(await server.saw(`disconnect-${id}`), 'forced close');
    });

    test('a packet for a namespace that is not joined ends the connection', async () => {
      const client = await server.connect(way, { reconnection: false });
      const { id } = client;
      client.io._packet({ type: 2, nsp: '/custom', data: ['echo'], options: {} });
      await event(client, 'disconnect');
      assert.equal(await server.saw(`disconnect-${id}`), 'forced server close');
    });

    test('a server that stops says nothing and lets the clients try again', async () => {
      const own = await startFixture();
      try {
        const client = await own.connect(way);
        const gone = event(client, 'disconnect');
        await own.post('/stop');
        assert.ok(['transport close', 'transport error'].includes((await gone)[0]));
        assert.equal(client.active, true);
      } finally {
        await own.stop();
      }
    });
  });
}
