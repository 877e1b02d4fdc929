"""Invitations (RFC 5545, 5546, 6047) and cards (vCard 2.1 to 4.0)."""

from __future__ import annotations

from samples.sample import Sample, b64, html, joined, multi, octets, part, plain, typed, whole

_ZONE = (
    "BEGIN:VTIMEZONE\nTZID:W. Europe Standard Time\nBEGIN:STANDARD\nDTSTART:16010101T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\n"
    "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nEND:DAYLIGHT\nEND:VTIMEZONE\n"
)


def calendar(event: str, method: str = "REQUEST", more: str = "") -> str:
    told = f"METHOD:{method}\n" if method else ""
    return f"BEGIN:VCALENDAR\nPRODID:-//x//y//EN\nVERSION:2.0\n{told}{more}BEGIN:VEVENT\nUID:e1@example.com\nDTSTAMP:20261120T100000Z\n{event}END:VEVENT\nEND:VCALENDAR\n"


def _ics(name: str, shows: str, source: str, *, method: str = "REQUEST", **expected: object) -> Sample:
    entity = multi("alternative", "a", plain("You are invited.\n"), html("<p>You are invited.</p>"),
                   part(f"Content-Type: text/calendar; charset=UTF-8; method={method}", source))
    expected.setdefault("files", None)
    return whole(f"calendar-{name}", shows, entity, **expected)  # type: ignore[arg-type]


def _card(name: str, shows: str, source: str | bytes, *, kind: str = "text/vcard; charset=utf-8", **expected: object) -> Sample:
    data = octets(source)
    body = joined("b", plain("my card\n"), part(f"Content-Type: {kind}; name=card.vcf\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=card.vcf", b64(data)))
    expected.setdefault("files", None)
    return typed(f"card-{name}", shows, "multipart/mixed; boundary=b", body, **expected)


_WHO = "ORGANIZER;CN=Ben Okafor:mailto:ben@example.com\nATTENDEE;CN=Anna Berger;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:anna@demo.test\n"
SAMPLES: tuple[Sample, ...] = (
    _ics("google", "Google: UTC times, a link in the description",
         calendar(f"DTSTART:20261201T090000Z\nDTEND:20261201T100000Z\n{_WHO}SUMMARY:Garden review\nLOCATION:Room 5\nDESCRIPTION:Join: https://meet.example.com/abc\\nSee you\nSTATUS:CONFIRMED\n"),
         text=("Garden review", "Room 5", "Ben Okafor", "1 December 2026, 09:00 to 10:00")),
    _ics("outlook", "Outlook: a time zone of Windows' name, folded lines",
         calendar(f"DTSTART;TZID=W. Europe Standard Time:20261201T100000\nDTEND;TZID=W. Europe Standard Time:20261201T110000\n{_WHO}SUMMARY;LANGUAGE=de-DE:Besprechung mit \n einem sehr langen Namen\nLOCATION;LANGUAGE=de-DE:Köln\n", more=_ZONE),
         text=("Besprechung mit einem sehr langen Namen", "Köln", "1 December 2026, 09:00 to 10:00")),
    _ics("apple", "a zone by its Olson name that the calendar does not define",
         calendar(f"DTSTART;TZID=Europe/Berlin:20261201T100000\nDTEND;TZID=Europe/Berlin:20261201T110000\n{_WHO}SUMMARY:Kaffee\n"), text=("Kaffee", "1 December 2026, 09:00 to 10:00 (UTC+00:00)")),
    _ics("all-day", "a whole day", calendar("DTSTART;VALUE=DATE:20261224\nDTEND;VALUE=DATE:20261225\nSUMMARY:Christmas Eve\n"), text=("Christmas Eve", "24 December 2026")),
    _ics("recurring", "every second Tuesday", calendar("DTSTART:20261201T090000Z\nDURATION:PT45M\nRRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=10\nSUMMARY:Standing meeting\n"), text=("Standing meeting",), notices=("every 2 weeks on Tuesday",)),
    _ics("cancelled", "a cancelled meeting", calendar("DTSTART:20261201T090000Z\nSTATUS:CANCELLED\nSUMMARY:Garden review\n", "CANCEL"), method="CANCEL", text=("Garden review",), notices=("This was cancelled",)),
    _ics("reply", "somebody accepts", calendar("DTSTART:20261201T090000Z\nATTENDEE;CN=Carla;PARTSTAT=ACCEPTED:mailto:carla@example.org\nSUMMARY:Garden review\n", "REPLY"), method="REPLY", text=("Garden review", "Carla"), notices=("Carla.* accepts the invitation",)),
    _ics("escapes", "commas, semicolons and line breaks escaped", calendar("DTSTART:20261201T090000Z\nSUMMARY:One\\, two\\; three\\nfour\nLOCATION:A\\\\B\n"), text=("One, two; three", "A\\B")),
    _ics("html", "markup in a calendar is text", calendar("DTSTART:20261201T090000Z\nSUMMARY:<script>alert(1)</script>\nDESCRIPTION:<b>bold</b>\nX-ALT-DESC;FMTTYPE=text/html:<img src=x onerror=alert(1)>\n"),
         text=("<script>alert(1)</script>",), absent=("onerror",)),
    _ics("no-end", "no END at all", "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nDTSTART:20261201T090000Z\nSUMMARY:Cut off\n", text=("You are invited.",)),
    _ics("garbage", "no calendar at all", "hello\n", text=("You are invited.",)),
    _ics("bad-dates", "dates that are none", calendar("DTSTART:20261399T990000Z\nDTEND:tomorrow\nSUMMARY:When?\n"), text=("When?",)),
    _ics("todo", "a task", "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:t1\nDUE:20261201T090000Z\nSUMMARY:Water the roses\nEND:VTODO\nEND:VCALENDAR\n", text=("You are invited.",)),
    typed("calendar-alone", "a calendar is the whole message, as of Google's older mail", "text/calendar; charset=utf-8; method=REQUEST",
          calendar("DTSTART:20261201T090000Z\nSUMMARY:Alone\n"), text=("Alone",), files=None),
    typed("calendar-file", "an .ics attached as application/ics", "multipart/mixed; boundary=b",
          joined("b", plain("see\n"), part("Content-Type: application/ics; name=invite.ics\nContent-Disposition: attachment; filename=invite.ics\nContent-Transfer-Encoding: base64", b64(octets(calendar("DTSTART:20261201T090000Z\nSUMMARY:Attached\n"))))),
          text=("see",), files=None),
    _card("3", "vCard 3.0", "BEGIN:VCARD\nVERSION:3.0\nN:Okafor;Ben;;;\nFN:Ben Okafor\nORG:Garden Ltd\nTEL;TYPE=WORK,VOICE:+49 221 123\nEMAIL;TYPE=INTERNET:ben@example.com\nEND:VCARD\n", text=("Ben Okafor", "ben@example.com", "+49 221 123")),
    _card("4", "vCard 4.0", "BEGIN:VCARD\nVERSION:4.0\nFN:Zoë Müller\nTEL;VALUE=uri;TYPE=cell:tel:+49-221-77\nEMAIL:zoe@example.org\nEND:VCARD\n", text=("Zoë Müller", "zoe@example.org")),
    _card("21", "vCard 2.1 with quoted-printable, as of old phones", "BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Zo=C3=AB =\nM=C3=BCller\nTEL;CELL:0221 77\nEND:VCARD\n", kind="text/x-vcard", text=("Zoë Müller",)),
    _card("two", "two cards in one file", "BEGIN:VCARD\nVERSION:3.0\nFN:First Person\nEND:VCARD\nBEGIN:VCARD\nVERSION:3.0\nFN:Second Person\nEND:VCARD\n", text=("First Person", "Second Person")),
    _card("html", "markup in a card is text", "BEGIN:VCARD\nVERSION:3.0\nFN:<img src=x onerror=alert(1)>\nURL:javascript:alert(1)\nEND:VCARD\n", text=("<img src=x onerror=alert(1)>",)),
    _card("garbage", "no card at all", "hello\n", text=("my card",)),
)
