// The process that serves: it ends as soon as it is told to, whatever its clients do, and nothing keeps it alive.

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { ended, event, startFixture, within } from './fixture.mjs';

let server;
afterEach(() => server?.stop());

/** Well below the 30 seconds after which a host gives up on what still runs. */
const soon = 10_000;

for (const how of ['asked over HTTP', 'SIGTERM']) {
  describe(how, () => {
    for (const way of ['polling', 'websocket', 'upgrade']) {
      test(`the process ends with a session on it: ${way}`, async () => {
        server = await startFixture({ plain: {} });
        const client = await server.connect(way, 'plain');
        const { id } = client;
        const seen = server.saw(`close-${id}`).catch(() => 'forced close'); // the server may go before it can tell
        const reason = ended(client);
        await stop(how);
        assert.match(await reason, /^transport (close|error)$/);
        assert.equal(await seen, 'forced close');
      });
    }

    test('the process ends with a session that is upgrading on it', async () => {
      server = await startFixture({ plain: {} });
      const client = server.open('upgrade', 'plain');
      client.once('upgrading', transport => { transport.send = () => {}; }); // never goes on
      const reason = ended(client);
      await event(client, 'upgrading');
      await stop(how);
      assert.match(await reason, /^transport (close|error)$/);
    });
  });
}

async function stop(how) {
  if (how === 'SIGTERM') server.server.kill('SIGTERM');
  else await fetch(`${server.url}/stop`, { method: 'POST' });
  const [code] = await within(server.exited, 'the process ends', soon);
  assert.equal(code, 0);
}
