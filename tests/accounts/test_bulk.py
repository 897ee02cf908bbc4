from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.bulk import insert_missing, write_each
from accounts.models import Reader
from digest.models import Digest
from tests.make import NOON, make_digest, make_reader

pytestmark = pytest.mark.django_db


def as_they_stand(readers: Sequence[Reader], *names: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [({"id": reader.pk}, {name: getattr(reader, name) for name in names}) for reader in readers]


def test_write_each_writes_the_fields_of_each_row_and_no_others(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    readers = [make_reader(name="Ada") for _ in range(3)]
    other = make_reader(name="Bo")
    for number, reader in enumerate(readers):
        reader.name, reader.papers = "changed in memory alone", number + 1
        reader.next_digest_at, reader.paused_until = NOON + timedelta(hours=number), date(2026, 3, number + 1)
    with django_assert_num_queries(1):
        written = write_each(Reader, as_they_stand(readers, "papers", "next_digest_at", "paused_until"))
    assert written == {reader.pk for reader in readers}
    rows = list(Reader.objects.order_by("pk").values_list("name", "papers", "next_digest_at", "paused_until"))
    assert rows[:3] == [
        ("Ada", number + 1, NOON + timedelta(hours=number), date(2026, 3, number + 1)) for number in range(3)
    ]
    assert rows[3] == ("Bo", 10, other.next_digest_at, None)


def test_write_each_takes_the_values_of_a_row_by_their_names() -> None:
    ada, bo = make_reader(), make_reader()
    write_each(Reader, [({"id": ada.pk}, {"name": "Ada", "papers": 3}), ({"id": bo.pk}, {"papers": 4, "name": "Bo"})])
    assert list(Reader.objects.order_by("pk").values_list("name", "papers")) == [("Ada", 3), ("Bo", 4)]


def test_write_each_leaves_rows_that_are_not_as_they_are_known() -> None:
    ada, bo, cy = make_reader(papers=3), make_reader(papers=4), make_reader(papers=3, state="paused")
    rows = [({"id": reader.pk, "papers": 3}, {"papers": 9}) for reader in (ada, bo, cy)]
    assert write_each(Reader, rows, state=["active", "left"]) == {ada.pk}
    assert list(Reader.objects.order_by("pk").values_list("papers", flat=True)) == [9, 4, 3]


def test_written_moments_are_found_as_others_are() -> None:
    reader = make_reader()
    reader.next_digest_at = NOON
    write_each(Reader, as_they_stand([reader], "next_digest_at"))
    assert Reader.objects.due(NOON).get() == reader
    assert not Reader.objects.due(NOON - timedelta(microseconds=1)).exists()


def test_write_each_can_write_nothing_into_all() -> None:
    readers = [make_reader(paused_until=date(2026, 3, 1)) for _ in range(2)]
    for reader in readers:
        reader.paused_until = reader.next_digest_at = None
    write_each(Reader, as_they_stand(readers, "paused_until", "next_digest_at"))
    assert list(Reader.objects.values_list("paused_until", "next_digest_at")) == [(None, None)] * 2


def test_write_each_of_no_rows_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert write_each(Reader, []) == set()


def test_insert_missing_leaves_what_is_there_and_gives_the_rest_its_defaults(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    there = make_digest(make_reader(), subject="Stays")
    new, edition = make_reader(), there.edition
    rows = [
        {"reader": reader.pk, "edition": edition.pk, "key": key, "due_at": NOON, "next_attempt_at": NOON}
        for reader, key in ((there.reader, "0" * 32), (new, "1" * 32))
    ]
    with django_assert_num_queries(1):
        insert_missing(Digest, rows)
    inserted = Digest.objects.exclude(pk=there.pk).get()
    assert (inserted.reader, inserted.edition, inserted.key.hex) == (new, edition, "1" * 32)
    assert (inserted.due_at, inserted.next_attempt_at, inserted.settled_at) == (NOON, NOON, None)
    assert (inserted.state, inserted.reason, inserted.attempts, inserted.claim) == ("pending", "", 0, None)
    assert (inserted.subject, inserted.picks, inserted.trending) == ("", [], [])
    assert list(Digest.objects.filter(state="pending", picks=[], trending=[])) == [*Digest.objects.order_by("pk")]
    assert Digest.objects.get(pk=there.pk).subject == "Stays"


def test_insert_missing_of_nothing_asks_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        insert_missing(Digest, [])
