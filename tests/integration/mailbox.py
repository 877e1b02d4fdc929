"""Mailboxes and pages of mail: people of their own, letters, rows, folders."""

from __future__ import annotations

import html
import imaplib
import itertools
import os
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Iterable
from urllib.parse import quote

import harness
import imapname
import message as m
import proc
import server as web
import steps
from client import Client, Page

_serial = itertools.count(1)


_free: list[str] = []


def new_user(backend: harness.Backend) -> str:
    """Somebody with an empty mailbox, who can log in and send."""
    if not _free:
        # Many at once: Dovecot overlooks a second change within a second.
        _free.extend(f"p{os.getpid()}x{next(_serial)}" for _ in range(2000))
        backend.passwords.update(dict.fromkeys(_free[1:], harness.PASSWORD))
        backend.set_password(_free[0], harness.PASSWORD)
        proc.wait_until(lambda: _is_known(backend, _free[0]), "Dovecot to know new people", 20)
    return _free.pop(0)


def _is_known(backend: harness.Backend, user: str) -> bool:
    """Dovecot looks at its file of users once a second."""
    try:
        with backend.imap(user):
            return True
    except imaplib.IMAP4.error:
        return False


def unique(words: str) -> str:
    """A subject no other message of the run has."""
    return f"{words} nr{os.getpid()}q{next(_serial)}"


def letter(
    subject: str = "Hello",
    part: m.Part | None = None,
    *,
    sender: str = "Ben Okafor <ben@example.com>",
    to: str = "anna@demo.test",
    when: float | None = None,
    extra: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A message around a part (default: a line of text)."""
    head = [
        ("From", sender),
        ("To", to),
        ("Subject", m.words(subject)),
        ("Date", m.date(int(time.time() if when is None else when))),
        ("Message-ID", f"<{unique('m').replace(' ', '.')}@example.com>"),
        *extra,
        ("MIME-Version", "1.0"),
    ]
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    return lines.encode() + (part or m.text("Hello.\n")).render()


def put(
    backend: harness.Backend, user: str, folder: str, *messages: bytes, flags: str = ""
) -> None:
    """Appends messages in this order, a second apart."""
    start = time.time() - 10000
    backend.append(user, folder, [(each, flags, start + at) for at, each in enumerate(messages)])


def append_raw(
    backend: harness.Backend, user: str, folder: str, messages: Iterable[bytes], when: float
) -> None:
    """Appends messages exactly as they are: imaplib mends line ends."""
    date = imaplib.Time2Internaldate(when)
    name = imapname.quoted(folder)
    with backend.imap(user) as conn:
        if folder != "INBOX":
            conn.create(name)
            conn.subscribe(name)
        for data in messages:
            conn.literal = data  # type: ignore[attr-defined]
            answer, said = conn._simple_command("APPEND", name, "(\\Seen)", date)  # type: ignore[attr-defined]
            assert answer == "OK", (said, data[:200])


def fill(backend: harness.Backend, user: str, messages: Iterable[bytes]) -> None:
    """Many messages at once into the INBOX of somebody who has none yet."""
    home = backend.folder / "mail" / user / "Maildir"
    for name in ("cur", "new", "tmp"):
        (home / name).mkdir(parents=True, exist_ok=True)
    start = int(time.time()) - 100000
    for at, data in enumerate(messages):
        path = home / "cur" / f"{start + at}.M{at:06}.rig:2,S"
        path.write_bytes(data)
        os.utime(path, (start + at, start + at))
    for path in (home.parent, home, *home.rglob("*")):
        shutil.chown(path, "mail", "mail")


def raw_messages(backend: harness.Backend, user: str, folder: str) -> list[bytes]:
    """All messages of a folder as they are."""
    with backend.imap(user) as conn:
        answer, count = conn.select(imapname.quoted(folder), readonly=True)
        if answer != "OK" or count == [b"0"]:
            return []
        found = conn.fetch("1:*", "(BODY.PEEK[])")[1]
        return [each[1] for each in found if isinstance(each, tuple)]


def subjects(backend: harness.Backend, user: str, folder: str) -> list[str]:
    """The Subject lines of a folder."""
    heads = [each.partition(b"\r\n\r\n")[0] for each in raw_messages(backend, user, folder)]
    found = [re.search(rb"(?mi)^Subject: ?(.*?)\r?$", head) for head in heads]
    return [each.group(1).decode() if each else "" for each in found]


def flags(backend: harness.Backend, user: str, folder: str) -> dict[int, set[str]]:
    """{uid: flags} of a folder, without \\Recent."""
    with backend.imap(user) as conn:
        found: dict[int, set[str]] = {}
        if conn.select(imapname.quoted(folder), readonly=True)[1] == [b"0"]:
            return found
        for each in conn.fetch("1:*", "(UID FLAGS)")[1]:
            if each is None:
                continue
            line = each.decode()
            uid = re.search(r"UID (\d+)", line)
            words = re.search(r"FLAGS \(([^)]*)\)", line)
            assert uid and words
            found[int(uid.group(1))] = set(words.group(1).split()) - {"\\Recent"}
        return found


def store(backend: harness.Backend, user: str, uids: str, what: str, folder: str = "INBOX") -> None:
    """Flags of another mail program: `what` is like "+FLAGS (\\Seen)"."""
    with backend.imap(user) as conn:
        conn.select(imapname.quoted(folder))
        how, _, which = what.partition(" ")
        answer = conn.uid("STORE", uids, how, which)
        assert answer[0] == "OK", answer


def expunge(backend: harness.Backend, user: str, uids: str, folder: str = "INBOX") -> None:
    with backend.imap(user) as conn:
        conn.select(imapname.quoted(folder))
        conn.uid("STORE", uids, "+FLAGS", "(\\Deleted)")
        conn.expunge()


@dataclass
class Row:
    """A row of the list."""

    uid: int
    unread: bool
    marks: set[str]  # Answered, Forwarded, Flagged, Has attachments, Unread
    sender: str
    subject: str
    url: str
    size: str


def _plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", markup)).split())


def rows(page: Page) -> list[Row]:
    """What a list page shows."""
    found = []
    for kind, body in re.findall(r"<tr(?: class=\"([^\"]*)\")?(?: (?:id|data-\w+)=\"[^\"]*\")*>\s*(<td class=\"c-tick\">.*?)</tr>", page.html, re.S):
        cells = dict(re.findall(r"<t[dh] class=\"(c-\w+)\"[^>]*>(.*?)</t[dh]>", body, re.S))
        link = re.search(r'<a href="([^"]*)"[^>]*>(.*?)</a>', cells["c-subject"], re.S)
        uid = re.search(r'name="(?:uid" value="|pick" value="\d+\.)(\d+)', cells["c-tick"])
        assert link and uid
        marks = re.findall(r'<span class="vh">([^<]*)</span>', cells["c-marks"] + cells["c-subject"])
        found.append(
            Row(
                int(uid.group(1)),
                "unread" in kind.split(),
                set(marks),
                _plain(cells["c-from"]),
                _plain(link.group(2)),
                html.unescape(link.group(1)),
                _plain(cells["c-size"]),
            )
        )
    return found


def uids(page: Page) -> list[int]:
    return [row.uid for row in rows(page)]


@dataclass
class Folder:
    name: str
    unread: int
    url: str  # empty: cannot be opened
    depth: str


def folders(page: Page) -> dict[str, Folder]:
    """The side bar, by the names people read."""
    bar = re.search(r'<nav class="folders".*?</nav>', page.html, re.S)
    assert bar, page.text[:300]
    found = {}
    for depth, item in re.findall(r'<li class="(d\d)">(.*?)(?=<li |</nav>)', bar.group(0), re.S):
        name = re.search(r"<bdi>(.*?)</bdi>", item, re.S)
        count = re.search(r'<span class="count">(\d+)', item)
        link = re.search(r'<a href="([^"]*)"', item)
        assert name
        label = html.unescape(name.group(1))
        found[label] = Folder(
            label,
            int(count.group(1)) if count else 0,
            html.unescape(link.group(1)) if link else "",
            depth,
        )
    return found


def list_url(folder: str = "INBOX", **more: object) -> str:
    tail = "".join(f"&{name}={quote(str(value), safe='')}" for name, value in more.items())
    return f"/list?folder={quote(folder, safe='')}{tail}"


def heading(page: Page) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.html, re.S)
    return _plain(found.group(1)) if found else ""


def note(page: Page) -> str:
    """What the page says it did, or what is wrong."""
    found = re.search(r'<(?:div|p) class="note[^"]*"[^>]*>(.*?)</(?:div|p)>', page.html, re.S)
    return _plain(found.group(1)) if found else ""


def open_message(client: Client, subject: str, folder: str = "INBOX") -> Page:
    """Opens the message with this subject from the list."""
    page = client.get(list_url(folder))
    for row in rows(page):
        if row.subject == subject:
            return client.get(row.url)
    raise AssertionError(f"no {subject!r} among {[row.subject for row in rows(page)]}")


def source_of(client: Client, page: Page) -> bytes:
    """The message behind a message page, as it is."""
    return client.get(page.link("Save the message")).body


# -- what the server spends -------------------------------------------------


def processor_s(server: web.Server) -> float:
    """Processor time of the serving process so far: a busy machine does not change it."""
    fields = Path(f"/proc/{steps.child_of(server)}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory_is_measured() -> bool:
    """Sanitizers keep freed memory."""
    return os.environ.get("IWEBMSG_FLAVOUR", "release") == "release"


class Memory:
    """How far the server's resident memory rose since this was made, in MB."""

    def __init__(self, server: web.Server) -> None:
        self.folder = Path(f"/proc/{steps.child_of(server)}")
        (self.folder / "clear_refs").write_text("5")  # the peak starts anew
        self.start = self._value("VmRSS")

    def _value(self, name: str) -> int:
        found = re.search(rf"^{name}:\s+(\d+)", (self.folder / "status").read_text(), re.M)
        assert found
        return int(found.group(1))

    def rise(self) -> float:
        return (self._value("VmHWM") - self.start) / 1024

    def left(self) -> float:
        """How far it is above that now."""
        return (self._value("VmRSS") - self.start) / 1024


class MailTest(harness.WebTest):
    """A WebTest in which everybody may have a mailbox of their own."""

    def person(self) -> str:
        return new_user(self.backend)

    def browser(self, user: str, **how: object) -> Client:
        return self.logged_in(user, **how)  # type: ignore[arg-type]

    def imap(self, user: str) -> imaplib.IMAP4_SSL:
        return self.backend.imap(user)


class OtherImap(harness.Backend):
    """A second Dovecot, without Postfix, that offers only these extensions."""

    def __init__(self, capability: str, users: list[str]) -> None:
        super().__init__(harness.new_folder("imap"), users=users)
        self.capability = capability

    def start(self) -> "OtherImap":
        for attempt in range(3):
            self._choose_ports()
            self._write_files()
            conf = self.folder / "dovecot" / "dovecot.conf"
            conf.write_text(self.configure(conf.read_text()))
            try:
                self.start_imap()
                break
            except proc.RigError:
                self.stop_imap()
                # A chosen port may have been taken in between.
                if attempt == 2:
                    raise
        return self

    def configure(self, text: str) -> str:
        """Dovecot's file: also without a folder for the archive."""
        text = re.sub(r"\n  mailbox Archive \{[^}]*\}", "", text)
        return f"{text}imap_capability = {self.capability}\n"

    def stop_imap(self) -> None:
        """Ends open connections, too, which Dovecot's master leaves alive."""
        super().stop_imap()
        if self.dovecot is not None:
            try:
                os.killpg(self.dovecot.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
