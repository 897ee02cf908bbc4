"""How many papers of a library a search is likely to bring, judged by its latest ones.

It only says where to look first, on which rung of `digest.ranking.ladder` and in which order: what is found is judged
all the same.
"""

import numpy as np

from digest.ranking.batch import Batch
from digest.ranking.corpus import USUAL_LENGTH
from digest.ranking.grid import LITTLE
from digest.ranking.ladder import Ladder
from digest.ranking.matching import K1, B, Overlap, decide, paper_weights
from digest.ranking.topics import TopicIndex


class Likely:
    """`found` papers belong to the query, of `met` that meet its widest rung, of `total` in the library.

    Nothing is known of authors: where the query asks for one, these are the numbers without it.
    """

    def __init__(self, index: TopicIndex, ladder: Ladder, bar: float, sample: Batch, total: int) -> None:
        counts = index.terms.count(sample.texts)
        presence = index.presence(sample, counts)
        shared = Overlap(paper_weights(counts, sample.texts.lengths, index.mean_length), presence)
        self._ladder, size = ladder, len(sample.documents)
        self._scale = max(1, total) / max(1, size)  # before the first paper, too
        self.least = 2 * self._scale  # papers that are to be expected, if anything is known of them
        everyone, topic = np.arange(size), np.zeros(size, np.int64)
        meets = presence.number(index.left_out, topic, everyone) == 0
        if index.categories.sizes[0]:
            meets &= presence.number(index.categories, topic, everyone) > 0
        if ladder.grid:
            norms = K1 * (1 - B + B * sample.texts.lengths / USUAL_LENGTH)
            columns = index.terms.columns
            table = counts.tocsc()
            richness = {term: table[:, [columns[term]]].toarray()[:, 0] / norms for term in columns}
            for term in ladder.insisted:
                meets &= richness[term] > 0
            bounds = ladder.grid.bounds(richness)
            meets &= bounds >= ladder.lowest
            self._bounds = np.sort(bounds[meets])[::-1]
        self.total = total
        self.met = float(meets.sum()) * self._scale
        self.found = len(decide(sample, index, shared, bar=bar, keep=None).papers) * self._scale

    def number(self, reach: float) -> float:
        """Return about how many papers can reach this relevance."""
        return float((self._bounds >= reach * (1 - LITTLE)).sum()) * self._scale

    def reach(self, expected: float) -> float:
        """Return the least relevance that some `expected` papers can reach, or fewer: the levels are what they are."""
        place = int(expected / self._scale)
        if place >= len(self._bounds):
            return 0.0
        higher = self._bounds[:place][self._bounds[:place] > self._bounds[place]]
        return float(higher[-1]) if higher.size else self._ladder.above(float(self._bounds[0]))
