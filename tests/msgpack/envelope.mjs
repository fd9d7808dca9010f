// A parser of one's own for the official client: packets as JSON in one text message, which is what tests/JsFixture/EnvelopeParser.cs speaks.

import { Emitter } from '@socket.io/component-emitter';

class Encoder {
  encode(packet) {
    return [JSON.stringify(packet)];
  }
}

class Decoder extends Emitter {
  add(message) {
    const packet = JSON.parse(message);
    if (!Number.isInteger(packet.type) || typeof packet.nsp !== 'string') throw new Error('no envelope');
    this.emit('decoded', packet);
  }

  destroy() {}
}

export const envelope = { Encoder, Decoder };
