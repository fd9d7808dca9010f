// The official JavaScript client in the versions that a server meets today, and where they differ from each other.

import { createRequire } from 'node:module';
import { io as four } from 'socket.io-client';
import { event } from '../js/fixture.mjs';
import { within } from '../js/waiting.mjs';

const require = createRequire(import.meta.url);
const { io: three } = require('socket.io-client-3');
const two = require('socket.io-client-2');

const auth = { credentials: token => ({ auth: { token } }), refusal: 'connect_error', unknown: [{ message: 'Invalid namespace' }] };

export const libraries = {
  'socket.io-client 4.8': { io: four, ...auth, engine: 4 },
  'socket.io-client 3.1': { io: three, ...auth, engine: 4 },
  'socket.io-client 2.5': { io: two, credentials: token => ({ query: { token } }), refusal: 'error', engine: 3 },
};

/** Emits and waits for the acknowledgement: its one argument, or all of them if there are more. */
export function ask(client, name, ...args) {
  return within(new Promise(resolve => client.emit(name, ...args, (...answer) => resolve(answer.length > 1 ? answer : answer[0]))), `the ack of ${name}`, 20_000);
}

/** Another namespace on the connection of a client that is there already. */
export async function join(client, nsp) {
  const other = client.io.socket(nsp);
  if (!other.connected) await event(other, 'connect');
  return other;
}
