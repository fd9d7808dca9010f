// What each client must have seen, told without a word about how a server does it.
//
// Every operation has a span of time: from the moment at which the driver sent it to the moment at which its answer was
// back (for ever, when the answer was lost). The server did it somewhere in between. From that alone follows, for a
// publish and a session, one of three answers:
//   must  - the session was a member of the room during the whole span of the publish;
//   not   - it was a member at no time of the span;
//   may   - a join, leave, kick or connect overlaps with the publish, or an answer was lost.
// An acknowledged publish that a session must have is delivered exactly once, any other one at most once. A refused one
// is never delivered.

export const Never = Infinity;

export class Operation {
  constructor(start) {
    this.start = start;
    this.end = Never; // no answer (yet)
  }

  get answered() {
    return this.end !== Never;
  }
}

export class Publication extends Operation {
  // lane: publisher and connection; two publications of one lane were sent in the order of their numbers.
  constructor(start, { seq, event, ns, room, except = [], publisher, payload, volatile = false }) {
    super(start);
    Object.assign(this, { seq, event, ns, room, except, publisher, payload, volatile });
    this.lane = null;
    this.place = 0; // within the lane
    this.refused = false;
    this.offset = null; // as first seen by anybody
  }

  toString() {
    const target = this.room === '' ? 'all' : this.room;
    return `${this.event} ${this.seq} (${this.publisher} to ${target}${this.except.length ? ` except ${this.except}` : ''}${this.ns === '/' ? '' : ` in ${this.ns}`})`;
  }
}

// One session as its client knows it: it begins with a CONNECT that was not a recovery.
export class Session {
  constructor({ sid, pid, requested, connected, copyOf = null }) {
    this.sid = sid;
    this.pid = pid;
    this.isCopy = copyOf !== null;
    this.begin = { start: requested, end: connected };
    this.joins = copyOf ? [...copyOf.joins] : []; // operations with a room
    this.leaves = copyOf ? [...copyOf.leaves] : [];
    this.data = copyOf ? [...copyOf.data] : [{ start: -1, end: -1, value: '{}' }];
    this.recoveries = []; // { at, lost }
    this.kick = copyOf?.kick && !copyOf.kick.answered ? copyOf.kick : null; // an operation of somebody else, which may be on its way still
    this.left = false; // the client said goodbye itself, or may have
    this.poisoned = false; // the client broke the protocol
    this.oddRequest = false; // it was asked for with an offset that means nothing, and the answer may have been lost
    this.takeovers = 0; // how many connections that still answered were evicted
    this.ended = null; // { at, reason, allowed } when the client came back as somebody else
  }

  // The reason, if the rules allow any, for which this session doesn't have to come back.
  excuse() {
    if (this.kick) return 'kick';
    if (this.left) return 'client left';
    if (this.poisoned) return 'protocol error';
    if (this.oddRequest) return 'odd offset';
    if (this.takeovers >= 3) return 'third takeover';
    return null;
  }

  // What was done before a loss may have been undone by it, and the other way round. What had no answer yet may or may not have happened, whenever the answer is heard.
  doubt(loss, until, rooms) {
    const isOpen = operation => operation.end > loss.start;
    for (const join of this.joins) join.perhaps ||= isOpen(join) && join.start < loss.end;
    const touched = new Set([...rooms, ...this.joins.map(join => join.room), ...this.leaves.map(leave => leave.room)]);
    this.joins = [...[...touched].map(room => ({ start: -1, end: until, room, perhaps: true })), ...this.joins.filter(isOpen)];
    this.leaves = this.leaves.filter(isOpen);
    this.data = this.data.map(one => isOpen(one) ? one : { ...one, end: until });
  }

  membership(room, from, to) {
    const joins = room === '' || room === this.sid ? [this.begin] : this.joins.filter(join => join.room === room);
    const leaves = this.leaves.filter(leave => leave.room === room);
    if (this.kick) leaves.push(this.kick);
    return overlap(joins, leaves, from, to);
  }

  // Whether a publication is for this session.
  expects(publication) {
    // Own rooms come with the session; nobody is a member of anything before it.
    if (publication.end <= this.begin.start) return 'not';
    if (publication.room === null) return 'may';
    const inRoom = this.membership(publication.room, publication.start, publication.end);
    if (inRoom === 'not') return 'not';
    const excepted = publication.except.map(room => this.membership(room, publication.start, publication.end));
    if (excepted.includes('must')) return 'not';
    if (publication.volatile || !publication.answered || publication.start < this.begin.end || excepted.includes('may')) return 'may';
    return inRoom;
  }

  // The values that the session's data can have between two moments.
  possibleData(from, to) {
    return this.data
      .filter(one => one.start < to && !this.data.some(later => later !== one && later.start >= one.end && later.end <= from))
      .map(one => one.value);
  }
}

function overlap(joins, leaves, from, to) {
  const certainlyIn = joins.some(join => !join.perhaps && join.end <= from && leaves.every(leave => leave.start >= to || leave.end <= join.start));
  if (certainlyIn) return 'must';
  if (joins.every(join => join.start >= to)) return 'not';
  const certainlyOut = leaves.some(leave => leave.end <= from && joins.every(join => join.start >= to || join.end <= leave.start));
  return certainlyOut ? 'not' : 'may';
}
