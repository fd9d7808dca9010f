// A connection that breaks in the middle of MessagePack: what was cut off is sent again, and nothing twice, whatever the bytes at which it broke.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, ways } from '../js/fixture.mjs';
import { isRecovered, startRecovering } from '../js/recovering.mjs';

let server;
before(async () => { server = await startRecovering({ server: { parser: 'msgpack' } }); });
afterEach(() => server.closeClients());
after(() => server.stop());

// { type: 2, nsp: '/', data: ['n', 257, offset] } up to the number: 24 bytes, so that its base64 has no rest.
const start = Buffer.from([0x83, 0xa4, ...Buffer.from('type'), 2, 0xa3, ...Buffer.from('nsp'), 0xa1, 0x2f, 0xa4, ...Buffer.from('data'), 0x93, 0xa1, 0x6e, 0xcd, 1, 1]);

for (const way of Object.keys(ways)) {
  const mark = way === 'polling only' ? `b${start.toString('base64')}` : start;
  describe(way, () => {
    for (const [where, bytes] of [['behind a number', 0], ['in an offset', 8], ['in a later packet', 60]]) {
      test(`MessagePack is cut ${where}`, async () => {
        const { client, link, n } = await server.connect(way);
        const { id } = client;
        const connected = event(client, 'connect');
        const cut = link.cutBehind(mark, { bytes });
        await server.emit({ to: id, count: 300 });
        await cut;
        await connected;
        await n.are(300);
        await isRecovered(client, id);
        assert.match(client._lastOffset, /^[\w-]{8}\.[0-9a-z]{10}$/);
      });
    }

    test('a client that was cut three times has every event once, binary ones with their bytes', async () => {
      const { client, link, n } = await server.connect(way);
      const { id } = client;
      const values = [];
      client.on('n', (_, value) => values.push(value?.bytes ? [...value.bytes] : undefined));
      const offsets = [];
      for (let round = 0; round < 3; round++) {
        const first = round * 4;
        await server.emit({ to: id, first });
        await server.away({ client, link }, async () => {
          await server.emit({ to: id, first: first + 1, count: 2, kind: 'binary' });
          await server.emit({ first: first + 3 });
        });
        await n.are(first + 4);
        await isRecovered(client, id, 3);
        offsets.push(client._lastOffset);
      }
      assert.deepEqual(offsets, [...offsets].sort());
      assert.equal(new Set(offsets).size, 3);
      assert.deepEqual(values, [...Array(12).keys()].map(i => (i % 4 === 1 || i % 4 === 2 ? [i, 254, 255] : undefined)));
    });
  });
}
