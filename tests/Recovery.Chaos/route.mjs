// To which process of the server a client goes: with each new connection to the next one that the plan names, whether it runs or not.

export class Route {
  #steps;
  #place = -1;
  #insists = null; // on a process

  // steps: numbers of processes, over and over; link: null for a direct way
  constructor({ steps = [0], nodes, link = null }) {
    Object.assign(this, { nodes, link });
    this.#steps = steps;
    this.moveOn();
  }

  // Every connection goes to that process for a while.
  insist(node, ms) {
    this.#insists = node;
    setTimeout(() => { this.#insists = null; }, ms);
  }

  // So that the next connection goes elsewhere.
  leave() {
    const { node } = this;
    this.#insists = null;
    for (let i = 0; i < this.#steps.length && this.#steps[(this.#place + 1) % this.#steps.length] === node; i++) this.moveOn();
  }

  // Returns the port to connect to.
  moveOn() {
    this.#place = (this.#place + 1) % this.#steps.length;
    this.node = this.#insists ?? this.#steps[this.#place];
    return this.port;
  }

  get port() {
    return this.link ? this.link.portOf(this.node) : this.nodes[this.node].port || closedPort;
  }

  get url() {
    return `http://127.0.0.1:${this.port}`;
  }
}

// Where nobody ever listens: of a process that does not run.
const closedPort = 1;
