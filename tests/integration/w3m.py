"""Drives w3m as a person does: on a terminal of its own, by its keys.

    with w3m.Terminal("http://127.0.0.1:8080/") as browser:
        browser.fill("Name or address", "anna")
        words = browser.press("Log in", -1)

What stands on the page is read from what w3m saves of it; nothing is fetched
beside it.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from pathlib import Path

import harness
import proc

ROWS, COLUMNS = 60, 200
PATIENCE_S = 40.0
END = "Connection security"  # in the foot of every page
CONFIG = """\
use_cookie 1
accept_cookies 1
show_cookie 0
confirm_qq 0
ignorecase_search 0
wrap_search 1
use_mouse 0
display_image 0
auto_image 0
editor {editor} %s
"""
EDITOR = """\
#!/bin/sh
# What stands in a text of several lines is put before what was there.
cat "$HOME/typed" "$1" >"$HOME/both" && cat "$HOME/both" >"$1"
"""
TOP, SAVE, SEARCH, SEARCH_ON, BACK, QUIT = "g", "S", "/", "n", "B", "Q"
NEXT_LINK, PREVIOUS_LINK, ENTER, KILL_LINE = "\t", "\x1b\t", "\r", "\x15"


class Terminal:
    def __init__(self, url: str) -> None:
        self.home = harness.new_folder("w3m")
        editor = self.home / "editor"
        editor.write_text(EDITOR)
        editor.chmod(0o755)
        (self.home / ".w3m").mkdir()
        (self.home / ".w3m" / "config").write_text(CONFIG.format(editor=editor))
        self.saved = 0
        self.shown = b""
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(HOME=str(self.home), TERM="vt100", LANG="C.UTF-8", LC_ALL="C.UTF-8")
            os.execvp("w3m", ["w3m", "-I", "UTF-8", "-O", "UTF-8", url])
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.keys(QUIT)
        os.close(self.terminal)
        os.waitpid(self.pid, 0)

    def keys(self, *keys: str) -> None:
        for each in keys:
            os.write(self.terminal, each.encode())
            self._listen(0)

    def _listen(self, seconds: float) -> None:
        """Takes what w3m draws, so that it never waits for us."""
        while select.select([self.terminal], [], [], seconds)[0]:
            try:
                self.shown = (self.shown + os.read(self.terminal, 65536))[-8000:]
            except OSError:  # it has ended
                return
            seconds = 0

    def page(self, end: str = END) -> str:
        """The words of the page, as soon as it stands: `end` is one of its last."""
        self.saved += 1
        path = self.home / f"page{self.saved}"
        self.keys(SAVE, str(path), ENTER)
        deadline = time.monotonic() + PATIENCE_S
        while not (path.exists() and end in path.read_text()):
            if time.monotonic() > deadline:
                raise AssertionError(f"w3m shows no page:\n{self.shown.decode('utf-8', 'replace')}")
            self._listen(proc.POLL_S)
        return path.read_text()

    def at(self, words: str, nth: int = 1) -> None:
        """Puts the cursor on the nth place where these words stand; -1: the last."""
        shown = self.page()
        if nth < 0:
            nth += shown.count(words) + 1
        if not 0 < nth <= shown.count(words):
            raise AssertionError(f"{words!r} is not {nth} times on the page:\n{shown}")
        self.keys(TOP, SEARCH, re.sub(r"([][\\\\.*+?^$|(){}])", r"\\\1", words), ENTER)
        for _ in range(nth - 1):
            self.keys(SEARCH_ON)

    def press(self, words: str, nth: int = 1, end: str = END) -> str:
        """Enter on a link or a button; the page that comes."""
        self.at(words, nth)
        self.keys(ENTER)
        return self.page(end)

    def back(self) -> str:
        self.keys(BACK)
        return self.page()

    def fill(self, label: str, text: str, nth: int = 1) -> None:
        """Types into the field behind a label."""
        self.at(label, nth)
        self.keys(NEXT_LINK, ENTER, KILL_LINE, text, ENTER)

    def write(self, label: str, text: str) -> None:
        """Puts words before the text of several lines that follows a label, by the editor."""
        (self.home / "typed").write_text(text)
        self.at(label)
        self.keys(NEXT_LINK, ENTER)

    def choose(self, label: str, option: str) -> None:
        """Takes a line of the menu behind a label."""
        self.at(label)
        self.keys(NEXT_LINK, ENTER, SEARCH, option, ENTER, ENTER)

    def tick(self, words: str) -> None:
        """The box before these words."""
        self.at(words)
        self.keys(PREVIOUS_LINK, ENTER)
