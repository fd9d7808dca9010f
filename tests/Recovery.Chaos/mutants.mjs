// The controls: each breaks one promise on purpose, and has to be caught within a few seeds. Some strike in our own client
// layer (mutations.mjs); the others are a server that is broken in one place (MutantServer/Mutations), started with --mutate NAME.

import { existsSync } from 'node:fs';
import { Mutation } from './mutations.mjs';
import { runSeeds } from './run.mjs';
import { assembly, startServer } from './server.mjs';

// What has to be among the reports.
const serverMutants = {
  drop: ['lost'],
  swap: ['reordered', 'offset'],
  twice: ['doubled'],
  'forget-room': ['identity', 'lost'],
  'ignore-fence': ['twoWinners', 'lost', 'stuck'],
  'undo-kick': ['kickUndone', 'foreign'],
  overtake: ['reordered', 'doubled'],
  'rooms-of-today': ['lost', 'foreign'],
  'hasty-volatile': ['lost'],
};
const patience = 12; // seeds

// start: how a sound server is started, for the controls that strike in front of one.
export function wireControls(start) {
  return Mutation.names.map(name => ({ name: `wire ${name}`, start, mutate: name, expected: Mutation.expected[name] }));
}

// Null when there is no server to start.
export function serverControls() {
  const command = mutantCommand();
  return command && Object.entries(serverMutants).map(([name, expected]) => ({ name: `server ${name}`, start: () => startServer([...command, '--mutate', name]), expected }));
}

export async function runControl({ start, mutate, expected }, { workers, seeds }) {
  const isCaught = totals => expected.some(kind => totals.violations[kind] > 0);
  const totals = await runSeeds({ start, workers, mutate, seeds, print: () => {}, until: isCaught });
  const found = Object.entries(totals.violations).filter(([, count]) => count > 0).map(([kind, count]) => `${count} ${kind}`).join(', ');
  return { isCaught: isCaught(totals), text: `after ${totals.seeds} seeds: ${found || 'nothing found'}` };
}

export async function runMutants({ start, workers, wireOnly, first }) {
  const ofServer = wireOnly ? [] : serverControls();
  if (!ofServer) console.log('the server with mutations is not built and HOLDFAST_MUTANT names none: its controls can not run');
  let allCaught = ofServer !== null;
  for (const control of [...wireControls(start), ...ofServer ?? []]) {
    const { isCaught, text } = await runControl(control, { workers, seeds: Array.from({ length: patience }, (_, i) => first + i) });
    console.log(`${isCaught ? 'caught' : 'MISSED'} ${control.name} ${text}`);
    allCaught &&= isCaught;
  }
  return allCaught;
}

function mutantCommand() {
  if (process.env.HOLDFAST_MUTANT) return process.env.HOLDFAST_MUTANT.split(' ').filter(Boolean);
  const dll = assembly('MutantServer');
  return existsSync(dll) ? ['dotnet', dll] : null;
}
