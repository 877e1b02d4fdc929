"""The ini file: mistakes, --check, hosts, templates of one's own, SIGHUP."""

from __future__ import annotations

import os
import re
import resource
import shutil
import socket
import ssl
import subprocess
import unittest
from pathlib import Path

import ca
import harness
import proc
import server as web
import steps
from mockmail import ImapMock
from steps import write_text

# What is written, the line the message names, words it has.
MISTAKES: dict[str, tuple[str | bytes, int, tuple[str, ...]]] = {
    "unknown key": ("[Server]\nPlainPrt=1\n", 2, ("PlainPrt", "did you mean PlainPort in [Server]")),
    "unknown key, nothing near": ("[Server]\nQuux=1\n", 2, ("unknown key Quux", "allowed")),
    "unknown section": ("[Sevrer]\nWorkers=3\n", 1, ("[Sevrer]", "did you mean [Server]")),
    "section of nothing": ("\n[Cellar]\nWorkers=3\n", 2, ("allowed: Server, SSL, Mail",)),
    "wrong section": ("[Mail]\nWorkers=3\n", 2, ("Workers does not belong in [Mail]", "[Server]")),
    "before any section": ("Workers=3\n", 1, ("before any section", "[Server]")),
    "twice": ("[Server]\nWorkers=3\nworkers=4\n", 3, ("line 2 already", "allowed: once")),
    "number": ("[Server]\nPlainPort=many\n", 2, ("PlainPort=many", "from 0 to 65535")),
    "range": ("[Server]\nPlainPort=65536\n", 2, ("out of range", "from 0 to 65535")),
    "time without unit": ("[Server]\nHeaderWait=15\n", 2, ("from 1s to 5m", "unit ms, s, m, h or d")),
    "size": ("[Mail]\nMaxMessageSize=50Q\n", 2, ("from 64K to 2G", "unit K, M or G")),
    "yes or no": ("[SSL]\nEnableSSL=2\n", 2, ("EnableSSL=2", "allowed: 0 or 1")),
    "word": ("[Mail]\nImapSecurity=ssl\n", 2, ("allowed: tls, starttls or none",)),
    "no value": ("[Mail]\nImapPort=\n", 2, ("ImapPort= has no value", "from 0 to 65535")),
    "force without enable": ("[SSL]\nForceSSL=1\n", 2, ("ForceSSL=1 needs EnableSSL=1",)),
    "force, enable off": (
        "[SSL]\nEnableSSL=0\nForceSSL=1\n", 3, ("allowed: EnableSSL=1, or ForceSSL=0",)
    ),
    "no certificate": (
        "[SSL]\nEnableSSL=1\n", 2, ("EnableSSL=1 needs", "iwebmsg-ssl selfsigned")
    ),
    "password in clear": (
        "[Mail]\nImapHost=imap.example.org\nImapSecurity=none\n", 3, ("in clear", "tls or starttls")
    ),
    "host with port": ("[Mail]\nImapHost=imap.example.org:993\n", 2, ("without port",)),
    "listen address": ("[Server]\nListenAddress=here\n", 2, ("numeric address",)),
    "time zone": ("[Server]\nTimeZone=Mars/Olympus\n", 2, ("TimeZone=Mars/Olympus", "such as Europe/Berlin")),
    "public address": (
        "[Server]\nPublicSecureURL=http://x.test\n", 2, ("allowed: https://NAME",)
    ),
    "public address with path": (
        "[Server]\nPublicPlainURL=http://x.test/mail\n", 2, ("with nothing after it",)
    ),
    "log without file": ("[Log]\nTarget=file\n", 2, ("Target=file needs File=",)),
    "open section": ("[Server\nWorkers=3\n", 1, ("is not closed",)),
    "no key": ("[Server]\nwhat is this\n", 2, ("not understood", "Key=value")),
    "key for all": (
        "[Host a.test]\nWorkers=3\n", 2, ("not for one host alone", "it belongs in [Server]")
    ),
    "host name": ("[Host a b]\nTitle=x\n", 1, ("is no host name", "[Host mail.example.org]")),
    "no text": (b"[Server]\nTitle=\xff\xfe\n", 2, ("Title", "UTF-8")),
    "NUL": (b"[Server]\nTitle=a\0b\n", 2, ("NUL",)),
    "long line": (b"[Server]\nTitle=" + b"x" * 70000 + b"\n", 2, ("too long", "allowed")),
}


class MistakeTest(unittest.TestCase):
    """What a wrong ini file is answered with; nothing is served."""

    def setUp(self) -> None:
        self.ini = harness.new_folder("ini") / "test.ini"

    def test_every_mistake_has_its_line_and_what_is_allowed(self) -> None:
        for name, (text, line, words) in MISTAKES.items():
            with self.subTest(name):
                write_text(self.ini, text)
                done = steps.program("--check", "--config", self.ini)
                self.assertEqual(done.returncode, 1)
                found = [each for each in done.stdout.splitlines() if f"{self.ini}:{line}: " in each]
                self.assertTrue(found, done.stdout)
                self.assertTrue(found[0].startswith("WRONG"))
                for word in words:
                    self.assertIn(word, found[0])

    def test_the_server_does_not_start_and_says_the_same(self) -> None:
        for name in ("unknown key", "force without enable", "range"):
            text, line, words = MISTAKES[name]
            write_text(self.ini, text)
            done = steps.program("--config", self.ini)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{self.ini}:{line}: ", done.stderr)
            for word in words:
                self.assertIn(word, done.stderr)

    def test_all_mistakes_are_said_at_once(self) -> None:
        write_text(self.ini, "[Server]\nPlainPrt=1\nHeaderWait=9\n[Mail]\nImapPort=70000\n")
        done = steps.program("--config", self.ini)
        for line in (2, 3, 5):
            self.assertIn(f"{self.ini}:{line}: ", done.stderr)

    def test_force_without_enable_serves_nothing(self) -> None:
        port = proc.free_ports(1)[0]
        write_text(self.ini, f"[Server]\nPlainPort={port}\n[SSL]\nForceSSL=1\n")
        self.assertEqual(steps.program("--config", self.ini).returncode, 1)
        self.assertFalse(proc.accepts(port))

    def test_an_ini_file_that_is_not_there(self) -> None:
        missing = self.ini.with_name("missing.ini")
        for words in ((), ("--check",)):
            done = steps.program(*words, "--config", missing)
            self.assertEqual(done.returncode, 1)
            self.assertIn(str(missing), done.stdout + done.stderr)

    @unittest.skipIf(os.geteuid() != 0, "only root is asked to take care")
    def test_root_does_not_believe_a_file_others_may_write(self) -> None:
        write_text(self.ini, "[Server]\n", 0o666)
        done = steps.program("--config", self.ini)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chmod go-w", done.stderr)
        self.ini.chmod(0o600)
        shutil.chown(self.ini, "nobody")
        done = steps.program("--config", self.ini)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chown root", done.stderr)


class CommandLineTest(unittest.TestCase):
    def test_version(self) -> None:
        done = steps.program("--version")
        self.assertEqual(done.returncode, 0)
        version = (proc.repo_root() / "VERSION").read_text().strip()
        self.assertEqual(done.stdout, f"iwebmsgd {version}\n")

    def test_help(self) -> None:
        done = steps.program("--help")
        self.assertEqual(done.returncode, 0)
        for word in ("--config", "--check", "--daemon", "--version", "SIGHUP", "SIGUSR1"):
            self.assertIn(word, done.stdout)

    def test_unknown_option(self) -> None:
        for words in (["--chekc"], ["-x"], ["file.ini"], ["--config"], ["--daemon", "--check"]):
            with self.subTest(words):
                done = steps.program(*words)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--help", done.stderr)
                self.assertEqual(done.stdout, "")

    def test_the_sample_file_is_the_one_that_is_shipped(self) -> None:
        shipped = proc.repo_root() / "iwebmsg.ini.sample"
        self.assertEqual(steps.program("--print-sample").stdout, shipped.read_text())


class CheckTest(unittest.TestCase):
    """--check against the real backend, then with one thing broken at a time."""

    def setUp(self) -> None:
        self.server = harness.new_server("check")
        self.sections = self.server.sections
        self.folder = self.server.folder

    def check(self, status: int) -> str:
        self.server.write()
        done = steps.program("--check", "--config", self.server.ini)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stdout

    def wrong(self, *words: str) -> None:
        """One part is wrong, and the line says what and how to mend it."""
        said = self.check(1)
        lines = [line for line in said.splitlines() if line.startswith("WRONG")]
        self.assertEqual(len(lines), 1, said)
        for word in words:
            self.assertIn(word, lines[0])
        self.assertIn("1 thing to mend.", said)

    def check_limited(self, limits: dict[int, int]) -> str:
        """--check where the system allows no more than these."""

        def limit() -> None:
            for what, most in limits.items():
                resource.setrlimit(what, (most, most))

        self.server.write()
        words = [web.program(), "--check", "--config", self.server.ini]
        done = subprocess.run(words, capture_output=True, text=True, preexec_fn=limit, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("All is well.", done.stdout)
        return done.stdout

    def test_limits_of_the_system(self) -> None:
        self.sections["Server"].update(MaxConnections=2000, Workers=10)
        self.sections["Mail"].update(ImapConnections=300, WatchConnections=200)
        needed = 3 * 2000 + 300 + 200 + 16 * 10 + 256
        low = {resource.RLIMIT_NOFILE: needed - 1, resource.RLIMIT_MEMLOCK: 64 << 10}
        said = self.check_limited(low)
        for words in (
            f"note   open files   at most {needed - 1} here",
            f"LimitNOFILE={needed}",
            "note   locked memory at most 64 KB here (RLIMIT_MEMLOCK), 4096 KB are needed",
            "LimitMEMLOCK=8M",
        ):
            self.assertIn(words, said)
        enough = {resource.RLIMIT_NOFILE: needed, resource.RLIMIT_MEMLOCK: 8 << 20}
        said = self.check_limited(enough)
        self.assertIn(f"ok     open files   {needed} are enough", said)
        self.assertIn("ok     locked memory 4096 KB are enough", said)
        self.assertNotIn("LimitNOFILE", said)

    def copy_key(self) -> ca.Certificate:
        made = harness.web_certificate()
        mine = ca.Certificate(self.folder / "c.pem", self.folder / "k.pem")
        shutil.copy(made.cert, mine.cert)
        shutil.copy(made.key, mine.key)
        mine.key.chmod(0o600)
        self.sections["SSL"].update(Certificate=mine.cert, PrivateKey=mine.key)
        return mine

    def test_all_is_well(self) -> None:
        said = self.check(0)
        for word in (
            str(self.server.ini), "EnableSSL=1 ForceSSL=0", str(self.server.plain_port),
            str(self.server.secure_port), "certificate", "key", "IMAP", "SMTP", "templates",
            "database", "All is well.",
        ):  # fmt: skip
            self.assertIn(word, said)
        self.assertNotIn("WRONG", said)

    def test_the_folder_of_acme(self) -> None:
        folder = self.folder / "acme"
        self.sections["Server"]["AcmeWebroot"] = folder
        self.assertRegex(self.check(0), rf"note +AcmeWebroot +{folder} is not there; .*install -d")
        folder.mkdir(mode=0o755)
        self.assertRegex(self.check(0), rf"ok +AcmeWebroot +{folder}")
        folder.chmod(0o700)
        self.wrong("AcmeWebroot", "cannot be read", f"chmod o=rx {folder}")

    def test_a_trust_store_without_certificates_is_named(self) -> None:
        empty = self.folder / "empty.pem"
        empty.write_text("nothing\n")
        del self.sections["Mail"]["ImapCA"], self.sections["Mail"]["SmtpCA"]
        self.sections["Mail"]["MailTrustStore"] = empty
        self.wrong("MailTrustStore", str(empty), "no certificate")

    def test_it_makes_nothing(self) -> None:
        state = Path(str(self.sections["Server"]["StateDir"]))
        before = sorted(state.iterdir())
        self.check(0)
        self.assertEqual(sorted(state.iterdir()), before)

    def test_key_that_others_may_read(self) -> None:
        mine = self.copy_key()
        mine.key.chmod(0o644)
        self.wrong(f"{self.server.ini}:", "PrivateKey", "may be read by others", "chmod")
        done = steps.program("--config", self.server.ini)
        self.assertEqual(done.returncode, 1)
        self.assertIn("may be read by others", done.stderr)
        self.assertFalse(proc.accepts(self.server.plain_port))

    def test_key_of_a_group_is_allowed(self) -> None:
        self.copy_key().key.chmod(0o640)
        self.check(0)

    def test_certificate_missing(self) -> None:
        self.sections["SSL"]["Certificate"] = self.folder / "none.pem"
        self.wrong(f"{self.server.ini}:", "Certificate", "none.pem")

    def test_key_missing(self) -> None:
        self.sections["SSL"]["PrivateKey"] = self.folder / "none.key"
        self.wrong(f"{self.server.ini}:", "PrivateKey", "none.key")

    def test_key_of_another_certificate(self) -> None:
        mine = self.copy_key()
        other = harness.backend().authority.issue("other")
        shutil.copy(other.key, mine.key)
        self.wrong(str(mine.cert), str(mine.key))

    def test_certificate_expired(self) -> None:
        made = harness.backend().authority.issue("old", expired=True)
        self.sections["SSL"].update(Certificate=made.cert, PrivateKey=made.key)
        self.wrong("expired", "renew it", "iwebmsg-ssl")

    def test_no_certificate_in_the_file(self) -> None:
        mine = self.copy_key()
        mine.cert.write_text("hello\n")
        self.wrong("Certificate", str(mine.cert))

    def test_imap_server_not_there(self) -> None:
        self.sections["Mail"]["ImapPort"] = port = proc.free_ports(1)[0]
        self.wrong("IMAP", f"localhost:{port}")

    def test_imap_server_not_trusted(self) -> None:
        other = ca.Authority(self.folder / "ca", "another CA")
        self.sections["Mail"].update(ImapCA=other.cert, SmtpCA=harness.backend().ca_file)
        self.wrong("IMAP", "certificate")

    def test_imap_server_is_something_else(self) -> None:
        with ImapMock(faults={"greeting": b"HTTP/1.1 400 no\r\n\r\n"}) as mock:
            self.sections["Mail"].update(ImapPort=mock.port, ImapSecurity="none")
            self.wrong("IMAP")
            self.assertIn(f"ImapPort={mock.port} and ImapSecurity=none", self.check(1))

    def test_smtp_server_not_there(self) -> None:
        self.sections["Mail"]["SmtpPort"] = port = proc.free_ports(1)[0]
        self.wrong("SMTP", f"localhost:{port}")

    def test_smtp_server_not_trusted(self) -> None:
        other = ca.Authority(self.folder / "ca", "another CA")
        self.sections["Mail"]["SmtpCA"] = other.cert
        self.wrong("SMTP", "certificate")

    def test_ca_file_missing(self) -> None:
        self.sections["Mail"].update(ImapCA=self.folder / "no.pem", SmtpCA=harness.backend().ca_file)
        self.wrong("no.pem")

    def test_database_damaged(self) -> None:
        path = Path(str(self.sections["Server"]["StateDir"])) / "iwebmsg.db"
        write_text(path, b"this is no database" * 100)
        if os.geteuid() == 0:
            shutil.chown(path, web.SERVER_USER)
        self.wrong("database", str(path))

    def test_server_key_that_others_may_read(self) -> None:
        path = Path(str(self.sections["Server"]["StateDir"])) / "server.key"
        write_text(path, b"k" * 32, 0o644)
        if os.geteuid() == 0:
            shutil.chown(path, web.SERVER_USER)
        self.wrong("server key", "chmod 600")

    def test_template_broken(self) -> None:
        write_text(self.folder / "own" / "login.html", "<p>\n{{#if}}\n", 0o644)
        self.sections["Server"]["TemplateDir"] = self.folder / "own"
        self.wrong("templates", "login.html:2:")

    def test_words_that_do_not_fit(self) -> None:
        self.assertRegex(self.check(0), r"languages +6, from ")
        self.assertNotIn("English is shown", self.check(0))
        source = self.folder / "de.po"
        head = 'msgid ""\nmsgstr "Language: de\\nContent-Type: text/plain; charset=UTF-8\\n"\n'
        source.write_text(f'{head}\nmsgid "Log in"\nmsgstr "Rein"\n\nmsgid "It said: %.*s"\nmsgstr "Es sagte: %d"\n')
        write_text(self.folder / "own" / "login.html", (web.TOP / "templates" / "login.html").read_text(), 0o644)
        subprocess.run(["msgfmt", "-o", self.folder / "own" / "de.mo", source], check=True)
        self.sections["Server"]["TemplateDir"] = self.folder / "own"
        self.assertRegex(self.check(0), "languages +de: English is shown for 1 whose translation does not fit")

    @unittest.skipIf(os.geteuid() != 0, "only root becomes another user")
    def test_user_unknown(self) -> None:
        self.sections["Server"]["User"] = "nobody-of-this-name"
        self.wrong("nobody-of-this-name", "useradd")

    @unittest.skipIf(os.geteuid() != 0, "only root gives folders away")
    def test_state_folder_of_somebody_else(self) -> None:
        state = self.folder / "foreign"
        state.mkdir(mode=0o700)
        write_text(state / "something", "x")
        self.sections["Server"]["StateDir"] = state
        said = self.check(1)
        self.assertIn(f"chown -R {web.SERVER_USER}: {state}", said)

    def test_a_reason_is_said_once(self) -> None:
        self.sections["Mail"]["ImapPort"] = port = proc.free_ports(1)[0]
        (line,) = [each for each in self.check(1).splitlines() if each.startswith("WRONG")]
        self.assertEqual(line.lower().count("refused"), 1, line)
        self.assertNotIn("tell the administrator", line)

    def test_a_port_that_another_program_has(self) -> None:
        with socket.socket() as holder:
            holder.bind((proc.LOOPBACK, self.server.plain_port))
            holder.listen()
            said = self.check(0)
        self.assertRegex(said, rf"(?m)^note +plain port +{self.server.plain_port} is taken by python3")
        self.assertIn(f"ss -ltnp 'sport = :{self.server.plain_port}'", said)

    def test_a_port_that_the_running_server_has(self) -> None:
        self.server.start()
        self.addCleanup(self.server.stop)
        said = self.check(0)
        for door in ("plain", "secure"):
            self.assertRegex(said, rf"(?m)^ok +{door} port +\d+ is taken by a running iwebmsgd$")

    def test_how_mail_servers_are_reached(self) -> None:
        said = self.check(0)
        for what in ("IMAP", "SMTP"):
            self.assertRegex(said, rf"(?m)^ok +{what} .* tls: TLSv1\.3 TLS_\w+, chain and name verified")
        self.sections["Mail"].update(ImapVerifyServer="chain", SmtpVerifyServer="off")
        said = self.check(0)
        self.assertRegex(said, r"(?m)^note +ini file .*ImapVerifyServer=chain is less than full")
        self.assertRegex(said, r"(?m)^note +ini file .*SmtpVerifyServer=off is less than full")
        self.assertRegex(said, r"(?m)^note +IMAP .* less than full: chain verified, any name")
        self.assertRegex(said, r"(?m)^note +SMTP .* less than full: NOTHING VERIFIED")

    def test_tls_spoken_to_a_clear_port_and_the_reverse(self) -> None:
        backend = harness.backend()
        self.sections["Mail"].update(ImapPort=backend.ports["imap"], SmtpSecurity="starttls")
        self.sections["Mail"]["ConnectWait"] = "1s"
        said = self.check(1)
        self.assertRegex(said, r"(?m)^WRONG +IMAP .*\n +mend: set ImapSecurity=starttls, or ImapPort=")
        self.assertRegex(said, r"(?m)^WRONG +SMTP .*\n +mend: set SmtpSecurity=tls, or SmtpPort=")

    def test_key_pin_of_another_server(self) -> None:
        self.sections["Mail"]["ImapKeyPin"] = "00" * 32
        said = self.check(1)
        self.assertRegex(said, r"(?m)^WRONG +IMAP .*\n +mend: iwebmsg-ssl trust fetch localhost:\d+")

    def test_name_and_authority_of_a_mail_server(self) -> None:
        self.sections["Mail"]["ImapVerifyName"] = "other.example.org"
        said = self.check(1)
        self.assertRegex(said, r"(?m)^WRONG +IMAP .*\n +mend: write one of its names in ImapHost= or ImapVerifyName=")
        del self.sections["Mail"]["ImapVerifyName"]
        self.sections["Mail"]["ImapCA"] = self.sections["SSL"]["Certificate"]
        said = self.check(1)
        self.assertRegex(said, r"(?m)^WRONG +IMAP .*\n +mend: iwebmsg-ssl trust fetch localhost:\d+ .* --for mail")

    def test_client_trust_hosts_and_domains(self) -> None:
        authority = ca.Authority(harness.new_folder("trust"))
        own = authority.issue("own", ("own.test",))
        folder = self.folder / "trusted"
        folder.mkdir(mode=0o700)
        shutil.copy(authority.cert, folder / "one.crt")
        der = ["openssl", "x509", "-outform", "DER", "-in", harness.backend().authority.cert]
        subprocess.run([*map(str, der), "-out", str(folder / "two.cer")], check=True)
        shutil.copy(authority.key, folder / "key.pem")
        self.sections["SSL"].update(VerifyClient="optional", TrustStore=folder)
        self.sections["SSL"].update(TrustPage=1, TrustPageCA=authority.cert)
        self.sections["Host own.test"] = {"Certificate": own.cert, "PrivateKey": own.key}
        self.sections["Host same.test"] = {"Title": "Same"}
        self.sections["Domain far.test"] = {"ImapPort": proc.free_ports(1)[0]}
        said = self.check(1)
        self.assertIn(f"{folder} with 2 certificates, VerifyClient=optional", said)
        self.assertRegex(said, rf"(?m)^ok +certificate +own\.test: {own.cert}, CN=own\.test.* days left$")
        self.assertRegex(said, r"(?m)^ok +certificate +the one for all: same\.test$")
        self.assertRegex(said, r"(?m)^ok +trust page ")
        self.assertRegex(said, r"(?m)^\[Domain far\.test\]\nWRONG +IMAP ")
        self.assertRegex(said, r"(?m)^\[Host same\.test\]\nok +mail +the same servers as for all$")

    def test_each_host_is_checked(self) -> None:
        port = proc.free_ports(1)[0]
        self.sections["Host other.test"] = {"ImapPort": port}
        self.wrong("IMAP", f"localhost:{port}")


class RefusedFilesTest(unittest.TestCase):
    """Files of certificates and trust that keep the server from starting: with
    the line and the key that names them, by --check, start and parent alike."""

    def setUp(self) -> None:
        self.server = harness.new_server("files")
        self.sections = self.server.sections
        self.made = harness.web_certificate()
        self.folder = self.server.folder

    def refused(self, key: str, *words: str) -> None:
        self.server.write()
        text = self.server.ini.read_text().splitlines()
        line = max(i for i, each in enumerate(text, 1) if each.startswith(f"{key}="))
        start = f"{self.server.ini}:{line}: {key}: "
        for option, out in (("--check", "stdout"), ("", "stderr")):
            done = steps.program(*filter(None, (option, "--config", str(self.server.ini))))
            self.assertEqual(done.returncode, 1)
            said = getattr(done, out)
            for word in (start, *words):
                self.assertIn(word, said)

    def test_trust_page_never_hands_out_a_key(self) -> None:
        both = write_text(self.folder / "both.pem", self.made.cert.read_bytes() + self.made.key.read_bytes())
        self.sections["SSL"].update(TrustPage=1, TrustPageCA=both)
        self.refused("TrustPageCA", "holds a private key")

    def test_trust_store_missing_or_empty(self) -> None:
        self.sections["SSL"].update(VerifyClient="optional", TrustStore=self.folder / "no.pem")
        self.refused("TrustStore", "no.pem", "iwebmsg-ssl trust add")
        empty = self.folder / "empty"
        empty.mkdir()
        shutil.copy(self.made.key, empty / "key.pem")
        self.sections["SSL"]["TrustStore"] = empty
        self.refused("TrustStore", "holds no certificate in a file *.pem, *.crt or *.cer")

    def test_a_host_whose_key_does_not_fit(self) -> None:
        other = ca.self_signed(self.folder, "other")
        own = ca.self_signed(self.folder, "own")
        self.sections["Host a.test"] = {"Certificate": own.cert, "PrivateKey": other.key}
        self.refused("Certificate", str(own.cert), str(other.key))

    def test_ciphers_nobody_should_use(self) -> None:
        self.sections["SSL"].update(EncryptionStrength="custom", CipherList="ALL:RC4-SHA")
        self.refused("CipherList")
        self.sections["SSL"].update(CipherList="ECDHE+AESGCM", CipherSuites="TLS_ROT13")
        self.refused("CipherSuites")
        del self.sections["SSL"]["CipherSuites"]
        self.sections["SSL"]["Curves"] = "P-0"
        self.refused("Curves")
        del self.sections["SSL"]["Curves"]
        self.sections["Mail"].update(SmtpEncryptionStrength="custom", SmtpCipherList="NULL")
        self.refused("SmtpCipherList")

    def test_mail_files(self) -> None:
        self.sections["Mail"]["ImapCRL"] = write_text(self.folder / "x.crl", "none")
        self.refused("ImapCRL", "x.crl")
        del self.sections["Mail"]["ImapCRL"]
        mine = ca.self_signed(self.folder, "mine")
        mine.key.chmod(0o604)
        self.sections["Domain a.test"] = {"ImapCertificate": mine.cert, "ImapPrivateKey": mine.key}
        self.refused("ImapPrivateKey", "may be read by others")

    def test_fips_without_provider(self) -> None:
        listed = subprocess.run(
            ["openssl", "list", "-providers", "-provider", "fips"], capture_output=True, text=True
        )
        if listed.returncode == 0 and "fips" in listed.stdout:
            self.skipTest("this machine has the FIPS provider")
        self.sections["SSL"]["FIPS"] = 1
        self.refused("FIPS", "provider")

    def test_an_ocsp_response_that_is_missing_stops_nobody(self) -> None:
        self.sections["SSL"]["OcspResponse"] = self.folder / "no.der"
        self.server.start()
        self.addCleanup(steps.end, self.server)
        said = steps.wait_event(self.server, "tls.ocsp_missing")
        self.assertIn("no.der", said["reason"])


OLD_INI = "\ufeff[IWebMsg]\r\nPort=8383\r\nEnableSSL={}\r\nSpellCheck=Yes\r\nForceSSL=0\r\n"
OLD_SETUP = """
set -e
passwd=$1 program=$2 ini=$3
mount -t tmpfs none /var/lib
mount --bind "$passwd" /etc/passwd
ip link set lo up
exec "$program" --config "$ini"
"""


@unittest.skipIf(os.geteuid() != 0, "needs namespaces of its own")
class OldFileTest(unittest.TestCase):
    """An old IWebMsg.ini has our default ports and folders only: it is started
    in a mount and a network namespace of its own."""

    def setUp(self) -> None:
        self.folder = harness.new_folder("old")
        self.log = self.folder / "log"
        tried = subprocess.run(
            ["unshare", "-m", "-n", "sh", "-c", "mount -t tmpfs none /mnt && ip link set lo up"],
            capture_output=True,
        )
        if tried.returncode != 0:
            self.skipTest("no namespaces here")

    def start(self, enable: int) -> proc.Process:
        ini = write_text(self.folder / "IWebMsg.ini", OLD_INI.format(enable))
        known = Path("/etc/passwd").read_text()
        if "\niwebmsg:" not in known:
            known += "iwebmsg:x:65530:65534::/nonexistent:/usr/sbin/nologin\n"
        passwd = write_text(self.folder / "passwd", known, 0o644)
        words = ["unshare", "-m", "-n", "sh", "-c", OLD_SETUP, "sh", passwd, web.program(), ini]
        return proc.Process("iwebmsgd", words, self.log, cwd=proc.repo_root())

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def test_it_starts_and_lists_what_is_not_used(self) -> None:
        process = self.start(0)
        self.addCleanup(process.stop)
        proc.wait_until(lambda: "server.ready" in self.said(), "old ini", 20, process)
        for line, key in ((2, "Port"), (4, "SpellCheck")):
            self.assertIn(f"IWebMsg.ini:{line}: {key} of an old IWebMsg.ini is not used", self.said())
        answer = subprocess.run(
            ["nsenter", "-t", str(process.pid), "-n", "bash", "-c",
             "exec 3<>/dev/tcp/127.0.0.1/8383; printf 'GET /login HTTP/1.1\\r\\nHost: a\\r\\n"
             "Connection: close\\r\\n\\r\\n' >&3; head -1 <&3"],
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        self.assertIn("200 OK", answer.stdout, answer.stderr)
        self.assertEqual(process.stop(), 0)

    def test_secure_mode_names_the_certificate_it_wants(self) -> None:
        process = self.start(1)
        self.addCleanup(process.stop)
        self.assertTrue(proc.wait_gone(process.pid, 20))
        self.assertIn("iwebmsg-ssl selfsigned", self.said())
        self.assertIn("/var/lib/iwebmsg/tls.pem", self.said())


LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30"><path d="M0 0h90v30z"/></svg>'


class HostTest(harness.WebTest):
    """[Host name] sections by the Host header."""

    mock: ImapMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = ImapMock()
        cls.addClassCleanup(cls.mock.close)
        cls.own = cls.server.folder / "own"
        write_text(cls.own / "loggedoff.html", "<p>own goodbye of {{site_title}}</p>\n", 0o644)
        write_text(cls.server.folder / "logo.svg", LOGO, 0o644)
        sections["Host One.Test"] = {
            "Title": "The first house",
            "ImapPort": cls.mock.port,
            "ImapSecurity": "none",
            "DefaultDomain": "one.test",
            "TemplateDir": "own",
            "Accent": "#7a1fa2",
            "Logo": "logo.svg",
        }
        sections["Host two.test"] = {"Title": "The second house"}

    own: Path

    def test_title_and_template(self) -> None:
        first = self.client(host="one.test")
        self.assertIn("The first house", first.get("/login").title)
        self.assertIn("own goodbye of The first house", first.get("/loggedoff").text)
        self.assertIn("The second house", self.client(host="TWO.test").get("/login").title)
        page = self.client(host="elsewhere.test").get("/loggedoff")
        self.assertNotIn("house", page.text)
        self.assertIn("Logged off", page.title)

    def test_colour_and_logo(self) -> None:
        first = self.client(host="one.test")
        page = first.get("/login")
        self.assertIn("--accent: #7a1fa2", self.stylesheet(first))
        logos = re.findall(r'<img class="logo" src="([^"]+)" alt="([^"]*)" width="300"', page.html)
        self.assertEqual([words for _, words in logos], ["", "The first house"])
        logo = first.get(logos[0][0])
        self.assertEqual(logo.header("Content-Type"), "image/svg+xml")
        self.assertIn("sandbox", logo.header("Content-Security-Policy"))
        self.assertEqual(logo.body.decode(), LOGO)
        other = self.client(host="two.test")
        self.assertNotIn("<img", other.get("/login").html)
        self.assertNotIn("#7a1fa2", self.stylesheet(other))

    def stylesheet(self, client: harness.Client) -> str:
        found = re.search(r'rel="stylesheet" href="([^"]+)"', client.get("/login").html)
        assert found
        return client.get(found[1]).body.decode()

    def test_mail_server_and_domain(self) -> None:
        page = self.client(host="one.test").login("dora", "anything")
        self.assertEqual(page.status, 200, page.text[:300])
        said = b"\n".join(self.mock.lines)
        self.assertIn(b"dora@one.test", said)
        page = self.client(host="two.test").login("dora", "anything")
        self.assertEqual(page.status, 403)

    def test_a_session_is_of_its_host_only(self) -> None:
        first = self.client(host="one.test")
        self.assertEqual(first.login("emil", "anything").status, 200)
        other = self.client(host="two.test")
        other.cookies = first.cookies
        # A page that asks no mail server, which would refuse the name anyhow.
        self.assertTrue(steps.is_login_page(other.get("/settings")))
        self.assertFalse(steps.is_login_page(first.get("/settings")))


class DomainTest(harness.WebTest):
    """[Domain name] sections by the domain of the login name."""

    mock: ImapMock
    own: ImapMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock, cls.own = ImapMock(), ImapMock()
        cls.addClassCleanup(cls.mock.close)
        cls.addClassCleanup(cls.own.close)
        sections["Domain Far.Test"] = {"ImapPort": cls.mock.port, "ImapSecurity": "none"}
        sections["Domain bücher.test"] = {"ImapPort": cls.mock.port, "ImapSecurity": "none"}
        sections["Host own.test"] = {"ImapPort": cls.own.port, "ImapSecurity": "none"}

    def test_the_domain_of_the_login_name_picks_the_servers(self) -> None:
        for name in ("dora@far.test", "emil@FAR.Test"):
            with self.subTest(name):
                before = len(self.mock.lines)
                client = self.client()
                self.assertEqual(client.login(name, "anything").status, 200)
                self.assertGreater(len(self.mock.lines), before)
                # Requests after the login, and logging off, ask the same one.
                self.assertFalse(steps.is_login_page(client.get("/")))

    def test_upper_and_lower_case_in_any_alphabet(self) -> None:
        before = len(self.mock.lines)
        page = self.client().login("Frida@BÜCHER.test", "anything")
        # The mock takes no such name, but it is the one that was asked.
        self.assertNotEqual(page.status, 200)
        self.assertGreater(len(self.mock.lines), before)

    def test_others_have_the_servers_for_all(self) -> None:
        before = len(self.mock.lines)
        anna = self.client()
        self.assertEqual(anna.login("anna", self.backend.passwords["anna"]).status, 200)
        self.assertEqual(self.client().login("dora@near.test", "anything").status, 403)
        self.assertEqual(len(self.mock.lines), before)

    def test_a_host_with_servers_of_its_own_keeps_them(self) -> None:
        before = len(self.mock.lines)
        self.assertEqual(self.client(host="own.test").login("gita@far.test", "x").status, 200)
        self.assertEqual(len(self.mock.lines), before)
        self.assertIn(b"gita@far.test", b"\n".join(self.own.lines))


class HandOverTest(unittest.TestCase):
    """What root alone may read reaches the server that gave up root."""

    def test_trust_folder_lists_and_our_own_key(self) -> None:
        clients = ca.Authority(harness.new_folder("clients"))
        others = ca.Authority(harness.new_folder("others"), "others")
        known, unknown = clients.issue("me", ("me",), client=True), others.issue("me", ("me",), client=True)
        server = harness.new_server("hand-over")
        folder = server.folder / "trusted"
        folder.mkdir(mode=0o700)
        shutil.copy(clients.cert, folder / "clients.crt")
        server.sections["SSL"].update(ForceSSL=1, VerifyClient="required", TrustStore=folder)
        server.sections["Domain a.test"] = {"ImapCertificate": known.cert, "ImapPrivateKey": known.key}
        server.start()
        self.addCleanup(steps.end, server)

        def ask(shown: ca.Certificate | None) -> bytes:
            context = ssl.create_default_context(cafile=str(harness.backend().authority.cert))
            if shown is not None:
                context.load_cert_chain(shown.cert, shown.key)
            plain = socket.create_connection((proc.LOOPBACK, server.secure_port), timeout=20)
            try:
                with context.wrap_socket(plain, server_hostname="localhost") as conn:
                    conn.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    return conn.recv(4096)
            except OSError:
                return b""

        self.assertIn(b" 200 ", ask(known))
        for shown in (None, unknown):
            self.assertNotIn(b" 200 ", ask(shown))
        shutil.copy(others.cert, folder / "others.pem")
        self.assertTrue(steps.reload(server))
        self.assertIn(b" 200 ", ask(unknown))


class OverrideTest(harness.WebTest):
    """A folder of one's own, taken up by SIGHUP; a broken one is not."""

    own: Path

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.own = cls.server.folder / "own"
        cls.own.mkdir(mode=0o755)
        sections["Host one.test"] = {"TemplateDir": cls.own}

    def setUp(self) -> None:
        for path in (self.own / "loggedoff.html", self.own / "static" / "app.css"):
            path.unlink(missing_ok=True)
        self.assertTrue(steps.reload(self.server))

    def css(self, host: str) -> tuple[str, bytes]:
        client = self.client(host=host)
        html = client.get("/login").html
        address = html.split('rel="stylesheet" href="')[1].split('"')[0]
        return address, client.get(address).body

    def test_one_template_and_one_stylesheet(self) -> None:
        ours, before = self.css("one.test")
        write_text(self.own / "loggedoff.html", "{{> head}}<p>own words</p>{{> foot}}\n", 0o644)
        write_text(self.own / "static" / "app.css", "body { color: teal }\n", 0o644)
        self.assertNotIn("own words", self.client(host="one.test").get("/loggedoff").text)
        self.assertTrue(steps.reload(self.server, write=False))
        page = self.client(host="one.test").get("/loggedoff")
        self.assertIn("own words", page.text)
        self.assertIn("Skip to the content", page.text)  # our head.html
        fresh, sheet = self.css("one.test")
        self.assertEqual(sheet, b"body { color: teal }\n")
        self.assertNotEqual(fresh, ours)
        self.assertEqual(self.css("two.test"), (ours, before))
        self.assertNotIn("own words", self.client(host="two.test").get("/loggedoff").text)

    def test_a_broken_template_keeps_the_old_one(self) -> None:
        path = write_text(self.own / "loggedoff.html", "<p>good words</p>\n", 0o644)
        self.assertTrue(steps.reload(self.server, write=False))
        for text, line in (("<p>\n\n{{#a}}\nopen\n", 3), ("<p>{{b\n", 1), ("{{/c}}", 1)):
            with self.subTest(text):
                write_text(path, text, 0o644)
                self.assertFalse(steps.reload(self.server, write=False))
                said = steps.events(self.server, "reload.refused")[-1]
                self.assertIn(f"loggedoff.html:{line}:", said["reason"] + said.get("detail", ""))
                page = self.client(host="one.test").get("/loggedoff")
                self.assertIn("good words", page.text)

    def test_a_bad_ini_file_keeps_all_of_the_old(self) -> None:
        good = self.server.ini.read_text()
        self.addCleanup(steps.reload, self.server)
        bad = good.replace("[Mail]", "[Server]\nTitle=New name\nPlainPrt=1\n[Mail]")
        self.server.ini.write_text(bad)
        self.assertFalse(steps.reload(self.server, write=False))
        line = bad.splitlines().index("PlainPrt=1") + 1
        notes = [each["text"] for each in steps.events(self.server, "config.note")]
        self.assertTrue(any(f"{self.server.ini}:{line}: " in note for note in notes), notes)
        self.assertNotIn("New name", self.client().get("/login").title)

    def test_a_good_one_is_taken_up_and_says_what_needs_a_restart(self) -> None:
        sections = self.server.sections
        workers = sections["Server"].pop("Workers", None)
        self.addCleanup(steps.reload, self.server)
        self.addCleanup(sections["Server"].pop, "Title", None)
        self.addCleanup(sections["Server"].pop, "Workers", workers)
        sections["Server"].update(Title="New name", Workers=7)
        self.assertTrue(steps.reload(self.server))
        self.assertIn("New name", self.client().get("/login").title)
        keys = steps.events(self.server, "reload.needs_restart")[-1]["keys"]
        self.assertIn("Workers", keys)
        self.assertNotIn("Title", keys)

    def test_the_session_and_the_connection_go_on(self) -> None:
        client = self.logged_in()
        with socket.create_connection((proc.LOOPBACK, self.server.plain_port), 10) as sock:
            ask = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
            sock.sendall(ask)
            self.assertIn(b"200 OK", sock.recv(4096))
            self.assertTrue(steps.reload(self.server))
            sock.sendall(ask)
            self.assertIn(b"200 OK", sock.recv(4096))
        self.assertFalse(steps.is_login_page(client.get("/list?folder=INBOX")))


if __name__ == "__main__":
    unittest.main()
