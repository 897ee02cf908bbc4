"""Which papers listings turn out to speak of, seen through what `store` makes of them."""

import random
from datetime import timedelta
from typing import Any

import pytest

from digest.ingest.store import Stored, store
from digest.models import Paper, PaperIdentifier, Source
from digest.sources.listing import Identifier, Scheme
from tests.make import NOON, make_listing, make_source

pytestmark = pytest.mark.django_db

ARXIV, ARXIV_2 = (Identifier(Scheme.ARXIV, f"2603.0000{number}") for number in (1, 2))
DOI, DOI_2 = (Identifier(Scheme.DOI, f"10.5555/{number}") for number in (1, 2))
PMID, PMID_2 = (Identifier(Scheme.PMID, number) for number in ("1", "2"))
URL, URL_2 = (Identifier(Scheme.URL, f"https://jir.example.org/{number}") for number in (1, 2))
TITLE = Identifier(Scheme.TITLE, "abc")

Names = tuple[Identifier, ...]


@pytest.fixture
def source() -> Source:
    return make_source()


def put(source: Source, *listings: Names) -> Stored:
    return store([make_listing(identifiers=names) for names in listings], source=source, now=NOON)


def papers() -> list[set[str]]:
    """Return what each paper is known by, the oldest paper first."""
    found: dict[int, set[str]] = {key: set() for key in Paper.objects.order_by("pk").values_list("pk", flat=True)}
    for row in PaperIdentifier.objects.all():
        found[row.paper_id].add(f"{row.scheme}:{row.value}")
    return list(found.values())


def named(*identifiers: Identifier) -> set[str]:
    return {f"{identifier.scheme}:{identifier.value}" for identifier in identifiers}


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ((ARXIV,), (DOI,), (ARXIV, DOI)),
        ((DOI,), (ARXIV,), (ARXIV, DOI)),
        ((DOI, URL), (PMID,), (PMID, DOI)),
        ((ARXIV, URL), (DOI, URL_2), (ARXIV, DOI)),
        ((URL,), (DOI,), (DOI, URL)),
        ((ARXIV, DOI), (PMID,), (DOI, PMID)),
    ],
)
def test_two_papers_that_one_listing_names_are_one(source: Source, first: Names, second: Names, both: Names) -> None:
    put(source, first)
    put(source, second)
    oldest = Paper.objects.order_by("pk").first()
    put(source, both)
    assert Paper.objects.get() == oldest
    assert papers() == [named(*first, *second, *both)]


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        ((ARXIV, DOI), (DOI_2, PMID), (ARXIV, DOI_2)),
        ((ARXIV,), (ARXIV_2, DOI), (ARXIV, DOI)),
        ((DOI,), (DOI_2, URL), (DOI, URL)),
        ((PMID, URL), (PMID_2, DOI), (DOI, URL)),
        ((ARXIV, URL), (ARXIV_2,), (ARXIV_2, URL)),
    ],
)
def test_papers_with_two_different_strong_identifiers_are_never_one(
    source: Source, first: Names, second: Names, both: Names
) -> None:
    put(source, first)
    put(source, second)
    put(source, both)
    assert papers() == [named(*first), named(*second)]


def test_papers_of_one_address_with_different_dois_stay_apart(source: Source) -> None:
    put(source, (DOI, URL), (DOI_2, URL))
    put(source, (DOI, URL), (DOI_2, URL))
    assert papers() == [named(DOI, URL), named(DOI_2)]


def test_address_alone_names_a_paper_that_has_a_doi(source: Source) -> None:
    put(source, (DOI, URL))
    assert put(source, (URL,)).new == 0


def test_same_number_of_pubmed_does_not_outweigh_another_doi(source: Source) -> None:
    put(source, (DOI, PMID))
    put(source, (DOI_2, PMID))
    assert papers() == [named(DOI, PMID), named(DOI_2)]


def test_new_doi_of_a_known_preprint_is_learnt(source: Source) -> None:
    put(source, (ARXIV, DOI))
    put(source, (ARXIV, DOI_2))
    assert put(source, (DOI_2,)).new == 0
    assert papers() == [named(ARXIV, DOI, DOI_2)]


def test_title_is_only_known_where_nothing_else_is(source: Source) -> None:
    put(source, (TITLE,))
    put(source, (ARXIV,))
    assert put(source, (TITLE,)) == Stored()
    assert papers() == [named(TITLE), named(ARXIV)]


@pytest.mark.parametrize(
    "listings",
    [
        [(ARXIV,), (DOI,), (ARXIV, DOI)],
        [(ARXIV, DOI), (DOI,), (ARXIV,)],
        [(PMID,), (ARXIV,), (ARXIV, DOI, PMID), (DOI,)],
    ],
)
def test_listings_of_one_batch_are_one_paper_in_any_order(source: Source, listings: list[Names]) -> None:
    assert put(source, *listings).new == 1
    assert put(source, *listings) == Stored()


def test_chain_of_listings_makes_three_papers_one(source: Source) -> None:
    put(source, (ARXIV,), (DOI,), (PMID,))
    oldest = Paper.objects.order_by("pk").first()
    assert put(source, (DOI, PMID), (ARXIV, DOI)).updated == 1
    assert Paper.objects.get() == oldest
    assert papers() == [named(ARXIV, DOI, PMID)]


def test_papers_of_a_new_batch_that_the_last_listing_joins_are_one_when_read_again(source: Source) -> None:
    listings = [(ARXIV, DOI), (PMID, URL), (DOI, PMID)]
    put(source, *listings)
    put(source, *listings)
    assert papers() == [named(ARXIV, DOI, PMID, URL)]
    assert put(source, *listings) == Stored()


def test_two_papers_become_one_with_what_both_knew_and_are_matched_again(source: Source) -> None:
    early, late = NOON.date() - timedelta(days=4), NOON.date()
    bare = make_listing(identifiers=(DOI,), title="As first spelt", abstract="", announced_on=late)
    store([bare], source=source, now=NOON)
    store([make_listing(identifiers=(ARXIV,), announced_on=early)], source=source, now=NOON)
    Paper.objects.update(match_due_at=None)
    put(source, (ARXIV, DOI))
    paper = Paper.objects.get()
    assert (paper.title, paper.abstract, paper.announced_on) == ("As first spelt", "What it says.", early)
    assert paper.match_due_at == NOON


@pytest.mark.parametrize("pairs", [1, 3])
def test_papers_become_one_in_the_same_queries_for_any_number(
    source: Source, pairs: int, django_assert_num_queries: Any
) -> None:
    both = [(Identifier(Scheme.ARXIV, f"2603.1{n:04}"), Identifier(Scheme.DOI, f"10.5555/{n}")) for n in range(pairs)]
    put(source, *[(one,) for names in both for one in names])
    with django_assert_num_queries(36):
        put(source, *both)


@pytest.mark.parametrize("seed", range(5))
def test_listings_of_any_names_leave_each_paper_one_arxiv_id_and_settle(source: Source, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same listings in every run
    schemes = (Scheme.ARXIV, Scheme.DOI, Scheme.PMID, Scheme.URL)
    batches = [
        [
            tuple(Identifier(scheme, str(chance.randint(1, 4))) for scheme in chance.sample(schemes, 2))
            for _ in range(chance.randint(1, 6))
        ]
        for _ in range(20)
    ]
    for listings in batches:
        ordered = [tuple(sorted(names, key=lambda name: schemes.index(name.scheme))) for names in listings]
        put(source, *ordered)
        put(source, *ordered)
        assert put(source, *ordered) == Stored()
    for names in papers():
        schemes_of = [name.partition(":")[0] for name in names]
        assert schemes_of.count("arxiv") <= 1
        assert schemes_of.count("doi") <= 1 or "arxiv" in schemes_of
