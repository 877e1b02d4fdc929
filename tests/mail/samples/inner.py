"""Files within parts: winmail.dat (MS-OXTNEF) and uuencode."""

from __future__ import annotations

import binascii
import struct

import message as m

from samples.sample import File, Sample, attached, b64, joined, mail, plain, typed

_PDF = m.pdf("Budget")
_PICTURE = m.png(8, 8, (10, 90, 200))
_BIN = bytes(range(256)) * 9


# -- a small writer of TNEF ---------------------------------------------------


def attribute(level: int, number: int, data: bytes, lie: int = 0) -> bytes:
    """One attribute; lie: added to the length it tells."""
    size = (len(data) + lie) & 0xFFFFFFFF
    return struct.pack("<BII", level, number, size) + data + struct.pack("<H", sum(data) & 0xFFFF)


def _padded(data: bytes) -> bytes:
    return struct.pack("<II", 1, len(data)) + data + bytes(-len(data) % 4)


def properties(*pairs: tuple[int, bytes]) -> bytes:
    """MAPI properties: (id << 16 | type, value) of strings and bytes."""
    found = struct.pack("<I", len(pairs))
    for tag, value in pairs:
        found += struct.pack("<HH", tag & 0xFFFF, tag >> 16) + _padded(value)
    return found


def tnef_file(name: str, data: bytes, long_name: str = "") -> bytes:
    found = attribute(2, 0x00069002, bytes(14))
    found += attribute(2, 0x00018010, name.encode("cp1252", "replace") + b"\0")
    found += attribute(2, 0x0006800F, data)
    if long_name:
        value = long_name.encode("utf-16-le") + b"\0\0"
        found += attribute(2, 0x00069005, properties((0x3707001F, value)))
    return found


def tnef(*attributes: bytes) -> bytes:
    head = struct.pack("<IH", 0x223E9F78, 1)
    head += attribute(1, 0x00089006, b"\0\0\1\0") + attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    head += attribute(1, 0x00078008, b"IPM.Microsoft Mail.Note\0")
    return head + b"".join(attributes)


def _winmail(name: str, shows: str, data: bytes, words: str = "see the files\n", **expected: object) -> Sample:
    body = joined("b", plain(words), attached("; filename=winmail.dat", data, "application/ms-tnef; name=winmail.dat"))
    if expected.get("files"):
        expected["files"] = (File("winmail.dat", data), *expected["files"])  # type: ignore[misc]
    return typed(f"tnef-{name}", shows, "multipart/mixed; boundary=b", body, **expected)


def _html(text: str) -> bytes:
    return attribute(1, 0x00069003, properties((0x10130102, text.encode())))


# -- uuencode ------------------------------------------------------------------


def uu(name: str, data: bytes, zero: str = "`") -> str:
    lines = [binascii.b2a_uu(data[at : at + 45], backtick=zero == "`").decode() for at in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}{zero}\nend\n"


def _text(name: str, shows: str, body: str, **expected: object) -> Sample:
    return mail(f"uu-{name}", shows, "", body, **expected)


SAMPLES: tuple[Sample, ...] = (
    _winmail("files", "two files, as Outlook sends to those it takes for Outlook", tnef(tnef_file("BUDGET~1.PDF", _PDF, "Budget 2026.pdf"), tnef_file("p.png", _PICTURE)),
             text=("see the files",), files=(File("Budget 2026.pdf", _PDF), File("p.png", _PICTURE))),
    _winmail("unicode", "a file's long name in UTF-16", tnef(tnef_file("A.PDF", _PDF, "Übersicht 日本.pdf")), files=(File("Übersicht 日本.pdf", _PDF),)),
    _winmail("path", "a name with a path in it", tnef(tnef_file("x", b"abc", "..\\..\\windows\\evil.exe")), files=(File("evil.exe", b"abc"),)),
    _winmail("none", "no file within: winmail.dat itself is all there is", tnef(), text=("see the files", "winmail.dat"), files=None),
    _winmail("cut", "cut within its second file", tnef(tnef_file("one.bin", _BIN), tnef_file("two.bin", _BIN))[:-600], files=None, text=("see the files", "one.bin"), notices=("winmail.dat is damaged",)),
    _winmail("lies", "a length of 4 GB", tnef(tnef_file("one.bin", b"first"), attribute(2, 0x0006800F, b"x", lie=-2)), files=None, text=("see the files", "one.bin"), notices=("winmail.dat is damaged",)),
    _winmail("garbage", "winmail.dat that is no TNEF", b"not at all" * 50, files=None, text=("see the files",)),
    typed("tnef-alone", "winmail.dat is the whole message, with its text inside",
          "application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64",
          b64(tnef(attribute(1, 0x0002800C, b"the text inside\r\n\0"), tnef_file("a.bin", _BIN))),
          files=None, text=("a.bin",)),
    _winmail("html", "HTML within", tnef(_html("<p>the rich text</p>"), tnef_file("a.bin", b"abc")), files=(File("a.bin", b"abc"),)),
    _text("one", "a file between lines of text", "before\n\n" + uu("data.bin", _BIN) + "\nbehind\n", text=("before", "behind"), files=(File("data.bin", _BIN),), absent=("M``$\"`P0%!@<(",)),
    _text("two", "two files", uu("a.txt", b"first\n") + "between\n" + uu("b.txt", b"second\n"), text=("between",), files=(File("a.txt", b"first\n"), File("b.txt", b"second\n"))),
    _text("spaces", "blanks for zeros, as the first uuencode wrote", uu("z.bin", bytes(100), " "), files=(File("z.bin", bytes(100)),)),
    _text("name", "a name with blanks and a path", uu("my files/the report.doc", b"doc"), files=(File("the report.doc", b"doc"),)),
    _text("no-end", "no end", uu("a.bin", _BIN).replace("`\nend\n", ""), files=None, text=()),
    _text("words", "text that begins with the word begin is text", "begin at the beginning,\nbegin 644 times over\nand end\n",
          text=("begin at the beginning", "times over", "and end"), files=()),
    _text("yenc", "yEnc is not read, and the page says so", "=ybegin line=128 size=5 name=a.bin\n*+,-.\n=yend size=5\n", files=(), notices=("yEnc",)),
    _text("quoted", "a quoted file in a reply is text", "> begin 644 a.txt\n> #86)C\n> `\n> end\n", text=("begin 644 a.txt",), files=()),
)
