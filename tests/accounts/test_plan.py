"""Plans that change: whatever a reader does, no date comes twice, and none is left out that was promised."""

from copy import copy
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from accounts.models import Reader
from accounts.plan import MISSED
from tests.accounts.moments import AUCKLAND, HONOLULU, HOURS, MOMENTS, ZONES, utc

DAY = timedelta(days=1)
Served = list[date]
FAR_APART = st.sampled_from([AUCKLAND, HONOLULU, "Pacific/Kiritimati", "Etc/GMT+12", "UTC", "Pacific/Apia"])
CHANGES = st.one_of(
    st.fixed_dictionaries({"time_zone": st.one_of(FAR_APART, ZONES)}),
    st.fixed_dictionaries({"delivery_hour": HOURS}),
    st.fixed_dictionaries({"days": st.sampled_from(Reader.Days), "weekday": st.integers(0, 6)}),
    st.fixed_dictionaries({"email": st.sampled_from(["ada@example.org", "bo@example.org", "cy@example.org"])}),
    st.fixed_dictionaries({"pause": st.integers(1, 9)}),
    st.just({"paused_until": None}),
    st.fixed_dictionaries({"state": st.sampled_from([Reader.State.PAUSED, Reader.State.ACTIVE])}),
    st.fixed_dictionaries(
        {"time_zone": FAR_APART, "delivery_hour": HOURS, "days": st.sampled_from(Reader.Days.values)}
    ),
)
MINUTES = st.one_of(st.integers(0, 60), st.integers(0, 3 * 24 * 60))
LIVES = st.lists(st.tuples(MINUTES, CHANGES), min_size=1, max_size=12)


class Life:
    """A reader, the clock, and what came: the service looks for what is due at each slot, or only when told."""

    def __init__(self, now: datetime, **given: Any) -> None:
        self.now = now
        self.reader = Reader(email="ada@example.org", state=Reader.State.ACTIVE, **given)
        self.reader.plan(now, before=None)
        self.served: Served = []
        self.at: list[datetime] = []

    def wait(self, span: timedelta, *, is_running: bool = True) -> None:
        end = self.now + span
        while is_running and self.reader.next_digest_at and self.reader.next_digest_at <= end:
            self.now = max(self.now, self.reader.next_digest_at)
            self.look()
        self.now = end

    def look(self) -> None:
        for day, slot in self.reader.take_due(self.now):
            self.served.append(day)
            self.at.append(slot)

    def change(self, pause: int | None = None, **given: Any) -> None:
        before = copy(self.reader)
        for name, value in given.items():
            setattr(self.reader, name, value)
        if pause is not None:
            self.reader.paused_until = self.today + pause * DAY
        self.reader.plan(self.now, before=before)

    @property
    def today(self) -> date:
        return self.now.astimezone(ZoneInfo(self.reader.time_zone)).date()

    @property
    def promised(self) -> date | None:
        slot = self.reader.next_digest_at
        return slot and self.reader.edition_date(slot)


def wants(reader: Reader, day: date) -> bool:
    return day.weekday() in reader.delivery_days and (reader.over_until is None or day > reader.over_until)


def left_out(before: Reader, promised: date, life: Life) -> list[date]:
    """Return the dates from today on that the plan before and the plan of now both hold, and that will not come."""
    assert life.promised
    days = (promised + n * DAY for n in range((life.promised - promised).days))
    return [day for day in days if day >= life.today and wants(before, day) and wants(life.reader, day)]


@settings(deadline=None)
@given(start=MOMENTS, zone=FAR_APART, hour=HOURS, steps=LIVES)
def test_any_changes_bring_no_date_twice_and_leave_none_out(
    start: datetime, zone: str, hour: int, steps: list[tuple[int, dict[str, Any]]]
) -> None:
    life = Life(start, time_zone=zone, delivery_hour=hour)
    for minutes, changed in steps:
        life.wait(timedelta(minutes=minutes))
        before, promised = copy(life.reader), life.promised
        life.change(**changed)
        if life.promised is not None and promised is not None:
            assert left_out(before, promised, life) == []
            if promised < life.today and (life.reader.over_until is None or life.reader.over_until < life.today):
                assert life.promised == life.today
    life.wait(timedelta(days=10))
    assert life.served == sorted(set(life.served))
    assert life.at == sorted(life.at)


@settings(deadline=None)
@given(start=MOMENTS, zone=FAR_APART, hour=HOURS, steps=LIVES)
def test_any_changes_leave_the_next_digest_on_the_first_date_that_can_be(
    start: datetime, zone: str, hour: int, steps: list[tuple[int, dict[str, Any]]]
) -> None:
    life = Life(start, time_zone=zone, delivery_hour=hour)
    for minutes, changed in steps:
        life.wait(timedelta(minutes=minutes))
        life.change(**changed)
        life.look()
        if life.promised is not None:
            tomorrow = life.today + DAY
            soon = (tomorrow + n * DAY for n in range(30))
            first = next(day for day in soon if wants(life.reader, day))
            assert life.today <= life.promised <= first
        else:
            assert life.reader.state == Reader.State.PAUSED


@settings(deadline=None)
@example(start=utc(2012, 1, 1), zone="Africa/Abidjan", hour=11, moves=[(1980, AUCKLAND, 0), (0, HONOLULU, 0)])
@given(start=MOMENTS, zone=ZONES, hour=HOURS, moves=st.lists(st.tuples(MINUTES, FAR_APART, HOURS), max_size=8))
def test_who_gets_one_each_day_has_had_todays_when_its_hour_is_past_wherever_the_journey_leads(
    start: datetime, zone: str, hour: int, moves: list[tuple[int, str, int]]
) -> None:
    life = Life(start, time_zone=zone, delivery_hour=hour)
    life.wait(DAY + timedelta(hours=2))  # the first one has come
    assert life.served
    for minutes, where, when in moves:
        life.wait(timedelta(minutes=minutes))
        life.change(time_zone=where, delivery_hour=when)
        life.look()
        assert life.promised
        assert life.served[-1] >= life.today or life.promised == life.today
    assert life.served == sorted(set(life.served))


@settings(deadline=None)
@given(start=MOMENTS, zone=ZONES, hour=HOURS, outage=st.integers(0, 40 * 24), steps=LIVES)
def test_changes_while_the_service_stands_still_bring_no_date_twice(
    start: datetime, zone: str, hour: int, outage: int, steps: list[tuple[int, dict[str, Any]]]
) -> None:
    life = Life(start, time_zone=zone, delivery_hour=hour)
    for minutes, changed in steps:
        life.wait(timedelta(minutes=minutes), is_running=False)
        life.change(**changed)
    life.wait(timedelta(hours=outage), is_running=False)
    life.look()
    assert len(life.served) <= MISSED.days + 2
    life.wait(timedelta(days=10))
    assert life.served == sorted(set(life.served))


# --- Journeys, told


def test_travel_from_auckland_to_honolulu_and_back_brings_each_date_once() -> None:
    life = Life(utc(2026, 3, 1, 12), time_zone=AUCKLAND, delivery_hour=7)
    life.wait(timedelta(days=3))  # Wednesday the 4th, 12:00 UTC: Thursday, an hour after midnight, in Auckland
    assert life.served == [date(2026, 3, day) for day in (2, 3, 4)]
    life.wait(timedelta(hours=7))  # Thursday's has come, at seven
    life.change(time_zone=HONOLULU)  # where it is nine in the morning of Wednesday
    life.wait(timedelta(days=3))
    assert life.served == [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 7)]
    assert life.at[-2] == utc(2026, 3, 6, 17) + life.reader.jitter
    life.change(time_zone=AUCKLAND)  # Saturday, 9:00 in Honolulu: Sunday, 8:00 in Auckland
    assert life.reader.next_digest_at == life.now
    life.wait(timedelta(days=2))
    assert life.served == [date(2026, 3, day) for day in (2, 3, 4, 5, 6, 7, 8, 9, 10)]


def test_move_west_over_midnight_and_back_within_the_hour_changes_nothing() -> None:
    life = Life(utc(2026, 3, 4, 20), time_zone=AUCKLAND, delivery_hour=18)
    before = life.reader.next_digest_at
    for zone in (HONOLULU, AUCKLAND):
        life.wait(timedelta(minutes=20))
        life.change(time_zone=zone)
    assert life.reader.next_digest_at == before


def test_several_changes_in_an_hour_bring_todays_once() -> None:
    life = Life(utc(2026, 3, 4, 12), delivery_hour=18)
    for hour in (8, 20, 9, 18, 0):
        life.change(delivery_hour=hour)
        life.wait(timedelta(minutes=10))
    assert life.served == [date(2026, 3, 4)]
    assert life.at == [utc(2026, 3, 4, 12)]
    life.wait(DAY)
    assert life.served == [date(2026, 3, 4), date(2026, 3, 5)]


def test_change_of_address_within_the_slot_skips_no_day() -> None:
    """The place in the slot follows the address: the new one can be behind already, where the old was to come."""
    ada, bo = Reader(email="ada@example.org"), Reader(email="bo@example.org")
    late, early = sorted([ada, bo], key=lambda reader: reader.jitter, reverse=True)
    life = Life(utc(2026, 3, 4), delivery_hour=7)
    life.change(email=late.email)
    life.wait(timedelta(hours=7) + (early.jitter + late.jitter) / 2)
    assert life.served == []
    life.change(email=early.email)
    life.wait(timedelta(minutes=1))
    assert life.served == [date(2026, 3, 4)]


def test_pause_takes_back_what_was_promised_and_its_end_does_not_bring_it() -> None:
    life = Life(utc(2026, 3, 4, 12), delivery_hour=18)
    life.change(pause=7)
    assert life.promised == date(2026, 3, 11)
    life.wait(timedelta(hours=8))
    life.change(paused_until=None)
    assert life.reader.next_digest_at == utc(2026, 3, 5, 18) + life.reader.jitter


def test_pause_holds_a_digest_that_is_due_and_was_not_opened_yet() -> None:
    life = Life(utc(2026, 3, 4, 12), delivery_hour=18)
    life.wait(timedelta(hours=7), is_running=False)
    life.change(pause=2)
    assert life.promised == date(2026, 3, 6)


def test_new_reader_is_not_sent_todays_at_once() -> None:
    life = Life(utc(2026, 3, 4, 12), delivery_hour=7)
    life.change(delivery_hour=8)
    life.change(time_zone="Europe/Berlin")
    assert life.promised == date(2026, 3, 5)


@pytest.mark.parametrize(
    ("days", "served"), [(1, [0]), (3, [2, 1, 0]), (8, [7, 6, 5, 4, 3, 2, 1, 0]), (21, [20, 6, 5, 4, 3, 2, 1, 0])]
)
def test_what_was_missed_is_told_for_the_first_date_and_the_last_ones(days: int, served: list[int]) -> None:
    life = Life(utc(2026, 3, 5) - days * DAY, delivery_hour=7)
    life.wait(days * DAY - timedelta(hours=12), is_running=False)
    life.look()
    assert life.served == [date(2026, 3, 4) - ago * DAY for ago in served]
    assert life.reader.next_digest_at == datetime(2026, 3, 5, 7, tzinfo=UTC) + life.reader.jitter
