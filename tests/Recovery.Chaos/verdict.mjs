// The judgement at the end of a seed, when every span of time is known: each list of what somebody saw against the model.

import { compareOffsets } from './offsets.mjs';
import { judgeCommonOrder } from './order.mjs';

// seats: every client and namespace; publications: Map by seq; markers: namespace -> the last publication of the seed.
export function judge({ seats, publications, markers, report }) {
  for (const ns of new Set(seats.map(seat => seat.ns))) {
    const here = seats.filter(seat => seat.ns === ns);
    const sent = [...publications.values()].filter(publication => publication.ns === ns);
    const reference = positions(here.find(seat => seat.isReference)?.observer);
    for (const seat of here) {
      for (const observer of seat.observer.all()) {
        judgeList(observer, report);
        judgeCompleteness(seat, observer, sent, markers.get(ns), reference, report);
      }
    }
    judgeCommonOrder(here.flatMap(seat => seat.observer.all()), report);
  }
}

function positions(observer) {
  return new Map(observer?.seen.map((entry, index) => [entry.publication, index]));
}

// What can be said of one list alone.
function judgeList(observer, report) {
  const seen = new Set();
  const lanes = new Map();
  const offsets = new Map(); // session -> the last offset
  let latest = null; // of all before it, the one that was sent last
  for (const { publication, session, offset } of observer.seen) {
    if (seen.has(publication)) {
      report('doubled', observer.name, `${publication} came twice`);
      continue;
    }
    seen.add(publication);
    if (publication.refused) report('refused', observer.name, `${publication} was refused, and delivered all the same`);
    if (session.expects(publication) === 'not') report('foreign', observer.name, `${publication} is not for ${session.sid}`);

    // Answered before another one was even sent: it has the lower position, whoever published it.
    if (latest && publication.end <= latest.start) report('reordered', observer.name, `${publication} came after ${latest}, which was sent when the former was done`);
    if (!latest || publication.start > latest.start) latest = publication;

    if (publication.lane !== null) {
      const before = lanes.get(publication.lane);
      if (before && before.place > publication.place) report('reordered', observer.name, `${publication} came after ${before} of the same publisher`);
      lanes.set(publication.lane, publication);
    }
    if (offset !== null) {
      const difference = compareOffsets(offsets.get(session) ?? offset, offset);
      if (difference > 0) report('offset', observer.name, `${publication} has ${offset} after ${offsets.get(session)}`);
      offsets.set(session, offset);
    }
  }
}

function judgeCompleteness(seat, observer, sent, marker, reference, report) {
  for (const session of seat.sessions) {
    const own = observer.seen.filter(entry => entry.session === session).map(entry => entry.publication);
    if (observer.isFork && own.length === 0) continue;
    // A session that has ended may miss what came last, but never anything in the midst of what it saw.
    const mayEndEarly = observer.isFork || session.ended !== null || session.excuse() === 'kick' || session.left;
    const had = new Set(own);
    const lastStart = own.reduce((last, publication) => Math.max(last, publication.start), -1);
    const lastPosition = own.reduce((last, publication) => Math.max(last, reference.get(publication) ?? -1), -1);
    for (const publication of sent) {
      if (had.has(publication) || session.expects(publication) !== 'must') continue;
      if (!marker || publication.end > marker.start && publication !== marker) continue;
      const certain = !mayEndEarly || publication.end <= lastStart || (reference.get(publication) ?? Infinity) < lastPosition;
      if (!certain) continue;
      report('lost', observer.name, `${publication} never came to ${session.sid}`);
      const recovery = session.recoveries.find(one => one.at >= publication.start);
      if (recovery && !recovery.lossy) {
        recovery.lossy = true;
        report('wrongRecovered', observer.name, `the recovery of ${session.sid} at ${recovery.at.toFixed(0)} ms claimed that nothing was missed`);
      }
    }
  }
}
