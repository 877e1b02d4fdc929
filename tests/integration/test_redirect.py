"""Messages sent on as they are, receipts, and answers of a person with several addresses."""

from __future__ import annotations

import threading
from email import message_from_bytes, policy

import mailbox as box
import message as m
import steps
from client import Client, Page
from mailbox import letter

ODD = (
    "From: =?utf-8?q?Zo=C3=AB?= <zoe@example.com>\r\nTo: {to}\r\nSubject: {subject}\r\n"
    "Message-ID: <odd@example.com>\r\nX-Odd:   blanks  \tkept\r\nResent-From: earlier@example.com\r\n"
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "Grüße\r\n.\r\n..\r\nFrom here\r\n trailing  \r\n"
)


class RedirectTest(box.MailTest):
    def form(self, client: Client, subject: str) -> Page:
        return client.follow(box.open_message(client, subject), "Redirect")

    def test_goes_on_untouched_and_once(self) -> None:
        user = self.person()
        subject = box.unique("Onward")
        original = ODD.format(to=f"{user}@demo.test", subject=subject).encode()
        box.put(self.backend, user, "INBOX", original)
        client = self.browser(user)
        page = self.form(client, subject)
        self.assertIn(f"{user}@demo.test", page.text)
        form = page.form(action="/redirect", field="to")
        for bad, words in (("", "to whom"), ("nobody at all", "not an address"), ("x@@y", "not an address")):
            answer = client.submit(form, to=bad)
            self.assertEqual(answer.status, 422)
            self.assertIn(words, answer.text)
        refused = client.submit(form, to="nobody-here@demo.test")
        self.assertEqual(refused.status, 422)
        self.assertIn("nobody-here@demo.test: there is no such mailbox. It said: 5.1.1", refused.text)
        self.assertEqual(refused.form(action="/redirect", field="to").find("to").value, "nobody-here@demo.test")  # type: ignore[union-attr]
        answers: list[Page] = []
        clicks = [threading.Thread(target=lambda: answers.append(client.submit(form, to="Ben <ben@demo.test>, chloe@demo.test"))) for _ in range(3)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
        self.assertEqual({(each.status, box.heading(each)) for each in answers}, {(200, "Sent")}, answers[0].text[:500])
        steps.wait_copied(self.server, answers[0])
        for whom in ("ben", "chloe"):
            self.backend.wait_message(whom, "INBOX", subject)
            got = [each for each in box.raw_messages(self.backend, whom, "INBOX") if subject.encode() in each]
            self.assertEqual(len(got), 1)
            at = got[0].index(b"Resent-Date: ")
            head = message_from_bytes(got[0][at:], policy=policy.default)
            self.assertTrue(got[0].endswith(original), got[0][-300:])
            self.assertEqual(head["Resent-From"].split("<")[-1].strip(">"), f"{user}@demo.test")
            self.assertIn("chloe@demo.test", head["Resent-To"])
            self.assertNotEqual(head["Resent-Message-ID"], "<odd@example.com>")
            self.assertEqual(str(head["Message-ID"]), "<odd@example.com>")
        copies = box.raw_messages(self.backend, user, "Sent")
        self.assertEqual(len(copies), 1)
        self.assertTrue(copies[0].endswith(original))
        self.assertIn("$Forwarded", box.flags(self.backend, user, "INBOX")[1])
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), [])

    def test_the_id_of_ones_own_draft(self) -> None:
        """A form that names a draft as its own does not cost that draft."""
        user = self.person()
        subject, mine = box.unique("Odd"), box.unique("Mine")
        box.put(self.backend, user, "INBOX", letter(subject))
        client = self.browser(user)
        form = client.get("/compose").form(action="/compose", field="body")
        saved = client.submit(form, "do=save", subject=mine, body="the words", files={"file": [("a.bin", "application/zip", b"zip")]})
        draft = saved.form(action="/compose", field="body").find("id")
        other = self.form(client, subject).form(action="/redirect", field="to")
        field = other.find("id")
        assert draft and field
        field.value = draft.value
        answer = client.submit(other, to="ben@demo.test")
        self.assertEqual(answer.status, 422)
        self.assertIn("This form belongs to another message", answer.text)
        kept = client.get(f"/compose?id={draft.value}")
        self.assertIn("the words", kept.html)
        self.assertIn("a.bin", kept.text)

    def test_line_breaks_cannot_inject(self) -> None:
        user = self.person()
        subject = box.unique("Inject")
        box.put(self.backend, user, "INBOX", letter(subject))
        client = self.browser(user)
        form = self.form(client, subject).form(action="/redirect", field="to")
        answer = client.submit(form, to="ben@demo.test\r\nBcc: chloe@demo.test")
        if answer.status == 200:
            self.backend.wait_message("ben", "INBOX", subject)
        self.assertNotIn(subject, "".join(box.subjects(self.backend, "chloe", "INBOX")))
        pairs = [(name, value) for name, value in form.values() if name != "csrf"]
        self.assertEqual(client.post("/redirect", pairs).status, 403)
        foreign = self.browser(self.person())
        self.assertEqual(foreign.get(f"/redirect?folder=INBOX&uid=1").status, 404)


class ReceiptTest(box.MailTest):
    ASK = [("Disposition-Notification-To", "Ben <ben@demo.test>")]

    def test_only_when_asked_for_and_once(self) -> None:
        user = self.person()
        subject = box.unique("Receipt")
        box.put(self.backend, user, "INBOX", letter(subject, sender="ben@demo.test", to=f"{user}@demo.test", extra=self.ASK))
        client = self.browser(user)
        page = box.open_message(client, subject)
        self.assertIn("asks for a receipt", page.text)
        self.assertEqual(steps.events(self.server, "sent"), [])
        form = page.form(action="/receipt")
        answer = client.submit(form, "do=send")
        self.assertIn("The receipt was sent.", answer.text)
        self.assertNotIn("asks for a receipt", answer.text)
        again = client.submit(form, "do=send")
        self.assertIn("answered before", again.text)
        self.assertIn("$MDNSent", box.flags(self.backend, user, "INBOX")[1])
        raw = self.backend.wait_message("ben", "INBOX", f"Read: {subject}")
        got = message_from_bytes(raw, policy=policy.default)
        self.assertEqual(got.get_content_type(), "multipart/report")
        self.assertEqual(got["Content-Type"].params["report-type"], "disposition-notification")
        self.assertEqual(str(got["Return-Path"]), "<>")
        kinds = [part.get_content_type() for part in got.iter_parts()]
        self.assertEqual(kinds, ["text/plain", "message/disposition-notification"])
        report = raw[raw.index(b"Reporting-UA") :].decode()
        self.assertIn(f"Final-Recipient: rfc822; {user}@demo.test", report)
        self.assertIn("manual-action/MDN-sent-manually; displayed", report)
        self.assertIn(str(got["In-Reply-To"]), report)
        self.assertEqual(sum(f"Read: {subject}" in each for each in box.subjects(self.backend, "ben", "INBOX")), 1)
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])

    def test_declined_and_not_offered(self) -> None:
        user = self.person()
        plain, several, declined = box.unique("Plain"), box.unique("Several"), box.unique("No")
        two = [("Disposition-Notification-To", "ben@demo.test, chloe@demo.test")]
        other = [("Disposition-Notification-To", "chloe@demo.test")]
        box.put(
            self.backend,
            user,
            "INBOX",
            letter(plain),
            letter(several, extra=two),
            letter(declined, sender="ben@demo.test", extra=other),
        )
        client = self.browser(user)
        for subject in (plain, several):
            self.assertNotIn("asks for a receipt", box.open_message(client, subject).text)
        page = box.open_message(client, declined)
        self.assertIn("to be sent to chloe@demo.test", page.text)
        answer = client.submit(page.form(action="/receipt"), "do=decline")
        self.assertIn("No receipt is sent", answer.text)
        self.assertNotIn("asks for a receipt", box.open_message(client, declined).text)
        self.assertNotIn(f"Read: {declined}", "".join(box.subjects(self.backend, "chloe", "INBOX")))


class AnswerTest(box.MailTest):
    def test_tags_and_places(self) -> None:
        user = self.person()
        data = letter(to=f"{user}+shop@demo.test", extra=[("Cc", f"{user}@demo.test, chloe@demo.test")])
        box.put(self.backend, user, "INBOX", data)
        client = self.browser(user)
        settings = client.get("/settings")
        client.submit(settings.form(field="signature"), signature="Greetings", signature_last="1")
        page = client.get("/compose?folder=INBOX&uid=1&reply=all")
        form = page.form(action="/compose", field="body")
        values = dict(form.values())
        self.assertNotIn(user, str(values["to"]) + str(values["cc"]))
        self.assertEqual(values["cc"], "chloe@demo.test")
        self.assertIn(f"{user}+shop@demo.test", page.html)
        body = str(values["body"]).replace("\r\n", "\n")
        self.assertRegex(body, r"(?s)wrote:\n> Hello\..*\n-- \nGreetings$")
        part = m.html('<p>Dear <b>Anna</b></p><script>x()</script><img src="https://example.com/t.gif">')
        box.put(self.backend, user, "INBOX", letter("formatted", part, to=f"{user}@demo.test"))
        page = client.get("/compose?folder=INBOX&uid=2&reply=one&format=html")
        quoted = str(dict(page.form(action="/compose", field="body").values())["html"])
        self.assertRegex(quoted, r"(?s)<blockquote>.*<p>Dear <b>Anna</b></p>.*</blockquote>.*-- <br")
        self.assertNotRegex(quoted, r"script|example\.com/t\.gif")
        edited = client.get("/compose?folder=INBOX&uid=1&edit=1")
        self.assertEqual(dict(edited.form(action="/compose", field="body").values())["to"], f"{user}+shop@demo.test")
