"""The lines to the mail system: threads that hand mails over side by side, each on a connection of its own.

A mail that takes long holds up its own line alone. More lines are opened while mails and their maker wait, up to a
limit; one that has nothing to do ends. A connection that is refused beside others that work means fewer lines; without
others, it means that the mail system is down. What becomes of each mail is noted in its journal as it happens, and
handed back to who put it in: no line touches the database.
"""

import logging
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Thread
from time import monotonic

from digest.delivery.journal import Journal, NotNoted, Unwritable
from digest.delivery.wire.handover import BeforeDot, Fate, Mail, MailSystemDown, Outcome, Transport

log = logging.getLogger(__name__)

# Seconds:
STEP = 0.05  # between two looks at how the lines get on; how soon after each other lines are opened
HASTE = 0.05  # that the caller has waited for, with mails waiting too, are worth another line
PATIENCE = 1.0  # behind a mail that takes longer, no other mail waits
IDLE = 10.0  # after which a line without mail ends
CROWDED = 60.0  # after which a mail system that refused one more connection is asked again
MOST_BROKEN = 3  # hand-overs in a row, beside those that broke at the same time: then the mail system is down


@dataclass(eq=False, slots=True)
class Errand:
    """A mail to be handed over, and where to note what becomes of it."""

    mail: Mail
    journal: Journal


class Lines:
    def __init__(self, connect: Callable[[BeforeDot], Transport], clock: Callable[[], datetime], most: int) -> None:
        self.connect, self.clock, self.most = connect, clock, most
        self.in_flight = 0  # errands put in and not handed back
        self.down = ""  # why the mail system is taken for down, once it is
        self._news = Condition()  # its lock guards all that follows
        self._waiting: deque[Errand] = deque()
        self._done: list[tuple[Errand, Outcome]] = []
        self._lines: list[Line] = []
        self._idle = 0
        self._broken = 0  # hand-overs in a row
        self._next_line_at = 0.0
        self._waited = 0.0  # seconds that the caller has waited since it put errands in
        self._closed = False
        self._error: BaseException | None = None

    def put(self, errands: Iterable[Errand]) -> None:
        with self._news:
            before = len(self._waiting)
            self._waiting.extend(errands)
            self.in_flight += len(self._waiting) - before
            self._waited = 0.0
            self._tend()
            self._news.notify_all()

    def finished(self, seconds: float) -> list[tuple[Errand, Outcome]]:
        """Return the errands that have been done; wait for the first of them, but no longer than `seconds`."""
        until = monotonic() + seconds
        with self._news:
            while True:
                self._tend()
                if self._done or self._error or self.down or not self.in_flight or monotonic() >= until:
                    break
                self._waited += self._wait_a_step()
            if self._error:
                raise self._error
            return self._handed_back()

    def close(self) -> tuple[list[tuple[Errand, Outcome]], list[Errand]]:
        """Let the mails under way finish; return the errands that are done, and those that were never begun."""
        with self._news:
            self._closed = True
            self._news.notify_all()
        for line in list(self._lines):
            line.join()
        left = list(self._waiting)
        self._waiting.clear()
        self.in_flight -= len(left)
        return self._handed_back(), left

    def _wait_a_step(self) -> float:
        """Wait for news, but not for long; return the seconds that it took."""
        before = monotonic()
        self._news.wait(STEP)
        return monotonic() - before

    def _handed_back(self) -> list[tuple[Errand, Outcome]]:
        done, self._done = self._done, []
        self.in_flight -= len(done)
        return done

    def _tend(self) -> None:
        """Take mails away from behind one that takes long, and open another line where mails wait and the caller too.

        As long as the caller is busy with the next mails, one line keeps up: a second one would only get in its way.
        """
        now = monotonic()
        for line in self._lines:
            if line.then is not None and now - line.since > PATIENCE:
                self._waiting.appendleft(line.then)
                line.then = None
                self._news.notify_all()
        if not self._waiting or self._idle or self._closed or self.down or self._error:
            return
        if not self._lines or (self._waited > HASTE and now >= self._next_line_at):
            self._next_line_at = now + STEP
            self._open(min(max(len(self._lines), 1), len(self._waiting), self.most - len(self._lines)))

    def _open(self, count: int) -> None:
        """Open so many lines: as many as there are, so that a mail system far away has enough of them soon."""
        opened = [Line(self) for _ in range(count)]
        self._lines += opened
        for line in opened:
            line.start()

    # --- What a line calls -------------------------------------------------------------------------------------------

    def take(self, line: "Line") -> Errand | None:
        """Give a line its next errand; None where it has to end."""
        with self._news:
            line.now, line.then, line.dotted = line.then, None, False
            until = monotonic() + IDLE
            while not (self._ends() or line.now or self._waiting) and monotonic() < until:
                self._idle += 1
                self._news.wait(IDLE)
                self._idle -= 1
            if self._ends() or not (line.now or self._waiting):
                return None
            line.now = line.now or self._waiting.popleft()
            line.then = self._waiting.popleft() if self._waiting and not self._idle else None
            line.since = monotonic()
            return line.now

    def done(self, line: "Line", errand: Errand, outcome: Outcome, *, was_asked: bool = True) -> None:
        """Take back an errand that is done; `was_asked` tells whether it was up to the mail system."""
        with self._news:
            line.now = None
            self._done.append((errand, outcome))
            is_broken = was_asked and outcome.code is None and outcome.fate in (Fate.RETRY, Fate.UNCERTAIN)
            self._broken = self._broken + 1 if is_broken else 0
            if self._broken >= MOST_BROKEN + len(self._lines) - 1 and not self.down:
                self.down = f"the mail system broke off {self._broken} times in a row: {outcome.reason}"
            self._news.notify_all()

    def lost(self, line: "Line", error: BaseException) -> None:
        """A line cannot go on: without a connection, or because of a mistake of ours."""
        with self._news:
            if not isinstance(error, MailSystemDown):
                self._error = self._error or error
            elif len(self._lines) > 1:
                self._next_line_at = monotonic() + CROWDED
            elif not self.down:
                self.down = str(error)

    def ended(self, line: "Line") -> None:
        """A line is no more. What it did not do waits for another one, unless its dot may have been sent."""
        with self._news:
            if line.now is not None and line.dotted:
                self._done.append((line.now, Outcome(Fate.UNCERTAIN, reason="an error of ours in its hand-over")))
                line.now = None
            self._waiting.extendleft(errand for errand in (line.then, line.now) if errand is not None)
            line.now = line.then = None
            self._lines.remove(line)
            self._news.notify_all()

    def _ends(self) -> bool:
        return self._closed or bool(self.down) or self._error is not None


class Line(Thread):
    """One line: takes errands and does them, until it has to end."""

    def __init__(self, lines: Lines) -> None:
        super().__init__(name="line", daemon=True)
        self.lines = lines
        self.now: Errand | None = None
        self.then: Errand | None = None  # what it will most likely do next
        self.since = 0.0
        self.dotted = False

    def run(self) -> None:
        way = None
        try:
            way = self.lines.connect(self._before_dot)
            way.open()
            while errand := self.lines.take(self):
                self._do(way, errand)
        except BaseException as error:
            self.lines.lost(self, error)
        finally:
            self.lines.ended(self)
            if way is not None:
                with suppress(Exception):  # what was handed over has been, and the rest goes another way
                    way.close()

    def _before_dot(self, mail: Mail) -> None:
        if self.now is None:
            raise NotNoted("no mail is under way")
        self.now.journal.dot(mail.key, self.lines.clock())
        self.dotted = True

    def _do(self, way: Transport, errand: Errand) -> None:
        """Hand one mail over, and note what became of it before anything else."""
        then, is_sound, was_asked = self.then, True, True
        try:
            outcome = way.send(errand.mail, then.mail if then else None)
        except MailSystemDown as error:
            if not self.dotted:
                raise
            outcome, is_sound = Outcome(Fate.UNCERTAIN, reason=str(error)), False
        except Unwritable:
            raise  # no other mail could go either
        except NotNoted as error:
            outcome, is_sound, was_asked = Outcome(Fate.RETRY, reason=str(error)), False, False
        except Exception as error:
            log.exception("mail=%s cannot be handed over", errand.mail.key)
            fate = Fate.UNCERTAIN if self.dotted else Fate.RETRY
            outcome, is_sound = Outcome(fate, reason=f"it could not be handed over: {error}"), False
        errand.journal.reply(errand.mail.key, outcome)
        self.lines.done(self, errand, outcome, was_asked=was_asked)
        if not is_sound:
            way.close()
