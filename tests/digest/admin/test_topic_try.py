from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.ingest.sample import samples
from digest.models import Topic
from tests.make import NOON, make_paper

pytestmark = pytest.mark.django_db

TRY = "/admin/digest/topic/try/"


def make_recent(title: str, **given: Any) -> None:
    make_paper(title=title, announced_on=timezone.now().date(), **given)


def test_query_shows_what_it_brings_of_the_latest_papers(admin_client: Client) -> None:
    make_recent("Knowledge transfer between models")
    make_recent("Birds of the north")
    make_recent("Knowledge transfer, hidden", hidden_at=NOON)
    page: Any = admin_client.get(TRY, {"q": "knowledge transfer"})
    assert [hit.title for hit in page.context["trial"].hits] == ["Knowledge transfer between models"]
    assert "1 of the 2 papers of the last day." in page.content.decode()
    assert not Topic.objects.exists()


def test_box_is_answered_with_the_results_alone(admin_client: Client) -> None:
    make_recent("Knowledge transfer between models")
    piece = admin_client.get(TRY, {"q": "knowledge transfer"}, headers={"HX-Request": "true"}).content.decode()
    assert "Knowledge transfer between models" in piece
    assert "<html" not in piece


@pytest.mark.parametrize("typed", ["", "   ", '"half', "-not", "title:x", "\0", "x" * 3000, "zzz"])
def test_what_is_no_query_gets_a_calm_answer(admin_client: Client, typed: str) -> None:
    make_recent("Knowledge transfer between models")
    assert admin_client.get(TRY, {"q": typed}).status_code == 200


def test_query_that_cannot_be_understood_is_told_why(admin_client: Client) -> None:
    page: Any = admin_client.get(TRY, {"q": '"half a phrase'})
    assert page.context["trial"].error.startswith("The quotation mark before")


def test_trying_asks_as_many_questions_for_three_papers_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_recent("Knowledge transfer one")
    with django_assert_max_num_queries(9) as one:
        admin_client.get(TRY, {"q": "knowledge transfer"})
    make_recent("Knowledge transfer two")
    make_recent("Knowledge transfer three")
    samples.forget()
    with django_assert_max_num_queries(len(one)):
        admin_client.get(TRY, {"q": "knowledge transfer"})


def test_staff_without_topics_cannot_try(client: Client) -> None:
    client.force_login(Reader.objects.create_user("staff@example.org", is_staff=True))
    assert client.get(TRY, {"q": "knowledge"}).status_code == 403
