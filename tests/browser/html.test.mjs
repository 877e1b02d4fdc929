// What strangers write in HTML: shown, and able to do nothing.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, login, shotFolder, test } from './harness.mjs';
import { follow, letter, open, unique } from './steps.mjs';

// A picture of one point.
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

const address = (server, uid) => `${server.secure}/message?folder=INBOX&uid=${uid}`;

/** The frame of the message on the page, loaded. */
async function frameOf(page) {
  const handle = await page.waitForSelector('iframe.frame');
  const frame = await handle.contentFrame();
  await frame.waitForLoadState('load');
  return frame;
}

/** Nothing ran, nothing is loose, nothing points where it should not. */
async function assertHarmless(page, what) {
  const outside = await page.evaluate(() => ({
    owned: window.owned,
    reachable: document.querySelector('iframe.frame').contentDocument !== null,
    sandbox: document.querySelector('iframe.frame').getAttribute('sandbox'),
  }));
  assert.deepEqual(
    outside,
    { owned: undefined, reachable: false, sandbox: 'allow-popups allow-popups-to-escape-sandbox' },
    what,
  );
  const frame = await frameOf(page);
  const inside = await frame.evaluate(() => {
    const bad = [];
    if (self.origin !== 'null') bad.push(`origin ${self.origin}`);
    if (window.owned) bad.push('a script ran');
    // Of boxes only our own one above the text.
    const never =
      'script,iframe,object,embed,form,input:not(.iwebmsg-shade:first-child > label > input:only-child),svg,math,link,meta[http-equiv],template,noscript';
    for (const it of document.body.querySelectorAll(never)) bad.push(it.outerHTML);
    for (const it of document.body.querySelectorAll('*'))
      for (const { name, value } of it.attributes) {
        const text = value.replace(/[\s\0]/g, '').toLowerCase();
        if (name.startsWith('on') || /^(javascript|vbscript|data:text)/.test(text))
          bad.push(`${name}=${value}`);
      }
    return bad;
  });
  assert.deepEqual(inside, [], what);
}

test('html: every sample is harmless', {}, async (t) => {
  const { page } = t;
  const { samples } = await t.rig.call('html_samples');
  t.context.on('dialog', (dialog) => {
    t.watch.note(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  assert.ok(samples.length > 30, `${samples.length} samples`);
  let framed = 0;
  for (const { uid, shows } of samples) {
    await page.goto(address(t.server, uid));
    if (!(await page.locator('iframe.frame').count())) continue;
    framed += 1;
    await assertHarmless(page, shows);
    assert.deepEqual(t.watch.problems, [], shows);
  }
  assert.ok(framed > 20, `${framed} of ${samples.length} have a frame`);
});

test('html: pictures inside the message are shown', {}, async (t) => {
  const { page } = t;
  const { samples } = await t.rig.call('html_samples');
  const { uid } = samples.find(({ shows }) => shows.includes('cid:'));
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(address(t.server, uid));
  const frame = await frameOf(page);
  const widths = await frame.evaluate(() => [...document.images].map((each) => each.naturalWidth));
  assert.deepEqual(widths, [160, 160]);
});

test('html: remote pictures wait until they are asked for', {}, async (t) => {
  const { page } = t;
  const asked = [];
  await t.context.route(/images\.example\.net/, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: 'image/png', body: PNG });
  });
  const subject = unique('Remote pictures');
  const html =
    '<p>Lake</p><img src="https://images.example.net/lake.png" alt="lake">' +
    '<p style="background-image:url(https://images.example.net/wave.png)">x</p>';
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, html }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.getByRole('link', { name: subject }).click();
  let frame = await frameOf(page);
  assert.match(await frame.locator('body').innerText(), /Lake/);
  assert.deepEqual(asked, []);
  t.allow(/^request to another host: https:\/\/images\.example\.net\//);
  await follow(page, 'Show them this time');
  frame = await frameOf(page);
  const widths = await frame.evaluate(() => [...document.images].map((each) => each.naturalWidth));
  assert.deepEqual(widths, [1]);
  assert.ok(asked.includes('https://images.example.net/lake.png'));
  await follow(page, 'Leave them out');
  const before = asked.length;
  await frameOf(page);
  assert.equal(asked.length, before);
});

test('html: links open elsewhere and tell nothing', {}, async (t) => {
  const { page } = t;
  t.allow(/^request to another host: https:\/\/www\.example\.org\//);
  const seen = [];
  await t.context.route(/www\.example\.org/, (route) => {
    seen.push(route.request().headers().referer);
    return route.fulfill({ contentType: 'text/html', body: '<link rel=icon href="data:,"><h1>Elsewhere</h1>' });
  });
  const subject = unique('Links');
  const html =
    '<a href="https://www.example.org/x">there</a> <a href="mailto:ben@demo.test?subject=Hi">write</a>';
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, html }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.getByRole('link', { name: subject }).click();
  const frame = await frameOf(page);
  const opened = async (name) => {
    const [popup] = await Promise.all([
      t.context.waitForEvent('page'),
      frame.getByRole('link', { name }).click(),
    ]);
    await popup.waitForLoadState();
    return popup;
  };
  const there = await opened('there');
  assert.equal(await there.innerText('h1'), 'Elsewhere');
  assert.equal(await there.evaluate(() => window.opener), null);
  assert.deepEqual(seen, [undefined]);
  const write = await opened('write');
  assert.equal(await write.inputValue('#to'), 'ben@demo.test');
  assert.equal(await write.inputValue('#subject'), 'Hi');
});

test('html: dark where the page is dark, without a white flash, and original on request', {}, async (t) => {
  const context = await t.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  const subject = unique('In the dark');
  const html = '<p>Plain words.</p><p><a href="https://example.org/">A link</a></p>';
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, html }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  // The frame's text comes when we say so: what is seen until then?
  let answer = null;
  const asked = new Promise((done) =>
    page.route(/\/body\?/, (route) => {
      answer = () => route.continue();
      done();
    }),
  );
  const opening = page.getByRole('link', { name: subject }).click();
  await asked;
  const box = await page.locator('iframe.frame').boundingBox();
  // page.screenshot() would wait for the frame.
  const { data } = await (await context.newCDPSession(page)).send('Page.captureScreenshot');
  writeFileSync(join(shotFolder, 'frame-waiting-dark.png'), Buffer.from(data, 'base64'));
  assert.deepEqual(await colourAt(page, data, box), [26, 32, 39]);
  answer();
  await opening;
  await page.unroute(/\/body\?/);
  const frame = await frameOf(page);
  const ground = (it) => it.evaluate(() => [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]);
  assert.deepEqual(await ground(frame), ['rgb(26, 32, 39)', 'rgb(227, 232, 238)']);
  await page.screenshot({ path: join(shotFolder, 'frame-dark.png') });
  // By keyboard: into the frame, which shows where one is, to the box.
  await page.getByText('Open the text in a window of its own').focus();
  await page.keyboard.press('Tab');
  const ring = () => frame.evaluate(() => getComputedStyle(document.documentElement, '::after').borderTopWidth);
  assert.equal(await ring(), '3px');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Space');
  assert.deepEqual(await ground(frame), ['rgb(255, 255, 255)', 'rgb(28, 36, 48)']);
  await page.screenshot({ path: join(shotFolder, 'frame-original.png') });
});

test('html: what keeps its colours in the dark offers no others', {}, async (t) => {
  const context = await t.newContext({ colorScheme: 'dark' });
  const page = await context.newPage();
  const put = async (html) => {
    const subject = unique('Colours');
    await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, html }) });
    await page.goto(`${t.server.secure}/list?folder=INBOX`);
    await open(page, subject);
    return frameOf(page);
  };
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  const box = (frame) => frame.locator('.iwebmsg-original');
  const turned = await put('<p style="color:#800000;background:#ffffff">Dark on light</p>');
  assert.equal(await box(turned).isVisible(), true);
  const kept = await put('<body bgcolor="#101010" style="color:#ffffff"><p>Light on dark</p></body>');
  assert.equal(await kept.evaluate(() => document.documentElement.className), 'light');
  assert.equal(await box(kept).count(), 0);
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await put('<p style="color:#800000;background:#ffffff">Dark on light</p>');
  assert.equal(await box(light).isVisible(), false);
});

/** The colour in the middle of a box of a screenshot (base64). */
async function colourAt(page, picture, { x, y, width, height }) {
  const at = [x + width / 2, Math.min(y + height / 2, y + 60)].map(Math.round);
  const other = await page.context().newPage();
  const colour = await other.evaluate(
    async ([data, left, top]) => {
      const image = new Image();
      image.src = data;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height).getContext('2d');
      canvas.drawImage(image, 0, 0);
      return [...canvas.getImageData(left, top, 1, 1).data].slice(0, 3);
    },
    [`data:image/png;base64,${picture}`, ...at],
  );
  await other.close();
  return colour;
}
