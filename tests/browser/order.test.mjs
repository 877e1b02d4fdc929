// Finding and keeping order as people do it: what the search field understands,
// a search that is kept, one that is stopped; folders made, renamed, moved,
// subscribed, deleted; and where to move when there are more folders than the
// menu holds.

import { assert, assertFits, assertGood, both, login, NARROW, test } from './harness.mjs';
import { allBytes, folder, follow, go, letter, press, row, unique } from './steps.mjs';

const notice = (page) => page.locator('.note[role=status]').first().innerText();
const subjects = async (page) => (await page.locator('table.list tbody .c-subject a').allInnerTexts()).sort();
const folderUrl = (t, name) => `${t.server.secure}/folder?folder=${encodeURIComponent(name)}`;

async function begin(t, server = t.server) {
  const { user, password } = await t.rig.call('person');
  const put = (where, options, flags = '') =>
    t.rig.call('append', { user, folder: where, flags, message: letter({ to: user, ...options }) });
  return { user, put, enter: () => login(t.page, server, user, password, { secure: true }) };
}

async function search(page, words, where = 'all') {
  await page.fill('#q', words);
  await page.selectOption('#in', where);
  await Promise.all([page.waitForURL((url) => url.searchParams.get('q') === words), page.press('#q', 'Enter')]);
  await page.locator('#end').waitFor();
  return subjects(page);
}

both('order: what the search field understands', {}, async (t) => {
  const { page } = t;
  const { put, enter } = await begin(t);
  const file = { name: 'harbour.bin', type: 'application/octet-stream', bytes: allBytes(30000) };
  await put('INBOX', { subject: 'Boats in spring', from: 'ben', text: 'sails and ropes\n' });
  await put('INBOX', { subject: 'Boats in autumn', from: 'carla', text: 'ropes and sails\n', file }, '\\Seen');
  await put('Archive', { subject: 'Old boats', from: 'ben' }, '\\Seen \\Flagged');
  await put('Trash', { subject: 'Sunken boats', from: 'ben' }, '\\Seen');
  await enter();
  const [spring, autumn, old, sunken] = ['Boats in spring', 'Boats in autumn', 'Old boats', 'Sunken boats'];
  for (const [words, found] of [
    ['boats', [spring, autumn, old]],
    ['in:all boats', [spring, autumn, old, sunken]],
    ['from:ben boats', [spring, old]],
    ['subject:boats -from:ben', [autumn]],
    ['"sails and ropes"', [spring]],
    ['spring OR autumn', [spring, autumn]],
    ['(spring OR old) from:ben', [spring, old]],
    ['boats has:attachment larger:10K', [autumn]],
    ['boats is:unread', [spring]],
    ['is:flagged in:archive', [old]],
    ['boats after:today', [spring, autumn, old]],
    ['boats before:2001-01-01', []],
  ])
    assert.deepEqual(await search(page, words), found.toSorted(), words);
  // What is no search word is looked for as it stands, and that is said.
  await search(page, 'boats befroe:monday');
  assert.match(await page.innerText('main'), /befroe/);
  assert.ok(await page.locator('.hints, .search-hints, .note, .hint').filter({ hasText: 'befroe' }).count());
  // The two that are ready, and where one is.
  await follow(page, 'Flagged');
  assert.deepEqual(await subjects(page), [old]);
  await go(page, folder(page, 'Archive'));
  assert.deepEqual(await (async () => {
    await page.fill('#q', 'boats');
    await page.selectOption('#in', 'here');
    await press(page, 'Search');
    return subjects(page);
  })(), [old]);
});

both('order: a search is kept, used, removed, and taken back', {}, async (t) => {
  const { page } = t;
  const { put, enter } = await begin(t);
  await put('INBOX', { subject: 'Boats in spring' });
  await enter();
  await search(page, 'subject:spring');
  await page.locator('summary', { hasText: 'Keep this search' }).click();
  await page.fill('#keep-name', 'Spring boats');
  await press(page, 'Keep it');
  assert.match(await notice(page), /This search is kept/);
  // It is asked anew each time.
  await put('Archive', { subject: 'Spring again' });
  await page.goto(`${t.server.secure}/list`);
  await follow(page, 'Spring boats');
  assert.equal(await page.innerText('h1'), 'Spring boats');
  assert.deepEqual(await subjects(page), ['Boats in spring', 'Spring again']);
  await press(page, 'Remove this search');
  await press(page, 'Undo');
  assert.equal(await page.locator('.searches', { hasText: 'Spring boats' }).count(), 1);
});

both('order: a search is stopped on its way', {}, async (t) => {
  const { page } = t;
  const { server, ...facts } = await t.rig.call('hanging_server', { pattern: 'EXAMINE "?Late' });
  const slow = t.rig.addresses({ server, ...facts });
  const { put, enter } = await begin(t, slow);
  for (const where of ['Early', 'Late', 'Later']) await put(where, { subject: `Quince in ${where}` });
  await enter();
  await page.goto(`${slow.secure}/search?q=subject%3Aquince`, { waitUntil: 'commit' });
  // What is found stands there while the rest is looked for.
  await row(page, 'Quince in Early').waitFor();
  await page.getByRole('button', { name: 'Stop the search' }).click({ noWaitAfter: true });
  await page.getByText('You stopped the search.').waitFor();
  assert.match(await page.innerText('.missing'), /Late/);
  assert.deepEqual(await subjects(page), ['Quince in Early']);
  await t.rig.call('hang_no_more', { server });
  await follow(page, 'Search again');
  assert.deepEqual(await subjects(page), ['Quince in Early', 'Quince in Late', 'Quince in Later']);
});

both('order: folders made, filled, renamed, moved, subscribed, deleted', {}, async (t) => {
  const { page } = t;
  const { user, put, enter } = await begin(t);
  await put('INBOX', { subject: 'To be kept' });
  await enter();
  const made = async (name) => {
    await follow(page, 'All folders');
    await page.locator('summary', { hasText: 'New folder' }).click();
    await page.fill('#new-name', name);
    await press(page, 'Make the folder');
    assert.match(await notice(page), /The folder is made/);
    await page.goto(`${t.server.secure}/list`);
  };
  await made('Häfen');
  await made('Küste');
  await row(page, 'To be kept').locator('input[name=uid]').check();
  await page.selectOption('#to', { label: 'Häfen' });
  await press(page, 'Move');
  assert.match(await notice(page), /1 message moved/);
  await go(page, folder(page, 'Häfen'));
  assert.deepEqual(await subjects(page), ['To be kept']);

  // Renamed and put into another one: its message is still in it.
  await page.goto(folderUrl(t, 'Häfen'));
  await page.fill('#name', 'Häfen & Molen');
  await press(page, 'Rename');
  assert.match(await notice(page), /renamed/);
  await page.goto(folderUrl(t, 'Häfen & Molen'));
  await page.selectOption('#parent', 'Küste');
  await go(page, page.locator('button[value=move]'));
  assert.match(await notice(page), /moved|inside/i);
  const inside = 'Küste/Häfen & Molen';
  assert.deepEqual((await t.rig.call('subjects', { user, folder: inside })).subjects, ['To be kept']);

  await page.goto(folderUrl(t, inside));
  await press(page, 'Unsubscribe');
  assert.match(await page.innerText('main'), /You are not subscribed/);
  await press(page, 'Subscribe');
  assert.match(await page.innerText('main'), /You are subscribed/);
  await press(page, 'Mark all as read');
  await page.goto(folderUrl(t, inside));
  assert.doesNotMatch(await page.innerText('main'), /unread/);
  await page.setViewportSize(NARROW);
  await assertFits(page);

  // Deleted it lies in the trash, and comes back with what is in it.
  await press(page, 'Delete this folder');
  assert.match(await notice(page), /in the trash now/);
  await press(page, 'Undo');
  assert.deepEqual((await t.rig.call('subjects', { user, folder: inside })).subjects, ['To be kept']);
});

const MANY = 170;

both('order: where to, when the menu does not hold all folders', {}, async (t) => {
  const { page } = t;
  const { user, put, enter } = await begin(t);
  const names = Array.from({ length: MANY }, (_, at) => `Client ${String(at).padStart(3, '0')}`);
  await t.rig.call('folders', { user, names });
  await put('INBOX', { subject: 'An offer' });
  await put('INBOX', { subject: 'A bill' });
  await enter();
  await row(page, 'An offer').locator('input[name=uid]').check();
  await page.selectOption('#to', { label: 'Another folder …' });
  await press(page, 'Move');
  assert.equal(await page.innerText('h1'), 'Move to which folder?');
  assert.match(await page.innerText('main'), /1 message\. Nothing is done before/);
  await page.fill('#find', 'nobody of that name');
  await press(page, 'Show');
  assert.match(await page.innerText('main'), /No folder is called like that/);
  await page.fill('#find', 'cLIENT 16');
  await press(page, 'Show');
  assert.equal(await page.locator('.choose-folder li').count(), 10);
  if (t.js) await assertGood(page, 'act-choose', { dark: true });
  await page.setViewportSize(NARROW);
  await assertFits(page);
  await press(page, 'Client 167');
  assert.match(await notice(page), /1 message moved/);
  assert.deepEqual((await t.rig.call('subjects', { user, folder: 'Client 167' })).subjects, ['An offer']);
  await press(page, 'Undo');
  assert.deepEqual(await subjects(page), ['A bill', 'An offer']);
  // From the message's own page, and given up.
  await go(page, row(page, 'A bill').locator('.c-subject a').first());
  const there = page.url();
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.selectOption('#to', { label: 'Another folder …' });
  await press(page, 'Move');
  assert.equal(await page.innerText('h1'), 'Move to which folder?');
  await follow(page, 'Cancel');
  assert.equal(page.url(), there);
  assert.equal(await page.innerText('h1'), 'A bill');
});
