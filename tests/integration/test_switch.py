"""Entering and leaving secure mode, ForceSSL, HSTS."""

from __future__ import annotations

import socket
import time
from urllib.parse import quote

import ca
import harness
import proc
import server as web
import steps
from client import HOST, Client, Page
from steps import is_login_page, status_of

HERE = "/list?folder=INBOX&sort=subject"
HSTS = "Strict-Transport-Security"


class SwitchTest(harness.WebTest):
    """EnableSSL=1, ForceSSL=0."""

    def press(self, client: Client, page: Page, *, follow: bool = True) -> Page:
        """The switch at the foot of a page."""
        form = page.form(action="/secure", field="back")
        return client.submit(form, follow=follow)

    def confirm(self, client: Client, page: Page, *, follow: bool = True) -> Page:
        """The question before secure mode is left."""
        form = page.form(action="/secure", field="confirmed")
        return client.submit(form, follow=follow)

    def entered(self) -> Client:
        client = self.logged_in()
        page = self.press(client, client.get(HERE))
        self.assertEqual(page.url, client.secure_origin + HERE)
        return client

    def ticket(self, client: Client) -> str:
        """The address that a browser is sent to; it is not followed."""
        answer = self.press(client, client.get(HERE), follow=False)
        self.assertEqual(answer.status, 303)
        where = answer.header("Location")
        self.assertTrue(where.startswith(client.secure_origin + "/secure/ticket?t="), where)
        return where

    def test_enter_and_the_same_page_afterwards(self) -> None:
        client = self.logged_in()
        page = client.get(HERE)
        self.assertIn("Enter secure mode", page.text)
        secure = self.press(client, page)
        self.assertEqual(secure.url, client.secure_origin + HERE)
        self.assertIn("Leave secure mode", secure.text)
        self.assertFalse(is_login_page(secure))
        self.assertEqual([status for status, _ in secure.hops], [303, 303])
        self.assertIn("__Host-iwm", client.cookies)
        self.assertTrue(client.cookies["__Host-iwm"].secure)
        self.assertNotIn("iwm_bind", client.cookies)
        # The address of the ticket does not stay: it was a redirect, not stored.
        self.assertEqual(secure.header("Cache-Control"), "no-store")
        self.assertEqual(client.get("/settings").status, 200)

    def test_leave_asks_first_and_leads_to_the_same_page(self) -> None:
        client = self.entered()
        asked = self.press(client, client.get(HERE))
        self.assertEqual(asked.status, 200)
        self.assertIn("Leave secure mode?", asked.text)
        self.assertTrue(asked.url.startswith(client.secure_origin))
        page = self.confirm(client, asked)
        self.assertEqual(page.url, client.plain_origin + HERE)
        self.assertFalse(is_login_page(page))
        self.assertIn("Enter secure mode", page.text)

    def test_to_and_fro_ten_times(self) -> None:
        client = self.logged_in()
        page = client.get(HERE)
        for _ in range(10):
            page = self.press(client, page)
            page = self.confirm(client, self.press(client, page))
            self.assertEqual(page.url, client.plain_origin + HERE)
        rows = steps.database(
            self.server, "SELECT count(*) FROM session WHERE moved_to = '' AND length(sealed) > 0"
        )
        self.assertGreaterEqual(rows[0][0], 1)

    def test_the_old_session_is_dead_and_says_where_it_went(self) -> None:
        client = self.logged_in()
        old = client.cookies["iwm"].value
        self.press(client, client.get(HERE))
        tab = self.client()
        page = tab.get("/settings", Cookie=f"iwm={old}")
        self.assertEqual(page.status, 403)
        self.assertIn("went on in the other mode", page.text)
        self.assertEqual(page.link("Go on there"), client.secure_origin + "/settings")
        self.assertIsNone(next((f for f in page.forms if f.find("signature")), None))
        page = tab.request(
            "POST", "/compose", b"subject=Unfinished&body=Kept+text&csrf=x",
            headers={"Cookie": f"iwm={old}", "Content-Type": "application/x-www-form-urlencoded"},
        )  # fmt: skip
        self.assertEqual(page.status, 403)
        self.assertIn("Kept text", page.html)
        self.assertIn("Unfinished", page.html)

    def test_until_it_is_redeemed_the_old_one_lives(self) -> None:
        client = self.logged_in()
        self.ticket(client)
        self.assertFalse(is_login_page(client.get(client.plain_origin + "/settings")))

    def test_a_ticket_is_of_one_use(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        binder = {"iwm_bind": client.cookies["iwm_bind"]}
        self.assertFalse(is_login_page(client.get(where)))
        # Reload by the one it belongs to: goes on. By somebody else: nothing.
        self.assertFalse(is_login_page(client.get(where)))
        thief = self.client()
        thief.cookies = dict(binder)
        page = thief.get(where)
        self.assertEqual(page.status, 404)
        self.assertEqual(steps.session_cookie(thief), "")

    def test_another_browser_cannot_use_it(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        thief = self.client()
        page = thief.get(where)
        self.assertEqual(page.status, 404)
        self.assertIn("switch once more", page.text)
        self.assertEqual(steps.session_cookie(thief), "")
        # One click more for its owner, never a login.
        page = self.press(client, client.get(client.plain_origin + HERE))
        self.assertEqual(page.url, client.secure_origin + HERE)

    def test_an_expired_ticket_costs_a_click(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        steps.database(self.server, "UPDATE ticket SET ends_s = ends_s - 400")
        self.assertEqual(client.get(where).status, 404)
        page = self.press(client, client.get(client.plain_origin + HERE))
        self.assertEqual(page.url, client.secure_origin + HERE)

    def test_a_ticket_after_logging_off(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        client.press(client.get(client.plain_origin + HERE), "Log off")
        page = client.get(where)
        self.assertEqual(page.status, 404)
        self.assertEqual(steps.session_cookie(client), "")

    def test_a_ticket_at_the_wrong_door_or_made_up(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        plain = where.replace(client.secure_origin, client.plain_origin)
        page = client.get(plain, follow=False)
        self.assertIn(page.status, (303, 404))
        fresh = self.client(secure=True)
        for value in ("", "x", "A" * 64, where.rpartition("t=")[2][:-3] + "AAA"):
            page = fresh.get("/secure/ticket?t=" + quote(value))
            self.assertEqual(page.status, 404, value)
        self.assertEqual(steps.session_cookie(fresh), "")

    def test_tickets_survive_a_restart(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        self.server.kill()
        self.server.start()
        self.assertEqual(client.get(where).url, client.secure_origin + HERE)

    def test_the_login_page_without_session(self) -> None:
        client = self.client()
        page = client.get("/login?next=" + quote("/list?folder=INBOX&sort=from"))
        form = page.form(action="/secure", field="back")
        page = client.submit(form)
        self.assertTrue(page.url.startswith(client.secure_origin + "/login"), page.url)
        self.assertIn("Leave secure mode", page.text)
        page = client.login("anna", harness.PASSWORD, page)
        self.assertEqual(page.url, client.secure_origin + "/list?folder=INBOX&sort=from")

    def test_settings_saves_first(self) -> None:
        client = self.logged_in("chloe")
        form = client.get("/settings").form(field="signature")
        page = client.submit(form, "do=switch", signature="Typed before the switch", follow=True)
        self.assertEqual(page.url.split("?")[0], client.secure_origin + "/settings")
        self.assertIn("Typed before the switch", page.html)

    def test_compose_comes_back_with_everything_in_place(self) -> None:
        client = self.logged_in("chloe")
        form = client.get("/compose").form(field="subject")
        page = client.submit(
            form, "do=switch", to="ben@demo.test", subject="Half", body="half a letter",
            files={"file": [("note.txt", "text/plain", b"attached")]},
        )  # fmt: skip
        self.assertTrue(page.url.startswith(client.secure_origin + "/compose"), page.url)
        values = dict(page.form(field="subject").values())
        self.assertEqual((values["to"], values["subject"]), ("ben@demo.test", "Half"))
        self.assertIn("half a letter", str(values["body"]))
        self.assertIn("note.txt", page.text)

    def test_the_address_of_old(self) -> None:
        client = self.logged_in()
        counts = "SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM ticket)"
        before = steps.database(self.server, counts)
        for address in ("/SSL2.CGI", "/ssl2.cgi", "/Ssl2.Cgi"):
            page = client.get(address, follow=False)
            self.assertEqual(page.status, 200, address)
            self.assertIn("Enter secure mode", page.title)
        self.assertEqual(steps.database(self.server, counts), before)
        page = self.confirm(client, client.get("/ssl2.cgi"))
        self.assertEqual(page.url.split("?")[0], client.secure_origin + "/list")

    def test_back_is_our_own_path(self) -> None:
        client = self.logged_in()
        form = client.get(HERE).form(action="/secure", field="back")
        for evil in ("//evil.test/", "https://evil.test/", "/\\evil.test", "@evil.test", ".evil.test"):
            fields = [(n, evil if n == "back" else v) for n, v in form.values()]
            where = client.post(client.plain_origin + "/secure", fields, follow=False).header("Location")
            self.assertTrue(where.startswith(client.secure_origin + "/"), where)
            page = client.get(where, follow=False)
            self.assertEqual(page.header("Location"), "/")
            client = self.logged_in()
            form = client.get(HERE).form(action="/secure", field="back")

    def test_hsts_is_taken_back(self) -> None:
        client = self.entered()
        for address in (HERE, "/settings", "/nothing"):
            self.assertEqual(client.get(client.secure_origin + address).header(HSTS), "max-age=0")
        self.assertEqual(self.client().get("/login").header(HSTS), "")

    def test_public_addresses(self) -> None:
        """Behind port maps the two names of the ini file count."""
        keys = self.server.sections["Server"]
        self.addCleanup(steps.reload, self.server)
        self.addCleanup(keys.pop, "PublicSecureURL")
        self.addCleanup(keys.pop, "PublicPlainURL")
        keys["PublicSecureURL"] = "https://mail.public.test"
        keys["PublicPlainURL"] = "http://mail.public.test:8080"
        self.assertTrue(steps.reload(self.server))
        client = self.logged_in()
        page = client.get(HERE)
        policy = page.header("Content-Security-Policy")
        self.assertIn("form-action 'self' https://mail.public.test http://mail.public.test:8080", policy)
        where = self.press(client, page, follow=False).header("Location")
        self.assertTrue(where.startswith("https://mail.public.test/secure/ticket?t="), where)


class ForceTest(harness.WebTest):
    """ForceSSL=1: the plain port only sends people on."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["SSL"]["ForceSSL"] = 1

    def test_get_is_sent_to_https(self) -> None:
        client = self.client()
        for method in ("GET", "HEAD"):
            for address in ("/", HERE, "/static/app.css", "/nothing", "/secure"):
                page = client.request(method, address, follow=False)
                self.assertEqual(page.status, 308, address)
                self.assertEqual(page.header("Location"), client.secure_origin + address)
                self.assertIn("no-store", page.header("Cache-Control"))
                self.assertEqual(page.header(HSTS), "")
                self.assertEqual(steps.cookie_lines(page), [])

    def test_a_form_is_refused_unread(self) -> None:
        head = (
            f"POST /login HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 60\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n\r\n"
        )
        with socket.create_connection((proc.LOOPBACK, self.server.plain_port), 10) as sock:
            sock.sendall(head.encode())  # and not a byte of the body
            got = b""
            while chunk := sock.recv(65536):
                got += chunk
        self.assertEqual(status_of(got), 403)
        self.assertNotIn(b"100 Continue", got)
        self.assertIn(b"travelled unencrypted", got)
        self.assertNotIn(b"Location:", got)

    def test_hsts_and_secure_mode_only(self) -> None:
        client = self.client(secure=True)
        page = client.get("/login")
        self.assertRegex(page.header(HSTS), r"^max-age=15552000$")
        self.assertNotIn("Leave secure mode", page.text)
        page = client.login("anna", harness.PASSWORD, page)
        self.assertEqual(page.status, 200)
        self.assertNotIn("Leave secure mode", page.text)
        self.assertRegex(page.header(HSTS), r"^max-age=\d{7,}$")
        self.assertEqual(client.get("/secure").status, 404)
        page = client.post("/secure", {"csrf": "x", "back": "/"})
        self.assertIn(page.status, (403, 404))

    def test_tls_at_the_plain_port_works(self) -> None:
        client = Client(
            self.server.plain_port, self.server.plain_port, self.backend.ca_file, secure=True
        )
        self.assertTrue(is_login_page(client.get("/login")))

    def test_the_watchers_of_this_machine_need_no_tls(self) -> None:
        for address in ("/healthz", "/metrics"):
            self.assertEqual(self.client().get(address, follow=False).status, 200)
            page = self.client().get(address, follow=False, **{"X-Forwarded-For": "192.0.2.7"})
            self.assertEqual(page.status, 308)

    def test_a_session_of_clear_times_is_not_served(self) -> None:
        page = self.client().get(HERE, follow=False, Cookie="iwm=" + "A" * 64)
        self.assertEqual(page.status, 308)


class SelfSignedTest(harness.WebTest):
    """A certificate that nobody vouches for."""

    made: ca.Certificate

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.made = ca.self_signed(cls.server.folder, "alone", ["localhost", HOST])
        sections["SSL"].update(Certificate=cls.made.cert, PrivateKey=cls.made.key)

    def browser(self, *, secure: bool = False) -> Client:
        return Client(
            self.server.plain_port, self.server.secure_port, self.made.cert, secure=secure
        )

    def test_the_page_before_says_so_and_shows_the_fingerprint(self) -> None:
        client = self.browser()
        client.login("anna", harness.PASSWORD)
        page = client.submit(client.get(HERE).form(action="/secure", field="back"))
        self.assertEqual(page.status, 200)
        self.assertIn("will warn you", page.text)
        shown = steps.events(self.server, "tls.certificate")[0]["sha256"]
        self.assertIn(shown, page.text)
        page = client.submit(page.form(action="/secure", field="confirmed"))
        self.assertEqual(page.url, client.secure_origin + HERE)

    def test_people_read_warnings_for_minutes(self) -> None:
        client = self.browser()
        client.login("anna", harness.PASSWORD)
        asked = client.submit(client.get(HERE).form(action="/secure", field="back"))
        answer = client.submit(asked.form(action="/secure", field="confirmed"), follow=False)
        left = steps.database(self.server, "SELECT max(ends_s) FROM ticket")[0][0] - time.time()
        self.assertGreater(left, 240)
        self.assertEqual(client.get(answer.header("Location")).url, client.secure_origin + HERE)


class SelfSignedForcedTest(harness.WebTest):
    """ForceSSL with a self-signed certificate: HSTS would lock people out."""

    made: ca.Certificate

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.made = ca.self_signed(cls.server.folder, "alone", ["localhost", HOST])
        sections["SSL"].update(Certificate=cls.made.cert, PrivateKey=cls.made.key, ForceSSL=1)

    def test_never_hsts(self) -> None:
        client = Client(
            self.server.plain_port, self.server.secure_port, self.made.cert, secure=True
        )
        page = client.get("/login")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.header(HSTS), "")
