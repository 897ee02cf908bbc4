"""When a reader's next digest is due, as saving, leaving and coming back plan it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from accounts.models import Reader
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def planned(reader: Reader) -> datetime | None:
    """Return the stored next digest without its place in the slot."""
    reader.refresh_from_db()
    return reader.next_digest_at and reader.next_digest_at - reader.jitter


# --- Saving


def test_save_of_pending_reader_plans_nothing() -> None:
    assert planned(make_reader(state=Reader.State.PENDING)) is None


def test_save_of_active_reader_plans_the_next_slot() -> None:
    reader = make_reader(time_zone="Europe/Berlin", delivery_hour=7)
    assert planned(reader) == datetime(2026, 3, 5, 6, tzinfo=UTC)


def test_save_twice_changes_nothing() -> None:
    reader = make_reader()
    before = planned(reader)
    reader.save()
    assert planned(reader) == before


def test_save_with_another_hour_moves_a_slot_that_lies_ahead() -> None:
    reader = make_reader(delivery_hour=7)
    reader.delivery_hour = 15
    reader.save()
    assert planned(reader) == datetime(2026, 3, 4, 15, tzinfo=UTC)


def test_save_with_another_zone_moves_a_slot_that_lies_ahead() -> None:
    reader = make_reader(delivery_hour=7)
    reader.time_zone = "Asia/Tokyo"
    reader.save()
    assert planned(reader) == datetime(2026, 3, 4, 22, tzinfo=UTC)


def test_save_leaves_a_slot_that_is_due(noon: time_machine.Traveller) -> None:
    reader = make_reader(delivery_hour=7)
    due = planned(reader)
    noon.move_to(datetime(2026, 3, 5, 7, 20, tzinfo=UTC))
    reader.delivery_hour = 18
    reader.save()
    assert planned(reader) == due == datetime(2026, 3, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize("state", [Reader.State.PAUSED, Reader.State.LEFT, Reader.State.PENDING])
def test_save_in_another_state_plans_nothing(state: Reader.State) -> None:
    reader = make_reader()
    reader.state = state
    reader.save()
    assert planned(reader) is None


def test_save_with_pause_plans_the_day_it_ends() -> None:
    assert planned(make_reader(paused_until=date(2026, 3, 20))) == datetime(2026, 3, 20, 7, tzinfo=UTC)


def test_save_with_pause_that_is_over_plans_the_next_slot() -> None:
    assert planned(make_reader(paused_until=date(2026, 3, 1))) == datetime(2026, 3, 5, 7, tzinfo=UTC)


def test_save_with_pause_and_weekly_day_plans_the_first_such_day_after() -> None:
    reader = make_reader(days="weekly", weekday=0, paused_until=date(2026, 3, 10))
    assert planned(reader) == datetime(2026, 3, 16, 7, tzinfo=UTC)


def test_save_with_date_already_served_plans_the_day_after() -> None:
    reader = make_reader(delivery_hour=18, last_edition_on=date(2026, 3, 4))
    assert planned(reader) == datetime(2026, 3, 5, 18, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "weekday", "expected"),
    [("daily", 0, 5), ("weekdays", 0, 5), ("weekly", 0, 9), ("weekly", 2, 11), ("weekly", 6, 8)],
)
def test_save_plans_on_the_readers_days(days: str, weekday: int, expected: int) -> None:
    reader = make_reader(days=days, weekday=weekday)
    assert planned(reader) == datetime(2026, 3, expected, 7, tzinfo=UTC)


def test_save_on_friday_with_weekdays_plans_monday(noon: time_machine.Traveller) -> None:
    noon.move_to(datetime(2026, 3, 6, 12, tzinfo=UTC))
    assert planned(make_reader(days="weekdays")) == datetime(2026, 3, 9, 7, tzinfo=UTC)


def test_save_after_moving_west_serves_no_date_twice() -> None:
    reader = make_reader(time_zone="Pacific/Auckland", last_edition_on=date(2026, 3, 5))
    reader.time_zone = "Pacific/Honolulu"
    reader.save()
    assert planned(reader) == datetime(2026, 3, 6, 17, tzinfo=UTC)


def test_edition_date_of_slot_is_the_readers_own() -> None:
    reader = make_reader(time_zone="Pacific/Auckland")
    reader.refresh_from_db()
    assert reader.next_digest_at is not None
    assert reader.next_digest_at.date() == date(2026, 3, 4)
    assert reader.edition_date(reader.next_digest_at) == date(2026, 3, 5)


# --- Leaving and coming back


def test_leave_stops_all_digests() -> None:
    reader = make_reader()
    reader.leave()
    assert (planned(reader), reader.state) == (None, Reader.State.LEFT)


def test_leave_twice_changes_nothing() -> None:
    reader = make_reader()
    reader.leave()
    reader.leave()
    assert (planned(reader), reader.state) == (None, Reader.State.LEFT)


def test_leave_writes_nothing_else() -> None:
    reader = make_reader()
    Reader.objects.filter(pk=reader.pk).update(last_edition_on=date(2026, 3, 4))
    reader.leave()
    reader.refresh_from_db()
    assert reader.last_edition_on == date(2026, 3, 4)


@pytest.mark.parametrize("state", [Reader.State.LEFT, Reader.State.PAUSED])
def test_come_back_starts_digests_again(state: Reader.State) -> None:
    reader = make_reader(state=state)
    reader.come_back()
    assert (planned(reader), reader.state) == (datetime(2026, 3, 5, 7, tzinfo=UTC), Reader.State.ACTIVE)


def test_come_back_ends_a_pause() -> None:
    reader = make_reader(paused_until=date(2026, 6, 1))
    reader.leave()
    reader.come_back()
    assert (planned(reader), reader.paused_until) == (datetime(2026, 3, 5, 7, tzinfo=UTC), None)


def test_come_back_without_confirmation_stays_pending() -> None:
    reader = make_reader(state=Reader.State.PENDING)
    reader.come_back()
    assert (planned(reader), reader.state) == (None, Reader.State.PENDING)


def test_come_back_on_a_served_date_waits_for_the_next() -> None:
    reader = make_reader(delivery_hour=18, last_edition_on=date(2026, 3, 4))
    reader.leave()
    reader.come_back()
    assert planned(reader) == datetime(2026, 3, 5, 18, tzinfo=UTC)


# --- Changes of what was promised


def test_save_with_an_hour_that_has_passed_makes_todays_due_at_once(noon: time_machine.Traveller) -> None:
    reader = make_reader(delivery_hour=18)
    reader.delivery_hour = 8
    reader.save()
    reader.refresh_from_db()
    assert reader.next_digest_at == NOON
    noon.shift(timedelta(seconds=20))
    reader.delivery_hour = 18
    reader.save()
    assert Reader.objects.get().next_digest_at == NOON


def test_save_goes_by_the_promise_in_the_database_and_not_by_what_was_read_before() -> None:
    make_reader(delivery_hour=18)
    stale, other = Reader.objects.get(), Reader.objects.get()
    Reader.objects.update(last_edition_on=date(2026, 3, 4), next_digest_at=datetime(2026, 3, 5, 18, tzinfo=UTC))
    stale.delivery_hour = 8
    stale.save()
    assert planned(other) == datetime(2026, 3, 5, 8, tzinfo=UTC)
    assert other.last_edition_on == date(2026, 3, 4)


def test_save_of_other_fields_plans_nothing_and_asks_nothing(django_assert_num_queries: Any) -> None:
    reader = make_reader()
    with django_assert_num_queries(1):
        reader.save(update_fields=["last_login"])


def test_save_of_a_closed_account_plans_nothing_and_opening_it_again_brings_nothing_of_before(
    noon: time_machine.Traveller,
) -> None:
    reader = make_reader()
    reader.is_active = False
    reader.save()
    assert planned(reader) is None
    noon.shift(timedelta(days=60))
    reader.is_active = True
    reader.save()
    assert planned(reader) == datetime(2026, 5, 4, 7, tzinfo=UTC)


def test_resume_of_many_plans_the_next_slot_of_each() -> None:
    readers = [make_reader(delivery_hour=hour) for hour in (7, 18)]
    assert Reader.objects.pause() == 2
    assert Reader.objects.resume() == 2
    assert [planned(reader) for reader in readers] == [
        datetime(2026, 3, 5, 7, tzinfo=UTC),
        datetime(2026, 3, 4, 18, tzinfo=UTC),
    ]
