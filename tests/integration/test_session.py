"""Login and session: messages, restarts, logging off, remember me, throttle, CSRF."""

from __future__ import annotations

import imaplib
import re
import socket
import time
import unittest
from urllib.parse import unquote

import harness
import proc
import server as web
import steps
from client import HOST, Client, Page
from mockmail import HANG, Certificates, ImapMock
from steps import is_login_page

LIST = "/list?folder=INBOX"
EXPIRE = "no-store, no-cache, must-revalidate, max-age=0"


def letter(subject: str, body: str = "Hello.", attachment: str = "") -> bytes:
    """A message, with a text attachment when asked."""
    head = f"From: ben@demo.test\r\nTo: anna@demo.test\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\n"
    if not attachment:
        return f"{head}\r\n{body}\r\n".encode()
    return (
        f"{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n{body}\r\n--b\r\n"
        "Content-Type: text/plain\r\nContent-Disposition: attachment; filename=note.txt\r\n\r\n"
        f"{attachment}\r\n--b--\r\n"
    ).encode()


def secret_of(cookie: str) -> str:
    return cookie[-20:]


class MessageTest(harness.WebTest):
    """Three different things go wrong in three different ways."""

    certificates: Certificates
    bad: ImapMock
    hanging: ImapMock

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.certificates = Certificates(cls.server.folder / "ca")
        cls.bad = ImapMock(cls.certificates.self_signed())
        cls.hanging = ImapMock(faults={"greeting": HANG})
        cls.addClassCleanup(cls.bad.close)
        cls.addClassCleanup(cls.hanging.close)
        sections["Mail"].update(ImapWait="1s", ConnectWait="1s")
        sections["Host dead.test"] = {"ImapPort": proc.free_ports(1)[0]}
        sections["Host slow.test"] = {"ImapPort": cls.hanging.port, "ImapSecurity": "none"}
        sections["Host bad.test"] = {"ImapPort": cls.bad.port}

    def said(self, page: Page) -> str:
        found = re.search(r'id="login-error">(.*?)</div>', page.html, re.S)
        assert found, page.text
        return " ".join(re.sub("<[^>]*>", " ", found.group(1)).split())

    def test_three_messages_and_the_name_stays(self) -> None:
        found = {}
        for host, status, words in (
            (HOST, 403, "password"),
            ("dead.test", 503, "nothing to do with your password"),
            ("slow.test", 503, "nothing to do with your password"),
            ("bad.test", 502, "password was not sent"),
        ):
            with self.subTest(host):
                client = self.client(host=host)
                page = client.login("Chloe", "wrong-word")
                self.assertEqual(page.status, status)
                found[host] = self.said(page)
                self.assertIn(words, found[host])
                form = page.form(field="password")
                name, password = form.find("name"), form.find("password")
                assert name and password
                self.assertEqual((name.value, password.value), ("Chloe", ""))
                self.assertNotIn("wrong-word", page.html)
                self.assertEqual(steps.session_cookie(client), "")
        self.assertEqual(len({found[HOST], found["dead.test"], found["bad.test"]}), 3)
        self.assertNotIn(b"wrong-word", b"".join(self.bad.lines))

    def test_a_dead_server_is_told_within_its_deadline(self) -> None:
        began = time.monotonic()
        self.client(host="slow.test").login("chloe", "x")
        self.assertLess(time.monotonic() - began, 4)

    def test_the_same_form_works_when_the_word_is_right(self) -> None:
        client = self.client()
        page = client.login("chloe", "wrong")
        page = client.login("chloe", self.backend.passwords["chloe"], page)
        self.assertFalse(is_login_page(page))

    def test_nothing_typed(self) -> None:
        self.assertEqual(self.client().login("", "").status, 403)
        self.assertEqual(self.client().login("chloe", "x" * 5000).status, 403)
        self.assertIn(self.client().login("chl\0oe\r\nA1 LOGOUT", "x").status, (400, 403))


class RestartTest(harness.WebTest):
    """What outlives the server."""

    def restart(self, *, hard: bool = True) -> None:
        if hard:
            self.server.kill()
        else:
            self.assertEqual(self.server.stop(), 0)
        self.server.start()

    def test_sessions_survive_kill_9_and_stop(self) -> None:
        plain, secure = self.logged_in(), self.logged_in("ben", secure=True)
        for hard in (True, False):
            self.restart(hard=hard)
            for client in (plain, secure):
                page = client.get(LIST)
                self.assertFalse(is_login_page(page))
                self.assertEqual(page.status, 200)

    def test_a_login_page_left_open_over_a_restart_in_three_tabs(self) -> None:
        client = self.client()
        # Opened one after another, and at once without any cookie yet.
        tabs = [client.get("/login") for _ in range(3)]
        client.cookies.clear()
        early = client.get("/login")
        client.cookies.clear()
        client.get("/login")
        self.restart()
        for tab in tabs[1:] + [early]:
            with self.subTest(tab.url):
                # A browser names its origin with each form.
                fresh = Client(
                    self.server.plain_port, self.server.secure_port, self.backend.ca_file
                )
                fresh.cookies = dict(client.cookies)
                fresh.headers["Origin"] = fresh.plain_origin
                page = fresh.login("anna", harness.PASSWORD, tab)
                self.assertEqual(page.status, 200, page.text[:300])
                self.assertFalse(is_login_page(page))

    def test_a_text_browser_without_origin(self) -> None:
        client = self.client()
        tab = client.get("/login")
        client.get("/login")
        self.restart()
        self.assertFalse(is_login_page(client.login("anna", harness.PASSWORD, tab)))

    def test_two_tabs_log_in_one_after_the_other(self) -> None:
        client = self.client()
        client.headers["Origin"] = client.plain_origin
        one, two = client.get("/login"), client.get("/login")
        self.assertFalse(is_login_page(client.login("anna", harness.PASSWORD, one)))
        self.assertFalse(is_login_page(client.login("anna", harness.PASSWORD, two)))

    def change_password(self, user: str, password: str) -> None:
        """At the mail server; Dovecot looks at its list once a second."""
        self.backend.set_password(user, password)

        def is_known() -> bool:
            try:
                self.backend.imap(user).logout()
                return True
            except imaplib.IMAP4.error:
                return False

        proc.wait_until(is_known, "the new password", 10)

    def test_a_password_changed_elsewhere_ends_the_session(self) -> None:
        client = self.logged_in("chloe")
        old = self.backend.passwords["chloe"]
        self.addCleanup(self.change_password, "chloe", old)
        self.change_password("chloe", "Another-word-9")
        self.restart()  # no connection is left that was logged in
        page = client.get(LIST)
        self.assertTrue(is_login_page(page), page.text[:300])
        self.assertEqual(client.login("chloe", old, page).status, 403)
        page = client.login("chloe", "Another-word-9")
        self.assertFalse(is_login_page(page))
        self.assertEqual(page.status, 200)

    def test_a_wrong_password_beside_an_open_connection(self) -> None:
        self.logged_in("chloe")  # its connection stays in the pool
        self.assertEqual(self.client().login("chloe", "wrong").status, 403)

    def test_the_database_does_not_open_the_password(self) -> None:
        self.logged_in()
        for path in self.server.database.parent.glob("iwebmsg.db*"):
            self.assertNotIn(harness.PASSWORD.encode(), path.read_bytes())
        key = self.server.database.parent / "server.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.assertEqual(self.server.database.stat().st_mode & 0o077, 0)


class PathTest(harness.WebTest):
    def test_an_address_opened_without_session_is_where_login_leads(self) -> None:
        client = self.client()
        page = client.get("/list?folder=INBOX&sort=subject")
        self.assertTrue(is_login_page(page))
        page = client.login("anna", harness.PASSWORD, page)
        self.assertEqual(page.path, "/list?folder=INBOX&sort=subject")

    def test_our_own_paths_only(self) -> None:
        for evil in (
            "//evil.test/", "https://evil.test/", "\\\\evil.test", "/\\evil.test", "/\t/evil.test",
            "\t//evil.test", "http:evil.test", "javascript:alert(1)", "///evil.test",
            "/%0d%0aSet-Cookie:x", "@evil.test", "/\r\nX-Evil: 1",
        ):  # fmt: skip
            with self.subTest(evil):
                client = self.client()
                form = client.get("/login").form(field="password")
                values = [(n, evil if n == "next" else v) for n, v in form.values()]
                values = [
                    (n, {"name": "anna", "password": harness.PASSWORD}.get(n, v)) for n, v in values
                ]
                page = client.post("/login", values, follow=False)
                self.assertEqual(page.status, 303)
                where = page.header("Location")
                self.assertRegex(where, r"^/([^/\\]|$)")
                self.assertEqual(page.header("X-Evil"), "")
                self.assertNotIn("evil.test", where.split("?")[0])

    def test_the_query_too(self) -> None:
        client = self.client()
        form = client.get("/login?next=//evil.test/").form(field="password")
        found = form.find("next")
        assert found
        self.assertEqual(found.value, "/")

    def test_logged_in_already(self) -> None:
        client = self.logged_in()
        page = client.get("/login?next=https://evil.test/", follow=False)
        self.assertEqual((page.status, page.header("Location")), (303, "/"))


class LogOffTest(harness.WebTest):
    def test_logging_off_really_ends(self) -> None:
        for secure in (False, True):
            with self.subTest(secure=secure):
                client = self.logged_in(secure=secure)
                kept = dict(client.cookies)
                page = client.get(LIST)
                form = page.form(action="/logoff")
                answer = client.submit(form, follow=False)
                self.assertEqual(answer.status, 303)
                self.assertEqual(answer.header("Clear-Site-Data"), '"cache", "storage"')
                name = "__Host-iwm" if secure else "iwm"
                lines = [x for x in steps.cookie_lines(answer) if x.startswith(f"{name}=;")]
                self.assertEqual(len(lines), 1, steps.cookie_lines(answer))
                self.assertIn("Max-Age=0", lines[0])
                off = client.get(answer.header("Location"))
                self.assertIn("Logged off", off.title)
                self.assertIn("close", off.text.lower())
                self.assertIn("history", off.text.lower())
                # Back, Forward, a second tab, and somebody with the old cookie.
                self.assertTrue(is_login_page(client.get(LIST)))
                client.cookies = kept
                for address in (LIST, "/settings", "/compose", "/part?folder=INBOX&uid=1&part=1"):
                    self.assertTrue(is_login_page(client.get(address)), address)
                self.assertEqual(
                    client.post("/settings", {"name": "x"}).status, 403, "a form of the old page"
                )

    def test_the_other_browser_stays_in(self) -> None:
        one, two = self.logged_in(), self.logged_in()
        one.press(one.get(LIST), "Log off")
        self.assertFalse(is_login_page(two.get(LIST)))

    def test_cookies_are_as_they_must_be(self) -> None:
        for secure in (False, True):
            client = self.client(secure=secure)
            page = client.get("/login")
            lines = steps.cookie_lines(page)
            values = dict(page.form(field="password").values())
            values.update(name="anna", password=harness.PASSWORD)
            lines += steps.cookie_lines(client.post("/login", values, follow=False))
            self.assertTrue(lines)
            for line in lines:
                self.assertIn("HttpOnly", line)
                self.assertIn("SameSite=Lax", line)
                self.assertIn("Path=/", line)
                self.assertNotIn("Domain", line)
                self.assertEqual(line.startswith("__Host-"), "Secure" in line)
            session = [x for x in lines if re.match("(__Host-)?iwm=", x)]
            self.assertEqual(len(session), 1)
            self.assertNotIn("Max-Age", session[0])
            self.assertEqual(session[0].startswith("__Host-"), secure)

    def test_an_idle_session_says_so(self) -> None:
        client = self.logged_in("chloe")
        steps.database(
            self.server, "UPDATE session SET used_s = used_s - 90000 WHERE account LIKE 'chloe%'"
        )
        page = client.get("/settings")
        self.assertTrue(is_login_page(page))
        self.assertIn("Your session has ended", page.text)
        page = client.login("chloe", harness.PASSWORD, page)
        self.assertEqual(page.path, "/settings")

    def test_a_door_ignores_the_cookie_of_the_other(self) -> None:
        plain, secure = self.logged_in(), self.logged_in(secure=True)
        one, two = steps.session_cookie(plain), steps.session_cookie(secure)
        cases = (
            (False, "iwm", two), (False, "__Host-iwm", two), (False, "__Host-iwm", one),
            (True, "__Host-iwm", one), (True, "iwm", one), (True, "iwm", two),
        )  # fmt: skip
        for door, name, value in cases:
            with self.subTest(door=door, name=name):
                client = self.client(secure=door)
                page = client.get(LIST, Cookie=f"{name}={value}")
                self.assertTrue(is_login_page(page))
        # And each still lives at its own.
        self.assertFalse(is_login_page(plain.get(LIST)))
        self.assertFalse(is_login_page(secure.get(LIST)))

    def test_a_guessed_cookie(self) -> None:
        client = self.logged_in()
        real = steps.session_cookie(client)
        for value in ("x", real[:-1], real[:-1] + ("A" if real[-1] != "A" else "B"), real * 30, "'", "%00"):
            fresh = self.client()
            self.assertTrue(is_login_page(fresh.get(LIST, Cookie=f"iwm={value}")), value[:80])


class ExpireTest(harness.WebTest):
    """Expire page views."""

    def setUp(self) -> None:
        self.subject = "Zwiebelkuchen"
        if self.backend.count("anna", "Expire") < 1:
            self.backend.append(
                "anna", "Expire", [(letter(self.subject, attachment="the-attachment"), "", 1.7e9)]
            )

    def log_in(self, **boxes: bool) -> Client:
        client = self.client()
        page = client.login("anna", harness.PASSWORD, **boxes)
        self.assertEqual(page.status, 200)
        return client

    def walk(self, client: Client) -> dict[str, Page]:
        listed = client.get("/list?folder=Expire")
        found = {"list": listed, "message": client.follow(listed, self.subject)}
        parts = [href for _, href in found["message"].links if href.startswith("/part")]
        self.assertTrue(parts, found["message"].links)
        found["part"] = client.get(parts[0])
        self.assertIn(b"the-attachment", found["part"].body)
        for name in ("settings", "compose", "secure", "list?folder=none-such"):
            found[name] = client.get(f"/{name}")
        found["home"] = client.get("/", follow=False)
        return found

    def test_every_answer_of_the_session(self) -> None:
        for name, page in self.walk(self.log_in(expire=True)).items():
            with self.subTest(name):
                self.assertEqual(page.header("Cache-Control"), EXPIRE)
                self.assertEqual(page.header("Pragma"), "no-cache")
                self.assertEqual(page.header("Expires"), "0")
                self.assertNotIn(self.subject, page.title)
                self.assertNotIn(self.subject, unquote(page.url))

    def test_without_it_parts_may_be_kept_by_this_browser(self) -> None:
        found = self.walk(self.log_in())
        self.assertEqual(found["list"].header("Cache-Control"), "no-store")
        self.assertRegex(found["part"].header("Cache-Control"), r"private|no-store")

    def test_no_search_words_in_addresses(self) -> None:
        client = self.log_in(expire=True)
        page = client.get("/list?folder=Expire")
        form = next(f for f in page.forms if any(x.kind == "search" for x in f.fields))
        field = form.kind("search").name
        found = client.submit(form, **{field: self.subject})
        self.assertIn(self.subject, found.text)
        for each in (found.url, *(url for _, url in found.hops)):
            self.assertNotIn(self.subject.lower(), unquote(each).lower())
        self.assertNotIn(self.subject, found.title)

    def test_it_unticks_remember_me(self) -> None:
        client = self.log_in(expire=True, remember=True)
        self.assertNotIn("iwmr", client.cookies)
        self.assertNotIn("iwm_name", client.cookies)

    def test_a_shorter_idle_limit(self) -> None:
        short, long = self.log_in(expire=True), self.log_in()
        steps.database(self.server, "UPDATE session SET used_s = used_s - 1800")
        self.assertTrue(is_login_page(short.get(LIST)))
        self.assertFalse(is_login_page(long.get(LIST)))


class RememberTest(harness.WebTest):
    def remembered(self, *, secure: bool = False) -> Client:
        client = self.client(secure=secure)
        page = client.login("anna", harness.PASSWORD, remember=True)
        self.assertEqual(page.status, 200)
        return client

    @staticmethod
    def close_window(client: Client) -> None:
        """Session cookies go, the others stay."""
        for name, each in list(client.cookies.items()):
            if "max-age" not in each.attributes:
                del client.cookies[name]

    def test_back_without_login_and_the_token_rotates(self) -> None:
        for secure in (False, True):
            client = self.remembered(secure=secure)
            name = "__Host-iwmr" if secure else "iwmr"
            before = client.cookies[name].value
            self.close_window(client)
            self.assertEqual(steps.session_cookie(client), "")
            page = client.get("/settings")
            self.assertFalse(is_login_page(page))
            self.assertNotEqual(client.cookies[name].value, before)
            self.assertGreater(int(client.cookies[name].attributes["max-age"]), 86400)
            # The tab that was opened at the same time has the old one still.
            tab = self.client(secure=secure)
            self.assertFalse(is_login_page(tab.get(LIST, Cookie=f"{name}={before}")))

    def test_a_used_up_token_ends_the_device(self) -> None:
        client = self.remembered()
        before = client.cookies["iwmr"].value
        self.close_window(client)
        client.get(LIST)
        steps.database(self.server, "UPDATE device SET rotated_s = rotated_s - 100")
        thief = self.client()
        self.assertTrue(is_login_page(thief.get(LIST, Cookie=f"iwmr={before}")))
        self.assertTrue(is_login_page(client.get(LIST)))

    def test_logging_off_revokes_it_and_keeps_the_name(self) -> None:
        client = self.remembered()
        kept = dict(client.cookies)
        client.press(client.get(LIST), "Log off")
        self.assertNotIn("iwmr", client.cookies)
        form = client.get("/login").form(field="password")
        name, box = form.find("name"), form.find("remember")
        assert name and box
        self.assertEqual(name.value, "anna@demo.test")
        self.assertTrue(box.checked)
        client.cookies = kept
        self.assertTrue(is_login_page(client.get(LIST)))
        self.close_window(client)
        self.assertTrue(is_login_page(client.get(LIST)))

    def test_it_survives_kill_9(self) -> None:
        client = self.remembered()
        self.close_window(client)
        self.server.kill()
        self.server.start()
        self.assertFalse(is_login_page(client.get(LIST)))

    def test_the_password_is_not_in_the_browser(self) -> None:
        client = self.remembered()
        for each in client.cookies.values():
            self.assertNotIn(harness.PASSWORD, each.value)

    def test_the_admin_can_switch_it_off(self) -> None:
        client = self.remembered()
        self.close_window(client)
        self.server.sections["Session"] = {"RememberMe": 0}
        self.addCleanup(steps.reload, self.server)
        self.addCleanup(self.server.sections.pop, "Session")
        self.assertTrue(steps.reload(self.server))
        self.assertIsNone(self.client().get("/login").form(field="password").find("remember"))
        self.assertTrue(is_login_page(client.get(LIST)))
        fresh = self.client()
        form = fresh.get("/login").form(field="password")
        values = [(n, {"name": "anna", "password": harness.PASSWORD}.get(n, v)) for n, v in form.values()]
        fresh.post("/login", [*values, ("remember", "1")])
        self.assertNotIn("iwmr", fresh.cookies)

    def test_in_clear_only_the_name(self) -> None:
        own = own_address()
        if not own:
            self.skipTest("this machine has the loopback only")
        server = harness.new_server("clear")
        server.sections["Server"]["ListenAddress"] = "*"
        server.start()
        self.addCleanup(steps.end, server)

        def ask(text: str, body: bytes = b"") -> bytes:
            with socket.create_connection((own, server.plain_port), 20) as sock:
                sock.sendall(text.replace("\n", "\r\n").encode() + b"\r\n" + body)
                got = b""
                while chunk := sock.recv(65536):
                    got += chunk
            return got

        page = ask(f"GET /login HTTP/1.1\nHost: {HOST}\nConnection: close\n").decode()
        self.assertIn("Only your name is remembered", page)
        self.assertIn("This connection is not encrypted", page)
        first = page.index("<main")
        self.assertLess(page.index("Enter secure mode", first), page.index('name="password"'))
        cookie = re.search(r"Set-Cookie: (iwm_pre=[^;]*)", page)
        csrf = re.search(r'action="/login"[^>]*>\s*<input type="hidden" name="csrf" value="([^"]*)"', page)
        assert cookie and csrf
        form = f"csrf={csrf.group(1)}&name=anna&password={harness.PASSWORD}&remember=1".encode()
        answer = ask(
            f"POST /login HTTP/1.1\nHost: {HOST}\nConnection: close\nCookie: {cookie.group(1)}\n"
            f"Content-Type: application/x-www-form-urlencoded\nContent-Length: {len(form)}\n",
            form,
        ).decode()
        self.assertEqual(steps.status_of(answer.encode()), 303)
        self.assertIn("Set-Cookie: iwm_name=", answer)
        self.assertNotIn("Set-Cookie: iwmr=", answer)


def own_address() -> str:
    """An address of this machine that is no loopback; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        own = probe.getsockname()[0]
    return "" if own.startswith("127.") else own


class ThrottleTest(harness.WebTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Session"] = {"LoginTriesPerAccount": 2, "LoginDelayMax": "5m"}

    def setUp(self) -> None:
        steps.database(self.server, "DELETE FROM throttle")

    def slow_down(self, account: str) -> None:
        """As after many failures: waiting for them would take minutes."""
        changed = "UPDATE throttle SET failures = 12 WHERE name = ? RETURNING name"
        self.assertTrue(steps.database(self.server, changed, f"account:{account}"))

    def test_delays_that_grow_and_survive_a_restart(self) -> None:
        known = self.logged_in("chloe")
        known.press(known.get(LIST), "Log off")
        for _ in range(2):
            self.assertEqual(self.client().login("chloe", "wrong").status, 403)
        page = self.client().login("chloe", "wrong")
        self.assertEqual(page.status, 429)
        self.assertIn("not locked", page.text)
        self.slow_down("chloe@demo.test")
        self.server.kill()
        self.server.start()
        page = self.client().login("chloe", harness.PASSWORD)
        self.assertEqual(page.status, 429)
        self.assertRegex(page.text, r"wait \d+ seconds")
        name = page.form(field="password").find("name")
        assert name
        self.assertEqual(name.value, "chloe")
        # However the name is written; others and a known device go in.
        self.assertEqual(self.client().login("CHLOE@Demo.Test", harness.PASSWORD).status, 429)
        self.assertFalse(is_login_page(self.client().login("anna", harness.PASSWORD)))
        self.assertFalse(is_login_page(known.login("chloe", harness.PASSWORD)))

    def test_it_ends_by_itself(self) -> None:
        for _ in range(2):
            self.client().login("ben", "wrong")
        self.slow_down("ben@demo.test")
        self.assertEqual(self.client().login("ben", harness.PASSWORD).status, 429)
        steps.database(self.server, "UPDATE throttle SET last_s = last_s - 301")
        self.assertFalse(is_login_page(self.client().login("ben", harness.PASSWORD)))
        rest = steps.database(self.server, "SELECT * FROM throttle WHERE name LIKE 'account:ben%'")
        self.assertEqual(rest, [])

    def test_a_dead_server_counts_against_nobody(self) -> None:
        port = self.server.sections["Mail"]["ImapPort"]
        self.addCleanup(steps.reload, self.server)
        self.addCleanup(self.server.sections["Mail"].update, ImapPort=port)
        self.server.sections["Mail"]["ImapPort"] = proc.free_ports(1)[0]
        self.assertTrue(steps.reload(self.server))
        for _ in range(4):
            self.assertEqual(self.client().login("ben", "x").status, 503)
        self.assertEqual(steps.database(self.server, "SELECT * FROM throttle"), [])


POSTS = ("/login", "/logoff", "/search", "/act", "/compose", "/sent", "/settings", "/secure")


class ForgeryTest(harness.WebTest):
    """CSRF: the token always; Origin and Sec-Fetch-Site where there are."""

    def token(self, client: Client) -> str:
        found = client.get("/settings").form(action="/logoff").find("csrf")
        assert found
        return found.value

    def test_every_form_needs_its_token(self) -> None:
        client = self.logged_in()
        other = self.logged_in("ben")
        for path in POSTS:
            for name, token in (("none", None), ("wrong", "x" * 86), ("of another", self.token(other))):
                with self.subTest(path, token=name):
                    fields = {"name": "Mallory", "do": "save", "back": "/"}
                    if token is not None:
                        fields["csrf"] = token
                    page = client.post(path, fields, follow=False)
                    self.assertEqual(page.status, 403)
        self.assertFalse(is_login_page(client.get(LIST)))
        self.assertNotIn("Mallory", client.get("/settings").html)

    def test_a_form_of_another_site(self) -> None:
        client = self.logged_in()
        token = self.token(client)
        for headers in (
            {"Origin": "https://evil.test"},
            {"Origin": "null"},
            {"Origin": f"http://{HOST}.evil.test:{self.server.plain_port}"},
            {"Origin": f"http://{HOST}:{self.server.plain_port + 1}"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Origin": f"http://{HOST}:{self.server.plain_port}", "Sec-Fetch-Site": "cross-site"},
        ):
            for path in POSTS:
                with self.subTest(path, **headers):
                    page = client.post(path, {"csrf": token, "back": "/"}, headers=headers, follow=False)
                    self.assertEqual(page.status, 403)
        self.assertFalse(is_login_page(client.get(LIST)))

    def test_our_own_and_those_that_say_nothing(self) -> None:
        client = self.logged_in()
        for headers in (
            {},
            {"Origin": client.plain_origin, "Sec-Fetch-Site": "same-origin"},
            {"Sec-Fetch-Site": "none"},
        ):
            form = client.get("/settings").form(field="signature")
            fields = [(n, v) for n, v in form.values()] + [("do", "save")]
            self.assertLess(client.post("/settings", fields, headers=headers).status, 400)

    def test_tokens_are_masked_afresh(self) -> None:
        client = self.logged_in()
        found = {self.token(client) for _ in range(5)}
        self.assertEqual(len(found), 5)
        first = client.get("/login")
        fresh = self.client()
        tokens = {dict(fresh.get("/login").form(field="password").values())["csrf"] for _ in range(5)}
        self.assertEqual(len(tokens), 5)
        self.assertLess(first.status, 400)

    def test_no_get_changes_anything(self) -> None:
        client = self.logged_in()
        token = self.token(client)
        sessions = steps.database(self.server, "SELECT count(*) FROM session")
        for address in (
            f"/logoff?csrf={token}", f"/act?do=delete&uid=1&folder=INBOX&csrf={token}",
            f"/settings?do=save&name=Mallory&csrf={token}", f"/secure?back=/&csrf={token}&confirmed=1",
            f"/SSL2.CGI?csrf={token}", f"/compose?do=send&to=x&csrf={token}",
        ):  # fmt: skip
            with self.subTest(address):
                page = client.get(address, follow=False)
                self.assertIn(page.status, (200, 303, 404, 405))
                self.assertNotIn("ticket", page.header("Location"))
        self.assertEqual(steps.database(self.server, "SELECT count(*) FROM session"), sessions)
        self.assertEqual(steps.database(self.server, "SELECT count(*) FROM ticket"), [(0,)])
        self.assertNotIn("Mallory", client.get("/settings").html)
        self.assertFalse(is_login_page(client.get(LIST)))

    def test_a_login_page_of_somebody_else(self) -> None:
        """An attacker's own login form must not log the person in as them."""
        theirs = dict(self.client().get("/login").form(field="password").values())
        theirs.update(name="ben", password=harness.PASSWORD)
        victim = self.client()
        self.assertEqual(victim.post("/login", theirs, follow=False).status, 403)
        victim.get("/login")
        self.assertEqual(victim.post("/login", theirs, follow=False).status, 403)
        self.assertEqual(steps.session_cookie(victim), "")


class LogTest(harness.WebTest):
    """No log line has a password, cookie, token, subject, body or search word."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        steps.set_log_level(sections, "debug")

    def test_debug_lines_too(self) -> None:
        self.backend.append("anna", "Logged", [(letter("Quittenbrot", "Pflaumenmus"), "", 1.7e9)])
        client = self.client()
        first = client.get("/login")
        page = client.login("anna", "Falschwort-8", first)
        cookies = dict(client.cookies)
        page = client.login("anna", harness.PASSWORD, page, remember=True)
        cookies.update(client.cookies)
        tokens = [each.value for form in (*first.forms, *page.forms) for each in form.fields if each.name == "csrf"]
        listed = client.get("/list?folder=Logged")
        client.follow(listed, "Quittenbrot")
        form = next(f for f in listed.forms if any(x.kind == "search" for x in f.fields))
        client.submit(form, **{form.kind("search").name: "Suchwort"})
        client.get("/list?folder=Logged&q=Andreswort")
        compose = client.get("/compose")
        client.submit(
            compose.form(field="subject"), "save", to="ben@demo.test", subject="Betreffwort", body="Textwort"
        )
        client.post("/settings", {"csrf": "Faelschung" * 8})
        switched = client.submit(client.get(LIST).form(action="/secure", field="back"), follow=False)
        ticket = switched.header("Location").partition("t=")[2]
        self.assertTrue(ticket)
        client.get(switched.header("Location"))
        cookies.update(client.cookies)
        client.press(client.get("/settings"), "Log off")
        self.assertEqual(self.server.stop(), 0)
        text = steps.log_text(self.server)
        self.server.start()
        words = [
            harness.PASSWORD, "Falschwort", "Quittenbrot", "Pflaumenmus", "Suchwort", "Andreswort",
            "Betreffwort", "Textwort", "Faelschung", secret_of(ticket),
            *(secret_of(each.value) for name, each in cookies.items() if "name" not in name),
            *(token[:20] for token in tokens), *(secret_of(token) for token in tokens),
        ]  # fmt: skip
        for word in words:
            self.assertGreaterEqual(len(word), 5)
            found = [line for line in text.splitlines() if word.lower() in line.lower()]
            self.assertEqual(found, [], word)
        for line in text.splitlines():
            self.assertRegex(line, r"^time=\S+ level=(debug|info|warn|error) event=[a-z0-9_.]+( |$)")


if __name__ == "__main__":
    unittest.main()
