"""The newest messages of the demo: what a webmail is to show well.

Times depend on `now`; all else is the same at each run.
"""

from __future__ import annotations

import io
import math
import struct
import sys
import time
import wave
from pathlib import Path
from typing import Iterator

sys.path.insert(0, str(Path(__file__).resolve().parent))

import message as m  # noqa: E402
from make_samples import Sample  # noqa: E402
from samples import inner  # noqa: E402

ANNA = ("Anna Berger", "anna@demo.test")
CARLA = ("Carla Rossi", "carla@example.org")
BEN = ("Ben Okafor", "ben@demo.test")
DAY = 86400


def _letter(
    sender: tuple[str, str], subject: str, part: m.Part, when: int, *extra: tuple[str, str], to: tuple[str, str] = ANNA, zone: str = "+0100"
) -> bytes:
    is_named = any(name == "Message-ID" for name, _ in extra)
    own = [] if is_named else [("Message-ID", f"<show-{number_of(subject)}@example.com>")]
    head = [
        ("From", m.address(*sender)),
        ("To", m.address(*to)),
        ("Subject", m.words(subject)),
        ("Date", m.date(when, zone)),
        *own,
        *extra,
        ("MIME-Version", "1.0"),
    ]
    return "".join(f"{name}: {value}\r\n" for name, value in head).encode() + part.render()


def number_of(text: str) -> int:
    """The same at each run, unlike hash()."""
    return sum(ord(char) * (at + 1) for at, char in enumerate(text))


def _tone() -> bytes:
    """A second of a bell, as WAV."""
    sink = io.BytesIO()
    with wave.open(sink, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(8000)
        frames = (int(12000 * math.sin(at / 2.4) * math.exp(-at / 2500)) for at in range(8000))
        out.writeframes(b"".join(struct.pack("<h", x) for x in frames))
    return sink.getvalue()


def _newsletter(when: int) -> bytes:
    card = (
        '<td width="50%" valign="top" style="padding:12px"><img src="https://images.example.net/{0}.jpg" alt="{1}" width="260" height="150"'
        ' style="display:block;border-radius:6px"><h3 style="margin:12px 0 4px;font-size:18px;color:#22313f">{1}</h3>'
        '<p style="margin:0 0 12px;color:#55606b;font-size:14px;line-height:20px">{2}</p>'
        '<a href="https://www.example.com/r/{0}" style="display:inline-block;padding:8px 16px;background:#2d7d46;color:#ffffff;border-radius:4px;text-decoration:none">Read on</a></td>'
    )
    page = (
        '<!doctype html><html><head><meta charset="utf-8"><style>@media (max-width:480px){.w{width:100%!important}}</style></head>'
        '<body style="margin:0;background:#eef1f4"><div style="display:none;max-height:0;overflow:hidden">Bulbs, bees and a recipe</div>'
        '<center><table class="w" width="600" cellpadding="0" cellspacing="0" bgcolor="#ffffff" style="font-family:Georgia,serif">'
        '<tr><td colspan="2" bgcolor="#2d7d46" style="padding:24px;color:#ffffff;font-size:26px">The Garden Letter</td></tr>'
        f'<tr>{card.format("bulbs", "Bulbs for April", "Tulips want to go into the ground before the first frost.")}'
        f'{card.format("bees", "Where bees winter", "Leave the dry stems standing: somebody lives in them.")}</tr>'
        '<tr><td colspan="2" style="padding:12px;color:#8a949e;font-size:12px">You get this because you asked for it at'
        ' <a href="https://www.example.com/" style="color:#8a949e">www.example.com</a>.'
        '<img src="https://tracker.example.com/open.gif?u=4711" width="1" height="1" alt=""></td></tr></table></center></body></html>'
    )
    part = m.multi("alternative", [m.text("The Garden Letter\n\nBulbs for April\nWhere bees winter\n"), m.html(page)], "garden")
    return _letter(
        ("The Garden Letter", "letter@garden.example.com"), "Bulbs, bees and a recipe", part, when,
        ("List-Id", "The Garden Letter <letter.garden.example.com>"),
        ("List-Unsubscribe", "<https://www.example.com/leave?u=4711>, <mailto:leave@garden.example.com>"),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )  # fmt: skip


_BERLIN = (
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nDTSTART:19810329T020000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nDTSTART:19961027T030000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def _event(when: int, method: str, title: str, more: str = "") -> m.Part:
    day = time.strftime("%Y%m%d", time.gmtime(when + 6 * DAY))
    event = (
        f"BEGIN:VCALENDAR\r\nPRODID:-//Example//Calendar//EN\r\nVERSION:2.0\r\nMETHOD:{method}\r\n{_BERLIN}BEGIN:VEVENT\r\nUID:{number_of(title)}@example.org\r\n"
        f"DTSTAMP:{day}T080000Z\r\nDTSTART;TZID=Europe/Berlin:{day}T150000\r\nDTEND;TZID=Europe/Berlin:{day}T163000\r\nSUMMARY:{title}\r\n"
        "LOCATION:Garden house\\, second gate\r\nORGANIZER;CN=Carla Rossi:mailto:carla@example.org\r\n"
        "ATTENDEE;CN=Anna Berger;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:anna@demo.test\r\nATTENDEE;CN=Ben Okafor;PARTSTAT=ACCEPTED:mailto:ben@demo.test\r\n"
        f"DESCRIPTION:Bring gloves.\\nThere will be soup.\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return m.text(event, subtype="calendar", params=f"; method={method}")


def _invitation(when: int) -> bytes:
    title = "Planting day"
    part = m.multi("alternative", [m.text("Carla invites you to: Planting day\n"), m.html("<p>Carla invites you to: <b>Planting day</b></p>"), _event(when, "REQUEST", title)], "invite")
    return _letter(CARLA, f"Invitation: {title}", part, when)


def _cancelled(when: int) -> bytes:
    part = m.multi("alternative", [m.text("The meeting is off.\n"), _event(when, "CANCEL", "Budget round", "STATUS:CANCELLED\r\n")], "off")
    return _letter(CARLA, "Cancelled: Budget round", part, when)


def _card(when: int) -> bytes:
    card = (
        "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Søren Jensen\r\nN:Jensen;Søren;;;\r\nORG:Havekunst ApS\r\nTITLE:Gardener\r\n"
        "EMAIL;TYPE=work:soren@example.net\r\nTEL;VALUE=uri;TYPE=cell:tel:+45-20-123456\r\nADR:;;Parkvej 4;Odense;;5000;Denmark\r\nURL:https://www.example.net/\r\nEND:VCARD\r\n"
    )
    parts = [m.text("Hello Anna,\n\nmy new number is in the card.\n\nSøren\n"), m.attachment("Søren Jensen.vcf", "text/vcard; charset=utf-8", card.encode())]
    return _letter(("Søren Jensen", "soren@example.net"), "My new number", m.multi("mixed", parts, "card"), when)


def _nested(when: int) -> bytes:
    first = _letter(("Mei Chen", "mei@example.org"), "Soil analysis", m.multi("mixed", [m.text("The results are attached.\n"), m.attachment("analysis.csv", "text/csv", b"plot,pH\r\nA,6.4\r\nB,7.1\r\n")], "soil"), when - 3 * DAY, to=CARLA)
    second = _letter(CARLA, "Fwd: Soil analysis", m.multi("mixed", [m.text("Ben, plot B needs compost.\n"), m.forwarded(first)], "fwd1"), when - 2 * DAY, to=BEN)
    return _letter(BEN, "Fwd: Fwd: Soil analysis", m.multi("mixed", [m.text("Anna, what do you say?\n"), m.forwarded(second)], "fwd2"), when)


def _winmail(when: int) -> bytes:
    data = inner.tnef(inner.tnef_file("BUDGET~1.PDF", m.pdf("Budget of the garden: 420"), "Budget 2027.pdf"), inner.tnef_file("plan.png", m.png(320, 200, (60, 140, 90)), "Plan der Beete.png"))
    parts = [m.text("Dear Anna,\n\nthe budget and the plan.\n"), m.attachment("winmail.dat", "application/ms-tnef", data)]
    return _letter(("Noah Müller", "noah.mueller@example.org"), "Budget and plan", m.multi("mixed", parts, "outlook"), when)


def _files(when: int) -> bytes:
    parts = [
        m.text("Hello Anna,\n\neverything for the meeting. The bell is for the start.\n\nJoão\n"),
        m.attachment("Minutes.pdf", "application/pdf", m.pdf("Minutes of the garden meeting")),
        m.attachment("entrance.png", "image/png", m.png(640, 400, (190, 120, 60))),
        m.attachment("greenhouse.png", "image/png", m.png(640, 400, (60, 150, 120))),
        m.attachment("bell.wav", "audio/x-wav", _tone()),
        m.attachment("members.csv", "text/csv", "name,plot\r\nAnna,A\r\nSøren,B\r\n".encode()),
        m.attachment("Satzung – Entwurf.txt", "text/plain; charset=utf-8", "§ 1 Der Garten\n\nEr gehört allen.\n".encode()),
        m.attachment("pictures.zip", "application/zip", m.zipped({"a.txt": b"a\n", "b.txt": b"b\n"})),
    ]
    return _letter(("João Silva", "joao.silva@example.com"), "Everything for the meeting", m.multi("mixed", parts, "papers"), when)


def _pictures(when: int) -> bytes:
    colours = ((200, 80, 70), (90, 130, 190), (70, 160, 90))
    page = "<p>Hello Anna, three pictures of the lake:</p>" + "".join(f'<p><img src="cid:lake{at}@example.net" width="320" alt="the lake"></p>' for at in range(3)) + "<p>See you! <i>Rosa</i></p>"
    images = [m.inline_image(f"lake{at}@example.net", m.png(640, 360, colour)) for at, colour in enumerate(colours)]
    part = m.multi("alternative", [m.text("Three pictures of the lake.\n"), m.multi("related", [m.html(page), *images], "lake")], "views")
    return _letter(("Rosa García", "rosa@example.net"), "At the lake", part, when)


def _japanese(when: int) -> bytes:
    text = "アンナ様\n\n来週の会議の資料をお送りします。\nご確認をお願いいたします。\n\n山田\n"
    parts = [m.text(text, "iso-2022-jp", "7bit"), m.attachment("会議資料.pdf", "application/pdf", m.pdf("Meeting"))]
    return _letter(("山田 花子", "hanako@example.jp"), "会議の資料", m.multi("mixed", parts, "kaigi"), when, zone="+0900")


def _arabic(when: int) -> bytes:
    page = '<div dir="rtl" style="font-size:18px"><p>مرحبا آنا،</p><p>شكرا على رسالتك. نلتقي يوم <b>الخميس</b> في الحديقة.</p><p>مع أطيب التحيات،<br>ليلى</p></div>'
    part = m.multi("alternative", [m.text("مرحبا آنا،\n\nنلتقي يوم الخميس في الحديقة.\n"), m.html(page)], "arabic")
    return _letter(("ليلى حداد", "layla@example.org"), "موعد يوم الخميس", part, when, zone="+0300")


def _bounce(when: int) -> bytes:
    status = (
        "Reporting-MTA: dns; mx.demo.test\r\nArrival-Date: Fri, 20 Nov 2026 09:00:00 +0000 (UTC)\r\n\r\nFinal-Recipient: rfc822; gardner@example.org\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.example.org\r\nDiagnostic-Code: smtp; 550 5.1.1 <gardner@example.org>: Recipient address rejected: User unknown\r\n"
    )
    parts = [
        m.text("This is the mail system at host mx.demo.test.\n\nI'm sorry to have to inform you that your message could not be delivered.\n"),
        m.Part("message/delivery-status", status.encode()),
        m.forwarded(_letter(ANNA, "Roses?", m.text("Do you have roses?\n"), when - 60, to=("", "gardner@example.org"))),
    ]
    return _letter(("Mail Delivery System", "MAILER-DAEMON@mx.demo.test"), "Undelivered Mail Returned to Sender", m.multi("report", parts, "report", "; report-type=delivery-status"), when)


def _pretender(when: int) -> bytes:
    page = '<p>Dear customer,</p><p>your parcel waits. Please pay the duty at <a href="https://pay.evil.example.net/x">https://www.post.example.com/duty</a>.</p>'
    return _letter(("service@post.example.com", "x81@cheap.example.net"), "Your parcel waits", m.html(page), when, ("Reply-To", "payments@parcels.example.org"))


def _signed(when: int) -> bytes:
    mark = m.Part("application/pgp-signature; name=signature.asc", b"-----BEGIN PGP SIGNATURE-----\r\n\r\niQEzBAABCAAdFiEE\r\n=abcd\r\n-----END PGP SIGNATURE-----\r\n")
    part = m.multi("signed", [m.text("Hello Anna,\n\nsigned, so that you know it is me.\n\nGrace\n"), mark], "signed", '; micalg=pgp-sha256; protocol="application/pgp-signature"')
    return _letter(("Grace Kim", "grace.kim@example.com"), "The keys of the shed", part, when)


def _encrypted(when: int) -> bytes:
    parts = [
        m.Part("application/pgp-encrypted", b"Version: 1\r\n"),
        m.Part("application/octet-stream; name=encrypted.asc", b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA5xQ\r\n=wxyz\r\n-----END PGP MESSAGE-----\r\n"),
    ]
    return _letter(("Grace Kim", "grace.kim@example.com"), "...", m.multi("encrypted", parts, "secret", '; protocol="application/pgp-encrypted"'), when)


def _discussion(when: int) -> bytes:
    text = (
        "On Monday Carla wrote: \n> Ben wrote: \n>> Anna wrote: \n>>> Shall we have a pond? It would be for the frogs, for the \n>>> birds and for us.\n"
        ">> A pond needs care. Who cleans it in autumn, when all the \n>> leaves fall?\n> I do.\nThen a pond it is! The ground by the second gate is the lowest, \nso the rain finds it by itself.\n-- \nBen\n"
    )
    return _letter(BEN, "Re: A pond", m.text(text, way="8bit", params="; format=flowed"), when)


# Who writes what in the conversation about the fence; Anna's are in Sent.
_FENCE = (
    (CARLA, "The fence is down after the storm. Do we mend it or buy a new one?"),
    (ANNA, "Mend it. I have wood left over from the shed."),
    (CARLA, "Enough for twelve metres?"),
    (ANNA, "For ten. Could Ben bring some?"),
    (BEN, "I can bring four metres on Saturday, and the long screws."),
    (ANNA, "Perfect. Saturday at ten?"),
    (CARLA, "At ten. I bring soup."),
    (BEN, "Then I come hungry."),
)


def _fence(now: int) -> Iterator[Sample]:
    ids: list[str] = []
    before = ""
    for at, (sender, words) in enumerate(_FENCE):
        when = now - (len(_FENCE) - at) * 5 * 3600
        extra = [("Message-ID", f"<fence-{at}@demo.test>")]
        if ids:
            extra += [("In-Reply-To", ids[-1]), ("References", "\r\n ".join(ids))]
        text = f"{words}\n\n" + "".join(f"> {line}\n" for line in before.splitlines())
        before = f"{words}\n" + "".join(f"> {line}\n" for line in before.splitlines()[:6])
        data = _letter(sender, "Re: " * bool(at) + "The fence", m.text(text), when, *extra, to=CARLA if sender == ANNA else ANNA)
        yield Sample("anna", "Sent" if sender == ANNA else "INBOX", "\\Seen", when, "a conversation with own replies", data)
        ids.append(f"<fence-{at}@demo.test>")


_SHOWN = (
    ("OpenPGP, encrypted", _encrypted),
    ("OpenPGP, signed", _signed),
    ("a bounce", _bounce),
    ("a cancelled meeting", _cancelled),
    ("messages within messages", _nested),
    ("winmail.dat", _winmail),
    ("a card", _card),
    ("Arabic", _arabic),
    ("Japanese in ISO-2022-JP", _japanese),
    ("pictures within the text", _pictures),
    ("somebody pretends", _pretender),
    ("files of several types", _files),
    ("format=flowed, quoted", _discussion),
    ("an invitation", _invitation),
    ("a newsletter", _newsletter),
)


def samples(now: int | None = None) -> Iterator[Sample]:
    """From the oldest to the newest, all within the last days."""
    end = int(time.time() if now is None else now) - 60
    found = list(_fence(end - 1800))
    for at, (shows, make) in enumerate(_SHOWN):
        when = end - (len(_SHOWN) - at) * 3 * 3600
        found.append(Sample("anna", "INBOX", "" if at >= len(_SHOWN) - 4 else "\\Seen", when, shows, make(when)))
    yield from sorted(found, key=lambda each: each.when)


__all__ = ["samples"]
