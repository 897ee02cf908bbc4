"""Which papers belong to which topics: BM25 over stems, for a batch of papers x all topics as one sparse product.

Okapi BM25 (Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009) with k1 and b at their
usual values. Terms are the stems of a topic's words and, at PAIR_WEIGHT, the pairs of its neighbouring words; a word of
the title counts three times. Phrases, exclusions, categories and authors are conditions on what the product found.

The score is a relevance, comparable across topics. With x = BM25 / (sum of the rarity of the topic's words), x is 1
for a paper of average length that names each word of the topic once, and the score is 1 - exp(-x / 2): 0.39 for that
paper, 0.54 if all words stand in its title once, towards 1 the more. What a topic insists on needs no further proof:
with phrases alone the score starts at DEFAULT_BAR, a paper of an author scores 1, one of a category 1, or CROSS_LISTED
if the category is not its primary one.

DEFAULT_BAR is where, for 14 topics over the 397 new papers of a real arXiv day (6 May 2025, read by title), papers
about the topic turn into papers that only use its words: from the bar up 52 of 85 were about it, of the next 60 only 8.
As a rule a paper passes that has all words of the topic in its title, or next to each other in its abstract; the word
of a one-word topic must come twice or stand in the title; less than half of a topic, by rarity, is never enough.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_array

from digest.ranking.batch import Batch
from digest.ranking.corpus import Background, Document, Floats, Ints
from digest.ranking.presence import Bools, Presence
from digest.ranking.query import Query
from digest.ranking.reasons import joined, listed_reason, matched_words, phrase_reasons
from digest.ranking.topics import TopicIndex

__all__ = ["DEFAULT_BAR", "Background", "Batch", "Document", "Hit", "TopicIndex", "match", "match_batch"]

K1, B = 1.2, 0.75
DEFAULT_BAR = 0.46
CROSS_LISTED = 0.6
_RISE = 2.0  # the x at which the score reaches 1 - 1/e
_SLICE = 2048  # topics multiplied at once: bounds the memory of the product, whatever the number of topics


class Hit(NamedTuple):
    """A paper, by its key, belongs to a topic: `score` from 0 to 1, `why` in words for the reader."""

    topic: int
    paper: int
    score: float
    why: str


class _Found(NamedTuple):
    """Pairs of topic and paper, by position, with their scores."""

    topics: Ints
    papers: Ints
    scores: Floats

    def only(self, which: Bools | Ints) -> "_Found":
        return _Found(self.topics[which], self.papers[which], self.scores[which])


def match(
    documents: Sequence[Document],
    topics: Sequence[tuple[int, Query]],
    background: Background,
    *,
    bar: float = DEFAULT_BAR,
    keep: int | None = 20,
) -> list[Hit]:
    """Return the papers of each topic (a number and its query), best first, from the score `bar` up.

    At most `keep` of each topic (None: all). Papers of equal score keep the order of `documents`.
    """
    return match_batch(Batch(documents), TopicIndex(topics, background), bar=bar, keep=keep)


def match_batch(batch: Batch, index: TopicIndex, *, bar: float = DEFAULT_BAR, keep: int | None = 20) -> list[Hit]:
    """Do as `match` does, with papers and topics that were made ready before and may be used again."""
    counts = index.terms.count(batch.texts)
    presence = index.presence(batch, counts)
    found = _by_text(index, paper_weights(counts, batch.texts.lengths, index.mean_length), bar)
    found = _joined([found, _by_list(index, batch)])
    found = found.only(found.scores >= bar)
    found = found.only(_holds(index, presence, found))
    return _hits(index, batch, presence, _best(found, keep))


def paper_weights(counts: csr_array, lengths: Floats, mean_length: float) -> csr_array:
    """Return terms x documents: the part of BM25 that depends on the paper."""
    norms = K1 * (1 - B + B * lengths / mean_length)
    owners = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    weights = counts.data * (K1 + 1) / (counts.data + norms[owners])
    return csr_array((weights, counts.indices, counts.indptr), shape=counts.shape).T.tocsr()


def _by_text(index: TopicIndex, papers: csr_array, bar: float) -> _Found:
    """Score the topics that name words, slice by slice."""
    least = _least(index, papers, bar)
    found = []
    for start in range(0, len(index.numbers), _SLICE):
        product = index.weights[start : start + _SLICE] @ papers
        chosen = np.flatnonzero(product.data >= np.repeat(least[start : start + _SLICE], np.diff(product.indptr)))
        topics = start + np.searchsorted(product.indptr, chosen, side="right") - 1
        scores = -np.expm1(-product.data[chosen] / _RISE)
        scores = np.where(index.certain[topics], DEFAULT_BAR + (1 - DEFAULT_BAR) * scores, scores)
        found.append(_Found(topics, product.indices[chosen].astype(np.int64), scores))
    return _joined(found)


def _least(index: TopicIndex, papers: csr_array, bar: float) -> Floats:
    """Return for each topic the product below which no paper can count.

    That is the bar, or, where phrases alone decide, what a paper with all their words and pairs has at the very least.
    """
    least = np.full(len(index.numbers), -_RISE * math.log1p(-bar) if bar < 1 else math.inf)
    rarest = papers.data.min(initial=math.inf)
    least[index.certain] = index.weights.sum(axis=1)[index.certain] * rarest
    return least * (1 - 1e-9)  # so that rounding loses nothing; the bar itself is held afterwards


def _by_list(index: TopicIndex, batch: Batch) -> _Found:
    """Score the topics that name only authors or categories."""
    found = []
    for topic in np.flatnonzero(~index.by_text).tolist():
        query = index.queries[topic]
        if query.authors:
            scores = {paper: 1.0 for name in query.authors for paper in batch.listed(("author", name))}
        else:
            scores = _category_scores(batch, query)
        found += [(topic, paper, score) for paper, score in scores.items()]
    topics, papers, values = zip(*found, strict=True) if found else ((), (), ())
    return _Found(np.array(topics, np.int64), np.array(papers, np.int64), np.array(values, np.float64))


def _category_scores(batch: Batch, query: Query) -> dict[int, float]:
    scores: dict[int, float] = {}
    for name in query.categories:
        for paper, categories in batch.listed(("cat", name)).items():
            is_primary = batch.documents[paper].categories[0] in categories
            scores[paper] = max(scores.get(paper, 0.0), 1.0 if is_primary else CROSS_LISTED)
    return scores


def _joined(parts: Sequence[_Found]) -> _Found:
    if not parts:
        return _Found(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
    return _Found(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def _holds(index: TopicIndex, presence: Presence, found: _Found) -> Bools:
    """Tell which pairs meet all that the topic insists on."""
    topics, papers = found.topics, found.papers
    holds: Bools = presence.number(index.phrases, topics, papers) == index.phrases.sizes[topics]
    holds &= presence.number(index.left_out, topics, papers) == 0
    for alternatives in (index.categories, index.authors):
        holds &= (presence.number(alternatives, topics, papers) > 0) | (alternatives.sizes[topics] == 0)
    return holds


def _best(found: _Found, keep: int | None) -> _Found:
    """Sort by topic, score and position, and keep the first of each topic."""
    found = found.only(np.lexsort((found.papers, -found.scores, found.topics)))
    if keep is None:
        return found
    _, starts, sizes = np.unique(found.topics, return_index=True, return_counts=True)
    return found.only(np.arange(len(found.topics)) - np.repeat(starts, sizes) < keep)


def _hits(index: TopicIndex, batch: Batch, presence: Presence, found: _Found) -> list[Hit]:
    columns, places = index.words.of(found.topics)
    named = presence.has(found.papers[places], columns).tobytes()  # for every word of every hit: 1 if the paper has it
    ends = np.cumsum(index.words.sizes[found.topics]).tolist()
    topics, papers = found.topics.tolist(), found.papers.tolist()
    known: dict[tuple[int, bytes], str] = {}
    reasons, start = [], 0
    for topic, paper, end in zip(topics, papers, ends, strict=True):
        words = (topic, named[start:end])
        text = known.get(words)
        if text is None:
            text = known[words] = joined([matched_words(index.queries[topic].words, words[1])])
        reasons.append(_why(text, index, batch, topic, paper) if index.conditional[topic] else text)
        start = end
    numbers = [index.numbers[topic] for topic in topics]
    return list(map(Hit, numbers, batch.keys[found.papers].tolist(), found.scores.tolist(), reasons))


def _why(text: str, index: TopicIndex, batch: Batch, topic: int, paper: int) -> str:
    """Join what was found of each part of the query; `text` says it of the bare words."""
    query, title = index.queries[topic], batch.texts.titles[paper]
    reasons = [text] if text else []
    if query.phrases:
        reasons += phrase_reasons(query.phrases, [phrase in title for phrase in index.spelled_phrases[topic]])
    for word, what, names in (("by", "author", query.authors), ("in", "cat", query.categories)):
        spelled = [spelled for name in names for spelled in batch.listed((what, name)).get(paper, ())]
        if spelled:
            reasons.append(listed_reason(word, spelled))
    return joined(reasons)
