// permessage-deflate with the WebSocket that the official client uses: what one end packs, the other unpacks.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { collect, startFixture } from './fixture.mjs';

let server;
before(async () => {
  server = await startFixture({
    plain: {},
    packed: { 'PerMessageDeflate:Threshold': 100 },
    remembering: { 'PerMessageDeflate:Threshold': 100, 'PerMessageDeflate:ServerContextTakeover': true, 'PerMessageDeflate:ServerMaxWindowBits': 10 },
  });
});
afterEach(() => server.closeClients());
after(() => server.stop());

const deflate = { perMessageDeflate: { threshold: 100 } };

test('it is agreed on only if both ends want it', async () => {
  assert.equal((await server.connect('websocket', 'plain', deflate)).transport.ws.extensions, '');
  assert.equal((await server.connect('websocket', 'packed', { perMessageDeflate: false })).transport.ws.extensions, '');
  assert.equal((await server.connect('websocket', 'packed', deflate)).transport.ws.extensions, 'permessage-deflate');
});

for (const endpoint of ['packed', 'remembering']) {
  for (const way of ['websocket', 'upgrade']) {
    describe(`${endpoint}, ${way}`, () => {
      test('texts and bytes of all sizes come back as they went', async () => {
        const client = await server.connect(way, endpoint, deflate);
        const messages = collect(client);
        const sent = [0, 1, 98, 99, 100, 1000, 4096, 70_000, 500_000, 3].flatMap(length => {
          const text = Array.from({ length }, (_, i) => 'abcdef'[(i * i) % 6]).join('');
          return [`t${text}`, Buffer.from(text)];
        });
        for (const message of sent) client.send(message);
        assert.deepEqual(await messages.until(sent.length), sent);
      });

      test('packed and unpacked messages take turns', async () => {
        const client = await server.connect(way, endpoint, deflate);
        const messages = collect(client);
        const sent = Array.from({ length: 100 }, (_, i) => 'x'.repeat((i * 37) % 300) + i);
        for (const [i, message] of sent.entries()) client.send(message, { compress: i % 3 !== 0 });
        assert.deepEqual(await messages.until(sent.length), sent);
      });
    });
  }
}
