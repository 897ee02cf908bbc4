"""Redirects for good: a source whose address has moved is fetched at the new one, once the move has proved lasting.

A server that is set up wrongly for an hour also says 301. The new address is taken over after several visits in a row,
over a day at least, each of which ended in a feed.
"""

from datetime import datetime, timedelta

from digest.ingest.fetch import Fetched
from digest.models import Source
from digest.sources.address import without_login
from digest.sources.identifiers import MAX_URL

MOVES_NEEDED = 5
MOVED_FOR = timedelta(days=1)


def follow_move(source: Source, fetched: Fetched | None, now: datetime) -> str:
    """Note where a successful visit was redirected to for good; return a sentence for staff, "" without a move."""
    target = fetched.moved_to if fetched and not source.page_url else ""
    if not target or len(target) > MAX_URL or without_login(target) != target:
        source.moved_to, source.moved_since, source.moved_count = "", None, 0
        return ""
    if target != source.moved_to:
        source.moved_to, source.moved_since, source.moved_count = target, now, 0
    source.moved_count += 1
    if source.moved_count < MOVES_NEEDED or (source.moved_since and now - source.moved_since < MOVED_FOR):
        return f"Moved for good to {target}"[:500]
    return _adopt(source, target, now)


def _adopt(source: Source, target: str, now: datetime) -> str:
    other = Source.objects.filter(url=target).exclude(pk=source.pk).first()
    if other:
        source.disable(now, f"It has moved to the address of “{other}”, which is a source already.")
        return source.disabled_reason
    source.url = target
    source.moved_to, source.moved_since, source.moved_count = "", None, 0
    return f"The address is now {target}"[:500]
