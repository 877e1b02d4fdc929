"""The same uses of a mailbox on Cyrus IMAP."""

from __future__ import annotations

import unittest
from typing import ClassVar

import cyrus
import harness
import mailbox as box
import server as web
from test_extensions import UseTest


class CyrusTest(UseTest):
    server_of_mail: ClassVar[cyrus.Cyrus]
    # It has them only with JMAP, which keeps them.
    lacks_previews = True

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        # Submission stays with Postfix, which knows the same person.
        cls.who = box.new_user(cls.backend)
        made = cyrus.Cyrus(harness.new_folder("cyrus"), [cls.who])
        try:
            made.start()
        except cyrus.Unavailable as reason:
            raise unittest.SkipTest(f"Cyrus IMAP: {reason}") from reason
        cls.addClassCleanup(made.stop)
        sections["Mail"].update(ImapPort=made.ports["imap"], ImapSecurity="none", WatchPoll="1s")
        made.ca_file = cls.backend.ca_file
        cls.backend = made

    def person(self) -> str:
        return self.who

    def test_main_paths(self) -> None:
        user = self.furnished()
        self.use(user, self.browser(user))
