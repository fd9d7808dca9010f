// The oracle server as its contract says: processes that may share a log, and the way between a client and one of them, which can be cut and can lead elsewhere.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { io } from 'socket.io-client';

const program = new URL('../../artifacts/bin/OracleServer/release/OracleServer.dll', import.meta.url).pathname;
const patience = 20_000;

/** Starts one process; resolves when it has said that it listens. */
export async function startOracle(...words) {
  const port = await freePort();
  const child = spawn('dotnet', [program, String(port), ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', data => output += data);
  const end = async signal => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await within(once(child, 'exit'), `the end by ${signal}`);
    }
    return child.exitCode;
  };
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: ${output}`);
      return output.includes(`listening on ${port}\n`);
    }, `the server listens; it said: ${output}`);
  } catch (error) {
    await end('SIGKILL');
    throw error;
  }
  return { port, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** Runs the program with words that it refuses; resolves with its exit code and what it said. */
export async function refusal(...words) {
  const child = spawn('dotnet', [program, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', data => said += data);
  const [code] = await within(once(child, 'close'), 'the end of a program that was refused');
  return { code, said };
}

/** The way to a server: `lead` says to which one, null to none; `cut` breaks all connections. */
export class Way {
  #wires = new Set();
  #port;

  static async to(server) {
    const way = new Way();
    way.lead(server);
    way.listener = net.createServer({ noDelay: true }, client => way.#carry(client));
    way.listener.listen(0, '127.0.0.1');
    await once(way.listener, 'listening');
    way.url = `http://127.0.0.1:${way.listener.address().port}`;
    return way;
  }

  lead(server) { this.#port = server?.port ?? null; }

  cut() {
    // Node never lets go of a socket that is reset while its own end is on its way.
    for (const wire of this.#wires) wire.writableEnded ? wire.destroy() : wire.resetAndDestroy();
    this.#wires.clear();
  }

  /** Nothing passes any more, and nobody hears of it. */
  freeze() {
    this.lead(null);
    for (const wire of this.#wires) wire.unpipe().pause();
  }

  close() {
    this.lead(null);
    this.cut();
    this.listener.close();
  }

  #carry(client) {
    client.on('error', () => {});
    if (this.#port === null) return client.resetAndDestroy();
    const server = net.connect({ host: '127.0.0.1', port: this.#port, noDelay: true });
    for (const [end, other] of [[client, server], [server, client]]) {
      this.#wires.add(end);
      end.on('error', () => {});
      end.on('close', () => {
        this.#wires.delete(end);
        other.destroy();
      });
      end.pipe(other);
    }
  }
}

/** The official client on a way of its own, and all that it has heard: `seen` as [seq, payload], `returns` as what `recovered` was at each connection but the first. */
export class Client {
  seen = [];
  returns = [];

  static async open(server, { nsp = '/', transports = ['polling', 'websocket'] } = {}) {
    const client = new Client();
    client.way = await Way.to(server);
    client.socket = io(client.way.url + nsp, { transports, forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, randomizationFactor: 0.5 });
    client.socket.on('msg', (seq, payload) => client.seen.push([seq, payload]));
    await within(new Promise(resolve => client.socket.once('connect', resolve)), 'the first connection');
    client.socket.on('connect', () => client.returns.push(client.socket.recovered));
    client.id = client.socket.id;
    return client;
  }

  /** The answer's arguments, of an event that is answered with one or none. */
  ask(event, ...args) { return this.socket.timeout(patience).emitWithAck(event, ...args); }

  /** Its connection is cut, and there is no way back until `way.lead`. */
  async lose() {
    this.way.lead(null);
    this.way.cut();
    await until(() => !this.socket.connected, `the loss at ${this.id}`);
  }

  /** Waits until it has come back so many times. */
  async isBack(count) {
    await until(() => this.returns.length >= count, `return ${count} of ${this.id}, after ${this.returns}`);
  }

  async hears(count) {
    await until(() => this.seen.length >= count, `message ${count} at ${this.id}, after ${this.seen.length}`);
  }

  close() {
    this.socket.disconnect();
    this.way.close();
  }
}

export async function until(condition, what) {
  for (const end = Date.now() + patience; !condition();) {
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 5));
  }
}

async function within(promise, what) {
  let timer;
  try {
    return await Promise.race([promise, new Promise((_, reject) => timer = setTimeout(() => reject(new Error(`never came: ${what}`)), patience))]);
  } finally {
    clearTimeout(timer);
  }
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
