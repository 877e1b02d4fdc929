"""Steps that several test files share: the program's own output, its log, reload."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Sequence

import harness
import proc
import server as web
from client import Client, Page


def program(*words: str | Path, seconds: float = 60.0) -> subprocess.CompletedProcess[str]:
    """Runs iwebmsgd to its end, or until it is in the background."""
    command = [str(web.program()), *map(str, words)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as started:
        try:
            out, err = started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            # What it left behind may hold the pipes: not only itself.
            os.killpg(started.pid, signal.SIGKILL)
            raise
    return subprocess.CompletedProcess(command, started.returncode, out, err)


def write_text(path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    """A file with its mode."""
    path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def log_text(server: web.Server) -> str:
    return server.log.read_text(errors="replace")


def log_fields(line: str) -> dict[str, str]:
    """A logfmt line."""
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    return {key: value for key, _, value in (word.partition("=") for word in words)}


def events(server: web.Server, name: str) -> list[dict[str, str]]:
    """All log lines of an event so far."""
    # Few lines of a busy server are taken apart.
    found = re.findall(rf"^.* event={re.escape(name)}(?: .*)?$", log_text(server), re.M)
    return [log_fields(line) for line in found]


def wait_event(server: web.Server, name: str, count: int = 1, seconds: float = 20.0) -> dict[str, str]:
    """Waits for the `count`th line of an event; returns it."""
    proc.wait_until(
        lambda: len(events(server, name)) >= count,
        f"log event {name}",
        seconds,
        server.process,
    )
    return events(server, name)[count - 1]


def end(server: web.Server) -> None:
    """Stops a server of a test's own; what a sanitizer said fails the test."""
    server.stop()
    said = harness.complaints(server)
    if said:
        raise AssertionError(said)


def _reloads(server: web.Server) -> int:
    return len(events(server, "reload.done")) + len(events(server, "reload.refused"))


def reload(server: web.Server, *, write: bool = True) -> bool:
    """SIGHUP; waits until it is done or refused; was it done?"""
    before = len(events(server, "reload.done"))
    seen = _reloads(server)
    assert server.process is not None
    if write:
        server.reload()
    else:
        server.process.signal(signal.SIGHUP)
    proc.wait_until(lambda: _reloads(server) > seen, "reload", 20, server.process)
    return len(events(server, "reload.done")) > before


def children(pid: int) -> list[int]:
    """The children of a process."""
    listed = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in listed.split()]


def child_of(server: web.Server) -> int:
    """The serving process behind the parent that keeps root."""
    assert server.process is not None
    found = children(server.process.pid)
    assert len(found) == 1, found
    return found[0]


def database(server: web.Server, statement: str, *values: object) -> list[tuple]:
    """One statement in the server's database."""
    with sqlite3.connect(server.database, timeout=20) as conn:
        return list(conn.execute(statement, values))


def wait_copied(server: web.Server, page: Page) -> None:
    """Until the post office has copied what the page calls sent, or could not."""
    compose = page.url.split("id=")[1].split("&")[0]
    waits = (
        "SELECT 1 FROM outbox JOIN compose ON compose.id = outbox.id "
        "WHERE outbox.id = ? AND state IN (1, 2) AND result = ''"
    )
    proc.wait_until(lambda: not database(server, waits, compose), "the copy in Sent", 30, server.process)


def cookie_lines(page: Page) -> list[str]:
    return page.headers.get_all("Set-Cookie") or []


def status_of(answer: bytes) -> int:
    """The status of raw bytes; 0 when they are no answer."""
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", answer)
    return int(found.group(1)) if found else 0


def send(client: Client, text: str, *, secure: bool = False, body: bytes = b"") -> bytes:
    """A request written by hand; lines end with CRLF here."""
    lines = text.strip().replace("\n", "\r\n") + "\r\n\r\n"
    return client.raw(lines.encode("latin-1") + body, secure=secure)


def metric(client: Client, name: str) -> float:
    """The sum of a metric over its labels."""
    page = client.get("/metrics")
    found = re.findall(rf"^{re.escape(name)}(?:{{[^}}]*}})? (\S+)$", page.html, re.M)
    return sum(float(each) for each in found)


def session_cookie(client: Client) -> str:
    """The value of the session cookie of either door, or nothing."""
    for name in ("iwm", "__Host-iwm"):
        if name in client.cookies:
            return client.cookies[name].value
    return ""


def is_login_page(page: Page) -> bool:
    return any(form.find("password") for form in page.forms)


def set_log_level(sections: web.Sections, level: str) -> None:
    sections.setdefault("Log", {})["Level"] = level


__all__ = [name for name in dir() if not name.startswith("_")] + ["harness", "Sequence"]
