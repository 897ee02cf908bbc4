from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from digest.ingest import index
from digest.ingest.index import index_due, record, words_of
from digest.ingest.learn import learn
from digest.ingest.merge import merge
from digest.ingest.search import search
from digest.models import Paper, PaperWords
from digest.ranking.query import parse_query
from tests.make import NOON, make_listing, make_paper

pytestmark = pytest.mark.django_db


def make_due(**given: Any) -> Paper:
    return make_paper(**{"index_due_at": NOON} | given)


def found(text: str) -> list[int]:
    return [hit.paper for hit in search(parse_query(text)).hits]


def test_index_due_writes_the_words_of_papers_and_is_done_with_them() -> None:
    paper = make_due(title="The transfer of knowledge", abstract="It’s learning.")
    later = make_due(index_due_at=NOON + timedelta(seconds=1))
    assert index_due(NOON) == 1
    words = PaperWords.objects.get()
    assert (words.paper, words.title, words.abstract) == (paper, "_the transfer _of knowledg", "_it learn")
    assert words.announced_on == paper.announced_on
    assert index_due(NOON) == 0
    assert list(Paper.objects.filter(index_due_at__isnull=False)) == [later]


def test_index_due_goes_slice_by_slice_and_leaves_the_rest_for_later(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index, "SLICE", 2)
    keys = [make_due(index_due_at=NOON - timedelta(days=day)).pk for day in range(7)]
    assert index_due(NOON, most=5) == 5
    assert list(PaperWords.objects.order_by("pk").values_list("pk", flat=True)) == keys[:5]
    assert index_due(NOON, most=5) == 2


def test_index_follows_what_a_paper_learns() -> None:
    paper = make_due(title="Knowledge transfer")
    index_due(NOON)
    paper = Paper.objects.get()
    learn(paper, make_listing(title="Birds", version=2), announced_on=None, withdrawn=False, now=NOON)
    paper.save()
    index_due(NOON)
    assert found("knowledge transfer") == []
    assert found("birds") == [paper.pk]


def test_index_of_a_paper_that_is_deleted_is_empty() -> None:
    paper = make_due(title="Knowledge transfer")
    index_due(NOON)
    paper.delete()
    assert found("knowledge transfer") == []
    assert not PaperWords.objects.exists()


def test_index_of_papers_that_become_one_holds_the_kept_one_with_what_it_learned() -> None:
    kept, other = make_due(title="Kept"), make_due(title="Other", abstract="On knowledge transfer.")
    index_due(NOON)
    merge({other: kept}, NOON)
    assert found("knowledge transfer") == []
    index_due(NOON)
    assert found("knowledge transfer") == [kept.pk]
    assert PaperWords.objects.count() == 1


def test_papers_claimed_by_who_dies_come_due_again() -> None:
    paper = make_due()
    assert Paper.objects.claim_for_indexing(NOON, limit=10) == [paper]
    assert index_due(NOON) == 0
    assert index_due(NOON + timedelta(minutes=10)) == 1


def test_paper_that_changes_while_it_is_indexed_stays_due() -> None:
    make_due(title="Knowledge transfer")
    claimed = Paper.objects.claim_for_indexing(NOON, limit=10)
    words = [words_of(paper) for paper in claimed]
    Paper.objects.update(title="Birds", index_due_at=NOON)
    record(claimed, words)
    assert Paper.objects.get().index_due_at == NOON
    assert index_due(NOON) == 1
    assert PaperWords.objects.get().title == "bird"


def test_paper_that_is_gone_when_its_words_are_written_is_left_out() -> None:
    make_due()
    gone = make_due(index_due_at=NOON)
    claimed = Paper.objects.claim_for_indexing(NOON, limit=10)
    words = [words_of(paper) for paper in claimed]
    Paper.objects.filter(pk=gone.pk).delete()
    record(claimed, words)
    assert PaperWords.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [
        {"title": "…"},
        {"title": "x" * 1000, "abstract": "y" * 20_000},
        {"title": "A", "abstract": " ".join(f"word{number}" for number in range(3000))},
        {"title": "'\\ \" %s & | ! <-> :*", "abstract": "深度学习 🦆 ﷺ ŉ ٣ ² \\alpha"},
        {"title": "A", "authors": ["", " ", "'", "Ó'Néill, X (MIT)", "深", "x" * 3000], "categories": ["", " ", "a'b"]},
        {"title": "A", "authors": ["Ada Lindqvist"] * 500, "categories": ["x" * 3000]},
    ],
    ids=lambda value: "",
)
def test_index_takes_any_text(given: dict[str, Any]) -> None:
    make_due(**given)
    assert index_due(NOON) == 1
    assert index_due(timezone.now()) == 0


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the index of SQLite is a table that triggers keep in step")
def test_index_on_sqlite_holds_what_the_table_holds() -> None:
    for number in range(5):
        make_due(title=f"Paper {number}", abstract="On knowledge transfer.")
    index_due(NOON)
    Paper.objects.filter(title="Paper 1").update(title="Birds", index_due_at=NOON)
    index_due(NOON)
    Paper.objects.filter(title="Paper 2").delete()
    with connection.cursor() as cursor:  # raises where the two differ
        cursor.execute(
            "INSERT INTO digest_paperwords_index (digest_paperwords_index, rank) VALUES ('integrity-check', 1)"
        )
