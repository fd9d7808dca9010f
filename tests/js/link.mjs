// A TCP link between one client and the server that breaks where a test says, to the byte. It knows only so much HTTP as it takes to tell a poll from a POST and a WebSocket.

import net from 'node:net';
import { once } from 'node:events';
import { within } from './waiting.mjs';

export class Link {
  #target;
  #listener;
  #pairs = new Set();
  #ends = new Set(); // all that is open at either side, broken or not
  #traps = new Set();
  #watchers = new Set();
  #refusing = false;
  #stalled = false;
  #frozen = false;

  static async to(url) {
    const link = new Link();
    link.#target = { host: url.hostname, port: +url.port };
    link.#listener = net.createServer({ noDelay: true, allowHalfOpen: true }, client => link.#accept(client));
    link.#listener.listen(0, '127.0.0.1');
    await once(link.#listener, 'listening');
    link.url = `http://127.0.0.1:${link.#listener.address().port}`;
    return link;
  }

  /** The end of a refusal. */
  accept() { this.#refusing = false; }

  /**
   * Breaks all connections at both ends, at a moment when the server holds one on which it would notice: a WebSocket, or a poll that waits.
   * `fin` closes them; with `rst` what one end has not read yet may be lost. With `refuse` there is no way back until `accept`.
   */
  async cut({ how = 'fin', refuse = false } = {}) {
    await this.#until(() => [...this.#pairs].some(pair => pair.isWaiting), 'a connection that can be cut');
    this.#refusing ||= refuse;
    this.#breakAll(how);
  }

  /** The client loses its connections, and has no way back until `accept`; the server keeps them, and hears nothing any more. */
  async halfOpen() {
    await this.#until(() => [...this.#pairs].some(pair => pair.isWaiting), 'a connection that can be half open');
    this.#refusing = true;
    for (const pair of this.#pairs) {
      this.#pairs.delete(pair);
      pair.isBroken = true;
      reset(pair.client);
      pair.server.resume(); // what still comes is taken and forgotten
    }
  }

  /**
   * Waits until `mark` has passed in one direction, and `bytes` more behind it, and then breaks all connections, or only `polls`, or only `this` one. What stands before the cut arrives;
   * nothing behind it does.
   */
  cutBehind(mark, { direction = 'down', bytes = 0, which = 'all' } = {}) {
    return within(new Promise(resolve => this.#traps.add({ mark: Buffer.from(mark), direction, bytes, which, resolve })), `${mark} passes`);
  }

  /** The client reads nothing any more, until `flow`. */
  stall() {
    this.#stalled = true;
    for (const pair of this.#pairs) pair.server.pause();
  }

  flow() {
    this.#stalled = false;
    for (const pair of this.#pairs) pair.server.resume();
  }

  /** Nothing passes any more, in either direction, the end of a connection neither. */
  freeze() {
    this.#stalled = this.#frozen = true;
    for (const pair of this.#pairs) {
      pair.server.pause();
      pair.client.pause();
    }
  }

  close() {
    this.#refusing = true;
    for (const end of this.#ends) end.destroy();
    this.#listener.close();
  }

  #accept(client) {
    client.on('error', () => {});
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const server = net.connect({ ...this.#target, noDelay: true, allowHalfOpen: true });
    server.on('error', () => {});
    const pair = { client, server, kind: 'other', isWaiting: false, isBroken: false, up: Buffer.alloc(0), down: Buffer.alloc(0) };
    this.#pairs.add(pair);
    if (this.#stalled) server.pause();
    if (this.#frozen) client.pause();
    client.on('data', chunk => {
      if (pair.isBroken) return;
      if (pair.kind !== 'WebSocket') recognise(pair, chunk.toString('latin1'));
      this.#pass(pair, 'up', chunk);
    });
    server.on('data', chunk => {
      if (pair.isBroken) return;
      pair.isWaiting = pair.kind === 'WebSocket'; // a poll that is being answered no longer waits
      this.#pass(pair, 'down', chunk);
    });
    client.on('end', () => pair.isBroken || server.end());
    server.on('end', () => pair.isBroken || client.end());
    for (const [end, other] of [[client, server], [server, client]]) {
      this.#ends.add(end);
      end.on('close', () => {
        this.#ends.delete(end);
        this.#closed(pair, other);
      });
    }
  }

  #pass(pair, direction, chunk) {
    const [source, sink] = direction === 'down' ? [pair.server, pair.client] : [pair.client, pair.server];
    const seen = Buffer.concat([pair[direction], chunk]);
    for (const trap of this.#traps) {
      if (trap.direction !== direction) continue;
      const at = seen.indexOf(trap.mark);
      const end = at + trap.mark.length + trap.bytes - pair[direction].length;
      if (at < 0 || end <= 0 || end > chunk.length) continue;
      this.#traps.delete(trap);
      this.#spring(trap, pair, sink, chunk, end);
      trap.resolve();
      if (pair.isBroken) return;
    }
    pair[direction] = this.#traps.size > 0 ? seen.subarray(-4096) : Buffer.alloc(0);
    if (!sink.write(chunk)) {
      source.pause();
      sink.once('drain', () => this.#stalled && direction === 'down' || this.#frozen || source.resume());
    }
    for (const look of this.#watchers) look();
  }

  #spring(trap, pair, sink, chunk, end) {
    if (trap.which === 'polls') {
      for (const other of this.#pairs) if (other.kind === 'poll') this.#break(other, 'fin');
      return;
    }
    sink.write(chunk.subarray(0, end));
    if (trap.which === 'this') this.#break(pair, 'fin');
    else this.#breakAll('fin');
  }

  #breakAll(how) {
    for (const pair of this.#pairs) this.#break(pair, how);
  }

  #break(pair, how) {
    this.#pairs.delete(pair);
    pair.isBroken = true;
    for (const end of [pair.client, pair.server]) {
      if (how === 'rst') {
        reset(end);
      } else {
        end.end();
        end.resume();
      }
    }
  }

  #closed(pair, other) {
    if (pair.isBroken || this.#frozen) return;
    this.#pairs.delete(pair);
    other.destroy();
  }

  #until(condition, what) {
    if (condition()) return undefined;
    let look;
    return within(new Promise(resolve => {
      look = () => condition() && resolve();
      this.#watchers.add(look);
    }), what).finally(() => this.#watchers.delete(look));
  }
}

// Node never lets go of a socket that is reset while its own end is on its way.
function reset(end) {
  if (end.writableEnded) end.destroy();
  else end.resetAndDestroy();
}

function recognise(pair, head) {
  if (/^GET .*\r\n[^]*upgrade: websocket/i.test(head)) pair.kind = 'WebSocket';
  else if (head.startsWith('GET ')) [pair.kind, pair.isWaiting] = ['poll', true];
  else if (head.startsWith('POST ')) pair.kind = 'POST';
}
