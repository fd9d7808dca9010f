// The rounds themselves: events all the time, and one process after the other is killed and started again.

import { Random } from '../random.mjs';
import { Ledger } from './ledger.mjs';
import { JsMember, RawMember } from './member.mjs';

const patienceMs = 15_000;
const tickMs = 10;
const payload = 'The train to the coast leaves from platform nine at noon ...';

export class Rounds {
  constructor({ server, clients, js, rooms, rate, print }) {
    Object.assign(this, { server, rate, print });
    this.random = new Random(1);
    this.ledger = new Ledger();
    this.rooms = Array.from({ length: rooms }, (_, i) => `room ${i + 1}`);
    this.members = Array.from({ length: clients }, (_, i) => this.#member(i, i < js));
    this.times = []; // from a kill to each client's return, in ms
    this.returned = 0;
  }

  #member(i, isJs) {
    const rooms = [this.rooms[i % this.rooms.length]];
    const name = `${isJs ? 'js' : 'raw'} ${i + 1}`;
    const options = { name, rooms, nodes: this.server.nodes, choose: () => this.#choose(), ledger: this.ledger, account: this.ledger.openFor(name, rooms) };
    return isJs ? new JsMember({ ...options, transport: i % 2 ? 'polling' : 'websocket' }) : new RawMember(options);
  }

  // As a balancer does it that knows who is there.
  #choose() {
    const there = this.server.nodes.map((node, i) => i).filter(i => this.server.nodes[i].port > 0);
    return this.random.pick(there.length > 0 ? there : [0]);
  }

  // Returns what went wrong.
  async run(rounds) {
    this.rounds = rounds;
    await Promise.all(this.members.map(member => member.begin()));
    this.#startPublishing();
    await sleep(500);
    for (let round = 1; round <= rounds && this.ledger.faults.length < 20; round++) await this.#round(round);
    clearInterval(this.timer);
    await sleep(1000); // for the last answers
    let waiting = this.members;
    await this.#until(() => (waiting = waiting.filter(member => this.ledger.missing(member.account).length > 0)).length === 0);
    for (const member of this.members) this.ledger.judge(member.account);
    for (const member of this.members) member.close();
    return this.ledger.faults;
  }

  async #round(round) {
    const victim = round % this.server.nodes.length;
    const node = this.server.nodes[victim];
    const there = this.members.filter(member => member.homeNode === victim);
    const counts = new Map(there.map(member => [member, member.returns.length]));
    const killed = performance.now();
    await node.kill();
    const isBack = member => member.isConnected && member.returns.length > counts.get(member);
    if (!await this.#until(() => there.every(isBack))) {
      this.ledger.fault(`round ${round}`, `${there.filter(member => !isBack(member)).length} clients did not come back`);
    }
    const times = there.filter(isBack).map(member => member.returns[counts.get(member)].at - killed).sort((a, b) => a - b);
    const elsewhere = there.filter(member => isBack(member) && member.returns.at(-1).recovered && member.returns.at(-1).to !== victim).length;
    this.times.push(...times);
    this.returned += elsewhere;
    this.print(`round ${round}: process ${victim + 1} killed; ${elsewhere} of its ${there.length} clients recovered by another one, after ${quantiles(times)}`);
    await Promise.all(there.map(member => this.#look(member)));
    await node.start();
    await sleep(this.random.int(100, 600));
  }

  // The server has to see it as the client does.
  async #look(member) {
    const answer = await member.ask('whoami');
    if (answer && (answer.recovered !== true || !member.rooms.every(room => answer.rooms.includes(room)))) this.ledger.fault(member.name, `the server says ${JSON.stringify(answer)}`);
  }

  // By all clients in turn; one that is on its way back is passed over.
  #startPublishing() {
    const began = performance.now();
    let next = 0;
    this.timer = setInterval(() => {
      while (this.ledger.published.length < (performance.now() - began) / 1000 * this.rate) {
        let tries = this.members.length;
        while (!this.members[next % this.members.length].isConnected && tries-- > 0) next++;
        const entry = this.ledger.publish(this.random.pick(this.rooms));
        this.members[next++ % this.members.length].send('publish', [entry.room, entry.seq, payload], () => { entry.isAcknowledged = true; });
      }
      this.seconds = (performance.now() - began) / 1000;
    }, tickMs);
  }

  async #until(condition) {
    const deadline = performance.now() + patienceMs;
    while (!condition()) {
      if (performance.now() > deadline) return false;
      await sleep(10);
    }
    return true;
  }

  summary() {
    const { published, acknowledged, delivered, faults } = this.ledger;
    return [
      `${this.rounds} kills, ${this.members.length} clients in ${this.rooms.length} rooms, ${published.length} events in ${this.seconds.toFixed(0)} s (${(published.length / this.seconds).toFixed(0)} a second), `
      + `${acknowledged} of them acknowledged; ${delivered} delivered`,
      `${this.returned} of ${this.times.length} returns recovered by another process, after ${quantiles(this.times.sort((a, b) => a - b))}`,
      faults.length === 0 ? 'nothing lost, nothing twice, one order for all' : `${faults.length} faults`,
    ].join('\n');
  }
}

function quantiles(sorted) {
  const at = share => `${sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]?.toFixed(0) ?? '-'} ms`;
  return `${at(0.5)} (p50), ${at(0.99)} (p99), ${at(1)} at most`;
}

function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms));
}
