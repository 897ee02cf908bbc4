"""How much a paper is to one reader's taste, by the papers of which that reader asked for more and for less.

Rocchio's relevance feedback (Relevance Feedback in Information Retrieval, 1971), over the words of title and abstract:

    paper   its words' (1 + ln count) x rarity, as a vector of length 1; a word of the title counts three times
    more    the sum of the papers wanted more of, brought to length 1, x trust of their number; less likewise
    taste   (more - less) . paper, from -1 to 1          trust(n) = n / (n + 1): one paper alone may be a whim

`choose` multiplies a paper's worth by exp(STRENGTH x taste). Measured by `tests/benchmarks/taste.py`: the mean average
precision over held-out papers without feedback, and after 1, 3 and 10 papers each of more and of less:

    three topic pages, one of them wanted, another not       0.446    0.447  0.458  0.481
    arXiv by first category (cs.SD, cs.RO...), later days    0.219    0.396  0.581  0.770
    cs.CL by cross-listed category, later days               0.183    0.270  0.362  0.463

Other forms were worse there: the mean of the cosines instead of one with the sum, the nearest paper alone, word pairs
beside the words, and only the 40 or 80 weightiest words of a paper. Without trust one vote made the order of the pages
worse, and so did STRENGTH 16. Whether late votes should count more cannot be seen in this data (Scholar Inbox reports
0.3 points of nDCG for a decay), so all count alike, and only the latest are read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_array

from digest.ranking.corpus import Background, Document, Floats, Texts
from digest.ranking.text import is_term

Words = npt.NDArray[np.int32]  # by number
Weights = npt.NDArray[np.float32]
Vector = tuple[Words, Weights]

STRENGTH = 8.0
NOTABLE = 0.05  # from here on taste moves a paper by half of its worth or more
ALIKE = 0.1  # a paper that is this near to another is worth naming beside it


class Vectors:
    """The words of papers, by their keys, from which tastes are computed. `sample` says how common words are."""

    def __init__(self, sample: Sequence[Document]) -> None:
        texts = Texts(sample)
        background = Background(texts)
        self._rarity = background.word_rarity()
        self._unknown = background.rarest
        self._numbers: dict[str, int] = {}
        self._vectors: dict[int, Vector] = {}
        self.titles: dict[int, str] = {}
        self._dense = np.zeros(0)  # all zero between two calls
        self._add(sample, texts)

    def __len__(self) -> int:
        return len(self._vectors)

    def clear(self) -> None:
        """Forget all papers; what is known of words stays."""
        self._vectors.clear()
        self.titles.clear()

    def missing(self, papers: Iterable[int]) -> set[int]:
        return set(papers).difference(self._vectors)

    def add(self, documents: Sequence[Document]) -> None:
        self._add(documents, Texts(documents))

    def tastes(self, said: Mapping[int, bool], papers: Collection[int]) -> dict[int, float]:
        """Return the taste of each of `papers` for a reader who said of some papers: more (True) or less (False).

        Papers that were never added are left out on both sides.
        """
        more, less = (self._wanted(said, wants_more=wants_more) for wants_more in (True, False))
        words = np.concatenate([more[0], less[0]])
        known = [paper for paper in papers if paper in self._vectors]
        found = self._products(words, np.concatenate([more[1], -less[1]]), known)
        return dict(zip(known, found.tolist(), strict=True))

    def nearest(self, paper: int, others: Iterable[int]) -> int | None:
        """Return the one of `others` that is most like `paper`, other than itself; None where none is ALIKE."""
        known = [other for other in others if other in self._vectors and other != paper]
        if paper not in self._vectors or not known:
            return None
        found = self._products(*self._vectors[paper], known)
        return known[best] if found[best := int(found.argmax())] >= ALIKE else None

    def _add(self, documents: Sequence[Document], texts: Texts) -> None:
        numbers = np.array([self._numbers.setdefault(word, len(self._numbers)) for word in texts.vocabulary], np.int64)
        rarity = np.zeros(len(self._numbers))
        rarity[numbers] = [self._rarity.get(word, self._unknown) * is_term(word) for word in texts.vocabulary]
        shape = (len(documents), len(self._numbers))
        table = coo_array((texts.weight, (texts.owner, numbers[texts.stream])), shape=shape).tocsr()
        table.data = (1 + np.log(table.data)) * rarity[table.indices]
        table.eliminate_zeros()  # stop words
        owners = np.repeat(np.arange(len(documents)), np.diff(table.indptr))
        lengths = np.sqrt(np.bincount(owners, table.data**2, len(documents)))
        words = np.split(table.indices, table.indptr[1:-1])
        weights = np.split((table.data / lengths[owners]).astype(np.float32), table.indptr[1:-1])
        for paper, vector in zip(documents, zip(words, weights, strict=True), strict=False):
            self._vectors[paper.key] = vector
            self.titles[paper.key] = paper.title
        self._dense = np.zeros(len(self._numbers))

    def _wanted(self, said: Mapping[int, bool], *, wants_more: bool) -> Vector:
        """Return the sum of the papers of which the reader said this, at the length of its trust.

        A word comes as often as papers have it.
        """
        meant = [self._vectors[paper] for paper, more in said.items() if more is wants_more and paper in self._vectors]
        if not meant:
            return np.zeros(0, np.int32), np.zeros(0, np.float32)
        words, weights = (np.concatenate(parts) for parts in zip(*meant, strict=True))
        np.add.at(self._dense, words, weights)
        length = float(np.sqrt(weights @ self._dense[words]))
        self._dense[words] = 0
        trust = len(meant) / (len(meant) + 1)
        return words, weights * np.float32(trust / length if length else 0)

    def _products(self, words: Words, weights: Weights, papers: Sequence[int]) -> Floats:
        """Return the product of each paper's vector with that of these words, in which a word may come repeatedly."""
        if not papers:
            return np.zeros(0)
        np.add.at(self._dense, words, weights)
        vectors = [self._vectors[paper] for paper in papers]
        products = self._dense[np.concatenate([vector[0] for vector in vectors])]
        products *= np.concatenate([vector[1] for vector in vectors])
        self._dense[words] = 0
        owners = np.repeat(np.arange(len(vectors)), [len(vector[0]) for vector in vectors])
        sums: Floats = np.bincount(owners, products, len(vectors)).astype(np.float64)
        return sums
