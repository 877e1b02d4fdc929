// Attack mails in the running program, in Chromium: no script runs, no
// request leaves, nothing outside of the frame changes. Then with walls taken
// away: each of the others is enough alone (design, section 8).

import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, here, login, test } from './harness.mjs';
import { attacks, harmless, packs } from './hostile/attacks.mjs';
import { inspect, outside, provoke } from './hostile/look.mjs';
import { Watcher, readNetLog } from './hostile/watcher.mjs';

const FOLDER = 'Hostile';
const ACROSS = 2; // pages at a time
const SANDBOX = / sandbox="[^"]*"/;

let put = null;

/** All attacks with their UIDs in Chloe's folder, the same for all tests. */
async function mails(t) {
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

/** A Chromium of its own that writes down what its network does. */
class Visit {
  constructor(t, server, name, values = {}) {
    Object.assign(this, { t, server, watcher: Object.assign(new Watcher(), values) });
    this.pagesSeen = [];
    this.log = join(tmpdir(), `iwebmsg-${process.pid}-${name}.json`);
    this.folder = `hostile-${name}`;
  }

  async start() {
    const { t } = this;
    const page = await t.other(this.folder, {
      flags: [`--log-net-log=${this.log}`, '--net-log-capture-mode=Default'],
    });
    this.context = page.context();
    // What the pages complain about is the watcher's matter here.
    t.allow(/./);
    await this.watcher.context(this.context);
    this.home = page;
    await login(page, this.server, 'chloe', t.rig.password, { secure: true });
    this.pages = await Promise.all(Array.from({ length: ACROSS }, () => this.watcher.page(this.context)));
    return this;
  }

  address(path, uid, more = '') {
    return `${this.server.secure}${path}?folder=${FOLDER}&uid=${uid}${more}`;
  }

  /** Runs `look(page, mail)` for each mail, several at a time. */
  async each(list, look) {
    const queue = [...list];
    const work = async (page) => {
      for (let mail = queue.shift(); mail; mail = queue.shift()) {
        page.label = mail.name;
        await look(page, mail);
      }
    };
    await Promise.all(this.pages.map(work));
  }

  /** The token by which the program itself lets images in, or null. */
  async token(uid) {
    const text = await this.home.evaluate(
      async (url) => (await fetch(url)).text(),
      this.address('/message', uid),
    );
    return /[?&;]remote=([\w-]+)/.exec(text)?.[1] ?? null;
  }

  async end() {
    await this.context.close();
    const found = readNetLog(this.log);
    rmSync(this.log);
    return found;
  }
}

/** Opens addresses as frames of a page of ours, many at once; their frames. */
async function openFrames(visit, page, urls) {
  await page.goto(visit.server.secure + '/settings');
  await page.evaluate(
    (each) =>
      Promise.all(
        each.map((src) => {
          const frame = document.createElement('iframe');
          frame.style = 'width:600px;height:300px';
          frame.src = src;
          const loaded = new Promise((done) => frame.addEventListener('load', done, { once: true }));
          document.querySelector('main').append(frame);
          return loaded;
        }),
      ),
    urls,
  );
  return page.mainFrame().childFrames();
}

/** Groups of up to `size`. */
const groups = (list, size) =>
  Array.from({ length: Math.ceil(list.length / size) }, (_, at) => list.slice(at * size, at * size + size));

/**
 * Each attack's formatted text in a frame, without an attribute `sandbox`:
 * what the answer itself says has to be enough. `path`: /body or /print.
 */
async function visitTexts(visit, list, { path = '/body', remote = false, clean = true, size = 24, wild = false } = {}) {
  let seen = 0;
  await visit.each(groups(list, size), async (page, group) => {
    page.label = `${group[0].name} to ${group.at(-1).name}`;
    const urls = [];
    for (const { uid, isMime } of group) {
      const token = remote ? await visit.token(uid) : null;
      const url = visit.address(path, uid, token ? `&remote=${token}` : '');
      if (remote && !token) continue;
      if (!isMime || (await visit.home.evaluate(async (it) => (await fetch(it)).ok, url))) urls.push(url);
    }
    const frames = await openFrames(visit, page, urls).catch((error) => {
      if (!wild) throw error;
      return [];
    });
    if (wild) for (const frame of frames) await frame.evaluate(provoke).catch(() => {});
    if (wild) return;
    assert.equal(frames.length, urls.length, page.label);
    for (const frame of frames) {
      const uid = Number(/uid=(\d+)/.exec(frame.url())?.[1]);
      const name = group.find((each) => each.uid === uid)?.name ?? page.label;
      if (!urls.includes(frame.url())) visit.watcher.note(name, `went to ${frame.url()}`);
      else if (!clean) await frame.evaluate(provoke);
      else for (const bad of await frame.evaluate(inspect)) visit.watcher.note(name, bad);
      seen += 1;
    }
  });
  return seen;
}

/** The message page: what is around the frame must be as it is around "x". */
async function visitPages(visit, list, { more = '', remote = false } = {}) {
  let before = null;
  await visit.each([put.harmless, ...list], async (page, { uid, name, isMime }) => {
    const token = remote ? await visit.token(uid) : null;
    const url = visit.address('/message', uid, token ? `&remote=${token}` : more);
    await page.goto(url, { waitUntil: 'load' });
    // It is loaded when it is near: those in what is folded are not.
    for (const it of await page.locator('iframe.frame').filter({ visible: true }).elementHandles()) {
      await it.scrollIntoViewIfNeeded();
      const frame = await it.contentFrame();
      await frame.waitForURL(/\/body\?/);
      await frame.waitForLoadState('load');
    }
    await page.evaluate(() => scrollTo(0, 0));
    const found = await page.evaluate(outside);
    // Files, cards and notices of its own are right there.
    found.globals = found.globals.replace(/^(\d+,)*/, '');
    if (isMime) found.shape = found.title = found.frame = found.frames = '';
    if (uid === put.harmless.uid) before = found;
    else visit.pagesSeen.push({ name, found });
    if (page.url() !== url) visit.watcher.note(name, `went to ${page.url()}`);
  });
  for (const { name, found } of visit.pagesSeen.splice(0)) {
    const expected = { ...before };
    if (found.shape === '') expected.shape = expected.title = expected.frame = expected.frames = '';
    assert.deepEqual(found, expected, name);
  }
}

function assertQuiet(visit, { asked, hosts }) {
  assert.deepEqual(visit.watcher.found, []);
  const allowed = new Set(visit.watcher.allowed);
  assert.deepEqual(asked.filter((url) => !allowed.has(url)), [], 'addresses in the log of the network');
  const told = new Set([...allowed].map((url) => Number(/h(\d+)\./.exec(url)[1])));
  assert.deepEqual([...hosts].filter((number) => !told.has(number)), [], 'hosts in the log of the network');
}

test('hostile: nothing happens while remote images are blocked', {}, async (t) => {
  const { all, many } = await mails(t);
  assert.ok(all.length >= 250, `${all.length} attacks`);
  const visit = await new Visit(t, t.server, 'blocked').start();
  const seen = await visitTexts(visit, all);
  assert.ok(seen > 400, `${seen} texts`);
  await visitPages(visit, [...many, ...all.filter(({ alone }) => alone)]);
  await visitPages(visit, many, { more: '&show=plain' });
  assertQuiet(visit, await visit.end());
});

test('hostile: nothing but images is loaded once they are allowed', {}, async (t) => {
  const { all, many } = await mails(t);
  const visit = await new Visit(t, t.server, 'allowed', { imagesAllowed: true }).start();
  await visitTexts(visit, all, { remote: true, path: '/print' });
  await visitTexts(visit, all.filter(({ kind }) => kind === 'load' || kind === 'css'), { remote: true });
  await visitPages(visit, many, { remote: true });
  const log = await visit.end();
  assertQuiet(visit, log);
  assert.ok(log.asked.length > 5, `${log.asked.length} images were asked for`);
});

// No policy stops what Chromium 156 looks up or connects to ahead of a request
// that it then does not make: for dns-prefetch and preconnect, for frames and
// for forms. Only the cleaner does.
const AHEAD = /dns-prefetch|preconnect|<i?frame|<fencedframe|<object|<embed|<form|<portal/i;

test('hostile: without the cleaner policy and sandbox are enough', {}, async (t) => {
  const { all } = await mails(t);
  const server = t.rig.addresses(await t.rig.call('server', { wall: 'no-cleaner' }));
  const visit = await new Visit(t, server, 'no-cleaner', { loud: false }).start();
  await visitTexts(visit, all, { clean: false });
  const { asked, hosts } = await visit.end();
  // Images of our own are allowed; there they are asked for without a cookie.
  const elsewhere = asked.filter((url) => !url.startsWith(`${server.secure}/`));
  assert.deepEqual(elsewhere, [], 'addresses in the log of the network');
  const ran = visit.watcher.found.filter((what) => /iwebmsg ran|^dialog|^script error|download/.test(what));
  assert.deepEqual(ran, []);
  const ahead = all.filter(({ number }) => hosts.has(number));
  assert.deepEqual(ahead.filter(({ html }) => !AHEAD.test(html)).map(({ name }) => name), []);
  assert.ok(ahead.length > 0, 'connections ahead are seen');
});

/** Our own templates without the sandbox around the frame. */
function withoutSandbox() {
  const folder = join(here, '..', '..', 'templates');
  const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  const boxed = texts.filter(([, text]) => SANDBOX.test(text));
  assert.ok(boxed.length > 0, 'templates with a sandbox');
  return Object.fromEntries(boxed.map(([name, text]) => [name, text.replace(new RegExp(SANDBOX, 'g'), '')]));
}

test('hostile: without policy and sandbox the cleaner is enough', {}, async (t) => {
  const { all, many } = await mails(t);
  const server = t.rig.addresses(await t.rig.call('server', { wall: 'no-policy', templates: withoutSandbox() }));
  const visit = await new Visit(t, server, 'no-policy').start();
  await visitTexts(visit, all);
  await visitPages(visit, many);
  assertQuiet(visit, await visit.end());
});

test('hostile: without any wall most attacks do what they mean to', {}, async (t) => {
  const { all } = await mails(t);
  const server = t.rig.addresses(await t.rig.call('server', { wall: 'no-walls', templates: withoutSandbox() }));
  const visit = await new Visit(t, server, 'no-walls', { loud: false }).start();
  const alive = new Set();
  // A page that an attack takes away takes its group along: small ones.
  await visitTexts(visit, all, { clean: false, size: 8, wild: true });
  const { hosts } = await visit.end();
  for (const what of visit.watcher.found)
    for (const [, number] of what.matchAll(/(?:ran |h)(\d{4})\b/g)) alive.add(Number(number));
  for (const number of hosts) alive.add(number);
  const dead = all.filter(({ number }) => !alive.has(number)).map(({ name }) => name);
  assert.ok(alive.size > 200, `only ${alive.size} of ${all.length} attacks did anything; not: ${dead.join('; ')}`);
});
