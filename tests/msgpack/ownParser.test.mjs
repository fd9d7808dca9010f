// An application's own parser at both ends, written with what is public: everything works that does not need binary values, recovery too.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { collect, event, ways, within } from '../js/fixture.mjs';
import { isRecovered, startRecovering } from '../js/recovering.mjs';
import { envelope } from './envelope.mjs';

let server;
before(async () => { server = await startRecovering({ server: { parser: 'envelope', clientParser: envelope } }); });
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of Object.keys(ways)) {
  describe(`with a parser of one's own, ${way}`, () => {
    test('events, acks and namespaces work in both directions', async () => {
      const { client } = await server.connect(way, { auth: { token: 'ü', n: [1, null] } });
      assert.deepEqual(await client.emitWithAck('auth'), { token: 'ü', n: [1, null] });
      assert.equal(await client.emitWithAck('sum', 2, 3), 5);
      assert.deepEqual(await client.emitWithAck('person', { name: 'Ada', age: 36 }), { name: 'Ada', age: 37, nick: null });
      const values = [1, -0.5, 1e21, 'Ünï 🎉', true, null, [[]], { a: { b: [null] } }];
      const back = event(client, 'back');
      client.emit('back', ...values);
      assert.deepEqual((await back).slice(0, values.length), values);
      client.on('question', (n, ack) => ack({ n }));
      assert.deepEqual(await client.emitWithAck('ask', 'question', 5000), { answer: { n: 1 }, error: null });
      const custom = client.io.socket('/custom');
      if (!custom.connected) await event(custom, 'connect');
      assert.equal(await custom.emitWithAck('namespace'), '/custom');
    });

    test('refusals carry their message and data, and wrong arguments end their event only', async () => {
      const [error] = await event(server.open(way, { nsp: '/guarded', auth: { token: 'wrong' } }), 'connect_error');
      assert.equal(error.message, 'not authorized');
      assert.deepEqual(error.data, { hint: 'a token', retry: false });
      const { client } = await server.connect(way);
      await assert.rejects(client.timeout(50).emitWithAck('sum', 'two', 3), /timed out/);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });

    test('rooms and broadcasts work', async () => {
      const [a, b] = await Promise.all([server.connect(way), server.connect(way)]);
      await a.client.emitWithAck('join', [`room-${a.client.id}`]);
      const told = collect(a.client, 'told');
      await b.client.emitWithAck('to', [`room-${a.client.id}`], [], 'hello');
      assert.deepEqual(await told.until(1), ['hello']);
    });

    test('a client that was away gets what it missed, with its rooms and data', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('remember', 'color', 'blue');
      await server.emit({ to: id });
      await server.away({ client, link }, () => server.emit({ to: id, first: 1, count: 5 }));
      await n.are(6);
      await isRecovered(client, id, 5);
      assert.deepEqual(await client.emitWithAck('recall'), { color: 'blue' });
      assert.equal(await client.emitWithAck('auth'), null); // the private id and the offset are taken out of it
    });

    test('a client of the default parser is refused, and nobody else notices', async () => {
      const wrong = io(server.fixture.url, { forceNew: true, reconnection: false, ...ways[way] });
      try {
        await within(new Promise(resolve => wrong.io.on('close', resolve)), 'the end of the connection');
      } finally {
        wrong.disconnect();
      }
      const { client } = await server.connect(way);
      assert.equal(await client.emitWithAck('sum', 1, 1), 2);
    });
  });
}
