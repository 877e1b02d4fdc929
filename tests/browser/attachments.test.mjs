// Files of a message: seen, opened, downloaded, all at once; JavaScript on, off.

import { NARROW, assert, assertFits, both, login, shot, shotFolder, test } from './harness.mjs';
import { attachment, download, open, unique } from './steps.mjs';

const line = (data) => data.toString('base64').match(/.{1,76}/g)?.join('\n') ?? '';

const part = ({ name, type, bytes }) =>
  `Content-Type: ${type}\nContent-Transfer-Encoding: base64\n` +
  `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(name)}\n\n${line(bytes)}\n`;

const message = (subject, files) =>
  `From: Ben <ben@demo.test>\nTo: anna@demo.test\nSubject: =?utf-8?B?${Buffer.from(subject).toString('base64')}?=\n` +
  `Date: ${new Date().toUTCString().replace('GMT', '+0000')}\nMessage-ID: <${unique('m').replace(/\W/g, '.')}@demo.test>\n` +
  'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="=cut="\n\n' +
  '--=cut=\nContent-Type: text/plain\n\nSee the files.\n' +
  files.map((each) => `--=cut=\n${part(each)}`).join('') +
  '--=cut=--\n';

/** One second of a tone. */
function wav() {
  const samples = Buffer.from(Array.from({ length: 8000 }, (_, at) => 128 + Math.round(90 * Math.sin(at / 3))));
  const head = Buffer.from(
    'RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\0\0\0', 'latin1');
  head.writeUInt32LE(36 + samples.length, 4);
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** A page that says a word in large letters. */
function pdf(word) {
  const text = `BT /F1 72 Tf 60 600 Td (${word}) Tj ET 1 0 0 rg 60 300 300 200 re f`;
  const objects = [
    '<</Type/Catalog/Pages 2 0 R>>',
    '<</Type/Pages/Kids[3 0 R]/Count 1>>',
    '<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>',
    `<</Length ${text.length}>>stream\n${text}\nendstream`,
    '<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>',
  ];
  let out = '%PDF-1.4\n';
  const places = objects.map((each, at) => {
    const place = out.length;
    out += `${at + 1} 0 obj${each}endobj\n`;
    return place;
  });
  const start = out.length;
  out += `xref\n0 6\n0000000000 65535 f \n${places.map((at) => `${String(at).padStart(10, '0')} 00000 n \n`).join('')}`;
  return Buffer.from(`${out}trailer<</Size 6/Root 1 0 R>>\nstartxref\n${start}\n%%EOF\n`);
}

/** JPEGs drawn by the browser: a big one with a small one in its Exif header. */
async function camera(page) {
  const draw = (size, colour, quality) =>
    page.evaluate(([side, fill, good]) => {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = side;
      const context = canvas.getContext('2d');
      context.fillStyle = fill;
      context.fillRect(0, 0, side, side);
      for (let at = 0; at < side * 4; at += 1) {
        context.fillStyle = `hsl(${at * 7}, 80%, 50%)`;
        context.fillRect((at * 31) % side, (at * 17) % side, 3, 3);
      }
      return canvas.toDataURL('image/jpeg', good).split(',')[1];
    }, [size, colour, quality]);
  const small = Buffer.from(await draw(120, 'green', 0.7), 'base64');
  const big = Buffer.from(await draw(1600, 'green', 1), 'base64');
  const tiff = Buffer.alloc(44);
  tiff.write('MM\0*', 'latin1');
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt32BE(14, 10);
  tiff.writeUInt16BE(2, 14);
  [[0x0201, 44], [0x0202, small.length]].forEach(([tag, value], at) => {
    tiff.writeUInt16BE(tag, 16 + at * 12);
    tiff.writeUInt16BE(4, 18 + at * 12);
    tiff.writeUInt32BE(1, 20 + at * 12);
    tiff.writeUInt32BE(value, 24 + at * 12);
  });
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff, small]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1, 0, 0]);
  head.writeUInt16BE(exif.length + 2, 4);
  return Buffer.concat([head, exif, big.subarray(2)]);
}

/** What "View" of a file opens: a page of its own. */
async function view(t, name) {
  const link = t.page.locator('section.attachments li').filter({ hasText: name }).getByRole('link', { name: `View ${name}` });
  const [shown] = await Promise.all([t.context.waitForEvent('page'), link.click()]);
  await shown.waitForLoadState('load');
  return shown;
}

/** Events do not reach a page without script: it is asked again. */
async function until(ask, what) {
  const end = Date.now() + 40000;
  while (!(await ask())) assert.ok(Date.now() < end, what);
}

const red = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

both('attachments: seen, opened, downloaded', {}, async (t) => {
  const { page } = t;
  const subject = unique('Bilder & Töne');
  const files = [
    { name: 'Ferien am See.jpg', type: 'image/jpeg', bytes: await camera(page) },
    { name: 'Punkt.png', type: 'image/png', bytes: red },
    { name: 'Vertrag – Entwurf.pdf', type: 'application/pdf', bytes: pdf('Contract') },
    { name: 'notes.txt', type: 'text/plain; charset=utf-8', bytes: Buffer.from('Grüße <b>not bold</b>\n') },
    { name: 'bell.wav', type: 'audio/x-wav', bytes: wav() },
    { name: 'page.html', type: 'text/html', bytes: Buffer.from('<script>document.title="owned"</script>') },
    { name: 'setup.exe', type: 'application/octet-stream', bytes: Buffer.alloc(3000, 7) },
  ];
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: message(subject, files) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  await page.locator('section.attachments summary', { hasText: '7 files' }).click();
  const thumbs = page.locator('section.attachments img.thumb');
  await thumbs.last().scrollIntoViewIfNeeded();
  await page.waitForFunction(() =>
    [...document.querySelectorAll('img.thumb')].every((each) => each.complete && each.naturalWidth > 0));
  assert.deepEqual(
    await thumbs.evaluateAll((all) => all.map(({ naturalWidth }) => naturalWidth)), [120, 1]);
  assert.match(await page.innerText('section.attachments'), /setup\.exe\s+Program, 2\.9 KB\s+A program: open it only/);
  if (t.js) await shot(page, 'attachments', { dark: true });

  for (const { name, bytes } of files) {
    const got = await download(page, attachment(page, name));
    assert.equal(got.name, name);
    assert.ok(got.bytes.equals(bytes), name);
  }
  const zip = await download(page, page.getByRole('link', { name: /^Download all 7/ }));
  assert.equal(zip.name, `${subject}.zip`);
  assert.equal(zip.bytes.subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  const more = page.locator('summary:visible').filter({ hasText: 'More' }).last();
  await more.click();
  const saved = await download(page, page.getByRole('link', { name: 'Save the message as a file' }));
  assert.equal(saved.name, `${subject}.eml`);
  await more.click();

  const image = await view(t, 'Ferien am See.jpg');
  assert.equal(await image.evaluate(() => document.images[0].naturalWidth), 1600);
  await image.close();
  const text = await view(t, 'notes.txt');
  assert.equal(await text.innerText('pre'), 'Grüße <b>not bold</b>\n');
  await assertFits(text);
  if (t.js) await shot(text, 'attachments-text', { dark: true });
  await text.getByRole('link', { name: 'The message' }).click();
  await text.waitForSelector(`h1:has-text("${subject}")`);
  await text.close();
});

both('attachments: many do not push the text away', { width: NARROW }, async (t) => {
  const { page } = t;
  const subject = unique('Forty');
  const files = Array.from({ length: 40 }, (_, at) => ({
    name: `page ${at}.txt`, type: 'text/plain', bytes: Buffer.from('x'.repeat(100)),
  }));
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: message(subject, files) });
  await login(page, t.server, 'anna', t.rig.password);
  await open(page, subject);
  const { y } = await page.getByText('See the files.').boundingBox();
  assert.ok(y < NARROW.height, `the text stands at ${y}`);
  assert.ok(!(await attachment(page, 'page 39.txt').isVisible()));
  await page.getByText('40 files, 3.9 KB').click();
  assert.ok(await attachment(page, 'page 39.txt').isVisible());
  await assertFits(page);
});

test('attachments: sound plays and goes where one wants', {}, async (t) => {
  const { page } = t;
  const subject = unique('Sound');
  // The player has no script here, and Chromium says so.
  t.allow(/^console error: Blocked script execution in '[^']*\/view\?/);
  await t.rig.call('append', {
    user: 'anna', folder: 'INBOX', message: message(subject, [{ name: 'bell.wav', type: 'audio/wav', bytes: wav() }]),
  });
  await login(page, t.server, 'anna', t.rig.password);
  await open(page, subject);
  const shown = await view(t, 'bell.wav');
  const audio = shown.locator('audio');
  await until(() => audio.evaluate((it) => it.readyState > 0), 'the player knows the sound');
  assert.equal(await audio.evaluate((it) => it.duration), 1);
  await audio.evaluate((it) => { it.currentTime = 0.5; });
  await until(() => audio.evaluate((it) => !it.seeking && it.readyState > 1), 'the player is in the middle');
  await assertFits(shown);
  await shot(shown, 'attachments-sound');
  const got = await download(shown, shown.getByRole('link', { name: 'Download bell.wav' }));
  assert.ok(got.bytes.equals(wav()));
});

for (const secure of [false, true])
  test(`attachments: a PDF is read in the browser${secure ? ', in secure mode' : ''}`, {}, async (t) => {
    const { page } = t;
    const subject = unique('Paper');
    // Chromium's own viewer is made of these.
    t.allow(/^request to another host: chrome(-extension)?:\/\//);
    await t.rig.call('append', {
      user: 'anna', folder: 'INBOX',
      message: message(subject, [{ name: 'paper.pdf', type: 'application/pdf', bytes: pdf('Hello') }]),
    });
    await login(page, t.server, 'anna', t.rig.password, { secure });
    await open(page, subject);
    const shown = await view(t, 'paper.pdf');
    assert.equal(await shown.evaluate(() => document.contentType), 'application/pdf');
    // The viewer draws the page: its red square is seen.
    const path = `${shotFolder}/attachments-pdf${secure ? '-secure' : ''}.png`;
    await until(async () => (await shown.screenshot({ path })).length > 12000, 'the PDF is drawn');
  });
