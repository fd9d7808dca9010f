// A client that comes back at the same place over and over is given up as one that can't take what follows. Then it gets nothing of it either.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { withResolvers } from './promises.mjs';
import { RawConnection } from './rawConnection.mjs';
import { serverCommand, startServer } from './server.mjs';

const server = await startServer(serverCommand('chaos'));
after(() => server.stop());

test('a session that is given up in a loop of replays keeps its id, and what was missed does not come after all', { timeout: 20_000 }, async () => {
  const first = await connect();
  first.connection.send('publish', [first.sid, 1, 'missed'], null);
  await first.nextEvent();
  first.connection.abort();

  const seen = [];
  let last = first;
  for (let i = 0; i < 6; i++) {
    last = await connect({ pid: first.pid });
    if (last.pid !== first.pid) break;
    seen.push(await last.nextEvent());
    last.connection.abort();
  }
  assert.equal(seen.length, 5);
  assert.deepEqual([last.sid, last.pid === first.pid], [first.sid, false]);
  assert.equal(await last.ask('recovery'), 'StateOnly ReplayLoop');
  assert.deepEqual(last.events, []);
  last.connection.abort();
});

function connect(auth) {
  const { promise, resolve, reject } = withResolvers();
  const events = [];
  let listener = null;
  const connection = new RawConnection({
    port: server.port, transport: 'websocket', ns: '/', auth,
    handlers: {
      onRequest() {},
      onConnected: ({ sid, pid }) => resolve({
        sid, pid, connection, events,
        nextEvent: () => new Promise(hear => events.length > 0 ? hear(events[0]) : listener = hear),
        ask: name => new Promise(hear => connection.send(name, [], hear)),
      }),
      onEvent: (name, args) => {
        events.push([name, ...args]);
        listener?.(events[0]);
      },
      onGone: reason => reject(new Error(reason)),
      onFault: text => reject(new Error(text)),
    },
  });
  return promise;
}
