"""What stands with a message that is opened again: the conversation and whether
its sender wrote before. The mail server does not search for it anew, and it is
as true as the first time."""

from __future__ import annotations

import re
from typing import ClassVar

import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url

HOST = "heard.test"
NOW = {"Cache-Control": "max-age=0"}
FIRST = "first message from this sender"


class Heard(ImapProxy):
    """Writes down what is asked."""

    def __init__(self, upstream_port: int) -> None:
        self.names: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.names.append(command.name)
        return command.whole


class AgainTest(box.MailTest):
    proxy: ClassVar[Heard]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Heard(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections[f"Host {HOST}"] = {"ImapPort": cls.proxy.port, "ImapSecurity": "none"}

    def begin(self) -> tuple[str, str, Client]:
        """A question of Ben's, another letter of his and one of Zoe's; nothing was sent about them."""
        user = self.person()
        first = letter("Plan").replace(b"Message-ID: <", b"Message-ID: <root.")
        found = re.search(rb"Message-ID: (<[^>]+>)", first)
        assert found
        box.put(self.backend, user, "INBOX", first, letter("Other"), letter("Third", sender="zoe@example.org"))
        box.put(self.backend, user, "Sent", letter("Old", to="chloe@example.com"), flags="\\Seen")
        client = self.client(host=HOST)
        client.login(user, self.backend.passwords[user])
        return user, found.group(1).decode(), client

    def answer(self, ident: str, subject: str = "Re: Plan", to: str = "ben@example.com") -> bytes:
        return letter(subject, sender="Me <me@demo.test>", to=to, extra=[("In-Reply-To", ident), ("References", ident)])

    def told(self, page: Page) -> int:
        """Rows of the conversation."""
        return page.html.partition('<section class="conversation"')[2].partition("</section>")[0].count("<li")

    def look(self, client: Client, uid: int) -> Page:
        return client.get(f"/message?folder=INBOX&uid={uid}")

    def test_nothing_is_searched_twice(self) -> None:
        _, _, client = self.begin()
        pages = [self.look(client, uid) for uid in (1, 2, 3)]
        self.proxy.names.clear()
        again = [self.look(client, uid) for uid in (1, 2, 3)]
        asked = {name for name in self.proxy.names if name.split()[-1] in ("SEARCH", "THREAD", "SELECT", "SORT")}
        self.assertEqual(asked - {"SELECT"}, set())
        self.assertLessEqual(self.proxy.names.count("SELECT"), 1)
        self.assertEqual([FIRST in each.text for each in again], [FIRST in each.text for each in pages])
        self.assertEqual([FIRST in each.text for each in again], [True, False, True])

    def test_what_one_sends_belongs_to_it_at_once(self) -> None:
        _, _, client = self.begin()
        self.assertEqual(self.told(self.look(client, 1)), 0)
        page = client.get(self.look(client, 1).link("Reply"))
        sent = client.submit(page.form(field="body"), "do=send", to="ben@demo.test", body="yes")
        self.assertEqual(sent.status, 200, sent.text[:200])
        self.assertEqual(self.told(self.look(client, 1)), 2)

    def test_what_others_sent_belongs_to_it(self) -> None:
        user, ident, client = self.begin()
        self.look(client, 1)
        self.look(client, 3)
        # As many as before, but others.
        box.expunge(self.backend, user, "1", "Sent")
        box.put(self.backend, user, "Sent", self.answer(ident), flags="\\Seen")
        # As when a list is shown: it counts the folders.
        client.get(list_url(), **NOW)
        self.assertEqual(self.told(self.look(client, 1)), 2)
        box.put(self.backend, user, "Sent", letter("Hello", to="zoe@example.org"), flags="\\Seen")
        client.get(list_url(), **NOW)
        self.assertEqual(self.told(self.look(client, 1)), 2)
        self.assertNotIn(FIRST, self.look(client, 3).text)
        box.expunge(self.backend, user, "2", "Sent")
        box.put(self.backend, user, "Sent", letter("Not about it"), flags="\\Seen")
        client.get(list_url(), **NOW)
        self.assertEqual(self.told(self.look(client, 1)), 0)

    def test_the_open_folder_is_as_it_is(self) -> None:
        user, ident, client = self.begin()
        self.assertEqual(self.told(self.look(client, 1)), 0)
        for count in (2, 3):
            box.put(self.backend, user, "INBOX", self.answer(ident))
            self.assertEqual(self.told(self.look(client, 1)), count)
            self.assertEqual(self.told(self.look(client, 1)), count)
        box.expunge(self.backend, user, "4")
        self.assertEqual(self.told(self.look(client, 1)), 2)
        box.expunge(self.backend, user, "5")
        box.put(self.backend, user, "INBOX", letter("Not about it"))
        self.assertEqual(self.told(self.look(client, 1)), 0)
