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
    ['Grace', 'Good morning! The new relay is up. Is everyone still connected?'],
    ['Linus', 'Still here. My train went through two tunnels and I did not notice.'],
    [null, 'Same. I moved from the Wi-Fi to the phone in the middle of a sentence.'],
    [null, 'The order is right, too: I counted.'],
    ['Margaret', 'I pulled the plug of one node on purpose.'],
    ['Margaret', 'Nobody complained, so I plugged it in again.'],
    ['Grace', 'Then let us try three of them this afternoon?'],
    [null, 'I will bring the scissors.'],
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
