"""Does the rig carry the real server?"""

from __future__ import annotations

import harness


class SmokeTest(harness.WebTest):
    def test_health(self) -> None:
        self.assertEqual(self.client().get("/healthz").status, 200)

    def test_login_and_list(self) -> None:
        for secure in (False, True):
            with self.subTest(secure=secure):
                browser = self.logged_in("anna", secure=secure)
                page = browser.get("/list?folder=INBOX")
                self.assertEqual(page.status, 200)
                self.assertEqual(page.url.startswith("https://"), secure)

    def test_submission_by_hand_shows_in_the_list(self) -> None:
        head = "From: anna@demo.test\r\nTo: ben@demo.test\r\nSubject: smoke-signal\r\n"
        self.backend.submit("anna", "ben", f"{head}\r\nHello.\r\n".encode())
        self.backend.wait_message("ben", "INBOX", "smoke-signal")
        page = self.logged_in("ben").get("/list?folder=INBOX")
        self.assertIn("smoke-signal", page.text)
