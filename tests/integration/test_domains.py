"""One port, many mail servers: the login name's domain picks them."""

from __future__ import annotations

from typing import ClassVar

import harness
import mailbox as box
from harness import WebTest
from mailbox import letter


class DomainTest(WebTest):
    second: ClassVar[harness.Backend]

    @classmethod
    def change(cls, sections: harness.web.Sections) -> None:
        cls.second = harness.Backend(harness.new_folder("second"), users=("anna", "carol"))
        cls.second.start()
        cls.addClassCleanup(cls.second.stop)
        sections["Domain second.test"] = {
            "ImapPort": cls.second.ports["imaps"],
            "ImapCA": cls.second.ca_file,
            "SmtpPort": cls.second.ports["submissions"],
            "SmtpCA": cls.second.ca_file,
            "SentFolder": "Archive",
            "TrashFolder": "Junk",
        }

    def login(self, name: str) -> harness.Client:
        browser = self.client()
        page = browser.login(name, self.backend.password)
        self.assertIn("Inbox", page.text)
        return browser

    def test_each_has_a_mailbox_of_its_own(self) -> None:
        box.fill(self.second, "anna", [letter("On the second server")])
        self.assertIn("On the second server", self.login("anna@second.test").get("/").text)
        for name in ("anna", "anna@demo.test"):
            self.assertNotIn("On the second server", self.login(name).get("/").text)
        # Unknown there, however well known here.
        page = self.client().login("ben@second.test", self.backend.password)
        self.assertEqual(page.status, 403)

    def test_sending_folders_and_addresses(self) -> None:
        browser = self.login("Carol@Second.test")
        page = browser.get("/compose")
        self.assertIn("Carol@Second.test", page.text)
        page = browser.submit(
            page.form(field="body"), "Send", to="nobody@demo.test, carol", subject="x", body="y"
        )
        self.assertIn("carol@second.test", page.text.lower())
        page = browser.get("/compose")
        page = browser.submit(
            page.form(field="body"), "Send", to="carol@demo.test", subject="Sent there", body="y"
        )
        self.second.wait_message("carol", "INBOX", "Sent there")
        self.second.wait_message("carol", "Archive", "Sent there")
        self.assertEqual(self.second.count("carol", "Sent"), 0)
        page = browser.get("/list?folder=INBOX")
        browser.submit(page.form(field="uidvalidity"), "delete", uid=["1"])
        self.assertEqual(self.second.count("carol", "Junk"), 1)
        self.assertEqual(self.second.count("carol", "Trash"), 0)

    def test_settings_are_kept_apart(self) -> None:
        first, second = self.login("anna@demo.test"), self.login("anna@second.test")
        page = second.get("/settings")
        second.submit(page.form(field="signature"), "Save", name="Anna of the second")
        self.assertIn("Anna of the second", second.get("/settings").html)
        self.assertNotIn("Anna of the second", first.get("/settings").html)

    def test_logging_off_ends_only_its_own(self) -> None:
        first, second = self.login("anna@demo.test"), self.login("anna@second.test")
        second.press(second.get("/"), "Log off")
        self.assertIn("Log in", second.get("/").text)
        self.assertIn("Inbox", first.get("/").text)

    def test_its_own_server_protects_it(self) -> None:
        page = self.login("anna@second.test").get("/connection")
        self.assertIn("Encrypted and verified", page.text)
        self.assertNotIn("localhost", page.text)
