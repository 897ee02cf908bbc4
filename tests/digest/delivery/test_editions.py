from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Reader
from digest.delivery.editions import close_over, open_due
from digest.models import Digest, Edition
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db


def make_due_reader(slot: datetime, **given: Any) -> Reader:
    reader = make_reader(**given)
    Reader.objects.filter(pk=reader.pk).update(next_digest_at=slot)
    reader.refresh_from_db()
    return reader


def test_due_reader_gets_a_digest_and_the_next_slot() -> None:
    slot = datetime(2026, 3, 4, 7, 5, tzinfo=UTC)
    reader = make_due_reader(slot)
    assert open_due(NOON) == 1
    digest = Digest.objects.get()
    reader.refresh_from_db()
    assert (digest.reader, digest.edition.date, digest.state) == (reader, TODAY, "pending")
    assert (digest.due_at, digest.next_attempt_at) == (slot, slot)
    assert reader.last_edition_on == TODAY
    assert reader.next_digest_at == datetime(2026, 3, 5, 7, tzinfo=UTC) + reader.jitter


def test_reader_whose_slot_is_to_come_gets_nothing_yet() -> None:
    make_due_reader(NOON + timedelta(minutes=1))
    assert open_due(NOON) == 0
    assert not Digest.objects.exists()


@pytest.mark.parametrize("state", ["pending", "paused", "left"])
def test_reader_who_is_not_active_gets_no_digest(state: str) -> None:
    reader = make_due_reader(NOON)
    Reader.objects.filter(pk=reader.pk).update(state=state)
    assert open_due(NOON) == 0


def test_opening_twice_changes_nothing() -> None:
    make_due_reader(NOON)
    open_due(NOON)
    assert open_due(NOON) == 0
    assert Digest.objects.count() == 1


def test_edition_is_the_readers_own_date() -> None:
    make_due_reader(datetime(2026, 3, 4, 18, 5, tzinfo=UTC), time_zone="Pacific/Auckland")
    open_due(datetime(2026, 3, 4, 18, 6, tzinfo=UTC))
    assert Edition.objects.get().date == date(2026, 3, 5)


def test_days_missed_in_an_outage_expire_and_the_last_is_caught_up() -> None:
    make_due_reader(datetime(2026, 3, 2, 7, 5, tzinfo=UTC))
    open_due(NOON)
    ended = Digest.objects.order_by("edition__date").values_list("edition__date", "state", "reason")
    reason = "the service was not running at the reader's hour"
    assert list(ended) == [
        (date(2026, 3, 2), "expired", reason),
        (date(2026, 3, 3), "expired", reason),
        (date(2026, 3, 4), "pending", ""),
    ]


@pytest.mark.parametrize("readers", [1, 3])
def test_opening_takes_the_same_queries_for_any_number(readers: int, django_assert_num_queries: Any) -> None:
    for _ in range(readers):
        make_due_reader(NOON)
    # begin, readers, editions (made, read), digests, readers, commit; then a slice that finds nobody: three.
    with django_assert_num_queries(10):
        open_due(NOON)


def test_edition_closes_with_its_equation_when_its_day_is_over_everywhere() -> None:
    for state in ("accepted", "accepted", "empty", "failed"):
        make_digest(make_reader(), state=state, next_attempt_at=None)
    assert close_over(NOON) == 0
    assert close_over(NOON + timedelta(days=3)) == 1
    edition = Edition.objects.get()
    assert edition.counts == {"eligible": 4, "accepted": 2, "empty": 1, "failed": 1}
    assert edition.closed_at == NOON + timedelta(days=3)


def test_edition_with_an_open_digest_does_not_close() -> None:
    make_digest(make_reader())
    assert close_over(NOON + timedelta(days=3)) == 0
