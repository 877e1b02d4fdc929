"""Drafts: one per composition, nothing overwritten, nobody else's mail touched."""

from __future__ import annotations

import json
from email.message import EmailMessage
from typing import ClassVar
from urllib.parse import quote

import mailbox as box
import server as web
import steps
from client import Client, File, Page
from test_writing import WriteTest, form_of, id_of, parsed, text_of, value

LARGE = bytes(range(256)) * (8 << 10)  # 2 MB


def files_of(message: EmailMessage) -> dict[str, bytes]:
    return {str(each.get_filename()): each.get_payload(decode=True) for each in message.iter_attachments()}  # type: ignore[misc]


class DraftCase(WriteTest):
    def drafts(self, user: str, folder: str = "Drafts") -> list[EmailMessage]:
        return [parsed(each) for each in box.raw_messages(self.backend, user, folder)]

    def script(self, client: Client, page: Page, verb: str, *, base: str | None = None, **fields: str | File) -> tuple[int, dict]:
        """What compose.js sends between the buttons."""
        pairs = [(name, fields.get(name, each)) for name, each in form_of(page).values() if name not in ("file", "version")]
        pairs += [(name, each) for name, each in fields.items() if form_of(page).find(name) is None or name == "file"]
        pairs += [("version", base or value(page, "version")), ("do", verb)]
        answer = client.post("/compose", pairs, multipart=True, follow=False)
        return answer.status, json.loads(answer.body)

    def stored(self, page: Page) -> tuple:
        return steps.database(self.server, "SELECT version, draft_version, draft_uid, draft_files FROM compose WHERE id = ?", id_of(page))[0]


class DraftTest(DraftCase):
    def test_each_step_leaves_one_draft(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test", subject="steps", body="one")
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["one"])
        page = client.submit(form_of(page), "do=save", body="two", bcc="chloe@demo.test", files={"file": [("a.bin", "application/zip", LARGE)]})
        self.assertIn("draft is saved", page.text)
        [draft] = self.drafts(user)
        self.assertEqual((text_of(draft), draft["Bcc"].addresses[0].addr_spec), ("two", "chloe@demo.test"))
        self.assertEqual(files_of(draft), {"a.bin": LARGE})
        name, version = str(draft["X-Iwebmsg-Compose"]).split()
        self.assertEqual((name, version), (id_of(page), value(page, "version")))
        # What is there already is not put there again.
        uid = self.stored(page)[2]
        page = client.submit(form_of(page), "do=save")
        self.assertEqual(self.stored(page)[2], uid)
        again = self.send(client, page, to="no address")
        self.assertEqual(again.status, 422)
        self.assertEqual([str(each["To"]).strip() for each in self.drafts(user)], ["no address:;"])
        button = next(each for each in form_of(page).buttons() if each.name == "remove")
        page = client.submit(form_of(again), f"remove={button.value}")
        self.assertEqual([files_of(each) for each in self.drafts(user)], [{}])
        self.sent(self.send(client, page, to="ben@demo.test"))
        self.assertEqual(self.drafts(user), [])

    def test_unchanged_files_do_not_travel_again(self) -> None:
        user = self.person()
        client = self.browser(user)
        text = ("notes ä.txt", "text/plain", b"Notes\nof the day\n.\n")
        page = client.submit(
            form_of(self.write(client, to="ben@demo.test", subject="cat", body="one")),
            "do=attach",
            files={"file": [("a.bin", "application/zip", LARGE), text]},
        )
        # What Drafts has already comes from there, not from the store.
        steps.database(self.server, "UPDATE attachment_chunk SET content = x'00' WHERE attachment IN (SELECT id FROM attachment WHERE compose = ?)", id_of(page))
        for at, words in enumerate(("two", "ünicode", "x" * 3000)):
            third = [(f"c{at}.bin", "application/x-c", bytes([at]) * 1000)]
            page = client.submit(form_of(page), "do=save", body=words, files={"file": third})
            [draft] = self.drafts(user)
            self.assertEqual(text_of(draft).replace("\n", ""), words)
            expected = {"a.bin": LARGE, "notes ä.txt": text[2], **{f"c{n}.bin": bytes([n]) * 1000 for n in range(at + 1)}}
            self.assertEqual(files_of(draft), expected)
        button = next(each for each in form_of(page).buttons() if each.name == "remove")
        page = client.submit(form_of(page), f"remove={button.value}")
        [draft] = self.drafts(user)
        self.assertEqual(files_of(draft), {name: data for name, data in expected.items() if name != "a.bin"})
        # The copy is gone (another client): all of it travels.
        box.expunge(self.backend, user, "1:*", "Drafts")
        page = client.submit(form_of(page), "do=save", body="again")
        [draft] = self.drafts(user)
        self.assertEqual((text_of(draft), sorted(files_of(draft))), ("again", ["c0.bin", "c1.bin", "c2.bin", "notes ä.txt"]))
        self.assertEqual(files_of(draft)["notes ä.txt"], b"\0")

    def test_nobody_elses_deleted_mail_is_expunged(self) -> None:
        user = self.person()
        client = self.browser(user)
        box.put(self.backend, user, "Drafts", box.letter("theirs"))
        box.store(self.backend, user, "1", "+FLAGS (\\Deleted)", "Drafts")
        page = self.write(client, to="ben@demo.test", subject="mine", body="one")
        page = client.submit(form_of(page), "do=save", body="two")
        self.assertEqual(sorted(box.subjects(self.backend, user, "Drafts")), ["mine", "theirs"])
        client.submit(form_of(page), "do=discard")
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), ["theirs"])

    def test_discarded_and_brought_back(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test", subject="thrown away", body="one")
        page = client.submit(form_of(page), "do=attach", files={"file": [("a.bin", "application/zip", LARGE)]})
        form = form_of(page)
        gone = client.submit(form, "do=discard", body="two")
        self.assertIn("discarded", gone.text)
        self.assertEqual(self.drafts(user), [])
        undo = gone.form(action="/compose", field="id")
        # Its address, and a window that only leaves, say and do nothing else.
        self.assertIn("discarded", client.get(f"/compose?id={id_of(page)}").text)
        answer = client.post("/compose", [(each, value(page, each)) for each in ("csrf", "id", "version", "owner")] + [("do", "leave")], multipart=True)
        self.assertEqual((answer.status >= 400, self.drafts(user)), (True, []))
        # Nobody else's to bring back.
        other = self.browser(self.person())
        theirs = other.post("/compose", [("csrf", value(other.get("/compose"), "csrf")), ("id", id_of(page)), ("do", "restore")])
        self.assertEqual(theirs.status, 404)
        for _ in range(2):
            again = client.submit(undo, "do=restore")
            self.assertIn("Here is your message again", again.text)
            self.assertEqual((value(again, "body").strip(), value(again, "subject")), ("two", "thrown away"))
            self.assertIn("a.bin", again.text)
            [draft] = self.drafts(user)
            self.assertEqual((text_of(draft), files_of(draft)), ("two", {"a.bin": LARGE}))
        # The page that offered it does so no more, and it is written on.
        self.assertNotIn("discarded", client.get(gone.path).text)
        self.sent(self.send(client, again, subject="back again"))
        self.assertEqual(self.drafts(user), [])
        # Back, and on from there: nothing is refused, files included.
        page = self.write(client, to="ben@demo.test", subject="second", body="one")
        page = client.submit(form_of(page), "do=attach", files={"file": [("b.bin", "application/zip", b"b")]})
        client.submit(form_of(page), "do=discard")
        page = client.submit(form_of(page), "do=save", body="went on")
        [draft] = self.drafts(user)
        self.assertEqual((text_of(draft), files_of(draft)), ("went on", {"b.bin": b"b"}))
        # Later it is not offered, and in the end not there any more.
        gone = client.submit(form_of(page), "do=discard")
        undo = gone.form(action="/compose", field="id")
        steps.database(self.server, "UPDATE compose SET saved_s = saved_s - 700 WHERE id = ?", id_of(page))
        self.assertNotIn("discarded", client.get(gone.path).text)
        steps.database(self.server, "DELETE FROM compose WHERE id = ?", id_of(page))
        late = client.submit(undo, "do=restore")
        self.assertEqual((late.status, "cannot be brought back" in late.text), (404, True))

    def test_autosave_and_leaving(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = client.get("/compose")
        status, said = self.script(client, page, "autosave", to="ben@demo.test", subject="auto", body="first words")
        self.assertEqual((status, said["version"], said["files"]), (200, 1, []))
        # New, so at once in Drafts; then for two minutes only in the store.
        self.assertEqual(box.subjects(self.backend, user, "Drafts"), ["auto"])
        status, said = self.script(client, page, "autosave", base="1", to="ben@demo.test", subject="auto", body="more words")
        self.assertEqual((status, said["version"]), (200, 2))
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["first words"])
        self.assertEqual(value(client.get(f"/compose?id={id_of(page)}"), "body"), "more words")
        steps.database(self.server, "UPDATE compose SET draft_s = draft_s - 121 WHERE id = ?", id_of(page))
        self.script(client, page, "autosave", base="2", to="ben@demo.test", subject="auto", body="third words")
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["third words"])
        status, said = self.script(client, page, "upload", file=("u ü.bin", "application/zip", b"upload"), upload="1")
        self.assertEqual((status, [each["name"] for each in said["files"]]), (200, ["u ü.bin"]))
        status, said = self.script(client, page, "upload", file=("u ü.bin", "application/zip", b"UPLOAD"), upload="2")
        self.assertEqual(len(said["files"]), 2)
        status, said = self.script(client, page, "leave", base="3", to="ben@demo.test", subject="auto", body="last words")
        self.assertEqual(status, 200)
        [draft] = self.drafts(user)
        self.assertEqual((text_of(draft), [each.get_payload(decode=True) for each in draft.iter_attachments()]), ("last words", [b"upload", b"UPLOAD"]))
        # Without the text (nothing was changed since) nothing is emptied.
        few = [(name, each) for name, each in form_of(page).values() if name in ("csrf", "id", "owner")]
        for verb in ("leave", "save", "autosave"):
            client.post("/compose", [*few, ("version", "4"), ("do", verb)], multipart=True)
        self.assertEqual(value(client.get(f"/compose?id={id_of(page)}"), "body"), "last words")
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["last words"])

    def test_two_windows_on_one_draft(self) -> None:
        user = self.person()
        client = self.browser(user)
        mine = self.write(client, to="ben@demo.test", subject="two", body="begun")
        theirs = client.get(f"/compose?id={id_of(mine)}")
        theirs = client.submit(form_of(theirs), "do=save", body="of the other window", cc="chloe@demo.test")
        status, said = self.script(client, mine, "autosave", body="of this window")
        self.assertEqual(status, 409)
        self.assertIn("another window", said["words"])
        for verb in ("save", "send", "attach"):
            both = client.submit(form_of(mine), f"do={verb}", body="of this window", files={"file": [("m.txt", "text/plain", b"m")]})
            self.assertEqual(both.status, 409)
            self.assertEqual(value(both, "body"), "of this window")
            self.assertIn("of the other window", both.text)
            self.assertIn("m.txt", both.text)
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["of the other window"])
        apart = client.submit(form_of(both), "do=copy")
        self.assertNotEqual(id_of(apart), id_of(mine))
        self.assertIn("m.txt", apart.text)
        self.assertEqual(sorted(text_of(each) for each in self.drafts(user)), ["of the other window", "of this window"])
        client.submit(form_of(apart), "do=discard")
        taken = client.submit(form_of(both), "do=theirs")
        self.assertEqual(value(taken, "body"), "of the other window")
        kept = client.submit(form_of(both), "do=save", body="mine after all")
        self.assertIn("draft is saved", kept.text)
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["mine after all"])
        # Back in one window, and on from there, is no conflict.
        page = client.submit(form_of(kept), "do=save", body="Back and on")
        self.assertEqual(page.status, 200)
        page = client.submit(form_of(kept), "do=save", body="Back once more")
        self.assertEqual((page.status, value(page, "body")), (200, "Back once more"))

    def test_logging_off_while_writing(self) -> None:
        """A button of the form: Drafts first, then the session ends."""
        user = self.person()
        client = self.browser(user)
        page = client.get("/compose")
        answer = client.submit(form_of(page), "do=logoff", to="ben@demo.test", subject="tired", body="last words", files={"file": [("l.txt", "text/plain", b"l")]})
        self.assertEqual(box.heading(answer), "You are logged off")
        self.assertTrue(steps.is_login_page(client.get("/list")))
        [draft] = self.drafts(user)
        self.assertEqual((str(draft["Subject"]), text_of(draft), files_of(draft)), ("tired", "last words", {"l.txt": b"l"}))
        # Nothing written: no draft, and nothing is kept.
        client = self.browser(user)
        self.assertEqual(box.heading(client.press(client.get("/compose"), "Log off")), "You are logged off")
        self.assertEqual(len(self.drafts(user)), 1)
        self.assertEqual(len(steps.database(self.server, "SELECT 1 FROM compose WHERE account LIKE ?", f"{user}%")), 1)

    def test_logging_off_with_two_texts(self) -> None:
        user = self.person()
        client = self.browser(user)
        mine = self.write(client, to="ben@demo.test", subject="two", body="begun")
        client.submit(form_of(client.get(f"/compose?id={id_of(mine)}")), "do=save", body="of the other window")
        both = client.submit(form_of(mine), "do=logoff", body="of this window")
        self.assertEqual((both.status, value(both, "body")), (409, "of this window"))
        self.assertIn("You are still logged in", both.text)
        self.assertFalse(steps.is_login_page(client.get("/list")))
        # Nothing is overwritten by whoever presses it once more.
        self.assertEqual(box.heading(client.submit(form_of(both), "do=logoff", body="of this window, and more")), "You are logged off")
        self.assertEqual(sorted(text_of(each) for each in self.drafts(user)), ["of the other window", "of this window, and more"])

    def test_draft_of_another_client(self) -> None:
        user = self.person()
        letter = EmailMessage()
        letter["From"] = f"{user}@demo.test"
        letter["To"] = "Ben Öztürk <ben@demo.test>"
        letter["Cc"] = "chloe@demo.test"
        letter["Bcc"] = "anna@demo.test"
        letter["Subject"] = "Von nebenan: Straße"
        letter["In-Reply-To"] = "<a@x>"
        letter["References"] = "<b@x> <a@x>"
        letter["X-Priority"] = "1 (Highest)"
        letter["Disposition-Notification-To"] = f"{user}@demo.test"
        letter.set_content("Schöne Grüße\n> quoted\n")
        letter.add_alternative("<p>Schöne <b>Grüße</b></p>", subtype="html")
        letter.add_attachment(b"\x00\x01pdf", maintype="application", subtype="pdf", filename="Änderung.pdf")
        letter.add_attachment("Zeile ä\n", filename="text.txt")
        box.put(self.backend, user, "Drafts", letter.as_bytes().replace(b"\n", b"\r\n"))
        box.store(self.backend, user, "1", "+FLAGS (\\Draft \\Seen)", "Drafts")
        client = self.browser(user)
        page = client.get("/compose?folder=Drafts&uid=1&edit=1")
        self.assertEqual((value(page, "to"), value(page, "cc"), value(page, "bcc")), ('Ben Öztürk <ben@demo.test>', "chloe@demo.test", "anna@demo.test"))
        self.assertEqual(value(page, "subject"), "Von nebenan: Straße")
        self.assertEqual(value(page, "body").replace("\r\n", "\n").strip(), "Schöne Grüße\n> quoted")
        self.assertEqual((value(page, "priority"), form_of(page).find("receipt").checked), ("high", True))  # type: ignore[union-attr]
        self.assertEqual(len([each for each in form_of(page).fields if each.name == "keep"]), 2)
        # While somebody types, the original stays in Drafts, with its files.
        self.script(client, page, "autosave", body="changed")
        self.assertEqual(len(self.drafts(user)), 1)
        self.assertEqual(len(files_of(self.drafts(user)[0])), 2)
        page = client.submit(form_of(page), "do=save", body="changed")
        [draft] = self.drafts(user)
        self.assertEqual(text_of(draft), "changed")
        self.assertEqual((str(draft["In-Reply-To"]), str(draft["References"])), ("<a@x>", "<b@x> <a@x>"))
        files = files_of(draft)
        self.assertEqual(files["Änderung.pdf"], b"\x00\x01pdf")
        self.assertIn("Zeile ä".encode(), files["text.txt"])

    def open(self, client: Client, subject: str) -> Page:
        return client.get(f"{box.open_message(client, subject, 'Drafts').link('Edit draft')}")

    def test_on_another_device(self) -> None:
        user = self.person()
        here, there = self.browser(user), self.browser(user)
        subject = box.unique("device")
        page = self.write(here, to="ben@demo.test", subject=subject, body="begun here")
        page = here.submit(form_of(page), "do=attach", priority="high", dsn=True, files={"file": [("f.bin", "application/zip", b"f")]})
        uid = self.stored(page)[2]
        other = there.get(f"/compose?folder=Drafts&uid={uid}&edit=1")
        self.assertEqual(id_of(other), id_of(page))
        self.assertEqual((value(other, "body"), value(other, "priority"), form_of(other).find("dsn").checked), ("begun here", "high", True))  # type: ignore[union-attr]
        self.assertIn("f.bin", other.text)
        # The store is gone, or older than the draft: the draft itself goes on.
        for change in ("UPDATE compose SET version = 0 WHERE id = ?", "DELETE FROM compose WHERE id = ?"):
            with self.subTest(change):
                steps.database(self.server, change, id_of(page))
                anew = there.get(f"/compose?folder=Drafts&uid={uid}&edit=1")
                self.assertNotEqual(id_of(anew), id_of(page))
                self.assertEqual(value(anew, "body").strip(), "begun here")
        self.sent(self.send(there, anew))
        self.assertEqual(self.drafts(user), [])
        self.assertEqual(files_of(self.arrived(subject)[0]), {"f.bin": b"f"})

    def test_two_copies_after_a_crash(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = self.write(client, to="ben@demo.test", subject="twice", body="old")
        old = box.raw_messages(self.backend, user, "Drafts")[0]
        page = client.submit(form_of(page), "do=save", body="new")
        box.put(self.backend, user, "Drafts", old)
        self.assertEqual(len(self.drafts(user)), 2)
        older = max(box.flags(self.backend, user, "Drafts"))
        opened = client.get(f"/compose?folder=Drafts&uid={older}&edit=1")
        self.assertEqual((id_of(opened), value(opened, "body")), (id_of(page), "new"))
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["new"])
        # The same without anything in the store.
        box.put(self.backend, user, "Drafts", old)
        steps.database(self.server, "DELETE FROM compose WHERE id = ?", id_of(page))
        older = max(box.flags(self.backend, user, "Drafts"))
        opened = client.get(f"/compose?folder=Drafts&uid={older}&edit=1")
        self.assertEqual(value(opened, "body").strip(), "new")
        self.assertEqual([text_of(each) for each in self.drafts(user)], ["new"])

    def test_folder_with_a_name_beyond_ascii(self) -> None:
        user = self.person()
        client = self.client(host="other.test")
        client.login(user, self.backend.passwords[user])
        page = self.write(client, to="ben@demo.test", subject="folder", body="one")
        page = client.submit(form_of(page), "do=attach", files={"file": [("a.bin", "application/zip", LARGE)]})
        page = client.submit(form_of(page), "do=save", body="two")
        [draft] = self.drafts(user, "Entwürfe & mehr/2026")
        self.assertEqual((text_of(draft), files_of(draft)), ("two", {"a.bin": LARGE}))
        self.assertEqual(client.get(f"/list?folder={quote('Entwürfe & mehr/2026')}").status, 200)

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Host other.test"] = {"DraftsFolder": "Entwürfe & mehr/2026"}


class OldServerTest(DraftCase):
    """A mail server without UIDPLUS, MOVE and CATENATE."""

    user: ClassVar[str]
    other: ClassVar[box.OtherImap]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.user = box.new_user(cls.backend)
        cls.other = box.OtherImap("IMAP4rev1 LITERAL+", [cls.user]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Host old.test"] = {"ImapPort": cls.other.ports["imaps"], "ImapCA": cls.other.ca_file}

    def test_older_copies_go_to_trash(self) -> None:
        client = self.client(host="old.test")
        client.login(self.user, self.other.passwords[self.user])
        box.put(self.other, self.user, "Drafts", box.letter("theirs"))
        box.store(self.other, self.user, "1", "+FLAGS (\\Deleted)", "Drafts")
        page = self.write(client, to="ben@demo.test", subject="mine", body="one")
        page = client.submit(form_of(page), "do=attach", body="two", files={"file": [("a.bin", "application/zip", LARGE)]})
        self.assertIn("theirs", box.subjects(self.other, self.user, "Drafts"))
        self.assertEqual(box.subjects(self.other, self.user, "Trash"), ["mine"])
        live = [number for number, found in box.flags(self.other, self.user, "Drafts").items() if "\\Deleted" not in found]
        self.assertEqual(len(live), 1)
        # By itself 2 MB are not sent again and again; with a button they are.
        count = len(box.subjects(self.other, self.user, "Drafts"))
        steps.database(self.server, "UPDATE compose SET draft_s = 0 WHERE id = ?", id_of(page))
        status, _ = self.script(client, page, "autosave", body="three")
        self.assertEqual((status, len(box.subjects(self.other, self.user, "Drafts"))), (200, count))
        page = client.get(f"/compose?id={id_of(page)}")
        self.assertEqual(value(page, "body"), "three")
        client.submit(form_of(page), "do=save")
        self.assertEqual(len(box.subjects(self.other, self.user, "Drafts")), count + 1)

    def test_without_the_server(self) -> None:
        """The last one: the server does not come back."""
        client = self.client(host="old.test")
        client.login(self.user, self.other.passwords[self.user])
        page = client.get("/compose")
        self.other.stop_imap()
        page = client.submit(form_of(page), "do=attach", to="ben@demo.test", subject="away", body="words", files={"file": [("f.bin", "application/zip", b"f")]})
        self.assertEqual(value(page, "body"), "words")
        self.assertIn("could not be put into your Drafts", page.text)
        self.assertIn("f.bin", page.text)
        status, said = self.script(client, page, "leave")
        self.assertEqual(status, 200)
        self.assertIn("could not be put into your Drafts", str(said["words"]))
        page = client.submit(form_of(page), "do=save")
        self.assertEqual((page.status, value(page, "body")), (503, "words"))
        # Log off says so first; then it is done, and the text is shown at the next login.
        page = client.submit(form_of(page), "do=logoff", body="words and more")
        self.assertEqual((page.status, value(page, "body")), (503, "words and more"))
        self.assertIn("You are still logged in", page.text)
        self.assertEqual(box.heading(client.submit(form_of(page), "do=logoff")), "You are logged off")
        self.assertEqual(steps.database(self.server, "SELECT unseen FROM compose WHERE id = ?", id_of(page)), [(2,)])
