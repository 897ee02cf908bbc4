from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from digest.models import Source
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db


def test_source_of_one_address_exists_once() -> None:
    make_source(url="https://feeds.example.org/cs")
    with pytest.raises(IntegrityError):
        make_source(url="https://feeds.example.org/cs")


def test_source_of_one_address_again_gets_a_clear_error() -> None:
    make_source(url="https://feeds.example.org/cs")
    with pytest.raises(ValidationError) as caught:
        Source(name="Again", kind="feed", url="https://feeds.example.org/cs").full_clean()
    assert caught.value.message_dict == {"url": ["Source with this Address already exists."]}


@pytest.mark.parametrize("kind", Source.Kind.values)
def test_source_of_every_kind_is_stored(kind: str) -> None:
    assert make_source(kind=kind).kind == kind


@pytest.mark.parametrize("bad", [{"kind": "gopher"}, {"check_minutes": -1}])
def test_source_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    source = make_source()
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**bad)


def test_due_holds_active_sources_whose_time_has_come_longest_due_first() -> None:
    late, early = (make_source(next_check_at=NOON - timedelta(hours=hours)) for hours in (0, 2))
    make_source(next_check_at=NOON + timedelta(seconds=1))
    make_source(next_check_at=NOON - timedelta(hours=1), is_active=False)
    assert list(Source.objects.due(NOON)) == [early, late]


def test_active_leaves_out_what_is_only_read_by_hand() -> None:
    source = make_source()
    make_source(is_active=False)
    assert list(Source.objects.active()) == [source]


def test_claim_takes_up_to_the_limit_and_moves_the_next_check() -> None:
    first, second = (make_source(next_check_at=NOON) for _ in range(2))
    assert Source.objects.claim(NOON, limit=1) == [first]
    assert Source.objects.claim(NOON, limit=1) == [second]
    first.refresh_from_db()
    assert first.next_check_at == NOON + timedelta(minutes=10)


def test_record_success_clears_the_error_and_plans_the_next_check() -> None:
    source = make_source(next_check_at=NOON, check_minutes=45, last_error="it was not there")
    source.record_success(NOON)
    source.refresh_from_db()
    assert (source.last_error, source.last_checked_at, source.last_success_at) == ("", NOON, NOON)
    assert source.next_check_at == NOON + timedelta(minutes=45)


def test_record_failure_keeps_the_last_success_and_says_why() -> None:
    source = make_source(check_minutes=45)
    source.record_success(NOON)
    source.record_failure(NOON + timedelta(hours=1), "x" * 600)
    source.refresh_from_db()
    assert (source.last_success_at, source.last_checked_at) == (NOON, NOON + timedelta(hours=1))
    assert source.last_error == "x" * 500
    assert source.next_check_at == NOON + timedelta(hours=1, minutes=45)


def test_record_success_leaves_what_staff_changed_meanwhile() -> None:
    source = make_source()
    Source.objects.filter(pk=source.pk).update(name="Renamed", is_active=False)
    source.record_success(NOON)
    source.refresh_from_db()
    assert (source.name, source.is_active) == ("Renamed", False)


def test_str_is_the_name() -> None:
    assert str(make_source(name="Quiet feed")) == "Quiet feed"
