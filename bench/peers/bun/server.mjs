// The original server on Bun, with the engine that its authors wrote for Bun's own WebSockets.
//     PORT=3302 [RECOVERY=1] bench/peers/node_modules/.bin/bun bench/peers/bun/server.mjs

import { Server as Engine } from '@socket.io/bun-engine';
import { Server } from 'socket.io';
import { addEvents, options, port } from '../events.mjs';

const io = new Server(options);
const engine = new Engine({ path: '/socket.io/' });
io.bind(engine);
addEvents(io);
const server = Bun.serve({ hostname: '127.0.0.1', port, ...engine.handler() });
console.log(`listening on ${server.port}`);
