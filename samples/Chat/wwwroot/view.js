// What is on the screen. Everything that comes from people is put in as text, never as markup.

const $ = id => document.getElementById(id);

const keptLines = 2000; // older ones leave the page
const sameGroupMs = 5 * 60_000;
const markedMs = 6_000; // as long as the animation of .returned

const list = $('message-list');
const scroller = $('messages');
let lastLine = null; // { name, at } of the newest line when it is a message
let unread = 0;
let unreadMark = null;
let title = '';

function element(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** The same name has the same colour in every tab. */
function hueOf(name) {
  let hash = 2166136261;
  for (const char of name.toLowerCase()) hash = Math.imul(hash ^ char.codePointAt(0), 16777619);
  return (hash >>> 0) % 360;
}

function initialsOf(name) {
  const words = name.split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words.at(-1)].map(word => [...word][0]) : [...name].slice(0, 2);
  return letters.join('').toUpperCase();
}

function paint(avatar, name) {
  avatar.textContent = initialsOf(name);
  avatar.style.setProperty('--hue', hueOf(name));
  avatar.setAttribute('aria-hidden', 'true');
  return avatar;
}

function timeNode(at) {
  const time = element('time', '', at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' }));
  time.dateTime = at.toISOString();
  time.title = at.toLocaleString();
  return time;
}

function people(count) {
  return count === 1 ? '1 person' : `${count} people`;
}

// Lines of the conversation

// Whether the reader follows the end is remembered, not measured for each line: a measurement lays out the whole page.
let follows = true;
let lastTop = 0;
let isScrollDue = false;

function isAtEnd() {
  return scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 90;
}

function scrollToEnd() {
  follows = true;
  if (isScrollDue) return;
  isScrollDue = true;
  requestAnimationFrame(() => {
    isScrollDue = false;
    if (follows) scroller.scrollTop = scroller.scrollHeight;
  });
}

function append(node) {
  $('empty').hidden = true;
  list.append(node);
  while (list.childElementCount > keptLines) list.firstElementChild.remove();
  if (follows) scrollToEnd();
}

function messageNode(name, text, at, isMine) {
  const isFirst = lastLine?.name !== name || at - lastLine.at > sameGroupMs;
  lastLine = { name, at };
  const node = element('li', `message${isMine ? ' mine' : ''}${isFirst ? ' first' : ''}`);
  node.style.setProperty('--hue', hueOf(name));
  const author = element('span', isMine ? 'hidden-label' : isFirst ? 'author' : 'hidden-label', isMine ? 'You' : name);
  if (isFirst && !isMine) node.append(paint(element('span', 'avatar'), name));
  node.append(author, element('div', 'bubble', element('span', 'text', text), timeNode(at)));
  return node;
}

export function showMessage({ name, text, at }) {
  const isSeen = !document.hidden && follows;
  if (!isSeen && unread === 0) {
    unreadMark?.remove();
    unreadMark = element('li', 'unread', 'New');
    lastLine = null;
    append(unreadMark);
  }
  const node = messageNode(name, text, new Date(at), false);
  append(node);
  if (!isSeen) setUnread(unread + 1);
  return node;
}

/** Shows an own message before the server has it; the result tells what became of it. */
export function showOwnMessage(name, text) {
  unreadMark?.remove();
  const node = messageNode(name, text, new Date(), true);
  node.classList.add('pending');
  append(node);
  scrollToEnd();
  return {
    sent(at) {
      node.classList.remove('pending');
      node.querySelector('time').replaceWith(timeNode(new Date(at)));
    },
    failed(reason, retry) {
      node.classList.replace('pending', 'failed');
      const button = element('button', '', 'Try again');
      button.type = 'button';
      button.addEventListener('click', () => {
        node.remove();
        lastLine = null;
        retry();
      });
      node.append(element('p', 'failure', reason, button));
      if (follows) scrollToEnd();
    },
  };
}

export function showSystemLine(text, at = Date.now()) {
  lastLine = null;
  append(element('li', 'system', element('span', '', text), timeNode(new Date(at))));
}

/** What a lost connection came to: outcome is recovered or incomplete. The line can say more when more is known. */
export function showReturn(text, outcome) {
  lastLine = null;
  const said = element('span', '', text);
  const node = element('li', 'system return', said, timeNode(new Date()));
  node.dataset.outcome = outcome;
  append(node);
  return { say: text => { said.textContent = text; } };
}

/** Marks messages that came back, for a moment. */
export function markReturned(nodes) {
  for (const node of nodes) node.classList.add('returned');
  setTimeout(() => nodes.forEach(node => node.classList.remove('returned')), markedMs);
}

function setUnread(count) {
  unread = count;
  document.title = count > 0 ? `(${count}) ${title}` : title;
  $('jump').hidden = count === 0 || follows;
  $('jump').textContent = count === 1 ? '1 new message' : `${count} new messages`;
}

function markRead() {
  if (unread > 0 && !document.hidden && follows) setUnread(0);
}

// Only the reader scrolls up. A way down that ends above the end is ours: lines have come since it began.
scroller.addEventListener('scroll', () => {
  if (isAtEnd()) follows = true;
  else if (scroller.scrollTop < lastTop) follows = false;
  lastTop = scroller.scrollTop;
  markRead();
}, { passive: true });

document.addEventListener('visibilitychange', markRead);

$('jump').addEventListener('click', () => {
  scrollToEnd();
  markRead();
  $('text').focus();
});

// A window that grows smaller (a phone's keyboard) keeps its end in sight.
new ResizeObserver(() => follows && scrollToEnd()).observe(scroller);

// The way in, and the room around the conversation

export function showJoin() {
  title = document.title = 'Holdfast chat';
  $('chat').hidden = true;
  $('join').hidden = false;
  ($('name').value ? $('room') : $('name')).focus();
}

export function showRoom(room, name) {
  title = `#${room} · Holdfast chat`;
  list.replaceChildren();
  lastLine = unreadMark = null;
  follows = true;
  setUnread(0);
  $('empty').hidden = false;
  $('empty-text').textContent = `Say hello to #${room}. Whoever comes in from now on reads along.`;
  $('room-title').textContent = `#${room}`;
  $('text').placeholder = `Message #${room}`;
  $('my-name').textContent = name;
  paint($('my-avatar'), name);
  $('join').hidden = true;
  $('chat').hidden = false;
  $('text').focus();
}

export function showPeople(all, me) {
  const isAway = person => person.isAway && person.name !== me;
  const away = all.filter(isAway).length;
  const here = all.length - away;
  $('room-count').textContent = (here === 1 ? 'Only you are here' : `${people(here)} here`) + (away > 0 ? ` · ${away} away` : '');
  $('people').replaceChildren(...all.map(person => {
    const note = person.name === me ? 'you' : isAway(person) ? 'away' : '';
    return element('li', note === 'away' ? 'away' : '',
      paint(element('span', 'avatar'), person.name), element('span', 'person', person.name), ...(note ? [element('small', '', note)] : []));
  }));
}

export function showRooms(rooms, current, choose) {
  const button = ({ name, people: count }) => {
    const number = element('span', 'count', String(count));
    number.setAttribute('aria-hidden', 'true');
    const node = element('button', '', element('span', 'room-name', `# ${name}`), number, element('span', 'hidden-label', `, ${people(count)}`));
    node.type = 'button';
    if (name === current) node.setAttribute('aria-current', 'true');
    node.addEventListener('click', () => choose(name));
    return element('li', '', node);
  };
  for (const id of ['rooms', 'open-rooms']) {
    // Who walks through the list by keyboard stays where they are when a count changes.
    const focused = [...$(id).querySelectorAll('button')].indexOf(document.activeElement);
    $(id).replaceChildren(...rooms.map(button));
    $(id).querySelectorAll('button')[focused]?.focus();
  }
}

export function showTyping(names) {
  const text = names.length === 0 ? '' : names.length === 1 ? `${names[0]} is typing`
    : names.length === 2 ? `${names[0]} and ${names[1]} are typing` : 'Several people are typing';
  $('typing').replaceChildren(...(text ? [element('i'), element('i'), element('i'), text] : []));
}

/** state: connecting, connected or offline. */
export function showConnection(state, text, transport = '') {
  for (const node of document.querySelectorAll('.connection')) {
    node.dataset.state = state;
    node.dataset.transport = transport;
    node.querySelector('.connection-text').textContent = text;
  }
  $('send').disabled = state !== 'connected';
}

export function showBanner(text, action) {
  $('banner').hidden = !text;
  $('banner-text').textContent = text ?? '';
  $('banner-action').hidden = !action;
  $('banner-action').onclick = action ?? null;
}

export function showFieldError(id, text) {
  $(`${id}-error`).textContent = text ?? '';
  if (text) $(id).setAttribute('aria-invalid', 'true');
  else $(id).removeAttribute('aria-invalid');
}

// On narrow screens the sidebar is a drawer over the conversation.

function setDrawer(open) {
  $('sidebar').classList.toggle('open', open);
  $('scrim').hidden = !open;
  $('conversation').inert = open;
  $('menu').setAttribute('aria-expanded', String(open));
}

export function closeDrawer() {
  if ($('sidebar').classList.contains('open')) {
    setDrawer(false);
    $('menu').focus();
    return true;
  }
  return false;
}

$('menu').addEventListener('click', () => {
  setDrawer(true);
  $('menu-close').focus();
});
$('menu-close').addEventListener('click', closeDrawer);
$('scrim').addEventListener('click', closeDrawer);
matchMedia('(max-width: 46rem)').addEventListener('change', () => setDrawer(false));
