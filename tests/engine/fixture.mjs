// The C# fixture as a process of its own, and clients of the official engine.io-client that end with their test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { Socket } from 'engine.io-client';
import { Link } from '../js/link.mjs';
import { within } from '../js/waiting.mjs';

export { within };

const program = new URL('../../artifacts/bin/EngineFixture/release/EngineFixture.dll', import.meta.url).pathname;

export const ways = {
  polling: { transports: ['polling'], upgrade: false },
  websocket: { transports: ['websocket'] },
  upgrade: { transports: ['polling', 'websocket'] },
};

/** `endpoints` are names with the options of each, as EngineIOOptions names them. */
export async function startFixture(endpoints) {
  const args = Object.entries(endpoints).flatMap(([name, options]) =>
    Object.entries({ Transports: 'All', ...options }).map(([option, value]) => `--Engine:${name}:${option}=${value}`));
  const server = spawn('dotnet', [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await within(new Promise((resolve, reject) => {
    server.once('exit', code => reject(new Error(`the fixture ended with code ${code}`)));
    createInterface({ input: server.stdout }).on('line', line => {
      const match = /^listening on (\d+)$/.exec(line);
      if (match) resolve(+match[1]);
    });
  }), 'the fixture listens', 30_000);
  return new Fixture(server, `http://127.0.0.1:${port}`);
}

class Fixture {
  #clients = [];
  #links = [];

  constructor(server, url) {
    this.server = server;
    this.exited = once(server, 'exit');
    this.url = url;
  }

  async link() {
    const link = await Link.to(new URL(this.url));
    this.#links.push(link);
    return link;
  }

  /** A client that is on its way; it may hear messages as soon as this returns. */
  open(way, endpoint, { link, query, search = '', ...options } = {}) {
    const client = new Socket(`${(link ?? this).url.replace('http', 'ws')}${search}`, { path: `/${endpoint}`, query, ...ways[way], ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client that has arrived, on the transport that its way leads to. */
  async connect(way, endpoint, options) {
    const client = this.open(way, endpoint, options);
    await event(client, 'open');
    if (way === 'upgrade' && client.transport.name !== 'websocket') await event(client, 'upgrade');
    return client;
  }

  /** What the server saw: `open-ID`, `close-ID` (a reason), `messages-ID` (all of them, at the close). Waits until it has happened. */
  async saw(name) {
    return (await within(fetch(`${this.url}/seen/${name}`), `the server sees ${name}`)).text();
  }

  async count() {
    return +await (await fetch(`${this.url}/count`)).text();
  }

  /** What the server does to a session. */
  async tell({ id }, what, parameters = []) {
    const answer = await fetch(`${this.url}/sessions/${id}/${what}?${new URLSearchParams(parameters)}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${what} failed with ${answer.status}`);
  }

  say(client, ...texts) {
    return this.tell(client, 'send', texts.map(text => ['text', text]));
  }

  closeClients() {
    for (const client of this.#clients.splice(0)) client.close();
    for (const link of this.#links.splice(0)) link.close();
  }

  async stop() {
    this.closeClients();
    if (this.server.exitCode !== null) return;
    this.server.kill('SIGTERM');
    await this.exited;
  }
}

/** The arguments of the next event of that name. */
export function event(emitter, name, milliseconds) {
  return within(new Promise(resolve => emitter.once(name, (...args) => resolve(args))), `the event ${name}`, milliseconds);
}

/** The reason of a client's end. */
export async function ended(client) {
  return (await event(client, 'close'))[0];
}

/** Collects the messages of a client; `until(n)` waits for n of them. */
export function collect(client) {
  const got = [];
  let wake = () => {};
  client.on('message', message => {
    got.push(message);
    wake();
  });
  return {
    got,
    until: (count, milliseconds = 20_000) => within((async () => {
      while (got.length < count) await new Promise(resolve => { wake = resolve; });
      return got;
    })(), `${count} messages`, milliseconds),
  };
}
