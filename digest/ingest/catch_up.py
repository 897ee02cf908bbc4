"""Announcement days that an arXiv feed did not show, read from arXiv's OAI-PMH instead: its feeds hold one day only.

A gap is filled page by page, each page in the category's own politeness lane and stored before the next is asked for,
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

from digest.ingest.document import ParseError
from digest.ingest.fetch import FetchError
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import politely
from digest.ingest.store import Stored, store
from digest.models import Fetch, Gap, Source
from digest.sources import arxiv_oai
from digest.sources.arxiv_calendar import days_between
from digest.sources.listing import Parsed

log = logging.getLogger(__name__)

CATCH_UP_SECONDS = 45.0
FIRST_TRY = timedelta(minutes=10)  # after the gap was seen: the day's own batches go first
MAX_WAIT = timedelta(hours=12)
MAX_ATTEMPTS = 20
LONGEST_GAP = 30  # announcement days; more are asked for by hand
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
    """Read one page of a gap, and record how that went."""
    url = gap.page_url or arxiv_oai.request_url(gap.category, gap.first, gap.last, base=settings.ARXIV_OAI_URL)
    row = Fetch(source=gap.source, purpose=Fetch.Purpose.CATCH_UP, outcome=Fetch.Outcome.FAILED)
    try:
        fetched = politely(url)
        row.status, row.bytes, row.milliseconds = fetched.status, len(fetched.body), fetched.milliseconds
        parsed = read_guarded(fetched.body, kind=Source.Kind.ARXIV_OAI.value, url=url, now=clock())
    except (FetchError, ParseError) as error:
        _record_failure(gap, row, error, clock())
        return 0
    stored = store(parsed.listings, source=gap.source, now=clock())
    _record_page(gap, row, parsed, stored, clock())
    return 1


def _record_page(gap: Gap, row: Fetch, parsed: Parsed, stored: Stored, now: datetime) -> None:
    goes_on = bool(parsed.next_url) and parsed.next_url != gap.page_url
    gap.page_url = parsed.next_url[:2048] if goes_on else ""
    gap.next_attempt_at = now if goes_on else None
    gap.attempts, gap.note = 0, ""
    gap.papers += sum(listing.announce_type.is_announcement for listing in parsed.listings)
    row.at, row.outcome = now, Fetch.Outcome.STORED
    row.seen, row.skipped = len(parsed.listings) + len(parsed.skipped), len(parsed.skipped)
    row.new, row.updated = stored.new, stored.updated
    row.message = f"{gap}: {'goes on' if goes_on else 'complete'}"
    with transaction.atomic():
        row.save()
        gap.save()


def _record_failure(gap: Gap, row: Fetch, error: FetchError | ParseError, now: datetime) -> None:
    """Plan the next attempt, later each time; a page that fails is asked for from the beginning: tokens expire."""
    log.warning("gap=%s error=%s", gap.pk, error)
    gap.attempts += 1
    gap.page_url, gap.note = "", str(error)[:500]
    wait = min(FIRST_TRY * 2**gap.attempts, MAX_WAIT)
    if isinstance(error, FetchError) and error.retry_seconds:
        wait = max(wait, timedelta(seconds=error.retry_seconds))
    gap.next_attempt_at = now + wait if gap.attempts < MAX_ATTEMPTS else None
    row.at, row.error_kind, row.message = now, error.kind, f"{gap}: {error}"[:500]
    with transaction.atomic():
        row.save()
        gap.save()
