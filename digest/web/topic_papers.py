"""The papers of one topic as stories, each with the reason why it belongs to the topic: for its page, feed and API.

"newest" is day by day, the latest first; "best" is the best of a period. In both, papers go by how well they fit, and
how many votes they have:

    worth = relevance x (1 + log(1 + votes))
"""

from dataclasses import replace
from datetime import date, timedelta
from typing import Literal

from django.db.models import F, FloatField, QuerySet, Value
from django.db.models.functions import Cast, Ln

from digest.models import Match, Topic
from digest.web.stories import Story, stories

Order = Literal["newest", "best"]
PERIODS = {"week": 7, "month": 30}  # in days, up to today

_WORTH = F("score") * (Value(1.0) + Ln(Cast(F("paper__votes") + 1, FloatField())))


def topic_stories(
    topic: Topic, *, today: date, order: Order = "newest", days: int | None = None, start: int = 0, count: int = 30
) -> list[Story]:
    """Return `count` stories of the topic from place `start` on (0: the first), in as many queries for many as for one.

    With `days`, of papers announced in so many days up to `today`. Past the end there are none. The card says in `why`
    why the paper belongs to the topic, and `rank` is the place in the list.
    """
    chosen = topic_matches(topic, today=today, order=order, days=days, start=start, count=count)
    shown = stories([match.paper for match in chosen], today=today, first_rank=start + 1)
    return [
        replace(story, card=replace(story.card, why=match.why, topics=(topic.label,)))
        for story, match in zip(shown, chosen, strict=True)
    ]


def topic_matches(
    topic: Topic, *, today: date, order: Order = "newest", days: int | None = None, start: int = 0, count: int = 30
) -> list[Match]:
    """Return what `topic_stories` tells as stories: `count` papers from place `start` on, each as its match."""
    rows = papers_of(topic, today=today, days=days).select_related("paper")
    by_day = ["-announced_on"] if order == "newest" else []
    return list(rows.order_by(*by_day, _WORTH.desc(), "-announced_on", "-paper")[start : start + count])


def papers_of(topic: Topic, *, today: date, days: int | None = None) -> QuerySet[Match]:
    """Return what belongs to the topic and may be shown; with `days`, of so many days up to `today`."""
    found = Match.objects.filter(topic=topic, paper__withdrawn_at=None, paper__hidden_at=None)
    return found.announced_between(today - timedelta(days=days - 1), today) if days else found
