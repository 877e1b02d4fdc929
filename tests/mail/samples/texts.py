"""Plain and HTML texts as people read them (RFC 3676)."""

from __future__ import annotations

from samples.sample import Sample, b64, mail, typed

_FLOWED = "text/plain; charset=utf-8; format=flowed"


def _flowed(name: str, shows: str, body: str, exact: str | None, kind: str = _FLOWED, **more: object) -> Sample:
    return typed(f"flowed-{name}", shows, kind, body, exact=exact, **more)


def _html(name: str, shows: str, body: str, **more: object) -> Sample:
    return typed(f"html-{name}", shows, "text/html; charset=utf-8", body, **more)


SAMPLES: tuple[Sample, ...] = (
    _flowed("plain", "RFC 3676: lines that end with a blank flow on", "This is one \nlong line.\nThis is another.\n", "This is one long line.\nThis is another."),
    _flowed("delsp", "DelSp: the blank before the break goes, as in Japanese", "日本 \n語の \n手紙\n", "日本語の手紙", f"{_FLOWED}; delsp=yes"),
    _flowed("stuffed", "RFC 3676, 4.4: stuffed blanks; what begins with > is shown as a quote all the same", " From here\n > no quote\n  two blanks\n", "From here\nno quote\n two blanks"),
    _flowed("signature", "RFC 3676, 4.3: the line above a signature does not flow", "text\n-- \nBen\n", "text\n--\nBen"),
    _flowed("quotes", "flowed quotes of two depths", "> You wrote \n> this.\n>> and I \n>> that.\nYes.\n", None, text=("You wrote this.", "and I that.", "Yes.")),
    _flowed("case", "Format=FLOWED in capitals", "one \ntwo\n", "one two", 'Text/Plain; Charset="UTF-8"; Format="Flowed"'),
    _flowed("not", "blanks at line ends mean nothing without format=flowed", "one \ntwo\n", "one\ntwo", "text/plain; charset=utf-8"),
    mail("text-quotes", "quotes of five depths", body="top\n> one\n> > two\n>>> three\n>>>> four\n> >>> > five\nend\n", text=("top", "three", "five", "end")),
    mail("text-signature", "a signature behind its mark", body="words\n\n-- \nBen Okafor\n", text=("words", "Ben Okafor")),
    mail("text-markup", "markup in plain text is text", body="<b>no</b> &amp; <script>alert(1)</script>\n", exact="<b>no</b> &amp; <script>alert(1)</script>"),
    mail("text-links", "addresses in plain text", body="See https://www.example.com/a?b=c&d=(e). Write ben@example.com!\n", exact="See https://www.example.com/a?b=c&d=(e). Write ben@example.com!"),
    mail("text-long-line", "a line of 100,000 characters", body="word " * 20000 + "\n", text=("word word word",)),
    mail("text-blank-lines", "many empty lines", body="a\n" + "\n" * 500 + "b\n", text=("a", "b")),
    mail("text-tabs", "columns by tabs", body="a\tb\nccc\td\n", text=("a b", "ccc d")),
    mail("text-formfeed", "form feeds and bells", body=b"a\x0cb\x07c\r\n", text=("a",), absent=("\x0c", "\x07")),
    mail("text-from-line", "a line that begins with From, quoted by the mailbox's keeper", body="one\n>From here on\n", exact=None, text=("From here on",)),
    mail("text-rtl", "Arabic and Hebrew beside Latin", body="مرحبا Ben שלום\n", exact="مرحبا Ben שלום"),
    mail("text-emoji", "joined emoji stay joined", body="\U0001f468\u200d\U0001f469\u200d\U0001f467 ok\n", exact="\U0001f468\u200d\U0001f469\u200d\U0001f467 ok"),
    mail("text-combining", "many marks on one letter", body="a" + "\u0301" * 3000 + " end\n", text=("end",)),
    _html("letter", "a letter", "<html><head><title>T</title></head><body><p>Dear <b>Anna</b>,</p><ul><li>one<li>two</ul></body></html>", text=("Dear Anna,", "one", "two"), absent=("<b>",)),
    _html("no-html", "fragments without html or body", "hello <br>there", text=("hello there",)),
    _html("meta-charset", "a charset of <meta> that lies is ignored", "<meta charset=iso-8859-1><p>Grüße</p>", text=("Grüße",)),
    typed("html-meta-only", "no charset but that of <meta>", "text/html\nContent-Transfer-Encoding: 8bit",
          b'<meta http-equiv="Content-Type" content="text/html; charset=koi8-r"><p>' + "Привет".encode("koi8-r") + b"</p>", text=("Привет",)),
    _html("script", "script and style are no text", "<style>p{color:red}</style><p>words</p><script>alert(1)</script>", text=("words",), absent=("alert(1)", "color:red")),
    _html("outlook", "Word's HTML with conditional comments and o:p",
          '<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><!--[if gte mso 9]><xml><o:x/></xml><![endif]--><p class=MsoNormal>Hello<o:p>&nbsp;</o:p></p><![if !vml]><p>second</p><![endif]></body></html>',
          text=("Hello", "second"), absent=("mso",)),
    _html("unclosed", "nothing is ever closed", "<table><tr><td><b>one<td><i>two<p>three", text=("one", "two", "three")),
    _html("hidden", "a preheader hidden by style is not shown first or is hidden", '<div style="display:none">preheader</div><p>words</p>', text=("words",)),
    _html("plain-in-html", "text labelled HTML", "1 < 2 and 3 > 2\nend", text=("end",)),
    _html("entities", "entities, good and bad", "&uuml;&#252;&#xfc;&nosuch;&amp;lt;&#0;&#x110000; end", text=("üüü", "&lt;", "end")),
    _html("empty", "empty HTML", ""),
    typed("html-utf16", "HTML in UTF-16", "text/html; charset=utf-16\nContent-Transfer-Encoding: base64",
          b64("<p>Grüße</p>".encode("utf-16")), text=("Grüße",)),
)
