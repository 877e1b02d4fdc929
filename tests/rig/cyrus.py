"""A private Cyrus IMAP, the other server that many people's mail is on.

Debian's package conflicts with Dovecot's: it is fetched and unpacked under
build/cyrus, never installed, and runs as nobody on the loopback.
"""

from __future__ import annotations

import imaplib
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Sequence

import proc
from backend import DOMAIN, PASSWORD, Backend

UNPACKED = proc.repo_root() / "build" / "cyrus"
PACKAGES = ("cyrus-common", "cyrus-imapd", "libical3", "libxapian30", "sasl2-bin")
PROGRAMS = UNPACKED / "usr/lib/cyrus/bin"
OWNER = "nobody"

IMAPD_CONF = """\
configdirectory: {folder}/conf
partition-default: {folder}/spool
defaultpartition: default
cyrus_user: nobody
cyrus_group: nogroup
admins: cyrus
allowplaintext: yes
unixhierarchysep: yes
altnamespace: yes
virtdomains: userid
defaultdomain: {domain}
autocreate_quota: 102400
autocreate_inbox_folders: Drafts | Sent | Junk | Trash
autocreate_subscribe_folders: Drafts | Sent | Junk | Trash
xlist-drafts: Drafts
xlist-sent: Sent
xlist-junk: Junk
xlist-trash: Trash
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb2
sasl_mech_list: PLAIN LOGIN
mboxname_lockpath: {folder}/lock
proc_path: {folder}/proc
search_engine: none
imapidlepoll: 1
servername: rig.demo.test
"""

CYRUS_CONF = """\
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {folder}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {folder}/imapd.conf -U 30" listen="127.0.0.1:{imap}" prefork=0 proto="tcp4"
}}
"""


class Unavailable(Exception):
    """It cannot run here; says why."""


def environment() -> dict[str, str]:
    libraries = [str(path) for path in (UNPACKED / "usr/lib").glob("*-linux-gnu")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}


def missing() -> list[str]:
    said = subprocess.run(["ldd", PROGRAMS / "imapd"], capture_output=True, text=True, env=environment())
    return re.findall(r"(\S+) => not found", said.stdout)


def unpack() -> None:
    """Fetches the packages unless they are there."""
    if os.geteuid() != 0:
        raise Unavailable("starting it as nobody needs root")
    if not (PROGRAMS / "imapd").exists() or missing():
        scratch = UNPACKED.parent / "cyrus-packages"
        scratch.mkdir(parents=True, exist_ok=True)
        try:
            fetched = subprocess.run(
                ["apt-get", "-q", "download", *PACKAGES], cwd=scratch, capture_output=True, text=True, timeout=120
            )
            if fetched.returncode != 0:
                raise Unavailable(f"its packages cannot be fetched: {fetched.stderr.strip()[-200:]}")
            for path in scratch.glob("*.deb"):
                subprocess.run(["dpkg", "-x", path, UNPACKED], check=True)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"its packages cannot be fetched: {error}") from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    if lacks := missing():
        raise Unavailable(f"libraries are not here: {', '.join(lacks)}")
    if not proc._others_may_pass(UNPACKED):
        raise Unavailable("the user nobody may not enter this checkout")


class Cyrus(Backend):
    """Some people's mailboxes; Backend's ways to fill and look at them."""

    def __init__(self, folder: Path, users: Sequence[str]) -> None:
        self.folder = proc.place(folder, OWNER)
        self.users = list(users)
        self.passwords = dict.fromkeys(users, PASSWORD)
        self.ports = {"imap": proc.free_ports(1)[0]}
        self.log = self.folder / "cyrus.log"
        self.process: proc.Process | None = None

    def start(self) -> "Cyrus":
        unpack()
        for name in ("conf", "spool", "lock", "proc", "conf/db", "conf/socket", "conf/proc", "conf/log", "conf/msg", "conf/user", "conf/quota", "conf/sieve"):
            (self.folder / name).mkdir(exist_ok=True)
        values = {"folder": self.folder, "programs": PROGRAMS, "domain": DOMAIN, **self.ports}
        (self.folder / "imapd.conf").write_text(IMAPD_CONF.format(**values))
        (self.folder / "cyrus.conf").write_text(CYRUS_CONF.format(**values))
        for user, realm in ((user, realm) for user in self.users for realm in (DOMAIN, f"rig.{DOMAIN}")):
            command = [UNPACKED / "usr/sbin/saslpasswd2", "-p", "-c", "-f", self.folder / "sasldb2", "-u", realm, user]
            made = subprocess.run(command, input=f"{PASSWORD}\n", text=True, env=environment(), capture_output=True)
            if made.returncode != 0:
                raise Unavailable(f"saslpasswd2: {made.stderr.strip()}")
        for path in (self.folder, *self.folder.rglob("*")):
            shutil.chown(path, OWNER, "nogroup")
        become = ["/usr/bin/setpriv", f"--reuid={OWNER}", "--regid=nogroup", "--clear-groups", "--pdeathsig", "TERM"]
        master = [PROGRAMS / "master", "-D", "-C", self.folder / "imapd.conf", "-M", self.folder / "cyrus.conf", "-p", self.folder / "pid"]
        self.process = proc.Process("cyrus", [*become, *master], self.log, env=environment(), cwd=self.folder)
        proc.wait_until(self._greets, "Cyrus", 30, self.process)
        return self

    def _greets(self) -> bool:
        try:
            with socket.create_connection((proc.LOOPBACK, self.ports["imap"]), 5) as sock:
                return sock.recv(1000).startswith(b"* OK")
        except OSError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.stop()

    def imap(self, user: str) -> imaplib.IMAP4:  # type: ignore[override]
        conn = imaplib.IMAP4(proc.LOOPBACK, self.ports["imap"], timeout=30)
        conn.login(f"{user}@{DOMAIN}", self.passwords[user])
        return conn

    def logs(self) -> list[Path]:
        return [self.log]
