"""The search over all stored papers: what belongs to a query, best or newest first, as `manage.py match` judges it.

The database's full-text index names candidates, and matching judges each: nothing is found that does not belong to the
query, and scores and reasons are those of a mail. Of equally good papers the newest come first. The candidates are the
papers of one rung of `digest.ranking.ladder`: the widest, if it has at most MOST; then all that is found is exactly
what judging every paper would find. Else the narrowest that vouches for more papers than are shown, because no other
paper can score as much as it promises; so these pages are exact, too. Only where the rung that would be wide enough has
more than MOST papers, its latest are taken, behind what the rung above it vouches for.

Newest first, the last MOST papers of the widest rung are judged. A paper is found as soon as it is indexed
(`digest.ingest.index`), and one that was withdrawn or hidden never is. Nothing is stored here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from digest.ingest.frequencies import frequencies
from digest.models import Paper, PaperWords
from digest.models.paper_words import Order
from digest.ranking.duplicates import Titles
from digest.ranking.ladder import Rung, ladder
from digest.ranking.matching import DEFAULT_BAR, Batch, Document, Hit, Pairs, TopicIndex, decide, overlap
from digest.ranking.matching import hits as with_reasons
from digest.ranking.query import Query
from digest.ranking.related import telling_query

# Candidates of one rung. With twice as many, a search takes twice as long; of twelve queries over 500,000 papers, the
# first pages of ten are exact with either, and of two share 0.35 and 0.7 of the exact ones instead of 0.4 and 0.75.
MOST = 500
SPARE = 4  # similar papers looked at for each that is shown: some are doubles


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found. `total` papers were found in all, or at least so many where `is_capped`."""

    hits: tuple[Hit, ...] = ()
    has_more: bool = False
    total: int = 0
    is_capped: bool = False


def search(query: Query, *, newest: bool = False, start: int = 0, count: int = 30, since: date | None = None) -> Found:
    """Return `count` of the papers that belong to `query`, from place `start` on; only those announced `since`."""
    return _Search(query, DEFAULT_BAR if newest else 0, since).page(start, count, newest=newest)


def similar(paper: Paper, *, count: int = 5) -> list[Hit]:
    """Return standing papers that speak of the same things as `paper`, without itself and what is nearly its double."""
    query = telling_query(Document(paper.pk, paper.title, paper.abstract), frequencies.current())
    if not query:
        return []
    found = _Search(query, 0, None).page(0, SPARE * count, newest=False).hits
    titles = dict(Paper.objects.filter(pk__in=[hit.paper for hit in found]).values_list("pk", "title"))
    taken, kept = Titles([paper.title]), []
    for hit in found:
        if hit.paper != paper.pk and not taken.has_like(titles[hit.paper]):
            taken.add(titles[hit.paper])
            kept.append(hit)
    return kept[:count]


class _Search:
    """One search: what it asks for, and the rungs of its ladder, the widest first."""

    def __init__(self, query: Query, bar: float, since: date | None) -> None:
        self.query, self.bar, self.since = query, bar, since
        self.index = TopicIndex([(0, query)], frequencies.current())
        self.rungs = ladder(self.index, bar)
        self.has_facets = bool(query.categories or query.authors or query.excluded_categories or query.excluded_authors)

    def page(self, start: int, count: int, *, newest: bool) -> Found:
        keys = self._meeting(self.rungs[0], "newest" if newest else "")
        is_capped = len(keys) > MOST
        judged = self._narrowed(start + count) if is_capped and not newest else _Judged(self, keys)
        found = judged.by_day() if newest else judged.pairs
        shown = found.only(slice(start, start + count))
        return Found(judged.hits(shown), start + count < len(found.papers), len(found.papers), is_capped)

    def _narrowed(self, needed: int) -> "_Judged":
        """Judge rung by rung, the narrowest first, until one vouches for more papers than are needed.

        Where a rung has more than MOST papers before that, those that came last are judged with the rung above it.
        """
        keys: list[int] = []
        for rung in reversed(self.rungs):
            found = self._meeting(rung)
            if len(found) > MOST:
                return _Judged(self, {*keys, *self._meeting(rung, "latest")})
            keys = found
            if len(keys) > needed and (judged := _Judged(self, keys)).sure(rung.least) > needed:
                return judged
        return _Judged(self, keys)

    def _meeting(self, rung: Rung, order: Order = "") -> list[int]:
        return PaperWords.objects.meeting(rung, limit=MOST + 1, order=order, since=self.since)


class _Judged:
    """Candidates, judged by the matcher: `pairs` are those that belong to the query."""

    def __init__(self, search: _Search, keys: Collection[int]) -> None:
        self._index = search.index
        # Of papers that are equally good the newest come first: the matcher keeps the order of the documents.
        rows = _read(keys, with_facets=search.has_facets)
        self._days = [day or date.min for _, day in rows]
        self._batch = Batch([document for document, _ in rows])
        self._shared = overlap(self._batch, self._index)
        self.pairs = decide(self._batch, self._index, self._shared, bar=search.bar, keep=None)

    def sure(self, least: float) -> int:
        """Return how many score so much that no paper which is not among the candidates can score more."""
        return int((self.pairs.scores >= least).sum())

    def by_day(self) -> Pairs:
        found = self.pairs.papers.tolist()
        # The documents stand by key, the highest first.
        order = sorted(range(len(found)), key=lambda place: (self._days[found[place]], -found[place]), reverse=True)
        return self.pairs.only(np.array(order, np.int64))

    def hits(self, pairs: Pairs) -> tuple[Hit, ...]:
        return tuple(with_reasons(self._batch, self._index, self._shared.presence, pairs))


def _read(keys: Collection[int], *, with_facets: bool) -> list[tuple[Document, date | None]]:
    """Return those of the papers that stand, with the day of their announcement, the highest key first."""
    rows = PaperWords.objects.filter(paper__in=keys, paper__withdrawn_at=None, paper__hidden_at=None).order_by("-paper")
    columns = ["paper_id", "announced_on", "title", "abstract"]
    if not with_facets:
        plain = rows.values_list(*columns)
        return [(Document(key, "", stems=(title, abstract)), day) for key, day, title, abstract in plain]
    return [
        (Document(key, "", "", tuple(authors), tuple(categories), (title, abstract)), day)
        for key, day, title, abstract, authors, categories in rows.values_list(
            *columns, "paper__authors", "paper__categories"
        )
    ]
