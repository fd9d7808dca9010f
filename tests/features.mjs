// Which rows docs/features.md must have: its features, and the cases of the suites that it counts.

const range = (prefix, last, without = []) =>
  Array.from({ length: last }, (_, i) => i + 1).filter(n => !without.includes(n)).map(n => prefix + n);

export const featureIds = [
  ...range('E', 28, [19]), ...range('S', 10), ...range('N', 8), ...range('K', 15), ...range('B', 5), ...range('A', 10),
  ...range('SA', 22), ...range('HS', 4), ...range('CL', 8), ...range('NS', 42), ...range('SK', 62), ...range('MM', 20), ...range('MW', 10), ...range('SM', 2),
  ...range('VC', 3), ...range('ST', 5), ...range('UW', 22), ...range('UM', 9), ...range('CR', 7), ...range('EN', 197), ...range('AD', 48),
];
