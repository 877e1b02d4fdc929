// The pages on security: what protects the connection, how to trust us.

import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assert, assertGood, both, login, NARROW, test } from './harness.mjs';
import { download, follow, go, press } from './steps.mjs';

const leg = (page, id) => page.locator(`section:has(> #${id})`);

both('connection: both modes', {}, async (t) => {
  const { page } = t;
  await page.goto(`${t.server.plain}/login`);
  await follow(page, 'Connection security');
  assert.match(await leg(page, 'web').innerText(), /stays on this machine/);
  assert.equal(await page.locator('#imap').count(), 0);
  if (t.js) await assertGood(page, 'connection-logged-off');

  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await follow(page, 'Connection security');
  const web = await leg(page, 'web').innerText();
  const { fingerprint256 } = new X509Certificate(readFileSync(t.rig.certificate));
  assert.match(web, /^\s*From your browser to this server\s+Encrypted\. You are in secure mode/);
  assert.match(web, /TLS 1\.3/);
  assert.ok(web.replace(/\s/g, '').includes(fingerprint256), web);
  assert.match(await leg(page, 'imap').innerText(), /Encrypted and verified/);
  assert.match(await leg(page, 'smtp').innerText(), /Encrypted and verified/);
  assert.match(await leg(page, 'readers').innerText(), /You, this server and the mail server/);
  assert.doesNotMatch(await page.innerText('main'), /end-to-end|127\.0\.0\.1/i);
  if (t.js) await assertGood(page, 'connection-secure', { dark: true });
  await follow(page, 'Back to the messages');
  assert.equal(await page.innerText('h1'), 'Inbox');
});

test('connection: behind a proxy, and in clear', {
  ini: { Server: { TrustedProxies: '127.0.0.1' } },
}, async (t) => {
  const from = (proto) => ({ 'X-Forwarded-For': '203.0.113.9', 'X-Forwarded-Proto': proto });
  const { page } = t;
  // There is no real proxy here: Chromium sees http.
  t.allow(/Cross-Origin-Opener-Policy header has been ignored/);
  await page.setExtraHTTPHeaders(from('http'));
  await page.goto(`${t.server.plain}/connection`);
  assert.match(await leg(page, 'web').innerText(), /Not encrypted\. Everybody on the way/);
  assert.match(await leg(page, 'web').innerText(), /“Enter secure mode” at the foot/);
  await assertGood(page, 'connection-clear', { dark: true });
  await page.setExtraHTTPHeaders(from('https'));
  await page.goto(`${t.server.plain}/connection`);
  assert.match(await leg(page, 'web').innerText(), /Encrypted up to a proxy in front of this server/);
  assert.doesNotMatch(await page.innerText('main'), /Cipher|Fingerprint/);
  await assertGood(page, 'connection-proxy');
});

test('connection: weak ways are warned of', {
  ini: { Mail: { ImapVerifyServer: 'off', SmtpVerifyServer: 'chain' } },
}, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${t.server.secure}/connection`);
  assert.match(await leg(page, 'imap').locator('.note-warn').innerText(), /Encrypted, but not verified/);
  assert.match(await leg(page, 'smtp').locator('.note-warn').innerText(), /not fully verified/);
  await assertGood(page, 'connection-weak', { dark: true });
});

test('connection: the trust page, by keyboard', { server: false }, async (t) => {
  const { page } = t;
  const server = await t.rig.server({ SSL: { TrustPage: 1, TrustPageCA: t.rig.ca_file } });
  const der = new X509Certificate(readFileSync(t.rig.ca_file)).raw;
  await page.goto(`${server.plain}/login`);
  await follow(page, 'If your browser warns about this server');
  assert.equal(await page.innerText('h1'), 'Trust this server');
  const sha256 = createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g).join(':');
  assert.ok((await page.innerText('.terms')).replace(/\s/g, '').includes(sha256));
  const got = await download(page, page.getByRole('link', { name: 'Download the certificate' }));
  assert.equal(got.name, 'authority.cer');
  assert.ok(got.bytes.equals(der));

  const firefox = page.locator('details').filter({ hasText: 'Firefox, on any computer' });
  assert.equal(await firefox.locator('ol').isVisible(), false);
  await page.getByRole('link', { name: 'Download the certificate' }).focus();
  for (let at = 0; at < 5; at += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  assert.equal(await firefox.locator('ol').isVisible(), true);
  await page.locator('details').evaluateAll((all) => all.forEach((one) => { one.open = true; }));
  await assertGood(page, 'trust', { dark: true });
});

both('connection: a narrow list begins with its messages', { width: NARROW }, async (t) => {
  const { page } = t;
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  // Without the first steps, which a new user sees above it.
  await page.goto(new URL('/list?folder=INBOX', page.url()).href);
  const first = page.locator('table.list tbody tr').first();
  assert.ok((await first.boundingBox()).y < 240, 'the first message stands too low');
  const button = page.getByRole('button', { name: 'Mark unread' });
  assert.equal(await button.isVisible(), false);
  await first.locator('input[name=uid]').check();
  const lower = (await button.boundingBox()).y;
  if (t.js) await t.shot('list-narrow-ticked');
  assert.ok(lower > NARROW.height - 190, `not at the lower edge: ${lower}`);
  await go(page, button);
  assert.match(await page.locator('.note[role=status]').first().innerText(), /unread/);
  await first.locator('input[name=uid]').check();
  await press(page, 'Mark read');
});
