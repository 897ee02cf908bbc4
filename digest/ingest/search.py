"""The search over all stored papers: what belongs to a query, best or newest first, as `manage.py match` judges it.

The database's full-text index names candidates, and matching judges each: nothing is found that does not belong to the
query, and scores and reasons are those of a mail. Of equally good papers the newest come first. If at most MOST papers
can belong to the query, all of them are judged, and what is found is exactly what judging every paper would find.

Of more, the candidates are the papers of one rung of `digest.ranking.ladder`, picked by `digest.ranking.likely`: wide
enough to fill the page, and narrow enough to be judged soon. Where it vouches for more papers than are shown, because
no other paper can score as much as it promises, the page is exact, too. Otherwise it is nearly so: of the first twenty
of 19 queries over 100,000 papers, 90 in a hundred are those of judging every paper, and all of them for 14 of these
queries; least (30) for one of nine words, of which only the heaviest are looked for. Over 500,000 papers (50,000 and
their copies) it is 82 in a hundred, and all for 14: the more papers there are, the fewer of them can be judged.

Newest first, so many of the latest papers that can belong are judged that the page is filled, but at most MOST. A paper
is found as soon as it is indexed (`digest.ingest.index`), and one that was withdrawn or hidden never is. Nothing is
stored here.
"""

import math
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np

from digest.ingest.frequencies import frequencies
from digest.models import Paper, PaperWords
from digest.models.paper_words import Order
from digest.ranking.duplicates import Titles
from digest.ranking.ladder import Ladder, Rung
from digest.ranking.likely import Likely
from digest.ranking.matching import DEFAULT_BAR, Batch, Document, Hit, Pairs, TopicIndex, decide, overlap
from digest.ranking.matching import hits as with_reasons
from digest.ranking.query import Query
from digest.ranking.related import telling_query

MOST = 500  # candidates: with twice as many, a search takes twice as long, and its first page is hardly better
MAYBE_ALL = 2.0  # all are looked up where no more than so many times MOST are likely to be there
FIRST, ENOUGH = 0.5, 0.6  # of MOST: candidates that are looked for at first; so many that a wider rung is not tried
SURELY = 4  # times MOST: what is likely to be more is not looked up
TRIES = 3  # rungs
SAFETY = 1.5  # times as many of the latest papers as are likely to be enough
SOME = 0.25  # of the papers by an author that name a word: how many are likely to belong
OF_AN_AUTHOR = 64  # times as many papers have the words as also have the author, say
WALKED = 3000  # papers, one after the other, at most: some 20 ms
NEAR, WIDER = 150, 10  # candidates for similar papers; so many times as many where these are too few
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
    found = _Search(query, 0, None).near(SPARE * count)
    titles = dict(Paper.objects.filter(pk__in=[hit.paper for hit in found]).values_list("pk", "title"))
    taken, kept = Titles([paper.title]), []
    for hit in found:
        if hit.paper != paper.pk and not taken.has_like(titles[hit.paper]):
            taken.add(titles[hit.paper])
            kept.append(hit)
    return kept[:count]


class _Search:
    """One search: what it asks for, its ladder, and what is likely to be found."""

    def __init__(self, query: Query, bar: float, since: date | None) -> None:
        self.query, self.bar, self.since = query, bar, since
        latest = frequencies.latest()
        self.index = TopicIndex([(0, query)], latest.words)
        self.ladder = Ladder(self.index, bar)
        self.likely = Likely(self.index, self.ladder, bar, latest.batch, latest.total)
        self.has_facets = bool(query.categories or query.authors or query.excluded_categories or query.excluded_authors)

    def page(self, start: int, count: int, *, newest: bool) -> Found:
        judged = self._all() if self.query.authors or self.likely.met < MAYBE_ALL * MOST else None
        if judged is None:
            judged = self._newest(start + count) if newest else self._best(start + count)
        found = judged.by_day() if newest else judged.pairs
        shown = found.only(slice(start, start + count))
        return Found(judged.hits(shown), start + count < len(found.papers), len(found.papers), not judged.is_all)

    def near(self, count: int) -> tuple[Hit, ...]:
        """Return the best of no more than NEAR papers that are among those which can score most.

        Where these are hardly more than the paper itself and its doubles, a wider rung is looked at instead.
        """
        for expected in (NEAR, WIDER * NEAR):
            judged = self._latest(self.likely.reach(max(expected, self.likely.least)), NEAR)
            if len(judged.pairs.papers) >= count:
                break
        return judged.hits(judged.pairs.only(slice(0, count)))

    def _all(self) -> "_Judged | None":
        """Judge all papers that can belong to the query; None where they are more than MOST."""
        keys = self._meeting(self.ladder.widest, MOST + 1)
        return _Judged(self, keys, is_all=True) if len(keys) <= MOST else None

    def _newest(self, needed: int) -> "_Judged":
        """Judge so many of the latest papers that enough belong to the query, but at most MOST."""
        limit = int(min(MOST, SAFETY * (needed + 1) / max(self._share(), 1e-9)))
        rung = self.ladder.rung(0) if self.ladder.grid else self.ladder.widest
        judged = _Judged(self, self._meeting(rung, limit, "newest", self.likely.met))
        if len(judged.pairs.papers) <= needed and limit < MOST:
            judged = _Judged(self, self._meeting(rung, MOST, "newest"))
        return judged if len(judged.pairs.papers) else self._best(needed)

    def _share(self) -> float:
        """Return the share of the papers on the widest rung that belong to the query; a guess, where it has authors."""
        if not self.ladder.grid:
            return 1.0
        return SOME if self.query.authors else self.likely.found / (self.likely.met or 1)

    def _best(self, needed: int) -> "_Judged":
        """Judge a rung on which few papers are, and a wider one where that does not vouch for more than are needed."""
        if not self.ladder.grid:
            return self._listed(needed)
        # Of the papers by one author the sample knows nothing.
        expected = FIRST * MOST * (OF_AN_AUTHOR if self.query.authors else 1)
        judged, reach, wide, narrow = None, self.likely.reach(expected), -1.0, math.inf
        for _ in range(TRIES):
            rung = self.ladder.rung(reach)
            is_hopeless = self.likely.number(reach) > SURELY * MOST and not self.query.authors
            if is_hopeless or len(keys := self._meeting(rung, MOST + 1)) > MOST:
                wide, expected = reach, expected / 4
            else:
                judged, narrow = _Judged(self, keys, is_all=rung == self.ladder.widest), reach
                if judged.is_all or len(keys) > ENOUGH * MOST or judged.sure(rung.least) > needed:
                    break
                expected *= max(2.0, ENOUGH * MOST / (len(keys) + 1))
            reach = self._between(wide, narrow, self.likely.reach(expected))
            if reach in (wide, narrow):
                break
        if judged and (judged.is_all or len(judged.pairs.papers) > needed):
            return judged
        return self._latest(max(wide, 0.0), MOST, judged.keys if judged else ())

    def _between(self, wide: float, narrow: float, likely: float) -> float:
        """Return the reach to look for after one that was too wide, and one that was too narrow, if there were."""
        return likely if wide < likely < narrow else self.ladder.between(wide, narrow)

    def _latest(self, reach: float, limit: int, others: Collection[int] = ()) -> "_Judged":
        found = self._meeting(self.ladder.rung(reach), limit, "latest", self.likely.number(reach))
        return _Judged(self, {*others, *found})

    def _listed(self, needed: int) -> "_Judged":
        """Judge the latest papers of those that score most, because all of these score alike."""
        for limit in (needed + 1 + SPARE, MOST):
            judged = _Judged(self, self._meeting(self.ladder.narrowest, limit, "latest", self.likely.met / 2))
            if judged.sure(self.ladder.narrowest.least) > needed:
                return judged
        first = self._meeting(self.ladder.narrowest, MOST, "latest")
        return _Judged(self, {*first, *self._meeting(self.ladder.widest, MOST, "latest")})

    def _meeting(self, rung: Rung, limit: int, order: Order = "", expected: float = 0) -> list[int]:
        """Look up `limit` papers; where many are expected, only among so many that they should be there."""
        among = 0
        if order and not self.since:
            # Of authors it is not known: it is tried, where they have more than MOST.
            among = WALKED // 2 if self.query.authors else int(SAFETY * limit * self.likely.total / max(expected, 1))
        if among and among < WALKED:
            found = PaperWords.objects.meeting(rung, limit=limit, order=order, among=among)
            if len(found) == limit:
                return found
        return PaperWords.objects.meeting(rung, limit=limit, order=order, since=self.since)


class _Judged:
    """Candidates, judged by the matcher: `pairs` are those that belong to the query."""

    def __init__(self, search: _Search, keys: Collection[int], *, is_all: bool = False) -> None:
        self.keys, self.is_all = keys, is_all
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
