"""Whom somebody writes as, and texts that are used again."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import ClassVar

import mailbox as box
import server as web
import steps
from client import Client, Form, Page
from mockmail import CUT, SmtpMock

MOCK = "mock.test"
NEW = "/identities?id=new"


def form_of(page: Page) -> Form:
    return page.form(action="/identities", field="signature")


def compose_of(page: Page) -> Form:
    return page.form(action="/compose", field="body")


def value(page: Page, name: str) -> str:
    field = compose_of(page).find(name)
    return field.value if field else ""


class IdentityTest(box.MailTest):
    def add(self, client: Client, **fields: str) -> Page:
        return client.submit(form_of(client.get(NEW)), "do=save", **fields)

    def choice(self, client: Client, page: Page, words: str) -> str:
        """The value of the sender that reads like this."""
        found = [each for each in page.html.split("<option ") if words in each]
        self.assertEqual(len(found), 1, words)
        return found[0].split('"')[1]

    def test_a_message_of_another_sender(self) -> None:
        user = self.person()
        client = self.browser(user)
        client.submit(client.get("/settings").form(field="signature"), name="Anna", signature="Hugs\nA.")
        page = self.add(
            client,
            name="Anna Müller, Sales",
            address="sales@demo.test",
            reply_to="desk@demo.test",
            bcc="ben@demo.test",
            organization="Grüne Äpfel AG",
            signature="Regards\nSales",
        )
        self.assertIn("The identity is saved", page.text)
        self.assertIn("sales@demo.test", page.text)
        page = client.get("/compose")
        self.assertIn("-- \nHugs\nA.", value(page, "body").replace("\r\n", "\n"))
        sales = self.choice(client, page, "sales@demo.test")
        # The signature follows the sender at the next step.
        subject = box.unique("From sales")
        page = client.submit(
            compose_of(page), "do=attach", identity=sales, to="chloe@demo.test", subject=subject
        )
        body = value(page, "body").replace("\r\n", "\n")
        self.assertIn("-- \nRegards\nSales", body)
        self.assertNotIn("Hugs", body)
        page = client.submit(compose_of(page), "do=send")
        self.assertEqual((page.status, box.heading(page)), (200, "Sent"), page.text[:500])
        steps.wait_copied(self.server, page)
        for who in ("chloe", "ben"):
            self.backend.wait_message(who, "INBOX", subject)
            raw = [each for each in box.raw_messages(self.backend, who, "INBOX") if subject.encode() in each]
            self.assertEqual(len(raw), 1)
            got = message_from_bytes(raw[0], policy=policy.default)
            self.assertEqual(got["From"].addresses[0].addr_spec, "sales@demo.test")
            self.assertEqual(got["From"].addresses[0].display_name, "Anna Müller, Sales")
            self.assertEqual(got["Reply-To"].addresses[0].addr_spec, "desk@demo.test")
            self.assertEqual(str(got["Organization"]), "Grüne Äpfel AG")
            self.assertIsNone(got["Bcc"])
            self.assertTrue(str(got["Message-ID"]).endswith("@demo.test>"))
        sent = message_from_bytes(box.raw_messages(self.backend, user, "Sent")[0], policy=policy.default)
        self.assertEqual(sent["Bcc"].addresses[0].addr_spec, "ben@demo.test")

    def test_what_was_written_by_hand_stays(self) -> None:
        client = self.browser(self.person())
        self.add(client, name="Work", address="work@demo.test", signature="Of work")
        page = client.get("/compose")
        work = self.choice(client, page, "work@demo.test")
        page = client.submit(compose_of(page), "do=attach", identity=work, body="Dear Ben,\n\n-- \nmine")
        self.assertIn("-- \nmine", value(page, "body").replace("\r\n", "\n"))

    def test_the_default_and_its_end(self) -> None:
        client = self.browser(self.person())
        page = self.add(client, name="Work", address="work@demo.test", default=True)
        self.assertIn("used for new messages", page.text)
        page = client.get("/compose")
        self.assertIn("selected", page.html.split("work@demo.test")[0].rsplit("<option", 1)[1])
        page = client.submit(client.get("/identities").form(field="id", action="/identities"), "do=default")
        self.assertIn("New messages begin with this identity", page.text)
        row = next(form for form in page.forms if form.fields and any(b.value == "remove" for b in form.buttons()))
        page = client.submit(row, "do=remove")
        self.assertIn("The identity is removed", page.text)
        self.assertNotIn("work@demo.test", client.get("/compose").text)

    def test_wrong_entries_are_named_and_nothing_is_lost(self) -> None:
        client = self.browser(self.person())
        for fields, words in (
            ({"address": ""}, "address"),
            ({"address": "no at all, b@x.org"}, "address"),
            ({"address": "a@b.org\r\nBcc: x@y.org"}, "address"),
            ({"address": "a@b.org", "reply_to": "Bob <>"}, "Bob"),
            ({"address": "a@b.org", "bcc": "not an address"}, "not an address"),
            ({"address": "a@b.org", "signature": "x" * 11000}, "10 KB"),
        ):
            with self.subTest(fields=str(fields)[:60]):
                page = self.add(client, name="Somebody Else", organization="Kept", **fields)
                self.assertEqual(page.status, 422)
                self.assertIn(words, page.text)
                typed = form_of(page)
                organization = typed.find("organization")
                assert organization
                self.assertEqual(organization.value, "Kept")
        self.assertNotIn("Somebody Else", client.get("/compose").text)

    def test_formatted_signature_is_cleaned(self) -> None:
        client = self.browser(self.person())
        page = self.add(
            client,
            name="Loud",
            address="loud@demo.test",
            signature_html="<b>Bye</b><script>alert(1)</script><img src=x onerror=alert(2)>",
        )
        page = client.get(page.link("Loud"))
        field = form_of(page).find("signature_html")
        assert field
        self.assertIn("<b>Bye</b>", field.value)
        self.assertNotIn("script", field.value)
        self.assertNotIn("onerror", field.value)

    def test_another_person_has_none_of_it(self) -> None:
        client = self.browser(self.person())
        page = self.add(client, name="Mine", address="mine@demo.test")
        form = next(f for f in page.forms if any(b.value == "remove" for b in f.buttons()))
        field = form.find("id")
        assert field
        other = self.browser(self.person())
        self.assertNotIn("mine@demo.test", other.get("/identities").text)
        mine = other.get(f"/identities?id={field.value}")
        self.assertNotIn("mine@demo.test", mine.text)
        answer = other.submit(form_of(other.get(NEW)), "do=save", id=field.value, name="Evil", address="e@demo.test")
        self.assertEqual(answer.status, 403)
        self.assertIn("mine@demo.test", client.get("/identities").text)


class ResponseTest(box.MailTest):
    def test_a_text_is_used_again(self) -> None:
        client = self.browser(self.person())
        self.assertNotIn("Text to put in", client.get("/compose").text)
        page = client.get("/responses?id=new")
        form = page.form(action="/responses", field="body")
        page = client.submit(form, "do=save", name="", body="kept words")
        self.assertEqual(page.status, 422)
        form = page.form(action="/responses", field="body")
        body = form.find("body")
        assert body and body.value.strip() == "kept words"
        page = client.submit(
            form, "do=save", name="Thanks & bye", subject="Your order", body="Dear customer,\nthank you."
        )
        self.assertIn("The template is saved", page.text)
        page = client.get("/compose")
        option = page.html.split(">Thanks &amp; bye<")[0].rsplit('value="', 1)[1].split('"')[0]
        page = client.submit(compose_of(page), "do=response", response=option, body="Typed before", to="ben@demo.test")
        text = value(page, "body").replace("\r\n", "\n").lstrip("\n")
        self.assertEqual(text, "Dear customer,\nthank you.\n\nTyped before")
        self.assertEqual(value(page, "subject"), "Your order")
        self.assertEqual(value(page, "to"), "ben@demo.test")
        # A subject that is there stays.
        page = client.submit(compose_of(page), "do=response", response=option, subject="Other")
        self.assertEqual(value(page, "subject"), "Other")
        page = client.get("/responses")
        page = client.submit(page.form(action="/responses", field="id"), "do=remove")
        self.assertIn("The template is removed", page.text)
        self.assertNotIn("Text to put in", client.get("/compose").text)


class VerifyTest(box.MailTest):
    """The server for outgoing mail is asked whether it takes the address."""

    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpWait="2s", ConnectWait="2s")
        sections[f"Host {MOCK}"] = {"SmtpPort": cls.mock.port, "SmtpSecurity": "none"}

    def test_refused_unknown_and_asked_again(self) -> None:
        user = self.person()
        client = self.client(host=MOCK)
        client.login(user, self.backend.passwords[user])
        fields = {"name": "Boss", "address": "boss@demo.test", "signature": "The boss"}
        for step in ("MAIL", "RCPT"):
            self.mock.faults[step] = b"553 5.7.1 Sender address rejected: not owned by user\r\n"
            page = client.submit(form_of(client.get(NEW)), "do=save", **fields)
            self.assertEqual(page.status, 422)
            self.assertIn("not owned by user", page.text)
            typed = form_of(page).find("signature")
            assert typed and typed.value.strip() == "The boss"
            self.assertNotIn("boss@demo.test", client.get("/identities").text)
            self.mock.faults.clear()
        for fault in (b"451 4.3.0 later\r\n", CUT):
            self.mock.faults["MAIL"] = fault
            page = client.submit(form_of(client.get(NEW)), "do=save", **fields)
            self.assertIn("not confirmed by the mail server", page.text)
            self.mock.faults.clear()
            page = client.press(page, "do=check")
            self.assertIn("The mail server was asked", page.text)
            self.assertNotIn("not confirmed", page.text)
            page = client.press(page, "do=remove")
        self.assertEqual(self.mock.messages, [])
