#!/usr/bin/python3
"""The house rules that a program can check. Fast; reads, never writes.

  lint.py [CHECK...]     all checks, or those named; --list names them

Prints one line per check and, under a failed one, FILE:LINE: what is wrong.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Callable, Iterator

TOP = Path(__file__).resolve().parent.parent.parent
SKIPPED_FOLDERS = {".git", "build", "node_modules", "__pycache__"}

# Rooms from the street inwards have higher ranks; siblings share one.
RANK = {
    "base": 0,
    "os": 1,
    "config": 2,
    "store": 2,
    "net": 2,
    "mime": 2,
    "view": 2,
    "mail": 3,
    "http": 3,
    "session": 4,
    "page": 5,
    "route": 6,
    "main": 7,
}
# ssl-util stands beside the server and uses its inner rooms.
SSL_UTIL_RANK = 3

# Foreign headers and the only places that may include them. At most `files`
# files of a place do.
DOORS = (
    (r"microhttpd\.h", ("server/http/",), 99),
    (r"libetpan/", ("server/mail/",), 99),
    (r"gmime/|glib|gio/", ("server/mime/",), 1),
    (r"gumbo\.h", ("server/mime/",), 1),
    (r"unicode/", ("server/mime/", "server/view/"), 3),
    (r"sqlite3\.h", ("server/store/",), 4),
    (r"libpq", ("server/store/",), 1),
    (r"ini\.h", ("server/config/",), 1),
    (r"jansson\.h", ("server/base/json",), 1),
    (
        r"openssl/",
        ("server/net/", "server/session/", "server/base/secret", "ssl-util/"),
        99,
    ),
)

BANNED_CALLS = re.compile(
    r"\b(system|popen|execl|execlp|execle|execv|execvp|execve|execvpe|"
    r"posix_spawnp?|strcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|"
    r"gets|atoi|atol|atof|gmtime|localtime|alloca)\s*\("
)
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.}$])/(?:work|root|farm)/")
HTML_TAGS = (
    "a abbr article b blockquote body br button dd details div dl dt em fieldset "
    "footer form frame h[1-6] head header hr html i iframe img input label legend "
    "li link main meta nav ol option p pre script section select small span "
    "strong style summary svg table tbody td textarea tfoot th thead title tr u ul"
)
RAW_HTML = re.compile(
    r"</?(?:" + HTML_TAGS.replace(" ", "|") + r")(?:[\s/>]|$)|<!DOCTYPE|<!--", re.I
)
# The cleaner and the text-to-HTML step write HTML: that is their work.
HTML_WRITERS = re.compile(r"server/(mime/html_\w+|view/view_plain)\.c$")
FILE_LINES_HARD, FILE_LINES_WARN, FUNCTION_LINES = 600, 400, 60
# Waiting for time to pass, instead of for an event.
TEST_SLEEPS = re.compile(
    r"waitForTimeout|\bsleep\s*\(\s*[0-9]|setTimeout\([^,]*,\s*[0-9]{3,}|"
    r"^\s*sleep\s+[0-9]"
)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=|javascript:", re.I)
INLINE_STYLE = re.compile(r"\sstyle\s*=|<style\b", re.I)
# Documents with a stranger's HTML in them have a policy of their own.
FRAME_TEMPLATES = ("templates/body.html", "templates/body_style.html", "templates/print.html")


@dataclass
class Source:
    """One file of the tree."""

    path: str
    lines: list[str] = field(repr=False)

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @cached_property
    def code(self) -> list[str]:
        """C without comments and with empty string literals, line for line."""
        return _strip(self.text)[0].split("\n")

    @cached_property
    def literals(self) -> list[tuple[int, str]]:
        return _strip(self.text)[1]


_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.S
)


def _strip(text: str) -> tuple[str, list[tuple[int, str]]]:
    literals: list[tuple[int, str]] = []

    def blank(match: re.Match[str]) -> str:
        token = match.group()
        if token[0] == '"':
            literals.append((text.count("\n", 0, match.start()) + 1, token[1:-1]))
            return '""'
        return "''" if token[0] == "'" else "\n" * token.count("\n")

    return _TOKEN.sub(blank, text), literals


class Tree:
    def __init__(self) -> None:
        self.paths: list[str] = []
        for folder, names, files in os.walk(TOP):
            names[:] = [name for name in names if name not in SKIPPED_FOLDERS]
            base = os.path.relpath(folder, TOP)
            self.paths += [os.path.normpath(f"{base}/{name}") for name in files]
        self.paths.sort()
        self._read: dict[str, Source] = {}

    def named(self, pattern: str) -> list[str]:
        return [path for path in self.paths if re.search(pattern, path)]

    def read(self, path: str) -> Source:
        if path not in self._read:
            text = (TOP / path).read_text(errors="replace")
            self._read[path] = Source(path, text.split("\n"))
        return self._read[path]

    def sources(self, pattern: str) -> list[Source]:
        return [self.read(path) for path in self.named(pattern)]

    def program(self) -> list[Source]:
        """The C of the two programs."""
        return self.sources(r"^(server|ssl-util)/.*\.[ch]$")


Finding = tuple[str, int, str]
Check = Callable[[Tree], Iterator[Finding]]
CHECKS: dict[str, Check] = {}


def check(function: Check) -> Check:
    CHECKS[function.__name__.replace("_", "-")] = function
    return function


def _room(path: str) -> str:
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else "main"


@check
def layers(tree: Tree) -> Iterator[Finding]:
    """A room includes only rooms further in, never a sibling."""
    for source in tree.program():
        here = _room(source.path)
        if source.path.startswith("ssl-util/"):
            here, rank = "ssl-util", SSL_UTIL_RANK
        elif here in RANK:
            rank = RANK[here]
        else:
            yield source.path, 1, f"unknown room {here}: give it a rank in lint.py"
            continue
        for number, line in enumerate(source.lines, 1):
            match = re.match(r'\s*#\s*include\s+"([^"]+)"', line)
            if not match:
                continue
            room = match.group(1).split("/")[0]
            if "/" not in match.group(1) and here in ("ssl-util", "main"):
                continue
            if room not in RANK and not (here == "ssl-util" and room == here):
                yield source.path, number, f"include from server/: {match.group(1)}"
            elif room != here and RANK[room] >= rank:
                yield source.path, number, f"{here} may not include {room}"


@check
def doors(tree: Tree) -> Iterator[Finding]:
    """A foreign library enters by one door."""
    for pattern, places, files in DOORS:
        inside: list[Finding] = []
        for source in tree.program():
            for number, line in enumerate(source.lines, 1):
                match = re.match(rf"\s*#\s*include\s+<((?:{pattern})[^>]*)>", line)
                if not match:
                    continue
                found = (source.path, number, match.group(1))
                if source.path.startswith(places):
                    inside.append(found)
                else:
                    yield *found[:2], f"{found[2]} belongs in {' '.join(places)}"
        if len({path for path, _, _ in inside}) > files:
            for path, number, header in inside:
                yield path, number, f"{header}: more than {files} file(s) include it"


@check
def raw_html(tree: Tree) -> Iterator[Finding]:
    """Templates hold all HTML; C holds none."""
    for source in tree.sources(r"^server/.*\.c$"):
        if HTML_WRITERS.search(source.path):
            continue
        for number, literal in source.literals:
            match = RAW_HTML.search(literal)
            if match:
                yield source.path, number, f"HTML in C: {match.group().strip()}"


@check
def banned(tree: Tree) -> Iterator[Finding]:
    """No shell, no unbounded copy, no promise of later work."""
    for source in tree.program():
        if source.path == "server/base/banned.h":
            continue
        for number, line in enumerate(source.code, 1):
            match = BANNED_CALLS.search(line)
            if match:
                yield source.path, number, f"{match.group(1)}() has no place here"
    for source in tree.sources(r"\.(c|h|js|mjs|html|css|sql|mk|sh)$|Makefile$"):
        for number, line in enumerate(source.lines, 1):
            match = LATER.search(line)
            if match and not re.search(r"TODO\(#\d+\)", line):
                yield source.path, number, f"{match.group()}: do it, or name an issue"


@check
def windows(tree: Tree) -> Iterator[Finding]:
    """What differs between systems stands in os/."""
    for source in tree.program():
        if "/os/" in source.path:
            continue
        for number, line in enumerate(source.code, 1):
            if re.search(r"\b(_WIN32|__MINGW\w*|windows\.h)\b", line):
                yield source.path, number, "belongs in server/os/"


@check
def limits(tree: Tree) -> Iterator[Finding]:
    """Files and functions stay readable."""
    for source in tree.program():
        lines = len(source.lines) - 1
        if lines > FILE_LINES_HARD:
            yield source.path, lines, f"more than {FILE_LINES_HARD} lines"
        elif lines > FILE_LINES_WARN:
            print(f"# {source.path}: {lines} lines; is a room missing?")
        start = 0
        for number, line in enumerate(source.lines, 1):
            if line == "{":
                start = number
            elif line == "}" and start:
                if number - start - 1 > FUNCTION_LINES:
                    yield source.path, start, f"function of {number - start - 1} lines"
                start = 0


UNINITIALISED = re.compile(r"CLEANUP\((?!session_token_wipe)\w+\)\s+struct \w+ (\w+);")


@check
def cleanups(tree: Tree) -> Iterator[Finding]:
    """What is given back at every return has a value before the first one."""
    for source in tree.program():
        text = "\n".join(source.code)
        for found in UNINITIALISED.finditer(text):
            rest = text[found.end() :]
            first = re.search(rf"&{found[1]}\b|\b{found[1]} = ", rest)
            leave = re.search(r"\breturn\b", rest)
            if first is None or (leave is not None and leave.start() < first.start()):
                line = text.count("\n", 0, found.start()) + 1
                yield source.path, line, f"{found[1]} is freed before it is made: = {{0}}"


@check
def guards(tree: Tree) -> Iterator[Finding]:
    """A header's guard is ROOM_FILE_H and comes first."""
    for source in tree.sources(r"^(server|ssl-util)/.*\.h$"):
        parts = Path(source.path).with_suffix("").parts
        parts = parts[1:] if parts[0] == "server" else parts
        guard = re.sub(r"\W", "_", "_".join(parts)).upper() + "_H"
        # net/net_client.h may say NET_CLIENT_H.
        short = re.sub(rf"^({parts[0].upper()}_)\1", r"\1", guard)
        code = [" ".join(line.split()) for line in source.code if line.strip()]
        if all(
            code[:2] != [f"#ifndef {name}", f"#define {name}"]
            for name in (guard, short)
        ):
            yield source.path, 1, f"wants #ifndef {guard}, #define {guard} first"


@check
def machine_paths(tree: Tree) -> Iterator[Finding]:
    """Nothing in the tree knows the machine it was written on."""
    for path in tree.paths:
        if re.search(r"\.(png|jpg|ico|pdf|db|woff2?)$|/corpus/", path):
            continue
        for number, line in enumerate(tree.read(path).lines, 1):
            match = MACHINE_PATHS.search(line)
            if match:
                yield path, number, f"path of a machine: {line.strip()[:60]}"


@check
def test_sleeps(tree: Tree) -> Iterator[Finding]:
    """A test waits for an event, never for time to pass."""
    for source in tree.sources(r"^tests/.*\.(py|mjs|sh|c)$"):
        if source.path.startswith("tests/lint/"):
            continue
        for number, line in enumerate(source.lines, 1):
            if TEST_SLEEPS.search(line):
                yield source.path, number, line.strip()[:60]


@check
def templates(tree: Tree) -> Iterator[Finding]:
    """No inline script or style: the pages' policy would stop it."""
    for source in tree.sources(r"^templates/.*\.html$"):
        for number, line in enumerate(source.lines, 1):
            match = INLINE_SCRIPT.search(line)
            if match is None and source.path not in FRAME_TEMPLATES:
                match = INLINE_STYLE.search(line)
            if match:
                yield source.path, number, f"inline: {match.group().strip()}"


def _run(argv: list[str]) -> tuple[int, str]:
    done = subprocess.run(
        argv,
        cwd=TOP,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    return done.returncode, done.stdout


def _complaints(argv: list[str], paths: list[str]) -> Iterator[Finding]:
    """Runs a tool over paths, in parallel slices; its FILE:LINE: lines."""
    if not paths:
        return
    step = max(1, (len(paths) + 7) // 8)
    slices = [paths[at : at + step] for at in range(0, len(paths), step)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = pool.map(lambda part: _run([*argv, *part]), slices)
    for status, output in results:
        lines = [line for line in output.splitlines() if re.match(r"\S+?:\d+:(?!\d+: note:)", line)]
        for line in lines:
            path, number, rest = line.split(":", 2)
            yield path, int(number), rest
        if status != 0 and not lines:
            yield argv[0], 0, output.strip()[:400] or f"status {status}"


@check
def layout(tree: Tree) -> Iterator[Finding]:
    """clang-format decides layout; `make format` applies it."""
    paths = tree.named(r"^(server|ssl-util|tests/unit|tests/fuzz)/.*\.[ch]$")
    seen: set[str] = set()
    for path, number, _ in _complaints(["clang-format", "--dry-run", "-Werror"], paths):
        if path not in seen:
            seen.add(path)
            yield path, number, "layout differs first here: make format"


@check
def clang(tree: Tree) -> Iterator[Finding]:
    """clang has no warning either: the release is built by gcc, sanitizers and fuzzers by clang."""
    makefile = (TOP / "Makefile").read_text()
    chosen = {
        name: re.search(rf"^{name} :?\+?= (.*)$", makefile, re.M).group(1).split()  # type: ignore[union-attr]
        for name in ("PKGS", "WARN_COMMON", "STD")
    }
    status, flags = _run(["pkg-config", "--cflags", *chosen["PKGS"]])
    if status != 0:
        yield "Makefile", 0, flags.strip()
        return
    foreign = [re.sub("^-I", "-isystem", word) for word in flags.split()]
    argv = ["clang", "-fsyntax-only", *chosen["STD"], *chosen["WARN_COMMON"], *foreign, "-Iserver", "-D_GNU_SOURCE"]
    argv += ['-DIWEBMSG_VERSION="lint"', "-include", "server/base/banned.h"]
    yield from _complaints(argv, tree.named(r"^(server|ssl-util|tests/unit|tests/fuzz)/.*\.c$"))


@check
def shell(tree: Tree) -> Iterator[Finding]:
    """shellcheck is content with every shell script."""
    scripts = []
    for path in tree.paths:
        with open(TOP / path, "rb") as handle:
            first = handle.readline(80)
        if re.match(rb"#!\s*/\S*\b(env\s+)?(ba|da)?sh\b", first):
            scripts.append(path)
    yield from _complaints(["shellcheck", "-f", "gcc"], scripts)


@check
def python(tree: Tree) -> Iterator[Finding]:
    """Every Python file compiles."""
    for path in tree.paths:
        with open(TOP / path, "rb") as handle:
            if not path.endswith(".py") and b"python3" not in handle.readline(80):
                continue
            handle.seek(0)
            try:
                compile(handle.read(), path, "exec")
            except SyntaxError as error:
                yield path, error.lineno or 0, str(error)


@check
def translations(tree: Tree) -> Iterator[Finding]:
    """Every catalogue is complete and fits its English; no words stand outside of it."""
    for path in tree.named(r"^po/.*\.po$"):
        yield from _complaints(["msgfmt", "--check", "-o", "/dev/null"], [path])
        yield from _complaints([sys.executable, "po/marks.py", "check"], [path])
    yield from _complaints([sys.executable, "po/marks.py"], ["unmarked"])
    yield from _complaints([sys.executable], ["po/spoken.py"])


@check
def javascript(tree: Tree) -> Iterator[Finding]:
    """Every script parses."""
    for path in tree.named(r"^(static|tests)/.*\.m?js$"):
        status, output = _run(["node", "--check", path])
        if status != 0:
            yield path, 0, output.strip().splitlines()[0]


def main() -> int:
    names = sys.argv[1:] or list(CHECKS)
    if names == ["--list"]:
        for name, function in CHECKS.items():
            print(f"{name:14} {(function.__doc__ or '').splitlines()[0]}")
        return 0
    unknown = [name for name in names if name not in CHECKS]
    if unknown:
        print(f"no such check: {' '.join(unknown)}; --list names them")
        return 2
    tree = Tree()
    failed = 0
    for name in names:
        findings = list(CHECKS[name](tree))
        print(f"{'not ok' if findings else 'ok'} lint/{name}")
        for path, number, what in findings:
            print(f"  {path}:{number}: {what}")
        failed += bool(findings)
    print(f"{len(names) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
