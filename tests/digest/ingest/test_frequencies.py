import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from digest.ingest import frequencies as module
from digest.ingest.frequencies import Frequencies
from digest.ingest.index import index_due
from digest.ingest.rank import documents
from digest.models import Paper
from digest.ranking.corpus import Background, Terms
from tests.make import make_paper

pytestmark = pytest.mark.django_db
TERMS = Terms([("knowledg",), ("transfer",), ("knowledg", "transfer"), ("bird",)])


def same(words: Background) -> bool:
    expected = Background.of(documents(Paper.objects.order_by("-pk")))  # stems found anew
    rarity = expected.rarity(TERMS).tolist()
    return (words.size, words.mean_length, words.rarity(TERMS).tolist()) == (
        expected.size,
        expected.mean_length,
        rarity,
    )


def test_frequencies_are_those_of_matching_whether_papers_are_indexed_or_not() -> None:
    make_paper(title="Knowledge transfer", abstract="Among birds.")
    make_paper(title="Birds")
    assert same(Frequencies().current())
    index_due(timezone.now())
    assert same(Frequencies().current())
    Paper.objects.filter(title="Birds").update(title="Knowledge", index_due_at=timezone.now())
    assert same(Frequencies().current())


def test_frequencies_of_no_paper_make_all_words_equal() -> None:
    assert same(Frequencies().current())


def test_frequencies_are_held_until_papers_have_been_added_for_a_while(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    held = Frequencies()
    make_paper()
    first = held.current()
    make_paper()
    with django_assert_num_queries(1):
        assert held.current() is first
    monkeypatch.setattr(module, "SOON", -1)
    assert held.latest(wait=True).words.size == 2
    with django_assert_num_queries(1):
        assert held.current().size == 2
