// The wire between a client and a server, for cuts that only a wire can make.

import { connect, createServer } from 'node:net';
import { once } from 'node:events';

export async function startLink(port) {
  const link = new Link(port);
  link.listener.listen(0, '127.0.0.1');
  await once(link.listener, 'listening');
  return link;
}

class Link {
  #pairs = new Set();
  #held = false;
  #framesOfNext = Infinity;

  constructor(port) {
    this.listener = createServer(near => {
      const far = connect(port, '127.0.0.1');
      const pair = { near, far, framesLeft: this.#framesOfNext };
      this.#framesOfNext = Infinity;
      this.#pairs.add(pair);
      near.on('data', data => far.write(data));
      far.on('data', this.#reader(pair));
      for (const end of [near, far]) {
        end.setNoDelay();
        end.on('error', () => {}); // 'close' follows
      }
      far.on('close', () => near.destroy());
      near.on('close', () => {
        if (!pair.isHalfOpen) far.destroy();
      });
    });
  }

  get port() {
    return this.listener.address().port;
  }

  /** The client's end is gone; the server is not told. */
  breakUnseen() {
    for (const pair of this.#pairs) {
      pair.isHalfOpen = true;
      pair.near.destroy();
    }
  }

  /** Nothing reaches the client any more, though nobody notices. */
  hold() {
    this.#held = true;
  }

  cut() {
    for (const { near, far } of this.#pairs) {
      near.destroy();
      far.destroy();
    }
    this.#pairs.clear();
    this.#held = false;
  }

  /** The next connection ends when so many WebSocket messages have reached the client. */
  cutAfter(frames) {
    this.#framesOfNext = frames;
  }

  stop() {
    this.cut();
    this.listener.close();
  }

  #reader(pair) {
    let buffer = Buffer.alloc(0);
    let isOpen = false;
    const forward = length => {
      if (!this.#held) pair.near.write(buffer.subarray(0, length));
      buffer = buffer.subarray(length);
    };
    return data => {
      buffer = Buffer.concat([buffer, data]);
      if (!isOpen) {
        const end = buffer.indexOf('\r\n\r\n');
        if (end < 0) return;
        isOpen = true;
        forward(end + 4);
      }
      for (let length; (length = frameLength(buffer)) !== null;) {
        forward(length);
        if (--pair.framesLeft === 0) {
          pair.near.end();
          pair.far.destroy();
          return;
        }
      }
    };
  }
}

// A server's frames are not masked.
function frameLength(bytes) {
  if (bytes.length < 2) return null;
  const short = bytes[1] & 127;
  const header = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < header) return null;
  const length = header + (short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2)));
  return bytes.length < length ? null : length;
}
