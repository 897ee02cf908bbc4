import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.corpus import TITLE_WEIGHT, USUAL_LENGTH, Background, Document, Term, Terms, Texts
from digest.ranking.text import tokens

PAPERS = [
    Document(1, "Moths and lamps", "Moths fly to lamps. Street lamps draw moths."),
    Document(2, "State of the art", ""),
    Document(3, "", "of the"),
]


def counts_of(terms: list[Term], papers: list[Document]) -> list[list[float]]:
    counted: list[list[float]] = Terms(terms).count(Texts(papers)).toarray().tolist()
    return counted


def counted_plainly(term: Term, paper: Document) -> float:
    """Count one term in one paper the slow way."""
    total = 0.0
    for text, weight in ((paper.title, TITLE_WEIGHT), (paper.abstract, 1)):
        found = tuple(tokens(text))
        total += weight * sum(found[start : start + len(term)] == term for start in range(len(found)))
    return total


def test_texts_lengths_count_words_of_content_and_titles_three_times() -> None:
    assert Texts(PAPERS).lengths.tolist() == [2 * 3 + 7, 2 * 3, 0]


def test_texts_titles_are_tokens_between_spaces() -> None:
    assert Texts(PAPERS).titles[1] == " state _of _the art "


def test_texts_of_nothing_are_empty() -> None:
    texts = Texts([])
    assert texts.lengths.tolist() == []
    assert Terms([("moth",)]).count(texts).shape == (0, 1)


def test_terms_are_numbered_in_order_without_doubles() -> None:
    terms = Terms([("moth",), ("lamp", "moth"), ("moth",), ("lamp",)])
    assert terms.columns == {("moth",): 0, ("lamp", "moth"): 1, ("lamp",): 2}
    assert len(terms) == 3


def test_terms_words_of_the_title_count_three_times() -> None:
    assert counts_of([("moth",), ("lamp",)], PAPERS) == [[3 + 2, 3 + 2], [0, 0], [0, 0]]


def test_terms_pairs_must_be_neighbours() -> None:
    assert counts_of([("street", "lamp"), ("moth", "lamp"), ("lamp", "street")], PAPERS)[0] == [1, 0, 1]


def test_terms_never_reach_from_title_into_abstract_nor_into_the_next_paper() -> None:
    papers = [Document(1, "Street", "lamp"), Document(2, "moth")]
    assert counts_of([("street", "lamp"), ("lamp", "moth")], papers) == [[0, 0], [0, 0]]


def test_terms_phrases_hold_stop_words() -> None:
    phrases: list[Term] = [("state", "_of", "_the", "art"), ("state", "_of", "art"), ("state", "_in", "_the", "art")]
    assert counts_of(phrases, PAPERS)[1] == [3, 0, 0]


def test_terms_that_begin_alike_are_told_apart() -> None:
    papers = [Document(1, "a b c d", "a b c"), Document(2, "a b x")]
    terms: list[Term] = [("b", "c"), ("b", "c", "d"), ("b",), ("b", "x"), ("c", "d")]
    assert counts_of(terms, papers) == [[4, 3, 4, 0, 3], [0, 0, 3, 3, 0]]


def test_terms_unknown_to_the_papers_count_nothing() -> None:
    assert counts_of([("zebra",), ("zebra", "moth")], PAPERS) == [[0, 0]] * 3


def test_terms_none_give_no_columns() -> None:
    assert Terms([]).count(Texts(PAPERS)).shape == (3, 0)


LETTERS = st.lists(st.sampled_from("bcdfgh"), max_size=12).map(" ".join)
TERMS = st.lists(st.lists(st.sampled_from("bcdfgh"), min_size=1, max_size=4).map(tuple), min_size=1, max_size=6)


@given(st.lists(st.tuples(LETTERS, LETTERS), max_size=4), TERMS)
def test_terms_count_as_one_would_by_hand(texts: list[tuple[str, str]], terms: list[Term]) -> None:
    papers = [Document(key, *text) for key, text in enumerate(texts)]
    distinct = list(dict.fromkeys(terms))
    assert counts_of(terms, papers) == [[counted_plainly(term, paper) for term in distinct] for paper in papers]


def test_background_rare_words_weigh_more() -> None:
    papers = [Document(key, "moth", "lamp" if key < 5 else "") for key in range(20)]
    common, known, unknown = Background.of(papers).rarity(Terms([("moth",), ("lamp",), ("zebra",)]))
    assert 0 < common < known < unknown


def test_background_rarity_is_the_stated_formula() -> None:
    papers = [Document(key, "moth" if key < 3 else "lamp") for key in range(10)]
    assert Background.of(papers).rarity(Terms([("moth",)])) == pytest.approx([np.log(1 + 7.5 / 3.5)])


def test_background_counts_papers_not_occurrences() -> None:
    once = Background.of([Document(1, "moth"), Document(2, "lamp")])
    often = Background.of([Document(1, "moth moth moth", "moth"), Document(2, "lamp")])
    assert once.rarity(Terms([("moth",)])).tolist() == often.rarity(Terms([("moth",)])).tolist()


def test_background_of_nothing_makes_all_terms_equal() -> None:
    empty = Background.of([])
    assert empty.size == 0
    assert empty.mean_length == USUAL_LENGTH
    assert empty.rarity(Terms([("moth",), ("lamp",)])) == pytest.approx([np.log(2), np.log(2)])


def test_background_of_one_paper_is_sane() -> None:
    one = Background.of(iter([Document(1, "moth", "lamp")]))
    assert one.mean_length == 4
    assert one.rarity(Terms([("moth",), ("zebra",)])) == pytest.approx([np.log(4 / 3), np.log(4)])


def test_background_of_papers_without_words_has_the_usual_length() -> None:
    assert Background.of([Document(1, "the"), Document(2, "!")]).mean_length == USUAL_LENGTH
