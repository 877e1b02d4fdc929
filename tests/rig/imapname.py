"""Mailbox names on the wire: modified UTF-7 (RFC 3501, 5.1.3)."""

from __future__ import annotations

import base64


def encode(name: str) -> str:
    """A mailbox name as IMAP4rev1 sends it, without quotes."""
    out: list[str] = []
    wide = ""
    for char in name + "\0":
        if 0x20 <= ord(char) <= 0x7E or char == "\0":
            if wide:
                packed = base64.b64encode(wide.encode("utf-16-be"), b"+,")
                out.append("&" + packed.decode().rstrip("=") + "-")
                wide = ""
            out.append("&-" if char == "&" else char)
        else:
            wide += char
    return "".join(out)[:-1]


def quoted(name: str) -> str:
    """The encoded name as an IMAP quoted string."""
    text = encode(name).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
