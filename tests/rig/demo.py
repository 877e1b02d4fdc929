#!/usr/bin/python3
"""The demo: private mail servers, sample mail and iwebmsgd, on the loopback.

  demo.py foreground   start, tell, and end all of it at Ctrl-C
  demo.py start        start and return when all of it answers
  demo.py stop         end what was started, and nothing else
  demo.py run [INI]    only iwebmsgd, in the foreground, without mail servers

What a script needs is in build/demo/demo.json. Mail and settings survive a
restart; `rm -r build/demo` after a stop begins anew. Other ports than 8383 and
8384: DEMO_PLAIN_PORT, DEMO_SECURE_PORT; another folder: DEMO_DIR.
"""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "mail"))

import backend as mail_backend  # noqa: E402
import ca  # noqa: E402
import make_samples  # noqa: E402
import proc  # noqa: E402
import server as web  # noqa: E402
import showcase  # noqa: E402
from proc import RigError  # noqa: E402

DEMO = Path(os.environ.get("DEMO_DIR") or proc.repo_root() / "build" / "demo").absolute()
JSON = DEMO / "demo.json"
CERTIFICATE_NAMES = ("dns:mail.demo.test", "ip:127.0.0.1")
ENDING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


def tell(text: str = "") -> None:
    try:
        print(text, flush=True)
    except OSError:
        pass  # the terminal is gone; the work goes on


def web_certificate() -> ca.Certificate:
    """A fresh self-signed certificate, made by our own utility."""
    folder = DEMO / "tls"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    words = [proc.repo_root() / "build" / "iwebmsg-ssl", "selfsigned", "--out-dir", folder]
    words += ["--name", "localhost"]
    for name in CERTIFICATE_NAMES:
        words += ["--san", name]
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise RigError(f"iwebmsg-ssl: {done.stderr.strip() or done.stdout.strip()}")
    return ca.find(folder)


def seed(backend: mail_backend.Backend) -> int:
    """Puts the sample mail into mailboxes that have none; how many."""
    if backend.count("anna", "INBOX") > 0:
        return 0
    per_folder: dict[tuple[str, str], list[tuple[bytes, str, float]]] = {}
    for each in (*make_samples.samples(), *showcase.samples()):
        messages = per_folder.setdefault((each.user, each.mailbox), [])
        messages.append((each.data, each.flags, each.when))
    for (user, mailbox), messages in per_folder.items():
        backend.append(user, mailbox, messages)
    return sum(map(len, per_folder.values()))


class Demo:
    """All of it. tied: it ends with this process."""

    def __init__(self, tied: bool) -> None:
        DEMO.mkdir(parents=True, exist_ok=True)
        self.tied = tied
        self.backend: mail_backend.Backend | None = None
        self.server: web.Server | None = None

    def start(self) -> dict:
        plain = int(os.environ.get("DEMO_PLAIN_PORT", "8383"))
        secure = int(os.environ.get("DEMO_SECURE_PORT", "8384"))
        for port in (plain, secure):
            if not proc.port_free(port):
                raise RigError(
                    f"port {port} is taken by another program;"
                    " set DEMO_PLAIN_PORT and DEMO_SECURE_PORT to others"
                )
        self.backend = mail_backend.Backend(DEMO / "mail", keep=True, tied=self.tied)
        self.backend.start()
        seed(self.backend)
        state = web.state_folder(DEMO / "state")
        sections = web.settings(self.backend, state, plain, secure, web_certificate())
        sections["Server"]["Title"] = "iwebmsg demo"
        del sections["Writing"]["UndoSend"]  # people see what they get
        self.server = web.Server(DEMO, sections, tied=self.tied)
        self.server.log.unlink(missing_ok=True)
        self.server.start()
        facts = self.describe()
        JSON.write_text(json.dumps(facts, indent=2) + "\n")
        return facts

    def processes(self) -> list[proc.Process]:
        assert self.backend is not None and self.server is not None
        found = (self.server.process, self.backend.postfix, self.backend.dovecot)
        return [process for process in found if process is not None]

    def describe(self) -> dict:
        assert self.backend is not None and self.server is not None
        pid_files = {}
        for process in self.processes():
            path = DEMO / f"{process.name}.pid"
            path.write_text(f"{process.pid}\n")
            pid_files[process.name] = str(path)
        records = [process.record() for process in self.processes()]
        if self.tied:
            me = os.getpid()
            records.insert(0, {"name": "demo", "pid": me, "ticks": proc.start_ticks(me)})
        plain, secure = self.server.plain_port, self.server.secure_port
        return {
            "addresses": {
                "plain": f"http://localhost:{plain}/",
                "secure": f"https://localhost:{secure}/",
            },
            "ports": {"plain": plain, "secure": secure, **self.backend.ports},
            "users": [f"{user}@{self.backend.domain}" for user in self.backend.users],
            "password": self.backend.password,
            "ini": str(self.server.ini),
            "ca_file": str(self.backend.ca_file),
            "certificate": str(self.server.sections["SSL"]["Certificate"]),
            "database": str(self.server.database),
            "pid_files": pid_files,
            "logs": {
                "iwebmsgd": str(self.server.log),
                "dovecot": str(self.backend.dovecot_log),
                "postfix": str(self.backend.postfix_log),
            },
            "processes": records,
        }

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
        if self.backend is not None:
            self.backend.stop()

    def wait(self) -> str:
        """Until the end is asked for or a server ended; says which.

        A closed terminal tells only the leader of its session, which make
        may be, so terminal and parent are looked at each second.
        """
        parent = os.getppid()
        while True:
            heard = signal.sigtimedwait(ENDING | {signal.SIGCHLD}, 1.0)
            if heard is not None and heard.si_signo in ENDING:
                return ""
            if os.getppid() != parent or hung_up():
                return ""
            for process in self.processes():
                if not process.running():
                    return f"{process.name} ended; see {process.log}"


def hung_up() -> bool:
    """Is the terminal, or whatever else reads our words, gone?"""
    poller = select.poll()
    poller.register(1, 0)
    gone = select.POLLHUP | select.POLLERR
    return any(what & gone for _, what in poller.poll(0))


def show(facts: dict) -> None:
    tell()
    tell("  iwebmsg demo")
    tell(f"  plain      {facts['addresses']['plain']}")
    tell(f"  secure     {facts['addresses']['secure']}")
    tell("             (the browser will warn: the certificate is self-signed)")
    tell(f"  users      {'  '.join(facts['users'])}")
    tell(f"  password   {facts['password']}")
    tell(f"  settings   {facts['ini']}")
    tell(f"  logs       {facts['logs']['iwebmsgd']}")
    tell()


def recorded() -> dict | None:
    try:
        return json.loads(JSON.read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return None


def answering(facts: dict) -> bool:
    sections: web.Sections = {
        "Server": {"PlainPort": facts["ports"]["plain"], "SecurePort": facts["ports"]["secure"]}
    }
    return (
        all(map(proc.alive, facts["processes"]))
        and web.Server(DEMO, sections).healthy()
        and proc.accepts(facts["ports"]["imaps"])
        and proc.accepts(facts["ports"]["submissions"])
    )


def end_recorded() -> bool:
    """Ends what demo.json names; False when there was nothing."""
    facts = recorded()
    if facts is None:
        return False
    ended = [record for record in facts["processes"] if proc.alive(record)]
    for record in facts["processes"]:
        proc.end(record, 20)
    JSON.unlink(missing_ok=True)
    for path in facts["pid_files"].values():
        Path(path).unlink(missing_ok=True)
    return bool(ended)


def start(foreground: bool) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING | {signal.SIGCHLD})
    facts = recorded()
    if facts is not None and not foreground and answering(facts):
        tell("The demo is running already.")
        show(facts)
        return 0
    end_recorded()
    demo = Demo(tied=foreground)
    try:
        facts = demo.start()
    except BaseException:
        demo.stop()
        raise
    show(facts)
    if not foreground:
        for process in demo.processes():
            process.forget()
        tell("  make demo-stop ends it.")
        return 0
    tell("  Ctrl-C ends it.")
    problem = demo.wait()
    tell(problem or "\nending the demo")
    demo.stop()
    mine = recorded()
    if mine is not None and mine["processes"] == facts["processes"]:
        JSON.unlink()
        for path in facts["pid_files"].values():
            Path(path).unlink(missing_ok=True)
    return 1 if problem else 0


def run_alone(ini: str | None) -> int:
    if ini is None:
        folder = proc.repo_root() / "build" / "run"
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "iwebmsg.ini"
        if not path.exists():
            state = web.state_folder(folder / "state")
            keys = {"ListenAddress": proc.LOOPBACK, "StateDir": state}
            web.write_ini(path, {"Server": {**keys, "User": web.SERVER_USER}})
        ini = str(path)
    tell(f"iwebmsgd --config {ini}")
    binary = str(web.program())
    os.execv(binary, [binary, "--config", ini])


def main() -> int:
    action, *rest = sys.argv[1:] or ["help"]
    if action == "foreground":
        return start(foreground=True)
    if action == "start":
        return start(foreground=False)
    if action == "stop":
        tell("The demo is stopped." if end_recorded() else "The demo was not running.")
        return 0
    if action == "run":
        return run_alone(rest[0] if rest else None)
    print(__doc__)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RigError as problem:
        sys.exit(f"demo: {problem}")
