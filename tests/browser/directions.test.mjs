// Pages in Arabic, whose lines go to the left, and in Japanese, whose words
// have no spaces between them: the main pages, wide and on a phone.

import { assert, assertAccessible, assertFits, login, NARROW, test, WIDE } from './harness.mjs';
import { letter, row, unique } from './steps.mjs';

const HUGE = { width: 1440, height: 900 };
/* Words that stand in boxes of their own. */
const BOXES = 'button, .button, summary, label, legend, h1, h2, th, .hint, .bar-link, .note p, .folder-name, .pages a';

/** No word is cut off or sticks out of its box; long names may end in "…". */
async function assertWhole(page, where) {
  const cut = await page.evaluate((boxes) => [...document.querySelectorAll(boxes)]
    .filter((each) => each.checkVisibility() && !each.closest('.vh, .skip') && each.clientWidth > 1)
    .filter((each) => getComputedStyle(each).textOverflow !== 'ellipsis')
    .filter((each) => each.scrollWidth > each.clientWidth + 1 && getComputedStyle(each).display !== 'inline')
    .map((each) => `${each.tagName} ${each.className} "${each.innerText.slice(0, 60)}" ${each.scrollWidth} > ${each.clientWidth}`), BOXES);
  assert.deepEqual(cut, [], `cut off ${where}`);
}

/** Both widths; `make pictures` shows what it looks like. */
async function assertStands(page, language, name) {
  for (const size of [WIDE, NARROW]) {
    await page.setViewportSize(size);
    await assertFits(page);
    await assertWhole(page, `${name}, ${size.width} px`);
  }
  await assertAccessible(page, `${language} ${name}`);
  await page.setViewportSize(WIDE);
}

async function opened(t, locale) {
  const page = await (await t.newContext({ locale })).newPage();
  return page;
}

const subjects = { latin: unique('Seeds for spring'), arabic: unique('بذور الربيع'), japanese: unique('春の種') };

async function put(t, user) {
  for (const subject of Object.values(subjects))
    await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject, text: 'Hello.\n\nمرحبا بك في الحديقة.\n\n> 春が来ました。\n' }) });
}

/** Login, list, message, writing, search and settings, as they stand. */
async function walk(t, page, language) {
  const at = (path) => t.server.plain + path;
  await page.goto(at('/'));
  assert.equal(await page.getAttribute('html', 'lang'), language);
  await assertStands(page, language, 'login');
  const { user, password } = await t.rig.call('person');
  await put(t, user);
  await login(page, t.server, user, password);
  await row(page, subjects.latin).waitFor();
  await assertStands(page, language, 'list');
  const message = at(await row(page, subjects.arabic).locator('.c-subject a').getAttribute('href'));
  for (const [name, address] of [
    ['message', message], ['compose', at('/compose')], ['search', at('/search')], ['settings', at('/settings')],
    ['folders', at('/folders')], ['contacts', at('/contacts')],
  ]) {
    await page.goto(address);
    await assertStands(page, language, name);
  }
  return { message, at };
}

const box = (page, selector) => page.locator(selector).first().boundingBox();
const direction = (locator) => locator.evaluate((each) => getComputedStyle(each).direction);
const turned = (locator) => locator.evaluate((each) => new DOMMatrix(getComputedStyle(each).transform).a);

test('directions: Arabic, from the right to the left', {}, async (t) => {
  const page = await opened(t, 'ar');
  const { message, at } = await walk(t, page, 'ar');

  await page.goto(at('/list?folder=INBOX'));
  assert.equal(await page.getAttribute('html', 'dir'), 'rtl');
  const [folders, main] = [await box(page, '.folders'), await box(page, '#main')];
  assert.ok(folders.x >= main.x + main.width, 'folders to the right of the list');
  const [tick, date] = [await box(page, 'td.c-tick'), await box(page, 'td.c-date')];
  assert.ok(tick.x > date.x, 'the first column is to the right');
  // A stranger's words go the way they go.
  const subject = (words) => row(page, words).locator('.c-subject a');
  assert.equal(await direction(subject(subjects.latin)), 'ltr');
  assert.equal(await direction(subject(subjects.arabic)), 'rtl');
  await page.setViewportSize(NARROW);
  const write = await box(page, '.go-write');
  assert.ok(write.x < 100, 'the button to write is at the end of the line');

  await page.setViewportSize(WIDE);
  await page.goto(message);
  assert.equal(await turned(page.locator('.back .icon')), -1, 'back is to the right');
  assert.equal(await turned(page.locator('[data-key=r] .icon')), -1);
  assert.equal(await direction(page.locator('.person a').first()), 'ltr');
  assert.equal(await direction(page.locator('main h1')), 'rtl');
  const paragraphs = page.locator('.plain p');
  assert.equal(await direction(paragraphs.nth(0)), 'ltr');
  assert.equal(await direction(paragraphs.nth(1)), 'rtl');

  await page.goto(at('/compose'));
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#subject', 'مرحبا');
  assert.equal(await direction(page.locator('#to')), 'ltr');
  assert.equal(await direction(page.locator('#subject')), 'rtl');

  // Three panes: the list to the right of the message; arrows as one sees.
  await page.setViewportSize(HUGE);
  await page.goto(at('/list?folder=INBOX'));
  const line = page.locator('.pane-line.of-list');
  await line.waitFor();
  const [list, pane] = [await box(page, '#main'), await box(page, '.pane')];
  assert.ok(list.x >= pane.x + pane.width, 'the message to the left of its list');
  await line.press('ArrowLeft');
  assert.ok((await box(page, '#main')).width > list.width, 'the line went to the left: a wider list');
  await line.press('ArrowRight');
  assert.equal((await box(page, '#main')).width, list.width);
  await assertAccessible(page, 'ar, three panes');
  await assertFits(page);
});

test('directions: Japanese, without spaces between words', {}, async (t) => {
  const page = await opened(t, 'ja');
  const { message, at } = await walk(t, page, 'ja');

  await page.goto(message);
  assert.equal(await page.getAttribute('html', 'lang'), 'ja');
  await page.goto(at('/settings'));
  await page.setViewportSize(NARROW);
  const breaks = await page.locator('main h2').first().evaluate((each) => getComputedStyle(each).wordBreak);
  assert.equal(breaks, 'auto-phrase', 'lines break between phrases');
  // The letters are those of a Japanese font, not boxes: no two are alike.
  const widths = await page.evaluate(() => {
    const context = new OffscreenCanvas(40, 40).getContext('2d', { willReadFrequently: true });
    context.font = `30px ${getComputedStyle(document.body).fontFamily}`;
    return ['設', '定', '言', '語'].map((each) => {
      context.clearRect(0, 0, 40, 40);
      context.fillText(each, 2, 32);
      return context.getImageData(0, 0, 40, 40).data.filter((dot, at) => at % 4 === 3 && dot > 99).length;
    });
  });
  assert.ok(new Set(widths).size > 1 && !widths.includes(0), `letters are drawn: ${widths}`);
});
