// A server as a process of its own, whatever it is written in: it takes PORT, and says when it listens.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { within } from '../js/waiting.mjs';

export async function startServer([command, ...args], environment = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, PORT: '0', ...environment } });
  const ended = once(child, 'exit');
  const port = await within(new Promise((resolve, reject) => {
    ended.then(([code]) => reject(new Error(`the server ended with code ${code}`)));
    createInterface({ input: child.stdout }).once('line', line => {
      const match = /^listening on (\d+)$/.exec(line);
      if (match) resolve(+match[1]);
      else reject(new Error(`the server says '${line}'`));
    });
  }), 'the server listens', 30_000);
  return {
    child,
    port,
    /** Asks it to end; resolves with the exit code, or fails after the three seconds that it may take. */
    async stop() {
      if (child.exitCode === null) child.kill('SIGTERM');
      const [code] = await within(ended, 'the server ends', 3_000).catch(error => {
        child.kill('SIGKILL');
        throw error;
      });
      return code;
    },
  };
}
