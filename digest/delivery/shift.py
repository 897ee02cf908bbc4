"""How long one worker's run of digests goes on, and when it calls another worker to join.

A run has an end, so that a worker that is asked to stop does so soon, with nothing under way. How workers are called
is `digest.tasks`'.
"""

from collections.abc import Callable
from datetime import timedelta
from time import monotonic

# Shorter than the minute between two ticks of the clock, so that one process alone gets to its other jobs in between.
LASTS = timedelta(seconds=50)
ENOUGH = 100  # digests that were delivered, after which there may be work for two


class Shift:
    """One run, from now on. It calls another worker once, and only when mails have left: where the mail system is down
    or holds back, further workers would be of no use.
    """

    def __init__(self, call_another: Callable[[], None], lasts: timedelta = LASTS) -> None:
        self.call_another: Callable[[], None] | None = call_another
        self.ends = monotonic() + lasts.total_seconds()

    def goes_on(self, total: int) -> bool:
        if total >= ENOUGH and self.call_another is not None:
            self.call_another()
            self.call_another = None
        return monotonic() < self.ends
