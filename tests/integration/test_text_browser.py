"""What a text browser makes of the pages: w3m reads them, forms are sent as ever."""

from __future__ import annotations

import html
import re
import subprocess

import harness
import mailbox as box
import message as m
import w3m
from client import Page
from mailbox import letter, list_url
from test_writing import WriteTest, form_of, text_of

HTML = '<h1>News</h1><p>Dear Anna, <a href="https://a.example.org/">read on</a></p><img src="https://x.example/a.png">'


def reading(page: Page, columns: int = 80) -> str:
    """The page as w3m prints it, links numbered."""
    words = ["w3m", "-dump", "-T", "text/html", "-I", "UTF-8", "-O", "UTF-8"]
    words += ["-cols", str(columns), "-o", "display_link_number=1"]
    done = subprocess.run(words, input=page.body, capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def flat(text: str) -> str:
    return " ".join(text.split())


class TextBrowserTest(WriteTest):
    def read(self, page: Page, *order: str, widths: tuple[int, ...] = (40, 80)) -> None:
        """Good to read: the words stand in this order, and no link is empty."""
        self.assertLess(page.status, 400, page.text[:300])
        shown, _, listed = reading(page).partition("\nReferences:\n")
        # Each number stands before words, of each link of the page.
        numbers = set(re.findall(r"^\[(\d+)\]", listed, re.M))
        for number in numbers:
            said = re.search(rf"\[{number}\]\s*(\S[^\[]*)", shown)
            self.assertTrue(said and re.search(r"\w", said.group(1)), f"link {number} of {page.url}:\n{shown}")
        links = re.findall(r"<a [^>]*href=[^>]*>(.*?)</a>", page.html, re.S)
        self.assertEqual(len(numbers), len(links), shown)
        for inside in links:
            words = html.unescape(re.sub(r"<[^>]*>", "", inside))
            self.assertTrue(re.search(r"\w", words), inside)
        # Nothing of the machinery is to be read.
        self.assertNotRegex(shown, r"\{\{|\}\}|</|<(div|span|p|b|a|svg|form|input)\b|&\w+;|undefined|\bnull\b")
        self.assertNotRegex(shown, r"\b(is|to|of|in|on|by) \.")
        for columns in widths:
            said = flat(reading(page, columns).partition("\nReferences:\n")[0])
            said = re.sub(r"\[\d+\] ?", "", said)
            at = 0
            for words in order:
                found = said.find(words, at)
                self.assertGreaterEqual(found, 0, f"{words!r} does not follow in:\n{said[at:at + 1500]}")
                at = found + len(words)

    def letters(self, user: str) -> None:
        mixed = m.multi("mixed", [m.text("Hello, all well?\n> quoted\n"), m.attachment("plan.pdf", "application/pdf", b"%PDF")], "c")
        both = m.multi("alternative", [m.text("plain words\n"), m.html(HTML)], "b")
        box.put(
            self.backend,
            user,
            "INBOX",
            letter("Only formatted", m.html(HTML)),
            letter("Two forms", both),
            letter("With a file", mixed, to=f"{user}@demo.test", sender="Ben <ben@demo.test>"),
        )

    def test_the_walk(self) -> None:
        user = self.person()
        self.letters(user)
        client = self.client()
        top = ("Skip to the content", "iwebmsg")
        page = client.get("/")
        self.read(page, *top, "Log in", "Name or address", "Password", "Remember me", "Log in", "Connection security")
        wrong = client.login(user, "wrong")
        shown = flat(reading(wrong))
        self.assertIn("type the password again", shown.partition("Name or address")[0])
        page = client.login(user, self.backend.passwords[user])
        folders = ("Inbox", "3 unread", "Drafts", "Sent", "Archive", "Junk", "Trash")
        self.read(
            page,
            *top,
            "Search for",
            f"{user}@demo.test",
            "Write",
            "Log off",
            *folders,
            "Inbox",
            "Delete",
            "1–3 of 3",
            "With a file",
            "Two forms",
            "Only formatted",
            "Connection security",
            widths=(140,),  # so that no cell is broken
        )
        page = box.open_message(client, "With a file")
        tools = ("Reply", "Reply all", "Forward", "Delete", "Archive")
        self.read(
            page,
            "With a file",
            *tools,
            "From",
            "ben@demo.test",
            "To",
            "Date",
            "Attachments",
            "plan.pdf PDF document, 7 bytes",
            "Download plan.pdf",
            "Hello, all well?",
            "quoted",
        )
        page = client.follow(page, "Reply")
        self.read(page, "Reply", "Send", "From", "To", "Cc", "Subject", "Text of the message", "Attachments", "Add files", "Priority")
        subject = box.unique("Re: With a file")
        page = client.submit(form_of(page), "do=send", to="ben@demo.test", subject=subject)
        self.read(page, "Sent", "The mail server has taken your message.", "ben@demo.test", "Back to the messages")
        self.arrived(subject)
        page = client.press(client.get(list_url()), "Log off")
        self.read(page, *top, "You are logged off", "Log in again")

    def test_formatted_letters(self) -> None:
        user = self.person()
        self.letters(user)
        client = self.browser(user)
        page = box.open_message(client, "Two forms")
        self.read(page, "Two forms", "Reply", "Images from the internet stay out", "Show as plain text", "Open the text in a window of its own")
        self.read(client.follow(page, "Show as plain text"), "Two forms", "plain words")
        page = box.open_message(client, "Only formatted")
        self.read(page, "Only formatted", "Open the text in a window of its own")
        body = client.follow(page, "Open the text in a window of its own")
        self.read(body, "News", "Dear Anna, read on")

    def test_every_other_page(self) -> None:
        user = self.person()
        self.letters(user)
        client = self.browser(user)
        message = box.open_message(client, "With a file")
        for link in ("Print", "Show all headers", "Redirect"):
            self.read(client.follow(message, link), "With a file" if link != "Redirect" else "Redirect a message")
        pages = {
            "/settings": ("Settings", "Your name", "Signature", "Save", "Identities"),
            "/outbox": ("Outbox", "Nothing waits here"),
            "/contacts": ("Contacts", "New contact", "Search in the contacts"),
            "/identities": ("Identities",),
            "/responses": ("Templates",),
            "/senders": ("Senders",),
            "/connection": ("Connection security",),
            "/list?folder=Trash": ("Trash", "There are no messages in this folder."),
            list_url(q="nobodywrotethis"): ("Nothing found for",),
        }
        for address, order in pages.items():
            with self.subTest(address):
                self.read(client.get(address), "Skip to the content", *order)
        gone = client.get("/nothing-here")
        self.assertIn("Skip to the content", reading(gone))


class JourneyTest(WriteTest):
    """The whole main job in w3m on a terminal: its keys, its forms, its cookies."""

    def test_the_main_job(self) -> None:
        user = self.person()
        subject, other, name = box.unique("A day at the lake"), box.unique("Known already"), "Reise"
        lake = letter(subject, m.html(HTML), to=f"{user}@demo.test", sender="Ben <ben@demo.test>")
        box.put(self.backend, user, "INBOX", lake)
        box.put(self.backend, user, "INBOX", letter(other), flags="\\Seen")
        plan = harness.new_folder("plan") / "plan.txt"
        plan.write_text("At noon, by the lake.\n")

        with w3m.Terminal(f"http://127.0.0.1:{self.server.plain_port}/") as browser:
            browser.fill("Name or address", user)
            browser.fill("Password", self.backend.passwords[user])
            self.assertIn("Inbox", browser.press("Log in", -1))
            # What is unread, opened; its text beside the frame; answered with a file.
            found = browser.press("Unread")
            self.assertNotIn(other, found)
            self.assertIn("Images from the internet stay out", browser.press(subject, 2))
            self.assertIn("News", browser.press("Open the text in a window of its own", end="read on"))
            self.assertIn(subject, browser.back())
            browser.press("Reply")
            browser.write("Text of the message", "Typed in w3m.\n")
            browser.fill("Add files", str(plan))
            self.assertIn("The mail server has taken your message.", browser.press("Send"))
            # A folder is made; a message labelled, moved there, put back.
            browser.press("Back to the messages")
            browser.press("All folders", -1)
            browser.fill("Name", name)
            self.assertIn("The folder is made", browser.press("Make the folder"))
            browser.press("Back to the messages")
            browser.tick(f"Tick {other}")
            browser.choose("Label", "Work")
            self.assertIn("The label is set on 1 message", browser.press("Set the label"))
            browser.tick(f"Tick {other}")
            browser.choose("Move to", name)
            self.assertIn("1 message moved", browser.press("Move Copy"))
            self.assertEqual(box.subjects(self.backend, user, name), [other])
            self.assertIn("put back", browser.press("Undo"))
            self.assertIn(other, box.subjects(self.backend, user, "INBOX"))
            # It is found by its words; a setting; the end.
            browser.fill("Search for", "subject:known label:work")
            found = browser.press("Search", 2)
            self.assertIn(f"Tick {other}", found)
            self.assertNotIn(subject, found)
            browser.press("Settings")
            browser.tick("Show messages as plain text")
            self.assertIn("Your settings are saved.", browser.press("Save Reading"))
            self.assertIn("You are logged off", browser.press("Log off"))
        answer = self.arrived(f"Re: {subject}")[0]
        self.assertIn("Typed in w3m.", text_of(answer))
        files = [each.get_payload(decode=True) for each in answer.iter_attachments()]
        self.assertEqual(files, [plan.read_bytes()])
