from typing import Any

import pytest

from digest.models import Topic
from digest.models.catalogue import catalogue
from digest.ranking.starter import Entry, starter
from tests.make import make_topic

pytestmark = pytest.mark.django_db


def promote(query: str, label: str, group: str) -> Topic:
    topic = make_topic(query)
    topic.label, topic.group, topic.description = label, group, "What you get."
    topic.save()
    return topic


def test_catalogue_is_the_starter_where_nothing_is_promoted() -> None:
    make_topic("knowledge transfer")
    assert set(catalogue()) == set(starter())


def test_promoted_topic_stands_beside_the_starter_in_its_group() -> None:
    promote("basket weaving", "Baskets", "Crafts")
    assert Entry("Baskets", "Crafts", "What you get.", "basket weaving") in catalogue()
    assert len(catalogue()) == len(starter()) + 1


def test_promoted_topic_takes_the_place_of_the_entry_with_its_query() -> None:
    promote('"Machine  Translation"', "Translating", "Language")
    assert len(catalogue()) == len(starter())
    assert "Machine translation" not in {entry.name for entry in catalogue()}
    assert "Translating" in {entry.name for entry in catalogue()}


def test_promoted_topic_takes_the_place_of_the_entry_with_its_name() -> None:
    promote("translating machines", "machine translation", "Language")
    assert [entry.query for entry in catalogue() if entry.name.casefold() == "machine translation"] == [
        "translating machines"
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_catalogue_takes_one_query(number: int, django_assert_num_queries: Any) -> None:
    for place in range(number):
        promote(f"basket{place}", f"Basket {place}", "Crafts")
    with django_assert_num_queries(1):
        catalogue()
