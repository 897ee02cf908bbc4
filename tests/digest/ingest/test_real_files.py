"""Every real and every malformed file at hand through the guarded reader: rules that hold for all of them."""

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from digest.ingest.clean import MAX_ABSTRACT, MAX_AUTHORS, MAX_CATEGORIES, MAX_TITLE
from digest.ingest.document import NotAFeed, ParseError, SourceError, unpacked
from digest.ingest.guarded import read_guarded
from digest.ingest.store import store
from digest.models import Paper
from digest.sources.identifiers import MAX_URL
from digest.sources.latex import readable
from digest.sources.listing import Listing, Parsed, Scheme, SignalKind
from tests.digest.ingest.readable import readable_entries
from tests.make import make_source

DATA = Path(__file__).parents[3].parent / "shared" / "data"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
REAL = (
    *("arxiv_feeds", "arxiv_api", "arxiv_oai", "hf_api", "hf_daily/raw_rss", "hf_topic_pages"),
    *("journals", "biorxiv", "pubmed"),
)
MALFORMED = ("feeds_malformed/feedparser", "feeds_malformed/gofeed")
NAMELESS = "neither a title nor an address"
# Nothing but three signs of a broken encoding, and nothing but an address that leads nowhere.
UNREADABLE = {
    "tests__encoding__bozo_double-encoded-html.xml",
    "tests__encoding__double-encoded-html.xml",
    "tests__wellformed__rss__item_guid_isPermaLink_ValueError.xml",
}
MATHS = re.compile(r"\$[^$]*\$|\\[A-Za-z]+\{[^{}]*\}|\\[A-Za-z]+|\S*\\.\S*")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the real input of ../shared/data")


def files(folder: str) -> list[Path]:
    return sorted(path for path in (DATA / folder).glob("*") if path.is_file())


@cache
def parsed(path: Path) -> Parsed:
    """Return what a file holds, each listing fit to be stored."""
    found = read_guarded(path.read_bytes(), kind=None, now=NOW)
    for listing in found.listings:
        assert_storable(listing)
    return found


def read(path: Path) -> tuple[Listing, ...]:
    return parsed(path).listings


def outcome(path: Path) -> tuple[tuple[Listing, ...], str]:
    """Return the papers of a file and "", or none and the kind of its error."""
    try:
        return read(path), ""
    except ParseError as error:
        return (), error.kind


def assert_plain(text: str) -> None:
    assert text == " ".join(text.split())
    assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", text)


def assert_storable(listing: Listing) -> None:
    assert 0 < len(listing.title) <= MAX_TITLE
    assert len(listing.abstract) <= MAX_ABSTRACT
    assert len(listing.authors) <= MAX_AUTHORS
    assert len(listing.categories) <= MAX_CATEGORIES
    for text in (listing.title, listing.abstract, listing.venue, *listing.authors, *listing.categories):
        assert_plain(text)
    for url in (listing.url, listing.pdf_url):
        assert not url or (url.startswith(("https://", "http://")) and len(url) <= MAX_URL)
    assert listing.identifiers == tuple(sorted(listing.identifiers, key=lambda one: list(Scheme).index(one.scheme)))
    assert all(0 < len(identifier.value) <= MAX_URL for identifier in listing.identifiers)
    assert listing.announced_on is None or listing.announced_on <= (NOW + timedelta(days=1)).date()


def ingested(folder: str) -> list[Paper]:
    """Store what all files of a folder hold, and return the papers."""
    source = make_source(kind="feed")
    for path in files(folder):
        store(outcome(path)[0], source=source, now=NOW)
    return list(Paper.objects.all())


@pytest.mark.parametrize("folder", REAL)
def test_real_files_are_read_or_are_no_feeds(folder: str) -> None:
    outcomes = [outcome(path) for path in files(folder)]
    allowed = {"arxiv_api": {"source_error", ""}, "arxiv_feeds": {"source_error", ""}, "pubmed": {"not_a_feed", ""}}
    assert {kind for _, kind in outcomes} == allowed.get(folder, {""})
    assert sum(len(found) for found, _ in outcomes) >= 15


def test_snapshots_of_a_whole_year_are_no_answer_of_a_source() -> None:
    assert {outcome(path)[1] for path in files("hf_daily")} <= {"not_a_feed", "broken_feed"}


@pytest.mark.parametrize("folder", MALFORMED)
def test_malformed_files_never_raise_anything_but_a_parse_error(folder: str) -> None:
    kinds = Counter(outcome(path)[1] for path in files(folder))
    assert kinds.keys() <= {"", "not_a_feed", "broken_feed", "empty_body"}
    assert kinds[""] > 500


@pytest.mark.parametrize("folder", [*REAL, *MALFORMED])
def test_no_entry_that_a_person_could_read_is_lost(folder: str) -> None:
    lost = {path.name: missing for path in files(folder) if (missing := entries_lost(path)) > 0}
    assert lost.keys() <= UNREADABLE


def entries_lost(path: Path) -> int:
    """Return how many entries of a feed are neither listed nor skipped for what they say."""
    body = path.read_bytes()
    try:
        found = parsed(path)
        count = readable_entries(unpacked(body))
    except SourceError:
        return 0  # its one entry says what is wrong
    except ParseError:
        return readable_entries(body)
    return count - len(found.listings) - sum(item.reason != NAMELESS for item in found.skipped)


@pytest.mark.django_db
@pytest.mark.parametrize("folder", [*REAL, *MALFORMED])
def test_what_is_stored_of_all_files_is_plain_and_leads_to_the_web(folder: str) -> None:
    papers = ingested(folder)
    assert len(papers) >= 10
    for paper in papers:
        for text in (paper.title, paper.abstract, paper.venue, *paper.authors, *paper.categories):
            assert_plain(text)
        assert paper.title
        assert re.fullmatch(r"(https?://[!-~]+)?", paper.url)
        assert re.fullmatch(r"(https?://[!-~]+)?", paper.pdf_url)


@pytest.mark.parametrize("path", sorted(DATA.glob("arxiv_feeds/2025*.rss.xml.gz"))[::6], ids=lambda path: path.name)
def test_arxiv_announcements_are_read_letter_for_letter(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    listings = read(path)
    items = list(ET.fromstring(body).iter("item"))  # noqa: S314 - our own copy
    assert len(listings) == len(items)
    for listing, item in zip(listings, items, strict=True):
        said = item.findtext("description", "").partition("Abstract: ")[2].strip()
        said = said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert listing.abstract == " ".join(said.split())
        assert listing.title == " ".join(item.findtext("title", "").replace("&amp;", "&").split())
        assert listing.identifiers[0].value == item.findtext("link", "").rpartition("/")[2]
        assert listing.categories
        assert listing.announced_on is not None
        assert str(listing.announced_on) == path.name[:10]


def test_latex_of_a_real_day_becomes_text_and_loses_none() -> None:
    [path] = [path for path in files("arxiv_feeds") if "05-07__csCL" in path.name]
    texts = [text for listing in read(path) for text in (listing.title, listing.abstract)]
    changed = [(text, readable(text)) for text in texts if readable(text) != text]
    left = [after for _, after in changed if re.search(r"\\[A-Za-z]|\$[^$]*\\", after)]
    assert len(texts) > 600
    assert len(changed) > 40
    assert len(left) <= len(changed) * 0.02
    for before, after in changed:
        plain = re.findall(r"[A-Za-z]{4,}", MATHS.sub(" ", before.replace("\n", " ")))
        assert [word for word in plain if word not in after] == []


def test_daily_papers_are_all_there_with_their_signals() -> None:
    for path in files("hf_api"):
        items: list[dict[str, Any]] = json.loads(path.read_text())
        listings = read(path)
        assert len(listings) == len(items)
        for listing, item in zip(listings, items, strict=True):
            stated = {reading.kind: reading.value for reading in listing.readings}
            assert stated[SignalKind.UPVOTES] == item["paper"]["upvotes"]
            assert stated.get(SignalKind.STARS) == item["paper"].get("githubStars")
            assert str(listing.announced_on) == path.stem.removeprefix("daily_papers_")


def test_topic_pages_are_pairs_of_titles_and_abstracts() -> None:
    listings = [listing for path in files("hf_topic_pages") for listing in read(path)]
    assert len(listings) == 798
    assert all(listing.abstract for listing in listings)
    assert max(len(listing.title) for listing in listings) < 200


@pytest.mark.parametrize(
    ("pattern", "dois", "abstracts", "authors"),
    [
        ("dakesan__nature*", 1.0, 0.2, 0.8),
        ("*068db33d20974d850dfe786514d3f70a*", 1.0, 0.95, 0.95),
        ("*2150d69c452159c003d91353ddfb76a0*", 1.0, 0.0, 1.0),
        ("*academic.oup.com*", 1.0, 0.95, 1.0),
        ("*cambridge.org*", 1.0, 0.8, 0.8),
    ],
)
def test_journals_say_what_their_publishers_put_in(pattern: str, dois: float, abstracts: float, authors: float) -> None:
    listings = [listing for path in sorted((DATA / "journals").glob(pattern)) for listing in read(path)]
    count = len(listings)
    assert count >= 13
    assert sum(listing.identifiers[0].scheme is Scheme.DOI for listing in listings) >= dois * count
    assert sum(bool(listing.abstract) for listing in listings) >= abstracts * count
    assert sum(bool(listing.authors) for listing in listings) >= authors * count
    assert all(listing.venue != listing.title for listing in listings)
    assert all(listing.announced_on for listing in listings)


def test_error_pages_are_named_as_such() -> None:
    with pytest.raises(NotAFeed, match="not a feed but a page titled"):
        parsed(DATA / "feeds_nasty" / "html_error_page.xml")
