"""Attachments: the list, ranges, what is shown in place, names, zip, source."""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
import subprocess
import wave
import zipfile
from typing import ClassVar
from urllib.parse import parse_qs, quote, unquote, urlsplit

import harness
import mailbox as box
import message as m
import server as web
import steps
from client import Client, Page
from mailbox import letter
from mockmail import CUT, Certificates, Proxy, Rule

SECRET = "geheim"


def bytes_of(count: int) -> bytes:
    """No two places look alike."""
    block = b"".join(at.to_bytes(4, "little") for at in range(1 << 14))
    return (block * (count // len(block) + 1))[:count]


def sound() -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(1)
        out.setframerate(8000)
        out.writeframes(bytes(range(256)) * 32)
    return made.getvalue()


def camera(thumb: bytes, size: int) -> bytes:
    """A JPEG in form, with a small picture in its Exif header."""
    tiff = b"MM\x00*\x00\x00\x00\x08" + b"\x00\x00" + b"\x00\x00\x00\x0e" + b"\x00\x02"
    for tag, value in ((0x0201, 44), (0x0202, len(thumb))):
        tiff += tag.to_bytes(2, "big") + b"\x00\x04\x00\x00\x00\x01" + value.to_bytes(4, "big")
    tiff += bytes(4) + thumb
    exif = b"Exif\x00\x00" + tiff
    head = b"\xff\xd8\xff\xe1" + (len(exif) + 2).to_bytes(2, "big") + exif + b"\xff\xda\x00\x02"
    return head + bytes_of(size - len(head))


def row(page: Page, name: str) -> str:
    """What stands in the list about a file."""
    bar = re.search(r'<section class="attachments".*?</section>', page.html, re.S)
    assert bar, page.text[:500]
    for each in re.findall(r"<li>.*?</li>", bar.group(0), re.S):
        if f"<bdi>{name}</bdi>" in each:
            return each
    raise AssertionError(f"no {name!r} in {bar.group(0)}")


def links(page: Page, name: str) -> dict[str, str]:
    """{"Download": address, "View": …} of a file."""
    found = re.findall(r'<a href="([^"]*)"[^>]*>([^<]+)<span class="vh">', row(page, name))
    return {words.strip(): address.replace("&amp;", "&") for address, words in found}


class FilesTest(box.MailTest):
    """Steps with files."""

    def opened(self, *parts: m.Part, subject: str = "files", user: str = "") -> tuple[Client, Page]:
        user = user or self.person()
        part = m.multi("mixed", [m.text("see files\n"), *parts], "cut")
        box.put(self.backend, user, "INBOX", letter(subject, part))
        client = self.browser(user)
        return client, box.open_message(client, subject)

    def get(self, client: Client, address: str, **headers: str) -> Page:
        return client.get(address, **{name.replace("_", "-"): value for name, value in headers.items()})


class ListTest(FilesTest):
    def test_what_is_listed(self) -> None:
        client, page = self.opened(
            m.attachment("photo.png", "image/png", m.png(8, 8, (200, 0, 0))),
            m.attachment("run.exe", "application/octet-stream", bytes(2000)),
            m.attachment("page.html", "text/html", b"<script>1</script>"),
            m.attachment("paper.pdf", "application/pdf", m.pdf("Hello")),
            m.attachment("notes.txt", "text/plain", b"words\n"),
            m.attachment("bell.wav", "audio/x-wav", sound()),
            m.Part("message/rfc822", letter("Inside / it", m.text("deep\n")), []),
        )
        for name, kind, view in (
            ("photo.png", "PNG image", "/part?"),
            ("run.exe", "Program", ""),
            ("page.html", "Web page", ""),
            ("paper.pdf", "PDF document", "/part?"),
            ("notes.txt", "Text", "/view?"),
            ("bell.wav", "WAV sound", "/view?"),
            ("Inside _ it.eml", "Message", ""),
        ):
            with self.subTest(name):
                self.assertIn(f"{kind}, ", row(page, name))
                found = links(page, name)
                self.assertTrue(found["Download"].startswith("/part?"))
                self.assertEqual("View" in found, bool(view))
                self.assertTrue(found.get("View", "").startswith(view))
        self.assertIn("A program: open it only if", row(page, "run.exe"))
        self.assertIn("Download all 7", page.text)
        self.assertRegex(row(page, "photo.png"), r'<img class="thumb" src="/thumb\?[^"]*"[^>]* alt="" loading="lazy">')
        self.assertRegex(row(page, "paper.pdf"), r'<svg class="icon" aria-hidden="true"><use href="[^"]*#f-pdf"/>')
        alone = self.opened(m.attachment("one.bin", "application/zip", b"x"))[1]
        self.assertNotIn("Download all", alone.text)

    def test_images_of_the_html_when_plain_is_shown(self) -> None:
        user = self.person()
        related = m.multi(
            "related",
            [m.html('<p>look <img src="cid:pic@x"></p>'), m.inline_image("pic@x", m.png(2, 2, (1, 2, 3)))],
            "rel",
        )
        box.put(self.backend, user, "INBOX", letter("both", m.multi("alternative", [m.text("look\n"), related], "alt")))
        client = self.browser(user)
        page = box.open_message(client, "both")
        self.assertNotIn('class="attachments"', page.html)
        plain = client.get(f"{page.path}&show=plain")
        self.assertIn('class="attachments"', plain.html)
        self.assertIn("PNG image", plain.text)

    def test_winmail_and_uuencode(self) -> None:
        uu = "begin 644 photo.png\n" + "".join(f"{line}\n" for line in uu_lines(m.png(9, 9, (0, 9, 0)))) + "`\nend\n"
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("uu", m.text(f"hello\n\n{uu}\nbye\n")))
        client = self.browser(user)
        page = box.open_message(client, "uu")
        got = client.get(links(page, "photo.png")["Download"])
        self.assertEqual(got.body, m.png(9, 9, (0, 9, 0)))
        self.assertEqual(got.header("Content-Type"), "image/png")
        self.assertIn("photo.png", got.header("Content-Disposition"))
        shown = client.get(links(page, "photo.png")["View"])
        self.assertTrue(shown.header("Content-Disposition").startswith("inline"))
        part = self.get(client, links(page, "photo.png")["Download"], Range="bytes=1-3")
        self.assertEqual((part.status, part.body), (206, b"PNG"))
        address = links(page, "photo.png")["Download"]
        for bad in ("9", "x", "-1", "4294967296"):
            self.assertIn(client.get(address.replace("inner=0", f"inner={bad}")).status, (400, 404), bad)


def uu_lines(data: bytes) -> list[str]:
    return [binascii.b2a_uu(data[at : at + 45]).decode().rstrip("\n") for at in range(0, len(data), 45)]


class RangeTest(FilesTest):
    DATA: ClassVar[bytes] = bytes_of(700_001)

    def test_ranges(self) -> None:
        """RFC 9110, 14: one range, a suffix, nonsense, If-Range, HEAD."""
        quoted = ("a=3Db =C3=A9 " * 40 + "=\r\n") * 30 + "end\r\n"
        head = [("Content-Transfer-Encoding", "quoted-printable"), ("Content-Disposition", 'attachment; filename="qp.txt"')]
        eight = b"line \xc3\xa9\r\n" * 9000
        plain = [("Content-Transfer-Encoding", "8bit"), ("Content-Disposition", 'attachment; filename="8.txt"')]
        client, page = self.opened(
            m.attachment("large.bin", "application/zip", self.DATA),
            m.attachment("small.bin", "application/zip", self.DATA[:1000]),
            m.Part("text/plain; charset=utf-8", quoted.encode(), head),
            m.Part("text/plain; charset=utf-8", eight, plain),
        )
        for name in ("large.bin", "small.bin", "qp.txt", "8.txt"):
            with self.subTest(name):
                self.check_ranges(client, page.link(name))

    def check_ranges(self, client: Client, address: str) -> None:
        whole = client.get(address)
        data, total = whole.body, len(whole.body)
        tag = whole.header("ETag")
        self.assertEqual((whole.status, whole.header("Accept-Ranges")), (200, "bytes"))
        self.assertEqual(whole.header("Content-Length"), str(total))
        self.assertRegex(tag, r'^"[0-9a-f]+"$')
        for asked, first, last in (
            ("bytes=0-", 0, total - 1),
            ("bytes=0-0", 0, 0),
            (f"bytes={total - 1}-", total - 1, total - 1),
            ("bytes=17-499", 17, 499),
            (f"bytes={total // 2}-{total}", total // 2, total - 1),
            ("bytes=-100", total - 100, total - 1),
            (f"bytes=-{total * 2}", 0, total - 1),
        ):
            got = self.get(client, address, Range=asked)
            self.assertEqual((got.status, got.body == data[first : last + 1]), (206, True), asked)
            self.assertEqual(got.header("Content-Range"), f"bytes {first}-{last}/{total}")
            self.assertEqual(got.header("Content-Length"), str(last - first + 1))
            self.assertIn("sandbox", got.header("Content-Security-Policy"))
        for asked in ("bytes=1-2,5-6", "bytes=9-5", "items=0-1", "bytes=", "bytes=-"):
            got = self.get(client, address, Range=asked)
            self.assertEqual((got.status, got.body == data), (200, True), asked)
        for asked in (f"bytes={total}-", "bytes=-0"):
            got = self.get(client, address, Range=asked)
            self.assertEqual((got.status, got.header("Content-Range")), (416, f"bytes */{total}"), asked)
        same = self.get(client, address, Range="bytes=5-9", If_Range=tag)
        self.assertEqual((same.status, same.body), (206, data[5:10]))
        other = self.get(client, address, Range="bytes=5-9", If_Range='"other"')
        self.assertEqual((other.status, len(other.body)), (200, total))
        known = self.get(client, address, If_None_Match=tag)
        self.assertEqual((known.status, known.body), (304, b""))
        head = client.request("HEAD", address)
        self.assertEqual((head.status, head.body, head.header("Content-Length")), (200, b"", str(total)))

    def test_curl_goes_on(self) -> None:
        client, page = self.opened(m.attachment("large.bin", "application/zip", self.DATA))
        folder = harness.new_folder("curl")
        target = folder / "large.bin"
        target.write_bytes(self.DATA[:123_457])
        cookie = f"Cookie: iwm={steps.session_cookie(client)}"
        done = subprocess.run(
            ["curl", "-sS", "-f", "-C", "-", "-H", cookie, "-H", f"Host: {client.host}", "-o", target,
             f"http://127.0.0.1:{self.server.plain_port}{page.link('large.bin')}"],
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(target.read_bytes() == self.DATA)

    def test_damaged_base64_still_comes(self) -> None:
        """Lines of junk in the middle: as long as said, and nothing refused."""
        lines = base64.encodebytes(self.DATA).decode().splitlines()
        lines[5000:5003] = ["-" * 76] * 3
        head = [("Content-Transfer-Encoding", "base64"), ("Content-Disposition", 'attachment; filename="bad.bin"')]
        client, page = self.opened(m.Part("application/zip", "\r\n".join(lines).encode(), head))
        got = client.get(page.link("bad.bin"))
        self.assertEqual((got.status, len(got.body)), (200, len(self.DATA)))
        self.assertEqual(got.body[:280_000], self.DATA[:280_000])
        self.assertEqual(got.body[285_000:600_000], self.DATA[285_171:600_171])

    def test_expire_page_views(self) -> None:
        user = self.person()
        part = m.multi("mixed", [m.text("x\n"), m.attachment("a.png", "image/png", m.png(2, 2, (1, 1, 1)))], "cut")
        box.put(self.backend, user, "INBOX", letter(SECRET, part))
        client = self.client()
        client.login(user, self.backend.passwords[user], expire=True)
        page = box.open_message(client, SECRET)
        for address in {a for _, a in page.links if a.startswith(("/part?", "/zip?", "/thumb?", "/source?"))}:
            got = client.get(address)
            self.assertIn("no-store", got.header("Cache-Control"), address)
            self.assertNotIn(SECRET, unquote(address))
        open_client = self.browser(user)
        page = box.open_message(open_client, SECRET)
        self.assertIn("private, max-age=", open_client.get(page.link("a.png")).header("Cache-Control"))

    def test_a_browser_keeps_files_for_one_person(self) -> None:
        tags = set()
        for words in ("one's own", "another's"):
            user = self.person()
            box.put(self.backend, user, "INBOX", letter("File", m.multi("mixed", [m.text("x\n"), m.attachment("a.txt", "text/plain", words.encode())], "cut")))
            got = self.browser(user).get("/part?folder=INBOX&uid=1&part=2")
            self.assertIn("Cookie", got.header("Vary"))
            tags.add(got.header("ETag"))
        self.assertEqual(len(tags), 2)


class ShowTest(FilesTest):
    def test_types_shown_in_place(self) -> None:
        """Only what the table knows, and only when it is what it says."""
        picture = m.png(4, 4, (9, 9, 9))
        rows = [
            ("a.png", "image/png", picture, "inline", "image/png"),
            ("a.jpg", "image/jpeg", picture, "inline", "image/png"),
            ("noname", "image/gif", b"GIF89a" + bytes(20), "inline", "image/gif"),
            ("bytes.webp", "application/octet-stream", b"RIFF\0\0\0\0WEBPVP8 ", "inline", "image/webp"),
            ("fake.png", "image/png", b"<html><script>1</script>", "attachment", "application/octet-stream"),
            ("b.svg", "image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "attachment", "application/octet-stream"),
            ("b.png", "image/svg+xml", b"<svg/>", "attachment", "application/octet-stream"),
            ("c.html", "text/html", b"<script>1</script>", "attachment", "application/octet-stream"),
            ("c.txt", "text/plain", b"<script>1</script>", "attachment", "application/octet-stream"),
            ("c.xml", "text/xml", b"<x/>", "attachment", "application/octet-stream"),
            ("d.pdf", "application/pdf", m.pdf("x"), "inline", "application/pdf"),
            ("e.pdf", "application/pdf", b"<script>1</script>", "attachment", "application/octet-stream"),
            ("f.wav", "audio/wav", sound(), "inline", "audio/wav"),
            ("g.js", "image/png", picture, "attachment", "application/octet-stream"),
            ("h.zip", "application/zip", b"PK", "attachment", "application/octet-stream"),
            ("i.mp4", "video/mp4", b"\0\0\0 ftypisom", "inline", "video/mp4"),
        ]
        client, page = self.opened(*[m.attachment(name, kind, data) for name, kind, data, _, _ in rows])
        for name, _, data, place, told in rows:
            with self.subTest(name):
                shown = name + ".gif" if name == "noname" else name
                got = client.get(page.link(shown) + "&inline=1")
                self.assertEqual((got.status, got.body), (200, data))
                self.assertEqual(got.header("Content-Disposition").split(";")[0], place)
                self.assertEqual(got.header("Content-Type"), told)
                self.assertEqual(got.header("X-Content-Type-Options"), "nosniff")
                policy = got.header("Content-Security-Policy")
                self.assertIn("default-src 'none'", policy)
                self.assertEqual("sandbox" in policy, told != "application/pdf")
                self.assertNotIn("script-src", policy)

    def test_text_is_shown_in_a_page(self) -> None:
        words = "Grüße <script>alert(1)</script> & \"q\"\n\tzweite\n"
        latin = [("Content-Transfer-Encoding", "8bit"), ("Content-Disposition", 'attachment; filename="l.txt"')]
        client, page = self.opened(
            m.Part("text/plain; charset=iso-8859-1", words.encode("latin-1"), latin),
            m.attachment("long.log", "text/plain", b"<&\"'>" * 400_000),
            m.attachment("empty.txt", "text/plain", b""),
            m.attachment("list.csv", "text/csv", b"a;b\n=1+1;2\n"),
        )
        shown = client.get(links(page, "l.txt")["View"])
        self.assertEqual((shown.status, box.heading(shown)), (200, "l.txt"))
        text = re.search(r'<pre class="file-text"[^>]*>(.*?)</pre>', shown.html, re.S)
        assert text
        self.assertEqual(html.unescape(text.group(1)), words)
        self.assertNotIn("<script", shown.html)
        policy = shown.header("Content-Security-Policy")
        self.assertIn("sandbox allow-same-origin", policy)
        self.assertNotIn("script", policy)
        self.assertEqual(client.get(shown.link("The message")).status, 200)
        long = client.get(links(page, "long.log")["View"])
        self.assertEqual(long.status, 200)
        self.assertIn("its first 1 MB are shown", long.html)
        self.assertEqual(len(client.get(links(page, "long.log")["Download"]).body), 2_000_000)
        self.assertIn("This file is empty", client.get(links(page, "empty.txt")["View"]).text)
        self.assertIn("=1+1;2", client.get(links(page, "list.csv")["View"]).text)

    def test_sound_has_a_player(self) -> None:
        client, page = self.opened(m.attachment("bell.wav", "audio/x-wav", sound()))
        shown = client.get(links(page, "bell.wav")["View"])
        source = re.search(r'<audio controls preload="metadata" src="([^"]*)"', shown.html)
        assert source
        self.assertIn("media-src 'self'", shown.header("Content-Security-Policy"))
        got = self.get(client, source.group(1).replace("&amp;", "&"), Range="bytes=0-")
        self.assertEqual((got.status, got.body), (206, sound()))
        self.assertEqual(client.get(shown.link("Download")).header("Content-Disposition").split(";")[0], "attachment")

    def test_nothing_else_has_a_view(self) -> None:
        client, page = self.opened(m.attachment("x.html", "text/html", b"<b>"), m.attachment("x.pdf", "application/pdf", m.pdf("x")))
        for name in ("x.html", "x.pdf"):
            address = page.link(name).replace("/part?", "/view?")
            self.assertEqual(client.get(address).status, 404)
            self.assertEqual(client.get(page.link(name).replace("/part?", "/thumb?")).status, 404)

    def test_thumbnails(self) -> None:
        small = b"\xff\xd8\xff\xdb" + b"small picture" * 9
        client, page = self.opened(
            m.attachment("camera.jpg", "image/jpeg", camera(small, 900_000)),
            m.attachment("plain.jpg", "image/jpeg", b"\xff\xd8\xff\xda\x00\x02" + bytes_of(400_000)),
            m.attachment("little.png", "image/png", m.png(4, 4, (1, 2, 3))),
            m.attachment("big.png", "image/png", b"\x89PNG\r\n\x1a\n" + bytes_of(400_000)),
        )
        sources = dict(re.findall(r'src="(/thumb\?[^"]*)".*?<bdi>([^<]*)</bdi>', page.html, re.S))
        by_name = {name: address.replace("&amp;", "&") for address, name in sources.items()}
        self.assertEqual(set(by_name), {"camera.jpg", "plain.jpg", "little.png"})
        got = client.get(by_name["camera.jpg"])
        self.assertEqual((got.body, got.header("Content-Type")), (small, "image/jpeg"))
        self.assertIn("sandbox", got.header("Content-Security-Policy"))
        self.assertIn("private", got.header("Cache-Control"))
        self.assertEqual(client.get(by_name["little.png"]).body, m.png(4, 4, (1, 2, 3)))
        sign = client.get(by_name["plain.jpg"])
        self.assertEqual((sign.status, sign.header("Content-Type")), (200, "image/svg+xml"))
        self.assertTrue(sign.path.startswith("/static/picture."))


class NameTest(FilesTest):
    NAMES: ClassVar[dict[str, str]] = {
        "../../etc/passwd": "passwd.zip",
        "..\\..\\boot.ini": "boot.ini",
        'a"; filename="evil.txt': 'a_; filename=_evil.txt',
        "\u202egpj.exe": "gpj.exe",
        "x" * 300 + ".txt": "x" * 146 + ".txt",
        "日本語" * 100 + ".pdf": None,  # type: ignore[dict-item]
        "<script>.zip": "_script_.zip",
        "nul": "_nul.zip",
        "COM1.txt": "_COM1.txt",
        "dots...": "dots.zip",
        "space.txt ": "space.txt",
        " ": "attachment.zip",
        "no extension": "no extension.zip",
        "a\tb.txt": "a b.txt",
        "100%41.txt": "100%41.txt",
    }  # fmt: skip

    def test_names(self) -> None:
        parts = []
        for at, name in enumerate(self.NAMES):
            head = [
                ("Content-Transfer-Encoding", "base64"),
                ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(name, safe='')}"),
            ]
            parts.append(m.Part("application/zip", b"eHh4" + b"eHh4" * at, head))
        client, page = self.opened(*parts, subject="Names")
        addresses = [a for text, a in page.links if a.startswith("/part?") and not text.startswith("Download")]
        self.assertEqual(len(addresses), len(self.NAMES))
        archive = zipfile.ZipFile(io.BytesIO(client.get(page.link("/zip?")).body))
        stored = archive.namelist()
        for (name, expected), address, inside in zip(self.NAMES.items(), addresses, stored):
            with self.subTest(name[:30]):
                line = client.get(address).header("Content-Disposition")
                self.assertRegex(line, r"^attachment; filename=\"[ -~]*\"; filename\*=UTF-8''[\w.~%!#$&+^`|-]+$")
                self.assertEqual(line.count('"'), 2)
                told = unquote(line.rsplit("''", 1)[1])
                self.assertEqual(inside, told)
                if expected is None:
                    self.assertTrue(told.startswith("日本語") and told.endswith(".pdf"))
                    self.assertLessEqual(len(told.encode()), 210)
                else:
                    self.assertEqual(told, expected)

    def test_messages_are_named_by_subject(self) -> None:
        inner = letter("Re: plans / 2026?", m.text("deep\r\n"))
        user = self.person()
        box.put(
            self.backend, user, "INBOX",
            letter("Über: alles", m.multi("mixed", [m.text("x\n"), m.Part("message/rfc822", inner, [])], "cut")),
        )  # fmt: skip
        client = self.browser(user)
        page = box.open_message(client, "Über: alles")
        saved = client.get(page.link("Save the message"))
        self.assertEqual(saved.header("Content-Type"), "message/rfc822")
        self.assertTrue(saved.header("Content-Disposition").endswith("''%C3%9Cber_%20alles.eml"))
        self.assertEqual(saved.body, box.raw_messages(self.backend, user, "INBOX")[0])
        shown = client.get(page.link("Show the source"))
        self.assertEqual(shown.body, saved.body)
        self.assertEqual(shown.header("Content-Type"), "text/plain; charset=utf-8")
        self.assertIn("sandbox", shown.header("Content-Security-Policy"))
        address = f"/source?folder=INBOX&uid={parse_qs(urlsplit(page.url).query)['uid'][0]}&part=2"
        attached = client.get(address)
        self.assertEqual((attached.header("Content-Type"), attached.body), ("text/plain; charset=utf-8", inner))
        file = client.get(f"{address}&download=1")
        self.assertEqual(file.body, inner)
        self.assertTrue(file.header("Content-Disposition").endswith("''Re_%20plans%20_%202026_.eml"))
        self.assertEqual(client.get(address.replace("part=2", "part=1")).status, 404)


class ZipTest(FilesTest):
    def test_all_as_one(self) -> None:
        files = [
            ("größe 桜.txt", "text/plain", "Grüße\n".encode()),
            ("same.bin", "application/zip", b"one"),
            ("SAME.bin", "application/zip", b"two"),
            ("same.bin", "application/zip", b"three"),
            ("empty.bin", "application/zip", b""),
            ("large.bin", "application/zip", bytes_of(1_500_000)),
        ]
        head = [("Content-Transfer-Encoding", "quoted-printable"), ("Content-Disposition", 'attachment; filename="long.txt"')]
        text = "abc=C3=A9\r\n" * 40_000  # its size is not known beforehand
        client, page = self.opened(
            *[m.attachment(*each) for each in files], m.Part("text/plain; charset=utf-8", text.encode(), head), subject="All of it"
        )
        got = client.get(page.link("Download all"))
        self.assertEqual((got.status, got.header("Content-Type")), (200, "application/zip"))
        self.assertTrue(got.header("Content-Disposition").endswith("''All%20of%20it.zip"))
        archive = zipfile.ZipFile(io.BytesIO(got.body))
        self.assertIsNone(archive.testzip())
        expected = {
            "größe 桜.txt": files[0][2], "same.bin": b"one", "SAME (2).bin": b"two", "same (3).bin": b"three",
            "empty.bin": b"", "large.bin": files[5][2], "long.txt": "abcé\r\n".encode() * 40_000,
        }  # fmt: skip
        found = {name.replace("SAME (2)", "SAME (2)"): archive.read(name) for name in archive.namelist()}
        self.assertEqual(sorted(map(len, found.values())), sorted(map(len, expected.values())))
        self.assertEqual(len({name.lower() for name in found}), len(files) + 1)
        self.assertEqual(found["größe 桜.txt"], files[0][2])
        self.assertTrue(found["large.bin"] == files[5][2])
        self.assertEqual(found["long.txt"].count("é".encode()), 40_000)
        folder = harness.new_folder("zip")
        (folder / "all.zip").write_bytes(got.body)
        done = subprocess.run(["unzip", "-tqq", folder / "all.zip"], capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        head_only = client.request("HEAD", page.link("Download all"))
        self.assertEqual((head_only.status, head_only.body), (200, b""))
        none = self.opened()[1]
        uid = parse_qs(urlsplit(none.url).query)["uid"][0]
        self.assertEqual(client.get(f"/zip?folder=INBOX&uid={int(uid) + 99}").status, 404)

    def test_constant_memory(self) -> None:
        data = bytes_of(24 << 20)
        user = self.person()
        files = [m.text("x\n"), m.attachment("a.bin", "application/zip", data), m.attachment("b.bin", "application/zip", data[::-1])]
        box.fill(self.backend, user, [letter("huge", m.multi("mixed", files, "cut"))])
        client = self.browser(user)
        page = box.open_message(client, "huge")
        memory = box.Memory(self.server)
        got = client.get(page.link("Download all"))
        self.assertEqual(got.status, 200)
        if box.memory_is_measured():
            self.assertLess(memory.rise(), 10)
        archive = zipfile.ZipFile(io.BytesIO(got.body))
        self.assertTrue(archive.read("a.bin") == data)
        self.assertTrue(archive.read("b.bin") == data[::-1])


class CutTest(FilesTest):
    """The mail server goes away in the middle of a download."""

    proxy: ClassVar[Proxy]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        made = Certificates(harness.new_folder("pki"))
        cls.proxy = Proxy(cls.backend.ports["imaps"], made.good(), cls.backend.trust())
        cls.addClassCleanup(cls.proxy.close)
        sections["Mail"].update(ImapPort=cls.proxy.port, ImapCA=made.ca_file, SmtpCA=cls.backend.ca_file, ImapWait="3s")

    def test_it_is_noticed(self) -> None:
        client, page = self.opened(m.attachment("a.bin", "application/zip", bytes_of(4 << 20)), m.attachment("b.bin", "application/zip", b"b"))
        client.get(page.link("a.bin"))
        for address in (page.link("a.bin"), page.link("Download all"), page.link("Save the message")):
            with self.subTest(address[:8]):
                # Pieces behind the first: from a megabyte on.
                self.proxy.rules[:] = [Rule(rb"<[1-3]\d{6}\.", CUT)]
                cookie = f"Cookie: iwm={steps.session_cookie(client)}"
                done = subprocess.run(
                    ["curl", "-sS", "-o", "/dev/null", "-H", cookie, "-H", f"Host: {client.host}",
                     f"http://127.0.0.1:{self.server.plain_port}{address}"],
                    capture_output=True, text=True, timeout=60,
                )  # fmt: skip
                self.assertIn(done.returncode, (18, 56), done.stderr)
                self.proxy.rules.clear()
        self.assertEqual(len(client.get(page.link("a.bin")).body), 4 << 20)
