"""An Edition: one date's publication, closed when nobody anywhere can still get it."""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.utils import timezone

# A day is over everywhere 12 hours after midnight UTC (the last zone is UTC-12), and a digest expires 20 h after that.
CLOSES_AFTER = timedelta(days=1, hours=12 + 20)


class EditionQuerySet(models.QuerySet["Edition"]):
    def on(self, days: set[date]) -> dict[date, "Edition"]:
        """Return the editions of these dates, opened where they are new."""
        known = {edition.date: edition for edition in self.filter(date__in=days)}
        if new := sorted(days - known.keys()):
            self.bulk_create([Edition(date=day) for day in new], ignore_conflicts=True)
            known |= {edition.date: edition for edition in self.filter(date__in=new)}
        return known

    def still_open(self, editions: Collection[int]) -> set[int]:
        """Return which of `editions` are not closed, and keep them so until this transaction is over."""
        rows = self.filter(pk__in=editions, closed_at=None).select_for_update(no_key=True)
        return set(rows.order_by("pk").values_list("pk", flat=True))

    def recount(self, edition: int, moved: Mapping[tuple[str, str], int]) -> None:
        """Keep the equation of a closed edition true: so many of its digests went from one state to another since.

        Call it in the transaction that moves them: it waits for an edition that is just being closed.
        """
        stored = self.select_for_update().get(pk=edition)  # whatever it says by now, after waiting
        if stored.closed_at is None:
            return
        counts = Counter(stored.counts)
        for (before, after), count in moved.items():
            counts[before] -= count
            counts[after] += count
        self.filter(pk=edition).update(counts={state: count for state, count in counts.items() if count})

    def over(self, now: datetime) -> "EditionQuerySet":
        """Editions that are still open although their day, and the patience after it, is over everywhere."""
        return self.filter(closed_at=None, date__lte=(now - CLOSES_AFTER).date()).order_by("date")


class Edition(models.Model):
    date = models.DateField(unique=True)
    opened_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, help_text="digests by state when it closed, and eligible, their sum")

    objects = EditionQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.date:%d %B %Y}".lstrip("0")

    @property
    def closed_with(self) -> dict[str, int]:
        """The digests by state when it closed."""
        return {state: count for state, count in self.counts.items() if state != "eligible"}

    @property
    def closes_at(self) -> datetime:
        return datetime.combine(self.date, time(0), tzinfo=UTC) + CLOSES_AFTER
