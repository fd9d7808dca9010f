// The test run: one build, then each suite, then one line with the sum. Started by ./test, which has done the set-up.

import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { chromium } from './chromium.mjs';
import { featureIds } from './features.mjs';
import { python } from './python.mjs';
import { checkTable } from './tables.mjs';

// A new suite is one line here. kind 'dotnet': a folder with one xunit project; kind 'node': a folder with *.test.mjs files.
// `needs` fetches what the suite needs of the machine; `files` is how many files of a node suite run at a time.
const suites = [
  { name: 'architecture', kind: 'dotnet', path: 'tests/Holdfast.Architecture.Tests' },
  { name: 'protocol', kind: 'dotnet', path: 'tests/Holdfast.Protocol.Tests' },
  { name: 'cost', kind: 'dotnet', path: 'tests/Holdfast.Cost.Tests' },
  { name: 'server', kind: 'dotnet', path: 'tests/Holdfast.Server.Tests' },
  { name: 'adapters', kind: 'dotnet', path: 'tests/Adapters' },
  { name: 'conformance', kind: 'node', path: 'tests/conformance', files: 1 }, // the cases measure milliseconds
  { name: 'engine', kind: 'node', path: 'tests/engine' },
  { name: 'js-client', kind: 'node', path: 'tests/js' },
  { name: 'clients', kind: 'node', path: 'tests/clients', needs: python },
  { name: 'msgpack', kind: 'node', path: 'tests/msgpack' },
  { name: 'original', kind: 'node', path: 'tests/original' },
  { name: 'oracle', kind: 'node', path: 'tests/oracle' },
  { name: 'checker', kind: 'node', path: 'tests/Recovery.Chaos' },
  { name: 'bench', kind: 'node', path: 'tests/bench' },
  { name: 'browser', kind: 'node', path: 'tests/Browser', needs: chromium, files: 1 },
];

// Documents whose rows name their tests; checked when all suites have run.
const tables = [
  { document: 'docs/recovery-table.md', ids: Array.from({ length: 44 }, (_, i) => `W${i + 1}`) },
  { document: 'docs/features.md', ids: featureIds },
];

const results = 'artifacts/test-results';
const limitSeconds = 300; // a suite that takes longer hangs

const all = [];
const total = { passed: 0, failed: 0, skipped: 0 };
process.exitCode = 1; // until the last line has said otherwise
const running = new Set();
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    for (const child of running) killGroup(child);
    process.exit(130);
  });
}

const wanted = (process.argv[2] ?? '').toLowerCase();
const chosen = suites.filter(suite => suite.name.toLowerCase().includes(wanted));
if (chosen.length === 0) {
  fail(`no suite is named like '${wanted}'; there are: ${suites.map(suite => suite.name).join(', ')}`);
} else if (await build()) {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  if (!wanted) findForgottenSuites();
  for (const suite of chosen) await runSuite(suite);
  if (!wanted) for (const { document, ids } of tables) report('tables', Date.now(), checkTable(document, readFileSync(document, 'utf8'), ids, all));
}
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

async function build() {
  const started = Date.now();
  const { code, output } = await run('dotnet', ['build', 'Holdfast.slnx', '-c', 'Release', '-m:2', '-v', 'quiet', '-clp:NoSummary'], 900);
  console.log(`build          ${seconds(started)} s`);
  if (code !== 0) fail(`the build failed\n${output}`);
  return code === 0;
}

async function runSuite(suite) {
  const started = Date.now();
  const tests = [];
  let crash = null;
  try {
    suite.needs?.();
    const { code, output } = await (suite.kind === 'dotnet' ? runDotnet(suite, tests) : runNode(suite, tests));
    if (code === null) crash = `ended after ${limitSeconds} s without a result\n${output}`;
    else if (code !== 0 && !tests.some(test => test.outcome === 'failed')) crash = `ended with exit code ${code}\n${output}`;
    else if (tests.every(test => test.outcome === 'skipped')) crash = `executed no test\n${output}`;
  } catch (error) {
    crash = error.message;
  }
  all.push(...tests);
  report(suite.name, started, tests, crash);
}

function report(name, started, tests, crash = null) {
  const count = outcome => tests.filter(test => test.outcome === outcome).length;
  const [passed, failed, skipped] = [count('passed'), count('failed') + (crash ? 1 : 0), count('skipped')];
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  console.log(`${name.padEnd(14)} ${seconds(started)} s   ${passed} passed, ${failed} failed, ${skipped} skipped`);
  for (const test of tests) {
    if (test.outcome === 'failed') console.log(`  FAILED ${test.name}\n${indent(test.message)}`);
    if (test.outcome === 'skipped') console.log(`  skipped ${test.name}`);
  }
  if (crash) console.log(`  FAILED the suite ${indent(crash).trimStart()}`);
}

async function runDotnet(suite, tests) {
  const file = `${basename(suite.path)}.trx`;
  const ended = await run('dotnet', ['test', suite.path, '-c', 'Release', '--no-build', '--results-directory', results, '--logger', `trx;LogFileName=${file}`]);
  if (existsSync(join(results, file))) tests.push(...readTrx(readFileSync(join(results, file), 'utf8')));
  return ended;
}

async function runNode(suite, tests) {
  const file = join(results, `${suite.name}.jsonl`);
  const files = readdirSync(suite.path, { recursive: true }).filter(name => /\.test\.m?js$/.test(name)).map(name => join(suite.path, name)).sort();
  if (files.length === 0) throw new Error(`${suite.path} holds no *.test.mjs file`);
  const ended = await run(process.execPath, [
    '--test', `--test-concurrency=${suite.files ?? 2}`, '--test-reporter=./tests/reporter.mjs', `--test-reporter-destination=${file}`, ...files,
  ]);
  if (existsSync(file)) tests.push(...readFileSync(file, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line)));
  return ended;
}

// A trx file is XML; what we need of it is flat enough to be read without a parser.
function readTrx(xml) {
  const text = encoded => encoded.replace(/&(?:#x([0-9a-fA-F]+)|#([0-9]+)|lt|gt|quot|apos|amp);/g, (entity, hex, decimal) =>
    hex ? String.fromCodePoint(parseInt(hex, 16)) : decimal ? String.fromCodePoint(+decimal)
      : { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' }[entity]);
  return [...xml.matchAll(/<UnitTestResult\b([^>]*?)(?:\/>|>([\s\S]*?)<\/UnitTestResult>)/g)].map(([, attributes, body = '']) => {
    const attribute = name => text(new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1] ?? '');
    const element = name => text(new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(body)?.[1] ?? '');
    const outcome = { Passed: 'passed', NotExecuted: 'skipped' }[attribute('outcome')] ?? 'failed';
    return { name: attribute('testName'), outcome, message: [element('Message'), element('StackTrace'), element('StdOut')].filter(Boolean).join('\n') };
  });
}

// A folder with tests that nobody runs is worse than no tests.
function findForgottenSuites() {
  for (const entry of readdirSync('tests', { withFileTypes: true }).filter(entry => entry.isDirectory())) {
    const path = `tests/${entry.name}`;
    if (suites.some(suite => suite.path === path)) continue;
    const files = readdirSync(path);
    const kind = files.some(name => /\.test\.m?js$/.test(name)) ? 'node' : files.some(name => name.endsWith('.Tests.csproj')) ? 'dotnet' : null;
    if (kind) fail(`${path} holds tests but is not in the list of tests/run.mjs (kind '${kind}')`);
  }
}

// Each child leads a process group of its own, so that a hanging suite ends with everything that it started.
function run(command, args, limit = limitSeconds) {
  return new Promise(resolve => {
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    let hangs = false;
    child.stdout.on('data', data => output += data);
    child.stderr.on('data', data => output += data);
    const timer = setTimeout(() => { hangs = true; killGroup(child); }, limit * 1000);
    child.on('error', error => output += error.message);
    child.on('exit', () => killGroup(child)); // what it has left running, which could keep the pipes open
    child.on('close', code => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: hangs ? null : code ?? 1, output: output.slice(-20_000) });
    });
  });
}

function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // the group has ended by itself
  }
}

function fail(message) {
  total.failed++;
  console.log(`FAILED ${message}`);
}

function seconds(since) {
  return ((Date.now() - since) / 1000).toFixed(1).padStart(6);
}

function indent(text) {
  return text.trimEnd().split('\n').slice(0, 60).map(line => `    ${line}`).join('\n');
}
