"""What one reader gets: how much, of which topics, and what never."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.choose import BAR, TREND_WEIGHT, Candidate, Facts, Pick, choose, trending_today
from digest.ranking.matching import DEFAULT_BAR
from tests.digest.ranking.make import TODAY, make_candidates, make_facts


def chosen(candidates: list[Candidate], facts: dict[int, Facts], **given: Any) -> list[Pick]:
    stated: dict[str, Any] = {"weights": {1: 1.0, 2: 1.0, 3: 1.0}, "already": set(), "size": 10, "today": TODAY}
    return choose(candidates, facts=facts, **stated | given)


def papers(picks: list[Pick]) -> list[int]:
    return [pick.paper for pick in picks]


def places(picks: list[Pick]) -> dict[int, int]:
    topics = [pick.topic for pick in picks]
    return {topic: topics.count(topic) for topic in sorted(set(topics))}


def test_pick_says_paper_topic_topics_and_score() -> None:
    candidates = [Candidate(1, 2, 0.9), Candidate(1, 1, 0.5)]
    assert chosen(candidates, make_facts(0)) == [Pick(paper=1, topic=2, topics=(2, 1), score=0.9)]


def test_score_is_relevance_times_weight_freshness_and_trend() -> None:
    facts = make_facts(3.0, age=7)
    (pick,) = chosen(make_candidates(1, 1, relevance=0.8), facts, weights={1: 2.0})
    assert pick.score == pytest.approx(0.8 * 2.0 * 0.5 * (1 + TREND_WEIGHT * 3))


def test_best_come_first() -> None:
    facts = make_facts(0, 2, 0, 0)
    facts[4] = Facts(4, facts[4].title, 0, TODAY - timedelta(days=3))
    candidates = [Candidate(1, 1, 0.6), Candidate(2, 1, 0.6), Candidate(3, 1, 0.7), Candidate(4, 1, 0.7)]
    assert papers(chosen(candidates, facts)) == [2, 3, 1, 4]


def test_equal_scores_go_by_key() -> None:
    assert papers(chosen(make_candidates(1, 3, 1, 2), make_facts(0, 0, 0))) == [1, 2, 3]


def test_size_is_never_exceeded() -> None:
    assert papers(chosen(make_candidates(1, 1, 2, 3), make_facts(0, 0, 0), size=2)) == [1, 2]
    assert chosen(make_candidates(1, 1, 2, 3), make_facts(0, 0, 0), size=0) == []


def test_nothing_matches_nothing_is_chosen() -> None:
    assert chosen([], {}) == []


def test_nothing_above_the_bar_nothing_is_chosen() -> None:
    assert chosen(make_candidates(1, 1, relevance=BAR - 0.01), make_facts(0)) == []
    assert papers(chosen(make_candidates(1, 1, relevance=BAR), make_facts(0))) == [1]


def test_bar_lets_pass_for_eight_days_what_matching_lets_pass() -> None:
    candidates = make_candidates(1, 1, relevance=DEFAULT_BAR)
    assert papers(chosen(candidates, make_facts(0, age=8))) == [1]
    assert chosen(candidates, make_facts(0, age=9)) == []


def test_bar_does_not_ask_for_the_weight() -> None:
    assert papers(chosen(make_candidates(1, 1, relevance=0.5), make_facts(0), weights={1: 0.1})) == [1]


def test_trend_lifts_a_paper_over_the_bar() -> None:
    assert papers(chosen(make_candidates(1, 1, 2, relevance=0.15), make_facts(0, 2))) == [2]


def test_paper_from_tomorrow_is_as_fresh_as_today() -> None:
    (pick,) = chosen(make_candidates(1, 1, relevance=0.8), make_facts(0, age=-2))
    assert pick.score == pytest.approx(0.8)


@pytest.mark.parametrize("already", [{1}, [1], (1,), frozenset({1, 99})])
def test_paper_that_the_reader_has_had_is_never_chosen(already: Any) -> None:
    assert papers(chosen(make_candidates(1, 1, 2), make_facts(0, 0), already=already)) == [2]


def test_paper_with_the_title_of_one_that_the_reader_has_had_is_never_chosen() -> None:
    facts = make_facts(0, 0, titles={1: "Moths at lamps", 2: "Moths at lamps"})
    assert chosen(make_candidates(1, 2), facts, already={1}) == []


def test_near_duplicates_are_chosen_once_by_the_better_one() -> None:
    facts = make_facts(0, 2, 0, titles={1: "Moths at street lamps", 2: "Moths at Street-Lamps", 3: "Tides"})
    assert papers(chosen(make_candidates(1, 1, 2, 3), facts)) == [2, 3]


def test_near_duplicates_of_different_topics_are_chosen_once() -> None:
    facts = make_facts(0, 0, titles={1: "Moths at street lamps", 2: "Moths at Street-Lamps"})
    assert papers(chosen([*make_candidates(1, 1), *make_candidates(2, 2)], facts)) == [1]


def test_topics_that_are_not_followed_are_ignored() -> None:
    candidates = [*make_candidates(1, 1), *make_candidates(9, 1, 2)]
    assert chosen(candidates, make_facts(0, 0)) == [Pick(1, 1, (1,), 0.8)]


def test_topic_without_weight_is_ignored() -> None:
    assert chosen(make_candidates(1, 1), make_facts(0), weights={1: 0.0}) == []


def test_one_topic_may_have_all_places() -> None:
    assert places(chosen(make_candidates(1, *range(1, 21)), make_facts(*[0] * 20))) == {1: 10}


def test_broad_topic_does_not_drown_the_others() -> None:
    candidates = make_candidates(1, *range(1, 31), relevance=0.95)
    candidates += make_candidates(2, *range(31, 41), relevance=0.6) + make_candidates(3, 41, 42, relevance=0.5)
    assert places(chosen(candidates, make_facts(*[0] * 42))) == {1: 4, 2: 4, 3: 2}


def test_places_go_by_weight() -> None:
    candidates = make_candidates(1, *range(1, 21)) + make_candidates(2, *range(21, 41))
    picks = chosen(candidates, make_facts(*[0] * 40), weights={1: 4.0, 2: 1.0})
    assert places(picks) == {1: 8, 2: 2}


def test_unused_places_are_given_back() -> None:
    candidates = make_candidates(1, *range(1, 21)) + make_candidates(2, 21)
    assert places(chosen(candidates, make_facts(*[0] * 21))) == {1: 9, 2: 1}


def test_topics_without_candidates_hold_no_places() -> None:
    candidates = make_candidates(1, *range(1, 21)) + make_candidates(2, *range(21, 41))
    picks = chosen(candidates, make_facts(*[0] * 40), weights={1: 1.0, 2: 1.0, 3: 50.0})
    assert places(picks) == {1: 5, 2: 5}


def test_more_topics_than_places_share_by_score() -> None:
    candidates = [candidate for topic in (1, 2, 3) for candidate in make_candidates(topic, topic, relevance=topic / 4)]
    picks = chosen(candidates + make_candidates(3, 4, 5, relevance=0.9), make_facts(*[0] * 5), size=2)
    assert places(picks) == {2: 1, 3: 1}


def test_paper_of_a_full_topic_may_win_a_place_of_its_other_topic() -> None:
    candidates = make_candidates(1, 1, 2, 3, relevance=0.9) + make_candidates(2, 3, relevance=0.5)
    picks = chosen(candidates, make_facts(0, 0, 0), size=2)
    assert picks == [Pick(1, 1, (1,), 0.9), Pick(3, 2, (1, 2), 0.5)]


def test_topics_of_a_pick_are_named_once_each() -> None:
    candidates = [Candidate(1, 1, 0.5), Candidate(1, 1, 0.9), Candidate(1, 2, 0.7)]
    assert chosen(candidates, make_facts(0)) == [Pick(1, 1, (1, 2), 0.9)]


TITLES = st.lists(st.sampled_from(["moth", "lamp", "dusk", "tide"]), min_size=1, max_size=3).map(" ".join)
FACTS = st.lists(st.tuples(TITLES, st.floats(0, 9), st.integers(0, 12)), min_size=8, max_size=8).map(
    lambda rows: {
        paper: Facts(paper, title, trend, TODAY - timedelta(days=age)) for paper, (title, trend, age) in enumerate(rows)
    }
)
CANDIDATES = st.lists(st.builds(Candidate, st.integers(0, 7), st.integers(1, 4), st.floats(0, 1)), max_size=30)


@given(CANDIDATES, FACTS, st.sets(st.integers(0, 7)), st.integers(0, 9))
def test_choice_keeps_its_promises(
    candidates: list[Candidate], facts: dict[int, Facts], already: set[int], size: int
) -> None:
    picks = chosen(candidates, facts, already=already, size=size)
    assert len(picks) <= size
    assert not already.intersection(papers(picks))
    assert len({" ".join(sorted(facts[pick.paper].title.split())) for pick in picks}) == len(picks)
    assert [pick.score for pick in picks] == sorted((pick.score for pick in picks), reverse=True)
    assert all(pick.topic in pick.topics and set(pick.topics) <= {1, 2, 3} for pick in picks)


@given(CANDIDATES, FACTS, st.randoms())
def test_choice_does_not_depend_on_the_order_of_candidates(
    candidates: list[Candidate], facts: dict[int, Facts], chance: Any
) -> None:
    shuffled = candidates.copy()
    chance.shuffle(shuffled)
    assert chosen(shuffled, facts) == chosen(candidates, facts)


def test_trending_today_takes_the_strongest_first() -> None:
    assert trending_today(make_facts(1, 3, 2).values(), exclude=(), size=2) == [2, 3]


def test_trending_today_leaves_out_what_does_not_trend() -> None:
    assert trending_today(make_facts(0, 1, -1).values(), exclude=(), size=5) == [2]


def test_trending_today_of_equal_trends_goes_by_key() -> None:
    assert trending_today(reversed(make_facts(1, 1, 1).values()), exclude=(), size=5) == [1, 2, 3]


def test_trending_today_leaves_out_the_excluded_and_what_is_like_them() -> None:
    titles = {1: "Moths at street lamps", 2: "Moths at Street-Lamps"}
    facts = make_facts(3, 2, 1, titles=titles)
    assert trending_today(facts.values(), exclude={1}, size=5) == [3]


def test_trending_today_has_no_near_duplicates() -> None:
    facts = make_facts(1, 2, 3, titles={1: "Moths at street lamps", 2: "Moths at Street-Lamps"})
    assert trending_today(facts.values(), exclude=[], size=5) == [3, 2]


def test_trending_today_of_nothing_is_nothing() -> None:
    assert trending_today([], exclude=(), size=5) == []
    assert trending_today(make_facts(1).values(), exclude=(), size=0) == []


def test_featured_papers_stand_before_the_trending_ones_each_once() -> None:
    rising, chosen = make_facts(9, 0).values()
    assert trending_today([rising, chosen], featured=[chosen], exclude=(), size=5) == [2, 1]
    assert trending_today([rising], featured=[rising, chosen], exclude=(), size=5) == [1, 2]
    assert trending_today([rising], featured=[chosen], exclude={2}, size=5) == [1]
    assert trending_today([rising], featured=[chosen], exclude=(), size=1) == [2]
