// Single keys, and rows that are dragged: each presses what the page has.

import { assert, assertGood, both, login, test, NARROW } from './harness.mjs';
import { follow, letter, open, press, unique } from './steps.mjs';

const row = (page, subject) => page.locator('table.list tbody tr').filter({ hasText: subject });
const subjects = (page) => page.locator('table.list tbody .c-subject a').allInnerTexts();
const ticked = (page) => page.locator('table.list tbody input:checked');
const notice = (page) => page.locator('.note[role=status] p').first();
const focus = (page) => page.evaluate(() => document.activeElement.closest('.list tbody tr') && document.activeElement.textContent);
const sheet = (page) => page.locator('dialog.sheet');

/** Until the page takes keys. */
const ready = (page) => page.locator('main > .vh[role=status]').waitFor({ state: 'attached' });
/** Presses keys one after the other. */
async function keys(page, ...names) {
  await ready(page);
  for (const name of names) await page.keyboard.press(name);
}
/** The same, the last of which leads to another page. */
async function away(page, ...names) {
  await keys(page, ...names.slice(0, -1));
  await Promise.all([page.waitForNavigation(), keys(page, names.at(-1))]);
  await ready(page);
}

/** Somebody with these letters, newest first, and folders; the list is open. */
async function begin(t, letters, { folders = [], seen = '1:*' } = {}) {
  const { user, password } = await t.rig.call('person');
  const messages = [...letters].reverse().map((subject) => letter({ subject, to: user }));
  await t.rig.call('append_all', { user, folder: 'INBOX', messages });
  if (seen) await t.rig.call('store', { user, uids: seen, what: '+FLAGS (\\Seen)' });
  for (const folder of folders)
    await t.rig.call('append', { user, folder, message: letter({ subject: `In ${folder}` }), flags: '' });
  await login(t.page, t.server, user, password, { secure: true });
  return { user, password };
}

test('keys: through a list, ticks, actions, Undo', {}, async (t) => {
  const { page } = t;
  const names = Array.from({ length: 6 }, () => unique('Letter'));
  await begin(t, names, { folders: ['Archive', 'Projects'], seen: '1:3' });
  // Down and up: the focus is what one sees and what a screen reader tells.
  await keys(page, 'j');
  assert.equal(await focus(page), names[0]);
  await keys(page, 'k', 'j', 'j', 'k', 'j');
  assert.equal(await focus(page), names[2]);
  // One that a hand rests on goes on, an action does not.
  await keys(page, 'x', 'j', 'j', 'Shift+X');
  assert.equal(await ticked(page).count(), 3);
  await keys(page, 'x');
  assert.equal(await ticked(page).count(), 2);
  for (const [second, count] of [['a', 6], ['n', 0], ['u', 3], ['r', 3], ['t', 6], ['s', 0]]) {
    await keys(page, '*', second);
    assert.equal(await ticked(page).count(), count, `* ${second}`);
  }
  // What nothing is ticked for acts where one is; the next row is there then.
  await away(page, 's');
  assert.match(await notice(page).innerText(), /1 message flagged/);
  assert.equal(await row(page, names[4]).locator('.flagged').count(), 1);
  assert.equal(await focus(page), names[4]);
  await away(page, 's');
  assert.match(await notice(page).innerText(), /1 message unflagged/);
  await away(page, 'Shift+U');
  assert.match(await notice(page).innerText(), /1 message marked as unread/);
  await away(page, 'Shift+I');
  assert.match(await notice(page).innerText(), /1 message marked as read/);
  for (const [key, words] of [['e', /moved to the archive/], ['#', /moved to the trash/], ['!', /marked as junk/]]) {
    // What is put back comes as the newest.
    const before = await subjects(page);
    const at = before.indexOf(await focus(page));
    await away(page, key);
    assert.match(await notice(page).innerText(), words, key);
    assert.deepEqual(await subjects(page), before.toSpliced(at, 1));
    assert.equal(await focus(page), before[at + 1]);
    await away(page, 'z');
    assert.match(await notice(page).innerText(), /put back/);
    await keys(page, 'j', 'j', 'j');
  }
  // Several: the last is gone, so the one above has the focus.
  const before = await subjects(page);
  await keys(page, 'j', 'x', 'j', 'j', 'x');
  await away(page, '#');
  assert.match(await notice(page).innerText(), /^2 messages/);
  assert.equal(await focus(page), before[4]);
  await away(page, 'z');
  // A field to choose in: by keys alone, too.
  await keys(page, 'j', 'v');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'to');
  await page.selectOption('#to', 'Projects');
  await press(page, 'Move');
  assert.match(await notice(page).innerText(), /1 message moved/);
  // Nothing ticked, nowhere: nothing is done, and it is said.
  await ready(page);
  await page.evaluate(() => document.activeElement.blur());
  const there = page.url();
  await keys(page, '#');
  assert.equal(await page.locator('main > .vh[role=status]').innerText(), 'No message is ticked.');
  assert.equal(page.url(), there);
});

test('keys: a message, folders, pages, answers', {}, async (t) => {
  const { page } = t;
  const names = Array.from({ length: 27 }, () => unique('Letter'));
  await begin(t, names, { folders: ['Archive'] });
  const title = () => page.innerText('main h1');
  await away(page, 'j', 'j', 'o');
  assert.equal(await title(), names[1]);
  await away(page, 'j');
  assert.equal(await title(), names[2]);
  await away(page, 'p');
  assert.equal(await title(), names[1]);
  await away(page, 'u');
  assert.equal(await focus(page), names[1]);
  await away(page, 'Enter');
  assert.equal(await title(), names[1]);
  await away(page, 's');
  assert.equal(await title(), names[1]);
  assert.match(await notice(page).innerText(), /1 message flagged/);
  await away(page, '#');
  assert.equal(await row(page, names[1]).count(), 0);
  await away(page, 'z');
  assert.equal(await row(page, names[1]).count(), 1);
  // Answers: of an open message, and of the row where one is.
  const forms = [['r', /^Re: /], ['a', /^Re: /], ['f', /^Fwd: /]];
  for (const from of ['row', 'message'])
    for (const [key, words] of forms) {
      await page.goto(`${t.server.secure}/list?folder=INBOX`);
      if (from === 'message') await open(page, names[3]);
      else await keys(page, 'j', 'j', 'j', 'j');
      await ready(page);
      await Promise.all([page.waitForNavigation(), page.keyboard.press(key)]);
      const subject = await page.inputValue('#subject');
      assert.match(subject, words, `${key} of a ${from}`);
      assert.ok(subject.endsWith(names[3]), subject);
    }
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  for (const [key, name] of [['s', 'Sent'], ['d', 'Drafts'], ['t', 'Trash'], ['a', 'Archive'], ['i', 'Inbox']]) {
    await away(page, 'g', key);
    assert.equal(await title(), name);
  }
  await page.goto(`${t.server.secure}/list?folder=INBOX&rows=25`);
  await keys(page, '/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
  // In a field they are letters.
  await page.keyboard.type('jx#e?gi');
  assert.equal(await page.inputValue('#q'), 'jx#e?gi');
  assert.equal(await ticked(page).count(), 0);
  await page.locator('h1').click();
  // With Ctrl, Alt or Meta they are the browser's.
  await keys(page, 'j');
  const now = await subjects(page);
  for (const with_ of ['Control', 'Alt', 'Meta']) await keys(page, `${with_}+j`, `${with_}+x`);
  assert.equal(await ticked(page).count(), 0);
  assert.equal(await focus(page), now[0]);
  // Other alphabets: the key that lies there.
  await page.evaluate(() => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'о', code: 'KeyJ', bubbles: true, cancelable: true })));
  assert.equal(await focus(page), now[1]);
  // A hand that rests on a key does nothing twice.
  await page.evaluate(() => document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: '#', code: 'Digit3', repeat: true, bubbles: true })));
  assert.equal((await subjects(page)).length, names.length);
  await Promise.all([page.waitForNavigation(), page.keyboard.press('c')]);
  assert.match(page.url(), /\/compose/);
});

test('keys: the sheet', {}, async (t) => {
  const { page } = t;
  const names = [unique('Letter'), unique('Letter')];
  await begin(t, names);
  await keys(page, 'j', '?');
  await sheet(page).waitFor();
  assert.match(await sheet(page).innerText(), /archive/);
  assert.equal(await sheet(page).getAttribute('aria-labelledby'), 'sheet-title');
  await assertGood(page, 'keys-sheet', { dark: true });
  // Nothing behind it takes keys.
  await page.keyboard.press('#');
  await page.keyboard.press('x');
  await page.keyboard.press('Escape');
  await sheet(page).waitFor({ state: 'detached' });
  assert.equal(await focus(page), names[0]);
  assert.equal(await ticked(page).count(), 0);
  assert.equal((await subjects(page)).length, 2);
  await page.keyboard.press('?');
  await sheet(page).getByRole('button', { name: 'Close' }).click();
  await sheet(page).waitFor({ state: 'detached' });
  assert.equal(await focus(page), names[0]);
});

test('keys: the sheet, narrow', { width: NARROW }, async (t) => {
  const { page } = t;
  await begin(t, [unique('Letter')]);
  await keys(page, '?');
  await sheet(page).waitFor();
  const [wide, room] = await sheet(page).evaluate((it) => [it.scrollWidth, it.clientWidth]);
  assert.ok(wide <= room, `${wide} in ${room}`);
  await page.screenshot({ path: 'build/shots/keys-sheet-narrow.png' });
});

both('keys: a page tells them; the settings switch them off', {}, async (t) => {
  const { page } = t;
  const names = [unique('Letter'), unique('Letter')];
  await begin(t, names);
  await follow(page, 'Keyboard shortcuts');
  assert.equal(await page.innerText('h1'), 'Keyboard shortcuts');
  assert.ok(await page.locator('kbd').count() > 30);
  if (t.js) await assertGood(page, 'keys', { dark: true });
  assert.equal(await page.getByText('switched off').count(), 0);
  await page.goto(`${t.server.secure}/settings`);
  await page.getByLabel('Keyboard shortcuts').uncheck();
  await page.locator('.actions button[value=save]').click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  assert.ok(!(await page.getByLabel('Keyboard shortcuts').isChecked()));
  await follow(page, 'Keyboard shortcuts');
  await page.getByText('They are switched off').waitFor();
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  if (!t.js) return;
  await keys(page, 'j', 'x', '?');
  assert.equal(await focus(page), null);
  assert.equal(await ticked(page).count(), 0);
  assert.equal(await sheet(page).count(), 0);
});

/** Moves with the button down; Chromium begins a drag at the second step. */
async function drag(page, from, to, { drop = true } = {}) {
  const place = async (locator) => {
    const box = await locator.boundingBox();
    return [box.x + Math.min(box.width / 2, 80), box.y + box.height / 2];
  };
  const [fromX, fromY] = await place(from);
  await page.mouse.move(fromX, fromY);
  await page.mouse.down();
  await page.mouse.move(fromX + 12, fromY + 2, { steps: 2 });
  const [x, y] = await place(to);
  await page.mouse.move(x, y, { steps: 3 });
  await page.mouse.move(x + 2, y);
  if (drop) await page.mouse.up();
}

test('keys: ranges by Shift; rows are dragged to a folder', {}, async (t) => {
  const { page } = t;
  const names = Array.from({ length: 6 }, () => unique('Letter'));
  await begin(t, names, { folders: ['Projects'] });
  await ready(page);
  const folder = (name) => page.locator('#folders li > a').filter({ hasText: name });
  const box = (name) => row(page, name).locator('input');
  await box(names[1]).click();
  await box(names[3]).click({ modifiers: ['Shift'] });
  assert.equal(await ticked(page).count(), 3);
  await box(names[5]).focus();
  await page.keyboard.press('Shift+Space');
  assert.equal(await ticked(page).count(), 5);
  await box(names[1]).focus();
  await page.keyboard.press('Shift+Space');
  assert.equal(await ticked(page).count(), 0);
  // One that is not ticked goes alone.
  await box(names[2]).click();
  await drag(page, row(page, names[0]).locator('.c-from'), folder('Projects'), { drop: false });
  await page.locator('#folders a.drop').waitFor();
  assert.match(await page.locator('main > .vh[role=status]').innerText(), /^1 message: drop on a folder/);
  await page.screenshot({ path: 'build/shots/drag-wide.png' });
  await Promise.all([page.waitForNavigation(), page.mouse.up()]);
  assert.match(await notice(page).innerText(), /^1 message moved/);
  assert.deepEqual(await subjects(page), names.slice(1));
  await press(page, 'Undo');
  assert.equal((await subjects(page)).length, 6);
  // Those that are ticked go together, by the link of one of them, too.
  await ready(page);
  await box(names[1]).check();
  await box(names[2]).check();
  await Promise.all([page.waitForNavigation(),
    drag(page, row(page, names[2]).locator('.c-subject a'), folder('Projects'))]);
  assert.match(await notice(page).innerText(), /^2 messages moved/);
  assert.deepEqual(await subjects(page), [names[0], ...names.slice(3)]);
  // Anywhere else nothing happens, and it is said.
  await ready(page);
  await box(names[4]).check();
  await drag(page, row(page, names[3]).locator('.c-from'), page.locator('h1'));
  await page.waitForFunction(() =>
    document.querySelector('main > .vh[role=status]').textContent === 'Nothing was moved.');
  assert.equal(await page.locator('#folders a.drop').count(), 0);
  assert.equal((await subjects(page)).length, 4);
  assert.ok(await box(names[4]).isChecked());
  // The folder that is shown takes none.
  await drag(page, row(page, names[3]).locator('.c-from'), folder('Inbox'), { drop: false });
  assert.equal(await page.locator('#folders a.drop').count(), 0);
  await page.mouse.up();
  assert.equal((await subjects(page)).length, 4);
  await page.goto(`${t.server.secure}/list?folder=Projects`);
  assert.deepEqual((await subjects(page)).sort(), ['In Projects', names[1], names[2]].sort());
});
