"""What we build, read back by Python's email and by Dovecot: the same names, subject,
text and files, whatever alphabet they are in and whatever somebody puts into a field.
tests/unit/mime/test_build_live.c builds; the last test goes through the form."""

from __future__ import annotations

import html
import imaplib
import os
import re
import subprocess
import tempfile
import unittest
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import getaddresses
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

import harness
import mailbox as box
import server as web
import steps
from client import Form, Page

ALPHABETS = {
    "Latin": "Žluťoučký kůň, Ünïcödé ß",
    "Greek": "Καλημέρα κόσμε",
    "Cyrillic": "Съешь ещё этих булок",
    "Hebrew": "שלום עולם טוב",
    "Arabic": "مرحبا بالعالم",
    "Devanagari": "नमस्ते दुनिया",
    "Thai": "สวัสดีชาวโลก",
    "Chinese": "你好，世界。再见",
    "Japanese": "こんにちは世界カタカナ",
    "Korean": "안녕하세요 세계",
    "Armenian": "Բարեւ աշխարհ",
    "Georgian": "გამარჯობა მსოფლიო",
    "Emoji": "🍒 👩‍👩‍👧 fin",
}
EVIL = [
    "a\r\nBcc: evil@example.com\r\n\r\nbody",
    "a\nX-Evil: 1",
    "a\rX-Evil: 1",
    "a\0X-Evil: 1",
    "a\u2028X-Evil: 1\u0085X-Evil: 2\x0b\x0c\x1c",
    '"; name="evil.exe"; x="',
    "=?utf-8?Q?=0D=0AX-Evil:_1?=",
    "a\\",
    '"',
    "(((((",
    "<evil@example.com>, evil2@example.com",
    "é\r\nX-Evil: 1\r\n ",
    "%0d%0aX-Evil: 1",
    "a;b,c:d@e",
]
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
LETTER = "Subject: inner\r\nFrom: a@example.com\r\n\r\nText with ü.\r\n.\r\nFrom here\r\n".encode()


@dataclass
class Built:
    data: bytes
    head: int
    is_8bit: bool
    needs_utf8: bool

    @property
    def sent(self) -> bytes:
        return self.data[self.head :]

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.sent, policy=policy.default)  # type: ignore[return-value]


Fields = list[tuple[str, "str | bytes"]]


def build(messages: list[Fields]) -> list[Built]:
    """All of them by one run of the driver."""
    program = web.program().parent / "tests/unit/mime/test_build_live"
    with tempfile.TemporaryDirectory() as folder:
        lines = []
        for number, fields in enumerate(messages):
            for name, value in [("out", f"{folder}/{number}"), *fields]:
                data = value if isinstance(value, bytes) else value.encode()
                lines.append(f"{name}={quote_from_bytes(data, safe='')}\n")
            lines.append("\n")
        done = subprocess.run(
            [program],
            input="".join(lines).encode(),
            env={**os.environ, "BUILD_LIVE": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:]
        said = re.findall(rb"^(?:(\d+) (\d+) (\d) (\d)|! .*)\r?$", done.stdout, re.M)
        assert len(said) == len(messages), done.stdout[-2000:]
        built = []
        for number, (_bytes, head, eight, utf8) in enumerate(said):
            data = Path(f"{folder}/{number}").read_bytes()
            assert len(data) == int(_bytes), (number, done.stdout)
            built.append(Built(data, int(head), eight == b"1", utf8 == b"1"))
        return built


def names(data: bytes, name: str) -> list[str]:
    """Display names. Not of email's newer policy: Python 3.11 puts blanks between encoded
    words of a phrase (RFC 2047, 6.2 has none)."""
    found = message_from_bytes(data).get_all(name) or []
    return [str(make_header(decode_header(each))) for each, _address in getaddresses(found)]


def lf(text: str) -> str:
    return text.replace("\r\n", "\n")


def one_line(words: str) -> str:
    """As a header has it."""
    return " ".join(words.split())


def unflowed(text: str) -> str:
    """RFC 3676, 4: without quote marks, which the texts here do not have."""
    out, held = [], ""
    for line in lf(text).split("\n"):
        line = line[1:] if line.startswith(" ") else line
        if line.endswith(" ") and line != "-- ":
            held += line
            continue
        out.append(held + line)
        held = ""
    return "\n".join(out).rstrip("\n")


# ---- Dovecot's own reading ------------------------------------------------


def flat(answer: list) -> bytes:
    """The pieces of a FETCH answer, literals as they came."""
    return b"".join(b"\r\n".join(each) if isinstance(each, tuple) else each for each in answer)


def tokens(data: bytes) -> object:
    """A parenthesised list as nested lists of bytes; NIL is None."""
    at = 0

    def read() -> object:
        nonlocal at
        while data[at : at + 1] in (b" ", b"\r", b"\n"):
            at += 1
        if data[at : at + 1] == b"(":
            at += 1
            items = []
            while True:
                while data[at : at + 1] == b" ":
                    at += 1
                if data[at : at + 1] == b")":
                    at += 1
                    return items
                items.append(read())
        if data[at : at + 1] == b'"':
            found = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S).match(data, at)
            assert found, data[at : at + 80]
            at = found.end()
            return re.sub(rb"\\(.)", rb"\1", found.group(1), flags=re.S)
        found = re.compile(rb"\{(\d+)\}\r\n").match(data, at)
        if found:
            end = found.end() + int(found.group(1))
            word, at = data[found.end() : end], end
            return word
        found = re.compile(rb"[^ ()]+").match(data, at)
        assert found, data[at : at + 80]
        at = found.end()
        return None if found.group() == b"NIL" else found.group()

    return read()


def pairs(listed: object) -> dict[str, bytes]:
    items = listed if isinstance(listed, list) else []
    return {items[at].decode().lower(): items[at + 1] for at in range(0, len(items), 2)}


def parameter(params: dict[str, bytes], name: str) -> str:
    """RFC 2231, as plainly as can be."""
    if name in params:
        return params[name].decode()
    if f"{name}*" in params:
        return unquote_to_bytes(params[f"{name}*"].split(b"'", 2)[2]).decode()
    joined, number = b"", 0
    while f"{name}*{number}*" in params:
        joined += params[f"{name}*{number}*"]
        number += 1
    return unquote_to_bytes(joined.split(b"'", 2)[2]).decode() if number else ""


@dataclass
class Part:
    section: str
    kind: str
    name: str
    content_id: str
    disposition: str
    encoding: str


@dataclass
class Read:
    """A message as Dovecot sees it."""

    subject: str
    people: dict[str, list[tuple[str, str]]]
    parts: list[Part] = field(default_factory=list)
    texts: dict[str, bytes] = field(default_factory=dict)


def word(raw: object) -> str:
    return str(make_header(decode_header(raw.decode()))) if isinstance(raw, bytes) else ""


def walk(body: list, section: str, out: list[Part]) -> None:
    if isinstance(body[0], list):
        for number, each in enumerate(part for part in body if isinstance(part, list) and part and isinstance(part[0], (list, bytes))):
            if isinstance(each[0], list) or (len(each) > 6 and isinstance(each[1], bytes)):
                walk(each, f"{section}.{number + 1}".lstrip("."), out)
        return
    kind = b"/".join(body[:2]).decode().lower()
    place = 9 if kind.startswith("text/") else 11 if kind == "message/rfc822" else 8
    disposition = body[place] if len(body) > place else None
    name = parameter(pairs(disposition[1]), "filename") if disposition else ""
    out.append(
        Part(
            section or "1",
            kind,
            name,
            body[3].decode() if body[3] else "",
            disposition[0].decode().lower() if disposition else "",
            body[5].decode().lower(),
        )
    )


def dovecot(conn: imaplib.IMAP4, number: int) -> Read:
    answer = flat(conn.fetch(str(number), "(ENVELOPE BODYSTRUCTURE)")[1])
    items = tokens(answer[answer.index(b"(") :])
    assert isinstance(items, list)
    envelope, body = items[1], items[3]
    people = {}
    for name, at in (("from", 2), ("reply-to", 4), ("to", 5), ("cc", 6), ("bcc", 7)):
        people[name] = [(word(each[0]), f"{each[2].decode()}@{each[3].decode()}") for each in envelope[at] or []]
    read = Read(word(envelope[1]), people)
    walk(body, "", read.parts)
    for part in read.parts:
        how = f"BODY.PEEK[{part.section}]" if part.kind == "message/rfc822" else f"BINARY.PEEK[{part.section}]"
        got = conn.fetch(str(number), f"({how})")[1]
        found = [each[1] for each in got if isinstance(each, tuple)]
        if not found:  # short texts come quoted
            quoted = re.search(rb'\] "((?:[^"\\]|\\.)*)"', flat(got), re.S)
            found = [re.sub(rb"\\(.)", rb"\1", quoted.group(1)) if quoted else b""]
        read.texts[part.section] = found[0]
    return read


class BuildTest(unittest.TestCase):
    """The builder, by itself."""

    def check_wire(self, data: bytes, eight_bit: bool = False) -> None:
        """RFC 5322, 2.3 and 2.1.1."""
        self.assertTrue(data.endswith(b"\r\n"))
        for line in data[:-2].split(b"\r\n"):
            self.assertLessEqual(len(line), 998)
            self.assertNotRegex(line, rb"[\r\n\0]")
            if not eight_bit:
                self.assertTrue(line.isascii(), line)

    def in_dovecot(self, messages: list[bytes]) -> list[Read]:
        backend = harness.backend()
        user = box.new_user(backend)
        box.append_raw(backend, user, "INBOX", messages, 1700000000.0)
        with backend.imap(user) as conn:
            conn.select("INBOX", readonly=True)
            return [dovecot(conn, number + 1) for number in range(len(messages))]

    def test_alphabets(self) -> None:
        wanted: list[Fields] = []
        for words in ALPHABETS.values():
            long = f"{words} " * 60
            wanted.append(
                [
                    ("message_id", "<1@example.com>"),
                    ("from", "anna@example.com"),
                    ("from_name", words),
                    ("to_name", f"{words}, Dr. ({words})"),
                    ("to", "ben@example.com"),
                    ("to_name", f'"{words}"\\'),
                    ("to", "chloe@example.com"),
                    ("cc_name", long.strip()),
                    ("cc", "dora@example.com"),
                    ("bcc_name", words),
                    ("bcc", "emil@example.com"),
                    ("bcc_too", "1"),
                    ("reply_to_name", words),
                    ("reply_to", "answers@example.com"),
                    ("organization", words),
                    ("subject", f"{words}: {long.strip()}"),
                    ("body", f"{long}\n.\n..\n.{words}\n\nFrom {words}\n-- \n{words}\n"),
                    ("html", f'<p>{words}</p>\n.<p>{html.escape(long)}<img src="cid:p1@x"></p>\n'),
                    ("file_name", f"{words}.png"),
                    ("file_type", "image/png"),
                    ("file_cid", "p1@x"),
                    ("file", PICTURE),
                    ("file_name", f"{words * 9}.bin"),
                    ("file_type", "application/x-thing"),
                    ("file", words.encode() + bytes(range(256)) * 300),
                    ("file_name", f"{words}.eml"),
                    ("file_message", "1"),
                    ("file", LETTER),
                    ("priority", "1"),
                    ("receipt", "1"),
                    ("compose", "abcdefghijklmnopqrstuv"),
                    ("version", "7"),
                ]
            )
        built = build(wanted)
        reads = self.in_dovecot([each.data for each in built])
        for (name, words), fields, one, read in zip(ALPHABETS.items(), wanted, built, reads):
            with self.subTest(name):
                given = dict(fields)
                self.check_wire(one.data, eight_bit=True)
                self.assertEqual((one.is_8bit, one.needs_utf8), (True, False))
                self.assertTrue(one.data.startswith(b"Bcc: ") and one.sent.startswith(b"Date: "))
                self.check_python(words, given, one)
                self.check_dovecot(words, given, read)

    def check_python(self, words: str, given: dict, one: Built) -> None:
        got = one.parsed
        self.assertEqual(str(got["Subject"]), given["subject"].strip())
        self.assertEqual(names(one.sent, "From"), [words])
        self.assertEqual(names(one.sent, "To"), [f"{words}, Dr. ({words})", f'"{words}"\\'])
        self.assertEqual(names(one.sent, "Cc"), [given["cc_name"]])
        self.assertEqual(names(one.sent, "Reply-To"), [words])
        self.assertEqual(str(got["Organization"]), words)
        self.assertIsNone(got["Bcc"])
        self.assertEqual((got["X-Priority"], got["Importance"]), ("1", "high"))
        self.assertEqual(got["X-Iwebmsg-Compose"].split(), ["abcdefghijklmnopqrstuv", "7"])
        self.assertIn("anna@example.com", got["Disposition-Notification-To"])
        self.assertEqual(got.defects, [])
        plain, formatted = got.get_body(("plain",)), got.get_body(("html",))
        assert plain is not None and formatted is not None
        self.assertEqual(unflowed(plain.get_content()), "\n".join(each.rstrip() if each != "-- " else each for each in given["body"].rstrip("\n").split("\n")))
        self.assertEqual(lf(formatted.get_content()), given["html"])
        kinds = [each.get_content_type() for each in got.walk()]
        self.assertEqual(
            kinds[:8],
            ["multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png", "application/x-thing", "message/rfc822"],
        )
        parts = list(got.walk())
        self.assertEqual((parts[5].get_filename(), parts[5]["Content-ID"]), (f"{words}.png", "<p1@x>"))
        self.assertEqual(parts[5].get_payload(decode=True), PICTURE)
        self.assertEqual(parts[6].get_filename(), f"{words * 9}.bin")
        self.assertEqual(parts[6].get_payload(decode=True), words.encode() + bytes(range(256)) * 300)
        self.assertEqual(parts[7].get_filename(), f"{words}.eml")
        for each in parts:
            self.assertEqual(each.defects, [])

    def check_dovecot(self, words: str, given: dict, read: Read) -> None:
        self.assertEqual(read.subject, given["subject"].strip())
        self.assertEqual(read.people["from"], [(words, "anna@example.com")])
        self.assertEqual(read.people["to"], [(f"{words}, Dr. ({words})", "ben@example.com"), (f'"{words}"\\', "chloe@example.com")])
        self.assertEqual(read.people["cc"], [(given["cc_name"], "dora@example.com")])
        self.assertEqual(read.people["bcc"], [(words, "emil@example.com")])
        self.assertEqual(read.people["reply-to"], [(words, "answers@example.com")])
        shape = [(part.section, part.kind, part.disposition) for part in read.parts]
        self.assertEqual(
            shape,
            [
                ("1.1", "text/plain", ""),
                ("1.2.1", "text/html", ""),
                ("1.2.2", "image/png", "inline"),
                ("2", "application/x-thing", "attachment"),
                ("3", "message/rfc822", "attachment"),
            ],
        )
        by_section = {part.section: part for part in read.parts}
        self.assertEqual((by_section["1.2.2"].name, by_section["1.2.2"].content_id), (f"{words}.png", "<p1@x>"))
        self.assertEqual(by_section["2"].name, f"{words * 9}.bin")
        self.assertEqual(by_section["3"].encoding, "8bit")
        self.assertEqual(read.texts["1.2.1"].decode().replace("\r\n", "\n"), given["html"])
        self.assertEqual(read.texts["1.2.2"], PICTURE)
        self.assertEqual(read.texts["2"], words.encode() + bytes(range(256)) * 300)
        self.assertEqual(read.texts["3"], LETTER)

    def test_nothing_gets_into_the_header(self) -> None:
        """Each trick in each field: the same fields as without it."""
        plain: Fields = [
            ("from", "anna@example.com"),
            ("from_name", "A"),
            ("to_name", "B"),
            ("to", "ben@example.com"),
            ("subject", "s"),
            ("message_id", "<1@example.com>"),
            ("in_reply_to", "<2@example.com>"),
            ("references", "<2@example.com>"),
            ("organization", "o"),
            ("reply_to_name", "R"),
            ("reply_to", "r@example.com"),
            ("compose", "abc"),
            ("body", "b"),
            ("html", "<p>b</p>"),
            ("file_name", "f"),
            ("file_type", "text/x-f"),
            ("file_cid", "c"),
            ("file", b"f"),
        ]
        wanted, labels = [plain], ["plain"]
        for at, (name, _value) in enumerate(plain):
            if name in ("from", "to", "reply_to", "file"):
                continue
            for evil in EVIL:
                wanted.append([*plain[:at], (name, evil), *plain[at + 1 :]])
                labels.append(f"{name}: {evil!r}")
        known = None
        for label, one in zip(labels, build(wanted)):
            with self.subTest(label):
                self.check_wire(one.data)
                got = one.parsed
                names = {each.lower() for each in got.keys()}
                known = known or names
                self.assertLessEqual(names, known)
                self.assertEqual(len(got["To"].addresses), 1)
                self.assertEqual(len(got["From"].addresses), 1)
                parts = list(got.walk())
                self.assertEqual(len(parts), 5)
                for part in parts[1:]:
                    self.assertLessEqual(
                        {each.lower() for each in part.keys()},
                        {"content-type", "content-disposition", "content-transfer-encoding", "content-id"},
                    )
                    self.assertEqual(part.defects, [])

    def test_addresses_are_refused(self) -> None:
        for evil in EVIL:
            program = web.program().parent / "tests/unit/mime/test_build_live"
            text = f"out=/dev/null\nfrom=anna@example.com\nto={quote_from_bytes(evil.encode(), safe='')}\n\n"
            done = subprocess.run([program], input=text, env={**os.environ, "BUILD_LIVE": "1"}, capture_output=True, text=True, timeout=60, check=False)
            self.assertRegex(done.stdout, "(?m)^! ", evil)

    def test_lines_and_dots(self) -> None:
        texts = [
            "x" * 5000,
            "ü" * 5000,
            ("y" * 998 + "\n") * 3,
            ("z" * 2000 + " ") * 3,
            ".\n..\n...\n.x\n" * 20,
            "\n\n\n",
            " leading\n  two\n\ttab",
            "-- \nsignature",
            "From me\n>From you\n",
            "=\n==\n=3D\n=?utf-8?Q?x?=",
            "--=_\n--\n----------",
            "",
        ]
        wanted: list[Fields] = [
            [("from", "a@example.com"), ("to", "b@example.com"), ("subject", each[:3000]), ("body", each), ("html", f"<pre>{html.escape(each)}</pre>\n")]
            for each in texts
        ]
        built = build(wanted)
        for text, one, read in zip(texts, built, self.in_dovecot([each.data for each in built])):
            with self.subTest(text[:20]):
                self.check_wire(one.data)
                formatted = one.parsed.get_body(("html",))
                assert formatted is not None
                self.assertEqual(lf(formatted.get_content()), f"<pre>{html.escape(text)}</pre>\n")
                self.assertEqual(read.texts["2"].decode().replace("\r\n", "\n"), f"<pre>{html.escape(text)}</pre>\n")
                self.assertEqual(re.sub(r"\s", "", str(one.parsed["Subject"] or "")), re.sub(r"\s", "", text[:3000]))
                plain = one.parsed.get_body(("plain",))
                assert plain is not None
                # A word longer than a line of mail is cut; nothing else changes.
                self.assertEqual(
                    re.sub(r"[\s>]", "", unflowed(plain.get_content())), re.sub(r"[\s>]", "", text)
                )


class FormTest(box.MailTest):
    """The same through the form, the mail server, and into Sent."""

    def form_of(self, page: Page) -> Form:
        return page.form(action="/compose", field="body")

    def test_what_arrives(self) -> None:
        user = self.person()
        client = self.browser(user)
        for name in ("Greek", "Arabic", "Japanese", "Emoji"):
            words = ALPHABETS[name]
            subject = box.unique(f"{words} {words * 40}")
            text = f"{words} {'lang ' * 300}end\n.\n..\nFrom {words}\n{words}"
            page = client.submit(
                self.form_of(client.get("/compose")),
                "do=send",
                to=f'"{words}, x" <ben@demo.test>',
                subject=subject,
                body=text,
                files={"file": [(f"{words}.bin", "application/x-thing", bytes(range(256))), ("m.eml", "message/rfc822", LETTER)]},
            )
            self.assertEqual((page.status, box.heading(page)), (200, "Sent"), page.text[:400])
            steps.wait_copied(self.server, page)
            raw = self.backend.wait_message("ben", "INBOX", subject.rsplit(" ", 1)[1])
            for data in (raw, box.raw_messages(self.backend, user, "Sent")[-1]):
                got = message_from_bytes(data, policy=policy.default)
                with self.subTest(name):
                    self.assertEqual(one_line(str(got["Subject"])), one_line(subject))
                    self.assertEqual(names(data, "To"), [f"{words}, x"])
                    plain = got.get_body(("plain",))
                    self.assertEqual(unflowed(plain.get_content()), text)
                    files = {each.get_filename(): each for each in got.iter_attachments()}
                    self.assertEqual(files[f"{words}.bin"].get_payload(decode=True), bytes(range(256)))
                    self.assertEqual(files["m.eml"].get_content_type(), "message/rfc822")
                    self.assertIn(LETTER, data)
