// Takes the picture for the README: node tests/Browser/screenshot.mjs [docs/chat.png]. Needs a build (./test browser makes one).

import { launchBrowser, startChat, Visitor } from './chat.mjs';
import { Link } from './link.mjs';

const file = process.argv[2] ?? 'docs/chat.png';
const context = { viewport: { width: 1200, height: 760 }, deviceScaleFactor: 1.5, locale: 'en-GB', colorScheme: process.env.SCHEME ?? 'light' };
const chat = await startChat();
const browser = await launchBrowser();
const [adasLink, margaretsLink] = [await Link.to(chat.url), await Link.to(chat.url)];
try {
  const open = (name, room, { url } = chat) => Visitor.open(browser, url, { context, name, room });
  const ada = await open('Ada Lovelace', 'harbour', adasLink);
  await ada.isIn('harbour', 'websocket');
  const others = {};
  for (const [name, room, link] of [
    ['Grace', 'harbour'], ['Linus', 'harbour'], ['Margaret', 'harbour', margaretsLink], ['Edsger', 'lobby'], ['Barbara', 'lobby'], ['Alan', 'night-shift'],
  ]) {
    others[name] = await open(name, room, link);
    await others[name].isIn(room, 'websocket');
  }
  const talk = [
    ['Grace', 'Good morning! Four tabs, one server. Who reads this?'],
    ['Linus', 'I do, over long-polling.'],
    ['Linus', 'And now over WebSocket. That went quickly.'],
    [null, 'I sent five hundred lines in one go, and they all stand in order.'],
    ['Margaret', 'From the phone as well. Down at the boats the network is bad.'],
    [null, 'Mine goes now. Write something!'],
  ];
  let heard = 0;
  for (const [name, text] of talk) {
    await (name ? others[name] : ada).say(text);
    if (name) await ada.heard(++heard);
    else await others.Grace.sees(text);
  }
  margaretsLink.refuses = true;
  margaretsLink.cut();
  await ada.page.locator('#people .away').waitFor();

  adasLink.refuses = true;
  await ada.page.locator('#cut').click();
  await ada.page.locator('#connection[data-state=connecting]').waitFor();
  for (const [name, text] of [['Grace', 'Can you still hear us?'], ['Linus', 'She is gone. Shall we talk about her birthday?'], ['Grace', 'She will read every word.']]) {
    await others[name].say(text);
    await others[name === 'Grace' ? 'Linus' : 'Grace'].sees(text);
  }
  adasLink.refuses = false;
  await ada.page.getByText(/3 messages came back/).waitFor();
  await ada.isIn('harbour', 'websocket');
  await ada.page.locator('#people .away').waitFor();
  await ada.page.mouse.move(0, 0);
  await ada.box.focus();
  await others.Linus.box.pressSequentially('Oh');
  await ada.sees('Linus is typing');
  await ada.page.screenshot({ path: file });
} finally {
  await browser.close();
  await chat.stop();
  for (const link of [adasLink, margaretsLink]) link.close();
}
