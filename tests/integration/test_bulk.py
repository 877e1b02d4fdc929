"""All that match: more than a page holds, never more than was meant."""

from __future__ import annotations

import base64
import email
import io
import random
import re
import select
import socket
import zipfile
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlencode

import mailbox as box
import proc
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mockmail import Gone
from mailbox import letter, list_url

COUNT = 1200


class BulkCase(box.MailTest):
    """Somebody with more messages than a page has rows."""

    def someone(self, count: int = COUNT) -> tuple[str, Client, Page]:
        user = self.person()
        box.fill(self.backend, user, (letter(f"{'odd' if at % 2 else 'even'} {at}") for at in range(count)))
        client = self.browser(user)
        return user, client, client.get(list_url())

    def count(self, user: str, folder: str = "INBOX") -> int:
        return self.backend.count(user, folder)

    def unseen(self, user: str) -> int:
        return sum("\\Seen" not in each for each in box.flags(self.backend, user, "INBOX").values())


class BulkTest(BulkCase):
    def test_the_whole_folder_there_and_back(self) -> None:
        user, client, page = self.someone()
        done = client.press(page, "do=delete", all=str(COUNT))
        self.assertIn(f"{COUNT} messages moved to the trash.", done.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (0, COUNT))
        back = client.press(done, "Undo")
        self.assertIn(f"{COUNT} messages put back.", back.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (COUNT, 0))
        self.assertEqual(self.unseen(user), 0)

    def test_only_what_the_search_finds(self) -> None:
        user, client, _ = self.someone()
        found = client.get(list_url(q="odd"))
        self.assertIn(f"All {COUNT // 2} messages that were found", found.text)
        # All that match, though only one row is ticked.
        done = client.press(found, "do=move", all=str(COUNT // 2), uid=["2"], to="Archive")
        self.assertIn(f"{COUNT // 2} messages moved.", done.text)
        self.assertEqual(self.count(user), COUNT // 2)
        self.assertTrue(all(each.startswith("even") for each in box.subjects(self.backend, user, "INBOX")))
        # What is left has holes everywhere: too long for an address.
        done = client.press(client.get(list_url()), "do=unread", all=str(COUNT // 2))
        self.assertIn(f"{COUNT // 2} messages marked as unread.", done.text)
        self.assertEqual(self.unseen(user), COUNT // 2)
        self.assertLess(len(done.url), 1000)
        undone = client.press(done, "Undo")
        self.assertIn(f"{COUNT // 2} messages are marked as before.", undone.text)
        self.assertEqual(self.unseen(user), 0)

    def test_expired_pages_keep_the_search(self) -> None:
        user, _, _ = self.someone(120)
        client = self.client()
        client.login(user, self.backend.passwords[user], expire=True)
        page = client.get(list_url())
        found = client.submit(page.form(field="q"), q="odd", **{"in": "here"})
        self.assertNotIn("odd", found.url)
        done = client.press(found, "do=delete", all="60")
        self.assertIn("60 messages moved to the trash.", done.text)
        self.assertTrue(all(each.startswith("even") for each in box.subjects(self.backend, user, "INBOX")))

    def test_undo_restores_only_what_it_changed(self) -> None:
        user, client, _ = self.someone(120)
        box.store(self.backend, user, "1:30", "-FLAGS (\\Seen)")
        box.store(self.backend, user, "1:10", "+FLAGS (\\Flagged)")
        page = client.get(list_url())
        client.press(client.press(page, "do=read", all="120"), "Undo")
        self.assertEqual(self.unseen(user), 30)
        client.press(client.press(page, "do=flag", all="120"), "Undo")
        flagged = {uid for uid, flags in box.flags(self.backend, user, "INBOX").items() if "\\Flagged" in flags}
        self.assertEqual(flagged, set(range(1, 11)))

    def test_others_match_now(self) -> None:
        user, client, page = self.someone(120)
        box.put(self.backend, user, "INBOX", letter("odd, just come"))
        asked = client.press(page, "do=delete", all="120")
        self.assertEqual(box.heading(asked), "Other messages match now")
        self.assertIn("there were 120 messages; now there are 121", asked.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (121, 0))
        box.put(self.backend, user, "INBOX", letter("one more"))
        again = client.press(asked, "Delete all")
        self.assertIn("there were 121 messages; now there are 122", again.text)
        self.assertEqual(self.count(user), 122)
        done = client.press(again, "Delete all")
        self.assertIn("122 messages moved to the trash.", done.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (0, 122))

    def test_a_search_that_is_lost_deletes_nothing(self) -> None:
        """The words do not come along: the count differs, and it asks."""
        user, client, _ = self.someone(120)
        found = client.get(list_url(q="odd"))
        asked = client.press(found, "do=delete", all="60", words="")
        self.assertIn("there were 60 messages; now there are 120", asked.text)
        self.assertEqual(self.count(user), 120)

    def test_final_deleting_asks_with_the_count(self) -> None:
        user, client, page = self.someone(120)
        client.press(page, "do=delete", all="120")
        trash = client.get(list_url("Trash"))
        asked = client.press(trash, "do=delete", all="120")
        self.assertIn("Delete these 120 messages for good?", asked.text)
        box.put(self.backend, user, "Trash", letter("came meanwhile"))
        again = client.press(asked, "Delete for good")
        self.assertIn("there were 120 messages; now there are 121", again.text)
        self.assertIn("cannot be brought back", again.text)
        self.assertEqual(self.count(user, "Trash"), 121)
        # One goes, another comes: as many as before, and still not those.
        box.expunge(self.backend, user, "1", "Trash")
        box.put(self.backend, user, "Trash", letter("nobody saw it"))
        again = client.press(again, "Delete all for good")
        self.assertIn("There are still 121 messages, but others", again.text)
        self.assertEqual(self.count(user, "Trash"), 121)
        done = client.press(again, "Delete all for good")
        self.assertIn("121 messages deleted for good.", done.text)
        self.assertEqual(self.count(user, "Trash"), 0)

    def test_copy(self) -> None:
        user, client, page = self.someone(120)
        done = client.press(page, "do=copy", all="120", to="Archive")
        self.assertIn("120 messages copied.", done.text)
        self.assertEqual((self.count(user), self.count(user, "Archive")), (120, 120))
        one = client.press(page, "do=copy", uid=["120"], to="Archive")
        self.assertIn("1 message copied.", one.text)
        self.assertEqual(self.count(user, "Archive"), 121)
        asked = client.press(page, "do=copy", uid=["120"])
        self.assertEqual(box.heading(asked), "Copy to which folder?")
        # Taken away again are the copies, nothing else that is there.
        back = client.press(one, "Undo")
        self.assertIn("1 copy was taken away again.", back.text)
        self.assertEqual((self.count(user), self.count(user, "Archive"), self.count(user, "Trash")), (120, 120, 1))
        box.put(self.backend, user, "Archive", letter("came meanwhile"))
        self.assertIn("120 copies were taken away again.", client.press(done, "Undo").text)
        self.assertEqual(box.subjects(self.backend, user, "Archive"), ["came meanwhile"])
        self.assertEqual((self.count(user), self.count(user, "Trash")), (120, 121))
        # Copies in the trash have nowhere else to go.
        there = client.press(page, "do=copy", uid=["118", "119"], to="Trash")
        self.assertEqual(self.count(user, "Trash"), 123)
        client.press(there, "Undo")
        self.assertEqual((self.count(user), self.count(user, "Trash")), (120, 121))

    def test_folder_made_anew(self) -> None:
        user, client, page = self.someone(120)
        answer = client.press(page, "do=delete", all="120", uidvalidity="7")
        self.assertEqual(answer.status, 404)
        self.assertEqual(self.count(user), 120)

    def test_a_kept_undo_is_of_its_session(self) -> None:
        user, client, _ = self.someone()
        # Lone UIDs: too many for an address.
        kept = client.press(client.get(list_url(q="even")), "do=unread", all=str(COUNT // 2))
        token = kept.form(button="Undo").find("undo")
        assert token and token.value.startswith("."), token
        box.put(self.backend, thief := self.person(), "INBOX", letter("n1"))
        for other in (self.browser(thief), self.browser(user)):
            csrf = other.get(list_url()).form(action="/act", field="csrf").find("csrf")
            assert csrf
            pairs = [("csrf", csrf.value), ("do", "undo"), ("undo", token.value), ("folder", "INBOX"), ("back", "/list")]
            answer = other.post("/act", pairs)
            self.assertIn(answer.status, (400, 403, 404))
            self.assertIn("can no longer be undone", answer.text)
        self.assertEqual(self.unseen(user), COUNT // 2)
        client.press(kept, "Undo")
        self.assertEqual(self.unseen(user), 0)

    def test_saved_as_an_archive(self) -> None:
        user, client, _ = self.someone(120)
        asked = client.press(client.get(list_url(q="odd")), "do=save", all="60")
        self.assertIn("60 messages. An archive", asked.text)
        saved = client.press(asked, "Archive (zip)")
        self.assertEqual(saved.status, 200)
        with zipfile.ZipFile(io.BytesIO(saved.body)) as archive:
            self.assertIsNone(archive.testzip())
            names = archive.namelist()
            self.assertEqual(len(set(names)), 60)
            self.assertEqual(names[0], "000002 odd 1.eml")
            first = email.message_from_bytes(archive.read(names[0]))
            self.assertEqual((first["Subject"], first["From"]), ("odd 1", "Ben Okafor <ben@example.com>"))

    def test_too_many_words(self) -> None:
        user, client, page = self.someone(120)
        answer = client.press(page, "do=delete", all="120", words="( " * 5000)
        self.assertEqual(answer.status, 400)
        self.assertEqual(self.count(user), 120)

    def test_a_slow_browser_and_logging_off(self) -> None:
        """What is on its way ends soon after, however slowly it is read."""
        user = self.person()
        # Of what cannot be packed well: else the archive is done before.
        large = letter("large") + base64.encodebytes(random.randbytes(10**6)).replace(b"\n", b"\r\n")
        box.put(self.backend, user, "INBOX", *([large] * 40))
        for button, end in (("Archive (zip)", b"PK\5\6"), ("One mail file (mbox)", b"0\r\n\r\n")):
            client = self.browser(user)
            page = client.get(list_url())
            asked = client.press(page, "do=save", uid=[str(each) for each in box.uids(page)])
            form = asked.form(button=button)
            chosen = form.button(button)
            body = urlencode([*form.values(), (chosen.name, chosen.value)]).encode()  # type: ignore[list-item]
            jar = "; ".join(f"{each.name}={each.value}" for each in client.cookies.values())
            head = (
                f"POST {form.action} HTTP/1.1\r\nHost: {client.host}:{client.plain_port}\r\nCookie: {jar}\r\nConnection: close\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
            )
            with socket.socket() as browser:
                browser.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 << 10)
                browser.settimeout(60)
                browser.connect((proc.LOOPBACK, client.plain_port))
                browser.sendall(head.encode() + body)
                got = browser.recv(65536)
                self.assertTrue(got.startswith(b"HTTP/1.1 200"), got[:200])
                client.press(client.get(list_url()), "Log off")
                size, tail = len(got), got
                # About 1 MB a second, of 40 MB and more.
                while piece := browser.recv(32768):
                    size, tail = size + len(piece), (tail + piece)[-100:]
                    select.select([], [], [], 0.03)
                self.assertNotIn(end, tail)
                self.assertLess(size, 30 * 10**6)

    def test_saved_as_mbox(self) -> None:
        user = self.person()
        plain = letter("n1")
        odd = letter("odd one") + b"From here on\r\n>From quoted\r\n\r\nFrom\r\nno end"
        box.put(self.backend, user, "INBOX", plain, odd, letter("n3"))
        client = self.browser(user)
        page = client.get(list_url())
        saved = client.press(client.press(page, "do=save", uid=["1", "2"]), "One mail file (mbox)")
        one, two = re.split(rb"(?m)^From ben@example\.com \w{3} .*\n", saved.body)[1:]
        self.assertEqual(one, plain.replace(b"\r", b"") + b"\n")
        self.assertEqual(re.sub(rb"(?m)^>(>*From )", rb"\1", two), odd.replace(b"\r", b"") + b"\n\n")
        gone = client.press(page, "do=save", uid=["2"])
        box.expunge(self.backend, user, "2")
        answer = client.press(gone, "One mail file (mbox)")
        self.assertEqual(answer.status, 404)
        self.assertIn("These messages are gone", answer.text)


class LongTest(BulkCase):
    """More than there is time for: in pieces of 2,000, with a button that goes on."""

    fault: ClassVar[Path]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.server.binary = web.program("iwebmsgd-faults")
        cls.fault = Path(str(sections["Server"]["StateDir"])) / "fault"
        cls.server.env = {"IWEBMSG_FAULT_FILE": str(cls.fault)}

    def setUp(self) -> None:
        self.fault.write_text("fail bulk.time\n")
        self.addCleanup(self.fault.unlink)

    def goes_on(self, page: Page, client: Client) -> tuple[list[str], Page]:
        """What stood on the pages in between, and the last one."""
        between = []
        while box.heading(page) == "This takes longer":
            between.append(page.text)
            page = client.press(page, "Go on")
        return between, page

    def test_moved_in_three_goes_and_back(self) -> None:
        user, client, page = self.someone(4500)
        between, done = self.goes_on(client.press(page, "do=delete", all="4500"), client)
        self.assertEqual([each.count("are done") for each in between], [1, 1])
        self.assertIn("2000 messages are done, 2500 are left.", between[0])
        self.assertIn("4000 messages are done, 500 are left.", between[1])
        self.assertIn("4500 messages moved to the trash.", done.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (0, 4500))
        between, back = self.goes_on(client.press(done, "Undo"), client)
        self.assertEqual(len(between), 2)
        self.assertIn("4500 messages put back.", back.text)
        self.assertEqual((self.count(user), self.count(user, "Trash")), (4500, 0))

    def test_hits_of_several_folders(self) -> None:
        user, client, _ = self.someone(2100)
        box.put(self.backend, user, "Archive", *(letter(f"kept {at}") for at in range(7)))
        told = client.press(client.get("/search?in=all&q=smaller%3A1M"), "do=delete", all=True)
        self.assertIn("2000 messages are done, 107 are left.", told.text)
        _, done = self.goes_on(told, client)
        self.assertIn("2107 messages moved to the trash.", done.text)
        self.assertEqual((self.count(user), self.count(user, "Archive"), self.count(user, "Trash")), (0, 0, 2107))
        _, back = self.goes_on(client.press(done, "Undo"), client)
        self.assertIn("messages put back.", back.text)
        self.assertEqual((self.count(user), self.count(user, "Archive"), self.count(user, "Trash")), (2100, 7, 0))

    def test_copied_once_and_stopped(self) -> None:
        user, client, page = self.someone(2100)
        asked = client.press(page, "do=copy", all="2100", to="Archive")
        self.assertEqual(self.count(user, "Archive"), 2000)
        # One more comes: those that are left are others than the page says.
        box.put(self.backend, user, "INBOX", letter("came meanwhile"))
        differs = client.press(asked, "Go on")
        self.assertIn("there were 100 messages; now there are 101", differs.text)
        self.assertEqual(self.count(user, "Archive"), 2000)
        done = client.press(differs, "Copy all")
        self.assertEqual(self.count(user, "Archive"), 2101)
        self.assertEqual(len(set(box.subjects(self.backend, user, "Archive"))), 2101)
        # Those of both goes.
        self.goes_on(client.press(done, "Undo"), client)
        self.assertEqual((self.count(user), self.count(user, "Archive")), (2101, 0))


class Vanishing(ImapProxy):
    """Goes away when a message of one folder is to be moved, until it is told to come back."""

    folder = ""
    is_away = False

    def greet(self, link: Link) -> bool:
        self.fall()
        return True

    def take(self, link: Link, command: Command) -> bytes | None:
        if self.folder and link.folder == self.folder and command.name == "UID MOVE":
            self.folder, self.is_away = "", True
        self.fall()
        return command.whole

    def fall(self) -> None:
        if self.is_away:
            raise Gone


class BrokenOffTest(BulkCase):
    """The mail server goes away amid an action on messages of several folders."""

    proxy: ClassVar[Vanishing]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Vanishing(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update({"ImapPort": cls.proxy.port, "ImapSecurity": "none", "ImapWait": "3s"})

    def test_what_is_done_is_told_and_can_be_taken_back(self) -> None:
        user, client, _ = self.someone(60)
        for folder in ("Archive", "Sent", "Work"):
            box.put(self.backend, user, folder, *(letter(f"{folder} {at}") for at in range(2)))
        page = client.get("/search?in=all&q=smaller%3A1M")
        self.proxy.folder = "Sent"
        told = client.press(page, "do=delete", all=True)
        self.assertEqual(box.heading(told), "Not everything was done", told.text[:500])
        self.assertIn("It broke off here:", told.text)
        done = [folder for folder in ("INBOX", "Archive", "Work") if self.count(user, folder) == 0]
        left = [folder for folder in ("INBOX", "Archive", "Work") if self.count(user, folder) > 0]
        self.assertTrue(done)
        self.assertEqual(self.count(user, "Sent"), 2)
        for words, folders in (("Done in: ", done), ("Not tried: ", left)):
            said = told.text.partition(words)[2].split("\n")[0] if folders else ""
            for folder in folders:
                self.assertIn(folder, said)
        moved = self.count(user, "Trash")
        self.assertIn(f"{moved} messages are done, {66 - moved} are left", told.text)
        # It is back: the rest, and then all of it back again.
        self.proxy.is_away = False
        last = client.press(told, "Go on")
        self.assertIn("66 messages moved to the trash", last.text)
        self.assertEqual(self.count(user, "Trash"), 66)
        client.press(last, "Undo")
        self.assertEqual([self.count(user, folder) for folder in ("INBOX", "Archive", "Sent", "Work", "Trash")], [60, 2, 2, 2, 0])
