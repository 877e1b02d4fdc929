// A Chromium of its own that opens attack mails, many at a time, and writes
// down what they did.

import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, close, login, within } from '../harness.mjs';
import { attacks, harmless, packs } from './attacks.mjs';
import { inspect, outside, provoke } from './look.mjs';
import { Watcher, readNetLog } from './watcher.mjs';

export const FOLDER = 'Hostile';
const PHASE = 'images-are-let-in';
const LONG_MS = 120000; // a busy machine is no finding
const ACROSS = 2; // pages at a time
// A process per sandboxed frame takes most of the time. It is a wall of the
// browser's; ours have to do without.
const FLAGS = [
  '--disable-features=IsolateSandboxedIframes,IsolateOrigins,site-per-process',
  '--disable-site-isolation-trials',
  '--net-log-capture-mode=Default',
];

let put = null;

/** All attacks with their UIDs in Chloe's folder, the same for all tests. */
export async function mails(t) {
  if (put) return put;
  const all = attacks();
  const many = packs(all);
  const mail = (each) => each.mail;
  // Neighbours on both sides, so that "Older" and "Newer" are there for all.
  const list = [harmless, harmless, ...all.map(mail), ...many.map(mail), harmless];
  await t.rig.call('append_all', { user: 'chloe', folder: FOLDER, messages: list });
  const withUid = (each, at) => ({ ...each, uid: at + 3, isMime: each.kind === 'mime' });
  put = {
    all: all.map(withUid),
    many: many.map((each, at) => withUid(each, at + all.length)),
    harmless: { name: 'harmless', uid: 2 },
  };
  return put;
}

/** Groups of up to `size`. */
export const groups = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, at * size + size));

export class Visit {
  /** `name`: of its log and profile; `values`: of its watcher. */
  constructor(t, server, name, { folder = FOLDER, ...values } = {}) {
    Object.assign(this, { t, server, folder });
    this.watcher = Object.assign(new Watcher(), values);
    this.log = join(tmpdir(), `iwebmsg-${process.pid}-${name}.json`);
    this.profile = `hostile-${name}`;
    this.tokens = new Map();
  }

  async start({ user = 'chloe', ...options } = {}) {
    const { t } = this;
    const flags = [`--log-net-log=${this.log}`, ...FLAGS];
    const page = await t.other(this.profile, { flags, ...options });
    this.context = page.context();
    this.context.setDefaultTimeout(LONG_MS);
    this.context.setDefaultNavigationTimeout(LONG_MS);
    // What the pages complain about is the watcher's matter here.
    t.allow(/./);
    await this.watcher.context(this.context);
    this.home = page;
    await login(page, this.server, user, t.rig.password, { secure: true });
    this.pages = await Promise.all(Array.from({ length: ACROSS }, () => this.watcher.page(this.context)));
    return this;
  }

  address(path, uid, more = '') {
    return `${this.server.secure}${path}?folder=${this.folder}&uid=${uid}${more}`;
  }

  /** Runs `look(page, item)` for each, several at a time. */
  async each(list, look) {
    const queue = [...list];
    const work = async (page) => {
      for (let item = queue.shift(); item; item = queue.shift()) {
        page.label = item.name ?? `${item[0].name} to ${item.at(-1).name}`;
        await look(page, item);
      }
    };
    await Promise.all(this.pages.map(work));
  }

  /** {ok, token} of addresses of ours, asked for as pages do it. */
  ask(urls) {
    const get = async (each) => {
      const one = async (url) => {
        const answer = await fetch(url);
        return { ok: answer.ok, token: /[?&;]remote=([\w-]+)/.exec(await answer.text())?.[1] ?? null };
      };
      return Promise.all(each.map(one));
    };
    return this.wait(`${urls.length} answers`, this.home.evaluate(get, urls));
  }

  /** What Playwright itself would wait for without end. */
  wait(what, promise) {
    return within(LONG_MS, `${this.profile}, ${what}`, promise);
  }

  /** Which tokens let images in: the program's own, or none. */
  async allow(list) {
    const unknown = list.filter(({ uid }) => !this.tokens.has(uid));
    const found = await this.ask(unknown.map(({ uid }) => this.address('/message', uid)));
    found.forEach(({ token }, at) => this.tokens.set(unknown[at].uid, token));
  }

  /** From here on images are let in; the log of the network is told, too. */
  async letImagesIn(values) {
    this.blocked = { found: this.watcher.found.splice(0) };
    const told = this.home.evaluate((url) => fetch(url).then(({ status }) => status), `${this.server.secure}/login?${PHASE}`);
    await this.wait('an answer', told);
    Object.assign(this.watcher, values);
  }

  /**
   * What was found, told by the attack that did it, and the network's log:
   * {blocked, allowed}, before and after `letImagesIn`.
   */
  async end(all) {
    await close(this.context, this.profile, this.profile);
    const [first, second] = readNetLog(this.log, PHASE);
    rmSync(this.log);
    const names = new Map(all.map(({ number, name }) => [number, name]));
    const told = (list) =>
      list.map((what) => {
        const number = Number(/(?:ran |\bn?h)(\d{4})\b/.exec(what)?.[1]);
        return names.has(number) ? `${names.get(number)} | ${what}` : what;
      });
    const now = told(this.watcher.found);
    if (!this.blocked) return { blocked: { ...first, found: now } };
    return { blocked: { ...first, found: told(this.blocked.found) }, allowed: { ...second, found: now } };
  }
}

/** Opens addresses as frames of a page of ours, many at once; their frames. */
async function openFrames(visit, page, urls) {
  await page.goto(visit.server.secure + '/settings', { waitUntil: 'commit' });
  await page.waitForSelector('main');
  const open = ({ urls, ms }) =>
    Promise.all(
      urls.map((src) => {
        const frame = document.createElement('iframe');
        frame.style = 'width:600px;height:300px';
        frame.src = src;
        const loaded = new Promise((done, failed) => {
          frame.addEventListener('load', done, { once: true });
          setTimeout(failed, ms, new Error(`not loaded within ${ms / 1000} s: ${src}`));
        });
        document.querySelector('main').append(frame);
        return loaded.then(() => {});
      }),
    );
  await visit.wait(page.label, page.evaluate(open, { urls, ms: LONG_MS - 5000 }));
  return page.mainFrame().childFrames();
}

/**
 * Each attack's formatted text in a frame, without an attribute `sandbox`:
 * what the answer itself says has to be enough. Returns how many there were.
 *
 * path    /body or /print
 * remote  images are let in by the program's own token; mails without are
 *         left out
 * how     `inspect`: nothing must be left of the attack; `provoke`: it is set
 *         off; `wild`: the same, and it may do as it likes
 */
export async function visitTexts(visit, list, { path = '/body', remote = false, how = 'inspect', size = 32 } = {}) {
  let chosen = list;
  let seen = 0;

  if (remote) {
    await visit.allow(list);
    chosen = list.filter(({ uid }) => visit.tokens.get(uid));
  }
  const urlOf = ({ uid }) => visit.address(path, uid, remote ? `&remote=${visit.tokens.get(uid)}` : '');
  // Not all of these have a formatted text.
  const doubtful = path === '/body' ? chosen.filter(({ isMime }) => isMime) : [];
  const answers = await visit.ask(doubtful.map(urlOf));
  const missing = new Set(doubtful.filter((_, at) => !answers[at].ok));
  chosen = chosen.filter((each) => !missing.has(each));

  await visit.each(groups(chosen, size), async (page, group) => {
    const opened = openFrames(visit, page, group.map(urlOf));
    if (how === 'wild') {
      for (const frame of await opened.catch(() => [])) await visit.wait(page.label, frame.evaluate(provoke, true)).catch(() => {});
      return;
    }
    const frames = await opened;
    const urls = new Map(group.map((each) => [urlOf(each), each]));
    assert.equal(frames.length, group.length, page.label);
    const look = async (frame) => {
      const name = urls.get(frame.url())?.name;
      if (!name) visit.watcher.note(page.label, `went to ${frame.url()}`);
      else if (how === 'provoke') await visit.wait(name, frame.evaluate(provoke, false));
      else for (const bad of await visit.wait(name, frame.evaluate(inspect))) visit.watcher.note(name, bad);
    };
    await Promise.all(frames.map(look));
    seen += frames.length;
  });
  return seen;
}

/** The message page: what is around the frame must be as it is around "x". */
export async function visitPages(visit, list, { more = '', remote = false } = {}) {
  const seen = [];
  let chosen = list;

  if (remote) {
    await visit.allow(list);
    chosen = list.filter(({ uid }) => visit.tokens.get(uid));
  }
  const look = async (page, { uid, name, isMime }) => {
    const token = visit.tokens.get(uid);
    const url = visit.address('/message', uid, remote && token ? `&remote=${token}` : more);
    await page.goto(url, { waitUntil: 'load' });
    // It is loaded when it is near: those in what is folded are not.
    for (const it of await page.locator('iframe.frame').filter({ visible: true }).elementHandles()) {
      await it.scrollIntoViewIfNeeded();
      const frame = await it.contentFrame();
      await frame.waitForURL(/\/body\?/);
      await frame.waitForLoadState('load');
    }
    await visit.wait(name, page.evaluate(() => scrollTo(0, 0)));
    const found = await visit.wait(name, page.evaluate(outside));
    // Files, cards and notices of its own are right there.
    found.globals = found.globals.replace(/^(\d+,)*/, '');
    if (page.url() !== url) visit.watcher.note(name, `went to ${page.url()}`);
    seen.push({ name, isMime, found });
  };
  await visit.each([put.harmless, ...chosen], look);
  const before = seen.find(({ name }) => name === put.harmless.name).found;
  for (const { name, isMime, found } of seen) {
    const differ = isMime ? ['shape', 'title', 'frame', 'frames', 'reachable'] : [];
    for (const [what, value] of Object.entries(found))
      if (!differ.includes(what) && JSON.stringify(value) !== JSON.stringify(before[what]))
        visit.watcher.note(name, `${what} is ${value} instead of ${before[what]}`);
  }
}

/** Nothing happened, but that images which were let in were asked for. */
export function assertQuiet({ asked, hosts, found }, addresses = []) {
  assert.deepEqual(found, []);
  const allowed = new Set(addresses);
  assert.deepEqual(asked.filter((url) => !allowed.has(url)), [], 'addresses in the log of the network');
  const told = new Set([...allowed].map((url) => Number(/h(\d+)\./.exec(url)[1])));
  assert.deepEqual([...hosts].filter((number) => !told.has(number)), [], 'hosts in the log of the network');
}
