// What every official client can do, old or new, on every way to the server.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, event, startFixture, ways } from '../js/fixture.mjs';
import { ask, join, libraries } from './libraries.mjs';

let server;
before(async () => { server = await startFixture({ AllowEIO3: true }); });
afterEach(() => server.closeClients());
after(() => server.stop());

for (const [name, { io, credentials, refusal, engine }] of Object.entries(libraries)) {
  for (const way of Object.keys(ways)) {
    const connect = options => server.connect(way, { library: io, ...options });

    describe(`${name}, ${way}`, () => {
      test('both ends know the socket by the same id', async () => {
        const client = await connect();
        assert.deepEqual(await ask(client, 'rooms'), [client.id]);
        assert.equal(client.id === client.io.engine.id, engine === 3);
        const custom = await join(client, '/custom');
        assert.deepEqual(await ask(custom, 'rooms'), [custom.id]);
        assert.equal(custom.id === `/custom#${client.io.engine.id}`, engine === 3);
      });

      test('the query of the connection arrives', async () => {
        assert.equal(await ask(await connect({ query: { room: 'a b&c=d' } }), 'query', 'room'), 'a b&c=d');
      });

      test('a namespace gets what its client says for itself, and lets it in', async () => {
        const client = server.open(way, { library: io, nsp: '/guarded', ...credentials('let-me-in') });
        const order = [];
        client.on('connect', () => order.push('connect'));
        client.on('greeting', connected => order.push(['greeting', connected]));
        await event(client, 'greeting');
        assert.deepEqual(order, ['connect', ['greeting', false]]);
        assert.deepEqual(await ask(client, 'auth'), { token: 'let-me-in' });
        assert.deepEqual(await ask(client, 'rooms'), ['insiders', client.id].sort());
      });

      test('a middleware refuses, and says why', async () => {
        const client = server.open(way, { library: io, nsp: '/guarded', ...credentials('wrong') });
        const [error] = await event(client, refusal);
        const { message, data } = engine === 3 ? { message: 'not authorized', data: error } : error;
        assert.equal(message, 'not authorized');
        assert.deepEqual(data, { hint: 'a token', retry: false });
        assert.equal(client.connected, false);
      });

      test('a middleware refuses with a message alone', async () => {
        const [error] = await event(server.open(way, { library: io, nsp: '/silent' }), refusal);
        assert.equal(engine === 3 ? error : error.message, 'Connection refused');
      });

      test('a namespace that does not exist is refused', async () => {
        const [error] = await event(server.open(way, { library: io, nsp: '/nowhere' }), refusal);
        assert.equal(error.message, 'Invalid namespace');
      });

      test('two namespaces share one connection, and one goes on when the other is left', async () => {
        const main = await connect();
        const custom = await join(main, '/custom');
        assert.deepEqual(await Promise.all([ask(main, 'namespace'), ask(custom, 'namespace')]), ['/', '/custom']);
        const { id } = custom;
        custom.disconnect();
        assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
        assert.equal(await ask(main, 'namespace'), '/');
        custom.connect();
        await event(custom, 'connect');
        assert.equal(await ask(custom, 'namespace'), '/custom');
      });

      test('all kinds of values pass both ways, in events and in acks', async () => {
        const client = await connect();
        const values = [1, -0.5, 1e21, 'text', 'Ünïcödé 🎉 \u2028 "quoted" \\n \n', true, null, [], {}, [[1, [2]], 'x'], { a: { b: [null, { c: '' }] }, 'ключ': 1 }];
        client.emit('back', ...values);
        assert.deepEqual(await event(client, 'back'), values);
        assert.deepEqual(await ask(client, 'echo', ...values), values);
      });

      test('binary values pass both ways, alone and among others', async () => {
        const client = await connect();
        const values = [Buffer.from([0, 1, 254, 255]), { deep: [{ bytes: Buffer.from('bytes') }, 'té🎉xt'] }, Buffer.alloc(0), 7];
        client.emit('back', ...values);
        assert.deepEqual(await event(client, 'back'), values);
        assert.deepEqual(await ask(client, 'echo', ...values), values);
        assert.deepEqual(await ask(client, 'bytes', Buffer.from([1, 2, 3])), Buffer.from([3, 2, 1]));
      });

      test('hundreds of events each way keep their order, text and binary mixed', async () => {
        const client = await connect();
        const back = collect(client, 'back');
        for (let i = 0; i < 400; i++) client.emit('back', i % 10 === 0 ? { i, bytes: Buffer.from([i % 256]) } : { i });
        assert.deepEqual((await back.until(400)).map(value => value.i), [...Array(400).keys()]);
        const numbers = collect(client, 'n');
        client.emit('burst', 400);
        assert.deepEqual(await numbers.until(400), [...Array(400).keys()]);
      });

      test('events go on in order while the transport changes', async () => {
        const client = server.open(way, { library: io });
        const back = collect(client, 'back');
        await event(client, 'connect');
        for (let i = 0; i < 300; i++) {
          client.emit('back', i);
          if (i % 30 === 0) await new Promise(setImmediate);
        }
        assert.deepEqual(await back.until(300), [...Array(300).keys()]);
      });

      test('the server asks, and the client answers, with binary too', async () => {
        const client = await connect();
        client.on('question', (n, answer) => answer({ n, bytes: Buffer.from([n]) }));
        assert.deepEqual(await ask(client, 'ask', 'question', 5000), { answer: { n: 1, bytes: Buffer.from([1]) }, error: null });
      });

      test('rooms and broadcasts reach whom they are for', async () => {
        const [a, b, c] = await Promise.all([connect(), connect(), connect()]);
        const heard = [a, b, c].map(client => collect(client, 'told').got);
        const room = `room of ${a.id}`;
        await ask(a, 'join', [room]);
        await ask(b, 'join', [room]);
        await ask(c, 'to', [room], [], 'room');
        await ask(a, 'others', [room], 'others');
        await ask(c, 'to', [a.id], [], 'one');
        await ask(c, 'to', [room], [b.id], 'all but one');
        await Promise.all([a, b, c].map(client => ask(client, 'sum', 0, 0)));
        assert.deepEqual(heard, [['room', 'one', 'all but one'], ['room', 'others'], []]);
      });

      test('a volatile event reaches a client that is ready', async () => {
        const [a, b] = await Promise.all([connect(), connect()]);
        await ask(a, 'join', [`v-${a.id}`]);
        const got = collect(a, 'volatile');
        const asking = setInterval(() => b.emit('volatile', `v-${a.id}`), 20);
        try {
          assert.equal((await got.until(1))[0], 7);
        } finally {
          clearInterval(asking);
        }
      });

      test('messages of hundreds of kilobytes pass both ways', async () => {
        const client = await connect();
        const text = 'é🎉'.repeat(150_000);
        assert.equal(await ask(client, 'echo', text), text);
        const bytes = Buffer.alloc(way === 'WebSocket only' ? 900_000 : 600_000, 7);
        assert.deepEqual(await ask(client, 'echo', bytes), bytes);
      });

      test('the client leaves, and both ends say so', async () => {
        const client = await connect();
        const { id } = client;
        const reason = event(client, 'disconnect');
        client.disconnect();
        assert.equal((await reason)[0], 'io client disconnect');
        assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
      });

      test('the server sends the client away, and both ends say so', async () => {
        const client = await connect();
        const { id } = client;
        client.emit('leave-me', false);
        assert.equal((await event(client, 'disconnect'))[0], 'io server disconnect');
        assert.equal(await server.saw(`disconnect-${id}`), 'server namespace disconnect');
      });

      test('the server closes the connection with all of its namespaces', async () => {
        const client = await connect();
        const custom = await join(client, '/custom');
        const ids = [client.id, custom.id];
        const both = Promise.all([event(client, 'disconnect'), event(custom, 'disconnect')]);
        client.emit('leave-me', true);
        assert.deepEqual((await both).map(([reason]) => reason), ['io server disconnect', 'io server disconnect']);
        for (const id of ids) assert.equal(await server.saw(`disconnect-${id}`), 'server namespace disconnect');
      });

      test('a client whose connection is cut comes back, and what it said meanwhile arrives', async () => {
        const link = await server.link();
        const client = await connect({ link });
        const { id } = client;
        const gone = event(client, 'disconnect');
        await link.cut();
        assert.ok(['transport close', 'transport error'].includes((await gone)[0]));
        const back = collect(client, 'back');
        for (let i = 0; i < 5; i++) client.emit('back', i);
        assert.deepEqual(await back.until(5), [0, 1, 2, 3, 4]);
        assert.notEqual(client.id, id);
        assert.deepEqual(await ask(client, 'rooms'), [client.id]);
      });
    });
  }
}
