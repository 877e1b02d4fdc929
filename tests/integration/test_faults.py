"""Killed, cut off, out of space: each message is in one place, and went out once.

iwebmsgd-faults dies by SIGKILL at the named points of sending and saving
(os/fault.h). Several people send at the same time, so that one kill meets
others at other steps, and the same ones may be met again. Afterwards each
message is in exactly one of Drafts (it is being written), Outbox and Sent, and
went out once; only between the journal and the noted 250 a kill leaves it
"perhaps sent", which the documentation names.
"""

from __future__ import annotations

import http.client
import re
import secrets
import shutil
import ssl
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Iterable

import harness
import mailbox as box
import proc
import server as web
import steps
from client import Client, File, Page
from mockmail import CUT, HANG, Proxy, Rule, SmtpMock, context
from test_writing import WriteTest, form_of

# Every named step, in the order a message passes them.
SAVING = ("spool.created", "spool.built", "send.put")
SENDING = ("send.claimed", "send.opened", "send.before_journal")
WINDOW = ("send.after_journal", "send.after_250")
COPYING = ("send.noted", "copy.before_append", "copy.appended", "copy.draft_dropped", "copy.files_dropped", "copy.done")
POINTS = (*SAVING, *SENDING, *WINDOW, *COPYING)
WRITING, UNSURE, SENT, WAITING = 0, 3, 2, 4
LONG_AGO = 1000


@dataclass
class Letter:
    user: str
    client: Client
    id: str
    subject: str
    fields: list[tuple[str, str | File]] = field(repr=False)
    is_answered: bool = False

    def send(self) -> Page:
        """The form of this message, sent; again and again the same one."""
        page = self.client.post("/compose", self.fields, multipart=True)
        self.is_answered = True
        return page


class FaultTest(WriteTest):
    """A server that dies where the test says, and its mail servers."""

    mock: ClassVar[SmtpMock]
    fault: ClassVar[Path]
    people: ClassVar[list[tuple[str, Client, list[tuple[str, str | File]]]]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.addClassCleanup(cls.mock.close)
        cls.server.binary = web.program("iwebmsgd-faults")
        cls.fault = Path(str(sections["Server"]["StateDir"])) / "fault"
        cls.server.env = {"IWEBMSG_FAULT_FILE": str(cls.fault)}
        sections["Mail"].update(SmtpPort=cls.mock.port, SmtpSecurity="none", SmtpWait="10s")
        cls.people = []

    def setUp(self) -> None:
        self.addCleanup(self.fault.unlink, missing_ok=True)
        self.addCleanup(self.mock.faults.clear)
        if self.people:
            return
        for _ in range(4):
            user = self.person()
            client = self.browser(user)
            form = form_of(client.get("/compose"))
            mine = ("id", "owner", "to", "bcc", "subject", "body", "file", "window")
            self.people.append((user, client, [each for each in form.values() if each[0] not in mine]))

    def letters(self, how: str) -> list[Letter]:
        """One of each person, not even saved yet."""
        made = []
        for user, client, rest in self.people:
            subject, compose = box.unique(how), secrets.token_urlsafe(16)
            own: list[tuple[str, str | File]] = [
                *(("id", compose), ("to", "ben@demo.test"), ("bcc", "chloe@demo.test")),
                *(("subject", subject), ("body", "the words"), ("do", "send")),
                ("file", ("a.bin", "application/zip", b"\0\1\2zip" * 500)),
            ]
            made.append(Letter(user, client, compose, subject, [*rest, *own]))
        return made

    def press_send(self, letters: Iterable[Letter]) -> None:
        """All at once; the server may die under them."""

        def one(letter: Letter) -> None:
            try:
                letter.send()
            except (OSError, http.client.HTTPException):
                pass

        clicks = [threading.Thread(target=one, args=(each,)) for each in letters]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()

    def undo_s(self, seconds: int) -> None:
        """How long messages wait before they go out."""
        for _, client, _ in self.people:
            client.submit(client.get("/settings").form(field="undo_send"), undo_send=str(seconds))

    def ask(self, line: str) -> None:
        """What goes wrong from now on."""
        self.fault.write_text(f"{line}\n")

    def kill_at(self, point: str, letters: list[Letter]) -> None:
        """Sends them; the server dies at the point, and starts again."""
        self.ask(f"kill {point}")
        self.press_send(letters)
        proc.wait_until(lambda: not self.fault.exists(), f"the kill at {point}", 20)
        self.server.kill()
        self.server.start()

    def state(self, letter: Letter) -> tuple[int, int, int]:
        """State, rows in the outbox, and how many somebody works on."""
        found = steps.database(
            self.server,
            "SELECT state, (SELECT COUNT(*) FROM outbox WHERE outbox.id = compose.id), "
            "(SELECT COALESCE(SUM(busy), 0) FROM outbox WHERE outbox.id = compose.id) FROM compose WHERE id = ?",
            letter.id,
        )
        return found[0] if found else (-1, 0, 0)  # the server died before it was saved

    def settle(self, letters: list[Letter]) -> None:
        """Until nobody works on any and nothing is due."""
        self.server.stop()
        steps.database(self.server, "UPDATE outbox SET due_ms = ?", LONG_AGO)
        self.server.start()

        def is_settled(letter: Letter) -> bool:
            state, rows, busy = self.state(letter)
            return busy == 0 and (state in (-1, WRITING, UNSURE) or (state == SENT and rows == 0))

        proc.wait_until(lambda: all(is_settled(each) for each in letters), "an end of all", 60, self.server.process)

    def times_out(self, letter: Letter) -> int:
        return sum(f"Subject: {letter.subject}\r\n".encode() in each for each in self.mock.messages)

    def in_folder(self, letter: Letter, folder: str) -> int:
        """How often it is there; read from the disk, which is quick."""
        home = self.backend.folder / "mail" / letter.user / "Maildir" / f".{folder}"
        wanted = f"Subject: {letter.subject}\n".encode()
        return sum(wanted in path.read_bytes().replace(b"\r", b"") for name in ("cur", "new") for path in (home / name).glob("*"))

    def places(self, letter: Letter) -> list[str]:
        """Where its writer finds it."""
        state, rows, _ = self.state(letter)
        found = ["Sent"] * self.in_folder(letter, "Sent")
        if state == WRITING:
            page = letter.client.get(f"/compose?id={letter.id}")
            self.assertIn("the words", page.html)
            found.append("Drafts")
        else:
            found += ["Drafts"] * self.in_folder(letter, "Drafts")
        if rows:
            self.assertIn(letter.subject, letter.client.get("/outbox").text)
            found.append("Outbox")
        return found

    def check(self, letters: list[Letter]) -> int:
        """Each in one place, gone out once. How many are perhaps sent."""
        self.settle(letters)
        unsure = 0
        for letter in letters:
            state, _, _ = self.state(letter)
            if state == -1:
                self.assertEqual(self.times_out(letter), 0)
                continue
            self.assertEqual(len(self.places(letter)), 1, (letter, self.places(letter), state))
            unsure += state == UNSURE
            if state == UNSURE:
                self.assertLessEqual(self.times_out(letter), 1, letter)
            else:
                self.assertEqual(self.times_out(letter), int(state == SENT), letter)
        self.reload_all(letters)
        return unsure

    def reload_all(self, letters: list[Letter]) -> None:
        """The page of before, sent again: what went out does not go again."""
        before = {each.id: self.state(each)[0] for each in letters}
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(Letter.send, letters))
        self.settle(letters)
        for letter in letters:
            if before[letter.id] != UNSURE:
                self.assertEqual(self.times_out(letter), 1, letter)
                self.assertEqual(self.places(letter), ["Sent"], letter)
            else:
                self.assertEqual(self.state(letter)[0], UNSURE)
                self.assertLessEqual(self.times_out(letter), 1, letter)
        spool = self.fault.parent / "spool"
        rows = {each[0] for each in steps.database(self.server, "SELECT file FROM outbox")}
        self.assertEqual({each.name for each in spool.glob("*.eml")}, rows)


class KillTest(FaultTest):
    """SIGKILL at every step, 60 times in all."""

    def rounds(self, how: str, seconds: int) -> None:
        self.undo_s(seconds)
        letters: list[Letter] = []
        for _ in range(2):
            for point in POINTS:
                fresh = self.letters(f"{how} {point}")
                letters += fresh
                self.kill_at(point, fresh)
        unsure = self.check(letters)
        # Each kill in the window may leave those who were in it.
        self.assertLess(unsure, len(letters) / 2)

    def test_in_the_request(self) -> None:
        self.rounds("request", 0)

    def test_in_the_post_office(self) -> None:
        self.rounds("office", 1)

    def test_coming_back(self) -> None:
        self.undo_s(1)
        self.addCleanup(setattr, self.mock, "refuse", b"")
        letters = []
        for point in ("return.noted", "return.drafted"):
            self.mock.refuse = b"ben@"
            fresh = self.letters(point)
            letters += fresh
            self.kill_at(point, fresh)
            # The kill for the first one may come before the others' Send was taken.
            self.press_send(each for each in fresh if not each.is_answered)
            proc.wait_until(lambda: all(self.state(each)[0] == WRITING for each in fresh), "all to come back", 30)
        for letter in letters:
            self.assertEqual(self.places(letter), ["Drafts"])
            self.assertIn("was refused, so nobody got it", letter.client.get(f"/compose?id={letter.id}").text)
        self.mock.refuse = b""
        self.assertEqual(self.check(letters), 0)

    def test_put_off(self) -> None:
        self.undo_s(1)
        letters = []
        for _ in range(2):
            self.mock.faults["MAIL"] = b"451 4.3.0 later\r\n"
            fresh = self.letters("later")
            letters += fresh
            self.kill_at("send.put_off", fresh)
        self.mock.faults.clear()
        self.assertEqual(self.check(letters), 0)


class BrokenTest(FaultTest):
    """Connections that end, disks that are full, a database that is read-only."""

    imap: ClassVar[Proxy]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        backend = harness.backend()
        trust = ssl.create_default_context(cafile=str(backend.ca_file))
        cls.imap = Proxy(backend.ports["imaps"], context(backend.authority.issue("proxy")), trust)
        cls.addClassCleanup(cls.imap.close)
        sections["Mail"]["ImapPort"] = cls.imap.port

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.imap.rules.clear)

    def wait_tried(self, letters: list[Letter]) -> None:
        """Until each was tried and is put off."""

        def is_tried(letter: Letter) -> bool:
            return bool(steps.database(self.server, "SELECT 1 FROM outbox WHERE id = ? AND busy = 0 AND tries > 0", letter.id))

        proc.wait_until(lambda: all(is_tried(each) for each in letters), "a try of each", 30, self.server.process)

    def test_smtp_cut_before_the_dot(self) -> None:
        self.undo_s(1)
        letters: list[Letter] = []
        for step in ("greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA"):
            self.mock.faults = {step: CUT}
            fresh = self.letters(f"cut {step}")
            letters += fresh
            self.press_send(fresh)
            self.wait_tried(fresh)
        self.mock.faults.clear()
        self.assertEqual(self.check(letters), 0)

    def test_smtp_cut_after_the_dot(self) -> None:
        self.undo_s(1)
        self.mock.faults["dot"] = CUT
        letters = self.letters("cut dot")
        self.press_send(letters)
        proc.wait_until(lambda: all(self.state(each)[0] == UNSURE for each in letters), "perhaps sent", 20)
        self.mock.faults.clear()
        self.assertEqual(self.check(letters), len(letters))
        for letter in letters:
            self.assertEqual(self.places(letter), ["Outbox"])
            self.assertEqual(self.times_out(letter), 1)

    def test_imap_dropped_in_append(self) -> None:
        self.undo_s(1)
        letters: list[Letter] = []
        for after in (False, True):
            fresh = self.letters(f"append {after}")
            letters += fresh
            # Kept from the server; or its last bytes come, and the answer is lost.
            pattern = rb"--\r\n\r\n\Z|\A\r\n\Z" if after else rb"APPEND \"?Sent"
            self.imap.rules.append(Rule(pattern, CUT, after=after))
            self.press_send(fresh)
            proc.wait_until(lambda: all(self.state(each)[0] == SENT for each in fresh), "sent", 20)
            self.wait_tried(fresh)
            self.imap.rules.clear()
        self.assertEqual(self.check(letters), 0)

    def test_sent_is_said_at_the_250(self) -> None:
        """Nobody waits for the copy; it comes by itself, once."""
        self.undo_s(0)
        self.imap.rules.append(Rule(rb"APPEND \"?Sent", HANG))
        letters = self.letters("at once")[:1]
        [letter] = letters
        page = letter.send()
        self.assertEqual(box.heading(page), "Sent")
        self.assertIn(letter.subject, page.text)
        self.assertIn("To: ben@demo.test", page.text)
        self.assertIn("Bcc: chloe@demo.test", page.text)
        self.assertNotIn("no copy", page.text)
        self.assertEqual(self.times_out(letter), 1)
        proc.wait_until(lambda: self.imap.rules[0].hits > 0, "the copy to be begun", 20, self.server.process)
        self.assertEqual(self.in_folder(letter, "Sent"), 0)
        shown = letter.client.get("/outbox")
        self.assertIn("The copy for the Sent folder is being made just now.", shown.text)
        # Nothing that anybody had to look after.
        self.assertNotIn("Outbox 1", letter.client.get(box.list_url("Sent")).text)
        self.imap.rules.clear()
        self.assertEqual(self.check(letters), 0)

    def test_first_copy_needs_no_search(self) -> None:
        """Only what may have been copied before is looked for."""
        self.undo_s(0)
        before = len(re.findall(rb"(?i)HEADER \"?Message-ID", self.imap.seen))
        letters = self.letters("searched")[:1]
        steps.wait_copied(self.server, letters[0].send())
        self.assertEqual(len(re.findall(rb"(?i)HEADER \"?Message-ID", self.imap.seen)), before)
        self.imap.rules.append(Rule(rb"--\r\n\r\n\Z|\A\r\n\Z", CUT, after=True))
        again = self.letters("looked for")[:1]
        self.press_send(again)
        self.wait_tried(again)
        self.imap.rules.clear()
        self.assertEqual(self.check(letters + again), 0)
        self.assertGreater(len(re.findall(rb"(?i)HEADER \"?Message-ID", self.imap.seen)), before)

    def refused(self, fault: str, words: str) -> None:
        """Nothing goes out, and the form keeps what was written."""
        self.undo_s(0)
        letters = self.letters(fault)
        self.ask(fault)
        for letter in letters:
            answer = letter.send()
            self.assertGreaterEqual(answer.status, 400)
            self.assertIn(words, answer.text)
            self.assertIn("the words", answer.html)
            self.assertEqual(self.times_out(letter), 0)
        self.fault.unlink()
        self.assertEqual(self.check(letters), 0)

    def test_database_read_only(self) -> None:
        self.refused("fail database", "database cannot be written")

    def test_disk_full(self) -> None:
        self.refused("fail disk", "No space is left")


class FullDiskTest(FaultTest):
    """The server's state on a small disk of its own, filled to the last byte."""

    is_mounted: ClassVar[bool] = False

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        state = Path(str(sections["Server"]["StateDir"]))
        mount = ["mount", "-t", "tmpfs", "-o", "size=6m,mode=0700", "rig", str(state)]
        cls.is_mounted = subprocess.run(mount, capture_output=True).returncode == 0
        if cls.is_mounted:
            cls.addClassCleanup(subprocess.run, ["umount", "-l", str(state)], check=False)
            shutil.chown(state, web.SERVER_USER, "nogroup")

    def test_full(self) -> None:
        if not self.is_mounted:
            self.skipTest("nothing can be mounted here; test_disk_full has it by a fault point")
        self.undo_s(0)
        letters = self.letters("full disk")
        filler = self.fault.parent / "filler"
        with open(filler, "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 4096):
                    pass
            except OSError:
                pass
        for letter in letters:
            answer = letter.send()
            self.assertGreaterEqual(answer.status, 400)
            self.assertEqual(self.times_out(letter), 0)
        filler.unlink()
        self.assertEqual(self.check(letters), 0)
