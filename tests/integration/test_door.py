"""The door: the right name, the right port and mode, certificates, ACME."""

from __future__ import annotations

import os
import socket
import ssl
from pathlib import Path
from typing import ClassVar

import ca
import front
import harness
import server as web
import steps
from client import HOST, LOOPBACK, Client
from steps import status_of

SECOND = "b.demo.test"
HSTS = "Strict-Transport-Security"
CHALLENGE = "/.well-known/acme-challenge/"


def ask(
    server: web.Server,
    text: str,
    *,
    port: int = 0,
    sni: str | None = HOST,
    trust: ssl.SSLContext | None = None,
    source: str = "",
) -> bytes:
    """A request by hand over TLS, with this SNI or none; the whole answer."""
    context = trust or ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    where = (LOOPBACK, port or server.secure_port)
    data = text.strip().replace("\n", "\r\n").encode() + b"\r\nConnection: close\r\n\r\n"
    with socket.create_connection(where, 20, (source, 0)) as plain:
        with context.wrap_socket(plain, server_hostname=sni) as sock:
            sock.sendall(data)
            with sock.makefile("rb") as got:
                return got.read()


def two_names(sections: web.Sections, **second: object) -> None:
    """A [Host] section with a certificate of its own."""
    authority = harness.backend().authority
    made = ca.Certificate(authority.folder / "b.pem", authority.folder / "b.key")
    if not made.cert.exists():
        made = authority.issue("b", (SECOND,))
    sections[f"Host {SECOND}"] = {
        "Certificate": made.cert,
        "PrivateKey": made.key,
        **second,
    }


class MisdirectedTest(harness.WebTest):
    """A request belongs to the name its handshake was for."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        two_names(sections)
        sections["Host c.demo.test"] = {"Title": "The third"}

    def test_each_under_its_own_name(self) -> None:
        for host in (HOST, SECOND):
            page = self.client(secure=True, host=host).get("/login")
            self.assertEqual(page.status, 200)
        # A name nobody configured is served as all the others.
        answer = ask(self.server, "GET /login HTTP/1.1\nHost: nobody.demo.test")
        self.assertEqual(status_of(answer), 200)
        answer = ask(self.server, f"GET /login HTTP/1.1\nHost: {SECOND.upper()}:1", sni=SECOND)
        self.assertEqual(status_of(answer), 200)

    def test_another_name_gets_421_and_nothing_else(self) -> None:
        # fmt: off
        rows = (
            (HOST, SECOND), (SECOND, HOST), (None, SECOND), (SECOND, "nobody.demo.test"),
            (HOST, "c.demo.test"), ("c.demo.test", HOST), ("c.demo.test", SECOND),
        )
        # fmt: on
        for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            trust = ssl.create_default_context()
            trust.maximum_version = newest
            for port in (self.server.secure_port, self.server.plain_port):
                for sni, host in rows:
                    for path in ("/login", "/healthz", "/static/unknown", CHALLENGE + "x"):
                        text = f"GET {path} HTTP/1.1\nHost: {host}"
                        answer = ask(self.server, text, sni=sni, trust=trust, port=port)
                        self.assertEqual(status_of(answer), 421, (sni, host, path))
                        self.assertNotIn(b"Set-Cookie", answer)
                        self.assertIn(b"another host name", answer)

    def test_without_a_name_the_common_site_answers(self) -> None:
        answer = ask(self.server, f"GET /login HTTP/1.1\nHost: {HOST}", sni=None)
        self.assertEqual(status_of(answer), 200)

    def test_the_connection_stays_good_for_its_own(self) -> None:
        client = self.client(secure=True)
        text = f"GET /login HTTP/1.1\r\nHost: {SECOND}\r\n\r\n"
        text += f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
        got = client.raw(text.encode(), secure=True)
        self.assertEqual(status_of(got), 421)
        self.assertTrue(got.endswith(b"ok\n"), got)


class VerifiedNameTest(harness.WebTest):
    """One name asks for certificates: no way round by another name."""

    authority: ClassVar[ca.Authority]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.authority = ca.Authority(harness.new_folder("clients"), "clients")
        cls.authority.issue("anna", ("anna", "anna@demo.test"), client=True)
        sections["SSL"]["ForceSSL"] = 1
        sections["Server"]["TrustedProxies"] = front.ADDRESS
        two_names(sections, VerifyClient="required", TrustStore=cls.authority.cert)

    def test_no_way_round(self) -> None:
        text = f"GET /login HTTP/1.1\nHost: {SECOND}"
        for newest in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            trust = ssl.create_default_context()
            trust.maximum_version = newest
            for port in (self.server.secure_port, self.server.plain_port):
                # Another name's handshake, or none's.
                for sni in (HOST, None):
                    answer = ask(self.server, text, sni=sni, trust=trust, port=port)
                    self.assertEqual(status_of(answer), 421)
                # Its own, on either port, without a certificate.
                with self.assertRaises((ssl.SSLError, ConnectionError)):
                    if not ask(self.server, text, sni=SECOND, trust=trust, port=port):
                        raise ConnectionError
            trust.load_cert_chain(
                self.authority.folder / "anna.pem", self.authority.folder / "anna.key"
            )
            answer = ask(self.server, text, sni=SECOND, trust=trust)
            self.assertEqual(status_of(answer), 200)

    def test_a_proxy_is_no_way_round(self) -> None:
        said = "\nX-Forwarded-Proto: https\nX-Forwarded-For: 198.51.100.7"
        text = f"GET /login HTTP/1.1\nHost: {SECOND}{said}"
        where = (LOOPBACK, self.server.plain_port)
        with socket.create_connection(where, 20, (front.ADDRESS, 0)) as sock:
            sock.sendall(text.replace("\n", "\r\n").encode() + b"\r\n\r\n")
            answer = sock.recv(4096)
        self.assertEqual(status_of(answer), 403)
        self.assertIn(b"browsers with a certificate", answer)
        answer = ask(self.server, text, sni=HOST, source=front.ADDRESS)
        self.assertEqual(status_of(answer), 421)
        # The other name is the proxy's affair, whatever its SNI is.
        other = f"GET /login HTTP/1.1\nHost: {HOST}{said}"
        trust = ssl.create_default_context()
        trust.load_cert_chain(
            self.authority.folder / "anna.pem", self.authority.folder / "anna.key"
        )
        answer = ask(self.server, other, sni=SECOND, trust=trust, source=front.ADDRESS)
        self.assertEqual(status_of(answer), 200)

    def test_a_proxy_at_the_usual_ports(self) -> None:
        """Without PublicSecureURL the way leads to where the browser is."""
        client = Client(self.server.plain_port, source=front.ADDRESS)
        said = {"Host": HOST, "X-Forwarded-Proto": "http", "X-Forwarded-For": "198.51.100.7"}
        page = client.get("/login", follow=False, **said)
        self.assertEqual(page.status, 308)
        self.assertEqual(page.header("Location"), f"https://{HOST}/login")

    def test_in_clear_nothing(self) -> None:
        client = self.client(host=SECOND)
        page = client.get("/login", follow=False)
        self.assertEqual(page.status, 308)
        self.assertEqual(client.post("/login", {"name": "anna"}).status, 403)


class ExplainTest(harness.WebTest):
    """VerifyClient=explain: every page is refused, and says why."""

    authority: ClassVar[ca.Authority]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.authority = ca.Authority(harness.new_folder("explain"), "clients")
        cls.authority.issue("anna", ("anna", "anna@demo.test"), client=True)
        cls.authority.issue("early", ("anna", "anna@demo.test"), client=True, early=True)
        sections["SSL"].update(
            ForceSSL=1,
            VerifyClient="explain",
            TrustStore=cls.authority.cert,
            ClientCRL=cls.authority.revoke(),
        )

    def browser(self, who: str = "") -> Client:
        client = self.client(secure=True)
        if who:
            folder = self.authority.folder
            client.trust.load_cert_chain(folder / f"{who}.pem", folder / f"{who}.key")
        return client

    def test_every_page_but_the_files_of_this_one(self) -> None:
        client = self.browser()
        page = client.get("/")
        self.assertEqual(page.status, 403)
        self.assertIn("Your browser showed no client certificate", page.text)
        self.assertNotIn("Set-Cookie", page.headers)
        self.assertEqual(page.header("Cache-Control"), "no-store")
        styles = page.html.split('rel="stylesheet" href="')[1].split('"')[0]
        self.assertEqual(client.get(styles).status, 200)
        for path in ("/login", "/none", "/healthz", "/metrics", "/image?t=x", "/trust"):
            page = client.get(path)
            self.assertEqual(page.status, 403, path)
            self.assertIn("A certificate is needed here", page.text, path)
        page = client.post("/login", {"name": "anna", "password": "x"})
        self.assertEqual(page.status, 403)
        self.assertIn("The form was not read", page.text)
        self.assertEqual(client.request("HEAD", "/login").status, 403)

    def test_reasons_the_certificate_is_not_to_blame_for(self) -> None:
        page = self.browser("early").get("/login")
        self.assertEqual(page.status, 403)
        self.assertIn("not valid yet", page.text)
        self.assertIn("anna", page.text)
        self.assertEqual(self.browser("anna").get("/login").status, 200)
        self.authority.revoke(stale=True)
        self.assertTrue(steps.reload(self.server))
        page = self.browser("anna").get("/login")
        self.assertEqual(page.status, 403)
        self.assertIn("list of revoked certificates is too old", page.text)
        self.authority.revoke()
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(self.browser("anna").get("/login").status, 200)

    def test_tls_on_the_plain_port_asks_the_same(self) -> None:
        text = f"GET /login HTTP/1.1\nHost: {HOST}"
        answer = ask(self.server, text, port=self.server.plain_port)
        self.assertEqual(status_of(answer), 403)


class AcmeTest(harness.WebTest):
    """AcmeWebroot serves what an ACME client writes, whatever ForceSSL says."""

    root: ClassVar[Path]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.root = harness.new_folder("webroot")
        folder = cls.root / CHALLENGE.strip("/")
        folder.mkdir(parents=True)
        (folder / "tok-EN_1").write_text("tok-EN_1.thumb")
        (folder / "large").write_text("x" * 4097)
        (folder / "fits").write_text("x" * 4096)
        (folder / "with.dot").write_text("secret")
        (cls.root / "outside").write_text("secret")
        (folder / "link").symlink_to(cls.root / "outside")
        (folder / "folder").mkdir()
        os.mkfifo(folder / "pipe")
        sections["Server"]["AcmeWebroot"] = cls.root
        sections["SSL"]["ForceSSL"] = 1

    def test_served_in_clear_and_over_tls_for_any_name(self) -> None:
        for host in (HOST, "whoever.test"):
            page = self.client(host=host).get(CHALLENGE + "tok-EN_1", follow=False)
            self.assertEqual((page.status, page.body), (200, b"tok-EN_1.thumb"))
            self.assertTrue(page.header("Content-Type").startswith("text/plain"))
        page = self.client(secure=True).get(CHALLENGE + "tok-EN_1")
        self.assertEqual(page.body, b"tok-EN_1.thumb")
        self.assertEqual(len(self.client().get(CHALLENGE + "fits").body), 4096)

    def test_nothing_else(self) -> None:
        # fmt: off
        names = (
            "", "none", "large", "with.dot", "link", "folder", "pipe", "..%2Foutside",
            "../outside", "..%2F..%2Foutside", "%2E%2E/outside", "tok-EN_1/", "tok-EN_1%00",
            "x" * 300, "tok%2dEN_1%20",
        )
        # fmt: on
        for name in names:
            text = f"GET {CHALLENGE}{name} HTTP/1.1\nHost: {HOST}\nConnection: close"
            answer = steps.send(self.client(), text)
            self.assertIn(status_of(answer), (400, 404), name)
            self.assertNotIn(b"secret", answer)

    def test_only_reading(self) -> None:
        client = self.client()
        for method in ("POST", "PUT", "DELETE"):
            text = f"{method} {CHALLENGE}tok-EN_1 HTTP/1.1\nHost: {HOST}\nContent-Length: 0"
            answer = steps.send(client, text + "\nConnection: close")
            self.assertEqual(status_of(answer), 405, method)
            self.assertIn(b"Allow: GET, HEAD", answer)


class WayBackTest(harness.WebTest):
    """ForceSSL=1 and back: browsers are told to forget it."""

    def test_the_way_back(self) -> None:
        client = self.client(secure=True)
        self.assertEqual(client.get("/login").header(HSTS), "max-age=0")
        self.server.sections["SSL"].update(ForceSSL=1, HstsSubDomains=1)
        self.assertTrue(steps.reload(self.server))
        want = "max-age=15552000; includeSubDomains"
        self.assertEqual(client.get("/login").header(HSTS), want)
        self.server.sections["SSL"].update(ForceSSL=0)
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(client.get("/login").header(HSTS), "max-age=0")
        self.assertEqual(self.client().get("/login", follow=False).status, 200)

    def test_http_on_the_secure_port(self) -> None:
        at_secure = Client(self.server.secure_port, self.server.secure_port)
        page = at_secure.get("/list?folder=a%20b", follow=False)
        self.assertEqual(page.status, 308)
        self.assertEqual(page.header("Cache-Control"), "no-store")
        self.assertEqual(
            page.header("Location"), f"{at_secure.secure_origin}/list?folder=a%20b"
        )
        page = at_secure.post("/login", {"name": "anna"})
        self.assertEqual(page.status, 400)
        self.assertIn("https only", page.text)
