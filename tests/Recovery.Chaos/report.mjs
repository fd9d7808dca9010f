// What a run says: a few lines for each seed with a fault, and the totals.

export const kinds = [
  'lost', 'doubled', 'reordered', 'payload', 'foreign', 'refused', 'offset', 'wrongRecovered', 'notRecovered', 'identity', 'flags', 'kickUndone',
  'twoWinners', 'stuck', 'unexpected', 'unknown', 'failed',
];

const faultNames = { kill: 'kills', stop: 'stops (SIGSTOP)', restart: 'restarts (SIGTERM)', losePower: 'losses of power', fillDisk: 'full disks' };

export class Totals {
  constructor() {
    this.started = performance.now();
    this.seeds = 0;
    this.wrongSeeds = [];
    this.violations = Object.fromEntries(kinds.map(kind => [kind, 0]));
    this.delivered = this.published = this.connects = this.recovered = this.elsewhere = this.refused = this.paused = 0;
    this.faults = new Map(); // to processes
    this.notRecovered = new Map();
    this.told = new Map(); // what the server says about the same
  }

  add(seed) {
    this.seeds++;
    this.delivered += seed.totals.delivered;
    this.published += seed.publications.size;
    this.connects += seed.totals.connects;
    this.recovered += seed.totals.recovered;
    this.elsewhere += seed.totals.elsewhere;
    this.refused += seed.totals.refused;
    this.paused += seed.totals.paused;
    for (const name of ['notRecovered', 'told', 'faults']) addAll(this[name], seed.totals[name]);
    for (const { kind } of seed.violations) this.violations[kind]++;
    if (seed.violations.length > 0) this.wrongSeeds.push(seed.number);
  }

  get isClean() {
    return this.wrongSeeds.length === 0;
  }

  toString() {
    const list = Object.entries(this.violations).filter(([kind, count]) => count > 0 || kinds.indexOf(kind) < 3 || kind === 'wrongRecovered');
    const reasons = [...this.notRecovered].map(([reason, count]) => `${count} ${reason}`);
    const told = [...this.told].map(([reason, count]) => `${count} ${reason}`);
    const faults = Object.entries(faultNames).filter(([name]) => this.faults.has(name)).map(([name, text]) => `${this.faults.get(name)} ${text}`);
    return [
      `${this.seeds} seeds, ${this.published} published${this.refused ? ` (${this.refused} refused)` : ''}, ${this.delivered} delivered, ${this.connects} connections, ${((performance.now() - this.started) / 1000).toFixed(0)} s`,
      ...(faults.length ? [`processes: ${faults.join(', ')}`] : []),
      `sessions: ${this.recovered} recovered${this.elsewhere ? `, ${this.elsewhere} of them by another process` : ''}; ${reasons.length ? `not recovered: ${reasons.join(', ')}` : '0 not recovered'}`,
      ...(told.length ? [`the server says: ${told.join(', ')}`] : []),
      ...(this.paused ? [`${this.paused} times the official client stayed paused after a broken upgrade, and was woken`] : []),
      list.map(([kind, count]) => `${count} ${kind}`).join(', '),
      ...(this.isClean ? [] : [`wrong seeds: ${this.wrongSeeds.sort((a, b) => a - b).join(' ')}`]),
    ].join('\n');
  }
}

function addAll(sums, counts) {
  for (const [key, count] of counts) sums.set(key, (sums.get(key) ?? 0) + count);
}

export function describe(seed, { verbose = false } = {}) {
  if (seed.violations.length === 0) {
    return verbose ? [...seed.history, `seed ${seed.number}: nothing wrong`].join('\n') : '';
  }
  const shown = verbose ? seed.violations : seed.violations.slice(0, 12);
  return [
    ...shown.map(({ kind, who, text }) => `seed ${seed.number}: ${kind}: ${who}: ${text}`),
    ...(shown.length < seed.violations.length ? [`seed ${seed.number}: and ${seed.violations.length - shown.length} more`] : []),
    ...(verbose ? seed.history : seed.firstHistory ?? seed.history.slice(-30)).map(line => `    ${line}`),
  ].join('\n');
}
