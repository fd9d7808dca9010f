// The clients that take another parser, by the names that the tests give them.

import { createRequire } from 'node:module';
import { io as io4 } from 'socket.io-client';

const require = createRequire(import.meta.url);
const { io: io3 } = require('socket.io-client-3');

export const msgpack = require('socket.io-msgpack-parser');

/** The client of Socket.IO 2 with the parser of its time. */
export const two = { library: require('socket.io-client-2'), parser: require('socket.io-msgpack-parser-2') };

export const libraries = { 'socket.io-client 4.8.4': io4, 'socket.io-client 3.1.3': io3 };
