"""What only an address or a form of ours may do: images, leaving a list."""

from __future__ import annotations

import html
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

import harness
import mailbox as box
import message as m
import mockmail
from client import Client, Page
from mailbox import letter, list_url
from test_writing import WriteTest, form_of, value

PICTURE = m.png(8, 8, (1, 200, 3))
OTHER_PICTURE = m.png(8, 8, (200, 1, 3))
REMOTE = "https://pictures.example.net/a.png"
ONE_CLICK = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")


def framed(client: Client, page: Page) -> Page:
    """The document inside a message page."""
    found = re.search(r'<iframe class="frame[^>]* src="([^"]*)"', page.html)
    assert found, page.text[:300]
    return client.get(html.unescape(found.group(1)))


def damaged(token: str) -> list[str]:
    """A token with one letter changed here and there, cut, or made longer."""
    found = [token[:-4], token[4:], token + "AAAA", token[::-1], ""]
    for at in (0, len(token) // 3, len(token) // 2, len(token) - 5):
        other = "A" if token[at] != "A" else "B"
        found.append(token[:at] + other + token[at + 1 :])
    return found


class ListServer:
    """The web server of a mailing list: who connects, and what is asked."""

    def __init__(self) -> None:
        self.connections = 0
        self.asked: list[tuple[str, str, str, dict[str, str]]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                owner.connections += 1
                super().setup()

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                owner.asked.append((self.command, self.path, body.decode(), dict(self.headers)))
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b"<h1>You are out</h1>")

            do_GET = do_POST = do_HEAD = answer

            def log_message(self, *_words: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        tls = mockmail.context(harness.web_certificate())
        self.http.socket = tls.wrap_socket(self.http.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.http.server_address[1]
        self.thread = threading.Thread(target=self.http.serve_forever)
        self.thread.start()

    def close(self) -> None:
        self.http.shutdown()
        self.http.server_close()
        self.thread.join()


class UnsubscribeTest(WriteTest):
    """Nothing leaves before the person presses the button."""

    def setUp(self) -> None:
        self.list = ListServer()
        self.addCleanup(self.list.close)

    def subscribed(self, value: str, *more: tuple[str, str]) -> tuple[str, Client, Page]:
        user = self.person()
        head = [("List-Unsubscribe", value), ("List-Id", "News <news.demo.test>"), *more]
        box.put(self.backend, user, "INBOX", letter("News", m.html("<p>News</p>"), extra=head))
        client = self.browser(user)
        return user, client, box.open_message(client, "News")

    def test_one_click_and_not_before(self) -> None:
        address = f"https://mail.demo.test:{self.list.port}/out?who=4711"
        _, client, page = self.subscribed(f"<{address}>, <mailto:out@demo.test>", ONE_CLICK)
        # All that can be seen of the message, and the page that asks.
        client.get(list_url())
        framed(client, page)
        for link in ("Print", "Show the source", "Save the message"):
            self.assertEqual(client.get(page.link(link)).status, 200)
        asks = client.press(page, "Unsubscribe …")
        self.assertEqual(box.heading(asks), "Unsubscribe from a list")
        self.assertEqual(self.list.connections, 0)
        self.assertEqual(asks.header("Referrer-Policy"), "same-origin")
        # As the browser sends the form; our cookies are for our own host and port.
        form = asks.form(action=address)
        self.assertEqual([each.name for each in form.fields if each.name], ["List-Unsubscribe"])
        stranger = Client(0, self.list.port, self.backend.ca_file, secure=True)
        stranger.submit(form)
        [(method, path, body, headers)] = self.list.asked
        self.assertEqual((method, path, body), ("POST", "/out?who=4711", "List-Unsubscribe=One-Click"))
        self.assertEqual(headers["Content-Type"], "application/x-www-form-urlencoded")
        # iwebmsgd itself asks for nothing, then or later.
        client.get(asks.link("Back to the message"))
        self.assertEqual(self.list.connections, 1)

    def test_no_page_without_our_form(self) -> None:
        address = f"https://mail.demo.test:{self.list.port}/out"
        _, client, page = self.subscribed(f"<{address}>", ONE_CLICK)
        form = page.form(button="Unsubscribe …")
        good = [(name, str(text)) for name, text in form.values()]
        token = dict(good)["csrf"]
        other = self.browser(self.person())
        theirs = other.get("/settings").form(field="csrf").find("csrf")
        assert theirs
        for forged in ("", theirs.value, *damaged(token)):
            with self.subTest(forged):
                pairs = [(name, forged if name == "csrf" else text) for name, text in good]
                answer = client.post(form.action, pairs)
                self.assertEqual(answer.status, 403)
                self.assertNotIn(str(self.list.port), answer.html)
        absent = client.post(form.action, [each for each in good if each[0] != "csrf"])
        self.assertEqual(absent.status, 403)
        elsewhere = client.post(form.action, good, headers={"Origin": "https://evil.example.org"})
        self.assertEqual(elsewhere.status, 403)
        query = "&".join(f"{name}={quote(text)}" for name, text in good)
        self.assertEqual(client.get(f"{form.action}?{query}").status, 405)
        # Another person with the same numbers sees a message of their own, if any.
        strange = other.post(form.action, [("csrf", theirs.value), *(each for each in good if each[0] != "csrf")])
        self.assertEqual(strange.status, 404)
        self.assertEqual(client.post(form.action, good).status, 200)
        self.assertEqual(self.list.connections, 0)

    def test_by_mail(self) -> None:
        word = box.unique("leave")
        way = f"<mailto:ben@demo.test?subject={quote(word)}&body=please&bcc=anna@demo.test>"
        user, client, page = self.subscribed(way)
        asks = client.press(page, "Unsubscribe …")
        self.assertIn("ben@demo.test", asks.text)
        letters = client.get(asks.link("Write this message"))
        self.assertEqual((value(letters, "to"), value(letters, "subject")), ("ben@demo.test", word))
        self.assertIn("please", value(letters, "body"))
        self.assertEqual(value(letters, "bcc"), "")
        self.assertEqual(box.subjects(self.backend, user, "Sent"), [])
        self.sent(client.submit(form_of(letters), "do=send"))
        [got] = self.arrived(word)
        self.assertEqual(got["From"].addresses[0].addr_spec, f"{user}@demo.test")


class TokenTest(box.MailTest):
    """Somebody with two messages that have an image here and one elsewhere."""

    def reader(self) -> tuple[str, Client]:
        user = self.person()
        for subject, picture in (("One", PICTURE), ("Two", OTHER_PICTURE)):
            text = m.html(f'<p>{subject}</p><img src="cid:pic@x"><img src="{REMOTE}" width="9" height="9">')
            part = m.multi("related", [text, m.inline_image("pic@x", picture)], "r")
            box.put(self.backend, user, "INBOX", letter(subject, part))
        return user, self.browser(user)


class RemoteTest(TokenTest):
    """Images from the internet come by an address that we made for this once."""

    def allowed(self, client: Client, subject: str) -> tuple[str, str]:
        """The address that shows them, and its token."""
        page = box.open_message(client, subject)
        self.assertIn("stay out", page.text)
        self.assertNotIn("remote=", framed(client, page).url)
        address = page.link("Show them this time")
        return address, parse_qs(urlsplit(address).query)["remote"][0]

    def shows(self, client: Client, address: str) -> bool:
        page = client.get(address)
        self.assertEqual(page.status, 200)
        body = framed(client, page)
        is_shown = REMOTE in body.html
        # The policy of the frame says the same.
        self.assertEqual("https:" in body.header("Content-Security-Policy"), is_shown)
        self.assertEqual("stay out" in page.text, not is_shown)
        return is_shown

    def test_for_one_message_and_session(self) -> None:
        user, client = self.reader()
        _, other = self.reader()
        address, token = self.allowed(client, "One")
        self.assertTrue(self.shows(client, address))
        # Not kept: the next opening leaves them out.
        self.assertFalse(self.shows(client, address.replace(token, "0")))
        for bad in ("1", "true", *damaged(token)):
            with self.subTest(bad):
                self.assertFalse(self.shows(client, address.replace(token, quote(bad))))
        # Of another message, of somebody else, of another session of one's own.
        _, second = self.allowed(client, "Two")
        self.assertFalse(self.shows(client, address.replace(token, second)))
        their_address, theirs = self.allowed(other, "One")
        self.assertFalse(self.shows(client, address.replace(token, theirs)))
        self.assertFalse(self.shows(other, their_address.replace(theirs, token)))
        # Their folder may have been made in the same second, or not.
        strange = other.get(address)
        self.assertTrue(strange.status == 404 or not self.shows(other, address))
        self.assertFalse(self.shows(self.browser(user), address))
        self.assertTrue(self.shows(client, address))

    def test_ends_with_its_session(self) -> None:
        user, client = self.reader()
        address, _ = self.allowed(client, "One")
        client.press(client.get(list_url()), "Log off")
        client.login(user, self.backend.passwords[user])
        self.assertFalse(self.shows(client, address))

    def test_print_asks_the_same(self) -> None:
        _, client = self.reader()
        page = client.get(self.allowed(client, "One")[0])
        address = page.link("Print")
        token = parse_qs(urlsplit(address).query)["remote"][0]
        self.assertIn(REMOTE, self.printed(client, address))
        self.assertNotIn(REMOTE, self.printed(client, address.replace(token, token[::-1])))

    def printed(self, client: Client, address: str) -> str:
        """The page for the printer, with what stands in its frames."""
        page = client.get(address)
        frames = re.findall(r'<iframe[^>]* src="([^"]*)"', page.html)
        return page.html + "".join(client.get(html.unescape(each)).html for each in frames)


class ImageTest(TokenTest):
    """Signed addresses of the images inside a message."""

    def address(self, client: Client, subject: str) -> str:
        body = framed(client, box.open_message(client, subject))
        found = re.findall(r'src="(/image\?t=[^"]*)"', body.html)
        self.assertEqual(len(found), 1)
        return html.unescape(found[0])

    def test_it_is_that_image_and_no_other(self) -> None:
        _, client = self.reader()
        one, two = (self.address(client, subject) for subject in ("One", "Two"))
        frame = self.client()
        self.assertEqual(frame.get(one).body, PICTURE)
        self.assertEqual(frame.get(two).body, OTHER_PICTURE)
        # Whatever else the address says.
        for more in ("&folder=INBOX&uid=2", "&uid=2&part=2", f"&t={two.split('t=')[1]}"):
            self.assertIn(frame.get(one + more).body, (PICTURE,))
        token = one.split("t=")[1]
        for bad in damaged(token):
            with self.subTest(bad):
                answer = frame.get(f"/image?t={quote(bad)}")
                self.assertEqual(answer.status, 404)
                self.assertIn("no longer good", answer.text)
        # Halves of two good ones.
        half = len(token) // 2
        self.assertEqual(frame.get(one[: -half] + two[-half:]).status, 404)

    def test_for_nothing_else(self) -> None:
        """A token for one thing is none for another."""
        _, client = self.reader()
        image = self.address(client, "One").split("t=")[1]
        page = box.open_message(client, "One")
        allow = page.link("Show them this time")
        remote = parse_qs(urlsplit(allow).query)["remote"][0]
        self.assertEqual(self.client().get(f"/image?t={remote}").status, 404)
        shown = client.get(allow.replace(remote, image))
        self.assertNotIn(REMOTE, framed(client, shown).html)

    def test_ends_with_its_session(self) -> None:
        user, client = self.reader()
        again = self.browser(user)
        mine, other = self.address(client, "One"), self.address(again, "One")
        frame = self.client()
        client.press(client.get(list_url()), "Log off")
        self.assertEqual(frame.get(mine).status, 404)
        # Neither does somebody else's cookie make it good.
        self.assertEqual(self.browser(self.person()).get(mine).status, 404)
        self.assertEqual(again.get(mine).status, 404)
        self.assertEqual(frame.get(other).body, PICTURE)

    def test_gone_with_its_message(self) -> None:
        user, client = self.reader()
        address = self.address(client, "One")
        self.assertEqual(self.client().get(address).body, PICTURE)
        box.expunge(self.backend, user, "1")
        gone = self.client().get(address)
        self.assertEqual((gone.status, PICTURE in gone.body), (404, False))
