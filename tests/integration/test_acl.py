"""Who may use a folder (RFC 4314): shown, given, taken away; and a server without it."""

from __future__ import annotations

import re
from typing import ClassVar
from urllib.parse import quote

import mailbox as box
import server as web
from client import Client, Page
from mailbox import letter, list_url

# Folders of other people, where ACL says who may see them.
ACL = """
mail_plugins = quota acl
protocol imap {
  mail_plugins = quota acl imap_quota imap_acl
}
plugin {
  acl = vfile::cache_secs=0
  acl_shared_dict = file:{folder}/mail/shared.db
  acl_anyone = allow
}
namespace {
  type = shared
  separator = /
  prefix = shared/%%u/
  location = maildir:{folder}/mail/%%n/Maildir:INDEXPVT={folder}/mail/%n/shared/%%n
  subscriptions = no
  list = children
}
"""


class AclImap(box.OtherImap):
    """A Dovecot where people share folders; what it does for a command is counted."""

    def __init__(self, users: list[str]) -> None:
        super().__init__("", users)

    def configure(self, text: str) -> str:
        return text + ACL.replace("{folder}", str(self.folder))


def folder_url(name: str) -> str:
    return f"/folder?folder={quote(name, safe='')}"


def listed(page: Page) -> dict[str, str]:
    """{who: what they may do} of a folder's page."""
    found = re.search(r'<section class="folder-do rights".*?</section>', page.html, re.S)
    if not found:
        return {}
    rows = re.findall(r"<li><strong><bdi>(.*?)</bdi></strong>(.*?)\.\s*(?:<details>|</li>)", found.group(0), re.S)
    return {who: " ".join(re.sub(r"<[^>]*>", "", words).split()) for who, words in rows}


class AclTest(box.MailTest):
    """anna has a folder; ben may see what she lets him."""

    other: ClassVar[AclImap]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.other = AclImap(["anna", "ben"]).start()
        cls.addClassCleanup(cls.other.stop)
        sections["Host acl.test"] = {"ImapPort": cls.other.ports["imaps"], "ImapCA": cls.other.ca_file}

    def at(self, user: str) -> Client:
        client = self.client(host="acl.test")
        self.assertEqual(client.login(user, self.other.password).status, 200)
        return client

    def rights(self, folder: str) -> dict[str, str]:
        """What the server says: {identifier: letters}."""
        with self.other.imap("anna") as conn:
            said = conn.getacl(folder)[1][0].decode().split()[1:]
        return {who: "".join(sorted(set(what) - set("cd"))) for who, what in zip(said[::2], said[1::2])}

    def seen_by_ben(self) -> str:
        # A connection of its own: Dovecot looks who shares once for each.
        with self.other.imap("ben") as conn:
            return str(conn.list('""', '"*"')[1])

    def share(self, client: Client, folder: str, **fields: object) -> Page:
        form = client.get(folder_url(folder)).form(button="do=share", field="new")
        return client.submit(form, "do=share", **fields)  # type: ignore[arg-type]

    def row(self, client: Client, folder: str, who: str, button: str, **fields: object) -> Page:
        page = client.get(folder_url(folder))
        for form in page.forms:
            if ("who", who) in form.values():
                return client.submit(form, button, **fields)  # type: ignore[arg-type]
        raise AssertionError(f"no row for {who}: {page.text}")

    def test_shared_read_and_taken_back(self) -> None:
        anna = self.at("anna")
        box.put(self.other, "anna", "Team", letter("n1"), letter("n2"))
        self.assertEqual(list(listed(anna.get(folder_url("Team")))), ["anna"])
        self.assertNotIn("shared/anna/Team", self.seen_by_ben())
        done = self.share(anna, "Team", who="ben", role="look")
        self.assertIn("Who may use this folder is changed.", done.text)
        self.assertEqual(listed(done)["ben"], "may see the folder, read its messages")
        self.assertEqual(self.rights("Team")["ben"], "lr")

        # ben finds it among the folders of other people, and reads.
        ben = self.at("ben")
        name = "shared/anna/Team"
        beside = box.folders(ben.get(list_url()))
        self.assertIn("Team", beside)
        page = ben.get(list_url(name))
        self.assertEqual([row.subject for row in box.rows(page)], ["n2", "n1"])
        self.assertIn("Hello.", box.open_message(ben, "n1", name).text + ben.get(box.rows(page)[1].url).html)
        own = ben.get(folder_url(name))
        self.assertIn("You may see the folder, read its messages.", own.text)
        values = {b.value for form in own.forms for b in form.buttons()}
        self.assertEqual(values & {"read", "rename", "move", "make", "empty", "delete", "share"}, set())

        # What he may not do is refused in words, and nothing is gone.
        for button, more in (("do=delete", {}), ("do=move", {"to": "Trash"}), ("do=read", {}), ("do=flag", {})):
            refused = ben.press(ben.get(list_url(name)), button, uid="1", **more)
            self.assertIn("does not allow you", refused.text, button)
        self.assertEqual(box.subjects(self.other, "anna", "Team"), ["n1", "n2"])
        for verb in ("rename", "delete", "empty", "share"):
            pairs = [(k, v) for k, v in ben.get(folder_url(name)).form(button="do=subscribe").values()]
            pairs += [("do", verb), ("name", "Mine"), ("who", "ben"), ("new", "1"), ("role", "all")]
            answer = ben.post("/folder", pairs)
            if answer.status == 200 and "Delete for good" in answer.text:
                answer = ben.press(answer, "Delete for good")
            self.assertIn(answer.status, (403, 502), f"{verb} {answer.text[:500]}")
        self.assertEqual(self.rights("Team")["ben"], "lr")
        self.assertEqual(box.subjects(self.other, "anna", "Team"), ["n1", "n2"])

        # More, by single rights; then nothing any more.
        done = self.row(anna, "Team", "ben", "do=share", role="ticked", right_s=True, right_w=True, right_t=True, right_e=True)
        self.assertIn("is changed", done.text)
        self.assertEqual(self.rights("Team")["ben"], "elrstw")
        gone = ben.press(ben.get(list_url(name)), "do=delete", uid="1")
        self.assertEqual(box.subjects(self.other, "anna", "Team"), ["n2"], gone.text)
        done = self.row(anna, "Team", "ben", "do=unshare")
        self.assertNotIn("ben", listed(done))
        self.assertNotIn("ben", self.rights("Team"))
        # A folder that is open stays open for a minute at most.
        ben.press(ben.get(list_url()), "Log off")
        self.assertEqual(self.at("ben").get(list_url(name)).status, 404)
        self.assertNotIn(name, self.seen_by_ben())

    def test_not_by_mistake(self) -> None:
        anna = self.at("anna")
        with self.other.imap("anna") as conn:
            conn.create("Own")
        # One's own row: it asks first.
        asked = self.row(anna, "Own", "anna", "do=share", role="read")
        self.assertIn("Lock yourself out?", asked.text)
        self.assertIn("a", self.rights("Own")["anna"])
        sure = anna.press(asked, "Do it all the same")
        self.assertIn("is changed", sure.text)
        self.assertNotIn("x", self.rights("Own")["anna"])
        # A form that is out of date changes nothing.
        with self.other.imap("anna") as conn:
            conn.create("Late")
        self.share(anna, "Late", who="ben", role="read")
        page = anna.get(folder_url("Late"))
        with self.other.imap("anna") as conn:
            conn.setacl("Late", "ben", "lrsw")
        form = next(form for form in page.forms if ("who", "ben") in form.values())
        late = anna.submit(form, "do=share", role="all")
        self.assertEqual(late.status, 422)
        self.assertIn("changed elsewhere meanwhile", late.text)
        self.assertEqual(self.rights("Late")["ben"], "lrsw")
        again = self.share(anna, "Late", who="ben", role="all")
        self.assertIn("in the list already", again.text)
        self.assertEqual(self.rights("Late")["ben"], "lrsw")

    def test_names_of_groups_and_what_is_taken_away(self) -> None:
        anna = self.at("anna")
        with self.other.imap("anna") as conn:
            conn.create("Open")
        self.assertIn("is changed", self.share(anna, "Open", who="anyone", role="read").text)
        with self.other.imap("anna") as conn:
            conn.setacl("Open", "-ben", "ws")
        page = anna.get(folder_url("Open"))
        rows = listed(page)
        self.assertIn("everybody whom the mail server lets in", rows["anyone"])
        self.assertIn("may not, whatever else is said here", rows["ben"])
        # Changing another row keeps it; it can be taken away.
        self.row(anna, "Open", "anyone", "do=share", role="look")
        self.assertEqual(self.rights("Open")["-ben"], "sw")
        self.row(anna, "Open", "ben", "do=unshare")
        self.assertEqual(set(self.rights("Open")), {"anna", "anyone"})
        for name, words in (
            ("", "type the name"),
            ("-ben", "cannot begin"),
            ("be\nn", "control characters"),
            ("b" * 256, "too long"),
        ):
            answer = self.share(anna, "Open", who=name, role="read")
            self.assertEqual(answer.status, 422, name)
            self.assertIn(words, answer.text)
        self.assertEqual(set(self.rights("Open")), {"anna", "anyone"})
        nothing = self.share(anna, "Open", who="ben", role="ticked", right_l=False, right_r=False, right_s=False)
        self.assertIn("Nothing was ticked", nothing.text)


class NoAclTest(box.MailTest):
    def test_nothing_is_offered(self) -> None:
        user = self.person()
        client = self.browser(user)
        page = client.get(folder_url("Trash"))
        self.assertNotIn("Who may use this folder", page.text)
        form = page.form(button="do=subscribe") if "Subscribe" in page.text else page.form(button="do=unsubscribe")
        pairs = [(k, v) for k, v in form.values()]
        pairs += [("do", "share"), ("who", "ben"), ("new", "1"), ("role", "all")]
        answer = client.post("/folder", pairs)
        self.assertEqual(answer.status, 403)
        self.assertIn("You may not decide", answer.text)
