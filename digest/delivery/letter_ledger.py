"""The ledger of letters: every move of a letter from one state to the next.

    waiting --claim--> the same, held --begin--> handing_over --record--> accepted, waiting again, failed, uncertain

With the discipline of digests (`ledger`), but that a letter whose fate is known, or given up, forgets what it said: it
can hold a code. So it cannot be sent any more, even where a journal tells later that it had not been.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from digest.delivery import fates
from digest.delivery.wire.handover import Fate, Outcome
from digest.models import Letter
from digest.models.claims import LEASE, write_held
from digest.models.claims import claim as claim_rows

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
State = Letter.State
FORGOTTEN: dict[str, Any] = {"said": {}}

Result = tuple[Letter, Outcome]


def claim(now: datetime, *, limit: int, token: UUID) -> list[Letter]:
    """Take up to `limit` due letters, with their readers."""
    keys = claim_rows(Letter.objects.due(now), "next_attempt_at", until=now + LEASE, limit=limit, claim=token)
    return list(Letter.objects.filter(pk__in=keys, claim=token).select_related("reader").order_by("pk"))


def begin(letters: Sequence[Letter], now: datetime) -> list[Letter]:
    """Commit that the hand-over of claimed letters begins; return those that are still held and may be sent."""
    begun = {"state": State.HANDING_OVER, "next_attempt_at": now + LEASE, "reason": ""}
    for letter in letters:
        letter.attempts += 1
    rows = [(letter.pk, letter.claim, begun | {"attempts": letter.attempts}) for letter in letters]
    held = write_held(Letter, rows, [State.WAITING])
    return [letter for letter in letters if letter.pk in held]


def record(results: Iterable[Result], now: datetime) -> list[Result]:
    """Write down the fates of hand-overs that `begin` committed; return those that were not written down before."""
    results = list(results)
    open_rows = [(letter.pk, letter.claim, _fate(letter, outcome, now)) for letter, outcome in results]
    written = write_held(Letter, open_rows, [State.HANDING_OVER])
    given_up = [(letter, outcome) for letter, outcome in results if letter.pk not in written]
    rows = [(letter.pk, letter.claim, _end(outcome, now)) for letter, outcome in given_up]
    written |= write_held(Letter, rows, [State.UNCERTAIN])
    return [(letter, outcome) for letter, outcome in results if letter.pk in written]


def put_back(letters: Iterable[Letter], reason: str, now: datetime) -> None:
    """Make letters due at once whose hand-over had begun, and which were certainly not sent: it was no attempt."""
    letters, outcome = list(letters), Outcome(Fate.RETRY, reason=reason)
    rows = [
        (letter.pk, letter.claim, _again(letter, outcome, at=now, now=now) | {"attempts": max(0, letter.attempts - 1)})
        for letter in letters
    ]
    back = write_held(Letter, rows, [State.HANDING_OVER])
    too_late = [(letter.pk, letter.claim, _end(outcome, now)) for letter in letters if letter.pk not in back]
    write_held(Letter, too_late, [State.UNCERTAIN])


def postpone(letters: Iterable[Letter], outcome: Outcome, now: datetime) -> None:
    """Put back claimed letters whose hand-over could not begin: they stay due, later, and say why."""
    letters = list(letters)
    for letter in letters:
        letter.attempts += 1
    rows = [
        (letter.pk, letter.claim, _fate(letter, outcome, now) | {"attempts": letter.attempts}) for letter in letters
    ]
    write_held(Letter, rows, [State.WAITING])


def settle(letter: Letter, state: Letter.State, reason: str, now: datetime) -> None:
    """Give a claimed letter that is not handed over its final state."""
    held = Letter.objects.filter(pk=letter.pk, claim=letter.claim, state=State.WAITING)
    held.update(**fates.settled(state, reason, now), **FORGOTTEN)


def sweep(now: datetime) -> int:
    """Declare uncertain what a dead worker was handing over; return how many."""
    return Letter.objects.stranded(now).update(**fates.lost(State.UNCERTAIN, now), **FORGOTTEN)


def recover(token: UUID, fate: Callable[[str], Outcome | None], now: datetime) -> list[Result]:
    """Settle what a worker who is gone held under its claim, by what its journal says of each letter's key."""
    with transaction.atomic():
        # The last statement of who is gone may still be on its way: it is waited for.
        held = list(Letter.objects.filter(claim=token).select_for_update().order_by("pk"))
        begun = [(letter, fate(letter.key.hex)) for letter in held if letter.state != State.WAITING]
        put_back([letter for letter, outcome in begun if outcome is None], fates.STOPPED, now)
        Letter.objects.filter(claim=token, state=State.WAITING).update(next_attempt_at=now, claim=None)
        return record([(letter, outcome) for letter, outcome in begun if outcome is not None], now)


def _fate(letter: Letter, outcome: Outcome, now: datetime) -> dict[str, Any]:
    if outcome.fate is Fate.RETRY:
        at = fates.retry_at(letter.key, letter.attempts, now, first=FIRST_RETRY, longest=LONGEST_RETRY)
        return _again(letter, outcome, at=at, now=now)
    return fates.settled(outcome.fate.value, outcome.reason, now) | {"code": outcome.code} | FORGOTTEN


def _again(letter: Letter, outcome: Outcome, *, at: datetime, now: datetime) -> dict[str, Any]:
    """The columns of a letter that is tried again, unless it is worthless by then."""
    if at >= letter.expires_at:
        return _end(outcome, now)
    return fates.put_back(State.WAITING, outcome, at) | {"said": letter.said}


def _end(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """The columns of a letter that is not tried again."""
    if outcome.fate is Fate.RETRY:
        return fates.too_late(State.EXPIRED, outcome, now) | FORGOTTEN
    return fates.settled(outcome.fate.value, outcome.reason, now) | {"code": outcome.code} | FORGOTTEN
