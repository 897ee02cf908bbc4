"""Documents read in processes of their own, which a hostile one can stall, fill or crash without harm to anybody else.

What is done there is `reader`'s: parse and clean. Here such processes are started when first needed, at most one for
each processor, handed from thread to thread, and replaced when they end or are worn. They are plain commands: Celery's
workers may not have children of multiprocessing. No two processes ask the same reader, also after a fork.
"""

import atexit
import contextlib
import io
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from digest.ingest.document import ParseCrash, ParseError, ParseMemory, ParseTimeout
from digest.ingest.frames import receive, send
from digest.sources.listing import Parsed

log = logging.getLogger(__name__)

READERS = os.cpu_count() or 1
CPU_SECONDS = 20  # of processor time, for one document
WALL_SECONDS = 120  # for one document, on a machine that is busy with others
MEMORY_BYTES = 1 << 30
MAX_DOCUMENTS = 300  # until a reader is replaced
ENDING_SECONDS = 5
ROOT = Path(__file__).parents[2]

_ERRORS = {error.kind: error for error in ParseError.__subclasses__()}


def read_guarded(body: bytes, *, kind: str | None, url: str = "", content_type: str = "", now: datetime) -> Parsed:
    """Return what `digest.ingest.parse.parse` finds in a document, cleaned; what cannot be used is in `skipped`.

    Raises a ParseError; of the kind parse_timeout, parse_memory or parse_crash where the document is too much for its
    reader. Waits while all readers are busy.
    """
    request = {"body": body, "kind": kind, "url": url, "content_type": content_type, "now": now}
    answer = _readers.ask(request)
    if isinstance(answer, Parsed):
        return answer
    error, message = answer
    if not error:
        log.error("url=%s: %s", url, message)
        raise ParseCrash(f"reading it failed: {message.splitlines()[0]}")
    raise _ERRORS.get(error, ParseError)(message)


class _Reader:
    """A process that reads: started when it is first asked, and again when it is gone."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.documents = 0

    def ask(self, request: dict[str, Any]) -> Any:
        """Return the answer. Raises ParseTimeout, ParseMemory or ParseCrash where the process does not live so long."""
        process = self._running()
        began = time.monotonic()
        try:
            answer, is_worn = _exchange(process, request)
        except (OSError, EOFError, ValueError) as error:
            cause = self._cause_of_end(process, time.monotonic() - began)
            self.end()
            raise cause from error
        except BaseException:  # somebody stops this thread: the answer would be taken for that to the next request
            self.end()
            raise
        self.documents += 1
        if is_worn or self.documents >= MAX_DOCUMENTS or time.monotonic() - began >= WALL_SECONDS:
            self.end()
        return answer

    def end(self) -> None:
        """End the process, if there is one: it has nothing to lose."""
        if self.process:
            self.process.kill()
            self.process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Forget the process. After a fork it is the other one's, but as long as we hold its pipe it would not end."""
        if self.process:
            for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
                if pipe:
                    pipe.close()
            self.process.returncode = self.process.returncode or 0  # or Python would wait for it
        self.process, self.documents = None, 0

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None or self.process.poll() is not None:
            self.end()
            command = (sys.executable, "-m", "digest.ingest.reader", str(CPU_SECONDS), str(MEMORY_BYTES))
            pipe = subprocess.PIPE
            self.process = subprocess.Popen(  # noqa: S603 - our own module
                command, bufsize=0, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe
            )
        return self.process

    def _cause_of_end(self, process: subprocess.Popen[bytes], seconds: float) -> Exception:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(ENDING_SECONDS)
        code = process.returncode
        name = signal.Signals(-code).name if code and code < 0 else ""
        if seconds >= WALL_SECONDS:
            return ParseTimeout(f"reading it takes more than {WALL_SECONDS} seconds")
        if name == "SIGPROF":
            return ParseTimeout(f"reading it takes more than {CPU_SECONDS} seconds of the processor's time")
        if name == "SIGKILL":
            return ParseMemory("the system ended the reader, as it does when memory runs out")
        said = process.stderr.read() if code and process.stderr else b""
        if said:
            return RuntimeError(f"the reader does not start: {said.decode(errors='replace')[-2000:]}")
        return ParseCrash(f"the reader ended in the middle of it ({name or code})")


class _Readers:
    """All readers of this process, each for one thread at a time."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        self.all = [_Reader() for _ in range(READERS)]
        self.free: queue.LifoQueue[_Reader] = queue.LifoQueue()
        for reader in self.all:
            self.free.put(reader)

    def ask(self, request: dict[str, Any]) -> Any:
        free = self.free
        reader = free.get()
        try:
            return reader.ask(request)
        finally:
            free.put(reader)

    def end(self) -> None:
        for reader in self.all:
            reader.end()

    def begin_anew(self) -> None:
        """Leave the readers to the process that this one was forked from."""
        for reader in self.all:
            reader.let_go()
        self.begin()


def _exchange(process: subprocess.Popen[bytes], request: dict[str, Any]) -> Any:
    limit = threading.Timer(WALL_SECONDS, process.kill)
    limit.daemon = True
    limit.start()
    try:
        send(cast("io.FileIO", process.stdin), request)
        return receive(cast("io.FileIO", process.stdout))
    finally:
        limit.cancel()
        limit.join()


_readers = _Readers()
atexit.register(_readers.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_readers.begin_anew)
