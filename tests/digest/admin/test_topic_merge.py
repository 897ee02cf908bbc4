from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Reader
from digest.models import Subscription, Topic
from tests.make import make_reader, make_topic

pytestmark = pytest.mark.django_db

LIST, MERGE = "/admin/digest/topic/", "/admin/digest/topic/merge/"


def choose(client: Client, *topics: Topic) -> Any:
    return client.post(LIST, {"action": "merge", "_selected_action": [topic.pk for topic in topics]})


def merge(client: Client, stays: Any, *topics: Topic) -> Any:
    return client.post(MERGE, {"topic": [topic.pk for topic in topics], "stays": stays})


def test_chosen_topics_are_asked_about_before_anything_happens(admin_client: Client) -> None:
    first, second = make_topic("word1"), make_topic("word2")
    make_reader(topics=(second,))
    answer = choose(admin_client, first, second)
    assert (answer.status_code, answer.url) == (302, f"{MERGE}?topic={first.pk}&topic={second.pk}")
    page = admin_client.get(answer.url)
    assert page.context["topics"] == [(first, 0), (second, 1)]
    assert page.context["stays"] == second.pk
    assert Topic.objects.standing().count() == 2


def test_merging_moves_the_readers_and_writes_the_log_of_each(admin_client: Client) -> None:
    stays, other = make_topic("word1"), make_topic("word2")
    make_reader(topics=(other,))
    answer = merge(admin_client, stays.pk, stays, other)
    assert (answer.status_code, answer.url) == (302, f"/admin/digest/topic/{stays.pk}/change/")
    assert Subscription.objects.get().topic == stays
    assert list(Topic.objects.standing()) == [stays]
    said = {entry.object_id: entry.get_change_message() for entry in LogEntry.objects.all()}
    assert said == {str(stays.pk): "Merged into this topic: word2", str(other.pk): "Merged into: word1"}


def test_one_topic_is_nothing_to_merge(admin_client: Client) -> None:
    topic = make_topic()
    assert (
        "Choose from 2 to 50 topics" in choose(admin_client, topic).wsgi_request._messages._queued_messages[0].message
    )
    assert merge(admin_client, topic.pk, topic).status_code == 302
    assert Topic.objects.standing().count() == 1
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize("stays", ["", "0", "nonsense", "9" * 30])
def test_merging_without_the_one_that_stays_changes_nothing(admin_client: Client, stays: str) -> None:
    merge(admin_client, stays, make_topic("word1"), make_topic("word2"))
    assert Topic.objects.standing().count() == 2


def test_another_topic_is_found_by_its_beginning_and_added(admin_client: Client) -> None:
    topic, other = make_topic("word1"), make_topic("Word2")
    make_topic("another")
    page: Any = admin_client.get(MERGE, {"topic": str(topic.pk), "q": "wor"})
    assert page.context["found"] == [(other, f"{MERGE}?topic={topic.pk}&topic={other.pk}")]


@pytest.mark.parametrize("asked", ["", "?topic=x", "?topic=99999999999999999999999", "?topic=1&stays=2&q=%00"])
def test_page_of_no_topics_opens(admin_client: Client, asked: str) -> None:
    assert admin_client.get(MERGE + asked).status_code == 200


def test_page_asks_as_many_questions_for_three_topics_as_for_two(
    admin_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    topics = [make_topic(f"word{number}") for number in range(3)]
    for chosen in (topics[:2], topics):
        asked: dict[str, Any] = {"topic": [topic.pk for topic in chosen]}
        with django_assert_num_queries(4):
            admin_client.get(MERGE, asked)


def test_staff_who_may_only_look_cannot_merge(client: Client) -> None:
    staff = Reader.objects.create_user("staff@example.org", is_staff=True)
    staff.user_permissions.add(Permission.objects.get(codename="view_topic"))
    client.force_login(staff)
    first, second = make_topic("word1"), make_topic("word2")
    assert "Merge with" not in client.get(f"{LIST}{first.pk}/change/").content.decode()
    assert client.get(MERGE).status_code == 403
    assert merge(client, first.pk, first, second).status_code == 403
    choose(client, first, second)
    assert Topic.objects.standing().count() == 2
