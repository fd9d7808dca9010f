// Offsets are opaque to a client. Where their form shows an order, the checker looks at it too; elsewhere it keeps quiet.

const forms = [
  /^([^.]+)\.(\d+)()$/, // epoch.sequence
  /^()(\d+)-(\d+)$/, // a stream id
];

// Negative, 0, positive; undefined when the two can't be compared.
export function compareOffsets(a, b) {
  if (a === b) return 0;
  for (const form of forms) {
    const [left, right] = [form.exec(a), form.exec(b)];
    if (!left || !right || left[1] !== right[1]) continue;
    const difference = BigInt(left[2]) - BigInt(right[2]) || BigInt(left[3] || 0) - BigInt(right[3] || 0);
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }
  return undefined;
}
