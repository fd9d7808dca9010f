// The chat's side of the wire: what is sent, what comes, and what a lost connection means.
// ?transport=polling or ?transport=websocket keeps to one transport; ?name= and ?room= fill the form, and both together join at once.

import * as view from './view.js';

const $ = id => document.getElementById(id);
const query = new URLSearchParams(location.search);
const answerWithin = 10_000;
const typingEvery = 2_000;
const typingFor = 5_000;

let me = null; // { name, room } while in a room
let rooms = [];
let lostAt = null;
let typingSentAt = 0;
const typing = new Map(); // name -> timer

if (!window.io) {
  view.showConnection('offline', 'The Socket.IO client could not be loaded');
  $('join-button').disabled = true;
  throw new Error('/socket.io/socket.io.js is missing: npm ci restores it');
}

const only = query.get('transport');
const socket = window.io({ transports: only ? [only] : ['polling', 'websocket'] });

// The connection

socket.on('connect', () => {
  showTransport();
  socket.io.engine.on('upgrade', showTransport);
  view.showBanner(null);
  if (me) rejoin();
});

socket.on('disconnect', reason => {
  lostAt ??= Date.now();
  for (const name of [...typing.keys()]) stopTyping(name);
  if (socket.active) {
    view.showConnection('connecting', 'Reconnecting');
    view.showBanner('The connection is lost. You are back as soon as the server answers.');
  } else {
    view.showConnection('offline', 'Disconnected');
    view.showBanner(`The server ended the connection (${reason}).`, () => socket.connect());
  }
});

socket.on('connect_error', error => {
  if (socket.active) {
    view.showConnection('connecting', 'Server not reachable');
    view.showBanner('The server cannot be reached. Trying again.');
  } else {
    view.showConnection('offline', 'Refused');
    view.showBanner(`The server refused the connection: ${error.message}`, () => socket.connect());
  }
});

function showTransport() {
  const { name } = socket.io.engine.transport;
  view.showConnection('connected', { polling: 'Long-polling', websocket: 'WebSocket' }[name] ?? name, name);
}

// Coming in

async function join(name, room) {
  const answer = await ask('join', { name, room });
  if (answer.error) return answer;
  const isNewRoom = me?.room !== answer.room || me?.name !== answer.name;
  me = { name: answer.name, room: answer.room };
  sessionStorage.setItem('name', me.name);
  const address = new URL(location.href);
  address.searchParams.set('room', me.room);
  history.replaceState(null, '', address);
  if (isNewRoom) view.showRoom(me.room, me.name);
  view.showPeople(answer.people, me.name);
  view.showRooms(rooms, me.room, choose);
  return answer;
}

async function rejoin() {
  const seconds = Math.max(1, Math.round((Date.now() - lostAt) / 1000));
  const { error, field } = await join(me.name, me.room);
  if (error && !socket.connected) return; // lost again; the next connection tries again
  lostAt = null;
  if (error) {
    leave();
    view.showFieldError(field ?? 'name', error);
  } else {
    view.showSystemLine(`You are back after ${seconds} s without a connection`);
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
    return { error: 'Not delivered: the server did not answer.' };
  }
}

socket.on('rooms', list => {
  rooms = list;
  view.showRooms(rooms, me?.room, choose);
});

socket.on('joined', ({ name, people, at }) => {
  view.showPeople(people, me?.name);
  view.showSystemLine(`${name} joined`, at);
});

socket.on('left', ({ name, people, at }) => {
  stopTyping(name);
  view.showPeople(people, me?.name);
  view.showSystemLine(`${name} left`, at);
});

socket.on('message', message => {
  stopTyping(message.name);
  view.showMessage(message);
});

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
