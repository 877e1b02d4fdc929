"""Somebody who is new here: first steps, and places with nothing in them."""

from __future__ import annotations

import mailbox as box
from client import Page

WELCOME = "Welcome"


def empty(page: Page) -> str:
    """What the page says of having nothing."""
    part = page.html.partition('class="empty"')[2]
    return box._plain(part.partition("</div>")[0] if "</div>" in part[:1500] else part.partition("</p>")[0])


class FirstStepsTest(box.MailTest):
    def test_until_they_were_read(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = client.get("/")
        self.assertIn(WELCOME, page.text)
        self.assertIn("Secure mode encrypts everything", page.text)
        self.assertIn("Enter secure mode” stands at the foot", page.text)
        self.assertEqual(box.heading(client.follow(page, "all other keys")), "Keyboard shortcuts")
        # Only there, and again the next time.
        self.assertNotIn(WELCOME, client.get("/list?folder=INBOX").text)
        self.assertNotIn(WELCOME, client.get("/list?folder=Trash").text)
        self.assertIn(WELCOME, client.get("/").text)
        page = client.press(client.get("/"), "Do not show this again")
        self.assertEqual(box.heading(page), "Inbox")
        # Never again: not here, not by an old address, not on a second device.
        second = self.browser(user)
        for browser, address in ((client, "/"), (client, "/list?folder=INBOX&first=1"), (second, "/")):
            self.assertNotIn(WELCOME, browser.get(address).text, address)
        self.assertIn(WELCOME, self.browser(self.person()).get("/").text)

    def test_in_secure_mode_and_without_keys(self) -> None:
        client = self.browser(self.person(), secure=True)
        page = client.get("/")
        self.assertIn("Secure mode: everything between your browser and this server is encrypted.", page.text)
        self.assertNotIn("stands at the foot", page.text)
        client.submit(client.get("/settings").form(field="signature"), "do=save", keys=False)
        page = client.get("/")
        self.assertIn(WELCOME, page.text)
        self.assertNotIn("all other keys", page.text)


class EmptyTest(box.MailTest):
    def test_every_place(self) -> None:
        """What it is for, and a way on."""
        user = self.person()
        client = self.browser(user)
        with self.imap(user) as conn:
            conn.create("Project")
            conn.subscribe("Project")
        for address, words, link, leads in (
            ("/list?folder=INBOX", "What others send you arrives here.", "Write a message", "/compose"),
            ("/list?folder=Drafts", "do not send yet is kept here", "Write a message", "/compose"),
            ("/list?folder=Sent", "A copy of each message that you send", "Write a message", "/compose"),
            ("/list?folder=Archive", "done with and want to keep", "To the Inbox", "/list"),
            ("/list?folder=Junk", "it can be wrong", "To the Inbox", "/list"),
            ("/list?folder=Trash", "can be moved back", "To the Inbox", "/list"),
            ("/list?folder=Project", "move them here", "To the Inbox", "/list"),
            ("/contacts", "A message has a button that adds its sender", "To the Inbox", "/list"),
            ("/responses", "There are none yet.", "Write the first one", "/responses"),
            ("/senders", "Always for this sender", "To the Inbox", "/list"),
            ("/outbox", "that could not be sent, stand here", "Write a message", "/compose"),
        ):
            with self.subTest(address):
                page = client.get(address)
                self.assertIn(words, empty(page))
                self.assertTrue(client.follow(page, link).path.startswith(leads))
        page = client.get("/labels")
        while "Delete" in page.html and page.html.count('value="delete"'):
            page = client.press(page, next(b.label for b in page.form(button="do=delete").buttons() if b.value == "delete"))
        self.assertIn("A label marks messages", empty(page))
        self.assertIn('href="#new-name"', page.html)
        # Searches of each kind lead on, too.
        page = client.get("/list?folder=INBOX&q=nothing")
        self.assertIn("No message in this folder is like that.", empty(page))
        self.assertTrue(client.follow(page, "Search all folders").path.startswith("/search?"))
        self.assertIn("No message is like that in", client.get("/search?q=nothing&in=all").text)
        self.assertIn("You are logged in here only.", client.get("/devices").text)
        self.assertIn("kept by your mail server", client.get("/settings").text)
        # No quota, no outbox: nothing is said of them beside the list.
        side = client.get("/list?folder=INBOX").html.partition('id="folders"')[2].partition("</nav>")[0]
        self.assertNotIn("Outbox", side)

    def test_removed_and_back(self) -> None:
        client = self.browser(self.person())
        form = client.get("/responses?id=new").form(action="/responses", field="body")
        client.submit(form, "do=save", name="Thanks", subject="Thank you", body="Dear\nall")
        form = client.get("/identities?id=new").form(action="/identities", field="signature")
        client.submit(form, "do=save", name="Anna", address="other@demo.test", signature="A.", default=True)
        for address, words in (("/responses", "Thanks"), ("/identities", "other@demo.test")):
            with self.subTest(address):
                before = client.get(address)
                page = client.submit(before.form(button="do=remove"), "do=remove")
                self.assertIn("is removed.", box.note(page))
                self.assertNotIn(words, client.get(address).text)
                page = client.press(page, "Undo")
                self.assertIn("Undone", box.note(page))
                self.assertEqual(box._plain(client.get(address).html), box._plain(before.html))
