"""Every sample of tests/mail/samples, opened through the running server.

Once as Dovecot tells the structure, once by an IMAP server that tells none, so
that our own parser reads the whole: both must show the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
import unittest
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes, policy
from typing import Callable, ClassVar

import mailbox as box
import proc
import samples
import server as web
import showcase
from client import Client
from mockmail import ImapMock
from samples.sample import ARRIVED, File, Sample
from shown import CONTROLS, KeptAlive, Shown

WHEN = datetime.fromisoformat(ARRIVED).timestamp()
# Characters that change how the text around them is read.
TURNING = re.compile("[\u202a-\u202e\u2066-\u2069]")


def folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def lined(text: str) -> str:
    found = (" ".join(line.split()) for line in unicodedata.normalize("NFC", text).split("\n"))
    return "\n".join(line for line in found if line)


def differences(sample: Sample, shown: Shown) -> list[str]:
    """Where the page is not what the sample expects, one line each."""
    if shown.answer.status != 200:
        return [f"status {shown.answer.status}: {shown.main.text()[:200]}"]
    found = []

    def compare(what: str, wanted: object, got: object) -> None:
        if wanted is not None and wanted != got:
            found.append(f"{what}: wanted {wanted!r}, shown {got!r}")

    compare("subject", None if sample.subject is None else folded(sample.subject), shown.subject)
    compare("sender", sample.sender, shown.people("From"))
    compare("to", sample.to, shown.people("To"))
    compare("cc", sample.cc, shown.people("Cc"))
    if sample.date is not None:
        compare("date", datetime.fromisoformat(sample.date).timestamp(), shown.date)
    if sample.exact is not None:
        compare("exact", lined(sample.exact), shown.plain)
    text = shown.text
    found += [f"text: {x!r} is not in {text[-300:]!r}" for x in sample.text if folded(x) not in text]
    found += [f"absent: {x!r} is shown" for x in sample.absent if x in text or (len(x) == 1 and x in shown.markup)]
    found += [f"notices: /{x}/ is not in {text[:600]!r}" for x in sample.notices if not re.search(x, text, re.I)]
    if sample.files is not None:
        found += file_differences(sample.files, shown)
    for markup in (shown.markup, *shown.frame_markup):
        if bad := CONTROLS.search(markup):
            found.append(f"a control: {markup[max(0, bad.start() - 40) : bad.end() + 20]!r}")
    if bad := TURNING.search("".join((shown.subject, *shown.people("From"), *(x.name for x in shown.files)))):
        found.append(f"a direction mark: {bad.group()!r}")
    return found


def file_differences(wanted: tuple[File, ...], shown: Shown) -> list[str]:
    listed = shown.files
    if [x.name for x in listed] != [x.name for x in wanted]:
        return [f"files: wanted {[x.name for x in wanted]}, listed {[x.name for x in listed]}"]
    found = []
    for file, row in zip(wanted, listed):
        if file.data is None:
            continue
        got = shown.session.get(row.address)
        told = (got.status, len(got.body), hashlib.sha256(got.body).hexdigest()[:12])
        right = (200, len(file.data), hashlib.sha256(file.data).hexdigest()[:12])
        if told != right:
            found.append(f"files: {file.name}: wanted {right}, got {told}: {got.body[:40]!r}")
        if got.headers.get("X-Content-Type-Options") != "nosniff":
            found.append(f"files: {file.name}: no nosniff")
        if not got.headers.get("Content-Disposition", "").startswith("attachment"):
            found.append(f"files: {file.name}: {got.headers.get('Content-Disposition')}")
        if not size_fits(row.size, len(file.data)):
            found.append(f"files: {file.name}: {len(file.data)} bytes are shown as {row.size!r}")
    return found


def size_fits(shown: str, count: int) -> bool:
    """Is the size on the page right, as far as its words are exact?"""
    # The structure tells the encoded size only; lines and padding blur it.
    found = re.search(r"(\d+(?:[.,]\d+)?) (bytes?|KB|MB)\b", shown)
    if found is None:
        return False
    unit = {"KB": 1024, "MB": 1 << 20}.get(found.group(2), 1)
    told = float(found.group(1).replace(",", ".")) * unit
    return abs(told - count) <= max(8, unit * 1.1 if unit > 1 else 0, count * 0.06)


class SampleImap(ImapMock):
    """IMAP4rev1 with one folder of messages, whose structure it never tells."""

    def __init__(self, messages: list[bytes]) -> None:
        self.messages = messages
        super().__init__()

    def _reply(self, step: str, tag: bytes, command: bytes) -> bytes:
        count = len(self.messages)
        answer = super()._reply(step, tag, command)
        answer = answer.replace(b"* 0 EXISTS", b"* %d EXISTS" % count)
        answer = answer.replace(b"MESSAGES 0 UNSEEN 0 UIDNEXT 1", b"MESSAGES %d UNSEEN 0 UIDNEXT %d" % (count, count + 1))
        if step in ("FETCH", "UID FETCH"):
            words = command.split(None, 4)
            numbers, asked = (words[3], words[4]) if step == "UID FETCH" else (words[2], command.split(None, 3)[3])
            first, _, last = numbers.decode().partition(":")
            end = count if last == "*" else int(last or first)
            rows = [self._row(at, asked) for at in range(int(first), min(end, count) + 1)]
            return b"".join(rows) + answer
        return answer

    def _row(self, number: int, asked: bytes) -> bytes:
        data = self.messages[number - 1]
        told = b"UID %d" % number
        told += b" FLAGS (\\Seen)" * (b"FLAGS" in asked)
        told += b' INTERNALDATE "21-Nov-2026 08:30:00 +0000"' * (b"INTERNALDATE" in asked)
        told += b" RFC822.SIZE %d" % len(data) * (b"RFC822.SIZE" in asked)
        told += b" ENVELOPE (NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)" * (b"ENVELOPE" in asked)
        for found in re.finditer(rb"BODY(?:\.PEEK)?\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", asked):
            section = self._section(data, found.group(1))
            mark = b""
            if found.group(2):
                at = int(found.group(2))
                mark = b"<%d>" % at
                section = section if section is None else section[at : at + int(found.group(3))]
            value = b"NIL" if section is None else b"{%d}\r\n%s" % (len(section), section)
            told += b" BODY[%s]%s %s" % (found.group(1), mark, value)
        return b"* %d FETCH (%s)\r\n" % (number, told)

    @staticmethod
    def _section(data: bytes, name: bytes) -> bytes | None:
        """The whole, its header or its text; parts it knows none."""
        end = re.search(rb"\A\r?\n|\n\r?\n", data)
        cut = end.end() if end else len(data)
        if name == b"":
            return data
        if name == b"HEADER":
            return data[:cut]
        if name == b"TEXT":
            return data[cut:]
        if name.startswith(b"HEADER.FIELDS ("):
            wanted = b"|".join(re.escape(x) for x in name[15:-1].split())
            found = re.findall(rb"(?mi)^(?:%s):.*\r?\n(?:[ \t].*\r?\n)*" % wanted, data[:cut])
            return b"".join(found) + b"\r\n"
        return None


class Themes(box.MailTest):
    """What both ways of reading share."""

    session: ClassVar[KeptAlive]
    uids: ClassVar[dict[str, int]]
    folder: ClassVar[str]
    is_alone: ClassVar[bool]

    @classmethod
    def enter(cls, name: str, password: str) -> None:
        server = cls.server
        client = Client(server.plain_port)
        page = client.login(name, password)
        if page.status != 200:
            raise AssertionError(page.text[:300])
        cls.session = KeptAlive(client)
        cls.addClassCleanup(cls.session.close)

    def theme(self, name: str) -> None:
        failed = []
        for sample in samples.THEMES[name]:
            wanted = replace(sample, **(sample.alone if self.is_alone else sample.dovecot))  # type: ignore[arg-type]
            shown = Shown(self.session, f"/message?folder={self.folder}&uid={self.uids[sample.name]}")
            for line in differences(wanted, shown):
                failed.append(f"{sample.name} ({sample.shows}):\n    {line}")
        if failed:
            self.fail(f"{len(failed)} differences\n" + "\n".join(failed))


def load_tests(loader: unittest.TestLoader, tests: unittest.TestSuite, _pattern: str | None) -> unittest.TestSuite:
    """A test per theme in both classes, and nothing of the class they share."""
    return unittest.TestSuite(map(loader.loadTestsFromTestCase, (SamplesTest, WholeTest, ShowcaseTest)))


class SamplesTest(Themes):
    """As Dovecot tells them."""

    folder = "Samples"
    is_alone = False

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        user = box.new_user(cls.backend)
        every = samples.everything()
        cls.uids = {each.name: at for at, each in enumerate(every, 1)}
        box.append_raw(cls.backend, user, cls.folder, [each.raw for each in every], WHEN)
        cls.enter(user, cls.backend.passwords[user])


class WholeTest(Themes):
    """As our own parser reads them, where the server tells no structure."""

    folder = "INBOX"
    is_alone = True

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        every = samples.everything()
        cls.uids = {each.name: at for at, each in enumerate(every, 1)}
        mock = SampleImap([each.raw for each in every])
        cls.addClassCleanup(mock.close)
        sections["Mail"].update(ImapPort=mock.port, ImapSecurity="none")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enter("sam", "x")


class ShowcaseTest(box.MailTest):
    """The newest messages of the demo, and what is written about samples."""

    def test_demo_messages_open(self) -> None:
        user = box.new_user(self.backend)
        made = [x for x in showcase.samples() if x.mailbox == "INBOX"]
        self.backend.append(user, "INBOX", [(x.data, x.flags, x.when) for x in made])
        session = KeptAlive(self.logged_in(user))
        self.addCleanup(session.close)
        for uid, each in enumerate(made, 1):
            with self.subTest(each.shows):
                shown = Shown(session, f"/message?folder=INBOX&uid={uid}")
                self.assertEqual(shown.answer.status, 200, shown.main.text()[:200])
                told = message_from_bytes(each.data, policy=policy.default)
                self.assertEqual(shown.subject, folded(str(told["Subject"])))
                for file in shown.files:
                    self.assertEqual(session.get(file.address).status, 200, file)

    def test_deviations_name_samples(self) -> None:
        known = {each.name for each in samples.everything()}
        text = (proc.repo_root() / "server/mime/DEVIATIONS.md").read_text()
        named = set()
        for row in re.findall(r"^\|.*\|$", text, re.M):
            named |= set(re.findall(r"`([a-z0-9_-]+)`", row.rsplit("|", 2)[1]))
        self.assertGreater(len(named), 150)
        self.assertEqual(named - known, set())


def _test(name: str) -> Callable[[Themes], None]:
    return lambda self: self.theme(name)


for _name in samples.THEMES:
    for _class in (SamplesTest, WholeTest):
        setattr(_class, f"test_{_name}", _test(_name))
