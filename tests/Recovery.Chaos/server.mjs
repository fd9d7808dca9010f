// Which server is driven, and what it can do. What that is beyond the oracle's contract it says itself, as the answer to the event `features`.

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { Cluster } from './cluster.mjs';

const patienceMs = 10_000; // on a busy machine; to take a late answer for none would leave out most of what a plan has

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

export async function startServer(command, options) {
  const server = new Cluster(command, options);
  try {
    await server.start();
    server.features = new Set([...await askFeatures(server.port), 'freeze', ...(server.isDurable ? ['durable'] : [])]);
  } catch (error) {
    await server.stop();
    throw error;
  }
  return server;
}

// One that runs already, and that nothing can happen to.
export async function attachServer(url) {
  const port = Number(new URL(url.includes('://') ? url : `http://${url}`).port);
  return { port, nodes: [{ port, thaw() {} }], life: 0, features: await askFeatures(port), output: '', hasEnded: false, async start() {}, async stop() {} };
}

// The plain oracle does not know the question, and answers the next one.
async function askFeatures(port) {
  for (let tries = 1; ; tries++) {
    const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    const ask = event => socket.timeout(patienceMs).emitWithAck(event);
    try {
      return new Set(await Promise.race([ask('features'), ask('whoami').then(() => sleep(500)).then(() => [])]));
    } catch (error) {
      if (tries === 3) throw error; // the heartbeats are so short that a busy machine misses one
    } finally {
      socket.disconnect();
    }
  }
}
