"""What iwebmsg-ssl writes, read by other programs; and what others write, or broke, read by it."""

from __future__ import annotations

import stat
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

import harness
from test_ssl_util import PROGRAM, Authority, UtilCase, run

NAME = "mail.demo.test"
FINGERPRINT = ("-noout", "-fingerprint", "-sha256")


def make(*words: object) -> None:
    done = run(*words)
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)


class FormsCase(UtilCase):
    """A private authority, a server's pair and a client's, made once."""

    shared: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="iwebmsg-ssl-")
        cls.addClassCleanup(temporary.cleanup)
        cls.shared = Path(temporary.name)
        cls.shared.chmod(0o755)
        cls.ca, cls.site, cls.jane = cls.shared / "ca", cls.shared / "site", cls.shared / "jane"
        cls.word = cls.shared / "word"
        cls.word.touch(mode=0o600)
        cls.word.write_text("secret word\n")
        make(PROGRAM, "ca", "init", "--ca-dir", cls.ca, "--name", "Example CA", "--crl-url", "http://ca.example.org/x")
        issue = (PROGRAM, "ca", "issue", "--ca-dir", cls.ca, "--out-dir")
        make(*issue, cls.site, "--name", NAME, "--san", "dns:localhost", "--san", "ip:127.0.0.1")
        p12 = ("--p12", cls.shared / "jane.p12", "--out-password-file", cls.word)
        make(*issue, cls.jane, "--name", "jane@example.org", "--purpose", "client", *p12)
        make(*issue, cls.shared / "joe", "--name", "joe@example.org", "--purpose", "client")
        make(PROGRAM, "ca", "revoke", "--ca-dir", cls.ca, "--cert", cls.shared / "joe/client.pem", "--reason", "superseded")

    def export(self, name: str, *words: object, code: int = 0) -> Path:
        out = self.folder / name
        pair = ("--cert", self.site / "server.pem", "--key-file", self.site / "server.key")
        self.util("export", *pair, "--out", out, *words, code=code)
        return out


class ShowTest(FormsCase):
    def show(self, *words: object) -> str:
        return self.util("show", *words).stdout

    def test_every_form_of_a_certificate(self) -> None:
        cert = self.site / "server.pem"
        expected = self.openssl("x509", "-in", cert, *FINGERPRINT).split("=")[1].strip()
        serial = self.openssl("x509", "-in", cert, "-noout", "-serial").split("=")[1].strip()
        pkcs7 = self.folder / "a.p7b"
        self.openssl("crl2pkcs7", "-nocrl", "-certfile", cert, "-outform", "der", "-out", pkcs7)
        pkcs7_pem = self.folder / "a.p7.pem"
        self.openssl("crl2pkcs7", "-nocrl", "-certfile", cert, "-out", pkcs7_pem)
        forms = [self.export(f"a.{form}", "--format", form) for form in ("pem", "der", "cer")]
        for path in (*forms, pkcs7, pkcs7_pem):
            with self.subTest(path.name):
                shown = self.show(path)
                self.assertIn(f"SHA-256:     {expected}", shown)
                self.assertIn(f"Number:      {serial}", shown)
                self.assertIn("Purpose:     server", shown)
        self.assertIn("Purpose:     client", self.show(self.jane / "client.pem"))
        self.assertIn("Purpose:     authority", self.show(self.ca / "ca.pem"))

    def test_lists(self) -> None:
        serial = self.openssl("x509", "-in", self.shared / "joe/client.pem", "-noout", "-serial").split("=")[1].strip()
        for name in ("crl.pem", "crl.der"):
            shown = self.show(self.ca / name)
            self.assertIn("Authority:   CN=Example CA", shown)
            self.assertIn("Revoked:     1\n", shown)
            self.assertIn(f"    {serial} on ", shown)
            self.assertIn(", superseded", shown)

    def test_keys_never_show_their_secret(self) -> None:
        key = self.site / "server.key"
        der, locked, public = self.folder / "a.der", self.folder / "locked.der", self.folder / "public.pem"
        self.openssl("pkcs8", "-topk8", "-nocrypt", "-in", key, "-outform", "der", "-out", der)
        self.openssl("pkcs8", "-topk8", "-in", key, "-outform", "der", "-passout", "pass:x", "-out", locked)
        self.openssl("pkey", "-in", key, "-pubout", "-out", public)
        hashed = self.show(self.site / "server.pem").split("public key SHA-256 ")[1].split()[0]
        for path, says in ((key, "Private key"), (der, "Private key"), (public, "Public key")):
            shown = self.show(path)
            self.assertIn(says, shown)
            self.assertIn(hashed, shown)
        self.assertIn("encrypted with a password", self.show(locked))
        # The secret number itself is nowhere in what is shown.
        secret = "".join(
            line.strip() for line in self.openssl("pkey", "-in", key, "-noout", "-text").split("priv:")[1].split("pub:")[0].splitlines()
        )
        self.assertNotIn(secret.replace(":", "")[:20], self.show(key, der).replace(":", "").lower())
        der.chmod(0o604)
        self.assertIn(f"chmod 600 {der}", self.show(der))

    def test_requests_and_bundles(self) -> None:
        self.util("csr", "--name", NAME, "--out-dir", self.folder)
        der = self.folder / "a.der"
        self.openssl("req", "-in", self.folder / "server.csr", "-outform", "der", "-out", der)
        self.assertIn("fits the key", self.show(der))
        bundle = self.shared / "jane.p12"
        shown = self.show(bundle, "--in-password-file", self.word)
        self.assertIn("PKCS#12, 2 certificate(s) and a private key", shown)
        self.assertIn("email:jane@example.org", shown)
        self.assertIn("--in-password-file", self.fails("show", bundle))

    def fails(self, *words: object) -> str:
        done = run(PROGRAM, *words)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        return done.stderr

    def test_responses(self) -> None:
        authority = Authority(self.folder / "authority")
        self.util("csr", "--name", NAME, "--out-dir", self.folder)
        leaf, out = self.folder / "leaf.pem", self.folder / "response.der"
        authority.sign(self.folder / "server.csr", leaf, by="root")
        signer = ("-rsigner", authority.root, "-rkey", authority.folder / "root.key", "-ndays", "3")
        index = ("-index", authority.folder / "index", "-CA", authority.root)
        self.openssl("ocsp", *index, *signer, "-issuer", authority.root, "-cert", leaf, "-respout", out)
        shown = self.show(out)
        serial = self.openssl("x509", "-in", leaf, "-noout", "-serial").split("=")[1].strip()
        self.assertIn("OCSP response", shown)
        self.assertIn(f"number {serial.lstrip('0')}: good", shown.replace("number 0", "number "))

    def test_what_is_nothing(self) -> None:
        for name, text in (("empty", b""), ("text", b"hello\n"), ("zeros", bytes(5000)), ("other", b"-----BEGIN X-----\n")):
            path = self.folder / name
            path.write_bytes(text)
            self.assertIn(str(path), self.fails("show", path))


class ExportTest(FormsCase):
    """PKCS#12 and the rest in the hands of OpenSSL, NSS and GnuTLS."""

    def bundles(self) -> list[Path]:
        words = ("--format", "p12", "--out-password-file", self.word)
        return [self.export("new.p12", *words), self.export("old.p12", *words, "--compat")]

    def test_openssl(self) -> None:
        for path in self.bundles():
            said = self.openssl("pkcs12", "-in", path, "-passin", f"file:{self.word}", "-nodes")
            self.assertIn("BEGIN PRIVATE KEY", said)

    def test_nss(self) -> None:
        expected = self.openssl("x509", "-in", self.site / "server.pem", *FINGERPRINT).split("=")[1].strip()
        for path in self.bundles():
            with self.subTest(path.name):
                base = self.folder / f"nss-{path.stem}"
                base.mkdir()
                store = f"sql:{base}"
                make("certutil", "-N", "-d", store, "--empty-password")
                make("pk12util", "-i", path, "-d", store, "-w", self.word)
                listed = run("certutil", "-K", "-d", store).stdout
                self.assertEqual(len(listed.strip().splitlines()), 2, listed)
                name = listed.strip().splitlines()[1].split(maxsplit=4)[4] if "(orphan)" in listed else f"CN={NAME}"
                shown = run("certutil", "-L", "-d", store, "-n", name)
                self.assertIn(expected, shown.stdout, listed + shown.stderr)

    def test_gnutls(self) -> None:
        path = self.bundles()[0]
        done = run("certtool", "--p12-info", "--inder", "--infile", path, "--password", "secret word")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("BEGIN CERTIFICATE", done.stdout)
        for cert, root in ((self.site / "server.pem", self.ca / "ca.pem"), (self.ca / "ca.pem", self.ca / "ca.pem")):
            done = run("certtool", "--verify", "--load-ca-certificate", root, "--infile", cert)
            self.assertIn("The certificate is trusted", done.stdout, done.stdout + done.stderr)
        shown = run("certtool", "--crl-info", "--infile", self.ca / "crl.pem")
        self.assertIn("Revoked certificates (1)", shown.stdout)

    def test_authority_gives_phones_one_file(self) -> None:
        path = self.shared / "jane.p12"
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        said = self.openssl("pkcs12", "-in", path, "-passin", f"file:{self.word}", "-nodes")
        self.assertEqual(said.count("BEGIN CERTIFICATE"), 2)
        self.assertIn("BEGIN PRIVATE KEY", said)
        issue = ("ca", "issue", "--ca-dir", self.ca, "--purpose", "client", "--name", "ann@example.org")
        before = (self.ca / "index.txt").read_text()
        taken = ("--p12", path, "--out-password-file", self.word, "--out-dir", self.folder)
        self.assertIn("not overwritten", self.util(*issue, *taken, code=1).stderr)
        self.assertEqual((self.ca / "index.txt").read_text(), before)
        old = self.folder / "old.p12"
        self.util(*issue, "--p12", old, "--out-password-file", self.word, "--compat", "--out-dir", self.folder)
        self.assertIn("TripleDES", run("openssl", "pkcs12", "-in", old, "-passin", f"file:{self.word}", "-info", "-nodes").stderr)


class ConnectTest(FormsCase):
    """Our server with a certificate of ours, and curl, OpenSSL and GnuTLS at its door."""

    def talk(self, *words: object, say: str) -> subprocess.CompletedProcess[str]:
        argv = [str(word) for word in words]
        return subprocess.run(argv, input=say, capture_output=True, text=True, errors="replace", timeout=60, check=False)

    def test_they_connect(self) -> None:
        server = harness.new_server("connect")
        pair = {"Certificate": self.site / "server.pem", "PrivateKey": self.site / "server.key", "ForceSSL": 1}
        server.sections["SSL"].update(pair)
        root = self.ca / "ca.pem"
        try:
            server.start()
            port = server.secure_port
            here = ("--resolve", f"{NAME}:{port}:127.0.0.1", "--cacert", root)
            done = run("curl", "-sS", "-o", self.folder / "page", "-w", "%{http_code}", *here, f"https://{NAME}:{port}/")
            self.assertEqual((done.stdout, done.stderr), ("200", ""))
            trust = ("-CAfile", root, "-verify_hostname", NAME, "-verify_return_error")
            said = self.talk("openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-servername", NAME, *trust, say="")
            self.assertIn("Verify return code: 0 (ok)", said.stdout)
            for version in ("+VERS-TLS1.2", "+VERS-TLS1.3"):
                priority = f"NORMAL:-VERS-ALL:{version}"
                trust = ("--x509cafile", root, "--verify-hostname", NAME, "--sni-hostname", NAME, "--priority", priority)
                said = self.talk("gnutls-cli", "--port", str(port), *trust, "127.0.0.1", say="")
                self.assertIn("The certificate is trusted", said.stdout, said.stdout + said.stderr)
                self.assertIn("Handshake was completed", said.stdout)
            # And none of them does without the authority.
            done = run("curl", "-sS", "-o", "/dev/null", "--resolve", f"{NAME}:{port}:127.0.0.1", f"https://{NAME}:{port}/")
            self.assertEqual(done.returncode, 60)
        finally:
            server.stop()


class BrokenTest(FormsCase):
    """Files cut off, spoilt, too long or of the wrong kind: clear words, and nothing else."""

    def samples(self) -> dict[str, bytes]:
        named = {
            "chain": self.site / "server.pem",
            "key": self.site / "server.key",
            "crl": self.ca / "crl.der",
            "p12": self.shared / "jane.p12",
            "der": self.export("whole.der", "--format", "der"),
        }
        return {name: path.read_bytes() for name, path in named.items()}

    def broken(self) -> dict[str, bytes]:
        made = {"empty": b"", "huge": b"\x30\x84" + bytes(5_000_000), "text": b"-----BEGIN CERTIFICATE-----\n" * 50}
        for name, whole in self.samples().items():
            for part in (1, 3):
                made[f"{name} {part}/4"] = whole[: len(whole) * part // 4]
            made[f"{name} spoilt"] = whole[: len(whole) // 2] + b"\xff\x00\xff" + whole[len(whole) // 2 + 3 :]
        return made

    def test_every_command(self) -> None:
        path = self.folder / "broken"
        ini = self.folder / "iwebmsg.ini"
        key, cert = self.site / "server.key", self.site / "server.pem"
        files = "".join(f"{word}={path}\n" for word in ("TrustStore", "ClientCRL", "OcspResponse", "TrustPageCA"))
        ini.write_text(f"[SSL]\nEnableSSL=1\nForceSSL=1\nTrustPage=1\nVerifyClient=optional\nCertificate={path}\nPrivateKey={key}\n{files}")
        commands = (
            ("show", path, "--in-password-file", self.word),
            ("check", "--cert", path, "--key-file", key),
            ("check", "--cert", cert, "--key-file", path),
            ("check", "--config", ini),
            ("import", path, "--key-file", key, "--cert", self.folder / "out.pem"),
            ("ca", "issue", "--ca-dir", self.ca, "--csr", path, "--cert", self.folder / "out.pem"),
            ("check", "--cert", cert, "--key-file", key, "--root", path),
        )
        for name, content in self.broken().items():
            path.write_bytes(content)
            path.chmod(0o600)
            for words in commands:
                with self.subTest(name, command=words[0]):
                    done = run(PROGRAM, *words)
                    self.assertNotRegex(done.stderr, "Sanitizer|runtime error|ensure failed")
                    # Some bytes changed may still be a certificate, of another purpose.
                    self.assertIn(done.returncode, (0, 1) if "spoilt" in name else (1,), done.stdout + done.stderr)
                    if done.returncode:
                        self.assertTrue(done.stderr.startswith("iwebmsg-ssl: "), done.stderr)
                        self.assertFalse((self.folder / "out.pem").exists())
                    (self.folder / "out.pem").unlink(missing_ok=True)


if __name__ == "__main__":
    unittest.main()
