// Secure mode and what lies between: certificate warnings, port redirects,
// browsers that insist on https, ForceSSL and the way back from it.

import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { assert, assertGood, both, login, test } from './harness.mjs';
import { follow, leave, press, redirect } from './steps.mjs';

// A name under a real ending: browsers upgrade no others to https.
const HOST = 'mail.example.org';
// Loopback addresses of this run's own, for ports 80 and 443.
const address = (last) => `127.${1 + (process.pid % 250)}.${(process.pid >> 8) % 250}.${last}`;
const refused = /the server responded with a status of 40[34]/;

let selfSigned;
/** A server whose certificate nobody vouches for: {server, fingerprint}. */
async function warned(t) {
  if (!selfSigned) {
    const made = await t.rig.call('selfsigned');
    const { fingerprint256 } = new X509Certificate(readFileSync(made.certificate));
    const server = await t.rig.server({ SSL: { Certificate: made.certificate, PrivateKey: made.key } });
    selfSigned = { server, fingerprint: fingerprint256 };
  }
  return selfSigned;
}

let named;
/** A server with a certificate for HOST. */
async function ownName(t) {
  if (!named) {
    const made = await t.rig.call('certificate', { name: HOST });
    named = await t.rig.server({ SSL: { Certificate: made.certificate, PrivateKey: made.key } });
  }
  return named;
}

/** The same behind ports redirected from 80 and 443. */
async function redirected(t, last) {
  const { plain_port: plain, secure_port: secure } = await ownName(t);
  const ports = { 80: plain, 443: secure };
  const end = await redirect(address(last), ports);
  return { end, plain: `http://${HOST}`, secure: `https://${HOST}` };
}

both('secure: a certificate of its own making', { server: false }, async (t) => {
  const { page } = t;
  const { server, fingerprint } = await warned(t);
  const asks = async () => {
    assert.equal(await page.innerText('h1'), 'Enter secure mode');
    assert.match(await page.innerText('main'), /Your browser will warn you/);
    assert.equal((await page.innerText('.fingerprint')).trim(), fingerprint);
  };
  await page.goto(`${server.plain}/login`);
  await page.fill('#name', 'kept');
  await press(page, 'Enter secure mode');
  await asks();
  if (t.js) await assertGood(page, 'switch-enter', { dark: true });
  await follow(page, 'Stay as it is');
  assert.equal(await page.inputValue('#name'), 'kept');
  await login(page, server, 'anna', t.rig.password);
  await page.goto(`${server.plain}/compose`);
  await page.fill('#body', 'Not lost');
  await press(page, 'Enter secure mode');
  await asks();
  await follow(page, 'Stay as it is');
  assert.equal(await page.inputValue('#body'), 'Not lost');
});

/** Presses the button and waits for Chromium's warning. */
async function warning(page) {
  await press(page, 'Enter secure mode');
  await Promise.all([
    page.waitForEvent('framenavigated'),
    page.getByRole('button', { name: 'Enter secure mode', exact: true }).first().click(),
  ]);
  await page.waitForSelector('#details-button');
  assert.match(await page.title(), /Privacy error/);
}

const proceed = {
  keyboard: (page) => page.keyboard.type('thisisunsafe'),
  async link(page) {
    await page.click('#details-button');
    await page.click('#proceed-link');
  },
};

for (const [way, go] of Object.entries(proceed))
  test(`secure: minutes on the browser's warning, by ${way}`, { server: false }, async (t) => {
    t.allow(/ERR_CERT_AUTHORITY_INVALID/);
    const { server } = await warned(t);
    const { page } = t;
    const age = (seconds) =>
      t.rig.call('sql', {
        server: server.server,
        statement: `UPDATE ticket SET ends_s = ends_s - ${seconds}`,
      });
    await login(page, server, 'anna', t.rig.password);
    await page.goto(`${server.plain}/compose`);
    await page.fill('#body', 'Written before the warning');
    await warning(page);
    // Two minutes are in time; six are one click more, never a login.
    const late = way === 'link';
    await age(late ? 360 : 120);
    await go(page);
    await page.waitForURL(late ? /late=1/ : /^https:.*compose/);
    if (late) {
      assert.ok(page.url().startsWith(server.plain), page.url());
      assert.match(await page.innerText('main'), /The mode was not switched/);
      assert.match(await page.innerText('main'), /still logged in/);
      await assertGood(page, 'switch-late');
      await press(page, 'Enter secure mode');
    }
    assert.ok(page.url().startsWith(`${server.secure}/compose`), page.url());
    assert.equal(await page.inputValue('#body'), 'Written before the warning');
    await press(page, 'Discard');
  });

both('secure: behind ports redirected from 80 and 443', { server: false }, async (t) => {
  const server = await redirected(t, t.js ? 1 : 2);
  try {
    const page = await t.other(`redirected-${t.js}`, { host: HOST, address: address(t.js ? 1 : 2) });
    await login(page, server, 'anna', t.rig.password);
    await page.goto(`${server.plain}/list?folder=INBOX&sort=from`);
    await press(page, 'Enter secure mode');
    assert.equal(page.url(), `${server.secure}/list?folder=INBOX&sort=from`);
    assert.equal(await page.innerText('h1'), 'Inbox');
    await leave(page);
    assert.equal(page.url(), `${server.plain}/list?folder=INBOX&sort=from`);
    assert.equal(await page.innerText('h1'), 'Inbox');
  } finally {
    server.end();
  }
});

// What switches Chromium's own upgrades on: they are its default, which the
// test library takes away; and a person can make them strict.
const insisting = {
  'by default': { flags: ['--disable-features=Translate'] },
  'by setting': { settings: { https_only_mode_enabled: true } },
};

let last = 10;
for (const [how, options] of Object.entries(insisting))
  (options.flags ? both : test)(`secure: a browser that insists on https ${how}`, { server: false }, async (t) => {
    last += 1;
    const server = await redirected(t, last);
    try {
      const page = await t.other(`insisting-${last}`, { host: HOST, address: address(last), ...options });
      await page.goto(server.plain);
      assert.equal(new URL(page.url()).protocol, 'https:');
      await page.fill('#name', 'typed');
      await leave(page);
      assert.equal(await page.innerText('h1'), 'Your browser insists on https');
      await follow(page, 'Go on in secure mode');
      assert.equal(await page.inputValue('#name'), 'typed');
      await login(page, server, 'anna', t.rig.password, { secure: true });
      await page.goto(`${server.secure}/list?folder=Archive`);
      await leave(page);
      assert.equal(await page.innerText('h1'), 'Your browser insists on https');
      assert.match(await page.innerText('main'), /still logged in/);
      if (last === 11) await assertGood(page, 'insists', { dark: true });
      await follow(page, 'Go on in secure mode');
      assert.equal(page.url(), `${server.secure}/list?folder=Archive`);
      assert.equal(await page.innerText('h1'), 'Archive');
      // From a form, too: nothing is lost.
      await page.goto(`${server.secure}/compose`);
      await page.fill('#body', 'Still here');
      await leave(page);
      await follow(page, 'Go on in secure mode');
      assert.equal(await page.inputValue('#body'), 'Still here');
      await press(page, 'Discard');
    } finally {
      server.end();
    }
  });

/** A server that believes the test when it says it comes from far away. */
async function farAway(t) {
  await t.context.setExtraHTTPHeaders({ 'X-Forwarded-For': '198.51.100.7' });
  const ini = { Server: { TrustedProxies: '127.0.0.1' } };
  if (t.js) {
    const made = await t.rig.call('selfsigned');
    ini.SSL = { Certificate: made.certificate, PrivateKey: made.key };
  }
  return t.rig.server(ini);
}

both('secure: the login page in clear', { server: false }, async (t) => {
  t.allow(/ERR_CERT_AUTHORITY_INVALID/);
  const { page } = t;
  const server = await farAway(t);
  const clear = [];
  page.on('request', (request) => {
    if (request.method() === 'POST' && request.url().startsWith('http:')) clear.push(request.url());
  });
  await page.goto(`${server.plain}/login`);
  assert.match(await page.innerText('main'), /Your password will travel through the network in clear/);
  const warns = /Your browser will warn you/.test(await page.innerText('main'));
  assert.equal(warns, t.js);
  const button = page.locator('main button').first();
  assert.equal((await button.innerText()).trim(), 'Enter secure mode');
  assert.ok(await button.evaluate((each) => each === document.activeElement));
  if (t.js) await assertGood(page, 'login-clear', { dark: true });
  // Even with the password typed: Enter presses the first button, and the
  // form goes to the secure door only.
  await page.fill('#name', 'anna');
  await page.fill('#password', 'typed-already');
  await Promise.all([page.waitForEvent('framenavigated'), page.press('#password', 'Enter')]);
  // Chromium's warning needs JavaScript itself.
  if (t.js) {
    await page.waitForSelector('#details-button');
    await proceed.keyboard(page);
  }
  await page.waitForURL(`${server.secure}/login`);
  assert.equal(await page.inputValue('#name'), 'anna');
  assert.equal(await page.inputValue('#password'), '');
  assert.deepEqual(clear, []);
  await page.fill('#password', t.rig.password);
  await press(page, 'Log in');
  assert.equal(await page.innerText('h1'), 'Inbox');
});

test('secure: strictly https on ports of our own', { server: false }, async (t) => {
  const ours = await ownName(t);
  const at = (scheme, port) => `${scheme}://${HOST}:${port}`;
  const server = { plain: at('http', ours.plain_port), secure: at('https', ours.secure_port) };
  const page = await t.other('strict', { host: HOST, ...insisting['by setting'] });
  await login(page, server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${server.secure}/list?folder=Archive`);
  await leave(page);
  assert.equal(await page.innerText('h1'), 'Your browser insists on https');
  // It kept the port: TLS works there, too.
  assert.ok(page.url().startsWith(at('https', ours.plain_port)), page.url());
  await follow(page, 'Go on in secure mode');
  assert.equal(await page.innerText('h1'), 'Archive');
});

test('secure: every door speaks to whoever comes', {}, async (t) => {
  const { page } = t;
  const { plain, secure } = t.server;
  // Plain http at the secure port; TLS at the plain one.
  await login(page, t.server, 'anna', t.rig.password, { secure: true });
  await page.goto(`${secure.replace('https:', 'http:')}/list?folder=Archive`);
  assert.equal(page.url(), `${secure}/list?folder=Archive`);
  await page.goto(`${plain.replace('http:', 'https:')}/list?folder=Archive`);
  assert.equal(await page.innerText('h1'), 'Archive');
  await leave(page);
  assert.equal(page.url(), `${plain}/list?folder=Archive`);
  // The address of old, in any case.
  for (const name of ['SSL2.CGI', 'ssl2.cgi', 'Ssl2.Cgi']) {
    await page.goto(`${plain}/${name}`);
    assert.equal(await page.innerText('h1'), 'Enter secure mode');
  }
  await press(page, 'Enter secure mode');
  assert.ok(page.url().startsWith(`${secure}/list`), page.url());
  await page.goto(`${secure}/SSL2.CGI`);
  assert.equal(await page.innerText('h1'), 'Leave secure mode?');
  await assertGood(page, 'switch-leave', { dark: true });
  await follow(page, 'Stay as it is');
  assert.equal(await page.innerText('h1'), 'Inbox');
});

test('secure: ForceSSL, and the way back from it', { server: false }, async (t) => {
  t.allow(refused);
  const server = await t.rig.server({ SSL: { ForceSSL: 1 } });
  const page = await t.other('forced');
  // In clear only the way into secure mode; the address stays.
  await page.goto(`${server.plain}/list?folder=Archive`);
  assert.ok(page.url().startsWith(`${server.secure}/login?next=`), page.url());
  await page.fill('#name', 'anna');
  await page.fill('#password', t.rig.password);
  await press(page, 'Log in');
  assert.equal(page.url(), `${server.secure}/list?folder=Archive`);
  assert.equal(await page.getByRole('button', { name: 'Leave secure mode' }).count(), 0);
  await page.goto(`${server.secure}/secure`);
  assert.equal(await page.innerText('h1'), 'Not here');
  // The browser has learnt it: http is not even tried, the port stays.
  await page.goto(`${server.plain}/list?folder=Archive`);
  assert.equal(page.url(), `${server.plain.replace('http:', 'https:')}/list?folder=Archive`);
  assert.equal(await page.innerText('h1'), 'Archive');
  await t.rig.call('reload', { server: server.server, sections: { SSL: { ForceSSL: 0 } } });
  // Still learnt; but the answer takes it back, and the person goes on.
  await page.goto(`${server.plain}/list?folder=Archive`);
  assert.equal(new URL(page.url()).protocol, 'https:');
  assert.equal(await page.innerText('h1'), 'Archive');
  await leave(page);
  assert.equal(page.url(), `${server.plain}/list?folder=Archive`);
  assert.equal(await page.innerText('h1'), 'Archive');
  await page.goto(`${server.plain}/settings`);
  assert.equal(page.url(), `${server.plain}/settings`);
});
