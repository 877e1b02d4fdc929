// Formatted text: the editor, what is sent of it, and what is left without JavaScript.

import { readFileSync } from 'node:fs';
import { assert, assertGood, login, test } from './harness.mjs';
import { arrived, follow, go, open, press, unique } from './steps.mjs';

const text = (page) => page.locator('.editor-text');
const html = (page) => page.locator('[name=html]');

async function begin(page) {
  await page.getByRole('button', { name: 'Formatted text' }).click();
  await text(page).waitFor();
  await text(page).click();
}

/** The only formatted frame of the message that is shown. */
const frame = (page) => page.frameLocator('main iframe');

/** The message as it is. */
async function source(page) {
  const [got] = await Promise.all([
    page.waitForEvent('download'),
    page.evaluate(() => [...document.querySelectorAll('a')].find((each) => /Save the message/.test(each.textContent)).click()),
  ]);
  return readFileSync(await got.path(), 'latin1');
}

test('editor: a formatted message with a picture arrives as it looks', {}, async (t) => {
  t.allow(/inline style/);
  const { page, rig } = t;
  const subject = unique('Formatted');
  await login(page, t.server, 'anna', rig.password, { secure: true });
  await follow(page, 'Write');
  await begin(page);
  await page.keyboard.type('Dear Ben, this is ');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('important');
  await page.keyboard.press('Control+b');
  await page.keyboard.type('!');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'List', exact: true }).click();
  await page.keyboard.type('apples');
  await page.keyboard.press('Enter');
  await page.keyboard.type('pears');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.keyboard.type('our site');
  await page.keyboard.press('Shift+Home');
  await page.getByRole('button', { name: 'Link', exact: true }).click();
  await page.getByLabel('Address of the link').fill('shop.example.org/?a=1&b=2');
  await page.keyboard.press('Enter');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('large');
  await page.keyboard.press('Shift+Home');
  await page.getByLabel('Size of the letters').selectOption('Large');
  assert.equal(await text(page).locator('span', { hasText: 'large' }).evaluate((span) => getComputedStyle(span).fontSize), '22px');
  await page.keyboard.press('End');
  const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGP8z4APMOGVHbHSAEEsAQSsmFT/AAAAAElFTkSuQmCC', 'base64');
  await page.locator('#editor input[type=file]').setInputFiles({ name: 'dot.png', mimeType: 'image/png', buffer: png });
  await text(page).locator('img').waitFor();
  await page.waitForFunction(() => document.querySelector('.editor-text img').naturalWidth === 2);
  await assertGood(page, 'editor', { dark: true });
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', subject);
  await page.locator('button[value=send]').first().click();
  await page.locator('h1', { hasText: 'Sent' }).waitFor();
  await arrived(rig, 'ben', subject);

  const ben = await (await t.newContext()).newPage();
  await login(ben, t.server, 'ben', rig.password, { secure: true });
  await open(ben, subject);
  const shown = frame(ben);
  assert.equal(await shown.locator('b').innerText(), 'important');
  assert.equal(await shown.locator('span', { hasText: 'large' }).evaluate((span) => getComputedStyle(span).fontSize), '22px');
  assert.deepEqual(await shown.locator('li').allInnerTexts(), ['apples', 'pears']);
  assert.equal(await shown.getByRole('link', { name: 'our site' }).getAttribute('href'), 'https://shop.example.org/?a=1&b=2');
  assert.equal(await shown.locator('img').evaluate((image) => image.decode().then(() => image.naturalWidth)), 2);
  const raw = await source(ben);
  assert.match(raw, /multipart\/alternative[\s\S]*text\/plain[\s\S]*multipart\/related[\s\S]*text\/html[\s\S]*Content-ID: <[\w-]+@iwebmsg>/);
  assert.match(raw, /\* apples\r?\n\s*\* pears|- apples\r?\n\s*- pears|• /);
  // The picture is in the text, not beside it.
  assert.equal(await ben.locator('section.attachments').count(), 0);
});

test('editor: what is pasted can do nothing', {}, async (t) => {
  // What is looked at on its way through the cleaners is told, too.
  t.allow(/inline event handler|inline style/);
  const { page, rig } = t;
  await login(page, t.server, 'anna', rig.password, { secure: true });
  await follow(page, 'Write');
  await begin(page);
  await text(page).evaluate((box) => {
    const data = new DataTransfer();
    data.setData('text/html', '<p onclick="hit()">kept <b>bold</b></p><img src=x onerror="document.title=\'hit\'">' +
      '<script>document.title="hit"</' + 'script><svg onload="document.title=\'hit\'"></svg><a href="javascript:hit()">bad</a>' +
      '<form action="https://evil.example/"><input name=q></form><style>*{display:none}</style>');
    data.setData('text/plain', 'kept bold');
    box.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await text(page).locator('b', { hasText: 'bold' }).waitFor();
  assert.notEqual(await page.title(), 'hit');
  assert.doesNotMatch(await html(page).inputValue(), /onerror|onclick|script|svg|<form|<style/i);
  // A browser that sends more than the editor lets through meets the cleaner.
  await html(page).evaluate((field) => {
    field.value = '<p>stays</p><script>x()</' + 'script><img src="x" onerror="x()"><iframe src="//e.example"></iframe>';
  });
  await page.locator('button[value=save]').nth(1).click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  const kept = await html(page).inputValue();
  assert.match(kept, /stays/);
  assert.doesNotMatch(kept, /script|onerror|iframe/);
  assert.equal(await text(page).innerText().then((words) => words.trim()), 'stays');
});

test('editor: what strangers wrote does not stop it', {}, async (t) => {
  t.allow(/violates the following Content Security Policy|Failed to load resource|ERR_/);
  const { page, rig } = t;
  await login(page, t.server, 'anna', rig.password, { secure: true });
  await follow(page, 'Write');
  // Two lines to Unicode, one to a regular expression.
  await page.fill('#body', 'above\u2028below');
  await begin(page);
  assert.match(await text(page).innerText(), /above[^]*below/);
  await html(page).evaluate((field) => {
    field.value = '<p>quoted <img src="https://[" alt="dot"></p>';
  });
  await page.locator('button[value=save]').nth(1).click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  await text(page).locator('img').waitFor({ state: 'attached' });
  await text(page).click();
  await page.keyboard.type('my answer ');
  assert.match(await html(page).inputValue(), /my answer/);
});

test('editor: plain text instead, and the same words again', {}, async (t) => {
  const { page, rig } = t;
  await login(page, t.server, 'anna', rig.password, { secure: true });
  await follow(page, 'Write');
  await page.fill('#body', 'one & two <3\n\n> quoted\n> more\nthree');
  await begin(page);
  assert.equal(await text(page).locator('blockquote').innerText().then((words) => words.trim()), 'quoted\nmore');
  await go(page, page.getByRole('button', { name: 'Plain text instead' }));
  assert.equal((await page.inputValue('#body')).trim(), 'one & two <3\n\n> quoted\n> more\nthree');
  assert.equal(await html(page).inputValue(), '');
  assert.equal(await text(page).count(), 0);
});

test('editor: the signature follows the sender', {}, async (t) => {
  const { page, rig } = t;
  await login(page, t.server, 'chloe', rig.password, { secure: true });
  await page.goto(`${t.server.secure}/identities?id=new`);
  await page.fill('#name', 'Chloe at Work');
  await page.fill('#address', 'chloe.work@demo.test');
  await page.fill('#signature', 'Plain regards');
  await page.locator('summary', { hasText: 'Formatted signature' }).click();
  await page.fill('#signature_html', '<i>Fine regards</i>');
  await press(page, 'Save');
  await page.goto(`${t.server.secure}/compose`);
  await begin(page);
  await page.keyboard.type('Hello');
  await page.selectOption('#identity', { label: 'Chloe at Work <chloe.work@demo.test>' });
  assert.equal(await text(page).locator('i').innerText(), 'Fine regards');
  await page.locator('button[value=save]').nth(1).click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
  assert.equal(await text(page).locator('i').innerText(), 'Fine regards');
  assert.equal(await text(page).locator('.m-signature').count(), 1);
});

test('editor: without JavaScript a formatted draft is plain text once it is changed', { js: false }, async (t) => {
  const { page, rig } = t;
  const made = await (await t.newContext({ javaScriptEnabled: true })).newPage();
  await login(made, t.server, 'ben', rig.password, { secure: true });
  await follow(made, 'Write');
  await begin(made);
  await made.keyboard.press('Control+i');
  await made.keyboard.type('slanted');
  await made.locator('button[value=save]').nth(1).click();
  await made.locator('.note', { hasText: 'saved' }).waitFor();
  const address = made.url();
  await made.close();
  await login(page, t.server, 'ben', rig.password, { secure: true });
  await page.goto(address);
  assert.equal((await page.inputValue('#body')).trim(), 'slanted');
  assert.equal(await page.getByRole('button', { name: 'Formatted text' }).isVisible(), false);
  await page.fill('#subject', 'only the subject');
  await press(page, 'Save draft');
  assert.match(await html(page).inputValue(), /<i>slanted<\/i>/);
  await page.fill('#body', 'upright');
  await press(page, 'Save draft');
  assert.equal(await html(page).inputValue(), '');
  assert.equal((await page.inputValue('#body')).trim(), 'upright');
});
