"""How a query is put to the index of the search: as a ladder of conditions, each wider than the one above it.

A rung says "whoever has at least this much relevance must have these marks", and is true of every paper: so when all
papers of a rung are known and scored, nothing better is left in the library. What makes that possible are the levels
of `digest.ranking.marks`. BM25 of a paper is a sum with one part for each word and pair of the query; by its marks, a
part lies below the value of the next level. A rung takes all combinations of levels whose sum can reach what is asked
for, and of these the least ones, which imply the others.

With W words there are too many combinations for all levels, so longer queries know fewer of them, and no pairs, whose
part is then bounded by that of their words. Of more than eight words the eight that weigh the most are looked for, and
the others are taken to weigh nothing: only there a paper may be missed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import numpy as np

from digest.ranking.authors import parse_name, sought
from digest.ranking.corpus import USUAL_LENGTH, Floats, Ints, Term
from digest.ranking.marks import LEVELS, LONGEST, author_mark, category_mark, mark
from digest.ranking.matching import CROSS_LISTED, DEFAULT_BAR, K1, RISE
from digest.ranking.query import Query
from digest.ranking.text import is_term, tokens
from digest.ranking.topics import TopicIndex

MOST_WORDS = 8
LITTLE = 1e-6  # where there is no bar: more than nothing
STEPS = (
    0.94,
    0.88,
    0.82,
    0.76,
    0.7,
    0.64,
    0.58,
    0.52,
    0.46,
    0.4,
    0.32,
    0.24,
    0.16,
    0.08,
)  # of the most that a paper can reach
# By the number of words: the levels of words, and of pairs, that are told apart.
_WORD_LEVELS = {1: range(7), 2: range(7), 3: (0, 1, 2, 3, 5), 4: (0, 2, 4), 5: (0, 2)}
_PAIR_LEVELS = {2: (1, 2, 3, 4), 3: (1, 2, 3)}


@dataclass(frozen=True, slots=True)
class Has:
    """A condition on the marks of a paper: that it has `mark`."""

    mark: str


@dataclass(frozen=True, slots=True)
class All:
    """That every one of `parts` holds."""

    parts: "tuple[Condition, ...]"


@dataclass(frozen=True, slots=True)
class Any:
    """That one of `parts` holds."""

    parts: "tuple[Condition, ...]"


Condition = Has | All | Any


class Rung(NamedTuple):
    """All papers that score `least` or more meet `condition`, and have none of the marks in `without`."""

    least: float
    condition: Condition
    without: tuple[str, ...]


def ladder(index: TopicIndex, bar: float) -> list[Rung]:
    """Return the rungs for the one query of `index`, the widest first: it holds whatever reaches `bar`."""
    query = index.queries[0]
    needed = _needed(query)
    without = tuple(_left_out(query))
    if not index.by_text[0]:
        return _of_facets(query, needed, bar, without)
    certain = bool(index.certain[0])
    lowest = 0.0 if certain else max(LITTLE, -RISE * math.log1p(-bar))
    scored = _scored(index)
    heaviest = _heaviest(scored)
    rungs = []
    words = [Has(mark(term)) for term in scored if len(term) == 1]
    if len(words) > MOST_WORDS and not certain:
        rungs = [Rung(bar, _all([*needed, _any(words)]), without)]
        lowest *= sum(weight for term, weight in heaviest.items() if len(term) == 1)
    grid = _Grid(heaviest, index.mean_length)
    for step in (lowest, *(share * grid.most for share in reversed(STEPS))):
        if step >= lowest:
            condition = grid.condition(step * (1 - 1e-9))  # so that rounding loses nothing
            parts = [*needed, condition] if condition else needed
            rungs.append(Rung(_score(step, certain=certain), _all(parts), without))
    return rungs


def _score(reached: float, *, certain: bool) -> float:
    """Return the score of a paper that reaches so much, as `digest.ranking.matching` has it."""
    score = -math.expm1(-reached / RISE)
    return DEFAULT_BAR + (1 - DEFAULT_BAR) * score if certain else score


def _of_facets(query: Query, needed: list[Condition], bar: float, without: tuple[str, ...]) -> list[Rung]:
    """Return the rungs of a query for authors or categories: all score alike, but for what is only cross-listed."""
    rungs = [Rung(bar, _all(needed), without)]
    if not query.authors and bar <= CROSS_LISTED:
        primary = _any([Has(category_mark(name, first=True)) for name in query.categories])
        rungs.append(Rung(1.0, primary, without))
    return rungs


def _needed(query: Query) -> list[Condition]:
    """Return what every paper must have: the words of the phrases, a category, an author."""
    stems = dict.fromkeys(token for phrase in query.phrases for token in tokens(phrase) if is_term(token))
    needed: list[Condition] = [Has(mark((token,))) for token in stems]
    if query.categories:
        needed.append(_any([Has(category_mark(name)) for name in query.categories]))
    if query.authors:
        needed.append(_any([Has(author_mark(*sought(parse_name(name)))) for name in query.authors]))
    return needed


def _left_out(query: Query) -> Iterator[str]:
    """Yield the marks that no paper may have, where a mark says all: of a phrase or an author it does not."""
    for word in query.excluded_words:
        if len(found := tokens(word)) == 1 and len(found[0]) < LONGEST:
            yield mark(found)
    for name in query.excluded_categories:
        if len(name) < LONGEST // 12:  # so that it was not cut, however it is spelled
            yield category_mark(name)


def _scored(index: TopicIndex) -> dict[Term, float]:
    """Return the terms that score, with their weights."""
    names = list(index.terms.columns)
    row = index.weights[[0]]
    return {names[column]: float(weight) for column, weight in zip(row.indices, row.data, strict=True)}


def _heaviest(weights: Mapping[Term, float]) -> dict[Term, float]:
    """Return the heaviest words, the heaviest first, and the pairs of these."""
    words = sorted((term for term in weights if len(term) == 1), key=lambda term: -weights[term])[:MOST_WORDS]
    kept = {token for term in words for token in term}
    return {term: weights[term] for term in [*words, *weights] if kept.issuperset(term)}


class _Grid:
    """All combinations of levels of the terms of a query, with the most that a paper of such levels can reach.

    One axis for each term; on it, place 0 is for less than the first level, which of a word is to lack it.
    """

    def __init__(self, weights: Mapping[Term, float], mean_length: float) -> None:
        words = [term for term in weights if len(term) == 1]
        pairs = [term for term in weights if len(term) == 2]
        self._levels = [tuple(_WORD_LEVELS.get(len(words), (0,)))] * len(words)
        told_apart = pairs if len(words) in _PAIR_LEVELS else []
        self._levels += [_PAIR_LEVELS.get(len(words), ())] * len(told_apart)
        self._terms = words + told_apart
        drift = max(1.0, mean_length / USUAL_LENGTH)
        values = [_values(levels, drift) for levels in self._levels]
        shape = tuple(map(len, values))
        places = np.indices(shape, sparse=True)
        at = {term: value[place] for term, value, place in zip(self._terms, values, places, strict=True)}
        total = np.zeros(shape)
        for term in words:
            total = total + weights[term] * at[term]
        for pair in pairs:
            bound = np.minimum(at[pair[:1]], at[pair[1:]])
            total = total + weights[pair] * (np.minimum(bound, at[pair]) if pair in at else bound)
        self._total = self._possible(total, places, words)
        self.most = float(total.max())

    def condition(self, least: float) -> Condition | None:
        """Return what a paper must have that reaches `least`; None where that is nothing."""
        reach = self._total >= least
        for axis in range(reach.ndim):
            lower = np.zeros_like(reach)
            inner = [slice(None)] * reach.ndim
            outer = list(inner)
            inner[axis], outer[axis] = slice(1, None), slice(None, -1)
            lower[tuple(inner)] = self._total[tuple(outer)] >= least
            reach &= ~lower
        rows = sorted(map(tuple, np.argwhere(reach).tolist()), reverse=True)
        return self._tree(rows, 0) if rows and any(rows[0]) else None

    def _tree(self, rows: Sequence[tuple[int, ...]], axis: int) -> Condition | None:
        """Put the combinations together, those with the same beginning once."""
        if axis == len(self._terms):
            return None
        parts: list[Condition] = []
        for place, group in groupby(rows, key=lambda row: row[axis]):
            rest = self._tree(list(group), axis + 1)
            own = [Has(mark(self._terms[axis], self._levels[axis][place - 1]))] if place else []
            both: list[Condition] = [*own, *([rest] if rest else [])]
            if not both:
                return None
            parts.append(_all(both))
        return _any(parts)

    def _possible(self, total: Floats, places: Sequence[Ints], words: Sequence[Term]) -> Floats:
        """Rule out that a pair is on a higher level than one of its words, which come at least as often."""
        ruled_out = np.zeros(total.shape, bool)
        for axis, pair in enumerate(self._terms[len(words) :], start=len(words)):
            of_pair = np.array([-1, *self._levels[axis]])[places[axis]]
            for token in pair:
                word = words.index((token,))
                of_word = np.array([-1, *self._levels[word]])[places[word]]
                ruled_out |= np.asarray(of_word < of_pair)
        return np.where(ruled_out, -math.inf, total)


def _values(levels: Sequence[int], drift: float) -> Floats:
    """Return the most that a term adds, by weight, on each place of its axis: less than the next level."""
    bounds = np.array([LEVELS[level] * drift for level in levels] + [math.inf])
    values: Floats = (K1 + 1) / (1 + 1 / np.maximum(bounds, 1e-300))
    return values


def _all(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _any(parts: Sequence[Condition]) -> Condition:
    return parts[0] if len(parts) == 1 else Any(tuple(parts))
