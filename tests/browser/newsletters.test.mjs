// Honest newsletters and letters stay as they were: the same words, in the
// same places and colours as without the cleaner, and readable in the dark.

import { join } from 'node:path';
import { assert, login, shotFolder, test } from './harness.mjs';
import { message } from './hostile/attacks.mjs';
import { letters } from './newsletters/letters.mjs';

const FOLDER = 'Letters';
const ROOM = { width: 700, height: 520 };
let uids = null;

async function put(t) {
  if (uids) return;
  const mails = letters.map(({ html }) =>
    message(`Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from(html).toString('base64').match(/.{1,76}/g).join('\n')}\n`),
  );
  await t.rig.call('append_all', { user: 'chloe', folder: FOLDER, messages: mails });
  uids = letters.map((_, at) => at + 1);
}

/** What a person sees in a document: words, where they stand, and colours. */
function see() {
  const rgb = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const ground = (it) => {
    for (let each = it; each; each = each.parentElement) {
      const colour = rgb(getComputedStyle(each).backgroundColor);
      if (colour[3] !== 0) return colour.slice(0, 3);
    }
    return [255, 255, 255];
  };
  // Of the programs' own: what was left out.
  for (const it of document.querySelectorAll('.iwebmsg-cut')) it.remove();
  const places = [];
  for (const it of document.body.querySelectorAll('*')) {
    const own = [...it.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data).join(' ');
    const text = own.replace(/\s+/g, ' ').trim();
    if (!text || !it.getClientRects().length) continue;
    const { left, width } = it.getBoundingClientRect();
    const style = getComputedStyle(it);
    places.push({
      text, left, width, colour: rgb(style.color).slice(0, 3), ground: ground(it), size: parseFloat(style.fontSize),
      bold: Number(style.fontWeight) > 500, direction: style.direction,
    });
  }
  const wide = document.documentElement.scrollWidth;
  const words = document.body.innerText.replace(/\s+/g, ' ').trim();
  return { words, places, wide, colours: document.documentElement.className };
}

/** All letters in frames of one page, as a sheet to look at. */
async function openAll(t, server, label, context, { remote = false } = {}) {
  const page = await context.newPage();
  await login(page, server, 'chloe', t.rig.password, { secure: true });
  // All in view: what is out of it is not painted.
  await page.setViewportSize({ width: 3 * ROOM.width, height: Math.ceil(uids.length / 3) * ROOM.height });
  const urls = [];
  for (const uid of uids) {
    const of = (path) => `${server.secure}${path}?folder=${FOLDER}&uid=${uid}`;
    const text = remote ? await page.evaluate(async (url) => (await fetch(url)).text(), of('/message')) : '';
    const [allowed = ''] = /[&;]remote=[\w-]+/.exec(text) ?? [];
    urls.push(of('/body') + allowed.replace(';', '&'));
  }
  await page.goto(`${server.secure}/settings`);
  await page.evaluate(
    ({ urls, room }) =>
      Promise.all(
        urls.map((src, at) => {
          if (at === 0) document.body.replaceChildren();
          const frame = document.createElement('iframe');
          frame.style.cssText = `float:left;border:0;width:${room.width}px;height:${room.height}px`;
          frame.src = src;
          document.body.style.display = 'block';
          document.body.append(frame);
          return new Promise((done) => frame.addEventListener('load', done, { once: true }));
        }),
      ),
    { urls, room: ROOM },
  );
  await page.screenshot({ path: join(shotFolder, `newsletters-${label}.png`), fullPage: true });
  const seen = await Promise.all(page.mainFrame().childFrames().map((frame) => frame.evaluate(see)));
  await page.close();
  return seen;
}

const near = (a, b, room) => Math.abs(a - b) <= room;
const sameColour = (a, b) => a.every((it, at) => near(it, b[at], 2));

/** What stands elsewhere or looks different. */
function differences(expected, actual) {
  const left = [...actual.places];
  const bad = [];
  for (const place of expected.places) {
    const at = left.findIndex(({ text }) => text === place.text);
    if (at < 0) {
      bad.push(`"${place.text}" is not there alone`);
      continue;
    }
    const [found] = left.splice(at, 1);
    const { text } = place;
    if (!near(found.left, place.left, 12)) bad.push(`"${text}" begins at ${found.left}, not ${place.left}`);
    if (!near(found.width, place.width, Math.max(12, place.width / 20))) bad.push(`"${text}" is ${found.width} wide, not ${place.width}`);
    if (!sameColour(found.colour, place.colour)) bad.push(`"${text}" is ${found.colour}, not ${place.colour}`);
    if (!sameColour(found.ground, place.ground)) bad.push(`"${text}" stands on ${found.ground}, not ${place.ground}`);
    if (!near(found.size, place.size, 0.6)) bad.push(`"${text}" is ${found.size} high, not ${place.size}`);
    if (found.bold !== place.bold || found.direction !== place.direction) bad.push(`"${text}" is bold or turned otherwise`);
  }
  return bad;
}

test('newsletters: forty letters look as they were meant', {}, async (t) => {
  assert.ok(letters.length >= 40);
  await put(t);
  // What cannot be found, for the letters as they came.
  t.allow(/ERR_NAME_NOT_RESOLVED|images\.example\.net/);
  const bare = t.rig.addresses(await t.rig.call('server', { wall: 'no-walls' }));
  const expected = await openAll(t, bare, 'bare', await t.newContext());
  const actual = await openAll(t, t.server, 'light', await t.newContext(), { remote: true });
  await openAll(t, t.server, 'blocked', await t.newContext());
  const bad = {};
  letters.forEach(({ name }, at) => {
    const found = differences(expected[at], actual[at]);
    if (actual[at].words !== expected[at].words)
      found.push(`"${actual[at].words}", not "${expected[at].words}"`);
    if (actual[at].wide > Math.max(expected[at].wide, ROOM.width)) found.push(`${actual[at].wide} px wide`);
    if (found.length) bad[name] = found;
  });
  assert.deepEqual(bad, {});
});

test('newsletters: only the page scrolls, and nothing is blank', {}, async (t) => {
  await put(t);
  const { page } = t;
  await page.setViewportSize({ width: 1280, height: 800 });
  await login(page, t.server, 'chloe', t.rig.password);
  const bad = [];
  for (const [at, { name }] of letters.entries()) {
    await page.goto(`${t.server.plain}/message?folder=${FOLDER}&uid=${uids[at]}`);
    const frame = await (await page.waitForSelector('iframe.frame')).contentFrame();
    await frame.waitForSelector('body[tabindex]');
    const seen = await frame.evaluate(() => {
      const all = document.createRange();
      all.selectNodeContents(document.body);
      return all.getBoundingClientRect().bottom;
    });
    // Its height comes from another process.
    await page.waitForFunction(
      (least) => document.querySelector('iframe').offsetHeight >= least, Math.floor(seen), { timeout: 5000 },
    ).catch(() => bad.push(`${name} scrolls in its frame`));
    const { height, guess } = await page.evaluate(() => {
      const it = document.querySelector('iframe');
      return { height: it.offsetHeight, guess: parseInt(getComputedStyle(it).getPropertyValue('--wide'), 10) };
    });
    if (height > seen + 200) bad.push(`${name}: ${height}, not ${seen}`);
    // What browsers get that do not tell.
    if (guess < seen || guess > seen + 220) bad.push(`${name}: ${seen} is taken for ${guess}`);
  }
  assert.deepEqual(bad, []);
});

/** What a colour becomes by invert(1) hue-rotate(180deg). */
function turned(colour) {
  const [r, g, b] = colour.map((it) => 255 - it);
  const matrix = [[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]];
  return matrix.map(([x, y, z]) => Math.min(255, Math.max(0, x * r + y * g + z * b)));
}

function contrast(one, two) {
  const light = (colour) => {
    const [r, g, b] = colour.map((it) => (it / 255 <= 0.04045 ? it / 255 / 12.92 : ((it / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
  };
  const [a, b] = [light(one), light(two)].sort((x, y) => y - x);
  return a / b;
}

test('newsletters: dark only where that is readable', {}, async (t) => {
  await put(t);
  const context = await t.newContext({ colorScheme: 'dark' });
  const seen = await openAll(t, t.server, 'dark', context);
  const count = { dark: 0, inverted: 0, light: 0 };
  const bad = [];
  seen.forEach(({ colours, places }, at) => {
    count[colours] += 1;
    if (colours === 'light') return;
    const as = colours === 'inverted' ? turned : (colour) => colour;
    for (const { text, colour, ground } of places) {
      const ratio = contrast(as(colour), as(ground));
      if (ratio < 4.5) bad.push(`${letters[at].name}: "${text}" ${ratio.toFixed(2)} (${colours})`);
    }
  });
  assert.deepEqual(bad, []);
  assert.ok(count.dark >= 5 && count.inverted >= 5, JSON.stringify(count));
});
