"""Messages made to cost much: time, memory, stack. Name, what it tries, bytes."""

from __future__ import annotations

import base64
import struct
import sys
import zlib
from pathlib import Path
from typing import Callable

sys.path.insert(0, str(Path(__file__).resolve().parent))

from samples import calendars, inner  # noqa: E402
from samples.sample import joined, octets, plain, part  # noqa: E402

Table = tuple[tuple[str, str, Callable[[], bytes]], ...]
MB = 1 << 20
_FROM = b"From: Ben <ben@example.com>\r\n"
_REST = b"To: anna@demo.test\r\nSubject: crafted\r\nDate: Fri, 20 Nov 2026 10:00:00 +0000\r\n"


def _mail(fields: bytes, body: bytes, sender: bytes = _FROM) -> bytes:
    return sender + _REST + b"MIME-Version: 1.0\r\n" + fields + b"\r\n" + body


def _text(body: bytes, kind: bytes = b"text/plain; charset=utf-8") -> bytes:
    return _mail(b"Content-Type: " + kind + b"\r\n", body)


def _html(body: bytes) -> bytes:
    return _text(body, b"text/html; charset=utf-8")


def _head(field: bytes) -> bytes:
    return _mail(field, b"the text\r\n", b"" if field.startswith(b"From:") else _FROM)


def _mixed(body: bytes) -> bytes:
    return _text(body, b"multipart/mixed; boundary=b")


def _nested_multiparts(levels: int) -> bytes:
    pieces = [b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (at, at) for at in range(levels)]
    return _FROM + _REST + b"".join(pieces) + b"Content-Type: text/plain\r\n\r\nbottom\r\n"


def _nested_messages(levels: int) -> bytes:
    return _FROM + _REST + b"Content-Type: message/rfc822\r\n\r\n" * levels + b"Subject: bottom\r\n\r\ntext\r\n"


def _file(name: bytes, kind: bytes, data: bytes) -> bytes:
    head = b"Content-Type: %s\r\nContent-Disposition: attachment; filename=%s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head % (kind, name) + base64.encodebytes(data).replace(b"\n", b"\r\n")


def _calendar(event: str) -> bytes:
    return _text(octets(calendars.calendar(event)), b"text/calendar; method=REQUEST; charset=utf-8")


def _tnef(data: bytes) -> bytes:
    return _mixed(joined("b", plain("see\n"), _file(b"winmail.dat", b"application/ms-tnef", data)))


def _uu(count: int) -> bytes:
    return b"begin 644 big.bin\r\n" + b"M" + b"!" * 60 + (b"\r\nM" + b"!" * 60) * (count // 63) + b"\r\n`\r\nend\r\n"


def _bomb() -> bytes:
    """A gzip of zeros within base64: nobody may unpack what was not asked for."""
    return _file(b"bomb.gz", b"application/gzip", zlib.compress(bytes(64 * MB), 9))


_HEADER: Table = (
    ("parentheses", "a million ( in From", lambda: _head(b"From: " + b"(" * MB + b"\r\n")),
    ("parentheses-type", "half a million ( in Content-Type", lambda: _head(b"Content-Type: text/plain " + b"(" * (MB // 2) + b"\r\n")),
    ("parentheses-date", "half a million ( in Date", lambda: _FROM + b"Date: " + b"(" * (MB // 2) + b"\r\n\r\ntext\r\n"),
    ("groups", "50,000 groups within groups", lambda: _head(b"Cc: " + b"g:" * 50000 + b"a@b" + b";" * 50000 + b"\r\n")),
    ("quotes", "a million quotes and backslashes in From", lambda: _head(b"From: " + b'"\\' * (MB // 2) + b"\r\n")),
    ("angles", "a million < in From", lambda: _head(b"From: " + b"<" * MB + b"\r\n")),
    ("commas", "a million commas in Cc", lambda: _head(b"Cc: " + b"," * MB + b"\r\n")),
    ("recipients", "20,000 recipients", lambda: _head(b"Cc: " + b",\r\n ".join(b"Reader %d <r%d@example.com>" % (x, x) for x in range(20000)) + b"\r\n")),
    ("header-lines", "200,000 lines of header", lambda: _head(b"".join(b"X-%d: %d\r\n" % (x, x) for x in range(200000)))),
    ("header-folds", "200,000 folds in the Subject", lambda: _FROM + b"Subject: a\r\n" + b" b\r\n" * 200000 + b"\r\ntext\r\n"),
    ("header-huge", "a field of 8 MB", lambda: _head(b"X-Huge: " + b"x" * (8 * MB) + b"\r\n")),
    ("words", "50,000 encoded-words in the Subject", lambda: _FROM + b"Subject: " + b"=?utf-8?Q?=C3=BC?= " * 50000 + b"\r\n\r\ntext\r\n"),
    ("words-open", "half a million =? in the Subject", lambda: _FROM + b"Subject: " + b"=?utf-8?Q?" * 50000 + b"\r\n\r\ntext\r\n"),
    ("words-charsets", "10,000 encoded-words, each in another charset", lambda: _FROM + b"Subject: " + b" ".join(b"=?%s?B?gqCC?=" % (b"iso-2022-jp" if x % 3 else b"x%d" % x) for x in range(10000)) + b"\r\n\r\ntext\r\n"),
    ("references", "100,000 References", lambda: _head(b"References: " + b"".join(b"<%d@x>\r\n " % x for x in range(100000)) + b"\r\n")),
    ("parameters", "50,000 parameters in Content-Type", lambda: _head(b"Content-Type: text/plain" + b"".join(b"; p%d=x" % x for x in range(50000)) + b"\r\n")),
    ("pieces", "20,000 pieces of a file's name", lambda: _mixed(b"--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment" + b"".join(b";\r\n filename*%d*=%%41" % x for x in range(20000)) + b"\r\n\r\nx\r\n--b--\r\n")),
    ("received", "10,000 Authentication-Results", lambda: _head(b"".join(b"Authentication-Results: x; spf=pass smtp.mailfrom=a@b (%s)\r\n" % (b"(" * 50) for x in range(10000)))),
    ("domains", "a domain of 100,000 labels in punycode", lambda: _head(b"From: a@" + b"xn--a-." * 100000 + b"com\r\n")),
)
_STRUCTURE: Table = (
    ("nested-5k", "5,000 multiparts within each other", lambda: _nested_multiparts(5000)),
    ("nested-100k", "100,000 multiparts within each other", lambda: _nested_multiparts(100000)),
    ("messages-100k", "100,000 messages within each other", lambda: _nested_messages(100000)),
    ("messages-40", "40 messages within each other, each with a text of 100 KB", lambda: _wide_messages(40, 100000)),
    ("parts-100k", "100,000 empty parts", lambda: _mixed(b"--b\r\n\r\n\r\n" * 100000 + b"--b--\r\n")),
    ("parts-texts", "1,900 texts, each of which would be shown", lambda: _mixed(b"--b\r\nContent-Type: text/plain\r\n\r\nsome words\r\n" * 1900 + b"--b--\r\n")),
    ("parts-html", "500 HTML texts", lambda: _mixed(b"--b\r\nContent-Type: text/html\r\n\r\n<p>some words</p>\r\n" * 500 + b"--b--\r\n")),
    ("parts-messages", "1,000 attached messages", lambda: _mixed(b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nsome words\r\n" * 1000 + b"--b--\r\n")),
    ("parts-calendars", "500 calendars", lambda: _mixed((b"--b\r\n" + part("Content-Type: text/calendar", calendars.calendar("DTSTART:20261201T090000Z\nSUMMARY:x\n")) + b"\r\n") * 500 + b"--b--\r\n")),
    ("parts-tnef", "200 winmail.dat", lambda: _mixed((b"--b\r\n" + _file(b"winmail.dat", b"application/ms-tnef", inner.tnef(inner.tnef_file("a", b"x" * 1000)))) * 200 + b"--b--\r\n")),
    ("boundary-lines", "half a million lines that begin like the boundary", lambda: _text(b"--bbbbbbbbbbbbbbbbbbbbbbb\r\n" * 300000, b"multipart/mixed; boundary=bbbbbbbbbbbbbbbbbbbbbbbc")),
)
_TEXT: Table = (
    ("one-line", "10 MB of text on one line", lambda: _text(b"word " * (2 * MB))),
    ("one-word", "10 MB of one letter", lambda: _text(b"x" * (10 * MB))),
    ("line-ends", "4 MB of line ends", lambda: _text(b"\r\n" * (2 * MB))),
    ("quoted", "5 MB of quoted text, deep", lambda: _text((b">" * 60 + b" words\r\n") * 77000)),
    ("quote-stairs", "quotes that go up and down 2,000 levels", lambda: _text(b"".join(b">" * (x % 2000) + b" x\r\n" for x in range(2000)))),
    ("quote-toggle", "300,000 quotes of one line", lambda: _text(b"> a\r\nb\r\n" * 300000)),
    ("flowed", "10 MB of flowed lines", lambda: _text(b"words \r\n" * (10 * MB // 8), b"text/plain; charset=utf-8; format=flowed; delsp=yes")),
    ("flowed-quotes", "flowed quotes of changing depth", lambda: _text(b"".join(b">" * (x % 90) + b" w \r\n" for x in range(60000)), b"text/plain; format=flowed")),
    ("links", "100,000 addresses in plain text", lambda: _text(b"https://example.com/a?b=c " * 100000)),
    ("links-like", "2 MB that are almost addresses", lambda: _text(b"http://http://www.www.a@a@a.a.:::///" * 58000)),
    ("links-at", "2 MB of a.a.a.@", lambda: _text(b"a." * MB + b"@")),
    ("charset-jp", "4 MB of broken ISO-2022-JP", lambda: _text(b"\x1b$B\x7f\x7f\x1b(" * (4 * MB // 7), b"text/plain; charset=iso-2022-jp")),
    ("charset-utf7", "4 MB of broken UTF-7", lambda: _text(b"+AGEA/" * (4 * MB // 6), b"text/plain; charset=utf-7")),
    ("controls", "8 MB of controls", lambda: _text(b"\x01\x02\x1b" * (8 * MB // 3))),
    ("marks", "2 MB of combining marks", lambda: _text("\u0301".encode() * MB)),
    ("base64", "20 MB of text in base64", lambda: _mail(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", base64.encodebytes(b"words \n" * (2 * MB)))),
    ("base64-junk", "20 MB of what is no base64", lambda: _mail(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n", b"!?*-" * (5 * MB))),
    ("qp", "10 MB of soft line breaks", lambda: _mail(b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n", b"=\r\n" * (10 * MB // 3))),
)
_HTML: Table = (
    ("html-divs", "4 MB of nested elements", lambda: _html(b"<div>" * (4 * MB // 5))),
    ("html-tables", "nested tables", lambda: _html(b"<table><tr><td>" * 200000)),
    ("html-formatting", "formatting elements that are never closed (adoption agency)", lambda: _html(b"<p><b><i><u><font size=1>x" * 40000)),
    ("html-misnested", "formatting elements closed in the wrong order", lambda: _html(b"<a><b><i><div></a></b></i>" * 60000)),
    ("html-anchors", "200,000 links within each other", lambda: _html(b"<a href=https://example.com/>" * 140000)),
    ("html-attributes", "an element of 100,000 attributes", lambda: _html(b"<p " + b"".join(b"a%d=1 " % x for x in range(100000)) + b">x")),
    ("html-attribute-long", "an attribute of 4 MB", lambda: _html(b'<p title="' + b"x" * (4 * MB) + b'">x')),
    ("html-entities", "4 MB of entities", lambda: _html(b"&amp;&nosuchentity&#1234567890;" * (4 * MB // 31))),
    ("html-comments", "comments that are never closed", lambda: _html(b"<!--" * MB)),
    ("html-images", "100,000 images", lambda: _html(b"<img src=https://example.com/a.png>" * 100000)),
    ("html-cids", "50,000 images by cid:, and one picture", lambda: _text(joined("b", part("Content-Type: text/html", "<img src=cid:a>" * 50000), b"Content-Type: image/png\r\nContent-ID: <a>\r\n\r\nx"), b"multipart/related; boundary=b")),
    ("html-select", "selects, options and tables in each other", lambda: _html(b"<select><option><table><tr><select>" * 80000)),
    ("html-text", "4 MB of plain words as HTML", lambda: _html(b"words and words " * (MB // 4))),
    ("html-mathml", "svg, math and html in turns", lambda: _html(b"<svg><foreignObject><math><mi><p>" * 60000)),
    ("css-brackets", "a million ( and { in a style sheet", lambda: _html(b"<style>" + b"a{b:(" * (MB // 5) + b"</style>x")),
    ("css-hostile", "1 MB of CSS made for backtracking", lambda: _html(b"<style>" + b"a" + b":not(a" * 170000 + b"{color:red}</style>x")),
    ("css-rules", "100,000 rules", lambda: _html(b"<style>" + b"p.a{color:red;margin:0}\n" * 100000 + b"</style><p class=a>x")),
    ("css-escapes", "1 MB of escapes and comments", lambda: _html(b"<style>" + b"\\61/**/\\000062 " * 70000 + b"{color:red}</style>x")),
    ("css-inline", "40,000 elements with style attributes", lambda: _html(b'<p style="color:#123456;background:rgb(1,2,3);margin:1px 2px 3px 4px">x' * 40000)),
    ("css-one-style", "a style attribute of 3 MB", lambda: _html(b'<p style="' + b"color:red;" * (3 * MB // 10) + b'">x')),
    ("css-selectors", "a selector list of 2 MB before many elements", lambda: _html(b"<style>" + b"p b i," * (2 * MB // 6) + b"a{color:red}</style>" + b"<p><b><i>x" * 20000)),
)
_INSIDE: Table = (
    ("calendar-rrule", "a rule that never ends", lambda: _calendar("DTSTART:19700101T000000Z\nRRULE:FREQ=SECONDLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=30;COUNT=2147483647\nSUMMARY:x\n")),
    ("calendar-events", "50,000 events", lambda: _text(octets("BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\nDTSTART:20261201T090000Z\nSUMMARY:x\nEND:VEVENT\n" * 50000 + "END:VCALENDAR\n"), b"text/calendar")),
    ("calendar-nested", "100,000 BEGINs", lambda: _text(b"BEGIN:VCALENDAR\r\n" + b"BEGIN:VEVENT\r\n" * 100000, b"text/calendar")),
    ("calendar-fold", "a line folded a million times", lambda: _text(octets("BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20261201T090000Z\nSUMMARY:x\n" + " y\n" * MB + "END:VEVENT\nEND:VCALENDAR\n"), b"text/calendar")),
    ("calendar-zones", "5,000 time zones with 100 rules each", lambda: _text(octets("BEGIN:VCALENDAR\n" + ("BEGIN:VTIMEZONE\nTZID:z\n" + "BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:STANDARD\n" * 20 + "END:VTIMEZONE\n") * 1000 + "BEGIN:VEVENT\nDTSTART;TZID=z:20261201T090000\nSUMMARY:x\nEND:VEVENT\nEND:VCALENDAR\n"), b"text/calendar")),
    ("vcard", "100,000 cards", lambda: _text(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n" * 100000, b"text/vcard")),
    ("vcard-photo", "a card with a picture of 8 MB", lambda: _text(b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nPHOTO;ENCODING=b:" + b"QUJD" * (2 * MB) + b"\r\nEND:VCARD\r\n", b"text/vcard")),
    ("tnef-lengths", "TNEF whose lengths lie", lambda: _tnef(inner.tnef(*(inner.attribute(2, 0x0006800F, b"x" * 9, lie=(x * 7919) & 0xFFFFFFFF) for x in range(20000))))),
    ("tnef-files", "100,000 files within winmail.dat", lambda: _tnef(inner.tnef(*(inner.tnef_file("a", b"x") for _ in range(100000))))),
    ("tnef-properties", "a MAPI property count of four billion", lambda: _tnef(inner.tnef(inner.attribute(1, 0x00069003, b"\xff\xff\xff\xff" + b"\x1f\x00\x07\x37\xff\xff\xff\xff" * 100000)))),
    ("tnef-large", "winmail.dat of 15 MB", lambda: _tnef(inner.tnef(inner.tnef_file("a.bin", bytes(15 * MB))))),
    ("uuencode", "20 MB of uuencode", lambda: _text(_uu(20 * MB))),
    ("uuencode-many", "50,000 uuencoded files", lambda: _text(b"begin 644 a\r\n#86)C\r\n`\r\nend\r\n" * 50000)),
    ("uuencode-open", "200,000 begins without an end", lambda: _text(b"begin 644 a\r\nM\r\n" * 200000)),
    ("report", "a delivery report of 20,000 recipients", lambda: _text(joined("b", plain("x\n"), part("Content-Type: message/delivery-status", "Reporting-MTA: dns; x\n" + "\nFinal-Recipient: rfc822; a@b\nAction: failed\nStatus: 5.0.0\n" * 20000)), b"multipart/report; report-type=delivery-status; boundary=b")),
    ("bomb", "64 MB of zeros, packed", lambda: _mixed(joined("b", plain("x\n"), _bomb()))),
    ("png-bomb", "a picture of 60,000 times 60,000 points", lambda: _mixed(joined("b", plain("x\n"), _file(b"big.png", b"image/png", _wide_png())))),
)


def _wide_messages(levels: int, count: int) -> bytes:
    data = b"Subject: bottom\r\n\r\n" + b"words " * (count // 6)
    for _ in range(levels):
        data = b"Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" + joined(
            "b", plain("words " * (count // 6)), b"Content-Type: message/rfc822\r\n\r\n" + data
        )
    return _FROM + data


def _wide_png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(4 * MB), 9)) + chunk(b"IEND", b"")


GROUPS: dict[str, Table] = {
    "header": _HEADER,
    "structure": _STRUCTURE,
    "text": _TEXT,
    "html": _HTML,
    "inside": _INSIDE,
}
