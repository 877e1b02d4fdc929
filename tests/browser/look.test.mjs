// Pages look as they did: pictures of a few pages that do not change, beside
// those of tests/browser/pictures. They are kept at a quarter of their size, so
// that how a machine draws its letters does not count, and what moved, went or
// has another colour does. Where other fonts are installed nothing is compared
// (pictures/fonts.json says which they were drawn with). Intended changes:
//   IWEBMSG_PICTURES=new make check-browser TESTS=look:

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, here, login, NARROW, shotFolder, test, WIDE } from './harness.mjs';
import { letter, open } from './steps.mjs';

const FOLDER = join(here, 'pictures');
const IS_NEW = process.env.IWEBMSG_PICTURES === 'new';
const HUGE = { width: 1440, height: 900 };
const SUBJECT = 'A letter that looks always the same';
/* A dot differs by more than this of 255; so many of a thousand may. */
const DOT = 26;
const PER_MILLE = 4;

/** Makes pictures small, and says how many dots of a thousand differ. */
const TOOLS = `(() => {
  const read = async (bytes) => createImageBitmap(new Blob([Uint8Array.from(atob(bytes), (each) => each.charCodeAt(0))], { type: 'image/png' }));
  const draw = (image, width, height) => {
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.imageSmoothingQuality = 'high';
    context.drawImage(image, 0, 0, width, height);
    return { canvas, dots: context.getImageData(0, 0, width, height).data };
  };
  const text = async (canvas) => {
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(''));
  };
  return {
    small: async (bytes) => {
      const image = await read(bytes);
      return text(draw(image, Math.round(image.width / 4), Math.round(image.height / 4)).canvas);
    },
    differ: async (one, two, most) => {
      const [a, b] = [await read(one), await read(two)];
      if (a.width !== b.width || a.height !== b.height) return 1000;
      const [x, y] = [a, b].map((each) => draw(each, each.width, each.height).dots);
      let count = 0;
      for (let at = 0; at < x.length; at += 4)
        if ([0, 1, 2].some((each) => Math.abs(x[at + each] - y[at + each]) > most)) count++;
      return count * 1000 / (x.length / 4);
    },
    fonts: () => {
      const context = new OffscreenCanvas(10, 10).getContext('2d');
      return ['400 30px system-ui', '650 30px system-ui', '400 30px monospace'].map((font) => {
        context.font = font;
        return Math.round(context.measureText('Hamburgefonts 0123 äß').width);
      });
    },
  };
})()`;

test('look: pages look as they did', {}, async (t) => {
  const { page } = t;
  const ask = (words) => page.evaluate(`${TOOLS}.${words}`);
  const fontFile = join(FOLDER, 'fonts.json');
  const wrong = [];

  const compare = async (name, size, colorScheme, mask) => {
    const label = `${name}-${size.width}${colorScheme === 'dark' ? '-dark' : ''}`;
    await page.setViewportSize(size);
    await page.emulateMedia({ colorScheme });
    const hidden = ['.count', '.quota', 'time', '.who', '.brand span', ...mask].map((each) => page.locator(each));
    const bytes = await page.screenshot({ mask: hidden, maskColor: '#808080', caret: 'hide' });
    const now = await ask(`small('${bytes.toString('base64')}')`);
    const file = join(FOLDER, `${label}.png`);
    if (IS_NEW) {
      writeFileSync(file, Buffer.from(now, 'base64'));
      return;
    }
    const before = readFileSync(file).toString('base64');
    const share = await ask(`differ('${before}', '${now}', ${DOT})`);
    if (share <= PER_MILLE) return;
    writeFileSync(join(shotFolder, `look-${label}-now.png`), bytes);
    wrong.push(`${label}: ${share.toFixed(1)} of 1000 dots differ (build/shots/look-${label}-now.png)`);
  };
  const each = async (name, mask = [], sizes = [WIDE, NARROW]) => {
    for (const size of sizes)
      for (const colours of ['light', 'dark']) await compare(name, size, colours, mask);
    await page.setViewportSize(WIDE);
    await page.emulateMedia({ colorScheme: null });
  };

  mkdirSync(FOLDER, { recursive: true });
  await page.goto(`${t.server.plain}/`);
  const fonts = JSON.stringify(await ask('fonts()'));
  if (IS_NEW) writeFileSync(fontFile, fonts + '\n');
  if (!existsSync(fontFile) || readFileSync(fontFile, 'utf8').trim() !== fonts) {
    console.log(`  look: not compared, the fonts here are others (${fonts})`);
    return;
  }
  await each('login', ['.hint']);
  // Somebody whose mail nobody else changes.
  const { user, password } = await t.rig.call('person');
  await t.rig.call('append', { user, folder: 'INBOX', message: letter({ subject: SUBJECT, text: 'The same words.\n\n> and a quote\n' }) });
  await login(page, t.server, user, password);
  await page.goto(`${t.server.plain}/list?folder=INBOX`);
  await each('list', ['.list tbody', '.range', '.pages', '.folders ul'], [HUGE, WIDE, NARROW]);
  await open(page, SUBJECT);
  await each('message', ['.neighbours', '.note', '.conversation', '.folders ul', '.facts dd', 'main > .quiet']);
  await page.goto(`${t.server.plain}/compose`);
  await each('compose', ['.from', '.line .value']);
  assert.deepEqual(wrong, [], 'other than tests/browser/pictures');
});
