"""A Gap: announcement days that a source did not show, to be fetched elsewhere.

Filling it is `digest.ingest.catch_up`'s business.
"""

from datetime import datetime, timedelta

from django.db import models

from digest.models.claims import claim
from digest.models.source import Source


class GapQuerySet(models.QuerySet["Gap"]):
    def open(self) -> "GapQuerySet":
        return self.filter(next_attempt_at__isnull=False)

    def due(self, now: datetime) -> "GapQuerySet":
        return self.filter(next_attempt_at__lte=now).order_by("next_attempt_at", "pk")

    def claim(self, now: datetime, *, limit: int, lease: timedelta = timedelta(minutes=10)) -> list["Gap"]:
        """Take due gaps; each comes due again by itself if nobody records what came of it."""
        keys = claim(self.due(now), "next_attempt_at", until=now + lease, limit=limit)
        return list(self.filter(pk__in=keys).select_related("source").order_by("pk"))


class Gap(models.Model):
    # db_index=False: the constraint below begins with the same column.
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="gaps", db_index=False)
    category = models.CharField(max_length=30, help_text="arXiv's own code, such as cs.CL")
    first = models.DateField(help_text="the first day that is missing")
    last = models.DateField()
    page_url = models.CharField("goes on with", max_length=2048, blank=True)
    pages = models.PositiveSmallIntegerField(default=0, help_text="read so far")
    attempts = models.PositiveSmallIntegerField(default=0, help_text="that failed, since the last that did not")
    next_attempt_at = models.DateTimeField(null=True, blank=True, help_text="empty once it is filled or given up")
    papers = models.PositiveIntegerField(default=0, help_text="announced in these days and found")
    note = models.CharField(max_length=500, blank=True)

    objects = GapQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "category", "first"], name="gap_once"),
            models.CheckConstraint(condition=models.Q(last__gte=models.F("first")), name="gap_ends_after_it_begins"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(next_attempt_at__isnull=False), name="gap_due")
        ]

    def __str__(self) -> str:
        return f"{self.category}, {self.first} to {self.last}"
