#!/usr/bin/python3
"""Runs the suites of `make check` and closes with `N passed, N failed`.

  check.py [--flavour NAME] SUITE...

Each suite ends its output with its own `N passed, N failed`. A suite that does
not come so far counts as one failure more than it reported: what did not run
is never taken for good.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time

KEPT_LINES = 12
KEPT_MOST = 200
SECOND = "passed only at the second try\n"
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed\s*$")
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


def run_build(flavour: str) -> tuple[int, int]:
    out = f"build/{flavour}"
    goals = ["all"] if flavour == "release" else [f"{out}/iwebmsgd", f"{out}/iwebmsg-ssl"]
    good = subprocess.run(make(flavour, *goals)).returncode == 0
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


def run_suite(name: str, flavour: str, kept: Kept) -> tuple[int, int]:
    """The suite's counts; its output passes through as it comes."""
    counts = None
    with subprocess.Popen(
        make(flavour, *SUITES[name]),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    ) as suite:
        assert suite.stdout is not None
        for line in suite.stdout:
            match = CLOSING.match(line)
            if match:
                counts = int(match.group(1)), int(match.group(2))
            else:
                kept.take(line)
                print(line, end="", flush=True)
    passed, failed = counts or (0, 0)
    if counts is None or (suite.returncode != 0 and failed == 0):
        print(f"not ok {name}: the suite did not run to its end")
        failed += 1
    elif passed + failed == 0:
        print(f"not ok {name}: the suite has no tests")
        failed += 1
    return passed, failed


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--flavour", default="release")
    parser.add_argument("suites", nargs="+", choices=["build", *SUITES])
    args = parser.parse_args()
    os.environ.pop("MAKEFLAGS", None)
    os.environ.pop("MAKELEVEL", None)
    totals = [0, 0]
    lines = []
    kept = Kept()
    for name in args.suites:
        began = time.monotonic()
        print(f"# {name}", flush=True)
        if name == "build":
            passed, failed = run_build(args.flavour)
        else:
            passed, failed = run_suite(name, args.flavour, kept)
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
