"""Delivery reports and receipts of several programs (RFC 3464, 8098, 5965)."""

from __future__ import annotations

from samples.sample import Sample, mail, message, multi, part, plain, whole

_FAILED = "could not be delivered"


def _report(name: str, shows: str, fields: str, words: str, *, kind: str = "delivery-status", head: str = "", tail: bytes | None = None, **expected: object) -> Sample:
    third = part("Content-Type: message/rfc822", message("What I wrote", plain("the original\n"))) if tail is None else tail
    parts = [plain(words), part(f"Content-Type: message/{kind}", fields)] + ([third] if third else [])
    expected.setdefault("files", None)
    return whole(f"report-{name}", shows, multi(f"report; report-type={kind}", "r", *parts),
                 head or "From: Mail Delivery System <MAILER-DAEMON@mx.example.com>\n", **expected)  # type: ignore[arg-type]


SAMPLES: tuple[Sample, ...] = (
    _report("postfix", "Postfix: an unknown user",
            "Reporting-MTA: dns; mx.example.com\nX-Postfix-Queue-ID: 4Xy\nArrival-Date: Fri, 20 Nov 2026 09:00:00 +0000 (UTC)\n\n"
            "Final-Recipient: rfc822; nobody@example.net\nOriginal-Recipient: rfc822;nobody@example.net\nAction: failed\nStatus: 5.1.1\n"
            "Remote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 550 5.1.1 <nobody@example.net>: Recipient address rejected: User unknown\n",
            "This is the mail system at host mx.example.com.\n", text=("This is the mail system", "nobody@example.net", "User unknown"), notices=(_FAILED,), absent=("not what became of it",)),
    _report("exim", "Exim: a full mailbox",
            "Reporting-MTA: dns; exim.example.org\n\nAction: failed\nFinal-Recipient: rfc822;full@example.net\nStatus: 5.2.2\nRemote-MTA: dns; mx.example.net\nDiagnostic-Code: smtp; 552 5.2.2 Mailbox full\n",
            "This message was created automatically by mail delivery software.\n", text=("full@example.net", "Mailbox full"), notices=(_FAILED,)),
    _report("sendmail-delayed", "Sendmail: a delay, which is no failure",
            "Reporting-MTA: dns; old.example.com\nArrival-Date: Fri, 20 Nov 2026 05:00:00 GMT\n\nFinal-Recipient: RFC822; slow@example.net\nAction: delayed\nStatus: 4.4.1\nLast-Attempt-Date: Fri, 20 Nov 2026 10:00:00 GMT\nWill-Retry-Until: Wed, 25 Nov 2026 05:00:00 GMT\n",
            "** THIS IS A WARNING MESSAGE ONLY **\n", text=("slow@example.net",), notices=("not delivered yet", "until Wednesday, 25 November 2026")),
    _report("exchange", "Exchange: headers only at its end",
            "Reporting-MTA: dns;EX01.corp.example\nReceived-From-MTA: dns;mx.example.com\nArrival-Date: Fri, 20 Nov 2026 09:00:00 +0000\n\nFinal-Recipient: rfc822;gone@corp.example\nAction: failed\nStatus: 5.1.10\nDiagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found\nX-Display-Name: Gone Person\n",
            "Delivery has failed to these recipients or groups:\n", tail=part("Content-Type: text/rfc822-headers", "From: anna@demo.test\nSubject: What I wrote\n"),
            text=("gone@corp.example",), notices=(_FAILED,)),
    _report("success", "a delivery that was asked for", "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ben@example.net\nAction: delivered\nStatus: 2.0.0\n",
            "Your message was delivered.\n", text=("ben@example.net",), notices=(r"The message to ben@example\.net was delivered",)),
    _report("relayed", "relayed to a system that does not report", "Reporting-MTA: dns; mx.example.net\n\nFinal-Recipient: rfc822; ben@example.net\nAction: relayed\nStatus: 2.0.0\n",
            "Relayed.\n", tail=b"", text=("ben@example.net",)),
    _report("many", "twelve recipients, some failed", "Reporting-MTA: dns; mx.example.net\n" + "".join(f"\nFinal-Recipient: rfc822; r{at}@example.net\nAction: {'failed' if at % 2 else 'delivered'}\nStatus: {'5.1.1' if at % 2 else '2.0.0'}\n" for at in range(12)),
            "Several.\n", text=("r1@example.net", "r11@example.net")),
    _report("no-status", "a report without its middle part's fields", "\n", "Something failed.\n", text=("Something failed.",)),
    _report("garbage", "a report whose fields are none", "this is not a field\nneither is this\n", "Something failed.\n", text=("Something failed.",)),
    _report("mdn-read", "RFC 8098: the message was displayed",
            "Reporting-UA: mail.example.net; Thunderbird\nFinal-Recipient: rfc822;ben@example.net\nOriginal-Message-ID: <1@demo.test>\nDisposition: manual-action/MDN-sent-manually; displayed\n",
            "This is a return receipt.\n", kind="disposition-notification", tail=b"", text=("This is a return receipt.", "ben@example.net"), notices=("was displayed",)),
    _report("mdn-deleted", "the message was deleted unread, as Outlook tells",
            "Final-Recipient: RFC822; ben@example.net\nDisposition: automatic-action/MDN-sent-automatically; deleted\n",
            "Your message was deleted without being read.\n", kind="disposition-notification", tail=b"", text=("ben@example.net",), notices=("was deleted by ben",)),
    _report("abuse", "RFC 5965: a complaint", "Feedback-Type: abuse\nUser-Agent: SomeGenerator/1.0\nVersion: 1\n", "This is an abuse report.\n", kind="feedback-report", text=("abuse report",)),
    _report("html", "a report with HTML in its diagnostic is text", "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; <b>x</b>@example.net\nAction: failed\nStatus: 5.0.0\nDiagnostic-Code: smtp; 550 <script>alert(1)</script>\n",
            "Failed.\n", text=("<script>alert(1)</script>",)),
    mail("report-qmail", "qmail: a report in plain words", "From: MAILER-DAEMON@qmail.example\nSubject: failure notice\n",
         "Hi. This is the qmail-send program at qmail.example.\n\n<nobody@example.net>:\nSorry, no mailbox here by that name. (#5.1.1)\n", text=("Sorry, no mailbox",), subject="failure notice", sender=("MAILER-DAEMON@qmail.example",)),
)
