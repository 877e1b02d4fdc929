#!/usr/bin/env node
// Pictures of every page: light and dark, wide, tablet and phone, in English,
// Japanese and Arabic, to be looked at by people.
//   make pictures [TESTS='list message'] [LANGUAGES='en ar'] [SIZES=phone] [COLOURS=dark]
// Into build/shots/pages: one file each, NAME-LANGUAGE-SIZE-COLOURS.png; a
// sheet of a page's pictures beside each other, sheet-NAME.png; index.html
// has all of them. Whatever the browser complains about is told at the end.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Browser, Rig, Watch, here, login, shotFolder } from './harness.mjs';
import { allBytes, letter } from './steps.mjs';

const FOLDER = join(shotFolder, 'pages');
const ALL_SIZES = {
  wide: { width: 1440, height: 900 },
  tablet: { width: 820, height: 1180 },
  phone: { width: 360, height: 740 },
};
const some = (name, all) => (process.env[name] ?? all).split(' ').filter(Boolean);
const LANGUAGES = some('LANGUAGES', 'en ja ar');
const COLOURS = some('COLOURS', 'light dark');
const SIZES = Object.fromEntries(some('SIZES', Object.keys(ALL_SIZES).join(' ')).map((each) => [each, ALL_SIZES[each]]));
const words = process.argv.slice(2);
const MOST = 2400; // px of a page's height that a picture shows

const CARDS = [
  ['Ζωή Παπαδοπούλου', 'zoe@books.example', 'Βιβλιοπωλείο'],
  ['Mila Novak', 'mila@novak.example', 'Novak & Daughters'],
  ['山田 花子', 'hanako@example.jp', '山田商店'],
  ['ليلى حداد', 'layla@example.org', 'مكتبة الحديقة'],
  ['Novak, Mila', 'm.novak@work.example', ''],
].map(([name, address, place]) =>
  `BEGIN:VCARD\nVERSION:4.0\nFN:${name}\nORG:${place}\nEMAIL:${address}\nTEL:+45 20 123456\nCATEGORIES:Friends\nEND:VCARD\n`).join('');

/* What is done in a form by its parts' names: words differ by language. */
const send = (page, verb) =>
  Promise.all([page.waitForNavigation(), page.locator(`main button[name=do][value="${verb}"]:visible`).first().click()]);

/** A message of the sample mail, by its subject. */
const message = (subject) => async ({ page, at }) => {
  await page.goto(at('/list?folder=INBOX'));
  const link = page.locator('.list tbody tr', { hasText: subject }).locator('.c-subject a').first();
  await page.goto(at(await link.getAttribute('href')));
  for (const frame of page.frames().slice(1)) await frame.waitForLoadState();
};
/** A row for each conversation ("threads"), or for each message ("single"). */
async function rowsAre({ page, at }, what) {
  await page.goto(at('/list?folder=INBOX'));
  await page.locator('.view-menu > summary').click();
  await send(page, what);
}
const address = (path) => ({ page, at }) => page.goto(at(path));

/* How one comes to each page. Those before the login first. */
const BEFORE = {
  login: address('/login'),
  'login-wrong': async ({ page, at }) => {
    await page.goto(at('/login'));
    await page.fill('[name=name]', 'anna');
    await page.fill('[name=password]', 'not her password');
    await Promise.all([page.waitForNavigation(), page.click('#login button.main')]);
  },
  'logged-off': address('/loggedoff'),
  connection: address('/connection'),
  trust: address('/trust'),
  'help-before': address('/help'),
};
const PAGES = {
  list: address('/list?folder=INBOX'),
  'list-ticked': async ({ page, at }) => {
    await page.goto(at('/list?folder=INBOX'));
    for (const row of [1, 3]) await page.locator('.list input[name=uid]').nth(row).check();
  },
  'list-view': async ({ page, at }) => {
    await page.goto(at('/list?folder=INBOX'));
    await page.locator('.view-menu > summary').click();
  },
  'list-first': address('/list?folder=INBOX&first=1'),
  'settings-file': address('/settings/file'),
  'list-folders': async ({ page, at }) => {
    // With another fragment alone, the page would stay as it was.
    await page.goto('about:blank');
    await page.goto(at('/list?folder=INBOX#folders'));
  },
  'list-empty': address('/list?folder=Junk'),
  'list-sent': address('/list?folder=Sent'),
  'list-drafts': address('/list?folder=Drafts'),
  notice: async ({ page, at }) => {
    await page.goto(at('/list?folder=INBOX'));
    await page.locator('.list input[name=uid]').nth(2).check();
    await send(page, 'flag');
  },
  'message-text': message('A pond'),
  'message-newsletter': message('Garden'),
  'message-files': message('Everything for the meeting'),
  'message-invitation': message('Invitation: Planting day'),
  'message-card': message('My new number'),
  'message-bounce': message('Undelivered Mail'),
  'message-pretender': message('Your parcel waits'),
  'message-arabic': message('موعد يوم الخميس'),
  'message-japanese': message('会議の資料'),
  'message-nested': message('Fwd: Fwd: Soil'),
  'message-conversation': message('Re: The fence'),
  headers: async (t) => {
    await message('A pond')(t);
    await t.page.goto(t.at(await t.page.locator('a[href*="/headers"]').first().getAttribute('href')));
  },
  print: async (t) => {
    await message('A pond')(t);
    await t.page.goto(t.at(await t.page.locator('a[href*="/print"]').first().getAttribute('href')));
  },
  compose: address('/compose'),
  'compose-written': async ({ page, at }) => {
    await page.goto(at('/compose?to=layla%40example.org'));
    await page.fill('#subject', 'The garden on Thursday');
    await page.fill('#body', 'Dear Layla,\n\nI bring the seeds. مع التحية\n\nAnna\n');
  },
  'compose-reply': async (t) => {
    await message('A pond')(t);
    await t.page.goto(t.at(await t.page.locator('[data-key=r]').first().getAttribute('href')));
  },
  'compose-wrong': async ({ page, at }) => {
    await page.goto(at('/compose'));
    await page.fill('#to', 'not an address');
    await page.fill('#subject', 'Weekend');
    await page.setInputFiles('#file', [{ name: 'Fahrplan der Schifffahrtsgesellschaft (Sommer).pdf', mimeType: 'application/pdf', buffer: allBytes(3000) }]);
    await send(page, 'send');
  },
  'search-form': address('/search'),
  'search-help': address('/search/help'),
  results: async ({ page, at }) => {
    await page.goto(at('/list?folder=INBOX'));
    await page.fill('#q', 'garden');
    await Promise.all([page.waitForNavigation(), page.press('#q', 'Enter')]);
    await page.locator('.search-end').waitFor({ state: 'attached' });
  },
  'results-none': async ({ page, at }) => {
    await page.goto(at('/list?folder=INBOX'));
    await page.fill('#q', 'nobodywrotethis');
    await Promise.all([page.waitForNavigation(), page.press('#q', 'Enter')]);
    await page.locator('.search-end').waitFor({ state: 'attached' });
  },
  folders: address('/folders'),
  folder: address('/folder?folder=Archive'),
  labels: address('/labels'),
  settings: address('/settings'),
  identities: address('/identities'),
  'identity-new': address('/identities?id=new'),
  responses: address('/responses'),
  'responses-new': address('/responses?id=new'),
  contacts: address('/contacts'),
  contact: async ({ page, at }) => {
    await page.goto(at('/contacts'));
    await page.goto(at(await page.locator('.book-list a').first().getAttribute('href')));
  },
  'contacts-merge': address('/contacts/merge'),
  'contacts-import': address('/contacts/import'),
  'contacts-export': address('/contacts/export'),
  senders: address('/senders'),
  devices: address('/devices'),
  outbox: address('/outbox'),
  import: address('/import'),
  keys: address('/keys'),
  help: address('/help'),
  'secure-leave': address('/secure'),
  'error-not-found': address('/nothing-here'),
  'error-no-message': address('/message?folder=INBOX&uid=999999'),
  'error-no-folder': address('/list?folder=Nowhere'),
  confirm: async ({ page, at }) => {
    await page.goto(at('/list?folder=Trash'));
    await page.locator('.list input[name=uid]').first().check();
    await send(page, 'delete');
  },
  'list-conversations': async (t) => {
    await rowsAre(t, 'threads');
    await t.page.locator('a.thread').first().click();
  },
};

const chosen = (pages) => Object.entries(pages).filter(([name]) =>
  !words.length || words.some((word) => name.includes(word)));

/** Contacts, an identity and a response, so that their pages show some. */
async function fill({ page, at, rig }) {
  await page.goto(at('/contacts/import'));
  await page.setInputFiles('#file', { name: 'book.vcf', mimeType: 'text/vcard', buffer: Buffer.from(CARDS) });
  await Promise.all([page.waitForNavigation(), page.locator('main form button').first().click()]);
  await Promise.all([page.waitForNavigation(), page.locator('main form button').first().click()]);
  await page.goto(at('/responses?id=new'));
  await page.fill('[name=name]', 'We have room');
  await page.fill('[name=subject]', 'Your reservation');
  await page.fill('[name=body]', 'Thank you for writing.\n');
  await send(page, 'save');
  await rig.call('append', { user: 'anna', folder: 'Trash', message: letter({ subject: 'Old news' }) });
}

async function take({ page, language, taken }, name, come) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    await page.setViewportSize(viewport);
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await come();
    for (const colorScheme of COLOURS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      const high = await page.evaluate(() => document.documentElement.scrollHeight);
      const file = `${name}-${language}-${size}-${colorScheme}.png`;
      const clip = { x: 0, y: 0, width: viewport.width, height: Math.min(Math.max(high, viewport.height), MOST) };
      await page.screenshot({ path: join(FOLDER, file), fullPage: true, clip });
      taken.push({ name, language, size, colorScheme, file });
    }
  }
}

/** All pages in one language. */
async function all(browser, rig, server, language, taken, wrong) {
  const context = await browser.chromium.newContext({ locale: language, timezoneId: 'Europe/Berlin', reducedMotion: 'reduce' });
  const watch = new Watch(rig.host);
  watch.allowed.push(/the server responded with a status of/);
  watch.context(context);
  context.setDefaultTimeout(60000);
  const page = await context.newPage();
  const at = (path) => server.secure + path;
  const each = async (pages) => {
    for (const [name, come] of chosen(pages)) {
      try {
        await take({ page, language, taken }, name, () => come({ page, at, rig }));
      } catch (error) {
        wrong.push(`${name}, ${language}: ${error.message.split('\n')[0]}`);
      }
    }
  };
  await each(BEFORE);
  await page.setViewportSize(ALL_SIZES.wide);
  await login(page, server, 'anna', rig.password, { secure: true });
  if (taken.filled !== true) await fill({ page, at, rig });
  taken.filled = true;
  await each(PAGES);
  await rowsAre({ page, at }, 'single');
  wrong.push(...watch.problems.map((each) => `${language}: ${each}`));
  await context.close();
}

const HEAD = '<!doctype html><meta charset="utf-8"><title>Pages</title><style>body{font:14px system-ui;margin:16px;background:#777}section{display:flex;flex-wrap:wrap;gap:8px;align-items:flex-start;background:#777;padding:8px}h2{flex:1 0 100%;margin:8px 0;color:#fff}figure{margin:0}img{display:block}.wide img{width:620px}.tablet img{width:380px}.phone img{width:250px}figcaption{color:#fff;font-size:12px}</style>';

/** index.html, and of each page one picture of them all. */
async function sheets(browser, taken) {
  const part = (name) => `<section id="${name}"><h2>${name}</h2>${taken.filter((each) => each.name === name)
    .map(({ language, size, colorScheme, file }) => `<figure class="${size}"><a href="${file}"><img src="${file}" alt=""></a><figcaption>${language}, ${size}, ${colorScheme}</figcaption></figure>`).join('')}</section>`;
  const names = [...new Set(taken.map(({ name }) => name))];
  writeFileSync(join(FOLDER, 'index.html'), HEAD + names.map(part).join('\n'));
  const page = await browser.chromium.newPage({ viewport: { width: 1920, height: 1200 } });
  await page.goto(`file://${join(FOLDER, 'index.html')}`);
  for (const name of names) {
    const section = page.locator(`#${name}`);
    await section.locator('img').evaluateAll((images) => Promise.all(images.map((image) => image.decode())));
    await section.screenshot({ path: join(FOLDER, `sheet-${name}.png`) });
  }
  await page.close();
}

const rig = new Rig();
const taken = [];
const wrong = [];
let browser;
try {
  await rig.start();
  await rig.call('seed');
  await rig.call('showcase');
  const server = rig.addresses(await rig.call('server', { sections: { SSL: { TrustPage: 1, TrustPageCA: rig.ca_file } } }));
  browser = new Browser(rig);
  await browser.start();
  mkdirSync(FOLDER, { recursive: true });
  for (const language of LANGUAGES) await all(browser, rig, server, language, taken, wrong);
  await sheets(browser, taken);
} finally {
  await browser?.stop();
  await rig.stop();
}
for (const each of wrong) console.log(`# ${each}`);
console.log(`${taken.length} pictures: ${join(FOLDER, 'index.html').replace(join(here, '..', '..') + '/', '')}`);
process.exitCode = wrong.length ? 1 : 0;
