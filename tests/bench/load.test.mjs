// The load of bench/compare: its checks see what is wrong, and find nothing wrong with Holdfast.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { within } from '../js/waiting.mjs';

const path = name => new URL(`../../${name}`, import.meta.url).pathname;

async function load(...options) {
  const child = spawn('dotnet', [path('artifacts/bin/Load/release/Load.dll'), ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', data => { output += data; });
  child.stderr.on('data', data => { output += data; });
  const [code] = await within(once(child, 'close'), 'the load ends', 120_000).catch(error => {
    child.kill('SIGTERM');
    throw error;
  });
  return { code, output };
}

test('every row in short: all answers of the bench server are right', async () => {
  const { code, output } = await load('--smoke', '--servers', `holdfast=${path('artifacts/bin/BenchServer/release/BenchServer.dll')}`);
  assert.equal(code, 0, output);
  for (const row of ['echo-8', 'echo-rate', 'broadcast-2', 'rooms', 'polling', 'connecting', 'resume-missed', 'resume-live']) {
    assert.match(output, new RegExp(`^1 ${row} .* ok$`, 'm'), output);
  }
});

describe('against a server of the tests', () => {
  let folder;
  before(() => { folder = mkdtempSync(join(tmpdir(), 'load-')); });
  after(() => rmSync(folder, { recursive: true }));

  // The load starts a program; what it is to do wrong stands in its environment.
  const peer = fault => {
    const file = join(folder, fault);
    writeFileSync(file, `#!/bin/sh\nFAULT=${fault} exec '${process.execPath}' '${path('tests/bench/peer.mjs')}'\n`);
    chmodSync(file, 0o755);
    return `${fault}=${file}`;
  };

  test('fragments, pings between them and frames in any number of pieces are read', async () => {
    const { code, output } = await load('--smoke', '--only', 'echo-8,broadcast-1', '--servers', peer('none'));
    assert.equal(code, 0, output);
    assert.equal(output.match(/ ok$/gm)?.length, 2, output);
  });

  test('wrong, exchanged and repeated answers are seen', async () => {
    const { code, output } = await load('--smoke', '--only', 'echo-8', '--servers', ['wrong', 'exchanged', 'twice'].map(peer).join(','));
    assert.equal(code, 1, output);
    assert.match(output, /^1 echo-8 +wrong .* wrong answers \(first: ack \d of client \d+/m, output);
    assert.match(output, /^1 echo-8 +exchanged .* (wrong answers|answers to nothing)/m, output);
    assert.match(output, /^1 echo-8 +twice .* (wrong answers|answers to nothing)/m, output);
  });

  test('a broadcast that a receiver misses, and one that it gets twice, are seen', async () => {
    const { code, output } = await load('--smoke', '--only', 'broadcast-1', '--servers', ['gap', 'doubled'].map(peer).join(','));
    assert.equal(code, 1, output);
    assert.match(output, /^1 broadcast-1 +gap .* lost \(first: \d+ after \d+ of sender \d/m, output);
    assert.match(output, /^1 broadcast-1 +doubled .* doubled or out of order \(first: (\d+) after \1 of sender \d/m, output);
  });
});
