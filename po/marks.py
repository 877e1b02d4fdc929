#!/usr/bin/env python3
"""The words of the templates, for gettext.

marks.py pot                 what {{#t}} and {{#tn}} mark, as a .pot on stdout
marks.py check CODE.po ...   translations against their English: the same tags,
                             the same placeholders, none missing
marks.py unmarked [FILE ...] words of templates that nothing marks
marks.py space CODE.po ...   no-break spaces where a language wants them

The keys are those of server/view/tmpl_words.c: tags without what stands in
them, characters instead of entities.
"""

import re
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

TOP = Path(__file__).resolve().parent.parent
TEMPLATES = TOP / "templates"
VOID = {"br", "wbr", "img", "input", "hr"}
ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'", "&nbsp;": "\u00a0"}
MARK = re.compile(r"\{\{#t(?P<many>n)?(?: (?P<with>[\w.-]+))?\}\}(?P<words>.*?)\{\{/t(?P=many)?n?\}\}", re.S)
TAG = re.compile(r"<(/?)([a-z0-9]+)((?:\"[^\"]*\"|'[^']*'|[^'\">])*)>")
VALUE = re.compile(r"\{\{[^}]*\}\}")
# What a script fills in.
SLOT = re.compile(r"(?<!\{)\{\w+\}(?!\})")
KEY_TAG = re.compile(r"</?[a-z]+[0-9]*>")
# What stands between the things of a list: with its space, or without.
LIST = "list"
# Names that are the same in every language.
NAMES = ("SHA-256", "UTC")
# Attributes whose text people see or hear.
SPOKEN = ("aria-label", "alt", "title", "placeholder", "label", "aria-description")
SPOKEN_VALUE = re.compile(r"\b(?:%s)=\"([^\"]*)\"" % "|".join(SPOKEN))
# In words_*.html, and of other elements that bring a script its words.
SCRIPT_VALUE = re.compile(r"\bdata-[a-z-]+=\"([^\"]*)\"")


class Words(NamedTuple):
    path: str
    line: int
    context: str
    one: str
    many: str


def key_of(source: str) -> str:
    """The msgid of what stands between the marks."""
    counts: dict[str, int] = {}
    open_names: list[tuple[str, str]] = []

    def name_of(match: re.Match[str]) -> str:
        end, name = match.group(1), match.group(2)
        if end:
            while open_names:
                plain, full = open_names.pop()
                if plain == name:
                    return f"</{full}>"
            raise ValueError(f"</{name}> without its beginning")
        counts[name] = counts.get(name, 0) + 1
        full = name if counts[name] == 1 else f"{name}{counts[name]}"
        if name not in VOID:
            open_names.append((name, full))
        return f"<{full}>"

    out = []
    at = 0
    while at < len(source):
        tag = TAG.match(source, at)
        value = VALUE.match(source, at)
        if tag:
            out.append(name_of(tag))
            at = tag.end()
        elif value:
            out.append(value.group())
            at = value.end()
        else:
            end = at + 1
            while end < len(source) and source[end] not in "<{":
                end += 1
            text = source[at:end]
            for entity, letter in ENTITIES.items():
                if entity != "&amp;":
                    text = text.replace(entity, letter)
            out.append(text.replace("&amp;", "&"))
            at = end
    if open_names:
        raise ValueError(f"<{open_names[-1][0]}> is not closed in the words")
    return "".join(out)


def words_of(path: Path) -> Iterator[Words]:
    source = path.read_text(encoding="utf-8")
    for match in MARK.finditer(source):
        line = source.count("\n", 0, match.start()) + 1
        name = f"templates/{path.name}"
        inner = match.group("words")
        try:
            if match.group("many"):
                one, many = inner.split("|")
                yield Words(name, line, "", key_of(one), key_of(many))
            else:
                yield Words(name, line, match.group("with") or "", key_of(inner), "")
        except ValueError as why:
            raise SystemExit(f"{name}:{line}: {why}: {inner}") from why
        if re.search(r"\n|^\s|\s$|\{\{[#^/]", TAG.sub("", inner)) and match.group("with") != LIST:
            raise SystemExit(f"{name}:{line}: words are one line, without sections and spaces around them: {inner}")


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def pot() -> None:
    found: dict[tuple[str, str], list[Words]] = {}
    for path in sorted(TEMPLATES.glob("*.html")):
        for words in words_of(path):
            found.setdefault((words.context, words.one), []).append(words)
    print('msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n')
    for (context, one), places in found.items():
        many = next((words.many for words in places if words.many), "")
        for name in dict.fromkeys(words.path for words in places):
            print(f"#: {name}")
        if context:
            print(f"msgctxt {quoted(context)}")
        print(f"msgid {quoted(one)}")
        if many:
            print(f"msgid_plural {quoted(many)}")
            print('msgstr[0] ""\nmsgstr[1] ""\n')
        else:
            print('msgstr ""\n')


# What has its own spaces: code, placeholders, addresses, times, words of a search.
AS_IT_IS = re.compile(
    r"(<code\d*>.*?</code\d*>|\{\{[^}]*\}\}|\w+://\S+|[\w.]*:\w[\w:.]*|\b(?:label|in|from|to|subject|is|has|Origin):)"
)
# French: a narrow space that does not break before ; ? ! and one before : and within « ».
FRENCH = (
    (re.compile(r"[ \u00a0\u202f]+(?=[;?!])"), "\u202f"),
    (re.compile(r"(?<=[\w»”)}>])(?=[;?!](?:[\s»”)]|$))"), "\u202f"),
    (re.compile(r"[ \u00a0\u202f]+(?=:)"), "\u00a0"),
    (re.compile(r"(?<=[\w»”)}>])(?=:(?:\s|$))"), "\u00a0"),
    (re.compile(r"«[ \u00a0\u202f]*"), "«\u00a0"),
    (re.compile(r"[ \u00a0\u202f]*»"), "\u00a0»"),
)
SPACES = {"fr": FRENCH}


def spaced(text: str, code: str) -> str:
    """The text with the spaces that do not break, as its language sets them."""
    parts = AS_IT_IS.split(text)
    for at in range(0, len(parts), 2):
        # What was cut off counts as a letter.
        before = "x" if at > 0 and parts[at - 1][-1:] not in "" else ""
        part = before + parts[at]
        for pattern, instead in SPACES.get(code, ()):
            part = pattern.sub(instead, part)
        parts[at] = part.removeprefix(before)
    return "".join(parts)


def space(paths: list[Path]) -> None:
    """Puts them in; only lines of translations change."""
    for path in paths:
        lines = path.read_text(encoding="utf-8").split("\n")
        is_ours = False
        for at, line in enumerate(lines):
            match = re.match(r"((?:\w+(?:\[\d\])? )?\")(.*)\"$", line)
            if line.startswith("msg"):
                is_ours = line.startswith("msgstr") and not lines[at - 1] == 'msgid ""'
            if match and is_ours:
                lines[at] = match.group(1) + spaced(match.group(2), path.stem) + '"'
        path.write_text("\n".join(lines), encoding="utf-8")


class Entry(NamedTuple):
    line: int
    texts: dict[str, str]
    flags: str


def entries_of(path: Path) -> Iterator[Entry]:
    """The entries of a .po file, as msgfmt has found them well formed."""
    texts: dict[str, str] = {}
    flags = ""
    start = 0
    name = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines() + [""], 1):
        match = re.match(r"(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?) (\".*\")$", line)
        if match:
            name = match.group(1)
            start = start or number
        if line.startswith("#,"):
            flags += line
        body = match.group(2) if match else line
        if body.startswith('"') and name:
            inner = re.sub(r"\\(.)", lambda m: {"n": "\n", "t": "\t"}.get(m.group(1), m.group(1)), body[1:-1])
            texts[name] = texts.get(name, "") + inner
        if not line:
            if "msgid" in texts:
                yield Entry(start, texts, flags)
            texts, flags, start, name = {}, "", 0, ""


def tags_fit(english: str, translation: str) -> bool:
    tags = KEY_TAG.findall(english)
    used = [tag for tag in KEY_TAG.findall(translation) if tag in tags]
    open_names: list[str] = []
    for tag in used:
        name = tag.strip("</>")
        if tag.startswith("</"):
            if not open_names or open_names.pop() != name:
                return False
        elif name.rstrip("0123456789") not in VOID:
            open_names.append(name)
    return sorted(tags) == sorted(used)


def wrong_with(english: str, translation: str, may_leave_out: bool, is_list: bool) -> str:
    values = set(VALUE.findall(english)) | set(SLOT.findall(english))
    used = set(VALUE.findall(translation)) | set(SLOT.findall(translation))
    if not tags_fit(english, translation):
        return "its tags differ"
    if used - values or (values - used and not may_leave_out):
        return "its placeholders differ"
    spaces = [(words[:1].isspace(), words[-1:].isspace()) for words in (english, translation)]
    if spaces[0] != spaces[1] and not is_list:
        return "it has other spaces around it"
    # Between the forms that a script chooses from.
    if "|" in translation and "|" not in english:
        return "it has a | of its own"
    return ""


def check(paths: list[Path]) -> int:
    wrong = 0
    for path in paths:
        for entry in entries_of(path):
            english = entry.texts["msgid"]
            if not english:
                continue
            many = entry.texts.get("msgid_plural", english)
            for name, text in entry.texts.items():
                if not name.startswith("msgstr"):
                    continue
                why = "it is missing" if not text else ""
                if spaced(text, path.stem) != text:
                    why = "its spaces break (make po mends that)"
                if "fuzzy" in entry.flags:
                    why = "it is marked as fuzzy"
                why = why or wrong_with(many, text, many != english, entry.texts.get("msgctxt") == LIST)
                if why:
                    wrong += 1
                    print(f"{path}:{entry.line}: {why}: {english}")
    return wrong


def unmarked_of(path: Path) -> Iterator[tuple[int, str]]:
    """Letters between tags, or in attributes that people see, without a mark."""
    source = path.read_text(encoding="utf-8")

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match.group())

    source = re.sub(r"\{\{!.*?\}\}", blank, source, flags=re.S)
    source = re.sub(r"<!.*?>|<(script|style|kbd|code)\b[^>]*>.*?</\1>", blank, source, flags=re.S)
    source = MARK.sub(blank, source)
    attributes = SCRIPT_VALUE if path.name.startswith("words_") else SPOKEN_VALUE
    spoken = [(match.start(1), match.group(1)) for match in attributes.finditer(source)]
    source = re.sub("|".join(ENTITIES), blank, VALUE.sub(blank, source))
    source = re.sub(r"\b(?:%s)\b" % "|".join(NAMES), blank, source)
    bare = TAG.sub(blank, source)
    found = [(match.start(), match.group()) for match in re.finditer(r"[^\W\d_][^\n]*", bare)]
    found += [(at, text) for at, text in spoken if re.search(r"[^\W\d_]", VALUE.sub("", text))]
    for at, text in sorted(found):
        yield source.count("\n", 0, at) + 1, text.strip()[:60]


def unmarked(names: list[str]) -> int:
    wrong = 0
    paths = [Path(name) for name in names] or sorted(TEMPLATES.glob("*.html"))
    for path in paths:
        for line, text in unmarked_of(path):
            wrong += 1
            print(f"templates/{path.name}:{line}: not marked for translation: {text}")
    return wrong


def main(argv: list[str]) -> int:
    if argv[:1] == ["pot"]:
        pot()
        return 0
    if argv[:1] == ["check"]:
        return 1 if check([Path(name) for name in argv[1:]]) else 0
    if argv[:1] == ["space"]:
        space([Path(name) for name in argv[1:]])
        return 0
    if argv[:1] == ["unmarked"]:
        return 1 if unmarked(argv[1:]) else 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
