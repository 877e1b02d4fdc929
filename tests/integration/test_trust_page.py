"""TrustPage: the private authority's certificate, on both doors, never a key."""

from __future__ import annotations

import hashlib
import re
import ssl

import harness
import steps
from harness import WebTest


def colons(digest: str) -> str:
    return ":".join(re.findall("..", digest.upper()))


class TrustPageTest(WebTest):
    @classmethod
    def change(cls, sections: harness.web.Sections) -> None:
        sections["SSL"].update(TrustPage=1, TrustPageCA=cls.backend.ca_file)

    def test_page_and_file(self) -> None:
        der = ssl.PEM_cert_to_DER_cert(self.backend.ca_file.read_text())
        for secure in (False, True):
            client = self.client(secure=secure)
            page = client.follow(
                client.get("/login"), "If your browser warns about this server"
            )
            self.assertEqual((page.status, page.path), (200, "/trust"))
            shown = re.sub(r"<[^>]*>", "", page.html)
            self.assertIn(colons(hashlib.sha256(der).hexdigest()), shown)
            self.assertIn(colons(hashlib.sha1(der).hexdigest()), shown)
            self.assertIn("iwebmsg test CA", page.text)
            self.assertIn("Compare the fingerprint first", page.text)
            for system in ("Windows", "macOS", "iOS", "Android", "Firefox", "Debian"):
                self.assertIn(system, page.text)
            file = client.follow(page, "Download the certificate")
            self.assertEqual(file.body, der)
            self.assertEqual(file.header("Content-Type"), "application/x-x509-ca-cert")
            self.assertRegex(file.header("Content-Disposition"), r"^attachment; .*\.cer")
            self.assertNotIn("PRIVATE KEY", page.html)

    def test_switch_page_leads_there(self) -> None:
        page = self.client().get("/secure")
        self.assertIn("/trust", [address for _, address in page.links])
        self.assertEqual(self.client().post("/trust").status, 405)

    def test_in_clear_under_force_ssl(self) -> None:
        self.server.sections["SSL"]["ForceSSL"] = 1
        self.assertTrue(steps.reload(self.server))
        client = self.client()
        page = client.get("/trust", follow=False)
        self.assertEqual(page.status, 200)
        self.assertIn("came to you unencrypted", page.text)
        self.assertNotIn("secure mode", page.text)
        style = re.search(r'href="(/static/app\.[^"]+css)"', page.html)
        assert style is not None
        self.assertEqual(client.get(style.group(1), follow=False).status, 200)
        self.assertEqual(client.get("/trust/ca.cer", follow=False).status, 200)
        for address in ("/", "/login", "/connection"):
            self.assertEqual(client.get(address, follow=False).status, 308, address)
        self.server.sections["SSL"]["ForceSSL"] = 0
        self.assertTrue(steps.reload(self.server))


class NoTrustPageTest(WebTest):
    def test_not_there(self) -> None:
        client = self.client()
        self.assertEqual(client.get("/trust").status, 404)
        self.assertEqual(client.get("/trust/ca.cer").status, 404)
        self.assertNotIn("/trust", client.get("/login").html)
