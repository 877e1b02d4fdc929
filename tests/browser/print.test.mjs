// What is printed: one document with the header above the text.

import { join } from 'node:path';
import { NARROW, assert, both, login, shotFolder, test } from './harness.mjs';
import { letter, unique } from './steps.mjs';

/** Puts a letter into Anna's INBOX; the addresses of its pages. */
async function put(t, values) {
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter(values) });
  const { count } = await t.rig.call('count', { user: 'anna', folder: 'INBOX' });
  const at = (path) => `${t.server.secure}${path}?folder=INBOX&uid=${count}`;
  return { print: at('/print'), message: at('/message') };
}

const PARAGRAPH = '<p>The engine weaves algebraic patterns just as the loom weaves flowers.</p>';

both('print: header, files and formatted text in one document', {}, async (t) => {
  const { page } = t;
  const subject = unique('To be printed');
  const html =
    `<h2>Notes</h2>${PARAGRAPH.repeat(60)}<blockquote>${PARAGRAPH}</blockquote>` +
    '<p style="background-color:#ffd">The last word.</p>';
  const file = { name: 'plates 1–4.pdf', type: 'application/pdf', bytes: Buffer.from('%PDF-1.4') };
  const { print } = await put(t, { subject, html, file });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(print);
  assert.equal(await page.innerText('h1'), subject);
  const head = await page.innerText('header');
  for (const words of ['ben@demo.test', 'anna@demo.test', 'plates 1–4.pdf', 'Date']) assert.ok(head.includes(words), words);
  assert.equal(await page.locator('main p').count(), 62);
  assert.equal(await page.locator('a, button, nav, iframe').count(), 0, 'nothing of the program');
  await t.shot('print-html');
  const pdf = await page.pdf({ path: join(shotFolder, 'print-html.pdf'), format: 'A4' });
  const pages = pdf.toString('latin1').match(/\/Type \/Page\b/g).length;
  assert.ok(pages >= 3 && pages <= 5, `${pages} pages`);
});

both('print: plain text with its quotes', {}, async (t) => {
  const { page } = t;
  const subject = unique('Plain to be printed');
  const quote = '> What was said before.\n'.repeat(40);
  const { print } = await put(t, { subject, text: `Yes.\n\n${quote}\n-- \nBen\n` });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(print);
  const text = await page.innerText('main');
  assert.equal(text.match(/What was said before\./g).length, 40);
  assert.ok(await page.getByText('What was said before.').first().isVisible());
  await t.shot('print-plain');
});

test('print: on a narrow screen only a wide text moves', { width: NARROW }, async (t) => {
  const { page } = t;
  const subject = unique('Wide table');
  const html = '<table><tr><td nowrap>' + 'a line that never wraps, '.repeat(9) + '</td></tr></table><p>THE END</p>';
  const { print } = await put(t, { subject, html });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(print);
  const { page: all, text } = await page.evaluate(() => ({
    page: document.documentElement.scrollWidth,
    text: document.querySelector('main').scrollWidth,
  }));
  assert.equal(all, NARROW.width);
  assert.ok(text > NARROW.width, `${text} px`);
});

test('print: a text cannot reach into the header', {}, async (t) => {
  const { page } = t;
  const subject = unique('Overlay');
  const html =
    '<style>*{color:red;visibility:hidden;font-size:1px!important;position:fixed}header,h1,dl,dd{display:none!important;opacity:0;width:0}' +
    'body{opacity:1;text-indent:-900px;letter-spacing:90px;text-transform:uppercase}</style>' +
    '<div style="margin-top:-400px;position:fixed;top:0;left:0;z-index:9;background:#fff;width:900px;height:900px">Ada</div>' +
    '<table style="margin-top:-400px;position:absolute"><tr><td>Ada</td></tr></table>';
  const { print } = await put(t, { subject, html });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(print);
  const found = await page.evaluate(() => {
    const bottom = document.querySelector('header').getBoundingClientRect().bottom;
    const inside = [...document.querySelectorAll('main, main :not(style)')];
    const name = getComputedStyle(document.querySelector('h1'));
    return {
      origin: self.origin,
      name: [name.color, name.fontSize, name.visibility, name.position, name.opacity, name.textIndent, name.textTransform],
      above: inside.filter((each) => each.getBoundingClientRect().top < bottom).map((each) => each.outerHTML),
      hit: document.elementFromPoint(60, 30).closest('main') !== null,
    };
  });
  const name = ['rgb(28, 36, 48)', '22px', 'visible', 'static', '1', '0px', 'none'];
  assert.ok((await page.innerText('header')).includes('ben@demo.test'));
  assert.deepEqual(found, { origin: 'null', name, above: [], hit: false });
});
