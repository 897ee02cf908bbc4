from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError

from digest.models import Edition
from tests.make import NOON, TODAY

pytestmark = pytest.mark.django_db


def test_on_new_dates_opens_their_editions() -> None:
    days = {TODAY, TODAY + timedelta(days=1)}
    editions = Edition.objects.on(days)
    assert {day: edition.date for day, edition in editions.items()} == {day: day for day in days}
    assert all(edition.pk and edition.closed_at is None for edition in editions.values())


def test_on_known_dates_returns_the_same_editions() -> None:
    first = Edition.objects.on({TODAY})
    again = Edition.objects.on({TODAY, TODAY + timedelta(days=1)})
    assert again[TODAY] == first[TODAY]
    assert Edition.objects.count() == 2


def test_on_no_dates_opens_nothing() -> None:
    assert Edition.objects.on(set()) == {}
    assert Edition.objects.count() == 0


def test_edition_of_one_date_exists_once() -> None:
    Edition.objects.create(date=TODAY)
    with pytest.raises(IntegrityError):
        Edition.objects.bulk_create([Edition(date=TODAY)])


def test_closes_at_is_when_the_last_zone_and_the_patience_are_over() -> None:
    """On 4 March the day ends at UTC-12 at noon UTC of the 5th, and a digest of then is mailed for 20 hours."""
    assert Edition(date=date(2026, 3, 4)).closes_at == datetime(2026, 3, 6, 8, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, True), (1, True)])
def test_over_begins_when_the_edition_closes(seconds: int, over: bool) -> None:
    edition = Edition.objects.create(date=TODAY)
    moment = edition.closes_at + timedelta(seconds=seconds)
    assert Edition.objects.over(moment).exists() == over


def test_over_leaves_out_what_is_closed_and_gives_the_oldest_first() -> None:
    newer, older = (Edition.objects.create(date=TODAY - timedelta(days=days)) for days in (5, 9))
    Edition.objects.create(date=TODAY - timedelta(days=7), closed_at=NOON)
    assert list(Edition.objects.over(NOON)) == [older, newer]


def test_str_is_the_date_in_words() -> None:
    assert str(Edition(date=date(2026, 3, 4))) == "4 March 2026"
    assert str(Edition(date=date(2026, 12, 24))) == "24 December 2026"
