// Both generations of the official client with the official MessagePack parser.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, event, startFixture, ways, within } from '../js/fixture.mjs';
import { libraries } from './clients.mjs';

let server;
before(async () => { server = await startFixture({ parser: 'msgpack' }); });
afterEach(() => server.closeClients());
after(() => server.stop());

/** An emit with an ack, which version 3 has no promise for. */
function ask(client, ...args) {
  return within(new Promise(resolve => client.emit(...args, resolve)), `the ack of ${args[0]}`);
}

for (const [name, library] of Object.entries(libraries)) {
  for (const way of Object.keys(ways)) {
    describe(`${name}, ${way}`, () => {
      const connect = options => server.connect(way, { library, ...options });

      test('connects with auth, and without', async () => {
        assert.deepEqual(await ask(await connect({ auth: { token: 'ü', n: [1, { deep: null }], key: Buffer.from([1, 2]) } }), 'auth'), { token: 'ü', n: [1, { deep: null }], key: Buffer.from([1, 2]) });
        assert.equal(await ask(await connect(), 'auth'), null);
      });

      test('has several namespaces on one connection', async () => {
        const main = await connect();
        const custom = main.io.socket('/custom');
        if (!custom.connected) await event(custom, 'connect');
        assert.deepEqual([await ask(main, 'namespace'), await ask(custom, 'namespace')], ['/', '/custom']);
        const { id } = custom;
        custom.disconnect();
        assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
        assert.equal(await ask(main, 'namespace'), '/');
      });

      test('is refused with message and data', async () => {
        const [error] = await event(server.open(way, { library, nsp: '/guarded', auth: { token: 'wrong' } }), 'connect_error');
        assert.equal(error.message, 'not authorized');
        assert.deepEqual(error.data, { hint: 'a token', retry: false });
        const [invalid] = await event(server.open(way, { library, nsp: '/nowhere' }), 'connect_error');
        assert.equal(invalid.message, 'Invalid namespace');
      });

      test('sends and receives events and acks with typed arguments', async () => {
        const client = await connect();
        assert.equal(await ask(client, 'sum', 2, 3), 5);
        assert.deepEqual(await ask(client, 'person', { name: 'Ada', age: 36 }), { name: 'Ada', age: 37, nick: null });
        assert.deepEqual(await ask(client, 'bytes', Buffer.from([1, 2, 3])), Buffer.from([3, 2, 1]));
        client.on('question', (n, ack) => ack({ n, bytes: Buffer.from([n]) }));
        assert.deepEqual(await ask(client, 'ask', 'question', 5000), { answer: { n: 1, bytes: Buffer.from([1]) }, error: null });
        const back = event(client, 'back');
        client.emit('back', 1, 'two', Buffer.from([3]));
        assert.deepEqual(await back, [1, 'two', Buffer.from([3])]);
      });

      test('gets broadcasts to its rooms, and volatile events', async () => {
        const [a, b, c] = await Promise.all([connect(), connect(), connect()]);
        const room = `room-${a.id}`;
        await Promise.all([ask(a, 'join', [room]), ask(b, 'join', [room])]);
        const told = { a: collect(a, 'told'), b: collect(b, 'told'), c: collect(c, 'told') };
        await ask(a, 'to', [room], [b.id], 'first');
        await ask(a, 'others', [room], 'second');
        await ask(a, 'local', 'third');
        await Promise.all(Object.values(told).map(one => one.until(one === told.c ? 1 : 2)));
        assert.deepEqual([told.a.got, told.b.got, told.c.got], [['first', 'third'], ['second', 'third'], ['third']]);

        // Over WebSocket the transport is free when nothing was sent for a while; polling may be between two polls.
        if (way === 'WebSocket only') {
          const heard = event(b, 'volatile');
          a.emit('volatile', room);
          assert.deepEqual(await heard, [7]);
        }
      });

      test('passes a large packet and a deep one both ways', async () => {
        const client = await connect();
        const large = { text: 'é'.repeat(100_000), numbers: [...Array(70_000).keys()], bytes: Buffer.alloc(200_000, 7) };
        assert.deepEqual(await ask(client, 'echo', large), large);
        let deep = 'ground';
        for (let i = 0; i < 63; i++) deep = i % 2 ? { deep } : [deep];
        assert.deepEqual(await ask(client, 'echo', deep), deep);
      });

      test('loses its connection when it nests deeper than anybody may', async () => {
        const [bad, good] = await Promise.all([connect({ reconnection: false }), connect()]);
        let deep = 'ground';
        for (let i = 0; i < 64; i++) deep = [deep];
        const { id } = bad;
        const gone = event(bad, 'disconnect');
        bad.emit('echo', deep);
        await gone;
        assert.equal(await server.saw(`disconnect-${id}`), 'forced close');
        assert.equal(await ask(good, 'sum', 1, 1), 2);
      });
    });
  }
}
