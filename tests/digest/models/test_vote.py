from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections

from accounts.models import Reader
from digest.models import Change, Paper, Signal, Vote
from tests.make import NOON, make_paper, make_reader, make_signal

pytestmark = pytest.mark.django_db
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def votes_of(paper: Paper) -> int:
    return Paper.objects.get(pk=paper.pk).votes


def totals(paper: Paper) -> list[tuple[int, datetime]]:
    rows = Signal.objects.filter(paper=paper, kind="votes").order_by("observed_at")
    return list(rows.values_list("value", "observed_at"))


def voters(number: int) -> list[Reader]:
    return [make_reader() for _ in range(number)]


def test_vote_counts_at_once_beside_the_upvotes() -> None:
    paper = make_paper()
    make_signal(paper, 80, observed_at=NOON - DAY)
    make_signal(paper, 84, observed_at=NOON - MINUTE)
    ada, bo = voters(2)
    assert Vote.objects.cast(ada.pk, paper.pk, NOON)
    assert votes_of(paper) == 85
    assert Vote.objects.cast(bo.pk, paper.pk, NOON)
    assert votes_of(paper) == 86


def test_vote_twice_counts_once() -> None:
    paper, ada = make_paper(), make_reader()
    assert [Vote.objects.cast(ada.pk, paper.pk, NOON + hour * DAY) for hour in range(2)] == [True, True]
    assert (votes_of(paper), Vote.objects.get().voted_at) == (1, NOON)


def test_vote_taken_back_counts_no_more() -> None:
    paper = make_paper()
    ada, bo = voters(2)
    for reader in (ada, bo):
        Vote.objects.cast(reader.pk, paper.pk, NOON)
    assert [Vote.objects.take_back(ada.pk, paper.pk, NOON + DAY) for _ in range(2)] == [True, False]
    assert (votes_of(paper), totals(paper)[-1]) == (1, (1, NOON + DAY))


@pytest.mark.parametrize("gone", [{"withdrawn_at": NOON}, {"hidden_at": NOON}])
def test_paper_that_does_not_stand_takes_no_votes_but_gives_them_back(gone: dict[str, Any]) -> None:
    paper = make_paper()
    ada, bo = voters(2)
    Vote.objects.cast(ada.pk, paper.pk, NOON)
    Paper.objects.update(**gone)
    assert not Vote.objects.cast(bo.pk, paper.pk, NOON)
    assert votes_of(paper) == 1
    assert Vote.objects.take_back(ada.pk, paper.pk, NOON)
    assert votes_of(paper) == 0


def test_no_paper_takes_no_votes() -> None:
    ada = make_reader()
    assert not Vote.objects.cast(ada.pk, 7, NOON)
    assert not Vote.objects.take_back(ada.pk, 7, NOON)
    assert not Signal.objects.exists()


def test_votes_of_a_reader_are_those_among_the_papers_asked_for() -> None:
    first, second, third = make_paper(), make_paper(), make_paper()
    ada, bo = voters(2)
    for reader, paper in ((ada, first), (ada, third), (bo, second)):
        Vote.objects.cast(reader.pk, paper.pk, NOON)
    assert Vote.objects.of(ada.pk, [first.pk, second.pk]) == {first.pk}


def test_total_of_a_quarter_of_an_hour_is_one_row() -> None:
    paper = make_paper(created_at=NOON)
    for minute, reader in enumerate(voters(20)):
        Vote.objects.cast(reader.pk, paper.pk, NOON + minute * MINUTE)
    assert totals(paper) == [(15, NOON + 14 * MINUTE), (20, NOON + 19 * MINUTE)]


def test_totals_of_many_readers_never_turn_back_in_time() -> None:
    """A clock that is behind, or whoever had to wait, tells no time before what was counted already."""
    paper = make_paper(created_at=NOON - DAY)
    late, early = voters(2)
    Vote.objects.cast(late.pk, paper.pk, NOON + MINUTE)
    Vote.objects.cast(early.pk, paper.pk, NOON - MINUTE)
    assert totals(paper)[-1] == (2, NOON + MINUTE)


def test_first_total_says_that_there_were_none_a_day_ago() -> None:
    paper = make_paper(created_at=NOON - 5 * DAY)
    Vote.objects.cast(make_reader().pk, paper.pk, NOON)
    assert totals(paper) == [(0, NOON - DAY), (1, NOON)]


def test_first_total_of_a_new_paper_says_that_it_came_without() -> None:
    paper = make_paper(created_at=NOON - 5 * MINUTE)
    Vote.objects.cast(make_reader().pk, paper.pk, NOON)
    assert totals(paper) == [(0, NOON - 5 * MINUTE), (1, NOON)]


def test_total_after_some_days_says_what_it_was_a_day_ago() -> None:
    paper = make_paper(created_at=NOON)
    first, second, third = voters(3)
    for reader, at in ((first, NOON), (second, NOON + 5 * DAY), (third, NOON + 5 * DAY + 60 * MINUTE)):
        Vote.objects.cast(reader.pk, paper.pk, at)
    assert totals(paper) == [
        (1, NOON),
        (1, NOON + 4 * DAY),
        (2, NOON + 5 * DAY),
        (3, NOON + 5 * DAY + 60 * MINUTE),
    ]


def test_counting_again_follows_what_is_there() -> None:
    papers = [make_paper(created_at=NOON) for _ in range(3)]
    for reader in voters(2):
        for paper in papers[:2]:
            Vote.objects.cast(reader.pk, paper.pk, NOON)
    Vote.objects.filter(paper=papers[0]).delete()
    Vote.objects.count_again([paper.pk for paper in papers], NOON + DAY)
    assert [votes_of(paper) for paper in papers] == [0, 2, 0]
    assert [totals(paper)[-1:] for paper in papers] == [[(0, NOON + DAY)], [(2, NOON)], []]


@pytest.mark.parametrize("papers", [1, 3])
def test_counting_again_takes_the_same_queries_for_any_number(papers: int, django_assert_num_queries: Any) -> None:
    ada = make_reader()
    keys = [make_paper().pk for _ in range(papers)]
    for key in keys:
        Vote.objects.cast(ada.pk, key, NOON)
    Vote.objects.all().delete()
    with django_assert_num_queries(8):  # savepoint, papers held, votes, totals, papers, a total each, votes; release
        Vote.objects.count_again(keys, NOON + DAY)


@pytest.mark.django_db(transaction=True)
def test_vote_is_a_change_that_pages_show() -> None:
    paper, ada = make_paper(), make_reader()
    numbers = [Change.objects.latest_number()]
    for verb in (Vote.objects.cast, Vote.objects.cast, Vote.objects.take_back, Vote.objects.take_back):
        verb(ada.pk, paper.pk, NOON)
        numbers.append(Change.objects.latest_number())
    assert numbers == [0, 1, 1, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_votes_at_the_same_moment_are_all_counted() -> None:
    paper = make_paper(created_at=NOON + DAY)
    readers = voters(12)

    def one(place: int) -> None:
        try:
            reader = readers[place % 12].pk
            Vote.objects.cast(reader, paper.pk, NOON + place * timedelta(seconds=1))
            if place % 3 == 0:
                Vote.objects.take_back(reader, paper.pk, NOON + place * timedelta(seconds=1))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(one, range(24)))
    left = Vote.objects.count()
    assert left == 8
    assert (votes_of(paper), [value for value, _ in totals(paper)]) == (left, [left])
