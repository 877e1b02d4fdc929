"""The archive: in one folder, by year, by month."""

from __future__ import annotations

import calendar
from urllib.parse import quote

import mailbox as box
from client import Client, Page
from mailbox import letter, list_url


def at(year: int, month: int, day: int = 10) -> float:
    return calendar.timegm((year, month, day, 12, 0, 0))


class ArchiveTest(box.MailTest):
    def someone(self, *days: float) -> tuple[str, Client]:
        user = self.person()
        messages = [(letter(f"m{n}"), "", when) for n, when in enumerate(days)]
        self.backend.append(user, "INBOX", messages)
        return user, self.browser(user)

    def choose(self, client: Client, by: str, folder: str = "Archive") -> Page:
        page = client.get("/folder?folder=" + quote(folder, safe=""))
        return client.press(page, "do=archive_by", by=by)

    def subjects(self, user: str, folder: str) -> list[str]:
        return sorted(box.subjects(self.backend, user, folder))

    def test_by_year_and_back(self) -> None:
        user, client = self.someone(at(2019, 5), at(2019, 11), at(2024, 2), at(2026, 1, 1))
        self.assertIn("From now on archived messages go there.", self.choose(client, "year").text)
        page = client.get(list_url())
        uids = [str(each) for each in box.uids(page)]
        done = client.press(page, "do=archive", uid=uids)
        self.assertIn("4 messages moved to the archive.", done.text)
        self.assertEqual(self.subjects(user, "Archive/2019"), ["m0", "m1"])
        self.assertEqual(self.subjects(user, "Archive/2024"), ["m2"])
        self.assertEqual(self.subjects(user, "Archive/2026"), ["m3"])
        self.assertEqual(self.subjects(user, "INBOX"), [])
        back = client.press(done, "Undo")
        self.assertIn("4 messages put back.", back.text)
        self.assertEqual(self.subjects(user, "INBOX"), ["m0", "m1", "m2", "m3"])
        # Again, into folders that are there; one from its own page.
        message = client.get(box.rows(client.get(list_url()))[0].url)
        client.press(message, "do=archive")
        self.assertEqual(len(self.subjects(user, "INBOX")), 3)
        # In the folder of its year it stays.
        page = client.get(list_url("Archive/2019"))
        self.assertNotIn("m0", page.text)
        page = client.get(list_url())
        client.press(page, "do=archive", uid=[str(each) for each in box.uids(page)])
        page = client.get(list_url("Archive/2019"))
        client.press(page, "do=archive", uid=[str(each) for each in box.uids(page)])
        self.assertEqual(self.subjects(user, "Archive/2019"), ["m0", "m1"])

    def test_by_month_and_flat(self) -> None:
        user, client = self.someone(at(2025, 12, 31), at(2026, 1), at(2026, 3))
        self.choose(client, "month")
        page = client.get(list_url())
        done = client.press(page, "do=archive", uid=[str(each) for each in box.uids(page)])
        self.assertIn("3 messages moved to the archive.", done.text)
        self.assertEqual(self.subjects(user, "Archive/2025/2025-12"), ["m0"])
        self.assertEqual(self.subjects(user, "Archive/2026/2026-03"), ["m2"])
        client.press(done, "Undo")
        self.choose(client, "")
        page = client.get(list_url())
        client.press(page, "do=archive", uid=[str(each) for each in box.uids(page)])
        self.assertEqual(self.subjects(user, "Archive"), ["m0", "m1", "m2"])

    def test_without_a_date(self) -> None:
        """Imported by a program that knew none: nothing stays behind."""
        user, client = self.someone(0.0, at(2026, 1))
        self.choose(client, "year")
        done = client.press(client.get(list_url()), "do=archive", uid=["1", "2"])
        self.assertIn("2 messages moved to the archive.", done.text)
        self.assertEqual(self.subjects(user, "Archive/1970"), ["m0"])

    def test_more_months_than_one_page_makes(self) -> None:
        months = [at(2000 + n // 12, 1 + n % 12) for n in range(205)]
        user, client = self.someone(*months)
        self.choose(client, "month")
        page = client.get(list_url())
        done = client.press(page, "do=archive", all="205")
        self.assertIn("Go on", done.text)
        for _ in range(20):
            if "Go on" not in done.text:
                break
            done = client.press(done, "Go on")
        self.assertIn("205 messages moved to the archive.", done.text)
        self.assertEqual(self.backend.count(user, "INBOX"), 0)
        self.assertEqual(self.subjects(user, "Archive/2017/2017-01"), ["m204"])
        # All 205 folders at once.
        back = client.press(done, "Undo")
        for _ in range(20):
            if "Go on" not in back.text:
                break
            back = client.press(back, "Go on")
        self.assertIn("205 messages put back.", back.text)
        self.assertEqual((self.backend.count(user, "INBOX"), self.subjects(user, "Archive/2017/2017-01")), (205, []))

    def test_thirty_years_and_back(self) -> None:
        user, client = self.someone(*(at(1990 + n, 5) for n in range(30)))
        self.choose(client, "year")
        page = client.get(list_url())
        done = client.press(page, "do=archive", uid=[str(each) for each in box.uids(page)])
        self.assertIn("30 messages moved to the archive.", done.text)
        self.assertEqual(self.subjects(user, "Archive/2019"), ["m29"])
        self.assertIn("30 messages put back.", client.press(done, "Undo").text)
        self.assertEqual((self.backend.count(user, "INBOX"), self.subjects(user, "Archive/1990")), (30, []))

    def test_many_in_pieces(self) -> None:
        user = self.person()
        box.fill(self.backend, user, (letter(f"m{n}") for n in range(2300)))
        client = self.browser(user)
        self.choose(client, "year")
        page = client.get(list_url())
        done = client.press(page, "do=archive", all="2300")
        moved = 0
        while "Go on" in done.text:
            moved += 1
            self.assertLess(moved, 20)
            done = client.press(done, "Go on")
        self.assertIn("2300 messages moved to the archive.", done.text)
        self.assertEqual(self.backend.count(user, "INBOX"), 0)
        self.assertIn("2300 messages put back.", client.press(done, "Undo").text)
        self.assertEqual(self.backend.count(user, "INBOX"), 2300)
