"""Events to open pages: what another client does is told at once."""

from __future__ import annotations

import http.client
import json
import os
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import harness
import imapname
import mailbox as box
import server as web
import steps
from client import LOOPBACK, Client
from mailbox import letter

SOON_S = 2.0


@dataclass
class Event:
    kind: str  # state, new, changed; end
    folder: str = ""
    exists: int = -1
    unseen: int = -1
    why: str = ""  # of an end


class Ended(Exception):
    """The stream is over."""


class Stream:
    """One stream of events, as a browser reads it."""

    def __init__(self, client: Client, folder: str = "INBOX", seconds: float = 30.0, **headers: str) -> None:
        secure = client.origin.startswith("https")
        port = client.secure_port if secure else client.plain_port
        raw = socket.create_connection((LOOPBACK, port), timeout=seconds)
        self.sock = client.trust.wrap_socket(raw, server_hostname=client.host) if secure else raw
        cookies = "; ".join(f"{each.name}={each.value}" for each in client.cookies.values() if each.secure <= secure)
        head = {"Host": f"{client.host}:{port}", "Accept": "text/event-stream", "Cookie": cookies, **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items() if value)
        self.sock.sendall(f"GET /push?folder={quote(folder)} HTTP/1.1\r\n{lines}\r\n".encode())
        self.answer = http.client.HTTPResponse(self.sock)
        self.answer.begin()
        self.status = self.answer.status
        self.beats = 0

    def event(self, seconds: float = SOON_S) -> Event:
        """The next event; TimeoutError without one."""
        self.sock.settimeout(seconds)
        kind, data = "", ""
        while True:
            try:
                line = self.answer.readline().decode()
            except (http.client.IncompleteRead, ConnectionError, ssl.SSLError) as error:
                raise Ended from error
            if not line:
                raise Ended
            name, _, value = line.rstrip("\n").partition(": ")
            if line == ":\n":
                self.beats += 1
            elif name == "event":
                kind = value
            elif name == "data":
                data = value
            elif line == "\n" and data:
                return Event("end", why=data) if kind == "end" else Event(**json.loads(data))

    def silence(self, seconds: float) -> None:
        try:
            event = self.event(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"an event came: {event}")

    def close(self) -> None:
        self.answer.close()
        self.sock.close()


class PushTest(box.MailTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        # Dovecot looks for new people once a second: let there be some.
        box.new_user(cls.backend)

    def stream(self, client: Client, folder: str = "INBOX") -> Stream:
        made = Stream(client, folder)
        self.addCleanup(made.close)
        self.assertEqual(made.status, 200)
        return made

    def begun(self, client: Client, folder: str = "INBOX") -> Stream:
        """A stream whose first events are read."""
        stream = self.stream(client, folder)
        wanted = {"INBOX", folder}
        while wanted:
            event = stream.event(10)
            self.assertEqual(event.kind, "state")
            wanted.discard(event.folder)
        return stream

    def test_what_others_do(self) -> None:
        user = self.person()
        client = self.browser(user)
        box.put(self.backend, user, "INBOX", letter("one"), letter("two"), flags="\\Seen")
        for secure in (False, True):
            client = self.browser(user, secure=secure)
            stream = self.stream(client)
            first = stream.event(10)
            had = first.exists
            self.assertEqual((first.kind, first.folder, first.unseen), ("state", "INBOX", 0))
            box.put(self.backend, user, "INBOX", letter("three"))
            event = stream.event()
            self.assertEqual((event.kind, event.exists, event.unseen), ("new", had + 1, 1))
            uid = max(box.flags(self.backend, user, "INBOX"))
            box.store(self.backend, user, str(uid), "+FLAGS (\\Seen)")
            event = stream.event()
            self.assertEqual((event.kind, event.exists, event.unseen), ("changed", had + 1, 0))
            box.expunge(self.backend, user, str(uid))
            event = stream.event()
            while event.exists > had:  # the mark comes before
                event = stream.event()
            self.assertEqual((event.kind, event.exists, event.unseen), ("changed", had, 0))
            stream.close()

    def test_delivery(self) -> None:
        stream = self.begun(self.browser("chloe"))
        start = time.monotonic()
        self.backend.submit("ben", "chloe", letter("by post"))
        self.assertEqual(stream.event(20).kind, "new")
        print(f"# from sending to the event: {time.monotonic() - start:.2f} s")
