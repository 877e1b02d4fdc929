"""The settings: in groups, saved with a way back."""

from __future__ import annotations

import re

import mailbox as box
import steps
from client import Client, Page

# Every setting has its place in a group.
GROUPS = {
    "general": {"time_zone", "notify", "refresh"},
    "display": {"theme", "accent", "density", "pane", "list_width", "pane_height", "folders_width", "swipe_right", "swipe_left", "rows_per_page", "conversations", "previews"},
    "reading": {"prefer_plain", "after"},
    "writing": {"write", "signature_last", "undo_send", "server_keeps_sent"},
    "identities": {"name", "signature"},
    "folders": set(),
    "filters": set(),
    "privacy": set(),
    "devices": set(),
    "keyboard": {"keys"},
}
CHANGED = {"name": "Anna Berger", "signature": "Greetings\nAnna", "rows_per_page": "100", "after": "next", "refresh": "5"}
CHANGED_BOXES = {"conversations": True, "prefer_plain": True, "keys": False}


def settings(client: Client) -> Page:
    return client.get("/settings")


def state(page: Page) -> dict[str, str]:
    form = page.form(field="signature")
    return {name: str(value) for name, value in form.values() if name != "csrf"}


class SettingsTest(box.MailTest):
    def test_groups(self) -> None:
        page = settings(self.browser(self.person()))
        sections = re.findall(r'<section class="group settings-group" id="([a-z]+)".*?</section>', page.html, re.S)
        self.assertEqual(sections, list(GROUPS))
        for name, fields in GROUPS.items():
            part = page.html.partition(f'id="{name}"')[2].partition("</section>")[0]
            self.assertEqual(set(re.findall(r'<(?:input|select|textarea) id="([a-z_]+)"', part)) - {"language"}, fields, name)
            self.assertIn(f'<a href="#{name}">', page.html)
            self.assertEqual('value="save' in part, bool(fields), name)
        for words, heading in (
            ("Identities", "Identities"), ("Templates", "Templates"), ("Folders", "Folders"), ("Labels", "Labels"),
            ("Senders whose images are shown",) * 2, ("Devices and sessions",) * 2, ("Contacts", "Contacts"),
        ):  # fmt: skip
            client = self.browser("anna")
            self.assertEqual(box.heading(client.press(settings(client), words)), heading)

    def test_a_group_is_saved_and_taken_back(self) -> None:
        client = self.browser(self.person())
        before = state(settings(client))
        form = settings(client).form(field="signature")
        page = client.submit(form, "save:reading", **CHANGED, **CHANGED_BOXES)
        self.assertIn("saved=reading", page.url)
        part = page.html.partition('id="reading"')[2].partition("</section>")[0]
        self.assertIn("Your settings are saved", part)
        now = state(page)
        for name, value in CHANGED.items():
            self.assertEqual(now[name].replace("\r", ""), value)
        self.assertNotIn("keys", now)
        undo = re.search(r'value="(undo:[^"]+)"', part)
        assert undo
        page = client.submit(page.form(field="signature"), undo.group(1), name="not looked at")
        self.assertIn("undone=reading", page.url)
        part = page.html.partition('id="reading"')[2].partition("</section>")[0]
        self.assertIn("as they were before", part)
        self.assertEqual(state(page), before)
        # For somebody else it is none; nor when it is made up.
        for other, name in ((self.browser("ben"), undo.group(1)), (client, "undo:" + "A" * 22), (client, "undo:")):
            csrf = settings(other).form(field="signature").find("csrf")
            assert csrf
            self.assertEqual(other.post("/settings", {"csrf": csrf.value, "do": name}).status, 404)

    def test_nothing_changed(self) -> None:
        client = self.browser(self.person())
        client.press(settings(client), "Save")
        page = client.press(settings(client), "Save")
        self.assertIn("Your settings are saved", box.note(page))
        self.assertNotIn("undo:", page.html)

    def test_only_what_changed_is_stored(self) -> None:
        """What nobody chose follows the ini file, also after it changes."""
        user = self.person()
        client = self.browser(user)
        client.submit(settings(client).form(field="signature"), "do=save", name="Anna")
        stored = {row[0] for row in steps.database(self.server, "SELECT name FROM pref WHERE account LIKE ?", f"{user}@%")}
        self.assertIn("name", stored)
        self.assertNotIn("undo_send", stored)

    def test_quietly(self) -> None:
        """What the script asks for: a word and a way back, not a page."""
        client = self.browser(self.person())
        fields = [pair for pair in settings(client).form(field="signature").values() if pair[0] not in ("time_zone", "name")]
        page = client.post("/settings", [*fields, ("name", "Q"), ("do", "save"), ("quiet", "1")], multipart=True)
        self.assertNotIn("<html", page.html)
        self.assertRegex(page.html, r'settings are saved.*value="undo:')
        self.assertEqual(state(settings(client))["name"], "Q")
        fields = [("signature", "x" * 11000) if pair[0] == "signature" else pair for pair in fields]
        page = client.post("/settings", [*fields, ("name", "R"), ("do", "save"), ("quiet", "1")], multipart=True)
        self.assertIn("longer than 10 KB", page.html)
        self.assertNotIn("saved", page.html)
        self.assertEqual(state(settings(client))["name"], "Q")


class HelpTest(box.MailTest):
    def test_every_page_leads_to_it(self) -> None:
        """Before and after logging in; its links lead somewhere."""
        stranger, client = self.client(), self.browser(self.person())
        for browser, address in (
            (stranger, "/login"), (stranger, "/loggedoff"), (stranger, "/nothing"), (client, "/list?folder=INBOX"),
            (client, "/compose"), (client, "/settings"), (client, "/devices"), (client, "/nothing"),
        ):  # fmt: skip
            self.assertEqual(box.heading(browser.follow(browser.get(address), "Help")), "Help", address)
        page = client.get("/help")
        for _, url in page.links:
            if url.startswith("#"):
                self.assertIn(f'id="{url[1:]}"', page.html)
            elif url.startswith("/"):
                self.assertEqual(client.get(url).status, 200, url)
        # Nobody is logged in: nothing on it asks for that.
        self.assertNotIn("Devices and sessions", stranger.get("/help").text)
