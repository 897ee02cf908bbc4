from datetime import UTC, date, datetime, timedelta
from math import ceil
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.schedule import after_failure, after_success, is_hopeless
from digest.models import Source
from digest.sources.arxiv_calendar import batch_day, is_announcement_day, next_batch_at, readable_at
from tests.make import NOON

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
KINDS = st.sampled_from(Source.Kind.values)


class Chance(Random):
    """Always the same chance: 0 for the earliest moment, 1 for the latest."""

    def __init__(self, value: float) -> None:
        super().__init__()
        self.value = value

    def random(self) -> float:
        return self.value


def source(**given: Any) -> Source:
    return Source(**{"kind": "feed", "check_minutes": 60} | given)


def pause(
    source: Source, *, fresh_seconds: int = 0, ttl_minutes: int = 0, chance: float = 0, now: datetime = NOON
) -> timedelta:
    """Return how long after a success the next visit is."""
    due = after_success(source, now, fresh_seconds=fresh_seconds, ttl_minutes=ttl_minutes, random=Chance(chance))
    return due - now


def retry(source: Source, *, retry_seconds: int | None = None, chance: float = 0) -> timedelta:
    """Return how long after a failure the next visit is."""
    return after_failure(source, NOON, retry_seconds=retry_seconds, random=Chance(chance)) - NOON


def eastern(text: str) -> datetime:
    """Return the moment, in UTC, at which clocks in New York show `text`."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


# After a success


@pytest.mark.parametrize(
    ("own", "ttl", "fresh", "expected"),
    [
        (60, 0, 0, 60),
        (60, 120, 0, 120),
        (60, 30, 0, 60),
        (60, 0, 7200, 120),
        (60, 90, 7200, 120),
        (0, 0, 0, 5),
        (5, 1, 30, 5),
        (60, 10**12, 0, 24 * 60),  # longer than anybody waits
        (60, 0, 10**15, 24 * 60),
        (7 * 24 * 60, 0, 10**15, 7 * 24 * 60),  # but what staff have set holds
        (60, -5, -1, 60),
    ],
)
def test_next_check_is_the_longest_that_staff_feed_and_headers_ask_for(
    own: int, ttl: int, fresh: int, expected: int
) -> None:
    assert pause(source(check_minutes=own), ttl_minutes=ttl, fresh_seconds=fresh) == expected * MINUTE


def test_next_check_is_spread_over_a_tenth_of_the_pause() -> None:
    assert pause(source(check_minutes=100), chance=1) == 110 * MINUTE
    assert pause(source(check_minutes=100), chance=0.5) == 105 * MINUTE


@given(KINDS, MOMENTS, st.integers(0, 7 * 24 * 60), st.tuples(st.integers(), st.integers()), st.randoms())
def test_next_check_is_always_later_and_within_reach(
    kind: str, now: datetime, own: int, asked: tuple[int, int], random: Random
) -> None:
    checked = source(kind=kind, check_minutes=own)
    due = after_success(checked, now, fresh_seconds=asked[0], ttl_minutes=asked[1], random=random)
    assert now + 5 * MINUTE <= due or kind == "arxiv"  # whose next batch may be there in a minute
    assert now < due < now + 8 * DAY


# arXiv's feeds


@pytest.mark.parametrize(
    ("now", "due"),
    [
        ("2026-03-04T00:15", "2026-03-05T00:10"),
        ("2026-03-04T23:00", "2026-03-05T00:10"),
        ("2026-03-06T09:00", "2026-03-09T00:10"),  # Friday to Monday, over a change of the clocks
        ("2026-03-07T09:00", "2026-03-09T00:10"),
    ],
)
def test_arxiv_waits_for_the_next_batch_once_it_has_the_current_one(now: str, due: str) -> None:
    moment = eastern(now)
    checked = source(kind="arxiv", batch_on=batch_day(moment), check_minutes=5)
    assert moment + pause(checked, now=moment) == eastern(due)
    assert moment + pause(checked, now=moment, chance=1) == eastern(due) + 20 * MINUTE


@pytest.mark.parametrize(
    ("now", "earliest", "latest"),
    [("00:15", 15, 30), ("05:59", 15, 30), ("06:00", 30, 60), ("12:00", 30, 60), ("23:30", 30, 60)],
)
def test_arxiv_asks_again_while_its_batch_is_late(now: str, earliest: int, latest: int) -> None:
    moment = eastern(f"2026-03-04T{now}")
    checked = source(kind="arxiv", batch_on=date(2026, 3, 3))
    assert pause(checked, now=moment) == earliest * MINUTE
    assert pause(checked, now=moment, chance=1) == latest * MINUTE


def test_arxiv_asks_again_before_its_first_batch() -> None:
    assert pause(source(kind="arxiv"), now=eastern("2026-03-04T12:00")) == 30 * MINUTE


@pytest.mark.parametrize("now", ["2026-03-07T00:20", "2026-03-08T23:59"])
def test_arxiv_is_left_alone_on_weekends_even_where_friday_is_missing(now: str) -> None:
    moment = eastern(now)
    checked = source(kind="arxiv", batch_on=date(2026, 3, 5))
    assert moment + pause(checked, now=moment) == eastern("2026-03-09T00:10")


def test_arxiv_is_asked_whatever_its_headers_say() -> None:
    moment = eastern("2026-03-04T01:00")
    late = source(kind="arxiv", batch_on=date(2026, 3, 3))
    assert pause(late, now=moment, fresh_seconds=23 * 3600, ttl_minutes=1440) == 15 * MINUTE


@given(MOMENTS, st.randoms())
def test_arxiv_visits_every_batch_within_the_hour(now: datetime, random: Random) -> None:
    checked = source(kind="arxiv", batch_on=batch_day(now))
    due = after_success(checked, now, fresh_seconds=0, ttl_minutes=0, random=random)
    assert timedelta(0) <= due - next_batch_at(now) <= 20 * MINUTE
    assert batch_day(due) == batch_day(next_batch_at(now))


@given(st.lists(st.integers(0, 5 * 60), min_size=20, max_size=20), st.randoms())
def test_arxiv_sees_a_late_batch_soon_and_is_not_asked_too_often(lateness: list[int], random: Random) -> None:
    """Four weeks pass, with the end of summer time; the batch of each day is late by so many minutes."""
    days = filter(is_announcement_day, (date(2026, 10, 12) + number * DAY for number in range(26)))
    coming = {day: readable_at(day) + late * MINUTE for day, late in zip(days, lateness, strict=True)}
    checked, now, visits = source(kind="arxiv", batch_on=date(2026, 10, 9)), eastern("2026-10-10T12:00"), 0
    while coming:
        now = after_success(checked, now, fresh_seconds=0, ttl_minutes=0, random=random)
        visits += 1
        if coming[batch_day(now)] <= now:
            assert now - coming.pop(batch_day(now)) <= 30 * MINUTE
            checked.batch_on = batch_day(now)
    assert visits <= sum(1 + ceil(late / 15) for late in lateness)


# After a failure


@pytest.mark.parametrize(
    ("kind", "pauses"),
    [
        ("feed", [5, 10, 20, 40, 80, 160, 320, 360, 360]),
        ("arxiv", [5, 10, 20, 40, 60, 60]),
    ],
)
def test_retries_come_later_after_each_failure_up_to_a_limit(kind: str, pauses: list[int]) -> None:
    found = [retry(source(kind=kind, failures=number)) for number in range(1, len(pauses) + 1)]
    assert found == [minutes * MINUTE for minutes in pauses]
    assert retry(source(kind=kind, failures=30_000)) == pauses[-1] * MINUTE


def test_retry_is_spread_over_a_quarter_of_the_pause() -> None:
    assert retry(source(failures=3), chance=1) == 25 * MINUTE


@pytest.mark.parametrize("minutes", [5, 7 * 24 * 60])
def test_retry_does_not_depend_on_how_often_the_source_is_read(minutes: int) -> None:
    assert retry(source(failures=1, check_minutes=minutes)) == 5 * MINUTE
    assert retry(source(failures=20, check_minutes=minutes)) == 6 * HOUR


def test_retry_waits_for_as_long_as_the_server_says() -> None:
    assert retry(source(failures=1), retry_seconds=86_400) == DAY
    assert retry(source(failures=1), retry_seconds=86_400, chance=1) == DAY + timedelta(seconds=75)
    assert retry(source(failures=1), retry_seconds=1) == 5 * MINUTE
    assert retry(source(kind="arxiv", failures=1), retry_seconds=7200) == 2 * HOUR


@given(KINDS, MOMENTS, st.integers(0, 30_000), st.none() | st.integers(0, 7 * 86_400), st.randoms())
def test_retry_is_never_before_the_server_wants_it(
    kind: str, now: datetime, failures: int, seconds: int | None, random: Random
) -> None:
    due = after_failure(source(kind=kind, failures=failures), now, retry_seconds=seconds, random=random)
    assert due >= now + max(timedelta(seconds=seconds or 0), 5 * MINUTE)
    assert due <= now + max(timedelta(seconds=seconds or 0), 6 * HOUR) + 1.5 * HOUR


@given(KINDS, st.integers(1, 100), st.floats(0, 1), st.floats(0, 1))
def test_retry_never_comes_sooner_than_after_the_failure_before(
    kind: str, failures: int, one: float, other: float
) -> None:
    before, after = source(kind=kind, failures=failures), source(kind=kind, failures=failures + 1)
    assert retry(after) >= retry(before)
    if failures < 4:  # before the longest pause, not even by chance
        assert retry(after, chance=one) >= retry(before, chance=other)


# No more hope


def hopeless(**given: Any) -> str:
    stated = {"failures": 20, "failing_since": NOON - 7 * DAY, "last_error": "the server answers 500"}
    return is_hopeless(source(**stated | given), NOON)


def test_hope_ends_after_twenty_failures_and_a_week() -> None:
    assert hopeless() == "20 visits in a row failed since 25 February 2026: the server answers 500"
    assert hopeless(failures=1234).startswith("1234 visits in a row failed since ")


@pytest.mark.parametrize(
    "given",
    [
        {"failures": 19},
        {"failing_since": NOON - 7 * DAY + timedelta(seconds=1)},
        {"failures": 0, "failing_since": None},
        {"last_error_kind": "truncated", "failures": 500, "failing_since": NOON - 90 * DAY},
    ],
)
def test_hope_lasts_while_one_of_both_is_missing_or_whole_items_come(given: dict[str, Any]) -> None:
    assert hopeless(**given) == ""


def test_weekly_source_is_given_up_by_its_retries_not_by_its_interval() -> None:
    """Twenty tries fit into the week, so that a source which is read weekly is not kept for months."""
    now, weekly = NOON, source(check_minutes=7 * 24 * 60, failing_since=NOON, last_error="no answer")
    while not is_hopeless(weekly, now):
        weekly.failures += 1
        now = after_failure(weekly, now, retry_seconds=None, random=Chance(0.5))
    assert 7 * DAY <= now - NOON < 7.5 * DAY
