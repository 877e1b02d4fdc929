"""Lists, folders and messages against what Dovecot itself says."""

from __future__ import annotations

import html
import re
from email import message_from_bytes, policy
from email.message import Message
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import mailbox as box
import make_samples
import message as m
from client import Client, Page
from mailbox import letter, list_url, rows, uids

BODY_CSP = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src data: 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
# What a browser sends for its button "reload".
RELOAD = {"Cache-Control": "max-age=0"}


class ListTest(box.MailTest):
    def test_marks(self) -> None:
        user = self.person()
        with_file = m.multi("mixed", [m.text("x\n"), m.attachment("a.txt", "text/plain", b"a")], "b")
        put = [
            ("new", "", None, {"Unread"}),
            ("seen", "\\Seen", None, set()),
            ("flagged", "\\Seen \\Flagged", None, {"Flagged"}),
            ("answered", "\\Seen \\Answered", None, {"Answered"}),
            ("forwarded", "\\Seen $Forwarded", None, {"Forwarded"}),
            ("file", "\\Seen", with_file, {"Has attachments"}),
            ("all", "\\Flagged \\Answered", with_file, {"Unread", "Flagged", "Answered", "Has attachments"}),
        ]
        for subject, flags, part, _ in put:
            box.put(self.backend, user, "INBOX", letter(subject, part), flags=flags)
        found = {row.subject: row for row in rows(self.browser(user).get(list_url()))}
        for subject, _, _, marks in put:
            with self.subTest(subject):
                self.assertEqual(found[subject].marks, marks)
                self.assertEqual(found[subject].unread, "Unread" in marks)

    def test_paging_borders(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at}") for at in range(51)))
        client = self.browser(user)
        page = client.get(list_url())
        self.assertEqual(uids(page), list(range(51, 1, -1)))
        self.assertIn("1–50 of 51", page.text)
        second = client.follow(page, "Older")
        self.assertEqual(uids(second), [1])
        self.assertIn("51–51 of 51", second.text)
        self.assertEqual(uids(client.follow(second, "Newer")), uids(page))
        for number in (3, 4711, 9999999):
            past = client.get(list_url(page=number))
            self.assertEqual((past.status, uids(past)), (200, [1]), number)
        for bad in ("0", "-1", "x", "99999999999999999999"):
            self.assertEqual(client.get(list_url(page=bad)).status, 400, bad)
        box.expunge(self.backend, user, "17")
        page = client.get(list_url())
        self.assertIn("1–50 of 50", page.text)
        self.assertEqual(len(rows(page)), 50)
        self.assertNotIn("page=2", page.html)
        self.assertEqual(uids(client.get(list_url(page=2))), uids(page))

    def test_empty_folder(self) -> None:
        client = self.browser(self.person())
        page = client.get(list_url())
        self.assertEqual((page.status, rows(page)), (200, []))
        self.assertIn("There are no messages in this folder.", page.text)
        self.assertEqual(client.get(list_url(sort="from", rev=1)).status, 200)
        self.assertEqual(client.get(list_url(q="words")).status, 200)

    def test_500_rows(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at}") for at in range(501)))
        client = self.browser(user)
        settings = client.get("/settings")
        form = settings.form(field="rows_per_page")
        self.assertIn("500", form.find("rows_per_page").options)  # type: ignore[union-attr]
        client.submit(form, rows_per_page="500")
        for query in ({}, {"sort": "subject"}):
            page = client.get(list_url(**query))
            self.assertEqual(len(rows(page)), 500, query)
            self.assertEqual(len(rows(client.get(list_url(page=2, **query)))), 1, query)
        done = client.press(page, "do=flag", uid=[str(each) for each in uids(page)])
        self.assertIn("500 messages flagged.", done.text)
        flagged = box.flags(self.backend, user, "INBOX")
        self.assertEqual(sum("\\Flagged" in each for each in flagged.values()), 500)

    def test_no_such_folder(self) -> None:
        client = self.browser(self.person())
        for name in ("Nowhere", "a\r\nb", "x" * 3000, "%", "*", "\x00", "INBOX\x00"):
            with self.subTest(name[:20]):
                page = client.get(list_url(name))
                self.assertIn(page.status, (400, 404))
                self.assertTrue(box.heading(page))
        self.assertEqual(client.get("/list?folder=%FF%FE").status, 400)

    def test_quota(self) -> None:
        user = self.person()
        data = letter("big", m.attachment("a.bin", "application/octet-stream", bytes(5 << 20)))
        box.put(self.backend, user, "INBOX", data)
        client = self.browser(user)
        page = client.get(list_url())
        self.assertRegex(page.text, r"Space used: [67](\.\d)? MB of 100 MB")
        client.press(page, "do=delete", uid=["1"])
        asked = client.press(client.get(list_url("Trash")), "do=delete", uid=["1"])
        client.press(asked, "Delete for good")
        self.assertRegex(client.get(list_url()).text, r"Space used: \d+(\.\d)? (bytes|KB) of 100 MB")

    def test_mailbox_full(self) -> None:
        user = self.person()
        large = letter("large", m.attachment("a.bin", "application/octet-stream", bytes(20 << 20)))
        medium = letter("medium", m.attachment("a.bin", "application/octet-stream", bytes(1 << 20)))
        with self.backend.imap(user) as conn:
            for data in (large, medium):
                while conn.append("INBOX", "", None, data)[0] == "OK":
                    pass
        client = self.browser(user)
        refused = client.press(client.get(list_url()), "do=copy", uid=["1"], to="Archive")
        self.assertEqual(refused.status, 502)
        self.assertIn("did not copy the messages. The mailbox is full. Emptying the trash makes room.", refused.text)
        # Room can always be made.
        self.assertIn("1 message moved to the trash", client.press(client.get(list_url()), "do=delete", uid=["1"]).text)
        asked = client.press(client.get(list_url("Trash")), "do=delete", uid=["1"])
        client.press(asked, "Delete for good")
        copied = client.press(client.get(list_url()), "do=copy", uid=["2"], to="Archive")
        self.assertIn("1 message copied", copied.text)

    def test_words_of_the_server(self) -> None:
        client = self.browser(self.person())
        made = client.get("/folders")
        refused = client.submit(made.form(button="Make the folder"), "Make the folder", name="a.b")
        self.assertIn("It says: “Character not allowed in mailbox name: '.'”", refused.text)


class SampleTest(box.MailTest):
    """One person with all the sample messages of anna."""

    user: ClassVar[str]
    samples: ClassVar[list[make_samples.Sample]]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user = box.new_user(cls.backend)
        cls.samples = [each for each in make_samples.samples() if each.user == "anna"]
        for folder in {each.mailbox for each in cls.samples}:
            cls.backend.append(
                cls.user,
                folder,
                [(x.data, x.flags, x.when) for x in cls.samples if x.mailbox == folder],
            )

    def order(self, criteria: str, words: str = "ALL") -> list[int]:
        """What Dovecot's SORT says; without criteria the order of arrival."""
        with self.imap(self.user) as conn:
            conn.select("INBOX", readonly=True)
            if not criteria:
                found = conn.uid("SEARCH", words)[1][0]
            else:
                found = conn.uid("SORT", f"({criteria})", "UTF-8", words)[1][0]
            return [int(each) for each in found.split()]

    def walk(self, client: Client, page: Page) -> list[int]:
        """The UIDs of a list from this page to the last."""
        found = uids(page)
        while after := re.search(r'<a href="([^"]+)" rel="next">', page.html):
            page = client.get(html.unescape(after.group(1)))
            found += uids(page)
        return found

    def test_sort_is_what_dovecot_says(self) -> None:
        client = self.browser(self.user)
        table = (
            ("Received", "", True),
            ("Sent", "REVERSE DATE", False),
            ("From", "DISPLAYFROM", False),
            ("Subject", "SUBJECT", False),
            ("Size", "REVERSE SIZE", False),
        )
        for column, criteria, is_shown in table:
            with self.subTest(column):
                page = client.get(list_url())
                if not is_shown:
                    page = client.get(sort_link(page, column))
                expected = self.order(criteria)
                self.assertEqual(self.walk(client, page), expected if criteria else expected[::-1])
                page = client.get(sort_link(page, column))
                back = criteria.removeprefix("REVERSE ") if "REVERSE" in criteria else f"REVERSE {criteria}"
                self.assertEqual(self.walk(client, page), self.order(back) if criteria else expected)

    def test_every_sample_opens(self) -> None:
        client = self.browser(self.user)
        places: dict[str, list[int]] = {}
        for folder in {each.mailbox for each in self.samples}:
            places[folder] = sorted(self.walk(client, client.get(list_url(folder))))
        at = dict.fromkeys(places, 0)
        for each in self.samples:
            uid = places[each.mailbox][at[each.mailbox]]
            at[each.mailbox] += 1
            with self.subTest(each.shows, folder=each.mailbox, uid=uid):
                self.open_one(client, each, uid)

    def open_one(self, client: Client, sample: make_samples.Sample, uid: int) -> None:
        page = client.get(f"/message?folder={quote(sample.mailbox)}&uid={uid}")
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertNotIn("�", page.title)
        frame = re.search(r'<iframe class="frame[^>]* src="([^"]*)"', page.html)
        body = client.get(html.unescape(frame.group(1))) if frame else None
        if body is not None:
            self.assertEqual((body.status, body.header("Content-Security-Policy")), (200, BODY_CSP))
            self.assertEqual(problems(body.html), [])
        self.assertEqual(box.source_of(client, page), sample.data)
        if sample.shows.startswith(("broken", "attack")):
            return
        told = message_from_bytes(sample.data, policy=policy.default)
        self.assertEqual(box.heading(page), " ".join(str(told["Subject"]).split()))
        self.assertIn(told["From"].addresses[0].addr_spec, page.text)
        self.assertIn(told["From"].addresses[0].display_name, page.text)
        text = told.get_body(("html",) if body is not None else ("plain",))
        if text is not None and text.get_content_subtype() == "plain":
            words = [x for x in text.get_content().split() if x.isalnum()]
            shown = page.text
            self.assertTrue(all(x in shown for x in words[:20]), words[:20])
        for part in told.iter_attachments():
            if part.get_filename() and not part.is_multipart():
                self.download(client, page, part)

    def download(self, client: Client, page: Page, part: Message) -> None:
        # Folders in names go; what is left starts alike.
        name = " ".join(str(part.get_filename()).split("/")[-1].split())[:40]
        shown = [a for text, a in page.links if "/part?" in a and text.startswith(name)]
        self.assertTrue(shown, (name, page.links))
        got = client.get(shown[0])
        self.assertEqual((got.status, got.body), (200, part.get_payload(decode=True)))

    def test_neighbours_lead_through_the_folder(self) -> None:
        client = self.browser(self.user)
        seen = []
        page = client.get(rows(client.get(list_url("Familie")))[0].url)
        while True:
            seen.append(int(parse_qs(urlsplit(page.url).query)["uid"][0]))
            if not any(text == "Older" for text, _ in page.links):
                break
            older = client.follow(page, "Older")
            self.assertEqual(client.follow(older, "Newer").path, page.path)
            page = older
        self.assertEqual(seen, uids(client.get(list_url("Familie"))))


def sort_link(page: Page, column: str) -> str:
    for text, address in page.links:
        if text == column and "/list?folder=INBOX" in address:
            return address
    raise AssertionError(page.links)


class Problems(HTMLParser):
    """What must not be in a cleaned body."""

    FORBIDDEN = {
        "script", "iframe", "frame", "object", "embed", "applet", "svg", "math", "form", "input",
        "button", "textarea", "select", "template", "noscript", "audio", "video", "portal",
    }  # fmt: skip

    def __init__(self, remote: bool) -> None:
        super().__init__()
        self.remote = remote
        self.found: list[str] = []
        self.in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.in_style = tag == "style"
        # Our own document names an empty icon, or browsers ask for one.
        icon = [("rel", "icon"), ("href", "data:,")]
        # And the box for the colours that the message came with.
        if tag == "input" and attrs[:2] == [("type", "checkbox"), ("class", "iwebmsg-original")]:
            return
        if tag in self.FORBIDDEN or (tag == "link" and attrs != icon):
            self.found.append(tag)
        if tag == "base" and [name for name, _ in attrs] != ["target"]:
            self.found.append("base")
        for name, value in attrs:
            self.look(tag, name, (value or "").strip().lower())

    def look(self, tag: str, name: str, value: str) -> None:
        squeezed = re.sub(r"[\x00-\x20]", "", value)
        if name.startswith("on") or name in ("srcset", "formaction", "background", "xlink:href", "ping"):
            self.found.append(f"{tag} {name}")
        if squeezed.startswith(("javascript:", "vbscript:", "data:text")):
            self.found.append(f"{tag} {name}={value[:40]}")
        if name in ("src", "poster") and re.match(r"(https?:)?//", squeezed) and not self.remote:
            self.found.append(f"{tag} {name}={value[:40]}")
        if name == "style" and re.search(r"url\(|expression|behavior|@import", value) and not self.remote:
            self.found.append(f"{tag} style={value[:60]}")
        if tag == "meta" and name == "http-equiv":
            self.found.append("meta refresh")

    def handle_data(self, data: str) -> None:
        if self.in_style and re.search(r"@import|url\(", data):
            self.found.append(f"style: {data[:60]}")


def problems(markup: str, remote: bool = False) -> list[str]:
    parser = Problems(remote)
    parser.feed(markup)
    parser.close()
    return parser.found


class SearchTest(box.MailTest):
    user: ClassVar[str]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user = box.new_user(cls.backend)
        box.put(
            cls.backend,
            cls.user,
            "INBOX",
            letter("Wisteria in bloom", m.text("nothing\n")),
            letter("plain", m.text("The heron stands still.\n")),
            letter("sender", m.text("nothing\n"), sender="Quentin Zaborski <qz@example.org>"),
            letter("Grüße aus Köln", m.text("Schöne Straße, 日本語の手紙\n")),
            letter("quotes", m.text('She said "never again" twice.\n')),
            letter("backslash", m.text("C:\\temp\\plans and a%b {5}\n")),
        )

    def found(self, words: str) -> list[str]:
        page = self.browser(self.user).get(list_url(q=words))
        self.assertEqual(page.status, 200, page.text[:200])
        form = page.form(field="q")
        field = form.find("q")
        assert field
        self.assertEqual(field.value, " ".join(words.split()))
        return sorted(row.subject for row in rows(page))

    def test_words(self) -> None:
        table = (
            ("wisteria", ["Wisteria in bloom"]),
            ("HERON", ["plain"]),
            ("zaborski", ["sender"]),
            ("qz@example.org", ["sender"]),
            ("heron stands", ["plain"]),
            ("stands heron", ["plain"]),
            ("heron wisteria", []),
            ("köln", ["Grüße aus Köln"]),
            ("straße", ["Grüße aus Köln"]),
            ("日本語", ["Grüße aus Köln"]),
            ('"never', ["quotes"]),
            ("C:\\temp\\plans", ["backslash"]),
            ("\\", ["backslash"]),
            ("a%b", ["backslash"]),
            ("{5}", ["backslash"]),
            ("nowhere-to-be-found", []),
        )
        for words, expected in table:
            with self.subTest(words):
                self.assertEqual(self.found(words), expected)

    def test_line_breaks_cannot_inject(self) -> None:
        client = self.browser(self.user)
        for words in ("zzq\r\ni99 DELETE Trash", 'zzq" ALL', "zzq\r\n", "zzq\nyyq", "zz\x00q", "{5}\r\nabcde", "zzq) ("):
            with self.subTest(words):
                page = client.get(list_url(q=words))
                self.assertEqual((page.status, rows(page)), (200, []))
        self.assertGreaterEqual(self.backend.count(self.user, "Trash"), 0)
        self.assertEqual(client.get(list_url(q="w" * 5000)).status, 400)

    def test_from_the_form_and_sorted(self) -> None:
        client = self.browser(self.user)
        page = client.get(list_url())
        page = client.submit(page.form(field="q"), q="nothing", **{"in": "here"})
        self.assertEqual(len(rows(page)), 2)
        self.assertIn("2 found for nothing", page.text)
        by_subject = client.get(sort_link(page, "Subject"))
        self.assertEqual([row.subject for row in rows(by_subject)], ["sender", "Wisteria in bloom"])
        self.assertEqual(len(rows(client.follow(page, "Show all messages"))), 6)

    def test_no_words_in_addresses_with_expire(self) -> None:
        client = self.client()
        page = client.login(self.user, self.backend.passwords[self.user], expire=True)
        page = client.submit(client.get(list_url()).form(field="q"), q="wisteria")
        self.assertEqual([row.subject for row in rows(page)], ["Wisteria in bloom"])
        self.assertNotIn("wisteria", page.url.lower())
        again = client.get(page.path)
        self.assertEqual(len(rows(again)), 1)
        page = client.submit(client.get(list_url()).form(field="q"), q="wisteria", **{"in": "here"})
        self.assertNotIn("wisteria", page.url.lower())
        self.assertNotIn("wisteria", sort_link(page, "Size"))


FOLDERS = (
    "Grüße",
    "Архив 2026",
    "日本語のフォルダ",
    "A & B",
    "&",
    "&AMg-",
    "100% sure",
    'say "hi"',
    "back\\slash",
    "it's #1 + ? = ;",
    "<b>bold</b>",
    "two  blanks",
    "{12}",
    "Parent/Kind/Enkel ä",
    "🍒 cherries",
)


class FolderTest(box.MailTest):
    def test_names_in_any_alphabet(self) -> None:
        user = self.person()
        made = []
        for name in FOLDERS:
            try:
                box.put(self.backend, user, name, letter(f"in {name}"))
                made.append(name)
            except Exception as refused:  # the mail server does not take every name
                print(f"# folder {name!r}: {refused}")
        self.assertGreaterEqual(len(made), len(FOLDERS) - 3)
        client = self.browser(user)
        bar = box.folders(client.get(list_url()))
        for name in made:
            with self.subTest(name):
                entry = bar[name.split("/")[-1]]
                self.assertEqual(entry.unread, 1)
                self.assertTrue(entry.url)
                page = client.get(entry.url)
                self.assertEqual(parse_qs(urlsplit(page.url).query)["folder"], [name])
                self.assertEqual([row.subject for row in rows(page)], [" ".join(f"in {name}".split())])
                shown = client.get(rows(page)[0].url)
                self.assertEqual(shown.status, 200)
                self.assertEqual(box.folders(shown)[entry.name].unread, 0)
                page = client.get(entry.url)
                done = client.press(page, "do=move", uid=[str(uids(page)[0])], to="INBOX")
                self.assertIn("1 message moved.", done.text)
                back = client.press(done, "Undo")
                self.assertEqual(len(rows(client.get(entry.url))), 1, back.text[:200])

    def test_parent_that_is_no_folder(self) -> None:
        user = self.person()
        with self.imap(user) as conn:
            conn.create("Shell/Core")
            listed = [each.decode() for each in conn.list()[1]]
        self.assertTrue(any("Shell" in each and "Noselect" in each for each in listed), listed)
        client = self.browser(user)
        bar = box.folders(client.get(list_url()))
        self.assertEqual(bar["Shell"].url, "")
        self.assertNotEqual(bar["Core"].depth, bar["Shell"].depth)
        self.assertEqual(client.get(bar["Core"].url).status, 200)
        self.assertEqual(client.get(list_url("Shell")).status, 404)

    def test_made_renamed_and_deleted_elsewhere(self) -> None:
        user = self.person()
        client = self.browser(user)
        with self.imap(user) as conn:
            conn.create("Fresh")
            self.assertIn("Fresh", box.folders(client.get(list_url(), **RELOAD)))
            self.assertEqual(client.get(list_url("Fresh")).status, 200)
            conn.rename("Fresh", "Stale")
            self.assertEqual(client.get(list_url("Fresh")).status, 404)
            # Whoever came upon that is told the rest.
            bar = box.folders(client.get(list_url()))
            self.assertIn("Stale", bar)
            self.assertNotIn("Fresh", bar)
            conn.delete("Stale")
            self.assertNotIn("Stale", box.folders(client.get(list_url(), **RELOAD)))
            self.assertEqual(client.get(list_url("Stale")).status, 404)


class FreshTest(box.MailTest):
    """What others do in the mailbox shows at the next view."""

    def test_flags_and_expunge_elsewhere(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(letter(f"n{at}") for at in range(1, 6)))
        client = self.browser(user)
        self.assertEqual(box.folders(client.get(list_url()))["Inbox"].unread, 5)
        for sort in ("", "subject"):
            address = list_url(sort=sort) if sort else list_url()
            client.get(address)
            with self.subTest(sort=sort):
                box.store(self.backend, user, "2", "+FLAGS (\\Seen \\Flagged)")
                page = client.get(address)
                row = next(each for each in rows(page) if each.uid == 2)
                self.assertEqual(row.marks, {"Flagged"})
                self.assertEqual(box.folders(page)["Inbox"].unread, 4)
                box.store(self.backend, user, "2", "-FLAGS (\\Seen \\Flagged)")
                page = client.get(address)
                self.assertEqual(next(x for x in rows(page) if x.uid == 2).marks, {"Unread"})
                self.assertEqual(box.folders(page)["Inbox"].unread, 5)
        box.expunge(self.backend, user, "3")
        page = client.get(list_url())
        self.assertEqual(uids(page), [5, 4, 2, 1])
        self.assertEqual(box.folders(page)["Inbox"].unread, 4)
        self.assertEqual(client.get("/message?folder=INBOX&uid=3").status, 404)
        box.put(self.backend, user, "INBOX", letter("n6"))
        self.assertEqual(uids(client.get(list_url())), [6, 5, 4, 2, 1])
        self.assertEqual(sorted(uids(client.get(list_url(sort="from")))), [1, 2, 4, 5, 6])

    def test_new_mail_shows_in_every_order_and_search(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", *(letter(f"plum {at}") for at in range(3)))
        client = self.browser(user)
        views = [list_url(sort=each) for each in ("from", "subject", "size")]
        views.append(list_url(q="plum"))
        count = 3
        for address in views:
            client.get(address)
            box.put(self.backend, user, "INBOX", letter(f"plum new {count}"))
            count += 1
            with self.subTest(address=address):
                shown = uids(client.get(address))
                self.assertEqual(len(shown), count)
                box.expunge(self.backend, user, str(min(shown)))
                count -= 1
                self.assertEqual(len(rows(client.get(address))), count)
                box.put(self.backend, user, "INBOX", letter("plum again"))
                count += 1
                client.get(list_url())

    def test_reading_counts_down(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        client = self.browser(user)
        page = client.get(list_url())
        shown = client.get(rows(page)[0].url)
        self.assertEqual(box.folders(shown)["Inbox"].unread, 1)
        self.assertEqual(box.folders(client.get(list_url()))["Inbox"].unread, 1)
        self.assertEqual(box.folders(client.get(rows(page)[0].url))["Inbox"].unread, 1)
        client.press(shown, "do=unread")
        self.assertEqual(box.folders(client.get(list_url()))["Inbox"].unread, 2)

    def test_counts_beside_a_message(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        box.put(self.backend, user, "Work", letter("three"), letter("four"))
        client = self.browser(user)

        def unread(page: Page) -> tuple[int, int]:
            bar = box.folders(page)
            return bar["Inbox"].unread, bar["Work"].unread

        self.assertEqual(unread(client.get(list_url())), (2, 2))
        self.assertEqual(unread(client.get("/message?folder=INBOX&uid=1")), (1, 2))
        page = client.get("/message?folder=Work&uid=1")
        self.assertEqual(unread(page), (1, 1))
        # What we change ourselves counts at once, in every folder.
        client.press(page, "do=unread")
        self.assertEqual(unread(client.get("/message?folder=INBOX&uid=2")), (0, 2))
        client.press(client.get("/message?folder=Work&uid=1"), "do=delete")
        self.assertEqual(unread(client.get("/message?folder=INBOX&uid=1")), (0, 1))
        # What others do, in a list that is loaded again.
        box.store(self.backend, user, "1:2", "-FLAGS (\\Seen)")
        self.assertEqual(unread(client.get(list_url("Work"), **RELOAD)), (2, 1))
        self.assertEqual(unread(client.get("/message?folder=Work&uid=2")), (2, 0))

    def test_opened_before_and_changed_elsewhere(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"))
        client = self.browser(user)
        address = "/message?folder=INBOX&uid=1"
        self.assertNotIn("Unflag", client.get(address).text)
        for _ in range(2):
            box.store(self.backend, user, "1", "+FLAGS (\\Flagged)")
            self.assertIn("Unflag", client.get(address).text)
            box.store(self.backend, user, "1", "-FLAGS (\\Flagged \\Seen)")
            self.assertNotIn("Unflag", client.get(address).text)
            self.assertIn("\\Seen", box.flags(self.backend, user, "INBOX")[1])
        box.store(self.backend, user, "2", "+FLAGS (\\Flagged)")
        self.assertIn("Unflag", client.get("/message?folder=INBOX&uid=2").text)
        box.expunge(self.backend, user, "1")
        self.assertEqual(client.get(address).status, 404)

    def test_uidvalidity_change_is_said(self) -> None:
        user = self.person()
        box.put(self.backend, user, "Old", letter("before"))
        client = self.browser(user)
        page = client.get(list_url("Old"))
        bookmark = rows(page)[0].url
        self.assertEqual(client.get(bookmark).status, 200)
        with self.imap(user) as conn:
            conn.delete("Old")
        box.put(self.backend, user, "Old", letter("after"))
        gone = client.get(bookmark)
        self.assertEqual(gone.status, 404)
        self.assertNotIn("after", gone.text)
        self.assertRegex(gone.text.lower(), "moved|deleted|renumbered|changed")
        done = client.press(page, "do=delete", uid=["1"])
        self.assertEqual(done.status, 404)
        self.assertEqual(box.subjects(self.backend, user, "Old"), ["after"])


def bytes_of(count: int) -> bytes:
    return bytes((at * 7 + (at >> 8)) & 255 for at in range(count))


class PartTest(box.MailTest):
    def opened(self, part: m.Part, **how: str) -> tuple[Client, Page]:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("parts", part))
        client = self.browser(user)
        return client, box.open_message(client, "parts")

    def test_bytes_come_as_they_were(self) -> None:
        every = bytes_of(10001)
        text = "Grüße\r\n".encode() * 3
        qp = b"a=3D b=\r\nc =C3=A9 end=20\r\n"
        octets = [("Content-Transfer-Encoding", "8bit"), ("Content-Disposition", 'attachment; filename="8bit.txt"')]
        quoted = [
            ("Content-Transfer-Encoding", "quoted-printable"),
            ("Content-Disposition", 'attachment; filename="qp.txt"'),
        ]
        inner = letter("inside", m.text("deep\n"))
        inner_head = [("Content-Disposition", 'attachment; filename="inner.eml"')]
        client, page = self.opened(
            m.multi(
                "mixed",
                [
                    m.text("see files\n"),
                    m.attachment("every.bin", "application/octet-stream", every),
                    m.Part("text/plain; charset=utf-8", text, octets),
                    m.Part("text/plain; charset=utf-8", qp, quoted),
                    m.attachment("empty.bin", "application/octet-stream", b""),
                    m.Part("message/rfc822", inner, inner_head),
                ],
                "cut",
            )
        )
        expected = {
            "every.bin": every,
            "8bit.txt": text,
            "qp.txt": "a= bc é end \r\n".encode(),
            "empty.bin": b"",
            "inner.eml": inner,
        }
        for name, data in expected.items():
            with self.subTest(name):
                got = client.get(page.link(name))
                self.assertEqual(got.status, 200)
                self.assertEqual(got.body.removesuffix(b"\r\n"), data.removesuffix(b"\r\n"))
                self.assertEqual(got.header("X-Content-Type-Options"), "nosniff")
                self.assertIn("sandbox", got.header("Content-Security-Policy"))
                self.assertTrue(got.header("Content-Disposition").startswith("attachment;"))

    def test_20_mb_in_little_memory(self) -> None:
        data = bytes_of(1 << 20) * 20
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("large", m.attachment("l.bin", "application/zip", data)))
        client = self.browser(user)
        page = box.open_message(client, "large")
        client.get(list_url())
        memory = box.Memory(self.server)
        got = client.get(page.link("l.bin"))
        self.assertEqual(got.status, 200)
        self.assertTrue(got.body == data, "the bytes differ")
        # Its size is not asked for: that would cost its server all of it.
        self.assertEqual(got.header("Content-Length"), "")
        self.assertEqual(got.header("Accept-Ranges"), "bytes")
        tag = got.header("ETag")
        known = client.request("GET", page.link("l.bin"), headers={"If-None-Match": tag})
        self.assertEqual((known.status, known.body), (304, b""))
        rest = {"Range": "bytes=20971000-", "If-Range": tag}
        part = client.request("GET", page.link("l.bin"), headers=rest)
        self.assertEqual((part.status, part.body), (206, data[20971000:]))
        self.assertEqual(part.header("Content-Range"), "bytes 20971000-20971519/20971520")
        source = box.source_of(client, page)
        self.assertGreater(len(source), len(data) * 4 // 3)
        if box.memory_is_measured():
            self.assertLess(memory.rise(), 8)

    def test_hostile_names(self) -> None:
        names = (
            "../../etc/passwd",
            "..\\..\\boot.ini",
            'a"; filename="evil.exe',
            "new\u2028line",
            "\u202egpj.exe",
            "x" * 3000 + ".txt",
            "<script>alert(1)</script>.html",
            "100%41.txt",
            "nul.txt ",
            "日本語.pdf",
        )
        for name in names:
            with self.subTest(name[:30]):
                packed = quote(name, safe="")
                head = [
                    ("Content-Transfer-Encoding", "base64"),
                    ("Content-Disposition", f"attachment; filename*=UTF-8''{packed}"),
                ]
                part = m.multi("mixed", [m.text("x\n"), m.Part("text/html", b"PGI+", head)], "cut")
                client, page = self.opened(part)
                self.assertNotIn("<script>alert(1)", page.html)
                address = next(a for _, a in page.links if a.startswith("/part?"))
                got = client.get(address)
                self.assertEqual((got.status, got.body), (200, b"<b>"))
                line = got.header("Content-Disposition")
                self.assertRegex(line, r"^attachment; filename=\"[ -~]*\"; filename\*=UTF-8''[\w.~%!#$&+^`|-]+$")
                self.assertEqual(line.count('"'), 2)
                told = unquote(line.rsplit("''", 1)[1])
                self.assertNotRegex(told, r"[/\\\x00-\x1f]")
                self.assertLess(len(told), 300)
                self.assertNotIn("text/html", got.header("Content-Type"))

    def test_inline_only_safe_images(self) -> None:
        picture = m.png(4, 4, (9, 9, 9))
        client, page = self.opened(
            m.multi(
                "mixed",
                [
                    m.text("x\n"),
                    m.attachment("a.png", "image/png", picture),
                    m.attachment("b.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
                    m.attachment("c.html", "text/html", b"<script>1</script>"),
                    m.attachment("d.pdf", "application/pdf", b"%PDF-1.4"),
                ],
                "cut",
            )
        )
        for name, inline, kind in (
            ("a.png", "inline", "image/png"),
            ("b.svg", "attachment", "application/octet-stream"),
            ("c.html", "attachment", "application/octet-stream"),
            ("d.pdf", "inline", "application/pdf"),
        ):
            with self.subTest(name):
                got = client.get(page.link(name) + "&inline=1")
                self.assertTrue(got.header("Content-Disposition").startswith(inline))
                self.assertEqual(got.header("Content-Type").split(";")[0], kind)

    def test_unknown_parts(self) -> None:
        client, page = self.opened(m.text("x\n"))
        uid = parse_qs(urlsplit(page.url).query)["uid"][0]
        for section in ("9", "1.9", "1.HEADER", "", "x", "1]", "-1", "1\r\nx", "9999999999999"):
            got = client.get(f"/part?folder=INBOX&uid={uid}&part={quote(section)}")
            self.assertIn(got.status, (400, 404), section)
            self.assertFalse(got.header("Content-Disposition"))
        for bad in ("0", "x", "-1", "4294967296", "77"):
            self.assertIn(client.get(f"/message?folder=INBOX&uid={bad}").status, (400, 404), bad)

    def test_source_view(self) -> None:
        client, page = self.opened(m.html("<script>alert(1)</script>"))
        shown = client.get(page.link("Show the source"))
        self.assertEqual(shown.header("Content-Type"), "text/plain; charset=utf-8")
        self.assertIn("sandbox", shown.header("Content-Security-Policy"))
        saved = client.get(page.link("Save the message"))
        self.assertEqual(saved.header("Content-Type"), "message/rfc822")
        self.assertEqual(saved.body, shown.body)


class BodyTest(box.MailTest):
    PAGE = (
        '<p onclick="x()">Hi <script>alert(1)</script><img src="cid:pic@x"><img src="cid:no@x">'
        '<img src="https://t.example.com/p.gif"><a href="javascript:1">j</a>'
        '<a href="https://www.example.com/">out</a><a href="mailto:a@example.com?subject=S">m</a>'
        '<div style="background:url(https://t.example.com/b)">d</div>'
    )
    PICTURE = m.png(8, 8, (1, 200, 3))

    def opened(self) -> tuple[Client, Page, Page]:
        user = self.person()
        part = m.multi("related", [m.html(self.PAGE), m.inline_image("pic@x", self.PICTURE)], "r")
        box.put(self.backend, user, "INBOX", letter("html", part))
        client = self.browser(user)
        page = box.open_message(client, "html")
        return client, page, client.get(frame_of(page))

    def test_frame_and_cleaner(self) -> None:
        client, page, body = self.opened()
        self.assertIn('sandbox="allow-popups allow-popups-to-escape-sandbox"', page.html)
        self.assertEqual(body.header("Content-Security-Policy"), BODY_CSP)
        self.assertEqual(body.header("Referrer-Policy"), "no-referrer")
        self.assertEqual(problems(body.html), [])
        self.assertNotIn("t.example.com", body.html)
        links = dict(body.links)
        self.assertEqual(links["out"], "https://www.example.com/")
        self.assertIn("/compose?mailto=", links["m"])
        self.assertNotIn("script-src 'unsafe", page.header("Content-Security-Policy"))
        shown = client.get(page.link("Show them this time"))
        remote = client.get(frame_of(shown))
        self.assertIn("img-src data: 'self' https:;", remote.header("Content-Security-Policy"))
        self.assertIn("https://t.example.com/p.gif", remote.html)
        self.assertEqual(problems(remote.html, remote=True), [])

    def test_signed_image_addresses(self) -> None:
        client, _, body = self.opened()
        found = re.findall(r'src="(/image\?t=[^"]*)"', body.html)
        self.assertEqual(len(found), 1)
        address = html.unescape(found[0])
        stranger = self.client()
        got = stranger.get(address)
        self.assertEqual((got.status, got.body), (200, self.PICTURE))
        self.assertEqual(got.header("Cross-Origin-Resource-Policy"), "cross-origin")
        self.assertEqual(got.header("Content-Type"), "image/png")
        self.assertFalse(stranger.cookies)
        for at in (12, len(address) // 2, len(address) - 3):
            other = "A" if address[at] != "A" else "B"
            bad = stranger.get(address[:at] + other + address[at + 1 :])
            self.assertEqual(bad.status, 404)
        for bad in ("/image", "/image?t=", "/image?t=AAAA", address + "AAAA", address[:-6]):
            self.assertEqual(stranger.get(bad).status, 404, bad)
        client.press(client.get(list_url()), "Log off")
        after = stranger.get(address)
        self.assertNotEqual(after.status, 200)
        self.assertNotIn(self.PICTURE, after.body)


def frame_of(page: Page) -> str:
    found = re.search(r'<iframe class="frame[^>]* src="([^"]*)"', page.html)
    assert found, page.text[:300]
    return html.unescape(found.group(1))
