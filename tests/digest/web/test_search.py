import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Reader
from digest.ingest.search import search
from digest.models import Change, Paper, Signup
from digest.ranking.query import Query
from digest.ranking.starter import starter
from digest.web import search as module
from tests.digest.web.visits import followed, signed_in
from tests.make import TODAY, index_papers, make_identifier, make_paper
from tests.redisserver import free_port

pytestmark = pytest.mark.django_db


def look(client: Client, **asked: Any) -> str:
    index_papers()
    answer = client.get("/search", asked)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(page: str) -> list[str]:
    found = re.findall(r'<h2 class="title"><a href="[^"]*">(.*?)</a></h2>', page)
    return [unescape(re.sub("</?mark>", "", title)) for title in found]


def make_papers(number: int, **given: Any) -> list[Paper]:
    return [make_paper(title=f"Moths at lamp {place}", **given) for place in range(number)]


# --- What is found


def test_result_shows_marks_reason_and_the_way_to_the_paper(client: Client) -> None:
    paper = make_paper(
        title="Where moths rest",
        abstract="Nothing of it. " * 40 + "A moth rests on bark.",
        authors=["Ada Lindqvist"],
        attention="84 votes, +31 since yesterday",
    )
    make_identifier(paper, "2603.00001")
    page = look(client, q="moths")
    assert '<h2 class="title"><a href="/papers/2603.00001">Where <mark>moths</mark> rest</a></h2>' in page
    assert "A <mark>moth</mark> rests on bark.</p>" in page
    assert '<p class="reason">Matches moths · 84 votes, <span class="gain">+31 since yesterday</span></p>' in page
    assert "Ada Lindqvist" in page
    assert ">One paper ·" in page


def test_box_keeps_what_was_typed(client: Client) -> None:
    page = look(client, q='  "moths   at lamps" -survey ')
    assert 'value="&quot;moths at lamps&quot; -survey"' in page
    assert 'name="order"' not in page
    assert '<input type="hidden" name="order" value="newest">' in look(client, q="moths", order="newest")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("moths", {"Moths and lamps", "A survey of moths"}),
        ('"moths and lamps"', {"Moths and lamps"}),
        ("moths -survey", {"Moths and lamps"}),
        ("cat:cs.CL", {"A survey of moths"}),
        ('author:"Jane Doe"', {"Moths and lamps"}),
    ],
)
def test_query_language_is_that_of_the_topics(client: Client, query: str, expected: set[str]) -> None:
    make_paper(title="Moths and lamps", authors=["Jane Doe"])
    make_paper(title="A survey of moths", categories=["cs.CL"])
    make_paper(title="On birds")
    assert set(titles(look(client, q=query))) == expected


def test_order_is_by_fit_or_by_day(client: Client) -> None:
    make_paper(title="Moths and moths", announced_on=TODAY.replace(day=1))
    make_paper(title="On birds, lamps and the many things beside moths", announced_on=TODAY)
    best, newest = look(client, q="moths"), look(client, q="moths", order="newest")
    assert titles(best) == ["Moths and moths", "On birds, lamps and the many things beside moths"]
    assert titles(newest) == titles(best)[::-1]
    assert '<a href="/search?q=moths" aria-current="page">Best first</a>' in best
    assert '<a href="/search?q=moths&amp;order=newest" aria-current="page">Newest first</a>' in newest
    assert titles(look(client, q="moths", order="<upside down>")) == titles(best)


def test_hidden_paper_is_not_found(client: Client) -> None:
    (paper,) = make_papers(1)
    paper.hide("not ours", Paper.objects.get().created_at)
    assert titles(look(client, q="moths")) == []


def test_name_of_the_catalogue_stands_for_its_query() -> None:
    for entry in starter()[:20]:
        assert module.query_for(entry.name.upper()).canonical == entry.canonical


# --- Pages


def test_thirty_are_on_a_page(client: Client) -> None:
    make_papers(31)
    first, second = look(client, q="moths"), look(client, q="moths", page=2)
    assert (len(titles(first)), len(titles(second))) == (30, 1)
    assert set(titles(first)).isdisjoint(titles(second))
    assert "Papers 1 to 30 of 31" in first
    assert "Papers 31 to 31 of 31" in second
    assert '<a rel="next" href="/search?q=moths&amp;page=2">' in first
    assert '<a rel="prev" href="/search?q=moths">' in second
    assert '<ol class="cards" start="31">' in second


@pytest.mark.parametrize("page", ["2", "9999", "0", "-1", "x", "", "2.5", "99999999999999999999", "٣", "1\x00"])
def test_page_beyond_the_end_says_so(client: Client, page: str) -> None:
    make_papers(1)
    answer = client.get("/search", {"q": "moths", "page": page})
    assert answer.status_code == 404
    assert '<a href="/search?q=moths">See the first page</a>' in answer.content.decode()


def test_unknown_parameters_are_ignored(client: Client) -> None:
    make_papers(1)
    assert look(client, q="moths", utm_source="x", since="yesterday") == look(client, q="moths")


# --- Nothing to show


def test_empty_page_says_what_can_be_searched(client: Client) -> None:
    page = look(client)
    assert page == look(client, q="  ")
    assert '<a href="/search?q=%22instance%20normalization%22">&quot;instance normalization&quot;</a>' in page
    assert 'content="noindex"' not in page
    assert '<link rel="canonical" href="https://papers.example.org/search">' in page


def test_page_has_one_box_to_search_in(client: Client) -> None:
    assert look(client).count('role="search"') == look(client, q="moths").count('role="search"') == 1


def test_examples_can_be_searched(client: Client) -> None:
    for example, _ in module.EXAMPLES:
        assert "errorlist" not in look(client, q=example)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"half', "has no partner"),
        ("-survey", "This only says what to leave out."),
        ("the", "is in nearly every paper"),
        ("title:moths", "is not known here"),
        ("moths " * 60, "and 300 is the most"),
        ("\ue000 moths", "There is an invisible character"),
    ],
)
def test_error_stands_beside_the_box(client: Client, text: str, said: str) -> None:
    page = look(client, q=text)
    assert 'aria-invalid="true" aria-describedby="q_error"' in page
    (error,) = re.findall(r'<p class="errorlist" id="q_error" role="alert">(.*?)</p>', page)
    assert said in unescape(error)
    assert "How to write it" in page


def test_error_comes_with_what_the_catalogue_has(client: Client) -> None:
    assert '<a class="suggestion" href="/search?q=Graph%20neural%20networks">' in look(
        client, q='"graph neural networks'
    )


def test_nothing_found_says_how_to_widen(client: Client) -> None:
    page = look(client, q='"graph networks" cat:cs.XX author:doe -survey')
    assert "Nothing found" in page
    for said in ("leave out quotation marks", "category is spelled", "family name alone", "leave fewer words out"):
        assert said in page
    assert "leave out quotation marks" not in look(client, q="nobody knows")


# --- From a search to a topic


def test_stranger_gets_the_sign_up_form_filled_in(client: Client) -> None:
    make_papers(1)
    page = look(client, q='"moths" -survey')
    assert re.search(r'<input type="text" name="topics"[^>]* value="&quot;moths&quot; -survey"', page)
    assert "csrfmiddlewaretoken" not in page
    wish = {"topics": '"moths" -survey', "address": "new@example.org", "time_zone": "UTC", "homepage": ""}
    client.post("/sign-up", wish)
    assert Signup.objects.get().topics == ['"moths" -survey']


def test_page_with_thirty_papers_stays_small(client: Client) -> None:
    make_papers(30, abstract="What moths do at night. " * 40, authors=["Ada Lindqvist"] * 9)
    assert len(look(client, q="moths")) < 60_000


def test_reader_follows_with_one_button(reader: Reader) -> None:
    make_papers(1)
    client = signed_in(reader)
    page = look(client, q="moths -survey")
    assert '<input type="hidden" name="topics" value="moths -survey">' in page
    client.post("/you/topics/", {"topics": "moths -survey"})
    assert "moths -survey" in followed(reader)
    page = look(client, q="Moths  -survey")
    assert "You follow this topic" in page
    assert 'name="topics"' not in page


def test_page_links_its_feed_and_stays_out_of_search_engines(client: Client) -> None:
    make_papers(1)
    page = look(client, q="moths at lamps", order="newest")
    assert 'type="application/atom+xml" title="moths at lamps" href="/search.atom?q=moths+at+lamps"' in page
    assert '<meta name="robots" content="noindex">' in page
    assert '<link rel="canonical" href="https://papers.example.org/search?q=moths+at+lamps&amp;order=newest">' in page


# --- How often it works


def test_page_takes_the_same_queries_for_thirty_as_for_one(client: Client, settings: Any) -> None:
    memory = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    settings.CACHES = {"default": memory, "pages": memory}  # takes no queries
    counts = []
    for number in (1, 30):
        for place in range(Paper.objects.count(), number):
            make_identifier(make_paper(title=f"Moths {place}"), f"2603.{place:05}")
        index_papers()
        look(client, q="moths")
        with CaptureQueriesContext(connection) as made:
            page = client.get("/search?q=moths").content.decode()
        assert len(titles(page)) == number
        counts.append(len(made))
    assert counts[0] == counts[1] < 16


@pytest.mark.usefixtures("pages_kept")
def test_page_is_made_once_for_all_until_something_changes(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def counted(query: Query, **more: Any) -> Any:
        asked.append(query)
        return search(query, **more)

    monkeypatch.setattr(module, "search", counted)
    make_papers(1)
    first = client.get("/search?q=moths")
    again = client.get("/search?q=moths", headers={"if-none-match": first["ETag"]})
    assert (again.status_code, len(asked)) == (304, 1)
    assert Client().get("/search?q=moths").content == first.content
    assert len(asked) == 1
    Change.objects.all()._count_up()
    assert client.get("/search?q=moths", headers={"if-none-match": first["ETag"]}).status_code == 200
    assert len(asked) == 2


def test_too_many_are_answered_calmly(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "RATE", "2/minute")
    answers = [client.get("/search", {"q": f"moths {place}"}, REMOTE_ADDR="203.0.113.7") for place in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "rests for a minute" in answers[-1].content.decode()
    assert 'value="moths 2"' in answers[-1].content.decode()
    assert client.get("/search", {"q": "moths"}, REMOTE_ADDR="203.0.113.8").status_code == 200
    assert client.get("/search", REMOTE_ADDR="203.0.113.7").status_code == 200


@pytest.mark.parametrize("path", ["/search", "/search/estimate", "/search.atom"])
def test_only_looking_is_possible(client: Client, path: str) -> None:
    assert client.post(path, {"q": "moths"}).status_code == 405
    assert client.head(f"{path}?{urlencode({'q': 'moths'})}").content == b""


def test_search_goes_on_while_redis_is_away(client: Client, settings: Any) -> None:
    settings.COUNTED_IN = f"redis://127.0.0.1:{free_port()}/0"
    assert client.get("/search", {"q": "moths"}).status_code == 200
