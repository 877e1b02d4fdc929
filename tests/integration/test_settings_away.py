"""The settings while the mail server is gone: they are ours, and go on working."""

from __future__ import annotations

import json
import time
from typing import ClassVar

import harness
import mailbox as box
import server as web
from client import Client, Form, Page
from mockmail import Certificates, Proxy
from test_settings import settings, state

PAGES = (
    "/settings", "/identities", "/identities?id=new", "/responses", "/responses?id=new", "/labels", "/senders", "/devices",
    "/contacts", "/contacts/export", "/outbox", "/keys", "/help", "/connection", "/settings/file", "/compose",
)  # fmt: skip
# A change of each group that has fields.
CHANGES = {
    "general": {"refresh": "5"},
    "display": {"theme": "dark", "rows_per_page": "100"},
    "reading": {"after": "next"},
    "writing": {"undo_send": "20"},
    "identities": {"name": "Anna Berger", "signature": "Greetings"},
    "keyboard": {"keys": False},
}
SLOW_S = 2.0


class AwayTest(box.MailTest):
    """Neither IMAP nor SMTP can be reached."""

    proxies: ClassVar[list[Proxy]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(harness.new_folder("pki"))
        ports = [cls.backend.ports[name] for name in ("imaps", "submissions")]
        cls.proxies = [Proxy(port, made.good(), cls.backend.trust()) for port in ports]
        for proxy in cls.proxies:
            cls.addClassCleanup(proxy.close)
        imap, smtp = (proxy.port for proxy in cls.proxies)
        sections["Mail"].update(
            ImapPort=imap, SmtpPort=smtp, SmtpSecurity="tls", ImapCA=made.ca_file, SmtpCA=made.ca_file, ConnectWait="3s"
        )

    def test_all_of_them(self) -> None:
        user = self.person()
        client, other = self.browser(user), self.browser(user)
        self.assertEqual(client.get(box.list_url()).status, 200)
        writing = client.get("/compose").form(field="body")
        for proxy in self.proxies:
            proxy.close()
        self.draft(client, writing)
        away = client.get(box.list_url())
        self.assertEqual((away.status, box.heading(away)), (503, "The mail server cannot be reached"))
        self.assertIn("Nothing was lost", away.text)
        for address in PAGES:
            began = time.monotonic()
            page = client.get(address)
            self.assertEqual(page.status, 200, (address, page.text[:200]))
            self.assertLess(time.monotonic() - began, SLOW_S, address)
        self.groups(client)
        self.what_is_kept(client)
        self.as_a_file(client)
        # From here the other browser is logged off.
        client.submit(next(each for each in client.get("/devices").forms if each.find("id")), "end")
        self.assertEqual(box.heading(other.get("/settings")), "Log in")

    def draft(self, client: Client, form: Form) -> None:
        page = client.submit(form, "do=save", to="ben@demo.test", body="Not to be lost")
        self.assertEqual(page.status, 503)
        said = "The draft is not saved in Drafts. What you wrote is still here. The mail server cannot be reached"
        self.assertIn(said, page.text)
        self.assertIn("Not to be lost", page.form(field="body").find("body").value)

    def groups(self, client: Client) -> None:
        for group, fields in CHANGES.items():
            with self.subTest(group):
                before = state(settings(client))
                page = client.submit(settings(client).form(field="signature"), "do=save" if group == "general" else f"do=save:{group}", **fields)
                self.assertTrue("Your settings are saved" in page.text, box.note(page))
                self.assertNotEqual(state(page), before)
                page = client.press(page, "Undo")
                self.assertEqual(state(page), before)

    def what_is_kept(self, client: Client) -> None:
        """What stands on pages of its own."""

        def done(page: Page, words: str, address: str) -> None:
            self.assertLess(page.status, 400, page.text[:300])
            self.assertIn(words, client.get(address).html)

        form = client.get("/responses?id=new").form(field="body")
        done(client.submit(form, "do=save", name="Thanks", body="Thank you"), "Thanks", "/responses")
        form = client.get("/labels").form(field="name", action="/labels")
        done(client.submit(form, "do=save", name="Quite urgent"), "Quite urgent", "/labels")
        form = client.get("/contacts").form(field="address")
        done(client.submit(form, "Add", name="Zoë", address="zoe@books.example"), "Zoë", "/contacts")
        # Whether one may write as somebody else only the mail server knows: it is kept, and that is said.
        form = client.get("/identities?id=new").form(field="address")
        page = client.submit(form, "do=save", name="Work", address="work@demo.test")
        self.assertIn("The identity is saved", box.note(page))
        self.assertRegex(page.text, "work@demo.test not confirmed by the mail server .*Ask the mail server")

    def as_a_file(self, client: Client) -> None:
        client.submit(settings(client).form(field="signature"), "do=save", name="From the file")
        got = client.get("/settings/export")
        self.assertEqual(got.status, 200)
        self.assertIn("From the file", json.dumps(json.loads(got.body)))
