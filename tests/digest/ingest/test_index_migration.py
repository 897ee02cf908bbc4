"""The index of the search comes into a library that is there already."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from digest.ingest.index import index_due
from digest.ingest.search import search
from digest.models import Paper, PaperWords
from digest.ranking.query import parse_query
from tests.make import make_paper


@pytest.mark.django_db(transaction=True)
def test_papers_from_before_the_index_are_due_and_found_once_they_are_indexed() -> None:
    before = make_paper(title="Knowledge transfer")
    make_paper(title="Birds")
    try:
        call_command("migrate", "digest", "0021", verbosity=0)
        later = make_paper(title="Knowledge transfer")
    finally:
        call_command("migrate", verbosity=0)
    assert (PaperWords.objects.count(), Paper.objects.due_for_indexing(timezone.now()).count()) == (0, 3)
    assert index_due(timezone.now()) == 3
    assert [hit.paper for hit in search(parse_query("knowledge transfer")).hits] == [later.pk, before.pk]
