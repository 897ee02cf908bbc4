from datetime import timedelta

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from digest.models import Topic
from tests.feed_rules import broken_rules
from tests.make import TODAY, make_match, make_paper, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def topic() -> Topic:
    made = make_topic("moths")
    Topic.objects.update(slug="moths")
    return made


def test_feed_of_a_merged_topic_leads_to_the_one_it_became(client: Client, topic: Topic) -> None:
    other = make_topic("butterflies")
    Topic.objects.filter(pk=other.pk).update(slug="butterflies", merged_into=topic)
    answer = client.get("/topics/butterflies.atom")
    assert (answer.status_code, answer["Location"]) == (301, "/topics/moths.atom")
    Topic.objects.filter(pk=topic.pk).update(slug="")
    assert client.get("/topics/butterflies.atom").status_code == 404


def test_feed_says_why_each_paper_is_here_the_newest_first(client: Client, topic: Topic) -> None:
    for days in (2, 0, 1):
        paper = make_paper(title=f"Moths {days}", announced_on=TODAY - timedelta(days=days), attention="84 votes")
        make_match(topic, paper, why="has “moths” in its title")
    answer = client.get("/topics/moths.atom")
    feed = feedparser.parse(answer.content)
    assert (feed.feed.title, feed.feed.link) == ("Moths · Broadsheet", "https://papers.example.org/topics/moths")
    assert [entry.title for entry in feed.entries] == ["Moths 0", "Moths 1", "Moths 2"]
    assert feed.entries[0].summary == "<p>has “moths” in its title · 84 votes</p>"
    assert broken_rules(answer.content, "https://papers.example.org/topics/moths.atom") == []


def test_feed_without_papers_is_as_old_as_its_topic(client: Client, topic: Topic) -> None:
    answer = client.get("/topics/moths.atom")
    assert f"<updated>{topic.created_at:%Y-%m-%dT%H:%M:%SZ}</updated>" in answer.content.decode()
    assert broken_rules(answer.content, "https://papers.example.org/topics/moths.atom") == []


def test_feed_asks_as_much_for_thirty_papers_as_for_one(client: Client, topic: Topic) -> None:
    counts = []
    for number in (1, 29):
        for _ in range(number):
            make_match(topic, make_paper())
        # As a page of its own, since nothing notes a change here.
        with CaptureQueriesContext(connection) as made:
            answer = client.get("/topics/moths.atom", {"after": number})
        counts.append((len(made), answer.content.count(b"<entry>")))
    assert counts == [(7, 1), (7, 30)]


def test_feed_of_a_topic_without_a_page_is_not_there(client: Client) -> None:
    make_topic("birds")
    for slug in ("birds", "unknown"):
        assert client.get(f"/topics/{slug}.atom").status_code == 404
