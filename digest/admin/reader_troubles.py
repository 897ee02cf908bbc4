"""Why a reader gets no mail, or may get none: in words, the strongest reason first."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from accounts.models import Reader
from digest.models import Digest, Suppression

OVERDUE = timedelta(hours=2)
FAILED = (Digest.State.FAILED, Digest.State.UNCERTAIN, Digest.State.EXPIRED)


def troubles(
    reader: Reader, suppression: Suppression | None, followed: int, digests: Sequence[Digest], now: datetime
) -> list[str]:
    """Return what staff should know first. `followed` counts topics that are not muted; `digests` are the latest."""
    stopped = [f"Gets no mail, because {reason}." for reason in _stops(reader, suppression, followed)]
    return stopped + list(_doubts(reader, digests, now))


def _stops(reader: Reader, suppression: Suppression | None, followed: int) -> Iterator[str]:
    if not reader.is_active:
        yield "the account is closed"
    if reader.state == Reader.State.LEFT:
        since = f" on {_day(reader.left_at)}" if reader.left_at else ""
        yield f"the reader left{since}; only the reader can come back"
    if reader.state == Reader.State.PENDING:
        yield "the address has not been confirmed yet"
    if reader.state == Reader.State.PAUSED:
        yield "digests are paused"
    if suppression:
        note = f" ({suppression.note})" if suppression.note else ""
        yield f"the address must not be mailed: {suppression.get_reason_display()}{note}"
    if not followed:
        yield "the reader follows no topic, or has muted all of them"


def _doubts(reader: Reader, digests: Sequence[Digest], now: datetime) -> Iterator[str]:
    if reader.state != Reader.State.ACTIVE:
        return
    if reader.paused_until and reader.paused_until > now.date():
        yield f"Paused until {reader.paused_until.day} {reader.paused_until:%B %Y}."
    if reader.next_digest_at and reader.next_digest_at < now - OVERDUE:
        yield "The next digest is overdue: see that the clock (celery beat, or manage.py run_due) runs."
    settled = [digest for digest in digests if digest.settled_at]
    if settled and settled[0].state in FAILED:
        yield f"The last digest did not arrive: {settled[0].get_state_display()}. {settled[0].reason}".strip()
    empty = [digest for digest in settled[:5] if digest.state == Digest.State.EMPTY]
    if len(empty) == 5:
        yield "The last five digests had nothing to send: the topics may be too narrow."


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
