// What the cleaner makes of a stranger's HTML, without the walls around it: no
// frame, no policy, no sandbox. Nothing may run and nothing may be fetched.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assert, here, test } from './harness.mjs';

const top = join(here, '..', '..');
const flavour = process.env.IWEBMSG_FLAVOUR ?? 'release';
const program = join('build', flavour, 'tests', 'unit', 'mime', 'test_html_clean');

/** Files NNN-attack.html and NNN-clean.html of the unit test's table. */
function writeAttacks() {
  if (!existsSync(join(top, program)))
    execFileSync('make', ['--no-print-directory', `FLAVOUR=${flavour}`, program], { cwd: top, stdio: 'ignore' });
  const folder = mkdtempSync(join(tmpdir(), 'iwebmsg-attacks-'));
  execFileSync(join(top, program), ['--write', folder], { cwd: top });
  return folder;
}

/** Opens a file bare; what it ran, asked for, and still holds. */
async function open(page, file, seen) {
  seen.length = 0;
  await page.goto(pathToFileURL(file).href, { waitUntil: 'load' });
  const loose = await page.evaluate(() => {
    const bad = 'script, iframe, object, embed, base, meta, link, form, svg, math, template, noscript, video, audio';
    const found = [...document.body.querySelectorAll(bad)].map((each) => each.localName);
    for (const each of document.body.querySelectorAll('*'))
      for (const { name, value } of each.attributes)
        if (/^on|^srcset$|^formaction$/.test(name) || /^\s*(java|vb)script:/i.test(value))
          found.push(`${each.localName} ${name}=${value}`);
    return found;
  });
  return [...seen, ...loose];
}

test('html: cleaned attacks do nothing, even bare', {}, async (t) => {
  const folder = writeAttacks();
  const context = await t.context.browser().newContext();
  const seen = [];
  try {
    await context.addInitScript(() => {
      for (const name of ['alert', 'confirm', 'prompt'])
        window[name] = () => console.debug('iwebmsg: script ran');
    });
    context.on('console', (message) => {
      if (message.text() === 'iwebmsg: script ran') seen.push('script ran');
    });
    await context.route('**', (route) => {
      const url = route.request().url();
      if (/^(file|data):/.test(url)) return route.continue();
      seen.push(`request: ${url}`);
      return route.abort();
    });
    const page = await context.newPage();
    const names = readdirSync(folder).sort();
    const clean = names.filter((name) => name.endsWith('-clean.html'));
    assert.ok(clean.length > 150, `${clean.length} attacks`);
    for (const name of clean)
      assert.deepEqual(await open(page, join(folder, name), seen), [], name);
    // The same eyes on the attacks themselves: they do see.
    let harmful = 0;
    for (const name of names.filter((each) => each.endsWith('-attack.html')).slice(0, 60))
      if ((await open(page, join(folder, name), seen).catch(() => ['gone'])).length) harmful += 1;
    assert.ok(harmful > 30, `only ${harmful} of 60 attacks were seen as such`);
  } finally {
    await context.close();
    rmSync(folder, { recursive: true });
  }
});
