// Searching many folders: what is found, acted on, kept; every page is good.

import { assert, assertFits, assertGood, both, login, NARROW, test, WIDE } from './harness.mjs';
import { follow, go, letter, open, press, row, unique } from './steps.mjs';

const groups = (page) => page.locator('.found-in bdi').allInnerTexts();
const subjects = (page) => page.locator('table.list tbody .c-subject a').allInnerTexts();
const word = () => `w${Math.random().toString(36).slice(2)}`;

/** A word that stands in one message of each of two folders. */
async function furnish(t) {
  const name = word();
  for (const folder of ['INBOX', 'Archive'])
    await t.rig.call('append', { user: 'anna', folder, message: letter({ subject: `${name} in ${folder}` }) });
  return name;
}

async function search(page, words) {
  await page.fill('#q', words);
  await page.press('#q', 'Enter');
  await page.waitForURL(/\/search\?/);
  await page.waitForLoadState();
}

both('search: many folders, there and back, ticked together', {}, async (t) => {
  const { page } = t;
  const name = await furnish(t);
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await search(page, `subject:${name}`);
  assert.deepEqual(await groups(page), ['Inbox', 'Archive']);
  assert.ok(await page.locator('.search-stop').isHidden());
  await open(page, `${name} in Archive`);
  await go(page, page.locator('a.back'));
  assert.match(page.url(), /\/search\?.*#m\d+-/);
  assert.deepEqual(await groups(page), ['Inbox', 'Archive']);
  for (const box of await page.locator('input[name=pick]').all())
    await box.check();
  await press(page, 'Flag');
  assert.match(await page.locator('.note[role=status] p').first().innerText(), /2 messages flagged/);
  assert.equal(await page.locator('.mark.flagged').count(), 2);
  await press(page, 'Undo');
  assert.equal(await page.locator('.mark.flagged').count(), 0);
});

both('search: all that was found, in every folder', {}, async (t) => {
  const { page } = t;
  const name = word();
  for (const [folder, count] of [['INBOX', 23], ['Archive', 4]])
    for (let at = 0; at < count; at++)
      await t.rig.call('append', { user: 'chloe', folder, message: letter({ to: 'chloe', subject: `${name} ${at}` }) });
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  await search(page, `subject:${name}`);
  assert.equal((await subjects(page)).length, 24);
  const match = page.locator('.all-match input');
  if (t.js) {
    // Offered beside the tools, once all of the page is ticked.
    assert.equal(await match.isVisible(), false);
    await page.locator('.all-slot input').check();
    assert.ok((await match.boundingBox()).y < (await page.locator('table.list').boundingBox()).y);
    await page.locator('input[name=pick]').first().uncheck();
    assert.equal(await match.isVisible(), false);
    await page.locator('.all-slot input').check();
  }
  assert.match(await page.locator('.all-match').innerText(), /^\s*All 27 messages that were found, in every folder\s*$/);
  await match.check();
  await t.shot(t.js ? 'search-all' : 'search-all-plain');
  await assertFits(page);
  const [sent] = await Promise.all([
    page.waitForRequest((request) => request.method() === 'POST'),
    press(page, 'Flag'),
  ]);
  assert.doesNotMatch(sent.postData(), /pick=/);
  const said = page.locator('.note[role=status] p').first();
  assert.equal(await said.innerText(), '27 messages flagged.');
  assert.equal(await page.locator('.mark.flagged').count(), 24);
  await press(page, 'Undo');
  assert.equal(await said.innerText(), '27 messages are marked as before.');
  assert.equal(await page.locator('.mark.flagged').count(), 0);
});

both('search: a form, a search that is kept', {}, async (t) => {
  const { page } = t;
  const name = await furnish(t);
  const kept = unique('Kept');
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/search`);
  await page.fill('#b-subject', name);
  await page.selectOption('#b-read', 'is:unread');
  await go(page, page.locator('button[value=build]'));
  assert.equal(await page.inputValue('#q'), `subject:${name} is:unread`);
  assert.equal((await subjects(page)).length, 2);
  await page.locator('summary', { hasText: 'Keep this search' }).click();
  await page.fill('#keep-name', kept);
  await press(page, 'Keep it');
  await page.goto(`${t.server.secure}/list`);
  await follow(page, kept);
  assert.equal((await subjects(page)).length, 2);
  await press(page, 'Remove this search');
  assert.equal(await page.locator('.searches', { hasText: kept }).count(), 0);
  await press(page, 'Undo');
  assert.equal(await page.locator('.searches', { hasText: kept }).count(), 1);
  await press(page, 'Remove this search');
});

test('search: pages', {}, async (t) => {
  const { page } = t;
  const name = await furnish(t);
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await search(page, name);
  await assertGood(page, 'search-found', { dark: true });
  await search(page, `${name} form:x before:soon`);
  await assertGood(page, 'search-hints');
  await page.goto(`${t.server.secure}/search`);
  await assertGood(page, 'search-form', { dark: true });
  await page.goto(`${t.server.secure}/search/help`);
  await assertGood(page, 'search-help');
  await page.setViewportSize(NARROW);
  await page.goto(`${t.server.secure}/search?in=all&q=${name}`);
  await assertFits(page);
});

both('search: from a message, with the words that led to it', {}, async (t) => {
  const { page, server } = t;
  const word = unique('meadow').replace(/\W/g, '');
  for (const folder of ['INBOX', 'Archive'])
    await t.rig.call('append', { user: 'ben', folder, message: letter({ to: 'ben', subject: `${folder} ${word}` }) });
  await login(page, server, 'ben', t.rig.password, { secure: true });
  await page.goto(`${server.secure}/list?folder=INBOX`);
  await open(page, `INBOX ${word}`);
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    assert.equal(await page.locator('#q').inputValue(), '');
    assert.ok(await page.locator('#q').isVisible());
    assert.ok((await page.locator('#q').boundingBox()).width > 90);
    await assertFits(page);
  }
  await page.setViewportSize(WIDE);
  await page.selectOption('#in', 'here');
  await page.fill('#q', word);
  await press(page, 'Search');
  await row(page, `INBOX ${word}`).waitFor();
  assert.equal(await row(page, `Archive ${word}`).count(), 0);
  await open(page, `INBOX ${word}`);
  assert.equal(await page.locator('#q').inputValue(), word);
  await page.selectOption('#in', 'all');
  await press(page, 'Search');
  await row(page, `Archive ${word}`).waitFor();
});
