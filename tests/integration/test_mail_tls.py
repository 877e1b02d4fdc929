"""The way to the mail servers: whom we trust, what people and admins are told, proxies, masks."""

from __future__ import annotations

import base64
import imaplib
import re
import ssl
import subprocess
import threading
import time
from dataclasses import dataclass, field
from email import message_from_bytes
from pathlib import Path
from typing import ClassVar

import ca
import mailbox as box
import mockmail
import proc
import server as web
import steps
from client import Client, Page
from mockmail import Certificates, HttpProxy, ImapMock, Listener, OldTls, SmtpMock, Socks

PASSWORD = "Pass-Word-99"
ADMIN = "Please tell the administrator."
INNER = "node7.inner.example"
HANGING = 64


@dataclass
class Case:
    """A mail server, the keys for it, and what is said of it.

    page   words for the person; none: the login succeeds
    admin  words of the detail in the log and in --check
    """

    mock: Listener
    page: str = ""
    admin: str = ""
    keys: dict[str, object] = field(default_factory=dict)
    check_only: str = ""  # words that --check alone finds out


def old_openssl(made: Certificates) -> ssl.SSLContext:
    """A server of today that was told to speak TLS 1.0 only."""
    tls = mockmail.context(made.authority.issue("old"), weak=True)
    tls.minimum_version = tls.maximum_version = ssl.TLSVersion.TLSv1
    return tls


def old_cipher(made: Certificates) -> ssl.SSLContext:
    tls = made.good()
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    tls.set_ciphers("ECDHE-ECDSA-AES256-SHA")
    return tls


def demanding(made: Certificates) -> ssl.SSLContext:
    """A server that wants a certificate of its clients."""
    tls = made.good()
    tls.verify_mode = ssl.CERT_REQUIRED
    tls.load_verify_locations(made.ca_file)
    return tls


def pin_of(certificate: Path) -> str:
    """What KeyPin wants, by the openssl program."""
    script = (
        f"openssl x509 -in {certificate} -noout -pubkey | openssl pkey -pubin -outform DER | "
        "openssl dgst -sha256 -r | cut -c1-64"
    )
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def mail_cases(made: Certificates, stranger: Certificates, leg: str) -> dict[str, Case]:
    """Of Imap or Smtp; TLS from the start unless the keys say otherwise."""
    mock = ImapMock if leg == "Imap" else SmtpMock
    folder = made.authority.folder
    revoked, crl = made.revoked()
    alone = made.self_signed()
    good = made.good()
    client = made.authority.issue("client", ["webmail"], client=True)
    not_sent = f"so nothing was sent to it. {ADMIN}"
    start = {f"{leg}Security": "starttls"}
    inject = b"* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"
    in_clear = "sent something in clear where encryption begins"
    no_ca = {f"{leg}CA": ""}
    cases = {
        "good": Case(mock(good)),
        "good-starttls": Case(mock(starttls=good), keys=start),
        "wrong-name": Case(
            mock(made.wrong_name()),
            f"certificate is for another name, {not_sent}",
            "is for elsewhere.example.com, not for localhost; set ImapHost or ImapVerifyName",
        ),
        "wrong-ca": Case(
            mock(stranger.good()),
            f"from an authority that is not trusted here, {not_sent}",
            "issued by CN=iwebmsg other CA; name its authority in MailTrustStore or ImapCA",
        ),
        "expired": Case(mock(made.expired()), f"has expired, {not_sent}", "the certificate expired on 2020-01-01"),
        "early": Case(mock(made.not_yet()), f"is not valid yet, {not_sent}", "is not valid before 2088-01-01"),
        "revoked": Case(mock(revoked), f"has been revoked, {not_sent}", "certificate revoked", {f"{leg}CRL": crl}),
        "self-signed": Case(
            mock(alone), f"nobody but itself (self-signed), {not_sent}", "or its key into ImapKeyPin"
        ),
        "sha1": Case(mock(made.weak_hash()), f"signed in a way that is too weak, {not_sent}", "renew it with SHA-256"),
        "bits-1024": Case(mock(made.weak_key()), f"has a key that is too weak, {not_sent}", "RSA 2048, EC P-256"),
        "cut-chain": Case(
            mock(made.cut_chain()),
            f"without the intermediate one that vouches for it, {not_sent}",
            "does not send the certificate of its issuer CN=Mock Intermediate",
        ),
        "tls10": Case(
            OldTls(), f"offered only TLS 1.0, {not_sent}", "the server offered only TLS 1.0; TLS 1.2 or TLS 1.3 is required"
        ),
        "tls10-of-today": Case(
            mock(old_openssl(made)),
            f"speaks no version of TLS that is safe enough, {not_sent}",
            "refused TLS 1.2 or TLS 1.3, which is required",
            check_only="the server offered only TLS 1.0 with",
        ),
        "cipher": Case(
            mock(old_cipher(made)),
            f"no way of encryption in common, {not_sent}",
            "see ImapEncryptionStrength",
            check_only="offered only TLSv1.2 with ECDHE-ECDSA-AES256-SHA",
        ),
        "clear-port": Case(
            mock(), f"does not speak TLS on this port. {ADMIN}", "it greets in clear: set ImapSecurity=starttls"
        ),
        "tls-port": Case(
            mock(good),
            "did not answer in time",
            "if it speaks TLS from the start on this port, set ImapSecurity=tls",
            start,
            check_only="speaks TLS from the start on this port",
        ),
        "wants-ours": Case(
            mock(demanding(made)), "wants a certificate of this server", "set ImapCertificate and ImapPrivateKey"
        ),
        "has-ours": Case(
            mock(demanding(made)), keys={f"{leg}Certificate": client.cert, f"{leg}PrivateKey": client.key}
        ),
        "injected": Case(mock(starttls=good, inject=inject), in_clear, "plaintext after STARTTLS", start),
        "no-starttls": Case(mock(), "offers no encryption (STARTTLS), so nothing was sent", "no STARTTLS", start),
        "pinned": Case(mock(alone), keys={f"{leg}KeyPin": pin_of(folder / "alone.pem"), **no_ca}),
        "other-pin": Case(
            mock(good), f"has not the key that was agreed on, {not_sent}", "set ImapKeyPin anew", {f"{leg}KeyPin": "00" * 32}
        ),
        "trusted-itself": Case(mock(alone), keys={f"{leg}CA": folder / "alone.pem"}),
        "verify-name": Case(mock(made.wrong_name()), keys={f"{leg}VerifyName": "elsewhere.example.com"}),
        "chain-only": Case(mock(made.wrong_name()), keys={f"{leg}VerifyServer": "chain"}),
        "unverified": Case(mock(stranger.good()), keys={f"{leg}VerifyServer": "off"}),
    }
    if leg == "Imap":
        silent = "does not ask who we are, so nothing was sent"
        cases["preauth"] = Case(ImapMock(starttls=good, preauth=True), silent, "PREAUTH", start)
        cases["store"] = Case(ImapMock(stranger.good()), keys={**no_ca, "MailTrustStore": stranger.ca_file})
    for case in cases.values():
        case.admin = case.admin.replace("Imap", leg)
    return cases


class ServersTest(box.MailTest):
    """Every kind of IMAP server, through the login page and --check."""

    leg: ClassVar[str] = "Imap"
    cases: ClassVar[dict[str, Case]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(cls.server.folder / "ca")
        stranger = Certificates(cls.server.folder / "other", "iwebmsg other CA")
        cls.cases = mail_cases(made, stranger, cls.leg)
        for name, case in cls.cases.items():
            cls.addClassCleanup(case.mock.close)
            sections[f"Host {name}.test"] = {
                f"{cls.leg}Port": case.mock.port,
                f"{cls.leg}CA": made.ca_file,
                **case.keys,
            }
        sections["Mail"].update(ImapWait="2s", SmtpWait="900ms", ConnectWait="900ms")

    def meet(self, name: str) -> Page:
        """What a person sees who meets this server."""
        return self.client(host=f"{name}.test").login("mira", PASSWORD)

    def assert_met(self, page: Page, lines: list[bytes]) -> None:
        self.assertEqual(page.status, 200, page.text[:400])
        self.assertIn(PASSWORD.encode(), b"\n".join(lines))

    def assert_refused(self, page: Page, lines: list[bytes]) -> None:
        self.assertIn(page.status, (502, 503), page.text[:300])
        self.assertTrue(steps.is_login_page(page))
        self.assertNotIn(PASSWORD.encode(), b"\n".join(lines))

    def test_people(self) -> None:
        for name, case in self.cases.items():
            with self.subTest(name):
                page = self.meet(name)
                lines = getattr(case.mock, "lines", [])
                if not case.page:
                    self.assert_met(page, lines)
                    continue
                self.assert_refused(page, lines)
                self.assertIn(case.page, " ".join(page.text.split()))
                for secret in ("elsewhere.example", "localhost", "127.0.0.1", "CN="):
                    self.assertNotIn(secret, page.text)
                self.assertIn(case.admin, steps.log_text(self.server).replace('\\"', '"'))

    def test_check(self) -> None:
        done = steps.program("--check", "--config", self.server.ini)
        self.assertEqual(done.returncode, 1, done.stderr)
        said = dict(re.findall(r"^\[Host (\S+)\.test\]\n((?:(?!\[).*\n)*)", done.stdout, re.M))
        for name, case in self.cases.items():
            with self.subTest(name):
                found = re.findall(rf"^(?:ok|WRONG|note) +{self.leg.upper()} .*$", said[name], re.M)
                if case.page:
                    self.assertRegex(found[0], "^WRONG")
                    self.assertIn(case.check_only or case.admin, "\n".join(found))
                elif case.keys.get(f"{self.leg}VerifyServer"):
                    self.assertRegex(found[0], "^note .*less than full")
                else:
                    self.assertRegex(found[0], "^ok .*(issued by CN=|KeyPin)")


class SendingServersTest(ServersTest):
    """The same of SMTP, through the compose page and --check."""

    leg = "Smtp"
    user: ClassVar[str]

    def meet(self, name: str) -> Page:
        client = self.client(host=f"{name}.test")
        login = client.login(self.user, self.backend.password)
        self.assertEqual(login.status, 200, login.text[:300])
        form = client.get("/compose").form(action="/compose", field="body")
        return client.submit(form, "do=send", to="ben@demo.test", subject=name, body="x")

    def assert_met(self, page: Page, lines: list[bytes]) -> None:
        self.assertEqual(box.heading(page), "Sent", page.text[:400])
        self.assertTrue(any(line.startswith(b"AUTH") for line in lines))

    def assert_refused(self, page: Page, lines: list[bytes]) -> None:
        self.assertNotEqual(box.heading(page), "Sent")
        self.assertIn("outgoing mail", page.text)
        self.assertFalse([line for line in lines if line.upper().startswith((b"AUTH", b"MAIL"))])

    def test_people(self) -> None:
        type(self).user = self.person()
        super().test_people()


class HangingTest(box.MailTest):
    """Handshakes that never end hold up nobody else."""

    quiet: ClassVar[Listener]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.quiet = Listener()
        cls.addClassCleanup(cls.quiet.close)
        sections["Host quiet.test"] = {"ImapPort": cls.quiet.port}
        sections["Mail"].update(ConnectWait="2s")
        # They all come from one address.
        sections["Session"] = {"LoginTriesPerAddress": 10000, "LoginTriesPerNetwork": 10000}

    def test_others_are_served(self) -> None:
        user = self.person()
        good = self.browser(user)
        statuses: list[int] = []

        def hang(number: int) -> None:
            page = self.client(host="quiet.test").login(f"nobody{number}", PASSWORD)
            statuses.append(page.status)

        asking = [threading.Thread(target=hang, args=(number,)) for number in range(HANGING)]
        for each in asking:
            each.start()
        took: list[float] = []
        while any(each.is_alive() for each in asking):
            begin = time.monotonic()
            self.assertEqual(good.get(box.list_url()).status, 200)
            took.append(time.monotonic() - begin)
            if len(took) == 5:
                # And so is who logs in anew.
                self.assertEqual(self.browser(user).get("/").status, 200)
        for each in asking:
            each.join()
        self.assertEqual(set(statuses), {503})
        self.assertLess(max(took), 1.5)
        self.assertLess(sorted(took)[len(took) // 2], 0.3)


class NamesTest(box.MailTest):
    """Names and addresses of mail servers stay inside."""

    imap: ClassVar[ImapMock]
    smtp: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(cls.server.folder / "ca")
        names = (*ca.SERVER_NAMES, "imap.hidden.example")
        tls = mockmail.context(made.mint("names", names=names))
        cls.imap = ImapMock(tls, name=INNER)
        cls.smtp = SmtpMock(tls, name=INNER)
        for mock in (cls.imap, cls.smtp):
            cls.addClassCleanup(mock.close)
        for host, shown in (("inner.test", 0), ("shown.test", 1)):
            sections[f"Host {host}"] = {
                "ImapPort": cls.imap.port,
                "ImapCA": made.ca_file,
                "SmtpPort": cls.smtp.port,
                "SmtpCA": made.ca_file,
                "ShowMailServerNames": shown,
            }

    said = f"{INNER}[127.0.0.1] alias IMAP.hidden.example. at localhost says no"

    def setUp(self) -> None:
        self.imap.faults.clear()
        self.smtp.faults.clear()

    def refuse(self, client: Client) -> Page:
        """Sends a letter that the server refuses in its own words."""
        self.smtp.faults = {"RCPT": f"550 5.1.1 <ben@demo.test> unknown: {self.said}\r\n".encode()}
        page = client.get("/compose")
        form = page.form(action="/compose", field="body")
        return client.submit(form, "do=send", to="ben@demo.test", subject="no", body="x")

    def test_login_refused(self) -> None:
        self.imap.faults = {"LOGIN": f"{{tag}} NO [CONTACTADMIN] {self.said}\r\n".encode()}
        page = self.client(host="inner.test").login("mira", PASSWORD)
        self.assertIn("the mail server[the mail server] alias the mail server. at the mail server says no", page.text)
        for name in (INNER, "127.0.0.1", "hidden.example", "localhost"):
            self.assertNotIn(name, page.text)
        self.assertIn(INNER, steps.log_text(self.server))
        page = self.client(host="shown.test").login("mira", PASSWORD)
        self.assertIn(self.said, page.text)

    def test_letter_refused(self) -> None:
        client = self.client(host="inner.test")
        self.assertEqual(client.login("mira@demo.test", PASSWORD).status, 200)
        page = self.refuse(client)
        self.assertIn("ben@demo.test", page.text)
        self.assertIn("the mail server", page.text)
        for name in (INNER, "127.0.0.1", "hidden.example"):
            self.assertNotIn(name, page.text)
        self.assertIn(INNER, steps.log_text(self.server))
        self.assertNotIn("<ben@demo.test> unknown", steps.log_text(self.server))

    def test_what_leaves(self) -> None:
        client = self.client(host="inner.test")
        client.login("mira@demo.test", PASSWORD)
        page = client.get("/compose")
        form = page.form(action="/compose", field="body")
        before = len(self.smtp.messages)
        page = client.submit(form, "do=send", to="ben@demo.test", subject="yes", body="x")
        self.assertEqual(box.heading(page), "Sent", page.text[:300])
        raw = self.smtp.messages[before]
        sent = message_from_bytes(raw)
        self.assertRegex(str(sent["Message-ID"]), r"^<[^@]+@demo\.test>$")
        self.assertIsNone(sent["Received"])
        for name in (b"localhost", b"127.0.0.1", b"hidden", b"inner", Path("/etc/hostname").read_bytes().strip()):
            self.assertNotIn(name, raw)
        hellos = {line for line in self.smtp.lines if line.upper().startswith((b"EHLO", b"HELO"))}
        self.assertEqual(hellos, {b"EHLO [127.0.0.1]"})

    def test_connection_page(self) -> None:
        client = self.client(host="inner.test")
        client.login("mira@demo.test", PASSWORD)
        page = client.get("/connection")
        self.assertEqual(page.status, 200)
        self.assertIn("TLSv1.3", page.text.replace("TLS 1.3", "TLSv1.3"))
        for name in (INNER, "localhost", "hidden.example"):
            self.assertNotIn(name, page.text)


class ProxyTest(box.MailTest):
    """The real servers by way of proxies."""

    socks: ClassVar[Socks]
    http: ClassVar[HttpProxy]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.socks = Socks(b"\x01\x02me\x04word")
        cls.http = HttpProxy(b"Proxy-Authorization: Basic bWU6d29yZA==")
        for proxy in (cls.socks, cls.http):
            cls.addClassCleanup(proxy.close)
        sections["Mail"].update(
            ImapProxy=f"socks5://me:word@127.0.0.1:{cls.socks.port}",
            SmtpProxy=f"http://me:word@127.0.0.1:{cls.http.port}",
        )
        sections["Host stranger.test"] = {"ImapProxy": f"socks5://me:other@127.0.0.1:{cls.socks.port}"}
        sections["Host away.test"] = {"ImapProxy": f"http://127.0.0.1:{proc.free_ports(1)[0]}"}

    def test_through(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.assertEqual(self.socks.asked, [f"localhost:{self.backend.ports['imaps']}"])
        subject = box.unique("by proxy")
        page = client.get("/compose")
        page = client.submit(
            page.form(action="/compose", field="body"), "do=send", to="ben@demo.test", subject=subject, body="x"
        )
        self.assertEqual(box.heading(page), "Sent", page.text[:300])
        self.backend.wait_message("ben", "INBOX", subject)
        self.assertEqual(self.http.asked, [f"localhost:{self.backend.ports['submissions']}"])

    def test_refused(self) -> None:
        for host, words in (
            ("stranger.test", "the proxy refused: its name or password is wrong"),
            ("away.test", "Connection refused"),
        ):
            page = self.client(host=host).login("anna", self.backend.password)
            self.assertEqual(page.status, 503, page.text[:300])
            self.assertIn("The mail server cannot be reached.", page.text)
            self.assertIn(words, steps.log_text(self.server))


class ReloadTest(box.MailTest):
    """What is trusted may change while people are logged in."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["ImapIdleClose"] = "1h"

    def test_pin_changes(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.assertEqual(client.get(box.list_url()).status, 200)
        made = steps.metric(client, "iwebmsg_imap_connects_total")
        certificate = self.backend.authority.folder / "server.pem"
        self.server.sections["Mail"]["ImapKeyPin"] = pin_of(certificate)
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(client.get(box.list_url()).status, 200)
        # The session lives on a connection made anew.
        self.assertEqual(steps.metric(client, "iwebmsg_imap_connects_total"), made + 1)
        self.server.sections["Mail"]["ImapKeyPin"] = "00" * 32
        self.assertTrue(steps.reload(self.server))
        page = client.get(box.list_url())
        self.assertEqual(page.status, 502, page.text[:300])
        self.assertIn("has not the key that was agreed on", page.text)
        del self.server.sections["Mail"]["ImapKeyPin"]
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(client.get(box.list_url()).status, 200)


class Certified(box.OtherImap):
    """A Dovecot that believes the webmail's certificate and asks no password."""

    CONF = """
auth_mechanisms = external
ssl_ca = <{ca}
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_require_client_cert = yes
auth_ssl_username_from_cert = yes
passdb {{
  driver = static
  args = nopassword=y
  mechanisms = external
  master = yes
}}
"""

    def _write_files(self) -> None:
        super()._write_files()
        conf = self.folder / "dovecot" / "dovecot.conf"
        conf.write_text(conf.read_text() + self.CONF.format(ca=self.ca_file))
        self.ours = self.authority.issue("webmail", ["webmail"], client=True)

    def imap(self, user: str) -> imaplib.IMAP4_SSL:
        trust = self.trust()
        trust.load_cert_chain(self.ours.cert, self.ours.key)
        conn = imaplib.IMAP4_SSL("localhost", self.ports["imaps"], ssl_context=trust, timeout=30)
        conn.authenticate("EXTERNAL", lambda _challenge: user.encode())
        return conn


class ExternalTest(box.MailTest):
    """Mutual TLS all the way: people's certificates here, ours at the mail servers."""

    imap: ClassVar[Certified]
    smtp: ClassVar[SmtpMock]
    user: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.user = box.new_user(cls.backend)
        cls.imap = Certified("IMAP4rev1 LITERAL+ UIDPLUS", [cls.user])
        cls.imap.start()
        cls.addClassCleanup(cls.imap.stop)
        made = cls.imap.authority
        ours = cls.imap.ours
        tls = mockmail.context(made.issue("smtp"))
        tls.verify_mode = ssl.CERT_REQUIRED
        tls.load_verify_locations(made.cert)
        cls.smtp = SmtpMock(tls, offers="AUTH PLAIN EXTERNAL")
        cls.addClassCleanup(cls.smtp.close)
        sections["SSL"].update(ForceSSL=1, VerifyClient="required", TrustStore=made.cert, ClientCertUser="email")
        for leg, port in (("Imap", cls.imap.ports["imaps"]), ("Smtp", cls.smtp.port)):
            sections["Mail"].update(
                {
                    f"{leg}Port": port,
                    f"{leg}CA": made.cert,
                    f"{leg}Certificate": ours.cert,
                    f"{leg}PrivateKey": ours.key,
                    f"{leg}Auth": "external",
                }
            )

    def test_no_password_is_sent(self) -> None:
        shown = self.imap.authority.issue(self.user, (self.user, f"{self.user}@demo.test"), client=True)
        client = self.client(secure=True)
        client.trust.load_cert_chain(shown.cert, shown.key)
        page = client.submit(client.get("/login").form(action="/login"))
        self.assertEqual(page.status, 200, page.text[:400])
        self.assertEqual(client.get(box.list_url()).status, 200)
        login = re.findall(r"Login: user=<(\S+)>, method=(\S+),", self.imap.dovecot_log.read_text())
        self.assertEqual(set(login), {(self.user, "EXTERNAL")})
        form = client.get("/compose").form(action="/compose", field="body")
        page = client.submit(form, "do=send", to="ben@demo.test", subject="ext", body="x")
        self.assertEqual(box.heading(page), "Sent", page.text[:300])
        name = base64.b64encode(f"{self.user}@demo.test".encode())
        self.assertEqual([line for line in self.smtp.lines if line.startswith(b"AUTH")], [b"AUTH EXTERNAL " + name])
