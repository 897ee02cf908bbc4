from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.ingest.rank import match_due
from digest.models import Match, Paper
from tests.make import (
    NOON,
    TODAY,
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


def inlines(paper: Paper) -> dict[str, str]:
    """Return what a browser sends for the tables of history below the form."""
    sent: dict[str, str] = {}
    for prefix in ("identifiers", "sightings", "signals", "matches"):
        rows = getattr(paper, prefix).count()
        sent |= {f"{prefix}-TOTAL_FORMS": str(rows + 1), f"{prefix}-INITIAL_FORMS": str(rows)}
    return sent


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


def form(paper: Paper, **given: Any) -> dict[str, Any]:
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
    return stated | inlines(paper) | given


def test_change_page_saves_the_text_and_leaves_the_history(admin_client: Client) -> None:
    paper = make_seen_paper()
    forged = {"identifiers-0-value": "forged", "signals-1-value": "9000"}
    sent = form(paper, title="A quieter method", **forged)
    answer = admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", sent)
    paper.refresh_from_db()
    assert (answer.status_code, paper.title, paper.authors) == (302, "A quieter method", ["Ada Lindqvist"])
    assert (paper.identifiers.get().value, paper.signals.get().value) == ("2603.00001", 84)


def test_paper_that_staff_change_is_matched_again_and_one_that_they_withdraw_matches_nothing(
    admin_client: Client,
) -> None:
    paper = make_seen_paper()
    make_reader(topics=(make_topic("quiet method"),))
    for day, matched in (("", 1), (TODAY.isoformat(), 0)):
        sent = form(paper, withdrawn_at_0=day, withdrawn_at_1="12:00:00" if day else "")
        admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", sent)
        match_due(timezone.now())
        assert Match.objects.count() == matched


def test_list_holds_the_withdrawn_papers_apart(admin_client: Client) -> None:
    make_paper(title="A quiet method")
    make_paper(title="A method taken back", withdrawn_at=NOON)
    page = admin_client.get("/admin/digest/paper/", {"withdrawn_at__isempty": "0"}).content.decode()
    assert "A method taken back" in page
    assert "A quiet method" not in page


def test_list_finds_a_paper_by_its_identifier(admin_client: Client) -> None:
    make_seen_paper()
    make_paper(title="Another one")
    page = admin_client.get("/admin/digest/paper/", {"q": "2603.0"}).content.decode()
    assert "A quiet method" in page
    assert "Another one" not in page
