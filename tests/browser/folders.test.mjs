// Folders: the tree, one folder's page, making, renaming, deleting, Undo.

import { assert, assertFits, assertGood, both, login, NARROW, shot } from './harness.mjs';
import { folder, follow, letter, press, unique } from './steps.mjs';

const notice = (page) => page.locator('.note[role=status] p').first();

both('folders: make, rename, delete, take back', {}, async (t) => {
  const { page } = t;
  const name = unique('Büro').replaceAll(' ', '-');
  await login(page, t.server, 'ben', t.rig.password, { secure: true });
  await follow(page, 'All folders');
  assert.equal(await page.innerText('h1'), 'Folders');
  await page.locator('summary', { hasText: 'New folder' }).click();
  await page.fill('#new-name', name);
  await press(page, 'Make the folder');
  assert.match(await notice(page).innerText(), /The folder is made/);
  await page.goto(`${t.server.secure}/folder?folder=${encodeURIComponent(name)}`);
  await page.fill('#inner', 'Rechnungen');
  await press(page, 'Make');
  await t.rig.call('append', { user: 'ben', folder: `${name}/Rechnungen`, message: letter({ subject: 'r1' }) });
  await page.goto(`${t.server.secure}/folder?folder=${encodeURIComponent(name)}`);
  if (t.js) await assertGood(page, 'folder', { dark: true });
  else await shot(page, 'folder-plain');
  await page.fill('#name', `${name}-neu`);
  await press(page, 'Rename');
  assert.match(await notice(page).innerText(), /renamed/);
  await page.goto(`${t.server.secure}/list`);
  const inside = page.locator(`nav.folders details[data-folder="${name}-neu"]`);
  assert.ok(await inside.evaluate((each) => each.open), 'unread inside: open');
  assert.ok(await folder(page, 'Rechnungen').first().isVisible());
  if (t.js) await assertGood(page, 'folders-beside', { dark: true });
  await page.goto(`${t.server.secure}/folders`);
  if (t.js) await assertGood(page, 'folders-all', { dark: true });
  await page.setViewportSize(NARROW);
  await assertFits(page);
  await shot(page, `folders-all-narrow${t.js ? '' : '-plain'}`);
  await page.goto(`${t.server.secure}/folder?folder=${encodeURIComponent(`${name}-neu`)}`);
  await assertFits(page);
  await shot(page, `folder-narrow${t.js ? '' : '-plain'}`);
  await press(page, 'Delete this folder');
  assert.match(await notice(page).innerText(), /in the trash now/);
  await press(page, 'Undo');
  assert.match(await notice(page).innerText(), /undone/);
  await page.goto(`${t.server.secure}/folder?folder=${encodeURIComponent(`${name}-neu`)}`);
  await press(page, 'Delete this folder');
  await page.goto(`${t.server.secure}/folder?folder=Trash`);
  await press(page, 'Empty this folder …');
  assert.match(await page.innerText('main'), /folders in it, too, with 1 message/);
  await shot(page, `folder-ask-narrow${t.js ? '' : '-plain'}`);
  await press(page, 'Delete for good');
  assert.match(await notice(page).innerText(), /deleted for good/);
});

both('folders: what is open is remembered', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  await t.rig.call('append', { user: 'chloe', folder: 'Haus/Garten', message: letter({ subject: 'g' }), flags: '\\Seen' });
  await page.goto(`${t.server.secure}/list`);
  // Another program made it: the browser's own button asks for all at once.
  await page.reload();
  const inside = page.locator('nav.folders details[data-folder="Haus"]');
  const isOpen = () => inside.evaluate((each) => each.open);
  if (t.js) {
    if (await isOpen()) return;
    await Promise.all([page.waitForResponse(/\/folder$/), inside.locator('summary').first().click()]);
  } else {
    await page.goto(`${t.server.secure}/folder?folder=Haus`);
    const button = page.getByRole('button', { name: 'Show it always' });
    if (await button.count()) await press(page, 'Show it always');
  }
  await page.goto(`${t.server.secure}/list`);
  assert.ok(await isOpen());
});

both('labels: made, set, removed, taken back', {}, async (t) => {
  const { page } = t;
  const name = unique('Reise');
  const subject = unique('labelled');
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  await t.rig.call('append', { user: 'chloe', folder: 'INBOX', message: letter({ subject }) });
  await page.goto(`${t.server.secure}/labels`);
  await page.fill('#new-name', name);
  await press(page, 'Make the label');
  assert.match(await notice(page).innerText(), /The label is made/);
  if (t.js) await assertGood(page, 'labels', { dark: true });
  await page.setViewportSize(NARROW);
  await assertFits(page);
  await shot(page, `labels-narrow${t.js ? '' : '-plain'}`);
  await page.goto(`${t.server.secure}/list`);
  const row = page.locator('tr', { hasText: subject });
  await row.locator('input[name=uid]').check();
  await page.locator('.tool-row .fold > summary').click();
  await page.selectOption('select[name=label]', { label: name });
  await shot(page, `labels-tick-narrow${t.js ? '' : '-plain'}`);
  await press(page, 'Set the label');
  assert.match(await notice(page).innerText(), /The label is set on 1 message/);
  assert.equal(await row.locator('.label bdi').innerText(), name);
  await assertFits(page);
  await shot(page, `labels-list-narrow${t.js ? '' : '-plain'}`);
  await row.locator('th a').click();
  await page.locator('.marks .label', { hasText: name }).waitFor();
  await page.goto(`${t.server.secure}/list`);
  await row.locator('input[name=uid]').check();
  await page.locator('.tool-row .fold > summary').click();
  await page.selectOption('select[name=label]', { label: name });
  await press(page, 'Remove the label');
  assert.equal(await row.locator('.label').count(), 0);
  await press(page, 'Undo');
  assert.equal(await row.locator('.label bdi').innerText(), name);
});

both('archive: by year', {}, async (t) => {
  const { page } = t;
  const subject = unique('archived');
  await login(page, t.server, 'chloe', t.rig.password, { secure: true });
  await t.rig.call('append', { user: 'chloe', folder: 'INBOX', message: letter({ subject }) });
  await page.goto(`${t.server.secure}/folder?folder=Archive`);
  await page.selectOption('#by', 'year');
  await page.locator('button[value=archive_by]').click();
  await page.locator('.note', { hasText: 'archived messages go there' }).waitFor();
  await page.goto(`${t.server.secure}/list`);
  await page.locator('tr', { hasText: subject }).locator('input[name=uid]').check();
  await page.locator('.tool-row button[value=archive]').click();
  await page.locator('.note', { hasText: 'moved to the archive' }).waitFor();
  await page.goto(`${t.server.secure}/list?folder=Archive%2F${new Date().getFullYear()}`);
  assert.equal(await page.locator('tr', { hasText: subject }).count(), 1);
});
