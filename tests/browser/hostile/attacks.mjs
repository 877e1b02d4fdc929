// The attacks of the .txt files beside this one, as mail.
//
// In a text, {N} is the attack's number, {J} a script that reports it, {H} a
// host of its own, {xHH} a byte, {b64:…:b64} base64, {rep:N:…} a repetition.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HERE = dirname(fileURLToPath(import.meta.url));
export const KINDS = ['script', 'links', 'load', 'css', 'mutation', 'outside', 'mime'];
export const DOMAIN = 'evil.test';
const FIRST = 1000;
const DATE = 'Sat, 21 Nov 2026 10:00:00 +0000';

/** Puts an attack's own number into its text. */
export function expand(text, number) {
  return text
    .replaceAll('{J}', `alert(${number})`)
    .replaceAll('{N}', number)
    .replaceAll('{H}', `h${number}.${DOMAIN}`)
    .replace(/\{rep:(\d+):([^}]*)\}/g, (_, count, what) => what.repeat(Number(count)))
    .replace(/\{x([0-9a-f]{2})\}/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/\{b64:([^]*?):b64\}/g, (_, what) => Buffer.from(what, 'latin1').toString('base64'));
}

/** A mail around HTML; nothing on the way looks at what is in base64. */
function around(html) {
  const lines = Buffer.from(html).toString('base64').match(/.{1,76}/g).join('\n');
  return `Content-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${lines}\n`;
}

/** Adds the fields that every message has, but those it brings itself. */
export function message(body) {
  const [head] = body.split('\n\n', 1);
  const fields = { From: 'Ben <ben@demo.test>', To: 'Chloe <chloe@demo.test>', Subject: 'Hostile', Date: DATE };
  const missing = Object.entries(fields).filter(([name]) => !new RegExp(`^${name}:`, 'im').test(head));
  return `${missing.map(([name, value]) => `${name}: ${value}\n`).join('')}MIME-Version: 1.0\n${body}`;
}

function parse(kind, first) {
  const [, ...pieces] = readFileSync(join(HERE, `${kind}.txt`), 'utf8').split(/^=== /m);
  return pieces.map((piece, at) => {
    const end = piece.indexOf('\n');
    const number = first + at;
    const title = piece.slice(0, end);
    const text = expand(piece.slice(end + 1), number);
    const alone = kind === 'mime' || title.endsWith('(alone)');
    const mail = message(kind === 'mime' ? text : around(text));
    return { number, kind, name: `${kind}: ${title}`, alone, html: text, mail };
  });
}

/** All of them: {number, kind, name, alone, html, mail}. */
export function attacks() {
  const all = [];
  for (const kind of KINDS) all.push(...parse(kind, FIRST + all.length));
  return all;
}

// Ends what an attack left open, so that it hides none behind it.
const OPEN = 'xmp,style,script,title,textarea,noscript,noframes,noembed,iframe,template,select,svg,math,table,form,button';
const END = `--> '"> ]]> ${OPEN.split(',').map((name) => `</${name}>`).join('')}`;

/** Mails of many attacks each, of those that may stand beside others, a mark before each. */
export function packs(all, size = 16) {
  const made = [];
  const few = all.filter(({ alone }) => !alone);
  for (let at = 0; at < few.length; at += size) {
    const chosen = few.slice(at, at + size);
    const html = chosen.map((each) => `<p>${each.number}</p>${each.html}${END}`).join('\n');
    const name = `${chosen[0].name} and ${chosen.length - 1} more`;
    made.push({ name, numbers: chosen.map(({ number }) => number), html, mail: message(around(html)) });
  }
  return made;
}

/** The mail that a page with an attack is compared with. */
export const harmless = message(around('<p>x</p>'));
