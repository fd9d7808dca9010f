// A promise that is settled from outside: tests wait for work that runs beside them.
export function withResolvers() {
  let resolve, reject;
  const promise = new Promise((yes, no) => { [resolve, reject] = [yes, no]; });
  promise.catch(() => {}); // whoever waits for it hears of it
  return { promise, resolve, reject };
}
