// To which process of the server a client goes: with each new connection to the next one that the plan names, whether it runs or not.

export class Route {
  #steps;
  #place = -1;

  // steps: numbers of processes, over and over; link: null for a direct way
  constructor({ steps = [0], nodes, link = null }) {
    Object.assign(this, { nodes, link });
    this.#steps = steps;
    this.moveOn();
  }

  get node() {
    return this.#steps[this.#place];
  }

  // So that the next connection goes elsewhere.
  leave() {
    const { node } = this;
    for (let i = 0; i < this.#steps.length && this.#steps[(this.#place + 1) % this.#steps.length] === node; i++) this.moveOn();
  }

  // Returns the port to connect to.
  moveOn() {
    this.#place = (this.#place + 1) % this.#steps.length;
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
