"""TLS from the street: who connects, what hangs, what a bad certificate does."""

from __future__ import annotations

import datetime
import select
import socket
import ssl
import subprocess
import unittest
from pathlib import Path

import ca
import harness
import proc
import server as web
from client import HOST

LIMIT_S = 20
HANGING = 64


def run(*words: str | Path, say: str = "") -> subprocess.CompletedProcess:
    return subprocess.run(
        [str(word) for word in words],
        input=say,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=LIMIT_S,
    )


class ClientsTest(harness.WebTest):
    """Other people's TLS libraries reach the login page, and check the name."""

    def test_openssl(self) -> None:
        for version in ("-tls1_2", "-tls1_3"):
            with self.subTest(version):
                # fmt: off
                done = run(
                    "openssl", "s_client", "-quiet", version, "-servername", HOST,
                    "-connect", f"127.0.0.1:{self.server.secure_port}",
                    "-CAfile", self.backend.ca_file, "-verify_hostname", HOST,
                    "-verify_return_error",
                    say=f"GET /login HTTP/1.1\nHost: {HOST}\nConnection: close\n\n",
                )
                # fmt: on
                self.assertIn("200 OK", done.stdout)

    def test_curl(self) -> None:
        port = self.server.secure_port
        where = ["--resolve", f"{HOST}:{port}:127.0.0.1", f"https://{HOST}:{port}/login"]
        good = run("curl", "-s", "--cacert", self.backend.ca_file, *where)
        self.assertIn('name="password"', good.stdout)
        stranger = run("curl", "-s", *where)
        self.assertEqual(stranger.returncode, 60, "curl trusts a CA nobody named")

    def test_gnutls(self) -> None:
        # fmt: off
        done = run(
            "gnutls-cli", "--x509cafile", self.backend.ca_file, "--verify-hostname", HOST,
            "--sni-hostname", HOST, "-p", str(self.server.secure_port), "127.0.0.1",
            say=f"GET /login HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n",
        )
        # fmt: on
        self.assertIn("The certificate is trusted", done.stdout)
        self.assertIn("200 OK", done.stdout)


class HangingTest(harness.WebTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"]["HandshakeWait"] = "5s"

    def hang(self, bytes_sent: bytes) -> socket.socket:
        sock = socket.create_connection((proc.LOOPBACK, self.server.secure_port), LIMIT_S)
        self.addCleanup(sock.close)
        sock.sendall(bytes_sent)
        return sock

    def test_hanging_handshakes_hold_up_nobody_and_end(self) -> None:
        """Half of them say nothing at all, half only how a hello begins."""
        hanging = [
            self.hang(b"" if number % 2 else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
            for number in range(HANGING)
        ]
        for _ in range(5):
            # Each on a new connection: a handshake among the hanging ones.
            page = self.client(secure=True).get("/login")
            self.assertEqual(page.status, 200)
        ended, _, _ = select.select(hanging, [], [], 0)
        self.assertEqual(ended, [], "people waited until those who hang were ended")
        for sock in hanging:
            # The end of the stream, or an alert and then the end.
            try:
                while sock.recv(4096):
                    pass
            except ConnectionResetError:
                pass
        self.assertEqual(self.client(secure=True).get("/login").status, 200)


def openssl(*words: str | Path) -> None:
    done = run("openssl", *words)
    if done.returncode != 0:
        raise AssertionError(f"openssl {words[0]}: {done.stdout}")


class BadCertificateTest(unittest.TestCase):
    """What the server, or --check, says of each certificate that is not well."""

    def setUp(self) -> None:
        self.server = harness.new_server("bad")
        self.folder = harness.new_folder("certificates")

    def use(self, cert: Path, key: Path) -> None:
        self.server.sections["SSL"].update(Certificate=cert, PrivateKey=key)
        self.server.write()

    def check(self) -> str:
        return run(web.program(), "--check", "--config", self.server.ini).stdout

    def make(self, *words: str) -> tuple[Path, Path]:
        cert, key = self.folder / "cert.pem", self.folder / "key.pem"
        # fmt: off
        openssl("req", "-x509", "-nodes", "-days", "30", "-subj", f"/CN={HOST}",
                "-addext", f"subjectAltName=DNS:{HOST}", "-keyout", key, "-out", cert, *words)
        # fmt: on
        key.chmod(0o600)
        return cert, key

    def test_a_weak_key_is_refused(self) -> None:
        self.use(*self.make("-newkey", "rsa:1024"))
        self.assertRegex(self.check(), r"WRONG +certificate .*cert\.pem.*(too small|1024)")

    def test_a_weak_signature_is_refused(self) -> None:
        """SHA-1: of an authority's certificate in the chain, where it counts."""
        authority = ca.Authority(self.folder / "ca")
        made = authority.issue("leaf", [HOST])
        weak = self.folder / "weak.pem"
        # fmt: off
        openssl("req", "-x509", "-key", authority.key, "-sha1", "-days", "30",
                "-subj", "/CN=iwebmsg test CA", "-addext", "basicConstraints=critical,CA:TRUE",
                "-out", weak)
        openssl("x509", "-req", "-sha1", "-in", authority.folder / "leaf.csr",
                "-CA", weak, "-CAkey", authority.key, "-set_serial", "77", "-days", "30",
                "-out", made.cert)
        # fmt: on
        self.use(made.cert, made.key)
        self.assertRegex(self.check(), r"WRONG +certificate .*leaf\.pem.*(SHA-1|digest|md too weak)")

    def test_an_expired_one_is_named_and_its_day(self) -> None:
        authority = ca.Authority(self.folder / "ca")
        made = authority.issue("old", [HOST], expired=True)
        self.use(made.cert, made.key)
        said = self.check()
        self.assertRegex(said, r"WRONG +certificate .*old\.pem.* expired \d+ days ago")
        days = (datetime.date.today() - datetime.date(2020, 1, 1)).days
        self.assertRegex(said, rf"expired ({days - 1}|{days}) days ago")

    def test_a_self_signed_one_is_told_from_others(self) -> None:
        self.use(*self.make("-newkey", "rsa:2048"))
        self.assertRegex(self.check(), r"ok +certificate .*self-signed \(browsers will warn\)")

    def test_the_key_of_another(self) -> None:
        cert, _ = self.make("-newkey", "rsa:2048")
        other = self.folder / "other.key"
        openssl("genpkey", "-algorithm", "RSA", "-out", other)
        other.chmod(0o600)
        self.use(cert, other)
        self.assertIn("does not belong to the certificate", self.check())

    def test_a_damaged_file_stops_the_start(self) -> None:
        cert, key = self.make("-newkey", "rsa:2048")
        cert.write_text(cert.read_text()[:500])
        self.use(cert, key)
        done = run(web.program(), "--config", self.server.ini)
        self.assertNotEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"iwebmsg\.ini:\d+: Certificate: .*cert\.pem")


class OldVersionsTest(harness.WebTest):
    def test_old_versions_get_an_alert(self) -> None:
        for version in (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1):
            with self.subTest(version.name):
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = version
                context.maximum_version = version
                with socket.create_connection((proc.LOOPBACK, self.server.secure_port)) as sock:
                    with self.assertRaisesRegex(ssl.SSLError, "(?i)protocol version|alert"):
                        context.wrap_socket(sock)


if __name__ == "__main__":
    unittest.main()
