"""The story of letters, the mails beside the digest: claim, put into words, hand over, record.

    waiting --claim--> the same, held --begin--> handing_over --record--> accepted, waiting again, failed, uncertain

With the discipline of digests: a claim that runs out is due again by itself, a hand-over that is never recorded becomes
uncertain. Once a letter's fate is known, what it said is forgotten: it can hold a code. Its words are `wording`'s.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from digest.delivery import fates, pace
from digest.delivery.fates import LEASE, LOST
from digest.delivery.handover import Fate, Mail, MailSystemDown, Outcome, Transport
from digest.delivery.transport import transport
from digest.delivery.wording import write
from digest.feedback import bounces
from digest.models import Letter, Suppression
from digest.models.claims import claim

log = logging.getLogger(__name__)

SLICE = 20
FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=1)
Clock = Callable[[], datetime]
State, Kind = Letter.State, Letter.Kind
FORGOTTEN: dict[str, Any] = {"said": {}}  # once the fate of a letter is known

# What nobody asked for at this moment: it is not sent to an address that bounced, complained or was erased.
UNASKED = {Kind.WELCOME, Kind.FAREWELL, Kind.NOTICE}


def deliver_letters_due(*, clock: Clock = timezone.now) -> int:
    """Deliver all letters that are due by `clock`; return how many were settled or put back."""
    sweep(clock())
    total = 0
    way = transport()
    try:
        while letters := _claimed(clock()):
            total += len(letters)
            if not _deliver(letters, way, clock):
                break
    finally:
        way.close()
    return total


def sweep(now: datetime) -> int:
    """Declare uncertain what a dead worker was handing over; return how many."""
    return Letter.objects.stranded(now).update(**_settled(State.UNCERTAIN, LOST, now))


def _claimed(now: datetime) -> list[Letter]:
    token = uuid4()
    keys = claim(Letter.objects.due(now), "next_attempt_at", until=now + LEASE, limit=SLICE, claim=token)
    return list(Letter.objects.filter(pk__in=keys, claim=token).select_related("reader").order_by("pk"))


def _deliver(letters: list[Letter], way: Transport, clock: Clock) -> bool:
    """Hand over claimed letters; False where the mail system is down and the rest must wait."""
    ready = list(_written(letters, clock))
    results: list[tuple[str, Outcome]] = []
    try:
        if ready:
            way.open()
        while ready:
            letter, mail = ready.pop(0)
            if _begin(letter, clock()):
                results.append((letter.address, _hand_over(letter, mail, way, clock)))
    except MailSystemDown as error:
        log.error("letters=%d waiting: %s", len(ready), error)
        for letter, _ in ready:
            _postpone(letter, Outcome(Fate.RETRY, reason=str(error)), clock())
        return False
    finally:
        pace.told(results, clock(), took_room=False)
    return True


def _hand_over(letter: Letter, mail: Mail, way: Transport, clock: Clock) -> Outcome:
    try:
        outcome = way.send(mail)
    except MailSystemDown as error:
        _record(letter, Outcome(Fate.RETRY, reason=str(error)), clock())
        raise
    _record(letter, outcome, clock())
    if outcome.fate is Fate.FAILED:
        bounces.refused(letter.address, letter.key, outcome.reason, clock())
    return outcome


def _written(letters: list[Letter], clock: Clock) -> Iterator[tuple[Letter, Mail]]:
    """Put letters into words; settle those that must not or cannot be sent."""
    suppressed = Suppression.objects.among([letter.address for letter in letters])
    for letter in letters:
        now = clock()
        if verdict := _unmailable(letter, suppressed.get(letter.address), now):
            _settle(letter, *verdict, now)
            continue
        try:
            yield letter, write(letter, now)
        except Exception as error:
            log.exception("letter=%s cannot be written", letter.pk)
            _settle(letter, State.FAILED, f"it could not be written: {error}", now)


def _unmailable(letter: Letter, suppressed: str | None, now: datetime) -> tuple[Letter.State, str] | None:
    """Return the state and the reason of a letter that must not be sent whatever it says."""
    if letter.expires_at <= now:
        return State.EXPIRED, letter.reason or "it could not be sent in time"
    if suppressed == Suppression.Reason.STAFF or (suppressed and letter.kind in UNASKED):
        return State.FAILED, f"not sent, the address: {Suppression.Reason(suppressed).label}"
    return None


def _begin(letter: Letter, now: datetime) -> bool:
    """Commit that the hand-over begins; False where the claim has been lost and nothing may be sent."""
    letter.attempts += 1
    held = Letter.objects.filter(pk=letter.pk, claim=letter.claim, state=State.WAITING)
    return bool(held.update(state=State.HANDING_OVER, attempts=letter.attempts, next_attempt_at=now + LEASE, reason=""))


def _record(letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Write down the fate of a hand-over that `_begin` committed."""
    handing_over = Letter.objects.filter(pk=letter.pk, state=State.HANDING_OVER)
    if outcome.fate is Fate.RETRY:
        handing_over.update(**_retry(letter, outcome, now))
    else:
        handing_over.update(**_settled(State(outcome.fate.value), outcome.reason, now), code=outcome.code)


def _postpone(letter: Letter, outcome: Outcome, now: datetime) -> None:
    """Put back a letter whose hand-over could not begin: it stays due, later, and says why."""
    held = Letter.objects.filter(pk=letter.pk, claim=letter.claim, state=State.WAITING)
    letter.attempts += 1
    held.update(**_retry(letter, outcome, now), attempts=letter.attempts)


def _settle(letter: Letter, state: Letter.State, reason: str, now: datetime) -> None:
    held = Letter.objects.filter(pk=letter.pk, claim=letter.claim, state=State.WAITING)
    held.update(**_settled(state, reason, now))


def _retry(letter: Letter, outcome: Outcome, now: datetime) -> dict[str, Any]:
    at = fates.retry_at(letter.key, letter.attempts, now, first=FIRST_RETRY, longest=LONGEST_RETRY)
    if at >= letter.expires_at:
        return fates.too_late(State.EXPIRED, outcome, now) | FORGOTTEN
    return fates.put_back(State.WAITING, outcome, at)


def _settled(state: Letter.State, reason: str, now: datetime) -> dict[str, Any]:
    return fates.settled(state, reason, now) | FORGOTTEN
