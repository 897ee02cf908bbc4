from datetime import UTC, date, datetime
from typing import Any

import pytest

from digest.sources import feed
from digest.sources.listing import Identifier, Listing, Parsed, Scheme, Skipped
from tests.digest.sources.make import ABSTRACT, CITATION, NOW, make_entry, make_feed


def read(*entries: dict[str, Any], base: str = "", **about: Any) -> Parsed:
    return feed.read(make_feed(**about), list(entries), base=base, now=NOW)


def read_one(base: str = "", **given: Any) -> Listing:
    parsed = read(make_entry(**given), base=base)
    assert parsed.skipped == ()
    return parsed.listings[0]


def identifiers(**given: Any) -> list[tuple[str, str]]:
    return [(identifier.scheme.value, identifier.value) for identifier in read_one(**given).identifiers]


def test_journal_entry() -> None:
    entry = make_entry(
        prism_doi="10.5555/JIR.17",
        prism_publicationname="Journal of Invented Results",
        prism_publicationdate="2026-03-01",
        prism_section="Stones",
        tags=[{"term": "Water"}, {"term": "Stones"}],
        links=[{"rel": "alternate", "type": "application/pdf", "href": "https://jir.example.org/17.pdf"}],
    )
    assert read(entry).listings == (
        Listing(
            title="What comes back",
            identifiers=(
                Identifier(Scheme.DOI, "10.5555/jir.17"),
                Identifier(Scheme.URL, "https://jir.example.org/articles/17"),
            ),
            abstract=ABSTRACT,
            authors=("Ida Lindgren", "Wei Zhang"),
            categories=("Stones", "Water"),
            url="https://jir.example.org/articles/17",
            pdf_url="https://jir.example.org/17.pdf",
            venue="Journal of Invented Results",
            announced_on=date(2026, 3, 3),
            submitted_at=datetime(2026, 3, 1, tzinfo=UTC),
        ),
    )


@pytest.mark.parametrize(
    ("about", "minutes"),
    [
        ({}, 0),
        ({"ttl": "120"}, 120),
        ({"ttl": " 60 "}, 60),
        ({"ttl": "0"}, 0),
        ({"ttl": "-5"}, 0),
        ({"ttl": "soon"}, 0),
        ({"ttl": "1.5"}, 0),
        ({"ttl": "99999999"}, 0),
        ({"ttl": "9" * 5000}, 0),
        ({"ttl": 17}, 0),
        ({"sy_updateperiod": "hourly", "sy_updatefrequency": "1"}, 60),
        ({"sy_updateperiod": "daily", "sy_updatefrequency": "2"}, 720),
        ({"sy_updateperiod": "Weekly"}, 10_080),
        ({"sy_updateperiod": "monthly", "sy_updatefrequency": "0"}, 43_200),
        ({"sy_updateperiod": "daily", "sy_updatefrequency": "often"}, 1440),
        ({"sy_updateperiod": "yearly"}, 0),
        ({"sy_updatefrequency": "4"}, 0),
        ({"ttl": "30", "sy_updateperiod": "daily"}, 30),
    ],
)
def test_feed_says_how_long_it_wants_to_be_left_alone(about: dict[str, Any], minutes: int) -> None:
    assert feed.read(make_feed(**about), [], now=NOW).ttl_minutes == minutes


@pytest.mark.parametrize(
    "given",
    [
        {"title": "RETRACTED: What comes back"},
        {"title": "WITHDRAWN: What comes back"},
        {"summary": f"This article has been withdrawn by its authors. {ABSTRACT[:100]}"},
    ],
)
def test_paper_that_was_taken_back_is_known_as_such(given: dict[str, Any]) -> None:
    listing = read_one(**given)
    assert listing.title == "What comes back"
    assert listing.withdrawn is bool("title" in given or listing.abstract)


def test_abstract_that_is_stated_as_one_may_be_short() -> None:
    assert read_one(stated_abstract="<p>Stones float.</p>", summary=ABSTRACT).abstract == "Stones float."


def test_pdf_in_an_element_of_its_own() -> None:
    assert read_one(pdf_url="https://jir.example.org/17.pdf").pdf_url == "https://jir.example.org/17.pdf"


@pytest.mark.parametrize(
    ("about", "venue"),
    [
        ({"title": "Stones: Table of Contents"}, "Stones"),
        ({"title": "Journal of Stones", "generator": "Open Journal Systems 3"}, "Journal of Stones"),
        ({"title": "Papers that I like"}, ""),
        ({"title": None}, ""),
    ],
)
def test_feed_is_named_after_a_journal_where_that_is_sure(about: dict[str, Any], venue: str) -> None:
    assert read(make_entry(), **about).listings[0].venue == venue


def test_feed_with_nothing_in_it_is_a_feed() -> None:
    parsed = feed.read(make_feed(title="Stones &amp; <i>Water</i>"), [], now=NOW)
    assert parsed == Parsed(kind="feed", title="Stones & Water", url="", listings=())


@pytest.mark.parametrize(
    "given",
    [
        {"prism_doi": "10.5555/jir.17"},
        {"dc_identifier": "doi:10.5555/JIR.17"},
        {"dc_identifier": "https://doi.org/10.5555/jir.17"},
        {"doi": "10.5555/jir.17"},
        {"id": "10.5555/jir.17"},
        {"id": "zh:doi:10.5555/jir.17"},
        {"link": "https://jir.example.org/doi/full/10.5555/jir.17?af=R"},
        {"summary": "JIR 17: 117-122 DOI: 10.5555/jir.17. All rights reserved."},
        {"summary": '<p>Stones, Published online; <a href="https://x.example">doi:10.5555/jir.17</a></p>'},
    ],
)
def test_doi_wherever_publishers_put_it(given: dict[str, Any]) -> None:
    assert identifiers(**given)[0] == ("doi", "10.5555/jir.17")


def test_doi_that_an_abstract_merely_mentions_is_not_taken() -> None:
    assert identifiers(summary=f"{ABSTRACT} See 10.5555/other.18 for more.")[0][0] == "url"


def test_pubmed_entry() -> None:
    listing = read_one(
        id="pubmed:34000017",
        link="https://pubmed.ncbi.nlm.nih.gov/34000017/?utm_source=x&fc=20260304&ff=20260304080000&v=2.17",
        dc_identifier="doi:10.5555/jir.17",
        dc_source="Journal of invented results",
        summary="CONCLUSIONS: Most of it comes back.",
        content=[
            {"value": f"<div><p>J Inv Res. 2026 Mar 4. doi: 10.5555/jir.17.</p><p><b>ABSTRACT</b></p>{ABSTRACT}</div>"}
        ],
        updated="2026-03-04",
    )
    assert listing.identifiers == (Identifier(Scheme.DOI, "10.5555/jir.17"), Identifier(Scheme.PMID, "34000017"))
    assert listing.url == "https://pubmed.ncbi.nlm.nih.gov/34000017/"
    assert (listing.venue, listing.abstract) == ("Journal of invented results", ABSTRACT)


def test_biorxiv_entry() -> None:
    entry = make_entry(
        title="\n  How stones float\n",
        link="\n  http://biorxiv.org/cgi/content/short/2026.03.01.123456v1?rss=1\n",
        id="http://biorxiv.org/cgi/content/short/2026.03.01.123456v1?rss=1",
        dc_identifier="doi:10.1101/2026.03.01.123456",
        authors=[{"name": "LAMB, N., Zhang, W., O'Hara, R. J."}],
        updated="2026-03-02",
        published=None,
    )
    [listing] = read(entry, prism_publicationname="bioRxiv").listings
    assert listing.title == "How stones float"
    assert listing.identifiers == (
        Identifier(Scheme.DOI, "10.1101/2026.03.01.123456"),
        Identifier(Scheme.URL, "https://biorxiv.org/cgi/content/short/2026.03.01.123456v1"),
    )
    assert listing.authors == ("N. LAMB", "W. Zhang", "R. J. O'Hara")
    assert (listing.venue, listing.announced_on) == ("bioRxiv", date(2026, 3, 2))


def test_elsevier_entry_has_its_authors_in_the_text() -> None:
    blob = (
        "<p>Publication date: March 2026</p><p><b>Source:</b> Journal of Stones, Volume 17</p>"
        "<p>Author(s): Ida Lindgren, Wei Zhang</p>"
    )
    listing = read_one(title="How <em>stones</em> float", summary=blob, authors=None, published=None)
    assert (listing.title, listing.authors) == ("How stones float", ("Ida Lindgren", "Wei Zhang"))
    assert (listing.abstract, listing.announced_on) == ("", None)


def test_authors_in_the_text_end_where_the_next_field_begins() -> None:
    text = f"<p>Authors: Ida Lindgren, Wei Zhang</p><p>Abstract: {ABSTRACT}</p>"
    listing = read_one(summary=text, authors=[])
    assert (listing.authors, listing.abstract) == (("Ida Lindgren", "Wei Zhang"), ABSTRACT)


def test_text_after_authors_that_is_no_list_of_names_is_not_taken() -> None:
    assert read_one(summary=f"Authors: {ABSTRACT}", authors=[]).authors == ()


def test_the_feeds_own_author_is_nobodys() -> None:
    parsed = read(make_entry(authors=None), authors=[{"name": "The Editors"}], author="The Editors")
    assert parsed.listings[0].authors == ()


def test_last_creator_is_not_the_only_author() -> None:
    assert read_one(author="Wei Zhang").authors == ("Ida Lindgren", "Wei Zhang")


def test_arxiv_link_in_another_feed_is_arxivs_paper() -> None:
    listing = read_one(link="https://arxiv.org/abs/2603.00001v3", id="https://arxiv.org/abs/2603.00001v3")
    assert listing.identifiers == (Identifier(Scheme.ARXIV, "2603.00001"),)
    assert (listing.url, listing.pdf_url, listing.version) == (
        "https://arxiv.org/abs/2603.00001",
        "https://arxiv.org/pdf/2603.00001",
        3,
    )


def test_number_that_only_looks_like_an_arxiv_id_is_none() -> None:
    assert identifiers(id="2603.00001") == [("url", "https://jir.example.org/articles/17")]


def test_guid_that_all_entries_share_is_nobodys() -> None:
    guid = "https://jir.example.org/feed"
    entries = [make_entry(title=f"Paper {n}", link=f"https://jir.example.org/{n}", id=guid) for n in range(20)]
    found = [listing.identifiers for listing in read(*entries).listings]
    assert found == [(Identifier(Scheme.URL, f"https://jir.example.org/{n}"),) for n in range(20)]


def test_link_to_the_journal_is_nobodys_address() -> None:
    entries = [make_entry(title=f"Paper {n}", link="https://jir.example.org/", id=f"urn:{n}") for n in range(2)]
    schemes = {identifier.scheme for listing in read(*entries).listings for identifier in listing.identifiers}
    assert schemes == {Scheme.TITLE}
    assert [listing.url for listing in read(*entries).listings] == ["https://jir.example.org/"] * 2


def test_entry_listed_twice_keeps_its_address() -> None:
    found = [listing.identifiers for listing in read(make_entry(), make_entry()).listings]
    assert found == [(Identifier(Scheme.URL, "https://jir.example.org/articles/17"),)] * 2


def test_guid_that_changes_with_each_fetch_does_not_matter() -> None:
    link = "https://jir.example.org/articles/17?utm_source=rss&ff=20260304"
    first, second = (identifiers(link=link, id=f"urn:uuid:{n}") for n in (1, 2))
    assert first == second == [("url", "https://jir.example.org/articles/17")]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "", "mailto:a@b.example"]
)
def test_links_that_are_no_web_addresses_are_dropped(link: str) -> None:
    listing = read_one(link=link, id="urn:17", links=[{"type": "application/pdf", "href": link}])
    assert (listing.url, listing.pdf_url) == ("", "")
    assert [identifier.scheme for identifier in listing.identifiers] == [Scheme.TITLE]


def test_relative_links_are_relative_to_the_feed() -> None:
    listing = read_one(base="https://jir.example.org/feeds/new.xml", link="../articles/17", id="17")
    assert listing.url == "https://jir.example.org/articles/17"
    assert listing.identifiers == (Identifier(Scheme.URL, "https://jir.example.org/articles/17"),)


def test_guid_that_feedparser_took_for_a_link_is_no_relative_link() -> None:
    assert read_one(base="https://jir.example.org/feeds/new.xml", link="17", id="17").url == ""


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("S<sub>N</sub>2 in CO<sub>2</sub>", "SN2 in CO2"),
        ("Erd&#337;s &amp;amp; R&eacute;nyi", "Erdős & Rényi"),
        ("Bounds for $n<p$ and $a &lt; b$ with x<y>z", "Bounds for $n<p$ and $a < b$ with x<y>z"),
        ("<p><strong>How stones float</strong></p>", "How stones float"),
        ("[ASAP] How stones float", "How stones float"),
        ("&path; good", "&path; good"),
    ],
)
def test_titles_become_plain_text(title: str, expected: str) -> None:
    assert read_one(title=title).title == expected


def test_entry_without_title_opens_with_its_text() -> None:
    assert read_one(title="", summary="Only a few words").title == "Only a few words"
    assert read_one(title="", summary=ABSTRACT).title == " ".join(ABSTRACT.split()[:12]) + "…"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"title": "", "link": "", "id": "", "summary": ""}, "neither a title nor an address"),
        ({"title": None, "link": None, "id": None, "summary": None}, "neither a title nor an address"),
        ({"title": "&lol9;"}, "nothing but unresolved entities in the title: &lol9;"),
        ({"title": "Editorial Board"}, "front matter: Editorial Board"),
        ({"title": "Erratum"}, "a notice about another paper: Erratum"),
    ],
)
def test_entries_that_are_no_papers_are_skipped(given: dict[str, Any], reason: str) -> None:
    parsed = read(make_entry(), make_entry(**given))
    assert len(parsed.listings) == 1
    assert parsed.skipped == (Skipped(2, reason),)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, date(2026, 3, 3)),
        ({"published": "2026-3-3"}, date(2026, 3, 3)),
        ({"published": "Tue, 03 Mar 2026 23:30:00 -0500"}, date(2026, 3, 3)),
        ({"published": None, "updated": "2026-03-02"}, date(2026, 3, 2)),
        ({"published": "03/06/2026", "updated": "2026-03-02"}, date(2026, 3, 2)),
        ({"published": "Fri, 01 Jan 2099 00:00:00 GMT"}, None),
        ({"published": "Mon, 01 Jan 0001 00:00:00 GMT"}, None),
        ({"published": "30 Feb 2026 10:00:00 GMT"}, None),
        ({"published": "06/03/2026"}, None),
        ({"published": None}, None),
    ],
)
def test_dates_that_are_none_make_no_announcement(given: dict[str, Any], expected: date | None) -> None:
    assert read_one(**given).announced_on == expected


@pytest.mark.parametrize("stated", ["2026-03", "2099-01-01", "soon"])
def test_unusable_publication_date_leaves_the_entrys_own(stated: str) -> None:
    assert read_one(prism_publicationdate=stated).submitted_at == datetime(2026, 3, 3, 8, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"prism_publicationname": "Journal of Stones"}, "Journal of Stones"),
        ({"prism_publicationtitle": "Journal of Stones &amp; Water"}, "Journal of Stones & Water"),
        ({"prism_publicationname": "What comes back", "dc_source": "Journal of Stones"}, "Journal of Stones"),
        ({"dc_source": "Stones, Published online: 2026-03-04; | doi:10.5555/jir.17"}, ""),
        ({"source": {"title": "Journal of Stones", "href": "https://j.example.org"}}, "Journal of Stones"),
        ({"source": "https://j.example.org"}, ""),
        ({}, ""),
    ],
)
def test_venue_is_a_journal_and_not_a_title_or_a_citation(given: dict[str, Any], expected: str) -> None:
    assert read_one(**given).venue == expected


@pytest.mark.parametrize("summary", ["Journal of Invented Results, Volume 17", CITATION, "", None])
def test_citation_is_no_abstract(summary: str | None) -> None:
    assert read_one(summary=summary).abstract == ""


def test_fields_of_unexpected_types_harm_nothing() -> None:
    listing = read_one(authors="", tags="x", content="y", links=17, summary={"a": 1}, published=17, source=["z"])
    assert (listing.title, listing.authors, listing.categories, listing.abstract) == ("What comes back", (), (), "")
