"""All settings as one file: out, in, back; files of strangers."""

from __future__ import annotations

import copy
import json
import re

import harness
import mailbox as box
import steps
from client import Client, Page

Tree = dict[str, object]

SETTINGS: Tree = {
    "language": "en",
    "time_zone": "Asia/Tokyo",
    "notify": "short",
    "refresh": 5,
    "look": "dark compact",
    "rows": 100,
    "conversations": True,
    "folders_otherwise": ["INBOX", "Zoë"],
    "previews": True,
    "search_in": "below",
    "prefer_plain": True,
    "after": "next",
    "write_html": "plain",
    "signature_place": "last",
    "undo_send": 30,
    "server_keeps_sent": True,
    "name": "Zoë <b>Anna</b>",
    "signature": "Greetings\nAnna & \"co\"",
    "signature_html": "<b>Anna</b>",
    "identity_reply_to": "desk@example.org",
    "identity_bcc": "archive@example.org",
    "identity_organization": "Works",
    "folder_uses": {"sent": "Gesendet", "trash": "Müll"},
    "archive_by": "year",
    "collect_recipients": False,
    "keys": False,
}
IDENTITY = {
    "address": "work@demo.test", "name": "Anna at Work", "reply_to": "", "bcc": "boss@example.org",
    "organization": "Werke", "signature": "A.\nWorks", "signature_html": "<i>A.</i>",
}  # fmt: skip
FULL: Tree = {
    "format": "iwebmsg settings",
    "version": 1,
    "settings": SETTINGS,
    "identities": [{**IDENTITY, "default": True}, {**IDENTITY, "address": "other@demo.test", "bcc": ""}],
    "templates": [{"name": "Thanks", "subject": "Thank you", "body": "Dear …,\n\nthank you.\n"}],
    "searches": [{"name": "Bills", "words": "subject:bill larger:1M", "scope": "all", "folder": ""}],
    "labels": [
        {"keyword": "$label1", "name": "Wichtig", "colour": "red"},
        {"keyword": "reise_2026", "name": "Reise 2026", "colour": "teal"},
    ],
    "senders": [{"address": "a@shop.example"}, {"address": "b@shop.example"}],
}
# What pages note for themselves.
NOT_IN_THE_FILE = {"folders_open", "folders_moved", "folders_many", "compose_logged_off", "first_steps"}
STORED_ELSEWHERE = {"labels", "identity"}


def changed(**parts: object) -> Tree:
    tree = copy.deepcopy(FULL)
    tree.update(copy.deepcopy(parts))
    return tree


class SettingsFileTest(box.MailTest):
    def look(self, client: Client, file: Tree | bytes) -> Page:
        data = file if isinstance(file, bytes) else json.dumps(file, ensure_ascii=False).encode()
        page = client.get("/settings/file")
        return client.submit(page.form(field="file"), "do=look", file=("settings.json", "application/json", data))

    def bring(self, client: Client, file: Tree, **boxes: bool) -> Page:
        page = self.look(client, file)
        self.assertEqual(page.status, 200, page.text[:600])
        page = client.submit(page.form(field="id"), "do=import", **boxes)
        self.assertEqual(page.status, 200, page.text[:600])
        self.assertIn("The settings of the file are in force.", box.note(page))
        return page

    def undo(self, client: Client, page: Page) -> None:
        name = re.search(r'value="(undo:[^"]+)"', page.html)
        assert name, "no Undo"
        page = client.submit(page.form(field="signature"), name.group(1))
        self.assertIn("as they were before", box.note(page))

    def file(self, client: Client) -> bytes:
        page = client.get("/settings/export")
        self.assertEqual(page.status, 200)
        self.assertEqual(page.header("Content-Disposition"), 'attachment; filename="settings.json"')
        return page.body

    def tree(self, client: Client) -> Tree:
        return json.loads(self.file(client))

    def rows(self, page: Page) -> dict[str, list[int]]:
        """What would change: new, changed, the same, only here."""
        found = re.findall(r'<tr><th scope="row">([^<]+)</th>((?:<td>\d+</td>)+)</tr>', page.html)
        return {name: [int(n) for n in re.findall(r"\d+", cells)] for name, cells in found}


class RoundTest(SettingsFileTest):
    def test_out_changed_in_back(self) -> None:
        user = self.person()
        client = self.browser(user)
        self.assertEqual(set(self.tree(client)["settings"].values()), {None})  # type: ignore[attr-defined]
        page = client.press(client.get("/settings"), "Export and import")
        self.assertEqual(box.heading(page), "Export and import")
        new = self.file(client)
        page = self.look(client, FULL)
        self.assertEqual(
            self.rows(page),
            {
                "Settings": [0, 26, 0, 0], "Identities": [2, 0, 0, 0], "Templates": [1, 0, 0, 0],
                "Saved searches": [1, 0, 0, 0], "Labels": [1, 1, 0, 4], "Senders whose images are shown": [2, 0, 0, 0],
            },
        )  # fmt: skip
        # Who would read along is said; nothing is changed by looking.
        self.assertIn("A blind copy of each message to: archive@example.org", page.text)
        self.assertIn("work@demo.test; A blind copy of each message to: boss@example.org", page.text)
        self.assertEqual(self.file(client), new)
        self.bring(client, FULL, removes=True)
        full = self.file(client)
        self.assertEqual(json.loads(full), FULL)
        # They are in force, each where it belongs.
        self.assertIn('class="', client.get("/settings").html)
        self.assertRegex(client.get("/settings").html, r'<html[^>]*class="[^"]*\bdark compact\b')
        for address, words in (
            ("/identities", "Anna at Work"), ("/responses", "Thanks"), ("/labels", "reise_2026"),
            ("/senders", "a@shop.example"), ("/list?folder=INBOX", "Bills"),
        ):  # fmt: skip
            self.assertIn(words, client.get(address).html, address)
        self.assertIn("not confirmed by the mail server", client.get("/identities").text)
        # Everything else, then the file again: the same, byte for byte.
        other = changed(
            settings={name: None for name in SETTINGS}, identities=[{**IDENTITY, "name": "Else"}], templates=[],
            searches=[{"name": "X", "words": "x", "scope": "here", "folder": "INBOX"}],
            labels=[], senders=[{"address": "c@shop.example"}],
        )  # fmt: skip
        self.bring(client, other, removes=True)
        self.assertEqual(self.tree(client), other)
        last = self.bring(client, json.loads(full), removes=True)
        self.assertEqual(self.tree(client)["settings"], SETTINGS)
        page = self.look(client, json.loads(full))
        self.assertTrue(all(new == change == extra == 0 for new, change, _, extra in self.rows(page).values()))
        self.assertIn("nothing to import", page.text)
        # And back, step by step.
        self.undo(client, last)
        self.assertEqual(self.tree(client), other)

    def test_beside_what_is_there(self) -> None:
        """Without the tick nothing goes; the same is known again."""
        client = self.browser(self.person())
        self.bring(client, FULL, removes=True)
        before = self.file(client)
        part: Tree = {
            "format": "iwebmsg settings", "version": 1, "settings": {"rows": 25},
            "identities": [{**IDENTITY, "address": "WORK@demo.test", "name": "New name"}, {"address": "third@demo.test"}],
            "labels": [{"keyword": "other_word", "name": "REISE 2026", "colour": "grey"}],
            "senders": [{"address": "c@shop.example"}],
        }  # fmt: skip
        page = self.bring(client, part)
        now = self.tree(client)
        self.assertEqual(now["settings"], {**SETTINGS, "rows": 25})
        self.assertEqual(sorted(each["name"] for each in now["identities"]), ["", "Anna at Work", "New name"])  # type: ignore[index]
        self.assertEqual([each["keyword"] for each in now["labels"]], ["other_word", "$label1"])  # type: ignore[index]
        self.assertEqual(len(now["senders"]), 3)  # type: ignore[arg-type]
        self.assertEqual(now["templates"], FULL["templates"])
        self.undo(client, page)
        self.assertEqual(self.file(client), before)

    def test_somebody_else(self) -> None:
        """The file goes from one to another; nothing that is kept does."""
        one, other = self.browser(self.person()), self.browser(self.person())
        page = self.look(one, FULL)
        kept = page.form(field="id").find("id")
        assert kept
        csrf = other.get("/settings/file").form(field="file").find("csrf")
        assert csrf
        answer = other.post("/settings/file", {"csrf": csrf.value, "do": "import", "id": kept.value})
        self.assertEqual(answer.status, 422)
        self.assertIn("no longer kept", answer.text)
        self.assertEqual(other.get(f"/settings/file?id={kept.value}").status, 422)
        before = self.file(other)
        self.bring(one, FULL, removes=True)
        full = self.file(one)
        self.assertEqual(self.file(other), before)
        self.bring(other, json.loads(full), removes=True)
        self.assertEqual(self.file(other), full)
        self.bring(other, changed(identities=[], templates=[]), removes=True)
        self.assertEqual(self.file(one), full)

    def test_nothing_that_is_secret(self) -> None:
        user = self.person()
        client = self.browser(user)
        box.put(self.backend, user, "INBOX", box.letter("A secret subject"))
        self.bring(client, FULL)
        client.get("/folders")
        client.submit(client.get("/settings").form(field="signature"), "do=save")
        data = self.file(client).decode()
        for words in (harness.PASSWORD, "A secret subject", user):
            self.assertNotIn(words, data)
        # Every setting that there is stands in the file, or was left out of it on purpose.
        names = {row[0] for row in steps.database(self.server, "SELECT DISTINCT name FROM pref")}
        self.assertEqual(names - set(SETTINGS) - STORED_ELSEWHERE - NOT_IN_THE_FILE, set())
        self.assertEqual(set(json.loads(data)["settings"]), set(SETTINGS))


class StrangeFileTest(SettingsFileTest):
    def test_wrong_values_are_named(self) -> None:
        client = self.browser(self.person())
        self.bring(client, FULL, removes=True)
        before = self.file(client)
        wrong: list[tuple[str, Tree]] = [
            *((f"settings: {name}", {"settings": {**SETTINGS, name: value}}) for name, value in (
                ("rows", 5), ("rows", 99999), ("rows", -1), ("rows", 50.5), ("rows", "50"), ("rows", 2**62),
                ("undo_send", 61), ("refresh", 2), ("time_zone", "Mars/Olympus"), ("time_zone", "../../etc/passwd"),
                ("language", "d<e"), ("look", "dark purple-rain"), ("after", "later"), ("conversations", 1),
                ("conversations", "true"), ("signature", "x" * 11000), ("name", ["x"]), ("name", "x" * 600),
                ("identity_bcc", "not an address"), ("folder_uses", {"sent": ""}), ("folder_uses", {"sent": "a\nb"}),
                ("folder_uses", []), ("folders_otherwise", [1]), ("folders_otherwise", ["x" * 999] * 9),
            )),
            *((f"identities 1: {name}", {"identities": [{**IDENTITY, name: value}]}) for name, value in (
                ("address", "a@b.example, c@d.example"), ("address", "x\r\nBcc: y@z.example"), ("address", ""),
                ("bcc", "not an address"), ("signature", "x" * 11000), ("name", 1), ("default", "yes"),
            )),
            *((f"labels 2: {name}", {"labels": [FULL["labels"][0], {"keyword": "k", "name": "K", "colour": "red", name: value}]})  # type: ignore[index]
              for name, value in (
                ("keyword", "\\Seen"), ("keyword", "a b"), ("keyword", "$LABEL1"), ("keyword", "x" * 61),
                ("colour", "infrared"), ("name", ""), ("name", "x" * 61),
            )),
            *((f"searches 1: {name}", {"searches": [{"name": "n", "words": "w", "scope": "all", "folder": "", name: value}]})
              for name, value in (("scope", "world"), ("words", ""), ("words", "x" * 501), ("folder", 1))),
            ("templates 1: name", {"templates": [{"body": "text"}]}),
            ("templates 1: body", {"templates": [{"name": "n", "body": "x" * 70000}]}),
            ("senders 1: address", {"senders": [{"address": "no address"}]}),
            ("senders 2: address", {"senders": [{"address": "a@b.example"}, {"address": "A@B.example"}]}),
            ("senders 1: {}", {"senders": ["a@b.example"]}),
            ("identities 51: >", {"identities": [IDENTITY] * 51}),
            ("labels: []", {"labels": {}}),
            ("settings: {}", {"settings": 7}),
        ]  # fmt: skip
        for name, parts in wrong:
            with self.subTest(name, parts=str(parts)[:80]):
                page = self.look(client, changed(**parts))
                self.assertEqual(page.status, 422)
                self.assertIn("One value in this file is wrong.", page.text)
                self.assertEqual(re.findall(r"<li><bdi>([^<]*)</bdi>", page.html), [name.replace(">", "&gt;")])
        self.assertEqual(self.file(client), before)

    def test_what_is_not_known_is_counted(self) -> None:
        client = self.browser(self.person())
        file = changed(
            settings={"rows": 25, "flux": 1, "<script>alert(1)</script>": 2},
            identities=[{**IDENTITY, "verified": True}], mail=[1, 2],
        )  # fmt: skip
        page = self.look(client, file)
        self.assertIn("4 entries of the file are not known here", page.text)
        self.assertEqual(re.findall(r"<li><bdi>([^<]*)</bdi>", page.html)[-4:], ["flux", "&lt;script&gt;alert(1)&lt;/script&gt;", "verified", "mail"])
        page = client.submit(page.form(field="id"), "do=import")
        self.assertEqual(self.tree(client)["settings"]["rows"], 25)  # type: ignore[index]
        self.assertIn("not confirmed", client.get("/identities").text)

    def test_other_files(self) -> None:
        client = self.browser(self.person())
        before = self.file(client)
        good = json.dumps(FULL).encode()
        for data, status, words in (
            (b"", 422, "choose a file"),
            (b"\x89PNG\r\n\x1a\n", 422, "cannot be read"),
            (b'{"format":\n "iwebmsg settings", }', 422, "damaged at line 2"),
            (good[:-40], 422, "cannot be read"),
            (good.replace(b"iwebmsg settings", b"calendar"), 422, "something else"),
            (b"[]", 422, "something else"),
            (b"{}", 422, "something else"),
            (good.replace(b'"version": 1', b'"version": 2'), 422, "newer version"),
            (good.replace(b'"version": 1', b'"version": 1, "version": 1'), 422, "cannot be read"),
            (good.replace(b'"rows": 100', b'"rows": 1e999'), 422, "cannot be read"),
            (good.replace(b'"rows": 100', b'"rows": 99999999999999999999'), 422, "cannot be read"),
            (good.replace(b"Thanks", b"\xff\xfe"), 422, "cannot be read"),
            (good.replace(b"Thanks", b"a\\u0000b"), 422, "cannot be read"),
            (b"[" * 100000, 413, "more than there is room for"),
            (b'{"a":' * 100000, 413, "more than there is room for"),
            (b"[" + b"1," * 100000 + b"1]", 413, "more than there is room for"),
            (b'{"format": "' + b"x" * (5 << 20) + b'"}', 413, "larger than 4 MB"),
        ):
            with self.subTest(words, data=data[:40]):
                page = self.look(client, data)
                self.assertEqual((page.status, words in page.text), (status, True), page.text[:400])
        self.assertEqual(self.file(client), before)

    def test_more_than_there_may_be(self) -> None:
        client = self.browser(self.person())
        self.bring(client, changed(identities=[{**IDENTITY, "address": f"a{n}@demo.test"} for n in range(50)]), removes=True)
        before = self.file(client)
        page = self.look(client, changed(identities=[{"address": "more@demo.test"}], settings={"rows": 200}))
        page = client.submit(page.form(field="id"), "do=import")
        self.assertEqual(page.status, 413)
        self.assertIn("Nothing was changed", page.text)
        self.assertEqual(self.file(client), before)
