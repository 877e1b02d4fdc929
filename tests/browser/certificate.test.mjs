// Client certificates in Chromium: from its own store, chosen by a policy.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, assertGood, Browser, test, WIDE } from './harness.mjs';
import { follow, press } from './steps.mjs';

// Chromium reads policies below /etc/chromium only: this one alone sees ours.
const PRIVATE = ['--mount', '--propagation', 'private'];
const MOUNT = 'mount --bind "$0" /etc/chromium && exec "$@"';

/** A browser of somebody whose certificate it shows without asking. */
class Person extends Browser {
  constructor(rig, p12, origin) {
    super(rig);
    const store = `sql:${join(this.home, '.pki', 'nssdb')}`;
    execFileSync('pk12util', ['-d', store, '-i', p12, '-W', '']);
    const settings = join(this.home, 'chromium');
    const policies = join(settings, 'policies', 'managed');
    if (existsSync('/etc/chromium')) cpSync('/etc/chromium', settings, { recursive: true });
    mkdirSync(policies, { recursive: true });
    const chosen = JSON.stringify({ pattern: origin, filter: {} });
    writeFileSync(
      join(policies, 'tests.json'),
      JSON.stringify({ AutoSelectCertificateForUrls: [chosen] }),
    );
    const words = ['exec', 'unshare', ...PRIVATE, 'sh', '-c', `'${MOUNT}'`, `'${settings}'`];
    const start = join(this.home, 'start');
    writeFileSync(start, `#!/bin/sh\n${words.join(' ')} /usr/bin/chromium "$@"\n`, { mode: 0o755 });
    this.options.executablePath = start;
  }
}

function canMount() {
  try {
    execFileSync('unshare', [...PRIVATE, 'sh', '-c', MOUNT, '/etc', 'true'], { stdio: 'ignore' });
    return existsSync('/etc/chromium');
  } catch {
    return false;
  }
}

test('certificate: names the person, and binds the session', { server: false }, async (t) => {
  if (!canMount()) {
    console.log('# certificate: skipped, no file system of our own may be mounted here');
    return;
  }
  const { people_ca: trust, p12 } = await t.rig.call('people');
  const server = await t.rig.server({
    SSL: { ForceSSL: 1, VerifyClient: 'required', TrustStore: trust, ClientCertUser: 'email' },
  });
  const browsers = [];
  const meet = async (user, options = {}) => {
    const browser = new Person(t.rig, p12[user], server.secure);
    browsers.push(browser);
    await browser.start();
    const context = await browser.chromium.newContext({
      viewport: WIDE,
      reducedMotion: 'reduce',
      ...options,
    });
    context.setDefaultTimeout(15000);
    t.watch.context(context);
    return { context, page: await context.newPage() };
  };
  try {
    const anna = await meet('anna', { javaScriptEnabled: false });
    const { page } = anna;
    await page.goto(`${server.secure}/login`);
    assert.match(await page.innerText('main'), /Your browser showed a certificate: anna \(confirmed by People CA/);
    assert.equal(await page.inputValue('#name'), 'anna@demo.test');
    assert.equal(await page.locator('#name').getAttribute('readonly'), '');
    await page.fill('#password', t.rig.password);
    await press(page, 'Log in');
    assert.equal(await page.innerText('h1'), 'Inbox');
    assert.match(await page.innerText('.who'), /anna@demo\.test\s+certificate of anna/);
    await follow(page, 'Connection security');
    assert.match(await page.innerText('main'), /You are logged in by it/);

    const ben = await meet('ben');
    await ben.page.goto(`${server.secure}/login`);
    await assertGood(ben.page, 'login-certificate', { dark: true });
    await ben.page.fill('#password', t.rig.password);
    await press(ben.page, 'Log in');
    await follow(ben.page, 'Connection security');
    await assertGood(ben.page, 'connection-certificate');
    // Anna's cookies are of no use with Ben's certificate.
    await ben.context.clearCookies();
    await ben.context.addCookies(await anna.context.cookies());
    await ben.page.goto(`${server.secure}/list?folder=INBOX`);
    assert.match(await ben.page.innerText('main'), /belongs to another certificate/);
    assert.equal(await ben.page.inputValue('#name'), 'ben@demo.test');
    await assertGood(ben.page, 'login-other-certificate');
    await page.reload();
    assert.match(await page.innerText('main'), /You are logged in by it/);
  } finally {
    for (const browser of browsers) await browser.stop();
  }
});
