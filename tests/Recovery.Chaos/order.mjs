// One common order: whatever two clients both saw, they saw in the same order. Each list is a chain of edges; if the graph
// of all chains has no cycle, one order fits them all.

export function judgeCommonOrder(observers, report) {
  const lists = observers.map(observer => ({ name: observer.name, list: [...new Set(observer.seen.map(entry => entry.publication))] }));
  const cycle = leftInCycles(lists.map(({ list }) => list));
  if (cycle.size === 0) return;

  let found = 0;
  for (let a = 0; a < lists.length && found < 5; a++) {
    for (let b = a + 1; b < lists.length && found < 5; b++) {
      const pair = firstInversion(lists[a].list, lists[b].list);
      if (!pair) continue;
      found++;
      report('reordered', lists[b].name, `${pair[0]} came before ${pair[1]}, the other way round at ${lists[a].name}`);
    }
  }
  if (found === 0) report('reordered', lists[0].name, `no common order of ${[...cycle].slice(0, 4).join('; ')}`);
}

// Takes away, again and again, what has nothing before it; what stays lies on a cycle or behind one.
function leftInCycles(lists) {
  const after = new Map();
  const before = new Map();
  for (const list of lists) {
    for (const publication of list) {
      if (!after.has(publication)) { after.set(publication, []); before.set(publication, 0); }
    }
    for (let i = 1; i < list.length; i++) {
      after.get(list[i - 1]).push(list[i]);
      before.set(list[i], before.get(list[i]) + 1);
    }
  }
  const free = [...before].filter(([, count]) => count === 0).map(([publication]) => publication);
  const left = new Set(before.keys());
  while (free.length > 0) {
    const publication = free.pop();
    left.delete(publication);
    for (const next of after.get(publication)) {
      const count = before.get(next) - 1;
      before.set(next, count);
      if (count === 0) free.push(next);
    }
  }
  return left;
}

// [x, y] with y before x in `first` and x before y in `second`.
function firstInversion(first, second) {
  const position = new Map(first.map((publication, index) => [publication, index]));
  let highest = null;
  for (const publication of second) {
    const at = position.get(publication);
    if (at === undefined) continue;
    if (highest && at < position.get(highest)) return [highest, publication];
    highest = publication;
  }
  return null;
}
