// What the oracle's contract promises of each log: in memory, in files with one process, and in files with three processes that share them.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { Client, refusal, startOracle } from './oracle.mjs';

const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };
const payloads = [null, 0, '', 'Grüße, 世界', { deep: [1, { a: Buffer.from([0, 255, 10]) }] }, [], Buffer.from('raw'), true];
const payloadOf = seq => payloads[seq % payloads.length];

for (const [title, bus, count] of [['in memory', 'memory', 1], ['in files', 'files', 1], ['in files that three processes share', 'files', 3]]) {
  describe(title, () => {
    const folder = mkdtempSync(join(tmpdir(), 'holdfast-oracle-'));
    const words = bus === 'files' ? ['--bus', bus, '--url', join(folder, 'log')] : ['--bus', bus];
    const start = () => startOracle(...words);
    let servers = [];
    const clients = [];
    const open = async (index, options) => {
      const client = await Client.open(servers[index % servers.length], options);
      clients.push(client);
      return client;
    };

    before(async () => { servers = await Promise.all(Array.from({ length: count }, start)); });
    after(async () => {
      for (const client of clients) client.close();
      await Promise.all(servers.map(server => server.stop()));
      rmSync(folder, { recursive: true, force: true });
    });

    for (const nsp of ['/', '/other']) {
      test(`every message comes once, in order and unchanged, to all of ${nsp}, a room and a socket, whatever happens to connections`, { timeout: 90_000 }, async () => {
        const names = Object.keys(transports);
        const all = await Promise.all(names.map((name, i) => open(i, { nsp, transports: transports[name] })));
        const publisher = await open(1, { nsp });
        for (const [i, client] of all.entries()) {
          await client.ask('join', 'room');
          await client.ask('setData', { name: names[i], deep: { n: i } });
        }

        const sent = [];
        const publish = async (room, n) => {
          for (let i = 0; i < n; i++) {
            sent.push([sent.length + 1, payloadOf(sent.length)]);
            const args = payloadOf(sent.length - 1) === null ? [] : [payloadOf(sent.length - 1)];
            await publisher.ask('publish', room, sent.length, ...args);
          }
        };
        for (let round = 1; round <= 4; round++) {
          await publish('', 5);
          for (const client of all) await client.lose();
          if (round % 2) await publish('room', 10); // all are away
          for (const [i, client] of all.entries()) client.way.lead(servers[(i + round) % count]);
          await publish('room', 10); // they come back one after the other
          for (const client of all) await client.isBack(round);
        }
        // To one socket by its id, wherever it is.
        await publisher.ask('publish', all[0].id, 1000, 'for one');

        for (const client of all) {
          const mine = client === all[0] ? [...sent, [1000, 'for one']] : sent;
          await client.hears(mine.length);
          assert.deepEqual(client.seen, mine);
          assert.deepEqual(client.returns, Array(4).fill(true));
          assert.equal(client.socket.id, client.id);
        }
        for (const [i, client] of all.entries()) {
          const who = await client.ask('whoami');
          assert.deepEqual({ ...who, rooms: who.rooms.toSorted() }, { id: client.id, recovered: true, rooms: ['room', client.id].toSorted(), data: { name: names[i], deep: { n: i } } });
        }
      });
    }

    test('what is asked of a socket alone is answered alike everywhere', async () => {
      const client = await open(2);
      const back = new Promise(resolve => client.socket.once('back', (...args) => resolve(args)));
      assert.deepEqual(await new Promise(resolve => client.socket.emit('echo', 1, 'two', { three: Buffer.from('3') }, (...args) => resolve(args))), [1, 'two', { three: Buffer.from('3') }]);
      client.socket.emit('back', 'x', null);
      assert.deepEqual((await back).slice(0, 2), ['x', null]);
      assert.deepEqual(await client.ask('whoami'), { id: client.id, recovered: false, rooms: [client.id], data: {} });
    });

    test('nobody gets into /auth without the token', async () => {
      const url = `http://127.0.0.1:${servers[0].port}/auth`;
      const refused = io(url, { forceNew: true });
      const error = await new Promise(resolve => refused.once('connect_error', resolve));
      refused.disconnect();
      assert.equal(error.message, 'not authorized');
      const auth = { token: 'let-me-in', n: 7 };
      const admitted = io(url, { forceNew: true, auth });
      const [welcome] = await new Promise(resolve => admitted.once('welcome', (...args) => resolve(args)));
      admitted.disconnect();
      assert.deepEqual(welcome, { auth });
    });

    if (bus === 'files') {
      test('after kill -9 all clients come back recovered, with every message', { timeout: 90_000 }, async () => {
        const all = await Promise.all(Object.values(transports).map((words, i) => open(i, { transports: words })));
        for (const client of all) await client.ask('join', 'crash');
        const sent = [];
        for (let round = 1; round <= 3; round++) {
          const publisher = await open(round);
          const publish = async (publisher, n) => {
            for (let i = 0; i < n; i++) {
              sent.push(sent.length + 1);
              await publisher.ask('publish', 'crash', sent.length, payloadOf(sent.length));
            }
          };
          await publish(publisher, 5);
          publisher.close();
          // Who was on the one that is killed finds another; with one process, the next.
          const victim = servers[round % count];
          for (const client of all) client.way.lead(null);
          await victim.kill();
          for (const client of all) await client.lose();
          const next = await start();
          servers[round % count] = next;
          const another = await open(round + 1);
          await publish(another, 5);
          for (const [i, client] of all.entries()) client.way.lead(servers[(i + round) % count]);
          for (const client of all) await client.isBack(round);
          await publish(another, 5);
          another.close();
        }
        for (const client of all) {
          await client.hears(sent.length);
          assert.deepEqual(client.seen.map(([seq]) => seq), sent);
          assert.deepEqual(client.returns, Array(3).fill(true));
          const { rooms, recovered } = await client.ask('whoami');
          assert.deepEqual([rooms.toSorted(), recovered], [['crash', client.id].toSorted(), true]);
        }
      });
    }

    test('on SIGTERM it is gone within five seconds, and in order', { timeout: 60_000 }, async () => {
      const client = await open(0);
      const silent = await open(0, { transports: ['websocket'] });
      silent.way.freeze();
      const started = Date.now();
      assert.equal(await servers[0].stop(), 0);
      assert.ok(Date.now() - started < 5000, `it took ${Date.now() - started} ms`);
      if (bus === 'files') {
        servers[0] = await start();
        client.way.lead(servers[count - 1]);
        await client.isBack(1);
        assert.deepEqual(client.returns, [true]);
      }
    });
  });
}

describe('words that it does not understand, and folders that it can not use', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-oracle-'));
  after(() => rmSync(folder, { recursive: true, force: true }));

  for (const [words, said] of [
    [[], /^usage: OracleServer PORT/],
    [['port'], /^usage:/],
    [['0', '--bus'], /^usage:/],
    [['0', '--bus', 'pigeons'], /^there is no bus 'pigeons'/],
    [['0', '--bus', 'files'], /^--bus files needs --url/],
    [['0', '--bus', 'files', '--url', '/dev/null'], /\/dev\/null/],
    [['0', '--color', 'red'], /^'--color' is not understood/],
  ]) {
    test(`OracleServer ${words.join(' ')}`, async () => {
      const refused = await refusal(...words);
      assert.equal(refused.code, 2);
      assert.match(refused.said, said);
    });
  }
});
