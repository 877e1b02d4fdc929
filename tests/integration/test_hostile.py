"""IMAP servers that lie, flood, stop, or speak nonsense.

The server is the real one behind a proxy that misbehaves at one point of the
conversation, for the people whose case it is. Whatever it does: they get a page
in time, with what is right or with plain words; nobody else notices; and once
it behaves again, everything works for them, too.
"""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Callable, ClassVar

import mailbox as box
import message as m
import proc
import server as web
import steps
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url, rows
from mockmail import Gone
from test_push import Ended, Stream
from test_search import search_url, subjects

WAIT_S = 3  # ImapWait, ConnectWait, SearchWait
PAGE_S = 4 * WAIT_S  # a page that waits more than once, on a busy machine
OTHERS_S = 8.0
AT_ONCE = 8
PEAK_MB = 600  # some at once at what one answer may take (64 MB)
RSS_MB = 150  # what may be left
SUBJECTS = ["tags inside", "four", "three", "two", "one"]
MARKUP = b"<script>alert(1)</script>"
# SHOWN: data that nobody can tell from true ones; a page of them is fine.
RIGHT, WORDS, EITHER, SHOWN = "what is right", "plain words", "one or the other", "what it says"
PLAIN = re.compile(r"mail server|try again|cannot be|not there|not here|no such|does not exist|not found|could not|refused|Please", re.I)
Do = Callable[["Case", Link, Command], "bytes | None"]
Edit = tuple[bytes, bytes]


@dataclass
class Case:
    """One way to misbehave.

    visit   what the person does meanwhile (Visits below)
    on      pattern for the commands it is about; "greeting"
    do      instead of passing such a command on; what goes to the server
    edits   (pattern, replacement) for whole responses of the server
    """

    name: str
    visit: str = "list"
    on: str = r"(?!)"
    do: Do | None = None
    expect: str = EITHER
    edits: tuple[Edit, ...] = ()
    armed: bool = False
    hits: int = 0
    held: list[bytes] = field(default_factory=list)
    user: str = ""


# -- ways to misbehave ----------------------------------------------------------


def say(*pieces: bytes, go_on: bool = False) -> Do:
    """Bytes instead of an answer, or before the real one."""

    def do(_: Case, link: Link, command: Command) -> bytes | None:
        for piece in pieces:
            link.conn.send(piece.replace(b"{tag}", command.tag or b"*"))
        return command.whole if go_on else None

    return do


def flood(piece: bytes, start: bytes = b"") -> Do:
    """For ever."""
    many = piece * (65536 // len(piece) + 1)

    def do(_: Case, link: Link, command: Command) -> bytes | None:
        link.conn.send(start)
        while not link.conn.closing.is_set():
            link.conn.send(many)
        raise Gone

    return do


def drip(piece: bytes) -> Do:
    def do(_: Case, link: Link, command: Command) -> bytes | None:
        link.conn.drip(piece)
        return None

    return do


def silence(_case: Case, link: Link, _command: Command) -> bytes | None:
    link.conn.until_gone()
    return None


def cut(*pieces: bytes) -> Do:
    """The connection ends, perhaps after these bytes."""

    def do(case: Case, link: Link, command: Command) -> bytes | None:
        say(*pieces)(case, link, command)
        raise Gone

    return do


def hold(case: Case, link: Link, command: Command) -> bytes | None:
    """What comes later is answered before it."""
    case.held.append(command.whole)
    return None


def release(case: Case, link: Link, command: Command) -> bytes | None:
    held, case.held = b"".join(case.held), []
    return command.whole + held


def held_until(other: str) -> Do:
    def do(case: Case, link: Link, command: Command) -> bytes | None:
        return release(case, link, command) if re.match(other, command.words) else hold(case, link, command)

    return do


BYE = cut(b"* BYE I am leaving\r\n")
FETCHED = rb"^(\* \d+ FETCH \()"
OPEN = r"UID FETCH \d+ \(UID"  # a message is opened
LISTED = r"(UID )?FETCH .*ENVELOPE"
BARE = r"FETCH [\d:,]+ \(UID FLAGS\)"  # rows that are known from before
SOME = b"* 1 FETCH (UID 1 FLAGS () INTERNALDATE \"21-Nov-2026 16:43:59 +0000\" RFC822.SIZE 265 ENVELOPE (NIL "
DEEP = b"(" * 100_000


def _floods() -> list[Case]:
    return [
        Case("flood of EXISTS", on=LISTED, do=flood(b"* 5 EXISTS\r\n"), expect=WORDS),
        Case("flood of OK", on="NOOP|LIST", do=flood(b"* OK still here\r\n"), expect=EITHER),
        Case("flood of EXPUNGE", on=LISTED, do=flood(b"* 1 EXPUNGE\r\n"), expect=WORDS),
        Case("flood of rows", on=LISTED, do=flood(SOME + b"\"x\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n"), expect=WORDS),
        Case("flood of folders", on="LIST", do=flood(b'* LIST () "/" x\r\n'), expect=EITHER),
        Case("flood of continuations", on=LISTED, do=flood(b"+ go on\r\n"), expect=WORDS),
        Case("flood of empty lines", on=LISTED, do=flood(b"\r\n"), expect=WORDS),
        Case("flood of tokens in a line", on=LISTED, do=flood(b"() ", SOME), expect=WORDS),
        Case("flood of found numbers", "search", ".*SEARCH", flood(b" 1", b"* SEARCH"), WORDS),
        Case("flood of sorted numbers", "sorted", ".*SORT", flood(b" 1", b"* SORT"), WORDS),
        Case("flood of found numbers, all folders", "everywhere", ".*SEARCH", flood(b" 1", b"* SEARCH"), EITHER),
        Case("flood in a message", "message", OPEN, flood(b"x", b"* 3 FETCH (UID 3 BODY[]<0> {4294967295}\r\n"), WORDS),
        Case("flood behind a message", "message", OPEN, flood(b"* 3 FETCH (UID 3 BODY[]<0> {5}\r\nHello)\r\n"), WORDS),
        Case("flood of flags", on=LISTED, do=say(b"* FLAGS (" + b"key " * 500_000 + b")\r\n", go_on=True), expect=EITHER),
        Case("line of 10 MB", on=LISTED, do=say(b"* OK " + b"x" * 10_000_000 + b"\r\n", go_on=True), expect=EITHER),
        Case("a string without end", on=LISTED, do=flood(b"x", SOME + b'"'), expect=WORDS),
        Case("flood of NUL", on=LISTED, do=flood(b"\0"), expect=WORDS),
        Case("flood of threads", "thread", ".*THREAD", flood(b"(1)", b"* THREAD "), EITHER),
        Case("100,000 folders", on="LIST", do=many_folders, expect=EITHER),
        Case("200,000 numbers found", "search", ".*SEARCH", say(b"* SEARCH" + b" 7" * 200_000 + b"\r\n{tag} OK .\r\n"), EITHER),
    ]


def many_folders(_: Case, link: Link, command: Command) -> bytes | None:
    names = b"".join(b'* LIST () "/" "f/%06d"\r\n' % at for at in range(100_000))
    link.conn.send(names + command.tag + b" OK listed\r\n")
    return None


def _shapes() -> list[Case]:
    return [
        Case("literal of 4 GB", on=LISTED, do=say(SOME + b"{4294967295}\r\nx"), expect=WORDS),
        Case("literal of 2^64", on=LISTED, do=say(SOME + b"{18446744073709551616}\r\nx"), expect=WORDS),
        Case("literal of less than nothing", on=LISTED, do=say(SOME + b"{-1}\r\nx))\r\n{tag} OK .\r\n"), expect=EITHER),
        Case("literal as a folder's name, 1 GB", on="LIST", do=say(b'* LIST () "/" {1073741824}\r\nx'), expect=EITHER),
        Case("literal longer than said", "message", OPEN, say(b"* 3 FETCH (UID 3 BODY[]<0> {5}\r\nHello there)\r\n{tag} OK .\r\n")),
        Case("literal cut short", "message", OPEN, cut(b"* 3 FETCH (UID 3 BODY[]<0> {500}\r\nHello"), WORDS),
        Case("literal as a status text", on=LISTED, do=say(b"{tag} NO {10}\r\n"), expect=WORDS),
        Case("deep BODYSTRUCTURE", on=LISTED, edits=((rb"BODYSTRUCTURE \(", b"BODYSTRUCTURE " + DEEP),), expect=EITHER),
        Case("deep ENVELOPE", on=LISTED, edits=((rb"ENVELOPE \(", b"ENVELOPE " + DEEP),), expect=SHOWN),
        Case("deep and closed", on=LISTED, edits=((rb"BODYSTRUCTURE \(.*\)\)", b"BODYSTRUCTURE " + b"(" * 5000 + b")" * 5001),)),
        Case("deep threads", "thread", ".*THREAD", say(b"* THREAD " + b"(1 " * 20_000 + b")" * 20_000 + b"\r\n{tag} OK .\r\n")),
        Case("deep namespaces", "fresh", "NAMESPACE", say(b"* NAMESPACE " + DEEP + b"\r\n{tag} OK .\r\n")),
        Case("deep BODYSTRUCTURE of a message", "message", OPEN, edits=((rb"BODYSTRUCTURE \(", b"BODYSTRUCTURE " + DEEP),)),
        Case("NUL in a row", on=LISTED, edits=((rb"ENVELOPE", b"ENV\0ELOPE"),)),
        Case("CR alone", on=LISTED, edits=((rb"\r\n\Z", b"\r"),), expect=WORDS),
        Case("LF alone", on=LISTED, edits=((rb"\r\n\Z", b"\n"),)),
        Case("half a line, then the end", on=LISTED, do=cut(b"* 1 FET"), expect=WORDS),
        Case("half a line, then silence", on=LISTED, do=say(b"* 1 FET"), expect=WORDS),
        Case("a byte at a time", on=LISTED, do=drip(SOME + b"x" * 100), expect=WORDS),
        Case("rubbish", on=LISTED, do=say(b"\x16\x03\x01\xff\xff\x80\x00(((( {99} \xfe\r\n* ( \" \r\n"), expect=WORDS),
        Case("EXISTS below nothing", on=LISTED, do=say(b"* -5 EXISTS\r\n", go_on=True)),
        Case("EXISTS of 20 digits", on=LISTED, do=say(b"* 99999999999999999999 EXISTS\r\n", go_on=True)),
        Case("EXISTS of 2^32-1", on=LISTED, do=say(b"* 4294967295 EXISTS\r\n", go_on=True)),
        Case("UID of 20 digits", on=LISTED, edits=((rb"\(UID \d+", b"(UID 99999999999999999999"),)),
        Case("size of 20 digits", on=LISTED, edits=((rb"RFC822\.SIZE \d+", b"RFC822.SIZE 99999999999999999999"),)),
        Case("size below nothing", on=LISTED, edits=((rb"RFC822\.SIZE \d+", b"RFC822.SIZE -1"),)),
        Case("dates of nobody", on=LISTED, edits=((rb'INTERNALDATE "[^"]*"', b'INTERNALDATE "99-Foo-99999 99:99:99 +9999"'),)),
        Case("rows of NIL", on=LISTED, edits=((rb"ENVELOPE \(.*\Z", b"ENVELOPE NIL BODYSTRUCTURE NIL)\r\n"),), expect=SHOWN),
        Case("rows without what was asked", on=LISTED, edits=((FETCHED + rb".*\Z", rb"\1)\r\n"),)),
        Case("malformed PERMANENTFLAGS", "fresh", "SELECT", edits=((rb"\[PERMANENTFLAGS \(", b"[PERMANENTFLAGS (("),)),
        Case("quota of 20 digits", "fresh", "GETQUOTAROOT", edits=((rb"STORAGE \d+ \d+", b"STORAGE 99999999999999999999 -1"),), expect=RIGHT),
    ]


def _lies() -> list[Case]:
    return [
        Case("a tag of nobody", on=LISTED, do=say(b"zzz OK done\r\n"), expect=WORDS),
        Case("a tag to come", on=LISTED, do=say(b"i4294967295 OK done\r\n"), expect=WORDS),
        Case("a tag twice", on=LISTED, do=say(b"{tag} OK done\r\n{tag} OK done\r\n")),
        Case("a tag of before", on=LISTED, do=say(b"i0 OK done\r\n", go_on=True)),
        Case("answers out of order", "fresh", on=LISTED + "|NAMESPACE", do=held_until("NAMESPACE"), expect=RIGHT),
        Case("a continuation nobody asked for", on=LISTED, do=say(b"+ go on\r\n", go_on=True), expect=RIGHT),
        Case("rows of another message", "message", OPEN, edits=((rb"\(UID 3 ", b"(UID 2 "),)),
        Case("the same UID in every row", on=LISTED, edits=((rb"\(UID \d+", b"(UID 3"),)),
        Case("UIDs that shrink", on=LISTED, do=say(b"* 1 FETCH (UID 900)\r\n* 2 FETCH (UID 3)\r\n", go_on=True)),
        Case("UID of nothing", on=LISTED, edits=((rb"\(UID \d+", b"(UID 0"),)),
        Case("another UIDVALIDITY meanwhile", on=LISTED, do=say(b"* OK [UIDVALIDITY 12345] new\r\n", go_on=True)),
        Case("UIDVALIDITY of nothing", "fresh", "SELECT", edits=((rb"UIDVALIDITY \d+", b"UIDVALIDITY 0"),)),
        Case("UIDVALIDITY is other each time", "fresh", "SELECT", edits=((rb"UIDVALIDITY \d+", b"UIDVALIDITY 77"),)),
        Case("EXISTS shrinks by itself", on=LISTED, do=say(b"* 1 EXISTS\r\n", go_on=True)),
        Case("EXPUNGE of what is not there", on=LISTED, do=say(b"* 99 EXPUNGE\r\n* 0 EXPUNGE\r\n", go_on=True)),
        Case("more gone than there was", on=LISTED, do=say(b"* 1 EXPUNGE\r\n" * 50, go_on=True)),
        # What is said to be gone and is not stands there all the same.
        Case("EXPUNGE of two that are there", on=r"UID FETCH \* |NOOP", do=say(b"* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n", go_on=True), expect=RIGHT),
        Case("EXPUNGE of two while one is read", "message", OPEN, do=say(b"* 4 EXPUNGE\r\n* 4 EXPUNGE\r\n", go_on=True), expect=RIGHT),
        Case("VANISHED uncalled for", on=LISTED, do=say(b"* VANISHED (EARLIER) 1:4294967295\r\n", go_on=True)),
        Case("a mailbox without data", "fresh", "SELECT", say(b"{tag} OK selected\r\n")),
        Case("OK and no rows", on=LISTED, do=say(b"{tag} OK done\r\n")),
        Case("OK and no folders", "fresh", "LIST", say(b"{tag} OK done\r\n")),
        Case("OK and no search", "search", ".*SEARCH", say(b"{tag} OK done\r\n"), SHOWN),
        Case("OK and no message", "message", OPEN, say(b"{tag} OK done\r\n"), WORDS),
        Case("NO to everything", on=".*", do=say(b"{tag} NO not today\r\n"), expect=WORDS),
        Case("BAD to everything", on=".*", do=say(b"{tag} BAD what\r\n"), expect=WORDS),
        Case("NO with markup", on=LISTED, do=say(b"{tag} NO " + MARKUP + b"\r\n"), expect=WORDS),
        Case("referral", "fresh", "SELECT", say(b"{tag} NO [REFERRAL imap://evil.example.com/] go there\r\n"), WORDS),
        Case("ALERT with markup", on=LISTED, do=say(b"* OK [ALERT] " + MARKUP + b"\r\n", go_on=True), expect=RIGHT),
        Case("capabilities that come and go", on=LISTED, do=say(b"* CAPABILITY IMAP4rev1\r\n", go_on=True), expect=RIGHT),
        Case("capabilities of nobody", "sorted", "NOOP", say(b"* CAPABILITY NOTHING\r\n", go_on=True)),
        Case("names of control characters", on="LIST", do=say(b'* LIST () "/" "\x01\x1b[2J\x7f"\r\n', go_on=True), expect=RIGHT),
        Case("names of wrong UTF-7", on="LIST", do=say(b'* LIST () "/" "&&&-&AOQ"\r\n* LIST () "/" "\xff\xfe"\r\n', go_on=True), expect=RIGHT),
        Case("names of markup", on="LIST", do=say(b'* LIST () "/" "' + MARKUP + b'"\r\n', go_on=True), expect=RIGHT),
        Case("no delimiter", on="LIST", edits=((rb'^(\* LIST \([^)]*\)) "/"', rb"\1 NIL"),), expect=RIGHT),
        Case("a quote as delimiter", on="LIST", edits=((rb'^(\* LIST \([^)]*\)) "/"', rb'\1 "\""'),), expect=RIGHT),
        Case("a long delimiter", on="LIST", edits=((rb'^(\* LIST \([^)]*\)) "/"', rb'\1 "/////"'),)),
        Case("counts of 20 digits", on="LIST", edits=((rb"MESSAGES \d+", b"MESSAGES 99999999999999999999"),), expect=RIGHT),
        Case("counts of a folder of nobody", on="LIST", do=say(b'* STATUS "nobody" (MESSAGES 5 UNSEEN 5)\r\n', go_on=True), expect=RIGHT),
        Case("the Inbox a hundred times", on="LIST", do=say(b'* LIST () "/" INBOX\r\n' * 100, go_on=True), expect=RIGHT),
        Case("found what is not there", "search", ".*SEARCH", edits=((rb"^\* ESEARCH.*\Z", b"* SEARCH 0 4294967295 77 77 3\r\n"),)),
        Case("all of 2^32 found", "search", ".*SEARCH", edits=((rb"UID ALL .*\r", b"UID ALL 1:4294967295\r"),)),
        Case("everything found everywhere", "everywhere", ".*SEARCH", edits=((rb"UID( ALL .*)?\r", b"UID ALL 1:4294967295\r"),), expect=SHOWN),
        Case("sorted what is not there", "sorted", ".*SORT", edits=((rb"PARTIAL \(1:50 [^)]*\)", b"PARTIAL (1:50 900:4294967000)"),)),
        Case("threads of nobody", "thread", ".*THREAD", say(b"* THREAD (4294967295 0 (7)(((3)))) )) (\r\n{tag} OK .\r\n")),
        Case("moved to where nothing is", "move", "UID MOVE", edits=((rb"COPYUID .*\]", b"COPYUID 1 1:4294967295 1:4294967295]"),)),
        Case("appended to nowhere", "draft", "APPEND", edits=((rb"APPENDUID .*\]", b"APPENDUID 0 99999999999999999999]"),)),
        Case("tags in a message", "tags", OPEN, say(go_on=True), RIGHT),
    ]


# Where somebody says goodbye or nothing any more: what is done, and the command.
POINTS = (
    ("fresh", "SELECT"), ("list", LISTED), ("list", "LIST"), ("sorted", "NOOP"), ("fresh", "GETQUOTAROOT"),
    ("message", OPEN), ("message", "STATUS"), ("message", "UID STORE"), ("thread", ".*THREAD"), ("sorted", ".*SORT"),
    ("search", ".*SEARCH"), ("everywhere", "EXAMINE"), ("everywhere", ".*SEARCH"), ("folders", "LIST"),
    ("move", "UID MOVE"), ("flag", "UID STORE"), ("draft", "APPEND"), ("draft", "SELECT"),
)  # fmt: skip


def _ends() -> list[Case]:
    cases = []
    for visit, on in POINTS:
        cases.append(Case(f"BYE at {on} ({visit})", visit, on, BYE))
        cases.append(Case(f"BYE and on at {on} ({visit})", visit, on, say(b"* BYE but here I am\r\n", go_on=True)))
        cases.append(Case(f"silence at {on} ({visit})", visit, on, silence))
        cases.append(Case(f"NO at {on} ({visit})", visit, on, say(b"{tag} NO [SERVERBUG] not today\r\n")))
        cases.append(Case(f"BAD at {on} ({visit})", visit, on, say(b"{tag} BAD what\r\n")))
    return cases


class Hostile(ImapProxy):
    """Misbehaves for those whose case is armed."""

    def __init__(self, upstream_port: int) -> None:
        self.cases: dict[str, Case] = {}
        super().__init__(upstream_port)

    def case_of(self, link: Link) -> Case | None:
        case = self.cases.get(link.user.partition("@")[0])
        return case if case is not None and case.armed else None

    def take(self, link: Link, command: Command) -> bytes | None:
        case = self.case_of(link)
        if case is None or not re.match(case.on, command.words, re.I | re.S):
            return command.whole
        case.hits += 1
        return command.whole if case.do is None else case.do(case, link, command)

    def pass_on(self, link: Link, response: bytes) -> bytes:
        case = self.case_of(link)
        for pattern, replacement in case.edits if case is not None else ():
            response = re.sub(pattern, replacement, response, flags=re.S)
        return response


def check_memory(test: box.MailTest, count: int, rss: box.Memory) -> None:
    print(f"# {count} cases, memory rose by {rss.rise():.0f} MB, {rss.left():.0f} MB are left")
    if box.memory_is_measured():
        test.assertLess(rss.rise(), PEAK_MB)
        test.assertLess(rss.left(), RSS_MB)


class HostileTest(box.MailTest):
    proxy: ClassVar[Hostile]
    list_memory: ClassVar[str] = "0"  # every list asks for whole rows

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Hostile(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(ConnectWait=f"{WAIT_S}s", ImapWait=f"{WAIT_S}s", SearchWait=f"{WAIT_S}s")
        sections["Mail"]["ListMemory"] = cls.list_memory
        # Each list asks for the folders, so that each can be lied to.
        sections["Mail"]["FolderCounts"] = "0s"
        sections["Host hostile.test"] = {"ImapPort": cls.proxy.port, "ImapSecurity": "none"}
        box.new_user(cls.backend)

    # -- what a person does ------------------------------------------------

    def furnish(self, case: Case) -> Client:
        case.user = self.person()
        tags = letter("tags inside", m.text("".join(f"i{at} OK done\ni{at} BAD done\n* BYE\n" for at in range(60))))
        mail = [letter(name) for name in SUBJECTS[:0:-1]]
        box.put(self.backend, case.user, "INBOX", *mail, tags)
        box.put(self.backend, case.user, "Work", letter("work"))
        self.proxy.cases[case.user] = case
        client = self.client(host="hostile.test")
        client.seconds = PAGE_S + 20
        page = client.login(case.user, self.backend.passwords[case.user])
        assert subjects(page) == SUBJECTS, page.text[:300]
        return client

    def visit(self, what: str, client: Client) -> tuple[Page, bool]:
        """The page, and whether it shows what is right."""
        if what in ("list", "fresh"):
            page = client.get(list_url())
            return page, subjects(page) == SUBJECTS
        if what == "sorted":
            page = client.get(list_url(sort="subject"))
            in_order = subjects(page) == ["four", "one", "tags inside", "three", "two"]
            return page, in_order or (subjects(page) == SUBJECTS and "shown as they came" in page.text)
        if what == "search":
            page = client.get(list_url(q="subject:three"))
            return page, subjects(page) == ["three"]
        if what == "everywhere":
            page = client.get(search_url("subject:three"))
            return page, subjects(page) == ["three"] or "could not be searched" in page.text or "not searched" in page.text
        if what == "folders":
            page = client.get("/folders")
            return page, "Work" in page.text
        if what in ("message", "thread", "tags"):
            uid, words = (5, "i59 BAD done") if what == "tags" else (3, "Hello.")
            page = client.get(f"/message?folder=INBOX&uid={uid}")
            return page, box.heading(page) == ("tags inside" if what == "tags" else "three") and words in page.text
        raise AssertionError(what)

    def act(self, what: str, client: Client, ready: Page) -> tuple[Page, bool]:
        if what == "move":
            page = client.press(ready, "do=move", uid=["2"], to="Work")
            return page, "1 message moved." in page.text
        if what == "flag":
            page = client.press(ready, "do=flag", uid=["2"])
            return page, "1 message flagged." in page.text
        page = client.submit(ready.form(field="subject"), "do=save", to="ben@demo.test", subject="kept", body="the words")
        return page, "the words" in page.html

    def run_case(self, case: Case) -> None:
        client = self.furnish(case)
        is_act = case.visit in ("move", "flag", "draft")
        ready = client.get("/compose" if case.visit == "draft" else list_url()) if is_act else None
        if case.visit == "fresh":
            # Connections of before are of no use here.
            client.press(client.get(list_url()), "Log off")
            case.armed = True
            start = time.monotonic()
            page = client.login(case.user, self.backend.passwords[case.user])
            is_right = subjects(page) == SUBJECTS
        else:
            case.armed = True
            start = time.monotonic()
            page, is_right = self.act(case.visit, client, ready) if ready else self.visit(case.visit, client)
        spent = time.monotonic() - start
        case.armed = False
        assert case.hits > 0, "it was never asked"
        assert spent < PAGE_S, f"{spent:.1f} s for the page"
        self.check(case, page, is_right)
        self.check_after(case, client)

    def check(self, case: Case, page: Page, is_right: bool) -> None:
        assert page.html.rstrip().endswith("</html>"), page.html[-300:]
        assert MARKUP.decode() not in page.html
        assert "evil.example.com" not in page.html
        assert page.status not in (400, 500), (page.status, page.text[:600])
        if page.status >= 400:
            assert PLAIN.search(page.text) and box.heading(page), page.text[:600]
        if case.expect == RIGHT:
            assert page.status == 200 and is_right, (page.status, page.text[:1500])
        if case.expect == EITHER:
            assert page.status != 200 or is_right, page.text[:1500]
        if case.expect == WORDS:
            assert page.status >= 400, (page.status, page.text[:1500])

    def check_after(self, case: Case, client: Client) -> None:
        """It behaves again: at once, or at the second look."""
        moved = ["tags inside", "four", "three", "one"]
        for _ in range(2):
            page = client.get(list_url())
            if page.status == 200:
                break
        assert page.status == 200, ("afterwards", page.status, page.text[:600])
        assert subjects(page) in (SUBJECTS, moved), ("afterwards", subjects(page), case.visit)
        message = client.get("/message?folder=INBOX&uid=3")
        assert box.heading(message) == "three" and "Hello." in message.text, message.text[:600]
        assert client.get(list_url("Work")).status == 200

    def run_cases(self, cases: list[Case]) -> None:
        """Several at once, while somebody else works undisturbed."""
        bad: list[str] = []
        slow: list[str] = []
        over = threading.Event()

        def one(case: Case) -> None:
            try:
                self.run_case(case)
            except (AssertionError, OSError) as error:
                bad.append(f"{case.name}: {type(error).__name__} {error}")

        other = self.person()
        box.put(self.backend, other, "INBOX", letter("calm"))
        good = self.browser(other)

        def work() -> None:
            while not over.is_set():
                start = time.monotonic()
                page = good.get(list_url())
                spent = time.monotonic() - start
                if page.status != 200 or subjects(page) != ["calm"] or spent > OTHERS_S:
                    slow.append(f"{page.status} {spent:.1f} s {page.text[:200]}")
                over.wait(0.1)

        worker = threading.Thread(target=work)
        worker.start()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, cases))
        over.set()
        worker.join()
        for each in bad:
            with self.subTest(each[:60]):
                self.fail(each)
        self.assertEqual(slow, [], "others noticed")
        self.assertEqual(good.get("/healthz").status, 200)

    def bounded(self, cases: list[Case]) -> None:
        rss = box.Memory(self.server)
        self.run_cases(cases)
        check_memory(self, len(cases), rss)

    def test_floods(self) -> None:
        self.bounded(_floods())

    def test_shapes(self) -> None:
        self.bounded(_shapes())

    def test_lies(self) -> None:
        self.bounded(_lies())

    def test_ends(self) -> None:
        self.bounded(_ends())


def _kept() -> list[Case]:
    return [
        Case("BYE", on=BARE, do=BYE),
        Case("NO", on=BARE, do=say(b"{tag} NO not today\r\n"), expect=EITHER),
        Case("BAD", on=BARE, do=say(b"{tag} BAD what\r\n"), expect=EITHER),
        Case("silence", on=BARE, do=silence),
        Case("flood", on=BARE, do=flood(b"* 1 FETCH (UID 1 FLAGS ())\r\n"), expect=WORDS),
        Case("OK and no rows", on=BARE, do=say(b"{tag} OK done\r\n"), expect=EITHER),
        Case("no UIDs", on=BARE, edits=((rb"UID \d+ ", b""),)),
        Case("UID of nothing", on=BARE, edits=((rb"\(UID \d+", b"(UID 0"),)),
        Case("one UID", on=BARE, edits=((rb"\(UID \d+", b"(UID 3"),)),
        Case("UIDs of nobody", on=BARE, edits=((rb"\(UID (\d)", rb"(UID 90\1"),)),
        Case("numbers of nobody", on=BARE, edits=((rb"^\* (\d+) FETCH", rb"* 9\1 FETCH"),)),
        Case("no flags", on=BARE, edits=((rb" FLAGS \([^)]*\)", b""),)),
        Case("rows of nobody", on=BARE, do=say(SOME + b"NIL NIL NIL NIL NIL NIL NIL NIL NIL))\r\n", go_on=True), expect=SHOWN),
    ]


class KeptTest(HostileTest):
    """The same when the rows are known from before."""

    list_memory = "32M"
    test_floods = test_shapes = test_lies = test_ends = None  # type: ignore[assignment]

    def test_kept(self) -> None:
        self.bounded(_kept())


# -- before anybody is logged in --------------------------------------------------

GREETINGS: dict[str, Do] = {
    "silence": silence,
    "BYE": BYE,
    "nothing": cut(),
    "half a line": say(b"* OK"),
    "flood": flood(b"* OK hello\r\n" * 10),
    "endless line": flood(b"x"),
    "HTTP": cut(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
    "NO": cut(b"* NO\r\n"),
    "NUL": say(b"\0\0\0\r\n"),
}
LOGINS: dict[str, Do] = {
    "silence": silence,
    "BYE": BYE,
    "flood": flood(b"* OK wait\r\n"),
    "wrong tag": say(b"zz OK in\r\n"),
    "literal": say(b"* 1 FETCH (BODY[] {4294967295}\r\nx"),
    "deep": say(b"* LIST " + DEEP + b"\r\n"),
    "referral": say(b"{tag} NO [REFERRAL imap://evil.example.com/] elsewhere\r\n"),
    "markup": say(b"{tag} NO [ALERT] " + MARKUP + b"\r\n"),
    "capabilities of 5 MB": say(b"{tag} OK [CAPABILITY " + b"X " * 2_500_000 + b"] in\r\n"),
}


class Door(ImapProxy):
    """Misbehaves for everybody, at the greeting or at LOGIN."""

    def __init__(self, upstream_port: int, greeting: Do | None, login: Do | None) -> None:
        self.greeting = greeting
        self.login = login
        self.is_good = False
        super().__init__(upstream_port)

    def greet(self, link: Link) -> bool:
        if self.greeting is None or self.is_good:
            return True
        self.greeting(Case(""), link, Command(b"*", "greeting", b"", b""))
        return False

    def take(self, link: Link, command: Command) -> bytes | None:
        if self.login is not None and not self.is_good and command.name in ("LOGIN", "AUTHENTICATE"):
            return self.login(Case(""), link, command)
        return command.whole


class DoorTest(box.MailTest):
    doors: ClassVar[dict[str, Door]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"].update(ConnectWait=f"{WAIT_S}s", ImapWait=f"{WAIT_S}s")
        cls.doors = {}
        made = [(f"greeting {name}", do, None) for name, do in GREETINGS.items()]
        made += [(f"login {name}", None, do) for name, do in LOGINS.items()]  # type: ignore[arg-type, misc]
        for at, (name, greeting, login) in enumerate(made):
            cls.doors[name] = Door(cls.backend.ports["imap"], greeting, login)
            cls.addClassCleanup(cls.doors[name].close)
            sections[f"Host door{at}.test"] = {"ImapPort": cls.doors[name].port, "ImapSecurity": "none"}
        box.new_user(cls.backend)

    def run_door(self, at: int, name: str) -> None:
        user = self.person()
        client = self.client(host=f"door{at}.test")
        start = time.monotonic()
        page = client.login(user, self.backend.passwords[user])
        spent = time.monotonic() - start
        assert spent < PAGE_S, f"{spent:.1f} s for the page"
        assert page.status in (403, 502, 503, 504), (page.status, page.text[:400])
        assert PLAIN.search(page.text) or "wrong" in page.text, page.text[:600]
        assert MARKUP.decode() not in page.html and "evil.example.com" not in page.html
        assert steps.is_login_page(page)  # with what was typed
        self.doors[name].is_good = True

        def is_in() -> bool:
            answer = client.login(user, self.backend.passwords[user])
            return answer.status == 200 and box.heading(answer) == "Inbox"

        proc.wait_until(is_in, f"a login after {name}", 30, self.server.process)

    def test_before_the_login(self) -> None:
        bad: list[str] = []
        rss = box.Memory(self.server)

        def one(each: tuple[int, str]) -> None:
            try:
                self.run_door(*each)
            except (AssertionError, OSError, proc.RigError) as error:
                bad.append(f"{each[1]}: {error}")

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(one, enumerate(self.doors)))
        for each in bad:
            with self.subTest(each[:60]):
                self.fail(each)
        check_memory(self, len(self.doors), rss)


# -- while it waits for news --------------------------------------------------------

IDLES: dict[str, Do] = {
    "no consent": silence,
    "NO": say(b"{tag} NO not now\r\n"),
    "BAD": say(b"{tag} BAD what\r\n"),
    "OK at once": say(b"{tag} OK done\r\n"),
    "BYE": BYE,
    "BYE behind the consent": cut(b"+ idling\r\n* BYE enough\r\n"),
    "flood": flood(b"* 5 EXISTS\r\n* 6 EXISTS\r\n", b"+ idling\r\n"),
    "flood of EXPUNGE": flood(b"* 1 EXPUNGE\r\n", b"+ idling\r\n"),
    "flood of consents": flood(b"+ idling\r\n"),
    "endless line": flood(b"x", b"+ idling\r\n"),
    "literal": say(b"+ idling\r\n* 1 FETCH (BODY[] {4294967295}\r\nx"),
    "half a line": say(b"+ idling\r\n* 6 EXI"),
    "deep": say(b"+ idling\r\n* 1 FETCH " + DEEP + b"\r\n"),
    "overflow": say(b"+ idling\r\n* 99999999999999999999 EXISTS\r\n* -1 EXPUNGE\r\n"),
    "NUL": say(b"+ idling\r\n\0\0\0\r\n"),
    "wrong tag": say(b"+ idling\r\nzz OK done\r\n"),
    "one byte at a time": drip(b"+ idling\r\n* 6 EXISTS\r\n"),
}


class IdleTest(box.MailTest):
    """News come by another connection that may be just as bad."""

    proxy: ClassVar[Hostile]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Hostile(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(ConnectWait=f"{WAIT_S}s", ImapWait=f"{WAIT_S}s", WatchRenew="1s", WatchPoll="1s")
        sections["Host hostile.test"] = {"ImapPort": cls.proxy.port, "ImapSecurity": "none"}
        box.new_user(cls.backend)

    def run_idle(self, name: str, do: Do) -> None:
        user = self.person()
        case = Case(name, on="IDLE|DONE", do=do, user=user, armed=True)
        self.proxy.cases[user] = case
        box.put(self.backend, user, "INBOX", letter("first"))
        client = self.client(host="hostile.test")
        assert client.login(user, self.backend.passwords[user]).status == 200
        stream = Stream(client)
        assert stream.status == 200
        proc.wait_until(lambda: case.hits > 0, f"IDLE, {name}", 15, self.server.process)
        # The pages go on as if nothing were.
        start = time.monotonic()
        assert subjects(client.get(list_url())) == ["first"]
        assert time.monotonic() - start < OTHERS_S
        case.armed = False
        stream.close()
        again = Stream(client)
        try:
            while again.event(20).kind != "state":
                pass
        except Ended:
            pass
        again.close()
        box.put(self.backend, user, "INBOX", letter("second"))
        assert subjects(client.get(list_url())) == ["second", "first"]

    def test_news(self) -> None:
        bad: list[str] = []
        rss = box.Memory(self.server)
        spent = box.processor_s(self.server)
        other = self.person()
        calm = Stream(self.browser(other))
        self.addCleanup(calm.close)
        self.assertEqual(calm.event(10).kind, "state")

        def one(each: tuple[str, Do]) -> None:
            try:
                self.run_idle(*each)
            except (AssertionError, OSError, proc.RigError) as error:
                bad.append(f"{each[0]}: {type(error).__name__} {error}")

        with ThreadPoolExecutor(AT_ONCE) as pool:
            running = [pool.submit(one, each) for each in IDLES.items()]
            # Others are told meanwhile.
            box.put(self.backend, other, "INBOX", letter("for the calm one"))
            self.assertEqual(calm.event(OTHERS_S).kind, "new")
            for each in running:
                each.result()
        for words in bad:
            with self.subTest(words[:60]):
                self.fail(words)
        print(f"# {box.processor_s(self.server) - spent:.1f} s of the processor")
        check_memory(self, len(IDLES), rss)
