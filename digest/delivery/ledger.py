"""The ledger of delivery: every move of a digest from one state to the next is here, and nowhere else.

    pending, retry --claim--> the same, held --begin--> handing_over --record--> accepted, retry, failed, uncertain

A claim that runs out is due again by itself; a hand-over that is never recorded becomes uncertain (`sweep`), which the
record of that very hand-over can still settle: its row keeps the claim. Only staff bring back what has left
(`send_again`): it is pending once more, as a new mail.

All moves are of many digests at once, in a number of statements that does not depend on how many. What happened is
decided in `handover`; here it is written down.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import models, transaction

from digest.delivery import fates
from digest.delivery.editions import FRESHNESS
from digest.delivery.fates import settled
from digest.delivery.wire.handover import Fate, Outcome
from digest.models import Digest, Edition
from digest.models.claims import LEASE, write_held
from digest.models.claims import claim as claim_rows

FIRST_RETRY = timedelta(minutes=2)
LONGEST_RETRY = timedelta(hours=2)
STRIKES = 3  # of workers who died while they made a mail, before it waits
# What of a digest, its reader and its edition is read to deliver it.
NEEDED = (
    *("reader", "edition", "key", "state", "reason", "attempts", "claim", "due_at", "resent_at", "edition__date"),
    *("reader__email", "reader__papers", "reader__state", "reader__is_active"),
)
FIRST_MAY_HAVE = "its first copy may have arrived, and the second was refused: "
# What a record may still settle: a hand-over under way, or one that was given up.
OPEN = (Digest.State.HANDING_OVER, Digest.State.UNCERTAIN)

Result = tuple[Digest, Outcome]


@dataclass(frozen=True, slots=True)
class Claim:
    """Digests held by one worker under one token, until the lease ends."""

    token: UUID
    digests: list[Digest]


@dataclass(frozen=True, slots=True)
class Held:
    """A claimed digest that must wait, until when and why."""

    digest: Digest
    until: datetime
    reason: str


def claim(now: datetime, *, limit: int, token: UUID | None = None) -> Claim:
    """Take up to `limit` due digests, with what is needed of them, their readers and editions."""
    token = token or uuid4()
    keys = claim_rows(Digest.objects.due(now), "next_attempt_at", until=now + LEASE, limit=limit, claim=token)
    held = Digest.objects.filter(pk__in=keys, claim=token).select_related("reader", "edition")
    return Claim(token, list(held.only(*NEEDED).order_by("pk")))


def begin(digests: Sequence[tuple[Digest, Mapping[str, Any]]], now: datetime) -> list[Digest]:
    """Commit that the hand-over of claimed digests begins, each with what it says (subject, picks, trending).

    Return those that are still held. Of the others another worker has the claim, and nothing may be sent.
    """
    for digest, _ in digests:
        digest.attempts += 1
    begun = {"state": Digest.State.HANDING_OVER, "next_attempt_at": now + LEASE, "reason": ""}
    rows = [(digest.pk, digest.claim, begun | {"attempts": digest.attempts, **written}) for digest, written in digests]
    held = write_held(Digest, rows, Digest.WAITING)
    return [digest for digest, _ in digests if digest.pk in held]


def record(results: Iterable[Result], now: datetime) -> list[Result]:
    """Write down the fates of hand-overs that `begin` committed; return those that were not written down before.

    Doing it twice, or late, does no harm: another attempt has another claim.
    """
    results = list(results)
    rows = [(digest.pk, digest.claim, _fate(digest, outcome, now)) for digest, outcome in results]
    written = write_held(Digest, rows, OPEN)
    return [(digest, outcome) for digest, outcome in results if digest.pk in written]


def put_back(digests: Iterable[Digest], reason: str, now: datetime) -> None:
    """Make digests due at once whose hand-over had begun, and which were certainly not sent: it was no attempt."""
    outcome = Outcome(Fate.RETRY, reason=reason)
    rows = [
        (digest.pk, digest.claim, _again(digest, outcome, at=now, now=now) | {"attempts": max(0, digest.attempts - 1)})
        for digest in digests
    ]
    write_held(Digest, rows, OPEN)


def postpone(digests: Iterable[Digest], outcome: Outcome, now: datetime) -> None:
    """Put back claimed digests whose hand-over could not begin: they stay due, later, and say why."""
    digests = list(digests)
    for digest in digests:
        digest.attempts += 1
    rows = [
        (digest.pk, digest.claim, _fate(digest, outcome, now) | {"attempts": digest.attempts}) for digest in digests
    ]
    write_held(Digest, rows, Digest.WAITING)


def put_off(digests: Iterable[Digest], until: datetime, reason: str) -> None:
    """Let claimed digests wait until a moment, through no fault of theirs: no attempt is counted."""
    _held(digests).update(next_attempt_at=until, reason=fates.kept(reason), claim=None)


def settle(digests: Iterable[Digest], state: Digest.State, reason: str, now: datetime) -> None:
    """Give claimed digests that are not handed over their final state: empty, suppressed, expired or failed."""
    _held(digests).update(**settled(state, reason, now))


def expire(reason: str, now: datetime) -> int:
    """Give up waiting digests that are too old by now, where none of them could be claimed; return how many."""
    too_old = Digest.objects.due(now).order_by().filter(due_at__lte=now - FRESHNESS)
    return too_old.update(**settled(Digest.State.EXPIRED, f"not sent in time: {reason}", now))


def renew(claims: Collection[UUID], now: datetime) -> None:
    """Let hand-overs under way last longer."""
    under_way = Digest.objects.filter(state=Digest.State.HANDING_OVER, claim__in=claims)
    under_way.update(next_attempt_at=now + LEASE)


def hold(held: Iterable[Held]) -> None:
    """Let claimed digests wait, each until its own turn: no attempt is counted."""
    rows = [
        (
            one.digest.pk,
            one.digest.claim,
            {"next_attempt_at": one.until, "reason": fates.kept(one.reason), "claim": None},
        )
        for one in held
    ]
    write_held(Digest, rows, Digest.WAITING)


def next_due() -> datetime | None:
    """Return when the next digest is due that waits and that nobody holds."""
    waiting = Digest.objects.filter(state__in=Digest.WAITING, claim=None)
    return waiting.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()


def let_go(reasons: Collection[str], now: datetime) -> int:
    """Make waiting digests due at once that nobody holds and that gave one of `reasons`; return how many."""
    waiting = Digest.objects.filter(state__in=Digest.WAITING, claim=None, reason__in=reasons, next_attempt_at__gt=now)
    return waiting.update(next_attempt_at=now)


def sweep(now: datetime) -> int:
    """Declare uncertain what a dead worker was handing over; return how many."""
    return Digest.objects.stranded(now).update(**fates.lost(Digest.State.UNCERTAIN, now))


def recover(token: UUID, fate: Callable[[str], Outcome | None], now: datetime) -> list[Result]:
    """Settle what a worker who is gone held under its claim, by what its journal says of each mail's key.

    What was certainly not sent is due again at once; what was still being made is so a few times only, as it may be
    what its worker died of: then it waits ever longer, so that others get by. A closed edition stays as it closed.
    """
    with transaction.atomic():
        rows = Digest.objects.filter(claim=token).select_related("reader").order_by("pk")
        # The last statement of who is gone may still be on its way, and so may the closing of an edition: wait for it.
        held = list(rows.select_for_update(of=("self",), no_key=True))
        editions = Edition.objects.still_open({digest.edition_id for digest in held})
        held = [digest for digest in held if digest.edition_id in editions]
        begun = [(digest, fate(digest.key.hex)) for digest in held if digest.state in OPEN]
        put_back([digest for digest, outcome in begun if outcome is None], fates.STOPPED, now)
        waiting = [digest for digest in held if digest.state in Digest.WAITING]
        made = _held([digest for digest in waiting if digest.attempts < STRIKES])
        made.update(next_attempt_at=now, claim=None, attempts=models.F("attempts") + 1)
        suspects = [digest for digest in waiting if digest.attempts >= STRIKES]
        postpone(suspects, Outcome(Fate.RETRY, reason="workers stopped time and again while it was made"), now)
        return record([(digest, outcome) for digest, outcome in begun if outcome is not None], now)


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
        "resent_at": None,
        "subject": "",
        "picks": [],
        "trending": [],
    }


def retry_at(digest: Digest, now: datetime) -> datetime:
    return fates.retry_at(digest.key, digest.attempts, now, first=FIRST_RETRY, longest=LONGEST_RETRY)


def _held(digests: Iterable[Digest]) -> models.QuerySet[Digest]:
    """Of digests that somebody claimed, those still held under that claim and not being handed over."""
    digests = list(digests)
    claims = {digest.claim for digest in digests}
    return Digest.objects.filter(pk__in=[digest.pk for digest in digests], claim__in=claims, state__in=Digest.WAITING)


def _fate(digest: Digest, outcome: Outcome, now: datetime) -> dict[str, Any]:
    if outcome.fate is Fate.RETRY:
        return _again(digest, outcome, at=retry_at(digest, now), now=now)
    first = FIRST_MAY_HAVE if digest.resent_at is not None and outcome.fate is Fate.FAILED else ""
    return settled(outcome.fate.value, first + outcome.reason, now) | {"code": outcome.code}


def _again(digest: Digest, outcome: Outcome, *, at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a digest that is tried again, unless it would be too late by then."""
    if at >= digest.due_at + FRESHNESS:
        return fates.too_late(Digest.State.EXPIRED, outcome, now)
    return fates.put_back(Digest.State.RETRY, outcome, at)
