// axe-core on every page that a link leads to, as it comes and with all that is
// folded opened, in both colours; and on what only a form leads to.

import { assert, findings, login, OF_COLOURS, test, WIDE } from './harness.mjs';
import { allBytes, follow, go, letter, open, press, row, unique } from './steps.mjs';

// Files, and what is somebody else's text.
const NO_PAGE = /^\/(part|zip|source|thumb|image|body|contacts\/file|trust\/ca\.cer|compose\/file|static\/)/;
const KINDS_OF_ONE = 3; // of the same page with other parameters
const PAGES_MAX = 90;

/** Notes what is wrong with the page as it stands, light and dark. */
async function look(page, name, wrong) {
  for (const [colorScheme, rules] of [['light', {}], ['dark', OF_COLOURS]]) {
    await page.emulateMedia({ colorScheme });
    for (const found of await findings(page, rules)) wrong.push(`${name}, ${colorScheme}: ${found}`);
  }
}

/** The same once everything that is folded is open. */
async function lookUnfolded(page, name, wrong) {
  const opened = await page.evaluate(() => {
    const closed = [...document.querySelectorAll('details:not([open])')];
    for (const each of closed) each.open = true;
    return closed.length;
  });
  if (opened) await look(page, `${name}, unfolded`, wrong);
}

const linksOf = (page) => page.$$eval('a[href]:not([download])', (all) => all.map(({ href }) => href));

/** Visits what links lead to, from `first` on; the paths that were seen. */
async function crawl(page, first, wrong) {
  const queue = [...first];
  const known = new Set();
  const kinds = new Map();
  for (let at = queue.shift(); at; at = queue.shift()) {
    const url = new URL(at);
    const kind = `${url.pathname}?${[...new Set(url.searchParams.keys())].sort()}`;
    const seen = kinds.get(url.pathname) ?? 0;
    if (known.has(kind) || seen >= KINDS_OF_ONE || NO_PAGE.test(url.pathname) || url.origin !== new URL(first[0]).origin) continue;
    known.add(kind);
    kinds.set(url.pathname, seen + 1);
    assert.ok(known.size <= PAGES_MAX, 'too many pages');
    const answer = await page.goto(at);
    // Where no script may run, axe-core does not either.
    if (/\bsandbox\b/.test(answer.headers()['content-security-policy'])) continue;
    if ((await page.evaluate('document.contentType')) !== 'text/html') continue;
    await look(page, kind, wrong);
    queue.push(...(await linksOf(page)));
    await lookUnfolded(page, kind, wrong);
  }
  return kinds;
}

async function furnish(t) {
  const { user, password } = await t.rig.call('person');
  const file = { name: 'plan.txt', type: 'text/plain', bytes: allBytes(60) };
  const html = '<p>Two <a href="https://a.example.org/">links</a></p><img src="https://pictures.example.net/a.png">';
  const head = 'Disposition-Notification-To: ben@demo.test\nList-Unsubscribe: <mailto:out@demo.test>\n';
  const messages = [letter({ to: user, subject: 'Formatted', html, file }), head + letter({ to: user, subject: 'Plain words', text: 'One.\n> Two.\n' })];
  await t.rig.call('append_all', { user, folder: 'INBOX', messages });
  await t.rig.call('append', { user, folder: 'Trash', message: letter({ to: user, subject: 'Thrown away' }) });
  return { user, password };
}

test('axe: every page that a link leads to', {}, async (t) => {
  const { page, server } = t;
  t.allow(/the server responded with a status of (403|404)/);
  const wrong = [];
  const at = (origin, paths) => paths.map((path) => origin + path);
  await crawl(page, at(server.plain, ['/', '/help', '/connection', '/trust', '/loggedoff', '/nothing-here']), wrong);
  const { user, password } = await furnish(t);
  await login(page, server, user, password, { secure: true });
  await open(page, 'Plain words');
  await page.locator('details.fold-wide > summary').filter({ visible: true }).last().click();
  await press(page, 'Add the sender to the contacts');
  const kinds = await crawl(page, at(server.secure, [
    '/list?folder=INBOX', '/list?folder=INBOX&first=1', '/list?folder=Junk', '/settings/file', '/search?q=words', '/search?q=nobodywrotethis', '/search?q=form%3Ax+words', '/search', '/secure',
    '/outbox', '/labels', '/devices', '/senders', '/responses?id=new', '/identities?id=new', '/contact',
  ]), wrong);
  for (const path of ['/message', '/headers', '/view', '/compose', '/redirect', '/folders', '/folder', '/labels', '/import', '/keys', '/help',
    '/settings', '/contacts', '/contact', '/contacts/import', '/contacts/export', '/contacts/merge', '/identities', '/responses', '/search/help', '/connection', '/settings/file'])
    assert.ok(kinds.has(path), `no link to ${path}: ${[...kinds.keys()]}`);
  assert.deepEqual(wrong, []);
});

test('axe: what only a form leads to', { ini: {} }, async (t) => {
  const { page, server } = t;
  t.allow(/the server responded with a status of (4\d\d|50\d)/);
  const wrong = [];
  const say = (name) => look(page, name, wrong);
  const visit = (path) => page.goto(server.secure + path);
  const { user, password } = await furnish(t);
  await login(page, server, user, password, { secure: true });

  await row(page, 'Plain words').locator('input[name=uid]').check();
  await say('a row is ticked');
  await page.setViewportSize({ width: 820, height: 900 });
  await page.locator('.rows .fold-narrow > summary').click();
  await say('what is done more rarely');
  await page.setViewportSize(WIDE);
  await row(page, 'Plain words').locator('input[name=uid]').check();
  await press(page, 'Flag');
  await say('done, with Undo');
  await press(page, 'Undo');
  await say('undone');
  await go(page, { click: () => page.locator('.rows button[value=flag]').evaluate((it) => it.click()) });
  await say('nothing was ticked');
  await visit('/folder?folder=Trash');
  await press(page, 'Empty this folder …');
  await say('emptying is asked');
  await visit('/folders');
  await page.locator('summary', { hasText: 'New folder' }).click();
  await page.fill('#new-name', 'Sent');
  await press(page, 'Make the folder');
  await say('a folder of that name is there');
  await visit('/labels');
  await page.fill('#new-name', unique('Reise'));
  await press(page, 'Make the label');
  await say('a label is made');
  await visit('/search?q=words');
  await page.locator('summary', { hasText: 'Keep this search' }).click();
  await page.fill('#keep-name', 'Kept');
  await press(page, 'Keep it');
  await say('a search is kept');
  await press(page, 'Remove this search');
  await say('a search is removed');
  for (const path of ['/contact', '/identities?id=new', '/responses?id=new']) {
    await visit(path);
    await page.$$eval('main [required]', (all) => all.forEach((each) => each.removeAttribute('required')));
    await press(page, 'Save');
    await say(`${path}, empty`);
  }
  await visit('/list?folder=INBOX');
  await open(page, 'Formatted');
  await follow(page, 'Reply');
  await page.fill('#to', 'nobody at home');
  await page.locator('details.options > summary').click();
  await press(page, 'Send');
  await say('a wrong recipient');
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', unique('axe'));
  await press(page, 'Send');
  await say('sent');
  await visit('/import?folder=INBOX');
  await page.setInputFiles('input[type=file]', { name: 'one.eml', mimeType: 'message/rfc822', buffer: Buffer.from(letter({ to: user, subject: 'Imported' })) });
  await go(page, page.locator('main form button').first());
  await say('imported');
  await visit('/settings');
  await page.fill('#signature', 'x'.repeat(11000));
  await page.locator('#name').focus();
  await page.locator('#identities .settings-said').getByRole('alert').waitFor();
  await say('a setting that cannot be saved');
  await t.rig.call('stop_imap');
  try {
    await visit('/list?folder=INBOX');
    await say('the mail server is away');
  } finally {
    await t.rig.call('start_imap');
  }
  const elsewhere = await (await t.newContext({ timezoneId: 'America/New_York' })).newPage();
  await login(elsewhere, server, user, password, { secure: true });
  await elsewhere.locator('.zone-offer').waitFor();
  await look(elsewhere, 'first steps, and other times', wrong);
  await t.context.clearCookies();
  await visit('/list?folder=INBOX');
  await say('the session is gone');
  assert.deepEqual(wrong, []);
});
