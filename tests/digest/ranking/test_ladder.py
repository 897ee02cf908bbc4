import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.conditions import All, Condition, Has
from digest.ranking.ladder import Ladder, Rung
from digest.ranking.marks import marks
from digest.ranking.matching import Background, Document, TopicIndex, match
from digest.ranking.query import Query, parse_query
from digest.ranking.text import tokens

WORDS = ("moth", "lamp", "night", "dust", "wing", "bark", "moon", "leaf", "rain", "of")


def rungs(query: Query, background: Background) -> list[Rung]:
    """Return the widest rung, some between, and the narrowest."""
    ladder = Ladder(TopicIndex([(0, query)], background), 0)
    if not ladder.grid:
        return [ladder.widest, ladder.narrowest]
    between = [ladder.rung(share * ladder.grid.most) for share in (0.1, 0.2, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.95)]
    return [ladder.widest, *between, ladder.narrowest]


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
    for rung in rungs(query, background):
        assert all(holds(rung.condition, found[hit.paper]) for hit in hits if hit.score >= rung.least)


@pytest.mark.parametrize("text", ["moth", "moth lamp night", '"moth lamp"', " ".join(WORDS[:9]), "cat:cs.CL moth"])
def test_rungs_ask_for_more_the_narrower_they_are(text: str) -> None:
    found = rungs(parse_query(text), Background.of([]))
    assert [rung.least for rung in found] == sorted(rung.least for rung in found)
    assert len({rung.condition for rung in found}) > 3


def test_query_for_a_category_asks_for_the_primary_one_before_others() -> None:
    found = rungs(parse_query("cat:cs.CL -moth -cat:cs.LG"), Background.of([]))
    assert [(rung.condition, rung.least) for rung in found] == [(Has("cat:cs.cl"), 0), (Has("first:cs.cl"), 1.0)]
    assert {rung.without for rung in found} == {("moth", "cat:cs.lg")}
