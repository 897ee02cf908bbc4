"""What the headers of an answer say about the next request: its validators, how long to wait, when to come again.

Servers write anything into headers: what cannot be read counts as not said. Whether to wait so long is decided in
`digest.ingest.schedule`.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST = 7 * 24 * 3600  # seconds: a server that says more means a week
ETAG_LENGTH = 500  # what a Source has room for; half a validator would never be recognised
DATE_LENGTH = 100

_SENDABLE = re.compile(r"[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?")
_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d+)", re.ASCII | re.IGNORECASE)
_NO_STORE = re.compile(r"(?:^|[,\s])no-store(?:$|[,\s])", re.IGNORECASE)


def validators(headers: Mapping[str, str]) -> tuple[str, str]:
    """Return an answer's ETag and Last-Modified, verbatim; "" for what it lacks or does not want to be kept.

    A character stands for a byte (ISO-8859-1), so that what goes back is what came.
    """
    if headers.get("expires", "").strip() == "0" or _NO_STORE.search(headers.get("cache-control", "")):
        return "", ""
    etag, last_modified = headers.get("etag", ""), headers.get("last-modified", "")
    return (
        etag if is_sendable(etag) and len(etag) <= ETAG_LENGTH else "",
        last_modified if is_sendable(last_modified) and len(last_modified) <= DATE_LENGTH else "",
    )


def is_sendable(value: str) -> bool:
    """Say whether a value can stand in a header: no end of line or other control sign, nothing beyond ISO-8859-1."""
    return _SENDABLE.fullmatch(value) is not None


def fresh_seconds(headers: Mapping[str, str]) -> int:
    """Return for how long the answer will not change: the larger of max-age and Expires, less its age in a cache."""
    stated = _MAX_AGE.search(headers.get("cache-control", ""))
    lifetimes = [_whole(stated[1]) if stated else 0]
    if expires := _moment(headers.get("expires", "")):
        lifetimes.append(int((expires - _sent_at(headers)).total_seconds()))
    age = headers.get("age", "").strip()
    return min(max(0, max(lifetimes) - (_whole(age) if _is_number(age) else 0)), LONGEST)


def retry_seconds(headers: Mapping[str, str]) -> int | None:
    """Return for how long the server wants to be left alone (Retry-After), 0 if until a past moment, None if unsaid."""
    stated = headers.get("retry-after", "").strip()
    if _is_number(stated):
        return min(_whole(stated), LONGEST)
    moment = _moment(stated)
    return min(max(0, int((moment - _sent_at(headers)).total_seconds())), LONGEST) if moment else None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _whole(digits: str) -> int:
    return int(digits[:20])  # any number of digits may come


def _sent_at(headers: Mapping[str, str]) -> datetime:
    """Return when the server's own clock says that it sent this: its other dates are by that clock, too."""
    return _moment(headers.get("date", "")) or datetime.now(UTC)


def _moment(text: str) -> datetime | None:
    """Read an HTTP date in any of its three forms."""
    try:
        moment = parsedate_to_datetime(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
