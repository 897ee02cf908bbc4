from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from accounts.models import Reader
from digest.delivery.deliver import deliver_due
from digest.delivery.editions import close_over, open_due
from digest.feedback.erase import erase_reader
from digest.models import Digest, Edition
from tests.make import NOON, TODAY, make_digest, make_match, make_paper, make_reader, make_topic

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
    # begin, readers, editions (read, made, read), digests, readers, commit; then a slice that finds nobody: three.
    with django_assert_num_queries(11):
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


# --- After the service stood still


@pytest.mark.parametrize(("days", "rows"), [(3, 4), (21, 8), (400, 8)])
def test_rows_of_a_long_outage_are_of_the_first_date_and_the_last_ones(days: int, rows: int) -> None:
    make_due_reader(datetime(2026, 3, 4, 7, tzinfo=UTC) - timedelta(days=days))
    assert open_due(NOON) == 1
    assert Digest.objects.filter(state="expired").count() == rows - 1
    assert Digest.objects.get(state="pending").edition.date == TODAY
    assert Reader.objects.get().next_digest_at == datetime(2026, 3, 5, 7, tzinfo=UTC) + Reader.objects.get().jitter
    assert open_due(NOON) == 0


def test_edition_does_not_close_before_those_who_waited_for_it_are_opened() -> None:
    make_due_reader(datetime(2026, 3, 2, 7, tzinfo=UTC))
    make_digest(make_reader(), date(2026, 3, 2), state="accepted", next_attempt_at=None)
    later = datetime(2026, 3, 4, 8, tzinfo=UTC)
    assert close_over(later) == 0
    open_due(later)
    assert close_over(later) == 1
    assert Edition.objects.get(date=date(2026, 3, 2)).counts == {"eligible": 2, "accepted": 1, "expired": 1}


def test_closed_edition_gets_no_digest_any_more() -> None:
    """Whatever made the reader late: clocks set wrong, rows written by hand."""
    Edition.objects.create(date=date(2026, 3, 3), closed_at=NOON - timedelta(hours=1), counts={"eligible": 0})
    reader = make_due_reader(datetime(2026, 3, 3, 7, tzinfo=UTC))
    open_due(NOON)
    assert [digest.edition.date for digest in Digest.objects.all()] == [TODAY]
    reader.refresh_from_db()
    assert reader.last_edition_on == TODAY


def test_opening_a_reader_again_whose_slot_was_set_back_brings_no_second_digest() -> None:
    reader = make_due_reader(datetime(2026, 3, 4, 7, tzinfo=UTC))
    open_due(NOON)
    Reader.objects.update(next_digest_at=NOON - timedelta(minutes=1))
    open_due(NOON)
    assert Digest.objects.count() == 1
    reader.refresh_from_db()
    assert (reader.last_edition_on, reader.next_digest_at) == (
        TODAY,
        datetime(2026, 3, 5, 7, tzinfo=UTC) + reader.jitter,
    )


def test_closing_after_a_reader_was_erased_counts_who_is_here() -> None:
    gone, stays = make_reader(), make_reader()
    for reader in (gone, stays):
        make_digest(reader, state="accepted", next_attempt_at=None)
    erase_reader(gone)
    assert close_over(NOON + timedelta(days=3)) == 1
    erase_reader(stays)
    assert Edition.objects.get().counts == {"eligible": 1, "accepted": 1}


def test_papers_of_missed_days_come_once_with_the_next_digest() -> None:
    topic = make_topic()
    papers = [make_paper(announced_on=TODAY - timedelta(days=back)) for back in (2, 1, 0)]
    for paper in papers:
        make_match(topic, paper)
    make_due_reader(datetime(2026, 3, 2, 7, tzinfo=UTC), topics=(topic,))
    deliver_due(clock=lambda: NOON)
    mailed = Digest.objects.get(state="accepted")
    assert (mailed.edition.date, {pick[0] for pick in mailed.picks}) == (TODAY, {paper.pk for paper in papers})
    deliver_due(clock=lambda: NOON + timedelta(days=1))
    ended = Digest.objects.order_by("edition__date").values_list("state", flat=True)
    assert list(ended) == ["expired", "expired", "accepted", "empty"]
