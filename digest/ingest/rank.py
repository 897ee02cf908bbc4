"""What follows storing: the trend of papers with signals, and the matches of new papers and new topics.

Reads rows, lets `digest.ranking` compute, writes rows. Running it twice, or twice at once, gives the same rows.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.db.models.functions import RowNumber

from accounts.bulk import write_each
from digest.models import Change, Match, Paper, Signal, Topic, TrendScale
from digest.models.catalogue import catalogue
from digest.models.match import FRESH_DAYS
from digest.models.signal import latest_votes
from digest.ranking.choose import TREND_WEIGHT
from digest.ranking.matching import Background, Batch, Document, Hit, TopicIndex, match, match_batch
from digest.ranking.query import Query
from digest.ranking.trending import Observation, Trend, ranked
from digest.sources.listing import SignalKind

TREND = ("trend", "attention", "votes", "gained", "comments")  # as `Trend` has them
LEAST_CHANGE = 0.001  # of a score
TREND_DAYS = 14  # a signal's gain has halved fourteen times by then
BACKGROUND_PAPERS = 5000  # enough for word frequencies, and bounded
MATCHES_PER_DAY = 20  # of one topic: more than the largest digest shows of it
BATCH = 4000
READ = 10_000  # signals at once
HELD = 500  # papers at once, while their trends are written: whoever votes for one of them waits so long


def open_topic_pages(now: datetime) -> int:
    """Give each topic of the catalogue its page, so that it is matched; return how many pages came and went."""
    return Topic.objects.open_pages(catalogue(), now)


def update_trends(now: datetime) -> int:
    """Bring `trend` and `attention` of all papers with recent signals up to `now`; return how many changed.

    A paper that begins to trend is matched again: of a broad topic, only the most trending papers of a day are kept.
    """
    active = Signal.objects.recent(now, TREND_DAYS).values("paper")
    series: dict[int, list[Observation]] = defaultdict(list)
    rows = Signal.objects.filter(paper__in=active, observed_at__lte=now)
    for key, kind, value, observed_at in rows.values_list("paper_id", "kind", "value", "observed_at").iterator(READ):
        series[key].append((kind, value, observed_at))
    papers = Paper.objects.filter(models.Q(pk__in=active) | models.Q(trend__gt=0))
    announced = {key: day for key, day in papers.standing().values_list("pk", "announced_on") if day}
    known = {key: (announced[key], readings) for key, readings in series.items() if key in announced}
    trends, scales = ranked(known, now=now)
    changed, risen = {}, []
    for key, *stored in papers.values_list("pk", *TREND):
        before = Trend(*stored)
        # Nothing has been read for so long: nothing is gained, and the last totals stand.
        trend = trends.get(key) or Trend(0.0, "", before.votes, 0, before.comments)
        if trend.score > 0 and before.score == 0:
            risen.append(key)
        if _differs(trend, before):
            changed[key] = trend
    _save_trends(changed, scales, now)
    if changed:
        Change.objects.note()
    # Apart from the others, whose due time may be moving at this moment: a claim, a record, a change of text.
    Paper.objects.filter(pk__in=risen).update(match_due_at=now)
    return len(changed)


def _differs(trend: Trend, before: Trend) -> bool:
    """Tell whether the trend is worth writing. A score that moves less than anybody sees would be written each minute.

    It does so where papers come and go among those that it is measured by, and where floats are rounded.
    """
    is_near = abs(trend.score - before.score) < LEAST_CHANGE and (trend.score > 0) == (before.score > 0)
    return trend[1:] != before[1:] or not is_near


def _save_trends(trends: Mapping[int, Trend], scales: Mapping[str, float], now: datetime) -> None:
    keys = sorted(trends)
    for start in range(0, len(keys), HELD):
        _save_held({key: trends[key] for key in keys[start : start + HELD]})
    with transaction.atomic():
        TrendScale.objects.keep(scales, now)


@transaction.atomic
def _save_held(trends: Mapping[int, Trend]) -> None:
    # Held in the order in which storing holds them, so that the two never wait for one another.
    held = Paper.objects.filter(pk__in=trends).order_by("pk").select_for_update()
    list(held.values_list("pk"))
    write_each(Paper, [({"id": key}, dict(zip(TREND, trend, strict=True))) for key, trend in trends.items()])
    # Readers may have voted since the totals were read.
    elected = models.Exists(Signal.objects.filter(paper=models.OuterRef("pk"), kind=SignalKind.VOTES))
    Paper.objects.filter(elected, pk__in=trends).update(votes=latest_votes())


def match_due(now: datetime) -> int:
    """Match new topics with the papers of the last days, and new or changed papers with all topics that are matched.

    Returns the number of topics and papers that were due.
    """
    total = 0
    while topics := Topic.objects.claim_for_matching(now, limit=BATCH):
        first = (now - timedelta(days=FRESH_DAYS)).date()
        recent = list(Paper.objects.standing().filter(announced_on__gte=first))
        record_matches(match_papers(recent, topics), recent)
        Topic.objects.filter(pk__in=[topic.pk for topic in topics]).update(match_due_at=None)
        total += len(topics)
    while papers := Paper.objects.claim_for_matching(now, limit=BATCH):
        standing = [paper for paper in papers if paper.stands]
        record_matches(match_papers(standing, Topic.objects.matched()), papers, forget=True)
        Paper.objects.record_matched(papers)
        total += len(papers)
    if total:
        Change.objects.note()
    return total


def match_papers(papers: Iterable[Paper], topics: Iterable[Topic]) -> list[Hit]:
    """Return the best matches of each topic and day among `papers`; of equally good ones the most trending."""
    index = TopicIndex([(topic.pk, topic.parsed) for topic in topics], background())
    by_day: dict[date | None, list[Paper]] = defaultdict(list)
    for paper in sorted(papers, key=lambda paper: (-paper.trend, paper.pk)):
        by_day[paper.announced_on].append(paper)
    batches = (Batch(documents(day)) for day in by_day.values())
    return [hit for batch in batches for hit in match_batch(batch, index, keep=MATCHES_PER_DAY)]


def match_query(query: Query, papers: Iterable[Paper], words: Background, *, bar: float = 0) -> list[Hit]:
    """Return every one of `papers` that stands and belongs to `query`, best first, from `bar` up. Nothing is stored."""
    standing = (paper for paper in papers if paper.stands)
    return match(documents(standing), [(0, query)], words, bar=bar, keep=None)


def documents(papers: Iterable[Paper]) -> list[Document]:
    return [
        Document(paper.pk, paper.title, paper.abstract, tuple(paper.authors), tuple(paper.categories))
        for paper in papers
    ]


def background() -> Background:
    """Word frequencies of the latest papers: a bounded sample, so that matching never grows with the library."""
    return Background.of(latest_documents())


def latest_documents() -> list[Document]:
    """Return the latest papers, without authors, with their stems where the index of the search has them."""
    latest = Paper.objects.order_by("-pk").values_list(
        "pk", "title", "abstract", "categories", "index_due_at", "words__title", "words__abstract"
    )[:BACKGROUND_PAPERS]
    return [
        Document(key, title, abstract, (), tuple(categories), None if due_at or stems is None else (stems, others))
        for key, title, abstract, categories, due_at, stems, others in latest
    ]


def record_matches(hits: Sequence[Hit], papers: Iterable[Paper], *, forget: bool = False) -> None:
    """Store the hits among `papers` as matches; with `forget`, as all the matches that these papers have."""
    days = {paper.pk: paper.announced_on for paper in papers}
    with transaction.atomic():
        # While the topics were compared, papers may have been withdrawn, or have become one with others.
        found = Paper.objects.standing().filter(pk__in={hit.paper for hit in hits}).order_by("pk")
        standing = set(found.select_for_update().values_list("pk", flat=True))
        matches = [
            Match(topic_id=hit.topic, paper_id=hit.paper, score=hit.score, why=hit.why, announced_on=day)
            for hit in hits
            if (day := days[hit.paper]) and hit.paper in standing
        ]
        if forget:
            Match.objects.filter(paper__in=days).delete()
        Match.objects.bulk_create(
            matches,
            batch_size=2000,
            update_conflicts=True,
            unique_fields=["topic", "paper"],
            update_fields=["score", "why", "announced_on"],
        )
        _prune({match.announced_on for match in matches})


def _prune(days: Collection[date]) -> None:
    """Keep the best matches of each topic and day, by relevance and trend as in `digest.ranking.choose`."""
    worth = models.F("score") * (1 + TREND_WEIGHT * models.F("paper__trend"))
    place = models.Window(
        RowNumber(),
        partition_by=["topic", "announced_on"],
        order_by=[worth.desc(), "paper"],
    )
    placed = Match.objects.filter(announced_on__in=days).annotate(place=place).filter(place__gt=MATCHES_PER_DAY)
    Match.objects.filter(pk__in=list(placed.values_list("pk", flat=True))).delete()
