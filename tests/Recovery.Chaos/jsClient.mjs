// The official client, unmodified, through a faulty link. What the checker reads of its inside is the private id, and the state of
// its transport to describe it; what it writes there is the address, where others have a balancer in front of their servers.

import { Manager } from 'socket.io-client';
import { Seat } from './seat.mjs';

export class JsClient {
  constructor({ name, seed, route, transports, namespaces, reconnectionDelay, isReference = false }) {
    Object.assign(this, { name, seed, route });
    this.manager = new Manager(route.url, {
      transports,
      autoConnect: false,
      reconnectionDelay,
      reconnectionDelayMax: reconnectionDelay * 3,
      randomizationFactor: 0, // it would draw from Math.random
      timeout: 1500, // an attempt over a stalled link is given up
    });
    this.manager.on('reconnect_attempt', () => this.moveOn());
    this.seats = namespaces.map(ns => new JsSeat(this, { name, ns, seed, isReference }));
  }

  // To whichever process is next.
  moveOn() {
    this.route.moveOn();
    this.manager.uri = this.route.url;
  }

  get link() {
    return this.route.link;
  }

  connect() {
    for (const seat of this.seats) seat.socket.connect();
  }

  get engineIsOpen() {
    return this.manager._readyState === 'open';
  }

  // The page's `offline` event: the client gives up the connection without being able to tell the server.
  loseNetwork() {
    this.manager.engine?._onClose('transport close', { description: 'network connection lost' });
  }

  closeEngine() {
    this.manager.engine?.close();
  }

  // The official client has a state that it leaves at its ping timeout only, 45 s later: when the WebSocket of an upgrade
  // breaks after the probe was answered, polling stays paused. No server can help there; this stands in for the timeout.
  wakeIfPaused() {
    const { engine } = this.manager;
    const isPaused = engine?.transport?.name === 'polling' && engine.transport.readyState === 'paused';
    this.pausedSince = isPaused ? this.pausedSince ?? this.seed.now() : null;
    if (!isPaused || this.seed.now() - this.pausedSince < 300) return;
    this.seed.log(this.name, 'polling stays paused after a broken upgrade');
    this.seed.totals.paused++;
    this.pausedSince = null;
    this.loseNetwork();
  }

  close() {
    this.manager.skipReconnect = true;
    for (const seat of this.seats) seat.socket.disconnect();
    this.manager._close();
  }
}

class JsSeat extends Seat {
  constructor(client, options) {
    super(options);
    this.client = client;
    const socket = this.socket = client.manager.socket(this.ns);
    // Registered before the socket's own listener sends the CONNECT, so the span of the request begins early enough.
    client.manager.on('open', () => { if (this.socket.active) this.onRequest(); });
    socket.on('connect', () => this.onConnected({ sid: socket.id, pid: socket._pid, recovered: Boolean(socket.recovered) }));
    socket.on('disconnect', reason => this.onDisconnected(reason));
    socket.on('connect_error', error => {
      if (socket.active) return;
      if (this.seed.mayRefuse(this.requested)) setTimeout(() => { if (!this.seed.ended) this.connectAgain(); }, 100); // a page that tries again
      else this.seed.report('unexpected', this.name, `the server refused the connection: ${error.message}`);
    });
    socket.onAny((event, ...args) => this.receive(event, args));
  }

  send(event, args, onAnswer) {
    const waiting = this.socket.sendBuffer.length;
    if (onAnswer) this.socket.emit(event, ...args, onAnswer);
    else this.socket.emit(event, ...args);
    return this.socket.sendBuffer.length > waiting ? 'later' : 'now'; // the client keeps it until it is connected
  }

  transportState() {
    const { engine } = this.client.manager;
    return `transport ${engine?.transport?.name} is ${engine?.transport?.readyState}, ${engine?.writeBuffer.length} packets wait`;
  }

  // 41: if it arrives, the session is gone for good; over a broken link it may not.
  leaveNamespace() {
    if (this.session) this.session.left = true;
    this.socket.disconnect();
  }

  // Unless it is connected or on its way.
  connectAgain() {
    if (!this.socket.active) this.#open();
  }

  #open() {
    if (this.client.engineIsOpen) this.onRequest();
    else this.client.moveOn();
    this.socket.connect();
  }

  // What a page does that has two buttons for it: while the first CONNECT is on its way, the same once more.
  connectTwice() {
    this.#open();
    this.#open();
  }
}
