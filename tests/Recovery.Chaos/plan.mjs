// From a number to everything that will happen: who takes part, and what is done when. All choices are made here, before
// the first byte is sent; only the interleaving in real time differs when a seed is run again.

import { largeKinds, smallKinds } from './payloads.mjs';
import { freezeLong, planFaults } from './planFaults.mjs';
import { planProcesses } from './planProcesses.mjs';
import { Random } from './random.mjs';

// features: what the server at hand can do besides the oracle's contract (see server.mjs).
export function makePlan(seedNumber, features, { long = false, aim, processes = 1 } = {}) {
  const random = new Random(seedNumber);
  const duration = random.int(2800, 4000);
  const rooms = [0, 1, 2].map(i => `s${seedNumber}r${i}`);
  const clients = planClients(random, rooms);
  const actions = [];
  const add = (at, who, what, details = {}) => actions.push({ at: Math.round(at), who, what, ...details });
  const context = { random, duration, rooms, clients, features, add };
  planMessages(context);
  planRooms(context);
  planGoodbyes(context);
  planFaults(context);
  actions.sort((a, b) => a.at - b.at);
  if (features.has('durable')) return planProcesses({ seed: seedNumber, duration, rooms, clients, actions }, { processes, long, aim });
  const longer = long && seedNumber % 25 === 0 && features.has('freeze') ? freezeLong(context, actions) : 0;
  return { seed: seedNumber, duration: duration + longer, rooms, clients, actions };
}

function planClients(random, rooms) {
  const count = random.int(3, 6);
  const kinds = random.shuffle(['js', 'raw', ...Array.from({ length: count - 2 }, () => random.weighted({ js: 2, raw: 1 }))]);
  return kinds.map((kind, i) => {
    const transport = random.weighted(kind === 'js' ? { polling: 1, websocket: 1, upgrade: 1 } : { polling: 1, websocket: 1 });
    const namespaces = random.weighted(kind === 'js' ? { '/': 6, '/,/other': 3, '/other': 1 } : { '/': 4, '/other': 2 }).split(',');
    return {
      name: `${kind}${i + 1}-${transport}`, kind, transport, namespaces,
      reconnectionDelay: random.int(5, 120),
      rooms: rooms.filter(() => random.chance(0.5)),
    };
  });
}

// Publishes of the control, which nothing happens to, and of the clients, which may lose the answer.
function planMessages(context) {
  const { random, duration, clients, features, add } = context;
  for (let at = random.int(0, 30); at < duration; at += random.int(5, 55)) {
    if (random.chance(0.3)) publish(at, random.pick(clients).name);
    else publish(at, 'control');
  }
  for (let i = random.int(3, 6); i > 0; i--) {
    const at = random.int(0, duration);
    const [who, target] = [random.chance(0.7) ? 'control' : random.pick(clients).name, chooseTarget(context)];
    for (let n = random.int(8, 40); n > 0; n--) add(at, who, 'publish', { ...target, ...choosePayload(random) });
  }
  for (let i = random.int(10, 30); i > 0; i--) {
    add(random.int(0, duration), random.chance(0.8) ? 'control' : random.pick(clients).name, 'publishVolatile', { ...chooseTarget(context, true), ...choosePayload(random) });
  }
  for (let i = random.int(1, 4); i > 0; i--) {
    add(random.int(0, duration), random.chance(0.8) ? 'control' : random.pick(clients).name, 'publish', { ...chooseTarget(context), payload: random.weighted(largeKinds), n: random.int(0, 999) });
  }
  for (let i = random.int(0, 4); i > 0; i--) add(random.int(0, duration), random.pick(clients).name, random.pick(['echo', 'back']), choosePayload(random));
  if (random.chance(0.1)) add(random.int(0, duration), random.pick(clients).name, 'poison', chooseTarget(context));

  function publish(at, who) {
    const target = chooseTarget(context);
    const except = features.has('publishExcept') && random.chance(0.12) ? [random.chance(0.5) ? random.pick(context.rooms) : { sidOf: random.pick(clients).name }] : undefined;
    add(at, who, 'publish', { ...target, ...choosePayload(random), ...(except && { except }) });
  }
}

function chooseTarget({ random, rooms, clients }, volatile = false) {
  const ns = random.chance(0.75) ? '/' : '/other';
  switch (random.weighted({ all: 3, room: 5, direct: volatile ? 1 : 2 })) {
    case 'all': return { ns, room: '' };
    case 'room': return { ns, room: random.pick(rooms) };
    default: {
      const client = random.pick(clients);
      return { ns: random.pick(client.namespaces), room: { sidOf: client.name } };
    }
  }
}

function choosePayload(random) {
  return { payload: random.weighted(smallKinds), n: random.int(0, 9999) };
}

function planRooms({ random, duration, rooms, clients, features, add }) {
  for (const client of clients) {
    for (let i = random.int(1, 4); i > 0; i--) {
      const what = features.has('leave') ? random.pick(['join', 'leave']) : 'join';
      add(random.int(0, duration), client.name, what, { ns: random.pick(client.namespaces), room: random.pick(rooms) });
    }
    for (let i = random.int(0, 3); i > 0; i--) {
      add(random.int(0, duration), client.name, 'setData', { ns: random.pick(client.namespaces), value: { n: random.int(0, 999), who: client.name } });
    }
  }
  if (!features.has('serverJoin')) return;
  for (let i = random.int(1, 4); i > 0; i--) {
    const client = random.pick(clients);
    const what = random.pick(['serverJoin', 'serverLeave']);
    add(random.int(0, duration), 'control', what, { target: client.name, ns: random.pick(client.namespaces), room: random.pick(rooms) });
  }
}

// The ends of sessions that are meant: a kick by the server, also of somebody who is away, and a client's own goodbye.
function planGoodbyes({ random, duration, clients, features, add }) {
  if (features.has('kick') && random.chance(0.35)) {
    const client = random.pick(clients);
    const at = random.int(500, duration - 900);
    if (random.chance(0.5)) add(at - random.int(5, 150), client.name, 'offline', { ms: random.int(200, 600), how: random.pick(['rst', 'fin']) });
    const close = features.has('kickClose') && random.chance(0.4);
    add(at, 'control', 'kick', { target: client.name, ns: random.pick(client.namespaces), again: random.int(20, 400), close });
  }
  if (random.chance(0.2)) {
    const client = random.pick(clients);
    add(random.int(500, duration - 500), client.name, 'goodbye', { ns: random.pick(client.namespaces), again: random.int(5, 300) });
  }
}
