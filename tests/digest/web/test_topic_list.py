"""The catalogue of topics as a page."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from digest.models import Topic, TopicDay
from digest.ranking.starter import starter
from digest.web.topic_list import WEEKS, brings
from tests.make import NOON, TODAY, make_public, make_topic, open_catalogue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def page(client: Client, address: str = "/topics/", **given: Any) -> str:
    answer = client.get(address, **given)
    assert answer.status_code == 200
    return answer.content.decode()


def promote(query: str, label: str, group: str) -> Topic:
    topic = make_public(query)
    topic.label, topic.group, topic.description = label, group, f"What {label} brings."
    topic.save()
    return topic


def count(topic: Topic, *papers: int) -> None:
    """Count so many papers for the day of today and those before."""
    for ago, number in enumerate(papers):
        TopicDay.objects.create(topic=topic, day=TODAY - ago * DAY, papers=number)


def names(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'<a href="/topics/[\w-]+">(.*?)</a>', html)]


def test_catalogue_shows_all_topics_by_group_with_ways_to_each_group(client: Client) -> None:
    open_catalogue()
    html = page(client)
    assert sorted(names(html)) == sorted(entry.name for entry in starter())
    headings = re.findall(r'<h2 id="(group-\d+)">(.*?)</h2>', html)
    assert [name for _, name in headings] == list(dict.fromkeys(entry.group for entry in starter()))
    assert re.findall(r'<a href="#(group-\d+)">', html) == [anchor for anchor, _ in headings]


def test_topic_shows_how_much_it_brings_and_a_chart_that_says_it_too(client: Client) -> None:
    topic = promote("moths", "Moths", "Insects")
    count(topic, 6, 1, 0, 7)  # Wednesday, Tuesday, Monday, and the Sunday before
    html = page(client)
    assert "about 4 papers a day" in html
    assert 'role="img" aria-label="Papers by week: 7, 7"><path d="M69 20v-20M75 20v-20"/></svg>' in html
    assert '<p class="soft">What Moths brings.</p>' in html


def test_topic_without_a_count_says_so_and_has_no_chart(client: Client) -> None:
    promote("moths", "Moths", "Insects")
    html = page(client)
    assert "not counted yet" in html
    assert "<svg" not in html


def test_catalogue_that_has_no_pages_yet_says_what_will_be_here(client: Client) -> None:
    assert "The topics will be here in a minute" in page(client)


def test_topic_that_was_merged_or_is_private_is_not_shown(client: Client) -> None:
    stays, other = promote("moths", "Moths", "Insects"), promote("night moths", "Night moths", "Insects")
    make_topic("secret moths")
    Topic.objects.filter(pk=other.pk).update(merged_into=stays)
    assert names(page(client)) == ["Moths"]


@pytest.mark.parametrize(
    ("asked", "left"),
    [("moth", ["Moths"]), ("MOTHS", ["Moths"]), ("basket wea", ["Basket weaving"]), ("zebras", []), ("%00<b>", [])],
)
def test_filter_leaves_the_topics_that_say_what_was_typed(client: Client, asked: str, left: list[str]) -> None:
    promote("moths", "Moths", "Insects")
    promote("basket weaving", "Basket weaving", "Crafts")
    html = page(client, f"/topics/?q={asked}")
    assert names(html) == left
    assert "<b>" not in html
    if not left:
        assert "No topic of the catalogue is about" in html


def test_filter_with_htmx_answers_with_the_groups_alone(client: Client) -> None:
    promote("moths", "Moths", "Insects")
    html = page(client, "/topics/?q=moths", headers={"HX-Request": "true"})
    assert names(html) == ["Moths"]
    assert "<h1>" not in html
    assert 'role="status">1 topic for “moths”.' in html


def test_names_that_staff_give_are_escaped(client: Client) -> None:
    promote("moths", "<b>Moths</b>", "<i>Insects</i>")
    html = page(client)
    assert "<b>" not in html
    assert "<i>" not in html


def test_page_stays_small_with_all_charts(client: Client) -> None:
    open_catalogue()
    days = [TODAY - ago * DAY for ago in range(7 * WEEKS)]
    TopicDay.objects.bulk_create(
        [
            TopicDay(topic=topic, day=day, papers=(place * 7 + number) % 23)
            for place, topic in enumerate(Topic.objects.public())
            for number, day in enumerate(days)
        ]
    )
    html = page(client)
    assert html.count("<svg") == len(starter())
    assert len(html.encode()) < 100_000


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_any_number_of_topics(
    client: Client, number: int, django_assert_num_queries: Any
) -> None:
    for place in range(number):
        count(promote(f"moth{place}", f"Moth {place}", "Insects"), 3, 4)
    with django_assert_num_queries(4):  # what has changed, the catalogue, its topics, their counts
        page(client)


@pytest.mark.parametrize(
    ("papers", "said"),
    [
        ([], "not counted yet"),
        ([0], "no papers so far"),
        ([3], "about 3 papers a day"),
        ([0] * 28, "fewer than one paper a week"),
        ([1] + [0] * 27 + [100] * 30, "fewer than one paper a week"),
        ([0, 1] * 14, "about 4 papers a week"),
    ],
)
def test_what_a_topic_brings_is_told_by_the_last_four_weeks(papers: list[int], said: str) -> None:
    counts = {TODAY - ago * DAY: number for ago, number in enumerate(papers)}
    assert brings(counts, min(counts, default=TODAY), TODAY) == said
