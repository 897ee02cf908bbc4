"""The trend's number and its words."""

from datetime import UTC, date, datetime, timedelta
from math import log, log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ranking.trending import LEAST_SCALE, WEIGHTS, Observation, Trend, explained, rank_trending, ranked
from digest.sources.listing import SignalKind
from tests.digest.ranking.make import NOW, TODAY, reading

LONG_AGO = date(2020, 1, 1)
STARS, COMMENTS, VOTES = SignalKind.STARS, SignalKind.COMMENTS, SignalKind.VOTES


def trend_of(*readings: Observation, announced_on: date = LONG_AGO) -> Trend:
    return rank_trending({1: (announced_on, readings)}, now=NOW)[1]


def score_of_gain(gain: float, kind: SignalKind = SignalKind.UPVOTES) -> float:
    """Return the score of a paper that is alone in its run: its gain is the median, its scale at least the least."""
    return WEIGHTS[kind] * log2(1 + gain / max(gain, LEAST_SCALE))


def test_no_signals_score_nothing_and_say_nothing() -> None:
    assert trend_of() == Trend(0, "")


def test_no_papers_give_no_trends() -> None:
    assert rank_trending({}, now=NOW) == {}


@pytest.mark.parametrize(("hours_ago", "gain"), [(0, 0.8), (24, 0.4), (48, 0.2), (240, 0.8 / 1024)])
def test_increase_halves_every_day(hours_ago: float, gain: float) -> None:
    # Scaled down from 8 to 0.8 by ten papers that stay above the least scale: only the ratio counts.
    series = {1: (LONG_AGO, [reading(0, hours_ago=300), reading(8, hours_ago)])}
    series |= {paper: (LONG_AGO, [reading(0, 300), reading(10)]) for paper in range(2, 12)}
    assert rank_trending(series, now=NOW)[1].score == pytest.approx(log2(1 + gain))


def test_increases_add_up() -> None:
    whole = trend_of(reading(0, 48), reading(3, 24), reading(5, 0))
    assert whole.score == pytest.approx(score_of_gain(3 / 2 + 2))


def test_first_total_has_grown_evenly_since_the_announcement() -> None:
    midnight = datetime.combine(TODAY, datetime.min.time(), UTC)
    steps = 100_000  # the same growth, summed up in small steps
    gain = sum(
        0.9 / steps * 2 ** -((NOW - midnight).total_seconds() / 86400 * (1 - step / steps)) for step in range(steps)
    )
    assert trend_of((SignalKind.UPVOTES, 9, NOW), announced_on=TODAY).score == pytest.approx(score_of_gain(gain * 10))


def test_old_paper_seen_late_does_not_jump() -> None:
    late = trend_of(reading(500, 1), announced_on=TODAY - timedelta(days=1000))
    fresh = trend_of(reading(0, 1), reading(1), announced_on=TODAY)
    assert late.score < fresh.score
    assert late.score == pytest.approx(score_of_gain(500 / 1000 / log(2)), rel=0.05)


def test_total_read_before_the_announcement_counts_when_read() -> None:
    assert trend_of(reading(4, 24), announced_on=TODAY + timedelta(days=1)).score == pytest.approx(score_of_gain(2))


def test_total_that_falls_gains_nothing() -> None:
    steady = trend_of(reading(10, 48), reading(12, 24))
    assert trend_of(reading(10, 48), reading(12, 24), reading(3, 5)).score == pytest.approx(steady.score)


def test_total_that_flickers_gains_once() -> None:
    once = trend_of(reading(0, 48), reading(2, 20))
    flickering = trend_of(reading(0, 48), reading(2, 20), reading(0, 16), reading(2, 12), reading(1, 8), reading(2, 4))
    assert flickering.score == pytest.approx(once.score)


def test_order_of_readings_does_not_matter() -> None:
    readings = [reading(0, 48), reading(3, 24), reading(9, 1), reading(2, 30, STARS), reading(0, 50, STARS)]
    assert trend_of(*readings) == trend_of(*reversed(readings))


def test_total_left_out_while_it_stands_still_changes_nothing() -> None:
    left_out, given = trend_of(reading(2, 48), reading(5, 1)), trend_of(reading(2, 48), reading(2, 24), reading(5, 1))
    assert left_out.score == given.score
    assert given.why == "5 upvotes, +3 since yesterday"


def test_total_that_was_last_read_before_yesterday_tells_no_increase_since() -> None:
    assert trend_of(reading(2, 45), reading(5, 1)).why == "5 upvotes"
    assert trend_of(reading(2, 44), reading(5, 1)).why == "5 upvotes, +3 since yesterday"


def test_readings_after_now_are_not_looked_at() -> None:
    assert trend_of(reading(2, 1), reading(99, -1)) == trend_of(reading(2, 1))
    assert trend_of(reading(99, -1)) == Trend(0, "")


def test_kinds_count_on_their_own_scales() -> None:
    series = {
        1: (LONG_AGO, [reading(0, 48), reading(10), reading(0, 48, VOTES), reading(1000, 0, VOTES)]),
        2: (LONG_AGO, [reading(0, 48), reading(10)]),
        3: (LONG_AGO, [reading(0, 48, VOTES), reading(1000, 0, VOTES)]),
    }
    trends = rank_trending(series, now=NOW)
    assert trends[2].score == pytest.approx(trends[3].score)
    assert trends[1].score == pytest.approx(2 * trends[2].score)


def test_kinds_weigh_as_stated() -> None:
    votes = trend_of(reading(0, 48, VOTES), reading(5, 0, VOTES))
    stars = trend_of(reading(0, 48, STARS), reading(5, 0, STARS))
    assert stars.score == pytest.approx(votes.score / 2)


def test_every_kind_has_a_weight() -> None:
    assert set(WEIGHTS) == set(SignalKind)


def test_single_vote_where_few_vote_is_not_a_storm() -> None:
    assert trend_of(reading(0, 48), reading(1, 48)).score == pytest.approx(log2(1 + 0.25 / LEAST_SCALE))


def test_faster_paper_ranks_first() -> None:
    series = {
        1: (LONG_AGO, [reading(500, 100), reading(502, 1)]),
        2: (LONG_AGO, [reading(0, 100), reading(40, 1)]),
        3: (LONG_AGO, [reading(0, 100), reading(40, 60)]),
    }
    trends = rank_trending(series, now=NOW)
    assert sorted(trends, key=lambda paper: -trends[paper].score) == [2, 3, 1]


@pytest.mark.parametrize(
    ("readings", "why"),
    [
        ([reading(53, 24), reading(84)], "84 upvotes, +31 since yesterday"),
        ([reading(53, 20), reading(84)], "84 upvotes, +31 since yesterday"),
        ([reading(53, 19), reading(84)], "84 upvotes"),
        ([reading(84)], "84 upvotes"),
        ([reading(84, 24)], "84 upvotes"),
        ([reading(84, 48), reading(84, 2)], "84 upvotes"),
        ([reading(90, 48), reading(84, 2)], "84 upvotes"),
        ([reading(10, 72), reading(20, 30), reading(25, 10), reading(27)], "27 upvotes, +7 since yesterday"),
        ([reading(0, 24), reading(1)], "1 upvote, +1 since yesterday"),
        ([reading(0, 24)], ""),
        ([reading(1200, 24), reading(3400)], "3,400 upvotes, +2,200 since yesterday"),
        ([reading(1, 0, STARS)], "1 star"),
        ([reading(1, 0, COMMENTS)], "1 comment"),
        ([reading(1, 0, VOTES)], "1 vote"),
        ([reading(2, 0, VOTES)], "2 votes"),
    ],
)
def test_why(readings: list[Observation], why: str) -> None:
    assert trend_of(*readings).why == why


def test_why_begins_with_what_contributes_most() -> None:
    quiet, busy = [reading(80, 100)], [reading(0, 100, STARS), reading(120, 30, STARS)]
    assert trend_of(*quiet, *busy).why == "120 stars; 80 upvotes"


def test_why_names_two_kinds_at_most_and_none_that_is_zero() -> None:
    readings = [reading(0, 30), *(reading(value, 1, kind) for value, kind in ((9, STARS), (8, COMMENTS), (7, VOTES)))]
    assert trend_of(*readings, announced_on=TODAY).why == "7 votes; 9 stars"


def test_why_of_equal_contributions_is_the_same_every_time() -> None:
    readings = [reading(0, 24, STARS), reading(0, 24, COMMENTS), reading(3, 0, COMMENTS), reading(3, 0, STARS)]
    assert trend_of(*readings).why == "3 stars, +3 since yesterday; 3 comments, +3 since yesterday"


READINGS = st.lists(
    st.tuples(
        st.sampled_from(SignalKind),
        st.integers(0, 10**6),
        st.timedeltas(timedelta(days=-1), timedelta(days=400)).map(lambda ago: NOW - ago),
    ),
    max_size=8,
)


@given(st.lists(st.tuples(st.dates(date(2024, 1, 1), date(2026, 4, 1)), READINGS), max_size=5))
def test_score_is_never_below_nothing_and_needs_a_reason(papers: list[tuple[date, list[Observation]]]) -> None:
    for trend in rank_trending(dict(enumerate(papers)), now=NOW).values():
        assert trend.score >= 0
        assert len(trend.why) <= 200


def test_votes_are_the_latest_upvotes_and_votes_of_readers_together() -> None:
    trend = trend_of(reading(80, 24), reading(84), reading(2, 24, VOTES), reading(3, 0, VOTES), reading(120, 0, STARS))
    assert (trend.votes, trend.gained, trend.comments) == (87, 5, 0)


def test_comments_are_the_latest_total() -> None:
    trend = trend_of(reading(9, 5, COMMENTS), reading(12, 1, COMMENTS), reading(3, 30, COMMENTS))
    assert (trend.votes, trend.gained, trend.comments) == (0, 0, 12)


@pytest.mark.parametrize(("hours_ago", "gained"), [(19, 0), (21, 4), (43, 4), (45, 0)])
def test_gained_is_told_only_where_the_total_of_yesterday_is_known(hours_ago: float, gained: int) -> None:
    assert trend_of(reading(80, hours_ago), reading(84)).gained == gained


def test_votes_taken_back_gain_nothing_of_another_kind() -> None:
    trend = trend_of(reading(80, 24), reading(84), reading(5, 24, VOTES), reading(2, 0, VOTES))
    assert (trend.votes, trend.gained) == (86, 4)


KINDS = st.sampled_from(list(SignalKind))
SERIES = st.lists(st.tuples(KINDS, st.integers(0, 500), st.integers(-48, 300)))  # hours ago


@given(st.dictionaries(st.integers(1, 5), SERIES, min_size=1))
def test_explanation_adds_up_to_the_score(found: dict[int, list[tuple[SignalKind, int, int]]]) -> None:
    readings = {
        key: [(kind, value, NOW - timedelta(hours=ago)) for kind, value, ago in rows] for key, rows in found.items()
    }
    trends, scales = ranked({key: (TODAY, rows) for key, rows in readings.items()}, now=NOW)
    for key, rows in readings.items():
        parts = explained(TODAY, rows, scales=scales, now=NOW)
        assert sum(part.points for part in parts) == pytest.approx(trends[key].score)
        assert parts == sorted(parts, key=lambda part: -part.points)
        for part in parts:
            assert part.points == pytest.approx(part.weight * log2(1 + part.gain / part.scale))


def test_explanation_leaves_out_a_kind_that_the_run_did_not_know() -> None:
    assert explained(TODAY, [reading(5)], scales={}, now=NOW) == []
