"""iwebmsg-ssl import --fetch-chain: the missing intermediate, from where the certificate says."""

from __future__ import annotations

import contextlib
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from test_ssl_util import PROGRAM, Authority, UtilCase, run


class Shop:
    """A web server on loopback that hands out what the test puts in."""

    def __init__(self) -> None:
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[str] = []
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                shop.asked.append(self.path)
                status, where, body = shop.pages.get(self.path, (404, "", b"none"))
                self.send_response(status)
                if where:
                    self.send_header("Location", where)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,))
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class FetchChainTest(UtilCase):
    def setUp(self) -> None:
        super().setUp()
        self.shop = Shop()
        self.addCleanup(self.shop.close)
        self.authority = Authority(self.folder / "authority")
        self.ssl = self.folder / "ssl"
        self.util("csr", "--name", "mail.example.org", "--out-dir", self.ssl)
        self.leaf = self.signed("leaf", f"{self.shop.origin}/middle.cer")
        self.middle = self.der(self.authority.middle)

    def signed(self, name: str, address: str) -> Path:
        """A certificate that says where its issuer is."""
        out = self.folder / f"{name}.pem"
        with self.authority.config.open("a") as config:
            config.write(f"[{name}]\nbasicConstraints = critical,CA:FALSE\nextendedKeyUsage = serverAuth\n")
            config.write(f"authorityInfoAccess = caIssuers;URI:{address}\n")
        self.authority.sign(self.ssl / "server.csr", out, extensions=name)
        return out

    def der(self, path: Path) -> bytes:
        made = self.folder / "made.der"
        self.openssl("x509", "-in", path, "-outform", "der", "-out", made)
        return made.read_bytes()

    def importing(self, leaf: Path, *words: object, code: int = 0) -> str:
        where = ("--out-dir", self.ssl, "--root", self.authority.root)
        done = run(PROGRAM, "import", leaf, *where, *words)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertEqual((self.ssl / "server.pem").exists(), code == 0)
        return done.stdout + done.stderr

    def test_only_on_request(self) -> None:
        self.shop.pages["/middle.cer"] = (200, "", self.middle)
        said = self.importing(self.leaf, code=1)
        self.assertIn("--fetch-chain", said)
        self.assertEqual(self.shop.asked, [])
        said = self.importing(self.leaf, "--fetch-chain")
        self.assertIn(f"Fetched: the issuer of CN=mail.example.org, from {self.shop.origin}/middle.cer", said)
        self.assertEqual(self.shop.asked, ["/middle.cer"])
        chain = ("-purpose", "sslserver", "-CAfile", self.authority.root, "-untrusted", self.ssl / "server.pem")
        self.openssl("verify", *chain, self.ssl / "server.pem")

    def test_the_mend_of_check_works(self) -> None:
        self.shop.pages["/middle.cer"] = (200, "", self.middle)
        cert = self.folder / "alone.pem"
        cert.write_bytes(self.leaf.read_bytes())
        words = ("--cert", cert, "--key-file", self.ssl / "server.key", "--root", self.authority.root)
        done = run(PROGRAM, "check", *words)
        command = done.stdout.split("mend: iwebmsg-ssl ")[1].splitlines()[0].split(", which")[0].split()
        self.assertIn("--fetch-chain", command)
        done = run(PROGRAM, *command, "--root", self.authority.root)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.util("check", *words)

    def test_forms_and_redirects(self) -> None:
        pkcs7 = self.folder / "made.p7c"
        self.openssl("crl2pkcs7", "-nocrl", "-certfile", self.authority.middle, "-outform", "der", "-out", pkcs7)
        here = f"{self.shop.origin}/here"
        for name, page in (
            ("PEM", (200, "", self.authority.middle.read_bytes())),
            ("PKCS#7", (200, "", pkcs7.read_bytes())),
            ("redirect", (302, here, b"")),
        ):
            with self.subTest(name):
                (self.ssl / "server.pem").unlink(missing_ok=True)
                self.shop.pages = {"/middle.cer": page, "/here": (200, "", self.middle)}
                self.importing(self.leaf, "--fetch-chain")

    def test_what_does_not_help(self) -> None:
        loop, secure = f"{self.shop.origin}/middle.cer", "https://127.0.0.1:1/x"
        for says, page in (
            ("did not sign", (200, "", self.der(self.authority.root))),
            ("no certificate that can be read", (200, "", b"<p>Moved</p>")),
            ("cannot be fetched", (404, "", b"")),
            ("cannot be fetched", (200, "", b"x" * 300_000)),
            ("without an end", (302, loop, b"")),
            ("Only http:// addresses", (302, secure, b"")),
            ("characters that no address has", (302, "https://x/\x1b]0;owned\x07", b"")),
        ):
            with self.subTest(says):
                self.shop.pages = {"/middle.cer": page}
                said = self.importing(self.leaf, "--fetch-chain", code=1)
                self.assertIn(says, said)
                self.assertNotIn("\x1b", said)
        self.assertLessEqual(len(self.shop.asked), 12)

    def test_other_addresses_are_not_asked(self) -> None:
        for name, address in (("files", "file:///etc/passwd"), ("names", "ldap://127.0.0.1/cn=x")):
            with self.subTest(name):
                leaf = self.signed(name, address)
                self.assertIn("does not say by http://", self.importing(leaf, "--fetch-chain", code=1))
        gone = self.signed("gone", "http://127.0.0.1:1/middle.cer")
        self.assertIn("cannot be fetched", self.importing(gone, "--fetch-chain", code=1))
        self.assertEqual(self.shop.asked, [])

    def test_an_unknown_root_stays_unknown(self) -> None:
        self.shop.pages["/middle.cer"] = (200, "", self.middle)
        done = run(PROGRAM, "import", self.leaf, "--out-dir", self.ssl, "--fetch-chain")
        self.assertEqual(done.returncode, 1)
        self.assertFalse((self.ssl / "server.pem").exists())

    def test_an_open_key_is_refused(self) -> None:
        (self.ssl / "server.key").chmod(0o604)
        said = self.importing(self.leaf, self.authority.middle, code=1)
        self.assertIn("chmod 600", said)


if __name__ == "__main__":
    unittest.main()
