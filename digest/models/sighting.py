"""A Sighting: this paper, in this source, on this day, with its announce type."""

from django.db import models

from digest.models.paper import Paper
from digest.models.source import Source
from digest.sources.listing import AnnounceType


class Sighting(models.Model):
    # db_index=False: a composite index or constraint below begins with the same column.
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    announce_type = models.CharField(max_length=15, choices=[(kind.value, kind.value) for kind in AnnounceType])
    announced_on = models.DateField(help_text="the source's own date, or the day it was first read")
    is_estimated = models.BooleanField(
        "day estimated", default=False, help_text="the source gives no usable day: it was first read then"
    )
    version = models.PositiveSmallIntegerField(default=1)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["paper", "source", "announced_on", "announce_type"], name="sighting_once"),
            models.CheckConstraint(
                condition=models.Q(announce_type__in=["new", "cross", "replace", "replace-cross"]),
                name="sighting_announce_type_known",
            ),
        ]
        indexes = [models.Index(fields=["source", "announced_on"], name="sighting_source_day")]

    def __str__(self) -> str:
        return f"{self.paper_id} in {self.source_id} on {self.announced_on}"


def first_seen() -> "models.Prefetch[str]":
    """Have papers read with their sightings and the sources of these, the first one first."""
    return models.Prefetch("sightings", Sighting.objects.select_related("source").order_by("pk"))
