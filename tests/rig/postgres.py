"""A private PostgreSQL, and the few calls of libpq that tests need.

Everything lies in one folder; it listens on a socket there and nowhere else,
and runs as nobody in particular, because PostgreSQL refuses root.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Sequence

import proc
from proc import RigError

USER = "nobody"
BYTEA, TEXT = 17, 25
# int8, int2, int4, numeric
NUMBERS = (20, 21, 23, 1700)
_CONNECTION_OK, _COMMAND_OK, _TUPLES_OK = 0, 1, 2
Param = tuple[str, bytes]  # n, t or b, and the number's digits or the bytes
Value = int | bytes | None


def programs() -> Path:
    """The folder of PostgreSQL's own programs, of the newest release."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3])
    )
    if not found:
        raise RigError("PostgreSQL is missing; tests/rig/install brings it")
    return found[-1].parent


class Postgres:
    """One cluster: made, started, and ended with this Python process."""

    def __init__(self, folder: Path) -> None:
        self.folder = proc.place(folder, USER)
        self.log = self.folder / "postgres.log"
        self.process: proc.Process | None = None

    def start(self) -> "Postgres":
        data = self.folder / "data"
        owner = pwd.getpwnam(USER)
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        self.log.touch()
        for path in (self.folder, data, self.log):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        as_user = ["setpriv", f"--reuid={owner.pw_uid}", f"--regid={owner.pw_gid}", "--clear-groups"]
        env = {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)}
        # In the C locale text is compared byte by byte, as SQLite does.
        made = subprocess.run(
            [*as_user, programs() / "initdb", "--no-sync", "--auth=trust", "--username=iwebmsg"]
            + ["--encoding=UTF8", "--locale=C", "-D", data],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=env,
            text=True,
        )
        if made.returncode != 0:
            raise RigError(f"initdb failed\n{made.stdout}")
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "300",
            "fsync": "off",
            "client_min_messages": "warning",
            "lock_timeout": "10s",
            "statement_timeout": "30s",
        }
        words = [f"--{name}={value}" for name, value in settings.items()]
        self.process = proc.Process(
            "postgres",
            [*as_user, "--pdeathsig", "INT", programs() / "postgres", "-D", data, *words],
            self.log,
            cwd=Path("/"),
            env=env,
        )
        proc.wait_until(self._answers, "PostgreSQL", 60, self.process)
        return self

    def stop(self) -> None:
        if self.process is not None and self.process.running():
            # Fast: ends what is still connected.
            self.process.signal(signal.SIGINT)
            self.process.popen.wait(20)

    def connect(self) -> "Connection":
        return Connection(f"host={self.folder} user=iwebmsg dbname=postgres")

    def _answers(self) -> bool:
        try:
            self.connect().close()
        except RigError:
            return False
        return True


@dataclass
class Answer:
    words: str  # why it failed; empty: it did not
    changed: int | None  # rows that INSERT, UPDATE or DELETE touched
    types: list[int]
    rows: list[tuple[Value, ...]]


@functools.cache
def _libpq() -> ctypes.CDLL:
    name = ctypes.util.find_library("pq")
    if name is None:
        raise RigError("libpq is missing; tests/rig/install brings it")
    lib = ctypes.CDLL(name)
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for call, gives, takes in (
        ("PQconnectdb", pointer, (text,)),
        ("PQstatus", number, (pointer,)),
        ("PQerrorMessage", text, (pointer,)),
        ("PQfinish", None, (pointer,)),
        ("PQexec", pointer, (pointer, text)),
        ("PQprepare", pointer, (pointer, text, text, number, pointer)),
        ("PQdescribePrepared", pointer, (pointer, text)),
        ("PQexecParams", pointer, (pointer, text, number) + (pointer,) * 4 + (number,)),
        ("PQresultStatus", number, (pointer,)),
        ("PQresultErrorMessage", text, (pointer,)),
        ("PQcmdTuples", text, (pointer,)),
        ("PQcmdStatus", text, (pointer,)),
        ("PQnparams", number, (pointer,)),
        ("PQparamtype", ctypes.c_uint, (pointer, number)),
        ("PQntuples", number, (pointer,)),
        ("PQnfields", number, (pointer,)),
        ("PQftype", ctypes.c_uint, (pointer, number)),
        ("PQgetisnull", number, (pointer, number, number)),
        ("PQgetlength", number, (pointer, number, number)),
        ("PQgetvalue", pointer, (pointer, number, number)),
        ("PQclear", None, (pointer,)),
    ):
        function = getattr(lib, call)
        function.restype, function.argtypes = gives, takes
    return lib


class Connection:
    """A connection; what goes wrong with a statement is in its answer."""

    def __init__(self, where: str) -> None:
        self._pq = _libpq()
        self._conn = self._pq.PQconnectdb(where.encode())
        if self._pq.PQstatus(self._conn) != _CONNECTION_OK:
            words = self._pq.PQerrorMessage(self._conn).decode(errors="replace")
            self.close()
            raise RigError(words)

    def close(self) -> None:
        self._pq.PQfinish(self._conn)
        self._conn = None

    def script(self, text: str) -> Answer:
        """Statements without parameters."""
        return self._answer(self._pq.PQexec(self._conn, text.encode()))

    def run(self, statement: bytes, params: Sequence[Param]) -> Answer:
        """Types are PostgreSQL's guess, numbers go as digits, bytes as they are."""
        count = len(params)
        values = (ctypes.c_char_p * count)(*(data for _, data in params))
        lengths = (ctypes.c_int * count)(*(len(data) for _, data in params))
        formats = (ctypes.c_int * count)(*(int(kind == "b") for kind, _ in params))
        return self._answer(
            self._pq.PQexecParams(self._conn, statement, count, None, values, lengths, formats, 0)
        )

    def describe(self, statement: bytes) -> tuple[str, list[int], list[int]]:
        """Why it cannot be prepared or nothing; types of parameters and columns."""
        pq = self._pq
        made = self._answer(pq.PQprepare(self._conn, b"", statement, 0, None))
        if made.words:
            return made.words, [], []
        result = pq.PQdescribePrepared(self._conn, b"")
        params = [pq.PQparamtype(result, i) for i in range(pq.PQnparams(result))]
        return "", params, self._answer(result).types

    def _answer(self, result: int) -> Answer:
        pq = self._pq
        status = pq.PQresultStatus(result)
        words = ""
        if status not in (_COMMAND_OK, _TUPLES_OK):
            words = pq.PQresultErrorMessage(result).decode(errors="replace") or f"status {status}"
        types = [pq.PQftype(result, i) for i in range(pq.PQnfields(result))]
        rows = [
            tuple(self._value(result, row, column, kind) for column, kind in enumerate(types))
            for row in range(pq.PQntuples(result))
        ]
        verb = pq.PQcmdStatus(result).split(b" ")[0]
        changes = verb in (b"INSERT", b"UPDATE", b"DELETE")
        changed = int(pq.PQcmdTuples(result) or 0) if changes else None
        pq.PQclear(result)
        return Answer(words, changed, types, rows)

    def _value(self, result: int, row: int, column: int, kind: int) -> Value:
        pq = self._pq
        if pq.PQgetisnull(result, row, column):
            return None
        data = ctypes.string_at(pq.PQgetvalue(result, row, column), pq.PQgetlength(result, row, column))
        if kind in NUMBERS:
            return int(data)
        return bytes.fromhex(data[2:].decode()) if kind == BYTEA else data
