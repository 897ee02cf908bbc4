"""What the page of one paper shows around its fields: where it was seen, its attention over time, its topics.

The number of queries is the same however much there is, and so is the number of rows. Nothing here changes anything.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.utils import timezone

from digest.models import Paper, Signal
from digest.models.paper import FEATURED_FOR
from digest.templatetags.charts import LineChart, over_time

SHOWN = 50  # of each kind of history
READINGS = 1000  # of all kinds of attention together, the latest


def around(paper: Paper) -> dict[str, Any]:
    said = dict(paper.feedback.order_by().values_list("wants_more").annotate(Count("pk")))
    return {
        "standing": standing(paper),
        "is_featured": paper.is_featured(timezone.now().date()),
        "featured_until": paper.featured_at + FEATURED_FOR if paper.featured_at else None,
        "sightings": paper.sightings.select_related("source").order_by("-seen_at", "-pk")[:SHOWN],
        "identifiers": paper.identifiers.order_by("scheme", "value")[:SHOWN],
        "charts": charts(paper.signals.order_by("-observed_at")[:READINGS]),
        "matches": list(paper.matches.select_related("topic").order_by("-score", "pk")[:SHOWN]),
        "most": SHOWN,
        "more": said.get(True, 0),
        "less": said.get(False, 0),
    }


def standing(paper: Paper) -> str:
    """Say in a sentence whether readers see the paper."""
    if not paper.stands:
        return "It is on no page, and in no digest to come."
    if paper.match_due_at:
        return "It is matched with the topics at the next minute."
    if paper.announced_on is None:
        return "Only new versions of it were seen: it is in no digest."
    return "It is on the pages, and in the digests of those whose topics it belongs to while it is new."


def charts(latest: Iterable[Signal]) -> list[LineChart]:
    """Return a chart for each kind of attention."""
    series: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for signal in latest:
        series[signal.kind].append((signal.observed_at, signal.value))
    return [over_time(kind, readings[::-1]) for kind, readings in sorted(series.items())]
