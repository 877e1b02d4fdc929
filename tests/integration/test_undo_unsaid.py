"""Undo where the mail server does not say where messages went, and of many folders.

The server is the real one behind a proxy that takes UIDPLUS away, and MOVE, and
everything that is not in RFC 3501. What cannot be proven is not taken back.
"""

from __future__ import annotations

import re
from typing import ClassVar

import imapname
import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link, Without
from mailbox import letter, list_url
from test_import import mbox, zipped
from test_labels import chips

NO_UIDS, NEITHER, ONLY, TWINS, FEW = "nouids.test", "neither.test", "only.test", "twins.test", "few.test"
PAST_UNDO = "This cannot be taken back here"
WHEN = 1600000000.0


class Twins(Without):
    """Another program puts the same message there at the same moment."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__(upstream_port, "UIDPLUS", "MOVE")
        self.twin: tuple[object, str, str, bytes] | None = None

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name == "UID COPY" and self.twin is not None:
            backend, user, folder, message = self.twin
            self.twin = None
            backend.append(user, folder, [(message, "", WHEN)])  # type: ignore[attr-defined]
        return super().take(link, command)


class FewKeywords(ImapProxy):
    """Keeps the flags of RFC 9051 and one keyword, and says so; others it ignores."""

    def __init__(self, upstream_port: int) -> None:
        super().__init__(upstream_port)
        self.commands: list[str] = []

    def take(self, link: Link, command: Command) -> bytes | None:
        self.commands.append(command.words)
        if command.name == "UID STORE" and "$label1" not in command.words and "\\" not in command.words:
            link.conn.send(command.tag + b" OK done\r\n")
            return None
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        flags = rb"\\Answered \\Flagged \\Deleted \\Seen \\Draft $label1"
        return re.sub(rb"\[PERMANENTFLAGS \([^)]*\)\]", rb"[PERMANENTFLAGS (" + flags + rb")]", response)


class UnsaidTest(box.MailTest):
    proxies: ClassVar[dict[str, ImapProxy]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        port = cls.backend.ports["imap"]
        cls.proxies = {
            NO_UIDS: Without(port, "UIDPLUS"),
            NEITHER: Without(port, "UIDPLUS", "MOVE"),
            ONLY: Without(port, "IMAP4rev1 only"),
            TWINS: Twins(port),
            FEW: FewKeywords(port),
        }
        for name, made in cls.proxies.items():
            cls.addClassCleanup(made.close)
            sections[f"Host {name}"] = {"ImapPort": made.port, "ImapSecurity": "none"}

    def at(self, host: str, *messages: bytes) -> tuple[str, Client]:
        user = self.person()
        self.backend.append(user, "INBOX", [(each, "\\Flagged", WHEN + at) for at, each in enumerate(messages)])
        with self.imap(user) as conn:
            for folder in ("Work", "Archive"):
                conn.create(folder)
        client = self.client(host=host)
        client.login(user, self.backend.passwords[user])
        return user, client

    def there(self, user: str, folder: str) -> list[str]:
        """What is there and not marked as deleted."""
        with self.imap(user) as conn:
            if conn.select(imapname.quoted(folder), readonly=True)[0] != "OK":
                return []
            found = []
            for each in conn.search(None, "UNDELETED")[1][0].split():
                head = conn.fetch(each.decode(), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0]
                assert isinstance(head, tuple)
                found.append(head[1].decode().partition(": ")[2].strip())
        return sorted(found)

    def has_undo(self, page: Page) -> bool:
        return any(each.label == "Undo" for form in page.forms for each in form.buttons())

    # -- moved, without being told where ------------------------------------

    def test_moves_on_old_servers(self) -> None:
        same = letter("same")
        for host in (NO_UIDS, NEITHER):
            with self.subTest(host):
                user, client = self.at(host, same, same, letter("three"), letter("four"))
                box.put(self.backend, user, "Work", letter("at work"))
                whole = self.there(user, "INBOX")
                for verb, folder, how in (("move", "Work", {"to": "Work"}), ("delete", "Trash", {}), ("junk", "Junk", {}), ("archive", "Archive", {})):
                    before = self.there(user, folder)
                    page = client.get(list_url())
                    some = [str(row.uid) for row in box.rows(page) if row.subject in ("same", "four") and "Deleted" not in row.marks]
                    self.assertEqual(len(some), 3)
                    done = client.press(page, f"do={verb}", uid=some, **how)
                    self.assertEqual((self.there(user, "INBOX"), self.there(user, folder)), (["three"], sorted([*before, "four", "same", "same"])), verb)
                    self.assertNotIn(PAST_UNDO, done.text)
                    back = client.press(done, "Undo")
                    self.assertIn("3 messages put back.", back.text)
                    self.assertEqual((self.there(user, "INBOX"), self.there(user, folder)), (whole, before), verb)
                    # As they were: flagged, and no word of junk.
                    for marks in box.flags(self.backend, user, "INBOX").values():
                        if "\\Deleted" not in marks:
                            self.assertEqual(marks & {"\\Flagged", "$Junk"}, {"\\Flagged"})
                proxy = self.proxies[host]
                assert isinstance(proxy, Without)
                self.assertEqual(proxy.refused, [])

    def test_copies(self) -> None:
        """Into Trash, with and without being told which they are."""
        for host in ("mail.demo.test", NO_UIDS, NEITHER):
            with self.subTest(host):
                user, client = self.at(host, letter("one"), letter("two"))
                box.put(self.backend, user, "Work", letter("at work"))
                done = client.press(client.get(list_url()), "do=copy", uid=["1", "2"], to="Work")
                self.assertEqual(self.there(user, "Work"), ["at work", "one", "two"])
                back = client.press(done, "Undo")
                self.assertIn("2 copies were taken away again.", back.text)
                self.assertEqual(self.there(user, "Work"), ["at work"])
                self.assertEqual((self.there(user, "INBOX"), self.there(user, "Trash")), (["one", "two"], ["one", "two"]))

    def test_not_provably_ours(self) -> None:
        twin = letter("twin")
        proxy = self.proxies[TWINS]
        assert isinstance(proxy, Twins)
        user, client = self.at(TWINS, twin, letter("other"))
        proxy.twin = (self.backend, user, "Work", twin)
        done = client.press(client.get(list_url()), "do=move", uid=["1"], to="Work")
        self.assertIn("1 message moved. " + PAST_UNDO, done.text)
        self.assertFalse(self.has_undo(done))
        self.assertEqual(self.there(user, "Work"), ["twin", "twin"])
        # One that is like it came before: that is none of ours.
        user, client = self.at(TWINS, twin)
        self.backend.append(user, "Work", [(twin, "", WHEN)])
        done = client.press(client.get(list_url()), "do=move", uid=["1"], to="Work")
        client.press(done, "Undo")
        self.assertEqual((self.there(user, "INBOX"), self.there(user, "Work")), (["twin"], ["twin"]))
        self.assertNotIn("\\Deleted", box.flags(self.backend, user, "Work")[1])

    def test_originals_that_are_gone(self) -> None:
        """The copy is all there is: it stays."""
        user, client = self.at(NEITHER, letter("one"), letter("two"))
        done = client.press(client.get(list_url()), "do=delete", uid=["1", "2"])
        box.store(self.backend, user, "1", "-FLAGS (\\Deleted)")
        with self.imap(user) as conn:
            conn.select("INBOX")
            conn.expunge()
        back = client.press(done, "Undo")
        self.assertIn("Another program has removed some of the messages for good", back.text)
        self.assertEqual((self.there(user, "INBOX"), self.there(user, "Trash")), (["one"], ["one", "two"]))

    # -- many folders -------------------------------------------------------

    def test_hits_in_many_folders(self) -> None:
        """One token for all of them, however many."""
        user, client = self.at("mail.demo.test", letter("quince 0"))
        for at in range(1, 31):
            box.put(self.backend, user, f"Folder {at}", letter(f"quince {at}"))
        page = client.get("/search?q=quince")
        picks = re.findall(r'name="pick" value="([^"]+)"', page.html)
        self.assertEqual(len(picks), 31)
        done = client.press(page, "do=delete", pick=picks)
        self.assertEqual(len(self.there(user, "Trash")), 31)
        self.assertIn("31 messages put back.", client.press(done, "Undo").text)
        self.assertEqual((self.there(user, "Trash"), self.there(user, "Folder 30")), ([], ["quince 30"]))

    # -- imports ------------------------------------------------------------

    def take_in(self, client: Client, name: str, data: bytes) -> Page:
        form = client.follow(client.get(list_url()), "Import messages …").form(button="Import")
        return client.submit(form, "Import", files={"file": [(name, "application/octet-stream", data)]})

    def test_imports(self) -> None:
        same = letter("same", when=WHEN)
        for host in (NO_UIDS, ONLY):
            with self.subTest(host):
                user, client = self.at(host, letter("before"))
                mail = [letter(f"n{at}", when=WHEN) for at in range(70)]
                page = self.take_in(client, "a.mbox", mbox(*mail, same, same))
                self.assertIn("72 messages came in.", page.text)
                self.assertNotIn(PAST_UNDO, page.text)
                self.assertIn("The import was taken back.", client.press(page, "Undo").text)
                self.assertEqual((self.there(user, "INBOX"), len(self.there(user, "Trash"))), (["before"], 72))

    def test_an_archive_of_very_many_names(self) -> None:
        """Those that are no messages cost no memory that stays."""
        user, client = self.at("mail.demo.test")
        names = {f"{'x' * 180}{at:06d}_txt": b"words\n" for at in range(2000)}
        page = self.take_in(client, "many.zip", zipped(**names, z_eml=letter("at the end")))
        self.assertIn("1 message came in.", page.text)
        self.assertIn("2000 were left out.", page.text)
        self.assertEqual(self.there(user, "INBOX"), ["at the end"])

    # -- labels that are not kept -------------------------------------------

    def test_labels_that_the_server_does_not_keep(self) -> None:
        user, client = self.at(FEW, letter("one"), letter("two"))
        proxy = self.proxies[FEW]
        assert isinstance(proxy, FewKeywords)
        refused = client.press(client.get(list_url()), "do=label", uid=["1", "2"], label="$label2")
        self.assertIn("The mail server keeps no labels in this folder. Nothing was changed.", refused.text)
        self.assertFalse([each for each in proxy.commands if "STORE" in each and "$label2" in each])
        self.assertEqual(chips(client.get(list_url())), [])
        # What it keeps can be set, and is.
        done = client.press(client.get(list_url()), "do=label", uid=["1"], label="$label1")
        self.assertIn("The label is set on 1 message.", done.text)
        self.assertIn("$label1", {each.lower() for each in box.flags(self.backend, user, "INBOX")[1]})
        client.press(done, "Undo")
        self.assertNotIn("$label1", {each.lower() for each in box.flags(self.backend, user, "INBOX")[1]})
        # Marks that all servers keep, and moving to junk, go on as ever.
        client.press(client.get(list_url()), "do=junk", uid=["2"])
        self.assertEqual(self.there(user, "Junk"), ["two"])
        self.assertFalse([each for each in proxy.commands if "STORE" in each and "Junk" in each])


__all__ = ["UnsaidTest"]
