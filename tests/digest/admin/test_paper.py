from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.ingest.rank import match_due
from digest.models import Match, Paper, Topic
from tests.make import (
    NOON,
    TODAY,
    index_papers,
    make_identifier,
    make_match,
    make_paper,
    make_reader,
    make_sighting,
    make_signal,
    make_source,
    make_topic,
)

pytestmark = pytest.mark.django_db


def make_seen_paper() -> Paper:
    paper = make_paper(title="A quiet method", url="https://papers.example.net/1")
    make_identifier(paper, "2603.00001")
    make_sighting(paper, make_source(name="Quiet feed"))
    make_signal(paper, 84)
    make_match(make_topic("knowledge transfer"), paper)
    return paper


def test_change_page_shows_where_the_paper_was_seen_and_what_it_matches(admin_client: Client) -> None:
    paper = make_seen_paper()
    page = admin_client.get(f"/admin/digest/paper/{paper.pk}/change/").content.decode()
    for shown in ("2603.00001", "Quiet feed", "84", "matches knowledge transfer"):
        assert shown in page


def test_change_page_asks_as_many_questions_for_three_sightings_and_matches_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    paper = make_seen_paper()
    path = f"/admin/digest/paper/{paper.pk}/change/"
    with django_assert_max_num_queries(20) as one:
        admin_client.get(path)
    for number in range(2):
        make_identifier(paper, f"10.5555/{number}", scheme="doi")
        make_sighting(paper)
        make_signal(paper, kind=("stars", "votes")[number])
        make_match(make_topic(f"word{number}"), paper)
    with django_assert_max_num_queries(len(one)):
        admin_client.get(path)


def form(**given: Any) -> dict[str, Any]:
    """Return what a browser sends when staff save the change page."""
    stated: dict[str, Any] = {
        "title": "A quiet method",
        "abstract": "",
        "authors": '["Ada Lindqvist"]',
        "categories": '["cs.CL"]',
        "url": "",
        "pdf_url": "",
        "venue": "",
        "author_count": "0",
        "version": "1",
        "announced_on": TODAY.isoformat(),
        "submitted_at_0": "",
        "submitted_at_1": "",
        "withdrawn_at_0": "",
        "withdrawn_at_1": "",
    }
    return stated | given


def test_change_page_saves_the_text_and_leaves_the_history(admin_client: Client) -> None:
    paper = make_seen_paper()
    forged = {"identifiers-0-value": "forged", "hidden_at": "2026-03-04", "staff_note": "forged", "trend": "9"}
    sent = form(title="A quieter method", **forged)
    answer = admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", sent)
    paper.refresh_from_db()
    assert (answer.status_code, paper.title, paper.authors) == (302, "A quieter method", ["Ada Lindqvist"])
    assert (paper.identifiers.get().value, paper.signals.get().value) == ("2603.00001", 84)
    assert (paper.hidden_at, paper.staff_note, paper.trend) == (None, "", 0)


def test_paper_that_staff_change_is_matched_again_and_one_that_they_withdraw_matches_nothing(
    admin_client: Client,
) -> None:
    paper = make_seen_paper()
    make_reader(topics=(make_topic("quiet method"),))
    for day, matched in (("", 1), (TODAY.isoformat(), 0)):
        sent = form(withdrawn_at_0=day, withdrawn_at_1="12:00:00" if day else "")
        admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", sent)
        match_due(timezone.now())
        assert Match.objects.count() == matched


def test_search_finds_a_paper_by_what_staff_wrote(admin_client: Client) -> None:
    paper = make_seen_paper()
    index_papers()
    paper.refresh_from_db()
    assert paper.index_due_at is None
    admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", form(title="A quieter method"))
    index_papers()
    paper.refresh_from_db()
    assert paper.words.title == "_a quieter method"
    assert paper.changed_at > paper.created_at


def test_list_holds_the_withdrawn_papers_apart(admin_client: Client) -> None:
    make_paper(title="A quiet method")
    make_paper(title="A method taken back", withdrawn_at=NOON)
    page = admin_client.get("/admin/digest/paper/", {"standing": "withdrawn"}).content.decode()
    assert "A method taken back" in page
    assert "A quiet method" not in page


def test_list_finds_a_paper_by_its_identifier(admin_client: Client) -> None:
    make_seen_paper()
    make_paper(title="Another one")
    assert shown(admin_client, q="2603.0") == ["A quiet method"]


def shown(client: Client, **asked: Any) -> list[str]:
    answer: Any = client.get("/admin/digest/paper/", asked)
    assert answer.status_code == 200
    return [paper.title for paper in answer.context["cl"].result_list]


@pytest.mark.parametrize(
    ("scheme", "value", "typed"),
    [
        ("arxiv", "2603.00001", "https://arxiv.org/abs/2603.00001v2"),
        ("arxiv", "2603.00001", "arXiv:2603.00001"),
        ("arxiv", "2603.00001", " 2603.00001v3 "),
        ("doi", "10.5555/quiet.1", "https://doi.org/10.5555/Quiet.1"),
        ("doi", "10.5555/quiet.1", "10.5555/Qui"),
        ("pmid", "1234567", "https://pubmed.ncbi.nlm.nih.gov/1234567/"),
        ("url", "https://papers.example.net/quiet", "http://papers.example.net/quiet/?utm_source=mail"),
        ("url", "https://papers.example.net/quiet", "https://papers.example.net/qu"),
    ],
)
def test_list_finds_a_paper_by_what_people_paste(admin_client: Client, scheme: str, value: str, typed: str) -> None:
    make_identifier(make_paper(title="A quiet method"), value, scheme=scheme)
    make_identifier(make_paper(title="Another one"), "2603.00002")
    assert shown(admin_client, q=typed) == ["A quiet method"]


@pytest.mark.parametrize("typed", ["quiet", "%", "_", "x" * 3000, "https://[broken", "10.5555/"])
def test_search_for_what_is_no_identifier_finds_nothing(admin_client: Client, typed: str) -> None:
    make_seen_paper()
    assert shown(admin_client, q=typed) == []


def test_list_holds_apart_what_staff_said(admin_client: Client) -> None:
    make_paper(title="plain", trend=0)
    make_paper(title="rising", trend=2)
    make_paper(title="risen", trend=3)
    make_paper(title="out", hidden_at=NOON, staff_note="spam")
    make_paper(title="old choice", featured_at=NOON - timedelta(days=9), staff_note="read it")
    found = {name: shown(admin_client, standing=name) for name in ("featured", "trending", "hidden", "nonsense")}
    assert found == {
        "featured": ["old choice"],
        "trending": ["risen", "rising"],
        "hidden": ["out"],
        "nonsense": ["old choice", "out", "risen", "rising", "plain"],
    }


def test_list_is_narrowed_by_the_day_of_announcement(admin_client: Client) -> None:
    today = timezone.now().date()
    for days in (0, 5, 20, 60):
        make_paper(title=str(days), announced_on=today - timedelta(days=days))
    found = {within: shown(admin_client, within=within) for within in ("1", "7", "30", "x")}
    assert found == {"1": ["0"], "7": ["5", "0"], "30": ["20", "5", "0"], "x": ["60", "20", "5", "0"]}


def test_change_page_draws_attention_over_time_and_says_it_in_words(admin_client: Client) -> None:
    paper = make_seen_paper()
    make_signal(paper, 90, observed_at=NOON + timedelta(days=1))
    page = admin_client.get(f"/admin/digest/paper/{paper.pk}/change/").content.decode()
    assert 'points="0.0,4.5 240.0,2.0"' in page
    assert "84 upvotes on 4\xa0Mar\xa02026, 90 on 5\xa0Mar\xa02026." in page


def test_pages_show_hostile_text_as_text(admin_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    paper = make_paper(title=evil, attention=evil, featured_at=timezone.now(), staff_note=evil)
    make_identifier(paper, evil)
    make_sighting(paper, make_source(name=evil))
    topic = make_topic("word")
    Topic.objects.update(label=evil)
    make_match(topic, paper, why=evil)
    for page in ("", f"{paper.pk}/change/", f"{paper.pk}/say/hide/", f"{paper.pk}/delete/", f"{paper.pk}/history/"):
        shown = admin_client.get(f"/admin/digest/paper/{page}").content.decode()
        assert evil not in shown
        assert "alert(1)" in shown


def test_delete_page_counts_nothing_that_hangs_on_the_paper(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    paper = make_seen_paper()
    with django_assert_max_num_queries(12):
        assert admin_client.get(f"/admin/digest/paper/{paper.pk}/delete/").status_code == 200
    assert admin_client.post(f"/admin/digest/paper/{paper.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Paper.objects.exists()
