// What the cases do to a server, with the official client.

import { isDeepStrictEqual } from 'node:util';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';
import { startLink } from './link.mjs';

const limit = 5_000;

/** Runs one case on one server. */
export async function run(one, server) {
  const clients = [];
  const link = await startLink(server.port);
  const tools = {
    server, link, settle,
    async connect({ over = server, hello = true, auth = {} } = {}) {
      const client = new Client(over.port, auth);
      clients.push(client);
      await client.connect();
      if (hello) {
        await server.tell('emit', { name: 'hello', args: [] });
        await settle(client);
      }
      return client;
    },
    async cut(client) {
      client.cut();
      await within(client.gone, 'the client notices the cut');
      await server.tell('cut-seen', { sid: client.id });
    },
    async resume(client) {
      await client.connect();
      await settle(client);
    },
    raw: send => countConnects(server.port, send),
  };
  try {
    return await within(one.run(tools), one.asked, 15_000);
  } finally {
    for (const client of clients) client.socket.disconnect();
    link.stop();
  }
}

class Client {
  #events = [];

  constructor(port, auth) {
    const socket = this.socket = io(`http://127.0.0.1:${port}`, { forceNew: true, reconnection: false, autoConnect: false, transports: ['websocket'], auth });
    socket.onAny((name, ...args) => this.#events.push({ name, args }));
    socket.on('connect', () => { this.id = socket.id; });
  }

  get recovered() {
    return this.socket.recovered === true;
  }

  async connect() {
    const { socket } = this;
    const connected = new Promise((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', reject);
    });
    socket.connect();
    await within(connected, 'the client connects');
    this.gone = new Promise(resolve => socket.once('disconnect', resolve));
  }

  /** Comes back; completes when that connection is over too. */
  loseNext() {
    const over = new Promise(resolve => this.socket.io.once('close', resolve));
    this.socket.connect();
    return within(over, 'the connection ends again');
  }

  /** As a broken network does it: the other side hears nothing of it but the end of the connection. */
  cut() {
    this.socket.io.engine.transport.ws.terminate();
  }

  pinged() {
    return within(new Promise(resolve => this.socket.io.once('ping', resolve)), 'a ping comes');
  }

  /** Whether the events of this name came, each once, in this order, with these arguments and at most the offset behind them. */
  got(name, ...expected) {
    const events = this.#events.filter(event => event.name === name);
    return events.length === expected.length && events.every(({ args }, i) => isDeepStrictEqual(args.slice(0, expected[i].length), expected[i]));
  }
}

/** Everything that the server has sent so far has arrived. */
function settle(client) {
  return client.socket.timeout(limit).emitWithAck('echo');
}

async function countConnects(port, send) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`);
  try {
    return await within(new Promise((resolve, reject) => {
      let answers = 0;
      socket.on('error', reject);
      socket.on('close', () => resolve(answers));
      socket.on('message', data => {
        const text = data.toString();
        if (text.startsWith('0')) {
          send(socket);
        } else if (text.startsWith('40')) {
          if (++answers === 1) socket.send('420["echo"]'); // its answer comes behind whatever else the burst brings
        } else if (text.startsWith('430')) {
          resolve(answers);
        }
      });
    }), 'the answers to CONNECT');
  } finally {
    socket.terminate();
  }
}

function within(promise, what, milliseconds = limit) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not in ${milliseconds} ms: ${what}`)), milliseconds).unref();
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
