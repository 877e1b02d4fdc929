#!/usr/bin/env node
// Runs the browser tests: all, or those whose name has one of the words.
//   node run.mjs [--list] [WORD...]
// One `ok` or `not ok` line per test; at the end `N passed, N failed`.

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

let passed = 0;
let failed = 0;
function bad(name, reason) {
  failed += 1;
  console.log(`not ok browser/${name}`);
  for (const line of String(reason).split('\n')) console.log(`  ${line}`);
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
  for (const each of chosen) {
    const began = Date.now();
    try {
      await runTest(each, rig, browser);
      passed += 1;
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      console.log(`ok browser/${each.name} (${seconds} s)`);
    } catch (error) {
      bad(each.name, error.stack ?? error);
    }
  }
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
