// A few rounds of rounds/main.mjs, which does fifty: a process is killed while its clients hear and publish, and all of them go on elsewhere.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rounds } from './rounds/rounds.mjs';
import { serverCommand, startServer } from './server.mjs';

test('200 clients on three processes of one folder lose one process after the other, and nothing else', { timeout: 90_000 }, async () => {
  const server = await startServer(serverCommand('chaos'), { bus: 'files', processes: 3 });
  try {
    const run = new Rounds({ server, clients: 200, js: 10, rooms: 20, rate: 500, print: () => {} });
    assert.deepEqual(await run.run(3), []);
    assert.ok(run.returned > 100, run.summary());
    assert.equal(run.returned, run.times.length, run.summary());
  } finally {
    await server.stop();
  }
});
