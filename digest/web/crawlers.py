"""What crawlers are told: where they may not go, and a map of the days, topics and latest papers.

Pages of readers, and whatever is reached by a signed link, are closed to them; so are searches, which have no end.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.models import Paper, Topic
from digest.models.paper_address import public_ids
from digest.web.fresh import fresh
from digest.web.periods import Kind, holding

CLOSED = (
    "/accounts/", "/address/", "/admin/", "/confirm/", "/feeds/", "/preferences/", "/search/", "/search?q=", "/submit",
    "/topics/preview", "/unsubscribe/", "/vote/", "/webhooks/", "/you/",
)  # fmt: skip
PAGES = ("today", "trending", "topic_list", "search", "sign_up", "about", "privacy")
KINDS: tuple[Kind, ...] = ("day", "week", "month")
DAYS, PAPERS_FOR = timedelta(days=60), timedelta(days=21)
MOST_PAPERS = 2000


@require_safe
@fresh()
def robots(request: HttpRequest) -> HttpResponse:
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in CLOSED),
        "",
        f"Sitemap: {settings.SITE_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
@fresh()
def site_map(request: HttpRequest) -> HttpResponse:
    today = timezone.now().date()
    parts = {"pages": pages(), "periods": periods(today), "topics": topics(), "papers": papers(today)}
    return sitemap(request, {name: Paths(paths) for name, paths in parts.items()}).render()


class Paths(Sitemap):
    """A part of the map. Its addresses are those of the site, whatever name it was asked by."""

    def __init__(self, paths: Sequence[str]) -> None:
        self.paths = paths

    def items(self) -> Sequence[str]:
        return self.paths

    def location(self, item: str) -> str:
        return item

    def get_protocol(self, protocol: str | None = None) -> str:
        return str(urlsplit(settings.SITE_URL).scheme)

    def get_domain(self, site: object = None) -> str:
        return str(urlsplit(settings.SITE_URL).netloc)


def pages() -> list[str]:
    return [reverse(name) for name in PAGES]


def periods(today: date) -> list[str]:
    """Return the days of late that have papers, with their weeks and months, the latest first."""
    of_late = Paper.objects.announced_between(today - DAYS, today)
    # Asked apart from each other, since there is an index of each.
    days = [part.order_by().values_list("announced_on", flat=True) for part in (of_late.noticed(), of_late.unnoticed())]
    found = sorted({day for part in days for day in part.distinct() if day}, reverse=True)
    return list(dict.fromkeys(holding(kind, day).path for kind in KINDS for day in found))


def topics() -> list[str]:
    slugs = Topic.objects.public().order_by("slug").values_list("slug", flat=True)
    return [reverse("topic_page", args=[slug]) for slug in slugs]


def papers(today: date) -> list[str]:
    """Return the papers of late: those that were noticed first, and of the others the newest."""
    of_late = Paper.objects.announced_between(today - PAPERS_FOR, today)
    keys = list(of_late.noticed().most_voted().values_list("pk", flat=True)[:MOST_PAPERS])
    keys += of_late.unnoticed().newest().values_list("pk", flat=True)[: MOST_PAPERS - len(keys)]
    return [reverse("paper", args=[name]) for name in public_ids(keys).values()]
