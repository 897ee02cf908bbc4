"""How often one address of the network may ask for what only costs time, such as the search: counted in Redis.

Where Redis is away, nobody is refused; without Redis each process counts for itself. What an address is behind proxies
is django-allauth's to say, whose own limits guard what must not go on uncounted: sign-up, codes, votes.
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
from django.http import HttpRequest
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

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
        return f'"{name(self.rate)}";r={self.requests};t={self.seconds}'


class Counter:
    def __init__(self, address: str) -> None:
        """Count in the Redis at `address`, or in this process where it is memory://."""
        waits = {} if address == "memory://" else {"socket_connect_timeout": WAIT, "socket_timeout": WAIT}
        storage = storage_from_string(address, wrap_exceptions=True, **waits)
        self.windows = MovingWindowRateLimiter(storage)
        self.away_until = 0.0

    def count(self, what: str, who: str, rates: Sequence[RateLimitItem]) -> tuple[bool, list[Left]]:
        """Return whether `who` may ask for `what` once more, and what is left of each rate.

        The rate that is nearest its end comes first. Nothing is left to say where nobody counts.
        """
        if time.monotonic() < self.away_until:
            return True, []
        try:
            may = all(self.windows.hit(rate, what, who) for rate in rates)
            left = [self._left(rate, what, who) for rate in rates]
        except StorageError as trouble:
            log.warning("requests are not counted: %s", trouble)
            self.away_until = time.monotonic() + PATIENCE
            return True, []
        return may, sorted(left, key=lambda found: (found.requests, -found.seconds))

    def _left(self, rate: RateLimitItem, what: str, who: str) -> Left:
        until, requests = self.windows.get_window_stats(rate, what, who)
        seconds = min(max(1, math.ceil(until - time.time())), rate.get_expiry())
        return Left(rate, max(0, requests), seconds)


@lru_cache(maxsize=1)
def counter(address: str) -> Counter:
    return Counter(address)


@lru_cache(maxsize=16)
def rates(text: str) -> list[RateLimitItem]:
    """Return the rates that are written in `text`, the shortest first; none, where it is empty. Raises ValueError."""
    return sorted(parse_many(text), key=lambda rate: rate.get_expiry()) if text.strip() else []


def name(rate: RateLimitItem) -> str:
    """Return a rate's name: "minute", "5minute"."""
    return f"{rate.multiples if rate.multiples > 1 else ''}{rate.GRANULARITY.name}"


def asker(request: HttpRequest) -> str:
    try:
        return str(get_ip(request))
    except (PermissionDenied, ImproperlyConfigured):  # fewer proxies than PROXIES says: they are one asker together
        return str(request.META.get("REMOTE_ADDR", ""))


def may_ask(request: HttpRequest, what: str, rate: str) -> bool:
    """Count a request for `what`, and tell whether its address asks no more often than `rate`: "120/minute"."""
    may, _ = counter(settings.COUNTED_IN).count(what, asker(request), rates(rate))
    return may
