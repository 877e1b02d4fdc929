// What pages weigh, when their largest part is painted, and that nothing moves
// afterwards (a page that is painted while it comes, on a busy machine, moves a
// word of its bar: less than STILL). Bytes, requests and shifts have limits; times are reported
// (build/shots/speed.json), for they are those of the machine.

import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { assert, here, login, shotFolder, test } from './harness.mjs';
import { letter, row, unique } from './steps.mjs';

const KB = 1024;
const STILL = 0.01;
const SIZES = [{ width: 1440, height: 900 }, { width: 1280, height: 900 }, { width: 820, height: 1100 }, { width: 360, height: 740 }];

/** What the page in front weighs and did: every paint and shift since its beginning. */
const FIGURES = `new Promise((done) => {
  const seen = { paint: 0, shift: 0 };
  const look = (type, take) => new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true });
  look('largest-contentful-paint', (entry) => { seen.paint = entry.startTime; });
  look('layout-shift', (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const all = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
      .filter((each) => !new URL(each.name).pathname.endsWith('/push'));
    const came = all.filter((each) => each.transferSize > 0);
    done({
      requests: came.length, bytes: came.reduce((sum, each) => sum + each.transferSize, 0),
      page: all[0].transferSize, paint: Math.round(seen.paint), shift: Math.round(seen.shift * 1e4) / 1e4,
    });
  }));
})`;

test('speed: what pages weigh, and that nothing moves', {}, async (t) => {
  const { page } = t;
  const subject = unique('Weighed');
  const figures = {};
  await t.rig.call('append', { user: 'anna', folder: 'INBOX', message: letter({ subject, text: 'Some words.\n'.repeat(30) }) });

  const measure = async (name) => {
    figures[name] = await page.evaluate(FIGURES);
    return figures[name];
  };
  await page.goto(`${t.server.plain}/`);
  const first = await measure('login, first page');
  assert.ok(first.requests <= 6, `${first.requests} requests`);
  assert.ok(first.bytes <= 60 * KB, `${first.bytes} bytes`);
  assert.ok(first.shift < STILL, `login moves: ${first.shift}`);
  await login(page, t.server, 'anna', t.rig.password);
  await row(page, subject).waitFor();
  const message = await row(page, subject).locator('.c-subject a').first().getAttribute('href');
  const pages = {
    list: '/list?folder=INBOX', message, compose: '/compose', settings: '/settings', contacts: '/contacts', folders: '/folders', search: '/search',
    found: '/search?q=words', help: '/help', keys: '/keys', labels: '/labels', devices: '/devices', identities: '/identities', outbox: '/outbox',
    import: '/import', 'settings as a file': '/settings/file', connection: '/connection',
  };

  for (const [name, address] of Object.entries(pages)) {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(t.server.plain + address);
      // What comes by itself has come.
      if (name === 'message' && size.width > 1360) await page.locator('.beside .list').waitFor();
      if (name === 'list' && size.width > 1360) await page.locator('.pane-line.of-list').waitFor();
      const { page: bytes, shift } = await measure(`${name}, ${size.width} px`);
      assert.ok(bytes <= 15 * KB, `${name}: ${bytes} bytes`);
      assert.ok(shift < STILL, `${name} moves at ${size.width} px: ${shift}`);
    }
  }
  writeFileSync(join(shotFolder, 'speed.json'), JSON.stringify(figures, null, 1));
});

test('speed: nothing moves when times differ, nor when rows are ticked', {}, async (t) => {
  // Somebody new, whose browser is elsewhere: all that a list can say at first.
  const { user, password } = await t.rig.call('person');
  const messages = [...Array(60)].map(() => letter({ to: user, subject: unique('Still'), text: 'Some words.\n' }));
  await t.rig.call('append_all', { user, folder: 'INBOX', messages });
  const page = await (await t.newContext({ timezoneId: 'America/New_York' })).newPage();
  await login(page, t.server, user, password);
  for (const [withSteps, more] of [[true, '&first=1'], [false, '']]) {
    for (const size of SIZES) {
      await page.setViewportSize(size);
      await page.goto(`${t.server.plain}/list?folder=INBOX${more}`);
      await page.locator('.zone-offer').waitFor();
      assert.equal(await page.locator('.first-steps').count(), withSteps ? 1 : 0);
      const { shift } = await page.evaluate(FIGURES);
      assert.ok(shift < STILL, `the list moves at ${size.width} px: ${shift}`);
      // Nothing of the lower edge lies upon something else there.
      const offer = page.locator('.zone-offer');
      const write = page.locator('.go-write');
      if (await write.isVisible()) {
        const [a, b] = [await offer.boundingBox(), await write.boundingBox()];
        assert.ok(a.y + a.height <= b.y, 'the offer covers the button');
      }
      const first = page.locator('.list tbody tr').first();
      const before = await first.boundingBox();
      const tools = await page.locator('.rows .tools').boundingBox();
      await page.locator('.list input[name=uid]').nth(1).check();
      assert.deepEqual(await first.boundingBox(), before, `rows move when one is ticked, ${size.width} px`);
      assert.equal((await page.locator('.rows .tools').boundingBox()).height, tools.height);
      if (size.width < 1280 || size.width > 1360) {
        await page.locator('.rows .fold-narrow > summary').click();
        await page.getByRole('button', { name: 'Unflag' }).waitFor();
        assert.deepEqual(await first.boundingBox(), before, `rows move when more is asked for, ${size.width} px`);
        await page.keyboard.press('Escape');
        assert.equal(await page.getByRole('button', { name: 'Unflag' }).isVisible(), false);
      }
      if (size.width < 736) assert.equal(await offer.isVisible(), false);
    }
  }
});

test('speed: what scripts weigh', { server: false }, async () => {
  const folder = join(here, '..', '..', 'static');
  const size = (name) => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;
  const all = readdirSync(folder).filter((name) => name.endsWith('.js'));
  // What formats a letter comes only when one is written.
  const beside = all.filter((name) => !['editor.js', 'purify.js', 'squire.js'].includes(name)).reduce((sum, name) => sum + size(name), 0);
  assert.ok(all.includes('editor.js') && all.includes('app.js'));
  assert.ok(beside <= 30 * KB, `${beside} bytes`);
});
