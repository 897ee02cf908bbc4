"""What stands in which paper, asked for many (topic, paper) pairs at once.

The bookkeeping of matching: lists of column numbers per topic, and the set of (paper, column) pairs that hold.
"""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


class Lists:
    """For each topic, by its position, a list of column numbers."""

    def __init__(self, lists: Sequence[Sequence[int]]) -> None:
        self.sizes: Ints = np.array([len(columns) for columns in lists], np.int64)
        self.columns: Ints = np.fromiter(chain.from_iterable(lists), np.int64, self.sizes.sum())
        self._starts = np.cumsum(self.sizes) - self.sizes

    def of(self, topics: Ints) -> tuple[Ints, Ints]:
        """Return the columns of these topics one after the other, and for each the place in `topics` it belongs to."""
        sizes = self.sizes[topics]
        places = np.repeat(np.arange(len(topics)), sizes)
        within = np.arange(len(places)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.columns[self._starts[topics][places] + within], places


class Presence:
    """A set of (paper, column) pairs."""

    def __init__(self, papers: Ints, columns: Ints) -> None:
        self._codes = np.sort(_codes(papers, columns))

    def has(self, papers: Ints, columns: Ints) -> Bools:
        """Tell for each pair whether it is in the set: fastest where neighbours ask for the same column."""
        codes = _codes(papers, columns)
        if not len(self._codes):
            return np.zeros(len(codes), bool)
        places = np.minimum(np.searchsorted(self._codes, codes), len(self._codes) - 1)
        found: Bools = self._codes[places] == codes
        return found

    def number(self, lists: Lists, topics: Ints, papers: Ints) -> Ints:
        """Return for each pair of topic and paper how many columns of the topic's list are in the paper."""
        columns, places = lists.of(topics)
        return np.bincount(places[self.has(papers[places], columns)], minlength=len(topics))


def _codes(papers: Ints, columns: Ints) -> Ints:
    return (columns.astype(np.int64) << 32) + papers
