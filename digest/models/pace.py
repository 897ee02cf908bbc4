"""A Pace: how fast mail may go, for the whole mail system in one row, and in others for groups of recipient domains.

Limits (`Limits`) are data that staff change. Beside them a row holds how things stand: what has gone today, when the
next may go, and (`Breaker`) until when the way is closed, how far it is slowed down, whether mail is stopped. Whose
mail is counted where, and what follows, is `digest.delivery.pace`'s business.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from math import floor
from typing import Any

from django.db import models, transaction

from accounts.bulk import write_each
from digest.models.breaker import LONGEST_BACK_OFF, TRIAL, Breaker, Heard
from digest.models.claims import LEASE
from digest.models.limits import Limits

ALL_MAIL = "All mail"
SLOW_FROM = 64.0  # mails a second: what each back-off halves where no limit is set
SECOND = timedelta(seconds=1)
NO_LIMIT = 2**31


class PaceQuerySet(models.QuerySet["Pace"]):
    def all_mail(self) -> "Pace":
        return self.get_or_create(is_all_mail=True, defaults={"name": ALL_MAIL})[0]

    def limited(self, now: datetime) -> "PaceQuerySet":
        """Rows of which room must be taken, or may have to be: `Pace.is_limited` decides."""
        limits = ("per_second", "per_day", "warm_up_from", "stopped_at")
        some = models.Q(is_paused=True) | models.Q(closed_until__gt=now) | models.Q(backoffs__gt=0)
        for limit in limits:
            some |= models.Q(**{f"{limit}__isnull": False})
        return self.filter(some)

    @contextmanager
    def changing(self, keys: Collection[int]) -> Iterator[list["Pace"]]:
        """Give rows that nobody else changes meanwhile, and keep how they stand at the end of the block.

        All lock in one order, so that nobody waits for another in a circle.
        """
        with transaction.atomic():
            rows = list(self.filter(pk__in=keys).select_for_update().order_by("pk"))
            before = [row.state() for row in rows]
            yield rows
            changes = [
                now.items() - then.items() for now, then in zip((row.state() for row in rows), before, strict=True)
            ]
            if names := {name for changed in changes for name, _ in changed}:
                write_each(self.model, [({"id": row.pk}, {name: getattr(row, name) for name in names}) for row in rows])


class Pace(Limits, Breaker):
    name = models.CharField(max_length=253, unique=True)
    is_all_mail = models.BooleanField(default=False, editable=False)

    is_paused = models.BooleanField("paused", default=False, help_text="no digest goes until somebody takes this back")

    # When the next mail may go if they go evenly, and when the last of those may that were told to wait.
    free_at = models.DateTimeField(null=True, blank=True, editable=False)
    line_at = models.DateTimeField(null=True, blank=True, editable=False)
    counted_on = models.DateField(null=True, blank=True, editable=False)
    counted = models.PositiveIntegerField(default=0, editable=False)

    # These only grow.
    accepted_total = models.PositiveBigIntegerField(default=0, editable=False)
    failed_total = models.PositiveBigIntegerField(default=0, editable=False)
    retried_total = models.PositiveBigIntegerField(default=0, editable=False)
    uncertain_total = models.PositiveBigIntegerField(default=0, editable=False)

    objects = PaceQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "pace", "pace"
        constraints = [
            models.UniqueConstraint(
                fields=["is_all_mail"], condition=models.Q(is_all_mail=True), name="pace_all_mail_once"
            ),
            models.CheckConstraint(
                condition=models.Q(per_second__isnull=True) | models.Q(per_second__gt=0),
                name="pace_per_second_positive",
            ),
            models.CheckConstraint(
                condition=models.Q(per_day__isnull=True) | models.Q(per_day__gt=0), name="pace_per_day_positive"
            ),
            models.CheckConstraint(
                condition=models.Q(warm_up_from__isnull=True, warm_up_first__isnull=True, warm_up_growth__isnull=True)
                | models.Q(
                    warm_up_from__isnull=False,
                    warm_up_first__isnull=False,
                    warm_up_first__gt=0,
                    warm_up_growth__isnull=False,
                    warm_up_growth__gte=1,
                ),
                name="pace_warm_up_whole",
            ),
            models.CheckConstraint(
                condition=models.Q(stopped_at__isnull=True, is_trial=False)
                | models.Q(stopped_at__isnull=False, closed_until__isnull=False, stops__gt=0),
                name="pace_stopped_is_closed",
            ),
            models.CheckConstraint(
                condition=models.Q(window_refused__lte=models.F("window_mails")), name="pace_refused_of_mails"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def state(self) -> dict[str, Any]:
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}

    @property
    def rate(self) -> float | None:
        """How many mails a second may go at present; None where there is no limit."""
        if not self.backoffs:
            return self.per_second
        return (self.per_second or SLOW_FROM) / 2.0**self.backoffs

    def is_closed(self, now: datetime) -> bool:
        return self.is_paused or self.is_shut(now)

    def is_limited(self, now: datetime) -> bool:
        """Whether room must be taken before mail goes."""
        if self.is_closed(now) or self.stopped_at is not None:
            return True
        return self.rate is not None or self.limit_on(now.date()) is not None

    def counted_on_day(self, day: date) -> int:
        return self.counted if self.counted_on == day else 0

    def left_today(self, now: datetime) -> int:
        limit = self.limit_on(now.date())
        return NO_LIMIT if limit is None else max(0, limit - self.counted_on_day(now.date()))

    def take(self, wanted: int, now: datetime) -> int:
        """Take room for up to `wanted` mails; return for how many there is some."""
        if self.is_closed(now):
            return 0
        taken = min(wanted, self.left_today(now), self._left_this_second(now))
        if self.stopped_at is not None and taken > 0:
            taken = min(taken, TRIAL)
            self.is_trial, self.closed_until = True, now + LEASE
        if taken <= 0:
            return 0
        if self.limit_on(now.date()) is not None:
            self._count(taken, now)
        if rate := self.rate:
            self.free_at = self._free_from(now) + taken / rate * SECOND
        return taken

    def give_back(self, unused: int, now: datetime) -> None:
        """Take back room that was not used."""
        self._uncount(unused, now)
        if (rate := self.rate) and self.free_at is not None:
            self.free_at -= unused / rate * SECOND

    def opens_at(self, now: datetime) -> datetime:
        """Return when the next mail may go, as far as can be known."""
        if self.is_paused:
            return now + LONGEST_BACK_OFF
        if self.closed_until is not None and self.closed_until > now:
            return self.closed_until
        if self.left_today(now) == 0:
            return datetime.combine(now.date() + timedelta(days=1), time(0), tzinfo=UTC)
        if (rate := self.rate) and self.free_at is not None:
            return max(now, self._free_from(now) + SECOND / rate - _burst(rate))
        return now

    def line_up(self, waiting: int, now: datetime) -> list[datetime]:
        """Return when each of `waiting` mails for which there is no room should be tried again, one after the other.

        A line that gets too long begins anew at its front: by then things may stand better.
        """
        opens = self.opens_at(now)
        step = SECOND / (self.rate or SLOW_FROM)
        last = self.line_at if self.line_at and opens <= self.line_at < opens + LONGEST_BACK_OFF else opens
        times = [last + step * place for place in range(1, waiting + 1)]
        self.line_at = times[-1] if times else self.line_at
        return times

    def learn(self, heard: Heard, now: datetime, *, took_room: bool = True) -> bool:
        """Count what a mail system said, and draw the consequences; return whether mail stopped just now."""
        self.accepted_total += heard.accepted
        self.failed_total += heard.failed
        self.retried_total += heard.retried
        self.uncertain_total += heard.uncertain
        if took_room and self.limit_on(now.date()) is not None:
            self._uncount(heard.failed + heard.retried, now)
        else:
            self._count(heard.accepted + heard.uncertain, now)
        return self.heed(heard, now)

    @property
    def reasons(self) -> dict[str, str]:
        """Why mail may have to wait here, in words that stay the same as long as the reason does."""
        whose, to = ("the mail system", "") if self.is_all_mail else (self.name, f" to {self.name}")
        return {
            "paused": f"staff paused mail{to}",
            "stopped": f"{whose} refused too many mails",
            "shut": f"{whose} wanted to be left alone for a while",
            "day": f"as many mails{to} as may go in a day had gone",
            "second": f"{whose} gets no more mails a second",
        }

    def holds_because(self, now: datetime) -> str:
        if self.is_paused:
            return self.reasons["paused"]
        if self.stopped_at is not None:
            return self.reasons["stopped"]
        if self.is_shut(now):
            return self.reasons["shut"]
        return self.reasons["day" if self.left_today(now) == 0 else "second"]

    def go_on(self) -> None:
        """Forget all trouble: mail goes again at once, as fast as the limits allow."""
        self.is_paused, self.free_at, self.line_at = False, None, None
        self.forget_trouble()

    def _count(self, mails: int, now: datetime) -> None:
        self.counted, self.counted_on = self.counted_on_day(now.date()) + mails, now.date()

    def _uncount(self, mails: int, now: datetime) -> None:
        """Count fewer for today. What may have been taken yesterday is not given to today."""
        if self.limit_on(now.date()) is not None and (now - LEASE).date() == self.counted_on == now.date():
            self.counted = max(0, self.counted - mails)

    def _free_from(self, now: datetime) -> datetime:
        """Return from when the next mail may go. What is too far ahead was said by a clock that has been set back."""
        is_ahead = self.free_at is not None and now < self.free_at <= now + max(LEASE, 2 * _burst(self.rate or 1))
        return self.free_at if is_ahead and self.free_at else now

    def _left_this_second(self, now: datetime) -> int:
        if not (rate := self.rate):
            return NO_LIMIT
        ahead = self._free_from(now) - now
        return floor((_burst(rate) - ahead) / SECOND * rate + 1e-6)


def _burst(rate: float) -> timedelta:
    """How long's worth of mails may go at once: a second's, and one at least."""
    return max(SECOND, SECOND / rate)
