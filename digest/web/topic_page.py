"""The page of one topic: what it is, its papers with their reasons, how it goes on, and "follow by mail".

Which papers those are is `digest.web.topic_papers`'s; following is `digest.web.follow`'s. The address of a topic that
was merged leads to the one it became.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.models import Topic, TopicDay
from digest.models.catalogue import catalogue
from digest.ranking.in_words import in_words
from digest.ranking.starter import Entry
from digest.templatetags.charts import BarChart, monday_of, per_day, per_week
from digest.templatetags.papers import one_line, opening
from digest.web.answers import answers_of
from digest.web.follow import follow_form, followed
from digest.web.fresh import fresh
from digest.web.paging import page_address, page_number, turn
from digest.web.topic_list import Counts, brings
from digest.web.topic_papers import PERIODS, Order, papers_of, topic_stories

PAGE = 30
WEEKS = 26
FEW_WEEKS = 4  # fewer would be blocks, not a chart
LEAST_DAYS = 14


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a topic's papers, with the end of its address: newest first, or the best of a period."""

    label: str
    query: str
    order: Order
    days: int | None = None


VIEWS = {
    ("newest", ""): View("Newest", "", "newest"),
    ("best", "week"): View("Week’s best", "?order=best&period=week", "best", PERIODS["week"]),
    ("best", "month"): View("Month’s best", "?order=best&period=month", "best", PERIODS["month"]),
}


@require_safe
@fresh("order", "period", "page")
def topic_page(request: HttpRequest, slug: str) -> HttpResponse:
    topic = Topic.objects.exclude(slug="").select_related("merged_into").filter(slug=slug).first()
    if topic is not None and topic.merged_into is not None:
        topic = topic.merged_into
        if topic.slug:
            return redirect("topic_page", topic.slug, permanent=True)
    if topic is None or not topic.slug:
        return render(request, "web/topic_unknown.html", {"asked": slug.replace("-", " ")}, status=404)
    return _page(request, topic, _view(request), page_number(request))


def _view(request: HttpRequest) -> View:
    """Return which way of looking is asked for. Raises Http404 where there is no such."""
    order = request.GET.get("order", "newest")
    period = request.GET.get("period", "week" if order == "best" else "")
    if (order, period) not in VIEWS:
        raise Http404
    return VIEWS[order, period]


def _page(request: HttpRequest, topic: Topic, view: View, number: int) -> HttpResponse:
    today = timezone.now().date()
    total = papers_of(topic, today=today, days=view.days).count()
    pages = max(1, -(-total // PAGE))
    if number > pages:
        raise Http404
    start = (number - 1) * PAGE
    stories = topic_stories(topic, today=today, order=view.order, days=view.days, start=start, count=PAGE)
    entries = catalogue()
    entry = next((entry for entry in entries if entry.canonical == topic.query), None)
    counts = dict(TopicDay.objects.filter(topic=topic).values_list("day", "papers"))
    first = min(counts, default=today)
    context: dict[str, Any] = {
        "topic": topic,
        "entry": entry,
        "explained": in_words(topic.parsed),
        "brings": brings(counts, first, today),
        "chart": activity(counts, first, today),
        "related": related(topic, entry, entries),
        "views": VIEWS.values(),
        "view": view,
        "stories": stories,
        "total": total,
        "pages": pages,
        **turn(reverse("topic_page", args=[topic.slug]) + view.query, number, has_more=number < pages),
        **_preview(topic, entry, view, number),
    }
    if isinstance(request.user, Reader):
        context |= answers_of(request.user, [story.card.paper for story in stories])
        context["subscription"] = followed(request.user, topic)
    else:
        context["form"] = follow_form()
    return render(request, "web/topic.html", context)


def _preview(topic: Topic, entry: Entry | None, view: View, number: int) -> dict[str, str]:
    """Return what the head of the page says of it."""
    parts = [opening(topic.label), view.label if view.days else "", f"page {number}" if number > 1 else ""]
    said = f"New papers on {one_line(topic.label)}, each with the reason why it is here."
    path = reverse("topic_page", args=[topic.slug])
    return {
        "title": ", ".join(filter(None, parts)),
        "description": f"{said} {entry.description}" if entry else said,
        "path": page_address(path + view.query, number),
        "feed": f"{path}.atom",
    }


def activity(counts: Counts, first: date, today: date) -> BarChart | None:
    """Return a bar for each week since the `first` day counted, of the last half year; of a few weeks one for each day.

    None before any was counted.
    """
    if not counts:
        return None
    weeks = (monday_of(today) - monday_of(first)) // timedelta(weeks=1) + 1
    if weeks < FEW_WEEKS:
        return per_day("Papers by day", counts, last=today, days=max(LEAST_DAYS, (today - first).days + 1))
    return per_week("Papers by week", counts, last=today, weeks=min(WEEKS, weeks))


def related(topic: Topic, entry: Entry | None, entries: Sequence[Entry]) -> list[Topic]:
    """Return the other topics of the same group of the catalogue, by name."""
    if entry is None:
        return []
    queries = [other.canonical for other in entries if other.group == entry.group and other != entry]
    found = Topic.objects.public().filter(query__in=queries[:500]).exclude(pk=topic.pk)
    return sorted(found.only("label", "slug"), key=lambda other: other.label.casefold())
