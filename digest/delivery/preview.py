"""What would be mailed, without sending or recording: for a reader, or for topics that nobody need follow yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Reader
from digest.delivery.compose import CATCH_UP_DAYS, Choice, Wish, content, make_choice, read_slice, wish
from digest.delivery.content import DigestContent
from digest.delivery.finished import Finished, write
from digest.delivery.pool import CandidatePool
from digest.models import Digest, Edition

NOBODY = Reader(email="preview@example.org", papers=10)


@dataclass(frozen=True, slots=True)
class Preview:
    """A digest that is not sent: what would be chosen, what it would say, and its mail once that is asked for."""

    digest: Digest
    choice: Choice
    content: DigestContent

    @property
    def finished(self) -> Finished:
        return write(self.digest, self.choice, self.content, self.digest.due_at)


def preview_reader(reader: Reader, day: date) -> Preview | None:
    """Return what `reader` would get on `day`; None where nothing is close enough."""
    pool = CandidatePool(day)
    digest = _unsaved(reader, day)
    return _preview(digest, wish(digest, read_slice([digest], pool), pool), pool)


def preview_topics(pool: CandidatePool, topics: Sequence[int]) -> Preview | None:
    """Return what somebody new would get who follows just these topics of `pool`."""
    since = pool.day - timedelta(days=CATCH_UP_DAYS)
    wanted = Wish(dict.fromkeys(topics, 1.0), NOBODY.papers, since)
    return _preview(_unsaved(NOBODY, pool.day), wanted, pool)


def _unsaved(reader: Reader, day: date) -> Digest:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return Digest(reader=reader, edition=Edition(date=day), due_at=noon)


def _preview(digest: Digest, wanted: Wish, pool: CandidatePool) -> Preview | None:
    choice = make_choice(wanted, pool)
    if not choice.picks:
        return None
    pool.load_cards(choice.papers)
    return Preview(digest, choice, content(digest, wanted, choice, pool))
