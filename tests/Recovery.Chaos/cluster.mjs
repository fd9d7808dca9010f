// The server under test: one process that keeps everything in its memory, or any number of processes that share a folder.

import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cutBack, syncedLengths } from './power.mjs';
import { ServerProcess } from './serverProcess.mjs';

export class Cluster {
  // How often everything was lost that was not on the disk. What began in an earlier life is at most half alive.
  life = 0;
  #isDark = false;
  #room = Promise.resolve(); // there is room on the disk

  // With a folder only: when what is written is forced onto the disk ('never', 'interval', 'always'); for how many seconds a client may be away
  // (null: as usual); how many bytes of the events a process keeps in its memory (null: all of them).
  constructor(command, { bus = 'memory', processes = 1, sync = 'never', window = null, memory = null } = {}) {
    Object.assign(this, { bus, sync, window, memory });
    this.folder = bus === 'files' ? mkdtempSync(join(tmpdir(), 'holdfast-chaos-')) : null;
    if (this.folder) for (const name of ['log', 'synced']) mkdirSync(join(this.folder, name), { mode: 0o700 });
    this.nodes = Array.from({ length: processes }, (_, i) => new ServerProcess(command, () => this.#arguments(i)));
  }

  #arguments(i) {
    if (!this.folder) return [];
    return ['--bus', this.bus, '--url', join(this.folder, 'log'), '--sync', this.sync, '--boot', String(this.life + 1),
      '--synced', join(this.folder, 'synced', `${i}-${this.life}`), '--full', join(this.folder, 'full'), ...(this.window ? ['--window', String(this.window)] : []),
      ...(this.memory ? ['--memory', String(this.memory)] : [])];
  }

  get port() {
    return this.nodes[0].port;
  }

  get isDurable() {
    return this.folder !== null;
  }

  get hasEnded() {
    return this.nodes.some(node => node.hasEnded);
  }

  get output() {
    return this.nodes.map((node, i) => {
      const said = node.output.replace(/^listening on \d+\n/gm, '');
      return said && `process ${i + 1}:\n${said}`;
    }).filter(Boolean).join('\n');
  }

  async start() {
    await Promise.all(this.nodes.map(node => node.start()));
  }

  freeze(i, ms) {
    this.nodes[i].freeze(ms);
  }

  // Without a word, or with the time to say one; and it is back after a while.
  async kill(i, downMs) {
    await this.nodes[i].kill();
    await this.#bringBack(i, downMs);
  }

  async restart(i, downMs) {
    await this.nodes[i].terminate();
    await this.#bringBack(i, downMs);
  }

  async #bringBack(i, downMs) {
    await sleep(downMs);
    await this.#room;
    if (!this.#isDark) await this.nodes[i].start();
  }

  // The machine loses its memory: what was forced onto the disk is there, and of the rest as much as chance will have it. Returns how many bytes are gone.
  async losePower(downMs, random, onDark) {
    this.#isDark = true;
    await Promise.all(this.nodes.map(node => node.kill()));
    onDark();
    const gone = cutBack(join(this.folder, 'log'), syncedLengths(join(this.folder, 'synced')), random);
    this.life++;
    await sleep(downMs);
    await this.#room;
    this.#isDark = false;
    await this.start();
    return gone;
  }

  // For all processes. None can start on a full disk, and says so: that is not what is asked here.
  async fillDisk(ms) {
    if (!this.nodes.every(node => node.port > 0)) return;
    const sign = join(this.folder, 'full');
    writeFileSync(sign, '');
    this.#room = sleep(ms).then(() => rmSync(sign, { force: true }));
    await this.#room;
  }

  async stop() {
    await Promise.allSettled(this.nodes.map(node => node.terminate()));
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}

function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms));
}
