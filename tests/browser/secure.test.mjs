// Secure mode: in and out from every kind of page, other tabs, certificates.

import { assert, assertGood, both, login, test } from './harness.mjs';
import { follow, leave, letter, logOff, open, path, press, unique } from './steps.mjs';

const refused = /the server responded with a status of 403/;

/** Into secure mode and out of it again; the same page each time. */
async function thereAndBack(t, page, check) {
  const before = path(page);
  await press(page, 'Enter secure mode');
  assert.ok(page.url().startsWith(`${t.server.secure}/`), page.url());
  assert.equal(path(page), before);
  await check();
  await leave(page);
  assert.ok(page.url().startsWith(`${t.server.plain}/`), page.url());
  assert.equal(path(page), before);
  await check();
}

both('secure: there and back', {}, async (t) => {
  const { page } = t;
  const subject = unique('Before the switch');
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject }) });
  const heading = (words) => async () => assert.equal(await page.innerText('h1'), words);
  await page.goto(`${t.server.plain}/login`);
  await thereAndBack(t, page, heading('Log in'));
  await login(page, t.server, 'anna', t.rig.password);
  await page.goto(`${t.server.plain}/list?folder=INBOX&sort=from&page=2`);
  await thereAndBack(t, page, heading('Inbox'));
  await page.goto(`${t.server.plain}/list?folder=INBOX`);
  await open(page, subject);
  await thereAndBack(t, page, heading(subject));
  await page.goto(`${t.server.plain}/list?folder=INBOX`);
  await page.fill('input[name=q]', subject.split(' ').pop());
  await press(page, 'Search');
  await thereAndBack(t, page, async () => assert.equal(await page.locator('table.list tbody .c-subject a').count(), 1));
  t.allow(/the server responded with a status of 404/);
  await page.goto(`${t.server.plain}/nothing?of=that`);
  await thereAndBack(t, page, heading('Not here'));
  await page.goto(`${t.server.plain}/list`);
  await logOff(page);
  await thereAndBack(t, page, heading('You are logged off'));
});

both('secure: the login page keeps what was typed', {}, async (t) => {
  const { page } = t;
  const next = '/login?next=/list%3Ffolder%3DArchive';
  const asTyped = async (origin) => {
    assert.equal(page.url(), origin + next);
    assert.equal(await page.inputValue('#name'), 'än & na');
    assert.equal(await page.inputValue('#password'), '');
    assert.ok(await page.isChecked('#expire'));
    assert.ok(!(await page.content()).includes('typed-already'));
  };
  await page.goto(t.server.plain + next);
  await page.fill('#name', 'än & na');
  await page.fill('#password', 'typed-already');
  await page.check('#expire');
  await press(page, 'Enter secure mode');
  await asTyped(t.server.secure);
  await page.reload();
  await asTyped(t.server.secure);
  await page.fill('#password', 'typed-already');
  await leave(page);
  await asTyped(t.server.plain);
  // The login goes on with the page that was asked for.
  await page.fill('#name', 'anna');
  await page.fill('#password', t.rig.password);
  await press(page, 'Log in');
  assert.equal(page.url(), `${t.server.plain}/list?folder=Archive`);
  assert.deepEqual((await t.context.cookies()).filter(({ name }) => name === 'iwm_typed'), []);
});

test('secure: by keyboard alone', { js: false }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'chloe', t.rig.password);
  await page.goto(`${t.server.plain}/list?folder=Drafts`);
  for (const words of ['Enter secure mode', 'Leave secure mode', 'Leave secure mode']) {
    const button = page.getByRole('button', { name: words, exact: true });
    for (let left = 100; left > 0; left -= 1) {
      if (await button.evaluate((each) => each === document.activeElement)) break;
      await page.keyboard.press('Tab');
    }
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
  }
  assert.ok(page.url().startsWith(`${t.server.plain}/list`), page.url());
});

/** The session cookies that the browser holds. */
async function sessions(context) {
  const all = await context.cookies();
  return Object.fromEntries(all.filter(({ name }) => /iwm$/.test(name)).map(({ name, value }) => [name, value]));
}

both('secure: tickets and cookies', {}, async (t) => {
  const { page } = t;
  t.allow(refused);
  await login(page, t.server, 'anna', t.rig.password);
  const old = await sessions(t.context);
  assert.deepEqual(Object.keys(old), ['iwm']);
  const tickets = [];
  page.on('request', (request) => {
    if (request.url().includes('/secure/ticket?t=')) tickets.push(request.url());
  });
  await page.goto(`${t.server.plain}/list?folder=Archive`);
  await press(page, 'Enter secure mode');
  assert.equal(tickets.length, 1);
  const fresh = (await sessions(t.context))['__Host-iwm'];
  assert.ok(fresh && fresh !== old.iwm);
  // Back, or the ticket once more: whoever has the session goes on.
  await page.goto(tickets[0]);
  assert.equal(page.url(), `${t.server.secure}/list?folder=Archive`);
  assert.equal(await page.innerText('h1'), 'Archive');
  // Another browser with it: asked to press once more, and no session.
  const thief = await t.newContext();
  const theirs = await thief.newPage();
  await theirs.goto(tickets[0]);
  assert.match(await theirs.innerText('main'), /The mode was not switched/);
  await press(theirs, 'Enter secure mode');
  assert.equal(await theirs.innerText('h1'), 'Log in');
  assert.deepEqual(await sessions(thief), {});
  // The old cookie, played again, opens nothing.
  await thief.addCookies([{ name: 'iwm', value: old.iwm, url: t.server.plain }]);
  await theirs.goto(`${t.server.plain}/list?folder=Archive`);
  assert.equal(await theirs.innerText('h1'), 'Your session went on in the other mode');
  // The new one is of no use at the plain door.
  await thief.addCookies([{ name: 'iwm', value: fresh, url: t.server.plain }]);
  await theirs.goto(`${t.server.plain}/list?folder=Archive`);
  assert.equal(await theirs.innerText('h1'), 'Log in');
  assert.equal(await page.reload().then((answer) => answer.status()), 200);
  // A ticket that was made up.
  await page.goto(`${t.server.secure}/secure/ticket?t=${'A'.repeat(65)}&back=%2Fsettings`);
  assert.equal(page.url(), `${t.server.secure}/settings`);
});

both('secure: forms keep what was typed', {}, async (t) => {
  const { page } = t;
  const text = 'Typed before\nthe switch – ä';
  await login(page, t.server, 'anna', t.rig.password);
  await page.goto(`${t.server.plain}/compose`);
  await page.fill('#to', 'ben@demo.test');
  await page.fill('#body', text);
  await page.setInputFiles('#file', { name: 'kept.txt', mimeType: 'text/plain', buffer: Buffer.from('x') });
  const asTyped = async () => {
    assert.equal(await page.inputValue('#to'), 'ben@demo.test');
    assert.equal((await page.inputValue('#body')).replace(/\r\n/g, '\n'), text);
    assert.match(await page.innerText('fieldset.files'), /kept\.txt/);
  };
  await press(page, 'Enter secure mode');
  assert.ok(page.url().startsWith(`${t.server.secure}/compose`), page.url());
  await asTyped();
  await leave(page);
  assert.ok(page.url().startsWith(`${t.server.plain}/compose`), page.url());
  await asTyped();
  await press(page, 'Discard');

  await page.goto(`${t.server.plain}/settings`);
  await page.fill('#name', 'Anna Åberg');
  await press(page, 'Enter secure mode');
  assert.ok(page.url().startsWith(`${t.server.secure}/settings`), page.url());
  assert.equal(await page.inputValue('#name'), 'Anna Åberg');
  await page.fill('#name', '');
  await leave(page);
  assert.ok(page.url().startsWith(`${t.server.plain}/settings`), page.url());
  assert.equal(await page.inputValue('#name'), '');
});

test('secure: a tab that was left behind', {}, async (t) => {
  const { page } = t;
  t.allow(refused);
  await login(page, t.server, 'anna', t.rig.password);
  const list = await t.context.newPage();
  await list.goto(`${t.server.plain}/list?folder=Archive`);
  const compose = await t.context.newPage();
  await compose.goto(`${t.server.plain}/compose`);
  await compose.fill('#body', 'Hours of work');
  await press(page, 'Enter secure mode');

  await list.reload();
  assert.equal(await list.innerText('h1'), 'Your session went on in the other mode');
  await follow(list, 'Go on there');
  assert.equal(list.url(), `${t.server.secure}/list?folder=Archive`);
  assert.equal(await list.innerText('h1'), 'Archive');

  await press(compose, 'Save draft');
  assert.equal(await compose.innerText('h1'), 'Your session went on in the other mode');
  const kept = await compose.locator('textarea').evaluateAll((all) => all.map(({ value }) => value));
  assert.ok(kept.some((value) => value.includes('Hours of work')), kept.join('|'));
  assert.equal(kept.length, 1, kept.join('|'));
  await assertGood(compose, 'moved');
  // Going on works from there in both modes.
  await follow(compose, 'Go on there');
  assert.ok(compose.url().startsWith(`${t.server.secure}/compose`), compose.url());
  assert.equal(await compose.inputValue('#body'), 'Hours of work');
  assert.doesNotMatch(await compose.innerText('main'), /attached again/);
  await list.goto(`${t.server.plain}/list?folder=Archive`);
  await follow(list, 'Log in here');
  await list.fill('#name', 'anna');
  await list.fill('#password', t.rig.password);
  await press(list, 'Log in');
  assert.equal(list.url(), `${t.server.plain}/list?folder=Archive`);
  assert.equal(await page.reload().then((answer) => answer.status()), 200);
});

test('secure: a tab that slept through there and back', {}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'chloe', t.rig.password);
  const sleeper = await t.context.newPage();
  await sleeper.goto(`${t.server.plain}/settings`);
  await sleeper.fill('#signature', 'Typed before it all');
  await press(page, 'Enter secure mode');
  await leave(page);
  await press(sleeper, 'Save');
  assert.ok(sleeper.url().startsWith(`${t.server.plain}/settings?saved=1`), sleeper.url());
  assert.equal(await sleeper.inputValue('#signature'), 'Typed before it all');
});
