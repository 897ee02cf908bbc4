"""Takes up what dead workers left: reads their journals, and writes down what became of their mails.

A worker whose journal cannot be found (another machine, a lost disk) is waited for until its lease is over; that is
the `sweep` of `ledger` and `letter_ledger`.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from digest.delivery import ledger, letter_ledger, pace
from digest.delivery.journal import Noted, abandoned
from digest.delivery.wire.handover import Fate, Outcome
from digest.feedback import bounces
from digest.models import Digest, Letter

log = logging.getLogger(__name__)


def recover(now: datetime) -> None:
    """Settle what the workers of this machine held who are gone, and remove their journals."""
    for noted in abandoned():
        try:
            _settle(noted, now)
            noted.is_settled = True
        except Exception:
            log.exception("claim=%s: its journal waits for the next run", noted.token)


def _settle(noted: Noted, now: datetime) -> None:
    digests = ledger.recover(noted.token, noted.outcome, now)
    tell(digests, now)
    letters = letter_ledger.recover(noted.token, noted.outcome, now)
    tell(letters, now, took_room=False)
    log.warning("claim=%s: its worker is gone, %d fates had been noted", noted.token, len(digests) + len(letters))


def tell(results: Sequence[tuple[Digest | Letter, Outcome]], now: datetime, *, took_room: bool = True) -> None:
    """Let what the mail system said have its consequences, for the pace of mail and for addresses."""
    pace.told([(_address(row), outcome) for row, outcome in results], now, took_room=took_room)
    tell_refusals(results, now)


def tell_refusals(results: Sequence[tuple[Digest | Letter, Outcome]], now: datetime) -> None:
    for row, outcome in results:
        if outcome.fate is Fate.FAILED:
            bounces.refused(_address(row), row.key, outcome.reason, now)


def _address(row: Digest | Letter) -> str:
    return row.address if isinstance(row, Letter) else row.reader.email
