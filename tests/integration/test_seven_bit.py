"""A server for outgoing mail without 8BITMIME: right at the first try."""

from __future__ import annotations

from typing import ClassVar

import mailbox as box
import message as m
import server as web
from mailbox import letter
from mockmail import SmtpMock
from test_writing import WriteTest, form_of, parsed

TEXT = "Grüße, 日本語\r\n.\r\n trailing  \r\n"


def eight_bit() -> m.Part:
    """Text as it is, and a file that is encoded already."""
    text = m.Part("text/plain; charset=utf-8", TEXT.encode(), [("Content-Transfer-Encoding", "8bit")])
    return m.multi("mixed", [text, m.attachment("a.bin", "application/zip", bytes(range(256)))], "b")


class SevenBitTest(WriteTest):
    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.mock.extensions = ["PIPELINING", "SIZE 104857600"]
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpPort=cls.mock.port, SmtpSecurity="none")

    def setUp(self) -> None:
        # It has never spoken to that server yet.
        self.server.stop()
        self.server.start()
        self.mock.messages.clear()
        self.mock.lines.clear()

    def delivered(self) -> bytes:
        [data] = self.mock.messages
        self.assertTrue(data.isascii(), data)
        self.assertNotIn(b"BODY=", b"".join(self.mock.lines))
        return data

    def test_redirected(self) -> None:
        user = self.person()
        subject = box.unique("Eight")
        box.put(self.backend, user, "INBOX", letter(subject, eight_bit()))
        client = self.browser(user)
        page = client.follow(box.open_message(client, subject), "Redirect")
        self.sent(client.submit(page.form(action="/redirect", field="to"), to="ben@demo.test"))
        got = parsed(self.delivered())
        text, file = got.iter_parts()
        self.assertEqual(text["Content-Transfer-Encoding"], "quoted-printable")
        self.assertEqual(text.get_content().replace("\r\n", "\n"), TEXT.replace("\r\n", "\n"))
        self.assertEqual(file.get_payload(decode=True), bytes(range(256)))
        self.assertEqual(str(got["Subject"]), subject)

    def test_signed_is_not_changed(self) -> None:
        user = self.person()
        subject = box.unique("Signed")
        box.put(self.backend, user, "INBOX", letter(subject, m.multi("signed", [eight_bit()], "s")))
        client = self.browser(user)
        page = client.follow(box.open_message(client, subject), "Redirect")
        answer = client.submit(page.form(action="/redirect", field="to"), to="ben@demo.test")
        self.assertEqual(answer.status, 422)
        self.assertIn("it is signed", answer.text)
        self.assertIn("Forward the message as an attachment", answer.text)
        self.assertEqual(self.mock.messages, [])

    def test_forwarded_as_an_attachment(self) -> None:
        user = self.person()
        subject = box.unique("Eight")
        original = letter(subject, eight_bit())
        box.put(self.backend, user, "INBOX", original)
        client = self.browser(user)
        page = client.follow(box.open_message(client, subject), "Forward as an attachment")
        self.sent(client.submit(form_of(page), "do=send", to="ben@demo.test"))
        [file] = parsed(self.delivered()).iter_attachments()
        self.assertEqual(file.get_content_type(), "application/octet-stream")
        self.assertTrue(str(file.get_filename()).endswith(".eml"))
        self.assertEqual(file.get_payload(decode=True), original)
