"""How messages begin, in lists: where the mail server tells it, and somebody wants it."""

from __future__ import annotations

import html
import re
from typing import ClassVar

import mailbox as box
import message as m
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url
from test_conversations import conversations, mail

HOSTILE = "Dear <b onclick=x>you</b> & all,\r\n\r\n\tsee \u202eexe.gpj\u202c and \u200bmore: " + "ä" * 300 + "\r\n"


class Listening(ImapProxy):
    """Notes what is asked; a mail server of which nobody knows what it does."""

    def __init__(self, upstream_port: int) -> None:
        self.commands: list[str] = []
        self.instead: bytes | None = None
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.commands.append(command.words)
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        if self.instead is None:
            return response
        return re.sub(rb'PREVIEW "[^"]*"', lambda _: b"PREVIEW " + self.instead, response)  # type: ignore[operator]


def shown(page: Page) -> list[str]:
    return [html.unescape(each) for each in re.findall(r'<span class="preview" dir="auto">(.*?)</span>', page.html, re.S)]


class PreviewTest(box.MailTest):
    proxy: ClassVar[Listening]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Listening(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update({"ImapPort": cls.proxy.port, "ImapSecurity": "none"})

    def setUp(self) -> None:
        super().setUp()
        self.proxy.instead = None

    def choose(self, client: Client, wanted: bool) -> None:
        form = client.get("/settings").form(field="previews")
        self.assertEqual(client.submit(form, "do=save", previews=wanted).status, 200)

    def asked(self, client: Client, url: str) -> tuple[Page, list[str]]:
        before = len(self.proxy.commands)
        page = client.get(url)
        return page, [words for words in self.proxy.commands[before:] if "PREVIEW" in words]

    def test_only_when_wanted(self) -> None:
        user = self.person()
        bodies = ["The first.\r\n", "The second,\r\nwith more.\r\n", HOSTILE, ""]
        box.put(self.backend, user, "INBOX", *(letter(f"n{at}", m.text(body)) for at, body in enumerate(bodies)))
        client = self.browser(user)
        page, asked = self.asked(client, list_url())
        self.assertEqual((shown(page), asked), ([], []))
        # Rows that were remembered without it, too; then they are remembered with it.
        self.choose(client, True)
        page, asked = self.asked(client, list_url())
        self.assertEqual(len(asked), 1)
        hostile, second, first = shown(page)
        self.assertEqual((first, second), ("The first.", "The second, with more."))
        self.assertTrue(hostile.startswith("Dear <b onclick=x>you</b> & all, see exe.gpj and more: ää"), hostile)
        self.assertLessEqual(len(hostile.encode()), 400)
        self.assertNotIn("<b onclick", page.html)
        again, asked = self.asked(client, list_url())
        self.assertEqual((shown(again), asked), (shown(page), []))
        for url in (list_url(sort="subject"), list_url(q="n1")):
            self.assertIn("The second, with more.", shown(client.get(url)))
        self.choose(client, False)
        page, asked = self.asked(client, list_url())
        self.assertEqual((shown(page), asked), ([], []))

    def test_conversations(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.choose(client, True)
        box.put(self.backend, user, "INBOX", mail("Plan", "a1"), mail("Re: Plan", "a2", "a1"))
        self.assertEqual(shown(conversations(client)), ["Hello."])

    def test_whatever_a_server_says(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.choose(client, True)
        for at, (said, seen) in enumerate((
            (b"NIL", []), (b'""', []), (b"{12}\r\ntwo\r\n\x1b[31m\xff.", ["two [31m\ufffd."]), (b"(x (y))", []), (b"7", ["7"]),
            (b'"' + b"a" * 5000 + b'"', ["a" * 400]), (b"{6}\r\n\xe2\x80\xae\xe2\x80\xae", []),
        )):  # fmt: skip
            with self.subTest(said[:20]):
                self.proxy.instead = said
                folder = f"F{at}"
                box.put(self.backend, user, folder, letter("subject here"))
                page = client.get(list_url(folder))
                self.assertIn("subject here", page.text)
                self.assertEqual(shown(page), seen)
                # Nothing that was said is asked for twice.
                self.assertEqual(self.asked(client, list_url(folder))[1], [])
