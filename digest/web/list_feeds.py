"""The feeds of the lists: the front page, a day, a week, a month, what trends.

Which papers a list has is said by `digest.web.lists`, as for the pages. The feed of the front page is for subscribing;
the feed of a period is complete when the period is over.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from digest.web import atom
from digest.web.fresh import fresh
from digest.web.lists import PaperList, of_front, of_period, of_trending
from digest.web.periods import Period
from digest.web.stories import stories


@require_safe
@atom.not_sent_again
@fresh()
def today_feed(request: HttpRequest) -> HttpResponse:
    today = timezone.now().date()
    day, found = of_front(today, count=atom.SHOWN)
    head = atom.Head(
        title=f"{settings.SITE_NAME}: papers of the day",
        subtitle=f"The papers that trend on the latest day, by {settings.CURATOR} and the research community",
        path=reverse("today_feed"),
        page=reverse("today"),
        since=atom.midnight(day.first),
    )
    return _answer(head, found)


@require_safe
@atom.not_sent_again
@fresh()
def period_feed(request: HttpRequest, period: Period) -> HttpResponse:
    head = atom.Head(
        title=f"{period.title} · {settings.SITE_NAME}",
        subtitle=f"The papers of this {period.kind} that have the most votes",
        path=f"{period.path}.atom",
        page=period.path,
        since=atom.midnight(period.first),
    )
    return _answer(head, of_period(period, count=atom.SHOWN))


@require_safe
@atom.not_sent_again
@fresh()
def trending_feed(request: HttpRequest) -> HttpResponse:
    head = atom.Head(
        title=f"Trending · {settings.SITE_NAME}",
        subtitle="The papers that gain the most attention now, of whatever day",
        path=reverse("trending_feed"),
        page=reverse("trending"),
        since=atom.midnight(timezone.now().date()),
    )
    return _answer(head, of_trending(count=atom.SHOWN))


def _answer(head: atom.Head, found: PaperList) -> HttpResponse:
    return atom.answer(head, atom.entries_of(stories(found.papers, today=timezone.now().date())))
