"""Transfer encodings, right, broken and unknown (RFC 2045, 6)."""

from __future__ import annotations

import base64

from samples.sample import File, Sample, b64, joined, octets, part, plain, typed

_GREET = "Grüße aus Köln"
_LONG = "A line of text that is long enough to be cut somewhere. " * 4


def _text(name: str, shows: str, way: str, body: str | bytes, exact: str | None, **more: object) -> Sample:
    kind = f"text/plain; charset=utf-8\nContent-Transfer-Encoding: {way}"
    return typed(f"transfer-{name}", shows, kind, body, exact=exact, **more)


_B = base64.b64encode(f"{_GREET}\r\n".encode()).decode()
SAMPLES: tuple[Sample, ...] = (
    _text("b64-no-padding", "base64 without padding", "base64", base64.b64encode(b"Good morn").decode().rstrip("=") + "\n", "Good morn"),
    _text("b64-one-line", "base64 on one line of 8,000 characters", "base64", b64(_LONG.encode() * 26, 99999), (_LONG * 26).strip()),
    _text("b64-junk", "characters in base64 that are none", "base64", "SGVs!!bG8g\n  d29*y\n?bGQ=\n", "Hello world"),
    _text("b64-pieces", "padding in the middle: pieces encoded one by one and joined", "base64", "SGVsbG8=\nIHdvcmxk\n", "Hello world"),
    _text("b64-too-much", "more padding than there is room for", "base64", "SGVsbG8=====\n", "Hello"),
    _text("b64-cut", "base64 cut after a letter that says nothing", "base64", "SGVsbG8gd29ybGQhI\n", "Hello world!"),
    _text("b64-text-after", "a footer in clear behind base64, as of a mailing list", "base64",
          f"{_B}\n\n_______________________________________________\ngarden mailing list\n", None, text=(_GREET,)),
    _text("b64-empty", "base64 of nothing", "base64", "\n", None, notices=("no text",)),
    _text("b64-case", "the encoding in capitals, with a comment", "BASE64 (as usual)", f"{_B}\n", _GREET),
    _text("b64-quoted", "the encoding in quotes; Dovecot does not know it", '"base64"', f"{_B}\n", _GREET, dovecot={"exact": _B}),
    _text("b64-not", "plain text that is labelled base64", "base64", "This is, plainly said, not encoded at all!\n", None),
    _text("qp", "quoted-printable", "quoted-printable", "Gr=C3=BC=C3=9Fe aus K=C3=B6ln\n", _GREET),
    _text("qp-lower", "hexadecimal in lower case", "quoted-printable", "Gr=c3=bc=c3=9fe aus K=c3=b6ln\n", _GREET),
    _text("qp-broken", "= without two digits", "quoted-printable", "100=ZZ percent = x=4\n", "100=ZZ percent = x=4"),
    _text("qp-soft-end", "a soft break as the last line", "quoted-printable", "the end=\n", "the end"),
    _text("qp-soft-eof", "= as the very last byte", "quoted-printable", b"the end=", None, text=("the end",)),
    _text("qp-soft-blank", "blanks behind a soft break, as of gateways", "quoted-printable", "one =  \ntwo\n", "one two"),
    _text("qp-split", "a character split by a soft break", "quoted-printable", "Gr=C3=\n=BC=C3=\n=9Fe\n", "Grüße"),
    _text("qp-blank-ends", "blanks at the end of a line were added on the way", "quoted-printable", "one   \ntwo=20\n", "one\ntwo"),
    _text("qp-8bit", "raw 8-bit bytes in quoted-printable", "quoted-printable", "Grüße =3D aus K=C3=B6ln\n", "Grüße = aus Köln"),
    _text("qp-long", "a line of 5,000 characters", "quoted-printable", "word " * 1000 + "\n", ("word " * 1000).strip()),
    _text("qp-not", "plain text that is labelled quoted-printable", "quoted-printable", "a=b and x == y, https://example.com/?a=20b\n",
          None, text=("and x",)),
    _text("8bit", "8bit", "8bit", f"{_GREET}\n", _GREET),
    _text("binary", "binary, with lines that end with LF", "binary", f"{_GREET}\nmore\n".encode(), f"{_GREET}\nmore"),
    _text("7bit-lies", "7bit that is not", "7bit", f"{_GREET}\n", _GREET),
    _text("unknown", "an encoding nobody knows", "x-secret", f"{_GREET}\n", _GREET),
    _text("empty", "an empty Content-Transfer-Encoding", "", f"{_GREET}\n", _GREET),
    _text("uuencode", "x-uuencode, as of gateways of the eighties", "x-uuencode",
          "begin 644 t\n+2&5L;&\\@=V]R;&0`\n`\nend\n", None, files=(File("t", b"Hello world"),)),
    _text("twice", "two encodings: the first counts", f"base64\nContent-Transfer-Encoding: 7bit", f"{_B}\n", None),
    typed("transfer-multipart-qp", "RFC 2045, 6.4 forbids encoded multiparts; some gateways label them",
          'multipart/mixed; boundary="b"\nContent-Transfer-Encoding: quoted-printable',
          joined("b", plain("inside =3D it\n")), text=("inside",)),
    typed("transfer-multipart-b64", "a multipart really encoded in base64",
          'multipart/mixed; boundary="b"\nContent-Transfer-Encoding: base64',
          b64(joined("b", plain("inside it\n"))), files=None),
    typed("transfer-html-b64", "HTML in base64", "text/html; charset=koi8-r\nContent-Transfer-Encoding: base64",
          b64("<p>Привет, <b>мир</b></p>".encode("koi8-r")), text=("Привет, мир",)),
    typed("transfer-part-own", "each part has an encoding of its own", 'multipart/mixed; boundary="b"',
          joined("b", part("Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64", b64("eins ü\n".encode())),
                 part("Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable", "zwei =FC\n"),
                 part("Content-Type: text/plain; charset=utf-8", octets("drei ü\n"))),
          text=("eins ü", "zwei ü", "drei ü")),
)
