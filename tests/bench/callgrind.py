#!/usr/bin/python3
"""Where the instructions of a page go: iwebmsgd under valgrind's callgrind.

  callgrind.py [--turns N] [--messages N] [--top N]

A private Dovecot with --messages messages. For a list, a message and a page
that was never asked for: some turns to warm up, then --turns that count, of
what serve() does alone. Prints instructions of one turn and the first --top
functions, with and without what they call, in per cent.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.insert(0, str(HERE))

import harness  # noqa: E402
import kept  # noqa: E402
import mailbox as box  # noqa: E402
import proc  # noqa: E402
import seed  # noqa: E402
import server as web  # noqa: E402

AS_SERVER = ["/usr/bin/setpriv", "--reuid", web.SERVER_USER, "--regid", "nogroup", "--clear-groups"]
WARM = 3
ABOVE = ("clone", "start_thread", "worker_run", "run_job", "run", "serve", "answer")


class Grind:
    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.backend = harness.backend()
        self.user = box.new_user(self.backend)
        seed.fill(self.backend, self.user, args.messages)
        self.server = harness.new_server("callgrind", tls=False)
        self.server.sections["Mail"].update(
            {"ImapPort": self.backend.ports["imap"], "ImapSecurity": "none"}
        )
        self.server.write()
        self.folder = self.server.folder
        for path in (self.folder, self.server.ini):
            os.chown(path, *owner())
        program = [
            "/usr/bin/valgrind",
            "--tool=callgrind",
            "--toggle-collect=serve",
            f"--callgrind-out-file={self.folder}/out",
            web.program(),
            "--config",
            self.server.ini,
        ]
        self.process = proc.Process("valgrind", [*AS_SERVER, *map(str, program)], self.server.log)
        proc.wait_until(self.server.healthy, "iwebmsgd /healthz", 120, self.process)
        self.web = kept.Kept(self.server, None, 120)
        if b"topic" not in self.web.login(self.user, harness.PASSWORD):
            raise RuntimeError("the login did not lead to the list")

    def control(self, what: str) -> None:
        words = [*AS_SERVER, "/usr/bin/callgrind_control", what, str(self.process.pid)]
        done = subprocess.run(words, capture_output=True, text=True, check=False, cwd=self.folder)
        if done.returncode != 0:
            raise RuntimeError(done.stdout + done.stderr)

    def count(self, name: str, addresses: list[str]) -> None:
        for address in addresses[:WARM]:
            self.web.get(address)
        self.control("--zero")
        for address in addresses[WARM:]:
            self.web.get(address)
        before = set(self.folder.glob("out.*"))
        self.control("--dump")
        made = set(self.folder.glob("out.*")) - before
        self.show(name, max(made), len(addresses) - WARM)

    def show(self, name: str, path: Path, turns: int) -> None:
        for how in ("yes", "no"):
            words = ["/usr/bin/callgrind_annotate", f"--inclusive={how}", "--threshold=100", path]
            text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
            total, rows = taken_apart(text)
            if how == "yes":
                print(f"{name}: {total / turns:,.0f} instructions")
            shown = [(share, what) for share, what in rows if what not in ABOVE]
            print("  with what they call:" if how == "yes" else "  by themselves:")
            for share, what in shown[: self.args.top]:
                print(f"    {100 * share / total:5.1f} %  {what}")

    def run(self) -> None:
        turns = WARM + self.args.turns
        half = self.args.messages // 2
        self.count("list", ["/list?folder=INBOX"] * turns)
        self.count("message", [f"/message?folder=INBOX&uid={half}"] * turns)
        self.count("message never opened", [f"/message?folder=INBOX&uid={half + 1 + at}" for at in range(turns)])
        self.count("page never asked for", [f"/list?folder=INBOX&page={2 + at}" for at in range(turns)])
        self.process.stop(60)


def owner() -> tuple[int, int]:
    import grp  # noqa: PLC0415
    import pwd  # noqa: PLC0415

    return pwd.getpwnam(web.SERVER_USER).pw_uid, grp.getgrnam("nogroup").gr_gid


def taken_apart(text: str) -> tuple[int, list[tuple[int, str]]]:
    """All instructions, and (instructions, function) from the most on."""
    total = 0
    rows: list[tuple[int, str]] = []
    for line in text.splitlines():
        found = re.match(r"\s*([\d,]+) \(\s*[\d.]+%\)\s+(\S.*)", line)
        if not found:
            continue
        count = int(found[1].replace(",", ""))
        if "PROGRAM TOTALS" in found[2]:
            total = count
            continue
        name = re.sub(r"^.*?:", "", found[2].split(" [")[0])
        rows.append((count, re.sub(r"'\d+$", "", name)))
    return total, rows


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument("--top", type=int, default=15)
    args = parser.parse_args()
    if not Path("/usr/bin/valgrind").exists():
        sys.exit("callgrind.py: valgrind is missing; apt-get install valgrind brings it")
    Grind(args).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
