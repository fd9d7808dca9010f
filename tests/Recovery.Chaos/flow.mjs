// One direction of one connection: bytes in order, held, slowed or stopped in the middle on command.

const slice = 20; // ms between two portions of a throttled flow
const enough = 64 * 1024; // waiting bytes from which the sender has to wait: a slow reader is felt at the other end

export class Flow {
  #queue = [];
  #waiting = 0;
  #heldUntil = 0;
  #timer = null;
  #ended = false;
  #stopped = false;
  #tail = Buffer.alloc(0); // the last bytes, for marks that lie across two chunks

  constructor(source, sink, { link, pair, direction }) {
    Object.assign(this, { source, sink, link, pair, direction });
    source.on('data', chunk => {
      if (this.#stopped) return;
      this.#queue.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting > enough) source.pause();
      this.#pump();
    });
    source.on('end', () => {
      this.#ended = true;
      this.#pump();
    });
    sink.on('drain', () => this.#pump());
  }

  hold(ms) {
    this.#heldUntil = performance.now() + ms;
    this.#wake(ms);
  }

  release() {
    this.#heldUntil = 0;
    this.#pump();
  }

  stop() {
    this.#stopped = true;
    this.#queue = [];
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wake(ms) {
    if (this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#pump();
    }, Math.max(1, ms));
  }

  #pump() {
    const throttled = this.direction === 'down' && this.link.rate > 0;
    let allowance = throttled ? Math.max(1, Math.round(this.link.rate * slice / 1000)) : Infinity;
    if (throttled && this.#timer) return; // the portion of this slice has been sent
    while (!this.#stopped && this.#queue.length > 0 && !this.sink.writableNeedDrain && allowance > 0) {
      const pause = this.#heldUntil - performance.now();
      if (pause > 0) return this.#wake(pause);
      const chunk = this.#queue[0].length > allowance ? this.#queue[0].subarray(0, allowance) : this.#queue[0];
      if (chunk.length === this.#queue[0].length) this.#queue.shift();
      else this.#queue[0] = this.#queue[0].subarray(chunk.length);
      this.#waiting -= chunk.length;
      allowance -= chunk.length;
      this.#forward(chunk);
    }
    if (this.#stopped) return;
    if (this.#queue.length > 0 && throttled) return this.#wake(slice);
    if (this.#waiting <= enough && this.source.isPaused()) this.source.resume();
    if (this.#ended && this.#queue.length === 0) this.sink.end();
  }

  #forward(chunk) {
    for (const trap of this.link.traps) {
      if (trap.direction !== this.direction) continue;
      const from = this.#bytesAfterMark(trap, chunk);
      if (from === null) continue;
      if (chunk.length - from < trap.left) {
        trap.left -= chunk.length - from;
        continue;
      }
      this.link.traps = this.link.traps.filter(other => other !== trap);
      const part = chunk.subarray(0, from + trap.left);
      this.link.log(this.link.name, `cut after ${trap.mark ?? 'anything'} and ${trap.bytes} bytes (${trap.how})`);
      // The part has to leave the machine before the reset does, which would overtake it.
      this.stop();
      const cut = () => this.link.cutPair(this.pair, { how: trap.how });
      if (part.length > 0 && this.sink.writable) this.sink.write(part, () => setTimeout(cut, 2));
      else cut();
      return;
    }
    this.#tail = Buffer.concat([this.#tail, chunk]).subarray(-32);
    if (this.sink.writable) this.sink.write(chunk);
  }

  // Where in the chunk the counting begins; null while the mark has not been seen on this flow.
  #bytesAfterMark(trap, chunk) {
    if (!trap.mark || trap.flow === this) return 0;
    if (trap.flow) return null; // it counts on another connection
    const at = Buffer.concat([this.#tail, chunk]).indexOf(trap.mark);
    if (at < 0) return null;
    const from = at + trap.mark.length - this.#tail.length;
    if (from <= 0) return null; // seen before the trap was set
    trap.flow = this;
    return from;
  }
}
