from collections import Counter

import pytest

from digest.ranking.matching import Background, Batch, TopicIndex, match_batch
from digest.ranking.query import parse_query
from digest.ranking.starter import Entry, fitting, query_of, starter, starter_by_query
from tests.digest.ranking.real import FEEDS, real_documents


def test_every_entry_has_a_query_of_its_own_that_can_be_read() -> None:
    assert len(starter_by_query()) == len(starter())
    assert all(parse_query(entry.query) for entry in starter())


def test_names_are_distinct_in_any_case() -> None:
    assert len({entry.name.casefold() for entry in starter()}) == len(starter())


def test_descriptions_fit_into_the_line_that_promoted_topics_have() -> None:
    assert all(0 < len(entry.description) <= 200 for entry in starter())
    assert all(len(entry.name) <= 60 >= len(entry.group) for entry in starter())


def test_query_of_a_name_is_its_entrys_in_any_case_and_spacing() -> None:
    assert query_of(" machine  TRANSLATION ", starter()) == '"machine translation"'


def test_query_of_other_words_is_the_words() -> None:
    assert query_of("basket weaving", starter()) == "basket weaving"


WEAVING = Entry("Basket weaving", "Crafts", "Baskets.", "basket weaving")
WICKER = Entry("Wicker work", "Crafts", "Chairs.", "wicker basket")
SEWING = Entry("Sewing", "Crafts", "Seams.", "sewing")


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("weaving baskets", ["Basket weaving"]),
        ("basket", ["Wicker work", "Basket weaving"]),
        ("wea", ["Basket weaving"]),
        ("we", []),
        ("the of", []),
        ("", []),
        ("\U0001f9fa", []),
        ("sewing machines", ["Sewing"]),
        ("under water sewing machines of the past", []),
    ],
)
def test_fitting_gives_entries_that_say_most_of_what_is_typed(typed: str, names: list[str]) -> None:
    found = fitting(typed, [WEAVING, WICKER, SEWING], most=3)
    assert [entry.name for entry in found] == names


def test_fitting_gives_no_more_than_asked_for() -> None:
    assert len(fitting("basket", [WEAVING, WICKER], most=1)) == 1


@pytest.mark.skipif(not FEEDS.exists(), reason="needs the real input of ../shared/data")
def test_entries_bring_some_but_not_too_many_of_real_days_papers() -> None:
    """The feeds are of language, vision and their neighbours: entries of these groups must bring something."""
    documents = real_documents()
    days = [documents[start : start + 400] for start in range(0, len(documents) - 399, 400)]
    index = TopicIndex(list(enumerate(parse_query(entry.query) for entry in starter())), Background.of(documents))
    shares: dict[int, list[float]] = {place: [] for place in range(len(starter()))}
    for day in days:
        counts = Counter(hit.topic for hit in match_batch(Batch(day), index, keep=None))
        for place, of_days in shares.items():
            of_days.append(counts[place] / len(day))
    near = {"Machine learning", "Language and speech", "Vision and graphics", "Robotics and control"}
    assert [starter()[place].name for place, of_days in shares.items() if max(of_days) >= 0.15] == []
    silent = [starter()[place] for place, of_days in shares.items() if not any(of_days)]
    assert [entry.name for entry in silent if entry.group in near] == []
