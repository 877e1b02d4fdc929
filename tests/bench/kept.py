"""A browser that stays on one connection and does as little as it can."""

from __future__ import annotations

import html
import re
import socket
import ssl
import sys
from pathlib import Path
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "integration"))

import client as web_client  # noqa: E402
import harness  # noqa: E402
import proc  # noqa: E402

FORM = "application/x-www-form-urlencoded"


class Failed(Exception):
    """An answer that is not what was asked for."""


class Kept:
    """In secure mode when it gets a context that knows the authority."""

    def __init__(self, server: harness.Server, trust: ssl.SSLContext | None, seconds: float = 60) -> None:
        self.trust = trust
        self.port = server.secure_port if trust else server.plain_port
        self.host = f"{web_client.HOST}:{self.port}"
        self.seconds = seconds
        self.cookies: dict[str, str] = {}
        self.sock: socket.socket | None = None

    def connect(self) -> socket.socket:
        raw = socket.create_connection((proc.LOOPBACK, self.port), self.seconds)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if self.trust is None:
            return raw
        return self.trust.wrap_socket(raw, server_hostname=web_client.HOST)

    def head(self, method: str, path: str, more: str = "") -> bytes:
        jar = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        cookie = f"Cookie: {jar}\r\n" if jar else ""
        return f"{method} {path} HTTP/1.1\r\nHost: {self.host}\r\n{cookie}{more}\r\n".encode()

    def send(self, data: bytes) -> tuple[bytes, bytes]:
        """What was answered so far: the whole head, and the beginning of the body."""
        if self.sock is None:
            self.sock = self.connect()
        self.sock.sendall(data)
        got = b""
        while b"\r\n\r\n" not in got:
            got += self.more()
        head, _, rest = got.partition(b"\r\n\r\n")
        return head, rest

    def more(self) -> bytes:
        assert self.sock is not None
        data = self.sock.recv(1 << 18)
        if not data:
            raise Failed("the connection was closed")
        return data

    def body(self, head: bytes, rest: bytes) -> bytes:
        length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
        if length:
            parts = [rest]
            missing = int(length[1]) - len(rest)
            while missing > 0:
                parts.append(self.more())
                missing -= len(parts[-1])
            return b"".join(parts)
        whole = b""
        while True:
            while b"\r\n" not in rest:
                rest += self.more()
            size, _, rest = rest.partition(b"\r\n")
            bytes_left = int(size, 16)
            while len(rest) < bytes_left + 2:
                rest += self.more()
            if bytes_left == 0:
                return whole
            whole += rest[:bytes_left]
            rest = rest[bytes_left + 2 :]

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str, bytes]:
        """Status, where it leads to, and the body."""
        data = urlencode(form).encode() if form is not None else b""
        more = f"Content-Type: {FORM}\r\nContent-Length: {len(data)}\r\n" if form is not None else ""
        head, rest = self.send(self.head(method, path, more) + data)
        body = self.body(head, rest)
        for name, value in re.findall(rb"(?i)\r\nset-cookie: ([^=]+)=([^;\r]*)", head):
            self.cookies[name.decode()] = value.decode()
        where = re.search(rb"(?i)\r\nlocation: (\S+)", head)
        if re.search(rb"(?i)\r\nconnection: close", head):
            self.close()
        return int(head[9:12]), where[1].decode() if where else "", body

    def follow(self, where: str) -> bytes:
        parts = urlsplit(where)
        return self.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)

    def get(self, path: str) -> bytes:
        status, where, body = self.ask("GET", path)
        if status == 303:
            return self.follow(where)
        if status != 200:
            raise Failed(f"{path}: status {status}")
        return body

    def post(self, path: str, form: dict[str, str]) -> bytes:
        """The page it leads to."""
        status, where, body = self.ask("POST", path, form)
        if status == 303:
            return self.follow(where)
        if status != 200:
            raise Failed(f"{path}: status {status}")
        return body

    def login_form(self) -> dict[str, str]:
        return hidden(self.get("/"), "/login")

    def login(self, user: str, password: str, form: dict[str, str] | None = None) -> bytes:
        """The first page; `form`: of the login page, which was asked for before."""
        fields = form or self.login_form()
        return self.post("/login", {**fields, "name": user, "password": password})

    def close(self) -> None:
        if self.sock is not None:
            self.sock.close()
        self.sock = None


def hidden(page: bytes, action: str) -> dict[str, str]:
    """The hidden fields of the first form that leads to `action`."""
    text = page.decode()
    found = re.search(rf'<form[^>]*action="{re.escape(action)}[^>]*>(.*?)</form>', text, re.S)
    if found is None:
        raise Failed(f"no form for {action}: {text[:300]}")
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1])
    return {name: html.unescape(value) for name, value in fields}
