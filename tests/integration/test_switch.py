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
        self.assertIn("was not switched", page.text)
        self.assertEqual(steps.session_cookie(thief), "")
        self.assertTrue(is_login_page(thief.get(HERE)))

    def once_more(self, client: Client, page: Page) -> None:
        """A ticket was of no use: the page that is shown asks for one click."""
        self.assertEqual(page.status, 200)
        self.assertIn("was not switched", page.text)
        page = self.confirm(client, page)
        self.assertEqual(page.url, client.secure_origin + HERE)
        self.assertFalse(is_login_page(page))

    def test_another_browser_cannot_use_it(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        thief = self.client()
        page = thief.get(where)
        self.assertIn("was not switched", page.text)
        self.assertNotIn("still logged in", page.text)
        self.assertEqual(steps.session_cookie(thief), "")
        # The page the thief is shown leads nowhere but to the login page.
        self.assertTrue(is_login_page(self.confirm(thief, page)))
        self.once_more(client, client.get(where))

    def test_an_expired_ticket_costs_a_click(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        steps.database(self.server, "UPDATE ticket SET ends_s = ends_s - 400")
        page = client.get(where)
        self.assertIn("still logged in", page.text)
        self.once_more(client, page)

    def test_an_expired_ticket_out_of_secure_mode(self) -> None:
        client = self.entered()
        asked = self.press(client, client.get(HERE))
        where = self.confirm(client, asked, follow=False).header("Location")
        steps.database(self.server, "UPDATE ticket SET ends_s = ends_s - 400")
        page = client.get(where)
        self.assertIn("was not switched", page.text)
        page = self.confirm(client, page)
        self.assertEqual(page.url, client.plain_origin + HERE)

    def test_two_tickets_at_once(self) -> None:
        """Two windows switch: the second goes on at its page, too."""
        client = self.logged_in()
        first = self.ticket(client)
        form = client.get(client.plain_origin + "/list?folder=Archive").form(action="/secure", field="back")
        second = client.submit(form, follow=False).header("Location")
        self.assertEqual(client.get(second).url, client.secure_origin + "/list?folder=Archive")
        self.assertEqual(client.get(first).url, client.secure_origin + HERE)

    def test_a_ticket_after_logging_off(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        client.press(client.get(client.plain_origin + HERE), "Log off")
        page = client.get(where)
        self.assertIn("was not switched", page.text)
        self.assertTrue(is_login_page(self.confirm(client, page)))
        self.assertEqual(steps.session_cookie(client), "")

    def test_a_made_up_ticket(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        fresh = self.client(secure=True)
        good = where.partition("t=")[2].partition("&")[0]
        for value in ("", "x", "A" * 64, good[:-3] + "AAA", good[:22] + "A" * 43):
            page = fresh.get("/secure/ticket?t=" + quote(value))
            self.assertIn("was not switched", page.text, value)
        self.assertEqual(steps.session_cookie(fresh), "")
        self.assertEqual(fresh.get("/secure/ticket").status, 200)

    def test_a_browser_that_insists_on_https(self) -> None:
        """The way out of secure mode ends at the secure door: no loop, no login."""
        client = self.entered()
        asked = self.press(client, client.get(HERE))
        where = self.confirm(client, asked, follow=False).header("Location")
        page = client.get(where.replace(client.plain_origin, client.secure_origin))
        self.assertEqual(page.status, 200)
        self.assertIn("browser insists on https", page.text)
        self.assertIn("still logged in", page.text)
        self.assertNotIn("iwm_bind", client.cookies)
        page = client.follow(page, "Go on in secure mode")
        self.assertEqual(page.url, client.secure_origin + HERE)
        self.assertFalse(is_login_page(page))
        self.assertIn("Leave secure mode", page.text)
        # The ticket is of no use any more.
        self.assertIn("was not switched", client.get(where).text)

    def test_a_proxy_that_does_not_say_it_does_tls(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        page = client.get(where.replace(client.secure_origin, client.plain_origin))
        self.assertIn("TrustedProxies", page.text)
        self.assertIn("still logged in", page.text)
        self.assertEqual(client.follow(page, "Go on").url, client.plain_origin + HERE)
        steps.wait_event(self.server, "switch.no_tls")

    def test_tickets_survive_a_restart(self) -> None:
        client = self.logged_in()
        where = self.ticket(client)
        self.server.kill()
        self.server.start()
        self.assertEqual(client.get(where).url, client.secure_origin + HERE)

    def test_the_login_page_without_session(self) -> None:
        client = self.client()
        address = "/login?next=" + quote("/list?folder=INBOX&sort=from")
        page = client.get(address)
        page = client.press(page, "Enter secure mode", name="an Ä&=na", password="secret-typed", remember=True)
        self.assertEqual(page.url, client.secure_origin + address)
        self.assertIn("Leave secure mode", page.text)
        self.typed(page)
        # Read as often as the page is, and back again.
        self.typed(client.get(address))
        page = client.press(page, "Leave secure mode", password="again")
        self.assertIn("Leave secure mode?", page.text)
        page = self.confirm(client, page)
        self.assertEqual(page.url, client.plain_origin + address)
        self.typed(page)
        page = client.login("anna", harness.PASSWORD, page)
        self.assertEqual(page.url, client.plain_origin + "/list?folder=INBOX&sort=from")
        self.assertNotIn("iwm_typed", client.cookies)
        self.assertEqual(steps.database(self.server, "SELECT count(*) FROM ticket WHERE door LIKE 'typed%' AND ends_s = 0")[0][0], 0)

    def typed(self, page: Page) -> None:
        """What was typed stands in the login form, but for the password."""
        form = page.form(field="password")
        self.assertEqual(dict(form.values())["name"], "an Ä&=na")
        self.assertEqual(dict(form.values())["password"], "")
        self.assertTrue(form.find("remember") and form.kind("checkbox").checked)
        self.assertNotIn("secret-typed", page.html)

    def test_a_letter_on_the_login_page_goes_along(self) -> None:
        """The session ended while somebody wrote; then the mode is switched."""
        client = self.logged_in("chloe")
        text = "Hours of work: ä & = +%41\n" + "x" * 250_000
        form = client.get("/compose").form(field="subject")
        steps.database(self.server, "UPDATE session SET used_s = 0, created_s = 0 WHERE login LIKE 'chloe%'")
        page = client.submit(form, "do=save", to="ben@demo.test", subject="Ended", body=text)
        self.assertTrue(is_login_page(page))
        page = client.press(page, "Enter secure mode", name="chloe")
        self.assertTrue(page.url.startswith(client.secure_origin + "/login"), page.url)
        self.assertEqual(dict(page.form(field="password").values())["name"], "chloe")
        page = client.login("chloe", harness.PASSWORD, page)
        values = dict(page.form(field="subject").values())
        self.assertEqual((values["to"], values["subject"]), ("ben@demo.test", "Ended"))
        self.assertEqual(str(values["body"]).replace("\r\n", "\n").strip(), text)

    def test_typed_text_is_for_its_own_browser(self) -> None:
        client = self.client()
        page = client.press(client.get("/login"), "Enter secure mode", name="not-for-others")
        self.assertIn("not-for-others", page.html)
        other = self.client(secure=True)
        self.assertNotIn("not-for-others", other.get("/login").html)
        good = client.cookies["iwm_typed"].value
        other.cookies["iwm_typed"] = client.cookies["iwm_typed"]
        other.cookies["iwm_typed"].value = good[:30] + ("A" if good[30] != "A" else "B") + good[31:]
        self.assertNotIn("not-for-others", other.get("/login").html)

    def test_a_window_from_before_goes_on_working(self) -> None:
        """Into secure mode and out again: a form that stayed open is good."""
        client = self.logged_in("chloe")
        form = client.get("/settings").form(field="signature")
        page = self.press(client, client.get(HERE))
        self.confirm(client, self.press(client, page))
        page = client.submit(form, "do=save", signature="From the old window")
        self.assertEqual(page.status, 200)
        self.assertIn("From the old window", page.html)

    def test_a_window_left_behind_keeps_a_long_letter(self) -> None:
        client = self.logged_in("chloe")
        form = client.get("/compose").form(field="subject")
        action = client.plain_origin + "/compose"
        self.press(client, client.get(HERE))
        text = "word " * 90_000
        fields = [(n, text if n == "body" else v) for n, v in form.values()]
        page = client.post(action, [*fields, ("do", "send")], multipart=True)
        self.assertEqual(page.status, 403)
        self.assertIn("went on in the other mode", page.text)
        self.assertIn(text.strip(), page.html)
        # From there in either mode.
        there = client.get(page.link("Go on there"))
        self.assertTrue(there.url.startswith(client.secure_origin + "/compose"), there.url)
        values = dict(there.form(field="subject").values())
        self.assertEqual(str(values["body"]).strip(), text.strip())
        self.assertIn("neither sent nor saved", there.text)
        there = client.submit(there.form(field="subject"), "do=save", subject="Brought along")
        self.assertIn("The draft is saved", there.text)
        page = client.get(client.plain_origin + "/settings")
        page = client.login("chloe", harness.PASSWORD, client.follow(page, "Log in here"))
        self.assertEqual(page.url, client.plain_origin + "/settings")

    def test_a_letter_too_long_to_come_along_can_be_copied(self) -> None:
        client = self.logged_in("chloe")
        form = client.get("/compose").form(field="subject")
        action = client.plain_origin + "/compose"
        self.press(client, client.get(HERE))
        text = "ä" * 600_000
        fields = [(n, text if n == "body" else v) for n, v in form.values()]
        page = client.post(action, [*fields, ("do", "send")], multipart=True)
        self.assertIn("went on in the other mode", page.text)
        self.assertIn("You can copy it from here.", page.text)
        self.assertIn(text, page.html)

    def test_after_a_failed_login_the_wanted_page_is_not_forgotten(self) -> None:
        client = self.client()
        page = client.login("anna", "wrong", client.get("/login?next=" + quote(HERE)))
        self.assertEqual(page.status, 403)
        page = client.press(page, "Enter secure mode", name="anna")
        self.assertEqual(page.url.split("?")[0], client.secure_origin + "/login")
        page = client.login("anna", harness.PASSWORD, page)
        self.assertEqual(page.url, client.secure_origin + HERE)

    def test_expire_page_views_goes_along(self) -> None:
        client = self.client()
        client.login("anna", harness.PASSWORD, expire=True)
        page = self.press(client, client.get(HERE))
        self.assertEqual(page.url, client.secure_origin + HERE)
        for address in (HERE, "/settings"):
            page = client.get(client.secure_origin + address)
            self.assertIn("max-age=0", page.header("Cache-Control"))

    def test_remember_me_goes_along_and_is_revoked(self) -> None:
        client = self.client(secure=True)
        client.login("anna", harness.PASSWORD, remember=True)
        token = client.cookies["__Host-iwmr"]
        self.confirm(client, self.press(client, client.get(HERE)))
        self.assertEqual(client.get(HERE).url, client.plain_origin + HERE)
        client.press(client.get(HERE), "Log off")
        client.cookies["__Host-iwmr"] = token
        self.assertTrue(is_login_page(client.get(client.secure_origin + HERE)))

    def test_every_page_has_the_switch(self) -> None:
        """And comes back to itself, error pages included."""
        client = self.logged_in()
        compose = client.submit(
            client.get("/compose").form(field="subject"), "do=send", to="ben@demo.test", subject="Sent and switched"
        )  # fmt: skip
        self.assertTrue(compose.path.startswith("/sent"), compose.path)
        steps.wait_copied(self.server, compose)
        sent = client.get("/list?folder=Sent")
        message = next(a for _, a in sent.links if a.startswith("/message"))
        pages = [compose.path, message, HERE, "/list?folder=INBOX&q=letter", "/nothing/here?a=b", "/connection",
                 "/message?folder=INBOX&uid=999999&v=1", "/message?uid=x", "/list?folder=Nowhere"]  # fmt: skip
        for address in pages:
            page = self.press(client, client.get(client.plain_origin + address))
            self.assertEqual(page.url, client.secure_origin + address)
            self.assertFalse(is_login_page(page), address)
            page = self.confirm(client, self.press(client, page))
            self.assertEqual(page.url, client.plain_origin + address)
        client.press(client.get(HERE), "Log off")
        page = self.press(client, client.get("/loggedoff"))
        self.assertEqual(page.url, client.secure_origin + "/loggedoff")

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
        # A form of old, without our token, changes nothing either.
        before = steps.database(self.server, counts)
        self.assertEqual(client.post("/SSL2.CGI", {"confirmed": "1"}).status, 403)
        self.assertEqual(steps.database(self.server, counts), before)
        page = client.get("/SSL2.cgi")
        self.assertIn("Leave secure mode?", page.text)
        fields = page.form(action="/secure", field="confirmed").values()
        page = client.post("/SSL2.CGI", fields)
        self.assertEqual(page.url.split("?")[0], client.plain_origin + "/list")

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
        self.assertIn("form-action 'self' https://mail.public.test http://mail.public.test:8080 https://mail.public.test:8080;", policy)
        where = self.press(client, page, follow=False).header("Location")
        self.assertTrue(where.startswith("https://mail.public.test/secure/ticket?t="), where)

    def test_ports_redirected_from_80_and_443(self) -> None:
        """The Host header has no port then; neither have our addresses."""
        client = self.logged_in()
        page = client.get(HERE, Host=HOST)
        policy = page.header("Content-Security-Policy")
        self.assertIn(f"form-action 'self' https://{HOST} http://{HOST};", policy)
        fields = page.form(action="/secure", field="back").values()
        answer = client.post("/secure", fields, follow=False, headers={"Host": HOST})
        where = answer.header("Location")
        self.assertTrue(where.startswith(f"https://{HOST}/secure/ticket?t="), where)
        path = where.removeprefix(f"https://{HOST}")
        answer = client.get(client.secure_origin + path, follow=False, Host=HOST)
        self.assertEqual((answer.status, answer.header("Location")), (303, HERE))
        asked = client.get(client.secure_origin + "/secure?back=/settings", Host=HOST)
        fields = asked.form(action="/secure", field="confirmed").values()
        answer = client.post("/secure", fields, follow=False, headers={"Host": HOST})
        self.assertTrue(answer.header("Location").startswith(f"http://{HOST}/secure/ticket?t="))

    def test_plain_http_at_the_secure_port(self) -> None:
        port = self.server.secure_port
        for method, status in (("GET", 308), ("HEAD", 308), ("POST", 400)):
            head = (
                f"{method} /list?folder=a%20b HTTP/1.1\r\nHost: {HOST}:{port}\r\n"
                "Content-Length: 0\r\nConnection: close\r\n\r\n"
            )
            got = self.client().raw(head.encode(), port=port)
            self.assertEqual(status_of(got), status, method)
            where = f"\r\nLocation: https://{HOST}:{port}/list?folder=a%20b\r\n".encode()
            self.assertEqual(where in got, status == 308, got)
            self.assertIn(b"no-store", got)

    def test_tls_at_the_plain_port(self) -> None:
        """Secure mode there, with its cookie; and out of it to the same port."""
        port = self.server.plain_port
        client = Client(port, port, self.backend.ca_file, secure=True)
        page = client.login("anna", harness.PASSWORD)
        self.assertEqual(page.url.split("?")[0], client.secure_origin + "/list")
        self.assertIn("__Host-iwm", client.cookies)
        self.assertNotIn("iwm", client.cookies)
        page = self.confirm(client, self.press(client, client.get(HERE)))
        self.assertEqual(page.url, client.plain_origin + HERE)

    def test_the_login_page_in_clear(self) -> None:
        """From far away: it says so, and its first button is the switch."""
        keys = self.server.sections["Server"]
        self.addCleanup(steps.reload, self.server)
        self.addCleanup(keys.pop, "TrustedProxies")
        keys["TrustedProxies"] = "127.0.0.1"
        self.assertTrue(steps.reload(self.server))
        client = self.client()
        client.headers["X-Forwarded-For"] = "198.51.100.7"
        page = client.get("/login")
        self.assertIn("will travel through the network in clear", page.text)
        form = page.form(field="password")
        self.assertLess(page.html.index(" Enter secure mode</button>"), page.html.index(">Log in</button>"))
        # Straight to the secure door: a password typed already stays secret.
        where = form.button("Enter secure mode").attributes["formaction"]
        self.assertEqual(where, client.secure_origin + "/secure")
        # Browsers would hide their origin there.
        self.assertEqual(page.header("Referrer-Policy"), "strict-origin-when-cross-origin")
        client.headers["Origin"] = client.plain_origin
        answer = client.submit(form, "Enter secure mode", name="anna", password="typed", follow=False)
        self.assertEqual((answer.status, answer.header("Location")), (303, "/login"))
        del client.headers["Origin"]
        del client.headers["X-Forwarded-For"]
        page = client.get("/login")
        self.assertTrue(page.url.startswith("https://"), page.url)
        self.assertEqual(dict(page.form(field="password").values())["name"], "anna")
        self.assertNotIn("typed", page.html)
        # It was for the secure door only.
        page = client.get(client.plain_origin + "/login")
        self.assertEqual(dict(page.form(field="password").values())["name"], "")
        # Not from another site.
        client.headers["Origin"] = "http://evil.test"
        page = client.post(client.secure_origin + "/secure", {"do": "enter", "name": "x", "next": "/"})
        self.assertEqual(page.status, 403)


class PlainTest(harness.WebTest):
    """EnableSSL=0."""

    tls = False

    def test_no_switch(self) -> None:
        client = self.logged_in()
        for address in (HERE, "/settings", "/compose"):
            self.assertNotIn("secure mode", client.get(address).text)
        page = client.get(HERE)
        self.assertTrue(page.header("Content-Security-Policy").count("form-action 'self';"))
        csrf = dict(page.form(field="csrf").values())["csrf"]
        for address in ("/secure", "/SSL2.CGI", "/ssl2.cgi", "/secure/ticket?t=" + "A" * 65):
            page = client.get(address)
            self.assertEqual(page.status, 404, address)
        for address in ("/secure", "/SSL2.CGI"):
            page = client.post(address, {"csrf": str(csrf), "back": "/", "confirmed": "1"})
            self.assertEqual(page.status, 404, address)
        self.assertNotIn("secure mode", self.client().get("/login").text)


class BasePathTest(harness.WebTest):
    """BasePath=/post: every address of a switch has it, once."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"]["BasePath"] = "/post"

    def test_there_and_back(self) -> None:
        client = self.client()
        page = client.get("/post/login")
        page = client.press(page, "Enter secure mode", name="anna")
        self.assertEqual(page.url, client.secure_origin + "/post/login")
        page = client.login("anna", harness.PASSWORD, page)
        page = client.get("/post/list?folder=Archive")
        asked = client.submit(page.form(action="/secure", field="back"))
        self.assertIn("Leave secure mode?", asked.text)
        page = client.submit(asked.form(action="/secure", field="confirmed"))
        self.assertEqual(page.url, client.plain_origin + "/post/list?folder=Archive")
        answer = client.submit(page.form(action="/secure", field="back"), follow=False)
        where = answer.header("Location")
        self.assertTrue(where.startswith(client.secure_origin + "/post/secure/ticket?t="), where)
        steps.database(self.server, "UPDATE ticket SET ends_s = 1")
        page = client.get(where)
        self.assertEqual(page.url, client.plain_origin + "/post/secure?late=1&back=%2Flist%3Ffolder%3DArchive")
        page = client.submit(page.form(action="/secure", field="confirmed"))
        self.assertEqual(page.url, client.secure_origin + "/post/list?folder=Archive")
        # A window that was left behind.
        page = client.get(client.plain_origin + "/post/settings?a=b")
        self.assertEqual(page.link("Go on there"), client.secure_origin + "/post/settings?a=b")


class CertificateTest(harness.WebTest):
    """A certificate is somebody's name: without encryption there is none."""

    authority: ca.Authority

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.authority = ca.Authority(harness.new_folder("people"))
        cls.authority.issue("anna", ["anna", "anna@demo.test"], client=True)
        sections["SSL"].update(
            VerifyClient="optional", ClientCertUser="email", TrustStore=cls.authority.cert
        )

    def test_no_way_out_with_it(self) -> None:
        client = self.client(secure=True)
        folder = self.authority.folder
        client.trust.load_cert_chain(folder / "anna.pem", folder / "anna.key")
        page = client.get("/login")
        page = client.submit(page.form(field="password"), password=harness.PASSWORD)
        self.assertEqual(page.status, 200)
        self.assertNotIn("Leave secure mode", page.text)
        page = client.get("/secure")
        self.assertEqual(page.status, 404)
        self.assertIn("Your certificate is your name here", page.text)
        # Others have it.
        other = self.logged_in("ben", secure=True)
        self.assertIn("Leave secure mode", other.get(HERE).text)


class SecureOnlyTest(harness.WebTest):
    """PlainPort=0: there is no other mode."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections["Server"]["PlainPort"] = 0

    def test_no_way_out_is_offered(self) -> None:
        client = self.logged_in(secure=True)
        page = client.get(HERE)
        self.assertNotIn("Leave secure mode", page.text)
        self.assertIn("is encrypted", page.text)
        self.assertEqual(client.get("/secure").status, 404)
        self.assertEqual(client.get("/compose").status, 200)


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
