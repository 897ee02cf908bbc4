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


@pytest.mark.parametrize("login", ["user:secret@", "user@", ":secret@", "@", "a@b:secret@"])
def test_source_with_a_login_in_its_address_is_refused_without_repeating_it(login: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Source(url=f"http://{login}feeds.example.org/rss").clean()
    said = " ".join(caught.value.messages)
    assert "secret" not in said
    if login in ("user:secret@", "user@"):
        assert said == "A user name or password in an address would be seen by many: give the address without them."


def test_source_with_a_sign_in_its_path_that_no_login_is_is_taken() -> None:
    Source(url="https://feeds.example.org/@journal?by=ada@example.net").clean()


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


def test_due_puts_what_failed_last_time_at_the_end() -> None:
    failing = make_source(next_check_at=NOON - timedelta(hours=2), failures=1, failing_since=NOON)
    well = make_source(next_check_at=NOON)
    assert list(Source.objects.due(NOON)) == [well, failing]


def test_claim_takes_what_is_still_due_and_moves_the_next_check() -> None:
    first, second = (make_source(next_check_at=NOON) for _ in range(2))
    later = make_source(next_check_at=NOON + timedelta(seconds=1))
    assert Source.objects.claim(NOON, [first.pk, later.pk]) == [first]
    assert Source.objects.claim(NOON, [first.pk, second.pk]) == [second]
    first.refresh_from_db()
    assert first.next_check_at == NOON + timedelta(minutes=10)
    assert Source.objects.claim(NOON + timedelta(minutes=10), [first.pk]) == [first]


def test_claim_for_signals_takes_up_to_the_limit_and_leaves_the_next_check() -> None:
    first, second = (make_source(kind="hf-daily", signals_due_at=NOON, next_check_at=NOON) for _ in range(2))
    make_source(kind="feed")
    make_source(kind="hf-daily", signals_due_at=NOON, is_active=False)
    assert Source.objects.claim_for_signals(NOON, limit=1) == [first]
    assert Source.objects.claim_for_signals(NOON, limit=5) == [second]
    assert Source.objects.claim_for_signals(NOON, limit=5) == []
    first.refresh_from_db()
    assert (first.next_check_at, first.signals_due_at) == (NOON, NOON + timedelta(minutes=10))


def test_disabled_source_says_why_and_is_enabled_as_new() -> None:
    source = make_source(failures=3, failing_since=NOON, last_error="no answer", last_error_kind="transport")
    source.disable(NOON, "x" * 600)
    source.save()
    assert (source.is_active, source.disabled_at, source.disabled_reason) == (False, NOON, "x" * 500)
    source.enable(NOON + timedelta(hours=1))
    source.save()
    source.refresh_from_db()
    assert (source.is_active, source.disabled_at, source.disabled_reason) == (True, None, "")
    assert (source.failures, source.failing_since, source.last_error) == (0, None, "")
    assert source.next_check_at == NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    "bad",
    [
        {"disabled_at": NOON, "disabled_reason": "gone"},
        {"disabled_at": NOON, "is_active": False},
        {"failures": 1},
        {"failing_since": NOON},
    ],
)
def test_source_whose_state_contradicts_itself_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    source = make_source()
    with pytest.raises(IntegrityError), transaction.atomic():
        Source.objects.filter(pk=source.pk).update(**bad)


def test_str_is_the_name() -> None:
    assert str(make_source(name="Quiet feed")) == "Quiet feed"
