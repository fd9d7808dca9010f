// The conformance server, and a bare client of each transport: fetch for polling, ws for WebSocket. Nothing here knows the official client.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const program = new URL('../../artifacts/bin/ConformanceServer/release/ConformanceServer.dll', import.meta.url).pathname;
export const RS = '\x1e';

export async function startServer() {
  const port = await freePort();
  const server = spawn('dotnet', [program, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: server.stdout });
  const [line] = await within(once(lines, 'line'), 'the server listens', 30_000);
  if (line !== `listening on ${port}`) throw new Error(`the server said: ${line}`);
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

/** A polling session by hand. */
export class Polling {
  static async open(url, path) {
    const answer = await fetch(`${url}${path}?EIO=4&transport=polling`);
    const text = await answer.text();
    const session = new Polling();
    Object.assign(session, { answer, text, handshake: JSON.parse(text.slice(1)) });
    session.url = `${url}${path}?EIO=4&transport=polling&sid=${session.handshake.sid}`;
    return session;
  }

  poll() {
    return fetch(this.url);
  }

  async read() {
    return (await this.poll()).text();
  }

  post(body, headers) {
    return fetch(this.url, { method: 'POST', body, headers });
  }
}

/** A WebSocket whose frames are read one after the other. */
export class Frames {
  #frames = [];
  #wake = () => {};

  static async open(url, path, query = 'EIO=4&transport=websocket') {
    const frames = new Frames(url, path, query);
    await within(once(frames.socket, 'open'), 'the WebSocket opens');
    return frames;
  }

  constructor(url, path, query) {
    this.socket = new WebSocket(`${url.replace('http', 'ws')}${path}?${query}`);
    this.socket.on('error', () => {});
    this.closed = once(this.socket, 'close');
    this.socket.on('message', (data, isBinary) => {
      this.#frames.push(isBinary ? data : data.toString());
      this.#wake();
    });
  }

  send(data) {
    this.socket.send(data);
  }

  read() {
    return within((async () => {
      while (this.#frames.length === 0) await new Promise(resolve => { this.#wake = resolve; });
      return this.#frames.shift();
    })(), 'a frame');
  }

  get waiting() {
    return this.#frames.length;
  }

  close() {
    this.socket.terminate();
  }
}

export function sleep(milliseconds) {
  return new Promise(resolve => setTimeout(resolve, milliseconds));
}

export function within(promise, what, milliseconds = 3_000) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in ${milliseconds} ms: ${what}`)), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

function freePort() {
  return new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
