// Both servers side by side, one line per case:
//     dotnet build -c Release tests/original/OriginalPeer && node tests/original/weaknesses.mjs [ROW]

import { cases } from './cases.mjs';
import { startOriginal } from './original.mjs';
import { startOurs } from './ours.mjs';
import { run } from './tools.mjs';

const ours = await startOurs();
const word = holds => holds ? 'yes' : 'no';
let unexpected = 0;
try {
  console.log('| row | asked for | socket.io 4.8.4 | Holdfast |\n| --- | --- | --- | --- |');
  for (const one of cases.filter(({ row }) => !process.argv[2] || row === process.argv[2])) {
    const kind = one.kind ?? 'plain';
    const original = await startOriginal(kind);
    const theirs = await run(one, original).finally(() => original.stop());
    const mine = await run(one, ours.of(kind));
    console.log(`| ${one.row} | ${one.asked} | ${word(theirs)} | ${word(mine)} |`);
    if (!mine) unexpected++;
  }
} finally {
  await ours.stop();
}
process.exit(unexpected ? 1 : 0);
