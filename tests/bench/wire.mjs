// What every server that is measured has to answer, to the byte. A client here is a bare WebSocket.

import assert from 'node:assert/strict';
import { WebSocket } from 'ws';
import { within } from '../js/waiting.mjs';

export class Client {
  #messages = [];
  #wake = () => {};

  static async open(port, connect = '40') {
    const client = new Client(port);
    assert.match(await client.next(), /^0\{"sid":"[^"]+",/);
    client.send(connect);
    client.connected = await client.next();
    assert.match(client.connected, /^40\{"sid":"[^"]+"(,"pid":"[^"]+")?\}$/);
    return client;
  }

  constructor(port) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, { perMessageDeflate: false });
    this.socket.on('message', data => {
      this.#messages.push(data.toString());
      this.#wake();
    });
    this.closed = new Promise(resolve => this.socket.once('close', resolve));
    this.socket.once('error', () => {}); // 'close' follows
  }

  send(...messages) {
    for (const message of messages) this.socket.send(message);
  }

  next() {
    return within((async () => {
      while (this.#messages.length === 0) await new Promise(resolve => { this.#wake = resolve; });
      return this.#messages.shift();
    })(), 'a message', 10_000);
  }

  async take(count) {
    const taken = [];
    while (taken.length < count) taken.push(await this.next());
    return taken;
  }

  /** Nothing is on its way: an echo is answered, and by nothing else. */
  async quiet() {
    this.send('4299["echo","last"]');
    assert.equal(await this.next(), '4399["last"]');
  }

  /** Without a close frame: what a cut does. */
  cut() {
    this.socket._socket.resetAndDestroy();
    return this.closed;
  }

  close() {
    this.socket.close();
    return within(this.closed, 'the connection closes');
  }
}

/** The table of events. `offset` tells what stands behind the last argument of what is emitted: nothing, unless recovery is on. */
export async function checkEvents(port, offset = '') {
  const message = (name, argument) => new RegExp(`^42\\["${name}","${argument}"${offset}\\]$`);
  const [first, second, other] = await Promise.all([Client.open(port), Client.open(port), Client.open(port)]);

  first.send('427["echo","abc"]', '427["echo","abc"]', '420["echo","0"]', '421234567["echo","x","y",1]', `428["echo","${'p'.repeat(70_000)}"]`);
  assert.deepEqual(await first.take(5), ['437["abc"]', '437["abc"]', '430["0"]', '431234567["x","y",1]', `438["${'p'.repeat(70_000)}"]`]);

  first.send('42["echo","abc"]');
  assert.match(await first.next(), message('echo', 'abc'));

  const payloads = Array.from({ length: 50 }, (_, i) => `b${i}`.padEnd(i * 5, 'x'));
  first.send(...payloads.map(payload => `42["broadcast","${payload}"]`));
  for (const client of [first, second, other]) {
    for (const payload of payloads) assert.match(await client.next(), message('broadcast', payload));
  }

  first.send('429["join","r12"]');
  second.send('429["join","r12"]', '4210["join","r1"]');
  assert.equal(await first.next(), '439[]');
  assert.deepEqual(await second.take(2), ['439[]', '4310[]']);
  first.send('42["room","r12","abc"]');
  for (const member of [first, second]) assert.match(await member.next(), message('room', 'abc'));
  first.send('42["room","r1","def"]', '42["room","nobody","ghi"]');
  assert.match(await second.next(), message('room', 'def'));

  for (const client of [first, second, other]) await client.quiet();
  await Promise.all([first, second, other].map(client => client.close()));
}

/** Simultaneous handshakes, and everybody of them gets what one of them broadcasts. */
export async function checkCrowd(port, count) {
  const clients = await Promise.all(Array.from({ length: count }, () => Client.open(port)));
  clients[0].send('42["broadcast","all"]');
  for (const client of clients) assert.match(await client.next(), /^42\["broadcast","all"[,\]]/);
  return clients;
}
