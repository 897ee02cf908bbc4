"""The papers of one topic, in both orders, with their reasons."""

from datetime import timedelta
from typing import Any

import pytest

from digest.models import Topic
from digest.web.stories import Story
from digest.web.topic_papers import papers_of, topic_stories
from tests.make import TODAY, make_identifier, make_match, make_paper, make_public, make_sighting

pytestmark = pytest.mark.django_db


@pytest.fixture
def topic() -> Topic:
    """Make a topic with papers of three days, as good as their numbers say: score and votes."""
    topic = make_public()
    for ago, title, score, votes in (
        (0, "New and good", 0.9, 0),
        (0, "New and weak", 0.5, 0),
        (1, "Of yesterday", 0.6, 0),
        (7, "Old and voted", 0.5, 40),
        (40, "Too old", 1.0, 99),
    ):
        paper = make_paper(title=title, votes=votes, announced_on=TODAY - timedelta(days=ago))
        make_match(topic, paper, score)
    return topic


def titles(found: list[Story]) -> list[str]:
    return [story.card.title for story in found]


def test_newest_are_by_day_and_then_by_worth(topic: Topic) -> None:
    found = topic_stories(topic, today=TODAY)
    assert titles(found) == ["New and good", "New and weak", "Of yesterday", "Old and voted", "Too old"]
    assert [story.rank for story in found] == [1, 2, 3, 4, 5]


def test_best_of_a_week_and_of_a_month_go_by_relevance_and_votes(topic: Topic) -> None:
    assert titles(topic_stories(topic, today=TODAY, order="best", days=7)) == [
        "New and good",
        "Of yesterday",
        "New and weak",
    ]
    assert titles(topic_stories(topic, today=TODAY, order="best", days=30, count=2)) == [
        "Old and voted",
        "New and good",
    ]


def test_stories_go_on_where_a_page_begins_and_end(topic: Topic) -> None:
    found = topic_stories(topic, today=TODAY, start=1, count=2)
    assert titles(found) == ["New and weak", "Of yesterday"]
    assert [story.rank for story in found] == [2, 3]
    assert topic_stories(topic, today=TODAY, start=5) == []


def test_story_says_why_it_belongs_to_the_topic() -> None:
    topic = make_public()
    make_match(topic, make_paper(attention="4 upvotes"), why="mentions transfer")
    card = topic_stories(topic, today=TODAY)[0].card
    assert (card.why, card.topics, card.attention) == ("mentions transfer", (topic.label,), "4 upvotes")


@pytest.mark.parametrize("gone", ["withdrawn_at", "hidden_at"])
def test_paper_that_was_taken_back_is_not_among_them(topic: Topic, gone: str) -> None:
    paper = topic.matches.earliest("pk").paper
    setattr(paper, gone, paper.created_at)
    paper.save()
    assert paper.title not in titles(topic_stories(topic, today=TODAY))
    assert papers_of(topic, today=TODAY).count() == 4


@pytest.mark.parametrize("number", [1, 30])
def test_stories_take_the_same_queries_for_any_number(number: int, django_assert_num_queries: Any) -> None:
    topic = make_public()
    for place in range(number):
        paper = make_paper()
        make_identifier(paper, f"2603.{place:05}")
        make_sighting(paper)
        make_match(topic, paper)
    with django_assert_num_queries(4):
        assert len(topic_stories(topic, today=TODAY)) == number
