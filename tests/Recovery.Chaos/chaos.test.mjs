// 20 seeds with all faults, one test each; `node tests/Recovery.Chaos --seeds 200` is the long form.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { after, test } from 'node:test';
import { withResolvers } from './promises.mjs';
import { describe } from './report.mjs';
import { runSeeds } from './run.mjs';
import { serverCommand, startServer } from './server.mjs';

const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
const judged = new Map(seeds.map(seed => [seed, withResolvers()]));
const run = runSeeds({
  start: () => startServer(serverCommand('chaos')),
  workers: Math.max(1, Math.floor(availableParallelism() / 2)), // the controls run beside this file
  seeds,
  print: () => {},
  onSeed: seed => judged.get(seed.number).resolve(seed),
}).catch(error => { for (const { reject } of judged.values()) reject(error); });

for (const number of seeds) {
  test(`seed ${number}: each client saw exactly what it had to`, { timeout: 60_000 }, async () => {
    const seed = await judged.get(number).promise;
    assert.ok(seed.violations.length === 0, `\n${describe(seed)}`);
    assert.ok(seed.seconds < 8, `it took ${seed.seconds.toFixed(1)} s`);
  });
}

after(() => run);
