from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from digest.sources.dates import day, moment, past

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
EASTERN = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 03 Mar 2026 08:30:00 GMT", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ("Tue, 03 Mar 2026 08:30:00 EST", datetime(2026, 3, 3, 13, 30, tzinfo=UTC)),
        ("03 Mar 2026 08:30:00 +0200", datetime(2026, 3, 3, 6, 30, tzinfo=UTC)),
        ("Di, 3 Mar 2026 08:30:00 +0000", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ("3 Mar 2026", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-03-03T08:30:00Z", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ("2026-03-03T08:30:00.125Z", datetime(2026, 3, 3, 8, 30, 0, 125000, tzinfo=UTC)),
        ("2026-03-03 08:30:00 UTC", datetime(2026, 3, 3, 8, 30, tzinfo=UTC)),
        ("2026-03-03T08:30:00-05:00", datetime(2026, 3, 3, 13, 30, tzinfo=UTC)),
        ("  2026-03-03\n", datetime(2026, 3, 3, tzinfo=UTC)),
        ("2026-3-3", datetime(2026, 3, 3, tzinfo=UTC)),
    ],
)
def test_moment_of_a_full_date(text: str, expected: datetime) -> None:
    assert moment(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "06/03/2026",  # March or June
        "2026",
        "2026-03",
        "March 2026",
        "30 Feb 2026 10:00:00 GMT",
        "2026-13-01",
        "Tue, 03 Mar 2026 00:00:00 +9900",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "1899-12-31",
        "1717200000",
        "17172000001717200000",
        "2026-W10-2",
        "2026-03-03T25:00:00Z",
    ],
)
def test_moment_of_a_date_that_is_missing_ambiguous_or_impossible_is_none(text: str) -> None:
    assert moment(text) is None


def test_moment_keeps_the_offset_it_was_written_with() -> None:
    found = moment("Tue, 03 Mar 2026 08:30:00 +0200")
    assert found is not None
    assert found.utcoffset() == timedelta(hours=2)


def test_moment_without_zone_is_utc() -> None:
    assert moment("2026-03-03T08:30:00") == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)


def test_day_is_the_day_as_written() -> None:
    assert day("Tue, 03 Mar 2026 23:30:00 -0500") == date(2026, 3, 3)


def test_day_in_a_zone_is_the_day_people_saw_there() -> None:
    assert day("2026-03-04T03:00:00Z", EASTERN) == date(2026, 3, 3)
    assert day("2026-03-04T05:00:00Z", EASTERN) == date(2026, 3, 4)


def test_day_of_no_date_is_none() -> None:
    assert day("soon", EASTERN) is None


def test_past_keeps_what_has_happened() -> None:
    earlier = NOW - timedelta(days=400)
    assert past(earlier, NOW) == earlier


def test_past_keeps_a_day_ahead_because_zones_differ() -> None:
    ahead = datetime(2026, 3, 5, 9, tzinfo=timezone(timedelta(hours=9)))
    assert past(ahead, NOW) == ahead


@pytest.mark.parametrize("planned", [NOW + timedelta(days=2), datetime(2099, 1, 1, tzinfo=UTC), None])
def test_past_of_a_planned_date_or_none_is_none(planned: datetime | None) -> None:
    assert past(planned, NOW) is None


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-14:00", "Fri, 31 Dec 9999 23:59:59 -1400"])
def test_moment_that_no_other_zone_knows_is_none(text: str) -> None:
    assert moment(text) is None
