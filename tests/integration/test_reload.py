"""Certificates while people work: SIGHUP under load, AutoReload, expiry."""

from __future__ import annotations

import datetime
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


def short_lived(folder: Path, stem: str, days: float) -> ca.Certificate:
    """A self-signed certificate that ends in so many days (past: negative)."""
    made = ca.Certificate(folder / f"{stem}.pem", folder / f"{stem}.key")
    now = datetime.datetime.now(datetime.timezone.utc)
    end = now + datetime.timedelta(days=days, hours=1)
    words = {
        "-startdate": (min(now, end) - datetime.timedelta(days=40)).strftime("%Y%m%d%H%M%SZ"),
        "-enddate": end.strftime("%Y%m%d%H%M%SZ"),
    }
    config = folder / f"{stem}.cnf"
    config.write_text(
        f"[ca]\ndefault_ca=x\n[x]\ndatabase={folder}/{stem}.idx\nserial={folder}/{stem}.srl\n"
        f"new_certs_dir={folder}\ndefault_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n"
    )
    (folder / f"{stem}.idx").write_text("")
    (folder / f"{stem}.srl").write_text("1000\n")
    run = ("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
           "-subj", f"/CN={stem}", "-keyout", str(made.key), "-out", f"{folder}/{stem}.csr")  # fmt: skip
    subprocess.run(["openssl", *run], check=True, capture_output=True)
    run = ("ca", "-batch", "-notext", "-selfsign", "-config", str(config), "-keyfile", str(made.key),
           "-in", f"{folder}/{stem}.csr", "-out", str(made.cert),
           *(word for pair in words.items() for word in pair))  # fmt: skip
    subprocess.run(["openssl", *run], check=True, capture_output=True)
    made.key.chmod(0o600)
    return made


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
        steps.wait_event(self.server, "reload.done")
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
        done, _ = self.reloads()
        put(made, self.place, self.user)
        self.wait_shown(made)
        steps.wait_event(self.server, "reload.done", done + 1)

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


class ExpiryTest(ReloadCase):
    """30, 7 and 1 days before the end: in the log, in --check, in /metrics."""

    ROWS = (("far", 90.0, ""), ("soon", 20.0, "info"), ("near", 5.0, "warn"),
            ("over", 0.5, "error"), ("past", -3.0, "error"))  # fmt: skip

    def test_log_check_and_metrics(self) -> None:
        folder = harness.new_folder("lives")
        made = short_lived(folder, "far", 90)
        server = server_with("expiry", made)
        self.begin(server)
        for stem, days, level in self.ROWS:
            with self.subTest(stem):
                made = short_lived(folder, stem, days)
                server.sections["SSL"].update(Certificate=made.cert, PrivateKey=made.key)
                self.assertTrue(steps.reload(server))
                said = [
                    each
                    for each in steps.events(server, "tls.certificate_expires")
                    if each["file"] == str(made.cert)
                ]
                self.assertEqual([each["level"] for each in said], [level] if level else [])
                if said:
                    self.assertEqual(int(said[0]["days_left"]), max(0, int(days)))
                    self.assertEqual(said[0]["expired"], "yes" if days < 0 else "no")
                self.check_gauge(made, days)
                self.check_command(made, days)

    def check_gauge(self, made: ca.Certificate, days: float) -> None:
        conn = socket.create_connection((proc.LOOPBACK, self.server.plain_port), timeout=WAIT_S)
        with conn:
            conn.sendall(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            text = b"".join(iter(lambda: conn.recv(65536), b"")).decode()
        gauges = [
            line
            for line in text.splitlines()
            if line.startswith("iwebmsg_tls_certificate_not_after_seconds{")
        ]
        # Only what is in force: labels of before the reload are gone.
        self.assertEqual(len(gauges), 1, gauges)
        self.assertIn(f'file="{made.cert}",host="*"', gauges[0])
        end_s = int(gauges[0].rpartition(" ")[2])
        left_s = end_s - datetime.datetime.now().timestamp()
        self.assertAlmostEqual(left_s / 86400, days, delta=0.1)

    def check_command(self, made: ca.Certificate, days: float) -> None:
        done = steps.program("--check", "--config", self.server.ini)
        (line,) = [
            line
            for line in done.stdout.splitlines()
            if line[7:].startswith("certificate ") and str(made.cert) in line
        ]
        word = "ok" if days >= 30 else "note" if days >= 1 else "WRONG"
        self.assertTrue(line.startswith(f"{word} "), line)
        self.assertIn("expired 2 days ago" if days < 0 else f"{int(days)} days left", line)


class ListTest(ReloadCase):
    """Revocation lists and our own certificate for mail servers run out, too."""

    def crl(self, days: int) -> Path:
        path = self.authority.folder / f"{days}.crl"
        run = ("openssl", "ca", "-gencrl", "-config", str(self.authority.folder / "one.cnf"),
               "-crldays", str(days), "-out", str(path))  # fmt: skip
        subprocess.run(run, check=True, capture_output=True)
        der = path.with_suffix(".der")
        run = ("openssl", "crl", "-in", str(path), "-outform", "DER", "-out", str(der))
        subprocess.run(run, check=True, capture_output=True)
        return der

    def test_log_check_and_metrics(self) -> None:
        put(self.made[0], self.place)
        server = server_with("lists", self.place)
        mine = short_lived(harness.new_folder("mine"), "mine", 5)
        server.sections["SSL"].update(VerifyClient="optional", TrustStore=self.authority.cert)
        server.sections["SSL"]["ClientCRL"] = far = self.crl(30)
        server.sections["Mail"] = {"ImapCertificate": mine.cert, "ImapPrivateKey": mine.key}
        self.begin(server)
        self.assertEqual(steps.events(server, "tls.crl_expires"), [])
        (said,) = steps.events(server, "tls.certificate_expires")
        self.assertEqual((said["file"], said["key"]), (str(mine.cert), "ImapCertificate"))
        self.assertEqual((said["level"], said["days_left"]), ("warn", "5"))
        out = steps.program("--check", "--config", server.ini).stdout
        self.assertRegex(out, rf"(?m)^ok +revocation +{far}, (29|30) days left$")
        self.assertRegex(out, rf"(?m)^note +our own +{mine.cert}, 5 days left; renew it")
        server.sections["SSL"]["ClientCRL"] = near = self.crl(3)
        self.assertTrue(steps.reload(server))
        (said,) = steps.events(server, "tls.crl_expires")
        self.assertEqual((said["file"], said["level"]), (str(near), "info"))
        out = steps.program("--check", "--config", server.ini).stdout
        self.assertRegex(out, rf"(?m)^note +revocation +{near}, \d days left; fetch a fresh list")


class MailTrustTest(harness.WebTest):
    """What is trusted of mail servers is taken up without a restart."""

    @classmethod
    def change(cls, sections: web.Sections) -> None:
        cls.trust = cls.server.folder / "mail.pem"
        cls.stranger = ca.self_signed(cls.server.folder, "stranger")
        shutil.copy(cls.stranger.cert, cls.trust)
        sections["Mail"].update(ImapCA=cls.trust)

    trust: Path
    stranger: ca.Certificate

    def test_an_authority_that_comes_and_goes(self) -> None:
        password = self.backend.passwords["anna"]
        self.assertEqual(self.client().login("anna", password).status, 502)
        shutil.copy(self.backend.ca_file, self.trust)
        self.assertTrue(steps.reload(self.server))
        client = self.client()
        self.assertEqual(client.login("anna", password).status, 200)
        shutil.copy(self.stranger.cert, self.trust)
        self.assertTrue(steps.reload(self.server))
        self.assertEqual(self.client().login("ben", self.backend.passwords["ben"]).status, 502)
        self.trust.write_text("nothing")
        self.assertFalse(steps.reload(self.server))
        refused = steps.events(self.server, "reload.refused")[-1]["reason"]
        self.assertRegex(refused, r"iwebmsg\.ini:\d+: ImapCA: ")


if __name__ == "__main__":
    unittest.main()
