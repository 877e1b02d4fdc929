// The main job, from the address to the logged-off page.

import { assert, assertFits, both } from './harness.mjs';
import {
  allBytes, arrived, attachment, download, fillLogin, folder, follow, go, letter, logOff, open, press,
  row, unique,
} from './steps.mjs';

const report = { name: 'Übersicht März.bin', type: 'application/octet-stream', bytes: allBytes(5000) };
const answer = { name: 'Antwort – Plan.pdf', mimeType: 'application/pdf', buffer: allBytes(70001) };

/** From the address as typed, through the switch, to the list. */
async function arrive(t, page, user) {
  await page.goto(`${t.server.plain}/`);
  await press(page, 'Enter secure mode');
  assert.ok(page.url().startsWith(`${t.server.secure}/`), page.url());
  await fillLogin(page, user, t.rig.password);
  assert.equal(await page.innerText('h1'), 'Inbox');
}

async function downloadsAlike(page, name, bytes) {
  const got = await download(page, attachment(page, name));
  assert.equal(got.name, name);
  assert.ok(got.bytes.equals(bytes), `${name}: ${got.bytes.length} bytes differ`);
}

both('main job', {}, async (t) => {
  const { page } = t;
  const subject = unique('The plan for März');
  await t.rig.call('append', {
    user: 'anna', folder: 'INBOX', message: letter({ subject, text: 'What do you say?\n', file: report }),
  });
  await arrive(t, page, 'anna');
  assert.equal(await page.locator('table.list tbody tr').count(), 50);
  for (const name of ['Inbox', 'Sent', 'Архив', '日本語', 'Familie'])
    assert.ok(await folder(page, name).isVisible(), name);
  await assertFits(page);

  await open(page, subject);
  assert.match(await page.innerText('article.plain'), /What do you say\?/);
  await downloadsAlike(page, report.name, report.bytes);

  await follow(page, 'Reply');
  assert.match(await page.inputValue('#to'), /ben@demo\.test/);
  assert.equal(await page.inputValue('#subject'), `Re: ${subject}`);
  const quoted = await page.inputValue('#body');
  assert.match(quoted, /> What do you say\?/);
  await page.fill('#body', `Yes – здравствуйте 日本\n.\n${quoted}`);
  await page.setInputFiles('#file', answer);
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Sent');
  assert.match(await page.innerText('main'), /ben@demo\.test/);

  await follow(page, 'Back to the messages');
  assert.ok(await row(page, subject).locator('.mark', { hasText: 'Answered' }).count());
  await go(page, folder(page, 'Sent'));
  await open(page, `Re: ${subject}`);
  await downloadsAlike(page, answer.name, answer.buffer);

  await arrived(t.rig, 'ben', subject);
  const ben = await (await t.newContext()).newPage();
  await arrive(t, ben, 'ben');
  await open(ben, `Re: ${subject}`);
  assert.match(await ben.innerText('article.plain'), /Yes – здравствуйте 日本\n\.\n/);
  await downloadsAlike(ben, answer.name, answer.buffer);
  await logOff(ben);

  await logOff(page);
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  assert.ok(await page.locator('input[name=password]').isVisible());
});
