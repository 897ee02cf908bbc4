"""A reader's plan: what was asked for (zone, hour, days, pause), what was promised (the next digest), what was served.

Saving keeps the three in step, by the rules of `accounts.clock`. Which digest is made of a promise is for
`digest.delivery`.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zlib import crc32

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone

from accounts.clock import EVERY_DAY, WEEKDAYS, known_zones, local_date, next_slot, replanned

# Readers of one hour are spread over this many seconds, so that a slot is a slope and not a wall. Less than an hour:
# the date of a slot is then the date of its hour.
SLOT_SECONDS = 900
MISSED = timedelta(days=7)  # how far back the dates are told that nobody could be served on


def validate_time_zone(name: str) -> None:
    if name not in known_zones():
        raise ValidationError(f"“{name}” is not a time zone; write one like Europe/Berlin.")


class Plan(models.Model):
    class Days(models.TextChoices):
        DAILY = "daily", "every day"
        WEEKDAYS = "weekdays", "Monday to Friday"
        WEEKLY = "weekly", "once a week"

    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_time_zone])
    delivery_hour = models.PositiveSmallIntegerField(
        default=7, validators=[MaxValueValidator(23)], help_text="0 to 23, in the reader's own time zone"
    )
    days = models.CharField(max_length=10, choices=Days, default=Days.DAILY)
    weekday = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(6)], help_text="for once a week: Monday is 0"
    )
    paused_until = models.DateField(null=True, blank=True)
    next_digest_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_edition_on = models.DateField(null=True, blank=True, editable=False)
    # The earliest date promised since: a journey over the date line can put it off, and one back bring it again.
    promised_on = models.DateField(null=True, blank=True, editable=False)

    email: "models.EmailField[str, str]"
    PLAN = ("next_digest_at", "promised_on")  # what planning writes
    PLANNED_BY = (
        "email",
        "time_zone",
        "delivery_hour",
        "days",
        "weekday",
        "paused_until",
        "last_edition_on",
        "promised_on",
    )

    class Meta:
        abstract = True

    @property
    def today(self) -> date:
        return local_date(timezone.now(), self.time_zone)

    @property
    def delivery_days(self) -> frozenset[int]:
        if self.days == self.Days.WEEKDAYS:
            return WEEKDAYS
        return frozenset([self.weekday]) if self.days == self.Days.WEEKLY else EVERY_DAY

    @property
    def jitter(self) -> timedelta:
        """Where in the slot this reader stands: fixed by the address, even over addresses."""
        return timedelta(seconds=crc32(self.email.encode()) % SLOT_SECONDS)

    @property
    def over_until(self) -> date | None:
        """The last date that gets no digest any more: it has had one, or the pause holds it."""
        eve = self.paused_until - timedelta(days=1) if self.paused_until else None
        return max((day for day in (eve, self.last_edition_on) if day is not None), default=None)

    def slot_after(self, moment: datetime) -> datetime:
        """Return the first slot after `moment`, in UTC, on a date that has not had its digest and is not paused."""
        return next_slot(moment, **self._wishes)

    def edition_date(self, slot: datetime) -> date:
        """Return the date, where the reader lives, of a slot that `slot_after` gave."""
        return local_date(slot, self.time_zone)

    def replan(self, now: datetime, before: "Plan | None") -> None:
        """Promise the next digest anew at `now`, where `before` is the plan as it stood; what is due already stays due.

        Not where that would be another date by now, after a change of zone, or one that a pause holds.
        """
        promised = self._still_promised(before)
        if before is not None and before.next_digest_at is not None and before.next_digest_at <= now:
            day = before.edition_date(before.next_digest_at)
            if day == self.edition_date(before.next_digest_at) and not self._is_over(day):
                self.next_digest_at = before.next_digest_at
                return
        self.next_digest_at = replanned(now, promised=promised, **self._wishes)
        day = self.edition_date(self.next_digest_at)
        self.promised_on = min(day, promised or day)

    def _still_promised(self, before: "Plan | None") -> date | None:
        """Return the earliest date that was promised since the last digest, unless the plan leaves it out by now."""
        if before is None or before.next_digest_at is None:
            return None
        promised = [before.edition_date(before.next_digest_at)]
        if before.promised_on is not None and before.promised_on.weekday() in self.delivery_days:
            promised.append(before.promised_on)
        return min((day for day in promised if not self._is_over(day)), default=None)

    def _is_over(self, day: date) -> bool:
        return self.over_until is not None and day <= self.over_until

    def take_due(self, now: datetime) -> Iterator[tuple[date, datetime]]:
        """Yield the dates that are due by `now`, each with its slot, and promise the next one.

        There is more than one where the service stood still. Of a long time the first date is told, whose edition may
        have begun, and the last days.
        """
        slot = self.next_digest_at
        while slot is not None and slot <= now:
            day = self.edition_date(slot)
            if not self._is_over(day):
                self.last_edition_on = day
                yield day, slot
            slot = self.slot_after(max(slot, now - MISSED))
        self.next_digest_at = slot

    @property
    def _wishes(self) -> dict[str, Any]:
        return {
            "zone": self.time_zone,
            "hour": self.delivery_hour,
            "days": self.delivery_days,
            "jitter": self.jitter,
            "last": self.over_until,
        }


def changes_plan(fields: Iterable[str] | None) -> bool:
    """Whether saving these fields of a reader (None: all) writes the promise."""
    return fields is None or "next_digest_at" in fields
