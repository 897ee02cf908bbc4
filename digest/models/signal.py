"""A Signal: measured attention as a time series of totals. What it means for a paper is `digest.ranking.trending`'s."""

from datetime import datetime, timedelta

from django.db import models

from digest.models.paper import Paper
from digest.sources.listing import SignalKind


class SignalQuerySet(models.QuerySet["Signal"]):
    def recent(self, now: datetime, days: int) -> "SignalQuerySet":
        return self.filter(observed_at__gt=now - timedelta(days=days), observed_at__lte=now)


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
