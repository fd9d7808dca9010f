// A TCP link that fails on command. Each client has one of its own; it listens on a free port for each process of the server and carries
// every connection there. Nothing here knows HTTP or frames: faults strike at bytes.

import net from 'node:net';
import { once } from 'node:events';
import { Flow } from './flow.mjs';

export class Link {
  constructor({ name, nodes, log }) {
    Object.assign(this, { name, nodes, log });
    this.pairs = new Set();
    this.ghosts = new Set(); // halves of links whose other end is gone
    this.traps = []; // cuts that wait for a number of bytes or a mark
    this.refusing = false;
    this.rate = 0; // bytes per second downwards; 0 is no limit
    this.timers = new Set();
    this.servers = nodes.map(node => net.createServer({ allowHalfOpen: true, noDelay: true }, client => this.#accept(client, node)));
  }

  async listen() {
    await Promise.all(this.servers.map(server => {
      server.listen(0, '127.0.0.1');
      return once(server, 'listening');
    }));
  }

  portOf(node) {
    return this.servers[node].address().port;
  }

  #accept(client, node) {
    client.on('error', () => {});
    if (this.refusing || !node.port) {
      client.resetAndDestroy();
      return;
    }
    const server = net.connect({ host: '127.0.0.1', port: node.port, allowHalfOpen: true, noDelay: true });
    server.on('error', () => {});
    const pair = { client, server };
    pair.up = new Flow(client, server, { link: this, pair, direction: 'up' });
    pair.down = new Flow(server, client, { link: this, pair, direction: 'down' });
    this.pairs.add(pair);
    client.on('close', failed => this.#closed(pair, server, failed));
    server.on('close', failed => this.#closed(pair, client, failed));
  }

  #closed(pair, other, failed) {
    this.pairs.delete(pair);
    if (pair.isCut) return; // whoever cut it decided about both sides
    if (failed) other.resetAndDestroy();
  }

  // Both sides, or the one whose process shall notice; the other side is then left in silence.
  cutPair(pair, { how = 'rst', side = 'both' } = {}) {
    if (!this.pairs.delete(pair)) return;
    pair.isCut = true;
    pair.up.stop();
    pair.down.stop();
    for (const [name, socket] of [['client', pair.client], ['server', pair.server]]) {
      if (side !== 'both' && side !== name) {
        this.ghosts.add({ side: name, socket });
        socket.resume(); // what still arrives is read, acknowledged by the kernel, and forgotten
      } else if (how === 'rst') {
        socket.resetAndDestroy();
      } else {
        socket.end();
        socket.resume();
        this.#later(50, () => socket.destroy());
      }
    }
  }

  cut(options) {
    this.log(this.name, `cut ${JSON.stringify(options)} of ${this.pairs.size} connections`);
    for (const pair of [...this.pairs]) this.cutPair(pair, options);
  }

  // { direction, bytes, mark?, how }: cuts the first connection that carries `mark` (or anything) and then `bytes` more,
  // in the middle of whatever that is.
  trap(options) {
    this.log(this.name, `trap ${JSON.stringify(options)}`);
    this.traps.push({ ...options, left: options.bytes });
  }

  stall({ direction, ms }) {
    this.log(this.name, `stall ${direction} for ${ms} ms`);
    for (const pair of this.pairs) {
      for (const flow of direction === 'both' ? [pair.up, pair.down] : [pair[direction]]) flow.hold(ms);
    }
  }

  // The client is cut off and free to connect anew; the server keeps a connection that looks alive.
  halfOpen(how) {
    this.cut({ how, side: 'client' });
  }

  throttle({ bytesPerSecond, ms }) {
    this.log(this.name, `throttle to ${bytesPerSecond} B/s for ${ms} ms`);
    this.rate = bytesPerSecond;
    this.#later(ms, () => { this.rate = 0; });
  }

  offline({ ms, how }) {
    this.refusing = true;
    this.cut({ how });
    this.#later(ms, () => { this.refusing = false; });
  }

  #later(ms, action) {
    const timer = setTimeout(() => { this.timers.delete(timer); action(); }, ms);
    this.timers.add(timer);
  }

  // No fault from now on. What a client still holds of a dead link breaks, so that it notices; what the server holds stays.
  heal() {
    this.refusing = false;
    this.rate = 0;
    this.traps = [];
    for (const pair of this.pairs) {
      pair.up.release();
      pair.down.release();
    }
    for (const ghost of this.ghosts) {
      if (ghost.side === 'client') ghost.socket.resetAndDestroy();
    }
  }

  close() {
    for (const timer of this.timers) clearTimeout(timer);
    this.cut({ how: 'rst' });
    for (const ghost of this.ghosts) ghost.socket.resetAndDestroy();
    for (const server of this.servers) server.close();
  }
}
