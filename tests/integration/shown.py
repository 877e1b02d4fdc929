"""What a message page shows, read as a person would: people, text, files."""

from __future__ import annotations

import http.client
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from typing import Iterator
from urllib.parse import urljoin, urlsplit

from client import LOOPBACK, Client

VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
INLINE = {"a", "abbr", "b", "bdi", "bdo", "code", "em", "font", "i", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"}
UNSEEN = {"script", "style", "template", "title", "head"}
# What stands on every message page, and would answer for many a notice.
TOOLS = {"tools", "page-head", "how", "remote"}
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass
class Node:
    """An element; its children are nodes and strings."""

    tag: str
    attributes: dict[str, str]
    children: list[Node | str] = field(default_factory=list)

    def has(self, word: str) -> bool:
        return word in self.attributes.get("class", "").split()

    def walk(self) -> Iterator[Node]:
        for each in self.children:
            if isinstance(each, Node):
                yield each
                yield from each.walk()

    def all(self, tag: str = "", word: str = "") -> list[Node]:
        """The elements below of this tag and class."""
        return [x for x in self.walk() if (not tag or x.tag == tag) and (not word or x.has(word))]

    def first(self, tag: str = "", word: str = "") -> Node | None:
        found = self.all(tag, word)
        return found[0] if found else None

    def _pieces(self) -> Iterator[str]:
        for each in self.children:
            if isinstance(each, str):
                yield each
            elif each.tag not in UNSEEN and not TOOLS & set(each.attributes.get("class", "").split()):
                edge = "" if each.tag in INLINE else "\n"
                yield edge
                yield from each._pieces()
                yield edge

    def lines(self) -> str:
        """Its text: white space folded, no empty lines, composed characters."""
        text = unicodedata.normalize("NFC", "".join(self._pieces()))
        found = (" ".join(line.split()) for line in text.split("\n"))
        return "\n".join(line for line in found if line)

    def text(self) -> str:
        return " ".join(self.lines().split())


class _Tree(HTMLParser):
    """Good enough for the markup that we and the cleaner write."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.top = Node("", {})
        self.open = [self.top]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        for at in range(len(self.open) - 1, 0, -1):
            if self.open[at].tag == tag:
                del self.open[at:]
                return

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def tree(markup: str) -> Node:
    parser = _Tree()
    parser.feed(markup)
    parser.close()
    return parser.top


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes


class KeptAlive:
    """The session of a logged-in Client on one connection that stays open."""

    def __init__(self, client: Client) -> None:
        parts = urlsplit(client.origin)
        self.origin = client.origin
        self.cookie = "; ".join(f"{x.name}={x.value}" for x in client.cookies.values())
        self.headers = {"Host": parts.netloc, "Cookie": self.cookie, **client.headers}
        self.conn = http.client.HTTPConnection(LOOPBACK, parts.port or 80, timeout=60)

    def get(self, address: str) -> Answer:
        parts = urlsplit(urljoin(self.origin, address))
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        for again in (True, False):
            try:
                self.conn.request("GET", path, headers=self.headers)
                answer = self.conn.getresponse()
                return Answer(answer.status, answer.headers, answer.read())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # The server may end an idle connection just now.
                self.conn.close()
                if not again:
                    raise
        raise AssertionError("unreachable")

    def close(self) -> None:
        self.conn.close()


@dataclass
class Listed:
    """A row of the attachments."""

    name: str
    size: str
    address: str


class Shown:
    """A message page and the frames in it."""

    def __init__(self, session: KeptAlive, address: str) -> None:
        self.session = session
        self.answer = session.get(address)
        self.markup = self.answer.body.decode("utf-8")
        self.page = tree(self.markup)
        self.main = self.page.first("main") or self.page
        self.frames: list[Node] = []
        self.frame_markup: list[str] = []
        if self.answer.status == 200:
            for frame in self.main.all("iframe"):
                self._frame(frame.attributes["src"])

    def _frame(self, address: str) -> None:
        got = self.session.get(address)
        policy = got.headers.get("Content-Security-Policy", "")
        assert got.status == 200, (got.status, address)
        assert "sandbox" in policy and "default-src 'none'" in policy, policy
        self.frame_markup.append(got.body.decode("utf-8"))
        self.frames.append(tree(self.frame_markup[-1]))

    @property
    def subject(self) -> str:
        head = self.main.first("h1")
        return head.text() if head else ""

    def _fact(self, name: str) -> Node | None:
        for facts in self.main.all(word="facts"):
            term = ""
            for each in facts.walk():
                if each.tag == "dt":
                    term = each.text()
                elif each.tag == "dd" and term == name:
                    return each
        return None

    def people(self, name: str) -> tuple[str, ...]:
        """Of From, To, Cc: "Name <address>"."""
        fact = self._fact(name)
        found = []
        for person in fact.all(word="person") if fact else []:
            label = person.first(word="person-name")
            address = person.first("a")
            parts = [label.text() if label else "", f"<{address.text()}>" if address else ""]
            found.append(" ".join(x for x in parts if x) if parts[0] else parts[1].strip("<>"))
        return tuple(found)

    @property
    def date(self) -> float:
        fact = self._fact("Date")
        stamp = fact.first("time") if fact else None
        if stamp is None or not stamp.attributes.get("datetime"):
            return 0
        return datetime.fromisoformat(stamp.attributes["datetime"].replace("Z", "+00:00")).timestamp()

    @property
    def plain(self) -> str:
        """The lines of the plain text."""
        return "\n".join(each.lines() for each in self.main.all(word="plain"))

    @property
    def text(self) -> str:
        """All that is to be read: page and frames."""
        return " ".join([self.main.text(), *(each.text() for each in self.frames)])

    @property
    def files(self) -> list[Listed]:
        found = []
        for box in self.main.all(word="attachments"):
            for row in box.all("li"):
                link = next((x for x in row.all("a") if "download" in x.attributes), None)
                if link is None:
                    continue
                label = link.first("bdi") or row.first("bdi") or link
                found.append(Listed(label.text(), row.text(), link.attributes["href"]))
        return found

    def link(self, words: str) -> str:
        for each in self.main.all("a"):
            if words in each.text():
                return each.attributes["href"]
        raise AssertionError(f"no link {words!r}: {[x.text() for x in self.main.all('a')]}")
