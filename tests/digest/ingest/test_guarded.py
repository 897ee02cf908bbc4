"""Reading in processes of their own: what comes back, and what becomes of documents that stall, fill or crash one."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.ingest import document, guarded
from digest.ingest.clean import clean
from digest.ingest.guarded import read_guarded
from digest.ingest.parse import parse
from digest.sources.listing import Parsed, Skipped
from tests.digest.ingest.make import make_arxiv_rss, make_daily, make_item, make_rss
from tests.digest.ingest.processes import PATIENCE, is_gone, processor_seconds
from tests.make import NOON

ENDLESS = make_rss(make_item(inside=f"<author>{'a.' * 400_000}</author>"))  # feedparser looks for an address in it


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> Iterator[guarded._Readers]:
    """Give a test readers of its own, to be started with the limits that the test sets."""
    readers = guarded._Readers()
    monkeypatch.setattr(guarded, "_readers", readers)
    yield readers
    readers.end()


def read(body: bytes) -> Parsed:
    return read_guarded(body, kind=None, url="https://jir.example.org/feed", now=NOON)


def titles(body: bytes) -> list[str]:
    return [listing.title for listing in read(body).listings]


def pids(readers: guarded._Readers) -> list[int]:
    return [reader.process.pid for reader in readers.all if reader.process]


def started(readers: guarded._Readers) -> int:
    """Return the process of a reader that is in the middle of a document, with its limits in place."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        for pid in pids(readers):
            if str(Path(f"/proc/{pid}/fd/1").readlink()) == os.devnull and processor_seconds(pid) > 0.3:
                return pid
        time.sleep(0.02)
    raise AssertionError("no reader has begun to read")


def test_document_comes_back_parsed_and_cleaned() -> None:
    items = (make_item(1, title="How\n stones  float"), "<item/>", make_item(3, title="a&#8203;b"))
    parsed = read(make_rss(*items))
    assert [listing.title for listing in parsed.listings] == ["How stones float", "ab"]
    assert parsed.skipped == (Skipped(2, "neither a title nor an address"),)
    assert (parsed.kind, parsed.title, parsed.truncated) == ("feed", "Journal of Invented Results", False)


def test_listings_come_back_as_they_were_read() -> None:
    [listing] = read(make_daily()).listings
    assert listing == clean(parse(make_daily(), now=NOON).listings[0])
    assert listing.readings


@pytest.mark.parametrize(
    ("body", "error", "message"),
    [
        (b" \n", document.EmptyBody, "the document is empty"),
        (b"<html><title>503</title></html>", document.NotAFeed, "not a feed but a page titled '503'"),
        (b"\x1f\x8b\x08", document.BrokenFeed, "the compressed data ends too early"),
        (b'{"error": "rate\\u0000\\nlimited"}', document.NotAFeed, "the source answers: rate limited"),
    ],
)
def test_errors_come_back_as_they_were_raised(body: bytes, error: type[document.ParseError], message: str) -> None:
    with pytest.raises(error) as raised:
        read(body)
    assert type(raised.value) is error
    assert str(raised.value) == message


def test_message_of_an_error_is_one_bounded_line() -> None:
    with pytest.raises(document.SourceError) as raised:
        read(make_arxiv_rss(title="Feed error for query: x", description="no such\n" * 100_000))
    assert len(str(raised.value)) <= 520
    assert "\n" not in str(raised.value)


def test_reader_serves_one_document_after_the_other(readers: guarded._Readers) -> None:
    assert titles(make_rss(make_item(1))) == ["Paper 1"]
    first = pids(readers)
    assert titles(make_rss(make_item(2))) == ["Paper 2"]
    assert pids(readers) == first
    assert len(first) == 1


def test_reader_is_replaced_after_many_documents(readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "MAX_DOCUMENTS", 2)
    seen = []
    for number in range(4):
        assert titles(make_rss(make_item(number))) == [f"Paper {number}"]
        seen.append(pids(readers))
    assert [len(alive) for alive in seen] == [1, 0, 1, 0]
    assert seen[0] != seen[2]


def test_threads_get_their_own_answers(readers: guarded._Readers) -> None:
    bodies = [make_rss(*(make_item(number) for number in range(100 * first, 100 * first + 50))) for first in range(12)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(titles, bodies))
    assert answers == [[f"Paper {number}" for number in range(100 * first, 100 * first + 50)] for first in range(12)]
    assert len(pids(readers)) <= guarded.READERS


def test_document_that_never_ends_is_given_up(readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "CPU_SECONDS", 1)
    with pytest.raises(document.ParseTimeout, match="reading it takes more than 1 seconds of the processor's time"):
        read(ENDLESS)
    assert titles(make_rss(make_item(1))) == ["Paper 1"]


def test_time_is_counted_for_each_document(readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "CPU_SECONDS", 1)
    body = make_rss(*(make_item(number) for number in range(600)))
    while not (used := sum(map(processor_seconds, pids(readers)))) or used < 1.5:
        assert len(titles(body)) == 600
    assert len(pids(readers)) == 1


def test_document_that_needs_too_much_memory_is_given_up(
    readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guarded, "MEMORY_BYTES", 100_000_000)
    with pytest.raises(document.ParseMemory, match="reading it takes more memory than a document may have"):
        read(b"[" + b'{"a":1},' * 1_000_000 + b"1]")
    assert titles(make_rss(make_item(1))) == ["Paper 1"]


@pytest.mark.parametrize(
    ("number", "error", "message"),
    [
        (signal.SIGSEGV, document.ParseCrash, r"the reader ended in the middle of it \(SIGSEGV\)"),
        (signal.SIGKILL, document.ParseMemory, "the system ended the reader, as it does when memory runs out"),
    ],
)
def test_reader_that_dies_takes_only_its_document_with_it(
    readers: guarded._Readers, number: int, error: type[document.ParseError], message: str
) -> None:
    with ThreadPoolExecutor(1) as threads:
        reading = threads.submit(read, ENDLESS)
        os.kill(started(readers), number)
        with pytest.raises(error, match=message):
            reading.result(PATIENCE)
    assert titles(make_rss(make_item(1))) == ["Paper 1"]


def test_reader_that_stands_still_is_given_up(readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarded, "WALL_SECONDS", 1)
    titles(make_rss(make_item(1)))
    os.kill(pids(readers)[0], signal.SIGSTOP)
    with pytest.raises(document.ParseTimeout, match=r"reading it takes more than 1 seconds$"):
        read(make_rss(make_item(inside="x" * 1_000_000)))  # more than a pipe holds
    assert titles(make_rss(make_item(2))) == ["Paper 2"]


def test_reader_that_died_while_idle_is_replaced(readers: guarded._Readers) -> None:
    titles(make_rss(make_item(1)))
    [pid] = pids(readers)
    os.kill(pid, signal.SIGKILL)
    assert is_gone(pid)
    assert titles(make_rss(make_item(2))) == ["Paper 2"]


def test_reader_is_deaf_to_what_is_meant_for_its_master(readers: guarded._Readers) -> None:
    titles(make_rss(make_item(1)))
    before = pids(readers)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        os.kill(before[0], number)
    assert titles(make_rss(make_item(2))) == ["Paper 2"]
    assert pids(readers) == before


def test_interrupted_reading_leaves_no_answer_to_the_next(readers: guarded._Readers) -> None:
    class Enough(BaseException):
        pass

    def interrupt(*_: object) -> None:
        raise Enough

    titles(make_rss(make_item(1)))
    before = signal.signal(signal.SIGALRM, interrupt)
    threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGALRM)).start()
    with pytest.raises(Enough):
        read(ENDLESS)
    signal.signal(signal.SIGALRM, before)
    assert titles(make_rss(make_item(2))) == ["Paper 2"]


def test_reader_that_does_not_start_is_no_fault_of_the_document(
    readers: guarded._Readers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(guarded, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match=r"the reader does not start: .*No module named"):
        read(make_rss(make_item(1)))


def test_mistake_of_ours_is_logged_and_named(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(document.ParseCrash, match=r"^reading it failed: ValueError: no kind of source: 'gopher'"):
        read_guarded(b"<rss/>", kind="gopher", url="https://jir.example.org/feed", now=NOON)
    [record] = caplog.records
    assert record.getMessage().startswith("url=https://jir.example.org/feed: ValueError: no kind of source")
    assert "Traceback" in record.getMessage()
