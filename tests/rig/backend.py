#!/usr/bin/python3
"""A private mail server for tests: Dovecot (IMAP, LMTP) and Postfix.

Everything lives in one folder and listens on the loopback only. Postfix takes
submissions (STARTTLS on one port, TLS from the first byte on another) and
hands them to Dovecot's LMTP; no mail ever leaves the machine. Several
backends may run at once. Needs root, as both servers do.

  backend.py start FOLDER    start and leave running; prints its JSON
  backend.py run FOLDER      the same in the foreground, until Ctrl-C
  backend.py stop FOLDER     end what `start` of this folder started
  backend.py show FOLDER     print FOLDER/backend.json again
"""

from __future__ import annotations

import argparse
import imaplib
import json
import os
import pwd
import shutil
import signal
import smtplib
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterable, Sequence

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import ca  # noqa: E402
import imapname  # noqa: E402
import proc  # noqa: E402
from proc import RigError  # noqa: E402

DOMAIN = "demo.test"
PASSWORD = "Kirschkuchen-7"
USERS = ("anna", "ben", "chloe")
PORT_NAMES = ("imap", "imaps", "lmtp", "submission", "submissions")
MAIL_USER = "mail"
QUOTA = "100M"
# Where tests/rig/install unpacks Postfix when another MTA owns the machine.
UNPACKED_POSTFIX = proc.repo_root() / "build" / "postfix"

DOVECOT_CONF = """\
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
instance_name = iwebmsg-rig
shutdown_clients = yes
ssl = yes
ssl_cert = <{cert}
ssl_key = <{key}
ssl_min_protocol = TLSv1.2
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_username_format = %Ln
auth_failure_delay = 0
auth_verbose = yes
first_valid_uid = 1
first_valid_gid = 1
mail_max_userip_connections = 500
mail_fsync = never
mail_location = maildir:~/Maildir
mail_plugins = quota
passdb {{
  driver = passwd-file
  args = {folder}/dovecot/users
}}
# Who has no quota.
userdb {{
  driver = passwd-file
  args = {folder}/dovecot/unlimited
  default_fields = uid={user} gid={user} home={folder}/mail/%n
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={folder}/mail/%n
}}
protocol imap {{
  mail_plugins = quota imap_quota
  mail_max_userip_connections = 500
}}
protocol lmtp {{
  postmaster_address = postmaster@{domain}
}}
plugin {{
  quota = count:User quota
  quota_rule = *:storage={quota}
  quota_vsizes = yes
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Sent {{
    special_use = \\Sent
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = subscribe
  }}
  mailbox Junk {{
    special_use = \\Junk
    auto = subscribe
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = subscribe
  }}
}}
service imap-login {{
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
  service_count = 0
  client_limit = 1000
}}
service imap {{
  process_limit = 1000
}}
# No delays for everybody after one test's failed logins.
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
service auth {{
  unix_listener {folder}/postfix/auth {{
    mode = 0666
  }}
}}
"""

MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {folder}/postfix/spool
data_directory = {folder}/postfix/data
command_directory = {programs}/usr/sbin
daemon_directory = {programs}/usr/lib/postfix/sbin
shlib_directory = {programs}/usr/lib/postfix
meta_directory = {programs}/etc/postfix
mail_owner = {owner}
setgid_group = {group}
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ LANG=C LD_LIBRARY_PATH
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.{domain}
mydomain = {domain}
mydestination =
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
virtual_mailbox_domains = {domain}
virtual_mailbox_maps = inline:{{ {mailboxes} }}
virtual_transport = lmtp:unix:{folder}/dovecot/run/lmtp
relay_transport = error:no outside delivery
default_transport = error:no outside delivery
message_size_limit = 157286400
mailbox_size_limit = 0
virtual_mailbox_limit = 0
recipient_delimiter = +
smtpd_tls_cert_file = {cert}
smtpd_tls_key_file = {key}
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/postfix/auth
smtpd_sasl_auth_enable = yes
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = reject_unlisted_recipient, permit_sasl_authenticated, reject
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
smtpd_client_message_rate_limit = 0
smtpd_client_auth_rate_limit = 0
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
minimal_backoff_time = 5s
maximal_backoff_time = 10s
queue_run_delay = 5s
"""

MASTER_CF = """\
127.0.0.1:{submission} inet n - n - - smtpd
  -o syslog_name=postfix/submission
127.0.0.1:{submissions} inet n - n - - smtpd
  -o syslog_name=postfix/submissions
  -o smtpd_tls_wrappermode=yes
pickup    unix  n - n 60 1 pickup
cleanup   unix  n - n - 0 cleanup
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""


def _known_user(*names: str) -> str:
    for name in names:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RigError(f"none of the users {', '.join(names)} exists")


class Backend:
    """One Dovecot with one Postfix.

    folder   wanted home; see proc.place() for where it really is
    ports    {name: port} for some of PORT_NAMES; the others are chosen
    users    local parts; every user has the password `password`
    unlimited  those of them who have no quota
    keep     keep the mail of an earlier start in this folder
    tied     end with this Python process, however it dies
    """

    def __init__(
        self,
        folder: Path | str,
        *,
        ports: dict[str, int] | None = None,
        users: Sequence[str] = USERS,
        password: str = PASSWORD,
        unlimited: Sequence[str] = (),
        keep: bool = False,
        tied: bool = True,
    ) -> None:
        if os.geteuid() != 0:
            raise RigError("the mail backend needs root: Dovecot and Postfix do")
        self.folder = proc.place(Path(folder))
        self.users = list(users)
        self.unlimited = list(unlimited)
        self.passwords = {user: password for user in users}
        self.password = password
        self.domain = DOMAIN
        self.tied = tied
        self.keep = keep
        self._wanted = dict(ports or {})
        self.ports: dict[str, int] = {}
        self.authority = ca.Authority(self.folder / "ca")
        self.ca_file = self.authority.cert
        self.dovecot: proc.Process | None = None
        self.postfix: proc.Process | None = None
        self.dovecot_log = self.folder / "dovecot.log"
        self.postfix_log = self.folder / "postfix.log"

    # -- life ------------------------------------------------------------

    def start(self) -> "Backend":
        """Starts both servers; returns when a login and an EHLO work."""
        for attempt in range(3):
            self._choose_ports()
            try:
                self._write_files()
                self.start_imap()
                self.start_smtp()
                break
            except RigError:
                self.stop()
                # A chosen port may have been taken in between; a wanted one
                # that is taken stays taken.
                if attempt == 2 or self._wanted:
                    raise
        self._write_json()
        return self

    def stop(self) -> None:
        self.stop_smtp()
        self.stop_imap()

    def __enter__(self) -> "Backend":
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def start_imap(self) -> None:
        """Starts Dovecot, for the first time or after stop_imap()."""
        conf = self.folder / "dovecot" / "dovecot.conf"
        self.dovecot = proc.Process(
            "dovecot",
            ["/usr/sbin/dovecot", "-F", "-c", conf],
            self.dovecot_log,
            tied=self.tied,
        )
        for name in ("imap", "imaps", "lmtp"):
            proc.wait_port(self.ports[name], f"dovecot {name}", self.dovecot)
        with self.imap(self.users[0]):
            pass

    def stop_imap(self) -> None:
        if self.dovecot is not None:
            self.dovecot.stop()

    def start_smtp(self) -> None:
        """Starts Postfix, for the first time or after stop_smtp()."""
        programs = self._postfix_programs()
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C"}
        if programs != Path("/"):
            env["LD_LIBRARY_PATH"] = str(programs / "usr/lib/postfix")
        conf = self.folder / "postfix"
        # Makes the queue's folders. `postfix start-fg` would keep a shell
        # between us and the master, which then outlives a TERM.
        with open(self.folder / "postfix-start.log", "ab") as sink:
            checked = subprocess.run(
                [programs / "usr/sbin/postfix", "-c", conf, "check"],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=env,
            )
        if checked.returncode != 0:
            log = proc.tail(self.folder / "postfix-start.log")
            raise RigError(f"postfix check failed\n{log}")
        guard = [sys.executable, HERE / "guard.py"] if self.tied else []
        self.postfix = proc.Process(
            "postfix",
            [*guard, programs / "usr/lib/postfix/sbin/master", "-s", "-c", conf],
            self.folder / "postfix-start.log",
            tied=self.tied,
            env=env,
        )
        for name in ("submission", "submissions"):
            proc.wait_port(self.ports[name], f"postfix {name}", self.postfix)
        with smtplib.SMTP(proc.LOOPBACK, self.ports["submission"], timeout=20) as hello:
            hello.ehlo()

    def stop_smtp(self) -> None:
        if self.postfix is not None:
            self.postfix.stop()

    def forget(self) -> None:
        """Lets both servers live on after this Python process."""
        for process in (self.dovecot, self.postfix):
            if process is not None:
                process.forget()

    def logs(self) -> list[Path]:
        return [
            self.dovecot_log,
            self.folder / "postfix-start.log",
            self.postfix_log,
        ]

    def describe(self) -> dict:
        """What a test needs to know, in JSON's types."""
        return {
            "folder": str(self.folder),
            "domain": self.domain,
            "users": [f"{user}@{self.domain}" for user in self.users],
            "password": self.password,
            "host": "localhost",
            "ports": self.ports,
            "ca_file": str(self.ca_file),
            "logs": [str(path) for path in self.logs()],
            "processes": [
                process.record()
                for process in (self.postfix, self.dovecot)
                if process is not None
            ],
        }

    # -- mail ------------------------------------------------------------

    def trust(self) -> ssl.SSLContext:
        """A client context that trusts our authority and nothing else."""
        return ssl.create_default_context(cafile=str(self.ca_file))

    def imap(self, user: str) -> imaplib.IMAP4_SSL:
        """A logged-in connection as `user` (local part)."""
        conn = imaplib.IMAP4_SSL(
            "localhost", self.ports["imaps"], ssl_context=self.trust(), timeout=30
        )
        conn.login(user, self.passwords[user])
        return conn

    def append(
        self,
        user: str,
        folder: str,
        messages: Iterable[tuple[bytes, str, float]],
    ) -> None:
        """Puts (message, flags, time) triples into a folder, made if missing."""
        with self.imap(user) as conn:
            name = imapname.quoted(folder)
            if folder != "INBOX":
                conn.create(name)
                conn.subscribe(name)
            for message, flags, when in messages:
                date = imaplib.Time2Internaldate(when)
                answer, data = conn.append(name, flags, date, message)
                if answer != "OK":
                    raise RigError(f"APPEND to {folder}: {data!r}")

    def submit(self, sender: str, recipient: str, message: bytes) -> None:
        """Sends through the submission port, with TLS and a login."""
        with smtplib.SMTP_SSL(
            "localhost", self.ports["submissions"], context=self.trust(), timeout=30
        ) as conn:
            conn.login(sender, self.passwords[sender])
            conn.sendmail(
                f"{sender}@{self.domain}", [f"{recipient}@{self.domain}"], message
            )

    def wait_message(
        self, user: str, folder: str, subject: str, seconds: float = 20.0
    ) -> bytes:
        """The first message with this (ASCII) subject, once it is there."""
        deadline = time.monotonic() + seconds
        with self.imap(user) as conn:
            while time.monotonic() < deadline:
                conn.select(imapname.quoted(folder), readonly=True)
                hits = conn.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
                if hits:
                    return conn.fetch(hits[0].decode(), "(BODY.PEEK[])")[1][0][1]
                time.sleep(proc.POLL_S)
        raise RigError(f"{subject!r} did not arrive in {user}'s {folder}")

    def count(self, user: str, folder: str) -> int:
        """Number of messages in a folder; -1 when there is no such folder."""
        with self.imap(user) as conn:
            answer, data = conn.select(imapname.quoted(folder), readonly=True)
            return int(data[0] or 0) if answer == "OK" else -1

    def clear(self, user: str) -> None:
        """Takes all mail and all extra folders of a user away."""
        shutil.rmtree(self.folder / "mail" / user, ignore_errors=True)

    def set_password(self, user: str, password: str) -> None:
        """Changes a password; Dovecot takes it up at the next login."""
        self.passwords[user] = password
        self._write_users()

    # -- files -----------------------------------------------------------

    def _choose_ports(self) -> None:
        missing = [name for name in PORT_NAMES if name not in self._wanted]
        self.ports = {**self._wanted, **dict(zip(missing, proc.free_ports(len(missing))))}
        for name, port in self._wanted.items():
            if not proc.port_free(port):
                raise RigError(f"port {port} ({name}) is taken by another program")

    def _write_users(self) -> None:
        path = self.folder / "dovecot" / "users"
        lines = [f"{user}:{{PLAIN}}{word}\n" for user, word in self.passwords.items()]
        self._write_private(path, lines)
        free = [f"{user}:::::::userdb_quota_rule=*:storage=0\n" for user in self.unlimited]
        self._write_private(path.with_name("unlimited"), free)

    def _write_private(self, path: Path, lines: list[str]) -> None:
        """A file for Dovecot alone, whole at every moment."""
        fresh = path.with_suffix(".new")
        fresh.write_text("".join(lines))
        shutil.chown(fresh, "root", "dovecot")
        fresh.chmod(0o640)
        fresh.rename(path)

    def _postfix_programs(self) -> Path:
        if (UNPACKED_POSTFIX / "usr/sbin/postfix").exists():
            return UNPACKED_POSTFIX
        if Path("/usr/sbin/postfix").exists():
            return Path("/")
        raise RigError("Postfix is missing; tests/rig/install brings it")

    def _write_files(self) -> None:
        folder = self.folder
        programs = self._postfix_programs()
        installed = programs == Path("/")
        owner = "postfix" if installed else _known_user("postfix", "dovenull")
        group = "postdrop" if installed else "games"
        if not self.keep:
            shutil.rmtree(folder / "mail", ignore_errors=True)
        shutil.rmtree(folder / "postfix", ignore_errors=True)
        for name in ("dovecot/run", "dovecot/state", "mail", "postfix/spool", "postfix/data"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("dovecot.log", "postfix.log", "postfix-start.log"):
            (folder / name).unlink(missing_ok=True)
        shutil.chown(folder / "mail", MAIL_USER, MAIL_USER)
        shutil.chown(folder / "postfix/data", owner)
        server = ca.Certificate(self.authority.folder / "server.pem", self.authority.folder / "server.key")
        if not server.cert.exists():
            server = self.authority.issue("server")
        values = {
            "folder": folder,
            "cert": server.cert,
            "key": server.key,
            "domain": self.domain,
            "user": MAIL_USER,
            "quota": QUOTA,
            "owner": owner,
            "group": group,
            "programs": "" if installed else programs,
            "mailboxes": ", ".join(f"{{ {u}@{self.domain} = {u} }}" for u in self.users),
            **self.ports,
        }
        self._write_users()
        (folder / "dovecot/dovecot.conf").write_text(DOVECOT_CONF.format(**values))
        (folder / "postfix/main.cf").write_text(MAIN_CF.format(**values))
        (folder / "postfix/master.cf").write_text(MASTER_CF.format(**values))

    def _write_json(self) -> None:
        text = json.dumps(self.describe(), indent=2) + "\n"
        (self.folder / "backend.json").write_text(text)


def stop_recorded(folder: Path) -> bool:
    """Ends the backend that a folder's backend.json tells of."""
    path = proc.place(folder) / "backend.json"
    if not path.exists():
        return False
    for record in json.loads(path.read_text())["processes"]:
        proc.end(record)
    path.unlink()
    return True


def _wait_for_signal() -> None:
    signal.sigwait({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("action", choices=("start", "run", "stop", "show"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--keep", action="store_true", help="keep earlier mail")
    for name in PORT_NAMES:
        parser.add_argument(f"--{name}", type=int, metavar="PORT")
    args = parser.parse_args()
    if args.action == "stop":
        print("stopped" if stop_recorded(args.folder) else "nothing was started here")
        return 0
    if args.action == "show":
        print((proc.place(args.folder) / "backend.json").read_text(), end="")
        return 0
    ports = {name: getattr(args, name) for name in PORT_NAMES if getattr(args, name)}
    signal.pthread_sigmask(
        signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    )
    stop_recorded(args.folder)
    foreground = args.action == "run"
    backend = Backend(args.folder, ports=ports, keep=args.keep, tied=foreground)
    backend.start()
    print(json.dumps(backend.describe(), indent=2), flush=True)
    if not foreground:
        backend.forget()
        return 0
    _wait_for_signal()
    backend.stop()
    (backend.folder / "backend.json").unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as problem:
        sys.exit(f"backend: {problem}")
