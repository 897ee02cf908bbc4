from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from digest.models import Digest, Edition
from tests.make import NOON, TODAY, make_digest, make_reader

pytestmark = pytest.mark.django_db

OPEN = ["pending", "handing_over", "retry"]
CLOSED = ["accepted", "failed", "uncertain", "empty", "suppressed", "expired"]


def test_states_are_open_or_closed() -> None:
    assert sorted(Digest.State.values) == sorted(OPEN + CLOSED)


def test_digest_of_one_reader_and_edition_exists_once() -> None:
    digest = make_digest(make_reader())
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.bulk_create([Digest(reader=digest.reader, edition=digest.edition, due_at=NOON)])


def test_digest_of_one_reader_in_another_edition_is_another() -> None:
    reader = make_reader()
    make_digest(reader)
    make_digest(reader, TODAY + timedelta(days=1))
    assert Digest.objects.count() == 2


@pytest.mark.parametrize(
    "bad",
    [
        {"state": "lost", "next_attempt_at": None},
        {"state": "lost", "next_attempt_at": NOON},
        *({"state": state, "next_attempt_at": None} for state in OPEN),
        *({"state": state, "next_attempt_at": NOON} for state in CLOSED),
    ],
)
def test_digest_in_an_impossible_state_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    digest = make_digest(make_reader())
    with pytest.raises(IntegrityError), transaction.atomic():
        Digest.objects.filter(pk=digest.pk).update(**bad)


@pytest.mark.parametrize("state", CLOSED)
def test_digest_that_is_settled_has_no_next_attempt(state: str) -> None:
    digest = make_digest(make_reader())
    Digest.objects.filter(pk=digest.pk).update(state=state, next_attempt_at=None)
    assert list(Digest.objects.open()) == []


def test_due_holds_what_waits_and_whose_time_has_come_earliest_first() -> None:
    made = {}
    for state in OPEN:
        for minutes in (-2, -1, 1):
            at = NOON + timedelta(minutes=minutes)
            made[state, minutes] = make_digest(make_reader(), state=state, next_attempt_at=at)
    make_digest(make_reader(), state="accepted", next_attempt_at=None)
    expected = [("pending", -2), ("retry", -2), ("pending", -1), ("retry", -1)]
    assert list(Digest.objects.due(NOON)) == [made[key] for key in expected]


def test_stranded_holds_hand_overs_begun_before_the_moment() -> None:
    old = make_digest(make_reader(), state="handing_over", next_attempt_at=NOON - timedelta(seconds=1))
    make_digest(make_reader(), state="handing_over", next_attempt_at=NOON)
    make_digest(make_reader(), state="pending", next_attempt_at=NOON - timedelta(hours=1))
    assert list(Digest.objects.stranded(NOON)) == [old]


def test_open_holds_all_whose_fate_is_open() -> None:
    digests = [make_digest(make_reader(), state=state) for state in OPEN]
    for state in CLOSED:
        make_digest(make_reader(), state=state, next_attempt_at=None)
    assert list(Digest.objects.open().order_by("pk")) == digests


def test_by_state_counts_each_state_that_occurs() -> None:
    for state in ("accepted", "accepted", "empty"):
        make_digest(make_reader(), state=state, next_attempt_at=None)
    make_digest(make_reader())
    assert Digest.objects.order_by("-pk").by_state() == {"accepted": 2, "empty": 1, "pending": 1}


def test_by_state_of_nothing_is_empty() -> None:
    assert Digest.objects.by_state() == {}


def test_deleting_the_reader_deletes_the_digest() -> None:
    digest = make_digest(make_reader())
    digest.reader.delete()
    assert Digest.objects.count() == 0


def test_deleting_the_edition_of_a_digest_is_refused() -> None:
    digest = make_digest(make_reader())
    with pytest.raises(ProtectedError):
        digest.edition.delete()
    assert Edition.objects.count() == 1


def test_key_of_every_digest_is_its_own() -> None:
    reader = make_reader()
    keys = {make_digest(reader, date(2026, 3, day)).key for day in range(1, 6)}
    assert len(keys) == 5


def test_str_names_edition_and_reader() -> None:
    assert str(make_digest(make_reader("ada@example.org"))) == "4 March 2026 for ada@example.org"
