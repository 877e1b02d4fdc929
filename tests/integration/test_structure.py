"""What a message consists of, and what of it is shown."""

from __future__ import annotations

import base64
import re
import struct
from typing import ClassVar

import mailbox as box
import message as m
from client import Client, Page
from mailbox import letter

T = m.text
CERTIFICATE = base64.encodebytes(b"\x30\x82" + bytes(200))


def part(kind: str, body: str | bytes, *headers: tuple[str, str]) -> m.Part:
    data = body.encode() if isinstance(body, str) else body
    return m.Part(kind, m.crlf(data), list(headers))


def tnef_attribute(level: int, number: int, data: bytes) -> bytes:
    return struct.pack("<BII", level, number, len(data)) + data + struct.pack("<H", sum(data) & 0xFFFF)


def tnef_property(kind: int, number: int, data: bytes) -> bytes:
    pad = b"\0" * (-len(data) % 4)
    return struct.pack("<HHII", kind, number, 1, len(data)) + data + pad


def winmail(body: str, files: dict[str, bytes]) -> bytes:
    """A winmail.dat as Outlook writes it."""
    out = struct.pack("<IH", 0x223E9F78, 1)
    out += tnef_attribute(1, 0x00069007, struct.pack("<II", 1252, 0))
    text = (body + "\0").encode("utf-16-le")
    out += tnef_attribute(1, 0x00069003, struct.pack("<I", 1) + tnef_property(0x1F, 0x1000, text))
    for name, data in files.items():
        out += tnef_attribute(2, 0x00069002, bytes(14))
        out += tnef_attribute(2, 0x00018010, b"SHORT~1.TXT\0")
        out += tnef_attribute(2, 0x0006800F, data)
        wide = (name + "\0").encode("utf-16-le")
        props = struct.pack("<I", 1) + tnef_property(0x1F, 0x3707, wide)
        out += tnef_attribute(2, 0x00069005, props)
    return out


def uuencoded(name: str, data: bytes) -> str:
    import binascii

    lines = [binascii.b2a_uu(data[at : at + 45], backtick=True).decode() for at in range(0, len(data), 45)]
    return f"begin 644 {name}\n{''.join(lines)}`\nend\n"


ZONE = """BEGIN:VTIMEZONE
TZID:Somewhere/East
BEGIN:STANDARD
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
TZOFFSETFROM:+0600
TZOFFSETTO:+0500
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
TZOFFSETFROM:+0500
TZOFFSETTO:+0600
END:DAYLIGHT
END:VTIMEZONE
"""


def calendar(method: str, event: str) -> m.Part:
    lines = f"BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:{method}\n{ZONE}BEGIN:VEVENT\n{event}\nEND:VEVENT\nEND:VCALENDAR\n"
    return T(lines, subtype="calendar", params=f"; method={method}")


INVITATION = """UID:1@example.com
SUMMARY:Planning <b>the</b> garden\\, part 2
LOCATION:Shed 4
DTSTART;TZID=Somewhere/East:20270115T140000
DTEND;TZID=Somewhere/East:20270115T153000
RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR;COUNT=5
ORGANIZER;CN=Ben Okafor:mailto:ben@example.com
ATTENDEE;CN="Anna A";PARTSTAT=ACCEPTED:mailto:anna@demo.test
DESCRIPTION:Bring <script>alert(1)</script> gloves."""

CARD = """BEGIN:VCARD
VERSION:3.0
FN:Dr. Ada Beispiel
ORG:Beispiel GmbH;Garten
TEL;TYPE=CELL:+49 170 1234
EMAIL:ada@example.com
ADR;TYPE=WORK:;;Weg 3;Musterstadt;;12345;Land
NOTE:Likes <i>roses</i>.
END:VCARD
"""

REPORT = """Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; nobody@example.com
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such person here

Final-Recipient: rfc822; later@example.com
Action: delayed
Status: 4.2.2
"""


def inner(subject: str, content: m.Part, sender: str = "Ben Okafor <ben@example.com>") -> m.Part:
    return m.forwarded(letter(subject, content, sender=sender))


def three_deep() -> m.Part:
    deepest = inner("Third level", T("Words of level three.\n"))
    second = inner("Second level", m.multi("mixed", [T("Words of level two.\n"), deepest], "b3"))
    first = inner("First level", m.multi("mixed", [T("Words of level one.\n"), second], "b2"))
    return m.multi("mixed", [T("See what came.\n"), first], "b1")


def multipart_signed(kind: str, signature: str) -> m.Part:
    seal = part(f"application/{signature}; name=\"seal.asc\"", "x")
    return m.multi("signed", [T("Signed words.\n"), seal], "s", f"; micalg=pgp-sha256; protocol=\"application/{kind}\"")


def encrypted() -> m.Part:
    pieces = [
        part("application/pgp-encrypted", "Version: 1\n"),
        part("application/octet-stream; name=\"encrypted.asc\"", "-----BEGIN PGP MESSAGE-----\n"),
    ]
    return m.multi("encrypted", pieces, "e", "; protocol=\"application/pgp-encrypted\"")


def report(kind: str, machine: m.Part, last: m.Part) -> m.Part:
    pieces = [T("This is what the machine says.\n"), machine, last]
    return m.multi("report", pieces, "r", f"; report-type={kind}")


QUOTE = "".join(f"> line {at} of theirs\n" for at in range(20))
PGP = """Before it.
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Signed within the text.
- -----

-----BEGIN PGP SIGNATURE-----

iQEzBAEBCAAdFiEE
-----END PGP SIGNATURE-----
After it.
"""

# Subject: part, what the page says, what it does not.
SAMPLES: dict[str, tuple[m.Part, list[str], list[str]]] = {
    "two texts": (
        m.multi("mixed", [T("First words.\n"), T("Second words.\n"), T("", way="7bit")], "b"),
        ["First words.", "Second words."],
        ["no text", "Attachments"],
    ),
    "text after a file": (
        m.multi("mixed", [T("First.\n"), m.attachment("a.pdf", "application/pdf", b"%PDF-"), T("Last.\n")], "b"),
        ["First.", "Last.", "a.pdf"],
        [],
    ),
    "named text": (
        m.multi(
            "mixed",
            [
                T("Look at this.\n"),
                part("text/plain; name=\"fix.patch\"", "+++ b/x\n", ("Content-Disposition", "inline; filename=\"fix.patch\"")),
                m.attachment("notes.txt", "text/plain", b"secret notes"),
            ],
            "b",
        ),
        ["Look at this.", "+++ b/x", "fix.patch", "notes.txt"],
        ["secret notes"],
    ),
    "enriched": (
        part("text/enriched", "<bold>Now</bold> is <fontfamily><param>x</param>the</fontfamily>\ntime. <<ok>\n"),
        ["Now is the time. <ok>"],
        ["<bold>", "param"],
    ),
    "alternative": (
        m.multi("alternative", [T("The plain form.\n"), m.html("<p>The <b>rich</b> form.</p>")], "b"),
        ["Show as plain text"],
        ["The plain form."],
    ),
    "pgp signed": (
        multipart_signed("pgp-signature", "pgp-signature"),
        ["Signed (OpenPGP). iwebmsg does not check the signature", "Signed words.", "multipart/signed", "seal.asc"],
        ["valid"],
    ),
    "smime signed": (
        multipart_signed("pkcs7-signature", "pkcs7-signature"),
        ["Signed (S/MIME). iwebmsg does not check", "Signed words."],
        ["OpenPGP"],
    ),
    "smime wrapped": (
        part("application/pkcs7-mime; smime-type=signed-data; name=smime.p7m", CERTIFICATE, ("Content-Transfer-Encoding", "base64")),
        ["with the text wrapped into the signature", "smime.p7m", "Save the message as a file"],
        [],
    ),
    "smime encrypted": (
        part("application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m", CERTIFICATE, ("Content-Transfer-Encoding", "base64")),
        ["Encrypted (S/MIME). It cannot be read here", "smime.p7m"],
        ["This message has no text"],
    ),
    "pgp encrypted": (encrypted(), ["Encrypted (OpenPGP). It cannot be read here", "encrypted.asc", "application/pgp-encrypted"], []),
    "pgp inline": (
        T(PGP, way="7bit"),
        ["Signed (OpenPGP, within the text)", "Before it.", "Signed within the text.", "-----", "After it."],
        ["BEGIN PGP", "Hash: SHA256", "iQEzBAEBCAAdFiEE"],
    ),
    "pgp armour": (
        T("-----BEGIN PGP MESSAGE-----\n\nhQEMA0\n-----END PGP MESSAGE-----\n", way="7bit"),
        ["Encrypted (OpenPGP, within the text). It cannot be read here"],
        ["hQEMA0", "This message has no text"],
    ),
    "bounce": (
        report("delivery-status", part("message/delivery-status", REPORT), inner("What I sent", T("Dear nobody.\n"))),
        [
            "The message to nobody@example.com could not be delivered: There is no such mailbox",
            "550 5.1.1 No such person here",
            "5.1.1",
            "The message to later@example.com is not delivered yet: The mailbox is full.",
            "mx.example.com",
            "This is what the machine says.",
            "Attached message: What I sent",
            "Dear nobody.",
        ],
        [],
    ),
    "bounce with header only": (
        report("delivery-status", part("message/delivery-status", REPORT), part("text/rfc822-headers", "Subject: Lost words\nFrom: anna@demo.test\n")),
        ["only its header came back", "Lost words"],
        [],
    ),
    "receipt": (
        report(
            "disposition-notification",
            part("message/disposition-notification", "Final-Recipient: rfc822; ben@example.com\nDisposition: manual-action/MDN-sent-manually; displayed\n"),
            part("text/rfc822-headers", "Subject: Read me\n"),
        ),
        ["Your message was displayed to ben@example.com . Whether it was read, nobody can know."],
        [],
    ),
    "complaint": (
        report("feedback-report", part("message/feedback-report", "Feedback-Type: abuse\nSource-IP: 192.0.2.1\nUser-Agent: Loop/1\n"), inner("Offer", T("Buy.\n"))),
        ["Somebody complained about a message", "192.0.2.1", "Attached message: Offer"],
        [],
    ),
    "three levels": (
        three_deep(),
        ["See what came.", "First level", "Words of level one.", "Second level", "Words of level two.", "Third level", "show the message alone"],
        ["Words of level three."],
    ),
    "digest": (
        m.multi("digest", [inner(f"Issue {at}", T(f"Words of issue {at}.\n")) for at in range(3)], "d"),
        ["Issue 0", "Words of issue 0.", "Issue 2", "Words of issue 2."],
        [],
    ),
    "invitation": (
        m.multi("alternative", [T("You are invited.\n"), calendar("REQUEST", INVITATION)], "b"),
        [
            "Invitation",
            "Planning <b>the</b> garden, part 2",
            "Shed 4",
            # 14:00 at +05:00 is 09:00 UTC, and the server's zone is UTC here.
            "Friday, 15 January 2027, 09:00 to 10:30 (UTC+00:00)",
            "Every 2 weeks on Friday, 5 times",
            "Ben Okafor <ben@example.com>",
            "Anna A <anna@demo.test> , accepted",
            "Bring <script>alert(1)</script> gloves.",
            "You are invited.",
            "Attachments",
        ],
        [],
    ),
    "cancelled": (
        calendar("CANCEL", "SUMMARY:Dinner\nSTATUS:CANCELLED\nDTSTART;VALUE=DATE:20270301"),
        ["This was cancelled", "Dinner", "Monday, 1 March 2027, all day"],
        [],
    ),
    "answer": (
        calendar("REPLY", "SUMMARY:Dinner\nDTSTART:20270301T180000Z\nATTENDEE;CN=Ben;PARTSTAT=DECLINED:mailto:ben@example.com"),
        ["Ben <ben@example.com> declines the invitation", "Monday, 1 March 2027, 18:00"],
        [],
    ),
    "vcard": (
        m.multi("mixed", [T("My card.\n"), T(CARD, subtype="vcard", params="; name=\"ada.vcf\"")], "b"),
        ["Dr. Ada Beispiel", "Beispiel GmbH, Garten", "+49 170 1234", "Telephone, mobile", "ada@example.com", "Weg 3", "Likes <i>roses</i>.", "ada.vcf"],
        [],
    ),
    "winmail": (
        m.attachment("winmail.dat", "application/ms-tnef", winmail("Text within Outlook’s file.", {"Bericht über.txt": b"content"})),
        ["Text within Outlook’s file.", "winmail.dat"],
        ["This message has no text"],
    ),
    "uuencode": (
        T(f"Here it is.\n\n{uuencoded('plan.txt', b'the plan of the garden' * 9)}\nGood luck.\n", way="7bit"),
        ["Here it is.", "Good luck.", "Files that are written into the text"],
        ["begin 644", "=&AE"],
    ),
    "yenc": (
        T("Before.\n=ybegin line=128 size=5 name=a.bin\nxx=yy\n=yend size=5\nAfter.\n", way="7bit"),
        ["Before.", "After.", "(yEnc)"],
        ["=ybegin", "xx=yy"],
    ),
    "flowed": (
        T("One long paragraph that \nflows on.\n> quoted and \n> flowing\n", params="; format=flowed"),
        ["One long paragraph that flows on.", "quoted and flowing"],
        [],
    ),
    "folded quote": (T(f"My answer.\n\nOn Monday Ben wrote:\n{QUOTE}", way="7bit"), ["My answer.", "Quoted text (20 lines)", "line 19 of theirs"], []),
    "bottom answer": (T(f"On Monday Ben wrote:\n{QUOTE}\nMy answer.\n", way="7bit"), ["line 3 of theirs", "My answer."], ["Quoted text"]),
    "partial": (
        part("message/partial; id=\"x@y\"; number=2; total=3", "words in pieces\n"),
        ["This is part 2 of 3 of a message that was sent in pieces."],
        [],
    ),
    "external": (
        part("message/external-body; access-type=URL; url=\"http://tracker.example/x\"", "Content-Type: image/png\n\n"),
        ["iwebmsg never fetches it", "http://tracker.example/x"],
        [],
    ),
}


def words(page: Page) -> str:
    return " ".join(page.text.split())


class StructureTest(box.MailTest):
    """One person with one message of each kind."""

    user: ClassVar[str]
    browser_: ClassVar[Client]
    urls: ClassVar[dict[str, str]]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.user = box.new_user(cls.backend)
        box.put(cls.backend, cls.user, "INBOX", *(letter(name, each[0]) for name, each in SAMPLES.items()))
        cls.browser_ = cls().logged_in(cls.user)
        cls.urls = {row.subject: row.url for row in box.rows(cls.browser_.get(box.list_url()))}

    def page(self, name: str) -> Page:
        page = self.browser_.get(self.urls[name])
        self.assertEqual(page.status, 200, page.text[:300])
        return page

    def test_what_is_shown(self) -> None:
        for name, (_, shown, hidden) in SAMPLES.items():
            with self.subTest(name):
                said = words(self.page(name))
                for each in shown:
                    self.assertIn(" ".join(each.split()), said)
                for each in hidden:
                    self.assertNotIn(each, said)

    def test_nothing_of_a_card_is_markup(self) -> None:
        for name in ("invitation", "vcard"):
            markup = self.page(name).html
            for tag in ("<script>alert", "<b>the", "<i>roses"):
                self.assertNotIn(tag, markup)

    def test_elsewhere_is_no_link(self) -> None:
        self.assertNotRegex(self.page("external").html, r'(href|src)="[^"]*tracker\.example')

    def test_attached_message_alone(self) -> None:
        page = self.page("three levels")
        alone = re.findall(r'<a href="([^"]*)">Show this message alone</a>', page.html)
        self.assertEqual([re.findall(r"section=([0-9.]*)", url) for url in alone], [["2"], ["2.2"], ["2.2.2"]])
        third = self.browser_.get(alone[2].replace("&amp;", "&"))
        self.assertIn("Words of level three.", third.text)
        self.assertNotIn("Words of level two.", third.text)

    def test_html_of_an_attached_message_has_its_frame(self) -> None:
        rich = m.multi("mixed", [T("Look.\n"), inner("Rich", m.html("<p>Rich words</p>"))], "b")
        box.put(self.backend, self.user, "INBOX", letter("rich inside", rich))
        page = box.open_message(self.browser_, "rich inside")
        frame = re.search(r'<iframe[^>]* src="([^"]*)"', page.html)
        assert frame
        body = self.browser_.get(frame.group(1).replace("&amp;", "&"))
        self.assertIn("Rich words", body.text)

    def test_choice_of_form(self) -> None:
        page = self.page("alternative")
        plain = self.browser_.follow(page, "Show as plain text")
        self.assertIn("The plain form.", plain.text)
        self.assertNotIn("<iframe", plain.html)

    def test_many_and_large_texts(self) -> None:
        many = m.multi("mixed", [T(f"Text number {at}.\n") for at in range(60)], "b")
        line = "A line of a long text, with its number: 123456789.\n"
        large = m.multi("mixed", [T(f"Start {at}.\n{line * 26000}", way="7bit") for at in range(6)], "b")
        box.put(self.backend, self.user, "INBOX", letter("many texts", many), letter("large texts", large))
        said = words(box.open_message(self.browser_, "many texts"))
        self.assertIn("Text number 39.", said)
        self.assertNotIn("Text number 40.", said)
        self.assertIn("this one is not shown. Save it as a file", said)
        page = box.open_message(self.browser_, "large texts")
        self.assertEqual(page.status, 200)
        self.assertLess(len(page.body), 8 << 20)
        said = words(page)
        self.assertIn("Start 0.", said)
        self.assertIn("this one is not shown. Save it as a file", said)
