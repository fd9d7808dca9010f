// Who is alive, and who finds out: in Engine.IO 3 the client pings, in Engine.IO 4 the server.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, startFixture, ways } from '../js/fixture.mjs';
import { ask, libraries } from './libraries.mjs';

let server;
before(async () => { server = await startFixture({ AllowEIO3: true, PingInterval: '00:00:00.300', PingTimeout: '00:00:00.500' }); });
afterEach(() => server.closeClients());
after(() => server.stop());

/** It hears, and neither says anything any more nor finds out by itself that it gets no pongs. */
function silence(engine) {
  engine.transport.send = () => {};
  engine.onHeartbeat = () => {};
  engine.removeAllListeners('heartbeat');
  clearTimeout(engine.pingTimeoutTimer);
}

for (const [name, { io }] of Object.entries(libraries)) {
  for (const way of Object.keys(ways)) {
    describe(`${name}, ${way}`, () => {
      test('a client that keeps the heartbeat stays', async () => {
        const client = await server.connect(way, { library: io });
        const { id } = client;
        // So many that the server would have given up long since.
        for (let i = 0; i < 4; i++) await event(client.io.engine, 'pong');
        assert.equal(client.id, id);
        assert.equal(await ask(client, 'sum', 1, 1), 2);
      });

      test('a client that falls silent is given up', async () => {
        const client = await server.connect(way, { library: io, reconnection: false });
        const { id } = client;
        silence(client.io.engine);
        assert.equal(await server.saw(`disconnect-${id}`), 'ping timeout');
      });
    });
  }
}

test('a client of Socket.IO 2 is refused where it is not allowed', async () => {
  const strict = await startFixture();
  try {
    const { io } = libraries['socket.io-client 2.5'];
    const client = strict.open('polling only', { library: io, reconnection: false });
    const [error] = await event(client, 'connect_error');
    assert.equal(error.description, 400);
  } finally {
    await strict.stop();
  }
});
