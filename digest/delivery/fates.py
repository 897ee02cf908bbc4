"""What a row keeps of its hand-over, a digest's or a letter's: its columns for each fate, and when it is tried again.

The moves themselves are `ledger`'s for digests and `letter_ledger`'s for letters.
"""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from digest.delivery.wire.handover import Outcome

STOPPED = "the worker was stopped before it was sent"
LOST = "the worker stopped between handing over and recording the reply"


def retry_at(key: UUID, attempts: int, now: datetime, *, first: timedelta, longest: timedelta) -> datetime:
    """Return when to try again: twice as long after each attempt, spread by a quarter either way."""
    wait = min(longest, first * 2.0 ** (attempts - 1))
    spread = random.Random(key.int + attempts).uniform(0.75, 1.25)  # noqa: S311 - not a secret
    return now + wait * spread


def settled(state: str, reason: str, now: datetime) -> dict[str, Any]:
    return {"state": state, "reason": kept(reason), "settled_at": now, "next_attempt_at": None, "claim": None}


def put_back(state: str, outcome: Outcome, at: datetime) -> dict[str, Any]:
    return {
        "state": state,
        "next_attempt_at": at,
        "code": outcome.code,
        "reason": kept(outcome.reason),
        "settled_at": None,
        "claim": None,
    }


def kept(reason: str) -> str:
    """Return a reason as a row can keep it, whatever a mail system or an error said."""
    return reason[:300].replace("\0", "").encode(errors="replace").decode()


def lost(state: str, now: datetime) -> dict[str, Any]:
    """The columns of a hand-over that nobody recorded in its time. It keeps its claim, by which a journal knows it."""
    return {name: value for name, value in settled(state, LOST, now).items() if name != "claim"}


def too_late(state: str, outcome: Outcome, now: datetime) -> dict[str, Any]:
    return settled(state, f"not accepted in time: {outcome.reason}", now) | {"code": outcome.code}
