// The settings: saved as they change, with a way back; where one is logged in.

import { assert, assertGood, both, login, test, NARROW } from './harness.mjs';
import { follow, press } from './steps.mjs';

const said = (page, group) => page.locator(`#${group} .settings-said`);

async function begin(t) {
  const { user, password } = await t.rig.call('person');
  await login(t.page, t.server, user, password, { secure: true });
  await follow(t.page, 'Settings');
  return { user, password };
}

both('settings: a group is saved, and taken back', { width: NARROW }, async (t) => {
  const { page } = t;
  await begin(t);
  await follow(page, 'Reading');
  await page.selectOption('#after', 'next');
  // With JavaScript that is all; without, the group has a button.
  if (!t.js) await press(page, 'Save Reading');
  await said(page, 'reading').getByText('Your settings are saved.').waitFor();
  if (t.js) await assertGood(page, 'settings-saved', { dark: true });
  await page.goto(`${t.server.secure}/settings`);
  assert.equal(await page.inputValue('#after'), 'next');
  await page.check('#prefer_plain');
  if (!t.js) await press(page, 'Save Reading');
  await said(page, 'reading').getByRole('button', { name: 'Undo' }).waitFor();
  await press(page, 'Undo');
  // It is said where the button was, and that is where one is.
  assert.match(await said(page, 'reading').innerText(), /as they were before/);
  assert.ok(await said(page, 'reading').evaluate((words) => {
    const { top, bottom } = words.getBoundingClientRect();
    return top >= 0 && bottom <= innerHeight;
  }), 'in view');
  assert.equal(await page.isChecked('#prefer_plain'), false);
  assert.equal(await page.inputValue('#after'), 'next');
});

test('settings: what could not be saved is tried again', { width: NARROW }, async (t) => {
  const { page } = t;
  await begin(t);
  await follow(page, 'Reading');
  t.allow(/Failed to load resource/);
  for (const [value, fail] of [
    ['next', (route) => route.abort('connectionrefused')],
    ['list', (route) => route.fulfill({ status: 503, body: 'The server is very busy.' })],
  ]) {
    await page.route('**/settings', (route) => (route.request().method() === 'POST' ? fail(route) : route.continue()));
    await page.selectOption('#after', value);
    const again = said(page, 'reading').getByRole('button', { name: 'Try again' });
    await again.click();
    // In vain, and it is still there.
    await said(page, 'reading').getByText('This is not saved yet.').waitFor();
    if (value === 'next') await assertGood(page, 'settings-unsaved', { dark: true });
    await page.unroute('**/settings');
    await again.click();
    await said(page, 'reading').getByText('Your settings are saved.').waitFor();
    assert.equal(await page.evaluate(() => document.activeElement.id), 'after');
    const other = await t.context.newPage();
    await other.goto(`${t.server.secure}/settings`);
    assert.equal(await other.inputValue('#after'), value);
    await other.close();
  }
});

// Else a button would go away from under the finger that presses it.
test('settings: what is saved at once moves nothing', {}, async (t) => {
  const { page } = t;
  await begin(t);
  const top = () => page.getByRole('button', { name: 'Contacts', exact: true })
    .evaluate((button) => button.getBoundingClientRect().top + scrollY);
  await page.fill('#name', 'Anna');
  const before = await top();
  await page.locator('#signature').focus();
  await said(page, 'identities').getByText('Your settings are saved.').waitFor();
  assert.equal(await top(), before);
  await assertGood(page, 'settings-said', { dark: true });
});

test('settings: what cannot be saved is said beside it', {}, async (t) => {
  const { page } = t;
  await begin(t);
  await page.fill('#signature', 'x'.repeat(11000));
  await page.locator('#name').focus();
  await said(page, 'identities').getByRole('alert').waitFor();
  assert.match(await said(page, 'identities').innerText(), /longer than 10 KB/);
  assert.equal((await page.inputValue('#signature')).length, 11000);
  // The line is gone, and comes back.
  await page.fill('#signature', 'Regards');
  t.allow(/ERR_INTERNET_DISCONNECTED/);
  await t.context.setOffline(true);
  await page.locator('#name').focus();
  await said(page, 'identities').getByText('not saved yet').waitFor();
  await t.context.setOffline(false);
  await press(page, 'Save');
  assert.equal(await page.inputValue('#signature'), 'Regards');
});

test('settings: devices and sessions', {}, async (t) => {
  const { page } = t;
  const { user, password } = await begin(t);
  const other = await (await t.newContext({})).newPage();
  await login(other, t.server, user, password, { secure: true });
  await press(page, 'Devices and sessions');
  const rows = page.locator('table.devices tbody tr');
  assert.equal(await rows.count(), 2);
  assert.match(await rows.first().innerText(), /^Chrome on Linux \(this one\)/);
  await assertGood(page, 'devices', { dark: true });
  await page.setViewportSize({ width: 360, height: 740 });
  await assertGood(page, 'devices-narrow');
  await press(page, 'Log off everywhere else…');
  await assertGood(page, 'devices-ask');
  await press(page, 'Log off everywhere else');
  assert.equal(await rows.count(), 1);
  await other.reload();
  assert.equal(await other.innerText('h1'), 'Log in');
});
