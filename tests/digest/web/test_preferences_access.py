"""Who may open the preference centre and post to it, and what it shows of how things stand."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.feedback.links import LASTS, Purpose, token
from digest.models import Feedback, Suppression
from digest.web.access import Access
from tests.digest.web.visits import filled, followed, page_of, path_for, preferences_of
from tests.make import NOON, make_paper, make_reader, make_topic

pytestmark = pytest.mark.django_db

# --- Opening


def test_get_shows_the_preferences_and_changes_nothing(client: Client, reader: Reader) -> None:
    before = Reader.objects.filter(pk=reader.pk).values().get()
    answer = client.get(preferences_of(reader))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "For ada@example.org" in page
    assert page.count('value="remove"') == 2
    assert Reader.objects.filter(pk=reader.pk).values().get() == before
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


def test_get_is_kept_by_no_cache_and_no_search_engine(client: Client, reader: Reader) -> None:
    answer = client.get(preferences_of(reader))
    assert answer["Cache-Control"] == "max-age=0, no-cache, no-store, must-revalidate, private"
    assert '<meta name="robots" content="noindex">' in answer.content.decode()


def test_get_asks_as_many_questions_for_three_topics_and_answers_as_for_one(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = make_reader(topics=(make_topic("cat:cs.CL"),))
    three = make_reader(topics=tuple(make_topic(query) for query in ("cat:cs.CL", "cat:cs.LG", "cat:cs.IR")))
    for reader, answers in ((one, 1), (three, 3)):
        for _ in range(answers):
            Feedback.objects.say(reader.pk, make_paper().pk, wants_more=True, now=NOON)
    client.get(preferences_of(one))  # makes the installation's salt
    with django_assert_num_queries(6) as asked:
        client.get(preferences_of(one))
    with django_assert_num_queries(len(asked)):
        client.get(preferences_of(three))


def test_head_answers_and_changes_nothing(client: Client, reader: Reader) -> None:
    answer = client.head(preferences_of(reader))
    assert (answer.status_code, answer.content) == (200, b"")


def test_link_for_leaving_does_not_open_the_preferences(client: Client, reader: Reader) -> None:
    path = path_for(reader, Purpose.UNSUBSCRIBE).replace("unsubscribe", "preferences") + "/"
    assert client.get(path).status_code == 404


def test_link_that_is_too_old_is_not_found(client: Client, reader: Reader, noon: time_machine.Traveller) -> None:
    path = preferences_of(reader)
    noon.move_to(NOON + LASTS[Purpose.PREFERENCES] * 1.01)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}schedule/", filled(reader, papers=3)).status_code == 404


def test_link_of_a_reader_who_is_gone_is_not_found(client: Client, reader: Reader) -> None:
    path = preferences_of(reader)
    reader.delete()
    assert client.get(path).status_code == 404


def test_page_shows_a_hostile_topic_as_text(client: Client) -> None:
    hostile = make_reader(topics=(make_topic('"<script>alert(1)</script>"'),))
    page = client.get(preferences_of(hostile)).content.decode()
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_page_of_a_suppressed_address_says_why_and_leads_to_the_remedy(client: Client, reader: Reader) -> None:
    repair = page_of(reader, "repair")
    assert repair not in client.get(preferences_of(reader)).content.decode()
    Suppression.objects.suppress(reader.email, Suppression.Reason.COMPLAINT)
    page = client.get(preferences_of(reader)).content.decode()
    assert "a mail from here was reported as spam from your mailbox." in page
    assert f'<a href="{repair}">' in page


def test_page_leads_to_the_ways_out(client: Client, reader: Reader) -> None:
    page = client.get(preferences_of(reader)).content.decode()
    for name in ("address", "export", "erase"):
        assert f'<a href="{page_of(reader, name)}">' in page
    assert "Stop all digests</a>" in page


def test_page_without_topics_says_how_to_get_one(client: Client) -> None:
    page = client.get(preferences_of(make_reader())).content.decode()
    assert "You follow no topic at the moment, so there is nothing to send. Name one below." in page


def test_page_of_somebody_who_has_not_confirmed_offers_nothing_that_cannot_work(client: Client) -> None:
    page = client.get(preferences_of(make_reader(state="pending"))).content.decode()
    assert "You get no digests until you have confirmed your address" in page
    assert "Send me digests again" not in page
    assert "Pause for a week" not in page


def test_page_of_somebody_who_left_says_since_when_and_offers_no_leaving(client: Client, reader: Reader) -> None:
    reader.leave()
    page = client.get(preferences_of(reader)).content.decode()
    assert "You get no digests: you stopped them on 4 March 2026." in page
    assert "Stop all digests" not in page
    assert "Your next digest" not in page


# --- The two ways


PAGES = ["preferences", "next", "archive", "feedback"]


@pytest.mark.parametrize("page", PAGES)
def test_page_opens_for_whoever_is_signed_in_and_stays_on_that_way(client: Client, reader: Reader, page: str) -> None:
    client.force_login(reader)
    answer = client.get(Access(reader, None).path(page))
    assert answer.status_code == 200
    assert "/preferences/" not in answer.content.decode()
    assert "noindex" not in answer.content.decode()  # the login keeps search engines out


@pytest.mark.parametrize("page", PAGES)
def test_page_opened_by_link_stays_on_that_way(client: Client, reader: Reader, page: str) -> None:
    shown = client.get(page_of(reader, page)).content.decode()
    assert page_of(reader, "archive") in shown
    assert "/you/" not in shown


@pytest.mark.parametrize("page", ["preferences", "topics", "schedule", "pause", "resume", "feed", "next", "archive"])
def test_page_of_nobody_leads_to_the_login(client: Client, reader: Reader, page: str) -> None:
    path = Access(reader, None).path(page)
    answer = client.get(path)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={path}")
    assert client.post(path, {"do": "make"}).status_code in (302, 405)


def test_link_in_a_session_of_somebody_else_is_for_the_reader_of_the_link(client: Client, reader: Reader) -> None:
    other = make_reader("bo@example.org")
    client.force_login(other)
    assert "For ada@example.org" in client.get(preferences_of(reader)).content.decode()
    client.post(page_of(reader, "schedule"), filled(reader, papers=3))
    assert dict(Reader.objects.values_list("email", "papers")) == {"ada@example.org": 3, "bo@example.org": 10}


# --- Who may post

POSTS = {
    "topics": {"topics": "quantum"},
    "schedule": {"papers": "3"},
    "pause": {"for": "week"},
    "resume": {},
    "feed": {"do": "make"},
}


@pytest.mark.parametrize("page", POSTS)
def test_get_of_a_forms_address_leads_back_and_changes_nothing(client: Client, reader: Reader, page: str) -> None:
    before = Reader.objects.filter(pk=reader.pk).values().get()
    answer = client.get(page_of(reader, page), POSTS[page])
    assert (answer.status_code, answer["Location"]) == (302, preferences_of(reader))
    assert Reader.objects.filter(pk=reader.pk).values().get() == before
    assert followed(reader) == ["knowledge transfer", "cat:cs.CL"]


@pytest.mark.parametrize("page", POSTS)
def test_post_without_csrf_token_is_refused(reader: Reader, page: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    reader.leave()
    before = Reader.objects.filter(pk=reader.pk).values().get()
    assert strict.post(page_of(reader, page), POSTS[page]).status_code == 403
    assert Reader.objects.filter(pk=reader.pk).values().get() == before


def test_post_on_a_topic_or_an_answer_without_csrf_token_is_refused(reader: Reader) -> None:
    strict = Client(enforce_csrf_checks=True)
    subscription, paper = reader.subscriptions.order_by("pk")[0], make_paper()
    Feedback.objects.say(reader.pk, paper.pk, wants_more=True, now=NOON)
    assert strict.post(page_of(reader, "topic", subscription.pk), {"do": "remove"}).status_code == 403
    assert strict.post(page_of(reader, "undo", paper.pk)).status_code == 403
    assert (reader.subscriptions.count(), reader.feedback.count()) == (2, 1)


def test_post_with_the_pages_csrf_token_is_taken(reader: Reader) -> None:
    strict = Client(enforce_csrf_checks=True)
    opened: Any = strict.get(preferences_of(reader))
    csrf = str(opened.context["csrf_token"])
    answer = strict.post(page_of(reader, "schedule"), filled(reader, papers=3, csrfmiddlewaretoken=csrf))
    assert (answer.status_code, Reader.objects.get(pk=reader.pk).papers) == (302, 3)


@pytest.mark.parametrize("page", [*POSTS, *PAGES])
@pytest.mark.parametrize("method", ["get", "post"])
def test_forged_link_is_not_found_and_changes_nothing(client: Client, reader: Reader, page: str, method: str) -> None:
    signed = token(Purpose.PREFERENCES, reader.pk)
    forged = f"{reader.pk + 1}{signed[signed.index('.') :]}"
    answer = getattr(client, method)(Access(reader, forged).path(page), POSTS.get(page, {}))
    assert answer.status_code == (405 if method == "post" and page in PAGES else 404)
    assert Reader.objects.filter(pk=reader.pk, papers=10, paused_until=None, feed_key=None).exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete", "post"])
def test_other_methods_are_refused(client: Client, reader: Reader, method: str) -> None:
    assert getattr(client, method)(preferences_of(reader)).status_code == 405
