"""Devices and sessions: who is logged in where, and logging off from elsewhere."""

from __future__ import annotations

import re
import socket
import time

import harness
import mailbox as box
import message as m
import steps
from client import LOOPBACK, Client, Page
from mailbox import letter
from test_push import Stream

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:133.0) Gecko/20100101 Firefox/133.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
EVIL = '<img src=x onerror=alert(1)>"' + "x" * 3000
BIG = 16 << 20
SLOW_BYTES_S = 4 << 20


def places(page: Page) -> list[str]:
    """The rows of the list, as text."""
    body = page.html.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [" ".join(re.sub("<[^>]*>", " ", row).split()) for row in body.split("</tr>")]
    return [row for row in rows if row]


class DevicesTest(box.MailTest):
    def log_in(self, user: str, agent: str = FIREFOX, *, secure: bool = False, **boxes: bool) -> Client:
        client = self.client(secure=secure)
        client.headers["User-Agent"] = agent
        self.assertEqual(client.login(user, self.backend.passwords[user], **boxes).status, 200)
        return client

    def press(self, client: Client, at: int) -> Page:
        """Logs off the `at`th of the browsers that are not this one."""
        page = client.get("/devices")
        forms = [form for form in page.forms if form.find("id")]
        return client.submit(forms[at], "end")

    def test_one_logs_off_the_other(self) -> None:
        user = self.person()
        home, phone = self.log_in(user, secure=True), self.log_in(user, SAFARI, expire=True)
        page = home.get("/devices")
        this, other = places(page)
        self.assertRegex(this, r"^Firefox on Windows \(this one\) From 127\.0\.0\.1 , in secure mode Logged in since .*\d$")
        self.assertRegex(other, r"^Safari on iPhone From 127\.0\.0\.1 , without encryption .*Its page views expire.* Log off")
        self.assertNotIn("Log off", this)
        stream = Stream(phone)
        self.addCleanup(stream.close)
        before = steps.database(self.server, "SELECT count(*) FROM session")[0][0]
        page = self.press(home, 0)
        self.assertIn("That browser is logged off", box.note(page))
        self.assertEqual(len(places(page)), 1)
        # Its stream ends at once, its next page is the login page, and its password is gone.
        event = stream.event(10)
        while event.kind == "state":
            event = stream.event(10)
        self.assertEqual(event.why, "session")
        there = phone.get("/list?folder=INBOX")
        self.assertTrue(steps.is_login_page(there))
        # It is told why.
        self.assertIn("Your session has ended", there.text)
        after = steps.database(self.server, "SELECT count(*) FROM session")[0][0]
        self.assertEqual(before - after, 1)
        self.assertFalse(steps.is_login_page(home.get("/list?folder=INBOX")))
        # What is there twice (a second tab, Back) says so.
        self.assertIn("You are logged in here only.", home.get("/devices").text)
        # It comes to where it was going.
        self.assertEqual(phone.login(user, self.backend.passwords[user], there).path, "/list?folder=INBOX")

    def test_the_same_twice(self) -> None:
        user = self.person()
        home, other = self.log_in(user), self.log_in(user)
        page = home.get("/devices")
        form = next(form for form in page.forms if form.find("id"))
        home.submit(form, "end")
        self.assertIn("Nobody was logged in there any more", box.note(home.submit(form, "end")))
        self.assertTrue(steps.is_login_page(other.get("/settings")))

    def test_a_remembered_browser(self) -> None:
        user = self.person()
        home, phone = self.log_in(user), self.log_in(user, SAFARI, remember=True)
        self.assertIn("Remembered: logs in by itself until", places(home.get("/devices"))[1])
        self.press(home, 0)
        self.assertEqual(steps.database(self.server, "SELECT 1 FROM device WHERE login LIKE ?", f"{user}%"), [])
        self.assertTrue(steps.is_login_page(phone.get("/list?folder=INBOX")))
        self.assertNotIn("iwmr", phone.cookies)

    def test_all_others_after_a_question(self) -> None:
        user = self.person()
        home = self.log_in(user, remember=True)
        others = [self.log_in(user, SAFARI), self.log_in(user, remember=True), self.log_in(user, secure=True)]
        stranger = self.log_in(self.person())
        asked = home.press(home.get("/devices"), "Log off everywhere else…")
        self.assertIn("Log off everywhere else?", box.heading(asked))
        self.assertFalse(steps.is_login_page(others[0].get("/settings")))
        page = home.press(asked, "Log off everywhere else")
        self.assertIn("You are logged in here only", box.note(page))
        self.assertEqual(len(places(page)), 1)
        for each in others:
            self.assertTrue(steps.is_login_page(each.get("/settings")))
        for each in (home, stranger):
            self.assertFalse(steps.is_login_page(each.get("/settings")))

    def test_a_letter_of_a_session_that_was_ended(self) -> None:
        """As after Log off: it goes through the login page, nothing into the account's store."""
        user = self.person()
        home, other = self.log_in(user), self.log_in(user)
        form = other.get("/compose").form(field="to")
        self.press(home, 0)
        page = other.submit(form, "send", to="ben@demo.test", subject="too late", body="Hello")
        self.assertTrue(steps.is_login_page(page))
        self.assertEqual(steps.database(self.server, "SELECT 1 FROM compose WHERE account LIKE ?", f"{user}%"), [])
        self.assertNotIn("too late", page.html)
        back = other.login(user, self.backend.passwords[user], page)
        self.assertIn("too late", back.html)

    def test_what_a_browser_says_of_itself(self) -> None:
        user = self.person()
        home = self.log_in(user)
        self.log_in(user, EVIL)
        self.log_in(user, "")
        page = home.get("/devices")
        self.assertNotIn("<img", page.html)
        found = sorted(places(page)[1:], key=len)
        self.assertTrue(found[0].startswith("A browser that we do not know From"), found[0])
        self.assertIn("It calls itself “ <img src=x onerror=alert(1)>".replace("<", "&lt;").replace(">", "&gt;"), found[1])
        self.assertLess(len(found[1]), 800)

    def test_a_running_download_ends(self) -> None:
        user = harness.LARGE_USER
        self.addCleanup(self.backend.clear, user)
        subject = box.unique("large")
        part = m.multi("mixed", [m.text("Hello.\n"), m.attachment("a.bin", "application/octet-stream", bytes(BIG))], "b")
        box.put(self.backend, user, "INBOX", letter(subject, part))
        home, other = self.log_in(user), self.log_in(user)
        address = next(url for _, url in box.open_message(other, subject).links if url.startswith("/part"))
        with socket.socket() as sock:
            # What the system would keep for a slow reader is not what is meant here.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            sock.settimeout(60)
            sock.connect((LOOPBACK, other.plain_port))
            cookies = "; ".join(f"{each.name}={each.value}" for each in other.cookies.values())
            sock.sendall(f"GET {address} HTTP/1.1\r\nHost: {other.host}:{other.plain_port}\r\nCookie: {cookies}\r\n\r\n".encode())
            got = sock.recv(65536)
            self.assertEqual(steps.status_of(got), 200)
            self.press(home, 0)
            count = len(got)
            began = time.monotonic()
            try:
                # Slowly, as on a line of a village: the server looks once a second.
                while count < BIG and (data := sock.recv(16384)):
                    count += len(data)
                    while count > SLOW_BYTES_S * (time.monotonic() - began):
                        home.get("/settings")
            except ConnectionError:
                pass
        self.assertLess(count, BIG)
