// The message page: what is folded where, its place in the list, lists that
// one leaves, senders whose images are shown.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { NARROW, assert, assertFits, assertGood, both, login, shotFolder, test } from './harness.mjs';
import { follow, go, letter, open, press, row, unique } from './steps.mjs';

const append = (t, message, folder = 'INBOX') =>
  t.rig.call('append', { user: 'anna', folder, message });

/** A letter with more lines in its header. */
const withHead = (lines, options) => `${lines.join('\n')}\n${letter(options)}`;

const visible = (locator) => locator.filter({ visible: true });

/** More of what can be done, where it is folded. */
const more = (page) => visible(page.locator('.fold > summary', { hasText: 'More' })).first();

both('message: on a narrow screen the rare is one tap away', { width: NARROW }, async (t) => {
  const { page } = t;
  const subject = unique('Narrow');
  await append(t, letter({ subject }));
  await login(page, t.server, 'anna', t.rig.password);
  await open(page, subject);
  await assertFits(page);
  const row = await page.locator('.message-tools').boundingBox();
  assert.ok(row.height < 60, `the tools take ${row.height} px`);
  for (const name of ['Reply', 'Forward'])
    assert.ok(await page.getByRole('link', { name, exact: true }).isVisible(), name);
  assert.ok(await page.getByRole('button', { name: 'Delete' }).isVisible());
  const flag = page.getByRole('button', { name: 'Flag', exact: true });
  assert.ok(!(await flag.isVisible()));
  await more(page).click();
  await assertFits(page);
  if (t.js) await page.screenshot({ path: `${shotFolder}/message-folded-360.png`, fullPage: true });
  assert.ok(await page.getByRole('link', { name: 'Print' }).isVisible());
  assert.ok(await page.getByRole('link', { name: 'Reply all' }).isVisible());
  // A folder's name can be read in it.
  const { width } = await page.locator('#to').boundingBox();
  assert.ok(width > 150, `"Move to …" has ${width} px`);
  await go(page, flag);
  assert.equal(await page.innerText('main h1'), subject);
  assert.match(await page.innerText('.note'), /1 message flagged/);
});

test('message: on a wide screen the frequent lies open', {}, async (t) => {
  const { page } = t;
  const subject = unique('Wide');
  await append(t, letter({ subject }));
  await login(page, t.server, 'anna', t.rig.password);
  await open(page, subject);
  for (const name of ['Junk', 'Archive', 'Flag', 'Mark unread', 'Move', 'Delete'])
    assert.ok(await page.getByRole('button', { name, exact: true }).isVisible(), name);
  assert.ok(!(await page.getByRole('link', { name: 'Print' }).isVisible()));
  await more(page).click();
  assert.ok(await page.getByRole('link', { name: 'Print' }).isVisible());
  // By keyboard alone: to the menu, into it, out of it.
  await page.reload();
  await more(page).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Forward as an attachment');
});

both('message: back leads to the same row', {}, async (t) => {
  const { page } = t;
  const subject = unique('Place');
  await append(t, letter({ subject }));
  await login(page, t.server, 'anna', t.rig.password);
  await page.goto(`${t.server.plain}/list?folder=INBOX&sort=subject`);
  await page.goto(`${t.server.plain}/list?folder=INBOX&sort=subject&q=Place`);
  await open(page, subject);
  await go(page, page.locator('a.back'));
  const url = new URL(page.url());
  assert.equal(url.searchParams.get('sort'), 'subject');
  assert.equal(url.searchParams.get('q'), 'Place');
  const link = row(page, subject).locator('.c-subject a');
  assert.equal(`#${await link.getAttribute('id')}`, url.hash);
  await page.waitForFunction(() => document.activeElement.id === location.hash.slice(1));
});

/** A list's server: what it is asked, by https. */
async function listServer(t, name) {
  const made = await t.rig.call('certificate', { name });
  const asked = [];
  const server = createServer(
    { cert: readFileSync(made.certificate), key: readFileSync(made.key) },
    (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks).toString();
        asked.push({ method: request.method, url: request.url, headers: request.headers, body });
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.end('<!doctype html><link rel="icon" href="data:,"><h1>You are out</h1>');
      });
    },
  );
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return { asked, port: server.address().port, stop: () => server.close() };
}

for (const js of [true, false])
  test(`message: one click unsubscribes, and not before (JavaScript ${js ? 'on' : 'off'})`, { js }, async (t) => {
    const name = 'lists.demo.test';
    const list = await listServer(t, name);
    try {
      const rules = `MAP ${t.rig.host} 127.0.0.1, MAP ${name} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1`;
      const page = await t.other(`unsubscribe-${js}`, { flags: [`--host-resolver-rules=${rules}`] });
      t.watch.hosts.add(name);
      const subject = unique('News of the week');
      const address = `https://${name}:${list.port}/out?who=4711`;
      await append(t, withHead(
        [`List-Unsubscribe: <${address}>, <mailto:out@lists.demo.test>`,
          'List-Unsubscribe-Post: List-Unsubscribe=One-Click', 'List-Id: Weekly <weekly.demo.test>'],
        { subject }));
      await login(page, t.server, 'anna', t.rig.password, { secure: true });
      await open(page, subject);
      await press(page, 'Unsubscribe …');
      assert.equal(await page.innerText('h1'), 'Unsubscribe from a list');
      assert.deepEqual(list.asked, []);
      if (js) await assertGood(page, 'unsubscribe', { dark: true });
      const [answer] = await Promise.all([
        page.context().waitForEvent('page'),
        page.getByRole('button', { name: /^Unsubscribe at/ }).click(),
      ]);
      await answer.waitForLoadState();
      assert.equal(await answer.innerText('h1'), 'You are out');
      assert.equal(list.asked.length, 1);
      const [{ method, url, headers, body }] = list.asked;
      assert.deepEqual([method, url, body], ['POST', '/out?who=4711', 'List-Unsubscribe=One-Click']);
      assert.equal(headers['content-type'], 'application/x-www-form-urlencoded');
      assert.deepEqual([headers.cookie, headers.referer], [undefined, undefined]);
      assert.ok(!(headers.origin ?? '').includes(t.rig.host), headers.origin);
      if (js) assert.equal(await answer.evaluate(() => window.opener), null);
      // Our own forms still work on that page.
      await press(page, 'Log off');
      assert.equal(await page.innerText('h1'), 'You are logged off');
    } finally {
      list.stop();
    }
  });

test('message: always for this sender', {}, async (t) => {
  const { page } = t;
  const asked = [];
  await t.context.route(/images\.example\.net/, (route) => {
    asked.push(route.request().url());
    return route.fulfill({ contentType: 'image/gif', body: Buffer.from('R0lGODlhAQABAAAAACw=', 'base64') });
  });
  const html = '<p>Lake</p><img src="https://images.example.net/lake.gif" width="90" height="60" alt="lake">';
  const subject = unique('Pictures');
  await append(t, letter({ from: 'picture.sender', subject, html }));
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  await page.frameLocator('iframe.frame').locator('body').waitFor();
  assert.deepEqual(asked, []);
  await assertGood(page, 'message-images', { dark: true });
  t.allow(/^request to another host: https:\/\/images\.example\.net\//);
  await press(page, 'Always for this sender');
  await page.frameLocator('iframe.frame').getByAltText('lake').waitFor();
  await page.waitForFunction(() => true);
  const again = unique('Pictures');
  await append(t, letter({ from: 'picture.sender', subject: again, html }));
  await page.goto(`${t.server.secure}/list?folder=INBOX`);
  const [request] = await Promise.all([
    page.waitForRequest(/images\.example\.net/),
    open(page, again),
  ]);
  assert.equal(request.headers().referer, undefined);
  await follow(page, 'Settings');
  await press(page, 'Senders whose images are shown');
  await assertGood(page, 'senders', { dark: true });
  await press(page, 'Remove picture.sender@demo.test');
  assert.match(await page.innerText('main'), /There are none yet/);
});

test('message: what people should know', {}, async (t) => {
  const { page } = t;
  const people = Array.from({ length: 60 }, (_, at) => `Person ${at} <p${at}@example.org>`).join(',\n ');
  const subject = unique('Please pay this bill at once');
  const message = letter({ subject, text: 'Dear customer,\n\nplease pay.\n' })
    .replace(/^From: .*$/m, 'From: "Your Bank <service@bank.example>" <x@evil.example>\nReply-To: y@other.example')
    .replace(/^To: .*$/m, `To: ${people}`)
    .replace(/^Date: .*$/m, 'Date: Mon, 02 Nov 2026 23:30:00 -0800');
  await append(t, message);
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  assert.match(await page.innerText('main'), /The sender’s name says service@bank\.example/);
  assert.ok(!(await page.getByText('p42@example.org').isVisible()));
  await page.getByText('and 40 more').click();
  assert.ok(await page.getByText('p42@example.org').isVisible());
  await page.getByText('and 40 more').click();
  await page.getByText('Details').click();
  await assertGood(page, 'message-notices', { dark: true });
  await go(page, page.locator('.facts').getByRole('link', { name: 'Show all headers' }));
  await assertGood(page, 'headers');
});

test('message: what was done is said once', {}, async (t) => {
  const { page } = t;
  const subject = unique('Once');
  await append(t, letter({ subject }), 'Familie');
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/list?folder=Familie`);
  await open(page, subject);
  await press(page, 'Archive');
  assert.match(await page.innerText('.note[role=status]'), /moved to the archive/);
  assert.doesNotMatch(page.url(), /note=|undo=/);
  await page.reload();
  assert.equal(await page.locator('.note[role=status]').count(), 0);
  await page.goto(`${t.server.secure}/list?folder=Archive`);
  await open(page, subject);
  await press(page, 'Delete');
  await go(page, page.getByRole('button', { name: 'Undo' }));
  assert.match(await page.innerText('.note[role=status]'), /1 message put back/);
});

both('list: Undo is still there on the way back', {}, async (t) => {
  const { page } = t;
  const [gone, other] = [unique('Gone'), unique('Other')];
  const undo = page.locator('.note').getByRole('button', { name: 'Undo' });
  for (const subject of [other, gone]) await append(t, letter({ subject }), 'Familie');
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/list?folder=Familie`);
  await row(page, gone).locator('input[name=uid]').check();
  await press(page, 'Delete');
  assert.equal(await row(page, gone).count(), 0);
  await open(page, other);
  assert.equal(await undo.count(), 0);
  await page.goBack();
  await undo.waitFor();
  assert.match(await page.innerText('.note'), /1 message moved to the trash/);
  await go(page, undo);
  assert.match(await page.innerText('.note'), /1 message put back/);
  assert.equal(await row(page, gone).count(), 1);
  if (!t.js) return;
  // It was used: it is not offered once more.
  await page.goBack();
  await row(page, gone).waitFor();
  assert.equal(await undo.count(), 0);
});

test('message: Move without a folder shows where to choose one', { width: NARROW }, async (t) => {
  const { page } = t;
  const subject = unique('Nowhere');
  await append(t, letter({ subject }));
  await login(page, t.server, 'anna', t.rig.password);
  await open(page, subject);
  await more(page).click();
  await press(page, 'Move');
  assert.match(await page.innerText('.note'), /choose a folder first/);
  assert.ok(await page.getByLabel('Move to').isVisible());
});

test('message: contacts', {}, async (t) => {
  const { page } = t;
  const subject = unique('Contact');
  await append(t, letter({ from: 'mila', subject }));
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await open(page, subject);
  await more(page).click();
  await assertGood(page, 'message-more');
  await press(page, 'Add the sender to the contacts');
  assert.match(await page.innerText('.note'), /in your contacts now/);
  await follow(page, 'Contacts');
  await assertGood(page, 'contacts', { dark: true });
  await follow(page, 'mila@demo.test');
  assert.equal(await page.inputValue('#to'), 'mila@demo.test');
});
