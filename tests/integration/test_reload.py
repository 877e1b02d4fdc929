"""Certificates while people work: SIGHUP under load, AutoReload."""

from __future__ import annotations

import os
import shutil
import socket
import ssl
import subprocess
import threading
import unittest
from pathlib import Path

import ca
import harness
import proc
import server as web
import steps

IS_ROOT = os.geteuid() == 0
WAIT_S = 20.0
BUSY = 64
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"


def own(path: Path, user: str) -> Path:
    if IS_ROOT:
        shutil.chown(path, user)
    return path


def put(made: ca.Certificate, place: ca.Certificate, user: str = "root") -> None:
    """Puts a certificate and its key in place as renewals do: by rename."""
    for source, target, mode in ((made.key, place.key, 0o600), (made.cert, place.cert, 0o644)):
        fresh = target.with_name(target.name + ".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(source.read_bytes())
        fresh.chmod(mode)
        own(fresh, user).replace(target)


def server_with(name: str, place: ca.Certificate) -> web.Server:
    """A server with this certificate, whose mail servers nobody asks."""
    folder = harness.new_folder(name)
    plain, secure = proc.free_ports(2)
    return web.Server(
        folder,
        {
            "Server": {
                "ListenAddress": proc.LOOPBACK,
                "PlainPort": plain,
                "SecurePort": secure,
                "User": web.SERVER_USER,
                "StateDir": web.state_folder(folder / "state"),
                "StopWait": "2s",
                "MaxConnectionsPerAddress": 200,
            },
            "SSL": {"EnableSSL": 1, "Certificate": place.cert, "PrivateKey": place.key},
        },
    )


class ReloadCase(unittest.TestCase):
    authority: ca.Authority
    server: web.Server

    def setUp(self) -> None:
        self.authority = ca.Authority(harness.new_folder("authority"))
        self.made = [self.authority.issue(stem) for stem in ("one", "two")]
        folder = harness.new_folder("place")
        self.place = ca.Certificate(folder / "web.pem", folder / "web.key")

    def begin(self, server: web.Server) -> None:
        self.server = server
        harness.logs_of[type(self).__name__] = [server.log]
        server.start()
        self.addCleanup(steps.end, server)

    def connect(self) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.authority.cert))
        plain = socket.create_connection((proc.LOOPBACK, self.server.secure_port), timeout=WAIT_S)
        return context.wrap_socket(plain, server_hostname="localhost")

    def shown(self) -> str:
        """The serial number of the certificate that a new connection sees."""
        with self.connect() as conn:
            return str((conn.getpeercert() or {})["serialNumber"])

    def serial(self, made: ca.Certificate) -> str:
        run = ("openssl", "x509", "-noout", "-serial", "-in", str(made.cert))
        said = subprocess.run(run, check=True, capture_output=True, text=True).stdout
        return said.strip().partition("=")[2]

    def wait_shown(self, made: ca.Certificate) -> None:
        wanted = self.serial(made)
        proc.wait_until(lambda: self.shown() == wanted, "the new certificate", WAIT_S)


class Worker(threading.Thread):
    """One browser that keeps its connection and asks again and again."""

    def __init__(self, conn: ssl.SSLSocket, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self.conn = conn
        self.stop = stop
        self.count = 0
        self.failure = ""

    def run(self) -> None:
        try:
            while not self.stop.is_set():
                self.conn.sendall(REQUEST)
                answer = b""
                while not answer.endswith(b"\r\n\r\nok\n"):
                    more = self.conn.recv(65536)
                    if not more:
                        self.failure = f"closed after {self.count} requests: {answer!r}"
                        return
                    answer += more
                self.count += 1
        except OSError as error:
            self.failure = f"{error} after {self.count} requests"


class BusyTest(ReloadCase):
    def test_certificates_change_under_busy_connections(self) -> None:
        put(self.made[0], self.place)
        self.begin(server_with("busy", self.place))
        stop = threading.Event()
        workers = [Worker(self.connect(), stop) for _ in range(BUSY)]
        for worker in workers:
            worker.start()
        try:
            for round_number in range(1, 5):
                made = self.made[round_number % 2]
                put(made, self.place)
                before = [worker.count for worker in workers]
                self.assertTrue(steps.reload(self.server))
                self.assertEqual(self.shown(), self.serial(made))
                # Each of them was served across this reload.
                for worker, count in zip(workers, before):
                    proc.wait_until(
                        lambda w=worker, c=count: w.count > c or w.failure, "an answer", WAIT_S
                    )
            kept = self.shown()
            self.place.cert.write_text("-----BEGIN CERTIFICATE-----\nbroken\n")
            self.assertFalse(steps.reload(self.server))
            self.assertEqual(self.shown(), kept)
            refused = steps.events(self.server, "reload.refused")[-1]
            self.assertIn(str(self.place.cert), refused["reason"])
            self.assertRegex(refused["reason"], r"iwebmsg\.ini:\d+: Certificate: ")
        finally:
            stop.set()
            for worker in workers:
                worker.join(WAIT_S)
                worker.conn.close()
        self.assertEqual([each.failure for each in workers if each.failure], [])
        self.assertEqual(steps.events(self.server, "parent.child_died"), [])


class AutoReloadCase(ReloadCase):
    """With AutoReload=1; the same as root and as an ordinary user."""

    user: str

    def reloads(self) -> tuple[int, int]:
        return tuple(len(steps.events(self.server, f"reload.{how}")) for how in ("done", "refused"))

    def check_renewal(self) -> None:
        self.wait_shown(self.made[0])
        put(self.made[1], self.place, self.user)
        self.wait_shown(self.made[1])
        self.assertEqual(self.reloads(), (1, 0), "once for both files")

    def check_half_a_pair(self) -> None:
        """The certificate alone is refused; with its key it is taken up."""
        shown = self.shown()
        made = self.authority.issue("three")
        half = self.place.cert.with_name("half.pem")
        half.write_bytes(made.cert.read_bytes())
        own(half, self.user).replace(self.place.cert)
        steps.wait_event(self.server, "reload.refused")
        self.assertEqual(self.shown(), shown)
        put(made, self.place, self.user)
        self.wait_shown(made)

    def check_ini(self) -> None:
        self.server.sections["Server"]["Title"] = "Another house"
        done, _ = self.reloads()
        fresh = self.server.ini.with_name("fresh.ini")
        web.write_ini(fresh, self.server.sections)
        own(fresh, self.user).replace(self.server.ini)
        steps.wait_event(self.server, "reload.done", done + 1)
        with self.connect() as conn:
            conn.sendall(b"GET /login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            answer = b"".join(iter(lambda: conn.recv(65536), b""))
        self.assertIn(b"Another house", answer)

    def check_all(self) -> None:
        self.check_renewal()
        self.check_half_a_pair()
        self.check_ini()


@unittest.skipUnless(IS_ROOT, "as root only")
class AutoReloadAsRootTest(AutoReloadCase):
    user = "root"

    def test_files_the_child_cannot_see_are_watched_by_the_parent(self) -> None:
        put(self.made[0], self.place)
        self.place.key.parent.chmod(0o700)
        server = server_with("auto", self.place)
        server.sections["Server"]["AutoReload"] = 1
        self.begin(server)
        self.check_all()

    def test_without_it_nothing_is_taken_up(self) -> None:
        put(self.made[0], self.place)
        self.begin(server_with("still", self.place))
        put(self.made[1], self.place)
        self.assertEqual(self.shown(), self.serial(self.made[0]))
        # A reload is what begins to watch.
        self.server.sections["Server"]["AutoReload"] = 1
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(self.shown(), self.serial(self.made[1]))
        put(self.made[0], self.place)
        self.wait_shown(self.made[0])


class UserServer(web.Server):
    """A server that is started by an ordinary user."""

    def start(self, seconds: float = 30.0) -> "UserServer":
        self.write()
        drop = ["setpriv", f"--reuid={web.SERVER_USER}", "--regid=nogroup", "--clear-groups"]
        if IS_ROOT:
            shutil.chown(self.ini, web.SERVER_USER)
        words = [*(drop if IS_ROOT else []), web.program(), "--config", self.ini]
        self.process = proc.Process("iwebmsgd", words, self.log, cwd=web.TOP)
        proc.wait_until(self.healthy, "iwebmsgd /healthz", seconds, self.process)
        return self


class AutoReloadAsUserTest(AutoReloadCase):
    user = web.SERVER_USER

    def test_the_server_watches_by_itself(self) -> None:
        put(self.made[0], self.place, self.user)
        plan = server_with("auto-user", self.place)
        plan.sections["Server"]["AutoReload"] = 1
        own(plan.folder, self.user)
        self.begin(UserServer(plan.folder, plan.sections))
        assert self.server.process is not None
        self.assertEqual(steps.children(self.server.process.pid), [])
        self.check_all()


if __name__ == "__main__":
    unittest.main()
