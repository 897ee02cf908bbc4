"""Takes up what dead workers left: reads their journals, and writes down what became of their mails.

A worker whose journal cannot be found (another machine, a lost disk) is waited for until its lease is over; that is
the `sweep` of `ledger` and `letters`.
"""

import logging
from datetime import datetime

from digest.delivery import ledger, pace
from digest.delivery.handover import Fate
from digest.delivery.journal import abandoned
from digest.delivery.ledger import Result
from digest.feedback import bounces

log = logging.getLogger(__name__)


def recover(now: datetime) -> None:
    """Settle what the workers of this machine held who are gone, and remove their journals."""
    for noted in abandoned():
        written = ledger.recover(noted.token, noted.outcome, now)
        tell(written, now)
        log.warning("claim=%s: its worker is gone, %d hand-overs had been noted", noted.token, len(written))


def tell(results: list[Result], now: datetime) -> None:
    """Let what the mail system said have its consequences, for the pace of mail and for addresses."""
    pace.told([(digest.reader.email, outcome) for digest, outcome in results], now)
    for digest, outcome in results:
        if outcome.fate is Fate.FAILED:
            bounces.refused(digest.reader.email, digest.key, outcome.reason, now)
