#!/usr/bin/python3
"""Mailboxes of many sizes: iwebmsgd beside a bare IMAP client, in one run.

  bench_lists.py [--sizes 1000,10000,100000] [--rounds N] [--clear] [--keep]

A mailbox of each size (BENCH_HUGE=1: and one of 1,000,000) in a private
Dovecot. By turns, asked by one small program in C (floor.c) over kept-alive
connections, the bare client pipelining what the page shows:
  list    the first page of 50     page    a page somewhere     sort    by sender
  open    a message                flag    a mark on and off, and the page again
  move    a message away, and the page again
  search  words in the subject, and its first page
  threads as conversations, the first page
cold: the first of each after a fresh login, its login by itself. For blocks of
one action: processor time of iwebmsgd and of the mail server, bytes and IMAP
commands. Last, the memory of a session. Prints a table of ratios, writes
build/bench/lists.json, and, where there is tests/bench/lists.json (written by
--keep), ends with 1 when a ratio became worse than there by more than a quarter
and 0.2: milliseconds do not travel, ratios of one run do.
"""

from __future__ import annotations

import argparse
import email.utils
import json
import os
import shutil
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.insert(0, str(HERE))

import bench_read  # noqa: E402
import harness  # noqa: E402
import mailbox as box  # noqa: E402

RESULT = bench_read.RESULT.with_name("lists.json")
BASELINE = HERE / "lists.json"
ROWS = 50
UNIQUE = 1000  # letters; the rest of a mailbox are links to them
NAMES = ("Carla Rossi", "Ben Okafor", "Eva Lindqvist", "Farid Haddad", "Mei Chen", "Noah Müller")
ITEMS = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"
FOLDERS = 'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))'
TICK = os.sysconf("SC_CLK_TCK")
ALLOWED = (1.25, 0.2)


def letter(number: int) -> bytes:
    name = NAMES[number % len(NAMES)]
    sender = email.utils.formataddr((name, f"p{number % 97}@example.org"))
    about = f"Re: {number // 8}" if number % 8 else str(number // 8)
    text = f"Line of message {number}.\r\n" * (10 + number % 60)
    refer = f"In-Reply-To: <b{number // 8 * 8}@example.org>\r\n" if number % 8 else ""
    return (
        f"From: {sender}\r\nTo: you@demo.test\r\nSubject: {about} topic{number % 100:02}x\r\n"
        f"Message-ID: <b{number}@example.org>\r\n{refer}"
        f"Date: {email.utils.formatdate(1_790_000_000 + number * 600)}\r\n\r\n{text}"
    ).encode()


def fill(backend: harness.Backend, user: str, count: int) -> None:
    """`count` messages as files of a maildir: an APPEND of each would take an hour."""
    home = backend.folder / "mail" / user
    new = home / "Maildir" / "cur"
    for name in ("cur", "new", "tmp"):
        (home / "Maildir" / name).mkdir(parents=True, exist_ok=True)
    for at in range(count):
        path = new / f"{1_790_000_000 + at * 60}.M{at}.bench:2,S"
        if at < UNIQUE:
            path.write_bytes(letter(at))
        else:
            os.link(new / f"{1_790_000_000 + (at % UNIQUE) * 60}.M{at % UNIQUE}.bench:2,S", path)
    for folder, _, files in os.walk(home):
        for each in [folder, *(os.path.join(folder, file) for file in files[:UNIQUE])]:
            shutil.chown(each, "mail", "mail")
    with backend.imap(user) as conn:  # Dovecot's own index and cache
        conn.select("INBOX")
        conn.uid("FETCH", "1:*", ITEMS)
        conn.uid("SORT", "(REVERSE FROM)", "UTF-8", "ALL")


def cpu_s(pid: int) -> float:
    """Processor time of a process, all its threads and living children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    tasks = Path(f"/proc/{pid}/task").iterdir()
    ns = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks)
    return ns / 1e9 + sum(cpu_s(int(each)) for each in children)


def cpu_with_ended_s(pid: int) -> float:
    """As cpu_s(), with the children that have ended; in steps of 10 ms."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    spent = sum(int(each) for each in fields[11:15]) / TICK
    return spent + sum(cpu_with_ended_s(int(each)) for each in children)


class Size:
    """One mailbox, asked by both sides."""

    ACTIONS = ("list", "page", "sort", "open", "flag", "search", "move", "threads")

    def __init__(self, bench: "Bench", count: int) -> None:
        self.bench = bench
        self.count = count
        self.user = box.new_user(bench.backend)
        fill(bench.backend, self.user, count)
        self.uid = count  # the next to be opened or moved
        self.log_in()

    def log_in(self) -> None:
        bench = self.bench
        server = bench.server
        self.browser = harness.Client(
            server.plain_port, server.secure_port, bench.backend.ca_file, secure=not bench.clear
        )
        began = time.perf_counter()
        page = self.browser.login(self.user, harness.PASSWORD)
        self.login_ms = (time.perf_counter() - began) * 1000
        if page.status != 200 or "topic" not in page.text:
            raise RuntimeError(f"the login led to {page.url} ({page.status})")
        self.act = {
            name: page.form(field="uidvalidity").find(name).value  # type: ignore[union-attr]
            for name in ("csrf", "folder", "uidvalidity", "back")
        }
        self.floor = bench_read.Floor(bench.backend, self.browser, clear=bench.clear)
        login = self.floor.start[0].split("\t")
        login[3] = f"{self.user}@{bench.backend.domain}"
        self.floor.start[0] = "\t".join(login)
        self.floor.lines = [*self.floor.start]
        self.floor.add("ask", "-", "SELECT INBOX")

    def fetch(self, page: int = 1, gone: int = 0) -> tuple[str, str]:
        last = self.count - gone - (page - 1) * ROWS
        return f"FETCH {max(1, last - ROWS + 1)}:{last} {ITEMS}", FOLDERS

    def post(self, name: str, path: str, **values: str) -> None:
        self.floor.add("post", name, path, urlencode({**self.act, **values}))

    def bare(self, action: str, turn: int) -> None:
        """What a client that knows it all beforehand asks, in one trip."""
        page = self.page(turn)
        ask = {
            "list": self.fetch(),
            "page": self.fetch(page),
            "sort": ("UID SORT (REVERSE FROM) UTF-8 ALL", *self.fetch()),
            "threads": ("UID THREAD REFS UTF-8 ALL", *self.fetch(gone=2 * self.bench.rounds)),
            "open": (bench_read.Bench.parts(self.uid - turn % 40, "1"), FOLDERS),
            "flag": (f"UID STORE {self.uid} {'+-'[turn % 2]}FLAGS.SILENT (\\Flagged)", *self.fetch()),
            "move": (f"UID MOVE {self.count - turn * 2} Archive", *self.fetch(gone=turn * 2 + 1)),
            "search": (f"UID SEARCH RETURN (COUNT ALL) SUBJECT topic{turn % 100:02}x", *self.fetch()),
        }[action]
        self.floor.add("ask", f"{action}/bare", *ask)

    def ours(self, action: str, turn: int) -> None:
        name = f"{action}/ours"
        where = f"/list?folder=INBOX&page={self.page(turn)}"
        if action == "flag":
            self.post(name, "/act", uid=str(self.uid), do="unflag" if turn % 2 else "flag")
        elif action == "move":
            self.post(name, "/act", uid=str(self.count - turn * 2 - 1), do="move", to="Archive")
        elif action == "search":
            self.post(name, "/search", q=f"subject:topic{turn % 100:02}x", **{"in": "here"})
        elif action == "open":
            self.floor.add("get", name, f"/message?folder=INBOX&uid={self.uid - turn % 40}")
        else:
            more = {
                "list": "/list?folder=INBOX",
                "page": where,
                "sort": "/list?folder=INBOX&sort=from",
                "threads": "/list?folder=INBOX",
            }
            self.floor.add("get", name, more[action])

    def page(self, turn: int) -> int:
        return 2 + turn * 7919 % max(1, self.count // ROWS - 2)

    def rounds(self, action: str) -> int:
        """Few of what costs the mail server the whole mailbox."""
        slow = action in ("sort", "threads", "search") and self.count > 10_000
        return 6 if slow else self.bench.rounds

    def both(self, action: str) -> dict[str, float]:
        rounds = self.rounds(action)
        if action == "threads":
            self.browser.press(self.browser.get("/list?folder=INBOX"), "do=threads")
        for turn in range(rounds):
            self.bare(action, turn)
            self.ours(action, turn)
        took = self.floor.run()
        self.floor.add("ask", "-", "SELECT INBOX")
        bare, ours = took[f"{action}/bare"], took[f"{action}/ours"]
        return {
            "bare_ms": statistics.median(bare),
            "ours_ms": statistics.median(ours),
            "least_bare_ms": min(bare),
            "least_ours_ms": min(ours),
            "ratio": statistics.median(a / b for a, b in zip(ours, bare)),
        }

    def alone(self, action: str, side: str) -> dict[str, float]:
        """Processor time per action of ours and of the mail server's, in ms; bytes and commands."""
        rounds = self.rounds(action)
        for turn in range(rounds):
            getattr(self, side)(action, turn + (rounds if action == "move" else 0))
        before = self.bench.cpu()
        self.floor.run()
        after = self.bench.cpu()
        self.floor.add("ask", "-", "SELECT INBOX")
        return {each: (after[each] - before[each]) * 1000 / rounds for each in before}

    def measure(self) -> dict:
        cold: dict[str, float] = {}
        for action in ("list", "open"):
            self.log_in()
            self.ours(action, 0)
            cold[action] = self.floor.run()[f"{action}/ours"][0]
            self.floor.add("ask", "-", "SELECT INBOX")
        result: dict = {"login_ms": self.login_ms, "cold_ms": cold, "warm": {}}
        for action in self.bench.actions:
            took = self.both(action)
            if action != "move":  # it takes what it moves
                for side in ("bare", "ours"):
                    for each, ms in self.alone(action, side).items():
                        took[f"cpu_{each}_{side}_ms"] = ms
            result["warm"][action] = took
        return result


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.rounds = args.rounds
        self.clear = args.clear
        self.actions = args.actions.split(",") if args.actions else Size.ACTIONS
        harness.mail_backend.QUOTA = "100G"
        self.backend = harness.backend()
        self.server = harness.new_server("bench-lists")
        if args.clear:
            self.server.sections["Mail"].update(
                {"ImapPort": self.backend.ports["imap"], "ImapSecurity": "none"}
            )
            self.server.write()
        self.server.start()
        self.sizes = [int(each) for each in args.sizes.split(",")]
        if os.environ.get("BENCH_HUGE") == "1":
            self.sizes.append(1_000_000)

    def cpu(self) -> dict[str, float]:
        assert self.server.process is not None
        master = int((self.backend.folder / "dovecot/run/master.pid").read_text())
        return {"own": cpu_s(self.server.process.pid), "mail": cpu_with_ended_s(master)}

    def run(self) -> dict:
        try:
            result = {}
            for count in self.sizes:
                result[str(count)] = Size(self, count).measure()
                show(count, result[str(count)])
            return {"has_tls": not self.clear, "sizes": result}
        finally:
            self.server.stop()


def show(count: int, of: dict) -> None:
    cold = ", ".join(f"{name} {ms:.1f}" for name, ms in of["cold_ms"].items())
    print(f"{count:,} messages: login {of['login_ms']:.1f} ms; first after a login: {cold} ms")
    print(
        f"{'':9}{'bare ms':>9}{'ours ms':>9}{'ratio':>7}{'least':>8}{'least':>8}"
        f"{'own cpu':>9}{'mail cpu':>10}{'of bare':>9}"
    )
    for action, took in of["warm"].items():
        print(
            f"{action:9}{took['bare_ms']:9.2f}{took['ours_ms']:9.2f}{took['ratio']:7.2f}"
            f"{took['least_bare_ms']:8.2f}{took['least_ours_ms']:8.2f}"
            f"{took.get('cpu_own_ours_ms', 0):9.2f}{took.get('cpu_mail_ours_ms', 0):10.2f}"
            f"{took.get('cpu_mail_bare_ms', 0):9.2f}",
            flush=True,
        )


def worse(result: dict, before: dict) -> list[str]:
    found = []
    for count, of in result["sizes"].items():
        for action, took in of["warm"].items():
            old = before.get("sizes", {}).get(count, {}).get("warm", {}).get(action)
            if old and took["ratio"] > old["ratio"] * ALLOWED[0] + ALLOWED[1]:
                found.append(f"{count} {action}: {took['ratio']:.2f} times bare, was {old['ratio']:.2f}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--actions", default="", help="some of them, with commas between")
    parser.add_argument("--clear", action="store_true", help="no TLS anywhere")
    parser.add_argument("--keep", action="store_true", help="make it what later runs are held against")
    args = parser.parse_args()
    result = Bench(args).run()
    text = json.dumps(result, indent=2) + "\n"
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text)
    found = worse(result, json.loads(BASELINE.read_text())) if BASELINE.exists() else []
    for line in found:
        print(f"worse: {line}")
    if args.keep:
        BASELINE.write_text(text)
    return 1 if found and not args.keep else 0


if __name__ == "__main__":
    sys.exit(main())
