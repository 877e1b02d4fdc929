"""Mail servers that misbehave on demand: scripted ones, and a proxy.

ImapMock and SmtpMock are small servers of their own: an IMAP4rev1 server with
one empty INBOX and no extension, and a submission server that keeps what it is
given. Proxy stands before a real server and breaks one chosen step.

A fault is what happens instead of the answer to a step:

  HANG      nothing, until the client goes away or the mock is closed
  CUT       the connection ends
  GARBAGE   bytes that are no answer
  DRIP      the answer comes, a byte every DRIP_S
  HUGE      an answer announcing a literal of 4 GB (IMAP) or an endless reply
  b"..."    these bytes, where {tag} stands for the command's tag (IMAP)

Steps of ImapMock: greeting, STARTTLS, LOGIN, SELECT, ... (the command; UID
commands as UID FETCH). Steps of SmtpMock: greeting, EHLO, STARTTLS, AUTH, MAIL,
RCPT, DATA, dot (after the message), QUIT.
"""

from __future__ import annotations

import base64
import re
import select
import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path


import ca
import proc

HANG, CUT, GARBAGE, DRIP, HUGE = "hang", "cut", "garbage", "drip", "huge"
DRIP_S = 0.3
RUBBISH = b"\x16\x03\x01\xff\xff\x80\x00(((( {99} \xfe\r\n* ( \" \r\n"
Fault = str | bytes


def context(certificate: ca.Certificate, *, weak: bool = False) -> ssl.SSLContext:
    """A server's context; a weak one takes keys and versions long outdated."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if weak:
        made.set_ciphers("ALL:@SECLEVEL=0")
    made.load_cert_chain(certificate.cert, certificate.key)
    return made


_SPANS = {
    "now": ("-days", "365"),
    "expired": ("-startdate", "20190101000000Z", "-enddate", "20200101000000Z"),
    "early": ("-startdate", "20880101000000Z", "-enddate", "20890101000000Z"),
}
_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
_MINT_CONFIG = """\
[ca]
default_ca = rig
[rig]
dir = {folder}
database = {folder}/index.txt
serial = {folder}/serial
new_certs_dir = {folder}
certificate = {folder}/ca.pem
private_key = {folder}/ca.key
default_md = sha256
default_crl_days = 30
unique_subject = no
policy = any
[any]
commonName = supplied
[made]
{extensions}
"""
_LEAF = """\
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = {names}
"""
_ISSUER = """\
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
"""


class Certificates:
    """Good and bad certificates of one authority, made when first asked for."""

    def __init__(self, folder: Path, name: str = "iwebmsg mock CA") -> None:
        self.authority = ca.Authority(folder, name)
        self.ca_file = self.authority.cert

    def mint(
        self,
        stem: str,
        *,
        names: tuple[str, ...] = ca.SERVER_NAMES,
        span: str = "now",
        key: tuple[str, ...] = _EC,
        digest: str = "sha256",
        more: str = "",
        extensions: str = _LEAF,
    ) -> ca.Certificate:
        """A certificate of any shape by this authority, or <stem>'s own."""
        folder = self.authority.folder
        made = ca.Certificate(folder / f"{stem}.pem", folder / f"{stem}.key")
        config, request = folder / f"{stem}.cnf", folder / f"{stem}.csr"
        filled = extensions.format(names=ca.alt_names(names)) + more
        config.write_text(_MINT_CONFIG.format(folder=folder, extensions=filled))
        # fmt: off
        ca._openssl("req", "-new", *key, "-subj", f"/CN={names[0]}",
                    "-keyout", made.key, "-out", request)
        ca._openssl("ca", "-batch", "-notext", "-config", config, "-extensions", "made",
                    "-md", digest, *_SPANS[span], "-in", request, "-out", made.cert)
        # fmt: on
        return made

    def good(self) -> ssl.SSLContext:
        return context(self.authority.issue("good"))

    def wrong_name(self) -> ssl.SSLContext:
        return context(self.authority.issue("wrong", ["elsewhere.example.com"]))

    def expired(self) -> ssl.SSLContext:
        return context(self.authority.issue("expired", expired=True))

    def self_signed(self) -> ssl.SSLContext:
        return context(ca.self_signed(self.authority.folder, "alone"))

    def not_yet(self) -> ssl.SSLContext:
        return context(self.mint("early", span="early"))

    def weak_key(self) -> ssl.SSLContext:
        key = ("-newkey", "rsa:1024", "-nodes")
        return context(self.mint("weak-key", key=key), weak=True)

    def weak_hash(self) -> ssl.SSLContext:
        return context(self.mint("weak-hash", digest="sha1"), weak=True)

    def below(self) -> Certificates:
        """An intermediate authority of this one; its chain is not sent."""
        folder = self.authority.folder / "below"
        folder.mkdir()
        issuer = self.mint("intermediate", names=("Mock Intermediate",), extensions=_ISSUER)
        for kind in ("pem", "key"):
            getattr(issuer, "cert" if kind == "pem" else "key").rename(folder / f"ca.{kind}")
        (folder / "index.txt").write_text("")
        (folder / "serial").write_text("2000\n")
        return Certificates(folder)

    def cut_chain(self) -> ssl.SSLContext:
        address = "authorityInfoAccess = caIssuers;URI:http://ca.example/i.cer\n"
        return context(self.below().mint("cut", more=address))

    def revoked(self) -> tuple[ssl.SSLContext, Path]:
        """With the list that says so."""
        made = self.mint("revoked")
        config = made.cert.with_suffix(".cnf")
        crl = made.cert.with_name("crl.pem")
        ca._openssl("ca", "-config", config, "-revoke", made.cert)
        ca._openssl("ca", "-config", config, "-gencrl", "-out", crl)
        return context(made), crl


class Gone(Exception):
    """The client left or the mock was closed."""


class Conn:
    """One connection, seen from the server."""

    def __init__(self, sock: socket.socket, closing: threading.Event) -> None:
        self.sock = sock
        self.closing = closing
        self.pending = b""

    def recv(self) -> bytes:
        try:
            data = self.sock.recv(65536)
        except OSError as error:
            raise Gone from error
        if not data:
            raise Gone
        return data

    def line(self) -> bytes:
        """The next line without its CRLF."""
        while b"\n" not in self.pending:
            self.pending += self.recv()
        line, self.pending = self.pending.split(b"\n", 1)
        return line.rstrip(b"\r")

    def exactly(self, count: int) -> bytes:
        while len(self.pending) < count:
            self.pending += self.recv()
        data, self.pending = self.pending[:count], self.pending[count:]
        return data

    def send(self, data: bytes) -> None:
        try:
            self.sock.sendall(data)
        except OSError as error:
            raise Gone from error

    def drip(self, data: bytes) -> None:
        for at in range(len(data)):
            self.send(data[at : at + 1])
            if self.closing.wait(DRIP_S):
                raise Gone

    def starttls(self, tls: ssl.SSLContext) -> None:
        self.pending = b""
        try:
            # Kept before the handshake, so that close() can end it.
            self.sock = tls.wrap_socket(
                self.sock, server_side=True, do_handshake_on_connect=False
            )
            self.sock.do_handshake()
        except OSError as error:
            raise Gone from error

    def until_gone(self) -> None:
        """Reads and answers nothing."""
        while True:
            self.recv()

    def suffer(self, fault: Fault, answer: bytes, tag: bytes = b"*") -> None:
        """Does what a fault says in place of `answer`."""
        if isinstance(fault, bytes):
            self.send(fault.replace(b"{tag}", tag))
        elif fault == HANG:
            self.until_gone()
        elif fault == GARBAGE:
            self.send(RUBBISH)
        elif fault == DRIP:
            self.drip(answer)
        elif fault == HUGE:
            self.send(b"* 1 FETCH (BODY[] {4294967295}\r\n")
            while not self.closing.is_set():
                self.send(b"x" * 65536)
            raise Gone
        else:
            raise Gone


class Listener:
    """Accepts on a free loopback port, one thread per connection."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.tls = tls
        self.closing = threading.Event()
        self.conns: list[Conn] = []
        self.threads: list[threading.Thread] = []
        self.connections = 0
        self.socket = socket.create_server((proc.LOOPBACK, 0))
        self.port = int(self.socket.getsockname()[1])
        accepting = threading.Thread(target=self._accept, daemon=True)
        accepting.start()
        self.threads.append(accepting)

    def _accept(self) -> None:
        while not self.closing.is_set():
            try:
                sock, _ = self.socket.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                return
            self.connections += 1
            conn = Conn(sock, self.closing)
            self.conns.append(conn)
            thread = threading.Thread(target=self._serve, args=(conn,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def _serve(self, conn: Conn) -> None:
        try:
            if self.tls is not None:
                conn.starttls(self.tls)
            self.serve(conn)
        except Gone:
            pass
        finally:
            conn.sock.close()

    def serve(self, conn: Conn) -> None:
        """One connection's conversation; without an own one it hangs."""
        conn.until_gone()

    def drop(self) -> None:
        """Ends the connections of now."""
        for conn in self.conns:
            try:
                conn.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self) -> None:
        self.closing.set()
        for sock in (self.socket, *(conn.sock for conn in self.conns)):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            sock.close()
        for thread in self.threads:
            thread.join(5)

    def __enter__(self) -> "Listener":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()


class OldTls(Listener):
    """Answers every ClientHello with TLS 1.0, as servers of 1999 do."""

    def serve(self, conn: Conn) -> None:
        conn.recv()
        # ServerHello: version, random, no session, a cipher, no compression.
        hello = b"\x03\x01" + bytes(32) + b"\x00\xc0\x14\x00"
        message = b"\x02" + len(hello).to_bytes(3, "big") + hello
        conn.send(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message)
        conn.until_gone()


class Socks(Listener):
    """A SOCKS5 proxy (RFC 1928) that leads every name to the loopback.

    login  name and password it wants, as b"\\x01\\x02me\\x04word"
    """

    def __init__(self, login: bytes = b"") -> None:
        self.login = login
        self.asked: list[str] = []
        super().__init__()

    def serve(self, conn: Conn) -> None:
        conn.exactly(conn.exactly(2)[1])
        conn.send(b"\x05\x02" if self.login else b"\x05\x00")
        if self.login:
            is_good = conn.exactly(len(self.login)) == self.login
            conn.send(b"\x01\x00" if is_good else b"\x01\x01")
            if not is_good:
                return
        assert conn.exactly(4) == b"\x05\x01\x00\x03"
        name = conn.exactly(conn.exactly(1)[0]).decode()
        port = int.from_bytes(conn.exactly(2), "big")
        self.asked.append(f"{name}:{port}")
        self._join(conn, port, b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00")

    def _join(self, conn: Conn, port: int, consent: bytes) -> None:
        upstream = Conn(socket.create_connection((proc.LOOPBACK, port), 10), self.closing)
        upstream.sock.settimeout(None)
        self.conns.append(upstream)
        conn.send(consent)
        ways = {conn: upstream, upstream: conn}
        try:
            while True:
                for side in _readable(conn, upstream):
                    ways[side].send(side.recv())
        finally:
            upstream.sock.close()


class HttpProxy(Socks):
    """An HTTP proxy that knows CONNECT (RFC 9110, 9.3.6)."""

    def serve(self, conn: Conn) -> None:
        words = conn.line().split()
        lines = []
        while line := conn.line():
            lines.append(line)
        if self.login and self.login not in lines:
            conn.send(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return
        target = words[1].decode()
        self.asked.append(target)
        self._join(conn, int(target.rsplit(":", 1)[1]), b"HTTP/1.1 200 Go\r\n\r\n")


class Scripted(Listener):
    """What the two mocks share: steps seen, faults, STARTTLS.

    starttls  offered when given (and `tls` is None)
    inject    bytes sent right behind the consent to STARTTLS
    """

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        starttls: ssl.SSLContext | None = None,
        inject: bytes = b"",
        faults: dict[str, Fault] | None = None,
    ) -> None:
        self.starttls = starttls
        self.inject = inject
        self.faults = dict(faults or {})
        self.steps: list[str] = []
        self.lines: list[bytes] = []
        super().__init__(tls)

    def answer(self, conn: Conn, step: str, answer: bytes, tag: bytes = b"*") -> bool:
        """Sends the answer or what the fault says; True when it was sent."""
        self.steps.append(step)
        fault = self.faults.get(step)
        if fault is None:
            conn.send(answer)
            return True
        conn.suffer(fault, answer, tag)
        return fault == DRIP

    def to_tls(self, conn: Conn, step: str, consent: bytes, tag: bytes = b"*") -> None:
        assert self.starttls is not None
        if self.answer(conn, step, consent + self.inject, tag):
            conn.starttls(self.starttls)


@dataclass
class Mailbox:
    """What ImapMock keeps: the messages appended, per folder."""

    appended: list[tuple[str, bytes]] = field(default_factory=list)


class ImapMock(Scripted):
    """IMAP4rev1 and nothing else, with an empty INBOX; any login is good."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        capabilities: str = "IMAP4rev1",
        preauth: bool = False,
        starttls: ssl.SSLContext | None = None,
        inject: bytes = b"",
        faults: dict[str, Fault] | None = None,
        name: str = "mock",
    ) -> None:
        self.capabilities = capabilities
        self.preauth = preauth
        self.name = name
        self.mailbox = Mailbox()
        super().__init__(tls, starttls=starttls, inject=inject, faults=faults)

    def serve(self, conn: Conn) -> None:
        word = b"PREAUTH" if self.preauth else b"OK"
        self.answer(conn, "greeting", b"* %s %s ready\r\n" % (word, self.name.encode()))
        while True:
            tag, step, command = self._command(conn)
            if step == "STARTTLS" and self.starttls is not None:
                self.to_tls(conn, step, tag + b" OK begin\r\n", tag)
                continue
            if step == "IDLE":
                self.answer(conn, step, b"+ idling\r\n", tag)
                conn.line()
                conn.send(tag + b" OK idled\r\n")
                continue
            self.answer(conn, step, self._reply(step, tag, command), tag)
            if step == "LOGOUT":
                return

    def _command(self, conn: Conn) -> tuple[bytes, str, bytes]:
        command = line = conn.line()
        while (found := re.search(rb"\{(\d+)(\+?)\}$", line)) is not None:
            if not found.group(2):
                conn.send(b"+ go on\r\n")
            data = conn.exactly(int(found.group(1)))
            line = conn.line()
            command += b"\r\n" + data + line
        self.lines.append(command)
        words = command.split(None, 3)
        if len(words) < 2:
            return b"*", "", command
        step = words[1].decode("latin-1").upper()
        if step == "UID" and len(words) > 2:
            step = f"UID {words[2].decode('latin-1').upper()}"
        return words[0], step, command

    def _reply(self, step: str, tag: bytes, command: bytes) -> bytes:
        starttls = " STARTTLS" if self.starttls is not None else ""
        untagged = {
            "CAPABILITY": f"* CAPABILITY {self.capabilities}{starttls}\r\n",
            "LOGOUT": "* BYE mock\r\n",
            "LIST": '* LIST (\\HasNoChildren) "/" INBOX\r\n',
            "LSUB": '* LSUB () "/" INBOX\r\n',
            "STATUS": "* STATUS INBOX (MESSAGES 0 UNSEEN 0 UIDNEXT 1 UIDVALIDITY 7 RECENT 0)\r\n",
            "SELECT": _SELECTED,
            "EXAMINE": _SELECTED,
            "SEARCH": "* SEARCH\r\n",
            "UID SEARCH": "* SEARCH\r\n",
        }.get(step, "")
        if step == "APPEND":
            head, _, data = command.partition(b"\r\n")
            self.mailbox.appended.append((head.decode("latin-1"), data))
        word = step.encode("ascii", "replace") or b"what"
        return untagged.encode() + tag + b" OK " + word + b" done\r\n"


_SELECTED = (
    "* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n* 0 EXISTS\r\n"
    "* 0 RECENT\r\n* OK [UIDVALIDITY 7] .\r\n* OK [UIDNEXT 1] .\r\n"
)


class SmtpMock(Scripted):
    """Submission that takes every login and keeps every message."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        *,
        starttls: ssl.SSLContext | None = None,
        inject: bytes = b"",
        faults: dict[str, Fault] | None = None,
        name: str = "mock",
        offers: str = "AUTH PLAIN LOGIN",
    ) -> None:
        self.name = name
        self.offers = offers
        self.extensions = ["PIPELINING", "SIZE 104857600", "8BITMIME", "ENHANCEDSTATUSCODES"]
        self.messages: list[bytes] = []
        self.recipients: list[bytes] = []
        self.refuse = b""  # who has this in the address is unknown here
        super().__init__(tls, starttls=starttls, inject=inject, faults=faults)

    def serve(self, conn: Conn) -> None:
        self.answer(conn, "greeting", b"220 %s ESMTP\r\n" % self.name.encode())
        while True:
            line = conn.line()
            self.lines.append(line)
            step = line.split(b" ")[0].decode("latin-1").upper()
            if step == "STARTTLS" and self.starttls is not None:
                self.to_tls(conn, step, b"220 2.0.0 begin\r\n")
            elif step == "AUTH":
                self._auth(conn, line)
            elif step == "DATA":
                self._data(conn)
            elif step == "QUIT":
                self.answer(conn, step, b"221 2.0.0 bye\r\n")
                return
            else:
                if step == "RCPT":
                    self.recipients.append(line)
                    if self.refuse and self.refuse in line:
                        conn.send(b"550 5.1.1 no such user\r\n")
                        continue
                self.answer(conn, step, self._reply(step))

    def _reply(self, step: str) -> bytes:
        if step not in ("EHLO", "HELO"):
            return b"250 2.0.0 ok\r\n"
        lines = [self.name, *self.extensions]
        if self.starttls is not None:
            lines.append("STARTTLS")
        lines.append(self.offers)
        dashed = "".join(f"250-{line}\r\n" for line in lines[:-1])
        return f"{dashed}250 {lines[-1]}\r\n".encode()

    def _auth(self, conn: Conn, line: bytes) -> None:
        words = line.split()
        prompts = 0
        if len(words) == 2:
            prompts = 2 if words[1].upper() == b"LOGIN" else 1
        for _ in range(prompts):
            conn.send(b"334 " + base64.b64encode(b"go on") + b"\r\n")
            conn.line()
        self.answer(conn, "AUTH", b"235 2.7.0 welcome\r\n")

    def _data(self, conn: Conn) -> None:
        if not self.answer(conn, "DATA", b"354 go on\r\n"):
            return
        lines: list[bytes] = []
        while (line := conn.line()) != b".":
            lines.append(line[1:] if line.startswith(b".") else line)
        self.messages.append(b"\r\n".join(lines) + b"\r\n")
        self.answer(conn, "dot", b"250 2.0.0 queued\r\n")


@dataclass
class Rule:
    """A fault of a Proxy.

    pattern  looked for in what the client sends (case ignored)
    fault    as above; DRIP slows down every answer from then on; b"..." is
             sent to the client and the command is kept from the server
    after    the server gets the command and its answer is dropped (the lost
             answer), instead of the command being kept from it
    times    how often; 0 means always
    """

    pattern: bytes
    fault: Fault
    after: bool = False
    times: int = 0
    hits: int = 0

    def matches(self, data: bytes) -> bool:
        if self.times and self.hits >= self.times:
            return False
        if not re.search(self.pattern, data, re.I):
            return False
        self.hits += 1
        return True


class Proxy(Listener):
    """Between iwebmsgd and a real server; TLS on both sides when given.

    rules may be changed while it runs.
    """

    def __init__(
        self,
        upstream_port: int,
        tls: ssl.SSLContext | None = None,
        trust: ssl.SSLContext | None = None,
        rules: list[Rule] | None = None,
    ) -> None:
        self.upstream_port = upstream_port
        self.trust = trust
        self.rules = list(rules or [])
        self.seen = b""
        super().__init__(tls)

    def serve(self, conn: Conn) -> None:
        sock = socket.create_connection((proc.LOOPBACK, self.upstream_port), 10)
        if self.trust is not None:
            sock = self.trust.wrap_socket(sock, server_hostname="localhost")
        sock.settimeout(None)
        upstream = Conn(sock, self.closing)
        self.conns.append(upstream)
        path = _Path()
        try:
            while True:
                for side in _readable(conn, upstream):
                    if side is conn:
                        self._forth(conn, upstream, path)
                    else:
                        self._back(conn, upstream, path)
        finally:
            upstream.sock.close()

    def _forth(self, conn: Conn, upstream: Conn, path: "_Path") -> None:
        data = conn.recv()
        self.seen += data
        for rule in self.rules:
            if not rule.matches(data):
                continue
            if rule.fault == DRIP:
                path.slow = True
                break
            if rule.after:
                upstream.send(data)
                upstream.recv()
            conn.suffer(rule.fault, b"", data.split(b" ", 1)[0])
            return
        upstream.send(data)

    @staticmethod
    def _back(conn: Conn, upstream: Conn, path: "_Path") -> None:
        data = upstream.recv()
        if path.slow:
            conn.drip(data)
        else:
            conn.send(data)


@dataclass
class _Path:
    """What a proxied connection remembers."""

    slow: bool = False


def _readable(*conns: Conn) -> list[Conn]:
    """The connections with something to read, waiting for the first."""
    held = [
        conn
        for conn in conns
        if isinstance(conn.sock, ssl.SSLSocket) and conn.sock.pending()
    ]
    if held:
        return held
    try:
        found = select.select([conn.sock for conn in conns], [], [])[0]
    except (OSError, ValueError) as error:
        raise Gone from error
    return [conn for conn in conns if conn.sock in found]
