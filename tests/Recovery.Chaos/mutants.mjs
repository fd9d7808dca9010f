// The controls: each breaks one promise on purpose, and has to be caught within a few seeds. Some strike in our own client
// layer (mutations.mjs); the others are a server that is broken in one place (MutantServer/Mutations), started with --mutate NAME.

import { existsSync } from 'node:fs';
import { Mutation } from './mutations.mjs';
import { runSeeds } from './run.mjs';
import { assembly, startServer } from './server.mjs';

// What has to be among the reports; seeds: in which the matter comes up, else any will do.
const serverMutants = {
  drop: { expected: ['lost'] },
  swap: { expected: ['reordered', 'offset'] },
  twice: { expected: ['doubled'] },
  'forget-room': { expected: ['identity', 'lost'] },
  'ignore-fence': { expected: ['twoWinners', 'lost', 'stuck'], seeds: [9, 16, 10, 8, 11, 19, 4, 7] },
  'undo-kick': { expected: ['kickUndone', 'foreign'], seeds: [12, 6, 15, 22, 23, 24] },
  overtake: { expected: ['reordered', 'doubled'], seeds: [12, 6, 14, 9, 7, 17, 20, 23] },
  'rooms-of-today': { expected: ['lost', 'foreign'], seeds: [12, 4, 10, 9, 13, 16, 18, 20] },
  'hasty-volatile': { expected: ['lost'], seeds: [12, 6, 10, 14, 20, 21, 22, 11] },
};
// The same for what only a log can have that outlives its process, or has several.
const losses = [1, 30, 31, 37, 38, 60]; // of power
const durableMutants = {
  'ignore-log-fence': { expected: ['twoWinners', 'doubled', 'reordered'], aim: 'races' },
  'no-barrier': { expected: ['notRecovered', 'lost', 'identity', 'doubled'], seeds: [12, 6, 3, 16, 2, 14, 25, 36] },
  'hasty-volatile': { expected: ['offset', 'lost'] },
  'own-way': { expected: ['reordered', 'offset'] },
  'own-twice': { expected: ['doubled'] },
  'pass-over': { expected: ['lost'], memory: 64 * 1024 },
  'told-first': { expected: ['notRecovered', 'identity', 'lost'], seeds: [18, 17, 10, 16, 12, 21, 35, 36] },
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
    ...Object.entries(serverMutants).map(([name, { expected, seeds }]) => ({ name: `server ${name}`, start: () => startServer([...command, '--mutate', name]), expected, seeds })),
    ...Object.entries(durableMutants).map(([name, { expected, processes = 3, sync = 'never', memory, seeds, aim }]) => ({
      name: `files ${name}`, start: () => startServer([...command, '--mutate', name], { bus: 'files', processes, sync, memory }), expected, seeds, aim,
    })),
  ];
}

export async function runControl({ start, mutate, expected, aim }, { workers, seeds }) {
  const isCaught = totals => expected.some(kind => totals.violations[kind] > 0);
  const totals = await runSeeds({ start, workers, mutate, aim, seeds, print: () => {}, until: isCaught });
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
