"""Lists of conversations: what belongs together, actions, large folders, servers with and without THREAD."""

from __future__ import annotations

import html
import re
import time
from dataclasses import dataclass
from typing import ClassVar

import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link
from mailbox import letter, list_url, rows

MADE = 150  # OrderLimit of the servers here


@dataclass
class Talk:
    """A row of conversations."""

    subject: str
    people: str
    count: int
    unread: bool
    marks: set[str]
    uids: str
    url: str
    open_url: str


def talks(page: Page) -> list[Talk]:
    found = []
    bodies = re.findall(r"<tr[^>]*>\s*<td class=\"c-tick\">.*?</tr>", page.html, re.S)
    for row, body in zip(rows(page), bodies):
        thread = re.search(r'<a class="thread" href="([^"]*)"[^>]*><span>(\d+)</span>', body)
        uids = re.search(r'name="uid" value="([^"]*)"', body)
        assert uids
        found.append(
            Talk(
                row.subject, row.sender, int(thread.group(2)) if thread else 1, row.unread, row.marks, uids.group(1),
                row.url, html.unescape(thread.group(1)) if thread else "",
            )
        )
    return found


def mail(subject: str, name: str, *parents: str, sender: str = "Ben Okafor <ben@example.com>", reply_only: bool = False) -> bytes:
    """A message with this Message-ID that answers others."""
    data = letter(subject, sender=sender)
    data = re.sub(rb"Message-ID: [^\r]*", f"Message-ID: <{name}@x.example>".encode(), data)
    if parents:
        ids = " ".join(f"<{each}@x.example>" for each in parents)
        name = "In-Reply-To" if reply_only else "References"
        data = f"{name}: {ids}\r\n".encode() + data
    return data


def conversations(client: Client, folder: str = "INBOX") -> Page:
    return client.press(client.get(list_url(folder)), "do=threads")


class TalkTest(box.MailTest):
    others: ClassVar[dict[str, box.OtherImap]]
    someone: ClassVar[str]
    crowd: ClassVar[str]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.others, cls.someone, cls.crowd = {}, box.new_user(cls.backend), box.new_user(cls.backend)
        sections["Mail"]["OrderLimit"] = MADE
        for host, words in (("plain.test", "IMAP4rev1"), ("thread.test", "IMAP4rev1 THREAD=REFERENCES THREAD=ORDEREDSUBJECT")):
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

    def test_what_belongs_together(self) -> None:
        for host, (backend, client) in self.clients(self.someone).items():
            with self.subTest(host):
                box.put(
                    backend, self.someone, "INBOX",
                    mail("Plan", "a1"),
                    mail("Alone", "b1", sender="Carla Rossi <carla@example.net>"),
                    mail("Re: Plan", "a2", "a1", sender="Carla Rossi <carla@example.net>"),
                    mail("Other words", "a3", "a1", "a2", sender=f"{self.someone}@demo.test"),
                    mail("Late", "c2", "c1-that-is-gone"),
                    mail("Re: Late", "c3", "c1-that-is-gone", reply_only=True),
                )
                page = conversations(client)
                self.assertEqual(
                    [(each.subject, each.people, each.count) for each in talks(page)],
                    [
                        ("Re: Late", "Ben Okafor", 2),
                        ("Other words", "Ben, Carla, You", 3),
                        ("Alone", "Carla Rossi", 1),
                    ],
                )
                self.assertIn("1–3 of 3 conversations", page.text)
                self.assertEqual([each.uids for each in talks(page)], ["5:6", "1,3:4", "2"])
                # Newest activity first: an answer takes its conversation to the top, at once.
                box.put(backend, self.someone, "INBOX", mail("Re: Alone", "b2", "b1"))
                page = client.get(list_url())
                self.assertEqual([each.subject for each in talks(page)], ["Re: Alone", "Re: Late", "Other words"])
                # What others mark and remove shows on the next page.
                box.store(backend, self.someone, "1,3:6", "+FLAGS (\\Seen)")
                box.store(backend, self.someone, "1", "+FLAGS (\\Flagged)")
                shown = talks(client.get(list_url()))
                self.assertEqual([each.unread for each in shown], [True, False, False])
                self.assertIn("Flagged", shown[2].marks)
                box.expunge(backend, self.someone, "5,7")
                self.assertEqual(
                    [(each.subject, each.count) for each in talks(client.get(list_url()))],
                    [("Re: Late", 1), ("Other words", 3), ("Alone", 1)],
                )
                # The other way round, and back to single messages.
                turned = talks(client.get(list_url(rev=1)))
                self.assertEqual([each.subject for each in turned], ["Alone", "Other words", "Re: Late"])
                self.assertEqual(len(rows(client.press(client.get(list_url()), "do=single"))), 5)

    def test_more_than_can_be_made(self) -> None:
        for host, (backend, client) in self.clients(self.crowd).items():
            box.fill(
                backend, self.crowd,
                (mail(f"n{at}", f"{host}{at}", *([f"{host}{at - 60}"] if at >= 60 else [])) for at in range(180)),
            )
            with self.subTest(host):
                page = conversations(client)
                self.assertEqual(talks(page)[0].count, 3)
                self.assertEqual("30 older ones are not among them" in page.text, host == "plain.test")
                self.assertIn("1–50 of 60 conversations", page.text)
                self.assertIn("All 180 messages of this folder", page.text)
                second = client.get(list_url(page=2))
                self.assertEqual(len(talks(second)), 10)
                last = talks(second)[-1]
                self.assertEqual((last.subject, last.count), ("n120", 2 if host == "plain.test" else 3))


class UseTest(box.MailTest):
    """Opening them, and doing things with them."""

    def talk(self, count: int = 3) -> tuple[str, Client]:
        user = self.person()
        sent = [mail("Plan", "a0")] + [mail(f"Re: Plan {at}", f"a{at}", "a0") for at in range(1, count)]
        box.put(self.backend, user, "INBOX", *sent, mail("Other", "o1"))
        return user, self.browser(user)

    def test_it_is_remembered(self) -> None:
        user, client = self.talk()
        self.assertEqual(len(talks(conversations(client))), 2)
        again = self.browser(user)
        self.assertEqual(len(talks(again.get(list_url()))), 2)
        # For this folder only, and not in searches and other orders.
        self.assertNotIn("conversations", again.get(list_url("Sent")).text.split("View")[0])
        self.assertEqual(len(rows(again.get(list_url(sort="date")))), 4)
        self.assertEqual(len(rows(again.get(list_url(q="plan")))), 3)
        # Everywhere by the settings; the folder is the other way round then.
        settings = again.get("/settings")
        again.submit(settings.form(field="conversations"), "do=save", conversations=True)
        self.assertEqual(len(rows(again.get(list_url()))), 4)
        again.press(again.get(list_url()), "do=threads")
        self.assertEqual(len(rows(again.get(list_url()))), 2)

    def test_opening(self) -> None:
        user, client = self.talk()
        page = conversations(client)
        box.store(self.backend, user, "3:4", "+FLAGS (\\Seen)")
        first = talks(client.get(list_url()))[1]
        # The newest that is unread, with the conversation beside it.
        message = client.get(first.url)
        self.assertEqual(box.heading(message), "Re: Plan 1")
        self.assertIn("Conversation", message.text)
        # The messages of it within the list.
        opened = client.get(first.open_url.partition("#")[0])
        self.assertEqual(
            [row.subject for row in rows(opened)], ["Other", "Re: Plan 2", "Re: Plan 2", "Re: Plan 1", "Plan"]
        )
        self.assertEqual([each.uids for each in talks(opened)], ["4", "1:3", "3", "2", "1"])
        self.assertEqual(box.heading(client.get(rows(opened)[4].url)), "Plan")
        folded = client.get(talks(opened)[1].open_url.partition("#")[0])
        self.assertEqual(len(rows(folded)), 2)
        for nonsense in ("0", "x", "99999999999", "4"):
            self.assertEqual(len(rows(client.get(list_url(open=nonsense)))), 2)
        self.assertTrue(page.html)

    def test_all_of_it(self) -> None:
        """What is done with a row is done with all of its messages, and undone."""
        user, client = self.talk()
        box.store(self.backend, user, "3", "+FLAGS ($label1)")
        page = conversations(client)
        self.assertRegex(page.html, r'<span class="label label-red">.*Important')
        ticked = [talks(page)[1].uids]
        done = client.press(page, "do=flag", uid=ticked)
        self.assertIn("3 messages flagged.", box.note(done))
        self.assertEqual({uid for uid, has in box.flags(self.backend, user, "INBOX").items() if "\\Flagged" in has}, {1, 2, 3})
        done = client.press(client.get(list_url()), "do=delete", uid=ticked)
        self.assertIn("3 messages moved to the trash.", box.note(done))
        self.assertEqual(box.subjects(self.backend, user, "INBOX"), ["Other"])
        self.assertEqual([each.subject for each in talks(done)], ["Other"])
        back = client.press(done, "Undo")
        self.assertEqual(sorted(each.count for each in talks(back)), [1, 3])
        trash = conversations(client, "Trash")
        self.assertEqual(talks(trash), [])

    def test_a_day(self) -> None:
        """Conversations stand by their newest message: that one's day."""
        user = self.person()
        start = int(time.time()) // 86400 * 86400 + 43200 - 80 * 86400
        day = lambda at: time.strftime("%Y-%m-%d", time.gmtime(start + at * 86400))  # noqa: E731
        # One began each day; every fifth was answered on the 70th.
        batch = [(mail(f"d{at:02}", f"d{at}"), "", start + at * 86400) for at in range(64)]
        batch += [(mail(f"Re: d{at:02}", f"r{at}", f"d{at}"), "", start + 70 * 86400) for at in range(0, 60, 5)]
        self.backend.append(user, "INBOX", batch)
        client = self.browser(user)
        page = conversations(client)
        self.assertIn("day", {field.name for form in page.forms for field in form.fields})
        for at, more, subject, number in (
            (70, {}, "Re: d55", 1), (63, {}, "d63", 1), (33, {}, "d33", 1), (30, {}, "d29", 1), (1, {}, "d01", 2),
            (33, {"rev": 1}, "d33", 1), (70, {"rev": 1}, "Re: d00", 2),
        ):  # fmt: skip
            with self.subTest(day=at, **more):
                asked = client.get(list_url(day=day(at), **more))
                self.assertIn(f"Page {number} of 2", asked.text)
                [marked] = re.findall(r'id="at".*?</tr>', asked.html, re.S)
                self.assertIn(f">{subject}<", marked)
        self.assertIn("Page 1 of 2", client.get(list_url(day="2040-01-01")).text)
        self.assertIn("Page 2 of 2", client.get(list_url(day="1999-01-01")).text)
        # Asked for before the conversations of the folder are known.
        box.put(self.backend, user, "INBOX", mail("Late", "late"))
        [marked] = re.findall(r'id="at".*?</tr>', client.get(list_url(day=day(33))).html, re.S)
        self.assertIn(">d33<", marked)
        box.expunge(self.backend, user, "1:*")
        self.assertEqual(talks(client.get(list_url(day=day(3)))), [])

    def test_a_long_one(self) -> None:
        """Pieces of a hundred, newest first; all of them can be ticked."""
        user = self.person()
        box.fill(self.backend, user, (mail(f"m{at}", f"l{at}", *(["l0"] if at else [])) for at in range(730)))
        client = self.browser(user)
        page = conversations(client)
        self.assertEqual([each.count for each in talks(page)], [100] * 7 + [30])
        self.assertEqual(talks(page)[0].subject, "m729")
        done = client.press(page, "do=flag", uid=[each.uids for each in talks(page)])
        self.assertIn("730 messages flagged.", box.note(done))

    def test_empty(self) -> None:
        client = self.browser(self.person())
        page = conversations(client)
        self.assertIn("There are no messages in this folder.", page.text)


class Refusing(ImapProxy):
    """Says that it has THREAD, and does not do it."""

    def __init__(self, upstream_port: int, word: bytes) -> None:
        self.word = word
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name != "UID THREAD":
            return command.whole
        link.conn.send(command.tag + b" " + self.word + b" not today\r\n")
        return None


class RefusedTest(box.MailTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        for word in ("NO", "OK"):
            proxy = Refusing(cls.backend.ports["imap"], word.encode())
            cls.addClassCleanup(proxy.close)
            sections[f"Host {word.lower()}.test"] = {"ImapPort": proxy.port, "ImapSecurity": "none"}

    def test_made_here(self) -> None:
        for host in ("no.test", "ok.test"):
            with self.subTest(host):
                user = self.person()
                box.put(self.backend, user, "INBOX", mail("Plan", "a1"), mail("Re: Plan", "a2", "a1"))
                client = self.client(host=host)
                client.login(user, self.backend.passwords[user])
                page = conversations(client)
                self.assertEqual([each.count for each in talks(page)], [2])
                # The folders came with the question that was refused.
                self.assertEqual(len(re.findall(r'<a href="/list\?folder=Sent"', page.html)), 1)
