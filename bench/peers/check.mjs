// Whether a server that speaks Socket.IO answers as the benchmarks expect, also to a burst of handshakes, and whether it ends in time.
//     node bench/peers/check.mjs COMMAND...          for example: node bench/peers/check.mjs node bench/peers/node/server.mjs

import { startServer } from '../../tests/bench/server.mjs';
import { checkCrowd, checkEvents } from '../../tests/bench/wire.mjs';

const server = await startServer(process.argv.slice(2));
try {
  await checkEvents(server.port, process.env.RECOVERY === '1' ? ',"[^"\\\\]{1,64}"' : '');
  await checkCrowd(server.port, 256);
} finally {
  console.log(`ended with code ${await server.stop()}`);
}
process.exit(0);
