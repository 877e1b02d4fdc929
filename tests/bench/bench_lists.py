#!/usr/bin/python3
"""Mailboxes of many sizes: iwebmsgd beside a bare IMAP client, in one run.

  bench_lists.py [--sizes 1000,10000,100000] [--rounds N] [--actions list,open]
                 [--clear] [--keep]

A mailbox of each size (BENCH_HUGE=1: and one of 1,000,000) in a private
Dovecot, every message different (seed.py). By turns, asked by one small program
in C (floor.c), the bare client pipelining what the page shows:
  login   the form until the list; bare: connect, LOGIN, SELECT, the rows
  list    the first page of 50     page    a page somewhere     sort    by sender
  open    a message                flag    a mark on and off, and the page again
  move    a message away, and the page again
  search  words in the subject, and its first page
  threads as conversations, the first page
warm: on connections that are open. cold: iwebmsgd was started anew, knows
nothing and has to log in at the mail server, while the browser is connected; the
bare client connects and logs in, too. Time, processor time of both servers, bytes and round trips between
iwebmsgd and the mail server (by relay.py, in runs of their own), the memory of
the session. Prints tables, writes build/bench/lists.json, and, where there is
tests/bench/lists.json (made by --keep), ends with 1 when something became worse
than there beyond noise, twice: milliseconds do not travel, ratios of one run,
round trips and bytes do.
"""

from __future__ import annotations

import argparse
import json
import os
import ssl
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Callable
from urllib.parse import urlencode

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))
sys.path.insert(0, str(HERE))

import harness  # noqa: E402
import kept  # noqa: E402
import mailbox as box  # noqa: E402
import proc  # noqa: E402
import relay  # noqa: E402
import seed  # noqa: E402
import spent  # noqa: E402

TOP = HERE.parent.parent
RESULT = TOP / "build" / "bench" / "lists.json"
FLOOR = TOP / "build" / "bench" / "floor"
BASELINE = HERE / "lists.json"
ROWS = 50
FOLDERS = 'LIST "" "*" RETURN (SPECIAL-USE STATUS (MESSAGES UNSEEN))'
PARTS = "(UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER] BODYSTRUCTURE BODY.PEEK[1])"
ACTIONS = ("login", "list", "page", "sort", "open", "flag", "search", "move", "threads")
# What may be worse than before, times and more: ratios, trips, bytes.
ALLOWED = {"ratio": (1.25, 0.2), "trips": (1.0, 0.6), "bytes": (1.2, 300)}
ALLOWED_COLD = {"ratio": (1.4, 0.4), "trips": (1.0, 0.6), "bytes": (1.2, 300)}


def run_floor(lines: list[str]) -> dict[str, list[float]]:
    """Milliseconds by name, in order."""
    script = "\n".join(lines) + "\n"
    done = subprocess.run([FLOOR], input=script, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return {name: [us / 1000 for us in each] for name, each in json.loads(done.stdout).items()}


def tabbed(*fields: object) -> str:
    return "\t".join(str(each) for each in fields)


class Side:
    """One iwebmsgd and one way to the mail server for both clients."""

    def __init__(self, backend: harness.Backend, name: str, mail_port: int, *, tls: bool) -> None:
        self.backend = backend
        self.mail_port = mail_port
        self.tls = tls
        self.trust = ssl.create_default_context(cafile=str(backend.ca_file)) if tls else None
        self.server = harness.new_server(name, tls=tls)
        if not tls:
            self.server.sections["Mail"].update({"ImapPort": mail_port, "ImapSecurity": "none"})
        self.server.sections["Server"]["StopWait"] = "0s"
        self.server.start()

    def again(self) -> None:
        """Knows nothing of before; people stay logged in."""
        self.server.stop()
        self.server.start()

    @property
    def pid(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid


class Box:
    """One mailbox, asked by both clients through one Side."""

    def __init__(self, side: Side, user: str, count: int) -> None:
        self.side = side
        self.user = user
        self.count = count
        self.left = count  # messages that were not moved away
        self.authority = side.backend.ca_file if side.tls else "-"

    # -- connections -------------------------------------------------------

    def log_in(self) -> None:
        self.web = kept.Kept(self.side.server, self.side.trust)
        page = self.web.login(self.user, harness.PASSWORD)
        if b"topic" not in page:
            raise RuntimeError(f"the login led to {page[:300]!r}")
        self.learn(page)

    def learn(self, page: bytes) -> None:
        """What the forms of a list carry, for actions to come."""
        self.act = kept.hidden(page, "/act")
        self.search = kept.hidden(page, "/search")
        self.web.close()

    def set_threads(self, on: bool) -> None:
        form = {**self.act, "do": "threads" if on else "single"}
        page = self.web.post("/list", form)
        if (b'value="threads" aria-pressed' in page) != on:
            raise RuntimeError("the list does not show what was chosen")
        self.learn(page)

    def imap(self) -> list[str]:
        name = f"{self.user}@{self.side.backend.domain}"
        login = ("imap", self.side.mail_port, self.authority, name, harness.PASSWORD)
        return [tabbed(*login), tabbed("ask", "-", "SELECT INBOX")]

    def http(self) -> list[str]:
        jar = "; ".join(f"{name}={value}" for name, value in self.web.cookies.items())
        return [tabbed("http", self.web.port, self.authority, self.web.host, jar)]

    # -- what is asked -----------------------------------------------------

    def page(self, turn: int) -> int:
        return 2 + turn * 7919 % max(1, self.count // ROWS - 4)

    def rows(self, page: int = 1) -> tuple[str, str]:
        last = self.left - (page - 1) * ROWS
        return f"FETCH {max(1, last - ROWS + 1)}:{last} {seed.ITEMS}", FOLDERS

    def taken(self) -> int:
        """The newest message is moved away: its UID."""
        self.left -= 1
        return self.left + 1

    def opened(self, turn: int) -> int:
        return self.count // 2 + turn % 40

    def bare(self, action: str, turn: int) -> str:
        """What a client that knows it all beforehand asks, in one trip."""
        return tabbed("ask", f"{action}/bare", *self.commands(action, turn))

    def commands(self, action: str, turn: int) -> tuple[str, ...]:
        word = f"topic{turn % 100:02}x"
        if action == "move":
            return (f"UID MOVE {self.taken()} Archive", *self.rows())
        if action == "open":
            return f"UID FETCH {self.opened(turn)} {PARTS}", FOLDERS
        if action == "page":
            return self.rows(self.page(turn))
        before = {
            "sort": ("UID SORT (REVERSE FROM) UTF-8 ALL",),
            "threads": ("UID THREAD REFS UTF-8 ALL",),
            "flag": (f"UID STORE {self.left} {'+-'[turn % 2]}FLAGS.SILENT (\\Flagged)",),
            "search": (f"UID SEARCH RETURN (COUNT ALL) SUBJECT {word}",),
        }
        return (*before.get(action, ()), *self.rows())

    def ours(self, action: str, turn: int) -> str:
        name = f"{action}/ours"
        if action == "flag":
            return self.change(name, "/act", uid=self.left, do="unflag" if turn % 2 else "flag")
        if action == "move":
            return self.change(name, "/act", uid=self.taken(), do="move", to="Archive")
        if action == "search":
            form = {**self.search, "in": "here", "q": f"subject:topic{turn % 100:02}x"}
            return tabbed("post", name, "/search", urlencode(form))
        where = {
            "open": f"/message?folder=INBOX&uid={self.opened(turn)}",
            "page": f"/list?folder=INBOX&page={self.page(turn)}",
            "sort": "/list?folder=INBOX&sort=from",
        }
        return tabbed("get", name, where.get(action, "/list?folder=INBOX"))

    def change(self, name: str, path: str, **values: object) -> str:
        return tabbed("post", name, path, urlencode({**self.act, **values}))

    # -- warm ----------------------------------------------------------------

    def by_turns(self, action: str, rounds: int) -> dict[str, list[float]]:
        if action == "login":
            return self.logins(rounds)
        lines = [*self.imap(), *self.http()]
        for turn in range(rounds):
            lines += [self.bare(action, turn), self.ours(action, turn)]
        return run_floor(lines)

    def one_side(self, action: str, which: str, rounds: int) -> None:
        """The same by itself, for whoever counts meanwhile."""
        if action == "login":
            for _ in range(rounds):
                self.login_bare() if which == "bare" else self.login_ours()
            return
        start = self.imap() if which == "bare" else self.http()
        run_floor([*start, *(getattr(self, which)(action, turn) for turn in range(rounds))])

    def login_ours(self) -> float:
        web = kept.Kept(self.side.server, self.side.trust)
        form = web.login_form()
        began = time.perf_counter()
        page = web.login(self.user, harness.PASSWORD, form)
        took = (time.perf_counter() - began) * 1000
        web.post("/logoff", kept.hidden(page, "/logoff"))
        web.close()
        return took

    def login_bare(self) -> float:
        lines = ["start", *self.imap(), tabbed("ask", "-", *self.rows()), tabbed("stop", "login")]
        return run_floor(lines)["login"][0]

    def logins(self, rounds: int) -> dict[str, list[float]]:
        took: dict[str, list[float]] = {"login/bare": [], "login/ours": []}
        for _ in range(rounds):
            took["login/bare"].append(self.login_bare())
            took["login/ours"].append(self.login_ours())
        return took

    # -- cold ----------------------------------------------------------------

    def cold_bare(self, action: str, turn: int) -> float:
        if action == "login":
            return self.login_bare()
        ask = tabbed("ask", "-", *self.commands(action, turn))
        return run_floor(["start", *self.imap(), ask, tabbed("stop", "cold")])["cold"][0]

    def cold_ours(self, action: str, turn: int) -> float:
        """After Side.again()."""
        if action == "login":
            return self.login_ours()
        lines = [*self.http(), "start", self.ours(action, turn), tabbed("stop", "cold")]
        return run_floor(lines)["cold"][0]


def middle(values: list[float]) -> float:
    return round(statistics.median(values), 3)


class Size:
    """What one size of mailbox costs."""

    def __init__(self, bench: "Bench", count: int) -> None:
        self.bench = bench
        self.count = count
        self.user = box.new_user(bench.backend)
        seed.fill(bench.backend, self.user, count)
        self.timed = Box(bench.timed, self.user, count)
        self.counted = Box(bench.counted, self.user, count)

    def rounds(self, action: str) -> int:
        """Few of what costs the mail server the whole mailbox."""
        most = self.bench.rounds
        if action == "login":
            return min(most, 10)
        if action in ("sort", "threads", "search") and self.count > 10_000:
            return min(most, 6 if self.count <= 100_000 else 3)
        return most

    def warm(self, action: str) -> dict[str, float]:
        """Time by turns; then each side by itself, its processor time and trips."""
        rounds = self.rounds(action)
        took = self.timed.by_turns(action, rounds)
        bare, ours = took[f"{action}/bare"], took[f"{action}/ours"]
        found = {
            "bare_ms": middle(bare),
            "ours_ms": middle(ours),
            "least_bare_ms": round(min(bare), 3),
            "least_ours_ms": round(min(ours), 3),
            "ratio": middle([a / b for a, b in zip(ours, bare)]),
        }
        for side in ("bare", "ours"):
            before = self.bench.cpu()
            self.timed.one_side(action, side, rounds)
            for each, ms in self.bench.cpu_since(before, rounds).items():
                found[f"cpu_{each}_{side}_ms"] = ms
        if action != "login":
            spent_ms = found["cpu_mail_bare_ms"] - self.connect_ms / rounds
            found["cpu_mail_bare_ms"] = max(0.0, round(spent_ms, 3))
        self.counted.left = self.timed.left
        few = min(rounds, 6)
        for side in ("bare", "ours"):
            self.counted.one_side(action, side, 1)  # what only the first has to ask
            connects = 1 if side == "bare" and action != "login" else 0
            trips = self.bench.trips(lambda: self.counted.one_side(action, side, few), few, connects)
            found |= {f"{name}_{side}": value for name, value in trips.items()}
        self.timed.left = self.counted.left
        return found

    def cold(self, action: str) -> dict[str, float]:
        rounds = 9 if self.rounds(action) > 6 else 3
        bare, ours = [], []
        cpu: dict[str, float] = {}
        for turn in range(rounds):
            for side, took in (("bare", bare), ("ours", ours)):
                if side == "ours":
                    self.bench.timed.again()
                before = self.bench.cpu()
                took.append(getattr(self.timed, f"cold_{side}")(action, turn))
                for each, ms in self.bench.cpu_since(before, rounds).items():
                    name = f"cpu_{each}_{side}_ms"
                    cpu[name] = round(cpu.get(name, 0) + ms, 3)
        self.counted.left = self.timed.left
        self.bench.counted.again()
        trips = self.bench.trips(lambda: self.counted.cold_ours(action, rounds), 1)
        trips_bare = self.bench.trips(lambda: self.counted.cold_bare(action, rounds), 1)
        self.timed.left = self.counted.left
        return {
            "bare_ms": middle(bare),
            "ours_ms": middle(ours),
            "least_bare_ms": round(min(bare), 3),
            "least_ours_ms": round(min(ours), 3),
            "ratio": middle([a / b for a, b in zip(ours, bare)]),
            **cpu,
            **{f"{name}_bare": value for name, value in trips_bare.items()},
            **{f"{name}_ours": value for name, value in trips.items()},
        }

    def measure(self) -> dict:
        self.bench.timed.again()
        before_kb = spent.pss_kb(self.bench.timed.pid)
        self.timed.log_in()
        self.counted.log_in()
        before = self.bench.cpu()
        for _ in range(5):
            run_floor(self.timed.imap())
        self.connect_ms = self.bench.cpu_since(before, 5)["mail"]
        result: dict = {"warm": {}, "cold": {}}
        wanted = [each for each in ACTIONS if each in self.bench.actions]
        for kind in ("warm", "cold"):
            for action in wanted:
                if action == "threads":
                    self.timed.set_threads(True)
                    self.counted.set_threads(True)
                result[kind][action] = self.once(kind, action)
                if action == "threads":
                    self.timed.set_threads(False)
                    self.counted.set_threads(False)
            if kind == "warm":
                after_kb = spent.pss_kb(self.bench.timed.pid)
                result["memory_kb"] = {"before": before_kb, "after": after_kb}
        return result

    def once(self, kind: str, action: str) -> dict[str, float]:
        """Again, when it seems worse than it was: one busy moment is no regression."""
        found = getattr(self, kind)(action)
        before = self.bench.baseline.get(str(self.count), {}).get(kind, {}).get(action)
        if before and worse(kind, found, before):
            again = getattr(self, kind)(action)
            if again["ratio"] < found["ratio"]:
                found = again
        return found


class Bench:
    def __init__(self, args: argparse.Namespace) -> None:
        self.rounds = args.rounds
        self.actions = args.actions.split(",") if args.actions else ACTIONS
        self.baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
        self.backend = harness.backend()
        ports = self.backend.ports
        port = ports["imap" if args.clear else "imaps"]
        self.timed = Side(self.backend, "bench-lists", port, tls=not args.clear)
        self.relay = relay.Relay(ports["imap"])
        self.counted = Side(self.backend, "bench-count", self.relay.port, tls=False)
        self.sizes = [int(each) for each in args.sizes.split(",")]
        if os.environ.get("BENCH_HUGE") == "1":
            self.sizes.append(1_000_000)

    def cpu(self) -> dict[str, float]:
        master = int((self.backend.folder / "dovecot/run/master.pid").read_text())
        return {"own": spent.cpu_s(self.timed.pid), "mail": spent.cpu_with_ended_s(master)}

    def cpu_since(self, before: dict[str, float], rounds: int) -> dict[str, float]:
        now = self.cpu()
        return {each: round((now[each] - before[each]) * 1000 / rounds, 3) for each in now}

    def trips(self, action: Callable[[], object], rounds: int, connects: int = 0) -> dict[str, float]:
        """Per turn, of what `action` does `rounds` times, without as many times LOGIN and SELECT."""
        before = self.relay.now()
        action()
        found = self.relay.now().since(before)
        return {
            "trips": round((found.trips - 2 * connects) / rounds, 2),
            "bytes": round((found.sent + found.got) / rounds),
            "logins": round(found.logins / rounds, 2),
        }

    def run(self) -> dict:
        try:
            result = {}
            for count in self.sizes:
                began = time.monotonic()
                size = Size(self, count)
                print(f"{count:,} messages, made in {time.monotonic() - began:.0f} s", flush=True)
                result[str(count)] = size.measure()
                show(result[str(count)])
                print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
            return result
        finally:
            self.timed.server.stop()
            self.counted.server.stop()


def show(of: dict) -> None:
    for kind in ("warm", "cold"):
        print(
            f"  {kind:8}{'bare ms':>9}{'ours ms':>9}{'ratio':>7}{'least':>8}{'least':>8}"
            f"{'own cpu':>9}{'mail cpu':>10}{'of bare':>9}{'trips':>7}{'of bare':>9}{'bytes':>10}{'of bare':>10}"
        )
        for action, took in of[kind].items():
            print(
                f"  {action:8}{took['bare_ms']:9.2f}{took['ours_ms']:9.2f}{took['ratio']:7.2f}"
                f"{took['least_bare_ms']:8.2f}{took['least_ours_ms']:8.2f}"
                f"{took['cpu_own_ours_ms']:9.2f}{took['cpu_mail_ours_ms']:10.2f}"
                f"{took['cpu_mail_bare_ms']:9.2f}{took['trips_ours']:7.2f}{took['trips_bare']:9.2f}"
                f"{took['bytes_ours']:10.0f}{took['bytes_bare']:10.0f}",
                flush=True,
            )
    memory = of["memory_kb"]
    print(f"  memory: {memory['before']} KB before the login, {memory['after']} KB after all of it")


def worse(kind: str, found: dict, before: dict) -> list[str]:
    said = []
    for name, (times, more) in (ALLOWED if kind == "warm" else ALLOWED_COLD).items():
        key = "ratio" if name == "ratio" else f"{name}_ours"
        if found[key] > before[key] * times + more:
            said.append(f"{name} {found[key]:g}, was {before[key]:g}")
    return said


def regressions(result: dict, baseline: dict) -> list[str]:
    found = []
    for count, of in result.items():
        for kind in ("warm", "cold"):
            for action, took in of[kind].items():
                before = baseline.get(count, {}).get(kind, {}).get(action)
                if before:
                    said = worse(kind, took, before)
                    found += [f"{count} {kind} {action}: {each}" for each in said]
    return found


def to_keep(result: dict, baseline: dict) -> dict:
    """What travels; sizes and actions that were not measured stay as they were."""
    keys = ("ratio", "trips_ours", "bytes_ours")
    for count, of in result.items():
        for kind in ("warm", "cold"):
            at = baseline.setdefault(count, {}).setdefault(kind, {})
            for action, took in of[kind].items():
                at[action] = {key: round(took[key], 2) for key in keys}
    return baseline


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", default="1000,10000,100000")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--actions", default="", help="some of them, with commas between")
    parser.add_argument("--clear", action="store_true", help="no TLS anywhere")
    parser.add_argument("--keep", action="store_true", help="make it what later runs are held against")
    args = parser.parse_args()
    bench = Bench(args)
    result = bench.run()
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"has_tls": not args.clear, "sizes": result}, indent=2) + "\n")
    found = regressions(result, bench.baseline)
    for line in found:
        print(f"worse: {line}")
    if args.keep:
        BASELINE.write_text(json.dumps(to_keep(result, bench.baseline), indent=1) + "\n")
    return 1 if found and not args.keep else 0


if __name__ == "__main__":
    sys.exit(main())
