"""All topics made ready for matching: one row of word weights each, and what each insists on.

Made once and used for any number of batches. The weights are those of BM25 for the topic's side: how rare a term is.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, pairwise

import numpy as np
from scipy.sparse import csr_array

from digest.ranking.batch import Batch, Facet
from digest.ranking.corpus import Background, Term, Terms
from digest.ranking.presence import Lists, Presence
from digest.ranking.query import Query
from digest.ranking.text import is_term, stem, tokens

PAIR_WEIGHT = 0.6


class TopicIndex:
    """Topics by position. `weights` is topics x terms, in units of the rarity of all words of the topic."""

    def __init__(self, topics: Sequence[tuple[int, Query]], background: Background) -> None:
        self.numbers = [number for number, _ in topics]
        self.queries = [query for _, query in topics]
        self.mean_length = background.mean_length
        scored = [_scored(query) for query in self.queries]
        phrases = [_terms(query.phrases) for query in self.queries]
        left_out = [_terms(query.excluded_words + query.excluded_phrases) for query in self.queries]
        self.terms = Terms(chain.from_iterable(chain(scored, phrases, left_out)))
        self.weights = _weights(scored, self.terms, background)
        self.certain = np.array([bool(query.phrases) and not query.words for query in self.queries], bool)
        self.conditional = [bool(query.phrases or query.categories or query.authors) for query in self.queries]
        self.by_text = np.diff(self.weights.indptr) > 0
        self._facets = {facet: place for place, facet in enumerate(_facets(self.queries), len(self.terms))}
        column = self.terms.columns
        self.spelled_phrases = [[f" {' '.join(term)} " for term in group] for group in phrases]
        stems = [[stem(word) for word in query.words] for query in self.queries]
        self.words = Lists([[column[(token,)] for token in row] for row in stems])
        self.pairs = Lists([[column[pair] for pair in pairwise(row)] for row in stems])
        self.phrases = Lists([[column[term] for term in group] for group in phrases])
        self.categories = Lists([self._columns("cat", query.categories) for query in self.queries])
        self.authors = Lists([self._columns("author", query.authors) for query in self.queries])
        self.left_out = Lists(
            [
                [column[term] for term in group]
                + self._columns("cat", query.excluded_categories)
                + self._columns("author", query.excluded_authors)
                for group, query in zip(left_out, self.queries, strict=True)
            ]
        )

    def presence(self, batch: Batch, counts: csr_array) -> Presence:
        """Return which terms (from `counts`, documents x terms) and which facets stand in which paper of the batch."""
        listed = [(paper, place) for facet, place in self._facets.items() for paper in batch.listed(facet)]
        papers, places = np.array(listed, np.int64).reshape(-1, 2).T
        owners = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
        return Presence(np.concatenate([owners, papers]), np.concatenate([counts.indices, places]))

    def _columns(self, what: str, names: Iterable[str]) -> list[int]:
        return [self._facets[(what, name)] for name in names]


def _scored(query: Query) -> dict[Term, float]:
    """Return the words of a query, those of its phrases too, and the pairs of neighbours, with their weights."""
    scored: dict[Term, float] = {}
    for row in ([stem(word) for word in query.words], *map(tokens, query.phrases)):
        scored |= {(token,): 1.0 for token in row if is_term(token)}
        scored |= {pair: PAIR_WEIGHT for pair in pairwise(row) if all(map(is_term, pair))}
    return scored


def _terms(texts: Iterable[str]) -> list[Term]:
    return [tuple(tokens(text)) for text in texts]


def _weights(scored: Sequence[Mapping[Term, float]], terms: Terms, background: Background) -> csr_array:
    indices = np.array([terms.columns[term] for group in scored for term in group], np.int64)
    indptr = np.cumsum([0, *map(len, scored)])
    values = np.array([weight for group in scored for weight in group.values()]) * background.rarity(terms)[indices]
    is_word = np.array([len(term) == 1 for group in scored for term in group], bool)
    owners = np.repeat(np.arange(len(scored)), np.diff(indptr))
    units = np.bincount(owners, values * is_word, len(scored))
    return csr_array((values / units[owners], indices, indptr), shape=(len(scored), len(terms)))


def _facets(queries: Iterable[Query]) -> dict[Facet, None]:
    facets: dict[Facet, None] = {}
    for query in queries:
        facets |= {("cat", name): None for name in query.categories + query.excluded_categories}
        facets |= {("author", name): None for name in query.authors + query.excluded_authors}
    return facets
