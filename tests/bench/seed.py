"""Mailboxes of any size within minutes, every message different.

fill() writes the files of an mdbox, 32 MB each, as Dovecot itself would, and
has `doveadm force-resync` make its index of them: an APPEND of each message
takes ten times as long, a file of its own for each fills a folder with a
million names. Then a client asks for what lists show, so that Dovecot's cache
of it is as warm as that of a mailbox in use.
"""

from __future__ import annotations

import email.utils
import hashlib
import os
import shutil
import socket
import ssl
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import harness  # noqa: E402
import proc  # noqa: E402

NAMES = ("Carla Rossi", "Ben Okafor", "Eva Lindqvist", "Farid Haddad", "Mei Chen", "Noah Müller")
ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"
THREAD_FIELDS = "MESSAGE-ID IN-REPLY-TO REFERENCES SUBJECT DATE"
KEPT = proc.repo_root() / "build" / "bench"
KEPT_FROM = 100_000
FILE_BYTES = 32 << 20
START = 1_790_000_000 - 1_000_000 * 60
HEAD_BYTES = 30  # of a message in a file


def letter(number: int) -> bytes:
    """One of eight of a conversation; one of 97 senders, of 100 topics."""
    name = NAMES[number % len(NAMES)]
    sender = email.utils.formataddr((name, f"p{number % 97}@example.org"))
    about = f"Re: {number // 8}" if number % 8 else str(number // 8)
    text = f"Line of message {number}.\r\n" * (10 + number % 60)
    refer = f"In-Reply-To: <b{number // 8 * 8}@example.org>\r\n" if number % 8 else ""
    return (
        f"From: {sender}\r\nTo: you@demo.test\r\nSubject: {about} topic{number % 100:02}x\r\n"
        f"Message-ID: <b{number}@example.org>\r\n{refer}"
        f"Date: {email.utils.formatdate(START + number * 60)}\r\n\r\n{text}"
    ).encode()


def record(number: int) -> bytes:
    """A message as it stands in a file of an mdbox."""
    text = letter(number)
    guid = hashlib.md5(b"%d" % number).hexdigest()
    return b"\1\2N %8s %016X\n%s\n\1\3\nR%x\nZ%x\nV%x\nG%s\nBINBOX\n\n" % (
        b"",
        len(text),
        text,
        START + number * 60,
        len(text),
        len(text),
        guid.encode(),
    )


def write_files(folder: Path, count: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    at = 0
    serial = 1
    while at < count:
        with open(folder / f"m.{serial}", "wb") as out:
            out.write(b"2 M%x C%x\n" % (HEAD_BYTES, START))
            while at < count and out.tell() < FILE_BYTES:
                out.write(record(at))
                at += 1
        serial += 1


def doveadm(backend: harness.Backend, *words: str) -> str:
    conf = backend.folder / "dovecot" / "dovecot.conf"
    done = subprocess.run(
        ["/usr/bin/doveadm", "-c", conf, *words], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise proc.RigError(f"doveadm {words[0]}: {done.stderr[-2000:]}")
    return done.stdout


def use_mdbox(backend: harness.Backend, user: str) -> None:
    """Dovecot keeps this person's mail in an mdbox, without a quota."""
    path = backend.folder / "dovecot" / "unlimited"
    rows = path.read_text() if path.exists() else ""
    row = f"{user}:::::::userdb_quota_rule=*:storage=0 userdb_mail=mdbox:~/mdbox\n"
    fresh = path.with_suffix(".new")
    fresh.write_text(rows + row)
    shutil.chown(fresh, "root", "dovecot")
    fresh.chmod(0o640)
    fresh.rename(path)
    # It looks at the file once a second.
    proc.wait_until(
        lambda: "mdbox" in doveadm(backend, "user", "-f", "mail", user), "Dovecot to know the mdbox", 20
    )


class Asker:
    """An IMAP client that looks at nothing but whether it went well."""

    def __init__(self, backend: harness.Backend, user: str) -> None:
        trust = ssl.create_default_context(cafile=str(backend.ca_file))
        raw = socket.create_connection((proc.LOOPBACK, backend.ports["imaps"]), 1800)
        self.sock = trust.wrap_socket(raw, server_hostname="localhost")
        self.sock.recv(4096)
        self.ask(f'LOGIN "{user}@{backend.domain}" "{backend.passwords[user]}"')

    def ask(self, command: str) -> None:
        self.sock.sendall(f"a {command}\r\n".encode())
        tail = b"\r\n"
        while b"\r\na " not in tail or not tail.endswith(b"\r\n"):
            data = self.sock.recv(1 << 20)
            if not data:
                raise proc.RigError(f"closed after {command}")
            tail = (tail + data)[-2000:]
        if b"\r\na OK" not in tail:
            raise proc.RigError(f"{command}: {tail[-200:]!r}")

    def close(self) -> None:
        """When its index is written."""
        self.ask("LOGOUT")
        self.sock.close()


def warm(imap: Asker, count: int) -> None:
    for start in range(1, count + 1, 50_000):
        wanted = f"({ITEMS[1:-1]} BODY.PEEK[HEADER.FIELDS ({THREAD_FIELDS})])"
        imap.ask(f"UID FETCH {start}:{start + 49_999} {wanted}")
    imap.ask("UID SORT (REVERSE FROM) UTF-8 ALL")
    imap.ask("UID SORT (SUBJECT) UTF-8 ALL")


def fill(backend: harness.Backend, user: str, count: int) -> None:
    """`count` read messages in the INBOX of somebody who was never there.

    A large one is kept below build/ and copied the next time.
    """
    use_mdbox(backend, user)
    home = backend.folder / "mail" / user
    digest = hashlib.md5(Path(__file__).read_bytes()).hexdigest()[:8]
    store = KEPT / f"mailbox-{count}-{digest}"
    if not store.exists():
        make(backend, user, count)
        if count >= KEPT_FROM:
            for old in KEPT.glob(f"mailbox-{count}-*"):
                shutil.rmtree(old)
            copy(home, store)
    else:
        copy(store, home)


def copy(source: Path, target: Path) -> None:
    """Whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["/bin/cp", "-a", "--reflink=auto", source, part], check=True)
    part.rename(target)


def make(backend: harness.Backend, user: str, count: int) -> None:
    doveadm(backend, "mailbox", "create", "-u", user, "INBOX")
    home = backend.folder / "mail" / user
    write_files(home / "mdbox" / "storage", count)
    for folder, _, files in os.walk(home):
        for each in [folder, *(os.path.join(folder, name) for name in files)]:
            shutil.chown(each, "mail", "mail")
    doveadm(backend, "force-resync", "-u", user, "INBOX")
    imap = Asker(backend, user)
    imap.ask("SELECT INBOX")
    imap.ask("UID STORE 1:* FLAGS.SILENT (\\Seen)")
    warm(imap, count)
    imap.close()
