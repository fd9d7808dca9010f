// What was published, and to whom it came: each event once, everybody's in one order.

import { compareOffsets } from '../offsets.mjs';

export class Ledger {
  published = [];
  faults = [];
  delivered = 0;

  // Returns the entry; whoever sends it says when it was acknowledged.
  publish(room) {
    const entry = { seq: this.published.length, room, offset: null, isAcknowledged: false };
    this.published.push(entry);
    return entry;
  }

  get acknowledged() {
    return this.published.filter(entry => entry.isAcknowledged).length;
  }

  // One member's part of it.
  openFor(name, rooms) {
    return { name, rooms: new Set(rooms), seen: new Set(), last: null };
  }

  receive(account, seq, offset) {
    const entry = this.published[seq];
    this.delivered++;
    if (!entry || !account.rooms.has(entry.room)) return this.#fault(account, `${seq} is not for it`);
    if (account.seen.has(seq)) return this.#fault(account, `${seq} came twice`);
    account.seen.add(seq);
    entry.offset ??= offset;
    if (entry.offset !== offset) this.#fault(account, `${seq} has ${offset} here, ${entry.offset} elsewhere`);
    // Rising offsets that are the same everywhere: one order for all.
    if (account.last !== null && compareOffsets(account.last, offset) >= 0) this.#fault(account, `${seq} has ${offset} after ${account.last}`);
    account.last = offset;
  }

  // What was acknowledged, was for it, and is not there.
  missing(account) {
    return this.published.filter(entry => entry.isAcknowledged && account.rooms.has(entry.room) && !account.seen.has(entry.seq));
  }

  judge(account) {
    const missing = this.missing(account);
    if (missing.length > 0) this.#fault(account, `${missing.length} events never came, the first is ${missing[0].seq}`);
  }

  fault(name, text) {
    this.#fault({ name }, text);
  }

  #fault({ name }, text) {
    this.faults.push(`${name}: ${text}`);
  }
}
