// Socket.IO 5 by hand. pingInterval 300 ms, pingTimeout 200 ms, connectTimeout 1 s.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Frames, Polling, RS, startServer, within } from './server.mjs';

const path = '/socket.io/';
let url;
let server;
before(async () => {
  server = await startServer();
  ({ url } = server);
});
after(() => server.stop());

async function open() {
  const frames = await Frames.open(url, path);
  await frames.read();
  return frames;
}

async function connect(packet = '40') {
  const frames = await open();
  frames.send(packet);
  return { frames, answer: await frames.read(), greeting: await frames.read() };
}

const P = num => `{"_placeholder":true,"num":${num}}`;

describe('CONNECT', () => {
  test('the answer has the id and nothing else, the greeting follows', async () => {
    const { frames, answer, greeting } = await connect();
    assert.match(answer, /^40\{"sid":"[\w-]{20}"\}$/);
    assert.equal(greeting, '42["auth",{}]');
    frames.close();
  });

  test('the auth object comes byte for byte', async () => {
    const { frames, greeting } = await connect('40{"k":"v","n":1.50}');
    assert.equal(greeting, '42["auth",{"k":"v","n":1.50}]');
    frames.close();
  });

  test('a namespace', async () => {
    for (const packet of ['40/custom', '40/custom,', '40/custom,{"a":1}']) {
      const { frames, answer, greeting } = await connect(packet);
      assert.match(answer, /^40\/custom,\{"sid":"[\w-]{20}"\}$/);
      assert.equal(greeting, `42/custom,["auth",${packet.slice(10).replace(',', '') || '{}'}]`);
      frames.close();
    }
  });

  test('an unknown namespace is refused and the connection stays', async () => {
    const { frames } = await connect();
    frames.send('40/nowhere');
    assert.equal(await frames.read(), '44/nowhere,{"message":"Invalid namespace"}');
    frames.send('42["message",1]');
    assert.equal(await frames.read(), '42["message-back",1]');
    frames.close();
  });

  test('over polling, where the answer and the greeting share a payload', async () => {
    const session = await Polling.open(url, path);
    await session.post('40');
    assert.match(await session.read(), new RegExp(`^40\\{"sid":"[\\w-]{20}"\\}${RS}42\\["auth",\\{\\}\\]$`));
  });

  test('without any the connection ends', async () => {
    const frames = await open();
    await within(frames.closed, 'the end', 2000);
  });
});

describe('what breaks the protocol ends the connection', () => {
  const bad = ['4abc', '4woot', '42{"a":1}', '42', '42[]', '42["connect"]', '42["disconnect"]', '42[{}]', '42["a"', '42["a"]x', '4xabc', '42abc["a"]', '421.5["a"]', '43["x"]',
    '450-["a"]', '4511-["a"]', '451-["a",{"_placeholder":true,"num":1}]', '451-["a",{"_placeholder":true,"num":"0"}]', '45["a"]', '451-', '40"text"', '40[1]', '41{}', '44{}', '4', '49'];
  for (const packet of bad) {
    test(`${packet} after CONNECT`, async () => {
      const { frames } = await connect();
      frames.send(packet);
      if (packet.startsWith('451-[')) frames.send(Buffer.from([1]));
      await within(frames.closed, 'the end', 280);
    });
  }

  for (const packet of ['4abc', '42["message",1]', '431[]', '41', '40/custom,[1]']) {
    test(`${packet} before CONNECT`, async () => {
      const frames = await open();
      frames.send(packet);
      await within(frames.closed, 'the end', 280);
    });
  }

  test('a second CONNECT', async () => {
    const { frames } = await connect();
    frames.send('40');
    await within(frames.closed, 'the end', 280);
  });

  test('a text between a binary packet and its attachments', async () => {
    const { frames } = await connect();
    frames.send(`451-["message",${P(0)}]`);
    frames.send('42["message",1]');
    await within(frames.closed, 'the end', 280);
  });

  test('a binary frame that nobody has announced', async () => {
    const { frames } = await connect();
    frames.send(Buffer.from([1]));
    await within(frames.closed, 'the end', 280);
  });

  for (const [name, packets] of Object.entries({ 'a second CONNECT': ['40', '40'], 'an event before CONNECT': ['42["a"]'], 'no packet': ['40', '4abc'] })) {
    test(`over polling ${name} is answered with noop and close, and never beside messages`, async () => {
      const session = await Polling.open(url, path);
      for (const packet of packets) await session.post(packet);
      let body = await session.read();
      if (body.startsWith('40')) body = await session.read();
      assert.equal(body, `6${RS}1`);
      assert.equal((await session.poll()).status, 400);
    });
  }
});

describe('events', () => {
  for (const nsp of ['', '/custom,']) {
    test(`text comes back byte for byte ${nsp}`, async () => {
      const { frames } = await connect(`40${nsp}`);
      const args = '1,"2",{"3":[null,true,false],"b":{"a":"ü\\u0001"}},[[1.0,2e3],{}],-0.0,""';
      frames.send(`42${nsp}["message",${args}]`);
      assert.equal(await frames.read(), `42${nsp}["message-back",${args}]`);
      frames.close();
    });

    test(`an ack id is kept ${nsp}`, async () => {
      const { frames } = await connect(`40${nsp}`);
      frames.send(`42${nsp}17["message-with-ack","x",{"k":[null,2]}]`);
      assert.equal(await frames.read(), `43${nsp}17["x",{"k":[null,2]}]`);
      frames.send(`42${nsp}0["message-with-ack"]`);
      assert.equal(await frames.read(), `43${nsp}0[]`);
      frames.close();
    });

    test(`binary comes back with its attachments behind it ${nsp}`, async () => {
      const { frames } = await connect(`40${nsp}`);
      frames.send(`452-${nsp}["message",${P(0)},${P(1)}]`);
      frames.send(Buffer.from([1, 2]));
      frames.send(Buffer.from([3]));
      assert.equal(await frames.read(), `452-${nsp}["message-back",${P(0)},${P(1)}]`);
      assert.deepEqual(await frames.read(), Buffer.from([1, 2]));
      assert.deepEqual(await frames.read(), Buffer.from([3]));
      frames.close();
    });

    test(`a binary ack ${nsp}`, async () => {
      const { frames } = await connect(`40${nsp}`);
      frames.send(`452-${nsp}8["message-with-ack",${P(0)},${P(1)}]`);
      frames.send(Buffer.from([1, 2]));
      frames.send(Buffer.from([3]));
      assert.equal(await frames.read(), `462-${nsp}8[${P(0)},${P(1)}]`);
      assert.deepEqual(await frames.read(), Buffer.from([1, 2]));
      assert.deepEqual(await frames.read(), Buffer.from([3]));
      frames.close();
    });
  }

  test('binary over polling', async () => {
    const session = await Polling.open(url, path);
    await session.post('40');
    await session.read();
    await session.post([`451-["message",${P(0)}]`, 'bAQI='].join(RS));
    assert.equal(await session.read(), [`451-["message-back",${P(0)}]`, 'bAQI='].join(RS));
  });

  test('a number may be the name of an event, and nobody listens to it', async () => {
    const { frames } = await connect();
    frames.send('42[7,"x"]');
    frames.send('42["message",1]');
    assert.equal(await frames.read(), '42["message-back",1]');
    frames.close();
  });

  test('an answer that nobody has asked for is ignored', async () => {
    const { frames } = await connect();
    frames.send('439007199254740991["x"]');
    frames.send('42["message",1]');
    assert.equal(await frames.read(), '42["message-back",1]');
    frames.close();
  });
});

describe('DISCONNECT', () => {
  test('has no answer, and the connection stays', async () => {
    const { frames } = await connect();
    frames.send('41');
    assert.equal(await frames.read(), '2');
    frames.send('3');
    frames.send('40');
    assert.match(await frames.read(), /^40\{"sid"/);
    frames.close();
  });

  test('leaves the other namespaces alone', async () => {
    const { frames } = await connect();
    frames.send('40/custom');
    await frames.read();
    await frames.read();
    frames.send('41/custom');
    frames.send('42["message","still here"]');
    assert.equal(await frames.read(), '42["message-back","still here"]');
    frames.close();
  });
});
