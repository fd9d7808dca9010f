// What happens to the processes of a server whose log outlives them: one is killed or stands still, all are, the machine loses its power. Clients come
// back to any of them. The choices have a source of their own: what a seed does on a server that keeps everything in memory stays as it is.

import { Random } from './random.mjs';

const bursts = 15; // messages around the moment at which something happens
const stopsOf = Object.freeze({ usual: [100, 700], beyondHeartbeats: [1700, 3500], long: [5_000, 45_000], longest: [60_000, 60_000], beyondWindow: [26_000, 32_000] });
const shortWindow = 8; // seconds: the log forgets then what is older than 19
const smallMemory = 192 * 1024; // room for what says for whom each event of a seed is, and for a few of the events
const filling = 30; // large messages at a time: a segment and a half of a log with a short window
const fillingMs = 1700;

// What has to be known before a server is started: whether the machine will lose its power, when what is written is forced onto the disk,
// for how many seconds a client may be away (null: for longer than any seed takes), and how many bytes of the events a process keeps in its memory (null: all of them).
export function storageOf(seed, { long = false, processes = 1 } = {}) {
  const random = new Random(seed + 2_000_003);
  const losesPower = random.chance(0.15);
  const sync = random.weighted(losesPower ? { never: 1, interval: 2, always: 2 } : { never: 3, interval: 1, always: 1 });
  return { losesPower, sync, memory: random.chance(0.5) ? smallMemory : null, window: longStopOf(seed, { long, processes }) === 'beyondWindow' ? shortWindow : null };
}

// The one stop of this seed that outlasts everything but the window, or that, too.
export function longStopOf(seed, { long, processes }) {
  if (!long || processes === 1) return null;
  if (seed % 10 === 5) return 'beyondWindow';
  return seed % 100 === 0 ? 'longest' : seed % 10 === 0 ? 'long' : null;
}

// aim: 'races' if there is to be nothing but these.
export function planProcesses(plan, { processes, long, aim }) {
  const random = new Random(plan.seed + 1_000_003);
  const add = (at, who, what, details = {}) => plan.actions.push({ at: Math.round(at), who, what, ...details });
  const context = { random, processes, plan, add };
  plan.route = route(context);
  for (const client of plan.clients) client.route = route(context);
  for (const action of plan.actions) if (action.what === 'freeze') action.node = random.int(0, processes - 1);

  if (aim === 'races') planRaces(context);
  else planDisturbances(context);
  const longStop = longStopOf(plan.seed, { long, processes });
  if (longStop) standStillLong(context, longStop);
  plan.actions.sort((a, b) => a.at - b.at);
  for (const { at, ms = 0 } of plan.actions) plan.duration = Math.max(plan.duration, at + Math.min(ms, 1000));
  return plan;
}

function planDisturbances(context) {
  const { random, processes, plan, add } = context;
  const whatElse = { kill: 5, restart: 2, ...(processes > 1 && { stop: 3 }), killAll: 1, fillDisk: 1 };
  for (let at = random.int(300, 1500), n = random.int(1, 3); n > 0 && at < plan.duration; n--) {
    at += happen(context, at, random.weighted(whatElse)) + random.int(100, 900);
  }
  if (storageOf(plan.seed).losesPower) happen(context, random.int(900, plan.duration), 'losePower');
  for (const client of plan.clients) {
    if (client.kind === 'raw' && random.chance(0.4)) add(random.int(400, plan.duration), client.name, 'race', { apart: true, tries: 20 });
  }
}

// Of each client that can, one after the other, while all processes are well.
function planRaces({ plan, add }) {
  for (const { name } of plan.clients.filter(({ kind }) => kind === 'raw')) {
    for (let at = 500; at < plan.duration; at += 700) add(at, name, 'race', { apart: true, tries: 10 });
  }
}

function route({ random, processes }) {
  return Array.from({ length: 40 }, () => random.int(0, processes - 1));
}

// Returns how long it takes, as far as others wait for it.
function happen(context, at, what) {
  const { random, processes, add } = context;
  const node = random.int(0, processes - 1);
  const down = random.weighted({ short: 2, long: 1 }) === 'short' ? random.int(0, 150) : random.int(300, 1500);
  burst(context, at);
  switch (what) {
    case 'stop': {
      const ms = random.int(...stopsOf[random.pick(['usual', 'beyondHeartbeats'])]);
      standStill(context, at, node, ms);
      return random.int(0, ms); // what comes next may meet it
    }
    case 'kill':
      // Two at once, sometimes.
      if (processes > 2 && random.chance(0.2)) add(at + random.int(0, 50), 'control', 'kill', { node: (node + 1) % processes, down: random.int(0, 500) });
      add(at, 'control', 'kill', { node, down });
      return random.int(0, down);
    case 'restart':
      add(at, 'control', 'restart', { node, down });
      return down + 200;
    case 'killAll':
      for (let i = 0; i < processes; i++) add(at + random.int(0, 30), 'control', 'kill', { node: i, down });
      return down + 300;
    case 'fillDisk': {
      const ms = random.int(50, 700);
      add(at, 'control', 'fillDisk', { down: ms });
      for (let n = random.int(3, 20); n > 0; n--) burst(context, at + random.int(0, ms), 1);
      return random.int(0, ms); // what comes next may meet it
    }
    default:
      add(at, 'control', 'losePower', { down: random.int(0, 600) });
      return 0;
  }
}

// Some of its clients notice, and go elsewhere while it can't know; the others wait for their heartbeats.
function standStill({ random, plan, add }, at, node, ms) {
  add(at, 'control', 'freeze', { node, ms });
  for (const client of plan.clients) {
    if (random.chance(0.5)) add(at + random.int(0, Math.min(ms, 3000)), client.name, random.pick(['cut', 'halfOpen', 'loseNetwork']), { how: random.pick(['rst', 'fin']), side: 'both' });
  }
}

// The half of what the plan has for later happens meanwhile, the rest when the process goes on.
function standStillLong(context, kind) {
  const { random, processes, plan } = context;
  const [ms, node] = [random.int(...stopsOf[kind]), random.int(0, processes - 1)];
  const isBeyond = kind === 'beyondWindow';
  const at = random.int(isBeyond ? 1800 : 500, plan.duration - (isBeyond ? 900 : 1500));
  const middle = (at + plan.duration) / 2;
  for (const action of plan.actions) {
    if (action.at > middle) action.at += ms;
    else if (isBeyond && action.at >= at) action.at += fillingMs; // the process is to know nothing of it
  }
  plan.duration += ms;
  standStill(context, at, node, ms);
  if (isBeyond) forget(context, at, node, ms);
}

// So much is written that the segment which the process stands in is followed by others, early enough for them to be old when it goes on. Nobody gets any of
// it. But there is something among it for clients that have just come to this process, are away for all that time, and come back to it: they have to be told.
function forget({ random, plan, add }, at, node, ms) {
  for (const later of [0, fillingMs, fillingMs + 600, fillingMs + 1200]) {
    for (let n = filling; n > 0; n--) add(at + later, 'control', 'publish', { ns: '/', room: `s${plan.seed}nobody`, payload: 'largeText', n });
    if (later > 0) for (const ns of ['/', '/other']) for (let n = 5; n > 0; n--) add(at + later + 50, 'control', 'publish', { ns, room: '', payload: 'text', n });
  }
  for (const { name } of plan.clients) {
    if (random.chance(0.4)) continue;
    const how = random.pick(['rst', 'fin']);
    add(at - 1000, name, 'insist', { node, ms: 900 });
    add(at - 990, name, 'cut', { how, side: 'both' });
    add(at + 20, name, 'offline', { ms: ms + 500, how });
    add(at + ms, name, 'insist', { node, ms: 2000 });
  }
}

// Somebody publishes at that very moment, and not only one.
function burst({ random, plan, add }, at, most = bursts) {
  const { clients, rooms } = plan;
  for (let n = random.int(0, most); n > 0; n--) {
    const who = random.chance(0.5) ? 'control' : random.pick(clients).name;
    add(at + random.int(-30, 60), who, 'publish', { ns: '/', room: random.chance(0.3) ? '' : random.pick(rooms), payload: random.pick(['text', 'object', 'binary']), n });
  }
}
