// A site's own colour and logo (Accent= and Logo= of the ini file).

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assert, assertAccessible, assertFits, login, NARROW, shot, test } from './harness.mjs';

const LOGO = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 100">
<style>path { fill: #7a1fa2 }</style><path d="M10 50a40 40 0 0 1 80 0zM110 30h180v40H110z"/>
<script>document.documentElement.dataset.ran = "yes"</script></svg>`;
const folder = mkdtempSync(join(tmpdir(), 'iwebmsg-brand-'));
const ini = { Server: { Title: 'Garden mail', Accent: '#7a1fa2', Logo: join(folder, 'logo.svg') } };

const colour = (page, name) => page.evaluate((token) =>
  getComputedStyle(document.documentElement).getPropertyValue(token).trim(), name);

/** axe in both colours, and which they are. */
async function assertColours(page, where, light, dark) {
  for (const [colorScheme, wanted] of [['light', light], ['dark', dark]]) {
    await page.emulateMedia({ colorScheme });
    assert.equal(await colour(page, '--accent'), wanted, `${where}, ${colorScheme}`);
    await assertAccessible(page, `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
}

chmodSync(folder, 0o755);
writeFileSync(join(folder, 'logo.svg'), LOGO, { mode: 0o644 });
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

test('brand: the colour and the logo of a site', { ini }, async (t) => {
  const { page } = t;
  const logo = (place) => page.locator(`${place} img.logo`);
  await page.goto(`${t.server.plain}/`);
  for (const place of ['.brand', 'main']) {
    const { width, height } = await logo(place).boundingBox();
    assert.ok(Math.abs(width / height - 3) < 0.1, `${place}: ${width} by ${height}`);
    assert.ok(await logo(place).evaluate((each) => each.complete && each.naturalWidth > 0));
  }
  assert.equal(await logo('main').getAttribute('alt'), 'Garden mail');
  await assertColours(page, 'login', '#7a1fa2', '#bb8dd0');
  await shot(page, 'brand-login', { dark: true });

  await login(page, t.server, 'anna', t.rig.password);
  await assertColours(page, 'list', '#7a1fa2', '#bb8dd0');
  await shot(page, 'brand-list', { dark: true });
  await page.setViewportSize(NARROW);
  await assertFits(page);
  const { height } = await logo('.brand').boundingBox();
  assert.ok(height <= 32, 'no higher than the bar');

  // People choose another, and go back to the site's.
  await page.goto(`${t.server.plain}/settings`);
  const select = page.locator('#accent');
  assert.equal(await select.locator('option').first().innerText(), 'That of this site');
  await select.selectOption('green');
  await page.locator('#display .settings-said p').first().waitFor();
  await page.reload();
  await assertColours(page, 'settings', '#1b6b3a', '#86d3a2');
  await select.selectOption('');
  await page.locator('#display .settings-said p').first().waitFor();

  // By its own address it is a picture: nothing in it runs.
  t.allow(/Blocked script execution|sandboxed/);
  await page.goto(t.server.plain + new URL(await logo('.brand').evaluate((each) => each.src)).pathname);
  assert.equal(await page.evaluate(() => document.documentElement.dataset.ran), undefined);
});
