// The harness itself: does it see what it promises to see?

import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { Hung, assert, both, killBrowsers, test, within } from './harness.mjs';

/** A little web server of the test's own; calls `use` with its origin. */
async function serving(rig, secure, html, use) {
  const answer = (req, res) => {
    res.setHeader('Content-Type', 'text/html; charset=utf-8');
    res.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; script-src 'self'; img-src * data:",
    );
    res.end(req.url === '/' ? html : '');
  };
  const web = secure
    ? https.createServer(
        { cert: readFileSync(rig.certificate), key: readFileSync(rig.key) },
        answer,
      )
    : http.createServer(answer);
  await new Promise((done) => web.listen(0, '127.0.0.1', done));
  const scheme = secure ? 'https' : 'http';
  try {
    await use(`${scheme}://${rig.host}:${web.address().port}/`);
  } finally {
    web.closeAllConnections();
    web.close();
  }
}

const icon = '<link rel=icon href="data:,">';

both('rig: the test CA is trusted', { server: false }, async (t) => {
  await serving(t.rig, true, `${icon}<h1>Hello</h1>`, async (origin) => {
    await t.page.goto(origin);
    assert.equal(await t.page.innerText('h1'), 'Hello');
  });
});

test('rig: a page is watched', { server: false }, async (t) => {
  const html =
    `${icon}<script>window.ran = 1</script>` +
    '<img src="https://tracker.example.com/x.gif">';
  await serving(t.rig, false, html, async (origin) => {
    await t.page.goto(origin);
    assert.equal(await t.page.evaluate(() => window.ran), undefined);
    const seen = t.watch.problems.splice(0).join('\n');
    assert.match(seen, /Content Security Policy/);
    assert.match(seen, /request to another host: https:\/\/tracker/);
  });
});

test('rig: scripts are off', { server: false, js: false }, async (t) => {
  const html = `${icon}<noscript><p>no script</p></noscript>`;
  await serving(t.rig, false, html, async (origin) => {
    await t.page.goto(origin);
    assert.equal(await t.page.innerText('p'), 'no script');
  });
});

test('rig: nothing waits for ever for a browser that is stuck', { server: false }, async (t) => {
  const page = await t.other('stuck');
  const never = page.evaluate(() => new Promise(() => {}));
  await assert.rejects(within(200, 'an answer', never, Hung), (error) => error instanceof Hung && /an answer: no end within 0.2 s/.test(error.message));
  killBrowsers('stuck');
  await assert.rejects(never, /closed/);
  assert.equal(await t.page.evaluate(() => 1), 1, 'the others live on');
});
