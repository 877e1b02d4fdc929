// The reader's time zone: offered once where the browser's has other times, and chosen in the settings.

import { assert, assertGood, login, test } from './harness.mjs';
import { follow, letter, open, press, unique } from './steps.mjs';

const there = (page) => page.locator('.zone-offer');

test('zone: the same times as the server are no offer', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.locator('table.list').waitFor();
  assert.equal(await there(page).isVisible(), false);
  // Another name for the same times.
  const vienna = await (await t.newContext({ timezoneId: 'Europe/Vienna' })).newPage();
  await login(vienna, t.server, 'anna', t.rig.password, { secure: true });
  assert.equal(await there(vienna).isVisible(), false);
});

test('zone: the offer is taken, and not made again', {}, async (t) => {
  const subject = unique('Sent at noon');
  await t.rig.call('append', {
    user: 'chloe', folder: 'INBOX', message: letter({ subject, text: 'Hello.\n' }).replace(/^Date: .*$/m, 'Date: Mon, 15 Jul 2024 12:00:00 +0000'),
  });
  // Whoever saved the settings once has chosen.
  await t.rig.call('sql', { server: t.server.server, statement: "DELETE FROM pref WHERE name LIKE '%zone%'" });
  const page = await (await t.newContext({ timezoneId: 'America/New_York' })).newPage();
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  assert.match(await there(page).innerText(), /UTC\+0[12]:00.*America\/New York/s);
  await assertGood(page, 'zone-offer', { dark: true });
  await press(page, 'Use my browser’s');
  assert.equal(await there(page).count(), 0);
  await open(page, subject);
  assert.match(await page.locator('main').innerText(), /Monday, 15 July 2024, 08:00/);
  await follow(page, 'Settings');
  assert.equal(await page.locator('#time_zone').inputValue(), 'America/New_York');
  await assertGood(page, 'settings-zone', { dark: true });
  await page.selectOption('#time_zone', { label: 'Kathmandu' });
  await page.locator('.actions button[value=save]').click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await open(page, subject);
  assert.match(await page.locator('main').innerText(), /Monday, 15 July 2024, 17:45/);
});

test('zone: without JavaScript the settings have it', { js: false }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'ben', t.rig.password, { secure: true });
  assert.equal(await there(page).isVisible(), false);
  await follow(page, 'Settings');
  assert.equal(await page.locator('#time_zone').inputValue(), 'server');
  await page.selectOption('#time_zone', 'Australia/Lord_Howe');
  await page.locator('.actions button[value=save]').click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  assert.equal(await page.locator('#time_zone').inputValue(), 'Australia/Lord_Howe');
});
