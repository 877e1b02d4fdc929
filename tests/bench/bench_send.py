#!/usr/bin/python3
"""Sending by iwebmsgd beside a bare SMTP client, in one run, to the same Postfix.

  bench_send.py [--rounds N]

Letters with an attachment of 100 KB and of 25 MB, over TLS, to one recipient. By
turns, --rounds times:
  bare    connection, TLS, login, envelope and a message that lies ready, up to the
          250: smtplib, with the whole text in one piece
  send    POST /compose with the button Send, UndoSend=0, up to the page that says
          "Sent"; the attachment was uploaded before, as browsers do it
  copy    APPEND of the same message to Sent by a bare IMAP client; send does it, too
The aim is a send of at most 1.3 x (bare, and copy where it is waited for) + 2 ms.
These 2 ms are what it may take to be sure: the spool file is flushed to the disk
before SMTP begins, and the database (WAL, synchronous=FULL) when the row is put,
before the final dot, and after the 250. Then the compose page, empty and as an
answer: own time, without what it waits for IMAP, from /metrics; at most 1 ms.
Writes build/bench/send.json.
"""

from __future__ import annotations

import argparse
import base64
import imaplib
import json
import os
import re
import smtplib
import ssl
import statistics
import sys
import time
from pathlib import Path
from typing import Callable

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402

TOP = HERE.parent.parent
RESULT = TOP / "build" / "bench" / "send.json"
USER = "anna"
SIZES = {"100 KB": 100 << 10, "25 MB": 25 << 20}
TEXT = "A line of the letter, as long as lines of letters are.\r\n" * 20


def letter(data: bytes) -> bytes:
    head = (
        f"From: {USER}@demo.test\r\nTo: ben@demo.test\r\nSubject: bare\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=mix\r\n\r\n--mix\r\n"
        f"Content-Type: text/plain\r\n\r\n{TEXT}\r\n--mix\r\n"
        "Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    ).encode()
    return head + base64.encodebytes(data).replace(b"\n", b"\r\n") + b"\r\n--mix--\r\n"


def timed(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return (time.perf_counter() - began) * 1000


def append(conn: imaplib.IMAP4, message: bytes) -> None:
    """Not conn.append(), which rewrites the whole text first."""
    conn.send(b"cp1 APPEND Sent (\\Seen) {%d+}\r\n" % len(message))
    conn.send(message + b"\r\n")
    line = conn.readline()
    while not line.startswith(b"cp1 "):
        line = conn.readline()
    assert line.startswith(b"cp1 OK"), line


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        harness.mail_backend.QUOTA = "20G"
        self.backend = harness.backend()
        self.trust: ssl.SSLContext = self.backend.trust()
        self.server = harness.new_server("bench-send")
        self.server.sections.setdefault("Writing", {})["UndoSend"] = "0s"
        self.server.write()
        self.server.start()
        self.browser = harness.Client(
            self.server.plain_port, self.server.secure_port, self.backend.ca_file, seconds=300
        )
        self.browser.login(USER, harness.PASSWORD)
        self.serial = 0

    def bare(self, message: bytes) -> None:
        port = self.backend.ports["submissions"]
        with smtplib.SMTP_SSL("localhost", port, context=self.trust, timeout=300) as conn:
            conn.login(USER, self.backend.passwords[USER])
            conn.mail(f"{USER}@demo.test")
            conn.rcpt("ben@demo.test")
            conn.docmd("DATA")
            conn.sock.sendall(message + b".\r\n")
            code, words = conn.getreply()
            assert code == 250, words

    def ready(self, data: bytes) -> tuple[object, str]:
        """A form whose attachment is stored already."""
        self.serial += 1
        page = self.browser.get("/compose")
        page = self.browser.submit(
            page.form(action="/compose", field="body"),
            "do=attach",
            to="ben@demo.test",
            subject=f"Bench {os.getpid()} {self.serial}",
            body=TEXT,
            files={"file": [("large.bin", "application/octet-stream", data)]},
        )
        return page.form(action="/compose", field="body"), f"Bench {os.getpid()} {self.serial}"

    def send(self, form: object) -> None:
        page = self.browser.submit(form, "do=send")
        if "/sent" not in page.path:
            raise RuntimeError(page.text[:500])

    def by_turns(self) -> dict[str, dict[str, float]]:
        result = {}
        for name, size in SIZES.items():
            data = os.urandom(size)
            message = letter(data)
            times: dict[str, list[float]] = {"bare": [], "send": [], "copy": []}
            rounds = self.args.rounds if size < 1 << 20 else max(3, self.args.rounds // 6)
            with self.backend.imap(USER) as conn:
                for turn in range(rounds + 1):
                    form, _subject = self.ready(data)
                    took = {
                        "send": timed(lambda: self.send(form)),
                        "bare": timed(lambda: self.bare(message)),
                        "copy": timed(lambda: append(conn, message)),
                    }
                    for kind, each in took.items():
                        if turn > 0:
                            times[kind].append(each)
            result[name] = {kind: statistics.median(each) for kind, each in times.items()}
        return result

    def own(self, address: str) -> float:
        """Own time of a page, from the log's fields of the same numbers as /metrics."""
        for _ in range(5):
            self.browser.get(address)
        before = len(self.lines())
        for _ in range(100):
            self.browser.get(address)
        took = [int(us) - int(mail) for us, mail in self.lines()[before:]]
        return statistics.median(took) / 1000

    def lines(self) -> list[tuple[str, str]]:
        text = self.server.log.read_text(errors="replace")
        return re.findall(r"method=GET path=/compose .*? us=(\d+) mail_us=(\d+)", text)

    def run(self) -> dict:
        self.backend.append(USER, "Answers", [(letter(b"x" * 3000), "\\Seen", time.time())])
        try:
            return {
                "send": self.by_turns(),
                "compose_own_ms": self.own("/compose"),
                "answer_own_ms": self.own("/compose?folder=Answers&uid=1&reply=one"),
            }
        finally:
            self.server.stop()


def show(result: dict) -> None:
    print(f"{'attachment':12}{'bare':>10}{'send':>10}{'copy':>10}{'x bare':>8}{'allowed':>10}{'with copy':>10}")
    for name, of in result["send"].items():
        print(
            f"{name:12}{of['bare']:10.1f}{of['send']:10.1f}{of['copy']:10.1f}"
            f"{of['send'] / of['bare']:8.2f}{1.3 * of['bare'] + 2:10.1f}"
            f"{1.3 * (of['bare'] + of['copy']) + 2:10.1f}"
        )
    print(
        f"compose page: {result['compose_own_ms']:.2f} ms of its own, "
        f"an answer {result['answer_own_ms']:.2f} ms (aim: 1 ms)"
    )


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=30)
    result = Bench(parser.parse_args()).run()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    show(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
