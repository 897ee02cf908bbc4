"""What one run has begun and not recorded yet: the rows whose mails are under way, and the journals of their claims."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from time import monotonic
from typing import Generic, TypeVar

from digest.delivery.journal import Journal
from digest.delivery.lines import Errand
from digest.delivery.wire.handover import Fate, Outcome
from digest.models.claims import LEASE

LONGEST = 1.0  # seconds that a fate waits to be recorded together with others
Row = TypeVar("Row")
Written = TypeVar("Written")


class UnderWay(Generic[Row]):
    """A journal is removed when all that was begun under it is recorded; what is left at the end is abandoned."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}  # by the key of their mail
        self.journals: dict[Journal, int] = {}  # with what keeps each: rows, and the claim until it is made
        self.done: list[tuple[Errand, Outcome]] = []  # to be recorded
        self.record_at = 0.0

    def open(self, journal: Journal) -> None:
        """Keep the journal of a claim while its mails are made: what the database did last may never be heard."""
        self.journals[journal] = 1

    def begin(self, journal: Journal, rows: Mapping[str, Row], now: datetime) -> None:
        """Take up what the database now knows to be handed over under this journal."""
        journal.until = now + LEASE
        self.rows |= rows
        self.journals[journal] += len(rows)

    def made(self, journal: Journal) -> None:
        """Have nothing but what was begun keep the journal: the rest of its claim is over."""
        self.journals[journal] -= 1
        self._close_finished()

    def hear(self, done: Iterable[tuple[Errand, Outcome]]) -> None:
        """Keep what has been done until it is recorded."""
        if not self.done:
            self.record_at = monotonic() + LONGEST
        self.done += done

    def is_worth_recording(self, in_flight: int, most: int) -> bool:
        """Whether a slice is done, or all of it, or something that has waited long enough for the rest."""
        return bool(self.done) and (not in_flight or len(self.done) >= most or monotonic() >= self.record_at)

    def record(self, write: Callable[[list[tuple[Row, Outcome]]], Written]) -> Written:
        """Have what is done written down; where that fails, all of it is kept."""
        written = write([(self.rows[errand.mail.key], outcome) for errand, outcome in self.done])
        recorded, self.done = self.done, []
        self.forget(errand for errand, _ in recorded)
        return written

    def forget(self, errands: Iterable[Errand]) -> None:
        """Let go of what is recorded."""
        for errand in errands:
            del self.rows[errand.mail.key]
            self.journals[errand.journal] -= 1
        self._close_finished()

    def _close_finished(self) -> None:
        """Remove the journals of claims that are over."""
        for journal in [journal for journal, count in self.journals.items() if not count]:
            del self.journals[journal]
            journal.close(finished=True)

    def leave(self, left: Sequence[Errand], down: str, put_back: Callable[[list[Row]], object]) -> None:
        """Settle what was never handed over: for later where the mail system is `down`, else due again at once."""
        if down:
            self.hear((errand, Outcome(Fate.RETRY, reason=down)) for errand in left)
        elif left:
            put_back([self.rows[errand.mail.key] for errand in left])
            self.forget(left)

    def to_renew(self, now: datetime) -> list[Journal]:
        """Return the journals whose claims should last longer. One that has all but run out is left to do so."""
        if all(journal.until - now >= LEASE / 2 for journal in self.journals):
            return []
        return [journal for journal in self.journals if journal.until - now > LEASE / 10]

    def renewed(self, journals: Iterable[Journal], now: datetime) -> None:
        for journal in journals:
            journal.until = now + LEASE

    def abandon(self) -> None:
        """Leave what could not be recorded to its journals, which another run will find."""
        for journal in self.journals:
            journal.close(finished=False)
