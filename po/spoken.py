#!/usr/bin/env python3
"""Words for people that stand in code, where no catalogue knows of them.

spoken.py         FILE:LINE: words, for all of server/ and static/

Scripts have no words: they say iwm("name"), and data-name of a page's
<template class="words"> has them. In C, what looks like words (two of them
with a space between) stands in tr() or one of its kin, or goes where only
administrators or programs read.
"""

import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

TOP = Path(__file__).resolve().parent.parent


class Found(NamedTuple):
    path: str
    line: int
    what: str


# ---- scripts ---------------------------------------------------------------
JS_TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`"
    r"|(?<=[(,=:!&|?])\s*/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*/",
    re.S,
)
# Names of keys, headers and the like begin with a capital, too.
JS_NAMES = re.compile(
    r"Accept|Arrow\w+|Content-Type|Delete|End|Enter|Escape|Files|Home|HEAD|INBOX|Key\w+|POST|GET|Shift|Tab"
    r"|DIV|UL|OL|BLOCKQUOTE|[A-Z]{1,2}|Event|T"
)
JS_IWM = re.compile(r"\biwm\(\s*([^,()]*)")
# One name, or one of two; a name that is put together has a + before it.
JS_SAID = re.compile(r"(?:^|[?:] )\"(\w+)\"")
# What is shown to people; what else has spaces are selectors and classes.
JS_SHOWN = re.compile(
    r"(?:\.(?:textContent|innerText|title|placeholder|alt|label)\s*=|\b(?:say|fail|alert|confirm|Error|Option|Notification)\("
    r"|\.append\(|\"(?:aria-(?:label|description)|title|alt|placeholder)\",)\s*$"
)


def js_is_words(text: str, before: str) -> bool:
    """Words, by how they look or by where they go."""
    if JS_SHOWN.search(before):
        return bool(re.search(r"[^\W\d_]{2}", text)) and not re.search(r"://", text)
    if re.fullmatch(r"[A-Z][a-z]+", text):
        return not JS_NAMES.fullmatch(text)
    # A sentence: a capital or a small word at its beginning, and ordinary words behind.
    return bool(re.search(r"(?:^|[>.:;,!?] )[A-Z][a-z]+(?: [a-z]+)+|[a-z]{2}[.!?…](?: |$)|(?: \w+){3}", text)) and not re.search(
        r"[\[\]#>=<]|^use strict$|^[\w-]+(?: [\w-]*-[\w-]*)*$|-- ", text
    )


def js_of(path: Path, names: set[str]) -> Iterator[Found]:
    source = path.read_text(encoding="utf-8")
    name = f"static/{path.name}"
    for match in JS_TOKEN.finditer(source):
        token = match.group()
        if token[0] not in "\"'`" or token in ('"use strict"',):
            continue
        line = source.count("\n", 0, match.start()) + 1
        before = source[max(0, match.start() - 60) : match.start()]
        if not re.search(r"\biwm\([^()]*$", before) and js_is_words(token[1:-1], before):
            yield Found(name, line, f"words in a script, the page brings them (iwm): {token[1:61]}")
    for match in JS_IWM.finditer(source):
        for said in JS_SAID.findall(match.group(1)):
            if said not in names:
                yield Found(name, source.count("\n", 0, match.start()) + 1, f"no template has data words of this name: {said}")


def js_names() -> set[str]:
    """What pages bring for scripts: data-none-ticked is noneTicked."""
    names = set()
    for path in (TOP / "templates").glob("words_*.html"):
        for name in re.findall(r"\bdata-([a-z-]+)=", path.read_text(encoding="utf-8")):
            names.add(re.sub(r"-(.)", lambda letter: letter.group(1).upper(), name))
    return names


def scripts() -> Iterator[Found]:
    names = js_names()
    # Others' scripts come there when they are built.
    paths = sorted(path for path in (TOP / "static").glob("*.js") if path.name not in ("purify.js", "squire.js"))
    for path in paths:
        yield from js_of(path, names)
    said = set(re.findall(r"\"(\w+)\"", "".join(path.read_text(encoding="utf-8") for path in paths)))
    for name in sorted(names):
        if name not in said and name.removesuffix("Sign") not in said:
            yield Found("templates/words_mail.html", 1, f"no script says {name} any more")


# ---- C ---------------------------------------------------------------------
C_TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|^#[^\n]*|[A-Za-z_]\w*|\n|\S", re.S | re.M)
# Rooms that speak to people.
ROOMS = ("http", "mail", "mime", "page", "route", "session", "store", "view")
# What these say is read by administrators, at the start or in the log, or by
# programs: English.
FOR_ADMINISTRATORS = {
    "http/http.c", "http/http_send.c", "mail/server.c", "mail/server_leg.c", "page/app.c", "page/post_office.c", "route/acme.c", "route/worker.c",
    "store/store.c", "store/store_schema.c", "view/language.c", "view/tmpl.c", "view/tmpl_compile.c", "view/tmpl_lex.c",
}
# Rooms that write most of what is shown: there no other words may be.
WRITERS = ("http", "page", "route")
MARKED = {"tr": 0, "trn": 0, "tr_in": 0, "tr_text": 0, "N_": 0, "NN_": 0, "err_set": 2, "err_setf": 2, "err_sayf": 2}
# Not for people: purposes of keys, the log, metrics, what must hold.
ASIDE = re.compile(r"log_event|LOG_\w+|metrics_\w+|_Static_assert|ensure|session_key_derive|broken")
TECHNICAL = re.compile(
    r"charset=|filename=|sandbox|default-src|img-src|max-age|HttpOnly|event: |prefers-color|no-store|^GET, HEAD|^not all$|^try again$|^Out of memory"
    r"|^(?:\\[nrtx]\w*|\s|%\W?\w+)*$|(?:to|cc):\("
)
# Lists of names: browsers, columns of other programs, words that are looked for, values of settings.
NAMES = {"page/compose_words.c", "page/page_devices_words.c", "page/page_export.c", "page/page_label.c", "page/settings_file_prefs.c"}
# Those whose word says what a mail server did not do.
SAID = {"imap_batch_need": 2, "imap_etpan_end": 2, "imap_said_err": 2, "change_refused": 1}


class Literal(NamedTuple):
    line: int
    text: str
    call: str  # what it is an argument of; "{" in a list, "" outside of functions
    at: int  # which
    outer: str


def c_literals(source: str) -> Iterator[Literal]:
    """Strings, neighbours as one, with the call that has them."""
    stack: list[tuple[str, int]] = []
    held: list[Literal] = []
    name = ""
    line = 1
    for match in C_TOKEN.finditer(source):
        token = match.group()
        if token[0] in "\n#" or token.startswith(("/*", "//")):
            line += token.count("\n")
            continue
        if token[0] == '"':
            call, at = stack[-1] if stack else ("", 0)
            outer = stack[-2][0] if len(stack) > 1 else ""
            old = held.pop() if held else Literal(line, "", call, at, outer)
            held.append(old._replace(text=old.text + token[1:-1]))
            continue
        yield from held
        held = []
        if token in "([{":
            stack.append((name if token == "(" else token, 0))
        elif token in ")]}" and stack:
            stack.pop()
        elif token == "," and stack:
            stack[-1] = (stack[-1][0], stack[-1][1] + 1)
        name = token if re.match(r"[A-Za-z_]", token) else ""


def c_is_words(each: Literal) -> bool:
    if each.call in MARKED and each.at >= MARKED[each.call] or ASIDE.fullmatch(each.call) or ASIDE.fullmatch(each.outer):
        return False
    text = re.sub(r"%[-+0-9.*$]*(?:ll|z|h)?[a-zA-Z]|\\.", " ", each.text)
    if not re.search(r"[^\W\d_]{2,}[,:;.!?]? +[^\W\d_]{2,}", text) or TECHNICAL.search(each.text):
        return False
    # What a key is for.
    return bool(each.call) or not re.fullmatch(r"[a-z ]+", text)


def c_of(path: Path, listed: set[str]) -> Iterator[Found]:
    source = path.read_text(encoding="utf-8")
    name = path.relative_to(TOP).as_posix()
    short = name.removeprefix("server/")
    literals = list(c_literals(source))
    marked = next((each for each in literals if each.call in MARKED and each.at == MARKED[each.call]), None)
    if marked and name not in listed and short not in FOR_ADMINISTRATORS:
        yield Found(name, marked.line, "has words and is not in po/POTFILES")
    if not short.startswith(tuple(f"{room}/" for room in WRITERS)) or short in NAMES | FOR_ADMINISTRATORS:
        return
    for each in literals:
        if c_is_words(each):
            yield Found(name, each.line, f"words that no catalogue has; tr(): {each.text[:60]}")


def c_said(paths: list[Path]) -> Iterator[Found]:
    """A sentence in every language for each thing a mail server may refuse."""
    known = set(re.findall(r"\{\"([a-z ]+)\",", (TOP / "server/mail/imap_said.c").read_text(encoding="utf-8")))
    for path in paths:
        for each in c_literals(path.read_text(encoding="utf-8")):
            if SAID.get(each.call) == each.at and each.text not in known:
                yield Found(path.relative_to(TOP).as_posix(), each.line, f"imap_said.c has no sentence for: {each.text}")


def program() -> Iterator[Found]:
    listed = set((TOP / "po" / "POTFILES").read_text(encoding="utf-8").split())
    paths = sorted(path for room in ROOMS for path in (TOP / "server" / room).glob("*.[ch]"))
    for path in paths:
        yield from c_of(path, listed)
    yield from c_said([path for path in paths if path.parent.name == "mail"])


def main() -> int:
    found = [*scripts(), *program()]
    for each in found:
        print(f"{each.path}:{each.line}: {each.what}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
