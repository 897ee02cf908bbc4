from typing import Any

import pytest
from django.test import Client

from digest.models import Subscription, Topic
from tests.make import make_reader, make_topic

pytestmark = pytest.mark.django_db


def add_topic(client: Client, query: str, label: str = "") -> Any:
    return client.post("/admin/digest/topic/add/", {"query": query, "label": label})


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return {name: list(said) for name, said in answer.context["adminform"].form.errors.items()}


def test_add_page_makes_a_topic_in_its_one_spelling(admin_client: Client) -> None:
    assert add_topic(admin_client, "Cat:CS.cl").status_code == 302
    topic = Topic.objects.get()
    assert (topic.query, topic.kind) == ("cat:cs.CL", "category")
    assert topic.match_due_at is not None


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('"half a phrase', "The quotation mark before “half a phrase” has no partner."),
        ("-survey", "This only says what to leave out."),
        ("title:transfer", "“title:” is not known here."),
    ],
)
def test_add_page_says_next_to_the_field_what_is_wrong_with_a_query(
    admin_client: Client, query: str, message: str
) -> None:
    said = errors(add_topic(admin_client, query))
    assert set(said) == {"query"}
    assert said["query"][0].startswith(message)
    assert Topic.objects.count() == 0


def test_add_page_says_when_a_topic_is_known_in_another_spelling(admin_client: Client) -> None:
    make_topic("knowledge transfer")
    said = errors(add_topic(admin_client, "The Knowledge  Transfer"))
    assert said == {"query": ["Topic with this Query already exists."]}


def test_change_page_changes_the_label_and_never_the_query(admin_client: Client) -> None:
    topic = make_topic("knowledge transfer")
    path = f"/admin/digest/topic/{topic.pk}/change/"
    sent = {"query": "machine teaching", "label": "Teaching machines"}
    assert admin_client.post(path, sent).status_code == 302
    topic.refresh_from_db()
    assert (topic.query, topic.label) == ("knowledge transfer", "Teaching machines")


def test_delete_page_of_a_topic_that_somebody_follows_refuses(admin_client: Client) -> None:
    topic = make_topic()
    make_reader(topics=(topic,))
    admin_client.post(f"/admin/digest/topic/{topic.pk}/delete/", {"post": "yes"})
    assert Topic.objects.count() == 1


def test_add_page_makes_a_subscription(admin_client: Client) -> None:
    reader, topic = make_reader(), make_topic()
    sent = {"reader": reader.pk, "topic": topic.pk, "weight": "2"}
    assert admin_client.post("/admin/digest/subscription/add/", sent).status_code == 302
    assert Subscription.objects.filter(reader=reader, topic=topic, weight=2, is_muted=False).exists()


def test_add_page_says_when_the_reader_follows_the_topic_already(admin_client: Client) -> None:
    topic = make_topic()
    reader = make_reader(topics=(topic,))
    answer = admin_client.post(
        "/admin/digest/subscription/add/", {"reader": reader.pk, "topic": topic.pk, "weight": "2"}
    )
    assert errors(answer) == {"__all__": ["Subscription with this Reader and Topic already exists."]}


@pytest.mark.parametrize(("field", "term"), [("reader", "Ada"), ("topic", "know")])
def test_add_page_completes_readers_and_topics(admin_client: Client, field: str, term: str) -> None:
    make_reader("ada@example.org", topics=(make_topic("knowledge transfer"),))
    asked = {"app_label": "digest", "model_name": "subscription", "field_name": field, "term": term}
    found = [result["text"] for result in admin_client.get("/admin/autocomplete/", asked).json()["results"]]
    assert found == [{"reader": "ada@example.org", "topic": "knowledge transfer"}[field]]
