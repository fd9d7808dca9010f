// What is emitted while a client is away: every kind of event, the questions, and what a client does to its own offset.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways, within } from './fixture.mjs';
import { isRecovered, startRecovering } from './recovering.mjs';

let server;
before(async () => { server = await startRecovering(); });
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('events to the socket, to its id, to its rooms and to everyone come in the order in which they were emitted', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('join', [`a-${id}`, `b-${id}`]);
      await server.away({ client, link }, async () => {
        let first = 0;
        for (let i = 0; i < 5; i++) {
          for (const target of [{ socket: id }, { to: id }, { to: `a-${id}` }, {}, { to: `b-${id}` }, { except: 'nobody' }]) await server.emit({ ...target, first: first++ });
        }
      });
      await n.are(30);
      await isRecovered(client, id, 30);
    });

    test('events to other rooms, or except a room that the client is in, are not for it', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('join', [`a-${id}`, `quiet-${id}`]);
      await server.away({ client, link }, async () => {
        await server.emit({ to: 'somebody else', first: 100 });
        await server.emit({ except: `quiet-${id}`, first: 101 });
        await server.emit({ except: id, first: 102 });
        await server.emit({ to: `a-${id}`, except: `quiet-${id}`, first: 103 });
        await server.emit({ to: `a-${id}`, except: 'nobody', first: 0 });
        await server.leave(id, `quiet-${id}`);
        await server.emit({ to: `a-${id}`, except: `quiet-${id}`, first: 1 });
      });
      await server.emit({ to: id, first: 2 });
      await n.are(3);
      await isRecovered(client, id, 2);
    });

    test('what one client says to a room reaches those who are away, and not itself', async () => {
      const [a, b] = await Promise.all([server.connect(way), server.connect(way)]);
      const { id } = a.client;
      const room = `crew-${id}`;
      await a.client.emitWithAck('join', [room]);
      await b.client.emitWithAck('join', [room]);
      const told = [];
      a.client.on('told', text => told.push(text));
      b.client.on('told', text => told.push(`itself: ${text}`));
      const heard = event(a.client, 'told');
      await server.away(a, () => b.client.emitWithAck('others', [room], 'ahoy'));
      await heard;
      await b.client.emitWithAck('sum', 1, 1);
      assert.deepEqual(told, ['ahoy']);
      await isRecovered(a.client, id, 1);
    });

    test('binary events come back with their bytes, and among the others in order', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const values = [];
      client.on('n', (_, value) => values.push(value?.bytes ? [...value.bytes] : undefined));
      await server.away({ client, link }, async () => {
        await server.emit({ to: id, first: 0 });
        await server.emit({ to: id, first: 1, count: 2, kind: 'binary' });
        await server.emit({ to: id, first: 3 });
      });
      await n.are(4);
      assert.deepEqual(values, [undefined, [1, 254, 255], [2, 254, 255], undefined]);
      await isRecovered(client, id, 4);
    });

    test('large events come back whole', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const sizes = [];
      client.on('n', (_, text) => sizes.push(text.length));
      await server.away({ client, link }, () => server.emit({ to: id, count: 5, kind: 'text', size: 200_000 }));
      await n.are(5);
      assert.deepEqual(sizes, Array(5).fill(200_000));
      await isRecovered(client, id, 5);
    });

    test('W4: a volatile event that ends in a text does not hurt the offset', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.emit({ to: id });
      // On polling a client is ready while its request waits: so ask until it is.
      const arrived = new Promise(resolve => client.once('v', (...args) => resolve(args)));
      const asking = setInterval(() => server.emit({ to: id, kind: 'volatile', first: 7 }), 20);
      let args;
      try {
        args = await within(arrived, 'a volatile event');
      } finally {
        clearInterval(asking);
      }
      assert.deepEqual(args.slice(0, 2), [7, 'the last word']);
      assert.equal(client._lastOffset, args[2]);
      await server.away({ client, link }, () => server.emit({ to: id, first: 1, count: 2 }));
      await n.are(3);
      await isRecovered(client, id, 2);
    });

    test('volatile events to a client that is away are lost, and only they', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const volatile = [];
      client.on('v', number => volatile.push(number));
      await server.away({ client, link }, async () => {
        await server.emit({ to: id });
        await server.emit({ to: id, kind: 'volatile', first: 7 });
        await server.emit({ to: id, first: 1 });
      });
      await n.are(2);
      assert.deepEqual(volatile, []);
      await isRecovered(client, id, 2);
    });

    test('W14: an answer over the new connection meets its question from before the cut', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      const question = event(client, 'question');
      const answered = server.ask(id);
      const [answer] = await question;
      await server.away({ client, link });
      answer(42);
      assert.equal(await answered, 42);
      await isRecovered(client, id, 0);
    });

    test('W23: a listener that throws does not stop the events behind its own, nor the return', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const thrown = [];
      client.on('n', number => {
        if (number === 2 && thrown.length === 0) throw new Error('the fault of a listener');
      });
      process.setUncaughtExceptionCaptureCallback(error => thrown.push(error.message));
      try {
        await server.away({ client, link }, () => server.emit({ to: id, count: 5 }));
        await n.are(5);
        await isRecovered(client, id, 5);
      } finally {
        process.setUncaughtExceptionCaptureCallback(null);
      }
      assert.deepEqual(thrown, ['the fault of a listener']);
    });

    test('W23: an event whose listener threw, with none behind it, comes once more after a cut', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const thrown = [];
      client.on('n', number => {
        if (number === 2 && thrown.length === 0) throw new Error('the fault of a listener');
      });
      process.setUncaughtExceptionCaptureCallback(error => thrown.push(error.message));
      try {
        await server.emit({ to: id, count: 3 });
        await n.are(3);
        await server.away({ client, link }, () => server.emit({ to: id, first: 3 }));
        await n.are([0, 1, 2, 2, 3]);
        await isRecovered(client, id, 2);
      } finally {
        process.setUncaughtExceptionCaptureCallback(null);
      }
      assert.deepEqual(thrown, ['the fault of a listener']);
    });
  });
}
