"""Counts what the admin's front page shows, every few minutes, so that no visit to it reads a million rows.

Days whose editions are closed are counted once: their numbers change no more, but for late reports of providers, which
count on the day on which they come.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from accounts.models import Reader
from digest.models import DayTally, Digest, Edition, Letter, MailEvent, Signup, Suppression, Tally

DAYS = 30
OPEN_DAYS = 4  # today, tomorrow (where it begins earlier), and those before that still change
OLD = timedelta(minutes=20)  # after which nobody has counted for a while
LATE = timedelta(minutes=30)  # longer than mail should wait
TROUBLE = (MailEvent.Kind.HARD_BOUNCE, MailEvent.Kind.SOFT_BOUNCE, MailEvent.Kind.COMPLAINT, MailEvent.Kind.REJECTED)
Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stood at `taken_at`; `days` holds the last thirty, the oldest first. Old: nobody has counted since."""

    taken_at: datetime
    is_old: bool
    now: Counts
    days: dict[date, Counts]


def bring_up_to_date(now: datetime) -> int:
    """Count what has changed and keep it; return how many readers and digests were counted."""
    known = set(DayTally.objects.filter(day__in=_days(now)).values_list("day", flat=True))
    days = [day for day in _days(now) if day not in known or day > now.date() - timedelta(days=OPEN_DAYS)]
    counted, standing = count_days(days), count_now(now)
    for day, counts in counted.items():
        DayTally.objects.update_or_create(day=day, defaults={"counts": counts, "taken_at": now})
    Tally.objects.update_or_create(pk=1, defaults={"counts": standing, "taken_at": now})
    DayTally.objects.filter(day__lt=now.date() - timedelta(days=365)).delete()
    return standing["readers"] + sum(sum(counts.values()) for counts in counted.values())


def standing(now: datetime) -> Standing:
    """Return the latest tallies, however old; where nobody has ever counted, count now, and keep nothing."""
    tally = Tally.objects.filter(pk=1).first()
    if tally is None:
        return Standing(now, True, count_now(now), count_days(_days(now)))
    kept = dict(DayTally.objects.filter(day__in=_days(now)).values_list("day", "counts"))
    days = {day: kept.get(day, {}) for day in _days(now)}
    return Standing(tally.taken_at, tally.taken_at <= now - OLD, tally.counts, days)


def _days(now: datetime) -> list[date]:
    return [now.date() - timedelta(days=ago) for ago in reversed(range(DAYS))]


def count_days(days: Collection[date]) -> dict[date, Counts]:
    """Count the mail of `days`: closed editions as they closed, open ones by their digests, and what was reported."""
    counted: dict[date, Counts] = {day: {} for day in days}
    editions = {edition.pk: edition for edition in Edition.objects.filter(date__in=days)}
    for edition in editions.values():
        if edition.closed_at:
            counted[edition.date] |= edition.closed_with
    still_open = [pk for pk, edition in editions.items() if edition.closed_at is None]
    for pk, by_state in Digest.objects.by_edition(still_open).items():
        counted[editions[pk].date] |= by_state
    since = datetime.combine(min(days), time(0), tzinfo=UTC)
    events = MailEvent.objects.filter(at__gte=since, kind__in=TROUBLE).order_by()
    for day, kind, n in events.values_list(TruncDate("at"), "kind").annotate(Count("pk")):
        if day in counted:
            counted[day][kind] = n
    return counted


def count_now(now: datetime) -> Counts:
    by_state = Reader.objects.order_by().values_list("state").annotate(Count("pk"))
    states = dict(by_state)
    day = now - timedelta(days=1)
    recent = Letter.objects.filter(posted_at__gt=day)
    return {
        "readers": sum(states.values()),
        **states,
        "suppressed": Suppression.objects.exclude(reason=Suppression.Reason.ERASED).count(),
        "letters": recent.count(),
        "letters failed": recent.filter(state__in=[Letter.State.FAILED, Letter.State.EXPIRED]).count(),
        "letters late": Letter.objects.due(now - LATE).count(),
        "digests late": Digest.objects.due(now - LATE).count(),
        "sign-ups": Signup.objects.filter(asked_at__gt=now - timedelta(days=7)).count(),
        "sign-ups waiting": Signup.objects.waiting().filter(asked_at__range=(now - timedelta(days=7), day)).count(),
    }
