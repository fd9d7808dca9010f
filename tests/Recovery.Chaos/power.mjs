// A loss of power, simulated: the processes are gone, and of each file is left what was forced onto the disk, and of the rest
// as much as the disk had taken by chance; or the file has its length, but not what was in it.

import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

// What the processes have said, a line for each sync: the file, and how much of it had been written when the sync began. They said it in time:
// a line is there before anybody hears of what was synced.
export function syncedLengths(folder) {
  const lengths = new Map();
  for (const name of readdirSync(folder)) {
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1)) { // the last one may be half a line
      const [length, path] = line.split(' ');
      const file = basename(path);
      lengths.set(file, Math.max(lengths.get(file) ?? 0, Number(length)));
    }
  }
  return lengths;
}

// Returns how many bytes are gone.
export function cutBack(folder, synced, random) {
  let gone = 0;
  for (const name of readdirSync(folder).filter(name => name.endsWith('.log')).sort()) {
    const path = join(folder, name);
    const { size } = statSync(path);
    const safe = Math.min(size, synced.get(name) ?? 0);
    const kept = random.chance(0.5) ? safe : random.int(safe, size);
    gone += size - kept;
    const file = openSync(path, 'r+');
    ftruncateSync(file, kept);
    if (random.chance(0.25)) ftruncateSync(file, size); // the rest is zeros
    closeSync(file);
  }
  return gone;
}
