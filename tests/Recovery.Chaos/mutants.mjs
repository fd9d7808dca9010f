// The controls: each breaks one promise on purpose, and has to be caught within a few seeds. Some strike in our own client
// layer (mutations.mjs); the others are a server whose recovery store is broken in one place, started with --mutate NAME.

import { existsSync } from 'node:fs';
import { Mutation } from './mutations.mjs';
import { runSeeds } from './run.mjs';
import { assembly, startServer } from './server.mjs';

// What has to be among the reports.
const serverMutants = {
  drop: ['lost'], swap: ['reordered', 'offset'], twice: ['doubled'], 'forget-room': ['identity', 'lost'], 'ignore-fence': ['twoWinners'], 'undo-kick': ['kickUndone'],
};
const patience = 12; // seeds

export async function runMutants({ start, workers, wireOnly, first }) {
  const controls = Mutation.names.map(name => ({ name: `wire ${name}`, start, mutate: name, expected: Mutation.expected[name] }));
  const command = mutantCommand();
  if (!wireOnly && !command) console.log('the server with mutations is not built and HOLDFAST_MUTANT names none: its controls can not run');
  if (!wireOnly && command) {
    for (const [name, expected] of Object.entries(serverMutants)) controls.push({ name: `server ${name}`, start: () => startServer([...command, '--mutate', name]), expected });
  }
  let allCaught = wireOnly || command !== null;
  for (const control of controls) {
    const isCaught = totals => control.expected.some(kind => totals.violations[kind] > 0);
    const totals = await runSeeds({
      start: control.start, workers, mutate: control.mutate, print: () => {}, until: isCaught,
      seeds: Array.from({ length: patience }, (_, i) => first + i),
    });
    const found = Object.entries(totals.violations).filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`).join(', ');
    console.log(`${isCaught(totals) ? 'caught' : 'MISSED'} ${control.name} after ${totals.seeds} seeds: ${found || 'nothing found'}`);
    allCaught &&= isCaught(totals);
  }
  return allCaught;
}

function mutantCommand() {
  if (process.env.HOLDFAST_MUTANT) return process.env.HOLDFAST_MUTANT.split(' ').filter(Boolean);
  const dll = assembly('MutantServer');
  return existsSync(dll) ? ['dotnet', dll] : null;
}
