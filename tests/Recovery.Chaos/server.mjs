// The server under test: one process per worker, on a port that the system chose, or one that runs already.
// What it can do beyond the oracle's contract it says itself, as the answer to the event `features`.

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import net from 'node:net';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');

export function assembly(name) {
  return join(root, 'artifacts', 'bin', name, 'release', `${name}.dll`);
}

// Words of the command that starts the server, without the port.
export function serverCommand(kind) {
  if (process.env.HOLDFAST_ORACLE) return process.env.HOLDFAST_ORACLE.split(' ').filter(Boolean);
  const dll = assembly(kind === 'oracle' ? 'OracleServer' : 'ChaosServer');
  if (!existsSync(dll)) throw new Error(`${dll} is not built; build it with -c Release, or name a command in HOLDFAST_ORACLE`);
  return ['dotnet', dll];
}

export async function startServer(command) {
  const port = await freePort();
  const child = spawn(command[0], [...command.slice(1, 2), String(port), ...command.slice(2)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const heard = new Promise((resolve, reject) => {
    const listen = data => {
      output = (output + data).slice(-20_000);
      if (output.includes(`listening on ${port}`)) resolve();
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('error', reject);
    child.on('exit', code => reject(new Error(`the server ended with ${code}\n${output}`)));
    setTimeout(() => reject(new Error(`the server was not ready within 20 s\n${output}`)), 20_000).unref();
  });
  const stopWithUs = () => child.kill('SIGKILL');
  process.on('exit', stopWithUs);
  await heard;
  let thaw = null;
  return {
    port,
    features: new Set([...await askFeatures(port), 'freeze']),
    // The process stands still, and its sockets with it: nothing is answered, nothing is closed.
    freeze(ms) {
      child.kill('SIGSTOP');
      clearTimeout(thaw);
      thaw = setTimeout(() => this.thaw(), ms);
    },
    thaw() {
      clearTimeout(thaw);
      child.kill('SIGCONT');
    },
    get output() { return output; },
    get hasEnded() { return child.exitCode !== null || child.signalCode !== null; },
    async stop() {
      process.off('exit', stopWithUs);
      if (this.hasEnded) return;
      this.thaw();
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
      await once(child, 'exit');
      clearTimeout(patience);
    },
  };
}

export async function attachServer(url) {
  const port = Number(new URL(url.includes('://') ? url : `http://${url}`).port);
  return { port, features: await askFeatures(port), output: '', hasEnded: false, async stop() {} };
}

function askFeatures(port) {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
  return new Promise(resolve => {
    socket.timeout(1000).emit('features', (error, list) => {
      socket.disconnect();
      resolve(new Set(error ? [] : list)); // the plain oracle does not know the question
    });
  });
}

async function freePort() {
  const probe = net.createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}
