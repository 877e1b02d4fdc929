"""What a crafted message may cost: 2 s of processor time and 64 MB, and nobody else's page.

Time is what the server's process used, not what passed; memory is the peak of
its resident size over what it had before.
"""

from __future__ import annotations

import html
import os
import re
import threading
from pathlib import Path
from typing import Callable, ClassVar

import crafted
import mailbox as box
import server as web
import steps
from client import Client
from mailbox import letter, list_url
from shown import Answer, KeptAlive, tree
from test_samples import SampleImap

CPU_S = 2.0
MEMORY_MB = 64.0
MANY_FILES = 100
SAID = ((404, "/zip"), (413, "/compose"), (413, "/part"))
TICKS = os.sysconf("SC_CLK_TCK")
NAMES = [name for group in crafted.GROUPS.values() for name, _, _ in group]


class Limits(box.MailTest):
    """What both ways of reading share."""

    session: ClassVar[KeptAlive]

    @classmethod
    def enter(cls, name: str, password: str) -> KeptAlive:
        client = Client(cls.server.plain_port)
        page = client.login(name, password)
        if page.status != 200:
            raise AssertionError(page.text[:300])
        session = KeptAlive(client)
        cls.addClassCleanup(session.close)
        return session

    @classmethod
    def cpu(cls) -> float:
        """Processor time of the serving process so far."""
        fields = Path(f"/proc/{steps.child_of(cls.server)}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def open(self, name: str) -> tuple[list[Answer], float, float]:
        """Page and frames of a message; their time and memory."""
        memory, start = box.Memory(self.server), self.cpu()
        answers = [self.session.get(f"/message?folder=INBOX&uid={NAMES.index(name) + 1}")]
        for frame in re.findall(rb'<iframe [^>]*src="([^"]*)"', answers[0].body):
            answers.append(self.session.get(html.unescape(frame.decode())))
        return answers, self.cpu() - start, memory.rise()

    def dear(self, what: str, seconds: float, megabytes: float) -> list[str]:
        """What is too dear."""
        if not box.memory_is_measured():
            return []
        found = [f"{what}: {seconds:.2f} s of processor time"] if seconds > CPU_S else []
        return found + ([f"{what}: {megabytes:.0f} MB"] if megabytes > MEMORY_MB else [])

    def group(self, group: str) -> None:
        failed = []
        for name, what, _ in crafted.GROUPS[group]:
            answers, seconds, megabytes = self.open(name)
            if os.environ.get("LIMITS_SHOW"):
                sizes = [(x.status, len(x.body)) for x in answers[:3]]
                print(f"# {name:20} {seconds:5.2f} s {megabytes:6.1f} MB {len(answers)} {sizes}")
            for answer in answers:
                if answer.status != 200:
                    failed.append(f"{name} ({what}): {answer.status} {tree(answer.body.decode()).text()[:160]}")
            failed += self.dear(f"{name} ({what})", seconds, megabytes)
        self.assertEqual(failed, [], "\n" + "\n".join(failed))

    def ways(self, name: str) -> list[str]:
        """All other addresses that show something of a message: of files one each way."""
        message = f"folder=INBOX&uid={NAMES.index(name) + 1}"
        page = self.session.get(f"/message?{message}").body.decode()
        links = [html.unescape(x) for x in re.findall(r'(?:href|src)="(/[^"]*)"', page)]
        found = [f"/{way}?{message}" for way in ("print", "headers", "source")]
        for begin in ("/part?", "/view?", "/thumb?", "/compose?folder="):
            found += [x for x in links if x.startswith(begin)][:1]
        # More files are as many questions to the mail server: its time, not ours.
        few = sum(x.startswith("/part?") for x in links) <= MANY_FILES
        return found + ([f"/zip?{message}"] if few else [])

    def other_ways(self, group: str) -> None:
        failed = []
        for name, what, _ in crafted.GROUPS[group]:
            for address in self.ways(name):
                memory, start = box.Memory(self.server), self.cpu()
                answer = self.session.get(address)
                seconds, megabytes = self.cpu() - start, memory.rise()
                if os.environ.get("LIMITS_SHOW"):
                    print(f"# {seconds:5.2f} s {megabytes:6.1f} MB {name:20} {answer.status} {len(answer.body):9} {address}")
                # Nothing to pack; a million letters that no answer can go to; deeper than is read.
                if (answer.status, address.partition("?")[0]) not in SAID and answer.status != 200:
                    failed.append(f"{address} of {name} ({what}): {answer.status} {tree(answer.body.decode()).text()[:160]}")
                failed += self.dear(f"{address} of {name} ({what})", seconds, megabytes)
        self.assertEqual(failed, [], "\n" + "\n".join(failed))


class LimitsTest(Limits):
    """Structure and text by Dovecot."""

    other: ClassVar[KeptAlive]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        user, other = box.new_user(cls.backend), box.new_user(cls.backend)
        box.fill(cls.backend, user, (make() for group in crafted.GROUPS.values() for _, _, make in group))
        box.put(cls.backend, other, "INBOX", letter("untroubled"))
        cls.session = cls.enter(user, cls.backend.passwords[user])
        cls.other = cls.enter(other, cls.backend.passwords[other])

    def test_nobody_else_waits(self) -> None:
        """While the worst are being read, somebody else's list comes, and comes."""
        reading = threading.Event()
        seen: list[int] = []

        def ask() -> None:
            while not reading.is_set():
                page = self.other.get(list_url())
                seen.append(page.status if b"untroubled" in page.body else 0)

        asking = threading.Thread(target=ask)
        asking.start()
        try:
            counts = []
            for name in ("html-formatting", "parts-texts", "recipients", "one-line", "tnef-files"):
                before = len(seen)
                self.open(name)
                if name == "html-formatting":
                    for address in self.ways(name):
                        self.session.get(address)
                counts.append(len(seen) - before)
        finally:
            reading.set()
            asking.join()
        self.assertEqual(set(seen), {200})
        self.assertGreater(sum(counts), 5, counts)


class WholeLimitsTest(Limits):
    """No structure from the server: all of it is read and parsed here."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = [make() for group in crafted.GROUPS.values() for _, _, make in group]
        mock = SampleImap(made)
        cls.addClassCleanup(mock.close)
        sections["Mail"].update(ImapPort=mock.port, ImapSecurity="none")

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.session = cls.enter("sam", "x")


def _test(group: str) -> Callable[[Limits], None]:
    return lambda self: self.group(group)


def _test_ways(group: str) -> Callable[[Limits], None]:
    return lambda self: self.other_ways(group)


for _group in crafted.GROUPS:
    setattr(LimitsTest, f"test_{_group}", _test(_group))
    setattr(LimitsTest, f"test_other_ways_{_group}", _test_ways(_group))
    # HTML is cleaned alike, whoever told its structure.
    if _group != "html":
        setattr(WholeLimitsTest, f"test_{_group}", _test(_group))
