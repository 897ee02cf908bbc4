from digest.ranking.query import parse_query
from digest.ranking.starter import named, starter, starter_by_query


def test_every_entry_has_a_query_of_its_own_that_can_be_read() -> None:
    assert len(starter_by_query()) == len(starter())
    assert all(parse_query(entry.query) for entry in starter())


def test_names_are_distinct_in_any_case() -> None:
    assert len({entry.name.casefold() for entry in starter()}) == len(starter())


def test_named_finds_an_entry_in_any_case_and_spacing() -> None:
    found = named(" machine  TRANSLATION ", starter())
    assert found
    assert found.query == '"machine translation"'


def test_named_finds_nothing_for_other_words() -> None:
    assert named("basket weaving", starter()) is None
