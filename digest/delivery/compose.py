"""Decides what each reader's digest says: reads what the readers of a slice follow and have had, and chooses.

The number of queries is the same for one digest as for a hundred. Wording and look are `render`'s.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.conf import settings
from django.urls import reverse

from accounts.models import Reader
from digest.delivery.content import Card, DigestContent, Section
from digest.delivery.editions import FRESHNESS
from digest.delivery.pool import CandidatePool
from digest.feedback.links import Purpose, link
from digest.models import Digest, Feedback, Subscription, Suppression
from digest.ranking.choose import Pick, choose
from digest.ranking.taste import NOTABLE

CATCH_UP_DAYS = 3  # a Monday digest still knows Friday's papers
TRENDING_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What one reader wants of one edition: weights by topic, the number of papers, nothing from `already`.

    `said` holds the papers of which the reader asked for more (True) or less (False).
    """

    weights: Mapping[int, float]
    papers: int
    since: date
    already: Collection[int] = frozenset()
    said: Mapping[int, bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """What one reader gets: `trending` are papers of the community part. No picks means no mail.

    `likes` names for some picks the paper wanted more of that they are like.
    """

    picks: tuple[Pick, ...]
    trending: tuple[int, ...]
    likes: Mapping[int, int] = field(default_factory=dict)

    @property
    def papers(self) -> tuple[int, ...]:
        return (*(pick.paper for pick in self.picks), *self.trending)


@dataclass
class Slice:
    """What the readers of some digests of one edition follow and have had already, by reader."""

    weights: dict[int, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    already: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    previous: dict[int, date] = field(default_factory=dict)
    said: dict[int, dict[int, bool]] = field(default_factory=dict)
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
    _read_feedback(read, digests, pool)
    return read


def _read_history(read: Slice, readers: Collection[int], pool: CandidatePool) -> None:
    """Read what the readers got of late. No candidate is older than the pool, so no older digest can hold one."""
    states = [Digest.State.ACCEPTED, Digest.State.UNCERTAIN, Digest.State.HANDING_OVER, Digest.State.RETRY]
    had = Digest.objects.filter(reader__in=readers, edition__date__gte=pool.first - timedelta(days=1), state__in=states)
    rows = had.exclude(edition__date=pool.day).values_list("reader_id", "edition__date", "picks", "trending")
    for reader, day, picks, trending in rows:
        read.already[reader] |= {pick[0] for pick in picks} | set(trending)
        read.previous[reader] = max(day, read.previous.get(reader, day))


def _read_feedback(read: Slice, digests: Sequence[Digest], pool: CandidatePool) -> None:
    """Read what the readers said of papers, and the words of these papers and of what may be chosen for them."""
    read.said = Feedback.objects.latest_of([digest.reader_id for digest in digests])
    papers: set[int] = set()
    for digest in digests:
        if said := read.said.get(digest.reader_id):
            wanted = wish(digest, read, pool)
            papers.update(said, (candidate.paper for candidate in pool.candidates(wanted.weights, wanted.since)))
    if papers:
        pool.load_words(papers)


def wish(digest: Digest, read: Slice, pool: CandidatePool) -> Wish:
    reader = digest.reader
    caught_up = pool.day - timedelta(days=CATCH_UP_DAYS)
    since = max(pool.first, min(caught_up, read.previous.get(reader.pk, caught_up)))
    said = read.said.get(reader.pk, {})
    refused = {paper for paper, wants_more in said.items() if not wants_more}
    return Wish(read.weights[reader.pk], reader.papers, since, read.already[reader.pk] | refused, said)


def make_choice(wanted: Wish, pool: CandidatePool) -> Choice:
    candidates = pool.candidates(wanted.weights, wanted.since)
    tastes = pool.words.tastes(wanted.said, {one.paper for one in candidates}) if wanted.said else {}
    picks = choose(
        candidates,
        weights=wanted.weights,
        facts=pool.facts,
        already=wanted.already,
        size=wanted.papers,
        today=pool.day,
        tastes=tastes,
    )
    had = {pick.paper for pick in picks} | set(wanted.already)
    trending = pool.community(exclude=had, size=TRENDING_SHOWN) if picks else []
    moved = [pick.paper for pick in picks if tastes.get(pick.paper, 0.0) >= NOTABLE]
    return Choice(tuple(picks), tuple(trending), dict(_likes(moved, wanted, pool)))


def _likes(papers: Iterable[int], wanted: Wish, pool: CandidatePool) -> Iterable[tuple[int, int]]:
    liked = [paper for paper, wants_more in wanted.said.items() if wants_more]
    for paper in papers:
        if (nearest := pool.words.nearest(paper, liked)) is not None:
            yield paper, nearest


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
    own_pages = _preferences_url(digest)
    return DigestContent(
        key=digest.key.hex,
        email=digest.reader.email,
        edition=pool.day,
        topics=tuple(pool.labels[topic] for topic in wanted.weights),
        sections=tuple(_sections(choice, pool)),
        trending=tuple(pool.card(paper) for paper in choice.trending),
        announced=pool.announced_since(since),
        since=since,
        preferences_url=own_pages,
        unsubscribe_url=link(Purpose.UNSUBSCRIBE, digest.reader_id),
        # As in config/urls.py: a second signature for the same token would cost a fifth of all composing. A preview for
        # nobody is in no archive.
        archive_url=f"{own_pages}archive/{pool.day}/" if digest.reader_id else own_pages,
        home_url=settings.SITE_URL + "/",
    )


def _preferences_url(digest: Digest) -> str:
    """Return where the reader's own pages are. A preview for nobody leads to those of whoever looks at it."""
    if digest.reader_id is None:
        return f"{settings.SITE_URL}{reverse('you:preferences')}"
    return link(Purpose.PREFERENCES, digest.reader_id)


def _sections(choice: Choice, pool: CandidatePool) -> Iterable[Section]:
    """Group the picks by the topic that won each its place; topics in the order of their best pick."""
    by_topic: dict[int, list[Card]] = {}
    for pick in choice.picks:
        topics = (pick.topic, *[topic for topic in pick.topics if topic != pick.topic])
        like = pool.words.titles[choice.likes[pick.paper]] if pick.paper in choice.likes else ""
        by_topic.setdefault(pick.topic, []).append(pool.card_in(topics, pick.paper, like=like))
    for topic, cards in by_topic.items():
        yield Section(pool.labels[topic], tuple(cards), topic)
