"""Pages in the language of who reads them: asked for, chosen, set; and no word missing."""

from __future__ import annotations

import re
import sys
import unittest
from pathlib import Path

import mailbox as box
from client import Client, Page

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "po"))

import marks  # noqa: E402

# Headings of the login page, the page after logging off, and one that is not there.
LANGUAGES = {
    "en": ("Log in", "You are logged off", "Not here", "There is no such page."),
    "de": ("Anmelden", "Sie sind abgemeldet", "Nicht gefunden", "Diese Seite gibt es nicht."),
    "fr": ("Se connecter", "Vous êtes déconnecté", "Introuvable", "Cette page n’existe pas."),
    "es": ("Iniciar sesión", "Ha cerrado la sesión", "No está aquí", "No existe esa página."),
    "ja": ("ログイン", "ログアウトしました", "見つかりません", "そのページはありません。"),
    "ar": ("تسجيل الدخول", "سُجّل خروجك", "غير موجود هنا", "لا توجد صفحة كهذه."),
}


def language_of(page: Page) -> str:
    found = re.search(r'<html lang="([^"]*)"(?: dir="(rtl)")?', page.html)
    assert found, page.html[:300]
    assert (found.group(2) == "rtl") == (found.group(1) == "ar"), found.group()
    return found.group(1)


def heading(page: Page) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page.html, re.S)
    assert found, page.html
    return found.group(1)


def choose(client: Client, page: Page, code: str) -> Page:
    form = next(each for each in page.forms if each.action.endswith("/language"))
    button = next(each for each in form.buttons() if each.value == code)
    return client.submit(form, button.label)


class LanguageTest(box.MailTest):
    def missing(self) -> int:
        page = self.stranger().get("/metrics").text
        counts = re.findall(r"iwebmsg_words_missing_total\{[^}]*\} (\d+)", page)
        self.assertGreater(len(counts), 4, page)
        return sum(map(int, counts))

    def stranger(self, accept: str = "") -> Client:
        client = Client(self.server.plain_port, self.server.secure_port, self.backend.ca_file)
        if accept:
            client.headers["Accept-Language"] = accept
        return client

    def test_by_the_browser(self) -> None:
        before = self.missing()
        for code, (login, logged_off, not_here, no_page) in LANGUAGES.items():
            with self.subTest(language=code):
                client = self.stranger(f"tlh, {code}-XX;q=0.9, en;q=0.1")
                page = client.get("/login")
                self.assertEqual((language_of(page), heading(page)), (code, login))
                self.assertEqual(heading(client.get("/loggedoff")), logged_off)
                page = client.get("/nothing")
                self.assertEqual((page.status, heading(page)), (404, not_here))
                self.assertIn(no_page, page.text)
                # A name of the page in that language is no address of another: nothing else changes.
                self.assertIn('name="password"', client.get("/login").html)
        self.assertEqual(self.missing(), before)

    def test_a_wrong_password(self) -> None:
        client = self.stranger("de")
        form = client.get("/login").form(field="password")
        page = client.submit(form, name="nobody", password="wrong")
        self.assertIn("Der Name oder das Passwort ist falsch.", page.text)
        self.assertIn("Groß- und Kleinschreibung", page.text)

    def test_chosen_at_the_login_page(self) -> None:
        client = self.stranger("de")
        page = choose(client, client.get("/login"), "ja")
        self.assertEqual((language_of(page), heading(page)), ("ja", "ログイン"))
        # What is not there is not taken; the browser's counts again.
        form = next(each for each in page.forms if each.action.endswith("/language"))
        csrf = form.find("csrf")
        assert csrf
        page = client.post("/language", {"csrf": csrf.value, "language": "../de", "back": "/login"})
        self.assertEqual(language_of(page), "de")

    def test_the_setting(self) -> None:
        user = self.person()
        me = self.browser(user)
        page = me.press(me.get("/settings"), "Save", language="de")
        self.assertEqual((language_of(page), heading(page)), ("de", "Einstellungen"))
        self.assertIn("Ihre Einstellungen sind gespeichert.", page.text)
        # In another browser, too, whatever that asks for.
        other = self.browser(user)
        other.headers["Accept-Language"] = "fr"
        self.assertEqual(heading(other.get("/settings")), "Einstellungen")
        # And as the browser asks, again.
        page = me.press(me.get("/settings"), "Speichern", language="auto")
        self.assertEqual(heading(page), "Settings")

    def test_pages_are_complete(self) -> None:
        """Nothing that is marked is shown in English."""
        me = self.browser(self.person())
        before = self.missing()
        for code in LANGUAGES:
            me.headers["Accept-Language"] = code
            for address in ("/settings", "/connection", "/senders", "/secure"):
                self.assertEqual(language_of(me.get(address)), code)
        self.assertEqual(self.missing(), before)


class KeyTest(unittest.TestCase):
    def test_the_same_keys_as_the_program(self) -> None:
        """Those of tests/unit/view/test_language.c."""
        table = {
            "Plain words.": "Plain words.",
            'Go to <a href="{{url}}" class="x>y">{{name}}</a>.': "Go to <a>{{name}}</a>.",
            '<b>a</b> <b dir="ltr">{{b}}</b>': "<b>a</b> <b2>{{b}}</b2>",
            "<b>a <i>b</i></b><br>c": "<b>a <i>b</i></b><br>c",
            "A &amp; B&nbsp;&lt;c&gt;": "A & B\u00a0<c>",
        }
        for source, key in table.items():
            self.assertEqual(marks.key_of(source), key)
