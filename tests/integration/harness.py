"""What every integration test stands on.

One private Dovecot and Postfix serve a whole run. A test class derived from
WebTest gets an iwebmsgd of its own, in a temporary folder on free ports:

    class LoginTest(harness.WebTest):
        def test_wrong_password(self):
            client = self.client()
            page = client.login("anna", "wrong")
            self.assertEqual(page.status, 403)

IWEBMSG_FLAVOUR=release|asan|tsan chooses the binary. Whatever a sanitizer
reports fails the class.
"""

from __future__ import annotations

import atexit
import re
import shutil
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import ClassVar

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "rig"))
sys.path.insert(0, str(HERE.parent / "mail"))

import backend as mail_backend  # noqa: E402
import ca  # noqa: E402
import client as web_client  # noqa: E402
import mockmail  # noqa: E402
import proc  # noqa: E402
import server as web  # noqa: E402

Backend = mail_backend.Backend
Client = web_client.Client
Page = web_client.Page
Server = web.Server
PASSWORD = mail_backend.PASSWORD
# Whose mailbox the C programs of test_live.py fill and empty.
LIVE_USER = "dora"
# Who may get and keep 100 MB.
LARGE_USER = "emil"
REPORT = re.compile(
    r"ERROR: AddressSanitizer|ERROR: LeakSanitizer|runtime error: |"
    r"WARNING: ThreadSanitizer|ensure failed"
)

_lock = threading.Lock()
_shared: Backend | None = None
_folder: Path | None = None


def run_folder() -> Path:
    """The temporary folder of this run; it goes at the end."""
    global _folder
    if _folder is None:
        _folder = Path(tempfile.mkdtemp(prefix="iwebmsg-", dir="/tmp"))
        _folder.chmod(0o755)
        atexit.register(shutil.rmtree, _folder, ignore_errors=True)
    return _folder


def backend() -> Backend:
    """The mail servers of this run, started when first asked for."""
    global _shared
    with _lock:
        if _shared is None:
            users = (*mail_backend.USERS, LIVE_USER, LARGE_USER)
            made = Backend(run_folder() / "mail", users=users, unlimited=[LARGE_USER])
            made.start()
            atexit.register(made.stop)
            _shared = made
    return _shared


def web_certificate() -> ca.Certificate:
    """The web server's certificate, by the authority of the backend."""
    authority = backend().authority
    made = ca.Certificate(authority.folder / "web.pem", authority.folder / "web.key")
    return made if made.cert.exists() else authority.issue("web")


def new_folder(name: str) -> Path:
    folder = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=run_folder()))
    folder.chmod(0o755)
    return folder


def new_server(name: str = "web", *, tls: bool = True, smtp: str = "tls") -> Server:
    """A server that is not started yet; its `sections` may be changed."""
    folder = new_folder(name)
    state = web.state_folder(folder / "state")
    plain, secure = proc.free_ports(2)
    certificate = web_certificate() if tls else None
    sections = web.settings(backend(), state, plain, secure, certificate, smtp)
    sections["Server"]["TimeZone"] = "UTC"  # wherever the tests run
    return Server(folder, sections)


def complaints(server: Server) -> str:
    """What a sanitizer or ensure() said in the server's log."""
    try:
        text = server.log.read_text(errors="replace")
    except FileNotFoundError:
        return ""
    found = REPORT.search(text)
    return text[max(0, found.start() - 300) : found.start() + 6000] if found else ""


class WebTest(unittest.TestCase):
    """A test class with an iwebmsgd of its own in front of the real backend."""

    tls: ClassVar[bool] = True
    smtp: ClassVar[str] = "tls"
    server: ClassVar[Server]
    backend: ClassVar[Backend]

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        """Changes the ini file before the start."""

    @classmethod
    def setUpClass(cls) -> None:
        cls.backend = backend()
        cls.server = new_server(cls.__name__, tls=cls.tls, smtp=cls.smtp)
        cls.change(cls.server.sections)
        logs_of[cls.__name__] = [cls.server.log, *cls.backend.logs()]
        cls.server.start()

    @classmethod
    def tearDownClass(cls) -> None:
        status = cls.server.stop()
        said = complaints(cls.server)
        if said or status != 0:
            raise AssertionError(f"iwebmsgd ended with status {status}\n{said}")

    def client(self, *, secure: bool = False, host: str = web_client.HOST) -> Client:
        """A fresh browser."""
        server = self.server
        port = server.secure_port if self.tls else 0
        return Client(
            server.plain_port, port, self.backend.ca_file, host=host, secure=secure
        )

    def logged_in(self, user: str = "anna", *, secure: bool = False) -> Client:
        """A browser in which `user` has just logged in."""
        browser = self.client(secure=secure)
        page = browser.login(user, self.backend.passwords[user])
        self.assertEqual(page.status, 200, page.text[:500])
        return browser


# Logs to print when a test of a class fails.
logs_of: dict[str, list[Path]] = {}

__all__ = [
    "Backend",
    "Client",
    "PASSWORD",
    "Page",
    "Server",
    "WebTest",
    "backend",
    "complaints",
    "mockmail",
    "new_folder",
    "new_server",
    "proc",
    "run_folder",
    "web_certificate",
]
