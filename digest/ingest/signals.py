"""The attention that papers of the last days have got since: their totals are read again, day by day.

A source's own check reads the papers of today. Here its lists of the days before are read every few hours, so that what
a digest says of a paper, "+31 since yesterday", holds for papers of yesterday, too; and a paper that was listed while
nobody looked is found with its own day. What the totals mean for a paper's trend is `rank`'s.
"""

import logging
import time
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.db import transaction

from digest.ingest.document import ParseError
from digest.ingest.fetch import FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.ingest.store import store
from digest.models import Fetch, Source

log = logging.getLogger(__name__)

EVERY = timedelta(hours=3)
DAYS = 7  # before today; a paper older than that gains little any more
PAPERS = 100  # of one day: the most that one answer holds
SECONDS = 45.0  # of one pass, in which sources are begun with
# Errors after which the next request would be one too many: of the host, not of the day that was asked for.
CLOSED = ("busy", "rate_limited", "timeout", "name")


def refresh_signals(now: datetime) -> int:
    """Read the last days of the sources whose signals are due; return how many days were read."""
    ends, read = time.monotonic() + SECONDS, 0
    # One by one: a source that waits for those before it could come due again meanwhile, for somebody else.
    while time.monotonic() < ends and (sources := Source.objects.claim_for_signals(now, limit=1)):
        read += _refresh(sources[0], now)
    return read


def _refresh(source: Source, now: datetime) -> int:
    """Read the days one by one, the latest first; one that fails is that day's own, unless the host has had enough."""
    read = 0
    for before in range(1, DAYS + 1):
        row = _read_day(source, now.date() - timedelta(days=before), now)
        if not _is_saved(row):
            break
        read += row.outcome == Fetch.Outcome.STORED
        if row.error_kind in CLOSED:
            break
    Source.objects.filter(pk=source.pk).update(signals_due_at=now + EVERY)
    return read


def _read_day(source: Source, day: date, now: datetime) -> Fetch:
    """Read and store one day's list; return what came of it, not saved."""
    row = Fetch(source=source, at=now, purpose=Fetch.Purpose.SIGNALS, outcome=Fetch.Outcome.FAILED, batch_on=day)
    url = _of_day(source.url, day)
    try:
        fetched = politely(url)
        row.status, row.bytes, row.milliseconds = fetched.status, len(fetched.body), fetched.milliseconds
        parsed = read_guarded(fetched.body, kind=source.kind, url=url, content_type=fetched.content_type, now=now)
        stored = store(parsed.listings, source=source, now=now)
    except (FetchError, ParseError) as error:
        log.warning("source=%s day=%s error=%s", source.pk, day, error)
        row.status = row.status or getattr(error, "status", 0) or None
        row.error_kind, row.message = error.kind, str(error)[:500]
        return row
    except Exception as error:
        log.exception("source=%s day=%s", source.pk, day)
        row.error_kind, row.message = "error", f"{type(error).__name__}: {error}"[:500]
        return row
    if stored.sighted:
        Source.objects.filter(pk=source.pk).update(last_new_at=now)
    row.outcome = Fetch.Outcome.STORED
    row.seen, row.skipped = len(parsed.listings) + len(parsed.skipped), len(parsed.skipped)
    row.new, row.updated = stored.new, stored.updated
    return row


def _is_saved(row: Fetch) -> bool:
    """Write the row down, and say whether that could be done: not where staff have deleted the source meanwhile."""
    with transaction.atomic():
        is_there = Source.objects.select_for_update().filter(pk=row.source_id).exists()
        if is_there:
            row.save()
    return is_there


def _of_day(url: str, day: date) -> str:
    """Return the address of one day's list; what else the source's own address asks for stays."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query)) | {"date": day.isoformat(), "limit": str(PAPERS)}
    return parts._replace(query=urlencode(asked)).geturl()
