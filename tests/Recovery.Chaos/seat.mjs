// A client in one namespace, whatever speaks for it on the wire: it turns what the connection tells into the model's
// terms (sessions, spans, lists) and checks at once what needs no knowledge of the rest.

import { Observer } from './observer.mjs';
import { Operation, Publication, Session } from './model.mjs';
import { dataFingerprint, fingerprint } from './payloads.mjs';

// A client that comes back again and again at one place may be one that can't take what follows.
const maxReturns = 5;
const loopMs = 10_000;
const againMs = 200;
const noticeMs = 3_000; // how much earlier than its client a server may know, on a busy machine, that the connection is over
const provenMs = 2_000; // a PONG has come, and what it showed has been written for other processes
const doubtMs = 2_000; // how long an answer may have been on its way when the power was lost

export class Seat {
  constructor({ name, ns, seed, isReference = false }) {
    Object.assign(this, { ns, seed, isReference });
    this.name = ns === '/' ? name : `${name}${ns}`;
    this.observer = new Observer(this.name, ns);
    this.sessions = [];
    this.session = null;
    this.connected = false;
    this.incarnation = 0; // rises with each connection
    this.requested = 0; // when the CONNECT was sent
    this.requestedLife = 0; // and in which life of the server
    this.cameAt = 0; // when the last connection began
    this.goneAt = 0; // when the last one was over that was there for long enough to show what the client has
    this.returns = []; // { at, offset } of each CONNECT since the list last moved on
    this.rooms = new Set(); // where the application wants to be; a client that comes back as somebody else joins again
    this.carried = []; // changes of which the client knew, before we did, that its connection is over: they leave with the next one
    this.waiting = []; // publications without a lane: they leave with the next connection
    this.sent = 0;
    this.lastKick = null; // a kick explains one goodbye of the server
  }

  // --- told by the connection ---

  // The CONNECT goes out now.
  onRequest() {
    this.requested = this.seed.now();
    this.requestedLife = this.seed.server.life;
    const offset = this.observer.lastOffset();
    this.returns = this.returns.filter(one => one.offset === offset && one.at > this.requested - loopMs);
    this.returns.push({ at: this.requested, offset });
  }

  // Of which process it is, as far as one client's way tells it.
  get node() {
    return this.client.route.node;
  }

  // Why this very request doesn't have to be granted in full.
  excuseOfRequest() {
    return this.returns.length > maxReturns ? 'too many returns at one offset' : null;
  }

  onConnected({ sid, pid, recovered }) {
    const { seed, session: before } = this;
    const at = seed.now();
    if (seed.mutation) recovered = seed.mutation.flag(this, recovered);
    this.connected = true;
    this.cameAt = at;
    this.incarnation++;
    this.recovered = recovered;
    seed.totals.connects++;
    seed.log(this.name, `connected as ${sid}${recovered ? ', recovered' : before ? ', NOT recovered' : ''}`);
    if (before && before.pid === pid && pid !== undefined) this.#resume(before, { sid, recovered }, at);
    else this.#begin(before, { sid, pid, recovered }, at);
    for (const publication of this.waiting.splice(0)) this.#assignLane(publication);
    this.checkSelf();
  }

  #resume(session, { sid, recovered }, at) {
    const { seed } = this;
    seed.totals.recovered++;
    if (!recovered) seed.report('flags', this.name, 'the private id is the same, but recovered is false');
    if (sid !== session.sid) seed.report('identity', this.name, `recovered as ${sid}, was ${session.sid}`);
    if (session.kick && session.kick.end <= this.requested) seed.report('kickUndone', this.name, `${sid} was recovered after its kick`);
    const lost = this.#lostPower(session);
    if (lost && !this.seed.isSynced) seed.report('wrongRecovered', this.name, `${sid} came back in full after a loss of power`);
    session.life = this.requestedLife;
    seed.onRecovered(session.node, this.node);
    session.node = this.node;
    session.recoveries.push({ at, lossy: false });
    session.oddRequest = false;
    this.carried = [];
  }

  #begin(before, { sid, pid, recovered }, at) {
    const { seed } = this;
    if (recovered) seed.report('wrongRecovered', this.name, 'recovered is true with a new private id');
    if (before) {
      const lost = this.#lostPower(before);
      const excuse = before.excuse() ?? this.excuseOfRequest() ?? this.#excuseOfLoss(before, lost) ?? this.#excuseOfWindow(before, at);
      before.ended = { at, reason: excuse };
      const outcome = `${sid === before.sid ? 'state only' : 'fresh'}: ${excuse ?? 'no reason'}`;
      seed.totals.notRecovered.set(outcome, (seed.totals.notRecovered.get(outcome) ?? 0) + 1);
      if (!excuse) seed.report('notRecovered', this.name, `${before.sid} came back as ${sid === before.sid ? 'itself with a new private id' : sid}`);
    }
    this.session = new Session({ sid, pid, requested: this.requested, connected: at, copyOf: sid === before?.sid ? before : null });
    this.session.life = this.requestedLife;
    this.session.node = this.node;
    this.sessions.push(this.session);
    if (before && this.session.isCopy) this.#doubt(this.#lostPower(before));
    for (const { list, operation } of this.carried.splice(0)) this.session[list].push(operation);
    if (before && seed.server.features.has('recovery')) {
      this.send('recovery', [], answer => {
        seed.log(this.name, `the server says ${answer}`);
        seed.totals.told.set(answer, (seed.totals.told.get(answer) ?? 0) + 1);
      });
    }
    for (const room of this.rooms) this.join(room);
  }

  // The last loss of power that this session has gone through since it was granted. What was not on the disk by then is gone.
  #lostPower(session) {
    return session.life < this.requestedLife ? this.seed.powerLosses.at(-1) : null;
  }

  // Where each answer waits for the disk, a session is lost only with a message that nobody had been told to be there.
  #excuseOfLoss(session, loss) {
    if (!loss) return null;
    if (!this.seed.isSynced) return 'loss of power';
    const isDoubtful = publication => publication.start > loss.start - doubtMs && (publication.volatile || publication.end > loss.start);
    return this.observer.seen.some(entry => entry.session === session && isDoubtful(entry.publication)) ? 'it saw what the loss of power undid' : null;
  }

  // A client may not be away for longer than the window; and a process that stood still for longer has not read all that happened to the sessions of that time.
  #excuseOfWindow(session, at) {
    const { server } = this.seed;
    if (!server.window) return null;
    if (at - this.goneAt > server.window * 1000 - noticeMs) return 'away for too long';
    // Whoever stayed there, or has come there now.
    return [session.node, this.node].some(node => this.seed.hasMissed(node, session.begin.end)) ? 'its process stood still for too long' : null;
  }

  // What had been done to rooms and data before a loss of power may be undone.
  #doubt(loss) {
    if (loss && !this.seed.isSynced) this.session.doubt(loss, this.seed.now(), this.seed.rooms);
  }

  onDisconnected(reason) {
    if (this.connected && this.seed.now() > this.cameAt + provenMs) this.goneAt = this.seed.now();
    this.connected = false;
    this.seed.log(this.name, `disconnected: ${reason}`);
    if (reason === 'io server disconnect' && !this.session?.kick) this.seed.report('unexpected', this.name, 'the server said goodbye without a kick');
  }

  // An event of the server, offset included. `list` is another list than our own for the loser of a race.
  receive(event, args, list = this.observer, session = this.session) {
    const deliveries = this.seed.mutation?.pass(this, event, args) ?? [[event, args]];
    for (const delivery of deliveries) this.#onEvent(...delivery, list, session);
  }

  #onEvent(event, args, list, session) {
    const { seed } = this;
    if (!session) {
      seed.report('unknown', this.name, `${event} ${fingerprint(args[0])} came before the first connection`);
      return;
    }
    if (event !== 'msg' && event !== 'vmsg' && event !== 'back') {
      seed.report('unknown', this.name, `the server sent ${event}`);
      return;
    }
    const publication = seed.publications.get(args[0]);
    if (!publication) {
      // Another seed's on the same server, or an invention.
      if (!seed.isForeign(args[0])) seed.report('unknown', this.name, `nobody published ${event} ${fingerprint(args[0])}`);
      return;
    }
    const offset = args.length > 2 ? args.at(-1) : null;
    // Without recovery there is no private id and no offset; a volatile event may do without one in any case.
    const expected = session.pid === undefined ? [2] : publication.volatile ? [2, 3] : [3];
    if (!expected.includes(args.length) || offset !== null && typeof offset !== 'string') {
      seed.report('payload', this.name, `${publication} came with ${args.length} arguments, the last a ${typeof args.at(-1)}`);
    } else if (fingerprint(args[1]) !== publication.payload) {
      seed.report('payload', this.name, `${publication} came as ${fingerprint(args[1])}, was ${publication.payload}`);
    }
    if (publication.event !== event) seed.report('payload', this.name, `${publication} came as ${event}`);
    if (offset !== null && !publication.volatile) {
      publication.offset ??= offset;
      if (publication.offset !== offset) seed.report('offset', this.name, `${publication} has ${offset} here, ${publication.offset} elsewhere`);
    }
    seed.totals.delivered++;
    list.add({ publication, session, offset, at: seed.now() });
    seed.detail(list.name, () => `got ${publication} ${offset ?? ''}`);
  }

  // --- what the plan makes the client do; `send(event, args, onAnswer)` belongs to the kind of client: 'now', 'later' (it waits for a connection), or null ---

  publish({ event = 'publish', room, payload, except, seq = this.seed.nextSeq() }) {
    const { seed } = this;
    const volatile = event === 'publishVolatile';
    const publication = new Publication(seed.now(), {
      seq, event: volatile ? 'vmsg' : 'msg', ns: this.ns, room, except, publisher: this.name, payload: fingerprint(payload), volatile,
    });
    seed.publications.set(seq, publication);
    seed.detail(this.name, () => `publishes ${publication}`);
    const args = except ? [room, except, seq, payload] : payload === undefined ? [room, seq] : [room, seq, payload];
    // A server that tells a refusal from a loss has a word of its own for it.
    const word = event === 'publish' && seed.server.isDurable && seed.server.features.has('publishOrRefuse') ? 'publishOrRefuse' : event;
    const onAnswer = answer => {
      if (answer === 'refused') this.#onRefused(publication);
      else if (answer !== 'unknown') publication.end = seed.now();
    };
    // A client that knows that its server should have been heard of keeps a message back although it is connected still.
    const when = this.send(word, args, onAnswer);
    if (when === 'now') this.#assignLane(publication);
    else if (when === 'later') this.waiting.push(publication);
    else publication.refused = true; // it never left this process
    return publication;
  }

  #onRefused(publication) {
    const { seed } = this;
    publication.refused = true;
    seed.totals.refused++;
    seed.detail(this.name, () => `${publication} was refused`);
    if (!seed.mayRefuse(publication.start)) seed.report('unexpected', this.name, `${publication} was refused although the disk has room`);
  }

  #assignLane(publication) {
    publication.lane = `${this.name}:${this.incarnation}`;
    publication.place = this.sent++;
  }

  // `back` has no ack: whether the server saw it is never known, so it is due at most once.
  back(payload) {
    if (!this.connected) return;
    const seq = this.seed.nextSeq();
    const publication = new Publication(this.seed.now(), {
      seq, event: 'back', ns: this.ns, room: this.session.sid, publisher: this.name, payload: fingerprint(payload),
    });
    this.#assignLane(publication);
    this.seed.publications.set(seq, publication);
    if (this.send('back', [seq, payload], null) === 'later') publication.room = null; // to whoever we are by then
  }

  join(room) {
    this.rooms.add(room);
    this.#change('joins', 'join', [room], { room });
  }

  leave(room) {
    this.rooms.delete(room);
    this.#change('leaves', 'leave', [room], { room });
  }

  setData(value) {
    this.#change('data', 'setData', [value], { value: dataFingerprint(value) });
  }

  // While the client is away these wait: `rooms` is joined again after a fresh start, and the rest is left out.
  #change(list, event, args, details) {
    if (!this.connected) return;
    const operation = Object.assign(new Operation(this.seed.now()), details);
    const { session } = this;
    session[list].push(operation);
    const when = this.send(event, args, () => {
      operation.end = this.seed.now();
      this.seed.detail(this.name, () => `${event} ${args.map(fingerprint)} done`);
    });
    if (when === 'later') this.carried.push({ list, operation });
  }

  echo(payload) {
    this.send('echo', [payload, 'second'], (...answer) => {
      if (fingerprint(answer) !== fingerprint([payload, 'second'])) this.seed.report('payload', this.name, `echo answered ${fingerprint(answer)}`);
    });
  }

  // Asks the server who we are. The answer counts only on the connection that asked. What another process has been told is known to
  // all in the end: then it is asked again.
  checkSelf(triesLeft = this.seed.server.nodes.length > 1 ? 5 : 0) {
    const { seed, session, incarnation, recovered } = this;
    const from = seed.now();
    return new Promise(resolve => this.send('whoami', [], answer => {
      if (incarnation !== this.incarnation || session !== this.session) return resolve();
      const faults = compareSelf(this, session, recovered, answer, from, seed.now());
      if (faults.length > 0 && triesLeft > 0) return setTimeout(() => resolve(this.#checkAgain(incarnation, triesLeft - 1)), againMs);
      for (const { kind, text } of faults) seed.report(kind, this.name, `whoami of ${session.sid}: ${text}`);
      resolve(answer);
    }));
  }

  #checkAgain(incarnation, triesLeft) {
    return incarnation === this.incarnation && this.connected && !this.seed.ended ? this.checkSelf(triesLeft) : undefined;
  }
}

// What is wrong with an answer to whoami.
function compareSelf(seat, session, recovered, answer, from, to) {
  const faults = [];
  const wrong = (kind, text) => faults.push({ kind, text });
  if (answer.id !== session.sid) wrong('identity', `the id is ${answer.id}`);
  if (Boolean(answer.recovered) !== Boolean(recovered)) wrong('flags', `the server says recovered = ${answer.recovered}, the client ${recovered}`);
  const rooms = new Set([session.sid, ...seat.seed.rooms, ...answer.rooms]);
  for (const room of rooms) {
    const expected = session.membership(room, from, to);
    if (expected === 'must' && !answer.rooms.includes(room)) wrong('identity', `${room} is missing in ${answer.rooms}`);
    if (expected === 'not' && answer.rooms.includes(room)) wrong('identity', `${room} is one too many in ${answer.rooms}`);
  }
  const data = dataFingerprint(answer.data);
  const possible = session.possibleData(from, to);
  if (!possible.includes(data)) wrong('identity', `the data is ${data}, not ${possible.join(' or ')}`);
  return faults;
}
