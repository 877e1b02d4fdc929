// Every page on a phone of 320 px, at 200 % of the browser's zoom, with letters
// twice as large, and in the colours of the system (WCAG 1.4.4, 1.4.10, 2.5.8):
// nothing is scrolled sideways, nothing lies upon what can be pressed, no word
// is cut off, and what has a meaning is seen. Pictures: build/shots/zoom-*.png.

import { join } from 'node:path';
import { assert, login, shotFolder, test } from './harness.mjs';
import { allBytes, letter, row, unique } from './steps.mjs';

const PAGES = ['/list?folder=INBOX', '/list?folder=Junk', '/search', '/search?q=meadow', '/search/help', '/compose', '/settings', '/settings/file',
  '/contacts', '/contacts/import', '/contact', '/folders', '/folder?folder=Archive', '/labels', '/identities?id=new', '/responses?id=new',
  '/devices', '/outbox', '/import', '/keys', '/senders', '/secure', '/connection', '/help', '/nothing-here'];
const SMALLEST = 24; // px of what is pressed

/** What cannot be read or pressed on the page in front. */
const LOOK = `(() => {
  const wrong = new Set();
  const isSeen = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !it.closest('.vh, .skip') && getComputedStyle(it).clipPath === 'none';
  const name = (it) => it.localName + '.' + (it.getAttribute('class') ?? '') + ' "' + (it.innerText || it.value || '').trim().slice(0, 30) + '"';
  const labelOf = (it) => it.closest('label') ?? it.labels?.[0];
  const isOf = (top, it) => top && (it.contains(top) || labelOf(it)?.contains(top) || (it.closest('tr') && top.closest('tr') === it.closest('tr')));
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.add('scrolls sideways: ' + root.scrollWidth + ' of ' + root.clientWidth);
  for (const it of document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')) {
    if (!isSeen(it)) continue;
    it.scrollIntoView({ block: 'center' });
    const [box] = it.getClientRects();
    if (!box || box.width < 1) continue;
    const press = [it, labelOf(it)].filter(Boolean).map((each) => each.getBoundingClientRect()).sort((a, b) => Math.min(b.width, b.height) - Math.min(a.width, a.height))[0];
    // Links in a line of words may be as high as the line.
    const inWords = it.localName === 'a' && getComputedStyle(it).display.startsWith('inline') && it.closest('p, td, th, dd, li, label');
    if (!inWords && (press.height < ${SMALLEST} - .5 || press.width < ${SMALLEST} - .5)) wrong.add('small: ' + Math.round(press.width) + 'x' + Math.round(press.height) + ' ' + name(it));
    const top = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!isOf(top, it)) wrong.add('covered: ' + name(it) + ' by ' + (top ? name(top) : 'the edge'));
  }
  for (const it of document.querySelectorAll('body *')) {
    const { overflowX, overflowY, textOverflow } = getComputedStyle(it);
    // A cell is as wide as its column: what it has in it ends in dots.
    if (it.closest('svg') || it.matches('.c-subject') || it.clientWidth < 4 || textOverflow === 'ellipsis' || it.matches('input') || !isSeen(it)) continue;
    if (/hidden|clip/.test(overflowX) && it.scrollWidth > it.clientWidth + 4) wrong.add('cut: ' + name(it));
    if (/hidden|clip/.test(overflowY) && it.scrollHeight > it.clientHeight + 4) wrong.add('cut below: ' + name(it));
    if (overflowX === 'visible' && it.matches('button, .button, summary, p, h1, h2, h3, label, dt, dd') && it.scrollWidth > it.clientWidth + 2) wrong.add('too wide: ' + name(it));
  }
  scrollTo(0, 0);
  return [...wrong];
})()`;

const WAYS = {
  'a phone of 320 px': { viewport: { width: 320, height: 640 } },
  'a phone of 360 px, in German': { viewport: { width: 360, height: 640 }, locale: 'de-DE' },
  'zoomed to 200 %': { viewport: { width: 640, height: 450 }, deviceScaleFactor: 2 },
  'letters twice as large': { viewport: { width: 1280, height: 900 }, large: true },
  'letters twice as large, a phone': { viewport: { width: 360, height: 640 }, large: true },
  'letters twice as large, a phone, in German': { viewport: { width: 360, height: 640 }, locale: 'de-DE', large: true },
  'letters twice as large, three panes': { viewport: { width: 1440, height: 900 }, large: true },
};

/** Somebody with a message that has files, and its address. */
async function furnish(t) {
  const { user, password } = await t.rig.call('person');
  const file = { name: 'Fahrplan der Schifffahrtsgesellschaft (Sommer) 2026.pdf', type: 'application/pdf', bytes: allBytes(900) };
  await t.rig.call('append_all', { user, folder: 'INBOX', messages: [
    letter({ to: user, subject: unique('From the meadow, with a subject that is longer than a phone is wide'), text: 'Hello.\n\n> meadow\n', file }),
    letter({ to: user, subject: 'Formatted', html: '<p>meadow</p><img src="https://pictures.example.net/a.png">' }),
  ] });
  return { user, password };
}

for (const [way, { large, ...how }] of Object.entries(WAYS))
  test(`zoom: every page, ${way}`, {}, async (t) => {
    t.allow(/the server responded with a status of 404/);
    const { user, password } = await furnish(t);
    const page = await (await t.newContext(how)).newPage();
    const wrong = [];
    const look = async (name) => {
      if (large) await page.evaluate(() => { document.documentElement.style.fontSize = '30px'; });
      for (const each of await page.evaluate(LOOK)) wrong.push(`${name}: ${each}`);
      await page.screenshot({ path: join(shotFolder, `zoom-${way}-${name}`.replace(/\W+/g, '-') + '.png') });
    };
    await page.goto(`${t.server.plain}/`);
    await look('login');
    await login(page, t.server, user, password);
    await page.locator('.list tbody tr').first().waitFor();
    const messages = await page.$$eval('.list tbody .c-subject a', (all) => all.map((each) => each.href));
    for (const path of PAGES) {
      await page.goto(t.server.plain + path);
      await look(path);
    }
    for (const [at, address] of messages.entries()) {
      await page.goto(address);
      await look(`message ${at}`);
    }
    await page.goto(`${t.server.plain}/list?folder=INBOX`);
    await page.locator('.list input[name=uid]').first().check();
    await look('ticked');
    assert.deepEqual(wrong, []);
  });

test('zoom: colours of the system', { width: { width: 1440, height: 900 } }, async (t) => {
  const { user, password } = await furnish(t);
  const page = await (await t.newContext({ forcedColors: 'active' })).newPage();
  const style = (place, name, pseudo = null) => page.locator(place).first().evaluate((it, [name, pseudo]) => getComputedStyle(it, pseudo)[name], [name, pseudo]);
  const ground = () => style('main', 'backgroundColor');
  const picture = (name) => page.screenshot({ path: join(shotFolder, `zoom-forced-${name}.png`) });

  await login(page, t.server, user, password);
  await row(page, 'Formatted').locator('input[name=uid]').check();
  await Promise.all([page.waitForNavigation(), page.locator('button[value=flag]').click()]);
  await page.locator('.pane-line.of-list').waitFor();
  // Unread, flagged, the open folder, the tools' pictures, the line.
  assert.notEqual(await style('.unread .dot', 'backgroundColor'), await ground());
  for (const icon of ['.flagged .icon', '.folders a[aria-current] .icon', '.bar-link .icon'])
    assert.notEqual(await style(icon, 'stroke'), await ground(), icon);
  assert.equal(await style('.folders a[aria-current]', 'outlineStyle'), 'solid');
  assert.notEqual(await style('.pane-line.of-list', 'backgroundColor', '::after'), await ground());
  assert.equal(await style('.note', 'borderTopStyle'), 'solid');
  await row(page, 'Formatted').locator('input[name=uid]').check();
  assert.equal(await style('.list tr:has(:checked)', 'outlineStyle'), 'dashed');
  for (const icon of ['button[value=archive] .icon', '.rows .fold-narrow summary .icon']) assert.notEqual(await style(icon, 'stroke'), await ground(), icon);
  await picture('list');
  // The focus, wherever it is.
  for (let step = 0; step < 40; step++) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const it = document.activeElement;
      const all = [it, it.closest('form.search'), it.closest('tr')].filter(Boolean).map((each) => getComputedStyle(each));
      return it === document.body || all.some((each) => each.outlineStyle !== 'none' && parseFloat(each.outlineWidth) > 0) || it.outerHTML.slice(0, 90);
    });
    assert.equal(seen, true, 'has the focus, and does not show it');
  }
  await row(page, 'Formatted').locator('.c-subject a').click();
  await page.locator('.pane h1').waitFor();
  assert.equal(await style('.list tr.current', 'outlineStyle'), 'solid');
  await picture('message');
  await page.goto(`${t.server.plain}/compose`);
  assert.notEqual(await style('button.main', 'borderTopStyle'), 'none');
  await picture('compose');
});
