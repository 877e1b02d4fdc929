// New mail and what other programs do shows by itself, and disturbs nobody.

import { assert, assertGood, login, test } from './harness.mjs';
import { follow, letter, logOff, unique } from './steps.mjs';

const SOON_MS = 2000;
const subjects = (page) => page.locator('table.list tbody .c-subject a');
const row = (page, subject) => page.locator('table.list tbody tr').filter({ hasText: subject });
const unread = (page) => page.locator('#folders a[aria-current] .count');
const said = (page) => page.locator('body > .vh[role=status]');
const append = (t, user, subject, flags = '') =>
  t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject }), flags });

/** Until `look` is true; how long that took. */
async function soon(page, look, argument) {
  const start = Date.now();
  await page.waitForFunction(look, argument, { timeout: 15000, polling: 20 });
  return Date.now() - start;
}
const titled = (page, words) => soon(page, (title) => document.title.startsWith(title), words);

/** Somebody with these letters, oldest first, whose list is open and live. */
async function begin(t, letters, page = t.page) {
  const { user, password } = await t.rig.call('person');
  const messages = letters.map((subject) => letter({ subject }));
  if (messages.length > 0) {
    await t.rig.call('append_all', { user, folder: 'INBOX', messages });
    await t.rig.call('store', { user, uids: '1:*', what: '+FLAGS (\\Seen)' });
  }
  await login(page, t.server, user, password, { secure: true });
  await live(t, page, user);
  return { user, password };
}

/** A first letter that comes by itself: from now on all do. */
async function live(t, page, user) {
  const first = unique('The first');
  await soon(page, () => document.querySelector('body > .vh[role=status]'));
  await append(t, user, first);
  await row(page, first).waitFor();
}

test('push: a new row, its count, the title, and what is being done stays', {}, async (t) => {
  const { page } = t;
  const old = Array.from({ length: 60 }, () => unique('Old'));
  const { user } = await begin(t, old);
  await row(page, old[59]).locator('input').check();
  await row(page, old[58]).locator('input').check();
  await row(page, old[50]).locator('.c-subject a').focus();
  await page.fill('#q', 'half a wor');
  await row(page, old[50]).locator('.c-subject a').focus();
  await page.selectOption('#to', { index: 1 });
  await page.evaluate(() => window.scrollTo(0, 500));
  const place = () => row(page, old[40]).evaluate((tr) => Math.round(tr.getBoundingClientRect().top));
  const before = await place();
  const subject = unique('Just now');
  const start = Date.now();
  await append(t, user, subject);
  await row(page, subject).waitFor();
  assert.ok(Date.now() - start < SOON_MS, `${Date.now() - start} ms`);
  console.log(`# from delivery to the row: ${Date.now() - start} ms`);
  await titled(page, '(2) ');
  assert.equal(await subjects(page).first().innerText(), subject);
  assert.match(await unread(page).innerText(), /^2/);
  assert.equal(await said(page).innerText(), '1 new message');
  assert.match(await page.locator('.range').first().innerText(), /1–50 of 62/);
  assert.ok(Math.abs(await place() - before) <= 2, `${before} → ${await place()}`);
  for (const each of [old[59], old[58]]) assert.ok(await row(page, each).locator('input').isChecked());
  assert.equal(await page.locator('table.list input:checked').count(), 2);
  assert.equal(await page.inputValue('#q'), 'half a wor');
  assert.notEqual(await page.inputValue('#to'), '');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), old[50]);
  assert.ok(await page.locator('.all-slot input').evaluate((box) => box.indeterminate));
  await assertGood(page, 'push');
});

test('push: flags and deletions of others; a ticked row that goes to the next page', {}, async (t) => {
  const { page } = t;
  const old = Array.from({ length: 50 }, () => unique('Old'));
  const { user } = await begin(t, old);
  // Now 51: the oldest is on page 2; old[1] is the last of page 1.
  await row(page, old[1]).locator('input').check();
  await append(t, user, unique('One more'));
  await titled(page, '(2) ');
  assert.equal(await row(page, old[1]).count(), 1);
  assert.ok(await row(page, old[1]).locator('input').isChecked());
  await row(page, old[30]).locator('input').check();
  await t.rig.call('store', { user, uids: '51:52', what: '+FLAGS (\\Seen)' });
  await soon(page, () => document.querySelectorAll('table.list tr.unread').length === 0);
  await soon(page, () => !/^\(/.test(document.title));
  await t.rig.call('store', { user, uids: '41', what: '+FLAGS (\\Flagged)' });
  await row(page, old[40]).locator('.flagged').waitFor();
  // old[30] is ticked and old[20] has the focus: both go.
  await row(page, old[20]).locator('.c-subject a').focus();
  await t.rig.call('expunge', { user, uids: '21,31' });
  await row(page, old[20]).waitFor({ state: 'detached' });
  await row(page, old[30]).waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), old[19]);
  assert.ok(await row(page, old[1]).locator('input').isChecked());
  assert.equal(await page.locator('table.list input:checked').count(), 1);
});

test('push: an empty inbox gets its first message, and is empty again', {}, async (t) => {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  await login(page, t.server, user, password, { secure: true });
  await page.locator('.empty').waitFor();
  await live(t, page, user);
  assert.equal(await page.locator('.empty').count(), 0);
  await page.locator('.all-slot input').check();
  assert.equal(await page.locator('table.list tbody input:checked').count(), 1);
  await t.rig.call('expunge', { user, uids: '1' });
  await page.locator('.empty').waitFor();
  assert.equal(await page.locator('table.list').count(), 0);
});

test('push: conversations', {}, async (t) => {
  const { page } = t;
  const [plan, other] = [unique('Plan'), unique('Other')];
  const { user } = await begin(t, [other]);
  const id = `plan${Date.now()}@example.org`;
  const message = (subject, head) => letter({ subject }).replace(/Message-ID: .*/, head);
  const send = (subject, head) => t.rig.call('append', { user, folder: 'INBOX', message: message(subject, head) });
  await send(plan, `Message-ID: <${id}>`);
  await row(page, plan).waitFor();
  await page.locator('.view-menu > summary').click();
  await Promise.all([page.waitForNavigation(), page.locator('.view-menu button[value=threads]').click()]);
  await soon(page, () => document.querySelector('body > .vh[role=status]'));
  await row(page, other).locator('input').check();
  const count = await page.locator('table.list tbody tr').count();
  const fresh = unique('Fresh');
  await send(fresh, `Message-ID: <fresh.${id}>`);
  await row(page, fresh).waitFor();
  assert.equal(await page.locator('table.list tbody tr').count(), count + 1);
  // An answer takes its conversation to the top: the same row, not another one.
  const answer = unique('An answer');
  await send(answer, `References: <${id}>`);
  await row(page, answer).waitFor();
  assert.equal(await page.locator('table.list tbody tr').count(), count + 1);
  assert.match(await page.locator('table.list tbody tr').first().innerText(), new RegExp(answer));
  assert.equal(await row(page, answer).locator('a.thread > span').first().innerText(), '2');
  assert.match(await row(page, answer).locator('input').getAttribute('value'), /^\d+[,:]\d+$/);
  assert.equal(await row(page, plan).count(), 0);
  assert.ok(await row(page, other).locator('input').isChecked());
});

test('push: counts of other folders', {}, async (t) => {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  const put = () => t.rig.call('append', { user, folder: 'Projects', message: letter({ subject: unique('Plan') }), flags: '' });
  await put();
  await login(page, t.server, user, password, { secure: true });
  await live(t, page, user);
  const start = Date.now();
  await put();
  await page.locator('#folders a').filter({ hasText: 'Projects' }).filter({ hasText: '2 unread' }).waitFor();
  assert.ok(Date.now() - start < SOON_MS, `${Date.now() - start} ms`);
  assert.equal(await subjects(page).count(), 1);
});

test('push: two tabs, and ten: all load, all are told', {}, async (t) => {
  const { page } = t;
  const { user } = await begin(t, []);
  const tabs = [page];
  while (tabs.length < 10) {
    const tab = await t.context.newPage();
    await tab.goto(page.url());
    await soon(tab, () => document.querySelector('body > .vh[role=status]'));
    tabs.push(tab);
  }
  const subject = unique('For all of them');
  await append(t, user, subject);
  for (const tab of tabs) await row(tab, subject).waitFor();
  // A page that shows no list.
  await tabs[1].bringToFront();
  await subjects(tabs[1]).first().click();
  await tabs[1].locator('main h1', { hasText: subject }).waitFor();
  await titled(tabs[2], '(1) ');
  await logOff(tabs[1]);
  for (const tab of tabs.slice(2))
    await tab.locator('.note-bad', { hasText: 'Your session has ended' }).waitFor();
  t.allow(/401/);
});

test('push: offline, and back', {}, async (t) => {
  const { page } = t;
  const { user } = await begin(t, []);
  t.allow(/ERR_INTERNET_DISCONNECTED/);
  const note = page.locator('#main > .note', { hasText: 'You are offline' });
  await t.context.setOffline(true);
  await note.waitFor();
  await assertGood(page, 'push-offline', { dark: true });
  const subject = unique('While away');
  await append(t, user, subject);
  assert.equal(await row(page, subject).count(), 0);
  await t.context.setOffline(false);
  await row(page, subject).waitFor();
  assert.equal(await note.count(), 0);
});

test('push: without SharedWorker the tab that is seen is told', {}, async (t) => {
  const context = await t.newContext();
  await context.addInitScript(() => { delete window.SharedWorker; });
  const page = await context.newPage();
  const { user } = await begin(t, [], page);
  // A second one takes the stream over and tells the first.
  const tab = await context.newPage();
  await tab.goto(page.url());
  await soon(tab, () => document.querySelector('body > .vh[role=status]'));
  const subject = unique('For both');
  await append(t, user, subject);
  await row(tab, subject).waitFor();
  await row(page, subject).waitFor();
});

test('push: a refresh without JavaScript, when it is asked for', { js: false }, async (t) => {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  await login(page, t.server, user, password, { secure: true });
  const refresh = page.locator('meta[http-equiv=refresh]');
  assert.equal(await refresh.count(), 0);
  await follow(page, 'Settings');
  await page.selectOption('#refresh', { label: 'every minute' });
  await page.locator('.actions button[value=save]').click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  assert.equal(await refresh.getAttribute('content'), '60;url=/list?folder=INBOX&auto=1');
  await append(t, user, unique('Later'));
  await page.goto(`${t.server.secure}/list?folder=INBOX&auto=1`);
  assert.equal(await subjects(page).count(), 1);
  assert.equal(await refresh.count(), 1);
});

test('push: notifications are asked for in the settings', {}, async (t) => {
  const { page } = t;
  await t.context.grantPermissions(['notifications'], { origin: t.server.secure });
  // Chromium without a window never asks: as if it had not been asked yet.
  await t.context.addInitScript(() => {
    const ask = Notification.requestPermission.bind(Notification);
    let is = 'default';
    Object.defineProperty(Notification, 'permission', { get: () => is, configurable: true });
    Notification.requestPermission = async () => { is = await ask(); return is; };
  });
  const { user } = await begin(t, []);
  await follow(page, 'Settings');
  await page.getByRole('button', { name: 'Ask the browser for permission' }).click();
  await page.getByText('This browser allows it').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Ask the browser for permission' }).isHidden());
  assert.match(await page.locator('.ask-notify').innerText(), /This browser allows it/);
  await page.selectOption('#notify', 'full');
  await assertGood(page, 'settings-news', { dark: true });
  await page.locator('.actions button[value=save]').click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  // A tab behind another: what it would show is kept for us.
  await t.context.addInitScript(() => {
    Object.defineProperty(document, 'hidden', { get: () => window.name === 'behind' });
    window.name = 'behind';
    window.told = [];
    window.Notification = class {
      static permission = 'granted';
      constructor(title, { body }) { window.told.push([title, body]); }
    };
  });
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await soon(page, () => document.querySelector('body > .vh[role=status]'));
  const subject = unique('Look here');
  await append(t, user, subject);
  await soon(page, () => window.told.length === 1);
  assert.deepEqual(await page.evaluate(() => window.told), [['ben', subject]]);
});
