"""The message page: header in words, notices, tools, its place in the list."""

from __future__ import annotations

import re
import time
from typing import ClassVar

import mailbox as box
import message as m
import server as web
from client import Client, Page
from mailbox import letter, list_url, rows

HERE = "mx.demo.test"  # AuthservId of these tests


def checked(results: str, message: bytes) -> bytes:
    """A message as our mail server hands it on."""
    came = f"Received: from out.example.com by {HERE}; Sat, 21 Nov 2026 09:00:00 +0000"
    return f"Authentication-Results: {results}\r\n{came}\r\n".encode() + message


def back_link(page: Page) -> str:
    """Where the message leads back to."""
    found = re.search(r'<a class="back" href="([^"]*)"', page.html)
    assert found
    return found.group(1).replace("&amp;", "&")


class MessageTest(box.MailTest):
    """Someone with messages, and their page."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections.setdefault("Reading", {})["AuthservId"] = HERE

    def someone(self, *messages: bytes, folder: str = "INBOX", flags: str = "") -> tuple[str, Client]:
        user = self.person()
        box.put(self.backend, user, folder, *messages, flags=flags)
        return user, self.browser(user)

    def shown(self, *head: tuple[str, str], body: str = "Hello.\n", **how: object) -> Page:
        """The page of one message with these header fields."""
        _, client = self.someone(letter("It", m.text(body), extra=head, **how))  # type: ignore[arg-type]
        return box.open_message(client, "It")


class HeaderTest(MessageTest):
    def test_people(self) -> None:
        page = self.shown(
            ("Cc", "Chloe <chloe@demo.test>, dora@demo.test"),
            ("Sender", "list@example.com"),
            ("Reply-To", "answers@example.com"),
        )
        for words in (
            "From Ben Okafor ben@example.com",
            "Sent by list@example.com",
            "Reply to answers@example.com",
            "To anna@demo.test",
            "Cc Chloe chloe@demo.test dora@demo.test",
        ):
            self.assertIn(words, page.text)
        again = self.shown(("Sender", "ben@example.com"), ("Reply-To", "Ben <BEN@example.com>"))
        self.assertNotIn("Sent by", again.text)
        self.assertNotIn("Reply to", again.text)

    def test_ten_thousand_recipients(self) -> None:
        people = ",\r\n ".join(f"p{at}@example.org" for at in range(10000))
        page = self.shown(to=people)
        self.assertIn("and 9980 more", page.text)
        self.assertIn("p499@example.org", page.text)
        self.assertNotIn("p500@example.org", page.text)
        self.assertIn("9500 more are not listed here", page.text)
        self.assertLess(len(page.body), 400_000)

    def test_dates(self) -> None:
        now = time.time()
        good = self.shown(when=now - 10000)
        self.assertNotIn("it arrived", good.text)
        early = self.shown(when=now - 40 * 86400)
        self.assertIn("(as it says; it arrived on ", early.text)
        late = self.shown(when=now + 90 * 86400)
        self.assertIn("(as it says; but it arrived earlier, on ", late.text)
        raw = letter("It").replace(b"\r\nDate: ", b"\r\nX-Date: ")
        _, client = self.someone(raw)
        self.assertIn("it does not say when it was sent", box.open_message(client, "It").text)
        far = letter("It")
        far = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: Fri, 20 Nov 2026 23:05:00 -0930", far)
        _, client = self.someone(far)
        page = box.open_message(client, "It")
        self.assertIn("Friday, 20 November 2026, 23:05 (UTC-9:30)", page.text)

    def test_marks_and_no_subject(self) -> None:
        user, client = self.someone(letter("", m.text("x\n")), flags="\\Flagged \\Answered $Forwarded")
        page = client.get(rows(client.get(list_url()))[0].url)
        self.assertEqual(box.heading(page), "(no subject)")
        for mark in ("Flagged", "Answered", "Forwarded"):
            self.assertIn(mark, page.text)

    def test_all_headers(self) -> None:
        page = self.shown(("X-Odd", "<script>alert(1)</script>"))
        _, client = self.someone(letter("It", extra=[("X-Odd", "<script>alert(1)</script>")]))
        page = client.get(box.open_message(client, "It").link("Show all headers"))
        self.assertEqual(box.heading(page), "All headers")
        self.assertIn("X-Odd: <script>alert(1)</script>", page.text)
        self.assertIn("Message-ID:", page.text)
        self.assertNotIn("Hello.", page.text)
        self.assertEqual(box.heading(client.get(page.link("Back to the message"))), "It")


class NoticeTest(MessageTest):
    def test_who_it_is_not(self) -> None:
        for sender, head, words in (
            ('"boss@bank.example" <x@evil.example>', [], "The sender’s name says boss@bank.example , but the message comes from x@evil.example"),
            ("Ben <ben@example.com>", [("Reply-To", "x@evil.example")], "Replies do not go to the sender: they go to x@evil.example"),
            ("A <a@example.com>, B <b@example.com>", [], "names several senders"),
            ("Bank <info@xn--pypal-4ve.example>", [], "can be taken for another one"),
        ):
            with self.subTest(words):
                page = self.shown(*head, sender=sender)
                self.assertIn(words, page.text)
                self.assertIn('role="note"', page.html)
        plain = self.shown()
        for words in ("Replies do not go", "several senders", "taken for another", "could not confirm", "Your mail server checked"):
            self.assertNotIn(words, plain.text)

    def test_nobody_sent_it(self) -> None:
        raw = re.sub(rb"From: [^\r]*\r\n", b"", letter("It"), count=1)
        _, client = self.someone(raw)
        self.assertIn("does not say who sent it", box.open_message(client, "It").text)

    def test_first_time(self) -> None:
        user, client = self.someone(letter("One"))
        self.assertIn("first message from this sender", box.open_message(client, "One").text)
        box.put(self.backend, user, "INBOX", letter("Two"))
        self.assertNotIn("first message from this sender", box.open_message(client, "Two").text)
        box.put(self.backend, user, "Sent", letter("Mine", sender="Me <me@example.org>"))
        self.assertNotIn("first message", box.open_message(client, "Mine", "Sent").text)

    def test_what_our_server_checked(self) -> None:
        good = f"{HERE}; dmarc=pass header.from=example.com; dkim=pass header.d=example.com; spf=pass smtp.mailfrom=example.com"
        bad = f"{HERE}; dmarc=fail header.from=example.com; spf=fail smtp.mailfrom=example.com"
        forged = "mx.elsewhere.example; dmarc=pass header.from=example.com"
        for result, words in ((good, "Your mail server checked: example.com sent this (SPF, DKIM, DMARC)"), (bad, "could not confirm that this message comes from example.com")):
            _, client = self.someone(checked(result, letter("It")))
            self.assertIn(words, box.open_message(client, "It").text)
        _, client = self.someone(checked(forged, letter("It")))
        page = box.open_message(client, "It")
        self.assertNotIn("Your mail server checked", page.text)
        self.assertNotIn("could not confirm", page.text)


class PlaceTest(MessageTest):
    def three(self) -> tuple[str, Client]:
        return self.someone(*(letter(f"{name} fish", when=time.time() - 1000 + at) for at, name in enumerate("bca")))

    def walk(self, client: Client, page: Page, name: str) -> Page:
        return client.get(page.link(name))

    def test_by_arrival(self) -> None:
        _, client = self.three()
        page = box.open_message(client, "c fish")
        self.assertEqual(box.heading(self.walk(client, page, "Newer")), "a fish")
        older = self.walk(client, page, "Older")
        self.assertEqual(box.heading(older), "b fish")
        self.assertNotIn("Older", [words for words, _ in older.links])
        self.assertTrue(back_link(older).endswith("#m1"), back_link(older))

    def test_sorted_and_searched(self) -> None:
        _, client = self.three()
        for more in ({"sort": "subject"}, {"sort": "subject", "q": "fish"}):
            with self.subTest(more):
                listed = client.get(list_url(**more))
                self.assertEqual([row.subject[0] for row in rows(listed)], ["a", "b", "c"])
                page = client.get(rows(listed)[1].url)
                self.assertEqual(box.heading(self.walk(client, page, "Next")), "c fish")
                before = self.walk(client, page, "Previous")
                self.assertEqual(box.heading(before), "a fish")
                back = client.get(back_link(before).partition("#")[0])
                self.assertEqual([row.subject for row in rows(back)], [row.subject for row in rows(listed)])
                self.assertIn("sort=subject", back.path)

    def test_back_to_the_page_of_the_list(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at}") for at in range(60)))
        client = self.browser(user)
        listed = client.get(list_url(page=2))
        page = client.get(rows(listed)[0].url)
        self.assertIn("page=2", back_link(page))
        self.assertNotIn("page=2", back_link(self.walk(client, page, "Newer")))

    def test_nothing_of_the_mail_in_addresses(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("Quarterly numbers", extra=[("List-Unsubscribe", "<mailto:leave-me@example.com>")]))
        client = self.client()
        client.login(user, self.backend.passwords[user], expire="1")
        page = client.submit(client.get(list_url()).form(field="q"), q="Quarterly")
        page = client.get(rows(page)[0].url)
        self.assertEqual(box.heading(page), "Quarterly numbers")
        gone = client.submit(page.form(button="Unsubscribe …"))
        self.assertIn("leave-me@example.com", gone.text)
        for each in (page, gone):
            for _, url in each.links:
                for word in ("Quarterly", "ben@", "ben%40", "anna@", "anna%40", "example.com", "leave-me"):
                    self.assertNotIn(word, url)
        written = client.get(gone.link("Write this message"))
        self.assertIn("leave-me@example.com", written.html)

    def test_no_address_of_a_text_in_addresses(self) -> None:
        user = self.person()
        card = "BEGIN:VCARD\r\nFN:Zoe\r\nEMAIL:zoe@example.org\r\nEND:VCARD\r\n"
        texts = [m.text("Write to zoe@example.org.\n"), m.text(card, subtype="vcard"), m.text('<a href="mailto:zoe@example.org?subject=Secret">Zoe</a>', subtype="html")]
        box.put(self.backend, user, "INBOX", letter("Three", m.multi("mixed", texts, "three")))
        client = self.client()
        client.login(user, self.backend.passwords[user], expire="1")
        page = box.open_message(client, "Three")
        found = re.search(r'<iframe[^>]* src="([^"]+)"', page.html)
        assert found
        links = [url for _, url in page.links] + [url for _, url in client.get(found.group(1).replace("&amp;", "&")).links]
        written = [url for url in links if "/compose?m=" in url]
        for url in links:
            self.assertNotIn("example.org", url)
        to_zoe = [url for url in written if "zoe@example.org" in client.get(url).html]
        self.assertEqual(len(to_zoe), 3)  # beside the header's people

    def test_sealing_many_addresses_ends_somewhere(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("Many", m.text("zoe@example.org\n" * 1200)))
        client = self.client()
        client.login(user, self.backend.passwords[user], expire="1")
        links = [url for _, url in box.open_message(client, "Many").links]
        self.assertEqual(sum("/compose?m=" in url for url in links), 1002)  # and the header's
        self.assertNotIn("example.org", "".join(links))


class AfterTest(MessageTest):
    def test_after_deleting(self) -> None:
        for after, shown in (("list", "Inbox"), ("next", "n1"), ("previous", "n3")):
            with self.subTest(after):
                user, client = self.someone(letter("n1"), letter("n2"), letter("n3"))
                client.submit(client.get("/settings").form(field="after"), after=after)
                done = client.press(box.open_message(client, "n2"), "do=delete")
                self.assertEqual(box.heading(done), shown)
                self.assertIn("1 message moved to the trash.", done.text)
                back = client.press(done, "Undo")
                self.assertEqual(box.heading(back), shown)
                self.assertIn("1 message put back.", back.text)
                self.assertEqual(sorted(box.subjects(self.backend, user, "INBOX")), ["n1", "n2", "n3"])

    def test_the_last_one_leads_to_the_list(self) -> None:
        _, client = self.someone(letter("n1"))
        client.submit(client.get("/settings").form(field="after"), after="next")
        done = client.press(box.open_message(client, "n1"), "do=move", to="Archive")
        self.assertEqual(box.heading(done), "Inbox")

    def test_flag_stays(self) -> None:
        user, client = self.someone(letter("n1"))
        page = client.press(box.open_message(client, "n1"), "do=flag")
        self.assertEqual(box.heading(page), "n1")
        self.assertIn("1 message flagged.", page.text)
        page = client.press(page, "do=unflag")
        self.assertEqual(page.path.count("note="), 1)
        listed = client.press(page, "do=unread")
        self.assertEqual(box.heading(listed), "Inbox")
        self.assertEqual(box.flags(self.backend, user, "INBOX"), {1: set()})


class JunkTest(MessageTest):
    def test_junk_and_back(self) -> None:
        user, client = self.someone(letter("n1"))
        done = client.press(box.open_message(client, "n1"), "Junk")
        self.assertIn("1 message marked as junk", done.text)
        self.assertEqual(box.subjects(self.backend, user, "Junk"), ["n1"])
        self.assertEqual(box.flags(self.backend, user, "Junk"), {1: {"\\Seen", "$Junk"}})
        page = box.open_message(client, "n1", "Junk")
        self.assertRaises(AssertionError, page.form, button="Junk")
        client.press(page, "Not junk")
        self.assertEqual(box.flags(self.backend, user, "INBOX"), {2: {"\\Seen", "$NotJunk"}})
        done = client.press(box.open_message(client, "n1"), "Junk")
        client.press(done, "Undo")
        self.assertEqual(box.flags(self.backend, user, "INBOX"), {3: {"\\Seen", "$NotJunk"}})

    def test_archive(self) -> None:
        user, client = self.someone(letter("n1"))
        done = client.press(box.open_message(client, "n1"), "Archive")
        self.assertIn("moved to the archive", done.text)
        self.assertEqual(box.subjects(self.backend, user, "Archive"), ["n1"])
        page = box.open_message(client, "n1", "Archive")
        self.assertRaises(AssertionError, page.form, button="Archive")

    def test_from_the_list(self) -> None:
        user, client = self.someone(letter("n1"), letter("n2"))
        done = client.press(client.get(list_url()), "do=junk", uid=["1"])
        self.assertIn("1 message marked as junk", done.text)
        self.assertEqual(box.subjects(self.backend, user, "Junk"), ["n1"])
        self.assertEqual(sorted(row.subject for row in rows(client.press(done, "Undo"))), ["n1", "n2"])
        done = client.press(client.get(list_url()), "do=archive", uid=["2", "3"])
        self.assertIn("2 messages moved to the archive", done.text)
        shown = client.get(list_url("Archive"))
        self.assertEqual(sorted(row.subject for row in rows(shown)), ["n1", "n2"])
        self.assertRaises(AssertionError, shown.form, button="Archive")
        client.press(shown, "do=junk", uid=["1"])
        junk = client.get(list_url("Junk"))
        self.assertRaises(AssertionError, junk.form, button="Junk")
        client.press(junk, "do=notjunk", uid=["2"])
        self.assertEqual(len(box.subjects(self.backend, user, "INBOX")), 1)
        self.assertRaises(AssertionError, client.get(list_url("Sent")).form, button="Junk")


class GoneTest(MessageTest):
    def test_it_leads_to_its_folder(self) -> None:
        user, client = self.someone(letter("n1"), folder="Familie")
        url = rows(client.get(list_url("Familie")))[0].url
        box.expunge(self.backend, user, "1", "Familie")
        gone = client.get(url)
        self.assertEqual(gone.status, 404)
        self.assertIn("probably deleted or moved", gone.text)
        self.assertEqual(box.heading(client.get(gone.link("Back to Familie"))), "Familie")

    def test_what_is_shown_of_a_list(self) -> None:
        """In order of arrival the dates are those of arrival."""
        now = int(time.time())
        _, client = self.someone(letter("n1", when=now - 400 * 86400))
        page = client.get(list_url())
        year = time.strftime("%Y", time.gmtime(now - 400 * 86400))
        date = re.compile(r'<time datetime="([0-9]{4})')
        self.assertNotIn(year, date.findall(page.html))
        sent = client.get(list_url(sort="date"))
        self.assertEqual(date.findall(sent.html), [year])


def two_forms(html: str) -> m.Part:
    return m.multi("alternative", [m.text("Hello\n"), m.html(html)], "two")


HTML = '<p>Hello</p><img src="https://pictures.example.net/a.png" alt="a">'


class ShownTest(MessageTest):
    def two_forms(self, html: str = HTML, *head: tuple[str, str], results: str = "") -> tuple[str, Client, Page]:
        both = two_forms(html)
        raw = letter("It", both, extra=head)
        if results:
            raw = checked(results, raw)
        user, client = self.someone(raw)
        return user, client, box.open_message(client, "It")

    def test_always_for_this_sender(self) -> None:
        user, client, page = self.two_forms()
        self.assertIn("Images from the internet stay out", page.text)
        page = client.press(page, "Always for this sender")
        self.assertIn("always shown for this sender now", page.text)
        self.assertIn("Images from the internet are always shown for this sender.", page.text)
        box.put(self.backend, user, "INBOX", letter("Next", two_forms(HTML), sender="Other Name <BEN@example.com>"))
        page = box.open_message(client, "Next")
        self.assertIn("always shown", page.text)
        off = client.get(page.link("Leave them out"))
        self.assertIn("left out, this time", off.text)
        self.assertNotIn("pictures.example.net", client.get(re.search(r'<iframe[^>]* src="([^"]+)"', off.html).group(1).replace("&amp;", "&")).html)
        kept = client.get("/senders")
        self.assertIn("ben@example.com", kept.text)
        kept = client.press(kept, "do=remove")
        self.assertIn("There are none yet", kept.text)
        self.assertIn("stay out", box.open_message(client, "Next").text)

    def test_not_when_it_failed(self) -> None:
        _, client, page = self.two_forms(results=f"{HERE}; dmarc=fail header.from=example.com")
        self.assertRaises(AssertionError, page.form, button="Always for this sender")
        form = page.form(button="Unflag") if "Unflag" in page.text else page.form(action="/act")
        pairs = [("csrf", form.find("csrf").value), ("do", "add"), ("folder", "INBOX"), ("uid", "1"), ("v", form.find("uidvalidity").value)]
        self.assertEqual(client.post("/senders", pairs).status, 403)
        self.assertIn("There are none yet", client.get("/senders").text)

    def test_trust_ends_when_it_fails(self) -> None:
        user, client, page = self.two_forms()
        client.press(page, "Always for this sender")
        forged = letter("Forged", two_forms(HTML))
        box.put(self.backend, user, "INBOX", checked(f"{HERE}; dmarc=fail", forged))
        page = box.open_message(client, "Forged")
        self.assertIn("stay out", page.text)
        # The server read From as somebody else's than we do, and passed that.
        twisted = letter("Twisted", two_forms(HTML), sender="<ben@example.com>eve@evil.test")
        box.put(self.backend, user, "INBOX", checked(f"{HERE}; dmarc=pass header.from=evil.test", twisted))
        page = box.open_message(client, "Twisted")
        self.assertIn("ben@example.com", page.text)
        self.assertIn("stay out", page.text)

    def test_no_line_without_images(self) -> None:
        _, _, page = self.two_forms('<p>Hello, see <a href="https://example.com/">this</a></p>')
        self.assertNotIn("Images from the internet", page.text)

    def test_other_characters(self) -> None:
        raw = letter("It", m.Part("text/plain; charset=us-ascii", "Добрый день\r\n".encode("koi8-r")))
        user, client = self.someone(raw, letter("Other"))
        listed = client.get(list_url(sort="subject"))
        page = client.get(rows(listed)[0].url)
        self.assertNotIn("Добрый день", page.text)
        page = client.submit(page.form(field="charset"), charset="koi8-r")
        self.assertIn("Добрый день", page.text)
        self.assertIn("The text is read as koi8-r.", page.text)
        self.assertIn("sort=subject", back_link(page))
        page = client.get(page.link("Read it as the message says"))
        self.assertNotIn("Добрый день", page.text)
        page = client.get(page.path + "&charset=nonsense")
        self.assertEqual(page.status, 200)

    def test_plain_remembered(self) -> None:
        user, client, page = self.two_forms()
        self.assertNotIn("Show all messages this way", page.text)
        page = client.get(page.link("Show as plain text"))
        page = client.press(page, "Show all messages this way")
        self.assertIn("Messages are shown as plain text from now on", page.text)
        self.assertIn("Show with its formatting", box.open_message(client, "It").text)


class NamelessTest(MessageTest):
    def test_files_without_a_name(self) -> None:
        def part(kind: str, *head: tuple[str, str]) -> m.Part:
            return m.Part(kind, b"x", [("Content-Disposition", "attachment"), *head])

        parts = [
            m.text("See the files.\n"),
            part("application/x-strange"),
            part("image/x-odd"),
            part("image/png"),
            part("application/octet-stream", ("Content-Description", "The plan of the garden")),
            part("message/delivery-status"),
        ]
        _, client = self.someone(letter("It", m.multi("mixed", parts, "files")))
        page = box.open_message(client, "It")
        for words in (
            "unnamed file File of the type application/x-strange",
            "picture File of the type image/x-odd",
            "attachment.png PNG image",
            "The plan of the garden",
            "attachment.txt Delivery report",
        ):
            self.assertIn(words, page.text)


class InnerTest(MessageTest):
    def test_attached_message_alone(self) -> None:
        inner = letter("Inside", m.text("What was inside.\n"), sender="Zoë <zoe@example.org>")
        both = m.multi("mixed", [m.text("See below.\n"), m.forwarded(inner)], "two")
        user, client = self.someone(letter("Outside", both))
        page = box.open_message(client, "Outside")
        alone = client.get(page.link("Show this message alone"))
        self.assertEqual(box.heading(alone), "Inside")
        self.assertIn("What was inside.", alone.text)
        self.assertIn("zoe@example.org", alone.text)
        self.assertNotIn("See below.", alone.text)
        self.assertEqual(box.heading(client.get(alone.link("Outside"))), "Outside")
        answer = client.get(alone.link("Reply"))
        self.assertIn("zoe@example.org", answer.html)
        self.assertIn("What was inside.", answer.text)
        self.assertIn("Inside", client.get(alone.link("Forward")).html)
        printed = client.get(alone.link("Print"))
        self.assertIn("What was inside.", printed.text)
        self.assertIn("zoe@example.org", printed.text)
        self.assertNotIn("See below.", printed.text)
        self.assertNotIn(b"Outside", client.get(alone.link("Save the message as a file")).body)
        self.assertEqual(client.get(alone.path.replace("section=2", "section=9")).status, 404)


class UnsubscribeTest(MessageTest):
    def asked(self, value: str, *more: tuple[str, str]) -> Page:
        _, client = self.someone(letter("It", extra=[("List-Unsubscribe", value), *more]))
        page = box.open_message(client, "It")
        return client.submit(page.form(button="Unsubscribe …"))

    def test_one_click(self) -> None:
        page = self.asked("<https://lists.example.org/u?x=1>, <mailto:u@example.org>", ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
        form = page.form(action="https://lists.example.org/u?x=1")
        self.assertEqual(form.values(), [("List-Unsubscribe", "One-Click")])
        self.assertRegex(page.header("Content-Security-Policy"), r"form-action 'self'[^;]* https://lists\.example\.org;")
        self.assertIn('rel="noopener noreferrer"', page.html)
        self.assertIn("u@example.org", page.text)

    def test_a_page_of_the_list(self) -> None:
        page = self.asked("<https://lists.example.org/u>")
        self.assertNotIn("lists.example.org", page.header("Content-Security-Policy"))
        self.assertEqual(page.link("Open the page at lists.example.org"), "https://lists.example.org/u")

    def test_by_mail(self) -> None:
        _, client = self.someone(letter("It", extra=[("List-Unsubscribe", "<mailto:u@example.org?subject=out%20please&body=now>")]))
        page = client.submit(box.open_message(client, "It").form(button="Unsubscribe …"))
        form = client.get(page.link("Write this message")).form(field="subject")
        self.assertEqual((form.find("to").value, form.find("subject").value), ("u@example.org", "out please"))

    def test_none(self) -> None:
        for value in ("<http://lists.example.org/u>", "<javascript:alert(1)>", "nothing"):
            with self.subTest(value):
                _, client = self.someone(letter("It", extra=[("List-Unsubscribe", value)]))
                self.assertNotIn("Unsubscribe", box.open_message(client, "It").text)

    def test_no_page_by_get(self) -> None:
        client = self.browser(self.person())
        self.assertEqual(client.get("/unsubscribe?folder=INBOX&uid=1").status, 405)


class ContactTest(MessageTest):
    def test_add_and_remove(self) -> None:
        user, client = self.someone(letter("It"), letter("Two"))
        page = client.press(box.open_message(client, "It"), "Add the sender to the contacts")
        self.assertIn("in your contacts now", page.text)
        self.assertNotIn("Add the sender", box.open_message(client, "Two").text)
        page = client.get(page.link("Contacts"))
        self.assertIn("Ben Okafor", page.text)
        self.assertIn('name="to"', client.get(page.link("ben@example.com")).html)
        page = client.submit(page.form(field="address"), "Add", name="Zoë", address="zoe@example.org")
        self.assertIn("The contact is added.", page.text)
        wrong = client.submit(page.form(field="address"), "Add", name="Nobody", address="not an address")
        self.assertEqual(wrong.status, 400)
        self.assertIn('value="not an address"', wrong.html)
        page = client.get("/contacts")
        ticked = page.form(button="do=remove").find("person")
        assert ticked
        page = client.submit(page.form(button="do=remove"), "do=remove", person=[ticked.value])
        self.assertIn("The contact is removed.", page.text)
        self.assertNotIn("Ben Okafor", page.text)
        other = self.browser(self.person())
        self.assertNotIn("zoe@example.org", other.get("/contacts").text)


class ConversationTest(MessageTest):
    def test_answers_are_listed(self) -> None:
        user = self.person()
        first = letter("Plan").replace(b"Message-ID: <", b"Message-ID: <root.")
        ident = re.search(rb"Message-ID: (<[^>]+>)", first).group(1).decode()
        answer = letter("Re: Plan", sender=f"Me <{user}@demo.test>", to="ben@example.com", extra=[("In-Reply-To", ident), ("References", ident)])
        box.put(self.backend, user, "INBOX", first, letter("Other"))
        box.put(self.backend, user, "Sent", answer)
        client = self.browser(user)
        page = box.open_message(client, "Plan")
        part = re.search(r'<section class="conversation".*?</section>', page.html, re.S)
        self.assertTrue(part, page.text)
        self.assertRegex(box._plain(part.group(0)), r"Conversation Ben Okafor .* this message Unread You .* in Sent")
        link = re.search(r'href="([^"]+)"', part.group(0)).group(1).replace("&amp;", "&")
        self.assertEqual(box.heading(client.get(link)), "Re: Plan")
        self.assertNotIn('class="conversation"', box.open_message(client, "Other").html)


class LargeFolderTest(MessageTest):
    """A folder larger than ConversationLimit: only when asked."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections.setdefault("Reading", {})["ConversationLimit"] = "1"

    def test_only_when_asked(self) -> None:
        _, client = self.someone(letter("One"), letter("Two"))
        page = box.open_message(client, "One")
        self.assertNotIn("first message from this sender", page.text)
        page = client.get(page.link("Look for the rest of the conversation"))
        self.assertIn("There are no other messages of this conversation.", page.text)

    def test_lists_by_conversation_tell_it(self) -> None:
        first = letter("Plan").replace(b"Message-ID: <", b"Message-ID: <root.")
        found = re.search(rb"Message-ID: (<[^>]+>)", first)
        assert found
        ident = found.group(1).decode()
        answers = [letter("Re: Plan", extra=[("In-Reply-To", ident), ("References", ident)]) for _ in range(2)]
        user, client = self.someone(first, answers[0], letter("Other"))

        def told(uid: int) -> int | None:
            """Rows of the conversation; None: a link to look for it."""
            page = client.get(f"/message?folder=INBOX&uid={uid}")
            self.assertNotIn("first message from this sender", page.text)
            part = page.html.partition('<section class="conversation"')[2].partition("</section>")[0]
            return None if "Look for the rest of the conversation" in page.text else part.count("<li")

        self.assertIsNone(told(1))
        client.press(client.get(list_url()), "do=threads")
        self.assertEqual([told(uid) for uid in (1, 2, 3)], [2, 2, 0])
        # What comes and goes elsewhere is never told as it was.
        box.put(self.backend, user, "INBOX", answers[1])
        self.assertIsNone(told(1))
        client.get(list_url())
        self.assertEqual(told(1), 3)
        box.expunge(self.backend, user, "3")
        box.put(self.backend, user, "INBOX", letter("another one"))
        self.assertIsNone(told(1))
        client.get(list_url())
        self.assertEqual([told(uid) for uid in (1, 5)], [3, 0])
