"""Readers vote for a paper while it becomes one with another."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from digest.ingest.merge import merge
from digest.models import Paper, Vote
from tests.make import NOON, make_paper, make_reader


@pytest.mark.django_db(transaction=True)
def test_vote_that_is_cast_during_a_merge_is_kept() -> None:
    kept, other = make_paper(title="Kept", created_at=NOON), make_paper(title="Other", created_at=NOON)
    reader = make_reader()

    def work() -> None:
        try:
            merge({other: kept}, NOON)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            Vote.objects.cast(reader.pk, other.pk, NOON)
            merging = threads.submit(work)
            with pytest.raises(TimeoutError):
                merging.result(timeout=1)
        merging.result()
    assert list(Vote.objects.values_list("reader", "paper")) == [(reader.pk, kept.pk)]
    assert Paper.objects.get().votes == 1
