import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Paper, Vote
from tests.make import NOON, TODAY, make_paper, make_reader

pytestmark = pytest.mark.django_db

DAY, WEEK, MONTH = "/date/2026-03-04", "/week/2026-W10", "/month/2026-03"


def page(path: str, client: Client | None = None) -> str:
    answer = (client or Client()).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def titles(shown: str) -> list[str]:
    return re.findall(r'<h2 class="title"><a href="/papers/[^"]+">(.*?)</a></h2>', shown)


def ways(shown: str) -> list[str]:
    """Return where the page leads to: days before and after, and what is wider."""
    turn = shown[shown.index('<nav class="turn"') :]
    return re.findall(r'href="([^"]+)"', turn[: turn.index("</nav>")])


def make_many(number: int, **given: Any) -> None:
    Paper.objects.bulk_create(
        [Paper(title=f"Method {place}", **{"announced_on": TODAY} | given) for place in range(number)]
    )


# --- Days, weeks, months


@pytest.mark.parametrize(
    ("path", "heading"),
    [(DAY, "Wednesday, 4 March 2026"), (WEEK, "2 to 8 March 2026"), (MONTH, "March 2026")],
)
def test_page_of_a_period_shows_its_papers_the_most_voted_first(path: str, heading: str) -> None:
    make_paper(title="little", votes=1)
    make_paper(title="much", votes=9)
    make_paper(title="of another month", votes=99, announced_on=TODAY - timedelta(days=60))
    shown = page(path)
    assert f"<h1>{heading}</h1>" in shown
    assert titles(shown) == ["much", "little"]
    assert f"<title>Papers of {heading} · Broadsheet</title>" in shown
    assert f'<link rel="canonical" href="https://papers.example.org{path}">' in shown


def test_pages_of_a_period_go_on_counting() -> None:
    make_many(61)
    first, second, third = (page(f"{MONTH}{query}") for query in ("", "?page=2", "?page=3"))
    assert [len(titles(shown)) for shown in (first, second, third)] == [30, 30, 1]
    assert '<span class="unseen">Number </span>31</p>' in second
    assert 'rel="prev" href="/month/2026-03">The page before' in second
    assert 'rel="next" href="/month/2026-03?page=3">The next page' in second
    assert "Page 2 of 3" in second
    assert ("The page before" in first, "The next page" in third) == (False, False)
    assert f'<link rel="canonical" href="https://papers.example.org{MONTH}?page=2">' in second
    assert "61 papers" in first


@pytest.mark.parametrize("query", ["page=0", "page=x", "page=4", "page=999999", "page="])
@pytest.mark.parametrize("path", [DAY, "/trending"])
def test_page_that_is_not_there_is_not_found(path: str, query: str) -> None:
    make_many(61, trend=1)
    assert Client().get(f"{path}?{query}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/date/2026-02-30",
        "/date/2026-3-4",
        "/date/1899-12-31",
        "/date/9999-12-31",
        "/date/0000-00-00",
        "/week/2026-W54",
        "/week/2026-W00",
        "/week/2025-W53",
        "/month/2026-13",
        "/month/0000-01",
        "/date/2026-03-04/",
        "/date/x",
        "/week/",
    ],
)
def test_what_is_no_day_is_not_found(path: str) -> None:
    assert Client().get(path).status_code == 404


@pytest.mark.parametrize("path", ["/date/1900-01-01", "/date/2199-12-31", "/week/2199-W52", "/month/1900-01"])
@pytest.mark.parametrize("papers", [0, 1])
def test_ends_of_the_calendar_have_pages(path: str, papers: int) -> None:
    make_many(papers)
    assert "<h1>" in page(path)


def test_page_leads_to_the_nearest_days_that_have_papers() -> None:
    for day in (date(2026, 2, 27), TODAY - timedelta(days=2), TODAY):
        make_paper(announced_on=day)
    assert ways(page("/date/2026-03-02")) == ["/date/2026-02-27", DAY, "/week/2026-W10", "/month/2026-03"]
    assert ways(page(WEEK)) == ["/week/2026-W09", "/month/2026-03"]
    assert ways(page("/month/2026-02")) == ["/month/2026-03"]


def test_page_leads_to_no_day_that_is_still_to_come() -> None:
    make_paper(announced_on=TODAY + timedelta(days=1))
    assert ways(page(DAY)) == ["/week/2026-W10", "/month/2026-03"]


@pytest.mark.parametrize(
    ("path", "said", "way"),
    [
        ("/date/2026-03-05", "This day is still to come.", DAY),
        ("/date/2130-03-05", "This day is still to come.", DAY),
        ("/week/2026-W11", "This week is still to come.", WEEK),
        ("/month/2026-04", "This month is still to come.", MONTH),
        ("/date/2026-02-28", "No papers came in on this day. Most sources rest on weekends", "/date/2026-02-20"),
        ("/week/2026-W09", "No papers came in in this week.", "/week/2026-W08"),
        ("/date/2026-02-01", "the first came in later", "/date/2026-02-20"),
        ("/month/2025-12", "the first came in later", "/month/2026-02"),
    ],
)
def test_period_without_papers_says_why_and_leads_to_the_nearest_that_has_some(path: str, said: str, way: str) -> None:
    make_paper(announced_on=date(2026, 2, 20))
    make_paper()
    shown = page(path)
    assert said in shown
    assert way in ways(shown)
    assert '<meta name="robots" content="noindex">' in shown
    assert '<ol class="cards">' not in shown


def test_today_without_papers_says_that_they_may_still_come() -> None:
    make_paper(announced_on=TODAY - timedelta(days=1))
    assert "No papers have come in today so far." in page(DAY)


def test_period_of_an_empty_installation_says_how_to_get_papers() -> None:
    assert "as soon as a source has been read" in page("/date/2026-02-20")


@pytest.mark.parametrize("path", [DAY, WEEK, MONTH, "/trending"])
def test_page_asks_as_many_questions_for_thirty_papers_as_for_one(
    path: str, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_many(1, votes=3, trend=1)
    with django_assert_num_queries(7 if path == "/trending" else 10 if path == DAY else 9) as asked:
        page(path, client)
    make_many(29, votes=3, trend=1)
    with django_assert_num_queries(len(asked)):
        assert len(titles(page(path, client))) == 30


# --- Trending


def test_trending_shows_what_gains_most_of_whatever_day() -> None:
    make_paper(title="old", trend=3, announced_on=TODAY - timedelta(days=90))
    make_paper(title="new", trend=1)
    make_paper(title="voted", votes=9)
    shown = page("/trending")
    assert titles(shown) == ["old", "new"]
    assert "2 papers gain votes or other attention now, whatever their day." in shown
    assert '<link rel="canonical" href="https://papers.example.org/trending">' in shown


def test_trending_without_any_says_so_and_leads_to_the_latest_day() -> None:
    make_paper(votes=9)
    shown = page("/trending")
    assert "No paper gains votes at the moment." in shown
    assert f'<a href="{DAY}">See the papers of Wednesday, 4 March 2026</a>' in shown


def test_trending_of_an_empty_installation_has_words() -> None:
    assert "No paper gains votes at the moment." in page("/trending")


# --- Who looks


@pytest.mark.parametrize("path", [DAY, WEEK, MONTH, "/trending"])
def test_page_is_the_same_for_all_and_gives_no_cookie(path: str, client: Client) -> None:
    make_paper(trend=1)
    answer = client.get(path)
    assert (answer["Cache-Control"], list(answer.cookies)) == ("public, max-age=60", [])
    assert "csrfmiddlewaretoken" not in answer.content.decode()


def test_signed_in_reader_sees_own_votes_and_can_vote(client: Client) -> None:
    reader, one, two = make_reader(), make_paper(title="one"), make_paper(title="two")
    Vote.objects.cast(reader.pk, one.pk, NOON)
    client.force_login(reader)
    shown = page(DAY, client)
    assert 'aria-label="Take your vote back: one, 1 so far"' in shown
    assert f'action="/vote/{two.pk}"' in shown
    assert client.get(DAY)["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_pages_take_no_other_method(method: str, client: Client) -> None:
    assert [getattr(client, method)(path).status_code for path in (DAY, "/trending")] == [405, 405]
