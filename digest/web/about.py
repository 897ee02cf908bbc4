"""The page "about": how a day is made, how trends and matches are counted, and where the papers come from.

Every number on it is a constant that the service counts with, or comes from today's first paper (`example`).
"""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.ingest.rank import MATCHES_PER_DAY
from digest.models import Source
from digest.models.health import Word, health
from digest.models.match import FRESH_DAYS
from digest.models.paper import FEATURED_FOR
from digest.ranking import choose, matching, trending
from digest.web.example import example, invented_part
from digest.web.fresh import fresh

SOURCES_SHOWN = 300
HEALTH = {
    Word.OK: "read as planned",
    Word.QUIET: "read, and brings nothing new",
    Word.STALE: "behind: what it shows is older than it should be",
    Word.FAILING: "cannot be read now; we try again",
}
KINDS = {
    "upvotes": "Hugging Face upvotes",
    "votes": "votes of readers here",
    "stars": "GitHub stars",
    "comments": "comments",
}


@require_safe
@fresh()
def about(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = example(now)
    context: dict[str, Any] = {
        "example": shown,
        "parts": [(KINDS.get(part.kind, part.kind), part) for part in shown.parts] if shown else [],
        "invented": None if shown else invented_part(),
        "sources": list(_sources()),
        "weights": [(KINDS[kind], weight) for kind, weight in trending.WEIGHTS.items()],
        "half_life": trending.HALF_LIFE.total_seconds() / 3600,
        "least_scale": trending.LEAST_SCALE,
        "bar": matching.DEFAULT_BAR,
        "scattered": matching.SCATTERED,
        "matches_per_day": MATCHES_PER_DAY,
        "trend_weight": choose.TREND_WEIGHT,
        "half_life_days": choose.HALF_LIFE_DAYS,
        "digest_bar": choose.BAR,
        "fresh_days": FRESH_DAYS,
        "featured_days": FEATURED_FOR.days,
        "note": settings.ABOUT_NOTE,
        "path": request.path,
        "title": f"About · {settings.SITE_NAME}",
        "description": f"How {settings.SITE_NAME} makes its daily paper: where papers come from, and how trending and "
        "matching are counted, with today’s first paper as the example.",
    }
    return render(request, "web/about.html", context)


def _sources() -> Iterator[tuple[str, str, str]]:
    """Yield name, host and health of each source on the public web: of an address no more than its host."""
    now = timezone.now()
    for source in Source.objects.active().order_by("name", "pk")[:SOURCES_SHOWN]:
        if source.host and source.host not in settings.FETCH_ALLOWED_HOSTS:
            yield source.name, source.host, HEALTH.get(health(source, now).word, "")
