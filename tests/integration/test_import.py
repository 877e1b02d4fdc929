"""Messages from files into a folder: all of them, once, and back again."""

from __future__ import annotations

import imaplib
import io
import re
import socket
import threading
import zipfile
from typing import Callable, ClassVar

import harness
import imapname
import mailbox as box
import proc
import server as web
import steps
from client import Client, Page, _multipart
from imapproxy import Command, Extension, Link, Without
from mailbox import letter, list_url

FROM = b"From ben@example.com Fri Jan  2 00:00:00 1970\n"
EVERYTHING, BARE, CUT, SLOW = "everything.test", "bare.test", "cut.test", "slow.test"
BIG_BYTES = 30 << 20


def mbox(*messages: bytes) -> bytes:
    return b"".join(FROM + each.replace(b"\r\n", b"\n") + b"\n" for each in messages)


def zipped(method: int = zipfile.ZIP_DEFLATED, **files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


class Cutting(Without):
    """Loses the connection behind the second APPEND of somebody, once."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__(upstream_port)
        self.parts.append(Extension(r"MULTIAPPEND"))
        self.appends: dict[str, int] = {}

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name == "APPEND":
            seen = self.appends[link.user] = self.appends.get(link.user, 0) + 1
            if seen == 2:
                link.upstream.send(command.whole)
                link.upstream.recv()  # it is in, and nobody is told
                raise ConnectionError("cut")
        return super().take(link, command)


class Slow(Without):
    """Holds every APPEND until the test lets it go."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__(upstream_port)
        self.parts.append(Extension(r"MULTIAPPEND"))
        self.held, self.goes = threading.Event(), threading.Event()

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name == "APPEND":
            self.held.set()
            assert self.goes.wait(60)
        return super().take(link, command)


class ImportTest(box.MailTest):
    proxies: ClassVar[dict[str, Without]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        port = cls.backend.ports["imap"]
        bare = Without(port, "UIDPLUS", "LITERAL+")
        bare.parts.append(Extension(r"MULTIAPPEND"))
        cls.proxies = {EVERYTHING: Without(port), BARE: bare, CUT: Cutting(port), SLOW: Slow(port)}
        for name, made in cls.proxies.items():
            cls.addClassCleanup(made.close)
            sections[f"Host {name}"] = {"ImapPort": made.port, "ImapSecurity": "none"}

    def at(self, host: str) -> tuple[str, Client]:
        user = self.person()
        client = self.client(host=host)
        client.login(user, self.backend.passwords[user])
        return user, client

    def form_page(self, client: Client, folder: str = "INBOX") -> Page:
        return client.follow(client.get(list_url(folder)), "Import messages …")

    def take_in(self, client: Client, *files: tuple[str, bytes], folder: str = "INBOX", **more: object) -> Page:
        page = self.form_page(client, folder)
        sent = [(name, "application/octet-stream", data) for name, data in files]
        return client.submit(page.form(button="Import"), "Import", files={"file": sent}, **more)  # type: ignore[arg-type]

    def dates(self, user: str, folder: str) -> list[str]:
        with self.backend.imap(user) as conn:
            conn.select(imapname.quoted(folder), readonly=True)
            found = conn.fetch("1:*", "(INTERNALDATE)")[1]
        return [str(imaplib.Internaldate2tuple(each)) for each in found]

    # -- there and back --------------------------------------------------

    def test_what_was_saved_comes_in_as_it_was(self) -> None:
        user = self.person()
        odd = letter("odd one") + b"From here on\r\n>From quoted\r\n\r\nFrom ben@x Fri Jan  2 00:00:00 1970\r\nA: b\r\n"
        long = letter("long") + b"x" * 200000 + b"\r\n\r\n"
        eight = letter("eight bits") + b"caf\xe9 \xff\r\n" * 3 + b"\r\n\r\n"
        many = [letter(f"n{at}") for at in range(70)]
        box.put(self.backend, user, "Work", odd, long, eight, *many)
        box.put(self.backend, user, "From mbox")
        box.put(self.backend, user, "From zip")
        before = box.raw_messages(self.backend, user, "Work")
        client = self.browser(user)
        page = client.press(client.get(list_url("Work")), "do=save", all=str(len(before)))
        for button, folder in (("One mail file (mbox)", "From mbox"), ("Archive (zip)", "From zip")):
            with self.imap(user) as conn:
                conn.create(imapname.quoted(folder))
            data = client.press(page, button).body
            done = self.take_in(client, ("Work", data), folder=folder)
            self.assertIn(f"{len(before)} messages came in.", done.text)
            self.assertNotIn("left out", done.text)
            got = box.raw_messages(self.backend, user, folder)
            self.assertEqual(sorted(got), sorted(before))
        self.assertEqual(box.raw_messages(self.backend, user, "From mbox"), before)
        self.assertEqual(self.dates(user, "From mbox"), self.dates(user, "Work"))

    def test_every_server(self) -> None:
        """Together, ahead, and each for itself."""
        mail = [letter(f"n{at}") for at in range(66)] + [letter("large") + b"y" * 100000 + b"\r\n"]
        for host in (EVERYTHING, BARE):
            user, client = self.at(host)
            page = self.take_in(client, ("a.mbox", mbox(*mail)))
            self.assertIn("67 messages came in.", page.text)
            self.assertEqual(box.raw_messages(self.backend, user, "INBOX"), mail)
            self.assertEqual(self.proxies[host].refused, [])
            if host == BARE:  # which messages came is found out
                self.assertIn("The import was taken back.", client.press(page, "Undo").text)
            else:
                sent = [each for each in self.proxies[host].commands if each.startswith("APPEND ")]
                self.assertLess(len(sent), 5)

    # -- what messages say of themselves -----------------------------------

    def test_marks_dates_and_what_is_left_out(self) -> None:
        user, client = self.at(EVERYTHING)

        def one(subject: str, *fields: tuple[str, str]) -> bytes:
            return letter(subject, extra=fields, when=1000000000)

        zero = letter("zero") + b"\0\r\n"
        page = self.take_in(
            client,
            (
                "Local Folders.mbox",
                mbox(
                    one("read", ("Status", "RO"), ("X-Status", "AF")),
                    one("unread", ("Status", "O")),
                    one("bird", ("X-Mozilla-Status", "1005")),
                    one("gone", ("X-Mozilla-Status", "0009")),
                    zero,
                    b"Note: nothing of a message\n\nx\n",
                ),
            ),
            ("one.eml", one("alone", ("Received", "from a by b; Fri, 2 Jan 2009 03:04:05 +0000"))),
            ("two.zip", zipped(a_eml=one("packed"), b_txt=b"words\n", c_mbox=mbox(one("inner")))),
            # How much memory that takes whoever packed it says.
            ("lzma.zip", zipped(zipfile.ZIP_LZMA, l_eml=one("by LZMA"))),
            ("holiday.txt", b"Dear Ben,\nwords\n"),
            ("empty.eml", b""),
        )
        self.assertIn("6 messages came in.", page.text)
        self.assertIn("7 were left out.", page.text)
        for words in (
            "l.eml: the archive is broken here, or of a form that is not known",
            "Local Folders.mbox message 4 gone: it was deleted in the program that wrote the file",
            "Local Folders.mbox message 5 zero: it has zero bytes in it",
            "Local Folders.mbox message 6: this is no message",
            "b.txt: it is neither a message nor an mbox file",
            "holiday.txt: it is neither a message, nor an mbox file, nor a zip archive",
            "empty.eml: it is empty",
        ):
            self.assertIn(words, page.text.replace(" :", ":"))
        found = dict(zip(box.subjects(self.backend, user, "INBOX"), box.flags(self.backend, user, "INBOX").values()))
        for subject, expected in {
            "read": {"\\Seen", "\\Answered", "\\Flagged"},
            "unread": set(),
            "bird": {"\\Seen", "\\Flagged", "$Forwarded"},
            "alone": {"\\Seen"},
            "packed": {"\\Seen"},
            "inner": {"\\Seen"},
        }.items():
            self.assertEqual(found[subject] - {"\\Recent"}, expected, subject)
        self.assertIn("tm_year=1970, tm_mon=1, tm_mday=2", self.dates(user, "INBOX")[0])
        self.assertIn("tm_year=2009, tm_mon=1, tm_mday=2", self.dates(user, "INBOX")[3])
        page = self.take_in(client, ("u.eml", letter("not read")), read=False)
        self.assertNotIn("\\Seen", list(box.flags(self.backend, user, "INBOX").values())[-1])

    def test_no_file_and_a_broken_archive(self) -> None:
        user, client = self.at(EVERYTHING)
        page = self.take_in(client)
        self.assertEqual((page.status, "Please choose a file first." in page.text), (400, True))
        whole = zipped(a_eml=letter("a") * 30, b_eml=letter("b"))
        page = self.take_in(client, ("cut.zip", whole[: len(whole) // 2]))
        self.assertIn("cut.zip", page.text)
        self.assertRegex(page.text, "is broken|password")
        self.assertEqual(self.backend.count(user, "INBOX") in (0, 1), True)

    # -- once, and back ---------------------------------------------------

    def test_twice_is_once_and_undo(self) -> None:
        user, client = self.at(EVERYTHING)
        box.put(self.backend, user, "INBOX", letter("before"))
        form = self.form_page(client).form(button="Import")
        data = mbox(*(letter(f"n{at}") for at in range(5)))
        files = {"file": [("a.mbox", "application/mbox", data)]}
        first = client.submit(form, "Import", files=files)
        again = client.submit(form, "Import", files=files)
        for page in (first, again):
            self.assertIn("5 messages came in.", page.text)
        self.assertEqual(self.backend.count(user, "INBOX"), 6)
        back = client.press(first, "Undo")
        self.assertIn("The import was taken back.", back.text)
        self.assertIn("The import was taken back.", client.press(again, "Undo").text)
        self.assertEqual((self.backend.count(user, "INBOX"), self.backend.count(user, "Trash")), (1, 5))
        self.assertEqual(box.subjects(self.backend, user, "INBOX"), ["before"])
        # In the trash nothing but those goes for good.
        page = self.take_in(client, ("a.mbox", data), folder="Trash")
        self.assertEqual(self.backend.count(user, "Trash"), 10)
        client.press(page, "Undo")
        self.assertEqual(self.backend.count(user, "Trash"), 5)

    # -- what goes wrong ---------------------------------------------------

    def test_the_connection_is_lost(self) -> None:
        user, client = self.at(CUT)
        mail = [letter(f"n{at}") + b"z" * 700000 + b"\r\n" for at in range(4)]
        page = self.take_in(client, ("a.mbox", mbox(*mail)))
        self.assertIn("3 messages came in.", page.text)
        self.assertIn("Of 1 message it is not known whether it came in.", page.text)
        self.assertIn("message 2 n1: the connection to the mail server was lost", page.text.replace(" :", ":"))
        # None twice.
        self.assertEqual(box.subjects(self.backend, user, "INBOX"), ["n0", "n1", "n2", "n3"])

    def held(self, what: Callable[[Client, socket.socket], None]) -> tuple[str, Client, str]:
        """Something happens while an import waits for the mail server."""
        proxy = self.proxies[SLOW]
        assert isinstance(proxy, Slow)
        proxy.held.clear()
        proxy.goes.clear()
        user, client = self.at(SLOW)
        form = self.form_page(client).form(button="Import")
        mail = [letter(f"n{at}") + b"z" * 700000 + b"\r\n" for at in range(4)]
        pairs = [(each.name, each.value) for each in form.fields if each.kind == "hidden"]
        body, kind = _multipart([*pairs, ("file", ("a.mbox", "application/mbox", mbox(*mail)))])
        jar = "; ".join(f"{each.name}={each.value}" for each in client.cookies.values())
        head = f"POST /import HTTP/1.1\r\nHost: {SLOW}:{client.plain_port}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nCookie: {jar}\r\n\r\n"
        with socket.create_connection((proc.LOOPBACK, client.plain_port), 30) as browser:
            browser.sendall(head.encode() + body)
            self.assertTrue(proxy.held.wait(30))
            what(client, browser)
            proxy.goes.set()
        return user, client, dict(pairs)["id"]

    def test_the_browser_leaves(self) -> None:
        user, client, ident = self.held(lambda _, browser: browser.close())

        def report() -> str:
            return client.get(f"/import?folder=INBOX&id={ident}").text

        proc.wait_until(lambda: "4 messages came in." in report(), "the import", 30)
        self.assertEqual(box.subjects(self.backend, user, "INBOX"), ["n0", "n1", "n2", "n3"])
        self.assertIn("Undo", report())

    def test_logging_off_ends_it(self) -> None:
        def done() -> int:
            return sum(each.get("page") == "mail_import_post" for each in steps.events(self.server, "http.request"))

        before = done()

        def log_off(client: Client, _: socket.socket) -> None:
            client.press(client.get(list_url()), "Log off")

        user, _, _ = self.held(log_off)
        proc.wait_until(lambda: done() > before, "the end of the import", 30)
        # What was on its way is in; what would have come after it never is.
        self.assertLess(self.backend.count(user, "INBOX"), 2)

    @harness.unittest.skipUnless(box.memory_is_measured(), "sanitizers keep freed memory")
    def test_100_mb_in_little_memory_until_it_is_full(self) -> None:
        user = self.person()
        client = self.browser(user)
        line = b"0123456789" * 7 + b"\r\n"
        mail = [letter(f"n{at}") + line * (BIG_BYTES // len(line)) for at in range(4)]
        memory = box.Memory(self.server)
        page = self.take_in(client, ("big.mbox", mbox(*mail)))
        rise = memory.rise()
        self.assertIn("Your mailbox is full.", page.text)
        self.assertIn("3 messages came in.", page.text)
        self.assertRegex(page.text, "message 4 n3 ?: ")
        self.assertIn("Not tried: what comes after message 4 of big.mbox.", page.text)
        self.assertTrue(box.raw_messages(self.backend, user, "INBOX") == mail[:3])
        self.assertLess(rise, 24)
        small = self.take_in(client, ("one.eml", letter("large") + line * (60 * 2**20 // len(line))))
        self.assertIn("it is too large", small.text)


__all__ = ["ImportTest", "re"]
