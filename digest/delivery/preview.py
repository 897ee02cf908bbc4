"""What would be mailed, without sending or recording: for a reader, or for topics that nobody need follow yet."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from accounts.models import Reader
from digest.delivery.compose import CATCH_UP_DAYS, Wish, content, make_choice, read_slice, wish
from digest.delivery.deliver import Letter, write
from digest.delivery.pool import CandidatePool
from digest.models import Digest, Edition

NOBODY = Reader(email="preview@example.org", papers=10)


def preview_reader(reader: Reader, day: date) -> Letter | None:
    """Return the mail that `reader` would get on `day`; None where nothing is close enough."""
    pool = CandidatePool(day)
    digest = _unsaved(reader, day)
    wanted = wish(digest, read_slice([digest], pool), pool)
    return _letter(digest, wanted, pool)


def preview_topics(pool: CandidatePool, topics: Sequence[int]) -> Letter | None:
    """Return the mail that somebody new would get who follows just these topics of `pool`."""
    since = pool.day - timedelta(days=CATCH_UP_DAYS)
    wanted = Wish(dict.fromkeys(topics, 1.0), NOBODY.papers, since)
    return _letter(_unsaved(NOBODY, pool.day), wanted, pool)


def _unsaved(reader: Reader, day: date) -> Digest:
    noon = datetime.combine(day, time(12), tzinfo=UTC)
    return Digest(reader=reader, edition=Edition(date=day), due_at=noon)


def _letter(digest: Digest, wanted: Wish, pool: CandidatePool) -> Letter | None:
    choice = make_choice(wanted, pool)
    if not choice.picks:
        return None
    pool.load_cards(choice.papers)
    return write(digest, choice, content(digest, wanted, choice, pool), digest.due_at)
