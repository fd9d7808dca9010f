// Rooms, broadcasts and volatile events with the official client.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, event, startFixture, ways } from './fixture.mjs';

let server;
before(async () => { server = await startFixture(); });
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of Object.keys(ways)) {
  // What has arrived once everybody has answered one more question: nothing can still be on its way.
  async function told(clients, act) {
    const heard = clients.map(client => collect(client, 'told').got);
    await act();
    await Promise.all(clients.map(client => client.emitWithAck('sum', 0, 0)));
    return heard;
  }

  const three = () => Promise.all([server.connect(way), server.connect(way), server.connect(way)]);

  describe(way, () => {
    test('joining and leaving show in the rooms, the own id always among them', async () => {
      const client = await server.connect(way);
      assert.equal(await client.emitWithAck('join', ['a', 'b', 'a', client.id]), 3);
      assert.deepEqual(await client.emitWithAck('rooms'), ['a', 'b', client.id].sort());
      assert.equal(await client.emitWithAck('leave', 'a'), 2);
      assert.equal(await client.emitWithAck('leave', 'never joined'), 2);
    });

    test('a room hears what is said to it, and nobody else does', async () => {
      const [a, b, c] = await three();
      await a.emitWithAck('join', ['blue']);
      await b.emitWithAck('join', ['blue']);
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['blue'], [], 'hi')), [['hi'], ['hi'], []]);
      await b.emitWithAck('leave', 'blue');
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['blue'], [], 'again')), [['again'], [], []]);
    });

    test('the union of rooms hears it once, without the excepted', async () => {
      const [a, b, c] = await three();
      await a.emitWithAck('join', ['red', 'green']);
      await b.emitWithAck('join', ['green', 'quiet']);
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['red', 'green'], [], 'x')), [['x'], ['x'], []]);
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['red', 'green'], ['quiet'], 'y')), [['y'], [], []]);
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['red', 'green'], [a.id], 'z')), [[], ['z'], []]);
    });

    test('an id is a room with one socket', async () => {
      const [a, b, c] = await three();
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', [a.id], [], 'you')), [['you'], [], []]);
    });

    test('a socket reaches the others and not itself', async () => {
      const [a, b, c] = await three();
      await Promise.all([a, b, c].map(client => client.emitWithAck('join', ['crew'])));
      assert.deepEqual(await told([a, b, c], () => a.emitWithAck('others', ['crew'], 'ahoy')), [[], ['ahoy'], ['ahoy']]);
      const [x, y] = [await server.connect(way, { nsp: '/custom' }), await server.connect(way, { nsp: '/custom' })];
      assert.deepEqual(await told([x, y, a], () => x.emitWithAck('others', [], 'all but me')), [[], ['all but me'], []]);
      assert.deepEqual(await told([x, y, a], () => x.emitWithAck('local', 'this node')), [['this node'], ['this node'], []]);
    });

    test('many are moved at once', async () => {
      const [a, b, c] = await three();
      await a.emitWithAck('join', ['old']);
      await b.emitWithAck('join', ['old']);
      await c.emitWithAck('move', 'old', 'new');
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['new'], [], 'here')), [['here'], ['here'], []]);
      assert.deepEqual(await told([a, b, c], () => c.emitWithAck('to', ['old'], [], 'there')), [[], [], []]);
    });

    test('an endpoint of the application reaches a room', async () => {
      const [a, b] = await three();
      await a.emitWithAck('join', ['user:7']);
      const notices = collect(b, 'notice').got;
      const notice = event(a, 'notice');
      await server.post('/notify/user:7?text=mail');
      assert.deepEqual(await notice, ['mail']);
      await b.emitWithAck('sum', 0, 0);
      assert.deepEqual(notices, []);
    });

    test('a broadcast collects the answers of all', async () => {
      const [a, b, c] = await three();
      const room = `ask-${a.id}`;
      await a.emitWithAck('join', [room]);
      await b.emitWithAck('join', [room]);
      a.on('question', (n, ack) => ack(n * 10));
      b.on('question', (n, ack) => ack(n * 100));
      assert.deepEqual(await c.emitWithAck('ask-room', room, 5000), { responses: [20, 200], missing: 0 });
      assert.deepEqual(await c.emitWithAck('ask-room', 'nobody is here', 5000), { responses: [], missing: 0 });
    });

    test('a broadcast says how many did not answer: silent, gone or with nonsense', async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => server.connect(way)));
      const [a, b, c, d] = clients;
      const room = `ask-${a.id}`;
      await Promise.all(clients.map(client => client.emitWithAck('join', [room])));
      a.on('question', (n, ack) => ack(n));
      b.on('question', () => b.disconnect());
      c.on('question', (n, ack) => ack('nonsense'));
      assert.deepEqual(await d.emitWithAck('ask-room', room, 300), { responses: [2], missing: 3 });
    });

    test('volatile events give way while the transport is busy, and the plain ones around them arrive', async () => {
      const client = await server.connect(way);
      const plain = collect(client, 'plain');
      const volatile = collect(client, 'volatile').got;
      client.emit('volatile-twice');
      assert.deepEqual(await plain.until(2), [0, 3]);
      if (way === 'polling only') assert.deepEqual(volatile, []); // the plain one took the request that waited, and the next one takes a round trip
      else assert.ok(volatile.every(value => value === 1 || value.equals?.(Buffer.from([2]))) && volatile.length <= 2); // a WebSocket may be done with it already
    });

    test('a volatile event reaches an idle client', async () => {
      const [a, b] = await three();
      await a.emitWithAck('join', [`v-${a.id}`]);
      // On polling a client is ready while its request waits: so ask until it is.
      const got = collect(a, 'volatile');
      const asking = setInterval(() => b.emit('volatile', `v-${a.id}`), 20);
      try {
        assert.equal((await got.until(1))[0], 7);
      } finally {
        clearInterval(asking);
      }
    });
  });
}
