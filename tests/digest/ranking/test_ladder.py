import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.ladder import All, Condition, Has, ladder
from digest.ranking.marks import marks
from digest.ranking.matching import Background, Document, TopicIndex, match
from digest.ranking.query import Query, parse_query
from digest.ranking.text import tokens

WORDS = ("moth", "lamp", "night", "dust", "wing", "bark", "moon", "leaf", "rain", "of")


def holds(condition: Condition, found: set[str]) -> bool:
    if isinstance(condition, Has):
        return condition.mark in found
    each = [holds(part, found) for part in condition.parts]
    return all(each) if isinstance(condition, All) else any(each)


texts = st.lists(st.sampled_from(WORDS), max_size=40).map(" ".join)


@given(
    st.lists(st.tuples(texts, texts), min_size=1, max_size=8),
    st.lists(st.sampled_from(WORDS[:9]), min_size=1, max_size=8),
)
def test_every_paper_that_scores_as_much_meets_the_condition_of_a_rung(
    papers: list[tuple[str, str]], words: list[str]
) -> None:
    documents = [Document(key, title, abstract) for key, (title, abstract) in enumerate(papers)]
    background = Background.of(documents)
    query = Query(words=tuple(dict.fromkeys(words)))
    found = [set(marks(tokens(title), tokens(abstract), (), ())) for title, abstract in papers]
    hits = match(documents, [(0, query)], background, bar=0, keep=None)
    for rung in ladder(TopicIndex([(0, query)], background), 0):
        assert all(holds(rung.condition, found[hit.paper]) for hit in hits if hit.score >= rung.least)


@pytest.mark.parametrize("text", ["moth", "moth lamp night", '"moth lamp"', " ".join(WORDS[:9]), "cat:cs.CL moth"])
def test_rungs_ask_for_more_the_narrower_they_are(text: str) -> None:
    rungs = ladder(TopicIndex([(0, parse_query(text))], Background.of([])), 0)
    assert [rung.least for rung in rungs] == sorted(rung.least for rung in rungs)
    assert len(rungs) > 5


def test_query_for_a_category_asks_for_the_primary_one_before_others() -> None:
    rungs = ladder(TopicIndex([(0, parse_query("cat:cs.CL -moth -cat:cs.LG"))], Background.of([])), 0)
    assert [(rung.condition, rung.least) for rung in rungs] == [(Has("cat:cs.cl"), 0), (Has("first:cs.cl"), 1.0)]
    assert {rung.without for rung in rungs} == {("moth", "cat:cs.lg")}
