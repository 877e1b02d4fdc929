"""Rows of lists from memory: less is asked for, and nothing is ever stale."""

from __future__ import annotations

import random
import re
from typing import ClassVar

import harness
import imapname
import mailbox as box
import steps
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url, rows
from test_conversations import conversations, mail, talks

ASKED = 'iwebmsg_list_rows_total{from="%s"}'


class RowsTest(box.MailTest):
    """Somebody with a list, and another mail program at the same mailbox."""

    def someone(self, count: int, folder: str = "INBOX") -> tuple[str, Client]:
        user = self.person()
        box.put(self.backend, user, folder, *(letter(f"n{at}") for at in range(1, count + 1)))
        return user, self.browser(user)

    def truth(self, user: str, folder: str = "INBOX") -> list[tuple[int, str, set[str]]]:
        """What a new connection sees: UID, subject, flags; the newest first."""
        with self.backend.imap(user) as conn:
            conn.select(imapname.quoted(folder), readonly=True)
            found = conn.fetch("1:*", "(UID FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1]
        truth = []
        for each in (each for each in found if isinstance(each, tuple)):
            uid = re.search(rb"UID (\d+)", each[0])
            words = re.search(rb"FLAGS \(([^)]*)\)", each[0])
            assert uid and words
            subject = each[1].decode().partition(": ")[2].strip()
            truth.append((int(uid[1]), subject, set(words[1].decode().split()) - {"\\Recent"}))
        return truth[::-1]

    def assert_true(self, page: Page, truth: list[tuple[int, str, set[str]]]) -> None:
        shown = [(row.uid, row.subject, row.unread, "Flagged" in row.marks) for row in rows(page)]
        wanted = [
            (uid, words, "\\Seen" not in flags, "\\Flagged" in flags)
            for uid, words, flags in truth[: len(shown)]
        ]
        self.assertEqual(shown, wanted)
        self.assertEqual(len(shown), min(len(truth), 50))
        unread = sum("\\Seen" not in flags for _, _, flags in truth)
        self.assertEqual(box.folders(page)["Inbox"].unread, unread)

    def rows_asked(self, client: Client) -> tuple[float, float]:
        """So far: from memory, and whole from the mail server."""
        return (
            steps.metric(client, ASKED % "memory"),
            steps.metric(client, ASKED % "server"),
        )

    def view(self, client: Client, url: str) -> tuple[Page, int, int]:
        before = self.rows_asked(client)
        page = client.get(url)
        after = self.rows_asked(client)
        return page, int(after[0] - before[0]), int(after[1] - before[1])


class MemoryTest(RowsTest):
    def test_asked_for_once(self) -> None:
        _, client = self.someone(120)
        for url in (list_url(), list_url(page=2), list_url(sort="subject"), list_url(q="from:ben")):
            with self.subTest(url):
                first = client.get(url)
                page, kept, came = self.view(client, url)
                self.assertEqual((kept, came), (50, 0))
                self.assertEqual([vars(row) for row in rows(page)], [vars(row) for row in rows(first)])

    def test_only_what_is_new(self) -> None:
        user, client = self.someone(60)
        client.get(list_url())
        box.put(self.backend, user, "INBOX", letter("fresh"), letter("fresher"))
        page, _, came = self.view(client, list_url())
        self.assertEqual([row.subject for row in rows(page)[:3]], ["fresher", "fresh", "n60"])
        self.assertEqual(came, 2)
        box.expunge(self.backend, user, "60")
        page, _, came = self.view(client, list_url())
        self.assertEqual([row.subject for row in rows(page)[:3]], ["fresher", "fresh", "n59"])
        self.assertLessEqual(came, 2)
        self.assertEqual(len(rows(page)), 50)

    def test_flags_of_others(self) -> None:
        user, client = self.someone(5)
        client.get(list_url())
        for what in ("+FLAGS (\\Seen)", "-FLAGS (\\Seen)", "+FLAGS (\\Flagged)", "FLAGS (\\Seen)"):
            with self.subTest(what):
                box.store(self.backend, user, "2,4", what)
                self.assert_true(client.get(list_url()), self.truth(user))

    def test_gone_and_moved(self) -> None:
        user, client = self.someone(6)
        with self.imap(user) as conn:
            conn.create("Sorted")
        urls = {"INBOX": list_url(), "Sorted": list_url("Sorted")}
        for url in urls.values():
            client.get(url)
        with self.imap(user) as conn:
            conn.select("INBOX")
            self.assertEqual(conn.uid("MOVE", "2,5", "Sorted")[0], "OK")
        self.assert_true(client.get(urls["INBOX"]), self.truth(user))
        self.assertEqual([row.subject for row in rows(client.get(urls["Sorted"]))], ["n5", "n2"])
        box.expunge(self.backend, user, "1,6")
        for url in (list_url(), list_url(sort="subject", rev=1), list_url(q="n")):
            with self.subTest(url):
                self.assertEqual([row.subject for row in rows(client.get(url))], ["n4", "n3"])
        box.expunge(self.backend, user, "1:*")
        self.assertEqual(rows(client.get(list_url())), [])

    def test_a_folder_made_anew(self) -> None:
        """The same name and UIDs, but other messages: another UIDVALIDITY."""
        user, client = self.someone(3, "Work")
        for turn in range(3):
            url = list_url("Work")
            client.get(url)
            with self.imap(user) as conn:
                self.assertEqual(conn.delete("Work")[0], "OK")
            words = [f"turn {turn} {at}" for at in range(4)]
            box.put(self.backend, user, "Work", *(letter(each) for each in words))
            self.assertEqual([row.subject for row in rows(client.get(url))], words[::-1])
            self.assertEqual([row.uid for row in rows(client.get(url))], [4, 3, 2, 1])

    def test_renamed_over_each_other(self) -> None:
        user, client = self.someone(2, "One")
        box.put(self.backend, user, "Two", letter("second"), letter("second b"))
        for name in ("One", "Two"):
            client.get(list_url(name))
        with self.imap(user) as conn:
            for old, new in (("One", "Three"), ("Two", "One"), ("Three", "Two")):
                self.assertEqual(conn.rename(old, new)[0], "OK")
        self.assertEqual([row.subject for row in rows(client.get(list_url("One")))], ["second b", "second"])
        self.assertEqual([row.subject for row in rows(client.get(list_url("Two")))], ["n2", "n1"])

    def test_others_at_random(self) -> None:
        user, client = self.someone(70)
        dice = random.Random(7)
        serial = 0
        for _ in range(15):
            uids = sorted(each[0] for each in self.truth(user))
            some = ",".join(str(each) for each in dice.sample(uids, min(len(uids), 4)))
            what = dice.choice(["seen", "unseen", "flag", "expunge", "append", "both"])
            if what in ("append", "both"):
                serial += 1
                box.put(self.backend, user, "INBOX", letter(f"more {serial}"))
            if what in ("expunge", "both"):
                box.expunge(self.backend, user, some)
            if what in ("seen", "unseen", "flag"):
                how = {"seen": "+FLAGS (\\Seen)", "unseen": "-FLAGS (\\Seen)", "flag": "+FLAGS (\\Flagged)"}
                box.store(self.backend, user, some, how[what])
            truth = self.truth(user)
            with self.subTest(what):
                self.assert_true(client.get(list_url()), truth)
                newest = [each[1] for each in truth]
                page = client.get(list_url(sort="subject"))
                self.assertEqual({row.subject for row in rows(page)} - set(newest), set())

    def test_goes_at_log_off(self) -> None:
        user, client = self.someone(30)
        watcher = self.browser(self.person())
        client.get(list_url())
        before = steps.metric(watcher, "iwebmsg_list_memory_bytes")
        self.assertGreater(before, 3000)
        client.press(client.get(list_url()), "Log off")
        self.assertLess(steps.metric(watcher, "iwebmsg_list_memory_bytes"), before - 3000)
        came = self.rows_asked(watcher)[1]
        self.browser(user).get(list_url())
        self.assertGreaterEqual(self.rows_asked(watcher)[1] - came, 30)


class Listening(ImapProxy):
    """Notes what is asked."""

    def __init__(self, upstream_port: int) -> None:
        self.commands: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.commands.append(command.name)
        return command.whole


class TripsTest(RowsTest):
    """What a page asks for."""

    proxy: ClassVar[Listening]

    @classmethod
    def change(cls, sections: dict) -> None:
        cls.proxy = Listening(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update({"ImapPort": cls.proxy.port, "ImapSecurity": "none"})

    def asked(self, client: Client, url: str) -> tuple[Page, list[str]]:
        before = len(self.proxy.commands)
        page = client.get(url)
        folders = ("LIST", "STATUS", "GETQUOTAROOT")
        return page, [name for name in self.proxy.commands[before:] if name not in folders]

    def test_a_page_never_seen(self) -> None:
        """No NOOP behind FETCH: Dovecot would go through the whole maildir for it."""
        user, client = self.someone(160)
        client.get(list_url())
        page, names = self.asked(client, list_url(page=2))
        self.assertEqual(names, ["FETCH", "UID FETCH"])
        self.assertEqual([row.subject for row in rows(page)][:2], ["n110", "n109"])
        page, names = self.asked(client, list_url(page=2))
        self.assertEqual(names, ["FETCH", "NOOP"])
        # What others do meanwhile is seen all the same.
        box.store(self.backend, user, "55", "+FLAGS (\\Flagged)")
        self.assertIn("Flagged", rows(client.get(list_url(page=3)))[5].marks)
        box.expunge(self.backend, user, "2:4,9")
        self.assertEqual([row.uid for row in rows(client.get(list_url(page=4)))], [10, 8, 7, 6, 5, 1])

    def test_conversations(self) -> None:
        """Their rows are remembered, and what others do shows."""
        user = self.person()
        talk = [mail("Plan", "a0"), *(mail(f"Re: Plan {at}", f"a{at}", "a0") for at in range(1, 10))]
        box.put(self.backend, user, "INBOX", *talk, mail("Other", "o1"))
        client = self.browser(user)
        conversations(client)
        page, kept, came = self.view(client, list_url())
        self.assertEqual((kept, came), (8, 0))  # six of the newest, the oldest, and the other
        self.assertEqual(self.asked(client, list_url())[1], ["UID FETCH", "UID FETCH", "FETCH", "NOOP"])
        box.put(self.backend, user, "INBOX", mail("Re: Plan, at last", "a10", "a0"))
        page, _, came = self.view(client, list_url())
        self.assertEqual(([(each.subject, each.count) for each in talks(page)], came), ([("Re: Plan, at last", 11), ("Other", 1)], 1))
        box.store(self.backend, user, "2", "+FLAGS (\\Flagged)")  # one of those without a row
        box.store(self.backend, user, "1,3:12", "+FLAGS (\\Seen)")
        shown = talks(client.get(list_url()))
        self.assertEqual([(each.unread, "Flagged" in each.marks) for each in shown], [(True, True), (False, False)])
        self.assertIn("uid=2&", shown[0].url)
        box.expunge(self.backend, user, "11,12")
        page = client.get(list_url())
        self.assertEqual([(each.subject, each.count) for each in talks(page)], [("Re: Plan 9", 10)])
        opened, _, came = self.view(client, talks(page)[0].open_url.partition("#")[0])
        self.assertEqual([row.subject for row in rows(opened)][1:], [*(f"Re: Plan {at}" for at in range(9, 0, -1)), "Plan"])

    def test_came_and_went_before_a_page_never_seen(self) -> None:
        user, client = self.someone(120)
        client.get(list_url())
        box.put(self.backend, user, "INBOX", letter("fresh"))
        box.expunge(self.backend, user, "50,51")
        truth = self.truth(user)
        shown = [row.uid for row in rows(client.get(list_url(page=2)))]
        self.assertEqual(shown, [each[0] for each in truth[50:100]])


class OffTest(RowsTest):
    """ListMemory=0: nothing is kept."""

    @classmethod
    def change(cls, sections: dict) -> None:
        sections["Mail"]["ListMemory"] = "0"

    def test_all_is_asked_for(self) -> None:
        user, client = self.someone(4)
        for _ in range(2):
            page, kept, came = self.view(client, list_url())
            self.assertEqual((kept, came), (0, 4))
            self.assert_true(page, self.truth(user))


class IdleTest(RowsTest):
    """What nobody looked at for a while is not kept."""

    @classmethod
    def change(cls, sections: dict) -> None:
        sections["Mail"]["ImapIdleClose"] = "1s"

    def test_it_goes(self) -> None:
        _, client = self.someone(10)
        client.get(list_url())
        harness.proc.wait_until(
            lambda: steps.metric(client, "iwebmsg_list_memory_bytes") == 0, "memory to go", 30
        )
