"""Lists that are asked for again: rows and pages that were made before are used
again, and are what a server says that keeps nothing."""

from __future__ import annotations

import gzip
import random
import re
from typing import Callable, ClassVar

import harness
import mailbox as box
import server as web
from client import Client, Form, Page
from mailbox import letter, list_url
from test_conversations import conversations, mail

TOKEN = re.compile(r'"[\w-]{86}"')
URLS = (
    list_url(),
    list_url(page=2),
    list_url(sort="subject"),
    list_url(sort="date", rev=1),
    list_url(q="plan"),
    list_url("Sent"),
)


class AgainTest(box.MailTest):
    other: ClassVar[harness.Server]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["FolderCounts"] = "0s"

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.other = harness.new_server("keeps-nothing")
        cls.change(cls.other.sections)
        cls.other.sections["Reading"] = {"MessageMemory": "0"}
        cls.other.start()
        cls.addClassCleanup(cls.other.stop)

    def setUp(self) -> None:
        """Somebody who looks through both servers."""
        self.user = self.person()
        talk = [mail("Plan", "a0"), *(mail("Re: Plan", f"a{at}", "a0") for at in range(1, 12))]
        box.put(self.backend, self.user, "INBOX", *talk, *(letter(f"n{at}") for at in range(51)))
        box.put(self.backend, self.user, "Sent", letter("Plan", sender="me@demo.test", to="Zoe <zoe@example.org>"))
        self.keeps = self.browser(self.user)
        self.forgets = Client(self.other.plain_port, self.other.secure_port, self.backend.ca_file)
        self.forgets.login(self.user, self.backend.passwords[self.user])

    def packed(self, client: Client, url: str) -> tuple[bytes, str]:
        """As it came, and the page."""
        page = client.get(url, **{"Accept-Encoding": "gzip"})
        self.assertEqual((page.status, page.header("Content-Encoding")), (200, "gzip"))
        self.assertIn("Accept-Encoding", page.header("Vary"))
        return page.body, gzip.decompress(page.body).decode()

    def assert_same(self, *urls: str) -> None:
        for url in urls or URLS:
            wanted = TOKEN.sub("", self.forgets.get(url).html)
            for turn in range(2):
                self.assertEqual(TOKEN.sub("", self.keeps.get(url).html), wanted, (url, turn))
                self.assertEqual(TOKEN.sub("", self.packed(self.keeps, url)[1]), wanted, (url, turn))

    def both(self, do: Callable[[Client], object]) -> None:
        for client in (self.keeps, self.forgets):
            do(client)
        self.assert_same()

    def store(self, uids: str, what: str) -> None:
        box.store(self.backend, self.user, uids, what)

    def test_what_others_do_shows(self) -> None:
        for client in (self.keeps, self.forgets):
            conversations(client)
        self.assert_same()
        for what in ("+FLAGS (\\Seen)", "+FLAGS (\\Flagged \\Answered)", "+FLAGS ($Forwarded)", "-FLAGS (\\Seen)",
                     "+FLAGS ($label1 own_word)", "-FLAGS (\\Flagged)", "+FLAGS (\\Deleted)"):
            self.store("40,63", what)
            self.assert_same()
            self.store("5", what)  # of a conversation, and not among those that are shown
            self.assert_same()
        box.put(self.backend, self.user, "INBOX", mail("Re: Plan", "a12", "a2"))
        self.assert_same()
        box.expunge(self.backend, self.user, "1,50")
        self.assert_same()
        opened = re.search(r'href="(/list[^"]*open=\d+)#', self.keeps.get(list_url()).html)
        assert opened
        self.assert_same(opened[1].replace("&amp;", "&"), list_url())

    def test_what_one_chooses_shows(self) -> None:
        self.assert_same()

        def settings(field: str, value: object) -> Callable[[Client], object]:
            def do(client: Client) -> None:
                form = client.get("/settings").form(field=field)
                self.assertEqual(client.submit(form, "do=save", **{field: value}).status, 200)  # type: ignore[arg-type]

            return do

        for field, value in (("time_zone", "Asia/Tokyo"), ("time_zone", "America/New_York"), ("previews", True),
                             ("language", "de"), ("language", "ar"), ("language", "en"), ("rows_per_page", "25"), ("conversations", True)):
            with self.subTest(field, value=value):
                self.both(settings(field, value))

    def label(self, client: Client, button: str, **changes: str) -> None:
        def is_it(form: Form) -> bool:
            found = form.find("keyword")
            return found is not None and found.value == "$label1"

        form = next(each for each in client.get("/labels").forms if is_it(each))
        self.assertEqual(client.submit(form, button, **changes).status, 200)  # type: ignore[arg-type]

    def test_labels_of_another_name(self) -> None:
        self.store("1:63", "+FLAGS ($label1)")
        self.assert_same()
        self.both(lambda client: self.label(client, "do=save", name="Garden", colour="4"))
        self.assertIn("Garden", self.keeps.get(list_url()).text)
        self.both(lambda client: self.label(client, "do=delete"))

    def test_at_random(self) -> None:
        dice = random.Random(11)
        for turn in range(12):
            some = ",".join(str(dice.randint(1, 63)) for _ in range(4))
            how = dice.choice(["+FLAGS (\\Seen)", "-FLAGS (\\Seen)", "FLAGS (\\Flagged)", "+FLAGS ($label2)", "new", "gone"])
            if how == "new":
                box.put(self.backend, self.user, "INBOX", letter(f"later {turn}"))
            elif how == "gone":
                box.expunge(self.backend, self.user, some)
            else:
                self.store(some, how)
            self.assert_same()

    def test_a_page_again_is_the_same_answer(self) -> None:
        """A page has a mask of its own, unless nothing of it changed."""
        message = "/message?folder=INBOX&uid=5"
        for url, what in ((list_url(page=2), "+FLAGS (\\Flagged)"), (message, "-FLAGS (\\Flagged)")):
            self.packed(self.keeps, url)
            first, page = self.packed(self.keeps, url)
            self.assertEqual(self.packed(self.keeps, url)[0], first)
            mask = TOKEN.search(page)
            assert mask
            self.store("5", what)
            changed = self.packed(self.keeps, url)[1]
            self.assertNotEqual(changed, page)
            self.assertNotIn(mask[0], changed)

    def test_forms_of_it_work(self) -> None:
        url = list_url()
        for _ in range(3):
            _, text = self.packed(self.keeps, url)
        page = Page(self.keeps.origin + url, 200, self.keeps.get(url).headers, text.encode())
        done = self.keeps.press(page, "do=flag", uid=["63"])
        self.assertEqual(done.status, 200)
        self.assertIn("\\Flagged", box.flags(self.backend, self.user, "INBOX")[63])

    def test_another_browser_has_its_own(self) -> None:
        """Their tokens are of two logins: one's page is of no use to the other."""
        url = list_url()
        second = self.browser(self.user)
        for _ in range(2):
            pages = [self.packed(client, url)[1] for client in (self.keeps, second)]
        for client, text in zip((self.keeps, second), pages):
            page = Page(client.origin + url, 200, client.get(url).headers, text.encode())
            self.assertEqual(client.press(page, "do=flag", uid=["62"]).status, 200)
