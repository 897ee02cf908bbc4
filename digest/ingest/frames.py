"""Messages between two processes over a pipe: plain values and listings, each after its length.

Of classes, only those that a listing is made of come through: whatever a hostile document may have made of the process
that read it, what that process says is data and never code. The pipes are not buffered: after a fork, nothing of a
message is left behind in the other process. Who talks to whom is `guarded`'s and `reader`'s.
"""

import io
import pickle
from datetime import date, datetime, timedelta, timezone
from typing import Any

from digest.sources.listing import AnnounceType, Identifier, Listing, Parsed, Reading, Scheme, SignalKind, Skipped

LENGTH_BYTES = 8
MAX_LENGTH = 200_000_000  # a document is up to 15 MB, and its listings repeat little of it

_LISTINGS = (AnnounceType, Identifier, Listing, Parsed, Reading, Scheme, SignalKind, Skipped)
_CLASSES = {(made.__module__, made.__qualname__): made for made in (*_LISTINGS, date, datetime, timedelta, timezone)}


def send(pipe: io.FileIO, message: Any) -> None:
    """Write one message. Raises OSError where nobody reads any more."""
    frame = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    left = memoryview(len(frame).to_bytes(LENGTH_BYTES) + frame)
    while left:
        left = left[pipe.write(left) :]


def receive(pipe: io.FileIO) -> Any:
    """Read one message. Raises EOFError where the other side is gone, ValueError for what is no message."""
    length = int.from_bytes(_exactly(pipe, LENGTH_BYTES))
    if length > MAX_LENGTH:
        raise ValueError(f"a message of {length:,} bytes")
    frame = _exactly(pipe, length)
    try:
        return _Messages(io.BytesIO(frame)).load()
    except Exception as error:  # pickle raises what its input provokes
        raise ValueError(f"no message: {type(error).__name__}: {error}") from error


def _exactly(pipe: io.FileIO, length: int) -> bytearray:
    found = bytearray(length)
    missing = memoryview(found)
    while missing:
        count = pipe.readinto(missing)
        if not count:
            raise EOFError("the other side is gone")
        missing = missing[count:]
    return found


class _Messages(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"{module}.{name} has no place in a message")
        return _CLASSES[module, name]
