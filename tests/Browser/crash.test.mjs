// The process of the chat is killed, and started again: nobody who has a tab open loses anything.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launchBrowser, startChat, Visitor } from './chat.mjs';
import { Link } from './link.mjs';

let browser;

before(async () => { browser = await launchBrowser(); });
after(async () => { await browser?.close(); });

async function freePort() {
  const probe = createServer();
  probe.listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

async function deliver(visitor, texts) {
  const before = await visitor.page.locator('.mine').count();
  await visitor.sayAll(texts);
  await visitor.hasDelivered(before + texts.length);
}

const people = ({ page }) => page.locator('#people .person').allTextContents();

test('two tabs are open when the process is killed with -9 and started again: both come back recovered, with every message', { timeout: 120_000 }, async t => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-crash-'));
  const start = port => startChat({ port, folder });
  const port = await freePort();
  let chat = await start(port);
  t.after(async () => {
    await chat.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const link = await Link.to(chat.url);
  t.after(() => link.close());
  const ada = await Visitor.open(browser, chat.url, { name: 'Ada', room: 'crash' });
  await ada.isIn('crash', 'websocket');
  const grace = await Visitor.open(browser, link.url, { name: 'Grace', room: 'crash' });
  await grace.isIn('crash', 'websocket');
  await ada.sees('Grace joined');

  const said = [];
  for (let kill = 1; kill <= 3; kill++) {
    const texts = Array.from({ length: 5 }, (_, i) => `before ${kill}-${i + 1}`);
    if (kill === 2) {
      // What she misses is known to the process that is killed, and to nobody else.
      link.refuses = true;
      link.cut();
      await grace.page.locator('#connection:not([data-state=connected])').waitFor();
    }
    await deliver(ada, texts);
    said.push(...texts);
    await chat.kill();
    await ada.page.locator('#connection:not([data-state=connected])').waitFor();
    chat = await start(port);
    link.refuses = false;

    for (const visitor of [ada, grace]) {
      const returns = await visitor.returns(kill);
      assert.deepEqual(returns.map(({ outcome }) => outcome), Array(kill).fill('recovered'), JSON.stringify(returns));
    }
    assert.deepEqual(await grace.heard(said.length), said);
    await ada.page.waitForFunction(() => document.querySelectorAll('#people .person').length === 2 && !document.querySelector('#people .away'));
    assert.deepEqual((await people(ada)).toSorted(), ['Ada', 'Grace']);
  }

  await deliver(grace, ['I saw it all']);
  assert.deepEqual(await ada.heard(1), ['I saw it all']);
  assert.deepEqual(await ada.page.locator('.system:not(.return) span').allTextContents(), ['Grace joined'], 'nobody has left and come');

  // And in order: stopped with SIGTERM, as by a new version of it.
  await chat.stop();
  chat = await start(port);
  for (const visitor of [ada, grace]) assert.equal((await visitor.returns(4)).at(-1).outcome, 'recovered');
  await deliver(ada, ['after']);
  assert.deepEqual(await grace.heard(said.length + 1), [...said, 'after']);
});
