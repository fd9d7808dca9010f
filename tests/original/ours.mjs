// Our servers, in a process of their own.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const program = new URL('../../artifacts/bin/OriginalPeer/release/OriginalPeer.dll', import.meta.url).pathname;

export async function startOurs() {
  const server = spawn('dotnet', [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ports = await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', code => reject(new Error(`our server ended with code ${code}`)));
    createInterface({ input: server.stdout }).on('line', line => {
      if (line.startsWith('listening ')) resolve(Object.fromEntries(line.slice(10).split(' ').map(pair => pair.split('='))));
    });
  });
  return {
    of: kind => ({ port: +ports[kind], tell: (operation, command = {}) => tell(ports[kind], operation, command), stop() {} }),
    async stop() {
      if (server.exitCode !== null) return;
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function tell(port, operation, command) {
  const answer = await fetch(`http://127.0.0.1:${port}/control/${operation}`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(command), signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`${operation}: HTTP ${answer.status}`);
  const text = await answer.text();
  return answer.headers.get('content-type')?.startsWith('application/json') ? JSON.parse(text) : text;
}
