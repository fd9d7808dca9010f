// The client that Debian has for Python, which nobody of the project wrote: blocking and asynchronous, on both transports. peer.py says what it tries.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { startFixture, within } from '../js/fixture.mjs';
import { pythonPath } from '../python.mjs';

const script = new URL('./peer.py', import.meta.url).pathname;

/** What it printed; fails with its complaint. */
async function run(...args) {
  const peer = spawn(pythonPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let complaint = '';
  peer.stdout.on('data', data => output += data);
  peer.stderr.on('data', data => complaint += data);
  try {
    const code = await within(new Promise((resolve, reject) => peer.on('close', resolve).on('error', reject)), 'the Python client ends', 60_000);
    assert.equal(code, 0, complaint);
    return output.trim();
  } finally {
    peer.kill('SIGKILL');
  }
}

const servers = [
  ['a plain server', {}, []],
  ['a server with recovery', { 'ConnectionStateRecovery:MaxDisconnectionDuration': '00:02:00' }, ['offsets']],
];

for (const [title, options, more] of servers) {
  describe(title, () => {
    let server;
    before(async () => { server = await startFixture({ PingInterval: '00:00:00.500', ...options }); });
    after(() => server.stop());

    for (const kind of ['blocking', 'asyncio']) {
      for (const transport of ['polling', 'websocket']) {
        test(`the ${kind} client of Python does all it can over ${transport}`, async () => {
          const id = await run(kind, transport, server.url, ...more);
          // It goes without waiting for its last packets to leave.
          assert.match(await server.saw(`disconnect-${id}`), /^(client namespace disconnect|transport close|transport error)$/);
        });
      }
    }
  });
}
