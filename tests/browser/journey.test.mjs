// The whole main job by keyboard alone, with JavaScript and without: each
// control is reached by Tab, is seen when it has the focus, and does its work.

import { readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Keys } from './focus.mjs';
import { assert, both } from './harness.mjs';
import { arrived, download, letter, row, unique } from './steps.mjs';

const notice = (page) => page.locator('.note[role=status] p').first().innerText();
const subjects = (page) => page.locator('table.list tbody .c-subject a').allInnerTexts();

async function begin(t, keys, subject, other) {
  const { page } = t;
  const { user, password } = await t.rig.call('person');
  const messages = [letter({ subject: other, to: user }), letter({ subject, to: user, text: 'When shall we meet?\n' })];
  await t.rig.call('append_all', { user, folder: 'INBOX', messages });
  await t.rig.call('store', { user, uids: '1', what: '+FLAGS (\\Seen)' });
  await page.goto(`${t.server.secure}/`);
  // The cursor stands in the first field.
  await page.keyboard.type(user);
  await keys.type('Password', password);
  await page.keyboard.press('Tab');
  await keys.through('Log in');
  assert.equal(await page.innerText('h1'), 'Inbox');
  return user;
}

/** Answers the open message, with a file. */
async function answer(t, keys, subject) {
  const { page } = t;
  const file = join(tmpdir(), `${unique('plan').replace(' ', '-')}.txt`);
  writeFileSync(file, 'At noon, by the lake.\n');
  await keys.through('Reply', { kind: 'a' });
  // And here in the text, because it is a reply.
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('Typed, not clicked.\n');
  // Asked for before the way there: the browser has to know it when the key comes.
  const choosing = page.waitForEvent('filechooser');
  await keys.to('Add files');
  await page.keyboard.press('Space');
  await (await choosing).setFiles(file);
  if (t.js) await page.locator('#files ul.attached li').waitFor();
  else await keys.through('Attach');
  assert.match(await page.innerText('#files ul.attached'), /plan-[\d-]+\.txt/);
  await keys.through('Send');
  assert.equal(await page.innerText('h1'), 'Sent');
  const { message } = await arrived(t.rig, 'ben', subject);
  assert.match(message, /Typed, not clicked\./);
  await keys.through('Back to the messages');
  await keys.through(/^Sent/);
  await keys.through(`Re: ${subject}`);
  const got = await download(page, page.getByRole('link', { name: /^Download plan-/ }));
  assert.deepEqual(got.bytes, readFileSync(file));
}

/** Ticks a message of the list, chooses for it in one of the fields above, and presses the button. */
async function choose(page, keys, subject, field, value, button) {
  await keys.to(`Tick ${subject}`);
  await page.keyboard.press('Space');
  await keys.to(field, { key: 'Shift+Tab', kind: 'select' });
  await page.keyboard.type(value);
  await keys.through(button);
}

both('journey: the whole main job by keyboard alone', {}, async (t) => {
  const { page } = t;
  const keys = new Keys(page);
  const subject = unique('A day at the lake');
  const other = unique('Known already');
  const name = unique('Reise').replace(' ', '-');
  await begin(t, keys, subject, other);

  // What is unread, opened, answered with a file.
  await keys.through('Unread', { kind: 'a' });
  await page.locator('#end').waitFor();
  assert.deepEqual(await subjects(page), [subject]);
  await keys.through(subject);
  assert.equal(await page.innerText('main h1'), subject);
  await answer(t, keys, subject);

  // A folder is made, and a message labelled, moved there, put back.
  await keys.through('All folders');
  await keys.to('New folder', { kind: 'summary' });
  await page.keyboard.press('Enter');
  await keys.type('Name', name);
  await keys.through('Make the folder');
  assert.match(await notice(page), /The folder is made/);
  await keys.through('Back to the messages');
  await choose(page, keys, other, 'Label', 'Work', 'Set the label');
  assert.match(await notice(page), /The label is set on 1 message/);
  assert.equal(await row(page, other).locator('.label bdi').innerText(), 'Work');
  await choose(page, keys, other, 'Move to', name, 'Move');
  assert.match(await notice(page), /1 message moved/);
  assert.deepEqual(await subjects(page), [subject]);
  await keys.through('Undo');
  assert.match(await notice(page), /put back/);
  assert.ok((await subjects(page)).includes(other));

  // It is found by its words.
  await keys.to('Search for');
  await page.keyboard.type('subject:known label:work');
  await Promise.all([page.waitForURL(/\/search\?/), page.keyboard.press('Enter')]);
  await page.locator('#end').waitFor();
  assert.deepEqual(await subjects(page), [other]);

  // A setting, and the end.
  await keys.through('Settings');
  await keys.to('Show messages as plain text');
  await page.keyboard.press('Space');
  if (t.js) await page.locator('#reading .settings-said').getByText('Your settings are saved.').waitFor();
  else await keys.through('Save Reading');
  await page.reload();
  assert.ok(await page.isChecked('#prefer_plain'));
  await keys.through('Log off');
  assert.equal(await page.innerText('h1'), 'You are logged off');
  await page.goto(`${t.server.secure}/list`);
  assert.ok(await page.locator('input[name=password]').isVisible());
});
