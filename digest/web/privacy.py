"""The page "privacy": what is stored about a reader, for how long, and who sees it.

Every length of time on it is the constant that holds it, so that the page changes with the code.
"""

from datetime import timedelta
from typing import Any

from allauth.core.internal.ratelimit import parse_rates
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.sessions import PASSING_BY
from digest.delivery import forget
from digest.feedback.links import LASTS, Purpose
from digest.ingest import submit
from digest.web.fresh import fresh


@require_safe
@fresh()
def privacy(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "kept": kept(),
        "note": settings.PRIVACY_NOTE,
        "path": request.path,
        "title": f"Privacy · {settings.SITE_NAME}",
        "description": f"What {settings.SITE_NAME} stores about its readers, for how long, and who sees it.",
    }
    return render(request, "web/privacy.html", context)


def kept() -> dict[str, Any]:
    """Return how long each thing is kept, in words."""
    return {
        "digests": in_words(forget.KEPT_DIGESTS),
        "letters": in_words(forget.KEPT_LETTERS),
        "sign_ups": in_words(forget.KEPT_SIGNUPS),
        "mail_events": in_words(forget.KEPT_MAIL_EVENTS),
        "signals": in_words(forget.KEPT_SIGNALS),
        "preview": in_words(submit.LASTS),
        "session": in_words(timedelta(seconds=settings.SESSION_COOKIE_AGE)),
        "passing_by": in_words(PASSING_BY),
        "code": in_words(timedelta(seconds=settings.ACCOUNT_LOGIN_BY_CODE_TIMEOUT)),
        "link": in_words(LASTS[Purpose.PREFERENCES]),
        "confirmation": in_words(LASTS[Purpose.CONFIRM]),
        "address": in_words(LASTS[Purpose.ADDRESS]),
        "counts": in_words(longest_count()),
    }


def longest_count() -> timedelta:
    """Return for how long it is counted, at most, how often somebody did something."""
    rates = (rate for text in settings.ACCOUNT_RATE_LIMITS.values() for rate in parse_rates(text))
    return timedelta(seconds=max(rate.duration for rate in rates))


def in_words(length: timedelta) -> str:
    """Return a length of time in whole days, hours or minutes, as people say it."""
    seconds = int(length.total_seconds())
    name, size = next(
        (name, size) for name, size in (("day", 86_400), ("hour", 3600), ("minute", 60)) if seconds >= size
    )
    count = seconds // size
    return f"{count} {name}" if count == 1 else f"{count} {name}s"
