// A connection breaks, wherever and whenever: the official client comes back, has every event once and in order, and both ends call it recovered.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, upgraded, ways, within } from './fixture.mjs';
import { isRecovered, startRecovering } from './recovering.mjs';

let server;
let quick; // a cut at a certain moment of the upgrade is noticed by the official client at its ping timeout
before(async () => {
  [server, quick] = await Promise.all([startRecovering(), startRecovering({ server: { PingInterval: '00:00:00.400', PingTimeout: '00:00:00.600' } })]);
});
afterEach(() => [server, quick].forEach(each => each.closeClients()));
after(() => Promise.all([server.stop(), quick.stop()]));

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('the first connection is not a recovered one, at either end', async () => {
      const { client } = await server.connect(way);
      assert.equal(client.recovered, false);
      assert.deepEqual(await client.emitWithAck('recovery'), { recovered: false, outcome: 'Fresh', reason: 'None', missed: 0 });
    });

    for (const how of ['fin', 'rst']) {
      test(`W2: a client that never received an event is recovered (${how})`, async () => {
        const { client, link, n } = await server.connect(way);
        const { id } = client;
        const connected = event(client, 'connect');
        const gone = event(client, 'disconnect');
        await link.cut({ how, refuse: true });
        await gone;
        await server.emit({ to: id, count: 3 });
        link.accept();
        await connected;
        await n.are(3);
        await isRecovered(client, id, 3);
      });
    }

    test('W1: a client whose old link is half open takes its session over', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.emit({ to: id, count: 2 });
      await n.are(2);
      const connected = event(client, 'connect');
      await link.halfOpen();
      await server.emit({ to: id, first: 2, count: 3 });
      assert.deepEqual(await server.log(id), ['connected: Fresh']); // the server has not noticed anything
      link.accept();
      await connected;
      await server.emit({ to: id, first: 5, count: 2 });
      await n.are(7);
      await isRecovered(client, id, 3);
      assert.equal(await server.saw(`disconnect-${id}`), 'transport close');
    });

    test('a cut in the middle of a burst', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const connected = event(client, 'connect');
      const cut = link.cutBehind('["n",250,', { bytes: 26 });
      await server.emit({ to: id, count: 500 });
      await cut;
      await connected;
      await n.are(500);
      await isRecovered(client, id);
    });

    test('a cut inside a frame', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const connected = event(client, 'connect');
      const cut = link.cutBehind('["n",3,"');
      await server.emit({ to: id, count: 6 });
      await cut;
      await connected;
      await n.are(6);
      await isRecovered(client, id);
    });

    test('a cut inside a binary attachment', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      const got = [];
      const last = new Promise(resolve => client.on('n', (number, { bytes }) => {
        got.push([number, ...bytes]);
        if (number === 4) resolve();
      }));
      const connected = event(client, 'connect');
      // The bytes 2, 254, 255: on polling they stand in a text.
      const cut = link.cutBehind(way === 'polling only' ? '\x1ebAv7' : Buffer.from([2, 254]));
      await server.emit({ to: id, count: 5, kind: 'binary' });
      await cut;
      await connected;
      await last;
      assert.deepEqual(got, [0, 1, 2, 3, 4].map(i => [i, i, 254, 255]));
      await isRecovered(client, id);
    });

    test('W21: a cut in the middle of the replay', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.offline({ client, link });
      await server.emit({ to: id, count: 300 });
      const cut = link.cutBehind('["n",150,', { bytes: 10 });
      link.accept();
      await cut;
      await event(client, 'connect');
      await n.are(300);
      await isRecovered(client, id);
    });

    test('W21: a cut right behind the answer to CONNECT', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.offline({ client, link });
      await server.emit({ to: id, count: 20 });
      const cut = link.cutBehind(`"pid":"${client._pid}"}`);
      link.accept();
      await cut;
      await event(client, 'connect');
      await n.are(20);
      await isRecovered(client, id);
    });

    test('a cut before the answer to CONNECT', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.offline({ client, link });
      await server.emit({ to: id, count: 20 });
      const connected = event(client, 'connect');
      const cut = link.cutBehind('"pid":"');
      link.accept();
      await cut;
      await connected;
      await n.are(20);
      await isRecovered(client, id);
    });

    test('a cut inside the handshake of the way back', async () => {
      // The official client notices an end that comes before the handshake only when its attempt has lasted too long.
      const { client, link, n } = await server.connect(way, { timeout: 300 });
      const { id } = client;
      await server.offline({ client, link });
      await server.emit({ to: id, count: 20 });
      const connected = event(client, 'connect');
      const cut = link.cutBehind('"pingInterval"');
      link.accept();
      await cut;
      await connected;
      await n.are(20);
      await isRecovered(client, id, 20);
    });

    test('two cuts in a row, the second as soon as the client is back, and then eight more', async () => {
      const { client, link, n } = await quick.connect(way);
      const { id } = client;
      for (let cut = 0; cut < 10; cut++) {
        const connected = event(client, 'connect');
        await quick.emit({ to: id, first: cut * 10, count: 5 });
        await link.cut({ how: cut % 2 ? 'fin' : 'rst' });
        await quick.emit({ to: id, first: cut * 10 + 5, count: 5 });
        await connected;
        assert.equal(client.recovered, true);
        await upgraded(client);
      }
      await quick.emit({ to: id, first: 100 });
      await n.are(101);
      await isRecovered(client, id);
    });

    test('three clients at once, with a room in common', async () => {
      const three = await Promise.all([1, 2, 3].map(() => server.connect(way)));
      const room = three[0].client.id + 's friends';
      await Promise.all(three.map(({ client }) => client.emitWithAck('join', [room])));
      const ids = three.map(({ client }) => client.id);
      await server.emit({ to: room, count: 5 });
      const back = Promise.all(three.map(({ client }) => event(client, 'connect')));
      await Promise.all(three.map(({ link }) => link.cut({ refuse: true })));
      await server.emit({ to: room, first: 5, count: 20 });
      for (const { link } of three) link.accept();
      await back;
      await server.emit({ to: room, first: 25 });
      for (const [i, { client, n }] of three.entries()) {
        await n.are(26);
        await isRecovered(client, ids[i]);
      }
    });

    test('events that go on while the client is cut and comes back, five times', async () => {
      const { client, link, n } = await quick.connect(way);
      const { id } = client;
      let next = 0;
      for (let cut = 0; cut < 5; cut++) {
        const connected = event(client, 'connect');
        for (const end = next + 50; next < end; next += 5) {
          await quick.emit({ to: id, first: next, count: 5 });
          if (next % 50 === 20) link.cut(); // nobody waits for it
        }
        await connected;
        await upgraded(client);
      }
      await quick.emit({ to: id, first: next });
      await n.are(next + 1);
      await isRecovered(client, id);
    });

    test('what the client emits while it is away arrives once it is back, in order', async () => {
      const { client, link } = await server.connect(way);
      const { id } = client;
      const heard = [];
      client.on('back', number => heard.push(number));
      await server.offline({ client, link });
      for (let i = 0; i < 5; i++) client.emit('back', i);
      const last = event(client, 'connect');
      link.accept();
      await last;
      await client.emitWithAck('sum', 1, 1);
      await isRecovered(client, id);
      assert.deepEqual(heard, [0, 1, 2, 3, 4]);
    });

    test('W37: connect() twice on the way back leaves one socket, with all events', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      await server.offline({ client, link });
      await server.emit({ to: id, count: 3 });
      // No middleware waits, so the first CONNECT is answered before the second is read. That one ends the connection, and the client comes back once more.
      client.io.once('open', () => client.connect());
      const twice = new Promise(resolve => {
        let times = 0;
        client.on('connect', () => ++times === 2 && resolve());
      });
      link.accept();
      await within(twice, 'two connections');
      await server.emit({ to: id, first: 3, count: 3 });
      await n.are(6);
      await isRecovered(client, id);
    });
  });
}

test('W1: a takeover on polling while a poll of the old connection is being answered', async () => {
  const { client, link, n } = await server.connect('polling only');
  const { id } = client;
  const connected = event(client, 'connect');
  const cut = link.cutBehind('["n",1,"');
  await server.emit({ to: id, count: 3 });
  await cut;
  await connected;
  await n.are(3);
  await isRecovered(client, id);
  assert.equal(await server.saw(`disconnect-${id}`), 'transport close');
});

test('a response to a poll that breaks off in its body is lost as a whole, and comes again as a whole', async () => {
  const { client, link, n } = await server.connect('polling only');
  const { id } = client;
  await server.emit({ to: id, count: 1 });
  await n.are(1);
  await server.offline({ client, link });
  await server.emit({ to: id, first: 1, count: 6 });
  // One payload: the answer to CONNECT, and all that was missed.
  const connected = event(client, 'connect');
  const cut = link.cutBehind('["n",4,', { bytes: 24 });
  link.accept();
  await cut;
  await connected;
  await n.are(7);
  await isRecovered(client, id, 6);
});
