// Socket.IO 2 and 3 in a browser: what only a browser has are bodies of bytes, and JSONP, with which a page reaches a server of another origin that allows no cross-domain requests.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { startFixture } from '../js/fixture.mjs';
import { launchBrowser } from './chat.mjs';

const bundles = {
  'Socket.IO 2': new URL('../../node_modules/socket.io-client-2/dist/socket.io.js', import.meta.url).pathname,
  'Socket.IO 3': new URL('../../node_modules/socket.io-client-3/dist/socket.io.js', import.meta.url).pathname,
};
const jsonp = { transports: ['polling'], jsonp: true, forceJSONP: true };
const values = [1, 'line\nbreak', 'no \\n break, nor \\\\n', 'Ünïcödé 🎉 \u2028\u2029 "quoted" </script>', { a: [null, true, { 'ключ': '&=+%' }] }];

let server, browser, elsewhere;

before(async () => {
  server = await startFixture({ AllowEIO3: true, AllowJsonp: true });
  browser = await launchBrowser();
  elsewhere = createServer((request, response) => response.setHeader('content-type', 'text/html').end('<!doctype html><title>elsewhere</title>'));
  await once(elsewhere.listen(0, '127.0.0.1'), 'listening');
});

after(async () => {
  await browser?.close();
  await server?.stop();
  elsewhere?.close();
});

/** A page with the bundle, of the server's own origin or of another, and what went over the net. */
async function open(bundle, { foreign = false } = {}) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(foreign ? `http://127.0.0.1:${elsewhere.address().port}/` : `${server.url}/log/nobody`); // something that the server shows
  await page.addScriptTag({ path: bundle });
  const sent = new Set();
  const got = new Set();
  page.on('request', request => request.method() === 'POST' && sent.add(request.headers()['content-type']));
  page.on('response', response => response.url().includes('/socket.io/') && got.add(response.headers()['content-type']));
  return { page, sent, got, close: () => context.close() };
}

/** In the page: connects, sends everything there and back, and says what came. */
function roundTrip(page, url, options) {
  return page.evaluate(async ([url, options, values]) => {
    const client = globalThis.io(url, { forceNew: true, ...options });
    const ask = (...args) => new Promise(resolve => client.emit(...args, (...answer) => resolve(answer)));
    const heard = new Promise(resolve => client.on('back', (...args) => resolve(args)));
    await new Promise((resolve, reject) => {
      client.on('connect', resolve);
      client.on('connect_error', error => reject(new Error(String(error))));
    });
    client.emit('back', ...values);
    const result = { back: await heard, echo: await ask('echo', ...values), numbers: [] };
    const [bytes] = await ask('bytes', new Uint8Array([1, 2, 255]).buffer);
    result.bytes = [...new Uint8Array(bytes)];
    const [mixed, text] = await ask('echo', { deep: [new Uint8Array([7, 8]).buffer] }, 'té🎉xt');
    result.mixed = [...new Uint8Array(mixed.deep[0]), text];
    result.ids = [(await ask('rooms'))[0], [client.id]];
    client.on('n', n => result.numbers.push(n));
    client.emit('burst', 100);
    while (result.numbers.length < 100) await new Promise(resolve => client.once('n', resolve));
    client.disconnect();
    return result;
  }, [url, options, values]);
}

function assertWhole({ back, echo, bytes, mixed, ids, numbers }) {
  assert.deepEqual([back, echo], [values, values]);
  assert.deepEqual(bytes, [255, 2, 1]);
  assert.deepEqual(mixed, [7, 8, 'té🎉xt']);
  assert.deepEqual(ids[0], ids[1]);
  assert.deepEqual(numbers, [...Array(100).keys()]);
}

for (const [name, bundle] of Object.entries(bundles)) {
  describe(name, () => {
    test('everything passes over requests, and bytes as each revision sends them', async () => {
      const { page, sent, got, close } = await open(bundle);
      assertWhole(await roundTrip(page, server.url, { transports: ['polling'] }));
      const isTwo = name === 'Socket.IO 2';
      assert.equal(got.has('application/octet-stream'), isTwo, [...got].join());
      assert.equal(sent.has('application/octet-stream'), isTwo, [...sent].join());
      await close();
    });

    test('everything passes over WebSocket', async () => {
      const { page, close } = await open(bundle);
      assertWhole(await roundTrip(page, server.url, { transports: ['websocket'] }));
      await close();
    });

    test('everything passes over scripts and forms, from a page of another origin', async () => {
      const { page, sent, got, close } = await open(bundle, { foreign: true });
      assertWhole(await roundTrip(page, server.url, jsonp));
      assert.ok(got.has('text/javascript; charset=UTF-8'), [...got].join());
      assert.deepEqual([...sent], ['application/x-www-form-urlencoded']);
      await close();
    });

    test('a page of another origin gets nothing without scripts', async () => {
      const { page, close } = await open(bundle, { foreign: true });
      await assert.rejects(roundTrip(page, server.url, { transports: ['polling'], jsonp: false, reconnection: false }), /xhr poll error/);
      await close();
    });
  });
}

test('without the option scripts are refused', async () => {
  const strict = await startFixture({ AllowEIO3: true });
  const { page, close } = await open(bundles['Socket.IO 2']);
  try {
    await assert.rejects(roundTrip(page, strict.url, { ...jsonp, reconnection: false }), /jsonp poll error/);
  } finally {
    await close();
    await strict.stop();
  }
});
