"""Encoded-words (RFC 2047), as they should be and as they come."""

from __future__ import annotations

import base64

from samples.sample import Sample, mail


def _b(charset: str, text: str, codec: str = "") -> str:
    return f"=?{charset}?B?{base64.b64encode(text.encode(codec or charset)).decode()}?="


def _subject(name: str, shows: str, value: str | bytes, subject: str | None, **more: object) -> Sample:
    raw = value if isinstance(value, bytes) else value.encode()
    return mail(f"word-{name}", shows, b"Subject: " + raw.replace(b"\n", b"\r\n") + b"\r\n", subject=subject, **more)


def _from(name: str, shows: str, value: str, *people: str) -> Sample:
    return mail(f"word-{name}", shows, f"From: {value}\n", sender=people)


SAMPLES: tuple[Sample, ...] = (
    _subject("q", "quoted-printable words with _ for a blank", "=?utf-8?Q?Gr=C3=BC=C3=9Fe_aus_K=C3=B6ln?=", "Grüße aus Köln"),
    _subject("b", "base64", _b("utf-8", "Grüße aus Köln"), "Grüße aus Köln"),
    _subject("case", "charset and encoding in any case, hexadecimal in lower case", "=?Iso-8859-1?q?Gr=fc=dfe?=", "Grüße"),
    _subject("adjacent", "RFC 2047, 6.2: blanks between two words are not shown",
             f"{_b('utf-8', 'eins')}\n {_b('utf-8', 'zwei')} {_b('utf-8', 'drei')}", "einszweidrei"),
    _subject("between-text", "blanks between a word and text are shown", f"a {_b('utf-8', 'ü')} b", "a ü b"),
    _subject("split-b", "a character split between two base64 words, as PHP's mail() users do",
             "=?utf-8?B?R3LD?=\n =?utf-8?B?vMOfZQ==?=", "Grüße"),
    _subject("split-q", "a character split between two quoted words", "=?utf-8?Q?Gr=C3?= =?utf-8?Q?=BC=C3=9Fe?=", "Grüße"),
    _subject("split-jp", "a Shift_JIS character split between two words",
             "=?shift_jis?B?k/o=?= =?shift_jis?B?lns=?= =?shift_jis?B?jOo=?=", "日本語"),
    _subject("padding", "base64 without its padding", "=?utf-8?B?R3LDvMOfZQ?=", "Grüße"),
    _subject("junk", "characters in base64 that are none", "=?utf-8?B?R3L*DvM!OfZQ==?=", "Grüße"),
    _subject("q-spaces", "blanks within a quoted word, as of old web mailers", "=?utf-8?Q?Gr=C3=BC=C3=9Fe aus K=C3=B6ln?=", "Grüße aus Köln"),
    _subject("q-broken", "bad digits within a quoted word", "=?utf-8?Q?100=ZZ_percent=?=", "100=ZZ percent="),
    _subject("joined-text", "a word that touches the text around it", "Re:=?utf-8?Q?Gr=C3=BC=C3=9Fe?=!", "Re:Grüße!"),
    _subject("language", "RFC 2231, 5: a language behind the charset", "=?utf-8*de?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    _subject("wrong-charset", "UTF-8 that is labelled ISO-8859-1", "=?iso-8859-1?Q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
    _subject("wrong-utf8", "windows-1252 that is labelled UTF-8", "=?utf-8?Q?Gr=FC=DFe?=", "Grüße"),
    _subject("unknown-charset", "a charset nobody knows", "=?x-nowhere?Q?hello_there?=", "hello there"),
    _subject("unknown-encoding", "an encoding nobody knows stays as it came", "=?utf-8?X?hello?=", "=?utf-8?X?hello?="),
    _subject("1252", "windows-1252's quotes in a word labelled ISO-8859-1", "=?iso-8859-1?Q?=93quoted=94_=80?=", "“quoted” €"),
    _subject("2022-jp", "Japanese in ISO-2022-JP, in two words", f"{_b('ISO-2022-JP', '会議の')}\n {_b('ISO-2022-JP', 'お知らせ')}", "会議のお知らせ"),
    _subject("2022-jp-raw", "raw ISO-2022-JP, as of Japanese programs of the nineties", "会議".encode("iso-2022-jp"), "会議"),
    _subject("gb2312", "Chinese in GB2312 with a character of GBK", _b("gb2312", "朱镕基", "gbk"), "朱镕基"),
    _subject("big5", "Chinese in Big5", _b("big5", "開會通知"), "開會通知"),
    _subject("koi8", "Russian in KOI8-R", _b("koi8-r", "Отчёт за март"), "Отчёт за март"),
    _subject("1251", "Russian in windows-1251, quoted", "=?windows-1251?Q?=CF=F0=E8=E2=E5=F2?=", "Привет"),
    _subject("euc-kr", "Korean in EUC-KR by its other name", _b("ks_c_5601-1987", "회의 안내", "cp949"), "회의 안내"),
    _subject("utf7", "UTF-7 in a word, as Outlook Express could", "=?utf-7?Q?Gr+APwA3w-e?=", "Grüße"),
    _subject("mixed-charsets", "words of different charsets side by side",
             f"{_b('iso-8859-1', 'Grüße ')} {_b('koi8-r', 'и привет')}", "Grüße и привет"),
    _subject("raw-and-word", "raw UTF-8 beside a word", "Grüße und =?utf-8?Q?K=C3=B6ln?=", "Grüße und Köln"),
    _subject("empty-word", "an empty word", "a =?utf-8?Q??= b", "a b"),
    _subject("unclosed", "a word without its end stays as it came", "=?utf-8?Q?half", "=?utf-8?Q?half"),
    _subject("long-word", "a word of 400 characters, where 75 are allowed", _b("utf-8", "ü" * 150), "ü" * 150),
    _subject("twice", "a word within a word is decoded once", "=?utf-8?Q?=3D=3Futf-8=3FQ=3Fx=3F=3D?=", "=?utf-8?Q?x?="),
    _subject("folded-inside", "a word broken in its middle by folding", "=?utf-8?B?R3LD\n vMOfZQ==?=", "Grüße"),
    _subject("injection", "line breaks within a word make no field", "=?utf-8?Q?a=0D=0ABcc:_evil@example.net?=", "a Bcc: evil@example.net"),
    _subject("nul", "a NUL within a word", "=?utf-8?Q?be=00fore?=", "before"),
    _subject("bidi", "direction marks within a word cannot turn the page", "=?utf-8?B?4oCuZXhlLmdwaiBmbw==?=",
             None, absent=("\u202e",)),
    _subject("invisible", "surrogates and non-characters within a word", "=?utf-8?Q?a=ED=A0=80b=EF=BF=BFc?=", None),
    _subject("emoji", "characters beyond the first plane", _b("utf-8", "\U0001f389 Party \U0001f468\u200d\U0001f469\u200d\U0001f467"), None, text=("\U0001f389 Party",)),
    _from("from", "a name as a word", "=?utf-8?Q?J=C3=BCrgen?= Okafor <jo@example.com>", "Jürgen Okafor <jo@example.com>"),
    _from("from-joined", "a word that touches the bracket", "=?utf-8?Q?J=C3=BCrgen?=<jo@example.com>", "Jürgen <jo@example.com>"),
    _from("from-quoted", "RFC 2047, 5 forbids words in quotes; Exchange and others write them", '"=?utf-8?Q?J=C3=BCrgen?=" <jo@example.com>', "Jürgen <jo@example.com>"),
    _from("from-comma", "a comma within a word parts no addresses", "=?utf-8?Q?Okafor=2C_J=C3=BCrgen?= <jo@example.com>", "Okafor, Jürgen <jo@example.com>"),
    _from("from-address", "an address within a word is a name, not an address", "=?utf-8?Q?a_=3Cboss=40bank.example=3E?= <x@example.net>", "a <boss@bank.example> <x@example.net>"),
    _from("from-comment", "a word within a comment", "jo@example.com (=?utf-8?Q?J=C3=BCrgen?=)", "Jürgen <jo@example.com>"),
    _from("from-whole", "name and address in one word, as of broken scripts", "=?utf-8?Q?J=C3=BCrgen_=3Cjo=40example=2Ecom=3E?=", "Jürgen <jo@example.com>"),
)
