// A client of Socket.IO 2 with the MessagePack parser of its time, beside a client of today: without recovery, and on a server that has it.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { ask, join } from '../clients/libraries.mjs';
import { collect, event, startFixture, ways } from '../js/fixture.mjs';
import { startRecovering } from '../js/recovering.mjs';
import { two } from './clients.mjs';

let server;
let recovering;
before(async () => {
  server = await startFixture({ parser: 'msgpack', AllowEIO3: true });
  recovering = await startRecovering({ server: { parser: 'msgpack', AllowEIO3: true } });
});
afterEach(() => [server, recovering.fixture].forEach(each => each.closeClients()));
after(() => Promise.all([server, recovering.fixture].map(each => each.stop())));

/** All arguments of all events of that name. */
function hear(client, name) {
  const heard = [];
  client.on(name, (...args) => heard.push(args));
  return heard;
}

for (const way of Object.keys(ways)) {
  describe(`socket.io-client 2.5 with MessagePack, ${way}`, () => {
    const connect = options => server.connect(way, { ...two, ...options });

    test('events and acks pass both ways, with values of all kinds', async () => {
      const client = await connect();
      assert.equal(client.id, client.io.engine.id);
      const values = [1, -0.5, 1e15, 'Ünï 🎉', true, null, [], {}, [[1, [2]]], { a: { b: [null, { c: '' }] } }, Buffer.from([0, 1, 254, 255]), { deep: [{ bytes: Buffer.alloc(300, 7) }] }];
      const back = event(client, 'back');
      client.emit('back', ...values);
      assert.deepEqual(await back, values);
      assert.deepEqual(await ask(client, 'echo', ...values), values);
      assert.deepEqual(await ask(client, 'bytes', Buffer.from([1, 2, 3])), Buffer.from([3, 2, 1]));
      client.on('question', (n, answer) => answer({ n, bytes: Buffer.from([n]) }));
      assert.deepEqual(await ask(client, 'ask', 'question', 5000), { answer: { n: 1, bytes: Buffer.from([1]) }, error: null });
    });

    test('many events keep their order, and large ones pass', async () => {
      const client = await connect();
      const back = collect(client, 'back');
      for (let i = 0; i < 300; i++) client.emit('back', i % 10 === 0 ? { i, bytes: Buffer.from([i % 256]) } : { i });
      assert.deepEqual((await back.until(300)).map(value => value.i), [...Array(300).keys()]);
      const large = ['é🎉'.repeat(50_000), Buffer.alloc(200_000, 7)];
      assert.deepEqual(await ask(client, 'echo', ...large), large);
    });

    test('a namespace gets what stands in its query, and lets the client in', async () => {
      const client = await connect({ nsp: '/guarded', query: { token: 'let-me-in' } });
      assert.deepEqual(await ask(client, 'auth'), { token: 'let-me-in' });
      assert.deepEqual(await ask(client, 'rooms'), ['insiders', client.id].sort());
      assert.equal(client.id, `/guarded#${client.io.engine.id}`);
    });

    test('a refusal is its message', async () => {
      const refused = server.open(way, { ...two, nsp: '/guarded', query: { token: 'wrong' } });
      assert.deepEqual(await event(refused, 'error'), ['not authorized']);
      assert.deepEqual(await event(server.open(way, { ...two, nsp: '/silent' }), 'error'), ['Connection refused']);
      assert.equal(refused.connected, false);
    });

    test('namespaces share a connection, and one is left and joined again', async () => {
      const main = await connect();
      const custom = await join(main, '/custom');
      assert.deepEqual(await Promise.all([ask(main, 'namespace'), ask(custom, 'namespace')]), ['/', '/custom']);
      const { id } = custom;
      custom.disconnect();
      assert.equal(await server.saw(`disconnect-${id}`), 'client namespace disconnect');
      custom.connect();
      await event(custom, 'connect');
      assert.deepEqual(await Promise.all([ask(main, 'namespace'), ask(custom, 'namespace')]), ['/', '/custom']);
      const gone = event(custom, 'disconnect');
      custom.emit('leave-me', false);
      assert.equal((await gone)[0], 'io server disconnect');
      assert.equal(await ask(main, 'namespace'), '/');
    });

    test('rooms and broadcasts reach it beside a client of today, and each other', async () => {
      const [old, other, today] = await Promise.all([connect(), connect(), server.connect(way)]);
      const heard = [old, other, today].map(client => hear(client, 'told'));
      const room = `room of ${old.id}`;
      await Promise.all([ask(old, 'join', [room]), ask(today, 'join', [room])]);
      await ask(other, 'to', [room], [], 'room');
      await ask(old, 'others', [room], 'from the old one');
      await ask(today, 'others', [room], 'from that of today');
      await ask(today, 'to', [old.id], [], 'one');
      await Promise.all([old, other, today].map(client => ask(client, 'sum', 0, 0)));
      assert.deepEqual(heard, [[['room'], ['from that of today'], ['one']], [], [['room'], ['from the old one']]]);
    });
  });

  describe(`socket.io-client 2.5 with MessagePack on a server with recovery, ${way}`, () => {
    test('it gets its arguments, and a client of today an offset behind them', async () => {
      const old = await recovering.fixture.connect(way, two);
      const today = await recovering.fixture.connect(way);
      const heard = [hear(old, 'n'), hear(today, 'n')];
      const room = `room of ${old.id}`;
      await Promise.all([ask(old, 'join', [room]), ask(today, 'join', [room])]);
      await recovering.emit({ to: room, first: 1 });
      await recovering.emit({ to: room, first: 2, kind: 'binary' });
      for (const { id } of [old, today]) await recovering.emit({ socket: id, first: 3 });
      await Promise.all([ask(old, 'sum', 0, 0), ask(today, 'sum', 0, 0)]);
      const bytes = { bytes: Buffer.from([2, 254, 255]) };
      assert.deepEqual(heard[0], [[1], [2, bytes], [3]]);
      assert.deepEqual(heard[1].map(args => args.slice(0, -1)), [[1], [2, bytes], [3]]);
      assert.ok(heard[1].every(args => /^[\w-]{8}\.[0-9a-z]{10}$/.test(args.at(-1))));
    });

    test('its session ends with its connection, and a client of today is recovered beside it', async () => {
      const link = await recovering.link();
      const old = await recovering.fixture.connect(way, { ...two, link });
      const today = await recovering.connect(way);
      const { id } = old;
      assert.deepEqual(await ask(old, 'recovery'), { recovered: false, outcome: 'Fresh', reason: 'None', missed: 0 });
      const arrived = event(old, 'n'); // what is still on its way when the link is cut leaves the server with no poll that could tell it
      await recovering.emit({ first: 1 });
      await today.n.are([1]);
      await arrived;
      const gone = event(old, 'disconnect');
      await link.cut({ refuse: true });
      await gone;
      assert.equal(await recovering.saw(`expired-${id}`), 'Disconnected');
      await recovering.away(today, () => recovering.emit({ first: 2 }));
      assert.equal(today.client.recovered, true);
      link.accept();
      await event(old, 'connect');
      assert.notEqual(old.id, id);
      await today.n.are([1, 2]);
    });
  });
}
