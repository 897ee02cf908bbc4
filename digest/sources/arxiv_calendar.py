"""arXiv's calendar: which day's batch its feeds should be showing, and when the next one can be read.

arXiv announces from Sunday to Thursday at 20:00 Eastern time, and rebuilds its feeds at the midnight that follows: they
are dated Monday to Friday. Holidays need no table: a feed is then dated as ever, and empty. Whether a feed really shows
the batch that it should, and what follows where it does not, is left to `digest.ingest`.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")
READABLE = time(0, 10)  # Eastern time; feeds are rebuilt from midnight on, and that takes its minutes

_DAY = timedelta(days=1)
_SATURDAY = 5


def is_announcement_day(day: date) -> bool:
    return day.weekday() < _SATURDAY


def batch_day(moment: datetime) -> date:
    """Return the day of the latest batch that can be read at `moment`: on weekends, Friday's."""
    local = moment.astimezone(EASTERN)
    day = local.date() if local.time() >= READABLE else local.date() - _DAY
    while not is_announcement_day(day):
        day -= _DAY
    return day


def next_batch_at(moment: datetime) -> datetime:
    """Return when the first batch after that of `batch_day(moment)` can be read, in UTC."""
    day = batch_day(moment) + _DAY
    while not is_announcement_day(day):
        day += _DAY
    return readable_at(day)


def readable_at(day: date) -> datetime:
    """Return when the batch of `day` can be read, in UTC."""
    return datetime.combine(day, READABLE, tzinfo=EASTERN).astimezone(UTC)


def days_between(first: date, last: date) -> list[date]:
    """Return the announcement days after `first` and before `last`, both left out; none where `last` is not later."""
    days = (first + number * _DAY for number in range(1, (last - first).days))
    return [day for day in days if is_announcement_day(day)]
