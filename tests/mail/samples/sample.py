"""What a sample is, and how its bytes are put together without any help.

No library writes these messages: it would mend what is to be shown broken.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

# When all samples arrived (INTERNALDATE), and what most of them say themselves.
ARRIVED = "2026-11-21T08:30:00+00:00"
DATE = "2026-11-20T10:00:00+00:00"
BEN = "Ben Okafor <ben@example.com>"
ANNA = "anna@demo.test"
TEXT = "The text of it.\n"


@dataclass(frozen=True)
class File:
    """An attachment as it is listed and downloaded."""

    name: str
    data: bytes | None = None  # None: only the name is looked at


@dataclass
class Sample:
    """A message, a line on what it shows, and what a reader must see.

    None: not looked at. People are written "Name <address>", "address" or
    "Name", in their order. `text` and `notices` are found in what is shown
    (white space folded, notices as regular expressions without case), `absent`
    is not. `exact` is all of the plain text. `files` is all of the list.
    """

    name: str
    shows: str
    raw: bytes
    subject: str | None = None
    sender: tuple[str, ...] | None = None
    to: tuple[str, ...] | None = None
    cc: tuple[str, ...] | None = None
    date: str | None = None
    text: tuple[str, ...] = ()
    exact: str | None = None
    absent: tuple[str, ...] = ()
    files: tuple[File, ...] | None = ()
    notices: tuple[str, ...] = ()
    # What else is right where Dovecot told the structure, and where nobody did.
    dovecot: dict[str, object] = field(default_factory=dict)
    alone: dict[str, object] = field(default_factory=dict)


def octets(text: str | bytes) -> bytes:
    """Lines of a sample as they travel: CRLF; bytes stay as they are."""
    if isinstance(text, bytes):
        return text
    return text.replace("\r\n", "\n").replace("\n", "\r\n").encode("utf-8", "surrogateescape")


def _has(head: bytes, name: str) -> bool:
    return re.search(rb"(?mi)^%s[ \t]*:" % re.escape(name.encode()), head) is not None


def mail(
    name: str,
    shows: str,
    head: str | bytes = "",
    body: str | bytes = TEXT,
    *,
    drop: tuple[str, ...] = (),
    **expected: object,
) -> Sample:
    """A message with the usual fields, but for those `head` brings or `drop` names."""
    given = octets(head)
    assert not given or given.endswith(b"\n"), name
    usual = (
        ("From", BEN, "sender", (BEN,)),
        ("To", ANNA, "to", (ANNA,)),
        ("Subject", f"Sample {name}", "subject", f"Sample {name}"),
        ("Date", "Fri, 20 Nov 2026 10:00:00 +0000", "date", DATE),
        ("Message-ID", f"<{name}@samples.example>", "", None),
    )
    lines = b""
    for label, value, key, shown in usual:
        if label in drop or _has(given, label):
            continue
        lines += octets(f"{label}: {value}\n")
        if key:
            expected.setdefault(key, shown)
    if body == TEXT:
        expected.setdefault("exact", TEXT.strip())
    return Sample(name, shows, lines + given + b"\r\n" + octets(body), **expected)  # type: ignore[arg-type]


def typed(name: str, shows: str, kind: str, body: str | bytes, **expected: object) -> Sample:
    """A message of one part; `kind`: its MIME fields as "type; x\\nMore: y"."""
    return mail(name, shows, f"MIME-Version: 1.0\nContent-Type: {kind}\n", body, **expected)


def part(head: str | bytes, body: str | bytes = "") -> bytes:
    """An entity; `head` without its last line end, or empty."""
    lines = octets(head)
    return lines + (b"\r\n" if lines else b"") + b"\r\n" + octets(body)


def plain(text: str, more: str = "") -> bytes:
    return part(f"Content-Type: text/plain; charset=utf-8{more}", text)


def html(text: str) -> bytes:
    return part("Content-Type: text/html; charset=utf-8", text)


def joined(boundary: str, *entities: bytes, pre: str = "", post: str = "", end: bool = True) -> bytes:
    """The body of a multipart."""
    mark = b"--" + boundary.encode()
    found = octets(pre)
    for each in entities:
        found += mark + b"\r\n" + each + b"\r\n"
    return found + (mark + b"--\r\n" + octets(post) if end else b"")


def multi(kind: str, boundary: str, *entities: bytes, **how: object) -> bytes:
    """A multipart as an entity; kind: "mixed" or "report; report-type=x"."""
    subtype, _, params = kind.partition(";")
    more = f";{params}" if params else ""
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"{more}'
    return part(head, joined(boundary, *entities, **how))  # type: ignore[arg-type]


def whole(name: str, shows: str, entity: bytes, head: str = "", **expected: object) -> Sample:
    """A message around an entity."""
    inner, _, body = entity.partition(b"\r\n\r\n")
    fields = octets(f"{head}MIME-Version: 1.0\n") + inner + b"\r\n"
    return mail(name, shows, fields, body, **expected)


def b64(data: bytes, width: int = 76) -> str:
    text = base64.b64encode(data).decode()
    return "".join(f"{text[at : at + width]}\n" for at in range(0, len(text), width))


def attached(fields: str, data: bytes, kind: str = "application/octet-stream") -> bytes:
    """An attachment in base64; `fields`: what stands behind "attachment"."""
    head = (
        f"Content-Type: {kind}\nContent-Transfer-Encoding: base64\n"
        f"Content-Disposition: attachment{fields}"
    )
    return part(head, b64(data))


def message(subject: str, entity: bytes, sender: str = "Carla Rossi <carla@example.org>") -> bytes:
    """A whole message to be put inside another."""
    head = (
        f"From: {sender}\nTo: ben@example.com\nSubject: {subject}\n"
        "Date: Thu, 19 Nov 2026 09:00:00 +0100\nMIME-Version: 1.0\n"
    )
    return octets(head) + entity
