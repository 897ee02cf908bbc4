"""How Python looks after its memory while a worker makes mails. What is kept in memory is each module's own choice."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# New objects, and looks at the newest, after which those are looked at that live longer. Python's own numbers (700, 10,
# 10) are for small programs: looking took an eighth of a run, which makes a mail of thousands of objects and no cycles.
RARELY = (20_000, 20, 20)


@contextmanager
def rarely_searched() -> Iterator[None]:
    """Have Python look for cycles of objects that nobody needs only now and then."""
    before = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*before)
