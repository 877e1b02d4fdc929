"""Composing, sending once, drafts, and what happens when sending goes wrong."""

from __future__ import annotations

import http.client
import re
import threading
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import ClassVar

import mailbox as box
import message as m
import proc
import server as web
import steps
from client import Client, Cookie, Form, Page
from mailbox import letter
from mockmail import CUT, GARBAGE, HANG, ImapMock, SmtpMock

MOCK = "mock.test"
WORDS = "Schöne Grüße, 日本語 🍒\n.\n..\nFrom here\nend"


def parsed(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)  # type: ignore[return-value]


def form_of(page: Page) -> Form:
    return page.form(action="/compose", field="body")


def id_of(page: Page) -> str:
    field = form_of(page).find("id")
    assert field
    return field.value


def value(page: Page, name: str) -> str:
    field = form_of(page).find(name)
    assert field, name
    return field.value


def text_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content().replace("\r\n", "\n").rstrip("\n")
    # RFC 3676: lines of format=flowed may be stuffed.
    return re.sub("(?m)^ ", "", text) if body.get_param("format") == "flowed" else text


class WriteTest(box.MailTest):
    """Steps of writing."""

    def write(self, client: Client, address: str = "/compose", **fields: str) -> Page:
        """Fills a compose page in and saves it."""
        page = client.get(address)
        self.assertEqual(page.status, 200, page.text[:300])
        return client.submit(form_of(page), "do=attach", **fields)

    def send(self, client: Client, page: Page, **fields: object) -> Page:
        return client.submit(form_of(page), "do=send", **fields)  # type: ignore[arg-type]

    def sent(self, page: Page) -> None:
        """It says so, and the copy in Sent is made or could not be."""
        self.assertEqual((page.status, box.heading(page)), (200, "Sent"), page.text[:600])
        steps.wait_copied(self.server, page)

    def arrived(self, subject: str, user: str = "ben") -> list[EmailMessage]:
        """All messages of this subject that Ben has, once the first is there."""
        self.backend.wait_message(user, "INBOX", subject)
        found = [parsed(each) for each in box.raw_messages(self.backend, user, "INBOX")]
        return [each for each in found if subject in str(each["Subject"])]


class ComposeTest(WriteTest):
    def test_everything_that_is_not_ascii(self) -> None:
        user = self.person()
        client = self.browser(user)
        settings = client.get("/settings")
        client.submit(settings.form(field="signature"), name="Åse 山田", signature="Grüße\nÅse")
        subject = box.unique("Kirschen 桜 🍒 " + "lang " * 30)
        page = client.get("/compose")
        self.assertIn("-- \nGrüße\nÅse", value(page, "body").replace("\r\n", "\n"))
        page = client.submit(
            form_of(page),
            "do=attach",
            to="Ben Öztürk <ben@demo.test>",
            cc='"Straße, Anna" <anna@demo.test>',
            bcc="chloe@demo.test",
            subject=subject,
            body=WORDS,
            files={"file": [("Отчёт 報告.bin", "application/x-thing", bytes(range(256)) * 9), ("b.txt", "text/plain", b"b")]},
        )
        self.assertIn("Отчёт 報告.bin", page.text)
        self.sent(self.send(client, page))
        nr = subject.split()[-1]
        for whom in ("ben", "anna", "chloe"):
            got = self.arrived(nr, whom)
            self.assertEqual(len(got), 1, whom)
            one = got[0]
            self.assertEqual(str(one["Subject"]), subject)
            self.assertEqual(one["From"].addresses[0].display_name, "Åse 山田")
            self.assertEqual(one["From"].addresses[0].addr_spec, f"{user}@demo.test")
            self.assertEqual(one["To"].addresses[0].display_name, "Ben Öztürk")
            self.assertEqual(one["Cc"].addresses[0].display_name, "Straße, Anna")
            self.assertEqual(text_of(one), WORDS)
            self.assertIsNone(one["Bcc"])
            self.assertIsNone(one["X-Iwebmsg-Compose"])
            files = {each.get_filename(): each.get_payload(decode=True) for each in one.iter_attachments()}
            self.assertEqual(files, {"Отчёт 報告.bin": bytes(range(256)) * 9, "b.txt": b"b"})
        copies = box.raw_messages(self.backend, user, "Sent")
        self.assertEqual(len(copies), 1)
        copy = parsed(copies[0])
        self.assertEqual(copy["Bcc"].addresses[0].addr_spec, "chloe@demo.test")
        self.assertEqual(copy["Message-ID"], one["Message-ID"])
        self.assertEqual(list(box.flags(self.backend, user, "Sent").values()), [{"\\Seen"}])
        for line in copies[0].split(b"\r\n"):
            self.assertLessEqual(len(line), 998)
            self.assertNotIn(b"\n", line)

    def test_reply_threads(self) -> None:
        user = self.person()
        subject = box.unique("Thread")
        head = [
            ("Cc", f"Chloe <chloe@demo.test>, {user}@demo.test"),
            ("References", "<a@x> <b@x>"),
            ("Reply-To", "ben@demo.test"),
        ]
        data = letter(subject, m.text("first\nsecond\n"), to=f"{user}@demo.test, anna@demo.test", extra=head)
        box.put(self.backend, user, "INBOX", data)
        parent = str(parsed(data)["Message-ID"])
        client = self.browser(user)
        message = box.open_message(client, subject)
        one = client.follow(message, "Reply")
        self.assertEqual((value(one, "to"), value(one, "cc")), ("ben@demo.test", ""))
        self.assertEqual(value(one, "subject"), f"Re: {subject}")
        self.assertIn("> first\n> second", value(one, "body").replace("\r\n", "\n"))
        every = client.follow(message, "Reply all")
        self.assertIn("ben@demo.test", value(every, "to"))
        self.assertIn("anna@demo.test", value(every, "to"))
        self.assertIn("chloe@demo.test", value(every, "cc"))
        self.assertNotIn(user, value(every, "to") + value(every, "cc"))
        self.sent(self.send(client, every, body="answer"))
        got = self.arrived(subject)[0]
        self.assertEqual(str(got["In-Reply-To"]), parent)
        self.assertEqual(str(got["References"]).split(), ["<a@x>", "<b@x>", parent])
        self.assertIn("\\Answered", box.flags(self.backend, user, "INBOX")[1])

    def test_forward_takes_the_chosen_files(self) -> None:
        user = self.person()
        subject = box.unique("Files")
        files = [m.attachment("keep.bin", "application/zip", b"\x00\x01keep"), m.attachment("drop.txt", "text/plain", b"drop")]
        box.put(self.backend, user, "INBOX", letter(subject, m.multi("mixed", [m.text("see\n"), *files], "b")))
        client = self.browser(user)
        page = client.follow(box.open_message(client, subject), "Forward")
        boxes = [each for each in form_of(page).fields if each.name == "keep"]
        self.assertEqual(len(boxes), 2)
        self.assertIn("Forwarded message", value(page, "body"))
        done = self.send(client, page, to="ben@demo.test", keep=[boxes[0].value])
        self.sent(done)
        got = self.arrived(subject)[0]
        self.assertEqual(str(got["Subject"]), f"Fwd: {subject}")
        kept = [(each.get_filename(), each.get_payload(decode=True)) for each in got.iter_attachments()]
        self.assertEqual(kept, [("keep.bin", b"\x00\x01keep")])
        self.assertIn("$Forwarded", box.flags(self.backend, user, "INBOX")[1])

    def test_forwarded_pictures_stand_in_the_text(self) -> None:
        """As parts of it, each once; one that is not wanted leaves no hole."""
        user = self.person()
        red, blue = m.png(4, 4, (255, 0, 0)), m.png(4, 4, (0, 0, 255))
        words = '<p>Look: <img src="cid:red@x"> and again <img src="cid:red@x">, <img src="cid:blue@x"> <img src="cid:none@x"></p>'
        related = m.multi("related", [m.html(words), m.inline_image("red@x", red), m.inline_image("blue@x", blue)], "r")
        for unwanted in (0, 1):
            subject = box.unique("Pictures")
            box.put(self.backend, user, "INBOX", letter(subject, m.multi("mixed", [related, m.attachment("a.bin", "application/zip", b"PK")], "b")))
            client = self.browser(user)
            opened = box.open_message(client, subject)
            page = client.get(opened.link("Forward").replace("&amp;", "&") + "&format=html")
            boxes = [each for each in form_of(page).fields if each.name == "keep"]
            self.assertEqual(len(boxes), 3)
            # The editor can show them before they are files of this message.
            pictures = [each.attributes for each in boxes if "data-file" in each.attributes]
            self.assertEqual([client.get(each["data-url"]).body for each in pictures], [red, blue])
            kept = [each.value for each in boxes if not (unwanted and each.attributes == pictures[1])]
            self.sent(self.send(client, page, to="ben@demo.test", keep=kept))
            got = self.arrived(f"Fwd: {subject}")[0]
            [html] = [each for each in got.walk() if each.get_content_type() == "text/html"]
            shown = re.findall(r'src="?cid:([^">\s]+)', html.get_content())
            images = {str(each["Content-ID"]).strip("<>"): each for each in got.walk() if each.get_content_maintype() == "image"}
            self.assertEqual([images[each].get_payload(decode=True) for each in shown], [red, red, blue][: 3 - unwanted])
            self.assertEqual(len(images), 2 - unwanted)
            self.assertEqual({each.get_content_disposition() for each in images.values()}, {"inline"})
            [around] = [each for each in got.walk() if each.get_content_type() == "multipart/related"]
            self.assertIn(html, list(around.walk()))
            self.assertEqual([each.get_filename() for each in got.iter_attachments() if each.get_content_type() == "application/zip"], ["a.bin"])

    def test_forwarding_ones_own_message_keeps_its_secrets(self) -> None:
        """Bcc of what one sent oneself is nobody's business; a stranger's message stays as it is."""
        user = self.person()
        sent, theirs, draft = box.unique("Own"), box.unique("Theirs"), box.unique("Draft")
        hidden = [("Bcc", "Chloe <chloe@demo.test>,\r\n x@demo.test"), ("X-Iwebmsg-Compose", "abc 3")]
        old = letter(sent, sender="Old Name <gone@demo.test>", extra=hidden)
        box.put(self.backend, user, "Sent", old)
        box.put(self.backend, user, "INBOX", letter(theirs, extra=hidden), letter(draft, sender=f"{user}@demo.test", extra=hidden))
        client = self.browser(user)
        for subject, folder, keeps in ((sent, "Sent", False), (theirs, "INBOX", True), (draft, "INBOX", False)):
            page = client.follow(box.open_message(client, subject, folder), "Forward as an attachment")
            self.sent(self.send(client, page, to="ben@demo.test"))
            [got] = self.arrived(f"Fwd: {subject}")
            [inner] = [each for each in got.walk() if each.get_content_type() == "message/rfc822"]
            raw = inner.get_payload(0).as_bytes()
            for secret in (b"Bcc:", b"chloe@", b" x@demo.test", b"X-Iwebmsg"):
                self.assertEqual(secret in raw, keeps, (subject, secret))
            self.assertIn(f"Subject: {subject}".encode(), raw)

    def test_once_for_double_click_reload_and_back(self) -> None:
        user = self.person()
        client = self.browser(user)
        subject = box.unique("Once")
        page = self.write(client, to="ben@demo.test", subject=subject, body="x")
        answers: list[Page] = []
        clicks = [threading.Thread(target=lambda: answers.append(self.send(client, page))) for _ in range(4)]
        for each in clicks:
            each.start()
        for each in clicks:
            each.join()
        self.assertEqual({box.heading(each) for each in answers}, {"Sent"})
        self.assertEqual(len({each.path for each in answers}), 1)
        self.sent(client.get(answers[0].path))
        self.sent(self.send(client, page))  # reload of the answer
        self.sent(self.send(client, page, body="other words"))  # Back, and Send again
        self.sent(client.get(f"/compose?id={id_of(page)}"))
        again = box.unique("Marker")
        self.sent(self.send(client, self.write(client, to="ben@demo.test", subject=again, body="x")))
        self.arrived(again)
        self.assertEqual(len(self.arrived(subject)), 1)
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [subject, again])
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), [])

    def test_all_bad_addresses_are_named_at_once(self) -> None:
        client = self.browser(self.person())
        page = self.write(client, to="ben@demo.test", subject="s", body="the words")
        again = self.send(client, page, to="one@, ben@demo.test, two@", cc="x@@y", bcc="three@")
        self.assertEqual(again.status, 422)
        said = re.search(r'id="to-error">([^<]+)<', again.html)
        assert said
        for bad in ("“one@” and “two@” are not", "Cc: “x@@y” is not", "Bcc: “three@” is not"):
            self.assertIn(bad, said.group(1))
        self.assertEqual(value(again, "body"), "the words")

    def test_a_wrong_recipient_is_said_at_its_field(self) -> None:
        client = self.browser(self.person())
        for field, verb in (("to", "send"), ("cc", "send"), ("bcc", "save")):
            page = self.write(client, to="ben@demo.test", subject="s", body="the words")
            again = client.press(page, f"do={verb}", **{field: "Charles Nobody"})
            self.assertEqual(again.status, 422)
            said = re.search(rf'id="{field}-error">([^<]+)<', again.html)
            self.assertIn("“Charles Nobody” is neither an address", said.group(1) if said else "")
            # There the page begins.
            first = re.search(r'<(?:input|textarea) id="(\w+)"[^>]* autofocus', again.html)
            self.assertEqual(first.group(1) if first else "", field)

    def test_bad_addresses_are_named(self) -> None:
        client = self.browser(self.person())
        page = self.write(client, to="ben@demo.test", subject="s", body="the words")
        for field, bad in (("to", "nobody at all, ben@demo.test"), ("cc", "x@@y"), ("bcc", "<a b>"), ("to", "a@b\x01c")):
            with self.subTest(bad):
                again = self.send(client, page, **{field: bad})
                self.assertEqual(again.status, 422)
                said = re.search(rf'id="{field}-error">([^<]+)<', again.html)
                self.assertTrue(said or box.note(again))
                if said:  # beside the field, which the browser goes to
                    self.assertRegex(again.html, rf'<input id="{field}"[^>]*aria-invalid="true"[^>]* autofocus')
                self.assertEqual(value(again, "body"), "the words")
                self.assertEqual(value(again, field), bad.replace("\x01", value(again, field)[3:-1]))
        empty = self.send(client, page, to="")
        self.assertEqual(empty.status, 422)
        self.assertIn("To, Cc or Bcc", empty.text)

    def test_unknown_recipient_is_refused_and_mended(self) -> None:
        user = self.person()
        client = self.browser(user)
        subject = box.unique("Mended")
        page = self.write(client, to="nobody-here@demo.test, ben@demo.test", subject=subject, body="w")
        again = self.send(client, page)
        self.assertEqual(again.status, 422)
        self.assertIn("nobody-here@demo.test", box.note(again))
        self.assertEqual(value(again, "body"), "w")
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])
        self.sent(self.send(client, again, to="ben@demo.test"))
        self.assertEqual(len(self.arrived(subject)), 1)

    def test_line_breaks_cannot_inject(self) -> None:
        user = self.person()
        client = self.browser(user)
        nr = box.unique("Break")
        page = client.get("/compose")
        pairs = [(k, v) for k, v in form_of(page).values() if k not in ("to", "subject", "file", "in_reply_to", "references")]
        evil = "\r\nBcc: chloe@demo.test\r\nX-Evil: 1"
        pairs += [
            ("to", f"ben@demo.test{evil}"),
            ("subject", f"{nr}{evil}\r\n\r\nbody"),
            ("in_reply_to", f"<a@x>{evil}"),
            ("references", f"<a@x>{evil}"),
            ("file", ("a\r\nX-Evil: 2\r\n\".txt", "text/plain\r\nX-Evil: 3", b"f")),
            ("do", "send"),
        ]
        answer = client.post("/compose", pairs, multipart=True)
        self.assertNotEqual(answer.status, 500)
        if box.heading(answer) != "Sent":
            fixed = [(k, v) for k, v in pairs if k not in ("to", "file")] + [("to", "ben@demo.test")]
            answer = client.post("/compose", fixed, multipart=True)
        self.sent(answer)
        got = self.arrived(nr)[0]
        self.assertIsNone(got["X-Evil"])
        self.assertIsNone(got["Bcc"])
        for part in got.walk():
            self.assertIsNone(part["X-Evil"])
        self.assertNotIn(nr, "".join(box.subjects(self.backend, "chloe", "INBOX")))

    def test_nobody_else_sees_it(self) -> None:
        anna, ben = self.browser(self.person()), self.browser(self.person())
        page = anna.get("/compose")
        page = anna.submit(
            form_of(page), "do=attach", to="ben@demo.test", subject="secret", body="private", files={"file": [("s.txt", "text/plain", b"secret file")]}
        )
        compose, button = id_of(page), next(x for x in form_of(page).buttons() if x.name == "remove")
        self.assertEqual(ben.get(f"/compose?id={compose}").status, 404)
        self.assertEqual(ben.get(f"/sent?id={compose}").status, 404)
        theirs = ben.get("/compose")
        field = form_of(theirs).find("id")
        assert field
        field.value = compose
        form = form_of(theirs)
        pairs = [(k, v) for k, v in form.values()]
        for action in (("remove", button.value), ("do", "save"), ("do", "discard"), ("do", "attach")):
            answer = ben.post("/compose", [*pairs, action], multipart=True)
            self.assertNotIn("secret", answer.text)
            self.assertNotIn("s.txt", answer.text)
        again = anna.get(f"/compose?id={compose}")
        self.assertEqual((value(again, "subject"), value(again, "body")), ("secret", "private"))
        self.assertIn("s.txt", again.text)
        for bad in ("x" * 22, "../../../../etc/passwd", "", "%00" * 22):
            self.assertIn(anna.get(f"/sent?id={bad}").status, (400, 404))

    def test_session_ends_while_writing(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = client.get("/compose")
        steps.database(self.server, "DELETE FROM session")
        subject = box.unique("Kept")
        answer = client.submit(form_of(page), "do=send", to="ben@demo.test", subject=subject, body=WORDS, cc="ä")
        self.assertTrue(steps.is_login_page(answer), answer.text[:300])
        self.assertIn("kept", answer.text)
        back = client.login(user, self.backend.passwords[user], answer)
        self.assertEqual((back.status, value(back, "subject")), (200, subject), back.text[:300])
        self.assertEqual(value(back, "body").replace("\r\n", "\n"), WORDS)
        self.assertEqual((value(back, "to"), value(back, "cc")), ("ben@demo.test", "ä"))
        self.sent(self.send(client, back, cc=""))
        self.assertEqual(len(self.arrived(subject)), 1)


class EndedTest(WriteTest):
    """The session ends while somebody writes: nothing is lost, nobody else sees it."""

    def begun(self, **fields: str) -> tuple[str, Client, Page]:
        user = self.person()
        client = self.browser(user)
        return user, client, self.write(client, to="ben@demo.test", body="hours of work", **fields)

    def end_session(self) -> None:
        steps.database(self.server, "DELETE FROM session")

    def test_files_come_back_and_go_out_once(self) -> None:
        data = bytes(range(256)) * 2000
        for verb in ("send", "save", "attach"):
            with self.subTest(verb):
                subject = box.unique("Ended")
                user, client, page = self.begun(subject=subject)
                self.end_session()
                files = {"file": [("ä.bin", "application/zip", data), ("b.txt", "text/plain", b"b")]}
                answer = client.submit(form_of(page), f"do={verb}", body="words since", files=files)
                self.assertTrue(steps.is_login_page(answer), answer.text[:300])
                self.assertIn("kept, with its files", answer.text)
                self.assertNotIn("words since", answer.html)
                again = client.submit(form_of(page), f"do={verb}", body="words since", files=files)
                self.assertTrue(steps.is_login_page(again))
                back = client.login(user, self.backend.passwords[user], answer)
                self.assertEqual((back.status, value(back, "body")), (200, "words since"))
                self.assertIn("Nothing was sent yet", back.text)
                self.sent(self.send(client, back))
                self.sent(self.send(client, back))
                [got] = self.arrived(subject)
                self.assertEqual({each.get_filename(): each.get_payload(decode=True) for each in got.iter_attachments()}, {"ä.bin": data, "b.txt": b"b"})

    def test_files_are_asked_for_again_only_where_there_were_some(self) -> None:
        for files in ({}, {"file": [("a.bin", "application/zip", b"a")]}):
            with self.subTest(files=len(files)):
                user, client, page = self.begun()
                client.press(client.get("/list"), "Log off")
                # A form that the store does not take goes through the login page, without its files.
                answer = client.submit(form_of(page), "do=save", body="words since", files=files)
                self.assertIn("What you were writing is kept", answer.text)
                self.assertEqual("have to be chosen again" in answer.text, bool(files), answer.text)
                client.login(user, "wrong", answer)
                back = client.login(user, self.backend.passwords[user], answer)
                self.assertEqual(value(back, "body"), "words since")
                self.assertEqual("have to be attached again" in back.text, bool(files), back.text[:600])

    def test_only_the_same_account_gets_it(self) -> None:
        _, client, page = self.begun(subject="private")
        self.end_session()
        answer = client.submit(form_of(page), "do=send", files={"file": [("s.txt", "text/plain", b"s")]})
        other = self.person()
        theirs = client.login(other, self.backend.passwords[other], answer)
        self.assertEqual((theirs.status, theirs.path.partition("?")[0]), (200, "/list"))
        self.assertIn("belongs to another login", theirs.text)
        self.assertNotIn("hours of work", theirs.html)
        # Posted again, now into the session of somebody else.
        stale = client.submit(form_of(page), "do=send")
        self.assertEqual(stale.status, 403)
        self.assertIn("begun in another account", stale.text)
        self.assertNotIn("hours of work", stale.html)

    def test_the_other_account_gives_nothing_away(self) -> None:
        """A form of one account that comes with the session of another."""
        _, client, page = self.begun(subject="mine")
        pairs = [(name, each) for name, each in form_of(page).values() if not name.startswith("source_")]
        self.end_session()
        other = self.person()
        box.put(self.backend, other, "INBOX", box.letter("Not for them"))
        theirs = client.login(other, self.backend.passwords[other], client.get("/login"))
        [uid] = box.uids(theirs)
        source = [("source_folder", "INBOX"), ("source_uid", str(uid)), ("source_validity", "0"), ("keep", "message"), ("do", "save")]
        answer = client.post("/compose", [*pairs, *source], multipart=True)
        self.assertEqual(answer.status, 403)
        self.assertIn("begun in another account", answer.text)
        number = steps.database(self.server, f"SELECT COUNT(*) FROM attachment WHERE compose = '{value(page, 'id')}'")
        self.assertEqual(str(number).strip("()[], '"), "0")

    def test_logged_in_again_in_another_window(self) -> None:
        user, client, page = self.begun(subject=box.unique("Stale"))
        self.end_session()
        client.login(user, self.backend.passwords[user], client.get("/login"))
        answer = client.submit(form_of(page), "do=send", body="typed on", files={"file": [("k.bin", "application/zip", b"k")]})
        self.assertEqual((answer.status, value(answer, "body")), (403, "typed on"))
        self.assertIn("k.bin", answer.text)
        self.sent(self.send(client, answer))

    def test_strangers_store_nothing(self) -> None:
        _, client, page = self.begun(subject="mine")
        pairs = [(name, each) for name, each in form_of(page).values() if name not in ("file", "owner", "body")]
        pairs += [("body", "of a stranger"), ("file", ("x.bin", "application/zip", bytes(100000))), ("do", "save")]
        stranger = self.client()
        forged = [("owner", "x" * 90), ("owner", ""), ("owner", value(page, "owner")[:-4] + "AAAA")]
        stranger.cookies["iwm"] = Cookie("iwm", "a" * 65, False, {})
        before = steps.database(self.server, "SELECT COUNT(*), SUM(version) FROM compose"), steps.database(self.server, "SELECT COUNT(*) FROM attachment")
        for owner in forged:
            self.assertEqual(stranger.post("/compose", [*pairs, owner], multipart=True).status, 403)
        # The right seal, but of another composition; or after logging off.
        moved = [each for each in pairs if each[0] != "id"] + [("id", "a" * 22), ("owner", value(page, "owner"))]
        self.assertEqual(stranger.post("/compose", moved, multipart=True).status, 403)
        client.press(client.get("/list"), "Log off")
        client.post("/compose", [*pairs, ("owner", value(page, "owner"))], multipart=True)
        after = steps.database(self.server, "SELECT COUNT(*), SUM(version) FROM compose"), steps.database(self.server, "SELECT COUNT(*) FROM attachment")
        self.assertEqual(before, after)

    def test_logging_off_ends_the_seals_of_its_forms(self) -> None:
        """A copy of a form is worth nothing any more, wherever it is."""
        for how in ("ended", "logged off"):
            with self.subTest(how):
                user, client, page = self.begun(subject=box.unique("Copied"))
                form = [(name, each) for name, each in form_of(page).values() if name != "file"]
                pairs = [(name, "of a stranger" if name == "body" else each) for name, each in form] + [("do", "save")]
                stranger = self.client()
                stranger.cookies.update(client.cookies)
                if how == "ended":
                    self.end_session()
                else:
                    client.press(client.get("/list"), "Log off")
                version = "SELECT version FROM compose WHERE id = ?", value(page, "id")
                before = steps.database(self.server, *version)
                stranger.post("/compose", pairs, multipart=True)
                self.assertEqual(steps.database(self.server, *version) != before, how == "ended")
                # The writer's own window loses nothing.
                client.login(user, self.backend.passwords[user], client.get("/login"))
                answer = client.submit(form_of(page), "do=save", body="typed on")
                self.assertIn("typed on", answer.html)


class AskTest(WriteTest):
    """Questions before sending."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections.setdefault("Writing", {})["AskRecipients"] = "3"

    def asked(self, page: Page) -> bool:
        return box.heading(page) == "Send it like this?"

    def test_attachment_in_six_languages(self) -> None:
        client = self.browser(self.person())
        page = self.write(client, to="nobody@", subject="s", body="x")
        says = (
            "See the attached plan.", "I enclose… Enclosed: two letters", "Im Anhang die Rechnung", "Anbei das Bild",
            "DIE DATEI IST ANGEHÄNGT", "Vous trouverez ci-joint le plan", "La pièce jointe suit", "PIÈCE JOINTE",
            "Adjunto el plano", "te lo mando adjunta", "資料を添付します。", "تجد الملف المرفق هنا",
        )
        for words in says:
            self.assertTrue(self.asked(client.submit(form_of(page), "do=send", body=f"Hello,\n{words}\n")), words)
        for words in ("the reattached roof", "> see the attached plan\nThanks!", "Thanks\n-- \nAttached to nature", "ok\n\n-------- Forwarded message --------\nattached", "Zusammenhang"):
            answer = client.submit(form_of(page), "do=send", body=words)
            self.assertEqual(answer.status, 422, words)
        page = client.submit(form_of(page), "do=send", body="attached", files={"file": [("a.txt", "text/plain", b"a")]})
        self.assertEqual(page.status, 422)

    def test_each_is_asked_once(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="anna@demo.test, ben@demo.test", cc="chloe@demo.test, ben@demo.test", body="It is attached.")
        asked = self.send(client, page)
        self.assertTrue(self.asked(asked))
        self.assertIn("All 4 people", asked.text)
        self.assertIn("no subject", asked.text)
        self.assertEqual(len(box.subjects(self.backend, user, "Drafts")), 1)
        moved = client.press(asked, "Put them in Bcc")
        self.assertEqual((value(moved, "to"), value(moved, "cc")), ("", ""))
        self.assertEqual(value(moved, "bcc").count("@"), 4)
        self.assertIn("in Bcc now", moved.text)
        back = client.get(f"/compose?id={id_of(page)}")
        again = self.send(client, back, to="anna@demo.test, ben@demo.test, chloe@demo.test, x@", bcc="")
        done = client.press(again, "Send anyway")
        self.assertEqual(done.status, 422)  # "x@" is no address; nothing is asked again
        done = self.send(client, done, to="anna@demo.test, ben@demo.test")
        self.sent(done)
        for copy in box.raw_messages(self.backend, user, "Sent"):
            self.assertNotIn("confirmed", parsed(copy))

    def test_nothing_is_asked_of_a_message_for_nobody(self) -> None:
        client = self.browser(self.person())
        done = self.send(client, self.write(client, to="", subject="", body="attached"))
        self.assertEqual(done.status, 422)
        self.assertIn("whom the message is for", done.text)

    def test_changed_meanwhile(self) -> None:
        client = self.browser(self.person())
        page = self.write(client, to="ben@demo.test", subject="", body="x")
        asked = self.send(client, page)
        other = client.get(f"/compose?id={id_of(page)}")
        client.submit(form_of(other), "do=save", body="changed meanwhile")
        answer = client.press(asked, "Send anyway")
        self.assertEqual((answer.status, value(answer, "body")), (422, "changed meanwhile"))
        self.assertIn("Nothing was sent", answer.text)


class ReplyTest(WriteTest):
    """What is quoted, and to whom answers go."""

    def answer(self, data: bytes, which: str = "reply=one", user: str = "", folder: str = "INBOX") -> Page:
        """The compose page for the only message of somebody new."""
        user = user or self.person()
        box.put(self.backend, user, folder, data)
        page = self.browser(user).get(f"/compose?folder={folder}&uid=1&{which}")
        self.assertEqual(page.status, 200, page.text[:300])
        return page

    def quoted(self, data: bytes, which: str = "reply=one") -> str:
        return value(self.answer(data, which), "body").replace("\r\n", "\n")

    def test_formatted_text(self) -> None:
        page = m.html("<style>p{color:red}</style><p>Dear <b>Anna</b>,</p><p>1 &lt; 2 &amp; more</p><script>x()</script>")
        body = self.quoted(letter("html", page))
        self.assertIn("> Dear Anna,", body)
        self.assertIn("> 1 < 2 & more", body)
        self.assertNotRegex(body, r"color:red|x\(\)|<b>")
        empty = m.multi("alternative", [m.text(" \n\n"), m.html("<p>only here</p>")], "alt")
        self.assertIn("> only here", self.quoted(letter("empty", empty)))
        both = m.multi("mixed", [m.text("First.\n"), m.attachment("a.bin", "application/zip", b"x"), m.text("Last.\n")], "b")
        self.assertRegex(self.quoted(letter("two", both)), r"(?s)> First\..*> Last\.")

    def test_flowed_text_and_depths(self) -> None:
        long = "A line that is broken by the program that wrote it and goes on "
        flowed = f"{long}\r\nto its end.\r\n\r\n>> deep {long}\r\n>> end\r\n> one\r\n \r\n From here\r\n-- \r\nBen\r\n"
        part = m.Part("text/plain; charset=utf-8; format=flowed", flowed.encode(), [])
        body = self.quoted(letter("flow", part))
        self.assertIn(f"> {long}to its end.\n>\n>> > deep {long}end\n>> one\n", body)
        self.assertIn("> From here\n", body)
        self.assertRegex(body, r"On \w+day, \d+ \w+ \d{4}, \d\d:\d\d, Ben Okafor wrote:\n")

    def test_quotes_survive_sending(self) -> None:
        user = self.person()
        deep = "".join(f"{'>' * depth} {'words of this depth ' * 9}\n" for depth in range(1, 7))
        client = self.browser(user)
        box.put(self.backend, user, "INBOX", letter(box.unique("Deep"), m.text(deep)))
        page = client.get("/compose?folder=INBOX&uid=1&reply=one")
        subject = box.unique("Deeper")
        self.sent(self.send(client, page, to="ben@demo.test", subject=subject))
        got = self.arrived(subject)[0]
        raw = got.get_body(("plain",)).get_content()
        for line in raw.splitlines():
            self.assertLessEqual(len(line), 78)
            if "words" in line or "depth" in line:
                self.assertRegex(line, "^>{2,7} ?")
        joined: dict[int, str] = {}
        for line in raw.splitlines():
            marks = len(line) - len(line.lstrip(">"))
            joined[marks] = joined.get(marks, "") + line[marks + 1 :]
        for depth in range(1, 7):
            self.assertIn("words of this depth " * 8, joined[depth + 1])

    def test_charsets_and_very_long_texts(self) -> None:
        latin = m.Part("text/plain; charset=koi8-r", "Привет\r\n".encode("koi8-r"), [("Content-Transfer-Encoding", "8bit")])
        self.assertIn("> Привет", self.quoted(letter("koi", latin)))
        wrong = m.Part("text/plain; charset=iso-8859-1", "Привет\r\n".encode("koi8-r"), [("Content-Transfer-Encoding", "8bit")])
        self.assertIn("> Привет", self.quoted(letter("koi", wrong), "reply=one&charset=koi8-r"))
        body = self.quoted(letter("long", m.text("x\n" * 800_000)))
        self.assertIn("[It goes on; the rest is not here.]", body)
        self.assertLess(len(body), 4 << 20)

    def test_to_the_list(self) -> None:
        user = self.person()
        head = [("Cc", "list@example.org, chloe@demo.test"), ("List-Post", "<mailto:list@example.org?bcc=evil@example.com>"), ("Reply-To", "ben@demo.test")]
        data = letter("list", to=f"{user}@demo.test", extra=head)
        one = self.answer(data, "reply=list", user)
        self.assertEqual([value(one, name) for name in ("to", "cc", "bcc")], ["list@example.org", "", ""])
        wish = [("Mail-Followup-To", f"List <list@example.org>, {user}@demo.test"), ("Cc", "chloe@demo.test")]
        every = self.answer(letter("wish", to="anna@demo.test", extra=wish), "reply=all", self.person())
        self.assertIn("list@example.org", value(every, "to"))
        self.assertNotIn("anna@demo.test", value(every, "to") + value(every, "cc"))
        none = self.answer(letter("none", to="anna@demo.test", extra=[("Cc", "chloe@demo.test")]), "reply=list", self.person())
        self.assertIn("anna@demo.test", value(none, "to"))
        self.assertIn("chloe@demo.test", value(none, "cc"))

    def test_an_attached_message_is_answered(self) -> None:
        user = self.person()
        inner = letter("Inside", m.text("deep words\n"), sender="Chloe <chloe@demo.test>", to="anna@demo.test")
        part = m.multi("mixed", [m.text("outside\n"), m.Part("message/rfc822", inner, [])], "cut")
        page = self.answer(letter("Outside", part), "reply=one&section=2", user)
        self.assertEqual((value(page, "to"), value(page, "subject")), ("Chloe <chloe@demo.test>", "Re: Inside"))
        self.assertIn("> deep words", value(page, "body"))
        self.assertNotIn("outside", value(page, "body"))
        client = self.browser(user)
        page = client.get("/compose?folder=INBOX&uid=1&reply=one&section=2")
        self.sent(self.send(client, page, to="ben@demo.test", subject=box.unique("Inner")))
        self.assertNotIn("\\Answered", box.flags(self.backend, user, "INBOX")[1])
        self.assertEqual(client.get("/compose?folder=INBOX&uid=1&reply=one&section=7").status, 404)

    def test_forwarded_as_a_file(self) -> None:
        user = self.person()
        subject = box.unique("Plans / 2026")
        body = m.Part("text/plain; charset=utf-8", "Grüße\r\n.\r\nFrom here\r\n".encode(), [("Content-Transfer-Encoding", "8bit")])
        box.put(self.backend, user, "INBOX", letter(subject, body))
        raw = box.raw_messages(self.backend, user, "INBOX")[0]
        client = self.browser(user)
        page = client.follow(box.open_message(client, subject), "Forward as an attachment")
        self.assertEqual(value(page, "subject"), f"Fwd: {subject}")
        self.assertIn(f"{subject.replace('/', '_')}.eml", page.text)
        self.sent(self.send(client, page, to="ben@demo.test", body="see"))
        got = self.arrived(subject)[0]
        self.assertEqual([part.get_content_type() for part in got.walk()][:3], ["multipart/mixed", "text/plain", "message/rfc822"])
        sent = box.raw_messages(self.backend, user, "Sent")[0]
        self.assertIn(raw.rstrip(b"\r\n"), sent)
        self.assertIn("$Forwarded", box.flags(self.backend, user, "INBOX")[1])

    def test_pictures_of_a_formatted_text_come_along(self) -> None:
        picture = m.png(3, 3, (1, 2, 3))
        related = m.multi("related", [m.html('<p>look <img src="cid:p@x"></p>'), m.inline_image("p@x", picture)], "rel")
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("Picture", related))
        client = self.browser(user)
        page = client.get("/compose?folder=INBOX&uid=1&forward=1")
        subject = box.unique("Picture")
        self.sent(self.send(client, page, to="ben@demo.test", subject=subject))
        got = [each.get_payload(decode=True) for each in self.arrived(subject)[0].iter_attachments()]
        self.assertEqual(got, [picture])


class DraftTest(WriteTest):
    def drafts(self, user: str) -> list[EmailMessage]:
        return [parsed(each) for each in box.raw_messages(self.backend, user, "Drafts")]

    def test_one_copy_each(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = client.get("/compose")
        page = client.submit(form_of(page), "do=save", to="Bob", subject="Entwurf ü", body="eins", files={"file": [("ä.txt", "text/plain", b"f")]})
        self.assertIn("The draft is saved.", page.text)
        for words in ("zwei", "drei"):
            page = client.submit(form_of(page), "do=save", body=words, bcc="chloe@demo.test")
            found = self.drafts(user)
            self.assertEqual([text_of(each) for each in found], [words])
        self.assertEqual(str(found[0]["Subject"]), "Entwurf ü")
        self.assertIn("chloe@demo.test", str(found[0]["Bcc"]))
        self.assertTrue(str(found[0]["X-Iwebmsg-Compose"]))
        self.assertEqual([x.get_filename() for x in found[0].iter_attachments()], ["ä.txt"])
        flags = box.flags(self.backend, user, "Drafts")
        self.assertIn("\\Draft", next(iter(flags.values())))
        other = client.get("/compose")
        other = client.submit(form_of(other), "do=save", subject="second", body="b")
        self.assertEqual(len(self.drafts(user)), 2)
        gone = client.submit(form_of(other), "do=discard")
        self.assertIn("discarded", gone.text)
        self.assertEqual([str(x["Subject"]) for x in self.drafts(user)], ["Entwurf ü"])
        self.assertIn("discarded", client.get(f"/compose?id={id_of(other)}").text)
        self.sent(self.send(client, page, to="ben@demo.test", subject=box.unique("Sent draft")))
        self.assertEqual(self.drafts(user), [])

    def test_gone_on_with_in_another_browser(self) -> None:
        user = self.person()
        first, second = self.browser(user), self.browser(user)
        page = first.get("/compose")
        files = {"file": [("f.bin", "application/zip", b"\x00file")]}
        first.submit(form_of(page), "do=save", to="ben@demo.test", subject="Later", body="begun", files=files)
        opened = second.follow(box.open_message(second, "Later", "Drafts"), "Go on writing")
        self.assertEqual((value(opened, "subject"), value(opened, "to")), ("Later", "ben@demo.test"))
        self.assertEqual(value(opened, "body").strip(), "begun")
        saved = second.submit(form_of(opened), "do=save", body="gone on")
        found = self.drafts(user)
        self.assertEqual([text_of(each) for each in found], ["gone on"])
        self.assertEqual([x.get_payload(decode=True) for x in found[0].iter_attachments()], [b"\x00file"])
        subject = box.unique("Finished")
        self.sent(self.send(second, saved, subject=subject))
        self.assertEqual(self.drafts(user), [])
        self.assertEqual(len(self.arrived(subject)), 1)

    def test_draft_of_another_program(self) -> None:
        user = self.person()
        data = letter("From elsewhere", m.text("elsewhere\n"), sender=f"{user}@demo.test", to="ben@demo.test", extra=[("Bcc", "chloe@demo.test")])
        box.put(self.backend, user, "Drafts", data, flags="\\Draft \\Seen")
        client = self.browser(user)
        page = client.follow(box.open_message(client, "From elsewhere", "Drafts"), "Go on writing")
        self.assertEqual(value(page, "bcc"), "chloe@demo.test")
        subject = box.unique("Sent elsewhere")
        self.sent(self.send(client, page, subject=subject, bcc=""))
        self.assertEqual(self.drafts(user), [])


class SizeTest(WriteTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Mail"]["MaxMessageSize"] = "1M"

    def test_too_large_says_so_and_keeps_the_words(self) -> None:
        user = self.person()
        client = self.browser(user)
        subject = box.unique("Large")
        for size in (900 << 10, 1100 << 10, 20 << 20):
            with self.subTest(size):
                page = client.get("/compose")
                files = {"file": [("small.txt", "text/plain", b"s"), ("large.bin", "application/zip", bytes(size))]}
                try:
                    answer = client.submit(form_of(page), "do=send", to="ben@demo.test", subject=subject, body="words stay", files=files)
                except (OSError, http.client.HTTPException) as cut:
                    self.fail(f"the connection ended without an answer: {cut!r}")
                self.assertEqual(answer.status, 413, answer.text[:300])
                self.assertIn("“large.bin” was not attached", answer.text)
                self.assertEqual((value(answer, "body"), value(answer, "subject")), ("words stay", subject))
                self.assertIn("small.txt", answer.text)
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])
        page = self.write(client, to="ben@demo.test", subject=subject, body="x")
        self.sent(self.send(client, page, files={"file": [("fits.bin", "application/zip", bytes(600 << 10))]}))


class MockSmtpTest(WriteTest):
    """Against a submission server that misbehaves, with the real IMAP server."""

    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpWait="2s", ConnectWait="2s")
        sections[f"Host {MOCK}"] = {"SmtpPort": cls.mock.port, "SmtpSecurity": "none"}
        sections["Host down.test"] = {"SmtpPort": proc.free_ports(1)[0], "SmtpSecurity": "none"}

    def setUp(self) -> None:
        self.mock.faults.clear()
        self.mock.messages.clear()
        self.mock.steps.clear()

    def composing(self, host: str = MOCK) -> tuple[str, Client, Page]:
        user = self.person()
        client = self.client(host=host)
        client.login(user, self.backend.passwords[user])
        return user, client, self.write(client, to="ben@demo.test", subject="mock", body="the words")

    def test_down(self) -> None:
        user, client, page = self.composing("down.test")
        answer = self.send(client, page)
        self.assertEqual(answer.status, 503)
        self.assertTrue(box.note(answer))
        self.assertEqual(value(answer, "body"), "the words")
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])

    def test_every_step_may_fail(self) -> None:
        refusals = {
            "greeting": b"554 5.3.2 no service\r\n",
            "EHLO": b"502 5.5.1 what\r\n",
            "AUTH": b"454 4.7.0 not now\r\n",
            "MAIL": b"552 5.3.4 full\r\n",
            "RCPT": b"550 5.1.1 no such user\r\n",
            "DATA": b"451 4.3.0 later\r\n",
        }
        for step, refusal in refusals.items():
            for fault in (refusal, HANG, CUT, GARBAGE):
                with self.subTest(step=step, fault=fault):
                    self.setUp()
                    user, client, page = self.composing()
                    self.mock.faults[step] = fault
                    answer = self.send(client, page)
                    self.assertIn(answer.status, (422, 502, 503), answer.text[:300])
                    self.assertTrue(box.note(answer), answer.text[:300])
                    self.assertEqual(value(answer, "body"), "the words")
                    self.assertEqual(self.mock.messages, [])
                    self.assertEqual(box.subjects(self.backend, user, "Sent"), [])
                    self.mock.faults.clear()
                    self.sent(self.send(client, answer))
                    self.assertEqual(len(self.mock.messages), 1)
                    self.assertEqual(box.subjects(self.backend, user, "Sent"), ["mock"])

    def test_refused_after_the_dot(self) -> None:
        user, client, page = self.composing()
        self.mock.faults["dot"] = b"554 5.7.1 smells of spam\r\n"
        answer = self.send(client, page)
        self.assertEqual(answer.status, 422)
        self.assertIn("smells of spam", box.note(answer))
        self.mock.faults.clear()
        self.sent(self.send(client, answer))
        self.assertEqual(box.subjects(self.backend, user, "Sent"), ["mock"])

    def test_lost_answer_is_never_sent_again(self) -> None:
        for fault in (CUT, HANG, GARBAGE):
            with self.subTest(fault):
                self.setUp()
                user, client, page = self.composing()
                self.mock.faults["dot"] = fault
                answer = self.send(client, page)
                self.assertEqual(box.heading(answer), "Perhaps sent", answer.text[:300])
                self.mock.faults.clear()
                for _ in range(2):
                    self.assertEqual(box.heading(self.send(client, page)), "Perhaps sent")
                self.assertEqual(box.heading(client.get(f"/compose?id={id_of(page)}")), "Perhaps sent")
                self.assertEqual(len(self.mock.messages), 1)


class KilledTest(WriteTest):
    """SIGKILL between the steps of sending."""

    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.addClassCleanup(cls.mock.close)
        sections["Mail"].update(SmtpPort=cls.mock.port, SmtpSecurity="none")

    def test_30_mb_in_little_memory(self) -> None:
        # Here, where the server may take its time for the last byte.
        user = self.person()
        client = self.browser(user)
        self.mock.messages.clear()
        page = self.write(client, to="ben@demo.test", subject="mock", body="the words")
        data = bytes(range(256)) * (30 << 12)
        memory = box.Memory(self.server)
        page = client.submit(form_of(page), "do=attach", files={"file": [("l.bin", "application/zip", data)]})
        self.assertIn("l.bin", page.text)
        self.sent(self.send(client, page))
        rise = memory.rise()
        got = parsed(self.mock.messages[0])
        self.assertTrue(next(got.iter_attachments()).get_payload(decode=True) == data)
        self.assertEqual(box.subjects(self.backend, user, "Sent"), ["mock"])
        if box.memory_is_measured():
            self.assertLess(rise, 16)

    def killed_at(self, step: str) -> tuple[Client, str]:
        """A composition whose server was killed while SMTP was at `step`."""
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test", subject="killed", body="the words")
        self.mock.messages.clear()
        self.mock.steps.clear()
        self.mock.faults[step] = HANG

        def click() -> None:
            try:
                self.send(client, page)
            except (OSError, http.client.HTTPException):
                pass

        clicking = threading.Thread(target=click)
        clicking.start()
        proc.wait_until(lambda: step in self.mock.steps, f"SMTP at {step}", 20, self.server.process)
        self.server.kill()
        clicking.join()
        self.mock.faults.clear()
        self.server.start()
        return client, id_of(page)

    def test_before_the_dot_it_goes_out_at_the_next_start(self) -> None:
        for step in ("RCPT", "DATA"):
            with self.subTest(step):
                client, compose = self.killed_at(step)
                proc.wait_until(lambda: box.heading(client.get(f"/compose?id={compose}")) == "Sent", "the sending", 20)
                self.assertEqual(len(self.mock.messages), 1)

    def test_after_the_dot_it_is_unsure(self) -> None:
        client, compose = self.killed_at("dot")
        page = client.get(f"/compose?id={compose}")
        self.assertEqual(box.heading(page), "Perhaps sent", page.text[:300])
        self.assertEqual(len(self.mock.messages), 1)


class SentCopyTest(WriteTest):
    """The copy in Sent, when the IMAP server does not want it."""

    imap_mock: ClassVar[ImapMock]
    mock: ClassVar[SmtpMock]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.mock = SmtpMock()
        cls.imap_mock = ImapMock()
        cls.addClassCleanup(cls.mock.close)
        cls.addClassCleanup(cls.imap_mock.close)
        sections["Mail"].update(ImapWait="2s", SmtpPort=cls.mock.port, SmtpSecurity="none")
        sections[f"Host {MOCK}"] = {"ImapPort": cls.imap_mock.port, "ImapSecurity": "none"}
        sections["Host other.test"] = {"SentFolder": "Ausgang ä/2026"}

    def setUp(self) -> None:
        self.mock.messages.clear()
        self.imap_mock.faults.clear()
        self.imap_mock.mailbox.appended.clear()

    def test_missing_folder_is_made(self) -> None:
        user = self.person()
        client = self.client(host="other.test")
        client.login(user, self.backend.passwords[user])
        page = self.write(client, to="ben@demo.test", subject="made", body="x")
        self.sent(self.send(client, page))
        self.assertEqual(box.subjects(self.backend, user, "Ausgang ä/2026"), ["made"])

    def sent_without_copy(self, fault: str | bytes) -> tuple[Client, Page]:
        client = self.client(host=MOCK)
        client.login(box.unique("u").replace(" ", ""), "x")
        page = self.write(client, to="ben@demo.test", subject="copy", body="x")
        self.imap_mock.faults["APPEND"] = fault
        done = self.send(client, page)
        self.sent(done)
        done = client.get(done.url)
        self.assertIn("no copy of it in the Sent folder", done.text)
        self.assertEqual(len(self.mock.messages), 1)
        self.imap_mock.faults.clear()
        return client, done

    def copies(self) -> int:
        return sum("Sent" in head and b"Subject: copy" in data for head, data in self.imap_mock.mailbox.appended)

    def test_refused_copy_is_made_later(self) -> None:
        client, done = self.sent_without_copy(b"{tag} NO [OVERQUOTA] your mailbox is full\r\n")
        self.assertIn("mailbox is full", done.text)
        self.imap_mock.mailbox.appended.clear()
        again = client.press(done, "Copy it to Sent now")
        self.sent(again)
        self.assertNotIn("no copy", again.text)
        self.assertEqual(self.copies(), 1)
        self.assertEqual(len(self.mock.messages), 1)

    def test_lost_answer_makes_no_second_copy(self) -> None:
        for fault in (CUT, HANG):
            with self.subTest(fault):
                self.setUp()
                client, done = self.sent_without_copy(fault)
                self.assertEqual(self.copies(), 1)
                self.imap_mock.faults["UID SEARCH"] = b"* SEARCH 1\r\n{tag} OK found\r\n"
                again = client.press(done, "Copy it to Sent now")
                self.assertNotIn("no copy", again.text)
                self.assertEqual(self.copies(), 1)
                self.assertEqual(len(self.mock.messages), 1)


class FormattedTest(WriteTest):
    """Formatted messages, where a browser has no JavaScript."""

    def test_a_formatted_draft_of_another_program(self) -> None:
        user = self.person()
        client = self.browser(user)
        subject = box.unique("Fine draft")
        draft = EmailMessage()
        draft["From"], draft["To"], draft["Subject"] = f"{user}@demo.test", "ben@demo.test", subject
        draft.set_content("Hello bold and mail me\n")
        draft.add_alternative(
            '<p>Hello <b>bold</b> <script>x()</script>and <a href="mailto:a@b.example">mail me</a></p>'
            '<img src="https://example.org/a.png" onerror="x()">',
            subtype="html",
        )
        self.backend.append(user, "Drafts", [(draft.as_bytes(policy=policy.SMTP), "\\Draft", 1.7e9)])
        row = next(each for each in box.rows(client.get(box.list_url("Drafts"))) if each.subject == subject)
        page = client.get(f"/compose?folder=Drafts&uid={row.uid}&edit=1")
        self.assertIn("Hello bold and mail me", value(page, "body"))
        html = value(page, "html")
        self.assertIn("<b>bold</b>", html)
        self.assertNotIn("script", html)
        self.assertNotIn("onerror", html)
        page = self.send(client, page)
        self.sent(page)
        got = self.arrived(subject)[0]
        body = got.get_body(("html",))
        assert body is not None
        self.assertIn("<b>bold</b>", body.get_content())
        self.assertIn('href="mailto:a@b.example"', body.get_content())
        self.assertIn("https://example.org/a.png", body.get_content())
        self.assertEqual(got.get_content_type(), "multipart/alternative")
        # Changed without an editor, the plain words are all there is.
        row = next(each for each in box.rows(client.get(box.list_url("Sent"))) if each.subject == subject)
        page = client.get(f"/compose?folder=Sent&uid={row.uid}&edit=1")
        page = self.send(client, page, body="Only plain", subject=subject + " again")
        self.sent(page)
        again = next(each for each in self.arrived(subject + " again"))
        self.assertEqual(again.get_content_type(), "text/plain")
        self.assertEqual(text_of(again), "Only plain")
