"""The pages of a day, a week, a month, and of what trends: thirty papers each.

A time without papers says so, and shows the way to the nearest that has some. Which papers stand in a list is
`digest.web.lists`'s; the front page is `digest.web.today`'s.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.models import Reader
from digest.web import lists
from digest.web.answers import answers_of
from digest.web.fresh import fresh
from digest.web.lists import PAGE, PaperList
from digest.web.paging import page_address, page_number, turn
from digest.web.periods import DAY, FIRST, Kind, Period, holding
from digest.web.signup import SignupForm
from digest.web.stories import stories

WIDER: dict[Kind, tuple[Kind, ...]] = {"day": ("week", "month"), "week": ("month",), "month": ()}


@dataclass(frozen=True, slots=True)
class Around:
    """The nearest periods before and after one that have papers, and the wider ones that it begins in."""

    previous: Period | None
    next: Period | None
    wider: list[Period]

    @classmethod
    def of(cls, period: Period, today: date) -> "Around":
        before = lists.nearest_day(min(period.first - DAY, today)) if period.first > FIRST else None
        after = lists.first_day(period.last + DAY, until=today) if period.last < today else None
        wider = [holding(kind, period.first) for kind in WIDER[period.kind]]
        return cls(
            holding(period.kind, before) if before else None, holding(period.kind, after) if after else None, wider
        )


@require_safe
@fresh("page")
def period_page(request: HttpRequest, period: Period) -> HttpResponse:
    today = timezone.now().date()
    found = _page(lists.of_period(period, offset=(page_number(request) - 1) * PAGE), request)
    return list_page(
        request,
        "web/period.html",
        found,
        period=period,
        around=Around.of(period, today),
        is_to_come=period.first > today,
        is_running=period.first <= today <= period.last,
        title=f"Papers of {period.title}",
        description=f"The papers of {period.title}, those with the most votes first.",
        address=period.path,
        feed=reverse(f"{period.kind}_feed", args=[period]),
    )


@require_safe
@fresh("page")
def trending(request: HttpRequest) -> HttpResponse:
    found = _page(lists.of_trending(offset=(page_number(request) - 1) * PAGE), request)
    latest = None if found.papers else lists.nearest_day(timezone.now().date())
    return list_page(
        request,
        "web/trending.html",
        found,
        latest=latest and holding("day", latest),
        title="Trending papers",
        description="The papers that researchers read now more than the days before, of whatever day.",
        address=reverse("trending"),
        feed=reverse("trending_feed"),
    )


def _page(found: PaperList, request: HttpRequest) -> PaperList:
    """Return `found`. Raises Http404 where it is a page after the last."""
    if found.offset and not found.papers:
        raise Http404
    return found


def list_page(request: HttpRequest, template: str, found: PaperList, *, address: str, **context: Any) -> HttpResponse:
    """Show papers as stories; whoever is signed in can answer each of them, all others can sign up beside them."""
    number = found.offset // PAGE + 1
    shown: dict[str, Any] = {
        "stories": stories(found.papers, today=timezone.now().date(), first_rank=found.offset + 1),
        "found": found,
        "pages": -(-found.total // PAGE),
        "path": page_address(address, number),
        **turn(address, number, has_more=found.has_next),
    }
    if isinstance(request.user, Reader):
        shown |= answers_of(request.user, [paper.pk for paper in found.papers])
    else:
        shown["form"] = SignupForm()
    return render(request, template, shown | context)
