// Socket.IO packets as text and attachments: <type>[<attachments>-][<namespace>,][<ack id>][<json>].

export const Connect = 0, Disconnect = 1, Event = 2, Ack = 3, ConnectError = 4, BinaryEvent = 5, BinaryAck = 6;

// [text, ...attachments]
export function encode({ type, ns = '/', id = null, data }) {
  const attachments = [];
  const json = data === undefined ? '' : JSON.stringify(takeOut(data, attachments));
  const binary = attachments.length > 0;
  const digit = binary ? (type === Event ? BinaryEvent : BinaryAck) : type;
  return [`${digit}${binary ? `${attachments.length}-` : ''}${ns === '/' ? '' : `${ns},`}${id ?? ''}${json}`, ...attachments];
}

function takeOut(value, attachments) {
  if (Buffer.isBuffer(value)) return { _placeholder: true, num: attachments.push(value) - 1 };
  if (Array.isArray(value)) return value.map(inner => takeOut(inner === undefined ? null : inner, attachments));
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, takeOut(inner, attachments)]));
  }
  return value;
}

// One per connection: keeps a packet until its attachments are there.
export class Decoder {
  #pending = null;

  // The packet that is complete with this message, or null.
  read(message) {
    if (typeof message !== 'string') {
      if (!this.#pending) throw new Error('binary without a packet that announces it');
      this.#pending.attachments.push(message);
      return this.#finish();
    }
    if (this.#pending) throw new Error(`text in the midst of attachments: ${message.slice(0, 40)}`);
    const match = /^([0-6])(?:(\d+)-)?(?:(\/[^,]*),?)?(\d+)?([\s\S]*)$/.exec(message);
    if (!match) throw new Error(`not a packet: ${message.slice(0, 40)}`);
    const [, type, count, ns = '/', id, json] = match;
    const packet = { type: +type, ns, id: id === undefined ? null : +id, data: json === '' ? undefined : JSON.parse(json) };
    if (packet.type < BinaryEvent) return packet;
    this.#pending = { packet, attachments: [], count: +count };
    return this.#finish();
  }

  #finish() {
    const { packet, attachments, count } = this.#pending;
    if (attachments.length < count) return null;
    this.#pending = null;
    return { ...packet, type: packet.type === BinaryEvent ? Event : Ack, data: putBack(packet.data, attachments) };
  }
}

function putBack(value, attachments) {
  if (Array.isArray(value)) return value.map(inner => putBack(inner, attachments));
  if (value !== null && typeof value === 'object') {
    if (value._placeholder === true && Number.isInteger(value.num)) return attachments[value.num];
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, putBack(inner, attachments)]));
  }
  return value;
}
