"""How a source is, in one word, with since when and a sentence for staff.

Told from the source's own row and the time alone, so that it is true at any moment, also when nobody visits any more.
What each visit changes in the row is `digest.ingest.record`'s business.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from digest.models.source import Source
from digest.sources.arxiv_calendar import EASTERN, batch_day, days_between

PATIENCE = timedelta(days=1)  # with a source that fails, until a person should look
OVERDUE = timedelta(hours=2)  # longer than even a long queue at one host takes
FARTHEST = timedelta(days=8)  # ahead that a next visit is planned: a week, and the chance that is added to it

# What nobody but a person can mend: after how many failures in a row it is shown to one, and what to do.
_MENDING = {
    "gone": (1, "Look for its new address, or remove it."),
    "scheme": (1, "Give it an address that begins with https."),
    "refused_address": (1, "If its host is in your own network, name it in FETCH_ALLOWED_HOSTS."),
    "login": (1, ""),  # their errors say it themselves
    "challenge": (1, ""),
    "tls": (3, "Open the address in a browser and see what is wrong with its certificate."),
    "not_a_feed": (3, "Open the address in a browser and see what is there instead."),
}


class Word(StrEnum):
    """The five words, best first."""

    OK = "ok"
    QUIET = "quiet"  # it works, and brings nothing
    STALE = "stale"  # what it shows is older than it should be
    FAILING = "failing"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Health:
    """`note` is plain text for staff: what is wrong, and what to do; "" where the word says it all."""

    word: Word
    since: datetime
    note: str = ""
    needs_person: bool = False


def health(source: Source, now: datetime) -> Health:
    """Return how `source` is at `now`; asks the database nothing."""
    if not source.is_active:
        return _disabled(source)
    if source.failing_since:
        return _failing(source, source.failing_since, now)
    for look in (_forgotten, _unread, _behind, _without_news):
        if found := look(source, now):
            return found
    return Health(Word.OK, source.healthy_since or source.last_success_at or source.created_at)


def of_all(now: datetime) -> Iterator[tuple[int, Health]]:
    """Yield the key of every source with how it is."""
    return ((source.pk, health(source, now)) for source in Source.objects.all())


def _disabled(source: Source) -> Health:
    if source.disabled_at:
        return Health(Word.DISABLED, source.disabled_at, source.disabled_reason, needs_person=True)
    if source.last_checked_at:
        return Health(Word.DISABLED, source.last_checked_at, "Switched off by staff.")
    return Health(Word.DISABLED, source.created_at, "Read by hand only.")


def _failing(source: Source, since: datetime, now: datetime) -> Health:
    visits = "The last visit" if source.failures == 1 else f"{source.failures:,} visits in a row"
    enough, advice = _MENDING.get(source.last_error_kind, (0, ""))
    mendable = 0 < enough <= source.failures
    misplanned = _misplanned(source, now)
    sentences = (f"{visits} failed: {source.last_error.rstrip('.')}.", advice if mendable else "", misplanned)
    needs_person = mendable or bool(misplanned) or now - since >= PATIENCE
    return Health(Word.FAILING, since, " ".join(filter(None, sentences)), needs_person=needs_person)


def _forgotten(source: Source, now: datetime) -> Health | None:
    """A source that worked when somebody last came, if ever."""
    note = _misplanned(source, now)
    since = source.next_check_at if source.next_check_at < now else source.last_checked_at or source.created_at
    return Health(Word.STALE, since, note, needs_person=True) if note else None


def _misplanned(source: Source, now: datetime) -> str:
    """Say where visits do not come as they should: the clock stands still, or has been wrong; "" where they do."""
    due = source.next_check_at
    if now - due > OVERDUE:
        return "Nobody has come since it was due: see that celery beat runs, or manage.py run_due each minute."
    if due - now > FARTHEST:
        return f"The next visit is planned for {_day(due.date())} only: set the next check to today."
    return ""


def _unread(source: Source, now: datetime) -> Health | None:
    """A new source, or one that was switched on again after failures."""
    if source.last_checked_at is None:
        return Health(Word.QUIET, source.created_at, "Not read yet.")
    if source.last_success_at is None or source.last_success_at < source.last_checked_at:
        return Health(Word.QUIET, source.last_checked_at, "Not read yet since it was switched on again.")
    return None


def _behind(source: Source, now: datetime) -> Health | None:
    """An arXiv feed that still shows an old batch."""
    if source.kind != Source.Kind.ARXIV or source.last_success_at is None:
        return None
    # A batch counts as missing once the source was asked for it, or should have been.
    expected = batch_day(max(source.last_success_at, now - OVERDUE))
    missing = _missing(source, expected)
    if not missing:
        return None
    since = datetime.combine(missing[0], time(0), tzinfo=EASTERN).astimezone(UTC)
    if len(missing) == 1:
        return Health(Word.STALE, since, f"The batch of {_day(expected)} has not come yet: nothing to do so far.")
    note = f"{len(missing):,} batches are missing, from {_day(missing[0])} on: open the address and see what it shows."
    return Health(Word.STALE, since, note, needs_person=True)


def _missing(source: Source, expected: date) -> list[date]:
    """Return the announcement days up to `expected` whose batches it has not shown since it is here."""
    known = source.batch_on
    if known is None:
        known = (source.healthy_since or source.created_at).astimezone(EASTERN).date() - timedelta(days=1)
    return days_between(known, expected + timedelta(days=1))


def _without_news(source: Source, now: datetime) -> Health | None:
    if source.last_new_at is None:
        since = source.healthy_since or source.created_at
        return Health(Word.QUIET, since, "It can be read, and has brought no paper so far.")
    if now - source.last_new_at <= timedelta(days=source.quiet_days):
        return None
    days = (now - source.last_new_at).days
    return Health(Word.QUIET, source.last_new_at, f"No new paper for {days:,} days, though it can be read.")


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"
