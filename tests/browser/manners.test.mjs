// How writing and the settings treat a person: what is thrown away comes back,
// what was typed is not lost on the way elsewhere, files stand where they go.

import { assert, assertFits, assertGood, both, login, NARROW, shot, test } from './harness.mjs';
import { follow, go, letter, open, press, unique } from './steps.mjs';

const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8z4APMOGVHbHSAEEsAQSsmFT/AAAAAElFTkSuQmCC', 'base64');
const text = (page) => page.locator('.editor-text');
const attached = (page) => page.locator('#files ul.attached li bdi').allInnerTexts();
const pictures = (page) => page.locator('#files .pictures:not([hidden]) li bdi').allInnerTexts();

both('manners: what was discarded comes back with its files', { width: NARROW }, async (t) => {
  const { page } = t;
  const subject = unique('Thrown away');
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/compose`);
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', subject);
  await page.fill('#body', 'the words');
  await page.setInputFiles('#file', { name: 'plan.bin', mimeType: 'application/zip', buffer: Buffer.alloc(3000, 7) });
  if (t.js) await page.locator('#files li button', { hasText: 'Remove plan.bin' }).waitFor();
  else await press(page, 'Attach');
  await press(page, 'Save draft');
  // Where it is, and when that was, in the reader's time.
  const note = await page.locator('.note', { hasText: 'The draft is saved' }).innerText();
  const [, time] = /It is in Drafts, as it was at (\d\d:\d\d)\./.exec(note);
  assert.match(await page.title(), new RegExp(`^New message, saved at ${time}`));
  const id = await page.inputValue('input[name=id]');
  await follow(page, 'Drafts');
  assert.ok(await page.getByText(subject).first().isVisible());
  await page.goto(`${t.server.secure}/compose?id=${id}`);
  await press(page, 'Discard');
  assert.match(await page.innerText('.note'), /was discarded/);
  await shot(page, `discarded-${t.js ? 'js' : 'plain'}`);
  await press(page, 'Undo');
  assert.match(await page.innerText('.note'), /Here is your message again/);
  assert.deepEqual([await page.inputValue('#subject'), (await page.inputValue('#body')).trim(), await attached(page)], [subject, 'the words', ['plan.bin']]);
  await t.rig.call('wait_message', { user: 'anna', folder: 'Drafts', subject });
  await press(page, 'Discard');
});

test('manners: a picture in the text is no attachment, until it is taken out', {}, async (t) => {
  t.allow(/inline style/);
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/compose`);
  const begin = page.getByRole('button', { name: 'Formatted text' });
  assert.ok((await begin.boundingBox()).y < (await page.locator('#body').boundingBox()).y);
  await begin.click();
  await text(page).click();
  await page.keyboard.type('see');
  await page.locator('#editor input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: PNG });
  await text(page).locator('img').waitFor();
  await page.locator('.pictures li', { hasText: 'dot.png' }).waitFor();
  await page.setInputFiles('#file', { name: 'beside.bin', mimeType: 'application/zip', buffer: Buffer.alloc(300, 7) });
  await page.locator('#files li button', { hasText: 'Remove beside.bin' }).waitFor();
  assert.deepEqual([await attached(page), await pictures(page)], [['beside.bin'], ['dot.png']]);
  assert.equal(await page.locator('#files button', { hasText: 'Remove dot.png' }).isVisible(), false);
  await assertGood(page, 'pictures', { dark: true });
  await press(page, 'Save draft');
  await text(page).locator('img').waitFor();
  assert.deepEqual([await attached(page), await pictures(page)], [['beside.bin'], ['dot.png']]);
  // Its name does not run into the word before it.
  assert.match(await page.inputValue('#body'), /^see \[picture: dot\.png\]/);
  await text(page).locator('img').evaluate((image) => image.remove());
  await page.locator('#files ul.attached button', { hasText: 'Remove dot.png' }).waitFor();
  assert.deepEqual([(await attached(page)).sort(), await pictures(page)], [['beside.bin', 'dot.png'], []]);
  await press(page, 'Discard');
});

both('manners: formatted mail is answered as it was written', {}, async (t) => {
  t.allow(/inline style/);
  const { page, rig } = t;
  const subject = unique('Colourful');
  const plain = unique('Sober');
  await rig.call('append', { user: 'ben', folder: 'INBOX', message: letter({ from: 'anna', to: 'ben', subject, html: '<p>Dear <b>Ben</b></p>' }) });
  await rig.call('append', { user: 'ben', folder: 'INBOX', message: letter({ from: 'anna', to: 'ben', subject: plain, text: 'Dear Ben\n' }) });
  await login(page, t.server, 'ben', rig.password, { secure: true });
  for (const name of ['Reply', 'Forward']) {
    await page.goto(`${t.server.secure}/list?folder=INBOX`);
    await open(page, subject);
    await go(page, page.getByRole('link', { name: new RegExp(`^${name}$`) }).first());
    if (t.js) {
      assert.equal(await text(page).locator('b').innerText(), 'Ben');
      await text(page).click({ position: { x: 20, y: 12 } });
      await page.keyboard.type('fine');
      assert.match(await page.inputValue('[name=html]'), /fine[^]*<b>Ben<\/b>/);
      assert.ok(await page.getByRole('button', { name: 'Plain text instead' }).isVisible());
    } else {
      assert.match(await page.inputValue('#body'), /Dear Ben/);
      assert.equal(await page.inputValue('[name=html]'), '');
      assert.equal(await page.getByRole('button', { name: 'Plain text instead' }).isVisible(), false);
    }
  }
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await open(page, plain);
  await follow(page, 'Reply');
  assert.match(await page.inputValue('#body'), /> Dear Ben/);
  assert.equal(await text(page).count(), 0);
  // Who wants it plain, has it plain.
  await page.goto(`${t.server.secure}/settings`);
  await page.selectOption('#write', 'plain');
  await press(page, 'Save');
  assert.equal(await page.inputValue('#write'), 'plain');
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  await open(page, subject);
  await follow(page, 'Reply');
  assert.match(await page.inputValue('#body'), /> Dear Ben/);
  assert.equal(await text(page).count(), 0);
  await page.goto(`${t.server.secure}/settings`);
  await page.selectOption('#write', 'as-read');
  await press(page, 'Save');
});

both('manners: another sender brings its signature', { width: NARROW }, async (t) => {
  const { page, rig } = t;
  const name = unique('Second self');
  await login(page, t.server, 'chloe', rig.password, { secure: true });
  await page.goto(`${t.server.secure}/identities?id=new`);
  await page.fill('#name', name);
  await page.fill('#address', `chloe+${t.js ? 'js' : 'plain'}@demo.test`);
  await page.fill('#signature', `Regards of ${name}`);
  await press(page, 'Save');
  await page.goto(`${t.server.secure}/compose`);
  await page.fill('#body', 'Hello');
  await page.selectOption('#identity', { label: `${name} <chloe+${t.js ? 'js' : 'plain'}@demo.test>` });
  const use = page.getByRole('button', { name: 'Use this identity' });
  assert.equal(await use.isVisible(), !t.js);
  if (!t.js) await press(page, 'Use this identity');
  assert.equal((await page.inputValue('#body')).replace(/\r/g, ''), `Hello\n-- \nRegards of ${name}`);
  await assertFits(page);
  await shot(page, `identity-${t.js ? 'js' : 'plain'}`);
  // Not twice, and back again.
  await press(page, 'Save draft');
  assert.equal((await page.inputValue('#body')).replace(/\r/g, ''), `Hello\n-- \nRegards of ${name}`);
  await page.selectOption('#identity', { index: 0 });
  if (!t.js) await press(page, 'Use this identity');
  assert.equal((await page.inputValue('#body')).replace(/\r/g, ''), 'Hello');
  await press(page, 'Discard');
});

both('manners: what was changed in the settings is saved on the way to others', {}, async (t) => {
  t.allow(/status of 422/);
  const { page, rig } = t;
  const name = unique('Ben Example');
  await login(page, t.server, 'ben', rig.password, { secure: true });
  for (const [button, heading] of [['Identities', 'Identities'], ['Templates', 'Templates'], ['Senders whose images are shown', 'Senders whose images are shown'], ['Contacts', 'Contacts']]) {
    await page.goto(`${t.server.secure}/settings`);
    await page.fill('#name', `${name} ${button}`);
    await press(page, button);
    assert.equal(await page.innerText('h1'), heading);
    await page.goto(`${t.server.secure}/settings`);
    assert.equal(await page.inputValue('#name'), `${name} ${button}`);
  }
  if (t.js) await assertGood(page, 'settings-more', { dark: true });
  // What cannot be saved is said, and stays as it was typed.
  await page.fill('#signature', 'x'.repeat(11000));
  await press(page, 'Templates');
  assert.match(await page.innerText('main [role=alert]'), /longer than 10 KB/);
  assert.equal((await page.inputValue('#signature')).length, 11000);
  assert.equal(await page.inputValue('#name'), `${name} Contacts`);
  // A form is alone on its page: nothing there leads away from it unasked.
  for (const path of ['/responses?id=new', '/identities?id=new']) {
    await page.goto(t.server.secure + path);
    assert.deepEqual(await page.locator('main a').allInnerTexts(), ['Cancel']);
  }
});

test('manners: the tab key goes from the subject into the text', { width: NARROW }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/compose`);
  await page.focus('#subject');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'body');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'editor-begin');
});
