"""Tallies: numbers that would cost a scan at each visit of the front page. `digest.delivery.tally` counts them."""

from django.db import models

from digest.models.digest import Digest


class Tally(models.Model):
    """The one row of what stands now: readers by state, suppressed addresses, letters that failed or wait."""

    counts = models.JSONField(default=dict)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="tally_only_one")]

    def __str__(self) -> str:
        return f"what stands at {self.taken_at:%Y-%m-%d %H:%M}"


class DayTally(models.Model):
    """What became of the mail of one day: its edition's digests by state, and what providers reported that day."""

    day = models.DateField(unique=True)
    counts = models.JSONField(default=dict)
    taken_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "day tallies"

    def __str__(self) -> str:
        return f"mail of {self.day}"

    @property
    def by_state(self) -> dict[str, int]:
        """Its digests alone."""
        return {state: count for state, count in self.counts.items() if state in Digest.State.values}
