// W43: a client that comes back begins on polling again, and its connection breaks while it moves to WebSocket.

import { after, afterEach, before, describe, test } from 'node:test';
import { event, upgraded } from './fixture.mjs';
import { isRecovered, startRecovering } from './recovering.mjs';

const way = 'polling with upgrade';

let server;
// When the WebSocket breaks after it has answered the probe, the official client notices at its ping timeout.
before(async () => { server = await startRecovering({ server: { PingInterval: '00:00:00.400', PingTimeout: '00:00:00.600' } }); });
afterEach(() => server.closeClients());
after(() => server.stop());

const places = { 'when the WebSocket is open': 'HTTP/1.1 101', 'when the probe is answered': '3probe' };
const cuts = { 'everything breaks': 'all', 'the WebSocket breaks': 'this', 'the polls break': 'polls' };

for (const [place, mark] of Object.entries(places)) {
  describe(place, () => {
    for (const [what, which] of Object.entries(cuts)) {
      test(`W43: ${what}`, async () => {
        const { client, link, n } = await server.connect(way);
        const { id } = client;
        await server.offline({ client, link });
        await server.emit({ to: id, count: 10 });
        const connected = event(client, 'connect');
        const cut = link.cutBehind(mark, { which });
        link.accept();
        await cut;
        await server.emit({ to: id, first: 10, count: 10 });
        await connected;
        await server.emit({ to: id, first: 20, count: 10 });
        await n.are(30);
        await isRecovered(client, id);
      });
    }
  });
}

test('W43: everything breaks as soon as the client has moved, while the server may still be waiting for its word', async () => {
  const { client, link, n } = await server.connect('polling with upgrade');
  const { id } = client;
  await server.offline({ client, link });
  await server.emit({ to: id, count: 10 });
  link.accept();
  await event(client, 'connect');
  const again = event(client, 'connect');
  await upgraded(client);
  await link.cut({ how: 'rst' });
  await server.emit({ to: id, first: 10, count: 10 });
  await again;
  await n.are(20);
  await isRecovered(client, id);
});
