from datetime import date, timedelta
from typing import Any

import pytest

from accounts.bulk import write_each
from accounts.models import Reader
from tests.make import NOON, make_reader

pytestmark = pytest.mark.django_db


def test_write_each_writes_the_fields_of_each_row_and_no_others(django_assert_num_queries: Any) -> None:
    readers = [make_reader(name="Ada") for _ in range(3)]
    other = make_reader(name="Bo")
    for number, reader in enumerate(readers):
        reader.name, reader.papers = "changed in memory alone", number + 1
        reader.next_digest_at, reader.paused_until = NOON + timedelta(hours=number), date(2026, 3, number + 1)
    with django_assert_num_queries(1):
        assert write_each(readers, ["papers", "next_digest_at", "paused_until"]) == 3
    rows = list(Reader.objects.order_by("pk").values_list("name", "papers", "next_digest_at", "paused_until"))
    assert rows[:3] == [
        ("Ada", number + 1, NOON + timedelta(hours=number), date(2026, 3, number + 1)) for number in range(3)
    ]
    assert rows[3] == ("Bo", 10, other.next_digest_at, None)


def test_written_moments_are_found_as_others_are() -> None:
    reader = make_reader()
    reader.next_digest_at = NOON
    write_each([reader], ["next_digest_at"])
    assert Reader.objects.due(NOON).get() == reader
    assert not Reader.objects.due(NOON - timedelta(microseconds=1)).exists()


def test_write_each_can_write_nothing_into_all() -> None:
    readers = [make_reader(paused_until=date(2026, 3, 1)) for _ in range(2)]
    for reader in readers:
        reader.paused_until = reader.next_digest_at = None
    write_each(readers, ["paused_until", "next_digest_at"])
    assert list(Reader.objects.values_list("paused_until", "next_digest_at")) == [(None, None)] * 2


def test_write_each_of_no_rows_asks_nothing(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert write_each([], ["papers"]) == 0
