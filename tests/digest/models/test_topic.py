from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from digest.models import Change, Subscription, Topic
from digest.models.catalogue import catalogue
from digest.ranking.query import QueryError
from digest.ranking.starter import Entry, starter
from tests.make import NOON, make_public, make_reader, make_topic

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


# --- Topics with a page

GRAPHS = Entry("Graph neural networks", "Machine learning", "On networks.", '"graph neural network"')
MOTHS = Entry("Moths", "Insects", "On moths.", "moths")


def pages() -> dict[str, str]:
    return dict(Topic.objects.exclude(slug="").order_by("pk").values_list("slug", "query"))


def test_catalogue_gets_a_page_for_each_entry_under_its_name() -> None:
    assert Topic.objects.open_pages([GRAPHS, MOTHS], NOON) == 2
    assert pages() == {"graph-neural-networks": GRAPHS.query, "moths": "moths"}
    assert Topic.objects.get(slug="graph-neural-networks").label == "Graph neural networks"
    assert set(Topic.objects.values_list("match_due_at", flat=True)) == {NOON}


def test_pages_are_opened_once(django_assert_num_queries: Any) -> None:
    Topic.objects.open_pages([GRAPHS, MOTHS], NOON)
    Topic.objects.update(match_due_at=None)
    before = list(Topic.objects.values())
    with django_assert_num_queries(1):
        assert Topic.objects.open_pages([GRAPHS, MOTHS], NOON) == 0
    assert list(Topic.objects.values()) == before


def test_whole_catalogue_gets_pages_in_a_few_queries(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        assert Topic.objects.open_pages(catalogue(), NOON) == len(starter())
    assert len(pages()) == Topic.objects.count() == len(starter())


def test_topic_that_a_reader_typed_gets_no_page() -> None:
    make_reader(topics=(make_topic("my secret project"),))
    Topic.objects.open_pages([MOTHS], NOON)
    assert pages() == {"moths": "moths"}
    assert Topic.objects.get(query="my secret project").slug == ""


def test_page_bears_the_name_of_the_catalogue_whatever_a_reader_typed_first() -> None:
    typed = make_topic("moths")
    make_reader(topics=(typed,))
    Topic.objects.filter(pk=typed.pk).update(label="MOTHS for ada", match_due_at=None)
    Topic.objects.open_pages([MOTHS], NOON)
    typed.refresh_from_db()
    assert (typed.label, typed.slug) == ("Moths", "moths")
    assert typed.match_due_at is None  # somebody follows it: it has met the papers


def test_equal_names_and_reserved_ones_get_a_number() -> None:
    names = ["Preview", "Ant hills", "Ant-hills", "蛾", "蛾子", "x" * 300]
    Topic.objects.open_pages([Entry(name, "", "", f"word{place}") for place, name in enumerate(names)], NOON)
    assert list(pages()) == ["preview-2", "ant-hills", "ant-hills-2", "topic", "topic-2", "x" * 70]


def test_slug_stays_when_the_name_changes() -> None:
    Topic.objects.open_pages([MOTHS], NOON)
    Topic.objects.open_pages([replace(MOTHS, name="Night moths")], NOON)
    assert pages() == {"moths": "moths"}


def test_topic_that_leaves_the_catalogue_loses_its_page_and_may_come_back() -> None:
    Topic.objects.open_pages([GRAPHS, MOTHS], NOON)
    assert Topic.objects.open_pages([GRAPHS], NOON) == 1
    assert pages() == {"graph-neural-networks": GRAPHS.query}
    assert not Topic.objects.matched().filter(query="moths").exists()
    assert Topic.objects.open_pages([GRAPHS, MOTHS], NOON) == 1
    assert "moths" in pages()


def test_merged_topic_keeps_its_slug_whether_it_is_in_the_catalogue_or_not() -> None:
    Topic.objects.open_pages([GRAPHS, MOTHS], NOON)
    Topic.objects.filter(query="moths").update(merged_into=Topic.objects.get(query=GRAPHS.query))
    for entries in ([GRAPHS, MOTHS], [GRAPHS]):
        assert Topic.objects.open_pages(entries, NOON) == 0
        assert list(pages()) == ["graph-neural-networks", "moths"]
    assert list(Topic.objects.public()) == [Topic.objects.get(query=GRAPHS.query)]


def test_topic_merged_before_it_had_a_page_leads_on_and_is_not_matched() -> None:
    moths = make_topic("moths")
    Topic.objects.filter(pk=moths.pk).update(merged_into=make_topic("insects"), match_due_at=None)
    assert [Topic.objects.open_pages([MOTHS], NOON) for _ in range(2)] == [1, 0]
    moths.refresh_from_db()
    assert (moths.slug, moths.match_due_at) == ("moths", None)


def test_opening_pages_is_noted_as_a_change(django_capture_on_commit_callbacks: Any) -> None:
    numbers = []
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            Topic.objects.open_pages([MOTHS], NOON)
        numbers.append(Change.objects.latest_number())
    assert numbers[0] == numbers[1] > 0


def test_matched_are_topics_with_a_page_and_followed_ones() -> None:
    public, followed, merged = make_public("moths"), make_topic("ants"), make_public("bees")
    make_topic("nobody follows this")
    make_reader(topics=(followed,))
    Topic.objects.filter(pk=merged.pk).update(merged_into=public)
    assert list(Topic.objects.matched().order_by("pk")) == [public, followed]


def test_first_reader_of_a_topic_with_a_page_need_not_have_it_matched_again() -> None:
    public, other = make_public("moths"), make_topic("ants")
    Topic.objects.update(match_due_at=None)
    make_reader(topics=(public, other))
    assert list(Topic.objects.exclude(match_due_at=None)) == [other]
