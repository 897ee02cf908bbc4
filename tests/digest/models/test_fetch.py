from typing import Any

import pytest
from django.db import IntegrityError, transaction

from digest.models import Fetch
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db


def make_fetch(**given: Any) -> Fetch:
    return Fetch.objects.create(**{"source": make_source(name="Journal"), "at": NOON, "outcome": "stored"} | given)


@pytest.mark.parametrize("outcome", [one for one in Fetch.Outcome.values if one not in ("failed", "cut-off")])
def test_visit_that_went_well_names_no_error(outcome: str) -> None:
    assert make_fetch(outcome=outcome).error_kind == ""
    with pytest.raises(IntegrityError), transaction.atomic():
        make_fetch(outcome=outcome, error_kind="timeout")


@pytest.mark.parametrize("outcome", ["failed", "cut-off"])
def test_visit_that_failed_names_its_kind_of_error(outcome: str) -> None:
    assert make_fetch(outcome=outcome, error_kind="timeout").error_kind == "timeout"
    with pytest.raises(IntegrityError), transaction.atomic():
        make_fetch(outcome=outcome)


@pytest.mark.parametrize("bad", [{"outcome": "maybe"}, {"purpose": "fun"}, {"status": -1}])
def test_visit_that_makes_no_sense_is_refused_by_the_database(bad: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_fetch(**bad)


def test_str_says_which_visit_it_is() -> None:
    assert str(make_fetch()) == "Journal at 2026-03-04 12:00: stored"
