"""Many people at once: in the same mailboxes, and beside a server that hangs.

IWEBMSG_MANY_S is how long each test goes on, 10 s unless told; under the thread
sanitizer (IWEBMSG_FLAVOUR=tsan) it is what shows races between sessions.
"""

from __future__ import annotations

import collections
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Callable, ClassVar

import mailbox as box
import proc
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url
from test_push import Stream
from test_search import search_url

SECONDS = float(os.environ.get("IWEBMSG_MANY_S", "10"))
SEED = int(os.environ.get("IWEBMSG_SEED", "0")) or random.SystemRandom().randrange(1, 10**6)
FOLDERS = ("INBOX", "Work", "Plans")
MESSAGES = 20  # in each folder at first
BOXES, SESSIONS = 4, 16
ACTIVE, STUCK = 200, 30
AT_ONCE = 16  # of the active ones: the others read what they got


class SameMailboxTest(box.MailTest):
    """64 sessions of four people, all of them changing things."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        # Waiting for one of few connections is part of it.
        sections["Mail"].update(ImapConnectionsPerUser="3", ImapWait="60s", WatchRenew="1s")
        box.new_user(cls.backend)

    def test_sixty_four_sessions(self) -> None:
        print(f"# IWEBMSG_SEED={SEED}")
        people = [self.person() for _ in range(BOXES)]
        for user in people:
            for folder in FOLDERS:
                box.put(self.backend, user, folder, *(letter(f"{folder} {at}") for at in range(MESSAGES)))
        with ThreadPoolExecutor(8) as pool:
            clients = list(pool.map(self.browser, people * SESSIONS))
        streams = [Stream(client) for client in clients[:BOXES]]
        for each in streams:
            self.addCleanup(each.close)
        until = time.monotonic() + SECONDS
        done: collections.Counter[str] = collections.Counter()
        bad: list[str] = []
        lock = threading.Lock()

        def act(at: int) -> None:
            dice, client = random.Random(SEED + at), clients[at]
            while time.monotonic() < until and not bad:
                what = dice.choice(list(self.deeds))
                page = self.deeds[what](self, client, dice)
                with lock:
                    done[what] += 1
                    # What others took away meanwhile is not there: that is said.
                    if page.status not in (200, 404) or not page.html.rstrip().endswith("</html>"):
                        bad.append(f"{what}: {page.status} {page.text[:300]}")

        actors = [threading.Thread(target=act, args=(at,)) for at in range(len(clients))]
        for actor in actors:
            actor.start()
        for actor in actors:
            actor.join()
        print(f"# {sum(done.values())} pages: {dict(done.most_common())}")
        self.assertEqual(bad, [])
        self.assertEqual(set(done), set(self.deeds))
        for user in people:
            self.nothing_is_lost(user)

    def nothing_is_lost(self, user: str) -> None:
        """Moved and deleted to and fro by sixteen sessions, each is somewhere."""
        left = {name for folder in (*FOLDERS, "Trash", "Archive") for name in box.subjects(self.backend, user, folder)}
        wanted = {f"{folder} {at}" for folder in FOLDERS for at in range(MESSAGES)}
        # Some may be there twice: Dovecot lets two move the same one at the same time.
        self.assertEqual(wanted - left, set())

    # -- what a session does -----------------------------------------------

    def _list(self, client: Client, dice: random.Random) -> Page:
        more = dice.choice(({}, {}, {"sort": "subject"}, {"q": "is:unread"}, {"sort": "from", "rev": 1}))
        return client.get(list_url(dice.choice(FOLDERS), **more))

    def _some(self, client: Client, dice: random.Random) -> tuple[Page, list[str]]:
        page = client.get(list_url(dice.choice(FOLDERS)))
        found = box.uids(page)
        return page, [str(uid) for uid in dice.sample(found, min(len(found), 2))]

    def _press(self, client: Client, dice: random.Random, button: str, **fields: str) -> Page:
        page, uids = self._some(client, dice)
        return client.press(page, button, uid=uids, **fields) if uids else page

    def _mark(self, client: Client, dice: random.Random) -> Page:
        return self._press(client, dice, f"do={dice.choice(('read', 'unread', 'flag', 'unflag'))}")

    def _move(self, client: Client, dice: random.Random) -> Page:
        page, uids = self._some(client, dice)
        if not uids:
            return page
        choice = page.form(action="/act", field="uidvalidity").find("to")
        assert choice
        to = dice.choice([each for each in choice.options if each in (*FOLDERS, "Archive")])
        return client.press(page, "do=move", uid=uids, to=to)

    def _delete(self, client: Client, dice: random.Random) -> Page:
        done = self._press(client, dice, "do=delete")
        has_undo = any(each.label == "Undo" for form in done.forms for each in form.buttons())
        return client.press(done, "Undo") if has_undo and dice.random() < 0.8 else done

    def _open(self, client: Client, dice: random.Random) -> Page:
        page = client.get(list_url(dice.choice(FOLDERS)))
        found = box.rows(page)
        return client.get(dice.choice(found).url) if found else page

    def _search(self, client: Client, dice: random.Random) -> Page:
        return client.get(search_url(dice.choice(("subject:Work", "is:unread", "is:flagged", "Plans 7"))))

    def _folders(self, client: Client, dice: random.Random) -> Page:
        return client.get("/folders")

    def _draft(self, client: Client, dice: random.Random) -> Page:
        form = client.get("/compose").form(field="subject")
        return client.submit(form, "do=save", to="ben@demo.test", subject=f"draft {dice.random()}", body="words")

    def _push(self, client: Client, dice: random.Random) -> Page:
        stream = Stream(client, dice.choice(FOLDERS))
        stream.close()
        return client.get("/settings")

    deeds: ClassVar[dict[str, Callable[["SameMailboxTest", Client, random.Random], Page]]] = {
        "list": _list, "mark": _mark, "move": _move, "delete": _delete, "open": _open,
        "search": _search, "folders": _folders, "draft": _draft, "push": _push,
    }  # fmt: skip


class Stalling(ImapProxy):
    """Logs people in; once it stalls, it never answers anything again."""

    def __init__(self, upstream_port: int) -> None:
        self.is_stalling = False
        self.swallowed = 0
        super().__init__(upstream_port)

    def greet(self, link: Link) -> bool:
        return not self.is_stalling

    def take(self, link: Link, command: Command) -> bytes | None:
        self.swallowed += self.is_stalling
        return None if self.is_stalling else command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        return b"" if self.is_stalling else response


class StallTest(box.MailTest):
    """200 active people, while the mail server of 30 others hangs."""

    slow: ClassVar[Stalling]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["ImapWait"] = "6s"
        cls.slow = Stalling(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.slow.close)
        sections["Mail"].update(ImapPort=cls.backend.ports["imap"], ImapSecurity="none")
        sections["Host slow.test"] = {"ImapPort": cls.slow.port}
        sections["Domain slow.test"] = {"ImapPort": cls.slow.port}
        box.new_user(cls.backend)

    def session(self, where: str) -> Client:
        """host: by a host with the slow server; domain: by a login name; else the good one."""
        user = self.person()
        client = self.client(host="slow.test") if where == "host" else self.client()
        name = f"{user}@slow.test" if where == "domain" else user
        page = client.login(name, self.backend.passwords[user])
        assert page.status == 200 and box.heading(page) == "Inbox", page.text[:300]
        return client

    def test_two_hundred_active(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            stuck = list(pool.map(self.session, ["host", "domain"] * (STUCK // 2)))
            active = list(pool.map(self.session, ["good"] * ACTIVE))
        self.slow.is_stalling = True
        until = time.monotonic() + SECONDS
        times: list[float] = []
        bad: list[str] = []
        answers: collections.Counter[int] = collections.Counter()

        def hope(client: Client) -> None:
            """Somebody who reloads and reloads."""
            while time.monotonic() < until:
                answers[client.get(list_url()).status] += 1

        def work(some: list[Client]) -> None:
            paths = (list_url(), list_url("Sent"), list_url(sort="subject"), "/folders", "/compose", list_url(q="nothing"))
            turn = 0
            while time.monotonic() < until:
                for client in some:
                    start = time.monotonic()
                    page = client.get(paths[turn % len(paths)])
                    times.append(time.monotonic() - start)
                    turn += 1
                    if page.status != 200:
                        bad.append(f"{page.status} {page.text[:200]}")

        hoping = [threading.Thread(target=hope, args=(client,)) for client in stuck]
        for each in hoping:
            each.start()
        proc.wait_until(lambda: self.slow.swallowed >= 5, "the others to wait", 20)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(work, [active[at::AT_ONCE] for at in range(AT_ONCE)]))
        for each in hoping:
            each.join()
        times.sort()
        middle, last = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"# {len(times)} pages for {ACTIVE} people, {len(times) / SECONDS:.0f} a second, p50 {middle * 1000:.0f} ms, p99 {last * 1000:.0f} ms; the others: {dict(answers)}")
        self.assertEqual(bad, [])
        self.assertLess(last, 4.0)  # nobody waited for what the others wait for
        self.assertGreater(len(times), ACTIVE // 2)
        self.assertNotIn(500, answers)
        self.slow.is_stalling = False
        proc.wait_until(lambda: stuck[0].get(list_url()).status == 200, "the slow server to be used again", 60)
