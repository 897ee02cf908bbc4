"""The gate of one run: lets through as many digests as there is room for, has the others wait, and knows when to nap.

What the limits are and who holds what is `pace`'s, the rows of digests are `ledger`'s. Where nothing is limited, which
is looked at once a second, asking costs nothing; and what was heard is told once a second, but trouble at once.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from threading import Event
from time import monotonic

from digest.delivery import ledger, pace
from digest.delivery.pace import Room
from digest.delivery.replies import is_trouble
from digest.delivery.wire.handover import Outcome
from digest.models import Digest

SHORT = timedelta(seconds=10)  # worth waiting for in the run itself; later, the clock comes again
LOOK = 1.0  # seconds
NAPS = timedelta(seconds=45)  # in all, of one run: the clock calls every minute


class Gate:
    def __init__(self, asked_to_stop: Event) -> None:
        self.asked_to_stop = asked_to_stop
        self.room = Room(0)
        self.is_free = False  # nothing is limited
        self.look_at = self.tell_at = 0.0
        self.heard: list[tuple[str, Outcome]] = []  # by address, to be told
        self.opens: datetime | None = None  # when there is room again, where there was none
        self.has_held = False  # whether some wait for their turn
        self.naps_left = NAPS
        self.is_wide_awake = True  # since the last nap something went, or there was none

    def let_in(self, wanted: int, now: datetime) -> int:
        """Return how many digests may be claimed. Whose time is over while there is no room for long expires."""
        if monotonic() >= self.look_at:
            self.is_free, self.look_at = pace.is_free(now), monotonic() + LOOK
        self.room = Room(wanted) if self.is_free else pace.room(wanted, now)
        if not self.room.mails:
            wait = pace.wait(now)
            self.opens = now + wait
            if wait > SHORT:
                ledger.expire(pace.why_closed(now), now)
        return self.room.mails

    def sort_out(self, digests: Sequence[Digest], now: datetime) -> list[Digest]:
        """Return which of claimed digests may go now, and put the others back until it is their turn."""
        if self.is_free:
            return list(digests)
        going, held = pace.sort_out(digests, now, self.room)
        if held:
            ledger.hold(held)
            self.has_held = True
        return going

    def give_back(self, digests: Sequence[Digest], begun: Collection[str], now: datetime) -> None:
        """Give back what was not used: of `digests` that might have gone, those go whose keys are in `begun`."""
        unused = [digest for digest in digests if digest.key.hex not in begun]
        pace.give_back(self.room, len(digests) - len(unused), unused, now)
        self.is_wide_awake = self.is_wide_awake or len(unused) < len(digests)

    def hear(self, results: Iterable[tuple[Digest, Outcome]]) -> None:
        self.heard += [(digest.reader.email, outcome) for digest, outcome in results]

    def tell(self, now: datetime, *, all_of_it: bool = False) -> None:
        """Pass on what was heard, if it is time to."""
        in_trouble = any(is_trouble(outcome) for _, outcome in self.heard)
        if in_trouble or all_of_it or monotonic() >= self.tell_at:
            pace.told(self.heard, now)
            self.heard, self.tell_at = [], monotonic() + LOOK
        if in_trouble:
            self.look_at = 0.0

    def nap(self, now: datetime) -> bool:
        """Wait until there is room, where that is soon; return whether the run goes on.

        It ends where it is asked to, where nothing went since the last nap (others are at it), and after some time.
        """
        opens = self.opens or (ledger.next_due() if self.has_held else None)
        if opens is None or not self.is_wide_awake:
            return False
        nap = max(pace.SHORTEST_WAIT, opens - now)
        self.naps_left -= nap
        self.opens, self.is_wide_awake = None, False
        return nap <= SHORT and self.naps_left > timedelta(0) and not self.asked_to_stop.wait(nap.total_seconds())
