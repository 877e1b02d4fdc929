"""Names of attachments, good, odd and hostile (RFC 2231, 2183, 6266)."""

from __future__ import annotations

import base64

from samples.sample import File, Sample, attached, joined, plain, typed

_DATA = b"the file\n"


def _name(name: str, shows: str, fields: str | bytes, shown: str, *, kind: str = "application/octet-stream", data: bytes = _DATA, **expected: object) -> Sample:
    raw = fields if isinstance(fields, bytes) else fields.encode()
    entity = attached("@HERE@", data, kind.replace("\n", "\r\n")).replace(b"@HERE@", raw.replace(b"\n", b"\r\n"))
    body = joined("b", plain("see the file\n"), entity)
    expected.setdefault("files", (File(shown, data),))
    return typed(f"file-{name}", shows, "multipart/mixed; boundary=b", body, **{"text": ("see the file",), **expected})  # type: ignore[arg-type]


_LONG = "x" * 300
SAMPLES: tuple[Sample, ...] = (
    _name("plain", "a name in quotes", '; filename="report 2026.pdf"', "report 2026.pdf"),
    _name("2231", "RFC 2231, 4: a charset and percent signs", "; filename*=UTF-8''%C3%9Cbersicht%20%E6%97%A5%E6%9C%AC.pdf", "Übersicht 日本.pdf"),
    _name("2231-latin", "in ISO-8859-1, with a language", "; filename*=iso-8859-1'de'%DCbersicht.pdf", "Übersicht.pdf"),
    _name("2231-sjis", "in Shift_JIS", "; filename*=shift_jis''" + "".join(f"%{x:02X}" for x in "資料.zip".encode("cp932")), "資料.zip"),
    _name("2231-pieces", "RFC 2231, 3: in pieces", '; filename*0="a very long ";\n filename*1="name of a file";\n filename*2=".txt"', "a very long name of a file.txt"),
    _name("2231-both", "RFC 2231, 4.1: pieces, encoded and not", "; filename*0*=UTF-8''%C3%9Cber;\n filename*1=\"sicht \";\n filename*2*=%E2%82%AC.txt", "Übersicht €.txt"),
    _name("2231-order", "pieces in another order", "; filename*2=\".txt\"; filename*0=one; filename*1=two", "onetwo.txt"),
    _name("2231-split", "a character split between two pieces", "; filename*0*=UTF-8''%C3;\n filename*1*=%9Cb.txt", "Üb.txt"),
    _name("2231-gap", "a piece is missing", '; filename*0="one"; filename*2="three.txt"', "onethree.txt"),
    _name("2231-no-charset", "percent signs without a charset", "; filename*=''%C3%9Cber.txt", "Über.txt"),
    _name("2231-prefers", "RFC 6266, 4.3: the extended form goes before the plain one", "; filename=\"plain.txt\"; filename*=UTF-8''%C3%9Cber.txt", "Über.txt"),
    _name("2231-many", "a name in 60 pieces", "".join(f';\n filename*{at}="ab"' for at in range(60)) + ';\n filename*60=".txt"', "ab" * 60 + ".txt"),
    _name("2047", "RFC 2047 in a parameter, which it forbids; Outlook and Gmail do it", '; filename="=?utf-8?B?w5xiZXJzaWNodC5wZGY=?="', "Übersicht.pdf"),
    _name("2047-unquoted", "the same without quotes", "; filename==?utf-8?Q?=C3=9Cbersicht.pdf?=", "Übersicht.pdf"),
    _name("2047-two", "the same in two folded words", '; filename="=?utf-8?Q?=C3=9Cber?=\n =?utf-8?Q?sicht.pdf?="', "Übersicht.pdf"),
    _name("utf8", "raw UTF-8", '; filename="Übersicht 日本.pdf"', "Übersicht 日本.pdf"),
    _name("latin", "raw Latin-1", b'; filename="\xdcbersicht.pdf"', "Übersicht.pdf"),
    _name("unquoted-blanks", "blanks without quotes, as of scripts", "; filename=my own file.txt", "my own file.txt", dovecot={"files": (File("my", _DATA),)}),
    _name("percent", "percent signs in a plain name stay", '; filename="100%41 sure.txt"', "100%41 sure.txt"),
    _name("escapes", "escaped quotes", '; filename="a \\"b\\" c.txt"', "a _b_ c.txt"),
    _name("name-only", "the name only in Content-Type", "", "old.txt", kind='application/octet-stream; name="old.txt"'),
    _name("both", "another name in each: the disposition's counts", '; filename="new.txt"', "new.txt", kind='application/octet-stream; name="old.txt"'),
    _name("none", "no name at all", "", "attachment.pdf", kind="application/pdf"),
    _name("empty", "an empty name", '; filename=""', "unnamed file"),
    _name("path", "a path of Unix", '; filename="../../etc/passwd"', "passwd"),
    _name("path-windows", "a path of Windows, as of Internet Explorer", '; filename="C:\\\\Users\\\\ben\\\\report.doc"', "report.doc"),
    _name("path-encoded", "a path within percent signs", "; filename*=UTF-8''..%2F..%2Fx%2Fevil.sh", "evil.sh"),
    _name("dots", "a name of dots", '; filename=".."', "unnamed file"),
    _name("trailing", "dots and blanks at its end, which Windows drops", '; filename="run.exe. . "', "run.exe"),
    _name("device", "a device's name of Windows", '; filename="CON.txt"', "_CON.txt"),
    _name("rtl", "RTL override: looks like doc.exe turned", "; filename*=UTF-8''photo%E2%80%AEgpj.exe", "photogpj.exe", absent=("\u202e",)),
    _name("controls", "controls and line breaks", "; filename*=UTF-8''a%0D%0AX-Evil%3A%20b%00%07.txt", "a X-Evil_ b.txt", absent=("\x07", "\x00")),
    _name("long", "300 characters; the ending is kept", f'; filename="{_LONG}.pdf"', "", files=None, text=("x.pdf PDF document",), absent=(_LONG,)),
    _name("long-utf8", "300 characters of three bytes each", "; filename*=UTF-8''" + "%E6%97%A5" * 300 + ".pdf", "", files=None, text=("日.pdf PDF document",), absent=("日" * 300,)),
    _name("markup", "markup in a name is text", '; filename="<img src=x onerror=alert(1)>.html"', "_img src=x onerror=alert(1)_.html"),
    _name("semicolon", "a semicolon within quotes", '; filename="a;b.txt"', "a;b.txt"),
    _name("quote-open", "a quote that is never closed", '; filename="open.txt', "open.txt", dovecot={"files": (File("unnamed file", _DATA),)}),
    _name("single", "single quotes are part of the name", "; filename='single.txt'", "'single.txt'"),
    _name("emoji", "an emoji", "; filename*=UTF-8''%F0%9F%8E%89.txt", "\U0001f389.txt"),
    _name("two", "two names of the same: the first counts", '; filename="first.txt"; filename="second.txt"', "first.txt"),
    _name("no-semicolon", "no semicolon before the name", ' filename="lost.txt"', "unnamed file", alone={"files": None}),
    _name("case", "FILENAME in capitals", '; FILENAME="Loud.TXT"', "Loud.TXT"),
    _name("zero", "a file of no bytes", '; filename="empty.bin"', "empty.bin", data=b""),
    _name("every-byte", "a file of every byte", '; filename="all.bin"', "all.bin", data=bytes(range(256)) * 20),
    _name("svg", "SVG is never shown, only saved", '; filename="x.svg"', "x.svg", kind="image/svg+xml", data=b'<svg onload="alert(1)"/>'),
    _name("type-lies", "a program that calls itself a picture", '; filename="holiday.png.exe"', "holiday.png.exe", kind="image/png", data=b"MZ" + bytes(40)),
    typed("file-8bit", "a text file attached in 8bit", "multipart/mixed; boundary=b",
          joined("b", plain("see\n"), "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\nContent-Disposition: attachment; filename=a.txt\r\n\r\nGrüße\r\n".encode()),
          text=("see",), files=(File("a.txt", "Grüße".encode() + b"\r\n"),)),
    typed("file-bad-base64", "a file in base64 with junk and without padding", "multipart/mixed; boundary=b",
          joined("b", plain("see\n"), b"Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n" + base64.b64encode(b"the bytes!").rstrip(b"=").replace(b"G", b"!G*") + b"\r\n"),
          text=("see",), files=(File("a.bin", b"the bytes!"),)),
    typed("file-many", "40 files", "multipart/mixed; boundary=b",
          joined("b", plain("see\n"), *(attached(f"; filename=f{at:02}.bin", b"%d" % at) for at in range(40))),
          text=("see",), files=tuple(File(f"f{at:02}.bin", b"%d" % at) for at in range(40))),
)
