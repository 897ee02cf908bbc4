from dataclasses import replace

from digest.ranking.corpus import Background, Document
from digest.ranking.query import parse_query
from digest.ranking.related import FEEDBACK_WORDS, related_query

BEST = [
    Document(1, "Knowledge transfer", "Distillation into a small student network."),
    Document(2, "Transfer of knowledge", "A network whose students are distilled."),
    Document(3, "Knowledge transfer alone", "On whales."),
]
BACKGROUND = Background.of([*BEST, Document(4, "Birds", "A network of nests."), Document(5, "Bees", "Their hives.")])


def test_related_query_asks_for_what_the_best_matches_share_most_telling_first() -> None:
    query = parse_query("knowledge transfer cat:cs.CL -survey")
    related = related_query(query, BEST, BACKGROUND)
    assert related == replace(query, words=("distilled", "students", "network"))


def test_related_query_is_bounded() -> None:
    words = " ".join(f"word{number}" for number in range(3 * FEEDBACK_WORDS))
    papers = [Document(key, "Knowledge transfer", words) for key in range(2)]
    related = related_query(parse_query("knowledge transfer"), papers, Background.of(papers))
    assert related is not None
    assert len(related.words) == FEEDBACK_WORDS


def test_related_query_of_a_phrase_a_name_or_a_category_is_none() -> None:
    for text in ('"knowledge transfer"', 'author:"Jane Doe"', "cat:cs.CL"):
        assert related_query(parse_query(text), BEST, BACKGROUND) is None


def test_related_query_of_papers_that_share_nothing_is_none() -> None:
    assert related_query(parse_query("knowledge transfer"), BEST[2:], BACKGROUND) is None
