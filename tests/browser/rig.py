#!/usr/bin/python3
"""The servers behind the browser tests, driven over stdin and stdout.

Reads one JSON object per line, {"do": ACTION, ...}, and answers each with one:
{"ok": true, ...} or {"ok": false, "error": TEXT}. Ends everything it started
when stdin ends. The actions are the methods do_... below.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import traceback
import types
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "integration"))

import harness  # noqa: E402
import mailbox as box  # noqa: E402
import make_samples  # noqa: E402
import showcase  # noqa: E402
import steps  # noqa: E402
from imapproxy import Command, ImapProxy, Link  # noqa: E402

Facts = dict[str, object]
# Nothing that is asked for takes half of it on a busy machine.
LIMIT_S = 120


class Late(BaseException):
    """An action did not end; what it was at says the traceback."""


def too_late(_number: int, frame: types.FrameType | None) -> None:
    raise Late(f"no end within {LIMIT_S} s\n{''.join(traceback.format_stack(frame))}")


class Hanging(ImapProxy):
    """From the first command that is like `pattern` a connection is dead."""

    def __init__(self, upstream_port: int, pattern: str) -> None:
        self.pattern: str | None = pattern
        self.dead: set[int] = set()
        super().__init__(upstream_port)

    def take(self, link: Link, command: Command) -> bytes | None:
        if self.pattern is not None and re.search(self.pattern, command.words):
            self.dead.add(id(link))
        return None if id(link) in self.dead else command.whole


class Rig:
    def __init__(self) -> None:
        self.servers: list[harness.Server] = []
        self.proxies: dict[int, Hanging] = {}
        self.backend = harness.backend()

    def do_start(self) -> Facts:
        """Certificates and users; what the browser must know first."""
        certificate = harness.web_certificate()
        return {
            "host": harness.Client(1).host,
            "ca_file": str(self.backend.ca_file),
            "certificate": str(certificate.cert),
            "key": str(certificate.key),
            "users": self.backend.users,
            "domain": self.backend.domain,
            "password": self.backend.password,
        }

    def do_seed(self) -> Facts:
        """The sample mail, once."""
        if self.backend.count("anna", "INBOX") > 0:
            return {}
        per_folder: dict[tuple[str, str], list[tuple[bytes, str, float]]] = {}
        for each in make_samples.samples():
            found = per_folder.setdefault((each.user, each.mailbox), [])
            found.append((each.data, each.flags, each.when))
        for (user, mailbox), messages in per_folder.items():
            self.backend.append(user, mailbox, messages)
        return {"messages": sum(map(len, per_folder.values()))}

    def do_showcase(self) -> Facts:
        """Mail of every kind for anna, as the demo has it."""
        for each in showcase.samples():
            self.backend.append(each.user, each.mailbox, [(each.data, each.flags, each.when)])
        return {}

    def do_html_samples(self) -> Facts:
        """Where in anna's INBOX the sample mail with HTML lies."""
        found = []
        inbox = ("anna", "INBOX")
        samples = [each for each in make_samples.samples() if (each.user, each.mailbox) == inbox]
        for uid, each in enumerate(samples, start=1):
            if b"text/html" in each.data:
                found.append({"uid": uid, "shows": each.shows})
        return {"samples": found}

    def do_server(
        self,
        sections: dict[str, dict[str, object]] | None = None,
        wall: str | None = None,
        templates: dict[str, str] | None = None,
    ) -> Facts:
        """One more iwebmsgd.

        `sections` changes its ini file, `templates` takes the place of files
        of its own; `wall`: the test build in which that wall is missing.
        """
        server = harness.new_server("browser")
        # The browser's, so that no other is offered.
        server.sections["Server"]["TimeZone"] = "Europe/Berlin"
        if wall:
            server.binary = harness.web.program(f"iwebmsgd-{wall}")
        if templates:
            folder = harness.new_folder("templates")
            folder.chmod(0o755)
            for name, text in templates.items():
                steps.write_text(folder / name, text, 0o644)
            server.sections["Server"]["TemplateDir"] = folder
        for section, keys in (sections or {}).items():
            server.sections.setdefault(section, {}).update(keys)
        self.servers.append(server)
        server.start()
        return {
            "server": len(self.servers) - 1,
            "plain_port": server.plain_port,
            "secure_port": server.secure_port,
            "log": str(server.log),
        }

    def do_hanging_server(self, pattern: str) -> Facts:
        """An iwebmsgd whose IMAP server does not answer commands like this."""
        proxy = Hanging(self.backend.ports["imap"], pattern)
        made = self.do_server({"Mail": {"ImapPort": proxy.port, "ImapSecurity": "none"}})
        self.proxies[len(self.servers) - 1] = proxy
        return made

    def do_hang_no_more(self, server: int) -> Facts:
        self.proxies[server].pattern = None
        return {}

    def do_folders(self, user: str, names: list[str]) -> Facts:
        """Makes folders."""
        with self.backend.imap(user) as conn:
            for name in names:
                conn.create(f'"{name}"')
        return {}

    def do_selfsigned(self) -> Facts:
        """A certificate that our own utility made, as a small server has it."""
        folder = harness.new_folder("selfsigned")
        words = [harness.web.program("iwebmsg-ssl"), "selfsigned", "--out-dir", folder]
        words += ["--name", harness.Client(1).host]
        subprocess.run(words, check=True, capture_output=True, stdin=subprocess.DEVNULL)
        made = harness.ca.find(folder)
        return {"certificate": str(made.cert), "key": str(made.key)}

    def do_people(self) -> Facts:
        """An authority for people, and its certificates for Anna and Ben."""
        people = harness.ca.Authority(harness.new_folder("people"), "People CA")
        made = {}
        for user in ("anna", "ben"):
            one = people.issue(user, (user, f"{user}@{self.backend.domain}"), client=True)
            made[user] = str(one.cert.with_suffix(".p12"))
            words = ["openssl", "pkcs12", "-export", "-in", one.cert, "-inkey", one.key]
            words += ["-name", user, "-passout", "pass:", "-out", made[user]]
            subprocess.run(words, check=True, capture_output=True)
        return {"people_ca": str(people.cert), "p12": made}

    def do_certificate(self, name: str) -> Facts:
        """A certificate for another host name, by the test authority."""
        made = self.backend.authority.issue(name, [name])
        return {"certificate": str(made.cert), "key": str(made.key)}

    def do_sql(self, server: int, statement: str) -> Facts:
        """One statement in a server's database."""
        return {"rows": steps.database(self.servers[server], statement)}

    def do_reload(self, server: int, sections: dict[str, dict[str, object]]) -> Facts:
        """Changes a running server's ini file."""
        for section, keys in sections.items():
            self.servers[server].sections.setdefault(section, {}).update(keys)
        if not steps.reload(self.servers[server]):
            raise RuntimeError("the reload was refused")
        return {}

    def do_restart(self, server: int, kill: bool = False) -> Facts:
        """Stops (or kills) a server and starts it again."""
        chosen = self.servers[server]
        if kill:
            chosen.kill()
        else:
            chosen.stop()
        chosen.start()
        return {}

    def do_stop_imap(self) -> Facts:
        self.backend.stop_imap()
        return {}

    def do_start_imap(self) -> Facts:
        self.backend.start_imap()
        return {}

    def do_append(self, user: str, folder: str, message: str, flags: str = "") -> Facts:
        data = message.replace("\r\n", "\n").replace("\n", "\r\n").encode()
        self.backend.append(user, folder, [(data, flags, make_samples.time.time())])
        return {}

    def do_append_all(self, user: str, folder: str, messages: list[str]) -> Facts:
        """Many messages into a new folder: their UIDs begin with 1."""
        now = make_samples.time.time()
        found = [(each.replace("\n", "\r\n").encode(), "", now) for each in messages]
        self.backend.append(user, folder, found)
        return {}

    def do_wait_message(self, user: str, folder: str, subject: str) -> Facts:
        data = self.backend.wait_message(user, folder, subject)
        return {"message": data.decode("utf-8", "replace")}

    def do_count(self, user: str, folder: str) -> Facts:
        return {"count": self.backend.count(user, folder)}

    def do_person(self) -> Facts:
        """Somebody with an empty mailbox."""
        return {"user": box.new_user(self.backend), "password": harness.PASSWORD}

    def do_store(self, user: str, uids: str, what: str) -> Facts:
        """Another mail program marks messages of INBOX: "+FLAGS (\\Seen)"."""
        box.store(self.backend, user, uids, what)
        return {}

    def do_expunge(self, user: str, uids: str) -> Facts:
        """Another mail program deletes messages of INBOX."""
        box.expunge(self.backend, user, uids)
        return {}

    def do_subjects(self, user: str, folder: str) -> Facts:
        return {"subjects": box.subjects(self.backend, user, folder)}

    def do_complaints(self) -> Facts:
        """What sanitizers said in any server's log."""
        return {"text": "\n".join(filter(None, map(harness.complaints, self.servers)))}

    def do_logs(self) -> Facts:
        logs = [server.log for server in self.servers] + self.backend.logs()
        return {"logs": {str(path): harness.proc.tail(path, 80) for path in logs}}

    def close(self) -> None:
        for server in self.servers:
            server.stop()
        for proxy in self.proxies.values():
            proxy.close()


def main() -> int:
    # Answers go out here; whatever else prints goes to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    rig = None
    signal.signal(signal.SIGALRM, too_late)
    try:
        for line in sys.stdin:
            request = json.loads(line)
            action = request.pop("do")
            answer: Facts
            try:
                signal.alarm(LIMIT_S)
                rig = rig or Rig()
                answer = {"ok": True, **getattr(rig, f"do_{action}")(**request)}
            except (Exception, Late) as problem:  # goes to the test that asked
                answer = {"ok": False, "error": f"{action}: {problem}"}
            finally:
                signal.alarm(0)
            print(json.dumps(answer), file=answers, flush=True)
    finally:
        signal.alarm(LIMIT_S)
        if rig is not None:
            rig.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
