from datetime import date, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.models import Paper, Topic
from digest.web import lists
from digest.web.lists import PaperList
from digest.web.periods import holding
from tests.make import NOON, TODAY, make_match, make_paper, make_topic

pytestmark = pytest.mark.django_db

DAY = holding("day", TODAY)
MONTH_DAYS = [date(2026, 3, day) for day in (1, 2, 4, 8, 31)]
WEEK, MONTH = holding("week", TODAY), holding("month", TODAY)


def titles(found: PaperList) -> list[str]:
    return [paper.title for paper in found.papers]


def make(title: str, votes: int = 0, trend: float = 0, **given: Any) -> Paper:
    return make_paper(**{"title": title, "votes": votes, "trend": trend} | given)


def make_public_topic(query: str) -> Topic:
    topic = make_topic(query)
    topic.slug = query.replace(" ", "-")
    topic.save()
    return topic


# --- A day, a week, a month


@pytest.mark.parametrize("period", [DAY, WEEK, MONTH])
def test_period_shows_the_most_voted_first_then_what_trends_then_the_newest(period: Any) -> None:
    for title, votes, trend in [("d", 0, 0), ("c", 0, 1.5), ("e", 0, 0), ("b", 7, 0), ("a", 7, 2), ("first", 31, 0)]:
        make(title, votes, trend)
    found = lists.of_period(period)
    assert titles(found) == ["first", "a", "b", "c", "e", "d"]
    assert (found.total, found.has_next) == (6, False)


def test_newest_first_takes_no_notice_of_votes() -> None:
    for title, days in [("old", 2), ("new", 0), ("middle", 1)]:
        make(title, votes=days * 10, announced_on=TODAY - timedelta(days=days))
    assert titles(lists.of_period(WEEK, sort="publishedAt")) == ["new", "middle", "old"]
    assert titles(lists.of_period(WEEK)) == ["old", "middle", "new"]


@pytest.mark.parametrize(
    ("period", "within"),
    [
        (DAY, [date(2026, 3, 4)]),
        (WEEK, [date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 8)]),
        (MONTH, [date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 8), date(2026, 3, 31)]),
    ],
)
def test_period_shows_the_papers_of_its_days_alone(period: Any, within: list[date]) -> None:
    for day in (date(2026, 2, 28), *MONTH_DAYS, date(2026, 4, 1)):
        make(day.isoformat(), announced_on=day)
    make("never announced", announced_on=None)
    assert sorted(titles(lists.of_period(period))) == [day.isoformat() for day in within]


@pytest.mark.parametrize("sort", ["trending", "publishedAt"])
def test_pages_of_a_period_show_each_paper_once(sort: Any) -> None:
    for number in range(11):
        make(str(number), votes=max(number - 5, 0))
    cut = [lists.of_period(MONTH, sort=sort, offset=offset, count=4) for offset in (0, 4, 8, 12)]
    assert [len(found.papers) for found in cut] == [4, 4, 3, 0]
    assert [found.has_next for found in cut] == [True, True, False, False]
    assert {found.total for found in cut} == {11}
    assert [title for found in cut for title in titles(found)] == titles(lists.of_period(MONTH, sort=sort))


def test_lists_leave_out_what_was_withdrawn_or_hidden() -> None:
    gone: list[dict[str, Any]] = [{"withdrawn_at": NOON}, {"hidden_at": NOON}]
    for given in gone:
        make("gone", votes=3, trend=2, **given)
        make("gone and plain", **given)
    for found in (lists.of_period(DAY), lists.of_period(DAY, sort="publishedAt"), lists.of_trending()):
        assert (found.papers, found.total) == ([], 0)
    assert lists.of_front(TODAY) == (DAY, PaperList([], 0))


def test_day_without_votes_shows_first_what_fits_the_catalogue() -> None:
    papers = {title: make(title) for title in ("nothing", "little", "much", "a topic of nobody's")}
    moths, tides = make_public_topic("moths"), make_public_topic("tides")
    make_match(moths, papers["little"], 0.9)
    for topic in (moths, tides):
        make_match(topic, papers["much"], 0.6)
    make_match(make_topic("bees"), papers["a topic of nobody's"], 1.0)
    assert titles(lists.of_period(DAY)) == ["much", "little", "a topic of nobody's", "nothing"]


@pytest.mark.parametrize("period", [DAY, MONTH])
@pytest.mark.parametrize("votes", [0, 3])
def test_period_takes_the_same_queries_for_thirty_papers_as_for_one(
    period: Any, votes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make("one", votes)
    with django_assert_num_queries(5 if period is DAY and votes else 4) as asked:
        lists.of_period(period)
    for number in range(29):
        make(str(number), votes)
    with django_assert_num_queries(len(asked)):
        assert len(lists.of_period(period).papers) == 30


# --- What trends


def test_trending_shows_what_gains_most_first_of_whatever_day() -> None:
    make("second", trend=1, announced_on=TODAY - timedelta(days=90))
    make("first", trend=2)
    make("not at all", votes=90)
    found = lists.of_trending()
    assert (titles(found), found.total) == (["first", "second"], 2)
    assert titles(lists.of_trending(offset=1, count=1)) == ["second"]


# --- The front page


def test_front_shows_what_staff_featured_then_what_trends_then_votes_then_the_rest() -> None:
    fits = make("fits")
    make("newest")
    make_match(make_public_topic("moths"), fits)
    make("voted", votes=9)
    make("trends", votes=1, trend=0.5)
    make("chosen", announced_on=TODAY - timedelta(days=3), featured_at=NOON, staff_note="ten years on")
    make("chosen today", votes=2, featured_at=NOON + timedelta(minutes=1), staff_note="new")
    make("chosen long ago", featured_at=NOON - timedelta(days=9), staff_note="old")
    day, found = lists.of_front(TODAY)
    shown = ["chosen today", "chosen", "trends", "voted", "fits", "chosen long ago", "newest"]
    assert (day, titles(found), found.total) == (DAY, shown, 7)


def test_front_shows_the_last_day_that_had_papers() -> None:
    make("of Friday", announced_on=date(2026, 2, 27))
    make("of Thursday", announced_on=date(2026, 2, 26))
    make("of tomorrow", announced_on=TODAY + timedelta(days=1))
    day, found = lists.of_front(TODAY)
    assert (day, titles(found)) == (holding("day", date(2026, 2, 27)), ["of Friday"])


def test_front_without_any_papers_is_of_today_and_empty() -> None:
    assert lists.of_front(TODAY) == (DAY, PaperList([], 0))


def test_nearest_days_that_have_papers_are_found() -> None:
    for day in (1, 3, 9):
        make(str(day), announced_on=date(2026, 3, day))
    make("hidden", announced_on=date(2026, 3, 4), hidden_at=NOON)
    assert lists.nearest_day(TODAY) == date(2026, 3, 3)
    assert lists.nearest_day(date(2026, 2, 1)) is None
    assert lists.nearest_day(TODAY, since=TODAY) is None
    assert lists.first_day(TODAY, until=date(2026, 3, 31)) == date(2026, 3, 9)
    assert lists.first_day(TODAY, until=date(2026, 3, 8)) is None
