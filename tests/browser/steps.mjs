// What people do, as the tests need it again and again.

import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { assert } from './harness.mjs';

/** Clicks what leads to another page and waits until it stands. */
export async function go(page, locator) {
  await Promise.all([page.waitForNavigation(), locator.click()]);
}

export const press = (page, name) =>
  go(page, page.getByRole('button', { name, exact: true }).first());

export const follow = (page, name) =>
  go(page, page.getByRole('link', { name, exact: true }).first());

/** A folder's link in the list of folders. */
export const folder = (page, name) =>
  page.locator('nav.folders').getByRole('link', { name: new RegExp(`^\\s*${name}`) });

/** The row of the message with this subject. */
export const row = (page, subject) =>
  page.locator('table.list tbody tr').filter({ hasText: subject }).first();

/** Opens the message with this subject from the list. */
export async function open(page, subject) {
  await go(page, row(page, subject).locator('.c-subject a'));
  assert.equal(await page.innerText('main h1'), subject);
}

/** Fills in the login form that the page shows. */
export async function fillLogin(page, user, password) {
  await page.fill('input[name=name]', user);
  await page.fill('input[name=password]', password);
  await press(page, 'Log in');
}

export async function logOff(page) {
  await press(page, 'Log off');
  assert.equal(await page.innerText('h1'), 'You are logged off');
}

/** Clicks a download link; {name, bytes}. */
export async function download(page, locator) {
  const [got] = await Promise.all([page.waitForEvent('download'), locator.click()]);
  return { name: got.suggestedFilename(), bytes: readFileSync(await got.path()) };
}

/** The attachment of this name on a message page. */
export const attachment = (page, name) =>
  page.locator('section.attachments').getByRole('link', { name, exact: true });

/** Waits until a message whose subject ends like `subject` has arrived. */
export const arrived = (rig, user, subject) =>
  rig.call('wait_message', { user, folder: 'INBOX', subject: subject.split(' ').pop() });

/** The address without its origin. */
export function path(page) {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}

/** Out of secure mode, by way of the question. */
export async function leave(page) {
  await press(page, 'Leave secure mode');
  assert.equal(await page.innerText('h1'), 'Leave secure mode?');
  await press(page, 'Leave secure mode');
}

/**
 * Redirects ports of a loopback address, as a packet filter does it:
 * redirect('127.1.2.3', { 80: 8383, 443: 8384 }). Returns what ends it.
 */
export async function redirect(address, ports) {
  const sockets = new Set();
  const keep = (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const servers = [];
  for (const [from, to] of Object.entries(ports)) {
    const server = createServer((socket) => {
      const inner = keep(connect(to, '127.0.0.1'));
      keep(socket).pipe(inner).pipe(socket);
    });
    await new Promise((done, failed) => {
      server.once('error', failed);
      server.listen(Number(from), address, done);
    });
    servers.push(server);
  }
  return () => {
    for (const server of servers) server.close();
    for (const socket of sockets) socket.destroy();
  };
}

let serial = 0;

/** A subject no other message has. */
export function unique(words) {
  serial += 1;
  return `${words} ${process.pid}-${serial}`;
}

/** Every byte value, more than a line of base64, not a multiple of three. */
export function allBytes(count) {
  return Buffer.from(Array.from({ length: count }, (_, at) => (at * 7 + (at >> 8)) & 255));
}

/** A message as text; `file` is {name, type, bytes}. */
export function letter({ from = 'ben', to = 'anna', subject, text = 'Hello.\n', html, file }) {
  const head =
    `From: ${from} <${from}@demo.test>\nTo: ${to} <${to}@demo.test>\n` +
    `Subject: ${subject}\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\n` +
    `Message-ID: <${unique('m').replace(/\W/g, '.')}@demo.test>\nMIME-Version: 1.0\n`;
  const kind = html === undefined ? 'plain' : 'html';
  const body = `Content-Type: text/${kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${html ?? text}`;
  if (!file) return head + body;
  const lines = file.bytes.toString('base64').match(/.{1,76}/g).join('\n');
  return (
    `${head}Content-Type: multipart/mixed; boundary="=cut="\n\n--=cut=\n${body}\n--=cut=\n` +
    `Content-Type: ${file.type}\nContent-Transfer-Encoding: base64\n` +
    `Content-Disposition: attachment; filename*=utf-8''${encodeURIComponent(file.name)}\n\n` +
    `${lines}\n--=cut=--\n`
  );
}
