"""How parts are put together (RFC 2046, 2387, 1847, 3156, 8551), by whom."""

from __future__ import annotations

import message as m

from samples.sample import File, Sample, attached, b64, html, message, multi, part, plain, typed, whole

_RED = m.png(8, 8, (200, 30, 30))
_PDF = m.pdf("Invoice")


def _image(cid: str, name: str = "", kind: str = "inline") -> bytes:
    head = f"Content-Type: image/png{f'; name={name}' if name else ''}\nContent-Transfer-Encoding: base64\n"
    head += f"Content-ID: <{cid}>\n" if cid else ""
    return part(f"{head}Content-Disposition: {kind}{f'; filename={name}' if name else ''}", b64(_RED))


def _nest(levels: int) -> bytes:
    """A message within a message, so often."""
    entity = plain("the innermost text\n")
    for at in range(levels):
        entity = part("Content-Type: message/rfc822", message(f"Level {levels - at}", entity))
    return entity


def _deep(levels: int) -> bytes:
    entity = plain("at the bottom\n")
    for at in range(levels):
        entity = multi("mixed", f"d{at}", entity)
    return entity


_ALT = multi("alternative", "alt", plain("the plain words\n"), html("<p>the <b>rich</b> words</p>"))
_FOOTER = plain("_______________\ngarden mailing list\ngarden@lists.example.org\n")
_SIGNATURE = part("Content-Type: application/pgp-signature; name=signature.asc\nContent-Description: OpenPGP digital signature",
                  "-----BEGIN PGP SIGNATURE-----\n\niQEzBAABCAAd\n=abcd\n-----END PGP SIGNATURE-----\n")
_SMIME = attached("; filename=smime.p7s", b"\x30\x82\x01\x01smime", "application/pkcs7-signature; name=smime.p7s")
_ICS = part("Content-Type: text/calendar; charset=utf-8; method=REQUEST",
            "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:s1@example.com\n"
            "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z\nSUMMARY:Review of the garden\nEND:VEVENT\nEND:VCALENDAR\n")

SAMPLES: tuple[Sample, ...] = (
    # -- alternative
    whole("alternative", "RFC 2046, 5.1.4: HTML is the better one", _ALT, text=("the rich words",), absent=("the plain words",)),
    whole("alternative-order", "HTML first and plain last, as of broken programs",
          multi("alternative", "a", html("<p>rich</p>"), plain("simple\n")), text=("rich",)),
    whole("alternative-three", "text, enriched and HTML",
          multi("alternative", "a", plain("simple\n"), part("Content-Type: text/enriched", "<bold>enriched</bold>\n"), html("<p>rich</p>")),
          text=("rich",)),
    whole("alternative-amp", "AMP for mail between plain and HTML, as of Gmail's senders",
          multi("alternative", "a", plain("simple\n"), part("Content-Type: text/x-amp-html", "<html amp4email><body>moving</body></html>\n"), html("<p>rich</p>")),
          text=("rich",), absent=("moving",)),
    whole("alternative-unknown-last", "a last alternative that nobody can show",
          multi("alternative", "a", plain("simple\n"), part("Content-Type: application/x-rich; name=rich.bin\nContent-Transfer-Encoding: base64", b64(b"rich"))),
          text=("simple",), files=(File("rich.bin", b"rich"),)),
    whole("alternative-one", "an alternative with a single choice", multi("alternative", "a", plain("the only one\n")), text=("the only one",)),
    whole("alternative-empty-plain", "an empty plain part beside the HTML, as of newsletters",
          multi("alternative", "a", plain(""), html("<p>rich</p>")), text=("rich",)),
    whole("alternative-watch", "Apple's text/watch-html beside the others",
          multi("alternative", "a", plain("simple\n"), part("Content-Type: text/watch-html", "<b>watch</b>\n"), html("<p>rich</p>")),
          text=("rich",)),
    whole("alternative-of-alternatives", "alternatives within an alternative",
          multi("alternative", "o", plain("outer\n"), multi("alternative", "i", plain("inner\n"), html("<p>rich</p>"))), text=("rich",)),
    # -- shapes of programs
    whole("thunderbird-pictures", "Thunderbird: alternative of text and related",
          multi("alternative", "a", plain("see the picture\n"),
                multi("related", "r", html('<p>Look: <img src="cid:p1@x" alt="red"></p>'), _image("p1@x"))),
          text=("Look:",), files=()),
    whole("outlook-pictures", "Outlook: related around the alternative",
          multi('related; type="multipart/alternative"', "r",
                multi("alternative", "a", plain("see\n"), html('<p>Look: <img src="cid:image001.png@01D"></p>')),
                _image("image001.png@01D", "image001.png")),
          text=("Look:",), files=()),
    whole("outlook-mixed", "Outlook: mixed around related around alternative",
          multi("mixed", "m", multi("related", "r", multi("alternative", "a", plain("x\n"), html('<p>Dear all <img src="cid:i1@x"></p>')), _image("i1@x")),
                attached("; filename=invoice.pdf", _PDF, "application/pdf")),
          text=("Dear all",), files=(File("invoice.pdf", _PDF),)),
    whole("apple-mail", "Apple Mail: the file within the HTML alternative",
          multi("alternative", "a", plain("Here it is.\n"),
                multi("mixed", "m", html("<p>Here it is:</p>"), part("Content-Type: application/pdf; name=invoice.pdf\nContent-Transfer-Encoding: base64\nContent-Disposition: inline; filename=invoice.pdf", b64(_PDF)), html("<p>Best wishes</p>"))),
          text=("Here it is:", "Best wishes"), files=(File("invoice.pdf", _PDF),)),
    whole("apple-plain", "Apple Mail: text, picture, text, picture in mixed",
          multi("mixed", "m", plain("first words\n"), _image("", "one.png"), plain("second words\n"), _image("", "two.png")),
          text=("first words", "second words"), files=(File("one.png", _RED), File("two.png", _RED))),
    whole("gmail-files", "Gmail: mixed of alternative and files with X-Attachment-Id",
          multi("mixed", "000000000000", _ALT, part("Content-Type: application/pdf; name=\"invoice.pdf\"\nContent-Disposition: attachment; filename=\"invoice.pdf\"\nContent-Transfer-Encoding: base64\nContent-ID: <f_kx1>\nX-Attachment-Id: f_kx1", b64(_PDF))),
          text=("the rich words",), files=(File("invoice.pdf", _PDF),)),
    whole("exchange-tnef-less", "Exchange: an appointment beside text in mixed",
          multi("mixed", "m", plain("Please come.\n"), _ICS), text=("Please come.", "Review of the garden"), files=None),
    whole("list-footer", "Mailman: the letter and a footer as parts of mixed",
          multi("mixed", "m", _ALT, _FOOTER), text=("the rich words", "garden mailing list"), files=()),
    whole("list-footer-html", "a disclaimer in plain behind HTML",
          multi("mixed", "m", html("<p>the letter</p>"), plain("This e-mail is confidential.\n")),
          text=("the letter", "This e-mail is confidential."), files=()),
    whole("text-after-file", "text behind a file", multi("mixed", "m", plain("before\n"), attached("; filename=a.bin", b"abc"), plain("behind\n")),
          text=("before", "behind"), files=(File("a.bin", b"abc"),)),
    whole("related-start", "RFC 2387, 3.2: the start parameter names the root",
          multi('related; start="<root@x>"', "r", _image("p@x"), part("Content-Type: text/html; charset=utf-8\nContent-ID: <root@x>", '<p>the root <img src="cid:p@x"></p>')),
          text=("the root",), files=()),
    whole("related-not-named", "a picture of a related that the HTML does not name is still found",
          multi("related", "r", html("<p>no picture here</p>"), _image("lost@x", "lost.png", "attachment")),
          text=("no picture here",), files=(File("lost.png", _RED),)),
    whole("related-location", "RFC 2557: parts named by Content-Location",
          multi("related", "r", html('<p>by address <img src="https://www.example.com/a.png"></p>'),
                part("Content-Type: image/png\nContent-Transfer-Encoding: base64\nContent-Location: https://www.example.com/a.png", b64(_RED))),
          text=("by address",), files=(File("attachment.png", _RED),)),
    whole("cid-in-mixed", "a picture with a Content-ID in mixed, which the HTML shows, as of many web shops",
          multi("mixed", "m", html('<p>Logo: <img src="cid:logo@x"></p>'), _image("logo@x", "logo.png")), text=("Logo:",), files=None),
    whole("mixed-unknown-subtype", "RFC 2046, 5.1.3: an unknown multipart is read as mixed",
          multi("x-strange", "m", plain("the words\n"), attached("; filename=a.bin", b"abc")), text=("the words",), files=(File("a.bin", b"abc"),)),
    whole("parallel", "multipart/parallel", multi("parallel", "m", plain("the words\n"), _image("", "p.png")), text=("the words",), files=(File("p.png", _RED),)),
    whole("appledouble", "a Macintosh file with its resource fork",
          multi("mixed", "m", plain("see file\n"), multi("appledouble", "d", part("Content-Type: application/applefile; name=\"letter\"\nContent-Transfer-Encoding: base64", b64(b"fork")), attached("; filename=letter.doc", b"data", "application/msword"))),
          text=("see file",), files=(File("letter", b"fork"), File("letter.doc", b"data"))),
    # -- messages within messages
    whole("forwarded", "a message forwarded as attachment",
          multi("mixed", "m", plain("see below\n"), part("Content-Type: message/rfc822\nContent-Disposition: attachment; filename=\"letter.eml\"", message("The inner one", plain("inner words\n")))),
          text=("see below", "The inner one"), files=None),
    whole("forwarded-alone", "a message that is only another message", part("Content-Type: message/rfc822", message("The inner one", plain("inner words\n"))),
          text=("The inner one", "inner words"), files=None),
    whole("forwarded-file", "a message with a file within a message",
          multi("mixed", "m", plain("outer\n"), part("Content-Type: message/rfc822", message("With a file", multi("mixed", "i", plain("inner words\n"), attached("; filename=a.bin", b"abc"))))),
          text=("outer", "With a file", "inner words"), files=None),
    whole("nested-ten", "messages within messages, ten levels", _nest(10), text=("Level 1",), files=None),
    whole("forwarded-b64", "RFC 2046, 5.2.1 forbids base64 of message/rfc822; Outlook and others do it",
          multi("mixed", "m", plain("see below\n"), part("Content-Type: message/rfc822; name=letter.eml\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=letter.eml", b64(message("Packed", plain("inner words\n"))))),
          text=("see below",), files=(File("letter.eml", message("Packed", plain("inner words\n"))),)),
    whole("digest", "RFC 2046, 5.1.5: a digest, whose parts are messages without saying so",
          multi("digest", "d", part("", message("First of the day", plain("one\n"))), part("", message("Second of the day", plain("two\n")))),
          text=("First of the day", "Second of the day"), files=None),
    whole("digest-mailman", "Mailman's digest: contents, digest and footer",
          multi("mixed", "m", plain("Today's Topics: 1. Roses\n"), multi("digest", "d", part("", message("Roses", plain("one\n")))), _FOOTER),
          text=("Today's Topics", "Roses", "garden mailing list"), files=None),
    whole("global", "RFC 6532: message/global", multi("mixed", "m", plain("see\n"), part("Content-Type: message/global", message("Grüße", plain("inner\n")))), text=("see",), files=None),
    whole("partial", "RFC 2046, 5.2.2: a piece of a message",
          part('Content-Type: message/partial; id="p@example.com"; number=2; total=3', "the middle piece\n"),
          files=None, notices=("part 2 of 3",)),
    whole("external", "RFC 2046, 5.2.3: a text that lies elsewhere; its address is not followed",
          part('Content-Type: message/external-body; access-type=URL; URL="https://www.example.com/big.iso"', "Content-Type: application/octet-stream\n\n"),
          files=None, notices=("never fetches it",)),
    # -- signed and encrypted
    whole("pgp-signed", "RFC 3156: signed with OpenPGP", multi('signed; micalg=pgp-sha256; protocol="application/pgp-signature"', "s", plain("signed words\n"), _SIGNATURE),
          text=("signed words",), files=None, notices=(r"Signed \(OpenPGP\)",)),
    whole("smime-signed", "RFC 8551: signed with S/MIME", multi('signed; protocol="application/pkcs7-signature"; micalg=sha-256', "s", _ALT, _SMIME),
          text=("the rich words",), files=None, notices=(r"Signed \(S/MIME\)",)),
    typed("smime-opaque", "S/MIME with the text within the signature", "application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=smime.p7m",
          b64(b"\x30\x80\x06\x09" * 40), files=(File("smime.p7m", b"\x30\x80\x06\x09" * 40),), notices=(r"Signed \(S/MIME\), with the text",)),
    whole("pgp-encrypted", "RFC 3156: encrypted with OpenPGP",
          multi('encrypted; protocol="application/pgp-encrypted"', "e", part("Content-Type: application/pgp-encrypted", "Version: 1\n"),
                part("Content-Type: application/octet-stream; name=encrypted.asc\nContent-Disposition: inline; filename=encrypted.asc", "-----BEGIN PGP MESSAGE-----\n\nhQEM\n-----END PGP MESSAGE-----\n")),
          files=None, notices=(r"Encrypted \(OpenPGP\)",)),
    typed("smime-encrypted", "encrypted with S/MIME", "application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename=smime.p7m",
          b64(b"\x30\x80" * 99), files=(File("smime.p7m", b"\x30\x80" * 99),), notices=(r"Encrypted \(S/MIME\)",)),
    typed("pgp-inline", "OpenPGP in the plain text, as of old programs", "text/plain",
          "-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n-----END PGP MESSAGE-----\n", notices=("encrypted.*OpenPGP",)),
    whole("signed-by-list", "a list's footer around a signed letter, which breaks the signature",
          multi("mixed", "m", multi('signed; protocol="application/pgp-signature"', "s", plain("signed words\n"), _SIGNATURE), _FOOTER),
          text=("signed words", "garden mailing list"), files=None),
    # -- little and nothing
    whole("only-file", "a file and no text", attached("; filename=invoice.pdf", _PDF, "application/pdf"), files=(File("invoice.pdf", _PDF),)),
    whole("only-image", "a picture and no text, as of scanners", _image("", "scan.png", "attachment"), files=(File("scan.png", _RED),)),
    whole("only-file-mixed", "mixed with one file and no text", multi("mixed", "m", attached("; filename=scan.pdf", _PDF, "application/pdf")), files=(File("scan.pdf", _PDF),)),
    whole("text-as-attachment", "the only text says it is an attachment",
          part("Content-Type: text/plain; charset=utf-8; name=report.txt\nContent-Disposition: attachment; filename=report.txt", "the report\n"), files=None, text=("report",)),
    whole("named-text", "text with a name, as of Apple Mail and scripts",
          multi("mixed", "m", part("Content-Type: text/plain; charset=utf-8; name=letter.txt\nContent-Disposition: inline; filename=letter.txt", "the letter\n")), text=("letter",), files=None),
    whole("html-file", "an HTML file as attachment is never part of the page",
          multi("mixed", "m", plain("see file\n"), attached("; filename=page.html", b"<script>alert(1)</script>", "text/html")),
          text=("see file",), files=(File("page.html", b"<script>alert(1)</script>"),), absent=("alert(1)",)),
    whole("deep-twenty", "multiparts twenty deep",
          _deep(20),
          text=("at the bottom",)),
)
