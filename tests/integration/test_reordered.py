"""A server that completes pipelined commands in another order (RFC 9051, 5.5).

What was sent at once is given to the real server one command at a time, and the
answers come back with the last first; or all data first, in any order, and then
the tagged lines, the last first. Nothing passes a command that changes what
others mean. Every page is what it is with the real server.
"""

from __future__ import annotations

import random
import re
from typing import ClassVar

import mailbox as box
import server as web
from client import Client, Page
from imapproxy import Command, ImapProxy, Link, _response_end
from mailbox import letter, list_url
from test_search import search_url, subjects

# Commands whose answers may stand anywhere among each other's.
LOOKS = re.compile(r"(UID )?(FETCH|SEARCH|SORT|THREAD)|NOOP|LIST|LSUB|STATUS|NAMESPACE|GETQUOTAROOT|MYRIGHTS|CAPABILITY")
SEED = random.SystemRandom().randrange(1, 10**6)


class Reordering(ImapProxy):
    """data_first: what no tag tells apart comes mixed."""

    def __init__(self, upstream_port: int, data_first: bool) -> None:
        self.data_first = data_first
        self.queue: dict[int, list[Command]] = {}
        self.reordered = 0
        self.dice = random.Random(SEED)
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        if command.name in ("IDLE", "DONE", "", "NOTIFY") or not link.user:
            return command.whole
        self.queue.setdefault(id(link), []).append(command)
        return None

    def _forth(self, link: Link) -> None:
        super()._forth(link)
        queue = self.queue.pop(id(link), [])
        while queue:
            count = 1
            while LOOKS.match(queue[0].name) and count < len(queue) and LOOKS.match(queue[count].name):
                count += 1
            self.answer(link, [self.ask(link, each) for each in queue[:count]])
            queue = queue[count:]

    def ask(self, link: Link, command: Command) -> list[bytes]:
        """The responses to a command, the tagged one last."""
        link.upstream.send(command.whole)
        found: list[bytes] = []
        while not found or not found[-1].startswith(command.tag + b" "):
            while (end := _response_end(link.from_server)) == 0:
                link.from_server += link.upstream.recv()
            found.append(link.from_server[:end])
            link.from_server = link.from_server[end:]
        return found

    def answer(self, link: Link, answers: list[list[bytes]]) -> None:
        self.reordered += len(answers) > 1
        answers.reverse()
        if self.data_first:
            data = [each for answer in answers for each in answer[:-1]]
            # The order of numbers found, of rows, is that of the server.
            shuffled = sorted(data, key=lambda each: (self.dice.random(),) if each.startswith(b"* LIST") else (1.0,))
            answers = [shuffled, *([answer[-1]] for answer in answers)]
        link.conn.send(b"".join(each for answer in answers for each in answer))


class ReorderedTest(box.MailTest):
    proxies: ClassVar[dict[str, Reordering]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.proxies = {}
        for name, data_first in (("turned.test", False), ("mixed.test", True)):
            proxy = cls.proxies[name] = Reordering(cls.backend.ports["imap"], data_first)
            cls.addClassCleanup(proxy.close)
            sections[f"Host {name}"] = {"ImapPort": proxy.port, "ImapSecurity": "none"}
        box.new_user(cls.backend)

    def enter(self, host: str, user: str) -> Client:
        client = self.client(host=host)
        self.assertEqual(client.login(user, self.backend.passwords[user]).status, 200)
        return client

    def pages(self, client: Client) -> list[object]:
        """What a reader sees, from page to page."""

        def seen(page: Page) -> object:
            self.assertEqual(page.status, 200, page.text[:300])
            return subjects(page), [(label, each.unread) for label, each in box.folders(page).items()]

        found: list[object] = []
        for _ in range(2):  # opened just now; known from before
            for folder in ("INBOX", "Work", "Plans"):
                found += [seen(client.get(list_url(folder))), seen(client.get(list_url(folder, sort="subject")))]
            for sort in ("from", "size", "unread", "flagged"):
                found.append(seen(client.get(list_url("Work", sort=sort, rev=1))))
            found += [seen(client.get(list_url("Work", q=words))) for words in ("subject:3", "is:unread")]
            found.append(sorted(subjects(client.get(search_url("subject:3")))))
            for uid in (2, 4, 5):
                page = client.get(f"/message?folder=Work&uid={uid}")
                self.assertEqual(box.heading(page), f"Work {uid - 1}")
                found.append((box.heading(page), [re.sub(r'v=\d+', '', address) for text, address in page.links if "uid=" in address and "/message" in address]))
            found.append(sorted(re.findall(r"(?:INBOX|Work|Plans) \d", client.get("/folders").text)))
        return found

    def test_every_page_is_the_same(self) -> None:
        print(f"# seed {SEED}")
        shown: dict[str, list[object]] = {}
        for host in ("localhost", *self.proxies):
            user = self.person()
            for folder in ("INBOX", "Work", "Plans"):
                box.put(self.backend, user, folder, *(letter(f"{folder} {at}") for at in range(6)))
            box.store(self.backend, user, "2,3", "+FLAGS (\\Flagged)", "Work")
            client = self.enter(host, user)
            shown[host] = self.pages(client)
            page = client.get(list_url("Work"))
            done = client.press(page, "do=move", uid=["2", "3"], to="Plans")
            self.assertIn("2 messages moved.", done.text)
            done = client.press(done, "Undo")
            self.assertEqual(sorted(subjects(client.get(list_url("Work")))), [f"Work {at}" for at in range(6)])
        for host, proxy in self.proxies.items():
            for first, other in zip(shown["localhost"], shown[host], strict=True):
                self.assertEqual(first, other, host)
            self.assertGreater(proxy.reordered, 20)
            print(f"# {host}: {proxy.reordered} times in another order")
