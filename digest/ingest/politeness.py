"""Politeness: a host is asked by one of us at a time, with the pause that it wants between two requests.

"One of us" is any thread of any process on any machine of the installation: who is in a lane is known to all of them,
in Redis or in the database (`lanes`). How long the pauses are, and which hosts share a lane, is data (`Host`).
"""

import time
from datetime import datetime, timedelta
from math import ceil

from django.conf import settings
from django.utils import timezone

from digest.ingest.fetch import DEADLINE, Fetched, FetchError, fetch
from digest.ingest.lanes import LONGEST, DatabaseLanes, RedisLanes
from digest.models import Host
from digest.sources.address import host_of

LEASE = DEADLINE + 15.0  # seconds, after which whoever is in a lane has died
PATIENCE = 60.0
LOOK_AGAIN = 0.25  # seconds between two looks at a lane that is taken
LEFT_ALONE = 60  # seconds, for a host that wants to be asked less and does not say until when


def enter(lane: str) -> str | None:
    """Enter a lane; return the token to leave it with, None while it is taken, in its pause, or closed."""
    return None if closed_until(lane) else _lanes().enter(lane, LEASE)


def leave(lane: str, token: str) -> None:
    """Leave a lane and let its pause begin. A token whose lease is over, or that has left, changes nothing."""
    _lanes().leave(lane, token, min(Host.objects.gap(lane), LONGEST.total_seconds()))


def politely(
    url: str, *, etag: str = "", last_modified: str = "", patience: float = PATIENCE, **limits: int
) -> Fetched:
    """Wait up to `patience` seconds for the lane of `url`, and fetch. Raises FetchError; its kind may be busy.

    `limits` are those of `fetch` where they are to be lower: deadline, max_bytes.
    """
    host = host_of(url)
    if not host:
        raise FetchError("scheme", f"not a web address: {url[:200]!r}")
    lane = Host.objects.lanes([host])[host]
    token = _entered(lane, patience)
    try:
        return fetch(
            url,
            user_agent=settings.USER_AGENT,
            allowed_hosts=settings.FETCH_ALLOWED_HOSTS,
            etag=etag,
            last_modified=last_modified,
            **limits,
        )
    except FetchError as error:
        if error.kind == "rate_limited":
            seconds = LEFT_ALONE if error.retry_seconds is None else error.retry_seconds
            Host.objects.close(lane, until=timezone.now() + timedelta(seconds=seconds))
        raise
    finally:
        leave(lane, token)


def _entered(lane: str, patience: float) -> str:
    """Wait for a lane, but not for one that is closed for longer than there is patience."""
    ends = time.monotonic() + patience
    while (token := enter(lane)) is None:
        left = ends - time.monotonic()
        if until := closed_until(lane):
            seconds = (until - timezone.now()).total_seconds()
            if seconds > left:
                message = f"{lane} asked to be left alone until {until:%Y-%m-%d %H:%M} UTC"
                raise FetchError("busy", message, retry_seconds=ceil(seconds))
        if left <= 0:
            raise FetchError("busy", f"{lane} is being asked all the time: no turn within {patience:g} seconds")
        time.sleep(min(LOOK_AGAIN, left))
    return token


def closed_until(lane: str) -> datetime | None:
    """Return until when a lane wants to be left alone, None while it does not mind."""
    return (
        Host.objects.filter(name=lane, closed_until__gt=timezone.now()).values_list("closed_until", flat=True).first()
    )


def _lanes() -> DatabaseLanes | RedisLanes:
    return RedisLanes() if settings.REDIS_URL else DatabaseLanes()
