// Who has the focus, whether one sees it, and somebody who has keys only.

import { assert } from './harness.mjs';

const MOST = 300;

/** What can be used, as the page shows it now; of radio buttons one a group. */
export const CONTROLS = `(() => {
  const all = 'a[href], button, input:not([type=hidden]), select, textarea, summary, iframe, [contenteditable=true], [tabindex="0"]';
  const groups = new Set();
  return [...document.querySelectorAll(all)].filter((each) => {
    if (each.disabled || !each.checkVisibility({ visibilityProperty: true })) return false;
    // Of a tool bar one has its turn; arrows lead to the others.
    if (each.tabIndex < 0 && each.closest('[role=toolbar]')) return false;
    if (each.type !== 'radio') return true;
    const known = groups.has(each.name);
    groups.add(each.name);
    return !known;
  });
})()`;

/** Who has the focus, and how one sees it. */
export const FOCUS = `(() => {
  const it = document.activeElement;
  if (it === document.body || it === document.documentElement) return null;
  const all = ${CONTROLS};
  const name = (it.getAttribute('aria-label') || it.labels?.[0]?.textContent || it.textContent || it.title || '')
    .replace(/\\s+/g, ' ').trim();
  const drawn = (each) => {
    const style = getComputedStyle(each);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
  };
  // A box that is drawn by its label, a field by what stands around it.
  const seen = [it, ...(it.labels ?? []), it.parentElement].some(drawn);
  const box = it.getBoundingClientRect();
  const kind = it.tagName.toLowerCase() + (it.type && it.tagName === 'INPUT' ? ':' + it.type : '');
  const at = it.type === 'radio' ? all.findIndex((each) => each.type === 'radio' && each.name === it.name) : all.indexOf(it);
  return {
    at, kind, name: name.slice(0, 60), seen,
    top: Math.round(box.top + scrollY), left: Math.round(box.left), inMain: !!it.closest('main'),
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth && box.width > 0,
  };
})()`;

export const words = ({ kind, name, at }) => `${kind} "${name}" (${at})`;

/** Where the focus is, once the browser has scrolled there: a frame's own process takes its time for it. */
export async function focusOf(page) {
  await page.waitForFunction(`(${FOCUS})?.inView ?? true`, undefined, { timeout: 5000 }).catch(() => {});
  return page.evaluate(FOCUS);
}

/**
 * Somebody without a mouse: goes from control to control by Tab, and sees at
 * each of them where that is.
 */
export class Keys {
  constructor(page) {
    this.page = page;
  }

  /** Presses Tab (or `key`) until what has the focus is called so (text or pattern) and is of this kind. */
  async to(name, { key = 'Tab', kind = '' } = {}) {
    const passed = [];
    for (let presses = 0; presses < MOST; presses++) {
      await this.page.keyboard.press(key);
      const stop = await this.page.evaluate(FOCUS);
      if (!stop) continue;
      assert.ok(stop.seen || stop.kind === 'iframe', `no focus to be seen: ${words(stop)}`);
      passed.push(words(stop));
      if (!stop.kind.startsWith(kind) || !(name instanceof RegExp ? name.test(stop.name) : stop.name === name)) continue;
      const there = await focusOf(this.page);
      assert.ok(there.inView, `not in view: ${words(there)}`);
      return;
    }
    assert.fail(`${key} does not come to ${name}, but to ${passed.join(', ')}`);
  }

  /** To a link or button, and through it to another page. */
  async through(name, how) {
    await this.to(name, how);
    await Promise.all([this.page.waitForNavigation(), this.page.keyboard.press('Enter')]);
  }

  /** To a field, and types there. */
  async type(name, text) {
    await this.to(name);
    await this.page.keyboard.type(text);
  }
}
