"""How common words are, held by each process for the search: those of the latest papers, as matching has them.

The latest papers themselves are held, too: by them the search sees how many papers a condition would bring. They are
renewed now and then, because which words are rare changes slowly, but for a library that has just begun. Whoever asks
then reads the rows, because a thread of its own would hold a connection to the database; what takes long, making them
ready, happens beside the requests. Only the first who asks in a process waits for it.
"""

import logging
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from threading import Lock
from time import monotonic

from digest.ingest.rank import BACKGROUND_PAPERS, latest_documents
from digest.models import Paper
from digest.ranking.batch import Batch
from digest.ranking.corpus import Background, Document

RENEWED_AFTER = 600.0  # seconds, if papers were added
SOON = 30.0  # while there are fewer papers than are looked at

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest papers, without authors; what they say of words; the key of the last; how many papers there are."""

    batch: Batch
    words: Background
    newest: int
    total: int
    made_at: float


class Frequencies:
    """The latest papers of this process."""

    def __init__(self) -> None:
        self._worker = ThreadPoolExecutor(1, "frequencies")
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process does that has just started."""
        self._held: Latest | None = None
        self._making = Lock()

    def current(self) -> Background:
        return self.latest().words

    def latest(self, *, wait: bool = False) -> Latest:
        """Return what is held, even where it is being renewed, unless one wants to `wait`."""
        newest = Paper.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        held = self._held
        if held is None:
            with self._making:
                held = self._held = self._held or _made(latest_documents(), newest, Paper.objects.count())
        elif _is_due(held, newest) and self._making.acquire(blocking=False):
            coming = self._renewing(newest)
            if wait:
                return coming.result()
        return held

    def _renewing(self, newest: int) -> Future[Latest]:
        try:
            coming = self._worker.submit(_made, latest_documents(), newest, Paper.objects.count())
        except BaseException:
            self._making.release()
            raise
        coming.add_done_callback(partial(self._take, self._making))
        return coming

    def _take(self, making: Lock, coming: Future[Latest]) -> None:
        if error := coming.exception():
            logger.error("The words of the latest papers could not be counted", exc_info=error)
        elif making is self._making:
            self._held = coming.result()
        making.release()


def _is_due(held: Latest, newest: int) -> bool:
    patience = RENEWED_AFTER if held.words.size >= BACKGROUND_PAPERS else SOON
    return newest != held.newest and monotonic() - held.made_at > patience


def _made(documents: list[Document], newest: int, total: int) -> Latest:
    batch = Batch(documents)
    batch.texts.sort()
    return Latest(batch, Background(batch.texts), newest, total, monotonic())


frequencies = Frequencies()
