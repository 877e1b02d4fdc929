"""Runs the C tests that want a real IMAP server: tests/unit/ROOM/test_live.c."""

from __future__ import annotations

import os
import re
import subprocess
import unittest

import harness
import server as web

LIMIT_S = 180


class LiveTest(unittest.TestCase):
    def test_programs(self) -> None:
        backend = harness.backend()
        password = backend.passwords[harness.LIVE_USER]
        where = f"localhost:{backend.ports['imaps']}:{harness.LIVE_USER}:{password}"
        env = {
            **os.environ,
            "IWEBMSG_TEST_IMAP": f"{where}:{backend.ca_file}",
            "CMOCKA_MESSAGE_OUTPUT": "TAP",
        }
        programs = sorted(web.program().parent.glob("tests/unit/*/test_live"))
        self.assertTrue(programs, "no test_live program was built")
        for program in programs:
            done = subprocess.run(
                [program],
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=LIMIT_S,
            )
            with self.subTest(program=str(program)):
                self.assertEqual(done.returncode, 0, done.stdout)
                self.assertNotIn("# SKIP", done.stdout)
            for name in re.findall(r"^ok \d+ - (\S+)", done.stdout, re.M):
                print(f"# {program.parent.name}: {name}")
