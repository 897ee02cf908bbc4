"""The box in which staff try a query: what it would have brought of late, while they type. Nothing is stored."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from digest.ingest.try_topic import try_topic

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
        context |= {"title": "Try a query", "opts": self.opts, "tried": text}
        page = "_tried" if request.headers.get("HX-Request") else "try"
        return TemplateResponse(request, f"admin/digest/topic/{page}.html", context)


def tried(text: str) -> dict[str, Any]:
    """Return what the query `text` brings of the papers of the last days, or what is wrong with it."""
    return {"trial": try_topic(text, best=SHOWN)} if text else {}
