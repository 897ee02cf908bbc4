"""What is asked of a source at its next visit: which page, and whether only for news since the last one.

Asking is `fetch`'s; what the answer says, `parse`'s.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from digest.models import Source
from digest.sources import arxiv_oai, biorxiv, crossref

FORCED_AFTER = timedelta(days=1)  # without a full answer; a cache in between that has gone wrong heals by it
VISITS_UNFORCED = 10  # of a source that is visited less often than that in a day
FORCED_AT_LAST = timedelta(days=10)
FIRST_DAYS = timedelta(days=3)  # that a new source of a server with an archive is asked for
OVERLAP = timedelta(days=1)  # between the days of two visits: clocks and time zones differ
PAGE_LASTS = timedelta(hours=6)  # since the page before it; what was asked for then misses all that came since


@dataclass(frozen=True, slots=True)
class Request:
    """One GET: validators are "" where the whole answer is wanted, `is_forced` where it is to be read in any case."""

    url: str
    etag: str = ""
    last_modified: str = ""
    is_forced: bool = False


def request_of(source: Source, now: datetime) -> Request:
    if source.page_url and now - (source.last_checked_at or now) < PAGE_LASTS:
        return Request(source.page_url, is_forced=True)
    since = (source.last_full_at - OVERLAP if source.last_full_at else now - FIRST_DAYS).date()
    url = first_page(source.kind, source.url, since=since, today=now.date())
    visits = VISITS_UNFORCED * timedelta(minutes=source.check_minutes)
    unforced = max(FORCED_AFTER, min(visits, FORCED_AT_LAST))
    if url != source.url or source.last_full_at is None or now - source.last_full_at >= unforced:
        return Request(url, is_forced=True)
    return Request(url, source.etag, source.last_modified)


def first_page(kind: str, url: str, *, since: date, today: date) -> str:
    """Return the address to fetch: for servers that answer by days, the one that asks for the days from `since` on."""
    if kind == Source.Kind.ARXIV_OAI:
        return arxiv_oai.page_url(url, since)
    if kind == Source.Kind.BIORXIV:
        return biorxiv.page_url(url, since, today)
    if kind == Source.Kind.CROSSREF:
        return crossref.page_url(url, since, settings.CONTACT)
    return url
