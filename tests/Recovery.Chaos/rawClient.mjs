// A client that may do what the official one never does: present an older offset that it has seen, none, or nonsense; come
// back while its old connection still lives; come back twice at once. Otherwise it returns by itself with its last offset.

import { OldConnection } from './oldConnection.mjs';
import { RawConnection } from './rawConnection.mjs';
import { Seat } from './seat.mjs';

export class RawClient {
  constructor({ name, seed, route, transport, namespaces, reconnectionDelay }) {
    Object.assign(this, { name, seed, route, transport, reconnectionDelay });
    this.seats = [new RawSeat(this, { name, ns: namespaces[0], seed })];
  }

  get link() {
    return this.route.link;
  }

  connect() {
    this.seats[0].open();
  }

  loseNetwork() {
    this.closeEngine();
  }

  closeEngine() {
    this.seats[0].connection?.abort();
  }

  close() {
    this.seats[0].close();
  }
}

class RawSeat extends Seat {
  constructor(client, options) {
    super(options);
    this.client = client;
    this.connection = null;
    this.request = null; // what the last CONNECT presented
    this.old = []; // connections that were left alive when we came back
    this.closing = false;
    this.timer = null;
  }

  send(event, args, onAnswer) {
    return this.connected && this.connection.send(event, args, onAnswer) ? 'now' : null;
  }

  // --- coming and coming back ---

  // offset: 'last', 'older', 'none', 'foreign' or 'future'
  open(offset = 'last', back = 0) {
    if (this.closing) return;
    clearTimeout(this.timer);
    this.request = this.#present(offset, back);
    const { auth } = this.request;
    this.seed.log(this.name, `opens with ${auth ? `${offset} offset ${auth.offset ?? '-'}` : 'nothing'}`);
    const connection = this.connection = this.#connection(auth, {
      onConnected: ({ sid, pid }) => {
        if (connection !== this.connection) return;
        const recovered = pid === this.session?.pid && pid !== undefined;
        if (recovered) this.observer.rewind(this.request.keep);
        this.onConnected({ sid, pid, recovered });
      },
      onEvent: (name, args) => { if (connection === this.connection) this.receive(name, args); },
      onGone: reason => {
        if (connection !== this.connection) return;
        if (this.connected) this.onDisconnected(reason);
        this.connection = null;
        if (reason !== 'io server disconnect') this.#later();
      },
    });
  }

  #connection(auth, handlers, isApart = false) {
    const { route } = this.client;
    if (isApart) route.leave();
    const connection = new RawConnection({
      port: route.moveOn(), transport: this.client.transport, ns: this.ns, auth,
      handlers: {
        onRequest: () => this.onRequest(),
        onFault: text => {
          if (!this.seed.mayRefuse(this.requested) || !text.startsWith('the server refused')) this.seed.report('unexpected', this.name, text);
        },
        ...handlers,
      },
    });
    connection.node = route.node;
    return connection;
  }

  get node() {
    return this.connection?.node ?? super.node;
  }

  #later() {
    clearTimeout(this.timer);
    if (!this.closing) this.timer = setTimeout(() => this.open(), this.client.reconnectionDelay);
  }

  // { auth, keep, odd, isOld }: keep is how much of our list stays valid if the server resumes there.
  #present(offset, back = 0) {
    const { session, observer } = this;
    const all = observer.seen.length;
    if (!session?.pid) return { auth: undefined, keep: all };
    const start = observer.seen.findIndex(entry => entry.session === session);
    const last = observer.lastOffset();
    const auth = { pid: session.pid };
    switch (offset) {
      case 'older': {
        const own = observer.seen.map((entry, index) => ({ entry, index })).filter(({ entry }) => entry.session === session && entry.offset !== null);
        if (own.length < 2) break;
        const { entry, index } = own[Math.max(0, own.length - 1 - back)];
        return { auth: { ...auth, offset: entry.offset }, keep: index + 1, isOld: true };
      }
      case 'none': return { auth, keep: start < 0 ? all : start, isOld: true };
      case 'foreign': return { auth: { ...auth, offset: '!not an offset!' }, keep: all, odd: true };
      case 'future': return { auth: { ...auth, offset: inFuture(last) }, keep: all, odd: true };
    }
    return { auth: last === null ? auth : { ...auth, offset: last }, keep: all };
  }

  // A session that was asked for in an odd way may have been given away with an answer that never came.
  onRequest() {
    super.onRequest();
    const mayBeTrimmed = this.request?.isOld && this.seed.server.window;
    if (this.session && (this.request?.odd || mayBeTrimmed)) this.session.oddRequest = true;
  }

  // The plan's "come back now". old: 'gone' - the connection was closed before; 'alive' - it stays, and answers.
  comeBack({ offset, old, back }) {
    if (!this.session || !this.connected) return;
    if (old === 'alive') this.#keepOld();
    else this.connection.abort();
    this.open(offset, back);
  }

  #keepOld() {
    this.session.takeovers++;
    if (this.connected) this.onDisconnected('abandoned alive');
    this.old.push(new OldConnection(this, this.connection));
    this.connection = null;
  }

  onConnected(answer) {
    super.onConnected(answer);
    for (const old of this.old) if (answer.recovered && old.session === this.session) old.evicted();
  }

  judgeOldConnections() {
    for (const old of this.old) old.judge();
  }

  // Two connections with one private id and offset at once. One may win; the other one's list ends early.
  // apart: at two processes; otherwise as chance will have it. What is tried again waits for a connection.
  async race({ apart = false, tries = 1 }) {
    if (this.racing || this.closing) return;
    if (!this.session || !this.connected) {
      if (tries > 1) setTimeout(() => this.race({ apart, tries: tries - 1 }), 50);
      return;
    }
    this.racing = true;
    this.seed.log(this.name, 'two racers');
    this.#keepOld();
    this.session.takeovers++;
    const { session } = this;
    this.onRequest(); // of both: the earlier bound
    const { auth } = this.request = this.#present('last');
    const racers = [0, 1].map(i => this.#racer(i, auth, session, apart && i > 0));
    await Promise.all(racers.map(racer => racer.settled));
    if (this.closing) return;
    const recovered = racers.filter(racer => racer.granted && !racer.connection.isGone);
    const answers = await Promise.all(recovered.map(racer => racer.ask()));
    const answering = recovered.filter((racer, i) => answers[i]);
    // One that was granted first, by another process, may have been answered before that one heard of the second.
    if (answering.length > 1 && !answering.every(racer => racer.connection.node === answering[0].connection.node)) {
      const since = this.seed.now();
      const deadline = () => Math.max(since, ...answering.map(racer => this.seed.wentOnAt(racer.connection.node))) + 1000;
      await this.seed.until(() => answering.some(racer => racer.connection.isGone) || this.seed.now() > deadline(), Infinity);
    }
    const alive = answering.filter(racer => !racer.connection.isGone);
    this.seed.log(this.name, `of the racers ${recovered.length} were granted, ${answering.length} answer, ${alive.length} live on`);
    if (alive.length > 1) this.seed.report('twoWinners', this.name, `both racers live on as ${session.sid}`);
    const winner = alive[0] ?? racers.find(racer => racer.answer && !racer.connection.isGone);
    for (const racer of racers) if (racer !== winner) racer.stop();
    this.racing = false;
    if (winner) winner.adopt();
    else this.#later();
  }

  #racer(number, auth, session, isApart) {
    const list = this.observer.fork(`racer ${number + 1}`);
    const racer = { list, granted: false, answer: null, events: [] };
    racer.settled = new Promise(resolve => {
      racer.connection = this.#connection(auth, {
        onRequest: () => {},
        onConnected: answer => {
          racer.answer = answer;
          racer.granted = answer.pid === session.pid && answer.pid !== undefined;
          this.seed.log(this.name, `racer ${number + 1} is ${racer.granted ? '' : 'not '}granted by process ${racer.connection.node + 1}`);
          resolve();
        },
        // What comes to a fresh session is kept back: it belongs to a session that has no name yet.
        onEvent: (name, args) => {
          if (racer.adopted) this.receive(name, args);
          else if (racer.granted) this.receive(name, args, list, session);
          else racer.events.push([name, args]);
        },
        onGone: reason => {
          resolve();
          if (!racer.adopted) return;
          if (this.connected) this.onDisconnected(reason);
          this.connection = null;
          if (reason !== 'io server disconnect') this.#later();
        },
      }, isApart);
    });
    racer.ask = () => new Promise(resolve => {
      const patience = setTimeout(() => resolve(null), 2000);
      racer.connection.send('whoami', [], answer => { clearTimeout(patience); resolve(answer); });
    });
    racer.stop = () => {
      if (!racer.granted && racer.answer) racer.connection.leave();
      racer.connection.abort();
    };
    racer.adopt = () => {
      this.connection = racer.connection;
      if (racer.granted) { // its list is ours from now on
        this.observer.forks = this.observer.forks.filter(fork => fork !== list);
        this.observer.seen = list.seen;
      }
      racer.adopted = true;
      this.onConnected({ ...racer.answer, recovered: racer.granted });
      for (const [name, args] of racer.events) this.receive(name, args);
    };
    return racer;
  }

  // Unless it is connected or on its way.
  connectAgain() {
    if (!this.connection && !this.racing) this.open();
  }

  leaveNamespace() {
    if (!this.connection || !this.session) return;
    this.session.left = true;
    const { connection } = this;
    connection.leave();
    connection.handOver({});
    setTimeout(() => connection.abort(), 50); // the 41 goes out first
    this.connection = null;
    this.onDisconnected('goodbye');
  }

  close() {
    this.closing = true;
    clearTimeout(this.timer);
    this.connection?.abort();
    for (const old of this.old) old.connection.abort();
  }
}

// The same form, far beyond anything that was ever sent.
function inFuture(offset) {
  return offset === null ? 'x.99999999' : offset.replace(/\d(?=\D*$)/, digit => `${digit}99999`);
}
