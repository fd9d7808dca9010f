// What sets the two servers apart: if one of them comes to behave otherwise, this says so.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cases } from './cases.mjs';
import { startOriginal } from './original.mjs';
import { startOurs } from './ours.mjs';
import { run } from './tools.mjs';

let ours;
before(async () => { ours = await startOurs(); });
after(() => ours?.stop());

for (const one of cases) {
  test(`${one.row}${one.name ? `, ${one.name}` : ''}: ${one.asked}`, { timeout: 30_000 }, async () => {
    const kind = one.kind ?? 'plain';
    assert.equal(await run(one, ours.of(kind)), true, 'ours');
    const original = await startOriginal(kind);
    try {
      assert.equal(await run(one, original), one.original ?? false, 'the original');
    } finally {
      await original.stop();
    }
  });
}
