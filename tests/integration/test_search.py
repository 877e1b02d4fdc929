"""Searching: one folder, many folders, words with a meaning, what is kept."""

from __future__ import annotations

import email
import html
import io
import re
import socket
import time
import zipfile
import zlib
from typing import ClassVar
from urllib.parse import urlencode, urlsplit

import harness
import mailbox as box
import message as m
import imapproxy
import mockmail
import proc
import server as web
import steps
from client import Client, Page
from mailbox import letter, list_url, rows

MANY = 50
ALPHABETS = (
    "Grüße", "Ωμέγα", "Журнал", "שלום", "سلام", "नमस्ते", "สวัสดี", "你好", "こんにちは", "안녕", "🍒kirsche",
)


def search_url(words: str = "", **more: str) -> str:
    return f"/search?{urlencode({'in': 'all', 'q': words, **more})}"


def groups(page: Page) -> dict[str, int]:
    """Folders of a page of many folders, and how much was found in each."""
    found = re.findall(
        r'<tr class="found-in">\s*<th[^>]*><bdi>([^<]*)</bdi>\s*<span class="found-count">(\d+) found', page.html
    )
    return {html.unescape(name): int(count) for name, count in found}


def subjects(page: Page) -> list[str]:
    return [row.subject for row in rows(page)]


def picks(page: Page) -> dict[str, str]:
    """The box of each row, by its subject."""
    boxes = re.findall(r'name="pick" value="([^"]*)"><span class="vh">Tick ([^<]*)<', page.html)
    return {html.unescape(subject): html.unescape(value) for value, subject in boxes}


class SearchCase(box.MailTest):
    def ask(self, client: Client, words: str, **more: str) -> Page:
        page = client.get(search_url(words, **more))
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertIn("</html>", page.html)
        return page


def furnish(backend: harness.Backend, user: str) -> None:
    """Some of everything, in several folders."""
    old = time.time() - 400 * 86400
    attached = m.multi("mixed", [m.text("See the file.\n"), m.attachment("plan.pdf", "application/pdf", m.pdf("plan"))], "b1")
    box.put(backend, user, "INBOX", letter("apple pie", m.text("with cinnamon\n")), letter("pear tart", attached))
    box.put(backend, user, "INBOX", letter("apple cake", sender="Carla Rossi <carla@example.net>"), flags="(\\Seen \\Flagged)")
    box.put(backend, user, "Archive", letter("apple in the archive"), flags="(\\Seen)")
    box.put(backend, user, "Work/Plans", letter("apple at work", m.text("x" * 30000 + "\n")), flags="(\\Seen $label2)")
    box.put(backend, user, "Trash", letter("apple thrown away"))
    box.put(backend, user, "Junk", letter("apple for nothing"))
    backend.append(user, "Sent", [(letter("apple sent", sender=f"{user}@demo.test", to="dora@example.org"), "(\\Seen)", old)])


TABLE: tuple[tuple[str, list[str]], ...] = (
    ("apple", ["apple at work", "apple cake", "apple in the archive", "apple pie", "apple sent"]),
    ("apple -cake", ["apple at work", "apple in the archive", "apple pie", "apple sent"]),
    ("pie OR tart", ["apple pie", "pear tart"]),
    ("apple (pie OR cake)", ["apple cake", "apple pie"]),
    ('"apple in the"', ["apple in the archive"]),
    ('"in apple the"', []),
    ("from:carla", ["apple cake"]),
    ("from:(carla OR ben) is:read subject:apple", ["apple at work", "apple cake", "apple in the archive"]),
    ("to:dora", ["apple sent"]),
    ("from:me", ["apple sent"]),
    ("body:cinnamon", ["apple pie"]),
    ("subject:cinnamon", []),
    ("is:unread", ["apple pie", "pear tart"]),
    ("is:flagged", ["apple cake"]),
    ("label:work", ["apple at work"]),
    ("has:attachment", ["pear tart"]),
    ("-has:attachment is:unread", ["apple pie"]),
    ("has:attachment OR is:flagged", ["apple cake", "pear tart"]),
    ("larger:20K", ["apple at work"]),
    ("smaller:20K is:flagged", ["apple cake"]),
    ("older_than:1y", ["apple sent"]),
    ("newer_than:2d is:unread", ["apple pie", "pear tart"]),
    ("in:archive", ["apple in the archive"]),
    ("apple -in:sent -in:Work -is:read", ["apple pie"]),
    ("apple in:trash", ["apple thrown away"]),
    ('apple in:"Work/Plans"', ["apple at work"]),
    ("nothing-like-this", []),
)


class WordsTest(SearchCase):
    """What the words mean, on servers with and without what helps."""

    others: ClassVar[dict[str, box.OtherImap]]
    someone: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.others, cls.someone = {}, box.new_user(cls.backend)
        for host, words in (("plain.test", "IMAP4rev1"), ("sort.test", "IMAP4rev1 SORT LITERAL+ UIDPLUS")):
            made = box.OtherImap(words, [cls.someone]).start()
            cls.addClassCleanup(made.stop)
            cls.others[host] = made
            sections[f"Host {host}"] = {"ImapPort": made.ports["imaps"], "ImapCA": made.ca_file}

    def look(self, client: Client) -> None:
        for words, expected in TABLE:
            with self.subTest(words):
                page = self.ask(client, words)
                self.assertEqual(sorted(subjects(page)), expected)
                self.assertNotIn("search-hints", page.html)

    def test_everything(self) -> None:
        furnish(self.backend, self.someone)
        self.look(self.browser(self.someone))

    def test_servers_with_little(self) -> None:
        for host, other in self.others.items():
            with self.subTest(host):
                furnish(other, self.someone)
                client = self.client(host=host)
                client.login(self.someone, other.passwords[self.someone])
                self.look(client)

    def test_alphabets(self) -> None:
        user = self.person()
        for at, word in enumerate(ALPHABETS):
            box.put(self.backend, user, "INBOX" if at % 2 else "Archive", letter(f"{word} {at}"))
        client = self.browser(user)
        for at, word in enumerate(ALPHABETS):
            with self.subTest(word):
                self.assertEqual(subjects(self.ask(client, f"subject:{word}")), [f"{word} {at}"])

    def test_folders_by_the_names_that_are_shown(self) -> None:
        user = self.person()
        for folder in ("INBOX", "Sent", "Archive", "Büro & Töchter", "日本語"):
            box.put(self.backend, user, folder, letter(f"in {folder}"))
        client = self.client()
        client.headers["Accept-Language"] = "de"
        client.login(user, self.backend.passwords[user])
        for words, expected in (
            ("in:gesendet", ["in Sent"]),
            ("in:Posteingang", ["in INBOX"]),
            ("in:Sent", ["in Sent"]),
            ('in:"BÜRO & TÖCHTER"', ["in Büro & Töchter"]),
            ('in:"buro & tochter"', ["in Büro & Töchter"]),
            ("in:sent OR in:日本語", ["in Sent", "in 日本語"]),
            ("in:inbox OR in:archive OR in:sent -subject:archive", ["in INBOX", "in Sent"]),
            ("{subject:inbox subject:sent}", ["in INBOX", "in Sent"]),
        ):
            with self.subTest(words):
                page = self.ask(client, words)
                self.assertEqual(sorted(subjects(page)), expected)
                self.assertNotIn("search-hints", page.html)

    def test_nonsense_is_said(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("re:union of the family"))
        client = self.browser(user)
        for words, said in (
            ("re:union", "no search word is called so"),
            ("from:", "behind the colon stands what to look for"),
            ("before:soon", "this is no date"),
            ("larger:much", "write a size"),
            ("is:odd", "messages can be"),
            ("(family", "its other bracket is missing"),
            ('"family', "the other quotation mark"),
            ("OR family", "nothing on one side of it"),
            ("in:Nowhere family", "There is no folder"),
        ):
            with self.subTest(words):
                self.assertIn(said, self.ask(client, words).text)
        self.assertEqual(subjects(self.ask(client, "re:union")), ["re:union of the family"])
        self.assertIn("no search word is called so", client.get(list_url(q="re:union")).text)
        # A name alone, or nothing in quotes, is not "all there is": every header has such a line.
        for words in ("from:", "to: ", "Subject:", "larger:", "in:", "date:", '""', "()"):
            with self.subTest(words):
                for page in (self.ask(client, words), client.get(list_url(q=words))):
                    self.assertEqual(subjects(page), [])
                    self.assertIn("search-hints", page.html)
        box.put(self.backend, user, "INBOX", letter("what from: means"))
        self.assertEqual(subjects(self.ask(client, "from:")), ["what from: means"])

    def test_nothing_gets_out(self) -> None:
        user = self.person()
        box.put(self.backend, user, "Trash", letter("still here"))
        client = self.browser(user)
        for words in ('a\r\ni99 DELETE Trash', 'from:"a" ALL', "subject:{5}\r\nabcde", "label:x)\r\ni9 LOGOUT", "in:\r\nx", "zz\x00q", "(" * 200 + ")" * 200):
            with self.subTest(words):
                self.assertEqual(self.ask(client, words).status, 200)
        self.assertEqual(client.get(search_url("w" * 5000)).status, 400)
        self.assertEqual(self.backend.count(user, "Trash"), 1)


class PageTest(SearchCase):
    """The page of many folders."""

    def furnished(self) -> tuple[str, Client]:
        user = self.person()
        furnish(self.backend, user)
        return user, self.browser(user)

    def test_from_the_list_and_back(self) -> None:
        user, client = self.furnished()
        page = client.get(list_url())
        page = client.submit(page.form(field="q"), q="apple")
        self.assertEqual(urlsplit(page.url).path, "/search")
        self.assertEqual(groups(page), {"Inbox": 2, "Sent": 1, "Archive": 1, "Work/Plans": 1})
        self.assertIn("5 found in", page.text)
        wide = client.follow(page, "Search there, too")
        self.assertEqual((groups(wide)["Trash"], groups(wide)["Junk"]), (1, 1))
        shown = client.get(next(row.url for row in rows(page) if row.subject == "apple at work"))
        self.assertEqual(box.heading(shown), "apple at work")
        back = next(url for text, url in shown.links if text.startswith("Found in"))
        self.assertTrue(urlsplit(back).path == "/search" and urlsplit(back).fragment, back)
        again = client.get(back.partition("#")[0])
        self.assertEqual(groups(again), groups(page))
        self.assertIn(f'id="{urlsplit(back).fragment}"', again.html)

    def test_the_choice_is_remembered(self) -> None:
        _, client = self.furnished()
        page = client.submit(client.get(list_url()).form(field="q"), q="apple", **{"in": "here"})
        self.assertEqual(urlsplit(page.url).path, "/list")
        self.assertEqual(len(rows(page)), 2)
        chosen = client.get(list_url(folder="Archive")).form(field="q").find("in")
        assert chosen
        self.assertEqual(chosen.value, "here")
        wide = client.follow(page, "Search all folders")
        self.assertEqual(sum(groups(wide).values()), 5)
        page = client.submit(client.get(list_url()).form(field="q"), q="apple", **{"in": "all"})
        chosen = client.get(list_url()).form(field="q").find("in")
        assert chosen
        self.assertEqual(chosen.value, "all")

    def test_below_a_folder(self) -> None:
        user, client = self.furnished()
        box.put(self.backend, user, "Work/Plans/Old", letter("apple below"))
        found = self.ask(client, "apple", of="Work/Plans", **{"in": "below"})
        self.assertEqual(set(groups(found)), {"Work/Plans", "Work/Plans/Old"})

    def test_many_in_one_folder(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"plum {at}") for at in range(120)))
        client = self.browser(user)
        page = self.ask(client, "plum")
        self.assertEqual((groups(page), len(rows(page))), ({"Inbox": 120}, 20))
        self.assertEqual(subjects(page)[0], "plum 119")
        every = client.follow(page, "All 120 in this folder")
        self.assertEqual(urlsplit(every.url).path, "/list")
        self.assertIn("120 found for plum", every.text)

    def test_act_in_several_folders(self) -> None:
        user, client = self.furnished()
        page = self.ask(client, "apple")
        ticked = [picks(page)[each] for each in ("apple pie", "apple in the archive", "apple at work")]
        done = client.press(page, "do=flag", pick=ticked)
        self.assertIn("3 messages flagged.", done.text)
        self.assertEqual(urlsplit(done.url).path, "/search")
        self.assertEqual(len(rows(self.ask(client, "is:flagged"))), 4)
        undone = client.press(done, "Undo")
        self.assertIn("3 messages are marked as before.", undone.text)
        self.assertEqual(len(rows(self.ask(client, "is:flagged"))), 1)
        done = client.press(self.ask(client, "apple"), "do=delete", pick=ticked)
        self.assertIn("3 messages moved to the trash.", done.text)
        self.assertEqual(self.backend.count(user, "Trash"), 4)
        client.press(done, "Undo")
        self.assertEqual(sorted(box.subjects(self.backend, user, "Archive")), ["apple in the archive"])
        self.assertEqual(self.backend.count(user, "Trash"), 1)

    def test_saved_from_several_folders(self) -> None:
        user, client = self.furnished()
        page = self.ask(client, "apple")
        ticked = [picks(page)[each] for each in ("apple pie", "apple in the archive", "apple at work")]
        asked = client.submit(page.form(action="/act"), "do=save", pick=ticked)
        self.assertIn("3 messages. An archive", asked.text)
        saved = client.press(asked, "Archive (zip)")
        self.assertIn('filename="messages.zip"', saved.header("Content-Disposition"))
        with zipfile.ZipFile(io.BytesIO(saved.body)) as archive:
            self.assertIsNone(archive.testzip())
            found = {name: email.message_from_bytes(archive.read(name))["Subject"] for name in archive.namelist()}
        self.assertEqual(sorted(found.values()), ["apple at work", "apple in the archive", "apple pie"])
        self.assertIn("Archive 000001 apple in the archive.eml", found)
        mbox = client.press(asked, "One mail file (mbox)")
        self.assertEqual(mbox.body.count(b"\nSubject: apple "), 3)

    def test_how_messages_begin(self) -> None:
        _, client = self.furnished()
        self.assertNotIn("with cinnamon", self.ask(client, "apple").text)
        form = client.get("/settings").form(field="previews")
        client.submit(form, "do=save", previews=True)
        self.assertIn('<span class="preview" dir="auto">with cinnamon</span>', self.ask(client, "apple").html)

    def test_final_only_after_a_question(self) -> None:
        user, client = self.furnished()
        page = self.ask(client, "apple", **{"in": "everywhere"})
        ticked = [picks(page)[each] for each in ("apple thrown away", "apple pie")]
        asked = client.press(page, "do=delete", pick=ticked)
        self.assertEqual(box.heading(asked), "Delete for good?")
        self.assertEqual(sorted(box.subjects(self.backend, user, "Trash")), ["apple pie", "apple thrown away"])
        client.press(asked, "Delete for good")
        self.assertEqual(box.subjects(self.backend, user, "Trash"), ["apple pie"])

    def test_a_form_writes_it(self) -> None:
        _, client = self.furnished()
        page = client.get("/search")
        form = page.form(field="words")
        found = client.submit(form, "do=build", words="apple", where="subject", **{"from": "Carla Rossi"}, read="is:read", larger="0")
        field = found.form(field="q").find("q")
        assert field
        self.assertEqual(field.value, 'subject:(apple) from:"Carla Rossi" is:read larger:0K')
        self.assertEqual(subjects(found), ["apple cake"])
        found = client.submit(form, "do=build", words="dora", where="recipients")
        self.assertEqual(subjects(found), ["apple sent"])
        self.assertIn("How to search", client.follow(found, "How to search with words alone").text)

    def test_kept_searches(self) -> None:
        _, client = self.furnished()
        page = client.get(list_url())
        self.assertEqual(sorted(subjects(client.follow(page, "Unread"))), ["apple pie", "pear tart"])
        self.assertEqual(subjects(client.follow(page, "Flagged")), ["apple cake"])
        self.assertTrue(client.follow(page, "Unread").title.startswith("Unread –"))
        kept = client.press(self.ask(client, "from:carla"), "Keep it", name="Carla’s")
        self.assertTrue(kept.title.startswith("Carla’s –"), kept.title)
        self.assertIn("This search is kept", kept.text)
        self.assertEqual(subjects(client.follow(client.get(list_url()), "Carla’s")), ["apple cake"])
        gone = client.press(kept, "Remove this search")
        self.assertIn("Carla’s was removed", gone.text)
        self.assertNotIn("Carla’s", [text for text, _ in client.get(list_url()).links])
        back = client.press(gone, "Undo")
        self.assertEqual(subjects(back), ["apple cake"])
        self.assertIn("Carla’s", [text for text, _ in client.get(list_url()).links])
        other = self.browser(self.person())
        self.assertNotIn("Carla’s", [text for text, _ in other.get(list_url()).links])
        self.assertEqual(other.get(kept.path).status, 404)

    def test_no_words_in_addresses(self) -> None:
        user, _ = self.furnished()
        client = self.client()
        client.login(user, self.backend.passwords[user], expire=True)
        page = client.submit(client.get(list_url()).form(field="q"), q="cinnamon")
        self.assertEqual(subjects(page), ["apple pie"])
        shown = client.get(rows(page)[0].url)
        kept = client.press(page, "Keep it", name="Secret cinnamon")
        for each in (page, shown, kept):
            self.assertNotIn("cinnamon", each.title.lower())
            self.assertNotIn("cinnamon", each.url.lower())
            self.assertNotIn("cinnamon", each.title.lower())
            self.assertFalse([url for _, url in each.links if "cinnamon" in url.lower()])


class Reading:
    """A page that is read, and unpacked, while it is sent."""

    def __init__(self, client: Client, path: str, accepts: str = "gzip") -> None:
        cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
        self.sock = socket.create_connection(("127.0.0.1", client.plain_port), 20)
        lines = (f"GET {path} HTTP/1.1", f"Host: {client.host}:{client.plain_port}", f"Cookie: {cookies}", f"Accept-Encoding: {accepts}")
        self.sock.sendall("".join(f"{each}\r\n" for each in (*lines, "")).encode())
        self.stream = self.sock.makefile("rb")
        self.head = b"".join(iter(self.stream.readline, b"\r\n")).decode()
        self.unpack = zlib.decompressobj(31) if "Content-Encoding: gzip" in self.head else None
        self.bytes = 0
        self.text = ""

    def __enter__(self) -> "Reading":
        return self

    def __exit__(self, *_: object) -> None:
        self.stream.close()
        self.sock.close()

    def until(self, words: str) -> str:
        """All that came, once these words did."""
        while words not in self.text:
            assert self.goes_on(), self.text[-2000:]
        return self.text

    def whole(self) -> str:
        while self.goes_on():
            pass
        assert self.unpack is None or self.unpack.eof
        return self.text

    def goes_on(self) -> bool:
        piece = self.stream.read(int(self.stream.readline(), 16))
        self.stream.readline()
        self.bytes += len(piece)
        self.text += (self.unpack.decompress(piece) if self.unpack else piece).decode("utf-8", "replace")
        return bool(piece)

    def field(self, name: str) -> str:
        """A field of the form that stops the search."""
        form = self.text[self.text.index('action="/search/stop"') :]
        found = re.search(rf'name="{name}" value="([^"]*)"', form)
        assert found
        return found.group(1)


class Unsaving(imapproxy.ImapProxy):
    """Says that it keeps what it finds, and then does not (RFC 5182, 2.1)."""

    def __init__(self, upstream_port: int) -> None:
        self.refused: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: imapproxy.Link, command: imapproxy.Command) -> bytes | None:
        if "SAVE" not in command.words:
            return command.whole
        self.refused.append(command.words)
        link.conn.send(command.tag + b" NO [NOTSAVED] too much to keep\r\n")
        return None


class Counting(imapproxy.ImapProxy):
    """Rows that were told, and folders that were opened."""

    def __init__(self, upstream_port: int) -> None:
        self.rows: list[bytes] = []
        self.opened: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: imapproxy.Link, command: imapproxy.Command) -> bytes | None:
        if command.name == "EXAMINE":
            self.opened.append(link.folder)
        return command.whole

    def pass_on(self, link: imapproxy.Link, response: bytes) -> bytes:
        if b" ENVELOPE (" in response:
            self.rows.append(response)
        return response


class AllTest(SearchCase):
    """All that was found in several folders, at once."""

    where: ClassVar[dict[str, int]] = {"INBOX": 45, "Archive": 30, "Work/Plans": 3}
    total: ClassVar[int] = 78

    def hits(self) -> tuple[str, Client]:
        user = self.person()
        for folder, count in self.where.items():
            box.put(self.backend, user, folder, *(letter(f"grape {folder} {at}") for at in range(count)))
            box.put(self.backend, user, folder, letter("nothing of it"))
        return user, self.browser(user)

    def counts(self, user: str, *more: str) -> list[int]:
        return [self.backend.count(user, each) for each in (*self.where, *more)]

    def flagged(self, user: str) -> int:
        return sum("\\Flagged" in each for name in self.where for each in box.flags(self.backend, user, name).values())

    def everything(self, client: Client, page: Page, button: str, **more: str) -> Page:
        """Ticks "All ..." and one row, as somebody without scripts may."""
        return client.press(page, button, all=True, pick=list(picks(page).values())[:1], **more)

    def test_it_is_offered(self) -> None:
        _, client = self.hits()
        page = self.ask(client, "grape")
        self.assertIn("All 78 messages that were found, in every folder", page.text)
        self.assertEqual(len(rows(page)), 43)
        # Where each has a row, ticking them does.
        self.assertNotIn("in every folder", self.ask(client, "grape Work").text)

    def test_marks(self) -> None:
        user, client = self.hits()
        done = self.everything(client, self.ask(client, "grape"), "do=flag")
        self.assertIn("78 messages flagged.", done.text)
        self.assertEqual((urlsplit(done.url).path, self.flagged(user)), ("/search", self.total))
        self.assertIn("78 messages are marked as before.", client.press(done, "Undo").text)
        self.assertEqual(self.flagged(user), 0)
        # It no longer matches, once it is done: that changes nothing.
        done = self.everything(client, self.ask(client, "grape is:unread"), "do=read")
        self.assertIn("78 messages marked as read.", done.text)
        self.assertEqual(rows(self.ask(client, "grape is:unread")), [])
        self.assertEqual(len(rows(self.ask(client, "is:unread"))), 3)

    def test_moves_and_back(self) -> None:
        user, client = self.hits()
        # One of the folders is where they go: what is there stays.
        done = self.everything(client, self.ask(client, "grape"), "do=move", to="Work/Plans")
        self.assertIn("78 messages", done.text)
        self.assertEqual(self.counts(user), [1, 1, 79])
        client.press(done, "Undo")
        self.assertEqual(self.counts(user), [46, 31, 4])
        for verb, folder in (("delete", "Trash"), ("junk", "Junk")):
            done = self.everything(client, self.ask(client, "grape"), f"do={verb}")
            self.assertEqual(self.counts(user, folder), [1, 1, 1, self.total])
            client.press(done, "Undo")
            self.assertEqual(self.counts(user, folder), [46, 31, 4, 0])
        done = self.everything(client, self.ask(client, "grape"), "do=archive")
        self.assertEqual(self.counts(user)[0::2], [1, 1])
        self.assertEqual(len(rows(self.ask(client, "grape in:Inbox"))), 0)
        client.press(done, "Undo")
        self.assertEqual(self.counts(user), [46, 31, 4])

    def test_others_match_meanwhile(self) -> None:
        user, client = self.hits()
        page = self.ask(client, "grape")
        box.put(self.backend, user, "Sent", letter("grape that came"))
        asked = self.everything(client, page, "do=move", to="Work/Plans")
        self.assertEqual(box.heading(asked), "Other messages match now")
        self.assertIn("there were 78 messages; now there are 79", asked.text)
        self.assertEqual(self.counts(user, "Sent"), [46, 31, 4, 1])
        # What was asked about is what is done: no more.
        box.put(self.backend, user, "INBOX", letter("grape that came last"))
        done = client.press(asked, "Move all")
        self.assertIn("79 messages", done.text)
        self.assertEqual(self.counts(user, "Sent"), [2, 1, 80, 0])
        self.assertEqual(subjects(self.ask(client, "grape in:Inbox")), ["grape that came last"])
        client.press(done, "Undo")
        self.assertEqual(self.counts(user, "Sent"), [47, 31, 4, 1])

    def test_as_many_but_others(self) -> None:
        user, client = self.hits()
        page = self.ask(client, "grape")
        with self.backend.imap(user) as conn:
            conn.select("Archive")
            conn.store("1", "+FLAGS", "(\\Deleted)")
            conn.expunge()
        box.put(self.backend, user, "INBOX", letter("grape that came"))
        asked = self.everything(client, page, "do=delete")
        self.assertIn("There are still 78 messages, but others", asked.text)
        self.assertEqual(self.counts(user, "Trash"), [47, 30, 4, 0])

    def test_final_only_after_a_question(self) -> None:
        user, client = self.hits()
        box.put(self.backend, user, "Trash", letter("grape thrown away"), letter("not that"))
        page = self.ask(client, "grape", **{"in": "everywhere"})
        asked = self.everything(client, page, "do=delete")
        self.assertEqual(box.heading(asked), "Delete for good?")
        self.assertIn("Delete this message for good?", asked.text)
        self.assertEqual(self.counts(user, "Trash"), [1, 1, 1, 80])
        # Who does not want that still has the way back of what was moved.
        left = client.follow(asked, "Cancel")
        client.press(left, "Undo")
        self.assertEqual(self.counts(user, "Trash"), [46, 31, 4, 2])
        asked = self.everything(client, page, "do=delete")
        client.press(client.press(asked, "do=delete") if "match now" in asked.text else asked, "Delete for good")
        self.assertEqual(self.counts(user, "Trash"), [1, 1, 1, 79])
        self.assertNotIn("grape thrown away", box.subjects(self.backend, user, "Trash"))

    def test_one_folder_says_no(self) -> None:
        user, client = self.hits()
        page = self.ask(client, "grape")
        box.put(self.backend, user, "INBOX", letter("grape that came"))
        asked = self.everything(client, page, "do=move", to="Sent")
        with self.backend.imap(user) as conn:
            conn.delete("Work/Plans")
        told = client.press(asked, "Move all")
        self.assertEqual(box.heading(told), "Not everything was done")
        self.assertIn("76 messages are done, 3 are left.", told.text)
        self.assertIn("These folders said no: Work/Plans : There is no such folder.", told.text)
        self.assertEqual([self.backend.count(user, each) for each in ("INBOX", "Archive", "Sent")], [1, 1, 76])
        # Again: now it is the only one, and its own words say why.
        again = client.press(told, "Go on")
        self.assertIn("Work/Plans", again.text)
        self.assertEqual(self.backend.count(user, "Sent"), 76)
        client.press(client.follow(told, "Cancel"), "Undo")
        self.assertEqual([self.backend.count(user, each) for each in ("INBOX", "Archive", "Sent")], [47, 31, 0])

    def test_saved(self) -> None:
        _, client = self.hits()
        asked = client.submit(self.ask(client, "grape").form(action="/act"), "do=save", all=True)
        self.assertIn("78 messages. An archive", asked.text)
        mbox = client.press(asked, "One mail file (mbox)")
        self.assertEqual(mbox.body.count(b"\nSubject: grape "), 78)


class HitsTest(SearchCase):
    """Folders with none, one, some and very many hits, on any server."""

    hits = (0, 1, 2, 25, 1, 0, 3, 1, 1, 21, 1)
    servers: ClassVar[dict[str, imapproxy.ImapProxy]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        port = cls.backend.ports["imap"]
        cls.servers = {
            "counting.test": Counting(port),
            "unsaving.test": Unsaving(port),
            "poor.test": imapproxy.Without(port, "ESEARCH"),
            "poorer.test": imapproxy.Without(port, "ESEARCH", "LITERAL+"),
        }
        for name, proxy in cls.servers.items():
            cls.addClassCleanup(proxy.close)
            sections[f"Host {name}"] = {"ImapPort": proxy.port, "ImapSecurity": "none"}

    def test_every_row_once_and_the_newest_first(self) -> None:
        user = self.person()
        for at, count in enumerate(self.hits):
            others = (letter(f"nothing {each}") for each in range(25 if at % 2 else 1))
            found = (letter(f"grüne quince {at} {each}") for each in range(count))
            box.put(self.backend, user, f"F{at:02}", *others, *found)
        for name, proxy in self.servers.items():
            with self.subTest(name):
                client = self.client(host=name)
                client.login(user, self.backend.passwords[user])
                for words in ("quince", "subject:grüne"):
                    page = self.ask(client, words)
                    expected = {f"F{at:02}": count for at, count in enumerate(self.hits) if count}
                    self.assertEqual(groups(page), expected)
                    shown = [f"{at} {each}" for at, count in enumerate(self.hits) for each in reversed(range(max(0, count - 20), count))]
                    self.assertEqual(sorted(subjects(page)), sorted(f"grüne quince {each}" for each in shown))
                    for at in range(len(self.hits)):
                        mine = [each for each in subjects(page) if f"quince {at} " in each]
                        self.assertEqual(mine, [f"grüne quince {each}" for each in shown if each.startswith(f"{at} ")])
                if isinstance(proxy, Counting):
                    # Of more than one hit the newest may be told twice, with the others.
                    self.assertLessEqual(len(proxy.rows), 2 * (sum(min(20, each) for each in self.hits) + len(self.hits)))
                    self.assertLess(len(proxy.opened), 2 * 2 * len(self.hits))
                if isinstance(proxy, Unsaving):
                    self.assertGreater(len(proxy.refused), 0)
                done = client.submit(page.form(action="/act"), "do=flag", all=True)
                self.assertIn(f"{sum(self.hits)} messages flagged.", done.text)
                undone = client.press(done, "Undo")
                self.assertIn(f"{sum(self.hits)} messages are marked as before.", undone.text)


class StreamTest(SearchCase):
    """Folder by folder: at once, with an end at any time."""

    proxy: ClassVar[mockmail.Proxy]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        tls = mockmail.context(cls.backend.authority.issue("searched"))
        cls.proxy = mockmail.Proxy(cls.backend.ports["imaps"], tls, cls.backend.trust())
        cls.addClassCleanup(cls.proxy.close)
        sections["Host slow.test"] = {"ImapPort": cls.proxy.port}
        sections.setdefault("Mail", {})["SearchWait"] = "3s"

    def setUp(self) -> None:
        super().setUp()
        self.proxy.rules[:] = []

    def many(self) -> str:
        user = self.person()
        for at in range(MANY):
            box.put(self.backend, user, f"F{at:02}", letter(f"quince {at}"))
        return user

    def slow(self, user: str) -> Client:
        client = self.client(host="slow.test")
        client.login(user, self.backend.passwords[user])
        return client

    def test_fifty_folders(self) -> None:
        client = self.browser(self.many())
        page = self.ask(client, "subject:quince")
        self.assertEqual(list(groups(page)), [f"F{at:02}" for at in range(MANY)])
        self.assertIn(f"{MANY} found in", page.text)

    def test_a_server_that_hangs_on_the_way(self) -> None:
        client = self.slow(self.many())
        self.proxy.rules[:] = [mockmail.Rule(rb"EXAMINE \"?F2", mockmail.HANG)]
        start = time.monotonic()
        page = self.ask(client, "subject:quince")
        self.assertLess(time.monotonic() - start, 15)
        found = groups(page)
        self.assertIn("F00", found)
        self.assertIn("These folders were not searched:", page.text)
        missing = set(re.findall(r"<li><bdi>(F\d\d)</bdi></li>", page.html))
        failed = set(re.findall(r"<bdi>(F\d\d)</bdi>\s*<span class=\"found-bad\">could not", page.html))
        self.assertEqual(found.keys() | missing | failed, {f"F{at:02}" for at in range(MANY)})
        self.proxy.rules[:] = []
        self.assertEqual(len(groups(client.follow(page, "Search again"))), MANY)

    def test_one_folder_that_cannot_be_opened(self) -> None:
        client = self.slow(self.many())
        self.proxy.rules[:] = [mockmail.Rule(rb"EXAMINE \"?F07", mockmail.CUT, times=3)]
        page = self.ask(client, "subject:quince")
        self.assertIn("could not be searched", page.text)
        self.assertGreaterEqual(len(groups(page)), MANY - 3)

    def test_packed_on_its_way(self) -> None:
        client = self.browser(self.many())
        pages = []
        for accepts in ("gzip", "gzip;q=0"):
            with Reading(client, search_url("subject:quince"), accepts) as reading:
                pages.append(re.sub(r'(csrf|name="(csrf|id)" value)="[^"]*"', "", reading.whole()))
                self.assertEqual("Content-Encoding: gzip" in reading.head, accepts == "gzip")
                self.assertIn("Vary: Accept-Encoding", reading.head)
                if accepts == "gzip":
                    self.assertLess(reading.bytes, 15 << 10)
                else:
                    self.assertGreater(reading.bytes, 60 << 10)
        self.assertEqual(pages[0], pages[1])

    def test_first_rows_before_the_last_folder(self) -> None:
        client = self.slow(self.many())
        self.proxy.rules[:] = [mockmail.Rule(rb"EXAMINE \"?F3", mockmail.HANG)]
        with Reading(client, search_url("subject:quince")) as reading:
            self.assertTrue(reading.unpack)
            self.assertIn("quince 0", reading.until("quince 5<"))
            self.assertIn("folders searched; looking on", reading.until("looking on"))
            stopped = client.post("/search/stop", [("csrf", reading.field("csrf")), ("id", reading.field("id"))])
            self.assertEqual(stopped.status, 204)
            rest = reading.until("</html>")
        self.assertIn("You stopped the search.", rest)
        self.assertIn("F49", rest)

    def test_who_leaves_ends_it(self) -> None:
        client = self.slow(self.many())
        self.proxy.rules[:] = [mockmail.Rule(rb"EXAMINE \"?F3", mockmail.HANG)]
        with Reading(client, search_url("subject:quince")) as reading:
            reading.until("quince 5<")

        def is_over() -> bool:
            found = [each for each in steps.events(self.server, "http.request") if each.get("page") == "search"]
            return bool(found) and found[-1].get("error") == "ERR_CANCELED"

        # Long before the mail server's time is over.
        proc.wait_until(is_over, "the end of the search", 1.5, self.server.process)


if __name__ == "__main__":
    harness.main()
