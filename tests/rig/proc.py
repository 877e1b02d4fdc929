"""Processes, ports and folders of the test rig: start, wait, end by pid.

Nothing here ends a process by its name: what is ended was started by the rig
and is recorded with its pid and its start time, so that a pid that the system
has given to somebody else in the meantime is left alone.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import pwd
import random
import select
import signal
import socket
import stat
import subprocess
import time
from pathlib import Path
from typing import Callable, Sequence

LOOPBACK = "127.0.0.1"
# Below Linux's ephemeral range, so that no outgoing connection takes them.
PORT_FIRST, PORT_LAST = 20000, 31999
# Those who run tests beside each other (IWEBMSG_WORKER, from 0) have ports of
# their own: what one has found free is not taken by the other meanwhile.
WORKER_PORTS = 3000
PR_SET_PDEATHSIG = 1
# Unix socket paths end at 107 bytes; Dovecot adds about 40 of its own.
PATH_MAX_CHARS = 56
# How often a state without an event of its own is looked at.
POLL_S = 0.02


class RigError(Exception):
    """Something of the rig did not start, stop or answer; says what."""


def repo_root() -> Path:
    return Path(__file__).resolve().parent.parent.parent


def start_ticks(pid: int) -> int | None:
    """The start time of a process in clock ticks; None when it is gone."""
    try:
        data = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = data.rsplit(")", 1)[1].split()
    if fields[0] == "Z":
        return None
    return int(fields[19])


def alive(record: dict) -> bool:
    """Is the recorded process {pid, ticks} still that same process?"""
    ticks = start_ticks(record["pid"])
    return ticks is not None and ticks == record["ticks"]


def wait_gone(pid: int, seconds: float) -> bool:
    """Waits for the end of any process, ours or not; True when it ended."""
    try:
        fd = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        poller = select.poll()
        poller.register(fd, select.POLLIN)
        return bool(poller.poll(seconds * 1000))
    finally:
        os.close(fd)


def end(record: dict, seconds: float = 10.0) -> None:
    """Ends a recorded process: TERM, then KILL after `seconds`."""
    if not alive(record):
        return
    for sig in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(record["pid"], sig)
        except ProcessLookupError:
            return
        if wait_gone(record["pid"], seconds):
            return


def child_setup(tied: bool) -> Callable[[], None]:
    """What a new process does first; tied: it ends when its starter does."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def setup() -> None:
        # The rig blocks signals that its children must hear.
        signal.pthread_sigmask(signal.SIG_SETMASK, set())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        if tied:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)

    return setup


class Process:
    """One process of the rig, in a session of its own, logging to a file.

    tied: it gets SIGTERM when the rig dies, even by SIGKILL. Not for
    demo-start, whose processes outlive it.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        log: Path,
        *,
        tied: bool = True,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        with open(log, "ab") as sink:
            self.popen = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=env,
                cwd=cwd,
                preexec_fn=child_setup(tied),
            )
        self.pid = self.popen.pid
        self.ticks = start_ticks(self.pid) or 0

    def record(self) -> dict:
        return {"name": self.name, "pid": self.pid, "ticks": self.ticks}

    def running(self) -> bool:
        return self.popen.poll() is None

    def signal(self, sig: int) -> None:
        if self.running():
            os.kill(self.pid, sig)

    def stop(self, seconds: float = 10.0) -> int:
        """TERM, KILL after `seconds`; returns the exit status."""
        if self.running():
            os.kill(self.pid, signal.SIGTERM)
            try:
                return self.popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        return self.popen.wait()

    def forget(self) -> None:
        """Lets the process live on without us (demo-start)."""
        self.popen.returncode = 0  # silences Popen's warning at our end


def port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Different ports of the loopback that nobody listens on now."""
    found: list[int] = []
    dice = random.SystemRandom()
    first, last = PORT_FIRST, PORT_LAST
    if "IWEBMSG_WORKER" in os.environ:
        first += int(os.environ["IWEBMSG_WORKER"]) % 4 * WORKER_PORTS
        last = first + WORKER_PORTS - 1
    for _ in range(2000):
        port = dice.randint(first, last)
        if port not in found and port_free(port):
            found.append(port)
        if len(found) == count:
            return found
    raise RigError("no free loopback ports")


def wait_until(
    ready: Callable[[], bool],
    what: str,
    seconds: float,
    process: Process | None = None,
) -> None:
    """Asks `ready` until it says yes; fails early when the process ended."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process is not None and not process.running():
            raise RigError(
                f"{what}: {process.name} ended with status"
                f" {process.popen.returncode}\n{tail(process.log)}"
            )
        if time.monotonic() > deadline:
            log = tail(process.log) if process is not None else ""
            raise RigError(f"{what}: no answer within {seconds:g} s\n{log}")
        time.sleep(POLL_S)


def accepts(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1):
            return True
    except OSError:
        return False


def wait_port(
    port: int, what: str, process: Process, seconds: float = 20.0
) -> None:
    wait_until(lambda: accepts(port), f"{what} port {port}", seconds, process)


def tail(path: Path, lines: int = 40) -> str:
    try:
        text = path.read_text(errors="replace")
    except OSError as error:
        return f"({error})"
    return "\n".join(text.splitlines()[-lines:])


def _others_may_pass(folder: Path) -> bool:
    for step in (folder, *folder.parents):
        try:
            if not step.stat().st_mode & stat.S_IXOTH:
                return False
        except FileNotFoundError:
            continue
    return True


def place(folder: Path, owner: str = "root") -> Path:
    """A folder that daemons without root's rights can work in.

    That is `folder` itself, made if missing, when its path is short and open
    to all; else, for a checkout in root's home for example, a folder in
    /var/tmp whose name is derived from it. An existing one must belong to us
    or to `owner`.
    """
    folder = folder.resolve()
    if len(str(folder)) > PATH_MAX_CHARS or not _others_may_pass(folder.parent):
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
        folder = Path(f"/var/tmp/iwebmsg-{digest}")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    info = folder.lstat()
    owners = (os.geteuid(), pwd.getpwnam(owner).pw_uid)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid not in owners:
        raise RigError(f"{folder} exists and is not ours")
    return folder
