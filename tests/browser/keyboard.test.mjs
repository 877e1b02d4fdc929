// By keyboard alone: every control is reached in order, is seen when it has the
// focus, takes Enter and Space, and lets go of the focus again.

import { CONTROLS, FOCUS, focusOf, words } from './focus.mjs';
import { assert, both, login, test, NARROW } from './harness.mjs';
import { allBytes, letter, open, unique } from './steps.mjs';

const MOST = 400;

/** Presses Tab from the skip link until the page is left; where it came by. */
async function walk(page, key = 'Tab') {
  const stops = [];
  for (let presses = 0; presses < MOST; presses++) {
    const stop = await focusOf(page);
    const last = stops.at(-1);
    // The end of the page: the browser's own controls, or the page anew.
    if (!stop || (stops.length > 1 && stop.at === stops[0].at && stop.kind !== 'iframe')) return stops;
    // Within a frame or an editor the focus moves on inside.
    if (!last || last.at !== stop.at) stops.push(stop);
    await page.keyboard.press(key);
  }
  return assert.fail(`the focus does not leave the page: ${stops.slice(-4).map(words)}`);
}

const toTop = (page) => page.evaluate(() => {
  scrollTo(0, 0);
  document.querySelector('a.skip').focus();
});

/** All is reached, in order, and seen; and the same way back. */
async function assertWalk(page) {
  await toTop(page);
  const stops = await walk(page);
  assert.equal(stops[0].name, 'Skip to the content');
  const count = await page.evaluate(`${CONTROLS}.length`);
  const names = await page.evaluate(`${CONTROLS}.map((each) => each.outerHTML.slice(0, 160))`);
  const reached = new Set(stops.map(({ at }) => at));
  const missed = [...Array(count).keys()].filter((at) => !reached.has(at));
  assert.deepEqual(missed.map((at) => names[at]), [], 'not reached by Tab');
  const order = stops.map(({ at }) => at);
  assert.deepEqual(order, [...order].sort((a, b) => a - b), 'not in the order of the page');
  for (const stop of stops) {
    // In a frame it is a link of the letter that has it.
    assert.ok(stop.seen || stop.kind === 'iframe', `no focus to be seen: ${words(stop)}`);
    assert.ok(stop.inView, `not in view: ${words(stop)}`);
  }
  await toTop(page);
  await page.keyboard.press('Shift+Tab');
  await page.evaluate(`${CONTROLS}.at(-1).focus()`);
  const back = await walk(page, 'Shift+Tab');
  assert.deepEqual(back.map(words).reverse(), stops.map(words), 'the way back');
  return stops;
}

/** Enter and Space reach every control as a click; nothing else takes them. */
async function assertKeys(page, stops) {
  await page.evaluate(`window.controls = ${CONTROLS}; window.clicks = [];
    window.stopClick = (event) => {
      clicks.push(controls.indexOf(event.target.closest('a[href], button, input, summary')));
      event.preventDefault(); event.stopImmediatePropagation();
    };
    addEventListener('click', stopClick, true)`);
  for (const stop of stops) {
    const keys = {
      a: ['Enter'], button: ['Enter', 'Space'], summary: ['Enter', 'Space'],
      'input:checkbox': ['Space'], 'input:submit': ['Enter', 'Space'],
    }[stop.kind] ?? [];
    for (const key of keys) {
      await page.evaluate((at) => { window.clicks = []; window.controls[at].focus(); }, stop.at);
      await page.keyboard.press(key);
      assert.deepEqual(await page.evaluate('clicks'), [stop.at], `${key} on ${words(stop)}`);
    }
  }
  await page.evaluate(`removeEventListener('click', stopClick, true)`);
}

/** The first stop skips what all pages have: the next one is of this page. */
async function assertSkips(page) {
  await toTop(page);
  const link = page.getByRole('link', { name: 'Skip to the content' });
  assert.ok(await link.isVisible());
  const box = await link.boundingBox();
  assert.ok(box.x >= 0 && box.y >= 0 && box.height > 10, JSON.stringify(box));
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const next = await page.evaluate(FOCUS);
  assert.ok(next.inMain, words(next));
}

async function message(t) {
  const subject = unique('By keyboard, all of it');
  const html = '<p>Two <a href="https://a.example.org/">links</a> <a href="https://b.example.org/">here</a></p>' +
    '<img src="https://pictures.example.net/a.png" width="20" height="20">';
  const file = { name: 'plan.pdf', type: 'application/pdf', bytes: allBytes(900) };
  const head = 'Disposition-Notification-To: ben@demo.test\nList-Unsubscribe: <mailto:out@demo.test>\n';
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: head + letter({ subject, html, file }) });
  await login(t.page, t.server, 'anna', t.rig.password, { secure: true });
  await open(t.page, subject);
  if (t.js) await t.page.frameLocator('iframe.frame').getByText('here').waitFor();
}

both('keyboard: the message page', {}, async (t) => {
  await message(t);
  const { page } = t;
  await assertSkips(page);
  const stops = await assertWalk(page);
  for (const name of ['Reply', 'Forward', 'Delete', 'Send a receipt', 'Unsubscribe …', 'Show them this time'])
    assert.ok(stops.some((stop) => stop.name === name), name);
  if (t.js) await assertKeys(page, stops);
  // What is folded opens by key, and its inside is reached, too.
  await page.locator('summary:visible').filter({ hasText: 'More' }).first().focus();
  await page.keyboard.press('Enter');
  const open = await assertWalk(page);
  assert.ok(open.length > stops.length, `${open.length} stops`);
});

test('keyboard: the message page, narrow', { width: NARROW }, async (t) => {
  await message(t);
  await assertSkips(t.page);
  await assertWalk(t.page);
});

async function compose(t) {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/compose`);
  // The cursor stands where writing begins.
  assert.equal((await page.evaluate(FOCUS)).name, 'To');
}

both('keyboard: the compose page', {}, async (t) => {
  await compose(t);
  const { page } = t;
  // Letters are letters in a field, whatever they do elsewhere.
  await page.keyboard.type('jkxr?/ben@demo.test');
  assert.equal(await page.inputValue('#to'), 'jkxr?/ben@demo.test');
  await assertSkips(page);
  const stops = await assertWalk(page);
  for (const name of ['To', 'Subject', 'Send', 'Save draft', 'Discard'])
    assert.ok(stops.some((stop) => stop.name === name), name);
  if (t.js) await assertKeys(page, stops);
});

test('keyboard: the editor lets the focus go', {}, async (t) => {
  await compose(t);
  const { page } = t;
  await page.getByRole('button', { name: 'Formatted text' }).focus();
  await page.keyboard.press('Enter');
  const area = page.locator('[contenteditable=true]');
  await area.waitFor();
  await area.focus();
  await page.keyboard.type('some words');
  const inside = await page.evaluate(FOCUS);
  await page.keyboard.press('Tab');
  assert.notEqual((await page.evaluate(FOCUS))?.at, inside.at);
  await area.focus();
  await page.keyboard.press('Shift+Tab');
  assert.notEqual((await page.evaluate(FOCUS))?.at, inside.at);
  assert.match(await area.innerText(), /some words/);
  await assertWalk(page);
  // The tool bar is one stop; arrows go through all of it.
  const tools = page.getByRole('toolbar').locator('button, select');
  await page.locator('[role=toolbar] [tabindex="0"]').focus();
  const reached = new Set();
  for (let presses = 0; presses < 30; presses++) {
    reached.add(await page.evaluate(() => document.activeElement.getAttribute('aria-label')));
    await page.keyboard.press('ArrowRight');
  }
  assert.equal(reached.size, await tools.count());
});
