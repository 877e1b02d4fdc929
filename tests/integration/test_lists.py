"""Lists: orders on servers with and without SORT, pages, days."""

from __future__ import annotations

import time
from typing import ClassVar

import message as m
import mailbox as box
import server as web
from client import Client
from mailbox import letter, list_url, rows

DAY = 86400
NOON = 1700000000 // DAY * DAY + DAY // 2  # 2023-11-14
ORDERED = 120  # OrderLimit of the servers here

# Subject, sender, recipient, days before NOON that it says, size, flags; in the order of arrival.
LETTERS = (
    ("cherry", "Zoe <b@example.com>", "dora@example.org", 3, 3000, "\\Seen"),
    ("Re: apple", "Anna <c@example.com>", "Carl <carl@example.org>", 1, 100, "\\Flagged"),
    ("banana", "mia@example.com", "anna@example.org", 5, 9000, "\\Seen \\Flagged"),
    ("date", "Ben <a@example.com>", "Ben <ben@example.org>", 2, 200, ""),
)
TABLE = {
    "": ["date", "banana", "Re: apple", "cherry"],
    "date": ["Re: apple", "date", "cherry", "banana"],
    "from": ["Re: apple", "date", "banana", "cherry"],
    "to": ["banana", "date", "Re: apple", "cherry"],
    "subject": ["Re: apple", "banana", "cherry", "date"],
    "size": ["banana", "cherry", "date", "Re: apple"],
    "unread": ["date", "Re: apple", "banana", "cherry"],
    "flagged": ["banana", "Re: apple", "date", "cherry"],
}
# Without SORT=DISPLAY a server goes by addresses, not names (RFC 5256, 3).
BY_ADDRESS = ["date", "cherry", "Re: apple", "banana"]


def subjects(client: Client, **more: object) -> list[str]:
    return [row.subject for row in rows(client.get(list_url(**more)))]


class OrderTest(box.MailTest):
    """The same orders, whatever the server can do by itself."""

    others: ClassVar[dict[str, box.OtherImap]]
    someone: ClassVar[str]
    crowd: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.others, cls.someone, cls.crowd = {}, box.new_user(cls.backend), box.new_user(cls.backend)
        sections["Mail"]["OrderLimit"] = ORDERED
        for host, words in (
            ("plain.test", "IMAP4rev1"),
            ("sort.test", "IMAP4rev1 SORT"),
            ("search.test", "IMAP4rev1 ESEARCH LITERAL+"),
        ):
            made = box.OtherImap(words, [cls.someone, cls.crowd]).start()
            cls.addClassCleanup(made.stop)
            cls.others[host] = made
            sections[f"Host {host}"] = {"ImapPort": made.ports["imaps"], "ImapCA": made.ca_file}

    def clients(self, user: str) -> dict[str, tuple[box.harness.Backend, Client]]:
        found = {"all": (self.backend, self.browser(user))}
        for host, other in self.others.items():
            client = self.client(host=host)
            client.login(user, other.passwords[user])
            found[host] = (other, client)
        return found

    def test_orders(self) -> None:
        for host, (backend, client) in self.clients(self.someone).items():
            for at, (subject, sender, to, days, size, flags) in enumerate(LETTERS):
                part = m.text("x" * size + "\n")
                data = letter(subject, part, sender=sender, to=to, when=NOON - days * DAY)
                backend.append(self.someone, "INBOX", [(data, f"({flags})", NOON + at)])
            for sort, expected in TABLE.items():
                if (host, sort) == ("sort.test", "from"):
                    expected = BY_ADDRESS
                with self.subTest(server=host, sort=sort):
                    self.assertEqual(subjects(client, sort=sort), expected)
                    self.assertEqual(subjects(client, sort=sort, rev=1), expected[::-1])
                    found = [each for each in expected if "e" in each]
                    self.assertEqual(subjects(client, sort=sort, q="subject:e"), found)
            # What another program marks counts at once.
            box.store(backend, self.someone, "1", "+FLAGS (\\Flagged)")
            with self.subTest(server=host, marked=True):
                self.assertEqual(subjects(client, sort="flagged")[:3], ["banana", "Re: apple", "cherry"])

    def test_more_than_can_be_ordered(self) -> None:
        """Without SORT the newest are ordered, and the page says so."""
        for host, (backend, client) in self.clients(self.crowd).items():
            box.fill(backend, self.crowd, (letter(f"n{at:03}") for at in range(150)))
            with self.subTest(host):
                page = client.get(list_url(sort="subject"))
                is_own = host in ("plain.test", "search.test")
                first = "n030" if is_own else "n000"
                self.assertEqual(rows(page)[0].subject, first)
                self.assertIn(f"1–50 of {ORDERED if is_own else 150}", page.text)
                self.assertEqual("The newest 120 of 150 were ordered here" in page.text, is_own)
                last = subjects(client, sort="subject", page=99)
                self.assertEqual(last[-1], "n149")
                # All of them are still all of them.
                self.assertIn("All 150 messages of this folder", page.text)


class PlaceTest(box.MailTest):
    """Pages and days."""

    def test_rows_of_a_page(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at:03}") for at in range(130)))
        client = self.browser(user)
        page = client.get(list_url(page=2))
        self.assertIn("51–100 of 130", page.text)
        page = client.press(page, "rows=25")
        # The same row is the first one.
        self.assertIn("51–75 of 130", page.text)
        self.assertIn("page=3", page.path)
        page = client.press(client.get(list_url(sort="subject", page=2)), "rows=100")
        self.assertIn("1–100 of 130", page.text)
        self.assertIn("sort=subject", page.path)
        settings = client.get("/settings")
        self.assertEqual(settings.form(field="rows_per_page").find("rows_per_page").value, "100")
        form = page.form(button="rows=25")
        button = form.button("rows=25")
        for rows_asked, status in (("500", 200), ("501", 400), ("0", 400), ("x", 400)):
            button.value = rows_asked
            answer = client.submit(form, rows_asked)
            self.assertEqual(answer.status, status, rows_asked)

    def test_page_by_number(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at:03}") for at in range(130)))
        client = self.browser(user)
        page = client.get(list_url(sort="subject"))
        third = client.submit(page.form(field="page"), page="3")
        self.assertEqual([row.subject for row in rows(third)], [f"n{at:03}" for at in range(100, 130)])
        self.assertIn("Page 3 of 3", third.text)
        self.assertIn("101–130 of 130", client.submit(page.form(field="page"), page="99").text)
        self.assertEqual(client.submit(page.form(field="page"), page="many").status, 400)

    def test_a_day(self) -> None:
        """Three messages a day, the newest first; one of them says another date."""
        user = self.person()
        start = NOON - 99 * DAY
        for day in range(60):
            batch = [
                (letter(f"d{day:02} {at}", when=start + (day if at != 1 else 59 - day) * DAY), "", start + day * DAY + at)
                for at in range(3)
            ]
            self.backend.append(user, "INBOX", batch)
        client = self.browser(user)
        page = client.get(list_url())
        day = lambda at: time.strftime("%Y-%m-%d", time.gmtime(start + at * DAY))  # noqa: E731
        for at, more, expected in (
            (59, {}, "d59 2"),
            (58, {}, "d58 2"),
            (20, {}, "d20 2"),
            (0, {}, "d00 2"),
            (20, {"rev": 1}, "d20 0"),
            (20, {"q": "subject:0"}, "d20 2"),
            (20, {"sort": "date"}, None),
            (20, {"sort": "date", "rev": 1}, None),
        ):
            with self.subTest(day=at, **more):
                asked = client.get(list_url(day=day(at), **more))
                self.assertEqual(asked.status, 200)
                marked = [row for row in rows(asked) if f'value="{row.uid}"' in asked.html.partition('id="at"')[2].partition("</tr>")[0]]
                self.assertEqual(len(marked), 1, asked.path)
                if expected:
                    self.assertEqual(marked[0].subject, expected)
                else:
                    self.assertIn(marked[0].subject[1:3], ("20", "39"))
        # Days without messages lead to what stands next; ages are understood, too.
        self.assertIn("Page 1 of 4", client.get(list_url(day="2030-01-01")).text)
        self.assertIn("Page 4 of 4", client.get(list_url(day="1999-01-01")).text)
        self.assertIn("Page 4 of 4", client.get(list_url(day="20y")).text)
        for nonsense in ("2023-02-30", "soon", "%00", "-"):
            answer = client.get(list_url(day=nonsense))
            self.assertEqual(answer.status, 400, nonsense)
            self.assertIn("This is not a day", answer.text)
        self.assertIn("day", {field.name for form in page.forms for field in form.fields})
