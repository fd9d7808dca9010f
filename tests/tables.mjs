// Tables in docs/ that name the test of each row: a row holds as long as its tests have run and passed in this very run.
// The last column names tests in code font, by the end of their names as the suites report them; or it says why there is none.
// A heading that ends in `: 20 of 22` counts the rows below it that name tests, and all rows.

const excuse = /^(Waits for (our own client|several nodes|a durable log|Engine\.IO 3)\b|Not in \.NET: .)/;

/** One result per row. `ids` are the rows that the table must have, each once. */
export function checkTable(document, markdown, ids, tests) {
  const rows = [...markdown.matchAll(/^\| *([A-Z]+\d+) *\|(.*)\|(.*)\| *$/gm)].map(([, id, , proof]) => ({ id, proof: proof.trim() }));
  const wanted = new Set(ids);
  const faults = rows.filter(({ id }) => !wanted.has(id)).map(({ id }) => `${id} is no row that the table should have`);
  const results = ids.map(id => {
    const own = rows.filter(row => row.id === id);
    return result(`${document} > ${id}`, own.length === 1 ? checkProof(own[0].proof, tests) : [`it has ${own.length} rows`]);
  });
  return [...results, result(`${document} > rows`, [...faults, ...checkCounts(markdown)])];
}

function checkProof(proof, tests) {
  const names = namesIn(proof);
  if (names.length === 0) return excuse.test(proof) ? [] : [`it names no test, and does not say why: ${proof}`];
  return names.flatMap(name => {
    const named = tests.filter(test => test.name.endsWith(name) || test.name.includes(`${name}(`)); // a theory names its data
    if (named.length === 0) return [`no test is called ${name}`];
    return named.filter(test => test.outcome !== 'passed').map(test => `${test.name}: ${test.outcome}`);
  });
}

function checkCounts(markdown) {
  return markdown.split(/^(?=#+ )/m).flatMap(section => {
    const [, shown, all] = /^#+ .*: (\d+) of (\d+)$/m.exec(section.split('\n')[0]) ?? [];
    if (all === undefined) return [];
    const proofs = [...section.matchAll(/^\| *[A-Z]+\d+ *\|.*\|(.*)\| *$/gm)].map(([, proof]) => proof);
    const named = proofs.filter(proof => namesIn(proof).length > 0).length;
    return named === +shown && proofs.length === +all ? [] : [`${section.split('\n')[0]}: ${named} of ${proofs.length} is right`];
  });
}

function namesIn(proof) {
  return [...proof.matchAll(/`([^`]+)`/g)].map(([, name]) => name);
}

function result(name, faults) {
  return { name, outcome: faults.length === 0 ? 'passed' : 'failed', message: faults.join('\n') };
}
