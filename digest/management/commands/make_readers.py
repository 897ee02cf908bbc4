"""Makes invented readers, with the topics that they follow, to see how the service is with very many of them."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction
from django.utils import timezone

from accounts.consent import CONSENT
from accounts.models import Reader
from digest.management.bulk import reserve, write, write_new
from digest.management.invented import DOMAINS, add_count, pieces, positive, refuse_in_production, skewed, vocabulary
from digest.management.output import DataCommand, progress
from digest.models import Subscription, Topic
from digest.models.suppression import Salt, Suppression, hashed
from digest.ranking.query import parse_query

PIECE = 10_000
READERS_PER_TOPIC = 5
YEARS = 2
STATES = {Reader.State.ACTIVE: 78, Reader.State.PENDING: 8, Reader.State.PAUSED: 6, Reader.State.LEFT: 8}
DAYS = {Reader.Days.DAILY: 70, Reader.Days.WEEKDAYS: 20, Reader.Days.WEEKLY: 10}
HOURS = {5: 3, 6: 12, 7: 45, 8: 20, 9: 8, 12: 5, 18: 5, 21: 2}
SUPPRESSED = 0.02  # of all addresses
SUPPRESSIONS = [Suppression.Reason.HARD_BOUNCE, Suppression.Reason.SOFT_BOUNCES, Suppression.Reason.COMPLAINT]
ZONES = {
    "America/New_York": 14,
    "America/Los_Angeles": 10,
    "America/Chicago": 6,
    "America/Sao_Paulo": 4,
    "America/Mexico_City": 2,
    "Europe/London": 9,
    "Europe/Berlin": 10,
    "Europe/Paris": 7,
    "Europe/Rome": 4,
    "Europe/Madrid": 3,
    "Europe/Zurich": 2,
    "Europe/Istanbul": 2,
    "Africa/Lagos": 2,
    "Africa/Nairobi": 1,
    "Asia/Kolkata": 7,
    "Asia/Shanghai": 8,
    "Asia/Tokyo": 5,
    "Asia/Seoul": 4,
    "Asia/Singapore": 3,
    "Asia/Tehran": 2,
    "Asia/Kathmandu": 1,
    "Australia/Sydney": 3,
    "Pacific/Auckland": 1,
    "UTC": 4,
}


class Command(DataCommand):
    help = (
        "Make N invented readers, at example.org and example.net, with the topics that they follow. "
        "For trying how the service is with many; refused in production. Run it again to add more."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        add_count(parser, "readers")
        parser.add_argument(
            "--topics-each", type=positive, default=5, help="topics per reader, on average (default: 5)"
        )
        parser.add_argument("--topics", type=positive, help="distinct topics (default: a fifth of N, at least 20)")

    def handle(self, *args: Any, count: int, seed: int, topics_each: int, **options: Any) -> None:
        refuse_in_production()
        chance = random.Random(seed)  # noqa: S311 - the same readers for the same seed
        wanted = options["topics"] or max(20, count // READERS_PER_TOPIC)
        topics = make_topics(wanted, chance, quiet=False)
        making = Making(chance, topics, topics_each)
        for size in progress(list(pieces(count, PIECE)), quiet=False, unit=f" x {PIECE:,} readers"):
            making.piece(size, timezone.now())
        self.stdout.write(f"Made {count:,} readers, who follow {making.follows:,} times one of {len(topics):,} topics.")


def make_topics(count: int, chance: random.Random, *, quiet: bool) -> list[int]:
    """Return the keys of `count` topics of one to three invented words; those that are there already are taken."""
    words = vocabulary()
    queries: dict[str, None] = {}
    while len(queries) < count:
        text = " ".join(words[skewed(chance, len(words))] for _ in range(chance.choice((1, 2, 2, 3))))
        queries[parse_query(text).canonical] = None
    texts = list(queries)
    keys: dict[str, int] = {}
    for start in progress(range(0, count, PIECE), quiet=quiet, unit=f" x {PIECE:,} topics"):
        piece = texts[start : start + PIECE]
        made = [Topic(kind=Topic.Kind.TEXT, query=query, label=query, match_due_at=None) for query in piece]
        Topic.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
        for some in range(0, len(piece), 500):
            found = Topic.objects.filter(query__in=piece[some : some + 500])
            keys |= dict(found.values_list("query", "pk"))
    return [keys[query] for query in texts]


class Making:
    """Readers in the making, piece by piece, who choose among `topics`."""

    def __init__(self, chance: random.Random, topics: Sequence[int], topics_each: int) -> None:
        self.chance, self.topics, self.topics_each = chance, topics, topics_each
        self.names = [word.capitalize() for word in vocabulary()]
        self.salt = Salt.objects.value()
        self.follows = 0

    def piece(self, size: int, now: datetime) -> None:
        """Make `size` readers and all that hangs on them, together or not at all."""
        with transaction.atomic():
            readers = [self.reader(key, now) for key in reserve(Reader, size)]
            wishes = [(reader.pk, topic) for reader in readers for topic in self.wishes()]
            write(readers)
            write_new([self.subscription(*wish, now) for wish in wishes])
            write_new([self.suppression(reader, now) for reader in readers if self.chance.random() < SUPPRESSED])
        self.follows += len(wishes)

    def reader(self, key: int, now: datetime) -> Reader:
        chance = self.chance
        given, family = chance.choice(self.names), chance.choice(self.names)
        asked_at = now - timedelta(minutes=chance.randrange(YEARS * 365 * 24 * 60))
        state = _one_of(STATES, chance)
        reader = Reader(
            pk=key,
            email=f"{given}.{family}.{key}@{chance.choice(DOMAINS)}".lower(),
            name=f"{given} {family}",
            password="!invented",  # noqa: S106 - what begins with "!" opens nothing
            state=state,
            time_zone=_one_of(ZONES, chance),
            delivery_hour=_one_of(HOURS, chance),
            days=_one_of(DAYS, chance),
            weekday=chance.randrange(7),
            papers=chance.choice((5, 10, 10, 10, 20)),
            consent_text=CONSENT.text,
            consent_version=CONSENT.version,
            consented_at=asked_at,
            created_at=asked_at,
        )
        if state != Reader.State.PENDING:
            reader.confirmed_at = asked_at + timedelta(minutes=chance.randrange(1, 600))
        if state == Reader.State.ACTIVE:
            reader.next_digest_at = reader.slot_after(now)
        elif state == Reader.State.PAUSED and chance.random() < 0.5:
            reader.paused_until = (now + timedelta(days=chance.randrange(1, 60))).date()
        elif state == Reader.State.LEFT:
            reader.left_at = now - (now - asked_at) * chance.random()
        return reader

    def wishes(self) -> dict[int, None]:
        """Return the topics of one reader: from one to nearly twice the average."""
        wanted = min(self.chance.randrange(1, 2 * self.topics_each), len(self.topics))
        return dict.fromkeys(self.topics[skewed(self.chance, len(self.topics))] for _ in range(wanted))

    def subscription(self, reader: int, topic: int, now: datetime) -> Subscription:
        luck = self.chance.random()
        weight = 2.0 if luck < 0.1 else 1.0
        return Subscription(reader_id=reader, topic_id=topic, weight=weight, is_muted=luck > 0.96, created_at=now)

    def suppression(self, reader: Reader, now: datetime) -> Suppression:
        return Suppression(
            address=reader.email,
            address_hash=hashed(reader.email, self.salt),
            reason=self.chance.choice(SUPPRESSIONS),
            note="invented",
            created_at=now,
        )


def _one_of(odds: dict[Any, int], chance: random.Random) -> Any:
    return chance.choices(list(odds), list(odds.values()))[0]
