"""iwebmsgd as a program: command line, ini file, parent and child, signals."""

from __future__ import annotations

import http.client
import os
import pwd
import re
import shutil
import signal
import socket
import ssl
import subprocess
import unittest
from pathlib import Path

import ca
import harness
import proc
import server as web

IS_ROOT = os.geteuid() == 0
WAIT_S = 20.0
MISSING_USER = "iwebmsg-no-such-user"


def bare_server(name: str, certificate: ca.Certificate | None = None) -> web.Server:
    """A server whose mail servers nobody asks."""
    folder = harness.new_folder(name)
    plain, secure = proc.free_ports(2)
    sections: web.Sections = {
        "Server": {
            "ListenAddress": proc.LOOPBACK,
            "PlainPort": plain,
            "SecurePort": secure,
            "User": web.SERVER_USER,
            "StateDir": web.state_folder(folder / "state"),
            "StopWait": "2s",
        }
    }
    if certificate is not None:
        sections["SSL"] = {
            "EnableSSL": 1,
            "Certificate": certificate.cert,
            "PrivateKey": certificate.key,
        }
    return web.Server(folder, sections)


def call(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(web.program()), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=WAIT_S * 3,
        check=False,
    )


def children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def user_of(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"^Uid:\s+(\d+)\s+(\d+)\s+(\d+)", status, re.MULTILINE)
    assert found is not None and len(set(found.groups())) == 1
    return int(found.group(1))


def page(server: web.Server, path: str = "/") -> str:
    conn = http.client.HTTPConnection(proc.LOOPBACK, server.plain_port, timeout=WAIT_S)
    try:
        conn.request("GET", path)
        return conn.getresponse().read().decode()
    finally:
        conn.close()


def tls_socket(server: web.Server, ca_file: Path) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(ca_file))
    plain = socket.create_connection((proc.LOOPBACK, server.secure_port), timeout=WAIT_S)
    return context.wrap_socket(plain, server_hostname="localhost")


def serial_of(conn: ssl.SSLSocket) -> str:
    return str((conn.getpeercert() or {})["serialNumber"])


def get_on(conn: ssl.SSLSocket) -> bytes:
    conn.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    return conn.recv(65536)


class DaemonCase(unittest.TestCase):
    server: web.Server

    def begin(self, server: web.Server) -> None:
        self.server = server
        harness.logs_of[type(self).__name__] = [server.log]
        server.start()
        self.addCleanup(self.finish)

    def finish(self) -> None:
        self.server.stop()
        self.assertEqual(harness.complaints(self.server), "")

    def log_count(self, event: str) -> int:
        return self.server.log.read_text().count(f"event={event} ") + len(
            re.findall(rf"event={re.escape(event)}$", self.server.log.read_text(), re.MULTILINE)
        )

    def wait_log(self, event: str, count: int = 1) -> None:
        proc.wait_until(lambda: self.log_count(event) >= count, event, WAIT_S)

    def reload(self, event: str) -> None:
        before = self.log_count(event)
        self.server.reload()
        self.wait_log(event, before + 1)


class CommandLineTest(unittest.TestCase):
    def test_version_and_help(self) -> None:
        version = (web.TOP / "VERSION").read_text().strip()
        self.assertEqual(call("--version").stdout, f"iwebmsgd {version}\n")
        self.assertIn("--check", call("--help").stdout)

    def test_mistakes_of_the_command_line(self) -> None:
        for words in (("--nope",), ("--config",), ("--config=",), ("--daemon", "--check")):
            with self.subTest(words):
                done = call(*words)
                self.assertEqual(done.returncode, 2)
                self.assertIn("--help", done.stderr)

    def test_missing_ini_file(self) -> None:
        done = call("--config", "/nowhere/iwebmsg.ini")
        self.assertEqual(done.returncode, 1)
        self.assertIn("/nowhere/iwebmsg.ini", done.stderr)
        self.assertIn("iwebmsg.ini.sample", done.stderr)

    def test_sample_is_the_committed_one(self) -> None:
        committed = (web.TOP / "iwebmsg.ini.sample").read_text()
        self.assertEqual(call("--print-sample").stdout, committed)


class RefusalTest(unittest.TestCase):
    """What keeps it from starting is said with file, line and what to do."""

    def refused(self, server: web.Server) -> str:
        server.write()
        done = call("--config", server.ini)
        self.assertEqual(done.returncode, 1, done.stderr)
        return done.stderr

    def test_several_mistakes_at_once(self) -> None:
        server = bare_server("mistakes")
        server.sections["Mail"] = {"ImapHsot": "x", "ImapWait": "9"}
        said = self.refused(server)
        first = server.ini.read_text().splitlines().index("ImapHsot=x") + 1
        self.assertIn(f"{server.ini}:{first}: unknown key ImapHsot; did you mean ImapHost", said)
        self.assertIn(f"{server.ini}:{first + 1}: ImapWait=9 cannot be read; allowed:", said)

    def test_force_without_enable(self) -> None:
        server = bare_server("force")
        server.sections["SSL"] = {"ForceSSL": 1}
        self.assertRegex(self.refused(server), r"iwebmsg.ini:\d+: ForceSSL=1 needs EnableSSL=1")

    def test_key_that_others_may_read(self) -> None:
        server = bare_server("open-key")
        made = ca.self_signed(server.folder, "web")
        made.key.chmod(0o604)
        server.sections["SSL"] = {"EnableSSL": 1, "Certificate": made.cert, "PrivateKey": made.key}
        said = self.refused(server)
        self.assertRegex(said, r"iwebmsg.ini:\d+: PrivateKey: .*may be read by others.*chmod")

    def test_key_of_another_certificate(self) -> None:
        server = bare_server("other-key")
        made = ca.self_signed(server.folder, "web")
        other = ca.self_signed(server.folder, "other")
        server.sections["SSL"] = {"EnableSSL": 1, "Certificate": made.cert, "PrivateKey": other.key}
        self.assertRegex(self.refused(server), r"iwebmsg.ini:\d+: Certificate: ")

    @unittest.skipUnless(IS_ROOT, "as root only")
    def test_unknown_user(self) -> None:
        server = bare_server("user")
        server.sections["Server"]["User"] = MISSING_USER
        self.assertIn("useradd --system", self.refused(server))

    @unittest.skipUnless(IS_ROOT, "as root only")
    def test_ini_file_of_somebody_else(self) -> None:
        server = bare_server("owner")
        server.write()
        shutil.chown(server.ini, web.SERVER_USER)
        done = call("--config", server.ini)
        self.assertEqual(done.returncode, 1)
        self.assertIn("chown root", done.stderr)
        shutil.chown(server.ini, "root")
        server.ini.chmod(0o620)
        self.assertIn("chmod go-w", call("--config", server.ini).stderr)

    @unittest.skipUnless(IS_ROOT, "as root only")
    def test_state_folder_of_somebody_else(self) -> None:
        server = bare_server("state")
        state = Path(str(server.sections["Server"]["StateDir"]))
        shutil.chown(state, "root")
        (state / "file").touch()
        self.assertIn("chown -R nobody", self.refused(server))
        self.assertEqual(state.stat().st_uid, 0)

    def test_port_in_use(self) -> None:
        server = bare_server("port")
        with socket.socket() as holder:
            holder.bind((proc.LOOPBACK, server.plain_port))
            holder.listen()
            self.assertIn(f"port {server.plain_port}", self.refused(server))


class StateTest(DaemonCase):
    """One server for each StateDir."""

    def test_a_second_server_of_the_same_directory(self) -> None:
        self.begin(bare_server("holder"))
        state = self.server.sections["Server"]["StateDir"]
        second = bare_server("second")
        second.sections["Server"]["StateDir"] = state
        second.sections["Server"]["Database"] = web.state_folder(second.folder / "own") / "other.sqlite"
        second.write()

        def refused() -> None:
            holder = int((Path(str(state)) / "iwebmsgd.lock").read_text())
            self.assertIn(holder, [self.server.process.pid, *children(self.server.process.pid)])  # type: ignore[union-attr]
            done = call("--config", second.ini)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"Another iwebmsgd (process {holder}) is running with the same directory, StateDir={state}.", done.stderr)

        refused()
        # To look is no harm, and a reload or another child changes nothing.
        self.assertIn("checks", call("--check", "--config", self.server.ini).stdout)
        self.assertIn("checks", call("--check", "--config", second.ini).stdout)
        self.reload("reload.done")
        refused()
        if IS_ROOT:
            (child,) = children(self.server.process.pid)  # type: ignore[union-attr]
            os.kill(child, signal.SIGKILL)
            self.wait_log("parent.child_died")
            self.assertEqual(page(self.server, "/healthz"), "ok\n")
            refused()
        self.assertEqual(self.server.stop(), 0)
        # What a dead server left behind holds nobody up.
        second.start()
        self.assertEqual(page(second, "/healthz"), "ok\n")
        second.stop()


class OldFileTest(DaemonCase):
    def test_an_old_ini_file_is_understood(self) -> None:
        server = bare_server("old")
        old = server.folder / "IWebMsg.ini"
        old.write_text("EnableSSL=1\r\nForceSSL=1\r\n[Options]\r\nLanguage=en\r\n")
        old.chmod(0o600)
        done = call("--check", "--config", old)
        self.assertIn("Language of an old IWebMsg.ini is not used", done.stdout)
        self.assertIn("/var/lib/iwebmsg/tls.pem", done.stdout)
        self.assertIn("EnableSSL=1 ForceSSL=1", done.stdout)


@unittest.skipUnless(IS_ROOT, "as root only")
class ParentTest(DaemonCase):
    def test_child_serves_as_user_and_is_started_again(self) -> None:
        self.begin(bare_server("parent"))
        parent = self.server.process
        assert parent is not None
        wanted = pwd.getpwnam(web.SERVER_USER).pw_uid
        for round_number in range(2):
            (child,) = children(parent.pid)
            self.assertEqual(user_of(parent.pid), 0)
            self.assertEqual(user_of(child), wanted)
            os.kill(child, signal.SIGKILL)
            # Until it is gone it may still take a connection along.
            self.assertTrue(proc.wait_gone(child, WAIT_S))
            # The port stays open: this request waits, it is not refused.
            self.assertEqual(page(self.server, "/healthz"), "ok\n")
            self.wait_log("parent.child_died", round_number + 1)
        self.assertEqual(self.server.stop(), 0)
        self.assertTrue(proc.port_free(self.server.plain_port))

    def test_child_ends_with_its_parent(self) -> None:
        self.begin(bare_server("orphan"))
        parent = self.server.process
        assert parent is not None
        (child,) = children(parent.pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.popen.wait()
        self.assertTrue(proc.wait_gone(child, WAIT_S))

    def test_renewed_root_key_is_taken_up_without_dropping_anybody(self) -> None:
        authority = ca.Authority(harness.new_folder("authority"))
        certificate = authority.issue("web")
        self.begin(bare_server("renew", certificate))
        self.assertEqual(certificate.key.stat().st_mode & 0o777, 0o600)
        with tls_socket(self.server, authority.cert) as old:
            before = serial_of(old)
            self.assertIn(b"200 OK", get_on(old))
            authority.issue("web")
            self.reload("reload.done")
            with tls_socket(self.server, authority.cert) as fresh:
                self.assertNotEqual(serial_of(fresh), before)
                self.assertIn(b"200 OK", get_on(fresh))
            self.assertIn(b"200 OK", get_on(old))

    def test_broken_renewal_keeps_the_old_certificate(self) -> None:
        authority = ca.Authority(harness.new_folder("authority"))
        certificate = authority.issue("web")
        self.begin(bare_server("broken", certificate))
        with tls_socket(self.server, authority.cert) as conn:
            before = serial_of(conn)
        certificate.cert.write_text("-----BEGIN CERTIFICATE-----\nbroken\n")
        self.reload("reload.refused")
        with tls_socket(self.server, authority.cert) as conn:
            self.assertEqual(serial_of(conn), before)
        self.assertIn(str(certificate.cert), self.server.log.read_text())


class ReloadTest(DaemonCase):
    def test_whole_or_not_at_all(self) -> None:
        self.begin(bare_server("reload"))
        self.server.sections["Server"]["Title"] = "New name"
        self.server.sections["Server"]["Workers"] = "many"
        self.reload("reload.refused")
        self.assertNotIn("New name", page(self.server))
        self.assertIn("Workers=many cannot be read", self.server.log.read_text())
        self.server.sections["Server"]["Workers"] = 7
        self.reload("reload.done")
        self.assertIn("New name", page(self.server))
        self.assertIn("event=reload.needs_restart keys=Workers", self.server.log.read_text())

    def test_host_folder_overrides_template_and_style(self) -> None:
        server = bare_server("host")
        self.begin(server)
        own = server.folder / "own"
        (own / "static").mkdir(parents=True)
        login = (web.TOP / "templates" / "login.html").read_text()
        (own / "login.html").write_text(login.replace("</h1>", "</h1><p>Our own login</p>", 1))
        (own / "static" / "app.css").write_text("/* our own style */\n")
        server.sections["Host own.test"] = {"TemplateDir": own}
        self.reload("reload.done")
        self.assertNotIn("Our own login", page(server))
        conn = http.client.HTTPConnection(proc.LOOPBACK, server.plain_port, timeout=WAIT_S)
        conn.request("GET", "/", headers={"Host": "own.test"})
        text = conn.getresponse().read().decode()
        self.assertIn("Our own login", text)
        style = re.search(r"/static/app\.\w+\.css", text)
        assert style is not None
        conn.request("GET", style.group(0), headers={"Host": "own.test"})
        self.assertEqual(conn.getresponse().read(), b"/* our own style */\n")
        (own / "login.html").write_text("{{#open}}")
        self.reload("reload.refused")
        conn.request("GET", "/", headers={"Host": "own.test"})
        self.assertIn("Our own login", conn.getresponse().read().decode())
        self.assertRegex(server.log.read_text(), r"login\.html:1")
        conn.close()


class LogFileTest(DaemonCase):
    def test_daemon_with_pid_file_and_log_rotation(self) -> None:
        server = bare_server("background")
        pid_file = server.folder / "iwebmsgd.pid"
        log = server.folder / "state" / "server.log"
        if IS_ROOT:
            log = server.folder / "server.log"
        server.sections["Server"]["PidFile"] = pid_file
        server.sections["Log"] = {"Target": "file", "File": log}
        server.write()

        def end_it() -> None:
            if pid_file.exists():
                left = int(pid_file.read_text())
                proc.end({"pid": left, "ticks": proc.start_ticks(left)})

        self.addCleanup(end_it)
        done = call("--daemon", "--config", server.ini)
        self.assertEqual(done.returncode, 0, done.stderr)
        pid = int(pid_file.read_text())
        # It serves when the command returns, without waiting.
        self.assertEqual(page(server, "/healthz"), "ok\n")
        self.assertIn("event=server.ready", log.read_text())
        again = call("--daemon", "--config", server.ini)
        self.assertEqual(again.returncode, 1)
        kept = log.with_suffix(".1")
        log.rename(kept)
        os.kill(pid, signal.SIGUSR1)
        proc.wait_until(log.exists, "a new log file", WAIT_S)

        def is_written() -> bool:
            page(server, "/healthz?after-rotation")
            return "event=http.request" in log.read_text()

        proc.wait_until(is_written, "lines in the new log", WAIT_S)
        os.kill(pid, signal.SIGTERM)
        self.assertTrue(proc.wait_gone(pid, WAIT_S))
        self.assertFalse(pid_file.exists())
        self.assertIn("event=server.stopped", log.read_text())

    def test_daemon_that_cannot_start_says_so(self) -> None:
        server = bare_server("background-broken")
        made = ca.self_signed(server.folder, "web")
        made.cert.write_text("no certificate")
        server.sections["SSL"] = {"EnableSSL": 1, "Certificate": made.cert, "PrivateKey": made.key}
        server.write()
        done = call("--daemon", "--config", server.ini)
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(made.cert), done.stderr)


class ServiceManagerTest(DaemonCase):
    def test_told_ready_reloading_watchdog_stopping(self) -> None:
        server = bare_server("notify")
        name = server.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(name))
            name.chmod(0o777)
            manager.settimeout(WAIT_S)
            server.env = {"NOTIFY_SOCKET": str(name), "WATCHDOG_USEC": "400000"}
            self.begin(server)

            def hear(word: bytes) -> None:
                while not manager.recv(4096).startswith(word):
                    pass

            hear(b"READY=1")
            self.assertEqual(page(server, "/healthz"), "ok\n")
            hear(b"WATCHDOG=1")
            hear(b"WATCHDOG=1")
            server.reload()
            hear(b"RELOADING=1\nMONOTONIC_USEC=")
            hear(b"READY=1")
            self.assertEqual(server.stop(), 0)
            hear(b"STOPPING=1")


class CheckTest(unittest.TestCase):
    def test_all_is_well(self) -> None:
        server = harness.new_server("check")
        server.write()
        done = call("--check", "--config", server.ini)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn(f"checks {server.ini}", done.stdout)
        self.assertIn("EnableSSL=1 ForceSSL=0", done.stdout)
        for port in (server.plain_port, server.secure_port):
            self.assertIn(f" {port} on {proc.LOOPBACK}", done.stdout)
        self.assertRegex(done.stdout, r"(?m)^ok +IMAP +localhost:")
        self.assertRegex(done.stdout, r"(?m)^ok +SMTP +localhost:")
        self.assertFalse(server.database.exists(), "a check makes nothing")

    def test_dead_mail_servers_and_untrusted_ones(self) -> None:
        server = harness.new_server("check-dead")
        (dead,) = proc.free_ports(1)
        server.sections["Mail"]["ImapPort"] = dead
        stranger = ca.self_signed(server.folder, "stranger")
        server.sections["Mail"]["SmtpCA"] = stranger.cert
        server.write()
        done = call("--check", "--config", server.ini)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"(?m)^WRONG +IMAP .*\n +mend: .*ImapPort=")
        self.assertRegex(done.stdout, r"(?m)^WRONG +SMTP .*\n +mend: .*SmtpCA=")
        self.assertIn("2 things to mend.", done.stdout)


if __name__ == "__main__":
    unittest.main()
