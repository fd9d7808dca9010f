// Takes the picture for the README: node tests/Browser/screenshot.mjs [docs/chat.png]. Needs a build (./test browser makes one).

import { launchBrowser, startChat, Visitor } from './chat.mjs';

const file = process.argv[2] ?? 'docs/chat.png';
const context = { viewport: { width: 1200, height: 760 }, deviceScaleFactor: 1.5, locale: 'en-GB', colorScheme: process.env.SCHEME ?? 'light' };
const chat = await startChat();
const browser = await launchBrowser();
try {
  const open = (name, room) => Visitor.open(browser, chat.url, { context, name, room });
  const ada = await open('Ada Lovelace', 'harbour');
  await ada.isIn('harbour', 'websocket');
  const others = {};
  for (const [name, room] of [
    ['Grace', 'harbour'], ['Linus', 'harbour'], ['Margaret', 'harbour'], ['Edsger', 'lobby'], ['Barbara', 'lobby'], ['Alan', 'night-shift'],
  ]) {
    others[name] = await open(name, room);
    await others[name].isIn(room, 'websocket');
  }
  const talk = [
    ['Grace', 'Good morning! Two tabs, four people, one server. Who reads this?'],
    ['Linus', 'I do, over long-polling.'],
    ['Linus', 'And now over WebSocket. That went quickly.'],
    [null, 'I sent five hundred lines in one go, and they all stand in order.'],
    [null, 'I counted.'],
    ['Margaret', 'From the phone as well: 320 pixels, and nothing is cut off.'],
    ['Grace', 'Then let us show it to the others this afternoon?'],
    [null, 'I will bring the biscuits.'],
  ];
  let heard = 0;
  for (const [name, text] of talk) {
    await (name ? others[name] : ada).say(text);
    if (name) await ada.heard(++heard);
    else await others.Grace.sees(text);
  }
  await others.Linus.box.pressSequentially('Count me in');
  await ada.sees('Linus is typing');
  await ada.page.screenshot({ path: file });
} finally {
  await browser.close();
  await chat.stop();
}
