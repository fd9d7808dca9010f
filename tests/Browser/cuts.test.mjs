// The promise of recovery, seen by a person: one tab loses its connection twenty times while somebody writes to it, and nobody can tell from what it shows.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, startChat, Visitor } from './chat.mjs';
import { Link } from './link.mjs';

const perCut = 25;
let chat, browser;

before(async () => {
  chat = await startChat();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await chat?.stop();
});

const button = ({ page }) => page.locator('#cut').click();
const closeWebSocket = ({ page }) => page.evaluate(() => globalThis.webSockets.at(-1).close());
const sawLoss = ({ page }) => page.locator('#connection:not([data-state=connected])').waitFor();

// A browser that finds the connection of a poll dead tries once more on a new one, and the page hears nothing of it: so that one must fail too.
const outage = cut => async (visitor, link) => {
  link.refuses = true;
  cut(link);
  await sawLoss(visitor);
  link.refuses = false;
};

// Each way breaks a connection that is up; a second one breaks the next connection as soon as the page has said that it is back.
const ways = [
  { title: 'the button', cut: [button] },
  { title: 'the browser is offline for a moment', cut: [async visitor => {
    await visitor.context.setOffline(true);
    await sawLoss(visitor);
    await visitor.context.setOffline(false);
  }] },
  { title: 'the WebSocket is closed in the page', cut: [closeWebSocket] },
  { title: 'the link is reset', cut: [(_, link) => link.cut()] },
  { title: 'the link is closed in order', cut: [(_, link) => link.cut({ orderly: true })] },
  { title: 'the link is half-open: the server has not noticed', cut: [(_, link) => link.cutPageOnly()] },
  { title: 'the link is silent, and the page gives it up', cut: [async (visitor, link) => {
    link.silence();
    await closeWebSocket(visitor);
    link.bury();
  }] },
  { title: 'the server loses the link first', cut: [(_, link) => {
    link.cutServerOnly();
    link.bury();
  }] },
  { title: 'another network: offline for the browser, silent for the server', cut: [async (visitor, link) => {
    link.silence();
    await visitor.context.setOffline(true);
    await sawLoss(visitor);
    link.bury();
    await visitor.context.setOffline(false);
  }] },
  { title: 'in the middle of a frame', cut: [(_, link, next) => link.cutAfter(next.slice(0, -1))] },
  { title: 'twice in a row', cut: [outage(link => link.cut()), outage(link => link.cut())] },
  { title: 'half-open twice in a row', cut: [outage(link => link.cutPageOnly()), outage(link => link.cutPageOnly())] },
  { title: 'on long-polling before the upgrade', holdsUpgrades: true, cut: [(_, link) => link.cut(), outage(link => link.cut({ orderly: true }))] },
  { title: 'half-open on long-polling before the upgrade', holdsUpgrades: true, cut: [button, outage(link => link.cutPageOnly())] },
  { title: 'the answer to a poll is lost on long-polling', holdsUpgrades: true, cut: [button, (_, link, next) => link.cutBefore(next)] },
];

test('a tab that is cut 20 times while 500 messages come shows each once and in order, and says each time that it is recovered', { timeout: 150_000 }, async t => {
  assert.equal(ways.flatMap(way => way.cut).length, 20);
  const link = await Link.to(chat.url);
  t.after(() => link.close());
  const ada = await Visitor.open(browser, chat.url, { name: 'Ada', room: 'storm' });
  await ada.isIn('storm', 'websocket');
  const grace = await Visitor.open(browser, link.url, { name: 'Grace', room: 'storm', beforeScripts: keepWebSockets });
  await grace.isIn('storm', 'websocket');
  await ada.sees('Grace joined');

  const written = [];
  const write = count => {
    const texts = Array.from({ length: count }, (_, i) => `line ${String(written.length + i + 1).padStart(3, '0')}.`);
    written.push(...texts);
    return ada.sayAll(texts);
  };
  let cuts = 0;
  for (const { title, holdsUpgrades = false, cut } of ways) {
    const started = Date.now();
    link.holdsUpgrades = holdsUpgrades;
    for (const [i, lose] of cut.entries()) {
      await write(8);
      const next = `line ${String(written.length + 4).padStart(3, '0')}.`;
      const broken = lose(grace, link, next); // in the middle of what is being written
      await write(9);
      await broken;
      if (i === cut.length - 1) link.holdsUpgrades = false;
      const said = await grace.returns(++cuts);
      assert.deepEqual([said.length, said.at(-1).outcome], [cuts, 'recovered'], `${title}: ${said.at(-1).text}`);
      await write(perCut - 17);
    }
    await grace.isIn('storm', 'websocket');
    t.diagnostic(`${title}: ${Date.now() - started} ms`);
  }

  assert.deepEqual(await grace.heard(500), written);
  await ada.hasDelivered(500);
  assert.equal(written.length, 500);
  const said = await grace.returns(20);
  assert.deepEqual(said.map(({ outcome }) => outcome), Array(20).fill('recovered'));
  t.diagnostic(said.map(({ text }) => text).join(' | '));
  const news = await ada.page.locator('.system:not(.return) span').allTextContents();
  assert.deepEqual(news, ['Grace joined'], 'nobody has left because of a cut');
  assert.deepEqual(ada.problems, []);
  assert.deepEqual(grace.problems.filter(problem => !/net::ERR_|WebSocket|\b400\b/.test(problem)), [], 'but for the network, the console stays clean');
});

function keepWebSockets() {
  globalThis.webSockets = [];
  globalThis.WebSocket = class extends WebSocket {
    constructor(...address) {
      super(...address);
      globalThis.webSockets.push(this);
    }
  };
}
