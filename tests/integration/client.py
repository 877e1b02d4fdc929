"""A small web client that knows cookies, forms and redirects.

It sends mail.demo.test as the host and always connects to the loopback. A form
is filled in and sent as a person would do it:

    page = client.get("/")
    page = client.submit(page.form(field="password"), name="anna", password="x")
    page = client.press(page, "Reply")
"""

from __future__ import annotations

import http.client
import json
import re
import secrets
import socket
import ssl
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Mapping, Sequence
from urllib.parse import urlencode, urljoin, urlsplit

LOOPBACK = "127.0.0.1"
HOST = "mail.demo.test"
MAX_REDIRECTS = 8
File = tuple[str, str, bytes]  # file name, content type, content
Value = str | bool | File | Sequence[str]


@dataclass
class Field:
    """One control of a form."""

    name: str
    kind: str  # the input's type, or textarea, select, button
    value: str
    checked: bool = False
    label: str = ""  # of a button
    options: list[str] = field(default_factory=list)
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass
class Form:
    action: str
    method: str
    multipart: bool
    fields: list[Field] = field(default_factory=list)

    def find(self, name: str) -> Field | None:
        return next((each for each in self.fields if each.name == name), None)

    def kind(self, kind: str) -> Field:
        """The first control of a kind (password, text, file, ...)."""
        for each in self.fields:
            if each.kind == kind:
                return each
        raise AssertionError(f"the form {self.action} has no {kind} control")

    def buttons(self) -> list[Field]:
        return [each for each in self.fields if each.kind in ("submit", "image")]

    def button(self, what: str) -> Field:
        """The button with this label, name, or name=value."""
        for each in self.buttons():
            if what in (each.label, each.value, each.name, f"{each.name}={each.value}"):
                return each
        known = [each.label or each.value for each in self.buttons()]
        raise AssertionError(f"no button {what!r}; there are {known}")

    def values(self) -> list[tuple[str, str | File]]:
        """What the form sends as it stands, without a button."""
        sent: list[tuple[str, str | File]] = []
        for each in self.fields:
            if not each.name or "disabled" in each.attributes:
                continue
            if each.kind in ("submit", "image", "button", "reset"):
                continue
            if each.kind in ("checkbox", "radio") and not each.checked:
                continue
            if each.kind == "file":
                sent.append((each.name, ("", "application/octet-stream", b"")))
            else:
                sent.append((each.name, each.value))
        return sent


class _Parser(HTMLParser):
    """Forms, links and texts of a page."""

    VOID_TEXT = {"script", "style", "template"}

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.links: list[tuple[str, str]] = []
        self.words: list[str] = []
        self.title = ""
        self._form: Form | None = None
        self._late: list[tuple[str, Field]] = []
        self._open: list[Field] = []  # textarea, button being read
        self._select: Field | None = None
        self._link: tuple[str, list[str]] | None = None
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag in ("title", *self.VOID_TEXT):
            self._inside.append(tag)
        if tag == "form":
            self._form = Form(
                found.get("action", ""),
                found.get("method", "get").upper(),
                found.get("enctype", "") == "multipart/form-data",
            )
            self.forms.append(self._form)
            if "id" in found:
                self.by_id[found["id"]] = self._form
        elif tag == "a" and "href" in found:
            self._link = (found["href"], [])
        elif tag == "option" and self._select is not None:
            value = found.get("value", "")
            self._select.options.append(value)
            if "selected" in found or len(self._select.options) == 1:
                self._select.value = value
        elif tag in ("input", "textarea", "select", "button"):
            self._control(tag, found)

    def _control(self, tag: str, found: dict[str, str]) -> None:
        default = {"input": "text", "button": "submit"}.get(tag, tag)
        kind = found.get("type", default).lower() if tag in ("input", "button") else tag
        value = found.get("value", "on" if kind in ("checkbox", "radio") else "")
        control = Field(
            found.get("name", ""), kind, value, "checked" in found, attributes=found
        )
        if tag == "input" and kind == "submit":
            control.label = value
        if "form" in found:
            self._late.append((found["form"], control))
        elif self._form is not None:
            self._form.fields.append(control)
        if tag in ("textarea", "button"):
            self._open.append(control)
        elif tag == "select":
            self._select = control

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag in ("textarea", "button") and self._open:
            control = self._open.pop()
            if tag == "textarea":
                # The first line feed belongs to the markup.
                control.value = re.sub(r"^\r?\n", "", control.label, count=1)
            control.label = " ".join(control.label.split())
        elif tag == "select":
            self._select = None
        elif tag == "a" and self._link is not None:
            self.links.append((" ".join("".join(self._link[1]).split()), self._link[0]))
            self._link = None
        elif self._inside and tag == self._inside[-1]:
            self._inside.pop()

    def handle_data(self, data: str) -> None:
        if self._inside:
            if self._inside[-1] == "title":
                self.title += data
            return
        if self._open:
            self._open[-1].label += data
        if self._link is not None:
            self._link[1].append(data)
        self.words.append(data)

    def close(self) -> None:
        super().close()
        for name, control in self._late:
            if name in self.by_id:
                self.by_id[name].fields.append(control)


@dataclass
class Page:
    """An answer."""

    url: str
    status: int
    headers: http.client.HTTPMessage
    body: bytes
    hops: list[tuple[int, str]] = field(default_factory=list)  # redirects behind us
    _parsed: _Parser | None = field(default=None, repr=False)

    @property
    def html(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def parsed(self) -> _Parser:
        if self._parsed is None:
            self._parsed = _Parser()
            self._parsed.feed(self.html)
            self._parsed.close()
        return self._parsed

    @property
    def text(self) -> str:
        """What is to be read on it, white space folded."""
        return " ".join(" ".join(self.parsed.words).split())

    @property
    def title(self) -> str:
        return " ".join(self.parsed.title.split())

    @property
    def forms(self) -> list[Form]:
        return self.parsed.forms

    @property
    def links(self) -> list[tuple[str, str]]:
        """(text, address) of every link."""
        return self.parsed.links

    @property
    def path(self) -> str:
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def header(self, name: str) -> str:
        return self.headers.get(name, "")

    def json(self) -> object:
        return json.loads(self.body)

    def form(
        self, *, action: str | None = None, field: str | None = None, button: str | None = None
    ) -> Form:
        """The first form with this action (a part of it), field or button."""
        for form in self.forms:
            if action is not None and action not in form.action:
                continue
            if field is not None and form.find(field) is None:
                continue
            if button is not None:
                try:
                    form.button(button)
                except AssertionError:
                    continue
            return form
        wanted = f"action={action} field={field} button={button}"
        raise AssertionError(f"no form {wanted} on {self.url} ({self.status}): {self.text[:300]}")

    def link(self, what: str) -> str:
        """The address of the first link whose text or address has `what`."""
        for text, address in self.links:
            if what in text or what in address:
                return address
        raise AssertionError(f"no link {what!r} on {self.url}: {self.links}")


@dataclass
class Cookie:
    name: str
    value: str
    secure: bool
    attributes: dict[str, str]


class Client:
    """One browser: its own cookies, no cache, no JavaScript."""

    def __init__(
        self,
        plain_port: int,
        secure_port: int = 0,
        ca_file: Path | None = None,
        *,
        host: str = HOST,
        secure: bool = False,
        seconds: float = 60.0,
        source: str = "",
    ) -> None:
        self.host = host
        # The address we come from, where it matters; any of 127.0.0.0/8.
        self.source = (source, 0) if source else None
        self.plain_port = plain_port
        self.secure_port = secure_port
        self.seconds = seconds
        self.cookies: dict[str, Cookie] = {}
        self.headers: dict[str, str] = {"Accept": "text/html", "User-Agent": "rig/1"}
        self.trust = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
        self.origin = self.secure_origin if secure else self.plain_origin

    @property
    def plain_origin(self) -> str:
        return f"http://{self.host}:{self.plain_port}"

    @property
    def secure_origin(self) -> str:
        return f"https://{self.host}:{self.secure_port}"

    # -- requests --------------------------------------------------------

    def get(self, address: str, *, follow: bool = True, **headers: str) -> Page:
        return self.request("GET", address, follow=follow, headers=headers)

    def post(
        self,
        address: str,
        fields: Mapping[str, str] | Sequence[tuple[str, str | File]] = (),
        *,
        multipart: bool = False,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        pairs = list(fields.items()) if isinstance(fields, Mapping) else list(fields)
        body, kind = (_multipart if multipart else _urlencoded)(pairs)
        all_headers = {"Content-Type": kind, **(headers or {})}
        return self.request("POST", address, body, follow=follow, headers=all_headers)

    def request(
        self,
        method: str,
        address: str,
        body: bytes | None = None,
        *,
        follow: bool = True,
        headers: Mapping[str, str] | None = None,
    ) -> Page:
        url = urljoin(self.origin + "/", address)
        hops: list[tuple[int, str]] = []
        while True:
            page = self._once(method, url, body, headers or {})
            page.hops = hops
            where = page.header("Location")
            if not (follow and where and page.status in (301, 302, 303, 307, 308)):
                parts = urlsplit(page.url)
                self.origin = f"{parts.scheme}://{parts.netloc}"
                return page
            if len(hops) == MAX_REDIRECTS:
                raise AssertionError(f"redirects without end: {hops}")
            hops = [*hops, (page.status, url)]
            url = urljoin(url, where)
            if page.status in (301, 302, 303):
                method, body = "GET", None
                headers = {k: v for k, v in (headers or {}).items() if k != "Content-Type"}

    def _once(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Page:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        conn = http.client.HTTPConnection(
            LOOPBACK,
            parts.port or (443 if secure else 80),
            timeout=self.seconds,
            source_address=self.source,
        )
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        sent = {"Host": parts.netloc, **self.headers, **headers}
        jar = "; ".join(
            f"{each.name}={each.value}"
            for each in self.cookies.values()
            if secure or not each.secure
        )
        if jar and "Cookie" not in sent:
            sent["Cookie"] = jar
        try:
            conn.connect()
            if secure:
                conn.sock = self.trust.wrap_socket(conn.sock, server_hostname=parts.hostname)
            conn.request(method, path, body, sent)
            answer = conn.getresponse()
            page = Page(url, answer.status, answer.headers, answer.read())
        finally:
            conn.close()
        for line in page.headers.get_all("Set-Cookie") or []:
            self._keep(line)
        return page

    def _keep(self, line: str) -> None:
        first, *rest = [word.strip() for word in line.split(";")]
        name, _, value = first.partition("=")
        attributes = {
            word.partition("=")[0].lower(): word.partition("=")[2] for word in rest
        }
        if attributes.get("max-age") == "0" or "1970" in attributes.get("expires", ""):
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = Cookie(name, value, "secure" in attributes, attributes)

    # -- forms -----------------------------------------------------------

    def submit(
        self,
        form: Form,
        button: str | None = None,
        *,
        follow: bool = True,
        files: Mapping[str, Sequence[File]] | None = None,
        **changes: Value,
    ) -> Page:
        """Sends a form. Changes: text, True/False for a box, a file, or a list
        of the values that stay ticked among boxes of one name."""
        changed = set()
        pairs: list[tuple[str, str | File]] = []
        for each in form.fields:
            if each.name in changes and each.kind not in ("submit", "image"):
                changed.add(each.name)
                pairs += _changed(each, changes[each.name])
            elif files and each.name in files and each.kind == "file":
                pairs += [(each.name, one) for one in files[each.name]]
            else:
                pairs += Form(form.action, form.method, form.multipart, [each]).values()
        missing = set(changes) - changed
        if missing:
            raise AssertionError(f"the form {form.action} has no field {sorted(missing)}")
        action = form.action
        if button is not None:
            pressed = form.button(button)
            if pressed.name:
                pairs.append((pressed.name, pressed.value))
            action = pressed.attributes.get("formaction", action)
        address = action or "?"
        if form.method == "GET":
            query = urlencode([(name, str(value)) for name, value in pairs])
            return self.get(f"{address.split('?')[0]}?{query}", follow=follow)
        return self.post(address, pairs, multipart=form.multipart, follow=follow)

    def press(self, page: Page, button: str, **changes: Value) -> Page:
        """Presses the first button of this label on a page."""
        return self.submit(page.form(button=button), button, **changes)

    def follow(self, page: Page, link: str) -> Page:
        return self.get(urljoin(page.url, page.link(link)))

    def login(
        self, name: str, password: str, page: Page | None = None, **boxes: bool
    ) -> Page:
        """Logs in from a page that shows the login form (default: /)."""
        page = page or self.get("/")
        form = page.form(field="password")
        return self.submit(form, name=name, password=password, **boxes)

    # -- below HTTP --------------------------------------------------------

    def raw(self, data: bytes, *, secure: bool = False, port: int | None = None) -> bytes:
        """Sends bytes and returns what comes until the connection ends or is
        silent for two seconds."""
        target = port or (self.secure_port if secure else self.plain_port)
        with socket.create_connection((LOOPBACK, target), self.seconds) as plain:
            sock = plain
            if secure:
                sock = self.trust.wrap_socket(plain, server_hostname=self.host)
            with sock:
                sock.sendall(data)
                sock.settimeout(2)
                got = b""
                try:
                    while chunk := sock.recv(65536):
                        got += chunk
                except OSError:
                    pass
                return got


def _changed(control: Field, value: Value) -> list[tuple[str, str | File]]:
    if isinstance(value, bool):
        return [(control.name, control.value)] if value else []
    if isinstance(value, (str, tuple)) and control.kind not in ("checkbox", "radio"):
        return [(control.name, value)]  # type: ignore[list-item]
    wanted = [value] if isinstance(value, str) else list(value)
    return [(control.name, control.value)] if control.value in wanted else []


def _urlencoded(pairs: Sequence[tuple[str, str | File]]) -> tuple[bytes, str]:
    plain = [(name, _lines(each if isinstance(each, str) else each[0])) for name, each in pairs]
    return urlencode(plain).encode(), "application/x-www-form-urlencoded"


def _lines(value: str) -> str:
    """Line ends as browsers send them."""
    return re.sub("\r?\n", "\r\n", value)


def _multipart(pairs: Sequence[tuple[str, str | File]]) -> tuple[bytes, str]:
    boundary = secrets.token_hex(12)
    out = bytearray()
    for name, each in pairs:
        out += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if isinstance(each, str):
            out += b"\r\n\r\n" + _lines(each).encode()
        else:
            filename, kind, data = each
            escaped = filename.replace('"', "%22")
            out += f'; filename="{escaped}"\r\nContent-Type: {kind}\r\n\r\n'.encode() + data
        out += b"\r\n"
    out += f"--{boundary}--\r\n".encode()
    return bytes(out), f"multipart/form-data; boundary={boundary}"
