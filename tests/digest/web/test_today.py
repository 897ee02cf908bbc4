import gzip
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Feedback, Paper
from tests.make import NOON, TODAY, make_paper, make_reader, make_sighting, make_source

pytestmark = pytest.mark.django_db


def page(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def make_trending(trend: float = 1, **given: Any) -> Paper:
    paper = make_paper(**{"trend": trend, "url": "https://papers.example.net/1"} | given)
    make_sighting(paper, make_source(name="Quiet feed"))
    return paper


def test_page_without_papers_says_what_will_be_here(client: Client) -> None:
    shown = page(client)
    assert "Papers that people are reading will be here as soon as a source has been read." in shown
    assert '<ol class="cards">' not in shown


def test_page_without_votes_says_how_many_came_in(client: Client) -> None:
    make_paper()
    make_paper()
    assert "2 papers came in over the last days, and none has votes yet." in page(client)


def test_page_with_many_papers_counts_them_readably(client: Client) -> None:
    Paper.objects.bulk_create([Paper(title=f"Method {number}", announced_on=TODAY) for number in range(1204)])
    assert "1,204 papers came in over the last days" in page(client)


def test_page_with_one_paper_counts_one(client: Client) -> None:
    make_trending()
    assert "1 paper from 1 announced in the last days, most read first." in page(client)


def test_page_with_three_papers_shows_the_most_read_first(client: Client) -> None:
    for title, trend in [("Second", 2.0), ("First", 3.0), ("Third", 1.0)]:
        make_trending(trend, title=f"{title} quiet method")
    shown = page(client)
    assert shown.count('<li class="card">') == 3
    places = [shown.index(f">{place} quiet method</a>") for place in ("First", "Second", "Third")]
    assert places == sorted(places)


def test_page_shows_all_that_a_card_has(client: Client) -> None:
    make_trending(
        title="A quiet $\\alpha$ method",
        abstract="It says little. " * 40,
        authors=["Ada Lindqvist", "Bo Ek", "Cy Dahl", "Di Falk", "Ed Gran"],
        pdf_url="https://papers.example.net/1.pdf",
        attention="84 upvotes, +31 since yesterday",
    )
    shown = page(client)
    assert '<a href="https://papers.example.net/1">A quiet α method</a>' in shown
    assert "Ada Lindqvist, Bo Ek, Cy Dahl and 2 more" in shown
    assert "Quiet feed · 4 March" in shown
    assert '84 upvotes, <span class="gain">+31 since yesterday</span>' in shown
    assert '<a href="https://papers.example.net/1.pdf" aria-label="PDF of A quiet α method">PDF</a>' in shown
    assert re.search(r'<p class="abstract">It says little\. .{200,240} (It|It says|It says little)…</p>', shown)


def test_page_leaves_out_and_does_not_count_what_was_withdrawn(client: Client) -> None:
    make_trending(title="A quiet method")
    make_trending(title="A method taken back", withdrawn_at=NOON)
    shown = page(client)
    assert "1 paper from 1 announced" in shown
    assert "taken back" not in shown


def test_page_counts_the_authors_that_are_not_kept(client: Client) -> None:
    make_trending(authors=["Ada Lindqvist", "Bo Ek", "Cy Dahl", "Di Falk"], author_count=3309)
    assert "Ada Lindqvist, Bo Ek, Cy Dahl and 3,306 more" in page(client)


@pytest.mark.parametrize("days", [9, -1])
def test_page_leaves_out_papers_of_other_days(client: Client, days: int) -> None:
    make_trending(announced_on=TODAY - timedelta(days=days), title="A quiet method")
    assert "A quiet method" not in page(client)


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
    make_trending(
        title=title, abstract=title, authors=[title], attention=title, venue=title, pdf_url="https://example.net/x"
    )
    shown = page(client)
    body = shown[shown.index('<li class="card">') : shown.index("</ol>")]
    for forbidden in ("<script", "<img", "<h1", "onerror=alert(1)>", "' onmouseover='", "csrfmiddlewaretoken"):
        assert forbidden not in body


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "ftp://x.y/z"]
)
def test_page_links_to_web_addresses_alone(client: Client, url: str) -> None:
    make_trending(url=url, pdf_url=url, title="A quiet method")
    shown = page(client)
    assert '<h2 class="title">A quiet method</h2>' in shown
    assert url not in shown


def test_page_asks_as_many_questions_for_three_papers_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_trending()
    with django_assert_num_queries(7) as one:
        page(client)
    make_trending()
    make_trending()
    with django_assert_num_queries(len(one)):
        page(client)


def test_page_takes_no_cookie_and_gives_none(client: Client) -> None:
    assert list(client.get("/").cookies) == []


def test_page_shows_the_form_to_sign_up_above_the_papers(client: Client) -> None:
    make_trending()
    shown = page(client)
    assert shown.index('<form class="sign-up" method="post" action="/sign-up"') < shown.index('<ol class="cards">')


def test_page_shows_whoever_is_signed_in_no_form_to_sign_up(client: Client) -> None:
    client.force_login(make_reader())
    shown = page(client)
    assert 'class="sign-up"' not in shown
    assert "<h1>Trending now</h1>" in shown


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_page_takes_no_other_method(client: Client, method: str) -> None:
    assert getattr(client, method)("/").status_code == 405


def test_page_to_head_has_no_body(client: Client) -> None:
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


def test_page_names_the_site_its_curator_and_its_address(client: Client, settings: Any) -> None:
    settings.SITE_NAME, settings.CURATOR, settings.POSTAL_ADDRESS = "The <Daily>", "Quiet & Sons", "1 Example Street"
    shown = page(client)
    assert "<title>Trending papers · The &lt;Daily&gt;</title>" in shown
    assert "chosen by Quiet &amp; Sons." in shown
    assert "The &lt;Daily&gt; · 1 Example Street" in shown


def test_page_that_is_not_there_is_not_found(client: Client) -> None:
    assert client.get("/nothing").status_code == 404


# --- Signed in


def test_nobody_signed_in_sees_no_buttons(client: Client) -> None:
    make_trending()
    answer = client.get("/")
    assert "More like this" not in answer.content.decode()
    assert 'class="say"' not in answer.content.decode()


def test_signed_in_reader_can_answer_each_paper_and_sees_what_was_said(client: Client) -> None:
    reader, one, two = make_reader(), make_trending(2), make_trending(1, title="Moths")
    Feedback.objects.say(reader.pk, one.pk, wants_more=False, now=NOON)
    client.force_login(reader)
    answer = client.get("/")
    shown = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    assert f'action="/you/less/{one.pk}/"' in shown
    assert "Less like this: noted." in shown
    assert [f'action="/you/{word}/{two.pk}/"' in shown for word in ("more", "less")] == [True, True]
    assert 'aria-label="More like this: Moths"' in shown


def test_signed_in_page_takes_the_same_queries_for_three_papers_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(make_reader())
    make_trending()
    with django_assert_num_queries(8) as asked:
        client.get("/")
    make_trending(2, title="Moths")
    make_trending(3, title="Tides")
    with django_assert_num_queries(len(asked)):
        client.get("/")


def test_page_shows_a_featured_paper_first_with_the_reason_of_staff_as_text(client: Client, settings: Any) -> None:
    settings.CURATOR = "the library"
    make_trending(title="Rising")
    make_paper(title="A landmark", announced_on=TODAY, featured_at=NOON, staff_note="<b>ten</b> years on")
    shown = page(client)
    assert shown.index("A landmark") < shown.index("Rising")
    assert "chosen by the library: &lt;b&gt;ten&lt;/b&gt; years on" in shown


def test_page_is_packed_for_browsers_that_can_unpack_it(client: Client) -> None:
    for number in range(3):
        make_trending(title=f"Quiet method {number}")
    answer = client.get("/", headers={"accept-encoding": "gzip"})
    assert (answer["Content-Encoding"], "Accept-Encoding" in answer["Vary"]) == ("gzip", True)
    assert "Quiet method 2" in gzip.decompress(answer.content).decode()
