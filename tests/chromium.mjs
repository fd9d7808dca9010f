// Where Chromium is; without one, Debian's package is installed when we may.

import { execFileSync, spawnSync } from 'node:child_process';

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
  if (findChromium()) return;
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync('sh', ['-c', 'command -v apt-get']).status !== 0) {
    throw new Error("needs Chromium: install the package 'chromium' (or set CHROMIUM to the path of one) and run ./test again");
  }
  const apt = (...args) => execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, // 1: no package may start a service
  });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium');
  } catch (error) {
    throw new Error(`Chromium could not be installed by apt-get: ${String(error.stderr ?? error.message).trim().split('\n').pop()}`);
  }
}
