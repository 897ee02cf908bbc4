import gzip
import io
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import pytest

from digest.sources import arxiv
from digest.sources.listing import AnnounceType, Identifier, Listing, Scheme, Skipped
from tests.digest.sources.make import make_arxiv_entry

FEED = {"title": "cs.CL updates on arXiv.org", "published": "Wed, 04 Mar 2026 00:00:00 -0500"}
FEEDS = Path(__file__).parents[4] / "shared" / "data" / "arxiv_feeds"
OLD_FEED = {"title": "hep-ex updates on arXiv.org", "updated": "2018-05-23T20:30:00-05:00"}
OLD_ENTRY = {
    "id": "http://arxiv.org/abs/1805.00017",
    "link": "http://arxiv.org/abs/1805.00017",
    "title": "How stones float. (arXiv:1805.00017v1 [hep-ex])",
    "summary": "<p>In the range $2.6&lt;\\eta&lt;4$ stones\nfloat.\n</p>\n",
    "authors": [
        {
            "name": '<a href="http://arxiv.org/find/hep-ex/1/au:+Lindgren_I/0">Ida Lindgren</a> (STONE Collaboration), '
            '<a href="http://arxiv.org/find/hep-ex/1/au:+Zhang_W/0">Wei Zhang</a>'
        }
    ],
}


def feedparsed(path: Path) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    found = feedparser.parse(io.BytesIO(gzip.decompress(path.read_bytes())), sanitize_html=False)
    return dict(found.feed), [dict(entry) for entry in found.entries]


def read_one(entry: dict[str, Any], feed: dict[str, Any] | None = None) -> Listing:
    parsed = arxiv.read(FEED if feed is None else feed, [entry])
    assert parsed.skipped == ()
    return parsed.listings[0]


def test_daily_rss_entry() -> None:
    assert read_one(make_arxiv_entry()) == Listing(
        title="On things that are not yet known",
        identifiers=(Identifier(Scheme.ARXIV, "2603.00001"),),
        abstract="We show that $n<p$ for all but finitely many cases.",
        authors=("Ida Lindgren", "Wei Zhang"),
        categories=("cs.CL", "math.AG"),
        url="https://arxiv.org/abs/2603.00001",
        pdf_url="https://arxiv.org/pdf/2603.00001",
        version=1,
        announce_type=AnnounceType.NEW,
        announced_on=date(2026, 3, 4),
    )


def test_daily_atom_entry_has_its_date_in_published_and_not_in_updated() -> None:
    entry = make_arxiv_entry(published="2026-03-04T00:00:00-05:00", updated="2026-03-05T05:00:02.941605+00:00")
    assert read_one(entry).announced_on == date(2026, 3, 4)


def test_announcement_is_a_day_in_eastern_time() -> None:
    assert read_one(make_arxiv_entry(published="Wed, 04 Mar 2026 04:59:00 +0000")).announced_on == date(2026, 3, 3)
    assert read_one(make_arxiv_entry(published="Wed, 04 Mar 2026 05:00:00 +0000")).announced_on == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("kind", "version", "expected"),
    [
        ("new", 1, AnnounceType.NEW),
        ("cross", 1, AnnounceType.CROSS),
        ("replace", 2, AnnounceType.REPLACE),
        ("replace-cross", 7, AnnounceType.REPLACE_CROSS),
    ],
)
def test_announce_type_and_version(kind: str, version: int, expected: AnnounceType) -> None:
    listing = read_one(make_arxiv_entry(kind=kind, version=version))
    assert (listing.announce_type, listing.version) == (expected, version)
    assert listing.identifiers == (Identifier(Scheme.ARXIV, "2603.00001"),)


def test_announce_type_from_the_text_where_the_element_is_missing() -> None:
    entry = make_arxiv_entry(kind="cross")
    del entry["arxiv_announce_type"]
    assert read_one(entry).announce_type is AnnounceType.CROSS


def test_unknown_announce_type_of_a_later_version_is_a_replacement() -> None:
    assert read_one(make_arxiv_entry(kind="sideways", version=2)).announce_type is AnnounceType.REPLACE
    assert read_one(make_arxiv_entry(kind="sideways")).announce_type is AnnounceType.NEW


@pytest.mark.parametrize(
    "abstract",
    [
        "for <s_1, ..., s_n> and $a<b$ with <i>no tag</i> in it",
        "Announce Type: new is what this abstract is about",
        "Abstract: nonsense, 10% of it, and Cauchy--Riemann",
        "two\nlines",
        "",
    ],
)
def test_nothing_of_an_abstract_is_lost(abstract: str) -> None:
    assert read_one(make_arxiv_entry(abstract=f"{abstract}\n")).abstract == abstract


def test_entities_that_authors_left_in_are_resolved_once() -> None:
    listing = read_one(make_arxiv_entry(title="R&amp;D", abstract="p &lt; 0.05 &amp;amp; &quot;x&quot; &eacute;"))
    assert listing.title == "R&D"
    assert listing.abstract == 'p < 0.05 &amp; "x" &eacute;'


def test_categories_of_other_schemes_are_dropped() -> None:
    terms = ["cs.CL", "I.2.7", "68T50, 68T07", "hep-th", "math.AG", "cond-mat.mes-hall", "physics.med-ph", "cs.CL"]
    entry = make_arxiv_entry(tags=[{"term": term} for term in (*terms, "Stones and water", "cs", "xx.YY", "J.3; K.4")])
    expected = ("cs.CL", "hep-th", "math.AG", "cond-mat.mes-hall", "physics.med-ph")
    assert read_one(entry).categories == expected


def test_authors_lose_their_affiliations() -> None:
    creator = "Ida Lindgren (Northern University, Aby), Wei Zhang (1 and 2), J. Casta\\~neda"
    expected = ("Ida Lindgren", "Wei Zhang", "J. Casta\\~neda")
    assert read_one(make_arxiv_entry(authors=[{"name": creator}])).authors == expected


def test_entry_without_authors_and_tags_is_kept() -> None:
    entry = make_arxiv_entry()
    del entry["authors"], entry["tags"]
    listing = read_one(entry)
    assert (listing.authors, listing.categories) == ((), ())


@pytest.mark.parametrize("place", ["id", "link"])
def test_identity_from_the_guid_or_the_link(place: str) -> None:
    entry = make_arxiv_entry(number="math.GT/0309136", version=3)
    entry["id" if place == "link" else "link"] = "nonsense"
    listing = read_one(entry)
    assert (listing.identifiers[0].value, listing.version) == ("math/0309136", 3)


def test_doi_is_a_second_identifier() -> None:
    listing = read_one(make_arxiv_entry(arxiv_doi="10.5555/JIR.17"))
    assert listing.identifiers[1:] == (Identifier(Scheme.DOI, "10.5555/jir.17"),)


def test_entry_that_names_no_arxiv_id_is_skipped() -> None:
    parsed = arxiv.read(FEED, [make_arxiv_entry(), {"title": "T", "link": "https://example.org/"}])
    assert len(parsed.listings) == 1
    assert parsed.skipped == (Skipped(2, "no arXiv identifier"),)


def test_old_rdf_entry() -> None:
    assert read_one(OLD_ENTRY, OLD_FEED) == Listing(
        title="How stones float",
        identifiers=(Identifier(Scheme.ARXIV, "1805.00017"),),
        abstract="In the range $2.6<\\eta<4$ stones float.",
        authors=("Ida Lindgren", "Wei Zhang"),
        categories=("hep-ex",),
        url="https://arxiv.org/abs/1805.00017",
        pdf_url="https://arxiv.org/pdf/1805.00017",
        announced_on=date(2018, 5, 23),
    )


@pytest.mark.parametrize(
    ("suffix", "kind", "version"),
    [
        ("(arXiv:1805.00017v1 [hep-ex])", AnnounceType.NEW, 1),
        ("(arXiv:1805.00017v1 [hep-ex] CROSS LISTED)", AnnounceType.CROSS, 1),
        ("(arXiv:1805.00017v3 [hep-ex] UPDATED)", AnnounceType.REPLACE, 3),
        ("(arXiv:1805.00017v2 [hep-ex])", AnnounceType.REPLACE, 2),
    ],
)
def test_old_rdf_titles_tell_kind_and_version(suffix: str, kind: AnnounceType, version: int) -> None:
    listing = read_one(OLD_ENTRY | {"title": f"Do stones (really) float? {suffix}"}, OLD_FEED)
    assert (listing.title, listing.announce_type, listing.version) == ("Do stones (really) float?", kind, version)


@pytest.mark.parametrize(
    ("feed", "entries", "expected"),
    [
        (FEED, [make_arxiv_entry()], date(2026, 3, 4)),
        (FEED, [], date(2026, 3, 4)),
        ({"updated": "2026-03-07T05:00:11Z"}, [], date(2026, 3, 7)),  # an empty Atom feed dates only its own making
        ({"updated": "2026-03-07T04:59:11Z"}, [], date(2026, 3, 6)),  # which is told in Eastern time
        ({"updated": "2026-03-05T05:00:11Z"}, [make_arxiv_entry()], date(2026, 3, 4)),
        ({**FEED, "updated": "Thu, 05 Mar 2026 05:00:02 +0000"}, [make_arxiv_entry()], date(2026, 3, 4)),
        (OLD_FEED, [OLD_ENTRY], date(2018, 5, 23)),
        (OLD_FEED, [], date(2018, 5, 23)),
        ({}, [make_arxiv_entry(published="")], None),
        ({"published": "soon", "updated": "later"}, [], None),
    ],
)
def test_batch_is_dated_by_its_announcement(
    feed: dict[str, Any], entries: list[dict[str, Any]], expected: date | None
) -> None:
    assert arxiv.read(feed, entries).announced_on == expected


def test_channel_that_claims_to_be_of_today_does_not_hide_the_batch_of_yesterday() -> None:
    claiming = {**FEED, "published": "Thu, 05 Mar 2026 00:00:00 -0500"}
    assert arxiv.read(claiming, [make_arxiv_entry()]).announced_on == date(2026, 3, 4)


def test_one_wrong_date_among_the_entries_does_not_date_the_batch() -> None:
    entries = [make_arxiv_entry(), make_arxiv_entry(), make_arxiv_entry(published="Fri, 04 Mar 2033 00:00:00 -0500")]
    assert arxiv.read({}, entries).announced_on == date(2026, 3, 4)
    assert arxiv.read(FEED, entries).announced_on == date(2026, 3, 4)


def test_entry_without_a_date_is_of_the_day_of_its_batch() -> None:
    assert read_one(make_arxiv_entry(published="")).announced_on == date(2026, 3, 4)


def test_withdrawn_paper_is_flagged_and_keeps_its_title() -> None:
    notice = "This paper has been withdrawn by the author due to an error"
    listing = read_one(make_arxiv_entry(title="Withdrawn: Stones", kind="replace", version=3, abstract=notice))
    assert (listing.title, listing.withdrawn, listing.version) == ("Stones", True, 3)
    assert listing.announce_type is AnnounceType.REPLACE


def test_paper_about_withdrawals_is_not_flagged() -> None:
    listing = read_one(make_arxiv_entry(title="Withdrawn drugs", abstract="We study drugs that were withdrawn."))
    assert (listing.title, listing.withdrawn) == ("Withdrawn drugs", False)


def test_four_announcements_of_one_paper_are_four_listings_of_one_identity() -> None:
    stated = [("new", 1), ("cross", 1), ("replace", 2), ("replace-cross", 2)]
    parsed = arxiv.read(FEED, [make_arxiv_entry(kind=kind, version=version) for kind, version in stated])
    assert {listing.identifiers for listing in parsed.listings} == {(Identifier(Scheme.ARXIV, "2603.00001"),)}
    assert [(listing.announce_type.value, listing.version) for listing in parsed.listings] == stated


def test_complaint_about_a_wrong_category() -> None:
    feed = {"title": "Feed error for query: http://rss.arxiv.org/rss/cs.XX", "subtitle": "Bad subject class 'XX'."}
    assert arxiv.complaint(feed, []) == "Bad subject class 'XX'."


def test_complaint_of_the_api_is_an_entry() -> None:
    entry = {"id": "https://arxiv.org/api/errors#incorrect_id", "title": "Error", "summary": "incorrect id format"}
    assert arxiv.complaint({"title": "arXiv Query"}, [entry]) == "incorrect id format"


def test_complaint_among_other_entries_is_heard() -> None:
    error = {"id": "http://export.arxiv.org/api/errors#start_must_be_an_integer"}
    assert arxiv.complaint({}, [make_arxiv_entry(), error]) == "unknown error"


def test_no_complaint_about_papers_or_a_quiet_day() -> None:
    assert arxiv.complaint(FEED, [make_arxiv_entry(title="Error")]) == ""
    assert arxiv.complaint(FEED, []) == ""


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("cs.CL updates on arXiv.org", "arXiv cs.CL"),
        ("cs.CL, cs.CV updates on arXiv.org", "arXiv"),
        ("hep-ex updates on the arXiv.org e-print archive", "arXiv hep-ex"),
        ("Somebody's mirror", "Somebody's mirror"),
    ],
)
def test_feed_is_called_what_people_call_it(title: str, name: str) -> None:
    assert arxiv.read({"title": title}, []).title == name


@pytest.mark.parametrize("name", ["2025-04-07__csCL+4", "2025-04-15__csCL+4", "2025-05-02__csSD+eessAS"])
def test_atom_and_rss_of_one_day_say_the_same(name: str) -> None:
    if not FEEDS.is_dir():
        pytest.skip("needs the arXiv feeds of ../shared/data")
    atom, rss = (arxiv.read(*feedparsed(FEEDS / f"{name}.{form}.xml.gz")) for form in ("atom", "rss"))
    assert atom == rss
    assert atom.announced_on == date.fromisoformat(name[:10])
    assert (len(atom.listings) > 0, atom.skipped) == (True, ())


def test_no_paper_of_the_real_feeds_is_taken_for_withdrawn() -> None:
    if not FEEDS.is_dir():
        pytest.skip("needs the arXiv feeds of ../shared/data")
    papers = [paper for path in FEEDS.glob("2025-04-1*.rss.xml.gz") for paper in arxiv.read(*feedparsed(path)).listings]
    assert [paper.title for paper in papers if paper.withdrawn] == []
