"""How a query is put to the index of the search: as a ladder of conditions, each wider than the one above it.

A rung says "whoever has at least this much relevance must have these marks", and is true of every paper: so when all
papers of a rung are known and scored, nothing better is left in the library. What makes that possible are the levels
of `digest.ranking.marks`, weighed in `digest.ranking.grid`. Of more than eight words the eight that weigh the most are
looked for, and the others are taken to weigh nothing: only there a paper may be missed.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from digest.ranking.authors import parse_name, sought
from digest.ranking.conditions import Condition, Has, all_of, any_of
from digest.ranking.corpus import Term
from digest.ranking.grid import LITTLE, Grid
from digest.ranking.marks import LONGEST, author_mark, category_mark, mark
from digest.ranking.matching import CROSS_LISTED, DEFAULT_BAR, RISE
from digest.ranking.query import Query
from digest.ranking.text import is_term, tokens
from digest.ranking.topics import TopicIndex

MOST_WORDS = 6


class Rung(NamedTuple):
    """All papers that score `least` or more meet `condition`, and have none of the marks in `without`."""

    least: float
    condition: Condition
    without: tuple[str, ...]


class Ladder:
    """The rungs for the one query of `index`; `widest` holds whatever reaches `bar`, `narrowest` what scores most."""

    def __init__(self, index: TopicIndex, bar: float) -> None:
        query = index.queries[0]
        self.insisted = _insisted(query)
        self._needed, self._without = _needed(query, self.insisted), tuple(_left_out(query))
        self._certain = bool(index.certain[0])
        self.lowest = 0.0 if self._certain else max(LITTLE, -RISE * math.log1p(-bar))
        scored = _scored(index)
        if not scored:
            self.grid = None
            self.widest, self.narrowest = _of_facets(query, self._needed, bar, self._without)
            return
        heaviest = _heaviest(scored)
        self.grid = Grid(heaviest, index.mean_length)
        words = [Has(mark(term)) for term in scored if len(term) == 1]
        if len(words) > MOST_WORDS and not self._certain:
            self.widest = Rung(bar, all_of([*self._needed, any_of(words)]), self._without)
            self.lowest *= sum(weight for term, weight in heaviest.items() if len(term) == 1)
        else:
            self.widest = self.rung(0)
        self.narrowest = self.rung(self.grid.most)

    def between(self, low: float, high: float) -> float:
        return self.grid.between(low, high) if self.grid else low

    def above(self, bound: float) -> float:
        return self.grid.above(bound) if self.grid else bound

    def rung(self, reach: float) -> Rung:
        """Return the rung of all papers whose BM25, in units of the query, reaches so much; or of the bar, if more."""
        assert self.grid  # noqa: S101 - without words there are but two rungs
        reach = max(reach, self.lowest)
        condition = self.grid.condition(reach * (1 - 1e-9))  # so that rounding loses nothing
        parts = [*self._needed, condition] if condition else self._needed
        return Rung(_score(reach, certain=self._certain), all_of(parts), self._without)


def _score(reached: float, *, certain: bool) -> float:
    """Return the score of a paper that reaches so much, as `digest.ranking.matching` has it."""
    score = -math.expm1(-reached / RISE)
    return DEFAULT_BAR + (1 - DEFAULT_BAR) * score if certain else score


def _of_facets(query: Query, needed: list[Condition], bar: float, without: tuple[str, ...]) -> tuple[Rung, Rung]:
    """Return the rungs of a query for authors or categories: all score 1, but for what is only cross-listed."""
    widest = Rung(bar, all_of(needed), without)
    if query.authors or bar > CROSS_LISTED:
        return widest, Rung(1.0, widest.condition, without)
    return widest, Rung(1.0, any_of([Has(category_mark(name, first=True)) for name in query.categories]), without)


def _insisted(query: Query) -> list[Term]:
    """Return the words of the phrases."""
    return list(dict.fromkeys((token,) for phrase in query.phrases for token in tokens(phrase) if is_term(token)))


def _needed(query: Query, insisted: Sequence[Term]) -> list[Condition]:
    """Return what every paper must have: the words of the phrases, a category, an author."""
    needed: list[Condition] = [Has(mark(term)) for term in insisted]
    if query.categories:
        needed.append(any_of([Has(category_mark(name)) for name in query.categories]))
    if query.authors:
        needed.append(any_of([Has(author_mark(*sought(parse_name(name)))) for name in query.authors]))
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
