"""The street door and HTTP: first byte, framing, limits, headers, overload."""

from __future__ import annotations

import gzip
import http.client
import os
import re
import socket
import ssl
import threading
import time
import unittest
from pathlib import Path

import harness
import proc
import server as web
import steps
from client import HOST, Client, Page
from mockmail import HANG, ImapMock
from steps import status_of

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: mail.demo.test\r\n\r\n"


def exchange(sock: socket.socket, data: bytes) -> bytes:
    """Sends and returns what comes until the peer closes."""
    sock.sendall(data)
    got = b""
    try:
        while chunk := sock.recv(65536):
            got += chunk
    except OSError:
        pass
    return got


def read_answers(sock: socket.socket, count: int) -> list[tuple[int, bytes]]:
    """Answers that came on one connection, with Content-Length."""
    stream = sock.makefile("rb")
    found = []
    for _ in range(count):
        status = int(stream.readline().split()[1])
        length = 0
        while (line := stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        found.append((status, stream.read(length)))
    return found


class DoorTest(harness.WebTest):
    """The first byte decides, at both ports."""

    def connect(self, port: int) -> socket.socket:
        sock = socket.create_connection((proc.LOOPBACK, port), 10)
        self.addCleanup(sock.close)
        return sock

    def test_plain_and_tls_at_the_plain_port(self) -> None:
        port = self.server.plain_port
        self.assertEqual(status_of(exchange(self.connect(port), HEALTH.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))), 200)
        client = self.client()
        with client.trust.wrap_socket(self.connect(port), server_hostname=HOST) as sock:
            sock.sendall(b"GET /login HTTP/1.1\r\nHost: mail.demo.test\r\n\r\n")
            status, body = read_answers(sock, 1)[0]
        self.assertEqual(status, 200)
        self.assertIn(b"Leave secure mode", body)

    def test_plain_http_at_the_secure_port_is_sent_to_https_there(self) -> None:
        port = self.server.secure_port
        host = f"{HOST}:{port}".encode()
        for method in (b"GET", b"HEAD"):
            answer = exchange(
                self.connect(port),
                method + b" /list?folder=INBOX HTTP/1.1\r\nHost: " + host
                + b"\r\nConnection: close\r\n\r\n",
            )  # fmt: skip
            self.assertEqual(status_of(answer), 308)
            self.assertIn(b"Location: https://" + host + b"/list?folder=INBOX\r\n", answer)
            self.assertIn(b"Cache-Control: no-store", answer)

    def test_a_form_in_clear_at_the_secure_port_is_refused_unread(self) -> None:
        sock = self.connect(self.server.secure_port)
        sock.settimeout(5)
        # The body never comes: it is refused before.
        answer = exchange(
            sock,
            b"POST /login HTTP/1.1\r\nHost: mail.demo.test\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 500\r\n\r\n",
        )
        self.assertEqual(status_of(answer), 400)
        self.assertIn(b"https only", answer)

    def test_half_a_hello_does_not_stay(self) -> None:
        # Neither TLS nor HTTP: bytes that begin like a handshake and stop.
        with self.connect(self.server.plain_port) as sock:
            sock.sendall(b"\x16\x03\x01\xff\xff" + b"\0" * 64)
            sock.settimeout(15)
            self.assertNotIn(b"HTTP", sock.recv(4096))

    def test_old_tls_is_refused(self) -> None:
        old = ssl._create_unverified_context()
        try:
            old.minimum_version = ssl.TLSVersion.TLSv1
            old.maximum_version = ssl.TLSVersion.TLSv1_1
            old.set_ciphers("ALL:@SECLEVEL=0")
        except ValueError as error:
            self.skipTest(str(error))
        with self.assertRaises(ssl.SSLError):
            old.wrap_socket(self.connect(self.server.secure_port), server_hostname=HOST)

    def test_the_certificate_is_the_configured_one(self) -> None:
        client = self.client(secure=True)
        sock = client.trust.wrap_socket(
            self.connect(self.server.secure_port), server_hostname=HOST
        )
        self.assertIn(sock.version(), ("TLSv1.3", "TLSv1.2"))
        pem = harness.web_certificate().cert.read_text()
        self.assertEqual(sock.getpeercert(True), ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN") :]))


class PlainOnlyTest(harness.WebTest):
    """EnableSSL=0."""

    tls = False

    def test_tls_gets_an_alert(self) -> None:
        with self.assertRaises(ssl.SSLError) as caught:
            sock = socket.create_connection((proc.LOOPBACK, self.server.plain_port), 10)
            with sock:
                ssl._create_unverified_context().wrap_socket(sock)
        self.assertRegex(str(caught.exception).lower(), "alert")

    def test_the_secure_port_is_closed_and_nothing_is_offered(self) -> None:
        self.assertFalse(proc.accepts(self.server.secure_port))
        page = self.client().get("/login")
        self.assertNotIn("secure mode", page.text.lower())
        self.assertNotIn("https:", page.header("Content-Security-Policy"))

    def test_the_switch_address_is_not_there(self) -> None:
        client = self.logged_in()
        for address in ("/secure", "/SSL2.CGI", "/ssl2.cgi", "/secure/ticket?t=x"):
            page = client.get(address, follow=False)
            self.assertIn(page.status, (303, 404), address)
            if page.status == 303:  # a ticket of nowhere costs nothing
                self.assertEqual(page.header("Location"), "/")
        page = client.post("/secure", {"back": "/"})
        self.assertIn(page.status, (403, 404))


# Sent as it stands; the status it must get. All close the connection.
REFUSED: dict[str, tuple[str, int]] = {
    "chunked": ("POST /login HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n\n0", 411),
    "chunked and length": (
        "POST /login HTTP/1.1\nHost: a\nContent-Length: 3\nTransfer-Encoding: chunked\n\n0", 411
    ),
    "identity": ("POST /login HTTP/1.1\nHost: a\nTransfer-Encoding: identity\n", 411),
    "chunked GET": ("GET / HTTP/1.1\nHost: a\nTransfer-Encoding: chunked\n", 411),
    "two lengths": ("POST /login HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 4\n", 400),
    "two equal lengths": (
        "POST /login HTTP/1.1\nHost: a\nContent-Length: 3\nContent-Length: 3\n", 400
    ),
    "length list": ("POST /login HTTP/1.1\nHost: a\nContent-Length: 3, 3\n", 400),
    "length sign": ("POST /login HTTP/1.1\nHost: a\nContent-Length: +3\n", 400),
    "length hex": ("POST /login HTTP/1.1\nHost: a\nContent-Length: 0x3\n", 400),
    "length negative": ("POST /login HTTP/1.1\nHost: a\nContent-Length: -1\n", 400),
    "no host": ("GET / HTTP/1.1\nAccept: */*\n", 400),
    "two hosts": ("GET / HTTP/1.1\nHost: a\nHost: b\n", 400),
    "two equal hosts": ("GET / HTTP/1.1\nHost: a\nHost: a\n", 400),
    "host with path": ("GET / HTTP/1.1\nHost: a/b\n", 400),
    "host with user": ("GET / HTTP/1.1\nHost: u@a\n", 400),
    "other authority": ("GET http://b/ HTTP/1.1\nHost: a\n", 400),
    "body of a GET": ("GET / HTTP/1.1\nHost: a\nContent-Length: 3\n\nabc", 400),
    "blank in a name": ("GET / HTTP/1.1\nHost: a\nContent-Length : 3\n", 400),
    "method": ("PUT / HTTP/1.1\nHost: a\n", 405),
    "TRACE": ("TRACE / HTTP/1.1\nHost: a\n", 405),
    "bad percent": ("GET /%zz HTTP/1.1\nHost: a\n", 400),
    "NUL in the path": ("GET /%00 HTTP/1.1\nHost: a\n", 400),
}


class FramingTest(harness.WebTest):
    """What could be read in two ways is refused, and the connection ends."""

    def test_ambiguous_requests(self) -> None:
        client = self.client()
        for name, (text, status) in REFUSED.items():
            with self.subTest(name):
                data = text.replace("\n", "\r\n").encode()
                if "\r\n\r\n" not in text.replace("\n", "\r\n"):
                    data += b"\r\n"
                got = client.raw(data + b"\r\n\r\n" + HEALTH)
                self.assertEqual(status_of(got), status, got[:200])
                # What follows on the connection is never taken for a request.
                # (libmicrohttpd's own refusals begin twice: ever the same.)
                found = set(re.findall(rb"HTTP/1.1 (\d+)", got))
                self.assertEqual(found, {str(status).encode()}, got)

    def test_over_tls_too(self) -> None:
        client = self.client()
        for name in ("chunked and length", "two lengths", "two hosts"):
            text, status = REFUSED[name]
            got = steps.send(client, text, secure=True)
            self.assertEqual(status_of(got), status, name)

    def test_keep_alive_and_pipelining(self) -> None:
        for secure in (False, True):
            client = self.client()
            port = self.server.secure_port if secure else self.server.plain_port
            sock = socket.create_connection((proc.LOOPBACK, port), 10)
            if secure:
                sock = client.trust.wrap_socket(sock, server_hostname=HOST)
            with sock:
                login = b"GET /login HTTP/1.1\r\nHost: mail.demo.test\r\n\r\n"
                sock.sendall((HEALTH + login) * 5)
                got = read_answers(sock, 10)
                self.assertEqual([status for status, _ in got], [200] * 10)
                self.assertEqual([body for _, body in got[::2]], [b"ok\n"] * 5)
                self.assertIn(b"password", got[9][1])
                sock.sendall(HEALTH)
                self.assertEqual(read_answers(sock, 1), [(200, b"ok\n")])

    def test_http_1_0_and_close(self) -> None:
        client = self.client()
        for text in (
            "GET /healthz HTTP/1.0\nHost: a",
            "GET /healthz HTTP/1.1\nHost: a\nConnection: close",
        ):
            began = time.monotonic()
            self.assertEqual(status_of(steps.send(client, text)), 200)
            self.assertLess(time.monotonic() - began, 1.5, "it did not close")

    def test_head_has_no_body(self) -> None:
        page = self.client().request("HEAD", "/login")
        self.assertEqual((page.status, page.body), (200, b""))

    def test_a_header_too_large(self) -> None:
        text = "GET /healthz HTTP/1.1\nHost: a\nX-Large: {}"
        client = self.client()
        self.assertEqual(status_of(steps.send(client, text.format("x" * 8000))), 200)
        self.assertIn(status_of(steps.send(client, text.format("x" * 40000))), (413, 431))
        long = "GET /healthz?{} HTTP/1.1\nHost: a"
        self.assertIn(status_of(steps.send(client, long.format("x" * 40000))), (414, 431))

    def test_a_body_too_large_is_refused_unread(self) -> None:
        client = self.client()
        head = "POST /login HTTP/1.1\nHost: a\nContent-Type: application/x-www-form-urlencoded\nContent-Length: {}"
        self.assertEqual(status_of(steps.send(client, head.format(10**7))), 413)
        logged = self.logged_in()
        cookie = f"\nCookie: iwm={steps.session_cookie(logged)}"
        self.assertEqual(status_of(steps.send(client, head.replace("/login", "/settings").format(10**8) + cookie)), 413)
        huge = head.replace("/login", "/compose").format(10**12) + cookie
        self.assertEqual(status_of(steps.send(client, huge)), 413)

    def test_continue_only_for_what_will_be_read(self) -> None:
        head = (
            "POST /login HTTP/1.1\nHost: a\nExpect: 100-continue\n"
            "Content-Type: application/x-www-form-urlencoded\nContent-Length: {}"
        )
        got = steps.send(self.client(), head.format(10**7))
        self.assertEqual(status_of(got), 413)
        self.assertNotIn(b"100 Continue", got)

    def test_no_such_page(self) -> None:
        page = self.client().get("/nothing/here")
        self.assertEqual(page.status, 404)
        self.assertIn("text/html", page.header("Content-Type"))
        page = self.client().get("/static/../iwebmsg.ini")
        self.assertEqual(page.status, 404)
        for sneaky in ("/static/%2e%2e/iwebmsg.ini", "/static/..%2fiwebmsg.ini", "//static/app.css"):
            got = steps.send(self.client(), f"GET {sneaky} HTTP/1.1\nHost: a\nConnection: close")
            self.assertIn(status_of(got), (400, 404), sneaky)


class LimitTest(harness.WebTest):
    """Absolute deadlines; drippers hinder nobody."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"].update(
            HandshakeWait="2s", HeaderWait="2s", BodyWait="2s", KeepAliveWait="2s", JobWait="5s"
        )

    def ends_within(self, data: bytes, seconds: float, drip: bytes = b"") -> float:
        """How long the server keeps a connection that sent this."""
        began = time.monotonic()
        with socket.create_connection((proc.LOOPBACK, self.server.plain_port), 10) as sock:
            sock.sendall(data)
            sock.settimeout(0.25)
            while time.monotonic() - began < seconds:
                try:
                    if not sock.recv(4096):
                        break
                except TimeoutError:
                    if drip:
                        try:
                            sock.sendall(drip)
                        except OSError:
                            break
                except OSError:
                    break
            else:
                self.fail(f"still open after {seconds} s")
        return time.monotonic() - began

    def test_deadlines_are_absolute(self) -> None:
        body = (
            b"POST /login HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\na"
        )
        cases = {
            "silent": (b"", b""),
            "header dripped": (b"GET / HTTP/1.1\r\nX: ", b"x"),
            "body dripped": (body, b"b"),
            "kept alive": (HEALTH, b""),
            "hello dripped": (b"\x16\x03\x01\x02\x00\x01", b"\0"),
        }
        failed: list[str] = []

        def one(name: str, data: bytes, drip: bytes) -> None:
            try:
                took = self.ends_within(data, 7, drip)
                if took < 1.2:
                    failed.append(f"{name}: ended after {took:.1f} s already")
            except AssertionError as error:
                failed.append(f"{name}: {error}")

        threads = [
            threading.Thread(target=one, args=(name, *each)) for name, each in cases.items()
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])


class DripTest(harness.WebTest):
    def test_64_clients_a_byte_a_second_do_not_hinder_others(self) -> None:
        client = self.logged_in()
        address = (proc.LOOPBACK, self.server.plain_port)
        drippers = [socket.create_connection(address, 10) for _ in range(64)]
        over = threading.Event()

        def drip() -> None:
            line = b"GET / HTTP/1.1\r\nHost: mail.demo.test\r\nX-Slow: " + b"x" * 100
            for at in range(len(line)):
                for sock in drippers:
                    try:
                        sock.sendall(line[at : at + 1])
                    except OSError:
                        pass
                if over.wait(1):
                    return

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            slowest = 0.0
            for _ in range(30):
                began = time.monotonic()
                page = client.get("/list?folder=INBOX")
                slowest = max(slowest, time.monotonic() - began)
                self.assertEqual(page.status, 200)
            self.assertLess(slowest, 1.0)
            fresh = self.logged_in("ben", secure=True)
            self.assertEqual(fresh.get("/list?folder=INBOX").status, 200)
        finally:
            over.set()
            thread.join()
            for sock in drippers:
                sock.close()


@unittest.skipIf(os.geteuid() != 0, "an address that is no loopback needs a namespace")
class PerAddressTest(unittest.TestCase):
    """MaxConnectionsPerAddress; the loopback is exempt, as a proxy may stand there."""

    def count(self, address: str, port: int, wanted: int) -> int:
        """How many of `wanted` connections at once get an answer."""
        socks = []
        try:
            for _ in range(wanted):
                sock = socket.create_connection((address, port), 10)
                sock.settimeout(10)
                socks.append(sock)
            answered = 0
            for sock in socks:
                try:
                    sock.sendall(HEALTH)
                    answered += b"200 OK" in sock.recv(4096)
                except OSError:
                    pass
            return answered
        finally:
            for sock in socks:
                sock.close()

    def test_one_address_gets_its_share_and_the_loopback_all(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))
            except OSError:
                self.skipTest("this machine has the loopback only")
            own = probe.getsockname()[0]
        if own.startswith("127."):
            self.skipTest("this machine has the loopback only")
        server = harness.new_server("share")
        # The one test that listens on more than the loopback: on our own
        # address, for the moment of the test.
        server.sections["Server"].update(ListenAddress="*", MaxConnectionsPerAddress=5)
        server.start()
        self.addCleanup(steps.end, server)
        self.assertEqual(self.count(own, server.plain_port, 12), 5)
        self.assertEqual(self.count(proc.LOOPBACK, server.plain_port, 12), 12)


class HeaderTest(harness.WebTest):
    """Security headers on every kind of answer; caching; compression."""

    def pages(self) -> dict[str, Page]:
        client = self.logged_in()
        fresh = self.client()
        return {
            "login": fresh.get("/login"),
            "home": fresh.get("/"),
            "wrong login": fresh.login("anna", "wrong"),
            "list": client.get("/list?folder=INBOX"),
            "settings": client.get("/settings"),
            "switch": client.get("/secure"),
            "compose": client.get("/compose"),
            "not found": client.get("/nothing"),
            "no token": client.post("/logoff", {}),
            "redirect": self.client().get("/list?folder=INBOX", follow=False),
            "no folder": client.get("/list?folder=none-such"),
            "logged off": fresh.get("/loggedoff"),
            "health": fresh.get("/healthz"),
        }

    def test_every_answer(self) -> None:
        for name, page in self.pages().items():
            with self.subTest(name):
                policy = page.header("Content-Security-Policy")
                self.assertIn("default-src 'none'", policy)
                self.assertNotIn("unsafe", policy)
                self.assertIn("frame-ancestors 'none'", policy)
                self.assertIn("base-uri 'none'", policy)
                self.assertEqual(page.header("X-Content-Type-Options"), "nosniff")
                self.assertEqual(page.header("Referrer-Policy"), "same-origin")
                self.assertIn("no-store", page.header("Cache-Control"))
                if page.body:
                    self.assertIn("charset=utf-8", page.header("Content-Type").lower())
                self.assertEqual(page.header("Server"), "")
                self.assertNotIn("<script>", page.html)
                self.assertNotRegex(page.html, r"""\son[a-z]+=|\sstyle=|javascript:""")

    def test_form_action_names_both_doors(self) -> None:
        policy = self.client().get("/login").header("Content-Security-Policy")
        forms = re.search("form-action ([^;]*)", policy)
        assert forms
        self.assertIn(f"https://{HOST}:{self.server.secure_port}", forms.group(1))
        self.assertIn(f"http://{HOST}:{self.server.plain_port}", forms.group(1))

    def test_a_hostile_host_header_stays_out(self) -> None:
        got = steps.send(self.client(), "GET /login HTTP/1.1\nHost: a;script-src *\nConnection: close")
        self.assertEqual(status_of(got), 400)

    def test_gzip_for_lists_but_not_for_the_login_page(self) -> None:
        client = self.logged_in()
        packed = client.get("/list?folder=INBOX", **{"Accept-Encoding": "gzip"})
        self.assertEqual(packed.header("Content-Encoding"), "gzip")
        self.assertIn("Accept-Encoding", packed.header("Vary"))
        self.assertIn(b"Inbox", gzip.decompress(packed.body))
        for encoding in ("", "br", "gzip;q=0"):
            bare = client.get("/list?folder=INBOX", **{"Accept-Encoding": encoding})
            self.assertEqual(bare.header("Content-Encoding"), "", encoding)
        fresh = self.client()
        for address in ("/", "/login", "/loggedoff"):
            page = fresh.get(address, **{"Accept-Encoding": "gzip"})
            self.assertEqual(page.header("Content-Encoding"), "", address)

    def test_static_files(self) -> None:
        client = self.client()
        html = client.get("/login").html
        found = re.findall(r'(?:href|src)="(/static/[^"#]+)', html)
        self.assertGreaterEqual(len(set(found)), 3)
        for address in set(found):
            with self.subTest(address):
                page = client.get(address)
                self.assertEqual(page.status, 200)
                self.assertIn("max-age=31536000", page.header("Cache-Control"))
                self.assertIn("immutable", page.header("Cache-Control"))
                self.assertEqual(page.header("X-Content-Type-Options"), "nosniff")
                self.assertEqual(page.header("Set-Cookie"), "")
                tag = page.header("ETag")
                self.assertTrue(tag)
                again = client.get(address, **{"If-None-Match": tag})
                self.assertEqual((again.status, again.body), (304, b""))
                other = client.get(address, **{"If-None-Match": '"other"'})
                self.assertEqual(other.status, 200)
                packed = client.get(address, **{"Accept-Encoding": "gzip"})
                if packed.header("Content-Encoding") == "gzip":
                    self.assertEqual(gzip.decompress(packed.body), page.body)
        bare = client.get("/static/app.css")
        self.assertEqual(bare.status, 200)
        self.assertNotIn("immutable", bare.header("Cache-Control"))
        self.assertEqual(client.get("/favicon.ico").status in (200, 404), True)
        self.assertEqual(client.post("/static/app.css", {"a": "b"}).status, 405)


class HealthTest(harness.WebTest):
    def test_healthz(self) -> None:
        page = self.client().get("/healthz")
        self.assertEqual((page.status, page.body), (200, b"ok\n"))
        self.assertEqual(page.header("Set-Cookie"), "")

    def test_metrics(self) -> None:
        client = self.logged_in()
        client.get("/list?folder=INBOX")
        page = client.get("/metrics")
        self.assertEqual(page.status, 200)
        self.assertTrue(page.header("Content-Type").startswith("text/plain; version=0.0.4"))
        for line in page.html.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) \S+ .+|[a-z_]+(\{[^}]*\})? [-+0-9.eInf]+)$")
        text = page.html
        count = re.search(r'iwebmsg_page_own_seconds_count\{page="list"\} (\d+)', text)
        assert count
        self.assertGreaterEqual(int(count.group(1)), 1)
        for name in (
            'iwebmsg_page_mail_seconds_count{page="list"}',  # IMAP time
            "iwebmsg_sessions_started_total",
            "iwebmsg_queue_waiting",
            "iwebmsg_imap_connections",
        ):
            self.assertIn(name, text)
        self.assertRegex(text, r'iwebmsg_logins_total\{result="ok"\} [1-9]')
        self.assertNotIn("anna", text)

    def test_metrics_are_for_this_machine_only(self) -> None:
        client = self.client()
        for header in ("X-Forwarded-For", "Forwarded", "Via"):
            self.assertEqual(client.get("/metrics", **{header: "192.0.2.7"}).status, 404)
            self.assertEqual(client.get("/healthz", **{header: "192.0.2.7"}).status, 200)

    def test_each_request_has_its_id_in_the_log(self) -> None:
        self.client().get("/login")
        found = steps.events(self.server, "http.request")
        ids = [each["request"] for each in found]
        self.assertEqual(len(ids), len(set(ids)))
        self.assertTrue(all(len(each) >= 8 for each in ids))


class OverloadTest(harness.WebTest):
    """One worker, one place in the queue, a mail server that hangs."""

    mock: ImapMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = ImapMock(faults={"LOGIN": HANG})
        cls.addClassCleanup(cls.mock.close)
        sections["Server"].update(Workers=1, QueueLimit=1)
        sections["Mail"].update(ImapPort=cls.mock.port, ImapSecurity="none", ImapWait="4s")

    def test_more_than_fits_gets_503_at_once(self) -> None:
        pages: list[Page] = []
        forms = []
        for _ in range(2):
            client = self.client()
            forms.append((client, client.get("/login").form(field="password")))

        def login(client: Client, form) -> None:  # type: ignore[no-untyped-def]
            pages.append(client.submit(form, name="anna", password="x"))

        threads = [threading.Thread(target=login, args=each) for each in forms]
        threads[0].start()
        proc.wait_until(lambda: "LOGIN" in self.mock.steps, "LOGIN", 10)
        threads[1].start()
        probe = self.client()
        answer: list[Page] = []

        def full() -> bool:
            began = time.monotonic()
            page = probe.get("/login")
            self.assertLess(time.monotonic() - began, 5)
            answer[:] = [page]
            return page.status == 503

        # Until the second is in the queue our own request would take its place.
        time_out = threading.Event()
        time_out.wait(0.3)
        self.assertTrue(full(), answer[0].status)
        self.assertTrue(int(answer[0].header("Retry-After")) > 0)
        self.assertIn("no-store", answer[0].header("Cache-Control"))
        self.assertIn("nosniff", answer[0].header("X-Content-Type-Options"))
        # Static files are not worked on by workers: they still come.
        self.assertEqual(probe.get("/static/app.css").status, 200)
        for thread in threads:
            thread.join(30)
        self.assertEqual([page.status for page in pages], [503, 503])
        self.assertEqual(self.client().get("/login").status, 200)


if __name__ == "__main__":
    unittest.main()
