"""How an edition went: its digests by state, and who did not get theirs, and why.

Closed editions are told by what they closed with. Of open ones the tallies of the clock are used, and counts of a
minute ago, so that no page counts a million digests each time it is looked at.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Count

from digest.delivery.tally import OLD
from digest.models import DayTally, Digest, Edition

KEPT = 60  # seconds
KEPT_CLOSED = 3600  # a provider may still settle one that was uncertain
REASONS = 50  # the most frequent ones
GOT_NONE = (
    Digest.State.RETRY,
    Digest.State.FAILED,
    Digest.State.UNCERTAIN,
    Digest.State.EMPTY,
    Digest.State.SUPPRESSED,
    Digest.State.EXPIRED,
)


# In the order of the closing equation; what is still under way comes last.
ORDER = (
    Digest.State.ACCEPTED,
    Digest.State.FAILED,
    Digest.State.UNCERTAIN,
    Digest.State.EMPTY,
    Digest.State.SUPPRESSED,
    Digest.State.EXPIRED,
    Digest.State.RETRY,
    Digest.State.HANDING_OVER,
    Digest.State.PENDING,
)


def label(state: str) -> str:
    """Return the one word or so by which a state goes everywhere, in mails to staff, pages and commands."""
    return Digest.State(state).label if state in Digest.State.values else state


@dataclass(frozen=True, slots=True)
class Equation:
    """Digests by state, as they were `as_of`."""

    counts: dict[str, int]
    as_of: datetime

    @property
    def eligible(self) -> int:
        return sum(self.counts.values())

    def __str__(self) -> str:
        """Say the sum: when the edition is closed, everybody is in it."""
        terms = [f"{self.counts[state]:,} {state.label}" for state in ORDER if self.counts.get(state)]
        return f"{self.eligible:,} eligible = {' + '.join(terms)}" if terms else "nobody yet"


def equations(editions: Collection[Edition], now: datetime) -> dict[int, Equation]:
    """Return how each of `editions` stands: as it closed, as the clock has counted, or as it is now."""
    found = {edition.pk: Equation(edition.closed_with, edition.closed_at) for edition in editions if edition.closed_at}
    still_open = {edition.date: edition.pk for edition in editions if edition.closed_at is None}
    for tally in DayTally.objects.filter(day__in=still_open, taken_at__gt=now - OLD):
        found[still_open[tally.day]] = Equation(tally.by_state, tally.taken_at)
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


def _counted(editions: Sequence[int], now: datetime) -> dict[int, Equation]:
    key = f"editions-{sha256(repr(editions).encode()).hexdigest()}"
    known: dict[int, Equation] | None = cache.get(key)
    if known is None:
        known = {pk: Equation(counted, now) for pk, counted in Digest.objects.by_edition(editions).items()}
        cache.set(key, known, KEPT)
    return known
