"""Marking, moving, deleting, taking back."""

from __future__ import annotations

from typing import ClassVar

import mailbox as box
import server as web
from client import Client, Page
from mailbox import letter, list_url, rows, uids

OTHER = "other.test"


class ActionTest(box.MailTest):
    """Someone with some messages in front of their list."""

    def someone(self, count: int = 3, folder: str = "INBOX") -> tuple[str, Client, Page]:
        user = self.person()
        box.put(self.backend, user, folder, *(letter(f"n{at}") for at in range(1, count + 1)))
        client = self.browser(user)
        return user, client, client.get(list_url(folder))

    def flags(self, user: str, folder: str = "INBOX") -> dict[int, set[str]]:
        return box.flags(self.backend, user, folder)

    def subjects(self, user: str, folder: str = "INBOX") -> list[str]:
        return box.subjects(self.backend, user, folder)

    def by_hand(self, client: Client, page: Page, **fields: str | list[str]) -> Page:
        """The list's form with fields of our own in place of its own."""
        form = page.form(action="/act", field="uidvalidity")
        pairs = [(k, v) for k, v in form.values() if k not in fields and k != "to"]
        for name, value in fields.items():
            pairs += [(name, each) for each in ([value] if isinstance(value, str) else value)]
        return client.post("/act", pairs)


class MarkTest(ActionTest):
    def test_from_the_list(self) -> None:
        user, client, page = self.someone()
        for verb, flag, on, words in (
            ("read", "\\Seen", True, "2 messages marked as read."),
            ("unread", "\\Seen", False, "2 messages marked as unread."),
            ("flag", "\\Flagged", True, "2 messages flagged."),
            ("unflag", "\\Flagged", False, "2 messages unflagged."),
        ):
            with self.subTest(verb):
                page = client.press(page, f"do={verb}", uid=["1", "3"])
                self.assertEqual(page.status, 200)
                self.assertIn(words, page.text)
                found = self.flags(user)
                self.assertEqual([flag in found[at] for at in (1, 2, 3)], [on, False, on])
        self.assertIn("1 message flagged.", client.press(page, "do=flag", uid=["2"]).text)
        self.assertEqual(self.flags(user)[2], {"\\Flagged"})

    def test_from_the_message(self) -> None:
        user, client, page = self.someone(1)
        message = client.get(rows(page)[0].url)
        self.assertEqual(self.flags(user)[1], {"\\Seen"})
        client.press(message, "do=flag")
        self.assertEqual(self.flags(user)[1], {"\\Seen", "\\Flagged"})
        message = client.get(rows(page)[0].url)
        client.press(message, "do=unflag")
        client.press(message, "do=unread")
        self.assertEqual(self.flags(user)[1], set())

    def test_nothing_ticked(self) -> None:
        _, client, page = self.someone(1)
        done = client.press(page, "do=delete")
        self.assertEqual(done.status, 200)
        self.assertIn("Nothing was ticked", done.text)

    def test_comes_back_to_the_same_list(self) -> None:
        _, client, _ = self.someone(3)
        page = client.get(list_url(sort="subject", rev=1))
        done = client.press(page, "do=flag", uid=["1"])
        self.assertIn("sort=subject", done.path)
        self.assertEqual(uids(done), uids(page))
        twice = client.press(done, "do=unflag", uid=["1"])
        self.assertEqual(twice.path.count("note="), 1)


class MoveTest(ActionTest):
    def test_move_and_undo(self) -> None:
        user, client, page = self.someone()
        done = client.press(page, "do=move", uid=["1", "3"], to="Archive")
        self.assertIn("2 messages moved.", done.text)
        self.assertEqual((self.subjects(user), self.subjects(user, "Archive")), (["n2"], ["n1", "n3"]))
        back = client.press(done, "Undo")
        self.assertIn("2 messages put back.", back.text)
        self.assertEqual((sorted(self.subjects(user)), self.subjects(user, "Archive")), (["n1", "n2", "n3"], []))
        again = client.press(done, "Undo")  # Back, and Undo again
        self.assertLess(again.status, 500)
        self.assertEqual(sorted(self.subjects(user)), ["n1", "n2", "n3"])

    def test_bulk_delete_and_undo(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"n{at}") for at in range(300)))
        client = self.browser(user)
        client.submit(client.get("/settings").form(field="rows_per_page"), rows_per_page="500")
        page = client.get(list_url())
        some = [str(each) for each in uids(page) if each % 3]
        done = client.press(page, "do=delete", uid=some)
        self.assertIn(f"{len(some)} messages moved to the trash.", done.text)
        self.assertEqual(self.backend.count(user, "Trash"), len(some))
        back = client.press(done, "Undo")
        self.assertIn(f"{len(some)} messages put back.", back.text)
        self.assertEqual((self.backend.count(user, "Trash"), self.backend.count(user, "INBOX")), (0, 300))

    def test_flags_and_date_go_along(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("n1"), flags="\\Seen \\Flagged $Forwarded")
        client = self.browser(user)
        before = rows(client.get(list_url()))[0]
        client.press(client.get(list_url()), "do=move", uid=["1"], to="Archive")
        after = rows(client.get(list_url("Archive")))[0]
        self.assertEqual((after.marks, after.subject, after.size), (before.marks, before.subject, before.size))

    def test_nowhere_to_move(self) -> None:
        user, client, page = self.someone(1)
        # Forgotten: what was ticked comes along to a page that asks for it.
        asked = client.press(page, "do=move", uid=["1"])
        self.assertEqual(box.heading(asked), "Move to which folder?")
        self.assertEqual(self.subjects(user), ["n1"])
        done = client.press(asked, "to=Archive")
        self.assertEqual(self.subjects(user, "Archive"), ["n1"])
        client.press(done, "Undo")
        page = client.get(list_url())
        uid = str(uids(page)[0])
        gone = self.by_hand(client, page, do="move", uid=uid, to="Nowhere")
        self.assertIn(gone.status, (404, 502))
        self.assertTrue(box.heading(gone))
        same = self.by_hand(client, page, do="move", uid=uid, to="INBOX")
        self.assertLess(same.status, 500)
        self.assertEqual(self.subjects(user), ["n1"])
        self.assertIn(self.by_hand(client, page, do="move", uid=uid, to="a\r\nb").status, (400, 404))

    def test_nowhere_to_move_from_the_message(self) -> None:
        user, client, page = self.someone(1)
        message = client.get(rows(page)[0].url)
        done = client.press(message, "do=move")
        self.assertEqual(done.status, 200)
        self.assertIn("Nothing was moved: choose a folder first", done.text)
        self.assertIn("/message?", done.url)
        self.assertEqual(self.subjects(user), ["n1"])

    def test_copy_from_the_message(self) -> None:
        user, client, page = self.someone(1)
        message = client.get(rows(page)[0].url)
        asked = client.press(message, "do=copy")
        self.assertEqual(box.heading(asked), "Copy to which folder?")
        done = client.press(asked, "to=Archive")
        self.assertIn("1 message copied.", done.text)
        self.assertIn("/message?", done.url)
        self.assertEqual((self.subjects(user), self.subjects(user, "Archive")), (["n1"], ["n1"]))
        back = client.press(done, "Undo")
        self.assertIn("1 copy was taken away again.", back.text)
        self.assertEqual((self.subjects(user), self.subjects(user, "Archive")), (["n1"], []))

    def test_undo_is_of_this_session(self) -> None:
        user, client, page = self.someone(1)
        done = client.press(page, "do=delete", uid=["1"])
        form = done.form(button="Undo")
        token = form.find("undo")
        assert token
        good = token.value
        other = self.browser(user)
        theirs = other.get(list_url("Trash")).form(action="/act", field="csrf")
        for client_, form_, value in (
            (client, form, good[:-2] + ("AA" if good[-2:] != "AA" else "BB")),
            (client, form, ""),
            (client, form, "AAAA"),
            (other, theirs, good),
        ):
            csrf = form_.find("csrf")
            assert csrf
            pairs = [("csrf", csrf.value), ("do", "undo"), ("undo", value), ("folder", "INBOX"), ("back", "/list")]
            answer = client_.post("/act", pairs)
            self.assertIn(answer.status, (400, 403, 404), value)
            self.assertIn("can no longer be undone", answer.text)
        self.assertEqual(self.subjects(user, "Trash"), ["n1"])
        client.submit(form, "Undo")
        self.assertEqual(self.subjects(user), ["n1"])


class DeleteTest(ActionTest):
    @classmethod
    def change(cls, sections: web.Sections) -> None:
        sections[f"Host {OTHER}"] = {"TrashFolder": "Papierkorb ä"}

    def test_trash_asks_and_then_it_is_final(self) -> None:
        user, client, page = self.someone()
        client.press(page, "do=delete", uid=["1", "2"])
        self.assertEqual(self.subjects(user, "Trash"), ["n1", "n2"])
        trash = client.get(list_url("Trash"))
        asked = client.press(trash, "do=delete", uid=["1"])
        self.assertEqual(asked.status, 200)
        self.assertIn("Delete this message for good?", asked.text)
        self.assertEqual(self.subjects(user, "Trash"), ["n1", "n2"])
        self.assertEqual(len(rows(client.follow(asked, "Cancel"))), 2)
        done = client.press(asked, "Delete for good")
        self.assertIn("1 message deleted for good.", done.text)
        self.assertNotIn("Undo", done.text)
        self.assertEqual(self.subjects(user, "Trash"), ["n2"])
        twice = client.press(asked, "Delete for good")
        self.assertLess(twice.status, 500)
        self.assertEqual(self.subjects(user, "Trash"), ["n2"])

    def test_from_the_message_page(self) -> None:
        user, client, page = self.someone(2)
        done = client.press(client.get(rows(page)[0].url), "do=delete")
        self.assertIn("1 message moved to the trash.", done.text)
        self.assertEqual(self.subjects(user, "Trash"), ["n2"])
        shown = client.get(rows(client.get(list_url("Trash")))[0].url)
        asked = client.press(shown, "Delete for good")
        client.press(asked, "Delete for good")
        self.assertEqual(self.subjects(user, "Trash"), [])

    def test_missing_trash_is_made(self) -> None:
        user = self.person()
        box.put(self.backend, user, "INBOX", letter("n1"))
        client = self.client(host=OTHER)
        client.login(user, self.backend.passwords[user])
        done = client.press(client.get(list_url()), "do=delete", uid=["1"])
        self.assertIn("1 message moved to the trash.", done.text)
        self.assertEqual(self.subjects(user, "Papierkorb ä"), ["n1"])
        client.press(done, "Undo")
        self.assertEqual(self.subjects(user), ["n1"])

    def test_marked_by_others_is_never_expunged(self) -> None:
        user, client, page = self.someone()
        box.store(self.backend, user, "2", "+FLAGS (\\Deleted)")
        client.press(page, "do=delete", uid=["1"])
        self.assertEqual(self.subjects(user), ["n2", "n3"])
        box.put(self.backend, user, "Trash", letter("theirs"), flags="\\Deleted")
        trash = client.get(list_url("Trash"))
        mine = next(row.uid for row in rows(trash) if row.subject == "n1")
        client.press(client.press(trash, "do=delete", uid=[str(mine)]), "Delete for good")
        self.assertEqual(self.subjects(user, "Trash"), ["theirs"])

    def test_gone_meanwhile(self) -> None:
        user, client, page = self.someone()
        box.expunge(self.backend, user, "2")
        done = client.press(page, "do=delete", uid=["2", "3"])
        self.assertLess(done.status, 500)
        self.assertEqual(self.subjects(user), ["n1"])
        self.assertEqual(self.subjects(user, "Trash"), ["n3"])


class UnheardTest(ActionTest):
    """What others did since this connection to the mail server looked last."""

    def test_messages_that_came_meanwhile(self) -> None:
        user, client, page = self.someone()
        box.put(self.backend, user, "INBOX", *(letter(f"n{at}") for at in range(4, 8)))
        self.by_hand(client, page, do="flag", uid=["1", "4"])
        self.assertEqual([uid for uid, flags in self.flags(user).items() if "\\Flagged" in flags], [1, 4])
        box.put(self.backend, user, "INBOX", letter("n8"))
        moved = self.by_hand(client, page, do="move", uid=["2", "8"], to="Archive")
        self.assertIn("2 messages moved.", moved.text)
        self.assertEqual(self.subjects(user, "Archive"), ["n2", "n8"])
        self.assertNotIn("n8", self.subjects(user))
        back = client.press(moved, "Undo")
        self.assertIn("2 messages put back.", back.text)
        self.assertEqual(sorted(self.subjects(user)), [f"n{at}" for at in range(1, 9)])

    def test_undo_leaves_what_others_marked(self) -> None:
        user, client, page = self.someone()
        box.store(self.backend, user, "2", "+FLAGS (\\Flagged)")
        done = client.press(page, "do=flag", uid=["1", "2"])
        client.press(done, "Undo")
        self.assertEqual([uid for uid, flags in self.flags(user).items() if "\\Flagged" in flags], [2])


class RefusedTest(ActionTest):
    def test_uidvalidity(self) -> None:
        user, client, page = self.someone(1)
        for verb in ("read", "flag", "delete", "expunge", "move"):
            with self.subTest(verb):
                answer = self.by_hand(client, page, do=verb, uid="1", uidvalidity="7", to="Archive")
                self.assertEqual(answer.status, 404)
        self.assertEqual(self.flags(user), {1: set()})

    def test_more_than_500(self) -> None:
        user, client, page = self.someone(2)
        answer = self.by_hand(client, page, do="delete", uid=[str(at) for at in range(1, 502)])
        self.assertEqual(answer.status, 413)
        self.assertIn("more messages than can be ticked", answer.text)
        self.assertEqual(self.subjects(user), ["n1", "n2"])

    def test_odd_fields(self) -> None:
        user, client, page = self.someone(1)
        for fields in (
            {"do": "destroy", "uid": "1"},
            {"do": "", "uid": "1"},
            {"do": "read", "uid": "0"},
            {"do": "read", "uid": "-1"},
            {"do": "read", "uid": "1:*"},
            {"do": "read", "uid": "99999999999"},
            {"do": "read", "uid": "1", "uidvalidity": "x"},
            {"do": "read", "uid": "1", "folder": "Nowhere"},
            {"do": "read", "uid": "1", "folder": "a\r\nb"},
            {"do": "undo", "undo": "zzz"},
        ):
            with self.subTest(fields):
                answer = self.by_hand(client, page, **fields)
                self.assertIn(answer.status, (400, 403, 404))
                self.assertTrue(box.heading(answer))
        self.assertEqual(self.flags(user), {1: set()})

    def test_back_stays_here(self) -> None:
        _, client, page = self.someone(1)
        for back in ("//evil.example.com/", "https://evil.example.com/", "/logoff", "\\\\evil", "/list\r\nX: 1", "javascript:1"):
            with self.subTest(back):
                answer = self.by_hand(client, page, do="flag", uid="1", back=back)
                self.assertEqual((answer.status, answer.path.startswith("/list?")), (200, True))
                self.assertNotIn("evil", answer.url)

    def test_needs_the_token_and_a_post(self) -> None:
        user, client, page = self.someone(1)
        self.assertEqual(self.by_hand(client, page, do="flag", uid="1", csrf="x").status, 403)
        self.assertEqual(client.get("/act?do=flag&uid=1&folder=INBOX").status, 405)
        self.assertEqual(self.flags(user), {1: set()})


class OldServerTest(ActionTest):
    """Servers that lack UIDPLUS, MOVE, or both."""

    others: ClassVar[dict[str, box.OtherImap]]
    people: ClassVar[list[str]]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.others, cls.people = {}, [box.new_user(cls.backend) for _ in range(2)]
        for host, words in (("nomove.test", "IMAP4rev1 UIDPLUS"), ("bare.test", "IMAP4rev1")):
            made = box.OtherImap(words, cls.people).start()
            cls.addClassCleanup(made.stop)
            cls.others[host] = made
            sections[f"Host {host}"] = {"ImapPort": made.ports["imaps"], "ImapCA": made.ca_file}

    def test_no_archive_yet(self) -> None:
        other, user = self.others["nomove.test"], self.people[1]
        box.put(other, user, "INBOX", letter("n1"))
        client = self.client(host="nomove.test")
        client.login(user, other.passwords[user])
        asked = client.press(client.get(list_url()), "do=archive", uid=["1"])
        self.assertEqual(box.heading(asked), "Make an archive?")
        self.assertEqual(box.subjects(other, user, "INBOX"), ["n1"])
        done = client.press(asked, "Make the folder and archive")
        self.assertIn("1 message moved to the archive", done.text)
        self.assertEqual(box.subjects(other, user, "Archive"), ["n1"])
        client.press(done, "Undo")
        self.assertEqual(box.subjects(other, user, "INBOX"), ["n1"])

    def test_move_delete_and_what_others_marked(self) -> None:
        for host, other in self.others.items():
            with self.subTest(host):
                user = self.people[0]
                box.put(other, user, "INBOX", *(letter(f"n{at}") for at in range(1, 5)))
                client = self.client(host=host)
                client.login(user, other.passwords[user])
                with other.imap(user) as conn:
                    conn.create("Archive")
                page = client.get(list_url())
                box.store(other, user, "4", "+FLAGS (\\Deleted)")
                done = client.press(page, "do=move", uid=["1"], to="Archive")
                self.assertIn("1 message moved.", done.text)
                done = client.press(done, "do=delete", uid=["2"])
                self.assertIn("1 message moved to the trash.", done.text)
                self.assertEqual(box.subjects(other, user, "Archive"), ["n1"])
                self.assertEqual(box.subjects(other, user, "Trash"), ["n2"])
                # Without UIDPLUS they stay, marked: EXPUNGE would take others', too.
                left = {row.subject for row in rows(client.get(list_url())) if "Deleted" not in row.marks}
                self.assertNotIn("n1", left)
                self.assertNotIn("n2", left)
                self.assertIn("n3", left)
                self.assertIn("n4", box.subjects(other, user, "INBOX"))
                asked = client.press(client.get(list_url("Trash")), "do=delete", uid=["1"])
                client.press(asked, "Delete for good")
                self.assertTrue(all("Deleted" in x.marks for x in rows(client.get(list_url("Trash")))))
                self.assertIn("n4", box.subjects(other, user, "INBOX"))
