from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.models import Subscription, Topic
from tests.make import make_match, make_paper, make_public, make_reader, make_topic

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


def shown(client: Client, **asked: str) -> list[str]:
    answer: Any = client.get("/admin/digest/topic/", asked)
    assert answer.status_code == 200
    return [topic.query for topic in answer.context["cl"].result_list]


def change(client: Client, topic: Topic, **given: str) -> Any:
    sent = {"label": topic.label, "group": "", "description": ""} | given
    return client.post(f"/admin/digest/topic/{topic.pk}/change/", sent)


def test_list_shows_how_many_follow_each_topic(admin_client: Client) -> None:
    followed, muted, alone = (make_topic(f"word{number}") for number in range(3))
    make_reader(topics=(followed, muted))
    make_reader(topics=(followed,))
    Subscription.objects.filter(topic=muted).update(is_muted=True)
    answer: Any = admin_client.get("/admin/digest/topic/")
    counts = {topic.pk: topic.reader_count for topic in answer.context["cl"].result_list}
    assert counts == {followed.pk: 2, muted.pk: 1, alone.pk: 0}


@pytest.mark.parametrize("typed", ["know", "KNOWLEDGE TRANSFER", "knowledge t", " Knowledge "])
def test_list_finds_a_topic_by_its_beginning_in_any_case(admin_client: Client, typed: str) -> None:
    topic = make_topic("Knowledge transfer")
    make_topic("transfer of knowledge")
    assert shown(admin_client, q=typed) == [topic.query]


@pytest.mark.parametrize("typed", ["%", "_", "transfer", "x" * 3000])
def test_search_for_what_begins_no_topic_finds_nothing(admin_client: Client, typed: str) -> None:
    make_topic("Knowledge transfer")
    assert shown(admin_client, q=typed) == []


def test_list_holds_merged_topics_apart(admin_client: Client) -> None:
    stays, other = make_topic("word1"), make_topic("word2")
    Topic.objects.filter(pk=other.pk).update(merged_into=stays)
    Topic.objects.filter(pk=stays.pk).update(group="Words", description="Some.")
    found = {name: shown(admin_client, catalogue=name) for name in ("", "in", "merged", "nonsense")}
    assert found == {"": ["word1"], "in": ["word1"], "merged": ["word2"], "nonsense": ["word1"]}


def test_change_page_takes_a_topic_into_the_catalogue_and_out_again(admin_client: Client) -> None:
    topic = make_topic()
    change(admin_client, topic, group=" Learning ", description=" What is  learnt elsewhere. ")
    assert list(Topic.objects.promoted().values_list("group", "description")) == [
        ("Learning", "What is learnt elsewhere.")
    ]
    change(admin_client, topic)
    assert not Topic.objects.promoted().exists()


def test_list_of_the_catalogue_holds_what_comes_along_and_what_staff_added(admin_client: Client) -> None:
    make_public("moths")
    make_topic("private wasps")
    Topic.objects.filter(pk=make_topic("bees").pk).update(group="Insects")
    assert sorted(shown(admin_client, catalogue="in")) == ["bees", "moths"]


def test_change_page_of_a_topic_that_comes_along_says_so_and_leads_to_its_page(admin_client: Client) -> None:
    topic = make_public('"graph neural network"', slug="graph-neural-networks")
    page = admin_client.get(f"/admin/digest/topic/{topic.pk}/change/").content.decode()
    assert "In the catalogue that comes along, under Machine learning." in page
    assert '<a href="/topics/graph-neural-networks">Its page</a>' in page
    assert "No paper of the last 30 days belongs to it." in page


def test_change_page_of_a_topic_that_is_not_matched_says_why(admin_client: Client) -> None:
    topic = make_topic("private wasps")
    page = admin_client.get(f"/admin/digest/topic/{topic.pk}/change/").content.decode()
    assert "a topic that nobody follows and that has no page is not matched." in page
    assert "Its page" not in page


@pytest.mark.parametrize(
    ("given", "field"), [({"group": "Learning"}, "description"), ({"description": "One"}, "group")]
)
def test_change_page_asks_for_what_the_catalogue_lacks(admin_client: Client, given: dict[str, str], field: str) -> None:
    assert set(errors(change(admin_client, make_topic(), **given))) == {field}


def test_change_page_shows_readers_and_matches_day_by_day_with_score_and_why(admin_client: Client) -> None:
    topic = make_topic()
    make_reader(topics=(topic,))
    today = timezone.now().date()
    make_match(topic, make_paper(title="A quiet method", announced_on=today), score=0.87, why="mentions transfer")
    page = admin_client.get(f"/admin/digest/topic/{topic.pk}/change/").content.decode()
    chart = f"Matches: 1 in 30 days, most on {today.day} {today:%B} (1)"
    for said in ("1 reader follows it.", "A quiet method", "0.87", "mentions transfer", chart):
        assert said in page
    assert page.count("<rect ") == 1


def test_change_page_asks_as_many_questions_for_three_matches_as_for_one(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    topic = make_topic()
    path = f"/admin/digest/topic/{topic.pk}/change/"
    make_match(topic, make_paper())
    with django_assert_max_num_queries(14) as one:
        admin_client.get(path)
    for _ in range(2):
        make_match(topic, make_paper())
        make_reader(topics=(topic,))
    with django_assert_max_num_queries(len(one)):
        admin_client.get(path)


def test_delete_page_of_a_followed_topic_names_nobody(admin_client: Client) -> None:
    topic = make_topic()
    for number in range(3):
        make_reader(f"reader-{number}@example.org", topics=(topic,))
    page = admin_client.get(f"/admin/digest/topic/{topic.pk}/delete/").content.decode()
    assert "somebody follows it. Merge it into another topic instead." in page
    assert "@example.org" not in page


def test_delete_page_deletes_a_topic_that_nobody_follows(admin_client: Client) -> None:
    topic = make_topic()
    make_match(topic, make_paper())
    admin_client.post(f"/admin/digest/topic/{topic.pk}/delete/", {"post": "yes"})
    assert Topic.objects.count() == 0


def test_pages_show_hostile_text_as_text(admin_client: Client) -> None:
    evil = "<script>alert(1)</script>"
    topic = make_topic()
    Topic.objects.update(label=evil, group=evil, description=evil)
    make_match(topic, make_paper(title=evil), why=evil)
    for page in (
        "",
        f"{topic.pk}/change/",
        f"{topic.pk}/delete/",
        f"merge/?topic={topic.pk}&q={evil}",
        f"try/?q={evil}",
    ):
        shown = admin_client.get(f"/admin/digest/topic/{page}").content.decode()
        assert evil not in shown
        assert "alert(1)" in shown
