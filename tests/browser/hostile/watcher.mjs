// What an attack did: scripts that ran, requests, windows, files, complaints.
// Chromium's own log of its network is read, too: it also tells of names that
// were looked up and connections made ahead, which no page event does.

import { readFileSync } from 'node:fs';
import { DOMAIN } from './attacks.mjs';

const HOST = new RegExp(`\\bn?h(\\d+)\\.${DOMAIN.replace('.', '\\.')}`, 'g');

// In the place of the host, not in an address of ours.
const ATTACKED = new RegExp(`^(?:[a-z]+:(?://)?(?:[^/?]*@)?)?n?h(\\d+)\\.${DOMAIN.replace('.', '\\.')}`, 'g');

export class Watcher {
  constructor() {
    this.found = [];
    this.allowed = []; // addresses of images that a person let in
    this.making = 0; // pages of ours under way
    this.anyImage = false; // images over https may all be asked for
    this.imagesAllowed = false; // those of the attacks' /ok may
    this.pdfAlerts = new Set(); // numbers that a PDF may say in the browser's viewer
    this.loud = true; // also what the browser says on its console
  }

  note(where, what) {
    this.found.push(`${where}: ${what}`);
  }

  async context(context) {
    await context.addInitScript(() => {
      for (const name of ['alert', 'confirm', 'prompt', 'print'])
        window[name] = (number) => console.debug(`iwebmsg ran ${number}`);
    });
    context.on('dialog', (dialog) => {
      if (!this.isOfViewer(dialog)) this.note('dialog', dialog.message());
      dialog.dismiss().catch(() => {});
    });
    context.on('console', (line) => {
      const text = line.text();
      const label = line.page()?.label ?? '';
      if (text.startsWith('iwebmsg ran')) this.note(label, text);
      else if (this.loud && ['error', 'warning'].includes(line.type()) && !/ERR_NAME_NOT_RESOLVED|status of 404/.test(text))
        this.note(label, `console ${line.type()}: ${text}`);
    });
    context.on('weberror', (error) => this.note('script error', error.error()));
    context.on('request', (request) => {
      const url = request.url();
      if (!url.match(HOST)) return;
      if (this.mayLoad(request)) this.allowed.push(url);
      else this.note(request.resourceType(), url);
    });
    context.on('page', (page) => {
      if (this.making > 0) {
        this.making -= 1;
        return;
      }
      this.note('window opened', page.url());
      page.close().catch(() => {});
    });
  }

  /** A page that is ours. */
  async page(context) {
    this.making += 1;
    const page = await context.newPage();
    page.on('download', (file) => {
      if (!page.downloads) this.note(page.label, `download of ${file.suggestedFilename()}`);
      file.cancel().catch(() => {});
    });
    return page;
  }

  /**
   * Chromium's viewer runs what a PDF calls script, in a process of its own
   * without page, cookies or network, and shows its app.alert: now and then it
   * is quick enough for us to see it, before its page has an address. No
   * header prevents that but `sandbox`, with which nothing is shown at all.
   * Only that is let in: each file has a number of its own, and alert() of
   * documents never comes here, because we replace it.
   */
  isOfViewer(dialog) {
    return dialog.type() === 'alert' && this.pdfAlerts.has(dialog.message());
  }

  /** Images that were let in; without the cleaner also those it leaves out. */
  mayLoad(request) {
    if (request.resourceType() !== 'image') return false;
    if (this.anyImage) return request.url().startsWith('https:');
    return this.imagesAllowed && /^https:\/\/h\d+\.evil\.test(:8443)?\/ok/.test(request.url());
  }
}

/**
 * asked: addresses that were asked for, ours too when they name an attack;
 * hosts: numbers of attacks whose host was looked up or connected to. One such
 * pair until the first address with `mark` in it, and one from there on.
 */
export function readNetLog(file, mark) {
  const text = readFileSync(file, 'utf8');
  // Without its end when an attack took the browser down.
  const isWhole = /\}\s*$/.test(text) && /\]/.test(text.slice(-4000));
  const { constants, events } = JSON.parse(isWhole ? text : `${text.slice(0, text.lastIndexOf('},') + 1)}]}`);
  const names = Object.fromEntries(Object.entries(constants.logEventTypes).map(([name, id]) => [id, name]));
  const phases = [{ asked: new Set(), hosts: new Set() }];
  for (const { type, params } of events) {
    const name = names[type];
    if (!params || name.startsWith('REPORTING')) continue;
    if (params.url?.includes(mark) && phases.length === 1) phases.push({ asked: new Set(), hosts: new Set() });
    const { asked, hosts } = phases.at(-1);
    if (name.startsWith('URL_REQUEST') && params.url?.match(HOST)) asked.add(params.url.replace(/#.*/, ''));
    for (const text of [params.host, params.url, params.destination, params.group_id])
      for (const [, number] of String(text ?? '').matchAll(ATTACKED)) hosts.add(Number(number));
  }
  return phases.map(({ asked, hosts }) => ({ asked: [...asked], hosts }));
}
