"""Counting how many papers of each day belong to the topics that have a page."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from digest.ingest import topic_days
from digest.ingest.rank import MATCHES_PER_DAY
from digest.ingest.topic_days import BACK, DAYS_AT_ONCE, UNDER_WAY, count_days_due
from digest.models import Change, Match, Paper, Topic, TopicDay
from digest.models.match import KEPT_DAYS
from tests.make import NOON, TODAY, make_match, make_paper, make_public, make_reader, make_topic

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LONG_AGO = NOON - timedelta(days=1)
LATER = NOON + timedelta(hours=1)


def moths(number: int, day: date = TODAY, **given: Any) -> list[Paper]:
    return [
        make_paper(**{"title": f"Moths at night {place}", "announced_on": day, "changed_at": LONG_AGO} | given)
        for place in range(number)
    ]


def counts(topic: Topic) -> dict[date, int]:
    return dict(TopicDay.objects.filter(topic=topic).order_by("day").values_list("day", "papers"))


def test_day_is_counted_for_each_topic_that_has_a_page_and_no_other() -> None:
    topic, other = make_public("moths"), make_public("bees")
    make_reader(topics=(make_topic("night"),))
    moths(3)
    assert count_days_due(NOON) == 1
    assert (counts(topic), counts(other)) == ({TODAY: 3}, {TODAY: 0})
    assert TopicDay.objects.count() == 2


def test_day_holds_more_than_are_kept_as_matches() -> None:
    topic = make_public("moths")
    moths(MATCHES_PER_DAY + 5)
    count_days_due(NOON)
    assert counts(topic) == {TODAY: MATCHES_PER_DAY + 5}
    assert Match.objects.filter(topic=topic).count() == MATCHES_PER_DAY


def test_papers_below_the_bar_and_those_taken_back_do_not_count() -> None:
    topic = make_public("moths light")
    moths(1, title="A light year")
    moths(1, title="Moths and light", withdrawn_at=LONG_AGO)
    moths(1, title="Moths and light", hidden_at=LONG_AGO)
    count_days_due(NOON)
    assert counts(topic) == {TODAY: 0}


def test_counting_twice_changes_nothing() -> None:
    make_public("moths")
    moths(2)
    assert [count_days_due(NOON), count_days_due(NOON)] == [1, 0]
    TopicDay.objects.update(counted_at=LONG_AGO)
    rows, matches = list(TopicDay.objects.values("topic", "day", "papers")), list(Match.objects.values())
    count_days_due(NOON)
    assert list(TopicDay.objects.values("topic", "day", "papers")) == rows
    assert list(Match.objects.values()) == matches


def test_nothing_is_counted_where_no_topic_has_a_page_or_no_paper_came() -> None:
    moths(1)
    assert count_days_due(NOON) == 0
    Paper.objects.all().delete()
    make_public("moths")
    assert count_days_due(NOON) == 0


def test_day_is_counted_again_when_a_paper_comes_or_changes() -> None:
    topic = make_public("moths")
    moths(1)
    count_days_due(NOON)
    moths(1, changed_at=LATER)
    assert count_days_due(LATER) == 1
    assert counts(topic) == {TODAY: 2}
    Paper.objects.filter(pk=Paper.objects.latest("pk").pk).update(hidden_at=LATER, changed_at=LATER)
    count_days_due(LATER)
    assert counts(topic) == {TODAY: 1}


def test_what_was_being_stored_during_a_count_is_counted_by_the_next() -> None:
    topic = make_public("moths")
    moths(1)
    count_days_due(NOON)
    moths(1, changed_at=NOON - DAY / 24 / 60)
    assert count_days_due(NOON + timedelta(minutes=2)) == 1
    assert counts(topic) == {TODAY: 2}
    assert [count_days_due(NOON + 2 * UNDER_WAY) for _ in range(2)] == [1, 0]


def test_change_of_an_old_paper_counts_nothing_again() -> None:
    make_public("moths")
    moths(1, TODAY - 20 * DAY)
    count_days_due(NOON)
    Paper.objects.update(changed_at=LATER)
    assert count_days_due(LATER) == 0


def test_stored_days_are_counted_a_few_at_a_time_from_the_latest_back() -> None:
    topic = make_public("moths")
    days = [TODAY - number * DAY for number in range(DAYS_AT_ONCE + 2)]
    for day in days:
        moths(1, day)
    assert count_days_due(NOON) == DAYS_AT_ONCE
    assert sorted(counts(topic), reverse=True) == days[:DAYS_AT_ONCE]
    assert [count_days_due(NOON), count_days_due(NOON)] == [2, 0]
    assert sorted(counts(topic), reverse=True) == days


def test_days_that_are_too_old_or_to_come_are_not_counted() -> None:
    make_public("moths")
    moths(1, TODAY - BACK - DAY)
    moths(1, TODAY + DAY)
    assert count_days_due(NOON) == 0


def test_topic_that_is_new_in_the_catalogue_is_counted_on_days_that_are_counted_already() -> None:
    make_public("bees")
    moths(2)
    count_days_due(NOON)
    topic = make_public("moths")
    assert count_days_due(NOON) == 1
    assert counts(topic) == {TODAY: 2}


def test_new_topic_has_the_best_matches_of_all_days_for_which_matches_are_kept() -> None:
    topic = make_public("moths")
    days = [TODAY, TODAY - 20 * DAY, TODAY - KEPT_DAYS * DAY, TODAY - (KEPT_DAYS + 1) * DAY]
    for day in days:
        moths(1, day)
    count_days_due(NOON)
    assert list(counts(topic)) == days[::-1]
    matched = Match.objects.filter(topic=topic).order_by("-announced_on")
    assert list(matched.values_list("announced_on", flat=True)) == days[:3]
    assert matched[0].why == "matches moths"


def test_matches_of_a_day_that_are_there_stay_what_they_are() -> None:
    topic = make_public("moths")
    (first, _) = moths(2, TODAY - 10 * DAY)
    match = make_match(topic, first, 0.5, "said before")
    count_days_due(NOON)
    assert list(Match.objects.values_list("pk", "why")) == [(match.pk, "said before")]


def test_large_day_is_counted_slice_by_slice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(topic_days, "BATCH", 2)
    topic = make_public("moths")
    moths(5)
    count_days_due(NOON)
    assert counts(topic) == {TODAY: 5}
    assert Match.objects.filter(topic=topic).count() == 5


def test_counting_is_noted_as_a_change(django_capture_on_commit_callbacks: Any) -> None:
    make_public("moths")
    moths(1)
    numbers = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            count_days_due(NOON)
        numbers.append(Change.objects.latest_number())
    assert numbers[0] == numbers[1] > 0


def counted(topics: int, papers: int, now: datetime) -> None:
    for number in range(topics):
        make_public(f"moths -word{number}")
    moths(papers)
    count_days_due(now)


@pytest.mark.parametrize(("topics", "papers"), [(1, 1), (3, 30)])
def test_looking_whether_a_day_is_due_takes_the_same_queries(
    topics: int, papers: int, django_assert_num_queries: Any
) -> None:
    counted(topics, papers, NOON)
    with django_assert_num_queries(4):
        assert count_days_due(NOON) == 0


@pytest.mark.parametrize(("topics", "papers"), [(1, 1), (3, 30)])
def test_counting_a_day_takes_the_same_queries(topics: int, papers: int, django_assert_num_queries: Any) -> None:
    counted(topics, papers, NOON)
    TopicDay.objects.all().delete()
    Match.objects.all().delete()
    # what is due; words; who has matches; keys and papers; matches held, written and pruned; the counts
    with django_assert_num_queries(14):
        count_days_due(NOON)
