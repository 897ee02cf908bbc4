"""Opens digests for the readers whose hour has come, and closes editions whose day is over everywhere.

What a digest says and how it is delivered comes later; here only rows are made and counted. After the service stood
still, the dates of the last days that nobody was served on are told by rows that are too late; their papers come with
the next digest. An edition closes once nothing of it can change any more, and then none of its date is opened.
"""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from accounts.bulk import insert_missing, write_each
from accounts.models import Reader
from digest.models import Digest, Edition

# A daily digest that is older than this is yesterday's paper: it is not sent any more.
FRESHNESS = timedelta(hours=20)
SLICE = 500
OVER_EVERYWHERE = timedelta(days=1, hours=12)  # after the midnight, UTC, with which a date begins


def open_due(now: datetime) -> int:
    """Make the digests of all readers whose slot has come, slice by slice; return for how many readers."""
    total = 0
    while opened := open_slice(now):
        total += opened
    return total


def open_slice(now: datetime) -> int:
    """Claim a slice of due readers, and in the same transaction give each its digests and its next slot."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    due = Reader.objects.due(now).only(*Reader.PLANNED_BY, "next_digest_at")
    with transaction.atomic():
        readers = list(due.select_for_update(skip_locked=skip_locked)[:SLICE])
        slots = [(reader, day, slot) for reader in readers for day, slot in reader.take_due(now)]
        editions = Edition.objects.on({day for _, day, _ in slots})
        digests = [
            _digest(reader, editions[day], slot, now) for reader, day, slot in slots if editions[day].closed_at is None
        ]
        insert_missing(Digest, digests)
        promised = ["next_digest_at", "last_edition_on"]
        write_each(Reader, [({"id": one.pk}, {name: getattr(one, name) for name in promised}) for one in readers])
    return len(readers)


def _digest(reader: Reader, edition: Edition, slot: datetime, now: datetime) -> dict[str, Any]:
    is_late = slot + FRESHNESS <= now
    return {
        "reader": reader.pk,
        "edition": edition.pk,
        "key": uuid4(),
        "state": Digest.State.EXPIRED if is_late else Digest.State.PENDING,
        "reason": "the service was not running at the reader's hour" if is_late else "",
        "due_at": slot,
        "next_attempt_at": None if is_late else slot,
        "settled_at": now if is_late else None,
        "created_at": now,
    }


def close_over(now: datetime) -> int:
    """Close the editions that nobody can get any more, and store how they ended; return how many."""
    editions = list(Edition.objects.over(now))
    return sum(close(edition, now) for edition in editions)


def close(edition: Edition, now: datetime) -> bool:
    """Store the closing equation, unless a digest of this edition is still open; return whether it closed.

    Nor does it close while readers wait whose slot was of that date or before: the service stood still, and opening
    comes first. Digests that an erased reader took along are not counted: eligible is who was here when it closed.
    """
    over = datetime.combine(edition.date, time(0), tzinfo=UTC) + OVER_EVERYWHERE
    with transaction.atomic():
        # Whoever opens or brings back a digest of this edition comes before or after this.
        if not Edition.objects.select_for_update().filter(pk=edition.pk, closed_at=None).exists():
            return False
        if edition.digests.open().exists() or Reader.objects.due(min(over, now)).exists():
            return False
        counts = edition.digests.by_state()
        closing = {"counts": {"eligible": sum(counts.values()), **counts}, "closed_at": now}
        return bool(Edition.objects.filter(pk=edition.pk).update(**closing))
