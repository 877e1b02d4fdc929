// One of the processes that run browser tests for run.mjs: servers and a
// browser of its own. Asked by messages, one at a time: start, run (a name),
// fresh (another browser), complaints, logs. Ends when nobody asks any more.

import { setTimeout as sleep } from 'node:timers/promises';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, Rig, here, runTest, tests } from './harness.mjs';

/** Registers the tests of all files, each with its file's name. */
export async function loadTests() {
  const files = readdirSync(here).filter((file) => file.endsWith('.test.mjs'));
  for (const file of files.sort()) {
    const before = tests.length;
    await import(join(here, file));
    for (const each of tests.slice(before)) each.file = file;
  }
}

let rig = null;
let browser = null;

// The longest takes half of it on a busy machine.
const TEST_MAX_MS = 300_000;

const actions = {
  async start() {
    await loadTests();
    rig = new Rig();
    await rig.start();
    await actions.fresh();
  },

  async fresh() {
    await browser?.stop();
    browser = new Browser(rig);
    await browser.start();
  },

  async run({ name }) {
    const began = Date.now();
    const since = () => (Date.now() - began) / 1000;
    try {
      const test = runTest(tests.find((each) => each.name === name), rig, browser);
      test.catch(() => {});
      const late = new AbortController();
      const ends = sleep(TEST_MAX_MS, 'late', { signal: late.signal }).catch(() => '');
      const which = await Promise.race([test, ends]);
      late.abort();
      if (which === 'late') {
        // What waits for an answer of that browser gets an error, and ends.
        await this.fresh();
        throw new Error(`it did not end within ${TEST_MAX_MS / 1000} s`);
      }
      return { seconds: since() };
    } catch (error) {
      return { seconds: since(), reason: String(error.stack ?? error) };
    }
  },

  complaints: () => rig.call('complaints'),
  logs: () => rig.call('logs'),
};

async function stop() {
  await browser?.stop();
  await rig?.stop();
  process.exit(0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.on('message', async ({ do: action, ...values }) => {
    let answer;
    try {
      answer = (await actions[action](values)) ?? {};
    } catch (error) {
      answer = { error: String(error.stack ?? error) };
    }
    if (process.connected) process.send(answer);
  });
  process.once('disconnect', stop);
  // Whoever started all of this hears them, too, and lets go.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
}
