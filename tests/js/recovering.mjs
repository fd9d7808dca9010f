// What the tests of recovery have in common: numbered events, a client that goes away and comes back, and both ends' word on what became of it.

import assert from 'node:assert/strict';
import { event, startFixture, upgraded, within } from './fixture.mjs';

// A client that is cut in the middle of an upgrade can't be closed before its ping timeout: the end of the run does not wait for it.
const unref = { autoUnref: true };

const section = 'ConnectionStateRecovery';

/** The fixture with recovery on; of `options` those of recovery have names of their own, the others are the server's. */
export async function startRecovering({ server = {}, ...options } = {}) {
  const all = { MaxDisconnectionDuration: '00:02:00', ...options };
  const fixture = await startFixture({ ...server, ...Object.fromEntries(Object.entries(all).map(([name, value]) => [`${section}:${name}`, value])) });
  return new Recovering(fixture);
}

class Recovering {
  constructor(fixture) {
    this.fixture = fixture;
  }

  /** A client over a link of its own, with the numbers that it has received. */
  async connect(way, options = {}) {
    const link = options.link ?? await this.fixture.link();
    const client = await this.fixture.connect(way, { ...unref, ...options, link });
    await settled(client);
    return { client, link, n: numbers(client) };
  }

  open(way, options) { return this.fixture.open(way, { ...unref, ...options }); }

  link() { return this.fixture.link(); }

  saw(name) { return this.fixture.saw(name); }

  tell(name) { return this.#post(`/seen/${name}`); }

  /** Numbered events: { to, except, socket, ns, first, count, kind, size }. */
  emit(series) { return this.#post('/emit', series); }

  join(id, room) { return this.#post('/join', { id, room }); }

  leave(id, room) { return this.#post('/leave', { id, room }); }

  kick(id, ns = '/') { return this.#post('/kick', { id, ns }); }

  async ask(id) { return (await this.#post('/ask', { id })).json(); }

  /** What happened to a session, in order. */
  async log(id) {
    const answer = await within(fetch(`${this.fixture.url}/log/${id}`), 'the log of a session');
    return answer.json();
  }

  /** Takes a client off the net until the server has noticed, does what is to happen meanwhile, and lets it come back. */
  async away({ client, link }, act = () => {}) {
    await this.offline({ client, link });
    await act();
    const connected = event(client, 'connect');
    link.accept();
    await connected;
  }

  /** Takes a client off the net, and returns when both ends have noticed. */
  async offline({ client, link }) {
    await settled(client);
    const { id } = client;
    const gone = event(client, 'disconnect');
    await link.cut({ refuse: true });
    await gone;
    await this.saw(`parked-${id}`);
  }

  closeClients() { this.fixture.closeClients(); }

  stop() { return this.fixture.stop(); }

  async #post(path, parameters) {
    const answer = await within(this.fixture.post(path, parameters), `the answer to ${path}`);
    assert.ok(answer.ok, `${path} is answered ${answer.status}: ${await (answer.ok ? '' : answer.text())}`);
    return answer;
  }
}

/** The client has its last transport, and the server knows it: a cut hits what carries the client, and not a WebSocket that is only being tried. */
export async function settled(client) {
  await upgraded(client);
  await within(client.emitWithAck('sum', 1, 1), 'an answer');
}

/** The numbers of the events `n` that a client receives. */
export function numbers(client) {
  const got = [];
  let wake = () => {};
  client.on('n', number => {
    got.push(number);
    wake();
  });
  return {
    got,
    /** Exactly these, each once and in order: waits for the last of them, which is the last that was emitted. */
    async are(expected) {
      const wanted = typeof expected === 'number' ? [...Array(expected).keys()] : expected;
      const last = wanted.at(-1);
      await within((async () => {
        while (!got.includes(last)) await new Promise(resolve => { wake = resolve; });
      })(), `the number ${last}`, 20_000).catch(late => { throw new Error(`${late.message}, but ${got.length}: ${got.slice(0, 50)}`); });
      assert.deepEqual(got, wanted);
    },
  };
}

/** Both ends say that nothing was lost, and the client is the one that it was. */
export async function isRecovered(client, id, missed) {
  const said = await recovery(client);
  assert.deepEqual(said, { recovered: true, outcome: 'Recovered', reason: 'None', missed: missed ?? said.missed });
  assert.equal(client.recovered, true);
  assert.equal(client.id, id);
}

/** Both ends say that the client is back, and has lost events. */
export async function isStateOnly(client, id, reason) {
  assert.deepEqual(await recovery(client), { recovered: false, outcome: 'StateOnly', reason, missed: 0 });
  assert.equal(client.recovered, false);
  assert.equal(client.id, id);
}

/** Both ends say that this is another client. */
export async function isFresh(client, id, reason) {
  assert.deepEqual(await recovery(client), { recovered: false, outcome: 'Fresh', reason, missed: 0 });
  assert.equal(client.recovered, false);
  assert.notEqual(client.id, id);
}

/** What the server says of the last connection; when that one ends before the answer, of the next. */
async function recovery(client) {
  for (;;) {
    try {
      return await within(client.emitWithAck('recovery'), 'what the server says of the recovery');
    } catch (error) {
      if (error.message !== 'socket has been disconnected') throw error;
    }
  }
}
