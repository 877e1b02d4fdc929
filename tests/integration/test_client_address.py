"""SendClientAddress: the mail server learns who is behind a login."""

from __future__ import annotations

from typing import ClassVar

import harness
import mailbox as box
import proc
import server as web

BROWSER = "192.0.2.77"


class TrustingImap(box.OtherImap):
    """A Dovecot that believes us: login_trusted_networks."""

    def _write_files(self) -> None:
        super()._write_files()
        conf = self.folder / "dovecot" / "dovecot.conf"
        conf.write_text(f"{conf.read_text()}login_trusted_networks = 127.0.0.0/8\n")


class ClientAddressTest(harness.WebTest):
    other: ClassVar[box.OtherImap]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.other = TrustingImap("IMAP4rev1 ID", ["eva"]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Server"]["TrustedProxies"] = "127.0.0.1"
        here = {"ImapPort": cls.other.ports["imap"], "ImapSecurity": "none"}
        sections["Host told.test"] = {**here, "SendClientAddress": "1"}
        sections["Host untold.test"] = here

    def logins(self) -> list[str]:
        text = self.other.dovecot_log.read_text()
        return [line for line in text.splitlines() if "Login: user=<eva>" in line]

    def log_in(self, host: str) -> list[str]:
        """What Dovecot writes of the login of a browser behind a proxy."""
        before = len(self.logins())
        client = self.client(host=host)
        client.headers["X-Forwarded-For"] = BROWSER
        client.headers["X-Forwarded-Proto"] = "http"
        done = client.login("eva", self.other.passwords["eva"])
        self.assertEqual(done.status, 200, done.text[:400])
        proc.wait_until(lambda: len(self.logins()) > before, "the login in Dovecot's log", 20)
        return self.logins()[before:]

    def test_told_where_it_is_wanted(self) -> None:
        for line in self.log_in("untold.test"):
            self.assertIn("rip=127.0.0.1", line)
        for line in self.log_in("told.test"):
            self.assertIn(f"rip={BROWSER}", line)
