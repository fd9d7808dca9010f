// Pings go on while the application takes its time, on each transport and in both revisions.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, startFixture } from './fixture.mjs';

const fromTwo = createRequire(createRequire(import.meta.url).resolve('socket.io-client-2'));
const ClientOfThree = fromTwo('engine.io-client');

let server;
before(async () => {
  const beat = { PingInterval: '00:00:00.300', PingTimeout: '00:00:00.400' };
  server = await startFixture({ quick: beat, old: { ...beat, AllowEIO3: 'true' } });
});
afterEach(() => server.closeClients());
after(() => server.stop());

for (const way of ['polling', 'websocket', 'upgrade']) {
  describe(way, () => {
    test('pings go on while the application takes its time over a message', async () => {
      const client = await server.connect(way, 'quick', { query: { slow: '' } });
      client.send('after all');
      const answer = event(client, 'message');
      for (let i = 0; i < 6; i++) await event(client, 'ping');
      await server.tell(client, 'release');
      assert.deepEqual(await answer, ['after all']);
      for (let i = 0; i < 2; i++) await event(client, 'ping');
      assert.equal(client.readyState, 'open');
    });
  });
}

for (const way of ['polling', 'websocket']) {
  test(`a client of revision 3 goes on hearing from the server while the application takes its time: ${way}`, async () => {
    const client = new ClientOfThree(server.url, { path: '/old', transports: [way], query: { slow: '' } });
    try {
      await event(client, 'open');
      client.send('after all');
      const answer = event(client, 'message');
      for (let i = 0; i < 6; i++) await event(client, 'pong');
      await server.tell(client, 'release');
      assert.equal((await answer)[0], 'after all');
      for (let i = 0; i < 2; i++) await event(client, 'pong');
      assert.equal(client.readyState, 'open');
    } finally {
      client.close();
    }
  });
}
