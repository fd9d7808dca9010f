// What values become on the wire and back: the official encoder and decoder at one end, .NET at the other, seen packet by packet.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import notepack from 'notepack.io';
import WebSocket from 'ws';
import { event, startFixture, within } from '../js/fixture.mjs';
import { msgpack } from './clients.mjs';

let server;
before(async () => { server = await startFixture({ parser: 'msgpack' }); });
afterEach(() => server.closeClients());
after(() => server.stop());

/** A connection on which a test sends what it likes, and sees the bytes that come. */
async function raw() {
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  const waiting = [];
  const arrived = [];
  socket.on('message', (data, isBinary) => {
    if (!isBinary) return; // the handshake and pings
    const take = waiting.shift();
    take ? take(data) : arrived.push(data);
  });
  await within(new Promise(resolve => socket.once('message', resolve)), 'the handshake');
  const connection = {
    socket,
    send: packet => socket.send(Buffer.isBuffer(packet) ? packet : new msgpack.Encoder().encode(packet)[0]),
    next: () => arrived.length > 0 ? arrived.shift() : within(new Promise(resolve => waiting.push(resolve)), 'a packet'),
  };
  connection.send({ type: 0, nsp: '/', data: undefined });
  const connect = decode(await connection.next());
  assert.deepEqual(Object.keys(connect.data), ['sid']);
  return connection;
}

function decode(bytes) {
  let packet;
  const decoder = new msgpack.Decoder();
  decoder.on('decoded', decoded => { packet = decoded; });
  decoder.add(bytes);
  return packet;
}

const values = {
  'small integers': [0, 1, 127, -1, -32],
  'integers at every limit': [128, 255, 256, 65535, 65536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER, -33, -128, -129, -32768, -32769, -(2 ** 31), -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER],
  'other numbers': [0.1, -1.5, 5e-324, 1.5e-300, Math.PI],
  'truth and nothing': [true, false, null],
  'text of every length': ['', 'a', 'é'.repeat(15), 'x'.repeat(31), 'x'.repeat(32), 'x'.repeat(255), 'x'.repeat(256), '€'.repeat(30_000), '🎉 \u2028 "\\/\u0000'],
  'binary of every length': [Buffer.alloc(0), Buffer.from([0, 255]), Buffer.alloc(255, 1), Buffer.alloc(256, 2), Buffer.alloc(70_000, 3)],
  'arrays of every length': [[], [1, [2, [3]]], Array(15).fill(1), Array(16).fill(null), Array(65_536).fill(7)],
  'objects of every size': [{}, { a: { b: [{}] } }, Object.fromEntries([...Array(16).keys()].map(i => [`k${i}`, i])), Object.fromEntries([...Array(300).keys()].map(i => [`k${i}`, { i, bytes: Buffer.from([i % 256]) }]))],
  'odd keys': [{ '': 1, 'ключ': 2, constructor: 3, '1': 4, toString: 5 }],
};

describe('an echo through .NET', () => {
  for (const [name, list] of Object.entries(values)) {
    test(`keeps the bytes of ${name}`, async () => {
      const connection = await raw();
      connection.send({ type: 2, nsp: '/', data: ['back', ...list] });
      const bytes = await connection.next();
      assert.deepEqual(decode(bytes), { type: 2, nsp: '/', data: ['back', ...list] });
      assert.deepEqual(bytes, notepack.encode({ type: 2, nsp: '/', data: ['back', ...list] })); // the encoding is the shortest, as the official one's
      connection.socket.close();
    });

    test(`reads and writes ${name}`, async () => {
      // Captured as JSON, kept, and written anew.
      const client = await server.connect('WebSocket only');
      await client.emitWithAck('keep', list);
      assert.deepEqual(await client.emitWithAck('kept'), list);
    });
  }

  test('keeps a Date, an ArrayBuffer and undefined as they are', async () => {
    const client = await server.connect('WebSocket only');
    const at = new Date('2026-11-21T10:00:00.123Z');
    const got = event(client, 'back');
    client.emit('back', at, { at, early: new Date(-1), nothing: undefined }, new Uint8Array([1, 2, 3]).buffer);
    const [date, object, buffer] = await got;
    assert.deepEqual([date, object], [at, { at, early: new Date(-1), nothing: undefined }]);
    assert.deepEqual(new Uint8Array(buffer), new Uint8Array([1, 2, 3]));
  });

  test('keeps integers beyond those of JavaScript', async () => {
    const connection = await raw();
    const large = Buffer.from('83a47479706502a36e7370a12fa46461746193a46261636bcf7fffffffffffffffd38000000000000001', 'hex');
    connection.send(large);
    assert.deepEqual(await connection.next(), large);
    connection.socket.close();
  });
});

describe('a handler in .NET', () => {
  test('reads dates as dates, and answers with ISO text', async () => {
    const client = await server.connect('WebSocket only');
    const at = new Date('2026-11-21T10:00:00.123Z');
    assert.equal(await client.emitWithAck('a-day-later', at), '2026-11-22T10:00:00.123Z');
    assert.equal(await client.emitWithAck('a-day-later', at.toISOString()), '2026-11-22T10:00:00.123Z');
  });

  test('gets NaN and infinities as null', async () => {
    const client = await server.connect('WebSocket only');
    assert.deepEqual(await client.emitWithAck('keep', [NaN, Infinity, -Infinity, undefined]), true);
    assert.deepEqual(await client.emitWithAck('kept'), [null, null, null, null]);
  });

  test('answers a question with an id that only 64 bits hold', async () => {
    const connection = await raw();
    connection.send({ type: 2, nsp: '/', id: Number.MAX_SAFE_INTEGER, data: ['sum', 1, 2] });
    assert.deepEqual(decode(await connection.next()), { type: 3, nsp: '/', id: Number.MAX_SAFE_INTEGER, data: [3] });
    connection.socket.close();
  });
});
