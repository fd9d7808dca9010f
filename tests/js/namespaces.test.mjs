// Namespaces that are made when a client asks for them, sockets as the application finds them, and a server that closes and opens, with the official client.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { collect, event, startFixture, ways, within } from './fixture.mjs';

let server;
let tidy;
before(async () => { [server, tidy] = await Promise.all([startFixture(), startFixture({ CleanupEmptyChildNamespaces: 'true' })]); });
afterEach(() => [server, tidy].forEach(each => each.closeClients()));
after(() => Promise.all([server.stop(), tidy.stop()]));

const get = async (path, from = server) => (await within(fetch(`${from.url}${path}`), path)).json();
const post = async (path, parameters, to = server) => {
  const answer = await within(to.post(path, parameters), path);
  assert.ok(answer.ok, `${path}: ${answer.status}`);
  return answer.text();
};
const connected = async client => {
  if (!client.connected) await event(client, 'connect');
  return client;
};

let next = 0;
const number = () => `/dynamic-${++next}`;

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('a client connects by itself, and to one more namespace over the same connection', async () => {
      const client = await server.connect(way);
      const other = await connected(client.io.socket('/custom'));
      assert.equal(other.io.engine, client.io.engine);
      assert.equal(await client.emitWithAck('namespace'), '/');
      assert.equal(await other.emitWithAck('namespace'), '/custom');
    });

    test('no name and a slash are the first namespace', async () => {
      for (const nsp of ['', '/']) assert.equal(await (await server.connect(way, { nsp })).emitWithAck('namespace'), '/');
    });

    test('two clients of one namespace are two connections', async () => {
      const one = await server.connect(way);
      const options = { ...ways[way], forceNew: false };
      const [a, b] = [io(`${server.url}/custom`, options), io(`${server.url}/custom`, options)];
      try {
        await Promise.all([connected(a), connected(b)]);
        assert.notEqual(a.io, b.io);
        assert.notEqual(a.id, b.id);
        assert.equal(new Set((await get('/sockets?ns=/custom')).map(({ id }) => id).filter(id => [a.id, b.id, one.id].includes(id))).size, 2);
      } finally {
        a.close();
        b.close();
      }
    });

    test('a name that matches a pattern is made for its first client, and its parent reaches all of them', async () => {
      const names = [number(), number()];
      const clients = await Promise.all(names.map(nsp => server.connect(way, { nsp })));
      assert.equal(await server.saw(`middleware-${clients[0].id}`), names[0]);
      assert.deepEqual((await get('/children')).filter(name => names.includes(name)), [...names].sort());
      assert.deepEqual((await get('/log/new-namespaces')).filter(name => names.includes(name)).sort(), [...names].sort());
      const heard = clients.map(client => collect(client, 'told'));
      await post('/children', { text: 'all' });
      await clients[0].emitWithAck('join', [`room-${clients[0].id}`]);
      await post('/children', { room: `room-${clients[0].id}`, text: 'some' });
      await Promise.all(clients.map(client => client.emitWithAck('sum', 0, 0)));
      assert.deepEqual(heard.map(({ got }) => got), [['all', 'some'], ['all']]);
    });

    test('a predicate sees the name and the auth', async () => {
      const nsp = `/tenant-${next++}`;
      const refused = server.open(way, { nsp, auth: { token: 'wrong' } });
      assert.equal((await event(refused, 'connect_error'))[0].message, 'Invalid namespace');
      const client = await server.connect(way, { nsp, auth: { token: 'let-me-in' } });
      assert.equal(await client.emitWithAck('namespace'), nsp);
    });

    test('a name that nobody admits is refused', async () => {
      const [error] = await event(server.open(way, { nsp: '/dynamic-abc' }), 'connect_error');
      assert.equal(error.message, 'Invalid namespace');
    });

    test('an empty child goes with clean-up, and is made anew for a client that comes back', async () => {
      const nsp = number();
      const client = await tidy.connect(way, { nsp });
      const former = client.id;
      assert.deepEqual(await get('/children', tidy), [nsp]);
      client.disconnect();
      assert.equal(await tidy.saw(`disconnect-${former}`), 'client namespace disconnect');
      assert.deepEqual(await get('/children', tidy), []);
      client.connect();
      await event(client, 'connect');
      assert.equal(await client.emitWithAck('namespace'), nsp);
      assert.deepEqual(await get('/children', tidy), [nsp]);
      const { id } = client;
      client.disconnect();
      await tidy.saw(`disconnect-${id}`);
    });

    test('the application finds all sockets, those of a room, and those of one namespace', async () => {
      const [a, b, c] = await Promise.all(['a', 'b', 'c'].map(who => server.connect(way, { query: { who } })));
      const other = await connected(a.io.socket('/custom'));
      const room = `found-${a.id}`;
      await Promise.all([a, b].map(client => client.emitWithAck('join', [room])));
      const known = [a.id, b.id, c.id, other.id];
      const ids = found => found.map(({ id }) => id).filter(id => known.includes(id)).sort();
      assert.deepEqual(ids(await get('/sockets')), [a.id, b.id, c.id].sort());
      assert.deepEqual(ids(await get(`/sockets?room=${room}`)), [a.id, b.id].sort());
      assert.deepEqual(ids(await get('/sockets?ns=/custom')), [other.id]);
      assert.deepEqual((await get(`/sockets?room=${b.id}`)), [{ id: b.id, rooms: 2, query: 'b' }]);
    });

    test('a socket that was found can be told, asked, moved and sent away', async () => {
      const [a, b] = await Promise.all([server.connect(way), server.connect(way)]);
      const told = [collect(a, 'told').got, collect(b, 'told').got];
      a.on('question', ack => ack(42));
      await post(`/sockets/${a.id}`, { act: 'emit' });
      assert.equal(await post(`/sockets/${a.id}`, { act: 'ask' }), '42');
      await post(`/sockets/${a.id}`, { act: 'join', room: 'x' });
      assert.deepEqual(await a.emitWithAck('rooms'), [a.id, 'x'].sort());
      await post(`/sockets/${a.id}`, { act: 'leave', room: 'x' });
      assert.deepEqual(await a.emitWithAck('rooms'), [a.id]);
      await b.emitWithAck('sum', 0, 0);
      assert.deepEqual(told, [['you'], []]);
      const gone = event(a, 'disconnect');
      await post(`/sockets/${a.id}`, { act: 'disconnect' });
      assert.equal((await gone)[0], 'io server disconnect');
      assert.equal(b.connected, true);
    });

    test('all sockets, or those of a room, are moved and sent away', async () => {
      const own = await startFixture();
      try {
        const [a, b, c] = await Promise.all([own.connect(way), own.connect(way), own.connect(way)]);
        await a.emitWithAck('join', ['room1']);
        await post('/all', { act: 'join', to: 'everyone' }, own);
        await post('/all', { act: 'join', room: 'room1', to: 'room2' }, own);
        assert.deepEqual(await a.emitWithAck('rooms'), [a.id, 'everyone', 'room1', 'room2'].sort());
        assert.deepEqual(await b.emitWithAck('rooms'), [b.id, 'everyone'].sort());
        await post('/all', { act: 'leave', room: 'room1', to: 'everyone' }, own);
        assert.deepEqual(await a.emitWithAck('rooms'), [a.id, 'room1', 'room2'].sort());
        assert.deepEqual(await b.emitWithAck('rooms'), [b.id, 'everyone'].sort());
        await post('/all', { act: 'leave', to: 'everyone' }, own);
        assert.deepEqual(await b.emitWithAck('rooms'), [b.id]);
        const first = event(a, 'disconnect');
        await post('/all', { act: 'disconnect', room: 'room1', to: '' }, own);
        assert.equal((await first)[0], 'io server disconnect');
        assert.deepEqual([b.connected, c.connected], [true, true]);
        const rest = Promise.all([event(b, 'disconnect'), event(c, 'disconnect')]);
        await post('/all', { act: 'disconnect', to: '' }, own);
        assert.deepEqual((await rest).map(([reason]) => reason), ['io server disconnect', 'io server disconnect']);
      } finally {
        await own.stop();
      }
    });

    test('a server that closes and opens again gets its clients back, and they hear it', async () => {
      const own = await startFixture();
      try {
        const client = await own.connect(way);
        const { id } = client;
        const gone = event(client, 'disconnect');
        await post('/close', {}, own);
        assert.ok(['transport close', 'transport error'].includes((await gone)[0]));
        assert.equal(await own.saw(`disconnect-${id}`), 'server shutting down');
        await post('/emit', { to: id }, own); // harms nobody
        await event(client, 'connect_error').catch(() => {}); // it tries in vain
        const back = event(client, 'connect');
        const heard = event(client, 'n');
        await post('/open', {}, own);
        await back;
        await post('/emit', { first: 7 }, own);
        assert.deepEqual(await heard, [7]);
      } finally {
        await own.stop();
      }
    });
  });
}

test('the process ends by itself when the server has stopped, and its port is free', async () => {
  const own = await startFixture();
  const client = await own.connect('polling with upgrade');
  const ended = once(own.server, 'exit');
  const gone = event(client, 'disconnect');
  await own.post('/stop');
  await gone;
  assert.deepEqual(await within(ended, 'the process ends'), [0, null]);
  await assert.rejects(fetch(own.url));
  own.closeClients();
});
