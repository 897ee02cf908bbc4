"""The box in which staff try a query: what it would have brought of late, while they type. Nothing is stored."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from digest.ingest.rank import documents, match_query
from digest.models import Paper
from digest.ranking.matching import DEFAULT_BAR, Background
from digest.ranking.query import QueryError, parse_query

RECENT = 1000  # papers at most that a query is tried on
SHOWN = 10
LONGEST = 400


class TopicTry(admin.ModelAdmin):
    """The part of the topics' admin that tries queries."""

    def get_urls(self) -> list[URLPattern]:
        return [path("try/", self.admin_site.admin_view(self.try_view), name="digest_topic_try"), *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
        context = self.admin_site.each_context(request) | tried(text)
        context |= {"title": "Try a query", "opts": self.opts, "tried": text, "media": self.media}
        page = "_tried" if request.headers.get("HX-Request") else "try"
        return TemplateResponse(request, f"admin/digest/topic/{page}.html", context)


def tried(text: str) -> dict[str, Any]:
    """Return what the query `text` brings of the latest papers, best first, or what is wrong with it."""
    if not text:
        return {}
    try:
        query = parse_query(text)
    except QueryError as error:
        return {"problem": str(error)}
    today = timezone.now().date()
    recent = Paper.objects.standing().filter(announced_on__lte=today).order_by("-announced_on", "-pk")
    papers = {paper.pk: paper for paper in recent[:RECENT]}
    hits = match_query(query, papers.values(), Background.of(documents(papers.values())), bar=DEFAULT_BAR)
    days = [paper.announced_on for paper in papers.values() if paper.announced_on]
    return {
        "hits": [(hit, papers[hit.paper]) for hit in hits[:SHOWN]],
        "count": len(hits),
        "compared": len(papers),
        "since": min(days, default=today),
    }
