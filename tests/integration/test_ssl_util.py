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


class UtilCase(unittest.TestCase):
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


class SslUtilTest(UtilCase):
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

    def test_show_of_a_name_that_would_steer_the_terminal(self) -> None:
        cert, key = self.folder / "odd.pem", self.folder / "odd.key"
        name = "/CN=J\u00f6rg \u20ac\x1b[2J\u009b2J\u202egro"
        self.openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-utf8", "-subj", name, "-keyout", key, "-out", cert,
        )  # fmt: skip
        shown = self.util("show", cert).stdout
        self.assertIn("CN=J\u00f6rg \u20ac\\1B[2J\\C2\\9B2J\\E2\\80\\AEgro", shown)
        for each in "\x1b\u009b\u202e":
            self.assertNotIn(each, shown)

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
            ((), 2, "selfsigned, csr, import"),
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


CA_CONFIG = """
[ca]
default_ca = it
[it]
dir = {folder}
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
policy = any
unique_subject = no
copy_extensions = copy
default_md = sha256
[any]
commonName = supplied
organizationName = optional
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
[middle]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
[server]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = serverAuth
[client]
extendedKeyUsage = clientAuth
"""


class Authority:
    """A root and an intermediate of OpenSSL's own, which sign what tests need."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.config = folder / "ca.cnf"
        self.config.write_text(CA_CONFIG.format(folder=folder), encoding="ascii")
        (folder / "index").touch()
        (folder / "serial").write_text("1000\n", encoding="ascii")
        self.root, self.middle = folder / "root.pem", folder / "middle.pem"
        self._openssl("req", "-x509", *self._new("root", "Test Root"), "-extensions", "root", "-days", "100", "-out", self.root)
        request = folder / "middle.csr"
        self._openssl("req", *self._new("middle", "Test Middle"), "-out", request)
        self.sign(request, self.middle, by="root", extensions="middle")

    def _openssl(self, *words: object) -> None:
        done = run("openssl", *words)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)

    def _new(self, name: str, common: str) -> tuple[object, ...]:
        kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", self.config)
        return (*kind, "-keyout", self.folder / f"{name}.key", "-subj", f"/CN={common}")

    def sign(
        self,
        request: Path,
        out: Path,
        by: str = "middle",
        extensions: str = "server",
        digest: str = "sha256",
        dates: tuple[str, str] = ("", ""),
    ) -> None:
        signer = ("-cert", self.folder / f"{by}.pem", "-keyfile", self.folder / f"{by}.key")
        span = ("-startdate", dates[0], "-enddate", dates[1]) if dates[0] else ("-days", "90")
        options = ("-batch", "-notext", "-md", digest, "-extensions", extensions, *span)
        self._openssl("ca", "-config", self.config, *signer, *options, "-in", request, "-out", out)


class InstalledTest(UtilCase):
    """check, import, export and password, with what authorities send."""

    def setUp(self) -> None:
        super().setUp()
        self.authority = Authority(self.folder / "authority")
        self.ssl = self.folder / "ssl"
        self.key, self.cert = self.ssl / "server.key", self.ssl / "server.pem"
        self.util("csr", "--name", "mail.example.org", "--out-dir", self.ssl)
        self.leaf = self.folder / "leaf.pem"
        self.authority.sign(self.ssl / "server.csr", self.leaf)

    def importing(self, *words: object, code: int = 0) -> str:
        done = run(PROGRAM, "import", *words, "--root", self.authority.root)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def install(self) -> None:
        self.importing(self.leaf, self.authority.middle, "--out-dir", self.ssl)

    def check(self, *words: object, code: int = 0, root: bool = True) -> str:
        trust = ("--root", self.authority.root) if root else ()
        done = run(PROGRAM, "check", *words, *trust)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual("BAD" in done.stdout, code == 1, done.stdout)
        self.assertEqual(done.stdout.count("BAD") > 0, "mend:" in done.stdout, done.stdout)
        return done.stdout

    def files(self, *words: object, code: int = 0) -> str:
        return self.check("--cert", self.cert, "--key-file", self.key, *words, code=code)

    def password(self, name: str, word: str, mode: int = 0o600) -> Path:
        path = self.folder / name
        path.write_text(word + "\n", encoding="ascii")
        path.chmod(mode)
        return path

    def join(self, out: Path, *parts: Path) -> None:
        out.write_text("".join(part.read_text(encoding="ascii") for part in parts), encoding="ascii")

    def test_import_orders_the_chain(self) -> None:
        bundle = self.folder / "bundle.pem"
        self.join(bundle, self.authority.root, self.authority.middle, self.leaf)
        said = self.importing(bundle, "--out-dir", self.ssl, "--name", "mail.example.org")
        self.assertIn("systemctl reload iwebmsg", said)
        expected = self.folder / "expected.pem"
        self.join(expected, self.leaf, self.authority.middle)
        self.assertEqual(self.cert.read_text(encoding="ascii"), expected.read_text(encoding="ascii"))
        verify = ("-purpose", "sslserver", "-CAfile", self.authority.root, "-untrusted", self.cert)
        self.openssl("verify", *verify, "-verify_hostname", "mail.example.org", self.cert)
        self.assertIn("is whole", self.files("--name", "mail.example.org"))

    def test_import_reads_every_form(self) -> None:
        word = self.password("word", "secret")
        der, pkcs7, pkcs12 = self.folder / "a.cer", self.folder / "a.p7b", self.folder / "a.p12"
        self.openssl("x509", "-in", self.leaf, "-outform", "der", "-out", der)
        chain = ("-certfile", self.leaf, "-certfile", self.authority.middle)
        self.openssl("crl2pkcs7", "-nocrl", *chain, "-outform", "der", "-out", pkcs7)
        pack = ("-export", "-in", self.leaf, "-inkey", self.key, "-certfile", self.authority.middle)
        self.openssl("pkcs12", *pack, "-passout", "pass:secret", "-out", pkcs12)
        for name, words in (
            ("der", (der, self.authority.middle)),
            ("pkcs7", (pkcs7,)),
            ("pkcs12", (pkcs12, "--in-password-file", word)),
        ):
            with self.subTest(name):
                out = self.folder / f"{name}.pem"
                self.importing(*words, "--key-file", self.key, "--cert", out)
                self.assertEqual(out.read_text(encoding="ascii").count("BEGIN CERTIFICATE"), 2)
        fresh = self.folder / "fresh"
        self.importing(pkcs12, "--in-password-file", word, "--out-dir", fresh)
        self.assertEqual(stat.S_IMODE((fresh / "server.key").stat().st_mode), 0o600)
        self.openssl("pkey", "-in", fresh / "server.key", "-check", "-noout")
        wrong = self.password("wrong", "guess")
        self.assertIn("does not open", self.importing(pkcs12, "--in-password-file", wrong, "--out-dir", fresh, code=1))
        self.assertIn("--in-password-file", self.importing(pkcs12, "--out-dir", fresh, code=1))

    def test_import_never_overwrites_without_force(self) -> None:
        self.install()
        before = self.cert.read_bytes()
        self.assertIn("--force", self.importing(self.leaf, self.authority.middle, "--out-dir", self.ssl, code=1))
        self.assertEqual(self.cert.read_bytes(), before)
        said = self.importing(self.leaf, self.authority.middle, "--out-dir", self.ssl, "--force")
        backups = list(self.ssl.glob("server.pem.*.bak"))
        self.assertEqual([path.read_bytes() for path in backups], [before])
        self.assertIn(str(backups[0]), said)

    def test_import_refuses_what_would_not_work(self) -> None:
        request, other = self.ssl / "server.csr", self.folder / "other"
        self.util("csr", "--name", "mail.example.org", "--out-dir", other)
        strange, expired = self.folder / "strange.pem", self.folder / "expired.pem"
        self.authority.sign(other / "server.csr", strange)
        self.authority.sign(request, expired, dates=("20200101000000Z", "20200201000000Z"))
        middle = self.authority.middle
        for says, words in (
            ("fits the key", (strange, middle)),
            ("incomplete", (self.leaf,)),
            ("expired on 2020-02-01", (expired, middle)),
            ("is missing", (self.leaf, middle, "--name", "other.example.org")),
            ("holds no certificate", (self.key,)),
        ):
            with self.subTest(says):
                said = self.importing(*words, "--out-dir", self.ssl, code=1)
                self.assertIn(says, said)
                self.assertFalse(self.cert.exists())

    def test_import_goes_where_the_ini_says(self) -> None:
        ini = self.folder / "iwebmsg.ini"
        lines = ("[SSL]", "EnableSSL=1", f"Certificate={self.cert}", f"PrivateKey={self.key}")
        ini.write_text("\n".join(lines) + "\n", encoding="ascii")
        elsewhere = ("--cert", self.folder / "lost.pem")
        answer = (self.leaf, self.authority.middle, "--config", ini)
        self.assertIn("The server uses", self.importing(*answer, *elsewhere, code=1))
        self.assertFalse((self.folder / "lost.pem").exists())
        self.importing(*answer)
        self.assertTrue(self.cert.exists())
        self.assertIn("opens the secure port", self.check("--config", ini))

    def test_check_finds_what_is_wrong_with_certificates(self) -> None:
        request, middle = self.ssl / "server.csr", self.authority.middle
        weak = self.folder / "weak.key"
        self.openssl("genrsa", "-out", weak, "1024")
        weak_request = self.folder / "weak.csr"
        named = ("-addext", "subjectAltName=DNS:mail.example.org")
        self.openssl("req", "-new", "-key", weak, "-subj", "/CN=mail.example.org", *named, "-out", weak_request)
        bare = self.folder / "bare.csr"
        bare_words = ("-key", self.key, "-subj", "/CN=mail.example.org", "-config", self.authority.config)
        self.openssl("req", "-new", *bare_words, *named, "-out", bare)
        nameless = self.folder / "nameless.csr"
        self.openssl("req", "-new", *bare_words, "-out", nameless)
        made = self.folder / "made.pem"
        past, future = ("20200101000000Z", "20200201000000Z"), ("20900101000000Z", "20910101000000Z")
        for says, source, options in (
            ("expired on 2020-02-01", request, {"dates": past}),
            ("is not yet valid", request, {"dates": future}),
            ("weak hash SHA1", request, {"digest": "sha1"}),
            ("another purpose", bare, {"extensions": "client"}),
            ("names no host", nameless, {}),
            ("weak key: RSA 1024 bits", weak_request, {}),
        ):
            with self.subTest(says):
                made.unlink(missing_ok=True)
                self.authority.sign(source, made, **options)
                self.join(self.cert, made, middle)
                key = weak if source == weak_request else self.key
                weak.chmod(0o600)
                said = self.check("--cert", self.cert, "--key-file", key, code=1)
                self.assertIn(says, said)
                self.assertEqual(said.count("BAD"), 1, said)

    def test_check_finds_what_is_wrong_with_files(self) -> None:
        self.install()
        middle, root = self.authority.middle, self.authority.root
        self.assertIn("missing: the certificate is for", self.files("--name", "other.example.org", code=1))
        self.assertIn("is missing", self.check("--cert", self.cert, "--key-file", self.key, root=False, code=1))
        self.key.chmod(0o604)
        self.assertIn(f"chmod 600 {self.key}", self.files(code=1))
        self.key.chmod(0o600)
        self.join(self.cert, middle, self.leaf)
        said = self.files(code=1)
        self.assertIn("certificate first", said)
        command = said.split("mend: iwebmsg-ssl ")[1].splitlines()[0].split()
        self.assertEqual(run(PROGRAM, *command, "--root", root).returncode, 0)
        self.files()
        self.join(self.cert, self.leaf)
        self.assertIn("incomplete", self.files(code=1))
        self.join(self.cert, self.leaf, middle, root)
        self.assertIn("1 more certificates", self.files())
        done = run(PROGRAM, "check", "--cert", self.cert, "--key-file", self.key)
        self.assertIn("not trusted by this system", done.stdout)
        other = self.folder / "other"
        self.util("csr", "--name", "mail.example.org", "--out-dir", other)
        said = self.check("--cert", self.cert, "--key-file", other / "server.key", code=1)
        self.assertIn("does not fit the certificate", said)
        self.openssl("x509", "-in", self.leaf, "-outform", "der", "-out", self.cert)
        self.assertIn("not in PEM form", self.files(code=1))
        self.cert.unlink()
        self.assertIn("server.pem", self.files(code=1))

    def test_check_reads_the_ini(self) -> None:
        self.install()
        ini = self.folder / "iwebmsg.ini"
        head = f"[SSL]\nCertificate={self.cert}\nPrivateKey={self.key}\n"
        server = "[Server]\nPublicSecureURL=https://{}\n"
        for says, text, code in (
            ("ok    name: mail.example.org", head + "EnableSSL=1\n" + server.format("mail.example.org:8384"), 0),
            ("EnableSSL is not 1", head + "EnableSSL=0\n", 1),
            ("www.example.org is missing", head + "EnableSSL=1\n" + server.format("www.example.org"), 1),
            ("ini:4: ", head + "Enable=1\n", 1),
            ("nothing.pem", "[SSL]\nEnableSSL=1\nCertificate=nothing.pem\nPrivateKey=nothing.key\n", 1),
        ):
            with self.subTest(says):
                ini.write_text(text, encoding="ascii")
                self.assertIn(says, self.check("--config", ini, code=code))
        ini.write_text(head.replace("server.pem", "old.pem") + "EnableSSL=1\n", encoding="ascii")
        self.assertIn(f"Certificate={self.cert}", self.check("--config", ini, "--cert", self.cert, code=1))
        self.assertIn("missing.ini", self.check("--config", self.folder / "missing.ini", code=1))

    def test_password_is_set_changed_and_removed(self) -> None:
        self.install()
        first, second = self.password("first", "one"), self.password("second", "two")
        public = self.openssl("pkey", "-in", self.key, "-pubout")
        self.util("password", "--key-file", self.key, "--new-password-file", first)
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", self.key.read_text(encoding="ascii"))
        self.assertEqual(self.openssl("pkey", "-in", self.key, "-passin", f"file:{first}", "-pubout"), public)
        parsed = self.openssl("asn1parse", "-in", self.key)
        self.assertIn("aes-256-cbc", parsed)
        self.assertIn("no password for it is given", self.files(code=1))
        self.assertIn("does not open", self.files("--password-file", second, code=1))
        self.assertIn("with its password", self.files("--password-file", first))
        first.chmod(0o604)
        self.assertIn("may be read by others", self.files("--password-file", first, code=1))
        first.chmod(0o600)
        words = ("password", "--key-file", self.key)
        self.assertIn("password", self.util(*words, "--new-password-file", second, code=1).stderr)
        self.util(*words, "--password-file", first, "--new-password-file", second)
        self.openssl("pkey", "-in", self.key, "-passin", f"file:{second}", "-check", "-noout")
        self.util(*words, "--password-file", second, "--remove")
        self.openssl("pkey", "-in", self.key, "-check", "-noout")
        self.assertEqual(stat.S_IMODE(self.key.stat().st_mode), 0o600)
        self.files()

    def test_export_is_read_by_openssl(self) -> None:
        self.install()
        word = self.password("word", "secret")
        words = ("export", "--cert", self.cert, "--key-file", self.key, "--password-file", word)
        fingerprint = ("-noout", "-fingerprint", "-sha256")
        expected = self.openssl("x509", "-in", self.leaf, *fingerprint)
        for form, inform in (("pem", "pem"), ("der", "der"), ("cer", "pem")):
            out = self.folder / f"out.{form}"
            self.util(*words, "--format", form, "--out", out)
            self.assertEqual(self.openssl("x509", "-inform", inform, "-in", out, *fingerprint), expected)
            self.assertNotIn(b"PRIVATE KEY", out.read_bytes())
            self.assertIn("--force", self.util(*words, "--format", form, "--out", out, code=1).stderr)
        self.assertIn(b"-----\r\n", (self.folder / "out.cer").read_bytes())
        both = self.folder / "both.pem"
        self.util(*words, "--with-key", "--out", both)
        self.openssl("pkey", "-in", both, "-check", "-noout")
        self.assertEqual(stat.S_IMODE(both.stat().st_mode), 0o600)
        for name, extra, says in (("new", (), "AES-256-CBC"), ("old", ("--compat",), "TripleDES")):
            out = self.folder / f"{name}.p12"
            self.util(*words, "--format", "p12", "--out", out, *extra)
            self.assertEqual(stat.S_IMODE(out.stat().st_mode), 0o600)
            done = run("openssl", "pkcs12", "-in", out, "-passin", "pass:secret", "-nodes", "-info")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(says, done.stderr)
            self.assertEqual(done.stdout.count("BEGIN CERTIFICATE"), 2)
            self.assertIn("BEGIN PRIVATE KEY", done.stdout)


class AuthorityTest(UtilCase):
    """The private authority, judged by openssl verify, crl and ca."""

    def setUp(self) -> None:
        super().setUp()
        self.ca = self.folder / "ca"
        url = ("--crl-url", "http://ca.example.org/crl.der")
        self.util("ca", "init", "--ca-dir", self.ca, "--name", "Example CA", "--org", "Example", *url)
        self.root = self.ca / "ca.pem"

    def issue(self, *words: object, code: int = 0) -> str:
        done = self.util("ca", "issue", "--ca-dir", self.ca, *words, code=code)
        return done.stdout + done.stderr

    def verify(self, cert: Path, *words: object) -> subprocess.CompletedProcess[str]:
        lists = ("-crl_check", "-CRLfile", self.ca / "crl.pem")
        return run("openssl", "verify", "-x509_strict", "-CAfile", self.root, *lists, *words, cert)

    def test_root_is_an_authority(self) -> None:
        text = self.openssl("x509", "-in", self.root, "-noout", "-text")
        for says in ("CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign", "Subject Key Identifier"):
            self.assertIn(says, text)
        self.openssl("verify", "-x509_strict", "-CAfile", self.root, self.root)
        self.openssl("pkey", "-in", self.ca / "ca.key", "-check", "-noout")
        self.assertEqual(stat.S_IMODE((self.ca / "ca.key").stat().st_mode), 0o600)
        done = self.util("ca", "init", "--ca-dir", self.ca, "--name", "Other", code=1)
        self.assertIn("already", done.stderr)
        self.openssl("crl", "-in", self.ca / "crl.pem", "-CAfile", self.root, "-noout")
        self.openssl("crl", "-inform", "der", "-in", self.ca / "crl.der", "-CAfile", self.root, "-noout")

    def test_server_from_a_request(self) -> None:
        server = self.folder / "server"
        self.util("csr", "--name", "mail.example.org", "--san", "ip:192.0.2.1", "--out-dir", server)
        self.issue("--csr", server / "server.csr", "--cert", self.folder / "answer.pem")
        answer = self.folder / "answer.pem"
        done = self.verify(answer, "-purpose", "sslserver", "-verify_hostname", "mail.example.org")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.verify(answer, "-verify_ip", "192.0.2.1").returncode, 0)
        self.assertNotEqual(self.verify(answer, "-purpose", "sslclient").returncode, 0)
        text = self.openssl("x509", "-in", answer, "-noout", "-text")
        self.assertIn("URI:http://ca.example.org/crl.der", text)
        self.assertIn("CA:FALSE", text)
        serial = self.openssl("x509", "-in", answer, "-noout", "-serial").strip().split("=")[1]
        self.assertGreaterEqual(len(serial), 30)
        self.assertIn(serial, (self.ca / "index.txt").read_text(encoding="ascii"))
        self.assertTrue((self.ca / "certs" / f"{serial}.pem").exists())
        self.util("import", answer, "--out-dir", server, "--root", self.root, "--name", "mail.example.org")
        checked = ("--cert", server / "server.pem", "--key-file", server / "server.key", "--root", self.root)
        self.util("check", *checked)

    def test_client_with_a_new_key(self) -> None:
        out = self.folder / "jane"
        self.issue("--name", "jane@example.org", "--purpose", "client", "--out-dir", out)
        cert, key = out / "client.pem", out / "client.key"
        done = self.verify(cert, "-purpose", "sslclient", "-verify_email", "jane@example.org")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotEqual(self.verify(cert, "-purpose", "sslserver").returncode, 0)
        public = self.openssl("x509", "-in", cert, "-noout", "-pubkey")
        self.assertEqual(public, self.openssl("pkey", "-in", key, "-pubout"))
        self.issue("--name", "Jane Doe", "--san", "email:jd@example.org", "--purpose", "client", "--out-dir", self.folder / "jd")
        self.assertIn("jd@example.org", self.openssl("x509", "-in", self.folder / "jd/client.pem", "-noout", "-email"))

    def test_revoked_is_refused(self) -> None:
        for name in ("a", "b"):
            self.issue("--name", f"{name}.example.org", "--out-dir", self.folder / name)
        first, second = self.folder / "a/server.pem", self.folder / "b/server.pem"
        self.assertEqual(self.verify(first).returncode, 0)
        words = ("ca", "revoke", "--ca-dir", self.ca)
        self.assertIn("keyCompromise", self.util(*words, "--cert", first, "--reason", "lost", code=1).stderr)
        self.util(*words, "--cert", first, "--reason", "keyCompromise")
        done = self.verify(first)
        self.assertIn("certificate revoked", done.stdout + done.stderr)
        self.assertEqual(self.verify(second).returncode, 0)
        self.assertIn("already", self.util(*words, "--cert", first, code=1).stderr)
        text = self.openssl("crl", "-in", self.ca / "crl.pem", "-noout", "-text")
        self.assertIn("Key Compromise", text)
        number = self.openssl("crl", "-in", self.ca / "crl.pem", "-noout", "-crlnumber")
        self.util("ca", "crl", "--ca-dir", self.ca, "--days", "7")
        self.assertNotEqual(number, self.openssl("crl", "-in", self.ca / "crl.pem", "-noout", "-crlnumber"))
        serial = self.openssl("x509", "-in", second, "-noout", "-serial").strip().split("=")[1]
        self.util(*words, "--serial", serial.lower())
        self.assertIn("certificate revoked", self.verify(second).stdout + self.verify(second).stderr)
        self.assertIn("number 77", self.util(*words, "--serial", "77", code=1).stderr)
        strange = self.folder / "strange"
        self.util("selfsigned", "--name", "a.example.org", "--out-dir", strange)
        self.assertIn("not signed by", self.util(*words, "--cert", strange / "server.pem", code=1).stderr)

    def test_requests_that_are_refused(self) -> None:
        weak, bare = self.folder / "weak.csr", self.folder / "bare.csr"
        key = ("-nodes", "-keyout", self.folder / "any.key")
        self.openssl("req", "-newkey", "rsa:1024", *key, "-subj", "/CN=a.example.org", "-out", weak)
        self.openssl("req", "-newkey", "rsa:2048", *key, "-subj", "/CN=a.example.org", "-out", bare)
        uri = ("-addext", "subjectAltName=URI:http://a.example.org")
        other = self.folder / "uri.csr"
        self.openssl("req", "-newkey", "rsa:2048", *key, "-subj", "/CN=a", *uri, "-out", other)
        broken = self.folder / "broken.csr"
        self.openssl("req", "-in", bare, "-outform", "der", "-out", broken)
        der = bytearray(broken.read_bytes())
        der[-1] ^= 1
        broken.write_bytes(der)
        out = ("--out-dir", self.folder / "out")
        for says, request in (
            ("too weak", weak),
            ("asks for no names", bare),
            ("no host name, address", other),
            ("does not fit its key", broken),
            ("no request that can be read", self.root),
        ):
            with self.subTest(says):
                self.assertIn(says, self.issue("--csr", request, *out, code=1))
        self.assertEqual((self.ca / "index.txt").read_text(encoding="ascii"), "")
        self.issue("--csr", bare, "--name", "a.example.org", *out)
        self.assertEqual(self.verify(self.folder / "out/server.pem", "-verify_hostname", "a.example.org").returncode, 0)
        self.assertIn("no authority", self.util("ca", "crl", "--ca-dir", self.folder / "none", code=1).stderr)

    def test_authority_with_a_password(self) -> None:
        word = self.folder / "word"
        word.write_text("secret\n", encoding="ascii")
        word.chmod(0o600)
        locked = ("--ca-dir", self.folder / "locked")
        self.util("ca", "init", *locked, "--name", "Locked CA", "--password-file", word)
        self.openssl("pkey", "-in", self.folder / "locked/ca.key", "-passin", "pass:secret", "-check", "-noout")
        issue = ("ca", "issue", *locked, "--name", "a.example.org", "--out-dir", self.folder / "a")
        self.assertIn("no password for it is given", self.util(*issue, code=1).stderr)
        self.util(*issue, "--password-file", word)

    def test_nothing_outlives_its_authority(self) -> None:
        short = ("--ca-dir", self.folder / "short")
        self.util("ca", "init", *short, "--name", "Short CA", "--days", "10")
        out = self.folder / "a"
        said = self.util("ca", "issue", *short, "--name", "a.example.org", "--out-dir", out).stdout
        self.assertIn("ends with the authority", said)
        ends = [self.openssl("x509", "-in", path, "-noout", "-enddate") for path in (out / "server.pem", self.folder / "short/ca.pem")]
        self.assertEqual(ends[0], ends[1])


class SameKeyTest(UtilCase):
    def test_one_key_for_certificate_and_request(self) -> None:
        self.util("selfsigned", "--name", "mail.example.org", "--out-dir", self.folder)
        key, before = self.folder / "server.key", (self.folder / "server.key").read_bytes()
        self.util("csr", "--name", "mail.example.org", "--key-file", key, "--out-dir", self.folder)
        self.assertEqual(key.read_bytes(), before)
        public = self.openssl("pkey", "-in", key, "-pubout")
        request = self.folder / "server.csr"
        self.assertEqual(self.openssl("req", "-in", request, "-verify", "-noout", "-pubkey"), public)
        self.assertEqual(self.openssl("x509", "-in", self.folder / "server.pem", "-noout", "-pubkey"), public)
        weak = self.folder / "weak.key"
        self.openssl("genrsa", "-out", weak, "1024")
        words = ("csr", "--name", "a.example", "--key-file", weak, "--csr", self.folder / "weak.csr")
        self.assertIn("too weak", self.util(*words, code=1).stderr)

    def test_key_is_encrypted_when_it_is_made(self) -> None:
        word = self.folder / "word"
        word.write_text("secret\nsecond line\n", encoding="ascii")
        word.chmod(0o644)
        words = ("--name", "mail.example.org", "--password-file", word, "--out-dir", self.folder / "ssl")
        self.assertIn("chmod 600", self.util("selfsigned", *words, code=1).stderr)
        word.chmod(0o600)
        self.assertIn(f"KeyPasswordFile={word}", self.util("selfsigned", *words).stdout)
        key = self.folder / "ssl/server.key"
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", key.read_text(encoding="ascii"))
        self.openssl("pkey", "-in", key, "-passin", "pass:secret", "-check", "-noout")
        self.util("csr", *words, "--key-file", key)
        self.openssl("req", "-in", self.folder / "ssl/server.csr", "-verify", "-noout")

    def test_validity_and_serials(self) -> None:
        serials = set()
        for name in ("a", "b"):
            self.util("selfsigned", "--name", "a.example", "--san", "email:post@a.example", "--out-dir", self.folder / name)
            cert = self.folder / name / "server.pem"
            serials.add(self.openssl("x509", "-in", cert, "-noout", "-serial"))
            self.assertEqual(self.openssl("x509", "-in", cert, "-noout", "-email").strip(), "post@a.example")
            self.openssl("x509", "-in", cert, "-noout", "-checkend", str(397 * 86400))
            self.assertEqual(run("openssl", "x509", "-in", cert, "-noout", "-checkend", str(398 * 86400)).returncode, 1)
        self.assertEqual(len(serials), 2)


if __name__ == "__main__":
    unittest.main()
