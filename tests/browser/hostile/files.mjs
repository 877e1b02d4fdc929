// Attached files that attack: by what they hold, what they claim to be, and
// their names. {J}, {H} and {N} as in attacks.mjs.
//
// Each is [title, header fields, bytes, more]. `more.bare`: what a careless
// server would serve it as (its own type else); `more.silent`: why it does
// nothing in this Chromium even then; `more.headers` of such a server.

import { gzipSync } from 'node:zlib';
import { expand, message } from './attacks.mjs';

export const FIRST_FILE = 3000;
const PER_MAIL = 12;
const NAME_ONLY = 'its name is the attack';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg" onload="{J}"><script>{J}</script><image href="https://{H}/bad.png"/></svg>';
const XHTML = '<html xmlns="http://www.w3.org/1999/xhtml"><head><script>{J}</script></head><body><img src="https://{H}/bad"/></body></html>';
const HTML = '<html><body onload="{J}"><script>{J}</script><img src="https://{H}/bad"><link rel="dns-prefetch" href="https://{H}/"></body></html>';
const XSLT =
  '<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="#s"?><!DOCTYPE x [<!ATTLIST xsl:stylesheet id ID #REQUIRED>]>' +
  '<x><xsl:stylesheet id="s" version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"><xsl:template match="/">' +
  '<h:script xmlns:h="http://www.w3.org/1999/xhtml">{J}</h:script></xsl:template></xsl:stylesheet><h:script xmlns:h="http://www.w3.org/1999/xhtml">{J}</h:script></x>';
const PNG = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64').toString('latin1');
const PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\({N}\\);this.submitForm\\("https://{H}/bad"\\))>>' +
  '/AA<</WC<</S/URI/URI(https://{H}/bad)>>>>>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/AA<</O<</S/URI/URI(https://{H}/bad)>>>>>>endobj\n' +
  'trailer<</Root 1 0 R>>\n%%EOF\n';
const GIF_SCRIPT = 'GIF89a=1;{J};/*' + '\0'.repeat(40) + '*/';
const attachment = (type, name) => `Content-Type: ${type}; name="${name}"\nContent-Disposition: attachment; filename="${name}"\n`;
const inline = (type, name) => attachment(type, name).replace(' attachment;', ' inline;');
const named = (name) => `Content-Type: application/octet-stream\nContent-Disposition: attachment; filename="${name}"\n`;

const files = [
  ['HTML', attachment('text/html', 'open me.html'), HTML],
  ['HTML to be shown in place', inline('text/html', 'a.htm'), HTML],
  ['SVG', inline('image/svg+xml', 'a.svg'), SVG],
  ['SVG that is called PNG', inline('image/png', 'a.svg'), SVG, { bare: 'image/svg+xml' }],
  ['SVG that is compressed', inline('image/svg+xml', 'a.svgz'), SVG, { gzip: true, headers: { 'Content-Encoding': 'gzip' } }],
  ['XHTML', inline('application/xhtml+xml', 'a.xhtml'), XHTML],
  ['XML with XSLT', inline('text/xml', 'a.xml'), XSLT],
  ['XML with XSLT of an application', inline('application/xml', 'b.xml'), XSLT],
  ['style sheet in XML', inline('application/xslt+xml', 'a.xsl'), XSLT, { bare: 'application/xml' }],
  ['RDF and other XML', inline('application/rdf+xml', 'a.rdf'), XHTML, { bare: 'application/xml' }],
  ['MathML', inline('application/mathml+xml', 'a.mml'), XHTML, { bare: 'application/xml' }],
  ['Atom feed', inline('application/atom+xml', 'a.atom'), XHTML, { bare: 'application/xml' }],
  ['HTML that is called PNG', inline('image/png', 'photo.png'), HTML, { bare: 'text/html' }],
  ['HTML that is called GIF and begins so', inline('image/gif', 'photo.gif'), `GIF89a${HTML}`, { bare: 'text/html' }],
  ['HTML that is called plain text', inline('text/plain', 'note.txt'), HTML, { bare: 'text/html' }],
  ['HTML behind a name of text', inline('text/html', 'readme.txt'), HTML],
  ['HTML without a type', 'Content-Disposition: attachment; filename="x"\nContent-Type: nonsense\n', HTML, { bare: 'text/html' }],
  ['HTML of many types', 'Content-Type: image/png, text/html\nContent-Disposition: inline; filename="a.png"\n', HTML, { bare: 'text/html' }],
  ['HTML of a charset', inline('text/html; charset=utf-7', 'seven.html'), HTML],
  ['UTF-7 as text', inline('text/plain; charset=utf-7', 'seven.txt'), '+ADw-script+AD4-{J}+ADw-/script+AD4-', { silent: 'browsers know no UTF-7 any more' }],
  ['UTF-16 as text', inline('text/plain; charset=utf-16le', 'sixteen.txt'), Buffer.from(`\ufeff${HTML}`, 'utf16le').toString('latin1'), { bare: 'text/html', utf16: true, silent: 'the placeholders are not replaced in it' }],
  ['text with markup', inline('text/plain', 'a.md'), '</pre><script>{J}</script><img src=x onerror={J}><svg onload={J}>', { bare: 'text/html' }],
  ['table with markup', inline('text/csv', 'a.csv'), '=cmd|\'/c calc\'!A1,"</pre><script>{J}</script>"', { bare: 'text/html' }],
  ['calendar with markup', inline('text/calendar', 'a.ics'), 'BEGIN:VCALENDAR\nSUMMARY:</pre><script>{J}</script>\nEND:VCALENDAR', { bare: 'text/html' }],
  ['card with markup', inline('text/vcard', 'a.vcf'), 'BEGIN:VCARD\nFN:<script>{J}</script>\nEND:VCARD', { bare: 'text/html' }],
  ['PDF with script', inline('application/pdf', 'a.pdf'), PDF, { silent: 'headless Chromium gives PDF no script host that tells us' }],
  ['HTML that is called PDF', inline('application/pdf', 'b.pdf'), HTML, { bare: 'text/html' }],
  ['PDF that begins with HTML', inline('application/pdf', 'c.pdf'), `${HTML}\n${PDF}`, { bare: 'text/html' }],
  ['HTML that is called a sound', inline('audio/mpeg', 'a.mp3'), HTML, { bare: 'text/html' }],
  ['SVG that is called a video', inline('video/mp4', 'a.mp4'), SVG, { bare: 'image/svg+xml' }],
  ['playlist', inline('application/vnd.apple.mpegurl', 'a.m3u8'), '#EXTM3U\n#EXTINF:1,\nhttps://{H}/bad.ts\n', { silent: 'only a player follows it' }],
  ['captions', inline('text/vtt', 'a.vtt'), 'WEBVTT\n\n00:00.000 --> 00:09.000\n<c onclick="{J}"><script>{J}</script>', { bare: 'text/html' }],
  ['script', inline('text/javascript', 'a.js'), '{J};fetch("https://{H}/bad")', { asScript: true }],
  ['script that is a GIF', inline('image/gif', 'b.gif'), GIF_SCRIPT, { asScript: true, bare: 'text/javascript' }],
  ['script in JSON', inline('application/json', 'a.json'), '{J}', { asScript: true, bare: 'text/javascript' }],
  ['script that is text', inline('text/plain', 'c.txt'), '{J}', { asScript: true, bare: 'text/javascript' }],
  ['style sheet', inline('text/css', 'a.css'), '@import "https://{H}/bad.css"; body{display:none}', { asStyle: true }],
  ['web archive', inline('multipart/related', 'a.mht'), HTML, { bare: 'text/html' }],
  ['web archive of an application', inline('application/x-mimearchive', 'a.mhtml'), `MIME-Version: 1.0\nContent-Type: text/html\n\n${HTML}`, { bare: 'text/html' }],
  ['bundle that replaces itself', 'Content-Type: multipart/x-mixed-replace; boundary=in\nContent-Disposition: inline; filename="cam"\n', `--in\nContent-Type: text/html\n\n${HTML}\n--in--\n`, { bare: 'text/html' }],
  ['manifest of a cache', inline('text/cache-manifest', 'a.appcache'), 'CACHE MANIFEST\nhttps://{H}/bad\n', { silent: 'browsers have no such cache any more' }],
  ['Flash policy and Java start', inline('application/x-java-jnlp-file', 'a.jnlp'), '<?xml version="1.0"?><jnlp href="https://{H}/bad"><x:script xmlns:x="http://www.w3.org/1999/xhtml">{J}</x:script></jnlp>', { bare: 'application/xml' }],
  ['program for Windows', attachment('application/x-msdownload', 'a.exe'), 'MZ', { silent: 'waits for a hand' }],
  ['application of HTML', attachment('application/hta', 'a.hta'), HTML, { bare: 'text/html' }],
  ['link file', attachment('application/internet-shortcut', 'a.url'), '[InternetShortcut]\nURL=https://{H}/bad\n', { silent: 'waits for a hand' }],
  ['message with HTML', 'Content-Type: message/rfc822\nContent-Disposition: inline; filename="inner.eml"\n', `From: a@example.org\nSubject: </title><script>{J}</script>\nMIME-Version: 1.0\nContent-Type: text/html\n\n${HTML}`, { bare: 'text/html', plain: true }],
  ['message with a name that is HTML', 'Content-Type: message/rfc822\nContent-Disposition: attachment; filename="<img src=x onerror={J}>.eml"\n', `From: a@example.org\nSubject: ../../x\n\n${HTML}`, { bare: 'text/html', plain: true }],
  ['image that is one, with a handler in its name', inline('image/png', "a' onerror='{J}.png"), PNG, { silent: NAME_ONLY }],
  ['name with a path', named('../../../etc/passwd'), 'x', { silent: NAME_ONLY }],
  ['name with a path of Windows', named('..\\\\..\\\\C:\\\\Windows\\\\a.exe'), 'x', { silent: NAME_ONLY }],
  ['name that is absolute', named('/etc/cron.d/x'), 'x', { silent: NAME_ONLY }],
  ['name with a line break', "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''a%0d%0aSet-Cookie:%20x=y%0d%0a%0d%0a%3Cscript%3E{J}%3C/script%3E.html\n", 'x', { silent: NAME_ONLY }],
  ['name that runs from right to left', "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''invoice%E2%80%AEfdp.exe\n", 'x', { silent: NAME_ONLY }],
  ['name with isolates and joiners', "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''a%E2%81%A7%E2%80%8D%E2%80%8Bb%E2%81%A9%EF%BB%BF.txt\n", 'x', { silent: NAME_ONLY }],
  ['name with quotes', named('a\\"; filename=\\"b.html\\"; x=\\".txt'), 'x', { silent: NAME_ONLY }],
  ['name that is HTML', named('\\"><script>{J}</script><img src=x onerror={J}>.txt'), 'x', { silent: NAME_ONLY }],
  ['name that is reserved', named('CON'), 'x', { silent: NAME_ONLY }],
  ['name that is reserved, with an ending', named('aux.txt'), 'x', { silent: NAME_ONLY }],
  ['name of a stream', named('a.txt:evil.exe:$DATA'), 'x', { silent: NAME_ONLY }],
  ['name that is hidden', named('.bashrc'), 'x', { silent: NAME_ONLY }],
  ['name of dots and blanks', named('.. . ..'), 'x', { silent: NAME_ONLY }],
  ['name that ends with dots and blanks', named('a.exe . . '), 'x', { silent: NAME_ONLY }],
  ['name of 300 characters', named(`${'n'.repeat(300)}.txt`), 'x', { silent: NAME_ONLY }],
  ['name of nothing', named(''), 'x', { silent: NAME_ONLY }],
  ['name with a NUL', "Content-Type: application/octet-stream\nContent-Disposition: attachment; filename*=utf-8''a.txt%00.exe\n", 'x', { silent: NAME_ONLY }],
  ['name like the one before', named('../../../etc/passwd'), 'y', { silent: NAME_ONLY }],
  ['name that a shell would run', named('$(touch x)`id`;|&.txt'), 'x', { silent: NAME_ONLY }],
  ['name that is an address', named('https://{H}/bad'), 'x', { silent: NAME_ONLY }],
];

function made([title, fields, body, more = {}], at) {
  const number = FIRST_FILE + at;
  const text = more.utf16 ? body : expand(body, number);
  const bytes = more.gzip ? gzipSync(Buffer.from(text, 'latin1')) : Buffer.from(text, 'latin1');
  const head = expand(fields, number);
  const type = more.bare ?? /^Content-Type: *([^;\n]+)/im.exec(head)[1];
  return { number, name: `file: ${title}`, head, bytes, type, ...more };
}

/** All of them: {number, name, head, bytes, type, silent, …}. */
export const attackFiles = () => files.map(made);

function part({ head, bytes, plain }) {
  if (plain) return `${head}\n${bytes.toString('latin1')}`;
  return `${head}Content-Transfer-Encoding: base64\n\n${bytes.toString('base64').match(/.{1,76}/g).join('\n')}`;
}

/** Mails with some of them each: {name, files, mail}. */
export function fileMails() {
  const all = attackFiles();
  const mails = [];
  for (let at = 0; at < all.length; at += PER_MAIL) {
    const chosen = all.slice(at, at + PER_MAIL);
    const parts = ['Content-Type: text/plain\n\nSee the files.', ...chosen.map(part)];
    const body = `Content-Type: multipart/mixed; boundary="=files="\n\n--=files=\n${parts.join('\n--=files=\n')}\n--=files=--\n`;
    const subject = `Subject: =?utf-8?b?${Buffer.from(`../\u202e"><script>alert(${chosen[0].number})</script>\n/x`).toString('base64')}?=\n`;
    mails.push({ name: `files: ${chosen[0].name} and ${chosen.length - 1} more`, files: chosen, mail: message(subject + body) });
  }
  return mails;
}
