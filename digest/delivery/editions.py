"""Opens digests for the readers whose hour has come, and closes editions whose day is over everywhere.

What a digest says and how it is delivered comes later; here only rows are made and counted.
"""

from datetime import datetime, timedelta

from django.db import connection, transaction

from accounts.models import Reader
from digest.models import Digest, Edition

# A daily digest that is older than this is yesterday's paper: it is not sent any more.
FRESHNESS = timedelta(hours=20)
SLICE = 500


def open_due(now: datetime) -> int:
    """Make the digests of all readers whose slot has come, slice by slice; return how many were made."""
    total = 0
    while opened := _open_slice(now):
        total += opened
    return total


def _open_slice(now: datetime) -> int:
    """Claim a slice of due readers, and in the same transaction give each its digests and its next slot."""
    skip_locked = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        readers = list(Reader.objects.due(now).select_for_update(skip_locked=skip_locked)[:SLICE])
        due = [(reader, day, slot) for reader in readers for day, slot in reader.take_due(now)]
        editions = Edition.objects.on({day for _, day, _ in due})
        digests = [_digest(reader, editions[day], slot, now) for reader, day, slot in due]
        Digest.objects.bulk_create(digests, ignore_conflicts=True, batch_size=SLICE)
        Reader.objects.bulk_update(readers, ["next_digest_at", "last_edition_on"], batch_size=SLICE)
    return len(readers)


def _digest(reader: Reader, edition: Edition, slot: datetime, now: datetime) -> Digest:
    digest = Digest(reader=reader, edition=edition, due_at=slot, next_attempt_at=slot, created_at=now)
    if slot + FRESHNESS <= now:
        digest.state = Digest.State.EXPIRED
        digest.reason = "the service was not running at the reader's hour"
        digest.next_attempt_at, digest.settled_at = None, now
    return digest


def close_over(now: datetime) -> int:
    """Close the editions that nobody can get any more, and store how they ended; return how many."""
    editions = list(Edition.objects.over(now))
    return sum(close(edition, now) for edition in editions)


def close(edition: Edition, now: datetime) -> bool:
    """Store the closing equation, unless a digest of this edition is still open; return whether it closed."""
    if edition.digests.open().exists():
        return False
    counts = edition.digests.by_state()
    closing = {"counts": {"eligible": sum(counts.values()), **counts}, "closed_at": now}
    return bool(Edition.objects.filter(pk=edition.pk, closed_at=None).update(**closing))
