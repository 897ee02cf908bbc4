"""Each publisher's peculiarities, from an entry as its feed has it to the listing that is read from it."""

from datetime import date
from typing import Any

import pytest

from digest.sources import feed
from digest.sources.listing import Identifier, Listing, Scheme
from digest.sources.publishers import PUBLISHERS, adjusted
from digest.sources.publishers.elsevier import page, pii
from tests.digest.growth import LINEAR, growth
from tests.digest.sources.make import ABSTRACT, NOW, make_entry, make_feed

DOI = Identifier(Scheme.DOI, "10.5555/jir.17")


def read(*, about: dict[str, Any] | None = None, **given: Any) -> Listing:
    bare: dict[str, Any] = {"id": "", "authors": [], "summary": "", "published": None, "title": "How stones float"}
    feed_of = make_feed(**(about or {"title": "A feed"}))
    parsed = feed.read(feed_of, [make_entry(**(bare | given))], now=NOW)
    assert parsed.skipped == ()
    return parsed.listings[0]


def test_entry_of_no_known_publisher_stays_as_it_is() -> None:
    entry = make_entry()
    assert adjusted(entry) is entry


@pytest.mark.parametrize("value", [None, "", 17, [], {}, ["x"], [{}], {"a": 1}])
def test_fields_of_unexpected_types_harm_no_publisher(value: object) -> None:
    hosts: tuple[str, ...] = (
        "sciencedirect.com/pii/",
        "onlinelibrary.wiley.com/",
        "tandfonline.com/",
        "nature.com/",
        "link.aps.org/",
    )
    hosts += ("pubs.rsc.org/", "zookeys.pensoft.net/", "ieeexplore.ieee.org/", "biorxiv.org/content/10.1101/1.1v1")
    for host in hosts:
        entry = dict.fromkeys(("id", "authors", "summary", "content", "title", "prism_doi", "published"), value)
        assert adjusted({**entry, "link": f"https://www.{host}"})["link"] == f"https://www.{host}"


# Elsevier

BLOB = (
    "<p>Publication date: {date}</p><p><b>Source:</b> Journal of Stones, Volume 17, Issue 2</p>"
    "<p>Author(s): Ida Lindgren, Wei Zhang</p>"
)
PII = "S0123456726000173"


@pytest.mark.parametrize(
    ("stated", "announced_on"),
    [
        ("3 March 2026", date(2026, 3, 3)),
        ("Available online 3 March 2026", date(2026, 3, 3)),
        ("March 2026", None),
        ("May–June 2026", None),
        ("15 June 2026", None),
    ],
)
def test_elsevier_has_date_journal_and_authors_in_one_text(stated: str, announced_on: date | None) -> None:
    listing = read(
        link=f"https://www.sciencedirect.com/science/article/pii/{PII}?dgcid=rss", summary=BLOB.format(date=stated)
    )
    assert (listing.venue, listing.authors) == ("Journal of Stones", ("Ida Lindgren", "Wei Zhang"))
    assert (listing.abstract, listing.announced_on) == ("", announced_on)
    assert listing.identifiers == (Identifier(Scheme.URL, page(PII)),)


def test_elseviers_text_is_known_by_its_form_wherever_it_stands() -> None:
    listing = read(summary=BLOB.format(date="March 2026"), published="Tue, 03 Mar 2026 08:30:00 GMT")
    assert (listing.venue, listing.announced_on) == ("Journal of Stones", date(2026, 3, 3))


def test_cell_press_is_elsevier_with_an_abstract() -> None:
    listing = read(link="https://www.cell.com/stones/fulltext/S0123-4567(26)00017-3?rss=yes", summary=ABSTRACT)
    assert Identifier(Scheme.URL, page(PII)) in listing.identifiers
    assert listing.abstract == ABSTRACT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PII, PII),
        ("s0123-4567(26)00017-x", "S012345672600017X"),
        (f"https://linkinghub.elsevier.com/retrieve/pii/{PII}", PII),
        (f"https://www.sciencedirect.com/science/article/abs/pii/{PII}#b1", PII),
        (f"https://www.sciencedirect.com/science/article/abs/pii/{PII}9", None),
        (f"https://stones.example/pii/{PII}", None),
        ("https://www.sciencedirect.com/journal/stones", None),
        ("S012345672600017", None),
        ("", None),
    ],
)
def test_pii_is_found_in_its_spellings(text: str, expected: str | None) -> None:
    assert pii(text) == expected


# Wiley, and others on the same platform


@pytest.mark.parametrize("issue", ["EarlyView", "Volume 17, Issue 2, Page 1-9, March 2026", "Ahead of Print"])
def test_wiley_has_the_journal_for_a_summary_and_the_abstract_in_the_content(issue: str) -> None:
    listing = read(
        link="https://onlinelibrary.wiley.com/doi/10.5555/jir.17?af=R",
        id="10.5555/jir.17",
        summary=f"Journal of Stones, {issue}.",
        content=[{"value": f"<h2>Abstract</h2><p>{ABSTRACT}</p>"}],
    )
    assert (listing.venue, listing.abstract, listing.identifiers) == ("Journal of Stones", ABSTRACT, (DOI,))
    assert listing.url == "https://onlinelibrary.wiley.com/doi/10.5555/jir.17"


def test_wiley_without_content_keeps_a_summary_that_is_no_citation() -> None:
    assert read(link="https://onlinelibrary.wiley.com/doi/10.5555/jir.17", summary=ABSTRACT).abstract == ABSTRACT


@pytest.mark.parametrize("heading", ["", "Abstract", "Significance"])
def test_citation_before_an_abstract_names_the_journal(heading: str) -> None:
    listing = read(
        link="https://www.stones.example/doi/abs/10.5555/jir.17?af=R",
        summary=f"Proceedings of the Stones, Volume 17, Issue 2, March 2026. <br />{heading}{ABSTRACT}",
    )
    assert (listing.venue, listing.abstract, listing.identifiers) == ("Proceedings of the Stones", ABSTRACT, (DOI,))


def test_taylor_and_francis_has_the_title_in_the_journals_place() -> None:
    listing = read(
        link="https://www.tandfonline.com/doi/full/10.5555/jir.17?af=R",
        prism_publicationname="How stones <i>float</i>",
        dc_source="Journal of Stones",
        summary="Volume 17, Issue 2, March 2026, Page 163-175<br/>. <br/>",
    )
    assert (listing.venue, listing.abstract, listing.identifiers) == ("Journal of Stones", "", (DOI,))


# Nature

ARTICLE = "https://www.nature.com/articles/s41586-026-00017-1"
NEWS = "https://www.nature.com/articles/d41586-026-00018-2"


def test_nature_has_the_doi_in_its_address_and_the_citation_before_the_abstract() -> None:
    lead = f'<p>Nature, Published online: 03 March 2026; <a href="{ARTICLE}">doi:10.1038/s41586-026-00017-1</a></p>'
    listing = read(link=ARTICLE, summary=lead + ABSTRACT, content=[{"value": lead + ABSTRACT}])
    assert listing.identifiers[0] == Identifier(Scheme.DOI, "10.1038/s41586-026-00017-1")
    assert listing.abstract == ABSTRACT


def test_news_among_articles_are_no_papers() -> None:
    entries = [make_entry(link=ARTICLE, id=ARTICLE), make_entry(link=NEWS, id=NEWS, title="A stone in the news")]
    parsed = feed.read(make_feed(), entries, now=NOW)
    assert [listing.url for listing in parsed.listings] == [ARTICLE]
    assert [(one.position, one.reason) for one in parsed.skipped] == [(2, "news, no paper: A stone in the news")]


def test_feed_of_news_alone_is_what_its_subscribers_want() -> None:
    parsed = feed.read(make_feed(), [make_entry(link=NEWS, id=NEWS)], now=NOW)
    assert [listing.url for listing in parsed.listings] == [NEWS]


@pytest.mark.parametrize("path", ["podcast/stones-2026", "articles/old", ""])
def test_other_pages_of_nature_have_no_doi(path: str) -> None:
    assert read(link=f"https://www.nature.com/{path}").identifiers[0].scheme is Scheme.URL


# PubMed

PUBMED = (
    '<div><p style="color: #4aa564;">J Stones. 2026 Mar 4. doi: 10.5555/jir.17.</p><p><b>ABSTRACT</b></p>'
    '<p xmlns:x="http://x.example"><b>AIMS:</b> {abstract}</p>'
    '<p style="color: lightgray">PMID:<a href="https://pubmed.ncbi.nlm.nih.gov/34000017/">34000017</a> | DOI</p></div>'
)


def read_pubmed(**given: Any) -> Listing:
    link = "https://pubmed.ncbi.nlm.nih.gov/34000017/?utm_source=x&fc=20260304&ff=20260304080000&v=2.18"
    return read(**({"id": "pubmed:34000017", "link": link, "dc_identifier": "doi:10.5555/jir.17"} | given))


def test_pubmed_has_the_whole_abstract_in_the_content() -> None:
    listing = read_pubmed(
        summary=f"CONCLUSIONS: {ABSTRACT} {ABSTRACT}", content=[{"value": PUBMED.format(abstract="Stones float.")}]
    )
    assert listing.abstract == "AIMS: Stones float."
    assert listing.identifiers == (DOI, Identifier(Scheme.PMID, "34000017"))
    assert listing.url == "https://pubmed.ncbi.nlm.nih.gov/34000017/"


def test_pubmed_without_an_abstract_has_none() -> None:
    citation = PUBMED.partition("<p><b>")[0] + "</div>"
    assert read_pubmed(summary=ABSTRACT, content=[{"value": citation}]).abstract == ""


def test_pubmed_without_content_has_its_summary() -> None:
    assert read_pubmed(summary=ABSTRACT).abstract == ABSTRACT


def test_pubmed_announces_on_the_day_it_took_the_paper_in() -> None:
    listing = read_pubmed(published="Wed, 04 Mar 2026 06:00:00 -0500", updated="2026-01-01")
    assert listing.announced_on == date(2026, 3, 4)


# Societies


def test_american_physical_society_has_authors_abstract_and_citation_in_one_text() -> None:
    listing = read(
        link="http://link.aps.org/doi/10.5555/jir.17",
        summary=f"Author(s): Ida Lindgren, Tomas Berg, and Wei Zhang<br /><p>{ABSTRACT}</p><br />"
        "[Phys. Rev. Lett. 136, 100017] Published Tue Mar 03, 2026",
    )
    assert listing.authors == ("Ida Lindgren", "Tomas Berg", "Wei Zhang")
    assert (listing.abstract, listing.venue, listing.identifiers[0]) == (ABSTRACT, "Phys. Rev. Lett.", DOI)


def test_american_physical_society_in_another_form_stays_as_it_is() -> None:
    assert read(link="http://link.aps.org/doi/10.5555/jir.17", summary=ABSTRACT).abstract == ABSTRACT


def test_american_chemical_society_says_asap_and_cites_the_journal() -> None:
    listing = read(
        title="[ASAP] How stones float",
        link="http://dx.doi.org/10.1021/jir.6c00017",
        summary='<p><img alt="TOC Graphic" src="x.gif" /></p><div><cite>Journal of Stones</cite></div><div>DOI</div>',
    )
    assert (listing.title, listing.venue, listing.abstract) == ("How stones float", "Journal of Stones", "")


def test_royal_society_of_chemistry_has_everything_in_one_text() -> None:
    listing = read(
        link="http://pubs.rsc.org/en/Content/ArticleLanding/2026/SC/D6SC00017E",
        summary="<div><i><b>Stone Sci.</b></i>, 2026, Advance Article<br /><b>DOI</b>: 10.1039/D6SC00017E, Paper</div>"
        f"<div>Open Access</div><div>Ida Lindgren, Wei Zhang<br />{ABSTRACT}<br />To cite this article before page "
        "numbers are assigned, use the DOI.<br />The content of this RSS Feed (c) The Royal Society of Chemistry</div>",
    )
    assert (listing.venue, listing.authors) == ("Stone Sci.", ("Ida Lindgren", "Wei Zhang"))
    assert (listing.abstract, listing.identifiers[0].value) == (ABSTRACT, "10.1039/d6sc00017e")


def test_ieee_has_all_authors_in_one_element() -> None:
    listing = read(
        link="http://ieeexplore.ieee.org/document/17",
        authors="Ida Lindgren;Wei Zhang",
        summary=ABSTRACT,
        about={"title": "IEEE Transactions on Stones - new TOC"},
    )
    assert (listing.authors, listing.venue) == (("Ida Lindgren", "Wei Zhang"), "IEEE Transactions on Stones")


# Pensoft, PLOS, Oxford, OJS


def test_pensoft_labels_its_paragraphs() -> None:
    listing = read(
        link="https://stonekeys.pensoft.net/article/17/",
        summary="<p>StoneKeys 185: 117-122</p>\n\t<p>DOI: 10.3897/stonekeys.185.17</p>\n\t"
        "<p>Authors: Ida Lindgren, Wei Zhang</p>\n\t<p>Abstract: A new <i>stone</i>: it floats.</p>\n\t"
        '<p><a href="https://stonekeys.pensoft.net/article/17/">HTML</a></p>\n\t'
        '<p><a href="https://stonekeys.pensoft.net/article/17/download/pdf/">PDF</a></p>',
    )
    assert (listing.venue, listing.abstract) == ("StoneKeys", "A new stone: it floats.")
    assert listing.authors == ("Ida Lindgren", "Wei Zhang")
    assert listing.identifiers[0].value == "10.3897/stonekeys.185.17"
    assert listing.pdf_url == "https://stonekeys.pensoft.net/article/17/download/pdf/"


def test_plos_has_the_authors_before_the_abstract_and_the_journal_in_the_doi() -> None:
    listing = read(
        link="https://journals.plos.org/plosbiology/article?id=10.1371/journal.pbio.3000017",
        id="10.1371/journal.pbio.3000017",
        content=[{"value": f"<p>by Ida Lindgren, Wei Zhang</p>\n\n{ABSTRACT}"}],
    )
    assert (listing.venue, listing.authors) == ("PLOS Biology", ("Ida Lindgren", "Wei Zhang"))
    assert (listing.abstract, listing.identifiers[0].value) == (ABSTRACT, "10.1371/journal.pbio.3000017")


def test_oxford_has_surnames_first_and_the_journal_in_the_feeds_name() -> None:
    listing = read(
        link="https://academic.oup.com/stones/article/17/1/1/17?rss=1",
        authors=[{"name": "García-Lindgren I, Zhang W, et al."}],
        summary=f'<span class="paragraphSection"><div class="boxTitle">Abstract</div>{ABSTRACT}</span>',
        about={"title": "Journal of Stones Advance Access", "generator": "Silverchair"},
    )
    assert listing.authors == ("I García-Lindgren", "W Zhang")
    assert (listing.venue, listing.abstract) == ("Journal of Stones", ABSTRACT)


def test_ojs_wraps_its_titles_and_names_its_feed_after_the_journal() -> None:
    listing = read(
        title="<p><strong>How <em>stones</em> float</strong></p>",
        authors=[{"name": "Ida Lindgren, Wei Zhang"}],
        about={"title": "Beiträge zur Steinkunde", "generator": "OJS 3.3.0.8"},
    )
    assert (listing.title, listing.venue) == ("How stones float", "Beiträge zur Steinkunde")
    assert listing.authors == ("Ida Lindgren", "Wei Zhang")


# bioRxiv and medRxiv


@pytest.mark.parametrize(
    ("link", "doi"),
    [
        ("http://biorxiv.org/cgi/content/short/2025.03.01.123456v2?rss=1", "10.1101/2025.03.01.123456"),
        ("https://www.biorxiv.org/content/10.64898/2026.03.01.123456v1", "10.64898/2026.03.01.123456"),
        ("https://www.biorxiv.org/content/early/123456v1", "10.1101/123456"),
    ],
)
def test_biorxiv_has_its_doi_in_its_address(link: str, doi: str) -> None:
    listing = read(link=link)
    assert (listing.identifiers[0], listing.venue) == (Identifier(Scheme.DOI, doi), "bioRxiv")


def test_biorxivs_newer_numbers_do_not_tell_the_doi() -> None:
    listing = read(link="http://medrxiv.org/cgi/content/short/2026.03.01.26123456v1?rss=1")
    assert ([one.scheme for one in listing.identifiers], listing.venue) == ([Scheme.URL], "medRxiv")
    stated = read(link=listing.url, dc_identifier="doi:10.64898/2026.03.01.26123456")
    assert stated.identifiers[0].value == "10.64898/2026.03.01.26123456"


def test_biorxivs_search_results_have_the_authors_in_their_html() -> None:
    people = (("Ida", "Lindgren"), ("Wei", "Zhang"))
    html = ", ".join(
        f'<span><span class="nlm-given-names">{given}</span> <span class="nlm-surname">{family}</span></span>'
        for given, family in people
    )
    listing = read(link="https://www.biorxiv.org/content/10.1101/2025.03.01.123456v1", summary=f"<div>{html}</div>")
    assert listing.authors == ("Ida Lindgren", "Wei Zhang")


# Citations and relays


def test_citation_of_crossrefs_data_has_authors_and_journal() -> None:
    summary = "Ida Lindgren, Wei Zhang<br/>Journal of Stones, vol. 17, issue 3, pp. 1-9<br/>DOI: 10.5555/jir.17"
    listing = read(summary=summary, source={"title": "Stones Current Issue"})
    assert (listing.authors, listing.venue) == (("Ida Lindgren", "Wei Zhang"), "Journal of Stones")
    assert (listing.identifiers[0], listing.abstract) == (DOI, "")
    assert read(summary=f"{summary}<br/>{ABSTRACT}").abstract == ABSTRACT


def test_copernicus_has_title_authors_and_citation_before_its_summary() -> None:
    listing = read(
        summary="<b>How stones float</b><br />\nIda Lindgren and Wei Zhang<br />\n"
        f"Stones, 17, 1–9, https://doi.org/10.5194/stones-17-1-2026, 2026<br />\n{ABSTRACT}"
    )
    assert (listing.authors, listing.venue) == (("Ida Lindgren", "Wei Zhang"), "Stones")
    assert (listing.identifiers[0].value, listing.abstract) == ("10.5194/stones-17-1-2026", ABSTRACT)


def test_copernicus_without_its_breaks_has_its_summary_after_the_citation() -> None:
    listing = read(
        summary="How stones float Ida Lindgren and Wei Zhang Stone Dyn., 17, 1–9, "
        f"https://doi.org/10.5194/stones-17-1-2026, 2026 {ABSTRACT}"
    )
    assert (listing.identifiers[0].value, listing.abstract) == ("10.5194/stones-17-1-2026", ABSTRACT)


def test_chinese_list_labels_the_journal_and_repeats_the_title_before_the_authors() -> None:
    listing = read(title="石头为什么会浮", summary="期刊：石头研究<br/>等级：A3<br/>石头为什么会浮 李小龙，王芳")
    assert (listing.venue, listing.authors) == ("石头研究", ("李小龙", "王芳"))
    assert read(title="石头", summary="期刊：石头研究<br/>等级：A3").authors == ()
    assert read(title="石头研究", summary="期刊：石头研究<br/>等级：A3<br/>石头研究 2026年第7期").authors == ()


@pytest.mark.parametrize(
    ("name", "venue"),
    [
        ("ScienceDirect Publication: Journal of Stones", "Journal of Stones"),
        ("Wiley: Journal of Stones: Table of Contents", "Journal of Stones"),
        ("Recent Articles in Phys. Rev. Stones", "Phys. Rev. Stones"),
        ("Stones: Latest Articles (ACS Publications)", "Stones"),
        ("RSC - Stone Sci. latest articles", "Stone Sci."),
        ("Stones", "Stones"),
        ("cs.ST updates on arXiv.org", ""),
    ],
)
def test_relay_puts_its_feeds_before_titles_and_in_the_authors_place(name: str, venue: str) -> None:
    listing = read(title=f"[{name}] How stones float", authors=[{"name": name}])
    assert (listing.title, listing.venue, listing.authors) == ("How stones float", venue, ())


def test_relay_of_a_publishers_entry_is_read_like_the_publishers() -> None:
    name = "ScienceDirect Publication: Journal of Stones"
    listing = read(
        title=f"[{name}] How stones float", authors=[{"name": name}], summary=BLOB.format(date="3 March 2026")
    )
    assert (listing.title, listing.authors) == ("How stones float", ("Ida Lindgren", "Wei Zhang"))


def test_brackets_that_are_the_authors_own_stay() -> None:
    title = "[2+2] stones"
    assert read(title=title, authors=[{"name": "Ida Lindgren"}]).title == title


@pytest.mark.parametrize("publisher", PUBLISHERS, ids=lambda publisher: publisher.__name__.rpartition(".")[2])
@pytest.mark.parametrize(
    "piece", ["<p>", "<br>", "<div>", "Author(s): <br>", "<i><b>x", "a, vol. 1", "Published online:"]
)
def test_time_for_hostile_texts_grows_with_their_length(publisher: Any, piece: str) -> None:
    def read_one(text: str) -> object:
        entry = make_entry(summary=text, title=text, link=f"https://pubs.rsc.org/{text}", content=[{"value": text}])
        publisher.recognises(entry)
        return publisher.adjusted(entry)

    assert growth(read_one, piece, 500) < LINEAR
