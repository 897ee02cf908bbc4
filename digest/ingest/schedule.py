"""When a source is visited next, and when there is no more hope for it.

Visits come late rather than early: all chance is added to a pause, never taken from it. What is known of the source is
in its row; the pace of a host is `politeness`'s business, and what a visit changes is `record`'s.
"""

from datetime import UTC, datetime, timedelta
from random import Random

from digest.models import Source
from digest.sources.arxiv_calendar import EASTERN, batch_day, is_announcement_day, next_batch_at

SHORTEST = timedelta(minutes=5)
LONGEST = timedelta(days=1)  # that a server's word about its freshness can put a visit off
SPREAD = 0.1  # of the pause after a success, at most: visits that were planned together drift apart

BATCH_SPREAD = timedelta(minutes=20)  # over which all categories are asked for a new batch
STALE_PAUSE = timedelta(minutes=15)  # at least, and twice that at most, until a late batch is asked for again
DAY_PAUSE = timedelta(minutes=30)  # the same once the morning's first hours have not brought it
MORNING_ENDS = 6  # o'clock, Eastern time

FIRST_RETRY = timedelta(minutes=5)  # then twice as long after each further failure
LAST_RETRY = timedelta(hours=6)
LAST_ARXIV_RETRY = timedelta(hours=1)  # its batch is gone the next day
RETRY_SPREAD = 0.25

HOPELESS_FAILURES = 20
HOPELESS_AFTER = timedelta(days=7)


def after_success(source: Source, now: datetime, *, fresh_seconds: int, ttl_minutes: int, random: Random) -> datetime:
    """Return when to come again: the longest of what staff, the feed and the answer's headers ask for.

    What staff have set holds whatever it is; the others together count for a day at most. arXiv's feeds follow its
    calendar instead: their headers forbid a second look before midnight, which would lose a day whose batch is late.
    """
    if source.kind == Source.Kind.ARXIV:
        return _after_batch(source, now, random)
    asked = timedelta(seconds=min(max(fresh_seconds, ttl_minutes * 60, 0), LONGEST.total_seconds()))
    pause = max(timedelta(minutes=source.check_minutes), asked, SHORTEST)
    return now + pause * (1 + SPREAD * random.random())


def _after_batch(source: Source, now: datetime, random: Random) -> datetime:
    """Wait for the next batch once the current one is here, and on weekends, when the feeds are empty."""
    local = now.astimezone(EASTERN)
    current = batch_day(now)
    is_here = source.batch_on is not None and source.batch_on >= current
    if is_here or not is_announcement_day(local.date()):
        return next_batch_at(now) + BATCH_SPREAD * random.random()
    pause = STALE_PAUSE if local.hour < MORNING_ENDS else DAY_PAUSE
    return now + pause * (1 + random.random())


def after_failure(source: Source, now: datetime, *, retry_seconds: int | None, random: Random) -> datetime:
    """Return when to try again: later after each failure, and never before the server wants to be asked again.

    A source that is due once a week is tried within hours all the same; `source.failures` counts the one just now.
    """
    longest = LAST_ARXIV_RETRY if source.kind == Source.Kind.ARXIV else LAST_RETRY
    doubled = min(max(source.failures - 1, 0), 10)  # enough to reach the longest; two to the power of all would be huge
    pause: timedelta = min(FIRST_RETRY * 2**doubled, longest)
    asked = timedelta(seconds=retry_seconds or 0)
    return now + max(pause, asked) + pause * RETRY_SPREAD * random.random()


def is_hopeless(source: Source, now: datetime) -> str:
    """Return why the source is not worth further visits, in words for staff; "" while there is hope.

    A document that is cut off each time is no such case: all of it that is whole is stored each time.
    """
    since = source.failing_since
    if since is None or source.failures < HOPELESS_FAILURES or now - since < HOPELESS_AFTER:
        return ""
    if source.last_error_kind == "truncated":
        return ""
    day = since.astimezone(UTC)
    return f"{source.failures} visits in a row failed since {day.day} {day:%B %Y}: {source.last_error}"
