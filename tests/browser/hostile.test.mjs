// Attack mails in the running program, in Chromium: no script runs, no
// request leaves, nothing outside of the frame changes. Then with walls taken
// away: each of the others is enough alone (design, section 8).

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assert, here, login, test } from './harness.mjs';
import { fillLogin } from './steps.mjs';
import { expand, message } from './hostile/attacks.mjs';
import { serveBare } from './hostile/bare.mjs';
import { attackFiles } from './hostile/files.mjs';
import { silent } from './hostile/silent.mjs';
import { Visit, assertQuiet, mails, visitPages, visitTexts } from './hostile/visit.mjs';

// `make hostile`: every page in every state of every wall, and what the attacks
// do without any. `make check` has less of it.
const isComplete = process.env.IWEBMSG_HOSTILE === 'complete';
const SANDBOX = / sandbox="[^"]*"/;

const wall = async (t, name, more = {}) => t.rig.addresses(await t.rig.call('server', { wall: name, ...more }));

/** Our own templates without the sandbox around the frame. */
function withoutSandbox() {
  const folder = join(here, '..', '..', 'templates');
  const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  const boxed = texts.filter(([, text]) => SANDBOX.test(text));
  assert.ok(boxed.length > 0, 'templates with a sandbox');
  return Object.fromEntries(boxed.map(([name, text]) => [name, text.replace(new RegExp(SANDBOX, 'g'), '')]));
}

/**
 * The pages that show texts: each text by itself; with `pages` that of the
 * message, in packs, and with `print` the one that is printed.
 */
async function visitAll(visit, { all, many }, { remote, pages, print }) {
  const few = [...many, ...all.filter(({ alone }) => alone)];
  const seen = await visitTexts(visit, all, { remote });
  if (print) await visitTexts(visit, few, { remote, path: '/print' });
  if (pages) await visitPages(visit, few, { remote });
  return seen;
}

/** Nothing happens; then, once images are let in, nothing but that they are asked for. */
async function nothingHappens(t, server, name, { pages }) {
  const set = await mails(t);
  const visit = await new Visit(t, server, name).start();
  const seen = await visitAll(visit, set, { remote: false, pages, print: pages });
  if (pages) await visitPages(visit, set.many, { more: '&show=plain' });
  await visit.letImagesIn({ imagesAllowed: true });
  const remote = await visitAll(visit, set, { remote: true, pages, print: isComplete });
  const { blocked, allowed } = await visit.end(set.all);
  assert.ok(seen > 400, `${seen} texts`);
  assert.ok(remote > 80, `${remote} texts with images`);
  assertQuiet(blocked);
  assertQuiet(allowed, visit.watcher.allowed);
  assert.ok(allowed.asked.length > 5, `${allowed.asked.length} images were asked for`);
}

test('hostile: nothing happens, with images blocked and allowed', {}, async (t) => {
  const { all } = await mails(t);
  assert.ok(all.length >= 250, `${all.length} attacks`);
  await nothingHappens(t, t.server, 'all-walls', { pages: true });
});

test('hostile: without policy and sandbox the cleaner is enough', {}, async (t) => {
  const server = await wall(t, 'no-policy', { templates: withoutSandbox() });
  await nothingHappens(t, server, 'no-policy', { pages: isComplete });
});

// No policy stops what Chromium 156 looks up or connects to ahead of a request
// that it then does not make: for dns-prefetch and preconnect, for frames and
// for forms. Only the cleaner does.
const AHEAD = /dns-prefetch|preconnect|<i?frame|<fencedframe|<object|<embed|<form|<portal/i;
const HAPPENED = /iwebmsg ran|^dialog|^script error|download|went to/;

/** Requests elsewhere: none, or only of what the policy counts as an image. */
function assertOnlyImages({ asked, hosts, found }, { all, own, addresses }) {
  const images = new Set(addresses.map((url) => url.replace(/#.*/, '')));
  // Images of our own are allowed; there they are asked for without a cookie.
  // Drawings that a filter or `use` names are images, too.
  const isRight = (url) => url.startsWith(`${own}/`) || images.has(url) || (images.size && /^https:.*\.svg$/.test(url));
  assert.deepEqual(asked.filter((url) => !isRight(url)), [], 'addresses in the log of the network');
  assert.deepEqual(found.filter((what) => HAPPENED.test(what)), []);
  const told = new Set(asked.map((url) => Number(/h(\d{4})\./.exec(url)?.[1])));
  const ahead = all.filter(({ number }) => hosts.has(number) && !told.has(number));
  assert.deepEqual(ahead.filter(({ html }) => !AHEAD.test(html)).map(({ name }) => name), []);
  return ahead.length;
}

// What has to hold: no script, window, dialog, download; no request while
// images are blocked; once they are let in none but for images, over https.
test('hostile: without the cleaner policy and sandbox are enough', {}, async (t) => {
  const { all } = await mails(t);
  const server = await wall(t, 'no-cleaner');
  const visit = await new Visit(t, server, 'no-cleaner', { loud: false }).start();
  const seen = await visitTexts(visit, all, { how: 'provoke' });
  await visit.letImagesIn({ anyImage: true });
  const remote = await visitTexts(visit, all, { how: 'provoke', remote: true });
  const { blocked, allowed } = await visit.end(all);
  assert.ok(seen > 400 && remote > 80, `${seen} texts, ${remote} with images`);
  const ahead = assertOnlyImages(blocked, { all, own: server.secure, addresses: [] });
  assert.ok(ahead > 0, 'connections ahead are seen');
  assertOnlyImages(allowed, { all, own: server.secure, addresses: visit.watcher.allowed });
  assert.ok(visit.watcher.allowed.length > 20, 'images are seen');
});

/** What of `list` did something, by the watcher and the log of the network. */
function awake({ hosts, found }) {
  const alive = new Set(hosts);
  for (const what of found)
    for (const [, number] of what.matchAll(/(?:ran |\bn?h)(\d{4})\b/g)) alive.add(Number(number));
  return alive;
}

// What shows that the attacks are some: each one that does nothing to a page
// without any wall is listed with the reason.
if (isComplete) test('hostile: without any wall every attack does something, or is known not to', {}, async (t) => {
  const { all } = await mails(t);
  const files = attackFiles();
  const server = await wall(t, 'no-walls', { templates: withoutSandbox() });
  const visit = await new Visit(t, server, 'no-walls', { loud: false }).start();
  for (const page of visit.pages) page.downloads = true;
  // A page that an attack takes away takes its group along: small ones.
  await visitTexts(visit, all, { how: 'wild', size: 8 });
  // Those that others took away, and those that were not quick enough: alone.
  const quiet = () => all.filter(({ number, name }) => !silent.has(name) && !awake({ hosts: [], found: visit.watcher.found }).has(number));
  await visitTexts(visit, quiet(), { how: 'wild', size: 1 });
  const bare = await serveBare(files);
  await visit.pages[0].goto(bare.url, { waitUntil: 'load' });
  const { blocked } = await visit.end([...all, ...files]);
  bare.close();
  const alive = awake(blocked);
  const dead = all.filter(({ number, name }) => !alive.has(number) && !silent.has(name));
  assert.deepEqual(dead.map(({ name }) => name), [], 'attacks that do nothing');
  const known = new Set(all.map(({ name }) => name));
  assert.deepEqual([...silent.keys()].filter((name) => !known.has(name)), [], 'reasons without an attack');
  assert.deepEqual(files.filter((each) => !alive.has(each.number) && !each.silent).map(({ name }) => name), []);
});

/** Numbers of a document's marks that stand in its text, in their order. */
const marks = (html) =>
  [...new DOMParser().parseFromString(html, 'text/html').body.querySelectorAll('p')]
    .filter((it) => it instanceof HTMLElement && /^\d{4}$/.test(it.textContent.trim().split('\n')[0]))
    .map((it) => Number(it.textContent.trim().split('\n')[0]));

test('hostile: in mails of many attacks none hides another', {}, async (t) => {
  const { many } = await mails(t);
  const { page, server } = t;
  const hidden = [];
  t.allow(/Content Security Policy/); // it tells of what is only parsed, too
  await login(page, server, 'chloe', t.rig.password, { secure: true });
  for (const { uid, numbers, name, html } of many) {
    const raw = await page.evaluate(marks, html);
    hidden.push(...numbers.filter((number) => !raw.includes(number)).map((number) => `${name}: ${number} as it came`));
    const cleaned = await page.evaluate(async (url) => (await fetch(url)).text(), `/body?folder=Hostile&uid=${uid}`);
    const left = await page.evaluate(marks, cleaned);
    hidden.push(...numbers.filter((number) => !left.includes(number)).map((number) => `${name}: ${number} when cleaned`));
  }
  assert.deepEqual(hidden, []);
});

// Tests of the tests: one thing that the cleaner lets through, and it is told
// by name. {J} and {H} as everywhere.
const HOLES = [
  ['a handler', '<img src="data:," onerror="{J}">', /onerror|Content Security Policy|Blocked script|Refused/, /ran {N}/],
  ['a script', '<script>{J}</script>', /<script>|Content Security Policy|Blocked script|Refused/, /ran {N}/],
  ['a link', '<a href="javascript:{J}">x</a>', /link to javascript:/, /link to javascript:/],
  ['an image', '<img src="https://{H}/ok.png">', /Content Security Policy|Refused|violates/, /image: https:..h{N}/],
  ['a layer', '<div style="position:fixed;inset:0">x</div>', /div is fixed/, /div is fixed/],
  ['a form', '<form action="https://{H}/bad"><button>x</button></form>', /<form/, /<form/],
];

test('hostile: a hole in the cleaner is told, with the policy and without', {}, async (t) => {
  const list = HOLES.map(([title, html], at) => {
    const number = 9000 + at;
    const body = expand(`<p>x</p><!--leak-->${html}`, number);
    return { title, number, name: `hole: ${title}`, mail: message(`Content-Type: text/html\n\n${body}\n`), uid: at + 1 };
  });
  await t.rig.call('append_all', { user: 'chloe', folder: 'Holes', messages: list.map(({ mail }) => mail) });
  for (const [at, name] of [[2, 'leaky'], [3, 'leaky-alone']]) {
    const visit = await new Visit(t, await wall(t, name), name, { folder: 'Holes' }).start();
    await visitTexts(visit, list);
    const { blocked } = await visit.end(list);
    assert.throws(() => assertQuiet(blocked));
    for (const hole of list) {
      const expected = new RegExp(HOLES[hole.uid - 1][at].source.replace('{N}', hole.number));
      const told = blocked.found.filter((what) => what.startsWith(`${hole.name}`));
      assert.ok(told.some((what) => expected.test(what)), `${name}, ${hole.name}: ${told.join('; ')} of ${blocked.found.join('\n')}`);
    }
  }
});

// Cannot happen but by memory that runs out: the words alone are shown.
test('hostile: what cannot be cleaned is shown as words, without addresses in addresses', {}, async (t) => {
  const html = '<!--tangled--><p>Write to zoe@example.org, or see https://example.org/x.</p><script>alert(1)</script><img src=x onerror=alert(1)>';
  await t.rig.call('append_all', { user: 'chloe', folder: 'Tangled', messages: [message(`Content-Type: text/html\n\n${html}\n`)] });
  const server = await wall(t, 'leaky');
  const { page } = t;
  await page.goto(`${server.secure}/`);
  await page.check('input[name=expire]');
  await fillLogin(page, 'chloe', t.rig.password);
  await page.goto(`${server.secure}/body?folder=Tangled&uid=1`);
  assert.match(await page.innerText('body'), /Write to zoe@example\.org/);
  const links = await page.$$eval('a', (all) => all.map(({ href }) => href));
  assert.equal(links.length, 2);
  assert.deepEqual(links.filter((url) => url.includes('zoe')), []);
  const written = links.find((url) => url.includes('/compose?m='));
  assert.ok(written, links.join(' '));
  await page.goto(written);
  assert.equal(await page.inputValue('input[name=to], textarea[name=to]'), 'zoe@example.org');
});
