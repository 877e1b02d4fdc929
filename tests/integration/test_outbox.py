"""The outbox: taken back, sent later, tried again, come back, perhaps sent."""

from __future__ import annotations

import datetime
import os
import re
import subprocess
import time
from pathlib import Path
from typing import ClassVar

import harness
import mailbox as box
import proc
import server as web
import steps
from client import Client, Page
from mockmail import CUT, HANG, SmtpMock
from test_writing import WriteTest, form_of, parsed, value

LONG_AGO = 1000


def local(seconds: float) -> str:
    """A moment from now as the field has it, in the server's zone."""
    then = datetime.datetime.fromtimestamp(time.time() + seconds)
    return then.strftime("%Y-%m-%dT%H:%M")


def banner(page: Page) -> str:
    found = re.search(r"\d+ messages? (?:was|were) not sent", page.text)
    return found.group(0) if found else ""


class OutboxSteps(WriteTest):
    """Against a submission server of our own, with the real IMAP server."""

    mock: ClassVar[SmtpMock]
    mock_kind: ClassVar[type[SmtpMock]] = SmtpMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = cls.mock_kind()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpPort=cls.mock.port, SmtpSecurity="none", SmtpWait="4s", ConnectWait="4s")
        real = {"SmtpPort": harness.backend().ports["submissions"], "SmtpSecurity": "tls"}
        sections["Host real.test"] = real

    def setUp(self) -> None:
        self.mock.faults.clear()
        self.mock.messages.clear()
        self.mock.steps.clear()

    def undo_s(self, client: Client, seconds: int) -> None:
        form = client.get("/settings").form(field="undo_send")
        client.submit(form, undo_send=str(seconds))

    def waiting(self, user: str = "", seconds: int = 60, **fields: str) -> tuple[str, Client, Page]:
        """A message that waits to be taken back."""
        user = user or self.person()
        client = self.browser(user)
        self.undo_s(client, seconds)
        fields = {"to": "ben@demo.test", "subject": "waiting", "body": "the words", **fields}
        page = client.submit(
            form_of(client.get("/compose")), "do=send", files={"file": [("a.bin", "application/zip", b"\0\1zip")]}, **fields
        )
        return user, client, page

    def due_now(self, compose: str) -> None:
        """Its time comes; another message wakes the post office."""
        # Whether it is SENDING by now or waits: only its time changes.
        steps.database(self.server, "UPDATE outbox SET due_ms = ? WHERE id = ?", LONG_AGO, compose)
        user = self.person()
        client = self.browser(user)
        self.undo_s(client, 60)
        self.send(client, self.write(client, to="x@demo.test", subject="wake", body="x"))

    def wait_sent(self, client: Client, compose: str) -> Page:
        def done() -> bool:
            return box.heading(client.get(f"/sent?id={compose}")) == "Sent"

        proc.wait_until(done, "the message to be sent", 30, self.server.process)
        page = client.get(f"/sent?id={compose}")
        steps.wait_copied(self.server, page)
        return page

    def row(self, compose: str) -> tuple:
        found = steps.database(self.server, "SELECT state, result FROM compose WHERE id = ?", compose)
        return found[0] if found else ()

    def wait_state(self, compose: str, state: int) -> None:
        proc.wait_until(lambda: self.row(compose)[0] == state, f"state {state}", 30, self.server.process)

    def wait_copy(self, user: str, *subjects: str) -> None:
        """Copies in Sent are made after the message is out."""
        proc.wait_until(lambda: box.subjects(self.backend, user, "Sent") == list(subjects), "the copy", 30)

    def spooled(self) -> list[str]:
        """Files of the spool that no row has."""
        state = str(self.server.sections["Server"]["StateDir"])
        rows = {each[0] for each in steps.database(self.server, "SELECT file FROM outbox")}
        return [each.name for each in Path(state, "spool").glob("*.eml") if each.name not in rows]


class OutboxTest(OutboxSteps):
    def test_taken_back_as_it_was(self) -> None:
        user, client, page = self.waiting()
        self.assertRegex(box.heading(page), r"Going out in (5\d|60) seconds")
        self.assertRegex(page.header("Refresh"), r"^[56]\d$")
        compose = page.url.split("id=")[1]
        self.assertEqual(client.get(f"/compose?id={compose}").url, page.url)
        back = client.press(page, "Undo")
        self.assertIn("/compose", back.url)
        self.assertEqual((value(back, "body"), value(back, "to"), value(back, "subject")), ("the words", "ben@demo.test", "waiting"))
        self.assertIn("a.bin", back.text)
        self.assertEqual(steps.database(self.server, "SELECT * FROM outbox WHERE id = ?", compose), [])
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), ["waiting"])
        # Undo twice, from a page of before: nothing more happens.
        again = client.press(page, "Undo")
        self.assertIn("/compose", again.url)
        self.undo_s(client, 0)
        self.sent(self.send(client, back))
        self.assertEqual(len(self.mock.messages), 1)
        files = [part.get_filename() for part in parsed(self.mock.messages[0]).iter_attachments()]
        self.assertEqual(files, ["a.bin"])
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), [])
        self.assertEqual(box.subjects(self.backend, user, "Sent"), ["waiting"])

    def test_goes_out_after_logging_off(self) -> None:
        user, client, page = self.waiting(seconds=1, bcc="chloe@demo.test")
        client.submit(page.form(action="/logoff"))
        proc.wait_until(lambda: len(self.mock.messages) == 1, "the message", 20, self.server.process)
        self.assertNotIn(b"chloe", self.mock.messages[0])
        self.wait_copy(user, "waiting")
        copy = parsed(box.raw_messages(self.backend, user, "Sent")[0])
        self.assertEqual(str(copy["Bcc"]), "chloe@demo.test")
        proc.wait_until(lambda: not self.spooled(), "an empty spool", 20)

    def test_two_tabs_and_double_clicks_send_one(self) -> None:
        _, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        form = self.page_of(client, compose)
        for _ in range(2):
            answer = client.submit(form, "do=send")
            self.assertIn("Going out", box.heading(answer))
        later = client.press(client.get("/outbox"), "Send now")
        self.assertIn("/sent", later.url)
        self.wait_sent(client, compose)
        self.sent(client.submit(form, "do=send"))
        late = client.press(page, "Undo")
        self.assertIn("too late", late.text)
        self.assertEqual(len(self.mock.messages), 1)

    def page_of(self, client: Client, compose: str):  # type: ignore[no-untyped-def]
        """The compose form as a tab has it that was left open."""
        other = form_of(client.get("/compose"))
        for name, content in (("id", compose), ("to", "ben@demo.test"), ("body", "other words")):
            field = other.find(name)
            assert field
            field.value = content
        return other

    def test_send_later(self) -> None:
        user, client, _ = self.person(), None, None
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test", subject="later", body="x")
        for bad, word in ((local(-3600), "past"), ("2026-13-01T10:00", "not a date"), (local(400 * 86400), "a year")):
            answer = self.send(client, page, send_at=bad)
            self.assertEqual(answer.status, 422)
            self.assertIn(word, answer.text)
            self.assertIn('id="send-at-error"', answer.html)
            page = answer
        then = local(7200)
        answer = self.send(client, page, send_at=then)
        self.assertEqual(box.heading(answer), "Waiting in the Outbox")
        compose = answer.url.split("id=")[1]
        self.assertIn("Outbox 1", client.get(box.list_url()).text)
        outbox = client.get("/outbox")
        self.assertIn("later", outbox.text)
        self.assertIn("ben@demo.test", outbox.text)
        refused = client.press(outbox, "Change the time", send_at=local(-3600))
        self.assertEqual((refused.status, "past" in refused.text), (422, True))
        moved = client.press(outbox, "Change the time", send_at=local(10 * 86400))
        due = steps.database(self.server, "SELECT due_ms FROM outbox WHERE id = ?", compose)[0][0]
        self.assertAlmostEqual(due / 1000, time.time() + 10 * 86400, delta=120)
        back = client.press(moved, "Take back and edit")
        self.assertEqual((value(back, "subject"), value(back, "send_at")), ("later", then))
        answer = self.send(client, back)
        self.server.stop()
        self.server.start()
        self.assertEqual(self.mock.messages, [])
        self.due_now(compose)
        self.wait_sent(client, compose)
        self.assertEqual(len(self.mock.messages), 1)
        self.wait_copy(user, "later")

    def test_tried_again_while_the_server_is_away(self) -> None:
        self.mock.faults["RCPT"] = b"450 4.2.0 greylisted, come back\r\n"
        user, client, page = self.waiting(seconds=1)
        compose = page.url.split("id=")[1]
        proc.wait_until(lambda: "greylisted" in str(self.row(compose)), "a first try", 20)
        shown = client.get(page.url)
        self.assertEqual(box.heading(shown), "Not sent yet")
        self.assertIn("greylisted", shown.text)
        self.assertIn("It is tried again by itself, next on", client.get("/outbox").text)
        self.assertEqual(self.mock.messages, [])
        self.mock.faults.clear()
        self.due_now(compose)
        self.wait_sent(client, compose)
        self.assertEqual(len(self.mock.messages), 1)
        self.wait_copy(user, "waiting")

    def test_gives_up_after_a_day(self) -> None:
        self.mock.faults["greeting"] = b"421 4.3.2 not now\r\n"
        user, client, page = self.waiting(seconds=1)
        compose = page.url.split("id=")[1]
        proc.wait_until(lambda: bool(self.row(compose)[1]), "a first try", 20)
        steps.database(self.server, "UPDATE outbox SET tries = 40 WHERE id = ?", compose)
        self.due_now(compose)
        self.wait_state(compose, 0)
        shown = client.get(box.list_url())
        self.assertEqual(banner(shown), "1 message was not sent")
        outbox = client.follow(shown, "See what happened")
        self.assertIn("It could not be sent within 24 hours", outbox.text)
        self.assertEqual(banner(client.get(box.list_url())), "")
        self.mock.faults.clear()
        back = client.follow(outbox, "waiting")
        self.assertIn("This message was not sent", back.text)
        self.assertIn("a.bin", back.text)
        proc.wait_until(lambda: box.subjects(self.backend, user, "Drafts") == ["waiting"], "the draft", 20)
        self.undo_s(client, 0)
        self.sent(self.send(client, back))
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), [])
        self.assertNotIn("Outbox", client.get(box.list_url()).text)

    def test_others_get_it_when_one_is_refused(self) -> None:
        user = self.person()
        client = self.browser(user)
        people = "ben@demo.test, Nobody <nobody-here@demo.test>, chloe@demo.test"
        self.mock.refuse = b"nobody-here"
        self.addCleanup(setattr, self.mock, "refuse", b"")
        page = self.send(client, self.write(client, to=people, subject="others", body="x"))
        self.assertEqual(page.status, 422)
        self.assertIn("1 of 3 recipients was refused, so nobody got it: nobody-here@demo.test", box.note(page))
        self.assertEqual(self.mock.messages, [])
        self.undo_s(client, 1)
        answer = client.submit(form_of(page), "do=send-others")
        compose = answer.url.split("id=")[1]
        self.assertIn("Going out", box.heading(answer))
        self.wait_sent(client, compose)
        got = parsed(self.mock.messages[0])
        self.assertEqual(str(got["To"]), "ben@demo.test, chloe@demo.test")
        # The same when it comes back by itself.
        page = self.send(client, self.write(client, to=people, subject="others too", body="x"))
        compose = page.url.split("id=")[1]
        self.wait_state(compose, 0)
        back = client.get(f"/compose?id={compose}")
        self.assertIn("1 of 3 recipients", back.text)
        answer = client.submit(form_of(back), "do=send-others")
        self.wait_sent(client, compose)
        self.assertEqual(len(self.mock.messages), 2)

    def test_it_speaks_as_its_writer(self) -> None:
        """What the office notes at night, with its figures, is in the language of who pressed Send."""
        self.mock.refuse = b"nobody-here"
        self.addCleanup(setattr, self.mock, "refuse", b"")
        people = "ben@demo.test, Nobody <nobody-here@demo.test>, chloe@demo.test"
        # English last: no thread goes on in German.
        for language, refused, hours in (
            ("de", "1 von 3 Empfängern wurde abgelehnt", "innerhalb von 24 Stunden"),
            ("en", "1 of 3 recipients was refused", "within 24 hours"),
        ):
            with self.subTest(language):
                self.mock.faults.clear()
                client = self.browser(self.person())
                self.undo_s(client, 1)
                client.headers["Accept-Language"] = language
                page = self.send(client, self.write(client, to=people, subject="figures", body="x"))
                compose = page.url.split("id=")[1]
                self.wait_state(compose, 0)
                self.assertIn(refused, client.get("/outbox").text)
                self.assertIn(refused, client.get(f"/compose?id={compose}").text)
                self.mock.faults["greeting"] = b"421 4.3.2 not now\r\n"
                page = self.send(client, self.write(client, to="ben@demo.test", subject="a day", body="x"))
                compose = page.url.split("id=")[1]
                proc.wait_until(lambda compose=compose: bool(self.row(compose)[1]), "a first try", 20)
                steps.database(self.server, "UPDATE outbox SET tries = 40 WHERE id = ?", compose)
                self.due_now(compose)
                self.wait_state(compose, 0)
                self.assertIn(hours, client.get("/outbox").text)

    def test_a_changed_password_stops_it(self) -> None:
        self.mock.faults["AUTH"] = b"535 5.7.8 no\r\n"
        _, client, page = self.waiting(seconds=1)
        compose = page.url.split("id=")[1]
        self.wait_state(compose, 0)
        self.assertIn("log in here again, and press Send again", client.get(f"/compose?id={compose}").text)
        self.assertEqual(self.mock.messages, [])

    def test_perhaps_sent(self) -> None:
        for button, left in (("It arrived: copy it to Sent", ["waiting"]), ("It did not arrive: write it again", [])):
            with self.subTest(button):
                self.setUp()
                self.mock.faults["dot"] = CUT
                user, client, page = self.waiting(seconds=1)
                compose = page.url.split("id=")[1]
                self.wait_state(compose, 3)
                proc.wait_until(lambda: bool(self.row(compose)[1]), "its words", 20)
                self.assertEqual(banner(client.get(box.list_url())), "1 message was not sent")
                self.mock.faults.clear()
                outbox = client.get("/outbox")
                self.assertIn("Perhaps sent", outbox.text)
                sealed = steps.database(self.server, "SELECT sealed FROM outbox WHERE id = ?", compose)
                self.assertFalse(sealed[0][0])
                self.due_now(compose)
                saved = client.follow(outbox, "Save the message as a file")
                self.assertIn(b"Subject: waiting", saved.body)
                answer = client.press(outbox, button)
                self.assertEqual(box.subjects(self.backend, user, "Sent"), left)
                if not left:
                    self.assertEqual(value(answer, "body"), "the words")
                self.assertEqual(len(self.mock.messages), 1)

    def test_nothing_is_attached_to_what_is_on_its_way(self) -> None:
        """Not while it waits, and not when it is sent; what waits stays as it is."""
        _, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        token = client.get("/settings").form(field="csrf").find("csrf")
        assert token
        fields = [("csrf", token.value), ("id", compose), ("do", "upload"), ("file", ("late.bin", "application/zip", b"late"))]
        for _ in range(2):
            answer = client.post("/compose", fields, multipart=True)
            self.assertEqual(answer.status, 422)
            self.assertIn("being sent or was sent already", answer.text)
            self.assertNotIn("late.bin", answer.text)
            if not self.mock.messages:
                client.press(client.get("/outbox"), "Send now")
                self.wait_sent(client, compose)
        self.assertNotIn(b"late.bin", self.mock.messages[0])

    def test_nobody_else_sees_it(self) -> None:
        _, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        other = self.browser(self.person())
        self.assertNotIn("waiting", other.get("/outbox").text)
        self.assertEqual(other.get(f"/sent?id={compose}").status, 404)
        self.assertEqual(other.get(f"/outbox/message?id={compose}").status, 404)
        token = other.get("/settings").form(field="csrf").find("csrf")
        assert token
        for verb in ("undo", "edit", "now", "date", "copy", "arrived", "forget"):
            for where in ("/sent", "/outbox"):
                other.post(where, {"csrf": token.value, "id": compose, "do": verb})
        self.assertEqual(self.row(compose)[0], 4)
        self.assertEqual(self.mock.messages, [])

    def test_one_hanging_server_does_not_stop_the_others(self) -> None:
        self.mock.faults["RCPT"] = HANG
        stuck = [self.waiting(seconds=1)[1:] for _ in range(6)]
        # Real Postfix under another name of this server.
        user = self.person()
        client = self.client(host="real.test")
        client.login(user, self.backend.passwords[user])
        self.undo_s(client, 1)
        subject = box.unique("real")
        self.send(client, self.write(client, to="ben@demo.test", subject=subject, body="x"))
        self.backend.wait_message("ben", "INBOX", subject)
        self.assertEqual(self.mock.messages, [])
        self.mock.drop()
        for browser, page in stuck:
            self.wait_state(page.url.split("id=")[1], 4)
            self.assertIn("/compose", browser.press(browser.get("/outbox"), "Take back and edit").url)


class LimitTest(WriteTest):
    """What one account may, against hijacked ones."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Writing"].update(MaxRecipientsPerHour=4, MaxWaitingPerUser="1M", ServerKeepsSent=1)

    def test_recipients_and_space(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test, anna@demo.test, chloe@demo.test", subject="three", body="x")
        self.sent(self.send(client, page))
        # The server keeps copies itself, and this one does not.
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])
        page = self.write(client, to="ben@demo.test, anna@demo.test", subject="two", body="the words")
        answer = self.send(client, page)
        self.assertEqual(answer.status, 413)
        self.assertIn("You may write to 4 recipients within an hour: you wrote to 3, and this message has 2", answer.text)
        self.assertEqual(value(answer, "body"), "the words")
        form = client.get("/settings").form(field="undo_send")
        client.submit(form, undo_send="60", server_keeps_sent=False)
        big = {"file": [("big.bin", "application/zip", b"\0" * 1_200_000)]}
        answer = client.submit(form_of(answer), "do=send", to="ben@demo.test", files=big)
        self.assertEqual(answer.status, 413)
        self.assertIn("There is no room in your outbox", answer.text)
        self.assertEqual(value(answer, "body"), "the words")
        self.assertIn("big.bin", answer.text)


class StopTest(WriteTest):
    """The server stops, or is reloaded, while messages are on their way."""

    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpPort=cls.mock.port, SmtpSecurity="none", SmtpWait="30s")
        sections["Writing"]["UndoSend"] = "1s"

    def test_a_second_server_by_mistake(self) -> None:
        """It fails at the ports, and does not send what the first one is sending."""
        self.mock.messages.clear()
        self.mock.steps.clear()
        self.mock.faults["RCPT"] = HANG
        client = self.browser(self.person())
        page = self.send(client, self.write(client, to="ben@demo.test", subject="one", body="x"))
        compose = page.url.split("id=")[1]
        proc.wait_until(lambda: "RCPT" in self.mock.steps, "SMTP", 20, self.server.process)
        self.mock.faults.clear()
        command = [str(web.program()), "--config", str(self.server.ini)]
        # Not as root: then a parent would ask for the ports first anyway.
        if os.geteuid() == 0:
            owner = os.stat(self.server.database).st_uid
            reads = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
            command = ["setpriv", f"--reuid={owner}", "--clear-groups", *reads, *command]
        second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(second.returncode, 1)
        self.assertIn(str(self.server.plain_port), second.stderr)
        [(state, busy)] = steps.database(
            self.server, "SELECT state, busy FROM compose JOIN outbox ON compose.id = outbox.id WHERE compose.id = ?", compose
        )
        self.assertEqual(state, 1)
        self.assertGreater(busy, 0)
        self.mock.drop()

    def test_stop_before_and_after_the_dot(self) -> None:
        for step, heading in (("RCPT", "Sent"), ("dot", "Perhaps sent")):
            with self.subTest(step):
                self.mock.messages.clear()
                self.mock.steps.clear()
                self.mock.faults[step] = HANG
                client = self.browser(self.person())
                page = self.send(client, self.write(client, to="ben@demo.test", subject="stop", body="x"))
                proc.wait_until(lambda: step in self.mock.steps, f"SMTP at {step}", 20, self.server.process)
                self.assertTrue(steps.reload(self.server))
                if step == "dot":
                    self.mock.drop()
                self.server.stop()
                self.mock.faults.clear()
                self.server.start()
                proc.wait_until(lambda: box.heading(client.get(page.url)) == heading, heading, 20)
                self.assertEqual(len(self.mock.messages), 1)
