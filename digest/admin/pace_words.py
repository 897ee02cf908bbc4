"""How fast mail goes, in words for staff."""

from datetime import datetime

from django.utils.formats import date_format

from digest.models import Pace


def how_it_stands(pace: Pace, now: datetime) -> str:
    if pace.is_paused:
        return "paused by staff"
    if pace.stopped_at is not None:
        return f"stopped since {moment(pace.stopped_at)}; {_trial(pace, now)}"
    if pace.is_shut(now):
        return f"left alone until {moment(pace.closed_until)}"
    if pace.left_today(now) == 0:
        return "today's limit is reached; the others go tomorrow"
    if pace.backoffs:
        return f"slowed down to {pace.rate:g} {_mails(pace.rate)} a second"
    return "goes"


def trouble_in_words(pace: Pace, now: datetime) -> str:
    """Return a sentence where mail does not go as fast as staff allow, nothing where it does."""
    mail = "Mail" if pace.is_all_mail else f"Mail to {pace}"
    said = f": {pace.trouble}" if pace.trouble else ""
    if pace.is_paused:
        return f"{mail} is paused by staff: no digest goes until it is taken back."
    if pace.stopped_at is not None:
        return f"{mail} has been stopped since {moment(pace.stopped_at)}, too many were refused{said}"
    if pace.is_shut(now):
        return f"{mail} waits until {moment(pace.closed_until)}{said}"
    if pace.left_today(now) == 0:
        return f"{mail} has reached today's limit of {pace.limit_on(now.date()):,}; the others go tomorrow."
    return f"{mail} is slowed down to {pace.rate:g} {_mails(pace.rate)} a second{said}" if pace.backoffs else ""


def today_in_words(pace: Pace, now: datetime) -> str:
    sent, limit = pace.counted_on_day(now.date()), pace.limit_on(now.date())
    return f"{sent:,}" if limit is None else f"{sent:,} of {limit:,}"


def limits_in_words(pace: Pace) -> str:
    said = [
        f"{pace.per_second:g} a second" if pace.per_second else "",
        f"{pace.per_day:,} a day" if pace.per_day else "",
        f"warm-up from {date_format(pace.warm_up_from, 'j F Y')}" if pace.warm_up_from else "",
    ]
    return ", ".join(filter(None, said)) or "none"


def _trial(pace: Pace, now: datetime) -> str:
    if pace.is_trial:
        return "a few mails are on trial"
    return f"a few go for trial at {moment(pace.closed_until)}" if pace.is_shut(now) else "the next few are a trial"


def moment(at: datetime | None) -> str:
    return f"{date_format(at, 'j F, H:i')} UTC" if at else "any moment"


def _mails(rate: float | None) -> str:
    return "mail" if rate == 1 else "mails"
