"""What a visit leaves behind: a Fetch row for staff, and on the source what the next visit must know.

Each visit is recorded in one transaction, after its papers are stored: of a worker that dies before, the source comes
due again. When the next visit is due is `schedule`'s; a redirect for good is `moved`'s; missed days are `catch_up`'s.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import transaction

from digest.ingest.catch_up import note_gaps
from digest.ingest.fetch import Fetched
from digest.ingest.moved import follow_move
from digest.ingest.politeness import LEFT_ALONE
from digest.ingest.request import Request
from digest.ingest.schedule import after_failure, after_success, is_hopeless
from digest.ingest.store import Stored
from digest.models import Fetch, Host, Source
from digest.sources.address import host_of
from digest.sources.arxiv_calendar import batch_day
from digest.sources.identifiers import MAX_URL
from digest.sources.listing import Parsed

REASONS_KEPT = 20
MAX_PAGES = 500  # of one reading: a server that always names a further page is not followed for ever
BATCH_AHEAD = timedelta(days=3)  # of the latest announcement: a weekend; a feed that is dated later is wrong
OTHERS_WITHIN = timedelta(days=1)
PAGE_FAILURES = 3  # in a row, after which a reading of several pages begins anew
STATE = (
    *("next_check_at", "last_checked_at", "last_success_at", "last_new_at", "batch_on"),
    *("etag", "last_modified", "body_hash", "last_full_at", "page_url", "pages"),
    *("failures", "failing_since", "healthy_since", "last_error", "last_error_kind"),
    *("moved_to", "moved_since", "moved_count"),
)
SWITCH = ("is_active", "disabled_at", "disabled_reason")

_random = Random()  # noqa: S311 - it spreads visits in time


@dataclass(slots=True)
class Visit:
    """One visit to a source: what is asked, and the answer once it is there."""

    source: Source
    request: Request
    fetched: Fetched | None = None
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.address = self.source.url

    @property
    def is_unchanged(self) -> bool:
        """Whether the answer is, byte for byte, the one that was read last."""
        known = self.source.body_hash
        return bool(self.fetched and known and not self.request.is_forced and body_hash(self.fetched.body) == known)


def body_hash(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def record_unchanged(visit: Visit, now: datetime, outcome: Fetch.Outcome) -> None:
    """Record an answer that brought nothing to read: 304, or the same bytes as last time."""
    note = follow_move(visit.source, visit.fetched, now)
    _succeeded(visit.source, now)
    _plan(visit, now, ttl_minutes=0)
    _save(visit, _row(visit, now, outcome, message=note))


def record_stored(visit: Visit, parsed: Parsed, stored: Stored, now: datetime) -> None:
    """Record an answer whose papers are stored."""
    source = visit.source
    counts = _counts(parsed, stored)
    if stored.sighted:
        source.last_new_at = now
    if parsed.truncated:
        message = "the answer was cut off on its way: what was whole is stored"
        _failed(source, now, "truncated", message, retry_seconds=None)
        _save(visit, _row(visit, now, Fetch.Outcome.CUT_OFF, message=message, error_kind="truncated", **counts))
        return
    note = follow_move(source, visit.fetched, now)
    was_stale = _is_stale(source, source.last_success_at)
    _succeeded(source, now)
    outcome = Fetch.Outcome.STORED
    with transaction.atomic():
        if source.kind == Source.Kind.ARXIV:
            outcome = _take_batch(source, parsed, now)
            if was_stale and outcome is Fetch.Outcome.STORED:
                source.healthy_since = now
        if outcome is Fetch.Outcome.STORED:
            note = _remember(visit, parsed, now) or note
        _plan(visit, now, ttl_minutes=parsed.ttl_minutes)
        _save(visit, _row(visit, now, outcome, message=note, **counts))


def record_failure(
    visit: Visit, now: datetime, kind: str, message: str, *, status: int = 0, retry_seconds: int | None = None
) -> None:
    """Record a visit that brought nothing; `retry_seconds` is for how long the server wants to be left alone."""
    source = visit.source
    is_page = visit.request.url == source.page_url  # of several: that one is gone does not say so of the source
    _failed(source, now, kind, message, retry_seconds=retry_seconds)
    if kind == "gone" and not is_page:
        source.disable(now, "The address is gone for good (410). Look for its new one, or remove it.")
    elif (reason := is_hopeless(source, now)) and _others_answer(source, now):
        source.disable(now, reason)
    row = _row(visit, now, Fetch.Outcome.FAILED, error_kind=kind, message=message[:500])
    row.status = status or row.status
    with transaction.atomic():
        if kind == "rate_limited":
            seconds = LEFT_ALONE if retry_seconds is None else retry_seconds
            [lane] = Host.objects.lanes([source.host]).values()
            Host.objects.close(lane, until=now + timedelta(seconds=seconds))
        _save(visit, row)


def _others_answer(source: Source, now: datetime) -> bool:
    """Say whether any other source was read of late: where none was, it may be our own network that is down."""
    return Source.objects.exclude(pk=source.pk).filter(last_success_at__gte=now - OTHERS_WITHIN).exists()


def _is_stale(source: Source, seen_at: datetime | None) -> bool:
    """Say whether an arXiv feed showed an old batch when it was last seen."""
    return bool(seen_at and source.batch_on and source.batch_on < batch_day(seen_at))


def _take_batch(source: Source, parsed: Parsed, now: datetime) -> Fetch.Outcome:
    """Note which day's batch is here, and the days between it and the one before; say if it is an old one again.

    A feed that is dated later than the latest announcement (an empty one of a Saturday) has gone past it.
    """
    expected, found = batch_day(now), parsed.announced_on
    if found and found <= expected + BATCH_AHEAD and (source.batch_on is None or found > source.batch_on):
        note_gaps(source, source.batch_on, found, now)
        source.batch_on = min(found, expected)
    return Fetch.Outcome.STORED if source.batch_on and source.batch_on >= expected else Fetch.Outcome.STALE


def _remember(visit: Visit, parsed: Parsed, now: datetime) -> str:
    """Keep the server's validators and the way to the next page, now that everything in this answer is stored.

    Of several pages no validator is kept: what the last one says of itself does not hold for the first, which is asked
    next. Returns a sentence for staff where pages are left out, else "".
    """
    source, answer = visit.source, visit.fetched
    pages = source.pages if visit.request.url == source.page_url else 0
    goes_on = parsed.next_url and parsed.next_url != visit.request.url
    if goes_on and pages < MAX_PAGES and len(parsed.next_url) <= MAX_URL:
        source.page_url, source.pages = parsed.next_url, pages + 1
        return ""
    source.page_url, source.pages, source.last_full_at = "", 0, now
    source.etag = source.last_modified = source.body_hash = ""
    if answer and not pages:
        source.etag, source.last_modified = answer.etag[:500], answer.last_modified[:100]
        source.body_hash = body_hash(answer.body)
    return f"There are more pages than can be asked for: {pages + 1:,} were read." if goes_on else ""


def _succeeded(source: Source, now: datetime) -> None:
    if source.failures or source.healthy_since is None:
        source.healthy_since = now
    source.last_checked_at = source.last_success_at = now
    source.failures, source.failing_since = 0, None
    source.last_error = source.last_error_kind = ""


def _failed(source: Source, now: datetime, kind: str, message: str, *, retry_seconds: int | None) -> None:
    source.last_checked_at = now
    source.failures = min(source.failures + 1, 30_000)
    source.failing_since = source.failing_since or now
    source.last_error, source.last_error_kind = message[:500], kind
    if source.failures >= PAGE_FAILURES:
        source.page_url, source.pages = "", 0
    source.next_check_at = after_failure(source, now, retry_seconds=retry_seconds, random=_random)


def _plan(visit: Visit, now: datetime, *, ttl_minutes: int) -> None:
    source = visit.source
    if source.page_url:
        source.next_check_at = now
        return
    fresh = visit.fetched.fresh_seconds if visit.fetched else 0
    source.next_check_at = after_success(source, now, fresh_seconds=fresh, ttl_minutes=ttl_minutes, random=_random)


def _counts(parsed: Parsed, stored: Stored) -> dict[str, Any]:
    reasons = [[item.position, item.reason[:200]] for item in parsed.skipped[:REASONS_KEPT]]
    return {
        "seen": len(parsed.listings) + len(parsed.skipped),
        "new": stored.new,
        "updated": stored.updated,
        "skipped": len(parsed.skipped),
        "reasons": reasons,
        "batch_on": parsed.announced_on,
    }


def _row(visit: Visit, now: datetime, outcome: Fetch.Outcome, **columns: Any) -> Fetch:
    answer = visit.fetched
    if answer:
        columns |= {"status": answer.status, "bytes": len(answer.body), "milliseconds": answer.milliseconds}
    return Fetch(source=visit.source, at=now, outcome=outcome, **columns)


def _save(visit: Visit, row: Fetch) -> None:
    """Write the visit down. What staff may have changed meanwhile is written only where the service changed it, too.

    Of a source that staff have deleted meanwhile, or given another address, nothing that was found holds any more.
    """
    source = visit.source
    found = {column: getattr(source, column) for column in (*STATE, *(SWITCH if source.disabled_at else ()))}
    if source.url != visit.address:
        found |= {"url": source.url, "host": host_of(source.url)}
    with transaction.atomic():
        if Source.objects.filter(pk=source.pk, url=visit.address).update(**found):
            row.save()
