"""How common words are, held by each process for the search: those of the latest papers, as matching has them.

They are read with their stems, which takes a tenth of the time of finding these, and renewed now and then: which words
are rare changes slowly, but for a library that has just begun.
"""

from threading import Lock
from time import monotonic

from digest.ingest.rank import BACKGROUND_PAPERS
from digest.models import Paper
from digest.ranking.corpus import Background, Document

RENEWED_AFTER = 600.0  # seconds, if papers were added
SOON = 30.0  # while there are fewer papers than are looked at


class Frequencies:
    """The word frequencies of this process."""

    def __init__(self) -> None:
        self._making = Lock()
        self.forget()

    def forget(self) -> None:
        """Begin anew, as a process does that has just started."""
        self._held: tuple[Background, int, float] | None = None

    def current(self) -> Background:
        newest = Paper.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        held = self._held
        if held and not _is_due(*held, newest):
            return held[0]
        if held and not self._making.acquire(blocking=False):
            return held[0]  # somebody makes new ones at this moment
        if not held:
            self._making.acquire()
        try:
            made = self._held
            if made is held or made is None:
                made = self._held = Background.of(latest_documents()), newest, monotonic()
            return made[0]
        finally:
            self._making.release()


def _is_due(words: Background, made_at_paper: int, made_at: float, newest: int) -> bool:
    patience = RENEWED_AFTER if words.size >= BACKGROUND_PAPERS else SOON
    return newest != made_at_paper and monotonic() - made_at > patience


def latest_documents() -> list[Document]:
    """Return the papers that `digest.ingest.rank.latest_documents` returns, with their stems where these are known."""
    latest = Paper.objects.order_by("-pk").values_list(
        "pk", "title", "abstract", "index_due_at", "words__title", "words__abstract"
    )[:BACKGROUND_PAPERS]
    return [
        Document(key, title, abstract, stems=None if due_at or stems is None else (stems, others))
        for key, title, abstract, due_at, stems, others in latest
    ]


frequencies = Frequencies()
