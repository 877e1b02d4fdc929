"""Servers without an extension: every way a mailbox is used, each of them missing.

The server is the real one, behind a proxy that takes one extension away and
answers BAD to whoever uses it all the same. Nothing may ever be asked for that
was not offered, and what people see is the same.
"""

from __future__ import annotations

import time
from typing import Callable, ClassVar

import harness
import imapname
import mailbox as box
import message as m
import proc
import server as web
import steps
from client import Client, Page
from imapproxy import EXTENSIONS, Without
from mailbox import letter, list_url, rows, uids
from test_push import Stream
from test_search import groups, search_url, subjects

EVERYTHING = "nothing"  # left out
ONLY = "IMAP4rev1 only"
MISSING = (EVERYTHING, *EXTENSIONS, ONLY)
USED = ("SORT", "THREAD", "ESEARCH", "IDLE", "MOVE", "UIDPLUS", "SPECIAL-USE", "LIST-STATUS", "PREVIEW")  # where there are
NEWS_S = 10.0


def host_of(name: str) -> str:
    return f"{name.lower().replace(' ', '-').replace('+', '-plus')}.test"


class UseTest(box.MailTest):
    """What people do with a mailbox, on any server."""

    lacks_previews = False

    def furnished(self) -> str:
        """Somebody with a conversation, an attachment, folders, and words to find."""
        user = self.person()
        start = time.time() - 50000
        question = letter("beta question", when=start)
        first = question.partition(b"Message-ID: ")[2].partition(b"\r\n")[0].decode()
        attached = m.multi("mixed", [m.text("See the file.\n"), m.attachment("plan.pdf", "application/pdf", m.pdf("plan"))], "b1")
        mail = [
            question,
            letter("Re: beta question", when=start + 1, extra=[("In-Reply-To", first), ("References", first)]),
            letter("gamma with a file", attached, when=start + 2, sender="Zoe <zoe@example.org>"),
            letter("alpha quince", m.text("cinnamon inside\n"), when=start + 3, sender="Adam <adam@example.org>"),
        ]
        box.put(self.backend, user, "INBOX", *mail)
        box.put(self.backend, user, "Work", letter("quince at work"), flags="(\\Seen)")
        box.put(self.backend, user, "Work/Plans", letter("quince plans"), letter("read plans"))
        box.put(self.backend, user, "Träume & mehr", letter("dream"))
        box.put(self.backend, user, "Trash", letter("quince thrown away"))
        return user

    def use(self, user: str, client: Client) -> None:
        """All of it, one after the other."""
        steps_: tuple[Callable[[str, Client], None], ...] = (
            self.folders, self.lists, self.previews, self.opening, self.searching, self.news,
            self.marks, self.moves, self.deleting, self.drafts, self.foldering,
        )  # fmt: skip
        for step in steps_:
            with self.subTest(step.__name__):
                step(user, client)

    # -- what people do ----------------------------------------------------

    def folders(self, user: str, client: Client) -> None:
        bar = box.folders(client.get(list_url()))
        for name, unread in (("Inbox", 4), ("Work", 0), ("Plans", 2), ("Träume & mehr", 1), ("Trash", 1)):
            self.assertEqual(bar[name].unread, unread, name)
        for name in ("Drafts", "Sent", "Junk", "Trash"):
            self.assertEqual(box.heading(client.get(bar[name].url)), name)
        page = client.get("/folders")
        for name in ("Work", "Plans", "Träume & mehr"):
            self.assertIn(name, page.text)

    def lists(self, user: str, client: Client) -> None:
        ordered = {
            "arrival": ["alpha quince", "gamma with a file", "Re: beta question", "beta question"],
            "date": ["alpha quince", "gamma with a file", "Re: beta question", "beta question"],
            "from": ["alpha quince", "Re: beta question", "beta question", "gamma with a file"],
            "subject": ["alpha quince", "Re: beta question", "beta question", "gamma with a file"],
        }
        for sort, expected in ordered.items():
            page = client.get(list_url(sort=sort))
            found = subjects(page)
            # What is equal to the sort may stand either way round.
            same = [" ".join(each.replace("Re: ", "").split()) for each in found]
            self.assertEqual(same, [each.replace("Re: ", "") for each in expected], sort)
            self.assertEqual(sorted(found), sorted(expected))
            turned = subjects(client.get(list_url(sort=sort, rev=1)))
            self.assertEqual([x.replace("Re: ", "") for x in turned], same[::-1], sort)
        by_size = rows(client.get(list_url(sort="size")))
        self.assertEqual(by_size[0].subject, "gamma with a file")
        [shown] = [row for row in by_size if row.subject == "gamma with a file"]
        self.assertEqual((shown.sender, shown.unread, "Has attachments" in shown.marks), ("Zoe", True, True))
        self.assertEqual(subjects(client.get(list_url("Träume & mehr"))), ["dream"])

    def previews(self, user: str, client: Client) -> None:
        settings = client.get("/settings")
        client.submit(settings.form(field="previews"), "do=save", previews=True)
        for url in (list_url(), list_url(sort="subject"), list_url(q="quince")):
            self.assertEqual("cinnamon inside" in client.get(url).text, not self.lacks_previews, url)
        settings = client.get("/settings")
        client.submit(settings.form(field="previews"), "do=save", previews=False)
        self.assertNotIn("cinnamon inside", client.get(list_url()).text)

    def opening(self, user: str, client: Client) -> None:
        page = box.open_message(client, "Re: beta question")
        self.assertIn("Hello.", page.html)
        if "Look for the rest of the conversation" in page.text:
            page = client.follow(page, "Look for the rest of the conversation")
        part = page.html.partition('<section class="conversation"')[2].partition("</section>")[0]
        self.assertEqual(part.count("<li"), 2, page.text[:2000])
        self.assertIn("\\Seen", str(sorted(box.flags(self.backend, user, "INBOX")[2])))
        [row] = [row for row in rows(client.get(list_url())) if row.subject == "Re: beta question"]
        self.assertFalse(row.unread)
        file = box.open_message(client, "gamma with a file")
        self.assertIn("See the file.", file.html)
        got = client.get(file.link("plan.pdf"))
        self.assertEqual((got.status, b"%PDF" in got.body or "plan.pdf" in got.text), (200, True))
        self.assertEqual(box.source_of(client, file).count(b"Subject: gamma with a file"), 1)
        self.assertEqual(box.heading(client.follow(file, "Older")), "Re: beta question")
        self.assertEqual(box.heading(client.follow(file, "Newer")), "alpha quince")

    def searching(self, user: str, client: Client) -> None:
        here = client.get(list_url(q="quince"))
        self.assertEqual(subjects(here), ["alpha quince"])
        self.assertEqual(subjects(client.get(list_url(q="body:cinnamon", sort="subject"))), ["alpha quince"])
        found = client.get(search_url("quince"))
        self.assertEqual(groups(found), {"Inbox": 1, "Work": 1, "Work/Plans": 1}, found.text[:600])
        self.assertEqual(sorted(subjects(found)), ["alpha quince", "quince at work", "quince plans"])
        self.assertEqual(subjects(client.get(search_url("has:attachment"))), ["gamma with a file"])
        self.assertEqual(subjects(client.get(search_url("quince in:trash"))), ["quince thrown away"])

    def news(self, user: str, client: Client) -> None:
        stream = Stream(client)
        self.addCleanup(stream.close)
        self.assertEqual((stream.status, stream.event(NEWS_S).kind), (200, "state"))
        box.put(self.backend, user, "INBOX", letter("news of today"))
        event = stream.event(NEWS_S)
        self.assertEqual((event.kind, event.exists), ("new", 5))
        stream.close()
        # On the next view whatever happened elsewhere, without being told, too.
        self.assertEqual(subjects(client.get(list_url()))[0], "news of today")
        uid = uids(client.get(list_url()))[0]
        box.store(self.backend, user, str(uid), "+FLAGS (\\Flagged)")
        self.assertIn("Flagged", rows(client.get(list_url()))[0].marks)
        for sort in ("date", "subject"):
            client.get(list_url(sort=sort))
        box.expunge(self.backend, user, str(uid))
        for sort in ("arrival", "date", "subject"):
            self.assertNotIn("news of today", subjects(client.get(list_url(sort=sort))), sort)
        gone = client.get(f"/message?folder=INBOX&uid={uid}")
        self.assertEqual(gone.status, 404)

    def marks(self, user: str, client: Client) -> None:
        page = client.press(client.get(list_url()), "do=flag", uid=["1", "3"])
        self.assertIn("2 messages flagged.", page.text)
        page = client.press(page, "do=read", uid=["1", "3", "4"])
        flags = box.flags(self.backend, user, "INBOX")
        self.assertEqual([flags[at] for at in (1, 3)], [{"\\Seen", "\\Flagged"}] * 2)
        client.press(page, "do=unread", uid=["4"])
        self.assertEqual(box.flags(self.backend, user, "INBOX")[4], set())
        self.assertEqual(sorted(subjects(client.get(search_url("is:flagged")))), ["beta question", "gamma with a file"])

    def left(self, user: str, folder: str) -> list[str]:
        """What is there and not marked as deleted: without UIDPLUS some stay so."""
        with self.imap(user) as conn:
            answer, _ = conn.select(imapname.quoted(folder), readonly=True)
            assert answer == "OK", folder
            numbers = conn.search(None, "UNDELETED")[1][0].split()
            found = []
            for each in numbers:
                head = conn.fetch(each.decode(), "(BODY.PEEK[HEADER.FIELDS (SUBJECT)])")[1][0]
                assert isinstance(head, tuple)
                found.append(head[1].decode().partition(": ")[2].strip())
        return sorted(found)

    def visible(self, page: Page) -> list[str]:
        return sorted(row.subject for row in rows(page) if "Deleted" not in row.marks)

    def moves(self, user: str, client: Client) -> None:
        done = client.press(client.get(list_url()), "do=move", uid=["4"], to="Work")
        self.assertIn("1 message moved.", done.text)
        self.assertNotIn("alpha quince", self.visible(done))
        self.assertEqual(self.left(user, "Work"), ["alpha quince", "quince at work"])
        self.assertEqual(self.visible(client.get(list_url("Work"))), ["alpha quince", "quince at work"])
        done = client.press(client.get(list_url("Work")), "do=copy", uid=["1"], to="Träume & mehr")
        self.assertIn("1 message copied", done.text)
        self.assertEqual(self.visible(client.get(list_url("Träume & mehr"))), ["dream", "quince at work"])
        self.assertEqual(self.left(user, "Work"), ["alpha quince", "quince at work"])

    def deleting(self, user: str, client: Client) -> None:
        done = client.press(client.get(list_url()), "do=delete", uid=["1"])
        self.assertIn("1 message moved to the trash.", done.text)
        self.assertNotIn("beta question", self.left(user, "INBOX"))
        self.assertEqual(self.left(user, "Trash"), ["beta question", "quince thrown away"])
        # Others' marks are none of ours, with and without UIDPLUS.
        box.store(self.backend, user, "3", "+FLAGS (\\Deleted)")
        client.press(client.get(list_url()), "do=delete", uid=["2"])
        self.assertIn("gamma with a file", box.subjects(self.backend, user, "INBOX"))
        box.store(self.backend, user, "3", "-FLAGS (\\Deleted)")
        back = client.press(done, "Undo")
        self.assertEqual(back.status, 200)
        self.assertIn("beta question", self.left(user, "INBOX"), back.text[:300])

    def drafts(self, user: str, client: Client) -> None:
        form = client.get("/compose").form(field="subject")
        page = client.submit(form, "do=save", to="ben@demo.test", subject="half written", body="the words")
        self.assertLess(page.status, 400)
        again = page.form(field="subject")
        page = client.submit(again, "do=save", body="the words, and more")
        self.assertLess(page.status, 400)
        self.assertEqual(self.left(user, "Drafts"), ["half written"])
        self.assertEqual(self.visible(client.get(list_url("Drafts"))), ["half written"])
        sent = client.submit(page.form(field="subject"), "do=send", to="ben@demo.test")
        self.assertEqual(box.heading(sent), "Sent", sent.text[:300])
        steps.wait_copied(self.server, sent)
        self.assertEqual(self.left(user, "Sent"), ["half written"])
        proc.wait_until(lambda: self.left(user, "Drafts") == [], "the draft to go", 10)

    def foldering(self, user: str, client: Client) -> None:
        made = client.press(client.get("/folders"), "do=make", name="Fresh", parent="", use="")
        self.assertIn("The folder is made.", made.text)
        page = client.get("/folder?folder=Fresh")
        self.assertIn("The folder is renamed.", client.press(page, "do=rename", name="Fresher").text)
        self.assertEqual(client.get(list_url("Fresher")).status, 200)
        self.assertNotIn("Fresh", box.folders(client.get(list_url())))
        self.assertIn("Fresher", box.folders(client.get(list_url())))


class ExtensionsTest(UseTest):
    proxies: ClassVar[dict[str, Without]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxies = {}
        for name in MISSING:
            made = Without(cls.backend.ports["imap"], *(() if name == EVERYTHING else (name,)))
            cls.addClassCleanup(made.close)
            cls.proxies[name] = made
            sections[f"Host {host_of(name)}"] = {"ImapPort": made.port, "ImapSecurity": "none"}
        sections["Mail"]["WatchPoll"] = "1s"
        box.new_user(cls.backend)

    def at(self, name: str, user: str) -> Client:
        client = self.client(host=host_of(name))
        page = client.login(user, self.backend.passwords[user])
        self.assertEqual((page.status, box.heading(page)), (200, "Inbox"), page.text[:300])
        return client

    def all_of_it(self, name: str) -> None:
        user = self.furnished()
        client = self.at(name, user)
        self.lacks_previews = name in ("PREVIEW", ONLY)
        self.use(user, client)
        proxy = self.proxies[name]
        self.assertEqual(proxy.refused, [], f"asked for without having been offered {name}")
        if name == EVERYTHING:
            for used in USED:
                self.assertTrue(any(EXTENSIONS[used].is_needed_by(each) for each in proxy.commands), f"{used} is not used")


def _test(name: str) -> Callable[[ExtensionsTest], None]:
    def test(self: ExtensionsTest) -> None:
        self.all_of_it(name)

    return test


for _name in MISSING:
    setattr(ExtensionsTest, f"test_without_{_name.replace(' ', '_')}", _test(_name))

__all__ = ["ExtensionsTest", "harness"]
