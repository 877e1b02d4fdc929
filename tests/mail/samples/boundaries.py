"""Broken multiparts and broken MIME fields (RFC 2045, 2046, 5.1)."""

from __future__ import annotations

from samples.sample import File, Sample, attached, b64, html, joined, mail, multi, octets, part, plain, typed, whole

_TWO = (plain("the words\n"), attached("; filename=a.bin", b"abc"))
_ABC = (File("a.bin", b"abc"),)


def _mixed(name: str, shows: str, kind: str, body: bytes, **expected: object) -> Sample:
    return typed(f"boundary-{name}", shows, f"multipart/mixed{kind}", body, **expected)


def _type(name: str, shows: str, fields: str, body: str | bytes = "The text of it.\n", **expected: object) -> Sample:
    return mail(f"type-{name}", shows, fields, body, **expected)


SAMPLES: tuple[Sample, ...] = (
    _mixed("no-end", "the last line is missing, as of cut messages", "; boundary=b", joined("b", *_TWO, end=False), text=("the words",), files=_ABC),
    _mixed("cut-in-file", "a message cut within its file", "; boundary=b", joined("b", plain("the words\n"), attached("; filename=a.bin", b"abc" * 99)[:-40], end=False),
           text=("the words",), files=(File("a.bin"),)),
    _mixed("prefix", "a boundary that begins like another, as of Lotus", '; boundary="=_x"',
           joined("=_x", multi("alternative", "=_x_1", plain("simple\n"), html("<p>rich</p>")), attached("; filename=a.bin", b"abc")), text=("rich",), files=_ABC),
    _mixed("blanks", "RFC 2046, 5.1.1: blanks behind the boundary", "; boundary=b", joined("b", *_TWO).replace(b"--b\r\n", b"--b  \t\r\n"), text=("the words",), files=_ABC),
    _mixed("odd", "a boundary of odd characters", '''; boundary="'()+_,-./:=? x"''', joined("'()+_,-./:=? x", *_TWO), text=("the words",), files=_ABC),
    _mixed("unquoted", "a boundary with = and without quotes", "; boundary=----=_Part_1.2", joined("----=_Part_1.2", *_TWO), text=("the words",), files=_ABC),
    _mixed("long", "a boundary of 200 characters, where 70 are allowed", f"; boundary={'x' * 200}", joined("x" * 200, *_TWO), text=("the words",), files=_ABC),
    _mixed("none", "no boundary at all", "", joined("b", *_TWO), text=("the words",), files=None),
    _mixed("empty", "an empty boundary", '; boundary=""', joined("", *_TWO), text=("the words",), files=None),
    _mixed("never", "a boundary that never comes", "; boundary=never", joined("b", *_TWO), text=("the words",), files=None),
    _mixed("2231", "RFC 2231: the boundary in two pieces", '; boundary*0="one";\n boundary*1="two"', joined("onetwo", *_TWO), text=("the words",), files=_ABC),
    _mixed("case", "the boundary counts with its case", "; boundary=Bb", joined("Bb", plain("--bb\nis text\n"), _TWO[1]), text=("is text",), files=_ABC),
    _mixed("same", "the same boundary inside and outside", "; boundary=b", joined("b", multi("mixed", "b", plain("the words\n"))), text=("the words",), files=None),
    _mixed("lf", "parts whose lines end with LF", "; boundary=b", joined("b", *_TWO).replace(b"\r\n", b"\n"), text=("the words",), files=_ABC),
    _mixed("no-blank-line", "a part without the empty line behind its header", "; boundary=b", b"--b\r\nContent-Type: text/plain\r\n--b\r\nContent-Type: text/plain\r\n\r\nthe words\r\n--b--\r\n", text=("the words",), files=None),
    _mixed("no-header", "a part without a header", "; boundary=b", b"--b\r\n\r\nthe words\r\n--b--\r\n", text=("the words",), files=()),
    _mixed("empty-parts", "empty parts among others", "; boundary=b", b"--b\r\n--b\r\n\r\n--b\r\n\r\nthe words\r\n--b--\r\n", text=("the words",), files=None),
    _mixed("preamble", "RFC 2046, 5.1.1: what stands before and behind the parts is not for readers", "; boundary=b",
           joined("b", *_TWO, pre="This is a multi-part message in MIME format.\n", post="an epilogue\n"),
           text=("the words",), absent=("multi-part message", "epilogue"), files=_ABC),
    _mixed("only-preamble", "a multipart without parts: what is there is shown", "; boundary=b", octets("only a prologue\n"), text=("only a prologue",), files=None),
    _mixed("nothing", "a multipart with nothing in it", "; boundary=b", b""),
    _mixed("early-end", "parts behind the end of the multipart are not part of it", "; boundary=b",
           joined("b", plain("the words\n")) + joined("b", plain("the late words\n")), text=("the words",), files=None),
    _mixed("outer-lost", "an inner multipart that never ends before the outer one goes on", "; boundary=o",
           joined("o", multi("alternative", "i", plain("the words\n"), end=False), attached("; filename=a.bin", b"abc")), text=("the words",), files=_ABC),
    # -- fields of MIME
    _type("no-version", "no MIME-Version, as of scripts", 'Content-Type: multipart/mixed; boundary="b"\n', joined("b", *_TWO), text=("the words",), files=_ABC),
    _type("version-odd", "MIME-Version with comments and another number", "MIME-Version: (produced by x) 2.0\nContent-Type: text/html\n", "<p>the <b>rich</b> words</p>\n", text=("the rich words",)),
    _type("only-text", "Content-Type: text", "Content-Type: text\n"),
    _type("text-slash", "Content-Type: text/", "Content-Type: text/\n", exact=None, text=("The text of it.",), files=None),
    _type("backwards", "Content-Type: plain/text, as of scripts", "Content-Type: plain/text\n", exact=None, files=None),
    _type("no-value", "a parameter without a value", "Content-Type: text/plain; charset\n"),
    _type("empty-charset", "an empty charset", "Content-Type: text/plain; charset=\n"),
    _type("semicolons", "semicolons too many", "Content-Type: text/plain;; charset=utf-8;;\n", "Grüße\n", exact="Grüße"),
    _type("no-semicolon", "no semicolon before the parameter", "Content-Type: text/plain charset=koi8-r\nContent-Transfer-Encoding: quoted-printable\n", "=F0=D2=C9\n", exact=None),
    _type("blanks", "blanks around / and =", "Content-Type: text / plain ; charset = koi8-r\nContent-Transfer-Encoding: quoted-printable\n", "=F0=D2=C9\n", exact=None),
    _type("comments", "comments within Content-Type", "Content-Type: text/plain (plain) ; charset=(mine)utf-8 (that is)\n", "Grüße\n", exact="Grüße"),
    _type("twice", "two Content-Types: the first counts", "Content-Type: text/plain\nContent-Type: text/html\n", "<b>x</b>\n", exact=None, text=("x",)),
    _type("empty", "an empty Content-Type", "Content-Type:\n"),
    _type("garbage", "a Content-Type that is none", "Content-Type: ???\n", exact=None, files=None),
    _type("html-capitals", "TEXT/HTML", "Content-Type: TEXT/HTML; CHARSET=UTF-8\n", "<p>the <i>rich</i> words</p>\n", text=("the rich words",)),
    _type("unknown-text", "text of a kind nobody shows is still text", "Content-Type: text/x-log\n", exact=None, files=None),
    _type("markdown", "text/markdown", "Content-Type: text/markdown; charset=utf-8\n", "# Head\n\n*words*\n", exact=None, files=None),
    _type("csv", "text/csv alone", "Content-Type: text/csv\n", "a,b\n1,2\n", exact=None, files=None),
    _type("json", "application/json without a name", "Content-Type: application/json\n", "{}\n", exact=None, files=None),
    _type("xhtml", "application/xhtml+xml", "Content-Type: application/xhtml+xml\n", "<html/>\n", exact=None, files=None),
    _type("two-dispositions", "two Content-Dispositions", "Content-Type: text/plain\nContent-Disposition: inline\nContent-Disposition: attachment; filename=x.txt\n", exact=None, files=(File("x.txt", b"The text of it.\r\n"),), alone={"files": (), "text": ("text of it",)}),
    _type("bad-disposition", "a Content-Disposition nobody knows, RFC 2183, 2.8: an attachment", "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
          joined("b", plain("the words\n"), part("Content-Type: application/octet-stream\nContent-Disposition: strange; filename=a.bin\nContent-Transfer-Encoding: base64", b64(b"abc"))),
          text=("the words",), files=_ABC),
    whole("empty-message-part", "an attached message that is empty", multi("mixed", "m", plain("see\n"), part("Content-Type: message/rfc822", "")), text=("see",), files=None),
    mail("empty-body", "no text at all", body="", notices=("no text",)),
    Sample("header-only", "a header without the empty line behind it", octets("From: Ben Okafor <ben@example.com>\nSubject: only a header\n"),
           subject="only a header", sender=("Ben Okafor <ben@example.com>",)),
    Sample("nothing", "one empty line is the whole message", b"\r\n", subject="(no subject)", sender=()),
)
