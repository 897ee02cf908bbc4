import gzip
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Feedback, Paper, Signup
from tests.digest.web.front import make_trending, page, titles
from tests.make import (
    NOON,
    TODAY,
    make_paper,
    make_reader,
)

pytestmark = pytest.mark.django_db


# --- The day


def test_page_without_papers_says_what_will_be_here(client: Client) -> None:
    shown = page(client)
    assert "<h1>Wednesday, 4 March 2026</h1>" in shown
    assert "as soon as a source has been read. Staff switch sources on in the admin." in shown
    assert '<ol class="cards">' not in shown
    assert '<meta name="robots" content="noindex">' in shown


def test_page_shows_the_papers_of_today_ranked(client: Client) -> None:
    for title, trend, votes in [("Second", 2.0, 9), ("First", 3.0, 4), ("Fourth", 0, 0), ("Third", 0, 7)]:
        make_trending(trend, title=title, votes=votes)
    shown = page(client)
    assert "<h1>Wednesday, 4 March 2026</h1>" in shown
    assert "4 papers came in. What gains most attention comes first." in shown
    assert titles(shown) == ["First", "Second", "Third", "Fourth"]
    assert re.findall(r'<p class="rank"><span class="unseen">Number </span>(\d+)</p>', shown) == ["1", "2", "3", "4"]


def test_page_counts_one_paper(client: Client) -> None:
    make_trending()
    assert "1 paper came in." in page(client)


def test_page_shows_thirty_papers_and_the_way_to_all_of_the_day(client: Client) -> None:
    Paper.objects.bulk_create([Paper(title=f"Method {number}", announced_on=TODAY) for number in range(1204)])
    shown = page(client)
    assert len(titles(shown)) == 30
    assert "1,204 papers came in." in shown
    assert '<a href="/date/2026-03-04">All 1,204 papers of Wednesday, 4 March 2026</a>' in shown
    assert "The next page" not in shown


def test_page_of_a_weekend_says_so_and_shows_the_last_day_that_had_papers(client: Client, noon: Any) -> None:
    make_trending(title="Of Wednesday")
    noon.move_to(NOON + timedelta(days=3))
    shown = page(client)
    assert "<h1>Wednesday, 4 March 2026</h1>" in shown
    assert "It is Saturday, when most sources rest: these are the papers of Wednesday, 4 March." in shown
    assert titles(shown) == ["Of Wednesday"]


def test_page_of_a_quiet_weekday_says_so(client: Client, noon: Any) -> None:
    make_trending()
    noon.move_to(NOON + timedelta(days=1))
    assert "Nothing has come in today so far: these are the papers of Wednesday, 4 March." in page(client)


def test_page_leads_to_the_nearest_day_before_to_the_week_and_the_month(client: Client) -> None:
    make_trending()
    make_trending(announced_on=TODAY - timedelta(days=5))
    shown = page(client)
    turn = shown[shown.index('<nav class="turn"') :]
    turn = turn[: turn.index("</nav>")]
    assert re.findall(r'href="([^"]+)"', turn) == ["/date/2026-02-27", "/week/2026-W10", "/month/2026-03"]


@pytest.mark.parametrize("days", [9, -1])
def test_page_leaves_out_papers_of_other_days(client: Client, days: int) -> None:
    make_trending(title="Of today")
    make_trending(announced_on=TODAY - timedelta(days=days), title="Of another day")
    assert titles(page(client)) == ["Of today"]


def test_page_leaves_out_and_does_not_count_what_was_withdrawn(client: Client) -> None:
    make_trending(title="A quiet method")
    make_trending(title="A method taken back", withdrawn_at=NOON)
    shown = page(client)
    assert ("1 paper came in." in shown, titles(shown)) == (True, ["A quiet method"])


def test_page_does_not_count_featured_papers_of_other_days(client: Client) -> None:
    make_trending(title="Of today")
    make_trending(title="Older", announced_on=TODAY - timedelta(days=3), featured_at=NOON, staff_note="look")
    shown = page(client)
    assert ("1 paper came in." in shown, titles(shown)) == (True, ["Older", "Of today"])


# --- The page


def test_page_asks_as_many_questions_for_thirty_papers_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_trending()
    with django_assert_num_queries(12) as one:
        page(client)
    for number in range(29):
        make_trending(number)
    with django_assert_num_queries(len(one)):
        assert len(titles(page(client))) == 30


def test_page_takes_no_cookie_and_gives_none(client: Client) -> None:
    assert list(client.get("/").cookies) == []


def test_page_shows_the_form_to_sign_up_before_the_papers(client: Client) -> None:
    make_trending()
    shown = page(client)
    form = shown.index('<form class="sign-up short" method="post" action="/sign-up"')
    assert form < shown.index('<ol class="cards">')
    assert "Mail me the papers in my topics, at most once a day." in shown


def test_what_the_form_of_the_page_sends_signs_up(client: Client) -> None:
    shown = page(client)
    names = re.findall(r'<input [^>]*name="(\w+)"', shown[shown.index('<form class="sign-up') :])
    assert sorted(names) == ["address", "homepage", "time_zone", "topics"]
    client.post("/sign-up", {"topics": "moths", "address": "ada@example.org", "time_zone": "UTC", "homepage": ""})
    assert Signup.objects.get().topics == ["moths"]


def test_page_shows_whoever_is_signed_in_no_form_to_sign_up(client: Client) -> None:
    client.force_login(make_reader())
    shown = page(client)
    assert 'class="sign-up' not in shown
    assert '<a href="/you/">Your digest</a>' in shown


def test_page_names_itself_for_other_sites(client: Client, settings: Any) -> None:
    settings.CURATOR = "Quiet & Sons"
    make_trending()
    shown = page(client)
    for said in (
        "<title>Trending papers · Broadsheet</title>",
        '<meta name="description" content="The papers that researchers are reading now, chosen by Quiet &amp; Sons.">',
        '<link rel="canonical" href="https://papers.example.org/">',
        '<meta property="og:title" content="Trending papers">',
        '<link rel="alternate" type="application/atom+xml" title="Trending papers" href="/today.atom">',
        '<meta property="og:url" content="https://papers.example.org/">',
    ):
        assert said in shown
    assert "noindex" not in shown


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
    assert "By Quiet &amp; Sons and the research community" in shown
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
    with django_assert_num_queries(15) as asked:
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
    assert "Chosen by the library: &lt;b&gt;ten&lt;/b&gt; years on" in shown


def test_page_is_packed_for_browsers_that_can_unpack_it(client: Client) -> None:
    for number in range(3):
        make_trending(title=f"Quiet method {number}")
    answer = client.get("/", headers={"accept-encoding": "gzip"})
    assert (answer["Content-Encoding"], "Accept-Encoding" in answer["Vary"]) == ("gzip", True)
    assert "Quiet method 2" in gzip.decompress(answer.content).decode()


def test_page_with_thirty_papers_is_small_and_needs_little_else(client: Client) -> None:
    for number in range(30):
        make_trending(
            number, title=f"{number} " + "A quiet method of long words " * 4, abstract="It says little. " * 80
        )
    answer = client.get("/", headers={"accept-encoding": "gzip"})
    shown = gzip.decompress(answer.content).decode()
    asked = re.findall(r'(?:src|href)="/static/([^"]+)"', shown)
    assert asked == ["digest/icon.svg", "digest/site.css", "digest/zone.js"]
    sizes = [Path(str(finders.find(name))).stat().st_size for name in asked]
    assert len(answer.content) + sum(sizes) < 60_000
    assert not re.search(r'(src|srcset)="(https?:)?//', shown)
