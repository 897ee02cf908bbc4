"""Who is in which lane, where every worker can see it: in the database, or in Redis where there is one.

Each takes its moments from one clock, the database's or Redis's, so that the clocks of several machines may differ.
Which lane a host is in, and how long the pauses are, is `politeness`'s.
"""

from datetime import datetime, timedelta
from math import ceil
from typing import Any
from uuid import uuid4

from django.core.cache import cache
from django.db.models import Q
from django.db.models.functions import Now

from digest.models import Host

LONGEST = timedelta(days=1)  # no lease and no pause is longer
WRONG = timedelta(days=2)  # a lane that is taken for so long got so by a clock that was wrong
_STEP = timedelta(milliseconds=1)  # of SQLite's clock

# What only Redis can do in one step: replace a token, if it is still there, by the pause.
_LEAVE = """
if redis.call("get", KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == "0" then return redis.call("del", KEYS[1]) end
return redis.call("set", KEYS[1], "pause", "px", ARGV[2])
"""


class DatabaseLanes:
    """A lane is a Host row, and free from `free_at` on. The end of its lease is the token of whoever is in it.

    Tokens differ because a visit takes longer than the smallest step of the clock.
    """

    def enter(self, lane: str, lease: float) -> str | None:
        """Take the lane for `lease` seconds; return a token, or None while it is taken or in its pause."""
        now = self._now(lane)
        if now is None:
            Host.objects.get_or_create(name=lane)
            return self.enter(lane, lease)
        free_at = now + timedelta(seconds=lease)
        is_free = Q(free_at=None) | Q(free_at__lte=now) | Q(free_at__gt=now + WRONG)
        taken = Host.objects.filter(is_free, name=lane).update(free_at=free_at)
        return free_at.isoformat() if taken else None

    def leave(self, lane: str, token: str, gap: float) -> None:
        """Free the lane after `gap` seconds, if the token is still the one of its holder."""
        if now := self._now(lane):
            free_at = now + timedelta(seconds=gap) + _STEP if gap else now
            Host.objects.filter(name=lane, free_at=datetime.fromisoformat(token)).update(free_at=free_at)

    def _now(self, lane: str) -> datetime | None:
        """Return what the database's clock says; None without a row for the lane."""
        moments: list[datetime] = list(Host.objects.filter(name=lane).values_list(Now(), flat=True))
        return moments[0] if moments else None


class RedisLanes:
    """A lane is a key that lives as long as the lease or the pause; its value is the token of whoever is in it.

    Django's cache would count whole seconds, and could not compare before it sets: the client under it is asked.
    """

    def enter(self, lane: str, lease: float) -> str | None:
        """Take the lane for `lease` seconds; return a token, or None while it is taken or in its pause."""
        token = uuid4().hex
        return token if self._client().set(self._key(lane), token, nx=True, px=round(lease * 1000)) else None

    def leave(self, lane: str, token: str, gap: float) -> None:
        """Free the lane after `gap` seconds, if the token is still the one of its holder."""
        self._client().eval(_LEAVE, 1, self._key(lane), token, ceil(gap * 1000))

    def _client(self) -> Any:
        return cache._cache.get_client(write=True)  # type: ignore[attr-defined] # noqa: SLF001

    def _key(self, lane: str) -> str:
        return cache.make_key(f"lane:{lane}")
