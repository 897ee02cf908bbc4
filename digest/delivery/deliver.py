"""The story of a run: open, claim, compose, render, hand over on several lines, record; slice by slice.

While the lines hand over one slice, the next is made. Readers' digests are opened only when none is waiting, so that
the first mail goes out whatever the number of readers. One digest's failure is that digest's own.

What many workers may do at once is decided in `ledger`, what a dead one leaves is `recover`'s.
"""

import logging
from collections.abc import Callable
from datetime import date
from functools import partial
from threading import Event
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from digest.delivery import ledger, pace
from digest.delivery.editions import open_slice
from digest.delivery.fates import STOPPED
from digest.delivery.finished import Clock, Finished, finish
from digest.delivery.gate import Gate
from digest.delivery.journal import Journal, Unwritable
from digest.delivery.letters import deliver_letters_due
from digest.delivery.lines import Errand, Lines
from digest.delivery.memory import rarely_searched
from digest.delivery.patience import Patience
from digest.delivery.pool import CandidatePool
from digest.delivery.recover import recover, tell_refusals
from digest.delivery.stopping import asked_to_stop
from digest.delivery.uncertain import look_after_uncertain
from digest.delivery.under_way import UnderWay
from digest.delivery.wire.handover import Fate, Outcome
from digest.delivery.wire.transport import transport
from digest.models import Digest, Letter
from digest.models.claims import LEASE

log = logging.getLogger(__name__)

SLICE = 100
PAUSE = 0.1  # seconds, after which a run that waits sees that it is to stop
LOOK = 1.0  # seconds between two looks for more, while slow mails are waited for


def until_all_is_done(total: int) -> bool:
    return True


def deliver_due(*, clock: Clock = timezone.now, go_on: Callable[[int], bool] = until_all_is_done) -> int:
    """Open and deliver everything that is due by `clock`; return how many digests were settled or put back.

    Whenever mails have left, `go_on` is told how many digests it were so far, and may end the run.
    """
    recover(clock())
    ledger.sweep(clock())
    look_after_uncertain(clock())
    with asked_to_stop() as asked, rarely_searched():
        run = Run(clock, go_on, asked)
        try:
            run.deliver()
        except Unwritable as error:
            log.error("no digest goes out for now: %s", error)
        finally:
            run.end()
    return run.total


class Run:
    """One worker's run. Its thread alone touches the database; the lines hand over meanwhile."""

    def __init__(self, clock: Clock, go_on: Callable[[int], bool], asked_to_stop: Event) -> None:
        self.clock, self.go_on, self.asked_to_stop = clock, go_on, asked_to_stop
        self.lines = Lines(transport, clock, settings.MAIL_CONNECTIONS)
        self.gate = Gate(asked_to_stop)
        self.patience = Patience(asked_to_stop)
        self.pools: dict[date, CandidatePool] = {}
        self.under_way: UnderWay[Digest] = UnderWay()
        self.total = 0
        self.is_over = False  # no further slice is wanted
        self.look_at = 0.0

    def deliver(self) -> None:
        """Deliver slice after slice, until nothing is due and nothing under way."""
        while not (self.asked_to_stop.is_set() or self.lines.down):
            is_busy = self.lines.in_flight > SLICE or self.is_over or monotonic() < self.look_at
            if not is_busy and self._deliver_slice():
                self._hear(0)
            elif self.lines.in_flight:
                self.look_at = self.look_at if is_busy else monotonic() + LOOK
                self._hear(PAUSE)
            elif not self.is_over and self.gate.nap(self.clock()):
                self.look_at = 0.0
            else:
                break

    def end(self) -> None:
        """Let the mails under way finish, record everything, and put back what was not handed over."""
        done, left = self.lines.close()
        self.under_way.hear(done)
        now = self.clock()
        try:
            if self.lines.down:
                log.error("digests=%d waiting: %s", len(left), self.lines.down)
            put_back = partial(ledger.put_back, reason=STOPPED, now=now)
            self.under_way.leave(left, self.lines.down, lambda rows: self.patience.until_done(lambda: put_back(rows)))
            self._record()
            self.patience.until_done(lambda: self.gate.tell(now, all_of_it=True))
            if self.lines.down:
                pace.down(self.lines.down, now)
        finally:
            self.under_way.abandon()

    def _deliver_slice(self) -> bool:
        """Make the mails of a slice and give them to the lines; False where nothing is due."""
        now = self.clock()
        if Letter.objects.due(now).exists():
            deliver_letters_due(clock=self.clock)
        room = self.gate.let_in(SLICE, now)
        if not room:
            return bool(open_slice(now))
        try:
            journal = Journal(uuid4(), now + LEASE)
        except Unwritable:
            self.gate.give_back([], (), now)
            raise
        self.under_way.open(journal)
        claim = ledger.claim(now, limit=room, token=journal.token)
        self.total += len(claim.digests)
        going = self.gate.sort_out(claim.digests, now) if claim.digests else []
        if going:
            self._begin(list(finish(going, self.pools, self.clock)), journal)
        self.gate.give_back(going, self.under_way.rows.keys(), now)
        self.under_way.made(journal)
        return bool(claim.digests or open_slice(now))

    def _begin(self, ready: list[Finished], journal: Journal) -> None:
        """Commit that the hand-over of a slice begins, and begin it."""
        now = self.clock()
        digests = [finished.digest for finished in ready]
        if self.asked_to_stop.is_set():
            ledger.put_off(digests, now, STOPPED)
        elif self.lines.down:
            ledger.postpone(digests, Outcome(Fate.RETRY, reason=self.lines.down), now)
        else:
            held = {digest.key.hex: digest for digest in ledger.begin([(f.digest, f.written) for f in ready], now)}
            self.under_way.begin(journal, held, now)
            self.lines.put(Errand(finished.mail, journal) for finished in ready if finished.mail.key in held)

    def _hear(self, seconds: float) -> None:
        """Take what the lines have done, waiting for it if need be, and record it when it is worth a statement."""
        self.under_way.hear(self.lines.finished(seconds))
        if self.under_way.is_worth_recording(self.lines.in_flight, SLICE):
            self._record()
        now = self.clock()
        if journals := self.under_way.to_renew(now):
            ledger.renew([journal.token for journal in journals], now)
            self.under_way.renewed(journals, now)

    def _record(self) -> None:
        now = self.clock()
        record = partial(ledger.record, now=now)
        written = self.patience.until_done(lambda: self.under_way.record(record))
        self.gate.hear(written)
        self.patience.until_done(lambda: self.gate.tell(now))
        tell_refusals(written, now)
        if written and not self.lines.down and not self.go_on(self.total):
            self.is_over = True
