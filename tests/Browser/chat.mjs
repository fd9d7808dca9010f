// The chat sample in a real browser: starts the server on a free port, opens pages, and knows the page's parts by role and name.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium as playwright } from 'playwright-core';
import { findChromium } from '../chromium.mjs';

const program = new URL('../../artifacts/bin/Chat/release/Chat.dll', import.meta.url).pathname;
const startWithin = 30_000;

/**
 * Starts the chat; `url` is where it answers. CHAT_URL names one that runs already. `recovery` sets bounds of connection state recovery. What it keeps is in a folder of its own, or in `folder`,
 * for the next one.
 */
export async function startChat({ port = 0, recovery = {}, folder } = {}) {
  if (process.env.CHAT_URL) return { url: process.env.CHAT_URL, stop: async () => {} };
  const bounds = Object.entries(recovery).map(([name, value]) => `--SocketIO:ConnectionStateRecovery:${name}=${value}`);
  const kept = folder ?? mkdtempSync(join(tmpdir(), 'holdfast-chat-'));
  const server = spawn('dotnet', [program, '--urls', `http://127.0.0.1:${port}`, `--FileRecovery:Folder=${kept}`, ...bounds], { stdio: ['ignore', 'pipe', 'inherit'] });
  const address = new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the chat did not say its address in time')), startWithin);
    server.once('exit', code => reject(new Error(`the chat ended with code ${code}`)));
    createInterface({ input: server.stdout }).on('line', line => {
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (!url) return;
      clearTimeout(timer);
      resolve(url);
    });
  });
  const end = async signal => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill(signal);
      await once(server, 'exit');
    }
    if (!folder) rmSync(kept, { recursive: true, force: true });
  };
  try {
    return { url: await address, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
  } catch (error) {
    server.kill('SIGKILL');
    throw error;
  }
}

export function launchBrowser() {
  return playwright.launch({
    executablePath: findChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
  });
}

/** One person with a tab of their own. `problems` collects what the page complains about on its console. */
export class Visitor {
  problems = [];

  /** `context` is the browser's, `beforeScripts` a function that runs in the page before its own scripts; the rest is the query. */
  static async open(browser, url, { context = {}, beforeScripts, ...query } = {}) {
    const visitor = new Visitor();
    visitor.context = await browser.newContext({ viewport: { width: 1100, height: 760 }, ...context });
    const page = visitor.page = await visitor.context.newPage();
    page.setDefaultTimeout(20_000);
    if (beforeScripts) await page.addInitScript(beforeScripts);
    page.on('console', message => {
      if (['error', 'warning'].includes(message.type())) visitor.problems.push(message.text());
    });
    page.on('pageerror', error => visitor.problems.push(String(error)));
    page.on('response', response => {
      if (response.status() >= 400) visitor.problems.push(`${response.status()} ${response.url()}`);
    });
    await page.goto(`${url}/?${new URLSearchParams(query)}`);
    return visitor;
  }

  get box() {
    return this.page.getByRole('textbox', { name: 'Message' });
  }

  get lines() {
    return this.page.locator('#message-list > li');
  }

  /** In the room, and on this transport. */
  async isIn(room, transport) {
    await this.page.getByRole('heading', { name: `#${room}`, exact: true }).waitFor();
    if (transport) await this.page.locator(`#connection[data-state=connected][data-transport=${transport}]`).waitFor();
  }

  async say(text) {
    await this.box.fill(text);
    await this.box.press('Enter');
  }

  /** Sends all texts through the form as fast as the page takes them. */
  sayAll(texts) {
    return this.page.evaluate(texts => {
      const box = document.getElementById('text');
      for (const text of texts) {
        box.value = text;
        document.getElementById('composer').requestSubmit();
      }
    }, texts);
  }

  /** Waits until the other people's messages are `count`, and returns their texts in the order of the page. */
  async heard(count) {
    await this.page.waitForFunction(
      count => document.querySelectorAll('#message-list .message:not(.mine)').length >= count, count, { timeout: 60_000 });
    return this.page.locator('#message-list .message:not(.mine) .text').allTextContents();
  }

  /** Waits until no own message waits for the server's word. */
  async hasDelivered(count) {
    await this.page.waitForFunction(
      count => document.querySelectorAll('#message-list .mine:not(.pending):not(.failed)').length === count, count, { timeout: 60_000 });
  }

  /** Waits until the page has said `count` times what a lost connection came to, and returns that: `outcome` and `text` of each. */
  async returns(count) {
    await this.page.waitForFunction(count => document.querySelectorAll('.return').length >= count, count, { timeout: 30_000 });
    return this.page.locator('.return').evaluateAll(
      lines => lines.map(line => ({ outcome: line.dataset.outcome, text: line.firstElementChild.textContent })));
  }

  async sees(text) {
    await this.page.getByText(text, { exact: true }).first().waitFor();
  }

  close() {
    return this.context.close();
  }
}
