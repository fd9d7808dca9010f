// Recovery does not depend on the parser: the tests of what a client misses, of its sessions and of middlewares, once more with MessagePack. Those left out look into the text of packets.

import { describe } from 'node:test';

process.env.HOLDFAST_TEST_PARSER = 'msgpack';

for (const file of ['recoveryEvents', 'recoverySessions', 'recoveryMiddlewares', 'recoveryClosings', 'recoveryUpgrade', 'recoveryEventsFirst']) {
  describe(`MessagePack, ${file}`, async () => {
    await import(`../js/${file}.test.mjs`);
  });
}
