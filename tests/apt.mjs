// What suites need of Debian's packages; installed when it is absent and we may.

import { execFileSync, spawnSync } from 'node:child_process';

/** Installs packages. Where that can't be, the error says in one line what to install. */
export function install(what, packages) {
  const isRoot = process.getuid?.() === 0;
  if (!isRoot || spawnSync('sh', ['-c', 'command -v apt-get']).status !== 0) {
    throw new Error(`needs ${what}: install ${packages.length === 1 ? 'the package' : 'the packages'} ${packages.join(' ')} and run ./test again`);
  }
  const apt = (...args) => execFileSync('apt-get', ['-o', 'DPkg::Lock::Timeout=300', '-q', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }, // 1: no package may start a service
  });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
  } catch (error) {
    throw new Error(`${what} could not be installed by apt-get: ${String(error.stderr ?? error.message).trim().split('\n').pop()}`);
  }
}
