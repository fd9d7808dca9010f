// Connecting, namespaces, events, acks and binary values with the official client.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, event, startFixture, ways, within } from './fixture.mjs';

let server;
before(async () => { server = await startFixture(); });
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('a client connects and gets an id of its own', async () => {
      const [a, b] = await Promise.all([server.connect(way), server.connect(way)]);
      assert.match(a.id, /^[\w-]{20}$/);
      assert.notEqual(a.id, b.id);
      assert.notEqual(a.id, a.io.engine.id);
      assert.equal(a.recovered, undefined); // the server offers no recovery
    });

    test('the auth value arrives, as an object, from a function, and absent', async () => {
      assert.deepEqual(await (await server.connect(way, { auth: { token: 'ü', n: [1, { deep: null }] } })).emitWithAck('auth'), { token: 'ü', n: [1, { deep: null }] });
      assert.deepEqual(await (await server.connect(way, { auth: done => done({ from: 'function' }) })).emitWithAck('auth'), { from: 'function' });
      assert.equal(await (await server.connect(way)).emitWithAck('auth'), null);
    });

    test('the query arrives', async () => {
      const client = await server.connect(way, { query: { room: 'a b&c=d' } });
      assert.equal(await client.emitWithAck('query', 'room'), 'a b&c=d');
    });

    test('two namespaces share one connection and keep their events apart', async () => {
      const main = await server.connect(way);
      const custom = main.io.socket('/custom');
      if (!custom.connected) await event(custom, 'connect');
      assert.equal(custom.io, main.io);
      assert.notEqual(custom.id, main.id);
      assert.deepEqual(await Promise.all([main.emitWithAck('namespace'), custom.emitWithAck('namespace')]), ['/', '/custom']);
      const { id } = custom;
      custom.disconnect();
      assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
      assert.equal(await main.emitWithAck('namespace'), '/');
    });

    test('a namespace that does not exist is refused', async () => {
      const [error] = await event(server.open(way, { nsp: '/nowhere' }), 'connect_error');
      assert.equal(error.message, 'Invalid namespace');
    });

    test('a middleware refuses with message and data, and the client does not try again', async () => {
      const client = server.open(way, { nsp: '/guarded', auth: { token: 'wrong' } });
      const [error] = await event(client, 'connect_error');
      assert.equal(error.message, 'not authorized');
      assert.deepEqual(error.data, { hint: 'a token', retry: false });
      assert.equal(client.active, false);
    });

    test('a middleware lets in, and what it emitted and joined comes true with the answer', async () => {
      const client = server.open(way, { nsp: '/guarded', auth: { token: 'let-me-in' } });
      const order = [];
      client.on('connect', () => order.push('connect'));
      client.on('greeting', connected => order.push(['greeting', connected]));
      await event(client, 'greeting');
      assert.deepEqual(order, ['connect', ['greeting', false]]);
      assert.deepEqual(await client.emitWithAck('rooms'), ['insiders', client.id].sort());
    });

    test('a middleware that neither goes on nor throws refuses, and one that breaks keeps its secrets', async () => {
      assert.equal((await event(server.open(way, { nsp: '/silent' }), 'connect_error'))[0].message, 'Connection refused');
      const [error] = await event(server.open(way, { nsp: '/broken' }), 'connect_error');
      assert.equal(error.message, 'Internal server error');
      assert.equal(error.data, undefined);
    });

    test('all kinds of values come back as they went, in events and in acks', async () => {
      const client = await server.connect(way);
      const large = server.parser ? 1e15 : 1e21; // the encoder of the official MessagePack parser takes integers of 64 bits only
      const values = [1, -0.5, large, 'text', 'Ünïcödé 🎉 \u2028 "quoted"', true, null, [], {}, [[1, [2]], 'x'], { a: { b: [null, { c: '' }] }, 'ключ': 1 }];
      client.emit('back', ...values);
      assert.deepEqual(await event(client, 'back'), values);
      const acked = await within(new Promise(resolve => client.emit('echo', ...values, (...args) => resolve(args))), 'the ack');
      assert.deepEqual(acked, values);
      client.emit('back');
      assert.deepEqual(await event(client, 'back'), []);
    });

    test('binary values come back as they went, wherever they stand', async () => {
      const client = await server.connect(way);
      const values = [Buffer.from([0, 1, 254, 255]), { deep: [{ bytes: Buffer.from('bytes') }, 'text'] }, Buffer.alloc(0), Buffer.from(new Uint8Array([9, 8]))];
      client.emit('back', ...values);
      assert.deepEqual(await event(client, 'back'), values);
      const acked = await within(new Promise(resolve => client.emit('echo', ...values, (...args) => resolve(args))), 'the ack');
      assert.deepEqual(acked, values);
      assert.deepEqual(await client.emitWithAck('bytes', new Uint8Array([1, 2, 3]).buffer), Buffer.from([3, 2, 1]));
      assert.deepEqual(Buffer.from(await client.emitWithAck('echo', new Uint8Array([1, 2, 3]).buffer)), Buffer.from([1, 2, 3]));
    });

    test('a thousand events each way keep their order, text and binary mixed', async () => {
      const client = await server.connect(way);
      const back = collect(client, 'back');
      for (let i = 0; i < 1000; i++) client.emit('back', i % 10 === 0 ? { i, bytes: Buffer.from([i % 256]) } : { i });
      const got = await back.until(1000);
      assert.deepEqual(got.map(value => value.i), [...Array(1000).keys()]);
      const numbers = collect(client, 'n');
      client.emit('burst', 1000);
      assert.deepEqual(await numbers.until(1000), [...Array(1000).keys()]);
    });

    test('events go on in order while the transport changes', async () => {
      const client = server.open(way);
      const back = collect(client, 'back');
      await event(client, 'connect');
      for (let i = 0; i < 500; i++) {
        client.emit('back', i);
        if (i % 50 === 0) await new Promise(setImmediate);
      }
      assert.deepEqual(await back.until(500), [...Array(500).keys()]);
    });

    test('typed handlers get their types, and their results are the acks', async () => {
      const client = await server.connect(way);
      assert.equal(await client.emitWithAck('sum', 2, 3), 5);
      assert.equal(await client.emitWithAck('sum-later', 2, 3, 'more than it takes'), 5);
      assert.deepEqual(await client.emitWithAck('person', { name: 'Ada', age: 36 }), { name: 'Ada', age: 37, nick: null });
    });

    test('arguments that do not fit and handlers that fail end their event and nothing else', async () => {
      const client = await server.connect(way);
      for (const [name, ...args] of [['sum', 'two', 3], ['sum', 2], ['person', 7], ['bytes', { no: 'bytes' }], ['fail']])
        await assert.rejects(client.timeout(50).emitWithAck(name, ...args), /timed out/);
      client.emit('no handler for this', 1);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('the client gives up when the server does not answer in time', async () => {
      const client = await server.connect(way);
      await assert.rejects(client.timeout(50).emitWithAck('never'), /operation has timed out/);
    });

    test('the server gets the answer of the client, also a binary one', async () => {
      const client = await server.connect(way);
      client.on('question', (n, ack) => ack({ n, bytes: Buffer.from([n]) }));
      assert.deepEqual(await client.emitWithAck('ask', 'question', 5000), { answer: { n: 1, bytes: Buffer.from([1]) }, error: null });
    });

    test('the server gives up when the client does not answer in time, and a late answer harms nobody', async () => {
      const client = await server.connect(way);
      let late;
      client.on('question', (n, ack) => { late = ack; });
      assert.deepEqual(await client.emitWithAck('ask', 'question', 50), { answer: null, error: 'operation has timed out' });
      late('too late');
      assert.deepEqual(await client.emitWithAck('ask', 'question', 0), { answer: null, error: 'operation has timed out' });
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('events that come before the connection handler is done wait for it, in order', async () => {
      const client = await server.connect(way, { nsp: '/slow' });
      const heard = collect(client, 'heard');
      const main = client.io.socket('/'); // on the same connection: its answer shows that the server has read what came before
      for (let i = 0; i < 20; i++) client.emit('early', i);
      assert.equal(await main.emitWithAck('sum', 1, 1), 2);
      assert.deepEqual(heard.got, []);
      await server.post(`/open-gate/${client.id}`);
      assert.deepEqual(await heard.until(20), [...Array(20).keys()]);
    });

    test('a message of 900 kB passes both ways', async () => {
      const client = await server.connect(way);
      const text = 'é'.repeat(server.parser && way === 'polling only' ? 300_000 : 450_000); // MessagePack is binary, and polling makes base64 of that
      assert.equal(await client.emitWithAck('echo', text), text);
      const bytes = Buffer.alloc(way === 'polling only' ? 600_000 : 900_000, 7);
      assert.deepEqual(await client.emitWithAck('echo', bytes), bytes);
    });

    test('a client over the limit loses its connection and nobody else does', async () => {
      const [bad, good] = await Promise.all([server.connect(way), server.connect(way)]);
      bad.io.reconnection(false);
      bad.emit('echo', 'x'.repeat(1_100_000));
      const [reason] = await event(bad, 'disconnect');
      assert.ok(['transport close', 'transport error'].includes(reason), reason);
      assert.equal(await good.emitWithAck('sum', 1, 1), 2);
    });

    test('two hundred clients at once are served each with its own answers', async () => {
      const clients = await Promise.all(Array.from({ length: 200 }, () => server.connect(way)));
      const answers = await Promise.all(clients.map((client, i) => client.emitWithAck('sum', i, 1)));
      assert.deepEqual(answers, clients.map((_, i) => i + 1));
    });
  });
}
