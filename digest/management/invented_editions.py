"""Invented editions: digests as a real day would have left them, for readers and papers that are invented too."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction

from accounts.models import Reader
from digest.delivery.editions import close
from digest.management.bulk import write_new
from digest.management.invented import pieces
from digest.management.output import progress
from digest.models import Digest, Edition, Feedback, MailEvent, Match

PIECE = 10_000
PICKS_KNOWN = 20_000  # matches that picks are taken from
FATES = {
    ("accepted", "", 250): 880,
    ("empty", "no new paper was close enough", None): 60,
    ("suppressed", "hard bounce", None): 12,
    ("suppressed", "the reader paused", None): 8,
    ("failed", "no such mailbox here", 550): 12,
    ("failed", "the mailbox is full", 552): 6,
    ("uncertain", "the connection was lost after the last line", None): 2,
    ("expired", "it could not be sent in time", None): 20,
}
OPEN = {("pending", "", None): 70, ("retry", "try again later", 451): 5}  # of today's edition, beside FATES
EVENTS = {"accepted": ("delivered", "soft bounce", "complaint"), "failed": ("hard bounce",)}
REPORTED, JUDGED = 0.02, 0.005  # of all digests: with a mail event, with feedback

Fate = tuple[str, str, int | None]


@dataclass
class Making:
    """Digests in the making: `matches` are (paper, topic) pairs that they may hold."""

    chance: random.Random
    now: datetime
    matches: Sequence[tuple[int, int]]

    def piece(self, edition: Edition, readers: Sequence[tuple[int, str]]) -> int:
        """Make the digests of `readers`, keys and addresses, but for those that have one; return how many."""
        odds = FATES | OPEN if edition.date == self.now.date() else FATES
        with transaction.atomic():
            had = set(
                edition.digests.filter(reader__in=[key for key, _ in readers]).values_list("reader_id", flat=True)
            )
            without = {key: address for key, address in readers if key not in had}
            fates = self.chance.choices(list(odds), list(odds.values()), k=len(without))
            made = [self.digest(reader, fate, edition) for reader, fate in zip(without, fates, strict=True)]
            write_new(made)
            MailEvent.objects.bulk_create(self.events(made, without), batch_size=500)
            Feedback.objects.bulk_create(self.feedback(made), batch_size=500, ignore_conflicts=True)
        return len(made)

    def digest(self, reader: int, fate: Fate, edition: Edition) -> Digest:
        state, reason, code = fate
        is_open = state in Digest.WAITING
        due_at = datetime.combine(edition.date, time(7), tzinfo=UTC) + timedelta(seconds=self.chance.randrange(900))
        picks = self.picks() if state in ("accepted", "failed", "uncertain", "retry") else []
        return Digest(
            key=UUID(int=self.chance.getrandbits(128), version=4),
            reader_id=reader,
            edition=edition,
            state=state,
            reason=reason,
            code=code,
            attempts=1 if code else 0,
            due_at=due_at,
            next_attempt_at=self.now + timedelta(days=1) if is_open else None,
            settled_at=None if is_open else due_at,
            subject=f"{len(picks)} papers in your topics" if picks else "",
            picks=picks,
            created_at=due_at,
        )

    def picks(self) -> list[tuple[int, int]]:
        if not self.matches:
            return []
        chosen = self.chance.choices(self.matches, k=self.chance.randrange(3, 11))
        return list(dict(chosen).items())

    def events(self, digests: Sequence[Digest], addresses: dict[int, str]) -> list[MailEvent]:
        return [
            MailEvent(
                provider="invented",
                event_key=digest.key.hex,
                kind=self.chance.choice(EVENTS[digest.state]),
                address=addresses[digest.reader_id],
                reader_id=digest.reader_id,
                digest=digest,
                at=digest.due_at + timedelta(minutes=1),
                said=digest.reason,
            )
            for digest in digests
            if digest.state in EVENTS and (digest.state == "failed" or self.chance.random() < REPORTED)
        ]

    def feedback(self, digests: Sequence[Digest]) -> list[Feedback]:
        return [
            Feedback(
                reader_id=digest.reader_id,
                paper_id=digest.picks[0][0],
                wants_more=self.chance.random() < 0.7,
                said_at=digest.due_at + timedelta(hours=1),
            )
            for digest in digests
            if digest.picks and self.chance.random() < JUDGED
        ]


def make_editions(count: int, most: int, chance: random.Random, now: datetime) -> int:
    """Make the editions of the last `count` days, each with at most `most` digests; close those whose day is over.

    Returns the number of digests.
    """
    matches = list(Match.objects.order_by("-pk").values_list("paper_id", "topic_id")[:PICKS_KNOWN])
    making = Making(chance, now, matches)
    readers = Reader.objects.active().order_by("pk").values_list("pk", "email")
    active = min(most, readers.count())
    days = [now.date() - timedelta(days=days) for days in reversed(range(count))]
    made = 0
    for edition in _editions(days):
        start = 0
        for size in progress(list(pieces(active, PIECE)), quiet=False, unit=f" x {PIECE:,} digests"):
            piece = list(readers.filter(pk__gt=start)[:size])
            made += making.piece(edition, piece)
            start = piece[-1][0]
        if edition in Edition.objects.over(now):
            close(edition, now)
    return made


def _editions(days: Sequence[date]) -> list[Edition]:
    return sorted(Edition.objects.on(set(days)).values(), key=lambda edition: edition.date)
