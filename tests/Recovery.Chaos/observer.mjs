// What one client saw in one namespace, from its first connection to the end of the seed, in the order of arrival.
// A raw client may go back to an older offset: what it saw since is then due once more. The list is cut back to that
// offset, and the part that was cut is kept as a fork, which is checked like any other list.

export class Observer {
  constructor(name, ns) {
    this.name = name;
    this.ns = ns;
    this.seen = []; // { publication, session, offset, at }
    this.forks = [];
    this.isFork = false;
  }

  add(entry) {
    this.seen.push(entry);
  }

  has(publication) {
    return this.seen.some(entry => entry.publication === publication);
  }

  lastOffset() {
    return this.seen.findLast(entry => entry.offset !== null)?.offset ?? null;
  }

  // A copy that goes its own way: the loser of a race, or what is about to be rewound.
  fork(reason) {
    const fork = new Observer(`${this.name} (${reason})`, this.ns);
    fork.seen = [...this.seen];
    fork.isFork = true;
    this.forks.push(fork);
    return fork;
  }

  // Everything behind the first `length` entries will come again.
  rewind(length) {
    if (length >= this.seen.length) return;
    this.fork(`before the rewind to ${length}`);
    this.seen.length = length;
  }

  all() {
    return [this, ...this.forks];
  }
}
