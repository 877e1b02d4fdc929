// Formatted text: the editor, what is sent of it, and what is left without JavaScript.

import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { assert, assertGood, login, test } from './harness.mjs';
import { arrived, follow, go, letter, open, press, unique } from './steps.mjs';

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

/* ---- pictures: addresses of ours on the screen, cid: in the message ---- */

/* As PNG has it (its annex D); node:zlib has none before Node 20. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
/** A picture so many dots wide. */
function png(width) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const around = Buffer.alloc(8);
    around.writeUInt32BE(data.length, 0);
    around.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([around.subarray(0, 4), body, around.subarray(4)]);
  };
  const head = Buffer.from([0, 0, 0, width, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(width + 1, 90))), chunk('IEND', Buffer.alloc(0)),
  ]);
}
/* How wide the pictures are that really show, in their order. */
const widths = (images) => images.evaluateAll(async (all) => {
  await Promise.all(all.map((image) => image.decode().catch(() => null)));
  return all.map((image) => image.naturalWidth);
});
const cids = async (page) => [...(await html(page).inputValue()).matchAll(/src="cid:([^"]+)"/g)].map(([, cid]) => cid);
const shows = (page, wanted) => page.waitForFunction(
  (want) => [...document.querySelectorAll('.editor-text img')].map((image) => image.naturalWidth).join() === want, wanted.join());

async function keepDraft(page) {
  await page.locator('button[value=save]').nth(1).click();
  await page.locator('.note', { hasText: 'saved' }).waitFor();
}

/** From the list of drafts, as another day. */
async function reopen(page, t, subject) {
  await page.goto(`${t.server.secure}/list?folder=Drafts`);
  await go(page, page.locator('.list tbody tr', { hasText: subject }).locator('.c-subject a').first());
  await go(page, page.locator('.message .tools a.main'));
  await text(page).waitFor();
}

async function sendTo(page, subject) {
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', subject);
  await page.locator('button[value=send]').first().click();
  await page.locator('h1', { hasText: 'Sent' }).waitFor();
}

async function benSees(t, subject, wanted) {
  await arrived(t.rig, 'ben', subject);
  const ben = await (await t.newContext()).newPage();
  await login(ben, t.server, 'ben', t.rig.password, { secure: true });
  await open(ben, subject);
  await frame(ben).getByText(/My words|Look:/).first().waitFor();
  assert.deepEqual(await widths(frame(ben).locator('img')), wanted);
  assert.equal(await ben.locator('section.attachments').count(), 0, 'beside the text');
  await ben.context().close();
}

test('editor: pasted, dropped and chosen pictures outlive a draft', {}, async (t) => {
  t.allow(/inline style/);
  const { page, rig } = t;
  const subject = unique('Three pictures');
  await login(page, t.server, 'anna', rig.password, { secure: true });
  await follow(page, 'Write');
  await page.fill('#subject', subject);
  await begin(page);
  await page.keyboard.type('Look: ');
  for (const [kind, width] of [['paste', 2], ['drop', 3]]) {
    await text(page).evaluate((box, { kind, bytes }) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: 'image/png' }));
      const how = { bubbles: true, cancelable: true };
      box.dispatchEvent(kind === 'paste' ? new ClipboardEvent(kind, { ...how, clipboardData: data }) : new DragEvent(kind, { ...how, dataTransfer: data }));
    }, { kind, bytes: [...png(width)] });
    await shows(page, width === 2 ? [2] : [2, 3]);
  }
  await page.locator('#editor input[type=file]').setInputFiles({ name: 'chosen.png', mimeType: 'image/png', buffer: png(4) });
  await shows(page, [2, 3, 4]);
  const before = await cids(page);
  assert.equal(new Set(before).size, 3);
  assert.ok(before.every((cid) => /^[\w-]+@iwebmsg$/.test(cid)), before.join(' '));
  await keepDraft(page);
  await shows(page, [2, 3, 4]);
  await reopen(page, t, subject);
  await shows(page, [2, 3, 4]);
  // What is typed now keeps them.
  await text(page).press('Control+Home');
  await page.keyboard.type('Again. ');
  assert.equal((await cids(page)).length, 3);
  assert.doesNotMatch(await html(page).inputValue(), /src="(?!cid:)/);
  await keepDraft(page);
  await shows(page, [2, 3, 4]);
  await sendTo(page, subject);
  await benSees(t, subject, [2, 3, 4]);
});

/** Ben's letter with two pictures in its text. */
function illustrated(subject) {
  const part = (cid, bytes) => `--r\nContent-Type: image/png\nContent-ID: <${cid}>\nContent-Disposition: inline; filename=${cid.split('@')[0]}.png\n` +
    `Content-Transfer-Encoding: base64\n\n${bytes.toString('base64')}\n`;
  const words = '<p>First <img src="cid:one@x" alt="one">, then <b>bold</b> <img src="cid:two@x" alt="two">.</p>';
  return letter({ subject, html: words }).replace(/Content-Type: text\/html[^]*/, (body) =>
    `Content-Type: multipart/related; boundary=r\n\n--r\n${body}\n${part('one@x', png(5))}${part('two@x', png(6))}--r--\n`);
}

// An answer does not send the pictures back: their words stand in their place.
for (const [way, wanted] of [['Forward', [5, 6]], ['Reply', []]])
  test(`editor: ${way.toLowerCase()} what has pictures in its text`, {}, async (t) => {
    t.allow(/inline style/);
    const { page, rig } = t;
    const subject = unique('Illustrated');
    const again = unique(`${way}ed`);
    const quoted = wanted.length ? /First .*, then bold/ : /First one, then bold two\./;
    const looks = async () => {
      await shows(page, wanted);
      assert.equal(await text(page).locator('b').innerText(), 'bold');
      assert.match(await text(page).innerText(), quoted);
      assert.equal((await cids(page)).length, wanted.length);
    };
    await rig.call('append', { user: 'anna', folder: 'INBOX', message: illustrated(subject) });
    await login(page, t.server, 'anna', rig.password, { secure: true });
    await open(page, subject);
    await follow(page, way);
    // It begins as the original is: formatted.
    await text(page).click();
    await looks();
    await page.keyboard.type('My words. ');
    await page.fill('#subject', again);
    await keepDraft(page);
    await looks();
    await reopen(page, t, again);
    await looks();
    assert.match(await text(page).innerText(), /My words\./);
    await sendTo(page, again);
    await benSees(t, again, wanted);
  });
