"""iwebmsg-ssl check over all that an ini file names: each fault is found, once, and mended by what is said."""

from __future__ import annotations

import json
import shutil
import tempfile
import unittest
from pathlib import Path
from typing import ClassVar

from test_ssl_util import PROGRAM, Authority, UtilCase, run

NAME = "mail.example.org"
Keys = dict[str, object]


class FindingsTest(UtilCase):
    """Keys and authorities are made once; what a test changes, it makes anew."""

    shared: ClassVar[Path]
    authority: ClassVar[Authority]

    @classmethod
    def setUpClass(cls) -> None:
        temporary = tempfile.TemporaryDirectory(prefix="iwebmsg-ssl-")
        cls.addClassCleanup(temporary.cleanup)
        cls.shared = Path(temporary.name)
        cls.authority = Authority(cls.shared / "authority")
        cls.rsa = cls.pair("rsa", "rsa:2048")
        cls.ec = cls.pair("ec", "ec:p256")
        cls.ca, cls.jane = cls.shared / "ca", cls.shared / "jane"
        cls.make("ca", "init", "--ca-dir", cls.ca, "--name", "Clients CA")
        jane = ("--purpose", "client", "--name", "jane@example.org", "--out-dir", cls.jane)
        cls.make("ca", "issue", "--ca-dir", cls.ca, *jane)

    def setUp(self) -> None:
        super().setUp()
        self.ini = self.folder / "iwebmsg.ini"

    @staticmethod
    def make(*words: object) -> None:
        done = run(PROGRAM, *words)
        if done.returncode:
            raise AssertionError(done.stdout + done.stderr)

    @classmethod
    def pair(cls, name: str, kind: str, host: str = NAME) -> Path:
        """A folder with server.key and server.pem, the whole chain."""
        folder = cls.shared / name
        cls.make("csr", "--name", host, "--key", kind, "--out-dir", folder)
        cls.sign(folder, folder / "leaf.pem", folder / "server.pem")
        return folder

    @classmethod
    def sign(cls, folder: Path, leaf: Path, chain: Path) -> None:
        cls.authority.sign(folder / "server.csr", leaf)
        chain.write_text(leaf.read_text() + cls.authority.middle.read_text())

    def write(self, ssl: Keys, more: str = "") -> None:
        first: Keys = {"EnableSSL": 1, "ForceSSL": 1}
        first |= {"Certificate": self.rsa / "server.pem", "PrivateKey": self.rsa / "server.key"}
        lines = "".join(f"{key}={value}\n" for key, value in (first | ssl).items())
        self.ini.write_text(f"[Server]\nPublicSecureURL=https://{NAME}\n[SSL]\n{lines}{more}")

    def findings(self, code: int = 0) -> list[dict[str, str]]:
        words = ("--config", self.ini, "--root", self.authority.root, "--json")
        done = run(PROGRAM, "check", *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        found: list[dict[str, str]] = report["findings"]
        self.assertEqual(report["problems"], sum(one["level"] == "bad" for one in found))
        return found

    def finds(self, says: str, mend: str, ssl: Keys, more: str = "") -> None:
        """One fault, and only that one."""
        with self.subTest(says):
            self.write(ssl, more)
            bad = [one for one in self.findings(code=1) if one["level"] == "bad"]
            self.assertEqual(len(bad), 1, bad)
            self.assertIn(says, bad[0]["text"])
            self.assertIn(mend, bad[0]["mend"])

    def openssl_ca(self, *words: object) -> None:
        signer = ("-cert", self.authority.middle, "-keyfile", self.authority.folder / "middle.key")
        self.openssl("ca", "-config", self.authority.config, *signer, *words)

    def response(self, out: Path, cert: Path) -> Path:
        """What the authority's responder would say of a certificate."""
        middle = self.authority.middle
        signer = ("-rsigner", middle, "-rkey", self.authority.folder / "middle.key", "-ndays", "1")
        index = ("-index", self.authority.folder / "index", "-CA", middle)
        self.openssl("ocsp", *index, *signer, "-issuer", middle, "-cert", cert, "-respout", out)
        return out

    def test_all_is_well(self) -> None:
        response = self.response(self.folder / "rsa.der", self.rsa / "leaf.pem")
        other = self.pair("other", "ec:p256", "other.example.org")
        self.write(
            {
                "OcspResponse": response,
                "Certificate2": self.ec / "server.pem",
                "PrivateKey2": self.ec / "server.key",
                "VerifyClient": "optional",
                "TrustStore": self.ca / "ca.pem",
                "ClientCRL": self.ca / "crl.pem",
                "TrustPage": 1,
                "TrustPageCA": self.ca / "ca.pem",
            },
            f"[Mail]\nMailTrustStore={self.authority.root}\nImapCertificate={self.jane}/client.pem\n"
            f"ImapPrivateKey={self.jane}/client.key\n"
            f"[Host other.example.org]\nCertificate={other}/server.pem\nPrivateKey={other}/server.key\n",
        )
        found = self.findings()
        texts = "\n".join(one["text"] for one in found)
        for says in (
            "two certificates of two kinds",
            f"{response} is fresh until",
            "1 to believe",
            "the list of CN=Clients CA is fresh",
            "a client's certificate",
            "other.example.org is among its names",
            "is an authority's, without its key",
        ):
            self.assertIn(says, texts)

    def test_certificates_of_hosts(self) -> None:
        host = "[Host www.example.org]\nTitle=Other\n"
        self.finds("www.example.org is missing", "iwebmsg-ssl csr", {}, host)
        own = f"[Host www.example.org]\nCertificate={self.ec}/server.pem\nPrivateKey={self.ec}/server.key\n"
        self.finds("www.example.org is missing", "iwebmsg-ssl csr", {}, own)
        mixed = f"[Host {NAME}]\nCertificate={self.ec}/server.pem\nPrivateKey={self.rsa}/server.key\n"
        self.finds("does not fit the certificate", "iwebmsg-ssl show", {}, mixed)

    def test_second_certificate(self) -> None:
        same = self.pair("same", "rsa:2048")
        keys = {"Certificate2": same / "server.pem", "PrivateKey2": same / "server.key"}
        self.finds("of the kind RSA", "--key ec:p256", keys)
        open_key = self.folder / "open.key"
        shutil.copy(self.ec / "server.key", open_key)
        open_key.chmod(0o604)
        keys = {"Certificate2": self.ec / "server.pem", "PrivateKey2": open_key}
        self.finds("may be read by others", "chmod 600", keys)

    def test_responses(self) -> None:
        foreign = self.response(self.folder / "foreign.der", self.ec / "leaf.pem")
        self.finds("for another certificate", "openssl ocsp", {"OcspResponse": foreign})
        self.finds("no OCSP response", "openssl ocsp", {"OcspResponse": self.rsa / "server.pem"})
        leaf, chain = self.folder / "leaf.pem", self.folder / "chain.pem"
        self.sign(self.rsa, leaf, chain)
        self.openssl_ca("-revoke", leaf)
        revoked = self.response(self.folder / "revoked.der", leaf)
        self.finds("revoked", "new key", {"Certificate": chain, "OcspResponse": revoked})

    def test_trust_of_clients(self) -> None:
        store = self.folder / "store.pem"
        keys: Keys = {"VerifyClient": "optional", "TrustStore": store}
        mend = f"iwebmsg-ssl trust add AUTHORITY.pem --for clients --file {store}"
        store.write_text("# nobody yet\n")
        self.finds("no certificate to believe", mend, keys)
        shutil.copy(self.ca / "ca.pem", store)
        store.write_text(store.read_text() + (self.ca / "ca.key").read_text())
        self.finds("holds a private key", "export", keys)
        own = (self.ca / "ca.pem").read_text() + (self.rsa / "leaf.pem").read_text()
        store.write_text(own)
        self.finds("the server's own certificate", "iwebmsg-ssl trust remove", keys)
        store.write_text((self.ca / "ca.pem").read_text() + (self.jane / "client.pem").read_text())
        self.finds("is no authority", "iwebmsg-ssl trust remove", keys)
        store.write_text((self.ca / "ca.pem").read_text()[:300])
        self.finds("damaged", "trust add", keys)
        folder = self.folder / "trusted"
        folder.mkdir()
        keys["TrustStore"] = folder
        self.finds("no certificate to believe", "trust add", keys)
        shutil.copy(self.ca / "ca.pem", folder)
        self.write(keys)
        self.findings()

    def test_mends_of_trust_work(self) -> None:
        store = self.folder / "store.pem"
        store.write_text((self.ca / "ca.pem").read_text() + (self.rsa / "leaf.pem").read_text())
        self.write({"VerifyClient": "optional", "TrustStore": store})
        (bad,) = [one for one in self.findings(code=1) if one["level"] == "bad"]
        self.util(*bad["mend"].split()[1:], "--yes")
        self.findings()

    def test_revocation_lists(self) -> None:
        keys: Keys = {"VerifyClient": "required", "TrustStore": self.ca / "ca.pem"}
        crl, stale = self.folder / "crl.pem", self.folder / "stale.pem"
        self.openssl_ca("-gencrl", "-out", crl, "-crldays", "10")
        span = ("-crl_lastupdate", "20200101000000Z", "-crl_nextupdate", "20200201000000Z")
        self.openssl_ca("-gencrl", "-out", stale, *span)
        middle: Keys = {"VerifyClient": "required", "TrustStore": self.authority.middle}
        self.write(middle | {"ClientCRL": crl})
        self.findings()
        self.finds("is past its time", "ca crl --ca-dir", middle | {"ClientCRL": stale})
        self.write(middle | {"ClientCRL": stale, "StaleCRL": "accept"})
        self.findings()
        self.finds("holds no revocation list", "openssl crl", keys | {"ClientCRL": self.ca / "ca.pem"})
        self.finds("holds no revocation list", "openssl crl", keys | {"ClientCRL": self.ca / "crl.der"})
        # An impostor of the same name, and a list that nobody asked for.
        self.util("ca", "init", "--ca-dir", self.folder / "false", "--name", "Clients CA")
        self.finds("not signed by that authority", "ca crl", keys | {"ClientCRL": self.folder / "false/crl.pem"})
        self.write(keys | {"ClientCRL": crl})
        bad = [one["text"] for one in self.findings(code=1) if one["level"] == "bad"]
        self.assertEqual(len(bad), 2)
        self.assertIn("of no authority in TrustStore=", bad[0])
        self.assertIn("has no list of CN=Clients CA", bad[1])

    def test_trust_page(self) -> None:
        page: Keys = {"TrustPage": 1}
        joined = self.folder / "joined.pem"
        joined.write_text((self.ca / "ca.pem").read_text() + (self.ca / "ca.key").read_text())
        self.finds("holds a private key", "export", page | {"TrustPageCA": joined})
        leaf = self.rsa / "leaf.pem"
        self.finds("no authority's certificate", "ca init", page | {"TrustPageCA": leaf})

    def test_mail_leg(self) -> None:
        def mail(**keys: object) -> str:
            return "[Mail]\n" + "".join(f"{key}={value}\n" for key, value in keys.items())

        server = mail(SmtpCertificate=self.ec / "server.pem", SmtpPrivateKey=self.ec / "server.key")
        self.finds("for another purpose than a client", "", {}, server)
        other = mail(ImapCertificate=self.jane / "client.pem", ImapPrivateKey=self.ec / "server.key")
        self.finds("does not fit the certificate", "iwebmsg-ssl show", {}, other)
        empty = self.folder / "empty.pem"
        empty.write_text("")
        self.finds("no certificate to believe", "--for mail", {}, mail(MailTrustStore=empty))
        self.finds("holds no revocation list", "openssl crl", {}, mail(ImapCRL=self.ca / "ca.pem"))
        # The server's own certificate as a client's, in a host's section.
        host = f"[Host {NAME}]\nImapCertificate={self.rsa}/server.pem\nImapPrivateKey={self.rsa}/server.key\n"
        self.finds("for another purpose than a client", "", {}, host)


if __name__ == "__main__":
    unittest.main()
