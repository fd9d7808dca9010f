// The original server on Node, with its default WebSocket library.
//     PORT=3301 [RECOVERY=1] node bench/peers/node/server.mjs

import { createServer } from 'node:http';
import { Server } from 'socket.io';
import { addEvents, options, port } from '../events.mjs';

const http = createServer();
addEvents(new Server(http, options));
http.listen(port, '127.0.0.1', () => console.log(`listening on ${http.address().port}`));
