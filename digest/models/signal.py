"""A Signal: measured attention as a time series of totals. What it means for a paper is `digest.ranking.trending`'s."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import models
from django.db.models.functions import Coalesce, RowNumber

from digest.models.paper import Paper
from digest.sources.listing import SignalKind

PIECE = timedelta(minutes=15)  # of time: within one, an own total that changes is still the same observation
DAY = timedelta(days=1)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SignalQuerySet(models.QuerySet["Signal"]):
    def recent(self, now: datetime, days: int) -> "SignalQuerySet":
        return self.filter(observed_at__gt=now - timedelta(days=days), observed_at__lte=now)

    def observe(self, kind: SignalKind, totals: Mapping[int, int], now: datetime) -> None:
        """Add totals of `kind`, by paper, that are counted here at every change; hold the rows of the papers meanwhile.

        In each quarter of an hour a paper gets one row at most, and the latest total is the one that stays. As nothing
        has changed since the row before, yesterday's total is known, and stated too.
        """
        newest = models.Window(RowNumber(), partition_by="paper", order_by=models.F("observed_at").desc())
        rows = self.filter(paper__in=totals, kind=kind).annotate(place=newest).filter(place=1)
        latest = {row.paper_id: row for row in rows}
        papers = Paper.objects.filter(pk__in=totals).only("created_at").in_bulk()
        piece = now - (now - EPOCH) % PIECE
        changed, added = [], []
        for key, paper in papers.items():
            row = latest.get(key)
            if row and row.observed_at >= piece:
                row.value, row.observed_at = totals[key], max(row.observed_at, now)
                changed.append(row)
            elif totals[key] != (row.value if row else 0):
                added += _before(row, paper, kind, now)
                added.append(Signal(paper=paper, kind=kind, value=totals[key], observed_at=now))
        self.bulk_update(changed, ["value", "observed_at"], batch_size=300)
        self.bulk_create(added, batch_size=1000)


def _before(latest: "Signal | None", paper: Paper, kind: SignalKind, now: datetime) -> "list[Signal]":
    """Return the total of a day ago, or of when the paper came, unless a row from then on states it."""
    if latest is None:
        value, at, is_known = 0, max(paper.created_at, now - DAY), paper.created_at >= now
    else:
        value, at, is_known = latest.value, now - DAY, latest.observed_at >= now - DAY
    return [] if is_known else [Signal(paper=paper, kind=kind, value=value, observed_at=at)]


def latest_votes() -> models.expressions.Combinable:
    """Return what `Paper.votes` is to be, for an update of papers."""
    return latest(SignalKind.UPVOTES) + latest(SignalKind.VOTES)


def latest(kind: SignalKind) -> Coalesce:
    """Return the latest total of `kind`, for an update of papers."""
    of_paper = Signal.objects.filter(paper=models.OuterRef("pk"), kind=kind).order_by("-observed_at")
    return Coalesce(models.Subquery(of_paper.values("value")[:1]), 0)


class Signal(models.Model):
    """A total of `kind` as observed at `observed_at`; an unchanged total adds a row only once a day."""

    # db_index=False: a composite index or constraint below begins with the same column.
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="signals", db_index=False)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in SignalKind])
    value = models.PositiveIntegerField()
    observed_at = models.DateTimeField()

    objects = SignalQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "kind", "observed_at"], name="signal_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["upvotes", "comments", "stars", "votes"]),
                name="signal_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["observed_at"], name="signal_observed")]

    def __str__(self) -> str:
        return f"{self.value} {self.kind}"
