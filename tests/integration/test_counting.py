"""Folders of which the mail server has no index yet: pages do not wait for their counts."""

from __future__ import annotations

import time
from typing import ClassVar

import imapname
import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url

MANY = 260
STILL_COUNTING = "The mail server is still counting these folders"
SOON_S = 9.0


class Counting(ImapProxy):
    """From some folder of a connection on, and for each STATUS, the server takes its time."""

    def __init__(self, upstream_port: int) -> None:
        self.wait_s = 0.0
        self.quick = 205
        self.told: dict[int, int] = {}
        self.asked: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.asked.append(command.words)
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        if self.wait_s == 0:
            return response
        if response.startswith(b"* STATUS"):
            self.told[id(link)] = self.told.get(id(link), 0) + 1
            has_listed = any(each.name == "LIST" and b"STATUS" in each.rest for each in link.sent)
            if self.told[id(link)] > self.quick or not has_listed:
                self.closing.wait(self.wait_s)
        # At once, not with what else came.
        link.conn.send(response)
        return b""


class CountedTest(box.MailTest):
    proxy: ClassVar[Counting]
    wait: ClassVar[str] = "15s"

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Counting(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(ImapPort=cls.proxy.port, ImapSecurity="none", ImapWait=cls.wait, WatchConnections=0)
        box.new_user(cls.backend)

    def soon(self, client: Client, url: str) -> Page:
        start = time.monotonic()
        page = client.get(url)
        self.assertEqual(page.status, 200, page.text[:500])
        self.assertLess(time.monotonic() - start, SOON_S)
        return page


class CountingTest(CountedTest):
    def test_the_first_page_comes(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        with self.backend.imap(user) as conn:
            for at in range(MANY):
                conn.create(imapname.quoted(f"F{at:03}"))
        box.put(self.backend, user, "F250", letter("deep"))
        self.proxy.wait_s = 1.0
        client = self.client()
        start = time.monotonic()
        page = client.login(user, self.backend.passwords[user])
        self.assertLess(time.monotonic() - start, SOON_S)
        self.assertEqual([row.subject for row in box.rows(page)], ["two", "one"])
        self.assertIn(STILL_COUNTING, page.text)
        self.assertIn("more …", page.text)
        # Nor does any page after it wait for all of them, whatever it shows.
        self.assertIn(STILL_COUNTING, self.soon(client, list_url()).text)
        self.assertEqual(box.heading(self.soon(client, box.rows(page)[0].url)), "two")
        self.assertEqual([row.subject for row in box.rows(self.soon(client, list_url("F250")))], ["deep"])
        self.assertIn("F000", self.soon(client, "/folders").text)
        self.assertEqual(len([each for each in self.proxy.asked if each.startswith("LIST") and "STATUS" in each]), 1)
        # Then it is done, and says nothing any more.
        self.proxy.wait_s = 0
        page = self.soon(client, list_url())
        page = self.soon(client, list_url("F250"))
        self.assertNotIn(STILL_COUNTING, page.text)
        for _ in range(MANY // 40 + 1):
            page = self.soon(client, list_url())
        self.assertRegex(page.html, r"F250</bdi></span> <span class=\"count\">1<")


class FewTest(CountedTest):
    wait = "6s"

    def test_few_folders_that_take_too_long(self) -> None:
        """The messages are shown all the same, and the folders without counts."""
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        box.put(self.backend, user, "Deep", letter("deep"))
        with self.backend.imap(user) as conn:
            for at in range(40):
                conn.create(f"F{at:02}")
        self.proxy.wait_s, self.proxy.quick = 0.5, 0
        client = self.client()
        start = time.monotonic()
        page = client.login(user, self.backend.passwords[user])
        self.assertLess(time.monotonic() - start, SOON_S)
        self.assertEqual([row.subject for row in box.rows(page)], ["two", "one"])
        self.assertIn(STILL_COUNTING, page.text)
        self.assertIn("Deep", page.text)
        # Nor does any page after it wait for all of them, whatever it shows.
        for url in (list_url(), list_url("Deep")):
            self.assertIn(STILL_COUNTING, self.soon(client, url).text)
        self.assertRegex(self.soon(client, "/folders").text, r"F39 [^0-9]*not known")
        self.assertEqual(box.heading(self.soon(client, box.rows(page)[0].url)), "two")
        self.assertEqual(len([each for each in self.proxy.asked if each.startswith("LIST") and "STATUS" in each]), 1)
        # Then they are counted, and nothing is said any more.
        self.proxy.wait_s = 0
        self.soon(client, list_url())
        page = self.soon(client, list_url())
        self.assertNotIn(STILL_COUNTING, page.text)
        self.assertRegex(page.html, r"Deep</bdi></span> <span class=\"count\">1<")
        client.press(page, "do=flag", uid=["1"])
        self.assertIn("STATUS", [each for each in self.proxy.asked if each.startswith("LIST")][-1])
