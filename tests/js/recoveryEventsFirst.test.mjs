// The two orders of the answer to CONNECT and what was missed: to the byte, and as the official client sees them.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways } from './fixture.mjs';
import { isRecovered, startRecovering } from './recovering.mjs';

let eventsFirst;
let connectFirst;
before(async () => {
  [eventsFirst, connectFirst] = await Promise.all([startRecovering({ ReplayOrder: 'EventsFirst' }), startRecovering()]);
});
afterEach(() => [eventsFirst, connectFirst].forEach(each => each.closeClients()));
after(() => Promise.all([eventsFirst.stop(), connectFirst.stop()]));

/** What the client does on the way back, with two missed events and one that it emits itself while it is away. */
async function wayBack(server, way) {
  const { client, link, n } = await server.connect(way);
  const { id } = client;
  await server.emit({ to: id });
  await n.are(1);
  const order = [];
  client.on('connect', () => order.push('connect'));
  client.on('n', number => order.push(number));
  await server.away({ client, link }, () => server.emit({ to: id, first: 1, count: 3 }));
  await server.emit({ to: id, first: 4 });
  await n.are(5);
  await isRecovered(client, id, 3);
  return order;
}

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('events first: the missed events are delivered before connect, the live ones behind it', async () => {
      assert.deepEqual(await wayBack(eventsFirst, way), [1, 2, 3, 'connect', 4]);
    });

    test('connect first: the missed events are delivered after connect, and the live ones behind them', async () => {
      assert.deepEqual(await wayBack(connectFirst, way), ['connect', 1, 2, 3, 4]);
    });

    test('events first: with nothing missed the answer comes alone', async () => {
      const { client, link } = await eventsFirst.connect(way);
      const { id } = client;
      await eventsFirst.away({ client, link });
      await isRecovered(client, id, 0);
    });

    test('events first: a client that never received an event is recovered', async () => {
      const { client, link, n } = await eventsFirst.connect(way);
      const { id } = client;
      await eventsFirst.away({ client, link }, () => eventsFirst.emit({ to: id, count: 3 }));
      await n.are(3);
      await isRecovered(client, id, 3);
    });
  });
}

// These look into the text of packets.
if (!process.env.HOLDFAST_TEST_PARSER) describe('over polling without a client', () => {
  for (const [order, pick] of [['events first', () => eventsFirst], ['connect first', () => connectFirst]]) {
    test(`${order}: a missed broadcast, one to a room and one to the socket, and the answer to CONNECT, come in one payload`, async () => {
      const server = pick();
      const url = `${server.fixture.url}/socket.io/?EIO=4&transport=polling`;
      const get = async sid => (await fetch(`${url}${sid ? `&sid=${sid}` : ''}`)).text();
      const post = (sid, body) => fetch(`${url}&sid=${sid}`, { method: 'POST', body });
      const shake = async () => JSON.parse((await get()).slice(1)).sid;

      const first = await shake();
      await post(first, '40');
      const { sid, pid } = JSON.parse((await get(first)).slice(2));
      await server.join(sid, 'room1');
      await server.emit({ to: sid });
      const [, offset] = /^42\["n",0,"([^"]+)"\]$/.exec(await get(first));
      await post(first, '1'); // the connection ends, and the session waits
      await server.saw(`parked-${sid}`);
      await server.emit({ first: 1 });
      await server.emit({ to: 'room1', first: 2 });
      await server.emit({ socket: sid, first: 3 });

      const second = await shake();
      await post(second, `40${JSON.stringify({ pid, offset })}`);
      const packets = (await get(second)).split('\x1e');
      const connect = packets.splice(order === 'events first' ? 3 : 0, 1)[0];
      assert.equal(connect, `40{"sid":"${sid}","pid":"${pid}"}`);
      assert.deepEqual(packets.map(packet => packet.replace(/,"[^"]+"\]$/, ']')), ['42["n",1]', '42["n",2]', '42["n",3]']);
      const offsets = packets.map(packet => /,"([^"]+)"\]$/.exec(packet)[1]);
      assert.deepEqual([offset, ...offsets], [offset, ...offsets].toSorted());
      assert.equal(new Set([offset, ...offsets]).size, 4);
      await post(second, '1');
    });
  }
});
