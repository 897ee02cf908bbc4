"""The body of an answer as it comes in: its encodings undone piece by piece, and its size bounded all the while.

A file that is itself compressed, whatever the headers say, is `document`'s business.
"""

import zlib
from collections.abc import Iterable, Iterator

MAX_ENCODINGS = 3
PIECE = 65_536  # bytes: no step makes more at a time, however well they were compressed
_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}
_RAW_DEFLATE = -15
_GZIP = b"\x1f"  # the first byte of each part


class TooLarge(ValueError):
    """A body that is larger than wanted."""


class Damaged(ValueError):
    """A body that its encodings do not fit, or that ends too early for them."""


def decoded(pieces: Iterable[bytes], content_encoding: str, *, max_bytes: int) -> Iterator[bytes]:
    """Return the pieces of a body without the encodings that its header names. Raises TooLarge and Damaged.

    `max_bytes` bounds the body in every stage of decoding, so that no more than that is ever worked on.
    """
    names = [name for part in content_encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if unknown := [name for name in names if name not in _WBITS]:
        raise Damaged(f"the answer is encoded as {', '.join(unknown)[:100]}, which was not asked for")
    if len(names) > MAX_ENCODINGS:
        raise Damaged(f"the answer is encoded {len(names)} times over")
    stage = _bounded(pieces, max_bytes)
    for name in reversed(names):
        stage = _bounded(_inflated(stage, name), max_bytes)
    return stage


def _bounded(pieces: Iterable[bytes], max_bytes: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max_bytes:
            raise TooLarge(f"the answer is larger than {max_bytes:,} bytes")
        yield piece


def _inflated(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """Undo one encoding. A body without a byte is an empty one, whatever its header says."""
    inflater: _Inflater | None = None
    for piece in pieces:
        if piece:
            inflater = inflater or _Inflater(_format(name, piece))
            yield from inflater.inflated(piece)
    if inflater and not inflater.is_complete:
        raise Damaged("the compressed answer ends too early")


def _format(name: str, start: bytes) -> int:
    """Return zlib's number for an encoding; of the two that are called deflate, the one that begins so."""
    is_raw = name == "deflate" and start[0] & 0x0F != zlib.DEFLATED
    return _RAW_DEFLATE if is_raw else _WBITS[name]


class _Inflater:
    """Undoes gzip, which may have several parts, or deflate. What follows the last part is no part of the body."""

    def __init__(self, wbits: int) -> None:
        self._wbits = wbits
        self._part = zlib.decompressobj(wbits)
        self._over = False

    @property
    def is_complete(self) -> bool:
        return self._part.eof

    def inflated(self, data: bytes) -> Iterator[bytes]:
        is_full = False  # after a full piece there may be more, even where all data is taken
        while (data or is_full) and not self._over:
            piece = self._step(data)
            is_full = len(piece) == PIECE and not self._part.eof
            yield piece
            data = self._part.unconsumed_tail
            if self._part.eof:
                data = self._part.unused_data
                self._begin_part(data)

    def _begin_part(self, data: bytes) -> None:
        if data.startswith(_GZIP) and self._wbits == _WBITS["gzip"]:
            self._part = zlib.decompressobj(self._wbits)
        elif data:
            self._over = True

    def _step(self, data: bytes) -> bytes:
        try:
            return self._part.decompress(data, PIECE)
        except zlib.error as error:
            raise Damaged(f"the compressed answer is damaged: {error}") from error
