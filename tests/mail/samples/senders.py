"""Who says to have sent it: names and domains that pretend (RFC 5890, UTS 39)."""

from __future__ import annotations

from samples.sample import BEN, Sample, mail

_DIFFERS = "Replies do not go to the sender"
_LOOKALIKE = "taken for another|look like"


def _from(name: str, shows: str, value: str, *people: str, **more: object) -> Sample:
    return mail(f"sender-{name}", shows, f"From: {value}\n", sender=people or None, **more)


SAMPLES: tuple[Sample, ...] = (
    _from("idn", "a domain in punycode that is plainly German", "Ben <ben@xn--mnchen-3ya.example>", "Ben <ben@münchen.example>"),
    _from("idn-japanese", "a Japanese domain", "Ben <ben@xn--wgv71a119e.example>", "Ben <ben@日本語.example>"),
    _from("idn-cyrillic-twin", "Cyrillic letters that all look Latin stay punycode (apple)",
          "Support <id@xn--80ak6aa92e.com>", "Support <id@xn--80ak6aa92e.com>", notices=(_LOOKALIKE,)),
    _from("idn-mixed", "Latin with one Cyrillic letter stays punycode (paypal)",
          "Service <pay@xn--pypal-4ve.com>", "Service <pay@xn--pypal-4ve.com>", notices=(_LOOKALIKE,)),
    _from("idn-mixed-raw", "the same in raw UTF-8 becomes punycode",
          "Service <pay@p\u0430ypal.com>", "Service <pay@xn--pypal-4ve.com>", notices=(_LOOKALIKE,)),
    _from("idn-broken", "punycode that decodes to nothing stays as it is", "x <x@xn--zzzzzz-.example>", "x <x@xn--zzzzzz-.example>"),
    _from("name-is-address", "a name that is another address", '"ceo@bank.example" <x@evil.example.net>',
          "ceo@bank.example <x@evil.example.net>", notices=(r"name says ceo@bank\.example, but the message comes from x@evil\.example\.net",)),
    _from("name-holds-address", "a name that holds another address in brackets", '"Anna <anna@demo.test>" <x@evil.example.net>',
          "Anna <anna@demo.test> <x@evil.example.net>", notices=("name says anna@demo.test",)),
    _from("name-is-own-address", "a name that is the address itself is no reason for alarm", '"ben@example.com" <ben@example.com>',
          "ben@example.com <ben@example.com>", absent=("name says",)),
    mail("reply-elsewhere", "Reply-To at another domain than From",
         "Reply-To: payments@evil.example.net\n", notices=(_DIFFERS, r"they go to payments@evil\.example\.net")),
    mail("reply-same", "Reply-To at the same domain is usual", "Reply-To: office@example.com\n",
         absent=(_DIFFERS,)),
    mail("reply-list", "a mailing list's own Reply-To is usual",
         "List-Id: Gardeners <garden.lists.example.org>\nList-Post: <mailto:garden@lists.example.org>\n"
         "Reply-To: garden@lists.example.org\n", absent=(_DIFFERS,)),
    mail("reply-empty", "an empty Reply-To", "Reply-To:\n", absent=(_DIFFERS,)),
    _from("bidi", "direction marks in a name are taken out and told", '"\u202emoc.knab\u202c" <x@example.net>',
          notices=("invisible characters",), absent=("\u202e",)),
    _from("zero-width", "zero-width characters within a name", '"Ba\u200bn\u200bk" <x@example.net>', absent=("\u200b",), notices=("invisible characters",)),
    _from("controls", "controls within a name", '"Be\x01n \x7f" <ben@example.com>', absent=("\x01", "\x7f")),
    _from("tags", "language tags of plane 14, which no font shows", '"Ben\U000e0041\U000e0042" <ben@example.com>'),
    mail("auth-forged", "Authentication-Results that the sender wrote are not believed",
         "Authentication-Results: mx.evil.example; dkim=pass header.d=bank.example; dmarc=pass header.from=bank.example\n",
         sender=(BEN,), absent=("bank.example",)),
    mail("sender-differs", "Sender is another than From: on behalf of", "Sender: office@agency.example\n", text=("office@agency.example",)),
    mail("list-unsubscribe", "RFC 2369, RFC 8058: a list that can be left with one click",
         "List-Id: News <news.example.org>\nList-Unsubscribe: <mailto:leave@example.org>, <https://example.org/u?x=1>\n"
         "List-Unsubscribe-Post: List-Unsubscribe=One-Click\n", notices=("mailing list. Unsubscribe",)),
    mail("list-unsubscribe-http", "an unsubscribe address that is not https is not offered",
         "List-Unsubscribe: <http://example.org/u?x=1>, <javascript:alert(1)>\n", absent=("javascript:", "Unsubscribe")),
)
