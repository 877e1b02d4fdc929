// Functions that run in the page: they stand alone.

/** A document with a stranger's text: what must not be in it. */
export function inspect() {
  const bad = [];
  // The box for the original colours, exactly as we write it, is ours.
  const box = document.body.firstElementChild;
  const words = '<label><input type="checkbox" class="iwebmsg-original" autocomplete="off"> Original colours</label>';
  if (box?.className === 'iwebmsg-cut iwebmsg-shade' && box.innerHTML === words) box.remove();
  const never =
    'script,iframe,frame,object,embed,applet,form,input,button,select,textarea,svg,math,link,base,meta,template,' +
    'noscript,video,audio,source,track,area,map,dialog,marquee,portal,fencedframe,slot';
  for (const it of document.body.querySelectorAll(never)) bad.push(it.outerHTML.slice(0, 200));
  const head = [...document.head.children].map(({ localName }) => localName).join();
  if (!/^meta,title,meta,(meta,)?link,base,style,style(,style)?$/.test(head)) bad.push(`head: ${head}`);
  if (document.documentElement.attributes.length > 2) bad.push(document.documentElement.cloneNode().outerHTML);
  for (const it of document.body.querySelectorAll('*')) {
    for (const { name, value } of it.attributes) {
      if (/^(on|xlink|form|src(set|doc)|ping|action|background|popover|autofocus|accesskey|tabindex|contenteditable)/i.test(name) && !(name === 'background'))
        bad.push(`${it.localName} ${name}=${value}`);
      // Names of the mail's own begin so, and meet nothing of ours.
      if (/^(id|name)$/.test(name) && !value.startsWith('m-')) bad.push(`${it.localName} ${name}=${value}`);
    }
    const style = getComputedStyle(it);
    if (style.position !== 'static' && !it.classList.contains('iwebmsg-text')) bad.push(`${it.localName} is ${style.position}`);
    // On the page that is printed there are links of ours around the texts.
    const isTheirs = !document.querySelector('.iwebmsg-head') || it.closest('.print-html');
    const isAnchor = it.getAttribute('href')?.startsWith('#m-');
    if (it.localName === 'a' && it.hasAttribute('href') && isTheirs && !isAnchor) {
      const own = it.origin === location.origin;
      // An address that is none has the protocol ":".
      if (!['http:', 'https:', ':'].includes(it.protocol)) bad.push(`link to ${it.protocol}`);
      if (own && it.pathname !== '/compose') bad.push(`link to our ${it.pathname}`);
      if (!(it.relList.contains('noopener') && it.relList.contains('noreferrer')) || (it.target && it.target !== '_blank'))
        bad.push(`link with rel=${it.rel} target=${it.target}`);
    }
    if (it.localName === 'img' && it.getAttribute('src')) {
      const url = new URL(it.src);
      const own = url.origin === location.origin && url.pathname === '/image';
      if (!own && url.protocol !== 'https:' && !/^data:image\/(png|jpeg|gif|webp)[;,]/i.test(it.src)) bad.push(`image ${it.src.slice(0, 100)}`);
    }
  }
  if (document.title.includes('Other')) bad.push('the title changed');
  return bad;
}

/**
 * Where no cleaner was: sets off everything that waits for a hand. `wild`:
 * there is no wall at all, and whatever a click does may happen.
 */
export function provoke(wild) {
  // Ours, which opens a window that runs nothing of its opener's.
  if (wild) document.querySelector('head > base[target="_blank"]')?.remove();
  for (const it of document.querySelectorAll('*')) {
    for (const name of Element.prototype.getAttributeNames.call(it))
      if (/^on[a-z]/i.test(name)) it.dispatchEvent(new Event(name.slice(2).toLowerCase(), { bubbles: false, cancelable: true }));
    const get = (name) => Element.prototype.getAttribute.call(it, name);
    const href = get('href') ?? get('xlink:href') ?? '';
    const scheme = href.replace(/[\s\0-\x20]/g, '').toLowerCase();
    // Links to elsewhere are a person's own choice: they may open a window.
    if (it.click && /^(button|input|summary)$/.test(it.localName)) it.click();
    if (it.click && /^(java|vb|live|j)script:|^(mocha|data|blob|filesystem|about):/.test(scheme)) it.click();
    if (!it.click && /^javascript:/.test(scheme)) it.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
    if (it.localName === 'form')
      try {
        HTMLFormElement.prototype.submit.call(it);
      } catch {
        // clobbered
      }
  }
}

/** The page around the frame, but for what differs from mail to mail. */
export function outside() {
  const frame = document.querySelector('iframe.frame');
  const box = frame?.getBoundingClientRect();
  // How high a frame is depends on its text.
  for (const it of document.querySelectorAll('iframe')) it.className = it.className.replace(/ w\d+ n\d+$/, '');
  const shape = [...document.querySelectorAll('body *')]
    .filter((it) => !it.closest('.remote, .plain, .attachments, .notice, .facts, .note'))
    .map((it) => `${it.localName}#${it.id}.${it.className.baseVal ?? it.className}`)
    .join(' ');
  return {
    title: document.title,
    focus: document.activeElement?.localName,
    owned: window.owned ?? null,
    reachable: Boolean(frame && frame.contentDocument),
    frame: box ? [box.left, box.width].map(Math.round).join() : '',
    scrollWidth: document.documentElement.scrollWidth,
    scrolled: [window.scrollX, window.scrollY],
    globals: Object.keys(window).sort().join(),
    frames: window.length,
    scripts: [...document.scripts].map(({ src }) => new URL(src, location.href).pathname).join(),
    shape,
  };
}
