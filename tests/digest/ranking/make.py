"""Papers, topics and attention for the ranking's tests: plain values, sane unless told otherwise."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from digest.ranking.choose import Candidate, Facts
from digest.ranking.matching import Background, Document, Hit, match
from digest.ranking.query import parse_query
from digest.ranking.trending import Observation
from digest.sources.listing import SignalKind

TODAY = date(2026, 3, 4)
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
FILLER = "We study a question that many have asked before and report what we found in three careful trials."
TWO_MARKS = 'Put words that belong together between two marks: "like this"'

_numbers = count(1)


def make_document(title: str = "", abstract: str = FILLER, **given: Any) -> Document:
    key = given.pop("key", None) or next(_numbers)
    return Document(key, title or f"Observations number {key}", abstract, **given)


def make_background(*texts: str, fillers: int = 40) -> Background:
    """Make a background in which the words of `texts` are rare and those of FILLER in every paper."""
    papers = [make_document(text) for text in texts] + [make_document() for _ in range(fillers)]
    return Background.of(papers)


def hits_of(query: str, *documents: Document, **options: Any) -> list[Hit]:
    """Match one topic, number 7, with `documents`; the background is fillers and `documents` themselves."""
    background = Background.of([*documents, *(make_document() for _ in range(40))])
    return match(documents, [(7, parse_query(query))], background, **options)


def found_by(query: str, *documents: Document, **options: Any) -> list[int]:
    return [hit.paper for hit in hits_of(query, *documents, **options)]


def reading(value: int, hours_ago: float = 0, kind: SignalKind = SignalKind.UPVOTES) -> Observation:
    return kind, value, NOW - timedelta(hours=hours_ago)


def make_facts(*trends: float, age: int = 0, titles: dict[int, str] | None = None) -> dict[int, Facts]:
    """Make papers 1, 2, 3... with these trends and titles that have no word in common."""
    return {
        paper: Facts(paper, (titles or {}).get(paper, _title(paper)), trend, TODAY - timedelta(days=age))
        for paper, trend in enumerate(trends, start=1)
    }


def make_candidates(topic: int, *papers: int, relevance: float = 0.8) -> list[Candidate]:
    return [Candidate(paper, topic, relevance) for paper in papers]


def _title(paper: int) -> str:
    return " ".join(f"{word}{paper}" for word in ("moths", "lamps", "nights", "fields"))
