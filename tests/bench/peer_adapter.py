"""iwebmsg for a bench that asks several webmail servers in one run.

  peer_adapter.py start|stop

starts iwebmsgd in front of the bench's mail servers (IMAP on $IMAP_PORT and
submission on $SUBMISSION_PORT of the loopback, in clear, as its peers use
them) on port $IWEBMSG_PORT, or ends it. The bench loads make_adapter(base):
`base` brings the kept-alive HTTP client `self.http` and `self.seen()`, to be
called when a person has what they asked for. Each action makes the requests
that a browser without JavaScript makes.
"""

from __future__ import annotations

import html
import os
import re
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

WORK = Path(os.environ.get("BENCH_WORK", "/tmp/bench"))
PASSWORD = os.environ.get("BENCH_PASSWORD", "benchpass")
FORM = "application/x-www-form-urlencoded"
ROWS = 50


def fields(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form that leads to `action`."""
    found = re.search(rf'<form[^>]*action="{re.escape(action)}[^>]*>(.*?)</form>', page, re.S)
    if not found:
        raise RuntimeError(f"no form for {action}")
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', found[1])
    return {name: html.unescape(value) for name, value in hidden}


def make_adapter(base: Any) -> Any:
    class Adapter(base):  # type: ignore[misc,valid-type]
        groups = {"web": [os.environ.get("IWEBMSG_PIDFILE", "iwebmsg/iwebmsg.pid")]}

        def post(self, path: str, values: dict[str, str]) -> list:
            """The page it leads to, or what it answers itself."""
            answer = self.http.request("POST", path, urlencode(values).encode(), self.form)
            return self.follow(answer) or [answer]

        form = {"Content-Type": FORM}

        def follow(self, answer: Any) -> list:
            if answer.status not in (302, 303):
                return []
            parts = urlsplit(answer.headers["location"])
            return [self.get(f"{parts.path}?{parts.query}" if parts.query else parts.path)]

        def get(self, path: str) -> Any:
            answer = self.http.request("GET", path)
            if answer.status in (302, 303):
                return self.follow(answer)[0]
            return answer

        def keep(self, page: str) -> None:
            """What the forms of a list carry, for the actions to come."""
            self.act = fields(page, "/act")
            self.found_by = fields(page, "/search")

        def login(self) -> list:
            first = self.get("/")
            values = fields(first.text, "/login")
            values |= {"name": self.user, "password": PASSWORD}
            answers = self.post("/login", values)
            self.seen()
            self.keep(answers[-1].text)
            return [first, *answers]

        def page1(self) -> list:
            return self.list()

        def list(self, page: int = 1, folder: str = "INBOX") -> list:
            answer = self.http.request("GET", f"/list?folder={quote(folder)}&page={page}")
            self.seen()
            return [answer]

        def check_contains(self, out: list, *texts: Any) -> None:
            # A row shows a sender's name, not the address: count the rows.
            if texts == (b"example.",):
                rows = self.ok(out).count(b'name="uid"')
                if rows != ROWS:
                    raise RuntimeError(f"{rows} rows instead of {ROWS}")
                return
            escaped = [html.escape(each, quote=False) if isinstance(each, str) else each for each in texts]
            super().check_contains(out, *escaped)

        def check_hit(self, out: list) -> None:
            if not re.search(rb'name="(uid|pick)" value=', self.ok(out)):
                raise RuntimeError("the search found nothing")

        def open(self, uid: int) -> list:
            answers = [self.http.request("GET", f"/message?folder=INBOX&uid={uid}")]
            frame = re.search(r'<iframe[^>]* src="([^"]+)"', answers[0].text)
            if frame:
                answers.append(self.http.request("GET", html.unescape(frame[1])))
            self.seen()
            return answers

        def download(self, uid: int) -> list:
            answer = self.http.request("GET", f"/part?folder=INBOX&uid={uid}&part=2")
            self.seen()
            return [answer]

        def find(self, words: str) -> list:
            answers = self.post("/search", {**self.found_by, "q": words, "in": "here"})
            self.seen()
            return answers

        def search_subject(self, term: str) -> list:
            return self.find(f"subject:{term}")

        def search_body(self, term: str) -> list:
            return self.find(f"body:{term}")

        def send(self, to: str, subject: str, data: bytes) -> list:
            first = self.get("/compose")
            values = fields(first.text, "/compose")
            values |= {"to": to, "subject": subject, "body": "Hello,\r\n\r\nthis is the bench.\r\n"}
            edge = secrets.token_hex(16)
            body = b"".join(
                f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
                for name, value in {**values, "do": "send"}.items()
            )
            body += (
                f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="data.bin"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n"
            ).encode()
            body += data + f"\r\n--{edge}--\r\n".encode()
            kind = {"Content-Type": f"multipart/form-data; boundary={edge}"}
            answer = self.http.request("POST", "/compose", body, kind)
            answers = self.follow(answer) or [answer]
            self.seen()
            if "sent" not in answers[-1].text.lower():
                raise RuntimeError(f"send: {answers[-1].status} {answers[-1].text[:300]}")
            return [first, *answers]

        def change(self, uid: int, **values: str) -> list:
            answers = self.post("/act", {**self.act, "uid": str(uid), **values})
            self.seen()
            return answers

        def flag(self, uid: int, on: bool) -> list:
            return self.change(uid, do="flag" if on else "unflag")

        def move(self, uid: int, dest: str) -> list:
            return self.change(uid, do="move", to=dest)

    return Adapter


def start(folder: Path) -> None:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "rig"))
    import proc  # noqa: PLC0415
    import server as web  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    secure = proc.free_ports(1)[0]
    mail = {
        "ImapHost": "127.0.0.1",
        "ImapPort": os.environ.get("IMAP_PORT", "11143"),
        "ImapSecurity": "none",
        "SmtpHost": "127.0.0.1",
        "SmtpPort": os.environ.get("SUBMISSION_PORT", "11587"),
        "SmtpSecurity": "none",
        "DefaultDomain": "bench.test",
    }
    sections = {
        "Server": {
            "ListenAddress": proc.LOOPBACK,
            "PlainPort": os.environ.get("IWEBMSG_PORT", "18090"),
            "SecurePort": secure,
            "User": web.SERVER_USER,
            "StateDir": web.state_folder(folder / "state"),
            "PidFile": folder / "iwebmsg.pid",
        },
        "SSL": {"EnableSSL": 0},
        "Mail": mail,
        "Writing": {"UndoSend": "0s"},
    }
    web.write_ini(folder / "iwebmsg.ini", sections)
    os.chmod(folder / "iwebmsg.ini", 0o600)
    os.execv(web.program(), [str(web.program()), "--config", str(folder / "iwebmsg.ini"), "--daemon"])


def stop(folder: Path) -> None:
    os.kill(int((folder / "iwebmsg.pid").read_text()), 15)


def main() -> int:
    if sys.argv[1:] not in (["start"], ["stop"]):
        print(__doc__, file=sys.stderr)
        return 2
    (start if sys.argv[1] == "start" else stop)(WORK / "iwebmsg")
    return 0


if __name__ == "__main__":
    sys.exit(main())
