"""Pages in the language of who reads them: asked for, chosen, set; and no word missing."""

from __future__ import annotations

import html
import re
import sys
import unittest
from pathlib import Path
from typing import Iterator, NamedTuple
from urllib.parse import parse_qsl, urljoin, urlsplit

import mailbox as box
import message as m
import server as web
import steps
from client import Client, Page

TOP = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "po"))

import marks  # noqa: E402
import spoken  # noqa: E402

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
    found = re.search(r'<html(?: class="light")? lang="([^"]*)"(?: dir="(rtl)")?', page.html)
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
    own: Path

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.own = cls.server.folder / "own"
        cls.own.mkdir(mode=0o755)
        words = "<p>{{#t}}Words of this house only.{{/t}}</p>\n"
        (cls.own / "loggedoff.html").write_text(words, encoding="utf-8")
        sections["Host own.test"] = {"TemplateDir": cls.own}

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

    def test_a_missing_word(self) -> None:
        """It is English, is counted each time, and named in the log once."""
        client = self.client(host="own.test")
        client.headers["Accept-Language"] = "de"
        before = self.missing()
        for _ in range(3):
            self.assertIn("Words of this house only.", client.get("/loggedoff").text)
        self.assertEqual(self.missing(), before + 3)
        told = [(each["language"], each["english"]) for each in steps.events(self.server, "words.missing")]
        self.assertEqual(told, [("de", "Words of this house only.")])

    def test_refused_before_a_page(self) -> None:
        client = self.stranger("de")
        page = client.post("/static/app.css", {"a": "b"})
        self.assertEqual((page.status, page.text), (405, "Diese Adresse nimmt keine Formulare an."))
        page = client.get("/static/nothing.css")
        self.assertEqual((page.status, page.text), (404, "Diese Datei gibt es nicht."))

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


class Said(NamedTuple):
    words: str
    part: str  # the longest of it without a placeholder
    pattern: re.Pattern[str]


def english() -> list[Said]:
    """What the catalogue would say in English, and German does not: of three words and more."""
    found = []
    for entry in marks.entries_of(TOP / "po" / "de.po"):
        said = [text for name, text in entry.texts.items() if name.startswith("msgstr")]
        for words in {entry.texts["msgid"], entry.texts.get("msgid_plural", "")} - {"", *said}:
            pieces = re.split(r"<[^>]*>|\{+\w+\}+|%[-+0-9.*$]*(?:ll|z)?[a-zA-Z]|\s+", words)
            if len([piece for piece in pieces if re.fullmatch(r"\W?[A-Za-z’]{2,}\W?", piece)]) < 3:
                continue
            plain = re.split(r"\{+[\w.]+\}+|%[-+0-9.*$]*(?:ll|z)?[a-zA-Z]", marks.KEY_TAG.sub(" ", words))
            parts = [part for part in (" ".join(piece.split()) for piece in plain) if part]
            found.append(Said(words, max(parts, key=len), re.compile(" ?.{1,80}? ?".join(map(re.escape, parts)))))
    return found


class WalkTest(box.MailTest):
    """Every page that links lead to, in German: no sentence of it is English."""

    KINDS = 140  # of addresses; a page of lists has many of one kind
    PRESSES = 80
    # What ends this, or asks for another language.
    NOT_PRESSED = re.compile(r"/logoff|/language|/secure|/devices|/events|/import|/export|=resend|do=undo")
    # Files of strangers, and pages that do something.
    NOT_THESE = re.compile(r"/(?:static|part|zip|source|export|thumb|file|events|raw|body)\b|/trust/ca|/undo")

    def kind(self, address: str) -> str:
        """Two addresses are of a kind that differ in their values only."""
        parts = urlsplit(address)
        names = sorted({name for name, value in parse_qsl(parts.query) if value})
        shown = dict(parse_qsl(parts.query)).get("folder", "") if parts.path.endswith("/list") else ""
        return f"{parts.path}?{','.join(names)} {shown}"

    def pages(self, me: Client) -> Iterator[Page]:
        seen: set[str] = set()
        ahead = ["/", "/compose", "/settings", "/search?q=Brief", "/search?q=Rauch", "/outbox", "/senders", "/labels"]
        ahead += ["/contact?id=new", "/identities?id=new", "/responses?id=new", "/secure", "/sent"]
        while ahead and len(seen) < self.KINDS:
            address = ahead.pop(0)
            if self.kind(address) in seen:
                continue
            seen.add(self.kind(address))
            page = me.get(address)
            if not page.header("Content-Type").startswith("text/html"):
                continue
            yield page
            for _, to in page.links:
                there = urlsplit(urljoin(page.url, html.unescape(to)))
                if there.netloc == urlsplit(page.url).netloc and not self.NOT_THESE.search(there.path):
                    ahead.append(there.path + (f"?{there.query}" if there.query else ""))

    def reader(self) -> Client:
        """Somebody with three letters, whose browser asks for German."""
        user = self.person()
        for number in range(3):
            part = m.text(f"Guten Tag, das ist Brief {number}.\n")
            box.put(self.backend, user, "INBOX", box.letter(f"Brief {number}", part, sender="Bernd <bernd@beispiel.de>"))
        me = self.browser(user)
        me.headers["Accept-Language"] = "de"
        return me

    def test_no_english_sentence(self) -> None:
        me = self.reader()
        known = english()
        self.assertGreater(len(known), 900)
        found: dict[str, str] = {}
        paths: set[str] = set()
        for page in self.pages(me):
            self.assertEqual(language_of(page), "de", page.url)
            policy = page.header("Content-Security-Policy")
            # What holds a stranger's text may have its styles, and nothing that runs.
            if "sandbox" in policy and "allow-scripts" not in policy and "script-src" not in policy:
                policy = policy.replace("style-src 'unsafe-inline'", "")
            self.assertIn("default-src 'none'", policy, page.url)
            self.assertNotIn("unsafe-", policy, page.url)
            paths.add(urlsplit(page.url).path)
            found |= dict.fromkeys(self.english_on(page, known), page.path)
        self.assertEqual(found, {})
        # It has been round, and would have seen something.
        self.assertGreater(len(paths), 25, sorted(paths))
        me.headers["Accept-Language"] = "en"
        self.assertGreater(len(self.english_on(me.get("/settings"), known)), 50)

    def test_a_link_that_misleads(self) -> None:
        """What is added to a letter is in the reader's language, after the language was changed, too."""
        user = self.person()
        html_part = m.html('<a href="https://evil.example/">https://bank.example/</a>')
        box.put(self.backend, user, "INBOX", box.letter("Konto", html_part))
        me = self.browser(user)
        for language, words in (("de", "(in Wahrheit: evil.example)"), ("en", "(really: evil.example)"), ("de", "(in Wahrheit: evil.example)")):
            me.headers["Accept-Language"] = language
            page = me.get(me.get("/list?folder=INBOX").link("Konto"))
            frame = re.search(r'<iframe[^>]* src="([^"]+)"', page.html)
            assert frame
            self.assertIn(words, me.get(html.unescape(frame[1])).text)

    def test_a_page_that_is_none(self) -> None:
        """Who is logged in stays so, in the language of the settings; a form's address says what it is for."""
        user = self.person()
        me = self.browser(user)
        form = me.get("/settings").form(field="language")
        me.submit(form, "save", language="de")
        page = me.get("/nowhere")
        self.assertEqual((page.status, language_of(page)), (404, "de"))
        self.assertIn("Ihre Mail ist unverändert", page.text)
        self.assertIn("Abmelden", page.text)
        page = me.get("/act")
        self.assertEqual(page.status, 405)
        self.assertIn("Es wurde nichts getan", page.text)
        self.assertIn("405", page.text)
        stranger = self.client()
        self.assertIn("The first page leads on", stranger.get("/nowhere").text)

    def presses(self, me: Client) -> Iterator[tuple[str, Page]]:
        """What every button of those pages answers, pressed as it stands and with odd words typed."""
        seen: set[str] = set()
        for page in self.pages(me):
            for form in page.forms:
                path = urlsplit(urljoin(page.url, form.action)).path
                for button in form.buttons():
                    what = f"{path} {button.name}={button.value if button.name == 'do' else ''}"
                    if form.method == "GET" or what in seen or self.NOT_PRESSED.search(what):
                        continue
                    seen.add(what)
                    blank = {each.name for each in form.fields if each.kind in ("text", "search", "email") and not each.value}
                    boxes = {each.name: True for each in form.fields if each.kind == "checkbox" and each.name in ("uid", "pick")}
                    for typed in ("", "x„y@") if blank else ("",):
                        changes = boxes | dict.fromkeys(blank if typed else set(), typed)
                        yield what, me.submit(form, button.value or button.label, **changes)  # type: ignore[arg-type]

    def test_no_english_answer(self) -> None:
        me = self.reader()
        known = english()
        found: dict[str, str] = {}
        count = 0
        for what, page in self.presses(me):
            count += 1
            if page.header("Content-Type").startswith("text/html"):
                self.assertEqual(language_of(page), "de", what)
                found |= dict.fromkeys(self.english_on(page, known), f"{what} {page.path}")
            if count >= self.PRESSES:
                break
        self.assertEqual(found, {})
        self.assertGreater(count, 40)

    def english_on(self, page: Page, known: list[Said]) -> list[str]:
        """In its text, and in what is said of its elements."""
        shown = " ".join([page.text, *html.unescape(" ".join(re.findall(r"=\"([^\"]*)\"", page.html))).split()])
        return [each.words for each in known if each.part in shown and each.pattern.search(shown)]


class KeyTest(unittest.TestCase):
    def test_french_spaces(self) -> None:
        said = "Oui ! « a » : b ; où ? <code>in: x ?</code> {{a}} : https://x.y/?a=b 14:05 %s : «c»"
        want = "Oui\u202f! «\u00a0a\u00a0»\u00a0: b\u202f; où\u202f? <code>in: x ?</code> {{a}}\u00a0: https://x.y/?a=b 14:05 %s\u00a0: «\u00a0c\u00a0»"
        self.assertEqual(marks.spaced(said, "fr"), want)
        self.assertEqual(marks.spaced(want, "fr"), want)
        self.assertEqual(marks.spaced(said, "de"), said)

    def test_what_is_words(self) -> None:
        """In C and in scripts."""
        code = """
            static const char purpose[] = "remote images";
            view_word(view, "name", "Nothing was moved.");
            view_word(view, "name", tr("Nothing was moved."));
            err_set(err, ERR_INPUT, "This is too long.", "more than is said");
            log_event(LOG_INFO, "a b c", LOG_C("why", "it was so"));
            buf_add_c(&out, ", until "
                            "tomorrow morning");
        """
        words = [each.text for each in spoken.c_literals(code) if spoken.c_is_words(each)]
        self.assertEqual(words, ["Nothing was moved.", ", until tomorrow morning"])
        for text, before, is_words in (
            ("Nothing was moved.", "says.textContent = ", True),
            ("Close", "close.textContent = ", True),
            ("note note-bad", "note.className = ", False),
            ("#main > .empty, #main > nav.pager", "var parts = ", False),
            ("ArrowDown", "if (event.key === ", False),
            ("Please press Save.", "return ", True),
        ):
            self.assertEqual(spoken.js_is_words(text, before), is_words, text)

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
