from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from digest.models import Match
from tests.make import TODAY, make_match, make_paper, make_topic

pytestmark = pytest.mark.django_db


def test_match_of_one_topic_and_paper_exists_once() -> None:
    topic, paper = make_topic(), make_paper()
    make_match(topic, paper)
    with pytest.raises(IntegrityError):
        make_match(topic, paper, score=0.1)


@pytest.mark.parametrize("score", [0, 1])
def test_match_score_at_the_ends_is_stored(score: float) -> None:
    assert make_match(make_topic(), make_paper(), score=score).score == score


@pytest.mark.parametrize("score", [-0.01, 1.01, 7])
def test_match_score_out_of_range_is_refused_by_the_database(score: float) -> None:
    match = make_match(make_topic(), make_paper())
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(score=score)


def test_match_score_that_is_no_number_is_refused_by_the_database() -> None:
    match = make_match(make_topic(), make_paper())
    with pytest.raises(IntegrityError), transaction.atomic():
        Match.objects.filter(pk=match.pk).update(score=float("nan"))


def test_announced_between_holds_both_ends() -> None:
    topic = make_topic()
    days = [TODAY + timedelta(days=offset) for offset in (-2, -1, 0, 1)]
    matches = [make_match(topic, make_paper(announced_on=day)) for day in days]
    assert list(Match.objects.announced_between(days[1], days[2]).order_by("pk")) == matches[1:3]


def test_deleting_the_paper_deletes_its_matches() -> None:
    match = make_match(make_topic(), make_paper())
    match.paper.delete()
    assert Match.objects.count() == 0


def test_deleting_the_topic_deletes_its_matches() -> None:
    match = make_match(make_topic(), make_paper())
    match.topic.delete()
    assert Match.objects.count() == 0


def test_str_names_paper_and_topic() -> None:
    match = make_match(make_topic("knowledge transfer"), make_paper(title="A quiet method"))
    assert str(match) == "A quiet method in knowledge transfer"
