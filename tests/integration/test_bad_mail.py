"""Mail servers that hang, hang up, refuse, lie, or offer little."""

from __future__ import annotations

import re
import threading
import time
from typing import ClassVar

import mailbox as box
import message as m
import proc
import server as web
import steps
from client import Client, Page
from mailbox import letter, list_url, rows
from mockmail import CUT, DRIP, GARBAGE, HANG, HUGE, Certificates, ImapMock, Proxy, Rule

WAIT_S = 1.0
# What a page may take beyond the deadline on a slow machine.
SLACK_S = 4.0
DEEP = b"* 1 FETCH (BODYSTRUCTURE " + b"(" * 20000 + b")" * 20000 + b")\r\n{tag} OK done\r\n"
LITERAL = b"* LIST () \"/\" {99999999999}\r\n"
BYE = b"* BYE shutting down\r\n"
NO = b"{tag} NO not today\r\n"
BAD = b"{tag} BAD what\r\n"
INBOX = letter("in the mock", m.text("mock words\n"))
STRUCTURE = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 12 1)'
ENVELOPE = b'("Sat, 21 Nov 2026 04:00:00 +0000" "in the mock" (("B" NIL "b" "x")) NIL NIL NIL NIL NIL NIL "<1@x>")'
ITEMS = b'UID 1 FLAGS () INTERNALDATE "21-Nov-2026 04:00:00 +0000" RFC822.SIZE 500'


class OneMessage(ImapMock):
    """ImapMock with one message in INBOX."""

    def _reply(self, step: str, tag: bytes, command: bytes) -> bytes:
        answer = super()._reply(step, tag, command).replace(b"* 0 EXISTS", b"* 1 EXISTS")
        if step in ("FETCH", "UID FETCH"):
            items = ITEMS
            if b"ENVELOPE" in command:
                items += b" ENVELOPE " + ENVELOPE
            if b"STRUCTURE" in command:
                items += b" BODYSTRUCTURE " + STRUCTURE
            part = re.search(rb"BODY\.PEEK\[([^\]]*)\]", command)
            if part:
                words = b"\r\n" if b"HEADER" in part.group(1) else b"mock words\r\n"
                items += b" BODY[%s] {%d}\r\n%s" % (part.group(1), len(words), words)
            return b"* 1 FETCH (" + items + b")\r\n" + answer
        return answer


class BadImapTest(box.MailTest):
    """One server with faults per step; the default host has a good one."""

    mock: ClassVar[OneMessage]
    good_user: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = OneMessage()
        cls.addClassCleanup(cls.mock.close)
        cls.good_user = box.new_user(cls.backend)
        sections["Mail"].update(ImapWait=f"{WAIT_S:.0f}s", ConnectWait=f"{WAIT_S:.0f}s")
        sections["Mail"]["FolderCounts"] = "0s"  # so that each list asks for them
        sections["Session"] = {"LoginTriesPerAccount": 1000, "LoginTriesPerAddress": 10000, "LoginTriesPerNetwork": 100000}
        sections["Host bad.test"] = {"ImapPort": cls.mock.port, "ImapSecurity": "none"}

    def setUp(self) -> None:
        self.mock.faults.clear()

    def tearDown(self) -> None:
        # Every fault must leave the server in order, for others and for this one.
        page = self.logged_in(self.good_user).get(list_url())
        self.assertEqual(page.status, 200)

    def timed(self, ask: object) -> tuple[Page, float]:
        start = time.monotonic()
        page = ask()  # type: ignore[operator]
        return page, time.monotonic() - start

    def login(self) -> Page:
        return self.client(host="bad.test").login("mira", "x")

    def inside(self) -> Client:
        """Logged in, with a warm connection."""
        client = self.client(host="bad.test")
        page = client.login(box.unique("u").replace(" ", ""), "x")
        self.assertEqual([row.subject for row in rows(page)], ["in the mock"], page.text[:300])
        return client

    def test_login(self) -> None:
        for step in ("greeting", "LOGIN", "CAPABILITY"):
            for fault in (HANG, CUT, GARBAGE, DRIP, HUGE, BYE, BAD, LITERAL):
                if step == "greeting" and fault == BAD:
                    continue
                with self.subTest(step=step, fault=fault):
                    self.mock.faults = {step: fault}
                    page, seconds = self.timed(self.login)
                    self.assertLess(seconds, 2 * WAIT_S + SLACK_S)
                    self.assertIn(page.status, (200, 403, 502, 503))
                    self.assertTrue(box.heading(page))
                    if page.status != 200 and steps.is_login_page(page):
                        self.assertIn('id="login-error"', page.html)
        self.mock.faults = {"LOGIN": NO}
        self.assertEqual(self.login().status, 403)

    def check(self, client: Client, address: str, fault: object) -> None:
        page, seconds = self.timed(lambda: client.get(address))
        self.assertLess(seconds, 2 * WAIT_S + SLACK_S)
        self.assertIn(page.status, (200, 404, 502, 503), page.text[:300])
        if fault in (HANG, HUGE, CUT):
            self.assertNotEqual(page.status, 200)
        if page.status != 200:
            self.assertTrue(box.heading(page))
            self.assertGreater(len(page.text), 60)
        self.mock.faults = {}
        again = client.get(address)
        self.assertEqual(again.status, 200, again.text[:300])

    def test_list(self) -> None:
        for step in ("SELECT", "FETCH", "LIST"):
            for fault in (HANG, CUT, GARBAGE, DRIP, HUGE, BYE, NO, BAD, LITERAL, DEEP):
                with self.subTest(step=step, fault=fault[:20]):
                    self.mock.faults = {}
                    client = self.inside()
                    self.mock.faults = {step: fault}
                    # Another folder, so that it is selected anew.
                    self.check(client, list_url("INBOX" if step != "SELECT" else "Other"), fault)

    def test_message(self) -> None:
        cut_literal = b"* 1 FETCH (UID 1 BODY[1] {5000}\r\nonly this"
        for fault in (HANG, CUT, GARBAGE, DRIP, HUGE, BYE, NO, DEEP, cut_literal):
            with self.subTest(fault=fault[:20]):
                self.mock.faults = {}
                client = self.inside()
                self.mock.faults = {"UID FETCH": fault}
                self.check(client, "/message?folder=INBOX&uid=1", fault)

    def test_others_notice_nothing(self) -> None:
        good = self.logged_in(self.good_user)
        good.get(list_url())
        bad = [self.inside() for _ in range(12)]
        self.mock.faults = {"FETCH": HANG}
        asking = [threading.Thread(target=lambda each=each: each.get(list_url())) for each in bad]
        for each in asking:
            each.start()
        slowest = 0.0
        while any(each.is_alive() for each in asking):
            page, seconds = self.timed(lambda: good.get(list_url()))
            self.assertEqual(page.status, 200)
            slowest = max(slowest, seconds)
        for each in asking:
            each.join()
        self.assertLess(slowest, WAIT_S)


TRUTH = (
    b"From: Ben <ben@example.org>\r\nTo: mira@bad.test\r\nSubject: a plain truth\r\n"
    b"Message-ID: <truth@example.org>\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nthe true words\r\n"
    b'--b\r\nContent-Type: application/x-thing; name="thing.bin"\r\n\r\nbytes of it\r\n--b--\r\n'
)
LEAF = b'("%s" "%s" %s NIL NIL "7BIT" %d)'
TRUE_TEXT = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 14 1)'
TRUE_FILE = LEAF % (b"APPLICATION", b"X-THING", b'("NAME" "thing.bin")', 11)
TRUE_STRUCTURE = b'(%s%s "MIXED" ("BOUNDARY" "b"))' % (TRUE_TEXT, TRUE_FILE)
TRUE_PARTS = {b"1": b"the true words", b"2": b"bytes of it"}


class Liar(OneMessage):
    """Has the message TRUTH and says of it what a test wants.

    structure  behind BODYSTRUCTURE; None: it is left out
    parts      of BODY[...]; bytes; None: NIL; "" is the whole message
    refuses    words of a FETCH that is answered NO
    """

    structure: bytes | None = TRUE_STRUCTURE
    parts: ClassVar[dict[bytes, bytes | None]] = {}
    refuses = b"never"

    def lie(self, structure: bytes | None = TRUE_STRUCTURE, parts: dict | None = None, refuses: bytes = b"never") -> None:
        head = TRUTH[: TRUTH.index(b"\r\n\r\n") + 4]
        self.structure, self.refuses = structure, refuses
        self.whole: dict[bytes, bytes | None] = {b"": TRUTH, b"HEADER": head, **TRUE_PARTS, **(parts or {})}

    def _reply(self, step: str, tag: bytes, command: bytes) -> bytes:
        if step != "UID FETCH" or b"ENVELOPE" in command:
            return super()._reply(step, tag, command)
        if self.refuses in command:
            return tag + b" NO not that\r\n"
        items = ITEMS
        for name, first, count in re.findall(rb"BODY\.PEEK\[([^\]]*)\](?:<(\d+)\.(\d+)>)?", command):
            data = self.whole.get(name)
            items += b" BODY[%s]<%s> " % (name, first or b"0")
            if data is None:
                items += b"NIL"
            else:
                data = data[int(first or 0) :][: int(count or len(data))]
                items += b"{%d}\r\n%s" % (len(data), data)
        if b"BODYSTRUCTURE" in command and self.structure is not None:
            items += b" BODYSTRUCTURE " + self.structure
        return b"* 1 FETCH (" + items + b")\r\n" + tag + b" OK done\r\n"


class LiarTest(box.MailTest):
    """A server whose words about a message are wrong: the message is shown."""

    mock: ClassVar[Liar]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = Liar()
        cls.mock.lie()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(ImapWait=f"{WAIT_S:.0f}s", ConnectWait=f"{WAIT_S:.0f}s")
        sections["Host bad.test"] = {"ImapPort": cls.mock.port, "ImapSecurity": "none"}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.good_user = box.new_user(cls.backend)

    def inside(self) -> Client:
        client = self.client(host="bad.test")
        client.login(box.unique("u").replace(" ", ""), "x")
        return client

    def shown(self, client: Client) -> Page:
        page = client.get("/message?folder=INBOX&uid=1")
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertEqual(box.heading(page), "a plain truth")
        return page

    def test_the_truth(self) -> None:
        self.mock.lie()
        client = self.inside()
        page = self.shown(client)
        self.assertIn("the true words", page.text)
        self.assertIn("thing.bin", page.text)
        self.assertEqual(client.get("/part?folder=INBOX&uid=1&part=2").body, b"bytes of it")

    def test_structure(self) -> None:
        client = self.inside()
        lies = {
            "absent": None,
            "NIL": b"NIL",
            "a string": b'"TEXT"',
            "empty": b"()",
            "no type": b"(NIL NIL)",
            "open": b'("TEXT" "PLAIN" (',
            "closed twice": TRUE_STRUCTURE + b"))",
            "a child that is none": b"(%s NIL 7 \"MIXED\")" % TRUE_TEXT,
            "20,000 parentheses": b"(" * 20000 + b")" * 20000,
            "an endless line": b'("TEXT" "PLAIN" ("X" "' + b"x" * (2 << 20) + b'"))',
            "a literal of 4 GB": b'("TEXT" {4294967295}\r\n',
            "5,000 parts": b"(" + TRUE_TEXT * 5000 + b' "MIXED")',
        }
        for name, structure in lies.items():
            with self.subTest(name):
                self.mock.lie(structure)
                self.assertIn("the true words", self.shown(client).text)
        with self.subTest("refused"):
            self.mock.lie(refuses=b"BODYSTRUCTURE")
            self.assertIn("the true words", self.shown(client).text)

    def test_sizes(self) -> None:
        client = self.inside()
        for size in (3, 13, 15, 60000, 1 << 40, (1 << 64) - 1):
            with self.subTest(size=size):
                text = b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" %d 1)' % size
                file = LEAF % (b"APPLICATION", b"X-THING", b'("NAME" "thing.bin")', size)
                self.mock.lie(b'(%s%s "MIXED" ("BOUNDARY" "b"))' % (text, file))
                self.assertIn("the true words", self.shown(client).text)
                self.assertEqual(client.get("/part?folder=INBOX&uid=1&part=2").body, b"bytes of it")

    def test_parts_that_are_not_there(self) -> None:
        client = self.inside()
        ghost = b'(%s%s "MIXED" ("BOUNDARY" "other"))' % (TRUE_TEXT, TRUE_FILE)
        self.mock.lie(ghost, {b"1": None, b"2": None})
        self.shown(client)
        self.mock.lie(ghost, refuses=b"[2]")
        self.assertIn("the true words", self.shown(client).text)
        page = client.get("/part?folder=INBOX&uid=1&part=2")
        self.assertIn(page.status, (404, 502))
        self.assertTrue(box.heading(page))

    def test_no_header(self) -> None:
        client = self.inside()
        for parts in ({b"": None}, {b"": b""}):
            with self.subTest(parts=parts):
                self.mock.lie(parts=parts)
                page = client.get("/message?folder=INBOX&uid=1")
                self.assertEqual(page.status, 200, page.text[:300])

    def test_hanging_in_the_middle(self) -> None:
        client = self.inside()
        for cut in (b"a plain truth", b"the true"):
            with self.subTest(cut=cut):
                # A literal that announces more than comes.
                self.mock.lie(None, {b"": None})
                start = TRUTH[: TRUTH.index(cut)]
                self.mock.faults = {"UID FETCH": b"* 1 FETCH (%s BODY[]<0> {9000}\r\n%s" % (ITEMS, start)}
                began = time.monotonic()
                page = client.get("/message?folder=INBOX&uid=1")
                self.assertLess(time.monotonic() - began, 3 * WAIT_S + SLACK_S)
                self.assertIn(page.status, (502, 503))
                self.assertTrue(box.heading(page))
                self.mock.faults.clear()
                other = self.logged_in(self.good_user).get(list_url())
                self.assertEqual(other.status, 200)
        self.mock.lie()
        self.assertIn("the true words", self.shown(client).text)


class TrustTest(box.MailTest):
    """Certificates and STARTTLS: nothing is sent to whom we cannot trust."""

    mocks: ClassVar[dict[str, ImapMock]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(cls.server.folder / "ca")
        inject = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
        cls.mocks = {
            "good-tls": ImapMock(made.good()),
            "wrong-name": ImapMock(made.wrong_name()),
            "expired": ImapMock(made.expired()),
            "self-signed": ImapMock(made.self_signed()),
            "good-starttls": ImapMock(starttls=made.good()),
            "starttls-missing": ImapMock(faults={"STARTTLS": BAD}),
            "starttls-injected": ImapMock(starttls=made.good(), inject=inject),
            "starttls-refused": ImapMock(starttls=made.good(), faults={"STARTTLS": NO}),
            "starttls-wrong-name": ImapMock(starttls=made.wrong_name()),
            "starttls-preauth": ImapMock(starttls=made.good(), preauth=True),
            "tls-preauth": ImapMock(made.good(), preauth=True),
        }
        for name, mock in cls.mocks.items():
            cls.addClassCleanup(mock.close)
            sections[f"Host {name}.test"] = {
                "ImapPort": mock.port,
                "ImapSecurity": "starttls" if "starttls" in name else "tls",
                "ImapCA": made.ca_file,
            }
        sections["Mail"].update(ImapWait="2s", ConnectWait="2s")

    def test_all(self) -> None:
        for name, mock in self.mocks.items():
            with self.subTest(name):
                page = self.client(host=f"{name}.test").login("mira", "Pass-Word-99")
                sent = b"\n".join(mock.lines)
                if name.startswith("good"):
                    self.assertEqual(page.status, 200, page.text[:300])
                    self.assertIn(b"Pass-Word-99", sent)
                    continue
                self.assertIn(page.status, (502, 503), page.text[:300])
                self.assertTrue(steps.is_login_page(page))
                self.assertNotIn(b"Pass-Word-99", sent)
                self.assertIn("administrator", page.text)


class BareServerTest(box.MailTest):
    """The main job with a server that has IMAP4rev1 and nothing else."""

    other: ClassVar[box.OtherImap]
    user: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.user = box.new_user(cls.backend)
        cls.other = box.OtherImap("IMAP4rev1", [cls.user]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Mail"].update(ImapPort=cls.other.ports["imaps"], ImapCA=cls.other.ca_file, SmtpCA=cls.backend.ca_file)

    def test_main_job(self) -> None:
        texts = [("Zebra", "aa"), ("apple", "bbbb"), ("Mango", "heron stands"), ("Re: banana", "d" * 4000)]
        messages = [letter(s, m.text(f"{t}\n"), sender=f"P{at} <p{9 - at}@x.org>", when=time.time() - at * 9999) for at, (s, t) in enumerate(texts)]
        file = m.attachment("ä.bin", "application/zip", bytes(range(256)))
        messages.append(letter("with file", m.multi("mixed", [m.text("see\n"), file], "b"), sender="Q <q@x.org>"))
        box.put(self.other, self.user, "INBOX", *messages)
        box.put(self.other, self.user, "Ärger/日本", letter("deep"))
        client = self.logged_in(self.user)
        page = client.get(list_url())
        self.assertEqual([row.uid for row in rows(page)], [5, 4, 3, 2, 1])
        bar = box.folders(page)
        self.assertEqual((bar["Inbox"].unread, bar["日本"].unread), (5, 1))
        for sort, subjects in (
            ("subject", ["apple", "Re: banana", "Mango", "with file", "Zebra"]),
            ("from", ["Zebra", "apple", "Mango", "Re: banana", "with file"]),
        ):
            found = [row.subject for row in rows(client.get(list_url(sort=sort)))]
            self.assertEqual(found, subjects)
            self.assertEqual([x.subject for x in rows(client.get(list_url(sort=sort, rev=1)))], subjects[::-1])
        self.assertEqual(rows(client.get(list_url(sort="size")))[0].subject, "Re: banana")
        self.assertEqual([x.subject for x in rows(client.get(list_url(q="heron")))], ["Mango"])
        self.assertEqual([x.subject for x in rows(client.get(list_url("Ärger/日本", q="日本 hello")))], [])
        message = box.open_message(client, "with file")
        self.assertEqual(client.get(message.link("ä.bin")).body, bytes(range(256)))
        self.assertEqual(box.folders(client.get(list_url()))["Inbox"].unread, 4)
        reply = client.follow(message, "Reply")
        subject = box.unique("Bare")
        form = reply.form(action="/compose", field="body")
        saved = client.submit(form, "do=save", to="ben@demo.test", subject=subject, files={"file": [("f.txt", "text/plain", b"f")]})
        self.assertIn("The draft is saved.", saved.text)
        done = client.submit(saved.form(action="/compose", field="body"), "do=send")
        self.assertEqual(box.heading(done), "Sent", done.text[:300])
        steps.wait_copied(self.server, done)
        self.assertEqual(box.subjects(self.other, self.user, "Sent"), [subject])
        self.backend.wait_message("ben", "INBOX", subject)
        page = client.get(list_url())
        self.assertIn("Answered", rows(page)[0].marks)
        client.press(page, "do=flag", uid=["1"])
        self.assertIn("\\Flagged", box.flags(self.other, self.user, "INBOX")[1])
        client.press(page, "do=move", uid=["1"], to="Ärger/日本")
        self.assertIn("Zebra", box.subjects(self.other, self.user, "Ärger/日本"))
        gone = client.press(client.get(list_url()), "Log off")
        self.assertEqual(box.heading(gone), "You are logged off")


class ConnectionTest(box.MailTest):
    """How many connections there are, and that nobody notices their end."""

    proxy: ClassVar[Proxy]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(cls.server.folder / "ca")
        cls.proxy = Proxy(cls.backend.ports["imaps"], made.good(), cls.backend.trust())
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(ImapPort=cls.proxy.port, ImapCA=made.ca_file, SmtpCA=cls.backend.ca_file, ImapConnectionsPerUser=2)

    def setUp(self) -> None:
        self.proxy.rules.clear()

    def open_connections(self) -> int:
        return int(steps.metric(self.client(), "iwebmsg_imap_connections"))

    def wait_connections(self, count: int) -> None:
        proc.wait_until(lambda: self.open_connections() == count, f"{count} IMAP connections", 10, self.server.process)

    def test_never_more_than_the_cap_and_none_after_logoff(self) -> None:
        before = self.open_connections()
        user = self.person()
        box.put(self.backend, user, "INBOX", *(letter(f"n{at}") for at in range(5)))
        clients = [self.logged_in(user) for _ in range(3)]
        seen, statuses = [], []

        def read(client: Client) -> None:
            for address in (list_url(), list_url("Trash"), list_url("Drafts"), list_url(sort="from")) * 3:
                statuses.append(client.get(address).status)
                seen.append(self.open_connections())

        reading = [threading.Thread(target=read, args=(each,)) for each in clients for _ in range(2)]
        for each in reading:
            each.start()
        for each in reading:
            each.join()
        self.assertEqual(set(statuses), {200})
        self.assertLessEqual(max(seen), before + 2)
        for each in clients[:2]:
            each.press(each.get(list_url()), "Log off")
        self.assertEqual(clients[2].get(list_url()).status, 200)
        clients[2].press(clients[2].get(list_url()), "Log off")
        self.wait_connections(before)

    def test_no_login_per_click(self) -> None:
        user = self.person()
        client = self.logged_in(user)
        client.get(list_url())
        before = steps.metric(client, "iwebmsg_imap_connects_total")
        for _ in range(10):
            client.get(list_url())
        self.assertEqual(steps.metric(client, "iwebmsg_imap_connects_total"), before)

    def test_cut_between_clicks_is_not_noticed(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("n1"), letter("n2"))
        client = self.logged_in(user)
        page = client.get(list_url())
        for ask in (
            lambda: client.get(list_url()),
            lambda: client.get(rows(page)[0].url),
            lambda: client.get(list_url(sort="subject")),
            lambda: client.press(page, "do=flag", uid=["1"]),
            lambda: client.press(page, "do=delete", uid=["1"]),
        ):
            for conn in self.proxy.conns:
                try:
                    conn.sock.shutdown(2)
                except OSError:
                    pass
            self.assertEqual(ask().status, 200)
        self.assertEqual(box.subjects(self.backend, user, "Trash"), ["n1"])

    def test_cut_in_the_first_command_is_not_noticed(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("n1"))
        client = self.logged_in(user)
        client.get(list_url())
        for pattern, address in ((rb"FETCH", list_url()), (rb"UID FETCH", "/message?folder=INBOX&uid=1")):
            rule = Rule(pattern, CUT, times=1)
            self.proxy.rules.append(rule)
            self.assertEqual(client.get(address).status, 200)
            self.assertEqual(rule.hits, 1)


class RestartTest(box.MailTest):
    other: ClassVar[box.OtherImap]
    user: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.user = box.new_user(cls.backend)
        cls.other = box.OtherImap("IMAP4rev1 UIDPLUS MOVE", [cls.user]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Mail"].update(ImapPort=cls.other.ports["imaps"], ImapCA=cls.other.ca_file, SmtpCA=cls.backend.ca_file)

    def test_mail_server_restarted_and_down(self) -> None:
        box.put(self.other, self.user, "INBOX", letter("n1"))
        client = self.logged_in(self.user)
        page = client.get(list_url())
        self.other.stop_imap()
        down = client.get(list_url())
        self.assertIn("cannot be reached", down.text)
        self.assertTrue(down.link("Try again"))
        compose = client.get("/compose")
        self.assertEqual(compose.status, 200)
        saved = client.submit(compose.form(action="/compose", field="body"), "do=save", subject="kept", body="words kept")
        self.assertEqual(saved.status, 503)
        field = saved.form(action="/compose", field="body").find("body")
        assert field
        self.assertEqual(field.value, "words kept")
        self.other.start_imap()
        self.assertEqual(len(rows(client.get(list_url()))), 1)
        again = client.submit(saved.form(action="/compose", field="body"), "do=save")
        self.assertIn("The draft is saved.", again.text)
        self.assertEqual(box.subjects(self.other, self.user, "Drafts"), ["kept"])
        self.other.stop_imap()
        self.other.start_imap()
        self.assertEqual(client.press(page, "do=flag", uid=["1"]).status, 200)
