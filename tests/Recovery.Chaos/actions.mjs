// What the words of a plan mean. Whoever is not in a state to do a thing leaves it out.

import { Operation } from './model.mjs';
import { makePayload } from './payloads.mjs';

export function carryOut(seed, action) {
  const client = seed.byName.get(action.who);
  const seat = client.seats.find(one => one.ns === action.ns) ?? client.seats[0];
  switch (action.what) {
    case 'publish':
    case 'publishVolatile':
      return publish(seed, seat, action);
    case 'poison': return poison(seed, seat, action);
    case 'join': return seat.join(action.room);
    case 'leave': return seat.leave(action.room);
    case 'setData': return seat.setData(action.value);
    case 'echo': return seat.echo(makePayload(action.payload, action.n) ?? null);
    case 'back': return seat.back(makePayload(action.payload, action.n) ?? null);
    case 'serverJoin': return serverChange(seed, seat, action, 'joins');
    case 'serverLeave': return serverChange(seed, seat, action, 'leaves');
    case 'kick': return kick(seed, seat, action);
    case 'goodbye': return goodbye(seed, seat, action);
    case 'comeBack': return seat.comeBack(action);
    case 'race': return void seat.race(action);
    case 'freeze': return seed.freeze(action.node ?? 0, action.ms);
    case 'kill':
    case 'restart':
    case 'losePower':
    case 'fillDisk': return seed.disturb(action);
    case 'insist': return client.route.insist(action.node, action.ms);
    case 'loseNetwork': return log(() => client.loseNetwork());
    case 'closeEngine': return log(() => client.closeEngine());
    case 'cut':
    case 'trap':
    case 'stall':
    case 'throttle':
    case 'offline': return client.link[action.what](action);
    case 'halfOpen': return client.link.halfOpen(action.how);
    default: throw new Error(`the plan says ${action.what}`);
  }

  function log(act) {
    seed.log(action.who, action.what);
    act();
  }
}

function publish(seed, seat, action) {
  const room = resolveRoom(seed, seat.ns, action.room);
  const except = action.except?.map(one => resolveRoom(seed, seat.ns, one));
  if (room === null || except?.includes(null)) return;
  const payload = makePayload(action.payload, action.n);
  if (except) seat.publish({ event: 'publishExcept', room, except, payload: payload ?? null });
  else seat.publish({ event: action.what, room, payload });
}

// A message that the server can't pass on. It ends the connection, and nobody may ever see it.
function poison(seed, seat, action) {
  if (!seat.connected) return;
  const room = resolveRoom(seed, seat.ns, action.room);
  if (room === null) return;
  seed.log(seat.name, 'publishes 11 attachments');
  for (const one of seat.client.seats) if (one.session) one.session.poisoned = true;
  seat.publish({ room, payload: makePayload('tooManyAttachments', 0) }).refused = true;
}

// A socket id is known only when the plan is carried out, and may be that of a session which has just ended.
function resolveRoom(seed, ns, room) {
  if (typeof room === 'string') return room;
  return seed.byName.get(room.sidOf).seats.find(seat => seat.ns === ns)?.session?.sid ?? null;
}

function serverChange(seed, seat, { what, target, room, ns }, list) {
  const session = seed.byName.get(target).seats.find(one => one.ns === ns)?.session;
  if (!session) return;
  const operation = Object.assign(new Operation(seed.now()), { room });
  session[list].push(operation);
  seat.send(what, [session.sid, room], () => { operation.end = seed.now(); });
}

// `close` ends the connection below as well, with whatever the client has there in other namespaces; if it is away, there may be none.
function kick(seed, seat, { target, ns, again, close }) {
  const { seats } = seed.byName.get(target);
  const kicked = seats.find(one => one.ns === ns);
  if (!kicked?.session || kicked.session.kick) return;
  const { session } = kicked;
  const operation = session.kick = new Operation(seed.now());
  const besides = close ? seats.filter(other => other.session && !other.session.kick) : [];
  for (const other of besides) other.session.kick = new Operation(seed.now());
  seed.log(kicked.name, `${session.sid} is being kicked${close ? ', its connection closed' : ''}${kicked.connected ? '' : ' while away'}`);
  seat.send(close ? 'kickClose' : 'kick', [session.sid], () => { operation.end = seed.now(); });
  setTimeout(() => {
    if (seed.ended) return;
    for (const one of [kicked, ...besides]) one.connectAgain();
  }, again);
}

function goodbye(seed, seat, { again, twice }) {
  if (!seat.connected) return;
  seed.log(seat.name, 'says goodbye');
  seat.leaveNamespace();
  setTimeout(() => {
    if (seed.ended) return;
    if (twice && seat.connectTwice) seat.connectTwice();
    else seat.connectAgain();
  }, again);
}
