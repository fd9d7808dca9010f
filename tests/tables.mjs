// Tables in docs/ that name the test of each row: a row holds as long as its tests have run and passed in this very run.
// The last column names tests in code font, by the end of their names as the suites report them; or it says what the row waits for.

const excuse = /^Waits for (our own client|several nodes|a durable log|dynamic namespaces|Engine\.IO 3)\b/;

/** One result per row. `ids` are the rows that the table must have, each once. */
export function checkTable(document, markdown, ids, tests) {
  const rows = [...markdown.matchAll(/^\| *([A-Z]+\d+) *\|(.*)\|(.*)\| *$/gm)].map(([, id, , proof]) => ({ id, proof: proof.trim() }));
  const strangers = rows.filter(({ id }) => !ids.includes(id)).map(({ id }) => `${id} is no row that the table should have`);
  const results = ids.map(id => {
    const own = rows.filter(row => row.id === id);
    const faults = own.length === 1 ? checkProof(own[0].proof, tests) : [`it has ${own.length} rows`];
    return result(`${document} > ${id}`, faults);
  });
  return strangers.length === 0 ? results : [...results, result(`${document} > rows`, strangers)];
}

function checkProof(proof, tests) {
  const names = [...proof.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
  if (names.length === 0) return excuse.test(proof) ? [] : [`it names no test, and does not say what it waits for: ${proof}`];
  return names.flatMap(name => {
    const named = tests.filter(test => test.name.endsWith(name) || test.name.includes(`${name}(`)); // a theory names its data
    if (named.length === 0) return [`no test is called ${name}`];
    return named.filter(test => test.outcome !== 'passed').map(test => `${test.name}: ${test.outcome}`);
  });
}

function result(name, faults) {
  return { name, outcome: faults.length === 0 ? 'passed' : 'failed', message: faults.join('\n') };
}
