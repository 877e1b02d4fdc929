// Send, Undo, the Outbox, with JavaScript and without.

import { assert, assertGood, login, test } from './harness.mjs';
import { follow, go, press, unique } from './steps.mjs';

async function holdBack(page, server, seconds) {
  await page.goto(`${server.secure}/settings`);
  await page.selectOption('#undo_send', seconds);
  await press(page, 'Save');
}

async function write(page, server, subject, more = async () => {}) {
  await page.goto(`${server.secure}/compose`);
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', subject);
  await page.fill('#body', 'the words');
  await more();
  await press(page, 'Send');
}

test('outbox: taken back, sent later, and found again', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await holdBack(page, t.server, '60');
  const subject = unique('Taken back');
  await write(page, t.server, subject);
  assert.match(await page.innerText('h1'), /^Going out in (59|60) seconds$/);
  await assertGood(page, 'sent-undo', { dark: true });
  await press(page, 'Undo');
  assert.equal(await page.inputValue('#subject'), subject);
  const later = unique('Next year, or so');
  await write(page, t.server, later, async () => {
    await page.getByText('Send later').first().click();
    const when = new Date(Date.now() + 90 * 86400000).toISOString().slice(0, 16);
    await page.fill('#send-at', when);
  });
  assert.equal(await page.innerText('h1'), 'Waiting in the Outbox');
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await page.locator('nav.folders').getByRole('link', { name: /Outbox/ }).evaluate((link) => link.click());
  await page.getByRole('heading', { name: 'Outbox' }).waitFor();
  assert.match(await page.innerText('main'), new RegExp(`${later}[^]*Will be sent on`));
  await assertGood(page, 'outbox', { dark: true });
  await go(page, page.getByRole('button', { name: 'Take back and edit' }).first());
  assert.equal(await page.inputValue('#subject'), later);
  await assertGood(page, 'compose-later');
  await press(page, 'Discard');
  await holdBack(page, t.server, '0');
});

test('outbox: without JavaScript the page looks again by itself', { js: false }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'ben', t.rig.password, { secure: true });
  await holdBack(page, t.server, '5');
  await write(page, t.server, unique('By itself'));
  assert.match(await page.innerText('h1'), /^Going out in [45] seconds$/);
  await page.getByRole('heading', { name: 'Sent', exact: true }).waitFor({ timeout: 20000 });
  await follow(page, 'Back to the messages');
  await holdBack(page, t.server, '0');
});
