from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from digest.ingest.store import Stored, store
from digest.models import Paper, PaperIdentifier, Sighting, Signal, Source
from digest.sources.listing import AnnounceType, Identifier, Reading, Scheme, SignalKind
from tests.make import NOON, TODAY, make_listing, make_source

pytestmark = pytest.mark.django_db
ARXIV = Identifier(Scheme.ARXIV, "2603.00001")
DOI = Identifier(Scheme.DOI, "10.5555/one")


@pytest.fixture
def source() -> Source:
    return make_source()


def test_listing_becomes_a_paper_with_identifiers_and_a_sighting(source: Source) -> None:
    listing = make_listing(identifiers=(ARXIV, DOI), title="One paper")
    assert store([listing], source=source, now=NOON) == Stored(new=1)
    paper = Paper.objects.get()
    assert (paper.title, paper.authors, paper.categories) == ("One paper", ["Ada Lindqvist"], ["cs.CL"])
    assert (paper.announced_on, paper.match_due_at) == (TODAY, NOON)
    assert sorted(map(str, paper.identifiers.all())) == ["arxiv:2603.00001", "doi:10.5555/one"]
    assert list(Sighting.objects.values_list("source", "announced_on", "announce_type", "seen_at")) == [
        (source.pk, TODAY, "new", NOON)
    ]


def test_storing_twice_changes_nothing(source: Source) -> None:
    listings = [make_listing(readings=(Reading(SignalKind.UPVOTES, 7),)) for _ in range(3)]
    store(listings, source=source, now=NOON)
    before = [list(model.objects.order_by("pk").values()) for model in (Paper, PaperIdentifier, Sighting, Signal)]
    assert store(listings, source=source, now=NOON + timedelta(hours=1)) == Stored()
    after = [list(model.objects.order_by("pk").values()) for model in (Paper, PaperIdentifier, Sighting, Signal)]
    assert after == before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ((ARXIV,), (ARXIV, DOI)),
        ((DOI,), (ARXIV, DOI)),
        ((ARXIV, DOI), (DOI,)),
        ((Identifier(Scheme.PMID, "7"), DOI), (Identifier(Scheme.PMID, "7"),)),
        ((Identifier(Scheme.TITLE, "abc"),), (Identifier(Scheme.TITLE, "abc"),)),
    ],
)
def test_listings_that_share_an_identifier_are_one_paper(
    source: Source, first: tuple[Identifier, ...], second: tuple[Identifier, ...]
) -> None:
    other = make_source()
    store([make_listing(identifiers=first)], source=source, now=NOON)
    assert store([make_listing(identifiers=second)], source=other, now=NOON) == Stored(updated=1)
    known = {(row.scheme, row.value) for row in PaperIdentifier.objects.all()}
    assert Paper.objects.count() == 1
    assert known == {(identifier.scheme, identifier.value) for identifier in first + second}


def test_listings_of_one_paper_in_one_batch_are_one_paper(source: Source) -> None:
    listings = [make_listing(identifiers=(ARXIV,), announce_type=kind) for kind in AnnounceType]
    assert store(listings, source=source, now=NOON) == Stored(new=1)
    assert Sighting.objects.count() == 4


def test_strongest_identifier_decides_where_two_papers_are_named(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,)), make_listing(identifiers=(DOI,))], source=source, now=NOON)
    assert store([make_listing(identifiers=(ARXIV, DOI))], source=source, now=NOON).new == 0
    owners = {str(row): row.paper_id for row in PaperIdentifier.objects.all()}
    assert owners["arxiv:2603.00001"] != owners["doi:10.5555/one"]


def test_later_version_replaces_the_text_and_is_matched_again(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,), title="Old title")], source=source, now=NOON)
    Paper.objects.update(match_due_at=None)
    later = make_listing(identifiers=(ARXIV,), title="New title", version=2, announce_type=AnnounceType.REPLACE)
    store([later], source=source, now=NOON)
    paper = Paper.objects.get()
    assert (paper.title, paper.version, paper.match_due_at) == ("New title", 2, NOON)


def test_same_version_only_fills_gaps(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,), title="As first spelt", abstract="", venue="")], source=source, now=NOON)
    other = make_listing(identifiers=(ARXIV,), title="As Second Spelt", abstract="What it says.", venue="J. Ex.")
    store([other], source=make_source(), now=NOON)
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.venue) == ("As first spelt", "What it says.", "J. Ex.")


def test_earlier_announcement_by_another_source_wins(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,))], source=source, now=NOON)
    earlier = make_listing(identifiers=(ARXIV,), announced_on=TODAY - timedelta(days=2))
    store([earlier], source=make_source(), now=NOON)
    assert Paper.objects.get().announced_on == date(2026, 3, 2)


def test_replacement_of_an_unknown_paper_is_stored_but_no_news(source: Source) -> None:
    later = make_listing(identifiers=(ARXIV,), version=3, announce_type=AnnounceType.REPLACE)
    store([later], source=source, now=NOON)
    assert list(Paper.objects.values_list("announced_on", "match_due_at")) == [(None, None)]
    store([make_listing(identifiers=(ARXIV,), announce_type=AnnounceType.CROSS)], source=source, now=NOON)
    assert list(Paper.objects.values_list("announced_on", "match_due_at")) == [(TODAY, NOON)]


def test_replacement_of_a_known_paper_does_not_announce_it_again(source: Source) -> None:
    yesterday = TODAY - timedelta(days=1)
    store([make_listing(identifiers=(ARXIV,), announced_on=yesterday)], source=source, now=NOON)
    store([make_listing(identifiers=(ARXIV,), version=2, announce_type=AnnounceType.REPLACE)], source=source, now=NOON)
    assert Paper.objects.get().announced_on == yesterday


def test_listing_without_a_date_is_dated_by_its_first_sight_and_seen_once(source: Source) -> None:
    listing = make_listing(announced_on=None)
    store([listing], source=source, now=NOON)
    store([listing], source=source, now=NOON + timedelta(days=1))
    assert Paper.objects.get().announced_on == TODAY
    assert list(Sighting.objects.values_list("announced_on", flat=True)) == [TODAY]


def test_readings_become_a_series_of_changes(source: Source) -> None:
    for hour, votes in enumerate([5, 5, 9]):
        listing = make_listing(identifiers=(ARXIV,), readings=(Reading(SignalKind.UPVOTES, votes),))
        store([listing], source=source, now=NOON + timedelta(hours=hour))
    assert list(Signal.objects.values_list("kind", "value", "observed_at")) == [
        ("upvotes", 5, NOON),
        ("upvotes", 9, datetime(2026, 3, 4, 14, tzinfo=UTC)),
    ]


@pytest.mark.parametrize("listings", [1, 3])
def test_storing_takes_the_same_queries_for_any_number(
    source: Source, listings: int, django_assert_num_queries: Any
) -> None:
    given = [make_listing(readings=(Reading(SignalKind.UPVOTES, 1),)) for _ in range(listings)]
    # begin, identifiers read, papers and identifiers written, sightings and signals read and written, commit
    with django_assert_num_queries(9):
        store(given, source=source, now=NOON)
