from math import exp

import numpy as np
import pytest

from digest.ranking.choose import choose
from digest.ranking.corpus import Background, Document
from digest.ranking.taste import STRENGTH, Vectors
from tests.digest.ranking.make import TODAY, make_candidates, make_document, make_facts

MOTHS, LAMPS, TIDES = "moths fly towards lamps", "lamps draw moths at night", "tides follow the moon"


def vectors(*titles: str) -> Vectors:
    """Papers 1, 2, 3... by title, beside fifty others that say how common words are."""
    words = Vectors([make_document(key=1000 + number) for number in range(50)])
    words.add([Document(key, title) for key, title in enumerate(titles, start=1)])
    return words


def test_taste_is_positive_for_what_is_like_a_paper_wanted_more_of_and_zero_for_what_is_not() -> None:
    tastes = vectors(MOTHS, LAMPS, TIDES).tastes({1: True}, [2, 3])
    assert 0 < tastes[2] <= 1
    assert tastes[3] == 0


def test_taste_of_less_is_that_of_more_turned_around() -> None:
    words = vectors(MOTHS, LAMPS, TIDES)
    more, less = words.tastes({1: True}, [2, 3]), words.tastes({1: False}, [2, 3])
    assert less == {paper: -taste for paper, taste in more.items()}


def test_taste_of_the_one_paper_itself_is_its_trust() -> None:
    assert vectors(MOTHS).tastes({1: True}, [1])[1] == pytest.approx(1 / 2)
    assert vectors(MOTHS, MOTHS).tastes({1: True, 2: True}, [1])[1] == pytest.approx(2 / 3)


def test_taste_follows_the_formula() -> None:
    words = vectors(MOTHS, LAMPS, TIDES)
    both = words.tastes({1: True, 3: False}, [2])[2]
    assert both == pytest.approx(words.tastes({1: True}, [2])[2] + words.tastes({3: False}, [2])[2])


def test_taste_does_not_depend_on_the_other_papers_asked_about_nor_on_calls_before() -> None:
    words = vectors(MOTHS, LAMPS, TIDES)
    alone = words.tastes({1: True, 3: False}, [2])[2]
    words.tastes({2: False}, [1, 3])
    words.nearest(1, [2, 3])
    assert words.tastes({1: True, 3: False}, [3, 1, 2])[2] == alone


def test_rare_words_count_more_than_common_ones() -> None:
    words = Vectors([Document(100 + number, "lamps in every paper") for number in range(50)])
    words.add([Document(1, "moths near lamps"), Document(2, "moths"), Document(3, "lamps")])
    tastes = words.tastes({1: True}, [2, 3])
    assert tastes[2] > tastes[3] > 0


def test_title_counts_more_than_abstract() -> None:
    words = vectors()
    words.add([Document(1, "moths"), Document(2, "moths", "tides"), Document(3, "tides", "moths")])
    tastes = words.tastes({1: True}, [2, 3])
    assert tastes[2] > tastes[3]


def test_paper_that_was_never_added_is_left_out_on_both_sides() -> None:
    words = vectors(MOTHS, LAMPS)
    assert words.tastes({77: True}, [1, 88]) == {1: 0}
    assert words.tastes({}, []) == {}


def test_paper_without_words_is_to_nobodys_taste() -> None:
    assert vectors("the of and", MOTHS).tastes({1: True, 2: True}, [1]) == {1: 0}
    assert vectors("the of and", MOTHS).tastes({1: True}, [2]) == {2: 0}


def test_empty_sample_makes_all_words_equal() -> None:
    words = Vectors([])
    words.add([Document(1, "moths"), Document(2, "moths lamps")])
    assert words.tastes({1: True}, [2])[2] == pytest.approx(1 / 2 / np.sqrt(2))


def test_nearest_is_the_paper_with_most_in_common_but_never_itself() -> None:
    words = vectors(MOTHS, LAMPS, TIDES, "moths fly")
    assert words.nearest(4, [2, 1, 3]) == 1
    assert words.nearest(4, [4, 2]) == 2


def test_nearest_names_nothing_that_is_not_alike() -> None:
    words = vectors(MOTHS, LAMPS, TIDES)
    assert words.nearest(1, [3]) is None
    assert words.nearest(1, []) is None
    assert words.nearest(77, [1]) is None


def test_cleared_papers_are_missing() -> None:
    words = vectors(MOTHS)
    assert words.missing([1, 2]) == {2}
    words.clear()
    assert (words.missing([1, 2]), len(words)) == ({1, 2}, 0)


def test_word_rarity_is_that_of_terms_and_unknown_words_are_rarest() -> None:
    background = Background.of([Document(1, "moths moths"), Document(2, "moths", "lamps")])
    rarity = background.word_rarity()
    assert rarity["moth"] == pytest.approx(np.log1p(0.5 / 2.5))
    assert rarity["lamp"] == pytest.approx(np.log1p(1.5 / 1.5))
    assert background.rarest == pytest.approx(np.log1p(2.5 / 0.5))


def test_choosing_multiplies_worth_by_the_taste() -> None:
    picks = choose(
        make_candidates(7, 1, 2, relevance=0.5),
        weights={7: 1.0},
        facts=make_facts(0.0, 0.0),
        already=(),
        size=5,
        today=TODAY,
        tastes={2: 0.1},
    )
    assert [(pick.paper, pick.score) for pick in picks] == [(2, 0.5 * exp(STRENGTH * 0.1)), (1, 0.5)]


def test_choosing_leaves_out_what_is_against_the_taste() -> None:
    picks = choose(
        make_candidates(7, 1, 2, relevance=0.5),
        weights={7: 1.0},
        facts=make_facts(0.0, 0.0),
        already=(),
        size=5,
        today=TODAY,
        tastes={1: -0.5, 2: -0.05},
    )
    assert [pick.paper for pick in picks] == [2]
