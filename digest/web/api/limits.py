"""How often one address of the network may ask the API: API_RATE, counted in Redis where there is one.

Each answer says how much is left, by the fields of draft-ietf-httpapi-ratelimit-headers-11. Where Redis is away, nobody
is refused; without Redis each process counts for itself. What an address is behind proxies is django-allauth's to say.
"""

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from allauth.core.internal.ratelimit import get_ip
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from digest.web.api.errors import View, asks_the_api, error

WAIT = 1  # seconds for an answer of Redis: a program waits no longer for one that is stuck
PATIENCE = 10  # seconds until a Redis that was away is asked again
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Left:
    """What one rate leaves: `requests`, and `seconds` until there are more."""

    rate: RateLimitItem
    requests: int
    seconds: int

    def __str__(self) -> str:
        return f'"{_name(self.rate)}";r={self.requests};t={self.seconds}'


class Counter:
    def __init__(self, address: str) -> None:
        """Count in the Redis at `address`, or in this process where it is empty."""
        waits = {"socket_connect_timeout": WAIT, "socket_timeout": WAIT} if address else {}
        storage = storage_from_string(address or "memory://", wrap_exceptions=True, **waits)
        self.windows = MovingWindowRateLimiter(storage)
        self.away_until = 0.0

    def count(self, who: str, rates: Sequence[RateLimitItem]) -> tuple[bool, list[Left]]:
        """Return whether `who` may ask once more, and what is left of each rate, the one that is nearest its end first.

        Nothing is left to say where nobody counts.
        """
        if time.monotonic() < self.away_until:
            return True, []
        try:
            may = all(self.windows.hit(rate, "api", who) for rate in rates)
            left = [self._left(rate, who) for rate in rates]
        except StorageError as trouble:
            log.warning("requests of the API are not counted: %s", trouble)
            self.away_until = time.monotonic() + PATIENCE
            return True, []
        return may, sorted(left, key=lambda found: (found.requests, -found.seconds))

    def _left(self, rate: RateLimitItem, who: str) -> Left:
        until, requests = self.windows.get_window_stats(rate, "api", who)
        seconds = min(max(1, math.ceil(until - time.time())), rate.get_expiry())
        return Left(rate, max(0, requests), seconds)


@lru_cache(maxsize=1)
def counter(address: str) -> Counter:
    return Counter(address)


@lru_cache(maxsize=1)
def rates(text: str) -> list[RateLimitItem]:
    """Return the rates that a setting names, the shortest first; none, where it is empty."""
    try:
        return sorted(parse_many(text), key=lambda rate: rate.get_expiry()) if text.strip() else []
    except ValueError as problem:
        raise ImproperlyConfigured(f"API_RATE is {text!r}; write it like 120/minute,20/second") from problem


def _name(rate: RateLimitItem) -> str:
    return f"{rate.multiples if rate.multiples > 1 else ''}{rate.GRANULARITY.name}"


def _who(request: HttpRequest) -> str:
    try:
        return str(get_ip(request))
    except (PermissionDenied, ImproperlyConfigured):  # fewer proxies than PROXIES says: they are one asker together
        return str(request.META.get("REMOTE_ADDR", ""))


def limits(get_response: View) -> View:
    rates(settings.API_RATE)  # a mistake in it shows when the process starts

    def middleware(request: HttpRequest) -> HttpResponse:
        asked = rates(settings.API_RATE)
        if not asked or not asks_the_api(request):
            return get_response(request)
        may, left = counter(settings.REDIS_URL).count(_who(request), asked)
        answer = get_response(request) if may else error("You ask more often than is agreed. Wait a little.", 429)
        if left:
            answer["RateLimit-Policy"] = ", ".join(
                f'"{_name(rate)}";q={rate.amount};w={rate.get_expiry()}' for rate in reversed(asked)
            )
            answer["RateLimit"] = ", ".join(map(str, left))
        if not may:
            answer["Retry-After"] = str(left[0].seconds)
            answer["Cache-Control"] = "no-store"
        return answer

    return middleware
