"""Who may open the preferences page, what it shows, and starting again after a pause."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.feedback.links import LASTS, Purpose
from tests.digest.web.visits import filled, followed, path_for, preferences_of
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db

# --- Opening


def test_get_shows_the_preferences_and_changes_nothing(client: Client, reader: Reader) -> None:
    before = Reader.objects.filter(pk=reader.pk).values().get()
    answer = client.get(preferences_of(reader))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "For ada@example.org" in page
    assert page.count(" checked") == 2
    assert Reader.objects.filter(pk=reader.pk).values().get() == before
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_get_is_kept_by_no_cache_and_no_search_engine(client: Client, reader: Reader) -> None:
    answer = client.get(preferences_of(reader))
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_get_asks_as_many_questions_for_three_topics_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make_reader(topics=(make_topic("cat:cs.CL"),))
    three = make_reader(topics=tuple(make_topic(query) for query in ("cat:cs.CL", "cat:cs.LG", "cat:cs.IR")))
    with django_assert_num_queries(3) as asked:
        client.get(preferences_of(one))
    with django_assert_num_queries(len(asked)):
        client.get(preferences_of(three))


def test_head_answers_and_changes_nothing(client: Client, reader: Reader) -> None:
    answer = client.head(preferences_of(reader))
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_link_is_not_found(client: Client, reader: Reader, method: str) -> None:
    path = preferences_of(reader).rstrip("/")
    forged = path[:-1] + ("A/" if path[-1] != "A" else "B/")
    assert getattr(client, method)(forged, {"resume": "1"}).status_code == 404


def test_link_for_leaving_does_not_open_the_preferences(client: Client, reader: Reader) -> None:
    path = path_for(reader, Purpose.UNSUBSCRIBE).replace("unsubscribe", "preferences") + "/"
    assert client.get(path).status_code == 404


def test_link_that_is_too_old_is_not_found(client: Client, reader: Reader, noon: time_machine.Traveller) -> None:
    path = preferences_of(reader)
    noon.move_to(NOON + LASTS[Purpose.PREFERENCES] * 1.01)
    assert client.get(path).status_code == 404
    assert client.post(path, filled(reader, papers=3)).status_code == 404


def test_link_of_a_reader_who_is_gone_is_not_found(client: Client, reader: Reader) -> None:
    path = preferences_of(reader)
    reader.delete()
    assert client.get(path).status_code == 404


def test_page_shows_a_hostile_topic_as_text(client: Client) -> None:
    hostile = make_reader(topics=(make_topic('"<script>alert(1)</script>"'),))
    page = client.get(preferences_of(hostile)).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


# --- Coming back


@pytest.mark.parametrize("state", ["left", "paused"])
def test_page_of_somebody_who_gets_nothing_offers_to_start_again(client: Client, state: str) -> None:
    reader = make_reader(state=state)
    assert "Send me digests again" in client.get(preferences_of(reader)).content.decode()
    answer = client.post(preferences_of(reader), {"resume": "1"}, follow=True)
    assert "Send me digests again" not in answer.content.decode()
    assert Reader.objects.get(pk=reader.pk).state == "active"


def test_page_of_somebody_who_has_not_confirmed_offers_nothing_that_cannot_work(client: Client) -> None:
    reader = make_reader(state="pending")
    assert "Send me digests again" not in client.get(preferences_of(reader)).content.decode()


def test_page_of_somebody_who_left_promises_no_digest_and_offers_no_leaving(client: Client) -> None:
    reader = make_reader(state="left")
    page = client.post(preferences_of(reader), filled(reader, papers=3), follow=True).content.decode()
    assert '<p class="notice" role="status">Saved.</p>' in page
    assert "Stop all digests" not in page


def test_page_of_somebody_active_does_not_offer_to_start_again(client: Client, reader: Reader) -> None:
    assert "Send me digests again" not in client.get(preferences_of(reader)).content.decode()


def test_post_to_start_again_keeps_the_preferences(client: Client) -> None:
    reader = make_reader(state="left", papers=3, topics=(make_topic(),))
    client.post(preferences_of(reader), {"resume": "1"})
    assert (Reader.objects.get(pk=reader.pk).papers, followed(reader)) == (3, ["knowledge transfer"])


# --- Who may post


@pytest.mark.parametrize("body", [{"resume": "1"}, {"papers": "3"}])
def test_post_without_csrf_token_is_refused(reader: Reader, body: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    reader.leave()
    assert strict.post(preferences_of(reader), body).status_code == 403
    assert Reader.objects.get(pk=reader.pk).state == "left"


def test_post_with_the_pages_csrf_token_is_taken(reader: Reader) -> None:
    strict = Client(enforce_csrf_checks=True)
    opened: Any = strict.get(preferences_of(reader))
    token = str(opened.context["csrf_token"])
    answer = strict.post(preferences_of(reader), filled(reader, papers=3, csrfmiddlewaretoken=token))
    assert (answer.status_code, Reader.objects.get(pk=reader.pk).papers) == (302, 3)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, reader: Reader, method: str) -> None:
    assert getattr(client, method)(preferences_of(reader)).status_code == 405
