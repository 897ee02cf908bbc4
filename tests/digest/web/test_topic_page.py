"""The page of one topic."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.models import Paper, Topic, TopicDay
from digest.web.topic_page import PAGE, WEEKS, activity
from tests.digest.web.visits import signed_in
from tests.make import (
    NOON,
    TODAY,
    make_identifier,
    make_match,
    make_paper,
    make_public,
    make_reader,
    make_sighting,
    make_topic,
    open_catalogue,
)

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def moths() -> Topic:
    topic = make_public("moths -butterflies", slug="moths")
    topic.label, topic.group, topic.description = "Moths", "Insects", "What flies at night."
    topic.save()
    return topic


def add(topic: Topic, title: str = "", *, ago: int = 0, score: float = 0.8, why: str = "", **given: Any) -> None:
    paper = make_paper(announced_on=TODAY - ago * DAY, **{"title": title} if title else {}, **given)
    make_match(topic, paper, score, why)


def page(client: Client, address: str = "/topics/moths") -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def titles(html: str) -> list[str]:
    return re.findall(r'<h3 class="title"><a href="/papers/[^"]+">(.*?)</a></h3>', html)


def test_page_says_what_the_topic_is_and_how_much_it_brings(client: Client, moths: Topic) -> None:
    TopicDay.objects.create(topic=moths, day=TODAY, papers=3)
    html = page(client)
    assert "<h1>Moths</h1>" in html
    assert "<p>What flies at night.</p>" in html
    assert "About 3 papers a day. Papers about moths, without “butterflies”." in html
    assert "<code>moths -butterflies</code>" in html
    assert '<link rel="canonical" href="https://papers.example.org/topics/moths">' in html


def test_newest_papers_stand_under_their_days(client: Client, moths: Topic) -> None:
    add(moths, "Of yesterday", ago=1)
    add(moths, "Weak of today", score=0.5)
    add(moths, "Strong of today", score=0.9)
    html = page(client)
    assert titles(html) == ["Strong of today", "Weak of today", "Of yesterday"]
    assert re.findall(r"<h2>(\w+day, .*?)</h2>", html) == ["Wednesday, 4 March 2026", "Tuesday, 3 March 2026"]


def test_each_paper_says_why_it_is_here_and_how_it_is_voted(client: Client, moths: Topic) -> None:
    add(moths, why="mentions moths at night", votes=7, gained=3)
    for other, score in (("night", 0.8), ("lamps", 0.7)):
        make_match(make_public(other, slug=other), Paper.objects.get(), score)
    html = page(client)
    reason = re.findall(r'<p class="reason">(.*?)</p>', html)
    links = '<a href="/topics/night">night</a>, <a href="/topics/lamps">lamps</a>'
    assert reason == [f"Mentions moths at night · also in {links}"]
    assert '7<span class="unseen"> votes</span>' in html
    assert '+3<span class="since"> since yesterday</span>' in html


@pytest.mark.parametrize(
    ("query", "shown", "heading"),
    [
        ("?order=best&period=week", ["Voted", "New"], "The best of the last 7 days"),
        ("?order=best", ["Voted", "New"], "The best of the last 7 days"),
        ("?order=best&period=month", ["Voted long ago", "Voted", "New"], "The best of the last 30 days"),
        ("?order=newest", ["New", "Voted", "Voted long ago"], "Wednesday, 4 March 2026"),
    ],
)
def test_best_of_a_period_and_newest(client: Client, moths: Topic, query: str, shown: list[str], heading: str) -> None:
    add(moths, "New")
    add(moths, "Voted", ago=3, votes=10)
    add(moths, "Voted long ago", ago=20, votes=100)
    html = page(client, f"/topics/moths{query}")
    assert titles(html) == shown
    assert f"<h2>{heading}</h2>" in html


def test_long_list_goes_on_over_pages(client: Client, moths: Topic) -> None:
    for number in range(PAGE + 1):
        add(moths, f"Paper {number}", ago=number // 20)
    first, second = page(client), page(client, "/topics/moths?page=2")
    assert (len(titles(first)), len(titles(second))) == (PAGE, 1)
    assert '<a rel="next" href="/topics/moths?page=2">' in first
    assert '<a rel="prev" href="/topics/moths">' in second
    assert '<link rel="canonical" href="https://papers.example.org/topics/moths?page=2">' in second
    best = page(client, "/topics/moths?order=best&period=month")
    assert '<a rel="next" href="/topics/moths?order=best&period=month&page=2">' in best


@pytest.mark.parametrize(
    "query",
    [
        "?page=2",
        "?page=0",
        "?page=x",
        "?page=",
        "?order=worst",
        "?order=best&period=year",
        "?period=week",
        "?order=%00",
    ],
)
def test_page_or_order_that_is_not_there_is_not_found(client: Client, moths: Topic, query: str) -> None:
    add(moths)
    assert client.get(f"/topics/moths{query}").status_code == 404


def test_topic_without_papers_says_what_will_be_here(client: Client, moths: Topic) -> None:
    assert "No paper has come in for this topic over the last weeks." in page(client)
    add(moths, ago=20)
    assert "No paper of the last 7 days belongs to this topic." in page(client, "/topics/moths?order=best")


def test_other_topics_of_the_group_are_linked(client: Client, moths: Topic) -> None:
    for query, group in (("ants", "Insects"), ("bees", "Insects"), ("zebras", "Mammals")):
        Topic.objects.filter(pk=make_public(query, slug=query).pk).update(group=group, description="One line.")
    make_topic("private wasps")
    html = page(client)
    assert "<h2>More in Insects</h2>" in html
    assert [slug for slug in re.findall(r'<a href="/topics/(\w+)">', html) if slug != "moths"] == ["ants", "bees"]


def test_topic_of_the_starter_has_its_description_and_group(client: Client) -> None:
    open_catalogue()
    html = page(client, "/topics/graph-neural-networks")
    assert "Learning on networks and molecules: architectures, limits, uses." in html
    assert "Papers that say “graph neural network”." in html
    assert "<h2>More in Machine learning</h2>" in html


def test_unknown_topic_is_a_calm_page_with_a_search(client: Client) -> None:
    make_topic("secret moths")
    answer = client.get("/topics/secret-moths")
    html = answer.content.decode()
    assert answer.status_code == 404
    assert "There is no topic at this address" in html
    assert 'name="q" id="unknown_q" value="secret moths"' in html


def test_merged_topic_leads_to_the_one_it_became(client: Client, moths: Topic) -> None:
    other = make_public("night moths", slug="night-moths")
    Topic.objects.filter(pk=other.pk).update(merged_into=moths)
    answer = client.get("/topics/night-moths")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/topics/moths")
    Topic.objects.filter(pk=moths.pk).update(slug="")
    assert client.get("/topics/night-moths").status_code == 404


def test_names_and_titles_are_shown_as_text(client: Client, moths: Topic) -> None:
    Topic.objects.filter(pk=moths.pk).update(label="<b>M</b>", group="<b>G</b>", description="<b>D</b>")
    add(moths, "<b>T</b>", why="<b>W</b>")
    answer = client.get("/topics/moths").content.decode()
    assert "<b>" not in answer
    assert answer.count("&lt;b&gt;T&lt;/b&gt;") >= 1


def test_page_is_the_same_for_all_who_are_not_signed_in(client: Client, moths: Topic) -> None:
    answer = client.get("/topics/moths")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert "csrfmiddlewaretoken" not in answer.content.decode()
    assert not answer.cookies


def test_page_of_whoever_is_signed_in_is_theirs(moths: Topic) -> None:
    add(moths)
    reader = make_reader("ada@example.org")
    html = page(signed_in(reader))
    assert "Follow by mail" in html
    assert 'name="address"' not in html
    assert "More like this" in html
    reader.subscriptions.create(topic=moths)
    html = page(signed_in(reader))
    assert "You follow this topic." in html
    assert "Stop following" in html


@pytest.mark.parametrize(("papers", "topics"), [(1, 1), (30, 3)])
def test_page_takes_the_same_queries_for_any_number(
    client: Client, moths: Topic, papers: int, topics: int, django_assert_num_queries: Any
) -> None:
    for number in range(topics):
        other = make_public(f"moth{number}")
        Topic.objects.filter(pk=other.pk).update(group="Insects", description="One line.")
    for number in range(papers):
        paper = make_paper()
        make_identifier(paper, f"2603.{number:05}")
        make_sighting(paper)
        make_match(moths, paper)
    # what has changed; the topic, how many papers, 4 for stories; the catalogue, its group; the counts
    with django_assert_num_queries(10):
        page(client)


# --- The chart


def test_chart_reaches_back_to_the_first_day_that_was_counted_and_no_further_than_half_a_year() -> None:
    chart = activity({TODAY: 3, TODAY - 24 * DAY: 4}, TODAY - 24 * DAY, TODAY)
    assert chart is not None
    assert (len(chart.bars), chart.words) == (
        5,
        "Papers by week: 7 in 5 weeks, most in the week of 2 February (4)",
    )
    long = activity({TODAY - 300 * DAY: 4}, TODAY - 300 * DAY, TODAY)
    assert long is not None
    assert len(long.bars) == WEEKS


@pytest.mark.parametrize(("days", "bars"), [(0, 14), (8, 14), (14, 15)])
def test_chart_of_few_weeks_goes_by_day(days: int, bars: int) -> None:
    chart = activity({TODAY - days * DAY: 4}, TODAY - days * DAY, TODAY)
    assert chart is not None
    assert (len(chart.bars), chart.name) == (bars, "Papers by day")


def test_chart_of_what_was_not_counted_is_none() -> None:
    assert activity({}, TODAY, TODAY) is None
