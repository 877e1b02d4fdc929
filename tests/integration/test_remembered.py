"""What the server remembers of messages it showed is never shown as more than it is."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import mailbox as box
import message as m
import server as web
from client import Client, Page
from mailbox import letter, list_url, rows

HTML = "<p>formatted <b>words</b></p>"


def address(uid: int, path: str = "/message", folder: str = "INBOX", **more: object) -> str:
    rest = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{path}?folder={folder}&uid={uid}{rest}"


def around(page: Page) -> tuple[int, int]:
    """UIDs of the newer and the older message; 0: none."""
    found = []
    for words in ("Newer", "Older"):
        link = next((each for text, each in page.links if text == words), "")
        uid = re.search(r"uid=(\d+)", link)
        found.append(int(uid[1]) if uid else 0)
    return found[0], found[1]


def buttons(page: Page) -> set[str]:
    return {f"{each.name}={each.value}" for form in page.forms for each in form.buttons()}


class RememberedTest(box.MailTest):
    def formatted(self, subject: str) -> bytes:
        return letter(subject, m.multi("alternative", [m.text("plain words\n"), m.html(HTML)], "alt"))

    def test_deleted_elsewhere(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(self.formatted(f"n{at}") for at in range(1, 4)))
        client = self.browser(user)
        paths = [address(2), address(2, "/body", part=2), address(2, "/part", part=2), address(2, "/headers")]
        for _ in range(2):
            for each in paths:
                self.assertEqual(client.get(each).status, 200, each)
        self.assertEqual(around(client.get(address(3))), (0, 2))
        box.expunge(self.backend, user, "2")
        for each in paths:
            self.assertEqual(client.get(each).status, 404, each)
        self.assertEqual(around(client.get(address(3))), (0, 1))
        self.assertEqual(around(client.get(address(1))), (3, 0))

    def test_flags_are_asked_for(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        client = self.browser(user)
        for _ in range(2):
            self.assertIn("do=flag", buttons(client.get(address(1))))
        box.store(self.backend, user, "1", "+FLAGS (\\Flagged)")
        self.assertIn("do=unflag", buttons(client.get(address(1))))
        box.store(self.backend, user, "1", "-FLAGS (\\Flagged \\Seen)")
        page = client.get(address(1))
        self.assertIn("do=flag", buttons(page))
        # Reading it again, from memory, makes it read again.
        self.assertEqual(box.flags(self.backend, user, "INBOX")[1], {"\\Seen"})
        marks = {each.uid: each.marks for each in rows(client.get(list_url()))}
        self.assertEqual(marks, {1: set(), 2: {"Unread"}})

    def test_the_same_uid_of_another_folder(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("here"))
        box.put(self.backend, user, "Old", letter("before"))
        client = self.browser(user)
        for _ in range(2):
            self.assertEqual(box.heading(client.get(address(1))), "here")
            self.assertEqual(box.heading(client.get(address(1, folder="Old"))), "before")
        with self.imap(user) as conn:
            conn.delete("Old")
        box.put(self.backend, user, "Old", letter("after"))
        # Within a second Dovecot itself may not notice; the list makes it look.
        self.assertEqual([each.subject for each in rows(client.get(list_url("Old")))], ["after"])
        self.assertEqual(box.heading(client.get(address(1, folder="Old"))), "after")
        other = self.person()
        box.put(self.backend, other, "INBOX", letter("of somebody else"))
        self.assertEqual(box.heading(self.browser(other).get(address(1))), "of somebody else")

    def test_neighbours_far_away(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(letter(f"n{at}") for at in range(1, 61)))
        client = self.browser(user)
        self.assertEqual(around(client.get(address(30))), (31, 29))
        box.expunge(self.backend, user, "6:29,31:55")
        self.assertEqual(around(client.get(address(30))), (56, 5))
        self.assertEqual(around(client.get(address(5))), (30, 4))
        self.assertEqual(around(client.get(address(60))), (0, 59))
        box.put(self.backend, user, "INBOX", letter("n61"))
        self.assertEqual(around(client.get(address(60))), (61, 59))

    def test_a_conversation_grows_and_shrinks(self) -> None:
        user = self.person()
        ident = "<root.of.it@example.com>"
        box.put(self.backend, user, "INBOX", letter("Plan", extra=[("References", ident)]), letter("Other"))
        client = self.browser(user)
        count = r'<section class="conversation"'
        self.assertNotRegex(client.get(address(1)).html, count)
        self.assertNotRegex(client.get(address(2)).html, count)
        box.put(self.backend, user, "INBOX", letter("Re: Plan", extra=[("References", ident)]))
        for uid in (1, 3):
            self.assertRegex(client.get(address(uid)).html, count)
        self.assertNotRegex(client.get(address(2)).html, count)
        box.store(self.backend, user, "3", "+FLAGS (\\Seen)")
        self.assertNotIn("Unread", self.conversation(client.get(address(1))))
        box.expunge(self.backend, user, "3")
        self.assertNotRegex(client.get(address(1)).html, count)

    def conversation(self, page: Page) -> str:
        found = re.search(r'<section class="conversation".*?</section>', page.html, re.S)
        assert found
        return found[0]

    def test_long_texts_come_whole(self) -> None:
        user = self.person()
        long = [f"line {at} of {name}\n" for name in ("one", "two") for at in range(2000)]
        parts = [m.text("".join(long[at : at + 2000])) for at in (0, 2000)]
        box.put(self.backend, user, "INBOX", letter("long", m.multi("mixed", [*parts, m.text("the end\n")], "mix")))
        client = self.browser(user)
        for _ in range(2):
            text = client.get(address(1)).text
            for words in ("line 0 of one", "line 1999 of one", "line 0 of two", "line 1999 of two", "the end"):
                self.assertIn(words, text)

    def test_cleaned_text_is_of_its_options(self) -> None:
        user = self.person()
        picture = '<p>words</p><img src="https://t.example.com/p.gif">'
        inline = m.multi(
            "related",
            [m.html('<img src="cid:pic@x">'), m.inline_image("pic@x", m.png(8, 8, (1, 2, 3)))],
            "rel",
        )
        box.put(self.backend, user, "INBOX", letter("far", m.html(picture)), letter("near", inline))
        client = self.browser(user)
        page = client.get(address(1))
        for _ in range(2):
            left_out = client.get(address(1, "/body", part=1)).html
            self.assertIn("words", left_out)
            self.assertNotIn("t.example.com", left_out)
            shown = client.get(page.link("Show them this time")).html
            frame = re.search(r'<iframe[^>]* src="([^"]*)"', shown)
            assert frame
            for _ in range(2):
                self.assertIn("t.example.com/p.gif", client.get(frame[1].replace("&amp;", "&")).html)
        # Addresses of images hold for minutes only: they are made each time.
        found = [
            re.findall(r"/image[?]t=[^\"]*", client.get(address(2, "/body", part=1)).html)[0]
            for _ in range(2)
        ]
        self.assertNotEqual(found[0], found[1])
        for each in found:
            self.assertEqual(client.get(each.replace("&amp;", "&")).status, 200)

    def test_many_at_once(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(self.formatted(f"n{at}") for at in range(1, 21)))
        clients = [self.browser(user) for _ in range(4)]

        def walk(client: Client) -> list[str]:
            return [
                box.heading(client.get(address(uid)))
                + client.get(address(uid, "/body", part=2)).text[-len("formatted words") :]
                for uid in range(1, 21)
            ]

        with ThreadPoolExecutor(4) as threads:
            for shown in threads.map(walk, clients):
                self.assertEqual(shown, [f"n{at}formatted words" for at in range(1, 21)])


class NothingKeptTest(box.MailTest):
    """MessageMemory=0, and one connection for everything."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections.setdefault("Reading", {})["MessageMemory"] = "0"
        sections.setdefault("Mail", {})["ImapConnectionsPerUser"] = "1"

    def test_it_works_all_the_same(self) -> None:
        user = self.person()
        tnef = m.attachment("winmail.dat", "application/ms-tnef", b"not of Outlook")
        box.put(self.backend, user, "INBOX", letter("one", m.multi("mixed", [m.text("hello\n"), tnef], "mix")), letter("two"))
        client = self.browser(user)
        for _ in range(2):
            page = client.get(address(1))
            self.assertEqual(box.heading(page), "one")
            self.assertIn("hello", page.text)
        self.assertEqual(client.get(address(9)).status, 404)
        self.assertEqual(box.heading(client.get(address(2))), "two")
