"""Switching a source on, by name or address: it is made if there is none, and fetched again if it was off.

What an address brings is seen before, in its `preview`.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from digest.models import Source
from digest.sources.catalogue import Entry

_ENABLING = (
    *("is_active", "next_check_at", "disabled_at", "disabled_reason"),
    *("failures", "failing_since", "healthy_since", "last_error", "last_error_kind"),
)


_OF_AN_ADDRESS: dict[str, Any] = {
    "etag": "",
    "last_modified": "",
    "body_hash": "",
    "last_full_at": None,
    "page_url": "",
    "pages": 0,
    "moved_to": "",
    "moved_since": None,
    "moved_count": 0,
    "batch_on": None,
}


class Outcome(StrEnum):
    ADDED = "added"
    ENABLED = "switched on again"
    THERE = "there already"


def switch_on(entry: Entry, now: datetime) -> tuple[Source, Outcome]:
    """Return the source of `entry`'s address, due at once unless it was on already, and what had to be done."""
    source, is_made = Source.objects.get_or_create(
        url=entry.url,
        defaults={
            "name": entry.name,
            "kind": entry.kind,
            "check_minutes": entry.check_minutes,
            "quiet_days": entry.quiet_days,
            "next_check_at": now,
            "created_at": now,
            "signals_due_at": _signals_due(entry.kind, now),
        },
    )
    if is_made:
        return source, Outcome.ADDED
    if source.is_active:
        return source, Outcome.THERE
    enable(source, now)
    return source, Outcome.ENABLED


def enable(source: Source, now: datetime) -> None:
    """Let a source that is off, or that fails, be fetched at once as if it had never failed."""
    source.enable(now)
    source.save(update_fields=_ENABLING)


def move(source: Source, *, url: str, kind: str, now: datetime) -> None:
    """Let a source be fetched at another address from now on; nothing that its old server said holds there."""
    source.url, source.kind, source.signals_due_at = url, kind, _signals_due(kind, now)
    for column, empty in _OF_AN_ADDRESS.items():
        setattr(source, column, empty)
    source.enable(now)
    source.save(update_fields=["url", "kind", "signals_due_at", *_OF_AN_ADDRESS, *_ENABLING])


def _signals_due(kind: str, now: datetime) -> datetime | None:
    return now if kind == Source.Kind.HF_DAILY else None
