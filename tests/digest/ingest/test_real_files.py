"""Every real and every hostile file at hand through parsing and cleaning: rules that hold for all of them."""

import gzip
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from digest.ingest.clean import MAX_ABSTRACT, MAX_AUTHORS, MAX_CATEGORIES, MAX_TITLE, clean
from digest.ingest.parse import NotAFeed, ParseError, parse
from digest.sources.identifiers import MAX_URL
from digest.sources.latex import readable
from digest.sources.listing import Listing, Scheme, SignalKind

DATA = Path(__file__).parents[3].parent / "shared" / "data"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
FOLDERS = ("arxiv_api", "arxiv_oai", "hf_api", "hf_topic_pages", "hf_daily/raw_rss", "journals", "biorxiv", "pubmed")
MATHS = re.compile(r"\$[^$]*\$|\\[A-Za-z]+\{[^{}]*\}|\\[A-Za-z]+|\S*\\.\S*")
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the real input of ../shared/data")


def files(folder: str) -> list[Path]:
    return sorted(path for path in (DATA / folder).glob("*") if path.is_file())


def read(path: Path) -> list[Listing]:
    """Return the cleaned papers of a file, each of them fit to be stored."""
    found = [clean(listing) for listing in parse(path.read_bytes(), now=NOW).listings]
    listings = [listing for listing in found if isinstance(listing, Listing)]
    for listing in listings:
        assert_storable(listing)
    return listings


def outcome(path: Path) -> tuple[list[Listing], str]:
    """Return the papers of a file and "", or none and the kind of its error."""
    try:
        return read(path), ""
    except ParseError as error:
        return [], error.kind


def assert_storable(listing: Listing) -> None:
    assert 0 < len(listing.title) <= MAX_TITLE
    assert len(listing.abstract) <= MAX_ABSTRACT
    assert len(listing.authors) <= MAX_AUTHORS
    assert len(listing.categories) <= MAX_CATEGORIES
    for text in (listing.title, listing.abstract, listing.venue, *listing.authors, *listing.categories):
        assert text == " ".join(text.split())
        assert not re.search("[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", text)
    for url in (listing.url, listing.pdf_url):
        assert not url or (url.startswith(("https://", "http://")) and len(url) <= MAX_URL)
    assert listing.identifiers == tuple(sorted(listing.identifiers, key=lambda one: list(Scheme).index(one.scheme)))
    assert all(0 < len(identifier.value) <= MAX_URL for identifier in listing.identifiers)
    assert listing.announced_on is None or listing.announced_on <= (NOW + timedelta(days=1)).date()


def papers(listings: list[Listing]) -> int:
    return len({listing.identifiers[0] for listing in listings})


# What EXPECTED.json says of a file, and what follows for its papers. Rules about storing, mailing or fetching are not
# among them.
RULES: list[tuple[str, Callable[[re.Match[str], list[Listing]], bool]]] = [
    (r"(\d+) entry(?:, | \"|$)", lambda rule, found: len(found) == int(rule[1])),
    (r"(\d+) entries, \d+ skipped", lambda rule, found: len(found) == int(rule[1])),
    (r"1 entry or error", lambda _, found: len(found) <= 1),
    (r"(?:.*: )?(\d+) papers\b(?!, error)", lambda rule, found: papers(found) == int(rule[1])),
    (r"(\d+) Paper \(arXiv base id", lambda rule, found: papers(found) == int(rule[1])),
    (r".*drop entry", lambda _, found: found == []),
    (r"(?:link = )?(https://\S+)$", lambda rule, found: [listing.url for listing in found] == [rule[1]]),
    (r"(\d{4}-\d\d-\d\d)$", lambda rule, found: str(found[0].announced_on) == rule[1]),
    (r"missing|treated as missing|clamped to now", lambda _, found: found[0].announced_on is None),
    (r".*link dropped", lambda _, found: {listing.url for listing in found} == {""}),
    (r".*entries without link or dropped", lambda _, found: {listing.url for listing in found} <= {""}),
    (r"\"([^\"]+)\"$", lambda rule, found: found[0].title == rule[1]),
    (r"\d+ entry \"([^\"]+)\"", lambda rule, found: found[0].title == rule[1]),
    (r"no text lost: (\$\S+\$)", lambda rule, found: rule[1] in found[0].title),
    (r".*<=50 tags", lambda _, found: [len(listing.categories) for listing in found] == [50]),
]


def test_hostile_files_have_the_outcome_that_is_expected_of_them() -> None:
    expected: dict[str, str] = json.loads((DATA / "feeds_nasty" / "EXPECTED.json").read_text())
    checked = 0
    for name, rule in expected.items():
        found, kind = outcome(DATA / "feeds_nasty" / name)
        if kind:
            checked += 1
            assert "error" in rule, name
            assert kind in rule or not re.search("not_a_feed|empty_body", rule), name
            continue
        assert not rule.startswith(("error", "0 papers, error")), name
        told = [(match, holds) for pattern, holds in RULES if (match := re.match(pattern, rule))]
        checked += len(told)
        assert all(holds(match, found) for match, holds in told), (name, rule, found)
    assert len(expected) == 53
    assert checked >= 35


@pytest.mark.parametrize("folder", FOLDERS)
def test_real_files_are_read_or_are_no_feeds(folder: str) -> None:
    outcomes = [outcome(path) for path in files(folder)]
    allowed = {"arxiv_oai": {"not_a_feed"}, "pubmed": {"not_a_feed", ""}, "arxiv_api": {"source_error", ""}}
    assert {kind for _, kind in outcomes} == allowed.get(folder, {""})
    assert sum(len(found) for found, _ in outcomes) >= (0 if folder == "arxiv_oai" else 15)


@pytest.mark.parametrize("corpus", ["feedparser", "gofeed"])
def test_malformed_files_never_raise_anything_but_a_parse_error(corpus: str) -> None:
    kinds = [outcome(path)[1] for path in files(f"feeds_malformed/{corpus}")[::10]]
    assert len(kinds) > 80
    assert set(kinds) <= {"", "not_a_feed", "broken_feed", "empty_body"}


@pytest.mark.parametrize("path", sorted(DATA.glob("arxiv_feeds/2025*.rss.xml.gz"))[::6], ids=lambda path: path.name)
def test_arxiv_announcements_are_read_letter_for_letter(path: Path) -> None:
    body = gzip.decompress(path.read_bytes())
    listings = parse(body).listings
    items = list(ET.fromstring(body).iter("item"))  # noqa: S314 - our own copy
    assert len(listings) == len(items)
    for listing, item in zip(listings, items, strict=True):
        said = item.findtext("description", "").partition("Abstract: ")[2].strip()
        assert listing.abstract == said.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        assert listing.title == item.findtext("title", "").replace("&amp;", "&")
        assert listing.identifiers[0].value == item.findtext("link", "").rpartition("/")[2]
        assert listing.categories
        assert listing.announced_on is not None
        assert str(listing.announced_on) == path.name[:10]


def test_latex_of_a_real_day_becomes_text_and_loses_none() -> None:
    [body] = [gzip.decompress(path.read_bytes()) for path in files("arxiv_feeds") if "05-07__csCL" in path.name]
    texts = [text for listing in parse(body).listings for text in (listing.title, listing.abstract)]
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
        parse((DATA / "feeds_nasty" / "html_error_page.xml").read_bytes())
