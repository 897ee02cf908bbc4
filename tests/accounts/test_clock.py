from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.clock import EVERY_DAY, WEEKDAYS, local_date, next_slot, replanned, slot_on
from tests.accounts.moments import AUCKLAND, HONOLULU, HOURS, MOMENTS, ZONES, utc

BERLIN = "Europe/Berlin"
NEW_YORK = "America/New_York"
DAYS = st.frozensets(st.integers(0, 6), min_size=1)
JITTERS = st.integers(0, 899).map(lambda seconds: timedelta(seconds=seconds))


def slots(after: datetime, count: int, *, zone: str, hour: int) -> Iterator[datetime]:
    for _ in range(count):
        after = next_slot(after, zone=zone, hour=hour)
        yield after


@pytest.mark.parametrize(
    ("zone", "day"),
    [("UTC", 4), ("Pacific/Pago_Pago", 3), ("Pacific/Kiritimati", 5), ("Asia/Kathmandu", 4)],
)
def test_local_date_of_one_moment_is_the_zones_own(zone: str, day: int) -> None:
    assert local_date(utc(2026, 3, 4, 10, 30), zone) == date(2026, 3, day)


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", utc(2026, 3, 4, 7)),
        (BERLIN, utc(2026, 3, 4, 6)),
        (NEW_YORK, utc(2026, 3, 4, 12)),
        ("Asia/Kathmandu", utc(2026, 3, 4, 1, 15)),
        ("Asia/Kolkata", utc(2026, 3, 4, 1, 30)),
        ("Pacific/Apia", utc(2026, 3, 3, 18)),
        ("Pacific/Chatham", utc(2026, 3, 3, 17, 15)),
        ("Pacific/Marquesas", utc(2026, 3, 4, 16, 30)),
    ],
)
def test_slot_on_a_plain_day_shows_the_hour_in_the_zone(zone: str, expected: datetime) -> None:
    assert slot_on(date(2026, 3, 4), zone=zone, hour=7) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        (BERLIN, date(2026, 3, 29), 1, utc(2026, 3, 29, 0)),
        (BERLIN, date(2026, 3, 29), 2, utc(2026, 3, 29, 1)),  # shows 3: there is no 2
        (BERLIN, date(2026, 3, 29), 3, utc(2026, 3, 29, 1)),
        (NEW_YORK, date(2026, 3, 8), 2, utc(2026, 3, 8, 7)),  # shows 3
        ("America/Havana", date(2026, 3, 8), 0, utc(2026, 3, 8, 5)),  # shows 1
    ],
)
def test_slot_on_a_day_that_skips_the_hour_is_the_next_valid_one(
    zone: str, day: date, hour: int, expected: datetime
) -> None:
    assert slot_on(day, zone=zone, hour=hour) == expected


def test_slot_on_a_day_whose_last_hour_is_skipped_stays_on_that_day() -> None:
    slot = slot_on(date(2026, 3, 28), zone="America/Nuuk", hour=23)
    assert slot == utc(2026, 3, 29, 0)
    assert slot.astimezone(ZoneInfo("America/Nuuk")).time() == time(22)


@pytest.mark.parametrize(
    ("zone", "day", "hour", "expected"),
    [
        (BERLIN, date(2026, 10, 25), 2, utc(2026, 10, 25, 0)),
        (BERLIN, date(2026, 10, 25), 3, utc(2026, 10, 25, 2)),
        (NEW_YORK, date(2026, 11, 1), 1, utc(2026, 11, 1, 5)),
        ("Africa/Cairo", date(2026, 10, 29), 23, utc(2026, 10, 29, 20)),
    ],
)
def test_slot_on_a_day_that_repeats_the_hour_is_the_first_one(
    zone: str, day: date, hour: int, expected: datetime
) -> None:
    assert slot_on(day, zone=zone, hour=hour) == expected


def test_slot_on_unknown_zone_raises() -> None:
    with pytest.raises(ZoneInfoNotFoundError, match="Mars/Olympus"):
        slot_on(date(2026, 3, 4), zone="Mars/Olympus", hour=7)


def test_slot_on_hour_that_no_clock_shows_raises() -> None:
    with pytest.raises(ValueError, match="hour"):
        slot_on(date(2026, 3, 4), zone="UTC", hour=24)


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (utc(2026, 3, 4, 6, 59), utc(2026, 3, 4, 7)),
        (utc(2026, 3, 4, 7), utc(2026, 3, 5, 7)),
        (utc(2026, 3, 4, 23), utc(2026, 3, 5, 7)),
    ],
)
def test_next_slot_is_strictly_after_the_moment(after: datetime, expected: datetime) -> None:
    assert next_slot(after, zone="UTC", hour=7) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (EVERY_DAY, date(2026, 3, 7)),
        (WEEKDAYS, date(2026, 3, 9)),
        ({1}, date(2026, 3, 10)),
        ({4}, date(2026, 3, 13)),
    ],
)
def test_next_slot_after_friday_is_on_an_allowed_weekday(days: set[int], expected: date) -> None:
    friday = utc(2026, 3, 6, 12)
    assert next_slot(friday, zone="UTC", hour=7, days=days).date() == expected


def test_next_slot_without_any_weekday_raises() -> None:
    with pytest.raises(ValueError, match="no weekday in"):
        next_slot(utc(2026, 3, 4), zone="UTC", hour=7, days={7})


def test_next_slot_with_jitter_moves_inside_the_hour() -> None:
    jitter = timedelta(seconds=899)
    before = utc(2026, 3, 4, 7, 5)
    assert next_slot(before, zone="UTC", hour=7, jitter=jitter) == utc(2026, 3, 4, 7, 14, 59)
    assert next_slot(utc(2026, 3, 4, 7, 14, 59), zone="UTC", hour=7, jitter=jitter) == utc(2026, 3, 5, 7, 14, 59)


def test_next_slot_at_midnight_with_jitter_misses_no_date() -> None:
    jitter = timedelta(minutes=14)
    assert next_slot(utc(2026, 3, 4, 0, 13), zone="UTC", hour=0, jitter=jitter) == utc(2026, 3, 4, 0, 14)
    assert next_slot(utc(2026, 3, 3, 23, 59), zone="UTC", hour=0, jitter=jitter) == utc(2026, 3, 4, 0, 14)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        (None, date(2026, 3, 4)),
        (date(2026, 3, 3), date(2026, 3, 4)),
        (date(2026, 3, 4), date(2026, 3, 5)),
        (date(2026, 3, 20), date(2026, 3, 21)),
        (date(2020, 1, 1), date(2026, 3, 4)),
    ],
)
def test_next_slot_serves_no_date_up_to_the_last_again(last: date | None, expected: date) -> None:
    assert next_slot(utc(2026, 3, 4, 6), zone="UTC", hour=7, last=last).date() == expected


@pytest.mark.parametrize("hour", [1, 2, 3])
@pytest.mark.parametrize("start", [utc(2026, 3, 26, 12), utc(2026, 10, 22, 12)])
@pytest.mark.parametrize("zone", [BERLIN, "Europe/London", "Atlantic/Azores"])
def test_next_slot_over_a_change_of_clocks_comes_once_a_day(zone: str, start: datetime, hour: int) -> None:
    found = [local_date(slot, zone) for slot in slots(start, 6, zone=zone, hour=hour)]
    first = local_date(start, zone) + timedelta(days=1)
    assert found == [first + timedelta(days=n) for n in range(6)]


@pytest.mark.parametrize("hour", [0, 1, 22, 23])
@pytest.mark.parametrize("start", [utc(2026, 3, 26, 12), utc(2026, 10, 22, 12)])
def test_next_slot_where_clocks_change_at_midnight_comes_once_a_day(start: datetime, hour: int) -> None:
    found = [local_date(slot, "America/Nuuk") for slot in slots(start, 6, zone="America/Nuuk", hour=hour)]
    assert found == [found[0] + timedelta(days=n) for n in range(6)]


def test_next_slot_over_a_date_that_never_was_goes_on_after_it() -> None:
    found = [local_date(slot, "Pacific/Apia") for slot in slots(utc(2011, 12, 28), 4, zone="Pacific/Apia", hour=7)]
    assert found == [date(2011, 12, 28), date(2011, 12, 29), date(2011, 12, 31), date(2012, 1, 1)]


def test_next_slot_after_moving_west_over_the_date_line_repeats_no_date() -> None:
    """From Auckland, where it is Thursday, to Honolulu, where it is still Wednesday."""
    thursday = next_slot(utc(2026, 3, 4, 12), zone=AUCKLAND, hour=7)
    assert local_date(thursday, AUCKLAND) == date(2026, 3, 5)
    friday = next_slot(thursday, zone=HONOLULU, hour=7, last=date(2026, 3, 5))
    assert friday == utc(2026, 3, 6, 17)
    assert local_date(friday, HONOLULU) == date(2026, 3, 6)


def test_next_slot_after_moving_east_over_the_date_line_skips_no_date() -> None:
    wednesday = next_slot(utc(2026, 3, 4, 12), zone=HONOLULU, hour=7)
    thursday = next_slot(wednesday, zone=AUCKLAND, hour=7, last=date(2026, 3, 4))
    assert (wednesday, thursday) == (utc(2026, 3, 4, 17), utc(2026, 3, 4, 18))
    assert local_date(thursday, AUCKLAND) == date(2026, 3, 5)


@given(after=MOMENTS, zone=ZONES, hour=HOURS, days=DAYS, jitter=JITTERS)
def test_next_slot_anywhere_is_later_on_an_allowed_day_at_the_hour(
    after: datetime, zone: str, hour: int, days: frozenset[int], jitter: timedelta
) -> None:
    slot = next_slot(after, zone=zone, hour=hour, days=days, jitter=jitter)
    shown = (slot - jitter).astimezone(ZoneInfo(zone))
    asked = datetime.combine(shown.date(), time(hour), tzinfo=ZoneInfo(zone))
    exists = asked.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(fold=0) == asked
    assert slot > after
    assert shown.weekday() in days
    assert (shown.time(), shown.fold) == (time(hour), 0) or not exists


@given(after=MOMENTS, zone=ZONES, hour=HOURS, days=DAYS, jitter=JITTERS)
def test_next_slot_anywhere_leaves_out_no_allowed_day(
    after: datetime, zone: str, hour: int, days: frozenset[int], jitter: timedelta
) -> None:
    slot = next_slot(after, zone=zone, hour=hour, days=days, jitter=jitter)
    day, last = local_date(after, zone), local_date(slot, zone)
    between = [day + timedelta(days=n) for n in range((last - day).days)]
    missed = [slot_on(day, zone=zone, hour=hour) + jitter for day in between if day.weekday() in days]
    assert [moment for moment in missed if moment > after] == []


@given(start=MOMENTS, zone=ZONES, hour=HOURS, jitter=JITTERS)
def test_next_slot_ten_times_gives_ten_dates_in_a_row(start: datetime, zone: str, hour: int, jitter: timedelta) -> None:
    found: list[date] = []
    for _ in range(10):
        start = next_slot(start, zone=zone, hour=hour, jitter=jitter)
        found.append(local_date(start, zone))
    assert found == [found[0] + timedelta(days=n) for n in range(10)]


# --- Around changes of clocks, everywhere


@cache
def changes_of_clocks(zone: str, year: int) -> list[date]:
    """Return the days of a year on which the clocks of `zone` change."""
    noons = [datetime(year, 1, 1, 12, tzinfo=UTC) + timedelta(days=n) for n in range(366)]
    offsets = [noon.astimezone(ZoneInfo(zone)).utcoffset() for noon in noons]
    return [noons[n].date() for n in range(1, 366) if offsets[n] != offsets[n - 1]]


@settings(deadline=None)
@given(
    zone=ZONES,
    around=st.tuples(st.integers(2012, 2039), st.integers(0, 5), st.integers(0, 3 * 86_400)),
    hour=HOURS,
    days=DAYS,
    jitter=JITTERS,
)
def test_slots_around_a_change_of_clocks_are_one_for_each_date_at_its_hour(
    zone: str, around: tuple[int, int, int], hour: int, days: frozenset[int], jitter: timedelta
) -> None:
    year, which, before = around
    changes = changes_of_clocks(zone, year) or [date(year, 6, 1)]
    start = datetime.combine(changes[which % len(changes)], time(0), tzinfo=UTC) - timedelta(seconds=before)
    found: list[datetime] = []
    while not found or found[-1] < start + timedelta(days=15):
        found.append(next_slot(found[-1] if found else start, zone=zone, hour=hour, days=days, jitter=jitter))
    dates = [local_date(slot, zone) for slot in found]
    wanted = [dates[0] + timedelta(days=n) for n in range((dates[-1] - dates[0]).days + 1)]
    assert dates == [day for day in wanted if day.weekday() in days]
    assert found == sorted(set(found))
    for slot, day in zip(found, dates, strict=True):
        asked = datetime.combine(day, time(hour), tzinfo=ZoneInfo(zone))
        exists = asked.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(fold=0) == asked
        late = slot - asked.astimezone(UTC)
        assert not exists or timedelta(0) <= late < timedelta(minutes=15)
        assert abs(late) < timedelta(hours=1, minutes=15)


# --- Plans that change


def test_replanned_hour_that_has_passed_is_due_at_once_where_today_was_promised() -> None:
    noon = utc(2026, 3, 4, 12)
    assert replanned(noon, promised=date(2026, 3, 4), zone="UTC", hour=8) == noon


@pytest.mark.parametrize(
    ("promised", "last"),
    [(None, None), (date(2026, 3, 5), date(2026, 3, 4)), (date(2026, 3, 5), None)],
)
def test_replanned_hour_that_has_passed_waits_for_tomorrow_where_today_was_not(
    promised: date | None, last: date | None
) -> None:
    slot = replanned(utc(2026, 3, 4, 12), promised=promised, zone="UTC", hour=8, last=last)
    assert slot == utc(2026, 3, 5, 8)


def test_replanned_hour_that_is_to_come_is_waited_for() -> None:
    slot = replanned(utc(2026, 3, 4, 12), promised=date(2026, 3, 4), zone="UTC", hour=13)
    assert slot == utc(2026, 3, 4, 13)


def test_replanned_days_without_today_wait_for_the_next_of_them() -> None:
    slot = replanned(utc(2026, 3, 4, 12), promised=date(2026, 3, 4), zone="UTC", hour=8, days={0})
    assert slot == utc(2026, 3, 9, 8)


def test_replanned_over_the_date_line_to_the_east_brings_todays_where_the_promised_date_is_over() -> None:
    """A weekly Wednesday of Honolulu, where it is Thursday in Auckland by now: not a week later."""
    now = utc(2026, 3, 4, 20)
    assert replanned(now, promised=date(2026, 3, 4), zone=AUCKLAND, hour=18, days={2}) == now


def test_replanned_over_the_date_line_to_the_west_brings_no_date_again() -> None:
    now = utc(2026, 3, 4, 20)
    slot = replanned(now, promised=date(2026, 3, 6), zone=HONOLULU, hour=7, last=date(2026, 3, 5))
    assert slot == utc(2026, 3, 6, 17)
