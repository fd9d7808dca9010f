// node tests/Recovery.Chaos [--seeds N] [--first N] [--seed N] [--verbose] [--workers N] [--server chaos|oracle]
//                           [--bus memory|files] [--processes N] [--only URL] [--sync never|interval|always] [--no-faults] [--mutate NAME] [--mutants [--wire]]
// Exit code 1 when anything is wrong. README.md beside this file says what that means.

import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runMutants } from './mutants.mjs';
import { longStopOf, storageOf } from './planProcesses.mjs';
import { runSeeds } from './run.mjs';
import { attachServer, root, serverCommand, startServer } from './server.mjs';

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130)); // the servers end with us

const histories = join(root, 'artifacts', 'chaos');

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '20' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    verbose: { type: 'boolean', default: false },
    workers: { type: 'string' },
    server: { type: 'string', default: 'chaos' },
    bus: { type: 'string', default: 'memory' },
    processes: { type: 'string', default: '1' },
    sync: { type: 'string' },
    only: { type: 'string' },
    'no-faults': { type: 'boolean', default: false },
    mutate: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    wire: { type: 'boolean', default: false },
  },
});

const number = (name, text) => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) fail(`--${name} is '${text}'; it has to be a whole number.`);
  return value;
};

const first = options.seed === undefined ? number('first', options.first) : number('seed', options.seed);
const count = options.seed === undefined ? number('seeds', options.seeds) : 1;
const workers = options.workers === undefined ? Math.max(1, Math.floor(availableParallelism() / 2)) : Math.max(1, number('workers', options.workers));
const processes = number('processes', options.processes);
if (options.bus !== 'memory' && options.bus !== 'files') fail(`there is no bus '${options.bus}'; there are memory and files.`);
if (processes < 1 || processes > 1 && options.bus === 'memory') fail('A server in memory is one process; --bus files has any number of them.');
const start = options.only
  ? () => attachServer(options.only)
  : seed => {
    const { sync, window, memory } = storageOf(seed, { long: true, processes });
    return startServer(serverCommand(options.server), { bus: options.bus, processes, sync: options.sync ?? sync, window, memory });
  };

try {
  if (options.mutants) {
    process.exitCode = await runMutants({ start, workers, wireOnly: options.wire, first }) ? 0 : 1;
  } else {
    const totals = await runSeeds({
      start, workers, seeds: Array.from({ length: count }, (_, i) => first + i),
      verbose: options.verbose, faults: !options['no-faults'], long: true, sleeps: seed => longStopOf(seed, { long: true, processes }) !== null, mutate: options.mutate, print: text => console.log(text), onSeed: keepHistory,
    });
    console.log(String(totals));
    process.exitCode = totals.isClean ? 0 : 1;
  }
} catch (error) {
  fail(error.message);
}
process.exit(); // nothing that a fault left behind keeps us

// What happened cannot be had again by running the seed again: that interleaving is gone.
function keepHistory(seed) {
  if (seed.violations.length === 0) return;
  mkdirSync(histories, { recursive: true });
  writeFileSync(join(histories, `seed-${seed.number}.log`), seed.history.join('\n') + '\n');
}

function fail(text) {
  console.error(text);
  process.exit(2);
}
