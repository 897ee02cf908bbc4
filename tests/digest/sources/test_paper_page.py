import json
from datetime import date
from typing import Any

import pytest

from digest.sources.listing import Identifier, Listing, Scheme
from digest.sources.paper_page import NO_PAPER, read
from tests.digest.sources.make import ABSTRACT, NOW

URL = "https://jir.example.org/articles/1"
PAGE = Identifier(Scheme.URL, URL)


def page(*tags: tuple[str, str], inside: str = "", attribute: str = "name") -> bytes:
    metas = "".join(f'<meta {attribute}="{name}" content="{said}">' for name, said in tags)
    return f"<!doctype html><html><head><title>x</title>{metas}{inside}</head><body><p>Text</body></html>".encode()


def linked_data(*things: Any) -> bytes:
    scripts = "".join(f'<script type="application/ld+json">{json.dumps(thing)}</script>' for thing in things)
    return page(inside=scripts)


def paper(found: bytes, url: str = URL) -> Listing:
    [listing] = read(found, url=url, now=NOW).listings
    return listing


def test_highwire_tags_are_read() -> None:
    found = paper(
        page(
            ("citation_title", "What comes &lt;i&gt;back&lt;/i&gt;"),
            ("citation_author", "Lindgren, Ida"),
            ("citation_author", "Wei Zhang"),
            ("citation_doi", "doi:10.5555/JIR.1"),
            ("citation_pmid", "0123"),
            ("citation_publication_date", "2026/03/04"),
            ("citation_abstract", ABSTRACT),
            ("citation_journal_title", "Journal of Invented Results"),
            ("citation_pdf_url", "/articles/1.pdf"),
        )
    )
    assert found == Listing(
        title="What comes back",
        identifiers=(Identifier(Scheme.DOI, "10.5555/jir.1"), Identifier(Scheme.PMID, "123"), PAGE),
        abstract=ABSTRACT,
        authors=("Ida Lindgren", "Wei Zhang"),
        url=URL,
        pdf_url="https://jir.example.org/articles/1.pdf",
        venue="Journal of Invented Results",
        announced_on=date(2026, 3, 4),
    )


@pytest.mark.parametrize(
    "tags",
    [
        [("citation_title", "Stones"), ("citation_authors", "Lindgren, Ida; Zhang, Wei")],
        [
            ("bepress_citation_title", "Stones"),
            ("bepress_citation_author", "Lindgren, Ida"),
            ("bepress_citation_author", "Wei Zhang"),
        ],
        [("DC.Title", "Stones"), ("DC.Creator", "Lindgren, Ida"), ("DC.Creator", "Wei Zhang")],
        [("dcterms.title", "Stones"), ("dcterms.creator", "Ida Lindgren"), ("dcterms.creator", "Wei Zhang")],
        [("dc.creator.personalname", "Ida Lindgren"), ("dc.creator.personalname", "Wei Zhang"), ("dc.title", "Stones")],
        [("og:type", "article"), ("og:title", "Stones"), ("author", "Ida Lindgren"), ("author", "Wei Zhang")],
    ],
)
@pytest.mark.parametrize("attribute", ["name", "property"])
def test_other_vocabularies_are_read(tags: list[tuple[str, str]], attribute: str) -> None:
    found = paper(page(*tags, attribute=attribute))
    assert (found.title, found.authors) == ("Stones", ("Ida Lindgren", "Wei Zhang"))


@pytest.mark.parametrize("wrap", [lambda thing: thing, lambda thing: [thing], lambda thing: {"@graph": [7, thing]}])
@pytest.mark.parametrize("kind", ["ScholarlyArticle", ["Article", "Thing"], "Thesis"])
def test_linked_data_is_read(wrap: Any, kind: Any) -> None:
    thing = {
        "@type": kind,
        "headline": "Stones",
        "author": [{"name": "Ida Lindgren"}, "Wei Zhang", {"name": 7}, "https://example.org/people/3"],
        "sameAs": ["https://doi.org/10.5555/jir.1"],
        "datePublished": "2026-03-04",
        "description": ABSTRACT,
        "isPartOf": {"name": "Journal of Invented Results"},
    }
    found = paper(linked_data(wrap(thing)))
    assert (found.title, found.authors) == ("Stones", ("Ida Lindgren", "Wei Zhang"))
    assert found.identifiers == (Identifier(Scheme.DOI, "10.5555/jir.1"), PAGE)
    assert (found.abstract, found.venue) == (ABSTRACT, "Journal of Invented Results")
    assert found.announced_on == date(2026, 3, 4)


def test_what_one_vocabulary_leaves_out_another_fills() -> None:
    tags = [("citation_title", "Stones"), ("citation_author", "Ida Lindgren"), ("dc.identifier", "10.5555/jir.1")]
    found = paper(page(*tags, ("og:description", ABSTRACT), ("dc.date", "2026-03-04")))
    assert (found.abstract, found.announced_on) == (ABSTRACT, date(2026, 3, 4))
    assert found.identifiers[0] == Identifier(Scheme.DOI, "10.5555/jir.1")


def test_arxiv_id_that_a_page_names_is_the_papers() -> None:
    tags = [("citation_title", "Stones"), ("citation_author", "Ida"), ("citation_arxiv_id", "2603.00001")]
    assert paper(page(*tags)).identifiers[0] == Identifier(Scheme.ARXIV, "2603.00001")


@pytest.mark.parametrize("said", ["2026", "2026/03", "2027-01-01", "0001-01-01", "soon"])
def test_date_that_names_no_day_of_the_past_is_none(said: str) -> None:
    tags = [("citation_title", "Stones"), ("citation_author", "Ida"), ("citation_publication_date", said)]
    assert paper(page(*tags)).announced_on is None


@pytest.mark.parametrize(
    "found",
    [
        b"",
        b"\0",
        b"no page at all",
        b"<html></html>",
        b"<html><head><title>News</title></head><body><h1>News</h1></body></html>",
        page(("citation_title", "Stones")),
        page(("citation_author", "Ida Lindgren")),
        page(("og:type", "website"), ("og:title", "Shop"), ("author", "Ida")),
        page(("og:type", "article"), ("og:title", "News"), ("article:author", "https://example.org/ida")),
        page(inside='<script type="application/ld+json">{broken</script>'),
        page(inside=f'<script type="application/ld+json">{"[" * 100_000}</script>'),
        linked_data({"@type": "NewsArticle", "headline": "News", "author": {"name": "Ida"}}),
        linked_data(7, None, "x", {"@graph": 7}, {"@type": {"a": 1}}, {"@type": "Article", "author": {"name": [1]}}),
    ],
)
def test_page_that_states_no_paper_is_refused(found: bytes) -> None:
    with pytest.raises(ValueError, match=NO_PAPER):
        read(found, url=URL, now=NOW)


def test_pdf_is_refused() -> None:
    with pytest.raises(ValueError, match="this is a PDF, which cannot be read here"):
        read(b"%PDF-1.7\n%\xe2\xe3", url=URL, now=NOW)


def test_entities_of_a_page_stand_for_nothing() -> None:
    bomb = "<!DOCTYPE html [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
        f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    tags = '<meta name="citation_title" content="&i;"><meta name="citation_author" content="Ida">'
    assert paper(f"{bomb}]><html><head>{tags}</head></html>".encode()).title == "&i;"
    outside = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    assert paper(f"{outside}<html><head>{tags.replace('&i;', '&x;')}</head></html>".encode()).title == "&x;"


def test_page_of_very_many_tags_is_read_as_far_as_it_counts() -> None:
    authors = [("citation_author", f"Author {number}") for number in range(30_000)]
    found = paper(page(("citation_title", "Stones"), *authors))
    assert len(found.authors) == 1999


def test_page_that_is_nested_too_deeply_is_read_as_far_as_that_goes() -> None:
    tags = [("citation_title", "Stones"), ("citation_author", "Ida")]
    assert paper(page(*tags) + b"<div>" * 200_000).title == "Stones"


def test_page_in_another_encoding_is_read_as_it_says_itself() -> None:
    tags = '<meta name="citation_title" content="Stöne"><meta name="citation_author" content="Å">'
    assert paper(f'<html><head><meta charset="iso-8859-1">{tags}</head></html>'.encode("latin-1")).title == "Stöne"


def test_address_of_a_pdf_that_is_no_web_address_is_left_out() -> None:
    tags = [("citation_title", "Stones"), ("citation_author", "Ida")]
    for link in ("javascript:alert(7)", "http://[broken", "ftp://x.example.org/a.pdf"):
        assert paper(page(*tags, ("citation_pdf_url", link))).pdf_url == ""
