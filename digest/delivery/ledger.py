"""The ledger of delivery: every move of a digest from one state to the next is here, and nowhere else.

    pending, retry --claim--> the same, held --begin--> handing_over --record--> accepted, retry, failed, uncertain

A claim that runs out is due again by itself; a hand-over that is never recorded becomes uncertain (`sweep`). Only staff
bring back what has left (`send_again`): it is pending once more, as a new mail.

What happened is decided in `handover`; here it is written down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction

from digest.delivery import fates
from digest.delivery.editions import FRESHNESS
from digest.delivery.fates import LEASE, LOST, settled
from digest.delivery.handover import Fate, Outcome
from digest.models import Digest
from digest.models.claims import claim as claim_rows

FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """Digests held by one worker under one token, until the lease ends."""

    token: UUID
    digests: list[Digest]


def claim(now: datetime, *, limit: int) -> Claim:
    """Take up to `limit` due digests, with their readers and editions."""
    token = uuid4()
    keys = claim_rows(Digest.objects.due(now), "next_attempt_at", until=now + LEASE, limit=limit, claim=token)
    held = Digest.objects.filter(pk__in=keys, claim=token).select_related("reader", "edition")
    return Claim(token, list(held.order_by("pk")))


def begin(digest: Digest, token: UUID, now: datetime, **written: Any) -> bool:
    """Commit that the hand-over of `digest` begins, with what it says (`written`: subject, picks, trending).

    False where the claim has been lost: then another worker has it, and nothing may be sent.
    """
    held = Digest.objects.filter(pk=digest.pk, claim=token, state__in=Digest.WAITING)
    digest.attempts += 1
    return bool(
        held.update(
            state=Digest.State.HANDING_OVER,
            attempts=digest.attempts,
            next_attempt_at=now + LEASE,
            reason="",
            **written,
        )
    )


def record(digest: Digest, outcome: Outcome, now: datetime) -> None:
    """Write down the fate of a hand-over that `begin` committed."""
    handing_over = Digest.objects.filter(pk=digest.pk, state=Digest.State.HANDING_OVER)
    if outcome.fate is Fate.RETRY:
        handing_over.update(**_retry(digest, outcome, now))
    else:
        handing_over.update(**settled(outcome.fate.value, outcome.reason, now), code=outcome.code)


def postpone(digests: Iterable[Digest], outcome: Outcome, now: datetime) -> None:
    """Put back digests whose hand-over could not begin: they stay due, later, and say why."""
    for digest in digests:
        digest.attempts += 1
        waiting = Digest.objects.filter(pk=digest.pk, claim=digest.claim, state__in=Digest.WAITING)
        waiting.update(**_retry(digest, outcome, now), attempts=digest.attempts)


def settle(digests: Sequence[Digest], state: Digest.State, reason: str, now: datetime) -> None:
    """Give digests that are not handed over their final state: empty, suppressed, expired or failed."""
    keys = [digest.pk for digest in digests]
    Digest.objects.filter(pk__in=keys, state__in=Digest.WAITING).update(**settled(state, reason, now))


def sweep(now: datetime) -> int:
    """Declare uncertain what a dead worker was handing over; return how many."""
    return Digest.objects.stranded(now).update(**settled(Digest.State.UNCERTAIN, LOST, now))


def send_again(digests: models.QuerySet[Digest], now: datetime) -> list[Digest]:
    """Make digests due once more that were mailed, or should have been; return which, as they had been.

    Each gets a new key, and so a new Message-ID: mailboxes may hide a second mail with the same one. Left alone are
    those that had nothing to say or must not be mailed, that are too old by now, or whose edition is closed: what its
    equation says stays true.
    """
    mailed = [Digest.State.ACCEPTED, Digest.State.FAILED, Digest.State.UNCERTAIN]
    ready = digests.filter(state__in=mailed, due_at__gt=now - FRESHNESS, edition__closed_at=None)
    with transaction.atomic():
        before = list(ready.select_for_update(of=("self",)).order_by("pk"))
        again = [Digest(pk=digest.pk, due_at=digest.due_at, **_anew(now)) for digest in before]
        Digest.objects.bulk_update(again, ["key", *_anew(now)], batch_size=500)
    return before


def _anew(now: datetime) -> dict[str, Any]:
    return {
        "state": Digest.State.PENDING,
        "reason": "sent again by staff",
        "code": None,
        "attempts": 0,
        "claim": None,
        "next_attempt_at": now,
        "settled_at": None,
        "subject": "",
        "picks": [],
        "trending": [],
    }


def retry_at(digest: Digest, now: datetime) -> datetime:
    return fates.retry_at(digest.key, digest.attempts, now, first=FIRST_RETRY, longest=LONGEST_RETRY)


def _retry(digest: Digest, outcome: Outcome, now: datetime) -> dict[str, Any]:
    at = retry_at(digest, now)
    if at >= digest.due_at + FRESHNESS:
        return fates.too_late(Digest.State.EXPIRED, outcome, now)
    return fates.put_back(Digest.State.RETRY, outcome, at)
