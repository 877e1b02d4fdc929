#!/usr/bin/env node
// Runs the browser tests: all, or those whose name has one of the words.
//   node run.mjs [--list] [WORD...]
// One `ok` or `not ok` line per test; at the end `N passed, N failed`. Files
// are shared out to as many workers as there are processors
// (IWEBMSG_WORKERS=1: one), each with mail servers and a browser of its own
// (worker.mjs). On a loaded machine a browser of many processes is now and then
// late: up to RETRIES tests that failed are run once more, when nothing else
// runs, and it is said which. IWEBMSG_RETRIES=0: none are. A test that does not
// end within IWEBMSG_TEST_S seconds (300) has failed; its worker is replaced. After
// HUNG_MAX of them nothing more is begun.

import { fork } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { Hung, TEST_MS, here, shotFolder, tests, within } from './harness.mjs';
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
const HUNG_MAX = 5;
// Mail servers, an iwebmsgd and a browser, on a busy machine; also their end.
const START_MS = 240000;
// Beyond its own limit a worker closes browsers and takes pictures.
const LATE_MS = TEST_MS + 240000;
// What takes longest begins first, so that nobody waits for it at the end.
const FIRST = ['hostile.test.mjs', 'hostile_files.test.mjs', 'newsletters.test.mjs', 'html.test.mjs'];
let passed = 0;
let failed = 0;
let hung = 0; // tests that did not end
let left = 0; // tests not begun because of that
let isStopped = false;

function say(verdict, name, reason) {
  const lines = String(reason).split('\n').map((line) => `  ${line}`);
  console.log([`${verdict} browser/${name}`, ...lines].join('\n'));
}

function bad(name, reason) {
  failed += 1;
  say('not ok', name, reason);
}

/** A process of worker.mjs: `await worker.ask({ do: 'run', name }, ms)`; another one after `replace`. */
class Worker {
  constructor(number) {
    this.number = number;
    this.begin();
  }

  begin() {
    const child = fork(join(here, 'worker.mjs'), {
      env: { ...process.env, IWEBMSG_WORKER: String(this.number) },
    });
    this.child = child;
    this.waiting = null;
    child.on('message', (answer) => {
      if (child !== this.child) return;
      const { resolve, reject } = this.waiting;
      if (answer.error) reject(new Error(answer.error));
      else resolve(answer);
    });
    this.ended = new Promise((done) => child.once('exit', done));
    this.ended.then(() => {
      if (child === this.child) this.waiting?.reject(new Hung('the worker ended'));
    });
  }

  ask(what, ms = START_MS) {
    const answer = new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      if (this.child.connected) this.child.send(what);
      else reject(new Hung('the worker has ended'));
    });
    return within(ms, `the worker, ${what.do}`, answer, Hung);
  }

  start() {
    return this.ask({ do: 'start' });
  }

  /** Sanitizers' complaints and, with `logs`, what its servers wrote. */
  async tell({ logs }) {
    const { text } = await this.ask({ do: 'complaints' });
    if (text) bad('sanitizer', text);
    if (!logs) return;
    for (const [path, lines] of Object.entries((await this.ask({ do: 'logs' })).logs))
      console.log(`  --- ${path}\n${lines.replace(/^/gm, '  ')}`);
  }

  /** `isDeaf`: this one gave no answer. */
  async replace(isDeaf) {
    if (isDeaf) this.child.kill('SIGKILL');
    else await this.tell({ logs: true }).catch((error) => console.log(`  no logs: ${error.message}`));
    await this.stop();
    this.begin();
    await this.start();
  }

  async stop() {
    if (this.child.connected) this.child.disconnect();
    await within(START_MS, 'the end of a worker', this.ended).catch(() => this.child.kill('SIGKILL'));
  }
}

/** Runs a test: null when it passed, else {name, reason, isHung, isDeaf}. */
async function runOne(worker, name) {
  worker.name = name;
  try {
    const { seconds, reason, isHung } = await worker.ask({ do: 'run', name }, LATE_MS);
    if (reason !== undefined) return { name, reason, isHung };
    passed += 1;
    console.log(`ok browser/${name} (${seconds.toFixed(1)} s)`);
    return null;
  } catch (error) {
    if (isStopped) await new Promise(() => {});
    return { name, reason: error.message, isHung: true, isDeaf: true };
  } finally {
    worker.name = null;
  }
}

/** Runs the tests of these names one after the other; those that failed, each with its reason. */
async function runAll(worker, names) {
  const lost = [];
  for (const name of names) {
    if (hung >= HUNG_MAX) {
      left += 1;
      continue;
    }
    const found = await runOne(worker, name);
    if (!found) continue;
    if (found.isHung) {
      hung += 1;
      bad(name, found.reason);
      await worker.replace(found.isDeaf);
    } else {
      say('# failed:', name, found.reason);
      lost.push(found);
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
  const before = passed;
  const still = await runAll(worker, lost.map(({ name }) => name));
  const late = passed - before;
  if (late) console.log(`# ${late} passed only at the second try`);
  return still;
}

const count = Math.max(1, Math.min(
  Number(process.env.IWEBMSG_WORKERS ?? Math.min(availableParallelism(), WORKERS_MAX)), groups().length));
const workers = Array.from({ length: count }, (_, number) => new Worker(number));
const stopAll = () => Promise.all(workers.map((each) => each.stop()));
const closing = () => console.log(`${passed} passed, ${failed} failed`);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, async () => {
    isStopped = true;
    for (const { name } of workers) if (name) bad(name, `it was under way when the run was ended (${signal})`);
    closing();
    await stopAll();
    process.exit(130);
  });
try {
  await Promise.all(workers.map((each) => each.start()));
  for (const { name, reason } of await onceMore(workers[0], await runShared(workers))) bad(name, reason);
  if (left) bad(`${left} tests`, `they were not begun: ${hung} others did not end`);
  const isBad = failed > 0;
  for (const worker of workers) await worker.tell({ logs: isBad });
  if (!chosen.length) bad('no test of that name', words.join(' '));
} catch (error) {
  bad('rig', error.stack ?? error);
} finally {
  await stopAll();
}
closing();
process.exit(failed ? 1 : 0);
