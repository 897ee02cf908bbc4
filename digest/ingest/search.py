"""The search over all stored papers: what belongs to a query, best or newest first, as `manage.py match` judges it.

Nothing is stored. Papers that were withdrawn or hidden are never found. Of equally good papers the newest come first.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from digest.ingest.rank import background, match_query
from digest.models import Paper
from digest.ranking.corpus import Background, Document
from digest.ranking.duplicates import Titles
from digest.ranking.matching import DEFAULT_BAR, Hit
from digest.ranking.query import Query
from digest.ranking.related import related_query


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `total` papers were found in all, or at least so many where `is_capped`."""

    hits: tuple[Hit, ...] = ()
    has_more: bool = False
    total: int = 0
    is_capped: bool = False


def search(query: Query, *, newest: bool = False, start: int = 0, count: int = 30, since: date | None = None) -> Found:
    """Return `count` of the papers that belong to `query`, from place `start` on; only those announced `since`."""
    papers = Paper.objects.standing()
    if since:
        papers = papers.filter(announced_on__gte=since)
    hits = _hits(query, papers.order_by("pk"), background(), newest=newest)
    return Found(tuple(hits[start : start + count]), start + count < len(hits), len(hits))


def similar(paper: Paper, *, count: int = 5) -> list[Hit]:
    """Return standing papers that speak of the same things as `paper`, without itself and what is nearly its double."""
    words = background()
    own = Document(paper.pk, paper.title, paper.abstract)
    if not (query := related_query(Query(words=("",)), [own, own], words)):
        return []
    others = {other.pk: other for other in Paper.objects.standing().exclude(pk=paper.pk).order_by("pk")}
    taken = Titles([paper.title])
    hits = _hits(query, list(others.values()), words, bar=0)
    return [hit for hit in hits[: 4 * count] if not taken.has_like(others[hit.paper].title)][:count]


def _hits(
    query: Query, papers: Iterable[Paper], words: Background, *, newest: bool = False, bar: float = DEFAULT_BAR
) -> list[Hit]:
    rows = list(papers)
    days = {paper.pk: paper.announced_on or date.min for paper in rows}
    hits = match_query(query, rows, words, bar=bar)
    if newest:
        return sorted(hits, key=lambda hit: (days[hit.paper], hit.paper), reverse=True)
    return sorted(hits, key=lambda hit: (-hit.score, -hit.paper))
