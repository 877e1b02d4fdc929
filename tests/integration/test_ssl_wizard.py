"""iwebmsg-ssl's wizard on a terminal, and setup, which does the same unasked."""

from __future__ import annotations

import os
import signal
import stat
import unittest
import unittest.mock
from pathlib import Path

import harness
import server as web
from test_ssl_util import PROGRAM, Authority, run
from test_ssl_trust import Terminal, TrustCase

NAME = "mail.example.org"


class SetupCase(TrustCase):
    def setUp(self) -> None:
        super().setUp()
        self.ini.write_text("; ours\n[Mail]\nImapHost=imap.example.org\n", encoding="ascii")
        self.ssl = self.folder / "ssl"
        self.key, self.cert, self.csr = (self.ssl / f"server.{end}" for end in ("key", "pem", "csr"))

    def setup(self, *words: object, code: int = 0) -> str:
        return self.says("setup", "--name", NAME, "--config", self.ini, "--any-ini", *words, code=code)

    def tree(self) -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}

    def publics(self, *password: str) -> set[str]:
        return {
            self.openssl("x509", "-in", self.cert, "-noout", "-pubkey"),
            self.openssl("req", "-in", self.csr, "-noout", "-pubkey"),
            self.openssl("pkey", "-in", self.key, "-pubout", *password),
        }


class SetupTest(SetupCase):
    def test_one_key_for_all_and_an_ini_that_names_it(self) -> None:
        said = self.setup("--san", "ip:192.0.2.1", "--org", "Bäckerei", "--key", "rsa:2048")
        self.assertEqual(len(self.publics()), 1)
        self.openssl("req", "-in", self.csr, "-verify", "-noout")
        self.openssl("verify", "-purpose", "sslserver", "-CAfile", self.cert, "-verify_hostname", NAME, self.cert)
        self.openssl("pkey", "-in", self.key, "-check", "-noout")
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        self.assertEqual(
            self.ini.read_text(encoding="ascii"),
            "; ours\n[Mail]\nImapHost=imap.example.org\n\n[SSL]\nEnableSSL=1\nForceSSL=1\n"
            f"Certificate={self.cert}\nPrivateKey={self.key}\n",
        )
        self.assertIn(f"import ANSWER --config {self.ini} --force", said)
        self.assertIn("purpose: a server's certificate", self.says("check", "--config", self.ini))

    def test_a_random_password_that_the_server_finds(self) -> None:
        word = self.folder / "word"
        self.setup("--password-file", word, "--force-ssl", "0")
        self.assertEqual(stat.S_IMODE(word.stat().st_mode), 0o600)
        self.assertGreaterEqual(len(word.read_text(encoding="ascii")), 32)
        self.assertEqual(len(self.publics("-passin", f"file:{word}")), 1)
        self.assertIn("ENCRYPTED", self.key.read_text(encoding="ascii"))
        self.assertIn("with its password", self.says("check", "--config", self.ini))
        word.write_text("guess\n", encoding="ascii")
        before = self.tree()
        self.assertIn("does not open", self.setup("--force", code=1))
        self.assertEqual(before, self.tree())

    def test_nothing_is_overwritten_without_force(self) -> None:
        self.setup()
        before = self.tree()
        self.assertIn("--force", self.setup(code=1))
        self.assertEqual(before, self.tree())
        self.setup("--force", "--org", "New")
        self.assertEqual(self.key.read_bytes(), before[str(self.key)])
        self.assertEqual(len(list(self.ssl.glob("*.bak"))), 2)
        self.assertEqual(len(self.publics()), 1)

    def test_stops_before_writing_when_the_place_is_another(self) -> None:
        with self.ini.open("a", encoding="ascii") as file:
            file.write(f"[SSL]\nCertificate={self.folder}/a/c.pem\nPrivateKey={self.folder}/a/k.pem\n")
        before = self.tree()
        self.assertIn("Nothing was written", self.setup("--out-dir", self.folder / "b", code=1))
        missing = self.folder / "no.ini"
        self.assertIn("not there", self.says("setup", "--name", NAME, "--config", missing, "--any-ini", code=1))
        for words, says in (
            (("--verify-client", "required"), "BAD"),
            (("--name", "a b"), "no host name"),
            (("--key", "rsa:1024"), "ec:p256"),
            (("--trust-store", "x", "--verify-client", "maybe"), "optional"),
            (("--trust-store", "x", "--verify-client", "optional"), "is not there"),
        ):
            with self.subTest(words):
                self.assertIn(says, self.setup(*words, code=1))
        self.assertEqual(before, self.tree())
        self.setup()
        self.assertTrue((self.folder / "a" / "c.csr").exists())

    def test_every_kind_of_key_and_names_of_all_alphabets(self) -> None:
        for kind in ("ec:p256", "ec:p384", "rsa:3072", "ed25519"):
            with self.subTest(kind):
                self.ssl = self.folder / kind.replace(":", "-")
                names = ("--name", "bücher.example", "--san", "*.straße.example", "--san", "email:jane@bücher.example")
                said = self.util("csr", *names, "--key", kind, "--out-dir", self.ssl).stdout
                self.assertEqual("browsers do not take" in said, kind == "ed25519", said)
                csr, key = self.ssl / "server.csr", self.ssl / "server.key"
                text = self.openssl("req", "-in", csr, "-verify", "-noout", "-text")
                self.assertIn("DNS:xn--bcher-kva.example, DNS:*.xn--strae-oqa.example, email:jane@xn--bcher-kva.example", text)
                self.openssl("pkey", "-in", key, "-check", "-noout")
                self.util("selfsigned", *names, "--key-file", key, "--cert", self.ssl / "server.pem")
                self.cert, self.csr, self.key = self.ssl / "server.pem", csr, key
                self.assertEqual(len(self.publics()), 1)
                verify = ("-x509_strict", "-purpose", "sslserver", "-verify_hostname", "xn--bcher-kva.example")
                self.openssl("verify", *verify, "-CAfile", self.cert, self.cert)

    def test_a_client_with_an_edwards_key(self) -> None:
        ca, jane = self.folder / "ca", self.folder / "jane"
        self.util("ca", "init", "--name", "Bäckerei CA", "--key", "ed25519", "--ca-dir", ca)
        names = ("--name", "jane@example.org", "--purpose", "client", "--key", "ed25519")
        self.util("ca", "issue", "--ca-dir", ca, *names, "--out-dir", jane)
        self.openssl("verify", "-purpose", "sslclient", "-CAfile", ca / "ca.pem", jane / "client.pem")
        self.util("ca", "crl", "--ca-dir", ca)
        self.openssl("crl", "-in", ca / "crl.pem", "-CAfile", ca / "ca.pem", "-noout", "-verify")

    def test_without_a_fips_provider_nothing_is_made(self) -> None:
        if run("openssl", "list", "-providers", "-provider", "fips").returncode == 0:
            self.skipTest("this machine has a FIPS provider")
        before = self.tree()
        self.assertIn("FIPS provider", self.setup("--fips", code=1))
        self.assertIn("FIPS provider", self.says("csr", "--name", NAME, "--out-dir", self.ssl, "--fips", code=1))
        self.assertEqual(before, self.tree())
        with self.ini.open("a", encoding="ascii") as file:
            file.write("[SSL]\nFIPS=1\n")
        self.assertIn("FIPS provider", self.setup(code=1))
        self.assertFalse(self.ssl.exists())

    def test_an_acme_folder_is_named_and_explained(self) -> None:
        said = self.setup("--acme-webroot", self.folder / "acme")
        self.assertIn(f"certbot certonly --webroot -w {self.folder}/acme -d {NAME}", said)
        self.assertIn(f"[Server]\nAcmeWebroot={self.folder}/acme\n", self.ini.read_text(encoding="ascii"))

    def test_an_unwritable_folder(self) -> None:
        (self.folder / "ssl").write_text("in the way", encoding="ascii")
        before = self.tree()
        self.assertIn("ssl", self.setup(code=1))
        self.assertEqual(before, self.tree())

    @unittest.skipUnless(os.geteuid() == 0, "mounts an /etc of its own")
    def test_a_machine_that_has_nothing_yet(self) -> None:
        steps = '''
            mount -t tmpfs none /etc
            "$0" setup --name mail.example.org --any-ini
            "$0" check
            "$0" configure --trust-store clients.pem --verify-client optional
            stat -c %a:%n /etc/iwebmsg /etc/iwebmsg/*'''
        done = run("unshare", "--mount", "sh", "-ec", steps, PROGRAM)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("from the sample: /etc/iwebmsg/iwebmsg.ini", done.stdout)
        self.assertIn("systemctl restart iwebmsg\n", done.stdout)
        self.assertIn("opens the secure port", done.stdout)
        self.assertIn("640:/etc/iwebmsg/iwebmsg.ini\n", done.stdout)
        self.assertIn("600:/etc/iwebmsg/server.key\n", done.stdout)

    @unittest.skipUnless(os.geteuid() == 0, "mounts a small disk")
    def test_a_full_disk_leaves_nothing(self) -> None:
        disk = self.folder / "disk"
        disk.mkdir()
        self.assertEqual(run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk).returncode, 0)
        self.addCleanup(run, "umount", disk)
        ini = disk / "iwebmsg.ini"
        ini.write_bytes(self.ini.read_bytes())
        # Room for none, one, two … of the files: each time all or nothing.
        ends = set()
        for left in range(6):
            fill = disk / "fill"
            with fill.open("wb", buffering=0) as file:
                try:
                    while file.write(b"x" * 4096):
                        pass
                except OSError:
                    pass
            os.truncate(fill, max(0, fill.stat().st_size - left * 4096))
            before = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
            done = run(PROGRAM, "setup", "--name", NAME, "--config", ini, "--any-ini")
            ends.add(done.returncode)
            if done.returncode:
                after = {path: path.read_bytes() for path in disk.rglob("*") if path.is_file()}
                self.assertEqual(before, after, done.stderr)
        self.assertEqual(ends, {0, 1})


class RunningTest(SetupCase):
    """Beside a server that runs."""

    def start(self) -> web.Server:
        server = harness.new_server("wizard", tls=False)
        server.sections["SSL"].clear()
        server.write()
        return server

    def run_server(self, server: web.Server) -> None:
        """Starts it with the ini file as it is, not as the rig would write it."""
        words = [web.program(), "--config", server.ini]
        server.process = harness.proc.Process("iwebmsgd", words, server.log, cwd=web.TOP)
        self.addCleanup(server.stop)
        harness.proc.wait_until(server.healthy, "iwebmsgd /healthz", 30, server.process)

    def curl(self, server: web.Server, trusted: Path) -> bool:
        address = f"{NAME}:{server.secure_port}"
        words = ("--cacert", trusted, "--resolve", f"{address}:127.0.0.1", f"https://{address}/healthz")
        return run("curl", "-sS", "--fail", *words).stdout.strip() == "ok"

    def test_another_ini_than_the_running_servers(self) -> None:
        server = self.start()
        self.run_server(server)
        before = self.tree()
        said = self.says("setup", "--name", NAME, "--config", self.ini, code=1)
        self.assertIn("Nothing was written", said)
        self.assertEqual(before, self.tree())
        self.says("setup", "--name", NAME, "--config", server.ini)
        self.assertIn("EnableSSL=1", server.ini.read_text(encoding="utf-8"))

    def test_from_questions_to_the_authoritys_chain(self) -> None:
        server = self.start()
        self.ini = server.ini
        folder = server.folder / "ssl"
        terminal = Terminal("wizard", "--config", server.ini, "--any-ini")
        for says, answer in (
            ("recommended", "2"),
            ("The name people type", "not a name!"),
            ("no host name", f"{NAME} bücher.example"),
            ("kind of key", "dsa"),
            ("ec:p384", ""),
            ("organization", "Bäckerei"),
            ("encrypted with a password", "yes"),
            ("ForceSSL", "maybe"),
            ("yes or no", "no"),
            ("Say none unless", ""),
            ("Go on", "yes"),
        ):
            self.assertIn(says, terminal.question())
            terminal.answer(answer + "\n")
        self.assertEqual(terminal.end(), 0, terminal.said)
        self.assertIn("iwebmsg-ssl import ANSWER", terminal.said)
        names = self.openssl("x509", "-in", folder / "server.pem", "-noout", "-ext", "subjectAltName")
        self.assertIn(f"DNS:{NAME}, DNS:xn--bcher-kva.example", names)
        self.assertEqual(stat.S_IMODE((folder / "server.password").stat().st_mode), 0o600)
        self.run_server(server)
        self.assertTrue(self.curl(server, folder / "server.pem"))

        authority, answer = Authority(self.folder / "authority"), self.folder / "answer.pem"
        authority.sign(folder / "server.csr", answer)
        words = ("--config", server.ini, "--root", authority.root, "--force")
        self.says("import", answer, authority.middle, *words)
        self.assertFalse(self.curl(server, authority.root))
        assert server.process is not None
        server.process.signal(signal.SIGHUP)
        harness.proc.wait_until(lambda: self.curl(server, authority.root), "the new chain", 20, server.process)

    def test_a_password_that_systemd_keeps(self) -> None:
        server = self.start()
        credentials = server.folder / "credentials"
        credentials.mkdir()
        word = credentials / "key-word"
        word.write_text("Pflaumenmus-9\n", encoding="ascii")
        word.chmod(0o600)
        with unittest.mock.patch.dict(os.environ, CREDENTIALS_DIRECTORY=str(credentials)):
            config = ("--config", server.ini)
            self.says("setup", "--name", NAME, *config, "--any-ini", "--password-file", "credential:key-word")
            self.assertIn("\nKeyPasswordFile=credential:key-word\n", server.ini.read_text(encoding="utf-8"))
            self.assertIn("with its password", self.says("check", *config))
            self.run_server(server)
            self.assertTrue(self.curl(server, server.folder / "ssl" / "server.pem"))
            word.write_text("Apfelmus-1\n", encoding="ascii")
            self.assertIn("does not open", self.says("check", *config, code=1))
        said = self.says("check", *config, code=1)
        self.assertIn("/run/credentials/iwebmsg.service/key-word", said)

    def test_stopping_at_any_question_leaves_nothing(self) -> None:
        server = self.start()
        before = {path: path.read_bytes() for path in server.folder.rglob("*") if path.is_file()}
        for stop, key in ((1, "\x03"), (2, "\x04"), (5, "\x03"), (6, "\x04"), (9, "\x03"), (9, "no\n")):
            with self.subTest(f"{stop} {key!r}"):
                terminal = Terminal("wizard", "--config", server.ini, "--any-ini")
                for _ in range(stop - 1):
                    asked = terminal.question()
                    terminal.answer(f"{NAME}\n" if "The name people type" in asked else "\n")
                terminal.question()
                terminal.answer(key)
                self.assertEqual(terminal.end(), 1, terminal.said)
                self.assertIn("Nothing was changed", terminal.said)
        after = {path: path.read_bytes() for path in server.folder.rglob("*") if path.is_file()}
        self.assertEqual(before, after)

    def test_without_arguments(self) -> None:
        terminal = Terminal()
        self.assertIn("Ctrl-C stops it", terminal.question())
        terminal.answer("\x03")
        self.assertEqual(terminal.end(), 1)
        done = run(PROGRAM)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")
        self.assertIn("selfsigned", done.stderr)
        self.assertIn("iwebmsg-ssl setup", self.says("wizard", code=1))


if __name__ == "__main__":
    unittest.main()
