"""Folders that are too much for their mail server: it hangs up over THREAD or SORT, or takes too long for them."""

from __future__ import annotations

import re
import time
from typing import ClassVar

import mailbox as box
import proc
import server as web
from client import Client
from mailbox import list_url
from test_conversations import conversations, mail, talks
from test_pool import NEVER, PoolTest

MADE = 100  # OrderLimit
COUNT = 120
PATIENCE_S = 5  # SearchWait, which is less than what people wait
BROKE_OFF = "The mail server broke off while it put this folder into conversations"
EACH_ITS_ROW = "Each message has a row of its own, as it came."
STILL_AT_WORK = "The mail server is still putting this folder in order"


def talk(count: int = COUNT) -> list[bytes]:
    """Each of the last ten answers the one 20 before it; subjects fall while they come."""
    return [mail(f"n{999 - at}", f"s{at}", *([f"s{at - 20}"] if at >= count - 10 else [])) for at in range(count)]


class SetbackTest(PoolTest):
    """A proxy before the mail server hangs up, or keeps the answer back."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Mail"]["OrderLimit"] = MADE

    def large(self) -> tuple[str, Client]:
        user = self.person()
        box.fill(self.backend, user, talk())
        return user, self.browser(user)

    def asked_for(self, user: str, verb: str) -> int:
        return len([each for each in self.proxy.asked(user) if re.match(verb, each)])

    def hang_up(self, words: str) -> None:
        self.proxy.cuts, self.proxy.cut_times = words, 99

    def test_conversations_of_the_newest(self) -> None:
        """THREAD ends the connection: the newest are put together here, and it is not asked again."""
        user, client = self.large()
        self.hang_up("UID THREAD")
        page = conversations(client)
        self.assertEqual(page.status, 200)
        self.assertIn(BROKE_OFF, page.text)
        self.assertIn("the newest 100 messages. 20 older ones are not among them", page.text)
        self.assertEqual([(each.subject, each.count) for each in talks(page)][:2], [("n880", 2), ("n881", 2)])
        self.assertIn("All 120 messages of this folder", page.text)
        times = self.asked_for(user, "UID THREAD")
        self.assertLessEqual(times, 2)  # a connection that was idle may have been dead anyhow
        box.put(self.backend, user, "INBOX", mail("Late", "late", "s0"))
        page = client.get(list_url())
        self.assertEqual(talks(page)[0].subject, "Late")
        self.assertIn(BROKE_OFF, page.text)
        # A message of it, with its conversation; a day.
        self.assertEqual(client.get(talks(page)[1].url).status, 200)
        self.assertEqual(client.get(list_url(day=time.strftime("%Y-%m-%d"))).status, 200)
        self.assertEqual(self.asked_for(user, "UID THREAD"), times)
        # What is done is done with what is shown, and undone.
        gone = client.press(page, "do=delete", uid=[talks(page)[1].uids])
        self.assertIn("2 messages moved to the trash.", box.note(gone))
        self.assertEqual(len(box.subjects(self.backend, user, "INBOX")), COUNT - 1)
        client.press(gone, "Undo")
        self.assertEqual(len(box.subjects(self.backend, user, "INBOX")), COUNT + 1)

    def test_single_messages_when_nothing_else_works(self) -> None:
        user, client = self.large()
        self.hang_up("UID THREAD|HEADER.FIELDS [(]MESSAGE-ID IN-REPLY-TO")
        page = conversations(client)
        self.assertEqual(page.status, 200)
        self.assertIn(EACH_ITS_ROW, page.text)
        self.assertEqual([row.subject for row in box.rows(page)], [f"n{880 + at}" for at in range(50)])
        self.assertIn("1–50 of 120", page.text)
        asked = len(self.proxy.cut)
        second = client.get(list_url(page=2))
        self.assertEqual([row.subject for row in box.rows(second)], [f"n{930 + at}" for at in range(50)])
        self.assertIn(EACH_ITS_ROW, second.text)
        self.assertEqual(client.get(list_url(day="2020-01-01")).status, 200)
        self.assertEqual(len(self.proxy.cut), asked)
        # One row is one message; all that match are all of the folder.
        done = client.press(page, "do=flag", uid=["120"])
        self.assertIn("1 message flagged.", box.note(done))
        self.assertEqual([uid for uid, has in box.flags(self.backend, user, "INBOX").items() if "\\Flagged" in has], [120])
        done = client.press(client.get(list_url()), "do=delete", all=True)
        self.assertEqual(box.subjects(self.backend, user, "INBOX"), [])
        client.press(done, "Undo")
        self.assertEqual(len(box.subjects(self.backend, user, "INBOX")), COUNT)

    def test_an_order_ends_the_connection(self) -> None:
        user, client = self.large()
        self.hang_up("UID SORT")
        page = client.get(list_url(sort="subject"))
        self.assertEqual(page.status, 200)
        self.assertIn("The messages are shown as they came.", page.text)
        self.assertEqual(box.rows(page)[0].subject, "n880")
        times = self.asked_for(user, "UID SORT")
        again = client.get(list_url(sort="subject"))
        self.assertEqual(box.rows(again)[0].subject, "n880")
        self.assertEqual(self.asked_for(user, "UID SORT"), times)
        # The others are for the server to try.
        self.proxy.behave()
        self.assertEqual(box.rows(client.get(list_url(sort="subject", q="n88")))[0].subject, "n880")
        self.assertEqual(box.rows(client.get(list_url(sort="subject", rev=1, q="n88")))[0].subject, "n889")

    def test_an_order_takes_too_long(self) -> None:
        """As it came, until it is ready; pages and places are of what is shown."""
        user, client = self.large()
        self.proxy.go.clear()
        self.proxy.holds = "UID SORT"
        page = client.get(list_url(sort="subject", rev=1))
        self.assertEqual(page.status, 200)
        self.assertIn(STILL_AT_WORK, page.text)
        self.assertEqual(box.rows(page)[0].subject, "n880")
        self.assertEqual(self.asked_for(user, "UID SORT"), 1)
        # Nobody waits for it a second time.
        start = time.monotonic()
        self.assertIn(STILL_AT_WORK, client.get(list_url(sort="subject", rev=1)).text)
        self.assertLess(time.monotonic() - start, PATIENCE_S - 1)
        self.assertEqual(self.asked_for(user, "UID SORT"), 1)
        self.assertIn('<a href="/list?folder=INBOX&amp;sort=subject&amp;rev=1">Look again', page.html)
        # The next page and the next message are those of the rows on the screen.
        second = client.get(page.link("Older"))
        self.assertEqual([row.subject for row in box.rows(second)], [f"n{930 + at}" for at in range(50)])
        message = client.get(box.rows(page)[1].url)
        self.assertEqual(box.heading(message), "n881")
        self.assertNotIn("sort=", box.rows(page)[1].url)
        done = client.press(page, "do=delete", uid=["120"])
        self.assertEqual(box.rows(done)[0].subject, "n881")
        self.assertEqual(box.rows(client.press(done, "Undo"))[0].subject, "n880")
        # Other orders are asked for.
        self.proxy.behave()
        self.assertEqual(box.rows(client.get(list_url(sort="size")))[0].subject[0], "n")
        self.assertGreater(self.asked_for(user, "UID SORT"), 1)

    def test_conversations_take_too_long(self) -> None:
        user, client = self.large()
        self.proxy.go.clear()
        self.proxy.holds = "UID THREAD"
        page = conversations(client)
        self.assertIn("The mail server is still putting this folder into conversations", page.text)
        self.assertEqual(box.rows(page)[0].subject, "n880")
        self.assertEqual(len(box.rows(page)), 50)
        client.get(list_url())
        self.assertEqual(self.asked_for(user, "UID THREAD"), 1)

    def test_a_dead_connection_is_no_setback(self) -> None:
        """One that ended while nobody looked says nothing about the folder."""
        user, client = self.large()
        conversations(client)
        box.put(self.backend, user, "INBOX", mail("New", "new"))
        self.proxy.cuts, self.proxy.cut_times = "UID THREAD", 1
        page = client.get(list_url())
        self.assertEqual(talks(page)[0].subject, "New")
        self.assertNotIn("broke off", page.text)
        self.assertEqual(self.proxy.cuts == NEVER, False)


class SmallMemoryTest(box.MailTest):
    """Dovecot itself, with less memory than THREAD needs for the folder."""

    other: ClassVar[box.OtherImap]
    someone: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.someone = box.new_user(cls.backend)
        cls.other = LittleMemory("", [cls.someone]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Mail"]["OrderLimit"] = 200
        sections["Host small.test"] = {"ImapPort": cls.other.ports["imaps"], "ImapCA": cls.other.ca_file}

    def test_thread_needs_more_than_there_is(self) -> None:
        box.fill(self.other, self.someone, (mail(f"n{at}", f"s{at}", *(f"{at}r{each}" for each in range(80))) for at in range(LITTLE_COUNT)))
        client = self.client(host="small.test")
        client.login(self.someone, self.other.passwords[self.someone])
        page = conversations(client)
        self.assertEqual(page.status, 200, page.text[:500])
        self.assertIn(BROKE_OFF, page.text)
        self.assertEqual(len(talks(page)), 50)
        said = self.other.dovecot_log.read_text()
        self.assertRegex(said, "Out of memory|mmap|vsz_limit")
        deaths = said.count("Fatal: pool_system")
        self.assertEqual(len(talks(client.get(list_url(page=2)))), 50)
        self.assertEqual(self.other.dovecot_log.read_text().count("Fatal: pool_system"), deaths)


LITTLE_COUNT = 4000


class LittleMemory(box.OtherImap):
    """All extensions, little memory for each process of a user."""

    def configure(self, text: str) -> str:
        return text.replace("service imap {", "service imap {\n  vsz_limit = 24 M")


del PoolTest, proc
