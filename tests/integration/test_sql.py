"""The SQL of db/ and server/store/ does in PostgreSQL what it does in SQLite.

The unit tests of what stands on the store run with a library in front of
SQLite that writes down each statement, its parameters and what came of it;
then PostgreSQL is asked the same in the same order. What the door to SQLite
(server/store/sql.c) says by itself is not SQL of the store: PRAGMA, and how a
transaction begins. Statements are found as strings in the object files.
"""

from __future__ import annotations

import itertools
import os
import re
import sqlite3
import subprocess
import threading
import unittest
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Iterator

import harness
import mailbox as box
import postgres
import proc

ROOT = proc.repo_root()
OUT = ROOT / "build" / os.environ.get("IWEBMSG_FLAVOUR", "release")
# Whose tests run most statements.
PROGRAMS = (
    "store/test_store",
    "store/test_store_draft",
    "store/test_store_outbox",
    "store/test_store_people",
    "session/test_session_switch",
    "mail/test_outbox",
)
OF_THE_DOOR = {b"BEGIN IMMEDIATE": "BEGIN"}
STEPS = [path.read_text() for path in sorted((ROOT / "db").glob("*.sql"))]
SQLITE_CONSTRAINT, SQLITE_ROW, SQLITE_DONE = 19, 100, 101
LITERAL = re.compile(rb"(?<=\0)(?:SELECT|INSERT|UPDATE|DELETE|WITH|CREATE|DROP|ALTER|REPLACE) [\t\n -~]+(?=\0)")
# Of each table, and of parameters.
ROWS = 4
Row = tuple[int | bytes | None, ...]


@dataclass
class Event:
    """A statement, a script, or the end of a connection."""

    what: str
    conn: str
    database: str
    code: int = 0
    changes: int = 0
    sql: bytes = b""
    params: list[postgres.Param] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def _value(word: str) -> int | bytes | None:
    kind, _, text = word.partition(":")
    if kind == "n":
        return int(text)
    return None if kind == "z" else bytes.fromhex(text)


def _param(word: str) -> postgres.Param:
    kind, _, text = word.partition(":")
    return kind, text.encode() if kind == "n" else bytes.fromhex(text)


def _event(line: str) -> Event:
    words = line.split("\t")
    event = Event(words[0], words[1], words[2] if words[2] != "-" else words[1])
    if event.what == "close":
        return event
    event.code, event.changes, event.sql = int(words[3]), int(words[4]), bytes.fromhex(words[5])
    if event.what == "run":
        event.params = [_param(word) for word in words[6].split(",") if word]
        event.rows = [tuple(map(_value, row.split(","))) for row in words[7].split(";") if row]
    return event


def traced(program: str) -> list[Event]:
    """What a program asked of SQLite."""
    read, write = os.pipe()
    lines: list[str] = []

    def listen() -> None:
        with open(read, encoding="ascii") as source:
            lines.extend(source.read().splitlines())

    listener = threading.Thread(target=listen)
    listener.start()
    env = {**os.environ, "LD_PRELOAD": str(OUT / "sql_trace.so"), "IWEBMSG_SQL_TRACE": str(write)}
    done = subprocess.run(
        [OUT / "tests/unit" / program],
        env=env,
        pass_fds=[write],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        timeout=120,
    )
    os.close(write)
    listener.join()
    if done.returncode != 0:
        raise AssertionError(f"{program}\n{done.stdout[-3000:]}")
    return list(map(_event, lines))


def literals() -> set[bytes]:
    """Every statement in the store's object files."""
    found: set[bytes] = set()
    for path in (OUT / "server/store").glob("*.o"):
        found |= set(LITERAL.findall(path.read_bytes()))
    return found


class Replay:
    """Asks PostgreSQL what SQLite was asked; a schema stands for a database.

    A schema that is no longer needed is emptied and used again, because making
    one takes long.
    """

    def __init__(self, server: postgres.Postgres) -> None:
        self.server = server
        self.serial = itertools.count(1)
        self.free: list[str] = []
        self.steps: dict[str, int] = {}  # migrations a schema has had
        self.schemas: dict[str, str] = {}
        self.conns: dict[str, postgres.Connection] = {}
        self.ended: set[str] = set()  # databases that broke on purpose
        self.fresh: set[str] = set()  # that begin with an older schema
        self.wrong: list[str] = []
        self.seen: set[bytes] = set()

    def program(self, events: list[Event]) -> None:
        for event in events:
            if event.what == "script" and event.sql.startswith(b"INSERT"):
                self.fresh.add(event.database)
        for event in events:
            self._take(event)
        for conn in self.conns.values():
            conn.close()
        self.conns.clear()
        self.fresh.clear()
        for database in list(self.schemas):
            self._forget(database)

    def _take(self, event: Event) -> None:
        if event.what == "close":
            conn = self.conns.pop(event.conn, None)
            if conn is not None:
                conn.close()
            # Such a database lives as long as its only connection.
            if event.database == event.conn:
                self._forget(event.database)
            return
        good = event.code in (0, SQLITE_ROW, SQLITE_DONE)
        if not good and event.code & 0xFF != SQLITE_CONSTRAINT:
            self.ended.add(event.database)
        if event.database in self.ended or event.sql.startswith(b"PRAGMA"):
            return
        conn = self._conn(event)
        if event.what == "run":
            self.seen.add(event.sql)
            self._compare(event, good, conn.run(event.sql, event.params))
        elif not self._is_migrated(event):
            answer = conn.script(OF_THE_DOOR.get(event.sql) or event.sql.decode())
            self._check(event, good == (not answer.words), answer.words)

    def _forget(self, database: str) -> None:
        self.ended.discard(database)
        schema = self.schemas.pop(database, "")
        if self.steps.get(schema) == len(STEPS):
            self.free.append(schema)

    def _is_migrated(self, event: Event) -> bool:
        """A step of db/ that a used schema has had already."""
        if event.sql.decode() not in STEPS:
            return False
        schema = self.schemas[event.database]
        if self.steps.get(schema) == len(STEPS):
            return True
        self.steps[schema] = self.steps.get(schema, 0) + 1
        return False

    def _conn(self, event: Event) -> postgres.Connection:
        is_new = event.database not in self.schemas
        is_used = is_new and event.database not in self.fresh and bool(self.free)
        if is_new:
            self.schemas[event.database] = self.free.pop() if is_used else f"d{next(self.serial)}"
        if event.conn not in self.conns:
            conn = self.conns[event.conn] = self.server.connect()
            name = self.schemas[event.database]
            made = conn.script(f"CREATE SCHEMA IF NOT EXISTS {name}; SET search_path = {name}")
            self._check(event, not made.words, made.words)
            if is_used:
                self._empty(event, conn)
        return self.conns[event.conn]

    def _empty(self, event: Event, conn: postgres.Connection) -> None:
        tables = [row[0] for row in conn.run(b"SELECT tablename FROM pg_tables WHERE schemaname = current_schema()", []).rows]
        assert all(isinstance(each, bytes) for each in tables)
        # Nothing goes before what refers to it.
        names = sorted((each.decode() for each in tables if isinstance(each, bytes)), key=lambda name: name != "outbox")
        made = conn.script("".join(f"DELETE FROM {name};" for name in names))
        self._check(event, not made.words, made.words)

    def _compare(self, event: Event, good: bool, answer: postgres.Answer) -> None:
        self._check(event, good == (not answer.words), answer.words)
        if answer.words or not good:
            return
        ours, theirs = event.rows, answer.rows
        # A query may have been left before its last row.
        if event.code == SQLITE_ROW:
            theirs = theirs[: len(ours)]
        if b"ORDER BY" not in event.sql:
            ours, theirs = sorted(ours, key=repr), sorted(theirs, key=repr)
        self._check(event, ours == theirs, f"SQLite {ours}, PostgreSQL {theirs}")
        if answer.changed is not None and event.code == SQLITE_DONE:
            same = answer.changed == event.changes
            self._check(event, same, f"SQLite changed {event.changes}, PostgreSQL {answer.changed}")

    def _check(self, event: Event, good: bool, words: str) -> None:
        if not good:
            self.wrong.append(f"{event.sql.decode()}\n  {event.params}: {event.code}\n  {words[:600]}")


def _made_up(kind: str, serial: int, column: str = "") -> postgres.Param:
    """A value of a kind (n, t, b, or a column's type); few, so that they match."""
    if kind in ("t", "TEXT"):
        empty = serial < 0 or (serial < 2 and column in ("gone", "result", "moved_to"))
        # One account has all of it.
        return "t", b"" if empty else b"x0" if column == "account" else b"x%d" % serial
    return ("b", b"x%d" % serial) if kind in ("b", "BYTEA") else ("n", b"%d" % max(serial, 0))


Told = tuple[bool, int | None, list[Row]]


def _told(sql: bytes, good: bool, changed: int | None, rows: list[Row]) -> Told:
    return good, changed, rows if b"ORDER BY" in sql else sorted(rows, key=repr)


def _ask_sqlite(conn: sqlite3.Connection, sql: bytes, params: list[postgres.Param]) -> Told:
    values = {
        str(at + 1): int(data) if kind == "n" else data.decode() if kind == "t" else data
        for at, (kind, data) in enumerate(params)
    }
    try:
        cursor = conn.execute(sql.decode(), values)
        rows = [tuple(each.encode() if isinstance(each, str) else each for each in row) for row in cursor]
    except sqlite3.IntegrityError:
        return _told(sql, False, None, [])
    changes = sql.split()[0] in (b"INSERT", b"UPDATE", b"DELETE")
    return _told(sql, True, cursor.rowcount if changes else None, rows)


def _ask_postgres(conn: postgres.Connection, sql: bytes, params: list[postgres.Param]) -> Told:
    answer = conn.run(sql, params)
    if answer.words and "violates" not in answer.words:
        raise AssertionError(answer.words)
    return _told(sql, not answer.words, answer.changed, answer.rows)


@unittest.skipUnless(box.memory_is_measured(), "a sanitizer must come before the library")
class SqlTest(unittest.TestCase):
    server: ClassVar[postgres.Postgres]

    @classmethod
    def setUpClass(cls) -> None:
        cls.server = postgres.Postgres(harness.new_folder("pg"))
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()

    def migrated(self, name: str) -> postgres.Connection:
        conn = self.server.connect()
        self.addCleanup(conn.close)
        self.assertEqual(conn.script(f"CREATE SCHEMA {name}; SET search_path = {name}").words, "")
        for step in STEPS:
            self.assertEqual(conn.script(step).words, "", step)
        conn.script("CREATE TABLE schema_version (version BIGINT NOT NULL)")
        return conn

    def test_every_statement_can_be_prepared(self) -> None:
        conn = self.migrated("prepared")
        found = literals()
        self.assertGreater(len(found), 150)
        known = {postgres.BYTEA, postgres.TEXT, *postgres.NUMBERS}
        for sql in sorted(found):
            with self.subTest(sql.decode()):
                words, params, columns = conn.describe(sql)
                self.assertEqual(words, "")
                self.assertLessEqual({*params, *columns}, known)

    def test_same_answers(self) -> None:
        conn = self.migrated("typed")
        replay = Replay(self.server)
        kinds: dict[bytes, str] = {}
        for program in PROGRAMS:
            events = traced(program)
            replay.program(events)
            for event in events:
                if event.what == "run":
                    kinds[event.sql] = "".join(kind for kind, _ in event.params)
        self.assertFalse(replay.wrong, "\n".join(replay.wrong[:20]))
        for sql, kind in kinds.items():
            self.assertEqual(kind, "".join(self._kinds(conn, sql)), sql.decode())
        self.assertGreater(len(replay.seen), 150)

    def test_same_answers_to_made_up_values(self) -> None:
        """Every statement, those too that no unit test runs."""
        theirs = self.migrated("made_up")
        ours = sqlite3.connect(":memory:", isolation_level=None)
        self.addCleanup(ours.close)
        ours.execute("PRAGMA foreign_keys = ON")
        for step in STEPS:
            ours.executescript(step)
        ours.execute("CREATE TABLE schema_version (version BIGINT NOT NULL)")
        tables = [name for (name,) in ours.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")]
        for table in tables:
            columns = [(name, kind) for _, name, kind, *_ in ours.execute(f"PRAGMA table_info({table})")]
            places = ", ".join(f"${at + 1}" for at in range(len(columns)))
            names = ", ".join(name for name, _ in columns)
            sql = f"INSERT INTO {table} ({names}) VALUES ({places})".encode()
            for serial in range(ROWS):
                values = [_made_up(kind, serial, name) for name, kind in columns]
                self.assertEqual(_ask_sqlite(ours, sql, values), _ask_postgres(theirs, sql, values))
        for sql in sorted(literals()):
            kinds = list(self._kinds(theirs, sql))
            for serial in range(-1, ROWS):
                with self.subTest(sql.decode(), serial=serial):
                    values = [_made_up(kind, serial) for kind in kinds]
                    ours.execute("BEGIN")
                    theirs.script("BEGIN")
                    got = _ask_sqlite(ours, sql, values), _ask_postgres(theirs, sql, values)
                    ours.execute("ROLLBACK")
                    theirs.script("ROLLBACK")
                    self.assertEqual(*got)

    def _kinds(self, conn: postgres.Connection, sql: bytes) -> Iterator[str]:
        """What PostgreSQL takes each parameter for."""
        words, types, _ = conn.describe(sql)
        self.assertEqual(words, "", sql.decode())
        for each in types:
            yield "n" if each in postgres.NUMBERS else "b" if each == postgres.BYTEA else "t"
