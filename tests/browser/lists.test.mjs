// How lists are shown: the View menu, jumping to a page and a day.

import { assert, assertGood, both, login } from './harness.mjs';
import { folder, go, letter, press, row, unique } from './steps.mjs';

const subjects = (page) => page.locator('table.list tbody .c-subject a').allInnerTexts();
const view = (page) => page.locator('.view-menu > summary');

both('lists: the View menu', { js: 'both' }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await view(page).click();
  if (t.js) await assertGood(page, 'list-view-menu', { dark: true });
  await view(page).click();
  await view(page).click();
  await go(page, page.locator('.view-menu').getByRole('link', { name: 'Unread first' }));
  const unread = await page.locator('table.list tbody tr').evaluateAll((rows) =>
    rows.map((row) => row.classList.contains('unread')));
  assert.ok(!unread.some((is, at) => is && at > 0 && !unread[at - 1]), 'read ones before unread ones');
  await view(page).click();
  await press(page, '25');
  assert.equal((await subjects(page)).length, 25);
  assert.match(page.url(), /sort=unread/);
  await view(page).click();
  await press(page, '50');
  assert.equal((await subjects(page)).length, 50);
});

both('lists: to a page, to a day', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  const last = await page.getByRole('link', { name: 'Last' }).getAttribute('href');
  const count = new URL(last, t.server.secure).searchParams.get('page');
  await page.getByLabel('Page', { exact: true }).fill(count);
  await go(page, page.locator('.jump button').first());
  assert.match(await page.locator('main > .pager .range').innerText(), new RegExp(`Page ${count} of ${count}`));
  // The last page may have one row.
  const shown = page.locator('table.list tbody tr').first();
  const day = (await shown.locator('time').getAttribute('datetime')).slice(0, 10);
  const subject = await shown.locator('.c-subject a').innerText();
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await page.getByLabel('Day', { exact: true }).fill(day);
  await go(page, page.locator('.jump button').nth(1));
  assert.ok((await subjects(page)).includes(subject));
  const marked = page.locator('table.list tbody tr.jumped');
  assert.equal(await marked.count(), 1);
  assert.ok(Math.abs(Date.parse(await marked.locator('time').getAttribute('datetime')) - Date.parse(day)) < 2 * 86400e3);
  if (t.js) await assertGood(page, 'list-jumped', { dark: true });
});

both('lists: conversations', {}, async (t) => {
  const { page } = t;
  const id = `talk${Date.now()}${t.js}@example.org`;
  const subject = unique('A talk');
  for (const [from, more] of [['ben', `Message-ID: <${id}>`], ['carla', `References: <${id}>`]]) {
    const message = letter({ subject, from }).replace(/Message-ID: .*/, more);
    await t.rig.call('append', { user: 'chloe', folder: 'Archive', message });
  }
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  await go(page, folder(page, 'Archive'));
  await view(page).click();
  await press(page, 'Conversation');
  const talk = row(page, subject);
  assert.equal(await talk.locator('a.thread span').first().innerText(), '2');
  assert.equal(await talk.locator('.c-from').innerText(), 'ben, carla');
  await go(page, talk.locator('a.thread'));
  assert.equal(await page.locator('table.list tr.member').count(), 2);
  if (t.js) await assertGood(page, 'list-conversations', { dark: true });
  await talk.locator('input[name=uid]').check();
  await press(page, 'Delete');
  assert.match(await page.locator('.note[role=status] p').first().innerText(), /^2 messages moved to the trash/);
  await view(page).click();
  await press(page, 'Message');
  assert.equal(await page.locator('table.list a.thread').count(), 0);
});

both('lists: how messages begin', {}, async (t) => {
  const { page } = t;
  const subject = unique('A beginning');
  await t.rig.call('append', { user: 'chloe', folder: 'Archive', message: letter({ subject, from: 'ben' }) });
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  const choose = async (wanted) => {
    await page.goto(`${t.server.secure}/settings`);
    await page.getByLabel('Show in lists how messages begin').setChecked(wanted);
    await press(page, 'Save');
    await page.goto(`${t.server.secure}/list?folder=Archive`);
  };
  await choose(true);
  const shown = row(page, subject).locator('.preview');
  assert.notEqual((await shown.innerText()).trim(), '');
  const box = await shown.boundingBox();
  assert.ok(box.height < 30, 'one line');
  if (t.js) await assertGood(page, 'list-previews', { dark: true });
  await page.setViewportSize({ width: 360, height: 740 });
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= 360), 'nothing hangs over the edge');
  assert.ok((await shown.boundingBox()).width > 150);
  await page.screenshot({ path: `build/shots/list-previews-360${t.js ? '' : '-nojs'}.png` });
  await go(page, row(page, subject).locator('.c-subject a').first());
  await page.setViewportSize({ width: 1280, height: 800 });
  await choose(false);
  assert.equal(await page.locator('.preview').count(), 0);
});
