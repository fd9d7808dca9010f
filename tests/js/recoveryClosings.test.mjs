// The server itself ends a connection while events wait to be sent: none is lost, and none comes twice.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways } from './fixture.mjs';
import { isFresh, isRecovered, startRecovering } from './recovering.mjs';

let server;
let narrow;
before(async () => {
  [server, narrow] = await Promise.all([
    startRecovering(),
    startRecovering({ server: { OutboxLimit: 65536 }, ReplayBytesPerSecond: 500_000_000 }),
  ]);
});
afterEach(() => [server, narrow].forEach(each => each.closeClients()));
after(() => Promise.all([server.stop(), narrow.stop()]));

for (const way of Object.keys(ways)) {
  describe(way, () => {
    for (const [what, packet, reason] of [['a packet that is none', '9 is no packet type', 'forced close'], ['a packet out of place', { type: 2, nsp: '/custom', data: ['echo'], options: {} }, 'forced server close']]) {
      test(`${what} ends the connection behind the events that wait, and the client is recovered`, async () => {
        const { client, n } = await server.connect(way);
        const { id } = client;
        const connected = event(client, 'connect');
        client.emit('burst', 100);
        typeof packet === 'string' ? client.io.engine.write(packet) : client.io._packet(packet);
        assert.equal(await server.saw(`disconnect-${id}`), reason);
        await connected;
        await server.emit({ to: id, first: 100 });
        await n.are(101);
        await isRecovered(client, id);
      });
    }

    test('W26: a client that is sent away gets the events that wait, and its session never again', async () => {
      const { client, link, n } = await server.connect(way);
      await server.away({ client, link });
      const { id } = client;
      const gone = event(client, 'disconnect');
      client.emit('burst', 100);
      client.emit('leave-me', true);
      assert.equal((await gone)[0], 'io server disconnect');
      await n.are(100);
      client.connect();
      await event(client, 'connect');
      await isFresh(client, id, 'UnknownSession');
      await server.emit({ to: client.id, first: 100 });
      await n.are(101);
    });

    test('a client that reads too slowly loses its connection, and nothing else', async () => {
      const { client, link, n } = await narrow.connect(way);
      const { id } = client;
      const connected = event(client, 'connect');
      link.stall();
      await narrow.emit({ to: id, count: 150, kind: 'text', size: 100_000 });
      assert.equal(await narrow.saw(`parked-${id}`), 'transport error');
      link.flow();
      await connected;
      await narrow.emit({ to: id, first: 150 });
      await n.are(151);
      await isRecovered(client, id);
    });
  });
}
