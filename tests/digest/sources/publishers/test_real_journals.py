"""The journals at hand, read whole: what each publisher's feed is known to tell, and what is left out and why."""

import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.ingest.document import NotAFeed
from digest.ingest.parse import parse
from digest.sources.listing import Parsed, Scheme

DATA = Path(__file__).parents[4].parent / "shared" / "data"
NOW = datetime(2026, 11, 20, tzinfo=UTC)
REASONS = r"front matter: .+|a notice about another paper: .+|news, no paper: .+|nothing but unresolved entities .+"
pytestmark = pytest.mark.skipif(not DATA.exists(), reason="needs the real input of ../shared/data")


def read(pattern: str) -> list[Parsed]:
    found = []
    for path in sorted(DATA.glob(pattern)):
        try:
            found.append(parse(path.read_bytes(), kind="feed", now=NOW))
        except NotAFeed:
            assert path.parent.name == "pubmed"
    assert found
    return found


@pytest.mark.parametrize(
    ("pattern", "papers", "told"),
    [
        ("journals/dakesan__nature*", 135, {"doi": 1.0, "abstract": 0.6, "authors": 1.0, "venue": 1.0}),
        ("journals/wduverger__nature*", 100, {"doi": 1.0, "abstract": 0.75}),
        ("journals/fengziclassmate*", 526, {"doi": 1.0, "authors": 0.99, "venue": 1.0}),
        ("journals/*068db33d*", 100, {"doi": 1.0, "abstract": 1.0, "authors": 1.0, "venue": 1.0, "pdf": 1.0}),
        ("journals/*zookeys*", 99, {"doi": 1.0, "abstract": 1.0, "authors": 1.0, "venue": 1.0, "pdf": 1.0}),
        ("journals/*2150d69c*", 86, {"doi": 1.0, "authors": 1.0, "venue": 1.0}),
        ("journals/*academic.oup.com*", 13, {"doi": 1.0, "abstract": 1.0, "authors": 1.0, "venue": 1.0}),
        ("journals/*cambridge.org*", 15, {"doi": 1.0, "abstract": 0.8, "authors": 0.8, "venue": 1.0}),
        ("journals/*examples__ce*", 9, {"abstract": 1.0, "authors": 1.0, "venue": 1.0}),
        ("journals/Xiaotian*", 199, {"venue": 0.88, "authors": 0.49, "date": 1.0}),
        ("journals/asdfghjchen-hub__zhongguo-gongye*", 65, {"authors": 1.0, "venue": 1.0}),
        ("biorxiv/*", 171, {"doi": 1.0, "authors": 1.0, "venue": 1.0, "date": 1.0}),
        ("pubmed/*", 15, {"doi": 1.0, "pmid": 1.0, "abstract": 1.0, "authors": 1.0, "venue": 1.0, "date": 1.0}),
    ],
)
def test_publishers_tell_what_they_are_known_to_tell(pattern: str, papers: int, told: dict[str, float]) -> None:
    listings = [listing for parsed in read(pattern) for listing in parsed.listings]
    assert len(listings) == papers
    counts: Counter[str] = Counter()
    for listing in listings:
        schemes = {identifier.scheme for identifier in listing.identifiers}
        counts["doi"] += Scheme.DOI in schemes
        counts["pmid"] += Scheme.PMID in schemes
        counts["abstract"] += bool(listing.abstract)
        counts["authors"] += bool(listing.authors)
        counts["venue"] += bool(listing.venue)
        counts["pdf"] += bool(listing.pdf_url)
        counts["date"] += listing.announced_on is not None
    assert {name: counts[name] / papers for name in told if counts[name] / papers < told[name]} == {}


def test_only_front_matter_notices_and_news_are_left_out() -> None:
    parsed = [one for folder in ("journals", "biorxiv", "pubmed") for one in read(f"{folder}/*.*")]
    reasons = [skipped.reason for one in parsed for skipped in one.skipped]
    assert [reason for reason in reasons if not re.fullmatch(REASONS, reason)] == []
    kinds = Counter(reason.partition(":")[0] for reason in reasons)
    assert kinds == {"news, no paper": 297, "a notice about another paper": 23, "front matter": 12}


def test_no_name_is_a_publishers() -> None:
    names = {name for parsed in read("journals/*") for listing in parsed.listings for name in listing.authors}
    assert [name for name in names if re.search(r"Publication|Articles|Table of Contents|https?:|\d{4}", name)] == []


def test_no_title_keeps_its_feed_or_its_markup() -> None:
    titles = [listing.title for parsed in read("journals/*") for listing in parsed.listings]
    assert [title for title in titles if re.match(r"\[(?:ASAP|Wiley|ScienceDirect|Recent)", title)] == []
    assert [title for title in titles if re.search(r"</?(?:p|em|i|sub|sup|strong)>|&\w+;", title)] == []
