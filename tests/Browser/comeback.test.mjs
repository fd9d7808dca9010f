// What a lost connection looks like: at the one who lost it, and at the others.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { launchBrowser, startChat, Visitor } from './chat.mjs';
import { Link } from './link.mjs';

let chat, browser;

before(async () => {
  chat = await startChat();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await chat?.stop();
});

/** Ada, and Grace who comes over a link of her own; both on WebSockets. */
async function two(t, { server = chat, room, ...query }) {
  const link = await Link.to(server.url);
  t.after(() => link.close());
  const ada = await Visitor.open(browser, server.url, { name: 'Ada', room });
  await ada.isIn(room, 'websocket');
  const grace = await Visitor.open(browser, link.url, { name: 'Grace', room, ...query });
  await grace.isIn(room, query.transport ?? 'websocket');
  await ada.sees('Grace joined');
  return { ada, grace, link };
}

async function startWith(t, recovery) {
  const server = await startChat({ recovery });
  t.after(() => server.stop());
  return server;
}

/** Resolves with the texts of the marked messages as soon as there are so many. */
async function marked({ page }, count) {
  const texts = await page.waitForFunction(count => {
    const nodes = [...document.querySelectorAll('.returned .text')];
    return nodes.length === count && nodes.map(node => node.textContent);
  }, count, { timeout: 30_000 });
  return texts.jsonValue();
}

const isLost = ({ page }) => page.locator('#connection:not([data-state=connected])').waitFor();
const newsAt = ({ page }) => page.locator('.system:not(.return) span').allTextContents();

async function sayAndDeliver(visitor, texts) {
  const before = await visitor.page.locator('.mine').count();
  await visitor.sayAll(texts);
  await visitor.hasDelivered(before + texts.length);
}

// They wait more than they work, so some run side by side.
describe('a lost connection', { concurrency: 4 }, () => {
  for (const transport of ['websocket', 'polling']) {
    test(`the first button cuts the connection; what comes back over ${transport} is counted, and marked for a moment`, async t => {
      const { ada, grace, link } = await two(t, { room: `cut-${transport}`, transport });
      await ada.say('before');
      await grace.heard(1);

      link.refuses = true;
      const marks = marked(grace, 3);
      await grace.page.getByRole('button', { name: 'cut the connection' }).click();
      await isLost(grace);
      await sayAndDeliver(ada, ['one', 'two', 'three']);
      link.refuses = false;

      assert.deepEqual(await marks, ['one', 'two', 'three']);
      const [{ outcome, text }] = await grace.returns(1);
      assert.equal(outcome, 'recovered');
      assert.match(text, /^Recovered after \d+ s: 3 messages came back$/);
      await ada.say('after');
      assert.deepEqual(await grace.heard(5), ['before', 'one', 'two', 'three', 'after']);
      assert.equal(await grace.page.locator('.returned', { hasText: 'after' }).count(), 0);
      if (transport === 'websocket') await grace.page.locator('.returned').first().waitFor({ state: 'detached' });
      assert.deepEqual(await newsAt(ada), ['Grace joined'], 'nobody has left and come');
    });
  }

  test('the second button takes the page offline for ten seconds; meanwhile the others see that one as away', async t => {
    const { ada, grace } = await two(t, { room: 'offline' });
    const marks = marked(grace, 3);
    const started = Date.now();

    await grace.page.getByRole('button', { name: 'go offline for 10 s' }).click();
    await grace.page.getByText(/^Offline, as you wished/).waitFor();
    await sayAndDeliver(ada, ['one', 'two', 'three']);
    await ada.page.locator('#people .away', { hasText: 'Grace' }).waitFor();
    await ada.sees('Only you are here · 1 away');

    assert.deepEqual(await marks, ['one', 'two', 'three']);
    assert.ok(Date.now() - started >= 9_900, 'no connection before the ten seconds were over');
    const [{ text }] = await grace.returns(1);
    assert.match(text, /^Recovered after 1\d s: 3 messages came back$/);
    await ada.sees('2 people here');
    await ada.page.locator('#people .away').waitFor({ state: 'detached' });
    assert.deepEqual(await newsAt(ada), ['Grace joined']);
    assert.deepEqual([...ada.problems, ...grace.problems], []);
  });

  test('a connection that is lost again in the middle of what comes back loses nothing', async t => {
    const { ada, grace, link } = await two(t, { room: 'again', transport: 'websocket' });
    const texts = Array.from({ length: 40 }, (_, i) => `line ${i + 10}.`);
    link.refuses = true;
    link.cut();
    await isLost(grace);
    await sayAndDeliver(ada, texts);

    const again = link.cutAfter('line 25');
    link.refuses = false;
    await again;

    assert.deepEqual(await grace.heard(40), texts);
    const [first, second] = await grace.returns(2);
    assert.equal(first.outcome, 'recovered');
    assert.match(first.text, /^Recovered after \d+ s, and lost again$/);
    await grace.page.getByText(/^Recovered after \d+ s: 2\d messages came back$/).waitFor();
    assert.equal(second.outcome, 'recovered');
  });

  test('when more was said than the server keeps, the page says so and shows the state as it is', async t => {
    const server = await startWith(t, { MaxLogEntries: 10 });
    const { ada, grace, link } = await two(t, { server, room: 'flood' });
    link.refuses = true;
    link.cut();
    await isLost(grace);
    await sayAndDeliver(ada, Array.from({ length: 20 }, (_, i) => `lost ${i}`));
    const eve = await Visitor.open(browser, server.url, { name: 'Eve', room: 'flood' });
    await eve.isIn('flood', 'websocket');
    link.refuses = false;

    const [{ outcome, text }] = await grace.returns(1);
    assert.equal(outcome, 'incomplete');
    assert.match(text, /^Reconnected after \d+ s\. Some messages may be missing \(more happened meanwhile than the server keeps\); people and rooms are loaded anew\.$/);
    assert.deepEqual(await grace.page.locator('#people .person').allTextContents(), ['Ada', 'Grace', 'Eve']);
    await ada.say('after');
    assert.deepEqual(await grace.heard(1), ['after'], 'the rest of what was said does not come');
    assert.deepEqual(await newsAt(ada), ['Grace joined', 'Eve joined'], 'she kept her seat');
  });

  test('whose session is over has left, and comes in anew', async t => {
    const server = await startWith(t, { MaxDisconnectionDuration: '00:00:02.5' });
    const { ada, grace, link } = await two(t, { server, room: 'gone' });
    link.refuses = true;
    link.cut();

    await ada.page.locator('#people .away', { hasText: 'Grace' }).waitFor();
    await ada.sees('Grace left');
    await ada.sees('Only you are here');
    link.refuses = false;

    const [{ outcome, text }] = await grace.returns(1);
    assert.equal(outcome, 'incomplete');
    assert.match(text, /\(the server no longer knew this tab\)/);
    await ada.sees('2 people here');
    assert.deepEqual(await newsAt(ada), ['Grace joined', 'Grace left', 'Grace joined']);
  });

  test('a tab that is loaded anew while its session still waits has its seat again, and nobody else gets it', async t => {
    const { ada, grace, link } = await two(t, { room: 'reload' });
    link.cut();
    link.refuses = true; // so that the page can't say that it ends
    await ada.page.locator('#people .away', { hasText: 'Grace' }).waitFor();
    const eve = await Visitor.open(browser, chat.url, { name: 'Grace', room: 'reload' });
    await eve.page.locator('#name[aria-invalid=true]').waitFor();

    link.refuses = false;
    await grace.page.goto('about:blank');
    await grace.page.goto(`${link.url}/?${new URLSearchParams({ name: 'Grace', room: 'reload' })}`);

    await grace.isIn('reload', 'websocket');
    await ada.page.locator('#people .away').waitFor({ state: 'detached' });
    assert.deepEqual(await ada.page.locator('#people .person').allTextContents(), ['Ada', 'Grace']);
    await ada.say('welcome');
    assert.deepEqual(await grace.heard(1), ['welcome']);
  });

  test('who asked for less motion sees the marks too', async t => {
    const { ada, grace, link } = await two(t, { room: 'calm', context: { reducedMotion: 'reduce' } });
    link.refuses = true;
    link.cut();
    await isLost(grace);
    await sayAndDeliver(ada, ['one']);
    const style = grace.page.waitForFunction(() => {
      const bubble = document.querySelector('.returned .bubble');
      if (!bubble) return;
      const { animationName, borderColor } = getComputedStyle(bubble);
      return { animationName, borderColor, accent: getComputedStyle(document.querySelector('.b2')).stroke };
    });
    link.refuses = false;

    const { animationName, borderColor, accent } = await (await style).jsonValue();
    assert.equal(animationName, 'none');
    assert.equal(borderColor, accent);
  });
});
