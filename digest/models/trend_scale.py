"""A TrendScale: what counted as one step of a kind of attention when trends were last brought up to date.

Kept so that a page can show how a trend came about without measuring all papers again. What it means is
`digest.ranking.trending`'s.
"""

from collections.abc import Mapping
from datetime import datetime

from django.db import models


class TrendScaleQuerySet(models.QuerySet["TrendScale"]):
    def keep(self, scales: Mapping[str, float], now: datetime) -> None:
        """Take these for the scales of `now`, in place of those of before."""
        self.exclude(kind__in=list(scales)).delete()
        rows = [TrendScale(kind=kind, scale=scale, ranked_at=now) for kind, scale in sorted(scales.items())]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["kind"], update_fields=["scale", "ranked_at"])


class TrendScale(models.Model):
    kind = models.CharField(max_length=10, primary_key=True)
    scale = models.FloatField()
    ranked_at = models.DateTimeField()

    objects = TrendScaleQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind}: {self.scale:g}"
