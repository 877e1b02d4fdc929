#!/usr/bin/python3
"""A search over many folders beside a bare pipelined IMAP client, in one run.

  bench_search.py [--folders N] [--messages N] [--rounds N]

Everything over TLS. By turns:
  bare   two connections, each with half of the folders: EXAMINE, UID SEARCH
         RETURN (SAVE), UID FETCH $ of what a row shows, all in one write
  page   the page of /search, to its end; `first`: until its first row is there
The words are in the text of one message of each folder. The aim is a page of at
most 1.2 x bare, and first rows within 300 ms. Medians, and the least of each,
because the machine may have other work. Then the processor time of each by
itself, and, between an iwebmsgd of its own and the mail server, round trips.
Writes build/bench/search.json.
"""

from __future__ import annotations

import argparse
import json
import socket
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402
import mailbox as box  # noqa: E402
import relay  # noqa: E402
import spent  # noqa: E402
from kept import Kept  # noqa: E402

RESULT = HERE.parent.parent / "build" / "bench" / "search.json"
WORD = "quincetree"
ROW_LINK = b'href="/message?folder=F'
ROW = b"(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)"


class Bare:
    """One logged-in connection."""

    def __init__(self, backend: harness.Backend, user: str) -> None:
        raw = socket.create_connection(("127.0.0.1", backend.ports["imaps"]), 60)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock = backend.trust().wrap_socket(raw, server_hostname="localhost")
        self.rows = 0
        self.wait(b"* OK", b"l LOGIN " + f"{user} {backend.passwords[user]}".encode())

    def wait(self, _greeting: bytes, command: bytes) -> None:
        self.sock.sendall(command + b"\r\n")
        self.until(b"l OK")

    def until(self, words: bytes) -> bytes:
        got = b""
        while words not in got:
            piece = self.sock.recv(1 << 18)
            assert piece, got[-500:]
            got += piece
        return got

    def search(self, folders: list[str]) -> None:
        out = b""
        for name in folders:
            out += b'e EXAMINE "%s"\r\n' % name.encode()
            out += b"s UID SEARCH RETURN (SAVE) TEXT %s\r\n" % WORD.encode()
            out += b"f UID FETCH $ %s\r\n" % ROW
        self.sock.sendall(out + b"z NOOP\r\n")
        self.rows = self.until(b"z OK").count(b" FETCH (UID")


def bare(pair: list[Bare], folders: list[str]) -> float:
    begin = time.perf_counter()
    jobs = [
        threading.Thread(target=each.search, args=(folders[at :: len(pair)],))
        for at, each in enumerate(pair)
    ]
    for job in jobs:
        job.start()
    for job in jobs:
        job.join()
    took = (time.perf_counter() - begin) * 1000
    assert sum(each.rows for each in pair) == len(folders)
    return took


def page(browser: Kept, folders: int) -> tuple[float, float]:
    """The whole, and the first row."""
    begin = time.perf_counter()
    head, rest = browser.send(browser.head("GET", f"/search?in=all&q={WORD}"))
    first = 0.0
    while b"0\r\n\r\n" not in rest[-7:]:
        if not first and ROW_LINK in rest:
            first = (time.perf_counter() - begin) * 1000
        rest += browser.more()
    took = (time.perf_counter() - begin) * 1000
    assert head.startswith(b"HTTP/1.1 200"), head
    assert rest.count(ROW_LINK) >= folders, rest.count(ROW_LINK)
    return took, first or took


def cpu(backend: harness.Backend, server: harness.Server) -> dict[str, float]:
    assert server.process is not None
    master = int((backend.folder / "dovecot/run/master.pid").read_text())
    return {"own": spent.cpu_s(server.process.pid), "mail": spent.cpu_with_ended_s(master)}


def cpu_of(backend: harness.Backend, server: harness.Server, work: Callable[[], object], rounds: int) -> dict[str, float]:
    """Milliseconds of processor time each time."""
    before = cpu(backend, server)
    for _ in range(rounds):
        work()
    after = cpu(backend, server)
    return {name: (after[name] - before[name]) * 1000 / rounds for name in after}


def trips(backend: harness.Backend, user: str, folders: int) -> float:
    """Of one page, on all connections together."""
    passed = relay.Relay(backend.ports["imap"])
    server = harness.new_server("search-count", tls=False)
    server.sections["Mail"].update({"ImapPort": passed.port, "ImapSecurity": "none"})
    server.start()
    try:
        browser = Kept(server, None)
        browser.login(user, backend.passwords[user])
        page(browser, folders)
        before = passed.now()
        for _ in range(3):
            page(browser, folders)
        return passed.now().since(before).trips / 3
    finally:
        server.stop()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--folders", type=int, default=50)
    options.add_argument("--messages", type=int, default=200)
    options.add_argument("--rounds", type=int, default=15)
    chosen = options.parse_args()
    backend = harness.backend()
    server = harness.new_server("search")
    server.start()
    try:
        user = box.new_user(backend)
        folders = [f"F{at:02}" for at in range(chosen.folders)]
        for name in folders:
            letters = [box.letter(f"{name} {at}") for at in range(chosen.messages)]
            letters[-1] = letters[-1].replace(b"Hello.", b"Under the " + WORD.encode())
            box.put(backend, user, name, *letters)
        pair = [Bare(backend, user), Bare(backend, user)]
        browser = Kept(server, backend.trust())
        browser.login(user, backend.passwords[user])
        result: dict[str, list[float]] = {"bare": [], "page": [], "first": []}
        for at in range(chosen.rounds + 2):
            took = bare(pair, folders)
            whole, first = page(browser, len(folders))
            if at >= 2:  # both have been warm since then
                result["bare"].append(took)
                result["page"].append(whole)
                result["first"].append(first)
        used = {
            "bare": cpu_of(backend, server, lambda: bare(pair, folders), chosen.rounds),
            "page": cpu_of(backend, server, lambda: page(browser, len(folders)), chosen.rounds),
        }
        counted = trips(backend, user, len(folders))
    finally:
        server.stop()
    for name, times in result.items():
        print(f"{name:6} median {statistics.median(times):8.1f} ms, least {min(times):8.1f} ms")
    ratio = statistics.median(result["page"]) / statistics.median(result["bare"])
    print(f"page / bare: {ratio:.2f} (least: {min(result['page']) / min(result['bare']):.2f}), aim 1.2")
    for name, ms in used.items():
        print(f"{name:6} processor time: ours {ms['own']:.1f} ms, the mail server's {ms['mail']:.1f} ms")
    print(f"round trips of a page: {counted:.0f}")
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({**result, "cpu": used, "trips": counted}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
