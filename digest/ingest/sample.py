"""The papers of the last days, read once and held by each process, for trying topics on them while people type.

Making them ready takes seconds, so that happens beside the requests: one asks for it, the others use what there is.
The rows are read by whoever asks, because a thread of its own would hold a connection to the database.
"""

import logging
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from threading import Event, Lock
from time import monotonic

from django.db.models import F
from django.utils import timezone

from digest.ingest.rank import documents, latest_documents
from digest.models import Paper
from digest.ranking.matching import Background, Batch, Document

DAYS = 7
MOST_PAPERS = 5000  # of more, an even sample is taken
RENEWED_AFTER = 60.0  # seconds, if papers were added
TOO_OLD = 600.0  # seconds, in any case: days pass, papers are withdrawn and hidden

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sample:
    """`total` papers came in over the last `days`; those in `batch` stand for them. `words` say what is rare."""

    batch: Batch
    words: Background
    total: int
    days: int


class Samples:
    """The sample of this process."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "sample")
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process does that has just started."""
        self._held: Sample | None = None
        self._newest, self._asked_at = 0, 0.0
        self._asking, self._is_there = Lock(), Event()

    def current(self, *, wait: float) -> Sample | None:
        """Return the sample, or None where the first one is not ready after `wait` seconds."""
        newest = Paper.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        if self._is_due(newest) and self._asking.acquire(blocking=False):
            self._ask(newest)
        self._is_there.wait(wait)
        return self._held

    def _is_due(self, newest: int) -> bool:
        age = monotonic() - self._asked_at
        return not self._held or age > TOO_OLD or (newest != self._newest and age > RENEWED_AFTER)

    def _ask(self, newest: int) -> None:
        """Read the rows and let them be made ready; `_asking` is held until they are."""
        try:
            coming = self._worker.submit(_made, *_read(), latest_documents())
        except BaseException:
            self._asking.release()
            raise
        self._newest, self._asked_at = newest, monotonic()
        coming.add_done_callback(partial(self._take, self._asking, self._is_there))

    def _take(self, asking: Lock, is_there: Event, coming: Future[Sample]) -> None:
        if error := coming.exception():
            logger.error("The papers of the last days could not be made ready", exc_info=error)
        elif is_there is self._is_there:
            self._held = coming.result()
            is_there.set()
        asking.release()


def _read() -> tuple[list[Document], int, int]:
    """Return the papers to try topics on, how many they stand for, and of how many days."""
    today = timezone.now().date()
    recent = Paper.objects.announced_between(today - timedelta(days=DAYS - 1), today)
    total = recent.count()
    if total > MOST_PAPERS:  # evenly, whatever the day
        recent = recent.annotate(place=F("pk") * MOST_PAPERS % total).filter(place__lt=MOST_PAPERS)
    # The most trending first, as in the mail: so they stand among papers that fit a topic equally well.
    rows = list(recent.order_by("-trend", "-announced_on", "pk")[:MOST_PAPERS])
    first = min((paper.announced_on for paper in rows if paper.announced_on), default=today)
    return documents(rows), total, _days(first, today)


def _days(first: date, today: date) -> int:
    """Return of how many days the papers are: a service that began yesterday has not seen a week."""
    return min(DAYS, max(1, (today - first).days + 1))


def _made(papers: Sequence[Document], total: int, days: int, latest: Sequence[Document]) -> Sample:
    return Sample(Batch(papers), Background.of(latest), total, days)


samples = Samples()
