// Debian's Python with its Socket.IO client; without them, the packages are installed when we may.

import { spawnSync } from 'node:child_process';
import { install } from './apt.mjs';

/** Debian's own, whatever else is on the PATH: its packages are for this one. */
export const pythonPath = '/usr/bin/python3';

/** Makes sure that Python's Socket.IO client is there, with what it needs for both transports, blocking and asynchronous. */
export function python() {
  if (spawnSync(pythonPath, ['-c', 'import socketio, aiohttp, websocket, requests']).status === 0) return;
  install("Python's Socket.IO client", ['python3-socketio', 'python3-aiohttp', 'python3-websocket', 'python3-requests']);
}
