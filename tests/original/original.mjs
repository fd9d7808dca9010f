// The npm package, with the same operations as OriginalPeer/Peer.cs.

import { createServer } from 'node:http';
import { once } from 'node:events';
import { Server } from 'socket.io';

const options = {
  plain: {},
  small: { pingInterval: 100 },
  checked: { connectionStateRecovery: { skipMiddlewares: false } },
};

export async function startOriginal(kind) {
  const sweeps = [];
  const http = createServer();
  const io = collectSweeps(sweeps, () => new Server(http, { connectionStateRecovery: {}, ...options[kind] }));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return new Original(http, io, sweeps);
}

class Original {
  #io;
  #sweeps;
  #cuts = new Map();
  #waiting = [];
  #answers = [];
  #gate = null;

  constructor(http, io, sweeps) {
    this.#io = io;
    this.#sweeps = sweeps;
    this.port = http.address().port;
    io.use(async (socket, next) => {
      const { auth } = socket.handshake;
      if (auth.greet) socket.emit('greeting');
      if (this.#gate) {
        this.#gate.reached();
        await this.#gate.opened;
      }
      next(auth.unwanted ? new Error('unwanted') : undefined);
    });
    io.on('connection', socket => {
      socket.on('echo', answer => answer());
      socket.on('disconnect', () => {
        this.#cuts.set(socket.id, (this.#cuts.get(socket.id) ?? 0) + 1);
        for (const look of this.#waiting) look();
      });
    });
  }

  async tell(operation, { sid, room, name, args, volatile = false, count = 1 } = {}) {
    const io = this.#io;
    const target = room === undefined ? io : io.to(room);
    switch (operation) {
      case 'emit': return void (volatile ? target.volatile : target).emit(name, ...args);
      case 'emit-then-change': {
        const value = { count: 1 };
        target.emit(name, value);
        value.count = 2;
        return;
      }
      case 'emit-binary':
        target.emit(name, ...Array.from({ length: count }, () => Buffer.from([0])));
        return 'sent';
      case 'ask': return void io.sockets.sockets.get(sid).emit(name, answer => this.#answers.push(answer));
      case 'answer': return this.#answers.shift();
      case 'join': return io.in(sid).socketsJoin(room);
      case 'leave': return io.in(sid).socketsLeave(room);
      case 'kick': return io.in(sid).disconnectSockets();
      case 'cut-seen':
        return new Promise(resolve => {
          const look = () => { if ((this.#cuts.get(sid) ?? 0) >= count) resolve(); };
          this.#waiting.push(look);
          look();
        });
      case 'state': {
        const socket = io.sockets.sockets.get(sid);
        return socket ? { recovered: socket.recovered, rooms: [...socket.rooms] } : null;
      }
      case 'forget': return letTimePass(this.#sweeps);
      case 'close-gate': {
        const gate = this.#gate = {};
        gate.opened = new Promise(resolve => { gate.open = resolve; });
        gate.arrived = new Promise(resolve => { gate.reached = resolve; });
        return;
      }
      case 'at-gate': return this.#gate.arrived;
      case 'open-gate':
        this.#gate.open();
        this.#gate = null;
        return;
      default: throw new Error(`there is no operation '${operation}'`);
    }
  }

  stop() {
    return this.#io.close();
  }
}

// It forgets what is older than two minutes in a sweep once a minute, which a case does not wait for.
function collectSweeps(sweeps, create) {
  const { setInterval } = globalThis;
  globalThis.setInterval = (work, milliseconds, ...rest) => {
    if (milliseconds === 60_000) sweeps.push(work);
    return setInterval(work, milliseconds, ...rest);
  };
  try {
    return create();
  } finally {
    globalThis.setInterval = setInterval;
  }
}

function letTimePass(sweeps) {
  const { now } = Date;
  Date.now = () => now() + 240_000;
  try {
    for (const sweep of sweeps) sweep();
  } finally {
    Date.now = now;
  }
}
