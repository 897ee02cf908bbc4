from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from digest.models import Subscription, Topic
from digest.ranking.query import QueryError
from tests.make import NOON, make_reader, make_topic

pytestmark = pytest.mark.django_db

# 298 characters as typed, 696 in the canonical spelling.
MANY_CATEGORIES = "cat:" + ",".join(f"{first}{second}" for first in "abcd" for second in "abcdefghijklmnopqrstuvwx")


@pytest.mark.parametrize(
    "spelling",
    [
        "knowledge transfer",
        "Knowledge   Transfer",
        " KNOWLEDGE transfer ",
        "the knowledge transfer",
        "knowledge transfer knowledge",
    ],
)
def test_named_gives_one_topic_for_equivalent_spellings(spelling: str) -> None:
    topic = Topic.objects.named("knowledge transfer")
    assert Topic.objects.named(spelling) == topic
    assert Topic.objects.count() == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cat:cs.CL", "CAT:CS.cl"),
        ("cat:cs.CL cat:cs.LG", "cat:cs.LG,cs.CL"),
        ('author:"Jane Doe"', 'author:"Doe, Jane"'),
        ('transfer -survey -"case study"', 'transfer -"case study" -survey'),
    ],
)
def test_named_gives_one_topic_for_equivalent_clauses(one: str, other: str) -> None:
    assert Topic.objects.named(one) == Topic.objects.named(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("knowledge transfer", '"knowledge transfer"'), ("cat:cs.CL", "cat:cs"), ("transfer", "transfer -survey")],
)
def test_named_gives_another_topic_for_another_wish(one: str, other: str) -> None:
    assert Topic.objects.named(one) != Topic.objects.named(other)


@pytest.mark.parametrize(
    ("query", "kind"),
    [("knowledge transfer", "text"), ("cat:cs.CL", "category"), ('author:"Jane Doe"', "author")],
)
def test_named_tells_the_kind(query: str, kind: str) -> None:
    assert Topic.objects.named(query).kind == kind


def test_named_keeps_the_first_readers_spelling_as_label() -> None:
    Topic.objects.named(" Knowledge Transfer ")
    assert str(Topic.objects.named("knowledge transfer")) == "Knowledge Transfer"


def test_named_puts_the_label_on_one_line_without_marks_that_nobody_sees() -> None:
    assert Topic.objects.named("knowledge\u202e\n\ttransfer\u200b").label == "knowledge transfer"


def test_named_makes_a_topic_that_is_due_for_matching() -> None:
    topic = Topic.objects.named("knowledge transfer")
    assert topic.match_due_at is not None
    assert list(Topic.objects.due_for_matching(topic.match_due_at)) == [topic]


@pytest.mark.parametrize("query", ["", "  ", "-survey", 'a "quotation', "cat:", "title:transfer", "\x00", "x" * 301])
def test_named_with_a_bad_query_raises_and_makes_nothing(query: str) -> None:
    with pytest.raises(QueryError):
        Topic.objects.named(query)
    assert Topic.objects.count() == 0


def test_named_with_a_query_that_grows_too_long_raises() -> None:
    with pytest.raises(QueryError, match="Follow several topics"):
        Topic.objects.named(MANY_CATEGORIES)


def test_clean_brings_the_query_into_its_one_spelling() -> None:
    topic = Topic(query=" Cat:CS.cl ")
    topic.full_clean()
    assert (topic.query, topic.kind, topic.label) == ("cat:cs.CL", "category", "cs.CL")


def test_clean_keeps_the_label_that_staff_gave() -> None:
    topic = Topic(query="knowledge transfer", label=" Teaching machines ")
    topic.full_clean()
    assert topic.label == "Teaching machines"


@pytest.mark.parametrize("query", ['a "quotation', MANY_CATEGORIES])
def test_clean_of_a_bad_query_says_so_at_the_field(query: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Topic(query=query).full_clean(exclude=["kind"])
    with pytest.raises(QueryError) as raised:
        Topic.objects.named(query)
    assert caught.value.message_dict == {"query": [str(raised.value)]}


def test_clean_of_a_query_that_is_known_in_another_spelling_says_so() -> None:
    make_topic("cat:cs.CL")
    with pytest.raises(ValidationError) as caught:
        Topic(query="CAT:cs.cl").full_clean()
    assert caught.value.message_dict == {"query": ["Topic with this Query already exists."]}


def test_topic_of_one_query_exists_once() -> None:
    topic = make_topic()
    with pytest.raises(IntegrityError):
        Topic.objects.bulk_create([Topic(kind="text", query=topic.query)])


def test_kind_unknown_is_refused_by_the_database() -> None:
    topic = make_topic()
    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.objects.filter(pk=topic.pk).update(kind="colour")


def test_followed_holds_each_topic_that_somebody_gets_mail_about_once() -> None:
    followed, muted = make_topic("knowledge transfer"), make_topic("quantum error correction")
    make_topic("cat:cs.CL")
    make_reader(topics=(followed,))
    make_reader(topics=(followed, muted))
    Subscription.objects.filter(topic=muted).update(is_muted=True)
    assert list(Topic.objects.followed()) == [followed]


def test_claim_for_matching_takes_up_to_the_limit_and_comes_due_again() -> None:
    topics = [make_topic(query) for query in ("cat:cs.CL", "cat:cs.LG")]
    Topic.objects.update(match_due_at=NOON)
    assert Topic.objects.claim_for_matching(NOON, limit=1) == topics[:1]
    assert Topic.objects.claim_for_matching(NOON, limit=5) == topics[1:]
    assert list(Topic.objects.due_for_matching(NOON + timedelta(minutes=10))) == topics


def test_parsed_is_the_query_again() -> None:
    topic = make_topic('transfer "domain shift" cat:cs.CL -survey')
    assert topic.parsed.canonical == topic.query
