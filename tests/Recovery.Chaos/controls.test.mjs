// The checker is only worth as much as what it would have found: each fault that is made on purpose has to be caught.

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import { runControl, serverControls, wireControls } from './mutants.mjs';
import { withResolvers } from './promises.mjs';
import { serverCommand, startServer } from './server.mjs';

// Of the controls that have no seeds of their own. Most are caught in the first one; where what they break is a matter of timing, one more or two are needed.
const seeds = [12, 4, 6, 13, 10, 8];

const ofServer = serverControls();
const waiting = [...wireControls(() => startServer(serverCommand('chaos'))), ...ofServer ?? []];
const lanes = Math.max(2, availableParallelism() - 1); // a seed mostly waits; those without a control run beside this file
const results = new Map(waiting.map(control => [control, withResolvers()]));

for (const [control, { promise }] of results) {
  test(`${control.name}: caught`, { timeout: 120_000 }, async () => {
    const { isCaught, text } = await promise;
    assert.ok(isCaught, text);
  });
}

test('there is a server that is broken on purpose', () => assert.ok(ofServer?.length > 0, 'MutantServer is not built'));

for (let i = 0; i < lanes; i++) workThrough();

async function workThrough() {
  for (let control = waiting.shift(); control; control = waiting.shift()) {
    const { resolve, reject } = results.get(control);
    await runControl(control, { workers: 1, seeds: control.seeds ?? seeds }).then(resolve, reject);
  }
}
