"""Papers as arrays of words, and the counting of many terms in all of them at once.

A term is a tuple of tokens: one for a word, two for a word pair, more for a phrase. `Terms` is made once for all topics
and counts only what some topic uses; `Background` says how common a term is in general. Scoring is left to `matching`.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array, csr_array

from digest.ranking.text import is_term, tokens

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Term = tuple[str, ...]

TITLE_WEIGHT = 3  # a word of the title counts as often as three of the abstract
USUAL_LENGTH = 150.0  # words of content in a paper, where no paper is known yet
_END = "_"  # the token between one field and the next: no term reaches across it


@dataclass(frozen=True, slots=True)
class Document:
    """What matching looks at in one paper. `categories` start with the primary one.

    `stems` are those of title and abstract, with a space between them, where they are known: they take time to find.
    """

    key: int
    title: str
    abstract: str = ""
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    stems: tuple[str, str] | None = None

    @property
    def fields(self) -> tuple[list[str], list[str]]:
        """The tokens of the title and of the abstract."""
        if self.stems:
            return self.stems[0].split(), self.stems[1].split()
        return tokens(self.title), tokens(self.abstract)


class Texts:
    """The tokens of many documents as one stream of numbers, title before abstract.

    `stream[i]` is a token's number in `vocabulary`, `owner[i]` the position of its document, `weight[i]` what it
    counts. `lengths` holds the words of content of each document, those of the title times TITLE_WEIGHT; `titles` the
    tokens of each title between spaces.
    """

    def __init__(self, documents: Sequence[Document]) -> None:
        numbers: defaultdict[str, int] = defaultdict(count().__next__)
        fields = [[*field, _END] for paper in documents for field in paper.fields]
        self.titles = [f" {' '.join(field[:-1])} " for field in fields[::2]]
        sizes = np.array([len(field) for field in fields], np.int64)
        self.vocabulary = numbers
        self.stream: Ints = np.fromiter(map(numbers.__getitem__, chain.from_iterable(fields)), np.int64, sizes.sum())
        self.owner: Ints = np.repeat(np.arange(len(fields)) // 2, sizes)
        self.weight: Floats = np.repeat(np.tile([float(TITLE_WEIGHT), 1.0], len(documents)), sizes)
        counted = np.fromiter(map(is_term, numbers), bool, len(numbers))
        worth = self.weight * counted[self.stream] if len(self.stream) else self.weight
        self.lengths: Floats = np.bincount(self.owner, worth, len(documents)).astype(np.float64)
        self._sorted: tuple[Ints, Ints] | None = None

    def sort(self) -> None:
        """Make ready for looking up a few tokens many times, without going through all of the stream each time."""
        order = np.argsort(self.stream, kind="stable")
        self._sorted = order, np.searchsorted(self.stream[order], np.arange(len(self.vocabulary) + 1))

    def places(self, wanted: Ints) -> Ints:
        """Return where in the stream the tokens of these numbers stand, in any order."""
        if not self._sorted:
            among = np.zeros(len(self.vocabulary), bool)
            among[wanted] = True
            return np.flatnonzero(among[self.stream])
        order, starts = self._sorted
        return np.concatenate([order[starts[token] : starts[token + 1]] for token in wanted.tolist()] or [order[:0]])


class Terms:
    """Distinct terms, numbered in the order given, ready to be counted in any Texts.

    The terms form a tree: a node is a beginning that some terms share. The first tokens are the nodes 0, 1, 2...;
    deeper nodes have the code `node above x number of tokens + token` and are sought level by level, in all places
    at once.
    """

    def __init__(self, terms: Iterable[Term]) -> None:
        self.columns = {term: column for column, term in enumerate(dict.fromkeys(terms))}
        distinct = dict.fromkeys(chain.from_iterable(self.columns))
        self.tokens = {token: number for number, token in enumerate(distinct)}
        nodes: dict[Term, int] = {(token,): number for token, number in self.tokens.items()}
        depth = max(map(len, self.columns), default=0)
        self._levels = [self._level(nodes, length) for length in range(2, depth + 1)]
        self._column_of_node = np.full(len(nodes), -1, np.int64)
        for term, column in self.columns.items():
            self._column_of_node[nodes[term]] = column

    def __len__(self) -> int:
        return len(self.columns)

    def count(self, texts: Texts) -> csr_array:
        """Return documents x terms: how often, by weight, each term stands in each document."""
        shared = self.tokens.keys() & texts.vocabulary.keys()  # goes through the fewer of the two
        translated = np.full(len(texts.vocabulary), -1, np.int64)
        for token in shared:
            translated[texts.vocabulary[token]] = self.tokens[token]
        places = texts.places(np.flatnonzero(translated >= 0))
        nodes = translated[texts.stream[places]]
        found = [(places, nodes)]
        for length, (codes, children) in enumerate(self._levels, start=2):
            following = translated[
                texts.stream[places + length - 1]
            ]  # the last token of a document is _END: never out of range
            places, nodes = _descend(places, nodes * len(self.tokens) + following, following >= 0, codes, children)
            found.append((places, nodes))
        return self._table(texts, *(np.concatenate(parts) for parts in zip(*found, strict=True)))

    def _level(self, nodes: dict[Term, int], length: int) -> tuple[Ints, Ints]:
        """Add the nodes of this depth to `nodes`; return their codes, ascending, and numbers."""
        beginnings = dict.fromkeys(term[:length] for term in self.columns if len(term) >= length)
        codes = []
        for beginning in beginnings:
            codes.append(nodes[beginning[:-1]] * len(self.tokens) + self.tokens[beginning[-1]])
            nodes[beginning] = len(nodes)
        order = np.argsort(codes)
        return np.array(codes, np.int64)[order], order + len(nodes) - len(codes)

    def _table(self, texts: Texts, places: Ints, nodes: Ints) -> csr_array:
        columns = self._column_of_node[nodes]
        places, columns = places[columns >= 0], columns[columns >= 0]
        shape = (len(texts.lengths), len(self))
        return coo_array((texts.weight[places], (texts.owner[places], columns)), shape=shape).tocsr()


class Background:
    """How common terms are, learnt from a sample of recent papers; an empty sample makes all terms equal."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self.size = len(texts.lengths)
        self.mean_length = float(texts.lengths.mean()) if texts.lengths.any() else USUAL_LENGTH

    @classmethod
    def of(cls, documents: Iterable[Document]) -> Self:
        return cls(Texts(list(documents)))

    def rarity(self, terms: Terms) -> Floats:
        """Return the inverse document frequency of each term, always above 0.

        ln(1 + (n - df + 0.5) / (df + 0.5)): Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and
        Beyond (2009), with the usual 1 inside the logarithm that keeps common words from counting against a paper.
        """
        seen = np.bincount(terms.count(self._texts).indices, minlength=len(terms))
        return self._rarity(seen)

    def word_rarity(self) -> dict[str, float]:
        """Return the rarity of every word of the sample; that of any other word is `rarest`."""
        texts = self._texts
        seen = np.bincount(
            np.unique(texts.stream + texts.owner * len(texts.vocabulary)) % max(1, len(texts.vocabulary))
        )
        return dict(zip(texts.vocabulary, self._rarity(seen).tolist(), strict=True))

    @property
    def rarest(self) -> float:
        return float(self._rarity(np.zeros(1))[0])

    def _rarity(self, seen: Ints | Floats) -> Floats:
        rarity: Floats = np.log1p((self.size - seen + 0.5) / (seen + 0.5))
        return rarity


def _descend(
    places: Ints, wanted: Ints, possible: npt.NDArray[np.bool_], codes: Ints, nodes: Ints
) -> tuple[Ints, Ints]:
    """Keep the places whose wanted code is among `codes`, with the node it leads to."""
    places, wanted = places[possible], wanted[possible]
    at = np.minimum(np.searchsorted(codes, wanted), len(codes) - 1)
    hit = codes[at] == wanted
    return places[hit], nodes[at[hit]]
