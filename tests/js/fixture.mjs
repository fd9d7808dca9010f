// The C# fixture as a process of its own, and clients of the official library that end with their test.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import msgpack from 'socket.io-msgpack-parser';
import { io } from 'socket.io-client';
import { Link } from './link.mjs';
import { within } from './waiting.mjs';

export { within };

const program = new URL('../../artifacts/bin/JsFixture/release/JsFixture.dll', import.meta.url).pathname;

export const ways = {
  'polling only': { transports: ['polling'] },
  'WebSocket only': { transports: ['websocket'] },
  'polling with upgrade': { transports: ['polling', 'websocket'] },
};

/** The parsers that the fixture can speak: what its clients need for it. */
const parsers = { msgpack };

/** `parser`: one of its names for it, and the parser for the clients. The environment chooses another one for whole files of tests. */
export async function startFixture({ parser = process.env.HOLDFAST_TEST_PARSER, clientParser = parsers[parser], ...options } = {}) {
  const args = Object.entries(options).map(([name, value]) => `--Socket:${name}=${value}`);
  if (parser) args.push(`--Parser=${parser}`);
  const server = spawn('dotnet', [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await within(new Promise((resolve, reject) => {
    server.once('exit', code => reject(new Error(`the fixture ended with code ${code}`)));
    createInterface({ input: server.stdout }).on('line', line => {
      const match = /^listening on (\d+)$/.exec(line);
      if (match) resolve(+match[1]);
    });
  }), 'the fixture listens', 30_000);
  return new Fixture(server, `http://127.0.0.1:${port}`, clientParser);
}

class Fixture {
  #clients = [];
  #links = [];

  constructor(server, url, parser) {
    this.server = server;
    this.url = url;
    this.parser = parser;
  }

  /** A link of a client's own: pass it to `open` or `connect`, and break it. */
  async link() {
    const link = await Link.to(new URL(this.url));
    this.#links.push(link);
    return link;
  }

  /** A client that is on its way; `library` makes it, the official one of today unless a test brings another. */
  open(way, { nsp = '/', link, library = io, ...options } = {}) {
    const { parser } = this;
    const client = library((link ?? this).url + nsp, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 50, ...(parser && { parser }), ...ways[way], ...options });
    this.#clients.push(client);
    return client;
  }

  /** A client that has arrived, on the transport that its way leads to. */
  async connect(way, options) {
    const client = this.open(way, options);
    await event(client, 'connect');
    await upgraded(client);
    return client;
  }

  /** What the server saw: `disconnect-ID` is a reason. Waits until it has happened. */
  async saw(name) {
    const answer = await within(fetch(`${this.url}/seen/${encodeURIComponent(name).replaceAll('%2F', '/')}`), `the server sees ${name}`);
    return answer.text();
  }

  post(path, parameters) {
    return fetch(`${this.url}${path}${parameters ? `?${new URLSearchParams(parameters)}` : ''}`, { method: 'POST' });
  }

  closeClients() {
    for (const client of this.#clients.splice(0)) {
      for (const socket of Object.values(client.io.nsps)) socket.disconnect();
    }
    for (const link of this.#links.splice(0)) link.close();
  }

  async stop({ clients = true } = {}) {
    if (clients) this.closeClients();
    if (this.server.exitCode !== null) return;
    this.server.kill('SIGTERM');
    await once(this.server, 'exit');
  }
}

/** Waits for the transport that the client's way leads to. */
export async function upgraded(client) {
  const { engine, opts } = client.io;
  if (opts.transports.length > 1 && engine.transport.name !== 'websocket') await event(engine, 'upgrade');
}

/** The arguments of the next event of that name. */
export function event(emitter, name, milliseconds) {
  return within(new Promise(resolve => emitter.once(name, (...args) => resolve(args))), `the event ${name}`, milliseconds);
}

/** Collects the first argument of each event; `until(n)` waits for n of them. */
export function collect(client, name) {
  const got = [];
  let wake = () => {};
  client.on(name, value => {
    got.push(value);
    wake();
  });
  return {
    got,
    until: count => within((async () => {
      while (got.length < count) await new Promise(resolve => { wake = resolve; });
      return got;
    })(), `${count} times ${name}`, 20_000),
  };
}
