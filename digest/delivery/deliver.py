"""The story of one slice of digests: claim, compose, render, hand over, record.

One digest's failure is that digest's own. What may be done at once by many workers is decided in `ledger`.
"""

import logging
from collections.abc import Callable
from datetime import date

from django.db import transaction
from django.utils import timezone

from digest.delivery import ledger
from digest.delivery.editions import open_due
from digest.delivery.finished import Clock, finish
from digest.delivery.handover import Fate, MailSystemDown, Outcome, Transport
from digest.delivery.ledger import Claim
from digest.delivery.pool import CandidatePool
from digest.delivery.transport import transport
from digest.feedback import bounces
from digest.models import Digest

log = logging.getLogger(__name__)

SLICE = 100


def until_all_is_done(total: int) -> bool:
    return True


def deliver_due(*, clock: Clock = timezone.now, go_on: Callable[[int], bool] = until_all_is_done) -> int:
    """Open and deliver everything that is due by `clock`; return how many digests were settled or put back.

    After each slice that the mail system took, `go_on` is told how many it were so far, and may end the run.
    """
    ledger.sweep(clock())
    open_due(clock())
    total = 0
    pools: dict[date, CandidatePool] = {}
    way = transport()
    try:
        while (claim := ledger.claim(clock(), limit=SLICE)).digests:
            total += len(claim.digests)
            if not (_deliver_slice(claim, way, pools, clock) and go_on(total)):
                break
    finally:
        way.close()
    return total


def _deliver_slice(claim: Claim, way: Transport, pools: dict[date, CandidatePool], clock: Clock) -> bool:
    """Deliver the digests of one claim; False where the mail system is down and the rest must wait."""
    ready = list(finish(claim.digests, pools, clock))
    fate: tuple[Digest, Outcome] | None = None  # of the last mail, until it is written down with the next commit
    failed: list[tuple[Digest, Outcome]] = []
    try:
        if ready:
            way.open()
        while ready:
            finished = ready.pop(0)
            with transaction.atomic():
                _record(fate, clock)
                held = ledger.begin(finished.digest, claim.token, clock(), **finished.written)
            fate = None
            if held:
                try:
                    fate = finished.digest, way.send(finished.mail)
                except MailSystemDown as error:
                    fate = finished.digest, Outcome(Fate.RETRY, reason=str(error))
                    raise
                if fate[1].fate is Fate.FAILED:
                    failed.append(fate)
    except MailSystemDown as error:
        waiting = [finished.digest for finished in ready]
        log.error("digests=%d waiting: %s", len(waiting), error)
        ledger.postpone(waiting, Outcome(Fate.RETRY, reason=str(error)), clock())
        return False
    finally:
        _record(fate, clock)
        for digest, outcome in failed:
            bounces.refused(digest.reader.email, digest.key, outcome.reason, clock())
    return True


def _record(fate: tuple[Digest, Outcome] | None, clock: Clock) -> None:
    if fate is not None:
        digest, outcome = fate
        ledger.record(digest, outcome, clock())
