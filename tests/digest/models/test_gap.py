from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Gap
from tests.make import NOON, TODAY, make_source

pytestmark = pytest.mark.django_db


def make_gap(**given: Any) -> Gap:
    stated = {"source": make_source(), "category": "cs.CL", "first": TODAY, "last": TODAY, "next_attempt_at": NOON}
    return Gap.objects.create(**stated | given)


def test_claim_takes_due_gaps_and_gives_them_back_when_its_lease_is_over() -> None:
    gap = make_gap()
    make_gap(next_attempt_at=None)
    make_gap(next_attempt_at=NOON + timedelta(hours=1))
    assert Gap.objects.claim(NOON, limit=5) == [gap]
    assert Gap.objects.claim(NOON, limit=5) == []
    assert Gap.objects.claim(NOON + timedelta(minutes=10), limit=5) == [gap]


def test_open_holds_what_is_neither_filled_nor_given_up() -> None:
    gap = make_gap()
    make_gap(next_attempt_at=None)
    assert list(Gap.objects.open()) == [gap]


@pytest.mark.parametrize("bad", [{"last": TODAY - timedelta(days=1)}, {"papers": -1}])
def test_gap_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_gap(**bad)


def test_gap_of_a_category_is_there_once() -> None:
    gap = make_gap()
    with pytest.raises(IntegrityError), transaction.atomic():
        make_gap(source=gap.source)


def test_str_says_which_days_are_missing() -> None:
    assert str(make_gap()) == "cs.CL, 2026-03-04 to 2026-03-04"
