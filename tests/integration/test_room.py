"""How much an account may have begun and not sent; nothing of a form is lost by it."""

from __future__ import annotations

import mailbox as box
import server as web
import steps
from client import Client, Page


class RoomTest(box.MailTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections.setdefault("Writing", {}).update(
            {"MaxDraftsPerUser": 3, "MaxDraftFilesPerUser": 3, "MaxDraftBytesPerUser": "100K"}
        )

    def write(self, client: Client, verb: str = "save", page: Page | None = None, **fields: object) -> Page:
        page = page or client.get("/compose")
        return client.submit(page.form(action="/compose", field="body"), f"do={verb}", **fields)  # type: ignore[arg-type]

    def value(self, page: Page, name: str) -> str:
        field = page.form(action="/compose", field="body").find(name)
        assert field
        return field.value.strip()

    def old(self) -> None:
        steps.database(self.server, "UPDATE compose SET saved_s = saved_s - 7200")

    def test_drafts(self) -> None:
        client = self.browser(self.person())
        pages = [self.write(client, subject=f"s{at}") for at in range(3)]
        self.assertEqual({page.status for page in pages}, {200})
        full = self.write(client, subject="one more", body="my words", to="ben@demo.test")
        self.assertEqual(full.status, 413)
        self.assertIn("3 messages are begun and not sent, and there is room for 3.", full.text)
        self.assertEqual([self.value(full, each) for each in ("subject", "body", "to")], ["one more", "my words", "ben@demo.test"])
        # Those that are there can be worked on, and what goes out at once may go.
        again = self.write(client, page=pages[0], subject="changed")
        self.assertEqual(again.status, 200)
        subject = box.unique("sent")
        self.assertEqual(box.heading(self.write(client, "send", page=full, subject=subject)), "Sent")
        # What is discarded makes room.
        full = self.write(client, subject="later", body="kept words")
        self.assertEqual(full.status, 413)
        self.write(client, "discard", page=again)
        self.assertEqual(self.write(client, page=full).status, 200)
        # Another account has its own.
        self.assertEqual(self.write(self.browser(self.person()), subject="x").status, 200)

    def test_empty_ones_give_way(self) -> None:
        client = self.browser(self.person())
        for _ in range(2):
            self.write(client)
        self.write(client, subject="kept")
        self.assertEqual(self.write(client, subject="new").status, 413)
        self.old()
        self.assertEqual(self.write(client, subject="new").status, 200)
        self.assertEqual(self.write(client, subject="newer").status, 200)
        self.assertEqual(self.write(client, subject="newest").status, 413)

    def account_rows(self, page: Page) -> list[str]:
        """Ids of all that the account of this draft has."""
        found = steps.database(
            self.server, "SELECT id FROM compose WHERE account = (SELECT account FROM compose WHERE id = ?)", self.value(page, "id")
        )
        return sorted(str(each[0]) for each in found)

    def test_no_way_around(self) -> None:
        client = self.browser(self.person())
        pages = [self.write(client, subject=f"s{at}") for at in range(3)]
        ids = sorted(self.value(page, "id") for page in pages)
        # A form may speak of any version of what was never stored.
        for verb, version in (("save", "1"), ("save", "7"), ("autosave", "0"), ("autosave", "1"), ("leave", "0")):
            page = client.get("/compose")
            pairs = [(name, each) for name, each in page.form(action="/compose", field="body").values() if name not in ("file", "version")]
            said = client.post("/compose", [*pairs, ("version", version), ("do", verb)], multipart=True, follow=False)
            self.assertEqual((verb, said.status), (verb, 413))
            self.assertIn("there is room for 3", said.text)
            self.assertEqual(self.account_rows(pages[0]), ids)
        # One that is there is saved by itself as ever.
        pairs = [(name, each) for name, each in pages[0].form(action="/compose", field="body").values() if name not in ("file", "subject")]
        said = client.post("/compose", [*pairs, ("subject", "by itself"), ("do", "autosave")], multipart=True, follow=False)
        self.assertEqual(said.status, 200)
        # What is discarded is kept for a while, but not beside as many others.
        for page in pages[1:]:
            self.write(client, "discard", page=page)
        self.assertEqual(self.account_rows(pages[0]), ids)
        self.assertEqual([self.write(client, subject="new").status for _ in range(2)], [200, 200])
        self.assertEqual(len(self.account_rows(pages[0])), 3)
        self.assertEqual(self.write(client, subject="new").status, 413)

    def test_signatures_and_what_stands_below(self) -> None:
        client = self.browser(self.person())
        settings = client.get("/settings")
        client.submit(settings.form(field="signature"), signature="Yours\nAnna")
        page = client.get("/compose")
        sign = "\r\n\r\n-- \r\nYours\r\nAnna"
        self.assertEqual(self.value(page, "body").replace("\r\n", "\n"), "-- \nYours\nAnna")
        kept = [self.write(client, body=sign + "\r\nwords below"), self.write(client, body="\r\n-- \r\nNobody's")]
        # Formatted text that has not a letter may have something to see.
        pairs = [(name, each) for name, each in page.form(action="/compose", field="body").values() if name not in ("file", "body", "html", "rich")]
        pairs += [("rich", "1"), ("html", '<table bgcolor="red"><tr><td></td></tr></table>'), ("body", "")]
        kept += [client.post("/compose", [*pairs, ("do", "save")], multipart=True)]
        self.old()
        self.assertEqual(self.write(client, subject="new").status, 413)
        self.assertEqual(self.account_rows(kept[0]), sorted(self.value(page, "id") for page in kept))
        self.write(client, "discard", page=kept[0])
        empty = self.write(client, body=sign)
        self.assertEqual(self.write(client, subject="new").status, 413)
        self.old()
        self.assertEqual(self.write(client, subject="new").status, 200)
        self.assertNotIn(self.value(empty, "id"), self.account_rows(kept[1]))

    def test_files(self) -> None:
        client = self.browser(self.person())
        small = [(f"{at}.txt", "text/plain", b"x") for at in range(3)]
        page = self.write(client, "attach", subject="s", body="my words", files={"file": small})
        self.assertIn("2.txt", page.text)
        more = self.write(client, "attach", subject="t", body="other words", files={"file": [("more.txt", "text/plain", b"y")]})
        self.assertEqual(more.status, 413)
        self.assertIn("“more.txt” was not attached: 3 files are attached to your messages that are not sent yet, and there is room for 3.", more.text)
        self.assertEqual(self.value(more, "body"), "other words")
        self.write(client, "discard", page=page)
        more = self.write(client, "attach", page=more, files={"file": [("more.txt", "text/plain", b"y")]})
        self.assertEqual(more.status, 200)
        large = self.write(client, "attach", page=more, files={"file": [("large.bin", "application/octet-stream", b"z" * 90000)]})
        self.assertEqual(large.status, 200)
        other = self.write(client, "attach", subject="u", body="third", files={"file": [("other.bin", "application/octet-stream", b"z" * 20000)]})
        self.assertEqual(other.status, 413)
        self.assertIn("“other.bin” was not attached: the files of your messages that are not sent yet may have 100 KB together.", other.text)
        self.assertEqual(self.value(other, "body"), "third")
