#!/usr/bin/python3
"""Reading by iwebmsgd beside a bare IMAP client, in one run.

  bench_read.py [--clear] [--rounds N] [--downloads N] [--messages N]

One folder of --messages letters and, as its newest, plain ones, formatted ones
and one with an attachment of 50 MB; another folder has one with 100 MB. Both
sides are asked by one small program in C (floor.c) over kept-alive connections:
the mail server over IMAPS, iwebmsgd over HTTPS, which asks the mail server over
IMAPS; with --clear none of the three has TLS. By turns, --rounds times:
  parts   a bare client asks for header, structure and the text that is shown
  page    the message's page; and, where there is one, frame: the formatted text
then, by turns, messages that neither has asked for before:
  parts 1, first, frame 1
and by itself, because it leaves nothing of anybody in the processor's caches:
  whole   parts with what else stands on the page: neighbours, folders with
          their counts, \\Seen, the conversation, an earlier letter of the sender
The aim is a page and a frame of at most 1.3 x parts + 0.5 ms; first is beside
`parts 1`, the bare client's own first look at its neighbour, which is as large.
Medians, and the least of each, because the machine may have other work. Before,
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
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402

TOP = HERE.parent.parent
RESULT = TOP / "build" / "bench" / "read.json"
FLOOR = TOP / "build" / "bench" / "floor"
USER = "ben"
MB = 1 << 20
TEXT = "A line of the letter, as long as lines of letters are.\r\n"


class Floor:
    """The lines of a script for floor.c, which logs in on both sides first."""

    def __init__(self, backend: harness.Backend, browser: harness.Client, *, clear: bool) -> None:
        jar = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.values())
        trust = "-" if clear else str(backend.ca_file)
        imap = str(backend.ports["imap" if clear else "imaps"])
        port = browser.plain_port if clear else browser.secure_port
        login = f"{USER}@{backend.domain}"
        self.lines: list[str] = []
        self.add("imap", imap, trust, login, backend.passwords[USER])
        self.add("http", str(port), trust, f"{browser.host}:{port}", jar)
        self.start = list(self.lines)

    def add(self, *fields: str) -> None:
        self.lines.append("\t".join(fields))

    def run(self) -> dict[str, list[float]]:
        """Milliseconds by name, in order; then the script begins anew."""
        script = "\n".join(self.lines) + "\n"
        self.lines = list(self.start)
        done = subprocess.run([FLOOR], input=script, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        return {name: [us / 1000 for us in each] for name, each in json.loads(done.stdout).items()}


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


class Bench:
    KINDS = {"plain": "1", "formatted": "2", "50 MB": "1"}
    WARM = 3  # turns that count nothing: the first find nothing in any cache

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        harness.mail_backend.QUOTA = "1G"
        self.backend = harness.backend()
        self.fill()
        self.server = harness.new_server("bench-read")
        if args.clear:
            self.server.sections["Mail"].update(
                {"ImapPort": self.backend.ports["imap"], "ImapSecurity": "none"}
            )
            self.server.write()
        self.server.start()
        server = self.server
        browser = harness.Client(
            server.plain_port,
            server.secure_port,
            self.backend.ca_file,
            secure=not args.clear,
        )
        browser.login(USER, harness.PASSWORD)
        self.floor = Floor(self.backend, browser, clear=args.clear)

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
        self.floor.add("ask", "-", "SELECT INBOX")
        for turn in range(-self.WARM, self.args.rounds):
            for kind in self.KINDS:
                self.open(kind, turn >= 0)
        for turn in range(self.args.rounds):
            for kind in self.firsts:
                self.open_first(kind, turn)
        for _ in range(self.args.rounds):
            for kind, section in self.KINDS.items():
                uid = self.uids[kind]
                whole = (self.parts(uid, section), *self.rest(uid))
                self.floor.add("ask", f"{kind}/whole", *whole)
        times: dict[str, dict[str, dict[str, float]]] = {kind: {} for kind in self.KINDS}
        for name, took in self.floor.run().items():
            kind, action = name.split("/")
            times[kind][action] = {"median": statistics.median(took), "least": min(took)}
        return times

    def open(self, kind: str, counts: bool) -> None:
        uid, section = self.uids[kind], self.KINDS[kind]
        where = f"folder=INBOX&uid={uid}"

        def name(action: str) -> str:
            return f"{kind}/{action}" if counts else "-"

        self.floor.add("ask", name("parts"), self.parts(uid, section))
        self.floor.add("get", name("page"), f"/message?{where}")
        if kind == "formatted":
            self.floor.add("get", name("frame"), f"/body?{where}&part={section}")

    def open_first(self, kind: str, turn: int) -> None:
        """Two messages of one kind: one for each side, and by turns the one or the other."""
        section = self.KINDS[kind]
        pair = self.firsts[kind] + 2 * turn
        bare, ours = (pair, pair + 1) if turn % 2 == 0 else (pair + 1, pair)
        where = f"folder=INBOX&uid={ours}"
        self.floor.add("ask", f"{kind}/parts 1", self.parts(bare, section))
        self.floor.add("get", f"{kind}/first", f"/message?{where}")
        if kind == "formatted":
            self.floor.add("get", f"{kind}/frame 1", f"/body?{where}&part={section}")

    @staticmethod
    def parts(uid: int, section: str) -> str:
        return (
            f"UID FETCH {uid} (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE"
            f" BODY.PEEK[{section}])"
        )

    @staticmethod
    def rest(uid: int) -> tuple[str, ...]:
        return (
            f"UID SEARCH RETURN (MAX) UID 1:{uid - 1}",
            f"UID SEARCH RETURN (MIN) UID {uid + 1}:*",
            'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))',
            f"UID STORE {uid} +FLAGS.SILENT (\\Seen)",
            f"UID SEARCH RETURN (ALL) INTHREAD REFS UID {uid}",
            f'UID SEARCH RETURN (MIN) FROM "carla@example.org" UID {max(1, uid - 300)}:{uid - 1}',
        )

    def download(self, turns: int) -> dict[str, list[float]]:
        self.floor.add("ask", "-", "SELECT Large")
        for _ in range(turns):
            self.floor.add("ask", "bare", "UID FETCH 1 BODY.PEEK[2]")
            self.floor.add("get", "ours", f"/part?folder={quote('Large')}&uid=1&part=2")
        return self.floor.run()

    def download_by_turns(self) -> dict[str, float]:
        assert self.server.process is not None
        self.download(1)
        with Highest(self.server.process.pid) as memory:
            took = self.download(self.args.downloads)
        speed = statistics.median(a / b for a, b in zip(took["bare"], took["ours"]))
        return {
            "bare_ms": statistics.median(took["bare"]),
            "download_ms": statistics.median(took["ours"]),
            "share_of_bare": speed,
            "share_of_least": min(took["bare"]) / min(took["ours"]),
            "rss_before_kb": memory.before,
            "rss_most_kb": memory.most,
        }

    def run(self) -> dict:
        try:
            # First: Dovecot looks at a maildir anew for a second after the last
            # message was put there, at whatever asks what others did.
            download = self.download_by_turns()
            opening = self.open_by_turns()
            return {
                "has_tls": not self.args.clear,
                "opening": opening,
                "download": download,
            }
        finally:
            self.server.stop()


def show(result: dict) -> None:
    print("over IMAPS and HTTPS" if result["has_tls"] else "all in clear")
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
        f"{100 * got['share_of_bare']:.0f} % of its speed, of the least times "
        f"{100 * got['share_of_least']:.0f} %; server "
        f"{got['rss_before_kb'] / 1024:.1f} MB before, {got['rss_most_kb'] / 1024:.1f} MB at most"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--clear", action="store_true", help="no TLS anywhere")
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
