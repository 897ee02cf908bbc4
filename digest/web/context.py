"""What every page knows of the installation, and the ways from each page to all others."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from digest.web.periods import holding


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
    match = request.resolver_match
    today = timezone.now().date()
    found = []
    for label, name in names.items():
        args = [holding(name, today)] if name in ("week", "month") else []  # type: ignore[arg-type]
        try:
            path = reverse(name, args=args)
        except NoReverseMatch:
            continue
        found.append(Link(label, path, match is not None and match.url_name == name))
    return found
