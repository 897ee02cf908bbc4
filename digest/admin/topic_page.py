"""What the page of one topic shows around its fields: its readers, its matches day by day, the latest of them.

The number of queries is the same however much there is. Nothing here changes anything.
"""

from typing import Any

from django.db.models import Count
from django.utils import timezone

from digest.models import Match, Topic
from digest.models.match import KEPT_DAYS
from digest.ranking.starter import starter_by_query
from digest.templatetags.charts import per_day

SHOWN = 20


def around(topic: Topic) -> dict[str, Any]:
    today = timezone.now().date()
    matches = Match.objects.filter(topic=topic)
    counts = dict(matches.order_by().values_list("announced_on").annotate(Count("pk")))
    latest = matches.select_related("paper").defer("paper__abstract").order_by("-announced_on", "-score", "pk")
    return {
        "readers": topic.subscriptions.count(),
        "chart": per_day("Matches", counts, last=today, days=KEPT_DAYS),
        "matches": latest[:SHOWN],
        "merged": topic.merged.order_by("pk")[:SHOWN],
        "tried": topic.query,
        "entry": starter_by_query().get(topic.query),
    }
