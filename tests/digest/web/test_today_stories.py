"""Each paper on the front page: what is shown of it, and how what sources say is kept harmless."""

import re

import pytest
from django.test import Client

from digest.models import Topic
from tests.digest.web.front import make_trending, page, stories_of
from tests.make import (
    make_identifier,
    make_match,
    make_topic,
)

pytestmark = pytest.mark.django_db


def test_story_shows_all_that_is_known(client: Client) -> None:
    paper = make_trending(
        title="A quiet $\\alpha$ method",
        abstract="It says little. " * 40,
        authors=["Ada Lindqvist", "Bo Ek", "Cy Dahl", "Di Falk", "Ed Gran"],
        pdf_url="https://papers.example.net/1.pdf",
        votes=1084,
        gained=31,
    )
    make_identifier(paper, "2603.00001")
    topic = make_topic("moths")
    Topic.objects.filter(pk=topic.pk).update(slug="moths")
    make_match(topic, paper)
    shown = stories_of(page(client))
    assert '<h2 class="title"><a href="/papers/2603.00001">A quiet α method</a></h2>' in shown
    assert "Ada Lindqvist, Bo Ek, Cy Dahl and 2 more · Quiet feed · 4\u00a0Mar\u00a02026" in shown
    assert '1,084<span class="unseen"> votes</span>' in shown
    assert '<p class="gain">+31<span class="since"> since yesterday</span></p>' in shown
    assert ">Moths</a>" in shown
    assert '<a href="https://papers.example.net/1" aria-label="Abstract of A quiet α method">Abstract</a>' in shown
    assert '<a href="https://papers.example.net/1.pdf" aria-label="PDF of A quiet α method">PDF</a>' in shown
    assert re.search(r'<p class="abstract">It says little\. .{200,240} (It|It says|It says little)…</p>', shown)


def test_story_counts_the_authors_that_are_not_kept(client: Client) -> None:
    make_trending(authors=["Ada Lindqvist", "Bo Ek", "Cy Dahl", "Di Falk"], author_count=3309)
    assert "Ada Lindqvist, Bo Ek, Cy Dahl and 3,306 more" in page(client)


@pytest.mark.parametrize(
    "title",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "' onmouseover='alert(1)",
        "{{ settings.SECRET_KEY }} {% csrf_token %}",
        "</title><h1>Bound $a<b$</h1>",
    ],
)
def test_page_shows_hostile_titles_as_text(client: Client, title: str) -> None:
    paper = make_trending(
        title=title, abstract=title, authors=[title], attention=title, venue=title, pdf_url="https://example.net/x"
    )
    topic = make_topic("moths")
    Topic.objects.filter(pk=topic.pk).update(slug="moths", label=title)
    make_match(topic, paper)
    body = stories_of(page(client))
    for forbidden in ("<script", "<img", "<h1", "onerror=alert(1)>", "' onmouseover='", "csrfmiddlewaretoken"):
        assert forbidden not in body


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "ftp://x.y/z"]
)
def test_page_links_to_web_addresses_alone(client: Client, url: str) -> None:
    paper = make_trending(url=url, pdf_url=url, title="A quiet method")
    shown = page(client)
    assert f'<h2 class="title"><a href="/papers/{paper.pk}">A quiet method</a></h2>' in shown
    assert f'"{url}"' not in shown
