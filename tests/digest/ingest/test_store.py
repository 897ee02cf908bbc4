from dataclasses import replace
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
    assert store([listing], source=source, now=NOON) == Stored(new=1, sighted=1)
    paper = Paper.objects.get()
    assert (paper.title, paper.authors, paper.categories) == ("One paper", ["Ada Lindqvist"], ["cs.CL"])
    assert (paper.announced_on, paper.match_due_at) == (TODAY, NOON)
    assert sorted(map(str, paper.identifiers.all())) == ["arxiv:2603.00001", "doi:10.5555/one"]
    assert list(Sighting.objects.values_list("source", "announced_on", "announce_type", "seen_at")) == [
        (source.pk, TODAY, "new", NOON)
    ]


def test_nothing_to_store_stores_nothing(source: Source) -> None:
    assert store([], source=source, now=NOON) == Stored()


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
    assert store([make_listing(identifiers=second)], source=other, now=NOON) == Stored(updated=1, sighted=1)
    known = {(row.scheme, row.value) for row in PaperIdentifier.objects.all()}
    assert Paper.objects.count() == 1
    assert known == {(identifier.scheme, identifier.value) for identifier in first + second}


def test_listings_of_one_paper_in_one_batch_are_one_paper(source: Source) -> None:
    listings = [make_listing(identifiers=(ARXIV,), announce_type=kind) for kind in AnnounceType]
    assert store(listings, source=source, now=NOON) == Stored(new=1, sighted=1)
    assert Sighting.objects.count() == 4


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
    assert list(Sighting.objects.values_list("announced_on", "is_estimated")) == [(TODAY, True)]


def test_day_that_a_source_states_is_not_estimated_and_goes_before_one_that_is(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,), announced_on=None)], source=source, now=NOON)
    stated = make_listing(identifiers=(ARXIV,), announced_on=TODAY - timedelta(days=3))
    store([stated], source=make_source(), now=NOON)
    assert Paper.objects.get().announced_on == TODAY - timedelta(days=3)
    assert list(Sighting.objects.order_by("pk").values_list("is_estimated", flat=True)) == [True, False]


def test_only_what_a_source_had_not_announced_before_is_news_from_it(source: Source) -> None:
    listing = make_listing(identifiers=(ARXIV,))
    tomorrow = make_listing(identifiers=(ARXIV,), announced_on=TODAY + timedelta(days=1))
    later = make_listing(identifiers=(DOI,), announce_type=AnnounceType.REPLACE)
    assert store([listing], source=source, now=NOON).sighted == 1
    assert store([listing], source=make_source(), now=NOON).sighted == 1
    assert store([tomorrow, later], source=source, now=NOON).sighted == 0


def test_listing_without_a_source_is_learnt_from_and_sighted_nowhere(source: Source) -> None:
    store([make_listing(identifiers=(DOI,), abstract="")], source=source, now=NOON)
    said = make_listing(identifiers=(DOI,), abstract="What it says.", announce_type=AnnounceType.REPLACE)
    assert store([said], source=None, now=NOON) == Stored(updated=1)
    assert (Paper.objects.get().abstract, Sighting.objects.count()) == ("What it says.", 1)


def test_number_of_all_authors_is_kept_where_not_all_are_named(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,), author_count=3309)], source=source, now=NOON)
    assert Paper.objects.get().author_count == 3309


def test_withdrawn_paper_that_is_new_is_known_and_not_matched(source: Source) -> None:
    assert store([make_listing(withdrawn=True)], source=source, now=NOON).new == 1
    assert list(Paper.objects.values_list("withdrawn_at", "match_due_at")) == [(NOON, None)]
    assert not Paper.objects.announced_between(TODAY, TODAY).exists()


def test_withdrawal_of_a_known_paper_is_dated_by_the_first_source_that_states_it(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,))], source=source, now=NOON)
    Paper.objects.update(match_due_at=None)
    taken_back = make_listing(
        identifiers=(ARXIV,), version=2, announce_type=AnnounceType.REPLACE, withdrawn=True, title="Taken back"
    )
    for hour in (1, 2):
        store([taken_back], source=source, now=NOON + timedelta(hours=hour))
    known = Paper.objects.values_list("title", "withdrawn_at", "match_due_at")
    assert list(known) == [("Taken back", NOON + timedelta(hours=1), NOON + timedelta(hours=1))]


@pytest.mark.parametrize(("version", "withdrawn_at"), [(1, NOON), (2, NOON), (3, None)])
def test_withdrawn_paper_stands_again_with_a_later_version(
    source: Source, version: int, withdrawn_at: datetime | None
) -> None:
    store([make_listing(identifiers=(ARXIV,), version=2, withdrawn=True)], source=source, now=NOON)
    again = make_listing(identifiers=(ARXIV,), version=version, announce_type=AnnounceType.REPLACE)
    store([again], source=source, now=NOON)
    assert Paper.objects.get().withdrawn_at == withdrawn_at
    assert Paper.objects.due_for_matching(NOON).exists() == (withdrawn_at is None)


def test_old_version_that_was_withdrawn_withdraws_nothing(source: Source) -> None:
    store([make_listing(identifiers=(ARXIV,), version=3)], source=source, now=NOON)
    store([make_listing(identifiers=(ARXIV,), version=2, withdrawn=True)], source=source, now=NOON)
    assert Paper.objects.get().withdrawn_at is None


@pytest.mark.parametrize(
    ("given", "due"),
    [
        ({"abstract": ""}, NOON),
        ({}, None),
        ({"abstract": "", "withdrawn": True}, None),
        ({"abstract": "", "announce_type": AnnounceType.REPLACE}, None),
    ],
)
def test_news_without_an_abstract_is_asked_for_where_that_is_enabled(
    source: Source, settings: Any, given: dict[str, Any], due: datetime | None
) -> None:
    settings.CROSSREF = True
    store([make_listing(**given)], source=source, now=NOON)
    assert Paper.objects.get().complete_due_at == due


def test_abstract_that_crossref_itself_did_not_give_is_asked_for_a_day_later(settings: Any) -> None:
    settings.CROSSREF = True
    store([make_listing(abstract="")], source=make_source(kind="crossref"), now=NOON)
    assert Paper.objects.get().complete_due_at == NOON + timedelta(days=1)


def test_news_without_an_abstract_is_not_asked_for_unless_that_is_enabled(source: Source) -> None:
    store([make_listing(abstract="")], source=source, now=NOON)
    assert Paper.objects.get().complete_due_at is None


def test_paper_that_gets_its_abstract_elsewhere_is_not_asked_for_any_more(source: Source, settings: Any) -> None:
    settings.CROSSREF = True
    store([make_listing(identifiers=(DOI,), abstract="")], source=source, now=NOON)
    store([make_listing(identifiers=(DOI,))], source=make_source(), now=NOON + timedelta(hours=1))
    known = Paper.objects.values_list("abstract", "complete_due_at", "match_due_at")
    assert list(known) == [("What it says.", None, NOON + timedelta(hours=1))]


def test_paper_that_was_asked_for_in_vain_is_not_asked_for_again(source: Source, settings: Any) -> None:
    settings.CROSSREF = True
    listing = make_listing(abstract="")
    store([listing], source=source, now=NOON)
    Paper.objects.update(complete_due_at=None, complete_attempts=4)
    store([listing], source=source, now=NOON)
    assert Paper.objects.get().complete_due_at is None


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
    # begin, identifiers read; papers, identifiers and sightings written; signals read and written, commit
    with django_assert_num_queries(8):
        store(given, source=source, now=NOON)
    later = [replace(listing, version=2, title="Another") for listing in given]
    # begin, identifiers, papers and their other identifiers read; papers written; sightings and signals read, commit
    with django_assert_num_queries(8):
        store(later, source=source, now=NOON)
