from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from digest.admin import lists
from digest.models import Fetch, Source
from tests.make import NOON, make_source

pytestmark = pytest.mark.django_db

LIST = "/admin/digest/fetch/"


@pytest.fixture(autouse=True)
def noon() -> Any:
    with time_machine.travel(NOON, tick=False):
        yield


def make_visit(source: Source | None = None, **given: Any) -> Fetch:
    stated = {"at": NOON - timedelta(hours=1), "outcome": "stored", "status": 200}
    return Fetch.objects.create(source=source or make_source(), **stated | given)


def shown(client: Client, **asked: Any) -> list[Fetch]:
    answer: Any = client.get(LIST, asked)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_list_shows_the_latest_visits_first(admin_client: Client) -> None:
    early, late = (make_visit(at=NOON - timedelta(hours=hours)) for hours in (5, 1))
    assert shown(admin_client) == [late, early]


def test_list_says_when_and_of_which_source_in_few_words(admin_client: Client) -> None:
    source = make_source(name="Annals <i>")
    make_visit(source)
    make_visit(source, at=NOON - timedelta(days=300))
    answer = admin_client.get(LIST).content.decode()
    assert ">4\xa0Mar, 11:00</a>" in answer
    assert ">8\xa0May\xa02025, 12:00</a>" in answer
    assert '<span class="brief" title="Annals &lt;i&gt;">Annals &lt;i&gt;</span>' in answer


def test_list_asks_as_many_questions_for_three_visits_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    make_visit()
    with django_assert_max_num_queries(6) as one:
        shown(admin_client)
    make_visit()
    make_visit()
    with django_assert_max_num_queries(len(one)):
        shown(admin_client)


def test_list_is_narrowed_by_outcome_source_and_time(admin_client: Client) -> None:
    failed = make_visit(outcome="failed", error_kind="timeout")
    old = make_visit(at=NOON - timedelta(days=3))
    assert shown(admin_client, outcome__exact="failed") == [failed]
    assert shown(admin_client, source__id__exact=old.source_id) == [old]
    assert shown(admin_client, within="1") == [failed]
    assert shown(admin_client, within="7") == [failed, old]
    assert shown(admin_client, within="nonsense") == [failed, old]


def test_list_counts_no_further_than_it_pages(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "COUNTED", 2)
    source = make_source()
    for hours in range(3):
        make_visit(source, at=NOON - timedelta(hours=hours))
    answer: Any = admin_client.get(LIST)
    assert answer.context["cl"].result_count == 2


@pytest.mark.parametrize("page", ["add/", "{pk}/delete/"])
def test_visits_are_history(admin_client: Client, page: str) -> None:
    visit = make_visit()
    path = f"{LIST}{page.format(pk=visit.pk)}"
    assert admin_client.post(path, {"post": "yes", "outcome": "failed"}).status_code == 403
    assert list(Fetch.objects.all()) == [visit]


def test_list_shows_a_hostile_message_as_text(admin_client: Client) -> None:
    make_visit(outcome="failed", error_kind="not_a_feed", message="<script>alert(1)</script>")
    assert "<script>alert(1)" not in admin_client.get(LIST).content.decode()
