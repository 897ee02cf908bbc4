import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources import crossref_work
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme
from tests.digest.sources.make import ABSTRACT, make_work


def read(**given: Any) -> Listing:
    return crossref_work.listing(make_work(**{name.replace("_", "-"): value for name, value in given.items()}))


def names(listing: Listing) -> list[tuple[str, str]]:
    return [(identifier.scheme.value, identifier.value) for identifier in listing.identifiers]


def parts(*numbers: int) -> dict[str, Any]:
    return {"date-parts": [list(numbers)]}


def test_article() -> None:
    assert read() == Listing(
        title="How stones float",
        identifiers=(Identifier(Scheme.DOI, "10.5555/jir.17"),),
        abstract=ABSTRACT,
        authors=("Ida Lindgren", "Wei Zhang"),
        url="https://doi.org/10.5555/jir.17",
        venue="Journal of Invented Results",
        announced_on=date(2026, 3, 4),
        submitted_at=datetime(2026, 3, 4, 7, 30, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("given", "title"),
    [
        ({"title": ["How <i>stones</i>\n float"]}, "How stones float"),
        ({"subtitle": ["A review"]}, "How stones float: A review"),
        ({"title": ["Do stones float?"], "subtitle": ["A review"]}, "Do stones float? A review"),
        ({"title": ["Stones:"], "subtitle": ["A review"]}, "Stones: A review"),
        ({"subtitle": ["Stones float"]}, "How stones float"),
        ({"title": [], "original_title": ["Wie Steine schwimmen"]}, "Wie Steine schwimmen"),
        ({"title": [], "subtitle": ["A review"]}, "A review"),
        ({"title": [""], "short_title": ["Stones"]}, "Stones"),
        ({"title": "no list"}, ""),
        ({"title": None}, ""),
    ],
)
def test_title_is_the_first_that_there_is(given: dict[str, Any], title: str) -> None:
    assert read(**given).title == title


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ([{"given": "John", "family": "Marsh", "suffix": "Jr."}], ("John Marsh Jr.",)),
        ([{"family": "Plato"}], ("Plato",)),
        ([{"given": "Plato"}], ("Plato",)),
        (
            [{"name": "The STONE Collaboration"}, {"given": "Wei", "family": "Zhang"}],
            ("The STONE Collaboration", "Wei Zhang"),
        ),
        ([{"given": "No&#233;mie", "family": "Roux"}], ("Noémie Roux",)),
        ([{}, "Wei Zhang", None], ()),
        ("Wei Zhang", ()),
        (None, ()),
    ],
)
def test_authors_are_people_and_groups(author: object, expected: tuple[str, ...]) -> None:
    assert read(author=author).authors == expected


@pytest.mark.parametrize(
    "kind", ["journal-issue", "journal", "component", "peer-review", "grant", "book-series", "proceedings", "dataset"]
)
def test_work_that_is_no_paper_is_named(kind: str) -> None:
    with pytest.raises(ValueError, match=f"^no paper but a {kind}$"):
        read(type=kind)


@pytest.mark.parametrize(
    "kind", ["journal-article", "posted-content", "proceedings-article", "book-chapter", "report", ""]
)
def test_other_works_are_papers(kind: str) -> None:
    assert read(type=kind).title == "How stones float"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"title": ["Issue Information"]}, "front matter: Issue Information"),
        (
            {"title": ["Correction to: How stones float"]},
            "a notice about another paper: Correction to: How stones float",
        ),
        (
            {"update_to": [{"type": "retraction", "DOI": "10.5555/JIR.9"}]},
            "a notice about another paper: retraction of 10.5555/jir.9",
        ),
        (
            {"update_to": [{"type": "expression_of_concern", "DOI": "10.5555/jir.9"}]},
            "a notice about another paper: expression of concern of 10.5555/jir.9",
        ),
        ({"update_to": [{}]}, "a notice about another paper: update of a work without a DOI"),
        ({"DOI": "soon"}, "no DOI: 'soon'"),
        ({"DOI": None}, "no DOI: ''"),
    ],
)
def test_what_is_no_paper_says_why(given: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        read(**given)


def test_new_version_is_a_paper_and_no_notice() -> None:
    assert read(update_to=[{"type": "new_version", "DOI": "10.5555/jir.9"}]).title == "How stones float"


@pytest.mark.parametrize(
    "given",
    [
        {"title": ["RETRACTED: How stones float"]},
        {"updated_by": [{"type": "retraction", "DOI": "10.5555/jir.99"}]},
        {"updated_by": [{"type": "correction"}, {"type": "withdrawal", "DOI": "10.5555/jir.99"}]},
        {"update_to": [{"type": "removal", "DOI": "10.5555/jir.17"}]},
    ],
)
def test_paper_that_was_taken_back(given: dict[str, Any]) -> None:
    listing = read(**given)
    assert (listing.withdrawn, listing.title) == (True, "How stones float")


@pytest.mark.parametrize(
    "given",
    [
        {"updated_by": [{"type": "correction", "DOI": "10.5555/jir.99"}]},
        {"update_to": [{"type": "correction", "DOI": "10.5555/jir.17"}]},
        {"updated_by": "x"},
    ],
)
def test_corrected_paper_stands(given: dict[str, Any]) -> None:
    assert not read(**given).withdrawn


@pytest.mark.parametrize(
    ("given", "announced_on"),
    [
        ({}, date(2026, 3, 4)),
        ({"created": parts(2026, 3, 4)}, date(2026, 3, 4)),
        ({"issued": parts(2025, 6)}, date(2026, 3, 4)),
        ({"issued": parts(2025)}, date(2026, 3, 4)),
        ({"issued": parts(2024)}, date(2024, 12, 31)),
        ({"issued": parts(1951, 12)}, date(1951, 12, 31)),
        ({"issued": parts(1951, 2, 3)}, date(1951, 2, 3)),
        ({"issued": parts(2027, 1)}, date(2026, 3, 4)),
        ({"issued": {"date-parts": [[None]]}}, date(2026, 3, 4)),
        ({"issued": {"date-parts": []}}, date(2026, 3, 4)),
        ({"issued": parts(2026, 13, 40)}, date(2026, 3, 4)),
        ({"issued": parts(99999)}, date(2026, 3, 4)),
        ({"issued": None}, date(2026, 3, 4)),
        ({"created": None}, None),
    ],
)
def test_registration_announces_and_backfiles_are_no_news(given: dict[str, Any], announced_on: date | None) -> None:
    assert read(**given).announced_on == announced_on


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"published_online": parts(2026, 3, 2)}, datetime(2026, 3, 2, tzinfo=UTC)),
        ({"posted": parts(2026, 3, 1), "published_online": parts(2026, 3, 2)}, datetime(2026, 3, 1, tzinfo=UTC)),
        ({"published_online": parts(2026, 3)}, datetime(2026, 3, 4, 7, 30, tzinfo=UTC)),
        ({"issued": parts(2026, 5, 1)}, datetime(2026, 3, 4, 7, 30, tzinfo=UTC)),
        ({"created": None, "issued": parts(2026, 3, 1)}, None),
    ],
)
def test_paper_appeared_on_a_whole_day_that_is_not_ahead(given: dict[str, Any], expected: datetime | None) -> None:
    assert read(**given).submitted_at == expected


def test_number_of_the_publishers_names_its_page() -> None:
    listing = read(alternative_id=["S0123-4567(26)00017-3", "not one"])
    assert names(listing) == [
        ("doi", "10.5555/jir.17"),
        ("url", "https://www.sciencedirect.com/science/article/pii/S0123456726000173"),
    ]


def test_page_that_the_doi_leads_to_is_one_of_the_papers() -> None:
    listing = read(resource={"primary": {"URL": "http://jir.example.org/articles/17/"}})
    assert names(listing)[1:] == [("url", "https://jir.example.org/articles/17")]


@pytest.mark.parametrize(
    ("relation", "expected"),
    [
        (
            {"has-preprint": [{"id-type": "doi", "id": "10.1101/2026.01.01.000017"}]},
            [("doi", "10.1101/2026.01.01.000017")],
        ),
        ({"is-preprint-of": [{"id-type": "doi", "id": "10.5555/STONES.1"}]}, [("doi", "10.5555/stones.1")]),
        ({"is-version-of": [{"id-type": "doi", "id": "10.5555/jir.17"}]}, []),
        ({"has-preprint": [{"id-type": "doi", "id": "10.5555/a"}, {"id-type": "doi", "id": "10.5555/b"}]}, []),
        ({"has-preprint": [{"id-type": "uri", "id": "https://x.example"}]}, []),
        ({"references": [{"id-type": "doi", "id": "10.5555/a"}]}, []),
        ({"has-preprint": "x"}, []),
        (None, []),
    ],
)
def test_preprint_and_article_are_one_paper_where_one_is_named(
    relation: object, expected: list[tuple[str, str]]
) -> None:
    assert names(read(relation=relation)) == [("doi", "10.5555/jir.17"), *expected]


def test_preprint_at_arxiv_is_known_by_its_id() -> None:
    relation = {"has-preprint": [{"id-type": "doi", "id": "10.48550/arXiv.2603.00001"}]}
    assert names(read(relation=relation)) == [("arxiv", "2603.00001"), ("doi", "10.5555/jir.17")]


@pytest.mark.parametrize(
    ("doi", "kind", "version"),
    [
        ("10.21203/rs.3.rs-17/v1", "posted-content", 1),
        ("10.21203/rs.3.rs-17/v2", "posted-content", 2),
        ("10.20944/preprints202603.0017.v3", "posted-content", 3),
        ("10.26434/chemrxiv-2026-stone-v2", "posted-content", 2),
        ("10.31234/osf.io/stone_v4", "posted-content", 4),
        ("10.26434/chemrxiv-2026-stone", "posted-content", 1),
        ("10.5555/stones/v2", "journal-article", 1),
    ],
)
def test_version_of_a_preprint_is_in_its_doi(doi: str, kind: str, version: int) -> None:
    listing = read(DOI=doi, type=kind)
    assert listing.version == version
    assert listing.announce_type is (AnnounceType.REPLACE if version > 1 else AnnounceType.NEW)


@pytest.mark.parametrize(
    ("given", "venue"),
    [
        ({"container_title": ["Stones &amp; Water", "S&W"]}, "Stones & Water"),
        ({"container_title": [], "institution": [{"name": "Research Stones"}]}, "Research Stones"),
        ({"container_title": [], "group_title": "Geology"}, "Geology"),
        ({"container_title": []}, ""),
    ],
)
def test_venue_is_the_journal_or_the_server(given: dict[str, Any], venue: str) -> None:
    assert read(**given).venue == venue


@pytest.mark.parametrize(
    ("links", "pdf_url"),
    [
        (
            [{"URL": "https://jir.example.org/17.pdf", "content-type": "application/pdf"}],
            "https://jir.example.org/17.pdf",
        ),
        ([{"URL": "https://api.stones.example/17", "content-type": "application/pdf"}], ""),
        ([{"URL": "https://jir.example.org/17.xml", "content-type": "text/xml"}], ""),
        ([{"URL": "javascript:alert(1)", "content-type": "application/pdf"}], ""),
        (
            [
                {
                    "URL": "https://jir.example.org/check",
                    "content-type": "application/pdf",
                    "intended-application": "similarity-checking",
                },
                {"URL": "https://jir.example.org/17.pdf", "content-type": "application/pdf"},
            ],
            "https://jir.example.org/17.pdf",
        ),
        ("x", ""),
    ],
)
def test_pdf_is_one_that_people_can_open(links: object, pdf_url: str) -> None:
    assert read(link=links).pdf_url == pdf_url


def test_subjects_are_categories_once_each() -> None:
    assert read(subject=["Geology", "Water &amp; Ice", "Geology"]).categories == ("Geology", "Water & Ice")


def test_doi_with_odd_signs_makes_a_safe_address() -> None:
    listing = read(DOI='10.5555/a(b)<c>"d#1')
    assert listing.url == "https://doi.org/10.5555/a(b)%3Cc%3E%22d%231"
