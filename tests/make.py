"""Rows and values for tests: each function makes one thing, sane unless told otherwise."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from accounts.models import Reader
from digest.ingest.frequencies import frequencies
from digest.ingest.index import index_due
from digest.models import (
    Digest,
    Edition,
    Match,
    Paper,
    PaperIdentifier,
    Sighting,
    Signal,
    Source,
    Submission,
    Subscription,
    Topic,
)
from digest.models.catalogue import catalogue
from digest.sources.listing import Identifier, Listing, Scheme

TODAY = date(2026, 3, 4)  # a Wednesday
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)

_numbers = count(1)


def make_listing(**given: Any) -> Listing:
    number = next(_numbers)
    stated: dict[str, Any] = {
        "title": f"Paper number {number}",
        "abstract": "What it says.",
        "authors": ("Ada Lindqvist",),
        "categories": ("cs.CL",),
        "identifiers": (Identifier(Scheme.ARXIV, f"2603.{number:05}"),),
        "url": f"https://arxiv.org/abs/2603.{number:05}",
        "announced_on": TODAY,
    }
    return Listing(**stated | given)


def make_source(**given: Any) -> Source:
    number = next(_numbers)
    stated = {"name": f"Source {number}", "kind": "arxiv", "url": f"https://feeds.example.org/{number}"}
    return Source.objects.create(**stated | given)


def make_paper(**given: Any) -> Paper:
    stated = {"title": f"Paper number {next(_numbers)}", "announced_on": TODAY, "match_due_at": None}
    return Paper.objects.create(**stated | given)


def index_papers() -> None:
    """Let the search know all papers as they are, and this process the frequencies of their words."""
    if Paper.objects.filter(index_due_at__isnull=False).exists():
        index_due(timezone.now() + timedelta(days=365))
        frequencies.current()


def make_topic(query: str = "knowledge transfer") -> Topic:
    """Make a topic that is due for matching at noon, unless it was matched before."""
    topic = Topic.objects.named(query)
    Topic.objects.filter(pk=topic.pk, match_due_at__gt=NOON).update(match_due_at=NOON)
    topic.refresh_from_db()
    return topic


def make_match(topic: Topic, paper: Paper, score: float = 0.8, why: str = "") -> Match:
    assert paper.announced_on
    return Match.objects.create(
        topic=topic, paper=paper, score=score, why=why or f"matches {topic.label}", announced_on=paper.announced_on
    )


def make_reader(email: str = "", *, topics: tuple[Topic, ...] = (), **given: Any) -> Reader:
    """Make an active reader in UTC with delivery at seven, who follows `topics`."""
    email = email or f"reader{next(_numbers)}@example.org"
    reader = Reader.objects.create_user(email, **{"state": Reader.State.ACTIVE} | given)
    for topic in topics:
        Subscription.objects.create(reader=reader, topic=topic)
    return reader


def make_digest(reader: Reader, day: date = TODAY, **given: Any) -> Digest:
    """Make a digest of `day`'s edition, waiting and due at seven in the morning UTC."""
    due = datetime(day.year, day.month, day.day, 7, tzinfo=UTC)
    edition, _ = Edition.objects.get_or_create(date=day)
    return Digest.objects.create(
        **{"reader": reader, "edition": edition, "due_at": due, "next_attempt_at": due} | given
    )


def make_submission(paper: Paper | None = None, reader: Reader | None = None, **given: Any) -> Submission:
    """Make a submission that has waited since noon, by a reader of its own unless one is given."""
    stated = {"paper": paper or make_paper(), "reader": reader or make_reader(), "submitted_at": NOON}
    return Submission.objects.create(**stated | given)


def make_identifier(paper: Paper, value: str, scheme: str = Scheme.ARXIV) -> PaperIdentifier:
    return PaperIdentifier.objects.create(paper=paper, scheme=scheme, value=value)


def make_sighting(paper: Paper, source: Source | None = None, **given: Any) -> Sighting:
    """Make a sighting of today as new, in a source of its own unless one is given."""
    stated = {"announce_type": "new", "announced_on": TODAY, "seen_at": NOON}
    return Sighting.objects.create(paper=paper, source=source or make_source(), **stated | given)


def make_signal(paper: Paper, value: int = 1, **given: Any) -> Signal:
    return Signal.objects.create(paper=paper, value=value, **{"kind": "upvotes", "observed_at": NOON} | given)


def make_public(query: str = "knowledge transfer", slug: str = "") -> Topic:
    """Make a topic that has a page, and was matched with all papers that are there."""
    topic = make_topic(query)
    topic.slug, topic.match_due_at = slug or f"topic-{topic.pk}", None
    topic.save()
    return topic


def open_catalogue() -> None:
    """Give the topics of the catalogue their pages, as a service has done that has run for a minute."""
    Topic.objects.open_pages(catalogue(), NOON)
    Topic.objects.public().update(match_due_at=None)
