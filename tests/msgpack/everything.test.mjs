// All that the official client can do with the default parser, it can do with MessagePack: the same tests once more, against a server that speaks it.

import { describe } from 'node:test';

process.env.HOLDFAST_TEST_PARSER = 'msgpack';

for (const file of ['events', 'rooms', 'disconnects']) {
  describe(`MessagePack, ${file}`, async () => {
    await import(`../js/${file}.test.mjs`);
  });
}
