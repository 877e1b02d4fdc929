#!/usr/bin/python3
"""Runs cmocka test programs in parallel and counts their tests.

  unit.py [--build-failed] PROGRAM...

Prints `ok`/`not ok` per test of a failed program, one line per good program,
and closes with `N passed, N failed`. A program that is missing, crashes, hangs
or has no tests is a failure.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import proc

LIMIT_S = int(os.environ.get("IWEBMSG_TEST_S", "180"))
_LINE = re.compile(r"^(ok|not ok) (\d+)? ?-? ?(.*)$")


@dataclass
class Outcome:
    name: str
    passed: int
    failed: int
    output: str


def run(path: str) -> Outcome:
    name = re.sub(r"^.*tests/unit/", "", path)
    if not os.access(path, os.X_OK):
        return Outcome(name, 0, 1, "did not build\n")
    env = {**os.environ, "CMOCKA_MESSAGE_OUTPUT": "TAP"}
    with subprocess.Popen(
        [path],
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,
        preexec_fn=proc.child_setup(tied=True),
    ) as program:
        try:
            output = program.communicate(timeout=LIMIT_S)[0]
        except subprocess.TimeoutExpired:
            # What it started may hold its output open.
            os.killpg(program.pid, signal.SIGKILL)
            output = program.communicate()[0]
            return Outcome(name, 0, 1, f"{output}\nno end within {LIMIT_S} s\n")
    lines = [_LINE.match(line) for line in output.splitlines()]
    skips = sum(1 for line in lines if line and "# SKIP" in line.string)
    tests = [line for line in lines if line and "# SKIP" not in line.string]
    failed = sum(1 for line in tests if line.group(1) == "not ok")
    passed = len(tests) - failed
    if program.returncode != 0 and failed == 0:
        failed = 1
        output += f"\nended with status {program.returncode}\n"
    elif not tests and not skips:
        failed = 1
        output += "\nno tests\n"
    name += f" ({skips} skipped)" if skips else ""
    return Outcome(name, passed, failed, output)


def main() -> int:
    words = sys.argv[1:]
    passed = failed = 0
    if words[:1] == ["--build-failed"]:
        words = words[1:]
        failed = 1
        print("not ok unit/build")
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for outcome in pool.map(run, words):
            passed += outcome.passed
            failed += outcome.failed
            good = outcome.failed == 0
            print(f"{'ok' if good else 'not ok'} unit/{outcome.name}: {outcome.passed}")
            if not good:
                print(outcome.output, end="")
    if not words:
        failed += 1
        print("not ok unit: there are no unit tests")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
