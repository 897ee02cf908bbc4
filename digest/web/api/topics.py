"""Topics of the catalogue for programs, and the papers of one of them."""

from datetime import date, timedelta

from django.conf import settings
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from digest.models import Topic, TopicDay
from digest.models.catalogue import public_topics
from digest.web.api.asked import Limit, Page, SortBy
from digest.web.api.errors import error
from digest.web.api.pages import next_page
from digest.web.api.shape import DailyPaper, TopicJson, daily
from digest.web.lists import Sort
from digest.web.topic_papers import Order, topic_matches

WEEK = timedelta(days=7)
ORDERS: dict[Sort, Order] = {"publishedAt": "newest", "trending": "best"}


def list_topics(request: HttpRequest) -> list[TopicJson]:
    """The catalogue: topics that have a page of their own."""
    weekly = _weekly(timezone.now().date())
    return [
        TopicJson(
            slug=public.topic.slug,
            label=public.topic.label,
            group=public.entry.group or None,
            description=public.entry.description or None,
            query=public.topic.query,
            papers_per_week=weekly.get(public.topic.pk, 0),
            url=settings.SITE_URL + reverse("topic_page", args=[public.topic.slug]),
            feed=settings.SITE_URL + reverse("topic_feed", args=[public.topic.slug]),
        )
        for public in public_topics()
    ]


def _weekly(today: date) -> dict[int, int]:
    """Return how many papers each topic had in the last seven whole days."""
    days = TopicDay.objects.filter(day__gte=today - WEEK, day__lt=today)
    return dict(days.values("topic").annotate(Sum("papers")).values_list("topic", "papers__sum"))


def topic_papers(
    request: HttpRequest,
    response: HttpResponse,
    slug: str,
    *,
    sort: SortBy = "publishedAt",
    p: Page = 0,
    limit: Limit = 50,
) -> list[DailyPaper] | HttpResponse:
    """Papers that belong to a topic of the catalogue. A page past the end is empty."""
    topic = Topic.objects.public().filter(slug=slug).first()
    if topic is None:
        return error(f"There is no topic “{slug[:80]}” here. Those that there are: /api/topics", 404)
    today = timezone.now().date()
    found = topic_matches(topic, today=today, order=ORDERS[sort], start=p * limit, count=limit + 1)
    if len(found) > limit:
        response["Link"] = next_page(request, p + 1)
    return daily([match.paper for match in found[:limit]])
