from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.models import Paper
from tests.make import (
    TODAY,
    make_identifier,
    make_match,
    make_paper,
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


def test_change_page_saves_the_text_and_leaves_the_history(admin_client: Client) -> None:
    paper = make_seen_paper()
    sent: dict[str, Any] = {
        "title": "A quieter method",
        "abstract": "",
        "authors": '["Ada Lindqvist"]',
        "categories": '["cs.CL"]',
        "url": "",
        "pdf_url": "",
        "venue": "",
        "version": "1",
        "announced_on": TODAY.isoformat(),
        "submitted_at_0": "",
        "submitted_at_1": "",
        "identifiers-0-value": "forged",
        "signals-1-value": "9000",
    }
    answer = admin_client.post(f"/admin/digest/paper/{paper.pk}/change/", sent | inlines(paper))
    paper.refresh_from_db()
    assert (answer.status_code, paper.title, paper.authors) == (302, "A quieter method", ["Ada Lindqvist"])
    assert (paper.identifiers.get().value, paper.signals.get().value) == ("2603.00001", 84)


def test_list_finds_a_paper_by_its_identifier(admin_client: Client) -> None:
    make_seen_paper()
    make_paper(title="Another one")
    page = admin_client.get("/admin/digest/paper/", {"q": "2603.0"}).content.decode()
    assert "A quiet method" in page
    assert "Another one" not in page
