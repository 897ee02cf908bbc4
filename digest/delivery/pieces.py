"""Pieces of a mail's text in quoted-printable: encoded once, and joined for each reader as they are.

A line of quoted-printable may be broken anywhere, so every piece ends where a line ends, and whatever follows begins a
new one: joined pieces are right without looking at them again. A template that is the same for many readers is rendered
once, with a slot wherever something else goes in, and cut there (`Frame`). What pieces say is `render`'s.
"""

import re
from binascii import a2b_qp, b2a_qp
from collections.abc import Mapping, Sequence
from enum import StrEnum

# Where the address of the reader's own pages goes, in pieces too. No text can hold it, nor any other slot: `one_line`
# lets no control character through.
OWN_PAGES = "\x1a"


class Slot(StrEnum):
    """Where something is put into a frame."""

    SUBJECT = "\x0e"
    PREHEADER = "\x0f"
    SECTIONS = "\x10"
    TRENDING = "\x11"
    ASKED = "\x12"
    ARCHIVE = "\x13"
    UNSUBSCRIBE = "\x14"
    TOPIC = "\x15"
    NUMBER = "\x16"
    PAPERS = "\x17"
    PAPER = "\x18"
    REASON = "\x1c"
    TOPICS = "\x19"
    TITLE = "\x1b"


_SLOT = re.compile(f"([{''.join(Slot)}])")


class Frame:
    """A rendered template, cut at its slots."""

    def __init__(self, rendered: str) -> None:
        first, *others = _SLOT.split(rendered)
        self._first = piece(first)
        self._others = [(slot, piece(after)) for slot, after in zip(others[::2], others[1::2], strict=True)]

    def filled(self, given: Mapping[str, Sequence[bytes]]) -> list[bytes]:
        """Return the pieces of the whole: what is `given` for each slot, and what stands around them."""
        pieces = [self._first]
        for slot, after in self._others:
            pieces += given[slot]
            pieces.append(after)
        return pieces

    def cut(self, slot: Slot, given: Mapping[str, Sequence[bytes]]) -> tuple[bytes, bytes]:
        """Return what stands before and after the one place of `slot`, with what is `given` for the others."""
        pieces = self.filled({**given, slot: [slot.encode()]})
        place = pieces.index(slot.encode())
        return b"".join(pieces[:place]), b"".join(pieces[place + 1 :])


def piece(text: str) -> bytes:
    """Return `text` encoded, up to the end of a line; the places of the reader's own pages stay."""
    return OWN_PAGES.encode().join([_encoded(part) for part in text.split(OWN_PAGES)])


def joined(pieces: Sequence[bytes], own_pages: str) -> bytes:
    return b"".join(pieces).replace(OWN_PAGES.encode(), _encoded(own_pages))


def words(encoded: bytes) -> str:
    """Return the text that was encoded."""
    return a2b_qp(encoded).decode().replace("\r\n", "\n")


def _encoded(text: str) -> bytes:
    if not text:
        return b""
    # b2a_qp breaks long lines with the line end that it finds first, so there must be one, and it must be CRLF. The
    # last character stands for what follows, so that the last line has room for a break.
    encoded = b2a_qp(f"\n{text}|".replace("\n", "\r\n").encode())[2:-1]
    return encoded if encoded.endswith(b"\r\n") else encoded + b"=\r\n"
