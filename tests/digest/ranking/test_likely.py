import pytest

from digest.ranking.batch import Batch
from digest.ranking.corpus import Background, Document
from digest.ranking.ladder import Ladder
from digest.ranking.likely import Likely
from digest.ranking.matching import TopicIndex
from digest.ranking.query import parse_query

PAPERS = [
    Document(1, "Moths", "Moths and moths and moths.", (), ("cs.CL",)),
    Document(2, "Moths", "Of a lamp.", (), ("cs.LG", "cs.CL")),
    Document(3, "The lamp", "Attracts some moths.", (), ("cs.LG",)),
    Document(4, "Dust"),
]


def likely(text: str, *, total: int, bar: float = 0) -> Likely:
    batch = Batch(PAPERS)
    index = TopicIndex([(0, parse_query(text))], Background(batch.texts))
    return Likely(index, Ladder(index, bar), bar, batch, total)


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("moths", 300),
        ("moths -lamp", 100),
        ("moths cat:cs.CL", 200),
        ("cat:cs.CL", 200),
        ('"moths" lamp', 300),
        ("tokamak", 0),
        ("author:wang", 400),
    ],
)
def test_likely_numbers_are_those_of_the_sample_for_all_of_the_library(text: str, met: int) -> None:
    assert likely(text, total=400).met == met


def test_likely_papers_that_belong_are_fewer_where_there_is_a_bar() -> None:
    assert likely("moths", total=400).found == 300
    assert likely("moths", total=400, bar=0.46).found < 300


def test_likely_reach_is_that_of_as_many_papers_as_are_expected() -> None:
    found = likely("moths", total=400)
    reaches = [found.reach(expected) for expected in (400, 200, 100)]
    assert reaches == sorted(reaches)
    assert reaches[0] == 0.0
    assert [found.number(reach) <= expected for reach, expected in zip(reaches, (400, 200, 100), strict=True)] == [
        True
    ] * 3


def test_likely_numbers_of_no_sample_are_none() -> None:
    batch = Batch([])
    index = TopicIndex([(0, parse_query("moths"))], Background(batch.texts))
    nothing = Likely(index, Ladder(index, 0), 0, batch, 0)
    assert (nothing.met, nothing.found, nothing.reach(100)) == (0, 0, 0)
