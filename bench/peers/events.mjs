// What each server does with the events of a benchmark, the same on Node and on Bun.

export const options = {
  connectionStateRecovery: process.env.RECOVERY === '1' ? { maxDisconnectionDuration: 2 * 60 * 1000 } : undefined,
};

export const port = Number(process.env.PORT || NaN);
if (!Number.isInteger(port) || port < 0 || port > 65535) {
  console.error(`PORT is '${process.env.PORT ?? ''}'; it has to be a number from 0, for any free port, to 65535.`);
  process.exit(2);
}

export function addEvents(io) {
  io.on('connection', socket => {
    socket.on('echo', (...args) => {
      const ack = args.at(-1);
      if (typeof ack === 'function') ack(...args.slice(0, -1));
      else socket.emit('echo', ...args);
    });
    socket.on('broadcast', payload => { io.emit('broadcast', payload); });
    socket.on('join', (room, ack) => {
      socket.join(room);
      ack();
    });
    socket.on('room', (room, payload) => { io.to(room).emit('room', payload); });
  });
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(0));
