// The bench server keeps the contract that load generators rely on.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { within } from '../js/waiting.mjs';
import { startServer } from './server.mjs';
import { Client, checkCrowd, checkEvents } from './wire.mjs';

const command = ['dotnet', new URL('../../artifacts/bin/BenchServer/release/BenchServer.dll', import.meta.url).pathname];
const offset = String.raw`,"([^"\\]{1,64})"`;

describe('without recovery', () => {
  let server;
  before(async () => { server = await startServer(command); });
  after(() => server.stop());

  test('each event is answered to the byte, on WebSockets', () => checkEvents(server.port));

  test('each event is answered to the byte, on long polling', async () => {
    const url = `http://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=polling`;
    const get = async sid => (await within(fetch(sid ? `${url}&sid=${sid}` : url), 'the poll ends')).text();
    const post = async (sid, ...packets) => (await within(fetch(`${url}&sid=${sid}`, { method: 'POST', body: packets.join('\x1e') }), 'the POST ends')).text();
    const poll = async (sid, count) => {
      const packets = [];
      while (packets.length < count) packets.push(...(await get(sid)).split('\x1e'));
      return packets;
    };

    const open = await get();
    assert.deepEqual(JSON.parse(open.slice(1)), {
      sid: JSON.parse(open.slice(1)).sid, upgrades: ['websocket'], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 1_000_000,
    });
    const { sid } = JSON.parse(open.slice(1));
    assert.equal(await post(sid, '40'), 'ok');
    assert.match((await poll(sid, 1))[0], /^40\{"sid":"[^"]+"\}$/);
    assert.equal(await post(sid, '427["echo","abc"]', '42["echo","abc"]', '429["join","r12"]', '42["room","r12","abc"]', '42["broadcast","abc"]'), 'ok');
    assert.deepEqual(await poll(sid, 5), ['437["abc"]', '42["echo","abc"]', '439[]', '42["room","abc"]', '42["broadcast","abc"]']);
  });

  test('256 handshakes at once are all answered', async () => {
    const clients = await checkCrowd(server.port, 256);
    await Promise.all(clients.map(client => client.close()));
  });
});

describe('with recovery', () => {
  let server;
  before(async () => { server = await startServer(command, { RECOVERY: '1' }); });
  after(() => server.stop());

  test('each event is answered to the byte, with an offset behind what is emitted', () => checkEvents(server.port, offset));

  test('a client that was cut gets back its ids, its rooms, and once what it missed', async () => {
    const [cut, sender] = await Promise.all([Client.open(server.port), Client.open(server.port)]);
    const ids = cut.connected;
    cut.send('421["join","r1"]', '42["echo","seen"]');
    assert.equal(await cut.next(), '431[]');
    const [, seen] = new RegExp(`^42\\["echo","seen"${offset}\\]$`).exec(await cut.next());
    await cut.cut();

    const missed = ['a', 'b', 'c'];
    sender.send(...missed.map(payload => `42["broadcast","${payload}"]`), '42["room","r1","d"]', '42["room","r2","e"]');
    for (const payload of missed) assert.match(await sender.next(), new RegExp(`^42\\["broadcast","${payload}"${offset}\\]$`));

    const back = await Client.open(server.port, `40{"pid":"${JSON.parse(ids.slice(2)).pid}","offset":"${seen}"}`);
    assert.equal(back.connected, ids);
    for (const payload of missed) assert.match(await back.next(), new RegExp(`^42\\["broadcast","${payload}"${offset}\\]$`));
    assert.match(await back.next(), new RegExp(`^42\\["room","d"${offset}\\]$`));
    await back.quiet();
    await Promise.all([back.close(), sender.close()]);
  });
});

describe('which thread answers', () => {
  const count = 300;

  for (const [name, settings, isPool] of [
    ['the one that reads', {}, false],
    ['one of the pool, without the option', { INLINE: '0' }, true],
    ['one of the pool, when the environment says so', { DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS: '0' }, true],
  ]) {
    test(name, async () => {
      const server = await startServer(command, settings);
      try {
        const client = await Client.open(server.port);
        const before = wakeUps(server.child.pid);
        for (let i = 0; i < count; i++) {
          client.send(`421["echo","${i}"]`);
          assert.equal(await client.next(), `431["${i}"]`);
        }
        const woken = wakeUps(server.child.pid) - before;
        assert.ok(isPool ? woken >= count / 2 : woken < count / 2, `${count} messages woke threads of the pool ${woken} times`);
        await client.close();
      } finally {
        await server.stop();
      }
    });
  }

  // How often the threads of the pool have gone to sleep, by what the kernel says of them.
  function wakeUps(pid) {
    const tasks = `/proc/${pid}/task`;
    return readdirSync(tasks).filter(task => readFileSync(`${tasks}/${task}/comm`, 'utf8').startsWith('.NET TP Worker'))
      .reduce((sum, task) => sum + +/^voluntary_ctxt_switches:\s*(\d+)$/m.exec(readFileSync(`${tasks}/${task}/status`, 'utf8'))[1], 0);
  }
});

test('it ends in time with clients on it', async () => {
  const server = await startServer(command);
  const clients = await checkCrowd(server.port, 50);
  assert.equal(await server.stop(), 0);
  await within(Promise.all(clients.map(client => client.closed)), 'the clients see it');
});

test('it says what is wrong with its port', async () => {
  await assert.rejects(startServer(command, { PORT: 'x' }), /ended with code 2/);
});
