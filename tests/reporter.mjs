// A node:test reporter for machines: one JSON line per finished test. tests/run.mjs reads them.
// A file that could not be loaded, or ended early, fails under its own path; so does a file without a single test,
// which node:test itself lets pass.

import { relative } from 'node:path';

export default async function* (events) {
  const path = [];
  const output = new Map();
  for await (const { type, data } of events) {
    if (type === 'test:start') {
      path.length = data.nesting;
      path.push(data.name);
    } else if (type === 'test:stdout' || type === 'test:stderr') {
      output.set(data.file, (output.get(data.file) ?? '') + data.message);
    } else if (type === 'test:pass' || type === 'test:fail') {
      const line = result(type === 'test:pass', data, path.slice(0, data.nesting), output);
      if (line) yield JSON.stringify(line) + '\n';
    }
  }
}

function result(passed, data, parents, output) {
  const error = data.details?.error;
  const isGroup = data.details?.type === 'suite';
  if (isGroup && passed || error?.failureType === 'subtestsFailed') return null; // its tests are counted already
  const isFile = data.nesting === 0 && data.name === data.file;
  const file = data.file ? relative(process.cwd(), data.file) : '';
  const name = isFile ? file : [file, ...parents, data.name].filter(Boolean).join(' > ');
  const skipped = data.skip !== undefined || data.todo !== undefined;
  if (isFile && passed && !skipped) return { name, outcome: 'failed', message: 'this file holds no test' };
  if (passed || skipped) return { name, outcome: skipped ? 'skipped' : 'passed' };
  const message = isFile ? output.get(data.file) : error?.cause?.stack ?? error?.cause?.message ?? String(error?.cause ?? error);
  return { name, outcome: 'failed', message: message ?? String(error) };
}
