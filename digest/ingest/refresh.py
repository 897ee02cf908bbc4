"""The story of refreshing: sources that are due are fetched side by side, read, stored, and what came of it recorded.

One pass is one worker's turn of under a minute; any number of workers may make theirs at once. A host is visited by one
of them at a time, with the pause it asks for (`politeness`); hosts do not wait for one another, and sources that failed
last time come last, so that what is dead or slow delays nobody. Waiting for the network happens in threads, reading
in guarded processes (`guarded`), and everything with the database here, in the thread that called.
"""

import logging
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from digest.ingest.document import ParseError
from digest.ingest.fetch import Fetched, FetchError, fetch
from digest.ingest.guarded import read_guarded
from digest.ingest.politeness import closed_until, enter, leave
from digest.ingest.record import Visit, record_failure, record_stored, record_unchanged
from digest.ingest.request import Request, request_of
from digest.ingest.store import store
from digest.models import Fetch, Host, Source
from digest.sources.listing import Parsed

log = logging.getLogger(__name__)

PASS_SECONDS = 45.0  # in which visits begin; the clock comes again every minute
VISITS = 64  # at a time: each waits for its server most of the time
SHUT_SECONDS = 0.5  # until a lane that was shut is tried again
READERS = os.cpu_count() or 1
UNREAD = 16  # answers that may wait to be read: each is up to 15 MB


def refresh_due(clock: Callable[[], datetime] = timezone.now, *, seconds: float = PASS_SECONDS) -> int:
    """Visit the sources that are due, for so many seconds; return how many visits there were."""
    with ThreadPoolExecutor(VISITS, "fetch") as fetchers, ThreadPoolExecutor(READERS, "read") as readers:
        return _Pass(clock, fetchers, readers).run(seconds)


class _Pass:
    """One worker's turn. `waiting` holds what is due, by lane; `fetching` and `reading` what is under way."""

    def __init__(
        self, clock: Callable[[], datetime], fetchers: ThreadPoolExecutor, readers: ThreadPoolExecutor
    ) -> None:
        self.clock = clock
        self.fetchers = fetchers
        self.readers = readers
        self.waiting: dict[str, deque[int]] = defaultdict(deque)
        self.shut: dict[str, float] = {}  # until when, of `time.monotonic()`
        self.tokens: dict[str, str] = {}  # of the lanes that this pass is in
        self.fetching: dict[Future[Any], tuple[str, Visit]] = {}
        self.reading: dict[Future[Any], tuple[str, Visit]] = {}
        self.begun = 0

    def run(self, seconds: float) -> int:
        ends = time.monotonic() + seconds
        self._look()
        while self.waiting or self.fetching or self.reading:
            if time.monotonic() < ends:
                self._begin()
            elif not (self.fetching or self.reading):
                break
            self._go_on()
        return self.begun

    def _look(self) -> None:
        """Find what is due, lane by lane."""
        due = list(Source.objects.due(self.clock()).values_list("pk", "host"))
        lanes = Host.objects.lanes({host for _, host in due})
        for key, host in due:
            self.waiting[lanes[host]].append(key)

    def _begin(self) -> None:
        """Begin a visit in each lane that is free, as long as there is room for its answer."""
        for lane, keys in list(self.waiting.items()):
            if len(self.fetching) >= VISITS or len(self.reading) >= UNREAD:
                return
            if lane in self.tokens or self.shut.get(lane, 0) > time.monotonic():
                continue
            token = enter(lane)
            if token is None:
                self._wait_for(lane, keys)
                continue
            self._visit_first(lane, token, keys)
            if not keys:
                del self.waiting[lane]

    def _wait_for(self, lane: str, keys: deque[int]) -> None:
        """Try a lane again soon; one that is closed, not before it wants to be asked."""
        if until := closed_until(lane):
            Source.objects.due(self.clock()).filter(pk__in=keys).update(next_check_at=until)
            del self.waiting[lane]
        else:
            self.shut[lane] = time.monotonic() + SHUT_SECONDS

    def _visit_first(self, lane: str, token: str, keys: deque[int]) -> None:
        """Visit the first of a lane's sources that nobody else has taken."""
        while keys:
            now = self.clock()
            if claimed := Source.objects.claim(now, [keys.popleft()]):
                visit = Visit(claimed[0], request_of(claimed[0], now))
                self.begun += 1
                self.tokens[lane] = token
                self.fetching[self.fetchers.submit(_fetched, visit.request)] = lane, visit
                return
        leave(lane, token)

    def _go_on(self) -> None:
        """Wait until something is done, and take each thing that is done one step further."""
        under_way = [*self.fetching, *self.reading]
        if not under_way:
            time.sleep(SHUT_SECONDS)  # every lane that is left is shut
            return
        for done in wait(under_way, timeout=SHUT_SECONDS, return_when=FIRST_COMPLETED).done:
            if done in self.fetching:
                self._take_answer(*self.fetching.pop(done), done)
            else:
                self._take_parsed(*self.reading.pop(done), done)

    def _take_answer(self, lane: str, visit: Visit, answer: Future[Any]) -> None:
        """Hand over what has been fetched to be read, unless there is nothing new in it."""
        leave(lane, self.tokens.pop(lane))
        with self._recording(visit):
            visit.fetched = answer.result()
            if visit.fetched.status == 304:
                record_unchanged(visit, self.clock(), Fetch.Outcome.UNCHANGED)
            elif visit.is_unchanged:
                record_unchanged(visit, self.clock(), Fetch.Outcome.SAME)
            else:
                reading = self.readers.submit(_read, visit.fetched, visit.request, visit.source.kind, self.clock())
                self.reading[reading] = lane, visit

    def _take_parsed(self, lane: str, visit: Visit, found: Future[Any]) -> None:
        """Store what has been read."""
        with self._recording(visit):
            parsed = found.result()
            stored = store(parsed.listings, source=visit.source, now=self.clock())
            record_stored(visit, parsed, stored, self.clock())
            if visit.source.page_url:
                self.waiting[lane].append(visit.source.pk)

    @contextmanager
    def _recording(self, visit: Visit) -> Iterator[None]:
        """Record a step that fails: one source's failure is that source's own, also where it cannot be recorded."""
        try:
            try:
                yield
            except FetchError as error:
                record_failure(
                    visit, self.clock(), error.kind, str(error), status=error.status, retry_seconds=error.retry_seconds
                )
            except ParseError as error:
                record_failure(visit, self.clock(), error.kind, str(error))
        except Exception as error:
            log.exception("source=%s", visit.source.pk)
            self._record_mistake(visit, error)

    def _record_mistake(self, visit: Visit, error: Exception) -> None:
        """Record what nobody foresaw, on the source as it is stored: in memory, part of the step may be done."""
        try:
            visit.source.refresh_from_db()
            record_failure(visit, self.clock(), "error", f"{type(error).__name__}: {error}")
        except Source.DoesNotExist:
            log.warning("source=%s was deleted while it was visited", visit.source.pk)
        except Exception:
            log.exception("source=%s comes due again by itself: this is not recorded", visit.source.pk)


def _fetched(request: Request) -> Fetched:
    return fetch(
        request.url,
        user_agent=settings.USER_AGENT,
        allowed_hosts=settings.FETCH_ALLOWED_HOSTS,
        etag=request.etag,
        last_modified=request.last_modified,
    )


def _read(fetched: Fetched, request: Request, kind: str, now: datetime) -> Parsed:
    """Read an answer; links in feeds count from where it was found, further pages from what was asked."""
    url = fetched.url if kind == Source.Kind.FEED else request.url
    return read_guarded(fetched.body, kind=kind, url=url, content_type=fetched.content_type, now=now)
