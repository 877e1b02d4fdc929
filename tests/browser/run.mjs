#!/usr/bin/env node
// Runs the browser tests: all, or those whose name has one of the words.
//   node run.mjs [--list] [WORD...]
// One `ok` or `not ok` line per test; at the end `N passed, N failed`. On a
// loaded machine a browser of many processes is now and then late: up to
// RETRIES tests that failed are run once more, and it is said which.
// IWEBMSG_RETRIES=0: none are.

import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, Rig, here, runTest, shotFolder, tests } from './harness.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('-'));
const files = readdirSync(here).filter((file) => file.endsWith('.test.mjs'));
for (const file of files.sort()) await import(join(here, file));
const chosen = tests.filter(
  ({ name }) => !words.length || words.some((word) => name.includes(word)),
);
if (process.argv.includes('--list')) {
  for (const { name } of chosen) console.log(name);
  process.exit(0);
}
mkdirSync(shotFolder, { recursive: true });

const RETRIES = Number(process.env.IWEBMSG_RETRIES ?? 3);
let passed = 0;
let failed = 0;
function say(verdict, name, reason) {
  console.log(`${verdict} browser/${name}`);
  for (const line of String(reason).split('\n')) console.log(`  ${line}`);
}

function bad(name, reason) {
  failed += 1;
  say('not ok', name, reason);
}

/** Runs the tests; those that failed, each with its reason. */
async function runAll(chosen) {
  const lost = [];
  for (const each of chosen) {
    const began = Date.now();
    try {
      await runTest(each, rig, browser);
      passed += 1;
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(`ok browser/${each.name} (${seconds} s)`);
    } catch (error) {
      const reason = error.stack ?? error;
      say('# failed:', each.name, reason);
      lost.push({ each, reason });
    }
  }
  return lost;
}

/** The few that failed, in a browser of their own; what passes has passed. */
async function onceMore(lost) {
  if (!lost.length || lost.length > RETRIES) return lost;
  await browser.stop();
  browser = new Browser(rig);
  await browser.start();
  const still = await runAll(lost.map(({ each }) => each));
  const late = lost.length - still.length;
  if (late) console.log(`# ${late} passed only at the second try`);
  return still;
}

async function printLogs(rig) {
  const { logs } = await rig.call('logs');
  for (const [path, text] of Object.entries(logs))
    console.log(`  --- ${path}\n${text.replace(/^/gm, '  ')}`);
}

const rig = new Rig();
let browser;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, async () => {
    await rig.stop();
    process.exit(130);
  });
try {
  await rig.start();
  browser = new Browser(rig);
  await browser.start();
  for (const { each, reason } of await onceMore(await runAll(chosen))) bad(each.name, reason);
  const { text } = await rig.call('complaints');
  if (text) bad('sanitizer', text);
  if (failed) await printLogs(rig);
  if (!chosen.length) bad('no test of that name', words.join(' '));
} catch (error) {
  bad('rig', error.stack ?? error);
} finally {
  await browser?.stop();
  await rig.stop();
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
