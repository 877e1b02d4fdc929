"""100 MB on the wire, from the upload to the download, in little memory."""

from __future__ import annotations

import base64
import re
import unittest

import harness
import mailbox as box
import proc
import server as web
from test_writing import WriteTest, form_of, parsed

# Grows by 37 % in base64.
FILE_BYTES = 72 << 20
LEAST_ON_WIRE = 100 * 10**6
MEMORY_MB = 16


@unittest.skipUnless(box.memory_is_measured(), "sanitizers keep freed memory, and take minutes")
class LargeTest(WriteTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["MaxMessageSize"] = "200M"

    def tearDown(self) -> None:
        self.backend.clear(harness.LARGE_USER)

    def stored(self, folder: str) -> tuple[bytes, bytes]:
        """Head and decoded file of the only message in a folder."""
        with self.imap(harness.LARGE_USER) as conn:
            self.assertEqual(conn.select(folder, readonly=True)[1], [b"1"])
            found = conn.fetch("1", "(RFC822.SIZE BODY.PEEK[HEADER] BODY.PEEK[2])")[1]
        parts = [each for each in found if isinstance(each, tuple)]
        size = re.search(rb"RFC822.SIZE (\d+)", b"".join(each[0] for each in parts))
        assert size
        self.assertGreater(int(size.group(1)), LEAST_ON_WIRE)
        return parts[0][1], base64.b64decode(parts[1][1])

    def test_100_mb_up_out_and_down(self) -> None:
        client = self.browser(harness.LARGE_USER)
        subject = box.unique("Large")
        page = self.write(client, to=f"{harness.LARGE_USER}@demo.test", subject=subject, body="the words")
        data = bytes(range(256)) * (FILE_BYTES >> 8)
        memory = box.Memory(self.server)
        page = client.submit(form_of(page), "do=attach", files={"file": [("l.bin", "application/zip", data)]})
        self.assertIn("l.bin", page.text)
        uploaded = memory.rise()
        self.sent(self.send(client, page))
        sent = memory.rise()
        proc.wait_until(lambda: self.backend.count(harness.LARGE_USER, "INBOX") == 1, "the message", 60)
        for folder in ("INBOX", "Sent"):
            head, got = self.stored(folder)
            self.assertEqual(str(parsed(head)["Subject"]), subject)
            self.assertTrue(got == data, folder)
        self.assertEqual(box.subjects(self.backend, harness.LARGE_USER, "Drafts"), [])
        message = box.open_message(client, subject)
        got = client.follow(message, "l.bin").body
        self.assertTrue(got == data)
        down = memory.rise()
        self.assertLess(max(uploaded, sent, down), MEMORY_MB, (uploaded, sent, down))
