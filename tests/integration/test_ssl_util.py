"""iwebmsg-ssl as a program, judged by OpenSSL's own command line."""

from __future__ import annotations

import os
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / os.environ.get("IWEBMSG_FLAVOUR", "release") / "iwebmsg-ssl"
WAIT_S = 60


def run(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, timeout=WAIT_S, check=False)


class SslUtilTest(unittest.TestCase):
    def setUp(self) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="iwebmsg-ssl-")
        self.addCleanup(temporary.cleanup)
        self.folder = Path(temporary.name)

    def util(self, *words: object, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = run(PROGRAM, *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        if code:
            self.assertEqual(done.stdout, "")
            self.assertTrue(done.stderr.startswith("iwebmsg-ssl: "), done.stderr)
        return done

    def openssl(self, *words: object) -> str:
        done = run("openssl", *words)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_selfsigned_is_verified_by_openssl(self) -> None:
        for kind, length in (("ec:p256", "256 bit"), ("ec:p384", "384 bit"), ("rsa:2048", "2048 bit")):
            with self.subTest(kind):
                folder = self.folder / kind.replace(":", "-")
                names = ("--san", "dns:www.example.org", "--san", "ip:192.0.2.1", "--san", "ip:2001:db8::1")
                self.util("selfsigned", "--name", "mail.example.org", *names, "--key", kind, "--out-dir", folder)
                key, cert = folder / "server.key", folder / "server.pem"
                self.assertEqual(stat.S_IMODE(key.stat().st_mode), 0o600)
                for check in (
                    ("-verify_hostname", "mail.example.org"),
                    ("-verify_hostname", "www.example.org"),
                    ("-verify_ip", "192.0.2.1"),
                    ("-verify_ip", "2001:db8::1"),
                ):
                    self.openssl("verify", "-x509_strict", "-purpose", "sslserver", "-CAfile", cert, *check, cert)
                text = self.openssl("x509", "-in", cert, "-noout", "-text")
                self.assertIn(length, text)
                self.assertIn("CA:FALSE", text)
                public = self.openssl("x509", "-in", cert, "-noout", "-pubkey")
                self.assertEqual(public, self.openssl("pkey", "-in", key, "-pubout"))

    def test_request_is_verified_by_openssl(self) -> None:
        self.util("csr", "--name", "mail.example.org", "--org", "Bäckerei", "--out-dir", self.folder)
        request = self.folder / "server.csr"
        text = self.openssl("req", "-in", request, "-verify", "-noout", "-text", "-nameopt", "utf8")
        self.assertIn("DNS:mail.example.org", text)
        self.assertIn("Bäckerei", text)
        self.assertEqual(stat.S_IMODE((self.folder / "server.key").stat().st_mode), 0o600)

    def test_show_agrees_with_openssl(self) -> None:
        self.util("selfsigned", "--name", "mail.example.org", "--days", "30", "--out-dir", self.folder)
        cert, key = self.folder / "server.pem", self.folder / "server.key"
        fingerprint = self.openssl("x509", "-in", cert, "-noout", "-fingerprint", "-sha256").split("=")[1].strip()
        shown = self.util("show", cert, key).stdout
        self.assertIn(fingerprint, shown)
        self.assertIn("dns:mail.example.org", shown)
        self.assertIn("self-signed", shown)
        secret = "".join(key.read_text(encoding="ascii").splitlines()[1:-1])
        self.assertNotIn(secret[:40], shown)

    def test_show_of_encrypted_key_and_chain(self) -> None:
        self.util("selfsigned", "--name", "mail.example.org", "--out-dir", self.folder)
        locked = self.folder / "locked.key"
        self.openssl("pkey", "-in", self.folder / "server.key", "-aes256", "-passout", "pass:x", "-out", locked)
        self.assertIn("encrypted with a password", self.util("show", locked).stdout)
        chain = self.folder / "chain.pem"
        one = (self.folder / "server.pem").read_text(encoding="ascii")
        chain.write_text(one + one, encoding="ascii")
        self.assertEqual(self.util("show", chain).stdout.count("Certificate\n"), 2)

    def test_nothing_is_overwritten(self) -> None:
        self.util("selfsigned", "--name", "a.example", "--out-dir", self.folder)
        before = {path.name: path.read_bytes() for path in self.folder.iterdir()}
        for command in ("selfsigned", "csr"):
            done = self.util(command, "--name", "b.example", "--out-dir", self.folder, code=1)
            self.assertIn("--out-dir", done.stderr)
        self.assertEqual(before, {path.name: path.read_bytes() for path in self.folder.iterdir()})

    def test_mistakes_say_what_to_do(self) -> None:
        for words, code, says in (
            ((), 2, "selfsigned, csr or show"),
            (("selfsigned",), 2, "--name mail.example.org"),
            (("selfsigned", "--name", "a", "--days", "99999"), 2, "1 to 3650"),
            (("selfsigned", "--name", "a", "--key", "rsa:1024", "--out-dir", self.folder), 1, "ec:p256"),
            (("selfsigned", "--name", "a b", "--out-dir", self.folder), 1, "no host name"),
            (("show", self.folder / "none.pem"), 1, "none.pem"),
        ):
            with self.subTest(words):
                self.assertIn(says, self.util(*words, code=code).stderr)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_help_and_version(self) -> None:
        for command in ("selfsigned", "csr", "show", "--version"):
            self.assertIn(command, self.util("--help").stdout)
        version = (ROOT / "VERSION").read_text(encoding="ascii").strip()
        self.assertEqual(self.util("--version").stdout, f"iwebmsg-ssl {version}\n")


if __name__ == "__main__":
    unittest.main()
