// Faults of the checker's own making, between the wire and the model: a checker that does not report them is blind.
// Each strikes a few times per seed, in what follows a recovery wherever that makes sense.

const strikes = 3;

export class Mutation {
  static names = Object.freeze(['drop', 'drop-live', 'swap', 'twice', 'late-twice', 'alter', 'foreign', 'claim-recovered', 'deny-recovered']);

  // What has to be among the reports.
  static expected = Object.freeze({
    drop: ['lost'], 'drop-live': ['lost'], swap: ['reordered', 'offset'], twice: ['doubled'], 'late-twice': ['doubled'], alter: ['payload'],
    foreign: ['foreign'], 'claim-recovered': ['flags', 'wrongRecovered'], 'deny-recovered': ['flags'],
  });

  constructor(name) {
    if (!Mutation.names.includes(name)) throw new Error(`no mutation is called ${name}; there are ${Mutation.names.join(', ')}`);
    this.name = name;
    this.left = strikes;
    this.kept = new Map(); // seat -> an event that waits
  }

  // The events that take the place of one.
  pass(seat, event, args) {
    if (event !== 'msg') return [[event, args]];
    const replayed = seat.recovered && seat.connected;
    switch (this.name) {
      case 'drop': return replayed && this.#strike() ? [] : [[event, args]];
      case 'drop-live': return !seat.recovered && seat.observer.seen.length > 3 && this.#strike() ? [] : [[event, args]];
      case 'twice': return replayed && this.#strike() ? [[event, args], [event, args]] : [[event, args]];
      case 'late-twice': return this.#keepOne(seat, event, args, kept => [[event, args], kept]);
      case 'swap': return this.#swap(seat, event, args, replayed);
      case 'alter': return this.#strike() ? [[event, [args[0], { altered: args[1] ?? null }, args.at(-1)]]] : [[event, args]];
      case 'foreign': return this.#leak(seat, event, args);
      default: return [[event, args]];
    }
  }

  // The flag as the client would have shown it.
  flag(seat, recovered) {
    if (this.name === 'claim-recovered' && !recovered && seat.session && this.#strike()) return true;
    if (this.name === 'deny-recovered' && recovered && this.#strike()) return false;
    return recovered;
  }

  #strike() {
    return this.left > 0 && this.left-- > 0;
  }

  #swap(seat, event, args, replayed) {
    const kept = this.kept.get(seat);
    if (kept) {
      this.kept.delete(seat);
      return [[event, args], kept];
    }
    if (!replayed || !this.#strike()) return [[event, args]];
    this.kept.set(seat, [event, args]);
    return [];
  }

  #keepOne(seat, event, args, make) {
    const kept = this.kept.get(seat);
    if (!kept) {
      this.kept.set(seat, [event, args]);
      return [[event, args]];
    }
    return seat.recovered && this.#strike() ? make(kept) : [[event, args]];
  }

  // What somebody else got by its own id comes here too.
  #leak(seat, event, args) {
    const { seed } = seat;
    const others = [...seed.publications.values()].filter(one =>
      one.ns === seat.ns && one.event === 'msg' && seat.session && seat.session.expects(one) === 'not' && one.end < seed.now());
    if (others.length === 0 || !this.#strike()) return [[event, args]];
    const other = others.at(-1);
    return [[event, args], ['msg', [other.seq, JSON.parse('null'), other.offset ?? args.at(-1)]]];
  }
}
