"""Runs iwebmsgd under a generated ini file."""

from __future__ import annotations

import http.client
import os
import shutil
import signal
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import ca
import proc

if TYPE_CHECKING:
    from backend import Backend

# Whom the server becomes; every Debian machine has it.
SERVER_USER = "nobody"
TOP = proc.repo_root()
Sections = dict[str, dict[str, object]]


def program(name: str = "iwebmsgd") -> Path:
    """The binary of the flavour that IWEBMSG_FLAVOUR names."""
    flavour = os.environ.get("IWEBMSG_FLAVOUR", "release")
    path = TOP / "build" / flavour / name
    if not path.exists():
        raise proc.RigError(f"{path.relative_to(TOP)} is missing: make FLAVOUR={flavour}")
    return path


def state_folder(folder: Path) -> Path:
    """A folder for the server's state, its own and nobody else's."""
    state = proc.place(folder, SERVER_USER)
    state.chmod(0o700)
    if os.geteuid() == 0:
        for path in (state, *state.rglob("*")):
            shutil.chown(path, SERVER_USER, "nogroup")
    return state


def settings(
    backend: Backend,
    state: Path,
    plain_port: int,
    secure_port: int,
    certificate: ca.Certificate | None,
    smtp: str = "tls",
) -> Sections:
    """What a server in front of `backend` needs; tests change it further."""
    submission = "submissions" if smtp == "tls" else "submission"
    return {
        "Server": {
            "ListenAddress": proc.LOOPBACK,
            "PlainPort": plain_port,
            "SecurePort": secure_port,
            "User": SERVER_USER,
            "StateDir": state,
        },
        "SSL": {
            "EnableSSL": int(certificate is not None),
            "ForceSSL": 0,
            **(
                {"Certificate": certificate.cert, "PrivateKey": certificate.key}
                if certificate is not None
                else {}
            ),
        },
        "Mail": {
            "ImapHost": "localhost",
            "ImapPort": backend.ports["imaps"],
            "ImapSecurity": "tls",
            "ImapCA": backend.ca_file,
            "SmtpHost": "localhost",
            "SmtpPort": backend.ports[submission],
            "SmtpSecurity": smtp,
            "SmtpCA": backend.ca_file,
            "DefaultDomain": backend.domain,
        },
        # Send says what became of it; tests of waiting set their own.
        "Writing": {"UndoSend": "0s"},
    }


def write_ini(path: Path, sections: Sections) -> None:
    """Writes an ini file that only its owner reads."""
    lines = []
    for section, keys in sections.items():
        lines.append(f"[{section}]\n")
        lines += [f"{key}={value}\n" for key, value in keys.items()]
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text("".join(lines))


class Server:
    """One iwebmsgd.

    folder    gets iwebmsg.ini and iwebmsgd.log; the state lies in `state`
    sections  the ini file; change it before start() or reload()
    """

    def __init__(
        self,
        folder: Path,
        sections: Sections,
        *,
        tied: bool = True,
        env: dict[str, str] | None = None,
    ) -> None:
        self.folder = folder
        self.sections = sections
        self.tied = tied
        self.env = env
        self.binary: Path | None = None  # instead of the flavour's iwebmsgd
        self.ini = folder / "iwebmsg.ini"
        self.log = folder / "iwebmsgd.log"
        self.process: proc.Process | None = None

    @property
    def plain_port(self) -> int:
        return int(str(self.sections["Server"]["PlainPort"]))

    @property
    def secure_port(self) -> int:
        return int(str(self.sections["Server"]["SecurePort"]))

    @property
    def database(self) -> Path:
        keys = self.sections["Server"]
        return Path(str(keys.get("Database") or f"{keys['StateDir']}/iwebmsg.db"))

    def write(self) -> None:
        write_ini(self.ini, self.sections)

    def start(self, seconds: float = 30.0) -> "Server":
        """Starts it; returns when /healthz answers."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.write()
        env = {**os.environ, **(self.env or {})}
        self.process = proc.Process(
            "iwebmsgd",
            [self.binary or program(), "--config", self.ini],
            self.log,
            tied=self.tied,
            env=env,
            cwd=TOP,
        )
        proc.wait_until(self.healthy, "iwebmsgd /healthz", seconds, self.process)
        return self

    def stop(self, seconds: float = 20.0) -> int:
        """SIGTERM; the exit status."""
        return self.process.stop(seconds) if self.process is not None else 0

    def kill(self) -> None:
        """SIGKILL to all of it, the child of the privileged parent too."""
        if self.process is not None and self.process.running():
            pid = self.process.pid
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            os.killpg(pid, signal.SIGKILL)
            self.process.popen.wait()
            # The child holds the ports until it is gone, too.
            for child in children:
                proc.wait_gone(int(child), 10)

    def reload(self) -> None:
        """Writes the ini file anew and sends SIGHUP; does not wait."""
        self.write()
        assert self.process is not None
        self.process.signal(signal.SIGHUP)

    def healthy(self) -> bool:
        if self.plain_port:
            conn = http.client.HTTPConnection(proc.LOOPBACK, self.plain_port, timeout=2)
        else:
            # Is it up, not who is it: no certificate is looked at here.
            blind = ssl._create_unverified_context()
            conn = http.client.HTTPSConnection(
                proc.LOOPBACK, self.secure_port, timeout=2, context=blind
            )
        try:
            conn.request("GET", "/healthz")
            return conn.getresponse().status in (200, 308)
        except (OSError, http.client.HTTPException):
            return False
        finally:
            conn.close()
