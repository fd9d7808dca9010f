// Middlewares that run on the way back, and what a client says of itself in its auth.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways, within } from './fixture.mjs';
import { isFresh, isRecovered, isStateOnly, settled, startRecovering } from './recovering.mjs';

const nsp = '/checked';

let checking; // the middlewares run for everybody
let skipping; // the default: not for those who are recovered
before(async () => {
  [checking, skipping] = await Promise.all([
    startRecovering({ SkipMiddlewares: false }),
    startRecovering({ server: { PingInterval: '00:00:00.300', PingTimeout: '00:00:01' } }),
  ]);
});
afterEach(() => [checking, skipping].forEach(each => each.closeClients()));
after(() => Promise.all([checking.stop(), skipping.stop()]));

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('W12: what is emitted while the middlewares run is not lost', async () => {
      let wishes = {};
      const { client, link, n } = await checking.connect(way, { nsp, auth: done => done(wishes) });
      const { id } = client;
      await checking.emit({ ns: nsp, to: id });
      await n.are(1);
      wishes = { gate: `W12-${id}` };
      const connected = event(client, 'connect');
      await link.cut();
      await checking.emit({ ns: nsp, to: id, first: 1 });
      assert.equal(await checking.saw(`waiting-W12-${id}`), 'True'); // it would be recovered
      await checking.emit({ ns: nsp, to: id, first: 2, count: 3 });
      await checking.tell(`open-W12-${id}`);
      await connected;
      await checking.emit({ ns: nsp, to: id, first: 5 });
      await n.are(6);
      await isRecovered(client, id, 4);
    });

    test('W22, W33: who is refused on the way back gets nothing, and all of it when it is let in', async () => {
      let wishes = {};
      const { client, link, n } = await checking.connect(way, { nsp, auth: done => done(wishes) });
      const { id } = client;
      const heard = [];
      client.onAny((...all) => heard.push(all));
      await checking.offline({ client, link });
      await checking.emit({ ns: nsp, to: id, count: 3 });
      wishes = { refuse: true, greet: true };
      link.accept();
      await refusal(client);
      assert.deepEqual([heard, client.receiveBuffer], [[], []]);
      wishes = {};
      client.connect();
      await event(client, 'connect');
      await n.are(3);
      await isRecovered(client, id, 3);
    });

    test('W13: what a middleware emits arrives, on the first connection and on the way back behind what was missed', async () => {
      const link = await checking.link();
      const client = checking.open(way, { link, nsp, auth: { greet: true } });
      const order = [];
      client.on('connect', () => order.push('connect'));
      client.on('greeting', id => order.push(id));
      client.on('n', number => order.push(number));
      await event(client, 'greeting');
      const { id } = client;
      await settled(client);
      const greeted = event(client, 'greeting');
      await link.cut();
      await checking.emit({ ns: nsp, to: id, count: 2 });
      await greeted;
      await isRecovered(client, id);
      assert.deepEqual(order.filter(what => what === 'connect' || what === id), ['connect', id, 'connect', id]);
      assert.deepEqual(order.filter(what => typeof what === 'number'), [0, 1]);
    });

    test('W37: connect() twice while a middleware waits leaves one socket on the connection', async () => {
      let wishes = {};
      const { client, link, n } = await checking.connect(way, { nsp, auth: done => done(wishes) });
      const { id } = client;
      await checking.offline({ client, link });
      await checking.emit({ ns: nsp, to: id, count: 3 });
      wishes = { gate: `W37-${id}` };
      // The answer for another namespace, asked for last, shows that the server has read both CONNECTs.
      const readBoth = new Promise(resolve => client.io.once('open', () => {
        client.connect();
        client.io.socket('/custom').once('connect', resolve);
      }));
      const gone = [];
      client.on('disconnect', reason => gone.push(reason));
      const connected = event(client, 'connect');
      link.accept();
      assert.equal(await checking.saw(`waiting-W37-${id}`), 'True');
      await within(readBoth, 'the answer for another namespace');
      await checking.tell(`open-W37-${id}`);
      await connected;
      await n.are(3);
      await isRecovered(client, id, 3);
      assert.deepEqual(gone, []);
    });

    test('a client that is recovered passes without the middlewares, by default', async () => {
      let wishes = {};
      const { client, link, n } = await skipping.connect(way, { nsp, auth: done => done(wishes) });
      const { id } = client;
      wishes = { refuse: true };
      await skipping.away({ client, link }, () => skipping.emit({ ns: nsp, to: id }));
      await n.are(1);
      await isRecovered(client, id, 1);
    });

    test('a client that is not recovered never passes without the middlewares', async () => {
      let wishes = {};
      const { client, link } = await skipping.connect(way, { nsp, auth: done => done(wishes) });
      const { id } = client;
      await skipping.offline({ client, link });
      await skipping.kick(id, nsp);
      await skipping.saw(`expired-${id}`);
      wishes = { refuse: true };
      link.accept();
      await refusal(client);
      assert.equal(client.active, false);
    });

    test('W35: handlers see neither the private id nor the offset', async () => {
      for (const auth of [undefined, { token: 'secret' }]) {
        const { client, link, n } = await skipping.connect(way, { auth });
        const { id } = client;
        await skipping.emit({ to: id });
        await n.are(1);
        assert.ok(client._pid && client._lastOffset);
        await skipping.away({ client, link });
        await isRecovered(client, id, 0);
        assert.deepEqual(await client.emitWithAck('auth'), auth ?? null);
      }
    });

    test('W5: an offset of the application in auth hides ours: who missed nothing is recovered', async () => {
      const { client, link, n } = await skipping.connect(way, { auth: { offset: 'page 7' } });
      const { id } = client;
      await skipping.emit({ to: id });
      await n.are(1);
      // The server knows what has arrived from the answer to a ping that it sent afterwards: when the third comes, it has had that of the second.
      for (let i = 0; i < 3; i++) await event(client.io, 'ping');
      await skipping.away({ client, link });
      await isRecovered(client, id, 0);
      assert.deepEqual(await client.emitWithAck('auth'), { offset: 'page 7' });
    });

    test('W5: an offset of the application in auth hides ours: who may have missed something is told so', async () => {
      for (const offset of ['page 7', 7]) {
        const { client, link, n } = await skipping.connect(way, { auth: { offset } });
        const { id } = client;
        await client.emitWithAck('join', [`room-${id}`]);
        await skipping.away({ client, link }, () => skipping.emit({ to: `room-${id}`, first: 1 }));
        await isStateOnly(client, id, 'ForeignOffset');
        await skipping.emit({ to: `room-${id}`, first: 2 });
        await n.are([2]);
        assert.deepEqual(await client.emitWithAck('auth'), { offset });
      }
    });

    test('W5: a pid of the application in auth asks for a session that does not exist, and stays where it is', async () => {
      const { client, link, n } = await skipping.connect(way, { auth: { pid: 'process 7' } });
      const { id } = client;
      assert.deepEqual(await client.emitWithAck('recovery'), { recovered: false, outcome: 'Fresh', reason: 'UnknownSession', missed: 0 });
      assert.deepEqual(said(await client.emitWithAck('auth')), { pid: 'process 7' });
      await skipping.away({ client, link }, () => skipping.emit({ to: id, first: 1 }));
      await isFresh(client, id, 'UnknownSession');
      await skipping.emit({ to: client.id, first: 2 });
      await n.are([2]);
      assert.deepEqual(said(await client.emitWithAck('auth')), { pid: 'process 7' });
    });
  });
}

/** The client adds an offset that is undefined, which MessagePack keeps. */
function said(auth) {
  return JSON.parse(JSON.stringify(auth));
}

/** The refusal of a middleware; on the way to it the network may have failed a few times more. */
async function refusal(client) {
  for (;;) {
    const [error] = await event(client, 'connect_error');
    if (error.message === 'refused') return;
  }
}
