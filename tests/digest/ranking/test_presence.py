import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.presence import Ints, Lists, Presence


def ints(*values: int) -> Ints:
    return np.array(values, np.int64)


def test_lists_of_topics_come_one_after_the_other() -> None:
    columns, places = Lists([[5, 6], [], [7]]).of(ints(2, 0, 1, 0))
    assert columns.tolist() == [7, 5, 6, 5, 6]
    assert places.tolist() == [0, 1, 1, 3, 3]


def test_lists_none_for_no_topics() -> None:
    columns, places = Lists([[5]]).of(ints())
    assert (columns.tolist(), places.tolist()) == ([], [])


def test_lists_sizes() -> None:
    assert Lists([[5, 6], [], [7]]).sizes.tolist() == [2, 0, 1]
    assert Lists([]).sizes.tolist() == []


def test_presence_knows_its_pairs() -> None:
    presence = Presence(ints(0, 2, 1), ints(3, 0, 9))
    assert presence.has(ints(0, 0, 1, 2, 9), ints(3, 4, 9, 0, 9)).tolist() == [True, False, True, True, False]


def test_presence_of_nothing_has_nothing() -> None:
    assert Presence(ints(), ints()).has(ints(0, 5), ints(0, 5)).tolist() == [False, False]


def test_presence_number_of_a_topics_list_in_a_paper() -> None:
    presence = Presence(ints(0, 0, 1), ints(1, 2, 2))
    lists = Lists([[1, 2, 3], [], [4]])
    assert presence.number(lists, ints(0, 0, 1, 2), ints(0, 1, 0, 0)).tolist() == [2, 1, 0, 0]


PAIRS = st.sets(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=20)


@given(PAIRS)
def test_presence_is_a_set(pairs: set[tuple[int, int]]) -> None:
    ordered = list(pairs)
    presence = Presence(ints(*(paper for paper, _ in ordered)), ints(*(column for _, column in ordered)))
    every = [(paper, column) for paper in range(6) for column in range(6)]
    found = presence.has(ints(*(paper for paper, _ in every)), ints(*(column for _, column in every)))
    assert {pair for pair, there in zip(every, found.tolist(), strict=True) if there} == pairs
