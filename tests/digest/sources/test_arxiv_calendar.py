from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.arxiv_calendar import batch_day, days_between, is_announcement_day, next_batch_at, readable_at

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(date(1992, 1, 1), date(2100, 1, 1))
MOMENTS = st.datetimes(datetime(1992, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def eastern(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-04T00:00", date(2026, 3, 3)),
        ("2026-03-04T00:09:59", date(2026, 3, 3)),
        ("2026-03-04T00:10", date(2026, 3, 4)),
        ("2026-03-04T20:30", date(2026, 3, 4)),  # announced, but no feed is rebuilt before midnight
        ("2026-03-04T23:59", date(2026, 3, 4)),
        ("2026-03-07T00:05", date(2026, 3, 6)),
        ("2026-03-07T12:00", date(2026, 3, 6)),
        ("2026-03-08T21:00", date(2026, 3, 6)),
        ("2026-03-09T00:09", date(2026, 3, 6)),
        ("2026-03-09T00:10", date(2026, 3, 9)),
        ("2026-11-26T09:00", date(2026, 11, 26)),  # a holiday: the feed is dated, and empty
    ],
)
def test_batch_day_is_the_latest_weekday_whose_feed_is_there(moment: str, day: date) -> None:
    assert batch_day(eastern(moment)) == day


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        ("2026-03-04T00:09", "2026-03-04T05:10"),
        ("2026-03-04T00:10", "2026-03-05T05:10"),
        ("2026-03-06T12:00", "2026-03-09T04:10"),  # clocks go forward on the Sunday
        ("2026-03-07T12:00", "2026-03-09T04:10"),
        ("2026-03-09T00:00", "2026-03-09T04:10"),
        ("2026-10-30T12:00", "2026-11-02T05:10"),  # and back
        ("2026-12-31T12:00", "2027-01-01T05:10"),
    ],
)
def test_next_batch_comes_ten_minutes_after_midnight_in_new_york(moment: str, due: str) -> None:
    assert next_batch_at(eastern(moment)).isoformat() == f"{due}:00+00:00"


def test_calendar_reads_a_moment_of_any_zone() -> None:
    moment = eastern("2026-03-04T00:10")
    assert batch_day(moment.astimezone(UTC)) == batch_day(moment.astimezone(BERLIN)) == date(2026, 3, 4)
    assert next_batch_at(moment.astimezone(BERLIN)) == eastern("2026-03-05T00:10")


@given(MOMENTS)
def test_batch_day_is_a_weekday_that_has_begun(moment: datetime) -> None:
    day = batch_day(moment)
    assert is_announcement_day(day)
    assert timedelta(0) <= moment - readable_at(day) < timedelta(days=3, hours=1)


@given(MOMENTS)
def test_next_batch_is_the_first_after_that_of_the_moment(moment: datetime) -> None:
    due = next_batch_at(moment)
    assert moment < due
    assert batch_day(due - timedelta(microseconds=1)) == batch_day(moment)
    assert days_between(batch_day(moment), batch_day(due)) == []
    assert batch_day(due) > batch_day(moment)


@given(MOMENTS, MOMENTS)
def test_batch_day_never_goes_back(one: datetime, other: datetime) -> None:
    assert batch_day(min(one, other)) <= batch_day(max(one, other))


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        ("2026-03-03", "2026-03-04", []),
        ("2026-03-03", "2026-03-06", ["2026-03-04", "2026-03-05"]),
        ("2026-03-06", "2026-03-09", []),
        ("2026-03-05", "2026-03-10", ["2026-03-06", "2026-03-09"]),
        ("2026-03-07", "2026-03-08", []),
        ("2026-03-04", "2026-03-04", []),
        ("2026-03-10", "2026-03-03", []),
    ],
)
def test_days_between_leaves_out_both_ends_and_weekends(first: str, last: str, days: list[str]) -> None:
    found = days_between(date.fromisoformat(first), date.fromisoformat(last))
    assert [day.isoformat() for day in found] == days


@given(DAYS, st.integers(0, 60))
def test_days_between_holds_each_weekday_once(first: date, length: int) -> None:
    inside = [first + timedelta(days=number) for number in range(1, length)]
    assert days_between(first, first + timedelta(days=length)) == [day for day in inside if day.weekday() < 5]
