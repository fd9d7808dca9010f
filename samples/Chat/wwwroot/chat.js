// The chat's side of the wire: what is sent, what comes, and what a lost connection means.
// What is missed while the connection is lost comes back by itself; network.js loses it, on the buttons below the message box.
// ?transport=polling or ?transport=websocket keeps to one transport; ?name= and ?room= fill the form, and both together join at once.

import * as catchUp from './catchUp.js';
import * as view from './view.js';

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
const answerWithin = 10_000;
const typingEvery = 2_000;
const typingFor = 5_000;
const awayAfter = 1_000; // who is back sooner was never away
const whyNot = {
  UnknownSession: 'the server no longer knew this tab',
  EventsTrimmed: 'more happened meanwhile than the server keeps',
  ReplayTooLarge: 'more happened meanwhile than the server sends again',
};

let me = null; // { name, room } while in a room
let rooms = [];
let lostAt = null;
let typingSentAt = 0;
let peopleTimer;
let peopleVersion = 0;
const typing = new Map(); // name -> timer

if (!window.io) {
  view.showConnection('offline', 'The Socket.IO client could not be loaded');
  $('join-button').disabled = true;
  throw new Error('/socket.io/socket.io.js is missing: npm ci restores it');
}

// What tells this tab from others, also when it is loaded anew.
const tab = sessionStorage.getItem('tab') ?? [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
sessionStorage.setItem('tab', tab);

const only = query.get('transport');
const socket = window.io({ transports: only ? [only] : ['polling', 'websocket'], reconnectionDelayMax: 2_000 });

// The connection

socket.on('connect', () => {
  showTransport();
  socket.io.engine.on('upgrade', showTransport);
  view.showBanner(null);
  if (!socket.recovered) peopleVersion = 0; // the server may have begun anew
  if (me) comeBack();
});

socket.on('disconnect', reason => {
  lostAt ??= Date.now();
  catchUp.interrupt();
  for (const name of [...typing.keys()]) stopTyping(name);
  if (socket.active) {
    view.showConnection('connecting', 'Reconnecting');
    showLoss('The connection is lost. You are back as soon as the server answers.');
  } else {
    view.showConnection('offline', 'Disconnected');
    view.showBanner(`The server ended the connection (${reason}).`, () => socket.connect());
  }
});

socket.on('connect_error', error => {
  if (socket.active) {
    view.showConnection('connecting', 'Server not reachable');
    showLoss('The server cannot be reached. Trying again.');
  } else {
    view.showConnection('offline', 'Refused');
    view.showBanner(`The server refused the connection: ${error.message}`, () => socket.connect());
  }
});

function showLoss(text) {
  view.showBanner(window.network.isLost ? 'Offline, as you wished. What the others write meanwhile comes back with you.' : text);
}

function showTransport() {
  const { name } = socket.io.engine.transport;
  view.showConnection('connected', { polling: 'Long-polling', websocket: 'WebSocket' }[name] ?? name, name);
}

// Coming in

async function join(name, room) {
  const answer = await ask('join', { name, room, tab });
  if (answer.error) return answer;
  const isNewRoom = me?.room !== answer.room || me?.name !== answer.name;
  me = { name: answer.name, room: answer.room };
  sessionStorage.setItem('name', me.name);
  const address = new URL(location.href);
  address.searchParams.set('room', me.room);
  history.replaceState(null, '', address);
  if (isNewRoom) view.showRoom(me.room, me.name);
  showPeople(answer.people);
  view.showRooms(rooms, me.room, choose);
  return answer;
}

/** Connected again: with everything, or with a place in the room alone. */
async function comeBack() {
  const { recovered } = socket;
  const seconds = Math.max(1, Math.round((Date.now() - lostAt) / 1000));
  if (recovered) {
    lostAt = null;
    catchUp.begin(`Recovered after ${seconds} s`);
  }
  const there = await ask('return');
  if (there.error || !me) return; // lost again, and the next connection tries again; or left
  if (recovered) catchUp.expect(there.missed);
  if (recovered && there.room === me.room && there.name === me.name) return;

  const { error, field } = await join(me.name, me.room);
  if (error && !socket.connected) return;
  lostAt = null;
  if (error) {
    leave();
    view.showFieldError(field ?? 'name', error);
  } else if (!recovered) {
    const why = whyNot[there.reason] ? ` (${whyNot[there.reason]})` : '';
    view.showReturn(`Reconnected after ${seconds} s. Some messages may be missing${why}; people and rooms are loaded anew.`, 'incomplete');
  }
}

function leave() {
  if (!me) return;
  me = null;
  view.showBanner(null);
  view.showJoin();
  view.showRooms(rooms, null, choose);
}

async function choose(room) {
  if (!me) {
    $('room').value = room;
    view.showFieldError('room', null);
    if ($('name').value.trim()) $('join-form').requestSubmit();
    else $('name').focus();
    return;
  }
  view.closeDrawer();
  if (room !== me.room) view.showFieldError('other-room', (await join(me.name, room)).error);
  $('text').focus();
}

$('join-form').addEventListener('submit', async event => {
  event.preventDefault();
  view.showFieldError('name', null);
  view.showFieldError('room', null);
  const [name, room] = [$('name').value.trim(), $('room').value.trim() || $('room').placeholder];
  if (!name) {
    view.showFieldError('name', 'A name, please.');
    $('name').focus();
    return;
  }
  const { error, field = 'name' } = await join(name, room);
  if (error) {
    view.showFieldError(field, error);
    $(field).focus();
  }
});

$('room-form').addEventListener('submit', async event => {
  event.preventDefault();
  const room = $('other-room').value.trim();
  if (!room) return;
  const { error } = await join(me.name, room);
  view.showFieldError('other-room', error);
  if (error) return;
  $('other-room').value = '';
  view.closeDrawer();
  $('text').focus();
});

$('leave').addEventListener('click', () => {
  view.closeDrawer();
  socket.emit('leave');
  leave();
});

// Messages

async function send(text) {
  const line = view.showOwnMessage(me.name, text);
  const { at, error } = await ask('message', text);
  if (error) line.failed(error, () => send(text));
  else line.sent(at);
}

/** An answer of the server; no answer in time is one more kind of error. */
async function ask(event, argument) {
  try {
    return await socket.timeout(answerWithin).emitWithAck(event, argument);
  } catch {
    return { error: 'No answer: perhaps it did not arrive.' };
  }
}

socket.onAny(catchUp.eventCame);

socket.on('rooms', list => {
  rooms = list;
  view.showRooms(rooms, me?.room, choose);
});

socket.on('people', ({ people }) => {
  clearTimeout(peopleTimer);
  if (people.members.some(person => person.isAway)) peopleTimer = setTimeout(showPeople, awayAfter, people);
  else showPeople(people);
});

socket.on('joined', ({ name, people, at }) => {
  showPeople(people);
  view.showSystemLine(`${name} joined`, at);
});

socket.on('left', ({ name, people, at }) => {
  stopTyping(name);
  showPeople(people);
  view.showSystemLine(`${name} left`, at);
});

socket.on('message', message => {
  stopTyping(message.name);
  catchUp.messageShown(view.showMessage(message));
});

/** A list that is older than the one on the screen is left out: an answer and an event can pass each other. */
function showPeople({ version, members }) {
  if (version < peopleVersion) return;
  peopleVersion = version;
  clearTimeout(peopleTimer);
  view.showPeople(members, me?.name);
}

// Typing: said at most every two seconds, and forgotten after five

socket.on('typing', (name, isTyping) => {
  if (!isTyping) return stopTyping(name);
  clearTimeout(typing.get(name));
  typing.set(name, setTimeout(stopTyping, typingFor, name));
  view.showTyping([...typing.keys()]);
});

function stopTyping(name) {
  clearTimeout(typing.get(name));
  typing.delete(name);
  view.showTyping([...typing.keys()]);
}

function tellTyping(isTyping) {
  const now = Date.now();
  if (isTyping ? now - typingSentAt < typingEvery : typingSentAt === 0) return;
  typingSentAt = isTyping ? now : 0;
  socket.volatile.emit('typing', isTyping);
}

const text = $('text');

text.addEventListener('input', () => {
  text.style.height = 'auto';
  text.style.height = `${text.scrollHeight}px`;
  tellTyping(text.value.trim() !== '');
});

text.addEventListener('keydown', event => {
  if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $('composer').requestSubmit();
  }
});

$('composer').addEventListener('submit', event => {
  event.preventDefault();
  const value = text.value.trim();
  if (!value || !me || !socket.connected) return;
  text.value = '';
  text.style.height = 'auto';
  typingSentAt = 0; // the message itself ends the others' "is typing"
  send(value);
  text.focus();
});

// Try it: what is below Socket.IO fails, for a moment or for ten seconds

$('cut').addEventListener('click', () => window.network.lose(100));
$('offline').addEventListener('click', () => window.network.lose(10_000));

// Who closes the tab leaves at once; who loses the connection is only away.
addEventListener('pagehide', () => socket.disconnect());
addEventListener('pageshow', event => event.persisted && socket.connect());

// Escape leads back to the message box, from anywhere.
document.addEventListener('keydown', event => {
  if (event.key === 'Escape' && me && !view.closeDrawer()) text.focus();
});

// The start

$('name').value = query.get('name') ?? sessionStorage.getItem('name') ?? '';
$('room').value = query.get('room') ?? '';
view.showConnection('connecting', 'Connecting');
view.showJoin();
if ($('name').value && $('room').value) $('join-form').requestSubmit();
