from typing import Any

import feedparser
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.ingest.index import index_due
from digest.models import Change, Paper
from digest.web import search, search_feed
from tests.feed_rules import broken_rules
from tests.make import NOON, TODAY, index_papers, make_identifier, make_paper

pytestmark = pytest.mark.django_db

HOSTILE = "<b>Moths</b> & $a<b$ \\alpha ]]> \x01\ufffe"


def read(client: Client, q: str) -> Any:
    index_papers()
    answer = client.get("/search.atom", {"q": q})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/atom+xml; charset=utf-8")
    return feedparser.parse(answer.content, sanitize_html=False)


def test_feed_has_what_is_found_the_newest_first(client: Client) -> None:
    for place in range(41):
        make_paper(title=f"Moths of day {place}", announced_on=TODAY.fromordinal(TODAY.toordinal() - place))
    make_paper(title="On birds")
    feed = read(client, "moths")
    assert [entry.title for entry in feed.entries] == [f"Moths of day {place}" for place in range(40)]
    assert feed.entries[0].summary == "<p>matches moths</p>"
    assert feed.feed.title == "moths · Broadsheet"


@pytest.mark.parametrize("q", ["moths", 'moths -"<b>"', "moths é & + %", "nobody"])
def test_feed_keeps_to_the_rules(client: Client, q: str) -> None:
    paper = make_paper(title=HOSTILE, abstract=HOSTILE, authors=[HOSTILE], categories=[HOSTILE], url=HOSTILE)
    make_identifier(paper, "10.5555/<moths>&;", "doi")
    index_papers()
    answer = client.get("/search.atom", {"q": q})
    address = f"https://papers.example.org{answer.wsgi_request.get_full_path()}"
    assert broken_rules(answer.content, address) == []


@pytest.mark.parametrize("q", ["", '"half', "title:moths", "-survey"])
def test_query_that_cannot_be_read_is_an_error_in_words(client: Client, q: str) -> None:
    index_papers()
    answer = client.get("/search.atom", {"q": q})
    assert (answer.status_code, answer["Content-Type"]) == (400, "text/plain; charset=utf-8")
    assert len(answer.content.decode()) > 20


@pytest.mark.usefixtures("pages_kept")
def test_feed_that_has_not_changed_is_not_searched_again(
    client: Client,
    noon: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    make_paper(title="Moths")
    first = client.get("/search.atom?q=moths")
    assert first["Last-Modified"] == "Wed, 04 Mar 2026 12:00:00 GMT"
    monkeypatch.setattr(search_feed, "search", None)
    noon.shift(60)
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        with django_assert_num_queries(1):
            again = client.get("/search.atom?q=moths", headers=known)
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("pages_kept")
def test_feed_that_has_changed_is_sent(client: Client, noon: Any) -> None:
    make_paper(title="Moths", created_at=NOON)
    first = client.get("/search.atom?q=moths")
    noon.shift(60)
    make_paper(title="More moths")
    index_papers()
    index_due(timezone.now())
    Change.objects.all()._count_up()
    for known in ({"if-none-match": first["ETag"]}, {"if-modified-since": first["Last-Modified"]}):
        assert client.get("/search.atom?q=moths", headers=known).content.count(b"<entry>") == 2


def test_feed_is_for_everybody_but_search_engines(client: Client) -> None:
    answer = client.get("/search.atom?q=moths")
    assert (answer["X-Robots-Tag"], answer["Cache-Control"]) == ("noindex", "public, max-age=60")
    assert answer.cookies == {}


def test_too_many_are_answered_calmly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "RATE", "1/minute")
    answers = [client.get("/search.atom", {"q": f"moths {place}"}, REMOTE_ADDR="203.0.113.7") for place in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]


def test_feed_takes_the_same_queries_for_thirty_as_for_one(client: Client, settings: Any) -> None:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": memory, "pages": memory}  # takes no queries
    counts = []
    for number in (1, 30):
        for place in range(Paper.objects.count(), number):
            make_identifier(make_paper(title=f"Moths {place}"), f"2603.{place:05}")
        index_papers()
        read(client, "moths")
        with CaptureQueriesContext(connection) as made:
            found = client.get("/search.atom?q=moths")
        assert found.content.count(b"<entry>") == number
        counts.append(len(made))
    assert counts[0] == counts[1] < 16
