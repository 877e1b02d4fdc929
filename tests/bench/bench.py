#!/usr/bin/python3
"""Speed and memory of iwebmsgd beside a bare IMAP client, in one run.

  bench.py [--rounds N] [--messages N] [--sessions N]

Against the private backend, with one mailbox of --messages messages:
  login     a fresh login: page, form, IMAP login, list
  list      the first page of the mailbox, again and again
  message   one message after the other
  floor     the same rows (FETCH) and the same texts (BODY[]) asked for by a
            bare IMAP client on an open connection
  load      pages per second of --clients people at once
  memory    what one more idle session costs, from /proc/PID/smaps_rollup

Prints a table, writes build/bench/result.json, and compares with
tests/bench/baseline.json where there is one (bench.py --keep writes it).
"""

from __future__ import annotations

import argparse
import email.utils
import http.client
import json
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable
from urllib.parse import urljoin, urlsplit

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402

RESULT = HERE.parent.parent / "build" / "bench" / "result.json"
BASELINE = HERE / "baseline.json"
USER = "ben"
ROWS = 50


@dataclass
class Series:
    """Times of one thing, in milliseconds."""

    name: str
    values: list[float] = field(default_factory=list)

    def measure(self, action: Callable[[], object]) -> None:
        began = time.perf_counter()
        action()
        self.values.append((time.perf_counter() - began) * 1000)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def facts(self) -> dict[str, float]:
        return {
            "p50_ms": round(self.quantile(0.5), 2),
            "p99_ms": round(self.quantile(0.99), 2),
            "count": len(self.values),
        }


class KeptAlive:
    """A logged-in browser that stays on one connection."""

    def __init__(self, browser: harness.Client) -> None:
        self.conn = http.client.HTTPConnection("127.0.0.1", browser.plain_port, timeout=60)
        jar = "; ".join(f"{each.name}={each.value}" for each in browser.cookies.values())
        host = f"{browser.host}:{browser.plain_port}"
        self.headers = {"Host": host, "Cookie": jar, "Accept": "text/html"}

    def get(self, address: str) -> bytes:
        self.conn.request("GET", address, headers=self.headers)
        answer = self.conn.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{address}: status {answer.status}")
        return body


def fill(backend: harness.Backend, count: int) -> None:
    def letters():  # type: ignore[no-untyped-def]
        now = time.time()
        for number in range(count):
            when = now - (count - number) * 600
            text = f"Line of message {number}.\r\n" * 40
            head = (
                f"From: Carla Rossi <carla@example.org>\r\nTo: {USER}@demo.test\r\n"
                f"Subject: Bench message {number}\r\nMessage-ID: <b{number}@example.org>\r\n"
                f"Date: {email.utils.formatdate(when)}\r\n\r\n"
            )
            yield (head + text).encode(), "\\Seen", when

    backend.append(USER, "INBOX", letters())


def pss_kb(pid: int) -> int:
    """Proportional memory of a process and its children."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1])
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return total + sum(pss_kb(int(child)) for child in children)


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.backend = harness.backend()
        fill(self.backend, args.messages)
        self.server = harness.new_server("bench")
        self.server.start()
        self.series: dict[str, Series] = {}
        self.other: dict[str, float] = {}

    def one(self, name: str) -> Series:
        return self.series.setdefault(name, Series(name))

    def browser(self) -> harness.Client:
        server = self.server
        return harness.Client(server.plain_port, server.secure_port, self.backend.ca_file)

    def log_in(self) -> tuple[harness.Client, harness.Page]:
        browser = self.browser()
        page = browser.login(USER, harness.PASSWORD)
        if page.status != 200 or "Bench message" not in page.text:
            raise RuntimeError(f"the login led to {page.url} ({page.status}): {page.text[:200]}")
        return browser, page

    def pages(self) -> tuple[harness.Client, str, list[str]]:
        browser, page = self.log_in()
        messages = [
            urljoin(page.url, address)
            for text, address in page.links
            if "Bench message" in text
        ]
        if not messages:
            raise RuntimeError("the list has no link to a message")
        return browser, page.path, [_path(address) for address in messages]

    def times(self) -> None:
        for _ in range(max(5, self.args.rounds // 10)):
            self.one("login").measure(self.log_in)
        browser, where, messages = self.pages()
        kept = KeptAlive(browser)
        with self.backend.imap(USER) as imap:
            imap.select("INBOX", readonly=True)
            newest = self.args.messages
            rows = f"{newest - ROWS + 1}:{newest}"
            wanted = "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"
            # Interleaved, so that a busy moment of the machine hits all.
            for at in range(self.args.rounds):
                self.one("list").measure(lambda: kept.get(where))
                self.one("floor list").measure(lambda: imap.fetch(rows, wanted))
                message = messages[at % len(messages)]
                self.one("message").measure(lambda: kept.get(message))
                number = str(newest - at % len(messages))
                self.one("floor message").measure(
                    lambda: imap.fetch(number, "(FLAGS BODY.PEEK[])")
                )

    def load(self) -> None:
        browser, where, messages = self.pages()
        done = [0] * self.args.clients
        end = time.monotonic() + self.args.seconds

        def person(which: int) -> None:
            kept = KeptAlive(browser)
            while time.monotonic() < end:
                kept.get(where)
                kept.get(messages[done[which] % len(messages)])
                done[which] += 2

        threads = [
            threading.Thread(target=person, args=(which,))
            for which in range(self.args.clients)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.other["pages_per_s"] = round(sum(done) / self.args.seconds, 1)

    def memory(self) -> None:
        assert self.server.process is not None
        pid = self.server.process.pid
        before = pss_kb(pid)
        for _ in range(self.args.sessions):
            self.log_in()
        grown = (pss_kb(pid) - before) / self.args.sessions
        self.other["kb_per_session"] = round(grown, 1)
        self.other["server_kb"] = before

    def run(self) -> dict:
        try:
            self.times()
            self.load()
            self.memory()
        finally:
            self.server.stop()
        times = {name: each.facts() for name, each in self.series.items()}
        return {"times": times, **self.other}


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def show(result: dict, before: dict) -> None:
    print(f"{'':16}{'p50 ms':>9}{'p99 ms':>9}{'baseline p50':>14}")
    for name, facts in result["times"].items():
        old = before.get("times", {}).get(name, {}).get("p50_ms", "")
        print(f"{name:16}{facts['p50_ms']:>9}{facts['p99_ms']:>9}{old:>14}")
    for name in ("pages_per_s", "kb_per_session", "server_kb"):
        print(f"{name:16}{result[name]:>9}{'':9}{before.get(name, ''):>14}")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--keep", action="store_true", help="make it the baseline")
    args = parser.parse_args()
    result = Bench(args).run()
    text = json.dumps(result, indent=2) + "\n"
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(text)
    before = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    show(result, before)
    if args.keep:
        BASELINE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
