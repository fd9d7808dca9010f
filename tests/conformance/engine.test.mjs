// Engine.IO 4 by hand, on the bare endpoint and below Socket.IO. pingInterval 300 ms, pingTimeout 200 ms.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import WebSocket from 'ws';
import { Frames, Polling, RS, sleep, startServer, within } from './server.mjs';

let url;
let server;
before(async () => {
  server = await startServer();
  ({ url } = server);
});
after(() => server.stop());

async function refusesWebSocket(path, query) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}${path}?${query}`);
  const outcome = await within(new Promise(resolve => {
    socket.on('unexpected-response', (_, answer) => resolve(answer.statusCode));
    socket.on('close', () => resolve('closed'));
    socket.on('error', () => {});
  }), 'the refusal');
  socket.terminate();
  return outcome;
}

for (const path of ['/engine.io/', '/socket.io/']) {
  describe(path, () => {
    test('a handshake by polling has these keys in this order', async () => {
      const { answer, text, handshake } = await Polling.open(url, path);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get('content-type'), 'text/plain; charset=UTF-8');
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.equal(text, `0{"sid":"${handshake.sid}","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`);
      assert.match(handshake.sid, /^[\w-]{20}$/);
    });

    test('a handshake by WebSocket is the first frame', async () => {
      const frames = await Frames.open(url, path);
      const open = await frames.read();
      const { sid } = JSON.parse(open.slice(1));
      assert.equal(open, `0{"sid":"${sid}","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}`);
      frames.close();
    });

    const refusals = [
      ['transport=polling', 'GET', 5, 'Unsupported protocol version'],
      ['EIO=abc&transport=polling', 'GET', 5, 'Unsupported protocol version'],
      ['EIO=3&transport=polling', 'GET', 5, 'Unsupported protocol version'],
      ['EIO=4', 'GET', 0, 'Transport unknown'],
      ['EIO=4&transport=abc', 'GET', 0, 'Transport unknown'],
      ['EIO=4&transport=constructor', 'GET', 0, 'Transport unknown'],
      ['EIO=4&transport=__proto__', 'GET', 0, 'Transport unknown'],
      ['EIO=4&transport=webtransport', 'GET', 0, 'Transport unknown'],
      ['EIO=4&transport=polling&sid=abc', 'GET', 1, 'Session ID unknown'],
      ['EIO=4&transport=polling&sid=__proto__', 'POST', 1, 'Session ID unknown'],
      ['EIO=4&transport=polling', 'POST', 2, 'Bad handshake method'],
      ['EIO=4&transport=polling', 'PUT', 2, 'Bad handshake method'],
      ['EIO=4&transport=polling', 'OPTIONS', 2, 'Bad handshake method'],
      ['EIO=4&transport=websocket', 'GET', 3, 'Bad request'],
    ];
    for (const [query, method, code, message] of refusals) {
      test(`${method} ?${query} is refused with code ${code}`, async () => {
        const answer = await fetch(`${url}${path}?${query}`, { method });
        assert.equal(answer.status, 400);
        assert.match(answer.headers.get('content-type'), /^application\/json/);
        assert.deepEqual(await answer.json(), { code, message });
      });
    }

    test('bad WebSocket handshakes fail', async () => {
      for (const query of ['transport=websocket', 'EIO=abc&transport=websocket', 'EIO=4', 'EIO=4&transport=abc', 'EIO=4&transport=websocket&sid=abc'])
        assert.ok([400, 'closed'].includes(await refusesWebSocket(path, query)), query);
    });

    test('the path is a prefix', async () => {
      assert.equal((await fetch(`${url}${path}default/?EIO=4&transport=polling`)).status, 200);
      assert.equal((await fetch(`${url}${path.slice(0, -1)}?EIO=4&transport=polling`)).status, 200);
      assert.equal((await fetch(`${url}/elsewhere/?EIO=4&transport=polling`)).status, 404);
    });

    test('a packet without a valid type ends a polling session', async () => {
      const session = await Polling.open(url, path);
      assert.equal((await session.post('hello')).status, 400);
      assert.equal((await session.poll()).status, 400);
    });

    test('a packet without a valid type ends a WebSocket session', async () => {
      const frames = await Frames.open(url, path);
      await frames.read();
      frames.send('hello');
      await within(frames.closed, 'the end');
    });

    test('a second poll beside a pending one ends the session', async () => {
      const session = await Polling.open(url, path);
      const first = session.poll();
      await sleep(20);
      const second = await session.poll();
      assert.equal(second.status, 400);
      const pending = await first;
      assert.equal(pending.status, 200);
      assert.equal(await pending.text(), '1');
      assert.equal((await session.poll()).status, 400);
    });

    test('the server pings over polling', async () => {
      const session = await Polling.open(url, path);
      for (let i = 0; i < 3; i++) {
        assert.equal(await session.read(), '2');
        assert.equal((await session.post('3')).status, 200);
      }
    });

    test('the server pings over WebSocket', async () => {
      const frames = await Frames.open(url, path);
      await frames.read();
      for (let i = 0; i < 3; i++) {
        assert.equal(await frames.read(), '2');
        frames.send('3');
      }
      frames.close();
    });

    test('without a pong a polling session has ended 500 ms after its handshake, to the millisecond', async () => {
      const session = await Polling.open(url, path);
      await sleep(500);
      assert.equal((await session.poll()).status, 400);
    });

    test('without a pong a WebSocket session ends', async () => {
      const frames = await Frames.open(url, path);
      await within(frames.closed, 'the end', 1500);
    });

    test('a close packet over polling answers the pending poll with a noop', async () => {
      const session = await Polling.open(url, path);
      const [poll, post] = await Promise.all([session.poll(), session.post('1')]);
      assert.equal(post.status, 200);
      assert.equal(poll.status, 200);
      assert.equal(await poll.text(), '6');
      assert.equal((await session.poll()).status, 400);
    });

    test('a close packet over WebSocket closes it', async () => {
      const frames = await Frames.open(url, path);
      await frames.read();
      frames.send('1');
      await within(frames.closed, 'the end', 250);
    });

    test('the upgrade ends the poll and moves the session', async () => {
      const session = await Polling.open(url, path);
      const frames = await Frames.open(url, path, `EIO=4&transport=websocket&sid=${session.handshake.sid}`);
      frames.send('2probe');
      assert.equal(await frames.read(), '3probe');
      assert.equal(await session.read(), '6');
      frames.send('5');
      assert.equal(await frames.read(), '2');
      assert.equal((await session.poll()).status, 400);
      frames.close();
    });

    test('a poll that waits when the probe comes ends with a noop', async () => {
      const session = await Polling.open(url, path);
      const poll = session.poll();
      await sleep(20);
      const frames = await Frames.open(url, path, `EIO=4&transport=websocket&sid=${session.handshake.sid}`);
      frames.send('2probe');
      assert.equal(await frames.read(), '3probe');
      assert.equal(await (await poll).text(), '6');
      frames.close();
    });

    test('an upgrade in one breath ends polling and refuses a second WebSocket', async () => {
      const session = await Polling.open(url, path);
      const query = `EIO=4&transport=websocket&sid=${session.handshake.sid}`;
      const frames = await Frames.open(url, path, query);
      frames.send('2probe');
      frames.send('5');
      assert.equal((await session.poll()).status, 400);
      assert.ok([400, 'closed'].includes(await refusesWebSocket(path, query)));
      assert.equal(await frames.read(), '3probe');
      assert.equal(await frames.read(), '2');
      frames.close();
    });

    test('a probe that says something else is closed and the session stays on polling', async () => {
      const session = await Polling.open(url, path);
      const frames = await Frames.open(url, path, `EIO=4&transport=websocket&sid=${session.handshake.sid}`);
      frames.send('4hello');
      await within(frames.closed, 'the end of the probe');
      assert.equal(await session.read(), '2');
    });

    test('a body over the limit is refused, whole or in pieces', async () => {
      const session = await Polling.open(url, path);
      assert.equal((await session.post('4' + 'x'.repeat(1_000_001))).status, 413);
      const pieces = request(session.url, { method: 'POST' });
      pieces.on('error', () => {}); // the server need not read what it has refused
      const answer = once(pieces, 'response');
      for (let i = 0; i < 11; i++) pieces.write('4'.repeat(100_000));
      assert.equal((await within(answer, 'the refusal'))[0].statusCode, 413);
      pieces.destroy();
    });

    test('a binary body is refused and ends the session', async () => {
      const session = await Polling.open(url, path);
      assert.equal((await session.post('4x', { 'content-type': 'application/octet-stream' })).status, 400);
      assert.equal((await session.poll()).status, 400);
    });

    test('a ping in the wrong direction ends the session', async () => {
      const frames = await Frames.open(url, path);
      await frames.read();
      frames.send('2');
      await within(frames.closed, 'the end', 250);
    });

    test('a frame over the limit closes with 1009', async () => {
      const frames = await Frames.open(url, path);
      await frames.read();
      frames.send('4' + 'x'.repeat(1_000_001));
      assert.equal((await within(frames.closed, 'the end'))[0], 1009);
    });
  });
}

describe('/engine.io/', () => {
  test('the packets of one POST are echoed in one poll', async () => {
    const session = await Polling.open(url, '/engine.io/');
    const answer = await session.post(['4a', '4ü\u2028', 'bAQIDBA==', '4'].join(RS));
    assert.equal(answer.status, 200);
    assert.equal(await answer.text(), 'ok');
    assert.equal(await session.read(), ['4a', '4ü\u2028', 'bAQIDBA==', '4'].join(RS));
  });

  test('WebSocket frames are echoed as text and binary', async () => {
    const frames = await Frames.open(url, '/engine.io/');
    await frames.read();
    frames.send('4hello');
    assert.equal(await frames.read(), '4hello');
    frames.send(Buffer.from([1, 2, 3]));
    assert.deepEqual(await frames.read(), Buffer.from([1, 2, 3]));
    frames.close();
  });

  test('an upgraded session echoes, and what waited comes with it', async () => {
    const session = await Polling.open(url, '/engine.io/');
    const frames = await Frames.open(url, '/engine.io/', `EIO=4&transport=websocket&sid=${session.handshake.sid}`);
    frames.send('2probe');
    assert.equal(await frames.read(), '3probe');
    await session.post('4waiting');
    frames.send('5');
    frames.send('4hello');
    assert.equal(await frames.read(), '4waiting');
    assert.equal(await frames.read(), '4hello');
    frames.close();
  });

  test('a text that is no UTF-8 ends the session', async () => {
    const session = await Polling.open(url, '/engine.io/');
    assert.equal((await session.post(Buffer.from([0x34, 0xff, 0xfe]))).status, 400);
    assert.equal((await session.poll()).status, 400);
  });
});
