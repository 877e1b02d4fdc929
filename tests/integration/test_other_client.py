"""Pages are never stale or wrong while another mail program works in the mailbox.

Another client appends, flags, moves and deletes at random, and writes down what
the folders held after each step and when. Meanwhile pages are read; each has to
show what was true at some time between its request and its answer. Only the
numbers of folders that are not open may be as old as FolderCounts says.

IWEBMSG_OTHER_S=60 makes it a minute; IWEBMSG_SEED=n repeats what was random.
"""

from __future__ import annotations

import bisect
import imaplib
import os
import random
import re
import threading
import time
from dataclasses import dataclass, field
from typing import Callable

import imapname
import mailbox as box
import server as web
from client import Client, Page
from mailbox import letter, list_url, rows

SECONDS = float(os.environ.get("IWEBMSG_OTHER_S", "12"))
SEED = int(os.environ.get("IWEBMSG_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
FOLDERS = ("INBOX", "Work", "Ordner für Ä")
OPENED = "Opened"  # messages are opened here, which marks them as read
ROWS = 25
PACE_S = 0.015
MARKS = {"\\Flagged": "Flagged", "\\Answered": "Answered"}

Flags = frozenset[str]
State = dict[int, tuple[str, Flags]]  # of a folder: subject and flags by UID


@dataclass
class Step:
    """What a folder held from some time between start and end on."""

    start: float
    end: float
    state: State


@dataclass
class History:
    steps: list[Step] = field(default_factory=list)

    def add(self, start: float, end: float, state: State) -> None:
        self.steps.append(Step(start, end, state))

    @property
    def now(self) -> State:
        return self.steps[-1].state

    def between(self, start: float, end: float) -> list[State]:
        """All that may have been seen in this time."""
        last = bisect.bisect_right([each.start for each in self.steps], end)
        # A step ends at the latest when the next one has.
        first = bisect.bisect_left([each.end for each in self.steps[1:]], start)
        return [each.state for each in self.steps[first:last]]


class Other(threading.Thread):
    """The other mail program: one connection for each folder."""

    def __init__(self, test: "OtherClientTest", user: str, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.test = test
        self.over = threading.Event()
        self.serial = 0
        self.error: BaseException | None = None
        self.history = {name: History() for name in (*FOLDERS, OPENED)}
        self.conns: dict[str, imaplib.IMAP4_SSL] = {}
        for name in self.history:
            conn = test.imap(user)
            test.addCleanup(conn.logout)
            if name != "INBOX":
                conn.create(imapname.quoted(name))
            conn.select(imapname.quoted(name))
            self.conns[name] = conn
            self.history[name].add(0, 0, {})

    def run(self) -> None:
        try:
            while not self.over.wait(self.dice.random() * 2 * PACE_S):
                self.step()
        except BaseException as error:  # noqa: BLE001 - the test tells it
            self.error = error

    def step(self) -> None:
        name = self.dice.choice(list(self.history))
        self.conns[name].noop()  # it may not have seen yet what came by a move
        held = len(self.history[name].now)
        if held < 20 or (held < 60 and self.dice.random() < 0.3):
            self.append(name)
        else:
            self.dice.choice((self.flag, self.flag, self.flag, self.move, self.delete))(name)

    def some(self, name: str) -> list[int]:
        return self.dice.sample(sorted(self.history[name].now), self.dice.randrange(1, 4))

    def append(self, name: str, flags: Flags | None = None) -> None:
        self.serial += 1
        subject = f"n{self.dice.randrange(1000):03}-{self.serial:05}"
        if flags is None:
            flags = frozenset(each for each in ("\\Seen", "\\Flagged", "\\Answered") if self.dice.random() < 0.3)
        date = imaplib.Time2Internaldate(1_700_000_000 + self.serial)
        start = time.monotonic()
        answer, said = self.conns[name].append(imapname.quoted(name), " ".join(flags), date, letter(subject))
        end = time.monotonic()
        found = re.search(rb"APPENDUID \d+ (\d+)", said[0])
        assert answer == "OK" and found, said
        self.history[name].add(start, end, {**self.history[name].now, int(found.group(1)): (subject, flags)})

    def flag(self, name: str) -> None:
        uids, what, on = self.some(name), self.dice.choice(("\\Seen", *MARKS)), self.dice.random() < 0.5
        start = time.monotonic()
        self.uid(name, "STORE", uids, f"{'+' if on else '-'}FLAGS.SILENT", f"({what})")
        end = time.monotonic()
        state = dict(self.history[name].now)
        for uid in uids:
            subject, flags = state[uid]
            state[uid] = (subject, flags | {what} if on else flags - {what})
        self.history[name].add(start, end, state)

    def move(self, name: str) -> None:
        if name == OPENED:
            return  # who has read it there is not written down
        uids = sorted(self.some(name))
        to = self.dice.choice([each for each in self.history if each != name])
        start = time.monotonic()
        self.conns[name].untagged_responses.pop("COPYUID", None)  # type: ignore[attr-defined]
        self.uid(name, "MOVE", uids, imapname.quoted(to))
        end = time.monotonic()
        said = self.conns[name].untagged_responses["COPYUID"][-1]  # type: ignore[attr-defined]
        places = dict(zip(_numbers(said.split()[1]), _numbers(said.split()[2]), strict=True))
        state, there = dict(self.history[name].now), dict(self.history[to].now)
        for uid in uids:
            there[places[uid]] = state.pop(uid)
        self.history[name].add(start, end, state)
        self.history[to].add(start, end, there)

    def delete(self, name: str) -> None:
        uids = self.some(name)
        start = time.monotonic()
        self.uid(name, "STORE", uids, "+FLAGS.SILENT", "(\\Deleted)")
        end = time.monotonic()
        state = dict(self.history[name].now)
        for uid in uids:
            state[uid] = (state[uid][0], state[uid][1] | {"\\Deleted"})
        self.history[name].add(start, end, state)
        start = time.monotonic()
        self.uid(name, "EXPUNGE", uids)
        end = time.monotonic()
        self.history[name].add(start, end, {uid: each for uid, each in state.items() if uid not in uids})

    def uid(self, name: str, command: str, uids: list[int], *rest: str) -> None:
        answer = self.conns[name].uid(command, ",".join(map(str, uids)), *rest)
        assert answer[0] == "OK", (command, answer)


def _numbers(text: bytes) -> list[int]:
    found: list[int] = []
    for part in text.decode().split(","):
        first, _, last = part.partition(":")
        step = 1 if int(last or first) >= int(first) else -1
        found += range(int(first), int(last or first) + step, step)
    return found


# -- what a page shows, and what it would show ------------------------------------

Shown = tuple[int, str, Flags]


def shown(page: Page) -> list[Shown]:
    return [(row.uid, row.subject, frozenset(row.marks & {*MARKS.values(), "Unread", "Deleted"})) for row in rows(page)]


def marks(flags: Flags) -> Flags:
    found = {name for flag, name in MARKS.items() if flag in flags}
    if "\\Seen" not in flags:
        found.add("Unread")
    if "\\Deleted" in flags:
        found.add("Deleted")
    return frozenset(found)


@dataclass
class Reading:
    """A list that was read."""

    folder: str
    first: int
    order: str  # arrival, subject, -subject, flagged
    start: float
    end: float
    status: int
    rows: list[Shown]
    total: int
    counts: dict[str, int]  # unread, of the side bar
    words: str


def expected(state: State, order: str) -> list[Shown]:
    """All rows of a folder in an order."""
    found = [(uid, subject, marks(flags)) for uid, (subject, flags) in state.items()]
    if order == "flagged":
        found = [each for each in found if "Flagged" in each[2]]
    if order.endswith("subject"):
        return sorted(found, key=lambda each: each[1], reverse=order.startswith("-"))
    return sorted(found, reverse=True)


def page_of(all_rows: list[Shown], first: int) -> list[Shown]:
    if first >= len(all_rows) > 0:
        first = (len(all_rows) - 1) // ROWS * ROWS
    return all_rows[first : first + ROWS]


class OtherClientTest(box.MailTest):
    counts_s = 2.0  # the default

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["ImapConnectionsPerUser"] = "4"
        box.new_user(cls.backend)

    def begin(self) -> tuple[str, Other]:
        user = self.person()
        print(f"# IWEBMSG_SEED={SEED}")
        other = Other(self, user, random.Random(SEED))
        for name in other.history:
            for _ in range(30):
                other.append(name)
        return user, other

    # -- reading -------------------------------------------------------------

    def read_list(self, client: Client, dice: random.Random) -> Reading:
        folder = dice.choice((*FOLDERS, OPENED))
        order = dice.choice(("arrival", "arrival", "arrival", "subject", "-subject", "flagged"))
        first = dice.choice((0, 0, ROWS))
        more: dict[str, object] = {"arrival": {}, "subject": {"sort": "subject"}, "-subject": {"sort": "subject", "rev": 1},
                                   "flagged": {"q": "is:flagged"}}[order]  # fmt: skip
        start = time.monotonic()
        page = client.get(list_url(folder, **more, **({"page": first // ROWS + 1} if first else {})))
        end = time.monotonic()
        found = re.search(r'<p class="range">[\d,.]+–[\d,.]+ of ([\d,.]+)', page.html)
        counts = {label: each.unread for label, each in box.folders(page).items()} if page.status == 200 else {}
        total = int(found.group(1)) if found else 0
        return Reading(folder, first, order, start, end, page.status, shown(page), total, counts, page.text[:300])

    def check_list(self, read: Reading, other: Other) -> str:
        """What is wrong with it, or nothing."""
        if read.status != 200:
            return f"{read.folder}: status {read.status}: {read.words}"
        states = other.history[read.folder].between(read.start, read.end)
        is_opened = read.folder == OPENED

        def plain(each: list[Shown]) -> list[Shown]:
            return [(uid, subject, found - {"Unread"}) for uid, subject, found in each] if is_opened else each

        lists = [plain(page_of(expected(state, read.order), read.first)) for state in states]
        if plain(read.rows) not in lists and not self.fits(read, states, plain):
            nearest = min(lists, key=lambda each: len(set(each) ^ set(plain(read.rows))))
            differs = sorted(set(nearest) ^ set(plain(read.rows)))[:6]
            return f"{read.folder} by {read.order} from {read.first}: none of {len(states)} states; nearest differs in {differs or 'order'}"
        totals = [len(expected(state, read.order)) for state in states]
        if read.rows and not min(totals) <= read.total <= max(totals):
            return f"{read.folder} by {read.order}: {read.total} in all, not so in any of {len(states)} states"
        for name in FOLDERS:
            label = "Inbox" if name == "INBOX" else name
            since = read.start - (self.counts_s if name != read.folder else 0.0)
            good = {
                sum("\\Seen" not in flags for _, flags in state.values())
                for state in other.history[name].between(since, read.end)
            }
            if read.counts[label] not in good:
                return f"{read.counts[label]} unread in {name} (with {read.folder} open), but {sorted(good)}"
        return ""

    @staticmethod
    def fits(read: Reading, states: list[State], plain: Callable[[list[Shown]], list[Shown]]) -> bool:
        """Looked for first, then listed: their order is of one moment, each row
        of another, perhaps, and who is gone by then does not come. Dovecot
        shows what one command does to several messages half done, too: spoken
        to directly, once in some 5,000 looks."""
        one_of = [{*plain(expected(state, "arrival"))} for state in states]
        if not all(any(row in each for each in one_of) for row in plain(read.rows)):
            return False
        uids = [row[0] for row in read.rows]
        for state in states:
            wanted = [row[0] for row in page_of(expected(state, read.order), read.first)]
            if [uid for uid in wanted if uid in uids] != uids:
                continue
            if all(any(uid not in each for each in states) for uid in wanted if uid not in uids):
                return True
        return False

    def read_message(self, client: Client, other: Other, dice: random.Random) -> str:
        """Opens one; what is wrong, or nothing."""
        known = other.history[OPENED].steps[-1 - dice.randrange(min(20, len(other.history[OPENED].steps)))].state
        uid = dice.choice(sorted(known))
        start = time.monotonic()
        page = client.get(f"/message?folder={OPENED}&uid={uid}")
        end = time.monotonic()
        self.opened.append((uid, known[uid][0], start, end, page.status, box.heading(page), "Unflag" in page.text))
        return ""

    def check_message(self, other: Other, each: tuple[int, str, float, float, int, str, bool]) -> str:
        uid, subject, start, end, status, heading, is_flagged = each
        states = other.history[OPENED].between(start, end)
        if status == 404:
            return "" if any(uid not in state for state in states) else f"message {uid} is there and was not shown"
        if status != 200 or heading != subject:
            return f"message {uid}: {status} {heading!r} instead of {subject!r}"
        there = [state[uid][1] for state in states if uid in state]
        if not there:
            return f"message {uid} was gone before it was asked for"
        if is_flagged not in {"\\Flagged" in flags for flags in there}:
            return f"message {uid}: {'flagged' if is_flagged else 'not flagged'}, which it was not"
        return ""

    def test_pages_are_true(self) -> None:
        user, other = self.begin()
        clients = [self.browser(user) for _ in range(3)]
        clients[0].submit(clients[0].get("/settings").form(field="rows_per_page"), rows_per_page=str(ROWS))
        self.opened: list[tuple[int, str, float, float, int, str, bool]] = []
        readings: list[Reading] = []
        errors: list[BaseException] = []
        over = threading.Event()

        def read(client: Client, dice: random.Random) -> None:
            try:
                while not over.is_set():
                    if dice.random() < 0.3:
                        self.read_message(client, other, dice)
                    else:
                        readings.append(self.read_list(client, dice))
            except BaseException as error:  # noqa: BLE001 - told below
                errors.append(error)

        readers = [threading.Thread(target=read, args=(client, random.Random(SEED + at))) for at, client in enumerate(clients)]
        other.start()
        for each in readers:
            each.start()
        over.wait(SECONDS)
        over.set()
        for each in readers:
            each.join()
        other.over.set()
        other.join()
        self.assertIsNone(other.error, repr(other.error))
        self.assertEqual(errors, [])
        bad = [words for words in (self.check_list(each, other) for each in readings) if words]
        bad += [words for words in (self.check_message(other, each) for each in self.opened) if words]
        steps = sum(len(each.steps) for each in other.history.values())
        print(f"# {steps} steps of the other client, {len(readings)} lists and {len(self.opened)} messages read, {len(bad)} wrong")
        self.assertEqual(bad[:10], [], f"{len(bad)} pages, seed {SEED}")
        self.assertGreater(len(readings), 10)
        self.assertGreater(len(self.opened), 2)
        self.at_rest(clients[0], other)

    def at_rest(self, client: Client, other: Other) -> None:
        """Afterwards, exactly what there is."""
        for name in FOLDERS:
            for order in ("arrival", "subject"):
                page = client.get(list_url(name, **({} if order == "arrival" else {"sort": order})))
                self.assertEqual(shown(page), page_of(expected(other.history[name].now, order), 0))


class CountedEachTimeTest(OtherClientTest):
    """FolderCounts=0s: no number is older than its page."""

    counts_s = 0.0

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Mail"]["FolderCounts"] = "0s"
