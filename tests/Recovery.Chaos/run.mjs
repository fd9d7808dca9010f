// Seeds in parallel: each worker has a server of its own and takes the next seed when it is done with one. A server whose log outlives its processes is a new one for each.
// What mostly waits (`sleeps`) does so beside the others.

import { Mutation } from './mutations.mjs';
import { describe, Totals } from './report.mjs';
import { Seed } from './seed.mjs';

const sleepers = 4; // workers

export async function runSeeds({ start, workers, seeds, verbose = false, faults = true, long = false, aim, sleeps = () => false, mutate, print, onSeed, until = () => false }) {
  const totals = new Totals();
  await Promise.all([
    ...lanes(workers, seeds.filter(seed => !sleeps(seed))),
    ...lanes(sleepers, seeds.filter(seed => sleeps(seed))),
  ]);
  return totals;

  function lanes(most, waiting) {
    return Array.from({ length: Math.min(most, waiting.length) }, () => workThrough(waiting));
  }

  async function workThrough(waiting) {
    let server = null;
    while (waiting.length > 0 && !until(totals)) {
      const number = waiting.shift();
      server ??= await start(number);
      const seed = await runSeed(number, { server, verbose, faults, long, aim, mutate });
      totals.add(seed);
      onSeed?.(seed);
      const text = describe(seed, { verbose });
      if (text) print(text);
      if (server.hasEnded || seed.violations.length > 0 && server.output) print(`what the server said${server.hasEnded ? ', which has ended,' : ''} in seed ${seed.number}:\n${server.output}`);
      if (!server.hasEnded && !server.isDurable) continue;
      await server.stop();
      server = null;
    }
    await server?.stop();
  }
}

export async function runSeed(number, { server, verbose = false, faults = true, long = false, aim, mutate }) {
  const seed = new Seed(number, { server, verbose, faults, long, aim, mutation: mutate ? new Mutation(mutate) : null });
  try {
    await seed.run();
  } catch (error) {
    seed.report('failed', 'driver', error.stack);
  }
  if (server.hasEnded) seed.report('failed', 'server', 'a process ended by itself');
  return seed;
}
