"""Limits: how many mails may go in a second and in a day, and how a sender that nobody knows yet warms up.

An abstract part of `Pace`, whose columns and constraints they are.
"""

from datetime import date
from math import floor

from django.core.validators import MinValueValidator
from django.db import models


class Limits(models.Model):
    per_second = models.FloatField(
        "mails a second", null=True, blank=True, help_text="at most; 0.2 is one in five seconds. Empty: no limit"
    )
    per_day = models.PositiveIntegerField(
        "mails a day",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="at most, from midnight to midnight UTC. Empty: no limit",
    )
    warm_up_from = models.DateField(
        "warm-up from", null=True, blank=True, help_text="for a sender that nobody knows yet: its first day"
    )
    warm_up_first = models.PositiveIntegerField(
        "mails on the first day", null=True, blank=True, validators=[MinValueValidator(1)]
    )
    warm_up_growth = models.FloatField(
        "growth a day",
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text="times the mails of the day before, up to the limit of a day; 1.5 is half as many again",
    )

    class Meta:
        abstract = True

    def limit_on(self, day: date) -> int | None:
        """Return how many mails may go on `day`; None where there is no limit."""
        if self.warm_up_from is None or self.warm_up_first is None or self.warm_up_growth is None:
            return self.per_day
        days = (day - self.warm_up_from).days
        if days < 0:
            return self.per_day
        warm = floor(min(self.warm_up_first * self.warm_up_growth ** min(days, 100), 1e9))
        return warm if self.per_day is None else min(warm, self.per_day)
