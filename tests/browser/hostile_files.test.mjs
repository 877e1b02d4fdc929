// Attached files that attack, opened by every link that the pages offer and
// by those they do not: nothing runs, no request leaves, and what is saved has
// a harmless name.

import { assert, test } from './harness.mjs';
import { fileMails } from './hostile/files.mjs';
import { Visit, assertQuiet } from './hostile/visit.mjs';

const FOLDER = 'Hostile files';
const RESERVED = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** What is wrong with a name under which a file is saved; or null. */
function nameFault(name) {
  if (!name || name.length > 200) return `is ${name.length} long`;
  // eslint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f/\\:*?"<>|\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/.test(name)) return 'has a sign that is harmful';
  if (/^\.|[. ]$|^ /.test(name)) return 'begins or ends with a dot or blank';
  if (RESERVED.test(name)) return 'is reserved';
  return null;
}

/** Runs in a page: addresses that it offers, and what must not be in it. */
function read() {
  const bad = [];
  for (const it of document.querySelectorAll('*'))
    for (const { name, value } of it.attributes)
      if (/^on/i.test(name) || (/^(href|src)$/.test(name) && /^\s*(javascript|data|vbscript):/i.test(value) && it.rel !== 'icon'))
        bad.push(`${it.localName} ${name}=${value}`);
  for (const it of document.scripts) if (!it.src || it.textContent) bad.push(it.outerHTML.slice(0, 100));
  const isAbout = (url) => url.origin === location.origin && /^\/(part|view|thumb|source|headers|zip|print|body)$/.test(url.pathname);
  const links = [...document.querySelectorAll('main a[href], img.thumb, main > img, iframe.frame, audio, video')]
    .map((it) => new URL(it.href || it.src, location.href))
    .filter(isAbout)
    .map(String);
  if (document.querySelector('a[href*="/message?"][href*="part="]'))
    links.push(...[...document.querySelectorAll('a[href*="/message?"][href*="part="]')].map(({ href }) => href));
  return { bad, links: [...new Set(links)], type: document.contentType };
}

/** Goes there: a page {found}, or a download {file}. */
async function open(visit, page, url) {
  const begun = new Promise((done) => page.once('download', done));
  try {
    await page.goto(url, { waitUntil: 'load' });
  } catch (error) {
    if (!/Download is starting|ERR_ABORTED/.test(error.message)) throw error;
    return { file: (await visit.wait(`the download of ${url}`, begun)).suggestedFilename() };
  }
  if (page.url() !== url) visit.watcher.note(page.label, `${url} went to ${page.url()}`);
  return { found: await page.evaluate(read) };
}

// Types that cannot be a document of somebody's; HTML is our own page.
const SHOWN = /^(text\/(html|plain)|application\/pdf|image\/(png|jpeg|gif|webp|avif)|(audio|video)\/[\w-]+)$/;

/** Opens an address and all that its page offers; how often each way. */
async function openAll(visit, page, first, counts) {
  const queue = [first];
  const seen = new Set(queue);
  for (let url = queue.shift(); url; url = queue.shift()) {
    const way = new URL(url).pathname;
    const { file, found } = await open(visit, page, url);
    counts[way] = (counts[way] ?? 0) + 1;
    const fault = file === undefined ? null : nameFault(file);
    if (fault) visit.watcher.note(page.label, `the name ${JSON.stringify(file)} of ${url} ${fault}`);
    if (!found) continue;
    for (const bad of found.bad) visit.watcher.note(page.label, `${url}: ${bad}`);
    if (!SHOWN.test(found.type)) visit.watcher.note(page.label, `${url} is ${found.type}`);
    for (const link of found.links) {
      if (seen.has(link)) continue;
      seen.add(link);
      queue.push(link);
    }
  }
}

/** Names within a zip archive, as its directory has them. */
async function zipNames(url) {
  const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
  const view = new DataView(bytes.buffer);
  const names = [];
  for (let at = 0; at + 46 < bytes.length; at += 1) {
    if (view.getUint32(at, true) !== 0x02014b50) continue;
    const start = at + 46;
    names.push(new TextDecoder().decode(bytes.subarray(start, start + view.getUint16(at + 28, true))));
  }
  return names;
}

/** Runs in a page of ours: uses files of strangers as everything else. */
async function misuse(urls) {
  const ran = [];
  const put = (name, values) =>
    new Promise((done) => {
      const it = Object.assign(document.createElement(name), values);
      it.onload = () => done(`${name} took ${it.src || it.href}`);
      it.onerror = () => done(null);
      document.body.append(it);
    });
  for (const url of urls) {
    const tries = [
      put('script', { src: url }),
      put('script', { src: url, type: 'module' }),
      put('link', { rel: 'stylesheet', href: url }),
      import(url).then(() => `import took ${url}`, () => null),
      navigator.serviceWorker.register(url).then(() => `a service worker is ${url}`, () => null),
    ];
    ran.push(...(await Promise.all(tries)));
  }
  return ran.filter(Boolean);
}

test('hostile files: opened by every link', {}, async (t) => {
  const mails = fileMails();
  const files = mails.flatMap((each) => each.files);
  assert.ok(files.length >= 60, `${files.length} files`);
  await t.rig.call('append_all', { user: 'chloe', folder: FOLDER, messages: mails.map(({ mail }) => mail) });
  const visit = await new Visit(t, t.server, 'files', { folder: encodeURIComponent(FOLDER) }).start();
  const counts = {};
  visit.watcher.loud = false; // errors 404 of what is not there are right
  for (const { number, bytes } of files) if (Buffer.from(bytes).includes('app.alert')) visit.watcher.pdfAlerts.add(`${number}`);
  assert.ok(visit.watcher.pdfAlerts.size > 0);
  for (const page of visit.pages) page.downloads = true;

  await visit.each(mails.map((each, at) => ({ ...each, uid: at + 1 })), async (page, { uid, name }) => {
    await openAll(visit, page, visit.address('/message', uid), counts);
    const zip = await visit.home.evaluate(zipNames, visit.address('/zip', uid));
    assert.ok(zip.length > 1, `${zip.length} files in the archive`);
    assert.equal(new Set(zip.map((each) => each.toLowerCase())).size, zip.length, 'names differ');
    for (const each of zip) if (nameFault(each)) visit.watcher.note(name, `${JSON.stringify(each)} in the archive ${nameFault(each)}`);
  });

  // What no page offers, for every file: shown in place, as thumbnail, as the
  // text of the frame, as source.
  const forced = [];
  for (const [at, each] of mails.entries())
    for (let part = 2; part < each.files.length + 2; part += 1)
      for (const way of ['part', 'part', 'view', 'thumb', 'body', 'source'])
        forced.push(visit.address(`/${way}`, at + 1, `&part=${part}${way === 'part' && forced.at(-1)?.includes('/part') ? '&inline=1' : ''}`));
  const answers = await visit.home.evaluate(
    (urls) =>
      Promise.all(
        urls.map(async (url) => {
          const { ok, headers } = await fetch(url);
          const get = (name) => headers.get(name) ?? '';
          return { ok, type: get('content-type'), as: get('content-disposition'), csp: get('content-security-policy'), sniff: get('x-content-type-options') };
        }),
      ),
    forced,
  );
  const shown = [];
  answers.forEach(({ ok, type, as, csp, sniff }, at) => {
    assert.equal(sniff, 'nosniff', forced[at]);
    assert.match(csp, /default-src 'none'/, forced[at]);
    assert.match(type, /^(text\/(html|plain)|application\/(pdf|zip|octet-stream)|message\/rfc822|text\/(csv|calendar|vcard)|image\/(png|jpeg|gif)|(audio|video)\/\w+)/, forced[at]);
    if (ok && !as.startsWith('attachment')) shown.push(forced[at]);
  });
  await visit.each(shown.map((url) => ({ name: url, url })), async (page, { url }) => {
    const { found } = await open(visit, page, url);
    for (const bad of found?.bad ?? []) visit.watcher.note(url, bad);
  });

  const parts = forced.filter((url) => url.includes('/part?'));
  assert.deepEqual(await visit.home.evaluate(misuse, parts), []);
  const { blocked } = await visit.end(files);
  assertQuiet(blocked);
  for (const way of ['/message', '/part', '/view', '/thumb', '/source', '/headers', '/zip', '/print'])
    assert.ok(counts[way] > 0, `${way} was not opened: ${JSON.stringify(counts)}`);
  assert.ok(counts['/part'] >= files.length, `${counts['/part']} downloads`);
});
