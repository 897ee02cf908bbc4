import numpy as np
import pytest

from digest.ranking.batch import Batch
from digest.ranking.corpus import Background
from digest.ranking.query import parse_query
from digest.ranking.topics import PAIR_WEIGHT, TopicIndex
from tests.digest.ranking.make import make_document

EQUAL = Background.of([])  # every term is worth the same


def index_of(*queries: str) -> TopicIndex:
    return TopicIndex([(number, parse_query(query)) for number, query in enumerate(queries)], EQUAL)


def weights_of(query: str) -> dict[tuple[str, ...], float]:
    index = index_of(query)
    row = index.weights.toarray()[0]
    return {term: round(float(row[column]), 6) for term, column in index.terms.columns.items() if row[column]}


def test_weights_of_words_sum_to_one_and_pairs_come_on_top() -> None:
    assert weights_of("street lamp moths") == {
        ("street",): round(1 / 3, 6),
        ("street", "lamp"): round(PAIR_WEIGHT / 3, 6),
        ("lamp",): round(1 / 3, 6),
        ("lamp", "moth"): round(PAIR_WEIGHT / 3, 6),
        ("moth",): round(1 / 3, 6),
    }


def test_weights_of_one_word() -> None:
    assert weights_of("moths") == {("moth",): 1.0}


def test_weights_of_a_phrase_are_those_of_its_words_and_pairs() -> None:
    assert weights_of('"street lamp"') == weights_of("street lamp")


def test_weights_know_no_stop_words_and_no_pair_across_them() -> None:
    assert weights_of('"state of the art"') == {("state",): 0.5, ("art",): 0.5}


def test_weights_count_a_word_once_that_stands_in_words_and_phrase() -> None:
    assert weights_of('lamp "street lamp"') == weights_of("street lamp")


def test_weights_leave_exclusions_and_lists_out() -> None:
    assert weights_of('moth -survey -"case study" cat:cs author:doe -cat:math -author:roe') == {("moth",): 1.0}
    assert weights_of("cat:cs author:doe") == {}


def test_index_knows_what_decides() -> None:
    index = index_of("moth", '"street lamp"', 'moth "street lamp"', "cat:cs", "author:doe")
    assert index.by_text.tolist() == [True, True, True, False, False]
    assert index.certain.tolist() == [False, True, False, False, False]
    assert index.conditional == [False, True, True, True, True]


def test_index_of_no_topics() -> None:
    index = index_of()
    assert index.weights.shape == (0, 0)
    assert index.by_text.tolist() == []


def test_index_presence_holds_terms_and_facets() -> None:
    index = index_of("moth -cat:math", 'author:doe -"street lamp"')
    batch = Batch(
        [
            make_document("Moth", categories=("math.AG",)),
            make_document("Street lamp", authors=("Jane Doe",), categories=("cs.CL",)),
        ]
    )
    presence = index.presence(batch, index.terms.count(batch.texts))
    papers = np.array([0, 1])
    assert presence.number(index.words, np.array([0, 0]), papers).tolist() == [1, 0]
    assert presence.number(index.left_out, np.array([0, 0]), papers).tolist() == [1, 0]
    assert presence.number(index.left_out, np.array([1, 1]), papers).tolist() == [0, 1]
    assert presence.number(index.authors, np.array([1, 1]), papers).tolist() == [0, 1]


@pytest.mark.parametrize("query", ["moth", "cat:cs", '"street lamp" -moth'])
def test_index_keeps_numbers_and_queries(query: str) -> None:
    index = TopicIndex([(42, parse_query(query))], EQUAL)
    assert (index.numbers, index.queries) == ([42], [parse_query(query)])
