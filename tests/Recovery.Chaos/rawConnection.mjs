// One engine connection with one namespace on it: CONNECT with whatever private id and offset the caller likes, acks, events.

import { Ack, Connect, ConnectError, Decoder, Disconnect, Event, encode } from './packets.mjs';
import { RawPolling, RawWebSocket } from './rawEngine.mjs';

export class RawConnection {
  #decoder = new Decoder();
  #acks = new Map();
  #nextAck = 0;

  // handlers: onRequest(), onConnected({ sid, pid }), onEvent(name, args), onGone(reason), onFault(text)
  constructor({ port, transport, ns, auth, handlers }) {
    Object.assign(this, { ns, auth, handlers });
    this.answered = false;
    this.isGone = false;
    const Engine = transport === 'polling' ? RawPolling : RawWebSocket;
    this.engine = new Engine(port, {
      onOpen: () => {
        handlers.onRequest();
        this.engine.send(encode({ type: Connect, ns, data: auth }));
      },
      onMessage: message => this.#read(message),
      onClose: reason => this.#gone(reason),
      onFault: text => handlers.onFault(text),
    });
    this.patience = setTimeout(() => { if (!this.answered) this.engine.abort(); }, 1500);
  }

  #read(message) {
    let packet;
    try {
      packet = this.#decoder.read(message);
    } catch (error) {
      return this.engine.fault(error.message);
    }
    if (!packet) return;
    if (packet.ns !== this.ns) return this.engine.fault(`a packet for ${packet.ns}`);
    switch (packet.type) {
      case Connect:
        this.answered = true;
        this.sid = packet.data.sid;
        this.handlers.onConnected(packet.data);
        break;
      case Event:
        this.handlers.onEvent(packet.data[0], packet.data.slice(1));
        break;
      case Ack: {
        const answer = this.#acks.get(packet.id);
        this.#acks.delete(packet.id);
        answer?.(...packet.data);
        break;
      }
      case Disconnect:
        this.#gone('io server disconnect');
        this.engine.abort();
        break;
      case ConnectError:
        this.handlers.onFault(`the server refused the connection: ${JSON.stringify(packet.data)}`);
        this.engine.abort();
        break;
    }
  }

  // False: it can't have reached the server.
  send(event, args, onAnswer) {
    if (this.isGone || !this.answered) return false;
    const id = onAnswer ? this.#nextAck++ : null;
    if (onAnswer) this.#acks.set(id, onAnswer);
    this.engine.send(encode({ type: Event, ns: this.ns, id, data: [event, ...args] }));
    return true;
  }

  leave() {
    this.engine.send(encode({ type: Disconnect, ns: this.ns }));
  }

  abort() {
    this.engine.abort();
  }

  // From now on somebody else listens. The connection stays as it is, and answers pings.
  handOver(handlers) {
    this.handlers = { onRequest() {}, onConnected() {}, onEvent() {}, onGone() {}, onFault() {}, ...handlers };
    this.#acks.clear();
  }

  #gone(reason) {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.patience);
    this.#acks.clear();
    this.handlers.onGone(reason);
  }
}
