"""Client certificates: who gets in, under which name, and what people are told."""

from __future__ import annotations

import base64
import ssl
from pathlib import Path
from typing import ClassVar

import ca
import client as web_client
import harness
import mockmail
import steps
from harness import WebTest
from mockmail import ImapMock

REFUSED = (ssl.SSLError, ConnectionError)
_made: Path | None = None


def authority() -> ca.Authority:
    """The authority of people's certificates; its folder has one of each kind."""
    global _made
    if _made is not None:
        return ca.Authority(_made)
    _made = harness.new_folder("people")
    made = ca.Authority(_made, "People CA")
    for user in ("anna", "ben"):
        made.issue(user, (user, f"{user}@demo.test"), client=True)
    made.issue("nameless", ("Anna Berger",), client=True)
    made.issue("expired", ("anna", "anna@demo.test"), client=True, expired=True)
    made.issue("revoked", ("anna", "anna@demo.test"), client=True)
    made.issue("server", ("anna", "anna@demo.test"))
    other = ca.Authority(_made / "other", "Other CA")
    other.issue("stranger", ("anna", "anna@demo.test"), client=True)
    made.revoke("revoked")
    return made


def certificate(who: str) -> ca.Certificate:
    folder = authority().folder / ("other" if who == "stranger" else "")
    return ca.Certificate(folder / f"{who}.pem", folder / f"{who}.key")


class CertTest(WebTest):
    """A server that looks at certificates."""

    verify: ClassVar[str] = "optional"
    user: ClassVar[str] = "none"
    force: ClassVar[int] = 0

    @classmethod
    def change(cls, sections: harness.web.Sections) -> None:
        made = authority()
        sections["SSL"].update(
            VerifyClient=cls.verify,
            TrustStore=made.cert,
            ClientCRL=made.folder / "crl.pem",
            ClientCertUser=cls.user,
            ForceSSL=cls.force,
        )

    def browser(self, who: str | None) -> web_client.Client:
        """A browser in secure mode that shows this certificate."""
        made = self.client(secure=True)
        self.show(made, who)
        return made

    def show(self, browser: web_client.Client, who: str | None) -> None:
        """The browser shows another certificate from now on."""
        browser.trust = ssl.create_default_context(cafile=str(self.backend.ca_file))
        if who is not None:
            chosen = certificate(who)
            browser.trust.load_cert_chain(chosen.cert, chosen.key)

    def log_in(self, browser: web_client.Client, user: str, **fields: str) -> web_client.Page:
        page = browser.get("/login")
        form = page.form(field="password")
        name = form.find("name")
        assert name is not None
        if "readonly" not in name.attributes:
            fields = {"name": user, **fields}
        return browser.submit(form, password=self.backend.password, **fields)


class OptionalTest(CertTest):
    def test_bad_ones_are_refused_in_the_handshake(self) -> None:
        for who in ("stranger", "expired", "revoked", "server"):
            with self.subTest(who), self.assertRaises(REFUSED):
                self.browser(who).get("/login")

    def test_shown_but_not_pinned(self) -> None:
        browser = self.browser("nameless")
        page = browser.get("/login")
        self.assertIn("Your browser showed a certificate: Anna Berger", page.text)
        self.assertIn("People CA", page.text)
        page = self.log_in(browser, "ben")
        self.assertIn("Inbox", page.text)
        page = browser.get("/connection")
        self.assertIn("Your certificate", page.text)
        self.assertIn("Anna Berger", page.text)
        self.assertNotIn("You are logged in by it", page.text)

    def test_none_is_fine(self) -> None:
        browser = self.browser(None)
        self.assertNotIn("certificate", browser.get("/login").text)
        self.assertIn("Inbox", self.log_in(browser, "anna").text)
        self.assertNotIn("Your certificate", browser.get("/connection").text)


class EmailTest(CertTest):
    """optional, and the certificate's e-mail address is the login name."""

    user = "email"

    def test_name_is_filled_in_and_pinned(self) -> None:
        browser = self.browser("anna")
        page = browser.get("/login")
        name = page.form(field="password").find("name")
        assert name is not None
        self.assertEqual(name.value, "anna@demo.test")
        self.assertIn("readonly", name.attributes)
        page = self.log_in(browser, "")
        self.assertIn("Inbox", page.text)
        self.assertIn("anna@demo.test certificate of anna", page.text)
        self.assertIn("You are logged in by it", browser.get("/connection").text)

    def test_another_name_is_refused(self) -> None:
        browser = self.browser("anna")
        page = self.log_in(browser, "", name="ben@demo.test")
        self.assertEqual(page.status, 403)
        self.assertIn("Your certificate is for anna@demo.test", page.text)
        self.assertEqual(steps.session_cookie(browser), "")

    def test_certificate_without_a_name(self) -> None:
        browser = self.browser("nameless")
        page = browser.get("/login")
        self.assertIn("Your certificate holds no e-mail address", page.text)
        self.assertIsNone(page.form(action="/login").find("password"))
        csrf = page.form(action="/login").find("csrf")
        assert csrf is not None
        fields = {"csrf": csrf.value, "name": "anna", "password": self.backend.password}
        page = browser.post("/login", fields)
        self.assertEqual(page.status, 403)
        self.assertIn("holds no e-mail address", page.text)

    def test_session_is_bound_to_the_certificate(self) -> None:
        browser = self.browser("anna")
        self.log_in(browser, "")
        for who in ("ben", None, "nameless"):
            self.show(browser, who)
            for address in ("/", "/list?folder=INBOX", "/settings", "/compose"):
                with self.subTest(who=who, address=address):
                    page = browser.get(address)
                    self.assertIn("belongs to another certificate", page.text)
                    self.assertNotIn("Log off", page.text)
        steps.wait_event(self.server, "session.other_certificate")
        # It goes on for whom it belongs to.
        self.show(browser, "anna")
        self.assertIn("Inbox", browser.get("/").text)

    def test_a_form_is_not_taken_from_the_other(self) -> None:
        browser = self.browser("anna")
        self.log_in(browser, "")
        page = browser.get("/settings")
        self.show(browser, "ben")
        page = browser.submit(page.form(field="signature"), name="Not Ben")
        self.assertEqual(page.status, 403)
        self.assertIn("belongs to another certificate", page.text)
        self.show(browser, "anna")
        self.assertNotIn("Not Ben", browser.get("/settings").html)

    def test_remember_me_is_no_way_round(self) -> None:
        browser = self.browser("anna")
        page = self.log_in(browser, "", remember=True)
        self.assertIn("Inbox", page.text)
        for who, opens in (("ben", False), (None, False), ("anna", True)):
            with self.subTest(who):
                browser.cookies.pop("__Host-iwm", None)
                self.show(browser, who)
                page = browser.get("/")
                self.assertEqual("Inbox" in page.text, opens)

    def test_password_session_and_then_a_certificate(self) -> None:
        browser = self.browser(None)
        self.assertIn("Inbox", self.log_in(browser, "ben").text)
        self.show(browser, "ben")
        self.assertIn("Inbox", browser.get("/").text)
        self.show(browser, "anna")
        self.assertIn("belongs to another certificate", browser.get("/").text)
        page = self.log_in(browser, "")
        self.assertIn("anna@demo.test", page.text)

    def test_leaving_secure_mode_leaves_the_certificate(self) -> None:
        browser = self.browser("anna")
        page = self.log_in(browser, "")
        self.assertNotIn("Leave secure mode", page.text)


class RequiredTest(CertTest):
    verify, user, force = "required", "cn", 1

    def test_who_gets_in(self) -> None:
        for who in (None, "stranger", "expired", "revoked", "server"):
            with self.subTest(who), self.assertRaises(REFUSED):
                self.browser(who).get("/login")
        browser = self.browser("ben")
        page = self.log_in(browser, "")
        self.assertIn("Inbox", page.text)
        self.assertIn("ben@demo.test", page.text)

    def test_a_name_that_is_no_login(self) -> None:
        page = self.browser("nameless").get("/login")
        self.assertIn("The name in your certificate is no login name", page.text)


class ExplainTest(CertTest):
    verify, user, force = "explain", "email", 1

    def test_reasons(self) -> None:
        table = (
            (None, "certificate"),
            ("stranger", "authority"),
            ("expired", "expired"),
            ("revoked", "revoked"),
            ("server", "something else"),
        )
        for who, word in table:
            with self.subTest(who):
                page = self.browser(who).get("/login")
                self.assertEqual(page.status, 403)
                self.assertIn(word, page.text)

    def test_good(self) -> None:
        browser = self.browser("anna")
        self.assertIn("Inbox", self.log_in(browser, "").text)


class ExternalTest(CertTest):
    """The mail server believes our certificate: people need no password."""

    verify, user, force = "required", "email", 1
    mock: ClassVar[ImapMock]

    @classmethod
    def change(cls, sections: harness.web.Sections) -> None:
        super().change(sections)
        mail = ca.Authority(harness.new_folder("external"))
        ours = mail.issue("ours", ("webmail",), client=True)
        context = mockmail.Certificates(mail.folder).good()
        context.load_verify_locations(mail.cert)
        context.verify_mode = ssl.CERT_REQUIRED
        cls.mock = ImapMock(context, capabilities="IMAP4rev1 SASL-IR AUTH=EXTERNAL")
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(
            ImapPort=cls.mock.port,
            ImapCA=mail.cert,
            ImapAuth="external",
            ImapCertificate=ours.cert,
            ImapPrivateKey=ours.key,
            SmtpAuth="external",
            SmtpCertificate=ours.cert,
            SmtpPrivateKey=ours.key,
        )

    def test_no_password(self) -> None:
        browser = self.browser("anna")
        form = browser.get("/login").form(action="/login")
        self.assertIsNone(form.find("password"))
        page = browser.submit(form)
        self.assertIn("Inbox", page.text)
        name = base64.b64encode(b"anna@demo.test")
        said = b"\n".join(self.mock.lines)
        self.assertIn(b"AUTHENTICATE EXTERNAL " + name, said)
        self.assertNotIn(b"LOGIN ", said)
        # Whatever the form says, it is the certificate's name.
        page = self.browser("ben").submit(form, name="anna@demo.test")
        self.assertEqual(page.status, 403)
