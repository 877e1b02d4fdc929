// Three panes in wide windows: a message beside its list.

import { assert, assertAccessible, assertFits, login, test } from './harness.mjs';
import { folder, go, letter, path, row, unique } from './steps.mjs';

const HUGE = { width: 1440, height: 900 };
const pane = (page) => page.locator('section.pane');
const opened = (page, subject) => page.locator('section.pane h1', { hasText: subject }).waitFor();

async function begin(t, count = 3) {
  const subjects = [...Array(count)].map(() => unique('Pane'));
  for (const subject of subjects)
    await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, text: `This is ${subject}.` }) });
  await login(t.page, t.server, 'anna', t.rig.password);
  await row(t.page, subjects[0]).waitFor();
  return subjects;
}

test('panes: a message opens beside its list; addresses, Back, loading again', { width: HUGE }, async (t) => {
  const { page } = t;
  const [one, two] = await begin(t);
  const list = path(page);
  const link = (subject) => row(page, subject).locator('.c-subject a').first();

  await page.getByRole('separator', { name: 'Width of the list' }).waitFor();
  assert.match(await pane(page).innerText(), /Choose a message/);
  await link(one).click();
  await opened(page, one);
  assert.match(path(page), /^\/message\?/);
  assert.match(await page.title(), new RegExp(one));
  assert.match(await pane(page).innerText(), new RegExp(`This is ${one}`));
  assert.equal(await link(one).getAttribute('aria-current'), 'true');
  assert.equal(await row(page, one).locator('.dot').count(), 0);
  await assertAccessible(page, 'panes, light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, 'panes, dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await assertFits(page);

  await link(two).click();
  await opened(page, two);
  await page.goBack();
  await opened(page, one);
  await page.goBack();
  await page.getByText('Choose a message to read it here.').waitFor();
  assert.equal(path(page), list);
  await page.goForward();
  await opened(page, one);

  // Loaded again it is the message's own page, which gets its list.
  await page.reload();
  assert.equal(await page.innerText('main h1'), one);
  await page.locator('.beside tr.current', { hasText: one }).waitFor();
  await assertAccessible(page, 'panes, loaded again');
  await page.locator('.beside tr', { hasText: two }).locator('.c-subject a').first().click();
  await page.locator('main h1', { hasText: two }).waitFor();
  await page.goBack();
  await page.locator('main h1', { hasText: one }).waitFor();
});

test('panes: by keyboard, and what is done in a pane', { width: HUGE }, async (t) => {
  const { page } = t;
  const [one, two] = await begin(t);
  const link = (subject) => row(page, subject).locator('.c-subject a').first();

  await page.locator('.pane-line.of-list').waitFor();
  await link(one).press('Enter');
  await opened(page, one);
  // Who came by keyboard is in the message.
  await page.waitForFunction(() => document.activeElement.matches('.pane h1'));
  await page.keyboard.press('k');
  await opened(page, two);
  await page.keyboard.press('j');
  await opened(page, one);
  await go(page, pane(page).getByRole('button', { name: 'Flag', exact: true }));
  assert.equal(await page.innerText('main h1'), one);
  assert.match(await page.innerText('.note'), /1 message flagged/);
  await page.locator('.beside tr.current .flagged').waitFor();

  await go(page, folder(page, 'Inbox'));
  await page.locator('.pane-line.of-list').waitFor();
  await link(two).click();
  await opened(page, two);
  await pane(page).locator('a.back').click();
  await page.getByText('Choose a message to read it here.').waitFor();
});

test('panes: the line between them, and the settings', { width: HUGE }, async (t) => {
  const { page } = t;
  const [one] = await begin(t, 1);
  const line = page.getByRole('separator', { name: 'Width of the list' });
  const wide = async () => (await page.locator('#main').boundingBox()).width;

  await line.waitFor();
  const before = await wide();
  const saved = page.waitForResponse((answer) => answer.url().endsWith('/settings'));
  await line.press('ArrowRight');
  assert.equal((await saved).status(), 200);
  const after = await wide();
  assert.ok(after > before + 40, `${before} to ${after}`);
  await page.reload();
  await line.waitFor();
  assert.equal(Math.round(await wide()), Math.round(after));
  const { x, y, width } = await line.boundingBox();
  const kept = page.waitForResponse((answer) => answer.url().endsWith('/settings'));
  await page.mouse.move(x + width / 2, y + 200);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 - 60, y + 220, { steps: 4 });
  await page.mouse.up();
  await kept;
  assert.equal(Math.round(await wide()), Math.round(before));

  // The folders' width, likewise.
  const side = page.getByRole('separator', { name: 'Width of the folders' });
  const folders = async () => (await page.locator('#folders').boundingBox()).width;
  const usual = await folders();
  const change = async (bar, key) => {
    const answer = page.waitForResponse((one) => one.url().endsWith('/settings'));
    await bar.press(key);
    assert.equal((await answer).status(), 200);
  };
  await change(side, 'End');
  const widest = await folders();
  assert.ok(widest > usual + 60, `${usual} to ${widest}`);
  await page.reload();
  await side.waitFor();
  assert.deepEqual([await folders(), Math.round(await wide())], [widest, Math.round(before)]);
  const edge = await side.boundingBox();
  const narrowed = page.waitForResponse((answer) => answer.url().endsWith('/settings'));
  await page.mouse.move(edge.x + edge.width / 2, edge.y + 200);
  await page.mouse.down();
  await page.mouse.move(edge.x + usual - widest, edge.y + 220, { steps: 4 });
  await page.mouse.up();
  await narrowed;
  assert.equal(Math.round(await folders()), Math.round(usual));

  // Settings are saved as they change; each is waited for.
  const choose = async (chosen) => {
    await page.goto(`${t.server.plain}/settings`);
    for (const [name, value] of Object.entries(chosen)) {
      const saved = page.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().endsWith('/settings'));
      await page.selectOption(`#${name}`, value);
      assert.equal((await saved).status(), 200);
    }
    await page.goto(`${t.server.plain}/settings`);
  };
  await choose({ pane: 'below', theme: 'dark', accent: 'green', density: 'compact' });
  assert.equal(await page.locator('html').getAttribute('class'), 'dark green compact below');
  await page.goto(`${t.server.plain}/`);
  await row(page, one).locator('.c-subject a').first().click();
  await opened(page, one);
  assert.ok((await pane(page).boundingBox()).y > (await row(page, one).boundingBox()).y);
  await assertAccessible(page, 'panes, below, dark and green');
  const height = async () => (await pane(page).boundingBox()).height;
  const top = page.getByRole('separator', { name: 'Height of a message below its list' });
  const low = await height();
  await change(top, 'ArrowUp');
  assert.ok(await height() > low + 60, `${low} to ${await height()}`);
  assert.ok((await top.boundingBox()).y < (await pane(page).boundingBox()).y);
  await page.goto(`${t.server.plain}/`);
  await top.waitFor();
  assert.ok(await height() > low + 60, 'kept');
  await change(top, 'ArrowDown');
  assert.equal(Math.round(await height()), Math.round(low));

  await choose({ theme: '', accent: '', density: '', pane: 'alone' });
  await page.goto(`${t.server.plain}/`);
  await go(page, row(page, one).locator('.c-subject a').first());
  assert.equal(await page.innerText('main h1'), one);
  assert.equal(await page.locator('.beside').isVisible(), false);
  await choose({ pane: '' });
  assert.equal(await page.locator('html').getAttribute('class'), null);
});

test('panes: a message that cannot be loaded says so and comes when asked again', { width: HUGE }, async (t) => {
  const { page } = t;
  const [one, two] = await begin(t, 2);
  const link = (subject) => row(page, subject).locator('.c-subject a').first();
  const again = page.getByRole('button', { name: 'Try again' });
  const failed = page.getByText('could not be loaded');
  const list = path(page);

  t.allow(/Failed to load resource: net::ERR_/);
  await page.locator('.pane-line.of-list').waitFor();
  await t.context.setOffline(true);
  await link(one).click();
  await failed.waitFor();
  // Nothing has happened yet: the address is the list's. It is said once.
  assert.equal(path(page), list);
  const answered = page.waitForEvent('requestfailed', (request) => request.url().includes('/message'));
  await again.click();
  await answered;
  await page.waitForFunction(() => !document.querySelector('.pane').hasAttribute('aria-busy'));
  assert.equal(await failed.count(), 1);
  assert.equal(path(page), list);
  await t.context.setOffline(false);
  await again.click();
  await opened(page, one);
  // The button that had the focus is gone: the message has it.
  await page.waitForFunction(() => document.activeElement.matches('.pane h1'));
  assert.match(path(page), /^\/message\?/);
  assert.equal(await failed.count(), 0);
  // Offline again: Back says so, too, and the step is not lost.
  await link(two).click();
  await opened(page, two);
  await t.context.setOffline(true);
  await page.goBack();
  await failed.waitFor();
  await t.context.setOffline(false);
  await again.click();
  await opened(page, one);
  await page.goBack();
  await page.getByText('Choose a message to read it here.').waitFor();
  assert.equal(path(page), list);
  assert.equal(await pane(page).getAttribute('aria-busy'), null);
  await page.goForward();
  await opened(page, one);
  // The list beside a message's own page.
  await page.route('**/list?*', (route) => route.abort());
  await page.reload();
  await page.locator('.beside').getByText('The list could not be loaded').waitFor();
  await page.unroute('**/list?*');
  await page.locator('.beside').getByRole('button', { name: 'Try again' }).click();
  await page.locator('.beside tr.current', { hasText: one }).waitFor();
  assert.equal(await failed.count(), 0);
});

test('panes: menus close with Escape and by a click elsewhere', {}, async (t) => {
  const { page } = t;
  await begin(t, 1);
  const menu = page.locator('details.view-menu');
  await menu.locator('summary').click();
  assert.ok(await menu.locator('form').isVisible());
  await page.keyboard.press('Escape');
  assert.ok(!(await menu.locator('form').isVisible()));
  await menu.locator('summary').click();
  await page.locator('main h1').click();
  assert.ok(!(await menu.locator('form').isVisible()));
});

test('panes: without JavaScript a list has its page, and a message', { width: HUGE, js: false }, async (t) => {
  const { page } = t;
  const [one] = await begin(t, 1);
  assert.equal(await pane(page).isVisible(), false);
  await go(page, row(page, one).locator('.c-subject a').first());
  assert.equal(await page.innerText('main h1'), one);
  assert.equal(await page.locator('.beside').isVisible(), false);
});
