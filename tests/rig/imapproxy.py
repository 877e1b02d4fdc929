"""Between iwebmsgd and a real IMAP server, a command and a response at a time.

ImapProxy takes both directions apart: whole commands with their literals, whole
responses with theirs. What becomes of them is decided by take() and pass_on(),
which do nothing special here. No TLS on either side: all of it is on the
loopback.

Without is a server that lacks extensions, in truth and not only in what it
says: a command that needs one of them is answered by BAD and noted.
"""

from __future__ import annotations

import base64
import re
import socket
from dataclasses import dataclass, field

import proc
from mockmail import Conn, Listener, _readable

LITERAL = re.compile(rb"\{(\d+)(\+?)\}\r?\n\Z")


@dataclass
class Command:
    """What the client sent: `name` is LIST, UID FETCH, …; `rest` follows it."""

    tag: bytes
    name: str
    rest: bytes
    whole: bytes  # as it goes to the server: literals that need no consent
    has_plus: bool = False  # a literal was sent without waiting (LITERAL+)

    @property
    def words(self) -> str:
        """The command in one line, for patterns."""
        return f"{self.name} {self.rest.decode('latin-1')}".strip()


@dataclass
class Link:
    """One client and its connection to the real server."""

    conn: Conn
    upstream: Conn
    user: str = ""
    folder: str = ""  # the last SELECT or EXAMINE, as the client wrote it
    from_client: bytes = b""
    from_server: bytes = b""
    is_greeted: bool = False
    sent: list[Command] = field(default_factory=list)


class ImapProxy(Listener):
    """Passes everything on."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        super().__init__()

    # -- for others to override ------------------------------------------

    def greet(self, link: Link) -> bool:
        """A client is there. False: it gets no greeting of the real server."""
        return True

    def take(self, link: Link, command: Command) -> bytes | None:
        """What the server gets for a command; None: nothing, it is dealt with."""
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        """What the client gets for a response."""
        return response

    # -- both ways -------------------------------------------------------

    def serve(self, conn: Conn) -> None:
        upstream = Conn(socket.create_connection((proc.LOOPBACK, self.upstream_port), 10), self.closing)
        upstream.sock.settimeout(None)
        self.conns.append(upstream)
        link = Link(conn, upstream)
        try:
            link.is_greeted = self.greet(link)
            while True:
                for side in _readable(conn, upstream):
                    if side is conn:
                        self._forth(link)
                    else:
                        self._back(link)
        finally:
            upstream.sock.close()

    def _forth(self, link: Link) -> None:
        link.from_client += link.conn.recv()
        while b"\n" in link.from_client:
            command = self._whole_command(link)
            link.sent.append(command)
            if command.name in ("LOGIN", "AUTHENTICATE"):
                link.user = _user_of(command)
            elif command.name in ("SELECT", "EXAMINE"):
                link.folder = command.rest.decode("latin-1").split(" (")[0].strip('"')
            forward = self.take(link, command)
            if forward is not None:
                link.upstream.send(forward)

    def _line(self, link: Link) -> bytes:
        while b"\n" not in link.from_client:
            link.from_client += link.conn.recv()
        line, _, link.from_client = link.from_client.partition(b"\n")
        return line + b"\n"

    def _whole_command(self, link: Link) -> Command:
        text, has_plus = self._line(link), False
        while (found := LITERAL.search(text)) is not None:
            count = int(found.group(1))
            if found.group(2):
                has_plus = True
            else:
                link.conn.send(b"+ go on\r\n")
            while len(link.from_client) < count:
                link.from_client += link.conn.recv()
            data, link.from_client = link.from_client[:count], link.from_client[count:]
            text = text[: found.start()] + b"{%d+}\r\n" % count + data + self._line(link)
        words = text.strip().split(b" ", 2)
        name = words[1].decode("latin-1").upper() if len(words) > 1 else words[0].decode("latin-1").upper()
        rest = words[2] if len(words) > 2 else b""
        if name == "UID":
            second, _, rest = rest.partition(b" ")
            name = f"UID {second.decode('latin-1').upper()}"
        if name == "AUTHENTICATE" and b" " not in rest:
            link.conn.send(b"+ \r\n")
            rest += b" " + self._line(link).strip()
            text = words[0] + b" AUTHENTICATE " + rest + b"\r\n"
        return Command(words[0] if len(words) > 1 else b"", name, rest, text, has_plus)

    def _back(self, link: Link) -> None:
        link.from_server += link.upstream.recv()
        out = b""
        while (end := _response_end(link.from_server)) > 0:
            response, link.from_server = link.from_server[:end], link.from_server[end:]
            if not link.is_greeted and response.startswith(b"* OK"):
                link.is_greeted = True
                continue
            out += self.pass_on(link, response)
        if out:
            link.conn.send(out)


def _response_end(data: bytes) -> int:
    """Where the first whole response ends; 0: it has not come yet."""
    at = 0
    while (line := data.find(b"\n", at)) >= 0:
        found = LITERAL.search(data[at : line + 1])
        if found is None:
            return line + 1
        at = line + 1 + int(found.group(1))
        if at > len(data):
            return 0
    return 0


def _user_of(command: Command) -> str:
    if command.name == "AUTHENTICATE":
        data = base64.b64decode(command.rest.split(b" ")[-1] + b"==")
        return data.split(b"\0")[1].decode()
    found = re.match(rb'(?:\{\d+\+\}\r\n)?"?([^" \r]+)', command.rest)
    return found.group(1).decode() if found else ""


@dataclass(frozen=True)
class Extension:
    """An extension: its words in CAPABILITY, and what only it allows to send."""

    words: str  # a pattern that a whole word must match
    needs: str = r"(?!)"  # a pattern for commands ("UID SORT …")
    codes: bytes = rb"(?!)"  # response codes that come with it, without brackets

    def is_needed_by(self, command: str) -> bool:
        return re.match(self.needs, command, re.I | re.S) is not None


_USES = rb"\\(?:All|Archive|Drafts|Flagged|Important|Junk|Sent|Trash)"
EXTENSIONS = {
    "SORT": Extension(r"SORT(=.*)?|ESORT|CONTEXT=SORT", r"(UID )?SORT\b"),
    "THREAD": Extension(r"THREAD=.*", r"(UID )?THREAD\b|.*\bINTHREAD\b"),
    "CONDSTORE": Extension(
        r"CONDSTORE|QRESYNC",
        r".*\b(CHANGEDSINCE|UNCHANGEDSINCE|HIGHESTMODSEQ|MODSEQ)\b|ENABLE .*\b(CONDSTORE|QRESYNC)\b|"
        r"(SELECT|EXAMINE) .*\((CONDSTORE|QRESYNC)\b",
        rb"HIGHESTMODSEQ \d+",
    ),
    "QRESYNC": Extension(r"QRESYNC", r"ENABLE .*\bQRESYNC\b|(SELECT|EXAMINE) .*\(QRESYNC\b|.*\bVANISHED\b"),
    "ESEARCH": Extension(r"ESEARCH|ESORT|CONTEXT=.*|PARTIAL|SEARCHRES", r"(UID )?(SEARCH|SORT) RETURN\b"),
    "IDLE": Extension(r"IDLE", r"IDLE\b"),
    "MOVE": Extension(r"MOVE", r"(UID )?MOVE\b"),
    "UIDPLUS": Extension(r"UIDPLUS", r"UID EXPUNGE\b", rb"(?:APPENDUID|COPYUID) [^\]]*"),
    "SPECIAL-USE": Extension(
        r"(CREATE-)?SPECIAL-USE", r"LIST .*\bSPECIAL-USE\b|CREATE .* \(USE\b"
    ),
    "LIST-STATUS": Extension(r"LIST-STATUS", r"LIST .* RETURN \(.*STATUS\b"),
    "LITERAL+": Extension(r"LITERAL[+-]"),
    "PREVIEW": Extension(r"PREVIEW(=.*)?|SNIPPET=.*", r"(UID )?FETCH .*\bPREVIEW\b"),
}
# What remains is RFC 3501.
_OLD = Extension(
    r"(?!IMAP4REV1$).*",
    r"(ID|ENABLE|NAMESPACE|UNSELECT|GETQUOTA|GETQUOTAROOT|GETACL|MYRIGHTS|NOTIFY|COMPRESS|GETMETADATA|AUTHENTICATE)\b|"
    r"LIST (\(| *\S+ \()|LIST .* RETURN \(|APPEND .*\bCATENATE\b|STATUS .*\bSIZE\b|.*\b(BINARY|PREVIEW|SAVEDATE|EMAILID)\b",
)


class Without(ImapProxy):
    """A server without these extensions; "IMAP4rev1 only" leaves nothing else."""

    def __init__(self, upstream_port: int, *names: str) -> None:
        only = "IMAP4rev1 only" in names
        self.names = tuple(EXTENSIONS) if only else names
        self.parts = [EXTENSIONS[name] for name in self.names] + ([_OLD] if only else [])
        self.refused: list[str] = []
        self.commands: list[str] = []
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        self.commands.append(command.words)
        is_ahead = command.has_plus and "LITERAL+" in self.names
        if is_ahead or any(part.is_needed_by(command.words) for part in self.parts):
            self.refused.append(command.words)
            link.conn.send(command.tag + b" BAD this is not known here\r\n")
            return None
        return command.whole

    def pass_on(self, link: Link, response: bytes) -> bytes:
        head, end, rest = response.partition(b"\r\n")
        for start in (b"* CAPABILITY ", b"[CAPABILITY "):
            if start in head.upper():
                head = self._fewer_words(head, head.upper().index(start) + len(start))
        for part in self.parts:
            head = re.sub(rb"^(\S+ OK) \[" + part.codes + rb"\]", rb"\1", head)
        if "SPECIAL-USE" in self.names and head.startswith((b"* LIST ", b"* LSUB ")):
            flags, close, name = head.partition(b")")
            head = re.sub(rb" ?" + _USES + rb"\b", b"", flags) + close + name
        return head + end + rest

    def _fewer_words(self, head: bytes, at: int) -> bytes:
        words, bracket, rest = head[at:].partition(b"]")
        kept = [
            word
            for word in words.split()
            if not any(re.fullmatch(part.words, word.decode().upper()) for part in self.parts)
        ]
        return head[:at] + b" ".join(kept) + bracket + rest
