// What people do with the chat: they talk, in order and without loss, over each transport; and they see who is there.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launchBrowser, startChat, Visitor } from './chat.mjs';

let chat, browser;
let roomNumber = 0;
const visitors = [];
const freshRoom = () => `room-${++roomNumber}`;

async function visit(query) {
  const visitor = await Visitor.open(browser, chat.url, query);
  visitors.push(visitor);
  return visitor;
}

before(async () => {
  chat = await startChat();
  browser = await launchBrowser();
});

after(async () => {
  for (const visitor of visitors) assert.deepEqual(visitor.problems, [], 'the console of every page stays clean');
  await browser?.close();
  await chat?.stop();
});

const setups = [
  { title: 'long-polling', query: { transport: 'polling' }, transport: 'polling' },
  { title: 'WebSocket', query: { transport: 'websocket' }, transport: 'websocket' },
  { title: 'the upgrade from long-polling to WebSocket', query: {}, transport: 'websocket', talksAtOnce: true },
];

for (const { title, query, transport, talksAtOnce } of setups) {
  test(`500 messages each way arrive in order over ${title}, and not in another room`, { timeout: 120_000 }, async () => {
    const room = freshRoom();
    const ada = await visit({ ...query, name: 'Ada', room });
    const grace = await visit({ ...query, name: 'Grace', room });
    const eve = await visit({ ...query, name: 'Eve', room: `${room}-next-door` });
    // In the third set-up nobody waits for the upgrade: it happens under the messages.
    for (const visitor of [ada, grace]) await visitor.isIn(room, talksAtOnce ? undefined : transport);
    await eve.isIn(`${room}-next-door`);
    await ada.sees('2 people here');

    const fromAda = Array.from({ length: 500 }, (_, i) => `ada ${i}`);
    const fromGrace = Array.from({ length: 500 }, (_, i) => `grace ${i}`);
    await Promise.all([ada.sayAll(fromAda), grace.sayAll(fromGrace)]);

    assert.deepEqual(await ada.heard(500), fromGrace);
    assert.deepEqual(await grace.heard(500), fromAda);
    await ada.hasDelivered(500);
    await grace.hasDelivered(500);
    await ada.isIn(room, transport);
    await grace.isIn(room, transport);
    assert.deepEqual(await eve.heard(0), []);
    for (const visitor of [ada, grace, eve]) await visitor.close();
  });
}

test('who comes and goes is seen by those who are there', async () => {
  const room = freshRoom();
  const ada = await visit({ name: 'Ada', room });
  await ada.isIn(room);
  await ada.sees('Only you are here');

  const grace = await visit({ name: 'Grace Hopper', room });
  await ada.sees('Grace Hopper joined');
  await ada.sees('2 people here');
  assert.deepEqual(await ada.page.locator('#people .person').allTextContents(), ['Ada', 'Grace Hopper']);
  await ada.page.locator('#rooms button', { hasText: room }).getByText('2', { exact: true }).waitFor();

  await grace.page.goto('about:blank'); // as closing the tab does: the page knows that it ends
  await ada.sees('Grace Hopper left');
  await ada.sees('Only you are here');
});

test('a person who types is announced, and no longer once the message is there', async () => {
  const room = freshRoom();
  const ada = await visit({ name: 'Ada', room });
  const grace = await visit({ name: 'Grace', room });
  await ada.isIn(room, 'websocket');
  await grace.isIn(room, 'websocket');

  await grace.box.pressSequentially('Hello');
  await ada.sees('Grace is typing');
  await grace.box.press('Enter');

  await ada.sees('Hello');
  await ada.page.locator('#typing').getByText('Grace is typing').waitFor({ state: 'detached' });
});

test('markup in a message or a name stays text', async () => {
  const room = freshRoom();
  const ada = await visit({ name: 'Ada', room });
  const eve = await visit({ name: '<b id=bold>Eve</b>', room });
  await ada.isIn(room);
  await eve.isIn(room);

  await eve.say('<img src=x onerror="document.title = 1">');

  assert.deepEqual(await ada.heard(1), ['<img src=x onerror="document.title = 1">']);
  await ada.sees('<b id=bold>Eve</b>');
  assert.equal(await ada.page.locator('#message-list img, #bold').count(), 0);
});

test('a name that is taken in the room is refused beside its field', async () => {
  const room = freshRoom();
  const ada = await visit({ name: 'Ada', room });
  await ada.isIn(room);

  const second = await visit({ name: 'ada', room });
  await second.page.locator('#name[aria-invalid=true]').waitFor();
  assert.match(await second.page.locator('#name-error').textContent(), /taken|already/);

  await second.page.getByLabel('Your name').fill('Grace');
  await second.page.getByLabel('Your name').press('Enter');
  await second.isIn(room);
});

test('another room is one click away, and the former one sees the leaving', async () => {
  const [first, second] = [freshRoom(), freshRoom()];
  const ada = await visit({ name: 'Ada', room: first });
  const grace = await visit({ name: 'Grace', room: first });
  const eve = await visit({ name: 'Eve', room: second });
  for (const [visitor, room] of [[ada, first], [grace, first], [eve, second]]) await visitor.isIn(room);

  await grace.page.locator('#rooms button', { hasText: second }).click();

  await grace.isIn(second);
  await ada.sees('Grace left');
  await eve.sees('Grace joined');
  await grace.say('Now here');
  assert.deepEqual(await eve.heard(1), ['Now here']);
  assert.deepEqual(await ada.heard(0), []);
});

test('what comes while one reads further up is counted and marked', async () => {
  const room = freshRoom();
  const ada = await visit({ name: 'Ada', room });
  const grace = await visit({ name: 'Grace', room });
  await ada.isIn(room);
  await grace.isIn(room);
  await grace.sayAll(Array.from({ length: 60 }, (_, i) => `line ${i}`));
  await ada.heard(60);
  await ada.page.locator('#messages').evaluate(node => { node.scrollTop = 0; });

  await grace.say('Are you there?');

  await ada.page.getByRole('button', { name: '1 new message' }).waitFor();
  assert.equal(await ada.page.title(), `(1) #${room} · Holdfast chat`);
  assert.equal(await ada.page.locator('.unread').count(), 1);
  await ada.page.getByRole('button', { name: '1 new message' }).click();
  await ada.page.getByText('Are you there?').isVisible();
  await ada.page.getByRole('button', { name: '1 new message' }).waitFor({ state: 'hidden' });
  await ada.page.waitForFunction(title => document.title === title, `#${room} · Holdfast chat`);
});
