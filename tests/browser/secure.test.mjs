// Secure mode: in and out from every kind of page, other tabs, certificates.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assert, assertGood, both, login, test } from './harness.mjs';
import { follow, letter, open, press, unique } from './steps.mjs';

const refused = /the server responded with a status of 403/;

/** The address without its origin. */
function path(page) {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

async function leave(page) {
  await press(page, 'Leave secure mode');
  assert.equal(await page.innerText('h1'), 'Leave secure mode?');
  await press(page, 'Leave secure mode');
}

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
});

test('secure: a certificate of its own making', { server: false }, async (t) => {
  const { page } = t;
  const made = await t.rig.call('selfsigned');
  const server = await t.rig.server({ SSL: { Certificate: made.certificate, PrivateKey: made.key } });
  const { fingerprint256 } = new X509Certificate(readFileSync(made.certificate));
  const warned = async () => {
    assert.equal(await page.innerText('h1'), 'Enter secure mode');
    assert.match(await page.innerText('main'), /Your browser will warn you/);
    assert.equal((await page.innerText('.fingerprint')).trim(), fingerprint256);
  };
  await page.goto(`${server.plain}/login`);
  await press(page, 'Enter secure mode');
  await warned();
  await assertGood(page, 'switch-enter');
  await follow(page, 'Stay as it is');
  await login(page, server, 'anna', t.rig.password);
  await page.goto(`${server.plain}/compose`);
  await page.fill('#body', 'Not lost');
  await press(page, 'Enter secure mode');
  await warned();
  await follow(page, 'Stay as it is');
  assert.equal(await page.inputValue('#body'), 'Not lost');
});
