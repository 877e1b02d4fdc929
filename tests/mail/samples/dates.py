"""Dates of every wrongness (RFC 5322, 3.3 and 4.3)."""

from __future__ import annotations

from samples.sample import ARRIVED, Sample, mail


def _date(name: str, shows: str, value: str | None, date: str) -> Sample:
    """`date`: what is shown; ARRIVED where nothing can be read."""
    head = "" if value is None else f"Date: {value}\n"
    drop = ("Date",) if value is None else ()
    return mail(f"date-{name}", shows, head, drop=drop, date=date)


SAMPLES: tuple[Sample, ...] = (
    _date("zone", "a zone of half an hour", "Fri, 20 Nov 2026 15:30:00 +0530", "2026-11-20T10:00:00+00:00"),
    _date("comment", "the zone's name as a comment", "Fri, 20 Nov 2026 11:00:00 +0100 (CET)", "2026-11-20T10:00:00+00:00"),
    _date("no-seconds", "no seconds", "Fri, 20 Nov 2026 11:00 +0100", "2026-11-20T10:00:00+00:00"),
    _date("no-weekday", "no day of the week, a day of one digit", "5 Nov 2026 10:00:00 +0000", "2026-11-05T10:00:00+00:00"),
    _date("obsolete-zone", "RFC 5322, 4.3: EST", "Fri, 20 Nov 2026 05:00:00 EST", "2026-11-20T10:00:00+00:00"),
    _date("gmt", "GMT", "Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00:00+00:00"),
    _date("military", "a military zone, which means nothing", "Fri, 20 Nov 2026 10:00:00 Z", "2026-11-20T10:00:00+00:00"),
    _date("unknown-zone", "a zone's name nobody defined", "Fri, 20 Nov 2026 10:00:00 XYZT", "2026-11-20T10:00:00+00:00"),
    _date("two-digit-year", "a year of two digits", "Fri, 20 Nov 98 10:00:00 +0000", "1998-11-20T10:00:00+00:00"),
    _date("three-digit-year", "RFC 5322, 4.3: a year of three digits (2000 bug)", "Mon, 20 Nov 100 10:00:00 +0000", "2000-11-20T10:00:00+00:00"),
    _date("wrong-weekday", "a wrong day of the week", "Mon, 20 Nov 2026 10:00:00 +0000", "2026-11-20T10:00:00+00:00"),
    _date("full-names", "names of day and month in full", "Friday, 20 November 2026 10:00:00 +0000", "2026-11-20T10:00:00+00:00"),
    _date("folded", "RFC 5322, 4.3: folding and comments between all words", "Fri (day),\n 20 (d)\n Nov 2026 10:00:00\n +0000", "2026-11-20T10:00:00+00:00"),
    _date("asctime", "the form of C's asctime()", "Fri Nov 20 10:00:00 2026", "2026-11-20T10:00:00+00:00"),
    _date("iso", "ISO 8601", "2026-11-20T11:00:00+01:00", "2026-11-20T10:00:00+00:00"),
    _date("dashes", "dashes between day, month and year", "Fri, 20-Nov-2026 10:00:00 GMT", "2026-11-20T10:00:00+00:00"),
    _date("lower", "lower case", "fri, 20 nov 2026 10:00:00 +0000", "2026-11-20T10:00:00+00:00"),
    _date("zone-huge", "a zone of 99 hours", "Fri, 20 Nov 2026 10:00:00 +9900", "2026-11-20T10:00:00+00:00"),
    _date("missing-zone", "no zone", "Fri, 20 Nov 2026 10:00:00", "2026-11-20T10:00:00+00:00"),
    _date("none", "no Date at all: the time of arrival", None, ARRIVED),
    _date("empty", "an empty Date", "", ARRIVED),
    _date("words", "a date that is none", "yesterday at noon", ARRIVED),
    _date("feb-30", "a day that does not exist", "Mon, 30 Feb 2026 10:00:00 +0000", ARRIVED),
    _date("hour-25", "an hour that does not exist", "Fri, 20 Nov 2026 25:61:00 +0000", ARRIVED),
    _date("leap-second", "a leap second", "Sat, 31 Dec 2016 23:59:60 +0000", "2017-01-01T00:00:00+00:00"),
    _date("1970", "the first second of Unix time", "Thu, 01 Jan 1970 00:00:01 +0000", "1970-01-01T00:00:01+00:00"),
    _date("before-1970", "before 1970, when nobody had mail to read here: not believed", "Wed, 01 Jan 1969 00:00:00 +0000", ARRIVED),
    _date("future", "a date far in the future, for the top of lists", "Thu, 31 Dec 2099 23:59:59 +0000", "2099-12-31T23:59:59+00:00"),
    _date("year-huge", "a year of nine digits", "Fri, 20 Nov 999999999 10:00:00 +0000", ARRIVED),
    _date("localized", "month and day in another language", "Fr, 20 Mai 2026 10:00:00 +0000", ARRIVED),
)
