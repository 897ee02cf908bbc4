"""How many papers of each day belong to each topic of the catalogue, from the bar up: all, not only the best of a day.

A day is counted when a topic has no count of it yet, and again while its papers are new or change. So the last days
follow what comes in, and a new installation, or a new topic, works its way back through the papers that are stored, a
few days at a time, the latest first. For the days of which matches are kept, a topic without any gets its best: its
page has papers at once. One day's papers are in memory, in slices; running it twice gives the same rows.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

import numpy as np
from django.db.models import Count, Max, Min

from digest.ingest.rank import BATCH, MATCHES_PER_DAY, background, documents, record_matches
from digest.models import Change, Match, Paper, Topic, TopicDay
from digest.models.match import KEPT_DAYS
from digest.ranking.matching import DEFAULT_BAR, Batch, TopicIndex, decide, overlap
from digest.ranking.matching import hits as with_reasons
from digest.ranking.presence import Bools

BACK = timedelta(days=180)  # as far as the charts of pages reach
CHANGING = timedelta(days=14)  # for so long papers are added to a day, or learn
UNDER_WAY = timedelta(minutes=5)  # what was stored just before a count may not have been there for it
DAYS_AT_ONCE = 6


def count_days_due(now: datetime, *, most: int = DAYS_AT_ONCE) -> int:
    """Count the latest `most` of the days that are due; return how many were counted."""
    topics = list(Topic.objects.public().order_by("pk"))
    days = _due(topics, now)[:most] if topics else []
    if days:
        index = TopicIndex([(topic.pk, topic.parsed) for topic in topics], background())
        for day in days:
            _count(day, index, now)
        Change.objects.note()
    return len(days)


def _due(topics: Sequence[Topic], now: datetime) -> list[date]:
    """Return the days of stored papers that some topic has no count of, or whose papers have changed since."""
    today = now.date()
    stored = Paper.objects.filter(announced_on__range=(today - BACK, today)).order_by()
    latest = stored.filter(announced_on__gte=today - CHANGING).values_list("announced_on")
    changed = dict(latest.annotate(Max("changed_at")))
    counts = TopicDay.objects.since(today - BACK).filter(topic__in=topics).order_by().values_list("day")
    counted = {day: at for day, at, of in counts.annotate(Min("counted_at"), Count("pk")) if of == len(topics)}
    return [
        day
        for day in sorted(filter(None, stored.values_list("announced_on", flat=True).distinct()), reverse=True)
        if day not in counted or (day in changed and counted[day] <= changed[day] + UNDER_WAY)
    ]


def _count(day: date, index: TopicIndex, now: datetime) -> None:
    papers: Counter[int] = Counter()
    bare = _without_matches(day, index, now.date())
    for part in _parts(day):
        batch = Batch(documents(part))
        shared = overlap(batch, index)
        found = decide(batch, index, shared, bar=DEFAULT_BAR, keep=None)
        papers.update(found.topics.tolist())
        if bare.any():
            best = decide(batch, index, shared, bar=DEFAULT_BAR, keep=MATCHES_PER_DAY)
            record_matches(with_reasons(batch, index, shared.presence, best.only(bare[best.topics])), part)
    rows = [
        TopicDay(topic_id=number, day=day, papers=papers[place], counted_at=now)
        for place, number in enumerate(index.numbers)
    ]
    TopicDay.objects.bulk_create(
        rows,
        batch_size=500,
        update_conflicts=True,
        unique_fields=["topic", "day"],
        update_fields=["papers", "counted_at"],
    )


def _without_matches(day: date, index: TopicIndex, today: date) -> Bools:
    """Tell of each topic, by position, whether its matches of the day would be kept and it has none."""
    if day < today - timedelta(days=KEPT_DAYS):
        return np.zeros(len(index.numbers), bool)
    matched = Match.objects.filter(announced_on=day, topic__in=index.numbers).order_by()
    return ~np.isin(index.numbers, list(matched.values_list("topic", flat=True).distinct()))


def _parts(day: date) -> Iterator[list[Paper]]:
    """Yield the papers of a day, the most trending first, so many at a time as are matched at a time."""
    papers = Paper.objects.announced_between(day, day).order_by("-trend", "pk")
    keys = list(papers.values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        yield list(papers.filter(pk__in=keys[start : start + BATCH]))
