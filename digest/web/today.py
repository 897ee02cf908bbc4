"""The front page: the papers of the latest day that has some, what gains most attention first, and the form to sign up.

On a quiet day it says so. Which papers stand there is `digest.web.lists`'s, the pages of other days `list_pages`'s.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.web import lists
from digest.web.fresh import fresh
from digest.web.list_pages import Around, list_page

SATURDAY = 5


@require_safe
@fresh()
def today(request: HttpRequest) -> HttpResponse:
    now = timezone.now().date()
    period, found = lists.of_front(now)
    return list_page(
        request,
        "web/today.html",
        found,
        period=period,
        around=Around.of(period, now),
        today=now,
        title="Trending papers",
        description=f"The papers that researchers are reading now, chosen by {settings.CURATOR}.",
        address=reverse("today"),
        feed=reverse("today_feed"),
        after="",  # the day's own page has all of its papers
        is_front=True,
        is_quiet=period.first < now,
        is_weekend=now.weekday() >= SATURDAY,
        of_day=found.total - sum(paper.announced_on != period.first for paper in found.papers),  # without older ones
    )
