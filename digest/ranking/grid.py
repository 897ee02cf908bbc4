"""Which levels of its words a paper must have to reach a given relevance: the arithmetic below `digest.ranking.ladder`.

BM25 of a paper is a sum with one part for each word and pair of the query; by its marks, a part lies below the value of
the next level. All combinations of levels are weighed at once; of those whose sum can reach what is asked for, the
least ones imply the others.

With W words there are too many combinations for all levels, so longer queries know fewer of them, and no pairs, whose
part is then bounded by that of their words.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from digest.ranking.conditions import Condition, Has, all_of, any_of
from digest.ranking.corpus import USUAL_LENGTH, Floats, Ints, Term
from digest.ranking.marks import LEVELS, mark
from digest.ranking.matching import K1

LITTLE = 1e-6  # where there is no bar: more than nothing
# By the number of words: the levels of words, and of pairs, that are told apart.
_WORD_LEVELS = {1: range(7), 2: range(7), 3: (0, 1, 2, 3, 5), 4: (0, 2, 4), 5: (0, 2)}
_PAIR_LEVELS = {2: (1, 2, 3, 4), 3: (1, 2, 3)}


class Grid:
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

    def bounds(self, richness: Mapping[Term, Floats]) -> Floats:
        """Return the most that papers can reach which are that rich in each word and pair, 0 where they lack it."""
        places = []
        for term, levels in zip(self._terms, self._levels, strict=True):
            ladder = [LEVELS[level] or LITTLE for level in levels]
            places.append(np.searchsorted(ladder, richness[term], side="right"))
        bounds: Floats = self._total[tuple(places)]
        return bounds

    def between(self, low: float, high: float) -> float:
        """Return the bound in the middle of those between these two, or `low` where there is none."""
        values = np.unique(self._total[(self._total > low * (1 + LITTLE)) & (self._total < high * (1 - LITTLE))])
        return float(values[len(values) // 2]) if len(values) else low

    def above(self, bound: float) -> float:
        """Return the next higher bound that papers can have, or this one where there is none."""
        higher = self._total[self._total > bound * (1 + LITTLE)]
        return float(higher.min()) if higher.size else bound

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
            parts.append(all_of(both))
        return any_of(parts)

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
