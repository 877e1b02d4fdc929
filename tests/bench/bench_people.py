#!/usr/bin/python3
"""Many people at once: what they cost while idle, watched and at work.

  bench_people.py [--people N] [--sessions N] [--watched N] [--active N]
                  [--seconds N] [--parts idle,watched,active,stalled]

A private Dovecot with --people mailboxes of 30 messages, each person with a
number of their own in the system, iwebmsgd over HTTPS and IMAPS:
  idle     --sessions logins, until no IMAP connection is open: proportional
           memory of one more session
  watched  --watched of them have a page open that is told of new mail: memory,
           threads, processor time while nothing happens; mail to some, until
           its row is in the list
  active   --active of them read and mark, each with about a second between two
           pages, then without a pause: requests a second, median, slowest
           hundredth, and how many failed
  stalled  the same, while 50 others wait for a mail server that says nothing
Writes build/bench/people.json; ends with 1 when an aim of AIMS is missed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import queue
import random
import select
import smtplib
import ssl
import statistics
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.insert(0, str(HERE))

import harness  # noqa: E402
import kept  # noqa: E402
import proc  # noqa: E402
import relay  # noqa: E402
import seed  # noqa: E402
import spent  # noqa: E402
import steps  # noqa: E402

RESULT = HERE.parent.parent / "build" / "bench" / "people.json"
LETTERS = 30
FIRST_UID = 70_000  # of the system, for the people's files
DRIVERS = 4  # processes that ask
STALLED = 50
STALLED_DOMAIN = "stalled.test"
# At most so much.
AIMS = {"kb_per_session": 64.0, "told_worst_s": 2.0, "failed": 0}
DOVECOT_MORE = """
default_client_limit = 8000
service imap {
  process_limit = 4000
}
service imap-login {
  client_limit = 4000
  process_min_avail = 2
}
"""


class People(harness.Backend):
    """A Dovecot without Postfix, with one user of the system for each mailbox:
    the kernel gives each no more than 128 watches of folders."""

    def _write_files(self) -> None:
        super()._write_files()
        conf = self.folder / "dovecot" / "dovecot.conf"
        conf.write_text(conf.read_text() + DOVECOT_MORE)
        rows = [
            f"{name}::{FIRST_UID + at}:8::::userdb_quota_rule=*:storage=0\n"
            for at, name in enumerate(self.users)
        ]
        self._write_private(self.folder / "dovecot" / "unlimited", rows)
        for at, name in enumerate(self.users):
            fill(self.folder / "mail" / name, FIRST_UID + at)

    def start(self) -> "People":
        self._choose_ports()
        self._write_files()
        self.start_imap()
        return self


def fill(home: Path, owner: int) -> None:
    """The same files for all, by hard links, would be one inode's lock: each has its own."""
    for name in ("cur", "new", "tmp"):
        (home / "Maildir" / name).mkdir(parents=True)
    for at in range(LETTERS):
        path = home / "Maildir" / "cur" / f"{seed.START + at * 60}.M{at:02}.bench:2,S"
        path.write_bytes(seed.letter(at))
        os.chown(path, owner, 8)
    for path in (home, *home.rglob("*")):
        if path.is_dir():
            os.chown(path, owner, 8)


class Person:
    """Somebody who is logged in, without a connection."""

    def __init__(self, name: str, cookies: dict[str, str], act: dict[str, str]) -> None:
        self.name = name
        self.cookies = cookies
        self.act = act

    def browser(self, server: harness.Server, trust: ssl.SSLContext, seconds: float = 60) -> kept.Kept:
        made = kept.Kept(server, trust, seconds)
        made.cookies = dict(self.cookies)
        return made


class Watcher:
    """A page that is told of new mail, without being read by a thread."""

    def __init__(self, web: kept.Kept) -> None:
        self.web = web
        head = web.head("GET", "/push?folder=INBOX", "Accept: text/event-stream\r\n")
        status, self.text = web.send(head)
        if b" 200 " not in status[:15]:
            raise kept.Failed(f"a stream: {status[:100]!r}")
        while b'"kind":"state"' not in self.text:
            self.text += web.more()
        assert web.sock is not None
        self.sock = web.sock
        self.sock.setblocking(False)

    def read(self) -> None:
        try:
            while data := self.sock.recv(65536):
                self.text += data
        except (ssl.SSLWantReadError, BlockingIOError):
            pass

    def wait_new(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        poller = select.poll()
        poller.register(self.sock, select.POLLIN)
        while b'"kind":"new"' not in self.text:
            if not poller.poll(max(0, until - time.monotonic()) * 1000):
                raise kept.Failed("nothing was told")
            self.read()


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        names = [f"u{at}" for at in range(args.people)]
        self.backend = People(harness.run_folder() / "mail", users=names).start()
        harness._shared = self.backend
        self.relay = relay.Relay(self.backend.ports["imaps"])
        self.trust = ssl.create_default_context(cafile=str(self.backend.ca_file))
        self.server = harness.new_server("bench-people")
        self.server.sections["Server"].update({"MaxConnectionsPerAddress": 5000, "StopWait": "0s"})
        self.server.sections["Mail"].update({"ImapIdleClose": args.close})
        self.server.sections[f"Domain {STALLED_DOMAIN}"] = {"ImapPort": self.relay.port}
        self.server.sections["Session"] = {"IdleLimit": "12h"}
        self.server.sections["Log"] = {"Level": "warn"}
        self.server.start()
        assert self.server.process is not None
        self.pid = self.server.process.pid
        self.result: dict[str, float] = {}

    # -- logging in ----------------------------------------------------------

    def log_in(self, names: list[str], threads: int = 8) -> list[Person]:
        """One session for each name; a connection of a thread is kept."""
        local = threading.local()

        def one(name: str) -> Person:
            if not hasattr(local, "web"):
                local.web = kept.Kept(self.server, self.trust)
            local.web.cookies = {}
            page = local.web.login(name, harness.PASSWORD)
            if b"topic" not in page:
                raise kept.Failed(f"the login of {name} led to {page[:300]!r}")
            return Person(name, dict(local.web.cookies), kept.hidden(page, "/act"))

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(one, names))

    def metric(self, name: str) -> float:
        web = kept.Kept(self.server, None)
        web.host = f"127.0.0.1:{web.port}"
        text = web.get("/metrics").decode()
        web.close()
        found = [line.split()[-1] for line in text.splitlines() if line.startswith(name)]
        return float(found[0])

    def wait_closed(self) -> None:
        proc.wait_until(
            lambda: self.metric("iwebmsg_imap_connections ") == 0, "IMAP connections to be closed", 600
        )

    # -- the parts -----------------------------------------------------------

    def idle(self) -> None:
        args = self.args
        self.log_in([f"u{at}" for at in range(min(200, args.people))])  # threads and caches are there
        self.wait_closed()
        before = spent.pss_kb(self.pid)
        began = time.monotonic()
        self.log_in([f"u{at % args.people}" for at in range(args.sessions)])
        took = time.monotonic() - began
        busy = spent.pss_kb(self.pid)
        self.wait_closed()
        after = spent.pss_kb(self.pid)
        self.result |= {
            "sessions": args.sessions,
            "logins_per_s": round(args.sessions / took, 1),
            "before_kb": before,
            "at_the_last_login_kb": busy,
            "idle_kb": after,
            "kb_per_session": round((after - before) / args.sessions, 2),
        }

    def watched(self) -> None:
        args = self.args
        people = self.log_in([f"u{at}" for at in range(args.watched)])
        self.wait_closed()
        before = spent.pss_kb(self.pid)
        threads = self.threads()
        began = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            watchers = list(pool.map(lambda each: Watcher(each.browser(self.server, self.trust)), people))
        opened = time.monotonic() - began
        self.wait_closed()
        self.result |= {
            "watched": len(watchers),
            "watch_opened_s": round(opened, 1),
            "watch_connections": self.metric("iwebmsg_watch_connections "),
            "kb_per_watched": round((spent.pss_kb(self.pid) - before) / len(watchers), 2),
            "more_threads": self.threads() - threads,
            "watch_cpu_percent": self.cpu_percent(args.seconds),
        }
        told = [self.told(people[at], watchers[at]) for at in random.sample(range(len(people)), min(30, len(people)))]
        self.result |= {"told_median_s": round(statistics.median(told), 3), "told_worst_s": round(max(told), 3)}
        for each in watchers:
            each.web.close()
        proc.wait_until(lambda: self.metric("iwebmsg_push_streams ") == 0, "the streams to be closed", 60)

    def threads(self) -> int:
        return len(os.listdir(f"/proc/{steps.child_of(self.server)}/task"))

    def cpu_percent(self, seconds: float) -> float:
        """Of one core, while nobody does anything."""
        before = spent.cpu_s(self.pid)
        threading.Event().wait(seconds)
        return round((spent.cpu_s(self.pid) - before) / seconds * 100, 2)

    def told(self, person: Person, watcher: Watcher) -> float:
        """From the delivery's start until the row is in the list."""
        watcher.read()
        watcher.text = b""
        subject = f"told {random.getrandbits(40):x}"
        letter = f"From: you@example.org\r\nSubject: {subject}\r\n\r\nHello.\r\n"
        web = person.browser(self.server, self.trust)
        web.get("/list?folder=INBOX")
        with smtplib.LMTP("127.0.0.1", self.backend.ports["lmtp"], local_hostname="bench") as post:
            began = time.monotonic()
            post.sendmail("you@example.org", [f"{person.name}@{self.backend.domain}"], letter)
            watcher.wait_new(30)
        page = web.get("/list?folder=INBOX&auto=1")
        took = time.monotonic() - began
        web.close()
        if subject.encode() not in page:
            raise kept.Failed("told, and not in the list")
        return took

    def active(self) -> None:
        people = self.log_in([f"u{at}" for at in range(self.args.active)])
        self.work("paced", people, 1.0)
        self.work("flat_out", people, 0.0)

    def stalled(self) -> None:
        args = self.args
        people = self.log_in([f"u{at}" for at in range(args.active)])
        first = args.people - min(STALLED, args.people // 2)
        others = self.log_in([f"u{at}@{STALLED_DOMAIN}" for at in range(first, args.people)])
        self.relay.flows.clear()
        over = threading.Event()
        waited: list[float] = []

        def wait_in_vain(person: Person) -> None:
            web = person.browser(self.server, self.trust, 120)
            while not over.is_set():
                began = time.monotonic()
                web.ask("GET", "/list?folder=INBOX")
                waited.append(time.monotonic() - began)
            web.close()

        threads = [threading.Thread(target=wait_in_vain, args=(each,)) for each in others]
        for each in threads:
            each.start()
        try:
            self.work("stalled_paced", people, 1.0)
            self.work("stalled_flat_out", people, 0.0)
        finally:
            over.set()
            self.relay.flows.set()
            for each in threads:
                each.join()
        self.result["stalled_answers"] = len(waited)
        page = others[0].browser(self.server, self.trust).get("/list?folder=INBOX")
        if b"topic" not in page:
            raise kept.Failed("the server that said nothing did not come again")

    def work(self, name: str, people: list[Person], pause: float) -> None:
        """What `people` see who work for a while, asked by processes of their own."""
        before = spent.cpu_s(self.pid)
        fork = multiprocessing.get_context("fork")
        answers = fork.Queue()
        began = time.monotonic()
        drivers = [
            fork.Process(target=drive, args=(self, people[at::DRIVERS], pause, answers)) for at in range(DRIVERS)
        ]
        for each in drivers:
            each.start()
        times: list[float] = []
        failed: list[str] = []
        for _ in drivers:
            some, wrong = answers.get()
            times += some
            failed += wrong
        for each in drivers:
            each.join()
        took = time.monotonic() - began
        times.sort()
        self.result |= {
            f"{name}_requests_per_s": round(len(times) / took, 1),
            f"{name}_p50_ms": round(times[len(times) // 2], 2),
            f"{name}_p99_ms": round(times[len(times) * 99 // 100], 2),
            f"{name}_cpu_ms": round((spent.cpu_s(self.pid) - before) * 1000 / len(times), 2),
            f"{name}_failed": len(failed),
        }
        for each in failed[:3]:
            print(f"  failed: {each}")

    def run(self) -> dict[str, float]:
        try:
            for part in self.args.parts.split(","):
                began = time.monotonic()
                before = set(self.result)
                getattr(self, part)()
                print(f"{part} ({time.monotonic() - began:.0f} s)")
                for name, value in self.result.items():
                    if name not in before:
                        print(f"  {name:28}{value:12g}", flush=True)
            return self.result
        finally:
            self.relay.flows.set()
            self.server.stop()
            self.backend.stop_imap()


def drive(bench: Bench, people: list[Person], pause: float, answers: multiprocessing.Queue) -> None:
    """A process with a thread for each of `people`."""
    end = time.monotonic() + bench.args.seconds
    out: queue.SimpleQueue[tuple[list[float], list[str]]] = queue.SimpleQueue()
    threads = [
        threading.Thread(target=person_works, args=(bench, each, pause, end, out)) for each in people
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    times: list[float] = []
    failed: list[str] = []
    for _ in threads:
        some, wrong = out.get()
        times += some
        failed += wrong
    answers.put((times, failed))


def person_works(bench: Bench, person: Person, pause: float, end: float, out: queue.SimpleQueue) -> None:
    """List, three messages, a mark; and again."""
    web = person.browser(bench.server, bench.trust)
    dice = random.Random(person.name)
    times: list[float] = []
    failed: list[str] = []
    rest = threading.Event()
    turn = dice.randrange(5)
    while time.monotonic() < end:
        if pause:
            rest.wait(dice.uniform(0.5, 1.5) * pause)
        uid = dice.randint(1, LETTERS)
        began = time.perf_counter()
        try:
            if turn % 5 == 0:
                page = web.get("/list?folder=INBOX")
            elif turn % 5 == 4:
                do = "flag" if dice.random() < 0.5 else "unflag"
                page = web.post("/act", {**person.act, "uid": str(uid), "do": do})
            else:
                page = web.get(f"/message?folder=INBOX&uid={uid}")
            times.append((time.perf_counter() - began) * 1000)
            if b"topic" not in page:
                raise kept.Failed(f"another page: {page[:200]!r}")
        except (OSError, kept.Failed) as error:
            failed.append(f"{person.name}: {error}")
            web.close()
        turn += 1
    web.close()
    out.put((times, failed))


def missed(result: dict[str, float]) -> list[str]:
    found = []
    for name, value in result.items():
        aim = AIMS.get("failed" if name.endswith("_failed") else name)
        if aim is not None and value > aim:
            found.append(f"{name}: {value:g}, at most {aim:g}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=10_000)
    parser.add_argument("--watched", type=int, default=500)
    parser.add_argument("--active", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--close", default="10s", help="ImapIdleClose")
    parser.add_argument("--parts", default="idle,watched,active,stalled")
    args = parser.parse_args()
    result = Bench(args).run()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    found = missed(result)
    for line in found:
        print(f"missed: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
