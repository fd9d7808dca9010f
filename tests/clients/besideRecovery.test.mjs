// A server with recovery, and a client of Socket.IO 2 beside one of today: the older one gets its arguments and nothing else, and its session ends with its connection.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways } from '../js/fixture.mjs';
import { startRecovering } from '../js/recovering.mjs';
import { ask, libraries } from './libraries.mjs';

const { io: two } = libraries['socket.io-client 2.5'];

let server;
before(async () => { server = await startRecovering({ server: { AllowEIO3: true } }); });
afterEach(() => server.fixture.closeClients());
after(() => server.fixture.stop());

/** All arguments of all events of that name. */
function hear(client, name) {
  const heard = [];
  client.on(name, (...args) => heard.push(args));
  return heard;
}

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('an older client gets its arguments, and a client of today an offset behind them', async () => {
      const old = await server.fixture.connect(way, { library: two });
      const today = await server.fixture.connect(way);
      const heard = [hear(old, 'n'), hear(today, 'n')];
      const room = `room of ${old.id}`;
      await Promise.all([ask(old, 'join', [room]), ask(today, 'join', [room])]);
      await server.emit({ to: room, first: 1 });
      await server.emit({ to: room, first: 2, kind: 'binary' });
      await server.emit({ socket: old.id, first: 3 });
      await server.emit({ socket: today.id, first: 3 });
      await Promise.all([ask(old, 'sum', 0, 0), ask(today, 'sum', 0, 0)]);
      const bytes = { bytes: Buffer.from([2, 254, 255]) };
      assert.deepEqual(heard[0], [[1], [2, bytes], [3]]);
      assert.deepEqual(heard[1].map(args => args.slice(0, -1)), [[1], [2, bytes], [3]]);
      assert.ok(heard[1].every(args => /^[\w-]{8}\.[0-9a-z]{10}$/.test(args.at(-1))));
    });

    test('a volatile event has no offset either', async () => {
      const old = await server.fixture.connect(way, { library: two });
      const room = `room of ${old.id}`;
      await ask(old, 'join', [room]);
      const heard = event(old, 'v');
      const asking = setInterval(() => server.emit({ to: room, kind: 'volatile' }), 20);
      try {
        assert.deepEqual(await heard, [0, 'the last word']);
      } finally {
        clearInterval(asking);
      }
    });

    test('the session of an older client ends with its connection, and a client of today is recovered beside it', async () => {
      const link = await server.link();
      const old = await server.fixture.connect(way, { library: two, link });
      const today = await server.connect(way);
      const { id } = old;
      assert.deepEqual(await ask(old, 'recovery'), { recovered: false, outcome: 'Fresh', reason: 'None', missed: 0 });
      const arrived = event(old, 'n'); // what is still on its way when the link is cut leaves the server with no poll that could tell it
      await server.emit({ first: 1 });
      await today.n.are([1]);
      await arrived;
      const gone = event(old, 'disconnect');
      await link.cut({ refuse: true });
      await gone;
      assert.equal(await server.saw(`expired-${id}`), 'Disconnected');
      assert.ok((await server.log(id)).every(line => !line.startsWith('parked')));
      await server.away(today, () => server.emit({ first: 2 }));
      assert.equal(today.client.recovered, true);
      link.accept();
      await event(old, 'connect');
      assert.notEqual(old.id, id);
      assert.deepEqual(await ask(old, 'recovery'), { recovered: false, outcome: 'Fresh', reason: 'None', missed: 0 });
      await today.n.are([1, 2]);
    });
  });
}
