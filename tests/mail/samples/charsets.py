"""Texts in the charsets that mail comes in, rightly and wrongly labelled."""

from __future__ import annotations

from samples.sample import Sample, b64, typed

# label, Python's codec, a text of people who write so
_RIGHT = (
    ("utf-8", "utf-8", "Grüße, Ελληνικά, Русский, 日本語, \U0001f600"),
    ("iso-8859-1", "cp1252", "Grüße aus Köln, ça va, ¿qué tal?"),
    ("windows-1252", "cp1252", "“Grüße” – 50 €"),
    ("iso-8859-2", "iso-8859-2", "Příliš žluťoučký kůň, zażółć gęślą jaźń"),
    ("windows-1250", "cp1250", "Árvíztűrő tükörfúrógép – „jól van”"),
    ("iso-8859-3", "iso-8859-3", "Ĉu ĝi ŝajnas ĵus aŭdita?"),
    ("iso-8859-4", "iso-8859-4", "Ķēniņš ēd šķiņķi"),
    ("iso-8859-5", "iso-8859-5", "Съешь ещё этих мягких булок"),
    ("windows-1251", "cp1251", "Съешь ещё этих «мягких» булок № 5"),
    ("koi8-r", "koi8-r", "Съешь ещё этих мягких булок"),
    ("koi8-u", "koi8-u", "Чуєш їх, доцю? Ґанок"),
    ("ibm866", "cp866", "Привет из ДОС"),
    ("x-mac-cyrillic", "mac-cyrillic", "Привет с Макинтоша"),
    ("iso-8859-6", "iso-8859-6", "مرحبا بالعالم"),
    ("windows-1256", "cp1256", "مرحبا بالعالم، گچپژ"),
    ("iso-8859-7", "iso-8859-7", "Καλημέρα κόσμε"),
    ("windows-1253", "cp1253", "Καλημέρα «κόσμε» 5 €"),
    ("iso-8859-8", "iso-8859-8", "שלום עולם"),
    ("iso-8859-8-i", "iso-8859-8", "שלום עולם, בסדר לוגי"),
    ("windows-1255", "cp1255", "שלום עולם ₪"),
    ("iso-8859-9", "iso-8859-9", "Pijamalı hasta yağız şoföre çabucak güvendi"),
    ("windows-1254", "cp1254", "İğne “ışık”"),
    ("iso-8859-10", "iso-8859-10", "Þjóðir, ŋ, đ"),
    ("iso-8859-13", "iso-8859-13", "Įlinkdama fechtuotojo špaga"),
    ("windows-1257", "cp1257", "Įlinkdama fechtuotojo „špaga“"),
    ("iso-8859-14", "iso-8859-14", "Ŵyf, ŷd, ẁ"),
    ("iso-8859-15", "iso-8859-15", "Œuvre à 50 €, Žižka"),
    ("iso-8859-16", "iso-8859-16", "Ștefan și Țepeș"),
    ("windows-1258", "cp1258", "Đươ\u0300ng này"),
    ("tis-620", "cp874", "สวัสดีชาวโลก"),
    ("macintosh", "mac-roman", "Grüße vom Mac – ‘fi’ ≠"),
    ("ibm850", "cp850", "Grüße aus DOS ½"),
    ("gb2312", "gbk", "你好，世界：朱镕基"),
    ("gbk", "gbk", "简体中文與繁體"),
    ("gb18030", "gb18030", "𠀀 你好 \U0001f600"),
    ("hz-gb-2312", "hz", "你好世界"),
    ("big5", "big5", "繁體中文，你好"),
    ("big5-hkscs", "big5hkscs", "香港嘅字：咗、冇"),
    ("shift_jis", "cp932", "日本語の手紙①㈱"),
    ("euc-jp", "euc-jp", "日本語の手紙、ひらがな"),
    ("iso-2022-jp", "iso-2022-jp", "日本語の手紙です"),
    ("iso-2022-jp-2", "iso-2022-jp-2", "日本語とGrüße"),
    ("euc-kr", "euc-kr", "안녕하세요 세계"),
    ("ks_c_5601-1987", "cp949", "똠방각하 펲시콜라"),
    ("iso-2022-kr", "iso-2022-kr", "안녕하세요"),
    ("utf-7", "utf-7", "Grüße, 日本語 & mehr"),
    ("utf-16", "utf-16", "Grüße 日本語 \U0001f600"),
    ("utf-16le", "utf-16-le", "Grüße 日本語"),
    ("utf-16be", "utf-16-be", "Grüße 日本語"),
    ("utf-32", "utf-32", "Grüße 日本語"),
    ("us-ascii", "ascii", "Plain old ASCII, nothing else."),
)


def _right(label: str, codec: str, text: str) -> Sample:
    kind = f"text/plain; charset={label}\nContent-Transfer-Encoding: base64"
    body = b64(f"{text}\r\n".encode(codec))
    return typed(f"charset-{label}", f"a letter in {label}", kind, body, exact=text)


def _raw(name: str, shows: str, label: str, data: bytes, reads: str | None, **more: object) -> Sample:
    kind = f"text/plain{'; charset=' + label if label else ''}\nContent-Transfer-Encoding: base64"
    return typed(f"label-{name}", shows, kind, b64(data), exact=reads, **more)


SAMPLES: tuple[Sample, ...] = (
    *(_right(*each) for each in _RIGHT),
    _raw("none", "UTF-8 without a label, as of scripts", "", "Grüße\r\n".encode(), "Grüße"),
    _raw("none-latin", "Latin-1 without a label", "", "Grüße aus Köln\r\n".encode("latin-1"), "Grüße aus Köln"),
    _raw("unknown", "a label nobody knows, the text UTF-8", "x-nowhere", "Grüße\r\n".encode(), "Grüße"),
    _raw("unknown-latin", "a label nobody knows, the text Latin-1", "x-nowhere", "Grüße\r\n".encode("latin-1"), "Grüße"),
    _raw("unknown-8bit", "unknown-8bit, as of mutt and Postfix", "unknown-8bit", "Grüße\r\n".encode(), "Grüße"),
    _raw("ascii-lies", "us-ascii that is UTF-8", "us-ascii", "Grüße – schön\r\n".encode(), "Grüße – schön"),
    _raw("latin-lies", "iso-8859-1 that is UTF-8, as of PHP scripts", "iso-8859-1", "Grüße – schön\r\n".encode(), "Grüße – schön"),
    _raw("utf8-lies", "utf-8 that is windows-1252", "utf-8", "“Grüße” für 5 €\r\n".encode("cp1252"), "“Grüße” für 5 €"),
    _raw("utf8-cut", "UTF-8 cut within its last character", "utf-8", "Grüße, schön".encode()[:-2], "Grüße, sch\ufffd", absent=("Ã",)),
    _raw("utf8-one-bad", "good UTF-8 with one bad byte", "utf-8", "Grüße ".encode() + b"\xff" + " schöne".encode(), "Grüße \ufffd schöne"),
    _raw("quoted", "a label in quotes, with blanks and in capitals", '" KOI8-R "', "Привет\r\n".encode("koi8-r"), "Привет"),
    _raw("single-quotes", "a label in single quotes, as of PHP scripts", "'koi8-r'", "Привет\r\n".encode("koi8-r"), "Привет"),
    _raw("cp", "a label as of Windows' code pages", "cp1251", "Привет\r\n".encode("cp1251"), "Привет"),
    _raw("cp-dash", "cp-850, a spelling of old gateways", "cp-850", "Grüße\r\n".encode("cp850"), "Grüße"),
    _raw("unicode", "Windows' name for UTF-16", "unicode", "Grüße\r\n".encode("utf-16"), "Grüße"),
    _raw("iso-2022-jp-half", "half-width katakana in ISO-2022-JP, which its RFC forbids", "iso-2022-jp",
         b"\x1b(I6E6E\x1b(B\x1b$BF|K\\\x1b(B\r\n", "ｶﾅｶﾅ日本"),
    _raw("iso-2022-jp-cut", "ISO-2022-JP that ends within a character", "iso-2022-jp", b"\x1b$BF|K\\8", "日本\ufffd"),
    _raw("iso-2022-jp-nec", "NEC's circled numbers in ISO-2022-JP, as of Japanese Windows", "iso-2022-jp",
         b"\x1b$B-!-\"\x1b(B ok\r\n", "①② ok"),
    _raw("sjis-as-jis", "Shift_JIS that is labelled ISO-2022-JP", "iso-2022-jp", "日本語です\r\n".encode("cp932"), "日本語です"),
    _raw("euc-cut", "EUC-JP that ends within a character", "euc-jp", "日本".encode("euc-jp")[:-1], "日\ufffd"),
    _raw("utf16-no-mark", "UTF-16 without a byte order mark", "utf-16", "Hello\r\n".encode("utf-16-le"), "Hello"),
    _raw("bom", "a byte order mark before UTF-8, as of Windows' editors", "utf-8", b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe\r\n", "Grüße"),
    _raw("surrogates", "UTF-8 of surrogates, as of old Java (CESU-8)", "utf-8", b"smile \xed\xa0\xbd\xed\xb8\x80 end",
         None, text=("smile", "end"), absent=("\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd\ufffd",)),
    _raw("overlong", "overlong UTF-8 makes no markup", "utf-8", b"a\xc0\xbcscript\xc0\xbe b \xc3\xbc\xc3\xbc\xc3\xbc", None, absent=("<script>",), text=("script",)),
    _raw("escapes", "escape sequences and controls", "utf-8", b"a\x1b[31mred\x00\x08\x7fb\r\n", None, text=("a", "red"), absent=("\x1b", "\x00", "\x08", "\x7f")),
)
