from datetime import timedelta

import pytest

from digest.ingest.moved import follow_move
from digest.models import Source
from tests.digest.ingest.make import make_fetched
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

TARGET = "https://feeds.example.net/new"


def moved(source: Source, *hours: float, target: str = TARGET) -> list[str]:
    """Let `source` be redirected for good so many hours after noon; return what staff are told each time."""
    return [follow_move(source, make_fetched(moved_to=target), NOON + timedelta(hours=hour)) for hour in hours]


def test_move_is_believed_after_five_visits_over_a_day() -> None:
    source = make_source(url="https://feeds.example.org/old")
    told = moved(source, 0, 6, 12, 18)
    assert told == [f"Moved for good to {TARGET}"] * 4
    assert source.url == "https://feeds.example.org/old"
    assert moved(source, 25) == [f"The address is now {TARGET}"]
    assert (source.url, source.moved_to, source.moved_count) == (TARGET, "", 0)


def test_move_is_not_believed_within_a_day_however_often_it_is_said() -> None:
    source = make_source(url="https://feeds.example.org/old")
    moved(source, *(number / 10 for number in range(100)))
    assert (source.url, source.moved_count) == ("https://feeds.example.org/old", 100)


@pytest.mark.parametrize("between", ["", "https://feeds.example.net/elsewhere"])
def test_move_that_is_not_said_each_time_is_not_believed(between: str) -> None:
    source = make_source(url="https://feeds.example.org/old")
    moved(source, 0, 6, 12, 18)
    moved(source, 24, target=between)
    moved(source, 30)
    assert (source.url, source.moved_count) == ("https://feeds.example.org/old", 1)


def test_move_to_the_address_of_another_source_ends_this_one() -> None:
    other = make_source(name="The other", url=TARGET)
    source = make_source(url="https://feeds.example.org/old")
    [*_, told] = moved(source, 0, 6, 12, 18, 25)
    assert told == "It has moved to the address of “The other”, which is a source already."
    assert (source.is_active, source.disabled_at, source.disabled_reason) == (False, NOON + timedelta(hours=25), told)
    source.save()
    other.refresh_from_db()
    assert other.is_active


@pytest.mark.parametrize("target", ["https://feeds.example.net/" + "x" * 2048, "https://me:secret@feeds.example.net/"])
def test_address_that_may_not_be_kept_is_not_followed(target: str) -> None:
    source = make_source(url="https://feeds.example.org/old")
    assert moved(source, 0, target=target) == [""]
    assert source.moved_count == 0


def test_page_of_several_says_nothing_of_the_source() -> None:
    source = make_source(page_url="https://feeds.example.org/old?page=2")
    assert moved(source, 0) == [""]
