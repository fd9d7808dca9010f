// One process of the server under test. It may be killed, stopped and started again; each time it listens on another port.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';

const patienceMs = 6000;
const running = new Set();
process.on('exit', () => { for (const child of running) child.kill('SIGKILL'); }); // they end with us

export class ServerProcess {
  #child = null;
  #thaw = null;
  #told = false; // to end
  #changes = Promise.resolve();

  // command: its words, without the port, which becomes the first argument; more(): what else this start is to be told.
  constructor(command, more = () => []) {
    Object.assign(this, { command, more });
    this.port = 0; // while it does not run
    this.output = '';
  }

  get isRunning() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  // By itself.
  get hasEnded() {
    return this.#child !== null && !this.isRunning && !this.#told;
  }

  // One after the other: what a plan has too close together still happens in its order.
  start() {
    return this.#after(async () => {
      while (!this.isRunning) {
        try {
          return await this.#start(await freePort());
        } catch (error) {
          if (!error.message.includes('address already in use')) throw error; // somebody else was quicker
          this.output = '';
        }
      }
    });
  }

  async #start(port) {
    const child = this.#child = spawn(this.command[0], [...this.command.slice(1, 2), String(port), ...this.command.slice(2), ...this.more()], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#told = false;
    running.add(child);
    child.on('exit', () => { running.delete(child); this.port = 0; });
    if (await this.#ready(child, port)) this.port = port;
  }

  // At once, whatever it is about.
  kill() {
    this.#told = true;
    if (this.isRunning) this.#child.kill('SIGKILL');
    return this.#after(() => this.#end('SIGKILL'));
  }

  // As an operator stops it.
  terminate() {
    return this.#after(() => this.#end('SIGTERM'));
  }

  // The process stands still, and its sockets with it: nothing is answered, nothing is closed.
  freeze(ms) {
    if (!this.isRunning || this.#told) return;
    this.#child.kill('SIGSTOP');
    clearTimeout(this.#thaw);
    this.#thaw = setTimeout(() => this.thaw(), ms);
  }

  thaw() {
    clearTimeout(this.#thaw);
    if (this.isRunning) this.#child.kill('SIGCONT');
  }

  #after(act) {
    const change = this.#changes.then(act);
    this.#changes = change.catch(() => {});
    return change;
  }

  async #end(signal) {
    if (!this.isRunning) return;
    const child = this.#child;
    this.#told = true;
    const gone = once(child, 'exit');
    child.kill(signal);
    if (signal !== 'SIGKILL') this.thaw();
    let isSlow = false;
    const patience = setTimeout(() => {
      isSlow = true;
      child.kill('SIGKILL');
    }, patienceMs);
    await gone;
    clearTimeout(patience);
    if (isSlow) throw new Error(`still there ${patienceMs / 1000} s after ${signal}`);
  }

  #ready(child, port) {
    return new Promise((resolve, reject) => {
      const from = this.output.length;
      const listen = data => {
        this.output = (this.output + data).slice(-20_000);
        if (this.output.includes(`listening on ${port}\n`)) resolve(true);
      };
      child.stdout.on('data', listen);
      child.stderr.on('data', listen);
      child.on('error', reject);
      child.on('exit', (code, signal) => this.#told ? resolve(false) : reject(new Error(`the server ended with ${code ?? signal}\n${this.output.slice(Math.min(from, this.output.length))}`)));
      setTimeout(() => reject(new Error(`the server was not ready within 150 s\n${this.output}`)), 150_000).unref(); // it may be stopped meanwhile, for a minute
    });
  }
}

// Not one of those that the system gives to connections: there are many of these, and one could have it before the server does.
async function freePort() {
  for (;;) {
    const port = randomInt(10_000, 32_000);
    const probe = net.createServer();
    const isFree = await new Promise(resolve => probe.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true)));
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
