"""What was being written when a session ended belongs to who wrote it, whoever logs in next."""

from __future__ import annotations

import mailbox as box
import steps
from client import Client, Page
from test_writing import WriteTest, form_of, value

WORDS = "what chloe wrote to somebody"
FILE = {"file": [("plan.txt", "text/plain", b"the plan")]}
NOTE = "belongs to another login"


class LeftTest(WriteTest):
    """Four ends of a session, and who logs in then."""

    def begun(self) -> tuple[str, Client, Page, str]:
        user = self.person()
        client = self.browser(user)
        subject = box.unique("Left")
        return user, client, self.write(client, to="ben@demo.test", subject=subject, body="first words"), subject

    def end(self, how: str, user: str, client: Client) -> None:
        if how == "idle":
            steps.database(self.server, "UPDATE session SET used_s = used_s - 90000 WHERE account LIKE ?", f"{user}%")
        elif how == "ended elsewhere":
            other = self.browser(user)
            page = other.get("/devices")
            other.submit(next(form for form in page.forms if form.find("id")), "end")
        elif how == "logged off in another tab":
            client.press(client.get("/list"), "Log off")
        elif how == "restarted, and the database is older":
            self.server.kill()
            self.server.start()
            steps.database(self.server, "DELETE FROM session")

    ENDS = ("idle", "ended elsewhere", "logged off in another tab", "restarted, and the database is older")

    LOGGED_OFF = ENDS[1:3]

    def login_page(self, how: str, **changes: object) -> tuple[str, Client, Page, Page, str]:
        """Somebody wrote, the session ended, a button was pressed: the login page is there."""
        user, client, page, subject = self.begun()
        self.end(how, user, client)
        answer = client.submit(form_of(page), "do=send", body=WORDS, **changes)  # type: ignore[arg-type]
        self.assertTrue(steps.is_login_page(answer), answer.text[:400])
        self.assertIn("What you were writing is kept", answer.text)
        # Whoever sits there next finds nothing in the page, nor in its source.
        for secret in (WORDS, subject, "plan", "ben@demo.test"):
            self.assertNotIn(secret, answer.html)
        return user, client, page, answer, subject

    def found_again(self, how: str, user: str, subject: str) -> Page:
        """It stands on the first list of its writer, on any device; who logged off has it beside the older text."""
        fresh = self.browser(user)
        page = fresh.get("/list")
        self.assertIn("What was being written when a session ended is kept here", page.text)
        page = fresh.follow(page, subject)
        self.assertEqual((value(page, "body"), value(page, "subject")), (WORDS, subject))
        saved = fresh.submit(form_of(page), "do=save")
        self.assertIn("The draft is saved", saved.text)
        self.assertNotIn("is kept here", fresh.get("/list").text)
        self.assertEqual(box.subjects(self.backend, user, "Drafts").count(subject), 2 if how in self.LOGGED_OFF else 1)
        return saved

    def test_the_same_person_goes_on(self) -> None:
        for how in self.ENDS:
            for spelled in ("{}", "{}@demo.test"):
                with self.subTest(how, spelled=spelled):
                    user, client, _, answer, subject = self.login_page(how)
                    # A wrong password first: it stays with the page.
                    answer = client.login(user, "wrong", answer)
                    self.assertNotIn(WORDS, answer.html)
                    back = client.login(spelled.format(user.upper()), self.backend.passwords[user], answer)
                    self.assertEqual((back.status, value(back, "body"), value(back, "subject")), (200, WORDS, subject))
                    self.assertIn("Nothing was sent yet", back.text)
                    self.sent(self.send(client, back))
                    self.assertEqual(len(self.arrived(subject)), 1)
                    self.assertNotIn("is kept here", client.get("/list").text)

    def test_another_person_gets_their_own_mailbox(self) -> None:
        for how in self.ENDS:
            with self.subTest(how):
                user, client, page, answer, subject = self.login_page(how, files=FILE)
                other = self.person()
                theirs = client.login(other, self.backend.passwords[other], answer)
                self.assertEqual((theirs.status, theirs.path.partition("?")[0]), (200, "/list"))
                self.assertIn(NOTE, box.note(theirs))
                # Back, and everything that was there is sent once more.
                login_again = client.submit(answer.form(field="password"), name=other, password=self.backend.passwords[other])
                form_again = client.submit(form_of(page), "do=send", body=WORDS)
                self.assertEqual(form_again.status, 403)
                for each in (theirs, login_again, form_again, client.get("/list"), client.get(f"/compose?id={value(page, 'id')}")):
                    self.assertNotIn(WORDS, each.html)
                    self.assertNotIn(subject, each.html)
                    self.assertNotIn("plan.txt", each.html)
                for folder in ("Drafts", "Sent"):
                    self.assertNotIn(subject, box.subjects(self.backend, other, folder))
                back = self.found_again(how, user, subject)
                self.assertEqual("plan.txt" in back.text, how not in self.LOGGED_OFF)
                self.assertNotIn(subject, box.subjects(self.backend, "ben", "INBOX"))

    def test_where_the_session_of_somebody_else_is_already(self) -> None:
        """Chloe's tab stayed open; Ben logged in in another one, and presses its button."""
        for how in self.ENDS:
            with self.subTest(how):
                user, client, page, subject = self.begun()
                self.end(how, user, client)
                other = self.person()
                client.login(other, self.backend.passwords[other], client.get("/login"))
                answer = client.submit(form_of(page), "do=save", body=WORDS)
                self.assertEqual(answer.status, 403)
                self.assertIn("begun in another account", answer.text)
                self.assertNotIn(WORDS, answer.html)
                self.found_again(how, user, subject)

    def test_it_stays_until_it_is_safe(self) -> None:
        user, client, _, answer, subject = self.login_page("idle")
        back = client.login(user, self.backend.passwords[user], answer)
        # Looked at and left: it is not in Drafts yet.
        page = client.get("/list")
        self.assertIn(subject, page.text)
        client.submit(form_of(back), "do=discard")
        self.assertNotIn("is kept here", client.get("/list").text)

    def test_nobody_fills_the_store_of_another(self) -> None:
        user, client, page, _ = self.begun()
        client.press(client.get("/list"), "Log off")
        other = self.person()
        client.login(other, self.backend.passwords[other], client.get("/login"))
        for i in range(25):
            client.submit(form_of(page), "do=save", body=f"number {i}")
        [[number]] = steps.database(self.server, "SELECT COUNT(*) FROM compose WHERE account LIKE ?", f"{user}%")
        self.assertLessEqual(number, 21)

    def test_a_letter_that_was_changed(self) -> None:
        """Nobody makes one letter out of pieces of two, or opens one that is none of ours."""
        user, client, _, answer, subject = self.login_page("ended elsewhere")
        _, _, _, answer2, _ = self.login_page("ended elsewhere")
        form, form2 = answer.form(field="password"), answer2.form(field="password")
        letter, letter2 = form.find("carry.letter"), form2.find("carry.letter")
        assert letter and letter2
        whole = letter.value
        for bad in (whole[:-4], whole[:22] + letter2.value[22:], "x" * 22, "x", whole[:40] + "AAAA" + whole[44:]):
            with self.subTest(bad[:30]):
                letter.value = bad
                page = client.submit(form, name=user, password=self.backend.passwords[user])
                self.assertEqual((page.status, page.path.partition("?")[0]), (200, "/list"))
                self.assertIn("could not be opened", box.note(page))
        letter.value = whole
        page = client.submit(form, name=user, password=self.backend.passwords[user])
        self.assertEqual(value(page, "subject"), subject)

    def test_long_letters_in_every_alphabet(self) -> None:
        words = "日本語とäöü\n" * 12000
        user, client, page, _ = self.begun()
        self.end("ended elsewhere", user, client)
        answer = client.submit(form_of(page), "do=save", body=words)
        self.assertNotIn("とäöü", answer.html)
        back = client.login(user, self.backend.passwords[user], answer)
        self.assertEqual(value(back, "body").replace("\r\n", "\n").strip(), words.strip())
        # Past what a login page can take it can be copied, and says so.
        user, client, page, _ = self.begun()
        self.end("ended elsewhere", user, client)
        answer = client.submit(form_of(page), "do=save", body="x" * 600000)
        self.assertIn("too long to be taken along", answer.text)
        self.assertIn("x" * 1000, answer.html)

    def test_whose_it_is_is_not_known(self) -> None:
        """Its seal is none of ours: it is not taken along to whoever logs in."""
        _, client, page, _ = self.begun()
        steps.database(self.server, "DELETE FROM session")
        answer = client.submit(form_of(page), "do=save", owner="", body=WORDS)
        self.assertTrue(steps.is_login_page(answer))
        self.assertIn("You can copy it from here", answer.text)
        self.assertIn(WORDS, answer.html)
        other = self.person()
        theirs = client.login(other, self.backend.passwords[other], answer)
        self.assertNotIn(WORDS, theirs.html)
