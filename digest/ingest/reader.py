"""The process that reads documents for another one: parsed and cleaned, within limits that no document can lift.

Its processor time and memory are limited by the system, so that the limits hold in the middle of a regular expression,
and when whoever asked is gone. It needs no database, opens no connection, and ends when nobody can ask any more.
Starting it, and saying what became of it, is `guarded`'s.
"""

import contextlib
import os
import signal
import sys
import traceback
from io import FileIO
from pathlib import Path
from typing import Any

from digest.ingest.clean import clean_all, one_line
from digest.ingest.document import ParseError, ParseMemory
from digest.ingest.frames import receive, send
from digest.ingest.parse import parse
from digest.sources.listing import Parsed

try:
    import resource
except ImportError:  # not every system has it: there, the limits on time must do
    resource = None  # type: ignore[assignment]

WORN_BYTES = 400_000_000  # of memory in use between two documents: not all that a large one took comes back
MAX_MESSAGE = 500
TOO_MUCH = "reading it takes more memory than a document may have"

_DEAF_TO = ("SIGINT", "SIGTERM", "SIGHUP")  # meant for whoever asks, who may want to finish in peace
_FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.system")


def main(cpu_seconds: float, memory_bytes: int) -> None:
    """Read what comes by standard input until it ends; each answer is (what was found, whether to be replaced)."""
    requests, answers = _pipes()
    _limit(memory_bytes)
    while True:
        try:
            request = receive(requests)
        except EOFError:
            return
        _start_clock(cpu_seconds)
        answer = _read(request)
        send(answers, (answer, _is_worn()))
        _start_clock(0)


def _read(request: dict[str, Any]) -> Parsed | tuple[str, str]:
    """Return the cleaned document, or what is wrong with it: the kind of the error and its message."""
    try:
        return clean_all(parse(**request))
    except MemoryError:
        return ParseMemory.kind, TOO_MUCH
    except ParseError as error:
        if isinstance(error.__cause__, MemoryError):
            return ParseMemory.kind, TOO_MUCH
        return error.kind, _message(error)
    except Exception as error:  # a mistake of ours, which this document has found
        return "", f"{_message(error)}\n{traceback.format_exc()[-4000:]}"


def _message(error: Exception) -> str:
    text = str(error) if isinstance(error, ParseError) else f"{type(error).__name__}: {error}"
    return one_line(text, MAX_MESSAGE)


def _pipes() -> tuple[FileIO, FileIO]:
    """Take standard input and output for messages, out of the reach of everything that prints."""
    requests, answers = FileIO(os.dup(0), "rb"), FileIO(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _limit(memory_bytes: int) -> None:
    for name in _DEAF_TO:
        if number := getattr(signal, name, None):
            signal.signal(number, signal.SIG_IGN)
    if hasattr(signal, "SIGPROF"):
        signal.signal(signal.SIGPROF, signal.SIG_DFL)  # it kills
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGPROF])
    if resource:
        _limit_to(resource.RLIMIT_AS, memory_bytes)
        _limit_to(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):  # should memory run out all the same, this is the process to end
        Path("/proc/self/oom_score_adj").write_text("1000")
    sys.addaudithook(_refuse)


def _limit_to(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    with contextlib.suppress(OSError, ValueError):  # refused: the clock stays
        resource.setrlimit(what, (most, most))


def _start_clock(seconds: float) -> None:
    """Let the system kill this process after `seconds` of processor time, 0 for never."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


def _is_worn() -> bool:
    """Say whether much memory has stayed behind. The highest use so far would not tell: it counts the parent's, too."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:  # not every system tells: there, the number of documents must do
        return False
    return pages * os.sysconf("SC_PAGE_SIZE") > WORN_BYTES


def _refuse(event: str, _: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"a document may not lead to {event}")


if __name__ == "__main__":
    main(float(sys.argv[1]), int(sys.argv[2]))
