// The way between a page and the chat: a TCP proxy that can be cut, close one end only, go silent or refuse, at the moment that a test says.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Link {
  /** New connections are reset. */
  refuses = false;

  /** WebSockets get no answer: a page stays on long-polling, with the upgrade under way. */
  holdsUpgrades = false;

  #wires = new Set();
  #ghosts = { page: new Set(), server: new Set() };
  #mark = null;

  static async to(url) {
    const link = new Link();
    const { hostname, port } = new URL(url);
    link.server = createServer({ noDelay: true }, client => link.#carry(client, connect({ host: hostname, port, noDelay: true })));
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    link.url = `http://127.0.0.1:${link.server.address().port}`;
    return link;
  }

  /** Both ends notice: by a reset, or by a close that looks orderly. */
  cut({ orderly = false } = {}) {
    for (const { client, server } of this.#takeAll()) {
      for (const end of [client, server]) orderly ? end.destroy() : end.resetAndDestroy();
    }
  }

  /** The page notices, and can come back at once; the server keeps a connection that looks alive. */
  cutPageOnly() {
    for (const { client, server } of this.#takeAll()) {
      client.resetAndDestroy();
      this.#keep('server', server);
    }
  }

  /** The server notices; the page keeps connections that look alive. */
  cutServerOnly() {
    for (const { client, server } of this.#takeAll()) {
      server.resetAndDestroy();
      this.#keep('page', client);
    }
  }

  /** Nobody notices: what either end sends from now on is lost. */
  silence() {
    for (const { client, server } of this.#takeAll()) {
      this.#keep('page', client);
      this.#keep('server', server);
    }
  }

  /** Cuts right behind these characters, when the server sends them: in the middle of whatever that is. */
  cutAfter(text) {
    return new Promise(resolve => { this.#mark = { text, resolve, keeps: true }; });
  }

  /** Cuts when the server sends these characters, and drops all that it has just sent: the answer to a poll is lost as a whole. */
  cutBefore(text) {
    return new Promise(resolve => { this.#mark = { text, resolve, keeps: false }; });
  }

  /** The page notices what it still holds of dead connections, as when a computer changes the network; the server does not. */
  bury() {
    for (const end of this.#ghosts.page) end.resetAndDestroy();
    this.#ghosts.page.clear();
  }

  close() {
    this.cut();
    this.bury();
    for (const end of this.#ghosts.server) end.resetAndDestroy();
    this.server.close();
  }

  #carry(client, server) {
    for (const end of [client, server]) end.on('error', () => {});
    if (this.refuses) {
      server.destroy();
      client.resetAndDestroy();
      return;
    }
    const wire = { client, server, isHeld: false, tail: Buffer.alloc(0) };
    this.#wires.add(wire);
    client.on('data', data => {
      wire.isHeld ||= this.holdsUpgrades && data.includes('transport=websocket');
      if (this.#wires.has(wire) && !wire.isHeld) server.write(data);
    });
    server.on('data', data => {
      if (this.#wires.has(wire) && !this.#strikes(wire, data)) client.write(data);
    });
    for (const [end, other] of [[client, server], [server, client]]) {
      end.on('close', () => {
        this.#ghosts.page.delete(end);
        this.#ghosts.server.delete(end);
        if (this.#wires.delete(wire)) other.destroy();
      });
    }
  }

  /** Whether the characters that are waited for have come, at the end of the data or in it: then the wire is cut. */
  #strikes(wire, data) {
    if (!this.#mark) return false;
    const { text, resolve, keeps } = this.#mark;
    const seen = Buffer.concat([wire.tail, data]); // they may lie across two portions
    const at = seen.indexOf(text);
    wire.tail = seen.subarray(-text.length + 1);
    if (at < 0) return false;
    this.#mark = null;
    this.#wires.delete(wire);
    wire.server.resetAndDestroy();
    if (keeps) wire.client.end(seen.subarray(seen.length - data.length, at + text.length)); // a reset could overtake the part
    else wire.client.resetAndDestroy();
    resolve();
    return true;
  }

  #keep(side, end) {
    if (!end.destroyed) this.#ghosts[side].add(end);
  }

  #takeAll() {
    const wires = [...this.#wires];
    this.#wires.clear();
    return wires;
  }
}
