"""How the time of some work grows with its input: a property of the code, where seconds are one of the machine."""

import time
from collections.abc import Callable
from typing import TypeVar

Input = TypeVar("Input", str, bytes)

TIMES = 8
LINEAR = 3 * TIMES  # what linear work stays below, even with a busy neighbour; quadratic work takes TIMES ** 2
SHORTEST = 0.0005  # seconds of the small input, below which only noise would be compared


def growth(work: Callable[[Input], object], piece: Input, count: int) -> float:
    """Return how many times longer `work` takes for TIMES x `count` pieces than for `count` of them."""
    small, large = (min(_seconds(work, piece * number) for _ in range(3)) for number in (count, TIMES * count))
    return large / max(small, SHORTEST)


def _seconds(work: Callable[[Input], object], given: Input) -> float:
    """Count the processor's time for this thread alone: other processes do not matter."""
    started = time.thread_time()
    work(given)
    return time.thread_time() - started
