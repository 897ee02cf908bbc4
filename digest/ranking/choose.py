"""One reader's papers: which of those that match the reader's topics fill the digest, and the community's part.

    worth = relevance x freshness x (1 + TREND_WEIGHT x trend)      freshness = 2 ** -(days since / HALF_LIFE_DAYS)
    score = worth x weight of the topic

For a reader who asked for more or less like some papers, worth is multiplied by exp(STRENGTH x taste): see `taste`.

What is worth less than BAR is left out; the weight is not in that, it only says which topic goes first. Places go round
by round, in each by score: first every topic up to its fair share by weight (rounded down, at least one), then rounded
up, then whoever is left. So a broad topic cannot drown the others, and a single topic may have all places.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil, exp, exp2, floor, inf

from digest.ranking.duplicates import Titles
from digest.ranking.taste import STRENGTH

TREND_WEIGHT = 0.5
HALF_LIFE_DAYS = 7.0
BAR = 0.2  # a paper that matching has just let pass keeps above it for eight days


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that matches one of the reader's topics; `relevance` is from 0 to 1, and `why` says it in words."""

    paper: int
    topic: int
    relevance: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts about a paper, whoever reads it."""

    paper: int
    title: str
    trend: float
    announced_on: date


@dataclass(frozen=True, slots=True)
class Pick:
    """A chosen paper: the topic that won it its place, and all of the reader's topics that it matches, best first."""

    paper: int
    topic: int
    topics: tuple[int, ...]
    score: float


def choose(
    candidates: Iterable[Candidate],
    *,
    weights: Mapping[int, float],
    facts: Mapping[int, Facts],
    already: Collection[int],
    size: int,
    today: date,
    tastes: Mapping[int, float] | None = None,
) -> list[Pick]:
    """Return at most `size` papers, best first; none if nothing is worth it.

    `weights` are the reader's topics, others are ignored. Never one of `already`, the papers that the reader has had,
    nor one with the title of such a paper, nor two with nearly the same title. Of equal scores the lower keys go first.
    `tastes` are the reader's, by paper, from -1 to 1; a paper without one is neither more nor less to the taste.
    """
    ranked = _ranked(candidates, weights, facts, already, today, tastes=tastes or {})
    topics: dict[int, dict[int, None]] = {}
    for _, paper, topic in ranked:
        topics.setdefault(paper, {})[topic] = None
    titles = Titles()
    picks: dict[int, Pick] = {}
    places: Counter[int] = Counter()
    for most in _rounds(weights, {topic for _, _, topic in ranked}, size):
        for score, paper, topic in ranked:
            if len(picks) == size:
                break
            if paper in picks or places[topic] >= most[topic] or titles.has_like(facts[paper].title):
                continue
            titles.add(facts[paper].title)
            picks[paper] = Pick(paper, topic, tuple(topics[paper]), -score)
            places[topic] += 1
    return sorted(picks.values(), key=lambda pick: (-pick.score, pick.paper))


def trending_today(
    facts: Iterable[Facts], *, exclude: Collection[int], size: int, featured: Sequence[Facts] = ()
) -> list[int]:
    """Return at most `size` papers: those that staff have `featured`, and then what gains attention, strongest first.

    None of `exclude`, none with nearly the same title as one of those among `facts`, or as one that goes before it.
    """
    rising = sorted((fact for fact in facts if fact.trend > 0), key=lambda fact: (-fact.trend, fact.paper))
    offered = [*featured, *rising]
    titles = Titles(fact.title for fact in offered if fact.paper in exclude)
    chosen: list[int] = []
    for fact in offered:
        if len(chosen) == size:
            break
        if fact.paper not in exclude and not titles.has_like(fact.title):
            titles.add(fact.title)
            chosen.append(fact.paper)
    return chosen


def _ranked(
    candidates: Iterable[Candidate],
    weights: Mapping[int, float],
    facts: Mapping[int, Facts],
    already: Collection[int],
    today: date,
    *,
    tastes: Mapping[int, float],
) -> list[tuple[float, int, int]]:
    """Return (-score, paper, topic) of all candidates that may be chosen, best first."""
    had = {facts[paper].title for paper in already if paper in facts}
    ranked = []
    for candidate in candidates:
        weight = weights.get(candidate.topic, 0.0)
        if weight <= 0 or candidate.paper in already:
            continue
        fact = facts[candidate.paper]
        worth = candidate.relevance * _freshness(fact, today) * (1 + TREND_WEIGHT * fact.trend)
        if candidate.paper in tastes:
            worth *= exp(STRENGTH * tastes[candidate.paper])
        if worth >= BAR and fact.title not in had:
            ranked.append((-worth * weight, candidate.paper, candidate.topic))
    return sorted(ranked)


def _freshness(fact: Facts, today: date) -> float:
    return exp2(-max((today - fact.announced_on).days, 0) / HALF_LIFE_DAYS)


def _rounds(weights: Mapping[int, float], topics: Collection[int], size: int) -> list[dict[int, float]]:
    """Return for each round the most places that each topic may have by its end."""
    total = sum(weights[topic] for topic in topics)
    shares = {topic: size * weights[topic] / total for topic in topics}
    return [
        {topic: max(1, floor(share)) for topic, share in shares.items()},
        {topic: ceil(share) for topic, share in shares.items()},
        dict.fromkeys(topics, inf),
    ]
