// Everybody gets in: with the keyboard alone, on a narrow phone, in the dark; and is told when the server is gone.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, startChat, Visitor } from './chat.mjs';

let chat, browser;

before(async () => {
  chat = await startChat();
  browser = await launchBrowser();
});

after(async () => {
  await browser?.close();
  await chat?.stop();
});

test('the keyboard alone is enough', async () => {
  const { page, ...visitor } = await Visitor.open(browser, chat.url);
  const focused = () => page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
  const press = async (...keys) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  await page.locator('#open-rooms button').first().waitFor();

  assert.equal(await focused(), 'name');
  await page.keyboard.type('Ada');
  await press('Tab');
  assert.equal(await focused(), 'room');
  await page.keyboard.type('keys');
  await press('Enter');
  await page.getByRole('heading', { name: '#keys' }).waitFor();

  assert.equal(await focused(), 'text');
  await page.keyboard.type('first line');
  await press('Shift+Enter');
  await page.keyboard.type('second line');
  await press('Enter');
  await page.locator('.mine:not(.pending) .text').waitFor();
  assert.equal(await page.locator('.mine .text').textContent(), 'first line\nsecond line');
  assert.equal(await page.locator('#text').inputValue(), '');

  await press('Shift+Tab');
  assert.equal(await focused(), 'messages', 'the conversation can be scrolled by keyboard');
  const outline = await page.locator('#messages').evaluate(node => getComputedStyle(node).outlineStyle);
  assert.equal(outline, 'solid', 'the focus is visible');
  await press('Shift+Tab');
  assert.equal(await focused(), 'leave');
  await press('Shift+Tab', 'Shift+Tab');
  assert.equal(await focused(), 'other-room');
  await press('Escape');
  assert.equal(await focused(), 'text');

  await press('Shift+Tab', 'Shift+Tab', 'Enter');
  await page.getByRole('heading', { name: 'Come on in' }).waitFor();
  assert.equal(await focused(), 'room', 'the name is known already');
  assert.deepEqual(visitor.problems, []);
});

for (const width of [320, 390]) {
  test(`nothing is cut off at ${width} px`, async () => {
    const context = { viewport: { width, height: 640 }, hasTouch: true, isMobile: true };
    const overflow = () => visitor.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    const visitor = await Visitor.open(browser, chat.url, { context });
    await visitor.page.locator('#open-rooms button').first().waitFor();
    assert.equal(await overflow(), 0, 'on the way in');

    await visitor.page.getByLabel('Your name').fill('Maximiliane von Humboldt');
    await visitor.page.getByLabel('Room', { exact: true }).fill(`a-room-with-a-very-long-name-${width}`);
    await visitor.page.getByRole('button', { name: 'Join the room' }).tap();
    await visitor.isIn(`a-room-with-a-very-long-name-${width}`, 'websocket');
    await visitor.say('W'.repeat(300));
    await visitor.page.locator('.mine:not(.pending)').waitFor();
    assert.equal(await overflow(), 0, 'in the room');
    for (const id of ['menu', 'send', 'connection', 'cut', 'offline']) {
      const { x, width: own } = await visitor.page.locator(`#${id}`).boundingBox();
      assert.ok(x >= 0 && x + own <= width, `#${id} lies within the screen`);
    }

    await visitor.page.getByRole('button', { name: 'Rooms and people' }).tap();
    await visitor.page.getByRole('button', { name: 'Leave' }).waitFor();
    assert.equal(await overflow(), 0, 'with the drawer open');
    await visitor.page.keyboard.press('Escape');
    await visitor.page.locator('#sidebar').waitFor({ state: 'hidden' });
    await visitor.close();
  });
}

test('text stands out from its ground in light and in dark', async () => {
  for (const colorScheme of ['light', 'dark']) {
    const visitor = await Visitor.open(browser, chat.url, { context: { colorScheme }, name: `Ada ${colorScheme}`, room: 'contrast' });
    await visitor.isIn('contrast', 'websocket');
    await visitor.say('Can you read this?');
    await visitor.page.locator('.mine:not(.pending)').waitFor();
    await visitor.page.getByRole('button', { name: 'cut the connection' }).click();
    await visitor.page.getByText(/^Recovered after .* no message was missed$/).waitFor();
    await visitor.page.mouse.move(0, 0);
    for (const selector of ['.mine .text', '.mine time', '#room-title', '#room-count', '#my-avatar', '#people .person', '.connection-text', '#cut', '.return span']) {
      const ratio = await contrast(visitor.page.locator(selector).last());
      assert.ok(ratio >= 4.5, `${selector} has a contrast of ${ratio.toFixed(2)} in ${colorScheme}`);
    }
    await visitor.close();
  }
});

test('a server that goes away and comes back is told, and the room is found again', async t => {
  if (process.env.CHAT_URL) return t.skip('needs a server of its own');
  const own = await startChat();
  const visitor = await Visitor.open(browser, own.url, { name: 'Ada', room: 'storm' });
  await visitor.isIn('storm', 'websocket');

  await own.stop();

  await visitor.page.locator('#connection:not([data-state=connected])').waitFor();
  await visitor.page.locator('#banner').waitFor();
  await visitor.page.locator('#send:disabled').waitFor();
  await visitor.say('Not lost');
  assert.equal(await visitor.box.inputValue(), 'Not lost', 'what cannot be sent stays in the box');

  const again = await startChat({ port: new URL(own.url).port });
  try {
    await visitor.isIn('storm', 'websocket');
    const [{ outcome, text }] = await visitor.returns(1);
    assert.equal(outcome, 'incomplete', 'a server that began anew has kept nothing');
    assert.match(text, /^Reconnected after \d+ s\. Some messages may be missing \(the server no longer knew this tab\)/);
    await visitor.page.locator('#banner').waitFor({ state: 'hidden' });
    await visitor.box.press('Enter');
    await visitor.hasDelivered(1);
  } finally {
    await visitor.close();
    await again.stop();
  }
});

/** The WCAG contrast of an element's text with what is painted beneath it. */
function contrast(locator) {
  return locator.evaluate(node => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = color => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const luminance = ([r, g, b]) => [r, g, b]
      .map(part => part / 255)
      .map(part => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
    let ground = node;
    while (rgba(getComputedStyle(ground).backgroundColor)[3] < 255) ground = ground.parentElement;
    const [light, dark] = [luminance(rgba(getComputedStyle(node).color)), luminance(rgba(getComputedStyle(ground).backgroundColor))]
      .sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  });
}
