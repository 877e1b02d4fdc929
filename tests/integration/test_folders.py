"""Folders: the tree, making, renaming, deleting, emptying, marking as read."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import quote

import imapname
import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url

ALPHABETS = (
    "Entwürfe & Äpfel",
    "Почта",
    "Ταχυδρομείο",
    "דואר",
    "بريد",
    "邮件",
    "メール",
    "메일",
    "डाक",
    "ไปรษณีย์ 📮",
)
ODD = ('a "quoted" name', "back\\slash", "&", "R&D", "a*b%c", "{3}", "(x)", "a ~", "x" * 80)


def folder_url(name: str) -> str:
    return f"/folder?folder={quote(name, safe='')}"


class FolderTest(box.MailTest):
    """Someone with folders of their own."""

    def names(self, user: str, backend: object = None, reference: str = '""') -> set[str]:
        """What the server lists, as people read it."""
        with (backend or self.backend).imap(user) as conn:  # type: ignore[attr-defined]
            found = conn.list(reference, '"*"')[1]
        return {self.name(each) for each in found if each}

    def name(self, line: object) -> str:
        # A name that needs it comes as a literal: a pair.
        text = line[1] if isinstance(line, tuple) else re.sub(rb'^\(.*?\) (?:".*?[^"]*"|NIL) ', b"", line)  # type: ignore[type-var]
        assert isinstance(text, bytes)
        if text.startswith(b'"'):
            text = text[1:-1].replace(b'\\"', b'"').replace(b"\\\\", b"\\")
        return _decode(text.decode())

    def subscribed(self, user: str) -> set[str]:
        with self.backend.imap(user) as conn:
            return {self.name(each) for each in conn.lsub('""', '"*"')[1] if each}

    def do(self, client: Client, folder: str, button: str, /, **fields: object) -> Page:
        return client.press(client.get(folder_url(folder)), button, **fields)  # type: ignore[arg-type]

    def make(self, client: Client, name: str, parent: str = "", use: str = "") -> Page:
        page = client.get("/folders")
        return client.press(page, "do=make", name=name, parent=parent, use=use)

    def status(self, user: str, name: str) -> tuple[int, int]:
        """Messages and unread ones."""
        with self.backend.imap(user) as conn:
            said = conn.status(imapname.quoted(name), "(MESSAGES UNSEEN)")[1][0]
        found = re.search(rb"MESSAGES (\d+).*UNSEEN (\d+)", said)
        assert found
        return int(found.group(1)), int(found.group(2))


def _decode(text: str) -> str:
    """Modified UTF-7."""

    def one(match: re.Match[str]) -> str:
        if not match.group(1):
            return "&"
        coded = match.group(1).replace(",", "/")
        return ("+" + coded + "-").encode().decode("utf-7")

    return re.sub(r"&([^-]*)-", one, text)


class NamesTest(FolderTest):
    def test_any_alphabet_and_odd_names(self) -> None:
        user = self.person()
        client = self.browser(user)
        for name in (*ALPHABETS, *ODD):
            with self.subTest(name):
                made = self.make(client, name)
                self.assertIn("The folder is made.", made.text)
                page = client.get("/folders")
                self.assertIn(name, page.text)
                self.assertEqual(client.get(list_url(name)).status, 200)
                inner = self.do(client, name, "do=make", name="in " + name)
                self.assertIn("The folder is made.", inner.text)
        found = self.names(user)
        for name in (*ALPHABETS, *ODD):
            self.assertIn(name, found)
            self.assertIn(f"{name}/in {name}", found)
            renamed = self.do(client, name, "do=rename", name=f"{name} neu")
            self.assertIn("The folder is renamed.", renamed.text)
        found = self.names(user)
        for name in (*ALPHABETS, *ODD):
            self.assertNotIn(name, found)
            self.assertIn(f"{name} neu/in {name}", found)
            self.assertIn(f"{name} neu/in {name}", self.subscribed(user))

    def test_names_that_cannot_be(self) -> None:
        user = self.person()
        client = self.browser(user)
        before = self.names(user)
        for name, words in (
            ("", "Please type a name"),
            ("   ", "Please type a name"),
            ("a/b", "cannot have “/” in it"),
            ("tab\there", "control characters"),
            ("line\nbreak", "control characters"),
            ("nul\0", "control characters"),
            ("bell\x07", "control characters"),
            ("y" * 1001, "too long"),
            ("ü" * 600, "too long"),
        ):
            with self.subTest(name[:10]):
                answer = self.make(client, name)
                self.assertEqual(answer.status, 422, answer.text[:300])
                self.assertIn(words, answer.text)
        self.assertEqual(self.names(user), before)
        self.assertIn("There is a folder of this name already", self.make(client, "Trash").text)
        # The server's own rules, in its words.
        refused = self.make(client, "z" * 300)
        self.assertEqual(refused.status, 502)
        self.assertIn("did not make the folder", refused.text)
        self.assertIn("z" * 300, refused.html)

    def test_blanks_at_the_ends(self) -> None:
        user = self.person()
        with self.backend.imap(user) as conn:
            conn.create('" lead"')
            conn.create('"trail "')
        box.put(self.backend, user, "trail ", letter("n1"))
        client = self.browser(user)
        self.assertIn("1 message marked as read.", self.do(client, "trail ", "do=read").text)
        moved = self.do(client, " lead", "do=move", parent="trail ")
        self.assertIn("The folder is moved.", moved.text)
        self.assertIn("trail / lead", self.names(user))
        self.assertIn("The folder is made.", self.make(client, "  neat  ").text)
        self.assertIn("neat", self.names(user))


class ChangeTest(FolderTest):
    def test_rename_and_move_take_all_along(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Work")
        self.do(client, "Work", "do=make", name="2024")
        self.make(client, "Private")
        box.put(self.backend, user, "Work/2024", letter("n1"), letter("n2"))
        old = client.get(list_url("Work/2024"))
        self.assertEqual(len(box.rows(old)), 2)
        done = self.do(client, "Work", "do=rename", name="Büro")
        self.assertIn("The folder is renamed.", done.text)
        self.assertEqual(self.subscribed(user) & {"Work", "Work/2024", "Büro", "Büro/2024"}, {"Büro", "Büro/2024"})
        self.assertEqual(box.subjects(self.backend, user, "Büro/2024"), ["n1", "n2"])
        # A page that was open meanwhile is told the way.
        for path in (list_url("Work/2024"), box.rows(old)[0].url, folder_url("Work/2024")):
            gone = client.get(path)
            self.assertEqual(gone.status, 404, path)
            self.assertEqual(len(box.rows(client.follow(gone, "Büro/2024"))), 2)
        done = self.do(client, "Büro", "do=move", parent="Private")
        self.assertIn("The folder is moved.", done.text)
        self.assertIn("Private/Büro/2024", self.names(user))
        gone = client.get(list_url("Work"))
        self.assertIn("Private/Büro", gone.text)
        back = client.press(done, "Undo")
        self.assertIn("That is undone.", back.text)
        self.assertIn("Büro/2024", self.names(user))
        self.assertEqual(box.subjects(self.backend, user, "Büro/2024"), ["n1", "n2"])
        self.assertEqual(client.get(list_url("Nowhere")).status, 404)

    def test_not_into_itself_nor_over_another(self) -> None:
        user = self.person()
        client = self.browser(user)
        for name in ("A", "B"):
            self.make(client, name)
        self.do(client, "A", "do=make", name="B")
        page = client.get(folder_url("A"))
        form = page.form(button="do=move")
        for parent in ("A", "A/B", "Nowhere"):
            answer = client.submit(form, "do=move", parent=parent)
            self.assertEqual(answer.status, 422, parent)
        self.assertIn("There is a folder of this name already", self.do(client, "A", "do=rename", name="B").text)
        self.assertEqual({"A", "B", "A/B"} - self.names(user), set())

    def test_special_folders_are_kept(self) -> None:
        user = self.person()
        client = self.browser(user)
        inbox = client.get(folder_url("INBOX"))
        for button in ("do=delete", "do=rename", "do=move"):
            self.assertNotIn(button.partition("=")[2], [b.value for f in inbox.forms for b in f.buttons()])
        form = inbox.form(action="/folder", field="folder")
        for verb in ("delete", "rename", "move"):
            pairs = [(k, v) for k, v in form.values()] + [("do", verb), ("name", "x")]
            self.assertEqual(client.post("/folder", pairs).status, 422)
        refused = self.do(client, "Sent", "do=delete")
        self.assertEqual(refused.status, 422)
        self.assertIn("“Sent” is used for sent messages", refused.text)
        self.assertIn("Sent", self.names(user))

    def test_subscribing(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Lists")
        self.assertIn("Lists", self.subscribed(user))
        done = self.do(client, "Lists", "do=unsubscribe")
        self.assertIn("not subscribed to this folder any more", done.text)
        self.assertNotIn("Lists", self.subscribed(user))
        self.assertIn("not subscribed", client.get("/folders").text)
        client.press(done, "do=subscribe")
        self.assertIn("Lists", self.subscribed(user))

    def test_only_posts_with_the_token(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Kept")
        self.assertEqual(client.get("/folder?folder=Kept&do=delete").status, 200)
        page = client.get(folder_url("Kept"))
        form = page.form(button="do=delete")
        pairs = [(k, "x" if k == "csrf" else v) for k, v in form.values()] + [("do", "delete")]
        self.assertEqual(client.post("/folder", pairs).status, 403)
        odd = [(k, v) for k, v in form.values()] + [("do", "explode")]
        self.assertEqual(client.post("/folder", odd).status, 403)
        self.assertIn("Kept", self.names(user))


class UseTest(FolderTest):
    def test_another_folder_for_the_trash_and_sent(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Müll")
        box.put(self.backend, user, "INBOX", letter("n1"), letter("n2"))
        done = self.do(client, "Müll", "do=use", use="trash")
        self.assertIn("used for the trash", done.text)
        client.press(client.get(list_url()), "do=delete", uid=["1"])
        self.assertEqual(box.subjects(self.backend, user, "Müll"), ["n1"])
        self.assertEqual(box.subjects(self.backend, user, "Trash"), [])
        # Renamed, it stays what it is.
        self.do(client, "Müll", "do=rename", name="Tonne")
        client.press(client.get(list_url()), "do=delete", uid=["2"])
        self.assertEqual(box.subjects(self.backend, user, "Tonne"), ["n1", "n2"])
        again = self.do(client, "Tonne", "do=use", use="")
        self.assertNotIn("used for the trash", again.text)
        self.assertIn("used for the trash", client.get(folder_url("Trash")).text)

    def test_made_for_a_use(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Ausgang", use="sent")
        self.assertIn("used for sent messages", client.get(folder_url("Ausgang")).text)
        page = client.get("/compose")
        client.press(page, "Send", to="anna@demo.test", subject="away", body="x")
        self.backend.wait_message("anna", "INBOX", "away")
        self.backend.wait_message(user, "Ausgang", "away")


class ReadTest(FolderTest):
    def test_all_read_and_back(self) -> None:
        user = self.person()
        box.put(self.backend, user, "News", *(letter(f"n{at}") for at in range(6)))
        box.store(self.backend, user, "2,5", "+FLAGS (\\Seen)", "News")
        client = self.browser(user)
        done = self.do(client, "News", "do=read")
        self.assertIn("4 messages marked as read.", done.text)
        self.assertEqual(self.status(user, "News"), (6, 0))
        box.put(self.backend, user, "News", letter("later"))
        back = client.press(done, "Undo")
        self.assertIn("4 messages marked as unread again.", back.text)
        seen = {uid for uid, flags in box.flags(self.backend, user, "News").items() if "\\Seen" in flags}
        self.assertEqual(seen, {2, 5})

    def test_with_the_folders_inside(self) -> None:
        user = self.person()
        for name in ("Lists", "Lists/a", "Lists/b", "Lists2"):
            box.put(self.backend, user, name, letter("n1"), letter("n2"))
        client = self.browser(user)
        self.assertIn("2 messages marked as read.", self.do(client, "Lists", "do=read").text)
        self.assertEqual(self.status(user, "Lists/a"), (2, 2))
        done = self.do(client, "Lists", "do=read", inside=True)
        self.assertIn("4 messages marked as read.", done.text)
        self.assertEqual([self.status(user, each)[1] for each in ("Lists/a", "Lists/b", "Lists2")], [0, 0, 2])
        client.press(done, "Undo")
        self.assertEqual([self.status(user, each)[1] for each in ("Lists", "Lists/a", "Lists/b")], [0, 2, 2])

    def test_more_than_an_address_holds(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at}") for at in range(8000)))
        with self.backend.imap(user) as conn:
            conn.select()
            conn.store(",".join(str(at) for at in range(1, 8000, 2)), "-FLAGS.SILENT", "(\\Seen)")
        client = self.browser(user)
        done = self.do(client, "INBOX", "do=read")
        self.assertIn("4000 messages marked as read.", done.text)
        self.assertEqual(self.status(user, "INBOX"), (8000, 0))
        back = client.press(done, "Undo")
        self.assertIn("4000 messages marked as unread again.", back.text)
        self.assertEqual(self.status(user, "INBOX"), (8000, 4000))


class DeleteTest(FolderTest):
    def test_to_the_trash_and_back(self) -> None:
        user = self.person()
        client = self.browser(user)
        for name in ("Old", "Old/2020"):
            box.put(self.backend, user, name, letter("n1"))
        done = self.do(client, "Old", "do=delete")
        self.assertIn("in the trash now", done.text)
        self.assertIn("Trash/Old/2020", self.names(user))
        back = client.press(done, "Undo")
        self.assertIn("That is undone.", back.text)
        self.assertEqual(box.subjects(self.backend, user, "Old/2020"), ["n1"])
        self.assertIn("Old/2020", self.subscribed(user))
        # A second one of the same name has a place, too.
        self.do(client, "Old", "do=delete")
        box.put(self.backend, user, "Old", letter("n2"))
        self.do(client, "Old", "do=delete")
        self.assertEqual(box.subjects(self.backend, user, "Trash/Old (2)"), ["n2"])

    def test_an_empty_one_is_made_again(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.make(client, "Leer")
        done = self.do(client, "Leer", "do=delete")
        self.assertIn("was empty and is deleted", done.text)
        self.assertEqual({"Leer", "Trash/Leer"} & self.names(user), set())
        client.press(done, "Undo")
        self.assertIn("Leer", self.names(user))
        self.assertIn("Leer", self.subscribed(user))

    def test_in_the_trash_it_is_final_and_asks(self) -> None:
        user = self.person()
        client = self.browser(user)
        for name in ("Trash/Old", "Trash/Old/in"):
            box.put(self.backend, user, name, letter("n1"))
        asked = self.do(client, "Trash/Old", "do=delete")
        self.assertIn("It has 2 messages in it, with the 1 folder inside it.", asked.text)
        self.assertIn("Trash/Old", self.names(user))
        # Something came meanwhile: it asks again.
        box.put(self.backend, user, "Trash/Old/in", letter("n2"))
        again = client.press(asked, "Delete for good")
        self.assertIn("This changed while you were looking", again.text)
        self.assertIn("It has 3 messages in it", again.text)
        self.assertEqual(len(box.subjects(self.backend, user, "Trash/Old/in")), 2)
        done = client.press(again, "Delete for good")
        self.assertIn("deleted for good", done.text)
        self.assertEqual({"Trash/Old", "Trash/Old/in"} & self.names(user), set())
        self.assertIn("Trash", self.names(user))

    def test_emptying_says_the_count(self) -> None:
        user = self.person()
        box.put(self.backend, user, "Junk", *(letter(f"n{at}") for at in range(3)))
        client = self.browser(user)
        asked = self.do(client, "Junk", "do=empty")
        self.assertIn("It has 3 messages in it.", asked.text)
        self.assertEqual(self.status(user, "Junk")[0], 3)
        box.put(self.backend, user, "Junk", letter("new"))
        again = client.press(asked, "Delete for good")
        self.assertIn("This changed while you were looking", again.text)
        self.assertIn("It has 4 messages in it.", again.text)
        # As many as before, but another one: it is left alone.
        box.expunge(self.backend, user, "1", "Junk")
        box.put(self.backend, user, "Junk", letter("newer"))
        done = client.press(again, "Delete for good")
        self.assertIn("4 messages deleted for good.", done.text)
        self.assertEqual(box.subjects(self.backend, user, "Junk"), ["newer"])

    def test_emptying_the_trash_with_its_folders(self) -> None:
        user = self.person()
        for name in ("Trash", "Trash/a", "Trash/a/b"):
            box.put(self.backend, user, name, letter("n1"))
        client = self.browser(user)
        asked = self.do(client, "Trash", "do=empty")
        self.assertIn("Delete the 2 folders in it, too, with 2 messages", asked.text)
        only = client.press(asked, "Delete for good", inside=False)
        self.assertIn("1 message deleted for good.", only.text)
        self.assertIn("Trash/a/b", self.names(user))
        client.press(self.do(client, "Trash", "do=empty"), "Delete for good")
        self.assertEqual({each for each in self.names(user) if each.startswith("Trash")}, {"Trash"})


class OtherServersTest(FolderTest):
    """Other delimiters, a prefix, shared namespaces, fewer extensions."""

    others: ClassVar[dict[str, box.OtherImap]]
    user: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.user = box.new_user(cls.backend)
        cls.others = {}
        for host, words, more in (
            ("dot.test", "IMAP4rev1 UIDPLUS NAMESPACE", DOT),
            ("bare.test", "IMAP4rev1", ""),
            ("shared.test", "", SHARED),
        ):
            made = Shaped(words, [cls.user], more).start()
            cls.addClassCleanup(made.stop)
            cls.others[host] = made
            sections[f"Host {host}"] = {"ImapPort": made.ports["imaps"], "ImapCA": made.ca_file}

    def at(self, host: str) -> tuple[box.OtherImap, Client]:
        other = self.others[host]
        client = self.client(host=host)
        page = client.login(self.user, other.passwords[self.user])
        self.assertEqual(page.status, 200, page.text[:300])
        return other, client

    def test_below_a_prefix_with_dots(self) -> None:
        other, client = self.at("dot.test")
        self.assertIn("The folder is made.", self.make(client, "Post Büro").text)
        self.assertIn("INBOX.Post Büro", self.names(self.user, other))
        self.assertIn("cannot have “.” in it", self.make(client, "a.b").text)
        self.do(client, "INBOX.Post Büro", "do=make", name="in")
        page = client.get("/folders")
        self.assertNotIn("INBOX.", page.text)
        self.assertEqual(box.folders(client.get(list_url()))["Post Büro"].depth, "d0")
        # No trash yet: it is made, with the prefix, and nothing is expunged.
        box.put(other, self.user, "INBOX", letter("n1"))
        done = client.press(client.get(list_url()), "do=delete", uid=["1"])
        self.assertIn("1 message moved to the trash.", done.text)
        self.assertEqual(box.subjects(other, self.user, "INBOX.Trash"), ["n1"])
        box.put(other, self.user, "INBOX.Post Büro.in", letter("n2"))
        done = self.do(client, "INBOX.Post Büro", "do=delete")
        self.assertIn("in the trash now", done.text)
        self.assertIn("INBOX.Trash.Post Büro.in", self.names(self.user, other))
        client.press(done, "Undo")
        self.assertEqual(box.subjects(other, self.user, "INBOX.Post Büro.in"), ["n2"])

    def test_nothing_but_imap4rev1(self) -> None:
        other, client = self.at("bare.test")
        self.make(client, "Neu")
        box.put(other, self.user, "Neu", letter("n1"), letter("n2"))
        page = client.get(folder_url("Neu"))
        self.assertIn("2 messages, 2 unread", page.text)
        self.assertIn("You are subscribed", page.text)
        self.assertIn("2 messages marked as read.", client.press(page, "do=read").text)
        self.do(client, "Neu", "do=rename", name="Alt")
        self.assertIn("Alt", self.names(self.user, other))
        asked = self.do(client, "Alt", "do=empty")
        done = client.press(asked, "Delete for good")
        self.assertIn("marked as deleted", done.text)
        self.assertEqual(len(box.subjects(other, self.user, "Alt")), 2)
        done = self.do(client, "Alt", "do=delete")
        self.assertIn("in the trash now", done.text)

    def test_shared_folders_stand_apart(self) -> None:
        other, client = self.at("shared.test")
        with other.imap(self.user) as conn:
            conn.create("Shared/Team")
            conn.create("Shared/Team/Deep")
        page = client.get("/folders")
        self.assertIn("Shared folders", page.text)
        bar = client.get(list_url())
        self.assertEqual(box.folders(bar)["Team"].depth, "d0")
        self.assertIn("It is shared by several people.", client.get(folder_url("Shared/Team")).text)
        # It cannot go to one's own trash: it asks, with the count.
        box.put(other, self.user, "Shared/Team/Deep", letter("n1"))
        answer = self.do(client, "Shared/Team/Deep", "do=delete")
        if "in the trash now" not in answer.text:
            self.assertIn("cannot keep this folder in the trash. It has 1 message in it.", answer.text)
            self.assertIn("Shared/Team/Deep", self.names(self.user, other))
            client.press(answer, "Delete for good")
        self.assertNotIn("Shared/Team/Deep", self.names(self.user, other))


DOT = """
namespace inbox {
  separator = .
  prefix = INBOX.
}
"""
SHARED = """
namespace {
  type = public
  separator = /
  prefix = Shared/
  location = maildir:{folder}/mail/public
  subscriptions = no
}
"""


class Shaped(box.OtherImap):
    """A Dovecot with namespaces of its own."""

    def __init__(self, capability: str, users: list[str], more: str) -> None:
        super().__init__(capability, users)
        self.more = more.replace("{folder}", str(self.folder))

    def _write_files(self) -> None:
        super()._write_files()
        conf = self.folder / "dovecot" / "dovecot.conf"
        text = conf.read_text()
        if "prefix = INBOX." in self.more:
            text = re.sub(r"\n  mailbox \w+ \{[^}]*\}", "", text)
        conf.write_text(text + self.more)

    def start(self) -> "Shaped":
        if self.capability:
            super().start()
        else:
            self._choose_ports()
            self._write_files()
            self.start_imap()
        return self


class ManyTest(FolderTest):
    def test_six_hundred(self) -> None:
        user = self.person()
        home = self.backend.folder / "mail" / user / "Maildir"
        for at in range(600):
            name = f".P{at // 100:02}" + (f".F{at % 100:02}" if at % 100 else "")
            for part in ("cur", "new", "tmp"):
                (home / name / part).mkdir(parents=True, exist_ok=True)
        box.fill(self.backend, user, [letter("n1")])
        box.put(self.backend, user, "P03/F66", letter("n2"))
        client = self.browser(user)
        page = client.get(list_url("P03/F66"))
        self.assertEqual(page.status, 200)
        self.assertLess(len(page.body), 120_000)
        beside = box.folders(page)
        self.assertEqual(beside["F66"].unread, 1)
        self.assertIn("Inbox", beside)
        self.assertIn("Trash", beside)
        self.assertLess(len(beside), 160)
        every = client.get("/folders")
        self.assertIn("Page 1 of", every.text)
        found = client.get("/folders?q=p04/f01")
        self.assertIn("P04/F01", found.text)
        under = client.get("/folders?under=P02")
        self.assertIn("F99", under.text)
        self.what_is_kept_stays_true(user, client)

    def what_is_kept_stays_true(self, user: str, client: Client) -> None:
        """Of so many folders the tree is remembered for a while."""
        # Counts of what is shown are of now, whoever changed them.
        box.put(self.backend, user, "P03/F66", letter("n3"))
        self.assertEqual(box.folders(client.get(list_url("P03/F66")))["F66"].unread, 2)
        box.store(self.backend, user, "1:2", "+FLAGS (\\Seen)", "P03/F66")
        self.assertEqual(box.folders(client.get(list_url("P03/F66")))["F66"].unread, 0)
        # What we change shows at once.
        self.assertIn("The folder is made.", self.make(client, "Quite new").text)
        self.assertIn("Quite new", client.get("/folders?q=quite").text)
        moved = self.do(client, "P05/F07", "do=rename", name="Renamed here")
        self.assertIn("The folder is renamed.", moved.text)
        found = client.get("/folders?under=P05")
        self.assertIn("Renamed here", found.text)
        self.assertNotIn("P05%2FF07", found.html)
        # Another program's deleting, when one stumbles over it.
        with self.backend.imap(user) as conn:
            conn.delete("P05/F08")
        self.assertEqual(client.get(list_url("P05/F08")).status, 404)
        self.assertNotIn("P05%2FF08", client.get("/folders?under=P05").html)
        # Changes are made with what is there, not with what was.
        box.put(self.backend, user, "P05/F09", letter("n4"), letter("n5"))
        self.assertIn("2", client.get(folder_url("P05/F09")).text)
        read = self.do(client, "P05", "do=read", inside="1")
        self.assertIn("2 messages marked as read.", read.text)


class Counting(ImapProxy):
    """Notes what is asked."""

    def __init__(self, upstream_port: int) -> None:
        self.names: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.names.append(command.name)
        return command.whole


class CommandsTest(FolderTest):
    """Of very many folders no page asks for more than it shows."""

    proxy: ClassVar[Counting]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxy = Counting(cls.backend.ports["imap"])
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update({"ImapPort": cls.proxy.port, "ImapSecurity": "none"})

    def asked(self, client: Client, url: str) -> tuple[int, int]:
        """How many LIST and STATUS a page costs."""
        before = len(self.proxy.names)
        self.assertEqual(client.get(url).status, 200)
        names = self.proxy.names[before:]
        return names.count("LIST"), names.count("STATUS")

    def test_commands_of_a_page(self) -> None:
        user = self.person()
        home = self.backend.folder / "mail" / user / "Maildir"
        for at in range(240):
            for part in ("cur", "new", "tmp"):
                (home / f".P{at // 60}.F{at:03}" / part).mkdir(parents=True, exist_ok=True)
        box.fill(self.backend, user, [letter("n1")])
        # The mail server makes an index of each once: a page need not wait for it.
        with self.backend.imap(user) as conn:
            for at in range(240):
                conn.status(f"P{at // 60}/F{at:03}", "(MESSAGES)")
        client = self.browser(user)
        for url in (list_url(), "/folders"):  # so that the tree is known
            client.get(url)
        for url, most in (
            (list_url(), 60),
            (box.rows(client.get(list_url()))[0].url, 60),
            (folder_url("P3"), 62),
            ("/folders", 100),
            ("/folders?page=3", 100),
            ("/folders?q=F23", 10),
            ("/search", 60),
        ):
            with self.subTest(url):
                lists, counts = self.asked(client, url)
                self.assertEqual(lists, 0)
                self.assertLessEqual(counts, most)
        # What is kept is in the order of now: another folder for the trash.
        self.do(client, "P3/F180", "do=use", use="trash")
        page = client.get("/folders?under=P3")
        self.assertLess(page.html.index(">F180<"), page.html.index(">F181<"))
        self.assertIn("used for the trash", client.get(folder_url("P3/F180")).text)
        self.assertNotIn("used for the trash", client.get(folder_url("Trash")).text)


class Stalling(ImapProxy):
    """Counts so many folders, and then takes its time; without counts it is quick."""

    told = 220

    def __init__(self, upstream_port: int) -> None:
        self.links: list[Link] = []  # kept: so that none has the id of another
        self.counts: dict[int, int] = {}
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name == "LIST" and "STATUS" in command.words:
            self.links.append(link)
            self.counts[id(link)] = 0
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        if id(link) not in self.counts:
            return response
        self.counts[id(link)] += response.startswith(b"* LIST")
        return response if self.counts[id(link)] < self.told else b""


class SlowCountsTest(FolderTest):
    """A mail server that has no index of very many folders yet."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        proxy = Stalling(cls.backend.ports["imap"])
        cls.addClassCleanup(proxy.close)
        sections["Mail"].update({"ImapPort": proxy.port, "ImapSecurity": "none", "ImapWait": "6s"})

    def test_the_page_comes(self) -> None:
        user = self.person()
        home = self.backend.folder / "mail" / user / "Maildir"
        for at in range(240):
            for part in ("cur", "new", "tmp"):
                (home / f".P{at // 60}.F{at:03}" / part).mkdir(parents=True, exist_ok=True)
        box.fill(self.backend, user, [letter("n1")])
        client = self.client()
        page = client.login(user, self.backend.passwords[user])
        # On a busy machine the first did not come to the folders at all.
        for _ in range(3):
            page = client.get(list_url()) if page.status == 503 else page
        self.assertEqual((page.status, [row.subject for row in box.rows(page)]), (200, ["n1"]))
        self.assertIn("Trash", box.folders(page))


class ChooseTest(FolderTest):
    """Folders that are not in the menu; names in any case; counts nobody tells."""

    def many(self, count: int, unread: bool = False) -> str:
        user = self.person()
        home = self.backend.folder / "mail" / user / "Maildir"
        for at in range(count):
            folder = home / (".All" if at == 0 else f".All.F{at:03}")
            for part in ("cur", "new", "tmp"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            if unread:
                (folder / "new" / f"1700000000.M{at:06}.rig").write_bytes(letter(f"n{at}"))
        box.fill(self.backend, user, [letter(f"m{at}") for at in range(3)])
        return user

    def test_move_to_any_folder(self) -> None:
        user = self.many(230)
        client = self.browser(user)
        page = client.get(list_url())
        self.assertIn("Another folder …", page.text)
        which = box.rows(page)[0]
        asked = client.press(page, "do=move", uid=str(which.uid), to="*")
        self.assertIn("Move to which folder?", asked.text)
        self.assertIn("1 message.", asked.text)
        self.assertIn("more: a part of the name finds them.", asked.text)
        asked = client.press(asked, "to=*", find="aLL/f22")
        self.assertIn("All/F229", asked.text)
        self.assertNotIn("All/F001", asked.text)
        none = client.press(asked, "to=*", find="nothing like it")
        self.assertIn("No folder is called like that.", none.text)
        moved = client.press(asked, "to=All/F229")
        self.assertIn("1 message moved", moved.text)
        self.assertEqual(self.status(user, "All/F229")[0], 1)
        back = client.press(moved, "Undo")
        self.assertEqual(back.status, 200)
        self.assertEqual(self.status(user, "All/F229")[0], 0)
        # All that match are carried along, and one message from its own page.
        with self.backend.imap(user) as conn:
            for at in range(57):
                conn.append("INBOX", "", "", letter(f"more{at}"))
        page = client.get(list_url())
        asked = client.press(page, "do=copy", all="60", to="*")
        self.assertIn("Copy to which folder?", asked.text)
        self.assertIn("60 messages.", asked.text)
        client.press(asked, "to=All/F001")
        self.assertEqual(self.status(user, "All/F001")[0], 60)
        message = client.get(box.rows(client.get(list_url()))[0].url)
        asked = client.press(message, "do=move", to="*")
        self.assertIn("Move to which folder?", asked.text)
        client.press(asked, "to=All/F002")
        self.assertEqual(self.status(user, "All/F002")[0], 1)

    def test_all_read_in_pieces(self) -> None:
        user = self.many(130, unread=True)
        client = self.browser(user)
        part = self.do(client, "All", "do=read", inside="1")
        self.assertIn("100 messages marked as read.", part.text)
        self.assertIn("30 folders are still to be done", part.text)
        done = client.press(part, "Go on")
        self.assertIn("130 messages marked as read.", done.text)
        self.assertEqual(self.status(user, "All/F129")[1], 0)
        undone = client.press(done, "Undo")
        self.assertIn("130 messages marked as unread again.", undone.text)
        self.assertEqual(self.status(user, "All")[1], 1)
        self.assertEqual(self.status(user, "All/F129")[1], 1)

    def test_names_in_any_case(self) -> None:
        user = self.person()
        client = self.browser(user)
        with self.backend.imap(user) as conn:
            for at in range(20):
                conn.create(f"f{at}")
            for name in ("Почта", "Ärger", "ΟΔΟΣ"):
                conn.create(imapname.quoted(name))
        for words, name in (("ПОЧ", "Почта"), ("äRG", "Ärger"), ("οδος", "ΟΔΟΣ")):
            found = client.get("/folders?q=" + quote(words))
            self.assertRegex(found.html, f"<bdi>{name}</bdi>", words)
            self.assertNotIn("<bdi>f7</bdi>", found.html)

    def test_what_nobody_counts_is_not_empty(self) -> None:
        user = self.person()
        client = self.browser(user)
        box.put(self.backend, user, "Trash/Locked", letter("kept"))
        cur = self.backend.folder / "mail" / user / "Maildir" / ".Trash.Locked" / "cur"
        log = cur.parent / "dovecot.index.log"
        for path in (cur.parent / "dovecot-uidlist", log, cur.parent / "dovecot.index.cache"):
            path.unlink(missing_ok=True)
        cur.rename(cur.with_name("away"))
        cur.write_bytes(b"")
        try:
            asked = self.do(client, "Trash/Locked", "do=delete")
            self.assertIn("messages that the mail server does not count", asked.text)
            self.assertIn("All of it is deleted", asked.text)
        finally:
            cur.unlink()
            cur.with_name("away").rename(cur)
