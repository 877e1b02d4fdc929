"""Events to open pages: what another client does is told at once."""

from __future__ import annotations

import json
import os
import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import quote

import harness
import mailbox as box
import proc
import server as web
import steps
from client import LOOPBACK, Client
from mailbox import letter
from mockmail import Conn, Proxy

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
        self.raw, self.text, self.beats = b"", "", 0
        while b"\r\n\r\n" not in self.raw:
            self.raw += self.more(seconds)
        head, _, self.raw = self.raw.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])

    def more(self, seconds: float) -> bytes:
        self.sock.settimeout(max(seconds, 0.001))
        try:
            data = self.sock.recv(65536)
        except (ConnectionError, ssl.SSLError) as error:
            raise Ended from error
        if not data:
            raise Ended
        return data

    def block(self, seconds: float) -> str:
        """The next lines up to an empty one; the answer is in chunks."""
        until = time.monotonic() + seconds
        while "\n\n" not in self.text:
            size, found, rest = self.raw.partition(b"\r\n")
            if not found or len(rest) < int(size, 16) + 2:
                self.raw += self.more(until - time.monotonic())
                continue
            if int(size, 16) == 0:
                raise Ended
            self.text += rest[: int(size, 16)].decode()
            self.raw = rest[int(size, 16) + 2 :]
        block, _, self.text = self.text.partition("\n\n")
        return block

    def event(self, seconds: float = SOON_S) -> Event:
        """The next event; TimeoutError without one."""
        until = time.monotonic() + seconds
        while True:
            lines = dict(line.partition(": ")[::2] for line in self.block(until - time.monotonic()).split("\n"))
            self.beats += ":" in lines
            if lines.get("event") == "end":
                return Event("end", why=lines["data"])
            if "data" in lines:
                return Event(**json.loads(lines["data"]))

    def silence(self, seconds: float) -> None:
        try:
            event = self.event(seconds)
        except TimeoutError:
            return
        raise AssertionError(f"an event came: {event}")

    def close(self) -> None:
        self.sock.close()


def threads(server: web.Server) -> int:
    return len(os.listdir(f"/proc/{steps.child_of(server)}/task"))


def descriptors(server: web.Server) -> int:
    return len(os.listdir(f"/proc/{steps.child_of(server)}/fd"))


class StreamTest(box.MailTest):
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


class PushTest(StreamTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Server"]["PushBeat"] = "1s"

    def test_what_others_do(self) -> None:
        user = self.person()
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

    def test_the_folder_that_is_shown(self) -> None:
        user = self.person()
        box.put(self.backend, user, "Träume & mehr", letter("one"))
        stream = self.begun(self.browser(user), "Träume & mehr")
        box.put(self.backend, user, "Träume & mehr", letter("two"))
        event = stream.event()
        self.assertEqual((event.kind, event.folder, event.exists), ("new", "Träume & mehr", 2))
        box.put(self.backend, user, "INBOX", letter("three"))
        event = stream.event()
        self.assertEqual((event.kind, event.folder, event.exists), ("new", "INBOX", 1))
        # One that is not there: the inbox goes on.
        other = self.stream(self.browser(user), "Nowhere")
        self.assertEqual(other.event(10).folder, "INBOX")
        other.silence(0.5)

    def test_other_folders(self) -> None:
        """NOTIFY: by the connection of the inbox, whatever is shown."""
        user = self.person()
        box.put(self.backend, user, "Projects", letter("one"))
        box.put(self.backend, user, "Shown", letter("one"))
        client = self.browser(user)
        stream = self.begun(client)
        with self.backend.imap(user) as imap:
            imap.select("Projects")
            for sign in "+-":
                imap.store("1", f"{sign}FLAGS", "\\Seen")
                self.assertEqual(stream.event(), Event("other", "", 0))
            imap.store("1", "+FLAGS", "\\Deleted")
            imap.expunge()
            self.assertEqual(stream.event(), Event("other", "", 0))
        box.put(self.backend, user, "Projects", letter("two"))
        self.assertEqual(stream.event(), Event("other", "", 0))
        # That of a connection of its own is told once, by that.
        shown = self.begun(client, "Shown")
        box.put(self.backend, user, "Shown", letter("two"))
        event = shown.event()
        self.assertEqual((event.kind, event.folder, event.exists), ("new", "Shown", 2))
        box.put(self.backend, user, "INBOX", letter("three"))
        self.assertEqual(shown.event().folder, "INBOX")

    def test_one_stream_per_session(self) -> None:
        client = self.browser("ben")
        first = self.begun(client)
        second = self.begun(client)
        self.assertEqual(first.event().why, "newer")
        with self.assertRaises(Ended):
            first.event()
        # Another browser of the same person is another session.
        other = self.begun(self.browser("ben"))
        box.put(self.backend, "ben", "INBOX", letter("for both"))
        self.assertEqual(second.event().kind, "new")
        self.assertEqual(other.event().kind, "new")

    def test_who_gets_none(self) -> None:
        stranger = self.client()
        stranger.get("/")
        self.assertEqual(Stream(stranger).status, 401)
        client = self.browser(self.person())
        self.assertEqual(Stream(client, **{"Sec-Fetch-Site": "cross-site"}).status, 403)
        self.assertEqual(client.request("HEAD", "/push?folder=INBOX").status, 503)
        # A cookie of one door is none of the other.
        client.origin = client.secure_origin
        self.assertEqual(Stream(client).status, 401)

    def test_logging_off_ends_it(self) -> None:
        user = self.person()
        client = self.browser(user)
        stream = self.begun(client)
        other = self.begun(self.browser(user))
        client.press(client.get("/list"), "Log off")
        self.assertEqual(stream.event().why, "session")
        with self.assertRaises(Ended):
            stream.event()
        box.put(self.backend, user, "INBOX", letter("for the other"))
        self.assertEqual(other.event().kind, "new")

    def test_a_stream_is_no_use_of_its_session(self) -> None:
        client = self.browser(self.person())
        stream = self.begun(client)
        sql = "UPDATE session SET used_s = {} WHERE used_s = (SELECT max(used_s) FROM session)"
        steps.database(self.server, sql.format(int(time.time()) - 7000))
        # Neither the stream nor what the page asks for by itself counts as one.
        self.assertEqual(client.get("/list?folder=INBOX&auto=1").status, 200)
        self.begun(client)
        used = steps.database(self.server, "SELECT min(used_s) FROM session")[0][0]
        self.assertLess(used, time.time() - 6000)
        steps.database(self.server, f"UPDATE session SET used_s = 1 WHERE used_s = {used}")
        page = client.get("/list?folder=INBOX&auto=1")
        self.assertTrue(steps.is_login_page(page))

    def test_a_session_that_ends_elsewhere_ends_the_stream(self) -> None:
        other = self.begun(self.browser(self.person()))
        user = self.person()
        stream = self.begun(self.browser(user))
        steps.database(self.server, "DELETE FROM session WHERE login LIKE ?", f"{user}%")
        # It is seen with the next heartbeat; the other one has got that.
        self.assertEqual(stream.event(15).why, "session")
        other.silence(0.5)
        self.assertGreater(other.beats, 0)


class ManyTest(StreamTest):
    """Many streams hold few threads, and leave nothing behind."""

    def test_a_hundred(self) -> None:
        user = self.person()
        with ThreadPoolExecutor(8) as pool:
            clients = list(pool.map(lambda at: self.browser(user, secure=at % 2 == 1), range(100)))
        self.begun(clients[0]).close()
        before, had = threads(self.server), descriptors(self.server)
        start = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            streams = list(pool.map(self.begun, clients))
        print(f"# 100 streams begun in {time.monotonic() - start:.1f} s")
        self.assertEqual(threads(self.server), before)
        box.put(self.backend, user, "INBOX", letter("for all"))
        start = time.monotonic()
        for stream in streams:
            self.assertEqual(stream.event(5).kind, "new")
        print(f"# all told in {time.monotonic() - start:.2f} s")
        self.assertEqual(clients[0].get("/list").status, 200)
        for stream in streams:
            stream.close()
        proc.wait_until(lambda: descriptors(self.server) <= had + 8, "descriptors are closed", 20)

    def test_stopping_ends_them_at_once(self) -> None:
        server = self.server
        stream = self.begun(self.browser(self.person()))
        start = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - start, 5)
        with self.assertRaises(Ended):
            stream.event()
        server.start()


class ReloadTest(StreamTest):
    def test_everybody_asks_anew(self) -> None:
        client = self.browser(self.person())
        stream = self.begun(client)
        self.server.reload()
        with self.assertRaises(Ended):
            stream.event(5)
        self.begun(client)


class LimitTest(StreamTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        sections["Server"]["PushStreams"] = 2
        sections["Mail"]["WatchConnections"] = 1

    def test_no_more_than_configured(self) -> None:
        user = self.person()
        first = self.begun(self.browser(user))
        busy = self.stream(self.browser(self.person()))
        self.assertEqual(busy.event().why, "busy")
        # They share the connection of one person.
        second = self.begun(self.browser(user))
        self.assertEqual(Stream(self.browser(user)).status, 503)
        box.put(self.backend, user, "INBOX", letter("one"))
        self.assertEqual(first.event().kind, "new")
        self.assertEqual(second.event().kind, "new")


class Gate(Proxy):
    """On the way to the real server; while it is shut, connections wait."""

    def __init__(self, upstream_port: int) -> None:
        self.opened = threading.Event()
        self.opened.set()
        self.came = 0
        super().__init__(upstream_port)

    def serve(self, conn: Conn) -> None:
        self.came += 1
        self.opened.wait(30)
        super().serve(conn)


class QueueTest(StreamTest):
    """Who names many folders in a row holds up nobody."""

    gate: ClassVar[Gate]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        super().change(sections)
        cls.gate = Gate(cls.backend.ports["imaps"])
        cls.addClassCleanup(cls.gate.close)
        sections["Mail"]["ImapPort"] = cls.gate.port

    def test_many_folders_in_a_row(self) -> None:
        user = self.person()
        box.put(self.backend, user, "Kept", letter("one"))
        hasty, other = self.browser(user), self.browser(self.person())
        before = self.gate.came
        self.gate.opened.clear()
        self.addCleanup(self.gate.opened.set)
        for at in range(40):
            self.stream(hasty, f"Folder {at}").close()
            proc.wait_until(lambda: steps.metric(other, "iwebmsg_push_streams") == 0, "the stream is left", 10)
        last, calm = self.stream(hasty, "Kept"), self.stream(other)
        self.gate.opened.set()
        self.assertEqual(calm.event(10).kind, "state")
        # What is shown at last is watched, what was passed by is not.
        self.assertEqual({last.event(10).folder, last.event(10).folder}, {"INBOX", "Kept"})
        # Both openers were at something when the others came.
        self.assertLessEqual(self.gate.came - before, 5)


class LostTest(box.MailTest):
    """A server that is gone for a while, and one that knows no IDLE."""

    def test_it_comes_again(self) -> None:
        other = box.OtherImap("IMAP4rev1 IDLE UIDPLUS LITERAL+ SASL-IR", ["mona"]).start()
        self.addCleanup(other.stop)
        server = harness.new_server("lost")
        server.sections["Mail"].update(ImapPort=other.ports["imaps"], ImapCA=other.ca_file, SmtpCA=self.backend.ca_file, WatchRenew="1s")
        server.start()
        self.addCleanup(server.stop)
        client = Client(server.plain_port, server.secure_port, self.backend.ca_file)
        self.assertEqual(client.login("mona", other.passwords["mona"]).status, 200)
        stream = Stream(client)
        self.addCleanup(stream.close)
        self.assertEqual(stream.event(10).kind, "state")
        # IDLE is begun anew every second: nothing is told of that.
        stream.silence(2.5)
        other.stop_imap()
        other.start_imap()
        event = stream.event(15)
        self.assertEqual((event.kind, event.exists), ("state", 0))
        box.put(other, "mona", "INBOX", letter("after all"))
        self.assertEqual(stream.event(5).kind, "new")

    def without_idle(self, poll: str) -> tuple[Stream, harness.Backend, Client]:
        other = box.OtherImap("IMAP4rev1 UIDPLUS LITERAL+ SASL-IR", ["mona"]).start()
        self.addCleanup(other.stop)
        server = harness.new_server("poll")
        server.sections["Mail"].update(ImapPort=other.ports["imaps"], ImapCA=other.ca_file, SmtpCA=self.backend.ca_file, WatchPoll=poll)
        server.start()
        self.addCleanup(server.stop)
        client = Client(server.plain_port, server.secure_port, self.backend.ca_file)
        self.assertEqual(client.login("mona", other.passwords["mona"]).status, 200)
        stream = Stream(client)
        self.addCleanup(stream.close)
        return stream, other, client

    def test_without_idle_it_is_asked(self) -> None:
        stream, other, _client = self.without_idle("1s")
        self.assertEqual(stream.event(10).kind, "state")
        box.put(other, "mona", "INBOX", letter("one"))
        self.assertEqual(stream.event(5).kind, "new")

    def test_without_idle_it_is_left_alone(self) -> None:
        stream, _other, client = self.without_idle("0s")
        stream.silence(1.5)
        self.assertEqual(steps.metric(client, "iwebmsg_watch_connections"), 0)

