// From polling to WebSocket with traffic both ways.

import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { collect, ended, event, startFixture } from './fixture.mjs';

let server;
before(async () => { server = await startFixture({ plain: {}, beside: {} }); });
afterEach(() => server.closeClients());
after(() => server.stop());

test('fifty messages each way keep their order across the upgrade, with a second endpoint beside', async () => {
  const numbers = Array.from({ length: 50 }, (_, i) => `${i + 1}`);
  await Promise.all(['plain', 'beside'].map(async endpoint => {
    const client = server.open('upgrade', endpoint, { query: { kept: '' } });
    const messages = collect(client);
    const upgraded = event(client, 'upgrade');
    await event(client, 'open');
    const { id } = client;
    assert.match(await server.saw(`open-${id}`), /^polling .*transport=polling/);
    let sent = 0;
    const sendTo = last => {
      while (sent < last) client.send(numbers[sent++]);
    };
    client.once('upgrading', to => {
      assert.equal(to.name, 'websocket');
      sendTo(Math.min(50, sent + 2)); // what is sent now waits in the client until the upgrade is done
    });
    const down = (async () => {
      for (const number of numbers) await server.say(client, number);
    })();
    for (let i = 1; i <= 50; i++) {
      sendTo(i);
      await new Promise(setImmediate);
    }
    assert.equal((await upgraded)[0].name, 'websocket');
    await down;
    assert.deepEqual(await messages.until(50), numbers);
    const reason = ended(client);
    client.close();
    assert.equal(await reason, 'forced close');
    assert.equal(await server.saw(`close-${id}`), 'transport close');
    assert.equal(await server.saw(`messages-${id}`), numbers.join(' '));
  }));
});
