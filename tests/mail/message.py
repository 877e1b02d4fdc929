"""Writes messages byte by byte, so that odd ones can be written too."""

from __future__ import annotations

import base64
import email.utils
import io
import quopri
import struct
import urllib.parse
import zipfile
import zlib
from dataclasses import dataclass, field

Headers = list[tuple[str, str]]


@dataclass
class Part:
    """A MIME entity: content type, extra headers, encoded body."""

    type: str
    body: bytes
    headers: Headers = field(default_factory=list)

    def render(self) -> bytes:
        lines = [("Content-Type", self.type), *self.headers] if self.type else self.headers
        head = "".join(f"{name}: {value}\r\n" for name, value in lines)
        return head.encode("utf-8", "surrogateescape") + b"\r\n" + self.body


def crlf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def encoded(data: bytes, way: str) -> bytes:
    if way == "base64":
        return crlf(base64.encodebytes(data))
    if way == "quoted-printable":
        return crlf(quopri.encodestring(data))
    return crlf(data)


def text(
    content: str,
    charset: str = "utf-8",
    way: str = "quoted-printable",
    subtype: str = "plain",
    params: str = "",
) -> Part:
    data = content.encode(charset, "replace")
    kind = f"text/{subtype}; charset={charset}{params}"
    return Part(kind, encoded(data, way), [("Content-Transfer-Encoding", way)])


def html(content: str, charset: str = "utf-8") -> Part:
    return text(content, charset, subtype="html")


def attachment(name: str, kind: str, data: bytes, way: str = "base64") -> Part:
    disposition = f"attachment; {parameter('filename', name)}"
    headers = [("Content-Transfer-Encoding", way), ("Content-Disposition", disposition)]
    return Part(f"{kind}; {parameter('name', name)}", encoded(data, way), headers)


def inline_image(cid: str, data: bytes) -> Part:
    headers = [
        ("Content-Transfer-Encoding", "base64"),
        ("Content-ID", f"<{cid}>"),
        ("Content-Disposition", "inline"),
    ]
    return Part("image/png", encoded(data, "base64"), headers)


def forwarded(message: bytes) -> Part:
    return Part("message/rfc822", crlf(message), [("Content-Disposition", "inline")])


def multi(subtype: str, parts: list[Part], boundary: str, params: str = "") -> Part:
    mark = f"--{boundary}".encode()
    pieces = [mark + b"\r\n" + part.render() + b"\r\n" for part in parts]
    body = b"".join(pieces) + mark + b"--\r\n"
    return Part(f'multipart/{subtype}; boundary="{boundary}"{params}', body)


def parameter(name: str, value: str) -> str:
    """A MIME parameter, RFC 2231 when it is not ASCII."""
    if value.isascii():
        return f'{name}="{value}"'
    return f"{name}*=UTF-8''{urllib.parse.quote(value, safe='')}"


def words(value: str, charset: str = "utf-8") -> str:
    """RFC 2047 encoded-words when needed, never splitting a character."""
    if value.isascii():
        return value
    out: list[str] = []
    chunk = ""
    for char in value + "\0":
        if char == "\0" or len((chunk + char).encode(charset, "replace")) > 39:
            packed = base64.b64encode(chunk.encode(charset, "replace")).decode()
            out.append(f"=?{charset}?B?{packed}?=")
            chunk = ""
        chunk += char
    return "\r\n ".join(out)


def address(name: str, mailbox: str, charset: str = "utf-8") -> str:
    return f"{words(name, charset)} <{mailbox}>" if name else mailbox


def date(when: int, zone: str = "+0000") -> str:
    sign = -1 if zone[0] == "-" else 1
    shift = sign * (int(zone[1:3]) * 3600 + int(zone[3:5]) * 60)
    return email.utils.formatdate(when + shift)[:-5] + zone


# -- files -------------------------------------------------------------------


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture with a gentle slope of colour, so that it is seen."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            for k, base in enumerate(colour):
                rows.append((base + (x * 60 // width if k == 0 else y * 60 // height)) & 255)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = zlib.crc32(kind + data)
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", size)
        + chunk(b"IDAT", zlib.compress(bytes(rows), 9))
        + chunk(b"IEND", b"")
    )


def pdf(line: str) -> bytes:
    """A PDF of one page with one line on it."""
    stream = f"BT /F1 18 Tf 72 760 Td ({line}) Tj ET".encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)


def zipped(files: dict[str, bytes]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), data)
    return sink.getvalue()
