"""Announcement days that an arXiv feed did not show, read from arXiv's OAI-PMH instead: its feeds hold one day only.

A gap is filled page by page, each page when the lane of arXiv's hosts is free and stored before the next is asked for,
so that a killed worker goes on where it was. Which days are missing shows when a feed's next batch arrives (`record`).
"""

import logging
import re
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from digest.ingest.document import ParseError, SourceError
from digest.ingest.fetch import FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.ingest.store import Stored, store
from digest.models import Fetch, Gap, Source
from digest.sources import arxiv_oai
from digest.sources.arxiv_calendar import days_between
from digest.sources.identifiers import MAX_URL
from digest.sources.listing import Parsed

log = logging.getLogger(__name__)

CATCH_UP_SECONDS = 45.0
FIRST_TRY = timedelta(minutes=10)  # after the gap was seen: the day's own batches go first
MAX_WAIT = timedelta(hours=12)
LOOK_AGAIN = timedelta(hours=6)  # for days of which the archive knows nothing: a holiday, or it is late
MAX_ATTEMPTS = 20
LONGEST_GAP = 30  # announcement days; more are asked for by hand
MAX_PAGES = 500  # of one gap, each with up to some thousand records: a server whose pages never end is not followed
NOTHING = "The archive knows of no paper that was announced in these days."
STATE = ("page_url", "pages", "attempts", "next_attempt_at", "papers", "note")
_CATEGORIES = re.compile(r"/(?:rss|atom)/([\w.+-]+)/?(?:\?|$)")


def note_gaps(source: Source, previous: date | None, found: date, now: datetime) -> None:
    """Remember the announcement days between the batch of `previous` and that of `found`, for each category."""
    missed = days_between(previous, found)[-LONGEST_GAP:] if previous else []
    categories = _CATEGORIES.search(source.url)
    if not missed or not categories:
        return
    gaps = [
        Gap(source=source, category=category[:30], first=missed[0], last=missed[-1], next_attempt_at=now + FIRST_TRY)
        for category in categories[1].split("+")
    ]
    Gap.objects.bulk_create(gaps, ignore_conflicts=True)


def catch_up_due(clock: Callable[[], datetime] = timezone.now, *, seconds: float = CATCH_UP_SECONDS) -> int:
    """Go on with the gaps that are due, for so long; return how many pages were read."""
    ends, pages = time.monotonic() + seconds, 0
    while time.monotonic() < ends and (gaps := Gap.objects.claim(clock(), limit=1)):
        pages += _go_on(gaps[0], clock)
    return pages


def _go_on(gap: Gap, clock: Callable[[], datetime]) -> int:
    """Read one page of a gap, and record how that went: one gap's failure is that gap's own."""
    url = gap.page_url or arxiv_oai.request_url(gap.category, gap.first, gap.last, base=settings.ARXIV_OAI_URL)
    row = Fetch(source=gap.source, purpose=Fetch.Purpose.CATCH_UP, outcome=Fetch.Outcome.FAILED)
    try:
        fetched = politely(url)
        row.status, row.bytes, row.milliseconds = fetched.status, len(fetched.body), fetched.milliseconds
        parsed = read_guarded(fetched.body, kind=Source.Kind.ARXIV_OAI.value, url=url, now=clock())
        stored = store(parsed.listings, source=gap.source, now=clock())
        if parsed.next_url and (gap.pages >= MAX_PAGES or len(parsed.next_url) > MAX_URL):
            raise SourceError(f"its pages do not end, or name no next one that can be asked for ({gap.pages:,} read)")
    except FetchError as error:
        if error.kind == "busy":
            _give_back(gap, clock(), seconds=error.retry_seconds or 0)
        else:
            _record_failure(gap, row, error, clock(), kind=error.kind, seconds=error.retry_seconds or 0)
        return 0
    except Exception as error:
        _record_failure(gap, row, error, clock(), kind=error.kind if isinstance(error, ParseError) else "error")
        return 0
    _record_page(gap, row, parsed, stored, clock())
    return 1


def _record_page(gap: Gap, row: Fetch, parsed: Parsed, stored: Stored, now: datetime) -> None:
    goes_on = bool(parsed.next_url) and parsed.next_url != gap.page_url
    gap.page_url = parsed.next_url if goes_on else ""
    gap.pages += 1
    gap.next_attempt_at = now if goes_on else None
    gap.papers += sum(listing.announce_type.is_announcement for listing in parsed.listings)
    row.at, row.outcome = now, Fetch.Outcome.STORED
    row.seen, row.skipped = len(parsed.listings) + len(parsed.skipped), len(parsed.skipped)
    row.new, row.updated = stored.new, stored.updated
    row.message = f"{gap}: {'goes on' if goes_on else 'complete'}"
    if not goes_on:  # only the last page ends an attempt: each new one begins with the first
        _close(gap, now)
    _save(gap, row)


def _close(gap: Gap, now: datetime) -> None:
    """End a gap; look again, once, where nothing at all was announced in its days."""
    gap.attempts = gap.pages = 0
    is_first_look = gap.note != NOTHING
    gap.note = "" if gap.papers else NOTHING
    if is_first_look and not gap.papers:
        gap.next_attempt_at = now + LOOK_AGAIN


def _record_failure(gap: Gap, row: Fetch, error: Exception, now: datetime, *, kind: str, seconds: int = 0) -> None:
    """Plan the next attempt, later each time; a page that fails is asked for from the beginning: tokens expire."""
    message = str(error) if kind != "error" else f"{type(error).__name__}: {error}"
    log.warning("gap=%s error=%s", gap.pk, message, exc_info=kind == "error")
    gap.attempts += 1
    gap.page_url, gap.pages, gap.papers, gap.note = "", 0, 0, message[:500]
    wait = max(min(FIRST_TRY * 2**gap.attempts, MAX_WAIT), timedelta(seconds=seconds))
    gap.next_attempt_at = now + wait if gap.attempts < MAX_ATTEMPTS else None
    row.at, row.error_kind, row.message = now, kind, f"{gap}: {message}"[:500]
    _save(gap, row)


def _give_back(gap: Gap, now: datetime, *, seconds: int) -> None:
    """Go on later where it was: nobody was asked, so that does not count."""
    wait = max(FIRST_TRY, timedelta(seconds=seconds))
    Gap.objects.filter(pk=gap.pk).update(next_attempt_at=now + wait)


def _save(gap: Gap, row: Fetch) -> None:
    """Write down what came of a page, unless staff have deleted the gap meanwhile, by itself or with its source."""
    with transaction.atomic():
        if Gap.objects.filter(pk=gap.pk).update(**{column: getattr(gap, column) for column in STATE}):
            row.save()
