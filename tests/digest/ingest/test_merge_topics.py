from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from digest.delivery.archive import reopen
from digest.ingest.merge_topics import merge_topics
from digest.models import Match, Subscription, Topic
from tests.make import NOON, make_digest, make_match, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db


def follow(email: str, topic: Topic, **given: Any) -> None:
    reader = make_reader(f"{email}@example.org") if not given.get("reader") else given.pop("reader")
    Subscription.objects.create(reader=reader, topic=topic, **given)


def follows() -> list[tuple[str, str, float, bool]]:
    rows = Subscription.objects.order_by("reader__email")
    return list(rows.values_list("reader__email", "topic__query", "weight", "is_muted"))


def test_readers_of_a_merged_topic_follow_the_one_that_stays() -> None:
    stays, other = make_topic("machine teaching"), make_topic("teaching machines well")
    follow("ada", stays, weight=2)
    follow("bo", other, weight=3, is_muted=True)
    assert merge_topics(stays, [other], NOON) == 1
    assert follows() == [
        ("ada@example.org", stays.query, 2, False),
        ("bo@example.org", stays.query, 3, True),
    ]


@pytest.mark.parametrize(
    ("weights", "muted", "kept"),
    [((2, 3), (True, True), (3, True)), ((3, 2), (True, False), (3, False)), ((1, 1), (False, True), (1, False))],
)
def test_reader_of_both_keeps_the_greater_weight_and_is_muted_only_where_both_were(
    weights: tuple[float, float], muted: tuple[bool, bool], kept: tuple[float, bool]
) -> None:
    reader = make_reader("ada@example.org")
    stays, other = make_topic("machine teaching"), make_topic("teaching machines well")
    for topic, weight, is_muted in zip((stays, other), weights, muted, strict=True):
        follow("ada", topic, reader=reader, weight=weight, is_muted=is_muted)
    assert merge_topics(stays, [other], NOON) == 1
    assert follows() == [("ada@example.org", stays.query, *kept)]


def test_three_topics_become_one_for_a_reader_of_the_two_that_go() -> None:
    reader = make_reader("ada@example.org")
    stays, *others = (make_topic(query) for query in ("machine teaching", "teaching well", "teaching far"))
    for weight, topic in enumerate(others, start=1):
        follow("ada", topic, reader=reader, weight=weight)
    merge_topics(stays, [stays, *others], NOON)
    assert follows() == [("ada@example.org", stays.query, 2, False)]


def test_matches_of_a_merged_topic_go_and_the_one_that_stays_meets_the_last_days_again() -> None:
    stays, other = make_topic("machine teaching"), make_topic("teaching well")
    Topic.objects.update(match_due_at=None)
    make_match(other, make_paper())
    merge_topics(stays, [other], NOON)
    assert not Match.objects.exists()
    assert dict(Topic.objects.values_list("pk", "match_due_at")) == {stays.pk: NOON, other.pk: None}


def test_merged_topic_is_known_by_its_query_and_leaves_the_catalogue() -> None:
    first, second, third = (make_topic(query) for query in ("machine teaching", "teaching well", "teaching far"))
    Topic.objects.filter(pk=first.pk).update(group="Learning", description="How to teach.")
    merge_topics(second, [first], NOON)
    merge_topics(third, [second], NOON)
    assert Topic.objects.named("machine teaching") == Topic.objects.named("teaching well") == third
    assert list(Topic.objects.standing()) == [third]
    assert not Topic.objects.promoted().exists()


def test_past_digest_shows_the_label_under_which_it_was_mailed() -> None:
    stays, other = make_topic("machine teaching"), make_topic("teaching well")
    paper = make_paper()
    digest = make_digest(make_reader(), state="accepted", next_attempt_at=None, picks=[[paper.pk, other.pk]])
    merge_topics(stays, [other], NOON)
    (reopened,) = reopen([digest])
    assert [section.topic for section in reopened.sections] == ["teaching well"]


def test_merging_asks_as_many_questions_for_three_readers_as_for_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    stays, *others = (make_topic(f"machine word{number}") for number in range(3))
    counts = []
    for readers, other in zip((1, 3), others, strict=True):
        for _ in range(readers):
            make_reader(topics=(stays, other))
        with django_assert_max_num_queries(20) as asked:
            merge_topics(stays, [other], NOON)
        counts.append(len(asked))
    assert counts[0] == counts[1]
