#!/usr/bin/env node
// Runs the browser tests: all, or those whose name has one of the words.
//   node run.mjs [--list] [WORD...]
// One `ok` or `not ok` line per test; at the end `N passed, N failed`. Files
// are shared out to as many workers as there are processors
// (IWEBMSG_WORKERS=1: one), each with mail servers and a browser of its own
// (worker.mjs). On a loaded machine a browser of many processes is now and then
// late: up to RETRIES tests that failed are run once more, when nothing else
// runs, and it is said which. IWEBMSG_RETRIES=0: none are.

import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { here, shotFolder, tests } from './harness.mjs';
import { loadTests } from './worker.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
await loadTests();
const chosen = tests.filter(
  ({ name }) => !words.length || words.some((word) => name.includes(word)),
);
if (process.argv.includes('--list')) {
  for (const { name } of chosen) console.log(name);
  process.exit(0);
}
mkdirSync(shotFolder, { recursive: true });

const RETRIES = Number(process.env.IWEBMSG_RETRIES ?? 3);
const WORKERS_MAX = 4;
// What takes longest begins first, so that nobody waits for it at the end.
const FIRST = ['hostile.test.mjs', 'hostile_files.test.mjs', 'newsletters.test.mjs', 'html.test.mjs'];
let passed = 0;
let failed = 0;
function say(verdict, name, reason) {
  const lines = String(reason).split('\n').map((line) => `  ${line}`);
  console.log([`${verdict} browser/${name}`, ...lines].join('\n'));
}

function bad(name, reason) {
  failed += 1;
  say('not ok', name, reason);
}

/** A process of worker.mjs: `await worker.ask({ do: 'run', name })`. */
class Worker {
  constructor(number) {
    this.child = fork(join(here, 'worker.mjs'), {
      env: { ...process.env, IWEBMSG_WORKER: String(number) },
    });
    this.waiting = null;
    this.child.on('message', (answer) => {
      const { resolve, reject } = this.waiting;
      if (answer.error) reject(new Error(answer.error));
      else resolve(answer);
    });
    this.ended = new Promise((done) => this.child.once('exit', done));
    this.ended.then(() => this.waiting?.reject(new Error('the worker ended')));
  }

  ask(what) {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.child.send(what);
    });
  }

  async stop() {
    if (this.child.connected) this.child.disconnect();
    await this.ended;
  }
}

/** Runs the tests of these names one after the other; those that failed, each with its reason. */
async function runAll(worker, names) {
  const lost = [];
  for (const name of names) {
    const { seconds, reason } = await worker.ask({ do: 'run', name });
    if (reason === undefined) {
      passed += 1;
      console.log(`ok browser/${name} (${seconds.toFixed(1)} s)`);
    } else {
      say('# failed:', name, reason);
      lost.push({ name, reason });
    }
  }
  return lost;
}

/** The names by file, the longest files first. */
function groups() {
  const files = [...new Set([...FIRST, ...chosen.map(({ file }) => file)])];
  const names = files.map((one) => chosen.filter(({ file }) => file === one).map(({ name }) => name));
  return names.filter(({ length }) => length > 0);
}

/** All tests, by the workers; those that failed. */
async function runShared(workers) {
  const queue = groups();
  const work = async (worker) => {
    const lost = [];
    for (let names = queue.shift(); names; names = queue.shift())
      lost.push(...(await runAll(worker, names)));
    return lost;
  };
  return (await Promise.all(workers.map(work))).flat();
}

/** The few that failed, in a browser of their own; what passes has passed. */
async function onceMore(worker, lost) {
  if (!lost.length || lost.length > RETRIES) return lost;
  await worker.ask({ do: 'fresh' });
  const still = await runAll(worker, lost.map(({ name }) => name));
  const late = lost.length - still.length;
  if (late) console.log(`# ${late} passed only at the second try`);
  return still;
}

const count = Math.max(1, Math.min(
  Number(process.env.IWEBMSG_WORKERS ?? Math.min(availableParallelism(), WORKERS_MAX)), groups().length));
const workers = Array.from({ length: count }, (_, number) => new Worker(number));
const stopAll = () => Promise.all(workers.map((each) => each.stop()));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, async () => {
    await stopAll();
    process.exit(130);
  });
try {
  await Promise.all(workers.map((each) => each.ask({ do: 'start' })));
  for (const { name, reason } of await onceMore(workers[0], await runShared(workers))) bad(name, reason);
  for (const worker of workers) {
    const { text } = await worker.ask({ do: 'complaints' });
    if (text) bad('sanitizer', text);
  }
  if (failed)
    for (const worker of workers)
      for (const [path, text] of Object.entries((await worker.ask({ do: 'logs' })).logs))
        console.log(`  --- ${path}\n${text.replace(/^/gm, '  ')}`);
  if (!chosen.length) bad('no test of that name', words.join(' '));
} catch (error) {
  bad('rig', error.stack ?? error);
} finally {
  await stopAll();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
