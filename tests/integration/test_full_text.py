"""A mail server with a full-text index (Dovecot's fts_xapian): the same is found, by the index.

What the index itself understands otherwise is not asked: NOT finds nothing
there (1.5.5), and a phrase goes over the end of a line.
"""

from __future__ import annotations

from typing import ClassVar

import mailbox as box
import message as m
import server as web
from mailbox import letter, list_url
from test_search import search_url

SEARCHES = ("quince", "body:quince", "subject:quince", "quin", "Käse", "medlar OR Käse", "nothinglikeit")


class IndexedImap(box.OtherImap):
    """Dovecot that indexes what it is asked for."""

    def configure(self, text: str) -> str:
        text = text.replace("mail_plugins = quota", "mail_plugins = fts fts_xapian quota")
        return text.replace("plugin {", "plugin {\n  fts = xapian\n  fts_xapian = partial=3 full=20\n  fts_enforced = yes", 1)


class FullTextTest(box.MailTest):
    other: ClassVar[IndexedImap]
    someone: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.someone = box.new_user(cls.backend)
        cls.other = IndexedImap("", [cls.someone]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Host indexed.test"] = {"ImapPort": cls.other.ports["imaps"], "ImapCA": cls.other.ca_file}

    def test_the_same_is_found(self) -> None:
        indexed = self.client(host="indexed.test")
        indexed.login(self.someone, self.other.passwords[self.someone])
        plain = self.browser(self.someone)
        for backend in (self.other, self.backend):
            box.put(
                backend, self.someone, "INBOX",
                letter("a quince"), letter("b", m.text("A ripe quince and a medlar.\n")), letter("c", m.text("Grüner Käse.\n")),
            )
            box.put(backend, self.someone, "Work", letter("d", m.text("Quinces, ripe\nquince.\n")))

        def found(words: str) -> list[list[str]]:
            return [
                sorted(row.subject for row in box.rows(client.get(url)))
                for client in (plain, indexed) for url in (list_url(q=words), search_url(words))
            ]

        for words in SEARCHES:
            here, everywhere, *by_index = found(words)
            self.assertEqual(by_index, [here, everywhere], words)
        self.assertEqual(found("quince")[3], ["a quince", "b", "d"])
        mail = self.other.folder / "mail" / self.someone
        self.assertTrue(list(mail.rglob("xapian-indexes/*")), "nothing was indexed")
        # What comes behind the index is found at once.
        box.put(self.other, self.someone, "INBOX", letter("e", m.text("One quince more.\n")))
        page = indexed.get(list_url(q="body:quince"))
        self.assertEqual([row.subject for row in box.rows(page)], ["e", "b"])
        # In another order, and all that match.
        page = indexed.get(list_url(q="body:quince", sort="subject"))
        self.assertEqual([row.subject for row in box.rows(page)], ["b", "e"])
