"""What every page knows of the installation, and the ways from each page to all others."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from digest.web.periods import Kind, holding


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    path: str
    is_current: bool


SECTIONS = {
    "Today": "today",
    "Week": "week",
    "Month": "month",
    "Trending": "trending",
    "Topics": "topic_list",
    "Search": "search",
    "About": "about",
}
PERIODS: dict[str, Kind] = {"week": "week", "month": "month"}
FOOT = {"About": "about", "Privacy": "privacy", "Feed": "today_feed", "API": "api_docs"}


def site(request: HttpRequest) -> dict[str, Any]:
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "curator": settings.CURATOR,
        "postal_address": settings.POSTAL_ADDRESS,
        "contact": settings.CONTACT,
        "sections": links(request, SECTIONS),
        "foot": links(request, FOOT),
    }


def links(request: HttpRequest, names: dict[str, str]) -> list[Link]:
    """Return the way to each of `names`: of weeks and months to those of today."""
    match = request.resolver_match
    today = timezone.now().date()
    found = []
    for label, name in names.items():
        args = [holding(PERIODS[name], today)] if name in PERIODS else []
        found.append(Link(label, reverse(name, args=args), match is not None and match.url_name == name))
    return found
