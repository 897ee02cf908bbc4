"""Dates as sources write them: RFC 2822 and ISO 8601, whole days only.

A date that could be read in two ways, or lies outside the years of scholarly publishing, is no date. What a date means
(submitted, announced) is up to the source that reads it.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache

FIRST_YEAR = 1900
TOLERANCE = timedelta(days=1)  # clocks and time zones differ; a date further ahead is a planned or wrong one

_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?=\D|$)")
_PADDED_YEAR = re.compile(r"(?<![-+:\d])0\d{3}(?!\d)")
_HAS_TIME = re.compile(r"\d:\d\d")


@lru_cache(maxsize=2048)
def moment(text: str) -> datetime | None:
    """Return the moment that `text` names, with the offset it was written in (UTC where it names none)."""
    text = text.strip()
    try:
        found = _iso(text) if text[:4].isdigit() else _rfc(text)
        found.astimezone(UTC)  # of the last day of all, no other zone knows the moment
    except (ValueError, OverflowError):
        return None
    if found.year < FIRST_YEAR:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _iso(text: str) -> datetime:
    padded = _ISO_DAY.sub(lambda found: f"{found[1]}-{int(found[2]):02}-{int(found[3]):02}", text, count=1)
    if not _ISO_DAY.match(padded):
        raise ValueError("a year or a month names no day")
    return datetime.fromisoformat(re.sub(r"\s*(?:UTC|GMT|Z)$", "+00:00", padded) if _HAS_TIME.search(text) else padded)


def _rfc(text: str) -> datetime:
    if _PADDED_YEAR.search(text):
        raise ValueError("the standard library takes the year 0001 for 2001")
    return parsedate_to_datetime(text if _HAS_TIME.search(text) else f"{text} 00:00")


def day(text: str, zone: tzinfo | None = None) -> date | None:
    """Return the day of `text`: as people in `zone` saw it, or as it is written."""
    found = moment(text)
    if found is None:
        return None
    return (found.astimezone(zone) if zone else found).date()


def past(found: datetime | None, now: datetime) -> datetime | None:
    """Return `found`, or None where it lies ahead of `now` by more than clocks and time zones explain."""
    return found if found is not None and found <= now + TOLERANCE else None
