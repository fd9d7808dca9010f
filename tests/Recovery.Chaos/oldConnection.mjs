// A connection that was alive when its client came back on another one. Once the server has granted the return, this one is
// over: it gets nothing that is published from then on, nothing that it says counts, and the server closes it.

import { Publication } from './model.mjs';

export class OldConnection {
  constructor(seat, connection) {
    Object.assign(this, { seat, connection, session: seat.session, evictedAt: Infinity });
    connection.handOver({
      onEvent: (event, args) => {
        const publication = seat.seed.publications.get(args[0]);
        if (publication?.start > this.evictedAt) seat.seed.report('twoWinners', seat.name, `the evicted connection got ${publication}`);
      },
    });
  }

  evicted() {
    const { seat, connection } = this;
    if (this.evictedAt !== Infinity || connection.isGone) return;
    const { seed } = seat;
    this.evictedAt = seed.now();
    if (connection.node !== seat.node) return;
    const publication = new Publication(seed.now(), {
      seq: seed.nextSeq(), event: 'msg', ns: seat.ns, room: '', publisher: `${seat.name}, evicted`, payload: 'null',
    });
    publication.refused = true;
    seed.publications.set(publication.seq, publication);
    connection.send('publish', ['', publication.seq, null], () => seed.report('twoWinners', seat.name, 'the evicted connection was answered'));
  }

  // Another process hears of it a little later, and one that stands still when it goes on.
  get #deadline() {
    return Math.max(this.evictedAt, this.seat.seed.wentOnAt(this.connection.node)) + 1000;
  }

  judge() {
    if (this.#deadline < this.seat.seed.now() && !this.connection.isGone) {
      this.seat.seed.report('twoWinners', this.seat.name, `the connection that was evicted at ${this.evictedAt.toFixed(0)} ms is still open`);
    }
  }
}
