// What the messages carry. A payload is named in the plan by its kind and a number, so that a plan stays small and a seed
// makes the same bytes again; `fingerprint` is how two payloads are compared, key order and binary content included.

import { createHash } from 'node:crypto';

export const smallKinds = {
  absent: 2, null: 1, number: 1, text: 3, offsetLike: 2, object: 4, array: 2, binary: 3, nestedBinary: 2,
};
export const largeKinds = { largeText: 1, largeBinary: 1 };

export function makePayload(kind, n) {
  switch (kind) {
    case 'absent': return undefined; // the server has to send null in its place
    case 'null': return null;
    case 'number': return n % 3 === 0 ? -n : n / 4;
    case 'text': return `text ${n} Ünï©ode \u2028 "quoted" 4211["msg"] ☃ 𝄞`;
    // A string at the end of the arguments is where the client looks for the offset.
    case 'offsetLike': return n % 2 ? `k3j2h1.${n}` : `${1_700_000_000_000 + n}-${n % 7}`;
    case 'object': return { z: n, a: { list: [null, true, n], text: `é${n}` }, '10': 'a key like a number', _placeholder: false };
    case 'array': return [n, [n, []], {}, 'end'];
    case 'binary': return bytes(n, n % 64);
    case 'nestedBinary': return { first: bytes(n, 5), list: [bytes(n + 1, 0), { deep: bytes(n + 2, 300) }], n };
    case 'largeText': return `${n}:`.padEnd(100_000, 'large text ');
    case 'largeBinary': return { n, data: bytes(n, 100_000) };
    // More attachments than any decoder has to accept: a publish that must never reach anybody.
    case 'tooManyAttachments': return Array.from({ length: 11 }, (_, i) => bytes(i, 3));
    default: throw new Error(`no payload is called ${kind}`);
  }
}

function bytes(n, length) {
  const buffer = Buffer.alloc(length);
  for (let i = 0; i < length; i++) buffer[i] = (n * 31 + i * 7 + (i >> 8)) & 0xff;
  return buffer;
}

export function fingerprint(value) {
  const text = JSON.stringify(withoutBinary(value ?? null));
  return text.length <= 120 ? text : `${text.slice(0, 60)}…#${text.length}:${createHash('sha1').update(text).digest('hex')}`;
}

// For the data of a socket, which is a set of named values: the order of its keys means nothing.
export function dataFingerprint(value) {
  return fingerprint(Object.fromEntries(Object.entries(value ?? {}).sort(([a], [b]) => a < b ? -1 : 1)));
}

function withoutBinary(value) {
  if (value instanceof ArrayBuffer) return `binary:${Buffer.from(value).toString('base64')}`;
  if (ArrayBuffer.isView(value)) return `binary:${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')}`;
  if (Array.isArray(value)) return value.map(withoutBinary);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutBinary(inner)]));
  }
  return value;
}
