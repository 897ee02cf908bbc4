"""What the mail system does to each attempt: thrown by seed, recipient and number of the attempt, so that the same
seed brings each mail the same fates however the workers take turns.
"""

import random
from dataclasses import dataclass
from enum import StrEnum

RELENTS = 4  # the attempt that nothing happens to any more: each one waits twice as long as the one before


class Luck(StrEnum):
    ACCEPT = "accept"
    LATER_AT_RCPT = "451 at RCPT"
    BUSY_AT_RCPT = "421 at RCPT, and closed"
    REFUSE_AT_RCPT = "550 at RCPT"
    REFUSE_AT_LONE_DOT = "550 at RCPT, but 354 at DATA"
    LATER_AT_DOT = "452 after the final dot"
    REFUSE_AT_DOT = "554 after the final dot"
    CUT_AT_RCPT = "closed instead of an answer to RCPT"
    CUT_IN_CONTENT = "closed in the middle of the mail"
    CUT_UNSTORED = "closed after the final dot, mail thrown away"
    CUT_STORED = "closed after the final dot, mail kept"
    STALL_AT_RCPT = "slow to answer RCPT"
    STALL_AT_DOT = "slow to answer the final dot, mail kept"
    STUCK_STORED = "too slow to answer the final dot, mail kept"
    STUCK_UNSTORED = "too slow to answer the final dot, mail refused then"


# In a thousand attempts; the rest are accepted.
MISHAPS = {
    Luck.LATER_AT_RCPT: 40,
    Luck.BUSY_AT_RCPT: 5,
    Luck.REFUSE_AT_RCPT: 12,
    Luck.REFUSE_AT_LONE_DOT: 4,
    Luck.LATER_AT_DOT: 12,
    Luck.REFUSE_AT_DOT: 6,
    Luck.CUT_AT_RCPT: 8,
    Luck.CUT_IN_CONTENT: 4,
    Luck.CUT_UNSTORED: 3,
    Luck.CUT_STORED: 3,
    Luck.STALL_AT_RCPT: 8,
    Luck.STALL_AT_DOT: 8,
    Luck.STUCK_STORED: 1,
    Luck.STUCK_UNSTORED: 1,
}


@dataclass(frozen=True, slots=True)
class Dice:
    seed: int
    patience: float  # seconds that a client waits for an answer

    def throw(self, recipient: str, attempt: int) -> tuple[Luck, float]:
        """Return what happens to this attempt, and for how many seconds the server stalls where it does."""
        if attempt >= RELENTS:
            return Luck.ACCEPT, 0.0
        dice = random.Random(f"{self.seed} {recipient} {attempt}")  # noqa: S311 - meant to be repeated
        luck = dice.choices([Luck.ACCEPT, *MISHAPS], [1000 - sum(MISHAPS.values()), *MISHAPS.values()])[0]
        if luck in (Luck.STUCK_STORED, Luck.STUCK_UNSTORED):
            return luck, self.patience + 1
        return luck, dice.uniform(0.1, 0.5) * self.patience
