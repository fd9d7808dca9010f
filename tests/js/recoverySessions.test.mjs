// What a session is while its client is away: what happens to it, what becomes of it, and how long it lives.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways } from './fixture.mjs';
import { isFresh, isRecovered, isStateOnly, numbers, settled, startRecovering } from './recovering.mjs';

let server; // with the defaults
let brief; // sessions wait for a second, events for two
let small; // the log keeps ten events
before(async () => {
  [server, brief, small] = await Promise.all([
    startRecovering(),
    startRecovering({ server: { PingInterval: '00:00:00.300', PingTimeout: '00:00:00.600' }, MaxDisconnectionDuration: '00:00:01' }),
    startRecovering({ MaxLogEntries: 10 }),
  ]);
});
afterEach(() => [server, brief, small].forEach(each => each.closeClients()));
after(() => Promise.all([server.stop(), brief.stop(), small.stop()]));

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('rooms and data are kept', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('join', ['a', 'b']);
      await client.emitWithAck('leave', 'b');
      await client.emitWithAck('remember', 'name', 'Ada');
      await server.away({ client, link });
      await isRecovered(client, id, 0);
      assert.deepEqual(await client.emitWithAck('rooms'), ['a', id].sort());
      assert.deepEqual(await client.emitWithAck('recall'), { name: 'Ada' });
    });

    test('W27: a disconnect handler that clears the data does not take it from a client that comes back', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('remember', 'name', 'Ada');
      await client.emitWithAck('forget all when disconnected');
      await server.away({ client, link });
      await isRecovered(client, id, 0);
      assert.deepEqual(await client.emitWithAck('recall'), { name: 'Ada' });
    });

    test('W28: the application is told of the parking, the return and the end, each once and in order', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      await server.away({ client, link });
      await isRecovered(client, id, 0);
      client.disconnect();
      await server.saw(`expired-${id}`);
      const log = await server.log(id);
      assert.match(log[1], /^disconnected: transport (close|error)$/);
      assert.equal(log[2], log[1].replace('disconnected', 'parked'));
      assert.deepEqual(log.toSpliced(1, 2), [
        'connected: Fresh', 'resumed: Recovered', 'connected: Recovered', 'disconnected: client namespace disconnect', 'expired: Disconnected',
      ]);
    });

    test('W17, W26: who is sent away while away is not recovered', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await client.emitWithAck('join', [`members-${id}`]);
      await client.emitWithAck('remember', 'name', 'Ada');
      await server.away({ client, link }, async () => {
        await server.emit({ to: id, first: 1 });
        await server.kick(id);
        assert.equal(await server.saw(`expired-${id}`), 'Disconnected');
        await server.emit({ to: `members-${id}`, first: 2 });
      });
      await isFresh(client, id, 'UnknownSession');
      assert.deepEqual(await client.emitWithAck('rooms'), [client.id]);
      assert.deepEqual(await client.emitWithAck('recall'), {});
      await server.emit({ to: `members-${id}`, first: 3 });
      await server.emit({ to: client.id, first: 4 });
      await n.are([4]);
    });

    test('W26: who is sent away after a recovery is not recovered by connect()', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      await server.away({ client, link });
      await isRecovered(client, id, 0);
      const gone = event(client, 'disconnect');
      client.emit('leave-me', false);
      assert.equal((await gone)[0], 'io server disconnect');
      client.connect();
      await event(client, 'connect');
      await isFresh(client, id, 'UnknownSession');
    });

    test('W26: who has left is not recovered by connect()', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      await server.away({ client, link });
      client.disconnect();
      assert.equal(await server.saw(`expired-${id}`), 'Disconnected');
      client.connect();
      await event(client, 'connect');
      await isFresh(client, id, 'UnknownSession');
    });

    test('W26: the end of the old connection does not make the new one deaf', async () => {
      const { client, link, n } = await brief.connect(way);
      const { id } = client;
      await client.emitWithAck('join', [`room-${id}`]);
      const connected = event(client, 'connect');
      await link.halfOpen();
      link.accept();
      await connected;
      // Three heartbeats: longer than the old connection could have gone without one.
      for (let i = 0; i < 3; i++) await event(client.io, 'ping');
      await brief.emit({ to: `room-${id}` });
      await brief.emit({ to: id, first: 1 });
      await n.are(2);
      await isRecovered(client, id);
    });

    test('W16, W17: who joins a room while away gets what was said there since, and until it leaves', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const room = `late-${id}`;
      await server.away({ client, link }, async () => {
        await server.emit({ to: room, first: 1 });
        await server.join(id, room);
        await server.emit({ to: room, first: 2 });
        await server.leave(id, room);
        await server.emit({ to: room, first: 3 });
      });
      await server.emit({ to: room, first: 4 });
      await server.emit({ to: id, first: 5 });
      await n.are([2, 5]);
      assert.deepEqual(await client.emitWithAck('rooms'), [id]);
      await isRecovered(client, id, 1);
    });

    test('W16: who leaves a room before it is cut gets what was said there before, and nothing else', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const room = `left-${id}`;
      await client.emitWithAck('join', [room]);
      const connected = event(client, 'connect');
      await link.halfOpen();
      await server.emit({ to: room, first: 1 }); // into the dead link
      await server.leave(id, room);
      await server.emit({ to: room, first: 2 });
      link.accept();
      await connected;
      await server.emit({ to: id, first: 3 });
      await n.are([1, 3]);
      await isRecovered(client, id, 1);
    });

    test('W17: who joins a room while away is in it', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.away({ client, link }, () => server.join(id, `new-${id}`));
      assert.deepEqual(await client.emitWithAck('rooms'), [`new-${id}`, id].sort());
      await server.emit({ to: `new-${id}` });
      await n.are(1);
      await isRecovered(client, id, 0);
    });

    test('who is away for too long comes back as somebody else', async () => {
      const { client, link, n } = await brief.connect(way);
      const { id } = client;
      await client.emitWithAck('join', [`room-${id}`]);
      await client.emitWithAck('remember', 'name', 'Ada');
      await brief.away({ client, link }, async () => {
        await brief.emit({ to: `room-${id}` });
        assert.equal(await brief.saw(`expired-${id}`), 'TimedOut');
      });
      await isFresh(client, id, 'UnknownSession');
      assert.deepEqual(await client.emitWithAck('rooms'), [client.id]);
      assert.deepEqual(await client.emitWithAck('recall'), {});
      // It still presents an offset of its former session, and is recovered in the new one.
      const next = client.id;
      await brief.away({ client, link }, () => brief.emit({ to: next, first: 7 }));
      await n.are([7]);
      await isRecovered(client, next, 1);
    });

    test('W3: a client that heard nothing for longer than events are kept is recovered', async () => {
      const { client, link, n } = await brief.connect(way);
      const { id } = client;
      await brief.emit({ to: id });
      await n.are(1);
      // Two sessions expire one after the other, and others hear something meanwhile: that is longer than anything stays in the log.
      for (let i = 0; i < 2; i++) {
        const other = await brief.connect(way);
        const { id: theirs } = other.client;
        await brief.offline(other);
        await brief.emit({ to: theirs });
        await brief.saw(`expired-${theirs}`);
        other.client.disconnect();
      }
      await brief.away({ client, link }, () => brief.emit({ to: id, first: 1, count: 2 }));
      await n.are(3);
      await isRecovered(client, id, 2);
    });

    test('W3: a client whose last event the log has dropped has lost nothing', async () => {
      const { client, link, n } = await small.connect(way);
      const { id } = client;
      await small.emit({ to: id });
      await n.are(1);
      await small.emit({ to: 'others', count: 30 });
      await small.away({ client, link }, () => small.emit({ to: 'others', count: 30 }));
      await small.emit({ to: id, first: 1 });
      await n.are(2);
      await isRecovered(client, id, 0);
    });

    test('W9: when events are lost, id, rooms and data are back, both ends are told, and the next time nothing is lost', async () => {
      const { client, link, n } = await small.connect(way);
      const { id, _pid: pid } = client;
      await client.emitWithAck('join', [`room-${id}`]);
      await client.emitWithAck('remember', 'name', 'Ada');
      await small.emit({ to: id });
      await n.are(1);
      await small.away({ client, link }, () => small.emit({ to: `room-${id}`, first: 1, count: 30 }));
      await isStateOnly(client, id, 'EventsTrimmed');
      assert.notEqual(client._pid, pid);
      assert.deepEqual(await client.emitWithAck('rooms'), [`room-${id}`, id].sort());
      assert.deepEqual(await client.emitWithAck('recall'), { name: 'Ada' });
      await small.emit({ to: `room-${id}`, first: 31 });
      await n.are([0, 31]); // nothing behind a gap
      await small.away({ client, link }, () => small.emit({ to: `room-${id}`, first: 32, count: 5 }));
      await n.are([0, 31, 32, 33, 34, 35, 36]);
      await isRecovered(client, id, 5);
    });

    test('W10: a page that was loaded anew has its session back', async () => {
      const { client: page, link, n } = await server.connect(way);
      const { id } = page;
      await page.emitWithAck('join', [`room-${id}`]);
      await server.emit({ to: id, count: 3 });
      await n.are(3);
      const saved = { pid: page._pid, offset: page._lastOffset }; // what a page keeps in its sessionStorage
      page.io.reconnection(false);
      await server.offline({ client: page, link });
      await server.emit({ to: `room-${id}`, first: 3, count: 3 });

      link.accept();
      const client = server.open(way, { link, auth: done => done(client._pid ? {} : saved) });
      const news = numbers(client);
      await event(client, 'connect');
      await news.are([3, 4, 5]);
      assert.equal(client.id, id);
      // The official client calls itself recovered only if it had the private id before; the server knows better.
      assert.equal(client.recovered, false);
      assert.deepEqual(await client.emitWithAck('recovery'), { recovered: true, outcome: 'Recovered', reason: 'None', missed: 3 });
      assert.deepEqual(await client.emitWithAck('rooms'), [`room-${id}`, id].sort());

      await settled(client);
      const connected = event(client, 'connect');
      await link.cut();
      await server.emit({ to: id, first: 6 });
      await connected;
      await news.are([3, 4, 5, 6]);
      await isRecovered(client, id);
    });

    test('W44: two namespaces on one connection are recovered, each with its own events', async () => {
      const { client: main, link, n } = await server.connect(way);
      const custom = main.io.socket('/custom');
      const m = numbers(custom);
      if (!custom.connected) await event(custom, 'connect');
      const ids = [main.id, custom.id];
      await server.emit({ ns: '/custom', to: custom.id, count: 1 });
      await m.are(1);
      const both = event(custom, 'connect');
      await server.away({ client: main, link }, async () => {
        await server.emit({ to: ids[0], count: 3 });
        await server.emit({ ns: '/custom', to: ids[1], first: 1, count: 2 });
      });
      await both;
      await Promise.all([n.are(3), m.are(3)]);
      await isRecovered(main, ids[0], 3);
      await isRecovered(custom, ids[1], 2);
    });

    test('W44: two namespaces on one connection, one recovered and one not', async () => {
      const { client: main, link, n } = await server.connect(way);
      const custom = main.io.socket('/custom');
      if (!custom.connected) await event(custom, 'connect');
      const ids = [main.id, custom.id];
      const both = event(custom, 'connect');
      await server.away({ client: main, link }, async () => {
        await server.saw(`parked-${ids[1]}`);
        await server.kick(ids[1], '/custom');
        await server.saw(`expired-${ids[1]}`);
        await server.emit({ to: ids[0], count: 3 });
      });
      await both;
      await n.are(3);
      await isRecovered(main, ids[0], 3);
      await isFresh(custom, ids[1], 'UnknownSession');
    });
  });
}
