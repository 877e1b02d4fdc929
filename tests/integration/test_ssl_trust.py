"""iwebmsg-ssl trust and configure, as a program, judged by OpenSSL's own."""

from __future__ import annotations

import hashlib
import os
import pty
import re
import select
import stat
import subprocess
import unittest
from pathlib import Path

import harness
from test_ssl_util import PROGRAM, ROOT, WAIT_S, Authority, UtilCase, run

INI = """; our server
[SSL]
EnableSSL=1
Certificate={folder}/server.pem
PrivateKey={folder}/server.key
; Client certificates
;VerifyClient=none

[Mail]
ImapHost=imap.example.org
"""


def pem_count(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("BEGIN CERTIFICATE")


class Terminal:
    """The program under a pseudo-terminal; questions end with "]: "."""

    def __init__(self, *words: object) -> None:
        argv = [str(word) for word in (PROGRAM, *words)]
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execv(argv[0], argv)
        self.said = ""
        self.seen = 0

    def read(self) -> bool:
        if not select.select([self.fd], [], [], WAIT_S)[0]:
            raise AssertionError(f"nothing more came after:\n{self.said}")
        try:
            got = os.read(self.fd, 4096)
        except OSError:  # Linux's end of a terminal
            return False
        self.said += got.decode().replace("\r\n", "\n")
        return bool(got)

    def question(self) -> str:
        """Reads up to the next question; all that was said since the last."""
        while not self.said[self.seen :].rstrip(" ").endswith(":"):
            if not self.read():
                raise AssertionError(f"it ended without asking:\n{self.said}")
        new = self.said[self.seen :]
        self.seen = len(self.said)
        return new

    def answer(self, text: str) -> None:
        # The terminal shows what is typed; the next question is after it.
        os.write(self.fd, text.encode())

    def end(self) -> int:
        while self.read():
            pass
        status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self.fd)
        return status


class TrustCase(UtilCase):
    def setUp(self) -> None:
        super().setUp()
        self.ini = self.folder / "iwebmsg.ini"
        self.ini.write_text(INI.format(folder=self.folder), encoding="ascii")
        self.ini.chmod(0o640)
        self.store = self.folder / "trust.pem"

    def says(self, *words: object, code: int = 0) -> str:
        """Standard output and error of the program."""
        done = run(PROGRAM, *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def trust(self, *words: object, code: int = 0, who: str = "clients") -> str:
        return self.says("trust", *words, "--for", who, "--file", self.store, code=code)

    def selfsigned(self, name: str) -> Path:
        self.util("selfsigned", "--name", name, "--out-dir", self.folder / name)
        return self.folder / name / "server.pem"

    def fingerprint(self, path: Path) -> str:
        said = self.openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256")
        return said.split("=")[1].strip()


class TrustTest(TrustCase):
    def setUp(self) -> None:
        super().setUp()
        self.ca = self.folder / "ca"
        self.util("ca", "init", "--name", "Trust CA", "--ca-dir", self.ca)
        self.root = self.ca / "ca.pem"

    def client(self, *words: object) -> Path:
        out = self.folder / "jane"
        names = ("--name", "jane@example.org", "--purpose", "client", "--out-dir", out)
        self.util("ca", "issue", "--ca-dir", self.ca, *names, *words)
        return out / "client.pem"

    def test_add_list_remove(self) -> None:
        alone = self.selfsigned("solo.example")
        self.assertIn("TrustStore=", self.trust("add", self.root))
        self.assertEqual(stat.S_IMODE(self.store.stat().st_mode), 0o644)
        with self.store.open("a", encoding="ascii") as file:
            file.write("# what an admin noted")
        self.assertIn("already: number 1", self.trust("add", alone, self.root))
        self.assertIn("already", self.trust("add", self.root, code=1))
        listed = self.trust("list")
        self.assertIn("authority", listed)
        self.assertIn("counts for itself only", listed)
        for path in (self.root, alone):
            self.assertIn(self.fingerprint(path), listed)
        # OpenSSL reads both, and takes the store.
        self.openssl("verify", "-CAfile", self.store, self.root, alone)
        self.assertIn("--yes", self.trust("remove", "2", code=1))
        self.assertIn("no number", self.trust("remove", "3", "--yes", code=1))
        self.assertIn("fits 2", self.trust("remove", "cn=", "--yes", code=1))
        print_of_root = self.fingerprint(self.root).replace(":", "").lower()
        self.store.chmod(0o666)
        self.trust("remove", print_of_root, "--yes")
        self.assertEqual(stat.S_IMODE(self.store.stat().st_mode), 0o664)
        self.assertIn("# what an admin noted\n", self.store.read_text(encoding="ascii"))
        self.assertEqual(pem_count(self.store), 1)
        self.assertIn("does not start", self.trust("remove", "CN=solo.example", "--yes", code=1))
        self.trust("remove", "solo", "--yes", "--force")
        self.assertEqual(pem_count(self.store), 0)

    def test_add_reads_der_and_refuses_what_cannot_count(self) -> None:
        der, locked = self.folder / "ca.cer", self.folder / "both.pem"
        self.openssl("x509", "-in", self.root, "-outform", "der", "-out", der)
        old = self.folder / "old.pem"
        authority = Authority(self.folder / "authority")
        authority.sign(authority.folder / "middle.csr", old, by="root", extensions="middle",
                       dates=("20200101000000Z", "20200201000000Z"))
        locked.write_bytes(self.root.read_bytes() + (self.ca / "ca.key").read_bytes())
        for path, says in (
            (self.client(), "neither an authority nor signed by itself"),
            (old, "expired"),
            (locked, "private key"),
            (self.ca / "ca.key", "private key"),
            (self.ini, "no certificate"),
            (self.folder / "none.pem", "none.pem"),
        ):
            with self.subTest(path):
                self.assertIn(says, self.trust("add", path, code=1))
        self.assertFalse(self.store.exists())
        self.trust("add", der)
        self.assertEqual(pem_count(self.store), 1)

    def test_a_folder_and_a_der_file_are_stores_too(self) -> None:
        alone = self.selfsigned("solo.example")
        self.store.mkdir()
        self.openssl("x509", "-in", self.root, "-outform", "der", "-out", self.store / "root.crt")
        self.trust("add", alone, who="mail")
        self.assertEqual(len(list(self.store.iterdir())), 2)
        self.assertIn("2 certificate", self.trust("list", who="mail"))
        self.trust("remove", "Trust CA", "--yes", who="mail")
        self.assertFalse((self.store / "root.crt").exists())
        single = self.folder / "single.der"
        self.openssl("x509", "-in", self.root, "-outform", "der", "-out", single)
        self.says("trust", "add", alone, "--for", "mail", "--file", single)
        self.assertEqual(pem_count(single), 2)

    def test_test_says_why_not(self) -> None:
        good, alone = self.client(), self.selfsigned("solo.example")
        self.trust("add", self.root, alone)
        self.assertIn("would take it", self.trust("test", good))
        self.assertIn("would take it", self.trust("test", alone, who="mail"))
        stranger = self.selfsigned("stranger.example")
        self.assertIn("not made for clients", self.trust("test", alone, code=1))
        self.assertIn("not made for servers", self.trust("test", good, who="mail", code=1))
        self.assertIn("not in the trust store", self.trust("test", stranger, who="mail", code=1))

    def test_a_subordinate_authority_may_be_trusted_alone(self) -> None:
        authority, leaf = Authority(self.folder / "authority"), self.folder / "leaf.pem"
        self.util("csr", "--name", "imap.example.org", "--out-dir", self.folder / "imap")
        authority.sign(self.folder / "imap" / "server.csr", leaf)
        self.trust("add", authority.middle, who="mail")
        self.assertIn("would take it", self.trust("test", leaf, who="mail"))
        self.openssl("verify", "-partial_chain", "-no-CApath", "-CAfile", self.store, leaf)

    def test_test_asks_the_revocation_list_of_the_ini(self) -> None:
        cert = self.client()
        crl = self.ca / "crl.pem"
        words = ("--verify-client", "optional", "--trust-store", self.root)
        self.says("configure", "--config", self.ini, *words)
        with self.ini.open("a", encoding="ascii") as file:
            file.write(f"[Host a.example]\nClientCRL={crl}\n")
        test = ("trust", "test", cert, "--for", "clients", "--config", self.ini)
        self.util("ca", "crl", "--ca-dir", self.ca)
        self.assertIn("would take it", self.says(*test, "--host", "a.example"))
        self.util("ca", "revoke", "--ca-dir", self.ca, "--cert", cert)
        self.assertIn("it is revoked", self.says(*test, "--host", "a.example", code=1))
        self.assertIn("would take it", self.says(*test))
        text = self.ini.read_text(encoding="ascii")
        self.ini.write_text(text.replace("crl.pem", "crl.der"), encoding="ascii")
        self.assertIn("it is revoked", self.says(*test, "--host", "a.example", code=1))
        self.assertIn("no section", self.says(*test, "--host", "b.example", code=1))

    def test_the_ini_names_the_store(self) -> None:
        add = ("trust", "add", self.root, "--for", "mail", "--config", self.ini)
        said = self.says(*add, code=1)
        self.assertIn("names no MailTrustStore=", said)
        command = re.search(r"iwebmsg-ssl (configure --mail-trust-store) FILE", said)
        assert command is not None
        self.says(*command.group(1).split(), self.store, "--config", self.ini)
        self.assertIn("[Mail]\nImapHost=imap.example.org\nMailTrustStore=", self.ini.read_text(encoding="ascii"))
        self.assertIn("systemctl reload", self.says(*add))
        self.assertIn("system's authorities count", self.says("trust", "list", "--for", "mail", "--config", self.ini))

    def test_asks_on_a_terminal(self) -> None:
        made = self.selfsigned("localhost")
        self.trust("add", made)
        for answer, code, left in (("no\n", 1, 1), ("\x03", 1, 1), ("yes\n", 0, 0)):
            with self.subTest(answer):
                words = ("trust", "remove", "1", "--for", "clients", "--file", self.store, "--force")
                terminal = Terminal(*words)
                self.assertIn("CN=localhost", terminal.question())
                terminal.answer(answer)
                self.assertEqual(terminal.end(), code, terminal.said)
                self.assertEqual(pem_count(self.store), left)

    @unittest.skipUnless(os.geteuid() == 0, "mounts a small disk")
    def test_a_full_disk_leaves_everything_whole(self) -> None:
        disk = self.folder / "disk"
        disk.mkdir()
        self.assertEqual(run("mount", "-t", "tmpfs", "-o", "size=64k", "none", disk).returncode, 0)
        self.addCleanup(run, "umount", disk)
        self.store = disk / "trust.pem"
        self.trust("add", self.root)
        ini = disk / "iwebmsg.ini"
        ini.write_bytes(self.ini.read_bytes())
        fill = disk / "fill"
        with fill.open("wb", buffering=0) as file:
            try:
                while file.write(b"x" * 512):
                    pass
            except OSError:
                pass
        before = {path.name: path.read_bytes() for path in disk.iterdir()}
        self.assertIn("No space", self.trust("add", self.selfsigned("solo.example"), code=1))
        self.says("configure", "--config", ini, "--force-ssl", "1", code=1)
        after = {path.name: path.read_bytes() for path in disk.iterdir()}
        self.assertEqual(before, after)


class ConfigureTest(TrustCase):
    def configure(self, *words: object, code: int = 0) -> str:
        return self.says("configure", "--config", self.ini, *words, code=code)

    def test_one_key_changes_and_nothing_else(self) -> None:
        before = self.ini.read_text(encoding="ascii")
        said = self.configure("--verify-client", "optional", "--trust-store", "x.pem", "--force-ssl=1")
        self.assertIn("+ VerifyClient=optional", said)
        self.assertIn("is not there yet", said)
        self.assertIn("systemctl reload iwebmsg", said)
        after = self.ini.read_text(encoding="ascii")
        added = [line for line in after.splitlines() if line not in before.splitlines()]
        here = Path.cwd() / "x.pem"
        self.assertEqual(added, ["VerifyClient=optional", "ForceSSL=1", f"TrustStore={here}"])
        self.assertEqual([line for line in after.splitlines() if line not in added], before.splitlines())
        self.assertIn(";VerifyClient=none\nVerifyClient=optional\n", after)
        self.assertEqual(stat.S_IMODE(self.ini.stat().st_mode), 0o640)
        backup, = self.folder.glob("iwebmsg.ini.*.bak")
        self.assertEqual(backup.read_text(encoding="ascii"), before)
        self.assertIn("says so already", self.configure("--force-ssl", "1"))

    def test_what_the_server_would_refuse_is_not_written(self) -> None:
        before = self.ini.read_bytes()
        for words, says in (
            (("--enable-ssl", "0", "--force-ssl", "1"), "ForceSSL=1 needs EnableSSL=1"),
            (("--verify-client", "required"), "BAD"),
            (("--protocol", "SSLv3"), "TLSv1.2"),
            (("--strength", "weak"), "modern"),
            (("--host", "a.example", "--strength", "modern"), "not for one host"),
            (("--force-ssl", "1 ;x"), "semicolon"),
            (("--cert", "a\nb"), "line break"),
        ):
            with self.subTest(words):
                self.assertIn(says, self.configure(*words, code=1))
        self.assertEqual(self.ini.read_bytes(), before)
        self.assertEqual([path.name for path in self.folder.iterdir()], ["iwebmsg.ini"])
        self.assertIn("not there", self.says("configure", "--config", self.folder / "no.ini", "--force-ssl", "1", code=1))
        self.configure("--strength", "custom", code=2)
        self.configure(code=2)

    def test_a_host_gets_its_own(self) -> None:
        self.configure("--host", "a.example", "--cert", "/x/a.pem", "--key-file", "/x/a.key")
        self.assertTrue(
            self.ini.read_text(encoding="ascii").endswith("\n[Host a.example]\nCertificate=/x/a.pem\nPrivateKey=/x/a.key\n")
        )

    def test_a_link_stays_a_link(self) -> None:
        link = self.folder / "link.ini"
        link.symlink_to(self.ini)
        self.says("configure", "--config", link, "--force-ssl", "1")
        self.assertTrue(link.is_symlink())
        self.assertIn("ForceSSL=1", self.ini.read_text(encoding="ascii"))


class FetchTest(TrustCase):
    """From the rig's own Dovecot and Postfix, which a test CA vouches for."""

    def setUp(self) -> None:
        super().setUp()
        backend = harness.backend()
        self.ports = backend.ports
        self.server = backend.authority.folder / "server.pem"

    def fetch(self, port: str, *words: object, code: int = 0) -> str:
        return self.says("trust", "fetch", f"localhost:{self.ports[port]}", *words, code=code)

    def test_shows_what_every_kind_of_port_sends(self) -> None:
        for port, words in (
            ("imaps", ()),
            ("submissions", ()),
            ("imap", ("--starttls", "imap")),
            ("submission", ("--starttls", "smtp")),
        ):
            with self.subTest(port):
                said = self.fetch(port, *words)
                self.assertIn("Key pin:", said)
                self.assertIn("Nothing was stored", said)
                self.assertIn(self.fingerprint(self.server), said)
        self.assertIn("--starttls", self.fetch("imap", code=1))
        self.assertIn("refuses STARTTLS", self.fetch("imap", "--starttls", "smtp", code=1))

    def test_stores_only_what_is_known(self) -> None:
        made = self.selfsigned("localhost")
        port = harness.proc.free_ports(1)[0]
        log = self.folder / "s_server.log"
        words = ("s_server", "-accept", f"127.0.0.1:{port}", "-cert", made, "-key", made.parent / "server.key", "-quiet")
        server = harness.proc.Process("s_server", ["openssl", *words], log)
        self.addCleanup(server.stop)
        harness.proc.wait_until(
            lambda: run(PROGRAM, "trust", "fetch", f"127.0.0.1:{port}").returncode == 0, "s_server", 20, server
        )
        fetch = ("trust", "fetch", f"127.0.0.1:{port}", "--for", "mail", "--file", self.store)
        right = self.fingerprint(made)
        wrong = "00" + right[2:]
        self.assertIn("--fingerprint", self.says(*fetch, "--yes", code=2))
        self.assertIn("is not", self.says(*fetch, "--yes", "--fingerprint", wrong, code=1))
        self.assertIn("without a terminal", self.says(*fetch))
        self.assertFalse(self.store.exists())
        for answer in ("no", "yes"):
            terminal = Terminal(*fetch)
            self.assertIn(f"another way (from who runs the server, by phone or on paper):\n  {right}", terminal.question())
            terminal.answer(answer + "\n")
            self.assertEqual(terminal.end(), 0, terminal.said)
            self.assertEqual(self.store.exists(), answer == "yes", terminal.said)
        self.store.unlink()
        self.says(*fetch, "--yes", "--fingerprint", right)
        self.assertEqual(self.fingerprint(self.store), right)
        pin = self.says(*fetch).split("Key pin: ")[1].split()[0]
        public = self.openssl("x509", "-in", made, "-noout", "-pubkey")
        der = subprocess.run(
            ("openssl", "pkey", "-pubin", "-outform", "der"), input=public.encode(), capture_output=True, timeout=WAIT_S, check=True
        )
        self.assertEqual(hashlib.sha256(der.stdout).hexdigest(), pin)


if __name__ == "__main__":
    assert ROOT.exists()
    unittest.main()
