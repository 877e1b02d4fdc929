// The list: order, pages, search, ticks, folders; every page is an address.

import { assert, both, login, NARROW, test } from './harness.mjs';
import { folder, follow, go, letter, open, press, row, unique } from './steps.mjs';

const subjects = (page) => page.locator('table.list tbody .c-subject a').allInnerTexts();
const froms = (page) => page.locator('table.list tbody .c-from').allInnerTexts();
const header = (page, name) => page.locator('table.list thead').getByRole('link', { name });
const notice = (page) => page.locator('.note[role=status] p').first();

/** What the page shows at its address in a new tab. */
async function bookmarked(page, look) {
  const tab = await page.context().newPage();
  await tab.goto(page.url());
  const found = await look(tab);
  await tab.close();
  return found;
}

both('list: order, pages, Back, bookmarks', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  const first = await subjects(page);
  assert.equal(first.length, 50);
  await follow(page, 'Older');
  const second = await subjects(page);
  assert.notDeepEqual(second, first);
  assert.deepEqual(await bookmarked(page, subjects), second);
  await go(page, page.locator('table.list tbody .c-subject a').first());
  await page.goBack();
  assert.deepEqual(await subjects(page), second);
  await page.goBack();
  assert.deepEqual(await subjects(page), first);

  for (const name of ['From', 'Subject', 'Size', 'Received', 'Sent']) {
    await go(page, header(page, name));
    const there = await subjects(page);
    const th = page.locator('table.list thead th').filter({ hasText: name });
    const before = await th.getAttribute('aria-sort');
    assert.match(before, /ascending|descending/);
    await go(page, header(page, name));
    assert.notEqual(await th.getAttribute('aria-sort'), before);
    assert.notDeepEqual(await subjects(page), there);
    assert.deepEqual(await bookmarked(page, subjects), await subjects(page));
  }
  await page.goto(`${t.server.secure}/list?folder=INBOX&sort=from`);
  const people = (await froms(page)).map((name) => name.toLowerCase());
  assert.ok(people[0] <= people.at(-1), `${people[0]} … ${people.at(-1)}`);
});

both('list: search', {}, async (t) => {
  const { page } = t;
  const subject = unique('Über die Möwen');
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.fill('#q', 'möwen');
  await page.press('#q', 'Enter');
  await page.waitForURL(/\/search\?.*q=m/);
  assert.ok((await subjects(page)).includes(subject));
  assert.deepEqual(await bookmarked(page, subjects), await subjects(page));
  await open(page, subject);
  await page.goBack();
  assert.ok((await subjects(page)).includes(subject));
  await follow(page, 'Show all messages');
  assert.equal((await subjects(page)).length, 50);
});

both('list: marks, delete, move, undo', {}, async (t) => {
  const { page } = t;
  const [one, two] = [unique('Ticked'), unique('Ticked')];
  for (const subject of [one, two])
    await t.rig.call('append', { user: 'anna', folder: 'Archive', message: letter({ subject }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await go(page, folder(page, 'Archive'));
  const tick = async () => {
    for (const subject of [one, two]) await row(page, subject).locator('input[name=uid]').check();
  };
  const marked = async (name) => (await row(page, one).locator('.c-marks').innerText()).includes(name);
  const here = async () => (await subjects(page)).filter((each) => each === one || each === two).length;

  // The tools are not there while nothing is ticked; old browsers show them.
  const tool = page.locator('.rows button[value=flag]');
  assert.ok(!(await tool.isVisible()));
  await go(page, { click: () => tool.evaluate((it) => it.click()) });
  assert.match(await notice(page).innerText(), /Nothing was ticked/);
  for (const [button, mark, on] of [
    ['Mark read', 'Unread', false], ['Mark unread', 'Unread', true],
    ['Flag', 'Flagged', true], ['Unflag', 'Flagged', false],
  ]) {
    await tick();
    await press(page, button);
    assert.equal(await marked(mark), on, button);
    assert.match(await notice(page).innerText(), /^2 messages/);
  }
  await tick();
  await press(page, 'Delete');
  assert.equal(await here(), 0);
  await press(page, 'Undo');
  assert.equal(await here(), 2);

  await tick();
  await page.selectOption('select[name=to]', { label: 'Архив' });
  await press(page, 'Move');
  assert.equal(await here(), 0);
  await go(page, folder(page, 'Архив'));
  assert.equal(await here(), 2);
  await tick();
  await press(page, 'Delete');
  await go(page, folder(page, 'Trash'));
  await tick();
  await press(page, 'Delete for good');
  assert.equal(await page.innerText('h1'), 'Delete for good?');
  await follow(page, 'Cancel');
  assert.equal(await here(), 2);
  await tick();
  await press(page, 'Delete for good');
  await press(page, 'Delete for good');
  assert.equal(await here(), 0);
  assert.match(await notice(page).innerText(), /deleted for good/);
});

test('list: all of a page are ticked at once', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await go(page, folder(page, 'Familie'));
  const boxes = page.locator('table.list input[name=uid]');
  const ticked = page.locator('table.list input[name=uid]:checked');
  await page.getByLabel('All', { exact: true }).check();
  assert.equal(await ticked.count(), await boxes.count());
  await page.getByLabel('All', { exact: true }).uncheck();
  assert.equal(await ticked.count(), 0);
  await boxes.nth(1).click();
  await boxes.nth(4).click({ modifiers: ['Shift'] });
  assert.equal(await ticked.count(), 4);
});

both('list: folders in other alphabets', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  for (const name of ['Архив', '日本語', 'Projects']) {
    await go(page, folder(page, name));
    assert.match(await page.innerText('h1'), new RegExp(`${name}$`));
    const there = await subjects(page);
    assert.ok(there.length >= 10, name);
    assert.deepEqual(await bookmarked(page, subjects), there);
    await go(page, page.locator('table.list tbody .c-subject a').first());
    assert.equal(await page.innerText('h1'), there[0]);
  }
});

both('list: all messages of a folder, on every page', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  const match = page.locator('.all-match input');
  const total = Number((await page.locator('.range').first().innerText()).match(/of (\d+)/)[1]);
  assert.ok(total > 50);
  if (t.js) {
    // Offered once the whole page is ticked, and no longer meant when one is not.
    assert.equal(await match.isVisible(), false);
    await page.locator('.all-slot input').check();
    await match.check();
    await page.locator('tbody input[name=uid]').first().uncheck();
    assert.equal(await match.isChecked(), false);
    assert.equal(await match.isVisible(), false);
    await page.locator('.all-slot input').check();
  } else {
    // It stands there from the first: no row moves when one is ticked.
    assert.equal(await match.isVisible(), true);
    const second = page.locator('tbody tr').nth(1);
    const before = await second.boundingBox();
    await page.locator('tbody input[name=uid]').first().check();
    assert.equal((await second.boundingBox()).y, before.y);
  }
  const flagged = await page.locator('.mark.flagged').count();
  await match.check();
  await press(page, 'Flag');
  assert.equal(await notice(page).innerText(), `${total} messages flagged.`);
  assert.equal(await page.locator('.mark.flagged').count(), 50);
  await t.shot('all-match');
  await go(page, page.locator('.note[role=status] button'));
  assert.match(await notice(page).innerText(), /messages are marked as before/);
  assert.equal(await page.locator('.mark.flagged').count(), flagged);
});

both('list: one stays where one was when messages go, and when they come back', { width: NARROW }, async (t) => {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  const subjects = [...Array(30)].map((_, number) => unique(`Place ${number}`)).reverse();
  for (const subject of [...subjects].reverse()) await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject }) });
  await login(page, t.server, user, password);
  const top = (subject) => row(page, subject).evaluate((element) => element.getBoundingClientRect().top);
  const inView = async (locator) => {
    const { y, height } = await locator.boundingBox();
    return y >= 0 && y + height <= NARROW.height;
  };
  const said = page.locator('main > .said');

  // Far down in a list, by a click: what is above does not move, and Undo is there.
  if (t.js) {
    await row(page, subjects[18]).locator('.c-tick input').check();
    await row(page, subjects[15]).evaluate((element) => scrollBy(0, element.getBoundingClientRect().top - 250));
    const before = await top(subjects[15]);
    await go(page, page.locator('.rows').getByRole('button', { name: 'Delete' }));
    assert.equal(await row(page, subjects[18]).count(), 0);
    assert.ok(Math.abs((await top(subjects[15])) - before) < 2, `${await top(subjects[15])}, was ${before}`);
    assert.ok(await inView(said), 'what was done is seen');
    await go(page, said.getByRole('button', { name: 'Undo' }));
    assert.ok(Math.abs((await top(subjects[15])) - before) < 2, 'after Undo');
    assert.ok(await inView(said), 'that it was undone is seen');
  }
  // From a message that was opened far down: the next one is there.
  await open(page, subjects[24]);
  await go(page, page.locator('.message-tools').getByRole('button', { name: 'Delete', exact: true }).first());
  assert.equal(await row(page, subjects[24]).count(), 0);
  assert.ok(await inView(row(page, subjects[25])), 'the next message is seen');
  assert.ok(await inView(said), 'what was done is seen');
  assert.match(await said.innerText(), /moved to the trash/);
  await go(page, said.getByRole('button', { name: 'Undo' }));
  assert.equal(await row(page, subjects[24]).count(), 1);
});

both('list: the folders stay beside a long list', { width: { width: 1280, height: 500 } }, async (t) => {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  for (let number = 0; number < 25; number++)
    await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject: unique('Long') }) });
  await login(page, t.server, user, password);
  const inView = async (locator) => {
    const { y, height } = await locator.boundingBox();
    return y >= 0 && y + height <= 500;
  };
  const place = (name) => page.locator('#folders').getByRole('link', { name, exact: true });
  await page.mouse.move(800, 300);
  await page.mouse.wheel(0, 5000);
  await page.waitForFunction(() => scrollY > 100);
  assert.ok(await inView(place('Sent')), 'Sent is seen beside the last rows');
  await place('All folders').focus();
  assert.ok(await inView(place('All folders')), 'the last one comes by keyboard');
});
