#!/usr/bin/env node
// What Lighthouse says of the pages, mobile profile, the median of RUNS (5):
// reported, no gate. `make lighthouse` installs it (npm, by the lock file) and
// runs this. Debian's Chromium, the servers of the browser tests.

import { createServer } from 'node:net';
import lighthouse from 'lighthouse';
import { Browser, Rig, login } from '../browser/harness.mjs';
import { row } from '../browser/steps.mjs';

const RUNS = Number(process.env.RUNS ?? 5);
const GROUPS = ['performance', 'accessibility', 'best-practices'];
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

/** A port that nobody has. */
const freePort = () => new Promise((done) => {
  const server = createServer().listen(0, '127.0.0.1', () => {
    const { port } = server.address();
    server.close(() => done(port));
  });
});

async function measure(url, port) {
  const runs = [];
  for (let at = 0; at < RUNS; at++) {
    const { lhr } = await lighthouse(url, {
      port, onlyCategories: GROUPS, disableStorageReset: true, logLevel: 'error',
    });
    runs.push(lhr);
  }
  const of = (take) => median(runs.map(take));
  const audit = (name) => of((lhr) => lhr.audits[name].numericValue);
  const lost = Object.values(runs[0].categories).flatMap(({ auditRefs }) => auditRefs)
    .filter(({ id, weight }) => weight > 0 && (runs[0].audits[id].score ?? 1) < 0.9).map(({ id }) => id);
  return [
    ...GROUPS.map((name) => Math.round(100 * of((lhr) => lhr.categories[name].score))),
    Math.round(audit('largest-contentful-paint')), audit('cumulative-layout-shift').toFixed(3),
    Math.round(audit('total-blocking-time')), Math.round(audit('total-byte-weight') / 1024), [...new Set(lost)].join(' '),
  ];
}

const rig = new Rig();
let browser = null;
try {
  await rig.start();
  const server = await rig.server();
  const port = await freePort();
  browser = new Browser(rig);
  const context = await browser.persistent('lighthouse', {
    args: [...browser.options.args, `--remote-debugging-port=${port}`],
  });
  const page = context.pages()[0];
  const table = [];

  table.push(['login', ...(await measure(`${server.secure}/`, port))]);
  await login(page, server, 'anna', rig.password, { secure: true });
  const message = await row(page, '').locator('.c-subject a').first().getAttribute('href');
  for (const [name, address] of [['list', '/list?folder=INBOX'], ['message', message], ['compose', '/compose']])
    table.push([name, ...(await measure(server.secure + address, port))]);
  console.log(`Lighthouse, mobile, median of ${RUNS}`);
  console.log('| page | performance | accessibility | best practices | largest paint, ms | layout shift | blocked, ms | KB | what cost points |');
  console.log('|---|---|---|---|---|---|---|---|---|');
  for (const line of table) console.log(`| ${line.join(' | ')} |`);
  await context.close();
} finally {
  await browser?.stop();
  await rig.stop();
}
