"""The rig itself: the backend, the mocks, the proxy and the web client."""

from __future__ import annotations

import http.server
import imaplib
import smtplib
import socket
import ssl
import threading
import unittest

import harness
import tls_rating
from client import Client
from mockmail import CUT, DRIP, GARBAGE, HANG, Certificates, ImapMock, Proxy, Rule, SmtpMock

SHORT_S = 1.5


def letter(subject: str) -> bytes:
    head = f"From: anna@demo.test\r\nTo: ben@demo.test\r\nSubject: {subject}\r\n"
    return f"{head}\r\nHello.\r\n".encode()


class BackendTest(unittest.TestCase):
    def setUp(self) -> None:
        self.backend = harness.backend()

    def test_login_by_local_part_and_address(self) -> None:
        for name in ("anna", "anna@demo.test", "Anna@Demo.Test"):
            with imaplib.IMAP4("localhost", self.backend.ports["imap"]) as conn:
                conn.starttls(self.backend.trust())
                self.assertEqual(conn.login(name, harness.PASSWORD)[0], "OK")

    def test_wrong_password_is_refused(self) -> None:
        with imaplib.IMAP4("localhost", self.backend.ports["imap"]) as conn:
            conn.starttls(self.backend.trust())
            with self.assertRaises(imaplib.IMAP4.error):
                conn.login("anna", "wrong")

    def test_submission_reaches_the_other_inbox(self) -> None:
        self.backend.submit("anna", "ben", letter("rig-by-tls"))
        self.assertIn(b"Hello.", self.backend.wait_message("ben", "INBOX", "rig-by-tls"))

    def test_submission_by_starttls(self) -> None:
        with smtplib.SMTP("localhost", self.backend.ports["submission"]) as conn:
            with self.assertRaises(smtplib.SMTPException):
                conn.login("anna", harness.PASSWORD)
            conn.starttls(context=self.backend.trust())
            conn.login("anna", harness.PASSWORD)
            conn.sendmail("anna@demo.test", ["ben@demo.test"], letter("rig-by-starttls"))
        self.backend.wait_message("ben", "INBOX", "rig-by-starttls")

    def test_folders_in_any_alphabet_and_quota(self) -> None:
        self.backend.append("chloe", "日本語 & more", [(letter("a"), "\\Seen", 1.7e9)])
        self.assertEqual(self.backend.count("chloe", "日本語 & more"), 1)
        with self.backend.imap("chloe") as conn:
            self.assertIn(b"102400", conn.getquotaroot("INBOX")[1][1][0])

    def test_the_certificate_names_the_demo_host(self) -> None:
        raw = socket.create_connection(("127.0.0.1", self.backend.ports["imaps"]))
        with self.backend.trust().wrap_socket(raw, server_hostname="mail.demo.test"):
            pass


class MockTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.certificates = Certificates(harness.new_folder("mock"))
        cls.trust = ssl.create_default_context(cafile=str(cls.certificates.ca_file))

    def imap(self, mock: ImapMock) -> imaplib.IMAP4_SSL:
        return imaplib.IMAP4_SSL(
            "localhost", mock.port, ssl_context=self.trust, timeout=SHORT_S
        )

    def test_bare_imap_server(self) -> None:
        with ImapMock(self.certificates.good()) as mock, self.imap(mock) as conn:
            conn.login("anna", "x")
            self.assertEqual(conn.select()[1], [b"0"])
            conn.append("INBOX", "", None, letter("kept"))
            self.assertIn(b"Subject: kept", mock.mailbox.appended[0][1])

    def test_hang_cut_garbage(self) -> None:
        for fault in (HANG, CUT, GARBAGE):
            with self.subTest(fault):
                with ImapMock(self.certificates.good(), faults={"SELECT": fault}) as mock:
                    conn = self.imap(mock)
                    conn.login("anna", "x")
                    with self.assertRaises((OSError, imaplib.IMAP4.error)):
                        conn.select()
                    conn.shutdown()

    def test_starttls_injection(self) -> None:
        with ImapMock(starttls=self.certificates.good(), inject=b"* BAD injected\r\n") as mock:
            with socket.create_connection(("127.0.0.1", mock.port), SHORT_S) as plain:
                stream = plain.makefile("rb")
                stream.readline()
                plain.sendall(b"a STARTTLS\r\n")
                self.assertEqual(stream.readline(), b"a OK begin\r\n")
                self.assertEqual(stream.readline(), b"* BAD injected\r\n")

    def test_bad_certificates(self) -> None:
        for make in ("wrong_name", "expired", "self_signed"):
            with self.subTest(make):
                with ImapMock(getattr(self.certificates, make)()) as mock:
                    with self.assertRaises(ssl.SSLCertVerificationError):
                        self.imap(mock)

    def test_smtp_keeps_and_refuses(self) -> None:
        with SmtpMock(self.certificates.good()) as mock:
            with smtplib.SMTP_SSL("localhost", mock.port, context=self.trust) as conn:
                conn.login("anna", "x")
                conn.sendmail("anna@demo.test", ["ben@demo.test"], letter("kept"))
                mock.faults["RCPT"] = b"550 5.1.1 no such user\r\n"
                with self.assertRaises(smtplib.SMTPRecipientsRefused):
                    conn.sendmail("anna@demo.test", ["x@demo.test"], letter("no"))
            self.assertIn(b"Subject: kept", mock.messages[0])

    def test_proxy_loses_an_answer(self) -> None:
        backend = harness.backend()
        rule = Rule(rb"APPEND", HANG, after=True)
        before = backend.count("chloe", "Drafts")
        with Proxy(
            backend.ports["imaps"], self.certificates.good(), backend.trust(), [rule]
        ) as proxy:
            conn = imaplib.IMAP4_SSL(
                "localhost", proxy.port, ssl_context=self.trust, timeout=SHORT_S
            )
            conn.login("chloe", harness.PASSWORD)
            self.assertEqual(conn.select()[0], "OK")
            with self.assertRaises(OSError):
                conn.append("Drafts", "", None, letter("lost"))
            conn.shutdown()
        self.assertEqual(rule.hits, 1)
        self.assertEqual(backend.count("chloe", "Drafts"), before)

    def test_proxy_drips(self) -> None:
        backend = harness.backend()
        rules = [Rule(rb"SELECT", DRIP)]
        with Proxy(
            backend.ports["imaps"], self.certificates.good(), backend.trust(), rules
        ) as proxy:
            conn = imaplib.IMAP4_SSL("localhost", proxy.port, ssl_context=self.trust)
            conn.login("chloe", harness.PASSWORD)
            conn.sock.settimeout(SHORT_S)
            conn.send(b"a SELECT INBOX\r\n")
            self.assertEqual(len(conn.sock.recv(100)), 1)
            conn.shutdown()


PAGE = """<!DOCTYPE html><title>A  form</title><script>no words</script>
<form id=f method=post action=/echo><input name=name value=anna><input type=hidden name=csrf
value=&quot;t><textarea name=body>
first
second</textarea><input type=checkbox name=uid value=1 checked><input type=checkbox name=uid
value=2><select name=to><option value=a>A<option value=b selected>B</select>
<button name=do value=send>Send <b>now</b></button></form>
<button form=f name=do value=later formaction=/later>Later</button><a href="/next">Next</a>"""


class EchoHandler(http.server.BaseHTTPRequestHandler):
    def reply(self, status: int, text: str, **headers: str) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        if self.path == "/go":
            self.reply(303, "", Location="/", Set_Cookie="iwm=abc; HttpOnly; Path=/")
        else:
            self.reply(200, PAGE + f"<p>cookie {self.headers.get('Cookie')}")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.reply(200, f"{self.path} {body}")

    def log_message(self, *_args: object) -> None:
        pass


class ClientTest(unittest.TestCase):
    def setUp(self) -> None:
        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), EchoHandler)
        threading.Thread(target=self.web.serve_forever, daemon=True).start()
        self.addCleanup(self.web.server_close)
        self.addCleanup(self.web.shutdown)
        self.client = Client(self.web.server_port)

    def test_form_is_filled_in_and_pressed(self) -> None:
        page = self.client.get("/")
        self.assertEqual(page.title, "A form")
        self.assertNotIn("no words", page.text)
        sent = self.client.press(page, "Send now", name="ben", uid=["2"]).html
        self.assertEqual(
            sent,
            "/echo name=ben&csrf=%22t&body=first%0D%0Asecond&uid=2&to=b&do=send",
        )
        self.assertTrue(self.client.press(page, "Later").html.startswith("/later "))

    def test_redirect_keeps_the_cookie(self) -> None:
        page = self.client.get("/go")
        self.assertEqual(page.path, "/")
        self.assertIn("cookie iwm=abc", page.text)
        self.assertEqual(page.link("Next"), "/next")

    def test_unknown_field_is_an_error(self) -> None:
        with self.assertRaises(AssertionError):
            self.client.submit(self.client.get("/").forms[0], nobody="x")


def finding(name: str, text: str, severity: str = "OK") -> dict:
    return {"id": name, "severity": severity, "finding": text}


def scan(**changes: str) -> list[dict]:
    """What testssl.sh finds on a server without fault, but for the changes."""
    said = {name: "not offered" for name in ("SSLv2", "SSLv3", "TLS1", "TLS1_1")}
    said |= {name: "not offered" for name in tls_rating.CIPHER_CLASSES}
    said |= {name: "not vulnerable" for name in tls_rating.VULNERABLE}
    said |= {
        "TLS1_2": "offered",
        "TLS1_3": "offered with final",
        "secure_renego": "supported",
        "cert_signatureAlgorithm": "ECDSA with SHA256",
        "cert_keySize": "EC 256 bits",
        "cert_trust": "Ok via SAN",
        "cert_chain_of_trust": "passed.",
        "cert_expirationStatus": "364 >= 60 days",
        "HSTS_time": "180 days (=15552000 seconds) > 15552000 seconds",
        "cipher_x1301": "x1301 TLS_AES_128_GCM_SHA256 ECDH 253 AESGCM 128 TLS_AES_128_GCM_SHA256",
    }
    return [
        finding(name, text, "HIGH" if text.startswith("VULNERABLE") else "OK")
        for name, text in (said | changes).items()
        if text
    ]


class RatingTest(unittest.TestCase):
    def test_what_caps_the_grade(self) -> None:
        cbc = "xc013 ECDHE-RSA-AES128-SHA ECDH 253 AES 128 TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"
        rsa = "x9c AES128-GCM-SHA256 RSA AESGCM 128 TLS_RSA_WITH_AES_128_GCM_SHA256"
        for changes, grade in (
            ({}, "A+"),
            ({"HSTS_time": "179 days (=15465600 seconds)"}, "A"),
            ({"HSTS_time": ""}, "A"),
            ({"TLS1_3": "not offered"}, "A-"),
            (
                {"TLS1_2": "not offered", "SWEET32": "", "CRIME_TLS": "TLS 1.3 only server"},
                "A+",
            ),
            ({"TLS1": "offered"}, "B"),
            ({"TLS1_1": "offered"}, "B"),
            ({"SSLv3": "offered"}, "B"),
            ({"SSLv2": "offered"}, "F"),
            ({"cipher_x1301": cbc}, "B"),
            ({"cipher_x9c": rsa}, "B"),
            ({"cipherlist_aNULL": "offered"}, "F"),
            ({"RC4": "VULNERABLE"}, "B"),
            ({"SWEET32": "VULNERABLE, uses 64 bit block ciphers"}, "C"),
            ({"heartbleed": "VULNERABLE"}, "F"),
            ({"cert_keySize": "RSA 1024 bits"}, "B"),
            ({"cert_signatureAlgorithm": "SHA1 with RSA"}, "T"),
            ({"cert_signatureAlgorithm": "MD5 with RSA"}, "F"),
            ({"cert_trust": "certificate does not match supplied URI"}, "M"),
            ({"cert_chain_of_trust": "failed (self signed)"}, "T"),
            ({"cert_expirationStatus": "expired"}, "T"),
        ):
            with self.subTest(changes):
                rating = tls_rating.rate(scan(**changes))
                self.assertEqual(rating.grade, grade, str(rating))

    def test_of_two_certificates_the_worse_counts(self) -> None:
        second = finding("cert_keySize <cert#2>", "RSA 1024 bits", "HIGH")
        self.assertEqual(tls_rating.rate([*scan(), second]).grade, "B")

    def test_what_was_not_looked_at_is_not_taken_for_good(self) -> None:
        for missing in ("TLS1", "ROBOT", "SWEET32", "cert_trust", "cipher_x1301"):
            with self.subTest(missing), self.assertRaises(KeyError):
                tls_rating.rate(scan(**{missing: ""}))


if __name__ == "__main__":
    unittest.main()
