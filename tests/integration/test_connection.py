"""The page Connection security, against real servers: what protects each leg."""

from __future__ import annotations

import re
from typing import ClassVar

import harness
import steps
from client import Page
from harness import WebTest


def leg(page: Page, ident: str) -> str:
    """The words about one leg: web, imap, smtp."""
    found = re.search(rf'<h2 id="{ident}">.*?</section>', page.html, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", found.group())) if found else ""


class ConnectionTest(WebTest):
    def test_without_a_session(self) -> None:
        client = self.client()
        page = client.follow(client.get("/login"), "Connection security")
        self.assertEqual(page.status, 200)
        self.assertIn("stays on this machine", leg(page, "web"))
        self.assertEqual(leg(page, "imap") + leg(page, "smtp"), "")
        page = self.client(secure=True).get("/connection")
        web = leg(page, "web")
        self.assertIn("You are in secure mode", web)
        self.assertRegex(web, r"Protocol TLS 1\.3 Cipher TLS_\w+ Key exchange X25519")
        self.assertRegex(web, r"For localhost Confirmed by iwebmsg test CA Valid until \w+day")
        self.assertRegex(re.sub(r"(?<=:) ", "", web), r"SHA-256 (?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
        self.assertNotIn("self-signed", web)

    def test_mail_legs(self) -> None:
        browser = self.logged_in(secure=True)
        page = browser.follow(browser.get("/"), "Connection security")
        imap = leg(page, "imap")
        self.assertIn("Encrypted and verified. An authority", imap)
        self.assertRegex(imap, r"Protocol TLS 1\.\d Cipher (TLS|ECDHE)[\w-]+ Valid until \w+day")
        self.assertIn("Encrypted and verified", leg(page, "smtp"))
        self.assertIn("You, this server and the mail server", leg(page, "readers"))
        for word in ("localhost", "127.0.0.1", "end-to-end"):
            self.assertNotIn(word, leg(page, "imap") + leg(page, "smtp") + leg(page, "readers"))

    def test_sending_makes_the_other_leg_known(self) -> None:
        browser = self.logged_in("ben", secure=True)
        page = browser.get("/compose")
        browser.submit(page.form(field="body"), "Send", to="ben@demo.test", subject="s", body="b")
        self.assertRegex(leg(browser.get("/connection"), "smtp"), r"Protocol TLS 1\.\d Cipher [TE]")


class WeakTest(WebTest):
    """Every way that is less than full is warned of, plainly."""

    cases: ClassVar[tuple[tuple[dict[str, object], str, bool], ...]] = (
        ({"ImapVerifyServer": "off"}, "Encrypted, but not verified.", True),
        ({"ImapVerifyServer": "chain"}, "Encrypted, but not fully verified.", True),
        ({"ImapSecurity": "none"}, "Not encrypted, and it need not be.", False),
        ({"ImapSecurity": "starttls"}, "begun by STARTTLS", False),
    )

    def test_imap_leg(self) -> None:
        mail = self.server.sections["Mail"]
        before = dict(mail)
        for keys, words, is_warning in self.cases:
            with self.subTest(words):
                mail.clear()
                mail.update({**before, **keys})
                if "ImapSecurity" in keys:
                    mail["ImapPort"] = self.backend.ports["imap"]
                self.assertTrue(steps.reload(self.server))
                page = self.logged_in(secure=True).get("/connection")
                self.assertIn(words, leg(page, "imap"))
                self.assertEqual("note-warn" in page.html, is_warning)

    def test_names_when_the_admin_says_so(self) -> None:
        self.server.sections["Mail"]["ShowMailServerNames"] = 1
        self.assertTrue(steps.reload(self.server))
        page = self.logged_in(secure=True).get("/connection")
        self.assertIn("Mail server localhost", leg(page, "imap"))
        self.server.sections["Mail"]["ShowMailServerNames"] = 0
        self.assertTrue(steps.reload(self.server))


class SelfSignedTest(WebTest):
    def test_said_plainly(self) -> None:
        made = harness.ca.self_signed(harness.new_folder("self"), "own")
        self.server.sections["SSL"].update(Certificate=made.cert, PrivateKey=made.key)
        self.assertTrue(steps.reload(self.server))
        client = self.client(secure=True)
        client.trust.load_verify_locations(made.cert)
        web = leg(client.get("/connection"), "web")
        self.assertIn("made its certificate itself", web)
        self.assertIn("nobody but itself (self-signed)", web)
