"""Lets a run end cleanly when its process is asked to stop: by the system (SIGTERM) or by Ctrl-C (SIGINT).

The run looks at the event between two steps. What the signal would have done is done when the run is over; a second
signal does it at once.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, current_thread, main_thread
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def asked_to_stop() -> Iterator[Event]:
    """Give the event that is set when the process is asked to stop. Only a main thread can be told."""
    asked = Event()
    if current_thread() is not main_thread():
        yield asked
        return
    heard: list[int] = []
    before: dict[signal.Signals, Any] = {number: signal.getsignal(number) for number in SIGNALS}

    def hear(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        asked.set()
        put_back()

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    for number in SIGNALS:
        signal.signal(number, hear)
    try:
        yield asked
    finally:
        put_back()
    if heard:
        signal.raise_signal(heard[0])
