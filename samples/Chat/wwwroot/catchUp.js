// What came back: after a recovered connection the missed events are the first that come, and the server says how many they are.

import * as view from './view.js';

let current = null; // { said, line, came, promised, messages: [{ node, place }] } until all of them are there

export function begin(said) {
  current = { said, line: view.showReturn(said, 'recovered'), came: 0, promised: null, messages: [] };
}

/** The server's word. It can come before, among and after the events themselves. */
export function expect(count) {
  if (!current) return;
  current.promised = count;
  settle();
}

/** An event is about to be handled. */
export function eventCame() {
  if (!current) return;
  current.came++;
  queueMicrotask(settle); // when it has been
}

export function messageShown(node) {
  current?.messages.push({ node, place: current.came });
}

/** The connection is lost again: what has not come yet comes with the next one. */
export function interrupt() {
  current?.line.say(`${current.said}, and lost again`);
  current = null;
}

function settle() {
  if (!current || current.promised === null || current.came < current.promised) return;
  const { said, line, promised, messages } = current;
  current = null;
  const returned = messages.filter(({ place }) => place <= promised);
  view.markReturned(returned.map(({ node }) => node));
  line.say(`${said}: ${returned.length === 0 ? 'no message was missed' : returned.length === 1 ? '1 message came back' : `${returned.length} messages came back`}`);
}
