"""The numbers of folders beside a list: at once what one did oneself, by whichever
browser; what another mail program did within FolderCounts (2 s), or at once
where one looks: in the open folder, and with the browser's button for it."""

from __future__ import annotations

import time

import mailbox as box
from client import Client
from mailbox import letter, list_url

COUNTS_S = 2.0  # the default of FolderCounts
NOW = {"Cache-Control": "max-age=0"}


class FolderCountsTest(box.MailTest):
    def begin(self) -> tuple[str, Client, Client]:
        """Two browsers of one person: three unread letters in the inbox, one in Work."""
        user = self.person()
        with self.imap(user) as conn:
            conn.create("Work")
            conn.create("Other")
        for name in ("a", "b", "c"):
            box.put(self.backend, user, "INBOX", letter(name))
        box.put(self.backend, user, "Work", letter("w"))
        return user, self.browser(user), self.browser(user)

    def unread(self, client: Client, folder: str = "INBOX", **headers: str) -> dict[str, int]:
        page = client.get(list_url(folder), **headers)
        self.assertEqual(page.status, 200)
        return {label: each.unread for label, each in box.folders(page).items()}

    def test_own_changes_show_at_once_in_every_browser(self) -> None:
        _, one, two = self.begin()
        steps = (
            ("do=read", "INBOX", ["1"], {}, {"Inbox": 2, "Work": 1}),
            ("do=unread", "INBOX", ["1"], {}, {"Inbox": 3, "Work": 1}),
            ("do=move", "INBOX", ["1", "2"], {"to": "Work"}, {"Inbox": 1, "Work": 3}),
            ("do=copy", "INBOX", ["3"], {"to": "Other"}, {"Inbox": 1, "Work": 3, "Other": 1}),
            ("do=delete", "INBOX", ["3"], {}, {"Inbox": 0, "Trash": 1}),
        )
        for verb, folder, uids, more, good in steps:
            with self.subTest(verb=verb):
                # Both have just been told how it was.
                self.unread(one, "Other")
                self.unread(two, "Other")
                done = one.press(one.get(list_url(folder)), verb, uid=uids, **more)
                shown = {label: each.unread for label, each in box.folders(done).items()}
                for counts in (shown, self.unread(two, "Other"), self.unread(one, "Other")):
                    self.assertEqual({label: counts.get(label, 0) for label in good}, good)
                if verb == "do=move":
                    one.press(done, "Undo")
                    self.assertEqual(self.unread(two, "Other")["Work"], 1)
                    one.press(one.get(list_url()), verb, uid=["4", "5"], **more)

    def test_reading_a_message_shows_at_once(self) -> None:
        _, one, two = self.begin()
        self.unread(two, "Work")
        box.open_message(one, "a")
        self.assertEqual(self.unread(two, "Work")["Inbox"], 2)
        self.assertEqual(self.unread(one, "Other")["Inbox"], 2)

    def test_a_folder_that_one_makes_shows_at_once(self) -> None:
        _, one, two = self.begin()
        self.unread(two)
        page = one.get("/folders")
        one.press(page, "do=make", name="Made", parent="", use="")
        self.assertIn("Made", self.unread(two))
        self.assertIn("Made", self.unread(one))

    def test_what_others_did_is_never_older_than_promised(self) -> None:
        user, one, two = self.begin()
        asked = 0
        for at in range(3):
            self.unread(one)
            box.put(self.backend, user, "Work", letter(f"n{at}"))
            since = time.monotonic()
            while True:
                began = time.monotonic()
                count = self.unread((one, two)[asked % 2])["Work"]
                asked += 1
                if count == at + 2:
                    break
                self.assertEqual(count, at + 1)
                self.assertLess(began, since + COUNTS_S, "an old number")

    def test_they_are_not_asked_for_with_each_list(self) -> None:
        """At least once the number of before is seen within the time: the machine may be slow."""
        user, one, _ = self.begin()
        for at in range(10):
            self.unread(one)
            box.put(self.backend, user, "Work", letter(f"n{at}"))
            if self.unread(one)["Work"] == at + 1:
                return
            self.unread(one, **NOW)
        self.fail("asked for each time")

    def test_the_open_folder_is_never_old(self) -> None:
        user, one, two = self.begin()
        for at in range(3):
            self.unread(one)
            self.unread(two, "Work")
            box.put(self.backend, user, "Work", letter(f"n{at}"))
            self.assertEqual(self.unread(one, "Work")["Work"], at + 2)
            # What was shown once is not taken back by the next page.
            self.assertEqual(self.unread(one)["Work"], at + 2)
            self.assertEqual(self.unread(two, "Other")["Work"], at + 2)

    def test_who_loads_it_again_sees_how_it_is(self) -> None:
        user, one, _ = self.begin()
        for at in range(3):
            self.unread(one)
            box.put(self.backend, user, "Work", letter(f"n{at}"))
            self.assertEqual(self.unread(one, **NOW)["Work"], at + 2)

    def test_a_folder_that_others_removed_is_no_lasting_error(self) -> None:
        user, one, _ = self.begin()
        self.unread(one, "Other")
        with self.imap(user) as conn:
            conn.delete("Other")
        self.assertEqual(one.get(list_url("Other")).status, 404)
        self.assertNotIn("Other", self.unread(one, **NOW))
