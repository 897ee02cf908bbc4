"""The example on the page "about": how the first paper of today comes by its trend, and its best topic by it.

Its numbers are those that the service itself counted with: the scales of the last run, and the paper's own totals. So
it asks about one paper, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import exp2

from django.urls import reverse

from digest.models import Paper, TrendScale
from digest.models.paper_address import public_ids
from digest.ranking.choose import HALF_LIFE_DAYS, TREND_WEIGHT
from digest.ranking.trending import Part, explained
from digest.web.lists import of_front
from digest.web.stories import TopicLink, topics_of

LOOKED_AT = 10  # papers of the front page, of which the first that has a trend is the example
INVENTED_VOTES = 12


@dataclass(frozen=True, slots=True)
class Example:
    """`parts` add up to `trend`; `ranked_at` is when it was counted. `worth` is what the best topic makes of it."""

    title: str
    path: str
    attention: str
    trend: float
    parts: Sequence[Part]
    ranked_at: datetime
    announced_on: date
    topic: TopicLink | None
    days: int = 0
    freshness: float = 1.0
    worth: float = 0.0


def example(now: datetime) -> Example | None:
    """Return the first paper of the front page that has a trend; None where no paper has any."""
    scales = {row.kind: row for row in TrendScale.objects.all()}
    paper = _first(now.date())
    if paper is None or not scales or paper.announced_on is None:
        return None
    ranked_at = max(row.ranked_at for row in scales.values())
    readings = paper.signals.filter(observed_at__lte=ranked_at).values_list("kind", "value", "observed_at")
    by_kind = {kind: row.scale for kind, row in scales.items()}
    parts = explained(paper.announced_on, list(readings), scales=by_kind, now=ranked_at)
    topic = next(iter(topics_of([paper.pk])[paper.pk]), None)
    days = max((now.date() - paper.announced_on).days, 0)
    freshness = exp2(-days / HALF_LIFE_DAYS)
    return Example(
        title=paper.title,
        path=reverse("paper", args=[public_ids([paper.pk])[paper.pk]]),
        attention=paper.attention,
        trend=sum(part.points for part in parts),
        parts=parts,
        ranked_at=ranked_at,
        announced_on=paper.announced_on,
        topic=topic,
        days=days,
        freshness=freshness,
        worth=topic.score * freshness * (1 + TREND_WEIGHT * paper.trend) if topic else 0.0,
    )


def _first(today: date) -> Paper | None:
    front = of_front(today, count=LOOKED_AT)[1].papers
    first = next((paper for paper in front if paper.trend > 0), None)
    return first or Paper.objects.trending().first()


def invented_part() -> Part:
    """Return the part of invented votes, counted as real ones: for an installation where no paper has any so far."""
    now = datetime.combine(date(2026, 3, 4), time(12), UTC)
    readings = [("upvotes", 0, now - timedelta(hours=48)), ("upvotes", INVENTED_VOTES, now - timedelta(hours=24))]
    return explained(date(2026, 3, 1), readings, scales={"upvotes": 2.0}, now=now)[0]
