"""Which papers a list shows, and in what order: a day, a week, a month, what trends, the front page.

Pages, feeds and the API ask here, so that they agree. How a paper looks in a list is `digest.web.stories`'s.

Most papers have neither votes nor a trend. They stand after those that have, and need no order by votes: a month of
45,000 papers is then as quick as one of 1,500.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from django.db.models import QuerySet, Sum

from digest.models import Match, Paper, Topic
from digest.web.periods import FIRST, Period, holding

Sort = Literal["trending", "publishedAt"]
Part = QuerySet[Paper, int] | list[int]  # keys of papers

PAGE = 30
FEATURED_SHOWN = 3  # before the papers of the day: the latest


@dataclass(frozen=True, slots=True)
class PaperList:
    """Papers of a list from `offset` on; `total` counts all of the list."""

    papers: list[Paper]
    total: int
    offset: int = 0

    @property
    def has_next(self) -> bool:
        return self.offset + len(self.papers) < self.total


def of_period(period: Period, *, sort: Sort = "trending", offset: int = 0, count: int = PAGE) -> PaperList:
    """Return papers of a day, week or month: those with the most votes first, or the newest ("publishedAt")."""
    papers = Paper.objects.announced_between(period.first, period.last)
    noticed, rest = papers.noticed(), papers.unnoticed()
    if sort == "publishedAt":
        total = noticed.count() + rest.count()  # ten times as quick as to count all at once: there is an index of each
        keys = _keys(papers.newest())[offset : offset + count]
        return PaperList(Paper.objects.in_order(keys), total, offset)
    others: Part = _keys(rest.newest())
    if period.kind == "day":
        others = by_fit(others, period.first)
    return _cut([_keys(noticed.most_voted()), others], offset, count)


def of_trending(*, offset: int = 0, count: int = PAGE) -> PaperList:
    """Return papers that gain attention now, of whatever day: those that gain most first."""
    return _cut([_keys(Paper.objects.trending())], offset, count)


def of_front(today: date, *, count: int = PAGE) -> tuple[Period, PaperList]:
    """Return the latest day that has papers, or else today, and its papers: those that trend first.

    Before them stand those that staff featured of late, of whatever day.
    """
    day = nearest_day(today) or today
    featured = [paper.pk for paper in Paper.objects.featured(today)[:FEATURED_SHOWN]]
    papers = Paper.objects.announced_between(day, day).exclude(pk__in=featured)
    rising = _keys(papers.noticed().order_by("-trend", "-votes", "-pk"))
    rest = by_fit(_keys(papers.unnoticed().newest()), day)
    return holding("day", day), _cut([featured, rising, rest], 0, count)


def nearest_day(until: date, *, since: date = FIRST) -> date | None:
    """Return the latest day up to `until` on which papers were announced; None where none were `since` then."""
    found = Paper.objects.announced_between(since, until).order_by("-announced_on")
    return found.values_list("announced_on", flat=True).first()


def first_day(since: date, *, until: date) -> date | None:
    """Return the first day from `since` on, up to `until`, on which papers were announced."""
    found = Paper.objects.announced_between(since, until).order_by("announced_on")
    return found.values_list("announced_on", flat=True).first()


def by_fit(papers: Part, day: date) -> list[int]:
    """Return `papers` of one day, those first that belong to the most topics of the catalogue, and best."""
    matches = Match.objects.announced_between(day, day).filter(topic__in=Topic.objects.public())
    fit = dict(matches.order_by().values_list("paper").annotate(Sum("score")))
    return sorted(papers, key=lambda paper: -fit.get(paper, 0.0))


def _keys(papers: QuerySet[Paper]) -> QuerySet[Paper, int]:
    return papers.values_list("pk", flat=True)


def _cut(parts: Sequence[Part], offset: int, count: int) -> PaperList:
    """Return `count` papers from `offset` on of all `parts`, one after the other."""
    keys: list[int] = []
    total = 0
    for part in parts:
        size = len(part) if isinstance(part, list) else part.count()
        first, missing = max(offset - total, 0), count - len(keys)
        if missing > 0 and first < size:
            keys += part[first : first + missing]
        total += size
    return PaperList(Paper.objects.in_order(keys), total, offset)
