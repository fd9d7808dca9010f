// What stands around a socket's handlers, as the official client sees it.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { event, startFixture, ways } from './fixture.mjs';

let server;
before(async () => { server = await startFixture(); });
afterEach(() => server.closeClients());
after(() => server.stop());

const log = async id => (await fetch(`${server.url}/log/${id}`)).json();

for (const way of Object.keys(ways)) {
  describe(way, () => {
    test('an event passes catch-all listeners, middlewares and handlers in this order, and the client gets what they made of it', async () => {
      const client = await server.connect(way);
      await client.emitWithAck('listen');
      const [shouted, message] = [event(client, 'shouted'), event(client, 'message')];
      assert.equal(await client.emitWithAck('shout', 'hey', { bytes: Buffer.from([1, 2]) }), 3);
      assert.deepEqual(await shouted, ['HEY', { bytes: Buffer.from([1, 2]) }]);
      assert.deepEqual(await message, ['somebody shouted']);
      assert.equal(await client.emitWithAck('forbidden'), 'not allowed');
      const mine = (await log(client.id)).filter(entry => /^(in|out|done|handler) /.test(entry));
      assert.deepEqual(mine, ['in shout', 'handler HEY', 'out shouted 2', 'out message 1', 'done shout', 'in forbidden']);
    });

    test('a malformed packet is an error on the socket, and then forced close', async () => {
      const client = await server.connect(way, { reconnection: false });
      const { id } = client;
      await client.emitWithAck('listen');
      const gone = event(client, 'disconnect');
      client.io.engine.write('5woooot');
      await gone;
      assert.equal(await server.saw(`error-${id}`), 'Illegal attachments');
      assert.equal(await server.saw(`disconnect-${id}`), 'forced close');
    });
  });
}
