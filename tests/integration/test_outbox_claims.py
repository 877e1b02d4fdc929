"""Whose a message on its way is: claims that end, other nodes, edits, copies."""

from __future__ import annotations

import threading
import time
from typing import ClassVar

import mailbox as box
import proc
import server as web
import steps
from client import Client
from mockmail import ImapMock, SmtpMock
from test_outbox import OutboxSteps, banner
from test_writing import MOCK, form_of, parsed, text_of, value

OVER = 1  # a claim of long ago
HELD_S = 3600


class Gate:
    """Stops whoever comes to a step first."""

    def __init__(self) -> None:
        self.reached = threading.Event()
        self.open = threading.Event()


class GatedMock(SmtpMock):
    """gates: the first connection at a step waits until its gate is opened."""

    def __init__(self) -> None:
        self.gates: dict[str, Gate] = {}
        super().__init__()

    def gate(self, step: str) -> Gate:
        self.gates[step] = Gate()
        return self.gates[step]

    def answer(self, conn, step, answer, tag=b"*"):  # type: ignore[no-untyped-def]
        gate = self.gates.pop(step, None)
        if gate is not None:
            gate.reached.set()
            gate.open.wait(60)
        return super().answer(conn, step, answer, tag)


class ClaimTest(OutboxSteps):
    """The claim of a row ends after a time, whatever became of its holder."""

    mock: ClassVar[GatedMock]
    mock_kind = GatedMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        # Longer than a test holds a gate.
        sections["Mail"]["SmtpWait"] = "60s"

    def busy(self, compose: str) -> int:
        [(busy,)] = steps.database(self.server, "SELECT busy FROM outbox WHERE id = ?", compose)
        return int(busy)

    def set_claim(self, compose: str, state: int, busy: int) -> None:
        steps.database(self.server, "UPDATE compose SET state = ? WHERE id = ?", state, compose)
        steps.database(self.server, "UPDATE outbox SET busy = ? WHERE id = ?", busy, compose)

    def test_taken_up_again_when_it_is_over(self) -> None:
        """Noting how it ended failed: the row stays as its worker had it."""
        user, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        self.set_claim(compose, 1, int(time.time()) + HELD_S)
        self.due_now(compose)
        other = self.waiting(seconds=1, subject="other")[2].url.split("id=")[1]
        self.wait_state(other, 2)
        self.assertEqual([str(parsed(each)["Subject"]) for each in self.mock.messages], ["other"])
        self.assertIn("Sending", box.heading(client.get(page.url)))
        # Nor does its writer get it, who cannot know whether it is going out.
        token = client.get("/outbox").form(field="csrf").find("csrf")
        assert token
        for verb in ("edit", "now", "undo"):
            client.post("/outbox", {"csrf": token.value, "id": compose, "do": verb})
        self.assertEqual(self.row(compose)[0], 1)
        self.set_claim(compose, 1, OVER)
        self.due_now(compose)
        self.wait_sent(client, compose)
        subjects = [str(parsed(each)["Subject"]) for each in self.mock.messages]
        self.assertEqual(sorted(subjects), ["other", "waiting"])
        self.wait_copy(user, "waiting")

    def test_who_lost_it_sends_nothing(self) -> None:
        """Two work on one message after all: one comes to the dot."""
        gate = self.mock.gate("DATA")
        _, client, page = self.waiting(seconds=1)
        compose = page.url.split("id=")[1]
        self.assertTrue(gate.reached.wait(30))
        self.assertGreater(self.busy(compose), time.time() + 60)
        self.set_claim(compose, 1, OVER)
        self.due_now(compose)
        self.wait_sent(client, compose)
        self.assertEqual(len(self.mock.messages), 1)
        gate.open.set()
        steps.wait_event(self.server, "outbox.lost")
        self.assertEqual(len(self.mock.messages), 1)
        self.assertEqual(self.row(compose)[0], 2)

    def test_never_again_once_at_the_dot(self) -> None:
        user, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        self.set_claim(compose, 3, OVER)
        self.due_now(compose)
        other = self.waiting(seconds=1, subject="other")[2].url.split("id=")[1]
        self.wait_state(other, 2)
        self.assertEqual(box.heading(client.get(page.url)), "Perhaps sent")
        self.assertEqual(len(self.mock.messages), 1)
        # Now that nobody is at it, its writer decides.
        back = client.press(client.get("/outbox"), "It did not arrive: write it again")
        self.assertEqual(value(back, "body"), "the words")
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])

    def test_copied_after_a_copier_died(self) -> None:
        user, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        self.set_claim(compose, 2, OVER)
        self.due_now(compose)
        self.wait_copy(user, "waiting")
        proc.wait_until(lambda: not self.spooled(), "an empty spool", 20)
        self.assertEqual(self.mock.messages, [])
        self.assertEqual(banner(client.get(box.list_url())), "")

    def test_of_another_node(self) -> None:
        user, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        [(node,)] = steps.database(self.server, "SELECT node FROM outbox WHERE id = ?", compose)

        def moved(to: str) -> None:
            steps.database(self.server, "UPDATE outbox SET node = ? WHERE id = ?", to, compose)

        moved("elsewhere")
        self.due_now(compose)
        other = self.waiting(seconds=1, subject="other")[2].url.split("id=")[1]
        self.wait_state(other, 2)
        self.assertEqual(self.row(compose)[0], 4)
        # After the restart of this one, too, it is the other's business.
        self.server.stop()
        self.server.start()
        outbox = client.get("/outbox")
        self.assertIn("waiting", outbox.text)
        self.assertEqual(len(self.mock.messages), 1)
        # A copy is made where the file is.
        steps.database(self.server, "UPDATE compose SET state = 2, result = 'full' WHERE id = ?", compose)
        refused = client.press(client.get("/outbox"), "Copy it to Sent now")
        self.assertEqual(refused.status, 503)
        self.assertIn("another machine of this service", refused.text)
        steps.database(self.server, "UPDATE compose SET state = 4, result = '' WHERE id = ?", compose)
        # Taken back it can be from anywhere.
        back = client.press(client.get("/outbox"), "Take back and edit")
        self.assertEqual((value(back, "subject"), value(back, "body")), ("waiting", "the words"))
        self.assertIn("a.bin", back.text)
        self.undo_s(client, 0)
        self.sent(self.send(client, back))
        [(again,)] = steps.database(self.server, "SELECT COUNT(*) FROM outbox WHERE node <> ?", node)
        self.assertEqual(again, 0)
        self.assertEqual(len(self.mock.messages), 2)
        self.wait_copy(user, "waiting")


class EditTest(OutboxSteps):
    """What waits is taken back, changed, and sent in place of what was."""

    def test_only_the_new_words_go_out(self) -> None:
        user, client, page = self.waiting(bcc="chloe@demo.test")
        compose = page.url.split("id=")[1]
        back = client.press(client.get("/outbox"), "Take back and edit")
        self.assertIn(f"id={compose}", back.url)
        self.assertEqual((value(back, "to"), value(back, "bcc")), ("ben@demo.test", "chloe@demo.test"))
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), ["waiting"])
        self.assertNotIn("Outbox", client.get(box.list_url()).text)
        self.assertEqual(self.spooled(), [])
        self.undo_s(client, 1)
        new = {"to": "anna@demo.test", "bcc": "", "subject": "edited", "body": "better words"}
        again = client.submit(form_of(back), "do=send", files={"file": [("b.bin", "application/zip", b"b")]}, **new)
        self.assertIn(compose, again.url)
        self.wait_sent(client, compose)
        [message] = self.mock.messages
        got = parsed(message)
        self.assertEqual((str(got["To"]), str(got["Subject"]), got["Bcc"]), ("anna@demo.test", "edited", None))
        self.assertEqual(text_of(got), "better words")
        self.assertEqual([each.get_filename() for each in got.iter_attachments()], ["a.bin", "b.bin"])
        self.assertEqual([line for line in self.mock.recipients if b"chloe" in line or b"ben@" in line], [])
        self.wait_copy(user, "edited")
        proc.wait_until(lambda: box.subjects(self.backend, user, "Drafts") == [], "no draft", 20)

    def setUp(self) -> None:
        super().setUp()
        self.mock.recipients.clear()

    def test_the_old_page_does_not_take_it_back_twice(self) -> None:
        user, client, _ = self.waiting()
        old = client.get("/outbox")
        back = client.press(old, "Take back and edit")
        window = client.get(back.url)
        # In one window it is sent again, with other words.
        sent = client.submit(form_of(back), "do=send", subject="second")
        self.assertIn("Going out", box.heading(sent))
        # The old page takes the new one back: there is one, and it is this.
        once = client.press(old, "Take back and edit")
        self.assertEqual(value(once, "subject"), "second")
        # The other window does not send over it what it had before.
        late = client.submit(form_of(window), "do=send", subject="third")
        self.assertEqual(late.status, 409, late.text[:300])
        self.assertEqual(value(client.get(once.url), "subject"), "second")
        self.assertEqual(self.mock.messages, [])
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])

    def test_too_late_when_it_is_out(self) -> None:
        _, client, page = self.waiting()
        compose = page.url.split("id=")[1]
        old = client.get("/outbox")
        self.due_now(compose)
        self.wait_sent(client, compose)
        late = client.press(old, "Take back and edit")
        self.assertIn("too late", late.text)
        self.assertNotIn("/compose", late.url)
        self.assertEqual(len(self.mock.messages), 1)


class CopyTest(OutboxSteps):
    """The copy in Sent, made in the background, until its time is over."""

    imap_mock: ClassVar[ImapMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        cls.imap_mock = ImapMock()
        cls.addClassCleanup(cls.imap_mock.close)
        sections["Mail"]["ImapWait"] = "2s"
        sections[f"Host {MOCK}"] = {"ImapPort": cls.imap_mock.port, "ImapSecurity": "none"}

    def setUp(self) -> None:
        super().setUp()
        self.imap_mock.faults.clear()
        self.imap_mock.mailbox.appended.clear()

    def copies(self) -> int:
        return sum("Sent" in head for head, _ in self.imap_mock.mailbox.appended)

    def uncopied(self) -> tuple[Client, str]:
        """A message that went out in the background and cannot be copied."""
        client = self.client(host=MOCK)
        client.login(box.unique("u").replace(" ", ""), "x")
        self.undo_s(client, 1)
        page = self.write(client, to="ben@demo.test", subject="copy", body="x")
        self.imap_mock.faults["APPEND"] = b"{tag} NO [OVERQUOTA] full\r\n"
        compose = self.send(client, page).url.split("id=")[1]
        proc.wait_until(lambda: self.words(compose) != "", "a first try", 30, self.server.process)
        return client, compose

    def words(self, compose: str) -> str:
        state, words = self.row(compose)
        return str(words) if state == 2 else ""

    def outbox_row(self, compose: str) -> tuple:
        [found] = steps.database(self.server, "SELECT due_ms, sealed, tries FROM outbox WHERE id = ?", compose)
        return found

    def given_up(self) -> tuple[Client, str]:
        client, compose = self.uncopied()
        steps.database(self.server, "UPDATE outbox SET tries = 40 WHERE id = ?", compose)
        self.due_now(compose)
        proc.wait_until(lambda: self.outbox_row(compose)[0] == 2**63 - 1, "the end of it", 30, self.server.process)
        return client, compose

    def test_tried_again_by_itself(self) -> None:
        client, compose = self.uncopied()
        outbox = client.get("/outbox")
        self.assertIn("Sent, but there is no copy of it in the Sent folder yet", outbox.text)
        self.assertIn("mailbox is full", outbox.text)
        self.assertIn("It is tried again by itself, next on", outbox.text)
        # That is no bad news yet.
        self.assertEqual(banner(client.get(box.list_url())), "")
        due_ms, sealed, tries = self.outbox_row(compose)
        self.assertEqual(tries, 1)
        self.assertTrue(sealed)
        self.assertAlmostEqual(due_ms / 1000, time.time() + 60, delta=30)
        self.imap_mock.faults.clear()
        self.imap_mock.mailbox.appended.clear()
        self.due_now(compose)
        proc.wait_until(lambda: not steps.database(self.server, "SELECT 1 FROM outbox WHERE id = ?", compose), "the copy", 30)
        self.assertEqual(self.copies(), 1)
        self.assertEqual(len(self.mock.messages), 1)
        proc.wait_until(lambda: not self.spooled(), "an empty spool", 20)

    def test_given_up_after_its_time(self) -> None:
        client, compose = self.given_up()
        # Nobody will do it by himself: no credential is kept for it.
        self.assertFalse(self.outbox_row(compose)[1])
        self.assertEqual(banner(client.get(box.list_url())), "1 message was not sent")
        outbox = client.get("/outbox")
        self.assertIn("It is not tried again by itself.", outbox.text)
        self.assertEqual(banner(client.get(box.list_url())), "")
        self.assertIn("no copy of it in the Sent folder", client.get(f"/sent?id={compose}").text)
        # It still lies here, whole.
        self.assertIn(b"Subject: copy", client.follow(outbox, "Save the message as a file").body)
        self.server.stop()
        self.server.start()
        self.due_now("none")
        self.assertIn("It is not tried again by itself.", client.get("/outbox").text)
        still = client.press(client.get("/outbox"), "Copy it to Sent now")
        self.assertIn("mailbox is full", still.text)
        self.imap_mock.faults.clear()
        self.imap_mock.mailbox.appended.clear()
        done = client.press(client.get("/outbox"), "Copy it to Sent now")
        self.assertNotIn("no copy", done.text)
        self.assertEqual(self.copies(), 1)
        self.assertEqual(len(self.mock.messages), 1)
        self.assertIn("Nothing waits here", client.get("/outbox").text)

    def test_not_wanted_any_more(self) -> None:
        client, compose = self.given_up()
        answer = client.press(client.get("/outbox"), "I need no copy")
        self.assertIn("Nothing waits here", answer.text)
        self.assertEqual(steps.database(self.server, "SELECT 1 FROM outbox WHERE id = ?", compose), [])
        self.assertEqual(self.spooled(), [])
        self.assertEqual(len(self.mock.messages), 1)
