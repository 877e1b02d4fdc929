#!/usr/bin/python3
"""Reading by iwebmsgd beside a bare IMAP client, in one run.

  bench_read.py [--rounds N] [--downloads N] [--messages N]

One folder of --messages letters and, as its newest, plain ones, formatted ones
and one with an attachment of 50 MB; another folder has one with 100 MB.
By turns, --rounds times, over kept-alive connections without TLS:
  parts   a bare client asks for header, structure and the text that is shown
  whole   the same with what else stands on the page: neighbours, folders with
          their counts, \\Seen, the conversation, an earlier letter of the sender
  page    the message's page; and, where there is one, frame: the formatted text
  first   the page of a message that neither has asked for before
  frame 1 its frame, behind its page
The aim is a page and a frame of at most 1.3 x parts + 0.5 ms; first is beside
`parts 1`, the bare client's own first look at its neighbour, which is as large.
Medians, and the least of each, because the machine may have other work. Then,
--downloads times: the 100 MB part by one bare FETCH, and as a download, with the
server's memory before and at its highest. Writes build/bench/read.json.
"""

from __future__ import annotations

import argparse
import base64
import email.utils
import json
import os
import re
import socket
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Callable
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402

TOP = HERE.parent.parent
RESULT = TOP / "build" / "bench" / "read.json"
USER = "ben"
MB = 1 << 20
TEXT = "A line of the letter, as long as lines of letters are.\r\n"


class Wire:
    """A connection with as little of Python between as there can be."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=120)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.room = memoryview(bytearray(4 * MB))

    def until(self, ending: bytes) -> bytes:
        """Reads until what came ends so; the first 4 MB of it."""
        have = 0
        while not bytes(self.room[max(0, have - len(ending)) : have]) == ending:
            count = self.socket.recv_into(self.room[have:])
            if count == 0:
                raise RuntimeError("the connection was closed")
            have += count
        return bytes(self.room[:have])


class Bare(Wire):
    """An IMAP client that sends all at once and looks for the last answer."""

    def __init__(self, backend: harness.Backend) -> None:
        super().__init__(backend.ports["imap"])
        self.until(b"\r\n")
        password = backend.passwords[USER]
        self.ask(f'LOGIN {USER}@{backend.domain} "{password}"')

    def ask(self, *commands: str) -> bytes:
        """All answers; Dovecot runs searches at once, so in any order."""
        lines = [f"b{at} {each}\r\n" for at, each in enumerate(commands)]
        self.socket.sendall("".join(lines).encode())
        answer = b""
        while True:
            count = self.socket.recv_into(self.room)
            answer += self.room[:count]
            ends = re.findall(rb"^b\d+ (OK|NO|BAD)", answer, re.M)
            if count == 0 or b"NO" in ends or b"BAD" in ends:
                raise RuntimeError(answer[-2000:])
            if len(ends) == len(commands) and answer.endswith(b"\r\n"):
                return answer

    def swallow(self, command: str) -> int:
        """Bytes of a large answer, which is not kept."""
        self.socket.sendall(f"b {command}\r\n".encode())
        total = 0
        while True:
            count = self.socket.recv_into(self.room)
            total += count
            tail = bytes(self.room[max(0, count - 200) : count])
            if b"\nb OK" in tail and tail.endswith(b"\r\n"):
                return total


class Person(Wire):
    """A logged-in browser that stays on one connection."""

    def __init__(self, browser: harness.Client) -> None:
        super().__init__(browser.plain_port)
        jar = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.values())
        self.rest = f"Host: {browser.host}:{browser.plain_port}\r\nCookie: {jar}\r\n\r\n"

    def send(self, address: str) -> tuple[bytes, bytes]:
        """Head of the answer, and what came of the body with it."""
        self.socket.sendall(f"GET {address} HTTP/1.1\r\n{self.rest}".encode())
        have = b""
        while b"\r\n\r\n" not in have:
            have += self.socket.recv(256 << 10)
        head, _, body = have.partition(b"\r\n\r\n")
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(f"{address}: {head!r}")
        return head.lower(), body

    def get(self, address: str) -> bytes:
        head, body = self.send(address)
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        while length and len(body) < int(length[1]):
            body += self.socket.recv(256 << 10)
        while not length and not body.endswith(b"\r\n0\r\n\r\n"):
            body += self.socket.recv(256 << 10)
        return body

    def swallow(self, address: str) -> int:
        head, body = self.send(address)
        length = re.search(rb"\r\ncontent-length: (\d+)", head)
        total, tail = len(body), body[-20:]
        while total < int(length[1]) if length else not tail.endswith(b"\n0\r\n\r\n"):
            count = self.socket.recv_into(self.room)
            if count == 0:
                raise RuntimeError("the download broke off")
            total += count
            tail = (tail + bytes(self.room[max(0, count - 20) : count]))[-20:]
        return total


def head(subject: str, kind: str) -> str:
    return (
        f"From: Carla Rossi <carla@example.org>\r\nTo: {USER}@demo.test\r\n"
        f"Subject: {subject}\r\nMessage-ID: <{subject.replace(' ', '.')}@example.org>\r\n"
        f"Date: {email.utils.formatdate()}\r\nMIME-Version: 1.0\r\n{kind}\r\n"
    )


def plain(subject: str) -> bytes:
    kind = "Content-Type: text/plain; charset=utf-8\r\n"
    return (head(subject, kind) + TEXT * 60).encode()


def formatted(subject: str) -> bytes:
    row = "<tr><td style='padding:4px;color:#333'>" + TEXT.strip() + "</td></tr>\r\n"
    return (
        head(subject, "Content-Type: multipart/alternative; boundary=alt\r\n")
        + f"--alt\r\nContent-Type: text/plain\r\n\r\n{TEXT * 20}\r\n"
        + f"--alt\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table>{row * 250}</table>\r\n"
        + "--alt--\r\n"
    ).encode()


def attached(subject: str, size: int) -> bytes:
    block = base64.encodebytes(os.urandom(57 * 1000)).replace(b"\n", b"\r\n")
    start = (
        head(subject, "Content-Type: multipart/mixed; boundary=mix\r\n")
        + f"--mix\r\nContent-Type: text/plain\r\n\r\n{TEXT * 60}\r\n--mix\r\n"
        + 'Content-Type: application/octet-stream; name="large.bin"\r\n'
        + "Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    return start + block * (size // 57_000) + b"--mix--\r\n"


def rss_kb(pid: int) -> int:
    """Resident memory of a process and its children."""
    text = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+)", text)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found[1] if found else 0) + sum(rss_kb(int(each)) for each in children)


class Highest:
    """The most memory the server has while a block runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.before = self.most = rss_kb(pid)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)

    def watch(self) -> None:
        while not self.over.wait(0.02):
            self.most = max(self.most, rss_kb(self.pid))

    def __enter__(self) -> "Highest":
        self.thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.over.set()
        self.thread.join()


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


class Bench:
    KINDS = {"plain": "1", "formatted": "2", "50 MB": "1"}

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        harness.mail_backend.QUOTA = "1G"
        self.backend = harness.backend()
        self.fill()
        self.server = harness.new_server("bench-read")
        self.server.sections["Mail"].update(
            {"ImapPort": self.backend.ports["imap"], "ImapSecurity": "none"}
        )
        self.server.write()
        self.server.start()
        server = self.server
        browser = harness.Client(server.plain_port, server.secure_port, self.backend.ca_file)
        browser.login(USER, harness.PASSWORD)
        self.person = Person(browser)
        self.bare = Bare(self.backend)

    def fill(self) -> None:
        now = time.time()
        letters = [plain(f"Letter {at}") for at in range(self.args.messages)]
        # Two of each for every turn that opens one for the first time.
        self.firsts = {"plain": 0, "formatted": 0}
        for kind, make in (("plain", plain), ("formatted", formatted)):
            self.firsts[kind] = len(letters) + 1
            letters += [make(f"{kind} {at}") for at in range(2 * self.args.rounds)]
        start = len(letters)
        letters += [plain("plain"), formatted("formatted"), attached("50 MB", 50 * MB)]
        self.backend.append(USER, "INBOX", ((each, "\\Seen", now) for each in letters))
        self.backend.append(USER, "Large", [(attached("100 MB", 100 * MB), "\\Seen", now)])
        self.uids = {kind: start + at + 1 for at, kind in enumerate(self.KINDS)}

    def open_by_turns(self) -> dict[str, dict[str, dict[str, float]]]:
        self.bare.ask("SELECT INBOX")
        times: dict[str, dict[str, list[float]]] = {kind: {} for kind in self.KINDS}
        for turn in range(self.args.rounds + 3):
            for kind, section in self.KINDS.items():
                for name, action in self.actions(self.uids[kind], kind, section).items():
                    took = timed(action)
                    if turn >= 3:  # the first find nothing in any cache
                        times[kind].setdefault(name, []).append(took)
                if kind in self.firsts and turn >= 3:
                    for name, took in self.open_first(kind, section, turn - 3).items():
                        times[kind].setdefault(name, []).append(took)
        return {
            kind: {
                name: {"median": statistics.median(each), "least": min(each)}
                for name, each in of.items()
            }
            for kind, of in times.items()
        }

    def open_first(self, kind: str, section: str, turn: int) -> dict[str, float]:
        """Two messages of one kind: one for each side, and by turns the one or the other."""
        pair = self.firsts[kind] + 2 * turn
        bare, ours = (pair, pair + 1) if turn % 2 == 0 else (pair + 1, pair)
        address = f"folder=INBOX&uid={ours}"
        took = {"parts 1": timed(lambda: self.bare.ask(self.parts(bare, section)))}
        took["first"] = timed(lambda: self.person.get(f"/message?{address}"))
        if kind == "formatted":
            took["frame 1"] = timed(lambda: self.person.get(f"/body?{address}&part={section}"))
        return took

    @staticmethod
    def parts(uid: int, section: str) -> str:
        return (
            f"UID FETCH {uid} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE"
            f" BODY.PEEK[{section}])"
        )

    def actions(self, uid: int, kind: str, section: str) -> dict[str, Callable[[], object]]:
        where = f"folder=INBOX&uid={uid}"
        parts = self.parts(uid, section)
        whole = (
            parts,
            f"UID SEARCH RETURN (MAX) UID 1:{uid - 1}",
            f"UID SEARCH RETURN (MIN) UID {uid + 1}:*",
            'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))',
            f"UID STORE {uid} +FLAGS.SILENT (\\Seen)",
            f"UID SEARCH RETURN (ALL) INTHREAD REFS UID {uid}",
            f'UID SEARCH RETURN (MIN) FROM "carla@example.org" UID {max(1, uid - 300)}:{uid - 1}',
        )
        actions: dict[str, Callable[[], object]] = {
            "parts": lambda: self.bare.ask(parts),
            "whole": lambda: self.bare.ask(*whole),
            "page": lambda: self.person.get(f"/message?{where}"),
        }
        if kind == "formatted":
            actions["frame"] = lambda: self.person.get(f"/body?{where}&part={section}")
        return actions

    def download_by_turns(self) -> dict[str, float]:
        assert self.server.process is not None
        self.bare.ask("SELECT Large")
        address = f"/part?folder={quote('Large')}&uid=1&part=2"
        bare: list[float] = []
        ours: list[float] = []
        before = most = 0
        for turn in range(self.args.downloads + 1):
            bare.append(timed(lambda: self.bare.swallow("UID FETCH 1 BODY.PEEK[2]")))
            with Highest(self.server.process.pid) as memory:
                ours.append(timed(lambda: self.person.swallow(address)))
            if turn == 1:
                before = memory.before
            most = max(most, memory.most)
        speed = statistics.median(a / b for a, b in zip(bare[1:], ours[1:]))
        return {
            "bare_ms": statistics.median(bare[1:]),
            "download_ms": statistics.median(ours[1:]),
            "share_of_bare": speed,
            "rss_before_kb": before,
            "rss_most_kb": most,
        }

    def run(self) -> dict:
        try:
            return {"opening": self.open_by_turns(), "download": self.download_by_turns()}
        finally:
            self.server.stop()


def show(result: dict) -> None:
    print(f"{'opening':12}{'':9}{'ms':>8}{'allowed':>9}{'least':>8}{'allowed':>9}")
    for kind, of in result["opening"].items():
        for name, took in of.items():
            floor = of["parts 1" if name in ("first", "frame 1") else "parts"]
            line = f"{kind:12}{name:9}"
            for each in ("median", "least"):
                has_aim = name not in ("parts", "whole", "parts 1")
                allowed = f"{1.3 * floor[each] + 0.5:9.2f}" if has_aim else " " * 9
                line += f"{took[each]:8.2f}{allowed}"
            print(line.rstrip())
    got = result["download"]
    print(
        f"download of 100 MB: {got['download_ms']:.0f} ms, bare {got['bare_ms']:.0f} ms: "
        f"{100 * got['share_of_bare']:.0f} % of its speed; server "
        f"{got['rss_before_kb'] / 1024:.1f} MB before, {got['rss_most_kb'] / 1024:.1f} MB at most"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--downloads", type=int, default=5)
    parser.add_argument("--messages", type=int, default=1000)
    result = Bench(parser.parse_args()).run()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
