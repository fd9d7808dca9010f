// Where Chromium is; without one, Debian's package is installed when we may.

import { spawnSync } from 'node:child_process';
import { install } from './apt.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** The path of a Chromium on this machine, or undefined. CHROMIUM names one that is not on the PATH. */
export function findChromium() {
  if (process.env.CHROMIUM) return process.env.CHROMIUM;
  for (const name of names) {
    const { status, stdout } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });
    if (status === 0) return stdout.trim();
  }
}

/** Makes sure that there is a Chromium; throws with what to do when there can't be one. */
export function chromium() {
  if (!findChromium()) install('Chromium (or CHROMIUM, the path of one)', ['chromium']);
}
