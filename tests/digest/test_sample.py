"""The invented sample is what its README says, and comes in through the same door as any other input."""

from datetime import date

import pytest

from digest import sample
from digest.ingest.parse import parse
from digest.ranking.query import parse_query

TODAY = date(2026, 3, 1)  # four days that cross a month


def test_sample_has_papers_over_four_days_with_votes_and_readers_in_different_zones() -> None:
    parsed = [parse(body, kind=kind) for _, kind, body in sample.documents(TODAY)]
    arxiv = [listing for document in parsed if document.kind == "arxiv" for listing in document.listings]
    assert len({listing.identifiers[0].value for listing in arxiv}) >= 60
    assert len({listing.announced_on for listing in arxiv}) == 4
    assert sum(bool(listing.readings) for document in parsed for listing in document.listings) > 20
    readers = sample.readers()
    assert len({reader["time_zone"] for reader in readers}) == len(readers) == 6
    assert len({parse_query(topic["query"]).canonical for reader in readers for topic in reader["topics"]}) >= 8


@pytest.mark.parametrize("kind", ["arxiv", "hf-daily"])
def test_sample_documents_parse_without_a_skipped_item(kind: str) -> None:
    documents = [parse(body) for _, given, body in sample.documents(TODAY) if given == kind]
    assert [(document.kind, document.skipped, document.truncated) for document in documents] == [(kind, (), False)] * 4


def test_sample_ids_are_the_same_on_all_four_days_and_beyond_any_real_one() -> None:
    ids = {sample.arxiv_id(paper, TODAY) for paper in sample._load("papers.json")}
    assert all(value.startswith("2602.9") for value in ids)
