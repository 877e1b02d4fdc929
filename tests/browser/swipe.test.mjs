// A finger that pushes a row of a list aside, on a phone.

import { assert, login, NARROW, test } from './harness.mjs';
import { letter, row, unique } from './steps.mjs';

/** A phone, and what a finger does on it. */
async function phone(t, more = {}) {
  const context = await t.newContext({ viewport: NARROW, hasTouch: true, isMobile: true, ...more });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  const touch = (type, ...points) => session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
  /** From the middle of a row so far aside and down; `lets`: and lets go. */
  const push = async (subject, aside, down = 0, { lets = true } = {}) => {
    const box = await row(page, subject).locator('.c-subject').boundingBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await touch('touchStart', { x, y });
    for (let at = 1; at <= 10; at++) await touch('touchMove', { x: x + (aside * at) / 10, y: y + (down * at) / 10 });
    if (lets) await touch('touchEnd');
  };
  return { page, push, touch };
}

async function letters(t, count) {
  const { user, password } = await t.rig.call('person');
  const subjects = [...Array(count)].map(() => unique('Swipe'));
  for (const subject of subjects) await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject }) });
  return { user, password, subjects };
}

test('swipe: archived, deleted, taken back, as the settings say', {}, async (t) => {
  const { user, password, subjects: [one, two, three] } = await letters(t, 3);
  const { page, push, touch } = await phone(t);
  await login(page, t.server, user, password);
  await page.locator('script[src*="swipe"]').waitFor({ state: 'attached' });
  const there = async (subject, is) => {
    await page.waitForLoadState();
    assert.equal(await row(page, subject).count() > 0, is, `${subject} ${is ? 'is' : 'is not'} in the list`);
  };
  const pushed = async (...how) => {
    await Promise.all([page.waitForNavigation(), push(...how)]);
    return page.innerText('.note[role=status] p');
  };

  // A short way is not enough, and down is scrolling.
  await push(one, 50);
  await push(one, 40, 200);
  assert.equal(await page.locator('.swiped').count(), 0);
  await there(one, true);
  // Under way one sees what it will do; back again, and nothing is done.
  await push(one, 200, 0, { lets: false });
  assert.match(await page.locator('.swiped').getAttribute('class'), /archive.*far/);
  const box = await row(page, one).boundingBox();
  assert.ok(box.x > 100, 'the row follows the finger');
  await touch('touchMove', { x: 20, y: box.y + 10 });
  await touch('touchCancel');
  await page.locator('.swiped').waitFor({ state: 'detached' });
  assert.ok((await row(page, one).boundingBox()).x < 40);

  assert.match(await pushed(one, 220), /archive/i);
  await there(one, false);
  assert.match(await pushed(two, -220), /trash/);
  await there(two, false);
  await page.getByRole('button', { name: 'Undo' }).tap();
  await page.getByText('put back').waitFor();
  await there(two, true);
  await there(three, true);

  // While some are ticked, nothing moves.
  await row(page, two).locator('input[name=uid]').tap();
  await push(three, 220);
  await there(three, true);

  await page.goto(`${t.server.plain}/settings`);
  await page.getByLabel('Swiping a row to the right').selectOption({ label: 'deletes it' });
  await page.locator('#display .settings-said p').first().waitFor();
  await page.getByLabel('Swiping a row to the left').selectOption({ label: 'does nothing' });
  await page.waitForFunction(() => document.documentElement.classList.contains('left-none'));
  await Promise.all([page.waitForNavigation(), page.locator('main button[value=save]:visible').first().click()]);
  await page.goto(`${t.server.plain}/list?folder=INBOX`);
  await page.locator('script[src*="swipe"]').waitFor({ state: 'attached' });
  await push(three, -220);
  await there(three, true);
  assert.match(await pushed(three, 220), /trash/);
  await there(three, false);
});

test('swipe: not with a mouse', { width: NARROW }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password);
  await page.locator('script[src*="keys"]').nth(0).waitFor({ state: 'attached' });
  assert.equal(await page.locator('script[src*="swipe"]').count(), 0);
});
