from datetime import timedelta

import pytest
from django.utils import timezone

from digest.ingest.search import search, similar
from digest.ranking.query import parse_query
from tests.make import TODAY, make_paper

pytestmark = pytest.mark.django_db


def found(text: str, **asked: object) -> list[int]:
    return [hit.paper for hit in search(parse_query(text), **asked).hits]  # type: ignore[arg-type]


def test_search_finds_the_best_first_and_equals_newest_first() -> None:
    weaker = make_paper(title="Birds", abstract="What they know of knowledge transfer.")
    first, second = (make_paper(title="Knowledge transfer") for _ in range(2))
    make_paper(title="Something else")
    page = search(parse_query("knowledge transfer"))
    assert [hit.paper for hit in page.hits] == [second.pk, first.pk, weaker.pk]
    assert [hit.why for hit in page.hits] == ["matches knowledge transfer"] * 3
    assert (page.has_more, page.total, page.is_capped) == (False, 3, False)


def test_search_newest_first_goes_by_the_day_of_the_announcement() -> None:
    late = make_paper(title="Knowledge transfer", announced_on=TODAY)
    early = make_paper(title="Knowledge transfer", announced_on=TODAY - timedelta(days=1))
    undated = make_paper(title="Knowledge transfer", announced_on=None)
    assert found("knowledge transfer", newest=True) == [late.pk, early.pk, undated.pk]
    assert found("knowledge transfer", newest=True, since=TODAY) == [late.pk]
    assert found("knowledge transfer", since=TODAY) == [late.pk]


def test_search_gives_page_after_page() -> None:
    keys = [make_paper(title="Knowledge transfer").pk for _ in range(5)][::-1]
    pages = [search(parse_query("knowledge transfer"), start=start, count=2) for start in (0, 2, 4, 6)]
    assert [[hit.paper for hit in page.hits] for page in pages] == [keys[:2], keys[2:4], keys[4:], []]
    assert [page.has_more for page in pages] == [True, True, False, False]


def test_search_never_finds_what_was_withdrawn_or_hidden() -> None:
    make_paper(title="Knowledge transfer", withdrawn_at=timezone.now())
    make_paper(title="Knowledge transfer").hide("spam", timezone.now())
    assert found("knowledge transfer") == []


def test_similar_papers_speak_of_the_same_things() -> None:
    abstract = "A student network learns from a teacher by distillation of knowledge."
    paper = make_paper(title="Distillation of teachers into students", abstract=abstract)
    make_paper(title="Distillation of teachers into students.", abstract=abstract)
    close = make_paper(title="What a student network learns", abstract="Distillation of a teacher.")
    make_paper(title="Birds of the north", abstract="They fly.")
    assert [hit.paper for hit in similar(paper)] == [close.pk]
