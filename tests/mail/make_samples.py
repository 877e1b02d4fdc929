#!/usr/bin/python3
"""Writes 300 varied sample messages, the same ones at each run.

  make_samples.py FOLDER [--now UNIX_SECONDS]

FOLDER gets 001.eml ... and manifest.json: per message its user, mailbox,
flags, time and a line on what it shows. Only the dates depend on --now: the
newest message is an hour old. As a module: samples(now).

All senders and hosts are of example.com, example.org, example.net or .test.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

import message as m  # noqa: E402
import odd  # noqa: E402
import words as w  # noqa: E402

DAY = 86400
SEED = 20261121
# (user, mailbox, messages, days covered, share of unread)
MAILBOXES = (
    ("anna", "INBOX", 190, 240, 0.15),
    ("anna", "Work/Projects", 28, 300, 0.1),
    ("anna", "Familie", 18, 400, 0.1),
    ("anna", "Архив", 12, 900, 0.0),
    ("anna", "日本語", 10, 200, 0.3),
    ("anna", "Sent", 14, 200, 0.0),
    ("anna", "Archive", 10, 700, 0.0),
    ("ben", "INBOX", 18, 60, 0.3),
)


@dataclass
class Sample:
    """One message and where it goes."""

    user: str
    mailbox: str
    flags: str
    when: int
    shows: str
    data: bytes


@dataclass
class Draft:
    """What a kind of message makes; the frame around it is common."""

    shows: str
    subject: str
    part: m.Part
    sender: tuple[str, str] | None = None
    extra: tuple[tuple[str, str], ...] = ()
    raw: bytes | None = None  # a whole message, for the broken ones


Kind = Callable[[random.Random, int], Draft]


def plain(dice: random.Random, number: int) -> Draft:
    return Draft("plain text", w.subject(dice), m.text(w.letter(dice)))


def seven_bit(dice: random.Random, number: int) -> Draft:
    part = m.text(w.letter(dice), "us-ascii", "7bit")
    return Draft("plain ASCII without an encoding", w.subject(dice), part)


def flowed(dice: random.Random, number: int) -> Draft:
    body = "".join(
        line + (" \n" if at % 3 else "\n") for at, line in enumerate(w.lines(dice, 9))
    )
    quoted = "> You wrote this, \n> in flowed lines \n> with quotes.\n>> and older ones\n"
    part = m.text(quoted + body, way="8bit", params="; format=flowed; delsp=no")
    return Draft("format=flowed with quotes", "Re: " + w.subject(dice), part)


def newsletter(dice: random.Random, number: int) -> Draft:
    name, box = dice.choice(w.SHOPS)
    rows = "".join(
        f'<tr><td style="padding:12px;color:#333"><h2>{w.subject(dice)}</h2>'
        f"<p>{w.sentence(dice)}</p>"
        f'<a href="https://www.example.com/r/{dice.getrandbits(40):x}?u=1&amp;m=2"'
        ' style="background:#1a73e8;color:#fff;padding:8px">Read more</a></td></tr>'
        for _ in range(dice.randint(3, 7))
    )
    page = (
        "<!DOCTYPE html><html><head><style>@media (max-width:480px)"
        "{.w{width:100%!important}} h2{font-family:Arial,sans-serif}</style></head>"
        '<body bgcolor="#f4f4f4"><center><table class="w" width="600" cellpadding="0"'
        f' border="0" bgcolor="#ffffff">{rows}</table>'
        '<img src="https://tracker.example.com/open.gif?id='
        f'{dice.getrandbits(60):x}" width="1" height="1" alt=""></center></body></html>'
    )
    parts = [m.text(w.letter(dice)), m.html(page)]
    part = m.multi("alternative", parts, f"news-{number}")
    extra = (
        ("List-Unsubscribe", "<https://www.example.com/unsubscribe>"),
        ("List-Id", f"{name} <news.example.com>"),
        ("Precedence", "bulk"),
    )
    shows = "HTML newsletter with a text version, remote images, a tracker"
    return Draft(shows, w.subject(dice), part, (name, box), extra)


def html_only(dice: random.Random, number: int) -> Draft:
    cells = "".join(f"<li>{w.sentence(dice)}</li>" for _ in range(5))
    page = (
        f"<p>Hello <b>Anna</b>,</p><ul>{cells}</ul><blockquote>{w.sentence(dice)}"
        '</blockquote><p>See <a href="https://www.example.org/">our site</a> or '
        '<a href="mailto:info@example.org?subject=Hello">write</a>.</p><hr>'
        "<table border=1><tr><th>Item<th>Price<tr><td>Cherries<td>3.50</table>"
    )
    return Draft("HTML without a text version", w.subject(dice), m.html(page))


def remote_images(dice: random.Random, number: int) -> Draft:
    page = (
        '<p>Pictures of the week</p><img src="https://images.example.net/a.jpg" alt="lake">'
        '<img src="http://images.example.net/b.jpg"><div style="background:'
        "url('https://tracker.example.com/bg.png')\">text</div>"
        '<table background="https://tracker.example.com/t.png"><tr><td>cell</table>'
        '<img srcset="https://tracker.example.com/2x.png 2x">'
        '<link rel="dns-prefetch" href="//tracker.example.com">'
        '<style>@import url(https://tracker.example.com/x.css);</style>'
    )
    return Draft("remote content by seven ways", w.subject(dice), m.html(page))


def one_file(dice: random.Random, number: int) -> Draft:
    name, kind, data = dice.choice(FILES)
    parts = [m.text(w.letter(dice)), m.attachment(name, kind, data)]
    part = m.multi("mixed", parts, f"file-{number}")
    return Draft(f"attachment {kind}", w.subject(dice), part)


def several_files(dice: random.Random, number: int) -> Draft:
    chosen = dice.sample(FILES, 4)
    parts = [m.text(w.letter(dice)), *(m.attachment(*each) for each in chosen)]
    part = m.multi("mixed", parts, f"files-{number}")
    return Draft("four attachments", "Documents: " + w.subject(dice), part)


def cid_images(dice: random.Random, number: int) -> Draft:
    cids = [f"picture{at}.{number}@example.com" for at in range(2)]
    page = "<p>Two pictures in the text:</p>" + "".join(
        f'<p><img src="cid:{cid}" alt="picture" width="160"></p>' for cid in cids
    )
    images = [
        m.inline_image(cid, m.png(160, 90, (40 + 90 * at, 120, 160)))
        for at, cid in enumerate(cids)
    ]
    related = m.multi("related", [m.html(page), *images], f"related-{number}")
    both = [m.text("Two pictures: see the HTML version.\n"), related]
    part = m.multi("alternative", both, f"alt-{number}")
    return Draft("images inside the HTML by cid:", w.subject(dice), part)


def nested(dice: random.Random, number: int) -> Draft:
    inner = (
        b"From: Carla Rossi <carla@example.org>\r\nTo: anna@demo.test\r\n"
        b"Subject: =?utf-8?Q?Caff=C3=A8?=\r\nMessage-ID: <inner-%d@example.org>\r\n"
        b"Date: Mon, 02 Mar 2026 09:00:00 +0100\r\nMIME-Version: 1.0\r\n" % number
    ) + m.multi(
        "mixed",
        [m.text("The message inside.\n"), m.attachment("inner.txt", "text/plain", b"deep\n")],
        f"inner-{number}",
    ).render()
    parts = [m.text("I pass this on to you.\n"), m.forwarded(inner)]
    part = m.multi("mixed", parts, f"outer-{number}")
    return Draft("a message inside a message", "Fwd: Caffè", part)


def alphabet(dice: random.Random, number: int) -> Draft:
    entry = w.ALPHABETS[number % len(w.ALPHABETS)]
    subject = dice.choice(entry.subjects)
    body = "".join(f"{dice.choice(entry.lines)}\n" for _ in range(6))
    part = m.text(body, entry.charset, entry.way)
    shows = f"{entry.language} in {entry.charset}"
    return Draft(shows, m.words(subject, entry.charset), part, entry.sender)


def japanese(dice: random.Random, number: int) -> Draft:
    entry = w.ALPHABETS[0]
    body = "".join(f"{dice.choice(entry.lines)}\n" for _ in range(6))
    subject = m.words(dice.choice(entry.subjects), entry.charset)
    part = m.text(body, entry.charset, entry.way)
    return Draft("Japanese in ISO-2022-JP", subject, part, entry.sender)


def long_subject(dice: random.Random, number: int) -> Draft:
    subject = " ".join(w.subject(dice) for _ in range(12))
    return Draft("a subject of 400 characters", subject, m.text(w.letter(dice)))


def receipt(dice: random.Random, number: int) -> Draft:
    event = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n"
        f"UID:{number}@example.com\r\nDTSTART:20261201T090000Z\r\nSUMMARY:Review\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    calendar = m.text(event, way="7bit", subtype="calendar", params="; method=REQUEST")
    parts = [m.text("You are invited.\n"), calendar]
    part = m.multi("alternative", parts, f"cal-{number}")
    return Draft("an invitation (text/calendar)", "Invitation: Review", part)


def thread(dice: random.Random, number: int) -> Draft:
    length = 5
    topic, at = divmod(number, length)
    ids = [f"<thread-{topic}-{step}@example.com>" for step in range(at + 1)]
    extra: tuple[tuple[str, str], ...] = (("Message-ID", ids[-1]),)
    if at:
        extra += (("In-Reply-To", ids[-2]), ("References", "\r\n ".join(ids[:-1])))
    subject = w.TOPICS[topic % len(w.TOPICS)]
    quote = "".join(f"> {line}\n" for line in w.lines(dice, 3)) if at else ""
    body = quote + "\n" + w.letter(dice)
    return Draft("a thread with References", "Re: " * bool(at) + subject, m.text(body), None, extra)


def attack(dice: random.Random, number: int) -> Draft:
    name, page = odd.ATTACKS[number % len(odd.ATTACKS)]
    return Draft(f"attack: {name}", f"You have won ({name})", m.html(page))


def broken(dice: random.Random, number: int) -> Draft:
    name, raw = odd.BROKEN[number % len(odd.BROKEN)]
    return Draft(f"broken: {name}", "", m.text(""), raw=raw)


FILES = (
    ("invoice.pdf", "application/pdf", m.pdf("Invoice 4711: 12 cherries")),
    ("photo.png", "image/png", m.png(320, 200, (180, 90, 60))),
    ("table.csv", "text/csv", b"item,price\r\ncherries,3.50\r\nplums,2.10\r\n"),
    ("notes.txt", "text/plain", "Grüße, just notes.\n".encode()),
    ("Отчёт за март.pdf", "application/pdf", m.pdf("Report of March")),
    ("会議資料.zip", "application/zip", m.zipped({"readme.txt": b"hello\n"})),
    ("page.html", "text/html", b"<h1>Saved page</h1><script>alert(1)</script>"),
    ("drawing.svg", "image/svg+xml", b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
    ("card.vcf", "text/vcard", b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ben\r\nEND:VCARD\r\n"),
    ("../../etc/passwd", "application/octet-stream", b"a name that climbs\n"),
    ("very " * 30 + "long.bin", "application/octet-stream", bytes(range(256)) * 40),
    ("setup.exe", "application/x-msdownload", b"MZ not really\n"),
)

# How often each kind turns up among a hundred.
INBOX_KINDS: tuple[tuple[Kind, int], ...] = (
    (plain, 22),
    (seven_bit, 6),
    (flowed, 5),
    (newsletter, 12),
    (html_only, 7),
    (remote_images, 3),
    (one_file, 8),
    (several_files, 3),
    (cid_images, 4),
    (nested, 3),
    (alphabet, 8),
    (long_subject, 2),
    (receipt, 2),
    (thread, 10),
    (attack, 8),
    (broken, 9),
)
CALM_KINDS: tuple[tuple[Kind, int], ...] = (
    (plain, 50),
    (thread, 20),
    (one_file, 15),
    (html_only, 15),
)


def plan(kinds: tuple[tuple[Kind, int], ...], count: int) -> list[tuple[Kind, int]]:
    """`count` kinds in the wanted proportion, each with its own number."""
    chosen: list[tuple[Kind, int]] = []
    made: dict[Kind, int] = {}
    total = sum(share for _, share in kinds)
    debt = {kind: 0.0 for kind, _ in kinds}
    for _ in range(count):
        for kind, share in kinds:
            debt[kind] += share / total
        kind = max(debt, key=lambda each: debt[each])
        debt[kind] -= 1
        chosen.append((kind, made.get(kind, 0)))
        made[kind] = made.get(kind, 0) + 1
    return chosen


def compose(draft: Draft, dice: random.Random, user: str, sent: bool, when: int, at: int) -> bytes:
    if draft.raw is not None:
        return m.crlf(draft.raw.replace(b"@DATE@", m.date(when).encode()))
    owner = ("Anna Berger" if user == "anna" else "Ben Okafor", f"{user}@demo.test")
    other = draft.sender or dice.choice(w.PEOPLE)
    writer, reader = (owner, other) if sent else (other, owner)
    names = {name for name, _ in draft.extra}
    head: m.Headers = [
        ("From", m.address(*writer)),
        ("To", m.address(*reader)),
        ("Subject", m.words(draft.subject)),
        ("Date", m.date(when, dice.choice(("+0000", "+0100", "-0500", "+0900")))),
    ]
    if dice.random() < 0.15:
        head.append(("Cc", ", ".join(m.address(*each) for each in w.PEOPLE[:3])))
    if "Message-ID" not in names:
        head.append(("Message-ID", f"<sample-{user}-{at}@example.com>"))
    head += list(draft.extra)
    head.append(("MIME-Version", "1.0"))
    lines = "".join(f"{name}: {value}\r\n" for name, value in head)
    return lines.encode() + draft.part.render()


def flags_of(dice: random.Random, sent: bool, unread: float) -> str:
    if not sent and dice.random() < unread:
        return ""
    flags = ["\\Seen"]
    flags += ["\\Answered"] * (dice.random() < 0.12)
    flags += ["\\Flagged"] * (dice.random() < 0.08)
    flags += ["$Forwarded"] * (dice.random() < 0.04)
    return " ".join(flags)


def samples(now: int | None = None) -> Iterator[Sample]:
    """All 300, per mailbox from the oldest to the newest."""
    newest = int(time.time() if now is None else now) - 3600
    for user, mailbox, count, days, unread in MAILBOXES:
        dice = random.Random(f"{SEED}/{user}/{mailbox}")
        sent = mailbox == "Sent"
        kinds = INBOX_KINDS if mailbox == "INBOX" else CALM_KINDS
        if mailbox == "日本語":
            kinds = ((japanese, 1),)
        if mailbox == "Архив":
            kinds = ((alphabet, 1), (plain, 1))
        steps = plan(kinds, count)
        for at, (kind, number) in enumerate(steps):
            # Denser towards today, as mail is.
            age = days * DAY * ((count - 1 - at) / count) ** 2
            when = newest - int(age)
            draft = kind(dice, number)
            data = compose(draft, dice, user, sent, when, at)
            yield Sample(user, mailbox, flags_of(dice, sent, unread), when, draft.shows, data)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--now", type=int)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    manifest = []
    for number, each in enumerate(samples(args.now), 1):
        name = f"{number:03}.eml"
        (args.folder / name).write_bytes(each.data)
        entry = {key: value for key, value in vars(each).items() if key != "data"}
        manifest.append({"file": name, **entry})
    text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
    (args.folder / "manifest.json").write_text(text)
    print(f"{len(manifest)} messages in {args.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
