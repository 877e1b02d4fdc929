"""Samples of real and broken mail, written byte by byte; a module per theme."""

from __future__ import annotations

from samples import (
    boundaries,
    calendars,
    charsets,
    dates,
    encoded,
    files,
    headers,
    inner,
    reports,
    senders,
    structures,
    texts,
    transfers,
)
from samples.sample import Sample

THEMES: dict[str, tuple[Sample, ...]] = {
    "headers": headers.SAMPLES,
    "encoded": encoded.SAMPLES,
    "senders": senders.SAMPLES,
    "dates": dates.SAMPLES,
    "charsets": charsets.SAMPLES,
    "transfers": transfers.SAMPLES,
    "structures": structures.SAMPLES,
    "boundaries": boundaries.SAMPLES,
    "reports": reports.SAMPLES,
    "calendars": calendars.SAMPLES,
    "inner": inner.SAMPLES,
    "texts": texts.SAMPLES,
    "files": files.SAMPLES,
}


def everything() -> list[Sample]:
    """All samples; their names differ."""
    found = [each for samples in THEMES.values() for each in samples]
    names = [each.name for each in found]
    assert len(set(names)) == len(names), sorted(x for x in names if names.count(x) > 1)
    return found
