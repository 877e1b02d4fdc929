// Messages sent on as they are, and receipts that only a button sends.

import { assert, assertGood, assertFits, both, login, test } from './harness.mjs';
import { arrived, follow, letter, open, path, press, unique } from './steps.mjs';

const append = (t, message) => t.rig.call('append', { user: 'anna', folder: 'INBOX', message });
const toBen = async (t) => (await t.rig.call('subjects', { user: 'ben', folder: 'INBOX' })).subjects;

/** Wide and narrow; axe needs JavaScript. */
async function good(t, label) {
  const name = `${label}${t.js ? '' : '-plain'}`;
  if (t.js) await assertGood(t.page, name, { dark: true });
  else {
    await assertFits(t.page);
    await t.shot(name);
  }
}

async function opened(t, subject, head = '') {
  const message = letter({ subject, text: 'The minutes of the meeting.\n' });
  await append(t, head + message);
  await login(t.page, t.server, 'anna', t.rig.password, { secure: true });
  await open(t.page, subject);
}

/** Everything under "More", with its button or without. */
async function more(page, name) {
  const link = page.getByRole('link', { name, exact: true }).first();
  if (!(await link.isVisible()))
    await page.locator('summary:visible').filter({ hasText: /^More$/ }).first().click();
  await follow(page, name);
}

both('redirect: a message goes on as it is', {}, async (t) => {
  const { page } = t;
  t.allow(/status of 422/);
  const subject = unique('Minutes');
  await opened(t, subject);
  await more(page, 'Redirect');
  assert.equal(await page.innerText('h1'), 'Redirect a message');
  assert.match(await page.innerText('main'), /goes on as it is.*anna@demo\.test/s);
  await good(t, 'redirect');
  await page.fill('#to', 'nobody at all');
  await press(page, 'Redirect');
  const error = await page.getByRole('textbox', { name: 'To' }).getAttribute('aria-describedby');
  assert.match(await page.innerText(`#${error}`), /not an address/);
  assert.equal(await page.inputValue('#to'), 'nobody at all');
  await good(t, 'redirect-error');
  await page.fill('#to', 'Ben <ben@demo.test>');
  await press(page, 'Redirect');
  assert.equal(await page.innerText('h1'), 'Sent');
  await good(t, 'redirect-sent');
  const { message } = await arrived(t.rig, 'ben', subject);
  assert.match(message, /^Resent-From: .*anna@demo\.test/m);
  assert.match(message, /^From: ben <ben@demo\.test>/m);
});

const ASKS = 'Disposition-Notification-To: ben@demo.test\n';

both('receipt: asked for, sent by the button only', {}, async (t) => {
  const { page } = t;
  const subject = unique('Please confirm');
  await opened(t, subject, ASKS);
  const note = page.locator('main').getByText(/asks for a receipt/);
  assert.ok(await note.isVisible());
  await good(t, 'receipt');
  // Looking, printing, answering, moving on: none of it sends one.
  const here = path(page);
  await follow(page, 'Reply');
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await page.goto(t.server.secure + here);
  assert.ok(await note.isVisible());
  assert.deepEqual((await toBen(t)).filter((each) => each.includes(subject)), []);
  await press(page, 'Send a receipt');
  assert.match(await page.innerText('main'), /The receipt was sent\./);
  assert.equal(await note.count(), 0);
  await good(t, 'receipt-sent');
  const { message } = await arrived(t.rig, 'ben', `Read: ${subject}`);
  assert.match(message, /manual-action\/MDN-sent-manually; displayed/);
  await page.goto(t.server.secure + here);
  assert.equal(await note.count(), 0);
});

both('receipt: declined, and not asked again', {}, async (t) => {
  const { page } = t;
  const subject = unique('Please confirm this, too');
  await opened(t, subject, ASKS);
  const here = path(page);
  await press(page, 'Do not send one');
  assert.match(await page.innerText('main'), /No receipt is sent/);
  await good(t, 'receipt-declined');
  await page.goto(t.server.secure + here);
  assert.equal(await page.locator('main').getByText(/asks for a receipt/).count(), 0);
  // Ben hears nothing: what is sent after it arrives, and that does not.
  const after = unique('Afterwards');
  await page.goto(`${t.server.secure}/compose`);
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', after);
  await press(page, 'Send');
  await arrived(t.rig, 'ben', after);
  assert.deepEqual((await toBen(t)).filter((each) => each.includes(subject)), []);
});

test('receipt: to somebody else than the writer is said', {}, async (t) => {
  await opened(t, unique('Confirm elsewhere'), 'Disposition-Notification-To: chloe@demo.test\n');
  assert.match(await t.page.innerText('main'), /chloe@demo\.test/);
  await good(t, 'receipt-elsewhere');
});
