"""How an edition went: its digests by state, and who did not get theirs, and why.

Closed editions are told by what they closed with. Of open ones the tallies of the clock are used, and counts of a
minute ago, so that no page counts a million digests each time it is looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Count

from digest.models import DayTally, Digest, Edition

KEPT = 60  # seconds
KEPT_CLOSED = 24 * 3600
FRESH = timedelta(minutes=20)  # a tally that is older tells that the clock stands still
REASONS = 50  # the most frequent ones
GOT_NONE = (
    Digest.State.RETRY,
    Digest.State.FAILED,
    Digest.State.UNCERTAIN,
    Digest.State.EMPTY,
    Digest.State.SUPPRESSED,
    Digest.State.EXPIRED,
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Digests by state, as they were `as_of`."""

    counts: dict[str, int]
    as_of: datetime

    @property
    def eligible(self) -> int:
        return sum(self.counts.values())


def outcomes(editions: Collection[Edition], now: datetime) -> dict[int, Outcome]:
    """Return how each of `editions` stands: as it closed, as the clock has counted, or as it is now."""
    found = {
        edition.pk: Outcome(_states(edition.counts), edition.closed_at) for edition in editions if edition.closed_at
    }
    still_open = {edition.date: edition.pk for edition in editions if edition.closed_at is None}
    for tally in DayTally.objects.filter(day__in=still_open, taken_at__gt=now - FRESH):
        found[still_open[tally.day]] = Outcome(_states(tally.counts), tally.taken_at)
    uncounted = sorted(set(still_open.values()) - found.keys())
    return found | (_counted(uncounted, now) if uncounted else {})


def reasons(edition: Edition, now: datetime) -> tuple[list[tuple[str, str, int]], datetime]:
    """Return (state, reason, how many) of those who did not get it, the most frequent first, and as of when."""
    key = f"edition {edition.pk} reasons {edition.closed_at or ''}".replace(" ", "-")
    known: tuple[list[tuple[str, str, int]], datetime] | None = cache.get(key)
    if known is None:
        grouped = edition.digests.filter(state__in=GOT_NONE).order_by().values_list("state", "reason")
        # Not of the keys: then the index of reasons alone is read, which holds none.
        counted = grouped.annotate(count=Count("*")).order_by("-count", "state", "reason")
        known = list(counted[:REASONS]), now
        cache.set(key, known, KEPT_CLOSED if edition.closed_at else KEPT)
    return known


def _counted(editions: Sequence[int], now: datetime) -> dict[int, Outcome]:
    key = f"editions-{sha256(repr(editions).encode()).hexdigest()}"
    known: dict[int, Outcome] | None = cache.get(key)
    if known is None:
        counts: dict[int, dict[str, int]] = {pk: {} for pk in editions}
        digests = Digest.objects.filter(edition__in=editions).order_by().values_list("edition", "state")
        for pk, state, count in digests.annotate(Count("pk")):
            counts[pk][state] = count
        known = {pk: Outcome(counted, now) for pk, counted in counts.items()}
        cache.set(key, known, KEPT)
    return known


def _states(counts: dict[str, int]) -> dict[str, int]:
    return {state: count for state, count in counts.items() if state in Digest.State.values}
