// What goes wrong on the links, and what clients do wrong. Times between two faults of one client are often short: a cut in
// the middle of what follows a cut is where recovery is hard.

const cutMarks = ['"pid":"', '3probe', 'HTTP/1.1 200', '["msg"', 'transport=websocket'];

export function planFaults(context) {
  const { random, duration, clients } = context;
  for (const client of clients) {
    // The first session may be cut before it has seen anything at all.
    for (let at = random.chance(0.2) ? random.int(0, 60) : random.int(150, 1200); at < duration; at += random.int(250, 1500)) {
      at += fault(context, client, at);
    }
  }
}

// Returns how long it takes.
function fault(context, client, at) {
  const { random, add } = context;
  const how = random.pick(['rst', 'fin']);
  const common = {
    cut: 4, trap: 5, cutReplay: 4, away: 5, halfOpen: 4, networkLost: 3, stall: 3, deafServer: 1, midBurst: 3, throttle: 1, slowReader: 0.8, closeEngine: 1, twice: 3,
    ...(context.features.has('freeze') && { freeze: 0.5 }),
  };
  const own = client.kind === 'js' ? { connectTwice: 1 } : { older: 2, none: 2, foreign: 1, future: 0.5, alive: 2, race: 1.5 };
  const what = random.weighted({ ...common, ...own });
  switch (what) {
    case 'cut':
      add(at, client.name, 'cut', { how, side: 'both' });
      return 0;
    case 'trap': { // inside a frame, inside an answer, during the upgrade
      const mark = random.chance(0.6) ? random.pick(cutMarks) : undefined;
      const direction = mark === 'transport=websocket' ? 'up' : mark || random.chance(0.7) ? 'down' : 'up';
      add(at, client.name, 'trap', { direction, mark, bytes: random.int(1, random.chance(0.5) ? 40 : 3000), how });
      return 0;
    }
    case 'cutReplay': // as 'away', but the return is cut as well, somewhere behind the CONNECT answer
      for (let n = random.int(1, 3); n > 0; n--) add(at, client.name, 'trap', { direction: 'down', mark: '"pid":"', bytes: random.int(20, 4000), how });
      return away(context, client, at, how);
    case 'away':
      return away(context, client, at, how);
    case 'halfOpen': // the client knows, the server does not
      add(at, client.name, 'halfOpen', { how });
      return 0;
    case 'networkLost': {
      const held = random.int(0, 60);
      add(at, client.name, 'cut', { how, side: 'none' });
      add(at + held, client.name, 'loseNetwork');
      return held;
    }
    case 'deafServer': { // the server knows, the client does not, until it gives up
      const ms = random.int(50, 500);
      add(at, client.name, 'cut', { how, side: 'server' });
      add(at + ms, client.name, 'loseNetwork');
      return ms;
    }
    case 'midBurst': { // between a volatile event, which nobody keeps, and one that is kept
      const target = whereItIs(context, client);
      add(at, client.name, 'trap', { direction: 'down', mark: random.chance(0.7) ? '["vmsg"' : '["msg"', bytes: random.int(20, 500), how });
      for (let n = random.int(6, 20); n > 0; n--) {
        for (const what of ['publish', 'publishVolatile']) add(at + random.int(0, 30), 'control', what, { ...target, payload: 'number', n });
      }
      return 30;
    }
    case 'stall':
      add(at, client.name, 'stall', { direction: random.pick(['up', 'down', 'both']), ms: random.int(20, 500) });
      if (random.chance(0.3)) add(at + random.int(5, 100), client.name, random.pick(['loseNetwork', 'closeEngine']));
      return 200;
    case 'throttle':
      add(at, client.name, 'throttle', { bytesPerSecond: random.int(2_000, 60_000), ms: random.int(200, 900) });
      if (random.chance(0.3)) add(at + random.int(100, 500), client.name, 'cut', { how, side: 'both' });
      return 500;
    case 'slowReader': { // so slow that its outbox overflows; everybody else goes on
      const ms = random.int(300, 900);
      add(at, client.name, 'stall', { direction: 'down', ms });
      const ns = random.pick(client.namespaces);
      const target = { ns, room: random.chance(0.5) && client.rooms.length ? random.pick(client.rooms) : { sidOf: client.name } };
      const payload = random.pick(['largeText', 'largeBinary']);
      for (let n = random.int(20, 45); n > 0; n--) add(at + random.int(0, ms), 'control', 'publish', { ...target, payload, n });
      return ms;
    }
    case 'freeze': { // the server's process stands still, and a link may break meanwhile, which it sees when it goes on
      const ms = random.int(50, 700);
      add(at, 'control', 'freeze', { ms });
      for (let n = random.int(0, 2); n > 0; n--) add(at + random.int(0, ms), client.name, random.pick(['cut', 'halfOpen', 'loseNetwork']), { how, side: 'both' });
      return ms;
    }
    case 'closeEngine':
      add(at, client.name, 'closeEngine');
      return 0;
    case 'twice': // two in a row, three sometimes
      for (let n = random.int(2, 3), t = at; n > 0; n--, t += random.int(1, 90)) {
        add(t, client.name, random.pick(['cut', 'cut', 'halfOpen']), { how: random.pick(['rst', 'fin']), side: 'both' });
      }
      return 150;
    case 'connectTwice':
      add(at, client.name, 'goodbye', { ns: random.pick(client.namespaces), again: random.int(5, 100), twice: true });
      return 100;
    case 'race':
      add(at, client.name, 'race');
      return 400;
    case 'alive':
      add(at, client.name, 'comeBack', { offset: random.weighted({ last: 3, older: 1, none: 1 }), old: 'alive', back: random.int(1, 12) });
      return 0;
    default: // an offset of another kind
      add(at, client.name, 'comeBack', { offset: what, old: 'gone', back: random.int(1, 12) });
      return 0;
  }
}

// One stop of the process that outlasts every heartbeat: all connections are given up, on both sides. What the plan has for later
// waits, but for what happens within the first second, which meets a server that does not answer.
export function freezeLong({ random, duration }, actions) {
  const [at, ms, soon] = [random.int(800, duration - 1000), random.int(5000, 8000), 1000];
  for (const action of actions) {
    if (action.at > at + soon) action.at += ms - soon;
  }
  const place = actions.findIndex(action => action.at >= at);
  actions.splice(place < 0 ? actions.length : place, 0, { at, who: 'control', what: 'freeze', ms });
  return ms - soon;
}

// Offline for a while, in which others publish to where the client is, and may move it.
function away(context, client, at, how) {
  const { random, features, add } = context;
  const ms = random.int(30, 900);
  add(at, client.name, 'offline', { ms, how });
  if (features.has('serverJoin') && random.chance(0.4)) moved(context, client, at + random.int(0, 50));
  if (random.chance(0.3)) longReplay(context, client, at, at + ms);
  for (let i = random.int(1, 4); i > 0; i--) {
    const target = whereItIs(context, client);
    const [when, kind] = [at + random.int(0, ms), random.pick(['text', 'object', 'binary', 'null', 'nestedBinary'])];
    for (let n = random.int(1, 25); n > 0; n--) add(when, 'control', 'publish', { ...target, payload: kind, n });
  }
  return ms;
}

// In and out of a room by the server's hand, with something to the room before, between and after.
function moved({ random, rooms, add }, client, at) {
  const [ns, room] = [random.pick(client.namespaces), random.pick(rooms)];
  let what = random.pick(['serverJoin', 'serverLeave']);
  for (let n = random.int(1, 3); n > 0; n--) {
    add(at, 'control', 'publish', { ns, room, payload: 'text', n });
    add(at += random.int(15, 60), 'control', what, { target: client.name, ns, room });
    what = what === 'serverJoin' ? 'serverLeave' : 'serverJoin';
    add(at += random.int(15, 60), 'control', 'publish', { ns, room, payload: 'text', n });
  }
}

// More than goes out at once; and others go on publishing while it is on its way.
function longReplay(context, client, at, back) {
  const { random, add } = context;
  const target = whereItIs(context, client);
  for (let n = random.int(2, 6); n > 0; n--) add(random.int(at, back), 'control', 'publish', { ...target, payload: random.pick(['largeText', 'largeBinary']), n });
  for (let n = random.int(10, 30); n > 0; n--) add(back + random.int(0, 200), 'control', 'publish', { ...target, payload: 'object', n });
}

function whereItIs({ random, rooms }, client) {
  const ns = random.pick(client.namespaces);
  switch (random.weighted({ all: 1, room: 2, direct: 2 })) {
    case 'all': return { ns, room: '' };
    case 'room': return { ns, room: random.pick(client.rooms.length ? client.rooms : rooms) };
    default: return { ns, room: { sidOf: client.name } };
  }
}
