"""What one edition can offer: the candidates of each topic, the featured and trending papers, and their cards.

Read once and shared by all readers of the edition; choosing for one reader is `compose`'s.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date, timedelta

from django.db.models import Count
from django.utils.functional import cached_property

from digest.delivery.cards import chosen, read_cards
from digest.delivery.content import Card
from digest.models import Match, Paper, Topic
from digest.models.match import FRESH_DAYS
from digest.ranking.choose import Candidate, Facts, trending_today
from digest.ranking.corpus import Document
from digest.ranking.taste import Vectors

# In memory at once: beyond, a new pool is begun. Of the candidates each takes about a hundred bytes.
MOST_TOPICS = 10_000
MOST_CANDIDATES = 100_000
FEATURED_OFFERED = 20  # the latest
TRENDING_OFFERED = 60  # enough that a reader who has had many still finds a few
MOST_TEXTS = 50_000  # papers whose words are in memory at once, about a kilobyte each: beyond, they are read anew
MOST_CARDS = 10_000  # of papers for topics in memory at once
MOST_CHOICES = 10_000  # of the community part in memory at once
SAMPLE = 1000  # of papers, by which tastes know how common words are: as good as 5,000


class CandidatePool:
    """The papers announced in the days up to `day`, by topic. Grows by `load` and `load_cards`, for those asked for."""

    def __init__(self, day: date) -> None:
        self.day = day
        self.first = day - timedelta(days=FRESH_DAYS)
        self.facts: dict[int, Facts] = {}
        self.labels: dict[int, str] = {}
        self._size = 0  # candidates
        self._candidates: dict[int, list[Candidate]] = {}
        self._cards: dict[int, Card] = {}
        self._cards_in: dict[tuple[tuple[int, ...], int, str], Card] = {}
        self._pages: dict[int, str] = {}
        self._community: dict[tuple[frozenset[int], int], list[int]] = {}
        fresh = Paper.objects.announced_between(self.first, day)
        self._announced = dict(fresh.order_by().values_list("announced_on").annotate(Count("pk")))
        rising = fresh.trending().values_list("pk", "title", "trend", "announced_on", "url")[:TRENDING_OFFERED]
        self.trending = [self._add_fact(paper, title, trend, on, url) for paper, title, trend, on, url in rising if on]
        self._words_of_staff: dict[int, str] = {}
        self.featured = [self._feature(paper) for paper in Paper.objects.featured(day)[:FEATURED_OFFERED]]

    def _feature(self, paper: Paper) -> Facts:
        self._words_of_staff[paper.pk] = paper.staff_note
        return self._add_fact(paper.pk, paper.title, paper.trend, paper.announced_on or self.day, paper.url)

    def community(self, *, exclude: Collection[int], size: int) -> list[int]:
        """Return what everybody may like to see: what staff have featured, and then what trends.

        Most readers have had none of it, or the same one: what is left for them is found once.
        """
        key = frozenset(self._offered.intersection(exclude)), size
        if key not in self._community:
            if len(self._community) >= MOST_CHOICES:
                self._community.clear()
            self._community[key] = trending_today(self.trending, featured=self.featured, exclude=key[0], size=size)
        return self._community[key]

    @cached_property
    def _offered(self) -> set[int]:
        return {fact.paper for fact in (*self.featured, *self.trending)}

    @property
    def is_full(self) -> bool:
        return len(self._candidates) >= MOST_TOPICS or self._size >= MOST_CANDIDATES

    def load(self, topics: Collection[int]) -> None:
        """Read the labels and candidates of those of `topics` that are not here yet."""
        missing = set(topics) - self._candidates.keys()
        if not missing:
            return
        self.labels |= dict(Topic.objects.filter(pk__in=missing).values_list("pk", "label"))
        found: dict[int, list[Candidate]] = defaultdict(list)
        words: dict[str, str] = {}  # most papers are in a topic for the same reason: once in memory is enough
        matches = Match.objects.announced_between(self.first, self.day).filter(topic__in=missing)
        matches = matches.filter(paper__withdrawn_at=None, paper__hidden_at=None).order_by("pk")
        columns = ("topic", "score", "why", "paper", "paper__title", "paper__trend", "announced_on", "paper__url")
        for topic, score, why, *paper in matches.values_list(*columns).iterator():
            fact = self._add_fact(*paper)
            found[topic].append(Candidate(fact.paper, topic, score, words.setdefault(why, why)))
        self._candidates |= {topic: found[topic] for topic in missing}
        self._size += sum(map(len, found.values()))

    def add(self, topic: int, label: str, candidates: Iterable[tuple[Paper, float, str]]) -> None:
        """Offer the candidates of a topic that is not stored: for previews."""
        self.labels[topic] = label
        self._candidates[topic] = []
        for paper, score, why in candidates:
            self._add_fact(paper.pk, paper.title, paper.trend, paper.announced_on or self.day, paper.url)
            self._candidates[topic].append(Candidate(paper.pk, topic, score, why))

    def candidates(self, topics: Iterable[int], since: date) -> list[Candidate]:
        return [
            candidate
            for topic in topics
            for candidate in self._candidates[topic]
            if self.facts[candidate.paper].announced_on >= since
        ]

    def announced_since(self, since: date) -> int:
        return sum(count for day, count in self._announced.items() if day >= since)

    def load_cards(self, papers: Collection[int]) -> None:
        """Read those of `papers` whose cards are not here yet."""
        missing = set(papers) - self._cards.keys()
        read = read_cards(Paper.objects.filter(pk__in=missing))
        for paper in read.keys() & self._words_of_staff.keys():
            read[paper] = chosen(read[paper], self._words_of_staff[paper])
        self._cards |= read

    def card(self, paper: int) -> Card:
        """Return the card of a paper, with title and page alone if it became one with another since it was offered."""
        return self._cards.get(paper) or _bare_card(self.facts[paper], self._pages[paper])

    def card_in(self, topics: tuple[int, ...], paper: int, *, like: str = "") -> Card:
        """Return the card of a paper as it is shown for `topics`, of which the first won it its place.

        Readers who get it for the same topics get the same object: it is put into words once.
        """
        key = topics, paper, like
        if key not in self._cards_in:
            if len(self._cards_in) >= MOST_CARDS:
                self._cards_in.clear()
            labels = tuple(self.labels[topic] for topic in topics)
            self._cards_in[key] = replace(self.card(paper), topics=labels, why=self._why(topics[0], paper), like=like)
        return self._cards_in[key]

    def _why(self, topic: int, paper: int) -> str:
        return next(candidate.why for candidate in self._candidates[topic] if candidate.paper == paper)

    @cached_property
    def words(self) -> Vectors:
        """Return the words of the papers that `load_words` has read: what tastes are computed from."""
        latest = Paper.objects.order_by("-pk").values_list("pk", "title", "abstract")[:SAMPLE]
        return Vectors([Document(*paper) for paper in latest])

    def load_words(self, papers: Collection[int]) -> None:
        """Read the words of those of `papers` that are not here yet."""
        if len(self.words) > MOST_TEXTS:
            self.words.clear()
        missing = Paper.objects.filter(pk__in=self.words.missing(papers))
        self.words.add([Document(*paper) for paper in missing.values_list("pk", "title", "abstract")])

    def _add_fact(self, paper: int, title: str, trend: float, announced_on: date, url: str) -> Facts:
        self._pages[paper] = url
        return self.facts.setdefault(paper, Facts(paper, title, trend, announced_on))


def _bare_card(facts: Facts, url: str) -> Card:
    return Card(
        paper=facts.paper,
        title=facts.title,
        abstract="",
        authors=(),
        author_count=0,
        source="",
        announced_on=facts.announced_on,
        url=url,
        pdf_url="",
    )
