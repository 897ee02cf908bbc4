"""Decides what each reader's digest says: reads what the readers of a slice follow and have had, and chooses.

The number of queries is the same for one digest as for a hundred. Wording and look are `render`'s.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.conf import settings

from accounts.models import Reader
from digest.delivery.content import Card, DigestContent, Section
from digest.delivery.editions import FRESHNESS
from digest.delivery.pool import CandidatePool
from digest.feedback.links import Purpose, link
from digest.models import Digest, Subscription, Suppression
from digest.ranking.choose import Pick, choose, trending_today

CATCH_UP_DAYS = 3  # a Monday digest still knows Friday's papers
TRENDING_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What one reader wants of one edition: weights by topic, the number of papers, nothing from `already`."""

    weights: Mapping[int, float]
    papers: int
    since: date
    already: Collection[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Choice:
    """What one reader gets: `trending` are papers of the community part. No picks means no mail."""

    picks: tuple[Pick, ...]
    trending: tuple[int, ...]

    @property
    def papers(self) -> tuple[int, ...]:
        return (*(pick.paper for pick in self.picks), *self.trending)


@dataclass
class Slice:
    """What the readers of some digests of one edition follow and have had already, by reader."""

    weights: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    already: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    previous: dict[int, date] = field(default_factory=dict)
    suppressed: dict[str, str] = field(default_factory=dict)


def read_slice(digests: Sequence[Digest], pool: CandidatePool) -> Slice:
    """Read all that composing `digests` needs, and load it into `pool`, in a fixed number of queries."""
    readers = [digest.reader_id for digest in digests]
    read = Slice(suppressed=Suppression.objects.among([digest.reader.email for digest in digests]))
    follows = Subscription.objects.active().filter(reader__in=readers).order_by("pk")
    for reader, topic, weight in follows.values_list("reader_id", "topic_id", "weight"):
        read.weights[reader][topic] = weight
    _read_history(read, readers, pool)
    pool.load({topic for weights in read.weights.values() for topic in weights})
    return read


def _read_history(read: Slice, readers: Collection[int], pool: CandidatePool) -> None:
    """Read what the readers got of late. No candidate is older than the pool, so no older digest can hold one."""
    states = [Digest.State.ACCEPTED, Digest.State.UNCERTAIN, Digest.State.HANDING_OVER, Digest.State.RETRY]
    had = Digest.objects.filter(reader__in=readers, edition__date__gte=pool.first - timedelta(days=1), state__in=states)
    rows = had.exclude(edition__date=pool.day).values_list("reader_id", "edition__date", "picks", "trending")
    for reader, day, picks, trending in rows:
        read.already[reader] |= {pick[0] for pick in picks} | set(trending)
        read.previous[reader] = max(day, read.previous.get(reader, day))


def wish(digest: Digest, read: Slice, pool: CandidatePool) -> Wish:
    reader = digest.reader
    caught_up = pool.day - timedelta(days=CATCH_UP_DAYS)
    since = max(pool.first, min(caught_up, read.previous.get(reader.pk, caught_up)))
    return Wish(read.weights[reader.pk], reader.papers, since, read.already[reader.pk])


def make_choice(wanted: Wish, pool: CandidatePool) -> Choice:
    picks = choose(
        pool.candidates(wanted.weights, wanted.since),
        weights=wanted.weights,
        facts=pool.facts,
        already=wanted.already,
        size=wanted.papers,
        today=pool.day,
    )
    had = {pick.paper for pick in picks} | set(wanted.already)
    trending = trending_today(pool.trending, exclude=had, size=TRENDING_SHOWN) if picks else []
    return Choice(tuple(picks), tuple(trending))


@dataclass
class Composed:
    """A slice of one edition, composed: what to mail, and the fate of those that get no mail."""

    contents: list[tuple[Digest, Choice, DigestContent]] = field(default_factory=list)
    unmailed: dict[tuple[Digest.State, str], list[Digest]] = field(default_factory=lambda: defaultdict(list))


def compose(digests: Sequence[Digest], pool: CandidatePool, now: datetime) -> Composed:
    """Choose for each of `digests`, all of the pool's edition."""
    read = read_slice(digests, pool)
    composed = Composed()
    chosen: list[tuple[Digest, Wish, Choice]] = []
    for digest in digests:
        verdict = unmailable(digest, read, now)
        if verdict is None:
            wanted = wish(digest, read, pool)
            choice = make_choice(wanted, pool)
            if choice.picks:
                chosen.append((digest, wanted, choice))
                continue
            verdict = (Digest.State.EMPTY, "no new paper was close enough")
        composed.unmailed[verdict].append(digest)
    pool.load_cards({paper for _, _, choice in chosen for paper in choice.papers})
    composed.contents = [(digest, choice, content(digest, wanted, choice, pool)) for digest, wanted, choice in chosen]
    return composed


def unmailable(digest: Digest, read: Slice, now: datetime) -> tuple[Digest.State, str] | None:
    """Return the state and the reason of a digest that must not be mailed whatever it would say."""
    if digest.due_at + FRESHNESS <= now:
        return Digest.State.EXPIRED, digest.reason or "it could not be sent in time"
    if digest.reader.state != Reader.State.ACTIVE:
        return Digest.State.SUPPRESSED, f"the reader {digest.reader.get_state_display()}"
    if not digest.reader.is_active:
        return Digest.State.SUPPRESSED, "the account is closed"
    if reason := read.suppressed.get(digest.reader.email):
        return Digest.State.SUPPRESSED, Suppression.Reason(reason).label
    return None


def content(digest: Digest, wanted: Wish, choice: Choice, pool: CandidatePool) -> DigestContent:
    """Return all that the mail says. The pool must hold the cards of the chosen papers."""
    since = min(pool.facts[pick.paper].announced_on for pick in choice.picks)
    return DigestContent(
        key=digest.key.hex,
        email=digest.reader.email,
        edition=pool.day,
        topics=tuple(pool.labels[topic] for topic in wanted.weights),
        sections=tuple(_sections(choice.picks, pool)),
        trending=tuple(pool.card(paper) for paper in choice.trending),
        announced=pool.announced_since(since),
        since=since,
        preferences_url=link(Purpose.PREFERENCES, digest.reader_id),
        unsubscribe_url=link(Purpose.UNSUBSCRIBE, digest.reader_id),
        home_url=settings.SITE_URL + "/",
    )


def _sections(picks: Iterable[Pick], pool: CandidatePool) -> Iterable[Section]:
    """Group the picks by the topic that won each its place; topics in the order of their best pick."""
    by_topic: dict[int, list[Card]] = {}
    for pick in picks:
        topics = (pick.topic, *(topic for topic in pick.topics if topic != pick.topic))
        card = replace(
            pool.card(pick.paper),
            topics=tuple(pool.labels[topic] for topic in topics),
            why=pool.whys[pick.topic, pick.paper],
        )
        by_topic.setdefault(pick.topic, []).append(card)
    for topic, cards in by_topic.items():
        yield Section(pool.labels[topic], tuple(cards))
