// Offsets are opaque to a client. Where their form shows an order, the checker looks at it too; elsewhere it keeps quiet.

const forms = [
  { pattern: /^([\w-]{8})\.([0-9a-z]{10})()$/, number: base36 }, // epoch.sequence
  { pattern: /^()(\d+)-(\d+)$/, number: BigInt }, // a stream id
];

// Negative, 0, positive; undefined when the two can't be compared.
export function compareOffsets(a, b) {
  if (a === b) return 0;
  for (const { pattern, number } of forms) {
    const [left, right] = [pattern.exec(a), pattern.exec(b)];
    if (!left || !right || left[1] !== right[1]) continue;
    const difference = number(left[2]) - number(right[2]) || number(left[3]) - number(right[3]);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return undefined;
}

function base36(digits) {
  return [...digits].reduce((value, digit) => value * 36n + BigInt(parseInt(digit, 36)), 0n);
}
