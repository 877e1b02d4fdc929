// Every page: a screenshot, nothing sticks out at 360 px, axe-core is content.

import { assert, assertGood, login, test } from './harness.mjs';
import { allBytes, folder, follow, go, letter, logOff, open, press, row, unique } from './steps.mjs';

const refused = /the server responded with a status of (403|404|405|422)/;

test('pages: logging in and off', {}, async (t) => {
  const { page } = t;
  t.allow(refused);
  await page.goto(`${t.server.plain}/`);
  await assertGood(page, 'login', { dark: true });
  await login(page, t.server, 'anna', 'not her password');
  await assertGood(page, 'login-wrong');
  await login(page, t.server, 'anna', t.rig.password);
  await logOff(page);
  await assertGood(page, 'loggedoff');
});

test('pages: lists', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await assertGood(page, 'list', { dark: true });
  await page.locator('a.to-folders').evaluate((link) => link.click());
  await assertGood(page, 'list-folders');
  await go(page, folder(page, 'Архив'));
  await assertGood(page, 'list-cyrillic');
  await go(page, folder(page, 'Sent'));
  await assertGood(page, 'list-sent');
  await go(page, folder(page, 'Junk'));
  await assertGood(page, 'list-empty');
  await go(page, folder(page, 'Inbox'));
  await page.fill('#q', 'März');
  await press(page, 'Search');
  await assertGood(page, 'search');
  await page.fill('#q', 'nobodywrotethis');
  await press(page, 'Search');
  await assertGood(page, 'search-nothing');
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await page.locator('table.list input[name=uid]').first().check();
  await press(page, 'Mark unread');
  await assertGood(page, 'list-notice');
});

test('pages: messages', {}, async (t) => {
  const { page } = t;
  const subject = unique('Drawings for the boat shed');
  const file = { name: 'Bootshaus – Ansicht von Süden.pdf', type: 'application/pdf', bytes: allBytes(9000) };
  await t.rig.call('append', {
    user: 'anna', folder: 'INBOX',
    message: letter({ subject, file, text: 'Hello Anna,\n\nhere they are.\n\n> a quote\n>> an older one\n\nBen\n' }),
  });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  await assertGood(page, 'message', { dark: true });
  await page.goto(`${t.server.secure}/list?folder=INBOX&q=tracker.example.com`);
  await go(page, page.locator('table.list tbody .c-subject a').first());
  await page.frameLocator('iframe.frame').locator('body').waitFor();
  await assertGood(page, 'message-html', { dark: true });
});

test('pages: writing', {}, async (t) => {
  const { page } = t;
  t.allow(refused);
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/compose`);
  await assertGood(page, 'compose', { dark: true });
  await page.fill('#to', 'ben@demo.test, not an address');
  await page.fill('#subject', 'Weekend');
  await page.fill('#body', 'Hello Ben,\n\nshall we go to the lake?\n\nAnna\n');
  await page.setInputFiles('#file', [
    { name: 'lake.txt', mimeType: 'text/plain', buffer: Buffer.from('map\n') },
    { name: 'Fahrplan der Schifffahrtsgesellschaft (Sommer) 2026.pdf', mimeType: 'application/pdf', buffer: allBytes(3000) },
  ]);
  await press(page, 'Send');
  assert.ok(await page.locator('#to-error, [role=alert]').first().isVisible());
  await assertGood(page, 'compose-error');
  await page.fill('#to', 'ben@demo.test');
  await press(page, 'Save draft');
  await assertGood(page, 'compose-saved');
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Sent');
  await assertGood(page, 'sent');
});

test('pages: settings, switch, errors', {}, async (t) => {
  const { page } = t;
  t.allow(refused);
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await follow(page, 'Settings');
  await assertGood(page, 'settings');
  await page.goto(`${t.server.secure}/secure`);
  await assertGood(page, 'switch-leave');
  await page.goto(`${t.server.secure}/nothing-here`);
  await assertGood(page, 'error-404');
  await page.goto(`${t.server.secure}/list?folder=Trash`);
  const subject = unique('To be deleted for good');
  await t.rig.call('append', { user: 'anna', folder: 'Trash', message: letter({ subject }) });
  await page.reload();
  await row(page, subject).locator('input[name=uid]').check();
  await press(page, 'Delete for good');
  await assertGood(page, 'confirm');
  await press(page, 'Delete for good');
});
