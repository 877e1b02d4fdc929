"""Connections to the mail server: few, kept, used again, given up in time.

A proxy before the real server writes down who is connected and what each
connection is asked, and misbehaves where a test says so.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Callable, ClassVar
from urllib.parse import urlsplit

import mailbox as box
import message as m
import proc
import server as web
import steps
from client import LOOPBACK, Client
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url
from mockmail import Conn, Gone
from test_search import search_url

FOLDERS = ("INBOX", "Work", "Plans")
PER_USER, IN_ALL, AT_ONE = 3, 6, 2
FLOODS, FLOOD_MB = 20, 100
IMAP_WAIT_S = 3
SOON_S = 10.0  # what is waited for at most, on a busy machine
NEVER = r"(?!)"


class Watched(ImapProxy):
    """Passes on what no pattern is about; "FOLDER: COMMAND" is looked through.

    keeps   commands the server never gets: they wait for ever
    holds   commands it gets once `go` is set
    cuts    the connection ends instead (`cut_times` of them)
    slows   from then on answers come a byte every 0.3 s
    says    to LOGIN, instead of the server
    floods  instead of an answer, short lines without end
    """

    def __init__(self, upstream_port: int) -> None:
        self.links: list[Link] = []
        self.over: list[Link] = []
        self.dead: list[Link] = []
        self.kept: list[Link] = []
        self.held: list[str] = []
        self.cut: list[str] = []
        self.slow: list[Link] = []
        self.log: list[tuple[str, str]] = []
        self.flooded = 0
        self.go = threading.Event()
        self.behave()
        super().__init__(upstream_port)

    def behave(self) -> None:
        self.keeps = self.holds = self.cuts = self.slows = self.floods = NEVER
        self.cut_times = 0
        self.says = b""
        self.has_greeting = True
        self.go.set()

    def greet(self, link: Link) -> bool:
        self.links.append(link)
        if not self.has_greeting:
            raise Gone
        return True

    def serve(self, conn: Conn) -> None:
        try:
            super().serve(conn)
        finally:
            self.over += [each for each in self.links if each.conn is conn]

    def take(self, link: Link, command: Command) -> bytes | None:
        words = f"{link.folder}: {command.words}"
        self.log.append((link.user.split("@")[0], command.words))
        if link in self.dead:
            raise Gone
        if re.search(self.keeps, words):
            self.kept.append(link)
            return None
        if re.search(self.holds, words):
            self.held.append(words)
            self.go.wait(20)
        if self.cut_times > 0 and re.search(self.cuts, words):
            self.cut_times -= 1
            self.cut.append(words)
            raise Gone
        if re.search(self.floods, words):
            self.flooded += 1
            while True:
                link.conn.send(b"* OK x\r\n* 3 EXISTS\r\n" * 3000)
        if self.says and command.name == "LOGIN":
            link.conn.send(self.says.replace(b"{tag}", command.tag))
            return None
        if re.search(self.slows, words):
            self.slow.append(link)
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        if link not in self.slow:
            return response
        link.conn.drip(response)
        return b""

    def open(self, user: str = "") -> list[Link]:
        return [each for each in list(self.links) if each not in self.over and user in ("", each.user.split("@")[0])]

    def asked(self, user: str) -> list[str]:
        return [words for who, words in list(self.log) if who == user]


class Unsorting(Watched):
    """A server that has neither SORT nor THREAD."""

    def pass_on(self, link: Link, response: bytes) -> bytes:
        head, end, rest = response.partition(b"\r\n")
        if b"CAPABILITY" in head:
            head = re.sub(rb" (SORT|THREAD|ESORT|CONTEXT)(=[^ \]]*)?(?=[ \]]|$)", b"", head)
        return super().pass_on(link, head + end + rest)


class PoolTest(box.MailTest):
    """One server; its people are at hosts of their own."""

    proxy: ClassVar[Watched]
    kind: ClassVar[type[Watched]] = Watched
    wait: ClassVar[str] = f"{IMAP_WAIT_S}s"

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = cls.kind(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(
            ImapPort=cls.proxy.port, ImapSecurity="none", ImapWait=cls.wait, ConnectWait="2s", SearchWait=f"{IMAP_WAIT_S + 2}s",
            ImapConnectionsPerUser=PER_USER, WatchConnections=0,
        )  # fmt: skip
        box.new_user(cls.backend)

    def setUp(self) -> None:
        self.addCleanup(self.proxy.behave)

    def furnished(self) -> str:
        user = self.person()
        for folder in FOLDERS:
            box.put(self.backend, user, folder, *(letter(f"{folder} {at}") for at in range(3)))
        return user

    def eventually(self, is_so: Callable[[], bool], what: str, seconds: float = SOON_S) -> None:
        proc.wait_until(is_so, what, seconds, self.server.process)

    def leave(self, client: Client, path: str) -> socket.socket:
        """Asks for a page and does not read it; closed, the browser has left."""
        parts = urlsplit(client.origin)
        sock = socket.create_connection((LOOPBACK, parts.port or 0), timeout=10)
        if parts.scheme == "https":
            sock = client.trust.wrap_socket(sock, server_hostname=client.host)
        self.addCleanup(sock.close)
        cookies = "; ".join(f"{each.name}={each.value}" for each in client.cookies.values())
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nCookie: {cookies}\r\n\r\n".encode())
        return sock

    def one_each(self, user: str, client: Client) -> list[Link]:
        """Three idle connections, each with a folder open."""
        with ThreadPoolExecutor(len(FOLDERS)) as pool:
            self.proxy.go.clear()
            self.proxy.holds = ": FETCH"
            before = len(self.proxy.held)
            pages = []
            for at, folder in enumerate(FOLDERS):
                pages.append(pool.submit(client.get, list_url(folder)))
                self.eventually(lambda at=at: len(self.proxy.held) > before + at, "the page to wait", 10)  # type: ignore[misc]
            self.proxy.behave()
            self.assertEqual({page.result().status for page in pages}, {200})
        found = self.proxy.open(user)
        self.assertEqual(sorted(link.folder for link in found), sorted(FOLDERS))
        return found


class KeptTest(PoolTest):
    """What there is of one user is shared, kept and found again."""

    def test_few_for_all_sessions(self) -> None:
        user = self.furnished()
        with ThreadPoolExecutor(8) as pool:
            clients = list(pool.map(lambda _: self.browser(user), range(8)))
        # Each login proves itself on a connection of its own, and no more stay.
        self.eventually(lambda: len(self.proxy.open(user)) <= PER_USER, "no more than allowed")
        before = len(self.proxy.links)
        with ThreadPoolExecutor(8) as pool:
            pages = list(pool.map(lambda at: clients[at % 8].get(list_url(FOLDERS[at % 3])), range(24)))
        self.assertEqual({page.status for page in pages}, {200})
        self.assertLessEqual(len(self.proxy.open(user)), PER_USER)
        self.assertLessEqual(len(self.proxy.links) - before, PER_USER)

    def test_folders_stay_open(self) -> None:
        """Each page goes to the connection that has its folder open, without a NOOP of its own."""
        user = self.furnished()
        client = self.browser(user)
        self.one_each(user, client)
        before = len(self.proxy.asked(user))
        for folder in (*FOLDERS, *reversed(FOLDERS), "Work", "INBOX"):
            self.assertEqual([row.subject for row in box.rows(client.get(list_url(folder)))], [f"{folder} {at}" for at in (2, 1, 0)])
        asked = self.proxy.asked(user)[before:]
        self.assertEqual([words for words in asked if re.match("SELECT|LOGIN|EXAMINE|CAPABILITY", words)], [])
        self.assertLessEqual(asked.count("NOOP"), 8)
        before = len(self.proxy.asked(user))
        for uid in (1, 2, 3):
            self.assertEqual(client.get(f"/message?folder=Work&uid={uid}").status, 200)
        asked = self.proxy.asked(user)[before:]
        self.assertEqual([words for words in asked if re.match("SELECT|LOGIN|NOOP", words)], [])

    def test_counts_are_of_now(self) -> None:
        """A server counts the folder it has open as it was when it last looked there."""
        user = self.furnished()
        client = self.browser(user)
        self.one_each(user, client)
        for left in (2, 1):
            for folder in FOLDERS:
                box.store(self.backend, user, str(left), "+FLAGS (\\Seen)", folder)
            bar = box.folders(client.get("/search"))
            self.assertEqual([bar[name].unread for name in ("Inbox", "Work", "Plans")], [left] * 3)
            text = client.get("/folders").text
            for name in ("Inbox", "Work", "Plans"):
                self.assertRegex(text, rf"\b{name} {left} 3\b")
            # All folders are opened in turn, and one remains so.
            self.assertEqual(client.get(search_url("subject:nothing")).status, 200)

    def test_actions_ask_little(self) -> None:
        """What is new goes with the question, or is told by what was moved."""
        user = self.furnished()
        client = self.browser(user)
        page = client.get(list_url("Work"))
        for button, more, expected in (
            ("do=flag", {}, ["NOOP", "UID SEARCH", "UID STORE"]),
            ("do=move", {"to": "Plans"}, ["UID MOVE"]),
        ):
            before = len(self.proxy.asked(user))
            client.press(page, button, uid=["1"], **more)
            asked = [re.sub("(UID )?([A-Z]+).*", r"\1\2", words) for words in self.proxy.asked(user)[before:]]
            self.assertEqual(asked[: len(expected)], expected)
            self.assertRegex(asked[len(expected)], "FETCH")  # the list that follows

    def test_lost_ones_are_replaced_silently(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        self.one_each(user, client)
        for link in self.proxy.open(user):
            link.conn.send(b"* BYE you were silent for long\r\n")
        self.proxy.drop()
        self.eventually(lambda: not self.proxy.open(user), "the connections to end")
        for folder in FOLDERS:
            self.assertEqual(len(box.rows(client.get(list_url(folder)))), 3)
        # All are dead, which shows when they are spoken to: one page, one try more.
        self.proxy.dead += self.one_each(user, client)
        self.assertEqual(len(box.rows(client.get(list_url("Work")))), 3)

    def test_logging_off_ends_them(self) -> None:
        user = self.furnished()
        first, second = self.browser(user), self.browser(user)
        self.one_each(user, first)
        first.press(first.get("/list"), "Log off")
        self.assertEqual(second.get("/list").status, 200)
        self.assertGreater(len(self.proxy.open(user)), 0)
        second.press(second.get("/list"), "Log off")
        self.eventually(lambda: not self.proxy.open(user), "the connections to end")

    def test_repeated_is_only_what_may_be(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        client.get(list_url("Work"))
        self.proxy.cuts, self.proxy.cut_times = "FETCH", 1
        self.assertEqual(len(box.rows(client.get(list_url("Work")))), 3)
        self.assertEqual(len(self.proxy.cut), 1)
        self.proxy.cut_times = 100
        self.assertGreaterEqual(client.get(list_url("Work")).status, 500)
        self.assertEqual(100 - self.proxy.cut_times, 2)
        self.proxy.behave()
        for button, pattern in (("do=flag", "STORE"), ("do=move", "MOVE"), ("do=delete", "MOVE"), ("do=read", "STORE")):
            page = client.get(list_url("Work"))
            self.proxy.cut.clear()
            self.proxy.cuts, self.proxy.cut_times = f": (UID )?{pattern}", 100
            done = client.press(page, button, uid=["2"], **({"to": "Plans"} if button == "do=move" else {}))
            self.proxy.behave()
            # Marks may be set twice, nothing may be moved twice.
            self.assertLessEqual(len(self.proxy.cut), 2 if pattern == "STORE" else 1, button)
            self.assertNotRegex(done.text, r"1 message (moved|flagged|deleted|marked)")
        form = client.get("/compose").form(field="subject")
        self.proxy.cut.clear()
        self.proxy.cuts, self.proxy.cut_times = ": APPEND", 100
        saved = client.submit(form, "do=save", to="ben@demo.test", subject="kept", body="the words")
        self.assertIn("the words", saved.html)
        self.assertEqual(len(self.proxy.cut), 1)

    def test_deadlines_are_absolute(self) -> None:
        """A byte now and then does not make a page wait for ever."""
        user = self.furnished()
        client = self.browser(user)
        self.proxy.slows = ": NOOP|FETCH"
        start = time.monotonic()
        page = client.get(list_url("INBOX"))
        self.assertGreaterEqual(page.status, 500)
        # All of it would take minutes.
        self.assertLess(time.monotonic() - start, 12)
        self.proxy.behave()
        self.eventually(lambda: not [each for each in self.proxy.open(user) if each in self.proxy.slow], "it to be given up")
        self.assertEqual(client.get(list_url("INBOX")).status, 200)

    def test_putting_in_order_may_take_longer(self) -> None:
        """SearchWait, not ImapWait; then it is said what the mail server is at."""
        user = self.furnished()
        client = self.browser(user)
        self.proxy.go.clear()
        self.proxy.holds = "UID SORT"
        with ThreadPoolExecutor(1) as pool:
            page = pool.submit(client.get, list_url("Work") + "&sort=from")
            self.eventually(lambda: bool(self.proxy.held), "the page to wait")
            self.assertFalse(wait([page], timeout=IMAP_WAIT_S + 0.5).done)
            self.proxy.behave()
            self.assertEqual(len(box.rows(page.result())), 3)
        self.proxy.keeps = "UID SORT"
        late = client.get(list_url("INBOX") + "&sort=from")
        self.assertEqual(len(box.rows(late)), 3)
        self.assertIn("still putting this folder in order", late.text)
        # What was found has no other order to be shown in.
        late = client.get(list_url("INBOX", q="subject:a") + "&sort=from")
        self.assertEqual(late.status, 503)
        self.assertIn("still at work on this folder", late.text)

    def test_space_used_is_not_waited_for(self) -> None:
        """Dovecot adds up all messages for it, once: of a million that takes half a minute."""
        user = self.furnished()
        self.proxy.keeps = "GETQUOTAROOT"
        client = self.browser(user)
        for folder in (*FOLDERS, *FOLDERS):
            self.assertEqual(len(box.rows(client.get(list_url(folder)))), 3)
        self.assertEqual(len([each for each in self.proxy.asked(user) if each.startswith("GETQUOTAROOT")]), 1)
        # Whoever adds up is not asked for a page.
        self.eventually(lambda: all(each in self.proxy.over for each in self.proxy.kept), "its connection to end")

    def test_space_used_comes_with_the_next_page(self) -> None:
        """After a move Dovecot goes through the whole folder to add it up: 16 ms of 100,000 messages."""
        user = self.furnished()
        client = self.browser(user)
        page = client.get(list_url("INBOX"))
        self.assertIn("Space used: ", page.text)
        before = len(self.proxy.links)
        for turn in range(2):
            self.proxy.go.clear()
            self.proxy.holds = "GETQUOTAROOT"
            with ThreadPoolExecutor(1) as pool:
                moved = pool.submit(client.press, page, "do=move", uid=[str(box.rows(page)[0].uid)], to="Work")
                # The list behind it does not wait for what is not told yet.
                self.eventually(lambda: len(self.proxy.held) > turn, "the space to be asked for")
                page = moved.result(timeout=0.9)
            self.assertEqual(len(box.rows(page)), 2 - turn)
            self.assertIn("Space used: ", page.text)
            self.proxy.behave()
            page = client.get(list_url("INBOX"))
            self.assertEqual(len(box.rows(page)), 2 - turn)
            self.assertIn("Space used: ", page.text)
        asked = [each for each in self.proxy.asked(user) if each.startswith("GETQUOTAROOT")]
        # The answer that came late was read; nobody asked for it again.
        self.assertEqual(len(asked), 3)
        self.assertEqual(len(self.proxy.links), before)
        # What is deleted for good is looked for there.
        page = client.press(client.get(list_url("Work")), "do=delete", uid=["1"])
        self.proxy.go.clear()
        self.proxy.holds = "GETQUOTAROOT"
        with ThreadPoolExecutor(1) as pool:
            asked = client.press(client.get(list_url("Trash")), "do=delete", uid=["1"])
            gone = pool.submit(client.press, asked, "Delete for good")
            self.assertFalse(wait([gone], timeout=0.3).done)
            self.proxy.behave()
            self.assertEqual(gone.result().status, 200)


class UnsortingTest(PoolTest):
    """Orders are made here."""

    kind = Unsorting

    def subjects(self, client: Client, **more: object) -> list[str]:
        return [row.subject for row in box.rows(client.get(list_url("INBOX", **more)))]

    def keys_read(self, user: str) -> int:
        """How often all messages were asked for what they are ordered by."""
        return len([each for each in self.proxy.asked(user) if re.match(r"UID FETCH 1:\* ", each)])

    def test_an_order_is_made_once(self) -> None:
        """Of 100,000 messages it takes seconds, for each page and each message that is opened from it."""
        user = self.furnished()
        client = self.browser(user)
        self.assertEqual(self.subjects(client, sort="subject"), ["INBOX 0", "INBOX 1", "INBOX 2"])
        self.assertEqual(self.keys_read(user), 1)
        page = client.get(list_url("INBOX", sort="subject", rev=1))
        self.assertEqual([row.subject for row in box.rows(page)], ["INBOX 2", "INBOX 1", "INBOX 0"])
        self.assertEqual(client.get(box.rows(page)[1].url).status, 200)
        self.assertEqual(self.keys_read(user), 1)
        self.subjects(client, sort="size")
        self.assertEqual(self.keys_read(user), 2)
        # Never longer than it is true.
        box.put(self.backend, user, "INBOX", letter("A new one"))
        self.assertEqual(self.subjects(client, sort="subject"), ["A new one", "INBOX 0", "INBOX 1", "INBOX 2"])
        self.assertEqual(self.keys_read(user), 3)
        box.store(self.backend, user, "2", "+FLAGS (\\Deleted)")
        with self.imap(user) as imap:
            imap.select("INBOX")
            imap.expunge()
        self.assertEqual(self.subjects(client, sort="subject"), ["A new one", "INBOX 0", "INBOX 2"])
        # As many as before, and other ones.
        box.store(self.backend, user, "1", "+FLAGS (\\Deleted)")
        with self.imap(user) as imap:
            imap.select("INBOX")
            imap.expunge()
        box.put(self.backend, user, "INBOX", letter("B new one"))
        self.assertEqual(self.subjects(client, sort="subject"), ["A new one", "B new one", "INBOX 2"])
        # Marks change no order.
        before = self.keys_read(user)
        box.store(self.backend, user, "3", "+FLAGS (\\Flagged)")
        rows = box.rows(client.get(list_url("INBOX", sort="subject")))
        self.assertEqual([row.subject for row in rows if "Flagged" in row.marks], ["INBOX 2"])
        self.assertEqual(self.keys_read(user), before)

    def test_what_is_too_slow_is_said(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        self.proxy.keeps = r"UID FETCH 1:\* |HEADER\.FIELDS"
        page = client.get(list_url("INBOX", sort="from"))
        self.assertEqual([row.subject for row in box.rows(page)], ["INBOX 2", "INBOX 1", "INBOX 0"])
        self.assertIn("has to be put in order here", page.text)
        self.assertNotIn("still putting", page.text)
        page = client.press(page, "do=threads")
        self.assertEqual(len(box.rows(page)), 3)
        self.assertIn("Conversations have to be made here", page.text)
        self.assertNotIn("still putting", page.text)


class DeadServerTest(PoolTest):
    """No login per click."""

    wait = "2s"

    def clicks(self, client: Client, count: int) -> float:
        start = time.monotonic()
        for _ in range(count):
            page = client.get(list_url("Work"))
            self.assertGreaterEqual(page.status, 500)
            self.assertRegex(page.text, "mail server")
        return time.monotonic() - start

    def back(self, client: Client) -> None:
        self.proxy.behave()
        self.eventually(lambda: client.get(list_url("Work")).status == 200, "the pages to come again", 15)

    def test_hangs_up(self) -> None:
        client = self.browser(self.furnished())
        self.proxy.has_greeting = False
        self.proxy.drop()
        before = len(self.proxy.links)
        spent = self.clicks(client, 40)
        self.assertLess(len(self.proxy.links) - before, 12 + spent)
        self.back(client)

    def test_takes_no_login(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        for says in (b"{tag} NO [UNAVAILABLE] try later\r\n", b"* BYE too much\r\n"):
            self.proxy.says = says
            self.proxy.drop()
            self.eventually(lambda: not self.proxy.open(user), "the connections to end")
            before = self.logins(user)
            spent = self.clicks(client, 40)
            self.assertLess(self.logins(user) - before, 12 + spent)
            self.back(client)

    def test_is_silent_at_the_login(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        self.proxy.keeps = ": LOGIN"
        self.proxy.drop()
        self.eventually(lambda: not self.proxy.open(user), "the connections to end")
        before = self.logins(user)
        with ThreadPoolExecutor(8) as pool:
            start = time.monotonic()
            list(pool.map(lambda _: client.get(list_url("Work")), range(24)))
        # Three at once may try it, each for 2 s; the others are told.
        self.assertLess(self.logins(user) - before, 18)
        self.assertLess(time.monotonic() - start, 30)
        self.back(client)

    def logins(self, user: str) -> int:
        return sum(words.startswith("LOGIN") for words in self.proxy.asked(user))

    def test_refuses_the_password_from_now_on(self) -> None:
        user = self.furnished()
        client = self.browser(user)
        self.proxy.says = b"{tag} NO [AUTHENTICATIONFAILED] no\r\n"
        self.proxy.drop()
        self.eventually(lambda: not self.proxy.open(user), "the connections to end")
        before = self.logins(user)
        for _ in range(5):
            self.assertTrue(steps.is_login_page(client.get(list_url("Work"))))
        self.assertEqual(self.logins(user) - before, 1)


class GoneTest(PoolTest):
    """The browser leaves: what it asked for ends at the mail server, too."""

    wait = "60s"

    def test_commands_end_with_it(self) -> None:
        for secure in (False, True):
            self.commands_end(secure)

    def commands_end(self, secure: bool) -> None:
        user = self.furnished()
        attached = m.multi("mixed", [m.text("see there\n"), m.attachment("a.bin", "application/octet-stream", bytes(range(256)) * 4000)], "cut")
        box.put(self.backend, user, "INBOX", letter("big", attached))
        client = self.browser(user, secure=secure)
        part = box.open_message(client, "big").link("/part?")
        visits = {
            "a list": (list_url("Work"), "Work: "),
            "a sorted list": (list_url("Work", sort="subject"), " (UID )?SORT"),
            "a search": (list_url("Work", q="body:nothing"), "SEARCH|SORT"),
            "a search of all folders": (search_url("body:nothing"), "SEARCH"),
            "a message": ("/message?folder=Work&uid=2", "FETCH"),
            "a download": (part, "FETCH"),
        }
        for what, (path, pattern) in visits.items():
            with self.subTest(what, secure=secure):
                self.proxy.kept.clear()
                self.proxy.keeps = pattern
                browser = self.leave(client, path)
                self.eventually(lambda: len(self.proxy.kept) > 0, "the server to be asked", 10)
                browser.close()
                self.eventually(lambda: all(each in self.proxy.over for each in self.proxy.kept), f"{what} to end", 20)
                self.proxy.behave()
                self.assertEqual(client.get(list_url("Work")).status, 200)

    def test_half_a_download(self) -> None:
        """A browser that stops reading and leaves holds nothing."""
        user = self.furnished()
        attached = m.multi("mixed", [m.text("see there\n"), m.attachment("a.bin", "application/octet-stream", bytes(range(256)) * 40000)], "cut")
        box.put(self.backend, user, "INBOX", letter("big", attached))
        client = self.browser(user)
        part = box.open_message(client, "big").link("/part?")
        browsers = [self.leave(client, part) for _ in range(PER_USER)]
        for each in browsers:
            each.recv(1000)
        for each in browsers:
            each.close()
        start = time.monotonic()
        self.assertEqual(client.get(list_url("Work")).status, 200)
        self.assertLess(time.monotonic() - start, 10)


class CapTest(PoolTest):
    """Not more than allowed in all, and at one server."""

    other: ClassVar[Watched]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        cls.other = Watched(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.other.close)
        sections["Mail"].update(ImapConnections=IN_ALL, ImapIdleClose="1s")
        sections["Host few.test"] = {"ImapPort": cls.other.port, "ImapConnectionsPerServer": AT_ONE}

    def at(self, host: str) -> Client:
        user = self.person()
        client = self.client(host=host)
        page = client.login(user, self.backend.passwords[user])
        self.assertEqual(page.status, 200, page.text[:300])
        return client

    def few(self, proxy: Watched, most: int) -> None:
        self.eventually(lambda: len(proxy.open()) <= most, "no more than allowed")

    def test_in_all_and_at_one(self) -> None:
        with ThreadPoolExecutor(4) as pool:
            mine = list(pool.map(self.at, ["few.test"] * 6))
        self.few(self.other, AT_ONE)
        self.assertLessEqual(steps.metric(mine[0], "iwebmsg_imap_connections"), AT_ONE)
        others = [self.at("localhost") for _ in range(3)]
        before = len(self.proxy.links)
        with ThreadPoolExecutor(6) as pool:
            pages = list(pool.map(lambda at: mine[at % 6].get(list_url()), range(18)))
        self.assertEqual({page.status for page in pages}, {200})
        self.few(self.other, AT_ONE)
        # They made room among themselves: nobody else's connection was closed for it.
        self.assertEqual(len(self.proxy.links), before)
        with ThreadPoolExecutor(8) as pool:
            others += list(pool.map(self.at, ["localhost"] * 6))
            pages = list(pool.map(lambda at: others[at % 9].get(list_url()), range(27)))
        self.assertEqual({page.status for page in pages}, {200})
        self.eventually(lambda: len(self.proxy.open()) + len(self.other.open()) <= IN_ALL, "no more than allowed")
        # Nobody uses them: they are closed.
        self.eventually(lambda: not self.proxy.open() + self.other.open(), "idle ones to be closed", 15)
        self.assertEqual(steps.metric(mine[0], "iwebmsg_imap_connections"), 0)


class AddressTest(PoolTest):
    """Every connection says for whom it is, not only that of the login."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Mail"]["SendClientAddress"] = "1"

    def test_each_connection(self) -> None:
        user = self.furnished()
        for link in self.one_each(user, self.browser(user)):
            words = [command.words for command in link.sent]
            self.assertIn('"x-originating-ip" "127.0.0.1"', words[0])
            self.assertTrue(words[1].startswith("LOGIN"))


class FloodTest(PoolTest):
    """Short lines without end cost time, not memory: at the login and wherever libetpan reads."""

    wait = "1s"

    def test_memory_is_bounded(self) -> None:
        users = [self.person() for _ in range(FLOODS)]
        clients = [self.browser(user) for user in users[: FLOODS // 2]]
        for floods in (": LOGIN", ": SELECT", ": NOOP"):
            self.proxy.floods, self.proxy.flooded = floods, 0
            memory = box.Memory(self.server)

            def visit(at: int) -> int:
                if self.proxy.floods == ": LOGIN":
                    return self.client().login(users[at], self.backend.passwords[users[at]]).status
                folder = "Drafts" if "SELECT" in self.proxy.floods else "INBOX"
                return clients[at % len(clients)].get(list_url(folder)).status

            with ThreadPoolExecutor(4) as pool:
                answers = list(pool.map(visit, range(FLOODS)))
            # Where a folder was just opened, nothing more is asked.
            self.assertEqual({each for each in answers if each < 502}, {200} if "NOOP" in floods else set())
            self.assertGreaterEqual(self.proxy.flooded, 5)
            if box.memory_is_measured():
                print(f"# {floods}: {self.proxy.flooded} floods, {memory.rise():.0f} MB at most, {memory.left():.0f} MB left")
                self.assertLess(memory.rise(), FLOOD_MB)
            self.proxy.behave()
        self.eventually(lambda: clients[0].get(list_url()).status == 200, "the pages to come again", 15)
