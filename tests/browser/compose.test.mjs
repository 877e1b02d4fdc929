// Writing: saved by itself, files with their progress, questions before Send,
// two windows, a session that ends; JavaScript on and off.

import { assert, assertFits, assertGood, both, login, NARROW, shot, test } from './harness.mjs';
import { arrived, folder, go, logOff, open, press, unique } from './steps.mjs';

const state = (page, words) => page.locator('#compose-state').filter({ hasText: words }).waitFor();
const file = (name, bytes) => ({ name, mimeType: 'application/zip', buffer: Buffer.alloc(bytes, 7) });
const attached = (page) => page.locator('#files li bdi').allInnerTexts();

async function writing(t, fields = {}, user = 'anna') {
  const { page } = t;
  await login(page, t.server, user, t.rig.password);
  await page.goto(`${t.server.plain}/compose`);
  for (const [id, words] of Object.entries(fields)) await page.fill(`#${id}`, words);
  return page;
}

test('compose: saved by itself, and on leaving in Drafts', {}, async (t) => {
  const subject = unique('auto');
  const page = await writing(t, { to: 'ben@demo.test', subject, body: 'first words' });
  const began = Date.now();
  await state(page, 'Saved');
  assert.ok(Date.now() - began < 10000);
  const id = await page.inputValue('input[name=id]');
  await page.fill('#body', 'last words');
  await page.fill('#subject', unique('left'));
  const left = await page.inputValue('#subject');
  await page.goto(`${t.server.plain}/list`);
  await t.rig.call('wait_message', { user: 'anna', folder: 'Drafts', subject: left });
  await page.goto(`${t.server.plain}/compose?id=${id}`);
  assert.equal(await page.inputValue('#body'), 'last words');
  await page.keyboard.press('Control+s');
  await page.getByText('The draft is saved.').waitFor();
  await page.locator('#body').focus();
  await page.keyboard.press('Control+Enter');
  await page.locator('h1', { hasText: 'Sent' }).waitFor();
  await arrived(t.rig, 'ben', left);
});

both('compose: logging off while writing leaves it in Drafts', {}, async (t) => {
  const subject = unique('tired');
  const page = await writing(t, { to: 'ben@demo.test', subject, body: 'written until the last moment' });
  // Enter in a field saves: it neither sends nor logs off.
  await Promise.all([page.waitForNavigation(), page.locator('#subject').press('Enter')]);
  await page.getByText('The draft is saved.').waitFor();
  await page.fill('#body', 'written until the very last moment');
  await logOff(page);
  await t.rig.call('wait_message', { user: 'anna', folder: 'Drafts', subject });
  await login(page, t.server, 'anna', t.rig.password);
  await go(page, folder(page, 'Drafts'));
  await open(page, subject);
  assert.match(await page.innerText('main'), /written until the very last moment/);
});

test('compose: files dropped, pasted and chosen', {}, async (t) => {
  const page = await writing(t, { to: 'ben@demo.test', subject: unique('files'), body: 'see' });
  await page.setInputFiles('#file', [file('one.bin', 300000), file('Übersicht.bin', 10)]);
  await page.locator('#files li button', { hasText: 'Remove Übersicht.bin' }).waitFor();
  for (const kind of ['drop', 'paste'])
    await page.evaluate((event) => {
      const data = new DataTransfer();
      data.items.add(new File(['x'.repeat(2000)], `${event}.bin`));
      const target = document.getElementById('body');
      const options = { bubbles: true, cancelable: true };
      target.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { ...options, dataTransfer: data })
          : new ClipboardEvent('paste', { ...options, clipboardData: data }));
    }, kind);
  await page.locator('#files li button', { hasText: 'Remove paste.bin' }).waitFor();
  await state(page, 'saved as a draft');
  assert.deepEqual(await attached(page), ['one.bin', 'Übersicht.bin', 'drop.bin', 'paste.bin']);
  await assertGood(page, 'compose-files', { dark: true });
  await press(page, 'Remove drop.bin');
  assert.deepEqual(await attached(page), ['one.bin', 'Übersicht.bin', 'paste.bin']);
  assert.equal(await page.inputValue('#body'), 'see');
  // Leaving without a change since: the text stays as it is.
  const id = await page.inputValue('input[name=id]');
  await page.setInputFiles('#file', [file('last.bin', 10)]);
  await page.locator('#files li button', { hasText: 'Remove last.bin' }).waitFor();
  await page.goto(`${t.server.plain}/list`);
  await page.goto(`${t.server.plain}/compose?id=${id}`);
  assert.equal(await page.inputValue('#body'), 'see');
});

test('compose: what is too large is said before it travels', { ini: { Mail: { MaxMessageSize: '1M' }, Writing: { MaxAttachmentSize: '100K' } } }, async (t) => {
  const page = await writing(t, { to: 'ben@demo.test', subject: 'large', body: 'words' });
  let sent = 0;
  page.on('request', (request) => {
    if (request.method() === 'POST' && (request.postDataBuffer()?.length ?? 0) > 90000) sent += 1;
  });
  await page.setInputFiles('#file', [file('large.bin', 90000), file('fits.bin', 60000)]);
  await page.locator('#files li button', { hasText: 'Remove fits.bin' }).waitFor();
  const refused = page.locator('#files li.refused');
  assert.match(await refused.innerText(), /large\.bin.*not attached: one file may have 100/s);
  assert.equal(sent, 0);
  await shot(page, 'compose-too-large');
  // The first Send says what is missing, the second goes without it.
  await page.getByRole('button', { name: 'Send' }).first().click();
  assert.match(await page.innerText('#compose-state'), /Not sent: 1 file is not attached/);
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Sent');
});

both('compose: questions before Send', {}, async (t) => {
  const page = await writing(t, { to: 'ben@demo.test', body: 'The plan is attached.' });
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Send it like this?');
  const text = await page.innerText('main');
  assert.match(text, /Nothing is attached, but the text speaks of an attachment/);
  assert.match(text, /no subject/);
  if (t.js) await assertGood(page, 'compose-ask', { dark: true });
  await page.getByRole('link', { name: 'Back' }).click();
  assert.equal(await page.inputValue('#body'), 'The plan is attached.');
  await page.fill('#subject', unique('asked'));
  await press(page, 'Send');
  assert.doesNotMatch(await page.innerText('main'), /no subject/);
  await press(page, 'Send anyway');
  assert.equal(await page.innerText('h1'), 'Sent');
});

both('compose: two windows on one draft', {}, async (t) => {
  const page = await writing(t, { to: 'ben@demo.test', subject: unique('two'), body: 'begun' });
  await press(page, 'Save draft');
  const other = await t.context.newPage();
  await other.goto(page.url());
  await other.fill('#body', 'of the other window');
  await press(other, 'Save draft');
  await page.fill('#body', 'of this window');
  t.allow(/409/);
  if (t.js) await state(page, 'another window');
  await press(page, 'Save draft');
  assert.equal(await page.inputValue('#body'), 'of this window');
  assert.equal(await page.innerText('.theirs-body'), 'of the other window');
  if (t.js) {
    await assertGood(page, 'compose-two-windows', { dark: true });
    await page.setViewportSize(NARROW);
    await assertFits(page);
    await shot(page, 'compose-two-windows-narrow');
  }
  await press(page, 'Keep mine');
  assert.equal(await page.inputValue('#body'), 'of this window');
});

both('compose: the session ends while writing', {}, async (t) => {
  const subject = unique('ended');
  const page = await writing(t, { to: 'ben@demo.test', subject, body: 'hours of work' });
  if (t.js) await state(page, 'Saved');
  await t.rig.call('sql', { server: t.server.server, statement: 'DELETE FROM session' });
  t.allow(/403/);
  if (t.js) {
    await page.setInputFiles('#file', [file('kept.bin', 5000)]);
    await page.locator('#files li', { hasText: 'kept.bin' }).waitFor();
  } else {
    await page.setInputFiles('#file', [file('kept.bin', 5000)]);
  }
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Log in');
  assert.match(await page.innerText('main'), /kept/);
  await page.fill('input[name=password]', t.rig.password);
  await page.fill('input[name=name]', 'anna');
  await press(page, 'Log in');
  assert.equal(await page.inputValue('#body'), 'hours of work');
  assert.deepEqual(await attached(page), ['kept.bin']);
  await press(page, 'Send');
  assert.equal(await page.innerText('h1'), 'Sent');
  await arrived(t.rig, 'ben', subject);
});

test('compose: addresses are completed by keyboard', {}, async (t) => {
  const page = await writing(t, { subject: unique('people') });
  await page.goto(`${t.server.plain}/compose`);
  await page.route('**/complete?q=*', (route) =>
    route.fulfill({
      json: { people: [
        { text: '"Ben Okafor" <ben@demo.test>', name: 'Ben Okafor', address: 'ben@demo.test', source: 'contact', members: 0 },
        { text: 'benno@demo.test', name: '', address: 'benno@demo.test', source: 'collected', members: 0 },
      ] } }));
  await page.locator('#to').pressSequentially('anna@demo.test, be');
  await page.locator('#to-people li').first().waitFor();
  await assertGood(page, 'compose-people', { dark: true });
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getAttribute('#to', 'aria-activedescendant'), 'to-people-0');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#to'), 'anna@demo.test, "Ben Okafor" <ben@demo.test>, ');
  assert.ok(await page.locator('#to-people').isHidden());
  // Enter alone takes the first, but not for an address that was typed.
  for (const [typed, becomes] of [['be', '"Ben Okafor" <ben@demo.test>, '], ['b@x.test', 'b@x.test']]) {
    await page.fill('#to', '');
    await page.locator('#to').pressSequentially(typed);
    await page.locator('#to-people li').first().waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await page.inputValue('#to'), becomes);
    assert.ok(await page.locator('#to-people').isHidden());
  }
});
