// What every browser test stands on: Debian's Chromium, the servers of
// rig.py, and pages that are watched. A test file registers its tests:
//
//   import { test, both, assert } from './harness.mjs';
//   test('login', { js: false }, async ({ page, rig, shot }) => { ... });
//   both('main job', {}, async ({ page }) => { ... });   // JavaScript on, off
//
// Whatever the browser complains about (console errors, the page's own
// policy, requests to other hosts) fails the test, unless the test said
// beforehand what it expects: allow(/pattern/).

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

export { assert };
export const here = dirname(fileURLToPath(import.meta.url));
export const shotFolder = join(here, '..', '..', 'build', 'shots');
export const WIDE = { width: 1280, height: 900 };
export const NARROW = { width: 360, height: 740 };
const STEP_MS = 30000; // two workers share the machine
const CLOSE_MS = 60000;
// Longer than rig.py allows itself for anything.
const RIG_MS = 150000;
// Four times what the longest takes on a busy machine.
export const TEST_MS = Number(process.env.IWEBMSG_TEST_S ?? 300) * 1000;
// Nothing but the test's host has an address.
const resolve = (host, address) =>
  `--host-resolver-rules=MAP ${host} ${address}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export const tests = [];

/** A test, or what it stands on, that did not come to its end. */
export class Hung extends Error {}

/** What `promise` gives; an error once it took `ms`: `what` says of what. */
export async function within(ms, what, promise, Kind = Error) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Kind(`${what}: no end within ${ms / 1000} s`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Kills the browsers that this process started, or the one whose command line
 * has `word`: what waits for an answer of theirs gets an error, and ends.
 */
export function killBrowsers(word = '') {
  const pids = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  for (const pid of pids)
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      // Each leads a group of its own processes.
      if (line.includes('chromium') && line.includes(word)) process.kill(-pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
}

/** Closes a context or a browser; kills it and throws when it does not. */
export async function close(it, what, word) {
  try {
    await within(CLOSE_MS, `closing ${what}`, it.close());
  } catch (error) {
    killBrowsers(word);
    throw error;
  }
}

/**
 * Registers a test. Options: js (default true), width (WIDE), server (false:
 * the test needs no iwebmsgd), ini (an iwebmsgd of its own with these ini
 * sections changed).
 */
export function test(name, options, run) {
  tests.push({ name, options, run });
}

/** The same test with JavaScript and without. */
export function both(name, options, run) {
  test(`${name} (JavaScript on)`, { ...options, js: true }, run);
  test(`${name} (JavaScript off)`, { ...options, js: false }, run);
}

/** rig.py as an object: `await rig.call('count', { user, folder })`. */
export class Rig {
  constructor() {
    this.waiting = [];
    this.shared = null;
    this.child = spawn('/usr/bin/python3', [join(here, 'rig.py')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    this.ended = new Promise((done) => this.child.once('exit', done));
    this.child.once('exit', () => {
      for (const { reject } of this.waiting.splice(0))
        reject(new Hung('rig.py ended'));
    });
    // Said by 'exit'.
    this.child.stdin.on('error', () => {});
    createInterface({ input: this.child.stdout }).on('line', (line) => {
      const { resolve, reject } = this.waiting.shift();
      const answer = JSON.parse(line);
      if (answer.ok) resolve(answer);
      else reject(new Error(answer.error));
    });
  }

  call(action, values = {}) {
    const answer = new Promise((resolve, reject) => {
      if (this.child.exitCode !== null || this.child.signalCode !== null)
        reject(new Hung(`${action}: rig.py has ended`));
      this.waiting.push({ resolve, reject });
      this.child.stdin.write(JSON.stringify({ do: action, ...values }) + '\n');
    });
    return within(RIG_MS, `rig.py, ${action}`, answer, Hung);
  }

  async start() {
    Object.assign(this, await this.call('start'));
  }

  /** An iwebmsgd: the shared one with sample mail, or one of its own. */
  async server(sections) {
    if (sections) return this.addresses(await this.call('server', { sections }));
    if (!this.shared) {
      await this.call('seed');
      this.shared = this.addresses(await this.call('server'));
    }
    return this.shared;
  }

  addresses(facts) {
    return {
      ...facts,
      plain: `http://${this.host}:${facts.plain_port}`,
      secure: `https://${this.host}:${facts.secure_port}`,
    };
  }

  async stop() {
    this.child.stdin.end();
    await within(RIG_MS, 'the end of rig.py', this.ended).catch(() => this.child.kill('SIGKILL'));
  }
}

/** Chromium with an empty home in which only the test CA is trusted. */
export class Browser {
  constructor(rig) {
    this.rig = rig;
    this.home = mkdtempSync(join(tmpdir(), 'iwebmsg-chromium-'));
    const store = join(this.home, '.pki', 'nssdb');
    mkdirSync(store, { recursive: true });
    const certutil = (...words) =>
      execFileSync('certutil', ['-d', `sql:${store}`, ...words], { timeout: STEP_MS });
    certutil('-N', '--empty-password');
    certutil('-A', '-t', 'C,,', '-n', 'rig', '-i', rig.ca_file);
    this.options = {
      executablePath: '/usr/bin/chromium',
      headless: true,
      env: { ...process.env, HOME: this.home },
      args: [
        ...FLAGS,
        resolve(rig.host, '127.0.0.1'),
      ],
    };
  }

  async start() {
    this.chromium = await chromium.launch(this.options);
  }

  /** A browser whose profile is on disk: close it and open it again. */
  persistent(folder, options = {}) {
    return chromium.launchPersistentContext(join(this.home, folder), {
      ...this.options,
      viewport: WIDE,
      ...options,
    });
  }

  /**
   * A browser with a profile, flags and settings of its own, in which `host`
   * lies at `address`. Settings are those of Chromium's file Preferences.
   */
  other(folder, { host, address = '127.0.0.1', flags = [], settings = {}, ...options } = {}) {
    const profile = join(this.home, folder, 'Default');
    mkdirSync(profile, { recursive: true });
    writeFileSync(join(profile, 'Preferences'), JSON.stringify(settings));
    const args = [...FLAGS, resolve(host ?? this.rig.host, address), ...flags];
    return this.persistent(folder, { args, ...options });
  }

  async stop() {
    if (this.chromium) await close(this.chromium, 'the browser').catch(() => {});
    rmSync(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}

// Logging off sends it at both doors; Chromium grumbles about the clear one.
const KNOWN = [/^console error: Clear-Site-Data header on 'http:.*insecure origins\.$/];

/** Collects what a context's pages complain about. */
export class Watch {
  constructor(host) {
    this.hosts = new Set([host]);
    this.problems = [];
    this.allowed = [...KNOWN];
  }

  note(text) {
    if (!this.allowed.some((pattern) => pattern.test(text)))
      this.problems.push(text);
  }

  context(context) {
    context.on('page', (page) => this.page(page));
    context.on('request', (request) => {
      const url = new URL(request.url());
      const ours = ['data:', 'blob:', 'about:', 'chrome-error:'];
      if (!this.hosts.has(url.hostname) && !ours.includes(url.protocol))
        this.note(`request to another host: ${request.url()}`);
    });
    context.pages().forEach((page) => this.page(page));
  }

  page(page) {
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type()))
        this.note(`console ${message.type()}: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.note(`script error: ${error}`));
    page.on('crash', () => this.note('the page crashed'));
  }
}

/** What a test is given; contexts that it opens are added to `contexts`. */
async function toolsFor({ options }, rig, browser, watch, contexts) {
  const js = options.js ?? true;
  const server = options.server === false ? null : await rig.server(options.ini);
  const keep = (context, what, word) => {
    context.setDefaultTimeout(STEP_MS);
    watch.context(context);
    contexts.push({ context, what, word });
    return context;
  };
  const newContext = async (more = {}) =>
    keep(await browser.chromium.newContext({
      viewport: options.width ?? WIDE,
      javaScriptEnabled: js,
      locale: 'en-GB',
      timezoneId: 'Europe/Berlin',
      acceptDownloads: true,
      reducedMotion: 'reduce',
      ...more,
    }), 'the pages');
  const context = await newContext();
  const page = await context.newPage();
  const other = async (folder, more = {}) => {
    const made = await browser.other(folder, { javaScriptEnabled: js, reducedMotion: 'reduce', ...more });
    if (more.host) watch.hosts.add(more.host);
    keep(made, `the browser ${folder}`, folder);
    return made.pages()[0] ?? made.newPage();
  };
  return {
    page,
    other,
    context,
    newContext,
    rig,
    server,
    browser,
    watch,
    js,
    allow: (pattern) => watch.allowed.push(pattern),
    shot: (label, more) => shot(page, label, more),
  };
}

/** What is to be seen of a test that failed, for whoever reads of it. */
async function scene(name, contexts, watch) {
  const lines = [];
  const pages = contexts.flatMap(({ context }) => context.pages());
  for (const page of pages) lines.push(`at ${page.url()}${page.label ? ` (${page.label})` : ''}`);
  if (pages.length) {
    const file = join(shotFolder, `failed-${name.replace(/\W+/g, '-')}.png`);
    const shown = async () => [(await pages[0].innerText('body')).slice(0, 600), (await pages[0].screenshot({ path: file }), file)];
    lines.push(...(await within(STEP_MS, 'looking at the page', shown()).catch(() => [])));
  }
  return [...lines, ...watch.problems].map((line) => `\n  ${line}`).join('');
}

/**
 * Runs one test; throws what is wrong: `Hung` when it did not end. Its browsers
 * are killed then, and whoever asked should go on with fresh servers.
 */
export async function runTest(test, rig, browser) {
  const watch = new Watch(rig.host);
  const contexts = [];
  const whole = async () => {
    await test.run(await toolsFor(test, rig, browser, watch, contexts));
    assert.deepEqual(watch.problems, [], 'what the browser complained about');
  };
  let failure = null;
  try {
    await within(TEST_MS, 'the test', whole(), Hung);
  } catch (error) {
    failure = error;
    failure.stack += await scene(test.name, contexts, watch);
    if (failure instanceof Hung) killBrowsers();
  }
  for (const { context, what, word } of contexts)
    await close(context, what, word).catch((error) => {
      failure ??= error;
    });
  if (failure) throw failure;
}

/**
 * build/shots/LABEL-wide.png and LABEL-360.png of the whole page; with `dark`
 * also LABEL-dark-wide.png and LABEL-dark-360.png.
 */
export async function shot(page, label, { dark = false } = {}) {
  const before = page.viewportSize();
  for (const colorScheme of dark ? ['light', 'dark'] : ['light']) {
    await page.emulateMedia({ colorScheme });
    for (const [suffix, size] of [['wide', WIDE], ['360', NARROW]]) {
      await page.setViewportSize(size);
      const mode = colorScheme === 'dark' ? '-dark' : '';
      const path = join(shotFolder, `${label}${mode}-${suffix}.png`);
      await page.screenshot({ path, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core'), 'utf8');

/** Waits for transitions under way: a colour on its way is nobody's colour. */
async function settle(page) {
  await page.evaluate(() =>
    Promise.allSettled(document.getAnimations().map((each) => each.finished)));
}

// What depends on colours; all other rules say the same in each of them.
export const OF_COLOURS = { runOnly: { type: 'rule', values: ['color-contrast', 'link-in-text-block'] } };

/** What axe-core finds on what the page shows now; `rules`: not by all of them. */
export async function findings(page, rules = {}) {
  await settle(page);
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(AXE);
  const options = JSON.stringify({ iframes: false, resultTypes: ['violations'], ...rules });
  return page.evaluate(`axe.run(document, ${options}).then(({ violations }) =>
    violations.map(({ id, impact, nodes }) =>
      [impact, id, ...nodes.slice(0, 4).map(({ html, failureSummary }) => html + failureSummary)].join(' | ')))`);
}

/** No finding of axe-core. */
export async function assertAccessible(page, where = '', rules = {}) {
  assert.deepEqual(await findings(page, rules), [], `axe-core ${where}`);
}

/** Good to look at and to use, wide and narrow; `dark`: both colours. Leaves pictures as shot() does. */
export async function assertGood(page, label, { dark = false } = {}) {
  const before = page.viewportSize();
  for (const [suffix, size] of [['wide', WIDE], ['360', NARROW]]) {
    await page.setViewportSize(size);
    await assertFits(page);
    for (const colorScheme of dark ? ['light', 'dark'] : ['light']) {
      const isLight = colorScheme === 'light';
      await page.emulateMedia({ colorScheme });
      if (size === WIDE || dark)
        await assertAccessible(page, `${label}, ${size.width} px, ${colorScheme}`, isLight ? {} : OF_COLOURS);
      await page.screenshot({ path: join(shotFolder, `${label}${isLight ? '' : '-dark'}-${suffix}.png`), fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: null });
  await page.setViewportSize(before);
}

/** Nothing sticks out to the right: no scrolling sideways. */
export async function assertFits(page) {
  const [wide, room] = await page.evaluate(() => [
    document.documentElement.scrollWidth,
    document.documentElement.clientWidth,
  ]);
  assert.ok(wide <= room, `the page is ${wide} px wide in a room of ${room} px`);
}

/** Logs in on the page's login form. */
export async function login(page, server, user, password, { secure } = {}) {
  await page.goto((secure ? server.secure : server.plain) + '/');
  await page.fill('input[name=name]', user);
  await page.fill('input[name=password]', password);
  await Promise.all([
    page.waitForNavigation(),
    page.press('input[name=password]', 'Enter'),
  ]);
}
