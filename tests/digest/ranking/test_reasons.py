import numpy as np
import pytest

from digest.ranking.batch import Batch
from digest.ranking.corpus import Background
from digest.ranking.query import parse_query
from digest.ranking.reasons import LONGEST, explain, joined, listed_reason, matched_words, phrase_reasons
from digest.ranking.topics import TopicIndex
from tests.digest.ranking.make import make_document


@pytest.mark.parametrize(
    ("found", "together", "reason"),
    [
        ([1, 1, 1], [1, 1], "matches graph neural drug"),
        ([1, 1, 1], [1, 0], "mentions graph neural and drug"),
        ([1, 1, 1], [0, 0], "mentions graph, neural and drug"),
        ([1, 1, 0], [1, 0], "mentions graph neural"),
        ([1, 1, 0], [0, 0], "mentions graph and neural"),
        ([1, 0, 1], [0, 0], "mentions graph and drug"),
        ([0, 0, 1], [0, 0], "mentions drug"),
        ([0, 0, 0], [0, 0], ""),
    ],
)
def test_matched_words_names_only_what_was_found(found: list[int], together: list[int], reason: str) -> None:
    assert matched_words(["graph", "neural", "drug"], found, together) == reason


def test_matched_words_of_a_query_without_words_says_nothing() -> None:
    assert matched_words([], [], []) == ""


@pytest.mark.parametrize(
    ("in_title", "reasons"),
    [
        ([True, True], ['has "street lamp" and "moth" in its title']),
        ([True, False], ['has "street lamp" in its title', 'has "moth"']),
        ([False, False], ['has "street lamp" and "moth"']),
    ],
)
def test_phrase_reasons_tell_title_and_abstract_apart(in_title: list[bool], reasons: list[str]) -> None:
    assert phrase_reasons(["street lamp", "moth"], in_title) == reasons


def test_phrase_reasons_of_no_phrase() -> None:
    assert phrase_reasons([], []) == []


def test_listed_reason_names_each_once() -> None:
    assert listed_reason("by", ["Jane Doe"]) == "by Jane Doe"
    assert listed_reason("in", ["cs.CL", "cs.LG", "cs.CL"]) == "in cs.CL and cs.LG"


def test_joined_with_commas() -> None:
    assert joined(["matches moth", "in cs.CL"]) == "matches moth, in cs.CL"
    assert joined([]) == ""


def test_joined_reason_is_cut_where_it_would_be_longer_than_a_line() -> None:
    assert joined(["x" * LONGEST]) == "x" * LONGEST
    assert joined(["x" * LONGEST, "y"]) == "x" * (LONGEST - 1) + "…"


def explained(pairs: list[tuple[int, int]]) -> list[str]:
    """Explain pairs of these topics and papers, by position."""
    batch = Batch(
        [
            make_document("Moths of the street", "A lamp.", authors=("Jane Doe",)),
            make_document("Tides", "A street lamp without moths.", categories=("cs.CL", "cs.LG")),
        ]
    )
    queries = ["street quokka moths", '"lamp"', "cat:cs", 'moth "street" author:doe']
    index = TopicIndex([(number, parse_query(query)) for number, query in enumerate(queries)], Background.of([]))
    presence = index.presence(batch, index.terms.count(batch.texts))
    topics, papers = np.array(pairs, np.int64).reshape(-1, 2).T
    return explain(batch, index, presence, topics, papers)


def test_explain_pairs_of_one_topic() -> None:
    assert explained([(0, 1), (0, 0)]) == ["mentions street and moths"] * 2
    assert explained([(1, 1), (1, 0)]) == ['has "lamp"'] * 2


def test_explain_pairs_of_many_topics_in_any_order() -> None:
    assert explained([(3, 0), (2, 1), (0, 0)]) == [
        'matches moth, has "street" in its title, by Jane Doe',
        "in cs.CL and cs.LG",
        "mentions street and moths",
    ]


def test_explain_nothing() -> None:
    assert explained([]) == []
