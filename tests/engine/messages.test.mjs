// Messages both ways, as the official client reads and writes them.

import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, ended, event, startFixture, within } from './fixture.mjs';

let server;
before(async () => {
  server = await startFixture({
    plain: {},
    narrow: { MaxHttpBufferSize: 5, PingInterval: '00:00:00.300', PingTimeout: '00:00:00.200' },
    wide: { MaxHttpBufferSize: 2_000_000_000 },
  });
});
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of ['polling', 'websocket']) {
  describe(way, () => {
    test('what the server says at once stands behind the handshake, in order', async () => {
      const client = server.open(way, 'plain', { query: { say: 'a,b,c' } });
      assert.deepEqual(await collect(client).until(3), ['a', 'b', 'c']);
    });

    test('messages one by one arrive, and the last with the close behind it', async () => {
      const client = await server.connect(way, 'plain', { query: { kept: '' } });
      const messages = collect(client);
      const reason = ended(client);
      await server.say(client, 'a');
      await messages.until(1);
      await server.say(client, 'b');
      await messages.until(2);
      await Promise.all([server.say(client, 'c').then(() => server.tell(client, 'close')), reason]);
      assert.deepEqual(messages.got, ['a', 'b', 'c']);
      assert.equal(await reason, 'transport close');
    });

    test('messages and the close in one breath arrive all', async () => {
      const client = server.open(way, 'plain', { query: { say: 'a,b,c', end: '' } });
      const messages = collect(client);
      assert.equal(await ended(client), 'transport close');
      assert.deepEqual(messages.got, ['a', 'b', 'c']);
    });

    test('a message over the limit closes the client and is not handed on', async () => {
      const client = await server.connect(way, 'narrow');
      const { id } = client;
      const reason = ended(client);
      client.send('a message that is longer than five bytes');
      assert.match(await reason, /^transport (error|close)$/);
      await server.saw(`close-${id}`);
      assert.equal(await server.saw(`messages-${id}`), '');
    });

    test('a message below the limit is handed on', async () => {
      const client = await server.connect(way, 'narrow');
      client.send('four');
      assert.deepEqual(await event(client, 'message'), ['four']);
    });

    const bytes = [0, 1, 2, 3, 4];
    const kinds = {
      'an Int8Array': Int8Array.from(bytes),
      'an Int32Array': Int32Array.from([0, -1, 2 ** 31 - 1, -(2 ** 31)]),
      'the ArrayBuffer of an Int32Array': Int32Array.from([5, 6, 7]).buffer,
      'a Buffer': Buffer.from(bytes),
    };
    for (const [kind, data] of Object.entries(kinds)) {
      test(`${kind} is the same bytes at the server and back here`, async () => {
        const expected = Buffer.from(ArrayBuffer.isView(data) ? data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength) : data);
        const client = await server.connect(way, 'plain');
        const { id } = client;
        client.send(data);
        const [back] = await event(client, 'message');
        assert.ok(Buffer.isBuffer(back));
        assert.deepEqual(back, expected);
        client.close();
        assert.equal(await server.saw(`messages-${id}`), expected.toString('hex').toUpperCase());
      });
    }

    test('bytes that the server sends are a Buffer', async () => {
      const client = server.open(way, 'plain', { query: { bytes: 5 } });
      const [data] = await event(client, 'message');
      assert.ok(Buffer.isBuffer(data));
      assert.deepEqual([...data], bytes);
    });

    test('bytes that the server sends are an ArrayBuffer if the client wants that', async () => {
      const client = server.open(way, 'plain', { query: { bytes: 5 } });
      client.binaryType = 'arraybuffer';
      const [data] = await event(client, 'message');
      assert.ok(data instanceof ArrayBuffer);
      assert.deepEqual([...new Uint8Array(data)], bytes);
    });

    test('Chinese, and what needs two code units, is the same at both ends', async () => {
      const texts = ['.', '施氏食獅史：石室詩士施氏，嗜獅。', '氏時時適市視獅 😀 𠀀'];
      const client = await server.connect(way, 'plain');
      const messages = collect(client);
      await server.say(client, ...texts);
      await messages.until(3);
      for (const text of texts) client.send(text);
      assert.deepEqual(await messages.until(6), [...texts, ...texts]);
    });

    test('what the client sends stays in its buffer until it has gone out', async () => {
      const client = await server.connect(way, 'plain');
      const lengths = [];
      client.send('a');
      client.send('b');
      assert.equal(client.writeBuffer.length, 2);
      client.transport.on('drain', () => lengths.push(client.writeBuffer.length));
      await collect(client).until(2);
      while (client.writeBuffer.length > 0) await event(client, 'drain');
      assert.deepEqual(lengths, [1, 0]);
    });

    test('the client\'s callbacks come in order when it sends one by one', async () => {
      const client = await server.connect(way, 'plain');
      const messages = collect(client);
      const called = [];
      for (let i = 0; i < 3; i++) {
        const drained = event(client, 'drain');
        client.send(`m${i}`, () => called.push(i));
        await messages.until(i + 1);
        await drained;
      }
      assert.deepEqual(called, [0, 1, 2]);
      assert.deepEqual(messages.got, ['m0', 'm1', 'm2']);
    });

    test('the client\'s callbacks come in order when it sends all at once', async () => {
      const client = await server.connect(way, 'plain');
      const messages = collect(client);
      const called = [];
      for (let i = 0; i < 5; i++) client.send(`m${i}`, () => called.push(i));
      await messages.until(5);
      assert.deepEqual(called, [0, 1, 2, 3, 4]);
      assert.deepEqual(messages.got, ['m0', 'm1', 'm2', 'm3', 'm4']);
    });
  });
}

test('a POST of a million characters arrives in its many pieces', async () => {
  const client = await server.connect('polling', 'wide');
  const text = 'a'.repeat(1_000_000);
  client.send(text);
  assert.equal((await event(client, 'message'))[0], text);
});

test('a POST in chunks of unknown length is one message', async () => {
  const client = await server.connect('polling', 'plain');
  const message = event(client, 'message');
  const post = request(`${server.url}/plain/?EIO=4&transport=polling&sid=${client.id}`, { method: 'POST' });
  const answered = within(new Promise(resolve => post.on('response', resolve)), 'the answer');
  post.write('41');
  post.write('2');
  post.end('3');
  assert.equal((await answered).statusCode, 200);
  assert.deepEqual(await message, ['123']);
});
