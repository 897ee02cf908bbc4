"""Matching on real papers: the three topic pages rank as well as ever, and what passes the bar is to the point."""

from statistics import mean

import pytest

from digest.ranking.matching import Background, Hit, match
from digest.ranking.query import parse_query
from tests.benchmarks.match_quality import PAGES, average_precision, measured, ndcg
from tests.digest.ranking.real import real_documents


def test_average_precision_of_a_known_ranking() -> None:
    assert average_precision([1, 9, 2, 8], {1, 2, 3}) == pytest.approx((1 / 1 + 2 / 3) / 3)


def test_ndcg_of_a_perfect_and_an_empty_ranking() -> None:
    assert ndcg([1, 2, 9], {1, 2}) == 1
    assert ndcg([8, 9], {1, 2}) == 0


@pytest.mark.skipif(not PAGES.is_dir(), reason="needs ../shared/data/hf_topic_pages")
def test_topic_pages_rank_at_least_as_well_as_measured() -> None:
    rows = measured().values()
    assert mean(row["map"] for row in rows) >= 0.776
    assert mean(row["ndcg20"] for row in rows) >= 0.98
    assert mean(row["precision_at_bar"] for row in rows) >= 0.9


def hits_in_real_papers(query: str) -> list[Hit]:
    documents = real_documents()
    if not documents:
        pytest.skip("needs ../shared/data/arxiv_feeds")
    return match(documents[:2000], [(1, parse_query(query))], Background.of(documents[2000:4000]), keep=None)


def test_real_papers_on_two_words_name_both_or_stress_one() -> None:
    hits = hits_in_real_papers("knowledge transfer")
    both = [hit for hit in hits if hit.why in ("matches knowledge transfer", "mentions knowledge and transfer")]
    assert len(hits) >= 5
    assert len(both) >= 0.9 * len(hits)


def test_real_papers_in_a_category_are_all_of_it() -> None:
    hits = hits_in_real_papers("cat:cs.CL")
    assert {hit.why for hit in hits} == {"in cs.CL"}
    assert {hit.score for hit in hits} == {1.0, 0.6}
