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
// The same for what only a log can have that outlives its process, or has several. Seeds: in which the matter comes up.
const losses = [1, 30, 31, 37, 38, 60]; // of power
const durableMutants = {
  'ignore-log-fence': { expected: ['twoWinners', 'doubled', 'reordered'], seeds: [19, 43, 55, 62, 66, 71] },
  'no-barrier': { expected: ['notRecovered', 'lost', 'identity', 'doubled'] },
  'hasty-volatile': { expected: ['offset', 'lost'] },
  'own-way': { expected: ['reordered', 'offset'] },
  'own-twice': { expected: ['doubled'] },
  'told-first': { expected: ['notRecovered', 'identity', 'lost'] },
  'any-epoch': { expected: ['wrongRecovered'], seeds: losses },
  'hasty-sync': { expected: ['notRecovered', 'lost'], sync: 'always', seeds: losses },
};
const patience = 12; // seeds

// start: how a sound server is started, for the controls that strike in front of one.
export function wireControls(start) {
  return Mutation.names.map(name => ({ name: `wire ${name}`, start, mutate: name, expected: Mutation.expected[name] }));
}

// Null when there is no server to start.
export function serverControls() {
  const command = mutantCommand();
  return command && [
    ...Object.entries(serverMutants).map(([name, expected]) => ({ name: `server ${name}`, start: () => startServer([...command, '--mutate', name]), expected })),
    ...Object.entries(durableMutants).map(([name, { expected, processes = 3, sync = 'never', seeds }]) => ({
      name: `files ${name}`, start: () => startServer([...command, '--mutate', name], { bus: 'files', processes, sync }), expected, seeds,
    })),
  ];
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
    const { isCaught, text } = await runControl(control, { workers, seeds: control.seeds ?? Array.from({ length: patience }, (_, i) => first + i) });
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
