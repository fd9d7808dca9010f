// Engine.IO 4 by hand: one connection over WebSocket or polling, with no retry, no state beyond it, and an abrupt end.
// handlers: onOpen(), onMessage(string | Buffer), onClose(reason); onClose comes once, and nothing after it.

import http from 'node:http';
import { WebSocket } from 'ws';

const separator = '\x1e';

class RawEngine {
  constructor(port, handlers) {
    this.port = port;
    this.handlers = handlers;
    this.isClosed = false;
  }

  receive(packet) {
    if (this.isClosed) return;
    if (typeof packet !== 'string') return this.handlers.onMessage(packet);
    switch (packet[0]) {
      case '0':
        this.sid = JSON.parse(packet.slice(1)).sid;
        return this.handlers.onOpen();
      case '1': return this.closed('closed by the server');
      case '2': return this.write('3' + packet.slice(1));
      case '4': return this.handlers.onMessage(packet.slice(1));
      case '6': return undefined;
      case 'b': return this.handlers.onMessage(Buffer.from(packet.slice(1), 'base64'));
      default: return this.fault(`not an engine packet: ${packet.slice(0, 40)}`);
    }
  }

  send(messages) {
    if (!this.isClosed) this.write(...messages.map(message => typeof message === 'string' ? '4' + message : message));
  }

  // The server sent what no client can read.
  fault(text) {
    this.handlers.onFault(text);
    this.abort();
  }

  closed(reason) {
    if (this.isClosed) return;
    this.isClosed = true;
    this.release();
    this.handlers.onClose(reason);
  }

  // Without a word to the server.
  abort() {
    this.closed('aborted');
  }
}

export class RawWebSocket extends RawEngine {
  constructor(port, handlers) {
    super(port, handlers);
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false, handshakeTimeout: 1500 });
    this.socket.on('message', (data, isBinary) => this.receive(isBinary ? data : data.toString()));
    this.socket.on('close', code => this.closed(`WebSocket closed with ${code}`));
    this.socket.on('error', error => this.closed(error.message));
  }

  write(...packets) {
    for (const packet of packets) this.socket.send(packet, () => {});
  }

  release() {
    this.socket.terminate();
  }
}

export class RawPolling extends RawEngine {
  #queue = [];
  #posting = false;

  constructor(port, handlers) {
    super(port, handlers);
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
    this.#poll();
  }

  write(...packets) {
    this.#queue.push(...packets.map(packet => typeof packet === 'string' ? packet : 'b' + packet.toString('base64')));
    this.#post();
  }

  #post() {
    if (this.#posting || this.#queue.length === 0 || this.isClosed || !this.sid) return;
    this.#posting = true;
    this.#request('POST', this.#queue.splice(0).join(separator), () => {
      this.#posting = false;
      this.#post();
    });
  }

  #poll() {
    this.#request('GET', undefined, body => {
      for (const packet of body.split(separator)) this.receive(packet);
      if (!this.isClosed) this.#poll();
    });
  }

  #request(method, body, onAnswer) {
    const session = this.sid ? `&sid=${encodeURIComponent(this.sid)}` : '';
    const request = http.request({
      host: '127.0.0.1', port: this.port, method, agent: this.agent,
      path: `/socket.io/?EIO=4&transport=polling${session}`,
      headers: body === undefined ? {} : { 'content-type': 'text/plain;charset=UTF-8', 'content-length': Buffer.byteLength(body) },
    }, response => {
      const chunks = [];
      response.on('data', chunk => chunks.push(chunk));
      response.on('error', error => this.closed(error.message));
      response.on('close', () => {
        if (this.isClosed) return;
        if (!response.complete) return this.closed(`half an answer to ${method}`);
        if (response.statusCode !== 200) return this.closed(`${method} was answered ${response.statusCode}`);
        onAnswer(Buffer.concat(chunks).toString());
      });
    });
    request.on('error', error => this.closed(error.message));
    request.end(body);
  }

  release() {
    this.agent.destroy();
  }
}
