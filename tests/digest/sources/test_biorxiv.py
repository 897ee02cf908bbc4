import re
from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources import biorxiv
from digest.sources.listing import AnnounceType, Identifier, Listing, Parsed, Scheme, Skipped
from tests.digest.sources.make import ABSTRACT, make_posting

URL = "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json"


def answer(*records: object, **given: Any) -> dict[str, Any]:
    message = {"status": "ok", "cursor": 0, "count": len(records), "total": str(len(records))} | given
    return {"messages": [message], "collection": list(records)}


def read_one(**given: Any) -> Listing:
    parsed = biorxiv.read(answer(make_posting(**given)), url=URL)
    assert parsed.skipped == ()
    return parsed.listings[0]


def test_posting() -> None:
    assert biorxiv.read(answer(make_posting()), url=URL) == Parsed(
        kind="biorxiv",
        title="bioRxiv",
        url="",
        listings=(
            Listing(
                title="How stones float",
                identifiers=(Identifier(Scheme.DOI, "10.1101/2026.03.01.123456"),),
                abstract=ABSTRACT,
                authors=("I. Lindgren", "W. Zhang", "R. J. O'Hara"),
                categories=("cell biology",),
                url="https://www.biorxiv.org/content/10.1101/2026.03.01.123456v1",
                pdf_url="https://www.biorxiv.org/content/10.1101/2026.03.01.123456v1.full.pdf",
                venue="bioRxiv",
                announced_on=date(2026, 3, 4),
                submitted_at=datetime(2026, 3, 4, tzinfo=UTC),
            ),
        ),
        announced_on=date(2026, 3, 4),
    )


def test_medrxiv_is_another_server() -> None:
    listing = read_one(server="medRxiv", doi="10.64898/2026.03.01.26123456", category="nursing")
    assert listing.url == "https://www.medrxiv.org/content/10.64898/2026.03.01.26123456v1"
    assert (listing.venue, listing.categories) == ("medRxiv", ("nursing",))


def test_unknown_server_has_no_pages_of_its_own() -> None:
    listing = read_one(server="")
    assert (listing.url, listing.pdf_url) == ("https://doi.org/10.1101/2026.03.01.123456", "")


def test_later_version_is_a_replacement_and_says_nothing_of_the_first() -> None:
    listing = read_one(version="3", date="2026-3-6")
    assert (listing.version, listing.announce_type) == (3, AnnounceType.REPLACE)
    assert (listing.announced_on, listing.submitted_at) == (date(2026, 3, 6), None)
    assert listing.url.endswith("v3")


@pytest.mark.parametrize("version", ["", None, "x", "-1", "0", 1000, True, "99999999999999999999"])
def test_version_that_is_none_is_the_first(version: object) -> None:
    assert read_one(version=version).version == 1


def test_article_in_a_journal_is_the_same_paper() -> None:
    assert read_one(published="10.5555/JIR.17").identifiers == (
        Identifier(Scheme.DOI, "10.1101/2026.03.01.123456"),
        Identifier(Scheme.DOI, "10.5555/jir.17"),
    )


@pytest.mark.parametrize("published", ["NA", "", None, 17, "soon", "10.1101/2026.03.01.123456"])
def test_paper_that_no_journal_has_is_known_by_its_own_doi_alone(published: object) -> None:
    assert read_one(published=published).identifiers == (Identifier(Scheme.DOI, "10.1101/2026.03.01.123456"),)


@pytest.mark.parametrize(
    "given",
    [
        {"title": "WITHDRAWN: How stones float"},
        {"abstract": "This article has been withdrawn by its authors because the stones sank."},
        {"type": "WITHDRAWN"},
    ],
)
def test_withdrawn_paper_is_one(given: dict[str, Any]) -> None:
    listing = read_one(**given)
    assert (listing.withdrawn, listing.title) == (True, "How stones float")


def test_markup_and_line_breaks_become_plain_text() -> None:
    listing = read_one(
        title="How <i>stones</i>\nfloat &amp; sink", abstract="x &lt; y<sup>2</sup>", authors="Lamb, N.;"
    )
    assert (listing.title, listing.abstract, listing.authors) == ("How stones float & sink", "x < y²", ("N. Lamb",))


@pytest.mark.parametrize("record", [{}, None, "x", make_posting(doi=""), make_posting(doi=17)])
def test_record_without_a_doi_is_skipped(record: object) -> None:
    parsed = biorxiv.read(answer(make_posting(), record), url=URL)
    assert len(parsed.listings) == 1
    [skipped] = parsed.skipped
    assert (skipped.position, skipped.reason) == (2, "no DOI: ''")


def test_fields_of_unexpected_types_harm_nothing() -> None:
    listing = read_one(title=None, abstract=7, authors=["x"], date=20260304, category=None, server=None)
    assert (listing.title, listing.abstract, listing.authors, listing.announced_on) == ("", "", (), None)


@pytest.mark.parametrize("status", ["no posts found", "No posts found", "no articles found for 2026-03-01"])
def test_nothing_posted_is_no_error(status: str) -> None:
    payload = {"messages": [{"status": status}]}
    assert biorxiv.read(payload, url=URL) == Parsed(kind="biorxiv", title="bioRxiv", url="", listings=())


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ({}, "no answer of the bioRxiv API: it has no messages"),
        ([], "no answer of the bioRxiv API: it has no messages"),
        ({"messages": []}, "no answer of the bioRxiv API: it has no messages"),
        ({"messages": ["ok"]}, "no answer of the bioRxiv API: it has no messages"),
        ({"messages": [{}]}, "the bioRxiv API answers: no status"),
        ({"messages": [{"status": "error: no such server"}]}, "the bioRxiv API answers: error: no such server"),
        ({"messages": [{"status": "ok"}], "collection": 7}, "no answer of the bioRxiv API: its collection is no list"),
        (answer(total="130", cursor="60"), "the bioRxiv API answers no papers from 60 on, although there are 130"),
    ],
)
def test_what_is_no_answer_says_so(payload: object, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        biorxiv.read(payload, url=URL)


@pytest.mark.parametrize(
    ("given", "url", "expected"),
    [
        ({"total": "2"}, URL, ""),
        ({"total": 130}, URL, URL.replace("/0/", "/2/")),
        ({"total": "130", "cursor": "100"}, URL, URL.replace("/0/", "/102/")),
        ({"total": "130", "cursor": None}, URL.replace("/0/", "/60/"), URL.replace("/0/", "/62/")),
        ({"total": "130", "cursor": 128}, URL, ""),
        ({"total": "130"}, f"{URL}?category=cell_biology", f"{URL.replace('/0/', '/2/')}?category=cell_biology"),
        ({"total": "130"}, "https://api.biorxiv.org/details/biorxiv/2d", ""),
        ({"total": None}, URL, ""),
        ({"total": "many"}, URL, ""),
    ],
)
def test_next_page_begins_after_what_this_one_holds(given: dict[str, Any], url: str, expected: str) -> None:
    payload = answer(make_posting(), make_posting(doi="10.1101/2026.03.01.123457"), **given)
    assert biorxiv.read(payload, url=url).next_url == expected


@pytest.mark.parametrize(
    ("source_url", "expected"),
    [
        (
            "https://api.biorxiv.org/details/biorxiv",
            "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json",
        ),
        (
            "https://api.biorxiv.org/details/medrxiv/",
            "https://api.biorxiv.org/details/medrxiv/2026-03-01/2026-03-04/0/json",
        ),
        (
            "https://api.biorxiv.org/details/biorxiv?category=cell_biology",
            "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json?category=cell_biology",
        ),
        (
            "https://api.biorxiv.org/details/biorxiv/2020-01-01/2020-01-02/30/json",
            "https://api.biorxiv.org/details/biorxiv/2026-03-01/2026-03-04/0/json",
        ),
        ("https://api.biorxiv.org/pubs/biorxiv", "https://api.biorxiv.org/pubs/biorxiv"),
    ],
)
def test_first_page_asks_for_the_days_since(source_url: str, expected: str) -> None:
    assert biorxiv.page_url(source_url, date(2026, 3, 1), date(2026, 3, 4)) == expected


def test_first_page_never_asks_for_days_that_run_backwards() -> None:
    url = biorxiv.page_url("https://api.biorxiv.org/details/biorxiv", date(2026, 3, 9), date(2026, 3, 4))
    assert url == "https://api.biorxiv.org/details/biorxiv/2026-03-04/2026-03-04/0/json"


@pytest.mark.parametrize(
    ("url", "title"),
    [
        (URL, "bioRxiv"),
        (f"{URL}?category=cell_biology", "bioRxiv: cell biology"),
        (URL.replace("biorxiv/", "medrxiv/"), "medRxiv"),
        ("", "bioRxiv"),
    ],
)
def test_title_names_the_server_and_the_subject(url: str, title: str) -> None:
    assert biorxiv.read(answer(make_posting()), url=url).title == title


def test_one_bad_record_leaves_the_others() -> None:
    parsed = biorxiv.read(answer(None, make_posting()), url=URL)
    assert [listing.title for listing in parsed.listings] == ["How stones float"]
    assert parsed.skipped == (Skipped(1, "no DOI: ''"),)
