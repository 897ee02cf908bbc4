"""A Host: how often a server of sources may be asked, and until when it wants to be left alone.

Limits are rows, so that staff can change them: a row for "arxiv.org" holds for every machine under that name together,
and the row "*" for hosts without one. How the limit is kept is `digest.ingest.politeness`'s business.
"""

from collections.abc import Iterable
from datetime import datetime

from django.core.validators import MinValueValidator
from django.db import models

from digest.models.source import Source

ANY = "*"
DEFAULT_GAP = 1.0  # seconds, should even the row for any host be missing


class HostQuerySet(models.QuerySet["Host"]):
    def lanes(self, hosts: Iterable[str]) -> dict[str, str]:
        """Return the name under which each of `hosts` is limited: the longest row that it ends with, or itself.

        Rows that state no limit only remember when a host was asked last.
        """
        names = set(self.exclude(gap_seconds=None).values_list("name", flat=True)) - {ANY}
        return {host: next(filter(names.__contains__, _parents(host)), host) for host in hosts}

    def gap(self, lane: str) -> float:
        """Return the seconds between two requests to `lane`."""
        rows = self.filter(name__in=(lane, ANY)).values_list("name", "gap_seconds")
        gaps = {name: seconds for name, seconds in rows if seconds is not None}
        return gaps.get(lane, gaps.get(ANY, DEFAULT_GAP))

    def close(self, lane: str, *, until: datetime) -> None:
        """Leave `lane` alone until then, unless it is so for longer already; its sources come due no sooner."""
        host, _ = self.get_or_create(name=lane)
        self.filter(pk=host.pk).filter(models.Q(closed_until=None) | models.Q(closed_until__lt=until)).update(
            closed_until=until
        )
        sooner = Source.objects.active().filter(next_check_at__lt=until)
        lanes = self.lanes(sooner.values_list("host", flat=True).distinct())
        sooner.filter(host__in=[name for name, its in lanes.items() if its == lane]).update(next_check_at=until)


class Host(models.Model):
    name = models.CharField(
        max_length=253,
        unique=True,
        help_text="a host such as rss.arxiv.org, or a domain for all hosts under it; * for every other host",
    )
    gap_seconds = models.FloatField(
        "seconds between requests",
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="empty: as for every other host",
    )
    closed_until = models.DateTimeField(
        null=True, blank=True, help_text="the host asked to be left alone until then (Retry-After)"
    )
    # When the next request may begin; while one is under way, the end of its lease.
    free_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = HostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(gap_seconds__isnull=True) | models.Q(gap_seconds__gte=0), name="host_gap_positive"
            )
        ]

    def __str__(self) -> str:
        return self.name


def _parents(host: str) -> Iterable[str]:
    labels = host.split(".")
    return (".".join(labels[start:]) for start in range(len(labels)))
