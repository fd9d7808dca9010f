// A client and a server that do not speak the same format: the connection ends with a reason, and the server goes on.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { io } from 'socket.io-client';
import { startFixture, ways, within } from '../js/fixture.mjs';
import { msgpack } from './clients.mjs';

const servers = {};
before(async () => {
  for (const parser of ['msgpack', undefined]) servers[parser ?? 'json'] = await startFixture({ parser });
});
afterEach(() => Object.values(servers).forEach(server => server.closeClients()));
after(() => Promise.all(Object.values(servers).map(server => server.stop())));

for (const way of Object.keys(ways)) {
  for (const [name, parser] of [['msgpack', undefined], ['json', msgpack]]) {
    describe(way, () => {
      test(`a server with ${name} closes the connection of a client without it, and serves the others`, async () => {
        const server = servers[name];
        const wrong = io(server.url, { forceNew: true, reconnection: false, ...ways[way], ...(parser && { parser }) });
        try {
          let connected = false;
          wrong.on('connect', () => { connected = true; });
          await within(new Promise(resolve => wrong.io.on('close', resolve)), 'the end of the connection');
          assert.equal(connected, false);
        } finally {
          wrong.disconnect();
        }
        assert.equal(await (await server.connect(way)).emitWithAck('sum', 1, 1), 2);
      });
    });
  }
}
