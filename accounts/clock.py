"""A reader's own clock: which date it is there, and when the next digest is due.

Each date that a reader wants has one digest, due at the reader's hour. A plan that changes keeps its promise: where the
digest of today was still to come and the new hour has passed, it is due at once; where today's is behind, or the pause
or the days leave today out, the next date follows. Who moves east over the date line before a digest came, so that its
date is over, gets today's instead, whichever day that is. Nobody is owed what was never promised: a new reader, and one
who comes back, begin with the next hour that strikes.

Pure date arithmetic on time zones; what is due is a column of Reader, and acting on it is left to `digest.delivery`.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

EVERY_DAY = frozenset(range(7))
WEEKDAYS = frozenset(range(5))


@cache
def known_zones() -> frozenset[str]:
    """Return the names of all time zones. They are read from many files, so once."""
    return frozenset(available_timezones())


def local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


@lru_cache(maxsize=10_000)  # what few zones and hours say on few days is asked for very many readers
def slot_on(day: date, *, zone: str, hour: int) -> datetime:
    """Return the moment, in UTC, at which the clock in `zone` shows `hour` on `day`.

    Where clocks go back the hour comes twice and the first one counts; where they go forward and skip it, the moment
    after the gap does. Both are what fold=0 means (PEP 495): the offset from before the change is used. Only where the
    moment after the gap is another date (Nuuk skips from 23:00 to midnight) does the hour before the gap count: fold=1.
    """
    slot = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone))
    if local_date(slot.astimezone(UTC), zone) != day:
        slot = slot.replace(fold=1)
    return slot.astimezone(UTC)


def next_slot(
    after: datetime,
    *,
    zone: str,
    hour: int,
    days: Collection[int] = EVERY_DAY,
    jitter: timedelta = timedelta(0),
    last: date | None = None,
) -> datetime:
    """Return the first moment later than `after` at which a digest is due, in UTC.

    `days` are weekdays (Monday is 0). `jitter` moves the moment inside the slot. No date up to and including `last`
    is served again, so that a change of zone or hour cannot bring two digests for one date. Raises ValueError where
    `days` holds no weekday.
    """
    if EVERY_DAY.isdisjoint(days):
        raise ValueError(f"there is no weekday in {sorted(days)}")
    day = local_date(after - jitter, zone)
    if last is not None:
        day = max(day, last + timedelta(days=1))
    while True:
        due = slot_on(day, zone=zone, hour=hour) + jitter
        if day.weekday() in days and due > after:
            return due
        day += timedelta(days=1)


def replanned(
    now: datetime,
    *,
    promised: date | None,
    zone: str,
    hour: int,
    days: Collection[int] = EVERY_DAY,
    jitter: timedelta = timedelta(0),
    last: date | None = None,
) -> datetime:
    """Return when a digest is due after a change at `now`, where the plan before `promised` the one of that date.

    As `next_slot`, but that what is owed to the reader is due at once.
    """
    slot = next_slot(now, zone=zone, hour=hour, days=days, jitter=jitter, last=last)
    today = local_date(now, zone)
    if promised is None or promised > today or (last is not None and last >= today):
        return slot
    is_owed = today.weekday() in days or promised < today
    return now if is_owed and local_date(slot, zone) > today else slot
