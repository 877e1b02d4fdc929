#!/usr/bin/python3
"""Runs the suites of `make check` and closes with `N passed, N failed`.

  check.py [--flavour NAME] SUITE...

Each suite ends its output with its own `N passed, N failed`. A suite that does
not come so far counts as one failure more than it reported: what did not run
is never taken for good. All of it has IWEBMSG_CHECK_S seconds (2400; with a
sanitizer three times that) and no suite more than its share: a suite that takes
longer is ended and has failed, and the next ones have what is left.
"""

from __future__ import annotations

import argparse
import os
import re
import select
import signal
import subprocess
import sys
import time
from typing import Iterator

import proc

KEPT_LINES = 12
KEPT_MOST = 200
SECOND = "passed only at the second try\n"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed\s*$")
# What each may take on a busy machine, and what it is given to tell how far it
# came before it is killed.
SHARES_S = {"build": 900, "lint": 600, "unit": 600, "integration": 1200, "browser": 1500, "tls": 600}
LAST_WORDS_S = 30
CHECK_S = int(os.environ.get("IWEBMSG_CHECK_S", "2400"))
SUITES = {
    "lint": ["lint"],
    "unit": ["unit"],
    "integration": ["check-integration"],
    "browser": ["check-browser"],
    "tls": ["check-tls"],
}


def make(flavour: str, *goals: str) -> list[str]:
    words = ["make", "--no-print-directory", f"FLAVOUR={flavour}"]
    return [*words, f"-j{os.cpu_count()}", "WERROR=1", *goals]


class Suite:
    """A make in a group of its own that is ended when it takes too long.

    What it starts in other groups ends with those who started it.
    """

    def __init__(self, words: list[str], seconds: float) -> None:
        self.was_late = False
        self.deadline = time.monotonic() + seconds
        self.ended: float | None = None  # when
        self.popen = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=proc.child_setup(tied=True),
        )

    def signal(self, number: int) -> None:
        try:
            os.killpg(self.popen.pid, number)
        except ProcessLookupError:
            pass

    def _end_late(self) -> None:
        """TERM at the deadline, for last words; then KILL."""
        now = time.monotonic()
        if now > self.deadline + LAST_WORDS_S:
            self.signal(signal.SIGKILL)
        elif now > self.deadline and not self.was_late:
            self.was_late = True
            self.signal(signal.SIGTERM)

    def _is_over(self) -> bool:
        """Somebody may still hold the output of a make that has ended."""
        if self.popen.poll() is not None and self.ended is None:
            self.ended = time.monotonic()
        return self.ended is not None and time.monotonic() > self.ended + LAST_WORDS_S

    def lines(self) -> Iterator[str]:
        """What it prints, until it has ended."""
        assert self.popen.stdout is not None
        out = self.popen.stdout.fileno()
        rest = b""
        while not self._is_over():
            if select.select([out], [], [], 1)[0]:
                more = os.read(out, 65536)
                if not more:
                    break
                *whole, rest = (rest + more).split(b"\n")
                for line in whole:
                    yield line.decode(errors="replace") + "\n"
            self._end_late()
        if rest:
            yield rest.decode(errors="replace") + "\n"

    def wait(self) -> int:
        """Its status, once it has nothing more to say."""
        try:
            return self.popen.wait(max(0, self.deadline + LAST_WORDS_S - time.monotonic()))
        except subprocess.TimeoutExpired:
            self.was_late = True
            self.signal(signal.SIGKILL)
            return self.popen.wait()

    def __enter__(self) -> Suite:
        return self

    def __exit__(self, kind: object, *_rest: object) -> None:
        """Ctrl-C comes to us alone: it is passed on."""
        if kind is not None and self.popen.poll() is None:
            self.signal(signal.SIGTERM)
            try:
                self.popen.wait(LAST_WORDS_S)
            except subprocess.TimeoutExpired:
                self.signal(signal.SIGKILL)


def run_build(flavour: str, seconds: float) -> tuple[int, int]:
    out = f"build/{flavour}"
    goals = ["all"] if flavour == "release" else [f"{out}/iwebmsgd", f"{out}/iwebmsg-ssl"]
    with Suite(make(flavour, *goals), seconds) as suite:
        for line in suite.lines():
            print(line, end="", flush=True)
        good = suite.wait() == 0 and not suite.was_late
    print(f"{'ok' if good else 'not ok'} build", flush=True)
    return int(good), int(not good)


class Kept:
    """The first lines of what failed, said once more at the end: a long log is
    often read from there."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.room = 0

    def take(self, line: str) -> None:
        if line.startswith(("not ok ", "# failed: ")) or line.endswith(SECOND):
            self.room = 1 if line.endswith(SECOND) else KEPT_LINES
        elif not line.startswith(" "):
            self.room = 0
        if self.room and len(self.lines) < KEPT_MOST:
            self.room -= 1
            self.lines.append(line)

    def say(self, line: str) -> None:
        print(line, flush=True)
        self.lines.append(line + "\n")


def run_suite(name: str, flavour: str, kept: Kept, seconds: float) -> tuple[int, int]:
    """The suite's counts; its output passes through as it comes."""
    counts = None
    with Suite(make(flavour, *SUITES[name]), seconds) as suite:
        for line in suite.lines():
            match = CLOSING.match(line)
            if match:
                counts = int(match.group(1)), int(match.group(2))
            else:
                kept.take(line)
                print(line, end="", flush=True)
        status = suite.wait()
    passed, failed = counts or (0, 0)
    if suite.was_late:
        kept.say(f"not ok {name}: the suite was ended after {seconds:.0f} s")
        failed += 1
    elif counts is None or (status != 0 and failed == 0):
        kept.say(f"not ok {name}: the suite did not run to its end")
        failed += 1
    elif passed + failed == 0:
        kept.say(f"not ok {name}: the suite has no tests")
        failed += 1
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flavour", default="release")
    parser.add_argument("suites", nargs="+", choices=["build", *SUITES])
    args = parser.parse_args()
    # As Ctrl-C: it passes through what is open.
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    os.environ.pop("MAKEFLAGS", None)
    os.environ.pop("MAKELEVEL", None)
    totals = [0, 0]
    lines = []
    kept = Kept()
    slower = 1 if args.flavour == "release" else 3
    deadline = time.monotonic() + CHECK_S * slower
    for name in args.suites:
        began = time.monotonic()
        print(f"# {name}", flush=True)
        seconds = max(0, min(SHARES_S[name] * slower, deadline - began))
        if name == "build":
            passed, failed = run_build(args.flavour, seconds)
        else:
            passed, failed = run_suite(name, args.flavour, kept, seconds)
        totals[0] += passed
        totals[1] += failed
        spent = time.monotonic() - began
        lines.append(f"# {name}: {passed} passed, {failed} failed, {spent:.0f} s")
    print("".join(kept.lines), end="")
    print("\n".join(lines))
    print(f"{totals[0]} passed, {totals[1]} failed")
    return 1 if totals[1] else 0


if __name__ == "__main__":
    sys.exit(main())
