// A server that talks to the load as FAULT says: a correct one with the most awkward frames there are, or one that answers wrongly now and then.

import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const fault = process.env.FAULT;
const port = +process.env.PORT;
const everybody = new Set();
const http = createServer();
const sockets = new WebSocketServer({ server: http, path: '/socket.io/', perMessageDeflate: false });
let count = 0;

sockets.on('connection', (socket, request) => {
  if (fault === 'none') crumble(request.socket);
  everybody.add(socket);
  socket.on('close', () => everybody.delete(socket));
  socket.on('error', () => {}); // a reset
  say(socket, `0{"sid":"${++count}","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`);
  socket.on('message', data => {
    const text = data.toString();
    const echo = /^42(\d+)\["echo",(.*)\]$/.exec(text);
    if (text === '40') say(socket, `40{"sid":"${count}"}`);
    else if (echo) answer(socket, echo[1], echo[2]);
    else for (const receiver of everybody) deliver(receiver, text);
  });
});

function answer(socket, id, argument) {
  const wrong = ++count % 50 === 0;
  if (fault === 'wrong' && wrong) say(socket, `43${id}[${argument.replace('b', 'c')}]`);
  else if (fault === 'exchanged' && wrong) say(socket, `43${(+id + 1) % 8}[${argument}]`);
  else say(socket, `43${id}[${argument}]`);
  if (fault === 'twice' && wrong) for (let i = 0; i < 2; i++) say(socket, `43${id}[${argument}]`);
}

function deliver(socket, text) {
  const now = ++count % 20_000 === 0;
  if (fault === 'gap' && now) return;
  if (fault === 'doubled' && now) say(socket, text);
  say(socket, text);
}

// Each message in four frames, one of them empty, with pings between them.
function say(socket, text) {
  if (socket.readyState !== socket.OPEN) return;
  if (fault !== 'none') return socket.send(text);
  const middle = text.length >> 1;
  socket.send(text.slice(0, 1), { fin: false });
  socket.ping('x');
  socket.send('', { fin: false });
  socket.send(text.slice(1, middle), { fin: false });
  socket.ping();
  socket.send(text.slice(middle));
}

// What arrives together and what arrives apart has nothing to do with where frames end.
function crumble(connection) {
  const write = connection.write.bind(connection);
  let size = 1;
  connection.write = (data, ...rest) => {
    const bytes = Buffer.from(data, typeof rest[0] === 'string' ? rest[0] : 'utf8');
    while (rest.length && typeof rest[0] === 'string') rest.shift();
    for (let at = 0; at < bytes.length; at += size) {
      size = size % 61 + 7;
      if (at + size >= bytes.length) return write(bytes.subarray(at), ...rest);
      write(bytes.subarray(at, at + size));
    }
    return true;
  };
}

process.on('SIGTERM', () => process.exit(0));
http.listen(port, '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
