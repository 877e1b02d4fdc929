"""The reader's time zone: of the settings, on every page that shows a time."""

from __future__ import annotations

import re
from calendar import timegm

import mailbox as box
import message as m
import server as web
from client import Client, Page
from mailbox import letter, list_url

SUMMER, WINTER = timegm((2024, 7, 14, 22, 30, 0)), timegm((2024, 1, 14, 22, 30, 0))
INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
METHOD:REQUEST
BEGIN:VEVENT
SUMMARY:In UTC
DTSTART:20270715T120000Z
DTEND:20270715T133000Z
END:VEVENT
BEGIN:VEVENT
SUMMARY:A zone without its rules
DTSTART;TZID=America/New_York:20270715T080000
END:VEVENT
BEGIN:VEVENT
SUMMARY:A zone nobody knows
DTSTART;TZID=Mars/Olympus:20270715T080000
END:VEVENT
BEGIN:VEVENT
SUMMARY:A whole day
DTSTART;VALUE=DATE:20270715
END:VEVENT
END:VCALENDAR
"""


def choose(client: Client, zone: str) -> Page:
    return client.press(client.get("/settings"), "Save", time_zone=zone)


def chosen(client: Client) -> str:
    """What the settings show as chosen."""
    field = client.get("/settings").form(field="signature").find("time_zone")
    assert field
    return field.value


class ZoneTest(box.MailTest):
    """With a zone for who has not chosen."""

    me: Client
    user: str

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"]["TimeZone"] = "Asia/Kathmandu"

    def setUp(self) -> None:
        super().setUp()
        self.user = self.person()
        inner = letter("Attached", m.text("Inside.\n"), when=WINTER)
        calendar = m.text(INVITATION, subtype="calendar", params="; method=REQUEST")
        messages = [
            (letter("Summer", when=SUMMER), SUMMER),
            (letter("Winter", when=WINTER), WINTER),
            (letter("Invitation", calendar, when=SUMMER), SUMMER),
            (letter("Outer", m.multi("mixed", [m.text("See.\n"), m.forwarded(inner)], "b"), when=SUMMER), SUMMER),
        ]
        # They arrived when they were sent: the list shows the one, the page the other.
        self.backend.append(self.user, "INBOX", [(data, "", when) for data, when in messages])
        self.me = self.browser(self.user)

    def open(self, subject: str) -> Page:
        return box.open_message(self.me, subject)

    def full_date(self, subject: str) -> str:
        """What the list tells of a row's date when asked."""
        page = self.me.get(list_url()).html
        for row in re.findall(r"<tr.*?</tr>", page, re.S):
            if f">{subject}<" in re.sub(r"\s*([<>])\s*", r"\1", row):
                found = re.search(r'<time datetime="([^"]*)" title="([^"]*)"', row)
                assert found, row
                return found.group(2)
        raise AssertionError(subject)

    def test_the_servers(self) -> None:
        self.assertEqual(chosen(self.me), "server")
        self.assertIn("The server’s (UTC+05:45 now)", self.me.get("/settings").text)
        self.assertEqual(self.full_date("Summer"), "Monday, 15 July 2024, 04:15")
        self.assertIn("Monday, 15 July 2024, 04:15", self.open("Summer").text)

    def test_everywhere(self) -> None:
        """A day and an hour of their own in the list, on the page, in print, in cards and answers."""
        self.assertIn("Your settings are saved", choose(self.me, "Europe/Berlin").text)
        self.assertEqual(chosen(self.me), "Europe/Berlin")
        self.assertEqual(self.full_date("Summer"), "Monday, 15 July 2024, 00:30")
        self.assertEqual(self.full_date("Winter"), "Sunday, 14 January 2024, 23:30")
        page = self.open("Summer")
        self.assertIn("Monday, 15 July 2024, 00:30", page.text)
        self.assertIn("Monday, 15 July 2024, 00:30", self.me.follow(page, "Print").text)
        answer = self.me.follow(page, "Reply").form(field="body").find("body")
        assert answer
        self.assertIn("On Monday, 15 July 2024, 00:30, Ben Okafor wrote:", answer.value)
        forward = self.me.follow(page, "Forward").form(field="body").find("body")
        assert forward
        self.assertIn("Date: Monday, 15 July 2024, 00:30", forward.value)
        self.assertIn("Sunday, 14 January 2024, 23:30 (UTC+01:00)", self.open("Outer").text)

    def test_appointments(self) -> None:
        choose(self.me, "Europe/Berlin")
        text = self.open("Invitation").text
        self.assertIn("In UTC When Thursday, 15 July 2027, 14:00 to 15:30 (UTC+02:00)", text)
        self.assertIn("rules When Thursday, 15 July 2027, 14:00 (UTC+02:00)", text)
        self.assertIn("knows When Thursday, 15 July 2027, 08:00 (time zone “Mars/Olympus”", text)
        self.assertIn("A whole day When Thursday, 15 July 2027, all day", text)
        choose(self.me, "America/Los_Angeles")
        text = self.open("Invitation").text
        self.assertIn("In UTC When Thursday, 15 July 2027, 05:00 to 06:30 (UTC-07:00)", text)
        self.assertIn("A whole day When Thursday, 15 July 2027, all day", text)

    def test_unknown_names(self) -> None:
        choose(self.me, "Europe/Berlin")
        form = self.me.get("/settings").form(field="signature")
        pairs = [(x.name, x.value) for x in form.fields if x.kind not in ("submit", "checkbox") and x.name != "time_zone"]
        for name, words in (
            ("Mars/Olympus", "There is no time zone “Mars/Olympus” on this server"),
            ("../../../etc/passwd", "This is not the name of a time zone"),
            ("Europe", "There is no time zone “Europe”"),
            ("right/Europe/Berlin", "This is not the name of a time zone"),
        ):
            page = self.me.post("/settings", [*pairs, ("do", "save"), ("time_zone", name), ("name", "Lost")])
            self.assertEqual(page.status, 422)
            self.assertIn(words, page.text)
        self.assertEqual(chosen(self.me), "Europe/Berlin")
        # Nothing said changes nothing; an older spelling stays as it was told.
        self.assertEqual(self.me.post("/settings", [*pairs, ("do", "save")]).status, 200)
        self.assertEqual(chosen(self.me), "Europe/Berlin")
        self.me.post("/settings", [*pairs, ("do", "save"), ("time_zone", "Asia/Calcutta")])
        self.assertEqual(chosen(self.me), "Asia/Calcutta")
        choose(self.me, "server")
        self.assertEqual(chosen(self.me), "server")
        self.assertEqual(self.full_date("Summer"), "Monday, 15 July 2024, 04:15")

    def test_the_offer(self) -> None:
        """Whoever has not chosen can take the browser's from the list; once answered it is gone."""
        page = self.me.get(list_url())
        form = page.form(button="Keep the server’s")
        self.assertIn("UTC+05:45", page.text)
        back = self.me.submit(form, "Keep the server’s")
        self.assertEqual(back.path, list_url())
        self.assertNotIn("zone-offer", back.html)
        other = self.browser(self.user)
        self.assertNotIn("zone-offer", other.get(list_url()).html)
        pairs = [(x.name, x.value) for x in form.fields if x.kind != "submit"]
        back = other.post("/settings", [*pairs, ("time_zone", "Europe/Berlin")])
        self.assertEqual(back.status, 403, "a form of another session")
        pairs = [(x.name, x.value) for x in form.fields if x.kind != "submit"]
        back = self.me.post("/settings", [*pairs, ("time_zone", "Europe/Berlin")])
        self.assertEqual(back.path, list_url())
        self.assertEqual(self.full_date("Summer"), "Monday, 15 July 2024, 00:30")
