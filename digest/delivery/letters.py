"""The story of letters, the mails beside the digest: claim, put into words, hand over, record.

As with digests (`deliver`), each is handed over on a line of its own if need be, so that one which takes long holds up
no other. They wait for nothing else. Their moves are `letter_ledger`'s, their words `wording`'s.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from threading import Event
from time import monotonic
from uuid import uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from digest.delivery import letter_ledger
from digest.delivery.fates import STOPPED
from digest.delivery.journal import Journal, Unwritable
from digest.delivery.lines import Errand, Lines
from digest.delivery.patience import Patience
from digest.delivery.recover import recover, tell
from digest.delivery.stopping import asked_to_stop
from digest.delivery.under_way import UnderWay
from digest.delivery.wire.handover import Mail
from digest.delivery.wire.transport import transport
from digest.delivery.wording import write
from digest.models import Letter, Suppression
from digest.models.claims import LEASE

log = logging.getLogger(__name__)

SLICE = 20
PAUSE = 0.1  # seconds, after which a run that waits sees that it is to stop
LOOK = 1.0  # seconds between two looks for more, while slow letters are waited for
Clock = Callable[[], datetime]
State, Kind = Letter.State, Letter.Kind

# What nobody asked for at this moment: it is not sent to an address that bounced, complained or was erased.
UNASKED = {Kind.WELCOME, Kind.FAREWELL, Kind.NOTICE}


def deliver_letters_due(*, clock: Clock = timezone.now) -> int:
    """Deliver all letters that are due by `clock`; return how many were settled or put back."""
    recover(clock())
    letter_ledger.sweep(clock())
    with asked_to_stop() as asked:
        run = Run(clock, asked)
        try:
            run.deliver()
        except Unwritable as error:
            log.error("no letter goes out for now: %s", error)
        finally:
            run.end()
    return run.total


class Run:
    """One run. Its thread alone touches the database; the lines hand over meanwhile."""

    def __init__(self, clock: Clock, asked_to_stop: Event) -> None:
        self.clock, self.asked_to_stop = clock, asked_to_stop
        self.lines = Lines(transport, clock, settings.MAIL_CONNECTIONS)
        self.patience = Patience(asked_to_stop)
        self.under_way: UnderWay[Letter] = UnderWay()
        self.total = 0
        self.look_at = 0.0

    def deliver(self) -> None:
        """Deliver slice after slice, until nothing is due and nothing under way."""
        while not (self.asked_to_stop.is_set() or self.lines.down):
            is_busy = self.lines.in_flight >= SLICE or monotonic() < self.look_at
            if is_busy or not self._deliver_slice():
                self.look_at = self.look_at if is_busy else monotonic() + LOOK
                if not self.lines.in_flight:
                    break
            self.under_way.hear(self.lines.finished(PAUSE))
            if self.under_way.is_worth_recording(self.lines.in_flight, SLICE):
                self._record()

    def end(self) -> None:
        """Let the letters under way finish, record everything, and put back what was not handed over."""
        done, left = self.lines.close()
        self.under_way.hear(done)
        now = self.clock()
        try:
            if self.lines.down:
                log.error("letters=%d waiting: %s", len(left), self.lines.down)
            put_back = partial(letter_ledger.put_back, reason=STOPPED, now=now)
            self.under_way.leave(left, self.lines.down, lambda rows: self.patience.until_done(lambda: put_back(rows)))
            self._record()
        finally:
            self.under_way.abandon()

    def _deliver_slice(self) -> bool:
        """Put the letters of a slice into words and give them to the lines; False where none is due."""
        now = self.clock()
        journal = Journal(uuid4(), now + LEASE)
        self.under_way.open(journal)
        letters = letter_ledger.claim(now, limit=SLICE, token=journal.token)
        self.total += len(letters)
        ready = list(_written(letters, self.clock))
        begun = {letter.key.hex: letter for letter in letter_ledger.begin([letter for letter, _ in ready], now)}
        self.under_way.begin(journal, begun, now)
        self.lines.put(Errand(mail, journal) for _, mail in ready if mail.key in begun)
        self.under_way.made(journal)
        return bool(letters)

    def _record(self) -> None:
        now = self.clock()
        record = partial(letter_ledger.record, now=now)
        tell(self.patience.until_done(lambda: self.under_way.record(record)), now, took_room=False)


def _written(letters: list[Letter], clock: Clock) -> Iterator[tuple[Letter, Mail]]:
    """Put letters into words; settle those that must not or cannot be sent."""
    suppressed = Suppression.objects.among([letter.address for letter in letters])
    for letter in letters:
        now = clock()
        if verdict := _unmailable(letter, suppressed.get(letter.address), now):
            letter_ledger.settle(letter, *verdict, now)
            continue
        try:
            yield letter, write(letter, now)
        except (OperationalError, InterfaceError):
            raise  # the database is gone, and the letter is due again when it is back
        except Exception as error:
            log.exception("letter=%s cannot be written", letter.pk)
            letter_ledger.settle(letter, State.FAILED, f"it could not be written: {error}", now)


def _unmailable(letter: Letter, suppressed: str | None, now: datetime) -> tuple[Letter.State, str] | None:
    """Return the state and the reason of a letter that must not be sent whatever it says."""
    if letter.expires_at <= now:
        return State.EXPIRED, letter.reason or "it could not be sent in time"
    if suppressed == Suppression.Reason.STAFF or (suppressed and letter.kind in UNASKED):
        return State.FAILED, f"not sent, the address: {Suppression.Reason(suppressed).label}"
    return None
