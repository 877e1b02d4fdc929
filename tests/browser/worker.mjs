// One of the processes that run browser tests for run.mjs: servers and a
// browser of its own. Asked by messages, one at a time: start, run (a name),
// fresh (another browser), complaints, logs. Ends when nobody asks any more.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Browser, Hung, Rig, here, runTest, tests } from './harness.mjs';

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
      // One that died takes no other test along.
      if (!browser.chromium.isConnected()) await actions.fresh();
      await runTest(tests.find((each) => each.name === name), rig, browser);
      return { seconds: since() };
    } catch (error) {
      return { seconds: since(), reason: String(error.stack ?? error), isHung: error instanceof Hung };
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
