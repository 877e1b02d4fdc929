// Logging off is real; expiring views; being remembered; tabs and restarts.

import { assert, both, login, test } from './harness.mjs';
import { fillLogin, folder, follow, go, letter, logOff, open, path, press, unique } from './steps.mjs';

const refused = /the server responded with a status of 403/;

async function assertLoginPage(page, secret) {
  await page.locator('input[name=password]').waitFor();
  assert.ok(!(await page.content()).includes(secret), 'the page still shows mail');
}

both('session: logged off is logged off', {}, async (t) => {
  const { page } = t;
  const subject = unique('Confidential matter');
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject }) });
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  const address = page.url();
  const second = await t.context.newPage();
  await second.goto(address);
  assert.equal(await second.innerText('h1'), subject);
  await logOff(page);

  for (let back = 0; back < 2; back++) {
    await page.goBack();
    await assertLoginPage(page, subject);
  }
  await page.goForward();
  await assertLoginPage(page, subject);
  await follow(second, 'Reply');
  await assertLoginPage(second, subject);
  await second.goBack();
  await assertLoginPage(second, subject);
  const reopened = await t.context.newPage();
  await reopened.goto(address);
  await assertLoginPage(reopened, subject);
  // The address was kept: logging in leads there.
  await fillLogin(reopened, 'anna', t.rig.password);
  assert.equal(await reopened.innerText('h1'), subject);
  assert.equal(reopened.url(), address);
});

for (const secure of [false, true])
  both(`session: somebody else logs in over a letter${secure ? ', in secure mode' : ''}`, {}, async (t) => {
    const { page } = t;
    const words = unique('for one reader only');
    t.allow(refused);
    await login(page, t.server, 'anna', t.rig.password, { secure });
    await follow(page, 'Write');
    await page.fill('#subject', words);
    await page.fill('#body', words);
    // Whoever wrote it loses nothing by going away and back.
    await page.goBack();
    await page.goForward();
    assert.equal(await page.inputValue('#body'), words);
    await t.rig.call('sql', { server: t.server.server, statement: "DELETE FROM session WHERE account LIKE 'anna%'" });
    await press(page, 'Send');
    await assertLoginPage(page, words);
    await fillLogin(page, 'ben', t.rig.password);
    assert.match(await page.innerText('main'), /belongs to another login/);
    const seen = () => page.evaluate(() => document.documentElement.outerHTML + [...document.querySelectorAll('input, textarea')].map((x) => x.value).join());
    assert.ok(!(await seen()).includes(words));
    // Past the page that the browser asks about, to the form itself.
    await Promise.all([page.waitForNavigation(), page.evaluate(() => history.go(-2))]);
    assert.equal(path(page), '/compose');
    await page.locator('#body').waitFor();
    assert.ok(!(await seen()).includes(words));
  });

test('session: expiring page views', {}, async (t) => {
  const { page } = t;
  const subject = unique('Secretword');
  const file = { name: 'secretword.bin', type: 'application/octet-stream', bytes: Buffer.from('bytes') };
  await t.rig.call('append', {
    user: 'anna', folder: 'INBOX', message: letter({ subject, file, html: '<p>Hello</p>' }),
  });
  const kept = [];
  t.context.on('response', async (response) => {
    const path = new URL(response.url()).pathname;
    if (path.startsWith('/static/')) return;
    const headers = await response.allHeaders();
    const wanted =
      headers['cache-control'] === 'no-store, no-cache, must-revalidate, max-age=0' &&
      headers.pragma === 'no-cache' && headers.expires === '0';
    if (t.watching && !wanted) kept.push(`${path}: ${headers['cache-control']}`);
  });
  const silent = async () => {
    const told = `${await page.title()} ${page.url()}`;
    assert.ok(!/secret|ben@|tracker/i.test(told), told);
  };
  await page.goto(`${t.server.secure}/`);
  await page.check('#remember');
  await page.check('#expire');
  assert.equal(await page.isChecked('#remember'), false);
  await fillLogin(page, 'anna', t.rig.password);
  t.watching = true;
  await silent();
  await page.fill('#q', 'secretword');
  await press(page, 'Search');
  assert.match(await page.innerText('.found'), /^1 found/);
  await silent();
  await open(page, subject);
  await silent();
  const [got] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('section.attachments a').first().click(),
  ]);
  assert.equal(got.suggestedFilename(), file.name);
  await follow(page, 'Reply');
  await silent();
  t.watching = false;
  assert.deepEqual(kept, []);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
  await logOff(page);
  for (let back = 0; back < 4; back++) {
    await page.goBack();
    await assertLoginPage(page, subject);
  }
});

test('session: remembered only when asked for', {}, async (t) => {
  const opened = async () => {
    const context = await t.browser.persistent('remembered');
    t.watch.context(context);
    const page = context.pages()[0];
    await page.goto(`${t.server.secure}/`);
    return [context, page];
  };
  let [context, page] = await opened();
  await fillLogin(page, 'chloe', t.rig.password);
  assert.equal(await page.innerText('h1'), 'Inbox');
  await context.close();

  [context, page] = await opened();
  assert.equal(await page.inputValue('input[name=name]'), '');
  await page.check('#remember');
  await fillLogin(page, 'chloe', t.rig.password);
  await context.close();

  [context, page] = await opened();
  assert.equal(await page.innerText('h1'), 'Inbox');
  // As if closed once more: the token is another one after each use.
  await context.clearCookies({ name: '__Host-iwm' });
  await page.reload();
  assert.equal(await page.innerText('h1'), 'Inbox');
  await logOff(page);
  await page.goto(`${t.server.secure}/`);
  assert.equal(await page.inputValue('input[name=name]'), 'chloe@demo.test');
  assert.equal(await page.inputValue('input[name=password]'), '');
  await context.close();
});

both('session: a wrong password keeps the name', {}, async (t) => {
  t.allow(refused);
  const { page } = t;
  await login(page, t.server, 'ben@demo.test', 'wrong', { secure: true });
  assert.ok(await page.locator('#login-error').isVisible());
  assert.equal(await page.inputValue('input[name=name]'), 'ben@demo.test');
  assert.equal(await page.inputValue('input[name=password]'), '');
  await page.fill('input[name=password]', t.rig.password);
  await press(page, 'Log in');
  assert.equal(await page.innerText('h1'), 'Inbox');
});

both('session: three tabs over a restart', { ini: {} }, async (t) => {
  const tabs = [t.page, await t.context.newPage(), await t.context.newPage()];
  for (const tab of tabs) await tab.goto(`${t.server.secure}/`);
  await t.rig.call('restart', { server: t.server.server });
  for (const tab of tabs) {
    await fillLogin(tab, 'ben', t.rig.password);
    assert.equal(await tab.innerText('h1'), 'Inbox');
  }
  await t.rig.call('restart', { server: t.server.server, kill: true });
  for (const tab of tabs) {
    await go(tab, folder(tab, 'Sent'));
    assert.equal(await tab.innerText('h1'), 'Sent');
  }
  await logOff(tabs[0]);
  for (const tab of tabs.slice(1)) {
    await tab.reload();
    await assertLoginPage(tab, '<table');
  }
});
