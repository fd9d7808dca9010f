// A few seeds with all faults on three processes that share a folder, one test each; `node tests/Recovery.Chaos --bus files --processes 3 --seeds 200` is the long form.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, test } from 'node:test';
import { storageOf } from './planProcesses.mjs';
import { withResolvers } from './promises.mjs';
import { describe } from './report.mjs';
import { runSeeds } from './run.mjs';
import { serverCommand, startServer } from './server.mjs';

const seeds = [1, 2, 3, 4, 5, 6];
const judged = new Map(seeds.map(seed => [seed, withResolvers()]));
const run = runSeeds({
  start: seed => startServer(serverCommand('chaos'), { bus: 'files', processes: 3, ...storageOf(seed) }),
  workers: Math.max(1, Math.floor(availableParallelism() / 2)), // other files of this suite run beside it
  seeds,
  print: () => {},
  onSeed: seed => judged.get(seed.number).resolve(seed),
}).catch(error => { for (const { reject } of judged.values()) reject(error); });

for (const number of seeds) {
  test(`seed ${number} on three processes: each client saw exactly what it had to`, { timeout: 120_000 }, async () => {
    const seed = await judged.get(number).promise;
    assert.ok(seed.violations.length === 0, `\n${describe(seed)}`);
  });
}

after(() => run);
