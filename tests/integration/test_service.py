"""The daemon as a service: background, readiness, parent and child, stop, signals."""

from __future__ import annotations

import http.client
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import threading
import time
import unittest
from pathlib import Path

import ca
import harness
import proc
import server as web
import steps
from client import HOST, Client, Page
from mockmail import DRIP, HANG, ImapMock
from steps import is_login_page

LIST = "/list?folder=INBOX"
IS_ROOT = os.geteuid() == 0


def browser(server: web.Server, *, secure: bool = False) -> Client:
    return Client(
        server.plain_port, server.secure_port, harness.backend().ca_file, secure=secure
    )


def status_lines(pid: int) -> dict[str, str]:
    """/proc/PID/status."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


class DaemonTest(unittest.TestCase):
    """--daemon and the pid file."""

    def setUp(self) -> None:
        self.server = harness.new_server("daemon")
        self.pid_file = self.server.folder / "iwebmsgd.pid"
        self.log = self.server.folder / "d.log"
        self.server.sections["Server"]["PidFile"] = self.pid_file
        self.server.sections["Log"] = {"Target": "file", "File": self.log}
        self.server.write()
        self.addCleanup(self.end)

    def run_daemon(self) -> subprocess.CompletedProcess[str]:
        return steps.program("--daemon", "--config", self.server.ini)

    def pid(self) -> int:
        return int(self.pid_file.read_text())

    def end(self) -> None:
        if self.pid_file.exists():
            pid = self.pid()
            record = {"pid": pid, "ticks": proc.start_ticks(pid)}
            proc.end(record)

    def test_it_returns_when_it_serves_and_ends_by_its_pid(self) -> None:
        done = self.run_daemon()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(self.server.healthy())  # at the first try
        pid = self.pid()
        self.assertEqual(self.pid_file.read_text(), f"{pid}\n")
        self.assertEqual(os.getsid(pid), pid)
        self.assertNotEqual(os.getsid(0), pid)
        for number in (0, 1):
            self.assertEqual(os.readlink(f"/proc/{pid}/fd/{number}"), "/dev/null")
        os.kill(pid, signal.SIGTERM)
        self.assertTrue(proc.wait_gone(pid, 20))
        self.assertFalse(self.pid_file.exists())
        self.assertIn("event=server.stopped", self.log.read_text())
        self.assertFalse(proc.accepts(self.server.plain_port))

    def test_a_second_one_is_told_who_runs(self) -> None:
        self.assertEqual(self.run_daemon().returncode, 0)
        pid = self.pid()
        self.server.sections["Server"]["PlainPort"], self.server.sections["Server"]["SecurePort"] = (
            proc.free_ports(2)
        )
        self.server.write()
        done = self.run_daemon()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.pid_file), done.stderr)
        self.assertIn(str(pid), done.stderr)
        self.assertEqual(self.pid(), pid)

    def test_a_pid_file_that_was_left_behind(self) -> None:
        self.pid_file.write_text("1\n")
        self.assertEqual(self.run_daemon().returncode, 0)
        self.assertNotEqual(self.pid(), 1)

    def test_a_start_that_fails_says_so_to_the_terminal(self) -> None:
        with socket.create_server((proc.LOOPBACK, self.server.plain_port)):
            done = self.run_daemon()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.server.plain_port), done.stderr)
        self.assertFalse(self.pid_file.exists())
        mine = self.server.folder / "k.pem"
        steps.write_text(mine, "no key", 0o600)
        self.server.sections["SSL"]["PrivateKey"] = mine
        self.server.write()
        done = self.run_daemon()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(mine), done.stderr)
        self.assertFalse(self.pid_file.exists())


class ManagerTest(unittest.TestCase):
    """What systemd is told (sd_notify(3))."""

    def setUp(self) -> None:
        self.server = harness.new_server("manager")
        path = self.server.folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o777)
        self.socket.settimeout(20)
        self.addCleanup(self.socket.close)
        self.server.folder.mkdir(exist_ok=True)
        self.server.write()
        env = {**os.environ, "NOTIFY_SOCKET": str(path), "WATCHDOG_USEC": "400000"}
        self.process = proc.Process(
            "iwebmsgd", [web.program(), "--config", self.server.ini], self.server.log, env=env
        )
        self.server.process = self.process
        self.addCleanup(steps.end, self.server)

    def told(self, word: str) -> str:
        """Waits for a message that has the word."""
        while True:
            text = self.socket.recv(4096).decode()
            if word in text.split("\n"):
                return text

    def test_ready_means_it_serves(self) -> None:
        self.told("READY=1")
        self.assertTrue(self.server.healthy())

    def test_the_watchdog_is_fed_in_time(self) -> None:
        self.told("READY=1")
        self.told("WATCHDOG=1")
        for _ in range(4):
            began = time.monotonic()
            self.told("WATCHDOG=1")
            self.assertLess(time.monotonic() - began, 0.4)

    def test_reload_and_stop_are_told(self) -> None:
        self.told("READY=1")
        self.process.signal(signal.SIGHUP)
        self.assertIn("MONOTONIC_USEC=", self.told("RELOADING=1"))
        self.told("READY=1")
        self.process.signal(signal.SIGTERM)
        self.told("STOPPING=1")
        self.assertEqual(self.process.stop(), 0)

    def test_no_ready_when_it_cannot_serve(self) -> None:
        self.told("READY=1")
        self.assertEqual(self.process.stop(), 0)
        while True:
            try:
                self.socket.settimeout(0.05)
                self.socket.recv(4096)
            except TimeoutError:
                break
        self.server.sections["SSL"]["Certificate"] = self.server.folder / "none"
        self.server.write()
        done = subprocess.run(
            [str(web.program()), "--config", str(self.server.ini)],
            env={**os.environ, "NOTIFY_SOCKET": str(self.server.folder / "notify")},
            capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        self.assertEqual(done.returncode, 1)
        with self.assertRaises(TimeoutError):
            while "READY=1" not in self.socket.recv(4096).decode():
                pass


@unittest.skipIf(not IS_ROOT, "needs root")
class ParentTest(unittest.TestCase):
    """Started as root: the parent keeps root, the child serves as User=."""

    def setUp(self) -> None:
        self.server = harness.new_server("parent")
        self.mine = ca.Certificate(self.server.folder / "c.pem", self.server.folder / "k.pem")
        self.install("first")
        self.server.sections["SSL"].update(Certificate=self.mine.cert, PrivateKey=self.mine.key)
        self.server.start()
        self.addCleanup(steps.end, self.server)
        assert self.server.process is not None
        self.parent = self.server.process.pid

    def install(self, name: str) -> bytes:
        """A renewed certificate with a 0600 key of root; in DER."""
        made = harness.backend().authority.issue(f"parent-{name}")
        # As renewing programs do it: a new file under the old name.
        for source, target in ((made.key, self.mine.key), (made.cert, self.mine.cert)):
            fresh = target.with_suffix(".new")
            shutil.copy(source, fresh)
            fresh.chmod(0o600)
            fresh.replace(target)
        text = made.cert.read_text()
        return ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN") :])

    def tls(self) -> ssl.SSLSocket:
        plain = socket.create_connection((proc.LOOPBACK, self.server.secure_port), 10)
        sock = browser(self.server).trust.wrap_socket(plain, server_hostname=HOST)
        self.addCleanup(sock.close)
        return sock

    @staticmethod
    def ask(sock: socket.socket) -> bytes:
        sock.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        return sock.recv(4096)

    def test_the_child_has_nothing_of_root(self) -> None:
        child = steps.child_of(self.server)
        user = pwd.getpwnam(web.SERVER_USER)
        status = status_lines(child)
        self.assertEqual(status["Uid"].split(), [str(user.pw_uid)] * 4)
        self.assertEqual(status["Gid"].split(), [str(user.pw_gid)] * 4)
        self.assertNotIn("0", status["Groups"].split())
        self.assertEqual(status["NoNewPrivs"].strip(), "1")
        for name in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            self.assertEqual(int(status[name], 16), 0, name)
        self.assertEqual(status_lines(self.parent)["Uid"].split()[1], "0")
        for each in (self.server.database, self.server.database.parent / "server.key"):
            self.assertEqual(each.stat().st_uid, user.pw_uid)
            self.assertEqual(each.stat().st_mode & 0o077, 0)

    def test_a_renewed_key_of_root_by_sighup(self) -> None:
        old = self.tls()
        first = old.getpeercert(True)
        self.assertIn(b"200 OK", self.ask(old))
        second = self.install("second")
        self.assertTrue(steps.reload(self.server, write=False))
        fresh = self.tls()
        self.assertEqual(fresh.getpeercert(True), second)
        self.assertNotEqual(first, second)
        # The connection of before goes on, with what it had.
        self.assertIn(b"200 OK", self.ask(old))
        self.assertEqual(old.getpeercert(True), first)

    def test_a_bad_key_keeps_the_old_certificate(self) -> None:
        first = self.tls().getpeercert(True)
        for change in (
            lambda: self.mine.key.write_text("no key"),
            lambda: (self.install("third"), self.mine.key.chmod(0o644)),
            lambda: self.mine.key.unlink(),
        ):
            change()
            self.assertFalse(steps.reload(self.server, write=False))
            said = steps.events(self.server, "reload.refused")[-1]["reason"]
            self.assertIn(str(self.mine.key), said)
            self.assertEqual(self.tls().getpeercert(True), first)

    def test_a_killed_child_is_started_again_and_sessions_live(self) -> None:
        client = browser(self.server)
        client.login("anna", harness.PASSWORD)
        child = steps.child_of(self.server)
        for count in (1, 2):
            os.kill(child, signal.SIGKILL)
            died = steps.wait_event(self.server, "parent.child_died", count)
            self.assertEqual(died["signal"], "9")
            steps.wait_event(self.server, "server.ready", count + 1)
            proc.wait_until(self.server.healthy, "healthz", 20, self.server.process)
            again = steps.child_of(self.server)
            self.assertNotEqual(again, child)
            child = again
            self.assertFalse(is_login_page(client.get(LIST)))
        # And a reload still reaches it, with the key of root.
        second = self.install("fourth")
        self.assertTrue(steps.reload(self.server, write=False))
        self.assertEqual(self.tls().getpeercert(True), second)

    def test_the_child_ends_with_its_parent(self) -> None:
        child = steps.child_of(self.server)
        os.kill(self.parent, signal.SIGKILL)
        self.assertTrue(proc.wait_gone(child, 20))
        self.assertFalse(proc.accepts(self.server.plain_port))

    def test_the_parent_listens_to_nobody(self) -> None:
        """It holds the listening sockets and the channel, no connection."""
        socks = [self.tls() for _ in range(3)]
        for sock in socks:
            self.ask(sock)
        links = [
            os.readlink(each) for each in Path(f"/proc/{self.parent}/fd").iterdir() if each.is_symlink()
        ]
        self.assertLessEqual(sum(link.startswith("socket:") for link in links), 3, links)


@unittest.skipIf(not IS_ROOT, "only root becomes an ordinary user")
class OrdinaryUserTest(unittest.TestCase):
    """Started by an ordinary user: one process, which opens all by itself."""

    def test_one_process(self) -> None:
        server = harness.new_server("ordinary")
        folder = harness.new_folder("ordinary-ini")
        made = harness.web_certificate()
        key = shutil.copy(made.key, folder / "k.pem")
        server.ini = folder / "iwebmsg.ini"
        server.sections["SSL"]["PrivateKey"] = key
        server.write()
        # As installed: the checkout may stand where only root can look.
        program = folder / "bin" / "iwebmsgd"
        program.parent.mkdir()
        shutil.copy(web.program(), program)
        for name in ("templates", "static"):
            shutil.copytree(web.TOP / name, folder / "share" / "iwebmsg" / name)
        for path in (folder, *folder.rglob("*")):
            shutil.chown(path, web.SERVER_USER, "nogroup")
        words = ["setpriv", "--reuid", web.SERVER_USER, "--regid", "nogroup", "--clear-groups"]
        process = proc.Process("iwebmsgd", [*words, program, "--config", server.ini], server.log)
        server.process = process
        self.addCleanup(steps.end, server)
        proc.wait_until(server.healthy, "healthz", 20, process)
        self.assertEqual(steps.children(process.pid), [])
        self.assertFalse(is_login_page(browser(server, secure=True).login("anna", harness.PASSWORD)))
        self.assertTrue(steps.reload(server, write=False))
        self.assertEqual(process.stop(), 0)


class StopTest(unittest.TestCase):
    """SIGTERM while a mail server is slow."""

    def slow(self, fault: str, wait: str) -> tuple[web.Server, ImapMock]:
        mock = ImapMock(faults={"LOGIN": fault})
        self.addCleanup(mock.close)
        server = harness.new_server("stop")
        server.sections["Server"]["StopWait"] = wait
        server.sections["Mail"].update(ImapPort=mock.port, ImapSecurity="none", ImapWait="60s")
        server.start()
        self.addCleanup(steps.end, server)
        return server, mock

    def login_meanwhile(self, server: web.Server, mock: ImapMock) -> tuple[threading.Thread, list]:
        """A login that is under way when this returns."""
        client = browser(server)
        form = client.get("/login").form(field="password")
        answers: list[Page | Exception] = []

        def run() -> None:
            try:
                answers.append(client.submit(form, follow=False, name="anna", password="x"))
            except (OSError, http.client.HTTPException) as error:
                answers.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        proc.wait_until(lambda: "LOGIN" in mock.steps, "LOGIN", 20)
        return thread, answers

    def test_what_is_being_answered_is_finished(self) -> None:
        server, mock = self.slow(DRIP, "30s")
        thread, answers = self.login_meanwhile(server, mock)
        assert server.process is not None
        server.process.signal(signal.SIGTERM)
        steps.wait_event(server, "server.stopping")
        proc.wait_until(lambda: not proc.accepts(server.plain_port), "closed door", 10)
        self.assertTrue(thread.is_alive())
        thread.join(40)
        self.assertIsInstance(answers[0], Page)
        self.assertEqual(answers[0].status, 303)
        self.assertEqual(server.stop(), 0)
        # It was a session: it lives on in the next server.
        self.assertIn("event=server.stopped", steps.log_text(server))

    def test_it_is_bounded_by_stopwait(self) -> None:
        server, mock = self.slow(HANG, "1s")
        thread, answers = self.login_meanwhile(server, mock)
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        took = time.monotonic() - began
        self.assertLess(took, 6)
        self.assertGreater(took, 0.8)
        thread.join(10)
        self.assertFalse(thread.is_alive())
        if isinstance(answers[0], Page):
            self.assertGreaterEqual(answers[0].status, 500)

    def test_idle_connections_do_not_hold_it_up(self) -> None:
        server = harness.new_server("stop").start()
        self.addCleanup(steps.end, server)
        socks = [socket.create_connection((proc.LOOPBACK, server.plain_port), 10) for _ in range(20)]
        for sock in socks:
            sock.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"200 OK", sock.recv(4096))
        began = time.monotonic()
        self.assertEqual(server.stop(), 0)
        self.assertLess(time.monotonic() - began, 5)
        for sock in socks:
            sock.close()


class LogFileTest(unittest.TestCase):
    def test_sigusr1_opens_the_file_anew(self) -> None:
        server = harness.new_server("log")
        log = server.folder / "web.log"
        server.sections["Log"] = {"Target": "file", "File": log}
        server.start()
        self.addCleanup(steps.end, server)
        server.log = log
        old = log.rename(log.with_suffix(".1"))
        client = browser(server)
        client.get("/login")
        self.assertIn("path=/login", old.read_text())  # until it is told
        assert server.process is not None
        server.process.signal(signal.SIGUSR1)

        def goes_to_the_new_one() -> bool:
            client.get("/settings", follow=False)
            return log.exists() and "path=/settings" in log.read_text()

        proc.wait_until(goes_to_the_new_one, "new log file", 20, server.process)
        size = old.stat().st_size
        client.get("/login")
        proc.wait_until(lambda: "path=/login" in log.read_text(), "line", 10, server.process)
        self.assertEqual(old.stat().st_size, size)
        self.assertEqual(log.stat().st_mode & 0o007, 0)
        # Truncated by somebody, or gone for good: the server goes on.
        log.unlink()
        server.process.signal(signal.SIGUSR1)
        proc.wait_until(goes_to_the_new_one, "new log file", 20, server.process)
        self.assertEqual(server.stop(), 0)
        self.assertIn("event=server.stopped", log.read_text())


class BusyReloadTest(harness.WebTest):
    """SIGHUP while 32 kept-alive connections are busy."""

    def test_no_request_fails(self) -> None:
        clients = [self.logged_in(secure=number % 2 == 1) for number in range(4)]
        cookies = [
            "; ".join(f"{each.name}={each.value}" for each in client.cookies.values())
            for client in clients
        ]
        over = threading.Event()
        failed: list[str] = []
        done = [0] * 32

        def run(number: int) -> None:
            secure = number % 2 == 1
            port = self.server.secure_port if secure else self.server.plain_port
            conn = http.client.HTTPConnection(proc.LOOPBACK, port, timeout=60)
            conn.auto_open = 0  # a connection that was dropped shows
            try:
                conn.connect()
                if secure:
                    conn.sock = clients[1].trust.wrap_socket(conn.sock, server_hostname=HOST)
                headers = {"Host": f"{HOST}:{port}", "Cookie": cookies[number % 4]}
                while not over.is_set():
                    path = LIST if number % 8 < 2 else "/settings"
                    conn.request("GET", path, headers=headers)
                    answer = conn.getresponse()
                    body = answer.read()
                    if answer.status != 200 or b"Log off" not in body:
                        failed.append(f"{number}: {answer.status} {body[:200]!r}")
                        return
                    done[number] += 1
            except (OSError, http.client.HTTPException) as error:
                failed.append(f"{number}: {error!r}")
            finally:
                conn.close()

        threads = [threading.Thread(target=run, args=(number,)) for number in range(32)]
        for thread in threads:
            thread.start()
        try:
            for title in ("One", "Two", "Three", "Four", "Five"):
                seen = list(done)
                self.server.sections["Server"]["Title"] = title
                self.assertTrue(steps.reload(self.server))
                proc.wait_until(
                    lambda: bool(failed) or all(now > was for now, was in zip(done, seen)),
                    "every connection goes on", 60, self.server.process,
                )  # fmt: skip
        finally:
            over.set()
            for thread in threads:
                thread.join(60)
            self.server.sections["Server"].pop("Title", None)
        self.assertEqual(failed, [])
        self.assertGreater(min(done), 5)


if __name__ == "__main__":
    unittest.main()
