from datetime import date, timedelta
from typing import Any

import pytest

from accounts.models import Reader
from digest.web.upcoming import day_in_words, next_digest, place
from tests.make import NOON, TODAY, make_reader

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Your next digest comes tomorrow, Thursday, 5 March 2026, soon after 07:00, UTC time."),
        ({"delivery_hour": 18}, "Your next digest comes today, soon after 18:00, UTC time."),
        (
            {"time_zone": "America/New_York", "delivery_hour": 8},
            "Your next digest comes today, soon after 08:00, New York time.",
        ),
        (
            {"time_zone": "Asia/Kathmandu", "days": "weekly", "weekday": 6},
            "Your next digest comes on Sunday, 8 March 2026, soon after 07:00, Kathmandu time.",
        ),
        # Clocks go forward in New York at two in the morning of 8 March: the digest of that hour comes at three.
        (
            {"time_zone": "America/New_York", "days": "weekly", "weekday": 6, "delivery_hour": 2},
            "Your next digest comes on Sunday, 8 March 2026, soon after 03:00, New York time.",
        ),
    ],
)
def test_next_digest_is_told_by_the_readers_own_clock(given: Any, words: str) -> None:
    assert next_digest(make_reader(**given), NOON) == words


def test_digest_that_is_due_is_on_its_way() -> None:
    reader = Reader(next_digest_at=NOON)
    assert next_digest(reader, NOON) == "Your next digest is on its way."


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "tomorrow, Thursday, 5 March 2026"), (7, "on Wednesday, 11 March 2026")]
)
def test_day_is_said_as_people_say_it(days: int, words: str) -> None:
    assert day_in_words(TODAY + timedelta(days=days), TODAY) == words


def test_day_of_another_year_names_it() -> None:
    assert day_in_words(date(2027, 1, 1), TODAY) == "on Friday, 1 January 2027"


@pytest.mark.parametrize(
    ("zone", "words"), [("America/Argentina/Buenos_Aires", "Buenos Aires"), ("UTC", "UTC"), ("US/Eastern", "Eastern")]
)
def test_place_is_the_last_part_of_a_zone(zone: str, words: str) -> None:
    assert place(zone) == words
