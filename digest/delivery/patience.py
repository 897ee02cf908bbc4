"""Waits for a database that has gone away: what has to be written down is written once it is back."""

import logging
from collections.abc import Callable, Iterator
from threading import Event
from typing import TypeVar

from django.db import InterfaceError, OperationalError, close_old_connections

log = logging.getLogger(__name__)

PAUSES = (1, 2, 4, 8, 15, 30, 60, 60)  # seconds: three minutes in all
T = TypeVar("T")


class Patience:
    """The patience of one run. It is over where the database stays away, or the run is asked to end."""

    def __init__(self, asked_to_stop: Event) -> None:
        self.asked_to_stop = asked_to_stop
        self.pauses: Iterator[float] = iter(PAUSES)

    def until_done(self, step: Callable[[], T]) -> T:
        """Do a step that can safely be done again; raise what the database raises once patience is over."""
        while True:
            try:
                done = step()
            except (OperationalError, InterfaceError) as error:
                pause = next(self.pauses, None)
                if pause is None:
                    raise
                log.warning("the database cannot be reached, again in %d s: %s", pause, error)
                if self.asked_to_stop.wait(pause):
                    self.pauses = iter(())  # one last time
                close_old_connections()
            else:
                self.pauses = iter(PAUSES)
                return done
