"""Behind real proxies: whom the server believes, and what people get."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
from html.parser import HTMLParser
from typing import ClassVar
from urllib.parse import urljoin, urlsplit

import ca
import front
import harness
import mailbox
import message as m
import proc
import server as web
import steps
from client import HOST, LOOPBACK, Client, Page
from steps import status_of

HSTS = "Strict-Transport-Security"
GUEST = "127.0.0.3"  # a browser that comes through the proxy
OTHER = "127.0.0.4"


class ProxyTest(harness.WebTest):
    """A server, and a proxy with a plain and a secure port in front of it."""

    plain_front: ClassVar[int]
    secure_front: ClassVar[int]
    proxy: ClassVar[proc.Process]

    @classmethod
    def setUpClass(cls) -> None:
        cls.plain_front, cls.secure_front = proc.free_ports(2)
        super().setUpClass()
        cls.addClassCleanup(cls.tearDownProxy)
        cls.proxy = cls.start_proxy()
        harness.logs_of[cls.__name__].append(cls.proxy.log)

    @classmethod
    def tearDownProxy(cls) -> None:
        if hasattr(cls, "proxy"):
            cls.proxy.stop()

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"]["TrustedProxies"] = front.ADDRESS

    @classmethod
    def start_proxy(cls) -> proc.Process:
        raise NotImplementedError

    @classmethod
    def bundle(cls) -> str:
        return str(front.bundle(cls.server.folder, harness.web_certificate()))

    def browser(self, source: str = GUEST, *, secure: bool = False) -> Client:
        """A browser at the proxy."""
        return Client(
            self.plain_front,
            self.secure_front,
            self.backend.ca_file,
            secure=secure,
            source=source,
        )

    def direct(self) -> Client:
        """Somebody who goes past the proxy, from an address that is none."""
        return Client(self.server.plain_port, self.server.secure_port, self.backend.ca_file)

    def peers(self, path: str) -> list[str]:
        found = steps.events(self.server, "http.request")
        return [each["peer"] for each in found if each["path"] == path]


def http_mode(cls: type[ProxyTest], backend: str = "") -> str:
    """HAProxy that speaks HTTP, and ends TLS, with HTTP/2 to the browser."""
    return f"""
frontend plain
    mode http
    bind {LOOPBACK}:{cls.plain_front}
    option forwardfor
    http-request set-header X-Forwarded-Proto http
    default_backend iwebmsg
frontend secure
    mode http
    bind {LOOPBACK}:{cls.secure_front} ssl crt {cls.bundle()} alpn h2,http/1.1
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    default_backend iwebmsg
backend iwebmsg
    mode http
    source {front.ADDRESS}
    server one {LOOPBACK}:{cls.server.plain_port} {backend}
"""


class HttpModeTest(ProxyTest):
    """HAProxy, mode http; TLS ends there."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Server"]["TrustedProxies"] = f"{front.ADDRESS} {OTHER}"
        sections["Server"]["PublicPlainURL"] = f"http://{HOST}:{cls.plain_front}"
        sections["Server"]["PublicSecureURL"] = f"https://{HOST}:{cls.secure_front}"
        sections["Session"] = {"LoginTriesPerAddress": 2, "LoginTriesPerAccount": 50}

    @classmethod
    def start_proxy(cls) -> proc.Process:
        ports = [cls.plain_front, cls.secure_front]
        return front.haproxy(cls.server.folder, http_mode(cls), ports)

    def test_a_session_through_the_secure_front(self) -> None:
        client = self.browser(secure=True)
        page = client.login("anna", harness.PASSWORD)
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertTrue(page.url.startswith(client.secure_origin))
        self.assertIn("Leave secure mode", page.text)
        self.assertTrue(client.cookies["__Host-iwm"].secure)
        self.assertNotIn("iwm", client.cookies)
        self.assertEqual(self.peers("/login")[-1], GUEST)
        self.assertEqual(page.header(HSTS), "max-age=0")

    def test_switching_leads_through_the_proxy(self) -> None:
        client = self.browser()
        page = client.login("ben", harness.PASSWORD)
        self.assertEqual(page.status, 200)
        self.assertNotIn("__Host-iwm", client.cookies)
        page = client.submit(page.form(action="/secure", field="back"))
        self.assertTrue(page.url.startswith(client.secure_origin + "/list"), page.url)
        self.assertEqual(page.status, 200)
        self.assertIn("__Host-iwm", client.cookies)
        page = client.submit(page.form(action="/secure", field="back"))
        page = client.submit(page.form(action="/secure", field="confirmed"))
        self.assertTrue(page.url.startswith(client.plain_origin + "/list"), page.url)
        self.assertIn("Enter secure mode", page.text)

    def test_a_stranger_says_the_same_and_is_not_believed(self) -> None:
        stranger = self.direct()
        said = {
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "198.51.100.9",
            "X-Real-IP": "198.51.100.9",
            "Forwarded": "for=198.51.100.9;proto=https",
        }
        stranger.headers.update(said)
        page = stranger.get("/login")
        self.assertEqual(self.peers("/login")[-1], LOOPBACK)
        self.assertEqual(page.header(HSTS), "")
        self.assertIn("Enter secure mode", page.text)
        self.assertNotIn("__Host-iwm_pre", str(page.headers.get_all("Set-Cookie")))
        # Nor as somebody of this machine.
        self.assertEqual(stranger.get("/metrics").status, 404)

    def test_what_a_browser_adds_is_not_believed(self) -> None:
        client = self.browser()
        client.headers["X-Forwarded-For"] = "198.51.100.9"
        client.headers["X-Forwarded-Proto"] = "https"
        page = client.get("/login")
        self.assertEqual(self.peers("/login")[-1], GUEST)
        self.assertIn("Enter secure mode", page.text)
        # Another proxy of ours may say it; and then it is nobody of here.
        client = self.browser(OTHER)
        client.headers["X-Forwarded-For"] = "198.51.100.9, 127.0.0.1"
        client.get("/login")
        self.assertEqual(self.peers("/login")[-1], LOOPBACK)
        client.headers["X-Forwarded-For"] = "127.0.0.1, 198.51.100.9"
        client.get("/login")
        self.assertEqual(self.peers("/login")[-1], "198.51.100.9")
        self.assertEqual(client.get("/metrics").status, 404)

    def test_headers_of_client_certificates_change_nothing(self) -> None:
        client = self.browser(secure=True)
        before = client.get("/login").text
        for name in ("X-SSL-Client-CN", "X-Client-Cert", "SSL_CLIENT_S_DN_CN", "Remote-User"):
            client.headers[name] = "anna"
        client.headers["X-SSL-Client-Verify"] = "SUCCESS"
        client.headers["Ssl-Client-Verify"] = "SUCCESS"
        self.assertEqual(client.get("/login").text, before)
        self.assertTrue(steps.is_login_page(client.get("/list")))

    def test_failed_logins_count_for_the_browser(self) -> None:
        """Through two proxies, because this machine's addresses never count."""
        guest = self.browser(OTHER, secure=True)
        guest.headers["X-Forwarded-For"] = "198.51.100.7"
        for _ in range(2):
            self.assertEqual(guest.login("chloe", "wrong").status, 403)
        self.assertEqual(guest.login("chloe", "wrong").status, 429)
        others = self.browser(OTHER, secure=True)
        others.headers["X-Forwarded-For"] = "203.0.113.8"
        page = others.login("chloe", harness.PASSWORD)
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertEqual(self.peers("/login")[-1], "203.0.113.8")

    def test_http_2_ends_at_the_proxy(self) -> None:
        url = f"https://{HOST}:{self.secure_front}/login"
        # fmt: off
        done = subprocess.run(
            ["curl", "-sS", "--http2", "--cacert", str(self.backend.ca_file),
             "--resolve", f"{HOST}:{self.secure_front}:{LOOPBACK}",
             "-o", "/dev/null", "-w", "%{http_version} %{http_code}", url],
            capture_output=True, text=True, timeout=30,
        )
        # fmt: on
        self.assertEqual(done.stdout, "2 200", done.stderr)

    def test_a_form_of_another_origin_is_refused(self) -> None:
        client = self.browser(secure=True)
        page = client.get("/login")
        form = page.form(field="password")
        fields = [(each.name, each.value) for each in form.fields if each.name]
        for origin, status in (
            (client.secure_origin, 403),  # only the password is wrong
            ("https://elsewhere.test", 403),
        ):
            answer = client.post("/login", fields, headers={"Origin": origin})
            self.assertEqual(answer.status, status)
            self.assertEqual("another site" in answer.text, origin.endswith(".test"))


class ForcedTest(ProxyTest):
    """ForceSSL=1 behind a proxy that ends TLS, whatever our certificate is."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        own = ca.self_signed(harness.new_folder("own"), "own")
        sections["SSL"].update(
            ForceSSL=1, HstsSubDomains=1, Certificate=own.cert, PrivateKey=own.key
        )
        sections["Server"]["PublicSecureURL"] = f"https://{HOST}:{cls.secure_front}"

    @classmethod
    def start_proxy(cls) -> proc.Process:
        ports = [cls.plain_front, cls.secure_front]
        return front.haproxy(cls.server.folder, http_mode(cls), ports)

    def test_http_is_sent_to_https_and_https_is_served(self) -> None:
        client = self.browser()
        page = client.get("/login?next=%2Flist", follow=False)
        self.assertEqual(page.status, 308)
        self.assertEqual(
            page.header("Location"), f"{client.secure_origin}/login?next=%2Flist"
        )
        page = client.login("anna", harness.PASSWORD)
        self.assertEqual(page.status, 200)
        self.assertTrue(page.url.startswith(client.secure_origin))

    def test_strict_transport_security_on_every_answer(self) -> None:
        client = self.browser(secure=True)
        want = "max-age=15552000; includeSubDomains"
        for path, status in (("/login", 200), ("/none", 404), ("/static/none", 404)):
            page = client.get(path)
            self.assertEqual((page.status, page.header(HSTS)), (status, want), path)
        # Refused before anybody looked for a page.
        for text, status in (
            (f"PUT / HTTP/1.1\nHost: {HOST}", 405),
            (f"GET /%00 HTTP/1.1\nHost: {HOST}", 400),
            (f"POST /none HTTP/1.1\nHost: {HOST}\nContent-Length: 3", 404),
        ):
            answer = steps.send(client, text + "\nConnection: close", secure=True)
            self.assertEqual(status_of(answer), status)
            self.assertIn(want, answer.decode("latin-1"), text)
        # Past the proxy our own certificate counts, which nobody signed.
        blind = ssl._create_unverified_context()
        with socket.create_connection((LOOPBACK, self.server.secure_port), 20) as plain:
            with blind.wrap_socket(plain, server_hostname=HOST) as sock:
                sock.sendall(b"GET /login HTTP/1.0\r\nHost: " + HOST.encode() + b"\r\n\r\n")
                with sock.makefile("rb") as got:
                    head = got.read(2000)
        self.assertEqual(status_of(head), 200)
        self.assertNotIn(HSTS.encode(), head)


class PlainServerTest(ProxyTest):
    """EnableSSL=0: all encryption is the proxy's."""

    tls = False

    @classmethod
    def start_proxy(cls) -> proc.Process:
        ports = [cls.plain_front, cls.secure_front]
        return front.haproxy(cls.server.folder, http_mode(cls), ports)

    def test_secure_all_the_same(self) -> None:
        client = self.browser(secure=True)
        page = client.login("anna", harness.PASSWORD)
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertTrue(page.url.startswith(client.secure_origin))
        self.assertIn("__Host-iwm", client.cookies)
        # Whether to insist on it is the proxy's affair, too.
        self.assertEqual(page.header(HSTS), "")
        self.assertNotIn("Leave secure mode", page.text)
        page = client.press(page, "Log off")
        self.assertIn("You are logged off", page.text)


class ProxyProtocolTest(ProxyTest):
    """HAProxy, mode tcp: TLS goes through, the PROXY header says for whom."""

    version: ClassVar[str] = "send-proxy-v2"

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Server"]["ProxyProtocol"] = 1

    @classmethod
    def start_proxy(cls) -> proc.Process:
        fronts = (
            ("plain", cls.plain_front, cls.server.plain_port),
            ("secure", cls.secure_front, cls.server.secure_port),
        )
        body = "".join(
            f"listen {name}\n    mode tcp\n    bind {LOOPBACK}:{port}\n"
            f"    source {front.ADDRESS}\n"
            f"    server one {LOOPBACK}:{target} {cls.version}\n"
            for name, port, target in fronts
        )
        return front.haproxy(
            cls.server.folder, body, [cls.plain_front, cls.secure_front]
        )

    def test_both_ports(self) -> None:
        for secure in (False, True):
            client = self.browser(secure=secure)
            # A header says nothing here: who connects was said already.
            client.headers["X-Forwarded-For"] = "198.51.100.9"
            client.headers["X-Forwarded-Proto"] = "https"
            page = client.login("anna", harness.PASSWORD)
            self.assertEqual(page.status, 200)
            self.assertEqual("__Host-iwm" in client.cookies, secure)
            self.assertEqual(self.peers("/login")[-1], GUEST)

    def test_others_are_served_without(self) -> None:
        self.assertEqual(self.direct().get("/login").status, 200)
        self.assertEqual(self.peers("/login")[-1], LOOPBACK)
        line = b"PROXY TCP4 198.51.100.9 127.0.0.1 1 2\r\n"
        asked = line + f"GET /login HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode()
        self.assertEqual(status_of(self.direct().raw(asked)), 400)
        self.assertNotIn("198.51.100.9", self.peers("/login"))

    def through_the_proxy(self, data: bytes) -> bytes:
        """What a connection from the proxy's address is answered."""
        where = (LOOPBACK, self.server.plain_port)
        with socket.create_connection(where, 20, (front.ADDRESS, 0)) as sock:
            sock.sendall(data)
            return b"".join(iter(lambda: sock.recv(65536), b""))

    def test_who_was_not_named_cannot_name_himself(self) -> None:
        """PROXY UNKNOWN: the headers that follow are the browser's."""
        said = f"Host: {HOST}\r\nX-Forwarded-For: 198.51.100.9\r\nX-Forwarded-Proto: https\r\n\r\n"
        for header in (b"PROXY UNKNOWN\r\n", b"\r\n\r\n\0\r\nQUIT\n\x21\0\0\0"):
            answer = self.through_the_proxy(header + f"GET /login HTTP/1.0\r\n{said}".encode())
            self.assertEqual(status_of(answer), 200)
            self.assertNotIn(b"__Host-", answer)
            self.assertEqual(self.peers("/login")[-1], front.ADDRESS)
            # Nor is he somebody on this machine.
            answer = self.through_the_proxy(header + f"GET /metrics HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode())
            self.assertEqual(status_of(answer), 404)

    def test_a_proxy_must_say_it(self) -> None:
        before = steps.metric(self.direct(), "iwebmsg_connections_refused_total")
        for data in (
            f"GET /healthz HTTP/1.0\r\nHost: {HOST}\r\n\r\n".encode(),
            b"PROXY TCP4 nobody 127.0.0.1 1 2\r\n",
        ):
            where = (LOOPBACK, self.server.plain_port)
            with socket.create_connection(where, 20, (front.ADDRESS, 0)) as sock:
                sock.sendall(data)
                try:
                    self.assertEqual(sock.recv(100), b"")
                except ConnectionResetError:
                    pass
        after = steps.metric(self.direct(), "iwebmsg_connections_refused_total")
        self.assertEqual(after, before + 2)


class ProxyProtocolLineTest(ProxyProtocolTest):
    """The same with version 1."""

    version = "send-proxy"


class ProxyCertificateTest(ProxyTest):
    """ProxyTrustStore: our proxies show a certificate, or get nothing."""

    authority: ClassVar[ca.Authority]
    bare_front: ClassVar[int]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        (cls.bare_front,) = proc.free_ports(1)
        cls.authority = ca.Authority(harness.new_folder("proxyca"), "proxies")
        sections["Server"]["ProxyTrustStore"] = cls.authority.cert

    @classmethod
    def start_proxy(cls) -> proc.Process:
        own = front.bundle(cls.server.folder, cls.authority.issue("proxy", client=True))
        tls = f"ssl verify required ca-file {cls.backend.ca_file} verifyhost localhost"
        target = f"{LOOPBACK}:{cls.server.secure_port}"
        body = f"""
frontend secure
    mode http
    bind {LOOPBACK}:{cls.secure_front} ssl crt {cls.bundle()}
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    default_backend good
frontend bare
    mode http
    bind {LOOPBACK}:{cls.bare_front}
    option forwardfor
    http-request set-header X-Forwarded-Proto https
    default_backend bare
backend good
    mode http
    source {front.ADDRESS}
    server one {target} {tls} crt {own} sni str(localhost)
backend bare
    mode http
    source {front.ADDRESS}
    server one {target} {tls} sni str(localhost)
"""
        return front.haproxy(cls.server.folder, body, [cls.secure_front, cls.bare_front])

    def test_with_and_without(self) -> None:
        client = self.browser(secure=True)
        page = client.login("anna", harness.PASSWORD)
        self.assertEqual(page.status, 200, page.text[:300])
        self.assertEqual(self.peers("/login")[-1], GUEST)
        bare = Client(self.bare_front)
        for path in ("/login", "/healthz", "/static/unknown", "/metrics"):
            page = bare.get(path)
            self.assertEqual(page.status, 403, path)
            self.assertIn("This proxy must show its certificate", page.text)
        # In clear neither.
        clear = Client(self.server.plain_port, source=front.ADDRESS)
        self.assertEqual(clear.get("/healthz").status, 403)
        self.assertEqual(self.direct().get("/healthz").status, 200)


class _Addresses(HTMLParser):
    """Every address of a page."""

    NAMES = ("href", "src", "action", "formaction", "poster", "data", "background")

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(page.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in self.NAMES or (name == "style" and "url(" in (value or "")):
                self.found.append(value or "")


LETTER = b"""\
From: Somebody <somebody@elsewhere.test>\r
To: anna@demo.test\r
Subject: below a path\r
Message-ID: <base-path@elsewhere.test>\r
Date: Sat, 21 Nov 2026 10:00:00 +0000\r
MIME-Version: 1.0\r
Content-Type: multipart/related; boundary=b\r
\r
--b\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Hello <img src="cid:dot"> <a href="mailto:x@elsewhere.test">write</a></p>\r
--b\r
Content-Type: image/png\r
Content-ID: <dot>\r
Content-Disposition: inline; filename=dot.png\r
Content-Transfer-Encoding: base64\r
\r
iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==\r
--b\r
Content-Type: text/plain; name=note.txt\r
Content-Disposition: attachment; filename=note.txt\r
\r
a note\r
--b--\r
"""


class BasePathTest(ProxyTest):
    """nginx with location /mail/, HTTP/2 and TLS before us."""

    BASE: ClassVar[str] = "/mail"

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Server"]["BasePath"] = cls.BASE
        sections["Server"]["PublicPlainURL"] = f"http://{HOST}:{cls.plain_front}"
        sections["Server"]["PublicSecureURL"] = f"https://{HOST}:{cls.secure_front}"

    @classmethod
    def start_proxy(cls) -> proc.Process:
        made = harness.web_certificate()
        location = f"""
        location /mail/ {{
            proxy_pass http://{LOOPBACK}:{cls.server.plain_port};
            proxy_bind {front.ADDRESS};
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_request_buffering off;
        }}"""
        body = f"""
    server {{
        listen {LOOPBACK}:{cls.plain_front};
        {location}
    }}
    server {{
        listen {LOOPBACK}:{cls.secure_front} ssl http2;
        ssl_certificate {made.cert};
        ssl_certificate_key {made.key};
        {location}
    }}"""
        folder = harness.new_folder("nginx")
        return front.nginx(folder, body, [cls.plain_front, cls.secure_front])

    def check(self, page: Page) -> Page:
        """Every address of ours on it is below the base."""
        for address in _Addresses(page).found:
            if address.startswith(("#", "data:", "cid:")) or not address:
                continue
            where = urlsplit(urljoin(page.url, address))
            if where.hostname != HOST:
                continue
            self.assertTrue(where.path.startswith(self.BASE + "/"), (page.url, address))
        for _, url in page.hops:
            self.assertTrue(urlsplit(url).path.startswith(self.BASE), page.hops)
        return page

    def address(self, page: Page, what: str) -> str:
        for each in _Addresses(page).found:
            if what in each:
                return urljoin(page.url, each)
        raise AssertionError(f"no {what} on {page.url}: {_Addresses(page).found}")

    def test_a_whole_visit(self) -> None:
        plain = mailbox.letter("plain below", m.text("Write to x@elsewhere.test.\n"))
        mailbox.put(self.backend, "anna", "INBOX", LETTER, plain)
        client = self.browser(secure=True)
        page = self.check(client.get("/mail/"))
        self.assertEqual(client.get(self.address(page, "app.")).status, 200)
        page = self.check(client.login("anna", harness.PASSWORD, page))
        self.assertEqual(page.status, 200)
        listed = page
        page = self.check(client.follow(page, "plain below"))
        self.assertEqual(client.get(self.address(page, "/compose?to=")).status, 200)
        page = self.check(client.follow(listed, "below a path"))
        self.assertEqual(page.status, 200)
        note = client.get(self.address(page, "/part?"))
        self.assertEqual(note.body.strip(), b"a note")
        body = self.check(client.get(self.address(page, "/body?")))
        image = client.get(self.address(body, "/image?"))
        self.assertEqual(image.header("Content-Type"), "image/png")
        self.check(client.get(self.address(body, "/compose?")))
        page = self.check(client.get("/mail/compose"))
        page = self.check(client.get("/mail/settings"))
        page = self.check(client.get("/mail/connection"))
        page = self.check(client.get("/mail/none"))
        self.assertEqual(page.status, 404)
        page = self.check(client.get("/mail/list?folder=INBOX&sort=subject"))
        page = client.submit(page.form(action="/secure", field="back"))
        page = self.check(client.submit(page.form(action="/secure", field="confirmed")))
        self.assertEqual(
            page.url, client.plain_origin + "/mail/list?folder=INBOX&sort=subject"
        )
        page = self.check(client.submit(page.form(action="/secure", field="back")))
        self.assertEqual(
            page.url, client.secure_origin + "/mail/list?folder=INBOX&sort=subject"
        )
        page = self.check(client.press(page, "Log off"))
        self.assertIn("You are logged off", page.text)
        page = self.check(client.get("/mail/list"))
        self.assertTrue(steps.is_login_page(page))

    def test_outside(self) -> None:
        stranger = self.direct()
        page = stranger.get("/login")
        self.assertEqual(page.status, 404)
        self.assertIn("The pages are below /mail/.", page.text)
        page = stranger.get("/mail", follow=False)
        self.assertEqual((page.status, page.header("Location")), (308, "/mail/"))
        for path in ("/healthz", "/mail/healthz", "/metrics", "/mail/metrics"):
            self.assertEqual(stranger.get(path).status, 200, path)

    def test_a_login_form_comes_back_to_where_it_was_wanted(self) -> None:
        client = self.browser(secure=True)
        page = self.check(client.get("/mail/settings"))
        self.assertTrue(steps.is_login_page(page))
        page = self.check(client.login("ben", harness.PASSWORD, page))
        self.assertEqual(page.path, "/mail/settings")


del ProxyTest  # has no tests of its own
