// One client: in its rooms from the beginning, on one of the processes, and on another one when that is gone.

import { Manager } from 'socket.io-client';
import { RawConnection } from '../rawConnection.mjs';

class Member {
  isConnected = false;
  returns = []; // { from, to, at, recovered } of each time that it came back

  // choose(): the number of a process that runs, or is thought to
  constructor({ name, rooms, nodes, choose, ledger, account }) {
    Object.assign(this, { name, rooms, nodes, choose, ledger, account });
    this.pid = null;
    this.node = null; // where it is, or tries to be
    this.homeNode = null; // where it was
  }

  get port() {
    return this.nodes[this.node].port || 1; // nobody listens there
  }

  moveOn() {
    this.node = this.choose();
  }

  async begin() {
    const connected = new Promise(resolve => { this.onFirst = resolve; });
    this.open();
    await connected;
    for (const room of this.rooms) await this.ask('join', room);
  }

  connected(pid, recovered) {
    this.isConnected = true;
    if (this.pid !== null) {
      const isBack = pid === this.pid && recovered;
      this.returns.push({ from: this.homeNode, to: this.node, at: performance.now(), recovered: isBack });
      if (!isBack) {
        this.ledger.fault(this.name, `it was not recovered by process ${this.node + 1}`);
        this.send('recovery', [], answer => this.ledger.fault(this.name, `the server says ${answer}`));
      }
    }
    this.pid = pid;
    this.homeNode = this.node;
    this.onFirst?.();
  }

  disconnected(reason) {
    this.isConnected = false;
    if (reason === 'io server disconnect') this.ledger.fault(this.name, 'the server said goodbye');
  }

  // Again when the answer was lost with the connection; in the end there is none.
  async ask(event, ...args) {
    for (let tries = 0; tries < 10; tries++) {
      let patience;
      const answer = await Promise.race([
        new Promise(resolve => this.send(event, args, (...answer) => resolve(answer))),
        new Promise(resolve => { patience = setTimeout(resolve, 1000, null); }),
      ]);
      clearTimeout(patience);
      if (answer) return answer[0];
    }
    this.ledger.fault(this.name, `${event} was never answered`);
    return undefined;
  }
}

export class RawMember extends Member {
  open() {
    if (this.isClosed) return;
    this.moveOn();
    this.connection = new RawConnection({
      port: this.port, transport: 'websocket', ns: '/',
      auth: this.pid === null ? undefined : { pid: this.pid, ...(this.account.last !== null && { offset: this.account.last }) },
      handlers: {
        onRequest() {},
        onConnected: ({ pid }) => this.connected(pid, pid === this.pid),
        onEvent: (_, args) => this.ledger.receive(this.account, args[0], args.at(-1)),
        onFault: text => this.ledger.fault(this.name, text),
        onGone: reason => {
          this.disconnected(reason);
          setTimeout(() => this.open(), 20 + Math.floor(this.account.seen.size % 80)); // not all at the same moment
        },
      },
    });
  }

  send(event, args, onAnswer) {
    return this.connection.send(event, args, onAnswer);
  }

  close() {
    this.isClosed = true;
    this.connection.abort();
  }
}

export class JsMember extends Member {
  constructor({ transport, ...options }) {
    super(options);
    this.moveOn();
    this.manager = new Manager(this.url, { transports: [transport], autoConnect: false, reconnectionDelay: 20, reconnectionDelayMax: 100, timeout: 2000 });
    this.manager.on('reconnect_attempt', () => {
      this.moveOn();
      this.manager.uri = this.url;
    });
    this.socket = this.manager.socket('/');
    this.socket.on('connect', () => this.connected(this.socket._pid, this.socket.recovered));
    this.socket.on('disconnect', reason => this.disconnected(reason));
    this.socket.onAny((_, ...args) => this.ledger.receive(this.account, args[0], args.at(-1)));
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }

  open() {
    this.socket.connect();
  }

  send(event, args, onAnswer) {
    this.socket.emit(event, ...args, onAnswer);
    return true;
  }

  close() {
    this.manager.skipReconnect = true;
    this.socket.disconnect();
  }
}
