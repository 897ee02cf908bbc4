"""Merging topics in the admin: which ones, and which one stays. Asks first; what happens is `digest.ingest`'s."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from digest.admin.staff import log_changes
from digest.ingest.merge_topics import merge_topics
from digest.models import Subscription, Topic

AT_ONCE = 50
FOUND = 10


class TopicMerge(admin.ModelAdmin):
    """The part of the topics' admin that merges."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.merge_view)
        return [path("merge/", view, name="digest_topic_merge"), *super().get_urls()]

    @admin.action(description="Merge: these are one topic…", permissions=["change"])
    def merge(self, request: HttpRequest, topics: QuerySet[Topic]) -> HttpResponse | None:
        keys = list(topics.order_by("pk").values_list("pk", flat=True)[: AT_ONCE + 1])
        if not 2 <= len(keys) <= AT_ONCE:
            said = f"Choose from 2 to {AT_ONCE} topics that are one. Nothing has changed."
            self.message_user(request, said, messages.ERROR)
            return None
        return redirect(_address(keys))

    def merge_view(self, request: HttpRequest) -> HttpResponse:
        """Ask which of the topics stays, and offer to add others; merge once that is sent."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else request.GET
        keys = [int(key) for key in sent.getlist("topic") if key.isdecimal() and len(key) < 19]
        topics = list(Topic.objects.standing().filter(pk__in=keys[:AT_ONCE]).order_by("pk"))
        stays = next((topic for topic in topics if str(topic.pk) == sent.get("stays")), None)
        if request.method != "POST":
            return self._ask(request, topics)
        if len(topics) < 2 or stays is None:
            self.message_user(request, "Choose two topics or more, and which of them stays.", messages.ERROR)
            return redirect(_address([topic.pk for topic in topics]))
        return self._merge(request, stays, [topic for topic in topics if topic != stays])

    def _merge(self, request: HttpRequest, stays: Topic, others: Sequence[Topic]) -> HttpResponse:
        moved = merge_topics(stays, others, timezone.now())
        names = "; ".join(str(other) for other in others)
        self.log_change(request, stays, f"Merged into this topic: {names}")
        log_changes(request, others, f"Merged into: {stays}")
        said = f"Merged into {stays}: {names}. Readers moved: {moved:,}."
        self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:digest_topic_change", stays.pk)

    def _ask(self, request: HttpRequest, topics: Sequence[Topic]) -> HttpResponse:
        keys = [topic.pk for topic in topics]
        follows = Subscription.objects.filter(topic__in=keys).order_by()
        counts = dict(follows.values_list("topic").annotate(Count("pk")))
        words = request.GET.get("q", "").replace("\0", "").strip()[:400]
        context = self.admin_site.each_context(request) | {
            "title": "Merge topics",
            "opts": self.opts,
            "topics": [(topic, counts.get(topic.pk, 0)) for topic in topics],
            "stays": max(keys, key=lambda key: (counts.get(key, 0), -key), default=None),
            "words": words,
            "found": [(topic, _address([*keys, topic.pk])) for topic in _like(words, keys)],
        }
        return TemplateResponse(request, "admin/digest/topic/merge.html", context)


def _like(words: str, without: Sequence[int]) -> Sequence[Topic]:
    """Return some topics whose name or query begins with `words`, but for those already chosen."""
    if not words:
        return []
    return list(Topic.objects.standing().beginning(words).exclude(pk__in=without).order_by("-pk")[:FOUND])


def _address(keys: Sequence[int]) -> str:
    asked: list[tuple[str, Any]] = [("topic", key) for key in keys]
    return f"{reverse('admin:digest_topic_merge')}?{urlencode(asked)}"
