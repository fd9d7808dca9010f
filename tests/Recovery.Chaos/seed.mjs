// One seed from its plan to its verdict: start the clients, carry out the plan, stop all faults, bring everybody back,
// publish a last message, and judge what each client saw.

import { carryOut } from './actions.mjs';
import { JsClient } from './jsClient.mjs';
import { makePlan } from './plan.mjs';
import { Link } from './proxy.mjs';
import { Random } from './random.mjs';
import { RawClient } from './rawClient.mjs';
import { Route } from './route.mjs';
import { judge } from './verdict.mjs';

const namespaces = ['/', '/other'];
const readOnMs = 1_000; // after it stood still
const settleMs = 15_000; // on a busy machine; otherwise a second is enough
let runs = Date.now() % 1_000_000; // keeps the numbers of two runs on one server apart

export class Seed {
  constructor(number, { server, verbose = false, faults = true, long = false, aim, mutation = null }) {
    Object.assign(this, { number, server, verbose, mutation });
    this.plan = makePlan(number, server.features, { long, aim, processes: server.nodes.length });
    if (!faults) this.plan.actions = this.plan.actions.filter(action => harmless.has(action.what));
    this.rooms = this.plan.rooms;
    this.history = [];
    this.violations = [];
    this.publications = new Map();
    this.totals = { delivered: 0, connects: 0, recovered: 0, elsewhere: 0, refused: 0, paused: 0, notRecovered: new Map(), told: new Map(), faults: new Map() };
    this.powerLosses = []; // { start, end }
    this.changes = []; // what is being done to processes
    this.base = ++runs * 1_000_000;
    this.nextNumber = 0;
    this.started = performance.now();
  }

  async run() {
    try {
      await this.#start();
      await this.#carryOut();
      await this.#settle();
      this.ended = true;
      const report = (kind, who, text) => this.report(kind, who, text);
      judge({ seats: this.seats, publications: this.publications, markers: this.markers, report });
    } finally {
      for (const client of this.clients ?? []) client.close();
      for (const link of this.links ?? []) link.close();
    }
    this.seconds = this.now() / 1000;
    return this;
  }

  async #start() {
    this.links = [];
    this.clients = [];
    const { nodes } = this.server;
    this.control = new JsClient({
      name: 'control', seed: this, route: new Route({ steps: this.plan.route, nodes }), transports: ['websocket'], namespaces, reconnectionDelay: 20, isReference: true,
    });
    this.clients.push(this.control);
    for (const config of this.plan.clients) {
      const link = new Link({ name: `${config.name}:link`, nodes, log: (who, text) => this.log(who, text) });
      this.links.push(link);
      await link.listen();
      const transports = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] }[config.transport];
      const Client = config.kind === 'js' ? JsClient : RawClient;
      this.clients.push(new Client({ ...config, seed: this, route: new Route({ steps: config.route, nodes, link }), transports }));
      for (const seat of this.clients.at(-1).seats) seat.rooms = new Set(config.rooms);
    }
    this.seats = this.clients.flatMap(client => client.seats);
    for (const seat of this.control.seats) seat.rooms = new Set(this.rooms);
    this.byName = new Map(this.clients.map(client => [client.name, client]));
    this.control.connect();
    await this.until(() => this.control.seats.every(seat => seat.connected), settleMs);
    if (!this.control.seats.every(seat => seat.connected)) throw new Error('the server does not answer');
    for (const client of this.clients.slice(1)) client.connect();
  }

  async #carryOut() {
    const begin = performance.now();
    for (const action of this.plan.actions) {
      const wait = begin + action.at - performance.now();
      if (wait > 1) await sleep(wait);
      carryOut(this, action);
    }
    await sleep(Math.max(0, begin + this.plan.duration - performance.now()));
  }

  // Something is done to a process, or to all of them.
  disturb({ what, node, down }) {
    this.count(what);
    const { server } = this;
    const who = node === undefined ? 'all processes' : `process ${node + 1}`;
    this.log(who, { losePower: 'lose their power', fillDisk: 'have a full disk', kill: 'is killed', restart: 'is stopped, to be started again' }[what]);
    const change = {
      kill: () => server.kill(node, down),
      restart: () => server.restart(node, down),
      losePower: () => this.#losePower(down),
      fillDisk: () => this.#fillDisk(down),
    }[what]();
    this.changes.push(change.then(
      () => this.log(who, `all is well again after ${down} ms`),
      error => this.report('failed', who, error.message)));
  }

  // When the disk had room again, or will have. What was asked for until a little later may be refused.
  roomySince = -Infinity;

  mayRefuse(since) {
    return since < this.roomySince + 500;
  }

  async #fillDisk(ms) {
    this.roomySince = this.now() + ms;
    await this.server.fillDisk(ms);
    this.roomySince = this.now();
  }

  async #losePower(down) {
    const loss = { start: this.now(), end: Infinity };
    this.powerLosses.push(loss);
    const gone = await this.server.losePower(down, new Random(this.number), () => { loss.end = this.now(); });
    this.log('all processes', `${gone} bytes are gone`);
  }

  async #settle() {
    this.log('plan', 'all faults end');
    for (const node of this.server.nodes) node.thaw();
    for (const [node, at] of this.#wentOn) this.#wentOn.set(node, Math.min(at, this.now()));
    await Promise.all(this.changes);
    for (const link of this.links) link.heal();
    const deadline = performance.now() + settleMs;
    const left = () => deadline - performance.now();
    const bringBack = () => {
      for (const client of this.clients) client.wakeIfPaused?.();
      for (const seat of this.seats) if (!seat.connected) seat.connectAgain();
      return this.seats.every(seat => seat.connected);
    };
    await this.until(bringBack, left());
    await sleep(50);
    this.markers = new Map();
    const complete = () => bringBack() && this.#mark() && this.seats.every(seat => seat.observer.has(this.markers.get(seat.ns)));
    await this.until(complete, Math.max(5000, left()));
    for (const seat of this.seats) {
      if (!seat.connected) this.report('stuck', seat.name, 'not connected although no fault is left');
      else if (!seat.observer.has(this.markers.get(seat.ns))) await this.#reportStuck(seat);
      seat.judgeOldConnections?.();
    }
    const answers = this.seats.filter(seat => seat.connected).map(seat => seat.checkSelf());
    await Promise.race([Promise.all(answers), sleep(1500)]);
  }

  // The last message of each namespace. One that was lost on its way, because a connection was over and did not know it yet, is followed by another.
  #mark() {
    for (const seat of this.control.seats) {
      const last = this.markers.get(seat.ns);
      if (!last || !last.answered && seat.incarnation !== last.incarnation) {
        this.markers.set(seat.ns, Object.assign(seat.publish({ room: '', payload: 'the last one' }), { incarnation: seat.incarnation }));
      }
    }
    return true;
  }

  // One message lost, a deaf session, a dead connection: the history should tell which it was, because it is hard to have again.
  async #reportStuck(seat) {
    this.report('stuck', seat.name, 'connected, but the last message never came');
    let answered = false;
    seat.checkSelf().then(() => { answered = true; });
    const another = this.control.seats.find(one => one.ns === seat.ns).publish({ room: '', payload: 'after the last one' });
    await this.until(() => answered && seat.observer.has(another), 2000);
    this.log(seat.name, `whoami was ${answered ? '' : 'not '}answered, another message ${seat.observer.has(another) ? 'came' : 'did not come'}; ${seat.transportState?.() ?? ''}`);
  }

  until(condition, ms) {
    const deadline = performance.now() + ms;
    return new Promise(resolve => {
      const look = () => condition() || performance.now() >= deadline ? resolve() : setTimeout(look, 10);
      look();
    });
  }

  // --- what clients and links use ---

  now() {
    return performance.now() - this.started;
  }

  // Whether an answer shows that what it answers is on the disk.
  get isSynced() {
    return this.server.sync === 'always';
  }

  #wentOn = new Map();

  // Since when the process has not stood still; in the future while it does.
  wentOnAt(node) {
    return this.#wentOn.get(node) ?? 0;
  }

  freeze(node, ms) {
    this.log(`process ${node + 1}`, `stands still for ${ms} ms`);
    this.count('stop');
    this.#wentOn.set(node, this.now() + ms);
    this.#longStops.push({ node, ms });
    this.server.freeze(node, ms);
  }

  #longStops = [];

  // Whether a process may not know what has happened to a session: it stood still for so long that the log has forgotten what it had not read by then.
  hasMissed(node, sessionBegan) {
    return this.#longStops.some(stop => stop.node === node && stop.ms > this.server.window * 2000 && sessionBegan < this.wentOnAt(node) + readOnMs);
  }

  count(fault) {
    this.totals.faults.set(fault, (this.totals.faults.get(fault) ?? 0) + 1);
  }

  onRecovered(from, to) {
    if (from !== to) this.totals.elsewhere++;
  }

  nextSeq() {
    return this.base + this.nextNumber++;
  }

  isForeign(seq) {
    return !Number.isInteger(seq) || Math.floor(seq / 1_000_000) * 1_000_000 !== this.base;
  }

  log(who, text) {
    this.history.push(`${this.now().toFixed(1).padStart(8)} ${who}: ${text}`);
  }

  // Too much for a short history.
  detail(who, text) {
    if (this.verbose) this.log(who, text());
  }

  report(kind, who, text) {
    this.violations.push({ seed: this.number, kind, who, text });
    this.log(who, `*** ${kind}: ${text}`);
    // The history as it was when the first thing went wrong says more than what came after.
    this.firstHistory ??= this.ended ? null : this.history.slice(-30);
  }
}

const harmless = new Set(['publish', 'publishVolatile', 'publishExcept', 'join', 'leave', 'serverJoin', 'serverLeave', 'setData', 'echo', 'back']);

export function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms));
}
