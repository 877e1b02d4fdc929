"""iwebmsg-ssl check HOST:PORT: our own server, and servers of old settings."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
import unittest
from pathlib import Path
from typing import Any

import harness
import proc
import server as web
from test_ssl_util import PROGRAM, Authority, UtilCase, run


def grade(port: int, *words: object, code: int = 0, place: str = "127.0.0.1") -> dict[str, Any]:
    """The report of one server, as scripts get it."""
    done = run(PROGRAM, "check", f"{place}:{port}", "--json", *words)
    if done.returncode != code:
        raise AssertionError(f"exit status {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def caps(report: dict[str, Any]) -> dict[str, str]:
    return {cap["why"]: cap["letter"] for cap in report["grade"]["caps"]}


def groups(report: dict[str, Any]) -> set[str]:
    return {suite["group"] for suite in report["suites"]}


class OurServerTest(unittest.TestCase):
    """The server's own settings, each with the grade that it deserves."""

    def graded(self, code: int = 0, **ssl: object) -> dict[str, Any]:
        server = harness.new_server("grade")
        server.sections["SSL"].update(ssl)
        words = ("--name", "mail.demo.test", "--root", harness.backend().ca_file)
        try:
            server.start()
            return grade(server.secure_port, *words, code=code)
        finally:
            server.stop()

    def test_forced_is_the_best(self) -> None:
        report = self.graded(ForceSSL=1)
        self.assertEqual(report["grade"]["letter"], "A+", report["grade"])
        self.assertEqual(caps(report), {})
        self.assertEqual(groups(report), {"aead"})
        self.assertEqual({name for name, has in report["protocols"].items() if has}, {"TLS 1.2", "TLS 1.3"})
        self.assertTrue(report["secure_renegotiation"])
        self.assertTrue(report["fallback_protection"])
        self.assertFalse(report["client_renegotiation"])
        self.assertFalse(report["compression"])
        self.assertEqual(report["groups"], ["X25519", "P-256", "P-384"])
        self.assertGreaterEqual(report["hsts"]["max_age"], 180 * 86400)

    def test_not_forced_lacks_hsts(self) -> None:
        report = self.graded(ForceSSL=0)
        self.assertEqual(report["grade"]["letter"], "A")
        self.assertEqual(caps(report), {"no Strict-Transport-Security (HSTS)": "A"})
        self.assertEqual(report["grade"]["caps"][0]["mend"], "ForceSSL=1 in [SSL]")

    def test_modern_is_tls_1_3_only(self) -> None:
        report = self.graded(ForceSSL=1, EncryptionStrength="modern")
        self.assertEqual({name for name, has in report["protocols"].items() if has}, {"TLS 1.3"})
        self.assertEqual(report["grade"]["letter"], "A+", report["grade"])

    def test_custom_with_cbc(self) -> None:
        lists = {"EncryptionStrength": "custom", "CipherList": "ECDHE+AESGCM:ECDHE+AES+SHA256"}
        report = self.graded(ForceSSL=1, **lists)
        self.assertEqual(groups(report), {"aead", "cbc"})
        self.assertEqual(report["grade"]["letter"], "A+", report["grade"])
        lists |= {"CipherList": "ECDHE+AES+SHA256", "MaxProtocol": "TLSv1.2"}
        report = self.graded(ForceSSL=1, code=1, **lists)
        self.assertEqual(groups(report), {"cbc"})
        self.assertEqual(caps(report), {"no AEAD cipher suite": "B", "no TLS 1.3": "A-"})
        self.assertEqual(report["grade"]["letter"], "B")

    def test_who_wants_a_certificate(self) -> None:
        store = harness.backend().ca_file
        report = self.graded(ForceSSL=1, VerifyClient="required", TrustStore=store)
        self.assertTrue(report["client_certificate"])
        self.assertEqual(caps(report), {"no answer in HTTP, so HSTS cannot be seen": "A"})
        self.assertIn("client certificate", {one["what"] for one in report["findings"]})

    def test_short_hsts(self) -> None:
        report = self.graded(ForceSSL=1, HstsMaxAge="30d")
        self.assertEqual(caps(report), {"HSTS for less than 180 days": "A"})


class Old:
    """openssl s_server with settings of old, answering as a web server."""

    def __init__(self, *words: object) -> None:
        (self.port,) = proc.free_ports(1)
        self.process = subprocess.Popen(
            ["openssl", "s_server", "-accept", f"127.0.0.1:{self.port}", "-www", "-quiet", *map(str, words)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> int:
        proc.wait_until(self._listens, "openssl s_server", 10)
        return self.port

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


class OldServersTest(UtilCase):
    def setUp(self) -> None:
        super().setUp()
        self.authority = Authority(self.folder / "authority")
        self.key, self.cert = self.folder / "server.key", self.folder / "chain.pem"
        self.util("csr", "--name", "localhost", "--san", "ip:127.0.0.1", "--key", "rsa:2048", "--out-dir", self.folder)
        self.leaf = self.folder / "leaf.pem"
        self.authority.sign(self.folder / "server.csr", self.leaf)
        self.cert.write_text(self.leaf.read_text() + self.authority.middle.read_text())
        self.root = ("--root", self.authority.root)

    def old(self, *words: object, cert: Path | None = None) -> Old:
        chain = ("-cert", cert or self.cert, "-key", self.key, "-cert_chain", cert or self.cert)
        return Old(*chain, *words)

    def test_grades_of_old_settings(self) -> None:
        anything = "ALL:eNULL:@SECLEVEL=0"
        for name, words, letter, says in (
            ("as installed", (), "A", "no Strict-Transport-Security (HSTS)"),
            ("old versions", ("-min_protocol", "TLSv1", "-cipher", "DEFAULT@SECLEVEL=0"), "B", "TLS 1.0 is offered"),
            ("TLS 1.2 only", ("-tls1_2",), "A-", "no TLS 1.3"),
            ("CBC only", ("-tls1_2", "-cipher", "ECDHE+AES+SHA1:ECDHE+AES+SHA256"), "B", "no AEAD cipher suite"),
            ("key exchange by RSA", ("-tls1_2", "-cipher", "kRSA+AESGCM"), "B", "no forward secrecy"),
            ("TLS 1.0 only", ("-tls1", "-cipher", "DEFAULT@SECLEVEL=0"), "C", "neither TLS 1.2 nor TLS 1.3"),
            ("no encryption", ("-cipher", anything), "F", "cipher suites without encryption"),
        ):
            with self.subTest(name), self.old(*words) as port:
                report = grade(port, *self.root, code=0 if letter[0] == "A" else 1)
                self.assertEqual(report["grade"]["letter"], letter, report["grade"])
                self.assertIn(says, caps(report))

    def test_suites_agree_with_openssl(self) -> None:
        listed = run("openssl", "ciphers", "-s", "-tls1_2", "-stdname", "ECDHE+AES:kRSA+AES:aNULL:@SECLEVEL=0").stdout
        expected = {line.split()[0] for line in listed.splitlines() if "_ECDSA_" not in line}
        with self.old("-tls1_2", "-cipher", "ECDHE+AES:kRSA+AES:aNULL:@SECLEVEL=0") as port:
            report = grade(port, *self.root, code=1)
        self.assertEqual({suite["name"] for suite in report["suites"]}, expected)
        self.assertEqual(groups(report), {"aead", "cbc", "no-forward-secrecy", "broken"})

    def test_trust(self) -> None:
        selfsigned = self.folder / "self"
        self.util("selfsigned", "--name", "localhost", "--out-dir", selfsigned)
        bare = self.folder / "leaf.pem"
        for name, words, cert, letter, says in (
            ("unknown root", (), None, "T", "the certificate is not trusted"),
            ("another name", (*self.root, "--name", "other.example.org"), None, "M", "the certificate is for other names"),
            ("no intermediate", self.root, bare, "T", "the chain is incomplete"),
        ):
            with self.subTest(name), self.old(cert=cert) as port:
                report = grade(port, *words, code=1)
                self.assertEqual(report["grade"]["letter"], letter)
                self.assertIn(says, caps(report))
                self.assertIn("bad", {finding["level"] for finding in report["findings"]})
        pair = ("-cert", selfsigned / "server.pem", "-key", selfsigned / "server.key")
        with Old(*pair) as port:
            report = grade(port, "--name", "localhost", code=1)
            self.assertEqual((report["grade"]["letter"], report["grade"]["if_trusted"]), ("T", "A"))
            trusted = grade(port, "--name", "localhost", "--root", selfsigned / "server.pem")
            self.assertEqual(trusted["grade"]["letter"], "A")

    def test_two_certificates_and_a_question(self) -> None:
        other = self.folder / "ec"
        self.util("csr", "--name", "localhost", "--san", "ip:127.0.0.1", "--out-dir", other)
        self.authority.sign(other / "server.csr", other / "leaf.pem")
        second = ("-dcert", other / "leaf.pem", "-dkey", other / "server.key", "-dcert_chain", self.authority.middle)
        with self.old(*second, "-verify", "2") as port:
            done = run(PROGRAM, "check", f"127.0.0.1:{port}", *self.root)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("Certificate 2 of 2", done.stdout)
        self.assertIn("Key:         RSA 2048 bits", done.stdout)
        self.assertIn("Key:         EC P-256", done.stdout)
        self.assertIn("Client certificate: asked for", done.stdout)
        self.assertIn("Session resumption: yes", done.stdout)

    def test_renegotiation(self) -> None:
        with self.old("-client_renegotiation") as port:
            report = grade(port, *self.root)
        self.assertTrue(report["client_renegotiation"])
        self.assertIn("mend", next(one for one in report["findings"] if one["what"] == "renegotiation"))

    def test_who_does_not_speak_tls(self) -> None:
        (free,) = proc.free_ports(1)
        listener = socket.create_server(("127.0.0.1", 0))
        port = listener.getsockname()[1]

        def answer() -> None:
            while True:
                try:
                    conn, _ = listener.accept()
                except OSError:
                    return
                with conn:
                    conn.recv(4096)
                    conn.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            self.assertIn("not in TLS", self.util("check", f"127.0.0.1:{port}", code=1).stderr)
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            thread.join()
        self.assertIn("cannot be reached", self.util("check", f"127.0.0.1:{free}", code=1).stderr)
        self.assertIn("HOST:PORT", self.util("check", "127.0.0.1:0", code=1).stderr)
        for words in (("a:1", "b:1"), ("a:1", "--cert", "x"), ("a:1", "--config", "x"), ("--starttls", "imap")):
            with self.subTest(words):
                self.assertIn("HOST:PORT", self.util("check", *words, code=2).stderr)


class MailServersTest(unittest.TestCase):
    def test_starttls(self) -> None:
        backend = harness.backend()
        for kind, name in (("imap", "imap"), ("smtp", "submission")):
            with self.subTest(kind):
                words = ("--starttls", kind, "--name", "localhost", "--root", backend.ca_file)
                done = run(PROGRAM, "check", f"127.0.0.1:{backend.ports[name]}", *words, "--json")
                report = json.loads(done.stdout)
                self.assertTrue(report["protocols"]["TLS 1.3"])
                self.assertNotIn("bad", {finding["level"] for finding in report["findings"]}, report["findings"])
        wrong = run(PROGRAM, "check", f"127.0.0.1:{backend.ports['imap']}", "--starttls", "smtp")
        self.assertIn("does not begin TLS by STARTTLS", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
