"""Messages over a pipe: what comes through unharmed, and what does not come through."""

import io
import os
import pickle
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.ingest.frames import LENGTH_BYTES, MAX_LENGTH, receive, send
from digest.sources.listing import AnnounceType, Identifier, Parsed, Reading, Scheme, SignalKind, Skipped
from tests.make import make_listing

Pipe = tuple[io.FileIO, io.FileIO]


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    reading, writing = os.pipe()
    with io.FileIO(reading, "r") as receiver, io.FileIO(writing, "w") as sender:
        yield receiver, sender


def framed(payload: bytes) -> bytes:
    return len(payload).to_bytes(LENGTH_BYTES) + payload


def through(pipe: Pipe, message: Any) -> Any:
    writer = threading.Thread(target=send, args=(pipe[1], message))
    writer.start()
    received = receive(pipe[0])
    writer.join()
    return received


def test_listings_come_through_as_they_are(pipe: Pipe) -> None:
    listing = make_listing(
        announce_type=AnnounceType.CROSS,
        identifiers=(Identifier(Scheme.DOI, "10.5555/a"),),
        readings=(Reading(SignalKind.UPVOTES, 3),),
        submitted_at=datetime(2026, 3, 4, tzinfo=UTC),
    )
    parsed = Parsed("feed", "A journal", "", (listing,), (Skipped(2, "no title"),))
    assert through(pipe, (parsed, False)) == (parsed, False)


def test_message_may_be_larger_than_a_pipe(pipe: Pipe) -> None:
    assert through(pipe, {"body": b"x" * 5_000_000}) == {"body": b"x" * 5_000_000}


def test_text_that_no_encoding_has_comes_through(pipe: Pipe) -> None:
    assert through(pipe, "\ud800\x00") == "\ud800\x00"


def test_pipe_that_is_closed_has_no_message(pipe: Pipe) -> None:
    pipe[1].close()
    with pytest.raises(EOFError, match="the other side is gone"):
        receive(pipe[0])


def test_message_that_breaks_off_is_none(pipe: Pipe) -> None:
    pipe[1].write(framed(b"x" * 100)[:50])
    pipe[1].close()
    with pytest.raises(EOFError, match="the other side is gone"):
        receive(pipe[0])


def test_message_that_claims_to_be_endless_is_refused(pipe: Pipe) -> None:
    pipe[1].write((MAX_LENGTH + 1).to_bytes(LENGTH_BYTES))
    with pytest.raises(ValueError, match="a message of 200,000,001 bytes"):
        receive(pipe[0])


@pytest.mark.parametrize("payload", [b"", b"\xff\xff\xff", b"cos\nsystem\n.", b"\x80\x05", b"I1\n0."])
def test_noise_is_no_message(pipe: Pipe, payload: bytes) -> None:
    pipe[1].write(framed(payload))
    with pytest.raises(ValueError, match="no message"):
        receive(pipe[0])


@pytest.mark.parametrize("thing", [os.system, eval, io.BytesIO, ValueError, make_listing])
def test_nothing_but_listings_comes_through(pipe: Pipe, thing: Any) -> None:
    pipe[1].write(framed(pickle.dumps(thing)))
    with pytest.raises(ValueError, match="has no place in a message"):
        receive(pipe[0])


def test_what_belongs_to_a_listing_s_module_does_not_come_with_it(pipe: Pipe) -> None:
    pipe[1].write(framed(b"\x80\x04\x8c\x16digest.sources.listing\x8c\x10Listing.__init__\x93."))
    with pytest.raises(ValueError, match="has no place in a message"):
        receive(pipe[0])
